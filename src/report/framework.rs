//! A framework, control by control, for an auditor: the answer, the rules behind it, the findings as evidence.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::escape::{markdown as text, markdown_code as code};
use super::labels;
use super::model::Model;
use crate::rules::framework::{FrameworkReport, Status};

/// The word for a status.
#[must_use]
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Fail => "fails",
        Status::Unknown => "unknown",
        Status::Pass => "passes",
        Status::NotApplicable => "does not apply",
        Status::NotCovered => "not covered by any rule",
    }
}

/// Findings shown under one control; the rest is counted.
const SHOWN: usize = 25;

/// Writes the report in Markdown.
#[must_use]
pub fn markdown(report: &FrameworkReport, model: &Model) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# {}\n", text(&report.title));
    let _ = writeln!(
        out,
        "Account {}, as of {}, judged by {}.\n",
        text(&model.account_name()),
        labels::time(&model.meta.taken_at),
        text(&model.meta.tool)
    );
    let counts = report.counts();
    let words: Vec<String> = counts.iter().map(|(s, n)| format!("{n} {}", status(*s))).collect();
    let _ = writeln!(out, "{} controls: {}.\n", report.controls.len(), words.join(", "));
    if !model.not_seen.is_empty() {
        let _ = writeln!(out, "Some calls were not answered; what depended on them is *unknown*, never *passes*. The report names them.\n");
    }
    let _ = writeln!(out, "| control | what it asks | answer | rules |\n|---|---|---|---|");
    for c in &report.controls {
        let rules: Vec<String> = c.rules.iter().map(|r| code(r)).collect();
        let _ = writeln!(out, "| {} | {} | {} | {} |", text(&c.control), text(&c.title), status(c.status), rules.join(", "));
    }
    let by_id: BTreeMap<&str, &crate::rules::Finding> = model.findings.findings.iter().map(|f| (f.id.as_str(), f)).collect();
    for c in report.controls.iter().filter(|c| !c.findings.is_empty()) {
        let _ = writeln!(out, "\n## {} {}: {}\n", text(&c.control), text(&c.title), status(c.status));
        for finding in c.findings.iter().take(SHOWN).filter_map(|id| by_id.get(id.as_str())) {
            let because = if finding.because.is_empty() { String::new() } else { format!(" ({})", text(&finding.because.join("; "))) };
            let said = if finding.message.is_empty() { &finding.title } else { &finding.message };
            let _ = writeln!(out, "- {} {}: {}{because}", code(&finding.id), code(&finding.resource.id), text(said));
        }
        if c.findings.len() > SHOWN {
            let _ = writeln!(out, "- and {} more", c.findings.len() - SHOWN);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::framework::ControlResult;

    #[test]
    fn a_failing_control_shows_its_evidence() {
        let model = crate::report::sample::model();
        let finding = model.findings.findings.iter().find(|f| f.verdict == crate::rules::Verdict::Fail).unwrap();
        let report = FrameworkReport {
            framework: "cis-5.0".into(),
            title: "CIS".into(),
            controls: vec![ControlResult {
                control: "2.2.3".into(),
                title: "Databases | private".into(),
                status: Status::Fail,
                rules: vec![finding.rule.clone()],
                findings: vec![finding.id.clone()],
            }],
        };
        let text = markdown(&report, &model);
        assert!(text.contains(&finding.id) && text.contains("1 fails") && text.contains("Databases \\| private"), "{text}");
    }
}
