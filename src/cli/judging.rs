//! Options of every command that judges, and the judgement itself.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::config::Config;
use crate::cost::PriceBook;
use crate::error::Error;
use crate::estate::environment::Corrections;
use crate::estate::{Estate, Options, Outcome, Snapshot};
use crate::files;
use crate::report::Model;
use crate::rules::{Findings, JudgeOptions, RuleSet, Severity, Verdict, framework_report, judge, suppression};

/// From which severity on a finding makes the command exit with 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Critical findings.
    Critical,
    /// High and critical findings.
    High,
    /// Medium and above.
    Medium,
    /// Low and above.
    Low,
    /// Any finding.
    Info,
    /// Findings never change the exit code.
    Never,
}

/// How to judge.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Judgement")]
#[group(skip)]
pub struct Arguments {
    /// Folder with rules of your own, beside the built-in ones; several are possible.
    #[arg(long, value_name = "DIR")]
    rules: Vec<PathBuf>,
    /// Findings that were accepted: rule, resource, reason, owner, expiry. Default: suppressions.yaml if there is one.
    #[arg(long, value_name = "FILE")]
    suppressions: Option<PathBuf>,
    /// Which resources belong to which environment, where names and tags mislead. Default: environments.yaml if there is one.
    #[arg(long, value_name = "FILE")]
    environments: Option<PathBuf>,
    /// Exit with 1 when there is a finding of this severity or worse.
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Exit with 3 when anything could not be seen.
    #[arg(long)]
    pub strict: bool,
}

/// A judged estate.
pub struct Judged {
    /// The estate.
    pub estate: Estate,
    /// What the rules said.
    pub findings: Findings,
    /// The rules.
    pub rules: RuleSet,
    /// For every report.
    pub model: Model,
}

/// Frameworks that every report shows; `surveyor report --framework` shows any other.
const FRAMEWORKS: [&str; 2] = ["cis-5.0", "fsbp"];

/// The file given, else the default one if it exists.
fn given_or(given: Option<&PathBuf>, configured: Option<&PathBuf>, default: &str) -> Option<PathBuf> {
    given.or(configured).cloned().or_else(|| Some(PathBuf::from(default)).filter(|p| p.is_file()))
}

impl Arguments {
    /// The rules, embedded and the user's.
    ///
    /// # Errors
    /// Every mistake in every rule file, with its place.
    pub fn rule_set(&self, config: &Config) -> Result<RuleSet, Error> {
        let folders: Vec<PathBuf> = config.rules.iter().chain(&self.rules).cloned().collect();
        RuleSet::load(&folders)
    }

    /// Relates and judges a snapshot. `previous` is an earlier findings file, for when a finding was first seen.
    ///
    /// # Errors
    /// When rules, suppressions or environments cannot be read.
    pub fn judge(&self, snapshot: Snapshot, config: &Config, all: bool, previous: Option<&Path>) -> Result<Judged, Error> {
        let rules = self.rule_set(config)?;
        let suppressions = match given_or(self.suppressions.as_ref(), config.suppressions.as_ref(), "suppressions.yaml") {
            Some(path) => suppression::read(&path)?,
            None => Vec::new(),
        };
        let corrections = match given_or(self.environments.as_ref(), config.environments.as_ref(), "environments.yaml") {
            Some(path) => Corrections::read(&path)?,
            None => Corrections::default(),
        };
        let estate = Estate::with(snapshot, &Options { environments: corrections });
        // An earlier file that cannot be read any more only costs the dates in it.
        let previous = previous.filter(|p| p.is_file()).and_then(|p| serde_json::from_slice(&files::read(p).ok()?).ok());
        let findings = judge(&estate, &rules, PriceBook::embedded(), &JudgeOptions { suppressions, all, previous });
        let frameworks = FRAMEWORKS.into_iter().map(|name| framework_report(&rules, &findings, name)).collect::<Result<_, _>>()?;
        let model = Model::new(&estate, &findings, PriceBook::embedded()).with_frameworks(frameworks);
        Ok(Judged { estate, findings, rules, model })
    }

    /// What the command ends with. `default` stands where neither option nor configuration says from when on to complain.
    ///
    /// # Errors
    /// When the configuration names no severity.
    pub fn end(&self, judged: &Judged, config: &Config, default: FailOn) -> Result<super::End, Error> {
        let configured = match &config.fail_on {
            Some(word) => Some(FailOn::from_str(word, true).map_err(|_| {
                Error::input(format!("fail_on: `{word}` is no severity")).hint("critical, high, medium, low, info or never")
            })?),
            None => None,
        };
        let from = match self.fail_on.or(configured).unwrap_or(default) {
            FailOn::Critical => Some(Severity::Critical),
            FailOn::High => Some(Severity::High),
            FailOn::Medium => Some(Severity::Medium),
            FailOn::Low => Some(Severity::Low),
            FailOn::Info => Some(Severity::Info),
            FailOn::Never => None,
        };
        if from.is_some_and(|from| judged.findings.findings.iter().any(|f| f.verdict == Verdict::Fail && f.severity <= from)) {
            return Ok(super::End::Complaint);
        }
        let gaps = judged.estate.snapshot().ledger.iter().any(|e| !e.outcome.is_complete() && e.outcome != Outcome::Capped);
        Ok(if self.strict && gaps { super::End::Incomplete } else { super::End::Clean })
    }
}
