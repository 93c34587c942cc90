//! `findings.json`: the contract with other programs.

use serde::Serialize;

use super::Model;
use crate::estate::Ledger;
use crate::rules::{Finding, Summary, Verdict};

/// `findings.json`: what fails, what has no answer, and what is accepted.
pub fn render(model: &Model) -> String {
    write(model, |v| matches!(v, Verdict::Fail | Verdict::Unknown | Verdict::Suppressed))
}

/// As [`render`], with what is in order and what does not apply (`--all`).
pub fn render_all(model: &Model) -> String {
    write(model, |_| true)
}

/// [`crate::rules::Findings`] with borrowed findings, so that nothing is copied to leave some out.
#[derive(Serialize)]
struct File<'a> {
    schema_version: u32,
    tool: &'a str,
    account: &'a str,
    taken_at: &'a str,
    ledger: &'a Ledger,
    summary: &'a Summary,
    findings: Vec<&'a Finding>,
}

fn write(model: &Model, keep: impl Fn(Verdict) -> bool) -> String {
    let all = &model.findings;
    let file = File {
        schema_version: all.schema_version,
        tool: &all.tool,
        account: &all.account,
        taken_at: &all.taken_at,
        ledger: &all.ledger,
        summary: &all.summary,
        findings: all.findings.iter().filter(|f| keep(f.verdict)).collect(),
    };
    super::pretty(&file)
}
