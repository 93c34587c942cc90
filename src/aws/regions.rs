//! Which regions are read. Named ones are read in full and nothing else is looked at. When none is named, every enabled region is
//! looked at with a fixed set of short listings that, together, find whatever costs money; where something is found, the region is
//! read in full, elsewhere it is recorded as empty.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use futures::FutureExt;
use futures::future::join_all;
use serde_json::{Value, json};

use super::call::{ApiError, ledger_entry, note_failure};
use super::collector::{Call, detail, list};
use super::run::Event;
use super::seen::{self, Events};
use super::session::Session;
use super::value::{items, text};
use crate::error::Error;
use crate::estate::resource::GLOBAL;
use crate::estate::{LedgerEntry, RegionState};

/// Which regions exist for the account.
const DESCRIBE_REGIONS: Call = detail("ec2:DescribeRegions");

/// Where the buckets are: they are listed for all regions at once. It names the regions when given any parameter.
const LIST_BUCKETS: Call = detail("s3:ListBuckets").iam(&["s3:ListAllMyBuckets"]);

/// The calls that find the regions and look at those nobody named. What a listing finds nothing of is not there: an instance, a gateway
/// and a load balancer have a network interface as long as they exist, so the first listing speaks for them too.
pub const CALLS: &[Call] = &[
    DESCRIBE_REGIONS,
    LIST_BUCKETS,
    list("ec2:DescribeNetworkInterfaces").yields(&["aws_network_interface", "aws_instance", "aws_nat_gateway", "aws_lb"]),
    list("ec2:DescribeVpcs").yields(&["aws_vpc"]),
    detail("cloudwatch:ListMetrics"),
    detail("tagging:GetResources"),
    list("ec2:DescribeVolumes").yields(&["aws_ebs_volume"]),
    list("ec2:DescribeSnapshots").yields(&["aws_ebs_snapshot", "aws_ami"]),
    list("ec2:DescribeAddresses").yields(&["aws_eip"]),
    list("rds:DescribeDBInstances").yields(&["aws_db_instance"]),
    list("rds:DescribeDBClusters").yields(&["aws_rds_cluster"]),
    list("rds:DescribeDBSnapshots").yields(&["aws_db_snapshot"]),
    list("rds:DescribeDBClusterSnapshots").yields(&["aws_db_cluster_snapshot"]),
    list("lambda:ListFunctions").yields(&["aws_lambda_function"]),
    list("dynamodb:ListTables").yields(&["aws_dynamodb_table"]),
    list("ecr:DescribeRepositories").yields(&["aws_ecr_repository"]),
    list("secretsmanager:ListSecrets").yields(&["aws_secretsmanager_secret"]),
    list("kms:ListKeys").yields(&["aws_kms_key"]),
    detail("kms:ListAliases"),
    list("logs:DescribeLogGroups").yields(&["aws_cloudwatch_log_group"]),
    list("guardduty:ListDetectors").yields(&["aws_guardduty_detector"]),
    list("config:DescribeConfigurationRecorders").yields(&["aws_config_configuration_recorder"]),
    list("cloudtrail:DescribeTrails").yields(&["aws_cloudtrail"]),
    detail("lightsail:GetActiveNames"),
    detail("cloudtrail:LookupEvents").rate(2.0),
];

/// Metrics that stand in every account by themselves.
pub(super) const IDLE_METRICS: &[&str] = &["AWS/Usage", "AWS/TrustedAdvisor", "AWS/Billing"];

/// Where Lightsail is (its user guide, "Regions and Availability Zones", 2026-11); elsewhere it has no endpoint.
const LIGHTSAIL: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "us-east-1",
    "us-east-2",
    "us-west-2",
];

/// What is read, and what is known of the rest.
#[derive(Debug, Default)]
pub struct Regions {
    /// Read in full, sorted.
    pub read: Vec<String>,
    /// Every other enabled region.
    pub others: BTreeMap<String, RegionState>,
    /// What people did lately in regions that were only looked into.
    pub elsewhere: Vec<Events>,
    /// What was asked to find out.
    pub ledger: Vec<LedgerEntry>,
}

/// Chooses the regions. `asked` is what the user named; `regional` is false when nothing is to be read that lives in a region.
///
/// # Errors
/// When a region does not exist, or none is known at all.
pub async fn choose(session: &Session, asked: &[String], regional: bool, on: &dyn Fn(Event)) -> Result<Regions, Error> {
    let configured = session.region.clone();
    let all = asked.iter().any(|r| r == "all");
    let mut chosen = Regions::default();
    if session.replayed && asked.is_empty() {
        // A recording holds what was asked when it was made: other regions have no answers in it.
        chosen.read.extend(configured.clone());
    }
    let enabled = enabled(session, &mut chosen.ledger, on).await;
    let Some(enabled) = enabled else {
        if all {
            return Err(Error::access("--region all needs ec2:DescribeRegions, which failed").hint("allow it, or name the regions"));
        }
        let named: BTreeSet<String> = if asked.is_empty() { configured.into_iter().collect() } else { asked.iter().cloned().collect() };
        if named.is_empty() {
            return Err(Error::usage("no region given, none configured, and ec2:DescribeRegions failed")
                .hint("give --region eu-west-3 (several are possible), or allow ec2:DescribeRegions"));
        }
        if asked.is_empty() {
            on(Event::Warning(format!("only {} is read: which other regions there are is not known", join(&named))));
        }
        chosen.read = named.into_iter().collect();
        return Ok(chosen);
    };
    for region in asked.iter().chain(&configured).filter(|r| *r != "all") {
        if !enabled.contains(region) {
            let near = enabled.iter().max_by(|a, b| strsim::jaro_winkler(a, region).total_cmp(&strsim::jaro_winkler(b, region)));
            return Err(Error::usage(format!("region `{region}` does not exist or is not enabled in this account"))
                .hint(format!("did you mean `{}`?", near.map_or("", String::as_str))));
        }
    }
    let mut read: BTreeSet<String> = chosen.read.iter().cloned().collect();
    if all {
        read = enabled.clone();
    } else if !asked.is_empty() {
        read = asked.iter().cloned().collect();
    } else if !session.replayed && !regional {
        read = BTreeSet::from([configured.unwrap_or_else(|| session.home().to_owned())]);
    } else if !session.replayed {
        // Where somebody works anyway is read without a look.
        read.extend(configured);
        let buckets = buckets(session, &mut chosen.ledger).await;
        read.extend(enabled.iter().filter(|r| buckets.contains(*r)).cloned());
        let open: Vec<&String> = enabled.iter().filter(|r| !read.contains(*r)).collect();
        on(Event::Looking { regions: open.len() });
        let looks = join_all(open.iter().map(|region| look(session, region).boxed_local())).await;
        for (region, (state, entries, events)) in open.into_iter().zip(looks) {
            match state {
                Some(state) => {
                    chosen.others.insert(region.clone(), state);
                    chosen.elsewhere.extend(events);
                    chosen.ledger.extend(entries);
                }
                // The listings proper ask the same again, and all of it.
                None => {
                    read.insert(region.clone());
                    chosen.ledger.extend(entries.into_iter().map(as_detail));
                }
            }
        }
        if read.is_empty() {
            let home = session.home().to_owned();
            chosen.others.remove(&home);
            read.insert(home);
        }
    }
    for region in enabled.iter().filter(|r| !read.contains(*r)) {
        chosen.others.entry(region.clone()).or_insert(RegionState::NotLookedAt);
    }
    chosen.read = read.into_iter().collect();
    Ok(chosen)
}

fn join(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// An entry that claims nothing about what there is.
fn as_detail(mut entry: LedgerEntry) -> LedgerEntry {
    entry.listing = false;
    entry.types.clear();
    entry
}

async fn enabled(session: &Session, ledger: &mut Vec<LedgerEntry>, on: &dyn Fn(Event)) -> Option<BTreeSet<String>> {
    let at = session.region.clone().unwrap_or_else(|| session.home().into());
    let answer = session.send(&DESCRIBE_REGIONS, &at, session.ec2_in(&at).describe_regions().send()).await;
    let mut entry = ledger_entry(&session.account, GLOBAL, &DESCRIBE_REGIONS, Vec::new());
    entry.requests = 1;
    let enabled = match answer {
        Ok(answer) => {
            let names: BTreeSet<String> = answer.regions().iter().filter_map(|r| r.region_name().map(str::to_owned)).collect();
            entry.count = names.len() as u64;
            Some(names)
        }
        Err(error) => {
            note_failure(&mut entry, &error);
            on(Event::Warning(format!("cannot list the account's regions: {error}")));
            None
        }
    };
    ledger.push(entry);
    enabled
}

async fn buckets(session: &Session, ledger: &mut Vec<LedgerEntry>) -> BTreeSet<String> {
    let home = session.home();
    let answer = session.send(&LIST_BUCKETS, home, session.s3_in(home).list_buckets().max_buckets(10_000).send()).await;
    let mut entry = ledger_entry(&session.account, GLOBAL, &LIST_BUCKETS, Vec::new());
    entry.requests = 1;
    let regions = match answer {
        Ok(answer) => answer.buckets().iter().filter_map(|b| b.bucket_region().map(str::to_owned)).collect(),
        Err(error) => {
            note_failure(&mut entry, &error);
            BTreeSet::new()
        }
    };
    ledger.push(entry);
    regions
}

/// A look at one region.
struct Look<'a> {
    session: &'a Session,
    region: &'a str,
    found: RefCell<u64>,
    entries: RefCell<Vec<LedgerEntry>>,
}

impl Look<'_> {
    /// Makes one listing and counts what it found. A further page counts as found: some listings of EC2 begin with empty pages.
    async fn ask<T, E>(&self, name: &'static str, request: impl Future<Output = Result<T, E>>, count: impl FnOnce(&T) -> usize) -> Option<T>
    where
        ApiError: From<E>,
    {
        let call = CALLS.iter().find(|c| c.name == name)?;
        let answer = self.session.send(call, self.region, request).await;
        let types = call.yields.iter().map(|t| (*t).to_owned()).collect();
        let mut entry = ledger_entry(&self.session.account, self.region, call, types);
        entry.requests = 1;
        let answer = match answer {
            Ok(answer) => {
                entry.count = count(&answer) as u64;
                *self.found.borrow_mut() += entry.count;
                Some(answer)
            }
            Err(error) => {
                note_failure(&mut entry, &error);
                None
            }
        };
        self.entries.borrow_mut().push(entry);
        answer
    }

    async fn json(&self, name: &'static str, input: Value, count: impl FnOnce(&Value) -> usize) -> Option<Value> {
        self.ask(name, self.session.json(self.region, name, input), count).await
    }

    /// What is found by nearly everything that runs: its network interface, its metrics, its tags.
    async fn first(&self) {
        let ec2 = self.session.ec2_in(self.region);
        let own = aws_sdk_ec2::types::Filter::builder().name("is-default").values("false").build();
        let interfaces = ec2.describe_network_interfaces().max_results(5).send();
        let interfaces =
            self.ask("ec2:DescribeNetworkInterfaces", interfaces, |a| a.network_interfaces().len() + more(a.next_token())).boxed_local();
        let vpcs = self.ask("ec2:DescribeVpcs", ec2.describe_vpcs().filters(own).send(), |a| a.vpcs().len()).boxed_local();
        let tags = self.json("tagging:GetResources", json!({ "ResourcesPerPage": 100 }), |a| items(a, "ResourceTagMappingList").len());
        let metrics = self.json("cloudwatch:ListMetrics", json!({}), |a| {
            items(a, "Metrics").iter().filter(|m| text(m, "Namespace").is_some_and(|n| !IDLE_METRICS.contains(&n))).count()
                + more(text(a, "NextToken"))
        });
        futures::join!(interfaces, vpcs, tags, metrics);
    }

    /// What is billed while it lies still.
    async fn second(&self) {
        // Boxed, because the futures of the SDK are large.
        futures::join!(
            self.disks().boxed_local(),
            self.databases().boxed_local(),
            self.services().boxed_local(),
            self.guards().boxed_local()
        );
    }

    async fn disks(&self) {
        let ec2 = self.session.ec2_in(self.region);
        let volumes = ec2.describe_volumes().max_results(5).send();
        let volumes = self.ask("ec2:DescribeVolumes", volumes, |a| a.volumes().len() + more(a.next_token())).boxed_local();
        let snapshots = ec2.describe_snapshots().owner_ids("self").max_results(5).send();
        let snapshots = self.ask("ec2:DescribeSnapshots", snapshots, |a| a.snapshots().len() + more(a.next_token())).boxed_local();
        let addresses = self.ask("ec2:DescribeAddresses", ec2.describe_addresses().send(), |a| a.addresses().len()).boxed_local();
        futures::join!(volumes, snapshots, addresses);
    }

    async fn databases(&self) {
        let rds = self.session.rds_in(self.region);
        let instances = rds.describe_db_instances().max_records(20).send();
        let instances = self.ask("rds:DescribeDBInstances", instances, |a| a.db_instances().len()).boxed_local();
        let clusters = rds.describe_db_clusters().max_records(20).send();
        let clusters = self.ask("rds:DescribeDBClusters", clusters, |a| a.db_clusters().len()).boxed_local();
        let snapshots = rds.describe_db_snapshots().snapshot_type("manual").max_records(20).send();
        let snapshots = self.ask("rds:DescribeDBSnapshots", snapshots, |a| a.db_snapshots().len()).boxed_local();
        let copies = rds.describe_db_cluster_snapshots().snapshot_type("manual").max_records(20).send();
        let copies = self.ask("rds:DescribeDBClusterSnapshots", copies, |a| a.db_cluster_snapshots().len()).boxed_local();
        futures::join!(instances, clusters, snapshots, copies);
    }

    async fn services(&self) {
        let functions = self.session.rest(self.region, "lambda:ListFunctions", "GET", "/2015-03-31/functions/?MaxItems=50", None);
        futures::join!(
            self.ask("lambda:ListFunctions", functions, |a| items(a, "Functions").len()),
            self.json("dynamodb:ListTables", json!({ "Limit": 1 }), |a| items(a, "TableNames").len()),
            self.json("ecr:DescribeRepositories", json!({ "maxResults": 1 }), |a| items(a, "repositories").len()),
            self.json("secretsmanager:ListSecrets", json!({ "MaxResults": 1 }), |a| items(a, "SecretList").len()),
            self.keys(),
            self.json("logs:DescribeLogGroups", json!({ "limit": 1 }), |a| items(a, "logGroups").len()),
        );
        if LIGHTSAIL.contains(&self.region) {
            self.json("lightsail:GetActiveNames", json!({}), |a| items(a, "activeNames").len()).await;
        }
    }

    async fn guards(&self) {
        let detectors = self.session.rest(self.region, "guardduty:ListDetectors", "GET", "/detector", None);
        futures::join!(
            self.ask("guardduty:ListDetectors", detectors, |a| items(a, "detectorIds").len()),
            self.json("config:DescribeConfigurationRecorders", json!({}), |a| items(a, "ConfigurationRecorders").len()),
            self.json("cloudtrail:DescribeTrails", json!({ "includeShadowTrails": false }), |a| items(a, "trailList").len()),
        );
    }

    /// Keys of AWS stand in the listing too; their aliases tell them.
    async fn keys(&self) {
        let mut of_aws = BTreeSet::new();
        let keys = self.json("kms:ListKeys", json!({ "Limit": 1000 }), |_| 0).await;
        let keys: BTreeSet<String> =
            keys.iter().flat_map(|a| items(a, "Keys")).filter_map(|k| text(k, "KeyId").map(str::to_owned)).collect();
        if keys.is_empty() {
            return;
        }
        if let Some(answer) = self.json("kms:ListAliases", json!({ "Limit": 100 }), |_| 0).await {
            of_aws = items(&answer, "Aliases")
                .iter()
                .filter(|a| text(a, "AliasName").is_some_and(|n| n.starts_with("alias/aws/")))
                .filter_map(|a| text(a, "TargetKeyId").map(str::to_owned))
                .collect();
        }
        *self.found.borrow_mut() += keys.difference(&of_aws).count() as u64;
    }

    /// The newest changes: what was used and is gone leaves only these.
    async fn events(&self) -> Vec<Events> {
        let input = json!({ "MaxResults": 50, "LookupAttributes": [{ "AttributeKey": "ReadOnly", "AttributeValue": "false" }] });
        let answer = self.ask("cloudtrail:LookupEvents", self.session.json(self.region, "cloudtrail:LookupEvents", input), |_| 0).await;
        answer.map(|a| seen::events(self.region, &a)).unwrap_or_default()
    }
}

fn more(token: Option<&str>) -> usize {
    usize::from(token.is_some_and(|t| !t.is_empty()))
}

/// Looks at a region: its state, or `None` when something is there.
async fn look(session: &Session, region: &str) -> (Option<RegionState>, Vec<LedgerEntry>, Vec<Events>) {
    let look = Look { session, region, found: RefCell::new(0), entries: RefCell::default() };
    look.first().await;
    if *look.found.borrow() == 0 {
        look.second().await;
    }
    if *look.found.borrow() > 0 {
        return (None, look.entries.into_inner(), Vec::new());
    }
    let events = look.events().await;
    let entries = look.entries.into_inner();
    let state = if entries.iter().all(|e| e.outcome.is_complete()) { RegionState::Empty } else { RegionState::Unclear };
    (Some(state), entries, events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, ec2, session};
    use crate::estate::Outcome;

    const QUIET: &[(&str, &str)] = &[
        ("tagging:GetResources", r#"{"ResourceTagMappingList":[]}"#),
        ("cloudwatch:ListMetrics", r#"{"Metrics":[{"Namespace":"AWS/Usage","MetricName":"CallCount"}]}"#),
        ("lambda:ListFunctions", r#"{"Functions":[]}"#),
        ("dynamodb:ListTables", r#"{"TableNames":[]}"#),
        ("ecr:DescribeRepositories", r#"{"repositories":[]}"#),
        ("secretsmanager:ListSecrets", r#"{"SecretList":[]}"#),
        ("kms:ListKeys", r#"{"Keys":[{"KeyId":"k-aws"}]}"#),
        ("kms:ListAliases", r#"{"Aliases":[{"AliasName":"alias/aws/ebs","TargetKeyId":"k-aws"},{"AliasName":"alias/aws/s3"}]}"#),
        ("logs:DescribeLogGroups", r#"{"logGroups":[]}"#),
        ("guardduty:ListDetectors", r#"{"detectorIds":[]}"#),
        ("config:DescribeConfigurationRecorders", r#"{"ConfigurationRecorders":[]}"#),
        ("cloudtrail:DescribeTrails", r#"{"trailList":[]}"#),
        ("lightsail:GetActiveNames", r#"{"activeNames":[]}"#),
        ("cloudtrail:LookupEvents", r#"{"Events":[]}"#),
    ];

    fn rds(operation: &str, list: &str) -> String {
        format!(
            r#"<{operation}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><{operation}Result><{list}/></{operation}Result></{operation}Response>"#
        )
    }

    /// A quiet region with other answers in the places named.
    fn looked(changed: &[(&str, u16, &str)]) -> (Option<RegionState>, Vec<LedgerEntry>, Vec<Events>) {
        let mut answers: Vec<(String, u16, String)> = QUIET.iter().map(|(o, b)| ((*o).to_owned(), 200, (*b).to_owned())).collect();
        for (operation, body) in [
            ("DescribeNetworkInterfaces", "<networkInterfaceSet/>"),
            ("DescribeVpcs", "<vpcSet/>"),
            ("DescribeVolumes", "<volumeSet/>"),
            ("DescribeSnapshots", "<snapshotSet/>"),
            ("DescribeAddresses", "<addressesSet/>"),
        ] {
            answers.push((format!("ec2:{operation}"), 200, ec2(operation, body)));
        }
        for (operation, list) in [
            ("DescribeDBInstances", "DBInstances"),
            ("DescribeDBClusters", "DBClusters"),
            ("DescribeDBSnapshots", "DBSnapshots"),
            ("DescribeDBClusterSnapshots", "DBClusterSnapshots"),
        ] {
            answers.push((format!("rds:{operation}"), 200, rds(operation, list)));
        }
        for (operation, status, body) in changed {
            answers.retain(|(o, _, _)| o != operation);
            answers.push(((*operation).to_owned(), *status, (*body).to_owned()));
        }
        let answers: Vec<(&str, u16, &str)> = answers.iter().map(|(o, s, b)| (o.as_str(), *s, b.as_str())).collect();
        let session = session(&answers);
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(look(&session, "eu-north-1"))
    }

    #[test]
    fn what_aws_keeps_by_itself_does_not_count() {
        let (state, entries, _) = looked(&[]);
        assert_eq!(state, Some(RegionState::Empty));
        let proven: BTreeSet<&str> = entries.iter().flat_map(|e| e.types.iter().map(String::as_str)).collect();
        assert!(proven.contains("aws_nat_gateway") && proven.contains("aws_db_snapshot"), "{proven:?}");
        assert!(entries.iter().all(|e| e.requests == 1 && e.region == "eu-north-1"));
    }

    #[test]
    fn one_thing_without_a_tag_or_a_network_is_enough() {
        for (operation, body) in [
            ("ec2:DescribeAddresses", ec2("DescribeAddresses", "<addressesSet><item><publicIp>192.0.2.1</publicIp></item></addressesSet>")),
            ("ec2:DescribeSnapshots", ec2("DescribeSnapshots", "<snapshotSet/><nextToken>further</nextToken>")),
            ("kms:ListKeys", r#"{"Keys":[{"KeyId":"k-aws"},{"KeyId":"k-ours"}]}"#.to_owned()),
            ("cloudwatch:ListMetrics", r#"{"Metrics":[{"Namespace":"AWS/Kinesis","MetricName":"IncomingBytes"}]}"#.to_owned()),
            ("lightsail:GetActiveNames", r#"{"activeNames":["blog"]}"#.to_owned()),
        ] {
            assert_eq!(looked(&[(operation, 200, &body)]).0, None, "{operation}");
        }
    }

    #[test]
    fn a_refused_listing_leaves_it_unclear() {
        let (state, entries, _) = looked(&[("ec2:DescribeVolumes", 403, EC2_DENIED)]);
        assert_eq!(state, Some(RegionState::Unclear));
        let denied: Vec<_> = entries.iter().filter(|e| e.outcome == Outcome::Denied).collect();
        assert_eq!((denied.len(), denied[0].types.as_slice()), (1, &["aws_ebs_volume".to_owned()][..]));
        assert!(denied[0].listing);
    }
}
