//! Maintenance windows with what they run and on which machines.

use serde_json::{Map, Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{items, strings, text};

const WINDOWS: &str = "ssm:DescribeMaintenanceWindows";
const WINDOW: &str = "ssm:GetMaintenanceWindow";
const TARGETS: &str = "ssm:DescribeMaintenanceWindowTargets";
const TASKS: &str = "ssm:DescribeMaintenanceWindowTasks";
const TASK: &str = "ssm:GetMaintenanceWindowTask";

/// What AWS answers for a window that is no more.
const GONE: &[&str] = &["DoesNotExistException"];

/// `aws_ssm_maintenance_window` with its targets and tasks.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_ssm_maintenance_window", "aws_ssm_maintenance_window_target", "aws_ssm_maintenance_window_task"],
    calls: &[
        list(WINDOWS),
        list(TARGETS).yields(&["aws_ssm_maintenance_window_target"]).absent(GONE),
        list(TASKS).yields(&["aws_ssm_maintenance_window_task"]).absent(GONE),
        detail(WINDOW).gone(GONE),
        detail(TASK).gone(GONE),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let windows = scan.json_list(WINDOWS, json!({ "MaxResults": 50 }), "WindowIdentities", "NextToken").await;
    scan.each(windows, |window| one(scan, window)).await;
}

async fn one(scan: &Scan<'_>, window: Value) {
    let Some(id) = text(&window, "WindowId") else { return };
    let mut r = scan.resource("aws_ssm_maintenance_window", id);
    r.arn = Some(scan.arn("ssm", &format!("maintenancewindow/{id}")));
    scan.bulk_tags(&mut r).await;
    let name = text(&window, "Name").map(str::to_owned);
    r.name.clone_from(&name);
    r.set("name", name.clone())
        .set("description", text(&window, "Description"))
        .set("schedule", text(&window, "Schedule"))
        .set("schedule_timezone", text(&window, "ScheduleTimezone"))
        .set("schedule_offset", window["ScheduleOffset"].as_i64())
        .set("duration", window["Duration"].as_i64())
        .set("cutoff", window["Cutoff"].as_i64())
        .set("enabled", window["Enabled"].as_bool())
        .set("start_date", text(&window, "StartDate"))
        .set("end_date", text(&window, "EndDate"));
    r.fact("next_execution", text(&window, "NextExecutionTime"));
    match scan.json_detail(&mut r, WINDOW, &["config.allow_unassociated_targets"], json!({ "WindowId": id })).await {
        Detail::Got(w) => {
            r.set("allow_unassociated_targets", w["AllowUnassociatedTargets"].as_bool());
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
    for t in scan.json_list(TARGETS, json!({ "WindowId": id, "MaxResults": 100 }), "Targets", "NextToken").await {
        let Some(target) = text(&t, "WindowTargetId") else { continue };
        let mut r = scan.resource("aws_ssm_maintenance_window_target", &format!("{id}/{target}"));
        r.name = text(&t, "Name").map(str::to_owned).or_else(|| name.clone());
        r.set("window_id", id)
            .set("name", text(&t, "Name"))
            .set("description", text(&t, "Description"))
            .set("resource_type", text(&t, "ResourceType"))
            .set("owner_information", text(&t, "OwnerInformation"))
            .set("targets", targets(&t));
        r.fact("window_target_id", target);
        scan.emit(r);
    }
    let tasks = scan.json_list(TASKS, json!({ "WindowId": id, "MaxResults": 100 }), "Tasks", "NextToken").await;
    scan.each(tasks, |t| task(scan, id, t, name.clone())).await;
}

fn targets(of: &Value) -> Vec<Value> {
    items(of, "Targets")
        .iter()
        .map(|t| json!({ "key": t["Key"], "values": strings(items(t, "Values").iter().filter_map(Value::as_str)) }))
        .collect()
}

async fn task(scan: &Scan<'_>, window: &str, t: Value, name: Option<String>) {
    let Some(id) = text(&t, "WindowTaskId") else { return };
    let mut r = scan.resource("aws_ssm_maintenance_window_task", &format!("{window}/{id}"));
    r.name = text(&t, "Name").map(str::to_owned).or(name);
    r.set("window_id", window)
        .set("name", text(&t, "Name"))
        .set("description", text(&t, "Description"))
        .set("task_arn", text(&t, "TaskArn"))
        .set("task_type", text(&t, "Type"))
        .set("service_role_arn", text(&t, "ServiceRoleArn"))
        .set("priority", t["Priority"].as_i64())
        .set("max_concurrency", text(&t, "MaxConcurrency"))
        .set("max_errors", text(&t, "MaxErrors"))
        .set("cutoff_behavior", text(&t, "CutoffBehavior"))
        .set("targets", targets(&t));
    let input = json!({ "WindowId": window, "WindowTaskId": id });
    match scan.json_detail(&mut r, TASK, &["config.task_invocation_parameters"], input).await {
        Detail::Got(t) => {
            r.set("task_invocation_parameters", t.get("TaskInvocationParameters").map_or_else(|| json!([]), invocation));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

/// What a task is called with. Payloads and inputs are opaque texts, answered in base64; what is in them is not taken over.
fn invocation(p: &Value) -> Value {
    let parameters = |of: &Value| -> Vec<Value> {
        let mut all: Vec<Value> = of
            .get("Parameters")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, values)| json!({ "name": name, "values": values }))
            .collect();
        all.sort_by_key(Value::to_string);
        all
    };
    let mut out = Map::new();
    if let Some(a) = p.get("Automation").filter(|v| v.is_object()) {
        out.insert("automation_parameters".into(), json!([{ "document_version": a["DocumentVersion"], "parameter": parameters(a) }]));
    }
    if let Some(l) = p.get("Lambda").filter(|v| v.is_object()) {
        out.insert("lambda_parameters".into(), json!([{ "client_context": l["ClientContext"], "qualifier": l["Qualifier"] }]));
    }
    if let Some(s) = p.get("StepFunctions").filter(|v| v.is_object()) {
        out.insert("step_functions_parameters".into(), json!([{ "name": s["Name"] }]));
    }
    if let Some(c) = p.get("RunCommand").filter(|v| v.is_object()) {
        let logs = c.get("CloudWatchOutputConfig").filter(|v| v.is_object()).map(|l| {
            json!({ "cloudwatch_log_group_name": l["CloudWatchLogGroupName"], "cloudwatch_output_enabled": l["CloudWatchOutputEnabled"] })
        });
        let notes = c.get("NotificationConfig").filter(|v| v.is_object()).map(|n| {
            json!({ "notification_arn": n["NotificationArn"], "notification_events": n["NotificationEvents"], "notification_type": n["NotificationType"] })
        });
        out.insert(
            "run_command_parameters".into(),
            json!([{
                "comment": c["Comment"], "document_hash": c["DocumentHash"], "document_hash_type": c["DocumentHashType"],
                "document_version": c["DocumentVersion"], "output_s3_bucket": c["OutputS3BucketName"], "output_s3_key_prefix": c["OutputS3KeyPrefix"],
                "service_role_arn": c["ServiceRoleArn"], "timeout_seconds": c["TimeoutSeconds"], "parameter": parameters(c),
                "cloudwatch_config": crate::aws::value::block(logs), "notification_config": crate::aws::value::block(notes),
            }]),
        );
    }
    if out.is_empty() { json!([]) } else { json!([out]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    const LISTED: &str = r#"{"WindowIdentities":[{"WindowId":"mw-1","Name":"patching","Enabled":true,"Duration":3,"Cutoff":1,"Schedule":"cron(0 3 ? * SUN *)","ScheduleTimezone":"Europe/Paris"}]}"#;

    #[test]
    fn a_window_with_targets_and_a_task() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                (WINDOWS, 200, LISTED),
                (WINDOW, 200, r#"{"WindowId":"mw-1","AllowUnassociatedTargets":false}"#),
                (
                    TARGETS,
                    200,
                    r#"{"Targets":[{"WindowId":"mw-1","WindowTargetId":"t-1","ResourceType":"INSTANCE","Targets":[{"Key":"tag:Patch","Values":["yes"]}]}]}"#,
                ),
                (
                    TASKS,
                    200,
                    r#"{"Tasks":[{"WindowId":"mw-1","WindowTaskId":"k-1","TaskArn":"AWS-RunPatchBaseline","Type":"RUN_COMMAND","Priority":1,"MaxConcurrency":"2","MaxErrors":"1","Targets":[{"Key":"WindowTargetIds","Values":["t-1"]}]}]}"#,
                ),
                (TASK, 200, r#"{"TaskInvocationParameters":{"RunCommand":{"Parameters":{"Operation":["Install"]},"TimeoutSeconds":600}}}"#),
            ],
        );
        let get = |id: &str| all.iter().find(|r| r.id == id).unwrap();
        assert_eq!(get("mw-1").config["allow_unassociated_targets"], false);
        assert_eq!(get("mw-1/t-1").config["targets"], json!([{ "key": "tag:Patch", "values": ["yes"] }]));
        let run = &get("mw-1/k-1").config["task_invocation_parameters"][0]["run_command_parameters"][0];
        assert_eq!((&run["timeout_seconds"], &run["parameter"][0]["values"]), (&json!(600), &json!(["Install"])));
    }

    #[test]
    fn refusals() {
        let denied = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let (all, ledger) =
            collect(&COLLECTOR, &[(WINDOWS, 200, LISTED), (WINDOW, 400, denied), (TARGETS, 400, denied), (TASKS, 400, denied)]);
        assert!(all[0].unread.contains_key("config.allow_unassociated_targets"));
        assert_eq!(ledger.iter().filter(|e| e.outcome == Outcome::Denied).count(), 3);
        let (all, ledger) = collect(&COLLECTOR, &[(WINDOWS, 400, denied)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Denied);
    }
}
