//! The built-in recording: the real collectors over recorded answers, and what becomes of every single call when AWS refuses it.

#![cfg(feature = "aws")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::{files, root, said, surveyor};

fn recording() -> Vec<Value> {
    let bytes = std::fs::read(root().join("fixtures/exo/recording.jsonl.zst")).expect("the recording");
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
    let folder = tempfile::tempdir().unwrap();
    let snapshot = scan(&root().join("fixtures/exo/recording.jsonl.zst"), folder.path());
    for entry in snapshot["ledger"].as_array().expect("a ledger") {
        assert!(
            entry["outcome"] == "done" || entry["outcome"] == "not_wanted",
            "{entry}: record the account anew (tests/simulator/record.sh exo)"
        );
    }
}

#[test]
fn the_snapshot_beside_the_recording_is_what_it_gives() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = scan(&root().join("fixtures/exo/recording.jsonl.zst"), folder.path());
    let kept = &files(&root().join("fixtures/exo"))[Path::new("snapshot.json.zst")];
    let kept: Value = serde_json::from_slice(kept).expect("JSON");
    assert_eq!(kept["resources"], fresh["resources"], "record the account anew (tests/simulator/record.sh exo)");
    assert_eq!(kept["ledger"], fresh["ledger"]);
}

#[test]
fn the_same_recording_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("one");
    let two = folder.path().join("two");
    for out in [&one, &two] {
        let output = surveyor()
            .args(["run", "--recording"])
            .arg(root().join("fixtures/exo/recording.jsonl.zst"))
            .arg("--out")
            .arg(out)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
    let (one, two) = (files(&one), files(&two));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (path, bytes) in one {
        assert!(bytes == two[&path], "{} differs from run to run", path.display());
    }
}

/// Each call of the scan denied in turn: the ledger names it, nothing else is lost, and no rule takes the gap for a pass.
#[test]
fn each_call_denied_in_turn_is_named_and_ends_nothing() {
    let lines = recording();
    let first = tempfile::tempdir().unwrap();
    let whole = scan(&write(first.path(), &lines), first.path());
    let operations: BTreeSet<&str> =
        lines.iter().filter_map(|l| l["operation"].as_str()).filter(|o| *o != "sts:GetCallerIdentity").collect();
    assert!(operations.len() > 60, "{} operations", operations.len());
    let of = |snapshot: &Value| -> BTreeMap<String, String> {
        snapshot["resources"]
            .as_array()
            .expect("resources")
            .iter()
            .map(|r| (format!("{} {} {}", r["type"], r["region"], r["id"]), r["type"].as_str().unwrap_or_default().to_owned()))
            .collect()
    };
    let everything = of(&whole);
    let one = |operation: &str| {
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
    let all: Vec<&str> = operations.into_iter().collect();
    std::thread::scope(|threads| {
        for part in all.chunks(all.len().div_ceil(4)) {
            threads.spawn(|| part.iter().for_each(|operation| one(operation)));
        }
    });
}
