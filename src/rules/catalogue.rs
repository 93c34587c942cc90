//! The rules for people: listing them, showing one, running their own tests.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use crate::error::Error;

use super::check::Subject;
use super::example::Expected;
use super::file::{Money, Rule, RuleSet};
use super::finding::{Category, Severity};
use super::judge::name_of;
use super::meta::{self, MetaRule};

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Entry {
    /// Rule id.
    pub id: String,
    /// How bad.
    pub severity: Severity,
    /// What kind of matter.
    pub category: Category,
    /// Resource type, `account`, `region`, or `survey` for rules about the survey itself.
    pub about: String,
    /// What is wrong.
    pub title: String,
}

/// All rules, sorted by id.
pub fn list(rules: &RuleSet) -> Vec<Entry> {
    let mut out: Vec<Entry> = rules
        .rules
        .iter()
        .map(|r| Entry {
            id: r.id.clone(),
            severity: r.severity,
            category: r.category,
            about: std::iter::once(r).chain(&r.also).map(|r| about(&r.subject)).collect::<Vec<_>>().join(", "),
            title: r.title.clone(),
        })
        .chain(meta::RULES.iter().map(|m| Entry {
            id: m.id.into(),
            severity: m.severity,
            category: m.category,
            about: "survey".into(),
            title: m.title.into(),
        }))
        .collect();
    out.sort();
    out
}

fn about(subject: &Subject) -> &str {
    match subject {
        Subject::Resource(kind) => kind,
        Subject::Account => "account",
        Subject::Region => "region",
    }
}

/// Everything about one rule, as text.
///
/// # Errors
/// [`Error::usage`] with the nearest id when there is none of that name.
pub fn show(rules: &RuleSet, id: &str) -> Result<String, Error> {
    match meta::RULES.iter().find(|m| m.id == id) {
        Some(rule) => Ok(show_meta(rule)),
        None => rules.find(id).map(show_rule),
    }
}

fn heading(out: &mut String, id: &str, title: &str, severity: Severity, category: Category, about: &str) {
    let _ = writeln!(out, "{id}: {title}");
    let _ = writeln!(out, "{}, {}, about {about}\n", name_of(severity), super::judge::category_name(category));
}

fn show_meta(rule: &MetaRule) -> String {
    let mut out = String::new();
    heading(&mut out, rule.id, rule.title, rule.severity, rule.category, "the survey itself");
    let _ = writeln!(out, "Why\n  {}\n\nFix\n  {}", rule.why, rule.fix);
    out
}

fn show_rule(rule: &Rule) -> String {
    let mut out = String::new();
    let subject = match &rule.subject {
        Subject::Resource(kind) => {
            let kinds: Vec<&str> = std::iter::once(kind.as_str()).chain(rule.also.iter().map(|r| about(&r.subject))).collect();
            format!("every {}", kinds.join(" and every "))
        }
        Subject::Account => "the account".into(),
        Subject::Region => "every region".into(),
    };
    heading(&mut out, &rule.id, &rule.title, rule.severity, rule.category, &subject);
    if let Some(applies) = &rule.source.0 {
        let _ = writeln!(out, "Applies when\n  {}\n", applies.trim());
    }
    let _ = writeln!(out, "Fails when\n  {}\n", rule.source.1.trim());
    let _ = writeln!(out, "Why\n  {}\n", rule.why);
    let _ = writeln!(out, "Fix (disruption: {})\n  {}", rule.fix.disruption, rule.fix.summary);
    for (argument, value) in &rule.fix.terraform {
        let _ = writeln!(out, "  {argument} = {value}");
    }
    if let Some(runbook) = &rule.fix.runbook {
        let _ = writeln!(out, "  runbook: {runbook}");
    }
    match rule.money {
        Money::None => {}
        Money::Waste => out.push_str("\nMoney\n  all that the resource costs per month\n"),
        Money::Saving(_) => out.push_str("\nMoney\n  a saving per month, reckoned from the price book\n"),
    }
    if !rule.controls.is_empty() {
        out.push_str("\nControls\n");
        for (framework, ids) in &rule.controls {
            let _ = writeln!(out, "  {framework}: {}", ids.join(", "));
        }
    }
    let kinds: BTreeSet<&str> = rule.examples.iter().filter(|e| !e.is_impossible()).map(|e| e.expected.word()).collect();
    let _ = writeln!(out, "\nTests: {} ({})", rule.examples.len(), kinds.into_iter().collect::<Vec<_>>().join(", "));
    let _ = writeln!(out, "File: {}:{}", rule.file, rule.line);
    out
}

/// What the rules' own tests say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestReport {
    /// Rules tested.
    pub rules: usize,
    /// Tests run.
    pub run: usize,
    /// Kinds of test that cannot exist, with the reason given in the rule.
    pub impossible: usize,
    /// One line per wrong answer: place, rule, what it answered.
    pub wrong: Vec<String>,
}

impl TestReport {
    /// For the terminal.
    pub fn render(&self) -> String {
        let mut out = String::new();
        for line in &self.wrong {
            let _ = writeln!(out, "{line}");
        }
        let _ = writeln!(
            out,
            "{} rules, {} tests run, {} wrong, {} impossible with a reason",
            self.rules,
            self.run,
            self.wrong.len(),
            self.impossible
        );
        out
    }
}

/// Runs every rule on its own examples. That every rule has the four kinds is checked when it is loaded.
pub fn test(rules: &RuleSet) -> TestReport {
    let mut report = TestReport { rules: rules.rules.len(), ..TestReport::default() };
    for rule in &rules.rules {
        for example in &rule.examples {
            if example.is_impossible() {
                report.impossible += 1;
                continue;
            }
            report.run += 1;
            if let Err(problem) = example.run(rule) {
                report.wrong.push(format!("{}:{}: {}: {problem}", rule.file, example.line, rule.id));
            }
        }
        debug_assert!(Expected::ALL.iter().all(|kind| rule.examples.iter().any(|e| e.expected == *kind)));
    }
    report
}
