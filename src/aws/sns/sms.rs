//! Text messages: the account's SMS settings, and the numbers it sends from.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{items, set, text};

/// `aws_sns_sms_preferences`, `aws_pinpointsmsvoicev2_phone_number`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_sns_sms_preferences", "aws_pinpointsmsvoicev2_phone_number"],
    calls: &[
        list("sns:GetSMSAttributes").yields(&["aws_sns_sms_preferences"]),
        detail("sns:GetSMSSandboxAccountStatus"),
        list("sms-voice:DescribePhoneNumbers").yields(&["aws_pinpointsmsvoicev2_phone_number"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    preferences(scan).await;
    for n in scan.json_list("sms-voice:DescribePhoneNumbers", json!({ "MaxResults": 100 }), "PhoneNumbers", "NextToken").await {
        number(scan, &n).await;
    }
}

async fn preferences(scan: &Scan<'_>) {
    let mut r = scan.resource("aws_sns_sms_preferences", &scan.region);
    r.name = Some(format!("text messages in {}", scan.region));
    let Detail::Got(answer) = scan.detail(&mut r, "sns:GetSMSAttributes", &[], scan.sns().get_sms_attributes().send()).await else {
        return;
    };
    let attributes: HashMap<String, String> = answer.attributes.unwrap_or_default();
    let value = |key: &str| attributes.get(key).filter(|v| !v.is_empty()).cloned();
    r.set("default_sender_id", value("DefaultSenderID"))
        .set("default_sms_type", value("DefaultSMSType"))
        .set("delivery_status_iam_role_arn", value("DeliveryStatusIAMRole"))
        .set("delivery_status_success_sampling_rate", value("DeliveryStatusSuccessSamplingRate"))
        .set("monthly_spend_limit", value("MonthlySpendLimit").and_then(|v| v.parse::<i64>().ok()))
        .set("usage_report_s3_bucket", value("UsageReportS3Bucket"));
    let sandbox = scan.sns().get_sms_sandbox_account_status().send();
    if let Detail::Got(answer) = scan.detail(&mut r, "sns:GetSMSSandboxAccountStatus", &["facts.in_sandbox"], sandbox).await {
        r.fact("in_sandbox", answer.is_in_sandbox());
    }
    // A region where nobody ever touched text messages answers no attribute at all.
    if !attributes.is_empty() {
        scan.emit(r);
    }
}

async fn number(scan: &Scan<'_>, n: &Value) {
    let Some(id) = text(n, "PhoneNumberId") else { return };
    let mut r = scan.resource("aws_pinpointsmsvoicev2_phone_number", id);
    r.arn = text(n, "PhoneNumberArn").map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    r.name = text(n, "PhoneNumber").map(str::to_owned);
    r.set("iso_country_code", text(n, "IsoCountryCode"))
        .set("message_type", text(n, "MessageType"))
        .set("number_type", text(n, "NumberType"))
        .set("number_capabilities", set(items(n, "NumberCapabilities").iter().filter_map(Value::as_str)))
        .set("opt_out_list_name", text(n, "OptOutListName"))
        .set("registration_id", text(n, "RegistrationId"))
        .set("deletion_protection_enabled", n["DeletionProtectionEnabled"].as_bool())
        .set("self_managed_opt_outs_enabled", n["SelfManagedOptOutsEnabled"].as_bool())
        .set("two_way_channel_enabled", n["TwoWayEnabled"].as_bool())
        .set("two_way_channel_arn", text(n, "TwoWayChannelArn"))
        .set("two_way_channel_role", text(n, "TwoWayChannelRole"));
    r.fact("phone_number", text(n, "PhoneNumber")).fact("status", text(n, "Status"));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    #[test]
    fn spend_limit_sandbox_and_a_number() {
        let wrap = |call: &str, inner: &str| {
            format!(
                "<{call}Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><{call}Result>{inner}</{call}Result></{call}Response>"
            )
        };
        let (all, _) = collect(
            &COLLECTOR,
            &[
                (
                    "sns:GetSMSAttributes",
                    200,
                    &wrap("GetSMSAttributes", "<attributes><entry><key>MonthlySpendLimit</key><value>1</value></entry></attributes>"),
                ),
                ("sns:GetSMSSandboxAccountStatus", 200, &wrap("GetSMSSandboxAccountStatus", "<IsInSandbox>true</IsInSandbox>")),
                (
                    "sms-voice:DescribePhoneNumbers",
                    200,
                    r#"{"PhoneNumbers":[{"PhoneNumberId":"phone-1","PhoneNumber":"+33700000000","Status":"ACTIVE","IsoCountryCode":"FR","MessageType":"TRANSACTIONAL","NumberType":"LONG_CODE","NumberCapabilities":["SMS"],"DeletionProtectionEnabled":false}]}"#,
                ),
            ],
        );
        assert_eq!(all[0].config["number_capabilities"], json!(["SMS"]));
        assert_eq!((all[1].config["monthly_spend_limit"].as_i64(), all[1].facts["in_sandbox"].as_bool()), (Some(1), Some(true)));
    }
}
