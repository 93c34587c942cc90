//! The examples that every rule carries: small estates with the answer the rule must give.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::estate::resource::OwnershipClass;
use crate::estate::{Estate, LedgerEntry, Meta, Outcome, Resource, Snapshot};
use crate::schema;

use super::check::Subject;
use super::evaluate::About;
use super::file::Rule;
use super::finding::Verdict;
use super::judge::{self, Answered};
use super::world::{Price, World};

/// The moment of every example, unless it says another.
pub const NOW: &str = "2026-01-01T00:00:00Z";
/// The account of every example.
pub const ACCOUNT: &str = "123456789012";
/// The region of every example, unless it says another.
pub const REGION: &str = "eu-west-3";

/// The answer an example must give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Something is wrong.
    Fails,
    /// In order.
    Passes,
    /// Not known.
    Unknown,
    /// The rule has nothing to say.
    NotApplicable,
}

impl Expected {
    /// All four, which every rule must have.
    pub const ALL: [Expected; 4] = [Expected::Fails, Expected::Passes, Expected::Unknown, Expected::NotApplicable];

    /// As it is written in a rule file.
    pub fn word(self) -> &'static str {
        match self {
            Expected::Fails => "fails",
            Expected::Passes => "passes",
            Expected::Unknown => "unknown",
            Expected::NotApplicable => "not_applicable",
        }
    }

    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Fail | Verdict::Suppressed => Expected::Fails,
            Verdict::Unknown => Expected::Unknown,
            Verdict::Pass => Expected::Passes,
            Verdict::NotApplicable => Expected::NotApplicable,
        }
    }
}

/// One example.
#[derive(Debug, Clone)]
pub struct Example {
    /// The answer.
    pub expected: Expected,
    /// The estate.
    pub case: Case,
    /// Where it stands in the file.
    pub line: usize,
}

/// The estate of an example: the subject itself, and what else there is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Why no such example can exist; then nothing else is given.
    impossible: Option<String>,
    id: Option<String>,
    arn: Option<String>,
    name: Option<String>,
    region: Option<String>,
    ownership: Option<OwnershipClass>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    config: BTreeMap<String, Json>,
    #[serde(default)]
    facts: BTreeMap<String, Json>,
    /// Paths that were asked for and not obtained.
    #[serde(default)]
    unread: Vec<String>,
    /// Other resources, ready-made: a file of `rules/worlds`.
    world: Option<String>,
    /// Other resources.
    #[serde(default)]
    with: Vec<Other>,
    /// Calls that did not succeed; all others did.
    #[serde(default)]
    ledger: Vec<Gap>,
    /// The subject's price in US dollars per month.
    price: Option<f64>,
    /// The moment of the snapshot.
    now: Option<String>,
    /// The sentence the rule must say.
    message: Option<String>,
    /// The sub-parts that must fail.
    parts: Option<Vec<String>>,
    /// The money of the finding.
    monthly_usd: Option<f64>,
}

/// Another resource of an example.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Other {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    arn: Option<String>,
    name: Option<String>,
    region: Option<String>,
    ownership: Option<OwnershipClass>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    config: BTreeMap<String, Json>,
    #[serde(default)]
    facts: BTreeMap<String, Json>,
    #[serde(default)]
    unread: Vec<String>,
}

/// A listing that failed in an example.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gap {
    types: Vec<String>,
    #[serde(default = "denied")]
    outcome: Outcome,
    region: Option<String>,
}

fn denied() -> Outcome {
    Outcome::Denied
}

static WORLDS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules/worlds");

/// A ready-made set of other resources.
fn world(name: &str) -> Result<Vec<Other>, String> {
    let file = WORLDS.get_file(format!("{name}.yaml")).ok_or_else(|| {
        let known: Vec<&str> = WORLDS.files().filter_map(|f| f.path().file_stem()?.to_str()).collect();
        format!("no world `{name}`; known: {}", known.join(", "))
    })?;
    serde_saphyr::from_str(file.contents_utf8().unwrap_or_default()).map_err(|e| format!("world `{name}`: {e}"))
}

/// Every known type, for a ledger in which all was read.
static ALL_TYPES: LazyLock<Vec<String>> =
    LazyLock::new(|| schema::provider().types().chain(schema::facts::types()).map(String::from).collect());

fn resource(kind: &str, other: &Other) -> Resource {
    let mut r = Resource::new(kind, ACCOUNT, other.region.as_deref().unwrap_or(REGION), other.id.as_deref().unwrap_or("sample"));
    r.arn.clone_from(&other.arn);
    r.name.clone_from(&other.name);
    r.tags = other.tags.clone();
    r.config = other.config.clone();
    r.facts = other.facts.clone();
    for path in &other.unread {
        r.unread.insert(path.clone(), "denied: the example says so".into());
    }
    if let Some(class) = other.ownership {
        r.ownership.class = class;
    }
    r
}

impl Case {
    fn own(&self, kind: &str) -> Resource {
        let own = Other {
            kind: kind.into(),
            id: self.id.clone(),
            arn: self.arn.clone(),
            name: self.name.clone().or_else(|| Some("sample".into())),
            region: self.region.clone(),
            ownership: self.ownership,
            tags: self.tags.clone(),
            config: self.config.clone(),
            facts: self.facts.clone(),
            unread: self.unread.clone(),
        };
        resource(kind, &own)
    }

    fn others(&self) -> Vec<Resource> {
        let mut others: Vec<Resource> = self.with.iter().map(|o| resource(&o.kind, o)).collect();
        // Ids that were left out are told apart by their place.
        for (position, (r, o)) in others.iter_mut().zip(&self.with).enumerate() {
            if o.id.is_none() {
                r.id = format!("other-{}", position + 1);
            }
        }
        // An unknown world is reported when the rule is loaded.
        let ready_made = self.world.as_deref().and_then(|name| world(name).ok()).unwrap_or_default();
        others.extend(ready_made.iter().map(|o| resource(&o.kind, o)));
        others
    }

    /// What is wrong with the example itself: misspelt arguments, undeclared facts, keys that have no meaning here.
    pub fn problems(&self, subject: &Subject, has_each: bool) -> Vec<String> {
        let mut out = Vec::new();
        let given = !self.config.is_empty() || !self.facts.is_empty() || !self.with.is_empty() || !self.unread.is_empty();
        if let Some(reason) = &self.impossible {
            if reason.trim().is_empty() {
                out.push("`impossible` needs a reason".into());
            }
            if given {
                out.push("an example that is impossible holds nothing else".into());
            }
            return out;
        }
        if let Some(Err(problem)) = self.world.as_deref().map(world) {
            out.push(problem);
        }
        let mut resources = self.others();
        match subject {
            Subject::Resource(kind) => resources.push(self.own(kind)),
            Subject::Account | Subject::Region => {
                let own = !self.config.is_empty() || !self.facts.is_empty() || !self.tags.is_empty() || !self.unread.is_empty();
                if own {
                    out.push("a rule about the account or a region has no resource of its own: give resources under `with`".into());
                }
            }
        }
        if self.parts.is_some() && !has_each {
            out.push("`parts` belongs to rules with `each`".into());
        }
        if self.now.as_ref().is_some_and(|now| now.parse::<jiff::Timestamp>().is_err()) {
            out.push("`now` is not a moment such as 2026-01-01T00:00:00Z".into());
        }
        for r in &resources {
            // An example gives what the rule reads, not everything that AWS requires.
            let wrong = schema::check_resource(r)
                .into_iter()
                .filter(|p| !p.contains("neither filled nor unread") && !p.contains("blocks, at least"));
            out.extend(wrong.map(|p| format!("in the example: {p}")));
        }
        for kind in self.ledger.iter().flat_map(|g| &g.types).filter(|k| !schema::is_known_type(k)) {
            out.push(format!("in the example's ledger: no resource type `{kind}`"));
        }
        out
    }

    fn snapshot(&self, subject: &Subject) -> Snapshot {
        let region = self.region.clone().unwrap_or_else(|| REGION.into());
        let mut resources = self.others();
        if let Subject::Resource(kind) = subject {
            resources.push(self.own(kind));
        }
        let entry = |types: Vec<String>, outcome: Outcome, region: &str| LedgerEntry {
            account: ACCOUNT.into(),
            region: region.into(),
            call: "example:Call".into(),
            outcome,
            count: 0,
            requests: 1,
            failures: 0,
            vanished: 0,
            listing: true,
            types,
            permissions: Vec::new(),
            code: None,
            message: None,
            request_id: None,
        };
        let mut ledger = vec![entry(ALL_TYPES.clone(), Outcome::Done, &region)];
        for gap in &self.ledger {
            ledger.push(entry(gap.types.clone(), gap.outcome, gap.region.as_deref().unwrap_or(&region)));
        }
        let now = self.now.clone().unwrap_or_else(|| NOW.into());
        let meta = Meta {
            account: ACCOUNT.into(),
            partition: "aws".into(),
            regions: vec![region],
            taken_at: now.clone(),
            finished_at: now,
            ..Meta::default()
        };
        let mut snapshot = Snapshot { meta, ledger, resources, ..Snapshot::default() };
        snapshot.normalise();
        snapshot
    }
}

impl Example {
    /// True when the rule says why no such example can exist.
    pub fn is_impossible(&self) -> bool {
        self.case.impossible.is_some()
    }

    /// Runs the rule on the example; an error says what it answered instead.
    ///
    /// # Errors
    /// One line.
    pub fn run(&self, rule: &Rule) -> Result<(), String> {
        if self.is_impossible() {
            return Ok(());
        }
        let case = &self.case;
        let estate = Estate::new(case.snapshot(&rule.subject));
        let price = case.price;
        let prices = move |_: &Estate, _: &Resource| Price { usd: price, note: "the example's price".into() };
        let world = World::new(&estate, &prices, crate::cost::PriceBook::embedded());
        let own_region = case.region.as_deref().unwrap_or(REGION);
        let own_id = case.id.as_deref().unwrap_or("sample");
        let about = match &rule.subject {
            Subject::Account => About::Account,
            Subject::Region => About::Region(own_region),
            Subject::Resource(kind) => {
                let own = estate.resources().iter().find(|r| &r.kind == kind && r.id == own_id && r.region == own_region);
                About::Resource(own.ok_or("the example's own resource is lost: two of the same type and id?")?)
            }
        };
        let answers = judge::answer(&world, rule, about);
        let worst = answers.iter().map(|a| a.verdict).min().unwrap_or(Verdict::NotApplicable);
        let told = || describe(&answers);
        if Expected::of(worst) != self.expected {
            return Err(format!("should be {}, is {}", self.expected.word(), told()));
        }
        let failing: Vec<&Answered> = answers.iter().filter(|a| a.verdict == Verdict::Fail).collect();
        if let Some(wanted) = &case.message {
            let said: Vec<&str> = failing.iter().map(|a| a.message.as_str()).collect();
            if !said.contains(&wanted.as_str()) {
                return Err(format!("should say \"{wanted}\", says {said:?}"));
            }
        }
        if let Some(wanted) = &case.parts {
            let parts: Vec<&str> = failing.iter().filter_map(|a| a.part.as_deref()).collect();
            if !parts.iter().eq(wanted.iter()) {
                return Err(format!("parts {wanted:?} should fail, {parts:?} do"));
            }
        }
        if let Some(wanted) = case.monthly_usd {
            let money: f64 = failing.iter().filter_map(|a| a.monthly_usd).sum();
            if (money - wanted).abs() > 0.005 {
                return Err(format!("the money should be {wanted}, is {money}"));
            }
        }
        Ok(())
    }
}

fn describe(answers: &[Answered]) -> String {
    let mut lines: Vec<String> = answers
        .iter()
        .map(|a| {
            let word = Expected::of(a.verdict).word();
            match a.verdict {
                Verdict::Unknown => format!("{word} ({})", a.because.join("; ")),
                Verdict::Fail => format!("{word} (\"{}\")", a.message),
                _ => word.to_string(),
            }
        })
        .collect();
    lines.dedup();
    if lines.is_empty() { Expected::NotApplicable.word().into() } else { lines.join(", ") }
}
