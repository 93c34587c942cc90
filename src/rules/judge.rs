//! Every rule on every resource: the findings.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::cost::PriceBook;
use crate::estate::resource::GLOBAL;
use crate::estate::{Estate, Resource, ledger};
use crate::secrets;

use super::check::Subject as About_;
use super::evaluate::{About, Machine, Read};
use super::file::{Money, Part, Rule, RuleSet};
use super::finding::{Category, Finding, Findings, SCHEMA_VERSION, Severity, Subject, Summary, Verdict, savings};
use super::meta;
use super::suppression::{self, Suppression};
use super::value::{Unknown, Value};
use super::world::{Price, World};

/// Longest text kept as evidence, in characters.
const EVIDENCE_TEXT: usize = 200;
/// Most elements of a list kept as evidence.
const EVIDENCE_LIST: usize = 10;
/// Most attributes kept as evidence.
const EVIDENCE_READS: usize = 30;

/// How to judge.
#[derive(Debug, Clone, Default)]
pub struct JudgeOptions {
    /// What was accepted, by whom and until when.
    pub suppressions: Vec<Suppression>,
    /// Also keeps what passes and what does not apply.
    pub all: bool,
    /// An earlier result, for `first_seen`.
    pub previous: Option<Findings>,
}

/// One answer of a rule, before it is made into a finding.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The sub-part, for rules with `each`.
    pub part: Option<String>,
    /// The answer.
    pub verdict: Verdict,
    /// The sentence, for what fails.
    pub message: String,
    /// What was read.
    pub evidence: BTreeMap<String, Json>,
    /// Causes, for what is not known.
    pub because: Vec<String>,
    /// Dollars per month.
    pub monthly_usd: Option<f64>,
    /// How they were reckoned, or why there are none.
    pub monthly_note: Option<String>,
}

impl Answered {
    fn plain(part: Option<String>, verdict: Verdict) -> Self {
        Answered {
            part,
            verdict,
            message: String::new(),
            evidence: BTreeMap::new(),
            because: Vec::new(),
            monthly_usd: None,
            monthly_note: None,
        }
    }

    fn unknown(part: Option<String>, cause: Unknown) -> Self {
        Answered { because: cause.0, ..Answered::plain(part, Verdict::Unknown) }
    }
}

/// Judges an estate with the embedded price book's figures.
pub fn judge(estate: &Estate, rules: &RuleSet, book: &PriceBook, options: &JudgeOptions) -> Findings {
    let prices = |estate: &Estate, resource: &Resource| {
        let estimate = book.monthly(estate, resource);
        Price { usd: estimate.usd, note: estimate.note }
    };
    let world = World::new(estate, &prices, book);
    let mut all = everything(&world, rules);
    let mut findings: Vec<Finding> = Vec::new();
    let mut summary = Summary { resources: estate.resources().len(), rules: rules.rules.len() + meta::RULES.len(), ..Summary::default() };
    let mut tally = Tally::new();
    for (rule, about, answers) in all.drain(..) {
        for answered in answers {
            // What is in order is most of it: counted, and only made into findings when somebody wants to see it.
            if options.all || !matches!(answered.verdict, Verdict::Pass | Verdict::NotApplicable) {
                findings.push(finding(&world, rule, about, answered));
            } else {
                *tally.entry((rule.id.clone(), answered.verdict)).or_default() += 1;
            }
        }
    }
    findings.extend(meta::findings(&world, rules));
    let previous: BTreeMap<&str, &str> = options
        .previous
        .iter()
        .flat_map(|p| &p.findings)
        .filter(|f| matches!(f.verdict, Verdict::Fail | Verdict::Suppressed | Verdict::Unknown))
        .map(|f| (f.id.as_str(), f.first_seen.as_str()))
        .collect();
    let taken_at = &estate.snapshot().meta.taken_at;
    suppression::apply(&options.suppressions, &mut findings, &world);
    for finding in &mut findings {
        finding.first_seen = previous.get(finding.id.as_str()).map_or_else(|| taken_at.clone(), |s| (*s).to_string());
    }
    findings.sort_by(|a, b| (a.severity, &a.rule, &a.resource, &a.id).cmp(&(b.severity, &b.rule, &b.resource, &b.id)));
    summarise(&mut summary, &findings, tally);
    Findings {
        schema_version: SCHEMA_VERSION,
        tool: concat!("surveyor ", env!("CARGO_PKG_VERSION")).into(),
        account: estate.snapshot().meta.account.clone(),
        taken_at: taken_at.clone(),
        ledger: estate.snapshot().ledger.clone(),
        summary,
        findings,
    }
}

type Judged<'a> = (&'a Rule, About<'a>, Vec<Answered>);

fn everything<'a>(world: &'a World<'a>, rules: &'a RuleSet) -> Vec<Judged<'a>> {
    let mut by_kind: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    let mut rest: Vec<(&Rule, About<'a>)> = Vec::new();
    for rule in rules.rules.iter().flat_map(|r| std::iter::once(r).chain(&r.also)) {
        match &rule.subject {
            About_::Resource(kind) => by_kind.entry(kind).or_default().push(rule),
            About_::Account => rest.push((rule, About::Account)),
            About_::Region => {
                rest.extend(world.estate.snapshot().meta.regions.iter().map(|region| (rule, About::Region(region.as_str()))));
            }
        }
    }
    let mut out: Vec<Judged<'a>> = world
        .estate
        .resources()
        .par_iter()
        .filter_map(|r| by_kind.get(r.kind.as_str()).map(|rules| (r, rules)))
        .flat_map_iter(|(r, rules)| rules.iter().map(move |rule| (*rule, About::Resource(r), answer(world, rule, About::Resource(r)))))
        .collect();
    out.extend(rest.into_par_iter().map(|(rule, about)| (rule, about, answer(world, rule, about))).collect::<Vec<_>>());
    // Resources that a failed listing hides: the rule has no answer about them.
    let ledger = &world.estate.snapshot().ledger;
    let mut hidden: BTreeMap<&str, (&Rule, Vec<String>)> = BTreeMap::new();
    for (kind, rules) in by_kind {
        if ledger::gaps_of(ledger, kind, None).is_empty() && ledger::was_asked(ledger, kind) {
            continue;
        }
        let causes: Vec<String> = world.estate.incomplete(kind, None).iter().map(|c| format!("not every {kind} was seen: {c}")).collect();
        for rule in rules {
            // A rule about several types has one such answer.
            hidden.entry(&rule.id).or_insert_with(|| (rule, Vec::new())).1.extend(causes.clone());
        }
    }
    out.extend(hidden.into_values().map(|(rule, causes)| (rule, About::Account, vec![Answered::unknown(None, Unknown(causes))])));
    out
}

/// The answers of one rule about one subject: one, or one per sub-part.
pub fn answer<'a>(world: &'a World<'a>, rule: &Rule, about: About<'a>) -> Vec<Answered> {
    let Some(each) = &rule.each else {
        return vec![answer_part(world, rule, about, None, None)];
    };
    let mut machine = Machine::new(world, about);
    let list = match machine.list(&each.list) {
        Ok(list) => list,
        Err(cause) => return vec![Answered::unknown(None, cause)],
    };
    let mut out = Vec::with_capacity(list.len());
    for (position, item) in list.iter().enumerate() {
        let path = match &item {
            Value::Bool(_) | Value::Number(_) | Value::Text(_) => Some((format!("{}.{position}", list.path), list.of)),
            _ => None,
        };
        let mut namer = Machine::new(world, about);
        namer.bind(item.clone(), path.clone());
        // A sub-part without a name of its own is known by its place.
        let part = namer.value(&each.id).map_or_else(|_| position.to_string(), |v| v.display());
        out.push(answer_part(world, rule, about, Some(part), Some((item, path))));
    }
    if let Err(cause) = list.whole() {
        out.push(Answered::unknown(None, cause));
    }
    if out.is_empty() {
        out.push(Answered::plain(None, Verdict::NotApplicable));
    }
    out
}

type Bound<'a> = (Value<'a>, Option<(String, Option<&'a Resource>)>);

fn answer_part<'a>(world: &'a World<'a>, rule: &Rule, about: About<'a>, part: Option<String>, bound: Option<Bound<'a>>) -> Answered {
    let machine = || {
        let mut machine = Machine::new(world, about);
        if let Some((value, path)) = &bound {
            machine.bind(value.clone(), path.clone());
        }
        machine
    };
    let decide = |m: &mut Machine<'a>| -> Result<Verdict, Unknown> {
        if let Some(applies) = &rule.applies_when
            && !m.truth(applies)?
        {
            return Ok(Verdict::NotApplicable);
        }
        let verdict = if m.truth(&rule.fails_when)? { Verdict::Fail } else { Verdict::Pass };
        if m.asked_estate {
            let gaps: Vec<String> = rule.needs.iter().flat_map(|kind| world.gaps(kind, m.region()).to_vec()).collect();
            if !gaps.is_empty() {
                return Err(Unknown(gaps));
            }
        }
        Ok(verdict)
    };
    match decide(&mut machine()) {
        Ok(Verdict::Fail) => {}
        Ok(verdict) => return Answered::plain(part, verdict),
        Err(cause) => return Answered::unknown(part, cause),
    }
    // Only what fails needs evidence, so it is evaluated once more with the notebook open.
    let mut noting = machine();
    noting.note_reads();
    let _ = decide(&mut noting);
    let evidence = evidence(noting.take_reads());
    let mut speaking = machine();
    let message = rule.message.iter().map(|p| say(&mut speaking, p)).collect();
    let (monthly_usd, monthly_note) = money(world, rule, about, &mut machine());
    Answered { part, verdict: Verdict::Fail, message, evidence, because: Vec::new(), monthly_usd, monthly_note }
}

fn say<'a>(machine: &mut Machine<'a>, part: &Part) -> String {
    match part {
        Part::Text(text) => text.clone(),
        Part::Value(node) => match machine.value(node) {
            Ok(value) => {
                let shown = value.display();
                // The id of an access key looks like a credential; of the key that the finding is about it stands beside the message.
                let own = machine.resource().is_some_and(|r| r.id == shown);
                cut_text(&if own { shown } else { secrets::redact_text(&shown) })
            }
            Err(_) => "(not known)".into(),
        },
    }
}

fn money<'a>(world: &World<'a>, rule: &Rule, about: About<'a>, machine: &mut Machine<'a>) -> (Option<f64>, Option<String>) {
    let cents = |usd: f64| (usd * 100.0).round() / 100.0;
    let price = match about {
        About::Resource(r) if !matches!(rule.money, Money::None) => Some((world.prices)(world.estate, r)),
        _ => None,
    };
    match (&rule.money, price) {
        (Money::None, _) => (None, None),
        (Money::Waste, Some(price)) => (price.usd.map(cents), Some(price.note)),
        (Money::Waste, None) => (None, Some("the rule is not about a resource that has a price".into())),
        (Money::Saving(node), price) => match machine.number(node) {
            Ok(usd) => (Some(cents(usd)), price.map(|p| p.note).filter(|n| !n.is_empty())),
            Err(cause) => (None, Some(cause.0.join("; "))),
        },
    }
}

fn evidence(reads: Vec<Read>) -> BTreeMap<String, Json> {
    let mut out = BTreeMap::new();
    for (path, value) in reads {
        if out.len() >= EVIDENCE_READS && !out.contains_key(&path) {
            continue;
        }
        out.insert(path, cut(value));
    }
    out
}

/// Evidence is for reading: long texts and lists are cut, and what looks like a credential does not get through.
fn cut(value: Json) -> Json {
    match value {
        Json::String(text) => Json::String(cut_text(&secrets::redact_text(&text))),
        Json::Array(items) => {
            let more = items.len().saturating_sub(EVIDENCE_LIST);
            let mut out: Vec<Json> = items.into_iter().take(EVIDENCE_LIST).map(cut).collect();
            if more > 0 {
                out.push(Json::String(format!("… {more} more")));
            }
            Json::Array(out)
        }
        Json::Object(fields) => Json::Object(fields.into_iter().map(|(k, v)| (k, cut(v))).collect()),
        other => other,
    }
}

fn cut_text(text: &str) -> String {
    if text.chars().count() <= EVIDENCE_TEXT {
        return text.to_string();
    }
    let kept: String = text.chars().take(EVIDENCE_TEXT).collect();
    format!("{kept}…")
}

/// The stable id of a finding: of account, region, ARN or address, rule and sub-part; never of text.
pub fn finding_id(subject: &Subject, rule: &str, part: Option<&str>) -> String {
    let address = subject.arn.clone().unwrap_or_else(|| format!("{}/{}", subject.kind, subject.id));
    let mut hash = Sha256::new();
    for field in [&subject.account, &subject.region, &address, rule, part.unwrap_or("")] {
        hash.update(field.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The subject of a finding.
pub fn subject(world: &World<'_>, about: About<'_>) -> Subject {
    let account = world.estate.snapshot().meta.account.clone();
    match about {
        About::Resource(r) => Subject {
            kind: r.kind.clone(),
            id: r.id.clone(),
            arn: r.arn.clone(),
            name: r.label().to_string(),
            region: r.region.clone(),
            account: r.account.clone(),
        },
        About::Account => Subject {
            kind: "x_account".into(),
            id: account.clone(),
            arn: None,
            name: world.account_name().to_string(),
            region: GLOBAL.into(),
            account,
        },
        About::Region(region) => {
            Subject { kind: "x_region".into(), id: region.into(), arn: None, name: region.into(), region: region.into(), account }
        }
    }
}

fn finding(world: &World<'_>, rule: &Rule, about: About<'_>, answered: Answered) -> Finding {
    let subject = subject(world, about);
    let environment = match about {
        About::Resource(r) => world.estate.environment(r).map(|e| e.name.clone()),
        _ => None,
    };
    let part = answered.part.as_deref().map(|p| format!(" ({p})")).unwrap_or_default();
    let message = match answered.verdict {
        Verdict::Fail | Verdict::Suppressed => answered.message,
        Verdict::Unknown => format!("Not known for {}{part}: {}", subject.name, answered.because.join("; ")),
        Verdict::Pass => format!("{}{part} is in order", subject.name),
        Verdict::NotApplicable => format!("Does not apply to {}{part}", subject.name),
    };
    Finding {
        id: finding_id(&subject, &rule.id, answered.part.as_deref()),
        rule: rule.id.clone(),
        verdict: answered.verdict,
        severity: rule.severity,
        category: rule.category,
        title: rule.title.clone(),
        message,
        why: rule.why.clone(),
        resource: subject,
        environment,
        evidence: answered.evidence,
        because: answered.because,
        monthly_usd: answered.monthly_usd,
        monthly_note: answered.monthly_note,
        controls: rule.controls.clone(),
        fix: rule.fix.clone(),
        first_seen: String::new(),
    }
}

/// As the files spell it.
pub fn name_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Info => "info",
    }
}

/// As the files spell it.
pub fn category_name(category: Category) -> &'static str {
    match category {
        Category::Security => "security",
        Category::Cost => "cost",
        Category::Reliability => "reliability",
        Category::Operations => "operations",
    }
}

fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fail => "fail",
        Verdict::Unknown => "unknown",
        Verdict::Suppressed => "suppressed",
        Verdict::Pass => "pass",
        Verdict::NotApplicable => "not_applicable",
    }
}

/// Answers by rule and verdict.
type Tally = BTreeMap<(String, Verdict), usize>;

fn summarise(summary: &mut Summary, findings: &[Finding], mut tally: Tally) {
    let mut causes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for f in findings {
        *tally.entry((f.rule.clone(), f.verdict)).or_default() += 1;
        match f.verdict {
            Verdict::Fail => {
                *summary.fail.entry(name_of(f.severity).into()).or_default() += 1;
            }
            Verdict::Unknown => causes.entry(&f.rule).or_default().extend(f.because.iter().map(String::as_str)),
            _ => {}
        }
    }
    summary.monthly_usd_savings = savings(findings);
    for ((_, verdict), count) in &tally {
        *summary.verdicts.entry(verdict_name(*verdict).into()).or_default() += count;
    }
    let has = |rule: &str, verdict: Verdict| tally.contains_key(&(rule.to_string(), verdict));
    let rules: BTreeSet<&str> = tally.keys().map(|(rule, _)| rule.as_str()).collect();
    for rule in rules {
        let in_order = has(rule, Verdict::Pass) || has(rule, Verdict::Suppressed);
        if in_order && !has(rule, Verdict::Fail) && !has(rule, Verdict::Unknown) {
            summary.passing_rules.push(rule.to_string());
        }
        let only_unknown = has(rule, Verdict::Unknown)
            && ![Verdict::Pass, Verdict::Fail, Verdict::Suppressed, Verdict::NotApplicable].iter().any(|v| has(rule, *v));
        if only_unknown {
            let causes = causes.get(rule).into_iter().flatten().map(|c| (*c).to_string()).collect();
            summary.unanswered_rules.insert(rule.to_string(), causes);
        }
    }
}
