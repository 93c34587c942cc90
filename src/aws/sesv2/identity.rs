//! Mail: identities with DKIM and MAIL FROM, configuration sets with their event destinations, the account's sending state.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::metrics::{self, Figure};
use crate::aws::scan::{Detail, Scan, encode};
use crate::aws::value::{items, set, strings, text};

/// `aws_sesv2_email_identity` and what hangs on it, `x_ses_account`.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_sesv2_email_identity",
        "aws_sesv2_email_identity_mail_from_attributes",
        "aws_sesv2_email_identity_feedback_attributes",
        "aws_sesv2_configuration_set",
        "aws_sesv2_configuration_set_event_destination",
        "x_ses_account",
    ],
    calls: &[
        list("sesv2:ListEmailIdentities").yields(&[
            "aws_sesv2_email_identity",
            "aws_sesv2_email_identity_mail_from_attributes",
            "aws_sesv2_email_identity_feedback_attributes",
        ]),
        detail("sesv2:GetEmailIdentity").gone(&["NotFoundException"]).rate(1.0),
        list("sesv2:ListConfigurationSets").yields(&["aws_sesv2_configuration_set", "aws_sesv2_configuration_set_event_destination"]),
        detail("sesv2:GetConfigurationSet").gone(&["NotFoundException"]).rate(1.0),
        list("sesv2:GetConfigurationSetEventDestinations")
            .yields(&["aws_sesv2_configuration_set_event_destination"])
            .absent(&["NotFoundException"]),
        list("sesv2:GetAccount").yields(&["x_ses_account"]),
        metrics::CALL,
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let identities = scan
        .rest_post_list(
            "sesv2:ListEmailIdentities",
            "/v2/email/list-identities",
            json!({ "PageSize": 1000 }),
            "EmailIdentities",
            "NextToken",
        )
        .await;
    account(scan, !identities.is_empty()).await;
    scan.each(identities, |identity| one_identity(scan, identity)).await;
    let sets = scan
        .rest_post_list(
            "sesv2:ListConfigurationSets",
            "/v2/email/list-configuration-sets",
            json!({ "PageSize": 1000 }),
            "ConfigurationSets",
            "NextToken",
        )
        .await;
    let names: Vec<String> = sets.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    scan.each(names, |name| one_set(scan, name)).await;
}

/// The figures that SES judges a sender by; of a region without identities nothing was sent, and nothing is asked.
async fn account(scan: &Scan<'_>, sends: bool) {
    let mut r = scan.resource("x_ses_account", &scan.region);
    r.name = Some(format!("mail in {}", scan.region));
    let Detail::Got(a) = scan.rest_detail(&mut r, "sesv2:GetAccount", &[], "/v2/email/account").await else { return };
    r.fact("production_access_enabled", a["ProductionAccessEnabled"].as_bool())
        .fact("sending_enabled", a["SendingEnabled"].as_bool())
        .fact("enforcement_status", text(&a, "EnforcementStatus"))
        .fact("max_24_hour_send", a.pointer("/SendQuota/Max24HourSend").cloned())
        .fact("sent_last_24_hours", a.pointer("/SendQuota/SentLast24Hours").cloned());
    let ids: Vec<&str> = if sends { vec![scan.region.as_str()] } else { Vec::new() };
    let rates = metrics::each(scan, "x_ses_account", 7, &ids, |_| {
        ["Reputation.BounceRate", "Reputation.ComplaintRate"].map(|metric| Figure {
            namespace: "AWS/SES",
            metric,
            dimensions: Vec::new(),
            statistic: "Average",
            period: 3600,
        })
    })
    .await;
    // The newest value: SES reckons it over a number of mails, not over a time.
    rates.tell(&mut r, &scan.region, ["bounce_rate", "complaint_rate"], |values| [0, 1].map(|i| values.get(i)?.first().copied()));
    scan.emit(r);
}

async fn one_identity(scan: &Scan<'_>, identity: Value) {
    let Some(name) = text(&identity, "IdentityName") else { return };
    let mut r = scan.resource("aws_sesv2_email_identity", name);
    r.arn = Some(scan.arn("ses", &format!("identity/{name}")));
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    r.set("email_identity", name);
    let unread = [
        "config.configuration_set_name",
        "config.dkim_signing_attributes",
        "facts.identity_type",
        "facts.verified_for_sending",
        "facts.verification_status",
        "facts.dkim_enabled",
        "facts.dkim_status",
        "facts.dkim_tokens",
        "facts.mail_from_domain",
        "facts.mail_from_status",
        "facts.feedback_forwarding",
    ];
    match scan.rest_detail(&mut r, "sesv2:GetEmailIdentity", &unread, &format!("/v2/email/identities/{}", encode(name))).await {
        Detail::Got(a) => {
            let dkim = &a["DkimAttributes"];
            // Bring-your-own DKIM answers its selector as the one token; the private key is never answered.
            let own = text(dkim, "SigningAttributesOrigin") == Some("EXTERNAL");
            let tokens: Vec<&str> = items(dkim, "Tokens").iter().filter_map(Value::as_str).collect();
            let attributes = if own {
                json!([{ "domain_signing_selector": tokens.first() }])
            } else if text(&a, "IdentityType") == Some("DOMAIN") {
                json!([{ "next_signing_key_length": dkim["NextSigningKeyLength"] }])
            } else {
                json!([])
            };
            r.set("configuration_set_name", text(&a, "ConfigurationSetName")).set("dkim_signing_attributes", attributes);
            let from = &a["MailFromAttributes"];
            let domain = text(from, "MailFromDomain").filter(|d| !d.is_empty());
            let forwarding = a["FeedbackForwardingStatus"].as_bool();
            r.fact("identity_type", text(&a, "IdentityType"))
                .fact("verified_for_sending", a["VerifiedForSendingStatus"].as_bool())
                .fact("verification_status", text(&a, "VerificationStatus"))
                .fact("dkim_enabled", dkim["SigningEnabled"].as_bool())
                .fact("dkim_status", text(dkim, "Status"))
                .fact("dkim_tokens", strings(&tokens))
                .fact("mail_from_domain", domain)
                .fact("mail_from_status", text(from, "MailFromDomainStatus"))
                .fact("feedback_forwarding", forwarding);
            if let Some(domain) = domain {
                let mut m = scan.resource("aws_sesv2_email_identity_mail_from_attributes", name);
                m.name = Some(name.into());
                m.set("email_identity", name)
                    .set("mail_from_domain", domain)
                    .set("behavior_on_mx_failure", text(from, "BehaviorOnMxFailure"));
                scan.emit(m);
            }
            if forwarding == Some(false) {
                let mut f = scan.resource("aws_sesv2_email_identity_feedback_attributes", name);
                f.name = Some(name.into());
                f.set("email_identity", name).set("email_forwarding_enabled", false);
                scan.emit(f);
            }
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

async fn one_set(scan: &Scan<'_>, name: String) {
    let mut r = scan.resource("aws_sesv2_configuration_set", &name);
    r.arn = Some(scan.arn("ses", &format!("configuration-set/{name}")));
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.clone());
    r.set("configuration_set_name", name.as_str());
    let path = format!("/v2/email/configuration-sets/{}", encode(&name));
    let unread = [
        "config.delivery_options",
        "config.reputation_options",
        "config.sending_options",
        "config.suppression_options",
        "config.tracking_options",
        "config.vdm_options",
    ];
    match scan.rest_detail(&mut r, "sesv2:GetConfigurationSet", &unread, &path).await {
        Detail::Got(a) => {
            let some = |field: &str, block: Value| if a[field].is_object() { json!([block]) } else { json!([]) };
            let delivery = &a["DeliveryOptions"];
            let vdm = &a["VdmOptions"];
            r.set("delivery_options", some("DeliveryOptions", json!({ "tls_policy": delivery["TlsPolicy"], "sending_pool_name": delivery["SendingPoolName"], "max_delivery_seconds": delivery["MaxDeliverySeconds"] })))
                .set("reputation_options", some("ReputationOptions", json!({ "reputation_metrics_enabled": a["ReputationOptions"]["ReputationMetricsEnabled"].as_bool() })))
                .set("sending_options", some("SendingOptions", json!({ "sending_enabled": a["SendingOptions"]["SendingEnabled"].as_bool() })))
                .set("suppression_options", some("SuppressionOptions", json!({ "suppressed_reasons": a["SuppressionOptions"]["SuppressedReasons"] })))
                .set("tracking_options", some("TrackingOptions", json!({ "custom_redirect_domain": a["TrackingOptions"]["CustomRedirectDomain"], "https_policy": a["TrackingOptions"]["HttpsPolicy"] })))
                .set(
                    "vdm_options",
                    some(
                        "VdmOptions",
                        json!({
                            "dashboard_options": [{ "engagement_metrics": vdm["DashboardOptions"]["EngagementMetrics"] }],
                            "guardian_options": [{ "optimized_shared_delivery": vdm["GuardianOptions"]["OptimizedSharedDelivery"] }],
                        }),
                    ),
                );
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    let mut events = Vec::new();
    let url = format!("{path}/event-destinations");
    for d in scan.rest_list("sesv2:GetConfigurationSetEventDestinations", &url, "EventDestinations", "NextToken", "NextToken").await {
        let Some(destination) = text(&d, "Name") else { continue };
        let kinds: Vec<&str> = items(&d, "MatchingEventTypes").iter().filter_map(Value::as_str).collect();
        if d["Enabled"] == true {
            events.extend(kinds.iter().map(|k| (*k).to_owned()));
        }
        let one = |field: &str, block: Value| if d[field].is_object() { json!([block]) } else { json!([]) };
        let dimensions: Vec<Value> = items(&d["CloudWatchDestination"], "DimensionConfigurations")
            .iter()
            .map(|c| json!({ "default_dimension_value": c["DefaultDimensionValue"], "dimension_name": c["DimensionName"], "dimension_value_source": c["DimensionValueSource"] }))
            .collect();
        let mut e = scan.resource("aws_sesv2_configuration_set_event_destination", &format!("{name}|{destination}"));
        e.name = Some(destination.into());
        e.set("configuration_set_name", name.as_str()).set("event_destination_name", destination).set(
            "event_destination",
            json!([{
                "enabled": d["Enabled"], "matching_event_types": set(&kinds),
                "cloud_watch_destination": one("CloudWatchDestination", json!({ "dimension_configuration": dimensions })),
                "event_bridge_destination": one("EventBridgeDestination", json!({ "event_bus_arn": d["EventBridgeDestination"]["EventBusArn"] })),
                "kinesis_firehose_destination": one("KinesisFirehoseDestination", json!({ "delivery_stream_arn": d["KinesisFirehoseDestination"]["DeliveryStreamArn"], "iam_role_arn": d["KinesisFirehoseDestination"]["IamRoleArn"] })),
                "pinpoint_destination": one("PinpointDestination", json!({ "application_arn": d["PinpointDestination"]["ApplicationArn"] })),
                "sns_destination": one("SnsDestination", json!({ "topic_arn": d["SnsDestination"]["TopicArn"] })),
            }]),
        );
        scan.emit(e);
    }
    r.fact("event_types", set(events));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{JSON_DENIED, collect, figures};

    #[test]
    fn a_domain_an_address_and_a_set_that_tells_bounces() {
        let of = |status: u16, rates: &str| {
            collect(
            &COLLECTOR,
            &[
                ("cloudwatch:GetMetricData", status, rates),
                (
                    "sesv2:GetAccount",
                    200,
                    r#"{"ProductionAccessEnabled":false,"SendingEnabled":true,"EnforcementStatus":"HEALTHY","SendQuota":{"Max24HourSend":200.0,"SentLast24Hours":3.0}}"#,
                ),
                ("sesv2:ListEmailIdentities", 200, r#"{"EmailIdentities":[{"IdentityName":"example.org","IdentityType":"DOMAIN"}]}"#),
                (
                    "sesv2:GetEmailIdentity",
                    200,
                    r#"{"IdentityType":"DOMAIN","FeedbackForwardingStatus":false,"VerifiedForSendingStatus":true,"DkimAttributes":{"SigningEnabled":true,"Status":"SUCCESS","Tokens":["a","b"],"SigningAttributesOrigin":"AWS_SES","NextSigningKeyLength":"RSA_2048_BIT"},"MailFromAttributes":{"MailFromDomain":"m.example.org","MailFromDomainStatus":"SUCCESS","BehaviorOnMxFailure":"USE_DEFAULT_VALUE"}}"#,
                ),
                ("sesv2:ListConfigurationSets", 200, r#"{"ConfigurationSets":["main"]}"#),
                ("sesv2:GetConfigurationSet", 200, r#"{"ConfigurationSetName":"main","SendingOptions":{"SendingEnabled":true}}"#),
                (
                    "sesv2:GetConfigurationSetEventDestinations",
                    200,
                    r#"{"EventDestinations":[{"Name":"bounces","Enabled":true,"MatchingEventTypes":["COMPLAINT","BOUNCE"],"SnsDestination":{"TopicArn":"arn:aws:sns:eu-west-3:123456789012:mail"}}]}"#,
                ),
            ],
        ).0
        };
        let all = of(200, &figures(&[&[0.04, 0.09], &[]]));
        assert_eq!((&all[5].facts["bounce_rate"], &all[5].facts["complaint_rate"]), (&json!(0.04), &Value::Null));
        assert!(of(400, JSON_DENIED)[5].unread["facts.bounce_rate"].starts_with("denied"));
        let kinds: Vec<&str> = all.iter().map(|r| r.kind.as_str()).collect();
        assert_eq!(
            kinds,
            [
                "aws_sesv2_configuration_set",
                "aws_sesv2_configuration_set_event_destination",
                "aws_sesv2_email_identity",
                "aws_sesv2_email_identity_feedback_attributes",
                "aws_sesv2_email_identity_mail_from_attributes",
                "x_ses_account"
            ]
        );
        assert_eq!(all[0].facts["event_types"], json!(["BOUNCE", "COMPLAINT"]));
        assert_eq!(all[5].facts["production_access_enabled"], false);
    }
}
