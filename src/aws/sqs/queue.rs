//! Queues with their policies.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::metrics::{self, Each, Figure};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::json_time;

/// `aws_sqs_queue`, `aws_sqs_queue_policy`, `aws_sqs_queue_redrive_allow_policy`.
///
/// A queue's own dead-letter queue stays inside it (`redrive_policy`). The access policy and what a dead-letter queue accepts are
/// resources of their own: they name what names the queue, and inside it that would be a circle.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_sqs_queue", "aws_sqs_queue_policy", "aws_sqs_queue_redrive_allow_policy"],
    calls: &[
        list("sqs:ListQueues"),
        detail("sqs:GetQueueAttributes").gone(&["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"]),
        metrics::CALL,
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    // Without a limit AWS answers the first thousand and no token.
    let queues = scan.json_list("sqs:ListQueues", json!({ "MaxResults": 1000 }), "QueueUrls", "NextToken").await;
    let names: Vec<&str> = queues.iter().filter_map(Value::as_str).map(name_of).collect();
    let ages = metrics::each(scan, "aws_sqs_queue", 1, &names, |name| {
        [Figure {
            namespace: "AWS/SQS",
            metric: "ApproximateAgeOfOldestMessage",
            dimensions: vec![("QueueName", name)],
            statistic: "Maximum",
            period: 3600,
        }]
    })
    .await;
    scan.each(queues, |url| one(scan, url, &ages)).await;
}

fn name_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

async fn one(scan: &Scan<'_>, url: Value, ages: &Each) {
    let Some(url) = url.as_str() else { return };
    let name = name_of(url);
    let mut r = scan.resource("aws_sqs_queue", url);
    r.arn = Some(scan.arn("sqs", name));
    scan.bulk_tags(&mut r).await;
    r.name = r.name.or_else(|| Some(name.into()));
    r.set("name", name);
    r.fact("url", url);
    // The newest hour counts. A queue that nobody touches and that holds nothing has no figure.
    ages.tell(&mut r, name, ["oldest_message_seconds"], |values| [values.first().and_then(|v| v.first().copied())]);
    let unread = [
        "config.content_based_deduplication",
        "config.deduplication_scope",
        "config.delay_seconds",
        "config.fifo_queue",
        "config.fifo_throughput_limit",
        "config.kms_data_key_reuse_period_seconds",
        "config.kms_master_key_id",
        "config.max_message_size",
        "config.message_retention_seconds",
        "config.receive_wait_time_seconds",
        "config.redrive_policy",
        "config.sqs_managed_sse_enabled",
        "config.visibility_timeout_seconds",
        "facts.messages",
        "facts.messages_in_flight",
        "facts.messages_delayed",
        "facts.policy",
        "facts.created",
        "facts.last_modified",
    ];
    let input = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
    let answer = match scan.json_detail(&mut r, "sqs:GetQueueAttributes", &unread, input).await {
        Detail::Got(answer) => answer,
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {
            scan.emit(r);
            return;
        }
    };
    let text = |key: &str| answer["Attributes"][key].as_str().filter(|v| !v.is_empty());
    let number = |key: &str| text(key).and_then(|v| v.parse::<i64>().ok());
    let flag = |key: &str| text(key) == Some("true");
    let time = |key: &str| json_time(&number(key).map_or(Value::Null, Value::from));
    r.set("content_based_deduplication", flag("ContentBasedDeduplication"))
        .set("deduplication_scope", text("DeduplicationScope"))
        .set("delay_seconds", number("DelaySeconds"))
        .set("fifo_queue", flag("FifoQueue"))
        .set("fifo_throughput_limit", text("FifoThroughputLimit"))
        .set("kms_data_key_reuse_period_seconds", number("KmsDataKeyReusePeriodSeconds"))
        .set("kms_master_key_id", text("KmsMasterKeyId"))
        .set("max_message_size", number("MaximumMessageSize"))
        .set("message_retention_seconds", number("MessageRetentionPeriod"))
        .set("receive_wait_time_seconds", number("ReceiveMessageWaitTimeSeconds"))
        .set("redrive_policy", text("RedrivePolicy"))
        .set("sqs_managed_sse_enabled", flag("SqsManagedSseEnabled"))
        .set("visibility_timeout_seconds", number("VisibilityTimeout"));
    r.fact("messages", number("ApproximateNumberOfMessages"))
        .fact("messages_in_flight", number("ApproximateNumberOfMessagesNotVisible"))
        .fact("messages_delayed", number("ApproximateNumberOfMessagesDelayed"))
        .fact("policy", text("Policy"))
        .fact("created", time("CreatedTimestamp"))
        .fact("last_modified", time("LastModifiedTimestamp"));
    for (kind, argument, attribute) in
        [("aws_sqs_queue_policy", "policy", "Policy"), ("aws_sqs_queue_redrive_allow_policy", "redrive_allow_policy", "RedriveAllowPolicy")]
    {
        if let Some(document) = text(attribute) {
            let mut p = scan.resource(kind, url);
            p.name.clone_from(&r.name);
            p.set("queue_url", url).set(argument, document);
            scan.emit(p);
        }
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{JSON_DENIED, assert_complete, collect, figures};
    use crate::estate::Outcome;

    const JOBS: &str = r#"{"QueueUrls":["https://sqs.eu-west-3.amazonaws.com/123456789012/jobs.fifo"]}"#;

    #[test]
    fn a_queue_with_its_policies_and_what_waits_in_it() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("sqs:ListQueues", 200, JOBS),
                ("cloudwatch:GetMetricData", 200, &figures(&[&[9000.0, 12.0]])),
                (
                    "sqs:GetQueueAttributes",
                    200,
                    r#"{"Attributes":{"QueueArn":"arn:aws:sqs:eu-west-3:123456789012:jobs.fifo","ApproximateNumberOfMessages":"3","ApproximateNumberOfMessagesNotVisible":"1","ApproximateNumberOfMessagesDelayed":"0","CreatedTimestamp":"1700000000","LastModifiedTimestamp":"1700000100","VisibilityTimeout":"60","MaximumMessageSize":"262144","MessageRetentionPeriod":"345600","DelaySeconds":"0","ReceiveMessageWaitTimeSeconds":"20","FifoQueue":"true","ContentBasedDeduplication":"true","DeduplicationScope":"queue","FifoThroughputLimit":"perQueue","SqsManagedSseEnabled":"true","Policy":"{\"Statement\":[]}","RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-3:123456789012:dead.fifo\",\"maxReceiveCount\":5}","RedriveAllowPolicy":"{\"redrivePermission\":\"denyAll\"}"}}"#,
                ),
                (
                    "tagging:GetResources",
                    200,
                    r#"{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:sqs:eu-west-3:123456789012:jobs.fifo","Tags":[{"Key":"team","Value":"api"}]}]}"#,
                ),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome.is_complete()), "{ledger:?}");
        let kinds: Vec<&str> = all.iter().map(|r| r.kind.as_str()).collect();
        assert_eq!(kinds, ["aws_sqs_queue", "aws_sqs_queue_policy", "aws_sqs_queue_redrive_allow_policy"]);
        let queue = &all[0];
        assert_eq!(queue.id, "https://sqs.eu-west-3.amazonaws.com/123456789012/jobs.fifo");
        assert_eq!((queue.config["fifo_queue"].as_bool(), queue.config["visibility_timeout_seconds"].as_i64()), (Some(true), Some(60)));
        assert_eq!((queue.facts["messages"].as_i64(), queue.str("facts.created")), (Some(3), Some("2023-11-14T22:13:20Z")));
        assert_eq!(queue.facts["oldest_message_seconds"], 9000.0, "the newest hour counts");
        assert_eq!(queue.tags["team"], "api");
        assert_eq!(all[1].str("config.queue_url"), Some(queue.id.as_str()));
        assert_complete(&all);
    }

    #[test]
    fn refused_attributes_are_unread_and_a_vanished_queue_is_none() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("sqs:ListQueues", 200, JOBS),
                ("sqs:GetQueueAttributes", 403, r#"{"__type":"AccessDeniedException"}"#),
                ("cloudwatch:GetMetricData", 400, JSON_DENIED),
            ],
        );
        assert!(all[0].unread["facts.oldest_message_seconds"].starts_with("denied: cloudwatch:GetMetricData"));
        assert!(all[0].unread.contains_key("config.redrive_policy") && all[0].unread.contains_key("facts.messages"));
        assert!(!all[0].config.contains_key("redrive_policy"));
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("sqs:ListQueues", 200, JOBS),
                ("cloudwatch:GetMetricData", 200, &figures(&[&[]])),
                (
                    "sqs:GetQueueAttributes",
                    400,
                    r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}"#,
                ),
            ],
        );
        assert!(all.is_empty() && ledger.iter().all(|e| e.outcome.is_complete()));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("sqs:ListQueues", 403, r#"{"__type":"AccessDeniedException"}"#)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
