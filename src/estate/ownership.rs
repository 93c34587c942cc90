//! Who looks after a resource, from evidence in the snapshot.
//!
//! What a collector or a Terraform state already told stands. Everything else is judged in this order: what cannot be imported,
//! what an AWS service or an orchestrator made, what AWS made with the account, what comes and goes by itself, what is a part of
//! another resource, what belongs to a stack; and at last, what hangs on a resource that somebody else looks after.

use serde_json::Value;

use super::resource::OwnershipClass as Class;
use super::stacks::Stacks;
use super::{Estate, Ownership, Resource};

/// Types without import, with the reason.
const NOT_IMPORTABLE: &[(&str, &str)] = &[
    ("aws_lb_target_group_attachment", "the provider has no import for target registrations"),
    ("aws_sns_sms_preferences", "the provider has no import for the account's text message settings"),
    ("aws_iam_access_key", "AWS shows the secret only once, when the key is made"),
    ("aws_iam_user_login_profile", "the password cannot be read, and code would set a new one"),
    ("aws_iam_policy_attachment", "it would claim every attachment of the policy in the account"),
    ("aws_iam_group_membership", "the provider has no import; memberships are written per user"),
    ("aws_main_route_table_association", "the provider has no import; the main route table is written instead"),
    ("aws_vpn_gateway_attachment", "the provider has no import; the gateway's vpc_id says the same"),
    ("aws_appautoscaling_scheduled_action", "the provider has no import"),
    ("aws_autoscaling_attachment", "the provider has no import"),
    ("aws_autoscaling_notification", "the provider has no import"),
    ("aws_elb_attachment", "the provider has no import"),
    ("aws_acm_certificate_validation", "it waits for a validation and is no thing of its own"),
    ("aws_guardduty_detector_feature", "the provider has no import"),
    ("aws_vpn_connection_route", "the provider has no import"),
    ("aws_config_conformance_pack", "AWS does not give its template back"),
];

/// How a value is recognised.
#[derive(Clone, Copy)]
enum Is {
    /// It begins so.
    Prefix(&'static str),
    /// It is just this.
    Exactly(&'static str),
    /// It is set at all (and not empty, and not false).
    Set,
}

/// One rule: in a type (`*` for all), an attribute path, what it looks like, and what that means.
type Sign = (&'static str, &'static str, Is, Class, &'static str);

/// Why the parts of an API that AWS made in one go are not in the code.
const QUICK_CREATE: &str = "made by the API's quick create, which the provider does not import";

/// What an attribute's value gives away. `{}` is the value.
const SIGNS: &[Sign] = &[
    // Made and kept by AWS services.
    ("aws_iam_role", "config.path", Is::Prefix("/aws-service-role/"), Class::AwsManaged, "service-linked role (path {})"),
    ("aws_iam_role", "config.path", Is::Prefix("/aws-reserved/"), Class::AwsManaged, "kept by AWS (path {})"),
    ("aws_iam_policy", "arn", Is::Prefix("arn:aws:iam::aws:"), Class::AwsManaged, "policy of AWS"),
    ("aws_iam_service_linked_role", "id", Is::Set, Class::AwsManaged, "service-linked role"),
    ("aws_kms_alias", "config.name", Is::Prefix("alias/aws/"), Class::AwsManaged, "alias of a key that AWS keeps"),
    ("aws_kms_key", "facts.key_manager", Is::Exactly("AWS"), Class::AwsManaged, "key that AWS keeps"),
    ("aws_network_interface", "facts.requester_managed", Is::Set, Class::AwsManaged, "made by an AWS service (requester-managed)"),
    ("aws_network_interface", "config.description", Is::Prefix("ELB "), Class::AwsManaged, "made by a load balancer (\"{}\")"),
    ("aws_network_interface", "config.description", Is::Prefix("RDSNetworkInterface"), Class::AwsManaged, "made by RDS (\"{}\")"),
    ("aws_network_interface", "config.description", Is::Prefix("AWS Lambda VPC ENI"), Class::AwsManaged, "made by Lambda (\"{}\")"),
    (
        "aws_network_interface",
        "config.description",
        Is::Prefix("Interface for NAT Gateway"),
        Class::AwsManaged,
        "made by a NAT gateway (\"{}\")",
    ),
    (
        "aws_network_interface",
        "config.description",
        Is::Prefix("VPC Endpoint Interface"),
        Class::AwsManaged,
        "made by a VPC endpoint (\"{}\")",
    ),
    ("aws_network_interface", "config.description", Is::Prefix("EFS mount target"), Class::AwsManaged, "made by EFS (\"{}\")"),
    ("aws_network_interface", "config.description", Is::Prefix("arn:aws:ecs:"), Class::AwsManaged, "made by ECS for a task (\"{}\")"),
    ("aws_network_interface", "config.description", Is::Prefix("ElastiCache "), Class::AwsManaged, "made by ElastiCache (\"{}\")"),
    ("aws_vpc_endpoint", "facts.requester_managed", Is::Set, Class::AwsManaged, "made by an AWS service (requester-managed)"),
    ("aws_eip", "facts.service_managed", Is::Set, Class::AwsManaged, "address kept by an AWS service ({})"),
    ("aws_ec2_managed_prefix_list", "facts.owner_id", Is::Exactly("AWS"), Class::AwsManaged, "list of AWS"),
    ("aws_db_parameter_group", "config.name", Is::Prefix("default."), Class::AwsManaged, "parameter group of RDS"),
    ("aws_rds_cluster_parameter_group", "config.name", Is::Prefix("default."), Class::AwsManaged, "parameter group of RDS"),
    ("aws_db_option_group", "config.name", Is::Prefix("default:"), Class::AwsManaged, "option group of RDS"),
    ("aws_elasticache_parameter_group", "config.name", Is::Prefix("default."), Class::AwsManaged, "parameter group of ElastiCache"),
    ("aws_secretsmanager_secret", "facts.owning_service", Is::Set, Class::AwsManaged, "secret kept by {}"),
    ("aws_wafv2_web_acl", "facts.managed_by_firewall_manager", Is::Set, Class::AwsManaged, "kept by Firewall Manager"),
    (
        "aws_cloudwatch_metric_alarm",
        "config.alarm_name",
        Is::Prefix("TargetTracking-"),
        Class::AwsManaged,
        "kept by a target tracking policy",
    ),
    ("aws_api_gateway_model", "config.name", Is::Exactly("Empty"), Class::AwsDefault, "made by AWS with the API"),
    ("aws_api_gateway_model", "config.name", Is::Exactly("Error"), Class::AwsDefault, "made by AWS with the API"),
    // The provider refuses to keep these two, so they are never written, used or not.
    ("aws_cloudwatch_event_bus", "config.name", Is::Exactly("default"), Class::AwsManaged, "every account has it"),
    ("aws_scheduler_schedule_group", "config.name", Is::Exactly("default"), Class::AwsManaged, "every account has it"),
    ("aws_cloudwatch_event_bus", "facts.managed_by", Is::Set, Class::AwsManaged, "bus kept by {}"),
    ("aws_cloudwatch_event_rule", "facts.managed_by", Is::Set, Class::AwsManaged, "rule kept by {}"),
    ("aws_backup_plan", "config.name", Is::Prefix("aws/"), Class::AwsManaged, "plan kept by AWS Backup"),
    ("aws_backup_vault", "config.name", Is::Prefix("aws/"), Class::AwsManaged, "vault kept by AWS Backup"),
    // Quick create makes a stage, a route and an integration that its API keeps; other services (SAM, Amplify) whole APIs.
    (
        "aws_apigatewayv2_api",
        "facts.api_gateway_managed",
        Is::Set,
        Class::AwsManaged,
        "made and kept by another service through API Gateway",
    ),
    ("aws_apigatewayv2_stage", "facts.api_gateway_managed", Is::Set, Class::NotImportable, QUICK_CREATE),
    ("aws_apigatewayv2_route", "facts.api_gateway_managed", Is::Set, Class::NotImportable, QUICK_CREATE),
    ("aws_apigatewayv2_integration", "facts.api_gateway_managed", Is::Set, Class::NotImportable, QUICK_CREATE),
    ("aws_route53_zone", "facts.linked_service", Is::Set, Class::AwsManaged, "zone kept by {}"),
    ("aws_route53_health_check", "facts.linked_service", Is::Set, Class::AwsManaged, "health check kept by {}"),
    ("aws_route53_record", "facts.traffic_policy_instance_id", Is::Set, Class::AwsManaged, "record of traffic policy instance {}"),
    ("aws_config_config_rule", "facts.kept_by", Is::Set, Class::AwsManaged, "rule kept by {}"),
    ("aws_config_conformance_pack", "facts.kept_by", Is::Set, Class::AwsManaged, "pack kept by {}"),
    (
        "aws_ec2_transit_gateway_route_table",
        "facts.default_association_route_table",
        Is::Set,
        Class::AwsDefault,
        "the table that a transit gateway is made with",
    ),
    // Kept by an orchestrator. AWS's own tags (aws:…) lie in facts.
    ("*", "aws_tags.aws:autoscaling:groupName", Is::Set, Class::Orchestrated, "instance of autoscaling group {}"),
    ("*", "aws_tags.aws:ec2:fleet-id", Is::Set, Class::Orchestrated, "instance of fleet {}"),
    ("*", "aws_tags.aws:ec2spot:fleet-request-id", Is::Set, Class::Orchestrated, "instance of spot fleet {}"),
    ("*", "aws_tags.aws:elasticmapreduce:job-flow-id", Is::Set, Class::Orchestrated, "part of EMR cluster {}"),
    ("*", "aws_tags.aws:eks:cluster-name", Is::Set, Class::Orchestrated, "part of EKS cluster {}"),
    ("*", "tags.eks:cluster-name", Is::Set, Class::Orchestrated, "part of EKS cluster {}"),
    ("*", "tags.elbv2.k8s.aws/cluster", Is::Set, Class::Orchestrated, "made by the load balancer controller of Kubernetes cluster {}"),
    ("*", "tags.kubernetes.io/service-name", Is::Set, Class::Orchestrated, "made for Kubernetes service {}"),
    ("*", "tags.kubernetes.io/created-for/pvc/name", Is::Set, Class::Orchestrated, "made for Kubernetes volume claim {}"),
    ("*", "tags.elasticbeanstalk:environment-name", Is::Set, Class::Orchestrated, "part of Beanstalk environment {}"),
    ("*", "aws_tags.elasticbeanstalk:environment-name", Is::Set, Class::Orchestrated, "part of Beanstalk environment {}"),
    // The group behind a capacity provider bears the tag too, and people keep it.
    ("aws_ebs_volume", "tags.AmazonECSManaged", Is::Set, Class::Orchestrated, "kept by ECS"),
    ("aws_instance", "tags.AmazonECSManaged", Is::Set, Class::Orchestrated, "kept by ECS"),
    ("aws_launch_template", "tags.AmazonECSManaged", Is::Set, Class::Orchestrated, "kept by ECS"),
    ("*", "tags.AWSBatchServiceTag", Is::Set, Class::Orchestrated, "kept by Batch"),
    ("aws_s3_bucket", "id", Is::Prefix("elasticbeanstalk-"), Class::Orchestrated, "bucket of Beanstalk"),
    ("aws_cloudwatch_metric_alarm", "config.alarm_name", Is::Prefix("awseb-"), Class::Orchestrated, "alarm of Beanstalk"),
    // Made by AWS with the account or with a VPC.
    ("aws_route53_record", "facts.made_with_zone", Is::Set, Class::AwsDefault, "made by AWS with the zone"),
    ("aws_vpc_dhcp_options", "facts.is_default", Is::Set, Class::AwsDefault, "made by AWS with the default VPC"),
    ("aws_db_subnet_group", "config.name", Is::Exactly("default"), Class::AwsDefault, "made by RDS over the default VPC"),
    ("aws_db_subnet_group", "config.name", Is::Prefix("default-vpc-"), Class::AwsDefault, "made by the RDS console over a whole VPC"),
    ("aws_elasticache_subnet_group", "config.name", Is::Exactly("default"), Class::AwsDefault, "made by ElastiCache"),
    ("aws_elasticache_user", "config.user_id", Is::Exactly("default"), Class::AwsDefault, "made by ElastiCache"),
    ("aws_backup_vault", "config.name", Is::Exactly("Default"), Class::AwsDefault, "made by AWS Backup"),
    ("aws_ecr_registry_scanning_configuration", "facts.is_default", Is::Set, Class::AwsDefault, "every registry has it"),
    (
        "aws_appautoscaling_policy",
        "config.policy_type",
        Is::Exactly("PredictiveScaling"),
        Class::NotImportable,
        "the provider knows no predictive scaling of applications",
    ),
    // Comes and goes by itself.
    ("aws_db_snapshot", "facts.snapshot_type", Is::Exactly("automated"), Class::Ephemeral, "made and deleted by the backup window of RDS"),
    ("aws_db_snapshot", "facts.snapshot_type", Is::Exactly("awsbackup"), Class::Ephemeral, "made and deleted by AWS Backup"),
    (
        "aws_db_cluster_snapshot",
        "facts.snapshot_type",
        Is::Exactly("automated"),
        Class::Ephemeral,
        "made and deleted by the backup window of RDS",
    ),
    ("aws_ebs_snapshot", "aws_tags.aws:backup:source-resource", Is::Set, Class::Ephemeral, "made and deleted by AWS Backup"),
    ("aws_ami", "aws_tags.aws:backup:source-resource", Is::Set, Class::Ephemeral, "made and deleted by AWS Backup"),
    ("aws_ebs_snapshot", "aws_tags.aws:dlm:lifecycle-policy-id", Is::Set, Class::Ephemeral, "made and deleted by lifecycle policy {}"),
    ("aws_ami", "aws_tags.aws:dlm:lifecycle-policy-id", Is::Set, Class::Ephemeral, "made and deleted by lifecycle policy {}"),
    ("aws_instance", "facts.state", Is::Exactly("terminated"), Class::Ephemeral, "terminated, AWS forgets it within the hour"),
    ("aws_instance", "facts.state", Is::Exactly("shutting-down"), Class::Ephemeral, "being terminated"),
    ("aws_instance", "config.instance_market_options.0.market_type", Is::Exactly("spot"), Class::Ephemeral, "spot instance"),
    ("aws_nat_gateway", "facts.state", Is::Exactly("deleted"), Class::Ephemeral, "deleted, AWS forgets it within the hour"),
    ("aws_nat_gateway", "facts.state", Is::Exactly("deleting"), Class::Ephemeral, "being deleted"),
    ("aws_kms_key", "facts.key_state", Is::Exactly("PendingDeletion"), Class::Ephemeral, "awaiting its deletion"),
    ("aws_kms_replica_key", "facts.key_state", Is::Exactly("PendingDeletion"), Class::Ephemeral, "awaiting its deletion"),
    ("aws_secretsmanager_secret", "facts.deleted_date", Is::Set, Class::Ephemeral, "awaiting its deletion since {}"),
    ("aws_ecs_service", "facts.status", Is::Exactly("DRAINING"), Class::Ephemeral, "being deleted"),
    (
        "aws_ecs_task_definition",
        "facts.status",
        Is::Exactly("INACTIVE"),
        Class::NotImportable,
        "deregistered, and the provider does not read such revisions",
    ),
    ("aws_service_discovery_instance", "facts.ecs_service", Is::Set, Class::Ephemeral, "registered by ECS service {}"),
    // Stacks.
    ("*", "aws_tags.aws:cloudformation:stack-name", Is::Set, Class::Cloudformation, "belongs to CloudFormation stack {}"),
];

/// Resources that are nothing without another: type, argument that names it. They follow their parent's owner.
const FOLLOWS: &[(&str, &str)] = &[
    ("aws_api_gateway_authorizer", "config.rest_api_id"),
    ("aws_api_gateway_base_path_mapping", "config.domain_name"),
    ("aws_api_gateway_deployment", "config.rest_api_id"),
    ("aws_api_gateway_gateway_response", "config.rest_api_id"),
    ("aws_api_gateway_integration", "config.rest_api_id"),
    ("aws_api_gateway_integration_response", "config.rest_api_id"),
    ("aws_api_gateway_method", "config.rest_api_id"),
    ("aws_api_gateway_method_response", "config.rest_api_id"),
    ("aws_api_gateway_method_settings", "config.rest_api_id"),
    ("aws_api_gateway_model", "config.rest_api_id"),
    ("aws_api_gateway_request_validator", "config.rest_api_id"),
    ("aws_api_gateway_resource", "config.rest_api_id"),
    ("aws_api_gateway_rest_api_policy", "config.rest_api_id"),
    ("aws_api_gateway_stage", "config.rest_api_id"),
    ("aws_api_gateway_usage_plan_key", "config.usage_plan_id"),
    ("aws_apigatewayv2_api_mapping", "config.domain_name"),
    ("aws_apigatewayv2_authorizer", "config.api_id"),
    ("aws_apigatewayv2_integration", "config.api_id"),
    ("aws_apigatewayv2_integration_response", "config.integration_id"),
    ("aws_apigatewayv2_model", "config.api_id"),
    ("aws_apigatewayv2_route", "config.api_id"),
    ("aws_apigatewayv2_route_response", "config.route_id"),
    ("aws_apigatewayv2_stage", "config.api_id"),
    ("aws_backup_selection", "config.plan_id"),
    ("aws_backup_vault_lock_configuration", "config.backup_vault_name"),
    ("aws_backup_vault_notifications", "config.backup_vault_name"),
    ("aws_backup_vault_policy", "config.backup_vault_name"),
    ("aws_db_proxy_default_target_group", "config.db_proxy_name"),
    ("aws_db_proxy_endpoint", "config.db_proxy_name"),
    ("aws_db_proxy_target", "config.db_proxy_name"),
    ("aws_dynamodb_contributor_insights", "config.table_name"),
    ("aws_dynamodb_kinesis_streaming_destination", "config.table_name"),
    ("aws_dynamodb_resource_policy", "config.resource_arn"),
    ("aws_ebs_volume", "facts.attached_instance_id"),
    ("aws_cloudwatch_event_target", "config.rule"),
    ("aws_ecr_lifecycle_policy", "config.repository"),
    ("aws_ecr_repository_policy", "config.repository"),
    ("aws_autoscaling_lifecycle_hook", "config.autoscaling_group_name"),
    ("aws_autoscaling_policy", "config.autoscaling_group_name"),
    ("aws_autoscaling_schedule", "config.autoscaling_group_name"),
    ("aws_ecs_cluster_capacity_providers", "config.cluster_name"),
    ("aws_codebuild_webhook", "config.project_name"),
    ("aws_codedeploy_deployment_group", "config.app_name"),
    ("aws_efs_access_point", "config.file_system_id"),
    ("aws_efs_backup_policy", "config.file_system_id"),
    ("aws_efs_file_system_policy", "config.file_system_id"),
    ("aws_efs_mount_target", "config.file_system_id"),
    ("aws_efs_replication_configuration", "config.source_file_system_id"),
    ("aws_eip_association", "config.instance_id"),
    ("aws_iam_access_key", "config.user"),
    ("aws_iam_group_policy", "config.group"),
    ("aws_iam_group_policy_attachment", "config.group"),
    ("aws_iam_role_policy", "config.role"),
    ("aws_iam_role_policy_attachment", "config.role"),
    ("aws_iam_user_policy", "config.user"),
    ("aws_iam_user_policy_attachment", "config.user"),
    ("aws_kms_alias", "config.target_key_id"),
    ("aws_lambda_event_source_mapping", "config.function_name"),
    ("aws_lambda_function_url", "config.function_name"),
    ("aws_lambda_permission", "config.function_name"),
    ("aws_lb_listener", "config.load_balancer_arn"),
    ("aws_lb_listener_certificate", "config.listener_arn"),
    ("aws_lb_listener_rule", "config.listener_arn"),
    ("aws_network_interface", "facts.attachment_instance_id"),
    ("aws_route", "config.route_table_id"),
    ("aws_route53_record", "config.zone_id"),
    ("aws_rds_cluster_endpoint", "config.cluster_identifier"),
    ("aws_rds_cluster_instance", "config.cluster_identifier"),
    ("aws_route_table_association", "config.route_table_id"),
    ("aws_secretsmanager_secret_policy", "config.secret_arn"),
    ("aws_secretsmanager_secret_rotation", "config.secret_id"),
    ("aws_secretsmanager_secret_version", "config.secret_id"),
    ("aws_sns_topic_policy", "config.arn"),
    ("aws_sqs_queue_policy", "config.queue_url"),
    ("aws_sqs_queue_redrive_allow_policy", "config.queue_url"),
    ("aws_volume_attachment", "config.instance_id"),
    ("aws_vpn_connection_route", "config.vpn_connection_id"),
    ("aws_vpc_security_group_egress_rule", "config.security_group_id"),
    ("aws_vpc_security_group_ingress_rule", "config.security_group_id"),
];

/// The ownership of each resource of an estate, in its order; `None` where it stays as it is.
pub(super) fn classify(estate: &Estate) -> Vec<Option<Ownership>> {
    let resources = estate.resources();
    let stacks = Stacks::of(resources);
    let mut owners: Vec<Option<Ownership>> =
        resources.iter().map(|r| if is_told(r) { None } else { own_evidence(estate, &stacks, r) }).collect();
    // A rule follows its listener, which follows its load balancer: as often as such a chain is long.
    for _ in 0..3 {
        let mut changed = false;
        for (i, resource) in resources.iter().enumerate() {
            if owners[i].is_none()
                && !is_told(resource)
                && let Some(inherited) = from_parent(estate, resource, &owners)
            {
                owners[i] = Some(inherited);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    owners
}

/// True when the collector or a state file said it.
fn is_told(resource: &Resource) -> bool {
    resource.ownership.class != Class::Ours
}

/// Why a type cannot be imported, where it cannot.
pub fn not_importable(kind: &str) -> Option<&'static str> {
    NOT_IMPORTABLE.iter().find(|(k, _)| *k == kind).map(|(_, reason)| *reason)
}

fn owned(class: Class, evidence: impl Into<String>) -> Ownership {
    Ownership { class, evidence: evidence.into(), by: None }
}

fn own_evidence(estate: &Estate, stacks: &Stacks<'_>, r: &Resource) -> Option<Ownership> {
    if r.is_pseudo() {
        return Some(owned(Class::NotImportable, "Terraform has no type for it"));
    }
    if let Some(registrar) = registered(estate, r) {
        return Some(registrar);
    }
    if let Some(reason) = not_importable(&r.kind) {
        return Some(owned(Class::NotImportable, reason));
    }
    if r.kind == "aws_sns_topic_subscription" && r.bool("facts.pending_confirmation") {
        return Some(owned(Class::NotImportable, "nobody confirmed the subscription, so it has no ARN to import"));
    }
    signs(r)
        .or_else(|| kubernetes(r))
        .or_else(|| aws_default(estate, r))
        .or_else(|| part_of(estate, r))
        .or_else(|| key_of_aws(estate, r))
        .or_else(|| elsewhere(r))
        .or_else(|| part_of_stack(stacks, r))
}

/// A target that a service or an autoscaling group registers and takes away again by itself.
fn registered(estate: &Estate, r: &Resource) -> Option<Ownership> {
    if r.kind != "aws_lb_target_group_attachment" {
        return None;
    }
    let group = estate.references(r).iter().find(|f| f.path == "config.target_group_arn").and_then(|f| estate.target(f))?;
    let (by, _) =
        estate.referrers(group).into_iter().find(|(u, _)| matches!(u.kind.as_str(), "aws_ecs_service" | "aws_autoscaling_group"))?;
    let what = if by.kind == "aws_ecs_service" { "ECS service" } else { "autoscaling group" };
    Some(Ownership { class: Class::Ephemeral, evidence: format!("target that {what} {} registers", by.label()), by: Some(by.id.clone()) })
}

/// A value by path, tags included; `aws_tags.` stands for `facts.aws_tags`, whose keys may hold dots.
fn value<'a>(r: &'a Resource, path: &str) -> Option<&'a Value> {
    match path.strip_prefix("aws_tags.") {
        Some(key) => r.facts.get("aws_tags")?.get(key),
        None => r.get(path),
    }
}

fn text<'a>(r: &'a Resource, path: &str) -> Option<&'a str> {
    match path {
        "id" => Some(&r.id),
        "arn" => r.arn.as_deref(),
        _ => match path.strip_prefix("tags.") {
            Some(key) => r.tags.get(key).map(String::as_str),
            None => value(r, path)?.as_str(),
        },
    }
}

fn signs(r: &Resource) -> Option<Ownership> {
    SIGNS.iter().filter(|(kind, ..)| *kind == "*" || *kind == r.kind).find_map(|(_, path, is, class, words)| {
        let found = text(r, path);
        let hit = match is {
            Is::Prefix(prefix) => found.is_some_and(|t| t.starts_with(prefix)),
            Is::Exactly(whole) => found == Some(whole),
            Is::Set => found.is_some_and(|t| !t.is_empty()) || value(r, path) == Some(&Value::Bool(true)),
        };
        let by = words.contains("{}").then(|| found.unwrap_or_default().to_string());
        hit.then(|| Ownership { class: *class, evidence: words.replace("{}", found.unwrap_or_default()), by: by.filter(|b| !b.is_empty()) })
    })
}

/// `kubernetes.io/cluster/NAME = owned`. With `shared` the cluster only uses what people made.
fn kubernetes(r: &Resource) -> Option<Ownership> {
    let (key, _) = r.tags.iter().find(|(k, v)| k.starts_with("kubernetes.io/cluster/") && v.as_str() == "owned")?;
    let cluster = key.trim_start_matches("kubernetes.io/cluster/");
    Some(Ownership { class: Class::Orchestrated, evidence: format!("made by Kubernetes cluster {cluster}"), by: Some(cluster.into()) })
}

fn aws_default(estate: &Estate, r: &Resource) -> Option<Ownership> {
    let default = |what: &str, by: &str| {
        Some(Ownership { class: Class::AwsDefault, evidence: what.to_string(), by: (!by.is_empty()).then(|| by.to_string()) })
    };
    let vpc = || r.str("config.vpc_id").or_else(|| r.str("facts.vpc_id")).unwrap_or_default();
    match r.kind.as_str() {
        "aws_default_vpc" => default("made by AWS with the account", ""),
        "aws_default_subnet" => default("made by AWS with the default VPC", vpc()),
        "aws_default_vpc_dhcp_options" => default("made by AWS with the default VPC", ""),
        "aws_default_route_table" => default("the main route table that a VPC is made with", if vpc().is_empty() { &r.id } else { vpc() }),
        "aws_default_network_acl" => default("the network ACL that a VPC is made with", vpc()),
        "aws_default_security_group" => default("the security group that a VPC is made with", vpc()),
        "aws_internet_gateway" => {
            let vpc = estate.find_near(r, "aws_default_vpc", "id", vpc())?;
            default("gateway of the default VPC, made with it", &vpc.id)
        }
        "aws_route" => {
            let table = estate.find_near(r, "aws_default_route_table", "default_route_table_id", r.str("config.route_table_id")?)?;
            estate.related(table, "aws_default_vpc").first()?;
            let to_gateway = r.str("config.gateway_id").is_some_and(|g| g.starts_with("igw-"));
            let everywhere = r.str("config.destination_cidr_block") == Some("0.0.0.0/0");
            (to_gateway && everywhere).then(|| default("route of the default VPC to its gateway, made with it", &table.id)).flatten()
        }
        // The two rules that a default group is made with. Any other was added by people.
        "aws_vpc_security_group_ingress_rule" | "aws_vpc_security_group_egress_rule" => {
            let group = estate.find_near(r, "aws_default_security_group", "id", r.str("config.security_group_id")?)?;
            let all = r.str("config.ip_protocol") == Some("-1");
            let original = if r.kind.ends_with("ingress_rule") {
                r.str("config.referenced_security_group_id") == Some(group.id.as_str())
            } else {
                matches!((r.str("config.cidr_ipv4"), r.str("config.cidr_ipv6")), (Some("0.0.0.0/0"), _) | (_, Some("::/0")))
            };
            (all && original).then(|| default("rule that the default group is made with", &group.id)).flatten()
        }
        _ => None,
    }
}

/// What a stack lists as its part. A nested stack is a part of its parent.
fn part_of_stack(stacks: &Stacks<'_>, r: &Resource) -> Option<Ownership> {
    let stack = stacks.owner(r)?;
    Some(Ownership { class: Class::Cloudformation, evidence: format!("part of CloudFormation stack {stack}"), by: Some(stack.into()) })
}

fn part_of(estate: &Estate, r: &Resource) -> Option<Ownership> {
    let child = |of: &Resource, what: &str| {
        Some(Ownership { class: Class::Child, evidence: format!("{what} {} ({})", of.label(), of.id), by: Some(of.id.clone()) })
    };
    match r.kind.as_str() {
        "aws_ebs_volume" => child(estate.find_near(r, "aws_instance", "root_volume_id", &r.id)?, "root volume of instance"),
        "aws_volume_attachment" => {
            let instance = estate.find_near(r, "aws_instance", "root_volume_id", r.str("config.volume_id")?)?;
            child(instance, "attachment of the root volume of instance")
        }
        "aws_network_interface" => {
            let instance = match r.str("facts.attachment_instance_id") {
                Some(id) if r.get("facts.device_index").and_then(Value::as_u64) == Some(0) => estate.find_near(r, "aws_instance", "id", id),
                _ => estate.find_near(r, "aws_instance", "primary_network_interface_id", &r.id),
            }?;
            child(instance, "primary network interface of instance")
        }
        // A NAT gateway holds its address itself; an instance does not.
        "aws_eip_association" => {
            let allocation = r.str("config.allocation_id")?;
            let nat = estate.find_near(r, "aws_nat_gateway", "allocation_id", allocation)?;
            child(nat, "address of NAT gateway")
        }
        // A copy of a table is written as a block of the table it was copied from: the oldest of them.
        "aws_dynamodb_table" => {
            let made = |t: &Resource| t.str("facts.create_time").map(str::to_owned);
            let copies = |t: &Resource| t.strings("facts.replica_regions").contains(&r.region.as_str());
            let older = |t: &Resource| (made(t), &t.region) < (made(r), &r.region);
            let same = |t: &&Resource| t.id == r.id && t.account == r.account && t.region != r.region && copies(t) && older(t);
            let original = estate.of("aws_dynamodb_table").filter(same).min_by_key(|t| (made(t), t.region.clone()))?;
            child(original, &format!("copy in {} of table", r.region))
        }
        "aws_elasticache_cluster" => {
            let group = estate.find_near(r, "aws_elasticache_replication_group", "id", r.str("config.replication_group_id")?)?;
            child(group, "member of replication group")
        }
        "aws_ebs_snapshot" => {
            let image = r.strings("facts.image_ids").into_iter().find_map(|id| estate.find_near(r, "aws_ami", "id", id))?;
            child(image, "snapshot of image")
        }
        _ => None,
    }
}

/// A key that AWS keeps and does not call its own, told by its alias.
fn key_of_aws(estate: &Estate, r: &Resource) -> Option<Ownership> {
    let aliases = if r.kind == "aws_kms_key" { estate.referrers(r) } else { Vec::new() };
    let (alias, _) = aliases.into_iter().find(|(a, _)| a.kind == "aws_kms_alias" && a.id.starts_with("alias/aws/"))?;
    Some(owned(Class::AwsManaged, format!("key that AWS keeps, by its alias {}", alias.id)))
}

/// What belongs to another account or region and only shows here.
fn elsewhere(r: &Resource) -> Option<Ownership> {
    let home = r.str("facts.home_region").filter(|_| r.kind == "aws_cloudtrail")?;
    let account = r.arn.as_deref()?.split(':').nth(4)?;
    if account != r.account {
        return Some(Ownership {
            class: Class::AwsManaged,
            evidence: format!("trail of the organisation, kept in account {account}"),
            by: Some(account.into()),
        });
    }
    (home != r.region).then(|| Ownership { class: Class::Child, evidence: format!("shadow of the trail in {home}"), by: r.arn.clone() })
}

fn from_parent(estate: &Estate, r: &Resource, owners: &[Option<Ownership>]) -> Option<Ownership> {
    let bucket_part = r.kind.starts_with("aws_s3_bucket_").then_some("config.bucket");
    let path = FOLLOWS.iter().find(|(kind, _)| *kind == r.kind).map(|(_, path)| *path).or(bucket_part)?;
    let parent = if path.starts_with("facts.") {
        estate.find_near(r, "aws_instance", "id", r.str(path)?)?
    } else {
        estate.references(r).iter().find(|reference| reference.path == path).and_then(|reference| estate.target(reference))?
    };
    let owner = match &owners[estate.index_of(parent)?] {
        Some(owner) => owner,
        None => &parent.ownership,
    };
    // Routes and rules that people added to what AWS made with the account are people's; those of a stack's group are the stack's.
    let follows = matches!(owner.class, Class::AwsManaged | Class::Orchestrated | Class::Cloudformation | Class::Ephemeral);
    follows.then(|| Ownership {
        class: owner.class,
        evidence: format!("belongs to {} ({})", parent.label(), owner.evidence),
        by: owner.by.clone().or_else(|| Some(parent.id.clone())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::testing::{Build, estate_of};
    use serde_json::json;

    fn class_of(estate: &Estate, id: &str) -> (Class, String) {
        let r = estate.resources().iter().find(|r| r.id == id).unwrap_or_else(|| panic!("no {id}"));
        (r.ownership.class, r.ownership.evidence.clone())
    }

    #[test]
    fn every_sign_names_a_real_type_and_attribute() {
        for (kind, path, ..) in SIGNS {
            if *kind == "*" {
                assert!(path.starts_with("tags.") || path.starts_with("aws_tags."), "{path}");
                continue;
            }
            let block = crate::schema::provider().resource(kind).unwrap_or_else(|| panic!("{kind}"));
            match path.split_once('.') {
                Some(("config", argument)) => assert!(block.find(argument).is_some(), "{kind}.{argument}"),
                Some(("facts", fact)) => assert!(crate::schema::facts(kind).contains_key(fact), "{kind}.{fact}"),
                Some(("aws_tags" | "tags", _)) => {}
                _ => assert!(["id", "arn"].contains(path), "{path}"),
            }
        }
        for (kind, path) in FOLLOWS {
            let block = crate::schema::provider().resource(kind).unwrap_or_else(|| panic!("{kind}"));
            match path.split_once('.') {
                Some(("config", argument)) => assert!(block.find(argument).is_some(), "{kind}.{argument}"),
                Some((_, fact)) => assert!(crate::schema::facts(kind).contains_key(fact), "{kind}.{fact}"),
                None => panic!("{path}"),
            }
        }
        assert!(NOT_IMPORTABLE.iter().all(|(kind, _)| crate::schema::provider().has(kind)));
    }

    #[test]
    fn what_aws_makes_with_the_account() {
        let estate = estate_of(vec![
            Build::new("aws_default_vpc", "vpc-1").get(),
            Build::new("aws_default_subnet", "subnet-1").fact("vpc_id", "vpc-1").get(),
            Build::new("aws_default_security_group", "sg-1").set("vpc_id", "vpc-1").get(),
            Build::new("aws_default_route_table", "vpc-1").set("default_route_table_id", "rtb-1").fact("vpc_id", "vpc-1").get(),
            Build::new("aws_route", "rtb-1_0.0.0.0/0")
                .set("route_table_id", "rtb-1")
                .set("gateway_id", "igw-1")
                .set("destination_cidr_block", "0.0.0.0/0")
                .get(),
            Build::new("aws_route", "rtb-1_10.9.0.0/16")
                .set("route_table_id", "rtb-1")
                .set("vpc_peering_connection_id", "pcx-1")
                .set("destination_cidr_block", "10.9.0.0/16")
                .get(),
            Build::new("aws_internet_gateway", "igw-1").set("vpc_id", "vpc-1").get(),
            Build::new("aws_internet_gateway", "igw-2").set("vpc_id", "vpc-2").get(),
            Build::new("aws_vpc", "vpc-2").get(),
            Build::new("aws_vpc_security_group_ingress_rule", "sgr-1")
                .set("security_group_id", "sg-1")
                .set("ip_protocol", "-1")
                .set("referenced_security_group_id", "sg-1")
                .get(),
            Build::new("aws_vpc_security_group_ingress_rule", "sgr-2")
                .set("security_group_id", "sg-1")
                .set("ip_protocol", "tcp")
                .set("cidr_ipv4", "0.0.0.0/0")
                .get(),
        ]);
        for id in ["vpc-1", "subnet-1", "sg-1", "igw-1", "rtb-1_0.0.0.0/0", "sgr-1"] {
            assert_eq!(class_of(&estate, id).0, Class::AwsDefault, "{id}");
            assert!(!class_of(&estate, id).1.is_empty());
        }
        for id in ["vpc-2", "igw-2", "sgr-2", "rtb-1_10.9.0.0/16"] {
            assert_eq!(class_of(&estate, id).0, Class::Ours, "{id}");
        }
    }

    #[test]
    fn parts_of_an_instance() {
        let estate = estate_of(vec![
            Build::new("aws_instance", "i-1")
                .name("API")
                .fact("root_volume_id", "vol-1")
                .fact("primary_network_interface_id", "eni-1")
                .get(),
            Build::new("aws_ebs_volume", "vol-1").get(),
            Build::new("aws_ebs_volume", "vol-2").get(),
            Build::new("aws_network_interface", "eni-1").fact("attachment_instance_id", "i-1").fact("device_index", 0).get(),
            Build::new("aws_network_interface", "eni-2").fact("attachment_instance_id", "i-1").fact("device_index", 1).get(),
            Build::new("aws_volume_attachment", "/dev/sda1:vol-1:i-1").set("volume_id", "vol-1").set("instance_id", "i-1").get(),
            Build::new("aws_volume_attachment", "/dev/sdf:vol-2:i-1").set("volume_id", "vol-2").set("instance_id", "i-1").get(),
            Build::new("aws_nat_gateway", "nat-1").set("allocation_id", "eipalloc-1").get(),
            Build::new("aws_eip_association", "eipassoc-1").set("allocation_id", "eipalloc-1").get(),
            Build::new("aws_eip_association", "eipassoc-2").set("allocation_id", "eipalloc-2").set("instance_id", "i-1").get(),
            Build::new("aws_ami", "ami-1").get(),
            Build::new("aws_ebs_snapshot", "snap-1").fact("image_ids", json!(["ami-1"])).get(),
            Build::new("aws_ebs_snapshot", "snap-2").fact("image_ids", json!([])).get(),
        ]);
        for id in ["vol-1", "eni-1", "/dev/sda1:vol-1:i-1", "eipassoc-1", "snap-1"] {
            assert_eq!(class_of(&estate, id).0, Class::Child, "{id}");
        }
        for id in ["vol-2", "eni-2", "/dev/sdf:vol-2:i-1", "eipassoc-2", "snap-2", "i-1"] {
            assert_eq!(class_of(&estate, id).0, Class::Ours, "{id}");
        }
        assert_eq!(class_of(&estate, "vol-1").1, "root volume of instance API (i-1)");
    }

    #[test]
    fn services_stacks_and_orchestrators() {
        let role = |name: &str, path: &str| Build::new("aws_iam_role", name).region("global").set("name", name).set("path", path).get();
        let estate = estate_of(vec![
            role("AWSServiceRoleForRDS", "/aws-service-role/rds.amazonaws.com/"),
            role("lambda-basic", "/service-role/"),
            Build::new("aws_iam_role_policy_attachment", "AWSServiceRoleForRDS/p")
                .region("global")
                .set("role", "AWSServiceRoleForRDS")
                .set("policy_arn", "arn:aws:iam::aws:policy/aws-service-role/x")
                .get(),
            Build::new("aws_kms_alias", "alias/aws/ebs").set("name", "alias/aws/ebs").set("target_key_id", "key-1").get(),
            Build::new("aws_kms_key", "key-1").get(),
            Build::new("aws_kms_alias", "alias/exo").set("name", "alias/exo").set("target_key_id", "key-2").get(),
            Build::new("aws_kms_key", "key-2").get(),
            Build::new("aws_db_parameter_group", "default.postgres16").set("name", "default.postgres16").get(),
            Build::new("aws_db_parameter_group", "mine").set("name", "mine").get(),
            Build::new("aws_network_interface", "eni-elb").set("description", "ELB app/api/0123").get(),
            Build::new("aws_instance", "i-asg").fact("aws_tags", json!({"aws:autoscaling:groupName": "web"})).get(),
            Build::new("aws_ebs_volume", "vol-asg").fact("attached_instance_id", "i-asg").get(),
            Build::new("aws_subnet", "subnet-shared").tag("kubernetes.io/cluster/main", "shared").get(),
            Build::new("aws_security_group", "sg-k8s").tag("kubernetes.io/cluster/main", "owned").get(),
            Build::new("aws_vpc_security_group_ingress_rule", "sgr-k8s").set("security_group_id", "sg-k8s").get(),
            Build::new("aws_lb", "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/s/1")
                .fact("aws_tags", json!({"aws:cloudformation:stack-name": "web"}))
                .arn("arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/s/1")
                .get(),
            Build::new("aws_lb_listener", "listener-1")
                .arn("arn:listener-1")
                .set("load_balancer_arn", "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/s/1")
                .get(),
            Build::new("aws_lb_listener_rule", "rule-1").set("listener_arn", "arn:listener-1").get(),
            Build::new("aws_db_snapshot", "rds:exo-live-2024-11-10").fact("snapshot_type", "automated").get(),
            Build::new("aws_db_snapshot", "before-migration").fact("snapshot_type", "manual").get(),
            Build::new("aws_lb_target_group_attachment", "tga").get(),
            Build::new("aws_lb_target_group", "arn:tg").arn("arn:tg").get(),
            Build::new("aws_ecs_service", "live/api").set("load_balancer", json!([{ "target_group_arn": "arn:tg" }])).get(),
            Build::new("aws_lb_target_group_attachment", "task").set("target_group_arn", "arn:tg").get(),
            Build::new("x_account", "123456789012").region("global").get(),
        ]);
        let expect = [
            ("AWSServiceRoleForRDS", Class::AwsManaged),
            ("AWSServiceRoleForRDS/p", Class::AwsManaged),
            ("lambda-basic", Class::Ours),
            ("alias/aws/ebs", Class::AwsManaged),
            ("key-1", Class::AwsManaged),
            ("alias/exo", Class::Ours),
            ("key-2", Class::Ours),
            ("default.postgres16", Class::AwsManaged),
            ("mine", Class::Ours),
            ("eni-elb", Class::AwsManaged),
            ("i-asg", Class::Orchestrated),
            ("vol-asg", Class::Orchestrated),
            ("subnet-shared", Class::Ours),
            ("sg-k8s", Class::Orchestrated),
            ("sgr-k8s", Class::Orchestrated),
            ("listener-1", Class::Cloudformation),
            ("rule-1", Class::Cloudformation),
            ("rds:exo-live-2024-11-10", Class::Ephemeral),
            ("before-migration", Class::Ours),
            ("tga", Class::NotImportable),
            ("task", Class::Ephemeral),
            ("123456789012", Class::NotImportable),
        ];
        for (id, class) in expect {
            assert_eq!(class_of(&estate, id).0, class, "{id}");
        }
        let stack = estate.resources().iter().find(|r| r.id == "rule-1").unwrap();
        assert_eq!(stack.ownership.by.as_deref(), Some("web"));
    }

    #[test]
    fn what_was_told_stands() {
        let mut told = Build::new("aws_default_vpc", "vpc-1").get();
        told.ownership = owned(Class::Managed, "in state live.tfstate as aws_default_vpc.main");
        let estate = estate_of(vec![told]);
        assert_eq!(class_of(&estate, "vpc-1").0, Class::Managed);
    }
}
