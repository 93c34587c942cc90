//! Trails with their status and selectors.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{block, items, json_time, snake_keys, text};

/// `aws_cloudtrail`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_cloudtrail"],
    calls: &[
        list("cloudtrail:DescribeTrails"),
        detail("cloudtrail:GetTrailStatus").gone(&["TrailNotFoundException"]),
        detail("cloudtrail:GetEventSelectors").gone(&["TrailNotFoundException"]),
        detail("cloudtrail:GetInsightSelectors").absent(&["InsightNotEnabledException"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    // Shadows of trails of other regions belong to their home region, which may not be asked for: they are read and kept once.
    let request = scan.session.json(scan.endpoint_region(), "cloudtrail:DescribeTrails", json!({ "includeShadowTrails": true }));
    let trails = scan.list_once("cloudtrail:DescribeTrails", request, |a| items(&a, "trailList").to_vec()).await;
    scan.each(trails, |trail| one(scan, trail)).await;
}

async fn one(scan: &Scan<'_>, trail: Value) {
    let (Some(arn), Some(name)) = (text(&trail, "TrailARN"), text(&trail, "Name")) else { return };
    let home = text(&trail, "HomeRegion").unwrap_or(&scan.region).to_owned();
    if home != scan.region && (scan.regions.contains(&home) || scan.regions.first() != Some(&scan.region)) {
        return;
    }
    let mut r = scan.resource("aws_cloudtrail", arn);
    r.region.clone_from(&home);
    r.arn = Some(arn.into());
    if home == scan.region {
        scan.bulk_tags(&mut r).await;
    } else {
        r.mark_unread(&["tags"], "not asked: the trail's home region was not scanned");
    }
    r.name = Some(name.into());
    r.set("name", name)
        .set("s3_bucket_name", text(&trail, "S3BucketName"))
        .set("s3_key_prefix", text(&trail, "S3KeyPrefix"))
        .set("sns_topic_name", text(&trail, "SnsTopicARN").or_else(|| text(&trail, "SnsTopicName")))
        .set("include_global_service_events", trail["IncludeGlobalServiceEvents"].as_bool())
        .set("is_multi_region_trail", trail["IsMultiRegionTrail"].as_bool())
        .set("is_organization_trail", trail["IsOrganizationTrail"].as_bool().unwrap_or(false))
        .set("enable_log_file_validation", trail["LogFileValidationEnabled"].as_bool().unwrap_or(false))
        .set("cloud_watch_logs_group_arn", text(&trail, "CloudWatchLogsLogGroupArn"))
        .set("cloud_watch_logs_role_arn", text(&trail, "CloudWatchLogsRoleArn"))
        .set("kms_key_id", text(&trail, "KmsKeyId"));
    r.fact("home_region", home);
    let status = [
        "config.enable_logging",
        "facts.is_logging",
        "facts.latest_delivery_time",
        "facts.latest_delivery_error",
        "facts.latest_cloudwatch_logs_delivery_error",
        "facts.start_logging_time",
        "facts.stop_logging_time",
    ];
    match scan.json_detail(&mut r, "cloudtrail:GetTrailStatus", &status, json!({ "Name": arn })).await {
        Detail::Got(s) => {
            r.set("enable_logging", s["IsLogging"].as_bool());
            r.fact("is_logging", s["IsLogging"].as_bool())
                .fact("latest_delivery_time", json_time(&s["LatestDeliveryTime"]))
                .fact("latest_delivery_error", text(&s, "LatestDeliveryError").filter(|e| !e.is_empty()))
                .fact("latest_cloudwatch_logs_delivery_error", text(&s, "LatestCloudWatchLogsDeliveryError").filter(|e| !e.is_empty()))
                .fact("start_logging_time", json_time(&s["StartLoggingTime"]))
                .fact("stop_logging_time", json_time(&s["StopLoggingTime"]));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    let selectors = ["config.event_selector", "config.advanced_event_selector", "facts.records_management_events"];
    if let Detail::Got(s) = scan.json_detail(&mut r, "cloudtrail:GetEventSelectors", &selectors, json!({ "TrailName": arn })).await {
        let basic: Vec<Value> = items(&s, "EventSelectors").iter().map(basic_selector).collect();
        let advanced: Vec<Value> = items(&s, "AdvancedEventSelectors").iter().map(advanced_selector).collect();
        r.fact("records_management_events", records_management(&basic, &advanced));
        r.set("event_selector", basic).set("advanced_event_selector", advanced);
    }
    if trail["HasInsightSelectors"].as_bool() == Some(true) {
        let insight =
            scan.json_detail(&mut r, "cloudtrail:GetInsightSelectors", &["config.insight_selector"], json!({ "TrailName": arn })).await;
        if let Detail::Got(s) = insight {
            r.set("insight_selector", snake_keys(&s["InsightSelectors"]));
        }
    } else {
        r.set("insight_selector", block(None));
    }
    scan.emit(r);
}

fn basic_selector(s: &Value) -> Value {
    let data: Vec<Value> = items(s, "DataResources").iter().map(|d| json!({ "type": d["Type"], "values": d["Values"] })).collect();
    json!({
        "read_write_type": s["ReadWriteType"],
        "include_management_events": s["IncludeManagementEvents"],
        "exclude_management_event_sources": s.get("ExcludeManagementEventSources").cloned().unwrap_or_else(|| json!([])),
        "data_resource": data,
    })
}

fn advanced_selector(s: &Value) -> Value {
    let fields: Vec<Value> = items(s, "FieldSelectors")
        .iter()
        .map(|f| {
            json!({
                "field": f["Field"], "equals": f["Equals"], "not_equals": f["NotEquals"], "starts_with": f["StartsWith"],
                "not_starts_with": f["NotStartsWith"], "ends_with": f["EndsWith"], "not_ends_with": f["NotEndsWith"],
            })
        })
        .collect();
    json!({ "name": s["Name"], "field_selector": fields })
}

/// True when read and write management events are both taken in. A trail without any selector records them (CloudTrail user guide).
fn records_management(basic: &[Value], advanced: &[Value]) -> bool {
    if basic.is_empty() && advanced.is_empty() {
        return true;
    }
    let by_basic = basic.iter().any(|s| s["include_management_events"] == true && s["read_write_type"] == "All");
    let by_advanced = advanced.iter().any(|s| {
        let fields = items(s, "field_selector");
        let is = |f: &Value, field: &str| f["field"] == field;
        fields.iter().any(|f| is(f, "eventCategory") && f["equals"] == json!(["Management"])) && !fields.iter().any(|f| is(f, "readOnly"))
    });
    by_basic || by_advanced
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    const TRAIL: &str = r#"{"trailList":[{"Name":"main","TrailARN":"arn:aws:cloudtrail:eu-west-3:123456789012:trail/main","S3BucketName":"logs","IsMultiRegionTrail":false,"IncludeGlobalServiceEvents":true,"LogFileValidationEnabled":false,"HomeRegion":"eu-west-3","HasInsightSelectors":false}]}"#;

    #[test]
    fn a_trail_with_status_and_selectors() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("cloudtrail:DescribeTrails", 200, TRAIL),
                (
                    "cloudtrail:GetTrailStatus",
                    200,
                    r#"{"IsLogging":true,"LatestDeliveryError":"NoSuchBucket","StartLoggingTime":1700000000.0}"#,
                ),
                (
                    "cloudtrail:GetEventSelectors",
                    200,
                    r#"{"EventSelectors":[{"ReadWriteType":"WriteOnly","IncludeManagementEvents":true,"DataResources":[]}]}"#,
                ),
            ],
        );
        assert_eq!(all[0].facts["latest_delivery_error"], "NoSuchBucket");
        assert_eq!(all[0].facts["records_management_events"], false);
        assert_eq!(all[0].config["enable_logging"], true);
        assert_eq!(all[0].config["event_selector"][0]["read_write_type"], "WriteOnly");
    }

    #[test]
    fn a_refused_status_leaves_logging_unknown() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("cloudtrail:DescribeTrails", 200, TRAIL),
                ("cloudtrail:GetTrailStatus", 400, r#"{"__type":"AccessDeniedException","message":"no"}"#),
                ("cloudtrail:GetEventSelectors", 200, r#"{"EventSelectors":[]}"#),
            ],
        );
        assert!(all[0].unread.contains_key("facts.is_logging") && !all[0].config.contains_key("enable_logging"));
        assert_eq!(all[0].facts["records_management_events"], true);
    }
}
