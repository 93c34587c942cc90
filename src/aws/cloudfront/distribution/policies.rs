//! Policies that behaviors name: those people made, and the names of AWS's own.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types as cf;
use serde_json::{Value, json};

use super::shapes::{names, sorted};
use crate::aws::scan::Scan;
use crate::aws::value::block;

/// Ids of the policies that a distribution uses.
pub(super) fn used(d: &cf::DistributionSummary) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(b) = d.default_cache_behavior() {
        all.extend([b.cache_policy_id(), b.origin_request_policy_id(), b.response_headers_policy_id()].into_iter().flatten());
    }
    for b in d.cache_behaviors().map_or(&[][..], |b| b.items()) {
        all.extend([b.cache_policy_id(), b.origin_request_policy_id(), b.response_headers_policy_id()].into_iter().flatten());
    }
    all.into_iter().map(str::to_owned).collect()
}

pub(super) async fn collect(scan: &Scan<'_>, used: &BTreeSet<String>) {
    let cloudfront = scan.cloudfront();
    // These listings have no paginator in the SDK; a hundred policies of a kind is far above the quota of 20 own ones.
    let request = cloudfront.list_cache_policies().max_items(100).send();
    let listed =
        scan.list_once("cloudfront:ListCachePolicies", request, |a| a.cache_policy_list.and_then(|l| l.items).unwrap_or_default()).await;
    for summary in listed {
        let Some((policy, config)) = summary.cache_policy().and_then(|p| Some((p, p.cache_policy_config()?))) else { continue };
        if summary.r#type().as_str() == "managed" {
            managed(scan, used, "cache", policy.id(), config.name());
            continue;
        }
        let mut r = scan.resource("aws_cloudfront_cache_policy", policy.id());
        r.name = Some(config.name().into());
        let key = config.parameters_in_cache_key_and_forwarded_to_origin().map(|p| {
            let headers = p.headers_config();
            let cookies = p.cookies_config();
            let queries = p.query_strings_config();
            json!({
                "enable_accept_encoding_brotli": p.enable_accept_encoding_brotli(),
                "enable_accept_encoding_gzip": p.enable_accept_encoding_gzip(),
                "headers_config": block(headers.map(|h| json!({ "header_behavior": h.header_behavior().as_str(), "headers": list(h.headers().map(|l| l.items())) }))),
                "cookies_config": block(cookies.map(|c| json!({ "cookie_behavior": c.cookie_behavior().as_str(), "cookies": list(c.cookies().map(|l| l.items())) }))),
                "query_strings_config": block(queries.map(|q| json!({ "query_string_behavior": q.query_string_behavior().as_str(), "query_strings": list(q.query_strings().map(|l| l.items())) }))),
            })
        });
        r.set("name", config.name())
            .set("comment", config.comment().filter(|c| !c.is_empty()))
            .set("default_ttl", config.default_ttl())
            .set("max_ttl", config.max_ttl())
            .set("min_ttl", config.min_ttl())
            .set("parameters_in_cache_key_and_forwarded_to_origin", block(key));
        scan.emit(r);
    }

    let request = cloudfront.list_origin_request_policies().max_items(100).send();
    let listed = scan
        .list_once("cloudfront:ListOriginRequestPolicies", request, |a| {
            a.origin_request_policy_list.and_then(|l| l.items).unwrap_or_default()
        })
        .await;
    for summary in listed {
        let Some((policy, config)) = summary.origin_request_policy().and_then(|p| Some((p, p.origin_request_policy_config()?))) else {
            continue;
        };
        if summary.r#type().as_str() == "managed" {
            managed(scan, used, "origin_request", policy.id(), config.name());
            continue;
        }
        let mut r = scan.resource("aws_cloudfront_origin_request_policy", policy.id());
        r.name = Some(config.name().into());
        let headers = config.headers_config();
        let cookies = config.cookies_config();
        let queries = config.query_strings_config();
        r.set("name", config.name())
            .set("comment", config.comment().filter(|c| !c.is_empty()))
            .set("headers_config", block(headers.map(|h| json!({ "header_behavior": h.header_behavior().as_str(), "headers": list(h.headers().map(|l| l.items())) }))))
            .set("cookies_config", block(cookies.map(|c| json!({ "cookie_behavior": c.cookie_behavior().as_str(), "cookies": list(c.cookies().map(|l| l.items())) }))))
            .set("query_strings_config", block(queries.map(|q| json!({ "query_string_behavior": q.query_string_behavior().as_str(), "query_strings": list(q.query_strings().map(|l| l.items())) }))));
        scan.emit(r);
    }

    let request = cloudfront.list_response_headers_policies().max_items(100).send();
    let listed = scan
        .list_once("cloudfront:ListResponseHeadersPolicies", request, |a| {
            a.response_headers_policy_list.and_then(|l| l.items).unwrap_or_default()
        })
        .await;
    for summary in listed {
        let Some((policy, config)) = summary.response_headers_policy().and_then(|p| Some((p, p.response_headers_policy_config()?))) else {
            continue;
        };
        if summary.r#type().as_str() == "managed" {
            managed(scan, used, "response_headers", policy.id(), config.name());
            continue;
        }
        let mut r = scan.resource("aws_cloudfront_response_headers_policy", policy.id());
        r.name = Some(config.name().into());
        let custom = config.custom_headers_config().map_or(&[][..], |c| c.items());
        let custom = (!custom.is_empty()).then(|| {
            json!({ "items": sorted(custom.iter().map(|h| json!({ "header": h.header(), "value": h.value(), "override": h.r#override() }))) })
        });
        let removed = config.remove_headers_config().map_or(&[][..], |c| c.items());
        let removed = (!removed.is_empty()).then(|| json!({ "items": sorted(removed.iter().map(|h| json!({ "header": h.header() }))) }));
        let timing = config.server_timing_headers_config().map(|t| json!({ "enabled": t.enabled(), "sampling_rate": t.sampling_rate() }));
        r.set("name", config.name())
            .set("comment", config.comment().filter(|c| !c.is_empty()))
            .set("cors_config", block(config.cors_config().map(cors)))
            .set("custom_headers_config", block(custom))
            .set("remove_headers_config", block(removed))
            .set("security_headers_config", block(config.security_headers_config().map(security)))
            .set("server_timing_headers_config", block(timing));
        scan.emit(r);
    }
}

/// One of AWS's own policies, if a distribution uses it: it is not ours to manage, but its name says more than its id.
fn managed(scan: &Scan<'_>, used: &BTreeSet<String>, policy: &str, id: &str, name: &str) {
    if used.contains(id) {
        let mut r = scan.resource("x_cloudfront_managed_policy", id);
        r.name = Some(name.into());
        r.fact("policy", policy).fact("name", name);
        scan.emit(r);
    }
}

/// A list of names within a block of its own; no block when there are none.
fn list(items: Option<&[String]>) -> Value {
    block(items.filter(|i| !i.is_empty()).map(|i| json!({ "items": names(Some(i)) })))
}

fn cors(c: &cf::ResponseHeadersPolicyCorsConfig) -> Value {
    let methods: Vec<String> =
        c.access_control_allow_methods().map(|m| m.items().iter().map(|m| m.as_str().to_owned()).collect()).unwrap_or_default();
    json!({
        "access_control_allow_credentials": c.access_control_allow_credentials(),
        "access_control_max_age_sec": c.access_control_max_age_sec(),
        "origin_override": c.origin_override(),
        "access_control_allow_headers": list(c.access_control_allow_headers().map(|h| h.items())),
        "access_control_allow_methods": list(Some(&methods)),
        "access_control_allow_origins": list(c.access_control_allow_origins().map(|o| o.items())),
        "access_control_expose_headers": list(c.access_control_expose_headers().map(|h| h.items())),
    })
}

fn security(s: &cf::ResponseHeadersPolicySecurityHeadersConfig) -> Value {
    let content =
        s.content_security_policy().map(|p| json!({ "content_security_policy": p.content_security_policy(), "override": p.r#override() }));
    let frames = s.frame_options().map(|f| json!({ "frame_option": f.frame_option().as_str(), "override": f.r#override() }));
    let referrer = s.referrer_policy().map(|p| json!({ "referrer_policy": p.referrer_policy().as_str(), "override": p.r#override() }));
    let transport = s.strict_transport_security().map(|t| {
        json!({
            "access_control_max_age_sec": t.access_control_max_age_sec(),
            "include_subdomains": t.include_subdomains(),
            "override": t.r#override(),
            "preload": t.preload(),
        })
    });
    let scripts = s.xss_protection().map(
        |x| json!({ "mode_block": x.mode_block(), "override": x.r#override(), "protection": x.protection(), "report_uri": x.report_uri() }),
    );
    json!({
        "content_security_policy": block(content),
        "content_type_options": block(s.content_type_options().map(|o| json!({ "override": o.r#override() }))),
        "frame_options": block(frames),
        "referrer_policy": block(referrer),
        "strict_transport_security": block(transport),
        "xss_protection": block(scripts),
    })
}
