//! Metric alarms and composite alarms.

use serde_json::{Map, Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{items, json_time, set, text};
use crate::estate::Resource;

/// `aws_cloudwatch_metric_alarm`, `aws_cloudwatch_composite_alarm`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"],
    calls: &[list("cloudwatch:DescribeAlarms")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let mut token: Option<String> = None;
    loop {
        let mut input = json!({ "MaxRecords": 100, "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
        if let Some(token) = &token {
            input["NextToken"] = json!(token);
        }
        let mut page = Value::Null;
        let request = scan.session.json(scan.endpoint_region(), "cloudwatch:DescribeAlarms", input);
        scan.list_once("cloudwatch:DescribeAlarms", request, |a| {
            let all = [items(&a, "MetricAlarms"), items(&a, "CompositeAlarms")].concat();
            page = a;
            all
        })
        .await;
        for alarm in items(&page, "MetricAlarms") {
            if let Some(mut r) = common(scan, "aws_cloudwatch_metric_alarm", alarm).await {
                metric(&mut r, alarm);
                scan.emit(r);
            }
        }
        for alarm in items(&page, "CompositeAlarms") {
            if let Some(mut r) = common(scan, "aws_cloudwatch_composite_alarm", alarm).await {
                let suppressor = text(alarm, "ActionsSuppressor").map(|a| {
                    json!([{ "alarm": a, "extension_period": alarm["ActionsSuppressorExtensionPeriod"], "wait_period": alarm["ActionsSuppressorWaitPeriod"] }])
                });
                r.set("alarm_rule", text(alarm, "AlarmRule")).set("actions_suppressor", suppressor.unwrap_or_else(|| json!([])));
                scan.emit(r);
            }
        }
        token = text(&page, "NextToken").filter(|t| !t.is_empty()).map(str::to_owned);
        if token.is_none() {
            return;
        }
    }
}

async fn common(scan: &Scan<'_>, kind: &str, alarm: &Value) -> Option<Resource> {
    let name = text(alarm, "AlarmName")?;
    let mut r = scan.resource(kind, name);
    r.arn = text(alarm, "AlarmArn").map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    let actions = |field: &str| set(items(alarm, field).iter().filter_map(Value::as_str));
    r.set("alarm_name", name)
        .set("alarm_description", text(alarm, "AlarmDescription"))
        .set("actions_enabled", alarm["ActionsEnabled"].as_bool())
        .set("alarm_actions", actions("AlarmActions"))
        .set("ok_actions", actions("OKActions"))
        .set("insufficient_data_actions", actions("InsufficientDataActions"));
    r.fact("state", text(alarm, "StateValue"))
        .fact("state_reason", text(alarm, "StateReason"))
        .fact("state_updated", json_time(alarm.get("StateTransitionedTimestamp").unwrap_or(&alarm["StateUpdatedTimestamp"])));
    Some(r)
}

/// `[{Name, Value}]` as a map.
fn dimensions(value: &Value) -> Value {
    let pairs = value.as_array().map_or(&[][..], Vec::as_slice);
    Value::Object(pairs.iter().filter_map(|d| Some((text(d, "Name")?.to_owned(), d["Value"].clone()))).collect::<Map<_, _>>())
}

fn metric(r: &mut Resource, alarm: &Value) {
    r.set("comparison_operator", text(alarm, "ComparisonOperator"))
        .set("evaluation_periods", alarm["EvaluationPeriods"].as_i64())
        .set("datapoints_to_alarm", alarm["DatapointsToAlarm"].as_i64())
        .set("threshold", alarm["Threshold"].as_f64())
        .set("threshold_metric_id", text(alarm, "ThresholdMetricId"))
        .set("treat_missing_data", text(alarm, "TreatMissingData").unwrap_or("missing"))
        .set("evaluate_low_sample_count_percentiles", text(alarm, "EvaluateLowSampleCountPercentile"))
        .set("metric_name", text(alarm, "MetricName"))
        .set("namespace", text(alarm, "Namespace"))
        .set("period", alarm["Period"].as_i64())
        .set("statistic", text(alarm, "Statistic"))
        .set("extended_statistic", text(alarm, "ExtendedStatistic"))
        .set("unit", text(alarm, "Unit"))
        .set("dimensions", dimensions(&alarm["Dimensions"]));
    let queries: Vec<Value> = items(alarm, "Metrics")
        .iter()
        .map(|q| {
            let metric = q.get("MetricStat").map(|s| {
                json!([{
                    "metric_name": s["Metric"]["MetricName"], "namespace": s["Metric"]["Namespace"], "dimensions": dimensions(&s["Metric"]["Dimensions"]),
                    "period": s["Period"], "stat": s["Stat"], "unit": s.get("Unit").cloned().unwrap_or(Value::Null),
                }])
            });
            json!({
                "id": q["Id"], "account_id": q.get("AccountId").cloned().unwrap_or(Value::Null), "expression": q.get("Expression").cloned().unwrap_or(Value::Null),
                "label": q.get("Label").cloned().unwrap_or(Value::Null), "period": q.get("Period").cloned().unwrap_or(Value::Null),
                "return_data": q.get("ReturnData").and_then(Value::as_bool).unwrap_or(false), "metric": metric.unwrap_or_else(|| json!([])),
            })
        })
        .collect();
    r.set("metric_query", queries);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    #[test]
    fn metric_math_and_composite_alarms_over_pages() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                (
                    "cloudwatch:DescribeAlarms",
                    200,
                    r#"{"MetricAlarms":[{"AlarmName":"api cpu","AlarmArn":"arn:aws:cloudwatch:eu-west-3:123456789012:alarm:api cpu","ActionsEnabled":true,"AlarmActions":[],"StateValue":"ALARM","StateUpdatedTimestamp":1700000000.0,"MetricName":"CPUUtilization","Namespace":"AWS/EC2","Statistic":"Average","Dimensions":[{"Name":"InstanceId","Value":"i-1"}],"Period":300,"EvaluationPeriods":2,"Threshold":80.0,"ComparisonOperator":"GreaterThanThreshold"}],"CompositeAlarms":[],"NextToken":"n"}"#,
                ),
                (
                    "cloudwatch:DescribeAlarms",
                    200,
                    r#"{"MetricAlarms":[{"AlarmName":"errors","Metrics":[{"Id":"e","Expression":"m1/m2","ReturnData":true},{"Id":"m1","MetricStat":{"Metric":{"Namespace":"AWS/ApplicationELB","MetricName":"HTTPCode_ELB_5XX_Count","Dimensions":[]},"Period":60,"Stat":"Sum"},"ReturnData":false}],"EvaluationPeriods":1,"Threshold":1.0,"ComparisonOperator":"GreaterThanThreshold"}],"CompositeAlarms":[{"AlarmName":"all","AlarmRule":"ALARM(errors)","ActionsEnabled":false}]}"#,
                ),
            ],
        );
        assert_eq!(all.len(), 3);
        assert_eq!(all[0].config["alarm_rule"], "ALARM(errors)");
        assert_eq!(all[1].config["dimensions"]["InstanceId"], "i-1");
        assert_eq!(all[2].config["metric_query"][1]["metric"][0]["stat"], "Sum");
    }
}
