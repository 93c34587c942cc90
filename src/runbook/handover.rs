//! The facts of `handover.md`, the document that closes a project. The prose lives in `templates/handover.md.hbs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::facts::Facts;
use super::library::Library;
use super::{Purpose, account, failed, index, tidy};
use crate::cost::Costs;
use crate::error::Error;
use crate::estate::{Estate, LedgerEntry, OwnershipClass};
use crate::report::labels;
use crate::rules::Findings;

/// Findings of one severity that are listed one by one.
const LISTED: usize = 60;
/// Names of one kind that are listed.
const NAMES: usize = 12;
/// Severities, worst first, and whether each finding is listed or only counted by title.
const SEVERITIES: [(&str, &str, bool); 5] = [
    ("critical", "Critical", true),
    ("high", "High", true),
    ("medium", "Medium", false),
    ("low", "Low", false),
    ("info", "Good to know", false),
];

impl Library {
    /// The hand-over document of an account, with costs where they were reckoned.
    ///
    /// # Errors
    /// When the template names what does not exist.
    pub fn handover(&self, estate: &Estate, findings: &Findings, costs: Option<&Costs>) -> Result<String, Error> {
        let facts = Arc::new(Facts::new(estate, findings));
        let registry = self.registry(&facts)?;
        let selected = self.select(&facts)?;
        let snapshot = estate.snapshot();
        let data = json!({
            "account": account(snapshot),
            "total": snapshot.resources.iter().filter(|r| !r.is_pseudo()).count(),
            "environments": environments(estate, &facts),
            "risks": risks(&facts),
            "costs": costs,
            "runbook_ids": selected.iter().map(|s| &s.runbook.head.id).collect::<Vec<_>>(),
            "incidents": index(&selected.into_iter().filter(|s| s.runbook.head.purpose == Purpose::Incident).collect::<Vec<_>>())["incident"],
            "not_seen": snapshot.ledger.iter().filter(|e| e.outcome.is_gap()).map(gap).collect::<Vec<_>>(),
            "interrupted": snapshot.meta.interrupted,
        });
        let text = registry.render(Self::HANDOVER, &data).map_err(|e| failed(&self.handover_at(e.line_no), &e))?;
        Ok(tidy(&text))
    }
}

fn gap(entry: &LedgerEntry) -> Value {
    json!({ "call": entry.call, "region": entry.region, "outcome": entry.outcome, "code": entry.code, "types": entry.types })
}

/// What people made, by environment: all its resources, and a count with names of the kinds that have no table of their own.
fn environments(estate: &Estate, facts: &Facts<'_>) -> Vec<Value> {
    const OF_ITS_OWN: [&str; 2] = ["aws_instance", "aws_db_instance"];
    // What is a part or a setting of something else tells a reader nothing as a line of its own.
    const PARTS: [&str; 14] = [
        "_rule",
        "_association",
        "_attachment",
        "_policy",
        "_membership",
        "_profile",
        "_block",
        "_versioning",
        "_controls",
        "_acl",
        "_configuration",
        "_permission",
        "_listener",
        "_mfa_device",
    ];
    let mut by_name: BTreeMap<(bool, String), Vec<usize>> = BTreeMap::new();
    for (i, r) in estate.resources().iter().enumerate() {
        let made = matches!(
            r.ownership.class,
            OwnershipClass::Ours | OwnershipClass::Cloudformation | OwnershipClass::Orchestrated | OwnershipClass::Managed
        );
        if made && !r.is_pseudo() {
            let name = estate.environment(r).map(|e| e.name.clone());
            by_name.entry((name.is_none(), name.unwrap_or_default())).or_default().push(i);
        }
    }
    by_name
        .into_iter()
        .map(|((none, name), places)| {
            let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for &i in &places {
                let r = &estate.resources()[i];
                if !OF_ITS_OWN.contains(&r.kind.as_str()) && !PARTS.iter().any(|part| r.kind.ends_with(part)) {
                    kinds.entry(&r.kind).or_default().push(r.label());
                }
            }
            let others: Vec<Value> = kinds
                .into_iter()
                .map(|(kind, names)| {
                    json!({
                        "label": capital(&labels::kind(kind)),
                        "count": names.len(),
                        "names": &names[..names.len().min(NAMES)],
                        "more": names.len().saturating_sub(NAMES),
                    })
                })
                .collect();
            json!({
                "title": if none { "Without environment".to_owned() } else { capital(&name) },
                "resources": places.iter().map(|&i| facts.resource(i)).collect::<Vec<_>>(),
                "others": others,
            })
        })
        .collect()
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

fn risks(facts: &Facts<'_>) -> Vec<Value> {
    SEVERITIES
        .iter()
        .filter_map(|(severity, label, full)| {
            let found: Vec<&Value> = facts.findings().iter().filter(|f| f["severity"] == *severity).collect();
            let mut titles: BTreeMap<&str, usize> = BTreeMap::new();
            for f in &found {
                *titles.entry(f["title"].as_str().unwrap_or_default()).or_default() += 1;
            }
            (!found.is_empty()).then(|| {
                json!({
                    "severity": severity,
                    "label": label,
                    "full": full,
                    "count": found.len(),
                    "findings": &found[..found.len().min(LISTED)],
                    "more": found.len().saturating_sub(LISTED),
                    "titles": titles.iter().map(|(title, count)| json!({ "title": title, "count": count })).collect::<Vec<_>>(),
                })
            })
        })
        .collect()
}
