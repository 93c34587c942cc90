//! The recordings: the real collectors over recorded answers, and what becomes of every single call when AWS refuses it.

#![cfg(feature = "aws")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::{estates, files, root, said, surveyor};

/// The recorded estates.
fn names() -> Vec<String> {
    estates().as_object().expect("estates").keys().cloned().collect()
}

fn place(name: &str) -> PathBuf {
    root().join("fixtures").join(name).join("recording.jsonl.zst")
}

fn recording(name: &str) -> Vec<Value> {
    let bytes = std::fs::read(place(name)).expect("the recording");
    let text = String::from_utf8(zstd::decode_all(&bytes[..]).expect("zstd")).expect("UTF-8");
    text.lines().map(|l| serde_json::from_str(l).expect("a line of JSON")).collect()
}

fn write(folder: &Path, lines: &[Value]) -> PathBuf {
    let path = folder.join("recording.jsonl");
    let text: String = lines.iter().map(|l| format!("{l}\n")).collect();
    std::fs::write(&path, text).expect("the recording is written");
    path
}

fn scan(recording: &Path, folder: &Path) -> Value {
    let out = folder.join("snapshot.json");
    let output = surveyor().arg("scan").arg("--recording").arg(recording).arg("--out").arg(&out).output().expect("surveyor starts");
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&std::fs::read(out).expect("the snapshot")).expect("JSON")
}

/// The line with an answer in which AWS refuses the call, in the protocol of that answer.
fn denied(line: &Value) -> Value {
    let operation = line["operation"].as_str().expect("an operation");
    let message = format!("not authorized to perform: {operation}");
    let json_body = line["content_type"].as_str().is_some_and(|c| c.contains("json"));
    let (status, body) = match operation.split(':').next().expect("a service") {
        "ec2" => (
            403,
            format!(
                "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>{message}</Message></Error></Errors><RequestID>r</RequestID></Response>"
            ),
        ),
        "s3" => (403, format!("<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>")),
        _ if json_body => (400, json!({ "__type": "AccessDeniedException", "message": message }).to_string()),
        _ => (
            403,
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{message}</Message></Error></ErrorResponse>"
            ),
        ),
    };
    let mut line = line.clone();
    line["status"] = json!(status);
    line["body"] = json!(body);
    line
}

#[test]
fn every_collector_is_answered() {
    for name in names() {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = scan(&place(&name), folder.path());
        for entry in snapshot["ledger"].as_array().expect("a ledger") {
            // What costs money is asked when it is wanted; what is asked of some only says of which.
            assert!(
                ["done", "not_wanted", "capped"].iter().any(|fine| entry["outcome"] == *fine),
                "{entry}: record the estate anew (tests/simulator/record.sh {name})"
            );
        }
    }
}

#[test]
fn the_snapshot_beside_the_recording_is_what_it_gives() {
    for name in names() {
        let folder = tempfile::tempdir().unwrap();
        let fresh = scan(&place(&name), folder.path());
        let kept = &files(&root().join("fixtures").join(&name))[Path::new("snapshot.json.zst")];
        let kept: Value = serde_json::from_slice(kept).expect("JSON");
        assert_eq!(kept["resources"], fresh["resources"], "record the estate anew (tests/simulator/record.sh {name})");
        assert_eq!(kept["ledger"], fresh["ledger"]);
    }
}

#[test]
fn the_same_recording_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("one");
    let two = folder.path().join("two");
    for out in [&one, &two] {
        let output = surveyor().args(["run", "--recording"]).arg(place("exo")).arg("--out").arg(out).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
    let (one, two) = (files(&one), files(&two));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (path, bytes) in one {
        assert!(bytes == two[&path], "{} differs from run to run", path.display());
    }
}

/// Each call of the scans denied in turn, in the estate that has most to lose: the ledger names it, and nothing else is lost.
#[test]
fn each_call_denied_in_turn_is_named_and_ends_nothing() {
    let of = |snapshot: &Value| -> BTreeMap<String, String> {
        snapshot["resources"]
            .as_array()
            .expect("resources")
            .iter()
            .map(|r| (format!("{} {} {}", r["type"], r["region"], r["id"]), r["type"].as_str().unwrap_or_default().to_owned()))
            .collect()
    };
    let whole: BTreeMap<String, (Vec<Value>, BTreeMap<String, String>)> = names()
        .into_iter()
        .map(|name| {
            let folder = tempfile::tempdir().unwrap();
            let everything = of(&scan(&place(&name), folder.path()));
            let lines = recording(&name);
            (name, (lines, everything))
        })
        .collect();
    // Operation to estate: the one whose answers are the longest.
    let mut operations: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for (name, (lines, _)) in &whole {
        let mut length: BTreeMap<&str, usize> = BTreeMap::new();
        for line in lines {
            if let Some(operation) = line["operation"].as_str() {
                *length.entry(operation).or_default() += line["body"].as_str().map_or(0, str::len);
            }
        }
        for (operation, length) in length {
            let best = operations.entry(operation).or_insert((length, name));
            if length > best.0 {
                *best = (length, name);
            }
        }
    }
    operations.remove("sts:GetCallerIdentity");
    assert!(operations.len() > 150, "{} operations", operations.len());
    let one = |operation: &str, name: &str| {
        let (lines, everything) = &whole[name];
        let folder = tempfile::tempdir().unwrap();
        let changed: Vec<Value> = lines.iter().map(|l| if l["operation"] == operation { denied(l) } else { l.clone() }).collect();
        let snapshot = scan(&write(folder.path(), &changed), folder.path());
        let entries: Vec<&Value> = snapshot["ledger"].as_array().expect("a ledger").iter().filter(|e| e["call"] == operation).collect();
        assert!(!entries.is_empty(), "{operation} is not in the ledger");
        assert!(entries.iter().any(|e| e["outcome"] == "denied"), "{operation}: {entries:?}");
        // What may be missing is what the denied call feeds, or what hangs on it.
        let seen = of(&snapshot);
        let fed: BTreeSet<&str> =
            entries.iter().flat_map(|e| e["types"].as_array().into_iter().flatten()).filter_map(Value::as_str).collect();
        let lost: BTreeSet<&String> = everything.iter().filter(|(key, _)| !seen.contains_key(*key)).map(|(_, kind)| kind).collect();
        if fed.is_empty() {
            assert_eq!(lost, BTreeSet::new(), "{operation} feeds no type, yet resources are missing");
        }
    };
    let all: Vec<(&str, &str)> = operations.into_iter().map(|(operation, (_, name))| (operation, name)).collect();
    std::thread::scope(|threads| {
        for part in all.chunks(all.len().div_ceil(4)) {
            threads.spawn(|| part.iter().for_each(|(operation, name)| one(operation, name)));
        }
    });
}
