//! CodeDeploy: applications, deployment groups, and the configurations that people made.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::shape;
use crate::aws::value::{items, json_time, text};
use crate::schema;

/// `aws_codedeploy_app`, `aws_codedeploy_deployment_group`, `aws_codedeploy_deployment_config`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_codedeploy_app", "aws_codedeploy_deployment_group", "aws_codedeploy_deployment_config"],
    calls: &[
        list("codedeploy:ListApplications").yields(APPLICATIONS),
        list("codedeploy:BatchGetApplications").yields(APPLICATIONS),
        list("codedeploy:ListDeploymentGroups").absent(GONE).yields(&["aws_codedeploy_deployment_group"]),
        list("codedeploy:BatchGetDeploymentGroups").absent(GONE).yields(&["aws_codedeploy_deployment_group"]),
        list("codedeploy:ListDeploymentConfigs").yields(&["aws_codedeploy_deployment_config"]),
        detail("codedeploy:GetDeploymentConfig").gone(&["DeploymentConfigDoesNotExistException"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

const APPLICATIONS: &[&str] = &["aws_codedeploy_app", "aws_codedeploy_deployment_group"];
const GONE: &[&str] = &["ApplicationDoesNotExistException"];

/// How many names a batch call takes (API reference of BatchGetApplications and BatchGetDeploymentGroups).
const BATCH: usize = 100;

async fn collect(scan: &Scan<'_>) {
    let names = scan.json_list("codedeploy:ListApplications", json!({}), "applications", "nextToken").await;
    let mut found = Vec::new();
    for batch in names.chunks(BATCH) {
        let input = json!({ "applicationNames": batch });
        found.extend(scan.json_list("codedeploy:BatchGetApplications", input, "applicationsInfo", "nextToken").await);
    }
    scan.each(found, |application| one(scan, application)).await;
    for name in scan.json_list("codedeploy:ListDeploymentConfigs", json!({}), "deploymentConfigsList", "nextToken").await {
        // The predefined ones, which every account has.
        if let Some(name) = name.as_str().filter(|n| !n.starts_with("CodeDeployDefault.")) {
            one_config(scan, name).await;
        }
    }
}

async fn one(scan: &Scan<'_>, answer: Value) {
    let Some(name) = text(&answer, "applicationName") else { return };
    let mut r = scan.resource("aws_codedeploy_app", name);
    r.arn = Some(scan.arn("codedeploy", &format!("application:{name}")));
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    r.set("name", name).set("compute_platform", text(&answer, "computePlatform").unwrap_or("Server"));
    r.fact("own_id", text(&answer, "applicationId"))
        .fact("create_time", json_time(&answer["createTime"]))
        .fact("linked_to_github", answer["linkedToGitHub"].as_bool().unwrap_or(false));
    scan.emit(r);
    let groups =
        scan.json_list("codedeploy:ListDeploymentGroups", json!({ "applicationName": name }), "deploymentGroups", "nextToken").await;
    for batch in groups.chunks(BATCH) {
        let input = json!({ "applicationName": name, "deploymentGroupNames": batch });
        for group in scan.json_list("codedeploy:BatchGetDeploymentGroups", input, "deploymentGroupsInfo", "nextToken").await {
            one_group(scan, name, group).await;
        }
    }
}

/// The provider's names where they are not those of the API.
const NAMES: &[(&str, &str)] = &[
    ("autoScalingGroups", "autoscaling_groups"),
    ("blueGreenDeploymentConfiguration", "blue_green_deployment_config"),
    ("elbInfoList", "elb_info"),
    ("targetGroupInfoList", "target_group_info"),
    ("targetGroupPairInfoList", "target_group_pair_info"),
    ("canaryInterval", "interval"),
    ("canaryPercentage", "percentage"),
    ("linearInterval", "interval"),
    ("linearPercentage", "percentage"),
];

async fn one_group(scan: &Scan<'_>, application: &str, mut answer: Value) {
    let Some(name) = text(&answer, "deploymentGroupName").map(str::to_owned) else { return };
    let Some(known) = schema::provider().resource("aws_codedeploy_deployment_group") else { return };
    let mut r = scan.resource("aws_codedeploy_deployment_group", &format!("{application}:{name}"));
    r.arn = Some(scan.arn("codedeploy", &format!("deploymentgroup:{application}/{name}")));
    scan.bulk_tags(&mut r).await;
    r.name = Some(format!("{application} {name}"));
    r.fact("own_id", text(&answer, "deploymentGroupId"))
        .fact("compute_platform", text(&answer, "computePlatform"))
        .fact("last_status", answer.pointer("/lastAttemptedDeployment/status").and_then(Value::as_str))
        .fact("last_success", json_time(&answer["lastSuccessfulDeployment"]["endTime"]));
    for list in ["/autoScalingGroups", "/alarmConfiguration/alarms"] {
        for item in answer.pointer_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            *item = item["name"].take();
        }
    }
    let sets: Vec<Value> =
        answer.get("ec2TagSet").map_or(&[][..], |s| items(s, "ec2TagSetList")).iter().map(|f| json!({ "ec2TagFilters": f })).collect();
    answer["ec2TagSet"] = Value::Array(sets);
    let ignored = [
        "applicationName",
        "deploymentGroupId",
        "computePlatform",
        "targetRevision",
        "lastSuccessfulDeployment",
        "lastAttemptedDeployment",
        // Empty unless on-premises machines are grouped, which the provider cannot say.
        "onPremisesTagSet",
    ];
    let shaped = shape::shape(known, &answer, NAMES, &ignored);
    // AWS answers empty objects for what is not set.
    let nothing = json!([{}]);
    for (argument, value) in shaped.fields.into_iter().filter(|(_, v)| *v != nothing) {
        r.set(&argument, value);
    }
    r.set("app_name", application).set("deployment_group_name", name);
    if !shaped.beyond.is_empty() {
        r.fact("beyond_provider", shaped.beyond);
    }
    scan.emit(r);
}

async fn one_config(scan: &Scan<'_>, name: &str) {
    let Some(known) = schema::provider().resource("aws_codedeploy_deployment_config") else { return };
    let mut r = scan.resource("aws_codedeploy_deployment_config", name);
    r.arn = Some(scan.arn("codedeploy", &format!("deploymentconfig:{name}")));
    r.name = Some(name.into());
    r.set("deployment_config_name", name);
    let unread = ["config.compute_platform", "config.minimum_healthy_hosts", "config.traffic_routing_config", "config.zonal_config"];
    match scan.json_detail(&mut r, "codedeploy:GetDeploymentConfig", &unread, json!({ "deploymentConfigName": name })).await {
        Detail::Got(answer) => {
            let ignored = ["deploymentConfigId", "deploymentConfigName", "createTime"];
            for (argument, value) in shape::shape(known, &answer["deploymentConfigInfo"], NAMES, &ignored).fields {
                r.set(&argument, value);
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
    use crate::estate::Outcome;

    #[test]
    fn an_application_with_a_blue_green_group() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("codedeploy:ListApplications", 200, r#"{"applications":["shop"]}"#),
                (
                    "codedeploy:BatchGetApplications",
                    200,
                    r#"{"applicationsInfo":[{"applicationId":"a-1","applicationName":"shop","createTime":1700000000,"linkedToGitHub":false,"computePlatform":"ECS"}]}"#,
                ),
                ("codedeploy:ListDeploymentGroups", 200, r#"{"applicationName":"shop","deploymentGroups":["live"]}"#),
                (
                    "codedeploy:BatchGetDeploymentGroups",
                    200,
                    r#"{"deploymentGroupsInfo":[{"applicationName":"shop","deploymentGroupId":"g-1","deploymentGroupName":"live","deploymentConfigName":"CodeDeployDefault.ECSAllAtOnce","ec2TagFilters":[],"onPremisesInstanceTagFilters":[],"autoScalingGroups":[{"name":"asg","hook":"h"}],"serviceRoleArn":"arn:aws:iam::123456789012:role/d","triggerConfigurations":[{"triggerName":"t","triggerTargetArn":"arn:aws:sns:eu-west-3:123456789012:ops","triggerEvents":["DeploymentFailure"]}],"alarmConfiguration":{"enabled":true,"ignorePollAlarmFailure":false,"alarms":[{"name":"errors"}]},"autoRollbackConfiguration":{"enabled":true,"events":["DEPLOYMENT_FAILURE"]},"deploymentStyle":{"deploymentType":"BLUE_GREEN","deploymentOption":"WITH_TRAFFIC_CONTROL"},"outdatedInstancesStrategy":"UPDATE","blueGreenDeploymentConfiguration":{"terminateBlueInstancesOnDeploymentSuccess":{"action":"TERMINATE","terminationWaitTimeInMinutes":5},"deploymentReadyOption":{"actionOnTimeout":"CONTINUE_DEPLOYMENT","waitTimeInMinutes":0}},"loadBalancerInfo":{"targetGroupPairInfoList":[{"targetGroups":[{"name":"blue"},{"name":"green"}],"prodTrafficRoute":{"listenerArns":["l-1"]}}]},"ec2TagSet":{"ec2TagSetList":[[{"Key":"role","Value":"web","Type":"KEY_AND_VALUE"}]]},"computePlatform":"ECS","ecsServices":[{"serviceName":"s","clusterName":"c"}],"terminationHookEnabled":false,"lastAttemptedDeployment":{"status":"Failed"}}]}"#,
                ),
                ("codedeploy:ListDeploymentConfigs", 200, r#"{"deploymentConfigsList":["CodeDeployDefault.OneAtATime","slow"]}"#),
                (
                    "codedeploy:GetDeploymentConfig",
                    200,
                    r#"{"deploymentConfigInfo":{"deploymentConfigId":"c-1","deploymentConfigName":"slow","computePlatform":"Lambda","trafficRoutingConfig":{"type":"TimeBasedCanary","timeBasedCanary":{"canaryPercentage":10,"canaryInterval":5}}}}"#,
                ),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome.is_complete()), "{ledger:?}");
        assert_eq!(ledger.iter().find(|e| e.call == "codedeploy:GetDeploymentConfig").unwrap().requests, 1, "AWS's own are not asked");
        let group = all.iter().find(|r| r.id == "shop:live").unwrap();
        assert!(!group.facts.contains_key("beyond_provider"), "{:?}", group.facts);
        assert_eq!((group.str("facts.own_id"), group.str("facts.last_status")), (Some("g-1"), Some("Failed")));
        assert_eq!(group.config["autoscaling_groups"], json!(["asg"]));
        assert_eq!(group.config["alarm_configuration"][0]["alarms"], json!(["errors"]));
        assert_eq!(group.config["load_balancer_info"][0]["target_group_pair_info"][0]["target_group"][1]["name"], "green");
        assert_eq!(group.config["ec2_tag_set"][0]["ec2_tag_filter"][0]["value"], "web");
        assert_eq!(group.config["ecs_service"], json!([{ "service_name": "s", "cluster_name": "c" }]));
        let slow = all.iter().find(|r| r.id == "slow").unwrap();
        assert_eq!(slow.config["traffic_routing_config"][0]["time_based_canary"], json!([{ "percentage": 10, "interval": 5 }]));
    }

    #[test]
    fn refused_groups_leave_the_application() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("codedeploy:ListApplications", 200, r#"{"applications":["shop"]}"#),
                (
                    "codedeploy:BatchGetApplications",
                    200,
                    r#"{"applicationsInfo":[{"applicationId":"a-1","applicationName":"shop","computePlatform":"ECS"}]}"#,
                ),
                ("codedeploy:ListDeploymentGroups", 400, r#"{"__type":"AccessDeniedException"}"#),
                ("codedeploy:ListDeploymentConfigs", 200, r#"{"deploymentConfigsList":[]}"#),
            ],
        );
        assert_eq!(all.len(), 1);
        let gap = ledger.iter().find(|e| e.outcome == Outcome::Denied).unwrap();
        assert_eq!(gap.types, ["aws_codedeploy_deployment_group"]);
    }
}
