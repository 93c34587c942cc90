//! S3's answers in the shape of the provider's state.

use aws_sdk_s3::operation::get_bucket_acl::GetBucketAclOutput;
use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput;
use aws_sdk_s3::operation::get_bucket_website::GetBucketWebsiteOutput;
use aws_sdk_s3::types as s3;
use serde_json::{Map, Value, json};

use crate::aws::value::{block, set, time};

/// Objects of a set in a stable order.
pub(super) fn sorted(items: impl Iterator<Item = Value>) -> Value {
    let mut all: Vec<Value> = items.collect();
    all.sort_by_cached_key(Value::to_string);
    Value::Array(all)
}

fn tags(tags: &[s3::Tag]) -> Value {
    if tags.is_empty() {
        return Value::Null;
    }
    Value::Object(tags.iter().map(|t| (t.key().to_owned(), Value::from(t.value()))).collect::<Map<_, _>>())
}

fn tag(tag: &s3::Tag) -> Value {
    json!({ "key": tag.key(), "value": tag.value() })
}

fn grantee(grantee: &s3::Grantee) -> Value {
    json!({ "type": grantee.r#type().as_str(), "id": grantee.id(), "uri": grantee.uri(), "email_address": grantee.email_address() })
}

/// Grants to anybody but the owner: objects with `permission`, and who gets it as `to` (canonical id, group URI or address).
pub(super) fn foreign_grants(acl: &GetBucketAclOutput) -> Vec<Value> {
    let owner = acl.owner().and_then(|o| o.id());
    let to = |g: &s3::Grantee| g.uri().or(g.id()).or(g.email_address()).map(str::to_owned);
    acl.grants()
        .iter()
        .filter(|g| g.grantee().is_some_and(|to| to.id().is_none() || to.id() != owner))
        .map(|g| json!({ "permission": g.permission().map(|p| p.as_str()), "to": g.grantee().and_then(to) }))
        .collect()
}

pub(super) fn acl(acl: &GetBucketAclOutput) -> Value {
    let grants = acl
        .grants()
        .iter()
        .map(|g| json!({ "permission": g.permission().map(|p| p.as_str()), "grantee": block(g.grantee().map(grantee)) }));
    let owner = acl.owner().map(|o| json!({ "id": o.id() }));
    json!({ "access_control_policy": [{ "grant": sorted(grants), "owner": block(owner) }] })
}

pub(super) fn encryption_rule(rule: &s3::ServerSideEncryptionRule) -> Value {
    let by_default = rule
        .apply_server_side_encryption_by_default()
        .map(|d| json!({ "sse_algorithm": d.sse_algorithm().as_str(), "kms_master_key_id": d.kms_master_key_id() }));
    json!({ "bucket_key_enabled": rule.bucket_key_enabled(), "apply_server_side_encryption_by_default": block(by_default) })
}

#[allow(deprecated, reason = "old buckets still carry the prefix of a rule outside its filter")]
pub(super) fn lifecycle_rule(rule: &s3::LifecycleRule) -> Value {
    // A filter that says nothing, as the console makes it, is none to the provider.
    let says = |f: &&s3::LifecycleRuleFilter| **f != s3::LifecycleRuleFilter::builder().build();
    let filter = rule.filter().filter(says).map(|f| {
        let and = f.and().map(|a| {
            json!({
                "prefix": a.prefix(),
                "tags": tags(a.tags()),
                "object_size_greater_than": a.object_size_greater_than(),
                "object_size_less_than": a.object_size_less_than(),
            })
        });
        json!({
            "prefix": f.prefix(),
            "tag": block(f.tag().map(tag)),
            "object_size_greater_than": f.object_size_greater_than(),
            "object_size_less_than": f.object_size_less_than(),
            "and": block(and),
        })
    });
    let expiration = rule
        .expiration()
        .map(|e| json!({ "date": time(e.date()), "days": e.days(), "expired_object_delete_marker": e.expired_object_delete_marker() }));
    let noncurrent = rule
        .noncurrent_version_expiration()
        .map(|e| json!({ "noncurrent_days": e.noncurrent_days(), "newer_noncurrent_versions": e.newer_noncurrent_versions() }));
    let transitions = rule
        .transitions()
        .iter()
        .map(|t| json!({ "date": time(t.date()), "days": t.days(), "storage_class": t.storage_class().map(|c| c.as_str()) }));
    let noncurrent_transitions = rule.noncurrent_version_transitions().iter().map(|t| {
        json!({
            "noncurrent_days": t.noncurrent_days(),
            "newer_noncurrent_versions": t.newer_noncurrent_versions(),
            "storage_class": t.storage_class().map(|c| c.as_str()),
        })
    });
    let abort = rule.abort_incomplete_multipart_upload().map(|a| json!({ "days_after_initiation": a.days_after_initiation() }));
    json!({
        "id": rule.id(),
        "status": rule.status().as_str(),
        "prefix": if rule.filter().is_none() { rule.prefix() } else { None },
        "filter": block(filter),
        "expiration": block(expiration),
        "noncurrent_version_expiration": block(noncurrent),
        "transition": sorted(transitions),
        "noncurrent_version_transition": sorted(noncurrent_transitions),
        "abort_incomplete_multipart_upload": block(abort),
    })
}

pub(super) fn logging(logging: &s3::LoggingEnabled) -> Value {
    let grants = logging
        .target_grants()
        .iter()
        .map(|g| json!({ "permission": g.permission().map(|p| p.as_str()), "grantee": block(g.grantee().map(grantee)) }));
    let format = logging.target_object_key_format().map(|f| {
        let partitioned = f.partitioned_prefix().map(|p| json!({ "partition_date_source": p.partition_date_source().map(|s| s.as_str()) }));
        json!({ "partitioned_prefix": block(partitioned), "simple_prefix": block(f.simple_prefix().map(|_| json!({}))) })
    });
    json!({
        "target_bucket": logging.target_bucket(),
        "target_prefix": logging.target_prefix(),
        "target_grant": sorted(grants),
        "target_object_key_format": block(format),
    })
}

pub(super) fn notification(answer: &GetBucketNotificationConfigurationOutput) -> Value {
    // The name is "prefix" or "Prefix", by what the maker wrote.
    let part = |filter: Option<&s3::NotificationConfigurationFilter>, name: &str| {
        let rules = filter.and_then(|f| f.key()).map_or(&[][..], |k| k.filter_rules());
        let rule = rules.iter().find(|r| r.name().is_some_and(|n| n.as_str().eq_ignore_ascii_case(name)));
        rule.and_then(|r| r.value()).filter(|v| !v.is_empty()).map(str::to_owned)
    };
    macro_rules! targets {
        ($list:ident, $arn:ident, $argument:literal) => {
            answer
                .$list()
                .iter()
                .map(|c| {
                    json!({
                        "id": c.id(),
                        $argument: c.$arn(),
                        "events": set(c.events().iter().map(|e| e.as_str())),
                        "filter_prefix": part(c.filter(), "prefix"),
                        "filter_suffix": part(c.filter(), "suffix"),
                    })
                })
                .collect::<Vec<_>>()
        };
    }
    json!({
        "eventbridge": answer.event_bridge_configuration().is_some(),
        "topic": targets!(topic_configurations, topic_arn, "topic_arn"),
        "queue": targets!(queue_configurations, queue_arn, "queue_arn"),
        "lambda_function": targets!(lambda_function_configurations, lambda_function_arn, "lambda_function_arn"),
    })
}

pub(super) fn cors_rule(rule: &s3::CorsRule) -> Value {
    json!({
        "id": rule.id(),
        "allowed_headers": set(rule.allowed_headers()),
        "allowed_methods": set(rule.allowed_methods()),
        "allowed_origins": set(rule.allowed_origins()),
        "expose_headers": set(rule.expose_headers()),
        "max_age_seconds": rule.max_age_seconds(),
    })
}

pub(super) fn website(website: &GetBucketWebsiteOutput) -> Value {
    let redirect_all =
        website.redirect_all_requests_to().map(|r| json!({ "host_name": r.host_name(), "protocol": r.protocol().map(|p| p.as_str()) }));
    let rules: Vec<Value> = website
        .routing_rules()
        .iter()
        .map(|rule| {
            let condition = rule.condition().map(|c| {
                json!({ "http_error_code_returned_equals": c.http_error_code_returned_equals(), "key_prefix_equals": c.key_prefix_equals() })
            });
            let redirect = rule.redirect().map(|r| {
                json!({
                    "host_name": r.host_name(),
                    "http_redirect_code": r.http_redirect_code(),
                    "protocol": r.protocol().map(|p| p.as_str()),
                    "replace_key_prefix_with": r.replace_key_prefix_with(),
                    "replace_key_with": r.replace_key_with(),
                })
            });
            json!({ "condition": block(condition), "redirect": block(redirect) })
        })
        .collect();
    json!({
        "index_document": block(website.index_document().map(|d| json!({ "suffix": d.suffix() }))),
        "error_document": block(website.error_document().map(|d| json!({ "key": d.key() }))),
        "redirect_all_requests_to": block(redirect_all),
        "routing_rule": rules,
    })
}

#[allow(deprecated, reason = "rules of the first version carry the prefix outside a filter")]
pub(super) fn replication(replication: &s3::ReplicationConfiguration) -> Value {
    let rules: Vec<Value> = replication.rules().iter().map(replication_rule).collect();
    json!({ "role": replication.role(), "rule": rules })
}

#[allow(deprecated, reason = "rules of the first version carry the prefix outside a filter")]
fn replication_rule(rule: &s3::ReplicationRule) -> Value {
    let filter = rule.filter().map(|f| {
        let and = f.and().map(|a| json!({ "prefix": a.prefix(), "tags": tags(a.tags()) }));
        json!({ "prefix": f.prefix(), "tag": block(f.tag().map(tag)), "and": block(and) })
    });
    let criteria = rule.source_selection_criteria().map(|c| {
        let kms = c.sse_kms_encrypted_objects().map(|o| json!({ "status": o.status().as_str() }));
        let replicas = c.replica_modifications().map(|m| json!({ "status": m.status().as_str() }));
        json!({ "sse_kms_encrypted_objects": block(kms), "replica_modifications": block(replicas) })
    });
    let minutes = |t: Option<&s3::ReplicationTimeValue>| block(t.map(|t| json!({ "minutes": t.minutes() })));
    let destination = rule.destination().map(|d| {
        let metrics = d.metrics().map(|m| json!({ "status": m.status().as_str(), "event_threshold": minutes(m.event_threshold()) }));
        let deadline = d.replication_time().map(|t| json!({ "status": t.status().as_str(), "time": minutes(t.time()) }));
        json!({
            "bucket": d.bucket(),
            "account": d.account(),
            "storage_class": d.storage_class().map(|c| c.as_str()),
            "access_control_translation": block(d.access_control_translation().map(|t| json!({ "owner": t.owner().as_str() }))),
            "encryption_configuration": block(d.encryption_configuration().map(|e| json!({ "replica_kms_key_id": e.replica_kms_key_id() }))),
            "metrics": block(metrics),
            "replication_time": block(deadline),
        })
    });
    let markers = rule.delete_marker_replication().map(|m| json!({ "status": m.status().map(|s| s.as_str()) }));
    let existing = rule.existing_object_replication().map(|e| json!({ "status": e.status().as_str() }));
    json!({
        "id": rule.id(),
        "priority": rule.priority(),
        "status": rule.status().as_str(),
        "prefix": if rule.filter().is_none() { rule.prefix() } else { None },
        "filter": block(filter),
        "source_selection_criteria": block(criteria),
        "destination": block(destination),
        "delete_marker_replication": block(markers),
        "existing_object_replication": block(existing),
    })
}

pub(super) fn inventory(inventory: &s3::InventoryConfiguration) -> Value {
    let destination = inventory.destination().and_then(|d| d.s3_bucket_destination()).map(|d| {
        let encryption = d.encryption().map(|e| {
            json!({
                "sse_kms": block(e.ssekms().map(|k| json!({ "key_id": k.key_id() }))),
                "sse_s3": block(e.sses3().map(|_| json!({}))),
            })
        });
        let bucket = json!({
            "bucket_arn": d.bucket(),
            "account_id": d.account_id(),
            "format": d.format().as_str(),
            "prefix": d.prefix(),
            "encryption": block(encryption),
        });
        json!({ "bucket": [bucket] })
    });
    json!({
        "name": inventory.id(),
        "enabled": inventory.is_enabled(),
        "included_object_versions": inventory.included_object_versions().as_str(),
        "optional_fields": set(inventory.optional_fields().iter().map(|f| f.as_str())),
        "filter": block(inventory.filter().map(|f| json!({ "prefix": f.prefix() }))),
        "schedule": block(inventory.schedule().map(|s| json!({ "frequency": s.frequency().as_str() }))),
        "destination": block(destination),
    })
}

pub(super) fn analytics(analytics: &s3::AnalyticsConfiguration) -> Value {
    let filter = analytics.filter().and_then(|f| match f {
        s3::AnalyticsFilter::Prefix(prefix) => Some(json!({ "prefix": prefix })),
        s3::AnalyticsFilter::Tag(tag) => Some(json!({ "tags": tags(std::slice::from_ref(tag)) })),
        s3::AnalyticsFilter::And(and) => Some(json!({ "prefix": and.prefix(), "tags": tags(and.tags()) })),
        _ => None,
    });
    let export = analytics.storage_class_analysis().and_then(|a| a.data_export()).map(|e| {
        let bucket = e.destination().and_then(|d| d.s3_bucket_destination()).map(|d| {
            json!({ "bucket_arn": d.bucket(), "bucket_account_id": d.bucket_account_id(), "format": d.format().as_str(), "prefix": d.prefix() })
        });
        json!({ "output_schema_version": e.output_schema_version().as_str(), "destination": [{ "s3_bucket_destination": block(bucket) }] })
    });
    json!({
        "name": analytics.id(),
        "filter": block(filter),
        "storage_class_analysis": block(export.map(|e| json!({ "data_export": [e] }))),
    })
}

pub(super) fn metric(metric: &s3::MetricsConfiguration) -> Value {
    let filter = metric.filter().and_then(|f| match f {
        s3::MetricsFilter::Prefix(prefix) => Some(json!({ "prefix": prefix })),
        s3::MetricsFilter::Tag(tag) => Some(json!({ "tags": tags(std::slice::from_ref(tag)) })),
        s3::MetricsFilter::AccessPointArn(arn) => Some(json!({ "access_point": arn })),
        s3::MetricsFilter::And(and) => {
            Some(json!({ "access_point": and.access_point_arn(), "prefix": and.prefix(), "tags": tags(and.tags()) }))
        }
        _ => None,
    });
    json!({ "name": metric.id(), "filter": block(filter) })
}

pub(super) fn tiering(tiering: &s3::IntelligentTieringConfiguration) -> Value {
    let filter = tiering.filter().map(|f| match (f.and(), f.tag()) {
        (Some(and), _) => json!({ "prefix": and.prefix(), "tags": tags(and.tags()) }),
        (None, Some(tag)) => json!({ "prefix": f.prefix(), "tags": tags(std::slice::from_ref(tag)) }),
        (None, None) => json!({ "prefix": f.prefix() }),
    });
    let tiers = tiering.tierings().iter().map(|t| json!({ "access_tier": t.access_tier().as_str(), "days": t.days() }));
    json!({ "name": tiering.id(), "status": tiering.status().as_str(), "filter": block(filter), "tiering": sorted(tiers) })
}
