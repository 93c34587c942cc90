//! CloudWatch log groups and their subscription filters.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{json_millis, text};

/// `aws_cloudwatch_log_group`, `aws_cloudwatch_log_subscription_filter`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_cloudwatch_log_group", "aws_cloudwatch_log_subscription_filter"],
    calls: &[
        list("logs:DescribeLogGroups"),
        list("logs:DescribeSubscriptionFilters").yields(&["aws_cloudwatch_log_subscription_filter"]).absent(&["ResourceNotFoundException"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// Log groups whose subscription filters are asked for, one request each: the API lists them by group only. Accounts with more
/// groups than this have them from functions and tasks, by the thousand.
const GROUPS: usize = 200;

async fn collect(scan: &Scan<'_>) {
    let mut names = BTreeSet::new();
    for group in scan.json_list("logs:DescribeLogGroups", json!({ "limit": 50 }), "logGroups", "nextToken").await {
        let Some(name) = text(&group, "logGroupName") else { continue };
        names.insert(name.to_owned());
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
    if names.len() > GROUPS {
        scan.capped("logs:DescribeSubscriptionFilters", "asked for the first 200 log groups");
    }
    scan.each(names.into_iter().take(GROUPS), |group| subscription_filters(scan, group)).await;
}

async fn subscription_filters(scan: &Scan<'_>, group: String) {
    let all =
        scan.json_list("logs:DescribeSubscriptionFilters", json!({ "logGroupName": group }), "subscriptionFilters", "nextToken").await;
    for f in all {
        let Some(name) = text(&f, "filterName") else { continue };
        let mut r = scan.resource("aws_cloudwatch_log_subscription_filter", &format!("{group}|{name}"));
        r.name = Some(name.into());
        r.set("name", name)
            .set("log_group_name", group.as_str())
            .set("filter_pattern", text(&f, "filterPattern").unwrap_or(""))
            .set("destination_arn", text(&f, "destinationArn"))
            .set("role_arn", text(&f, "roleArn"))
            .set("distribution", text(&f, "distribution"));
        r.fact("creation_time", json_millis(&f["creationTime"]));
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
                ("logs:DescribeSubscriptionFilters", 200, r#"{"subscriptionFilters":[]}"#),
                (
                    "logs:DescribeSubscriptionFilters",
                    200,
                    r#"{"subscriptionFilters":[{"filterName":"ship","logGroupName":"RDSOSMetrics","filterPattern":"","destinationArn":"arn:aws:lambda:eu-west-3:123456789012:function:ship","distribution":"ByLogStream"}]}"#,
                ),
                (
                    "tagging:GetResources",
                    200,
                    r#"{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:logs:eu-west-3:123456789012:log-group:/aws/sms/otp","Tags":[{"Key":"team","Value":"api"},{"Key":"aws:cloudformation:stack-name","Value":"s"}]}]}"#,
                ),
            ],
        );
        assert_eq!(all.len(), 3, "{all:?} {ledger:?}");
        assert_eq!(all[2].id, "RDSOSMetrics|ship");
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
