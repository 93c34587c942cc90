//! What a rule says about a resource.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::estate::Ledger;

/// Version of `findings.json`.
pub const SCHEMA_VERSION: u32 = 1;

/// The five answers of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The rule's condition holds: something is wrong.
    Fail,
    /// Data that the rule needs was not read.
    Unknown,
    /// Wrong, and accepted by somebody until a date.
    Suppressed,
    /// In order.
    Pass,
    /// The rule does not apply to the resource.
    NotApplicable,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Act today.
    Critical,
    /// Act this week.
    High,
    /// Plan it.
    Medium,
    /// When you are there anyway.
    Low,
    /// Good to know.
    Info,
}

/// What kind of matter it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Somebody may get at what is not theirs.
    Security,
    /// Money.
    Cost,
    /// Something may stop working or be lost.
    Reliability,
    /// Nobody would notice, or nobody can work with it.
    Operations,
}

/// The resource a finding is about. For account- and region-scoped rules: type `x_account` / `x_region`, id = account / region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// Terraform type or `x_` type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Import id.
    pub id: String,
    /// ARN, where there is one.
    pub arn: Option<String>,
    /// Name for people.
    pub name: String,
    /// Region or `global`.
    pub region: String,
    /// Account number.
    pub account: String,
}

/// How to put it right.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fix {
    /// What the fix interrupts: `none`, `brief`, `downtime`, `replacement`, …
    #[serde(default)]
    pub disruption: String,
    /// What to do, in one or two sentences.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// Arguments to change in the generated Terraform.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub terraform: BTreeMap<String, Value>,
    /// Runbook id (`templates/runbooks/<id>.md.hbs`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
}

/// One answer of one rule about one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable: hash of account, region, resource ARN or address, rule and sub-part.
    pub id: String,
    /// Rule id.
    pub rule: String,
    /// The answer.
    pub verdict: Verdict,
    /// How bad.
    pub severity: Severity,
    /// What kind.
    pub category: Category,
    /// The rule's title.
    pub title: String,
    /// One sentence with the real names and values.
    pub message: String,
    /// Why it matters, from the rule.
    pub why: String,
    /// What it is about.
    pub resource: Subject,
    /// Environment of the resource (`live`, `staging`, `shared` …), see `estate::environment`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Attributes that the expression really read, with their values.
    pub evidence: BTreeMap<String, Value>,
    /// For `unknown`: the causes (`denied: rds:DescribeDBInstances in eu-west-3`). For `suppressed`: reason, owner, expiry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
    /// What it costs or would save per month in US dollars; null where no price is known or none applies.
    pub monthly_usd: Option<f64>,
    /// Why `monthly_usd` is null, or how it was reckoned, with the date of the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_note: Option<String>,
    /// Control numbers by framework (`cis-5.0` → `["2.2.3"]`).
    pub controls: BTreeMap<String, Vec<String>>,
    /// How to put it right.
    pub fix: Fix,
    /// When this finding was first seen, RFC 3339; from the previous findings file, else the snapshot's time.
    pub first_seen: String,
}

/// Numbers over all findings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Resources judged.
    pub resources: usize,
    /// Rules loaded.
    pub rules: usize,
    /// Count of failing findings by severity name.
    pub fail: BTreeMap<String, usize>,
    /// Count by verdict name, over everything evaluated.
    pub verdicts: BTreeMap<String, usize>,
    /// What failing cost findings could save (`monthly_usd`), of each resource its largest saving.
    pub monthly_usd_savings: f64,
    /// Rules that passed wherever they applied.
    #[serde(default)]
    pub passing_rules: Vec<String>,
    /// Rules that could not be answered anywhere, with cause.
    pub unanswered_rules: BTreeMap<String, Vec<String>>,
}

/// The whole of `findings.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Findings {
    /// See [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// `surveyor 0.1.0`.
    pub tool: String,
    /// Account number.
    pub account: String,
    /// Time of the snapshot.
    pub taken_at: String,
    /// What could not be seen.
    pub ledger: Ledger,
    /// Numbers.
    pub summary: Summary,
    /// Sorted by severity, rule, resource.
    pub findings: Vec<Finding>,
}

/// US dollars a month within reach: of each resource the largest saving that a failing cost finding tells, for what is
/// deleted cannot be made cheaper as well.
pub fn savings(findings: &[Finding]) -> f64 {
    let mut largest: BTreeMap<&Subject, f64> = BTreeMap::new();
    for finding in findings.iter().filter(|f| f.verdict == Verdict::Fail && f.category == Category::Cost) {
        let usd = finding.monthly_usd.unwrap_or(0.0);
        largest.entry(&finding.resource).and_modify(|most| *most = most.max(usd)).or_insert(usd);
    }
    crate::cost::cents(largest.values().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_saves_its_largest_saving_once() {
        let finding = |id: &str, verdict: Verdict, usd: Option<f64>| {
            let mut finding: Finding = serde_json::from_value(serde_json::json!({
                "id": "f", "rule": "r", "verdict": "fail", "severity": "low", "category": "cost", "title": "t", "message": "m", "why": "w",
                "resource": {"type": "aws_nat_gateway", "id": id, "arn": null, "name": id, "region": "eu-west-3", "account": "1"},
                "evidence": {}, "monthly_usd": usd, "controls": {}, "fix": {}, "first_seen": ""
            }))
            .expect("finding");
            finding.verdict = verdict;
            finding
        };
        let findings = [
            finding("a", Verdict::Fail, Some(36.5)),
            finding("a", Verdict::Fail, Some(36.5)),
            finding("a", Verdict::Fail, None),
            finding("b", Verdict::Fail, Some(1.25)),
            finding("b", Verdict::Fail, Some(3.65)),
            finding("c", Verdict::Suppressed, Some(100.0)),
        ];
        // 36.5 + 3.65
        assert_eq!(savings(&findings), 40.15);
    }
}
