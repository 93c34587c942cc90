//! The formats that other programs read, against what their authors publish.

#![cfg(feature = "aws")]

mod support;

use std::process::Command;

use support::{python, root, said, surveyor};

/// Every estate's findings in OCSF, held against OCSF's own schema.
#[test]
fn ocsf_is_what_its_schema_says() {
    let folder = tempfile::tempdir().unwrap();
    for (name, _) in support::estates().as_object().expect("estates") {
        let out = folder.path().join(name);
        let output = surveyor()
            .arg("audit")
            .arg(root().join("fixtures").join(name).join("snapshot.json.zst"))
            .args(["--format", "ocsf", "--out"])
            .arg(&out)
            .output()
            .unwrap();
        // 1: there are findings.
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", said(&output));
        let file = out.join("findings.ocsf.json");
        let check = Command::new(python()).arg(root().join("tests/simulator/check_ocsf.py")).arg(&file).output().unwrap();
        assert!(check.status.success(), "{name}: {}", said(&check));
        // And the check can fail.
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replacen("\"status_id\": 3", "\"status_id\": \"three\"", 1)).unwrap();
        let check = Command::new(python()).arg(root().join("tests/simulator/check_ocsf.py")).arg(&file).output().unwrap();
        assert_eq!(check.status.code(), Some(1), "{name}: {}", said(&check));
    }
}
