//! The binary against the simulated account: what it reads, what it does when AWS does not answer as it should.

#![cfg(feature = "aws")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use support::{Simulator, exo, files, said, secrets, surveyor};

/// Scans the region of the account into a folder; the snapshot as JSON.
fn scan(command: &mut assert_cmd::Command, folder: &Path) -> Value {
    scan_with(command, &["--region", "eu-west-3"], folder)
}

/// Scans with these options.
fn scan_with(command: &mut assert_cmd::Command, options: &[&str], folder: &Path) -> Value {
    let out = folder.join("snapshot.json");
    let output = command.arg("scan").args(options).arg("--out").arg(&out).output().expect("surveyor starts");
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&std::fs::read(out).expect("the snapshot")).expect("the snapshot is JSON")
}

/// The ledger's entries that are not complete, without what is read in part on purpose: (call, outcome).
fn gaps(snapshot: &Value) -> BTreeSet<(String, String)> {
    let text = |entry: &Value, name: &str| entry[name].as_str().expect("a text").to_owned();
    let ledger = snapshot["ledger"].as_array().expect("a ledger");
    ledger
        .iter()
        .map(|e| (text(e, "call"), text(e, "outcome")))
        .filter(|(_, outcome)| !["done", "not_offered", "not_wanted", "capped"].contains(&outcome.as_str()))
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
    let output = simulator
        .surveyor()
        .args(["-vv", "scan", "--region", "eu-west-3", "--out"])
        .arg(folder.path().join("snapshot.json.zst"))
        .output()
        .expect("surveyor starts");
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

/// What CloudWatch counted (tests/simulator/populate_exo.py) becomes findings, and a refusal of it becomes an unknown.
#[test]
fn figures_become_findings() {
    let simulator = exo();
    let folder = tempfile::tempdir().unwrap();
    let audited = |verdict: &str| -> BTreeSet<(String, String)> {
        scan(&mut simulator.surveyor(), folder.path());
        let output = surveyor().args(["audit", "--json"]).arg(folder.path().join("snapshot.json")).output().unwrap();
        let findings: Value = serde_json::from_slice(&output.stdout).expect("findings");
        let counted = ["ec2-idle", "ec2-oversized", "rds-low-cpu", "alb-idle", "lambda-error-rate", "ses-reputation-at-risk"];
        let all = findings["findings"].as_array().unwrap().iter().filter(|f| f["verdict"] == verdict);
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let named = all.map(|f| (text(&f["rule"]), text(&f["resource"]["name"])));
        named.filter(|(rule, _)| counted.contains(&rule.as_str())).collect()
    };
    let found = |names: &[(&str, &str)]| names.iter().map(|(rule, name)| ((*rule).to_owned(), (*name).to_owned())).collect::<BTreeSet<_>>();
    assert_eq!(
        audited("fail"),
        found(&[
            ("ec2-idle", "Exo-Staging"),
            ("ec2-oversized", "Exo-Live-Backsite"),
            ("lambda-error-rate", "exo-notify"),
            ("rds-low-cpu", "exo-live-analytics"),
        ])
    );
    assert_eq!(audited("unknown"), BTreeSet::new());
    // One request for all instances, two for the databases, one each for balancers, functions, queues and mail.
    simulator.forget_requests();
    scan(&mut simulator.surveyor(), folder.path());
    assert_eq!(simulator.requests()["cloudwatch:GetMetricData"], 7);
    simulator.faults(&json!([{ "kind": "deny", "operation": "cloudwatch:GetMetricData" }]));
    let unknown = audited("unknown");
    for (rule, name) in
        [("ec2-idle", "Exo-Live-API"), ("alb-idle", "exo-api-live"), ("lambda-error-rate", "exo-notify"), ("rds-low-cpu", "exo-live")]
    {
        assert!(unknown.contains(&(rule.to_owned(), name.to_owned())), "{rule} {name}: {unknown:?}");
    }
    assert_eq!(audited("fail"), BTreeSet::new());
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
        let strict = simulator
            .surveyor()
            .args(["scan", "--region", "eu-west-3", "--strict", "--out"])
            .arg(folder.path().join("s.json"))
            .output()
            .unwrap();
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

/// A gateway's error page is asked three times, not as long as a service of AWS that is overloaded.
#[test]
fn a_page_in_place_of_an_answer_is_soon_final() {
    let simulator = exo();
    let page = |operation: &str| json!({ "kind": "nonsense", "status": 500, "operation": operation });
    simulator.faults(&json!([page("ec2:DescribeVpcs"), page("logs:DescribeLogGroups"), page("s3:GetBucketPolicy")]));
    let folder = tempfile::tempdir().unwrap();
    let snapshot = scan(&mut simulator.surveyor(), folder.path());
    let requests = simulator.requests();
    for call in ["ec2:DescribeVpcs", "logs:DescribeLogGroups"] {
        assert!(gaps(&snapshot).contains(&(call.into(), "failed".into())), "{:?}", gaps(&snapshot));
        assert!(requests[call].is_multiple_of(3) && requests[call] <= 6, "{call}: {}", requests[call]);
    }
    assert_eq!(requests["s3:GetBucketPolicy"], 3 * count(&snapshot, "aws_s3_bucket") as u64);
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

/// The account of populate_regions.py.
fn several_regions() -> Simulator {
    let simulator = Simulator::start();
    simulator.populate("populate_regions.py", &[]);
    simulator
}

#[test]
fn every_region_is_looked_into_and_read_where_something_is() {
    let simulator = several_regions();
    let folder = tempfile::tempdir().unwrap();
    let snapshot = scan_with(&mut simulator.surveyor(), &[], folder.path());
    assert_eq!(gaps(&snapshot), BTreeSet::new());
    // None of it carries a tag: an address, a bucket, a table.
    assert_eq!(snapshot["meta"]["regions"], json!(["ap-south-1", "eu-central-1", "eu-west-3", "us-west-2"]));
    let others = snapshot["meta"]["other_regions"].as_object().expect("other regions");
    assert_eq!(others.len(), 13);
    assert!(others.values().all(|state| state == "empty"), "{others:?}");
    assert!(snapshot["ledger"].as_array().unwrap().iter().any(|e| e["region"] == "sa-east-1" && e["call"] == "ec2:DescribeVolumes"));
    assert_eq!(count(&snapshot, "aws_eip"), 1);

    let output = surveyor().args(["audit", "--json"]).arg(folder.path().join("snapshot.json")).output().unwrap();
    let findings: Value = serde_json::from_slice(&output.stdout).expect("findings");
    let unexpected: Vec<&str> = findings["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["rule"] == "region-unexpected-use" && f["verdict"] == "fail")
        .filter_map(|f| f["resource"]["region"].as_str())
        .collect();
    assert!(unexpected.contains(&"ap-south-1") && !unexpected.contains(&"eu-west-3"), "{unexpected:?}");
    // A region without anything is not blamed for what it lacks.
    let off = |region: &str| {
        findings["findings"].as_array().unwrap().iter().any(|f| f["rule"] == "guardduty-off" && f["resource"]["region"] == region)
    };
    assert!(off("eu-west-3") && !off("sa-east-1"));

    // Nothing models Kinesis: one stream is known by its tags, the other because Cloud Control was asked then.
    let seen = snapshot["seen"].as_array().expect("what was seen");
    let streams: BTreeSet<(&str, &str)> =
        seen.iter().filter(|s| s["service"] == "kinesis").filter_map(|s| Some((s["id"].as_str()?, s["evidence"].as_str()?))).collect();
    assert_eq!(streams, BTreeSet::from([("clicks", "tags"), ("untagged", "listing")]));
    assert!(seen.iter().all(|s| s["why"] == "not_modelled" && s["service"] == "kinesis"), "{seen:?}");
    let output = surveyor().arg("coverage").arg(folder.path().join("snapshot.json")).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("aws_kinesis_stream") && told.contains("clicks") && told.contains("--cost-explorer"), "{told}");

    // What a quick look was refused leaves the region open, and the ledger says what may be there.
    simulator.faults(&json!([{ "kind": "deny", "operation": "ec2:DescribeVolumes", "region": "eu-north-1" }]));
    let snapshot = scan_with(&mut simulator.surveyor(), &[], folder.path());
    assert_eq!(snapshot["meta"]["other_regions"]["eu-north-1"], "unclear");
    assert_eq!(gaps(&snapshot), BTreeSet::from([("ec2:DescribeVolumes".into(), "denied".into())]));

    // Named regions mean exactly these.
    simulator.faults(&json!([]));
    simulator.forget_requests();
    let snapshot = scan_with(&mut simulator.surveyor(), &["--region", "us-west-2"], folder.path());
    assert_eq!(snapshot["meta"]["regions"], json!(["us-west-2"]));
    let others = snapshot["meta"]["other_regions"].as_object().expect("other regions");
    assert!(others.len() == 16 && others.values().all(|state| state == "not_looked_at"), "{others:?}");
    assert!(!simulator.requests().contains_key("lightsail:GetActiveNames"), "no other region was asked");
}
