//! Many accounts in one run: a bounded number at a time, each for itself, so that one that cannot be read stops none of the others.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::generate::Into;
use super::run::produce;
use super::scan::read_to;
use super::{End, Talk, access, config::Config, judging, print};
use crate::aws::accounts::Member;
use crate::aws::run::{Event, Options, journal_path, now};
use crate::error::Error;
use crate::estate::{Snapshot, State};
use crate::files;
use crate::report::escape::terminal as plain;
use crate::report::fleet::{self, Fleet, Summary};

/// The folder of results where none is named.
pub const FOLDER: &str = "out";

/// Says when the run began, while it goes on.
const BEGUN: &str = ".surveyor-run";

/// Accounts to read, and how.
pub struct Accounts {
    /// Which.
    pub members: Vec<Member>,
    /// How many at a time.
    pub at_once: usize,
    /// The account whose credentials we hold without a role.
    pub own: String,
    /// Terraform states that manage part of them.
    pub states: Vec<State>,
}

/// Something of each account.
type Of<'a, T> = Vec<(&'a Member, T)>;

/// Why an account gave no result.
enum Failed {
    /// It could not be read, or its results could not be written.
    Error(Error),
    /// The user stopped the run before its end.
    Interrupted,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed::Error(error)
    }
}

impl Accounts {
    /// Does `work` for every account, at most `at_once` at a time. What it answers comes in no particular order.
    fn each<T: Send>(&self, options: &Options, work: impl Fn(&Member, Options) -> Result<T, Failed> + Sync) -> Of<'_, Result<T, Failed>> {
        let next = AtomicUsize::new(0);
        let stopped = AtomicBool::new(false);
        let done = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..self.at_once.clamp(1, self.members.len().max(1)) {
                scope.spawn(|| {
                    while let Some(member) = self.members.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let result = if stopped.load(Ordering::Relaxed) {
                            Err(Failed::Interrupted)
                        } else {
                            work(member, self.options_of(member, options))
                        };
                        if matches!(result, Err(Failed::Interrupted)) {
                            stopped.store(true, Ordering::Relaxed);
                        }
                        done.lock().unwrap_or_else(PoisonError::into_inner).push((member, result));
                    }
                });
            }
        });
        done.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The options of one account: its own role, or none for the account we are in.
    fn options_of(&self, member: &Member, options: &Options) -> Options {
        let mut own = options.clone();
        own.expect = Some(member.id.clone());
        if member.id == self.own {
            own.access.role_arn = None;
            own.access.external_id = None;
        } else {
            own.access.role_arn = own.access.role_arn.map(|pattern| pattern.replace(access::PLACEHOLDER, &member.id));
        }
        own
    }
}

/// Scans one account to its place. Several may do so at the same time, so every line names its account.
fn snapshot_of(member: &Member, mut options: Options, out: &Path, begun: Option<&str>, talk: &Talk) -> Result<Snapshot, Failed> {
    let on = |event: Event| match event {
        Event::Identified { account, caller } => talk.say(&format!("{account}: reading as {caller}")),
        Event::Planned { regions, .. } => talk.say(&format!("{}: {}", member.id, regions.join(", "))),
        Event::Warning(text) => talk.warn(&format!("{}: {text}", member.id)),
        Event::Looking { .. } | Event::Finished { .. } => {}
    };
    if options.resume && !journal_path(out).exists() {
        // Nothing of it was left half done: either this run has read it already, or it begins now.
        options.resume = false;
        if let Some(snapshot) = begun.and_then(|at| Snapshot::read(out).ok().filter(|s| s.meta.taken_at.as_str() >= at)) {
            return Ok(snapshot);
        }
    }
    let snapshot = read_to(options, out, &on)?;
    if snapshot.meta.interrupted { Err(Failed::Interrupted) } else { Ok(snapshot) }
}

/// When the run began that is going on in a folder: what `--resume` takes as read must be of that run. The mark goes when the run has
/// come to its end.
struct Begun<'a> {
    folder: &'a Path,
    at: Option<String>,
}

impl<'a> Begun<'a> {
    fn new(folder: &'a Path, resume: bool) -> Result<Self, Error> {
        let place = folder.join(BEGUN);
        let at = if resume { files::read_text(&place).ok().map(|t| t.trim().to_owned()) } else { None };
        if at.is_none() {
            files::write(&place, now().as_bytes())?;
        }
        Ok(Begun { folder, at })
    }

    fn end(self) {
        let _ = std::fs::remove_file(self.folder.join(BEGUN));
    }
}

/// Tells how many were read and why others were not; a run that was stopped, or that could read none of them, is an error.
fn tell(failed: &[(&Member, Failed)], of: usize, talk: &Talk) -> Result<(), Error> {
    let mut first = None;
    for (member, failure) in failed {
        match failure {
            Failed::Interrupted => {
                return Err(Error::access("interrupted: what was read until then is kept")
                    .hint("run the same command with --resume to read the rest"));
            }
            Failed::Error(error) => {
                talk.warn(&format!("{} was not read: {}", member.id, error.message));
                first = first.or(Some(error));
            }
        }
    }
    match first {
        Some(error) if failed.len() == of => {
            let mut error = error.clone();
            error.message = format!("none of the {of} accounts could be read; the first: {}", error.message);
            Err(error)
        }
        _ => Ok(()),
    }
}

fn part<T>(all: Of<'_, Result<T, Failed>>) -> (Of<'_, T>, Of<'_, Failed>) {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (member, result) in all {
        match result {
            Ok(value) => done.push((member, value)),
            Err(failure) => failed.push((member, failure)),
        }
    }
    done.sort_by(|a, b| a.0.cmp(b.0));
    failed.sort_by(|a, b| a.0.cmp(b.0));
    (done, failed)
}

/// `scan` of many accounts: `<folder>/<account>/snapshot.json.zst` of each.
///
/// # Errors
/// When none could be read, or the run was stopped.
pub fn scan_all(accounts: &Accounts, options: &Options, folder: &Path, strict: bool, json: bool, talk: &Talk) -> Result<End, Error> {
    let begun = Begun::new(folder, options.resume)?;
    let all = accounts.each(options, |member, options| {
        let out = folder.join(&member.id).join("snapshot.json.zst");
        let snapshot = snapshot_of(member, options, &out, begun.at.as_deref(), talk)?;
        let gaps = snapshot.ledger.iter().filter(|e| e.outcome.is_gap()).count();
        talk.say(&format!("{}: {} resources → {}", member.id, snapshot.resources.len(), out.display()));
        Ok((snapshot.resources.len(), gaps))
    });
    let (done, failed) = part(all);
    if json {
        let read = done.iter().map(|(m, (resources, gaps))| serde_json::json!({ "account": m.id, "resources": resources, "gaps": gaps }));
        let unread = failed.iter().filter_map(|(m, f)| match f {
            Failed::Error(error) => Some(serde_json::json!({ "account": m.id, "failure": error.message })),
            Failed::Interrupted => None,
        });
        print(&format!("{:#}\n", serde_json::Value::from_iter(read.chain(unread))))?;
    }
    tell(&failed, accounts.members.len(), talk)?;
    begun.end();
    let gaps = !failed.is_empty() || done.iter().any(|(_, (_, gaps))| *gaps > 0);
    Ok(if gaps && strict { End::Incomplete } else { End::Clean })
}

/// `run` over many accounts: everything of each in its own folder, and one report over all.
///
/// # Errors
/// When none could be read, the run was stopped, or a result cannot be written.
pub fn run_all(
    accounts: &Accounts,
    options: &Options,
    into: &Into,
    judging: &judging::Arguments,
    json: bool,
    config: &Config,
    talk: &Talk,
) -> Result<End, Error> {
    let folder = into.folder(config);
    let begun = Begun::new(&folder, options.resume)?;
    let all = accounts.each(options, |member, options| {
        let own = folder.join(&member.id);
        let snapshot = snapshot_of(member, options, &own.join("snapshot.json.zst"), begun.at.as_deref(), talk)?;
        // From here on only the summary is kept: an account's memory is free before the next one begins.
        let (judged, stats) = produce(snapshot, accounts.states.clone(), into, judging, config)?;
        for state in judged.estate.states() {
            talk.say(&format!("{}: state {}: {}", member.id, plain(&state.name), state.sentence()));
        }
        talk.say(&format!("{}: {} resources in code → {}", member.id, stats.resources, own.display()));
        Ok((Summary::of(&judged.model), judging.end(&judged, config, judging::FailOn::Never)?))
    });
    let (done, failed) = part(all);
    let mut report = Fleet::default();
    let mut ends = BTreeSet::new();
    for (member, (summary, end)) in done {
        report.read(&member.id, member.name.as_deref(), summary);
        ends.insert(end);
    }
    for (member, failure) in &failed {
        match failure {
            Failed::Error(error) => report.failed(&member.id, member.name.as_deref(), &error.message, &error.hints),
            Failed::Interrupted => report.failed(&member.id, member.name.as_deref(), "the run was stopped before it was read", &[]),
        }
    }
    report.normalise();
    for (name, text) in
        [("accounts.json", fleet::json(&report)), ("report.md", fleet::markdown(&report)), ("report.html", fleet::html(&report))]
    {
        files::write(&folder.join(name), text.as_bytes())?;
    }
    print(&if json { fleet::json(&report) } else { fleet::terminal(&report, super::style()) })?;
    tell(&failed, accounts.members.len(), talk)?;
    begun.end();
    talk.say(&format!("report      {}", folder.join("report.html").display()));
    Ok(if ends.contains(&End::Complaint) {
        End::Complaint
    } else if judging.strict && (!failed.is_empty() || ends.contains(&End::Incomplete)) {
        End::Incomplete
    } else {
        End::Clean
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::session::Access;

    fn accounts(n: usize, at_once: usize) -> Accounts {
        let members = (1..=n).map(|i| Member { id: format!("{i:012}"), name: None }).collect();
        Accounts { members, at_once, own: format!("{:012}", 1), states: Vec::new() }
    }

    fn options() -> Options {
        let access =
            Access { role_arn: Some("arn:aws:iam::{account}:role/Survey".into()), external_id: Some("x".into()), ..Access::default() };
        Options { access, ..Options::default() }
    }

    #[test]
    fn every_account_is_done_once_and_no_more_at_once_than_allowed() {
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let all = accounts(20, 3);
        let (done, failed) = part(all.each(&options(), |member, options| {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(std::time::Duration::from_millis(2));
            running.fetch_sub(1, Ordering::SeqCst);
            if member.id.ends_with("07") { Err(Error::access("denied").into()) } else { Ok(options.access.role_arn) }
        }));
        assert_eq!((done.len(), failed.len()), (19, 1));
        assert!(most.load(Ordering::SeqCst) <= 3);
        assert_eq!(done[0].1, None, "in our own account no role is assumed");
        assert_eq!(done[1].1.as_deref(), Some("arn:aws:iam::000000000002:role/Survey"));
        assert!(tell(&failed, 20, &Talk::new(true)).is_ok());
    }

    #[test]
    fn what_is_stopped_begins_no_further_account_and_all_denied_is_an_error() {
        let all = accounts(5, 1);
        let begun = AtomicUsize::new(0);
        let (_, failed) = part(all.each(&options(), |_, _| -> Result<(), Failed> {
            begun.fetch_add(1, Ordering::SeqCst);
            Err(Failed::Interrupted)
        }));
        assert_eq!((begun.load(Ordering::SeqCst), failed.len()), (1, 5));
        assert!(tell(&failed, 5, &Talk::new(true)).unwrap_err().message.starts_with("interrupted"));
        let (_, failed) = part(all.each(&options(), |_, _| -> Result<(), Failed> { Err(Error::access("denied").into()) }));
        assert!(tell(&failed, 5, &Talk::new(true)).unwrap_err().message.contains("none of the 5 accounts"));
    }
}
