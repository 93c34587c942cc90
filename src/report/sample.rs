//! The estate that the tests of the report formats share, written by hand: a small shop with what such accounts have, and with
//! names that try to break out of every format.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::estate::seen::{Evidence, Reason, Seen};
use crate::estate::{Attrs, Estate, LedgerEntry, Meta, Outcome, RegionState, Resource, Snapshot};
use crate::rules::framework::{ControlResult, FrameworkReport, Status};
use crate::rules::{Category, Finding, Findings, Fix, Severity, Subject, Summary, Verdict, finding};

pub const ACCOUNT: &str = "111122223333";
const TARGETS: &str = "arn:aws:elasticloadbalancing:eu-west-3:111122223333:targetgroup/api/3c";
const PARIS: &str = "eu-west-3";
const TAKEN_AT: &str = "2026-11-20T10:15:00Z";

/// Names that hurt formats which do not escape.
pub const SCRIPT: &str = "\"><script>alert('x')</script>";
pub const FORMULA: &str = "=HYPERLINK(\"http://evil.example\",\"pay\")";
pub const MARKUP: &str = "Métabase | `${var.x}` [link](javascript:alert(1))";
pub const CONTROLS: &str = "red\u{1b}[31m\u{202e}exe.\u{7}";

fn attrs(value: Value) -> Attrs {
    value.as_object().cloned().unwrap_or_default().into_iter().collect()
}

fn resource(kind: &str, id: &str, name: &str, config: Value, facts: Value) -> Resource {
    let global = kind.starts_with("aws_iam") || kind.starts_with("aws_cloudfront") || kind.starts_with("x_");
    let region = if global { "global" } else { PARIS };
    Resource {
        name: (!name.is_empty()).then(|| name.to_owned()),
        config: attrs(config),
        facts: attrs(facts),
        ..Resource::new(kind, ACCOUNT, region, id)
    }
}

fn arn(mut r: Resource, arn: &str) -> Resource {
    r.arn = Some(arn.to_owned());
    r
}

fn tagged(mut r: Resource, environment: &str) -> Resource {
    r.tags.insert("Environment".into(), environment.into());
    r
}

fn ingress(id: &str, group: &str, from: u16, to: u16, cidr: &str) -> Resource {
    let config = json!({"security_group_id": group, "ip_protocol": "tcp", "from_port": from, "to_port": to, "cidr_ipv4": cidr});
    resource("aws_vpc_security_group_ingress_rule", id, "", config, json!({}))
}

fn subnet(id: &str, name: &str, zone: &str, cidr: &str) -> Resource {
    resource("aws_subnet", id, name, json!({"vpc_id": "vpc-0a1", "availability_zone": zone, "cidr_block": cidr}), json!({}))
}

fn instance(id: &str, name: &str, kind: &str, subnet: &str, group: &str, address: Option<&str>, state: &str) -> Resource {
    let config =
        json!({"instance_type": kind, "subnet_id": subnet, "vpc_security_group_ids": [group], "ami": "ami-0b1", "key_name": "deploy"});
    let facts = json!({"state": state, "public_ip": address, "private_ip": "10.20.0.9", "platform_details": "Linux/UNIX"});
    resource("aws_instance", id, name, config, facts)
}

fn database(id: &str, class: &str, public: bool, group: &str) -> Resource {
    let config = json!({
        "identifier": id, "engine": "postgres", "engine_version": "14.9", "instance_class": class, "allocated_storage": 100,
        "storage_type": "gp2", "multi_az": false, "publicly_accessible": public, "storage_encrypted": false, "port": 5432,
        "db_subnet_group_name": "main", "vpc_security_group_ids": [group], "availability_zone": "eu-west-3a"
    });
    let facts = json!({"status": "available", "endpoint": format!("{id}.abc.{PARIS}.rds.amazonaws.com")});
    arn(resource("aws_db_instance", id, id, config, facts), &format!("arn:aws:rds:{PARIS}:{ACCOUNT}:db:{id}"))
}

pub fn snapshot() -> Snapshot {
    let open = json!({"vpc_id": "vpc-0a1", "description": "launch-wizard-1 created 2024-11-10"});
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let mut resources = vec![
        resource("aws_vpc", "vpc-0a1", "main", json!({"cidr_block": "10.20.0.0/16"}), json!({})),
        resource("aws_internet_gateway", "igw-0a1", "main", json!({"vpc_id": "vpc-0a1"}), json!({})),
        subnet("subnet-0pa", "public-a", "eu-west-3a", "10.20.0.0/20"),
        subnet("subnet-0pb", "public-b", "eu-west-3b", "10.20.16.0/20"),
        subnet("subnet-0va", "private-a", "eu-west-3a", "10.20.128.0/20"),
        resource("aws_route_table", "rtb-0p", "public", json!({"vpc_id": "vpc-0a1"}), json!({"main": true})),
        resource("aws_route_table", "rtb-0v", "private", json!({"vpc_id": "vpc-0a1"}), json!({"main": false})),
        resource(
            "aws_route",
            "rtb-0p_0.0.0.0/0",
            "",
            json!({"route_table_id": "rtb-0p", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-0a1"}),
            json!({"state": "active"}),
        ),
        resource(
            "aws_route_table_association",
            "subnet-0va/rtb-0v",
            "",
            json!({"subnet_id": "subnet-0va", "route_table_id": "rtb-0v"}),
            json!({}),
        ),
        resource(
            "aws_default_network_acl",
            "acl-01",
            "",
            json!({"subnet_ids": ["subnet-0pa", "subnet-0pb", "subnet-0va"],
                   "ingress": [{"rule_no": 100, "action": "allow", "protocol": "-1", "cidr_block": "0.0.0.0/0", "from_port": 0, "to_port": 0}],
                   "egress": [{"rule_no": 100, "action": "allow", "protocol": "-1", "cidr_block": "0.0.0.0/0", "from_port": 0, "to_port": 0}]}),
            json!({"vpc_id": "vpc-0a1"}),
        ),
        resource("aws_security_group", "sg-0web", "web", json!({"vpc_id": "vpc-0a1", "description": "web"}), json!({})),
        resource("aws_security_group", "sg-0lw1", "launch-wizard-1", open, json!({})),
        ingress("sgr-01", "sg-0web", 443, 443, "0.0.0.0/0"),
        ingress("sgr-02", "sg-0lw1", 22, 22, "0.0.0.0/0"),
        ingress("sgr-03", "sg-0lw1", 5432, 5432, "0.0.0.0/0"),
        tagged(instance("i-0live", "live-api", "c5.xlarge", "subnet-0pa", "sg-0lw1", Some("192.0.2.10"), "running"), "live"),
        tagged(instance("i-0stag", "staging-web", "t3.medium", "subnet-0pb", "sg-0lw1", Some("192.0.2.11"), "running"), "staging"),
        instance("i-0meta", MARKUP, "t3.micro", "subnet-0pb", "sg-0web", None, "stopped"),
        instance("i-0evil", SCRIPT, "t3.small", "subnet-0va", "sg-0web", None, "running"),
        resource("aws_eip", "eipalloc-01", "live-api", json!({"instance": "i-0live"}), json!({"public_ip": "192.0.2.10"})),
        resource("aws_eip", "eipalloc-02", FORMULA, json!({}), json!({"public_ip": "192.0.2.99"})),
        resource(
            "aws_ebs_volume",
            "vol-0old",
            "old data",
            json!({"type": "gp2", "size": 200, "encrypted": false}),
            json!({"state": "available"}),
        ),
        resource("aws_ebs_snapshot", "snap-01", CONTROLS, json!({}), json!({"volume_size": 200})),
        resource("aws_db_subnet_group", "main", "main", json!({"name": "main", "subnet_ids": ["subnet-0pa", "subnet-0pb"]}), json!({})),
        tagged(database("live-db", "db.t3.large", true, "sg-0lw1"), "live"),
        tagged(database("staging-db", "db.t3.medium", false, "sg-0web"), "staging"),
        tagged(
            arn(
                resource(
                    "aws_lb",
                    &format!("arn:aws:elasticloadbalancing:{PARIS}:{ACCOUNT}:loadbalancer/app/live/1a"),
                    "live",
                    json!({"name": "live", "load_balancer_type": "application", "internal": false, "subnets": ["subnet-0pa", "subnet-0pb"],
                           "security_groups": ["sg-0web"]}),
                    json!({"dns_name": "live-1.eu-west-3.elb.amazonaws.com", "state": "active", "vpc_id": "vpc-0a1"}),
                ),
                &format!("arn:aws:elasticloadbalancing:{PARIS}:{ACCOUNT}:loadbalancer/app/live/1a"),
            ),
            "live",
        ),
        resource(
            "aws_lb_listener",
            "arn:aws:elasticloadbalancing:eu-west-3:111122223333:listener/app/live/1a/2b",
            "",
            json!({"load_balancer_arn": "arn:aws:elasticloadbalancing:eu-west-3:111122223333:loadbalancer/app/live/1a", "port": 443,
                   "protocol": "HTTPS", "default_action": [{"type": "forward", "target_group_arn": TARGETS}]}),
            json!({"target_group_arns": [TARGETS]}),
        ),
        arn(
            resource(
                "aws_lb_target_group",
                TARGETS,
                "api",
                json!({"name": "api", "port": 8080, "protocol": "HTTP", "vpc_id": "vpc-0a1"}),
                json!({}),
            ),
            TARGETS,
        ),
        resource(
            "aws_lb_target_group_attachment",
            "api/i-0live/8080",
            "",
            json!({"target_group_arn": TARGETS, "target_id": "i-0live", "port": 8080}),
            json!({"state": "healthy"}),
        ),
        resource(
            "aws_cloudfront_distribution",
            "E1LIVE",
            "shop.example",
            json!({"enabled": true, "origin": [{"domain_name": "live-1.eu-west-3.elb.amazonaws.com", "origin_id": "alb"}]}),
            json!({"domain_name": "d1.cloudfront.net"}),
        ),
        resource("aws_s3_bucket", "shop-live", "shop-live", json!({"bucket": "shop-live"}), json!({})),
        resource("aws_s3_bucket_versioning", "shop-live", "shop-live", json!({"bucket": "shop-live"}), json!({})),
        arn(resource("aws_iam_user", "deddy", "deddy", json!({"name": "deddy"}), json!({})), &format!("arn:aws:iam::{ACCOUNT}:user/deddy")),
        resource("aws_iam_user_policy", "deddy:all", "all", json!({"user": "deddy", "name": "all", "policy": policy}), json!({})),
        resource(
            "aws_cloudwatch_log_group",
            "/aws/sms/otp",
            "/aws/sms/otp",
            json!({"name": "/aws/sms/otp"}),
            json!({"stored_bytes": 5_368_709_120_u64}),
        ),
        resource("aws_cloudwatch_metric_alarm", "cpu", "cpu", json!({"alarm_name": "cpu", "period": 300}), json!({"state": "OK"})),
        resource("aws_sns_topic", "arn:aws:sns:eu-west-3:111122223333:ops", "ops", json!({"name": "ops"}), json!({})),
        resource("aws_kms_key", "1234abcd", "1234abcd", json!({"enable_key_rotation": false}), json!({})),
        resource("x_account", ACCOUNT, "harbour-shop", json!({}), json!({})),
    ];
    if let Some(live) = resources.iter_mut().find(|r| r.id == "i-0live") {
        live.mark_unread(&["config.user_data"], "denied: ec2:DescribeInstanceAttribute");
    }
    let mut snapshot = Snapshot {
        meta: Meta {
            account: ACCOUNT.into(),
            alias: Some("harbour-shop".into()),
            partition: "aws".into(),
            caller: format!("arn:aws:sts::{ACCOUNT}:assumed-role/survey/me"),
            regions: vec![PARIS.into(), "us-east-1".into()],
            other_regions: std::collections::BTreeMap::from([
                ("eu-west-1".into(), RegionState::Empty),
                ("sa-east-1".into(), RegionState::Unclear),
                ("us-west-2".into(), RegionState::NotLookedAt),
            ]),
            taken_at: TAKEN_AT.into(),
            finished_at: "2026-11-20T10:15:41Z".into(),
            provider_version: "5.100.0".into(),
            tool: "surveyor 0.1.0".into(),
            interrupted: false,
        },
        ledger: ledger(),
        resources,
        seen: Some(vec![Seen {
            service: "kinesis".into(),
            name: "Kinesis Data Streams".into(),
            region: PARIS.into(),
            why: Reason::NotModelled,
            evidence: Evidence::Tags,
            kind: Some("aws_kinesis_stream".into()),
            arn: Some(format!("arn:aws:kinesis:{PARIS}:{ACCOUNT}:stream/<clicks>")),
            id: Some("<clicks>".into()),
            count: 1,
            last: None,
            usd: None,
        }]),
        ..Snapshot::default()
    };
    snapshot.normalise();
    snapshot
}

fn call(region: &str, call: &str, types: &[&str], outcome: Outcome, count: u64) -> LedgerEntry {
    let denied = outcome == Outcome::Denied;
    LedgerEntry {
        account: ACCOUNT.into(),
        region: region.into(),
        call: call.into(),
        outcome,
        count,
        requests: 1,
        failures: u64::from(!outcome.is_complete()),
        vanished: 0,
        listing: !call.ends_with("Attribute"),
        types: types.iter().map(|t| (*t).to_owned()).collect(),
        permissions: vec![call.into()],
        code: denied.then(|| "UnauthorizedOperation".into()),
        message: denied.then(|| format!("You are not authorized to perform {call} <script>")),
        request_id: denied.then(|| "5f2b2c1e-0000".into()),
    }
}

fn ledger() -> Vec<LedgerEntry> {
    let done = Outcome::Done;
    let mut entries = vec![
        call("global", "iam:GetAccountAuthorizationDetails", &["aws_iam_user", "aws_iam_user_policy"], done, 2),
        call("global", "cloudfront:ListDistributions", &["aws_cloudfront_distribution"], done, 1),
        call("global", "s3:ListBuckets", &["aws_s3_bucket"], done, 1),
        call(PARIS, "ec2:DescribeInstanceAttribute", &["aws_instance"], Outcome::Denied, 3),
    ];
    for region in [PARIS, "us-east-1"] {
        let here = u64::from(region == PARIS);
        entries.extend([
            call(region, "ec2:DescribeInstances", &["aws_instance"], done, 4 * here),
            call(region, "ec2:DescribeVpcs", &["aws_vpc"], done, here),
            call(region, "ec2:DescribeSubnets", &["aws_subnet"], done, 3 * here),
            call(region, "ec2:DescribeSecurityGroups", &["aws_security_group"], done, 2 * here),
            call(region, "ec2:DescribeSecurityGroupRules", &["aws_vpc_security_group_ingress_rule"], done, 3 * here),
            call(region, "ec2:DescribeRouteTables", &["aws_route_table", "aws_route", "aws_route_table_association"], done, 2 * here),
            call(region, "ec2:DescribeNetworkAcls", &["aws_default_network_acl", "aws_network_acl"], done, here),
            call(region, "ec2:DescribeNetworkInterfaces", &["aws_network_interface"], done, 0),
            call(region, "elasticloadbalancing:DescribeListeners", &["aws_lb_listener"], done, here),
            call(region, "elasticloadbalancing:DescribeTargetGroups", &["aws_lb_target_group"], done, here),
            call(region, "elasticloadbalancing:DescribeTargetHealth", &["aws_lb_target_group_attachment"], done, here),
            call(region, "ec2:DescribeInternetGateways", &["aws_internet_gateway"], done, here),
            call(region, "ec2:DescribeAddresses", &["aws_eip"], done, 2 * here),
            call(region, "ec2:DescribeVolumes", &["aws_ebs_volume"], done, here),
            call(region, "rds:DescribeDBInstances", &["aws_db_instance"], done, 2 * here),
            call(region, "elasticloadbalancing:DescribeLoadBalancers", &["aws_lb"], done, here),
            call(region, "backup:ListBackupPlans", &["aws_backup_plan"], Outcome::Denied, 0),
            call(region, "logs:DescribeLogGroups", &["aws_cloudwatch_log_group"], Outcome::Throttled, here),
        ]);
    }
    entries
}

struct Rule {
    id: &'static str,
    title: &'static str,
    severity: Severity,
    category: Category,
    why: &'static str,
    fix: Fix,
    controls: &'static [(&'static str, &'static str)],
}

fn fix(summary: &str, disruption: &str, terraform: Value, runbook: Option<&str>) -> Fix {
    Fix { disruption: disruption.into(), summary: summary.into(), terraform: attrs(terraform), runbook: runbook.map(str::to_owned) }
}

fn rules() -> Vec<Rule> {
    use Category::{Cost, Operations, Reliability, Security};
    use Severity::{Critical, High, Info, Low, Medium};
    let rule = |id, title, severity, category, why, fix, controls| Rule { id, title, severity, category, why, fix, controls };
    let none: &[(&str, &str)] = &[];
    vec![
        rule(
            "rds-publicly-accessible",
            "Database answers from the internet",
            Critical,
            Security,
            "Whoever finds the address can try passwords, and every flaw of the engine is open to everybody.",
            fix(
                "Take the public address away; clients inside the network keep theirs.",
                "brief",
                json!({"publicly_accessible": false}),
                Some("rds-make-private"),
            ),
            &[("cis-5.0", "2.2.3"), ("fsbp", "RDS.2"), ("pci-4.0", "1.3.1")],
        ),
        rule(
            "ec2-ssh-open",
            "SSH is open to the internet",
            High,
            Security,
            "Passwords and keys are tried around the clock.",
            fix("Use Session Manager, then drop the rule.", "none", json!({}), Some("ssh-to-session-manager")),
            &[("cis-5.0", "5.3"), ("cis-5.0", "5.10"), ("fsbp", "EC2.13")],
        ),
        rule(
            "iam-admin-user",
            "Person holds full administrator rights",
            High,
            Security,
            "One stolen key is the whole account.",
            fix("Give a role for the work, keep the right for emergencies.", "none", json!({}), None),
            &[("cis-5.0", "1.15")],
        ),
        rule(
            "rds-not-encrypted",
            "Database is stored in the clear",
            Medium,
            Security,
            "A copied snapshot can be read by whoever holds it.",
            fix("Restore an encrypted copy and change over.", "downtime", json!({"storage_encrypted": true}), Some("rds-encrypt")),
            &[("cis-5.0", "2.2.1"), ("fsbp", "RDS.3")],
        ),
        rule(
            "rds-single-az",
            "Live database stands in one zone only",
            Medium,
            Reliability,
            "When the zone fails, the shop is closed.",
            fix("Switch on a second zone.", "brief", json!({"multi_az": true}), None),
            &[("fsbp", "RDS.5")],
        ),
        rule(
            "ebs-unattached",
            "Volume hangs on nothing",
            Low,
            Cost,
            "It is paid for and read by nobody.",
            fix("Make a snapshot and delete it.", "none", json!({}), None),
            none,
        ),
        rule(
            "eip-unused",
            "Address is reserved and unused",
            Low,
            Cost,
            "It is paid for by the hour.",
            fix("Release it.", "none", json!({}), None),
            none,
        ),
        rule(
            "logs-never-expire",
            "Log group never expires",
            Low,
            Cost,
            "It grows for ever.",
            fix("Set a retention.", "none", json!({"retention_in_days": 90}), None),
            none,
        ),
        rule(
            "alarm-notifies-nobody",
            "Alarm tells nobody",
            Info,
            Operations,
            "It goes off and no one hears it.",
            fix("Send it to a topic with a subscriber.", "none", json!({}), None),
            none,
        ),
    ]
}

fn subject(r: &Resource) -> Subject {
    Subject {
        kind: r.kind.clone(),
        id: r.id.clone(),
        arn: r.arn.clone(),
        name: r.label().into(),
        region: r.region.clone(),
        account: r.account.clone(),
    }
}

/// Findings over [`snapshot`], as the rule engine would give them.
pub fn findings(estate: &Estate) -> Findings {
    let evidence: BTreeMap<&str, Value> = BTreeMap::from([
        ("rds-publicly-accessible", json!({"config.publicly_accessible": true, "config.port": 5432, "exposure": ["0.0.0.0/0"]})),
        ("ec2-ssh-open", json!({"exposed(22)": true, "config.vpc_security_group_ids": ["sg-0lw1"]})),
        ("ebs-unattached", json!({"facts.state": "available"})),
        ("iam-admin-user", json!({"config.policy": "{\"Action\":\"*\",\"Note\":\"</script><script>alert(2)</script>\"}"})),
    ]);
    // Rule, type, id, verdict, dollars per month.
    let said = [
        ("rds-publicly-accessible", "aws_db_instance", "live-db", Verdict::Fail, None),
        ("rds-publicly-accessible", "aws_db_instance", "staging-db", Verdict::Pass, None),
        ("ec2-ssh-open", "aws_instance", "i-0live", Verdict::Fail, None),
        ("ec2-ssh-open", "aws_instance", "i-0stag", Verdict::Fail, None),
        ("ec2-ssh-open", "aws_instance", "i-0meta", Verdict::Suppressed, None),
        ("ec2-ssh-open", "aws_instance", "i-0evil", Verdict::Fail, None),
        ("iam-admin-user", "aws_iam_user", "deddy", Verdict::Fail, None),
        ("rds-not-encrypted", "aws_db_instance", "live-db", Verdict::Fail, None),
        ("rds-not-encrypted", "aws_db_instance", "staging-db", Verdict::Fail, None),
        ("rds-single-az", "aws_db_instance", "live-db", Verdict::Fail, None),
        ("rds-single-az", "aws_db_instance", "staging-db", Verdict::NotApplicable, None),
        ("ebs-unattached", "aws_ebs_volume", "vol-0old", Verdict::Fail, Some(23.2)),
        ("eip-unused", "aws_eip", "eipalloc-02", Verdict::Fail, Some(3.65)),
        ("eip-unused", "aws_eip", "eipalloc-01", Verdict::Pass, None),
        ("logs-never-expire", "aws_cloudwatch_log_group", "/aws/sms/otp", Verdict::Unknown, None),
        ("alarm-notifies-nobody", "aws_cloudwatch_metric_alarm", "cpu", Verdict::Fail, None),
    ];
    let rules = rules();
    let mut findings: Vec<Finding> = said
        .iter()
        .map(|(rule, kind, id, verdict, usd)| {
            let rule = rules.iter().find(|r| r.id == *rule).expect("a rule of the sample");
            let r = estate.find(kind, "id", id).expect("a resource of the sample");
            let mut controls: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (framework, number) in rule.controls {
                controls.entry((*framework).into()).or_default().push((*number).into());
            }
            Finding {
                id: format!(
                    "{:016x}",
                    (rule.id.len() * 7919 + id.len() * 104_729 + id.bytes().map(usize::from).sum::<usize>()) * 1_000_003
                ),
                rule: rule.id.into(),
                verdict: *verdict,
                severity: rule.severity,
                category: rule.category,
                title: rule.title.into(),
                message: format!("{}: {}", r.label(), rule.title.to_lowercase()),
                why: rule.why.into(),
                resource: subject(r),
                environment: estate.environment(r).map(|e| e.name.clone()),
                evidence: evidence.get(rule.id).cloned().map(attrs).unwrap_or_default(),
                because: match verdict {
                    Verdict::Unknown => vec!["throttled: logs:DescribeLogGroups in eu-west-3".into()],
                    Verdict::Suppressed => vec!["behind the VPN until the move; owner deddy; until 2027-01-31".into()],
                    _ => Vec::new(),
                },
                monthly_usd: *usd,
                monthly_note: usd.map(|_| "200 GB × $0.116 (price of 2024-07-18)".into()),
                controls,
                fix: rule.fix.clone(),
                first_seen: TAKEN_AT.into(),
            }
        })
        .collect();
    findings.sort_by(|a, b| (a.severity, &a.rule, &a.resource).cmp(&(b.severity, &b.rule, &b.resource)));
    Findings {
        schema_version: finding::SCHEMA_VERSION,
        tool: "surveyor 0.1.0".into(),
        account: ACCOUNT.into(),
        taken_at: TAKEN_AT.into(),
        ledger: estate.snapshot().ledger.clone(),
        summary: summary(&findings, estate.resources().len(), rules.len() + 1),
        findings,
    }
}

/// The numbers over findings.
pub fn summary(findings: &[Finding], resources: usize, rules: usize) -> Summary {
    let mut summary = Summary { resources, rules, ..Summary::default() };
    for f in findings {
        *summary.verdicts.entry(super::model::verdict(f.verdict).into()).or_default() += 1;
        if f.verdict == Verdict::Fail {
            *summary.fail.entry(super::model::severity(f.severity).into()).or_default() += 1;
        }
    }
    summary.monthly_usd_savings = crate::rules::savings(findings);
    summary.unanswered_rules.insert("backup-no-plan".into(), vec!["denied: backup:ListBackupPlans in eu-west-3".into()]);
    summary
}

/// The sample, related.
pub fn estate() -> Estate {
    Estate::new(snapshot())
}

/// The model of the sample.
pub fn model() -> super::Model {
    let estate = estate();
    let model = super::Model::new(&estate, &findings(&estate), crate::cost::PriceBook::embedded());
    let mut model = model.with_frameworks(vec![framework()]);
    model.set_generation(super::Generation {
        imports: 31,
        left_out: 5,
        files: 14,
        lines: 412,
        reference_share: 0.97,
        runbooks: vec!["rds-make-private".into()],
        plan: Some("31 to import, 0 to add, 0 to change, 0 to destroy".into()),
    });
    model
}

/// What the audit would say about a framework.
fn framework() -> FrameworkReport {
    let control = |control: &str, title: &str, status, rules: &[&str], findings: usize| ControlResult {
        control: control.into(),
        title: title.into(),
        status,
        rules: rules.iter().map(|r| (*r).to_owned()).collect(),
        findings: vec!["000000d540f3b621".into(); findings],
    };
    FrameworkReport {
        framework: "cis-5.0".into(),
        title: "CIS Amazon Web Services Foundations Benchmark 5.0.0".into(),
        controls: vec![
            control("1.15", "", Status::Fail, &["iam-admin-user"], 1),
            control("2.2.3", "No database answers from the internet", Status::Fail, &["rds-publicly-accessible"], 1),
            control("2.4.1", "", Status::Unknown, &["backup-no-plan"], 0),
            control("4.1", "", Status::Pass, &["some-rule", "another-rule"], 0),
            control("5.6", "", Status::NotCovered, &[], 0),
        ],
    }
}

/// An estate of `n` resources, with a failing finding for about every second one.
pub fn large(n: usize) -> (Estate, Findings) {
    let mut snapshot = snapshot();
    let kinds = ["aws_instance", "aws_ebs_volume", "aws_security_group", "aws_s3_bucket", "aws_iam_role", "aws_cloudwatch_log_group"];
    for i in 0..n.saturating_sub(snapshot.resources.len()) {
        let kind = kinds[i % kinds.len()];
        let subnet = ["subnet-0pa", "subnet-0pb", "subnet-0va"][i % 3];
        let config =
            json!({"instance_type": "t3.medium", "type": "gp3", "size": 40, "subnet_id": subnet, "vpc_security_group_ids": ["sg-0web"]});
        let r = resource(kind, &format!("x-{i:017x}"), &format!("service-{} worker {i}", i % 97), config, json!({"state": "running"}));
        snapshot.resources.push(tagged(r, ["live", "staging", "development"][i % 3]));
    }
    let estate = Estate::new(snapshot);
    let mut findings = findings(&estate);
    let pattern: Vec<Finding> = findings.findings.iter().filter(|f| f.verdict == Verdict::Fail).cloned().collect();
    for (i, r) in estate.resources().iter().filter(|r| r.id.starts_with("x-")).enumerate().filter(|(i, _)| i % 2 == 0) {
        let mut f = pattern[i % pattern.len()].clone();
        f.id = format!("{i:016x}");
        f.resource = subject(r);
        f.message = format!("{} is reachable on port 22 from 0.0.0.0/0 through launch-wizard-{}", r.label(), i % 40);
        findings.findings.push(f);
    }
    findings.findings.sort_by(|a, b| (a.severity, &a.rule, &a.resource).cmp(&(b.severity, &b.rule, &b.resource)));
    findings.summary = summary(&findings.findings, estate.resources().len(), 10);
    (estate, findings)
}
