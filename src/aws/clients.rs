//! The SDK's clients. A new service that needs an SDK crate is one line in [`SERVICES`] and one method here.

use aws_config::SdkConfig;

use super::guard::{OnlyObject, ReadOnlyGuard};
use super::patience::Patience;
use super::replay::NameOperation;
use super::scan::Scan;
use super::session::Session;

/// Service name in the SDK's metadata, our prefix in call names, prefix of its IAM actions.
/// Services of the JSON caller ([`super::json`]) use their prefix as the SDK name.
pub const SERVICES: &[(&str, &str, &str)] = &[
    ("Auto Scaling", "autoscaling", "autoscaling"),
    ("CloudFormation", "cloudformation", "cloudformation"),
    ("CloudFront", "cloudfront", "cloudfront"),
    ("EC2", "ec2", "ec2"),
    ("Elastic Load Balancing v2", "elbv2", "elasticloadbalancing"),
    ("ElastiCache", "elasticache", "elasticache"),
    ("IAM", "iam", "iam"),
    ("RDS", "rds", "rds"),
    ("Route 53", "route53", "route53"),
    ("S3", "s3", "s3"),
    ("SNS", "sns", "sns"),
    ("STS", "sts", "sts"),
    ("sesv2", "sesv2", "ses"),
    ("tagging", "tagging", "tag"),
    ("s3control", "s3control", "s3"),
];

/// Our prefix for a service name of the SDK.
#[must_use]
pub fn prefix_of(sdk_service: &str) -> &str {
    SERVICES.iter().find(|(sdk, _, _)| *sdk == sdk_service).map_or(sdk_service, |(_, prefix, _)| prefix)
}

/// The client's configuration with our interceptors.
macro_rules! guarded {
    ($config:expr, $krate:ident) => {
        $krate::config::Builder::from($config)
            .interceptor(ReadOnlyGuard)
            .interceptor(NameOperation)
            .interceptor(Patience)
            .retry_classifier(Patience)
    };
}

/// Builds a client with the read-only guard on it. No client is built anywhere else.
macro_rules! client {
    ($config:expr, $krate:ident) => {
        $krate::Client::from_conf(guarded!($config, $krate).build())
    };
}

impl Session {
    /// EC2 in a region.
    #[must_use]
    pub fn ec2_in(&self, region: &str) -> aws_sdk_ec2::Client {
        client!(&self.sdk_config(region), aws_sdk_ec2)
    }

    /// S3 in a region; path style where an endpoint is given, because a simulator has no host per bucket.
    #[must_use]
    pub fn s3_in(&self, region: &str) -> aws_sdk_s3::Client {
        let config = self.sdk_config(region);
        let path_style = config.endpoint_url().is_some();
        aws_sdk_s3::Client::from_conf(guarded!(&config, aws_sdk_s3).force_path_style(path_style).build())
    }

    /// RDS in a region.
    #[must_use]
    pub fn rds_in(&self, region: &str) -> aws_sdk_rds::Client {
        client!(&self.sdk_config(region), aws_sdk_rds)
    }

    /// S3 in a region, for reading the body of one object and for nothing else.
    #[must_use]
    pub fn object_in(&self, region: &str, bucket: &str, key: &str) -> aws_sdk_s3::Client {
        let config = self.sdk_config(region);
        let path_style = config.endpoint_url().is_some();
        let guard = OnlyObject { bucket: bucket.into(), key: key.into() };
        let builder = aws_sdk_s3::config::Builder::from(&config).interceptor(guard).interceptor(NameOperation);
        aws_sdk_s3::Client::from_conf(builder.force_path_style(path_style).build())
    }

    /// STS in a region.
    #[must_use]
    pub fn sts_in(&self, region: &str) -> aws_sdk_sts::Client {
        client!(&self.sdk_config(region), aws_sdk_sts)
    }
}

impl Scan<'_> {
    fn config(&self) -> SdkConfig {
        self.session.sdk_config(self.endpoint_region())
    }

    /// EC2 Auto Scaling in the region of this scan.
    #[must_use]
    pub fn autoscaling(&self) -> aws_sdk_autoscaling::Client {
        client!(&self.config(), aws_sdk_autoscaling)
    }

    /// CloudFormation in the region of this scan.
    #[must_use]
    pub fn cloudformation(&self) -> aws_sdk_cloudformation::Client {
        client!(&self.config(), aws_sdk_cloudformation)
    }

    /// CloudFront, which has one endpoint for the partition.
    #[must_use]
    pub fn cloudfront(&self) -> aws_sdk_cloudfront::Client {
        client!(&self.config(), aws_sdk_cloudfront)
    }

    /// EC2 in the region of this scan.
    #[must_use]
    pub fn ec2(&self) -> aws_sdk_ec2::Client {
        self.session.ec2_in(self.endpoint_region())
    }

    /// ElastiCache in the region of this scan.
    #[must_use]
    pub fn elasticache(&self) -> aws_sdk_elasticache::Client {
        client!(&self.config(), aws_sdk_elasticache)
    }

    /// Elastic Load Balancing v2 in the region of this scan.
    #[must_use]
    pub fn elbv2(&self) -> aws_sdk_elasticloadbalancingv2::Client {
        client!(&self.config(), aws_sdk_elasticloadbalancingv2)
    }

    /// IAM, which has one endpoint for the partition.
    #[must_use]
    pub fn iam(&self) -> aws_sdk_iam::Client {
        client!(&self.config(), aws_sdk_iam)
    }

    /// RDS in the region of this scan.
    #[must_use]
    pub fn rds(&self) -> aws_sdk_rds::Client {
        self.session.rds_in(self.endpoint_region())
    }

    /// Route 53, which has one endpoint for the partition.
    #[must_use]
    pub fn route53(&self) -> aws_sdk_route53::Client {
        client!(&self.config(), aws_sdk_route53)
    }

    /// S3 in a bucket's own region.
    #[must_use]
    pub fn s3_in(&self, region: &str) -> aws_sdk_s3::Client {
        self.session.s3_in(region)
    }

    /// SNS in the region of this scan.
    #[must_use]
    pub fn sns(&self) -> aws_sdk_sns::Client {
        client!(&self.config(), aws_sdk_sns)
    }
}
