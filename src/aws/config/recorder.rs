//! Whether configuration history is recorded.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::metrics::{self, Figure};
use crate::aws::scan::Scan;
use crate::aws::value::{items, set, text};

/// `aws_config_configuration_recorder`, its status, and the delivery channel.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_config_configuration_recorder", "aws_config_configuration_recorder_status", "aws_config_delivery_channel"],
    calls: &[
        list("config:DescribeConfigurationRecorders").yields(&["aws_config_configuration_recorder"]),
        list("config:DescribeConfigurationRecorderStatus").yields(&["aws_config_configuration_recorder_status"]),
        list("config:DescribeDeliveryChannels").yields(&["aws_config_delivery_channel"]),
        metrics::CALL,
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// What scaling, containers and functions make and take away all day. Each time it is recorded, and billed.
const COMES_AND_GOES: [&str; 3] = ["AWS::EC2::Instance", "AWS::EC2::NetworkInterface", "AWS::EC2::Volume"];

async fn collect(scan: &Scan<'_>) {
    let once = |name: &'static str| scan.session.json(scan.endpoint_region(), name, json!({}));
    let status = "config:DescribeConfigurationRecorderStatus";
    let statuses = scan.list_once(status, once(status), |a| items(&a, "ConfigurationRecordersStatus").to_vec()).await;
    for s in &statuses {
        let Some(name) = text(s, "name") else { continue };
        let mut r = scan.resource("aws_config_configuration_recorder_status", name);
        r.name = Some(name.into());
        r.set("name", name).set("is_enabled", s["recording"].as_bool());
        scan.emit(r);
    }
    let call = "config:DescribeConfigurationRecorders";
    let recorders = scan.list_once(call, once(call), |a| items(&a, "ConfigurationRecorders").to_vec()).await;
    let names: Vec<&str> = recorders.iter().filter_map(|c| text(c, "name")).collect();
    // AWS counts by region and type, not by recorder; those of services are not billed and not listed here.
    let recorded = metrics::each(scan, "aws_config_configuration_recorder", 30, &names, |_| {
        COMES_AND_GOES.map(|kind| Figure {
            namespace: "AWS/Config",
            metric: "ConfigurationItemsRecorded",
            dimensions: vec![("ResourceType", kind)],
            statistic: "Sum",
            period: 86_400,
        })
    })
    .await;
    for c in &recorders {
        let Some(name) = text(c, "name") else { continue };
        let mut r = scan.resource("aws_config_configuration_recorder", name);
        r.name = Some(name.into());
        let group = &c["recordingGroup"];
        let types = |v: &Value| set(items(v, "resourceTypes").iter().filter_map(Value::as_str));
        let exclusion = group.get("exclusionByResourceTypes").filter(|e| !items(e, "resourceTypes").is_empty());
        let strategy = group.pointer("/recordingStrategy/useOnly").and_then(Value::as_str);
        let mode = c.get("recordingMode").filter(|m| m.is_object());
        r.set("name", name)
            .set("role_arn", text(c, "roleARN"))
            .set(
                "recording_group",
                json!([{
                    "all_supported": group["allSupported"].as_bool().unwrap_or(false), "include_global_resource_types": group["includeGlobalResourceTypes"].as_bool().unwrap_or(false),
                    "resource_types": types(group),
                    "exclusion_by_resource_types": exclusion.map_or_else(|| json!([]), |e| json!([{ "resource_types": types(e) }])),
                    "recording_strategy": strategy.map_or_else(|| json!([]), |s| json!([{ "use_only": s }])),
                }]),
            )
            .set(
                "recording_mode",
                mode.map_or_else(|| json!([]), |m| {
                    let overrides: Vec<Value> = items(m, "recordingModeOverrides")
                        .iter()
                        .map(|o| json!({ "description": o["description"], "recording_frequency": o["recordingFrequency"], "resource_types": types(o) }))
                        .collect();
                    json!([{ "recording_frequency": m["recordingFrequency"], "recording_mode_override": overrides }])
                }),
            );
        // Of a type that is not recorded there is no figure.
        recorded.tell(&mut r, name, ["short_lived_items_30d"], |values| [Some(values.iter().map(|v| metrics::sum(v)).sum())]);
        match statuses.iter().find(|s| text(s, "name") == Some(name)) {
            Some(s) => {
                r.fact("recording", s["recording"].as_bool()).fact("last_status", text(s, "lastStatus"));
            }
            None => r.mark_unread(
                &["facts.recording", "facts.last_status"],
                "failed: config:DescribeConfigurationRecorderStatus: no status for it",
            ),
        }
        scan.emit(r);
    }
    let channels = "config:DescribeDeliveryChannels";
    for c in scan.list_once(channels, once(channels), |a| items(&a, "DeliveryChannels").to_vec()).await {
        let Some(name) = text(&c, "name") else { continue };
        let mut r = scan.resource("aws_config_delivery_channel", name);
        r.name = Some(name.into());
        let frequency = c.pointer("/configSnapshotDeliveryProperties/deliveryFrequency").and_then(Value::as_str);
        r.set("name", name)
            .set("s3_bucket_name", text(&c, "s3BucketName"))
            .set("s3_key_prefix", text(&c, "s3KeyPrefix"))
            .set("s3_kms_key_arn", text(&c, "s3KmsKeyArn"))
            .set("sns_topic_arn", text(&c, "snsTopicARN"))
            .set("snapshot_delivery_properties", frequency.map_or_else(|| json!([]), |f| json!([{ "delivery_frequency": f }])));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{JSON_DENIED, collect, figures};

    #[test]
    fn a_recorder_that_stands_still() {
        let of = |status: u16, counted: &str| {
            collect(
            &COLLECTOR,
            &[
                ("cloudwatch:GetMetricData", status, counted),
                (
                    "config:DescribeConfigurationRecorders",
                    200,
                    r#"{"ConfigurationRecorders":[{"name":"default","roleARN":"arn:aws:iam::123456789012:role/config","recordingGroup":{"allSupported":true,"includeGlobalResourceTypes":true,"resourceTypes":[],"recordingStrategy":{"useOnly":"ALL_SUPPORTED_RESOURCE_TYPES"}},"recordingMode":{"recordingFrequency":"CONTINUOUS"}}]}"#,
                ),
                (
                    "config:DescribeConfigurationRecorderStatus",
                    200,
                    r#"{"ConfigurationRecordersStatus":[{"name":"default","recording":false,"lastStatus":"FAILURE"}]}"#,
                ),
                ("config:DescribeDeliveryChannels", 200, r#"{"DeliveryChannels":[{"name":"default","s3BucketName":"history"}]}"#),
            ],
        ).0
        };
        let all = of(200, &figures(&[&[70.0], &[900.0, 30.0], &[]]));
        assert_eq!(all[0].facts["short_lived_items_30d"], 1000.0);
        assert!(of(400, JSON_DENIED)[0].unread["facts.short_lived_items_30d"].starts_with("denied"));
        assert_eq!(all.len(), 3);
        assert_eq!((all[0].facts["recording"].as_bool(), all[1].config["is_enabled"].as_bool()), (Some(false), Some(false)));
    }
}
