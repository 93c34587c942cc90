//! Dashboards.

use serde_json::json;

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{json_time, text};

/// `aws_cloudwatch_dashboard`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_cloudwatch_dashboard"],
    calls: &[
        list("cloudwatch:ListDashboards"),
        detail("cloudwatch:GetDashboard").gone(&["ResourceNotFound", "DashboardNotFoundError", "ResourceNotFoundException"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    for entry in scan.json_list("cloudwatch:ListDashboards", json!({}), "DashboardEntries", "NextToken").await {
        let Some(name) = text(&entry, "DashboardName") else { continue };
        let mut r = scan.resource("aws_cloudwatch_dashboard", name);
        r.arn = text(&entry, "DashboardArn").map(str::to_owned);
        r.name = Some(name.into());
        r.set("dashboard_name", name);
        r.fact("last_modified", json_time(&entry["LastModified"]));
        match scan.json_detail(&mut r, "cloudwatch:GetDashboard", &["config.dashboard_body"], json!({ "DashboardName": name })).await {
            Detail::Got(answer) => {
                r.set("dashboard_body", text(&answer, "DashboardBody"));
            }
            Detail::Gone => continue,
            Detail::Absent | Detail::Unread => {}
        }
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    #[test]
    fn a_dashboard_with_its_body_and_one_that_vanished() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("cloudwatch:ListDashboards", 200, r#"{"DashboardEntries":[{"DashboardName":"live"},{"DashboardName":"old"}]}"#),
                ("cloudwatch:GetDashboard", 200, r#"{"DashboardName":"live","DashboardBody":"{\"widgets\":[]}"}"#),
                ("cloudwatch:GetDashboard", 404, r#"{"__type":"ResourceNotFound","message":"gone"}"#),
            ],
        );
        assert_eq!((all.len(), all[0].config["dashboard_body"].as_str()), (1, Some("{\"widgets\":[]}")));
        assert_eq!(ledger.iter().find(|e| e.call.ends_with("GetDashboard")).map(|e| e.vanished), Some(1));
    }
}
