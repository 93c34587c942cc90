//! Whether threat detection runs.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan, encode};
use crate::aws::value::text;

/// `aws_guardduty_detector`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_guardduty_detector"],
    calls: &[
        list("guardduty:ListDetectors"),
        detail("guardduty:GetDetector").gone(&["BadRequestException"]),
        detail("guardduty:GetFindingsStatistics"),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let ids = scan.rest_list("guardduty:ListDetectors", "/detector?maxResults=50", "detectorIds", "nextToken", "nextToken").await;
    for id in ids.iter().filter_map(Value::as_str) {
        let mut r = scan.resource("aws_guardduty_detector", id);
        r.arn = Some(scan.arn("guardduty", &format!("detector/{id}")));
        r.name = Some(format!("GuardDuty {}", scan.region));
        let unread = ["config.enable", "config.finding_publishing_frequency", "config.datasources", "facts.status", "tags"];
        match scan.rest_detail(&mut r, "guardduty:GetDetector", &unread, &format!("/detector/{}", encode(id))).await {
            Detail::Got(d) => {
                let enabled = text(&d, "status") == Some("ENABLED");
                let on = |path: &str| d.pointer(path).and_then(Value::as_str) == Some("ENABLED");
                r.set("enable", enabled).set("finding_publishing_frequency", text(&d, "findingPublishingFrequency")).set(
                    "datasources",
                    json!([{
                        "s3_logs": [{ "enable": on("/dataSources/s3Logs/status") }],
                        "kubernetes": [{ "audit_logs": [{ "enable": on("/dataSources/kubernetes/auditLogs/status") }] }],
                        "malware_protection": [{ "scan_ec2_instance_with_findings": [{ "ebs_volumes": [{ "enable": on("/dataSources/malwareProtection/scanEc2InstanceWithFindings/ebsVolumes/status") }] }] }],
                    }]),
                );
                r.fact("status", text(&d, "status"));
                if let Some(tags) = d.get("tags").and_then(Value::as_object) {
                    let name = r.name.clone();
                    crate::aws::tags::set(
                        &mut r,
                        tags.iter().map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())).collect(),
                    );
                    r.name = name;
                }
            }
            Detail::Gone => continue,
            Detail::Absent | Detail::Unread => {}
        }
        // High is 7.0 and above (GuardDuty user guide, severity levels).
        let criteria = json!({
            "findingStatisticTypes": ["COUNT_BY_SEVERITY"],
            "findingCriteria": { "criterion": { "severity": { "greaterThanOrEqual": 7 }, "service.archived": { "equals": ["false"] } } },
        });
        let path = format!("/detector/{}/findings/statistics", encode(id));
        let request = scan.session.rest(scan.endpoint_region(), "guardduty:GetFindingsStatistics", "POST", &path, Some(criteria));
        if let Detail::Got(s) = scan.detail(&mut r, "guardduty:GetFindingsStatistics", &["facts.high_findings"], request).await {
            let counts = s.pointer("/findingStatistics/countBySeverity").and_then(Value::as_object);
            r.fact("high_findings", counts.map_or(0, |c| c.values().filter_map(Value::as_i64).sum::<i64>()));
        }
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    #[test]
    fn a_detector_with_open_findings() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("guardduty:ListDetectors", 200, r#"{"detectorIds":["12abc"]}"#),
                (
                    "guardduty:GetDetector",
                    200,
                    r#"{"status":"ENABLED","findingPublishingFrequency":"SIX_HOURS","dataSources":{"s3Logs":{"status":"ENABLED"}},"tags":{}}"#,
                ),
                ("guardduty:GetFindingsStatistics", 200, r#"{"findingStatistics":{"countBySeverity":{"8.0":2,"7.5":1}}}"#),
            ],
        );
        assert_eq!(
            (all[0].facts["high_findings"].as_i64(), all[0].config["datasources"][0]["s3_logs"][0]["enable"].as_bool()),
            (Some(3), Some(true))
        );
    }
}
