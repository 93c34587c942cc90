//! Cost Anomaly Detection: what watches for jumps of the bill, and who is told. Anomaly Detection itself is free; should AWS count
//! these two requests as Cost Explorer requests, a scan costs two cents.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{items, set, strings, text};

const MONITORS: &str = "ce:GetAnomalyMonitors";
const SUBSCRIPTIONS: &str = "ce:GetAnomalySubscriptions";

/// `aws_ce_anomaly_monitor` and `aws_ce_anomaly_subscription`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_ce_anomaly_monitor", "aws_ce_anomaly_subscription"],
    calls: &[list(MONITORS).yields(&["aws_ce_anomaly_monitor"]), list(SUBSCRIPTIONS).yields(&["aws_ce_anomaly_subscription"])],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    for m in scan.json_list(MONITORS, json!({}), "AnomalyMonitors", "NextPageToken").await {
        let Some(arn) = text(&m, "MonitorArn") else { continue };
        let mut r = scan.resource("aws_ce_anomaly_monitor", arn);
        r.arn = Some(arn.into());
        scan.bulk_tags(&mut r).await;
        r.name = text(&m, "MonitorName").map(str::to_owned);
        let specification = m.get("MonitorSpecification").filter(|s| s.is_object()).map(|s| trimmed(s).to_string());
        r.set("name", text(&m, "MonitorName"))
            .set("monitor_type", text(&m, "MonitorType"))
            .set("monitor_dimension", text(&m, "MonitorDimension"))
            .set("monitor_specification", specification);
        scan.emit(r);
    }
    for s in scan.json_list(SUBSCRIPTIONS, json!({}), "AnomalySubscriptions", "NextPageToken").await {
        let Some(arn) = text(&s, "SubscriptionArn") else { continue };
        let mut r = scan.resource("aws_ce_anomaly_subscription", arn);
        r.arn = Some(arn.into());
        scan.bulk_tags(&mut r).await;
        r.name = text(&s, "SubscriptionName").map(str::to_owned);
        let mut subscribers: Vec<Value> =
            items(&s, "Subscribers").iter().map(|t| json!({ "address": t["Address"], "type": t["Type"] })).collect();
        subscribers.sort_by_key(Value::to_string);
        let bounced = items(&s, "Subscribers").iter().filter(|t| text(t, "Status") == Some("DECLINED")).count();
        r.set("name", text(&s, "SubscriptionName"))
            .set("account_id", text(&s, "AccountId"))
            .set("frequency", text(&s, "Frequency"))
            .set("monitor_arn_list", strings(items(&s, "MonitorArnList").iter().filter_map(Value::as_str)))
            .set("subscriber", subscribers)
            .set(
                "threshold_expression",
                s.get("ThresholdExpression").filter(|t| t.is_object()).map_or_else(|| json!([]), |t| json!([expression(t)])),
            );
        r.fact("declined", bounced);
        scan.emit(r);
    }
}

/// An expression as JSON without the fields that AWS answers as null.
fn trimmed(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), trimmed(v))).collect::<serde_json::Map<_, _>>().into()
        }
        Value::Array(all) => all.iter().map(trimmed).collect(),
        other => other.clone(),
    }
}

/// A threshold as the provider's blocks.
fn expression(e: &Value) -> Value {
    let mut out = serde_json::Map::new();
    for (api, block) in [("Dimensions", "dimension"), ("Tags", "tags"), ("CostCategories", "cost_category")] {
        let found = e.get(api).filter(|v| v.is_object()).map(|v| {
            let list = |field: &str| set(items(v, field).iter().filter_map(Value::as_str));
            json!({ "key": v["Key"], "match_options": list("MatchOptions"), "values": list("Values") })
        });
        out.insert(block.into(), crate::aws::value::block(found));
    }
    for (api, block) in [("And", "and"), ("Or", "or")] {
        if let Some(parts) = e.get(api).and_then(Value::as_array) {
            let mut parts: Vec<Value> = parts.iter().map(expression).collect();
            parts.sort_by_key(Value::to_string);
            out.insert(block.into(), parts.into());
        }
    }
    if let Some(not) = e.get("Not").filter(|v| v.is_object()) {
        out.insert("not".into(), json!([expression(not)]));
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    #[test]
    fn a_monitor_and_whom_it_tells() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                (
                    MONITORS,
                    200,
                    r#"{"AnomalyMonitors":[{"MonitorArn":"arn:aws:ce::123456789012:anomalymonitor/1","MonitorName":"services","MonitorType":"DIMENSIONAL","MonitorDimension":"SERVICE","CreationDate":"2025-01-01"},
                    {"MonitorArn":"arn:aws:ce::123456789012:anomalymonitor/2","MonitorName":"team","MonitorType":"CUSTOM","MonitorSpecification":{"And":null,"Tags":{"Key":"team","Values":["web"],"MatchOptions":null}}}]}"#,
                ),
                (
                    SUBSCRIPTIONS,
                    200,
                    r#"{"AnomalySubscriptions":[{"SubscriptionArn":"arn:aws:ce::123456789012:anomalysubscription/3","AccountId":"123456789012","SubscriptionName":"ops","MonitorArnList":["arn:aws:ce::123456789012:anomalymonitor/1"],"Frequency":"DAILY","Subscribers":[{"Address":"ops@example.com","Type":"EMAIL","Status":"CONFIRMED"}],
                    "ThresholdExpression":{"And":[{"Dimensions":{"Key":"ANOMALY_TOTAL_IMPACT_ABSOLUTE","MatchOptions":["GREATER_THAN_OR_EQUAL"],"Values":["100"]}}]}}]}"#,
                ),
            ],
        );
        assert_eq!(all[1].config["monitor_specification"], r#"{"Tags":{"Key":"team","Values":["web"]}}"#);
        assert_eq!(all[2].config["threshold_expression"][0]["and"][0]["dimension"][0]["values"], json!(["100"]));
        assert_eq!(all[2].config["subscriber"], json!([{ "address": "ops@example.com", "type": "EMAIL" }]));
    }

    #[test]
    fn a_refusal_is_a_gap_of_its_own_type() {
        let denied = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let (all, ledger) = collect(&COLLECTOR, &[(MONITORS, 400, denied), (SUBSCRIPTIONS, 200, r#"{"AnomalySubscriptions":[]}"#)]);
        assert!(all.is_empty());
        assert_eq!(ledger.iter().find(|e| e.outcome == Outcome::Denied).unwrap().types, ["aws_ce_anomaly_monitor"]);
    }
}
