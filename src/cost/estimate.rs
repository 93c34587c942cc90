//! What one resource costs per month.
//!
//! List prices on demand: no reservations, savings plans, free tier, tax, and nothing that depends on use (traffic,
//! requests). Every estimate carries its formula and the day of its prices; what has no price says so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::book::{Billing, Price, PriceBook};
use crate::estate::{Estate, Resource};

/// Hours in a month as AWS's own calculator counts them.
pub const HOURS_PER_MONTH: f64 = 730.0;

/// Free part of gp3: operations per second.
const GP3_FREE_IOPS: f64 = 3000.0;
/// Free part of gp3: MiB per second.
const GP3_FREE_THROUGHPUT: f64 = 125.0;

/// One priced part of a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LineItem {
    /// What it is, for people: `c5.xlarge on demand`.
    pub what: String,
    /// Units per month.
    pub quantity: f64,
    /// Unit of the price: `hour`, `GB-month` …
    pub unit: String,
    /// US dollars for one unit.
    pub usd_per_unit: f64,
    /// US dollars per month, rounded to cents.
    pub usd: f64,
    /// Day of the price.
    pub as_of: String,
    /// Where the price comes from.
    pub source: String,
}

/// What a resource costs per month, or why that is not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// US dollars per month: the sum of the items, 0 for what is free, `None` when nothing could be priced.
    pub usd: Option<f64>,
    /// False when a part with a fixed price could not be priced: `usd` is then a lower bound.
    pub complete: bool,
    /// Formula with the day of each price, or the reason why there is none.
    pub note: String,
    /// The priced parts.
    pub items: Vec<LineItem>,
}

impl Estimate {
    fn free(note: impl Into<String>) -> Self {
        Estimate { usd: Some(0.0), complete: true, note: note.into(), items: Vec::new() }
    }

    fn unknown(note: impl Into<String>) -> Self {
        Estimate { usd: None, complete: false, note: note.into(), items: Vec::new() }
    }

    /// True when nothing is billed.
    pub fn is_free(&self) -> bool {
        self.usd == Some(0.0) && self.items.is_empty()
    }
}

/// Rounds to cents.
pub(crate) fn cents(usd: f64) -> f64 {
    // An empty sum of floats is minus zero; adding zero makes it plain.
    (usd * 100.0).round() / 100.0 + 0.0
}

/// Collects the parts of one resource.
struct Tally<'a> {
    book: &'a PriceBook,
    region: &'a str,
    items: Vec<LineItem>,
    missing: Vec<String>,
    remarks: Vec<String>,
}

impl<'a> Tally<'a> {
    fn new(book: &'a PriceBook, region: &'a str) -> Self {
        Tally { book, region, items: Vec::new(), missing: Vec::new(), remarks: Vec::new() }
    }

    /// `quantity` units of a price of the book; a price the book does not have is noted as missing.
    fn add(&mut self, what: &str, service: &str, item: &str, quantity: f64) -> &mut Self {
        match self.book.price(service, item, self.region) {
            Some(price) => self.items.push(LineItem {
                what: what.into(),
                quantity,
                unit: price.unit.clone(),
                usd_per_unit: price.usd,
                usd: cents(quantity * price.usd),
                as_of: price.as_of.clone(),
                source: price.source.clone(),
            }),
            None => self.missing.push(format!("no price known for {what} in {}", self.region)),
        }
        self
    }

    fn hourly(&mut self, what: &str, service: &str, item: &str, pieces: f64) -> &mut Self {
        self.add(what, service, item, pieces * HOURS_PER_MONTH)
    }

    fn missing(&mut self, what: impl Into<String>) -> &mut Self {
        self.missing.push(what.into());
        self
    }

    fn remark(&mut self, remark: &str) -> &mut Self {
        self.remarks.push(remark.into());
        self
    }

    fn finish(self) -> Estimate {
        let formula = self.items.iter().map(|i| {
            format!(
                "{}: {} {} × ${} = ${:.2} (price of {})",
                i.what,
                number(i.quantity),
                unit(&i.unit),
                number(i.usd_per_unit),
                i.usd,
                i.as_of
            )
        });
        let mut parts: Vec<String> = formula.collect();
        if !self.missing.is_empty() {
            let missing = self.missing.join(", ");
            parts.push(if self.items.is_empty() { missing } else { format!("at least, as {missing}") });
        }
        parts.extend(self.remarks);
        Estimate {
            usd: (!self.items.is_empty()).then(|| cents(self.items.iter().map(|i| i.usd).sum())),
            complete: self.missing.is_empty(),
            note: parts.join("; "),
            items: self.items,
        }
    }
}

/// A number without needless digits: `730`, `0.0928`, `12.5`.
fn number(n: f64) -> String {
    let text = format!("{n:.8}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A unit after a number: hours are short, the others stand as they are.
fn unit(unit: &str) -> &str {
    if unit.starts_with("hour") { "h" } else { unit }
}

/// A number by path, also when it stands as text (the provider holds some numbers as strings).
fn float(resource: &Resource, path: &str) -> Option<f64> {
    match resource.get(path)? {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => s.parse().ok(),
        _ => None,
    }
}

/// Bytes in the gigabytes (2^30) that AWS bills, to a thousandth.
fn gigabytes(bytes: f64) -> f64 {
    (bytes / 1024.0 / 1024.0 / 1024.0 * 1000.0).round() / 1000.0
}

/// A number with its noun: `1 task`, `3 tasks`.
fn count(n: f64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1.0 { one } else { many })
}

fn list_len(resource: &Resource, path: &str) -> usize {
    resource.get(path).and_then(Value::as_array).map_or(0, Vec::len)
}

impl PriceBook {
    /// What `resource` costs per month at the prices of its own region.
    pub fn monthly(&self, estate: &Estate, resource: &Resource) -> Estimate {
        let mut tally = Tally::new(self, &resource.region);
        match resource.kind.as_str() {
            "aws_instance" => return instance(tally, estate, resource),
            "aws_ebs_volume" => {
                let Some(size) = float(resource, "config.size") else { return Estimate::unknown("the size was not read") };
                let kind = resource.str("config.type").unwrap_or("standard");
                volume(&mut tally, kind, size, float(resource, "config.iops"), float(resource, "config.throughput"));
            }
            "aws_ebs_snapshot" => return snapshot(self, resource),
            "aws_eip" => {
                if resource.str("config.public_ipv4_pool").is_some_and(|pool| pool != "amazon") {
                    return Estimate::free("an address of your own pool");
                }
                tally.hourly("public IPv4 address", "vpc", "public-ipv4", 1.0);
            }
            "aws_nat_gateway" => {
                tally.hourly("NAT gateway", "vpc", "nat-gateway", 1.0).remark("data it passes on is billed besides");
            }
            "aws_lb" => load_balancer(&mut tally, resource),
            "aws_elb" => {
                tally.hourly("classic load balancer", "elb", "classic", 1.0).remark("traffic is billed besides");
            }
            "aws_db_instance" => return database(tally, resource),
            "aws_rds_cluster" => return cluster(tally, resource, &AURORA),
            "aws_docdb_cluster" => return cluster(tally, resource, &DOCUMENTDB),
            "aws_neptune_cluster" => return cluster(tally, resource, &NEPTUNE),
            "aws_rds_cluster_instance" => return member(tally, estate, resource, &AURORA),
            "aws_docdb_cluster_instance" => return member(tally, estate, resource, &DOCUMENTDB),
            "aws_neptune_cluster_instance" => return member(tally, estate, resource, &NEPTUNE),
            "aws_db_proxy" => return proxy(tally, estate, resource),
            "aws_db_snapshot" => return database_snapshot(self, resource),
            "aws_dynamodb_table" => return table(tally, resource),
            "aws_efs_file_system" => return file_system(tally, resource),
            "aws_ecr_repository" => return images(self, resource),
            "aws_ec2_transit_gateway_vpc_attachment" | "aws_ec2_transit_gateway_peering_attachment" => {
                tally.hourly("attachment to a transit gateway", "transit-gateway", "attachment", 1.0);
                tally.remark("data is billed besides");
            }
            "aws_vpn_connection" => {
                tally.hourly("VPN connection", "vpn", "connection", 1.0);
                // A connection to a transit gateway is an attachment of it without being a resource of its own.
                if resource.str("config.transit_gateway_id").is_some_and(|id| !id.is_empty()) {
                    tally.hourly("attachment to a transit gateway", "transit-gateway", "attachment", 1.0);
                }
                tally.remark("data is billed besides");
            }
            "aws_route53_health_check" => health_check(&mut tally, resource),
            "aws_elasticache_cluster" => {
                let group = resource.str("config.replication_group_id").filter(|id| !id.is_empty());
                if group.is_some_and(|id| estate.find("aws_elasticache_replication_group", "id", id).is_some()) {
                    return Estimate::free("billed with its replication group");
                }
                cache(&mut tally, resource, float(resource, "config.num_cache_nodes"));
            }
            "aws_elasticache_replication_group" => {
                let groups = float(resource, "config.num_node_groups").unwrap_or(1.0);
                let nodes = match float(resource, "config.replicas_per_node_group") {
                    Some(replicas) => Some(groups * (replicas + 1.0)),
                    None => float(resource, "config.num_cache_clusters"),
                };
                cache(&mut tally, resource, nodes);
            }
            "aws_ecs_service" => return containers(tally, estate, resource),
            "aws_kms_key" | "aws_kms_replica_key" => {
                if resource.str("facts.key_manager") == Some("AWS") {
                    return Estimate::free("kept by AWS, no charge");
                }
                if resource.str("facts.key_state") == Some("PendingDeletion") {
                    return Estimate::free("waits for its deletion, no charge");
                }
                tally.add("customer managed key", "kms", "key", 1.0).remark("requests are billed besides");
            }
            "aws_secretsmanager_secret" => {
                tally.add("secret", "secretsmanager", "secret", 1.0);
            }
            "aws_wafv2_web_acl" => {
                // ACLs for CloudFront are kept and billed in us-east-1, whatever region the account works in.
                if resource.str("config.scope") == Some("CLOUDFRONT") {
                    tally.region = "us-east-1";
                }
                tally.add("web ACL", "waf", "web-acl", 1.0);
                let rules = list_len(resource, "config.rule");
                if rules > 0 {
                    tally.add("rules", "waf", "rule", rules as f64);
                }
                tally.remark("requests are billed besides");
            }
            "aws_cloudwatch_metric_alarm" => alarm(&mut tally, resource),
            "aws_cloudwatch_composite_alarm" => {
                tally.add("composite alarm", "cloudwatch", "composite-alarm", 1.0);
            }
            "aws_cloudwatch_dashboard" => {
                tally.add("dashboard", "cloudwatch", "dashboard", 1.0).remark("list price, the first three of an account are free");
            }
            "aws_cloudwatch_log_group" => {
                let Some(bytes) = float(resource, "facts.stored_bytes") else {
                    return Estimate::unknown("the stored size was not read");
                };
                tally.add("stored log data", "cloudwatch", "logs-storage", gigabytes(bytes)).remark("what comes in is billed besides");
            }
            "aws_vpc_endpoint" => {
                let (what, item) = match resource.str("config.vpc_endpoint_type").unwrap_or("Gateway") {
                    "Gateway" => return Estimate::free("gateway endpoints are free"),
                    "GatewayLoadBalancer" => ("gateway load balancer endpoint", "gateway-load-balancer-endpoint"),
                    "Interface" => ("interface endpoint", "interface-endpoint"),
                    kind => return Estimate::unknown(format!("no price known for an endpoint of type {kind}")),
                };
                let zones = list_len(resource, "config.subnet_ids").max(1) as f64;
                tally.hourly(&format!("{what} in {}", count(zones, "zone", "zones")), "vpc", item, zones);
                tally.remark("data is billed besides");
            }
            "aws_cloudtrail" => return trail(self, estate, resource),
            "aws_route53_zone" => {
                tally.region = "global";
                tally.add("hosted zone", "route53", "zone", 1.0).remark("queries are billed besides");
            }
            "aws_ssm_parameter" => {
                if resource.str("config.tier") != Some("Advanced") {
                    return Estimate::free("standard parameters are free");
                }
                tally.hourly("advanced parameter", "ssm", "advanced-parameter", 1.0);
            }
            kind => {
                return match self.billing(kind) {
                    Some((Billing::Free | Billing::Parent, note)) => Estimate::free(note),
                    Some((Billing::Use, note)) => Estimate::unknown(note),
                    None => Estimate::unknown(format!("no price known for {kind}")),
                };
            }
        }
        tally.finish()
    }
}

/// A running instance, its root volume when that is not a resource of its own, and an address AWS lent it.
fn instance(mut tally: Tally, estate: &Estate, resource: &Resource) -> Estimate {
    let Some(kind) = resource.str("config.instance_type") else { return Estimate::unknown("the instance type was not read") };
    let Some(state) = resource.str("facts.state") else { return Estimate::unknown("whether it runs was not read") };
    let running = matches!(state, "running" | "pending");
    if running {
        let platform = resource.str("facts.platform_details").or(resource.str("facts.platform")).unwrap_or("Linux/UNIX");
        let tenancy = resource.str("config.tenancy").unwrap_or("default");
        let spot = resource.str("facts.instance_lifecycle") == Some("spot");
        let region = &resource.region;
        if spot {
            tally.missing(format!("no price known for a spot {kind} in {region}"));
        } else if platform != "Linux/UNIX" {
            tally.missing(format!("no price known for {kind} with {platform} in {region}"));
        } else if tenancy != "default" {
            tally.missing(format!("no price known for {kind} with {tenancy} tenancy in {region}"));
        } else {
            tally.hourly(&format!("{kind} on demand"), "ec2-linux", kind, 1.0);
        }
        if let Some(address) = resource.str("facts.public_ip").filter(|a| !a.is_empty())
            && estate.find("aws_eip", "public_ip", address).is_none()
        {
            tally.hourly("public IPv4 address", "vpc", "public-ipv4", 1.0);
        }
    } else {
        tally.remark(&format!("{state}: only its volumes and addresses are billed"));
    }
    let root = "config.root_block_device.0";
    if let Some(size) = float(resource, &format!("{root}.volume_size"))
        && !root_volume_stands_alone(estate, resource)
    {
        let kind = resource.str(&format!("{root}.volume_type")).unwrap_or("gp2");
        volume(&mut tally, kind, size, float(resource, &format!("{root}.iops")), float(resource, &format!("{root}.throughput")));
    }
    if tally.items.is_empty() && tally.missing.is_empty() {
        return Estimate::free(tally.remarks.join("; "));
    }
    tally.finish()
}

/// True when the root volume is a resource of the snapshot and so priced there.
fn root_volume_stands_alone(estate: &Estate, resource: &Resource) -> bool {
    let id = resource.str("facts.root_volume_id").or(resource.str("config.root_block_device.0.volume_id"));
    match id {
        Some(id) => estate.find("aws_ebs_volume", "id", id).is_some(),
        None => estate.of("aws_ebs_volume").any(|v| v.ownership.by.as_deref() == Some(resource.id.as_str())),
    }
}

fn volume(tally: &mut Tally, kind: &str, size: f64, iops: Option<f64>, throughput: Option<f64>) {
    tally.add(&format!("{kind} volume"), "ebs", kind, size);
    let iops = iops.unwrap_or(0.0);
    match kind {
        "gp3" => {
            if iops > GP3_FREE_IOPS {
                tally.add("operations beyond 3000 per second", "ebs", "gp3-iops", iops - GP3_FREE_IOPS);
            }
            let throughput = throughput.unwrap_or(0.0);
            if throughput > GP3_FREE_THROUGHPUT {
                tally.add("throughput beyond 125 MiB/s", "ebs", "gp3-throughput", (throughput - GP3_FREE_THROUGHPUT) / 1024.0);
            }
        }
        "io1" | "io2" if iops > 0.0 => {
            tally.add("provisioned operations per second", "ebs", &format!("{kind}-iops"), iops);
        }
        _ => {}
    }
}

/// AWS bills the changed blocks and does not report their size: all that can be said is the upper bound.
fn snapshot(book: &PriceBook, resource: &Resource) -> Estimate {
    let archived = resource.str("config.storage_tier") == Some("archive");
    let item = if archived { "snapshot-archive" } else { "snapshot" };
    let unknown = "only changed blocks are billed and AWS does not report their size";
    let size = float(resource, "facts.volume_size").or(float(resource, "config.volume_size"));
    match (size, book.price("ebs", item, &resource.region)) {
        (Some(size), Some(price)) => Estimate::unknown(format!("{unknown}{}", at_most(size, price))),
        (_, None) => Estimate::unknown(format!("{unknown}; no price known for snapshots in {}", resource.region)),
        (None, _) => Estimate::unknown(unknown),
    }
}

fn load_balancer(tally: &mut Tally, resource: &Resource) {
    let (what, item) = match resource.str("config.load_balancer_type").unwrap_or("application") {
        "network" => ("network load balancer", "nlb"),
        "gateway" => ("gateway load balancer", "gwlb"),
        _ => ("application load balancer", "alb"),
    };
    tally.hourly(what, "elb", item, 1.0).remark("capacity units (traffic) are billed besides");
    let internal = resource.bool("config.internal");
    if !internal && item != "gwlb" {
        // One address per zone at least. Addresses of the account's own are billed as such.
        let mappings = resource.get("config.subnet_mapping").and_then(Value::as_array);
        let zones = match mappings {
            Some(m) if !m.is_empty() => {
                m.iter().filter(|m| m.get("allocation_id").and_then(Value::as_str).is_none_or(str::is_empty)).count()
            }
            _ => list_len(resource, "config.subnets"),
        };
        if zones > 0 {
            let zones = zones as f64;
            tally.hourly(&count(zones, "public IPv4 address", "public IPv4 addresses"), "vpc", "public-ipv4", zones);
        }
    }
}

/// What holds for a database that was stopped.
const STOPPED: &str = "stopped: only storage is billed, and AWS starts it again after seven days";

fn database(mut tally: Tally, resource: &Resource) -> Estimate {
    let (Some(engine), Some(class)) = (resource.str("config.engine"), resource.str("config.instance_class")) else {
        return Estimate::unknown("engine or class was not read");
    };
    let zones = if resource.bool("config.multi_az") { "multi-az" } else { "single-az" };
    let place = if zones == "multi-az" { "two zones" } else { "one zone" };
    if resource.str("facts.status") == Some("stopped") {
        tally.remark(STOPPED);
    } else {
        tally.hourly(&format!("{class} {engine} in {place}"), &format!("rds-{engine}-{zones}"), class, 1.0);
        if resource.bool("config.publicly_accessible") {
            tally.hourly("public IPv4 address", "vpc", "public-ipv4", 1.0);
        }
    }
    if engine.starts_with("aurora") {
        tally.remark("storage is billed at the cluster");
    } else if let Some(size) = float(resource, "config.allocated_storage") {
        let kind = resource.str("config.storage_type").unwrap_or("gp2");
        tally.add(&format!("{kind} storage in {place}"), "rds-storage", &format!("{zones}-{kind}"), size);
        let iops = float(resource, "config.iops").unwrap_or(0.0);
        // From 400 GiB on, gp3 storage of RDS is striped and brings 12000 operations per second.
        let free = if kind != "gp3" {
            0.0
        } else if size >= 400.0 {
            12_000.0
        } else {
            GP3_FREE_IOPS
        };
        if iops > free && kind != "gp2" {
            let what = if free > 0.0 {
                format!("operations beyond {} per second", number(free))
            } else {
                "provisioned operations per second".into()
            };
            tally.add(&what, "rds-iops", &format!("{zones}-{kind}"), iops - free);
        }
    } else {
        tally.missing("the storage size was not read");
    }
    tally.remark("backups beyond the size of the databases are billed besides");
    tally.finish()
}

/// What the clusters of a service have in common in their bill: each instance by the hour, storage by what lies in it.
struct ClusterService {
    name: &'static str,
    /// Family of the prices that no single instance has; its instances stand under `<service>-standard` and
    /// `<service>-io-optimized`.
    service: &'static str,
    cluster: &'static str,
    /// Storage type of a cluster that pays more for instances and storage and nothing for input and output.
    optimized: &'static str,
    /// Where a cluster keeps the least capacity of its instances without a fixed size.
    scaling: &'static str,
    /// Price of one unit of that capacity for an hour.
    capacity: &'static str,
    unit: &'static str,
}

const AURORA: ClusterService = ClusterService {
    name: "Aurora",
    service: "aurora",
    cluster: "aws_rds_cluster",
    optimized: "aurora-iopt1",
    scaling: "config.serverlessv2_scaling_configuration.0.min_capacity",
    capacity: "serverless-v2",
    unit: "ACU",
};

const DOCUMENTDB: ClusterService = ClusterService {
    name: "DocumentDB",
    service: "documentdb",
    cluster: "aws_docdb_cluster",
    optimized: "iopt1",
    scaling: "config.serverless_v2_scaling_configuration.0.min_capacity",
    capacity: "serverless",
    unit: "DCU",
};

const NEPTUNE: ClusterService = ClusterService {
    name: "Neptune",
    service: "neptune",
    cluster: "aws_neptune_cluster",
    optimized: "iopt1",
    scaling: "config.serverless_v2_scaling_configuration.0.min_capacity",
    capacity: "serverless",
    unit: "NCU",
};

/// The suffix of an item's name in a cluster of that storage type.
fn suffix(optimized: bool) -> &'static str {
    if optimized { "-io-optimized" } else { "" }
}

/// True for a cluster of three zones that is no Aurora: RDS bills it whole, not by instances.
fn is_multi_az_cluster(resource: &Resource, of: &ClusterService) -> bool {
    of.service == AURORA.service && resource.str("config.engine").is_some_and(|engine| !engine.starts_with("aurora"))
}

/// A cluster without its instances: storage per GB-month, and requests per million unless they are part of its
/// storage type. AWS tells neither the size nor the requests, so that the prices are all that can be said.
fn cluster(mut tally: Tally, resource: &Resource, of: &ClusterService) -> Estimate {
    if is_multi_az_cluster(resource, of) {
        return multi_az_cluster(tally, resource);
    }
    if resource.str("config.engine_mode") == Some("serverless") {
        return Estimate::unknown("no price known for Aurora Serverless v1");
    }
    let optimized = resource.str("config.storage_type") == Some(of.optimized);
    let mut wanted = vec![("storage", format!("storage{}", suffix(optimized)))];
    if !optimized {
        wanted.push(("input and output", "io".into()));
    }
    if float(resource, "config.backtrack_window").is_some_and(|seconds| seconds > 0.0) {
        wanted.push(("backtrack", "backtrack".into()));
    }
    let prices = wanted.iter().map(|(what, item)| match tally.book.price(of.service, item, tally.region) {
        Some(p) => format!("{what} at ${} per {} (price of {})", number(p.usd), p.unit, p.as_of),
        None => format!("no price known for {what} in {}", tally.region),
    });
    let prices: Vec<String> = prices.collect();
    tally.missing(format!("the size of its storage is not read: {}; its instances are billed each for themselves", prices.join(", ")));
    tally.finish()
}

/// A cluster of RDS with one writer and two readers: class and storage have prices of their own.
fn multi_az_cluster(mut tally: Tally, resource: &Resource) -> Estimate {
    let (Some(engine), Some(class)) = (resource.str("config.engine"), resource.str("config.db_cluster_instance_class")) else {
        return Estimate::unknown("engine or class was not read");
    };
    if resource.str("facts.status") == Some("stopped") {
        tally.remark(STOPPED);
    } else {
        tally.hourly(&format!("{class} {engine} in three zones"), &format!("rds-{engine}-multi-az-cluster"), class, 1.0);
    }
    let kind = resource.str("config.storage_type").unwrap_or("io1");
    match float(resource, "config.allocated_storage") {
        Some(size) => tally.add(&format!("{kind} storage in three zones"), "rds-storage", &format!("multi-az-cluster-{kind}"), size),
        None => tally.missing("the storage size was not read"),
    };
    let iops = float(resource, "config.iops").unwrap_or(0.0);
    if iops > 0.0 && kind.starts_with("io") {
        tally.add("provisioned operations per second", "rds-iops", &format!("multi-az-cluster-{kind}"), iops);
    }
    tally.finish()
}

/// An instance of a cluster, writer or reader: its class by the hour, or the least capacity that its cluster keeps.
fn member(mut tally: Tally, estate: &Estate, resource: &Resource, of: &ClusterService) -> Estimate {
    if is_multi_az_cluster(resource, of) {
        return Estimate::free("billed with its cluster");
    }
    let Some(class) = resource.str("config.instance_class") else { return Estimate::unknown("the class was not read") };
    if resource.str("facts.status") == Some("stopped") {
        return Estimate::free("stopped: only the storage of its cluster is billed, and AWS starts it again after seven days");
    }
    let cluster = resource.str("config.cluster_identifier").and_then(|id| cluster_of(estate, resource, of, id));
    let Some(cluster) = cluster else { return Estimate::unknown("its cluster was not read, and with it the storage type") };
    let optimized = cluster.str("config.storage_type") == Some(of.optimized);
    let storage = if optimized { " with I/O-optimized storage" } else { "" };
    if class == "db.serverless" {
        let Some(least) = float(cluster, of.scaling) else { return Estimate::unknown("its least capacity was not read") };
        let item = format!("{}{}", of.capacity, suffix(optimized));
        if least > 0.0 {
            tally.hourly(&format!("at least {} {}{storage}", number(least), of.unit), of.service, &item, least);
            tally.missing("what it takes beyond its least capacity is not known");
        } else {
            let price = tally.book.price(of.service, &item, tally.region);
            let price = price.map_or_else(
                || format!("no price known in {}", tally.region),
                |p| format!("${} per {} (price of {})", number(p.usd), p.unit, p.as_of),
            );
            tally.missing(format!("it pauses when nobody uses it; capacity at {price}"));
        }
    } else {
        let kind = if optimized { "io-optimized" } else { "standard" };
        tally.hourly(&format!("{class} {}{storage}", of.name), &format!("{}-{kind}", of.service), class, 1.0);
    }
    if resource.bool("config.publicly_accessible") {
        tally.hourly("public IPv4 address", "vpc", "public-ipv4", 1.0);
    }
    tally.remark("storage is billed at the cluster");
    tally.finish()
}

/// The cluster of that name in the region of one of its parts.
fn cluster_of<'a>(estate: &'a Estate, part: &Resource, of: &ClusterService, id: &str) -> Option<&'a Resource> {
    estate.of(of.cluster).find(|c| c.region == part.region && c.id == id)
}

/// The least that a proxy is billed for, whatever stands behind it.
const PROXY_LEAST_VCPUS: f64 = 2.0;
const PROXY_LEAST_ACUS: f64 = 8.0;

/// A proxy is billed by the vCPUs of the instances behind it, or by the capacity of those without a fixed size.
fn proxy(mut tally: Tally, estate: &Estate, resource: &Resource) -> Estimate {
    let here = |kind: &'static str| estate.of(kind).filter(|r| r.region == resource.region);
    let mut vcpus = 0.0;
    let mut capacity = 0.0;
    let mut serverless = false;
    let targets: Vec<&Resource> =
        here("aws_db_proxy_target").filter(|t| t.str("config.db_proxy_name") == Some(resource.id.as_str())).collect();
    let mut classes: Vec<(&str, Option<f64>)> = Vec::new();
    for target in &targets {
        if let Some(id) = target.str("config.db_instance_identifier") {
            classes.extend(here("aws_db_instance").filter(|d| d.id == id).filter_map(|d| Some((d.str("config.instance_class")?, None))));
        } else if let Some(id) = target.str("config.db_cluster_identifier") {
            let least = cluster_of(estate, resource, &AURORA, id).and_then(|c| float(c, AURORA.scaling));
            let members = here("aws_rds_cluster_instance").filter(|i| i.str("config.cluster_identifier") == Some(id));
            classes.extend(members.filter_map(|i| Some((i.str("config.instance_class")?, least))));
        }
    }
    for (class, least) in &classes {
        if *class == "db.serverless" {
            serverless = true;
            capacity += least.unwrap_or(0.0);
        } else if let Some(n) = vcpus_of(class) {
            vcpus += n;
        } else {
            tally.missing(format!("the number of vCPUs of {class} is not known"));
        }
    }
    if classes.is_empty() {
        return Estimate::unknown("billed by the size of the databases behind it, of which none was read");
    }
    if vcpus > 0.0 {
        let vcpus = vcpus.max(PROXY_LEAST_VCPUS);
        tally.hourly(&format!("proxy for {} vCPU", number(vcpus)), "rds", "proxy-vcpu", vcpus);
    }
    if serverless {
        let capacity = capacity.max(PROXY_LEAST_ACUS);
        tally.hourly(&format!("proxy for at least {} ACU", number(capacity)), "rds", "proxy-acu", capacity);
        tally.missing("the capacity of the databases changes with their use");
    }
    tally.finish()
}

/// vCPUs of a database class by its size: `large` has two in all families of today, each `xlarge` four.
fn vcpus_of(class: &str) -> Option<f64> {
    let (family, size) = class.strip_prefix("db.")?.split_once('.')?;
    match size {
        "micro" | "small" if ["t1", "t2", "m1"].contains(&family) => Some(1.0),
        "medium" if ["m1", "m3"].contains(&family) => Some(1.0),
        "micro" | "small" | "medium" | "large" => Some(2.0),
        "xlarge" => Some(4.0),
        _ => Some(size.strip_suffix("xlarge")?.parse::<f64>().ok()? * 4.0),
    }
}

/// As much backup as all databases of a region are large is free, and AWS does not report how much a snapshot holds:
/// all that can be said is the upper bound.
fn database_snapshot(book: &PriceBook, resource: &Resource) -> Estimate {
    let unknown = "billed by stored size beyond the free backup storage; the size is not reported";
    match (float(resource, "facts.allocated_storage"), book.price("rds", "backup", &resource.region)) {
        (Some(size), Some(price)) => Estimate::unknown(format!("{unknown}{}", at_most(size, price))),
        _ => Estimate::unknown(unknown),
    }
}

/// The upper bound of what `size` gigabytes cost.
fn at_most(size: f64, price: &Price) -> String {
    format!("; at most {} GB × ${} = ${:.2} (price of {})", number(size), number(price.usd), size * price.usd, price.as_of)
}

/// A table: its data and, with recovery to a point in time, their backup per GB-month; read and write units (RCU, WCU)
/// per hour where the capacity is provisioned, those of its indexes included.
fn table(mut tally: Tally, resource: &Resource) -> Estimate {
    let class = if resource.str("config.table_class") == Some("STANDARD_INFREQUENT_ACCESS") { "-infrequent-access" } else { "" };
    match float(resource, "facts.size_bytes") {
        Some(bytes) => {
            let size = gigabytes(bytes);
            tally.add("stored data", "dynamodb", &format!("storage{class}"), size);
            if resource.bool("config.point_in_time_recovery.0.enabled") {
                tally.add("continuous backup", "dynamodb", "continuous-backup", size);
            }
        }
        None => {
            tally.missing("the stored size was not read");
        }
    }
    if resource.str("config.billing_mode") == Some("PAY_PER_REQUEST") {
        tally.remark("requests are billed besides");
    } else {
        let indexes: Vec<&Value> = resource.get("config.global_secondary_index").and_then(Value::as_array).into_iter().flatten().collect();
        for (what, argument, item) in
            [("read units", "read_capacity", "read-capacity"), ("write units", "write_capacity", "write-capacity")]
        {
            let Some(own) = float(resource, &format!("config.{argument}")) else {
                tally.missing(format!("the provisioned {what} were not read"));
                continue;
            };
            let units: f64 = own + indexes.iter().filter_map(|i| i.get(argument)?.as_f64()).sum::<f64>();
            tally.hourly(&format!("{} {what}", number(units)), "dynamodb", &format!("{item}{class}"), units);
        }
    }
    if list_len(resource, "facts.replica_regions") > 0 {
        tally.remark("its copies in other regions are billed there");
    }
    tally.remark("list price, the first 25 GB and units of an account are free");
    tally.finish()
}

/// Gigabytes of a file system that bring one MiB/s of throughput without charge.
const EFS_GIGABYTES_PER_THROUGHPUT: f64 = 20.0;

/// A file system: data per GB-month, throughput in MiB/s-month beyond what the data bring along.
fn file_system(mut tally: Tally, resource: &Resource) -> Estimate {
    let Some(bytes) = float(resource, "facts.size_bytes") else { return Estimate::unknown("the stored size was not read") };
    let size = gigabytes(bytes);
    let one_zone = resource.str("config.availability_zone_name").is_some_and(|zone| !zone.is_empty());
    let item = if one_zone { "one-zone" } else { "standard" };
    let moved = resource.get("config.lifecycle_policy").and_then(Value::as_array).into_iter().flatten();
    let moves = moved.filter_map(Value::as_object).any(|policy| {
        ["transition_to_ia", "transition_to_archive"].iter().any(|k| policy.get(*k).and_then(Value::as_str).is_some_and(|v| !v.is_empty()))
    });
    if moves && size > 0.0 {
        let unknown = "what lies idle moves to cheaper storage, and how much is not read";
        match tally.book.price("efs", item, tally.region) {
            Some(price) => tally.missing(format!("{unknown}{}", at_most(size, price))),
            None => tally.missing(format!("{unknown}; no price known for stored data in {}", tally.region)),
        };
    } else {
        tally.add("stored data", "efs", item, size);
    }
    if resource.str("config.throughput_mode") == Some("provisioned")
        && let Some(wanted) = float(resource, "config.provisioned_throughput_in_mibps")
    {
        let more = wanted - size / EFS_GIGABYTES_PER_THROUGHPUT;
        if more > 0.0 {
            tally.add("provisioned throughput", "efs", "provisioned-throughput", (more * 1000.0).round() / 1000.0);
        }
    }
    tally.finish()
}

/// Images share layers, which are stored and billed once: what they take each for themselves is the upper bound.
fn images(book: &PriceBook, resource: &Resource) -> Estimate {
    let Some(bytes) = float(resource, "facts.images_bytes") else { return Estimate::unknown("billed by stored size, which was not read") };
    if bytes == 0.0 {
        return Estimate::free("no image is stored");
    }
    let unknown = "layers that images share are billed once and AWS does not report their size";
    match book.price("ecr", "storage", &resource.region) {
        Some(price) if resource.str("facts.images_read") != Some("some") => {
            let size = gigabytes(bytes);
            if cents(size * price.usd) == 0.0 {
                return Estimate::free("its images cost less than a cent");
            }
            Estimate::unknown(format!("{unknown}{}", at_most(size, price)))
        }
        _ => Estimate::unknown(unknown),
    }
}

/// A health check per month, and each of its options: HTTPS, a string to find, a fast interval, measured latency.
fn health_check(tally: &mut Tally, resource: &Resource) {
    tally.region = "global";
    let kind = resource.str("config.type").unwrap_or_default();
    let options = [
        kind.starts_with("HTTPS"),
        kind.ends_with("_STR_MATCH"),
        float(resource, "config.request_interval").is_some_and(|seconds| seconds < 30.0),
        resource.bool("config.measure_latency"),
    ];
    tally.add("health check", "route53", "health-check-aws", 1.0);
    let options = options.iter().filter(|on| **on).count();
    if options > 0 {
        tally.add("options", "route53", "health-check-option-aws", options as f64);
    }
    // Checks of checks and of alarms have no endpoint.
    if !["CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"].contains(&kind) {
        tally.missing("an endpoint outside AWS costs more");
    }
    tally.remark("list price, the first 50 of endpoints in AWS are free");
}

/// Gigabytes of scratch disk that a Fargate task has without charge (Fargate pricing page, 2026-11).
const FARGATE_FREE_DISK: f64 = 20.0;

/// Tasks on Fargate are billed by what their definition asks for, as long as they run.
fn containers(mut tally: Tally, estate: &Estate, resource: &Resource) -> Estimate {
    let Some(tasks) = float(resource, "facts.running_count") else { return Estimate::unknown("how many tasks run was not read") };
    let strategy: Vec<&str> = (resource.get("config.capacity_provider_strategy").and_then(Value::as_array).into_iter().flatten())
        .filter_map(|s| s.get("capacity_provider").and_then(Value::as_str))
        .collect();
    let on_fargate = resource.str("config.launch_type") == Some("FARGATE") || strategy.iter().any(|p| p.starts_with("FARGATE"));
    if !on_fargate {
        return Estimate::free("billed as the instances its tasks run on");
    }
    if tasks == 0.0 {
        return Estimate::free("no task runs");
    }
    let definition = resource.str("facts.task_definition_arn").and_then(|arn| estate.by_arn(arn));
    let Some((units, megabytes, definition)) = definition.and_then(|d| Some((float(d, "config.cpu")?, float(d, "config.memory")?, d)))
    else {
        return Estimate::unknown("the size of its tasks was not read");
    };
    let (cpu, memory) = match definition.str("config.runtime_platform.0.cpu_architecture") {
        Some("ARM64") => ("vcpu-arm", "memory-arm"),
        _ => ("vcpu", "memory"),
    };
    let system = definition.str("config.runtime_platform.0.operating_system_family").unwrap_or("LINUX");
    if !system.starts_with("LINUX") {
        tally.missing(format!("no price known for tasks with {system} in {}", resource.region));
    } else if strategy.contains(&"FARGATE_SPOT") {
        tally.missing(format!("no price known for spot tasks in {}", resource.region));
    } else {
        let (vcpu, gigabytes) = (units / 1024.0, megabytes / 1024.0);
        let of = count(tasks, "task", "tasks");
        tally.hourly(&format!("{of} × {} vCPU", number(vcpu)), "fargate", cpu, tasks * vcpu);
        tally.hourly(&format!("{of} × {} GB memory", number(gigabytes)), "fargate", memory, tasks * gigabytes);
    }
    let disk = float(definition, "config.ephemeral_storage.0.size_in_gib").unwrap_or(FARGATE_FREE_DISK);
    if disk > FARGATE_FREE_DISK {
        let more = disk - FARGATE_FREE_DISK;
        let what = format!("{} × {} GB more disk", count(tasks, "task", "tasks"), number(more));
        tally.hourly(&what, "fargate", "ephemeral-storage", tasks * more);
    }
    if resource.bool("config.network_configuration.0.assign_public_ip") {
        tally.hourly(&count(tasks, "public IPv4 address", "public IPv4 addresses"), "vpc", "public-ipv4", tasks);
    }
    tally.remark("for as many tasks as ran at the time of the scan");
    tally.finish()
}

fn cache(tally: &mut Tally, resource: &Resource, nodes: Option<f64>) {
    let (Some(kind), Some(nodes)) = (resource.str("config.node_type"), nodes) else {
        tally.missing("node type or number of nodes was not read");
        return;
    };
    let engine = resource.str("config.engine").unwrap_or("redis");
    tally.hourly(&format!("{} × {kind} {engine}", number(nodes)), &format!("elasticache-{engine}"), kind, nodes);
}

/// Billed by the metrics it looks at; one that follows a band of expected values looks at three for each.
fn alarm(tally: &mut Tally, resource: &Resource) {
    let queries = resource.get("config.metric_query").and_then(Value::as_array);
    // A metric is billed, an expression over metrics is not.
    let metrics =
        queries.map_or(0, |q| q.iter().filter(|q| q.get("metric").and_then(Value::as_array).is_some_and(|m| !m.is_empty())).count());
    let band = resource.str("config.threshold_metric_id").is_some_and(|id| !id.is_empty());
    let metrics = metrics.max(1) * if band { 3 } else { 1 };
    // Those of a query stand with the query, all alike.
    let queried = queries.into_iter().flatten().filter_map(|q| q.pointer("/metric/0/period").or(q.get("period"))?.as_f64());
    let period = float(resource, "config.period").into_iter().chain(queried).fold(f64::INFINITY, f64::min);
    let (what, item) = if period < 60.0 { ("high-resolution alarm", "alarm-high-resolution") } else { ("alarm", "alarm") };
    tally.add(what, "cloudwatch", item, metrics as f64);
}

/// The first copy of management events in a region is free, each further one is billed per event.
fn trail(book: &PriceBook, estate: &Estate, resource: &Resource) -> Estimate {
    let covers = |other: &Resource| other.region == resource.region || other.bool("config.is_multi_region_trail");
    let trails: Vec<&Resource> = estate.of("aws_cloudtrail").filter(|t| covers(t)).collect();
    if trails.first().is_none_or(|first| first.key() == resource.key()) {
        return Estimate::free("the first copy of management events is free; its bucket is billed as storage");
    }
    let price = book.price("cloudtrail", "extra-management-copy", &resource.region);
    Estimate::unknown(match price {
        Some(p) => format!(
            "a further copy of management events: ${} per 100,000 events (price of {}), their number is not known",
            number(p.usd),
            p.as_of
        ),
        None => format!("a further copy of management events; no price known in {}", resource.region),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::estate::Snapshot;

    /// The estimate of the first resource, seen together with the others.
    fn price(resources: &[Resource]) -> Estimate {
        let estate = Estate::new(Snapshot { resources: resources.to_vec(), ..Snapshot::default() });
        let first = estate.resources().iter().find(|r| r.key() == resources[0].key()).expect("in the estate");
        PriceBook::embedded().monthly(&estate, first)
    }

    fn make(kind: &str, region: &str, config: Value, facts: Value) -> Resource {
        let map = |v: Value| v.as_object().expect("object").clone().into_iter().collect();
        Resource { config: map(config), facts: map(facts), ..Resource::new(kind, "111122223333", region, "x-1") }
    }

    #[test]
    fn known_figures_are_exact() {
        let paris = "eu-west-3";
        let running = json!({"state": "running"});
        for (resource, usd) in [
            // 730 × 0.202
            (make("aws_instance", paris, json!({"instance_type": "c5.xlarge"}), running.clone()), 147.46),
            (make("aws_instance", paris, json!({"instance_type": "c5.xlarge"}), json!({"state": "stopped"})), 0.0),
            // 30 × 0.116
            (make("aws_ebs_volume", paris, json!({"type": "gp2", "size": 30}), json!({})), 3.48),
            // 100 × 0.0928 + 1000 × 0.0058 + 125 / 1024 × 47.5136
            (make("aws_ebs_volume", paris, json!({"type": "gp3", "size": 100, "iops": 4000, "throughput": 250}), json!({})), 20.88),
            // the free part of gp3
            (make("aws_ebs_volume", paris, json!({"type": "gp3", "size": 100, "iops": 3000, "throughput": 125}), json!({})), 9.28),
            // 730 × 0.005
            (make("aws_eip", paris, json!({}), json!({})), 3.65),
            (make("aws_nat_gateway", paris, json!({}), json!({})), 36.5),
            // 730 × 0.02646 and two addresses
            (
                make("aws_lb", paris, json!({"load_balancer_type": "application", "internal": false, "subnets": ["a", "b"]}), json!({})),
                26.62,
            ),
            (
                make("aws_lb", paris, json!({"load_balancer_type": "application", "internal": true, "subnets": ["a", "b"]}), json!({})),
                19.32,
            ),
            (make("aws_secretsmanager_secret", paris, json!({}), json!({})), 0.4),
            (make("aws_cloudwatch_metric_alarm", paris, json!({"period": 300}), json!({})), 0.1),
            // 10 GiB × 0.0315
            (make("aws_cloudwatch_log_group", paris, json!({}), json!({"stored_bytes": 10_737_418_240_u64})), 0.32),
            (make("aws_kms_key", "us-east-1", json!({}), json!({})), 1.0),
            // 5 + 2 × 1
            (make("aws_wafv2_web_acl", paris, json!({"scope": "CLOUDFRONT", "rule": [{}, {}]}), json!({})), 7.0),
            (make("aws_vpc_endpoint", "us-east-1", json!({"vpc_endpoint_type": "Interface", "subnet_ids": ["a", "b"]}), json!({})), 14.6),
            (make("aws_vpc_endpoint", paris, json!({"vpc_endpoint_type": "Gateway"}), json!({})), 0.0),
            (make("aws_route53_zone", "global", json!({}), json!({})), 0.5),
            (make("aws_security_group", paris, json!({}), json!({})), 0.0),
        ] {
            let estimate = price(std::slice::from_ref(&resource));
            assert_eq!((estimate.usd, estimate.complete), (Some(usd), true), "{} {:?}: {}", resource.kind, resource.config, estimate.note);
        }
    }

    #[test]
    fn the_note_tells_formula_and_date() {
        let estimate = price(&[make("aws_instance", "eu-west-3", json!({"instance_type": "c5.xlarge"}), json!({"state": "running"}))]);
        assert_eq!(estimate.note, "c5.xlarge on demand: 730 h × $0.202 = $147.46 (price of 2025-04-04)");
    }

    #[test]
    fn a_region_without_prices_has_no_price() {
        let estimate = price(&[make("aws_instance", "af-south-1", json!({"instance_type": "c5.xlarge"}), json!({"state": "running"}))]);
        assert_eq!(estimate, Estimate::unknown("no price known for c5.xlarge on demand in af-south-1"));
        let estimate = price(&[make("aws_kms_key", "cn-north-1", json!({}), json!({}))]);
        assert_eq!((estimate.usd, estimate.complete), (None, false));
    }

    #[test]
    fn databases_have_class_storage_and_zones() {
        let config = |multi_az: bool, engine: &str| {
            json!({"engine": engine, "instance_class": "db.t3.medium", "multi_az": multi_az, "storage_type": "gp2", "allocated_storage": 100,
                   "publicly_accessible": false})
        };
        let book = PriceBook::embedded();
        let hour = |zones: &str| book.price(&format!("rds-postgres-{zones}"), "db.t3.medium", "eu-west-3").expect("price").usd;
        let one = price(&[make("aws_db_instance", "eu-west-3", config(false, "postgres"), json!({"status": "available"}))]);
        assert_eq!(one.usd, Some(cents(cents(730.0 * hour("single-az")) + 13.3)));
        let two = price(&[make("aws_db_instance", "eu-west-3", config(true, "postgres"), json!({"status": "available"}))]);
        assert_eq!(two.usd, Some(cents(cents(730.0 * hour("multi-az")) + 26.6)));
        let stopped = price(&[make("aws_db_instance", "eu-west-3", config(false, "postgres"), json!({"status": "stopped"}))]);
        assert_eq!(stopped.usd, Some(13.3));
        let other = price(&[make("aws_db_instance", "eu-west-3", config(false, "oracle-se2"), json!({"status": "available"}))]);
        assert_eq!((other.usd, other.complete), (Some(13.3), false), "storage is known, the engine is not: {}", other.note);
        assert!(other.note.contains("at least, as no price known for db.t3.medium oracle-se2"), "{}", other.note);
    }

    #[test]
    fn nothing_is_counted_twice() {
        let root = json!({"instance_type": "t3.small", "root_block_device": [{"volume_size": 8, "volume_type": "gp2"}]});
        let facts = json!({"state": "running", "public_ip": "192.0.2.7"});
        let alone = price(&[make("aws_instance", "eu-west-3", root.clone(), facts.clone())]);
        assert_eq!(alone.items.len(), 3, "instance, lent address, root volume: {}", alone.note);
        let mut volume = make("aws_ebs_volume", "eu-west-3", json!({"type": "gp2", "size": 8}), json!({}));
        volume.ownership.by = Some("x-1".into());
        let eip = make("aws_eip", "eu-west-3", json!({}), json!({"public_ip": "192.0.2.7"}));
        let mut with_id = facts;
        with_id["root_volume_id"] = json!("x-1");
        let together = price(&[make("aws_instance", "eu-west-3", root, with_id), volume, eip]);
        assert_eq!(together.items.len(), 1, "{}", together.note);
    }

    #[test]
    fn tasks_on_fargate_cost_what_they_ask_for() {
        let config = |public: bool| json!({"launch_type": "FARGATE", "network_configuration": [{"assign_public_ip": public}]});
        let facts =
            |running: u64| json!({"running_count": running, "task_definition_arn": "arn:aws:ecs:us-east-1:1:task-definition/api:1"});
        let mut definition = make("aws_ecs_task_definition", "us-east-1", json!({"cpu": "256", "memory": "512"}), json!({}));
        definition.arn = Some("arn:aws:ecs:us-east-1:1:task-definition/api:1".into());
        // 2 × 0.25 × 730 × 0.04048 + 2 × 0.5 × 730 × 0.004445
        let two = price(&[make("aws_ecs_service", "us-east-1", config(false), facts(2)), definition.clone()]);
        assert_eq!((two.usd, two.complete), (Some(18.02), true), "{}", two.note);
        let public = price(&[make("aws_ecs_service", "us-east-1", config(true), facts(2)), definition.clone()]);
        assert_eq!(public.usd, Some(25.32), "two addresses besides");
        let none = price(&[make("aws_ecs_service", "us-east-1", config(true), facts(0)), definition.clone()]);
        assert!(none.is_free(), "{}", none.note);
        let hosts = price(&[make("aws_ecs_service", "us-east-1", json!({"launch_type": "EC2"}), facts(2))]);
        assert!(hosts.is_free(), "{}", hosts.note);
        let lost = price(&[make("aws_ecs_service", "us-east-1", config(false), facts(2))]);
        assert_eq!((lost.usd, lost.note.as_str()), (None, "the size of its tasks was not read"));
        definition.region = "eu-north-1".into();
        let elsewhere = price(&[make("aws_ecs_service", "eu-north-1", config(false), facts(2)), definition]);
        assert!(elsewhere.usd.is_none() && !elsewhere.complete, "{}", elsewhere.note);
    }

    /// A cluster of the type under its name, and an instance in it.
    fn clustered(kind: &str, region: &str, cluster: Value, instance: Value, status: &str) -> [Resource; 2] {
        let mut cluster = make(kind, region, cluster, json!({"status": status}));
        cluster.id = "c".into();
        let mut member = make(&format!("{kind}_instance"), region, instance, json!({"status": status}));
        member.config.insert("cluster_identifier".into(), json!("c"));
        [member, cluster]
    }

    #[test]
    fn instances_of_clusters_cost_by_class_and_storage_type() {
        let aurora = |storage: &str, class: &str, public: bool, status: &str| {
            price(&clustered(
                "aws_rds_cluster",
                "us-east-1",
                json!({"engine": "aurora-postgresql", "storage_type": storage}),
                json!({"engine": "aurora-postgresql", "instance_class": class, "publicly_accessible": public}),
                status,
            ))
        };
        // 730 × 0.26
        let standard = aurora("aurora", "db.r6g.large", false, "available");
        assert_eq!((standard.usd, standard.complete), (Some(189.8), true), "{}", standard.note);
        assert_eq!(standard.note, "db.r6g.large Aurora: 730 h × $0.26 = $189.80 (price of 2026-07-10); storage is billed at the cluster");
        // 730 × 0.26 + 730 × 0.005
        assert_eq!(aurora("aurora", "db.r6g.large", true, "available").usd, Some(193.45));
        // 730 × 0.338
        assert_eq!(aurora("aurora-iopt1", "db.r6g.large", false, "available").usd, Some(246.74));
        assert!(aurora("aurora", "db.r6g.large", false, "stopped").is_free());
        let unknown = aurora("aurora-iopt1", "db.x2g.large", false, "available");
        assert!(unknown.usd.is_none() && unknown.note.starts_with("no price known for db.x2g.large Aurora with I/O-optimized storage"));
        // 730 × 0.277
        let [docdb, cluster] =
            clustered("aws_docdb_cluster", "us-east-1", json!({}), json!({"instance_class": "db.r5.large"}), "available");
        assert_eq!(price(&[docdb.clone(), cluster]).usd, Some(202.21));
        assert_eq!(price(&[docdb]).note, "its cluster was not read, and with it the storage type");
    }

    #[test]
    fn capacity_that_scales_has_a_lower_bound() {
        let aurora = |storage: &str, least: f64| {
            let scaling = json!([{"min_capacity": least, "max_capacity": 8.0}]);
            price(&clustered(
                "aws_rds_cluster",
                "us-east-1",
                json!({"engine": "aurora-mysql", "storage_type": storage, "serverlessv2_scaling_configuration": scaling}),
                json!({"engine": "aurora-mysql", "instance_class": "db.serverless"}),
                "available",
            ))
        };
        // 0.5 × 730 × 0.12
        let half = aurora("aurora", 0.5);
        assert_eq!((half.usd, half.complete), (Some(43.8), false), "{}", half.note);
        assert!(half.note.contains("at least, as what it takes beyond its least capacity is not known"), "{}", half.note);
        // 2 × 730 × 0.16
        assert_eq!(aurora("aurora-iopt1", 2.0).usd, Some(233.6));
        let paused = aurora("aurora", 0.0);
        assert_eq!(paused.usd, None);
        assert!(paused.note.starts_with("it pauses when nobody uses it; capacity at $0.12 per ACU-hour"), "{}", paused.note);
        // 1 × 730 × 0.1941
        let neptune = price(&clustered(
            "aws_neptune_cluster",
            "ap-southeast-2",
            json!({"serverless_v2_scaling_configuration": [{"min_capacity": 1.0}]}),
            json!({"instance_class": "db.serverless"}),
            "available",
        ));
        assert_eq!(neptune.usd, Some(141.69), "{}", neptune.note);
    }

    #[test]
    fn clusters_tell_the_prices_of_what_is_not_read() {
        let note = |config: Value| {
            let estimate = price(&[make("aws_rds_cluster", "us-east-1", config, json!({}))]);
            assert_eq!((estimate.usd, estimate.complete), (None, false));
            estimate.note
        };
        assert_eq!(
            note(json!({"engine": "aurora-mysql", "storage_type": "aurora", "backtrack_window": 3600})),
            "the size of its storage is not read: storage at $0.1 per GB-month (price of 2026-09-20), input and output at $0.2 per \
             million requests (price of 2026-09-20), backtrack at $0.012 per million change records (price of 2026-08-21); its instances \
             are billed each for themselves"
        );
        assert!(!note(json!({"engine": "aurora-mysql", "storage_type": "aurora-iopt1"})).contains("input and output"));
        assert_eq!(note(json!({"engine": "aurora", "engine_mode": "serverless"})), "no price known for Aurora Serverless v1");
        let three =
            json!({"engine": "postgres", "db_cluster_instance_class": "db.m6gd.large", "storage_type": "gp3", "allocated_storage": 100});
        assert!(note(three).starts_with("no price known for db.m6gd.large postgres in three zones in us-east-1"));
        let member =
            make("aws_rds_cluster_instance", "us-east-1", json!({"engine": "postgres", "instance_class": "db.m6gd.large"}), json!({}));
        assert_eq!(price(&[member]).note, "billed with its cluster");
    }

    #[test]
    fn a_proxy_costs_by_what_stands_behind_it() {
        let proxy = Resource { id: "p".into(), ..make("aws_db_proxy", "us-west-2", json!({"name": "p"}), json!({})) };
        let target = |argument: &str, id: &str| {
            let mut target = make("aws_db_proxy_target", "us-west-2", json!({"db_proxy_name": "p"}), json!({}));
            target.config.insert(argument.into(), json!(id));
            target
        };
        let database =
            |class: &str| Resource { id: "db".into(), ..make("aws_db_instance", "us-west-2", json!({"instance_class": class}), json!({})) };
        let of = |class: &str| price(&[proxy.clone(), target("db_instance_identifier", "db"), database(class)]);
        // 2 × 730 × 0.015, 8 × 730 × 0.015, and never less than two vCPUs
        assert_eq!(of("db.t4g.micro").usd, Some(21.9));
        assert_eq!(of("db.r6g.2xlarge").usd, Some(87.6));
        assert_eq!(of("db.t2.micro").usd, Some(21.9));
        assert_eq!(of("db.r5.large.tpc1.mem2x").usd, None);
        let [member, cluster] = clustered(
            "aws_rds_cluster",
            "us-west-2",
            json!({"engine": "aurora-mysql", "serverlessv2_scaling_configuration": [{"min_capacity": 0.5}]}),
            json!({"instance_class": "db.serverless"}),
            "available",
        );
        // 8 × 730 × 0.015, the least that is billed
        let serverless = price(&[proxy.clone(), target("db_cluster_identifier", "c"), member, cluster]);
        assert_eq!((serverless.usd, serverless.complete), (Some(87.6), false), "{}", serverless.note);
        assert_eq!(price(&[proxy]).note, "billed by the size of the databases behind it, of which none was read");
    }

    #[test]
    fn tables_cost_by_size_and_provisioned_capacity() {
        let gigabytes = |n: u64| json!({"size_bytes": n * 1_073_741_824});
        let on_demand = json!({"billing_mode": "PAY_PER_REQUEST", "point_in_time_recovery": [{"enabled": true}]});
        // 40 × 0.25 + 40 × 0.2
        let table = price(&[make("aws_dynamodb_table", "us-east-1", on_demand, gigabytes(40))]);
        assert_eq!((table.usd, table.complete), (Some(18.0), true), "{}", table.note);
        let provisioned = json!({"billing_mode": "PROVISIONED", "read_capacity": 10, "write_capacity": 5,
            "global_secondary_index": [{"read_capacity": 10, "write_capacity": 5}]});
        // 4 × 0.25 + 20 × 730 × 0.00013 + 10 × 730 × 0.00065
        let table = price(&[make("aws_dynamodb_table", "us-east-1", provisioned.clone(), gigabytes(4))]);
        assert_eq!((table.usd, table.complete), (Some(7.65), true), "{}", table.note);
        let table = price(&[make("aws_dynamodb_table", "us-east-1", provisioned, json!({}))]);
        assert_eq!((table.usd, table.complete), (Some(6.65), false), "{}", table.note);
        let rare = json!({"billing_mode": "PAY_PER_REQUEST", "table_class": "STANDARD_INFREQUENT_ACCESS"});
        // 40 × 0.1
        assert_eq!(price(&[make("aws_dynamodb_table", "us-east-1", rare, gigabytes(40))]).usd, Some(4.0));
    }

    #[test]
    fn stored_data_cost_what_is_known_of_them() {
        let size = json!({"size_bytes": 42_949_672_960_u64});
        let system = |config: Value| price(&[make("aws_efs_file_system", "us-east-1", config, size.clone())]);
        // 40 × 0.3, 40 × 0.16, and 40 × 0.3 + (100 − 40 / 20) × 6
        assert_eq!(system(json!({})).usd, Some(12.0));
        assert_eq!(system(json!({"availability_zone_name": "us-east-1a"})).usd, Some(6.4));
        assert_eq!(system(json!({"throughput_mode": "provisioned", "provisioned_throughput_in_mibps": 100.0})).usd, Some(600.0));
        let moving = system(json!({"lifecycle_policy": [{"transition_to_ia": "AFTER_30_DAYS"}]}));
        assert_eq!(moving.usd, None);
        assert!(moving.note.ends_with("at most 40 GB × $0.3 = $12.00 (price of 2026-09-20)"), "{}", moving.note);
        let images = |facts: Value| price(&[make("aws_ecr_repository", "eu-west-3", json!({}), facts)]);
        assert!(images(json!({"images_bytes": 0})).is_free());
        assert!(images(json!({"images_bytes": 40_000_000, "images_read": "all"})).is_free(), "0.037 × 0.1 is less than a cent");
        let some = images(json!({"images_bytes": 10_737_418_240_u64, "images_read": "all"}));
        assert!(some.usd.is_none() && some.note.ends_with("at most 10 GB × $0.1 = $1.00 (price of 2026-08-21)"), "{}", some.note);
        let snapshot = price(&[make("aws_db_snapshot", "eu-west-3", json!({}), json!({"allocated_storage": 20}))]);
        assert!(
            snapshot.usd.is_none() && snapshot.note.ends_with("at most 20 GB × $0.1 = $2.00 (price of 2026-10-09)"),
            "{}",
            snapshot.note
        );
    }

    #[test]
    fn connections_and_checks_cost_by_the_hour_and_month() {
        let here = "us-east-1";
        for (resource, usd, complete) in [
            // 730 × 0.025
            (make("aws_elb", here, json!({}), json!({})), 18.25, true),
            // 730 × 0.05, and twice that for a connection that is an attachment as well
            (make("aws_ec2_transit_gateway_vpc_attachment", here, json!({}), json!({})), 36.5, true),
            (make("aws_vpn_connection", here, json!({}), json!({})), 36.5, true),
            (make("aws_vpn_connection", here, json!({"transit_gateway_id": "tgw-1"}), json!({})), 73.0, true),
            (
                make("aws_vpc_endpoint", here, json!({"vpc_endpoint_type": "GatewayLoadBalancer", "subnet_ids": ["a"]}), json!({})),
                7.3,
                true,
            ),
            // 0.5 + 3 × 1
            (make("aws_route53_health_check", "global", json!({"type": "HTTPS_STR_MATCH", "request_interval": 10}), json!({})), 3.5, false),
            (make("aws_route53_health_check", "global", json!({"type": "CALCULATED"}), json!({})), 0.5, true),
            (make("aws_cloudwatch_composite_alarm", here, json!({}), json!({})), 0.5, true),
            (make("aws_cloudwatch_metric_alarm", here, json!({"period": 10}), json!({})), 0.3, true),
            // one metric and its band of expected values
            (
                make(
                    "aws_cloudwatch_metric_alarm",
                    here,
                    json!({"threshold_metric_id": "e1", "metric_query": [{"id": "m1", "metric": [{"period": 300}]}, {"id": "e1", "expression": "ANOMALY_DETECTION_BAND(m1)"}]}),
                    json!({}),
                ),
                0.3,
                true,
            ),
        ] {
            let estimate = price(std::slice::from_ref(&resource));
            assert_eq!(
                (estimate.usd, estimate.complete),
                (Some(usd), complete),
                "{} {:?}: {}",
                resource.kind,
                resource.config,
                estimate.note
            );
        }
    }

    #[test]
    fn provisioned_operations_of_databases_are_priced() {
        let config =
            json!({"engine": "mysql", "instance_class": "db.t3.large", "storage_type": "io1", "allocated_storage": 100, "iops": 1200});
        // 730 × 0.136 + 100 × 0.125 + 1200 × 0.1
        let database = price(&[make("aws_db_instance", "us-east-1", config, json!({"status": "available"}))]);
        assert_eq!((database.usd, database.complete), (Some(231.78), true), "{}", database.note);
        let config = json!({"engine": "mysql", "instance_class": "db.t3.large", "storage_type": "gp3", "allocated_storage": 400, "iops": 14_000, "multi_az": true});
        // 400 × 0.23 + 2000 × 0.04, stopped
        let database = price(&[make("aws_db_instance", "us-east-1", config, json!({"status": "stopped"}))]);
        assert_eq!((database.usd, database.complete), (Some(172.0), true), "{}", database.note);
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        for (resource, expected) in [
            (make("aws_instance", "eu-west-3", json!({"instance_type": "t3.small"}), json!({})), "whether it runs was not read"),
            (
                make(
                    "aws_instance",
                    "eu-west-3",
                    json!({"instance_type": "t3.small"}),
                    json!({"state": "running", "platform_details": "Windows"}),
                ),
                "no price known for t3.small with Windows in eu-west-3",
            ),
            (make("aws_s3_bucket", "eu-west-3", json!({}), json!({})), "billed by stored size and requests; the size is not read"),
            (
                make("aws_ebs_snapshot", "eu-west-3", json!({}), json!({"volume_size": 8})),
                "only changed blocks are billed and AWS does not report their size; at most 8 GB × $0.053 = $0.42 (price of 2024-07-18)",
            ),
            (make("aws_unheard_of", "eu-west-3", json!({}), json!({})), "no price known for aws_unheard_of"),
        ] {
            let estimate = price(&[resource]);
            assert_eq!((estimate.usd, estimate.note.as_str()), (None, expected));
        }
    }

    #[test]
    fn only_further_trails_cost() {
        let trail =
            |id: &str| Resource { id: id.into(), ..make("aws_cloudtrail", "us-east-1", json!({"is_multi_region_trail": true}), json!({})) };
        assert!(price(&[trail("a"), trail("b")]).is_free());
        let second = price(&[trail("b"), trail("a")]);
        assert!(second.usd.is_none() && second.note.contains("$2 per 100,000 events"), "{}", second.note);
    }

    #[test]
    fn every_type_that_is_observed_or_written_is_in_the_book() {
        let kinds: std::collections::BTreeSet<&str> = crate::schema::facts::types().chain(crate::schema::overlay::types()).collect();
        let unknown: Vec<&str> = kinds
            .into_iter()
            .filter(|kind| price(&[make(kind, "eu-west-3", json!({}), json!({}))]).note == format!("no price known for {kind}"))
            .collect();
        assert!(unknown.is_empty(), "neither an estimate nor a line in prices/billing.csv: {unknown:?}");
    }
}
