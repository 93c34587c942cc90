//! SARIF 2.1.0, for code scanning views. Fields as in the OASIS standard
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::model::{Model, category, severity};
use crate::rules::{Finding, Severity, Verdict};

/// One run with the rules that said something, and one result for each finding that fails, has no answer, or is accepted.
pub fn render(model: &Model) -> String {
    let mut rules: BTreeMap<&str, &Finding> = BTreeMap::new();
    let shown: Vec<&Finding> =
        model.findings.findings.iter().filter(|f| matches!(f.verdict, Verdict::Fail | Verdict::Unknown | Verdict::Suppressed)).collect();
    for f in &shown {
        rules.entry(&f.rule).or_insert(f);
    }
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(i, id)| (*id, i)).collect();
    let results: Vec<Value> = shown.iter().map(|f| result(f, index.get(f.rule.as_str()).copied())).collect();
    let document = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "surveyor",
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "version": model.findings.tool.rsplit(' ').next().unwrap_or_default(),
                "rules": rules.values().map(|f| rule(f)).collect::<Vec<_>>(),
            }},
            "automationDetails": {"id": format!("surveyor/{}/", model.findings.account)},
            "invocations": [{"executionSuccessful": !model.not_seen.interrupted, "startTimeUtc": model.meta.taken_at, "endTimeUtc": model.meta.finished_at,
                "toolExecutionNotifications": model.not_seen.gaps.iter().map(|g| json!({
                    "level": "warning",
                    "message": {"text": format!("{}: {} in {}", super::model::outcome(g.outcome), g.call, g.regions.join(", "))},
                })).collect::<Vec<_>>()}],
            "results": results,
        }],
    });
    super::pretty(&document)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The scale that code scanning views sort by.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

fn rule(f: &Finding) -> Value {
    let tags: BTreeSet<String> = std::iter::once(category(f.category).to_owned())
        .chain(f.controls.iter().flat_map(|(framework, numbers)| numbers.iter().map(move |n| format!("{framework}/{n}"))))
        .collect();
    json!({
        "id": f.rule,
        "shortDescription": {"text": f.title},
        "fullDescription": {"text": if f.why.is_empty() { &f.title } else { &f.why }},
        "help": {"text": if f.fix.summary.is_empty() { &f.title } else { &f.fix.summary }},
        "defaultConfiguration": {"level": level(f.severity)},
        "properties": {"tags": tags, "security-severity": score(f.severity)},
    })
}

fn result(f: &Finding, rule_index: Option<usize>) -> Value {
    let failing = f.verdict != Verdict::Unknown;
    let subject = &f.resource;
    let name = subject.arn.clone().unwrap_or_else(|| format!("{}/{}/{}/{}", subject.account, subject.region, subject.kind, subject.id));
    let mut result = json!({
        "ruleId": f.rule,
        "ruleIndex": rule_index,
        "kind": if failing { "fail" } else { "open" },
        // The standard allows a level only where something failed.
        "level": if failing { level(f.severity) } else { "none" },
        "message": {"text": f.message},
        "locations": [{
            // Resources have no file; viewers insist on a place, so the path names the resource, and code scanning on a line in it.
            "physicalLocation": {
                "artifactLocation": {"uri": uri(&["aws", &subject.account, &subject.region, &subject.kind, &subject.id])},
                "region": {"startLine": 1},
            },
            "logicalLocations": [{"name": subject.name, "fullyQualifiedName": name, "kind": "resource"}],
        }],
        "partialFingerprints": {"surveyorFinding/v1": f.id},
        "properties": {"severity": severity(f.severity), "evidence": f.evidence, "monthly_usd": f.monthly_usd, "because": f.because},
    });
    if f.verdict == Verdict::Suppressed {
        result["suppressions"] = json!([{"kind": "external", "status": "accepted", "justification": f.because.join("; ")}]);
    }
    result
}

/// A relative reference with every segment percent-encoded.
fn uri(segments: &[&str]) -> String {
    let encode = |segment: &&str| -> String {
        segment
            .bytes()
            .map(|b| if b.is_ascii_alphanumeric() || b"-._~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect()
    };
    segments.iter().map(encode).collect::<Vec<_>>().join("/")
}
