//! Whether threat detection runs.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan, encode};
use crate::aws::value::{items, text};

mod parts;

/// `aws_guardduty_detector`, its features, and what `parts` reads of it.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_guardduty_detector",
        "aws_guardduty_detector_feature",
        "aws_guardduty_filter",
        "aws_guardduty_ipset",
        "aws_guardduty_threatintelset",
        "aws_guardduty_publishing_destination",
        "aws_guardduty_member",
    ],
    calls: &[
        list("guardduty:ListDetectors"),
        list("guardduty:ListFilters").yields(&["aws_guardduty_filter"]),
        list("guardduty:ListIPSets").yields(&["aws_guardduty_ipset"]),
        list("guardduty:ListThreatIntelSets").yields(&["aws_guardduty_threatintelset"]),
        list("guardduty:ListPublishingDestinations").yields(&["aws_guardduty_publishing_destination"]),
        list("guardduty:ListMembers").yields(&["aws_guardduty_member"]),
        detail("guardduty:GetDetector").gone(&["BadRequestException"]),
        detail("guardduty:GetFindingsStatistics"),
        detail("guardduty:GetFilter").gone(&["BadRequestException"]),
        detail("guardduty:GetIPSet").gone(&["BadRequestException"]),
        detail("guardduty:GetThreatIntelSet").gone(&["BadRequestException"]),
        detail("guardduty:DescribePublishingDestination").gone(&["BadRequestException"]),
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
        let unread =
            ["config.enable", "config.finding_publishing_frequency", "config.datasources", "facts.status", "facts.features", "tags"];
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
                let features = items(&d, "features");
                r.fact("features", features.iter().map(|f| json!({ "name": f["name"], "status": f["status"] })).collect::<Vec<_>>());
                for f in features {
                    feature(scan, id, f);
                }
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
        parts::collect(scan, id).await;
    }
}

/// A plan of protection with what belongs to it.
fn feature(scan: &Scan<'_>, detector: &str, f: &Value) {
    let Some(name) = text(f, "name") else { return };
    let mut r = scan.resource("aws_guardduty_detector_feature", &format!("{detector}/{name}"));
    r.name = Some(name.into());
    let more: Vec<Value> =
        items(f, "additionalConfiguration").iter().map(|c| json!({ "name": c["name"], "status": c["status"] })).collect();
    r.set("detector_id", detector).set("name", name).set("status", text(f, "status")).set("additional_configuration", more);
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    const ANSWERS: [(&str, u16, &str); 12] = [
        ("guardduty:ListDetectors", 200, r#"{"detectorIds":["12abc"]}"#),
        (
            "guardduty:GetDetector",
            200,
            r#"{"status":"ENABLED","findingPublishingFrequency":"SIX_HOURS","dataSources":{"s3Logs":{"status":"ENABLED"}},"tags":{},
            "features":[{"name":"S3_DATA_EVENTS","status":"ENABLED"},{"name":"RUNTIME_MONITORING","status":"DISABLED","additionalConfiguration":[{"name":"ECS_FARGATE_AGENT_MANAGEMENT","status":"DISABLED"}]}]}"#,
        ),
        ("guardduty:GetFindingsStatistics", 200, r#"{"findingStatistics":{"countBySeverity":{"8.0":2,"7.5":1}}}"#),
        ("guardduty:ListFilters", 200, r#"{"filterNames":["quiet"]}"#),
        (
            "guardduty:GetFilter",
            200,
            r#"{"name":"quiet","action":"ARCHIVE","rank":1,"findingCriteria":{"criterion":{"severity":{"lt":4},"region":{"equals":["eu-west-3"],"eq":["eu-west-3"]},"updatedAt":{"greaterThan":1700000000000}}},"tags":{"team":"sec"}}"#,
        ),
        ("guardduty:ListIPSets", 200, r#"{"ipSetIds":["ip1"]}"#),
        (
            "guardduty:GetIPSet",
            200,
            r#"{"name":"offices","format":"TXT","location":"https://s3.amazonaws.com/b/ips.txt","status":"ACTIVE"}"#,
        ),
        ("guardduty:ListThreatIntelSets", 200, r#"{"threatIntelSetIds":[]}"#),
        (
            "guardduty:ListPublishingDestinations",
            200,
            r#"{"destinations":[{"destinationId":"d1","destinationType":"S3","status":"PUBLISHING"}]}"#,
        ),
        (
            "guardduty:DescribePublishingDestination",
            200,
            r#"{"destinationId":"d1","destinationType":"S3","destinationProperties":{"destinationArn":"arn:aws:s3:::findings","kmsKeyArn":"arn:aws:kms:eu-west-3:123456789012:key/k"}}"#,
        ),
        (
            "guardduty:ListMembers",
            200,
            r#"{"members":[{"accountId":"999999999999","email":"aws@example.com","relationshipStatus":"Enabled"}]}"#,
        ),
        ("guardduty:GetThreatIntelSet", 200, "{}"),
    ];

    #[test]
    fn a_detector_with_open_findings_and_what_hangs_on_it() {
        let (all, ledger) = collect(&COLLECTOR, &ANSWERS);
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
        let get = |id: &str| all.iter().find(|r| r.id == id).unwrap_or_else(|| panic!("no {id}"));
        let detector = get("12abc");
        assert_eq!(
            (&detector.facts["high_findings"], &detector.config["datasources"][0]["s3_logs"][0]["enable"]),
            (&json!(3), &json!(true))
        );
        assert_eq!(detector.facts["features"][0], json!({ "name": "S3_DATA_EVENTS", "status": "ENABLED" }));
        assert_eq!(get("12abc/RUNTIME_MONITORING").config["additional_configuration"][0]["name"], "ECS_FARGATE_AGENT_MANAGEMENT");
        let criteria = &get("12abc:quiet").config["finding_criteria"][0]["criterion"];
        assert_eq!(criteria[0], json!({ "field": "region", "equals": ["eu-west-3"] }));
        assert_eq!(criteria[1], json!({ "field": "severity", "less_than": "4" }));
        assert_eq!(criteria[2]["greater_than"], "2023-11-14T22:13:20Z");
        assert_eq!(get("12abc:ip1").config["activate"], true);
        assert_eq!(get("12abc:d1").config["destination_arn"], "arn:aws:s3:::findings");
        assert_eq!(get("12abc:999999999999").config["invite"], true);
    }

    #[test]
    fn refusals() {
        let denied = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let refuse = |calls: &[&str]| {
            let mut answers = ANSWERS;
            answers.iter_mut().filter(|a| calls.contains(&a.0)).for_each(|a| (a.1, a.2) = (403, denied));
            collect(&COLLECTOR, &answers)
        };
        let (all, _) =
            refuse(&["guardduty:GetDetector", "guardduty:GetFilter", "guardduty:GetIPSet", "guardduty:DescribePublishingDestination"]);
        for (id, path) in [
            ("12abc", "facts.features"),
            ("12abc:quiet", "config.rank"),
            ("12abc:ip1", "config.location"),
            ("12abc:d1", "config.destination_arn"),
        ] {
            assert!(all.iter().find(|r| r.id == id).unwrap().unread.contains_key(path), "{id}");
        }
        let (_, ledger) = refuse(&["guardduty:ListMembers"]);
        assert_eq!(ledger.iter().find(|e| e.outcome == Outcome::Denied).unwrap().types, ["aws_guardduty_member"]);
    }
}
