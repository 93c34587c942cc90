//! CloudWatch log groups.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{json_millis, text};

/// `aws_cloudwatch_log_group`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_cloudwatch_log_group"],
    calls: &[list("logs:DescribeLogGroups")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    for group in scan.json_list("logs:DescribeLogGroups", json!({ "limit": 50 }), "logGroups", "nextToken").await {
        let Some(name) = text(&group, "logGroupName") else { continue };
        let mut r = scan.resource("aws_cloudwatch_log_group", name);
        // The provider and the tagging API want the ARN without the trailing `:*`.
        r.arn = text(&group, "logGroupArn").or_else(|| text(&group, "arn")).map(|a| a.trim_end_matches(":*").to_owned());
        r.name = Some(name.into());
        scan.bulk_tags(&mut r).await;
        r.set("name", name)
            .set("retention_in_days", group.get("retentionInDays").and_then(Value::as_i64).unwrap_or(0))
            .set("kms_key_id", text(&group, "kmsKeyId"))
            .set("log_group_class", text(&group, "logGroupClass").unwrap_or("STANDARD"));
        r.fact("stored_bytes", group.get("storedBytes").and_then(Value::as_i64))
            .fact("creation_time", json_millis(&group["creationTime"]))
            .fact("metric_filter_count", group.get("metricFilterCount").and_then(Value::as_i64));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    #[test]
    fn groups_over_two_pages_with_tags() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                (
                    "logs:DescribeLogGroups",
                    200,
                    r#"{"logGroups":[{"logGroupName":"/aws/sms/otp","arn":"arn:aws:logs:eu-west-3:123456789012:log-group:/aws/sms/otp:*","creationTime":1700000000000,"storedBytes":42,"metricFilterCount":0}],"nextToken":"n"}"#,
                ),
                (
                    "logs:DescribeLogGroups",
                    200,
                    r#"{"logGroups":[{"logGroupName":"RDSOSMetrics","retentionInDays":30,"arn":"arn:aws:logs:eu-west-3:123456789012:log-group:RDSOSMetrics:*"}]}"#,
                ),
                (
                    "tagging:GetResources",
                    200,
                    r#"{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:logs:eu-west-3:123456789012:log-group:/aws/sms/otp","Tags":[{"Key":"team","Value":"api"},{"Key":"aws:cloudformation:stack-name","Value":"s"}]}]}"#,
                ),
            ],
        );
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].tags["team"], "api");
        assert_eq!(all[0].facts["aws_tags"]["aws:cloudformation:stack-name"], "s");
        assert_eq!(all[0].config["retention_in_days"], 0);
        assert_eq!(all[1].config["retention_in_days"], 30);
        assert_eq!((ledger[0].requests, ledger[0].count), (2, 2));
    }

    #[test]
    fn a_refusal_of_the_json_protocol_is_a_gap_with_its_code() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[("logs:DescribeLogGroups", 400, r#"{"__type":"com.amazonaws.logs#AccessDeniedException","message":"no"}"#)],
        );
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, crate::estate::Outcome::Denied);
        assert_eq!(ledger[0].code.as_deref(), Some("AccessDeniedException"));
    }
}
