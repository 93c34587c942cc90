//! Rules: files that say what is wrong, a checker that reads them first, an evaluation that admits what it does not know.

pub mod expression;
pub mod finding;

pub use finding::{Category, Finding, Findings, Fix, Severity, Subject, Summary, Verdict};
