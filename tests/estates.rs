//! The recorded estates: the real plan at zero on each, and what the people who run them wrote down about them.
//!
//! The statements come from their own reports, notes and designs: known issues, recommendations, checklists, cost tables. What they found
//! comes out of the audit, what they claim to have is not blamed, and what they reckoned wrongly comes out right.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use support::{estates, files, root, said, surveyor};
use surveyor::cost::PriceBook;
use surveyor::estate::{Estate, Snapshot};

/// What the audit of an estate's snapshot says.
struct Audit {
    /// Rule, then name of the resource, then the finding; what fails and nothing else.
    failures: BTreeMap<String, BTreeMap<String, Value>>,
}

impl Audit {
    fn of(name: &str) -> Self {
        let snapshot = root().join("fixtures").join(name).join("snapshot.json.zst");
        let output = surveyor().args(["audit", "--format", "json", "--fail-on", "never"]).arg(&snapshot).output().expect("surveyor starts");
        assert!(output.status.success(), "{}", said(&output));
        let findings: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let mut failures: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        for finding in findings["findings"].as_array().expect("findings") {
            if finding["verdict"] == "fail" {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let resource = &finding["resource"];
                let named = if resource["name"].is_string() { text(&resource["name"]) } else { text(&resource["id"]) };
                failures.entry(text(&finding["rule"])).or_default().insert(named, finding.clone());
            }
        }
        Audit { failures }
    }

    /// The resources that a rule finds are exactly these.
    fn finds(&self, statement: &str, rule: &str, resources: &[&str]) {
        let found: BTreeSet<&str> = self.failures.get(rule).map(|f| f.keys().map(String::as_str).collect()).unwrap_or_default();
        assert_eq!(found, resources.iter().copied().collect(), "{statement}: {rule}");
    }

    /// What a rule finds in one resource.
    fn finding(&self, rule: &str, resource: &str) -> &Value {
        self.failures.get(rule).and_then(|f| f.get(resource)).unwrap_or_else(|| panic!("{rule} does not find {resource}"))
    }

    /// No rule of these finds anything in a resource whose name holds `part`.
    fn is_clean_of(&self, statement: &str, rules: &[&str], part: &str) {
        for rule in rules {
            for name in self.failures.get(*rule).into_iter().flat_map(BTreeMap::keys) {
                assert!(!name.contains(part), "{statement}: {rule} finds {name}");
            }
        }
    }
}

/// Monthly list price of a resource of an estate by its name, in US dollars.
fn monthly(estate: &Estate, kind: &str, name: &str) -> f64 {
    let found: Vec<_> = estate.resources().iter().filter(|r| r.kind == kind && r.name.as_deref() == Some(name)).collect();
    let [resource] = found[..] else { panic!("{} {kind} called {name}", found.len()) };
    PriceBook::embedded().monthly(estate, resource).usd.unwrap_or_else(|| panic!("no price of {kind} {name}"))
}

fn estate(name: &str) -> Estate {
    Estate::new(Snapshot::read(&root().join("fixtures").join(name).join("snapshot.json.zst")).expect("the snapshot"))
}

#[track_caller]
fn about(amount: f64, expected: f64) {
    assert!((amount - expected).abs() < 0.01, "{amount}, not {expected}");
}

#[test]
fn oh_my_coins_known_issues_come_out() {
    let audit = Audit::of("ohmycoins");
    let alarms = [
        "rds-cpu-utilization",
        "rds-database-connections",
        "rds-free-storage",
        "redis-cpu-utilization",
        "redis-memory-utilization",
        "redis-evictions",
        "alb-5xx-errors",
        "alb-target-response-time",
        "alb-unhealthy-targets",
    ]
    .map(|n| format!("ohmycoins-prod-{n}"));
    audit.finds("nine alarms, no notifications", "alarm-without-action", &alarms.iter().map(String::as_str).collect::<Vec<_>>());
    audit.finds("no dashboard", "dashboard-missing", &["220711411889"]);
    audit.finds("no TLS: HTTP on port 80 only", "alb-http-only", &["ohmycoins-prod-alb"]);
    audit.finds("the secret was made without a value", "secret-without-current-version", &["ohmycoins-prod-app-secrets"]);
    audit.finds("the backend's tasks need that secret", "ecs-secret-reference-broken", &["ohmycoins-prod-backend"]);
    audit.finds("services scaled to zero", "ecs-service-at-zero", &["ohmycoins-prod-backend", "ohmycoins-prod-frontend"]);
    audit.finds("Redis cannot be stopped", "elasticache-cannot-be-stopped", &["ohmycoins-prod-redis"]);
    audit.finds("the stopped database starts again", "rds-stopped-restarts", &["ohmycoins-prod-postgres"]);
    let restarts = audit.finding("rds-stopped-restarts", "ohmycoins-prod-postgres")["message"].to_string();
    assert!(restarts.contains("2026-01-25"), "seven days after it was stopped: {restarts}");
    audit.finds("enable flow logs", "vpc-flow-logs-off", &["ohmycoins-prod-vpc"]);
    audit.finds("put a firewall before the load balancer", "alb-no-waf", &["ohmycoins-prod-alb"]);
    audit.finds("enable GuardDuty", "guardduty-off", &["ap-southeast-2"]);
    audit.finds("record configuration", "config-recorder-off", &["ap-southeast-2"]);
    audit.finds("watch the cost", "budget-missing", &["220711411889"]);
    // Thirty days of backups, a standby, private subnets, an alarm on storage: there as the report says.
    let had =
        ["rds-backup-off", "rds-backup-short", "rds-single-zone", "rds-publicly-accessible", "rds-in-public-subnet", "rds-unencrypted"];
    audit.is_clean_of("the database is well kept", &had, "ohmycoins-prod-postgres");
    audit.is_clean_of("there is an alarm on storage", &["monitoring-no-storage-alarm-for-db"], "ohmycoins-prod-postgres");
}

/// The report multiplies the prices of another region, counts one Redis node of two and half of the database's storage.
#[test]
fn oh_my_coins_costs_come_out_right() {
    let audit = Audit::of("ohmycoins");
    let gateways = ["ohmycoins-prod-nat-1", "ohmycoins-prod-nat-2", "ohmycoins-prod-nat-3"];
    audit.finds("the NAT gateways are the largest cost", "nat-gateway-spend", &gateways);
    let estate = estate("ohmycoins");
    // USD 0.059 an hour in Sydney, not the 0.045 of Virginia; 730 hours.
    let nat: f64 = gateways.iter().map(|n| audit.finding("nat-gateway-spend", n)["monthly_usd"].as_f64().expect("a figure")).sum();
    about(nat, 3.0 * 0.059 * 730.0);
    about(gateways.iter().map(|n| monthly(&estate, "aws_nat_gateway", n)).sum(), nat);
    // Two nodes at USD 0.05.
    about(monthly(&estate, "aws_elasticache_replication_group", "ohmycoins-prod-redis"), 2.0 * 0.05 * 730.0);
    // 100 GB on both sides of a Multi-AZ instance that is stopped.
    about(monthly(&estate, "aws_db_instance", "ohmycoins-prod-postgres"), 27.60);
    let tasks = ["ohmycoins-prod-backend", "ohmycoins-prod-frontend"].map(|n| monthly(&estate, "aws_ecs_service", n));
    assert_eq!(tasks, [0.0, 0.0], "services at zero cost nothing");
}

#[test]
fn the_task_api_has_what_its_checklist_claims_and_lacks_what_it_does_not_say() {
    let audit = Audit::of("taskapi");
    // Its checklist, line by line.
    audit.is_clean_of("several zones", &["rds-single-zone", "nat-gateway-one-zone", "ecs-one-task", "subnet-single-zone-layout"], "prod");
    audit.is_clean_of("automated backups", &["rds-backup-off", "rds-backup-short"], "task-api-db");
    audit.is_clean_of("encryption at rest", &["rds-unencrypted"], "task-api-db");
    audit.is_clean_of("deletion protection", &["rds-no-deletion-protection", "alb-no-deletion-protection"], "prod");
    audit.is_clean_of("keys rotate", &["kms-rotation-off"], "");
    audit.is_clean_of(
        "six alarms that reach somebody",
        &["alarm-without-action", "alarm-target-unreachable", "sns-topic-no-subscriber"],
        "task-api",
    );
    audit.is_clean_of("dashboard, budget", &["dashboard-missing", "budget-missing"], "");
    audit.is_clean_of(
        "only tasks reach the database",
        &["rds-group-open-wide", "sg-database-port-open-to-world", "rds-publicly-accessible"],
        "",
    );
    audit.is_clean_of("health checks, automatic rollback", &["ecs-no-deployment-rollback"], "task-api");
    audit.is_clean_of("images with versions", &["ecs-image-floating-tag"], "task-api");
    audit.is_clean_of("container logs are kept for a while", &["log-group-never-expires", "ecs-no-log-driver"], "/ecs/");
    audit.is_clean_of(
        "secrets in Secrets Manager",
        &["ecs-env-secret", "ecs-secret-reference-broken", "secret-without-current-version"],
        "task-api",
    );
    // Staging is held to less than production.
    audit.is_clean_of("staging need not have a standby", &["rds-single-zone", "rds-no-deletion-protection", "ecs-one-task"], "staging");
    // Encryption in transit, its third line, ends at the load balancer: 443 is open and nothing listens there.
    audit.finds("encryption in transit", "alb-http-only", &["task-api-alb-prod", "task-api-alb-staging"]);
    audit.finds("access logs of the load balancer", "alb-no-access-log", &["task-api-alb-prod", "task-api-alb-staging"]);
    let exported = ["/aws/rds/instance/task-api-db-prod/postgresql", "/aws/rds/instance/task-api-db-staging/postgresql"];
    audit.finds("logging with configurable retention", "log-group-never-expires", &exported);
    audit.finds("who talks to whom", "vpc-flow-logs-off", &["task-api-vpc-prod", "task-api-vpc-staging"]);
    audit.finds("its alarms do not watch the disk", "monitoring-no-storage-alarm-for-db", &["task-api-db-prod"]);
    audit.finds("no firewall", "alb-no-waf", &["task-api-alb-prod", "task-api-alb-staging"]);
}

/// Its table takes one NAT gateway's price for two, twice the database's, and five tasks at four times their price.
#[test]
fn the_task_apis_costs_come_out_right() {
    let estate = estate("taskapi");
    about(["task-api-nat-1-prod", "task-api-nat-2-prod"].iter().map(|n| monthly(&estate, "aws_nat_gateway", n)).sum(), 2.0 * 0.045 * 730.0);
    let instance = 0.072 * 730.0;
    let storage = 100.0 * 0.23;
    about(monthly(&estate, "aws_db_instance", "task-api-db-prod"), instance + storage);
    // Three tasks of a quarter of a processor and half a GB.
    let task = (0.25 * 0.04048 + 0.5 * 0.004_445) * 730.0;
    about(monthly(&estate, "aws_ecs_service", "task-api-service-prod"), 3.0 * task);
    Audit::of("taskapi").finds(
        "one NAT gateway would do, for less availability",
        "nat-gateway-spend",
        &["task-api-nat-1-prod", "task-api-nat-2-prod", "task-api-nat-1-staging"],
    );
}

#[test]
fn the_devops_platforms_notes_come_out() {
    let audit = Audit::of("devops");
    audit.finds("the image is pushed as latest", "ecs-image-floating-tag", &["devops-platform-dev-backend-api"]);
    audit.finds("tasks need the NAT gateway", "nat-gateway-spend", &["devops-platform-dev-nat"]);
    audit.finds("the load balancer listens on 80", "alb-http-only", &["devops-platform-dev-alb"]);
    audit.is_clean_of("images do not pile up", &["ecr-no-lifecycle"], "backend-api");
    audit.is_clean_of(
        "only tasks reach the database",
        &["rds-group-open-wide", "sg-database-port-open-to-world", "rds-publicly-accessible"],
        "",
    );
    audit.is_clean_of(
        "the database has a standby and backups",
        &["rds-single-zone", "rds-backup-off", "rds-backup-short"],
        "devops-platform",
    );
    audit.is_clean_of("credentials are in Secrets Manager", &["ecs-env-secret", "ecs-secret-reference-broken"], "devops-platform");
    about(monthly(&estate("devops"), "aws_nat_gateway", "devops-platform-dev-nat"), 0.05 * 730.0);
}

#[test]
fn the_cost_conscious_designs_trade_offs_come_out() {
    let audit = Audit::of("costwise");
    audit.finds("tasks in public subnets", "ecs-service-public-ip", &["core"]);
    audit.finds("one small task", "ecs-one-task", &["core"]);
    audit.finds("a sidecar for tracing", "ecs-image-floating-tag", &["monolith-core"]);
    audit.finds("the gateway's limit is the account's", "apigw-no-throttling", &["monolith"]);
    audit.finds("the gateway lets everybody in", "apigw-v2-route-no-auth", &["monolith ANY /{proxy+}"]);
    audit.finds("dashboards are elsewhere", "dashboard-missing", &["123456789012"]);
    audit.finds("logs go to CloudWatch", "log-group-never-expires", &["/ecs/monolith-core"]);
    audit.finds("no standby", "rds-single-zone", &["monolith-db"]);
    audit.finds("a site without a firewall", "cloudfront-no-waf", &["site of the monolith"]);
    audit.is_clean_of(
        "the database is private",
        &["rds-publicly-accessible", "rds-in-public-subnet", "rds-group-open-wide"],
        "monolith-db",
    );
    audit.is_clean_of("secrets are parameters", &["ecs-env-secret", "ssm-parameter-plain-secret", "codebuild-plain-credential"], "");
    audit.is_clean_of("no NAT gateway, no load balancer", &["nat-gateway-spend", "alb-http-only", "vpc-no-gateway-endpoint"], "");
    audit.is_clean_of("only CloudFront reads the bucket", &["s3-public-policy", "cloudfront-s3-origin-open"], "monolith");
}

#[test]
fn nothing_of_an_estate_went_unread() {
    for name in estates().as_object().expect("estates").keys() {
        let snapshot = estate(name);
        for entry in &snapshot.snapshot().ledger {
            let entry = serde_json::to_value(entry).expect("JSON");
            // What costs money is asked when it is wanted; what is asked of some only says of which.
            assert!(["done", "not_wanted", "capped"].contains(&entry["outcome"].as_str().unwrap_or_default()), "{name}: {entry}");
        }
    }
}

#[test]
fn no_snapshot_holds_a_secret() {
    for name in estates().as_object().expect("estates").keys() {
        let list = std::fs::read_to_string(root().join(format!("tests/simulator/secrets_{name}.txt"))).expect("the list of secrets");
        let secrets: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().last()).collect();
        assert!(!secrets.is_empty());
        for (path, bytes) in files(&root().join("fixtures").join(name)) {
            // Terraform's own states hold them: that is what they are like.
            if path.to_string_lossy().contains("snapshot") {
                for secret in &secrets {
                    assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{name}: {} holds {secret}", path.display());
                }
            }
        }
    }
}

/// What of an estate `generate` still writes when the states that the real terraform has left are given: the types.
#[cfg(feature = "aws")]
fn beside_the_states(name: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = surveyor();
    command.arg("generate").arg(root().join("fixtures").join(name).join("snapshot.json.zst"));
    for (path, bytes) in files(&root().join("fixtures").join(name)) {
        if path.to_string_lossy().contains("tfstate") {
            let state = folder.path().join(path.with_extension(""));
            std::fs::write(&state, bytes).unwrap();
            command.arg("--state").arg(&state);
        }
    }
    let output = command.arg("--out").arg(folder.path().join("out")).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let mut written = BTreeSet::new();
    for (path, bytes) in files(&folder.path().join("out")) {
        if path.file_name().is_some_and(|n| n == "imports.tf") {
            let text = String::from_utf8(bytes).expect("UTF-8");
            let targets = text.lines().filter_map(|l| l.trim().strip_prefix("to ")).map(|l| l.trim_start_matches([' ', '=']));
            written.extend(targets.filter_map(|l| l.split('.').next()).map(str::to_owned));
        }
    }
    written
}

/// Three estates stand under Terraform in their documents: what its states hold is left to them, what was made beside it is not.
#[cfg(feature = "aws")]
#[test]
fn what_terraform_keeps_is_left_to_it() {
    let state = ["aws_s3_bucket", "aws_s3_bucket_public_access_block", "aws_s3_bucket_versioning", "aws_dynamodb_table"];
    let by_scripts =
        ["aws_cloudwatch_log_group", "aws_iam_instance_profile", "aws_iam_policy", "aws_iam_role", "aws_iam_role_policy_attachment"];
    let types = |lists: &[&[&str]]| lists.iter().flat_map(|l| l.iter()).map(|t| (*t).to_owned()).collect::<BTreeSet<String>>();
    assert_eq!(beside_the_states("devops"), BTreeSet::new(), "all of it is under Terraform");
    assert_eq!(beside_the_states("ohmycoins"), types(&[&state]));
    assert_eq!(beside_the_states("taskapi"), types(&[&state, &by_scripts]));
}

/// The real terraform on the code of the four estates besides exo (tests/terraform.rs has that), all at once: most of the time is
/// spent waiting for what terraform makes.
#[cfg(feature = "aws")]
#[test]
fn the_plan_of_every_estate_imports_all_and_changes_nothing() {
    use support::{Simulator, Terraform, proof::prove};

    let Some(terraform) = Terraform::find() else { return };
    let plans = [("ohmycoins", 95), ("devops", 43), ("costwise", 65), ("taskapi", 126)];
    std::thread::scope(|threads| {
        for (name, least) in plans {
            let terraform = &terraform;
            threads.spawn(move || {
                let simulator = Simulator::estate(name, terraform);
                let (imports, _folder) = prove(terraform, &simulator);
                println!("{name}: {imports} to import, 0 to add, 0 to change, 0 to destroy");
                assert!(imports >= least, "{name}: {imports} to import");
            });
        }
    });
}
