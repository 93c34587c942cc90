//! Frameworks: control numbers with titles of our own, one file per version, and what an audit says about each control.

use std::collections::{BTreeMap, BTreeSet};

use include_dir::{Dir, include_dir};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::error::Error;

use super::file::RuleSet;
use super::finding::{Findings, Verdict};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules/frameworks");

/// One framework in one version.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// As people call it.
    pub title: String,
    /// Where the numbers come from.
    pub source: String,
    /// Our own short title by control number, in the framework's order; null where the number must do.
    pub controls: IndexMap<String, Option<String>>,
}

/// All frameworks.
#[derive(Debug, Clone)]
pub struct Frameworks(BTreeMap<String, Framework>);

impl Frameworks {
    /// The embedded ones.
    ///
    /// # Errors
    /// [`Error::input`] when a file is broken, which a test excludes for the embedded ones.
    pub fn embedded() -> Result<Frameworks, Error> {
        let mut all = BTreeMap::new();
        for file in FILES.files().filter(|f| f.path().extension().is_some_and(|e| e == "yaml")) {
            let name = file.path().file_stem().and_then(|s| s.to_str()).unwrap_or_default().to_string();
            let framework = serde_saphyr::from_str::<Framework>(file.contents_utf8().unwrap_or_default())
                .map_err(|e| Error::input(format!("rules/frameworks/{name}.yaml: {e}")))?;
            all.insert(name, framework);
        }
        Ok(Frameworks(all))
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Option<&Framework> {
        self.0.get(name)
    }

    /// Their names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// What is known about one control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// At least one finding fails.
    Fail,
    /// None fails, and something was not read.
    Unknown,
    /// Every rule of it passes or was accepted.
    Pass,
    /// No rule of it applies to anything here.
    NotApplicable,
    /// No rule speaks of it.
    NotCovered,
}

/// One control with what the audit says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ControlResult {
    /// Number in the framework.
    pub control: String,
    /// Our own title; empty where the number must do.
    pub title: String,
    /// The answer.
    pub status: Status,
    /// Rules that speak of it.
    pub rules: Vec<String>,
    /// Ids of the findings behind the answer: the failing ones, else the unknown or suppressed ones.
    pub findings: Vec<String>,
}

/// What an audit says about each control of a framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FrameworkReport {
    /// `cis-5.0`
    pub framework: String,
    /// As people call it.
    pub title: String,
    /// In the framework's order.
    pub controls: Vec<ControlResult>,
}

impl FrameworkReport {
    /// How many controls have each status.
    pub fn counts(&self) -> BTreeMap<Status, usize> {
        let mut counts = BTreeMap::new();
        for control in &self.controls {
            *counts.entry(control.status).or_default() += 1;
        }
        counts
    }
}

/// Judges the controls of a framework by the findings.
///
/// # Errors
/// [`Error::usage`] for a framework that is not known.
pub fn framework_report(rules: &RuleSet, findings: &Findings, name: &str) -> Result<FrameworkReport, Error> {
    let framework = rules.frameworks.get(name).ok_or_else(|| {
        let known: Vec<&str> = rules.frameworks.names().collect();
        Error::usage(format!("no framework `{name}`")).hint(format!("known: {}", known.join(", ")))
    })?;
    let mut controls = Vec::new();
    for (control, title) in &framework.controls {
        let speaks: Vec<&str> =
            rules.rules.iter().filter(|r| r.controls.get(name).is_some_and(|ids| ids.contains(control))).map(|r| r.id.as_str()).collect();
        let of = |verdict: Verdict| -> Vec<String> {
            findings.findings.iter().filter(|f| f.verdict == verdict && speaks.contains(&f.rule.as_str())).map(|f| f.id.clone()).collect()
        };
        let (failing, unknown, accepted) = (of(Verdict::Fail), of(Verdict::Unknown), of(Verdict::Suppressed));
        let unanswered = speaks.iter().any(|r| findings.summary.unanswered_rules.contains_key(*r));
        let passed: BTreeSet<&str> = findings.summary.passing_rules.iter().map(String::as_str).collect();
        let (status, evidence) = if speaks.is_empty() {
            (Status::NotCovered, Vec::new())
        } else if !failing.is_empty() {
            (Status::Fail, failing)
        } else if !unknown.is_empty() || unanswered {
            (Status::Unknown, unknown)
        } else if !accepted.is_empty() || speaks.iter().any(|r| passed.contains(r)) {
            (Status::Pass, accepted)
        } else {
            (Status::NotApplicable, Vec::new())
        };
        controls.push(ControlResult {
            control: control.clone(),
            title: title.clone().unwrap_or_default(),
            status,
            rules: speaks.into_iter().map(String::from).collect(),
            findings: evidence,
        });
    }
    Ok(FrameworkReport { framework: name.into(), title: framework.title.clone(), controls })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_frameworks_are_sound() {
        let all = Frameworks::embedded().unwrap();
        let names: Vec<&str> = all.names().collect();
        for wanted in [
            "cis-1.5",
            "cis-3.0",
            "cis-4.0",
            "cis-5.0",
            "cis-6.0",
            "cis-7.0",
            "fsbp",
            "pci-4.0",
            "soc2",
            "nist-800-53-r5",
            "iso-27001-2022",
            "hipaa",
        ] {
            assert!(names.contains(&wanted), "{wanted} of {names:?}");
            assert!(!all.get(wanted).unwrap().controls.is_empty());
        }
    }
}
