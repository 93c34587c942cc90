//! The limits that an account built by hand runs into. What is used of them is counted from the snapshot, not asked for.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::text;
use crate::estate::quotas::KNOWN;

const QUOTAS: &str = "servicequotas:ListServiceQuotas";

/// `x_service_quota`: the limits of [`KNOWN`], one or two requests per service and region.
pub const COLLECTOR: Collector = Collector {
    types: &["x_service_quota"],
    calls: &[list(QUOTAS).rate(3.0)],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let mut services: Vec<&str> = KNOWN.iter().map(|k| k.service).collect();
    services.sort_unstable();
    services.dedup();
    for service in services {
        // IAM's limits stand in one region only.
        if service == "iam" && scan.region != scan.session.home() {
            continue;
        }
        let input = json!({ "ServiceCode": service, "MaxResults": 100 });
        for q in scan.json_list(QUOTAS, input, "Quotas", "NextToken").await {
            one(scan, service, &q);
        }
    }
}

fn one(scan: &Scan<'_>, service: &str, q: &Value) {
    let Some(code) = text(q, "QuotaCode").filter(|code| KNOWN.iter().any(|k| k.service == service && k.code == *code)) else { return };
    let mut r = scan.resource("x_service_quota", &format!("{service}/{code}"));
    r.arn = text(q, "QuotaArn").map(str::to_owned);
    r.name = text(q, "QuotaName").map(str::to_owned);
    r.fact("service", service).fact("code", code).fact("value", q["Value"].as_f64()).fact("adjustable", q["Adjustable"].as_bool());
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    #[test]
    fn only_limits_that_can_be_counted_are_kept() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                (
                    QUOTAS,
                    200,
                    r#"{"Quotas":[{"QuotaCode":"L-0263D0A3","QuotaName":"EC2-VPC Elastic IPs","QuotaArn":"arn:aws:servicequotas:eu-west-3:123456789012:ec2/L-0263D0A3","Value":5.0,"Adjustable":true},{"QuotaCode":"L-OTHER","QuotaName":"x","Value":1.0}]}"#,
                ),
                (QUOTAS, 200, r#"{"Quotas":[]}"#),
            ],
        );
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].id.as_str(), all[0].facts["value"].as_f64()), ("ec2/L-0263D0A3", Some(5.0)));
        assert!(ledger[0].requests <= 5, "{}", ledger[0].requests);
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[(QUOTAS, 400, r#"{"__type":"AccessDeniedException","message":"no"}"#)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Denied);
    }
}
