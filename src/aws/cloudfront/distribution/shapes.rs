//! CloudFront's answers in the shape of the provider's state.

use aws_sdk_cloudfront::types as cf;
use serde_json::{Value, json};

use crate::aws::value::{block, set, strings};

/// Objects of a set in a stable order.
pub(super) fn sorted(items: impl Iterator<Item = Value>) -> Value {
    let mut all: Vec<Value> = items.collect();
    all.sort_by_cached_key(Value::to_string);
    Value::Array(all)
}

/// Names of a CloudFront list as a set; empty without one.
pub(super) fn names(items: Option<&[String]>) -> Value {
    set(items.unwrap_or_default())
}

fn present(text: Option<&str>) -> Option<&str> {
    text.filter(|t| !t.is_empty())
}

pub(super) fn origin(o: &cf::Origin) -> Value {
    let headers = o.custom_headers().map_or(&[][..], |h| h.items());
    let custom = o.custom_origin_config().map(|c| {
        let protocols = c.origin_ssl_protocols().map_or(&[][..], |p| p.items());
        json!({
            "http_port": c.http_port(),
            "https_port": c.https_port(),
            "origin_keepalive_timeout": c.origin_keepalive_timeout(),
            "origin_protocol_policy": c.origin_protocol_policy().as_str(),
            "origin_read_timeout": c.origin_read_timeout(),
            "origin_ssl_protocols": set(protocols.iter().map(|p| p.as_str())),
        })
    });
    // Without an identity the block says nothing; AWS answers it for every bucket.
    let identity = o.s3_origin_config().and_then(|c| present(Some(c.origin_access_identity())));
    let vpc = o.vpc_origin_config().map(|v| {
        json!({
            "vpc_origin_id": v.vpc_origin_id(),
            "origin_keepalive_timeout": v.origin_keepalive_timeout(),
            "origin_read_timeout": v.origin_read_timeout(),
        })
    });
    let shield = o.origin_shield().map(|s| json!({ "enabled": s.enabled(), "origin_shield_region": s.origin_shield_region() }));
    json!({
        "origin_id": o.id(),
        "domain_name": o.domain_name(),
        "origin_path": present(o.origin_path()),
        "connection_attempts": o.connection_attempts(),
        "connection_timeout": o.connection_timeout(),
        "origin_access_control_id": present(o.origin_access_control_id()),
        "custom_header": sorted(headers.iter().map(|h| json!({ "name": h.header_name(), "value": h.header_value() }))),
        "custom_origin_config": block(custom),
        "s3_origin_config": block(identity.map(|i| json!({ "origin_access_identity": i }))),
        "vpc_origin_config": block(vpc),
        "origin_shield": block(shield),
    })
}

pub(super) fn origin_group(g: &cf::OriginGroup) -> Value {
    let mut codes: Vec<i32> = g.failover_criteria().and_then(|f| f.status_codes()).map(|c| c.items().to_vec()).unwrap_or_default();
    codes.sort_unstable();
    let members = g.members().map_or(&[][..], |m| m.items());
    json!({
        "origin_id": g.id(),
        "failover_criteria": [{ "status_codes": codes }],
        "member": members.iter().map(|m| json!({ "origin_id": m.origin_id() })).collect::<Vec<_>>(),
    })
}

/// The default behavior and the others are two types in the SDK with the same members.
macro_rules! behavior {
    ($b:expr) => {{
        let b = $b;
        let methods = b.allowed_methods();
        let allowed = methods.map_or(&[][..], |m| m.items());
        let cached = methods.and_then(|m| m.cached_methods()).map_or(&[][..], |m| m.items());
        let functions = b.function_associations().map_or(&[][..], |f| f.items());
        let lambdas = b.lambda_function_associations().map_or(&[][..], |f| f.items());
        let signers = b.trusted_signers().filter(|s| s.enabled()).map_or(&[][..], |s| s.items());
        let key_groups = b.trusted_key_groups().filter(|s| s.enabled()).map_or(&[][..], |s| s.items());
        json!({
            "allowed_methods": set(allowed.iter().map(|m| m.as_str())),
            "cached_methods": set(cached.iter().map(|m| m.as_str())),
            "cache_policy_id": present(b.cache_policy_id()),
            "compress": b.compress(),
            "default_ttl": b.default_ttl(),
            "max_ttl": b.max_ttl(),
            "min_ttl": b.min_ttl(),
            "field_level_encryption_id": present(b.field_level_encryption_id()),
            "forwarded_values": block(b.forwarded_values().map(forwarded_values)),
            "function_association": sorted(functions.iter().map(|f| json!({ "event_type": f.event_type().as_str(), "function_arn": f.function_arn() }))),
            "lambda_function_association": sorted(lambdas.iter().map(|l| {
                json!({ "event_type": l.event_type().as_str(), "lambda_arn": l.lambda_function_arn(), "include_body": l.include_body() })
            })),
            "grpc_config": block(b.grpc_config().map(|g| json!({ "enabled": g.enabled() }))),
            "origin_request_policy_id": present(b.origin_request_policy_id()),
            "realtime_log_config_arn": present(b.realtime_log_config_arn()),
            "response_headers_policy_id": present(b.response_headers_policy_id()),
            "smooth_streaming": b.smooth_streaming(),
            "target_origin_id": b.target_origin_id(),
            "trusted_key_groups": strings(key_groups),
            "trusted_signers": strings(signers),
            "viewer_protocol_policy": b.viewer_protocol_policy().as_str(),
        })
    }};
}

#[allow(deprecated, reason = "distributions made before cache policies still carry their values in the behavior")]
pub(super) fn default_behavior(b: &cf::DefaultCacheBehavior) -> Value {
    behavior!(b)
}

#[allow(deprecated, reason = "distributions made before cache policies still carry their values in the behavior")]
pub(super) fn ordered_behavior(b: &cf::CacheBehavior) -> Value {
    let mut shaped = behavior!(b);
    shaped["path_pattern"] = b.path_pattern().into();
    shaped
}

#[allow(deprecated, reason = "distributions made before cache policies still carry their values in the behavior")]
fn forwarded_values(f: &cf::ForwardedValues) -> Value {
    let cookies = f
        .cookies()
        .map(|c| json!({ "forward": c.forward().as_str(), "whitelisted_names": names(c.whitelisted_names().map(|n| n.items())) }));
    json!({
        "query_string": f.query_string(),
        "query_string_cache_keys": strings(f.query_string_cache_keys().map_or(&[][..], |k| k.items())),
        "headers": names(f.headers().map(|h| h.items())),
        "cookies": block(cookies),
    })
}

pub(super) fn error_response(e: &cf::CustomErrorResponse) -> Value {
    json!({
        "error_code": e.error_code(),
        "error_caching_min_ttl": e.error_caching_min_ttl(),
        "response_code": present(e.response_code()).and_then(|c| c.parse::<i64>().ok()),
        "response_page_path": present(e.response_page_path()),
    })
}

pub(super) fn restrictions(g: &cf::GeoRestriction) -> Value {
    json!({ "geo_restriction": [{ "restriction_type": g.restriction_type().as_str(), "locations": set(g.items()) }] })
}

#[allow(deprecated, reason = "the members it replaces are answered beside it")]
pub(super) fn viewer_certificate(c: &cf::ViewerCertificate) -> Value {
    json!({
        "acm_certificate_arn": present(c.acm_certificate_arn()),
        "cloudfront_default_certificate": c.cloud_front_default_certificate().unwrap_or(false),
        "iam_certificate_id": present(c.iam_certificate_id()),
        "minimum_protocol_version": c.minimum_protocol_version().map(|v| v.as_str()),
        "ssl_support_method": c.ssl_support_method().map(|m| m.as_str()),
    })
}
