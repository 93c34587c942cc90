//! Which service a type belongs to, under the name that people and bills use.

/// Type prefixes and their service; the longest match counts.
const SERVICES: &[(&str, &str)] = &[
    ("aws_accessanalyzer", "IAM"),
    ("aws_account", "Account"),
    ("aws_acm", "Certificates"),
    ("aws_ami", "EC2"),
    ("aws_api_gateway", "API Gateway"),
    ("aws_apigatewayv2", "API Gateway"),
    ("aws_autoscaling", "EC2"),
    ("aws_backup", "Backup"),
    ("aws_budgets", "Billing"),
    ("aws_ce_", "Billing"),
    ("aws_cloudformation", "CloudFormation"),
    ("aws_cloudfront", "CloudFront"),
    ("aws_cloudtrail", "CloudTrail"),
    ("aws_cloudwatch", "CloudWatch"),
    ("aws_cloudwatch_event", "EventBridge"),
    ("aws_codebuild", "CodeBuild"),
    ("aws_codedeploy", "CodeDeploy"),
    ("aws_codepipeline", "CodePipeline"),
    ("aws_codestarconnections", "CodePipeline"),
    ("aws_cognito", "Cognito"),
    ("aws_config", "Config"),
    ("aws_customer_gateway", "VPN"),
    ("aws_db_", "RDS"),
    ("aws_default_", "VPC"),
    ("aws_docdb", "DocumentDB"),
    ("aws_dynamodb", "DynamoDB"),
    ("aws_ebs", "EBS"),
    ("aws_ec2_capacity", "EC2"),
    ("aws_ec2_managed_prefix_list", "VPC"),
    ("aws_ec2_transit_gateway", "Transit Gateway"),
    ("aws_ecr", "ECR"),
    ("aws_ecs", "ECS"),
    ("aws_efs", "EFS"),
    ("aws_egress_only", "VPC"),
    ("aws_eip", "Public addresses"),
    ("aws_eks", "EKS"),
    ("aws_elasticache", "ElastiCache"),
    ("aws_elb", "Load balancing"),
    ("aws_flow_log", "VPC"),
    ("aws_guardduty", "GuardDuty"),
    ("aws_iam", "IAM"),
    ("aws_instance", "EC2"),
    ("aws_internet_gateway", "VPC"),
    ("aws_key_pair", "EC2"),
    ("aws_kms", "KMS"),
    ("aws_lambda", "Lambda"),
    ("aws_launch", "EC2"),
    ("aws_lb", "Load balancing"),
    ("aws_nat_gateway", "NAT"),
    ("aws_neptune", "Neptune"),
    ("aws_network", "VPC"),
    ("aws_pinpointsmsvoicev2", "SMS"),
    ("aws_placement", "EC2"),
    ("aws_rds", "RDS"),
    ("aws_route", "VPC"),
    ("aws_route53", "Route 53"),
    ("aws_s3", "S3"),
    ("aws_scheduler", "EventBridge"),
    ("aws_secretsmanager", "Secrets Manager"),
    ("aws_security_group", "VPC"),
    ("aws_securityhub", "Security Hub"),
    ("aws_service_discovery", "Cloud Map"),
    ("aws_ses", "SES"),
    ("aws_sfn", "Step Functions"),
    ("aws_sns", "SNS"),
    ("aws_sqs", "SQS"),
    ("aws_ssm", "Systems Manager"),
    ("aws_subnet", "VPC"),
    ("aws_volume_attachment", "EBS"),
    ("aws_vpc", "VPC"),
    ("aws_vpn", "VPN"),
    ("aws_wafv2", "WAF"),
    ("x_", "Account"),
];

/// The service of a type; `Other` when the table does not know it.
pub fn service_of(kind: &str) -> &'static str {
    SERVICES.iter().filter(|(prefix, _)| kind.starts_with(prefix)).max_by_key(|(prefix, _)| prefix.len()).map_or("Other", |s| s.1)
}

#[cfg(test)]
mod tests {
    use super::service_of;

    #[test]
    fn the_longest_prefix_names_the_service() {
        for (kind, service) in [
            ("aws_route", "VPC"),
            ("aws_route53_zone", "Route 53"),
            ("aws_cloudwatch_event_rule", "EventBridge"),
            ("aws_cloudwatch_metric_alarm", "CloudWatch"),
            ("aws_db_instance", "RDS"),
            ("x_root_user", "Account"),
            ("aws_unheard_of", "Other"),
        ] {
            assert_eq!(service_of(kind), service, "{kind}");
        }
    }
}
