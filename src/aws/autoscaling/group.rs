//! Groups of instances that AWS keeps at a size, with their policies, times, hooks and notifications.

mod policy;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_autoscaling::types as asg;
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::instance_requirements::instance_requirements;
use crate::aws::scan::Scan;
use crate::aws::tags;
use crate::aws::value::{block, set, strings, time};
use crate::estate::Resource;

/// `aws_autoscaling_group` and what hangs on it.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_autoscaling_group",
        "aws_autoscaling_policy",
        "aws_autoscaling_schedule",
        "aws_autoscaling_lifecycle_hook",
        "aws_autoscaling_notification",
    ],
    calls: &[
        list("autoscaling:DescribeAutoScalingGroups"),
        list("autoscaling:DescribePolicies").yields(&["aws_autoscaling_policy"]),
        list("autoscaling:DescribeScheduledActions").yields(&["aws_autoscaling_schedule"]),
        list("autoscaling:DescribeLifecycleHooks").yields(&["aws_autoscaling_lifecycle_hook"]).absent(&["ValidationError"]),
        list("autoscaling:DescribeNotificationConfigurations").yields(&["aws_autoscaling_notification"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let client = scan.autoscaling();
    let pages = client.describe_auto_scaling_groups().max_records(100).into_paginator().send();
    let groups = scan.list("autoscaling:DescribeAutoScalingGroups", pages, |p| p.auto_scaling_groups.unwrap_or_default()).await;
    // What follows hangs on groups: without one there is nothing to ask for.
    if groups.is_empty() {
        return;
    }
    for g in &groups {
        group(scan, g);
    }
    let pages = client.describe_policies().max_records(100).into_paginator().send();
    for p in scan.list("autoscaling:DescribePolicies", pages, |p| p.scaling_policies.unwrap_or_default()).await {
        policy::emit(scan, &p);
    }
    let pages = client.describe_scheduled_actions().max_records(100).into_paginator().send();
    for a in scan.list("autoscaling:DescribeScheduledActions", pages, |p| p.scheduled_update_group_actions.unwrap_or_default()).await {
        schedule(scan, &a);
    }
    let names = groups.iter().filter_map(|g| g.auto_scaling_group_name().map(str::to_owned));
    scan.each(names, |name| hooks(scan, name)).await;
    let pages = client.describe_notification_configurations().max_records(100).into_paginator().send();
    notifications(
        scan,
        &scan.list("autoscaling:DescribeNotificationConfigurations", pages, |p| p.notification_configurations.unwrap_or_default()).await,
    );
}

fn group(scan: &Scan<'_>, g: &asg::AutoScalingGroup) {
    let Some(name) = g.auto_scaling_group_name() else { return };
    let mut r = scan.resource("aws_autoscaling_group", name);
    r.arn = g.auto_scaling_group_arn().map(str::to_owned);
    r.name = Some(name.into());
    let pairs = g.tags().iter().filter_map(|t| Some((t.key()?.to_owned(), t.value().unwrap_or_default().to_owned())));
    tags::set(&mut r, pairs.collect());
    r.name = Some(name.into());
    let mut tag: Vec<Value> = (g.tags().iter())
        .filter(|t| t.key().is_some_and(|k| !k.starts_with("aws:")))
        .map(|t| json!({ "key": t.key(), "value": t.value().unwrap_or_default(), "propagate_at_launch": t.propagate_at_launch().unwrap_or(false) }))
        .collect();
    tag.sort_by_cached_key(Value::to_string);
    let subnets = g.vpc_zone_identifier().unwrap_or_default().split(',').filter(|s| !s.is_empty());
    // The provider takes just the default policy for none.
    let termination = if g.termination_policies() == ["Default"] { json!([]) } else { strings(g.termination_policies()) };
    r.set("name", name)
        .set("min_size", g.min_size())
        .set("max_size", g.max_size())
        .set("desired_capacity", g.desired_capacity())
        .set("desired_capacity_type", g.desired_capacity_type())
        .set("default_cooldown", g.default_cooldown())
        .set("default_instance_warmup", g.default_instance_warmup())
        .set("health_check_type", g.health_check_type())
        .set("health_check_grace_period", g.health_check_grace_period())
        .set("capacity_rebalance", g.capacity_rebalance())
        .set("context", g.context())
        .set("launch_configuration", g.launch_configuration_name())
        .set("load_balancers", set(g.load_balancer_names()))
        .set("target_group_arns", set(g.target_group_arns()))
        .set("max_instance_lifetime", g.max_instance_lifetime())
        .set("placement_group", g.placement_group())
        .set("protect_from_scale_in", g.new_instances_protected_from_scale_in().unwrap_or(false))
        .set("service_linked_role_arn", g.service_linked_role_arn())
        .set("suspended_processes", set(g.suspended_processes().iter().filter_map(|p| p.process_name())))
        .set("enabled_metrics", set(g.enabled_metrics().iter().filter_map(|m| m.metric())))
        .set("metrics_granularity", g.enabled_metrics().iter().find_map(|m| m.granularity()).unwrap_or("1Minute"))
        .set("termination_policies", termination)
        .set("availability_zones", set(g.availability_zones()))
        .set("vpc_zone_identifier", set(subnets))
        .set("tag", tag);
    blocks(&mut r, g);
    let instances: Vec<Value> = (g.instances().iter())
        .map(|i| {
            json!({
                "id": i.instance_id(),
                "type": i.instance_type(),
                "availability_zone": i.availability_zone(),
                "lifecycle_state": i.lifecycle_state().map(|s| s.as_str()),
                "health": i.health_status(),
                "protected": i.protected_from_scale_in(),
            })
        })
        .collect();
    r.fact("instance_ids", set(g.instances().iter().filter_map(|i| i.instance_id())))
        .fact("instances", instances)
        .fact("created_time", time(g.created_time()))
        .fact("status", g.status())
        .fact("deletion_protection", g.deletion_protection().map(|d| d.as_str()));
    scan.emit(r);
}

fn blocks(r: &mut Resource, g: &asg::AutoScalingGroup) {
    let template =
        g.launch_template().map(|t| json!({ "id": t.launch_template_id(), "name": t.launch_template_name(), "version": t.version() }));
    let mut sources: Vec<Value> = g.traffic_sources().iter().map(|s| json!({ "identifier": s.identifier(), "type": s.r#type() })).collect();
    sources.sort_by_cached_key(Value::to_string);
    let maintenance = g
        .instance_maintenance_policy()
        .map(|p| json!({ "max_healthy_percentage": p.max_healthy_percentage(), "min_healthy_percentage": p.min_healthy_percentage() }));
    let zones = g
        .availability_zone_distribution()
        .map(|d| json!({ "capacity_distribution_strategy": d.capacity_distribution_strategy().map(|s| s.as_str()) }));
    let reservation = g.capacity_reservation_specification().map(|s| {
        let target = s.capacity_reservation_target().map(|t| {
            json!({
                "capacity_reservation_ids": strings(t.capacity_reservation_ids()),
                "capacity_reservation_resource_group_arns": strings(t.capacity_reservation_resource_group_arns()),
            })
        });
        json!({
            "capacity_reservation_preference": s.capacity_reservation_preference().map(|p| p.as_str()),
            "capacity_reservation_target": block(target),
        })
    });
    let pool = g.warm_pool_configuration().map(|w| {
        let reuse = w.instance_reuse_policy().map(|p| json!({ "reuse_on_scale_in": p.reuse_on_scale_in() }));
        json!({
            "instance_reuse_policy": block(reuse),
            "max_group_prepared_capacity": w.max_group_prepared_capacity().unwrap_or(-1),
            "min_size": w.min_size(),
            "pool_state": w.pool_state().map(|s| s.as_str()),
        })
    });
    r.set("launch_template", block(template))
        .set("traffic_source", sources)
        .set("instance_maintenance_policy", block(maintenance))
        .set("availability_zone_distribution", block(zones))
        .set("capacity_reservation_specification", block(reservation))
        .set("warm_pool", block(pool))
        .set("mixed_instances_policy", block(g.mixed_instances_policy().map(mixed)));
}

fn specification(s: &asg::LaunchTemplateSpecification) -> Value {
    json!({ "launch_template_id": s.launch_template_id(), "launch_template_name": s.launch_template_name(), "version": s.version() })
}

fn mixed(p: &asg::MixedInstancesPolicy) -> Value {
    let distribution = p.instances_distribution().map(|d| {
        json!({
            "on_demand_allocation_strategy": d.on_demand_allocation_strategy(),
            "on_demand_base_capacity": d.on_demand_base_capacity(),
            "on_demand_percentage_above_base_capacity": d.on_demand_percentage_above_base_capacity(),
            "spot_allocation_strategy": d.spot_allocation_strategy(),
            "spot_instance_pools": d.spot_instance_pools(),
            "spot_max_price": d.spot_max_price(),
        })
    });
    let template = p.launch_template().map(|t| {
        let overrides: Vec<Value> = (t.overrides().iter())
            .map(|o| {
                json!({
                    "instance_requirements": block(o.instance_requirements().map(|q| instance_requirements!(q))),
                    "instance_type": o.instance_type(),
                    "launch_template_specification": block(o.launch_template_specification().map(specification)),
                    "weighted_capacity": o.weighted_capacity(),
                })
            })
            .collect();
        json!({ "launch_template_specification": block(t.launch_template_specification().map(specification)), "override": overrides })
    });
    json!({ "instances_distribution": block(distribution), "launch_template": block(template) })
}

fn schedule(scan: &Scan<'_>, a: &asg::ScheduledUpdateGroupAction) {
    let (Some(group), Some(name)) = (a.auto_scaling_group_name(), a.scheduled_action_name()) else { return };
    let mut r = scan.resource("aws_autoscaling_schedule", &format!("{group}/{name}"));
    r.arn = a.scheduled_action_arn().map(str::to_owned);
    r.name = Some(name.into());
    r.set("autoscaling_group_name", group)
        .set("scheduled_action_name", name)
        .set("min_size", a.min_size())
        .set("max_size", a.max_size())
        .set("desired_capacity", a.desired_capacity())
        .set("recurrence", a.recurrence())
        .set("time_zone", a.time_zone())
        .set("start_time", time(a.start_time()))
        .set("end_time", time(a.end_time()));
    scan.emit(r);
}

async fn hooks(scan: &Scan<'_>, group: String) {
    let request = scan.autoscaling().describe_lifecycle_hooks().auto_scaling_group_name(&group).send();
    for h in scan.list_once("autoscaling:DescribeLifecycleHooks", request, |a| a.lifecycle_hooks.unwrap_or_default()).await {
        let Some(name) = h.lifecycle_hook_name() else { continue };
        let mut r = scan.resource("aws_autoscaling_lifecycle_hook", &format!("{group}/{name}"));
        r.name = Some(name.into());
        r.set("autoscaling_group_name", group.as_str())
            .set("name", name)
            .set("lifecycle_transition", h.lifecycle_transition())
            .set("default_result", h.default_result())
            .set("heartbeat_timeout", h.heartbeat_timeout())
            .set("notification_metadata", h.notification_metadata())
            .set("notification_target_arn", h.notification_target_arn())
            .set("role_arn", h.role_arn());
        scan.emit(r);
    }
}

/// AWS lists one line per group, topic and event; the provider holds one resource per topic.
fn notifications(scan: &Scan<'_>, all: &[asg::NotificationConfiguration]) {
    let mut topics: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for n in all {
        if let (Some(topic), Some(group), Some(event)) = (n.topic_arn(), n.auto_scaling_group_name(), n.notification_type()) {
            let (groups, events) = topics.entry(topic).or_default();
            groups.insert(group);
            events.insert(event);
        }
    }
    for (topic, (groups, events)) in topics {
        let mut r = scan.resource("aws_autoscaling_notification", topic);
        r.name = topic.rsplit(':').next().map(str::to_owned);
        r.set("topic_arn", topic).set("group_names", set(groups)).set("notifications", set(events));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    fn answer(operation: &str, list: &str, members: &str) -> String {
        format!(
            r#"<{operation}Response xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><{operation}Result><{list}>{members}</{list}></{operation}Result></{operation}Response>"#
        )
    }

    const GROUP: &str = "<member><AutoScalingGroupName>web</AutoScalingGroupName><AutoScalingGroupARN>arn:aws:autoscaling:eu-west-3:123456789012:autoScalingGroup:u:autoScalingGroupName/web</AutoScalingGroupARN>
        <MinSize>1</MinSize><MaxSize>4</MaxSize><DesiredCapacity>2</DesiredCapacity><DefaultCooldown>300</DefaultCooldown><HealthCheckType>ELB</HealthCheckType><HealthCheckGracePeriod>120</HealthCheckGracePeriod>
        <AvailabilityZones><member>eu-west-3b</member><member>eu-west-3a</member></AvailabilityZones><TargetGroupARNs><member>arn:aws:elasticloadbalancing:eu-west-3:123456789012:targetgroup/web/1</member></TargetGroupARNs>
        <VPCZoneIdentifier>subnet-2,subnet-1</VPCZoneIdentifier><TerminationPolicies><member>Default</member></TerminationPolicies><NewInstancesProtectedFromScaleIn>false</NewInstancesProtectedFromScaleIn>
        <ServiceLinkedRoleARN>arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling</ServiceLinkedRoleARN><CreatedTime>2025-01-02T03:04:05Z</CreatedTime>
        <MixedInstancesPolicy><LaunchTemplate><LaunchTemplateSpecification><LaunchTemplateId>lt-1</LaunchTemplateId><LaunchTemplateName>web</LaunchTemplateName><Version>$Latest</Version></LaunchTemplateSpecification>
          <Overrides><member><InstanceType>t3.small</InstanceType><WeightedCapacity>1</WeightedCapacity><LaunchTemplateSpecification><LaunchTemplateId>lt-2</LaunchTemplateId><Version>1</Version></LaunchTemplateSpecification></member>
            <member><InstanceRequirements><VCpuCount><Min>2</Min><Max>4</Max></VCpuCount><MemoryMiB><Min>2048</Min></MemoryMiB><CpuManufacturers><member>intel</member></CpuManufacturers></InstanceRequirements></member></Overrides></LaunchTemplate>
          <InstancesDistribution><OnDemandBaseCapacity>1</OnDemandBaseCapacity><OnDemandPercentageAboveBaseCapacity>20</OnDemandPercentageAboveBaseCapacity><SpotAllocationStrategy>price-capacity-optimized</SpotAllocationStrategy></InstancesDistribution></MixedInstancesPolicy>
        <Instances><member><InstanceId>i-1</InstanceId><InstanceType>t3.small</InstanceType><AvailabilityZone>eu-west-3a</AvailabilityZone><LifecycleState>InService</LifecycleState><HealthStatus>Healthy</HealthStatus></member></Instances>
        <SuspendedProcesses><member><ProcessName>AZRebalance</ProcessName></member></SuspendedProcesses><EnabledMetrics><member><Metric>GroupMinSize</Metric><Granularity>1Minute</Granularity></member></EnabledMetrics>
        <WarmPoolConfiguration><MinSize>1</MinSize><PoolState>Stopped</PoolState><InstanceReusePolicy><ReuseOnScaleIn>true</ReuseOnScaleIn></InstanceReusePolicy></WarmPoolConfiguration>
        <InstanceMaintenancePolicy><MinHealthyPercentage>90</MinHealthyPercentage><MaxHealthyPercentage>120</MaxHealthyPercentage></InstanceMaintenancePolicy>
        <AvailabilityZoneDistribution><CapacityDistributionStrategy>balanced-only</CapacityDistributionStrategy></AvailabilityZoneDistribution>
        <CapacityReservationSpecification><CapacityReservationPreference>default</CapacityReservationPreference><CapacityReservationTarget><CapacityReservationIds><member>cr-1</member></CapacityReservationIds></CapacityReservationTarget></CapacityReservationSpecification>
        <TrafficSources><member><Identifier>arn:aws:elasticloadbalancing:eu-west-3:123456789012:targetgroup/web/1</Identifier><Type>elbv2</Type></member></TrafficSources>
        <Tags><member><Key>env</Key><Value>prod</Value><PropagateAtLaunch>true</PropagateAtLaunch></member><member><Key>aws:cloudformation:stack-name</Key><Value>s</Value><PropagateAtLaunch>true</PropagateAtLaunch></member></Tags></member>";

    #[test]
    fn a_group_with_everything_on_it() {
        let policies = answer(
            "DescribePolicies",
            "ScalingPolicies",
            "<member><AutoScalingGroupName>web</AutoScalingGroupName><PolicyName>cpu</PolicyName><PolicyARN>arn:aws:autoscaling:eu-west-3:123456789012:scalingPolicy:1:autoScalingGroupName/web:policyName/cpu</PolicyARN><PolicyType>TargetTrackingScaling</PolicyType><Enabled>true</Enabled>
              <TargetTrackingConfiguration><PredefinedMetricSpecification><PredefinedMetricType>ASGAverageCPUUtilization</PredefinedMetricType></PredefinedMetricSpecification><TargetValue>60.0</TargetValue></TargetTrackingConfiguration><Alarms><member><AlarmName>TargetTracking-web</AlarmName></member></Alarms></member>
             <member><AutoScalingGroupName>web</AutoScalingGroupName><PolicyName>step</PolicyName><PolicyType>StepScaling</PolicyType><AdjustmentType>ChangeInCapacity</AdjustmentType><MetricAggregationType>Average</MetricAggregationType><EstimatedInstanceWarmup>60</EstimatedInstanceWarmup>
              <StepAdjustments><member><MetricIntervalLowerBound>0.0</MetricIntervalLowerBound><ScalingAdjustment>1</ScalingAdjustment></member></StepAdjustments><Enabled>true</Enabled></member>",
        );
        let schedules = answer(
            "DescribeScheduledActions",
            "ScheduledUpdateGroupActions",
            "<member><AutoScalingGroupName>web</AutoScalingGroupName><ScheduledActionName>night</ScheduledActionName><MinSize>0</MinSize><Recurrence>0 22 * * *</Recurrence><TimeZone>Europe/Paris</TimeZone><StartTime>2026-01-01T22:00:00Z</StartTime></member>",
        );
        let hooks = answer(
            "DescribeLifecycleHooks",
            "LifecycleHooks",
            "<member><LifecycleHookName>drain</LifecycleHookName><AutoScalingGroupName>web</AutoScalingGroupName><LifecycleTransition>autoscaling:EC2_INSTANCE_TERMINATING</LifecycleTransition><HeartbeatTimeout>300</HeartbeatTimeout><DefaultResult>CONTINUE</DefaultResult></member>",
        );
        let notified = answer(
            "DescribeNotificationConfigurations",
            "NotificationConfigurations",
            "<member><AutoScalingGroupName>web</AutoScalingGroupName><TopicARN>arn:aws:sns:eu-west-3:123456789012:ops</TopicARN><NotificationType>autoscaling:EC2_INSTANCE_LAUNCH</NotificationType></member>
             <member><AutoScalingGroupName>web</AutoScalingGroupName><TopicARN>arn:aws:sns:eu-west-3:123456789012:ops</TopicARN><NotificationType>autoscaling:EC2_INSTANCE_TERMINATE</NotificationType></member>",
        );
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("autoscaling:DescribeAutoScalingGroups", 200, &answer("DescribeAutoScalingGroups", "AutoScalingGroups", GROUP)),
                ("autoscaling:DescribePolicies", 200, &policies),
                ("autoscaling:DescribeScheduledActions", 200, &schedules),
                ("autoscaling:DescribeLifecycleHooks", 200, &hooks),
                ("autoscaling:DescribeNotificationConfigurations", 200, &notified),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
        let ids: Vec<&str> = all.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(ids, ["web", "web/drain", "arn:aws:sns:eu-west-3:123456789012:ops", "web/cpu", "web/step", "web/night"]);
        let g = &all[0];
        assert_complete(&all[..1]);
        assert_eq!(g.config["vpc_zone_identifier"], json!(["subnet-1", "subnet-2"]));
        assert_eq!(g.config["termination_policies"], json!([]));
        assert_eq!(g.config["tag"], json!([{ "key": "env", "value": "prod", "propagate_at_launch": true }]));
        assert_eq!(g.tags["env"], "prod");
        let policy = &g.config["mixed_instances_policy"][0];
        assert_eq!(policy["launch_template"][0]["override"][1]["instance_requirements"][0]["vcpu_count"], json!([{ "min": 2, "max": 4 }]));
        assert_eq!(g.facts["instances"][0]["lifecycle_state"], "InService");
        assert_eq!(all[2].config["notifications"].as_array().map(Vec::len), Some(2));
        assert_eq!(all[3].config["target_tracking_configuration"][0]["target_value"], 60.0);
        assert_eq!(
            all[4].config["step_adjustment"],
            json!([{ "metric_interval_lower_bound": "0", "metric_interval_upper_bound": null, "scaling_adjustment": 1 }])
        );
        assert_eq!((all[5].config["min_size"].as_i64(), all[5].config["max_size"].is_null()), (Some(0), true));
    }

    #[test]
    fn without_groups_nothing_else_is_asked() {
        let none = answer("DescribeAutoScalingGroups", "AutoScalingGroups", "");
        let (all, ledger) = collect(&COLLECTOR, &[("autoscaling:DescribeAutoScalingGroups", 200, &none)]);
        assert!(all.is_empty() && ledger.len() == 1 && ledger[0].outcome == Outcome::Done, "{ledger:?}");
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>";
        let (_, ledger) = collect(&COLLECTOR, &[("autoscaling:DescribeAutoScalingGroups", 403, denied)]);
        assert_eq!((ledger[0].outcome, ledger[0].types.len()), (Outcome::Denied, 5));
    }
}
