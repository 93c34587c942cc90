//! `generate --also`: types that no collector reads, with the real terraform and provider.

#![cfg(feature = "aws")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use support::{Simulator, Terraform, aim_at_simulator, copy, files, root, roots, said, surveyor};

const ACCOUNT: &str = "123456789012";

/// Runs `surveyor generate` on the account's snapshot.
fn generate(terraform: &Terraform, simulator: &Simulator, out: &Path, arguments: &[&str]) -> Output {
    let mut command = simulator.surveyor();
    command.envs(terraform.environment(simulator)).env("AWS_MAX_ATTEMPTS", "2");
    command
        .arg("generate")
        .arg(out.join(ACCOUNT).join("snapshot.json.zst"))
        .arg("--out")
        .arg(out)
        .args(arguments)
        .output()
        .expect("surveyor starts")
}

/// The proof by `surveyor verify` of a copy that is aimed at the simulator.
fn verify(terraform: &Terraform, simulator: &Simulator, out: &Path, copied: &Path) -> Value {
    copy(&out.join(ACCOUNT).join("terraform"), copied);
    roots(copied).iter().for_each(|root| aim_at_simulator(root));
    let mut command = simulator.surveyor();
    let output = command.envs(terraform.environment(simulator)).args(["--json", "verify"]).arg(copied).output().expect("surveyor starts");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    serde_json::from_slice(&output.stdout).expect("the proof is JSON")
}

fn scan(simulator: &Simulator, out: &Path) {
    let output = simulator.surveyor().args(["run", "--out"]).arg(out).output().expect("surveyor starts");
    assert!(output.status.success(), "{}", said(&output));
}

fn code(out: &Path) -> String {
    let tree = files(&out.join(ACCOUNT).join("terraform"));
    let texts = tree.into_iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "tf"));
    texts.map(|(_, bytes)| String::from_utf8(bytes).expect("UTF-8")).collect()
}

#[test]
fn any_type_joins_the_tree_and_the_plan_stays_clean() {
    let Some(terraform) = Terraform::find() else { return };
    let simulator = Simulator::start();
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("also.txt");
    simulator.populate("populate_also.py", &[list.to_str().unwrap()]);
    let out = folder.path().join("out");
    // One collector's detail call is refused, so the topic is read in part.
    simulator.faults(&json!([{ "kind": "deny", "operation": "sns:GetTopicAttributes" }]));
    scan(&simulator, &out);
    simulator.faults(&json!([]));
    assert!(code(&out).contains("not read (denied"), "the topic could not be read");

    let topic = format!("aws_sns_topic=arn:aws:sns:eu-west-3:{ACCOUNT}:shop-alerts");
    let asked = ["--also-file", list.to_str().unwrap(), "--also", &topic];
    let output = generate(&terraform, &simulator, &out, &asked);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let wanted: Vec<String> = std::fs::read_to_string(&list)
        .unwrap()
        .lines()
        .filter(|l| l.contains('='))
        .map(|l| l.split(['@', '=']).next().unwrap().to_owned())
        .collect();
    assert!(wanted.len() >= 20, "{}", wanted.len());
    let code = code(&out);
    for kind in &wanted {
        assert!(code.contains(&format!("resource \"{kind}\" ")), "{kind} is in the code");
    }

    // References, names, families, and what a collector missed.
    let written = |file: &str| std::fs::read_to_string(out.join(ACCOUNT).join("terraform").join(file)).expect(file);
    let analytics = written("analytics.tf");
    for line in [
        "database_name = aws_glue_catalog_database.sales.name",
        "aws_iam_role.",
        "\"s3://${aws_s3_bucket.",
        "description  = \"raw \\\"data\\\" of $${shops}\"",
        "provider    = aws.us_east_1",
    ] {
        assert!(analytics.contains(line), "{line}:\n{analytics}");
    }
    assert!(written("identity.tf").contains("user_pool_id            = aws_cognito_user_pool.customers.id"));
    assert!(analytics.contains("extended_s3_configuration[0]."), "only what differs in a block is ignored: {analytics}");
    assert!(code.contains("${path.module}/files/restart_web"), "a long text is kept in a file: {code}");
    let compute = written("compute.tf");
    assert!(compute.contains("container_properties = jsonencode({") && compute.contains("\"STAGE\""), "{compute}");
    let messaging = written("messaging.tf");
    assert!(messaging.contains("display_name = \"Shop\"") && !messaging.contains("not read (denied"), "{messaging}");

    let proof = verify(&terraform, &simulator, &out, &folder.path().join("copy"));
    let imports: u64 = proof["roots"].as_array().unwrap().iter().map(|r| r["import"].as_u64().unwrap()).sum();
    assert!(imports >= wanted.len() as u64 + 3, "{imports} to import");
    let format = terraform.run(&simulator, &out.join(ACCOUNT).join("terraform"), &["fmt", "-check", "-recursive", "-diff"]);
    assert!(format.status.success(), "{}", said(&format));

    let before = files(&out);
    let secrets = std::fs::read_to_string(folder.path().join("also.txt.secrets")).unwrap();
    assert!(secrets.lines().count() >= 4);
    for secret in secrets.lines() {
        for (path, bytes) in &before {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{} holds {secret}", path.display());
        }
    }

    // What was learnt is kept: no terraform, no credentials, the same bytes.
    let again = surveyor()
        .env("PATH", "/nonexistent")
        .arg("generate")
        .arg(out.join(ACCOUNT).join("snapshot.json.zst"))
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    let after = files(&out);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let changed: Vec<&PathBuf> = before.keys().filter(|path| before[*path] != after[*path]).collect();
    assert_eq!(changed, Vec::<&PathBuf>::new());

    // What does not exist: terraform's words, where it was asked for, and nothing is changed.
    std::fs::write(&list, "aws_glue_job=nightly\naws_glue_workflow=gone\n\naws_lb_listener_certificate=x\n").unwrap();
    // Somebody has run `init` in the tree: its provider serves.
    let init = terraform.run(&simulator, &out.join(ACCOUNT).join("terraform"), &["init", "-input=false", "-no-color"]);
    assert!(init.status.success(), "{}", said(&init));
    let after = files(&out);
    let output = generate(&terraform, &simulator, &out, &["--also-file", list.to_str().unwrap(), "--also", "aws_iot_thing=door-2"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("also.txt:2: aws_glue_workflow gone: Cannot import non-existent remote object"), "{text}");
    assert!(text.contains("also.txt:4: aws_lb_listener_certificate x: ") && text.contains("--also: aws_iot_thing door-2: "), "{text}");
    assert!(!text.contains("nightly: "), "what is there is not complained of: {text}");
    assert_eq!(files(&out), after, "nothing is changed");

    // Without credentials the provider cannot start, and that is what is said.
    let mut command = simulator.surveyor();
    command.envs(terraform.environment(&simulator)).env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let snapshot = out.join(ACCOUNT).join("snapshot.json.zst");
    let output = command.arg("generate").arg(&snapshot).arg("--out").arg(&out).args(["--also", "aws_glue_job=nightly"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(text.contains("credential") && text.contains("get-caller-identity"), "{text}");
}

/// Runs `surveyor generate` on the fixture; standard error, after checking that it ended with 2 and wrote nothing.
fn refused(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = surveyor();
    command.arg("generate").arg(root().join("fixtures/exo/snapshot.json.zst")).arg("--out").arg(folder.path()).args(arguments);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(files(folder.path()).is_empty(), "nothing is written");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn what_makes_no_sense_is_refused_before_terraform_runs() {
    assert!(refused(&["--also", "aws_glue_jop=nightly"]).contains("did you mean aws_glue_job?"));
    assert!(refused(&["--also", "aws_glue_job"]).contains("TYPE=ID"));
    assert!(refused(&["--also", "aws_iam_access_key=AKIA"]).contains("cannot be taken over"));
    assert!(refused(&["--also", "data.aws_ami=ami-1"]).contains("data source"));
    assert!(refused(&["--also-file", "/nonexistent/also.txt"]).contains("/nonexistent/also.txt"));
    let list = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(list.path(), "# ours\naws_glue_job=a\naws_glue_jop=b\nnonsense\n").unwrap();
    let text = refused(&["--also-file", list.path().to_str().unwrap()]);
    let at = |line: u32| format!("{}:{line}: ", list.path().display());
    assert!(text.contains(&at(3)) && text.contains(&at(4)) && !text.contains(&at(2)), "{text}");
    let text = refused(&["--also", "aws_glue_job=a", "--terraform", "/nonexistent/terraform"]);
    assert!(text.contains("cannot find `/nonexistent/terraform`") && text.contains("OpenTofu"), "{text}");
}
