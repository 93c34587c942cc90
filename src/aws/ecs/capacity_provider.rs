//! Capacity providers of the account's own: autoscaling groups that clusters place tasks on.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::tags;
use crate::aws::value::{items, text};

/// `aws_ecs_capacity_provider`
pub const COLLECTOR: Collector = Collector {
    types: &["aws_ecs_capacity_provider"],
    calls: &[list("ecs:DescribeCapacityProviders")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let input = json!({ "include": ["TAGS"], "maxResults": 100 });
    for p in scan.json_list("ecs:DescribeCapacityProviders", input, "capacityProviders", "nextToken").await {
        let (Some(arn), Some(name)) = (text(&p, "capacityProviderArn"), text(&p, "name")) else { continue };
        let group = &p["autoScalingGroupProvider"];
        // FARGATE and FARGATE_SPOT are there in every account and have no group.
        if !group.is_object() || text(&p, "status") == Some("INACTIVE") {
            continue;
        }
        let mut r = scan.resource("aws_ecs_capacity_provider", name);
        r.arn = Some(arn.into());
        r.name = Some(name.into());
        let pairs =
            items(&p, "tags").iter().filter_map(|t| Some((text(t, "key")?.to_owned(), text(t, "value").unwrap_or_default().to_owned())));
        tags::set(&mut r, pairs.collect());
        let scaling = &group["managedScaling"];
        let scaling = if scaling.is_object() {
            json!([{
                "instance_warmup_period": scaling["instanceWarmupPeriod"],
                "maximum_scaling_step_size": scaling["maximumScalingStepSize"],
                "minimum_scaling_step_size": scaling["minimumScalingStepSize"],
                "status": scaling["status"],
                "target_capacity": scaling["targetCapacity"],
            }])
        } else {
            json!([])
        };
        r.set("name", name).set(
            "auto_scaling_group_provider",
            json!([{
                "auto_scaling_group_arn": group["autoScalingGroupArn"],
                "managed_draining": group["managedDraining"],
                "managed_termination_protection": group["managedTerminationProtection"],
                "managed_scaling": scaling,
            }]),
        );
        r.fact("status", text(&p, "status")).fact("update_status", p.get("updateStatus").cloned().unwrap_or(Value::Null));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};

    #[test]
    fn own_ones_and_not_those_of_aws() {
        let answer = r#"{"capacityProviders":[
            {"capacityProviderArn":"arn:aws:ecs:eu-west-3:123456789012:capacity-provider/FARGATE","name":"FARGATE","status":"ACTIVE","tags":[]},
            {"capacityProviderArn":"arn:aws:ecs:eu-west-3:123456789012:capacity-provider/hosts","name":"hosts","status":"ACTIVE","updateStatus":"UPDATE_COMPLETE",
             "autoScalingGroupProvider":{"autoScalingGroupArn":"arn:aws:autoscaling:eu-west-3:123456789012:autoScalingGroup:u:autoScalingGroupName/hosts",
               "managedScaling":{"status":"ENABLED","targetCapacity":90,"minimumScalingStepSize":1,"maximumScalingStepSize":10000,"instanceWarmupPeriod":300},
               "managedTerminationProtection":"DISABLED","managedDraining":"ENABLED"},"tags":[{"key":"env","value":"prod"}]}]}"#;
        let (all, _) = collect(&COLLECTOR, &[("ecs:DescribeCapacityProviders", 200, answer)]);
        assert_eq!(all.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["hosts"]);
        assert_complete(&all);
        assert_eq!(all[0].config["auto_scaling_group_provider"][0]["managed_scaling"][0]["target_capacity"], 90);
        assert_eq!(all[0].tags["env"], "prod");
    }
}
