//! What Application Auto Scaling scales (tasks, tables, replicas …), by which policies and at which times.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::shape::shape;
use crate::aws::value::{items, json_time, strings, text};
use crate::estate::Resource;
use crate::schema::provider;

/// `aws_appautoscaling_target`, `aws_appautoscaling_policy`, `aws_appautoscaling_scheduled_action`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_appautoscaling_target", "aws_appautoscaling_policy", "aws_appautoscaling_scheduled_action"],
    calls: &[
        list("application-autoscaling:DescribeScalableTargets"),
        list("application-autoscaling:DescribeScalingPolicies").yields(&["aws_appautoscaling_policy"]),
        list("application-autoscaling:DescribeScheduledActions").yields(&["aws_appautoscaling_scheduled_action"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// Every namespace must be asked for by name (API reference, "ServiceNamespace", 2026-11).
const NAMESPACES: &[&str] = &[
    "appstream",
    "cassandra",
    "comprehend",
    "custom-resource",
    "dynamodb",
    "ec2",
    "ecs",
    "elasticache",
    "elasticmapreduce",
    "kafka",
    "lambda",
    "neptune",
    "rds",
    "sagemaker",
    "workspaces",
];

async fn collect(scan: &Scan<'_>) {
    for namespace in NAMESPACES {
        let of = json!({ "ServiceNamespace": namespace });
        let targets = scan.json_list("application-autoscaling:DescribeScalableTargets", of.clone(), "ScalableTargets", "NextToken").await;
        // Policies and times belong to targets: without one there is nothing to ask for.
        if targets.is_empty() {
            continue;
        }
        for t in &targets {
            target(scan, t).await;
        }
        for p in scan.json_list("application-autoscaling:DescribeScalingPolicies", of.clone(), "ScalingPolicies", "NextToken").await {
            policy(scan, &p);
        }
        for a in scan.json_list("application-autoscaling:DescribeScheduledActions", of, "ScheduledActions", "NextToken").await {
            action(scan, &a);
        }
    }
}

/// What all three have in common; the id of the target.
fn place(r: &mut Resource, of: &Value) {
    r.set("service_namespace", text(of, "ServiceNamespace"))
        .set("resource_id", text(of, "ResourceId"))
        .set("scalable_dimension", text(of, "ScalableDimension"));
}

fn target_id(of: &Value) -> Option<String> {
    Some(format!("{}/{}/{}", text(of, "ServiceNamespace")?, text(of, "ResourceId")?, text(of, "ScalableDimension")?))
}

async fn target(scan: &Scan<'_>, t: &Value) {
    let (Some(id), Some(of)) = (target_id(t), text(t, "ResourceId")) else { return };
    let mut r = scan.resource("aws_appautoscaling_target", &id);
    r.arn = text(t, "ScalableTargetARN").map(str::to_owned);
    r.name = of.rsplit(['/', ':']).next().map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    place(&mut r, t);
    let suspended = &t["SuspendedState"];
    let is = |what: &str| suspended[what].as_bool().unwrap_or(false);
    r.set("min_capacity", t["MinCapacity"].as_i64())
        .set("max_capacity", t["MaxCapacity"].as_i64())
        .set("role_arn", text(t, "RoleARN"))
        .set(
            "suspended_state",
            json!([{
                "dynamic_scaling_in_suspended": is("DynamicScalingInSuspended"),
                "dynamic_scaling_out_suspended": is("DynamicScalingOutSuspended"),
                "scheduled_scaling_suspended": is("ScheduledScalingSuspended"),
            }]),
        );
    r.fact("creation_time", json_time(&t["CreationTime"]));
    // The name of what is scaled stands inside its id: table/orders, cluster:main, function:api:live.
    let inside = |start: &str, end: char| of.strip_prefix(start).map(|rest| rest.split(end).next().unwrap_or(rest));
    r.fact("table_name", inside("table/", '/'))
        .fact("cluster_identifier", inside("cluster:", ':'))
        .fact("replication_group_id", inside("replication-group/", '/'))
        .fact("function_name", inside("function:", ':'));
    scan.emit(r);
}

fn policy(scan: &Scan<'_>, p: &Value) {
    let (Some(target), Some(name), Some(block)) = (target_id(p), text(p, "PolicyName"), provider().resource("aws_appautoscaling_policy"))
    else {
        return;
    };
    let mut r = scan.resource("aws_appautoscaling_policy", &format!("{target}/{name}"));
    r.arn = text(p, "PolicyARN").map(str::to_owned);
    r.name = Some(name.into());
    place(&mut r, p);
    r.set("name", name).set("policy_type", text(p, "PolicyType"));
    for (api, argument) in [
        ("StepScalingPolicyConfiguration", "step_scaling_policy_configuration"),
        ("TargetTrackingScalingPolicyConfiguration", "target_tracking_scaling_policy_configuration"),
    ] {
        let mut fields = match (block.blocks.get(argument), p.get(api)) {
            (Some(nested), Some(answer)) if answer.is_object() => json!([shape(&nested.block, answer, &[], &[]).fields]),
            _ => json!([]),
        };
        whole_bounds(&mut fields);
        r.set(argument, fields);
    }
    r.fact("target_id", target)
        .fact("alarm_names", strings(items(p, "Alarms").iter().filter_map(|a| text(a, "AlarmName"))))
        .fact("creation_time", json_time(&p["CreationTime"]));
    scan.emit(r);
}

/// The provider holds the bounds of steps as text without a needless fraction: `0`, not `0.0`.
fn whole_bounds(configuration: &mut Value) {
    let Some(steps) = configuration.pointer_mut("/0/step_adjustment").and_then(Value::as_array_mut) else { return };
    for bound in steps.iter_mut().filter_map(Value::as_object_mut).flatten().filter(|(name, _)| name.starts_with("metric_interval")) {
        if let Some(text) = bound.1.as_str().and_then(|t| t.strip_suffix(".0")).map(str::to_owned) {
            *bound.1 = text.into();
        }
    }
}

fn action(scan: &Scan<'_>, a: &Value) {
    let (Some(target), Some(name)) = (target_id(a), text(a, "ScheduledActionName")) else { return };
    let mut r = scan.resource("aws_appautoscaling_scheduled_action", &format!("{target}/{name}"));
    r.arn = text(a, "ScheduledActionARN").map(str::to_owned);
    r.name = Some(name.into());
    place(&mut r, a);
    let capacity = &a["ScalableTargetAction"];
    let number = |field: &str| capacity[field].as_i64().map(|n| n.to_string());
    r.set("name", name)
        .set("schedule", text(a, "Schedule"))
        .set("timezone", text(a, "Timezone"))
        .set("start_time", json_time(&a["StartTime"]))
        .set("end_time", json_time(&a["EndTime"]))
        .set("scalable_target_action", json!([{ "max_capacity": number("MaxCapacity"), "min_capacity": number("MinCapacity") }]));
    r.fact("target_id", target).fact("creation_time", json_time(&a["CreationTime"]));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    const NONE: &str = r#"{"ScalableTargets":[]}"#;
    const TARGETS: &str = r#"{"ScalableTargets":[{"ServiceNamespace":"ecs","ResourceId":"service/shop/api","ScalableDimension":"ecs:service:DesiredCount",
        "MinCapacity":3,"MaxCapacity":10,"RoleARN":"arn:aws:iam::123456789012:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService",
        "CreationTime":1700000000.0,"SuspendedState":{"DynamicScalingInSuspended":true,"DynamicScalingOutSuspended":false,"ScheduledScalingSuspended":false},
        "ScalableTargetARN":"arn:aws:application-autoscaling:eu-west-3:123456789012:scalable-target/0ec5"}]}"#;
    const POLICIES: &str = r#"{"ScalingPolicies":[
        {"PolicyARN":"arn:aws:autoscaling:eu-west-3:123456789012:scalingPolicy:1:resource/ecs/service/shop/api:policyName/cpu","PolicyName":"cpu","ServiceNamespace":"ecs",
         "ResourceId":"service/shop/api","ScalableDimension":"ecs:service:DesiredCount","PolicyType":"TargetTrackingScaling",
         "TargetTrackingScalingPolicyConfiguration":{"TargetValue":70.0,"PredefinedMetricSpecification":{"PredefinedMetricType":"ECSServiceAverageCPUUtilization","ResourceLabel":"l"},
           "CustomizedMetricSpecification":{"MetricName":"m","Namespace":"n","Dimensions":[{"Name":"d","Value":"v"}],"Statistic":"Average","Unit":"Percent",
             "Metrics":[{"Expression":"a/b","Id":"e","Label":"l","ReturnData":true,"MetricStat":{"Metric":{"Dimensions":[{"Name":"x","Value":"y"}],"MetricName":"m","Namespace":"n"},"Stat":"Sum","Unit":"Count"}}]},
           "ScaleOutCooldown":60,"ScaleInCooldown":300,"DisableScaleIn":false},
         "Alarms":[{"AlarmName":"TargetTracking-service/shop/api-AlarmHigh-1","AlarmARN":"a"}],"CreationTime":1700000000.0},
        {"PolicyARN":"arn:aws:autoscaling:eu-west-3:123456789012:scalingPolicy:2:resource/ecs/service/shop/api:policyName/steps","PolicyName":"steps","ServiceNamespace":"ecs",
         "ResourceId":"service/shop/api","ScalableDimension":"ecs:service:DesiredCount","PolicyType":"StepScaling",
         "StepScalingPolicyConfiguration":{"AdjustmentType":"ChangeInCapacity","StepAdjustments":[{"MetricIntervalLowerBound":0.0,"MetricIntervalUpperBound":15.5,"ScalingAdjustment":1}],"MinAdjustmentMagnitude":1,"Cooldown":60,"MetricAggregationType":"Maximum"},"Alarms":[]}]}"#;
    const ACTIONS: &str = r#"{"ScheduledActions":[{"ScheduledActionName":"night","ScheduledActionARN":"arn:aws:autoscaling:eu-west-3:123456789012:scheduledAction:3","ServiceNamespace":"ecs","ResourceId":"service/shop/api",
        "ScalableDimension":"ecs:service:DesiredCount","Schedule":"cron(0 22 * * ? *)","Timezone":"Europe/Paris","StartTime":1700000000.0,"EndTime":1800000000.0,"ScalableTargetAction":{"MinCapacity":0,"MaxCapacity":1},"CreationTime":1700000000.0}]}"#;

    fn answers(namespaces_before: usize) -> Vec<(&'static str, u16, &'static str)> {
        let mut all: Vec<_> = (0..namespaces_before).map(|_| ("application-autoscaling:DescribeScalableTargets", 200, NONE)).collect();
        all.push(("application-autoscaling:DescribeScalableTargets", 200, TARGETS));
        all.push(("application-autoscaling:DescribeScalableTargets", 200, NONE));
        all
    }

    #[test]
    fn a_service_with_two_policies_and_a_night() {
        let mut given = answers(6);
        given.push(("application-autoscaling:DescribeScalingPolicies", 200, POLICIES));
        given.push(("application-autoscaling:DescribeScheduledActions", 200, ACTIONS));
        let (all, ledger) = collect(&COLLECTOR, &given);
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
        assert_eq!(ledger.iter().map(|e| e.requests).sum::<u64>(), 17, "policies are asked for only where there is a target");
        assert_complete(&all);
        let ids: Vec<&str> = all.iter().map(|r| r.id.as_str()).collect();
        let target = "ecs/service/shop/api/ecs:service:DesiredCount";
        assert_eq!(ids, [format!("{target}/cpu"), format!("{target}/steps"), format!("{target}/night"), target.to_owned()]);
        let tracking = &all[0].config["target_tracking_scaling_policy_configuration"][0];
        assert_eq!((&tracking["target_value"], &tracking["scale_in_cooldown"]), (&json!(70.0), &json!(300)));
        assert_eq!(
            tracking["customized_metric_specification"][0]["metrics"][0]["metric_stat"][0]["metric"][0]["dimensions"][0]["value"],
            "y"
        );
        let step = &all[1].config["step_scaling_policy_configuration"][0]["step_adjustment"][0];
        assert_eq!((&step["metric_interval_lower_bound"], &step["metric_interval_upper_bound"]), (&json!("0"), &json!("15.5")));
        assert_eq!(all[2].config["scalable_target_action"], json!([{ "max_capacity": "1", "min_capacity": "0" }]));
        assert_eq!(all[3].name.as_deref(), Some("api"));
        assert_eq!(all[3].config["suspended_state"][0]["dynamic_scaling_in_suspended"], true);
    }

    #[test]
    fn a_refusal_is_a_gap() {
        let denied = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let mut given = answers(6);
        given.push(("application-autoscaling:DescribeScalingPolicies", 400, denied));
        given.push(("application-autoscaling:DescribeScheduledActions", 200, ACTIONS));
        let (all, ledger) = collect(&COLLECTOR, &given);
        assert_eq!(all.len(), 2);
        let gaps: Vec<_> = ledger.iter().filter(|e| e.outcome == Outcome::Denied).map(|e| e.types.join(" ")).collect();
        assert_eq!(gaps, ["aws_appautoscaling_policy"]);
    }
}
