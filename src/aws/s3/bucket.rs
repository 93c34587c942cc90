//! S3 buckets with everything that the provider keeps in types of their own. S3 has no batch call: each part is a request per bucket,
//! sent to the bucket's own region. What another answer rules out is not asked: replication and object lock need versioning, a bucket
//! whose owner is enforced has no ACL of its own, a name with a dot cannot be accelerated.

use std::future::Future;

use aws_sdk_s3::types as s3;
use serde_json::{Value, json};

use crate::aws::call::ApiError;
use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{block, time};
use crate::estate::Resource;

mod shapes;

/// `aws_s3_bucket` and its satellites.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_s3_bucket",
        "aws_s3_bucket_accelerate_configuration",
        "aws_s3_bucket_acl",
        "aws_s3_bucket_analytics_configuration",
        "aws_s3_bucket_cors_configuration",
        "aws_s3_bucket_intelligent_tiering_configuration",
        "aws_s3_bucket_inventory",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_metric",
        "aws_s3_bucket_notification",
        "aws_s3_bucket_object_lock_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_replication_configuration",
        "aws_s3_bucket_request_payment_configuration",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_s3_bucket_website_configuration",
    ],
    calls: &[
        list("s3:ListBuckets").iam(&["s3:ListAllMyBuckets"]),
        detail("s3:GetBucketLocation").gone(GONE),
        detail("s3:GetBucketVersioning").gone(GONE),
        detail("s3:GetBucketPolicy").absent(&["NoSuchBucketPolicy"]).gone(GONE),
        detail("s3:GetPublicAccessBlock")
            .iam(&["s3:GetBucketPublicAccessBlock"])
            .absent(&["NoSuchPublicAccessBlockConfiguration"])
            .gone(GONE),
        detail("s3:GetBucketEncryption")
            .iam(&["s3:GetEncryptionConfiguration"])
            .absent(&["ServerSideEncryptionConfigurationNotFoundError"])
            .gone(GONE),
        detail("s3:GetBucketLifecycleConfiguration")
            .iam(&["s3:GetLifecycleConfiguration"])
            .absent(&["NoSuchLifecycleConfiguration"])
            .gone(GONE),
        detail("s3:GetBucketLogging").gone(GONE),
        detail("s3:GetBucketOwnershipControls").absent(&["OwnershipControlsNotFoundError"]).gone(GONE),
        detail("s3:GetBucketAcl").gone(GONE),
        detail("s3:GetBucketCors").iam(&["s3:GetBucketCORS"]).absent(&["NoSuchCORSConfiguration"]).gone(GONE),
        detail("s3:GetBucketWebsite").absent(&["NoSuchWebsiteConfiguration"]).gone(GONE),
        detail("s3:GetBucketNotificationConfiguration").iam(&["s3:GetBucketNotification"]).gone(GONE),
        detail("s3:GetBucketReplication")
            .iam(&["s3:GetReplicationConfiguration"])
            .absent(&["ReplicationConfigurationNotFoundError"])
            .gone(GONE),
        detail("s3:GetObjectLockConfiguration")
            .iam(&["s3:GetBucketObjectLockConfiguration"])
            .absent(&["ObjectLockConfigurationNotFoundError", "ObjectLockConfigurationNotFound"])
            .gone(GONE),
        // As listings, so that a refusal is a gap of the one type and the bucket itself is known all the same.
        list("s3:GetBucketAccelerateConfiguration")
            .yields(&["aws_s3_bucket_accelerate_configuration"])
            .iam(&["s3:GetAccelerateConfiguration"])
            .gone(GONE),
        list("s3:GetBucketRequestPayment").yields(&["aws_s3_bucket_request_payment_configuration"]).gone(GONE),
        list("s3:ListBucketInventoryConfigurations").yields(&["aws_s3_bucket_inventory"]).iam(&["s3:GetInventoryConfiguration"]).gone(GONE),
        list("s3:ListBucketAnalyticsConfigurations")
            .yields(&["aws_s3_bucket_analytics_configuration"])
            .iam(&["s3:GetAnalyticsConfiguration"])
            .gone(GONE),
        list("s3:ListBucketIntelligentTieringConfigurations")
            .yields(&["aws_s3_bucket_intelligent_tiering_configuration"])
            .iam(&["s3:GetIntelligentTieringConfiguration"])
            .gone(GONE),
        list("s3:ListBucketMetricsConfigurations").yields(&["aws_s3_bucket_metric"]).iam(&["s3:GetMetricsConfiguration"]).gone(GONE),
    ],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

const GONE: &[&str] = &["NoSuchBucket"];

async fn collect(scan: &Scan<'_>) {
    let s3 = scan.s3_in(scan.endpoint_region());
    // S3 answers a bucket's region only to a request that carries a parameter, such as the page size.
    let pages = s3.list_buckets().max_buckets(1000).into_paginator().send();
    let buckets = scan.list("s3:ListBuckets", pages, |p| p.buckets.unwrap_or_default()).await;
    scan.each(buckets, |bucket| async {
        // A bucket deleted meanwhile leaves nothing behind, neither itself nor the parts already read.
        if let Some(bucket) = one(scan, bucket).await {
            scan.emit(bucket.r);
            bucket.satellites.into_iter().for_each(|s| scan.emit(s));
        }
    })
    .await;
}

/// Reads a bucket; nothing when it vanished.
async fn one<'a>(scan: &'a Scan<'a>, bucket: s3::Bucket) -> Option<Bucket<'a>> {
    let name = bucket.name()?;
    let mut r = scan.resource("aws_s3_bucket", name);
    r.arn = Some(format!("arn:{}:s3:::{name}", scan.session.partition));
    r.name = Some(name.into());
    r.set("bucket", name);
    r.fact("creation_date", time(bucket.creation_date()));
    match bucket.bucket_region() {
        Some(region) => r.region = region.into(),
        None => {
            let request = scan.s3_in(scan.endpoint_region()).get_bucket_location().bucket(name).send();
            match scan.detail(&mut r, "s3:GetBucketLocation", &["facts.bucket_regional_domain_name"], request).await {
                Detail::Got(answer) => r.region = region_of(answer.location_constraint().map_or("", |l| l.as_str())).into(),
                Detail::Gone => return None,
                Detail::Absent | Detail::Unread => r.region = scan.endpoint_region().into(),
            }
        }
    }
    if !r.unread.contains_key("facts.bucket_regional_domain_name") {
        let domain = format!("{name}.s3.{}.{}", r.region, dns_suffix(&r.region));
        r.fact("bucket_regional_domain_name", domain);
    }
    r.fact("bucket_domain_name", format!("{name}.s3.{}", dns_suffix(&r.region)));
    let region = r.region.clone();
    r.fact("region", region);
    scan.bulk_tags(&mut r).await;
    let mut bucket = Bucket { scan, s3: scan.s3_in(&r.region), name: name.to_owned(), r, satellites: Vec::new() };
    bucket.read().await.map(|()| bucket)
}

/// S3 answers nothing for the oldest region, and `EU` for buckets made in Ireland before regions had names.
pub(in crate::aws) fn region_of(constraint: &str) -> &str {
    match constraint {
        "" => "us-east-1",
        "EU" => "eu-west-1",
        region => region,
    }
}

fn dns_suffix(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// Host name of a website in a region: the older regions have a dash before the region where the newer have a dot.
fn website_domain(region: &str) -> String {
    const DASH: &[&str] = &[
        "us-east-1",
        "us-west-1",
        "us-west-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "eu-west-1",
        "sa-east-1",
        "us-gov-west-1",
    ];
    let joint = if DASH.contains(&region) { '-' } else { '.' };
    format!("s3-website{joint}{region}.{}", dns_suffix(region))
}

/// One bucket while its parts are read.
struct Bucket<'a> {
    scan: &'a Scan<'a>,
    s3: aws_sdk_s3::Client,
    name: String,
    r: Resource,
    satellites: Vec<Resource>,
}

/// Configurations of which a bucket may have many, each with its name. S3 answers a hundred at a time.
macro_rules! named {
    ($bucket:ident, $call:literal, $operation:ident, $items:ident, $kind:literal, $shape:path) => {{
        let mut token: Option<String> = None;
        loop {
            let request = $bucket.s3.$operation().bucket(&$bucket.name).set_continuation_token(token.take()).send();
            let Some(answer) = $bucket.ask($call, &[concat!("facts.", stringify!($items))], request).await? else { break };
            for item in answer.$items() {
                let id = format!("{}:{}", $bucket.name, item.id());
                $bucket.satellite($kind, $shape(item));
                if let Some(satellite) = $bucket.satellites.last_mut() {
                    satellite.name = Some(format!("{} {}", $bucket.name, item.id()));
                    satellite.id = id;
                }
            }
            token = answer.next_continuation_token().map(str::to_owned);
            if token.is_none() {
                break;
            }
        }
    }};
}

impl Bucket<'_> {
    /// Asks for one part. The outer `None`: the bucket vanished; the inner: there is no such part, or it was not read.
    async fn ask<O, E>(&mut self, call: &'static str, paths: &[&str], request: impl Future<Output = Result<O, E>>) -> Option<Option<O>>
    where
        ApiError: From<E>,
    {
        match self.scan.detail(&mut self.r, call, paths, request).await {
            Detail::Got(answer) => Some(Some(answer)),
            Detail::Gone => None,
            Detail::Absent | Detail::Unread => Some(None),
        }
    }

    fn satellite(&mut self, kind: &str, fields: Value) {
        let mut satellite = Resource::new(kind, &self.r.account, &self.r.region, &self.name);
        satellite.name.clone_from(&self.r.name);
        satellite.set("bucket", self.name.as_str());
        if let Value::Object(fields) = fields {
            satellite.config.extend(fields);
        }
        self.satellites.push(satellite);
    }

    async fn read(&mut self) -> Option<()> {
        let versioned = self.versioning().await?;
        self.access().await?;
        self.encryption().await?;
        self.lifecycle().await?;
        self.traffic().await?;
        self.publishing().await?;
        if versioned {
            self.versioned_only().await?;
        } else {
            self.r.set("object_lock_enabled", false).fact("replicated", false);
        }
        self.seldom().await
    }

    /// Whether versioning is on, or may be.
    async fn versioning(&mut self) -> Option<bool> {
        let request = self.s3.get_bucket_versioning().bucket(&self.name).send();
        let Some(answer) = self.ask("s3:GetBucketVersioning", &["facts.versioning", "facts.mfa_delete"], request).await? else {
            return Some(true);
        };
        let status = answer.status().map(|s| s.as_str());
        let mfa_delete = answer.mfa_delete().map(|m| m.as_str());
        self.r.fact("versioning", status.unwrap_or("Disabled")).fact("mfa_delete", mfa_delete == Some("Enabled"));
        if let Some(status) = status {
            let versioning = json!({ "status": status, "mfa_delete": mfa_delete });
            self.satellite("aws_s3_bucket_versioning", json!({ "versioning_configuration": [versioning] }));
        }
        Some(status == Some("Enabled"))
    }

    /// Policy, block of public access, ownership, ACL.
    async fn access(&mut self) -> Option<()> {
        let request = self.s3.get_bucket_policy().bucket(&self.name).send();
        let policy = self.ask("s3:GetBucketPolicy", &["facts.policy"], request).await?;
        if !self.r.unread.contains_key("facts.policy") {
            let policy = policy.and_then(|p| p.policy);
            self.r.fact("policy", policy.clone());
            if let Some(policy) = policy {
                self.satellite("aws_s3_bucket_policy", json!({ "policy": policy }));
            }
        }

        const BLOCK: [&str; 4] =
            ["facts.block_public_acls", "facts.ignore_public_acls", "facts.block_public_policy", "facts.restrict_public_buckets"];
        let request = self.s3.get_public_access_block().bucket(&self.name).send();
        let answer = self.ask("s3:GetPublicAccessBlock", &BLOCK, request).await?;
        if !self.r.unread.contains_key(BLOCK[0]) {
            let settings = answer.and_then(|a| a.public_access_block_configuration);
            let on = |get: fn(&s3::PublicAccessBlockConfiguration) -> Option<bool>| settings.as_ref().and_then(get).unwrap_or(false);
            let fields = json!({
                "block_public_acls": on(|c| c.block_public_acls()),
                "ignore_public_acls": on(|c| c.ignore_public_acls()),
                "block_public_policy": on(|c| c.block_public_policy()),
                "restrict_public_buckets": on(|c| c.restrict_public_buckets()),
            });
            self.r.facts.extend(fields.as_object().cloned().into_iter().flatten());
            if settings.is_some() {
                self.satellite("aws_s3_bucket_public_access_block", fields);
            }
        }

        let request = self.s3.get_bucket_ownership_controls().bucket(&self.name).send();
        let answer = self.ask("s3:GetBucketOwnershipControls", &["facts.object_ownership"], request).await?;
        let mut enforced = false;
        if !self.r.unread.contains_key("facts.object_ownership") {
            let controls = answer.and_then(|a| a.ownership_controls);
            let set = controls.as_ref().and_then(|c| c.rules().first()).map(|rule| rule.object_ownership().as_str());
            // Buckets from before ownership controls, and whoever removed them, have the old behaviour.
            let ownership = set.unwrap_or("ObjectWriter");
            enforced = ownership == "BucketOwnerEnforced";
            self.r.fact("object_ownership", ownership);
            // Enforced is what a new bucket has by itself.
            if let Some(other) = set.filter(|_| !enforced) {
                self.satellite("aws_s3_bucket_ownership_controls", json!({ "rule": [{ "object_ownership": other }] }));
            }
        }
        if enforced {
            self.r.fact("acl_grants", json!([]));
        } else {
            let request = self.s3.get_bucket_acl().bucket(&self.name).send();
            if let Some(acl) = self.ask("s3:GetBucketAcl", &["facts.acl_grants"], request).await? {
                let foreign = shapes::foreign_grants(&acl);
                if !foreign.is_empty() {
                    self.satellite("aws_s3_bucket_acl", shapes::acl(&acl));
                }
                self.r.fact("acl_grants", foreign);
            }
        }
        Some(())
    }

    async fn encryption(&mut self) -> Option<()> {
        const PATHS: [&str; 3] = ["facts.sse_algorithm", "facts.kms_key_id", "facts.bucket_key_enabled"];
        let request = self.s3.get_bucket_encryption().bucket(&self.name).send();
        let answer = self.ask("s3:GetBucketEncryption", &PATHS, request).await?;
        if self.r.unread.contains_key(PATHS[0]) {
            return Some(());
        }
        let rules = answer.and_then(|a| a.server_side_encryption_configuration).map(|c| c.rules).unwrap_or_default();
        let by_default = rules.first().and_then(|rule| rule.apply_server_side_encryption_by_default());
        let algorithm = by_default.map_or("AES256", |d| d.sse_algorithm().as_str());
        let bucket_key = rules.first().and_then(|rule| rule.bucket_key_enabled()).unwrap_or(false);
        self.r
            .fact("sse_algorithm", algorithm)
            .fact("kms_key_id", by_default.and_then(|d| d.kms_master_key_id()))
            .fact("bucket_key_enabled", bucket_key);
        // Every bucket is encrypted with S3's own keys since January 2023, whether somebody asked for it or not.
        if algorithm != "AES256" || bucket_key {
            let rules: Vec<Value> = rules.iter().map(shapes::encryption_rule).collect();
            self.satellite("aws_s3_bucket_server_side_encryption_configuration", json!({ "rule": rules }));
        }
        Some(())
    }

    async fn lifecycle(&mut self) -> Option<()> {
        const PATHS: [&str; 3] = ["facts.lifecycle_rules", "facts.expires_noncurrent", "facts.aborts_uploads"];
        let request = self.s3.get_bucket_lifecycle_configuration().bucket(&self.name).send();
        let answer = self.ask("s3:GetBucketLifecycleConfiguration", &PATHS, request).await?;
        if self.r.unread.contains_key(PATHS[0]) {
            return Some(());
        }
        let rules = answer.as_ref().map_or(&[][..], |a| a.rules());
        let active = || rules.iter().filter(|rule| rule.status().as_str() == "Enabled");
        self.r
            .fact("lifecycle_rules", active().count())
            .fact("expires_noncurrent", active().any(|rule| rule.noncurrent_version_expiration().is_some()))
            .fact("aborts_uploads", active().any(|rule| rule.abort_incomplete_multipart_upload().is_some()));
        if let (Some(answer), false) = (&answer, rules.is_empty()) {
            let fields = json!({
                "transition_default_minimum_object_size": answer.transition_default_minimum_object_size().map(|s| s.as_str()),
                "rule": rules.iter().map(shapes::lifecycle_rule).collect::<Vec<_>>(),
            });
            self.satellite("aws_s3_bucket_lifecycle_configuration", fields);
        }
        Some(())
    }

    /// Access log, notifications.
    async fn traffic(&mut self) -> Option<()> {
        let request = self.s3.get_bucket_logging().bucket(&self.name).send();
        if let Some(answer) = self.ask("s3:GetBucketLogging", &["facts.log_bucket"], request).await? {
            self.r.fact("log_bucket", answer.logging_enabled().map(|l| l.target_bucket()));
            if let Some(logging) = answer.logging_enabled() {
                self.satellite("aws_s3_bucket_logging", shapes::logging(logging));
            }
        }
        let request = self.s3.get_bucket_notification_configuration().bucket(&self.name).send();
        if let Some(answer) = self.ask("s3:GetBucketNotificationConfiguration", &["facts.notifies"], request).await? {
            let any = !answer.topic_configurations().is_empty()
                || !answer.queue_configurations().is_empty()
                || !answer.lambda_function_configurations().is_empty()
                || answer.event_bridge_configuration().is_some();
            self.r.fact("notifies", any);
            if any {
                self.satellite("aws_s3_bucket_notification", shapes::notification(&answer));
            }
        }
        Some(())
    }

    /// What matters when browsers come: CORS and website.
    async fn publishing(&mut self) -> Option<()> {
        let request = self.s3.get_bucket_cors().bucket(&self.name).send();
        let answer = self.ask("s3:GetBucketCors", &["facts.cors_any_origin"], request).await?;
        if !self.r.unread.contains_key("facts.cors_any_origin") {
            let rules = answer.as_ref().map_or(&[][..], |a| a.cors_rules());
            self.r.fact("cors_any_origin", rules.iter().any(|rule| rule.allowed_origins().iter().any(|o| o == "*")));
            if !rules.is_empty() {
                let rules = shapes::sorted(rules.iter().map(shapes::cors_rule));
                self.satellite("aws_s3_bucket_cors_configuration", json!({ "cors_rule": rules }));
            }
        }
        let request = self.s3.get_bucket_website().bucket(&self.name).send();
        let answer = self.ask("s3:GetBucketWebsite", &["facts.website_endpoint"], request).await?;
        if !self.r.unread.contains_key("facts.website_endpoint") {
            let endpoint = answer.as_ref().map(|_| format!("{}.{}", self.name, website_domain(&self.r.region)));
            self.r.fact("website_endpoint", endpoint.clone());
            if let Some(website) = answer {
                self.satellite("aws_s3_bucket_website_configuration", shapes::website(&website));
                if let Some(satellite) = self.satellites.last_mut() {
                    satellite.fact("website_endpoint", endpoint).fact("website_domain", website_domain(&self.r.region));
                }
            }
        }
        Some(())
    }

    /// Replication and object lock, which S3 offers only with versioning.
    async fn versioned_only(&mut self) -> Option<()> {
        let request = self.s3.get_bucket_replication().bucket(&self.name).send();
        let answer = self.ask("s3:GetBucketReplication", &["facts.replicated"], request).await?;
        if !self.r.unread.contains_key("facts.replicated") {
            let replication = answer.and_then(|a| a.replication_configuration);
            self.r.fact("replicated", replication.is_some());
            if let Some(replication) = replication {
                self.satellite("aws_s3_bucket_replication_configuration", shapes::replication(&replication));
            }
        }
        let request = self.s3.get_object_lock_configuration().bucket(&self.name).send();
        let answer = self.ask("s3:GetObjectLockConfiguration", &["config.object_lock_enabled"], request).await?;
        if !self.r.unread.contains_key("config.object_lock_enabled") {
            let lock = answer.and_then(|a| a.object_lock_configuration);
            let enabled = lock.as_ref().and_then(|l| l.object_lock_enabled()).map(|e| e.as_str());
            self.r.set("object_lock_enabled", enabled == Some("Enabled"));
            if let Some(rule) = lock.as_ref().and_then(|l| l.rule()) {
                let retention =
                    rule.default_retention().map(|d| json!({ "mode": d.mode().map(|m| m.as_str()), "days": d.days(), "years": d.years() }));
                let rule = json!({ "default_retention": block(retention) });
                self.satellite("aws_s3_bucket_object_lock_configuration", json!({ "object_lock_enabled": enabled, "rule": [rule] }));
            }
        }
        Some(())
    }

    /// What few buckets have.
    async fn seldom(&mut self) -> Option<()> {
        if !self.name.contains('.') {
            let request = self.s3.get_bucket_accelerate_configuration().bucket(&self.name).send();
            if let Some(answer) = self.ask("s3:GetBucketAccelerateConfiguration", &["facts.accelerated"], request).await? {
                let status = answer.status().map(|s| s.as_str());
                self.r.fact("accelerated", status == Some("Enabled"));
                if let Some(status) = status {
                    self.satellite("aws_s3_bucket_accelerate_configuration", json!({ "status": status }));
                }
            }
        }
        let request = self.s3.get_bucket_request_payment().bucket(&self.name).send();
        if let Some(answer) = self.ask("s3:GetBucketRequestPayment", &["facts.requester_pays"], request).await? {
            let requester = answer.payer().is_some_and(|p| p.as_str() == "Requester");
            self.r.fact("requester_pays", requester);
            if requester {
                self.satellite("aws_s3_bucket_request_payment_configuration", json!({ "payer": "Requester" }));
            }
        }
        named!(
            self,
            "s3:ListBucketIntelligentTieringConfigurations",
            list_bucket_intelligent_tiering_configurations,
            intelligent_tiering_configuration_list,
            "aws_s3_bucket_intelligent_tiering_configuration",
            shapes::tiering
        );
        named!(
            self,
            "s3:ListBucketMetricsConfigurations",
            list_bucket_metrics_configurations,
            metrics_configuration_list,
            "aws_s3_bucket_metric",
            shapes::metric
        );
        named!(
            self,
            "s3:ListBucketInventoryConfigurations",
            list_bucket_inventory_configurations,
            inventory_configuration_list,
            "aws_s3_bucket_inventory",
            shapes::inventory
        );
        named!(
            self,
            "s3:ListBucketAnalyticsConfigurations",
            list_bucket_analytics_configurations,
            analytics_configuration_list,
            "aws_s3_bucket_analytics_configuration",
            shapes::analytics
        );
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Answer, collect};
    use crate::estate::Outcome;

    const LIST: &str = r#"<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>79a5</ID></Owner><Buckets><Bucket>
        <Name>exo-live-media</Name><CreationDate>2024-11-10T08:00:00.000Z</CreationDate><BucketRegion>eu-west-3</BucketRegion></Bucket></Buckets></ListAllMyBucketsResult>"#;

    fn error(code: &str) -> String {
        format!("<Error><Code>{code}</Code><Message>m</Message><RequestId>r</RequestId></Error>")
    }

    /// Every answer that S3 gives for a bucket on which nobody ever set anything; `instead` replaces some.
    fn bucket(instead: &[Answer<'_>]) -> (Vec<Resource>, Vec<crate::estate::LedgerEntry>) {
        let absent = [
            ("s3:GetBucketPolicy", error("NoSuchBucketPolicy")),
            ("s3:GetPublicAccessBlock", error("NoSuchPublicAccessBlockConfiguration")),
            ("s3:GetBucketOwnershipControls", error("OwnershipControlsNotFoundError")),
            ("s3:GetBucketEncryption", error("ServerSideEncryptionConfigurationNotFoundError")),
            ("s3:GetBucketLifecycleConfiguration", error("NoSuchLifecycleConfiguration")),
            ("s3:GetBucketCors", error("NoSuchCORSConfiguration")),
            ("s3:GetBucketWebsite", error("NoSuchWebsiteConfiguration")),
            ("s3:GetBucketReplication", error("ReplicationConfigurationNotFoundError")),
            ("s3:GetObjectLockConfiguration", error("ObjectLockConfigurationNotFoundError")),
        ];
        let empty = [
            ("s3:GetBucketVersioning", "VersioningConfiguration"),
            ("s3:GetBucketLogging", "BucketLoggingStatus"),
            ("s3:GetBucketNotificationConfiguration", "NotificationConfiguration"),
            ("s3:GetBucketAcl", "AccessControlPolicy"),
            ("s3:GetBucketAccelerateConfiguration", "AccelerateConfiguration"),
            ("s3:GetBucketRequestPayment", "RequestPaymentConfiguration"),
            ("s3:ListBucketInventoryConfigurations", "ListInventoryConfigurationsResult"),
            ("s3:ListBucketAnalyticsConfigurations", "ListBucketAnalyticsConfigurationResult"),
            ("s3:ListBucketIntelligentTieringConfigurations", "ListBucketIntelligentTieringConfigurationsOutput"),
            ("s3:ListBucketMetricsConfigurations", "ListMetricsConfigurationsResult"),
        ]
        .map(|(call, root)| (call, format!("<{root}/>")));
        let mut all = vec![("s3:ListBuckets", 200, LIST)];
        all.extend(absent.iter().map(|(call, body)| (*call, 404, body.as_str())));
        all.extend(empty.iter().map(|(call, body)| (*call, 200, body.as_str())));
        all.retain(|(call, _, _)| !instead.iter().any(|(other, _, _)| other == call));
        all.extend_from_slice(instead);
        collect(&COLLECTOR, &all)
    }

    fn find<'a>(all: &'a [Resource], kind: &str) -> &'a Resource {
        all.iter().find(|r| r.kind == kind).unwrap_or_else(|| panic!("no {kind} in {:?}", all.iter().map(|r| &r.kind).collect::<Vec<_>>()))
    }

    #[test]
    fn a_bucket_on_which_nothing_was_set_has_no_satellite() {
        let (all, ledger) = bucket(&[]);
        assert_eq!(all.len(), 1, "{:?}", all.iter().map(|r| &r.kind).collect::<Vec<_>>());
        let r = &all[0];
        assert_eq!((r.id.as_str(), r.region.as_str()), ("exo-live-media", "eu-west-3"));
        assert_eq!(r.facts["versioning"], "Disabled");
        assert_eq!(r.facts["object_ownership"], "ObjectWriter");
        assert_eq!(r.facts["block_public_policy"], false);
        assert_eq!(r.facts["policy"], Value::Null);
        assert_eq!(r.facts["lifecycle_rules"], 0);
        assert_eq!(r.facts["bucket_regional_domain_name"], "exo-live-media.s3.eu-west-3.amazonaws.com");
        assert!(r.unread.is_empty(), "{:?}", r.unread);
        assert!(!ledger.iter().any(|e| e.call == "s3:GetBucketReplication"), "asked though it needs versioning");
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
    }

    #[test]
    fn every_part_becomes_its_own_resource() {
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::exo-live-media/*"}]}"#;
        let (all, _) = bucket(&[
            ("s3:GetBucketVersioning", 200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"),
            ("s3:GetBucketPolicy", 200, policy),
            (
                "s3:GetPublicAccessBlock",
                200,
                "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>false</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets></PublicAccessBlockConfiguration>",
            ),
            (
                "s3:GetBucketOwnershipControls",
                200,
                "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerPreferred</ObjectOwnership></Rule></OwnershipControls>",
            ),
            (
                "s3:GetBucketAcl",
                200,
                r#"<AccessControlPolicy xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Owner><ID>79a5</ID></Owner><AccessControlList>
                <Grant><Grantee xsi:type="CanonicalUser"><ID>79a5</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant>
                <Grant><Grantee xsi:type="Group"><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"#,
            ),
            (
                "s3:GetBucketEncryption",
                200,
                "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>arn:aws:kms:eu-west-3:123456789012:key/k</KMSMasterKeyID></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>",
            ),
            (
                "s3:GetBucketLifecycleConfiguration",
                200,
                "<LifecycleConfiguration><Rule><ID>logs</ID><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>90</Days></Expiration><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload><Transition><Days>30</Days><StorageClass>INTELLIGENT_TIERING</StorageClass></Transition></Rule></LifecycleConfiguration>",
            ),
            (
                "s3:GetBucketLogging",
                200,
                "<BucketLoggingStatus><LoggingEnabled><TargetBucket>exo-logs</TargetBucket><TargetPrefix>media/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>",
            ),
            (
                "s3:GetBucketNotificationConfiguration",
                200,
                "<NotificationConfiguration><TopicConfiguration><Id>n1</Id><Topic>arn:aws:sns:eu-west-3:123456789012:t</Topic><Event>s3:ObjectRemoved:*</Event><Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>Suffix</Name><Value>.jpg</Value></FilterRule></S3Key></Filter></TopicConfiguration></NotificationConfiguration>",
            ),
            (
                "s3:GetBucketCors",
                200,
                "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod><MaxAgeSeconds>3000</MaxAgeSeconds></CORSRule></CORSConfiguration>",
            ),
            (
                "s3:GetBucketWebsite",
                200,
                "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>",
            ),
            (
                "s3:GetBucketReplication",
                200,
                "<ReplicationConfiguration><Role>arn:aws:iam::123456789012:role/r</Role><Rule><ID>all</ID><Priority>0</Priority><Status>Enabled</Status><Filter/><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication><Destination><Bucket>arn:aws:s3:::copy</Bucket></Destination></Rule></ReplicationConfiguration>",
            ),
            (
                "s3:GetObjectLockConfiguration",
                200,
                "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>30</Days></DefaultRetention></Rule></ObjectLockConfiguration>",
            ),
            ("s3:GetBucketAccelerateConfiguration", 200, "<AccelerateConfiguration><Status>Suspended</Status></AccelerateConfiguration>"),
            (
                "s3:ListBucketMetricsConfigurations",
                200,
                "<ListMetricsConfigurationsResult><MetricsConfiguration><Id>whole</Id><Filter><And><Prefix>x/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter></MetricsConfiguration></ListMetricsConfigurationsResult>",
            ),
            ("s3:GetBucketRequestPayment", 200, "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>"),
            (
                "s3:ListBucketInventoryConfigurations",
                200,
                "<ListInventoryConfigurationsResult><InventoryConfiguration><Id>weekly</Id><IsEnabled>true</IsEnabled><IncludedObjectVersions>Current</IncludedObjectVersions><Schedule><Frequency>Weekly</Frequency></Schedule><Destination><S3BucketDestination><Bucket>arn:aws:s3:::inv</Bucket><Format>CSV</Format></S3BucketDestination></Destination></InventoryConfiguration><IsTruncated>false</IsTruncated></ListInventoryConfigurationsResult>",
            ),
            (
                "s3:ListBucketAnalyticsConfigurations",
                200,
                "<ListBucketAnalyticsConfigurationResult><AnalyticsConfiguration><Id>a</Id><Filter><Prefix>x/</Prefix></Filter><StorageClassAnalysis/></AnalyticsConfiguration></ListBucketAnalyticsConfigurationResult>",
            ),
            (
                "s3:ListBucketIntelligentTieringConfigurations",
                200,
                "<ListBucketIntelligentTieringConfigurationsOutput><IntelligentTieringConfiguration><Id>deep</Id><Status>Enabled</Status><Tiering><AccessTier>ARCHIVE_ACCESS</AccessTier><Days>90</Days></Tiering></IntelligentTieringConfiguration></ListBucketIntelligentTieringConfigurationsOutput>",
            ),
        ]);
        let mut kinds: Vec<&str> = all.iter().map(|r| r.kind.as_str()).collect();
        kinds.sort_unstable();
        let mut declared = COLLECTOR.types.to_vec();
        declared.sort_unstable();
        assert_eq!(kinds, declared);
        assert_eq!(find(&all, "aws_s3_bucket").config["object_lock_enabled"], true);
        assert_eq!(find(&all, "aws_s3_bucket").facts["acl_grants"][0]["to"], "http://acs.amazonaws.com/groups/global/AllUsers");
        assert_eq!(find(&all, "aws_s3_bucket_policy").config["policy"], policy);
        assert_eq!(
            find(&all, "aws_s3_bucket_acl").get("config.access_control_policy.0.grant").and_then(Value::as_array).map(Vec::len),
            Some(2)
        );
        assert_eq!(find(&all, "aws_s3_bucket_lifecycle_configuration").str("config.rule.0.filter.0.prefix"), Some("logs/"));
        assert_eq!(find(&all, "aws_s3_bucket_notification").strings("config.topic.0.events"), ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]);
        assert_eq!(find(&all, "aws_s3_bucket_notification").str("config.topic.0.filter_suffix"), Some(".jpg"));
        assert_eq!(find(&all, "aws_s3_bucket_inventory").id, "exo-live-media:weekly");
        let metric = find(&all, "aws_s3_bucket_metric");
        assert_eq!((metric.id.as_str(), &metric.config["filter"][0]["tags"]["k"]), ("exo-live-media:whole", &json!("v")));
        assert_eq!(
            find(&all, "aws_s3_bucket_website_configuration").facts["website_endpoint"],
            "exo-live-media.s3-website.eu-west-3.amazonaws.com"
        );
    }

    #[test]
    fn what_is_refused_is_unread_and_never_taken_for_absent() {
        let (all, ledger) = bucket(&[
            ("s3:GetBucketPolicy", 403, &error("AccessDenied")),
            ("s3:GetPublicAccessBlock", 403, &error("AccessDenied")),
            ("s3:GetBucketVersioning", 403, &error("AccessDenied")),
            ("s3:GetBucketEncryption", 403, &error("AccessDenied")),
        ]);
        let r = &all[0];
        for path in ["facts.policy", "facts.block_public_policy", "facts.versioning", "facts.sse_algorithm"] {
            assert!(r.unread[path].starts_with("denied: s3:Get"), "{path}: {:?}", r.unread);
        }
        assert!(!r.facts.contains_key("policy") && !r.facts.contains_key("versioning"));
        assert!(ledger.iter().any(|e| e.call == "s3:GetBucketReplication"), "versioning is not known, so what needs it is asked for");
    }

    #[test]
    fn a_vanished_bucket_leaves_nothing_behind() {
        let (all, ledger) = bucket(&[
            ("s3:GetBucketVersioning", 200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"),
            ("s3:GetBucketWebsite", 404, &error("NoSuchBucket")),
        ]);
        assert!(all.is_empty(), "{all:?}");
        assert_eq!(ledger.iter().map(|e| e.vanished).sum::<u64>(), 1);
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("s3:ListBuckets", 403, &error("AccessDenied"))]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
        assert_eq!(ledger[0].permissions, ["s3:ListAllMyBuckets"]);
    }

    #[test]
    fn regions_and_host_names() {
        assert_eq!(region_of(""), "us-east-1");
        assert_eq!(region_of("EU"), "eu-west-1");
        assert_eq!(region_of("ap-south-1"), "ap-south-1");
        assert_eq!(website_domain("eu-west-1"), "s3-website-eu-west-1.amazonaws.com");
        assert_eq!(website_domain("eu-west-3"), "s3-website.eu-west-3.amazonaws.com");
    }
}
