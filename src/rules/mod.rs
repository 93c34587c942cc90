//! Rules: files that say what is wrong, a checker that reads them first, an evaluation that admits what it does not know.

pub mod check;
pub mod diagnostic;
pub mod evaluate;
pub mod expression;
pub mod finding;
pub mod functions;
pub mod types;
pub mod value;
pub mod world;

pub use finding::{Category, Finding, Findings, Fix, Severity, Subject, Summary, Verdict};
