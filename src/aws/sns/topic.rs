//! SNS topics with their policy, and subscriptions.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};

/// `aws_sns_topic`, `aws_sns_topic_policy`, `aws_sns_topic_subscription`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_sns_topic", "aws_sns_topic_policy", "aws_sns_topic_subscription"],
    calls: &[
        list("sns:ListTopics").yields(&["aws_sns_topic", "aws_sns_topic_policy"]),
        list("sns:ListSubscriptions").yields(&["aws_sns_topic_subscription"]),
        detail("sns:GetTopicAttributes").gone(&["NotFound", "NotFoundException"]),
        detail("sns:GetSubscriptionAttributes").gone(&["NotFound", "NotFoundException"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let sns = scan.sns();
    let topics = scan.list("sns:ListTopics", sns.list_topics().into_paginator().send(), |p| p.topics.unwrap_or_default()).await;
    let subscriptions =
        scan.list("sns:ListSubscriptions", sns.list_subscriptions().into_paginator().send(), |p| p.subscriptions.unwrap_or_default()).await;
    scan.each(topics, |topic| one_topic(scan, topic)).await;
    scan.each(subscriptions, |subscription| one_subscription(scan, subscription)).await;
}

async fn one_topic(scan: &Scan<'_>, topic: aws_sdk_sns::types::Topic) {
    let Some(arn) = topic.topic_arn() else { return };
    let name = arn.rsplit(':').next().unwrap_or(arn);
    let mut r = scan.resource("aws_sns_topic", arn);
    r.arn = Some(arn.into());
    r.name = Some(name.into());
    r.set("name", name);
    scan.bulk_tags(&mut r).await;
    let unread = [
        "config.display_name",
        "config.kms_master_key_id",
        "config.delivery_policy",
        "config.fifo_topic",
        "config.content_based_deduplication",
        "config.signature_version",
        "config.tracing_config",
        "facts.subscriptions_confirmed",
        "facts.subscriptions_pending",
        "facts.policy",
    ];
    let request = scan.sns().get_topic_attributes().topic_arn(arn).send();
    match scan.detail(&mut r, "sns:GetTopicAttributes", &unread, request).await {
        Detail::Got(answer) => {
            let attributes = answer.attributes.unwrap_or_default();
            let text = |key: &str| attributes.get(key).filter(|v| !v.is_empty()).cloned();
            let flag = |key: &str| attributes.get(key).is_some_and(|v| v == "true");
            let number = |key: &str| attributes.get(key).and_then(|v| v.parse::<i64>().ok());
            r.set("display_name", text("DisplayName"))
                .set("kms_master_key_id", text("KmsMasterKeyId"))
                .set("delivery_policy", text("DeliveryPolicy"))
                .set("fifo_topic", flag("FifoTopic"))
                .set("content_based_deduplication", flag("ContentBasedDeduplication"))
                .set("signature_version", number("SignatureVersion"))
                .set("tracing_config", text("TracingConfig"))
                .set("archive_policy", text("ArchivePolicy"))
                .set("fifo_throughput_scope", text("FifoThroughputScope"));
            for (attribute, argument) in [
                ("ApplicationSuccessFeedbackRoleArn", "application_success_feedback_role_arn"),
                ("ApplicationFailureFeedbackRoleArn", "application_failure_feedback_role_arn"),
                ("HTTPSuccessFeedbackRoleArn", "http_success_feedback_role_arn"),
                ("HTTPFailureFeedbackRoleArn", "http_failure_feedback_role_arn"),
                ("LambdaSuccessFeedbackRoleArn", "lambda_success_feedback_role_arn"),
                ("LambdaFailureFeedbackRoleArn", "lambda_failure_feedback_role_arn"),
                ("SQSSuccessFeedbackRoleArn", "sqs_success_feedback_role_arn"),
                ("SQSFailureFeedbackRoleArn", "sqs_failure_feedback_role_arn"),
                ("FirehoseSuccessFeedbackRoleArn", "firehose_success_feedback_role_arn"),
                ("FirehoseFailureFeedbackRoleArn", "firehose_failure_feedback_role_arn"),
            ] {
                r.set(argument, text(attribute));
            }
            for (attribute, argument) in [
                ("ApplicationSuccessFeedbackSampleRate", "application_success_feedback_sample_rate"),
                ("HTTPSuccessFeedbackSampleRate", "http_success_feedback_sample_rate"),
                ("LambdaSuccessFeedbackSampleRate", "lambda_success_feedback_sample_rate"),
                ("SQSSuccessFeedbackSampleRate", "sqs_success_feedback_sample_rate"),
                ("FirehoseSuccessFeedbackSampleRate", "firehose_success_feedback_sample_rate"),
            ] {
                r.set(argument, number(attribute));
            }
            r.fact("subscriptions_confirmed", number("SubscriptionsConfirmed"));
            r.fact("subscriptions_pending", number("SubscriptionsPending"));
            r.fact("policy", text("Policy"));
            if let Some(policy) = text("Policy").filter(|p| !is_default_policy(p, arn, &scan.session.account)) {
                let mut p = scan.resource("aws_sns_topic_policy", arn);
                p.name = Some(name.into());
                p.set("arn", arn).set("policy", policy);
                scan.emit(p);
            }
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

/// The policy AWS gives a new topic: one statement for the owner alone. Nobody wrote it, so no code is written for it.
fn is_default_policy(policy: &str, arn: &str, account: &str) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(policy) else { return false };
    let Some([statement]) = document.get("Statement").and_then(Value::as_array).map(Vec::as_slice) else { return false };
    document.get("Id").is_some_and(|id| id == "__default_policy_ID")
        && statement.get("Sid").is_some_and(|sid| sid == "__default_statement_ID")
        && statement.get("Resource").is_some_and(|r| r == arn)
        && statement.get("Condition") == Some(&json!({ "StringEquals": { "AWS:SourceOwner": account } }))
}

async fn one_subscription(scan: &Scan<'_>, subscription: aws_sdk_sns::types::Subscription) {
    let topic = subscription.topic_arn().unwrap_or_default();
    let endpoint = subscription.endpoint().unwrap_or_default();
    let protocol = subscription.protocol().unwrap_or_default();
    let given = subscription.subscription_arn().unwrap_or_default();
    // A subscription that nobody confirmed has no ARN yet; AWS puts this word in its place.
    let pending = !given.starts_with("arn:");
    let id = if pending { format!("{topic}/pending/{protocol}/{endpoint}") } else { given.to_owned() };
    let mut r = scan.resource("aws_sns_topic_subscription", &id);
    r.name = Some(format!("{} {protocol}", topic.rsplit(':').next().unwrap_or(topic)));
    r.set("topic_arn", topic).set("protocol", protocol).set("endpoint", endpoint);
    r.fact("pending_confirmation", pending);
    if pending {
        r.ownership.class = crate::estate::resource::OwnershipClass::NotImportable;
        r.ownership.evidence = "nobody confirmed the subscription, so it has no ARN to import".into();
    } else {
        r.arn = Some(given.into());
        let unread = [
            "config.filter_policy",
            "config.filter_policy_scope",
            "config.raw_message_delivery",
            "config.redrive_policy",
            "config.delivery_policy",
            "config.subscription_role_arn",
        ];
        let request = scan.sns().get_subscription_attributes().subscription_arn(given).send();
        match scan.detail(&mut r, "sns:GetSubscriptionAttributes", &unread, request).await {
            Detail::Got(answer) => {
                let attributes = answer.attributes.unwrap_or_default();
                let text = |key: &str| attributes.get(key).filter(|v| !v.is_empty()).cloned();
                r.set("filter_policy", text("FilterPolicy"))
                    .set("filter_policy_scope", text("FilterPolicyScope"))
                    .set("raw_message_delivery", attributes.get("RawMessageDelivery").is_some_and(|v| v == "true"))
                    .set("redrive_policy", text("RedrivePolicy"))
                    .set("delivery_policy", text("DeliveryPolicy"))
                    .set("replay_policy", text("ReplayPolicy"))
                    .set("subscription_role_arn", text("SubscriptionRoleArn"));
            }
            Detail::Gone => return,
            Detail::Absent | Detail::Unread => {}
        }
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    fn attributes(call: &str, pairs: &[(&str, &str)]) -> String {
        let entries: String = pairs.iter().map(|(k, v)| format!("<entry><key>{k}</key><value>{v}</value></entry>")).collect();
        format!(
            "<{call}Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><{call}Result><Attributes>{entries}</Attributes></{call}Result></{call}Response>"
        )
    }

    #[test]
    fn topics_policies_and_subscriptions() {
        let arn = "arn:aws:sns:eu-west-3:123456789012:alerts";
        let topics = format!(
            "<ListTopicsResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><ListTopicsResult><Topics><member><TopicArn>{arn}</TopicArn></member></Topics></ListTopicsResult></ListTopicsResponse>"
        );
        let subscriptions = format!(
            "<ListSubscriptionsResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><ListSubscriptionsResult><Subscriptions>\
             <member><TopicArn>{arn}</TopicArn><Protocol>email</Protocol><Endpoint>ops@example.com</Endpoint><SubscriptionArn>PendingConfirmation</SubscriptionArn></member>\
             <member><TopicArn>{arn}</TopicArn><Protocol>sqs</Protocol><Endpoint>arn:aws:sqs:eu-west-3:123456789012:q</Endpoint><SubscriptionArn>{arn}:11111111-2222-3333-4444-555555555555</SubscriptionArn></member>\
             </Subscriptions></ListSubscriptionsResult></ListSubscriptionsResponse>"
        );
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"*"}]}"#
            .replace('"', "&quot;");
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("sns:ListTopics", 200, &topics),
                ("sns:ListSubscriptions", 200, &subscriptions),
                (
                    "sns:GetTopicAttributes",
                    200,
                    &attributes("GetTopicAttributes", &[("DisplayName", "Alerts"), ("SubscriptionsPending", "1"), ("Policy", &policy)]),
                ),
                ("sns:GetSubscriptionAttributes", 200, &attributes("GetSubscriptionAttributes", &[("RawMessageDelivery", "true")])),
            ],
        );
        let kinds: Vec<&str> = all.iter().map(|r| r.kind.as_str()).collect();
        assert_eq!(kinds, ["aws_sns_topic", "aws_sns_topic_policy", "aws_sns_topic_subscription", "aws_sns_topic_subscription"]);
        assert_eq!(all[0].config["display_name"], "Alerts");
        assert_eq!(all[0].facts["subscriptions_pending"], 1);
        assert_eq!(all[3].config["raw_message_delivery"], true);
        assert_eq!(all[2].facts["pending_confirmation"], true);
    }

    #[test]
    fn the_owner_only_policy_of_a_new_topic_is_nobodys_work() {
        let arn = "arn:aws:sns:eu-west-3:123456789012:t";
        let policy = |owner: &str| {
            json!({ "Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [{ "Sid": "__default_statement_ID", "Effect": "Allow",
                "Principal": { "AWS": "*" }, "Action": ["SNS:Publish"], "Resource": arn, "Condition": { "StringEquals": { "AWS:SourceOwner": owner } } }] })
            .to_string()
        };
        assert!(is_default_policy(&policy("123456789012"), arn, "123456789012"));
        assert!(!is_default_policy(&policy("999999999999"), arn, "123456789012"));
    }
}
