//! Many accounts in one run: three simulated ones, of which one lets nobody in.

#![cfg(feature = "aws")]

mod support;

use std::path::Path;

use serde_json::Value;
use support::{Simulator, files, said};

const ROLE: &str = "arn:aws:iam::{account}:role/Survey";

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).expect("JSON")
}

#[test]
fn one_denied_account_stops_none_of_the_others() {
    let simulator = Simulator::start();
    simulator.populate("populate_accounts.py", &[]);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let run = |options: &[&str]| {
        simulator
            .surveyor()
            .args(["run", "--region", "eu-west-3", "--role-arn", ROLE])
            .args(options)
            .arg("--out")
            .arg(&out)
            .output()
            .unwrap()
    };

    let output = run(&["--organization"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("333333333333 was not read") && told.contains("AssumeRole"), "{told}");

    // Each in its own folder, with everything that a run over one account writes, and nothing of the others.
    for (account, own, foreign) in [("111111111111", "aws_instance", "aws_sqs_queue"), ("222222222222", "aws_s3_bucket", "aws_instance")] {
        let written = files(&out.join(account));
        for name in ["snapshot.json.zst", "findings.json", "report.html", "report.md", "estate.yaml", "handover.md", "terraform/imports.tf"]
        {
            assert!(written.contains_key(Path::new(name)), "{account}: no {name}");
        }
        let snapshot: Value = serde_json::from_slice(&written[Path::new("snapshot.json.zst")]).unwrap();
        assert_eq!(snapshot["meta"]["account"], account);
        let kinds: Vec<&str> = snapshot["resources"].as_array().unwrap().iter().filter_map(|r| r["type"].as_str()).collect();
        assert!(kinds.contains(&own) && !kinds.contains(&foreign), "{account}: {kinds:?}");
        assert!(snapshot["resources"].as_array().unwrap().iter().all(|r| r["account"] == account));
    }
    assert!(!out.join("333333333333").join("snapshot.json.zst").exists());

    // One report over all.
    let index = json(&out.join("accounts.json"));
    let accounts = index["accounts"].as_array().expect("accounts");
    let names: Vec<&str> = accounts.iter().filter_map(|a| a["name"].as_str()).collect();
    assert_eq!(names, ["core", "shop", "vault"], "the closed account is left out");
    assert!(accounts[0]["read"]["resources"].as_u64() > Some(5) && accounts[2]["read"].is_null());
    let failure = &accounts[2]["failure"];
    assert!(failure["message"].as_str().unwrap().contains("arn:aws:iam::333333333333:role/Survey"), "{failure}");
    assert!(failure["hints"][0].as_str().unwrap().contains("trust policy"), "{failure}");
    let shared = index["problems"].as_array().unwrap().iter().find(|p| p["accounts"].as_object().unwrap().len() == 2);
    assert!(shared.is_some(), "both accounts lack something");
    for page in ["report.html", "report.md"] {
        let text = std::fs::read_to_string(out.join(page)).unwrap();
        assert!(text.contains(&format!("111111111111/{page}")) && text.contains("vault (333333333333)"), "{page}");
    }
    let screen = String::from_utf8_lossy(&output.stdout);
    assert!(screen.contains("2 of 3 accounts were read") && screen.contains("vault (333333333333): not read"), "{screen}");

    // A denied account is incomplete coverage.
    let strict = run(&["--accounts", "222222222222,333333333333", "--strict"]);
    assert_eq!(strict.status.code(), Some(3), "{}", said(&strict));
    assert_eq!(json(&out.join("accounts.json"))["accounts"].as_array().unwrap().len(), 2);

    // When there is nothing to tell of, it is an error.
    let denied = run(&["--accounts", "333333333333"]);
    assert_eq!(denied.status.code(), Some(2), "{}", said(&denied));

    // A list in a file; `scan` leaves snapshots only.
    let list = folder.path().join("accounts.txt");
    std::fs::write(&list, "# ours\n222222222222 shop\n333333333333\n").unwrap();
    let snapshots = folder.path().join("snapshots");
    let scan = simulator
        .surveyor()
        .args(["scan", "--json", "--region", "eu-west-3", "--role-arn", ROLE, "--accounts-file"])
        .arg(&list)
        .arg("--out")
        .arg(&snapshots)
        .output()
        .unwrap();
    assert_eq!(scan.status.code(), Some(0), "{}", said(&scan));
    let told: Value = serde_json::from_slice(&scan.stdout).expect("JSON");
    assert!(told[0]["resources"].as_u64() > Some(3) && told[1]["failure"].is_string(), "{told}");
    assert!(snapshots.join("222222222222/snapshot.json.zst").exists());
    assert!(!snapshots.join(".surveyor-run").exists(), "the run came to its end");
}

#[test]
fn a_role_without_a_place_for_the_number_is_refused() {
    let output = support::surveyor()
        .args(["scan", "--accounts", "111111111111", "--role-arn", "arn:aws:iam::111111111111:role/Survey"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("{account}"), "{}", said(&output));
}
