//! The runbooks of a sample estate: all of them render, and the AWS CLI accepts every command in them.

use std::path::{Path, PathBuf};
use std::process::Command;

use surveyor::cost::PriceBook;
use surveyor::estate::{Estate, Snapshot};
use surveyor::rules::{Findings, JudgeOptions, RuleSet, judge};
use surveyor::runbook::{Document, Library};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sample() -> (Snapshot, Findings) {
    let folder = root().join("fixtures/runbooks");
    let snapshot = Snapshot::read(&folder.join("estate.json")).unwrap();
    let findings = serde_json::from_slice(&std::fs::read(folder.join("findings.json")).unwrap()).unwrap();
    (snapshot, findings)
}

/// The templates of the working copy, so that an edit is tested without a rebuild.
fn library() -> Library {
    Library::load(Some(&root().join("templates/runbooks"))).unwrap()
}

fn render(snapshot: Snapshot, findings: &Findings) -> Vec<Document> {
    library().render(&Estate::new(snapshot), findings).unwrap_or_else(|e| panic!("{e}"))
}

fn write(documents: &[Document], name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    documents
        .iter()
        .map(|d| {
            let path = folder.join(&d.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &d.text).unwrap();
            path
        })
        .collect()
}

/// Runs the checker over documents; says why when it cannot be run here.
fn check(documents: &[Document], name: &str) {
    let skip = |why: String| {
        assert!(std::env::var_os("SURVEYOR_REQUIRE_TERRAFORM").is_none(), "{why}");
        eprintln!("SKIPPED: {why}");
    };
    let simulator = root().join("tests/simulator");
    let python = match Command::new("bash").arg(simulator.join("venv.sh")).output() {
        Ok(out) if out.status.success() => String::from_utf8_lossy(&out.stdout).trim().to_owned(),
        Ok(out) => return skip(format!("no Python environment: {}", String::from_utf8_lossy(&out.stderr))),
        Err(e) => return skip(format!("no bash: {e}")),
    };
    let paths = write(documents, name);
    let out = Command::new(&python).arg(simulator.join("check_commands.py")).args(&paths).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    match out.status.code() {
        Some(0) => eprintln!("{said}"),
        Some(3) => skip(said),
        _ => panic!("{said}"),
    }
}

#[test]
fn the_aws_cli_accepts_every_command() {
    let (snapshot, findings) = sample();
    let documents = render(snapshot, &findings);
    let written: Vec<&str> = documents.iter().map(|d| d.path.as_str()).collect();
    for id in library().ids() {
        assert!(written.contains(&format!("runbooks/{id}.md").as_str()), "the sample estate does not need {id}");
    }
    check(&documents, "runbooks");
}

/// What a scan with few permissions leaves: ids and names, and nothing else.
#[test]
fn a_scan_that_read_little_gives_runbooks_too() {
    let (mut snapshot, findings) = sample();
    for r in &mut snapshot.resources {
        r.config.clear();
        r.facts.clear();
        r.tags.clear();
        r.arn = None;
    }
    let documents = render(snapshot, &findings);
    assert!(documents.len() > 20);
    check(&documents, "runbooks-sparse");
}

#[test]
fn the_same_estate_gives_the_same_bytes() {
    let (snapshot, findings) = sample();
    assert_eq!(render(snapshot.clone(), &findings), render(snapshot, &findings));
}

#[test]
fn an_empty_account_needs_no_runbook() {
    let (_, mut findings) = sample();
    findings.findings.clear();
    assert_eq!(render(Snapshot::default(), &findings), []);
}

#[test]
fn every_runbook_has_its_sections_in_order() {
    let (snapshot, findings) = sample();
    for document in render(snapshot, &findings).iter().filter(|d| !d.path.ends_with("README.md")) {
        let headings: Vec<&str> = document.text.lines().filter_map(|l| l.strip_prefix("## ")).collect();
        let mut at = 0;
        for wanted in ["When to use it", "What it risks", "How long it takes", "Before you start", "Do it", "See that it worked", "Go back"]
        {
            let found = headings[at..].iter().position(|h| h.starts_with(wanted));
            at += found.unwrap_or_else(|| panic!("{}: no heading {wanted:?} in its place among {headings:?}", document.path)) + 1;
        }
    }
}

#[test]
fn names_from_aws_stay_words() {
    let (snapshot, findings) = sample();
    for document in render(snapshot, &findings) {
        for line in document.text.lines().filter(|l| l.starts_with('|')) {
            let cells = line.replace("\\|", "").matches('|').count();
            assert!(cells >= 2, "{}: {line}", document.path);
        }
        // The name of a group in the sample; in text it must not be code, in commands it must be quoted.
        for line in document.text.lines().filter(|l| l.contains("$(whoami)")) {
            assert!(line.contains("'") || line.contains("\\$(whoami)"), "{}: {line}", document.path);
        }
        let fences = document.text.lines().filter(|l| l.trim_start().starts_with("```")).count();
        assert_eq!(fences % 2, 0, "{}: a code block does not end", document.path);
    }
}

#[test]
fn the_binary_holds_the_templates_of_the_working_copy() {
    let (embedded, here) = (Library::load(None).unwrap(), library());
    assert_eq!(embedded.ids().collect::<Vec<_>>(), here.ids().collect::<Vec<_>>());
    for id in here.ids() {
        assert_eq!(embedded.get(id).unwrap().body(), here.get(id).unwrap().body(), "{id}: build again (touch src/runbook/library.rs)");
    }
}

/// What the sample says must be what a scan would say, or the runbooks are tested against fiction.
#[test]
fn the_sample_follows_the_vocabulary() {
    let (snapshot, _) = sample();
    let problems: Vec<String> = snapshot.resources.iter().flat_map(surveyor::schema::check_resource).collect();
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn the_hand_over_tells_what_there_is_and_what_was_not_seen() {
    let (snapshot, findings) = sample();
    let estate = Estate::new(snapshot.clone());
    let text = library().handover(&estate, &findings, None).unwrap_or_else(|e| panic!("{e}"));
    write(&[Document { path: "handover.md".into(), text: text.clone() }], "handover");
    for wanted in [
        "## What was delivered",
        "`shop-live.cx1abcdefghi.eu-central-1.rds.amazonaws.com`, port 5432",
        "| deddy | 5 January 2022 | yes, last 1 November 2024 | yes | AKIAEXAMPLEDED00000",
        "[rds-make-private](runbooks/rds-make-private.md)",
        "guardduty:ListDetectors",
        "| Handed over by |",
    ] {
        assert!(text.contains(wanted), "{wanted} is missing");
    }
    assert!(!text.contains("(redacted"), "a redacted value is of no use to a reader");

    let mut poor = snapshot;
    for r in &mut poor.resources {
        r.config.clear();
        r.facts.clear();
    }
    library().handover(&Estate::new(poor), &findings, None).unwrap_or_else(|e| panic!("{e}"));
    library().handover(&Estate::new(Snapshot::default()), &findings, None).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn a_folder_replaces_and_adds() {
    let folder = tempfile::tempdir().unwrap();
    let head = |id: &str, purpose: &str| {
        format!(
            "---\nid: {id}\ntitle: Ours\npurpose: {purpose}\norder: 1\nwhen: w\nrisk: r\ntime: t\napplies_to:\n  - resource: aws_instance\n---\n"
        )
    };
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("imdsv2.md.hbs", &(head("imdsv2", "fix") + "replaced for {{list selected of=\"id\"}}\n"));
    put("own.md.hbs", &(head("own", "incident") + "{{#each selected as |i|}}\n```sh\necho {{sh i.name}}\n```\n{{/each}}\n"));
    put("notes.txt", "not a template");
    let (snapshot, findings) = sample();
    let estate = Estate::new(snapshot);
    let documents = Library::load(Some(folder.path())).unwrap().render(&estate, &findings).unwrap();
    let text = |id: &str| &documents.iter().find(|d| d.path == format!("runbooks/{id}.md")).unwrap().text;
    assert!(text("imdsv2").starts_with("replaced for i-0aa0000000000a001"));
    assert!(text("own").contains(r#"echo 'shop admin'\''s "box" $(reboot)'"#), "{}", text("own"));
    assert!(text("README").contains("](own.md)"));

    put("own.md.hbs", &(head("own", "incident") + "fine\n{{#if selected.0.config.instance_tpye}}x{{/if}}\n"));
    let error = Library::load(Some(folder.path())).unwrap().render(&estate, &findings).unwrap_err().to_string();
    assert!(error.contains("own.md.hbs:13: if: selected.0.config.instance_tpye does not exist"), "{error}");
}

#[test]
fn the_index_says_which_first_and_why() {
    let (snapshot, findings) = sample();
    let documents = render(snapshot, &findings);
    assert_eq!(documents[0].path, "runbooks/README.md");
    insta::assert_snapshot!("index", documents[0].text);
}

/// The recorded account, judged by the real rules: names that people really give, and every finding's way to its runbook.
#[test]
fn the_recorded_account_gets_its_runbooks() {
    let rules = RuleSet::load(&[]).unwrap();
    let library = library();
    for rule in &rules.rules {
        if let Some(id) = &rule.fix.runbook {
            assert!(library.get(id).is_some(), "{}: there is no runbook {id}", rule.id);
        }
    }
    let estate = Estate::new(Snapshot::read(&root().join("fixtures/exo/snapshot.json.zst")).unwrap());
    let findings = judge(&estate, &rules, PriceBook::embedded(), &JudgeOptions::default());
    let documents = library.render(&estate, &findings).unwrap_or_else(|e| panic!("{e}"));
    for finding in findings.findings.iter().filter(|f| f.verdict == surveyor::rules::Verdict::Fail) {
        if let Some(id) = &finding.fix.runbook {
            assert!(documents.iter().any(|d| d.path == format!("runbooks/{id}.md")), "{}: {id} was not written", finding.rule);
        }
    }
    library.handover(&estate, &findings, None).unwrap_or_else(|e| panic!("{e}"));
    check(&documents, "runbooks-exo");

    // Import day takes its waves from these marks.
    let tree = surveyor::terraform::generate(&estate, &surveyor::terraform::GenerateOptions::default()).unwrap();
    let imports = tree.files.iter().find(|(path, _)| path.ends_with("imports.tf")).unwrap().1;
    for wave in 1..=4 {
        assert!(imports.contains(&format!("\n# ---- Wave {wave}: ")), "wave {wave}");
    }
}

/// Everything that people choose in AWS, turned against the reader's shell. The checker runs the blocks: a program that no
/// template wrote would be found.
#[test]
fn hostile_names_do_not_run() {
    const HOSTILE: &str = "a'; whoami #\"$(reboot) `hostname` ${HOME}\n```\nwhoami\n```sh\nreboot\n<b>|x| \\";
    let (mut snapshot, mut findings) = sample();
    for r in &mut snapshot.resources {
        // IAM is stricter than the rest: letters, digits and +=,.@-_
        r.name = Some(if r.kind == "aws_iam_user" { "smith,j=1+x@y".into() } else { HOSTILE.into() });
        r.tags.insert("Name".into(), HOSTILE.into());
        for argument in ["description", "comment", "alarm_description", "bucket", "endpoint", "key_name", "db_name", "username"] {
            if r.config.contains_key(argument) {
                r.config.insert(argument.into(), HOSTILE.into());
            }
        }
        if ["aws_cloudwatch_log_group", "aws_cloudwatch_metric_alarm", "aws_ssm_parameter", "aws_iam_access_key"].contains(&r.kind.as_str())
        {
            r.id = format!("{HOSTILE}{}", r.id);
        }
    }
    snapshot.normalise();
    for f in &mut findings.findings {
        f.message = HOSTILE.into();
        f.title = HOSTILE.into();
    }
    let estate = Estate::new(snapshot);
    let documents = library().render(&estate, &findings).unwrap_or_else(|e| panic!("{e}"));
    for document in &documents {
        let (mut inside, mut rows) = (false, 0);
        for line in document.text.lines() {
            if line.starts_with("```") {
                inside = !inside;
            }
            // A row has as many cells as the head of its table.
            let cells = if !inside && line.starts_with('|') { line.replace("\\\\", "").replace("\\|", "").matches('|').count() } else { 0 };
            assert!(rows == 0 || cells == 0 || rows == cells, "{}: {line}", document.path);
            rows = cells;
            // In a code span (longer than any run of backticks in the name) it is only text.
            assert!(inside || !line.contains("<b>") || line.contains("````"), "{}: {line}", document.path);
        }
        assert!(!inside, "{}: a code block does not end", document.path);
    }
    check(&documents, "runbooks-hostile");
    library().handover(&estate, &findings, None).unwrap_or_else(|e| panic!("{e}"));
}
