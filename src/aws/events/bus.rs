//! EventBridge: buses with their policies, rules and targets.

use serde_json::{Map, Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::shape;
use crate::aws::value::{block, items, json_time, text};
use crate::schema;

/// `aws_cloudwatch_event_bus`, `aws_cloudwatch_event_bus_policy`, `aws_cloudwatch_event_rule`, `aws_cloudwatch_event_target`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_cloudwatch_event_bus", "aws_cloudwatch_event_bus_policy", "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"],
    calls: &[
        list("events:ListEventBuses"),
        detail("events:DescribeEventBus").gone(GONE),
        list("events:ListRules").absent(GONE).yields(&["aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"]),
        list("events:ListTargetsByRule").absent(GONE).yields(&["aws_cloudwatch_event_target"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

const GONE: &[&str] = &["ResourceNotFoundException"];

/// The bus that every account has, whose name is left out of ids.
const DEFAULT: &str = "default";

async fn collect(scan: &Scan<'_>) {
    let buses = scan.json_list("events:ListEventBuses", json!({ "Limit": 100 }), "EventBuses", "NextToken").await;
    scan.each(buses, |bus| one_bus(scan, bus)).await;
}

async fn one_bus(scan: &Scan<'_>, b: Value) {
    let Some(name) = text(&b, "Name") else { return };
    let mut r = scan.resource("aws_cloudwatch_event_bus", name);
    r.arn = text(&b, "Arn").map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    r.set("name", name);
    // A bus of a software vendor is named after its event source.
    r.set("event_source_name", Some(name).filter(|n| n.starts_with("aws.partner/")));
    r.fact("policy", text(&b, "Policy")).fact("created", json_time(&b["CreationTime"])).fact("managed_by", text(&b, "ManagedBy"));
    // The default bus is AWS's to keep, and all that is told of it stands in the listing.
    if name != DEFAULT {
        let unread = ["config.description", "config.kms_key_identifier", "config.dead_letter_config"];
        match scan.json_detail(&mut r, "events:DescribeEventBus", &unread, json!({ "Name": name })).await {
            Detail::Got(answer) => {
                let dead = answer.pointer("/DeadLetterConfig/Arn").and_then(Value::as_str);
                r.set("description", text(&answer, "Description"))
                    .set("kms_key_identifier", text(&answer, "KmsKeyIdentifier"))
                    .set("dead_letter_config", block(dead.map(|arn| json!({ "arn": arn }))));
            }
            Detail::Gone => return,
            Detail::Absent | Detail::Unread => {}
        }
    }
    if let Some(policy) = text(&b, "Policy").filter(|p| !p.is_empty()) {
        let mut p = scan.resource("aws_cloudwatch_event_bus_policy", name);
        p.name = Some(name.into());
        p.set("event_bus_name", name).set("policy", policy);
        scan.emit(p);
    }
    scan.emit(r);
    let rules = scan.json_list("events:ListRules", json!({ "EventBusName": name, "Limit": 100 }), "Rules", "NextToken").await;
    scan.each(rules, |rule| one_rule(scan, name, rule)).await;
}

async fn one_rule(scan: &Scan<'_>, bus: &str, answer: Value) {
    let Some(name) = text(&answer, "Name") else { return };
    let id = if bus == DEFAULT { name.to_owned() } else { format!("{bus}/{name}") };
    let mut r = scan.resource("aws_cloudwatch_event_rule", &id);
    r.arn = text(&answer, "Arn").map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    let keeper = text(&answer, "ManagedBy");
    r.set("name", name)
        .set("description", text(&answer, "Description"))
        .set("event_bus_name", bus)
        .set("event_pattern", text(&answer, "EventPattern"))
        .set("role_arn", text(&answer, "RoleArn"))
        .set("schedule_expression", text(&answer, "ScheduleExpression"))
        .set("state", text(&answer, "State"));
    r.fact("managed_by", keeper);
    scan.emit(r);
    // What AWS services keep is theirs, with its targets.
    if keeper.is_some() {
        return;
    }
    let input = json!({ "Rule": name, "EventBusName": bus, "Limit": 100 });
    for target in scan.json_list("events:ListTargetsByRule", input, "Targets", "NextToken").await {
        one_target(scan, bus, name, &id, target);
    }
}

fn one_target(scan: &Scan<'_>, bus: &str, rule: &str, rule_id: &str, mut t: Value) {
    let Some(id) = text(&t, "Id").map(str::to_owned) else { return };
    let Some(schema) = schema::provider().resource("aws_cloudwatch_event_target") else { return };
    flatten(&mut t);
    let shaped = shape::shape(schema, &t, NAMES, &["Id"]);
    let mut r = scan.resource("aws_cloudwatch_event_target", &format!("{rule_id}/{id}"));
    r.name = Some(rule.into());
    for (argument, value) in shaped.fields {
        r.set(&argument, value);
    }
    r.set("rule", rule).set("event_bus_name", bus).set("target_id", id);
    if !shaped.beyond.is_empty() {
        r.fact("beyond_provider", shaped.beyond);
    }
    scan.emit(r);
}

/// The provider's names where they are not those of the API.
const NAMES: &[(&str, &str)] = &[
    ("AppSyncParameters", "appsync_target"),
    ("GraphQLOperation", "graphql_operation"),
    ("BatchParameters", "batch_target"),
    ("EcsParameters", "ecs_target"),
    ("PlacementStrategy", "ordered_placement_strategy"),
    ("PlacementConstraints", "placement_constraint"),
    ("HttpParameters", "http_target"),
    ("InputPathsMap", "input_paths"),
    ("KinesisParameters", "kinesis_target"),
    ("RedshiftDataParameters", "redshift_target"),
    ("SecretManagerArn", "secrets_manager_arn"),
    ("SageMakerPipelineParameters", "sagemaker_pipeline_target"),
    ("SqsParameters", "sqs_target"),
];

/// Takes out the levels of the API's answer that the provider does not have.
fn flatten(target: &mut Value) {
    if let Some(ecs) = target.get_mut("EcsParameters").and_then(Value::as_object_mut) {
        vpc_configuration(ecs);
        if let Some(tags) = ecs.remove("Tags") {
            let pairs: Map<String, Value> =
                tags.as_array().into_iter().flatten().filter_map(|t| Some((text(t, "Key")?.to_owned(), t["Value"].clone()))).collect();
            ecs.insert("Tags".into(), Value::Object(pairs));
        }
    }
    if let Some(batch) = target.get_mut("BatchParameters").and_then(Value::as_object_mut) {
        for (outer, inner, name) in [("ArrayProperties", "Size", "ArraySize"), ("RetryStrategy", "Attempts", "JobAttempts")] {
            if let Some(value) = batch.remove(outer).and_then(|v| v.get(inner).cloned()) {
                batch.insert(name.into(), value);
            }
        }
    }
    if let Some(commands) = target.as_object_mut().and_then(|t| t.remove("RunCommandParameters")) {
        target["RunCommandTargets"] = Value::Array(items(&commands, "RunCommandTargets").to_vec());
    }
}

/// `NetworkConfiguration.awsvpcConfiguration` as one level, with a switch in place of a word: as both kinds of tasks of EventBridge
/// have it in the provider.
pub(crate) fn vpc_configuration(ecs: &mut Map<String, Value>) {
    let Some(mut inner) = ecs.remove("NetworkConfiguration").and_then(|n| n.get("awsvpcConfiguration").cloned()) else { return };
    if let Some(public) = inner.get("AssignPublicIp").and_then(Value::as_str).map(|p| p == "ENABLED") {
        inner["AssignPublicIp"] = Value::Bool(public);
    }
    ecs.insert("NetworkConfiguration".into(), inner);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    #[test]
    fn buses_rules_and_targets() {
        let answers = [
            (
                "events:ListEventBuses",
                200,
                r#"{"EventBuses":[{"Name":"default","Arn":"arn:aws:events:eu-west-3:123456789012:event-bus/default"},{"Name":"orders","Arn":"arn:aws:events:eu-west-3:123456789012:event-bus/orders","Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[]}","CreationTime":1700000000}]}"#,
            ),
            (
                "events:DescribeEventBus",
                200,
                r#"{"Name":"orders","KmsKeyIdentifier":"k","DeadLetterConfig":{"Arn":"arn:aws:sqs:eu-west-3:123456789012:dead"}}"#,
            ),
            (
                "events:ListRules",
                200,
                r#"{"Rules":[{"Name":"nightly","Arn":"arn:aws:events:eu-west-3:123456789012:rule/nightly","State":"ENABLED","ScheduleExpression":"rate(1 day)","EventBusName":"default"},{"Name":"AutoScalingManagedRule","Arn":"arn:aws:events:eu-west-3:123456789012:rule/AutoScalingManagedRule","State":"ENABLED","ManagedBy":"autoscaling.amazonaws.com","EventBusName":"default"}]}"#,
            ),
            (
                "events:ListRules",
                200,
                r#"{"Rules":[{"Name":"paid","Arn":"arn:aws:events:eu-west-3:123456789012:rule/orders/paid","State":"DISABLED","EventPattern":"{\"source\":[\"shop\"]}","EventBusName":"orders"}]}"#,
            ),
            (
                "events:ListTargetsByRule",
                200,
                r#"{"Targets":[{"Id":"t1","Arn":"arn:aws:ecs:eu-west-3:123456789012:cluster/c","RoleArn":"arn:aws:iam::123456789012:role/r","EcsParameters":{"TaskDefinitionArn":"arn:aws:ecs:eu-west-3:123456789012:task-definition/t:1","TaskCount":2,"LaunchType":"FARGATE","NetworkConfiguration":{"awsvpcConfiguration":{"Subnets":["subnet-b","subnet-a"],"SecurityGroups":["sg-1"],"AssignPublicIp":"ENABLED"}},"EnableECSManagedTags":true,"PlacementConstraints":[{"type":"distinctInstance"}],"CapacityProviderStrategy":[{"capacityProvider":"FARGATE_SPOT","weight":1}]},"InputTransformer":{"InputPathsMap":{"id":"$.id"},"InputTemplate":"{\"x\":<id>}"},"RetryPolicy":{"MaximumRetryAttempts":3,"MaximumEventAgeInSeconds":600},"DeadLetterConfig":{"Arn":"arn:aws:sqs:eu-west-3:123456789012:dead"}},{"Id":"t2","Arn":"arn:aws:batch:eu-west-3:123456789012:job-queue/q","BatchParameters":{"JobDefinition":"d","JobName":"n","ArrayProperties":{"Size":4},"RetryStrategy":{"Attempts":2}}}]}"#,
            ),
            (
                "events:ListTargetsByRule",
                200,
                r#"{"Targets":[{"Id":"t3","Arn":"arn:aws:sqs:eu-west-3:123456789012:q.fifo","SqsParameters":{"MessageGroupId":"g"},"HttpParameters":{"PathParameterValues":["p"],"HeaderParameters":{"h":"v"}}}]}"#,
            ),
        ];
        let (all, ledger) = collect(&COLLECTOR, &answers);
        assert!(ledger.iter().all(|e| e.outcome.is_complete()), "{ledger:?}");
        assert_eq!(ledger.iter().find(|e| e.call == "events:ListTargetsByRule").unwrap().requests, 2, "rules that AWS keeps are not asked");
        let get = |kind: &str, id: &str| all.iter().find(|r| r.kind == kind && r.id == id).unwrap_or_else(|| panic!("no {kind} {id}"));
        assert_eq!(get("aws_cloudwatch_event_rule", "orders/paid").str("config.event_bus_name"), Some("orders"));
        assert_eq!(
            get("aws_cloudwatch_event_bus", "orders").str("config.dead_letter_config.0.arn"),
            Some("arn:aws:sqs:eu-west-3:123456789012:dead")
        );
        get("aws_cloudwatch_event_bus_policy", "orders");
        let task = get("aws_cloudwatch_event_target", "nightly/t1");
        let ecs = &task.config["ecs_target"][0];
        assert_eq!(
            ecs["network_configuration"],
            json!([{ "subnets": ["subnet-a", "subnet-b"], "security_groups": ["sg-1"], "assign_public_ip": true }])
        );
        assert_eq!((&ecs["enable_ecs_managed_tags"], &ecs["placement_constraint"][0]["type"]), (&json!(true), &json!("distinctInstance")));
        assert_eq!(ecs["capacity_provider_strategy"][0]["capacity_provider"], "FARGATE_SPOT");
        assert_eq!(task.config["input_transformer"][0]["input_paths"]["id"], "$.id");
        let batch = get("aws_cloudwatch_event_target", "nightly/t2");
        assert_eq!(batch.config["batch_target"], json!([{ "array_size": 4, "job_attempts": 2, "job_definition": "d", "job_name": "n" }]));
        let queue = get("aws_cloudwatch_event_target", "orders/paid/t3");
        assert_eq!(
            (queue.str("config.sqs_target.0.message_group_id"), queue.str("config.http_target.0.header_parameters.h")),
            (Some("g"), Some("v"))
        );
        assert!(all.iter().all(|r| !r.facts.contains_key("beyond_provider")), "{all:?}");
    }

    #[test]
    fn a_refused_listing_of_targets_concerns_targets_only() {
        let answers = [
            ("events:ListEventBuses", 200, r#"{"EventBuses":[{"Name":"default","Arn":"a"}]}"#),
            ("events:ListRules", 200, r#"{"Rules":[{"Name":"nightly","Arn":"r","State":"ENABLED"}]}"#),
            ("events:ListTargetsByRule", 400, r#"{"__type":"AccessDeniedException"}"#),
        ];
        let (all, ledger) = collect(&COLLECTOR, &answers);
        assert_eq!(all.len(), 2);
        let gap = ledger.iter().find(|e| e.outcome == Outcome::Denied).unwrap();
        assert_eq!(gap.types, ["aws_cloudwatch_event_target"]);
    }
}
