//! Typed edges: which argument names which attribute of which type, and to what each value leads.

mod likely;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::graph::{Completeness, Index};
use super::resource::{GLOBAL, REDACTED};
use super::{Resource, Snapshot};

static FILE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/references.yaml"));

/// Stands for any type in a target: the value is an ARN.
const ANY: &str = "any";

/// Stands for any depth of blocks in a path.
const ANY_DEPTH: &str = "**";

/// An argument's value that names another thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Where it stands, for [`Resource::get`]: `config.subnet_id`, `config.vpc_security_group_ids.0`. For an ARN inside a JSON
    /// document the document's path, `config.policy`.
    pub path: String,
    /// The part of the value at `path` that names the target. It is the whole value, except inside a JSON document and where AWS
    /// adds something to an ARN (`:*` after a log group's). It may also be the beginning of a longer ARN there: take the longest
    /// first.
    pub value: String,
    /// What it leads to.
    pub target: Target,
}

/// What a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A resource of the estate.
    Inside {
        /// Its position.
        index: usize,
        /// The attribute that holds the value, under Terraform's name: `id`, `arn`, `name`, `dns_name` …
        attribute: String,
    },
    /// Something that is not in the snapshot.
    Outside {
        /// The type it would have (the first of those possible).
        kind: String,
        /// Why it is not there, for people.
        reason: String,
    },
}

/// A declared target: type and attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Goal {
    kind: String,
    attribute: String,
}

/// A declared edge.
#[derive(Debug, Clone)]
struct Edge {
    path: Vec<String>,
    goals: Vec<Goal>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn into_vec(self) -> Vec<String> {
        match self {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        }
    }
}

type Declared = BTreeMap<String, BTreeMap<String, OneOrMany>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sets: BTreeMap<String, Vec<String>>,
    joints: BTreeSet<String>,
    edges: Declared,
    ties: Declared,
    quotes: BTreeMap<String, Declared>,
}

/// Edges by type.
type Edges = BTreeMap<String, Vec<Edge>>;

#[derive(Default)]
struct Table {
    joints: BTreeSet<String>,
    edges: Edges,
    ties: Edges,
    /// By type and argument: facts that list what the argument's document quotes.
    quotes: BTreeMap<String, Edges>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| parse(FILE).0);

/// The table, and what is wrong with the file (nothing in the embedded one: a test).
fn parse(text: &str) -> (Table, Vec<String>) {
    let file: File = match serde_saphyr::from_str(text) {
        Ok(file) => file,
        Err(e) => return (Table::default(), vec![e.to_string()]),
    };
    let mut problems = Vec::new();
    let edges = expand(file.edges, &file.sets, &mut problems);
    let ties = expand(file.ties, &file.sets, &mut problems);
    let mut quotes: BTreeMap<String, Edges> = BTreeMap::new();
    for (kinds, arguments) in file.quotes {
        let edges = expand(arguments, &file.sets, &mut problems);
        for kind in kinds.split(',').map(str::trim) {
            quotes.entry(kind.to_owned()).or_default().extend(edges.clone());
        }
    }
    (Table { joints: file.joints, edges, ties, quotes }, problems)
}

fn expand(declared: Declared, sets: &BTreeMap<String, Vec<String>>, problems: &mut Vec<String>) -> Edges {
    let mut edges = Edges::new();
    for (kinds, arguments) in declared {
        let mut list = Vec::new();
        for (paths, targets) in arguments {
            let mut goals = Vec::new();
            for target in targets.into_vec() {
                let members = sets.get(&target).cloned().unwrap_or_else(|| vec![target]);
                for member in members {
                    match member.split_once('.') {
                        Some((kind, attribute)) => goals.push(Goal { kind: kind.into(), attribute: attribute.into() }),
                        None => problems.push(format!("{kinds}.{paths}: {member} is neither type.attribute nor a set")),
                    }
                }
            }
            for path in paths.split(',').map(str::trim) {
                list.push(Edge { path: path.split('.').map(String::from).collect(), goals: goals.clone() });
            }
        }
        for kind in kinds.split(',').map(str::trim) {
            edges.entry(kind.to_string()).or_default().extend(list.iter().cloned());
        }
    }
    edges
}

/// True for types that only join others (attachments, associations, rules).
pub(super) fn is_joint(kind: &str) -> bool {
    TABLE.joints.contains(kind)
}

/// True when a value of this attribute cannot mean two things in two regions.
pub(super) fn is_unique_everywhere(kind: &str, attribute: &str, value: &str) -> bool {
    match attribute {
        "id" => kind == "aws_s3_bucket" || value.starts_with("arn:") || is_ec2_id(value),
        "name" | "identifier" | "key_name" | "function_name" | "cluster_identifier" | "email_identity" | "configuration_set_name" => false,
        _ => true,
    }
}

/// `vpc-0f6dd0416f20f7f61` and its like, old short ones included.
fn is_ec2_id(value: &str) -> bool {
    value.split_once('-').is_some_and(|(prefix, hex)| {
        prefix.bytes().all(|b| b.is_ascii_lowercase())
            && (hex.len() == 8 || hex.len() == 17)
            && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

/// Resolves all references of all resources.
pub(super) fn resolve_all(snapshot: &Snapshot, index: &Index, completeness: &Completeness) -> Vec<Vec<Reference>> {
    let resolver = Resolver { snapshot, index, completeness };
    snapshot.resources.iter().enumerate().map(|(i, r)| resolver.references(i, r)).collect()
}

/// For each resource the positions of what its facts tie it to.
pub(super) fn ties(snapshot: &Snapshot, index: &Index, completeness: &Completeness) -> Vec<Vec<usize>> {
    let resolver = Resolver { snapshot, index, completeness };
    snapshot
        .resources
        .iter()
        .enumerate()
        .map(|(position, resource)| {
            let found = resolver.edges(&TABLE.ties, resource, "facts", &resource.facts);
            found.into_iter().filter_map(|r| r.target.index()).filter(|i| *i != position).collect()
        })
        .collect()
}

impl Target {
    /// The position of a target inside the estate.
    pub fn index(&self) -> Option<usize> {
        match self {
            Target::Inside { index, .. } => Some(*index),
            Target::Outside { .. } => None,
        }
    }
}

struct Resolver<'a> {
    snapshot: &'a Snapshot,
    index: &'a Index,
    completeness: &'a Completeness,
}

impl Resolver<'_> {
    fn references(&self, position: usize, resource: &Resource) -> Vec<Reference> {
        let mut found = self.edges(&TABLE.edges, resource, "config", &resource.config);
        found.extend(self.likely(resource));
        for (name, value) in &resource.config {
            self.documents(value, &mut format!("config.{name}"), &mut found);
        }
        for (argument, facts) in TABLE.quotes.get(&resource.kind).into_iter().flatten() {
            for edge in facts {
                let mut quoted = Vec::new();
                if let Some(value) = edge.path.first().and_then(|fact| resource.facts.get(fact)) {
                    self.walk(resource, edge, value, &[], &mut String::new(), &mut quoted);
                }
                let inside = quoted.into_iter().filter(|r| r.target.index().is_some());
                found.extend(inside.map(|r| Reference { path: format!("config.{argument}"), ..r }));
            }
        }
        if resource.kind == "aws_route53_record" {
            self.alias(resource, &mut found);
        }
        // A thing may name itself (a topic's policy its own topic); code cannot, so that is no edge.
        found.retain(|r| r.target.index() != Some(position));
        found.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| a.value.cmp(&b.value)));
        found
    }

    /// An alias record names its target twice: by host name, which DNS writes small, and by the zone that answers for that name, which
    /// many targets share.
    fn alias(&self, record: &Resource, found: &mut Vec<Reference>) {
        let (Some(name), Some(zone)) = (record.str("config.alias.0.name"), record.str("config.alias.0.zone_id")) else { return };
        // The word that asks a load balancer for IPv6 too.
        let name = name.strip_prefix("dualstack.").unwrap_or(name);
        let named = found.iter().position(|r| r.path == "config.alias.0.name");
        let mut target = named.and_then(|i| found[i].target.index());
        if target.is_none() {
            let website = name.starts_with("s3-website");
            let (kind, attribute) =
                if website { ("aws_s3_bucket_website_configuration", "website_domain") } else { ("aws_lb", "dns_name") };
            target = self.snapshot.resources.iter().position(|r| {
                r.kind == kind
                    && r.facts.get(attribute).and_then(Value::as_str).is_some_and(|d| d.eq_ignore_ascii_case(name))
                    // The endpoint is that of a whole region; the bucket is the one that is called as the record.
                    && (!website || r.str("config.bucket") == record.str("config.name"))
            });
            if let Some(index) = target {
                found.retain(|r| r.path != "config.alias.0.name");
                let target = Target::Inside { index, attribute: attribute.into() };
                found.push(Reference { path: "config.alias.0.name".into(), value: name.into(), target });
            }
        }
        // Within its own zone, an alias's zone is the record's.
        let own = (record.str("config.zone_id") == Some(zone))
            .then(|| found.iter().find(|r| r.path == "config.zone_id").and_then(|r| r.target.index()))
            .flatten();
        let attribute = ["zone_id", "hosted_zone_id"];
        let Some((index, attribute)) = own.or(target).and_then(|index| {
            let told = &self.snapshot.resources[index].facts;
            attribute.iter().find(|a| told.get(**a).and_then(Value::as_str) == Some(zone)).map(|a| (index, *a))
        }) else {
            return;
        };
        found.push(Reference {
            path: "config.alias.0.zone_id".into(),
            value: zone.into(),
            target: Target::Inside { index, attribute: attribute.into() },
        });
    }

    fn edges(&self, table: &Edges, resource: &Resource, root: &str, values: &super::Attrs) -> Vec<Reference> {
        let mut found = Vec::new();
        for edge in table.get(&resource.kind).map(Vec::as_slice).unwrap_or_default() {
            if let Some((first, rest)) = edge.path.split_first()
                && let Some(value) = values.get(first)
            {
                self.walk(resource, edge, value, rest, &mut format!("{root}.{first}"), &mut found);
            }
        }
        found
    }

    fn walk(&self, from: &Resource, edge: &Edge, value: &Value, rest: &[String], path: &mut String, found: &mut Vec<Reference>) {
        let length = path.len();
        match value {
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    path.push_str(&format!(".{i}"));
                    self.walk(from, edge, item, rest, path, found);
                    path.truncate(length);
                }
            }
            Value::Object(fields) => {
                let Some((first, after)) = rest.split_first() else { return };
                let mut step = |name: &str, inner: &Value, rest: &[String]| {
                    path.push('.');
                    path.push_str(name);
                    self.walk(from, edge, inner, rest, path, found);
                    path.truncate(length);
                };
                if first == ANY_DEPTH {
                    let wanted = after.first();
                    for (name, inner) in fields {
                        if Some(name) == wanted {
                            step(name, inner, &after[1..]);
                        } else if inner.is_array() || inner.is_object() {
                            step(name, inner, rest);
                        }
                    }
                } else if let Some(inner) = fields.get(first) {
                    step(first, inner, after);
                }
            }
            Value::String(text) if rest.is_empty() && !text.is_empty() && text != REDACTED => {
                if let Some((value, target)) = self.resolve(from, edge, text) {
                    found.push(Reference { path: path.clone(), value, target });
                }
            }
            _ => {}
        }
    }

    /// The target of a value, and the part of the value that names it. `None` when the value names no thing at all.
    fn resolve(&self, from: &Resource, edge: &Edge, text: &str) -> Option<(String, Target)> {
        for candidate in spellings(text) {
            for goal in &edge.goals {
                let index = if goal.kind == ANY {
                    self.index.by_arn.get(candidate).copied()
                } else {
                    self.index.near(&self.snapshot.resources, from, &goal.kind, &goal.attribute, candidate)
                };
                if let Some(index) = index {
                    return Some((candidate.into(), Target::Inside { index, attribute: goal.attribute.clone() }));
                }
            }
        }
        let goal = edge.goals.iter().find(|g| may_name(g, text))?;
        let reason = self.why_outside(from, edge, goal, text);
        Some((text.into(), Target::Outside { kind: goal.kind.clone(), reason }))
    }

    fn why_outside(&self, from: &Resource, edge: &Edge, goal: &Goal, text: &str) -> String {
        if let Some(reason) = kept_by_aws(&goal.kind, text) {
            return reason.into();
        }
        let meta = &self.snapshot.meta;
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let mut region = from.region.as_str();
        if let ["arn", _, _, arn_region, account, _] = parts.as_slice() {
            if *account == "aws" || *account == "cloudfront" {
                return "belongs to AWS".into();
            }
            if !account.is_empty() && *account != from.account {
                return format!("in another account, {account}");
            }
            if !arn_region.is_empty() {
                if !meta.regions.is_empty() && !meta.regions.iter().any(|r| r == arn_region) && *arn_region != from.region {
                    return format!("in {arn_region}, a region that was not scanned");
                }
                region = arn_region;
            }
        }
        let scope = (region != GLOBAL).then_some(region);
        let kinds: Vec<&str> = edge.goals.iter().filter(|g| g.kind != ANY && may_name(g, text)).map(|g| g.kind.as_str()).collect();
        if let Some(first) = kinds.first()
            && !self.completeness.knows(&kinds)
        {
            return format!("this scan did not read {first}");
        }
        let causes = self.completeness.gaps(&kinds, scope);
        if !causes.is_empty() {
            return format!("not in the snapshot: listing incomplete because {}", causes.join("; "));
        }
        match goal.kind.as_str() {
            // Only own images are listed, and CloudFront does not let go of a policy in use: what is not among ours is not ours.
            "aws_ami" => "an image this account does not own (from AWS, a marketplace or another account, or deregistered)".into(),
            "aws_ec2_managed_prefix_list" => "a list that AWS or another account keeps".into(),
            "aws_cloudfront_cache_policy" | "aws_cloudfront_origin_request_policy" | "aws_cloudfront_response_headers_policy" => {
                "a policy that AWS keeps".into()
            }
            ANY => "nothing with this ARN in the snapshot".into(),
            kind => format!("no such {kind} in the snapshot (deleted?)"),
        }
    }

    /// ARNs of things in the snapshot that stand in JSON documents (policies, redrive settings).
    fn documents(&self, value: &Value, path: &mut String, found: &mut Vec<Reference>) {
        let length = path.len();
        match value {
            Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
                let mut seen = BTreeSet::new();
                for arn in arns_in(text) {
                    let hit = spellings(arn).into_iter().find_map(|s| self.index.by_arn.get(s).map(|i| (s, *i)));
                    if let Some((spelling, index)) = hit
                        && seen.insert(spelling)
                    {
                        let target = Target::Inside { index, attribute: "arn".into() };
                        found.push(Reference { path: path.clone(), value: spelling.into(), target });
                    }
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    path.push_str(&format!(".{i}"));
                    self.documents(item, path, found);
                    path.truncate(length);
                }
            }
            Value::Object(fields) => {
                for (name, item) in fields {
                    path.push('.');
                    path.push_str(name);
                    self.documents(item, path, found);
                    path.truncate(length);
                }
            }
            _ => {}
        }
    }
}

/// The value itself, and without what AWS or a policy adds before or after: `/*`, `:*`, the path of an object or of a call.
fn spellings(text: &str) -> Vec<&str> {
    let mut list = vec![text];
    // The target of a route.
    list.extend(text.strip_prefix("integrations/"));
    // An image by tag or digest belongs to its repository.
    if text.contains(".dkr.ecr.") {
        list.extend(text.split_once('@').map(|(repository, _)| repository));
        list.extend(text.rsplit_once(':').map(|(repository, _)| repository));
    }
    if text.starts_with("arn:") {
        list.extend(text.strip_suffix(":*"));
        list.extend(text.strip_suffix("/*"));
        // arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME:key:stage:version is one value of the secret.
        if text.contains(":secretsmanager:")
            && let Some((end, _)) = text.match_indices(':').nth(6)
        {
            list.push(&text[..end]);
        }
        // arn:aws:s3:::bucket/some/path belongs to the bucket.
        if text.contains(":s3:::")
            && let Some((bucket, _)) = text.split_once('/')
        {
            list.push(bucket);
        }
        // arn:aws:execute-api:region:account:API/stage/method/path belongs to the API.
        if text.contains(":execute-api:") {
            list.extend(text.split_once('/').map(|(api, _)| api));
        }
        // An address of API Gateway that holds the ARN of what it calls.
        let called = text.split_once(":lambda:path/2015-03-31/functions/").and_then(|(_, called)| called.strip_suffix("/invocations"));
        list.extend(called);
        // arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER belongs to the function, where no alias has that ARN.
        let function = called.unwrap_or(text);
        if function.contains(":function:")
            && let Some((end, _)) = function.match_indices(':').nth(6)
        {
            list.push(&function[..end]);
        }
    }
    list
}

/// All ARNs in a text, each as it stands there.
fn arns_in(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("arn:aws").map(move |(start, _)| {
        let rest = &text[start..];
        rest.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\\' | ',' | '\'')).next().unwrap_or(rest)
    })
}

/// Whether a value that was not found has the form of what a goal asks for. An argument may hold an ARN of one type or the id of
/// another, an address, or a foreign host name.
fn may_name(goal: &Goal, text: &str) -> bool {
    let host = |part: &str| text.contains(part) && text.ends_with(".amazonaws.com") && !text.contains('/');
    match (goal.kind.as_str(), goal.attribute.as_str()) {
        (ANY, _) => text.starts_with("arn:"),
        ("aws_s3_bucket", "bucket_domain_name" | "bucket_regional_domain_name") => host(".s3.") || host(".s3-"),
        ("aws_s3_bucket_website_configuration", _) => host(".s3-website"),
        ("aws_lb", "dns_name") => host(".elb."),
        ("aws_apigatewayv2_domain_name", "target_domain_name") | ("aws_api_gateway_domain_name", "regional_domain_name") => {
            host(".execute-api.")
        }
        ("aws_api_gateway_domain_name", "cloudfront_domain_name") => text.ends_with(".cloudfront.net"),
        // Those that every account has.
        ("aws_codedeploy_deployment_config", _) => !text.starts_with("CodeDeployDefault."),
        // What an API calls may be anywhere on the internet, and a build's image AWS's own.
        ("aws_lambda_function", "invoke_arn") => text.contains(":lambda:path/"),
        (_, "execution_arn") => text.contains(":execute-api:"),
        ("aws_ecr_repository", "repository_url") => text.contains(".dkr.ecr."),
        ("aws_instance", "public_dns") => host(".compute"),
        // An address may be anybody's.
        ("aws_eip", "public_ip") => false,
        ("aws_ecs_service", "scalable_resource_id") => text.starts_with("service/"),
        ("aws_cloudfront_distribution", "domain_name") => text.ends_with(".cloudfront.net"),
        (kind, "arn" | "qualified_arn") => arn_service(kind).map_or(text.starts_with("arn:"), |s| {
            text.starts_with("arn:")
                && text.split(':').nth(2) == Some(s)
                && (!matches!(kind, "aws_kms_key" | "aws_kms_replica_key") || text.contains(":key/"))
        }),
        ("aws_kms_alias", "name") => text.starts_with("alias/"),
        (kind, "id") => {
            !text.starts_with("arn:")
                && !text.starts_with("alias/")
                && text.parse::<IpAddr>().is_err()
                && id_prefix(kind).is_none_or(|p| text.strip_prefix(p).is_some_and(|rest| rest.starts_with('-')))
        }
        _ => !text.starts_with("arn:"),
    }
}

/// How the ids of a type begin.
fn id_prefix(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "aws_vpc" | "aws_default_vpc" => "vpc",
        "aws_subnet" | "aws_default_subnet" => "subnet",
        "aws_route_table" => "rtb",
        "aws_network_acl" | "aws_default_network_acl" => "acl",
        "aws_security_group" | "aws_default_security_group" => "sg",
        "aws_internet_gateway" => "igw",
        "aws_egress_only_internet_gateway" => "eigw",
        "aws_vpn_gateway" => "vgw",
        "aws_nat_gateway" => "nat",
        "aws_vpc_endpoint" => "vpce",
        "aws_vpc_peering_connection" => "pcx",
        "aws_ec2_transit_gateway" => "tgw",
        "aws_ec2_managed_prefix_list" => "pl",
        "aws_network_interface" => "eni",
        "aws_eip" => "eipalloc",
        "aws_instance" => "i",
        "aws_ebs_volume" => "vol",
        "aws_ebs_snapshot" => "snap",
        "aws_ami" => "ami",
        "aws_launch_template" => "lt",
        "aws_vpc_dhcp_options" | "aws_default_vpc_dhcp_options" => "dopt",
        _ => return None,
    })
}

/// The service part of the ARNs of a type.
fn arn_service(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "aws_acm_certificate" => "acm",
        "aws_apigatewayv2_api" | "aws_apigatewayv2_stage" | "aws_api_gateway_rest_api" | "aws_api_gateway_stage" => "apigateway",
        "aws_appautoscaling_policy" | "aws_autoscaling_group" | "aws_autoscaling_policy" => "autoscaling",
        "aws_backup_framework" | "aws_backup_vault" => "backup",
        "aws_cloudfront_function" => "cloudfront",
        "aws_cloudwatch_metric_alarm" => "cloudwatch",
        "aws_codebuild_project" => "codebuild",
        "aws_cloudwatch_event_bus" | "aws_cloudwatch_event_rule" => "events",
        "aws_cloudwatch_log_group" => "logs",
        "aws_db_instance" | "aws_rds_cluster" => "rds",
        "aws_dynamodb_table" => "dynamodb",
        "aws_iam_instance_profile" | "aws_iam_policy" | "aws_iam_role" | "aws_iam_server_certificate" => "iam",
        "aws_kinesis_firehose_delivery_stream" => "firehose",
        "aws_kinesis_stream" => "kinesis",
        "aws_kms_key" | "aws_kms_replica_key" | "aws_kms_alias" => "kms",
        "aws_lambda_alias" | "aws_lambda_function" | "aws_lambda_layer_version" => "lambda",
        "aws_lb" | "aws_lb_listener" | "aws_lb_target_group" => "elasticloadbalancing",
        "aws_service_discovery_http_namespace"
        | "aws_service_discovery_private_dns_namespace"
        | "aws_service_discovery_public_dns_namespace"
        | "aws_service_discovery_service" => "servicediscovery",
        "aws_s3_bucket" => "s3",
        "aws_secretsmanager_secret" => "secretsmanager",
        "aws_sns_topic" => "sns",
        "aws_sqs_queue" => "sqs",
        "aws_ecs_cluster" | "aws_ecs_service" | "aws_ecs_task_definition" => "ecs",
        "aws_wafv2_ip_set" | "aws_wafv2_regex_pattern_set" | "aws_wafv2_rule_group" | "aws_wafv2_web_acl" => "wafv2",
        _ => return None,
    })
}

/// Things that AWS keeps and no account lists.
fn kept_by_aws(kind: &str, text: &str) -> Option<&'static str> {
    match kind {
        "aws_kms_key" | "aws_kms_alias" if text.contains("alias/aws/") => Some("a key that AWS keeps"),
        "aws_db_parameter_group"
        | "aws_docdb_cluster_parameter_group"
        | "aws_elasticache_parameter_group"
        | "aws_neptune_cluster_parameter_group"
        | "aws_neptune_parameter_group"
        | "aws_rds_cluster_parameter_group"
            if text.starts_with("default.") =>
        {
            Some("a parameter group that AWS keeps")
        }
        "aws_elasticache_user" if text == "default" => Some("the user that every engine has"),
        "aws_db_option_group" if text.starts_with("default:") => Some("an option group that AWS keeps"),
        "aws_iam_policy" if text.contains(":iam::aws:policy/") => Some("a policy that AWS keeps"),
        "aws_ecs_capacity_provider" if text.starts_with("FARGATE") => Some("a capacity provider that AWS keeps"),
        // EC2 puts this in the place of the volume of a copied snapshot.
        "aws_ebs_volume" if text == "vol-ffffffff" => Some("made by copying, so there is no volume"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::provider;
    use crate::schema::provider::{Block, Found};

    /// Whether a path of the table exists, `**` being any depth.
    fn exists(block: &Block, path: &[String]) -> bool {
        fn below(block: &Block, rest: &[String], depth: usize) -> bool {
            exists(block, rest) || (depth < 8 && block.blocks.values().any(|n| below(&n.block, rest, depth + 1)))
        }
        match path.iter().position(|p| p == ANY_DEPTH) {
            None => matches!(block.find(&path.join(".")), Some(Found::Attribute(_) | Found::Inner(_))),
            Some(at) => match block.find(&path[..at].join(".")) {
                Some(Found::Block(nested)) => below(&nested.block, &path[at + 1..], 0),
                _ => false,
            },
        }
    }

    #[test]
    fn every_path_and_target_of_the_table_exists() {
        assert_eq!(parse(FILE).1, Vec::<String>::new());
        assert!(TABLE.edges.len() > 80);
        let mut wrong = Vec::new();
        let goal = |kind: &str, edge: &Edge, wrong: &mut Vec<String>| {
            for goal in &edge.goals {
                let is_attribute = || provider().resource(&goal.kind).is_some_and(|b| b.attributes.contains_key(&goal.attribute));
                let is_fact = || crate::schema::facts(&goal.kind).contains_key(&goal.attribute);
                let fine = goal.kind == ANY || is_attribute() || is_fact();
                if !fine {
                    wrong.push(format!("{kind}.{}: target {}.{}", edge.path.join("."), goal.kind, goal.attribute));
                }
            }
        };
        for (kind, edges) in &TABLE.edges {
            let Some(block) = provider().resource(kind) else {
                wrong.push(format!("{kind}: no such type"));
                continue;
            };
            for edge in edges {
                if !exists(block, &edge.path) {
                    wrong.push(format!("{kind}.{}", edge.path.join(".")));
                }
                goal(kind, edge, &mut wrong);
            }
        }
        for (kind, edges) in &TABLE.ties {
            for edge in edges {
                if !crate::schema::facts(kind).contains_key(&edge.path[0]) {
                    wrong.push(format!("{kind}: no fact {}", edge.path[0]));
                }
                goal(kind, edge, &mut wrong);
            }
        }
        for (kind, arguments) in &TABLE.quotes {
            for (argument, facts) in arguments {
                if !provider().resource(kind).is_some_and(|b| b.attributes.contains_key(argument)) {
                    wrong.push(format!("{kind}.{argument}"));
                }
                for edge in facts {
                    if !crate::schema::facts(kind).contains_key(&edge.path[0]) {
                        wrong.push(format!("{kind}: no fact {}", edge.path[0]));
                    }
                    goal(kind, edge, &mut wrong);
                }
            }
        }
        for kind in &TABLE.joints {
            if !provider().has(kind) {
                wrong.push(format!("joint {kind}: no such type"));
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn an_alias_names_its_target_by_host_and_by_zone() {
        use crate::estate::testing::{Build, estate_of};
        use serde_json::json;
        let alias = |id: &str, name: &str, zone: &str| {
            Build::new("aws_route53_record", id)
                .region("global")
                .set("zone_id", "Z1")
                .set("name", id)
                .set("alias", json!([{ "name": name, "zone_id": zone, "evaluate_target_health": false }]))
                .get()
        };
        let lb = |id: &str, host: &str| Build::new("aws_lb", id).fact("dns_name", host).fact("zone_id", "ZLB").get();
        let estate = estate_of(vec![
            Build::new("aws_route53_zone", "Z1").region("global").fact("zone_id", "Z1").get(),
            lb("lb-1", "Web-1.eu-west-3.elb.amazonaws.com"),
            lb("lb-2", "api-2.eu-west-3.elb.amazonaws.com"),
            Build::new("aws_s3_bucket_website_configuration", "www.example.com")
                .set("bucket", "www.example.com")
                .fact("website_domain", "s3-website.eu-west-3.amazonaws.com")
                .get(),
            alias("web.example.com", "dualstack.web-1.eu-west-3.elb.amazonaws.com", "ZLB"),
            alias("www.example.com", "s3-website.eu-west-3.amazonaws.com", "ZS3"),
            alias("old.example.com", "s3-website.eu-west-3.amazonaws.com", "ZS3"),
            alias("example.com", "web.example.com", "Z1"),
        ]);
        let named = |id: &str, path: &str| {
            let record = estate.find("aws_route53_record", "id", id).unwrap();
            let found = estate.references(record).iter().find(|r| r.path == path)?;
            let Target::Inside { attribute, .. } = &found.target else { return None };
            Some((estate.target(found)?.id.as_str(), attribute.as_str()))
        };
        assert_eq!(named("web.example.com", "config.alias.0.name"), Some(("lb-1", "dns_name")));
        assert_eq!(named("web.example.com", "config.alias.0.zone_id"), Some(("lb-1", "zone_id")));
        assert_eq!(named("www.example.com", "config.alias.0.name"), Some(("www.example.com", "website_domain")));
        assert_eq!(named("old.example.com", "config.alias.0.name"), None);
        assert_eq!(named("example.com", "config.alias.0.zone_id"), Some(("Z1", "zone_id")));
    }

    #[test]
    fn ids_of_ec2() {
        assert!(is_ec2_id("vpc-0f6dd0416f20f7f61") && is_ec2_id("i-1a2b3c4d"));
        assert!(!is_ec2_id("exo-live") && !is_ec2_id("sg-xyz") && !is_ec2_id("deploy-2024"));
    }
}
