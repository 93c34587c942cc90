//! Budgets: whether anybody watches the bill.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{items, set, text};

/// `aws_budgets_budget`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_budgets_budget"],
    calls: &[
        list("budgets:DescribeBudgets").iam(&["budgets:ViewBudget"]),
        detail("budgets:DescribeNotificationsForBudget").iam(&["budgets:ViewBudget"]).gone(&["NotFoundException"]),
        detail("budgets:DescribeSubscribersForNotification").iam(&["budgets:ViewBudget"]).absent(&["NotFoundException"]),
    ],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let input = json!({ "AccountId": scan.session.account, "MaxResults": 100 });
    for b in scan.json_list("budgets:DescribeBudgets", input, "Budgets", "NextToken").await {
        one(scan, &b).await;
    }
}

/// The provider's spelling of a period's edge: `2024-11-01_00:00`.
fn edge(value: &Value) -> Option<String> {
    let at = crate::aws::value::json_time(value);
    let text = at.as_str()?;
    Some(format!("{}_{}", text.get(..10)?, text.get(11..16)?))
}

async fn one(scan: &Scan<'_>, b: &Value) {
    let Some(name) = text(b, "BudgetName") else { return };
    let account = &scan.session.account;
    let mut r = scan.resource("aws_budgets_budget", &format!("{account}:{name}"));
    r.arn = Some(format!("arn:{}:budgets::{account}:budget/{name}", scan.session.partition));
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    let filters: Vec<Value> =
        b.get("CostFilters").and_then(Value::as_object).into_iter().flatten().map(|(k, v)| json!({ "name": k, "values": v })).collect();
    let types = &b["CostTypes"];
    let flag = |field: &str| types[field].as_bool();
    let mut planned: Vec<Value> = b
        .get("PlannedBudgetLimits")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(at, l)| {
            Some(json!({ "start_time": edge(&json!(at.parse::<f64>().ok()?))?, "amount": l["Amount"], "unit": l["Unit"] }))
        })
        .collect();
    planned.sort_by_key(|p| p["start_time"].as_str().unwrap_or_default().to_owned());
    r.set("name", name)
        .set("account_id", account.as_str())
        .set("budget_type", text(b, "BudgetType"))
        .set("limit_amount", b.pointer("/BudgetLimit/Amount").and_then(Value::as_str))
        .set("limit_unit", b.pointer("/BudgetLimit/Unit").and_then(Value::as_str))
        .set("time_unit", text(b, "TimeUnit"))
        .set("time_period_start", edge(&b["TimePeriod"]["Start"]))
        .set("time_period_end", edge(&b["TimePeriod"]["End"]))
        .set("cost_filter", filters)
        .set("planned_limit", planned)
        .set(
            "cost_types",
            if types.is_object() {
                json!([{
                    "include_credit": flag("IncludeCredit"), "include_discount": flag("IncludeDiscount"), "include_other_subscription": flag("IncludeOtherSubscription"),
                    "include_recurring": flag("IncludeRecurring"), "include_refund": flag("IncludeRefund"), "include_subscription": flag("IncludeSubscription"),
                    "include_support": flag("IncludeSupport"), "include_tax": flag("IncludeTax"), "include_upfront": flag("IncludeUpfront"),
                    "use_amortized": flag("UseAmortized"), "use_blended": flag("UseBlended"),
                }])
            } else {
                json!([])
            },
        )
        .set(
            "auto_adjust_data",
            b.get("AutoAdjustData").map_or_else(|| json!([]), |a| {
                let history = a.pointer("/HistoricalOptions/BudgetAdjustmentPeriod").map_or_else(|| json!([]), |p| json!([{ "budget_adjustment_period": p }]));
                json!([{ "auto_adjust_type": a["AutoAdjustType"], "historical_options": history }])
            }),
        );
    let usd = |path: &str| b.pointer(path).and_then(Value::as_str).and_then(|v| v.parse::<f64>().ok());
    r.fact("actual_usd", usd("/CalculatedSpend/ActualSpend/Amount")).fact("forecast_usd", usd("/CalculatedSpend/ForecastedSpend/Amount"));
    let input = json!({ "AccountId": account, "BudgetName": name, "MaxResults": 100 });
    match scan.json_detail(&mut r, "budgets:DescribeNotificationsForBudget", &["config.notification"], input).await {
        Detail::Got(a) => {
            let mut all = Vec::new();
            for n in items(&a, "Notifications") {
                let input = json!({ "AccountId": account, "BudgetName": name, "Notification": n });
                let answer =
                    scan.json_detail(&mut r, "budgets:DescribeSubscribersForNotification", &["config.notification"], input).await.got();
                let to = |kind: &str| {
                    let of = answer.as_ref().map(|a| items(a, "Subscribers")).unwrap_or_default();
                    set(of.iter().filter(|s| text(s, "SubscriptionType") == Some(kind)).filter_map(|s| text(s, "Address")))
                };
                all.push(json!({
                    "comparison_operator": n["ComparisonOperator"], "notification_type": n["NotificationType"], "threshold": n["Threshold"],
                    "threshold_type": n["ThresholdType"], "subscriber_email_addresses": to("EMAIL"), "subscriber_sns_topic_arns": to("SNS"),
                }));
            }
            if !r.unread.contains_key("config.notification") {
                r.set("notification", all);
            }
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    #[test]
    fn a_budget_with_somebody_to_tell() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                (
                    "budgets:DescribeBudgets",
                    200,
                    r#"{"Budgets":[{"BudgetName":"monthly","BudgetType":"COST","TimeUnit":"MONTHLY","BudgetLimit":{"Amount":"500.0","Unit":"USD"},"TimePeriod":{"Start":1730419200.0,"End":3706473600.0},"CalculatedSpend":{"ActualSpend":{"Amount":"12.5","Unit":"USD"}}}]}"#,
                ),
                (
                    "budgets:DescribeNotificationsForBudget",
                    200,
                    r#"{"Notifications":[{"NotificationType":"ACTUAL","ComparisonOperator":"GREATER_THAN","Threshold":80.0,"ThresholdType":"PERCENTAGE"}]}"#,
                ),
                (
                    "budgets:DescribeSubscribersForNotification",
                    200,
                    r#"{"Subscribers":[{"SubscriptionType":"EMAIL","Address":"ops@example.org"}]}"#,
                ),
            ],
        );
        assert_eq!(all[0].config["time_period_start"], "2024-11-01_00:00");
        assert_eq!(all[0].config["notification"][0]["subscriber_email_addresses"], json!(["ops@example.org"]));
        assert_eq!(all[0].facts["actual_usd"], 12.5);
    }
}
