//! Words for people: type names, counts, money, times.

/// Types whose name in plain words is not simply their Terraform name without `aws_`.
const NAMES: [(&str, &str); 52] = [
    ("aws_acm_certificate", "certificates"),
    ("aws_ami", "machine images"),
    ("aws_api_gateway_method", "methods of APIs"),
    ("aws_api_gateway_rest_api", "REST APIs"),
    ("aws_apigatewayv2_api", "HTTP and WebSocket APIs"),
    ("aws_apigatewayv2_route", "routes of APIs"),
    ("aws_cloudfront_distribution", "CloudFront distributions"),
    ("aws_cloudtrail", "trails"),
    ("aws_cloudwatch_dashboard", "dashboards"),
    ("aws_cloudwatch_event_rule", "event rules"),
    ("aws_cloudwatch_log_group", "log groups"),
    ("aws_cloudwatch_metric_alarm", "alarms"),
    ("aws_codebuild_project", "build projects"),
    ("aws_codepipeline", "pipelines"),
    ("aws_db_instance", "databases"),
    ("aws_db_option_group", "database option groups"),
    ("aws_db_parameter_group", "database parameter groups"),
    ("aws_db_snapshot", "database snapshots"),
    ("aws_db_subnet_group", "database subnet groups"),
    ("aws_default_security_group", "default security groups"),
    ("aws_default_vpc", "default networks"),
    ("aws_ebs_snapshot", "volume snapshots"),
    ("aws_ebs_volume", "volumes"),
    ("aws_eip", "Elastic IP addresses"),
    ("aws_elasticache_cluster", "cache clusters"),
    ("aws_elasticache_replication_group", "cache replication groups"),
    ("aws_iam_access_key", "access keys"),
    ("aws_iam_group", "groups of users"),
    ("aws_iam_policy", "policies"),
    ("aws_iam_role", "roles"),
    ("aws_iam_user", "users"),
    ("aws_instance", "servers"),
    ("aws_kms_key", "encryption keys"),
    ("aws_lambda_function", "functions"),
    ("aws_lb", "load balancers"),
    ("aws_lb_listener", "listeners"),
    ("aws_lb_target_group", "target groups"),
    ("aws_nat_gateway", "NAT gateways"),
    ("aws_network_acl", "network ACLs"),
    ("aws_s3_bucket", "buckets"),
    ("aws_secretsmanager_secret", "secrets"),
    ("aws_security_group", "security groups"),
    ("aws_sesv2_email_identity", "mail identities"),
    ("aws_sfn_state_machine", "state machines"),
    ("aws_sns_topic", "topics"),
    ("aws_sqs_queue", "queues"),
    ("aws_subnet", "subnets"),
    ("aws_vpc", "networks (VPC)"),
    ("aws_vpc_endpoint", "endpoints"),
    ("aws_vpc_security_group_egress_rule", "outbound rules"),
    ("aws_vpc_security_group_ingress_rule", "inbound rules"),
    ("aws_wafv2_web_acl", "web ACLs"),
];

/// A type in plain words, plural.
pub fn kind(kind: &str) -> String {
    match NAMES.binary_search_by_key(&kind, |n| n.0) {
        Ok(at) => NAMES[at].1.to_owned(),
        Err(_) => in_words(kind.strip_prefix("aws_").or_else(|| kind.strip_prefix("x_")).unwrap_or(kind)),
    }
}

/// How services and abbreviations in Terraform's type names are written.
const SPELT: [(&str, &str); 74] = [
    ("accessanalyzer", "Access Analyzer"),
    ("acl", "ACL"),
    ("acm", "ACM"),
    ("acmpca", "private CA"),
    ("alb", "ALB"),
    ("ami", "AMI"),
    ("api", "API"),
    ("apigatewayv2", "API"),
    ("appautoscaling", "autoscaling"),
    ("cidr", "CIDR"),
    ("cloudformation", "CloudFormation"),
    ("cloudfront", "CloudFront"),
    ("cloudtrail", "CloudTrail"),
    ("cloudwatch", "CloudWatch"),
    ("codebuild", "CodeBuild"),
    ("codecommit", "CodeCommit"),
    ("codeconnections", "CodeConnections"),
    ("codedeploy", "CodeDeploy"),
    ("codepipeline", "CodePipeline"),
    ("codestarconnections", "CodeStar"),
    ("cognito", "Cognito"),
    ("config", "Config"),
    ("db", "database"),
    ("dhcp", "DHCP"),
    ("dns", "DNS"),
    ("docdb", "DocumentDB"),
    ("dynamodb", "DynamoDB"),
    ("ebs", "EBS"),
    ("ec2", "EC2"),
    ("ecr", "ECR"),
    ("ecs", "ECS"),
    ("efs", "EFS"),
    ("eip", "Elastic IP"),
    ("eks", "EKS"),
    ("elasticache", "ElastiCache"),
    ("guardduty", "GuardDuty"),
    ("http", "HTTP"),
    ("iam", "IAM"),
    ("id", "id"),
    ("inspector2", "Inspector"),
    ("ip", "IP"),
    ("ipv4", "IPv4"),
    ("ipv6", "IPv6"),
    ("kinesis", "Kinesis"),
    ("kms", "KMS"),
    ("lambda", "Lambda"),
    ("lb", "load balancer"),
    ("mfa", "MFA"),
    ("nat", "NAT"),
    ("neptune", "Neptune"),
    ("openid", "OpenID"),
    ("organizations", "organization"),
    ("pinpointsmsvoicev2", "SMS"),
    ("rds", "RDS"),
    ("rest", "REST"),
    ("route53", "Route 53"),
    ("route53domains", "registered"),
    ("s3", "S3"),
    ("saml", "SAML"),
    ("secretsmanager", "Secrets Manager"),
    ("securityhub", "Security Hub"),
    ("ses", "SES"),
    ("sesv2", "SES"),
    ("sfn", "Step Functions"),
    ("sms", "SMS"),
    ("sns", "SNS"),
    ("sqs", "SQS"),
    ("ssh", "SSH"),
    ("ssm", "Systems Manager"),
    ("url", "URL"),
    ("vpc", "VPC"),
    ("vpn", "VPN"),
    ("waf", "WAF"),
    ("wafv2", "WAF"),
];

/// Last words of type names that have no plural.
const UNCOUNTED: [&str; 7] = ["acceleration", "access", "encryption", "logging", "management", "metadata", "versioning"];

/// A name of Terraform's as people write it, its last word in the plural.
fn in_words(name: &str) -> String {
    let words: Vec<&str> = name.split('_').collect();
    let mut out: Vec<String> = words
        .iter()
        .map(|word| SPELT.binary_search_by_key(word, |s| s.0).map_or_else(|_| (*word).to_owned(), |at| SPELT[at].1.to_owned()))
        .collect();
    if let Some(last) = out.last_mut()
        && !UNCOUNTED.contains(&last.as_str())
        && !last.ends_with('s')
    {
        *last = match last.strip_suffix('y') {
            Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
            _ if last.ends_with(['x', 'h']) => format!("{last}es"),
            _ => format!("{last}s"),
        };
    } else if let Some(last) = out.last_mut()
        && (last.ends_with("alias") || last.ends_with("status"))
    {
        last.push_str("es");
    }
    out.join(" ")
}

/// Where a region has no price at all; empty when every region has some.
pub fn regions_without_prices(regions: &[String]) -> String {
    if regions.is_empty() { String::new() } else { format!(" The price book holds no price of {}.", list(regions)) }
}

/// `1 problem`, `3 problems`. The plural is given where it is not the singular with an `s`.
pub fn count(n: usize, singular: &str, plural: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { singular } else { plural })
}

/// `12,345`.
pub fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// US dollars: cents below 100, whole dollars above: `$0.40`, `$1,234`.
pub fn usd(amount: f64) -> String {
    if amount.abs() < 100.0 {
        return format!("${amount:.2}");
    }
    let sign = if amount < 0.0 { "-" } else { "" };
    // An account's bill fits a usize by far; the cast cuts nothing after rounding.
    format!("{sign}${}", thousands(amount.abs().round() as usize))
}

/// `a, b and c`.
pub fn list<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [rest @ .., last] => format!("{} and {}", rest.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", "), last.as_ref()),
    }
}

/// `20 November 2026, 10:15 UTC`; the text as it is when it is no time.
pub fn time(rfc3339: &str) -> String {
    match rfc3339.parse::<jiff::Timestamp>() {
        Ok(at) => at.strftime("%-d %B %Y, %H:%M UTC").to_string(),
        Err(_) => rfc3339.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_for_the_search() {
        assert!(NAMES.is_sorted_by_key(|n| n.0));
        assert_eq!(kind("aws_db_instance"), "databases");
        assert!(SPELT.is_sorted_by_key(|s| s.0));
        let said = [
            "aws_wafv2_ip_set",
            "aws_kms_alias",
            "aws_sns_topic_subscription",
            "aws_s3_bucket_versioning",
            "aws_iam_openid_connect_provider",
        ]
        .map(kind);
        assert_eq!(said, ["WAF IP sets", "KMS aliases", "SNS topic subscriptions", "S3 bucket versioning", "IAM OpenID connect providers"]);
        assert_eq!(
            ["aws_ecs_cluster_capacity_providers", "aws_sqs_queue_policy", "x_account_summary", "aws_vpc_dhcp_options"].map(kind),
            ["ECS cluster capacity providers", "SQS queue policies", "account summaries", "VPC DHCP options"]
        );
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!([thousands(0), thousands(999), thousands(1000), thousands(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([usd(0.4), usd(99.99), usd(1234.5), usd(-250.0)], ["$0.40", "$99.99", "$1,235", "-$250"]);
        assert_eq!([count(1, "key", "keys"), count(2, "key", "keys")], ["1 key", "2 keys"]);
        assert_eq!([list::<&str>(&[]), list(&["a"]), list(&["a", "b"]), list(&["a", "b", "c"])], ["", "a", "a and b", "a, b and c"]);
        assert_eq!(time("2026-11-20T10:15:00Z"), "20 November 2026, 10:15 UTC");
        assert_eq!(time("yesterday"), "yesterday");
    }
}
