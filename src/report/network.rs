//! The network as a picture: networks, zones, subnets, what stands in them, and what the internet reaches.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::Serialize;
use serde_json::Value;

use super::model::Row;
use crate::estate::exposure::OpenPort;
use crate::estate::{Estate, Resource};
use crate::rules::Severity;

/// The whole picture.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Network {
    /// Networks, those with the most in them first.
    pub vpcs: Vec<Vpc>,
    /// What stands before all networks: distributions.
    pub edge: Vec<Node>,
    /// Why more than what is drawn may be reachable, each cause once.
    pub unknown: Vec<String>,
}

/// A network.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Vpc {
    /// Its id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Region.
    pub region: String,
    /// Its first address range.
    pub cidr: String,
    /// True when an internet gateway hangs on it.
    pub gateway: bool,
    /// Load balancers, which span its zones.
    pub fronts: Vec<Node>,
    /// By zone.
    pub zones: Vec<Zone>,
}

/// An availability zone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Zone {
    /// `eu-west-3a`.
    pub name: String,
    /// Its subnets.
    pub subnets: Vec<Subnet>,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Subnet {
    /// Its id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Address range.
    pub cidr: String,
    /// True when its route table leads to an internet gateway.
    pub public: bool,
    /// What stands in it.
    pub nodes: Vec<Node>,
}

/// Something that stands in a subnet, or before all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Node {
    /// What it is, in one word.
    pub what: &'static str,
    /// Name for people.
    pub name: String,
    /// Size or kind: `c5.xlarge`.
    pub detail: String,
    /// Position in [`super::Model::rows`].
    pub row: usize,
    /// Ports that the internet reaches.
    pub open_ports: Vec<String>,
    /// Worst failing finding.
    pub worst: Option<Severity>,
    /// For what stands in front: names of what it leads to.
    pub leads_to: Vec<String>,
    /// True when it can be reached past what stands in front of it.
    pub side_door: bool,
    /// False when it is stopped.
    pub running: bool,
}

/// Types that answer on ports of their own.
const HAS_PORTS: [&str; 5] = ["aws_db_instance", "aws_elasticache_cluster", "aws_elasticache_replication_group", "aws_instance", "aws_lb"];

/// Ports of a resource that anybody on the internet reaches: `22`, `5432`, `all`.
pub fn open_ports(estate: &Estate, resource: &Resource) -> Vec<String> {
    if !HAS_PORTS.contains(&resource.kind.as_str()) {
        return Vec::new();
    }
    // What only single addresses may reach is no open door.
    let anyone = estate.exposure(resource).open.iter().filter(|o| o.anyone);
    let mut ports: Vec<(u16, String)> = anyone.filter_map(port).collect();
    ports.sort();
    ports.dedup();
    ports.into_iter().map(|p| p.1).collect()
}

/// Pings are left out: they open nothing.
fn port(open: &OpenPort) -> Option<(u16, String)> {
    let ports = match (open.from_port, open.to_port) {
        (0, u16::MAX) => "all".to_owned(),
        (a, b) if a == b => a.to_string(),
        (a, b) => format!("{a}–{b}"),
    };
    match open.protocol.as_str() {
        "icmp" | "icmpv6" | "1" | "58" => None,
        "tcp" => Some((open.from_port, ports)),
        "-1" => Some((0, "all".into())),
        other => Some((open.from_port, format!("{other} {ports}"))),
    }
}

/// Subnets whose traffic can leave through an internet gateway.
fn public_subnets(estate: &Estate) -> HashSet<&str> {
    let mut open_tables: HashSet<&str> = HashSet::new();
    let anywhere = |destination: Option<&str>| matches!(destination, Some("0.0.0.0/0" | "::/0"));
    let gateway = |target: Option<&str>| target.is_some_and(|t| t.starts_with("igw-"));
    for route in estate.of("aws_route") {
        let destinations = ["config.destination_cidr_block", "config.destination_ipv6_cidr_block"];
        if gateway(route.str("config.gateway_id"))
            && destinations.iter().any(|d| anywhere(route.str(d)))
            && let Some(table) = route.str("config.route_table_id")
        {
            open_tables.insert(table);
        }
    }
    let mut main: HashMap<&str, &str> = HashMap::new();
    let mut table_of: HashMap<&str, &str> = HashMap::new();
    for table in ["aws_route_table", "aws_default_route_table"].into_iter().flat_map(|kind| estate.of(kind)) {
        let id = table.str("config.default_route_table_id").or(table.str("facts.route_table_id")).unwrap_or(&table.id);
        let written = table.get("config.route").and_then(Value::as_array).into_iter().flatten().map(|r| (r, "cidr_block", "gateway_id"));
        let observed = table.get("facts.routes").and_then(Value::as_array).into_iter().flatten().map(|r| (r, "destination", "target"));
        for (route, destination, target) in written.chain(observed) {
            let text = |key: &str| route.get(key).and_then(Value::as_str);
            if gateway(text(target)) && (anywhere(text(destination)) || anywhere(text("ipv6_cidr_block"))) {
                open_tables.insert(id);
            }
        }
        table_of.extend(table.strings("facts.subnet_ids").into_iter().map(|subnet| (subnet, id)));
        if let Some(vpc) = vpc_of(table)
            && (table.kind == "aws_default_route_table" || table.bool("facts.main"))
        {
            main.insert(vpc, id);
        }
    }
    table_of.extend(
        estate.of("aws_route_table_association").filter_map(|a| Some((a.str("config.subnet_id")?, a.str("config.route_table_id")?))),
    );
    subnets(estate)
        .filter(|s| {
            let table = table_of.get(s.id.as_str()).or_else(|| main.get(vpc_of(s)?));
            table.is_some_and(|t| open_tables.contains(t))
        })
        .map(|s| s.id.as_str())
        .collect()
}

fn subnets(estate: &Estate) -> impl Iterator<Item = &Resource> {
    ["aws_subnet", "aws_default_subnet"].into_iter().flat_map(|kind| estate.of(kind))
}

fn vpc_of(resource: &Resource) -> Option<&str> {
    resource.str("config.vpc_id").or(resource.str("facts.vpc_id"))
}

fn zone_of(resource: &Resource) -> &str {
    resource.str("config.availability_zone").or(resource.str("facts.availability_zone")).unwrap_or("zone not read")
}

/// Puts everything in its place. `rows` stand in the order of `estate.resources()`.
pub(super) fn draw(estate: &Estate, rows: &[Row]) -> Network {
    // Ways around distributions: their origins have a side door.
    let side_doors: HashSet<usize> = estate
        .of("aws_cloudfront_distribution")
        .flat_map(|d| &estate.exposure(d).bypasses)
        .filter(|b| b.port.anyone)
        .map(|b| b.origin)
        .collect();
    let node = |at: usize, what: &'static str, detail: &str| Node {
        what,
        name: rows[at].name.clone(),
        detail: detail.to_owned(),
        row: at,
        open_ports: rows[at].open_ports.clone(),
        worst: rows[at].worst,
        leads_to: Vec::new(),
        side_door: side_doors.contains(&at),
        running: !matches!(rows[at].state.as_deref(), Some("stopped" | "stopping")),
    };
    let place: HashMap<&str, (&str, &str)> = subnets(estate).filter_map(|s| Some((s.id.as_str(), (vpc_of(s)?, zone_of(s))))).collect();
    let in_group = |kind: &str, name: Option<&str>, zone: Option<&str>| -> Option<String> {
        let group = estate.find(kind, "name", name?)?;
        let ids = group.strings("config.subnet_ids");
        let there = ids.iter().find(|id| zone.is_some() && place.get(**id).map(|p| p.1) == zone);
        there.or(ids.first()).map(|id| (*id).to_owned())
    };
    let mut standing: HashMap<String, Vec<Node>> = HashMap::new();
    let mut fronts: HashMap<String, Vec<Node>> = HashMap::new();
    let mut edge = Vec::new();
    for (at, r) in estate.resources().iter().enumerate() {
        let text = |path: &str| r.str(path).unwrap_or_default();
        let zone = || Some(zone_of(r));
        let (subnet, node) = match r.kind.as_str() {
            "aws_instance" => (r.str("config.subnet_id").map(str::to_owned), node(at, "server", text("config.instance_type"))),
            "aws_nat_gateway" => (r.str("config.subnet_id").map(str::to_owned), node(at, "NAT", "")),
            "aws_db_instance" | "aws_rds_cluster_instance" => (
                in_group("aws_db_subnet_group", r.str("config.db_subnet_group_name"), zone()),
                node(at, "database", &format!("{} {}", text("config.engine"), text("config.instance_class").trim_start_matches("db."))),
            ),
            "aws_efs_mount_target" => (r.str("config.subnet_id").map(str::to_owned), node(at, "files", "")),
            "aws_elasticache_cluster" => (
                in_group("aws_elasticache_subnet_group", r.str("config.subnet_group_name"), zone()),
                node(at, "cache", &format!("{} {}", text("config.engine"), text("config.node_type").trim_start_matches("cache."))),
            ),
            "aws_lambda_function" => {
                (r.strings("config.vpc_config.0.subnet_ids").first().map(|s| (*s).to_owned()), node(at, "function", text("config.runtime")))
            }
            "aws_lb" => {
                let mut ids = r.strings("config.subnets");
                let mapped = r.get("config.subnet_mapping").and_then(Value::as_array);
                ids.extend(mapped.into_iter().flatten().filter_map(|m| m.get("subnet_id").and_then(Value::as_str)));
                let vpc = ids.iter().find_map(|id| place.get(id)).map(|p| p.0).or(vpc_of(r));
                if let Some(vpc) = vpc {
                    let mut front = node(at, "load balancer", if r.bool("config.internal") { "internal" } else { "internet-facing" });
                    front.leads_to = behind(estate, r);
                    fronts.entry(vpc.to_owned()).or_default().push(front);
                }
                continue;
            }
            "aws_cloudfront_distribution" => {
                let mut front = node(at, "distribution", "");
                front.leads_to = r
                    .get("config.origin")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(|o| o.get("domain_name").and_then(Value::as_str).map(str::to_owned))
                    .collect();
                for reference in estate.references(r) {
                    if reference.path.starts_with("config.origin")
                        && let Some(target) = estate.target(reference)
                        && let Some(name) = front.leads_to.iter_mut().find(|n| **n == reference.value)
                    {
                        *name = target.label().to_owned();
                    }
                }
                edge.push(front);
                continue;
            }
            _ => continue,
        };
        if let Some(subnet) = subnet {
            standing.entry(subnet).or_default().push(node);
        }
    }
    let public = public_subnets(estate);
    let gateways: HashSet<&str> = estate.of("aws_internet_gateway").filter_map(vpc_of).collect();
    let mut by_vpc: HashMap<&str, BTreeMap<&str, Vec<Subnet>>> = HashMap::new();
    for subnet in subnets(estate) {
        let Some(vpc) = vpc_of(subnet) else { continue };
        by_vpc.entry(vpc).or_default().entry(zone_of(subnet)).or_default().push(Subnet {
            id: subnet.id.clone(),
            name: subnet.label().to_owned(),
            cidr: subnet.str("config.cidr_block").or(subnet.str("facts.cidr_block")).unwrap_or_default().to_owned(),
            public: public.contains(subnet.id.as_str()),
            nodes: standing.remove(&subnet.id).unwrap_or_default(),
        });
    }
    let mut vpcs: Vec<Vpc> = ["aws_vpc", "aws_default_vpc"]
        .into_iter()
        .flat_map(|kind| estate.of(kind))
        .map(|vpc| Vpc {
            id: vpc.id.clone(),
            name: vpc.label().to_owned(),
            region: vpc.region.clone(),
            cidr: vpc.str("config.cidr_block").or(vpc.str("facts.cidr_block")).unwrap_or_default().to_owned(),
            gateway: gateways.contains(vpc.id.as_str()),
            fronts: fronts.remove(&vpc.id).unwrap_or_default(),
            zones: by_vpc
                .remove(vpc.id.as_str())
                .unwrap_or_default()
                .into_iter()
                .map(|(name, subnets)| Zone { name: name.to_owned(), subnets })
                .collect(),
        })
        .collect();
    vpcs.sort_by(|a, b| b.nodes().cmp(&a.nodes()).then_with(|| (&a.region, &a.id).cmp(&(&b.region, &b.id))));
    let causes =
        estate.resources().iter().filter(|r| HAS_PORTS.contains(&r.kind.as_str())).filter_map(|r| estate.exposure(r).unknown.clone());
    Network { vpcs, edge, unknown: causes.collect::<BTreeSet<_>>().into_iter().collect() }
}

impl Vpc {
    /// How much stands in it.
    pub fn nodes(&self) -> usize {
        self.fronts.len() + self.zones.iter().flat_map(|z| &z.subnets).map(|s| s.nodes.len()).sum::<usize>()
    }
}

/// Names of what a load balancer sends to: targets of the groups of its listeners.
fn behind(estate: &Estate, balancer: &Resource) -> Vec<String> {
    let mut names = Vec::new();
    for group in estate.related(balancer, "aws_lb_target_group") {
        for attachment in estate.related(group, "aws_lb_target_group_attachment") {
            names.extend(estate.related(attachment, "aws_instance").into_iter().map(|i| i.label().to_owned()));
        }
    }
    names.sort();
    names.dedup();
    names
}
