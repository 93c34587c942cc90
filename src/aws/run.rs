//! A whole scan: who we are, which regions, every collector, the journal that lets an interrupted one go on.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde::{Deserialize, Serialize};

use super::COLLECTORS;
use super::accounts;
use super::call::ledger_entry;
use super::collector::{Call, Collector, Scope, detail};
use super::regions;
use super::scan::Scan;
use super::seen;
use super::session::{Access, Session};
use super::tags::{self, BulkTags};
use crate::error::Error;
use crate::estate::resource::GLOBAL;
use crate::estate::snapshot::{PROVIDER_VERSION, SCHEMA_VERSION};
use crate::estate::{LedgerEntry, Meta, Outcome, Resource, Snapshot};
use crate::files;

/// Who are we.
const IDENTITY: Call = detail("sts:GetCallerIdentity");

/// Calls that a run itself makes, beside the collectors'.
pub fn calls() -> impl Iterator<Item = &'static Call> {
    [&IDENTITY, &tags::CALL].into_iter().chain(regions::CALLS).chain(seen::CALLS).chain(accounts::CALLS)
}

/// What to scan.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How to reach the account.
    pub access: Access,
    /// Regions to read in full; `all`: every enabled one; empty: every enabled one that holds anything (see [`regions`]).
    pub regions: Vec<String>,
    /// Only these services (prefixes as in the ledger); empty: all.
    pub services: Vec<String>,
    /// Not these services.
    pub exclude: Vec<String>,
    /// Ask Cost Explorer for the bill of the last full month: a cent a request.
    pub cost_explorer: bool,
    /// The account that must answer; `None`: any.
    pub expect: Option<String>,
    /// Where the journal of an unfinished scan is kept.
    pub journal: Option<PathBuf>,
    /// Go on from that journal.
    pub resume: bool,
    /// The time to stamp, RFC 3339. `None`: now.
    pub taken_at: Option<String>,
}

/// What happens during a scan, for whoever shows progress.
#[derive(Debug, Clone)]
pub enum Event {
    /// The account answered.
    Identified { account: String, caller: String },
    /// So many regions get a quick look.
    Looking { regions: usize },
    /// So many tasks lie ahead.
    Planned { tasks: usize, regions: Vec<String> },
    /// A collector finished in a region.
    Finished { collector: String, region: String, resources: usize, gaps: usize },
    /// Something the user should know.
    Warning(String),
}

/// One finished task in the journal.
#[derive(Debug, Serialize, Deserialize)]
struct Done {
    account: String,
    collector: String,
    region: String,
    resources: Vec<Resource>,
    ledger: Vec<LedgerEntry>,
}

/// The journal's path for a snapshot path.
#[must_use]
pub fn journal_path(snapshot: &Path) -> PathBuf {
    let mut name = snapshot.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}

/// Scans the account. One denied or failing call never ends it; Ctrl-C ends it early with what was read.
///
/// # Errors
/// [`Error`] when there is no way in at all: no credentials, no endpoint, an unknown region, a broken journal.
pub async fn scan(options: &Options, on: &dyn Fn(Event)) -> Result<Snapshot, Error> {
    check_services(options)?;
    let started = options.taken_at.clone().unwrap_or_else(now);
    let session = Session::open(&options.access).await?;
    if let Some(expected) = options.expect.as_ref().filter(|e| **e != session.account) {
        return Err(Error::access(format!("account {} answers where {expected} was meant", session.account)).hint("check --role-arn"));
    }
    on(Event::Identified { account: session.account.clone(), caller: session.caller.clone() });
    let regional = COLLECTORS.iter().any(|c| wanted(options, c) && c.scope != Scope::Global);
    let regions::Regions { read: regions, others: other_regions, elsewhere, mut ledger } =
        regions::choose(&session, &options.regions, regional, on).await?;

    let mut done = match (&options.journal, options.resume) {
        (Some(path), true) => read_journal(path, &session.account)?,
        _ => Vec::new(),
    };
    let finished: BTreeSet<(String, String)> = done.iter().map(|d| (d.collector.clone(), d.region.clone())).collect();
    let mut journal = open_journal(options, on);

    let tags = BulkTags::default();
    let tasks = plan(options, &session, &regions);
    let open: Vec<_> = tasks.into_iter().filter(|(c, r)| !finished.contains(&(c.name(), r.clone()))).collect();
    on(Event::Planned { tasks: open.len(), regions: regions.clone() });

    let mut interrupted = false;
    {
        let scans: Vec<Scan<'_>> = open.iter().map(|(c, region)| Scan::new(&session, c, region, &regions, &tags)).collect();
        let mut waiting: Vec<bool> = vec![true; scans.len()];
        {
            let mut running: FuturesUnordered<_> = scans
                .iter()
                .enumerate()
                .map(|(i, scan)| async move {
                    (scan.collector.collect)(scan).await;
                    i
                })
                .collect();
            let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
            loop {
                tokio::select! {
                    next = running.next() => match next {
                        Some(i) => {
                            waiting[i] = false;
                            let scan = &scans[i];
                            let (resources, entries) = scan.seen();
                            on(Event::Finished {
                                collector: scan.collector.name(),
                                region: scan.region.clone(),
                                resources: resources.len(),
                                gaps: entries.iter().filter(|e| !e.outcome.is_complete()).count(),
                            });
                            if let Some(file) = &mut journal {
                                let line = Done { account: session.account.clone(), collector: scan.collector.name(), region: scan.region.clone(), resources, ledger: entries };
                                if let Err(e) = append(file, &line) {
                                    on(Event::Warning(format!("cannot keep the journal: {e}; this scan cannot be resumed")));
                                    journal = None;
                                }
                            }
                        }
                        None => break,
                    },
                    _ = &mut stop => {
                        interrupted = true;
                        break;
                    }
                }
            }
        }
        for (scan, open) in scans.into_iter().zip(waiting) {
            let (collector, region) = (scan.collector.name(), scan.region.clone());
            let (resources, ledger) = if open { scan.abandon("the scan was interrupted") } else { scan.finish() };
            done.push(Done { account: session.account.clone(), collector, region, resources, ledger });
        }
    }
    ledger.extend(excluded(options, &session, &regions));
    let mut resources = Vec::new();
    for task in done {
        resources.extend(task.resources);
        ledger.extend(task.ledger);
    }
    let resources = unique(resources, on);
    // Beside a part of the collectors, what they do not read tells nothing.
    let tail = if interrupted || !options.services.is_empty() || !options.exclude.is_empty() {
        None
    } else {
        let known = seen::Known { regions: &regions, resources: &resources, elsewhere: &elsewhere, ledger: &ledger };
        Some(seen::look(&session, &tags, &known, options.cost_explorer, &started).await)
    };
    ledger.extend(tags.ledger().await);
    let (seen, bill) = match tail {
        Some(tail) => {
            ledger.extend(tail.ledger);
            (Some(tail.seen), tail.bill)
        }
        None => (None, None),
    };
    let alias = resources.iter().find(|r| r.kind == "aws_iam_account_alias").map(|r| r.id.clone());
    let mut snapshot = Snapshot {
        schema_version: SCHEMA_VERSION,
        meta: Meta {
            account: session.account.clone(),
            alias,
            partition: session.partition.clone(),
            caller: session.caller.clone(),
            regions,
            other_regions,
            finished_at: options.taken_at.clone().unwrap_or_else(now),
            taken_at: started,
            provider_version: PROVIDER_VERSION.into(),
            tool: concat!("surveyor ", env!("CARGO_PKG_VERSION")).into(),
            interrupted,
        },
        ledger,
        resources,
        seen,
        bill,
    };
    snapshot.normalise();
    Ok(snapshot)
}

/// The present second, RFC 3339.
#[must_use]
pub fn now() -> String {
    jiff::Timestamp::now().round(jiff::Unit::Second).map_or_else(|_| jiff::Timestamp::now().to_string(), |t| t.to_string())
}

fn check_services(options: &Options) -> Result<(), Error> {
    let known: BTreeSet<&str> = COLLECTORS.iter().map(|c| c.service()).collect();
    for name in options.services.iter().chain(&options.exclude) {
        if !known.contains(name.as_str()) {
            let near = known.iter().max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
            return Err(Error::usage(format!("no service `{name}` here")).hint(format!(
                "did you mean `{}`? known: {}",
                near.copied().unwrap_or_default(),
                known.iter().copied().collect::<Vec<_>>().join(", ")
            )));
        }
    }
    Ok(())
}

fn wanted(options: &Options, collector: &Collector) -> bool {
    let service = collector.service();
    (options.services.is_empty() || options.services.iter().any(|s| s == service)) && !options.exclude.iter().any(|s| s == service)
}

/// Regions a collector runs in.
fn regions_of(collector: &Collector, session: &Session, regions: &[String]) -> Vec<String> {
    match collector.scope {
        Scope::Global => vec![GLOBAL.into()],
        Scope::Regional => regions.to_vec(),
        Scope::RegionalAndHome => {
            let mut all = regions.to_vec();
            if !all.iter().any(|r| r == session.home()) {
                all.push(session.home().into());
            }
            all
        }
    }
}

fn plan(options: &Options, session: &Session, regions: &[String]) -> Vec<(&'static Collector, String)> {
    COLLECTORS
        .iter()
        .filter(|c| wanted(options, c))
        .flat_map(|c| regions_of(c, session, regions).into_iter().map(move |r| (*c, r)))
        .collect()
}

/// Entries for what the user left out, so that rules answer unknown and not pass.
fn excluded(options: &Options, session: &Session, regions: &[String]) -> Vec<LedgerEntry> {
    let mut all = Vec::new();
    for collector in COLLECTORS.iter().filter(|c| !wanted(options, c)) {
        for region in regions_of(collector, session, regions) {
            for call in collector.calls {
                let mut entry = ledger_entry(&session.account, &region, call, collector.fed_by(call));
                entry.outcome = Outcome::NotAsked;
                entry.message = Some("left out by --service or --exclude".into());
                all.push(entry);
            }
        }
    }
    all
}

/// Two collectors, or two regions of a global API, may see the same thing: the first stays.
fn unique(resources: Vec<Resource>, on: &dyn Fn(Event)) -> Vec<Resource> {
    let mut by_key = BTreeMap::new();
    for resource in resources {
        let key = resource.key();
        if let Some(earlier) = by_key.insert(key, resource) {
            on(Event::Warning(format!("{} {} was listed twice", earlier.kind, earlier.id)));
        }
    }
    by_key.into_values().collect()
}

fn open_journal(options: &Options, on: &dyn Fn(Event)) -> Option<std::fs::File> {
    let path = options.journal.as_ref()?;
    if let Some(folder) = path.parent() {
        let _ = std::fs::create_dir_all(folder);
    }
    let opened = std::fs::OpenOptions::new().create(true).append(true).truncate(false).open(path).and_then(|file| {
        if !options.resume {
            file.set_len(0)?;
        }
        Ok(file)
    });
    match opened {
        Ok(file) => Some(file),
        Err(e) => {
            on(Event::Warning(format!("cannot keep a journal at {}: {e}; this scan cannot be resumed", path.display())));
            None
        }
    }
}

fn append(file: &mut std::fs::File, line: &Done) -> std::io::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    file.write_all(&bytes)
}

/// Tasks of a journal that are worth keeping: complete ones, or such that asking again would bring the same refusal.
fn read_journal(path: &Path, account: &str) -> Result<Vec<Done>, Error> {
    if !path.exists() {
        return Err(Error::input(format!("{}: there is no interrupted scan to resume", path.display())).hint("leave --resume out"));
    }
    let text = files::read_text(path)?;
    let mut tasks: BTreeMap<(String, String), Done> = BTreeMap::new();
    let count = text.lines().count();
    for (number, line) in text.lines().enumerate() {
        let task: Done = match serde_json::from_str(line) {
            Ok(task) => task,
            // The last line may be cut: that task is simply asked again.
            Err(_) if number + 1 == count => continue,
            Err(e) => {
                return Err(Error::input(format!("{}:{}: broken journal: {e}", path.display(), number + 1)).hint("leave --resume out"));
            }
        };
        if task.account != account {
            return Err(Error::input(format!("{}: the journal is of account {}, this is {account}", path.display(), task.account)));
        }
        let again =
            task.ledger.iter().any(|e| matches!(e.outcome, Outcome::Throttled | Outcome::TimedOut | Outcome::Failed | Outcome::NotAsked));
        if !again {
            tasks.insert((task.collector.clone(), task.region.clone()), task);
        }
    }
    Ok(tasks.into_values().collect())
}
