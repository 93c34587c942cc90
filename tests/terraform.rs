//! The bar: the real terraform, with the real provider, finds nothing to change in the code generated for the exo account.

#![cfg(feature = "aws")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use support::proof::{clean, plan, prove, prove_in, tree_for};
use support::{Terraform, aim_at_simulator, exo, files, roots, said, secrets};

/// What `terraform plan -generate-config-out` does for the same account (docs/simulator-gaps.md), which is to be beaten.
const TERRAFORM_LINES_PER_RESOURCE: f64 = 18.4;

#[test]
fn the_plan_imports_all_and_changes_nothing() {
    let Some(terraform) = Terraform::find() else { return };
    let (imports, folder) = prove(&terraform, &exo());
    let tree = folder.path().join("out/123456789012/terraform");
    // The account has 236 things that terraform can import; what is left out of the code is named with its reason.
    assert!(imports >= 200, "{imports} to import");
    let left_out = std::fs::read_to_string(tree.join("LEFT_OUT.md")).expect("LEFT_OUT.md");
    assert!(left_out.contains("AWSServiceRoleForRDS"), "service-linked roles are left out and said so");

    let lines = code(&tree).iter().filter(|l| !l.trim().is_empty()).count();
    let per_resource = lines as f64 / imports as f64;
    println!("{imports} to import, 0, 0, 0; {per_resource:.1} lines a resource (terraform itself: {TERRAFORM_LINES_PER_RESOURCE})");
    assert!(per_resource < TERRAFORM_LINES_PER_RESOURCE);
}

/// An account that has little in common with the fixture: private networks, settings that are not the default, every satellite.
#[test]
fn so_does_the_plan_of_another_account() {
    let Some(terraform) = Terraform::find() else { return };
    let simulator = support::Simulator::start();
    simulator.populate("populate_breadth.py", &[]);
    let (imports, _folder) = prove(&terraform, &simulator);
    assert!(imports >= 139, "{imports} to import");
}

/// APIs, queues, events, builds and pipelines, with every argument that the provider knows for them.
#[test]
fn so_does_the_plan_of_apis_and_pipelines() {
    let Some(terraform) = Terraform::find() else { return };
    let simulator = support::Simulator::start();
    simulator.populate("populate_apis.py", &[]);
    let (imports, _folder) = prove(&terraform, &simulator);
    assert!(imports >= 137, "{imports} to import");
}

/// An account that lives on containers: clusters on Fargate and on own hosts, services of every kind.
#[test]
fn so_does_the_plan_of_an_account_of_containers() {
    let Some(terraform) = Terraform::find() else { return };
    let simulator = support::Simulator::start();
    simulator.populate("populate_containers.py", &[]);
    let (imports, _folder) = prove(&terraform, &simulator);
    assert!(imports >= 63, "{imports} to import");
}

/// Names of every kind, networks joined to others, and what governs an account.
#[test]
fn so_does_the_plan_of_names_joined_networks_and_governance() {
    let Some(terraform) = Terraform::find() else { return };
    let simulator = support::Simulator::start();
    simulator.populate("populate_netgov.py", &[]);
    let (imports, _folder) = prove(&terraform, &simulator);
    assert!(imports >= 78, "{imports} to import");
}

/// Three environments told apart in three ways, what they share, two regions, containers, delivery and operations; a part of it under
/// a state already.
#[test]
fn so_does_the_plan_of_an_agency_in_a_root_for_each_environment() {
    let Some(terraform) = Terraform::find() else { return };
    let simulator = support::Simulator::start_as("123456789012", "eu-west-1");
    let work = tempfile::tempdir().unwrap();
    let state = work.path().join("live.tfstate");
    simulator.populate_in("populate_agency.py", &["--state", state.to_str().unwrap()], &terraform.environment(&simulator));
    let (imports, folder) = prove_in(&terraform, &simulator, &["eu-west-1", "us-east-1"]);
    assert!(imports >= 278, "{imports} to import");
    let account = folder.path().join("out/123456789012");
    let tree = account.join("terraform");
    let text = |file: &str| std::fs::read_to_string(tree.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
    let names: Vec<String> = roots(&tree).iter().map(|r| r.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["development", "live", "shared", "staging", "test"]);
    assert!(!text("live/elsewhere.tf").contains("root `development`"), "what belongs to one environment is in its root");
    // What a stack keeps is not taken from it, whatever its queue's URL is.
    let left_out = text("LEFT_OUT.md");
    let stack = left_out.split("## Kept by CloudFormation").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
    assert!(stack.contains("aws_sqs_queue") && stack.contains("aws_sns_topic"), "{left_out}");
    assert!(left_out.contains("Kubernetes cluster dev") && left_out.contains("Beanstalk environment old-site"), "{left_out}");

    // Names are read back, and a new one is followed: the word of the language too.
    let snapshot = account.join("snapshot.json.zst");
    let generate = |out: &Path, state: bool| {
        let mut command = simulator.surveyor();
        command.arg("generate").arg(&snapshot).arg("--out").arg(out);
        if state {
            command.arg("--state").arg(work.path().join("live.tfstate"));
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    };
    let named = text("names.yaml");
    assert!(named.contains(": queue_for\n") && named.contains(": queue_2024_campaign\n"), "{named}");
    std::fs::write(tree.join("names.yaml"), named.replacen(": queue_for\n", ": tasks\n", 1)).unwrap();
    generate(&folder.path().join("out"), false);
    assert!(text("shared/moved.tf").contains("to   = aws_sqs_queue.tasks"), "{}", text("shared/moved.tf"));

    // With the state: less to import, the same roots, and the ids of what the state holds stand once in each.
    let beside = work.path().join("beside");
    generate(&beside, true);
    let tree = beside.join("123456789012/terraform");
    assert_eq!(roots(&tree).len(), names.len());
    let elsewhere = std::fs::read_to_string(tree.join("live/elsewhere.tf")).unwrap();
    assert!(elsewhere.contains("aws_vpc.live"), "{elsewhere}");
    roots(&tree).iter().for_each(|root| aim_at_simulator(root));
    assert_eq!(imports - clean(&terraform, &simulator, &tree), 19, "what the state manages and no more");
}

/// Caches, Aurora, Neptune, tables, file systems and backups, each in several shapes.
#[test]
fn so_does_the_plan_of_an_account_full_of_data_stores() {
    let Some(terraform) = Terraform::find() else { return };
    let simulator = support::Simulator::start();
    simulator.populate("populate_data.py", &[]);
    let (imports, _folder) = prove(&terraform, &simulator);
    assert!(imports >= 78, "{imports} to import");
}

/// Ten years of networks, machines and databases: arguments that hardly anybody uses, names that break what does not escape them.
#[test]
fn so_does_the_plan_of_an_account_that_grew_for_ten_years() {
    let Some(terraform) = Terraform::find() else { return };
    let simulator = support::Simulator::start();
    simulator.populate("populate_legacy.py", &[]);
    let (imports, _folder) = prove(&terraform, &simulator);
    assert!(imports >= 292, "{imports} to import");
}

/// A start-up without a server: everything at the edge, in buckets and functions, with odd arguments, hostile names, and secrets where
/// none belong, of which nothing that is written holds one.
#[test]
fn so_does_the_plan_of_a_serverless_startup() {
    let Some(terraform) = Terraform::find() else { return };
    let simulator = support::Simulator::start();
    simulator.populate("populate_startup.py", &[]);
    let (imports, folder) = prove(&terraform, &simulator);
    assert!(imports >= 279, "{imports} to import");
    let planted = std::fs::read_to_string(support::root().join("tests/simulator/secrets_startup.txt")).expect("the list of secrets");
    let written = files(&folder.path().join("out"));
    for secret in planted.lines().filter_map(|l| l.split_whitespace().nth(1)) {
        for (path, bytes) in &written {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{} holds {secret}", path.display());
        }
    }
}

/// Lines of code, without the import blocks.
fn code(tree: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for (path, bytes) in files(tree) {
        let name = path.file_name().unwrap_or_default();
        if path.extension().is_some_and(|e| e == "tf") && name != "imports.tf" {
            lines.extend(String::from_utf8(bytes).expect("UTF-8").lines().map(str::to_owned));
        }
    }
    lines
}

#[test]
fn verify_proves_it_names_what_differs_and_heals() {
    let Some(terraform) = Terraform::find() else { return };
    let simulator = exo();
    let folder = tempfile::tempdir().unwrap();
    let tree = tree_for(&simulator, folder.path());
    let verify = |arguments: &[&str]| {
        simulator.surveyor().envs(terraform.environment(&simulator)).arg("verify").args(arguments).arg(&tree).output().unwrap()
    };

    let clean = verify(&[]);
    assert_eq!(clean.status.code(), Some(0), "{}", said(&clean));
    assert!(String::from_utf8_lossy(&clean.stdout).contains(" to import, 0 to add, 0 to change, 0 to destroy"), "{}", said(&clean));

    // Somebody edits the code: the log group's retention is no longer what AWS has.
    let file = tree.join("observability.tf");
    let code = std::fs::read_to_string(&file).unwrap();
    let edited = regex::Regex::new(r"retention_in_days(\s*)= 30\b").unwrap().replace(&code, "retention_in_days${1}= 60").into_owned();
    assert_ne!(code, edited, "the fixture has a log group that keeps for 30 days");
    std::fs::write(&file, &edited).unwrap();
    let differs = verify(&[]);
    assert_eq!(differs.status.code(), Some(1), "{}", said(&differs));
    let text = String::from_utf8_lossy(&differs.stdout);
    assert!(text.contains("aws_cloudwatch_log_group") && text.contains("retention_in_days"), "{}", said(&differs));

    let healed = verify(&["--heal"]);
    assert_eq!(healed.status.code(), Some(0), "{}", said(&healed));
    let after = std::fs::read_to_string(&file).unwrap();
    assert!(after.contains("= 30") && !after.contains("= 60"), "the real value is back in the code");
}

#[test]
fn what_was_healed_stays_healed() {
    let Some(terraform) = Terraform::find() else { return };
    let simulator = exo();
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("snapshot.json");
    let output = simulator.surveyor().arg("scan").arg("--out").arg(&snapshot).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    // A survey that is wrong about something: somebody changed it since, or it was read in another form than terraform has it.
    let text = std::fs::read_to_string(&snapshot).unwrap();
    let wrong = text.replace("\"retention_in_days\":30", "\"retention_in_days\":60");
    assert_ne!(text, wrong, "the fixture has a log group that keeps for 30 days");
    std::fs::write(&snapshot, wrong).unwrap();
    let generate = || {
        let output = simulator.surveyor().arg("generate").arg(&snapshot).arg("--out").arg(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    };
    let tree = folder.path().join("123456789012/terraform");
    let verify = |arguments: &[&str]| {
        let mut command = simulator.surveyor();
        let output = command.envs(terraform.environment(&simulator)).arg("verify").args(arguments).arg(&tree).output().unwrap();
        (output.status.code(), said(&output))
    };
    generate();
    roots(&tree).iter().for_each(|root| aim_at_simulator(root));
    let (code, said) = verify(&["--heal"]);
    assert_eq!(code, Some(0), "{said}");
    let healed = std::fs::read_to_string(tree.join("healed.yaml")).expect("what was healed is kept");
    assert!(healed.contains("argument: retention_in_days") && healed.contains("value: 30"), "{healed}");
    generate();
    let (code, said) = verify(&[]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn the_code_names_things_instead_of_ids() {
    let simulator = exo();
    let folder = tempfile::tempdir().unwrap();
    let output = simulator.surveyor().args(["run", "--region", "eu-west-3", "--out"]).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let tree = folder.path().join("123456789012/terraform");
    let literal = regex::Regex::new(
        r#"(?:"|"[^"]*[/:,])(?:(?:vpc|subnet|sg|sgr|i|vol|igw|rtb|eni|eipalloc|eipassoc|snap|acl|lt)-[0-9a-f]{8,17}\b|arn:aws:[a-z0-9-]+:[a-z0-9-]*:123456789012:)[^"]*""#,
    )
    .unwrap();
    // The account itself and patterns over many things are no things that could be referred to.
    let pattern = |l: &str| l.contains(":root\"") || l.contains('*');
    let lines = code(&tree);
    let bare: BTreeSet<&String> = lines.iter().filter(|l| literal.is_match(l) && !l.contains('#') && !pattern(l)).collect();
    assert_eq!(bare, BTreeSet::<&String>::new(), "an id that stays says why");
}

#[test]
fn nothing_written_holds_a_secret() {
    let simulator = exo();
    let folder = tempfile::tempdir().unwrap();
    let output = simulator.surveyor().args(["run", "--region", "eu-west-3", "--out"]).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let written = files(folder.path());
    assert!(written.len() > 20, "the whole job was done");
    for secret in secrets() {
        for (path, bytes) in &written {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{} holds {secret}", path.display());
        }
    }
}

/// Half of the account is under a state already; people added to it by hand since.
#[test]
fn only_what_no_state_manages_is_imported() {
    let Some(terraform) = Terraform::find() else { return };
    let simulator = support::Simulator::start();
    let folder = tempfile::tempdir().unwrap();
    let code = folder.path().join("code");
    std::fs::create_dir_all(&code).unwrap();
    std::fs::write(code.join("versions.tf"), VERSIONS).unwrap();
    std::fs::write(code.join("providers.tf"), "provider \"aws\" {\n  region = \"eu-west-3\"\n}\n").unwrap();
    std::fs::write(code.join("main.tf"), HALF).unwrap();
    aim_at_simulator(&code);
    for arguments in [
        &["init", "-input=false", "-no-color"][..],
        &["apply", "-input=false", "-no-color", "-auto-approve"],
        &["apply", "-input=false", "-no-color", "-auto-approve"],
    ] {
        let output = terraform.run(&simulator, &code, arguments);
        assert!(output.status.success(), "{}", said(&output));
    }
    simulator.populate("populate_gap.py", &[]);
    let state = code.join("terraform.tfstate");
    let text = std::fs::read_to_string(&state).unwrap();
    assert!(text.contains("Tr0ub4dor-in-the-state"), "the state holds a secret");

    let shown = folder.path().join("shown.json");
    std::fs::write(&shown, terraform.run(&simulator, &code, &["show", "-json", "-no-color"]).stdout).unwrap();
    let out = folder.path().join("out");
    let run = simulator.surveyor().args(["run", "--state"]).arg(&state).arg("--out").arg(&out).output().unwrap();
    assert!(run.status.success(), "{}", said(&run));
    let tree = out.join("123456789012/terraform");
    let left_out = std::fs::read_to_string(tree.join("LEFT_OUT.md")).unwrap();

    // What was made by hand, and nothing else.
    let imports = std::fs::read_to_string(tree.join("imports.tf")).unwrap();
    let addresses: BTreeSet<&str> = imports.lines().filter_map(|l| l.trim().strip_prefix("to = ")).collect();
    let expected = [
        "aws_cloudwatch_log_group.by_hand",
        "aws_iam_role_policy_attachment.app_cloud_watch_agent_server_policy",
        "aws_route.private_10_99_0_0_16",
        "aws_s3_bucket.assets_by_hand",
        "aws_security_group.by_hand",
        "aws_sns_topic.by_hand",
        "aws_subnet.by_hand",
        "aws_vpc_security_group_egress_rule.by_hand_all_to_anywhere",
        "aws_vpc_security_group_ingress_rule.by_hand_postgres_from_web",
    ];
    assert_eq!(addresses, expected.into_iter().collect(), "{left_out}");
    assert!(left_out.contains("the next apply of that state takes it away"), "the rule added to a group that lists its rules: {left_out}");
    assert!(left_out.contains("aws\\_route\\_table.public, among its route entries"), "{left_out}");
    for (path, bytes) in files(&out) {
        assert!(!String::from_utf8_lossy(&bytes).contains("Tr0ub4dor"), "{} holds a secret of the state", path.display());
    }
    roots(&tree).iter().for_each(|root| aim_at_simulator(root));
    for root in roots(&tree) {
        let plan = plan(&terraform, &simulator, &root);
        assert_eq!((plan.diagnostics, plan.others), (Vec::<String>::new(), Vec::<String>::new()));
    }

    // The output of `show`, and the same state in S3, say the same.
    let snapshot = out.join("123456789012/snapshot.json.zst");
    let before = std::fs::read_to_string(tree.join("imports.tf")).unwrap();
    simulator.populate("populate_gap.py", &["--state", state.to_str().unwrap(), "surveyor-states", "env:/live/main.tfstate"]);
    simulator.forget_requests();
    for given in [shown.to_str().unwrap(), "s3://surveyor-states/env:/live/main.tfstate"] {
        let second = folder.path().join("second");
        let output = simulator.surveyor().arg("generate").arg(&snapshot).args(["--state", given, "--out"]).arg(&second).output().unwrap();
        assert!(output.status.success(), "{given}: {}", said(&output));
        assert_eq!(std::fs::read_to_string(second.join("123456789012/terraform/imports.tf")).unwrap(), before, "{given}");
    }
    let sent: Vec<String> = simulator.requests().into_keys().collect();
    assert_eq!(sent, ["s3:GetBucketLocation", "s3:GetObject", "sts:GetCallerIdentity"]);
    let gone = simulator.surveyor().arg("audit").arg(&snapshot).args(["--state", "s3://surveyor-states/main.tfstate"]).output().unwrap();
    assert_eq!(gone.status.code(), Some(2), "{}", said(&gone));
    assert!(String::from_utf8_lossy(&gone.stderr).contains("NoSuchKey"), "{}", said(&gone));
}

const VERSIONS: &str =
    "terraform {\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = \"~> 5.100\"\n    }\n  }\n}\n";

/// Code as people write it: rules and routes inside, attachments apart.
const HALF: &str = r#"
resource "aws_vpc" "main" {
  cidr_block = "10.20.0.0/16"
  tags       = { Name = "shop" }
}

resource "aws_subnet" "public" {
  for_each          = { a = "10.20.1.0/24", b = "10.20.2.0/24" }
  vpc_id            = aws_vpc.main.id
  cidr_block        = each.value
  availability_zone = "eu-west-3${each.key}"
  tags              = { Name = "shop-public-${each.key}" }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "shop-public" }

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "shop-private" }
}

resource "aws_route" "private" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "10.98.0.0/16"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_route_table_association" "public" {
  for_each       = aws_subnet.public
  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_security_group" "web" {
  name        = "shop-web"
  description = "web"
  vpc_id      = aws_vpc.main.id

  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_iam_role" "app" {
  name               = "shop-app"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_s3_bucket" "assets" {
  bucket = "shop-assets"
}

resource "aws_s3_bucket_versioning" "assets" {
  bucket = aws_s3_bucket.assets.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_ssm_parameter" "password" {
  name  = "/shop/db-password"
  type  = "SecureString"
  value = "Tr0ub4dor-in-the-state"
}
"#;
