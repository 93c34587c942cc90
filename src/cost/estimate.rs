//! What one resource costs per month.
//!
//! List prices on demand: no reservations, savings plans, free tier, tax, and nothing that depends on use (traffic,
//! requests). Every estimate carries its formula and the day of its prices; what has no price says so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::book::{Billing, PriceBook};
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
                tally.missing(format!("no price known for a classic load balancer in {}", resource.region));
            }
            "aws_db_instance" => return database(tally, resource),
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
                tally.missing(format!("no price known for a composite alarm in {}", resource.region));
            }
            "aws_cloudwatch_dashboard" => {
                tally.add("dashboard", "cloudwatch", "dashboard", 1.0).remark("list price, the first three of an account are free");
            }
            "aws_cloudwatch_log_group" => {
                let Some(bytes) = float(resource, "facts.stored_bytes") else {
                    return Estimate::unknown("the stored size was not read");
                };
                let gigabytes = (bytes / 1024.0 / 1024.0 / 1024.0 * 1000.0).round() / 1000.0;
                tally.add("stored log data", "cloudwatch", "logs-storage", gigabytes).remark("what comes in is billed besides");
            }
            "aws_vpc_endpoint" => {
                if resource.str("config.vpc_endpoint_type").is_none_or(|kind| kind == "Gateway") {
                    return Estimate::free("gateway endpoints are free");
                }
                let zones = list_len(resource, "config.subnet_ids").max(1);
                tally.hourly(&format!("interface endpoint in {zones} zones"), "vpc", "interface-endpoint", zones as f64);
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
        (Some(size), Some(price)) => Estimate::unknown(format!(
            "{unknown}; at most {} GB × ${} = ${:.2} (price of {})",
            number(size),
            number(price.usd),
            size * price.usd,
            price.as_of
        )),
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
            tally.hourly(&format!("{zones} public IPv4 addresses"), "vpc", "public-ipv4", zones as f64);
        }
    }
}

fn database(mut tally: Tally, resource: &Resource) -> Estimate {
    let (Some(engine), Some(class)) = (resource.str("config.engine"), resource.str("config.instance_class")) else {
        return Estimate::unknown("engine or class was not read");
    };
    let zones = if resource.bool("config.multi_az") { "multi-az" } else { "single-az" };
    let place = if zones == "multi-az" { "two zones" } else { "one zone" };
    if resource.str("facts.status") == Some("stopped") {
        tally.remark("stopped: only storage is billed, and AWS starts it again after seven days");
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
            tally.missing(format!("no price known for provisioned database operations in {}", resource.region));
        }
    } else {
        tally.missing("the storage size was not read");
    }
    tally.remark("backups beyond the size of the databases are billed besides");
    tally.finish()
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
        tally.hourly(&format!("{} tasks × {} vCPU", number(tasks), number(vcpu)), "fargate", cpu, tasks * vcpu);
        tally.hourly(&format!("{} tasks × {} GB memory", number(tasks), number(gigabytes)), "fargate", memory, tasks * gigabytes);
    }
    let disk = float(definition, "config.ephemeral_storage.0.size_in_gib").unwrap_or(FARGATE_FREE_DISK);
    if disk > FARGATE_FREE_DISK {
        let more = disk - FARGATE_FREE_DISK;
        tally.hourly(&format!("{} tasks × {} GB more disk", number(tasks), number(more)), "fargate", "ephemeral-storage", tasks * more);
    }
    if resource.bool("config.network_configuration.0.assign_public_ip") {
        tally.hourly(&format!("{} public IPv4 addresses", number(tasks)), "vpc", "public-ipv4", tasks);
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

fn alarm(tally: &mut Tally, resource: &Resource) {
    let queries = resource.get("config.metric_query").and_then(Value::as_array);
    // A metric is billed, an expression over metrics is not.
    let metrics =
        queries.map_or(0, |q| q.iter().filter(|q| q.get("metric").and_then(Value::as_array).is_some_and(|m| !m.is_empty())).count());
    if float(resource, "config.period").is_some_and(|seconds| seconds < 60.0) {
        tally.missing(format!("no price known for a high-resolution alarm in {}", resource.region));
    } else {
        tally.add("alarm", "cloudwatch", "alarm", metrics.max(1) as f64);
    }
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
        let estimate = price(&[make("aws_instance", "eu-central-1", json!({"instance_type": "c5.xlarge"}), json!({"state": "running"}))]);
        assert_eq!(estimate, Estimate::unknown("no price known for c5.xlarge on demand in eu-central-1"));
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
