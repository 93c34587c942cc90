//! `surveyor coverage`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;

use super::{End, print};
use crate::error::Error;
use crate::estate::Snapshot;
use crate::report::escape::terminal;
use crate::report::{model, seen};
use crate::schema::{coverage, did_you_mean};

/// Arguments of `coverage`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A snapshot: every call that was to be made, and what came of it.
    #[arg(required_unless_present = "types")]
    snapshot: Option<PathBuf>,
    /// Which argument of which type is filled, and why others are not; all types, or one.
    #[arg(long, value_name = "TYPE", num_args = 0..=1, default_missing_value = "", conflicts_with = "snapshot")]
    types: Option<String>,
}

/// Prints what was, or can be, read.
///
/// # Errors
/// When the snapshot cannot be read, or the type is not supported.
pub fn run(arguments: &Arguments, json: bool) -> Result<End, Error> {
    let text = match (&arguments.types, &arguments.snapshot) {
        (Some(kind), _) => types(kind, json)?,
        (None, Some(path)) => ledger(&Snapshot::read(path)?, json)?,
        (None, None) => return Err(Error::usage("give a snapshot, or --types")),
    };
    print(&text)?;
    Ok(End::Clean)
}

fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

fn types(kind: &str, json: bool) -> Result<String, Error> {
    let filled: BTreeMap<String, Vec<String>> = coverage::filled()?;
    if !kind.is_empty() && !filled.contains_key(kind) {
        return Err(Error::usage(format!("{kind} is not collected{}", did_you_mean(kind, filled.keys().map(String::as_str)))));
    }
    let rows_of = |kind: &str| {
        let arguments: Vec<&str> = filled.get(kind).map(|f| f.iter().map(String::as_str).collect()).unwrap_or_default();
        coverage::table(kind, &arguments)
    };
    if kind.is_empty() {
        let count = |kind: &str| {
            let rows = rows_of(kind);
            let of = |status: fn(&coverage::Status) -> bool| rows.iter().filter(|r| status(&r.status)).count();
            (
                of(|s| matches!(s, coverage::Status::Filled)),
                of(|s| matches!(s, coverage::Status::LeftOut(_))),
                of(|s| matches!(s, coverage::Status::Gap)),
            )
        };
        let all: Vec<(&String, (usize, usize, usize))> = filled.keys().map(|k| (k, count(k))).collect();
        if json {
            return Ok(pretty(&json!(
                all.iter().map(|(k, (f, l, g))| json!({ "type": k, "filled": f, "left_out": l, "gaps": g })).collect::<Vec<_>>()
            )));
        }
        let mut out = format!("{:58} {:>6} {:>8} {:>5}\n", "type", "filled", "left out", "gaps");
        for (kind, (f, l, g)) in &all {
            let _ = writeln!(out, "{kind:58} {f:>6} {l:>8} {g:>5}");
        }
        let _ = writeln!(out, "{} types; `surveyor coverage --types TYPE` names the arguments", all.len());
        return Ok(out);
    }
    let rows = rows_of(kind);
    if json {
        let list: Vec<_> = rows
            .iter()
            .map(|r| match &r.status {
                coverage::Status::Filled => json!({ "argument": r.argument, "status": "filled" }),
                coverage::Status::LeftOut(why) => json!({ "argument": r.argument, "status": "left_out", "why": why }),
                coverage::Status::Gap => json!({ "argument": r.argument, "status": "gap" }),
            })
            .collect();
        return Ok(pretty(&json!(list)));
    }
    let width = rows.iter().map(|r| r.argument.len()).max().unwrap_or(0);
    Ok(rows.iter().fold(String::new(), |mut out, r| {
        let status = match &r.status {
            coverage::Status::Filled => "filled".to_owned(),
            coverage::Status::LeftOut(why) => format!("left out: {why}"),
            coverage::Status::Gap => "neither filled nor left out".to_owned(),
        };
        let _ = writeln!(out, "{:width$}  {status}", r.argument);
        out
    }))
}

fn ledger(snapshot: &Snapshot, json: bool) -> Result<String, Error> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for r in &snapshot.resources {
        *counts.entry(&r.kind).or_default() += 1;
    }
    if json {
        let modelled = seen::modelled(snapshot);
        let regions = json!({ "read": snapshot.meta.regions, "other": snapshot.meta.other_regions });
        return Ok(pretty(&json!({ "ledger": snapshot.ledger, "types": counts, "regions": regions, "modelled": modelled })));
    }
    let mut out = String::new();
    let width = snapshot.ledger.iter().map(|e| e.call.len()).max().unwrap_or(0);
    for e in &snapshot.ledger {
        let what = if e.listing { "found" } else { "answers" };
        let why = e.code.iter().chain(&e.message).map(|t| terminal(t)).collect::<Vec<_>>().join(": ");
        let _ = writeln!(
            out,
            "{:width$}  {:14} {:14} {:>6} {what:7} {:>5} requests  {why}",
            e.call,
            e.region,
            model::outcome(e.outcome),
            e.count,
            e.requests
        );
    }
    let gaps = snapshot.ledger.iter().filter(|e| e.outcome.is_gap()).count();
    let requests: u64 = snapshot.ledger.iter().map(|e| e.requests).sum();
    let _ = writeln!(
        out,
        "\n{} resources of {} types in {} requests; {} calls, {gaps} of them not answered in full",
        snapshot.resources.len(),
        counts.len(),
        requests,
        snapshot.ledger.len()
    );
    let _ = writeln!(out, "{}", model::regions(snapshot));
    let modelled = seen::modelled(snapshot);
    for sentence in &modelled.sentences {
        let _ = writeln!(out, "{}", terminal(sentence));
    }
    if !modelled.lines.is_empty() {
        let _ = writeln!(out, "\nseen, not modelled");
    }
    for line in &modelled.lines {
        let kind = line.kind.as_deref().unwrap_or("-");
        let what = terminal(&line.what());
        let _ = writeln!(out, "{:24} {:14} {kind:38} {what}: {}", terminal(&line.service), terminal(&line.region), seen::reason(line.why));
    }
    Ok(out)
}
