//! Whether Security Hub is on.

use serde_json::Value;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::text;

/// `aws_securityhub_account`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_securityhub_account"],
    // An account without Security Hub is answered "not subscribed", as an error.
    calls: &[list("securityhub:DescribeHub").absent(&["InvalidAccessException", "ResourceNotFoundException"])],
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
        let (all, _) = collect(
            &COLLECTOR,
            &[(
                "securityhub:DescribeHub",
                200,
                r#"{"HubArn":"arn:aws:securityhub:eu-west-3:123456789012:hub/default","AutoEnableControls":true,"ControlFindingGenerator":"SECURITY_CONTROL"}"#,
            )],
        );
        assert_eq!(all[0].config["auto_enable_controls"], true);
    }
}
