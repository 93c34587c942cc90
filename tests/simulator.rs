//! The binary against the simulated account: what it reads, what it does when AWS does not answer as it should.

#![cfg(feature = "aws")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use support::{exo, files, said, secrets, surveyor};

/// Scans into a folder; the snapshot as JSON.
fn scan(command: &mut assert_cmd::Command, folder: &Path) -> Value {
    let out = folder.join("snapshot.json");
    let output = command.arg("scan").arg("--out").arg(&out).output().expect("surveyor starts");
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&std::fs::read(out).expect("the snapshot")).expect("the snapshot is JSON")
}

/// The ledger's entries that are not complete: (call, outcome).
fn gaps(snapshot: &Value) -> BTreeSet<(String, String)> {
    let text = |entry: &Value, name: &str| entry[name].as_str().expect("a text").to_owned();
    let ledger = snapshot["ledger"].as_array().expect("a ledger");
    ledger
        .iter()
        .map(|e| (text(e, "call"), text(e, "outcome")))
        .filter(|(_, outcome)| outcome != "done" && outcome != "not_offered")
        .collect()
}

fn count(snapshot: &Value, kind: &str) -> usize {
    snapshot["resources"].as_array().expect("resources").iter().filter(|r| r["type"] == kind).count()
}

#[test]
fn reads_the_account_without_a_gap() {
    let simulator = exo();
    let folder = tempfile::tempdir().unwrap();
    let snapshot = scan(&mut simulator.surveyor(), folder.path());
    assert_eq!(gaps(&snapshot), BTreeSet::new());
    // What the account is known to hold (tests/simulator/populate_exo.py).
    for (kind, expected) in [
        ("aws_default_vpc", 1),
        ("aws_iam_user", 8),
        ("aws_iam_group", 2),
        ("aws_iam_access_key", 6),
        ("aws_cloudwatch_log_group", 6),
        ("aws_sns_topic", 2),
    ] {
        assert_eq!(count(&snapshot, kind), expected, "{kind}");
    }
}

#[test]
fn sends_only_what_the_permissions_name() {
    let simulator = exo();
    let folder = tempfile::tempdir().unwrap();
    scan(&mut simulator.surveyor(), folder.path());
    let output = surveyor().arg("permissions").output().expect("surveyor starts");
    assert!(output.status.success(), "{}", said(&output));
    let policy: Value = serde_json::from_slice(&output.stdout).expect("the policy is JSON");
    let allowed: BTreeSet<&str> = policy["Statement"]
        .as_array()
        .expect("statements")
        .iter()
        .flat_map(|s| s["Action"].as_array().expect("actions"))
        .filter_map(Value::as_str)
        .collect();
    let ledger = files(folder.path());
    let snapshot: Value = serde_json::from_slice(&ledger[Path::new("snapshot.json")]).unwrap();
    // Which permissions allow a call, as the ledger declares it; every request must be one of these calls.
    for (name, _) in simulator.requests() {
        let entry = snapshot["ledger"].as_array().unwrap().iter().find(|e| e["call"] == name.as_str());
        let needed: Vec<String> = match entry {
            Some(e) if e["permissions"].is_array() => {
                e["permissions"].as_array().unwrap().iter().filter_map(|p| p.as_str().map(str::to_owned)).collect()
            }
            Some(_) => vec![name.clone()],
            // Who am I: allowed to everybody, so no policy names it.
            None if name == "sts:GetCallerIdentity" => continue,
            None => panic!("{name} was sent and is not in the ledger"),
        };
        for permission in needed {
            assert!(allowed.contains(permission.as_str()), "{name} was sent; `surveyor permissions` does not name {permission}");
        }
        let operation = name.split(':').nth(1).unwrap();
        let reads = ["Describe", "List", "Get", "Lookup", "Search", "BatchGet"].iter().any(|verb| operation.starts_with(verb));
        assert!(reads || operation == "GenerateCredentialReport", "{name} is no read");
        for content in [
            "GetSecretValue",
            "GetParameter",
            "GetParameters",
            "GetObject",
            "GetLogEvents",
            "FilterLogEvents",
            "GetFunction",
            "GetPasswordData",
        ] {
            assert_ne!(operation, content, "{name} discloses content");
        }
    }
}

#[test]
fn keeps_no_secret() {
    let simulator = exo();
    let folder = tempfile::tempdir().unwrap();
    let output =
        simulator.surveyor().args(["-vv", "scan", "--out"]).arg(folder.path().join("snapshot.json.zst")).output().expect("surveyor starts");
    assert!(output.status.success(), "{}", said(&output));
    let mut seen = files(folder.path());
    seen.insert("standard output".into(), output.stdout);
    seen.insert("standard error".into(), output.stderr);
    for secret in secrets() {
        for (path, bytes) in &seen {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{} holds {secret}", path.display());
        }
    }
}

/// One operation of each protocol: AWS refuses each in its own way.
#[test]
fn a_denied_call_is_in_the_ledger_and_ends_nothing() {
    for operation in ["ec2:DescribeVpcs", "iam:ListAccountAliases", "logs:DescribeLogGroups", "sns:ListTopics"] {
        let simulator = exo();
        simulator.faults(&json!([{ "kind": "deny", "operation": operation }]));
        let folder = tempfile::tempdir().unwrap();
        let snapshot = scan(&mut simulator.surveyor(), folder.path());
        assert!(gaps(&snapshot).contains(&(operation.into(), "denied".into())), "{operation}: {:?}", gaps(&snapshot));
        assert_eq!(count(&snapshot, "aws_iam_user"), 8, "{operation}: the rest is read");
        let strict = simulator.surveyor().args(["scan", "--strict", "--out"]).arg(folder.path().join("s.json")).output().unwrap();
        assert_eq!(strict.status.code(), Some(3), "{operation}: {}", said(&strict));
    }
}

#[test]
fn throttling_on_every_second_call_loses_nothing() {
    let simulator = exo();
    let folder = tempfile::tempdir().unwrap();
    let calm = scan(&mut simulator.surveyor(), folder.path());
    simulator.faults(&json!([{ "kind": "throttle", "every": 2, "each": true }]));
    let throttled = scan(&mut simulator.surveyor(), folder.path());
    assert_eq!(gaps(&throttled), BTreeSet::new());
    assert_eq!(throttled["resources"], calm["resources"]);
}

#[test]
fn a_connection_cut_once_is_tried_again() {
    let simulator = exo();
    simulator.faults(
        &json!([{ "kind": "cut", "operation": "ec2:DescribeVpcs", "times": 1 }, { "kind": "cut", "operation": "logs:*", "times": 1 }]),
    );
    let folder = tempfile::tempdir().unwrap();
    let snapshot = scan(&mut simulator.surveyor(), folder.path());
    assert_eq!(gaps(&snapshot), BTreeSet::new());
    assert_eq!(count(&snapshot, "aws_default_vpc"), 1);
}

#[test]
fn a_call_that_is_always_cut_is_a_gap() {
    let simulator = exo();
    simulator.faults(&json!([{ "kind": "cut", "operation": "logs:DescribeLogGroups" }]));
    let folder = tempfile::tempdir().unwrap();
    let snapshot = scan(&mut simulator.surveyor(), folder.path());
    let gaps = gaps(&snapshot);
    assert!(gaps.iter().any(|(call, _)| call == "logs:DescribeLogGroups"), "{gaps:?}");
    assert_eq!(count(&snapshot, "aws_iam_user"), 8);
}

#[test]
fn nonsense_from_one_call_is_a_gap() {
    let simulator = exo();
    simulator.faults(
        &json!([{ "kind": "nonsense", "operation": "ec2:DescribeVpcs" }, { "kind": "nonsense", "operation": "logs:DescribeLogGroups" }]),
    );
    let folder = tempfile::tempdir().unwrap();
    let snapshot = scan(&mut simulator.surveyor(), folder.path());
    for call in ["ec2:DescribeVpcs", "logs:DescribeLogGroups"] {
        assert!(gaps(&snapshot).contains(&(call.into(), "failed".into())), "{:?}", gaps(&snapshot));
    }
}

#[test]
fn an_endpoint_that_answers_nonsense_is_an_error() {
    let simulator = exo();
    simulator.faults(&json!([{ "kind": "nonsense" }]));
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("snapshot.json");
    let output = simulator.surveyor().arg("scan").arg("--out").arg(&out).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("AWS_ENDPOINT_URL"), "it says where to look: {}", said(&output));
    assert!(!out.exists(), "nothing is written");
}

#[test]
fn expired_credentials_are_an_error_that_says_so() {
    let simulator = exo();
    simulator.faults(&json!([{ "kind": "expired" }]));
    let folder = tempfile::tempdir().unwrap();
    let output = simulator.surveyor().arg("scan").arg("--out").arg(folder.path().join("s.json")).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stderr).to_lowercase().contains("expired"), "{}", said(&output));
}

#[test]
fn no_credentials_are_an_error_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let output = surveyor().args(["scan", "--region", "eu-west-3", "--out"]).arg(folder.path().join("s.json")).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("credentials"), "{}", said(&output));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is written");
}

#[test]
fn a_region_that_does_not_exist_is_an_error() {
    let simulator = exo();
    let folder = tempfile::tempdir().unwrap();
    let output = simulator.surveyor().args(["scan", "--region", "eu-west-9", "--out"]).arg(folder.path().join("s.json")).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("eu-west-9"), "{}", said(&output));
}

#[test]
fn an_unwritable_place_is_an_error_before_the_scan() {
    let simulator = exo();
    let output = simulator.surveyor().args(["scan", "--out", "/proc/snapshot.json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(simulator.requests().is_empty(), "nothing was read for nothing");
}

#[test]
fn the_same_account_gives_the_same_snapshot() {
    let simulator = exo();
    let folder = tempfile::tempdir().unwrap();
    let first = scan(&mut simulator.surveyor(), folder.path());
    let second = scan(&mut simulator.surveyor(), folder.path());
    assert_eq!(first["resources"], second["resources"]);
    assert_eq!(first["ledger"], second["ledger"]);
}
