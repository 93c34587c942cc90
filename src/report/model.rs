//! The one model behind all report formats: whatever a report says was worked out here, once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::labels;
use super::network::{self, Network};
use super::seen::{self, Modelled};
use crate::cost::{Costs, Estimate, NO_ENVIRONMENT, PriceBook, service_of};
use crate::estate::resource::OwnershipClass;
use crate::estate::{Estate, LedgerEntry, Meta, Outcome, RegionState, Resource, Snapshot, StateSummary};
use crate::rules::{Finding, Findings, Fix, FrameworkReport, Severity, Verdict};

/// All severities, worst first.
pub const SEVERITIES: [Severity; 5] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];

/// How the account stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Something critical was found.
    Critical,
    /// Something of high severity was found.
    High,
    /// Only lesser matters were found.
    Medium,
    /// Nothing was found, and everything was seen.
    Clean,
    /// Nothing was found, and not everything was seen.
    Unsure,
}

/// The verdict: one sentence a founder understands, and the figures behind it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// In one word.
    pub level: Level,
    /// In one sentence.
    pub headline: String,
    /// What supports it, one sentence each.
    pub sentences: Vec<String>,
}

/// Calls that did not end well for the same reason, over all regions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gap {
    /// API call: `rds:DescribeDBInstances`.
    pub call: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Regions where it happened.
    pub regions: Vec<String>,
    /// True when whole resources may be missing, false when only arguments of known ones are.
    pub listing: bool,
    /// Terraform types that may be incomplete.
    pub types: Vec<String>,
    /// IAM actions that would allow the call.
    pub permissions: Vec<String>,
    /// Error code of the first failure.
    pub code: Option<String>,
    /// Message of the first failure.
    pub message: Option<String>,
    /// AWS request id of the first failure.
    pub request_id: Option<String>,
}

/// Types of a gap that are named; the rest is counted.
const NAMED: usize = 4;

impl Gap {
    /// What may be missing because of it, in plain words. The types that others are part of come first.
    pub fn missing(&self) -> String {
        let mut types: Vec<&str> = self.types.iter().map(String::as_str).collect();
        types.sort_by_key(|t| (t.len(), *t));
        let mut words: Vec<String> = types.iter().take(NAMED).map(|t| labels::kind(t)).collect();
        if types.len() > NAMED {
            words.push(labels::count(types.len() - NAMED, "more kind", "more kinds"));
        }
        let words = labels::list(&words);
        if self.types.is_empty() {
            return "what nothing else would tell".to_owned();
        }
        if self.listing { words } else { format!("details of {words}") }
    }
}

/// What could not be seen.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct NotSeen {
    /// True when the scan was stopped before its end.
    pub interrupted: bool,
    /// What did not end well, listings first.
    pub gaps: Vec<Gap>,
    /// What was asked of some things only, because it costs a request for each: call and where it was asked.
    pub on_purpose: Vec<(String, String)>,
    /// IAM actions that were missing, sorted.
    pub missing_permissions: Vec<String>,
    /// Rules without any answer, with their causes.
    pub unanswered_rules: BTreeMap<String, Vec<String>>,
    /// Findings that are `unknown`.
    pub unknown_findings: usize,
    /// Arguments that were asked for and not obtained: cause and number of resources.
    pub unread: Vec<(String, usize)>,
    /// Which regions were read, which were looked into, and which were not, in sentences.
    pub regions: String,
}

impl NotSeen {
    /// True when everything that was asked for was read.
    pub fn is_empty(&self) -> bool {
        !self.interrupted
            && self.gaps.is_empty()
            && self.unread.is_empty()
            && self.unanswered_rules.is_empty()
            && self.unknown_findings == 0
    }
}

/// One call over all regions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    /// API call.
    pub call: String,
    /// The worst that came of it in any region.
    pub outcome: Outcome,
    /// Regions in which it was to be made.
    pub regions: usize,
    /// Items read.
    pub count: usize,
    /// Requests sent.
    pub requests: usize,
}

/// What one rule found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Rule id.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// The worst severity among its findings.
    pub severity: Severity,
    /// Category name.
    pub category: crate::rules::Category,
    /// Why it matters.
    pub why: String,
    /// How to put it right.
    pub fix: Fix,
    /// Control numbers by framework.
    pub controls: BTreeMap<String, Vec<String>>,
    /// Positions in [`Model::findings`].
    pub findings: Vec<usize>,
    /// Sum of what its findings cost or would save, where a price is known.
    pub monthly_usd: Option<f64>,
}

/// One resource as the inventory shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Terraform type.
    pub kind: String,
    /// Service in plain words.
    pub service: &'static str,
    /// Name for people.
    pub name: String,
    /// Import id.
    pub id: String,
    /// Region.
    pub region: String,
    /// Environment; [`NO_ENVIRONMENT`] where nothing tells.
    pub environment: String,
    /// Who looks after it, when that is not people of this account.
    pub ownership: Option<String>,
    /// State as AWS reports it.
    pub state: Option<String>,
    /// US dollars per month; `None` when no price is known.
    pub usd: Option<f64>,
    /// False when `usd` is a lower bound.
    pub complete: bool,
    /// Formula, or the reason why there is no price.
    pub cost_note: String,
    /// Ports that the internet reaches.
    pub open_ports: Vec<String>,
    /// Failing findings.
    pub findings: usize,
    /// The worst of them.
    pub worst: Option<Severity>,
}

/// Resources of one type in one environment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TypeInventory {
    /// Terraform type.
    pub kind: String,
    /// In plain words, plural.
    pub label: String,
    /// Service in plain words.
    pub service: &'static str,
    /// Positions in [`Model::rows`].
    pub rows: Vec<usize>,
    /// Sum of the known prices.
    pub usd: f64,
}

/// What belongs to one environment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EnvironmentInventory {
    /// Its name.
    pub name: String,
    /// Resources.
    pub count: usize,
    /// Sum of the known prices.
    pub usd: f64,
    /// By type, in the order of services.
    pub types: Vec<TypeInventory>,
}

/// What was generated, when something was.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Generation {
    /// Resources that the code brings under Terraform.
    pub imports: usize,
    /// Resources left out, each with its reason in `LEFT_OUT.md`.
    pub left_out: usize,
    /// Files in the tree.
    pub files: usize,
    /// Lines of code.
    pub lines: usize,
    /// References that are expressions, of all that could be (`0.98`).
    pub reference_share: f64,
    /// Runbook ids that were written.
    pub runbooks: Vec<String>,
    /// What `terraform plan` said, when it was run.
    pub plan: Option<String>,
}

/// Everything the reports show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    /// About the scan.
    pub meta: Meta,
    /// Verdict.
    pub judgement: Judgement,
    /// What could not be seen.
    pub not_seen: NotSeen,
    /// All that the audit said.
    pub findings: Findings,
    /// Failing findings by severity, in the order of [`SEVERITIES`].
    pub counts: [usize; 5],
    /// Failing rules, worst first.
    pub failing: Vec<Group>,
    /// Rules that could not be answered for some resource.
    pub unknown: Vec<Group>,
    /// What is wrong and accepted by somebody.
    pub suppressed: Vec<Group>,
    /// Money.
    pub costs: Costs,
    /// All resources, in the estate's order.
    pub rows: Vec<Row>,
    /// By environment and type.
    pub inventory: Vec<EnvironmentInventory>,
    /// The network, to be drawn.
    pub network: Network,
    /// Frameworks that were asked for.
    pub frameworks: Vec<FrameworkReport>,
    /// Every call that was to be made, once.
    pub coverage: Vec<Coverage>,
    /// How much of the account is modelled.
    pub modelled: Modelled,
    /// What came of each Terraform state that was given.
    pub states: Vec<StateSummary>,
    /// What was generated.
    pub generation: Option<Generation>,
}

/// An outcome in plain words.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "read",
        Outcome::Denied => "denied",
        Outcome::Throttled => "throttled",
        Outcome::TimedOut => "timed out",
        Outcome::NotOffered => "not offered there",
        Outcome::Failed => "failed",
        Outcome::Capped => "read in part",
        Outcome::NotAsked => "not asked",
        Outcome::NotWanted => "not wanted",
    }
}

/// A severity as it is written in files and shown.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Info => "info",
    }
}

/// A verdict as it is written in files.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fail => "fail",
        Verdict::Unknown => "unknown",
        Verdict::Suppressed => "suppressed",
        Verdict::Pass => "pass",
        Verdict::NotApplicable => "not_applicable",
    }
}

/// A category as it is written in files and shown.
pub fn category(category: crate::rules::Category) -> &'static str {
    use crate::rules::Category;
    match category {
        Category::Security => "security",
        Category::Cost => "cost",
        Category::Reliability => "reliability",
        Category::Operations => "operations",
    }
}

impl Model {
    /// Works everything out.
    pub fn new(estate: &Estate, findings: &Findings, book: &PriceBook) -> Model {
        let estimates = Costs::estimates(estate, book);
        let costs = Costs::new(estate, &estimates, findings, book);
        let rows = rows(estate, &estimates, findings);
        let network = network::draw(estate, &rows);
        let not_seen = not_seen(estate, findings);
        let failing = groups(findings, &rows, Verdict::Fail);
        let of = |s: Severity| findings.findings.iter().filter(|f| f.verdict == Verdict::Fail && f.severity == s).count();
        let mut model = Model {
            meta: estate.snapshot().meta.clone(),
            judgement: Judgement { level: Level::Clean, headline: String::new(), sentences: Vec::new() },
            not_seen,
            unknown: groups(findings, &rows, Verdict::Unknown),
            suppressed: groups(findings, &rows, Verdict::Suppressed),
            counts: SEVERITIES.map(of),
            findings: findings.clone(),
            failing,
            costs,
            inventory: inventory(&rows),
            rows,
            network,
            frameworks: Vec::new(),
            coverage: coverage(&estate.snapshot().ledger),
            modelled: seen::modelled(estate.snapshot()),
            states: estate.states().to_vec(),
            generation: None,
        };
        model.judgement = judge(&model);
        model
    }

    /// Adds what the audit says about the controls of frameworks.
    #[must_use]
    pub fn with_frameworks(mut self, frameworks: Vec<FrameworkReport>) -> Model {
        self.frameworks = frameworks;
        self
    }

    /// Adds what was generated; the verdict speaks of it.
    pub fn set_generation(&mut self, generation: Generation) {
        self.generation = Some(generation);
        self.judgement = judge(self);
    }

    /// Failing findings of one severity.
    pub fn failing_of(&self, of: Severity) -> usize {
        SEVERITIES.iter().position(|s| *s == of).map_or(0, |at| self.counts[at])
    }

    /// All failing findings.
    pub fn failing_count(&self) -> usize {
        self.counts.iter().sum()
    }

    /// The account for people: alias and number.
    pub fn account_name(&self) -> String {
        match &self.meta.alias {
            Some(alias) => format!("{alias} ({})", self.meta.account),
            None => self.meta.account.clone(),
        }
    }

    /// Names of a group's resources, each once and at most `most`, and how many more there are.
    pub fn names_of(&self, group: &Group, most: usize) -> (Vec<String>, usize) {
        let mut names: Vec<&str> = Vec::new();
        for f in self.of_group(group) {
            if !names.contains(&f.resource.name.as_str()) {
                names.push(&f.resource.name);
            }
        }
        let more = names.len().saturating_sub(most);
        (names.into_iter().take(most).map(str::to_owned).collect(), more)
    }

    /// How many things there are: rows without what is only known of the account (root user, quotas, events).
    pub fn resources(&self) -> usize {
        self.rows.iter().filter(|r| !r.kind.starts_with("x_")).count()
    }

    /// Findings of the groups, as findings.
    pub fn of_group<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = &'a Finding> + 'a {
        group.findings.iter().map(|i| &self.findings.findings[*i])
    }
}

/// The verdict from figures that stand in the model already.
fn judge(model: &Model) -> Judgement {
    let worst = SEVERITIES.into_iter().find(|s| model.failing_of(*s) > 0);
    let problems = |n: usize, word: &str| labels::count(n, &format!("{word} problem"), &format!("{word} problems"));
    let first = model.failing.first().map(|group| {
        let (mut names, more) = model.names_of(group, 2);
        if more > 0 {
            names.push(format!("{} more", labels::thousands(more)));
        }
        format!("“{}” ({})", group.title, labels::list(&names))
    });
    let first = first.unwrap_or_default();
    let seen = model.not_seen.is_empty();
    let (level, headline) = match worst {
        Some(Severity::Critical) => (
            Level::Critical,
            format!(
                "Act today: {} leave this account open to serious harm, first of all {first}.",
                problems(model.failing_of(Severity::Critical), "critical")
            )
            .replace("problem leave", "problem leaves"),
        ),
        Some(Severity::High) => (
            Level::High,
            format!("Act this week: {} to put right, first of all {first}.", problems(model.failing_of(Severity::High), "serious")),
        ),
        Some(_) => (
            Level::Medium,
            format!("Nothing urgent: {} to plan for, the first of them {first}.", problems(model.failing_count(), "lesser")),
        ),
        None if seen => {
            (Level::Clean, "In order: no rule found anything wrong, and everything that was asked for could be read.".to_owned())
        }
        None => {
            (Level::Unsure, "Nothing wrong was found, but not everything could be read, so this is no clean bill of health.".to_owned())
        }
    };
    let mut sentences = Vec::new();
    let summary = &model.findings.summary;
    if model.failing_count() > 0 {
        let by: Vec<String> = SEVERITIES
            .into_iter()
            .filter(|s| model.failing_of(*s) > 0)
            .map(|s| format!("{} {}", labels::thousands(model.failing_of(s)), severity(s)))
            .collect();
        sentences.push(format!(
            "{} among {}: {}.",
            labels::count(model.failing_count(), "finding", "findings"),
            labels::count(model.resources(), "resource", "resources"),
            labels::list(&by)
        ));
    } else {
        let rules = labels::count(summary.rules, "rule", "rules");
        sentences.push(format!("{rules} looked at {}.", labels::count(model.resources(), "resource", "resources")));
    }
    if let Some(sentence) = reachable(model) {
        sentences.push(sentence);
    }
    let costs = &model.costs;
    if costs.priced > 0 {
        let mut sentence = format!("It costs at least {} a month at list prices", labels::usd(costs.known_usd));
        if costs.savings_usd > 0.0 {
            sentence.push_str(&format!("; about {} of that could be saved", labels::usd(costs.savings_usd)));
        }
        if costs.unpriced > 0 {
            sentence.push_str(&format!("; {} without a known price", labels::count(costs.unpriced, "more is billed", "more are billed")));
        }
        sentences.push(format!("{sentence}."));
    } else if costs.unpriced > 0 {
        sentences.push(format!(
            "What it costs is not known: {} without a known price.",
            labels::count(costs.unpriced, "resource is billed", "resources are billed")
        ));
    }
    let not_seen = &model.not_seen;
    if seen {
        sentences.push("Everything that was asked for could be read.".into());
    } else {
        let mut parts = Vec::new();
        if not_seen.interrupted {
            parts.push("the scan was stopped before its end".to_owned());
        }
        if !not_seen.gaps.is_empty() {
            parts.push(labels::count(not_seen.gaps.len(), "call did not get its full answer", "calls did not get their full answer"));
        }
        if !not_seen.unread.is_empty() {
            let resources = not_seen.unread.iter().map(|u| u.1).sum();
            parts.push(labels::count(resources, "detail could not be read", "details could not be read"));
        }
        if not_seen.unknown_findings > 0 {
            parts.push(labels::count(not_seen.unknown_findings, "question has no answer", "questions have no answer"));
        }
        if parts.is_empty() {
            parts.push(labels::count(not_seen.unanswered_rules.len(), "rule has no answer", "rules have no answer"));
        }
        sentences.push(format!("Not everything was seen: {}.", labels::list(&parts)));
    }
    if let Some(g) = &model.generation {
        let mut sentence = format!("The Terraform code brings {} under control", labels::count(g.imports, "resource", "resources"));
        if g.left_out > 0 {
            sentence.push_str(&format!(", {} left out with a reason", labels::thousands(g.left_out)));
        }
        if let Some(plan) = &g.plan {
            sentence.push_str(&format!("; terraform plan says: {plan}"));
        }
        sentences.push(format!("{sentence}."));
    }
    Judgement { level, headline, sentences }
}

/// Servers and databases that the internet reaches.
fn reachable(model: &Model) -> Option<String> {
    let open = |kind: &str| model.rows.iter().filter(|r| r.kind == kind && !r.open_ports.is_empty()).count();
    let mut parts = Vec::new();
    for (kind, one, many) in [
        ("aws_db_instance", "database", "databases"),
        ("aws_instance", "server", "servers"),
        ("aws_elasticache_cluster", "cache", "caches"),
    ] {
        if open(kind) > 0 {
            parts.push(labels::count(open(kind), one, many));
        }
    }
    let one = parts.len() == 1 && parts[0].starts_with("1 ");
    (!parts.is_empty()).then(|| format!("{} {} straight from the internet.", labels::list(&parts), if one { "answers" } else { "answer" }))
}

fn rows(estate: &Estate, estimates: &[Estimate], findings: &Findings) -> Vec<Row> {
    let mut failing: HashMap<(&str, &str, &str), (usize, Severity)> = HashMap::new();
    for f in findings.findings.iter().filter(|f| f.verdict == Verdict::Fail) {
        let entry = failing.entry((&f.resource.kind, &f.resource.region, &f.resource.id)).or_insert((0, f.severity));
        entry.0 += 1;
        entry.1 = entry.1.min(f.severity);
    }
    estate
        .resources()
        .iter()
        .zip(estimates)
        .map(|(r, estimate)| {
            let found = failing.get(&(r.kind.as_str(), r.region.as_str(), r.id.as_str()));
            Row {
                kind: r.kind.clone(),
                service: service_of(&r.kind),
                name: r.label().to_owned(),
                id: r.id.clone(),
                region: r.region.clone(),
                environment: estate.environment(r).map_or_else(|| NO_ENVIRONMENT.to_owned(), |e| e.name.clone()),
                ownership: ownership(r),
                state: r.str("facts.state").or(r.str("facts.status")).map(str::to_owned),
                usd: estimate.usd,
                complete: estimate.complete,
                cost_note: estimate.note.clone(),
                open_ports: network::open_ports(estate, r),
                findings: found.map_or(0, |f| f.0),
                worst: found.map(|f| f.1),
            }
        })
        .collect()
}

/// Who looks after it, in words; `None` when people of this account do.
pub fn ownership(resource: &Resource) -> Option<String> {
    let by = |what: &str| match &resource.ownership.by {
        Some(by) => format!("{what} {by}"),
        None => what.to_owned(),
    };
    Some(match resource.ownership.class {
        OwnershipClass::Ours => return None,
        OwnershipClass::AwsDefault => "made by AWS with the account".into(),
        OwnershipClass::AwsManaged => by("kept by AWS"),
        OwnershipClass::Child => by("part of"),
        OwnershipClass::Cloudformation => by("CloudFormation stack"),
        OwnershipClass::Orchestrated => by("kept by"),
        OwnershipClass::Managed => by("under Terraform:"),
        OwnershipClass::Ephemeral => "comes and goes by itself".into(),
        OwnershipClass::NotImportable => "cannot be imported".into(),
    })
}

fn not_seen(estate: &Estate, findings: &Findings) -> NotSeen {
    let snapshot = estate.snapshot();
    let mut gaps: BTreeMap<(bool, &str, Outcome, Option<&str>), Vec<&LedgerEntry>> = BTreeMap::new();
    for entry in snapshot.ledger.iter().filter(|e| e.outcome.is_gap()) {
        gaps.entry((!entry.listing, &entry.call, entry.outcome, entry.code.as_deref())).or_default().push(entry);
    }
    let sorted = |values: &mut dyn Iterator<Item = &String>| values.cloned().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let gaps: Vec<Gap> = gaps
        .into_values()
        .map(|entries| Gap {
            call: entries[0].call.clone(),
            outcome: entries[0].outcome,
            regions: sorted(&mut entries.iter().map(|e| &e.region)),
            listing: entries[0].listing,
            types: sorted(&mut entries.iter().flat_map(|e| &e.types)),
            permissions: sorted(&mut entries.iter().flat_map(|e| &e.permissions)),
            code: entries[0].code.clone().filter(|c| !c.is_empty()),
            message: entries[0].message.clone().filter(|m| !m.is_empty()),
            request_id: entries[0].request_id.clone(),
        })
        .collect();
    let mut unread: BTreeMap<&str, usize> = BTreeMap::new();
    for resource in &snapshot.resources {
        for cause in resource.unread.values().map(String::as_str).collect::<BTreeSet<_>>() {
            *unread.entry(cause).or_default() += 1;
        }
    }
    NotSeen {
        interrupted: snapshot.meta.interrupted,
        missing_permissions: sorted(&mut gaps.iter().filter(|g| g.outcome == Outcome::Denied).flat_map(|g| &g.permissions)),
        gaps,
        on_purpose: snapshot
            .ledger
            .iter()
            .filter(|e| e.outcome == Outcome::Capped)
            .map(|e| (e.call.clone(), e.message.clone().filter(|m| !m.is_empty()).unwrap_or_else(|| outcome(e.outcome).into())))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        unanswered_rules: findings.summary.unanswered_rules.clone(),
        unknown_findings: findings.findings.iter().filter(|f| f.verdict == Verdict::Unknown).count(),
        unread: unread.into_iter().map(|(cause, n)| (cause.to_owned(), n)).collect(),
        regions: regions(snapshot),
    }
}

/// What is known of which region.
pub fn regions(snapshot: &Snapshot) -> String {
    let list = |names: &[&str]| labels::list(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
    let mut out = format!("Regions read in full: {}.", labels::list(&snapshot.meta.regions));
    if snapshot.meta.other_regions.is_empty() {
        out.push_str(" Nothing is said about others.");
    }
    for (state, words) in [
        (RegionState::Empty, "Looked into, and found to hold nothing that costs money (free things and settings were not read there)"),
        (RegionState::Unclear, "Looked into without a clear answer, because calls were refused"),
        (RegionState::NotLookedAt, "Not looked at, though enabled"),
    ] {
        let names = snapshot.regions_in(state);
        if !names.is_empty() {
            out.push_str(&format!(" {words}: {}.", list(&names)));
        }
    }
    out
}

fn coverage(ledger: &[LedgerEntry]) -> Vec<Coverage> {
    let mut calls: BTreeMap<&str, Coverage> = BTreeMap::new();
    for e in ledger {
        let call = calls.entry(&e.call).or_insert_with(|| Coverage {
            call: e.call.clone(),
            outcome: e.outcome,
            regions: 0,
            count: 0,
            requests: 0,
        });
        // A region that lacks the service says nothing about the others.
        if call.outcome.is_complete() && (call.outcome == Outcome::NotOffered || !e.outcome.is_complete()) {
            call.outcome = e.outcome;
        }
        call.regions += 1;
        call.count += usize::try_from(e.count).unwrap_or(usize::MAX);
        call.requests += usize::try_from(e.requests).unwrap_or(usize::MAX);
    }
    calls.into_values().collect()
}

fn groups(findings: &Findings, rows: &[Row], of: Verdict) -> Vec<Group> {
    let reached: HashSet<(&str, &str)> =
        rows.iter().filter(|r| !r.open_ports.is_empty()).map(|r| (r.kind.as_str(), r.id.as_str())).collect();
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for (at, f) in findings.findings.iter().enumerate().filter(|(_, f)| f.verdict == of) {
        let group = groups.entry(&f.rule).or_insert_with(|| Group {
            rule: f.rule.clone(),
            title: f.title.clone(),
            severity: f.severity,
            category: f.category,
            why: f.why.clone(),
            fix: f.fix.clone(),
            controls: f.controls.clone(),
            findings: Vec::new(),
            monthly_usd: None,
        });
        group.severity = group.severity.min(f.severity);
        group.findings.push(at);
        if let Some(usd) = f.monthly_usd {
            group.monthly_usd = Some(group.monthly_usd.unwrap_or(0.0) + usd);
        }
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    // Among equals security first, for money can wait for what is open; then what is wrong because the internet reaches it; then
    // whatever else it reaches; then things before settings of the account.
    groups.sort_by_cached_key(|g| {
        let subjects = || g.findings.iter().map(|i| &findings.findings[*i].resource);
        let is_reached = subjects().any(|s| reached.contains(&(s.kind.as_str(), s.id.as_str())));
        let is_setting = subjects().all(|s| s.kind.starts_with("x_"));
        let for_being_reached = g.findings.iter().any(|i| findings.findings[*i].evidence.contains_key("exposure"));
        (g.severity, g.category, !for_being_reached, !is_reached, is_setting, g.rule.clone())
    });
    groups
}

fn inventory(rows: &[Row]) -> Vec<EnvironmentInventory> {
    let mut tree: BTreeMap<&str, BTreeMap<(&str, &str), Vec<usize>>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        tree.entry(&row.environment).or_default().entry((row.service, &row.kind)).or_default().push(at);
    }
    let usd = |at: &[usize]| crate::cost::cents(at.iter().filter_map(|i| rows[*i].usd).sum());
    let mut environments: Vec<EnvironmentInventory> = tree
        .into_iter()
        .map(|(name, types)| {
            let types: Vec<TypeInventory> = types
                .into_iter()
                .map(|((_, kind), at)| TypeInventory {
                    kind: kind.to_owned(),
                    label: labels::kind(kind),
                    service: service_of(kind),
                    usd: usd(&at),
                    rows: at,
                })
                .collect();
            EnvironmentInventory {
                name: name.to_owned(),
                count: types.iter().map(|t| t.rows.len()).sum(),
                usd: crate::cost::cents(types.iter().map(|t| t.usd).sum()),
                types,
            }
        })
        .collect();
    // What belongs to no environment comes last, however dear it is.
    environments.sort_by(|a, b| {
        (a.name == NO_ENVIRONMENT).cmp(&(b.name == NO_ENVIRONMENT)).then(b.usd.total_cmp(&a.usd)).then_with(|| a.name.cmp(&b.name))
    });
    environments
}
