//! What belongs to which CloudFormation stack, from the stacks' own lists; the tag that says so is not on everything.

use std::collections::HashMap;

use serde_json::Value;

use super::Resource;

/// CloudFormation's type of a part, and the types it may stand as here. Only for parts whose physical id is a name that something of
/// another type may bear too; ids and ARNs of AWS are unique by themselves.
const NAMED: &[(&str, &[&str])] = &[
    ("AWS::ApiGateway::RestApi", &["aws_api_gateway_rest_api"]),
    ("AWS::ApiGatewayV2::Api", &["aws_apigatewayv2_api"]),
    ("AWS::AutoScaling::AutoScalingGroup", &["aws_autoscaling_group"]),
    ("AWS::AutoScaling::LaunchConfiguration", &["aws_launch_configuration"]),
    ("AWS::Backup::BackupVault", &["aws_backup_vault"]),
    ("AWS::Budgets::Budget", &["aws_budgets_budget"]),
    ("AWS::CloudFront::Distribution", &["aws_cloudfront_distribution"]),
    ("AWS::CloudTrail::Trail", &["aws_cloudtrail"]),
    ("AWS::CloudWatch::Alarm", &["aws_cloudwatch_metric_alarm"]),
    ("AWS::CloudWatch::CompositeAlarm", &["aws_cloudwatch_composite_alarm"]),
    ("AWS::CloudWatch::Dashboard", &["aws_cloudwatch_dashboard"]),
    ("AWS::CodeBuild::Project", &["aws_codebuild_project"]),
    ("AWS::CodeDeploy::Application", &["aws_codedeploy_app"]),
    ("AWS::CodeDeploy::DeploymentConfig", &["aws_codedeploy_deployment_config"]),
    ("AWS::CodePipeline::Pipeline", &["aws_codepipeline"]),
    ("AWS::Config::ConfigRule", &["aws_config_config_rule"]),
    ("AWS::Config::ConfigurationRecorder", &["aws_config_configuration_recorder"]),
    ("AWS::Config::DeliveryChannel", &["aws_config_delivery_channel"]),
    ("AWS::DynamoDB::Table", &["aws_dynamodb_table"]),
    ("AWS::EC2::KeyPair", &["aws_key_pair"]),
    ("AWS::ECR::Repository", &["aws_ecr_repository"]),
    ("AWS::ECS::CapacityProvider", &["aws_ecs_capacity_provider"]),
    ("AWS::ECS::Cluster", &["aws_ecs_cluster"]),
    ("AWS::ElastiCache::CacheCluster", &["aws_elasticache_cluster"]),
    ("AWS::ElastiCache::ParameterGroup", &["aws_elasticache_parameter_group"]),
    ("AWS::ElastiCache::ReplicationGroup", &["aws_elasticache_replication_group"]),
    ("AWS::ElastiCache::SubnetGroup", &["aws_elasticache_subnet_group"]),
    ("AWS::Events::EventBus", &["aws_cloudwatch_event_bus"]),
    ("AWS::Events::Rule", &["aws_cloudwatch_event_rule"]),
    ("AWS::GuardDuty::Detector", &["aws_guardduty_detector"]),
    ("AWS::IAM::Group", &["aws_iam_group"]),
    ("AWS::IAM::InstanceProfile", &["aws_iam_instance_profile"]),
    ("AWS::IAM::Role", &["aws_iam_role"]),
    ("AWS::IAM::User", &["aws_iam_user"]),
    ("AWS::KMS::Alias", &["aws_kms_alias"]),
    ("AWS::Lambda::Function", &["aws_lambda_function"]),
    ("AWS::Logs::LogGroup", &["aws_cloudwatch_log_group"]),
    ("AWS::RDS::DBCluster", &["aws_rds_cluster"]),
    ("AWS::RDS::DBClusterParameterGroup", &["aws_rds_cluster_parameter_group"]),
    ("AWS::RDS::DBInstance", &["aws_db_instance", "aws_rds_cluster_instance"]),
    ("AWS::RDS::DBParameterGroup", &["aws_db_parameter_group"]),
    ("AWS::RDS::DBSubnetGroup", &["aws_db_subnet_group"]),
    ("AWS::RDS::OptionGroup", &["aws_db_option_group"]),
    ("AWS::Route53::HostedZone", &["aws_route53_zone"]),
    ("AWS::S3::Bucket", &["aws_s3_bucket"]),
    ("AWS::SQS::Queue", &["aws_sqs_queue"]),
    ("AWS::SSM::Document", &["aws_ssm_document"]),
    ("AWS::SSM::Parameter", &["aws_ssm_parameter"]),
    ("AWS::ServiceDiscovery::HttpNamespace", &["aws_service_discovery_http_namespace"]),
    ("AWS::ServiceDiscovery::PrivateDnsNamespace", &["aws_service_discovery_private_dns_namespace"]),
    ("AWS::ServiceDiscovery::PublicDnsNamespace", &["aws_service_discovery_public_dns_namespace"]),
    ("AWS::ServiceDiscovery::Service", &["aws_service_discovery_service"]),
];

/// Parts of all stacks, by what names them.
#[derive(Default)]
pub(super) struct Stacks<'a> {
    /// Stack by region and physical id, for ids that are unique.
    unique: HashMap<(&'a str, &'a str), &'a str>,
    /// Stack by region, our type and name.
    named: HashMap<(&'a str, &'a str, &'a str), &'a str>,
}

impl<'a> Stacks<'a> {
    pub(super) fn of(resources: &'a [Resource]) -> Stacks<'a> {
        let mut all = Stacks::default();
        for stack in resources.iter().filter(|r| r.kind == "aws_cloudformation_stack") {
            let (region, name) = (stack.region.as_str(), stack.id.as_str());
            for part in stack.facts.get("parts").and_then(Value::as_array).into_iter().flatten() {
                let (Some(kind), Some(id)) = (part["type"].as_str(), part["id"].as_str()) else { continue };
                // A queue's URL has several hosts, old and new ones; its end is the name.
                let id = if kind == "AWS::SQS::Queue" { id.rsplit('/').next().unwrap_or(id) } else { id };
                match NAMED.iter().find(|(k, _)| *k == kind) {
                    Some((_, ours)) => all.named.extend(ours.iter().map(|our| ((region, *our, id), name))),
                    None => {
                        all.unique.insert((region, id), name);
                    }
                }
            }
        }
        all
    }

    /// The stack that a resource is a part of.
    pub(super) fn owner(&self, r: &Resource) -> Option<&'a str> {
        // Global things stand in the list of whatever region the stack is in.
        let anywhere = r.region == super::resource::GLOBAL;
        let unique = |id: &str| {
            if anywhere {
                return self.unique.iter().find(|((_, i), _)| *i == id).map(|(_, name)| *name);
            }
            self.unique.get(&(r.region.as_str(), id)).copied()
        };
        let named = |id: &str| {
            if anywhere {
                return self.named.iter().find(|((_, k, i), _)| *k == r.kind && *i == id).map(|(_, name)| *name);
            }
            self.named.get(&(r.region.as_str(), r.kind.as_str(), id)).copied()
        };
        if self.unique.is_empty() && self.named.is_empty() {
            return None;
        }
        // The physical id of an Elastic IP is its address; of a namespace its own id, without the VPC that the import id ends with.
        let other = match r.kind.as_str() {
            "aws_eip" => r.str("facts.public_ip"),
            "aws_sqs_queue" => r.str("config.name"),
            "aws_service_discovery_private_dns_namespace" => r.id.split(':').next(),
            _ => None,
        };
        // Satellites may carry the ARN or the name of what they belong to; those follow it anyway.
        let ids = [Some(r.id.as_str()), r.arn.as_deref(), other];
        ids.into_iter().flatten().find_map(|id| unique(id).filter(|_| is_unique(id)).or_else(|| named(id)))
    }
}

/// Whether an id of AWS cannot mean two things: an ARN, an address, a URL, or `prefix-hex` and the like.
fn is_unique(id: &str) -> bool {
    let hex = id.rsplit(['-', '/']).next().unwrap_or_default();
    id.starts_with("arn:")
        || id.starts_with("https://")
        || id.parse::<std::net::IpAddr>().is_ok()
        || (id.contains('-') && hex.len() >= 8 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Build, estate_of};
    use super::super::{Estate, OwnershipClass};
    use serde_json::json;

    fn class<'a>(estate: &'a Estate, kind: &str, id: &str) -> (OwnershipClass, &'a str) {
        let r = estate.find(kind, "id", id).unwrap();
        (r.ownership.class, r.ownership.evidence.as_str())
    }

    #[test]
    fn parts_belong_to_their_stack_and_namesakes_do_not() {
        let part = |kind: &str, id: &str| json!({ "type": kind, "id": id, "logical_id": "L" });
        let parts = json!([
            part("AWS::EC2::SecurityGroup", "sg-0a1b2c3d4e5f60718"),
            part("AWS::EC2::EIP", "198.51.100.7"),
            part("AWS::IAM::Role", "web"),
            part("AWS::S3::Bucket", "web-assets"),
            part("AWS::SNS::Topic", "arn:aws:sns:eu-west-3:123456789012:web"),
            part("AWS::SQS::Queue", "https://queue.amazonaws.com/123456789012/web"),
            part("AWS::ServiceDiscovery::PrivateDnsNamespace", "ns-lyhmbkd7ls3ufoxs"),
            part("AWS::Lambda::Permission", "web-Permission-1ABC"),
        ]);
        let role = |name: &str| Build::new("aws_iam_role", name).region("global").set("name", name).get();
        let estate = estate_of(vec![
            Build::new("aws_cloudformation_stack", "web").fact("parts", parts).get(),
            Build::new("aws_security_group", "sg-0a1b2c3d4e5f60718").get(),
            Build::new("aws_vpc_security_group_ingress_rule", "sgr-1").set("security_group_id", "sg-0a1b2c3d4e5f60718").get(),
            Build::new("aws_eip", "eipalloc-1").fact("public_ip", "198.51.100.7").get(),
            role("web"),
            Build::new("aws_ecs_cluster", "web").get(),
            Build::new("aws_s3_bucket", "web-assets").get(),
            Build::new("aws_sqs_queue", "https://sqs.eu-west-3.amazonaws.com/123456789012/web").set("name", "web").get(),
            Build::new("aws_service_discovery_private_dns_namespace", "ns-lyhmbkd7ls3ufoxs:vpc-1").get(),
            Build::new("aws_sns_topic", "arn:aws:sns:eu-west-3:123456789012:web").arn("arn:aws:sns:eu-west-3:123456789012:web").get(),
            Build::new("aws_sns_topic", "arn:aws:sns:eu-west-3:123456789012:web2").arn("arn:aws:sns:eu-west-3:123456789012:web2").get(),
        ]);
        for (kind, id) in [
            ("aws_security_group", "sg-0a1b2c3d4e5f60718"),
            ("aws_vpc_security_group_ingress_rule", "sgr-1"),
            ("aws_eip", "eipalloc-1"),
            ("aws_iam_role", "web"),
            ("aws_s3_bucket", "web-assets"),
            ("aws_sqs_queue", "https://sqs.eu-west-3.amazonaws.com/123456789012/web"),
            ("aws_service_discovery_private_dns_namespace", "ns-lyhmbkd7ls3ufoxs:vpc-1"),
            ("aws_sns_topic", "arn:aws:sns:eu-west-3:123456789012:web"),
        ] {
            assert_eq!(class(&estate, kind, id).0, OwnershipClass::Cloudformation, "{kind}");
        }
        assert_eq!(class(&estate, "aws_iam_role", "web").1, "part of CloudFormation stack web");
        for (kind, id) in
            [("aws_ecs_cluster", "web"), ("aws_sns_topic", "arn:aws:sns:eu-west-3:123456789012:web2"), ("aws_cloudformation_stack", "web")]
        {
            assert_eq!(class(&estate, kind, id).0, OwnershipClass::Ours, "{kind}");
        }
    }
}
