//! Options of every command that judges, and the judgement itself.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use indexmap::IndexSet;

use super::Talk;
use super::config::Config;
use crate::cost::PriceBook;
use crate::error::Error;
use crate::estate::environment::Corrections;
use crate::estate::{Estate, Options, Snapshot, State};
use crate::files;
use crate::report::Model;
use crate::report::escape::terminal;
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
    /// A Terraform state, or the output of `terraform show -json`; several are possible. What it manages is left to it.
    #[arg(long, value_name = "FILE|s3://BUCKET/KEY")]
    state: Vec<String>,
    /// Exit with 1 when there is a finding of this severity or worse.
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Exit with 3 when anything could not be seen.
    #[arg(long)]
    pub strict: bool,
}

/// Reads an object of S3 by bucket and key.
pub type Fetch<'a> = &'a dyn Fn(&str, &str) -> Result<Vec<u8>, Error>;

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

impl Judged {
    /// Says what came of each Terraform state.
    pub fn say_states(&self, talk: &Talk) {
        for state in self.estate.states() {
            talk.say(&format!("state {}: {}", terminal(&state.name), state.sentence()));
        }
    }
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

    /// The states that were named; those in S3 are read with the credentials that the configuration or the environment gives.
    ///
    /// # Errors
    /// When one cannot be read, or is none.
    pub fn states(&self, config: &Config) -> Result<Vec<State>, Error> {
        #[cfg(feature = "aws")]
        let fetch = |bucket: &str, key: &str| {
            let access = super::access::Arguments::default().options(config)?.access;
            crate::aws::state::fetch(&access, bucket, key)
        };
        #[cfg(not(feature = "aws"))]
        let fetch = |_: &str, _: &str| {
            let _ = config;
            Err(Error::usage("this surveyor was built without AWS and cannot read from S3").hint("give the state as a file"))
        };
        self.states_by(&fetch)
    }

    /// As [`Arguments::states`]; `fetch` reads what is in S3.
    ///
    /// # Errors
    /// See [`Arguments::states`].
    pub fn states_by(&self, fetch: Fetch) -> Result<Vec<State>, Error> {
        let names: IndexSet<&String> = self.state.iter().collect();
        let read = |name: &String| {
            let bytes = match name.strip_prefix("s3://") {
                None => files::read(Path::new(name))?,
                Some(place) => match place.split_once('/') {
                    Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => fetch(bucket, key)?,
                    _ => return Err(Error::usage(format!("{name}: an object in S3 is named s3://BUCKET/KEY"))),
                },
            };
            State::parse(&bytes, name)
        };
        names.into_iter().map(read).collect()
    }

    /// Relates and judges a snapshot. `states` hold what others manage; `previous` is an earlier findings file, for when a finding was first seen.
    ///
    /// # Errors
    /// When rules, suppressions or environments cannot be read.
    pub fn judge(
        &self,
        snapshot: Snapshot,
        states: Vec<State>,
        config: &Config,
        all: bool,
        previous: Option<&Path>,
    ) -> Result<Judged, Error> {
        let rules = self.rule_set(config)?;
        let suppressions = match given_or(self.suppressions.as_ref(), config.suppressions.as_ref(), "suppressions.yaml") {
            Some(path) => suppression::read(&path)?,
            None => Vec::new(),
        };
        let corrections = match given_or(self.environments.as_ref(), config.environments.as_ref(), "environments.yaml") {
            Some(path) => Corrections::read(&path)?,
            None => Corrections::default(),
        };
        let estate = Estate::with(snapshot, &Options { environments: corrections, states });
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
        let gaps = judged.estate.snapshot().ledger.iter().any(|e| e.outcome.is_gap());
        Ok(if self.strict && gaps { super::End::Incomplete } else { super::End::Clean })
    }
}
