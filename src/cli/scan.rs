//! `surveyor scan`.

use std::path::{Path, PathBuf};

use super::config::Config;
use super::progress::Progress;
use super::{End, Talk, access, many, print};
use crate::aws::run::{self, Event, Options};
use crate::error::Error;
use crate::estate::Snapshot;

/// Arguments of `scan`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    access: access::Arguments,
    /// Where the snapshot goes: `.json`, or `.json.zst` for a compressed one. Default: snapshot.json.zst. Of several accounts: a
    /// folder, in which each has its own; default: out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Go on where an interrupted scan to the same file stopped.
    #[arg(long)]
    resume: bool,
    /// Exit with 3 when anything could not be seen.
    #[arg(long)]
    strict: bool,
}

/// Scans to a file.
///
/// # Errors
/// When there is no way into the account, or the file cannot be written.
pub fn run(arguments: &Arguments, json: bool, config: &Config, talk: &Talk) -> Result<End, Error> {
    let mut options = arguments.access.options(config)?;
    options.resume = arguments.resume;
    if let Some(accounts) = arguments.access.many(&options)? {
        let folder = arguments.out.as_deref().unwrap_or_else(|| Path::new(many::FOLDER));
        return many::scan_all(&accounts, &options, folder, arguments.strict, json, talk);
    }
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from("snapshot.json.zst"));
    let snapshot = to_file(options, &out, talk)?;
    if json {
        let summary =
            serde_json::json!({ "snapshot": out, "meta": snapshot.meta, "resources": snapshot.resources.len(), "ledger": snapshot.ledger });
        print(&format!("{summary:#}\n"))?;
    }
    let gaps = snapshot.ledger.iter().filter(|e| e.outcome.is_gap()).count();
    talk.say(&format!("{} resources → {}", snapshot.resources.len(), out.display()));
    if gaps > 0 {
        talk.say(&format!("{gaps} calls were not answered in full: see the ledger in the snapshot, or `surveyor report`"));
    }
    Ok(if gaps > 0 && arguments.strict { End::Incomplete } else { End::Clean })
}

/// Scans, keeps a journal beside `out` until the snapshot is written, and says so when it was interrupted.
///
/// # Errors
/// As [`run`]; an interrupted scan is an error too, after its snapshot was written.
pub fn to_file(options: Options, out: &Path, talk: &Talk) -> Result<Snapshot, Error> {
    talk.say(concat!("surveyor ", env!("CARGO_PKG_VERSION"), ": reading, never writing"));
    let progress = Progress::new(talk);
    let snapshot = read_to(options, out, &|event| progress.show(event));
    progress.done();
    let snapshot = snapshot?;
    if snapshot.meta.interrupted {
        return Err(Error::access(format!("interrupted: {} holds what was read until then", out.display()))
            .hint("run the same command with --resume to read the rest"));
    }
    Ok(snapshot)
}

/// Scans and writes the snapshot, also an interrupted one; the journal beside it goes when there is nothing left to resume.
///
/// # Errors
/// As [`run`].
pub fn read_to(mut options: Options, out: &Path, on: &dyn Fn(Event)) -> Result<Snapshot, Error> {
    check_writable(out)?;
    let journal = run::journal_path(out);
    options.journal = Some(journal.clone());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::internal(format!("cannot start the runtime: {e}")))?;
    let snapshot = runtime.block_on(run::scan(&options, on))?;
    snapshot
        .write(out)
        .map_err(|e| e.hint(format!("what was read is kept in {}: free the way and run again with --resume", journal.display())))?;
    let unsettled = snapshot.ledger.iter().any(|e| {
        use crate::estate::Outcome::{Throttled, TimedOut};
        matches!(e.outcome, Throttled | TimedOut)
    });
    if !unsettled && !snapshot.meta.interrupted {
        let _ = std::fs::remove_file(&journal);
    }
    Ok(snapshot)
}

/// Scans to `<folder>/<account>/snapshot.json.zst`; the account is known only once it answers.
///
/// # Errors
/// As [`to_file`].
pub fn to_account_folder(options: Options, folder: &Path, talk: &Talk) -> Result<Snapshot, Error> {
    let first = folder.join("scan.json.zst");
    let moved = |account: &str| {
        let place = folder.join(account).join("snapshot.json.zst");
        std::fs::create_dir_all(folder.join(account))
            .and_then(|()| std::fs::rename(&first, &place))
            .map_err(|e| Error::output(format!("cannot write {}: {e}", place.display())))
    };
    let snapshot = to_file(options, &first, talk)?;
    moved(&snapshot.meta.account)?;
    Ok(snapshot)
}

/// Finds out before the scan, not after it, that the result cannot be kept.
fn check_writable(out: &Path) -> Result<(), Error> {
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder)
        .and_then(|()| tempfile::Builder::new().prefix(".surveyor-").tempfile_in(folder).map(drop))
        .map_err(|e| Error::output(format!("cannot write to {}: {e}", folder.display())))?;
    if out.is_dir() {
        return Err(Error::output(format!("{} is a folder, not a file", out.display())));
    }
    Ok(())
}
