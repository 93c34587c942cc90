//! Rules about the survey itself, which no expression can say: what could not be seen, what could be seen but not handled, what no
//! Terraform state holds, and what the bill says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::cost::{cents, service_of};
use crate::estate::resource::{GLOBAL, OwnershipClass};
use crate::estate::seen::Billed;
use crate::estate::{LedgerEntry, Outcome};
use crate::schema::overlay::overlay;

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

const NOT_IN_CODE: MetaRule = MetaRule {
    id: "resource-not-in-code",
    title: "A part of the account is in no Terraform state",
    severity: Severity::Medium,
    category: Category::Operations,
    why: "Whoever changes such a thing does it by hand: nobody reviews it, nothing records it, and after a loss nobody can build it again. The share in code is how far the work has come.",
    fix: "`surveyor generate` with the same states writes the code that is missing, with its import blocks.",
};

const BILL_JUMP: MetaRule = MetaRule {
    id: "cost-service-jump",
    title: "A service costs markedly more than the month before",
    severity: Severity::Medium,
    category: Category::Cost,
    why: "A jump has a cause: something new, something forgotten, or something that runs away. Found a month later it has cost a month more.",
    fix: "Look in Cost Explorer at that service by usage type and by day, find the day it began, and ask what was done then.",
};

/// From how many dollars a month and from which part of the month before on a rise is told.
const JUMP: (f64, f64) = (20.0, 0.3);

/// Things named in the evidence of a finding about many.
const NAMED: usize = 100;

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
pub const RULES: [MetaRule; 6] = [COVERAGE_GAP, UNSUPPORTED, NOT_IN_CODE, BILL_JUMP, EXPIRED, UNUSED];

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

/// What could not be read, one finding per call and region; what is only listed, one per type and region: no code is written for it,
/// and no rule judges it; what is in no state; and what rose on the bill.
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
    out.extend(not_in_code(world));
    out.extend(bill_jumps(world));
    out
}

/// A region's services, each with how much of it is in code and how much there is; and what is not.
#[derive(Default)]
struct Share<'a> {
    services: BTreeMap<&'a str, (usize, usize)>,
    missing: Vec<String>,
}

/// What people made, code could take over and no state holds, one finding per region. Without a state there is nothing to compare.
fn not_in_code(world: &World<'_>) -> Vec<Finding> {
    if world.estate.states().is_empty() {
        return Vec::new();
    }
    let mut regions: BTreeMap<&str, Share<'_>> = BTreeMap::new();
    for r in world.estate.resources().iter().filter(|r| !r.is_pseudo()) {
        let managed = r.ownership.class == OwnershipClass::Managed;
        if !managed && (r.ownership.class != OwnershipClass::Ours || overlay(&r.kind).kept.leave_out.is_some()) {
            continue;
        }
        let Share { services, missing } = regions.entry(&r.region).or_default();
        let (held, all) = services.entry(service_of(&r.kind)).or_default();
        *all += 1;
        if managed {
            *held += 1;
        } else {
            missing.push(format!("{} {}", r.kind, r.id));
        }
    }
    let one = |(region, Share { services, mut missing }): (&str, Share<'_>)| {
        let (held, all) = services.values().fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
        let of = |(service, (held, all)): (&&str, &(usize, usize))| format!("{service} {held} of {all}");
        let shares = services.iter().filter(|(_, (held, all))| held < all).map(of).collect::<Vec<_>>().join(", ");
        let place = if region == GLOBAL { "that belong to no region".into() } else { format!("in {region}") };
        let message = format!("{held} of {all} resources {place} are in code ({} %); by service: {shares}", held * 100 / all.max(1));
        missing.sort();
        let more = missing.len().saturating_sub(NAMED);
        missing.truncate(NAMED);
        if more > 0 {
            missing.push(format!("… {more} more"));
        }
        let by_service: BTreeMap<&str, String> =
            services.iter().map(|(service, (held, all))| (*service, format!("{held} of {all}"))).collect();
        let evidence = BTreeMap::from([("in_code".to_string(), json!(by_service)), ("not_in_code".to_string(), json!(missing))]);
        let about = if region == GLOBAL { About::Account } else { About::Region(region) };
        finding(world, NOT_IN_CODE, about, "", message, evidence)
    };
    regions.into_iter().filter(|(_, share)| !share.missing.is_empty()).map(one).collect()
}

/// Services that rose from one full month to the next; nothing when the bill was not asked for, or there was none before.
fn bill_jumps(world: &World<'_>) -> Vec<Finding> {
    let Some(bill) = &world.estate.snapshot().bill else { return Vec::new() };
    let Some(before) = bill.month_before.as_ref().filter(|before| before.values().sum::<f64>() > 0.0) else { return Vec::new() };
    let mut now: BTreeMap<&str, f64> = BTreeMap::new();
    // Tax and support follow the rest.
    for line in bill.lines.iter().filter(|l| l.coverage != Billed::NoResources) {
        *now.entry(&line.service).or_default() += line.usd;
    }
    let mut out = Vec::new();
    for (service, usd) in now {
        let earlier = before.get(service).copied().unwrap_or(0.0);
        let (least, part) = JUMP;
        if usd - earlier <= least || usd <= earlier * (1.0 + part) {
            continue;
        }
        let rise = if earlier > 0.0 { format!(", {:.0} % more", (usd / earlier - 1.0) * 100.0) } else { ": it is new".into() };
        let message = format!("{service} cost {usd:.2} USD in {}, and {earlier:.2} USD the month before{rise}", bill.month);
        let evidence = BTreeMap::from([
            ("month".to_string(), json!(bill.month)),
            ("usd".to_string(), json!(cents(usd))),
            ("usd_month_before".to_string(), json!(earlier)),
        ]);
        out.push(finding(world, BILL_JUMP, About::Account, service, message, evidence));
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
