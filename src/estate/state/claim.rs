//! Which resources of an account the entries of its states manage.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::super::graph::Completeness;
use super::super::resource::{GLOBAL, OwnershipClass};
use super::super::{Ownership, Resource, Snapshot};
use super::{Entry, State, StateSummary, says};

/// Types whose import id does not follow from the state's `id`, and the arguments that name one of them together. `@id` is the state's
/// `id` as the last part of ours, `@name` the full name of a DNS record. The first must be set.
const NAMED_BY: &[(&str, &[&str])] = &[
    ("aws_api_gateway_authorizer", &["rest_api_id", "@id"]),
    ("aws_api_gateway_base_path_mapping", &["domain_name", "base_path"]),
    ("aws_api_gateway_deployment", &["rest_api_id", "@id"]),
    ("aws_api_gateway_integration", &["rest_api_id", "resource_id", "http_method"]),
    ("aws_api_gateway_integration_response", &["rest_api_id", "resource_id", "http_method", "status_code"]),
    ("aws_api_gateway_method", &["rest_api_id", "resource_id", "http_method"]),
    ("aws_api_gateway_method_response", &["rest_api_id", "resource_id", "http_method", "status_code"]),
    ("aws_api_gateway_model", &["rest_api_id", "name"]),
    ("aws_api_gateway_request_validator", &["rest_api_id", "@id"]),
    ("aws_api_gateway_resource", &["rest_api_id", "@id"]),
    ("aws_api_gateway_stage", &["rest_api_id", "stage_name"]),
    ("aws_api_gateway_usage_plan_key", &["usage_plan_id", "key_id"]),
    ("aws_apigatewayv2_api_mapping", &["domain_name", "api_id", "stage"]),
    ("aws_apigatewayv2_authorizer", &["api_id", "@id"]),
    ("aws_apigatewayv2_deployment", &["api_id", "@id"]),
    ("aws_apigatewayv2_integration", &["api_id", "@id"]),
    ("aws_apigatewayv2_model", &["api_id", "@id"]),
    ("aws_apigatewayv2_route", &["api_id", "@id"]),
    ("aws_apigatewayv2_stage", &["api_id", "name"]),
    ("aws_appautoscaling_policy", &["resource_id", "service_namespace", "scalable_dimension", "name"]),
    ("aws_appautoscaling_target", &["resource_id", "service_namespace", "scalable_dimension"]),
    ("aws_autoscaling_lifecycle_hook", &["autoscaling_group_name", "name"]),
    ("aws_autoscaling_policy", &["autoscaling_group_name", "name"]),
    ("aws_autoscaling_schedule", &["autoscaling_group_name", "scheduled_action_name"]),
    ("aws_backup_selection", &["plan_id", "@id"]),
    ("aws_cloudwatch_event_rule", &["name", "event_bus_name"]),
    ("aws_cloudwatch_event_target", &["rule", "target_id", "event_bus_name"]),
    ("aws_cloudwatch_log_metric_filter", &["log_group_name", "name"]),
    ("aws_cloudwatch_log_subscription_filter", &["log_group_name", "name"]),
    ("aws_cognito_user_pool_client", &["user_pool_id", "@id"]),
    ("aws_db_instance", &["identifier"]),
    ("aws_ecs_cluster_capacity_providers", &["cluster_name"]),
    ("aws_ecs_service", &["name", "cluster"]),
    ("aws_ecs_task_definition", &["family"]),
    ("aws_iam_group_policy", &["group", "name"]),
    ("aws_iam_group_policy_attachment", &["group", "policy_arn"]),
    ("aws_iam_role_policy", &["role", "name"]),
    ("aws_iam_role_policy_attachment", &["role", "policy_arn"]),
    ("aws_iam_user_policy", &["user", "name"]),
    ("aws_iam_user_policy_attachment", &["user", "policy_arn"]),
    ("aws_lambda_alias", &["function_name", "name"]),
    ("aws_lambda_function_url", &["function_name", "qualifier"]),
    ("aws_lambda_permission", &["function_name", "statement_id", "qualifier"]),
    ("aws_lb_listener_certificate", &["listener_arn", "certificate_arn"]),
    ("aws_lb_target_group_attachment", &["target_group_arn", "target_id", "port"]),
    ("aws_route", &["route_table_id", "destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id"]),
    ("aws_route53_record", &["zone_id", "@name", "type", "set_identifier"]),
    ("aws_route_table_association", &["route_table_id", "subnet_id", "gateway_id"]),
    ("aws_scheduler_schedule", &["name", "group_name"]),
    ("aws_sesv2_configuration_set_event_destination", &["configuration_set_name", "event_destination_name"]),
    ("aws_volume_attachment", &["volume_id", "instance_id"]),
    ("aws_wafv2_web_acl_association", &["resource_arn", "web_acl_arn"]),
];

/// A resource, and why it is an entry's.
struct Claim {
    index: usize,
    evidence: String,
}

/// The resources of a snapshot by what states name them by.
struct Index<'a> {
    resources: &'a [Resource],
    by_kind: HashMap<&'a str, Vec<usize>>,
    by_arn: HashMap<&'a str, Vec<usize>>,
}

/// `aws_default_vpc` and `aws_vpc` are one family.
fn family(kind: &str) -> &str {
    let rest = kind.strip_prefix("aws_").unwrap_or(kind);
    rest.strip_prefix("default_").unwrap_or(rest)
}

/// The last part of an ARN or path: what people call the thing.
fn tail(text: &str) -> &str {
    text.rsplit(['/', ':']).next().unwrap_or(text)
}

/// Equal, or the name and the ARN of one thing.
fn same_thing(a: &str, b: &str) -> bool {
    a == b || ((a.starts_with("arn:") != b.starts_with("arn:")) && tail(a) == tail(b))
}

impl<'a> Index<'a> {
    fn new(resources: &'a [Resource]) -> Self {
        let mut index = Index { resources, by_kind: HashMap::new(), by_arn: HashMap::new() };
        for (i, resource) in resources.iter().enumerate() {
            index.by_kind.entry(family(&resource.kind)).or_default().push(i);
            if let Some(arn) = &resource.arn {
                index.by_arn.entry(arn.trim_end_matches(":*")).or_default().push(i);
            }
        }
        index
    }

    fn of(&self, kind: &str) -> impl Iterator<Item = usize> {
        self.by_kind.get(family(kind)).into_iter().flatten().copied()
    }

    /// The resource that an entry is: by type and import id, by ARN, by the arguments that name it.
    fn find(&self, entry: &Entry, regions: &BTreeSet<&str>) -> Vec<usize> {
        // Two regions may hold a thing of the same name: an ARN or a region that says otherwise counts more than an equal id.
        let can_be = |i: &usize| {
            let resource = &self.resources[*i];
            let region = entry.values.get("region").and_then(Value::as_str).or_else(|| entry.of_arn(3));
            let arn = resource.arn.as_deref().map(|arn| arn.trim_end_matches(":*"));
            let by_arn = !matches!((entry.arn(), arn), (Some(a), Some(b)) if a != b && !is_revision(&entry.kind));
            by_arn && region.is_none_or(|region| resource.region == region || resource.region == GLOBAL || is_global(&entry.kind))
        };
        let steps: [&dyn Fn(&usize) -> bool; 3] =
            [&|i| !entry.id.is_empty() && self.resources[*i].id == entry.id, &|i| self.is_own_form(&self.resources[*i], entry), &|i| {
                named_alike(&self.resources[*i], entry)
            }];
        let by_arn = entry.arn().and_then(|arn| self.by_arn.get(arn));
        let by_arn: Vec<usize> =
            by_arn.into_iter().flatten().copied().filter(|i| family(&self.resources[*i].kind) == family(&entry.kind)).collect();
        let mut found = by_arn;
        for step in steps {
            if found.is_empty() {
                found = self.of(&entry.kind).filter(|i| can_be(i) && step(i)).collect();
            }
        }
        let here: Vec<usize> = found.iter().copied().filter(|i| regions.contains(self.resources[*i].region.as_str())).collect();
        if found.len() > 1 && !here.is_empty() { here } else { found }
    }

    /// Ids that differ by the type alone.
    fn is_own_form(&self, resource: &Resource, entry: &Entry) -> bool {
        match resource.kind.as_str() {
            // Imported by the id of its VPC; a state holds the table's own.
            "aws_default_route_table" => {
                let own = resource.str("config.default_route_table_id").or_else(|| resource.str("facts.route_table_id"));
                own.is_some_and(|own| own == entry.id || own == entry.str("default_route_table_id"))
            }
            // `BUCKET` or `BUCKET,ACCOUNT`; several of one bucket have a name too.
            kind if kind.starts_with("aws_s3_bucket_") => {
                let bucket = resource.str("config.bucket").is_some_and(|bucket| bucket == entry.str("bucket"));
                bucket && resource.str("config.name").unwrap_or_default() == entry.str("name")
            }
            _ => false,
        }
    }

    /// The rules of a security group, in one direction.
    fn rules_of(&self, group: &str, direction: &str) -> impl Iterator<Item = usize> {
        let kind = format!("aws_vpc_security_group_{direction}_rule");
        let all: Vec<usize> = self.of(&kind).filter(|i| self.resources[*i].str("config.security_group_id") == Some(group)).collect();
        all.into_iter()
    }
}

/// Each revision is a thing of its own in AWS; a state holds the last one it made.
fn is_revision(kind: &str) -> bool {
    kind == "aws_ecs_task_definition"
}

/// Types whose ARN names a region although they are global to people.
fn is_global(kind: &str) -> bool {
    kind.starts_with("aws_wafv2_") || kind.starts_with("aws_cloudfront_")
}

fn named_alike(resource: &Resource, entry: &Entry) -> bool {
    let Some((_, names)) = NAMED_BY.iter().find(|(kind, _)| *kind == entry.kind) else { return false };
    names.iter().enumerate().all(|(i, name)| match *name {
        "@id" => !entry.id.is_empty() && resource.id.rsplit(['/', ':', '|']).next() == Some(&entry.id),
        "@name" => {
            let plain = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
            resource.str("config.name").is_some_and(|own| plain(own) == plain(entry.str("fqdn")))
        }
        name => {
            let ours = resource.config.get(name).filter(|v| says(v));
            let theirs = entry.values.get(name).filter(|v| says(v));
            match (ours, theirs) {
                (Some(Value::String(ours)), Some(Value::String(theirs))) => same_thing(ours, theirs),
                (Some(ours), Some(theirs)) => ours == theirs,
                // The default bus and the default group may be written or not.
                (None, Some(theirs)) => i > 0 && theirs == "default",
                (Some(ours), None) => i > 0 && ours == "default",
                (None, None) => i > 0,
            }
        }
    })
}

/// Marks what the states manage. Rules, routes and settings that stand inside a group, table or bucket belong to it.
pub(in super::super) fn claim(snapshot: &mut Snapshot, states: &[State]) -> Vec<StateSummary> {
    let completeness = Completeness::new(&snapshot.ledger);
    let index = Index::new(&snapshot.resources);
    let separate = Separate::of(states);
    // Which state it is in, and whether as a resource of its own.
    let mut owners: BTreeMap<usize, (usize, bool, Ownership)> = BTreeMap::new();
    let mut summaries = Vec::new();
    for (position, state) in states.iter().enumerate() {
        let mut summary = StateSummary { name: state.name.clone(), held: state.entries.len(), ..StateSummary::default() };
        let regions: BTreeSet<&str> = state.entries.iter().filter_map(|e| e.of_arn(3)).collect();
        for entry in &state.entries {
            let account = entry.of_arn(4).filter(|a| a.bytes().all(|b| b.is_ascii_digit()));
            if account.is_some_and(|account| account != snapshot.meta.account) {
                summary.other_account += 1;
                continue;
            }
            let claims = claims(&index, entry, &regions, &separate);
            if claims.is_empty() {
                let region = entry.of_arn(3).or_else(|| Some(entry.str("region")).filter(|r| !r.is_empty()));
                let outside = region.is_some_and(|r| !snapshot.meta.regions.iter().any(|known| known == r) && !is_global(&entry.kind));
                let kinds = kinds_of(&entry.kind);
                let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
                if outside || snapshot.meta.interrupted || !completeness.gaps(&kinds, region).is_empty() {
                    summary.not_read += 1;
                } else {
                    summary.not_found.push((entry.address.clone(), entry.id.clone()));
                }
            }
            for claim in claims {
                let itself = claim.evidence.is_empty();
                match owners.get(&claim.index) {
                    Some((of, ..)) if *of == position && !itself => continue,
                    Some((of, true, before)) if *of != position && itself => {
                        summary.twice.push((entry.address.clone(), before.evidence.trim_start_matches("in state ").to_string()));
                        continue;
                    }
                    Some((of, ..)) if *of != position => continue,
                    Some(_) => {}
                    None => summary.managed += 1,
                }
                let evidence = format!("in state {} as {}{}", state.name, entry.address, claim.evidence);
                let by = Some(format!("{} {}", state.name, entry.address));
                owners.insert(claim.index, (position, itself, Ownership { class: OwnershipClass::Managed, evidence, by }));
            }
        }
        summary.not_found.sort();
        summary.twice.sort();
        summary.twice.dedup();
        summaries.push(summary);
    }
    for (index, (_, _, ownership)) in owners {
        snapshot.resources[index].ownership = ownership;
    }
    summaries
}

/// Under which types a scan would have found an entry.
fn kinds_of(kind: &str) -> Vec<String> {
    match kind {
        "aws_security_group_rule" => vec!["aws_vpc_security_group_ingress_rule".into(), "aws_vpc_security_group_egress_rule".into()],
        "aws_network_acl_rule" => vec!["aws_network_acl".into()],
        "aws_iam_policy_attachment" => ["role", "user", "group"].iter().map(|of| format!("aws_iam_{of}_policy_attachment")).collect(),
        "aws_iam_group_membership" => vec!["aws_iam_user_group_membership".into()],
        _ => {
            let plain = kind.strip_prefix("aws_default_").map_or_else(|| kind.to_string(), |rest| format!("aws_{rest}"));
            vec![kind.to_string(), plain]
        }
    }
}

/// Groups, tables and addresses that have entries of their own for what may also stand inside: there, nothing does.
#[derive(Default)]
struct Separate<'a> {
    rules: BTreeSet<(&'a str, &'static str)>,
    routes: BTreeSet<&'a str>,
    settings: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Separate<'a> {
    fn of(states: &'a [State]) -> Self {
        let mut separate = Separate::default();
        for entry in states.iter().flat_map(|s| &s.entries) {
            match entry.kind.as_str() {
                "aws_vpc_security_group_ingress_rule" => drop(separate.rules.insert((entry.str("security_group_id"), "ingress"))),
                "aws_vpc_security_group_egress_rule" => drop(separate.rules.insert((entry.str("security_group_id"), "egress"))),
                "aws_security_group_rule" => {
                    let direction = if entry.str("type") == "egress" { "egress" } else { "ingress" };
                    separate.rules.insert((entry.str("security_group_id"), direction));
                }
                "aws_route" => drop(separate.routes.insert(entry.str("route_table_id"))),
                kind if kind.starts_with("aws_s3_bucket_") => drop(separate.settings.insert((entry.str("bucket"), kind))),
                _ => {}
            }
        }
        separate
    }
}

/// Everything that belongs to one entry.
fn claims(index: &Index, entry: &Entry, regions: &BTreeSet<&str>, separate: &Separate) -> Vec<Claim> {
    let resources = index.resources;
    let mut out: Vec<Claim> = index.find(entry, regions).into_iter().map(|index| Claim { index, evidence: String::new() }).collect();
    match family(&entry.kind) {
        "security_group" => {
            for direction in ["ingress", "egress"] {
                let inside = entry.values.get(direction).and_then(Value::as_array).filter(|rules| !rules.is_empty());
                let Some(inside) = inside.filter(|_| !separate.rules.contains(&(entry.id.as_str(), direction))) else { continue };
                for i in index.rules_of(&entry.id, direction) {
                    let listed = inside.iter().any(|rule| covers(&Rule::inside(rule, &entry.id), &resources[i]));
                    out.push(Claim { index: i, evidence: of_parent(listed, direction) });
                }
            }
        }
        "route_table" => {
            let own = [entry.id.as_str(), entry.str("default_route_table_id")];
            let inside = entry.values.get("route").and_then(Value::as_array).filter(|routes| !routes.is_empty());
            if let Some(inside) = inside.filter(|_| !own.iter().any(|id| separate.routes.contains(id))) {
                for i in index.of("aws_route").filter(|i| resources[*i].str("config.route_table_id").is_some_and(|id| own.contains(&id))) {
                    let listed = inside.iter().any(|route| is_route(route, &resources[i]));
                    out.push(Claim { index: i, evidence: of_parent(listed, "route") });
                }
            }
        }
        "s3_bucket" => {
            let bucket = if entry.str("bucket").is_empty() { &entry.id } else { entry.str("bucket") };
            for kind in entry.inside.iter().filter(|kind| !separate.settings.contains(&(bucket, **kind))) {
                for i in index.of(kind).filter(|i| resources[*i].str("config.bucket") == Some(bucket)) {
                    out.push(Claim { index: i, evidence: ", whose entry holds this setting too".into() });
                }
            }
        }
        "instance" => {
            for volume in &entry.volumes {
                let of_volume = |i: &usize| resources[*i].id == *volume || resources[*i].str("config.volume_id") == Some(volume);
                let both = index.of("aws_ebs_volume").chain(index.of("aws_volume_attachment"));
                out.extend(both.filter(of_volume).map(|index| Claim { index, evidence: ", among the disks of the instance".into() }));
            }
        }
        "eip" => {
            let association = entry.str("association_id");
            out.extend(
                index
                    .of("aws_eip_association")
                    .filter(|i| !association.is_empty() && resources[*i].id == association)
                    .map(|index| Claim { index, evidence: ", which says what the address belongs to".into() }),
            );
        }
        "security_group_rule" => {
            let direction = if entry.str("type") == "egress" { "egress" } else { "ingress" };
            let rule = Rule::of(entry);
            for i in index.rules_of(entry.str("security_group_id"), direction) {
                if resources[i].id == entry.str("security_group_rule_id") || covers(&rule, &resources[i]) {
                    out.push(Claim { index: i, evidence: String::new() });
                }
            }
        }
        // One rule of a list that we write as a whole: two owners of one list would undo each other's work.
        "network_acl_rule" => {
            let acl = entry.str("network_acl_id");
            let list = index.of("aws_network_acl").filter(|i| resources[*i].id == acl);
            out.extend(list.map(|index| Claim { index, evidence: ": its rules stand there one by one".into() }));
        }
        "iam_policy_attachment" => {
            for (of, names) in [("role", "roles"), ("user", "users"), ("group", "groups")] {
                let names = entry.strings(names);
                let kind = format!("aws_iam_{of}_policy_attachment");
                let hit = |i: &usize| {
                    let r = &resources[*i];
                    r.str("config.policy_arn") == Some(entry.str("policy_arn"))
                        && r.str(&format!("config.{of}")).is_some_and(|name| names.contains(&name))
                };
                out.extend(index.of(&kind).filter(hit).map(|index| Claim { index, evidence: String::new() }));
            }
        }
        "iam_group_membership" => {
            let users = entry.strings("users");
            let hit = |i: &usize| {
                let r = &resources[*i];
                r.strings("config.groups").contains(&entry.str("group")) && r.str("config.user").is_some_and(|u| users.contains(&u))
            };
            out.extend(index.of("aws_iam_user_group_membership").filter(hit).map(|index| Claim { index, evidence: String::new() }));
        }
        "iam_user_group_membership" => {
            let user = |i: &usize| resources[*i].str("config.user") == Some(entry.str("user"));
            out.extend(index.of("aws_iam_user_group_membership").filter(user).map(|index| Claim { index, evidence: String::new() }));
        }
        _ => {}
    }
    // One resource may be reached in two ways; the first says it best.
    let mut seen = BTreeSet::new();
    out.retain(|claim| seen.insert(claim.index));
    out
}

fn of_parent(listed: bool, what: &str) -> String {
    if listed {
        format!(", among its {what} entries")
    } else {
        format!(", whose {what} entries this is not among: add it there, or the next apply of that state takes it away")
    }
}

/// A rule of a security group as the older types have it: many sources in one.
struct Rule {
    protocol: String,
    ports: (Option<i64>, Option<i64>),
    sources: BTreeSet<String>,
}

impl Rule {
    fn new(protocol: &str, from: Option<i64>, to: Option<i64>, sources: BTreeSet<String>) -> Rule {
        let protocol = plain_protocol(protocol);
        let ports = if protocol == "-1" { (None, None) } else { (from, to) };
        Rule { protocol, ports, sources }
    }

    /// One of the `ingress` or `egress` entries inside a group.
    fn inside(rule: &Value, group: &str) -> Rule {
        let list = |name: &str| rule.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let names = ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"];
        let mut sources: BTreeSet<String> = names.into_iter().flat_map(list).map(|source| tail(source).to_string()).collect();
        // A range has a slash too, and is no path.
        sources.extend(list("cidr_blocks").chain(list("ipv6_cidr_blocks")).map(str::to_string));
        if rule.get("self") == Some(&Value::Bool(true)) {
            sources.insert(group.to_string());
        }
        let number = |name: &str| rule.get(name).and_then(Value::as_i64);
        Rule::new(super::text(rule, "protocol"), number("from_port"), number("to_port"), sources)
    }

    /// An `aws_security_group_rule`.
    fn of(entry: &Entry) -> Rule {
        let mut sources: BTreeSet<String> = BTreeSet::new();
        for name in ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids"] {
            sources.extend(entry.strings(name).into_iter().map(str::to_string));
        }
        let group = tail(entry.str("source_security_group_id"));
        sources.extend((!group.is_empty()).then(|| group.to_string()));
        if entry.values.get("self") == Some(&Value::Bool(true)) {
            sources.insert(entry.str("security_group_id").to_string());
        }
        let number = |name: &str| entry.values.get(name).and_then(Value::as_i64);
        Rule::new(entry.str("protocol"), number("from_port"), number("to_port"), sources)
    }
}

fn plain_protocol(protocol: &str) -> String {
    match protocol.to_ascii_lowercase().as_str() {
        "all" | "-1" => "-1".into(),
        "6" => "tcp".into(),
        "17" => "udp".into(),
        "1" => "icmp".into(),
        "58" => "icmpv6".into(),
        other => other.to_string(),
    }
}

/// True when a rule of the older kind says what one of ours does.
fn covers(rule: &Rule, resource: &Resource) -> bool {
    let port = |name: &str| resource.get(&format!("config.{name}")).and_then(Value::as_i64);
    let protocol = plain_protocol(resource.str("config.ip_protocol").unwrap_or("-1"));
    let ports = if protocol == "-1" { (None, None) } else { (port("from_port"), port("to_port")) };
    let source = ["cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"]
        .iter()
        .find_map(|name| resource.str(&format!("config.{name}")).filter(|v| !v.is_empty()));
    // Of a peer's group in another account: `ACCOUNT/sg-…`.
    let source = source.map(|s| if s.contains("sg-") { tail(s) } else { s });
    protocol == rule.protocol && ports == rule.ports && source.is_some_and(|s| rule.sources.contains(s))
}

/// True when an entry inside a table is the route that we hold apart.
fn is_route(inside: &Value, resource: &Resource) -> bool {
    [
        ("cidr_block", "destination_cidr_block"),
        ("ipv6_cidr_block", "destination_ipv6_cidr_block"),
        ("destination_prefix_list_id", "destination_prefix_list_id"),
    ]
    .iter()
    .any(|(theirs, ours)| {
        let theirs = super::text(inside, theirs);
        !theirs.is_empty() && resource.str(&format!("config.{ours}")) == Some(theirs)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::state;
    use super::*;
    use crate::estate::testing::{Build, listing};
    use crate::estate::{LedgerEntry, Outcome};

    const ACCOUNT: &str = "123456789012";

    fn managed(kind: &str, name: &str, attributes: Value) -> Value {
        json!({"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": attributes}]})
    }

    fn claimed(resources: Vec<Resource>, ledger: Vec<LedgerEntry>, states: &[State]) -> (BTreeMap<String, String>, Vec<StateSummary>) {
        let mut snapshot = Snapshot { resources, ledger, ..Snapshot::default() };
        snapshot.meta.account = ACCOUNT.into();
        snapshot.meta.regions = vec!["eu-west-3".into()];
        snapshot.normalise();
        let summaries = claim(&mut snapshot, states);
        let of = |r: &Resource| (r.ownership.class == OwnershipClass::Managed).then(|| (r.id.clone(), r.ownership.evidence.clone()));
        (snapshot.resources.iter().filter_map(of).collect(), summaries)
    }

    #[test]
    fn each_type_by_what_names_it() {
        let arn = |service: &str, rest: &str| format!("arn:aws:{service}:eu-west-3:{ACCOUNT}:{rest}");
        let build = |kind: &str, id: &str, config: Value| {
            let mut b = Build::new(kind, id).region("eu-west-3");
            for (name, value) in config.as_object().unwrap() {
                b = b.set(name, value.clone());
            }
            b
        };
        // Ours, and what a real state holds of the same thing.
        let pairs = vec![
            (build("aws_instance", "i-1", json!({})).get(), managed("aws_instance", "x", json!({"id": "i-1"}))),
            (
                build("aws_db_instance", "orders", json!({"identifier": "orders"})).get(),
                managed("aws_db_instance", "x", json!({"id": "db-ABCDEF", "identifier": "orders"})),
            ),
            (
                build("aws_ecs_service", "main/api", json!({"name": "api", "cluster": arn("ecs", "cluster/main")}))
                    .arn(&arn("ecs", "service/main/api"))
                    .get(),
                managed(
                    "aws_ecs_service",
                    "x",
                    json!({"id": arn("ecs", "service/main/api"), "name": "api", "cluster": arn("ecs", "cluster/main")}),
                ),
            ),
            (
                build("aws_ecs_task_definition", &arn("ecs", "task-definition/api:9"), json!({"family": "api"}))
                    .arn(&arn("ecs", "task-definition/api:9"))
                    .get(),
                managed("aws_ecs_task_definition", "x", json!({"id": "api", "family": "api", "arn": arn("ecs", "task-definition/api:7")})),
            ),
            (
                build(
                    "aws_route",
                    "rtb-1_0.0.0.0/0",
                    json!({"route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0", "destination_ipv6_cidr_block": ""}),
                )
                .get(),
                managed(
                    "aws_route",
                    "x",
                    json!({"id": "r-rtb-11080289494", "route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0", "destination_ipv6_cidr_block": null}),
                ),
            ),
            (
                build("aws_route_table_association", "subnet-1/rtb-1", json!({"route_table_id": "rtb-1", "subnet_id": "subnet-1"})).get(),
                managed(
                    "aws_route_table_association",
                    "x",
                    json!({"id": "rtbassoc-1", "route_table_id": "rtb-1", "subnet_id": "subnet-1", "gateway_id": ""}),
                ),
            ),
            (
                build("aws_default_route_table", "vpc-9", json!({"default_route_table_id": "rtb-9"})).get(),
                managed("aws_default_route_table", "x", json!({"id": "rtb-9", "default_route_table_id": "rtb-9", "vpc_id": "vpc-9"})),
            ),
            (build("aws_default_vpc", "vpc-9", json!({})).get(), managed("aws_vpc", "old_way", json!({"id": "vpc-9"}))),
            (
                build(
                    "aws_iam_role_policy_attachment",
                    "app/arn:aws:iam::aws:policy/X",
                    json!({"role": "app", "policy_arn": "arn:aws:iam::aws:policy/X"}),
                )
                .region("global")
                .get(),
                managed(
                    "aws_iam_role_policy_attachment",
                    "x",
                    json!({"id": "app-20240101", "role": "app", "policy_arn": "arn:aws:iam::aws:policy/X"}),
                ),
            ),
            (
                build(
                    "aws_iam_user_policy_attachment",
                    "ann/arn:aws:iam::aws:policy/X",
                    json!({"user": "ann", "policy_arn": "arn:aws:iam::aws:policy/X"}),
                )
                .region("global")
                .get(),
                managed(
                    "aws_iam_policy_attachment",
                    "x",
                    json!({"id": "x", "policy_arn": "arn:aws:iam::aws:policy/X", "users": ["ann"], "roles": []}),
                ),
            ),
            (
                build(
                    "aws_volume_attachment",
                    "/dev/sdf:vol-1:i-1",
                    json!({"device_name": "/dev/sdf", "volume_id": "vol-1", "instance_id": "i-1"}),
                )
                .get(),
                managed(
                    "aws_volume_attachment",
                    "x",
                    json!({"id": "vai-1", "device_name": "/dev/sdf", "volume_id": "vol-1", "instance_id": "i-1"}),
                ),
            ),
            (
                build("aws_lambda_permission", "resize/s3", json!({"function_name": "resize", "statement_id": "s3"})).get(),
                managed(
                    "aws_lambda_permission",
                    "x",
                    json!({"id": "s3", "function_name": arn("lambda", "function:resize"), "statement_id": "s3"}),
                ),
            ),
            (
                build("aws_s3_bucket_versioning", "assets", json!({"bucket": "assets"})).get(),
                managed("aws_s3_bucket_versioning", "x", json!({"id": "assets,123456789012", "bucket": "assets"})),
            ),
            (
                build("aws_cloudwatch_log_subscription_filter", "/api|to x", json!({"log_group_name": "/api", "name": "to x"})).get(),
                managed(
                    "aws_cloudwatch_log_subscription_filter",
                    "x",
                    json!({"id": "cwlsf-123", "log_group_name": "/api", "name": "to x"}),
                ),
            ),
            (
                build("aws_wafv2_web_acl", "0a-1/guard/REGIONAL", json!({"name": "guard"}))
                    .arn(&arn("wafv2", "regional/webacl/guard/0a-1"))
                    .get(),
                managed(
                    "aws_wafv2_web_acl",
                    "x",
                    json!({"id": "0a-1", "arn": arn("wafv2", "regional/webacl/guard/0a-1"), "name": "guard"}),
                ),
            ),
            (
                build("aws_apigatewayv2_route", "api1/route1", json!({"api_id": "api1"})).get(),
                managed("aws_apigatewayv2_route", "x", json!({"id": "route1", "api_id": "api1"})),
            ),
            (
                build("aws_cloudwatch_log_group", "/api", json!({})).arn(&arn("logs", "log-group:/api:*")).get(),
                managed("aws_cloudwatch_log_group", "x", json!({"id": "/api", "arn": arn("logs", "log-group:/api")})),
            ),
            (
                build("aws_route53_record", "Z1_api.example.com_A", json!({"zone_id": "Z1", "name": "api.example.com", "type": "A"}))
                    .region("global")
                    .get(),
                managed(
                    "aws_route53_record",
                    "x",
                    json!({"id": "Z1_api_A", "zone_id": "Z1", "name": "api", "fqdn": "api.example.com", "type": "A"}),
                ),
            ),
            (
                build("aws_lb", &arn("elasticloadbalancing", "loadbalancer/app/web/1"), json!({}))
                    .arn(&arn("elasticloadbalancing", "loadbalancer/app/web/1"))
                    .get(),
                managed(
                    "aws_alb",
                    "x",
                    json!({"id": arn("elasticloadbalancing", "loadbalancer/app/web/1"), "arn": arn("elasticloadbalancing", "loadbalancer/app/web/1")}),
                ),
            ),
        ];
        for (ours, theirs) in pairs {
            let kind = ours.kind.clone();
            let (found, summaries) = claimed(vec![ours.clone()], vec![], &[state(json!([theirs]))]);
            let [(id, evidence)] = found.iter().collect::<Vec<_>>()[..] else { panic!("{kind} {} is not found", ours.id) };
            assert!(*id == ours.id && evidence.starts_with("in state live.tfstate as aws_"), "{kind}: {evidence}");
            assert_eq!((summaries[0].held, summaries[0].managed), (1, 1), "{kind}");
            // A neighbour that shares no name must not be taken, nor one that differs in the first digit.
            let mut near = ours.clone();
            near.id = format!("1{}", near.id);
            near.arn = near.arn.map(|_| arn("x", "other"));
            for value in near.config.values_mut().filter(|v| v.as_str().is_some_and(|text| !text.is_empty() && !text.starts_with("arn:"))) {
                *value = format!("1{}", value.as_str().unwrap()).into();
            }
            assert!(claimed(vec![near], vec![], &[state(json!([theirs]))]).0.is_empty(), "{kind}");
            let mut other = ours.clone();
            other.id = "other".into();
            other.arn = other.arn.map(|_| arn("x", "other"));
            for value in other.config.values_mut().filter(|v| v.is_string()) {
                *value = "other".into();
            }
            assert!(claimed(vec![other], vec![], &[state(json!([theirs]))]).0.is_empty(), "{kind}");
        }
    }

    fn rule(id: &str, direction: &str, group: &str, port: i64, cidr: &str) -> Resource {
        Build::new(&format!("aws_vpc_security_group_{direction}_rule"), id)
            .region("eu-west-3")
            .set("security_group_id", group)
            .set("ip_protocol", "tcp")
            .set("from_port", port)
            .set("to_port", port)
            .set("cidr_ipv4", cidr)
            .get()
    }

    #[test]
    fn rules_inside_a_group_belong_to_it() {
        let inside = |port: i64, cidrs: &[&str]| json!({"protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": cidrs, "self": false, "security_groups": []});
        let group = managed(
            "aws_security_group",
            "web",
            json!({"id": "sg-1", "ingress": [inside(443, &["0.0.0.0/0", "10.0.0.0/8"])], "egress": []}),
        );
        let rules = || {
            vec![
                rule("sgr-1", "ingress", "sg-1", 443, "0.0.0.0/0"),
                rule("sgr-2", "ingress", "sg-1", 443, "10.0.0.0/8"),
                rule("sgr-3", "ingress", "sg-1", 22, "0.0.0.0/0"),
                rule("sgr-4", "egress", "sg-1", 443, "0.0.0.0/0"),
                rule("sgr-5", "ingress", "sg-2", 443, "0.0.0.0/0"),
            ]
        };
        let (found, _) = claimed(rules(), vec![], &[state(json!([group]))]);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["sgr-1", "sgr-2", "sgr-3"], "the group has no list of its own for egress");
        assert_eq!(found["sgr-1"], "in state live.tfstate as aws_security_group.web, among its ingress entries");
        assert!(found["sgr-3"].contains("the next apply of that state takes it away"), "{}", found["sgr-3"]);

        // With rules of their own in the state, the list is only what was read back.
        let own = managed(
            "aws_security_group_rule",
            "https",
            json!({"id": "sgrule-1", "type": "ingress", "security_group_id": "sg-1", "protocol": "6", "from_port": 443, "to_port": 443, "cidr_blocks": ["0.0.0.0/0"]}),
        );
        let (found, summaries) = claimed(rules(), vec![], &[state(json!([group, own]))]);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["sgr-1"]);
        assert_eq!(summaries[0].managed, 1);
    }

    #[test]
    fn settings_routes_and_disks_inside_belong_to_their_thing() {
        let bucket = managed(
            "aws_s3_bucket",
            "b",
            json!({"id": "assets", "bucket": "assets", "policy": "{\"x\": \"hunter2\"}", "versioning": [{"enabled": true}], "cors_rule": [],
            "server_side_encryption_configuration": [{"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}]}]}),
        );
        let table = managed("aws_route_table", "t", json!({"id": "rtb-1", "route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}]}));
        let machine = managed(
            "aws_instance",
            "m",
            json!({"id": "i-1", "ebs_block_device": [{"volume_id": "vol-1", "delete_on_termination": true}, {"volume_id": "vol-2", "delete_on_termination": false}]}),
        );
        let satellite = |kind: &str| Build::new(kind, kind).region("eu-west-3").set("bucket", "assets").get();
        let route = |to: &str| {
            Build::new("aws_route", to).region("eu-west-3").set("route_table_id", "rtb-1").set("destination_cidr_block", to).get()
        };
        let resources = vec![
            satellite("aws_s3_bucket_policy"),
            satellite("aws_s3_bucket_versioning"),
            satellite("aws_s3_bucket_cors_configuration"),
            satellite("aws_s3_bucket_server_side_encryption_configuration"),
            satellite("aws_s3_bucket_public_access_block"),
            route("0.0.0.0/0"),
            route("10.9.0.0/16"),
            Build::new("aws_ebs_volume", "vol-1").region("eu-west-3").get(),
            Build::new("aws_volume_attachment", "/dev/sdf:vol-1:i-1").region("eu-west-3").set("volume_id", "vol-1").get(),
            Build::new("aws_ebs_volume", "vol-2").region("eu-west-3").get(),
        ];
        let (found, _) = claimed(resources, vec![], &[state(json!([bucket, table, machine]))]);
        let ids: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(ids, ["/dev/sdf:vol-1:i-1", "0.0.0.0/0", "10.9.0.0/16", "aws_s3_bucket_policy", "aws_s3_bucket_versioning", "vol-1"]);
        assert!(found["10.9.0.0/16"].contains("takes it away") && found["0.0.0.0/0"].ends_with("among its route entries"));
        assert!(!found.values().any(|e| e.contains("hunter2")));
    }

    #[test]
    fn what_is_missing_is_named_only_when_all_was_read() {
        let gone = |kind: &str, id: &str| managed(kind, "gone", json!({"id": id}));
        let elsewhere = managed("aws_sqs_queue", "far", json!({"id": "q", "arn": format!("arn:aws:sqs:us-west-2:{ACCOUNT}:q")}));
        let foreign = managed(
            "aws_sns_topic",
            "other",
            json!({"id": "arn:aws:sns:eu-west-3:999999999999:t", "arn": "arn:aws:sns:eu-west-3:999999999999:t"}),
        );
        let state = state(json!([gone("aws_vpc", "vpc-1"), gone("aws_instance", "i-1"), gone("aws_glue_job", "j"), elsewhere, foreign]));
        let ledger = vec![
            listing("ec2:DescribeVpcs", Outcome::Done, &["aws_vpc"]),
            listing("ec2:DescribeInstances", Outcome::Denied, &["aws_instance"]),
            listing("sqs:ListQueues", Outcome::Done, &["aws_sqs_queue"]),
        ];
        let (_, summaries) = claimed(vec![], ledger, &[state]);
        let summary = &summaries[0];
        assert_eq!(summary.not_found, [("aws_vpc.gone".to_string(), "vpc-1".to_string())]);
        assert_eq!((summary.held, summary.managed, summary.not_read, summary.other_account), (5, 0, 3, 1));
    }

    #[test]
    fn one_thing_has_one_owner() {
        let of = |name: &str| {
            let mut s = state(json!([managed("aws_vpc", "main", json!({"id": "vpc-1"}))]));
            s.name = name.into();
            s
        };
        let vpc = || vec![Build::new("aws_vpc", "vpc-1").region("eu-west-3").get()];
        let (found, summaries) = claimed(vpc(), vec![], &[of("a.tfstate"), of("b.tfstate")]);
        assert_eq!(found["vpc-1"], "in state a.tfstate as aws_vpc.main");
        assert_eq!((summaries[0].managed, summaries[1].managed), (1, 0));
        assert_eq!(summaries[1].twice, [("aws_vpc.main".to_string(), "a.tfstate as aws_vpc.main".to_string())]);
    }

    #[test]
    fn a_namesake_in_another_region_is_another_thing() {
        let group = |region: &str| {
            Build::new("aws_cloudwatch_log_group", "/api")
                .region(region)
                .arn(&format!("arn:aws:logs:{region}:{ACCOUNT}:log-group:/api"))
                .get()
        };
        let held = managed(
            "aws_cloudwatch_log_group",
            "x",
            json!({"id": "/api", "arn": format!("arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/api")}),
        );
        assert!(claimed(vec![group("eu-west-3")], vec![], &[state(json!([held]))]).0.is_empty());
        assert_eq!(claimed(vec![group("us-east-1"), group("eu-west-3")], vec![], &[state(json!([held]))]).1[0].managed, 1);
    }
}
