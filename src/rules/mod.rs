//! Rules: files that say what is wrong, a checker that reads them first, an evaluation that admits what it does not know.

pub mod catalogue;
pub mod check;
pub mod diagnostic;
pub mod evaluate;
pub mod example;
pub mod expression;
pub mod file;
pub mod finding;
pub mod framework;
pub mod functions;
pub mod judge;
pub mod meta;
pub mod suppression;
pub mod types;
pub mod value;
pub mod world;

pub use file::RuleSet;
pub use finding::{Category, Finding, Findings, Fix, Severity, Subject, Summary, Verdict, savings};
pub use framework::{FrameworkReport, framework_report};
pub use judge::{JudgeOptions, judge};
pub use suppression::Suppression;

#[cfg(test)]
mod tests;
