//! Metric filters and resource policies of CloudWatch Logs.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{items, json_millis, text};

/// `aws_cloudwatch_log_metric_filter`, `aws_cloudwatch_log_resource_policy`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_cloudwatch_log_metric_filter", "aws_cloudwatch_log_resource_policy"],
    calls: &[
        list("logs:DescribeMetricFilters").yields(&["aws_cloudwatch_log_metric_filter"]),
        list("logs:DescribeResourcePolicies").yields(&["aws_cloudwatch_log_resource_policy"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    for f in scan.json_list("logs:DescribeMetricFilters", json!({ "limit": 50 }), "metricFilters", "nextToken").await {
        metric_filter(scan, &f);
    }
    let policies = scan.json_list("logs:DescribeResourcePolicies", json!({ "limit": 50 }), "resourcePolicies", "nextToken").await;
    for p in policies {
        let Some(name) = text(&p, "policyName") else { continue };
        let mut r = scan.resource("aws_cloudwatch_log_resource_policy", name);
        r.name = Some(name.into());
        r.set("policy_name", name).set("policy_document", text(&p, "policyDocument"));
        scan.emit(r);
    }
}

fn metric_filter(scan: &Scan<'_>, f: &Value) {
    let (Some(group), Some(name)) = (text(f, "logGroupName"), text(f, "filterName")) else { return };
    let mut r = scan.resource("aws_cloudwatch_log_metric_filter", &format!("{group}:{name}"));
    r.name = Some(name.into());
    let transformations: Vec<Value> = items(f, "metricTransformations")
        .iter()
        .map(|t| {
            json!({
                "name": t["metricName"], "namespace": t["metricNamespace"], "value": t["metricValue"],
                // The provider holds the number as text, and no default as empty text.
                "default_value": t["defaultValue"].as_f64().map_or_else(String::new, |v| v.to_string()),
                "unit": t.get("unit").cloned().unwrap_or_else(|| json!("None")),
                "dimensions": t.get("dimensions").cloned().unwrap_or_else(|| json!({})),
            })
        })
        .collect();
    r.set("name", name)
        .set("log_group_name", group)
        .set("pattern", text(f, "filterPattern").unwrap_or(""))
        .set("metric_transformation", transformations);
    r.fact("creation_time", json_millis(&f["creationTime"]));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    #[test]
    fn a_metric_filter_in_the_providers_shape() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                (
                    "logs:DescribeMetricFilters",
                    200,
                    r#"{"metricFilters":[{"filterName":"root","logGroupName":"trail","filterPattern":"{ $.userIdentity.type = \"Root\" }","metricTransformations":[{"metricName":"RootUse","metricNamespace":"Audit","metricValue":"1","defaultValue":0.0}]}]}"#,
                ),
                ("logs:DescribeResourcePolicies", 200, r#"{"resourcePolicies":[]}"#),
            ],
        );
        assert_eq!(all[0].id, "trail:root");
        assert_eq!(all[0].config["metric_transformation"][0]["default_value"], "0");
    }
}
