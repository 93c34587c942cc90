//! Web ACLs of both scopes, what they stand in front of, and their logs.

use base64::Engine;
use serde_json::{Map, Value, json};

use crate::aws::collector::{Call, Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::shape::shape;
use crate::aws::value::{items, set, text};
use crate::estate::Resource;
use crate::schema;

/// `aws_wafv2_web_acl`, `aws_wafv2_web_acl_association`, `aws_wafv2_web_acl_logging_configuration`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_wafv2_web_acl", "aws_wafv2_web_acl_association", "aws_wafv2_web_acl_logging_configuration"],
    calls: &[
        list("wafv2:ListWebACLs"),
        detail("wafv2:GetWebACL").gone(GONE),
        // A kind of resource that the region does not have protects nothing there.
        RESOURCES,
        list("wafv2:ListLoggingConfigurations"),
    ],
    scope: Scope::RegionalAndHome,
    collect: |scan| Box::pin(collect(scan)),
};

const RESOURCES: Call =
    detail("wafv2:ListResourcesForWebACL").absent(&["WAFInvalidParameterException", "WAFInvalidOperationException"]).gone(GONE);

/// The code for what was deleted since it was listed.
pub(super) const GONE: &[&str] = &["WAFNonexistentItemException"];

/// Kinds of resources that a regional web ACL can stand in front of (API reference of `ListResourcesForWebACL`, 2026-11). The others
/// are asked for only where it stands in front of no load balancer, to tell whether it protects anything at all.
const PROTECTED: [&str; 7] = [
    "APPLICATION_LOAD_BALANCER",
    "API_GATEWAY",
    "APPSYNC",
    "COGNITO_USER_POOL",
    "APP_RUNNER_SERVICE",
    "VERIFIED_ACCESS_INSTANCE",
    "AMPLIFY",
];

/// Fields of the API whose name in the provider is not their own in snake case.
pub(super) const NAMES: [(&str, &str); 1] = [("CloudWatchMetricsEnabled", "cloudwatch_metrics_enabled")];

/// The scopes to ask for in the region of this scan: what CloudFront uses is kept in the home region, which may not have been asked for.
pub(super) fn scopes(scan: &Scan<'_>) -> Vec<&'static str> {
    let home = scan.region == scan.session.home();
    let asked = scan.regions.contains(&scan.region);
    [("REGIONAL", asked), ("CLOUDFRONT", home)].into_iter().filter(|(_, on)| *on).map(|(scope, _)| scope).collect()
}

/// A resource of the type that a WAF listing names, with what listing and identity tell.
pub(super) fn listed(scan: &Scan<'_>, kind: &str, summary: &Value, scope: &str) -> Option<(Resource, Value)> {
    let (name, id, arn) = (text(summary, "Name")?, text(summary, "Id")?, text(summary, "ARN")?);
    let mut r = scan.resource(kind, &format!("{id}/{name}/{scope}"));
    r.arn = Some(arn.into());
    r.name = Some(name.into());
    r.set("name", name).set("scope", scope).set("description", text(summary, "Description").filter(|d| !d.is_empty()));
    Some((r, json!({ "Name": name, "Id": id, "Scope": scope })))
}

async fn collect(scan: &Scan<'_>) {
    for scope in scopes(scan) {
        let input = json!({ "Scope": scope, "Limit": 100 });
        let acls = scan.json_list_with("wafv2:ListWebACLs", input.clone(), "WebACLs", "NextMarker", "NextMarker").await;
        if acls.is_empty() {
            continue;
        }
        scan.each(&acls, |acl| one(scan, acl, scope)).await;
        let logs = scan.json_list_with("wafv2:ListLoggingConfigurations", input, "LoggingConfigurations", "NextMarker", "NextMarker").await;
        for log in logs {
            let Some(arn) = text(&log, "ResourceArn") else { continue };
            let mut r = scan.resource("aws_wafv2_web_acl_logging_configuration", arn);
            r.name = acls.iter().find(|a| text(a, "ARN") == Some(arn)).and_then(|a| text(a, "Name")).map(str::to_owned);
            fill(&mut r, &log, &["ManagedByFirewallManager", "LogType", "LogScope"]);
            scan.emit(r);
        }
    }
}

/// Fills the arguments from an answer, and says what the provider has none for.
pub(super) fn fill(r: &mut Resource, answer: &Value, ignored: &[&str]) {
    let Some(block) = schema::provider().resource(&r.kind) else { return };
    let shaped = shape(block, &plain(answer), &NAMES, ignored);
    r.config.extend(shaped.fields);
    if !shaped.beyond.is_empty() {
        r.fact("beyond_provider", shaped.beyond);
    }
}

/// The answer without the forms that differ from the provider's in more than a name: search strings are Base64, response bodies stand
/// under their key, and fields to inspect are objects of one member.
fn plain(answer: &Value) -> Value {
    match answer {
        Value::Array(all) => Value::Array(all.iter().map(plain).collect()),
        Value::Object(fields) => {
            let mut out = Map::new();
            for (name, value) in fields {
                let value = match (name.as_str(), value) {
                    ("SearchString", Value::String(blob)) => Value::String(decoded(blob)),
                    ("CustomResponseBodies", Value::Object(bodies)) => bodies
                        .iter()
                        .map(|(key, body)| json!({ "Key": key, "Content": body.get("Content"), "ContentType": body.get("ContentType") }))
                        .collect(),
                    ("AddressFields" | "PhoneNumberFields", Value::Array(all)) => {
                        json!({ "Identifiers": all.iter().filter_map(|f| text(f, "Identifier")).collect::<Vec<_>>() })
                    }
                    _ => plain(value),
                };
                out.insert(if name == "CustomResponseBodies" { "CustomResponseBody".into() } else { name.clone() }, value);
            }
            Value::Object(out)
        }
        other => other.clone(),
    }
}

fn decoded(blob: &str) -> String {
    let bytes = base64::engine::general_purpose::STANDARD.decode(blob).ok();
    bytes.and_then(|b| String::from_utf8(b).ok()).unwrap_or_else(|| blob.to_owned())
}

async fn one(scan: &Scan<'_>, summary: &Value, scope: &str) {
    let Some((mut r, input)) = listed(scan, "aws_wafv2_web_acl", summary, scope) else { return };
    let arn = r.arn.clone().unwrap_or_default();
    r.fact("web_acl_id", text(summary, "Id"));
    scan.bulk_tags(&mut r).await;
    let unread = [
        "config.default_action",
        "config.rule",
        "config.visibility_config",
        "config.captcha_config",
        "config.challenge_config",
        "config.token_domains",
        "config.custom_response_body",
        "config.association_config",
        "config.data_protection_config",
        "facts.capacity",
        "facts.managed_by_firewall_manager",
    ];
    match scan.json_detail(&mut r, "wafv2:GetWebACL", &unread, input).await {
        Detail::Got(answer) => {
            let acl = &answer["WebACL"];
            fill(
                &mut r,
                acl,
                &[
                    "Id",
                    "ARN",
                    "Name",
                    "Description",
                    "Capacity",
                    "LabelNamespace",
                    "ManagedByFirewallManager",
                    "RetrofittedByFirewallManager",
                    "PreProcessFirewallManagerRuleGroups",
                    "PostProcessFirewallManagerRuleGroups",
                ],
            );
            r.config.entry("rule".into()).or_insert_with(|| json!([]));
            r.fact("capacity", acl.get("Capacity").cloned())
                .fact("managed_by_firewall_manager", acl.get("ManagedByFirewallManager") == Some(&Value::Bool(true)));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    // What CloudFront serves names its web ACL itself.
    if scope == "REGIONAL" {
        let mut protected = Vec::new();
        for kind in PROTECTED {
            let input = json!({ "WebACLArn": arn, "ResourceType": kind });
            match scan.json_detail(&mut r, RESOURCES.name, &["facts.protected_arns"], input).await {
                Detail::Got(answer) => {
                    protected.extend(items(&answer, "ResourceArns").iter().filter_map(Value::as_str).map(str::to_owned));
                }
                Detail::Gone => return,
                Detail::Absent => {}
                // The same permission lacks for the other kinds.
                Detail::Unread => break,
            }
            if !protected.is_empty() {
                break;
            }
        }
        for resource in &protected {
            let mut association = scan.resource("aws_wafv2_web_acl_association", &format!("{arn},{resource}"));
            association.set("web_acl_arn", arn.as_str()).set("resource_arn", resource.as_str());
            scan.emit(association);
        }
        if !r.unread.contains_key("facts.protected_arns") {
            r.fact("protected_arns", set(protected));
        }
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{collect, collect_in};
    use crate::estate::Outcome;

    const LIST: &str = r#"{"NextMarker":"api-guard","WebACLs":[{"ARN":"arn:aws:wafv2:eu-west-3:123456789012:regional/webacl/api-guard/11111111-2222-3333-4444-555555555555","Description":"","Id":"11111111-2222-3333-4444-555555555555","LockToken":"t","Name":"api-guard"}]}"#;
    const END: &str = r#"{"WebACLs":[]}"#;
    const ACL: &str = r#"{"LockToken":"t","WebACL":{"ARN":"a","Capacity":27,"DefaultAction":{"Allow":{}},"Description":"","Id":"i","LabelNamespace":"awswaf:123456789012:webacl:api-guard:","ManagedByFirewallManager":false,"Name":"api-guard",
        "CustomResponseBodies":{"teapot":{"ContentType":"TEXT_PLAIN","Content":"no"}},
        "Rules":[{"Name":"bots","Priority":1,"Statement":{"AndStatement":{"Statements":[
            {"ByteMatchStatement":{"SearchString":"L2FkbWlu","FieldToMatch":{"UriPath":{}},"TextTransformations":[{"Priority":0,"Type":"NONE"}],"PositionalConstraint":"STARTS_WITH"}},
            {"NotStatement":{"Statement":{"IPSetReferenceStatement":{"ARN":"arn:ipset"}}}}]}},
            "Action":{"Block":{"CustomResponse":{"ResponseCode":418,"CustomResponseBodyKey":"teapot"}}},"VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"bots"}},
          {"Name":"common","Priority":0,"Statement":{"ManagedRuleGroupStatement":{"VendorName":"AWS","Name":"AWSManagedRulesCommonRuleSet","RuleActionOverrides":[{"Name":"SizeRestrictions_BODY","ActionToUse":{"Count":{}}}]}},
            "OverrideAction":{"None":{}},"VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"common"}}],
        "VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"api-guard"}}}"#;

    #[test]
    fn an_acl_with_its_rules_associations_and_logs() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("wafv2:ListWebACLs", 200, LIST),
                ("wafv2:ListWebACLs", 200, END),
                ("wafv2:GetWebACL", 200, ACL),
                (
                    "wafv2:ListResourcesForWebACL",
                    200,
                    r#"{"ResourceArns":["arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/x/1"]}"#,
                ),
                ("wafv2:ListResourcesForWebACL", 200, r#"{"ResourceArns":[]}"#),
                (
                    "wafv2:ListLoggingConfigurations",
                    200,
                    r#"{"LoggingConfigurations":[{"ResourceArn":"arn:aws:wafv2:eu-west-3:123456789012:regional/webacl/api-guard/11111111-2222-3333-4444-555555555555","LogDestinationConfigs":["arn:logs"],"RedactedFields":[{"SingleHeader":{"Name":"authorization"}}],
                       "LoggingFilter":{"DefaultBehavior":"DROP","Filters":[{"Behavior":"KEEP","Requirement":"MEETS_ANY","Conditions":[{"ActionCondition":{"Action":"BLOCK"}}]}]}}]}"#,
                ),
            ],
        );
        let kinds: Vec<&str> = all.iter().map(|r| r.kind.as_str()).collect();
        assert_eq!(kinds, ["aws_wafv2_web_acl", "aws_wafv2_web_acl_association", "aws_wafv2_web_acl_logging_configuration"], "{ledger:?}");
        let r = &all[0];
        assert_eq!(r.id, "11111111-2222-3333-4444-555555555555/api-guard/REGIONAL");
        assert_eq!(r.config["rule"][0]["name"], "common");
        let bytes = "config.rule.1.statement.0.and_statement.0.statement.0.byte_match_statement.0";
        assert_eq!(r.str(&format!("{bytes}.search_string")), Some("/admin"));
        assert_eq!(r.get(&format!("{bytes}.field_to_match.0.uri_path.0")), Some(&json!({})));
        assert_eq!(
            r.str("config.rule.1.statement.0.and_statement.0.statement.1.not_statement.0.statement.0.ip_set_reference_statement.0.arn"),
            Some("arn:ipset")
        );
        assert_eq!(r.str("config.custom_response_body.0.key"), Some("teapot"));
        assert_eq!(
            r.get("config.rule.0.statement.0.managed_rule_group_statement.0.rule_action_override.0.action_to_use.0.count.0"),
            Some(&json!({}))
        );
        assert_eq!(r.facts["capacity"], 27);
        assert!(!r.facts.contains_key("beyond_provider"), "{:?}", r.facts);
        assert_eq!(r.strings("facts.protected_arns").len(), 1);
        assert_eq!(all[2].str("config.redacted_fields.0.single_header.0.name"), Some("authorization"));
        assert_eq!(all[2].str("config.logging_filter.0.filter.0.condition.0.action_condition.0.action"), Some("BLOCK"));
        assert_eq!(all[2].name.as_deref(), Some("api-guard"));
    }

    #[test]
    fn the_home_region_holds_what_cloudfront_uses() {
        let (all, ledger) = collect_in(
            &COLLECTOR,
            "us-east-1",
            &[
                ("wafv2:ListWebACLs", 200, END),
                ("wafv2:ListWebACLs", 200, LIST),
                ("wafv2:ListWebACLs", 200, END),
                ("wafv2:GetWebACL", 200, ACL),
                ("wafv2:ListLoggingConfigurations", 200, r#"{"LoggingConfigurations":[]}"#),
            ],
        );
        assert_eq!(all.len(), 1);
        assert!(all[0].id.ends_with("/CLOUDFRONT"));
        assert_eq!(all[0].config["scope"], "CLOUDFRONT");
        assert!(!ledger.iter().any(|e| e.call == "wafv2:ListResourcesForWebACL"), "CloudFront's ACLs are not asked what they protect");
    }

    #[test]
    fn refusals_leave_gaps() {
        let denied = r#"{"__type":"AccessDeniedException","Message":"no"}"#;
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("wafv2:ListWebACLs", 200, LIST),
                ("wafv2:ListWebACLs", 200, END),
                ("wafv2:GetWebACL", 400, denied),
                ("wafv2:ListResourcesForWebACL", 400, denied),
                ("wafv2:ListLoggingConfigurations", 400, denied),
            ],
        );
        assert_eq!(all.len(), 1);
        assert!(all[0].unread.contains_key("config.rule") && all[0].unread.contains_key("facts.protected_arns"));
        assert!(!all[0].facts.contains_key("protected_arns") && !all[0].config.contains_key("rule"));
        let (all, ledger) = collect(&COLLECTOR, &[("wafv2:ListWebACLs", 400, denied)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Denied);
    }
}
