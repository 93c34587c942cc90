//! Rule files: YAML with positions in, checked rules out. Every mistake of every file is reported at once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value as Json;
use serde_saphyr::Spanned;

use crate::error::Error;
use crate::files;
use crate::schema;

use super::check::{Checked, Checker, Node, Problem, Subject, Wanted};
use super::diagnostic::{self, Diagnostic, did_you_mean};
use super::example::{Case, Example, Expected};
use super::expression;
use super::finding::{Category, Fix, Severity};
use super::framework::Frameworks;
use super::types::Ty;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");
static RUNBOOKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/runbooks");

/// The id of a runbook template; parts of templates begin with an underscore.
fn runbook_id(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()?.strip_suffix(".md.hbs").filter(|id| !id.starts_with('_'))
}

/// A checked rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Stable for ever.
    pub id: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// What it is asked of.
    pub subject: Subject,
    /// The same rule for further resource types, checked against each of them. Without examples of their own.
    pub also: Vec<Rule>,
    /// How bad.
    pub severity: Severity,
    /// What kind of matter.
    pub category: Category,
    /// Sub-parts that are judged one by one.
    pub each: Option<Each>,
    /// When it applies at all.
    pub applies_when: Option<Node>,
    /// When something is wrong.
    pub fails_when: Node,
    /// Types whose listing must be complete when the estate is asked.
    pub needs: BTreeSet<String>,
    /// One sentence with the real values.
    pub message: Vec<Part>,
    /// Why it matters.
    pub why: String,
    /// How to put it right.
    pub fix: Fix,
    /// Control numbers by framework.
    pub controls: BTreeMap<String, Vec<String>>,
    /// What the finding's money is.
    pub money: Money,
    /// Its own examples.
    pub examples: Vec<Example>,
    /// The file as the user knows it.
    pub file: String,
    /// The line of its id.
    pub line: usize,
    /// The expressions as they were written: `applies_when`, `fails_when`.
    pub source: (Option<String>, String),
}

/// Sub-parts of a resource that are judged one by one.
#[derive(Debug, Clone)]
pub struct Each {
    /// The list.
    pub list: Node,
    /// What tells one sub-part from another, for ever.
    pub id: Node,
}

/// A piece of a message.
#[derive(Debug, Clone)]
pub enum Part {
    /// As it stands.
    Text(String),
    /// A value.
    Value(Node),
}

/// What the money of a finding is.
#[derive(Debug, Clone)]
pub enum Money {
    /// It is not about money.
    None,
    /// All that the resource costs.
    Waste,
    /// A number of dollars per month.
    Saving(Node),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    id: Spanned<String>,
    title: Spanned<String>,
    resource: Option<Spanned<String>>,
    #[serde(default)]
    also: Vec<Spanned<String>>,
    scope: Option<Spanned<ScopeText>>,
    severity: Severity,
    category: Category,
    each: Option<EachText>,
    applies_when: Option<Spanned<String>>,
    fails_when: Spanned<String>,
    #[serde(default)]
    needs: Vec<Spanned<String>>,
    message: Spanned<String>,
    why: Spanned<String>,
    fix: FixText,
    #[serde(default)]
    controls: IndexMap<String, Vec<Spanned<String>>>,
    money: Option<MoneyText>,
    tests: Spanned<Vec<Spanned<ExampleText>>>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum ScopeText {
    Resource,
    Account,
    Region,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EachText {
    #[serde(rename = "as")]
    name: Spanned<String>,
    #[serde(rename = "in")]
    list: Spanned<String>,
    id: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FixText {
    disruption: Spanned<String>,
    summary: Spanned<String>,
    #[serde(default)]
    terraform: IndexMap<String, Spanned<Json>>,
    runbook: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum MoneyText {
    None,
    Waste,
    Saving(Spanned<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ExampleText {
    Fails(Case),
    Passes(Case),
    Unknown(Case),
    NotApplicable(Case),
}

/// What a fix may interrupt.
const DISRUPTIONS: [&str; 5] = ["none", "brief", "downtime", "replacement", "data-migration"];

/// Every rule of a run.
#[derive(Debug)]
pub struct RuleSet {
    /// Sorted by id.
    pub rules: Vec<Rule>,
    /// Frameworks whose controls the rules name.
    pub frameworks: Frameworks,
}

impl RuleSet {
    /// The embedded rules and those of folders.
    ///
    /// # Errors
    /// [`Error::input`] with every mistake of every file at its place.
    pub fn load(folders: &[PathBuf]) -> Result<RuleSet, Error> {
        let mut texts: Vec<(String, String)> = Vec::new();
        for file in EMBEDDED.files().filter(|f| is_yaml(f.path())) {
            let text = file.contents_utf8().unwrap_or_default();
            texts.push((format!("rules/{}", file.path().display()), text.to_string()));
        }
        for folder in folders {
            for path in yaml_files(folder)? {
                texts.push((path.display().to_string(), files::read_text(&path)?));
            }
        }
        Self::parse(&texts)
    }

    /// The rules of one folder alone.
    ///
    /// # Errors
    /// As [`RuleSet::load`].
    pub fn of_folder(folder: &Path) -> Result<RuleSet, Error> {
        let mut texts = Vec::new();
        for path in yaml_files(folder)? {
            texts.push((path.display().to_string(), files::read_text(&path)?));
        }
        Self::parse(&texts)
    }

    /// Rules from texts, each with the name it is known by.
    ///
    /// # Errors
    /// As [`RuleSet::load`].
    pub fn parse(texts: &[(String, String)]) -> Result<RuleSet, Error> {
        let frameworks = Frameworks::embedded()?;
        let mut rules: Vec<Rule> = Vec::new();
        let mut mistakes = Vec::new();
        for (file, text) in texts {
            match read_file(file, text) {
                Ok(found) => {
                    for raw in found {
                        let mut builder = Builder { file, text, frameworks: &frameworks, mistakes: &mut mistakes };
                        let at = raw.id.referenced;
                        let rule = builder.rule(raw);
                        if let Some(first) = rules.iter().find(|r| r.id == rule.id) {
                            let message = format!("rule `{}` stands in {}:{} already", rule.id, first.file, first.line);
                            mistakes.push(at_location(file, text, &at, message));
                        }
                        rules.push(rule);
                    }
                }
                Err(mistake) => mistakes.push(mistake),
            }
        }
        if !mistakes.is_empty() {
            return Err(diagnostic::error("the rules", mistakes));
        }
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(RuleSet { rules, frameworks })
    }

    /// A rule by id.
    ///
    /// # Errors
    /// [`Error::usage`] with the nearest id.
    pub fn find(&self, id: &str) -> Result<&Rule, Error> {
        self.rules.iter().find(|r| r.id == id).ok_or_else(|| {
            let error = Error::usage(format!("no rule `{id}`"));
            match did_you_mean(id, self.rules.iter().map(|r| r.id.as_str())) {
                Some(hint) => error.hint(hint),
                None => error.hint("`surveyor rules list` shows all"),
            }
        })
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "yaml" || e == "yml")
}

/// YAML files of a folder and its folders, sorted; files of suppressions and frameworks are not rules.
fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let fail = |e: std::io::Error| Error::input(format!("cannot read the folder {}: {e}", folder.display()));
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|n| n != "frameworks" && n != "worlds") {
                out.extend(yaml_files(&path)?);
            }
        } else if is_yaml(&path) && path.file_stem().is_some_and(|s| s != "suppressions") {
            out.push(path);
        }
    }
    out.sort();
    Ok(out)
}

fn read_file(file: &str, text: &str) -> Result<Vec<RuleText>, Diagnostic> {
    let blank = text.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#'));
    if blank {
        return Ok(Vec::new());
    }
    serde_saphyr::from_str::<Vec<RuleText>>(text).map_err(|error| {
        let (message, at) = yaml_problem(&error);
        match at {
            Some(at) => at_location(file, text, &at, message),
            None => Diagnostic::at(file, text, 0..1, message),
        }
    })
}

/// The reader's message without its own excerpt, and its place.
pub fn yaml_problem(error: &serde_saphyr::Error) -> (String, Option<serde_saphyr::Location>) {
    let plain = error.without_snippet();
    let message = plain.to_string();
    let message = message.lines().next().unwrap_or("").to_string();
    let message = match message.rfind(" at line ") {
        Some(end) => message[..end].to_string(),
        None => message,
    };
    (message, error.location())
}

/// A mistake at a location of the YAML reader.
pub fn at_location(file: &str, text: &str, at: &serde_saphyr::Location, message: impl Into<String>) -> Diagnostic {
    let line_start: usize = text.split_inclusive('\n').take((at.line() as usize).saturating_sub(1)).map(|l| l.chars().count()).sum();
    let start = line_start + (at.column() as usize).saturating_sub(1);
    let word = text.chars().skip(start).take_while(|c| !c.is_whitespace() && !",]}".contains(*c)).count();
    Diagnostic::at(file, text, start..start + word.max(1), message)
}

struct Builder<'a> {
    file: &'a str,
    text: &'a str,
    frameworks: &'a Frameworks,
    mistakes: &'a mut Vec<Diagnostic>,
}

/// What the checker makes of a rule's expressions for one subject.
struct Read {
    each: Option<Each>,
    applies_when: Option<Node>,
    fails_when: Node,
    money: Money,
    message: Vec<Part>,
}

impl Builder<'_> {
    fn mistake(&mut self, at: &serde_saphyr::Location, message: impl Into<String>, help: Option<String>) {
        let mut diagnostic = at_location(self.file, self.text, at, message);
        diagnostic.help.extend(help);
        self.mistakes.push(diagnostic);
    }

    fn rule(&mut self, raw: RuleText) -> Rule {
        let id = raw.id.value.clone();
        let dashed = !id.is_empty()
            && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !id.starts_with('-')
            && !id.ends_with('-');
        if !dashed {
            self.mistake(&raw.id.referenced, format!("`{id}` is not a rule id: small letters, digits and dashes"), None);
        }
        for (what, field) in [("title", &raw.title), ("why", &raw.why), ("message", &raw.message), ("fix.summary", &raw.fix.summary)] {
            if field.value.trim().is_empty() {
                self.mistake(&field.referenced, format!("{what} is empty"), None);
            }
        }
        let mistakes_before = self.mistakes.len();
        let subject = self.subject(&raw);
        if let (Some(kind), Subject::Account | Subject::Region) = (raw.also.first(), &subject) {
            self.mistake(&kind.referenced, "only a rule about a resource type can be about further ones", None);
        }
        let Read { each, applies_when, fails_when, money, message } = self.read(&raw, &subject);
        for need in &raw.needs {
            self.known_type(need);
        }
        // What related(…) and all(…) ask knows its own gaps, so only what the author names is wanted besides.
        let needs: BTreeSet<String> = raw.needs.iter().map(|n| n.value.clone()).collect();
        let fix = self.fix(&raw.fix);
        let controls = self.controls(&raw.controls);
        let examples = self.examples(&raw.tests, &subject, raw.each.is_some());
        let mut rule = Rule {
            id,
            title: raw.title.value.clone(),
            subject,
            also: Vec::new(),
            severity: raw.severity,
            category: raw.category,
            each,
            applies_when,
            fails_when,
            needs,
            message,
            why: raw.why.value.trim().to_string(),
            fix,
            controls,
            money,
            examples,
            file: self.file.to_string(),
            line: raw.id.referenced.line() as usize,
            source: (raw.applies_when.as_ref().map(|s| s.value.clone()), raw.fails_when.value.clone()),
        };
        // What is wrong for the first type would be told once more for each other.
        if self.mistakes.len() == mistakes_before {
            rule.also = raw.also.iter().map(|kind| self.variant(&raw, &rule, kind)).collect();
        }
        rule
    }

    /// The rule for another resource type.
    fn variant(&mut self, raw: &RuleText, rule: &Rule, kind: &Spanned<String>) -> Rule {
        self.known_type(kind);
        let subject = Subject::Resource(kind.value.clone());
        let Read { each, applies_when, fails_when, money, message } = self.read(raw, &subject);
        Rule { subject, each, applies_when, fails_when, money, message, examples: Vec::new(), ..rule.clone() }
    }

    /// The expressions of a rule, checked against what it is asked of.
    fn read(&mut self, raw: &RuleText, subject: &Subject) -> Read {
        let mut checker = Checker::new(subject);
        let each = raw.each.as_ref().map(|e| self.each(&mut checker, e));
        let applies_when = raw.applies_when.as_ref().map(|text| {
            let checked = self.expression(&mut checker, text, Wanted::Condition);
            checker.assume(&checked.when_true);
            checked.node
        });
        let fails = self.expression(&mut checker, &raw.fails_when, Wanted::Condition);
        checker.assume(&fails.when_true);
        let money = match &raw.money {
            None | Some(MoneyText::None) => Money::None,
            Some(MoneyText::Waste) => Money::Waste,
            Some(MoneyText::Saving(text)) => Money::Saving(self.expression(&mut checker, text, Wanted::Number).node),
        };
        let message = self.message(&mut checker, &raw.message);
        Read { each, applies_when, fails_when: fails.node, money, message }
    }

    fn subject(&mut self, raw: &RuleText) -> Subject {
        let scope = raw.scope.as_ref().map_or(ScopeText::Resource, |s| s.value);
        match (scope, &raw.resource) {
            (ScopeText::Resource, Some(kind)) => {
                self.known_type(kind);
                Subject::Resource(kind.value.clone())
            }
            (ScopeText::Resource, None) => {
                let help = "write `resource: aws_…`, or `scope: account` or `scope: region`".to_string();
                self.mistake(&raw.id.referenced, "the rule has no resource type", Some(help));
                Subject::Account
            }
            (scope, resource) => {
                if let Some(kind) = resource {
                    let help = "leave `resource` out, and ask with all(\"…\")".to_string();
                    self.mistake(&kind.referenced, "a rule about the account or a region has no resource", Some(help));
                }
                if scope == ScopeText::Account { Subject::Account } else { Subject::Region }
            }
        }
    }

    fn known_type(&mut self, kind: &Spanned<String>) {
        if !schema::is_known_type(&kind.value) {
            let known = schema::provider().types().chain(schema::facts::types());
            let help = schema::nearest(&kind.value, known).map(|k| format!("did you mean `{k}`?"));
            self.mistake(&kind.referenced, format!("no resource type `{}`", kind.value), help);
        }
    }

    fn each(&mut self, checker: &mut Checker<'_>, raw: &EachText) -> Each {
        let list = self.expression(checker, &raw.list, Wanted::List);
        checker.bind(&raw.name.value, list.element);
        let id = self.expression(checker, &raw.id, Wanted::Shown);
        Each { list: list.node, id: id.node }
    }

    fn expression(&mut self, checker: &mut Checker<'_>, source: &Spanned<String>, wanted: Wanted) -> Checked {
        let problems = match expression::parse(&source.value) {
            Ok(expr) => match checker.check(&expr, wanted) {
                Ok(checked) => return checked,
                Err(problems) => problems,
            },
            Err(errors) => errors.into_iter().map(|e| Problem { at: e.at, message: e.message, help: Vec::new() }).collect(),
        };
        for problem in problems {
            let at = self.place_of(source, &problem.at);
            let mut diagnostic = Diagnostic::at(self.file, self.text, at, problem.message);
            diagnostic.help = problem.help;
            self.mistakes.push(diagnostic);
        }
        Checked { node: Node::Null, element: Ty::Any, when_true: Default::default() }
    }

    /// Where characters of a scalar's value stand in the file. Quotes, folding and indentation only add or change white space and
    /// quotes, so both are walked side by side.
    fn place_of(&self, source: &Spanned<String>, at: &Range<usize>) -> Range<usize> {
        let location = &source.referenced;
        let line_start: usize =
            self.text.split_inclusive('\n').take((location.line() as usize).saturating_sub(1)).map(|l| l.chars().count()).sum();
        let start = line_start + (location.column() as usize).saturating_sub(1);
        let file: Vec<char> = self.text.chars().collect();
        let value: Vec<char> = source.value.chars().collect();
        let mut place = start.min(file.len());
        let mut positions = Vec::with_capacity(value.len() + 1);
        // The marks before the value itself: a quote, or `>-` and the rest of the line.
        match file.get(place) {
            Some('"' | '\'') => place += 1,
            Some('>' | '|') => place += file[place..].iter().position(|c| *c == '\n').unwrap_or(0),
            _ => {}
        }
        for c in &value {
            if c.is_whitespace() {
                positions.push(place);
                continue;
            }
            while place < file.len() && file[place] != *c {
                place += 1;
            }
            positions.push(place);
            place += 1;
        }
        positions.push(place);
        let from = positions.get(at.start).copied().unwrap_or(place);
        let to = positions.get(at.end.saturating_sub(1)).map_or(from + 1, |p| p + 1);
        from..to.max(from + 1)
    }

    fn message(&mut self, checker: &mut Checker<'_>, source: &Spanned<String>) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut rest = source.value.as_str();
        let mut at = 0;
        while let Some(open) = rest.find("{{") {
            let before = &rest[..open];
            parts.push(Part::Text(before.to_string()));
            at += before.chars().count() + 2;
            let Some(close) = rest[open..].find("}}") else {
                let place = self.place_of(source, &(at - 2..at));
                self.mistakes.push(Diagnostic::at(self.file, self.text, place, "`{{` is never closed"));
                return parts;
            };
            let inner = &rest[open + 2..open + close];
            let problems = match expression::parse(inner) {
                Ok(expr) => match checker.check(&expr, Wanted::Shown) {
                    Ok(checked) => {
                        parts.push(Part::Value(checked.node));
                        Vec::new()
                    }
                    Err(problems) => problems,
                },
                Err(errors) => errors.into_iter().map(|e| Problem { at: e.at, message: e.message, help: Vec::new() }).collect(),
            };
            for problem in problems {
                let place = self.place_of(source, &(at + problem.at.start..at + problem.at.end));
                let mut diagnostic = Diagnostic::at(self.file, self.text, place, problem.message);
                diagnostic.help = problem.help;
                self.mistakes.push(diagnostic);
            }
            at += inner.chars().count() + 2;
            rest = &rest[open + close + 2..];
        }
        parts.push(Part::Text(rest.to_string()));
        parts
    }

    fn fix(&mut self, raw: &FixText) -> Fix {
        if !DISRUPTIONS.contains(&raw.disruption.value.as_str()) {
            let help = format!("one of {}", DISRUPTIONS.join(", "));
            self.mistake(&raw.disruption.referenced, format!("unknown disruption `{}`", raw.disruption.value), Some(help));
        }
        if let Some(runbook) = &raw.runbook {
            let known: Vec<&str> = RUNBOOKS.files().filter_map(|f| runbook_id(f.path())).collect();
            if !known.contains(&runbook.value.as_str()) {
                let help = did_you_mean(&runbook.value, known.iter().copied()).unwrap_or_else(|| format!("known: {}", known.join(", ")));
                self.mistake(&runbook.referenced, format!("no runbook `{}`", runbook.value), Some(help));
            }
        }
        Fix {
            disruption: raw.disruption.value.clone(),
            summary: raw.summary.value.trim().to_string(),
            terraform: raw.terraform.iter().map(|(k, v)| (k.clone(), v.value.clone())).collect(),
            runbook: raw.runbook.as_ref().map(|r| r.value.clone()),
        }
    }

    fn controls(&mut self, raw: &IndexMap<String, Vec<Spanned<String>>>) -> BTreeMap<String, Vec<String>> {
        for (name, ids) in raw {
            let Some(first) = ids.first() else { continue };
            match self.frameworks.get(name) {
                None => {
                    let help = did_you_mean(name, self.frameworks.names());
                    let help = help.unwrap_or_else(|| format!("known: {}", self.frameworks.names().collect::<Vec<_>>().join(", ")));
                    self.mistake(&first.referenced, format!("no framework `{name}`"), Some(help));
                }
                Some(framework) => {
                    for id in ids.iter().filter(|id| !framework.controls.contains_key(&id.value)) {
                        let help = format!("the controls are listed in rules/frameworks/{name}.yaml");
                        self.mistake(&id.referenced, format!("{name} has no control `{}`", id.value), Some(help));
                    }
                }
            }
        }
        raw.iter().map(|(name, ids)| (name.clone(), ids.iter().map(|i| i.value.clone()).collect())).collect()
    }

    fn examples(&mut self, raw: &Spanned<Vec<Spanned<ExampleText>>>, subject: &Subject, has_each: bool) -> Vec<Example> {
        let mut out: Vec<Example> = Vec::new();
        for text in &raw.value {
            let (expected, case) = match &text.value {
                ExampleText::Fails(case) => (Expected::Fails, case),
                ExampleText::Passes(case) => (Expected::Passes, case),
                ExampleText::Unknown(case) => (Expected::Unknown, case),
                ExampleText::NotApplicable(case) => (Expected::NotApplicable, case),
            };
            for problem in case.problems(subject, has_each) {
                self.mistake(&text.referenced, problem, None);
            }
            out.push(Example { expected, case: case.clone(), line: text.referenced.line() as usize });
        }
        for expected in Expected::ALL {
            if !out.iter().any(|e| e.expected == expected) {
                let help = format!("where none can exist, say why: `- {}: {{ impossible: \"…\" }}`", expected.word());
                self.mistake(&raw.referenced, format!("no test `{}`", expected.word()), Some(help));
            }
        }
        out
    }
}
