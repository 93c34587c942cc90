//! Scaling policies: by one step, by several, towards a target, by forecast.

use aws_sdk_autoscaling::types as asg;
use serde_json::{Value, json};

use crate::aws::scan::Scan;
use crate::aws::value::{block, strings};

/// Emits a policy.
pub(super) fn emit(scan: &Scan<'_>, p: &asg::ScalingPolicy) {
    let (Some(group), Some(name)) = (p.auto_scaling_group_name(), p.policy_name()) else { return };
    let mut r = scan.resource("aws_autoscaling_policy", &format!("{group}/{name}"));
    r.arn = p.policy_arn().map(str::to_owned);
    r.name = Some(name.into());
    let mut steps: Vec<Value> = (p.step_adjustments().iter())
        .map(|s| {
            json!({
                "metric_interval_lower_bound": s.metric_interval_lower_bound().map(|b| b.to_string()),
                "metric_interval_upper_bound": s.metric_interval_upper_bound().map(|b| b.to_string()),
                "scaling_adjustment": s.scaling_adjustment(),
            })
        })
        .collect();
    steps.sort_by_cached_key(Value::to_string);
    let simple = p.policy_type().is_none_or(|t| t == "SimpleScaling");
    r.set("autoscaling_group_name", group)
        .set("name", name)
        .set("policy_type", p.policy_type())
        .set("enabled", p.enabled().unwrap_or(true))
        .set("adjustment_type", p.adjustment_type())
        .set("cooldown", p.cooldown())
        .set("estimated_instance_warmup", p.estimated_instance_warmup())
        .set("metric_aggregation_type", p.metric_aggregation_type())
        .set("min_adjustment_magnitude", p.min_adjustment_magnitude())
        .set("scaling_adjustment", p.scaling_adjustment().filter(|_| simple))
        .set("step_adjustment", steps)
        .set("target_tracking_configuration", block(p.target_tracking_configuration().map(tracking)))
        // An answer without metrics is no forecast.
        .set(
            "predictive_scaling_configuration",
            block(p.predictive_scaling_configuration().filter(|c| !c.metric_specifications().is_empty()).map(predictive)),
        );
    r.fact("alarm_names", strings(p.alarms().iter().filter_map(|a| a.alarm_name())));
    scan.emit(r);
}

fn metric(m: &asg::Metric) -> Value {
    json!({ "dimensions": dimensions(m.dimensions()), "metric_name": m.metric_name(), "namespace": m.namespace() })
}

fn dimensions(all: &[asg::MetricDimension]) -> Vec<Value> {
    let mut all: Vec<Value> = all.iter().map(|d| json!({ "name": d.name(), "value": d.value() })).collect();
    all.sort_by_cached_key(Value::to_string);
    all
}

fn tracking(c: &asg::TargetTrackingConfiguration) -> Value {
    let predefined = c
        .predefined_metric_specification()
        .map(|s| json!({ "predefined_metric_type": s.predefined_metric_type().map(|t| t.as_str()), "resource_label": s.resource_label() }));
    let custom = c.customized_metric_specification().map(|s| {
        let mut metrics: Vec<Value> = (s.metrics().iter())
            .map(|q| {
                let stat = q.metric_stat().map(|m| {
                    json!({ "metric": block(m.metric().map(metric)), "period": m.period(), "stat": m.stat(), "unit": m.unit() })
                });
                json!({ "expression": q.expression(), "id": q.id(), "label": q.label(), "metric_stat": block(stat), "return_data": q.return_data() })
            })
            .collect();
        metrics.sort_by_cached_key(Value::to_string);
        json!({
            "metric_dimension": s.dimensions().iter().map(|d| json!({ "name": d.name(), "value": d.value() })).collect::<Vec<_>>(),
            "metric_name": s.metric_name(),
            "metrics": metrics,
            "namespace": s.namespace(),
            "period": s.period(),
            "statistic": s.statistic().map(|v| v.as_str()),
            "unit": s.unit(),
        })
    });
    json!({
        "customized_metric_specification": block(custom),
        "disable_scale_in": c.disable_scale_in().unwrap_or(false),
        "predefined_metric_specification": block(predefined),
        "target_value": c.target_value(),
    })
}

fn queries(all: &[asg::MetricDataQuery]) -> Value {
    let all: Vec<Value> = (all.iter())
        .map(|q| {
            let stat = q.metric_stat().map(|m| json!({ "metric": block(m.metric().map(metric)), "stat": m.stat(), "unit": m.unit() }));
            json!({ "expression": q.expression(), "id": q.id(), "label": q.label(), "metric_stat": block(stat), "return_data": q.return_data() })
        })
        .collect();
    json!({ "metric_data_queries": all })
}

fn predictive(c: &asg::PredictiveScalingConfiguration) -> Value {
    let specifications: Vec<Value> = (c.metric_specifications().iter())
        .map(|s| {
            json!({
                "customized_capacity_metric_specification": block(s.customized_capacity_metric_specification().map(|m| queries(m.metric_data_queries()))),
                "customized_load_metric_specification": block(s.customized_load_metric_specification().map(|m| queries(m.metric_data_queries()))),
                "customized_scaling_metric_specification": block(s.customized_scaling_metric_specification().map(|m| queries(m.metric_data_queries()))),
                "predefined_load_metric_specification": block(s.predefined_load_metric_specification().map(|m| json!({ "predefined_metric_type": m.predefined_metric_type().map(|t| t.as_str()), "resource_label": m.resource_label() }))),
                "predefined_metric_pair_specification": block(s.predefined_metric_pair_specification().map(|m| json!({ "predefined_metric_type": m.predefined_metric_type().map(|t| t.as_str()), "resource_label": m.resource_label() }))),
                "predefined_scaling_metric_specification": block(s.predefined_scaling_metric_specification().map(|m| json!({ "predefined_metric_type": m.predefined_metric_type().map(|t| t.as_str()), "resource_label": m.resource_label() }))),
                "target_value": s.target_value(),
            })
        })
        .collect();
    json!({
        "max_capacity_breach_behavior": c.max_capacity_breach_behavior().map(|b| b.as_str()),
        "max_capacity_buffer": c.max_capacity_buffer().map(|n| n.to_string()),
        "metric_specification": specifications,
        "mode": c.mode().map(|m| m.as_str()),
        "scheduling_buffer_time": c.scheduling_buffer_time().map(|n| n.to_string()),
    })
}
