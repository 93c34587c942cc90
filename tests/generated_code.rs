//! The code generator on estates written by hand, as a scan would tell them: hostile names, circles, look-alikes, roots, renames.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::{Value, json};
use surveyor::estate::resource::REDACTED;
use surveyor::estate::{Estate, Ownership, Resource, Snapshot};
use surveyor::terraform::{GenerateOptions, Layout, Tree, generate};

const ACCOUNT: &str = "210987654321";
const REGION: &str = "eu-central-1";

fn thing(kind: &str, id: &str, name: Option<&str>, config: Value) -> Resource {
    let mut r = Resource::new(kind, ACCOUNT, if kind.starts_with("aws_iam_") { "global" } else { REGION }, id);
    r.name = name.map(String::from);
    r.config = serde_json::from_value(config).unwrap();
    r
}

fn with_arn(mut r: Resource, arn: &str) -> Resource {
    r.arn = Some(arn.into());
    r
}

fn tagged(mut r: Resource, tags: &[(&str, &str)]) -> Resource {
    r.tags = tags.iter().map(|(k, v)| ((*k).to_string(), (*v).to_string())).collect();
    r
}

fn estate(resources: Vec<Resource>) -> Estate {
    let mut snapshot = Snapshot { resources, ..Snapshot::default() };
    snapshot.meta.account = ACCOUNT.into();
    snapshot.meta.partition = "aws".into();
    snapshot.meta.regions = vec![REGION.into()];
    snapshot.meta.taken_at = "2026-01-20T08:00:00Z".into();
    Estate::new(snapshot)
}

fn tree(resources: Vec<Resource>) -> Tree {
    generate(&estate(resources), &GenerateOptions::default()).unwrap()
}

/// All `.tf` files parse, each address stands once, each import has its block, each reference leads to a block.
fn sound(tree: &Tree) {
    let mut folders: BTreeMap<&str, Vec<(&String, &String)>> = BTreeMap::new();
    for (path, text) in tree.files.iter().filter(|(p, _)| p.ends_with(".tf")) {
        folders.entry(path.rsplit_once('/').map_or("", |(f, _)| f)).or_default().push((path, text));
    }
    let reference = regex::Regex::new(r"\b(aws_[a-z0-9_]+)\.([A-Za-z_][A-Za-z0-9_-]*)").unwrap();
    for files in folders.values() {
        let mut blocks = BTreeSet::new();
        for (path, text) in files {
            let body: hcl_edit::structure::Body = text.parse().unwrap_or_else(|e| panic!("{path}: {e}\n{text}"));
            for block in body.get_blocks("resource") {
                let labels: Vec<&str> = block.labels.iter().map(|l| l.as_str()).collect();
                assert!(blocks.insert(labels.join(".")), "{path}: {labels:?} twice");
            }
        }
        for (path, text) in files {
            if path.ends_with("moved.tf") {
                continue;
            }
            for line in text.lines().map(|l| l.split(" # ").next().unwrap_or(l)).filter(|l| !l.trim_start().starts_with('#')) {
                for found in reference.captures_iter(line) {
                    let address = format!("{}.{}", &found[1], &found[2]);
                    assert!(blocks.contains(&address), "{path}: {address} leads nowhere: {line}");
                }
            }
        }
    }
}

/// An estate with everything that makes code go wrong.
fn hostile() -> Vec<Resource> {
    let evil = "\"; } resource \"aws_x\" \"y\" {\n${file(\"/etc/passwd\")} %{ if true } 🚀 \\ \u{202e}txt";
    let mut all = vec![
        tagged(
            thing(
                "aws_vpc",
                "vpc-0a1b2c3d4e5f60718",
                Some(evil),
                json!({"cidr_block": "10.0.0.0/16", "enable_dns_hostnames": true, "enable_dns_support": true, "instance_tenancy": "default"}),
            ),
            &[("Name", evil), ("ключ", "значение"), ("a\"b", "$${x}")],
        ),
        thing(
            "aws_security_group",
            "sg-0aaaaaaaaaaaaaaa1",
            Some("日本語"),
            json!({"name": "日本語", "description": evil, "vpc_id": "vpc-0a1b2c3d4e5f60718"}),
        ),
        thing(
            "aws_security_group",
            "sg-0aaaaaaaaaaaaaaa2",
            Some("日本語"),
            json!({"name": "3tier \"web\"", "description": "x", "vpc_id": "vpc-0a1b2c3d4e5f60718"}),
        ),
        thing("aws_s3_bucket", "2024-archive", Some("2024-archive"), json!({"bucket": "2024-archive", "force_destroy": false})),
        thing("aws_cloudwatch_log_group", "/x/#.y", Some("/x/#.y"), json!({"name": "/x/#.y", "retention_in_days": 0})),
    ];
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::2024-archive", "arn:aws:s3:::2024-archive/${aws:username}/*", "arn:aws:s3:::2024-archive-old/*"], "Condition": {"StringLike": {"aws:x%{y": "q"}}}]});
    all.push(with_arn(
        thing(
            "aws_iam_policy",
            &format!("arn:aws:iam::{ACCOUNT}:policy/own"),
            Some("own"),
            json!({"name": "own", "path": "/", "policy": policy.to_string()}),
        ),
        &format!("arn:aws:iam::{ACCOUNT}:policy/own"),
    ));
    all[3].arn = Some("arn:aws:s3:::2024-archive".into());
    let function = thing(
        "aws_lambda_function",
        "3d-render",
        Some("3d-render"),
        json!({"function_name": "3d-render", "role": "arn:aws:iam::210987654321:role/gone", "handler": "a.b", "runtime": "python3.12", "package_type": "Zip",
               "timeout": 3, "memory_size": 128, "environment": [{"variables": {"DB_PASSWORD": REDACTED, "greeting": "${name} %{x}", "we ird": "1"}}]}),
    );
    all.push(tagged(function, &[("owner", REDACTED)]));
    all
}

#[test]
fn hostile_names_end_in_sound_code() {
    let tree = tree(hostile());
    sound(&tree);
    let all: String = tree.files.values().cloned().collect();
    assert!(!all.contains(REDACTED), "the mark of a secret is not a value either");
    assert!(!all.contains('\u{202e}'), "nothing that turns the direction of reading");
    let compute = &tree.files["compute.tf"];
    assert!(compute.contains("environment[0].variables[\"DB_PASSWORD\"], # a secret"), "{compute}");
    assert!(compute.contains("tags[\"owner\"],") && compute.contains("tags_all[\"owner\"],"), "{compute}");
    let identity = &tree.files["identity.tf"];
    assert!(identity.contains("\"${aws_s3_bucket.bucket_2024_archive.arn}/$${aws:username}/*\""), "{identity}");
    assert!(identity.contains("\"arn:aws:s3:::2024-archive-old/*\""), "a longer name is another bucket: {identity}");
    insta::assert_snapshot!(tree.files["network.tf"]);
}

#[test]
fn the_same_estate_gives_the_same_bytes_in_any_order() {
    let mut turned = hostile();
    turned.reverse();
    assert_eq!(tree(hostile()).files, tree(turned).files);
}

#[test]
fn two_that_trust_each_other_make_no_circle() {
    let trust = |other: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:role/{other}")}, "Action": "sts:AssumeRole"}]}).to_string()
    };
    let role = |name: &str, other: &str| {
        let r = thing(
            "aws_iam_role",
            name,
            Some(name),
            json!({"name": name, "path": "/", "assume_role_policy": trust(other), "max_session_duration": 3600}),
        );
        with_arn(r, &format!("arn:aws:iam::{ACCOUNT}:role/{name}"))
    };
    let tree = tree(vec![role("reader", "writer"), role("writer", "reader")]);
    sound(&tree);
    let code = &tree.files["identity.tf"];
    assert_eq!(code.matches("a reference would close a circle").count(), 1, "{code}");
    assert_eq!(code.matches("AWS = aws_iam_role.").count(), 1, "{code}");
    assert_eq!((tree.stats.references, tree.stats.literals), (1, 1));
}

fn rule(id: &str, port: u16, cidr: &str, group: &str) -> Resource {
    thing(
        "aws_vpc_security_group_ingress_rule",
        id,
        None,
        json!({"security_group_id": group, "ip_protocol": "tcp", "from_port": port, "to_port": port, "cidr_ipv4": cidr}),
    )
}

fn network() -> Vec<Resource> {
    let mut all = vec![
        tagged(thing("aws_vpc", "vpc-1", Some("acme"), json!({"cidr_block": "10.1.0.0/16"})), &[("Name", "acme")]),
        thing("aws_security_group", "sg-1", Some("acme-web-sg"), json!({"name": "acme-web-sg", "description": "web", "vpc_id": "vpc-1"})),
        rule("sgr-1", 80, "0.0.0.0/0", "sg-1"),
        rule("sgr-2", 443, "0.0.0.0/0", "sg-1"),
        rule("sgr-3", 22, "10.0.0.0/8", "sg-1"),
        thing(
            "aws_vpc_security_group_egress_rule",
            "sgr-4",
            None,
            json!({"security_group_id": "sg-1", "ip_protocol": "-1", "cidr_ipv4": "0.0.0.0/0"}),
        ),
    ];
    for (i, zone) in ["a", "b", "c"].iter().enumerate() {
        all.push(tagged(
            thing("aws_subnet", &format!("subnet-{i}"), Some(&format!("acme-public-{zone}")), json!({"vpc_id": "vpc-1", "cidr_block": format!("10.1.{i}.0/24"), "availability_zone": format!("{REGION}{zone}"), "map_public_ip_on_launch": true})),
            &[("Name", &format!("acme-public-{zone}"))],
        ));
    }
    all
}

#[test]
fn look_alikes_share_a_block_with_keys_that_mean_something() {
    let tree = tree(network());
    sound(&tree);
    insta::assert_snapshot!(format!("{}\n{}\n{}", tree.files["network.tf"], tree.files["security.tf"], tree.files["imports.tf"]));
}

#[test]
fn a_user_renames_and_the_next_run_obeys() {
    let first = tree(network());
    let edited = first.files["names.yaml"].replacen("sg-1: web", "sg-1: front_door", 1);
    assert_ne!(edited, first.files["names.yaml"]);
    let options = |names: &str| GenerateOptions { names: Some(names.into()), ..GenerateOptions::default() };
    let second = generate(&estate(network()), &options(&edited)).unwrap();
    sound(&second);
    assert!(second.files["security.tf"].contains("resource \"aws_security_group\" \"front_door\""));
    assert!(second.files["security.tf"].contains("aws_security_group.front_door.id"));
    insta::assert_snapshot!(second.files["moved.tf"], @r"
    moved {
      from = aws_security_group.web
      to   = aws_security_group.front_door
    }
    ");
    let third = generate(&estate(network()), &options(&second.files["names.yaml"])).unwrap();
    assert_eq!(third.files, second.files, "a run without a change changes no byte");
    let again = generate(&estate(network()), &options(&first.files["names.yaml"])).unwrap();
    assert_eq!(again.files, first.files);
}

#[test]
fn what_was_healed_stays_in_the_code() {
    let instance = || {
        thing(
            "aws_instance",
            "i-1",
            Some("api"),
            json!({"ami": "ami-1", "instance_type": "t3.micro", "ebs_optimized": false, "monitoring": true,
                   "root_block_device": [{"volume_size": 8, "volume_type": "gp3", "delete_on_termination": true}]}),
        )
    };
    let healed = r#"# by hand
- { type: aws_instance, id: i-1, argument: instance_type, value: m5.large, instead_of: t3.micro, reason: r, date: "2026-01-19T08:00:00Z" }
- { type: aws_instance, id: i-1, argument: monitoring, value: true, instead_of: false, reason: r, date: "2026-01-19T08:00:00Z" }
- { type: aws_instance, id: i-1, argument: source_dest_check, value: false, instead_of: true, reason: r, date: "2026-01-21T08:00:00Z" }
- { type: aws_instance, id: i-1, argument: root_block_device, value: [{ volume_size: 100, volume_type: gp3 }], instead_of: [{ volume_size: 8, volume_type: gp3 }], reason: r, date: "2026-01-21T08:00:00Z" }
- { type: aws_instance, id: i-1, argument: user_data, ignore: true, reason: "the plan differs", date: "2026-01-19T08:00:00Z" }
- { type: aws_instance, id: i-2, argument: instance_type, value: m5.metal, instead_of: t3.micro, reason: r, date: "2026-01-21T08:00:00Z" }
"#;
    let options = GenerateOptions { healed: Some(healed.into()), ..GenerateOptions::default() };
    let tree = generate(&estate(vec![instance()]), &options).unwrap();
    sound(&tree);
    let code = &tree.files["compute.tf"];
    let has = |argument: &str, value: &str| regex::Regex::new(&format!(r"{argument}\s+= {value}\n")).unwrap().is_match(code);
    assert!(has("instance_type", "\"m5.large\""), "the survey reads what misled the code then: {code}");
    assert!(has("monitoring", "true"), "{code}");
    assert!(has("source_dest_check", "false") && has("volume_size", "100"), "the proof is newer than the survey: {code}");
    assert!(code.contains("user_data, # the plan differs (healed 2026-01-19T08:00:00Z)"), "{code}");
}

#[test]
fn environments_with_their_own_networks_get_their_own_roots() {
    let mut all = Vec::new();
    for (i, environment) in ["production", "staging"].iter().enumerate() {
        let vpc = format!("vpc-{i}");
        let tags = [("Name", &*format!("acme-{environment}")), ("Environment", *environment)];
        all.push(tagged(thing("aws_vpc", &vpc, Some(tags[0].1), json!({"cidr_block": format!("10.{i}.0.0/16")})), &tags));
        let group = format!("acme-{environment}-web");
        all.push(tagged(
            thing("aws_security_group", &format!("sg-{i}"), Some(&group), json!({"name": group, "description": "web", "vpc_id": vpc})),
            &tags[1..],
        ));
    }
    all.push(thing("aws_iam_account_alias", "acme", Some("acme"), json!({"account_alias": "acme"})));
    let tree = tree(all.clone());
    sound(&tree);
    assert_eq!(tree.stats.roots, 3);
    let groups: Vec<&String> = tree.files.keys().filter(|p| p.ends_with("security.tf")).collect();
    assert_eq!(groups, ["live/security.tf", "staging/security.tf"]);
    assert!(tree.files["live/security.tf"].contains("resource \"aws_security_group\" \"web\""), "{}", tree.files["live/security.tf"]);
    assert!(tree.files.contains_key("shared/identity.tf"));
    let one = generate(&estate(all.clone()), &GenerateOptions { layout: Layout::One, ..GenerateOptions::default() }).unwrap();
    assert_eq!(one.stats.roots, 1);
    sound(&one);

    // One key for both: it is nobody's, so it is in the shared root, and the others name it.
    let key = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let arn = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}");
    all.push(with_arn(thing("aws_kms_key", key, Some("acme-logs"), json!({"description": "logs"})), &arn));
    for (environment, name) in [("production", "web"), ("production", "worker"), ("staging", "web")] {
        let name = format!("acme-{environment}-{name}");
        let group = thing("aws_cloudwatch_log_group", &name, Some(&name), json!({"name": name, "kms_key_id": arn}));
        all.push(tagged(group, &[("Environment", environment)]));
    }
    let parted = generate(&estate(all), &GenerateOptions { layout: Layout::PerEnvironment, ..GenerateOptions::default() }).unwrap();
    sound(&parted);
    insta::assert_snapshot!(parted.files["live/elsewhere.tf"], @r#"
    # What is used here and held elsewhere: in another root, or under another Terraform state. Each id stands here once.
    locals {
      kms_key_logs_arn = "arn:aws:kms:eu-central-1:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab" # aws_kms_key.logs, in the root `shared`
    }
    "#);
    let groups = &parted.files["live/observability.tf"];
    assert!(groups.contains("local.kms_key_logs_arn"), "{groups}");
    let id_written: Vec<&String> = parted.files.iter().filter(|(p, t)| p.ends_with(".tf") && t.contains(&arn)).map(|(p, _)| p).collect();
    assert_eq!(id_written, ["live/elsewhere.tf", "staging/elsewhere.tf"], "an id of another root stands in one file of each root");
}

#[test]
fn what_is_not_ours_is_left_out_with_its_reason() {
    let owned =
        |class: &str, evidence: &str| -> Ownership { serde_json::from_value(json!({"class": class, "evidence": evidence})).unwrap() };
    let mut stack = thing("aws_s3_bucket", "stack-bucket", Some("stack-bucket"), json!({"bucket": "stack-bucket"}));
    stack.ownership = owned("cloudformation", "tag aws:cloudformation:stack-name");
    let satellite =
        thing("aws_s3_bucket_public_access_block", "stack-bucket", None, json!({"bucket": "stack-bucket", "block_public_acls": true}));
    let mut unread = thing("aws_iam_policy", "arn:aws:iam::210987654321:policy/p", Some("p"), json!({"name": "p"}));
    unread.mark_unread(&["config.policy"], "denied: iam:GetPolicyVersion");
    let mut dying = thing("aws_kms_key", "1234abcd-12ab-34cd-56ef-1234567890ab", None, json!({"description": "old"}));
    dying.fact("key_state", "PendingDeletion");
    let secret = thing("aws_ssm_parameter", "/db", Some("/db"), json!({"name": "/db", "type": "SecureString"}));
    let mut vpc = thing("aws_default_vpc", "vpc-d", None, json!({}));
    vpc.ownership = owned("aws_default", "default VPC");
    let tree = tree(vec![stack, satellite, unread, dying, secret, vpc]);
    assert_eq!((tree.stats.resources, tree.stats.left_out), (0, 6));
    let text = &tree.files["LEFT_OUT.md"];
    for reason in [
        "tag aws:cloudformation:stack-name",
        "belongs to stack-bucket",
        "was not read (denied: iam:GetPolicyVersion)",
        "awaiting its deletion",
        "a SecureString",
        "default VPC",
    ] {
        assert!(text.contains(reason), "{reason} is not in\n{text}");
    }
}

#[test]
fn what_a_state_manages_is_left_to_it_and_named_where_the_rest_needs_it() {
    use surveyor::estate::{Options, State};
    let held = json!({"version": 4, "serial": 1, "lineage": "x", "outputs": {}, "resources": [
        {"mode": "managed", "type": "aws_vpc", "name": "main", "instances": [{"attributes": {"id": "vpc-1"}}]},
        {"mode": "managed", "type": "aws_subnet", "name": "public", "instances": [{"index_key": "a", "attributes": {"id": "subnet-0", "password": "hunter2"}}]},
        {"mode": "managed", "type": "aws_security_group", "name": "web", "instances": [{"attributes": {"id": "sg-1", "name": "acme-web-sg",
            "egress": [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}]}}]},
    ]});
    let states = vec![State::parse(held.to_string().as_bytes(), "live.tfstate").unwrap()];
    let snapshot = estate(network()).snapshot().clone();
    let estate = Estate::with(snapshot, &Options { states, ..Options::default() });
    let tree = generate(&estate, &GenerateOptions::default()).unwrap();
    sound(&tree);
    let imports = &tree.files["imports.tf"];
    for id in ["vpc-1", "subnet-0", "sg-1", "sgr-4"] {
        assert!(!imports.contains(&format!("\"{id}\"")), "{id} has an owner: {imports}");
    }
    for id in ["subnet-1", "subnet-2", "sgr-1", "sgr-2", "sgr-3"] {
        assert!(imports.contains(&format!("\"{id}\"")), "{id} is in no state: {imports}");
    }
    insta::assert_snapshot!(tree.files["elsewhere.tf"], @r#"
    # What is used here and held elsewhere: in another root, or under another Terraform state. Each id stands here once.
    locals {
      security_group_acme_web_sg_id = "sg-1"  # aws_security_group acme-web-sg: in state live.tfstate as aws_security_group.web
      vpc_acme_id                   = "vpc-1" # aws_vpc acme: in state live.tfstate as aws_vpc.main
    }
    "#);
    let left_out = &tree.files["LEFT_OUT.md"];
    assert!(left_out.contains("| `live.tfstate` | 4 | 3 | 0 | 0 | 0 |"), "{left_out}");
    assert!(left_out.contains("aws\\_security\\_group.web, among its egress entries"), "{left_out}");
    assert!(tree.files.values().all(|text| !text.contains("hunter2")));
}

#[test]
fn what_the_provider_cannot_say_is_left_out() {
    let acl = |id: &str, beyond: &[&str]| {
        let mut r = thing(
            "aws_wafv2_web_acl",
            id,
            Some("guard"),
            json!({"name": "guard", "scope": "REGIONAL", "default_action": [{"allow": [{}], "block": []}],
                   "visibility_config": [{"cloudwatch_metrics_enabled": true, "metric_name": "guard", "sampled_requests_enabled": true}]}),
        );
        r.fact("beyond_provider", json!(beyond));
        r
    };
    let tree = tree(vec![acl("1/guard/REGIONAL", &["Rules.Statement.NewStatement"]), acl("2/guard/REGIONAL", &[])]);
    assert_eq!((tree.stats.resources, tree.stats.left_out), (1, 1));
    assert!(tree.files["LEFT_OUT.md"].contains("no argument for \\`Rules.Statement.NewStatement\\`"), "{}", tree.files["LEFT_OUT.md"]);
}

#[test]
fn hosts_of_a_domain_keep_their_own_names() {
    let certificate = |domain: &str| {
        let arn = format!("arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{domain}");
        let config = json!({"domain_name": domain, "validation_method": "DNS"});
        with_arn(thing("aws_acm_certificate", &arn, Some(domain), config), &arn)
    };
    let hosts = ["api.example.com", "live.example.com", "staging.example.com", "www.example.com"];
    let mut all: Vec<Resource> = hosts.into_iter().map(certificate).collect();
    // Things of one environment: its word is no project to be cut off.
    for name in ["live-api", "live-worker", "live-mail", "live-images", "live-cron"] {
        all.push(thing("aws_s3_bucket", name, Some(name), json!({"bucket": name})));
    }
    let code: String = tree(all).files.into_iter().filter(|(p, _)| p == "names.yaml").map(|(_, text)| text).collect();
    for host in hosts {
        assert!(code.contains(&format!(": {}\n", host.replace('.', "_"))), "{host}\n{code}");
    }
    assert!(code.contains("live-api: live_api\n"), "{code}");
}

#[test]
fn the_reader_is_warned_not_to_create_defaults() {
    let readme = |resources| tree(resources).files.remove("README.md").unwrap();
    assert!(!readme(network()).contains("never create them"));
    let mut all = network();
    all.push(thing("aws_default_security_group", "sg-9", Some("default"), json!({"name": "default", "vpc_id": "vpc-1"})));
    all.push(rule("sgr-9", 22, "10.0.0.0/8", "sg-9"));
    assert!(readme(all).contains("Import 1 `aws_default_security_group`, never create them"));
}

#[test]
fn dangerous_arguments_are_written_safely() {
    let database = thing(
        "aws_db_instance",
        "orders",
        Some("orders"),
        json!({"identifier": "orders", "engine": "postgres", "engine_version": "16.3", "instance_class": "db.t4g.small", "allocated_storage": 20,
               "storage_type": "gp2", "iops": 0, "username": "app", "password": REDACTED, "publicly_accessible": false, "parameter_group_name": "default.postgres16",
               "backup_retention_period": 7, "skip_final_snapshot": true, "kms_key_id": "", "multi_az": false, "performance_insights_enabled": false}),
    );
    let bucket = thing("aws_s3_bucket", "orders-data", Some("orders-data"), json!({"bucket": "orders-data", "force_destroy": true}));
    let secret = thing(
        "aws_secretsmanager_secret",
        "arn:aws:secretsmanager:eu-central-1:210987654321:secret:orders-AbCdEf",
        Some("orders"),
        json!({"name": "orders", "description": "", "recovery_window_in_days": null}),
    );
    let tree = tree(vec![database, bucket, secret]);
    sound(&tree);
    insta::assert_snapshot!(format!("{}\n{}\n{}", tree.files["database.tf"], tree.files["storage.tf"], tree.files["security.tf"]));
}

#[test]
fn terraform_itself_finds_the_code_formatted_and_valid() {
    let Some(terraform) = support::Terraform::find() else { return };
    for resources in [hostile(), network()] {
        let tree = tree(resources);
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in &tree.files {
            surveyor::files::write(&folder.path().join(path), text.as_bytes()).unwrap();
        }
        let run = |arguments: &[&str]| {
            Command::new("terraform")
                .args(arguments)
                .current_dir(folder.path())
                .env("TF_CLI_CONFIG_FILE", terraform.config())
                .env("CHECKPOINT_DISABLE", "1")
                .output()
                .unwrap()
        };
        let formatted = run(&["fmt", "-check", "-recursive", "-diff", "-no-color"]);
        assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stdout));
        let init = run(&["init", "-input=false", "-no-color", "-backend=false"]);
        if !init.status.success() {
            assert!(std::env::var_os("SURVEYOR_REQUIRE_TERRAFORM").is_none(), "{}", String::from_utf8_lossy(&init.stderr));
            eprintln!("SKIPPED: terraform init finds no AWS provider");
            return;
        }
        let valid = run(&["validate", "-json"]);
        let answer: Value = serde_json::from_slice(&valid.stdout).unwrap();
        assert_eq!(answer["diagnostics"], json!([]), "no error and no warning");
    }
}

#[test]
fn terraform_reads_every_text_back_as_it_was() {
    use surveyor::terraform::hcl::{self, Block, Expr, Item};
    let Some(terraform) = support::Terraform::find() else { return };
    let texts = [
        "$${x}",
        "$$${x}",
        "%%{x}",
        "$$",
        "%%%{",
        "100%",
        "${a}%{b}",
        "tab\t\"quote\" \\ back\\n",
        "a\r\nb",
        "🚀é\u{202e}\u{7}",
        "line one of several\n  indented ${HOME}\n\nEOT\nlast %{line}\n",
        "\n\n\nfour lines of text, the first three of them empty\n",
    ];
    let blocks = texts.iter().enumerate().map(|(i, text)| {
        let mut block = Block::new("output", &[&format!("o{i}")]);
        block.set("value", *text);
        let map = Expr::literal(&json!({ *text: *text }));
        let mut second = Block::new("output", &[&format!("m{i}")]);
        second.set("value", Expr::Call("jsonencode", vec![map]));
        [Item::Block(block), Item::Block(second)]
    });
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.tf"), hcl::file(&hcl::blocks(blocks.flatten()))).unwrap();
    let run = |arguments: &[&str]| {
        let output =
            Command::new("terraform").args(arguments).current_dir(folder.path()).env("TF_CLI_CONFIG_FILE", terraform.config()).output();
        let output = output.unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    };
    run(&["fmt", "-check", "-diff", "-no-color"]);
    run(&["init", "-input=false"]);
    run(&["plan", "-input=false", "-out=plan"]);
    let plan: Value = serde_json::from_slice(&run(&["show", "-json", "plan"])).unwrap();
    for (i, text) in texts.iter().enumerate() {
        assert_eq!(plan["planned_values"]["outputs"][format!("o{i}")]["value"], *text);
        let encoded = plan["planned_values"]["outputs"][format!("m{i}")]["value"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(encoded).unwrap(), json!({ *text: *text }));
    }
}
