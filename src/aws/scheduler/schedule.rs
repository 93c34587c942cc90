//! EventBridge Scheduler.

use serde_json::Value;

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::events::bus::vpc_configuration;
use crate::aws::scan::{Detail, Scan, encode};
use crate::aws::shape;
use crate::aws::value::{json_time, text};
use crate::schema;

/// `aws_scheduler_schedule_group`, `aws_scheduler_schedule`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_scheduler_schedule_group", "aws_scheduler_schedule"],
    calls: &[
        list("scheduler:ListScheduleGroups").yields(&["aws_scheduler_schedule_group"]),
        list("scheduler:ListSchedules").yields(&["aws_scheduler_schedule"]),
        detail("scheduler:GetSchedule").gone(&["ResourceNotFoundException"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let path = "/schedule-groups?MaxResults=100";
    for group in scan.rest_list("scheduler:ListScheduleGroups", path, "ScheduleGroups", "NextToken", "NextToken").await {
        let Some(name) = text(&group, "Name") else { continue };
        let mut r = scan.resource("aws_scheduler_schedule_group", name);
        r.arn = text(&group, "Arn").map(str::to_owned);
        scan.bulk_tags(&mut r).await;
        r.name = Some(name.into());
        r.set("name", name);
        r.fact("state", text(&group, "State")).fact("creation_date", json_time(&group["CreationDate"]));
        scan.emit(r);
    }
    let schedules = scan.rest_list("scheduler:ListSchedules", "/schedules?MaxResults=100", "Schedules", "NextToken", "NextToken").await;
    scan.each(schedules, |schedule| one(scan, schedule)).await;
}

/// The provider's names where they are not those of the API.
const NAMES: &[(&str, &str)] = &[
    ("EventBridgeParameters", "eventbridge_parameters"),
    ("SageMakerPipelineParameters", "sagemaker_pipeline_parameters"),
    ("PipelineParameterList", "pipeline_parameter"),
];

async fn one(scan: &Scan<'_>, listed: Value) {
    let (Some(name), Some(group)) = (text(&listed, "Name"), text(&listed, "GroupName")) else { return };
    let Some(schema) = schema::provider().resource("aws_scheduler_schedule") else { return };
    let mut r = scan.resource("aws_scheduler_schedule", &format!("{group}/{name}"));
    r.arn = text(&listed, "Arn").map(str::to_owned);
    r.name = Some(name.into());
    r.set("name", name).set("group_name", group).set("state", text(&listed, "State"));
    r.fact("creation_date", json_time(&listed["CreationDate"]));
    let unread = [
        "config.description",
        "config.end_date",
        "config.flexible_time_window",
        "config.kms_key_arn",
        "config.schedule_expression",
        "config.schedule_expression_timezone",
        "config.start_date",
        "config.target",
        "facts.action_after_completion",
    ];
    let path = format!("/schedules/{}?groupName={}", encode(name), encode(group));
    match scan.rest_detail(&mut r, "scheduler:GetSchedule", &unread, &path).await {
        Detail::Got(mut answer) => {
            r.fact("action_after_completion", text(&answer, "ActionAfterCompletion"));
            for date in ["StartDate", "EndDate"] {
                if !answer[date].is_null() {
                    answer[date] = json_time(&answer[date]);
                }
            }
            if let Some(ecs) = answer.pointer_mut("/Target/EcsParameters").and_then(Value::as_object_mut) {
                vpc_configuration(ecs);
                // Lists of maps that the provider knows as maps; it cannot set them on a schedule.
                ecs.remove("Tags");
            }
            let ignored = ["Arn", "CreationDate", "LastModificationDate", "ActionAfterCompletion", "Name", "GroupName", "State"];
            let shaped = shape::shape(schema, &answer, NAMES, &ignored);
            for (argument, value) in shaped.fields {
                r.set(&argument, value);
            }
            if !shaped.beyond.is_empty() {
                r.fact("beyond_provider", shaped.beyond);
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
    use serde_json::json;

    const GROUPS: &str = r#"{"ScheduleGroups":[{"Name":"default","Arn":"arn:aws:scheduler:eu-west-3:123456789012:schedule-group/default","State":"ACTIVE"},{"Name":"ops","Arn":"arn:aws:scheduler:eu-west-3:123456789012:schedule-group/ops","State":"ACTIVE","CreationDate":1700000000}]}"#;
    const LISTED: &str = r#"{"Schedules":[{"Name":"nightly","GroupName":"ops","Arn":"arn:aws:scheduler:eu-west-3:123456789012:schedule/ops/nightly","State":"ENABLED","Target":{"Arn":"a"}}]}"#;

    #[test]
    fn a_task_every_night() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("scheduler:ListScheduleGroups", 200, GROUPS),
                ("scheduler:ListSchedules", 200, LISTED),
                (
                    "scheduler:GetSchedule",
                    200,
                    r#"{"Name":"nightly","GroupName":"ops","Arn":"x","State":"ENABLED","ActionAfterCompletion":"NONE","ScheduleExpression":"cron(0 3 * * ? *)","ScheduleExpressionTimezone":"Europe/Paris","StartDate":1700000000,"FlexibleTimeWindow":{"Mode":"FLEXIBLE","MaximumWindowInMinutes":15},"Target":{"Arn":"arn:aws:ecs:eu-west-3:123456789012:cluster/c","RoleArn":"arn:aws:iam::123456789012:role/r","Input":"{}","RetryPolicy":{"MaximumEventAgeInSeconds":86400,"MaximumRetryAttempts":185},"EcsParameters":{"TaskDefinitionArn":"t","LaunchType":"FARGATE","NetworkConfiguration":{"awsvpcConfiguration":{"Subnets":["subnet-1"],"AssignPublicIp":"DISABLED"}},"PlacementStrategy":[{"type":"spread","field":"host"}]},"SageMakerPipelineParameters":{"PipelineParameterList":[{"Name":"n","Value":"v"}]}}}"#,
                ),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome.is_complete()), "{ledger:?}");
        assert_eq!(all.iter().filter(|r| r.kind == "aws_scheduler_schedule_group").count(), 2);
        let schedule = all.iter().find(|r| r.id == "ops/nightly").unwrap();
        assert_eq!(schedule.str("config.start_date"), Some("2023-11-14T22:13:20Z"));
        assert_eq!(schedule.config["flexible_time_window"], json!([{ "mode": "FLEXIBLE", "maximum_window_in_minutes": 15 }]));
        let target = &schedule.config["target"][0];
        assert_eq!(target["ecs_parameters"][0]["network_configuration"], json!([{ "subnets": ["subnet-1"], "assign_public_ip": false }]));
        assert_eq!(target["sagemaker_pipeline_parameters"][0]["pipeline_parameter"][0]["name"], "n");
        assert!(!schedule.facts.contains_key("beyond_provider"), "{schedule:?}");
    }

    #[test]
    fn refusals() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("scheduler:ListScheduleGroups", 403, r#"{"Message":"no"}"#),
                ("scheduler:ListSchedules", 200, LISTED),
                ("scheduler:GetSchedule", 403, r#"{"Message":"no"}"#),
            ],
        );
        assert_eq!(all.len(), 1);
        assert!(all[0].unread.contains_key("config.target"));
        let gap = ledger.iter().find(|e| e.call == "scheduler:ListScheduleGroups").unwrap();
        assert_eq!((gap.outcome, gap.types.as_slice()), (Outcome::Denied, ["aws_scheduler_schedule_group".to_owned()].as_slice()));
    }
}
