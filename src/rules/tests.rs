//! The engine as a whole: emptiness under every operator, mistakes at their place, the embedded rules on their own examples.

use serde_json::{Value as Json, json};

use super::RuleSet;
use super::check::{Checker, Subject as About_, Wanted};
use super::evaluate::{About, Machine};
use super::example;
use super::expression;
use super::world::{Price, World};
use crate::estate::{Estate, Meta, Outcome, Resource, Snapshot};

/// `true`, `false`, or `?` with the cause.
fn ask(expression: &str, resource: &Resource) -> String {
    let subject = About_::Resource(resource.kind.clone());
    let expr = expression::parse(expression).unwrap_or_else(|e| panic!("{expression}: {e:?}"));
    let node = match Checker::new(&subject).check(&expr, Wanted::Condition) {
        Ok(checked) => checked.node,
        Err(problems) => return format!("refused: {}", problems[0].message),
    };
    let mut snapshot = Snapshot { meta: Meta { taken_at: example::NOW.into(), ..Meta::default() }, ..Snapshot::default() };
    snapshot.resources.push(resource.clone());
    let estate = Estate::new(snapshot);
    let prices = |_: &Estate, _: &Resource| Price::default();
    let world = World::new(&estate, &prices, crate::cost::PriceBook::embedded());
    let mut machine = Machine::new(&world, About::Resource(&estate.resources()[0]));
    match machine.truth(&node) {
        Ok(truth) => truth.to_string(),
        Err(cause) => format!("? {}", cause.0.join("; ")),
    }
}

/// A database with one argument in one of the states that matter.
fn database(argument: &str, state: &Json) -> Resource {
    let mut r = Resource::new("aws_db_instance", "123456789012", "eu-west-3", "db");
    match state.as_str() {
        Some("ABSENT") => {}
        Some("UNREAD") => r.mark_unread(&[&format!("config.{argument}")], "denied: rds:DescribeDBInstances"),
        Some("PART") => {
            r.set(argument, json!(["error"]));
            r.mark_unread(&[&format!("config.{argument}")], "cut after the first page");
        }
        _ => drop(r.config.insert(argument.into(), state.clone())),
    }
    r
}

/// Emptiness under every operator: only a value that is there gives an answer, and an absent or misread one never makes a pass.
#[test]
fn operators_and_emptiness() {
    let first = |answer: String| if answer.starts_with('?') { "?".to_string() } else { answer };
    // Expression, then the answers for: a value that fits, null, absent, unread, wrong type.
    let scalars: &[(&str, &str, Json, Json, [&str; 5])] = &[
        ("storage_type", "config.storage_type == 'gp2'", json!("gp2"), json!(5), ["true", "?", "?", "?", "?"]),
        ("storage_type", "config.storage_type != 'gp2'", json!("gp2"), json!(5), ["false", "?", "?", "?", "?"]),
        ("storage_type", "config.storage_type in ['gp2', 'gp3']", json!("gp2"), json!(5), ["true", "?", "?", "?", "?"]),
        ("storage_type", "!(config.storage_type in ['gp2', 'gp3'])", json!("io1"), json!(5), ["true", "?", "?", "?", "?"]),
        ("storage_type", "config.storage_type.or('gp2') == 'gp2'", json!("io1"), json!(5), ["false", "true", "true", "?", "?"]),
        ("storage_type", "config.storage_type == null", json!("gp2"), json!(5), ["false", "true", "true", "?", "?"]),
        ("storage_type", "config.storage_type != null", json!("gp2"), json!(5), ["true", "false", "false", "?", "?"]),
        ("storage_type", "has(config.storage_type)", json!("gp2"), json!(5), ["true", "false", "false", "?", "?"]),
        ("storage_type", "config.storage_type.or('').startsWith('io')", json!("io1"), json!(5), ["true", "false", "false", "?", "?"]),
        ("storage_encrypted", "config.storage_encrypted", json!(true), json!("true"), ["true", "?", "?", "?", "?"]),
        ("storage_encrypted", "!config.storage_encrypted", json!(true), json!("true"), ["false", "?", "?", "?", "?"]),
        ("storage_encrypted", "!config.storage_encrypted.or(false)", json!(true), json!(1), ["false", "true", "true", "?", "?"]),
        ("storage_encrypted", "config.storage_encrypted && false", json!(true), json!("x"), ["false"; 5]),
        ("storage_encrypted", "false && config.storage_encrypted", json!(true), json!("x"), ["false"; 5]),
        ("storage_encrypted", "config.storage_encrypted || true", json!(false), json!("x"), ["true"; 5]),
        ("storage_encrypted", "config.storage_encrypted || false", json!(false), json!("x"), ["false", "?", "?", "?", "?"]),
        ("storage_encrypted", "config.storage_encrypted ? true : true", json!(false), json!("x"), ["true", "?", "?", "?", "?"]),
        ("backup_retention_period", "config.backup_retention_period == 0", json!(7), json!("7"), ["false", "?", "?", "?", "?"]),
        ("backup_retention_period", "config.backup_retention_period.or(0) < 7", json!(7), json!("7"), ["false", "true", "true", "?", "?"]),
        (
            "backup_retention_period",
            "config.backup_retention_period == null || config.backup_retention_period < 7",
            json!(7),
            json!("7"),
            ["false", "true", "true", "?", "?"],
        ),
        (
            "backup_retention_period",
            "config.backup_retention_period != null && config.backup_retention_period + 1 > 7",
            json!(7),
            json!([]),
            ["true", "false", "false", "?", "?"],
        ),
        // `instance_class` is required: the provider has no resource without it, so an absent one was not read.
        ("instance_class", "config.instance_class == 'db.t3.micro'", json!("db.t3.micro"), json!(5), ["true", "?", "?", "?", "?"]),
        ("instance_class", "config.instance_class == null", json!("db.t3.micro"), json!(5), ["false", "?", "?", "?", "?"]),
    ];
    for (argument, expression, value, wrong, wanted) in scalars {
        for (state, wanted) in [value.clone(), Json::Null, json!("ABSENT"), json!("UNREAD"), wrong.clone()].iter().zip(wanted) {
            let answer = ask(expression, &database(argument, state));
            assert_eq!(first(answer.clone()), *wanted, "{expression} with {state}: {answer}");
        }
    }
    // Lists: whole, empty, null, absent, unread, wrong type, and one of which only a part was read.
    let list = "enabled_cloudwatch_logs_exports";
    let lists: &[(&str, [&str; 7])] = &[
        ("config.L.exists(x, x == 'error')", ["true", "false", "false", "false", "?", "?", "true"]),
        ("config.L.exists(x, x == 'audit')", ["false", "false", "false", "false", "?", "?", "?"]),
        ("!config.L.exists(x, x == 'audit')", ["true", "true", "true", "true", "?", "?", "?"]),
        ("config.L.size() > 0 && config.L.all(x, x == 'error')", ["true", "false", "false", "false", "?", "?", "?"]),
        ("config.L.size() > 0 && config.L.all(x, x == 'audit')", ["false", "false", "false", "false", "?", "?", "false"]),
        ("'error' in config.L", ["true", "false", "false", "false", "?", "?", "true"]),
        ("'audit' in config.L", ["false", "false", "false", "false", "?", "?", "?"]),
        ("config.L.size() == 0", ["false", "true", "true", "true", "?", "?", "?"]),
        ("config.L.any()", ["true", "false", "false", "false", "?", "?", "true"]),
        ("config.L == ['error']", ["true", "false", "false", "false", "?", "?", "?"]),
        ("config.L.count(x, x == 'error') == 1", ["true", "false", "false", "false", "?", "?", "?"]),
        ("config.L.filter(x, x == 'error').any()", ["true", "false", "false", "false", "?", "?", "true"]),
        ("config.L.filter(x, x == 'audit').size() == 0", ["true", "true", "true", "true", "?", "?", "?"]),
        ("config.L.map(x, x.size()).exists(n, n == 5)", ["true", "false", "false", "false", "?", "?", "true"]),
        ("config.L.overlaps(['error', 'x'])", ["true", "false", "false", "false", "?", "?", "true"]),
        ("config.L.overlaps(['audit', 'x'])", ["false", "false", "false", "false", "?", "?", "?"]),
        ("config.L.exists_one(x, x == 'error')", ["true", "false", "false", "false", "?", "?", "?"]),
        ("config.L.first().or('none') == 'error'", ["true", "false", "false", "false", "?", "?", "true"]),
        ("config.L[0] == 'error'", ["true", "?", "?", "?", "?", "?", "true"]),
        ("config.L[1].or('none') == 'none'", ["true", "true", "true", "true", "?", "?", "?"]),
    ];
    let states = [json!(["error"]), json!([]), Json::Null, json!("ABSENT"), json!("UNREAD"), json!("error"), json!("PART")];
    for (expression, wanted) in lists {
        let expression = expression.replace("config.L", &format!("config.{list}"));
        for (state, wanted) in states.iter().zip(wanted) {
            let answer = ask(&expression, &database(list, state));
            assert_eq!(first(answer.clone()), *wanted, "{expression} with {state}: {answer}");
        }
    }
}

#[test]
fn what_null_could_slip_through_is_refused_at_load() {
    let r = Resource::new("aws_db_instance", "1", "r", "db");
    for (expression, wanted) in [
        ("config.backup_retention_period < 7", "may be null"),
        ("7 > config.backup_retention_period", "may be null"),
        ("config.backup_retention_period != null || config.backup_retention_period < 7", "may be null"),
        ("config.backup_retention_period == null && config.backup_retention_period < 7", "may be null"),
        ("config.storage_type.contains('gp')", "may be null"),
        ("config.deletion_protection == false", "comparing with true or false"),
        ("config.enabled_cloudwatch_logs_exports.all(x, x == 'a')", "true of an empty list"),
    ] {
        let answer = ask(expression, &r);
        assert!(answer.starts_with("refused") && answer.contains(wanted), "{expression}: {answer}");
    }
    for expression in [
        "config.backup_retention_period != null && config.backup_retention_period < 7",
        "config.backup_retention_period == null || config.backup_retention_period < 7",
        "has(config.backup_retention_period) && config.backup_retention_period < 7",
        "!(config.backup_retention_period == null) && 7 > config.backup_retention_period",
        "config.backup_retention_period == null ? true : config.backup_retention_period < 7",
        "config.enabled_cloudwatch_logs_exports.any() && config.enabled_cloudwatch_logs_exports.all(x, x == 'a')",
        "facts.create_time != null && days_since(facts.create_time) > 3",
    ] {
        let answer = ask(expression, &r);
        assert!(!answer.starts_with("refused"), "{expression}: {answer}");
    }
}

const GOOD: &str = r#"
- id: a-rule
  title: A title
  resource: aws_db_instance
  severity: low
  category: security
  fails_when: config.publicly_accessible
  message: "{{name}} is public"
  why: Because.
  fix: { disruption: none, summary: Do it. }
  tests:
    - fails: { config: { publicly_accessible: true } }
    - passes: { config: { publicly_accessible: false } }
    - unknown: { unread: [config.publicly_accessible] }
    - not_applicable: { impossible: every database has the argument }
"#;

fn load(text: &str) -> Result<RuleSet, String> {
    RuleSet::parse(&[("r.yaml".to_string(), text.to_string())]).map_err(|e| e.message)
}

#[test]
fn mistakes_are_shown_at_their_place_with_what_to_write() {
    load(GOOD).unwrap();
    for (from, to, place, wanted) in [
        ("config.publicly_accessible\n", "config.publicly_accesible\n", "7:22", "did you mean `publicly_accessible`?"),
        ("config.publicly_accessible\n", "config.arn == 'x'\n", "7:22", "write `arn`"),
        ("config.publicly_accessible\n", "config.endpoint == 'x'\n", "7:22", "it is a fact: write `facts.endpoint`"),
        ("config.publicly_accessible\n", "facts.storage_encrypted\n", "7:21", "it is an argument: write `config.storage_encrypted`"),
        ("config.publicly_accessible\n", "publicly_accessible\n", "7:15", "write `config.publicly_accessible`"),
        ("config.publicly_accessible\n", "config.port == 'x'\n", "7:27", "a number is never equal to text"),
        ("config.publicly_accessible\n", "config.port\n", "7:22", "must be true or false"),
        ("config.publicly_accessible\n", "expossed(22)\n", "7:15", "did you mean `exposed`?"),
        ("config.publicly_accessible\n", "exposed()\n", "7:15", "takes 1 argument, 0 given"),
        ("config.publicly_accessible\n", "exposed(22, 23)\n", "7:15", "takes 1 argument, 2 given"),
        ("config.publicly_accessible\n", "config.engine.or('').startWith('a')\n", "7:36", "did you mean `startsWith`?"),
        ("config.publicly_accessible\n", "related('aws_subne').any()\n", "7:23", "did you mean `aws_subnet`?"),
        (
            "config.publicly_accessible\n",
            "related('aws_subnet').exists(s, s.config.map_public_ip)\n",
            "7:56",
            "no argument `map_public_ip`",
        ),
        (
            "config.publicly_accessible\n",
            "all('aws_instance').exists(i, i.config.root_block_device.exists(b, b.encryptd))\n",
            "7:84",
            "did you mean `encrypted`?",
        ),
        (
            "config.publicly_accessible\n",
            "all('aws_security_group').exists(g, g.config.ingress.any())\n",
            "7:60",
            "a scan does not read `ingress`",
        ),
        ("config.publicly_accessible\n", "config.publicly_accessible &&\n", "7:", "not an expression"),
        (
            "config.publicly_accessible\n",
            ">-\n    config.publicly_accessible &&\n    config.storage_encrypte\n",
            "9:12",
            "did you mean `storage_encrypted`?",
        ),
        ("config.publicly_accessible\n", "\"config.publicly_accessible && config.nothing\"\n", "7:53", "no argument `nothing`"),
        ("{{name}}", "{{nam}}", "8:15", "did you mean `name`?"),
        ("{{name}}", "{{config.prot}}", "8:22", "did you mean `port`?"),
        ("{{name}}", "{{name", "8:13", "never closed"),
        ("resource: aws_db_instance", "resource: aws_db_instanc", "4:13", "did you mean `aws_db_instance`?"),
        ("severity: low", "severity: lo", "5:13", "lo"),
        ("title: A title", "titel: A title", "3:3", "titel"),
        ("disruption: none", "disruption: nothing", "10:22", "unknown disruption"),
        ("summary: Do it. }", "summary: Do it., runbook: no-such }", "", ""),
        ("  tests:", "  controls: { cis-9.0: [1.1] }\n  tests:", "11:25", "no framework `cis-9.0`"),
        ("  tests:", "  controls: { cis-5.0: [99.1] }\n  tests:", "11:25", "no control `99.1`"),
        ("  tests:", "  needs: [aws_subnett]\n  tests:", "11:11", "did you mean `aws_subnet`?"),
        ("    - passes: { config: { publicly_accessible: false } }\n", "", "12:5", "no test `passes`"),
        ("publicly_accessible: true", "publicly_accesible: true", "12:", "config.publicly_accesible"),
        ("publicly_accessible: true", "publicly_accessible: 'true'", "12:", "a string, want bool"),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "{from} is not in the good rule");
        if wanted.is_empty() {
            continue;
        }
        let error = load(&text).expect_err(to);
        assert!(error.contains(&format!("r.yaml:{place}")) && error.contains(wanted), "{to}: want {place} {wanted}\n{error}");
        assert!(error.contains('^'), "{error}");
    }
}

#[test]
fn all_mistakes_of_all_files_come_at_once() {
    let a = GOOD.replace("config.publicly_accessible\n", "config.a1 || config.b2\n");
    let b = GOOD.replace("a-rule", "b-rule").replace("{{name}}", "{{zzz}}");
    let texts = [("a.yaml".to_string(), a), ("b.yaml".to_string(), b), ("c.yaml".to_string(), "- id: [".to_string())];
    let error = RuleSet::parse(&texts).unwrap_err().message;
    for wanted in ["4 mistakes", "a.yaml:7", "`a1`", "`b2`", "b.yaml:8", "`zzz`", "c.yaml:1"] {
        assert!(error.contains(wanted), "{wanted} in\n{error}");
    }
}

#[test]
fn an_id_stands_once() {
    let texts = [("a.yaml".to_string(), GOOD.to_string()), ("b.yaml".to_string(), GOOD.to_string())];
    let error = RuleSet::parse(&texts).unwrap_err().message;
    assert!(error.contains("b.yaml:2:7") && error.contains("stands in a.yaml:2 already"), "{error}");
}

/// Read from the folder, not from the binary: a rule can be written without compiling.
#[test]
fn the_rules_answer_their_own_examples() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let set = RuleSet::of_folder(&folder).unwrap_or_else(|e| panic!("{e}"));
    let report = super::catalogue::test(&set);
    assert!(report.wrong.is_empty(), "{}", report.render());
    assert!(report.run >= set.rules.len() * 2, "{}", report.render());
}

#[test]
fn a_rule_may_be_about_further_types() {
    let text = GOOD.replace("  severity: low\n", "  also: [aws_rds_cluster_instance]\n  severity: low\n");
    let set = load(&text).unwrap();
    let mut snapshot =
        Snapshot { meta: Meta { account: "1".into(), taken_at: example::NOW.into(), ..Meta::default() }, ..Snapshot::default() };
    for (kind, id) in [("aws_db_instance", "db"), ("aws_rds_cluster_instance", "member")] {
        let mut r = Resource::new(kind, "1", "eu-west-3", id);
        r.set("publicly_accessible", true);
        snapshot.resources.push(r);
    }
    let judged = |snapshot: Snapshot| {
        let findings = super::judge(&Estate::new(snapshot), &set, crate::cost::PriceBook::embedded(), &super::JudgeOptions::default());
        findings.findings.into_iter().filter(|f| f.rule == "a-rule").map(|f| (f.verdict, f.resource.id, f.message)).collect::<Vec<_>>()
    };
    let found = judged(snapshot.clone());
    let failing: Vec<&str> = found.iter().filter(|(v, ..)| *v == super::Verdict::Fail).map(|(_, id, _)| id.as_str()).collect();
    assert_eq!(failing, ["db", "member"]);
    // Nobody listed either type: one answer tells both.
    assert_eq!(found.iter().filter(|(v, ..)| *v == super::Verdict::Unknown).count(), 1, "{found:?}");

    let wrong = load(&text.replace("aws_rds_cluster_instance", "aws_s3_bucket")).unwrap_err();
    assert!(wrong.contains("no argument") || wrong.contains("publicly_accessible"), "{wrong}");
    let nonsense =
        load(&text.replace("resource: aws_db_instance", "scope: account").replace("config.publicly_accessible", "true")).unwrap_err();
    assert!(nonsense.contains("only a rule about a resource type"), "{nonsense}");
}

#[test]
fn the_embedded_rules_load() {
    RuleSet::load(&[]).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn an_incomplete_listing_makes_its_rules_unknown_and_is_itself_a_finding() {
    let set = load(GOOD).unwrap();
    let mut snapshot =
        Snapshot { meta: Meta { account: "1".into(), taken_at: example::NOW.into(), ..Meta::default() }, ..Snapshot::default() };
    snapshot.ledger.push(crate::estate::LedgerEntry {
        account: "1".into(),
        region: "eu-west-3".into(),
        call: "rds:DescribeDBInstances".into(),
        outcome: Outcome::Denied,
        count: 0,
        requests: 1,
        failures: 1,
        vanished: 0,
        listing: true,
        types: vec!["aws_db_instance".into()],
        permissions: vec!["rds:DescribeDBInstances".into()],
        code: Some("AccessDenied".into()),
        message: None,
        request_id: None,
    });
    let findings = super::judge(&Estate::new(snapshot), &set, crate::cost::PriceBook::embedded(), &super::JudgeOptions::default());
    let told: Vec<String> = findings.findings.iter().map(|f| format!("{} {:?} {}", f.rule, f.verdict, f.message)).collect();
    assert_eq!(findings.findings.len(), 2, "{told:#?}");
    assert!(
        told.iter().any(|t| t.starts_with("a-rule Unknown") && t.contains("denied: rds:DescribeDBInstances in eu-west-3")),
        "{told:#?}"
    );
    assert!(
        told.iter().any(|t| t.starts_with("access-denied-coverage-gap Fail") && t.contains("missing permission: rds:DescribeDBInstances")),
        "{told:#?}"
    );
    assert!(findings.summary.unanswered_rules.contains_key("a-rule"));
}

#[test]
fn what_no_state_holds_is_told_with_the_share_of_each_service() {
    use crate::estate::{Options, State};
    let set = load(GOOD).unwrap();
    let snapshot = || {
        let mut snapshot =
            Snapshot { meta: Meta { account: "1".into(), taken_at: example::NOW.into(), ..Meta::default() }, ..Snapshot::default() };
        for (kind, region, id) in [
            ("aws_instance", "eu-west-3", "i-1"),
            ("aws_instance", "eu-west-3", "i-2"),
            ("aws_sqs_queue", "eu-west-3", "jobs"),
            ("aws_inspector2_enabler", "eu-west-3", "nobody-can-import-it"),
            ("x_account", "global", "1"),
        ] {
            snapshot.resources.push(Resource::new(kind, "1", region, id));
        }
        snapshot
    };
    let state = json!({ "version": 4, "resources": [{ "mode": "managed", "type": "aws_instance", "name": "a", "instances": [{ "attributes": { "id": "i-1" } }] }] });
    let states = vec![State::parse(state.to_string().as_bytes(), "live.tfstate").unwrap()];
    let judged = |estate: &Estate| {
        let all = super::judge(estate, &set, crate::cost::PriceBook::embedded(), &super::JudgeOptions::default()).findings;
        all.into_iter().filter(|f| f.rule == "resource-not-in-code").collect::<Vec<_>>()
    };
    assert_eq!(judged(&Estate::new(snapshot())), [], "without a state there is nothing to compare");
    let found = judged(&Estate::with(snapshot(), &Options { states, ..Options::default() }));
    assert_eq!(found.len(), 1, "one finding per region: {found:?}");
    assert_eq!(found[0].message, "1 of 3 resources in eu-west-3 are in code (33 %); by service: EC2 1 of 2, SQS 0 of 1");
    assert_eq!(found[0].evidence["in_code"], json!({ "EC2": "1 of 2", "SQS": "0 of 1" }));
    assert_eq!(found[0].evidence["not_in_code"], json!(["aws_instance i-2", "aws_sqs_queue jobs"]));
}

#[test]
fn a_service_that_rose_on_the_bill_is_told_and_a_little_is_not() {
    use crate::estate::seen::{Bill, BillLine, Billed};
    let set = load(GOOD).unwrap();
    let line = |service: &str, region: &str, usd, coverage| BillLine { service: service.into(), region: region.into(), usd, coverage };
    let judged = |before: &[(&str, f64)]| {
        let bill = Bill {
            month: "2025-12".into(),
            lines: vec![
                line("RDS", "eu-west-3", 90.0, Billed::Modelled),
                line("RDS", "us-east-1", 60.0, Billed::Modelled),
                line("EC2", "eu-west-3", 1200.0, Billed::Modelled),
                line("Glue", "eu-west-3", 44.0, Billed::NotModelled),
                line("SNS", "eu-west-3", 12.0, Billed::Modelled),
                line("Tax", "NoRegion", 300.0, Billed::NoResources),
            ],
            month_before: Some(before.iter().map(|(s, usd)| ((*s).to_owned(), *usd)).collect()),
        };
        let meta = Meta { account: "1".into(), taken_at: example::NOW.into(), ..Meta::default() };
        let estate = Estate::new(Snapshot { meta, bill: Some(bill), ..Snapshot::default() });
        let all = super::judge(&estate, &set, crate::cost::PriceBook::embedded(), &super::JudgeOptions::default()).findings;
        let mut told: Vec<String> = all.into_iter().filter(|f| f.rule == "cost-service-jump").map(|f| f.message).collect();
        told.sort();
        told
    };
    assert_eq!(
        judged(&[("RDS", 100.0), ("EC2", 1000.0), ("SNS", 1.0), ("Tax", 100.0)]),
        [
            "Glue cost 44.00 USD in 2025-12, and 0.00 USD the month before: it is new",
            "RDS cost 150.00 USD in 2025-12, and 100.00 USD the month before, 50 % more",
        ]
    );
    assert!(judged(&[]).is_empty(), "of an account in its first month everything would be new");
}

/// The manual lists every function with its signature; `UPDATE_DOCS=1` writes the table anew.
#[test]
fn the_manual_lists_every_function() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/writing-rules.md");
    let manual = std::fs::read_to_string(&path).unwrap();
    let table: String = std::iter::once("| function | what it answers |\n|---|---|\n".to_string())
        .chain(super::functions::all().map(|f| format!("| `{}` | {} |\n", super::functions::signature(f), f.about.replace('|', "\\|"))))
        .collect();
    let (head, rest) = manual.split_once("## Functions\n\n").unwrap();
    let (old, tail) = rest.split_once("\n\nA field of a value").unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{head}## Functions\n\n{}\n\nA field of a value{tail}", table.trim_end())).unwrap();
    } else {
        assert_eq!(old, table.trim_end(), "run this test with UPDATE_DOCS=1");
    }
}

fn databases(public: &[bool], now: &str) -> Estate {
    let mut snapshot = Snapshot { meta: Meta { account: "1".into(), taken_at: now.into(), ..Meta::default() }, ..Snapshot::default() };
    for (i, public) in public.iter().enumerate() {
        let mut r = Resource::new("aws_db_instance", "1", "eu-west-3", &format!("db-{i}"));
        r.arn = Some(format!("arn:aws:rds:eu-west-3:1:db:db-{i}"));
        r.set("publicly_accessible", *public);
        snapshot.resources.push(r);
    }
    snapshot.ledger.push(crate::estate::LedgerEntry {
        account: "1".into(),
        region: "eu-west-3".into(),
        call: "rds:DescribeDBInstances".into(),
        outcome: Outcome::Done,
        count: public.len() as u64,
        requests: 1,
        failures: 0,
        vanished: 0,
        listing: true,
        types: vec!["aws_db_instance".into()],
        permissions: Vec::new(),
        code: None,
        message: None,
        request_id: None,
    });
    snapshot.normalise();
    Estate::new(snapshot)
}

#[test]
fn findings_keep_their_identity_and_their_first_day() {
    let set = load(GOOD).unwrap();
    let book = crate::cost::PriceBook::embedded();
    let first = super::judge(&databases(&[true, false], "2026-01-01T00:00:00Z"), &set, book, &super::JudgeOptions::default());
    assert_eq!(first.findings.len(), 1);
    let found = &first.findings[0];
    assert_eq!((found.message.as_str(), found.first_seen.as_str()), ("db-0 is public", "2026-01-01T00:00:00Z"));
    assert_eq!(found.evidence, std::collections::BTreeMap::from([("config.publicly_accessible".to_string(), json!(true))]));
    // Fixed: a release that changed it would lose every first day and every suppression of its users' histories.
    assert_eq!(found.id, super::judge::finding_id(&found.resource, "a-rule", None));
    assert_eq!(found.id.len(), 16);
    assert_eq!(first.summary.verdicts, std::collections::BTreeMap::from([("fail".to_string(), 1), ("pass".to_string(), 1)]));

    let reworded = load(&GOOD.replace("is public", "answers everybody").replace("A title", "Another title")).unwrap();
    let options = super::JudgeOptions { previous: Some(first.clone()), all: true, ..super::JudgeOptions::default() };
    let second = super::judge(&databases(&[true, true], "2026-02-01T00:00:00Z"), &reworded, book, &options);
    let seen: Vec<(&str, &str)> = second.findings.iter().map(|f| (f.resource.id.as_str(), f.first_seen.as_str())).collect();
    assert_eq!(seen, [("db-0", "2026-01-01T00:00:00Z"), ("db-1", "2026-02-01T00:00:00Z")]);
    assert_eq!(second.findings[0].id, found.id);
    let again = super::judge(&databases(&[true, true], "2026-02-01T00:00:00Z"), &reworded, book, &options);
    assert_eq!(serde_json::to_string(&again).unwrap(), serde_json::to_string(&second).unwrap());
}

#[test]
fn a_message_names_its_own_key_and_no_other() {
    let own = format!("AKIA{}", "IOSFODNN7EXAMPLE");
    let other = format!("AKIA{}", "I44QH7DHBEXAMPLE");
    let text = GOOD.replace("{{name}} is public", "{{id}} and {{config.engine}}");
    assert_ne!(text, GOOD);
    let mut snapshot = databases(&[true], "2026-01-01T00:00:00Z").snapshot().clone();
    snapshot.resources[0].id.clone_from(&own);
    snapshot.resources[0].set("engine", other);
    let findings =
        super::judge(&Estate::new(snapshot), &load(&text).unwrap(), crate::cost::PriceBook::embedded(), &super::JudgeOptions::default());
    assert_eq!(findings.findings[0].message, format!("{own} and {}", crate::estate::resource::REDACTED));
}

#[test]
fn what_is_accepted_stays_visible_until_its_day() {
    let set = load(GOOD).unwrap();
    let text = "- { rule: a-rule, resource: aws_db_instance/db-0, reason: behind a firewall, owner: ops, expires: 2026-01-01 }\n\
                - { rule: a-rule, resource: 'db-9*', reason: gone, owner: ops, expires: 2026-12-31 }\n";
    let options =
        super::JudgeOptions { suppressions: super::suppression::parse("s.yaml", text).unwrap(), ..super::JudgeOptions::default() };
    let told = |now: &str| {
        let findings = super::judge(&databases(&[true], now), &set, crate::cost::PriceBook::embedded(), &options);
        findings.findings.iter().map(|f| format!("{} {:?} {}", f.rule, f.verdict, f.because.join("; "))).collect::<Vec<_>>()
    };
    assert_eq!(
        told("2026-01-01T12:00:00Z"),
        ["a-rule Suppressed reason: behind a firewall; owner: ops; expires: 2026-01-01", "suppression-unused Fail "]
    );
    assert_eq!(told("2026-01-02T00:00:00Z"), ["suppression-expired Fail ", "a-rule Fail ", "suppression-unused Fail "]);
}

#[test]
fn a_framework_says_fail_unknown_pass_and_not_covered() {
    let set = load(&GOOD.replace("  tests:", "  controls: { fsbp: [RDS.2] }\n  tests:")).unwrap();
    let status = |public: &[bool], control: &str| {
        let findings =
            super::judge(&databases(public, example::NOW), &set, crate::cost::PriceBook::embedded(), &super::JudgeOptions::default());
        let report = super::framework_report(&set, &findings, "fsbp").unwrap();
        report.controls.iter().find(|c| c.control == control).map(|c| (c.status, c.findings.len()))
    };
    use super::framework::Status;
    assert_eq!(status(&[true, false], "RDS.2"), Some((Status::Fail, 1)));
    assert_eq!(status(&[false], "RDS.2"), Some((Status::Pass, 0)));
    assert_eq!(status(&[], "RDS.2"), Some((Status::NotApplicable, 0)));
    assert_eq!(status(&[true], "RDS.3"), Some((Status::NotCovered, 0)));
    assert!(
        super::framework_report(
            &set,
            &super::judge(&databases(&[], example::NOW), &set, crate::cost::PriceBook::embedded(), &super::JudgeOptions::default()),
            "fsb"
        )
        .is_err()
    );
}

#[test]
fn what_is_only_listed_is_said_once_per_type() {
    let set = load(GOOD).unwrap();
    let mut snapshot = databases(&[], example::NOW).snapshot().clone();
    for (kind, id) in
        [("aws_iam_virtual_mfa_device", "a"), ("aws_iam_virtual_mfa_device", "b"), ("aws_db_instance", "db"), ("x_account", "1")]
    {
        let mut r = Resource::new(kind, "1", "eu-west-3", id);
        r.set("publicly_accessible", false);
        r.ownership.class = crate::estate::OwnershipClass::NotImportable;
        snapshot.resources.push(r);
    }
    let mut region = Resource::new("x_region", "1", "eu-west-3", "eu-west-3");
    region.fact("counted", json!({"aws_cloudwatch_log_stream": 1200, "aws_ami": 0}));
    snapshot.resources.push(region);
    snapshot.normalise();
    let findings = super::judge(&Estate::new(snapshot), &set, crate::cost::PriceBook::embedded(), &super::JudgeOptions::default());
    let told: Vec<&str> = findings.findings.iter().map(|f| f.message.as_str()).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.contains(&"2 of aws_iam_virtual_mfa_device in eu-west-3: a, b"), "{told:?}");
    assert!(told.contains(&"1200 of aws_cloudwatch_log_stream in eu-west-3: only counted"), "{told:?}");
}
