//! Whether Security Hub is on.

use serde_json::Value;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::text;

mod subscriptions;

/// `aws_securityhub_account` and what it listens to.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_securityhub_account", "aws_securityhub_standards_subscription", "aws_securityhub_product_subscription"],
    calls: &[
        // An account without Security Hub is answered "not subscribed", as an error.
        list("securityhub:DescribeHub").absent(&["InvalidAccessException", "ResourceNotFoundException"]),
        list(subscriptions::STANDARDS).yields(&["aws_securityhub_standards_subscription"]),
        list(subscriptions::PRODUCTS).yields(&["aws_securityhub_product_subscription"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let mut r = scan.resource("aws_securityhub_account", &scan.session.account);
    if let Detail::Got(hub) = scan.rest_detail(&mut r, "securityhub:DescribeHub", &[], "/accounts").await {
        r.arn = text(&hub, "HubArn").map(str::to_owned);
        r.name = Some(format!("Security Hub {}", scan.region));
        r.set("auto_enable_controls", hub.get("AutoEnableControls").and_then(Value::as_bool))
            .set("control_finding_generator", text(&hub, "ControlFindingGenerator"));
        scan.emit(r);
        subscriptions::collect(scan).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    #[test]
    fn off_is_an_answer_and_refused_is_a_gap() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[(
                "securityhub:DescribeHub",
                403,
                r#"{"Code":"InvalidAccessException","Message":"Account is not subscribed to AWS Security Hub"}"#,
            )],
        );
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Done);
        let (_, ledger) = collect(&COLLECTOR, &[("securityhub:DescribeHub", 403, r#"{"Code":"AccessDeniedException","Message":"no"}"#)]);
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }

    const HUB: &str = r#"{"HubArn":"arn:aws:securityhub:eu-west-3:123456789012:hub/default","AutoEnableControls":true,"ControlFindingGenerator":"SECURITY_CONTROL"}"#;

    #[test]
    fn a_hub_and_what_it_listens_to() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("securityhub:DescribeHub", 200, HUB),
                (
                    subscriptions::STANDARDS,
                    200,
                    r#"{"StandardsSubscriptions":[{"StandardsArn":"arn:aws:securityhub:eu-west-3::standards/cis-aws-foundations-benchmark/v/3.0.0","StandardsSubscriptionArn":"arn:aws:securityhub:eu-west-3:123456789012:subscription/cis-aws-foundations-benchmark/v/3.0.0","StandardsStatus":"READY"}]}"#,
                ),
                (
                    subscriptions::PRODUCTS,
                    200,
                    r#"{"ProductSubscriptions":["arn:aws:securityhub:eu-west-3:123456789012:product-subscription/aws/guardduty"]}"#,
                ),
            ],
        );
        let kinds: Vec<&str> = all.iter().map(|r| r.kind.as_str()).collect();
        assert_eq!(kinds, ["aws_securityhub_account", "aws_securityhub_product_subscription", "aws_securityhub_standards_subscription"]);
        assert_eq!(all[0].config["auto_enable_controls"], true);
        assert_eq!(all[1].config["product_arn"], "arn:aws:securityhub:eu-west-3::product/aws/guardduty");
        assert_eq!(
            all[1].id,
            "arn:aws:securityhub:eu-west-3::product/aws/guardduty,arn:aws:securityhub:eu-west-3:123456789012:product-subscription/aws/guardduty"
        );
        assert_eq!(all[2].name.as_deref(), Some("cis-aws-foundations-benchmark/v/3.0.0"));
        let denied = r#"{"Code":"AccessDeniedException","Message":"no"}"#;
        let (_, ledger) = collect(
            &COLLECTOR,
            &[("securityhub:DescribeHub", 200, HUB), (subscriptions::STANDARDS, 403, denied), (subscriptions::PRODUCTS, 403, denied)],
        );
        assert_eq!(ledger.iter().filter(|e| e.outcome == Outcome::Denied).count(), 2);
    }
}
