//! Backup: plans with rules and selections, which of their jobs did not succeed, and what is really backed up.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan, encode};
use crate::aws::value::{items, json_time, set, text};

/// `aws_backup_plan`, `aws_backup_selection`, `aws_backup_region_settings`, `x_backup_protected_resource`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_backup_plan", "aws_backup_selection", "aws_backup_region_settings", "x_backup_protected_resource"],
    calls: &[
        list("backup:ListBackupPlans").yields(&["aws_backup_plan", "aws_backup_selection"]),
        detail("backup:GetBackupPlan").gone(&["ResourceNotFoundException"]),
        list("backup:ListBackupSelections").yields(&["aws_backup_selection"]).absent(&["ResourceNotFoundException"]),
        detail("backup:GetBackupSelection").gone(&["ResourceNotFoundException"]),
        list("backup:DescribeRegionSettings").yields(&["aws_backup_region_settings"]),
        detail("backup:ListBackupJobs"),
        list("backup:ListProtectedResources").yields(&["x_backup_protected_resource"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let plans =
        scan.rest_list("backup:ListBackupPlans", "/backup/plans/?maxResults=1000", "BackupPlansList", "NextToken", "nextToken").await;
    let mut failed = Jobs::default();
    if !plans.is_empty() {
        // Without plans the switches that every region is born with say nothing.
        region_settings(scan).await;
        failed = jobs(scan).await;
    }
    for plan in plans {
        one_plan(scan, &plan, &failed).await;
    }
    for p in scan.rest_list("backup:ListProtectedResources", "/resources/?maxResults=1000", "Results", "NextToken", "nextToken").await {
        let Some(arn) = text(&p, "ResourceArn") else { continue };
        let mut r = scan.resource("x_backup_protected_resource", arn);
        r.name = text(&p, "ResourceName").map(str::to_owned);
        r.fact("resource_arn", arn)
            .fact("resource_type", text(&p, "ResourceType"))
            .fact("last_backup_time", json_time(&p["LastBackupTime"]));
        scan.emit(r);
    }
}

fn lifecycle(rule: &Value) -> Value {
    let l = &rule["Lifecycle"];
    if !l.is_object() {
        return json!([]);
    }
    json!([{
        "cold_storage_after": l["MoveToColdStorageAfterDays"].as_i64().unwrap_or(0), "delete_after": l["DeleteAfterDays"].as_i64().unwrap_or(0),
        "opt_in_to_archive_for_supported_resources": l["OptInToArchiveForSupportedResources"].as_bool(),
    }])
}

async fn region_settings(scan: &Scan<'_>) {
    let call = "backup:DescribeRegionSettings";
    let request = scan.session.rest(scan.endpoint_region(), call, "GET", "/account-settings", None);
    for answer in scan.list_once(call, request, |a| vec![a]).await {
        if !answer["ResourceTypeOptInPreference"].is_object() {
            continue;
        }
        let mut r = scan.resource("aws_backup_region_settings", &scan.region);
        r.name = Some(scan.region.clone());
        r.set("resource_type_opt_in_preference", answer["ResourceTypeOptInPreference"].clone())
            .set("resource_type_management_preference", answer["ResourceTypeManagementPreference"].clone());
        scan.emit(r);
    }
}

/// Jobs that did not succeed, by plan, or why they could not be asked for.
#[derive(Default)]
struct Jobs {
    by_plan: BTreeMap<String, Vec<Value>>,
    unread: BTreeMap<String, String>,
}

/// Ends of a job that leave something without a backup.
const NOT_SUCCEEDED: [&str; 4] = ["FAILED", "EXPIRED", "ABORTED", "PARTIAL"];

/// AWS keeps jobs for 30 days.
async fn jobs(scan: &Scan<'_>) -> Jobs {
    let mut jobs = Jobs::default();
    // Nothing is emitted of this one; it takes up what could not be read.
    let mut any = scan.resource("aws_backup_plan", "any");
    for state in NOT_SUCCEEDED {
        let all = format!("/backup-jobs/?maxResults=1000&state={state}");
        let mut path = all.clone();
        loop {
            let Detail::Got(answer) = scan.rest_detail(&mut any, "backup:ListBackupJobs", &["facts.failed_jobs"], &path).await else {
                break;
            };
            for job in items(&answer, "BackupJobs") {
                let Some(plan) = text(&job["CreatedBy"], "BackupPlanId") else { continue };
                jobs.by_plan.entry(plan.to_owned()).or_default().push(json!({
                    "resource_arn": job["ResourceArn"],
                    "state": state,
                    "message": job["StatusMessage"],
                    "created": json_time(&job["CreationDate"]),
                }));
            }
            let Some(token) = text(&answer, "NextToken").filter(|t| !t.is_empty()) else { break };
            path = format!("{all}&nextToken={}", encode(token));
        }
    }
    jobs.unread = any.unread;
    jobs
}

async fn one_plan(scan: &Scan<'_>, plan: &Value, jobs: &Jobs) {
    let Some(id) = text(plan, "BackupPlanId") else { return };
    let mut r = scan.resource("aws_backup_plan", id);
    r.arn = text(plan, "BackupPlanArn").map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    r.name = text(plan, "BackupPlanName").map(str::to_owned);
    r.set("name", text(plan, "BackupPlanName"));
    r.fact("last_execution", json_time(&plan["LastExecutionDate"]));
    match jobs.unread.get("facts.failed_jobs") {
        Some(cause) => r.mark_unread(&["facts.failed_jobs"], cause),
        None => {
            r.fact("failed_jobs", jobs.by_plan.get(id).cloned().unwrap_or_default());
        }
    }
    match scan
        .rest_detail(
            &mut r,
            "backup:GetBackupPlan",
            &["config.rule", "config.advanced_backup_setting"],
            &format!("/backup/plans/{}/", encode(id)),
        )
        .await
    {
        Detail::Got(a) => {
            let rules: Vec<Value> = items(&a["BackupPlan"], "Rules")
                .iter()
                .map(|rule| {
                    let copies: Vec<Value> =
                        items(rule, "CopyActions").iter().map(|c| json!({ "destination_vault_arn": c["DestinationBackupVaultArn"], "lifecycle": lifecycle(c) })).collect();
                    json!({
                        "rule_name": rule["RuleName"], "target_vault_name": rule["TargetBackupVaultName"], "schedule": rule["ScheduleExpression"],
                        "schedule_expression_timezone": rule["ScheduleExpressionTimezone"], "start_window": rule["StartWindowMinutes"],
                        "completion_window": rule["CompletionWindowMinutes"], "enable_continuous_backup": rule["EnableContinuousBackup"],
                        "recovery_point_tags": rule.get("RecoveryPointTags").cloned().unwrap_or_else(|| json!({})), "lifecycle": lifecycle(rule), "copy_action": copies,
                    })
                })
                .collect();
            let advanced: Vec<Value> = items(&a["BackupPlan"], "AdvancedBackupSettings")
                .iter()
                .map(|s| json!({ "backup_options": s["BackupOptions"], "resource_type": s["ResourceType"] }))
                .collect();
            r.set("rule", rules).set("advanced_backup_setting", advanced);
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    let path = format!("/backup/plans/{}/selections/", encode(id));
    let selections = scan
        .rest_list("backup:ListBackupSelections", &format!("{path}?maxResults=1000"), "BackupSelectionsList", "NextToken", "nextToken")
        .await;
    r.fact("selection_count", selections.len());
    for s in &selections {
        let Some(selection) = text(s, "SelectionId") else { continue };
        let mut c = scan.resource("aws_backup_selection", &format!("{id}|{selection}"));
        c.name = text(s, "SelectionName").map(str::to_owned);
        c.set("plan_id", id).set("name", text(s, "SelectionName")).set("iam_role_arn", text(s, "IamRoleArn"));
        let unread = ["config.resources", "config.not_resources", "config.condition", "config.selection_tag"];
        match scan.rest_detail(&mut c, "backup:GetBackupSelection", &unread, &format!("{path}{}", encode(selection))).await {
            Detail::Got(a) => {
                let b = &a["BackupSelection"];
                let strings = |field: &str| set(items(b, field).iter().filter_map(Value::as_str));
                let tags: Vec<Value> = items(b, "ListOfTags")
                    .iter()
                    .map(|t| json!({ "type": t["ConditionType"], "key": t["ConditionKey"], "value": t["ConditionValue"] }))
                    .collect();
                let pairs = |field: &str| -> Vec<Value> {
                    items(&b["Conditions"], field)
                        .iter()
                        .map(|p| json!({ "key": p["ConditionKey"], "value": p["ConditionValue"] }))
                        .collect()
                };
                c.set("resources", strings("Resources")).set("not_resources", strings("NotResources")).set("selection_tag", tags).set(
                    "condition",
                    json!([{
                        "string_equals": pairs("StringEquals"), "string_like": pairs("StringLike"),
                        "string_not_equals": pairs("StringNotEquals"), "string_not_like": pairs("StringNotLike"),
                    }]),
                );
            }
            Detail::Gone => continue,
            Detail::Absent | Detail::Unread => {}
        }
        scan.emit(c);
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    #[test]
    fn a_plan_with_its_rule_and_selection() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                (
                    "backup:ListBackupPlans",
                    200,
                    r#"{"BackupPlansList":[{"BackupPlanId":"p-1","BackupPlanName":"daily","BackupPlanArn":"arn:aws:backup:eu-west-3:123456789012:backup-plan:p-1"}]}"#,
                ),
                (
                    "backup:GetBackupPlan",
                    200,
                    r#"{"BackupPlan":{"BackupPlanName":"daily","Rules":[{"RuleName":"r","TargetBackupVaultName":"Default","ScheduleExpression":"cron(0 5 * * ? *)","StartWindowMinutes":60,"CompletionWindowMinutes":180,"Lifecycle":{"DeleteAfterDays":7}}]}}"#,
                ),
                (
                    "backup:ListBackupSelections",
                    200,
                    r#"{"BackupSelectionsList":[{"SelectionId":"s-1","SelectionName":"all","IamRoleArn":"arn:aws:iam::123456789012:role/backup"}]}"#,
                ),
                ("backup:GetBackupSelection", 200, r#"{"BackupSelection":{"SelectionName":"all","Resources":["*"]}}"#),
                (
                    "backup:ListBackupJobs",
                    200,
                    r#"{"BackupJobs":[{"ResourceArn":"arn:aws:ec2:eu-west-3:123456789012:volume/vol-1","State":"FAILED","StatusMessage":"no permission","CreationDate":1700000000,"CreatedBy":{"BackupPlanId":"p-1"}},{"ResourceArn":"arn:x","CreationDate":1700000000}]}"#,
                ),
                (
                    "backup:DescribeRegionSettings",
                    200,
                    r#"{"ResourceTypeOptInPreference":{"EBS":true,"RDS":false},"ResourceTypeManagementPreference":{"EFS":true}}"#,
                ),
                ("backup:ListBackupJobs", 200, r#"{"BackupJobs":[]}"#),
                ("backup:ListBackupJobs", 200, r#"{"BackupJobs":[]}"#),
                ("backup:ListBackupJobs", 200, r#"{"BackupJobs":[]}"#),
                (
                    "backup:ListProtectedResources",
                    200,
                    r#"{"Results":[{"ResourceArn":"arn:aws:ec2:eu-west-3:123456789012:volume/vol-1","ResourceType":"EBS","LastBackupTime":1700000000.0}]}"#,
                ),
            ],
        );
        assert_eq!(all.len(), 4);
        assert_eq!(
            all[0].facts["failed_jobs"],
            json!([{ "resource_arn": "arn:aws:ec2:eu-west-3:123456789012:volume/vol-1", "state": "FAILED", "message": "no permission", "created": "2023-11-14T22:13:20Z" }])
        );
        assert_eq!(all[0].config["rule"][0]["lifecycle"][0]["delete_after"], 7);
        assert_eq!(all[1].config["resource_type_opt_in_preference"]["RDS"], false);
        assert_eq!(all[2].id, "p-1|s-1");
    }
}
