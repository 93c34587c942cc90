//! Rules about the survey itself, which no expression can say: what could not be seen, and what could be seen but not handled.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::estate::resource::{GLOBAL, OwnershipClass};
use crate::estate::{LedgerEntry, Outcome};

use super::evaluate::About;
use super::file::RuleSet;
use super::finding::{Category, Finding, Fix, Severity, Verdict};
use super::judge::{finding_id, subject};
use super::world::World;

/// A rule that is code.
#[derive(Debug, Clone, Copy)]
pub struct MetaRule {
    /// Stable for ever.
    pub id: &'static str,
    /// What is wrong.
    pub title: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What kind of matter.
    pub category: Category,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub fix: &'static str,
}

const COVERAGE_GAP: MetaRule = MetaRule {
    id: "access-denied-coverage-gap",
    title: "A part of the account could not be read",
    severity: Severity::Medium,
    category: Category::Operations,
    why: "What was not read was not judged. A report that is silent about a service because it was not allowed to look reads like a clean one.",
    fix: "Give the surveying identity the permission named here (`surveyor permissions` prints the whole policy) and scan again.",
};

const UNSUPPORTED: MetaRule = MetaRule {
    id: "resource-type-unsupported",
    title: "Resources exist that are only listed",
    severity: Severity::Info,
    category: Category::Operations,
    why: "They are part of the account and of its bill, but no code is written for them and no rule judges them: they must be looked after by hand.",
    fix: "Keep them in mind in the hand-over; LEFT_OUT.md lists each.",
};

/// Accepted until a date that has passed.
pub const EXPIRED: MetaRule = MetaRule {
    id: "suppression-expired",
    title: "An accepted finding is past its date",
    severity: Severity::Medium,
    category: Category::Operations,
    why: "Somebody accepted a risk until a date, and the date has passed: the finding counts again until somebody decides anew.",
    fix: "Repair what was accepted, or give the suppression a new reason and date.",
};

/// Accepts what nobody finds any more.
pub const UNUSED: MetaRule = MetaRule {
    id: "suppression-unused",
    title: "A suppression fits no finding",
    severity: Severity::Low,
    category: Category::Operations,
    why: "Either the matter is repaired and the entry can go, or the entry is misspelt and suppresses nothing.",
    fix: "Remove the entry, or correct its rule or resource pattern.",
};

/// All of them.
pub const RULES: [MetaRule; 4] = [COVERAGE_GAP, UNSUPPORTED, EXPIRED, UNUSED];

/// A finding of a rule that is code.
pub fn finding(
    world: &World<'_>,
    rule: MetaRule,
    about: About<'_>,
    part: &str,
    message: String,
    evidence: BTreeMap<String, Json>,
) -> Finding {
    let subject = subject(world, about);
    Finding {
        id: finding_id(&subject, rule.id, Some(part)),
        rule: rule.id.into(),
        verdict: Verdict::Fail,
        severity: rule.severity,
        category: rule.category,
        title: rule.title.into(),
        message,
        why: rule.why.into(),
        resource: subject,
        environment: None,
        evidence,
        because: Vec::new(),
        monthly_usd: None,
        monthly_note: None,
        controls: BTreeMap::new(),
        fix: Fix { disruption: "none".into(), summary: rule.fix.into(), ..Fix::default() },
        first_seen: String::new(),
    }
}

/// What could not be read, one finding per call and region; and what is only listed, one per type and region: no code is
/// written for it, and no rule judges it.
pub fn findings(world: &World<'_>, rules: &RuleSet) -> Vec<Finding> {
    let judged: BTreeSet<&str> =
        rules.rules.iter().flat_map(|r| std::iter::once(r).chain(&r.also)).filter_map(|r| r.subject.kind()).collect();
    let snapshot = world.estate.snapshot();
    let mut out: Vec<Finding> = snapshot.ledger.iter().filter(|e| is_gap(e.outcome)).map(|e| gap(world, e)).collect();
    let mut listed: BTreeMap<(&str, &str), (u64, Vec<&str>)> = BTreeMap::new();
    for r in &snapshot.resources {
        if r.ownership.class == OwnershipClass::NotImportable && !r.is_pseudo() && !judged.contains(r.kind.as_str()) {
            let (count, names) = listed.entry((&r.region, &r.kind)).or_default();
            *count += 1;
            names.push(r.label());
        }
        if let Some(counted) = r.get("facts.counted").and_then(Json::as_object) {
            for (kind, count) in counted {
                listed.entry((&r.region, kind)).or_default().0 += count.as_u64().unwrap_or(0);
            }
        }
    }
    for ((region, kind), (count, names)) in listed.into_iter().filter(|(_, (count, _))| *count > 0) {
        let shown = names.iter().take(5).copied().collect::<Vec<_>>().join(", ");
        let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
        let which = if shown.is_empty() { "only counted".to_string() } else { shown + &more };
        let message = format!("{count} of {kind} in {region}: {which}");
        let evidence = BTreeMap::from([("count".to_string(), Json::from(count))]);
        let about = if region == GLOBAL { About::Account } else { About::Region(region) };
        out.push(finding(world, UNSUPPORTED, about, kind, message, evidence));
    }
    out
}

fn is_gap(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Denied | Outcome::Throttled | Outcome::TimedOut | Outcome::Failed)
}

fn gap(world: &World<'_>, entry: &LedgerEntry) -> Finding {
    let outcome = match entry.outcome {
        Outcome::Denied => "was denied",
        Outcome::Throttled => "was throttled until it gave up",
        Outcome::TimedOut => "timed out",
        _ => "failed",
    };
    let code = entry.code.as_deref().filter(|c| !c.is_empty()).map(|c| format!(" ({c})")).unwrap_or_default();
    let permission = match (entry.outcome, entry.permissions.as_slice()) {
        (Outcome::Denied, [_, ..]) => format!("; missing permission: {}", entry.permissions.join(", ")),
        _ => String::new(),
    };
    let types = if entry.types.is_empty() { String::new() } else { format!("; not seen or seen in part: {}", entry.types.join(", ")) };
    let message = format!("{} {outcome} in {}{code}{permission}{types}", entry.call, entry.region);
    let mut evidence = BTreeMap::from([
        ("call".to_string(), Json::from(entry.call.clone())),
        ("requests".to_string(), Json::from(entry.requests)),
        ("failures".to_string(), Json::from(entry.failures)),
    ]);
    for (key, value) in [("code", &entry.code), ("message", &entry.message), ("request_id", &entry.request_id)] {
        if let Some(value) = value {
            evidence.insert(key.into(), Json::from(value.clone()));
        }
    }
    let about = if entry.region == GLOBAL { About::Account } else { About::Region(&entry.region) };
    finding(world, COVERAGE_GAP, about, &entry.call, message, evidence)
}
