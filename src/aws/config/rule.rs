//! Rules of AWS Config, conformance packs, and aggregators.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{items, set, strings, text};

const RECORDERS: &str = "config:DescribeConfigurationRecorders";
const RULES: &str = "config:DescribeConfigRules";
const PACKS: &str = "config:DescribeConformancePacks";
const AGGREGATORS: &str = "config:DescribeConfigurationAggregators";

/// `aws_config_config_rule`, `aws_config_conformance_pack`, `aws_config_configuration_aggregator`. Rules and packs cannot be made
/// without a recorder, so they are asked for only where one is.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_config_config_rule", "aws_config_conformance_pack", "aws_config_configuration_aggregator"],
    calls: &[
        list(RECORDERS).yields(&["aws_config_config_rule", "aws_config_conformance_pack"]),
        list(RULES).yields(&["aws_config_config_rule"]),
        list(PACKS).yields(&["aws_config_conformance_pack"]),
        list(AGGREGATORS).yields(&["aws_config_configuration_aggregator"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    for a in scan.json_list(AGGREGATORS, json!({}), "ConfigurationAggregators", "NextToken").await {
        aggregator(scan, &a).await;
    }
    let request = scan.session.json(scan.endpoint_region(), RECORDERS, json!({}));
    if scan.list_once(RECORDERS, request, |a| items(&a, "ConfigurationRecorders").to_vec()).await.is_empty() {
        return;
    }
    for rule in scan.json_list(RULES, json!({}), "ConfigRules", "NextToken").await {
        one(scan, &rule).await;
    }
    for p in scan.json_list(PACKS, json!({}), "ConformancePackDetails", "NextToken").await {
        pack(scan, &p);
    }
}

async fn one(scan: &Scan<'_>, rule: &Value) {
    let Some(name) = text(rule, "ConfigRuleName") else { return };
    let mut r = scan.resource("aws_config_config_rule", name);
    r.arn = text(rule, "ConfigRuleArn").map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    let scope = rule.get("Scope").filter(|s| s.as_object().is_some_and(|o| !o.is_empty()));
    let source = &rule["Source"];
    let mut details: Vec<Value> = items(source, "SourceDetails")
        .iter()
        .map(|d| {
            json!({ "event_source": d["EventSource"], "message_type": d["MessageType"],
                "maximum_execution_frequency": d.get("MaximumExecutionFrequency").and_then(Value::as_str).unwrap_or_default() })
        })
        .collect();
    details.sort_by_key(Value::to_string);
    let custom = source.get("CustomPolicyDetails").filter(|c| c.is_object()).map(|c| {
        json!([{ "policy_runtime": c["PolicyRuntime"], "policy_text": c["PolicyText"], "enable_debug_log_delivery": c["EnableDebugLogDelivery"].as_bool().unwrap_or(false) }])
    });
    let modes: Vec<Value> = items(rule, "EvaluationModes").iter().map(|m| json!({ "mode": m["Mode"] })).collect();
    r.set("name", name)
        .set("description", text(rule, "Description"))
        .set("input_parameters", text(rule, "InputParameters").filter(|p| !p.is_empty()))
        .set("maximum_execution_frequency", text(rule, "MaximumExecutionFrequency"))
        .set("evaluation_mode", modes)
        .set(
            "scope",
            scope.map_or_else(
                || json!([]),
                |s| {
                    json!([{
                        "compliance_resource_id": s["ComplianceResourceId"], "tag_key": s["TagKey"], "tag_value": s["TagValue"],
                        "compliance_resource_types": set(items(s, "ComplianceResourceTypes").iter().filter_map(Value::as_str)),
                    }])
                },
            ),
        )
        .set(
            "source",
            json!([{
                "owner": source["Owner"], "source_identifier": source["SourceIdentifier"], "source_detail": details,
                "custom_policy_details": custom.unwrap_or_else(|| json!([])),
            }]),
        );
    r.fact("state", text(rule, "ConfigRuleState")).fact("kept_by", text(rule, "CreatedBy"));
    scan.emit(r);
}

fn pack(scan: &Scan<'_>, p: &Value) {
    let Some(name) = text(p, "ConformancePackName") else { return };
    let mut r = scan.resource("aws_config_conformance_pack", name);
    r.arn = text(p, "ConformancePackArn").map(str::to_owned);
    r.name = Some(name.into());
    let mut parameters: Vec<Value> = items(p, "ConformancePackInputParameters")
        .iter()
        .map(|i| json!({ "parameter_name": i["ParameterName"], "parameter_value": i["ParameterValue"] }))
        .collect();
    parameters.sort_by_key(Value::to_string);
    r.set("name", name)
        .set("delivery_s3_bucket", text(p, "DeliveryS3Bucket").filter(|b| !b.is_empty()))
        .set("delivery_s3_key_prefix", text(p, "DeliveryS3KeyPrefix").filter(|b| !b.is_empty()))
        .set("input_parameter", parameters);
    r.fact("kept_by", text(p, "CreatedBy"));
    scan.emit(r);
}

async fn aggregator(scan: &Scan<'_>, a: &Value) {
    let Some(name) = text(a, "ConfigurationAggregatorName") else { return };
    let mut r = scan.resource("aws_config_configuration_aggregator", name);
    r.arn = text(a, "ConfigurationAggregatorArn").map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    let list = |v: &Value, field: &str| strings(items(v, field).iter().filter_map(Value::as_str));
    let accounts: Vec<Value> = items(a, "AccountAggregationSources")
        .iter()
        .map(|s| json!({ "account_ids": list(s, "AccountIds"), "all_regions": s["AllAwsRegions"].as_bool().unwrap_or(false), "regions": list(s, "AwsRegions") }))
        .collect();
    let organization = a.get("OrganizationAggregationSource").filter(|o| o.is_object()).map(|o| {
        json!([{ "role_arn": o["RoleArn"], "all_regions": o["AllAwsRegions"].as_bool().unwrap_or(false), "regions": list(o, "AwsRegions") }])
    });
    r.set("name", name)
        .set("account_aggregation_source", accounts)
        .set("organization_aggregation_source", organization.unwrap_or_else(|| json!([])));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    const AGGREGATED: &str = r#"{"ConfigurationAggregators":[{"ConfigurationAggregatorName":"all","ConfigurationAggregatorArn":"arn:aws:config:eu-west-3:123456789012:config-aggregator/x","AccountAggregationSources":[{"AccountIds":["999999999999"],"AllAwsRegions":true}]}]}"#;
    const RECORDED: &str = r#"{"ConfigurationRecorders":[{"name":"default"}]}"#;

    #[test]
    fn rules_packs_and_aggregators() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                (AGGREGATORS, 200, AGGREGATED),
                (RECORDERS, 200, RECORDED),
                (
                    RULES,
                    200,
                    r#"{"ConfigRules":[
                    {"ConfigRuleName":"no-public-buckets","ConfigRuleArn":"arn:aws:config:eu-west-3:123456789012:config-rule/config-rule-1","Description":"d","Scope":{"ComplianceResourceTypes":["AWS::S3::Bucket"]},"Source":{"Owner":"AWS","SourceIdentifier":"S3_BUCKET_PUBLIC_READ_PROHIBITED"},"ConfigRuleState":"ACTIVE","EvaluationModes":[{"Mode":"DETECTIVE"}]},
                    {"ConfigRuleName":"securityhub-x-1","ConfigRuleArn":"arn:aws:config:eu-west-3:123456789012:config-rule/aws-service-rule/securityhub.amazonaws.com/config-rule-2","Source":{"Owner":"AWS","SourceIdentifier":"X"},"CreatedBy":"securityhub.amazonaws.com"},
                    {"ConfigRuleName":"own","ConfigRuleArn":"arn:aws:config:eu-west-3:123456789012:config-rule/config-rule-3","InputParameters":"{\"a\":\"1\"}","Source":{"Owner":"CUSTOM_POLICY","SourceDetails":[{"EventSource":"aws.config","MessageType":"ConfigurationItemChangeNotification"}],"CustomPolicyDetails":{"PolicyRuntime":"guard-2.x.x","PolicyText":"rule x {}"}}}]}"#,
                ),
                (
                    PACKS,
                    200,
                    r#"{"ConformancePackDetails":[{"ConformancePackName":"base","ConformancePackArn":"arn:aws:config:eu-west-3:123456789012:conformance-pack/base/1","ConformancePackInputParameters":[{"ParameterName":"Days","ParameterValue":"90"}]}]}"#,
                ),
            ],
        );
        assert_complete(&all);
        let get = |id: &str| all.iter().find(|r| r.id == id).unwrap();
        assert_eq!(get("no-public-buckets").config["scope"][0]["compliance_resource_types"], json!(["AWS::S3::Bucket"]));
        assert_eq!(get("securityhub-x-1").str("facts.kept_by"), Some("securityhub.amazonaws.com"));
        assert_eq!(get("own").config["source"][0]["custom_policy_details"][0]["policy_text"], "rule x {}");
        assert_eq!(get("base").config["input_parameter"][0]["parameter_value"], "90");
        assert_eq!(get("all").config["account_aggregation_source"][0]["all_regions"], true);
    }

    #[test]
    fn without_a_recorder_rules_are_not_asked_for_and_a_refusal_is_a_gap() {
        let none = r#"{"ConfigurationRecorders":[]}"#;
        let (all, ledger) = collect(&COLLECTOR, &[(AGGREGATORS, 200, r#"{"ConfigurationAggregators":[]}"#), (RECORDERS, 200, none)]);
        assert!(all.is_empty() && ledger.len() == 2);
        let denied = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let (_, ledger) = collect(&COLLECTOR, &[(AGGREGATORS, 200, AGGREGATED), (RECORDERS, 400, denied)]);
        let gap = ledger.iter().find(|e| e.outcome == Outcome::Denied).unwrap();
        assert!(gap.types.contains(&"aws_config_config_rule".to_owned()));
    }
}
