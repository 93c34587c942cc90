//! `surveyor run`: scan, audit, generate and report in one go.

use super::config::Config;
use super::generate::{self, Into};
use super::judging::{self, FailOn, Judged};
use super::{End, Talk, print};
#[cfg(feature = "aws")]
use super::{access, many, many::Accounts, scan};
#[cfg(feature = "aws")]
use crate::aws::run::Options;
#[cfg(feature = "aws")]
use crate::aws::session::Access;
use crate::error::Error;
use crate::estate::{Snapshot, State};
use crate::report::terminal;
use crate::terraform::Stats;
use crate::terraform::also::{self, Memory};

/// Arguments of `run`.
#[cfg(feature = "aws")]
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    access: access::Arguments,
    #[command(flatten)]
    into: Into,
    #[command(flatten)]
    judging: judging::Arguments,
    /// Go on where an interrupted run to the same folder stopped.
    #[arg(long)]
    resume: bool,
}

/// Does the whole job on an account.
///
/// # Errors
/// When there is no way into the account, a rule cannot be read, or a result cannot be written.
#[cfg(feature = "aws")]
pub fn run(arguments: &Arguments, json: bool, config: &Config, talk: &Talk) -> Result<End, Error> {
    let mut options = arguments.access.options(config)?;
    options.resume = arguments.resume;
    // Mistakes in rules, templates and states show before the scan, not after it.
    arguments.judging.rule_set(config)?;
    arguments.into.templates(config)?;
    let accounts = arguments.access.many(&options)?;
    // The role of many accounts has no number yet; states lie where we are ourselves.
    let role = if accounts.is_some() { None } else { options.access.role_arn.clone() };
    let here = Access { role_arn: role, ..options.access.clone() };
    let states = arguments.judging.states_by(&|bucket, key| crate::aws::state::fetch(&here, bucket, key))?;
    match accounts {
        Some(accounts) => {
            many::run_all(&Accounts { states, ..accounts }, &options, &arguments.into, &arguments.judging, json, config, talk)
        }
        None => whole(options, states, &arguments.into, &arguments.judging, json, config, talk),
    }
}

/// Scan to the folder, then everything that follows from the snapshot.
///
/// # Errors
/// As [`run`].
#[cfg(feature = "aws")]
pub fn whole(
    options: Options,
    states: Vec<State>,
    into: &Into,
    judging: &judging::Arguments,
    json: bool,
    config: &Config,
    talk: &Talk,
) -> Result<End, Error> {
    let folder = into.folder(config);
    let snapshot = scan::to_account_folder(options, &folder, talk)?;
    results(snapshot, states, into, judging, json, config, talk)
}

/// Everything that follows from a snapshot that lies in its folder already.
///
/// # Errors
/// When a rule cannot be read, or a result cannot be written.
pub fn results(
    snapshot: Snapshot,
    states: Vec<State>,
    into: &Into,
    judging: &judging::Arguments,
    json: bool,
    config: &Config,
    talk: &Talk,
) -> Result<End, Error> {
    let folder = into.folder(config).join(&snapshot.meta.account);
    let (judged, stats) = produce(snapshot, states, into, judging, config)?;
    judged.say_states(talk);
    if json {
        print(&crate::report::json::render(&judged.model))?;
    } else {
        print(&terminal::render(&judged.model, super::style()))?;
    }
    talk.say(&generate::paths(&folder, stats));
    judging.end(&judged, config, FailOn::Never)
}

/// Judges a snapshot and writes everything that follows from it into the account's folder.
///
/// # Errors
/// When a rule cannot be read, or a result cannot be written.
pub fn produce(
    mut snapshot: Snapshot,
    states: Vec<State>,
    into: &Into,
    judging: &judging::Arguments,
    config: &Config,
) -> Result<(Judged, Stats), Error> {
    let folder = into.folder(config).join(&snapshot.meta.account);
    // What `generate --also` brought in stays part of the code.
    let memory = Memory::read(&folder.join(also::FILE))?;
    memory.add_to(&mut snapshot);
    let mut judged = judging.judge(snapshot, states, config, false, Some(&folder.join("findings.json")))?;
    let stats = generate::everything(&mut judged, &folder, into.layout(), &into.templates(config)?, &memory)?;
    Ok((judged, stats))
}
