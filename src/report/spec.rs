//! `estate.yaml`, the spec of the estate: what there is, named and related, in an order a person reads.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::model::{self, Model};
use super::network;
use crate::error::Error;
use crate::estate::{Estate, Resource, Target};
use crate::schema;

/// Version of `estate.yaml`.
pub const SCHEMA_VERSION: u32 = 1;

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spec {
    /// See [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Who wrote it.
    pub tool: String,
    /// The account.
    pub account: Account,
    /// False when something could not be read: see `not_seen`.
    pub complete: bool,
    /// What could not be read, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_seen: Vec<String>,
    /// Environments, those that cost most first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<Environment>,
    /// Networks with their subnets, routes, gateways and security groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<Entity>,
    /// Servers, functions, their images and launch templates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compute: Vec<Entity>,
    /// Databases, buckets, volumes, caches, secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_stores: Vec<Entity>,
    /// Load balancers, distributions, web ACLs, certificates, names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edge: Vec<Entity>,
    /// People, roles, policies, keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identity: Vec<Entity>,
    /// Topics, queues, mail, SMS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messaging: Vec<Entity>,
    /// Trails, alarms, dashboards, logs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observability: Vec<Entity>,
    /// Everything else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other: Vec<Entity>,
}

/// The account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// Its number.
    pub id: String,
    /// Its alias, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// AWS partition.
    pub partition: String,
    /// Regions that were asked.
    pub regions: Vec<String>,
    /// When the survey began, RFC 3339.
    pub taken_at: String,
    /// Version of the AWS provider whose schema the settings follow.
    pub provider_version: String,
}

/// An environment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Resources in it.
    pub resources: usize,
    /// Sum of the known prices, US dollars per month.
    pub monthly_usd: f64,
}

/// One resource with what belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entity {
    /// Terraform type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Import id.
    pub id: String,
    /// Name for people, where it is not the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// ARN, where it is not the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Region or `global`.
    pub region: String,
    /// Environment, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Who looks after it, when that is not people of this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ownership: Option<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Arguments that are set, named as in the AWS provider. JSON documents stand as what they hold.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, Value>,
    /// What was observed besides: state, endpoints, addresses.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub observed: BTreeMap<String, Value>,
    /// Paths that could not be read, with the cause.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unread: BTreeMap<String, String>,
    /// Ports that the internet reaches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open_to_internet: Vec<String>,
    /// Other resources it names: `aws_subnet subnet-0a1 (public-a)`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<String>,
    /// US dollars per month, where a price is known and not zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_usd: Option<f64>,
    /// What belongs to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Entity>,
}

/// Type prefixes whose resources are shown under a resource of another type that they name. The longest prefix counts.
const PARENTS: [(&str, &[&str]); 66] = [
    ("aws_api_gateway_authorizer", &["aws_api_gateway_rest_api"]),
    ("aws_api_gateway_base_path_mapping", &["aws_api_gateway_domain_name"]),
    ("aws_api_gateway_deployment", &["aws_api_gateway_rest_api"]),
    ("aws_api_gateway_gateway_response", &["aws_api_gateway_rest_api"]),
    ("aws_api_gateway_integration", &["aws_api_gateway_rest_api"]),
    ("aws_api_gateway_method", &["aws_api_gateway_rest_api"]),
    ("aws_api_gateway_method_settings", &["aws_api_gateway_stage"]),
    ("aws_api_gateway_model", &["aws_api_gateway_rest_api"]),
    ("aws_api_gateway_request_validator", &["aws_api_gateway_rest_api"]),
    ("aws_api_gateway_resource", &["aws_api_gateway_rest_api"]),
    ("aws_api_gateway_rest_api_policy", &["aws_api_gateway_rest_api"]),
    ("aws_api_gateway_stage", &["aws_api_gateway_rest_api"]),
    ("aws_api_gateway_usage_plan_key", &["aws_api_gateway_usage_plan"]),
    ("aws_apigatewayv2_api_mapping", &["aws_apigatewayv2_domain_name"]),
    ("aws_apigatewayv2_authorizer", &["aws_apigatewayv2_api"]),
    ("aws_apigatewayv2_integration", &["aws_apigatewayv2_api"]),
    ("aws_apigatewayv2_integration_response", &["aws_apigatewayv2_integration"]),
    ("aws_apigatewayv2_model", &["aws_apigatewayv2_api"]),
    ("aws_apigatewayv2_route", &["aws_apigatewayv2_api"]),
    ("aws_apigatewayv2_route_response", &["aws_apigatewayv2_route"]),
    ("aws_apigatewayv2_stage", &["aws_apigatewayv2_api"]),
    ("aws_cloudwatch_event_bus_policy", &["aws_cloudwatch_event_bus"]),
    ("aws_cloudwatch_event_target", &["aws_cloudwatch_event_rule"]),
    ("aws_cloudwatch_log_metric_filter", &["aws_cloudwatch_log_group"]),
    ("aws_cloudwatch_log_subscription_filter", &["aws_cloudwatch_log_group"]),
    ("aws_codebuild_webhook", &["aws_codebuild_project"]),
    ("aws_codedeploy_deployment_group", &["aws_codedeploy_app"]),
    ("aws_codepipeline_webhook", &["aws_codepipeline"]),
    ("aws_default_network_acl", NETWORKS),
    ("aws_default_route_table", NETWORKS),
    ("aws_default_security_group", NETWORKS),
    ("aws_default_subnet", NETWORKS),
    ("aws_egress_only_internet_gateway", NETWORKS),
    ("aws_eip_association", &["aws_eip"]),
    ("aws_iam_access_key", &["aws_iam_user"]),
    ("aws_iam_group_", &["aws_iam_group"]),
    ("aws_iam_instance_profile", &["aws_iam_role"]),
    ("aws_iam_role_", &["aws_iam_role"]),
    ("aws_iam_user_", &["aws_iam_user"]),
    ("aws_internet_gateway", NETWORKS),
    ("aws_kms_alias", &["aws_kms_key"]),
    ("aws_lambda_", &["aws_lambda_function"]),
    ("aws_lb_listener", &["aws_lb"]),
    ("aws_lb_listener_certificate", &["aws_lb_listener"]),
    ("aws_lb_listener_rule", &["aws_lb_listener"]),
    ("aws_lb_target_group_attachment", &["aws_lb_target_group"]),
    ("aws_nat_gateway", &["aws_subnet", "aws_default_subnet"]),
    ("aws_network_acl", NETWORKS),
    ("aws_network_acl_rule", &["aws_network_acl", "aws_default_network_acl"]),
    ("aws_route", &["aws_route_table", "aws_default_route_table"]),
    ("aws_route53_record", &["aws_route53_zone"]),
    ("aws_route_table", NETWORKS),
    ("aws_route_table_association", &["aws_route_table", "aws_default_route_table"]),
    ("aws_s3_bucket_", &["aws_s3_bucket"]),
    ("aws_secretsmanager_secret_", &["aws_secretsmanager_secret"]),
    ("aws_security_group", NETWORKS),
    ("aws_security_group_rule", GROUPS),
    ("aws_sesv2_email_identity_", &["aws_sesv2_email_identity"]),
    ("aws_sns_topic_", &["aws_sns_topic"]),
    ("aws_sqs_queue_", &["aws_sqs_queue"]),
    ("aws_subnet", NETWORKS),
    ("aws_volume_attachment", &["aws_instance"]),
    ("aws_vpc_endpoint", NETWORKS),
    ("aws_vpc_security_group_egress_rule", GROUPS),
    ("aws_vpc_security_group_ingress_rule", GROUPS),
    ("aws_wafv2_web_acl_", &["aws_wafv2_web_acl"]),
];
const NETWORKS: &[&str] = &["aws_vpc", "aws_default_vpc"];
const GROUPS: &[&str] = &["aws_security_group", "aws_default_security_group"];

/// Type prefixes and their section. The longest prefix counts; what matches none goes to `other`.
const SECTIONS: [(&str, Section); 57] = {
    use Section::{Compute, DataStores, Edge, Identity, Messaging, Networks, Observability};
    [
        ("aws_accessanalyzer", Identity),
        ("aws_acm", Edge),
        ("aws_ami", Compute),
        ("aws_api_gateway", Edge),
        ("aws_apigatewayv2", Edge),
        ("aws_autoscaling", Compute),
        ("aws_backup", DataStores),
        ("aws_cloudfront", Edge),
        ("aws_cloudtrail", Observability),
        ("aws_cloudwatch", Observability),
        ("aws_cognito", Identity),
        ("aws_config", Observability),
        ("aws_customer_gateway", Networks),
        ("aws_db_", DataStores),
        ("aws_default_", Networks),
        ("aws_dynamodb", DataStores),
        ("aws_ebs", DataStores),
        ("aws_ecr", Compute),
        ("aws_ecs", Compute),
        ("aws_efs", DataStores),
        ("aws_egress", Networks),
        ("aws_eip", Networks),
        ("aws_eks", Compute),
        ("aws_elasticache", DataStores),
        ("aws_elb", Edge),
        ("aws_flow_log", Observability),
        ("aws_guardduty", Observability),
        ("aws_iam", Identity),
        ("aws_instance", Compute),
        ("aws_internet_gateway", Networks),
        ("aws_key_pair", Compute),
        ("aws_kms", Identity),
        ("aws_lambda", Compute),
        ("aws_launch", Compute),
        ("aws_lb", Edge),
        ("aws_nat_gateway", Networks),
        ("aws_network", Networks),
        ("aws_pinpointsmsvoicev2", Messaging),
        ("aws_placement_group", Compute),
        ("aws_rds", DataStores),
        ("aws_route", Networks),
        ("aws_route53", Edge),
        ("aws_s3", DataStores),
        ("aws_scheduler", Compute),
        ("aws_secretsmanager", DataStores),
        ("aws_security_group", Networks),
        ("aws_securityhub", Observability),
        ("aws_ses", Messaging),
        ("aws_sfn", Compute),
        ("aws_sns", Messaging),
        ("aws_sqs", Messaging),
        ("aws_ssm_parameter", DataStores),
        ("aws_subnet", Networks),
        ("aws_volume", DataStores),
        ("aws_vpc", Networks),
        ("aws_vpn", Networks),
        ("aws_wafv2", Edge),
    ]
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Networks,
    Compute,
    DataStores,
    Edge,
    Identity,
    Messaging,
    Observability,
    Other,
}

fn longest<T: Copy>(table: &[(&str, T)], kind: &str) -> Option<T> {
    table.iter().filter(|(prefix, _)| kind.starts_with(prefix)).max_by_key(|(prefix, _)| prefix.len()).map(|(_, value)| *value)
}

/// Builds the spec. `model` must be of the same estate.
pub fn build(estate: &Estate, model: &Model) -> Spec {
    let meta = &estate.snapshot().meta;
    let parents: Vec<Option<usize>> = estate.resources().iter().map(|r| parent(estate, r)).collect();
    let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
    for (child, parent) in parents.iter().enumerate() {
        if let Some(parent) = parent {
            children.entry(*parent).or_default().push(child);
        }
    }
    let mut spec = Spec {
        schema_version: SCHEMA_VERSION,
        tool: meta.tool.clone(),
        account: Account {
            id: meta.account.clone(),
            alias: meta.alias.clone(),
            partition: meta.partition.clone(),
            regions: meta.regions.clone(),
            taken_at: meta.taken_at.clone(),
            provider_version: meta.provider_version.clone(),
        },
        complete: model.not_seen.gaps.is_empty() && model.not_seen.unread.is_empty() && !model.not_seen.interrupted,
        not_seen: model
            .not_seen
            .gaps
            .iter()
            .map(|g| format!("{}: {} in {} ({})", model::outcome(g.outcome), g.call, g.regions.join(", "), g.types.join(", ")))
            .collect(),
        environments: model
            .inventory
            .iter()
            .filter(|e| e.name != crate::cost::NO_ENVIRONMENT)
            .map(|e| Environment { name: e.name.clone(), resources: e.count, monthly_usd: e.usd })
            .collect(),
        ..Spec::default()
    };
    for (at, resource) in estate.resources().iter().enumerate().filter(|(at, _)| parents[*at].is_none()) {
        let entity = entity(estate, model, &parents, &children, at, 0);
        let section = match longest(&SECTIONS, &resource.kind).unwrap_or(Section::Other) {
            Section::Networks => &mut spec.networks,
            Section::Compute => &mut spec.compute,
            Section::DataStores => &mut spec.data_stores,
            Section::Edge => &mut spec.edge,
            Section::Identity => &mut spec.identity,
            Section::Messaging => &mut spec.messaging,
            Section::Observability => &mut spec.observability,
            Section::Other => &mut spec.other,
        };
        section.push(entity);
    }
    // The large things first: networks before addresses, groups before what belongs to none.
    for section in [
        &mut spec.networks,
        &mut spec.compute,
        &mut spec.data_stores,
        &mut spec.edge,
        &mut spec.identity,
        &mut spec.messaging,
        &mut spec.observability,
        &mut spec.other,
    ] {
        section.sort_by_key(|e| e.parts.is_empty());
    }
    spec
}

/// `estate.yaml`.
///
/// # Errors
/// [`Error::internal`] when the file cannot be written as YAML, which no data of a snapshot should cause.
pub fn render(estate: &Estate, model: &Model) -> Result<String, Error> {
    let yaml = serde_saphyr::to_string(&build(estate, model)).map_err(|e| Error::internal(format!("cannot write estate.yaml: {e}")))?;
    Ok(format!(
        "# The spec of AWS account {}, written by surveyor. Its JSON Schema: `surveyor schema estate`.\n{yaml}",
        super::escape::terminal(&model.meta.account)
    ))
}

/// The resource under which another one is shown: one of the declared types that it names, of the deepest declared kind.
fn parent(estate: &Estate, resource: &Resource) -> Option<usize> {
    let kinds = longest(&PARENTS, &resource.kind)?;
    estate.references(resource).iter().find_map(|r| match &r.target {
        Target::Inside { index, .. } => {
            let target = &estate.resources()[*index];
            (kinds.contains(&target.kind.as_str()) && target.key() != resource.key()).then_some(*index)
        }
        Target::Outside { .. } => None,
    })
}

/// Deeper than any nesting that the table of parents can make; stops where references go round.
const DEEPEST: usize = 6;

fn entity(
    estate: &Estate,
    model: &Model,
    parents: &[Option<usize>],
    children: &HashMap<usize, Vec<usize>>,
    at: usize,
    depth: usize,
) -> Entity {
    let r = &estate.resources()[at];
    let row = &model.rows[at];
    let mut uses = BTreeSet::new();
    let above = parents[at].map(|p| estate.resources()[p].key());
    for reference in estate.references(r) {
        // What it stands under need not be said again.
        if let Some(target) = estate.target(reference).filter(|t| Some(t.key()) != above) {
            let name = if target.label() == target.id { String::new() } else { format!(" ({})", target.label()) };
            uses.insert(format!("{} {}{name}", target.kind, target.id));
        }
    }
    let parts = match children.get(&at) {
        Some(parts) if depth < DEEPEST => parts.iter().map(|c| entity(estate, model, parents, children, *c, depth + 1)).collect(),
        _ => Vec::new(),
    };
    Entity {
        kind: r.kind.clone(),
        id: r.id.clone(),
        name: r.name.clone().filter(|n| *n != r.id),
        arn: r.arn.clone().filter(|a| *a != r.id),
        region: r.region.clone(),
        environment: estate.environment(r).map(|e| e.name.clone()),
        ownership: model::ownership(r),
        tags: r.tags.clone(),
        settings: r.config.iter().filter_map(|(k, v)| Some((k.clone(), meaningful(v)?))).collect(),
        observed: r
            .facts
            .iter()
            // What changes by itself would make every spec differ from the one before.
            .filter(|(k, _)| schema::facts(&r.kind).get(*k).is_none_or(|fact| !fact.volatile))
            .filter_map(|(k, v)| Some((k.clone(), meaningful(v)?)))
            .collect(),
        unread: r.unread.clone(),
        open_to_internet: network::open_ports(estate, r),
        uses: uses.into_iter().collect(),
        monthly_usd: row.usd.filter(|usd| *usd > 0.0),
        parts,
    }
}

/// Leaves out what says nothing (null, empty text, empty lists and maps), and opens JSON documents that stand as text.
fn meaningful(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(s) if s.is_empty() => None,
        Value::String(s) if s.trim_start().starts_with('{') => match serde_json::from_str::<Value>(s) {
            Ok(document @ Value::Object(_)) => Some(document),
            _ => Some(value.clone()),
        },
        Value::Array(items) => {
            let items: Vec<Value> = items.iter().filter_map(meaningful).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(fields) => {
            let fields: Map<String, Value> = fields.iter().filter_map(|(k, v)| Some((k.clone(), meaningful(v)?))).collect();
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
        other => Some(other.clone()),
    }
}
