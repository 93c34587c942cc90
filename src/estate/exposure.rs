//! How the internet reaches a resource: through gateway, route table, network ACL, security group and address, or through a load
//! balancer or distribution in front.

use std::collections::BTreeSet;

use serde_json::Value;

use super::network::{self, Network, Place};
use super::{Estate, Resource};
use crate::policy::Policy;

/// How the internet reaches a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Port ranges that answer to packets straight from the internet, in order of protocol and port.
    pub open: Vec<OpenPort>,
    /// Ways through something in front of it (a load balancer, a distribution, a function's address).
    pub through: Vec<Through>,
    /// Ways around it: what it stands in front of is itself reachable. For distributions, load balancers and web ACLs.
    pub bypasses: Vec<Bypass>,
    /// Why `open` and `bypasses` may not be all: what they depend on could not be read.
    pub unknown: Option<String>,
}

/// A range of ports that is open to networks of the internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPort {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, another protocol's number, or `-1` for all.
    pub protocol: String,
    /// First port; 0 for protocols without ports.
    pub from_port: u16,
    /// Last port; 65535 for protocols without ports.
    pub to_port: u16,
    /// Networks (or prefix lists) that may send, sorted.
    pub sources: Vec<String>,
    /// True when they are so large that anybody may send; false for single addresses and small networks.
    pub anyone: bool,
    /// The way, from the internet to the port: one step each, for people.
    pub path: Vec<String>,
}

impl OpenPort {
    /// Whether it takes in a TCP port.
    pub fn holds(&self, port: u16) -> bool {
        (self.protocol == "tcp" || self.protocol == "-1") && (self.from_port..=self.to_port).contains(&port)
    }
}

/// A way through something in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Through {
    /// Position of what stands in front, in the estate.
    pub front: usize,
    /// The port that the front opens to the internet.
    pub port: OpenPort,
    /// The port at which the resource itself answers the front.
    pub target_port: Option<u16>,
}

/// A way around what stands in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bypass {
    /// Position of what is itself reachable, in the estate.
    pub origin: usize,
    /// The port by which it is.
    pub port: OpenPort,
    /// How, in one sentence.
    pub how: String,
}

/// The answer about one port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<'a> {
    /// Open to anybody, and how.
    Yes(&'a OpenPort),
    /// Not open to anybody.
    No,
    /// Not known, and why.
    Unknown(&'a str),
}

/// What is open straight to the internet, and why that may not be all.
#[derive(Debug, Clone, Default)]
pub(super) struct Direct {
    pub open: Vec<OpenPort>,
    pub causes: Vec<String>,
}

pub(super) static NOT_IN_ESTATE: Exposure = Exposure { open: Vec::new(), through: Vec::new(), bypasses: Vec::new(), unknown: None };

impl Exposure {
    /// Whether a TCP port is open to anybody. What is open to single addresses only is a no; see [`Exposure::open`] for those.
    pub fn on(&self, port: u16) -> Answer<'_> {
        match (self.open.iter().find(|p| p.anyone && p.holds(port)), &self.unknown) {
            (Some(open), _) => Answer::Yes(open),
            (None, Some(cause)) => Answer::Unknown(cause),
            (None, None) => Answer::No,
        }
    }

    /// Whether any port is open to anybody.
    pub fn on_any(&self) -> Answer<'_> {
        match (self.open.iter().find(|p| p.anyone), &self.unknown) {
            (Some(open), _) => Answer::Yes(open),
            (None, Some(cause)) => Answer::Unknown(cause),
            (None, None) => Answer::No,
        }
    }
}

/// Computes the exposure of a resource.
pub(super) fn of(estate: &Estate, resource: &Resource) -> Exposure {
    let network = estate.network();
    let direct = direct(estate, network, resource);
    let mut causes = direct.causes.clone();
    let mut bypasses = Vec::new();
    match resource.kind.as_str() {
        "aws_cloudfront_distribution" => around_distribution(estate, network, resource, &mut bypasses, &mut causes),
        "aws_lb" => around_balancer(estate, network, resource, &mut bypasses, &mut causes),
        "aws_wafv2_web_acl" => {
            let mut protected: Vec<&Resource> = estate.related(resource, "aws_lb");
            protected.extend(estate.related(resource, "aws_cloudfront_distribution"));
            for front in protected {
                match front.kind.as_str() {
                    "aws_lb" => around_balancer(estate, network, front, &mut bypasses, &mut causes),
                    _ => around_distribution(estate, network, front, &mut bypasses, &mut causes),
                }
            }
        }
        _ => {}
    }
    causes.sort();
    causes.dedup();
    Exposure {
        open: direct.open.clone(),
        through: through(estate, network, resource),
        bypasses,
        unknown: (!causes.is_empty()).then(|| causes.join("; ")),
    }
}

/// What is open straight to the internet, worked out once for each resource.
fn direct<'a>(estate: &Estate, network: &'a Network, r: &Resource) -> &'a Direct {
    static NOTHING: Direct = Direct { open: Vec::new(), causes: Vec::new() };
    let Some(slot) = estate.index_of(r).and_then(|i| network.directs.get(i)) else { return &NOTHING };
    slot.get_or_init(|| match r.kind.as_str() {
        "aws_instance" => instance(estate, network, r),
        "aws_network_interface" => interface(estate, network, r, None),
        "aws_db_instance" | "aws_rds_cluster_instance" => database(estate, network, r),
        "aws_ecs_service" => tasks(estate, network, r),
        "aws_lb" | "aws_elb" => balancer(estate, network, r),
        "aws_lambda_function_url" => function_url(r),
        "aws_cloudfront_distribution" => distribution(r),
        "aws_s3_bucket" => bucket(estate, r),
        _ => Direct::default(),
    })
}

fn unread(r: &Resource, path: &str) -> Option<String> {
    r.unread.get(path).map(|cause| format!("{path} of {}: {cause}", r.label()))
}

fn instance(estate: &Estate, network: &Network, r: &Resource) -> Direct {
    if r.str("facts.state").is_some_and(|s| s != "running" && s != "pending") {
        return Direct::default();
    }
    let mut result = Direct::default();
    let interfaces = network.interfaces.get(&r.id).map(Vec::as_slice).unwrap_or_default();
    for position in interfaces {
        let found = interface(estate, network, &estate.resources()[*position], Some(r));
        result.open.extend(found.open);
        result.causes.extend(found.causes);
    }
    if interfaces.is_empty() {
        let place = Place {
            subnet: r.str("config.subnet_id").unwrap_or_default(),
            groups: Some(r.strings("config.vpc_security_group_ids")),
            v4: r.str("facts.public_ip").map(String::from).or_else(|| network.addresses.get(&r.id).cloned()),
            v6: !r.strings("facts.ipv6_addresses").is_empty() || !r.strings("config.ipv6_addresses").is_empty(),
            label: r.label().into(),
        };
        result = network.reach(estate, r, &place);
        if place.v4.is_none() {
            result.causes.extend(unread(r, "facts.public_ip"));
        }
        result.causes.extend(unread(r, "config.vpc_security_group_ids"));
        // Further interfaces may stand in other subnets and groups.
        if r.strings("facts.network_interface_ids").len() > 1 {
            result.causes.extend(estate.gaps(&["aws_network_interface"], Some(&r.region)));
        }
    }
    network::merge(&mut result.open);
    result
}

/// A network interface, on its own or as a part of an instance.
fn interface(estate: &Estate, network: &Network, r: &Resource, instance: Option<&Resource>) -> Direct {
    let of_instance = || {
        let instance = instance?;
        let is_primary = r.get("facts.device_index").and_then(Value::as_u64) == Some(0)
            || instance.str("facts.primary_network_interface_id") == Some(&r.id);
        is_primary
            .then(|| instance.str("facts.public_ip").map(String::from).or_else(|| network.addresses.get(&instance.id).cloned()))
            .flatten()
    };
    let place = Place {
        subnet: r.str("config.subnet_id").unwrap_or_default(),
        groups: Some(r.strings("config.security_groups")),
        v4: r.str("facts.public_ip").map(String::from).or_else(|| network.addresses.get(&r.id).cloned()).or_else(of_instance),
        v6: !r.strings("facts.ipv6_addresses").is_empty() || !r.strings("config.ipv6_addresses").is_empty(),
        label: instance.unwrap_or(r).label().into(),
    };
    let mut result = network.reach(estate, r, &place);
    if place.v4.is_none() {
        result.causes.extend(unread(r, "facts.public_ip"));
    }
    result
}

/// Tasks with public addresses: what their network lets in, on the ports that their containers have.
fn tasks(estate: &Estate, network: &Network, r: &Resource) -> Direct {
    let mut result = Direct::default();
    if let Some(cause) = unread(r, "config.network_configuration") {
        result.causes.push(cause);
        return result;
    }
    let vpc = "config.network_configuration.0";
    let running = r.get("facts.running_count").and_then(Value::as_u64) != Some(0);
    if !r.bool(&format!("{vpc}.assign_public_ip")) || !running {
        return result;
    }
    let definition = r.str("facts.task_definition_arn").and_then(|arn| estate.by_arn(arn));
    let ports: Option<Vec<(String, u16)>> = definition.map(|d| {
        let containers = d.get("facts.containers").and_then(Value::as_array).into_iter().flatten();
        let mappings = containers.filter_map(|c| c.get("ports")?.as_array()).flatten();
        mappings
            .filter_map(|p| {
                let protocol = p.get("protocol").and_then(Value::as_str).unwrap_or("tcp");
                Some((protocol.to_owned(), u16::try_from(p.get("container_port")?.as_u64()?).ok()?))
            })
            .collect()
    });
    for subnet in r.strings(&format!("{vpc}.subnets")) {
        let place = Place {
            subnet,
            groups: Some(r.strings(&format!("{vpc}.security_groups"))),
            v4: Some("the public addresses of its tasks".into()),
            v6: false,
            label: r.label().into(),
        };
        let found = network.reach(estate, r, &place);
        match &ports {
            Some(ports) => ports.iter().for_each(|(protocol, port)| result.open.extend(only(&found.open, protocol, *port))),
            // Which ports the containers have is not known: any may.
            None => result.open.extend(found.open),
        }
        result.causes.extend(found.causes);
    }
    network::merge(&mut result.open);
    result.causes.sort();
    result.causes.dedup();
    result
}

fn port_of(r: &Resource, paths: &[&str]) -> Option<u16> {
    paths.iter().find_map(|p| r.get(p).and_then(Value::as_u64)).and_then(|p| u16::try_from(p).ok())
}

/// Keeps of what is reachable only one port of one protocol.
fn only(open: &[OpenPort], protocol: &str, port: u16) -> impl Iterator<Item = OpenPort> {
    open.iter()
        .filter(move |o| (o.protocol == "-1" || o.protocol == protocol) && (o.from_port..=o.to_port).contains(&port))
        .map(move |o| OpenPort { protocol: protocol.to_string(), from_port: port, to_port: port, ..o.clone() })
}

fn database(estate: &Estate, network: &Network, r: &Resource) -> Direct {
    let mut result = Direct::default();
    if let Some(cause) = unread(r, "config.publicly_accessible") {
        result.causes.push(cause);
        return result;
    }
    if !r.bool("config.publicly_accessible") || r.str("facts.status") == Some("stopped") {
        return result;
    }
    let Some(port) = port_of(r, &["config.port", "facts.endpoint_port"]) else {
        result.causes.extend(unread(r, "config.port"));
        return result;
    };
    // An instance of a cluster stands behind the groups of its cluster, which are no arguments of its own.
    let guards = if r.kind == "aws_db_instance" { "config.vpc_security_group_ids" } else { "facts.security_group_ids" };
    let group = r.str("config.db_subnet_group_name").and_then(|name| estate.find_near(r, "aws_db_subnet_group", "name", name));
    let mut subnets = r.strings("facts.subnet_ids");
    if subnets.is_empty() {
        subnets = group.map(|g| g.strings("config.subnet_ids")).unwrap_or_default();
    }
    if subnets.is_empty() {
        let causes = estate.gaps(&["aws_db_subnet_group"], Some(&r.region));
        let why = if causes.is_empty() { "not in the snapshot".into() } else { causes.join("; ") };
        result.causes.push(format!("subnets of {}: {why}", r.label()));
        return result;
    }
    // A single instance stands in the subnet of its zone; with a standby it may move.
    if let Some(zone) = r.str("config.availability_zone").filter(|_| !r.bool("config.multi_az")) {
        let in_zone = |id: &&str| estate.find("aws_subnet", "id", id).and_then(|s| s.str("config.availability_zone")) == Some(zone);
        let narrowed: Vec<&str> = subnets.iter().copied().filter(in_zone).collect();
        if !narrowed.is_empty() {
            subnets = narrowed;
        }
    }
    for subnet in subnets {
        let place = Place {
            subnet,
            groups: Some(r.strings(guards)),
            v4: Some(r.str("facts.address").or(r.str("facts.endpoint")).unwrap_or("its public address").into()),
            v6: false,
            label: r.label().into(),
        };
        let found = network.reach(estate, r, &place);
        result.open.extend(only(&found.open, "tcp", port));
        result.causes.extend(found.causes);
    }
    network::merge(&mut result.open);
    result
}

fn balancer(estate: &Estate, network: &Network, r: &Resource) -> Direct {
    let mut result = Direct::default();
    if let Some(cause) = unread(r, "config.internal") {
        result.causes.push(cause);
        return result;
    }
    let internal = r.bool("config.internal") || r.str("facts.scheme") == Some("internal");
    if internal || r.str("config.load_balancer_type") == Some("gateway") {
        return result;
    }
    let mut listeners: Vec<(&str, u16)> = Vec::new();
    if r.kind == "aws_elb" {
        for listener in r.get("config.listener").and_then(Value::as_array).into_iter().flatten() {
            listeners.extend(listener.get("lb_port").and_then(Value::as_u64).and_then(|p| u16::try_from(p).ok()).map(|p| ("tcp", p)));
        }
    } else {
        let positions = r.arn.as_deref().and_then(|arn| network.listeners.get(arn));
        for listener in positions.into_iter().flatten().map(|i| &estate.resources()[*i]) {
            let Some(port) = port_of(listener, &["config.port"]) else { continue };
            match listener.str("config.protocol") {
                Some("UDP") => listeners.push(("udp", port)),
                Some("TCP_UDP") => listeners.extend([("tcp", port), ("udp", port)]),
                _ => listeners.push(("tcp", port)),
            }
        }
        result.causes.extend(estate.gaps(&["aws_lb_listener"], Some(&r.region)));
    }
    if listeners.is_empty() {
        return result;
    }
    let mapped = r.get("config.subnet_mapping").and_then(Value::as_array).into_iter().flatten();
    let subnets: BTreeSet<&str> =
        r.strings("config.subnets").into_iter().chain(mapped.filter_map(|m| m.get("subnet_id").and_then(Value::as_str))).collect();
    let groups = r.strings("config.security_groups");
    let without_groups = groups.is_empty() && r.str("config.load_balancer_type") == Some("network");
    for subnet in subnets {
        let place = Place {
            subnet,
            groups: (!without_groups).then(|| groups.clone()),
            v4: Some(r.str("facts.dns_name").unwrap_or("its public addresses").into()),
            v6: r.str("config.ip_address_type").is_some_and(|t| t.starts_with("dualstack")),
            label: r.label().into(),
        };
        let found = network.reach(estate, r, &place);
        for (protocol, port) in &listeners {
            result.open.extend(only(&found.open, protocol, *port));
        }
        result.causes.extend(found.causes);
    }
    network::merge(&mut result.open);
    result.causes.sort();
    result.causes.dedup();
    result
}

/// A port that the whole world reaches without a network of ours in between.
fn to_the_world(port: u16, path: Vec<String>) -> OpenPort {
    OpenPort {
        protocol: "tcp".into(),
        from_port: port,
        to_port: port,
        sources: vec!["0.0.0.0/0".into(), "::/0".into()],
        anyone: true,
        path,
    }
}

fn function_url(r: &Resource) -> Direct {
    let mut result = Direct::default();
    match r.str("config.authorization_type") {
        Some("NONE") => {
            let address = r.str("facts.function_url").unwrap_or("the function's address");
            result.open.push(to_the_world(443, vec!["the internet".into(), format!("{address} asks for no authorization")]));
        }
        Some(_) => {}
        None => result.causes.extend(unread(r, "config.authorization_type")),
    }
    result
}

fn distribution(r: &Resource) -> Direct {
    let mut result = Direct::default();
    if r.bool("config.enabled") {
        let name = r.str("facts.domain_name").unwrap_or(&r.id);
        for port in [80, 443] {
            result.open.push(to_the_world(port, vec!["the internet".into(), format!("distribution {name}")]));
        }
    }
    result
}

/// A bucket is open when its policy or ACL lets everybody in and no block of public access undoes that.
fn bucket(estate: &Estate, r: &Resource) -> Direct {
    let mut result = Direct::default();
    let satellite = |kind: &str| estate.find(kind, "bucket", &r.id);
    let mut way = |lets_in: Result<bool, String>, undone: &dyn Fn() -> Result<bool, String>, step: &str| match lets_in {
        Ok(false) => {}
        Ok(true) => match undone() {
            Ok(true) => {}
            Ok(false) => result.open.push(to_the_world(443, vec!["the internet".into(), step.into(), format!("bucket {}", r.label())])),
            Err(cause) => result.causes.push(cause),
        },
        // Where everything public is blocked, it does not matter what the policy says.
        Err(cause) => result.causes.extend((undone() != Ok(true)).then_some(cause)),
    };
    let policy = || {
        let text = r.str("facts.policy").or_else(|| satellite("aws_s3_bucket_policy")?.str("config.policy"));
        match (text, unread(r, "facts.policy")) {
            (Some(text), _) => Policy::parse(text).map(|p| p.allows_public()).map_err(|e| format!("policy of {}: {e}", r.label())),
            (None, Some(cause)) => Err(cause),
            (None, None) => Ok(false),
        }
    };
    way(policy(), &|| is_blocked(estate, r, "restrict_public_buckets"), "bucket policy lets everybody in");
    let acl = || {
        let by_ownership = satellite("aws_s3_bucket_ownership_controls").and_then(|c| c.str("config.rule.0.object_ownership"));
        if by_ownership.or(r.str("facts.object_ownership")) == Some("BucketOwnerEnforced") {
            return Ok(false);
        }
        let mut grants = r.get("facts.acl_grants").and_then(Value::as_array).into_iter().flatten();
        let by_grant = grants.any(|g| g.get("to").and_then(Value::as_str).is_some_and(is_everybody));
        match (by_grant || satellite("aws_s3_bucket_acl").is_some_and(is_public_acl), unread(r, "facts.acl_grants")) {
            (false, Some(cause)) => Err(cause),
            (public, _) => Ok(public),
        }
    };
    way(acl(), &|| is_blocked(estate, r, "ignore_public_acls"), "bucket ACL lets everybody in");
    network::merge(&mut result.open);
    result
}

/// Whether the bucket's or the account's block of public access has a switch on.
fn is_blocked(estate: &Estate, r: &Resource, switch: &str) -> Result<bool, String> {
    let argument = format!("config.{switch}");
    let fact = format!("facts.{switch}");
    let account = estate.of("aws_s3_account_public_access_block").find(|b| b.account == r.account);
    let own = estate.find("aws_s3_bucket_public_access_block", "bucket", &r.id);
    if r.bool(&fact) || own.is_some_and(|b| b.bool(&argument)) || account.is_some_and(|b| b.bool(&argument)) {
        return Ok(true);
    }
    match unread(r, &fact).or_else(|| account.and_then(|b| unread(b, &argument))) {
        Some(cause) => Err(cause),
        None => Ok(false),
    }
}

fn is_everybody(uri: &str) -> bool {
    uri.ends_with("/AllUsers") || uri.ends_with("/AuthenticatedUsers")
}

fn is_public_acl(acl: &Resource) -> bool {
    let grants = acl.get("config.access_control_policy.0.grant").and_then(Value::as_array).into_iter().flatten();
    let mut uris = grants.filter_map(|g| g.get("grantee")?.get(0)?.get("uri")?.as_str());
    acl.str("config.acl").is_some_and(|a| a.starts_with("public-read") || a == "authenticated-read") || uris.any(is_everybody)
}

/// Ways through something in front.
fn through(estate: &Estate, network: &Network, r: &Resource) -> Vec<Through> {
    let mut ways = Vec::new();
    let mut names: Vec<&str> = vec![&r.id];
    names.extend(r.arn.as_deref());
    names.extend(["facts.private_ip", "config.private_ip"].iter().filter_map(|p| r.str(p)));
    names.dedup();
    for (group, target_port) in names.iter().filter_map(|n| network.groups_of_target.get(*n)).flatten() {
        let group_port = || estate.by_arn(group).and_then(|g| port_of(g, &["config.port"]));
        for (front, listener) in network.listeners_of_group.get(group).into_iter().flatten() {
            let found = direct(estate, network, &estate.resources()[*front]);
            for port in found.open.iter().filter(|p| (p.from_port..=p.to_port).contains(listener)) {
                ways.push(Through { front: *front, port: port.clone(), target_port: target_port.or_else(group_port) });
            }
        }
    }
    // Tasks come and go in target groups; the service says which.
    for balancer in r.get("config.load_balancer").and_then(Value::as_array).into_iter().flatten() {
        let Some(group) = balancer.get("target_group_arn").and_then(Value::as_str) else { continue };
        let target_port = balancer.get("container_port").and_then(Value::as_u64).and_then(|p| u16::try_from(p).ok());
        for (front, listener) in network.listeners_of_group.get(group).into_iter().flatten() {
            let found = direct(estate, network, &estate.resources()[*front]);
            for port in found.open.iter().filter(|p| (p.from_port..=p.to_port).contains(listener)) {
                ways.push(Through { front: *front, port: port.clone(), target_port });
            }
        }
    }
    for (user, path) in estate.referrers(r) {
        let in_front = match user.kind.as_str() {
            "aws_cloudfront_distribution" => path.starts_with("config.origin."),
            "aws_lambda_function_url" => true,
            _ => false,
        };
        if let (true, Some(front)) = (in_front, estate.index_of(user)) {
            for port in &direct(estate, network, user).open {
                ways.push(Through { front, port: port.clone(), target_port: None });
            }
        }
    }
    ways.sort_by_key(|w| (w.front, w.port.from_port, w.target_port));
    ways.dedup();
    ways
}

/// Origins of a distribution that the internet reaches without it.
fn around_distribution(estate: &Estate, network: &Network, r: &Resource, bypasses: &mut Vec<Bypass>, causes: &mut Vec<String>) {
    for reference in estate.references(r).iter().filter(|x| x.path.starts_with("config.origin.") && x.path.ends_with(".domain_name")) {
        let Some(origin) = estate.target(reference) else { continue };
        // `config.origin.0.domain_name` → the origin itself.
        let settings = reference.path.strip_suffix(".domain_name").and_then(|path| r.get(path));
        let has_header = settings.and_then(|o| o.get("custom_header")).and_then(Value::as_array).is_some_and(|h| !h.is_empty());
        if has_header && origin.kind == "aws_lb" && asks_for_header(estate, network, origin) {
            continue;
        }
        let found = direct(estate, network, origin);
        let fronts =
            if r.str("config.web_acl_id").is_some_and(|a| !a.is_empty()) { "the distribution and its web ACL" } else { "the distribution" };
        match (found.open.iter().find(|p| p.anyone), estate.index_of(origin)) {
            (Some(port), Some(index)) => bypasses.push(Bypass {
                origin: index,
                port: port.clone(),
                how: format!("{} answers on {} {} to anybody, past {fronts}", origin.label(), port.protocol, port.from_port),
            }),
            _ => causes.extend(found.causes.iter().map(|c| format!("origin {}: {c}", origin.label()))),
        }
    }
}

/// True when a load balancer forwards nothing that lacks some header: the distribution's own secret.
fn asks_for_header(estate: &Estate, network: &Network, balancer: &Resource) -> bool {
    let forwards = |r: &Resource, block: &str| {
        r.get(block).and_then(Value::as_array).into_iter().flatten().any(|a| a.get("type").and_then(Value::as_str) == Some("forward"))
    };
    let listeners = balancer.arn.as_deref().and_then(|arn| network.listeners.get(arn)).map(Vec::as_slice).unwrap_or_default();
    !listeners.is_empty()
        && listeners.iter().map(|i| &estate.resources()[*i]).all(|listener| {
            let rules = estate.referrers(listener).into_iter().map(|(rule, _)| rule).filter(|rule| rule.kind == "aws_lb_listener_rule");
            !forwards(listener, "config.default_action")
                && rules.filter(|rule| forwards(rule, "config.action")).all(|rule| {
                    let conditions = rule.get("config.condition").and_then(Value::as_array).into_iter().flatten();
                    conditions.filter_map(|c| c.get("http_header").and_then(Value::as_array)).any(|h| !h.is_empty())
                })
        })
}

/// Targets of a load balancer that the internet reaches without it, at the very port it uses.
fn around_balancer(estate: &Estate, network: &Network, r: &Resource, bypasses: &mut Vec<Bypass>, causes: &mut Vec<String>) {
    let Some(own) = estate.index_of(r) else { return };
    for (group, target, port) in network.targets_of(own) {
        let Some(index) = estate.find("aws_instance", "id", target).and_then(|i| estate.index_of(i)) else { continue };
        let Some(port) = port.or_else(|| estate.by_arn(group).and_then(|g| port_of(g, &["config.port"]))) else { continue };
        let instance = &estate.resources()[index];
        let found = direct(estate, network, instance);
        match found.open.iter().find(|o| o.anyone && o.holds(port)) {
            Some(open) => bypasses.push(Bypass {
                origin: index,
                port: OpenPort { protocol: "tcp".into(), from_port: port, to_port: port, ..open.clone() },
                how: format!("{} answers on tcp {port} to anybody, past load balancer {}", instance.label(), r.label()),
            }),
            None => causes.extend(found.causes.iter().map(|c| format!("target {}: {c}", instance.label()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::testing::{Build, estate_of, estate_without};
    use crate::estate::{Outcome, Resource};
    use serde_json::json;

    const LB: &str = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/api/50dc6c495c0c9188";
    const LISTENER: &str = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:listener/app/api/50dc6c495c0c9188/f2f7dc8efc522ab2";
    const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:targetgroup/api/73e2d6bc24d8a067";

    fn acl_rule(number: u64, action: &str, protocol: &str, from: u64, to: u64, cidr: &str) -> serde_json::Value {
        json!({"rule_no": number, "action": action, "protocol": protocol, "from_port": from, "to_port": to, "cidr_block": cidr, "ipv6_cidr_block": ""})
    }

    fn ingress(id: &str, group: &str, protocol: &str, from: Option<u64>, to: Option<u64>, cidr: &str) -> Resource {
        let argument = if cidr.contains(':') { "cidr_ipv6" } else { "cidr_ipv4" };
        Build::new("aws_vpc_security_group_ingress_rule", id)
            .set("security_group_id", group)
            .set("ip_protocol", protocol)
            .set("from_port", from)
            .set("to_port", to)
            .set(argument, cidr)
            .get()
    }

    /// A VPC as the console makes it: gateway, main route table with a way out, default network ACL, two subnets of which the
    /// second has a table of its own without a way out.
    fn ground() -> Vec<Resource> {
        let allow = json!([acl_rule(100, "allow", "-1", 0, 0, "0.0.0.0/0")]);
        vec![
            Build::new("aws_vpc", "vpc-1").set("cidr_block", "10.0.0.0/16").get(),
            Build::new("aws_subnet", "subnet-public").set("vpc_id", "vpc-1").set("availability_zone", "eu-west-3a").get(),
            Build::new("aws_subnet", "subnet-private").set("vpc_id", "vpc-1").set("availability_zone", "eu-west-3b").get(),
            Build::new("aws_internet_gateway", "igw-1").set("vpc_id", "vpc-1").get(),
            Build::new("aws_default_route_table", "vpc-1").set("default_route_table_id", "rtb-main").fact("vpc_id", "vpc-1").get(),
            Build::new("aws_route", "rtb-main_0.0.0.0/0")
                .set("route_table_id", "rtb-main")
                .set("destination_cidr_block", "0.0.0.0/0")
                .set("gateway_id", "igw-1")
                .get(),
            Build::new("aws_route_table", "rtb-private").set("vpc_id", "vpc-1").get(),
            Build::new("aws_route_table_association", "subnet-private/rtb-private")
                .set("route_table_id", "rtb-private")
                .set("subnet_id", "subnet-private")
                .get(),
            Build::new("aws_default_network_acl", "acl-1").fact("vpc_id", "vpc-1").set("ingress", allow.clone()).set("egress", allow).get(),
            Build::new("aws_security_group", "sg-web").set("name", "web").set("vpc_id", "vpc-1").get(),
            ingress("sgr-ssh", "sg-web", "tcp", Some(22), Some(22), "0.0.0.0/0"),
            ingress("sgr-office", "sg-web", "tcp", Some(5432), Some(5432), "203.0.113.7/32"),
            ingress("sgr-inside", "sg-web", "tcp", Some(6379), Some(6379), "10.0.0.0/16"),
        ]
    }

    fn api(subnet: &str) -> Build {
        Build::new("aws_instance", "i-1")
            .name("API")
            .set("subnet_id", subnet)
            .set("vpc_security_group_ids", json!(["sg-web"]))
            .fact("state", "running")
            .fact("public_ip", "15.188.209.32")
    }

    fn with(mut resources: Vec<Resource>, more: impl IntoIterator<Item = Resource>) -> Vec<Resource> {
        resources.extend(more);
        resources
    }

    fn exposure<'a>(estate: &'a Estate, id: &str) -> &'a Exposure {
        estate.exposure(estate.resources().iter().find(|r| r.id == id).unwrap_or_else(|| panic!("no {id}")))
    }

    fn ranges(exposure: &Exposure) -> Vec<String> {
        let range = |p: &OpenPort| format!("{} {}-{} {}", p.protocol, p.from_port, p.to_port, p.sources.join(" "));
        exposure.open.iter().map(range).collect()
    }

    #[test]
    fn an_instance_with_all_gates_open() {
        let estate = estate_of(with(ground(), [api("subnet-public").get()]));
        let found = exposure(&estate, "i-1");
        assert_eq!(ranges(found), ["tcp 22-22 0.0.0.0/0", "tcp 5432-5432 203.0.113.7/32"]);
        assert!(matches!(found.on(22), Answer::Yes(_)));
        assert_eq!(found.on(5432), Answer::No, "one address is not anybody");
        assert_eq!(found.on(6379), Answer::No, "private networks are not the internet");
        assert_eq!(found.unknown, None);
        let path = found.open[0].path.join(" | ");
        for step in ["igw-1", "rtb-main", "acl-1", "web (sg-web)", "15.188.209.32 of API"] {
            assert!(path.contains(step), "{step}: {path}");
        }
    }

    #[test]
    fn each_gate_alone_closes_the_way() {
        let closed = |resources: Vec<Resource>, what: &str| {
            let estate = estate_of(resources);
            let found = exposure(&estate, "i-1");
            assert_eq!((ranges(found), found.on(22)), (Vec::new(), Answer::No), "{what}");
        };
        closed(with(ground(), [api("subnet-private").get()]), "a subnet without a way out");
        closed(with(ground(), [api("subnet-public").fact("public_ip", json!(null)).get()]), "no public address");
        closed(with(ground(), [api("subnet-public").fact("state", "stopped").get()]), "stopped");
        closed(with(ground(), [api("subnet-public").set("vpc_security_group_ids", json!([])).get()]), "no group");
        let without = |id: &str| ground().into_iter().filter(|r| r.id != id).collect::<Vec<_>>();
        closed(with(without("igw-1"), [api("subnet-public").get()]), "the gateway is gone");
        closed(with(without("rtb-main_0.0.0.0/0"), [api("subnet-public").get()]), "no route");
        let ruleless = ground().into_iter().filter(|r| !r.kind.ends_with("ingress_rule")).collect();
        closed(with(ruleless, [api("subnet-public").get()]), "no rule");
        let mut blackhole = ground();
        blackhole.iter_mut().filter(|r| r.kind == "aws_route").for_each(|r| {
            r.fact("state", "blackhole");
        });
        closed(with(blackhole, [api("subnet-public").get()]), "a route into nothing");
    }

    #[test]
    fn network_acls_are_read_in_order_and_both_ways() {
        let acl = |ingress: serde_json::Value, egress: serde_json::Value| {
            let mut resources = with(ground(), [api("subnet-public").get(), ingress_all("sg-web")]);
            for r in resources.iter_mut().filter(|r| r.kind == "aws_default_network_acl") {
                r.set("ingress", ingress.clone()).set("egress", egress.clone());
            }
            let estate = estate_of(resources);
            ranges(exposure(&estate, "i-1"))
        };
        fn ingress_all(group: &str) -> Resource {
            ingress("sgr-all", group, "tcp", Some(0), Some(100), "0.0.0.0/0")
        }
        let all = json!([acl_rule(100, "allow", "-1", 0, 0, "0.0.0.0/0")]);
        let tcp = |list: Vec<String>| list.into_iter().filter(|r| !r.contains("22-22") && !r.contains("5432")).collect::<Vec<_>>();

        let denied_first = json!([acl_rule(200, "allow", "-1", 0, 0, "0.0.0.0/0"), acl_rule(100, "deny", "tcp", 22, 22, "0.0.0.0/0")]);
        assert_eq!(tcp(acl(denied_first, all.clone())), ["tcp 0-21 0.0.0.0/0", "tcp 23-100 0.0.0.0/0"]);
        let denied_last = json!([acl_rule(100, "allow", "-1", 0, 0, "0.0.0.0/0"), acl_rule(200, "deny", "tcp", 22, 22, "0.0.0.0/0")]);
        assert_eq!(tcp(acl(denied_last, all.clone())), ["tcp 0-100 0.0.0.0/0"]);
        let part = json!([acl_rule(100, "allow", "6", 80, 80, "198.51.100.0/24")]);
        assert_eq!(acl(part, all.clone()), ["tcp 80-80 198.51.100.0/24"]);
        let no_answer = json!([acl_rule(100, "allow", "tcp", 443, 443, "0.0.0.0/0")]);
        assert_eq!(acl(all.clone(), no_answer), Vec::<String>::new(), "answers to high ports are not let out");
        assert_eq!(acl(json!([]), all), Vec::<String>::new(), "nothing is allowed by default");
    }

    #[test]
    fn every_protocol_at_once() {
        let estate = estate_of(with(ground(), [api("subnet-public").get(), ingress("sgr-all", "sg-web", "-1", None, None, "0.0.0.0/0")]));
        let found = exposure(&estate, "i-1");
        assert!(ranges(found).contains(&"-1 0-65535 0.0.0.0/0".to_string()), "{:?}", ranges(found));
        assert!(matches!(found.on(9200), Answer::Yes(_)));
    }

    #[test]
    fn ipv6_goes_its_own_way() {
        let six = || ingress("sgr-6", "sg-web", "tcp", Some(443), Some(443), "::/0");
        let instance = || api("subnet-public").fact("public_ip", json!(null)).fact("ipv6_addresses", json!(["2001:db8::1"])).get();
        let estate = estate_of(with(ground(), [instance(), six()]));
        assert_eq!(exposure(&estate, "i-1").on(443), Answer::No, "there is no IPv6 route");
        let route = Build::new("aws_route", "rtb-main_::/0")
            .set("route_table_id", "rtb-main")
            .set("destination_ipv6_cidr_block", "::/0")
            .set("gateway_id", "igw-1")
            .get();
        let mut resources = with(ground(), [instance(), six(), route]);
        for r in resources.iter_mut().filter(|r| r.kind == "aws_default_network_acl") {
            let allow = json!([{"rule_no": 101, "action": "allow", "protocol": "-1", "from_port": 0, "to_port": 0, "cidr_block": "", "ipv6_cidr_block": "::/0"}]);
            r.set("ingress", allow.clone()).set("egress", allow);
        }
        let estate = estate_of(resources);
        assert!(matches!(exposure(&estate, "i-1").on(443), Answer::Yes(_)));
        assert_eq!(exposure(&estate, "i-1").on(22), Answer::No, "the IPv4 rule does not let IPv6 in");
    }

    #[test]
    fn halves_of_the_internet_and_small_networks() {
        let rules = [
            ingress("a", "sg-web", "tcp", Some(3306), Some(3306), "0.0.0.0/1"),
            ingress("b", "sg-web", "tcp", Some(3306), Some(3306), "128.0.0.0/1"),
            ingress("c", "sg-web", "tcp", Some(1433), Some(1433), "81.0.0.0/16"),
        ];
        let estate = estate_of(with(with(ground(), rules), [api("subnet-public").get()]));
        let found = exposure(&estate, "i-1");
        assert!(matches!(found.on(3306), Answer::Yes(p) if p.sources == ["0.0.0.0/1", "128.0.0.0/1"]));
        assert_eq!(found.on(1433), Answer::No);
    }

    #[test]
    fn prefix_lists() {
        let rule = |id: &str, list: &str, port: u64| {
            Build::new("aws_vpc_security_group_ingress_rule", id)
                .set("security_group_id", "sg-web")
                .set("ip_protocol", "tcp")
                .set("from_port", port)
                .set("to_port", port)
                .set("prefix_list_id", list)
                .get()
        };
        let own = Build::new("aws_ec2_managed_prefix_list", "pl-own").fact("entries", json!(["0.0.0.0/0"])).get();
        let estate = estate_of(with(ground(), [api("subnet-public").get(), own, rule("a", "pl-own", 8080), rule("b", "pl-75b1541c", 443)]));
        let found = exposure(&estate, "i-1");
        assert!(matches!(found.on(8080), Answer::Yes(_)));
        assert_eq!(found.on(443), Answer::No, "a list of AWS is some of the internet, not anybody");
        assert!(ranges(found).contains(&"tcp 443-443 pl-75b1541c".to_string()), "{:?}", ranges(found));
    }

    #[test]
    fn interfaces_and_elastic_addresses_count() {
        let estate = estate_of(with(
            ground(),
            [
                Build::new("aws_instance", "i-2").name("Redis").fact("state", "running").set("subnet_id", "subnet-private").get(),
                Build::new("aws_network_interface", "eni-2")
                    .set("subnet_id", "subnet-public")
                    .set("security_groups", json!(["sg-web"]))
                    .fact("attachment_instance_id", "i-2")
                    .fact("device_index", 1)
                    .get(),
                Build::new("aws_eip", "eipalloc-2").fact("public_ip", "13.36.113.235").get(),
                Build::new("aws_eip_association", "eipassoc-2")
                    .set("allocation_id", "eipalloc-2")
                    .set("network_interface_id", "eni-2")
                    .get(),
            ],
        ));
        let found = exposure(&estate, "i-2");
        assert!(matches!(found.on(22), Answer::Yes(p) if p.path.last().is_some_and(|s| s.contains("13.36.113.235"))), "{found:?}");
    }

    #[test]
    fn a_gap_turns_no_into_unknown_and_never_yes_into_no() {
        let cases: [(&str, &[&str]); 4] = [
            ("ec2:DescribeSecurityGroupRules", &["aws_vpc_security_group_ingress_rule"]),
            ("ec2:DescribeRouteTables", &["aws_route_table", "aws_default_route_table", "aws_route", "aws_route_table_association"]),
            ("ec2:DescribeNetworkAcls", &["aws_network_acl", "aws_default_network_acl"]),
            ("ec2:DescribeSubnets", &["aws_subnet", "aws_default_subnet"]),
        ];
        for (call, types) in cases {
            let left = ground().into_iter().filter(|r| !types.contains(&r.kind.as_str())).collect();
            let estate = estate_without(with(left, [api("subnet-public").get()]), call, Outcome::Denied, types);
            match exposure(&estate, "i-1").on(22) {
                Answer::Unknown(cause) => assert!(cause.contains(&format!("denied: {call} in eu-west-3")), "{call}: {cause}"),
                other => panic!("{call}: {other:?}"),
            }
            // Without a public address nothing can get in, whatever was not read.
            let left = ground().into_iter().filter(|r| !types.contains(&r.kind.as_str())).collect();
            let inside = api("subnet-public").fact("public_ip", json!(null)).get();
            let estate = estate_without(with(left, [inside]), call, Outcome::Denied, types);
            assert_eq!(exposure(&estate, "i-1").on(22), Answer::No, "{call}");
        }
        let rules = &["aws_vpc_security_group_ingress_rule"];
        let estate =
            estate_without(with(ground(), [api("subnet-public").get()]), "ec2:DescribeSecurityGroupRules", Outcome::Throttled, rules);
        let found = exposure(&estate, "i-1");
        assert!(matches!(found.on(22), Answer::Yes(_)));
        assert!(matches!(found.on(80), Answer::Unknown(_)), "more rules may exist");
    }

    #[test]
    fn databases_answer_on_their_port_only() {
        let database = |public: bool, zone: &str| {
            Build::new("aws_db_instance", "exo-live")
                .set("publicly_accessible", public)
                .set("port", 5432)
                .set("availability_zone", zone)
                .set("db_subnet_group_name", "main")
                .set("vpc_security_group_ids", json!(["sg-db"]))
                .fact("status", "available")
                .get()
        };
        let more = || {
            [
                Build::new("aws_db_subnet_group", "main")
                    .set("name", "main")
                    .set("subnet_ids", json!(["subnet-private", "subnet-public"]))
                    .get(),
                Build::new("aws_security_group", "sg-db").get(),
                ingress("sgr-db", "sg-db", "-1", None, None, "0.0.0.0/0"),
            ]
        };
        let estate = estate_of(with(with(ground(), more()), [database(true, "eu-west-3a")]));
        assert_eq!(ranges(exposure(&estate, "exo-live")), ["tcp 5432-5432 0.0.0.0/0"]);
        let estate = estate_of(with(with(ground(), more()), [database(true, "eu-west-3b")]));
        assert_eq!(exposure(&estate, "exo-live").on(5432), Answer::No, "its own subnet has no way out");
        let estate = estate_of(with(with(ground(), more()), [database(false, "eu-west-3a")]));
        assert_eq!(exposure(&estate, "exo-live").on(5432), Answer::No);
        let member = Build::new("aws_rds_cluster_instance", "aurora-1")
            .set("publicly_accessible", true)
            .set("availability_zone", "eu-west-3a")
            .set("db_subnet_group_name", "main")
            .fact("endpoint_port", 5432)
            .fact("security_group_ids", json!(["sg-db"]))
            .fact("status", "available")
            .get();
        let estate = estate_of(with(with(ground(), more()), [member]));
        assert_eq!(ranges(exposure(&estate, "aurora-1")), ["tcp 5432-5432 0.0.0.0/0"]);
    }

    fn balanced(internal: bool) -> Vec<Resource> {
        vec![
            Build::new("aws_lb", LB)
                .arn(LB)
                .name("exo-api-live")
                .set("internal", internal)
                .set("load_balancer_type", "application")
                .set("subnets", json!(["subnet-public"]))
                .set("security_groups", json!(["sg-lb"]))
                .fact("dns_name", "api-1.eu-west-3.elb.amazonaws.com")
                .get(),
            Build::new("aws_security_group", "sg-lb").get(),
            ingress("sgr-lb", "sg-lb", "tcp", Some(0), Some(65535), "0.0.0.0/0"),
            Build::new("aws_lb_listener", LISTENER)
                .arn(LISTENER)
                .set("load_balancer_arn", LB)
                .set("port", 80)
                .set("protocol", "HTTP")
                .set("default_action", json!([{"type": "forward", "target_group_arn": GROUP}]))
                .get(),
            Build::new("aws_lb_target_group", GROUP).arn(GROUP).set("port", 3000).get(),
            Build::new("aws_lb_target_group_attachment", "attachment")
                .set("target_group_arn", GROUP)
                .set("target_id", "i-1")
                .set("port", 3000)
                .get(),
        ]
    }

    #[test]
    fn load_balancers_open_their_listeners_and_lead_to_their_targets() {
        let estate = estate_of(with(with(ground(), balanced(false)), [api("subnet-private").fact("public_ip", json!(null)).get()]));
        assert_eq!(ranges(exposure(&estate, LB)), ["tcp 80-80 0.0.0.0/0"]);
        let instance = exposure(&estate, "i-1");
        assert_eq!(instance.on(3000), Answer::No, "not by itself");
        assert_eq!(instance.through.len(), 1);
        let way = &instance.through[0];
        assert_eq!((estate.resources()[way.front].id.as_str(), way.port.from_port, way.target_port), (LB, 80, Some(3000)));
        let estate = estate_of(with(with(ground(), balanced(true)), [api("subnet-private").get()]));
        assert!(exposure(&estate, LB).open.is_empty() && exposure(&estate, "i-1").through.is_empty(), "internal");
    }

    #[test]
    fn side_doors() {
        let distribution = |header: bool| {
            let headers = if header { json!([{"name": "x-origin-key", "value": "1"}]) } else { json!([]) };
            Build::new("aws_cloudfront_distribution", "EQWVJ3TLARMOE")
                .region("global")
                .set("enabled", true)
                .set("web_acl_id", "arn:aws:wafv2:us-east-1:123456789012:global/webacl/x/1")
                .set("origin", json!([{"origin_id": "api", "domain_name": "api-1.eu-west-3.elb.amazonaws.com", "custom_header": headers}]))
                .get()
        };
        let door = ingress("sgr-3000", "sg-web", "tcp", Some(3000), Some(3000), "0.0.0.0/0");
        let resources = with(with(ground(), balanced(false)), [api("subnet-public").get(), door]);
        let estate = estate_of(with(resources.clone(), [distribution(false)]));
        let found = exposure(&estate, "EQWVJ3TLARMOE");
        assert_eq!(found.bypasses.len(), 1, "{found:?}");
        assert!(found.bypasses[0].how.contains("exo-api-live") && found.bypasses[0].how.contains("web ACL"));
        let balancer = exposure(&estate, LB);
        assert_eq!(balancer.bypasses.len(), 1, "the instance answers on 3000 itself");
        assert!(balancer.through.iter().any(|t| estate.resources()[t.front].kind == "aws_cloudfront_distribution"));
        // The header alone is no lock: the listener must ask for it.
        let estate = estate_of(with(resources.clone(), [distribution(true)]));
        assert_eq!(exposure(&estate, "EQWVJ3TLARMOE").bypasses.len(), 1);
        let mut locked = resources;
        for r in locked.iter_mut().filter(|r| r.kind == "aws_lb_listener") {
            r.set("default_action", json!([{"type": "fixed-response"}]));
        }
        let rule = Build::new("aws_lb_listener_rule", "rule")
            .set("listener_arn", LISTENER)
            .set("action", json!([{"type": "forward", "target_group_arn": GROUP}]))
            .set("condition", json!([{"http_header": [{"http_header_name": "x-origin-key", "values": ["1"]}]}]))
            .get();
        let estate = estate_of(with(locked, [distribution(true), rule]));
        assert!(exposure(&estate, "EQWVJ3TLARMOE").bypasses.is_empty());
    }

    #[test]
    fn buckets() {
        let public = json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::exo-sport-live/*"}]});
        let bucket = || Build::new("aws_s3_bucket", "exo-sport-live").fact("policy", public.to_string()).get();
        let answer = |resources: Vec<Resource>| match exposure(&estate_of(resources), "exo-sport-live").on(443) {
            Answer::Yes(_) => "yes".to_string(),
            Answer::No => "no".to_string(),
            Answer::Unknown(cause) => cause.to_string(),
        };
        assert_eq!(answer(vec![bucket()]), "yes");
        let block =
            || Build::new("aws_s3_account_public_access_block", "123456789012").region("global").set("restrict_public_buckets", true).get();
        assert_eq!(answer(vec![bucket(), block()]), "no");
        let mut unread = bucket();
        unread.mark_unread(&["facts.restrict_public_buckets"], "denied: s3:GetPublicAccessBlock");
        assert!(answer(vec![unread.clone()]).contains("denied: s3:GetPublicAccessBlock"));
        assert_eq!(answer(vec![unread, block()]), "no", "the account blocks it anyhow");
        let mut unread = Build::new("aws_s3_bucket", "exo-sport-live").get();
        unread.mark_unread(&["facts.policy"], "denied: s3:GetBucketPolicy");
        assert!(answer(vec![unread.clone()]).contains("denied: s3:GetBucketPolicy"));
        assert_eq!(answer(vec![unread, block()]), "no", "whatever the policy says");
        let grants = json!([{"permission": "READ", "to": "http://acs.amazonaws.com/groups/global/AllUsers"}]);
        let by_acl = || Build::new("aws_s3_bucket", "exo-sport-live").fact("acl_grants", grants.clone());
        assert_eq!(answer(vec![by_acl().get()]), "yes");
        assert_eq!(answer(vec![by_acl().fact("object_ownership", "BucketOwnerEnforced").get()]), "no");
        assert_eq!(answer(vec![by_acl().fact("ignore_public_acls", true).get()]), "no");
        let acl = Build::new("aws_s3_bucket_acl", "x")
            .set("bucket", "old")
            .set("access_control_policy", json!([{"grant": [{"permission": "READ", "grantee": [{"type": "Group", "uri": "http://acs.amazonaws.com/groups/global/AllUsers"}]}]}]))
            .get();
        let estate = estate_of(vec![Build::new("aws_s3_bucket", "old").get(), acl]);
        assert!(matches!(exposure(&estate, "old").on(443), Answer::Yes(_)));
    }

    #[test]
    fn function_addresses() {
        let url = |authorization: &str| {
            Build::new("aws_lambda_function_url", "fn/url").set("function_name", "fn").set("authorization_type", authorization).get()
        };
        let function = || Build::new("aws_lambda_function", "fn").set("function_name", "fn").get();
        let estate = estate_of(vec![function(), url("NONE")]);
        assert!(matches!(exposure(&estate, "fn/url").on(443), Answer::Yes(_)));
        assert_eq!(exposure(&estate, "fn").through.len(), 1);
        let estate = estate_of(vec![function(), url("AWS_IAM")]);
        assert_eq!(exposure(&estate, "fn/url").on(443), Answer::No);
    }

    #[test]
    fn tasks_are_open_on_the_ports_of_their_containers_and_behind_balancers() {
        const DEFINITION: &str = "arn:aws:ecs:eu-west-3:123456789012:task-definition/api:1";
        let service = |public: bool, running: u64| {
            Build::new("aws_ecs_service", "shop/api")
                .set(
                    "network_configuration",
                    json!([{"assign_public_ip": public, "security_groups": ["sg-web"], "subnets": ["subnet-public"]}]),
                )
                .set("load_balancer", json!([{"target_group_arn": GROUP, "container_name": "app", "container_port": 8080}]))
                .fact("task_definition_arn", DEFINITION)
                .fact("running_count", running)
                .get()
        };
        let definition = |port: u64| {
            let containers = json!([{"name": "app", "ports": [{"container_port": port, "host_port": port, "protocol": "tcp"}]}]);
            Build::new("aws_ecs_task_definition", DEFINITION).arn(DEFINITION).fact("containers", containers).get()
        };
        let ports = |resources: Vec<Resource>| -> Vec<u16> {
            let estate = estate_of(with(ground(), resources));
            exposure(&estate, "shop/api").open.iter().filter(|o| o.anyone).map(|o| o.from_port).collect()
        };
        assert_eq!(ports(vec![service(true, 1), definition(22)]), [22]);
        assert_eq!(ports(vec![service(true, 1), definition(8080)]), Vec::<u16>::new(), "no rule lets 8080 in");
        assert_eq!(ports(vec![service(false, 1), definition(22)]), Vec::<u16>::new());
        assert_eq!(ports(vec![service(true, 0), definition(22)]), Vec::<u16>::new(), "nothing runs");
        assert_eq!(ports(vec![service(true, 1)]), [22], "without its definition every open port may be one");

        let balancer = [
            Build::new("aws_lb", LB)
                .arn(LB)
                .name("api")
                .set("load_balancer_type", "application")
                .set("internal", false)
                .set("subnets", json!(["subnet-public"]))
                .set("security_groups", json!(["sg-lb"]))
                .get(),
            Build::new("aws_security_group", "sg-lb").set("vpc_id", "vpc-1").get(),
            ingress("sgr-https", "sg-lb", "tcp", Some(443), Some(443), "0.0.0.0/0"),
            Build::new("aws_lb_listener", LISTENER)
                .arn(LISTENER)
                .set("load_balancer_arn", LB)
                .set("port", 443)
                .set("protocol", "HTTPS")
                .set("default_action", json!([{"type": "forward", "target_group_arn": GROUP}]))
                .get(),
            Build::new("aws_lb_target_group", GROUP).arn(GROUP).set("port", 80).get(),
        ];
        let estate = estate_of(with(ground(), balancer.into_iter().chain([service(false, 1), definition(8080)])));
        let ways = &exposure(&estate, "shop/api").through;
        assert_eq!(ways.iter().map(|w| (w.port.from_port, w.target_port)).collect::<Vec<_>>(), [(443, Some(8080))]);
    }
}
