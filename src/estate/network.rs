//! The network as packets see it: gateway, route table, network ACL and security group, indexed once per estate.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use ipnet::IpNet;
use serde_json::Value;

use super::exposure::{Direct, OpenPort};
use super::{Estate, Resource};

/// Where a thing stands in the network.
#[derive(Debug, Default)]
pub(super) struct Place<'a> {
    /// Its subnet.
    pub subnet: &'a str,
    /// Its security groups; `None` for what has none and lets everything in (a network load balancer without groups).
    pub groups: Option<Vec<&'a str>>,
    /// Its public address, for people.
    pub v4: Option<String>,
    /// It has a public IPv6 address.
    pub v6: bool,
    /// Its name, for people.
    pub label: String,
}

/// A rule that lets packets in.
#[derive(Debug, Clone)]
struct Inbound {
    protocol: String,
    from: u16,
    to: u16,
    source: Source,
    /// The group's name and id, for people.
    group: String,
}

#[derive(Debug, Clone)]
enum Source {
    Net(IpNet),
    /// Networks kept in a list of AWS or of another account: known to be some of the internet, not which.
    List(String),
}

/// A numbered rule of a network ACL.
#[derive(Debug, Clone)]
struct AclRule {
    number: u64,
    allow: bool,
    protocol: String,
    from: u16,
    to: u16,
    net: IpNet,
}

/// A way to the internet out of a subnet, which is also the way in.
#[derive(Debug, Clone)]
struct Way {
    net: IpNet,
    gateway: String,
    table: String,
}

/// A gate on the way: open with what it lets through, closed for sure, or not known.
enum Gate<T> {
    Open(T),
    Closed,
    Unknown(String),
}

/// Ports and networks that a gate lets through.
type Pieces = Vec<(String, u16, u16, IpNet)>;

#[derive(Default)]
struct Acl {
    label: String,
    unread: Option<String>,
    ingress: Vec<AclRule>,
    egress: Vec<AclRule>,
}

/// The index.
#[derive(Default)]
pub(super) struct Network {
    inbound: HashMap<String, Vec<Inbound>>,
    group_gaps: HashMap<String, String>,
    /// Route table by subnet, by explicit association.
    tables: HashMap<String, String>,
    main_tables: HashMap<String, String>,
    /// Table ids that are in the snapshot, with what could not be read of them.
    known_tables: HashMap<String, Option<String>>,
    routes: HashMap<String, Vec<Way>>,
    gateways: HashSet<String>,
    vpc_of_subnet: HashMap<String, String>,
    acls: Vec<Acl>,
    acl_by_id: HashMap<String, usize>,
    acl_of_subnet: HashMap<String, usize>,
    default_acls: HashMap<String, usize>,
    /// Interfaces by instance.
    pub(super) interfaces: HashMap<String, Vec<usize>>,
    /// Public address by instance or interface that an Elastic IP leads to.
    pub(super) addresses: HashMap<String, String>,
    /// Target group and port by target (instance id, ARN, address).
    pub(super) groups_of_target: HashMap<String, Vec<(String, Option<u16>)>>,
    /// Targets and their ports by target group ARN.
    targets_of_group: HashMap<String, Vec<(String, Option<u16>)>>,
    /// Load balancers by target group ARN, with the port of each listener that leads there.
    pub(super) listeners_of_group: HashMap<String, Vec<(usize, u16)>>,
    /// Listeners by load balancer ARN.
    pub(super) listeners: HashMap<String, Vec<usize>>,
    /// Memory of what is open, by position.
    pub(super) directs: Vec<OnceLock<Direct>>,
}

fn texts<'a>(r: &'a Resource, paths: &[&str]) -> Vec<&'a str> {
    paths.iter().flat_map(|p| r.strings(p)).collect()
}

fn first<'a>(r: &'a Resource, paths: &[&str]) -> Option<&'a str> {
    paths.iter().find_map(|p| r.str(p)).filter(|t| !t.is_empty())
}

/// `tcp`, `udp`, `icmp`, `icmpv6`, `-1` or a number, from the several ways they are written.
fn protocol(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "6" => "tcp".into(),
        "17" => "udp".into(),
        "1" => "icmp".into(),
        "58" | "ipv6-icmp" => "icmpv6".into(),
        "all" | "-1" | "" => "-1".into(),
        other => other.into(),
    }
}

/// First and last port; everything when the protocol has none or they are not set.
fn ports(protocol: &str, from: Option<&Value>, to: Option<&Value>) -> (u16, u16) {
    let port = |v: Option<&Value>| v.and_then(Value::as_i64).and_then(|p| u16::try_from(p).ok());
    match protocol {
        "tcp" | "udp" => (port(from).unwrap_or(0), port(to).unwrap_or(u16::MAX)),
        _ => (0, u16::MAX),
    }
}

/// False for networks that no packet from the internet comes from.
fn is_public(net: &IpNet) -> bool {
    const PRIVATE: [&str; 9] = [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "fc00::/7",
        "fe80::/10",
        "::1/128",
    ];
    !PRIVATE.iter().filter_map(|p| p.parse::<IpNet>().ok()).any(|private| private.contains(net))
}

/// The smaller of two networks when one holds the other.
fn common(a: &IpNet, b: &IpNet) -> Option<IpNet> {
    match (a.contains(b), b.contains(a)) {
        (true, _) => Some(*b),
        (_, true) => Some(*a),
        _ => None,
    }
}

/// True when the networks hold so much of the internet that "anybody" is the right word.
pub(super) fn is_anybody(net: &IpNet) -> bool {
    match net {
        IpNet::V4(net) => net.prefix_len() <= 8,
        IpNet::V6(net) => net.prefix_len() <= 16,
    }
}

impl Network {
    pub(super) fn new(estate: &Estate) -> Network {
        let mut n =
            Network { directs: std::iter::repeat_with(OnceLock::new).take(estate.resources().len()).collect(), ..Network::default() };
        for (position, r) in estate.resources().iter().enumerate() {
            n.take_up(position, r);
        }
        // Rules may come before the group or list they name, routes before their table: names are put in at the end.
        for r in estate.resources() {
            n.take_up_second(estate, r);
        }
        for acl in &mut n.acls {
            acl.ingress.sort_by_key(|r| r.number);
            acl.egress.sort_by_key(|r| r.number);
        }
        n
    }

    fn take_up(&mut self, position: usize, r: &Resource) {
        match r.kind.as_str() {
            "aws_subnet" | "aws_default_subnet" => {
                if let Some(vpc) = first(r, &["config.vpc_id", "facts.vpc_id"]) {
                    self.vpc_of_subnet.insert(r.id.clone(), vpc.into());
                }
            }
            "aws_internet_gateway" => {
                self.gateways.extend(first(r, &["config.vpc_id"]).map(|_| r.id.clone()));
            }
            "aws_internet_gateway_attachment" => {
                self.gateways.extend(r.str("config.internet_gateway_id").map(String::from));
            }
            "aws_route_table" | "aws_default_route_table" => {
                let id = first(r, &["config.default_route_table_id", "facts.route_table_id"]).unwrap_or(&r.id).to_string();
                for subnet in r.strings("facts.subnet_ids") {
                    self.tables.insert(subnet.into(), id.clone());
                }
                if r.kind == "aws_default_route_table" || r.bool("facts.main") {
                    let vpc = first(r, &["config.vpc_id", "facts.vpc_id"]).unwrap_or(&r.id);
                    self.main_tables.insert(vpc.into(), id.clone());
                }
                let gap = ["config.route", "facts.routes"].iter().find_map(|p| r.unread.get(*p)).cloned();
                self.known_tables.insert(id, gap);
            }
            "aws_route_table_association" => {
                if let (Some(subnet), Some(table)) = (r.str("config.subnet_id"), r.str("config.route_table_id")) {
                    self.tables.insert(subnet.into(), table.into());
                }
            }
            "aws_network_acl" | "aws_default_network_acl" => {
                let index = self.acls.len();
                let unread = ["config.ingress", "config.egress"].iter().find_map(|p| r.unread.get(*p)).cloned();
                let mut acl = Acl { label: r.id.clone(), unread, ..Acl::default() };
                for (block, rules) in [("config.ingress", &mut acl.ingress), ("config.egress", &mut acl.egress)] {
                    for item in r.get(block).and_then(Value::as_array).into_iter().flatten() {
                        rules.extend(acl_rules(item, "rule_no", "action"));
                    }
                }
                self.acls.push(acl);
                self.acl_by_id.insert(r.id.clone(), index);
                for subnet in texts(r, &["config.subnet_ids", "facts.subnet_ids"]) {
                    self.acl_of_subnet.insert(subnet.into(), index);
                }
                if (r.kind == "aws_default_network_acl" || r.bool("facts.is_default"))
                    && let Some(vpc) = first(r, &["config.vpc_id", "facts.vpc_id"])
                {
                    self.default_acls.insert(vpc.into(), index);
                }
            }
            "aws_network_interface" => {
                if let Some(instance) = first(r, &["facts.attachment_instance_id", "config.attachment.0.instance"]) {
                    self.interfaces.entry(instance.into()).or_default().push(position);
                }
            }
            "aws_eip" => {
                if let Some(address) = r.str("facts.public_ip") {
                    let holders = ["facts.instance_id", "facts.network_interface_id", "config.instance", "config.network_interface"];
                    for holder in holders.iter().filter_map(|p| r.str(p)) {
                        self.addresses.insert(holder.into(), address.into());
                    }
                }
            }
            "aws_lb_target_group_attachment" => {
                if let (Some(target), Some(group)) = (r.str("config.target_id"), r.str("config.target_group_arn")) {
                    let port = r.get("config.port").and_then(Value::as_u64).and_then(|p| u16::try_from(p).ok());
                    self.add_target(target, group, port);
                }
            }
            "aws_lb_target_group" => {
                let Some(arn) = r.arn.as_deref() else { return };
                for target in r.get("facts.targets").and_then(Value::as_array).into_iter().flatten() {
                    let port = target.get("port").and_then(Value::as_u64).and_then(|p| u16::try_from(p).ok());
                    if let Some(id) = target.get("id").and_then(Value::as_str) {
                        self.add_target(id, arn, port);
                    }
                }
            }
            "aws_lb_listener" => {
                if let Some(balancer) = r.str("config.load_balancer_arn") {
                    self.listeners.entry(balancer.into()).or_default().push(position);
                }
            }
            _ => {}
        }
    }

    fn add_target(&mut self, target: &str, group: &str, port: Option<u16>) {
        let list = self.groups_of_target.entry(target.into()).or_default();
        if !list.iter().any(|(g, p)| g == group && (*p == port || port.is_none())) {
            list.push((group.into(), port));
            self.targets_of_group.entry(group.into()).or_default().push((target.into(), port));
        }
    }

    /// Target group, target and port of everything behind a load balancer, in order of group and target.
    pub(super) fn targets_of(&self, balancer: usize) -> Vec<(&str, &str, Option<u16>)> {
        let groups = self.listeners_of_group.iter().filter(|(_, l)| l.iter().any(|(b, _)| *b == balancer)).map(|(group, _)| group);
        let mut all: Vec<(&str, &str, Option<u16>)> = groups
            .flat_map(|group| {
                let targets = self.targets_of_group.get(group).into_iter().flatten();
                targets.map(|(target, port)| (group.as_str(), target.as_str(), *port))
            })
            .collect();
        all.sort_unstable();
        all
    }

    fn take_up_second(&mut self, estate: &Estate, r: &Resource) {
        match r.kind.as_str() {
            "aws_route" => {
                if let Some(table) = r.str("config.route_table_id")
                    && r.str("facts.state") != Some("blackhole")
                {
                    let destination = first(r, &["config.destination_cidr_block", "config.destination_ipv6_cidr_block"]);
                    self.add_way(table, destination, r.str("config.gateway_id"));
                }
            }
            "aws_route_table" | "aws_default_route_table" => {
                let id = first(r, &["config.default_route_table_id", "facts.route_table_id"]).unwrap_or(&r.id).to_string();
                let field = |item: &'_ Value, names: &[&str]| {
                    names.iter().find_map(|n| item.get(n).and_then(Value::as_str).filter(|t| !t.is_empty()).map(String::from))
                };
                for item in ["config.route", "facts.routes"].iter().filter_map(|p| r.get(p).and_then(Value::as_array)).flatten() {
                    if field(item, &["state"]).as_deref() != Some("blackhole") {
                        let destination = field(item, &["cidr_block", "ipv6_cidr_block", "destination"]);
                        self.add_way(&id, destination.as_deref(), field(item, &["gateway_id", "target"]).as_deref());
                    }
                }
            }
            "aws_network_acl_rule" => {
                let rule = Value::Object(r.config.iter().map(|(k, v)| (k.clone(), v.clone())).collect());
                let acl = r.str("config.network_acl_id").and_then(|id| self.acl_by_id.get(id));
                if let Some(acl) = acl.map(|i| &mut self.acls[*i]) {
                    let list = if r.bool("config.egress") { &mut acl.egress } else { &mut acl.ingress };
                    list.extend(acl_rules(&rule, "rule_number", "rule_action"));
                }
            }
            "aws_network_acl_association" => {
                if let (Some(subnet), Some(acl)) = (r.str("config.subnet_id"), r.str("config.network_acl_id"))
                    && let Some(index) = self.acl_by_id.get(acl)
                {
                    self.acl_of_subnet.insert(subnet.into(), *index);
                }
            }
            "aws_eip_association" => {
                let address = first(r, &["facts.public_ip", "config.public_ip"])
                    .or_else(|| estate.find_near(r, "aws_eip", "id", r.str("config.allocation_id")?)?.str("facts.public_ip"));
                for holder in ["config.instance_id", "config.network_interface_id"].iter().filter_map(|p| r.str(p)) {
                    self.addresses.insert(holder.into(), address.unwrap_or("an Elastic IP").into());
                }
            }
            "aws_vpc_security_group_ingress_rule" => {
                let Some(group) = r.str("config.security_group_id") else { return };
                let rule = |path: &str| r.str(path);
                let nets = [rule("config.cidr_ipv4"), rule("config.cidr_ipv6")];
                let protocol = protocol(r.str("config.ip_protocol").unwrap_or_default());
                let range = ports(&protocol, r.get("config.from_port"), r.get("config.to_port"));
                self.add_inbound(estate, group, &protocol, range, nets.into_iter().flatten(), r.str("config.prefix_list_id"));
            }
            "aws_security_group_rule" if r.str("config.type") == Some("ingress") => {
                let Some(group) = r.str("config.security_group_id") else { return };
                let protocol = protocol(r.str("config.protocol").unwrap_or_default());
                let range = ports(&protocol, r.get("config.from_port"), r.get("config.to_port"));
                let nets = texts(r, &["config.cidr_blocks", "config.ipv6_cidr_blocks"]);
                self.add_inbound(estate, group, &protocol, range, nets.into_iter(), None);
                for list in r.strings("config.prefix_list_ids") {
                    self.add_inbound(estate, group, &protocol, range, std::iter::empty(), Some(list));
                }
            }
            "aws_security_group" | "aws_default_security_group" => {
                if let Some(cause) = r.unread.get("config.ingress") {
                    self.group_gaps.insert(r.id.clone(), cause.clone());
                }
                for item in r.get("config.ingress").and_then(Value::as_array).into_iter().flatten() {
                    let protocol = protocol(item.get("protocol").and_then(Value::as_str).unwrap_or_default());
                    let range = ports(&protocol, item.get("from_port"), item.get("to_port"));
                    let list = |name: &str| item.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
                    let nets: Vec<&str> = list("cidr_blocks").chain(list("ipv6_cidr_blocks")).collect();
                    self.add_inbound(estate, &r.id, &protocol, range, nets.into_iter(), None);
                    for prefixes in list("prefix_list_ids") {
                        self.add_inbound(estate, &r.id, &protocol, range, std::iter::empty(), Some(prefixes));
                    }
                }
            }
            "aws_lb_listener" => {
                let port = r.get("config.port").and_then(Value::as_u64).and_then(|p| u16::try_from(p).ok());
                let balancer = r.str("config.load_balancer_arn").and_then(|arn| estate.by_arn(arn)).and_then(|b| estate.index_of(b));
                let (Some(port), Some(balancer)) = (port, balancer) else { return };
                let rules = estate.referrers(r).into_iter().map(|(rule, _)| rule).filter(|rule| rule.kind == "aws_lb_listener_rule");
                let mut groups: Vec<&str> = r.strings("facts.target_group_arns");
                for source in std::iter::once(r).chain(rules) {
                    let to_groups = estate.references(source).iter().filter(|reference| reference.value.contains(":targetgroup/"));
                    groups.extend(to_groups.map(|reference| reference.value.as_str()));
                }
                for group in groups {
                    let list = self.listeners_of_group.entry(group.into()).or_default();
                    if !list.contains(&(balancer, port)) {
                        list.push((balancer, port));
                    }
                }
            }
            _ => {}
        }
    }

    fn add_way(&mut self, table: &str, destination: Option<&str>, target: Option<&str>) {
        let Some(gateway) = target.filter(|t| t.starts_with("igw-")) else { return };
        let Some(net) = destination.and_then(|d| d.parse::<IpNet>().ok()) else { return };
        let ways = self.routes.entry(table.into()).or_default();
        if !ways.iter().any(|w| w.net == net) {
            ways.push(Way { net, gateway: gateway.into(), table: table.into() });
        }
    }

    fn add_inbound<'a>(
        &mut self,
        estate: &Estate,
        group: &str,
        protocol: &str,
        (from, to): (u16, u16),
        nets: impl Iterator<Item = &'a str>,
        prefixes: Option<&str>,
    ) {
        let label = match estate.find("aws_security_group", "id", group) {
            Some(g) => format!("{} ({group})", first(g, &["config.name", "facts.name"]).unwrap_or(g.label())),
            None => group.to_string(),
        };
        let mut sources: Vec<Source> = nets.filter_map(|n| n.parse::<IpNet>().ok()).map(|n| Source::Net(n.trunc())).collect();
        if let Some(id) = prefixes {
            let list = estate.find("aws_ec2_managed_prefix_list", "id", id);
            let entries = list.map(|l| texts(l, &["facts.entries"])).unwrap_or_default();
            let inline = list.and_then(|l| l.get("config.entry")).and_then(Value::as_array).into_iter().flatten();
            let nets: Vec<IpNet> = entries
                .into_iter()
                .chain(inline.filter_map(|e| e.get("cidr").and_then(Value::as_str)))
                .filter_map(|n| n.parse().ok())
                .collect();
            if nets.is_empty() {
                sources.push(Source::List(id.into()));
            }
            sources.extend(nets.into_iter().map(Source::Net));
        }
        let list = self.inbound.entry(group.into()).or_default();
        for source in sources {
            if matches!(&source, Source::Net(net) if !is_public(net)) {
                continue;
            }
            list.push(Inbound { protocol: protocol.into(), from, to, source, group: label.clone() });
        }
    }

    /// The ways between a subnet and the internet.
    fn ways(&self, estate: &Estate, from: &Resource, subnet: &str) -> Gate<&[Way]> {
        let region = Some(from.region.as_str());
        let gap = |kinds: &[&str], what: &str| {
            let causes = estate.gaps(kinds, region);
            if causes.is_empty() { format!("{what} is not in the snapshot") } else { format!("{what}: {}", causes.join("; ")) }
        };
        const TABLES: [&str; 2] = ["aws_route_table", "aws_default_route_table"];
        let table = match self.tables.get(subnet) {
            Some(table) => table,
            None => {
                // An association that was not read would go before the main table.
                let causes = estate.gaps(&["aws_route_table_association", "aws_route_table"], region);
                if !causes.is_empty() {
                    return Gate::Unknown(format!("route table of {subnet}: {}", causes.join("; ")));
                }
                let Some(vpc) = self.vpc_of_subnet.get(subnet) else {
                    return Gate::Unknown(gap(&["aws_subnet", "aws_default_subnet"], &format!("subnet {subnet}")));
                };
                match self.main_tables.get(vpc) {
                    Some(table) => table,
                    None => return Gate::Unknown(gap(&TABLES, &format!("main route table of {vpc}"))),
                }
            }
        };
        let ways = self.routes.get(table).map(Vec::as_slice).unwrap_or_default();
        if !ways.is_empty() {
            let gateways = estate.gaps(&["aws_internet_gateway"], region);
            if gateways.is_empty() && !ways.iter().any(|w| self.gateways.contains(&w.gateway)) {
                return Gate::Closed;
            }
            return Gate::Open(ways);
        }
        match self.known_tables.get(table) {
            Some(Some(cause)) => Gate::Unknown(format!("routes of {table}: {cause}")),
            Some(None) => {
                let causes = estate.gaps(&["aws_route", "aws_route_table"], region);
                if causes.is_empty() { Gate::Closed } else { Gate::Unknown(format!("routes of {table}: {}", causes.join("; "))) }
            }
            None => Gate::Unknown(gap(&TABLES, &format!("route table {table}"))),
        }
    }

    fn acl(&self, estate: &Estate, from: &Resource, subnet: &str) -> Gate<&Acl> {
        let by_vpc = || self.vpc_of_subnet.get(subnet).and_then(|vpc| self.default_acls.get(vpc));
        match self.acl_of_subnet.get(subnet).or_else(by_vpc) {
            Some(index) => match &self.acls[*index].unread {
                Some(cause) => Gate::Unknown(format!("network ACL {}: {cause}", self.acls[*index].label)),
                None => Gate::Open(&self.acls[*index]),
            },
            None => {
                let causes = estate.gaps(&["aws_network_acl", "aws_default_network_acl"], Some(&from.region));
                let cause = if causes.is_empty() { "not in the snapshot".into() } else { causes.join("; ") };
                Gate::Unknown(format!("network ACL of {subnet}: {cause}"))
            }
        }
    }

    /// What is open at a place, and why that may not be all.
    pub(super) fn reach(&self, estate: &Estate, from: &Resource, place: &Place<'_>) -> Direct {
        let mut result = Direct::default();
        if place.v4.is_none() && !place.v6 {
            return result;
        }
        // Security groups.
        let mut group_gaps = Vec::new();
        let mut rules: Vec<Inbound> = Vec::new();
        match &place.groups {
            None => {
                for net in ["0.0.0.0/0", "::/0"].iter().filter_map(|n| n.parse().ok()) {
                    rules.push(Inbound { protocol: "-1".into(), from: 0, to: u16::MAX, source: Source::Net(net), group: String::new() });
                }
            }
            Some(groups) => {
                for group in groups {
                    rules.extend(self.inbound.get(*group).into_iter().flatten().cloned());
                    group_gaps.extend(self.group_gaps.get(*group).map(|c| format!("rules of {group}: {c}")));
                }
                group_gaps.extend(
                    estate.gaps(
                        &["aws_vpc_security_group_ingress_rule", "aws_security_group_rule", "aws_security_group"],
                        Some(&from.region),
                    ),
                );
            }
        }
        rules.retain(|r| match &r.source {
            Source::Net(IpNet::V4(_)) => place.v4.is_some(),
            Source::Net(IpNet::V6(_)) => place.v6,
            Source::List(_) => true,
        });
        if rules.is_empty() {
            result.causes = group_gaps;
            return result;
        }
        // Route table and gateway.
        let ways = match self.ways(estate, from, place.subnet) {
            Gate::Open(ways) => ways,
            Gate::Closed => return result,
            Gate::Unknown(cause) => {
                result.causes.push(cause);
                return result;
            }
        };
        // Network ACL.
        let acl = match self.acl(estate, from, place.subnet) {
            Gate::Open(acl) => acl,
            Gate::Closed => return result,
            Gate::Unknown(cause) => {
                result.causes.push(cause);
                return result;
            }
        };
        for rule in &rules {
            self.pass(place, rule, ways, acl, &mut result.open);
        }
        result.causes = group_gaps;
        merge(&mut result.open);
        result
    }

    fn pass(&self, place: &Place<'_>, rule: &Inbound, ways: &[Way], acl: &Acl, open: &mut Vec<OpenPort>) {
        let mut push = |piece: &(String, u16, u16, IpNet), source: String, anyone: bool, way: &Way| {
            let ports = match (piece.0.as_str(), piece.1 == piece.2) {
                ("-1", _) => "everything".to_string(),
                (protocol, true) => format!("{protocol} {}", piece.1),
                (protocol, false) => format!("{protocol} {}-{}", piece.1, piece.2),
            };
            let mut path = vec![
                format!("the internet ({source})"),
                format!("internet gateway {}", way.gateway),
                format!("route {} in {}", way.net, way.table),
                format!("network ACL {} allows {ports}", acl.label),
            ];
            if !rule.group.is_empty() {
                path.push(format!("security group {} allows {ports}", rule.group));
            }
            let address = place.v4.as_deref().unwrap_or("its IPv6 address");
            path.push(format!("{address} of {}", place.label));
            open.push(OpenPort { protocol: piece.0.clone(), from_port: piece.1, to_port: piece.2, sources: vec![source], anyone, path });
        };
        for way in ways {
            match &rule.source {
                Source::Net(net) => {
                    let Some(net) = common(net, &way.net) else { continue };
                    for piece in acl.pass(rule, &net) {
                        let anyone = is_anybody(&piece.3);
                        push(&piece, piece.3.to_string(), anyone, way);
                    }
                }
                Source::List(id) => {
                    // The list's networks are not known: the ACL lets them pass for sure only when it lets everybody pass.
                    for piece in acl.pass(rule, &way.net).into_iter().filter(|p| p.3 == way.net) {
                        push(&piece, id.clone(), false, way);
                    }
                }
            }
        }
    }
}

impl Acl {
    /// What passes of a rule's ports from a network, there and back.
    fn pass(&self, rule: &Inbound, net: &IpNet) -> Pieces {
        let protocols: &[&str] = match rule.protocol.as_str() {
            // When the ACL tells protocols apart, all of them are looked at one by one.
            "-1" if self.ingress.iter().chain(&self.egress).all(|r| r.protocol == "-1") => &["-1"],
            "-1" => &["tcp", "udp"],
            one => &[one],
        };
        let mut pieces = Pieces::new();
        for protocol in protocols {
            for (from, to, source) in judge(&self.ingress, protocol, rule.from, rule.to, net) {
                // The ACL keeps no memory of connections: answers go back to a high port of the sender.
                let answers = judge(&self.egress, protocol, 1024, u16::MAX, &source);
                if let Some((_, _, back)) = answers.into_iter().next() {
                    pieces.push(((*protocol).to_string(), from, to, back));
                }
            }
        }
        pieces
    }
}

/// What numbered rules allow of a port range from (or to) a network. The first rule that fits decides, for ports and networks that
/// it covers whole; an allowance for a part of the network counts for that part.
fn judge(rules: &[AclRule], protocol: &str, from: u16, to: u16, net: &IpNet) -> Vec<(u16, u16, IpNet)> {
    let fitting: Vec<&AclRule> = rules
        .iter()
        .filter(|r| r.protocol == "-1" || r.protocol == protocol)
        .filter(|r| r.from <= to && from <= r.to && common(&r.net, net).is_some())
        .collect();
    // Cut the range where a rule begins or ends.
    let mut cuts: Vec<u32> = vec![u32::from(from), u32::from(to) + 1];
    for rule in &fitting {
        cuts.extend([u32::from(rule.from), u32::from(rule.to) + 1].into_iter().filter(|c| *c > u32::from(from) && *c <= u32::from(to)));
    }
    cuts.sort_unstable();
    cuts.dedup();
    let mut allowed: Vec<(u16, u16, IpNet)> = Vec::new();
    for pair in cuts.windows(2) {
        let (first, last) = (pair[0] as u16, (pair[1] - 1) as u16);
        for rule in fitting.iter().filter(|r| r.from <= first && last <= r.to) {
            let whole = rule.net.contains(net);
            if rule.allow {
                let part = if whole { *net } else { rule.net };
                match allowed.iter_mut().find(|(_, end, n)| *n == part && u32::from(*end) + 1 == u32::from(first)) {
                    Some(before) => before.1 = last,
                    None => allowed.push((first, last, part)),
                }
            }
            if whole {
                break;
            }
        }
    }
    allowed
}

/// The rule in an item of an ACL's list, or in a rule of its own.
fn acl_rules(item: &Value, number: &str, action: &str) -> Option<AclRule> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
    let protocol = match item.get("protocol") {
        Some(Value::String(p)) => protocol(p),
        Some(Value::Number(n)) => protocol(&n.to_string()),
        _ => "-1".into(),
    };
    let (from, to) = ports(&protocol, item.get("from_port"), item.get("to_port"));
    Some(AclRule {
        number: item.get(number)?.as_u64()?,
        allow: text(action)?.eq_ignore_ascii_case("allow"),
        protocol,
        from,
        to,
        net: text("cidr_block").or_else(|| text("ipv6_cidr_block"))?.parse().ok()?,
    })
}

/// Brings ports into order and joins those that differ only in their sources.
pub(super) fn merge(open: &mut Vec<OpenPort>) {
    open.sort_by(|a, b| {
        (&a.protocol, a.from_port, a.to_port, !a.anyone, &a.sources).cmp(&(&b.protocol, b.from_port, b.to_port, !b.anyone, &b.sources))
    });
    let mut merged: Vec<OpenPort> = Vec::with_capacity(open.len());
    for port in open.drain(..) {
        match merged.last_mut() {
            Some(last) if (&last.protocol, last.from_port, last.to_port) == (&port.protocol, port.from_port, port.to_port) => {
                last.sources.extend(port.sources);
                last.sources.sort();
                last.sources.dedup();
                last.anyone |= port.anyone;
            }
            _ => merged.push(port),
        }
    }
    *open = merged;
}
