//! Broken files, broken rules, places that cannot be written: a clear message, exit code 2, nothing half-written.

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::{files, root, said, surveyor};

fn snapshot() -> PathBuf {
    root().join("fixtures/exo/snapshot.json.zst")
}

fn plain() -> String {
    let bytes = std::fs::read(snapshot()).expect("the snapshot");
    String::from_utf8(zstd::decode_all(&bytes[..]).expect("zstd")).expect("UTF-8")
}

/// Runs `surveyor COMMAND FILE`; its standard error, after checking that it ended with 2 and said nothing on standard output.
fn refused(command: &str, file: &Path, arguments: &[&str]) -> String {
    let output = surveyor().arg(command).arg(file).args(arguments).output().expect("surveyor starts");
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(output.stdout.is_empty(), "{}", said(&output));
    String::from_utf8(output.stderr).expect("UTF-8")
}

#[test]
fn a_snapshot_that_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("snapshot.json");
    assert!(refused("audit", &file, &[]).contains("No such file"));
    std::fs::write(&file, "garbage").unwrap();
    let said = refused("audit", &file, &[]);
    assert!(said.contains("snapshot.json:1:1") && said.contains("surveyor scan"), "{said}");
    std::fs::write(&file, "").unwrap();
    refused("audit", &file, &[]);
    std::fs::write(&file, "{}").unwrap();
    refused("generate", &file, &["--out", folder.path().to_str().unwrap()]);
}

#[test]
fn a_snapshot_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(snapshot()).unwrap();
    let file = folder.path().join("snapshot.json.zst");
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    assert!(refused("audit", &file, &[]).contains("broken"));
    let text = plain();
    let file = folder.path().join("snapshot.json");
    std::fs::write(&file, &text[..text.len() / 2]).unwrap();
    assert!(refused("audit", &file, &[]).contains("snapshot.json:"));
}

#[test]
fn a_snapshot_of_a_newer_surveyor() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("snapshot.json");
    let newer = regex::Regex::new(r#""schema_version":\s*\d+"#).unwrap().replace(&plain(), r#""schema_version":99"#).into_owned();
    std::fs::write(&file, newer).unwrap();
    let said = refused("audit", &file, &[]);
    assert!(said.contains("99") && said.contains("newer surveyor"), "{said}");
}

#[test]
fn a_broken_rule_is_shown_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let rule = r#"- id: instance-is-micro
  title: "An instance is micro"
  resource: aws_instance
  severity: low
  category: operations
  fails_when: "config.instence_type == 't3.micro'"
  message: "{{name}} is micro"
  why: "It is small."
  fix: { disruption: restart, summary: "Take a larger one." }
  tests:
    - fails: { config: { instance_type: t3.micro } }
    - passes: { config: { instance_type: t3.small } }
    - unknown: { unread: [config.instance_type] }
    - not_applicable: { ownership: cloudformation }
"#;
    std::fs::write(folder.path().join("own.yaml"), rule).unwrap();
    let said = refused("audit", &snapshot(), &["--rules", folder.path().to_str().unwrap()]);
    assert!(said.contains("own.yaml:6:"), "{said}");
    assert!(said.contains("instance_type"), "it says what was meant: {said}");
    assert!(said.contains('^'), "{said}");
}

#[test]
fn a_template_of_the_users_replaces_and_a_broken_one_is_shown_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let templates = folder.path().join("templates");
    std::fs::create_dir(&templates).unwrap();
    std::fs::write(templates.join("handover.md.hbs"), "# Ours, of {{account.id}}\n").unwrap();
    let out = folder.path().join("out");
    let snapshot = snapshot();
    let arguments = ["generate", snapshot.to_str().unwrap(), "--out", out.to_str().unwrap(), "--templates", templates.to_str().unwrap()];
    let done = assert_cmd::Command::cargo_bin("surveyor").unwrap().args(arguments).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let written = std::fs::read_dir(&out).unwrap().next().unwrap().unwrap().path().join("handover.md");
    assert_eq!(std::fs::read_to_string(&written).unwrap(), "# Ours, of 123456789012\n");

    std::fs::write(templates.join("handover.md.hbs"), "# Ours\n\n{{#each}\n").unwrap();
    let done = assert_cmd::Command::cargo_bin("surveyor").unwrap().args(arguments).output().unwrap();
    let told = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{told}");
    assert!(told.contains("handover.md.hbs:3"), "{told}");
    assert_eq!(std::fs::read_to_string(&written).unwrap(), "# Ours, of 123456789012\n");
}

#[test]
fn a_state_that_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("live.tfstate");
    let given = ["--state", state.to_str().unwrap()];
    for command in ["audit", "generate"] {
        let _ = std::fs::remove_file(&state);
        assert!(refused(command, &snapshot(), &given).contains("No such file"));
        for (text, expected) in [
            ("{\"version\": 4, \"resources\": [ hunter2", "not a Terraform state"),
            (r#"{"version": 3, "modules": [{"resources": {"x": "hunter2"}}]}"#, "version 3"),
            (r#"{"format_version": "1.2", "planned_values": {"x": "hunter2"}}"#, "a plan"),
        ] {
            std::fs::write(&state, text).unwrap();
            let said = refused(command, &snapshot(), &given);
            assert!(said.contains("live.tfstate") && said.contains(expected) && said.contains("hint"), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
    assert!(refused("audit", &snapshot(), &["--state", "s3://only-a-bucket"]).contains("s3://BUCKET/KEY"));
}

#[test]
fn a_folder_that_cannot_be_written() {
    let said = refused("generate", &snapshot(), &["--out", "/proc/surveyor"]);
    assert!(said.contains("/proc/surveyor"), "{said}");
}

/// A disk that fills up: every write beyond 20 blocks fails, as the kernel does it for a file size limit.
fn on_a_full_disk(out: &Path) -> Output {
    let binary = assert_cmd::cargo::cargo_bin("surveyor");
    Command::new("bash")
        .args(["-c", r#"trap '' XFSZ; ulimit -f 20; exec "$@""#, "bash"])
        .arg(binary)
        .arg("generate")
        .arg(snapshot())
        .arg("--out")
        .arg(out)
        .output()
        .expect("bash starts")
}

#[test]
fn a_full_disk_leaves_the_results_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new");
    let output = on_a_full_disk(&new);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write"), "{}", said(&output));
    assert!(files(&new).is_empty(), "nothing is better than a part: {:?}", files(&new).keys());

    let whole = folder.path().join("whole");
    let output = surveyor().arg("generate").arg(snapshot()).arg("--out").arg(&whole).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let account = std::fs::read_dir(&whole).unwrap().next().unwrap().unwrap().path();
    // A file that the next run would write anew shows whether it did.
    std::fs::write(account.join("terraform/variables.tf"), "# by hand\n").unwrap();
    let before = files(&whole);
    let output = on_a_full_disk(&whole);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(files(&whole), before);
}
