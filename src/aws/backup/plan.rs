//! Backup: plans with rules and selections, vaults, and what is really backed up.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan, encode};
use crate::aws::value::{items, json_time, set, text};

/// `aws_backup_plan`, `aws_backup_selection`, `aws_backup_vault`, `x_backup_protected_resource`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_backup_plan", "aws_backup_selection", "aws_backup_vault", "x_backup_protected_resource"],
    calls: &[
        list("backup:ListBackupPlans").yields(&["aws_backup_plan", "aws_backup_selection"]),
        detail("backup:GetBackupPlan").gone(&["ResourceNotFoundException"]),
        list("backup:ListBackupSelections").yields(&["aws_backup_selection"]).absent(&["ResourceNotFoundException"]),
        detail("backup:GetBackupSelection").gone(&["ResourceNotFoundException"]),
        list("backup:ListBackupVaults").yields(&["aws_backup_vault"]),
        list("backup:ListProtectedResources").yields(&["x_backup_protected_resource"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    for plan in
        scan.rest_list("backup:ListBackupPlans", "/backup/plans/?maxResults=1000", "BackupPlansList", "NextToken", "nextToken").await
    {
        one_plan(scan, &plan).await;
    }
    for v in scan.rest_list("backup:ListBackupVaults", "/backup-vaults/?maxResults=1000", "BackupVaultList", "NextToken", "nextToken").await
    {
        let Some(name) = text(&v, "BackupVaultName") else { continue };
        let mut r = scan.resource("aws_backup_vault", name);
        r.arn = text(&v, "BackupVaultArn").map(str::to_owned);
        scan.bulk_tags(&mut r).await;
        r.name = Some(name.into());
        r.set("name", name).set("kms_key_arn", text(&v, "EncryptionKeyArn"));
        r.fact("recovery_points", v["NumberOfRecoveryPoints"].as_i64());
        scan.emit(r);
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

async fn one_plan(scan: &Scan<'_>, plan: &Value) {
    let Some(id) = text(plan, "BackupPlanId") else { return };
    let mut r = scan.resource("aws_backup_plan", id);
    r.arn = text(plan, "BackupPlanArn").map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    r.name = text(plan, "BackupPlanName").map(str::to_owned);
    r.set("name", text(plan, "BackupPlanName"));
    r.fact("last_execution", json_time(&plan["LastExecutionDate"]));
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
                    "backup:ListBackupVaults",
                    200,
                    r#"{"BackupVaultList":[{"BackupVaultName":"Default","BackupVaultArn":"arn:aws:backup:eu-west-3:123456789012:backup-vault:Default","NumberOfRecoveryPoints":4}]}"#,
                ),
                (
                    "backup:ListProtectedResources",
                    200,
                    r#"{"Results":[{"ResourceArn":"arn:aws:ec2:eu-west-3:123456789012:volume/vol-1","ResourceType":"EBS","LastBackupTime":1700000000.0}]}"#,
                ),
            ],
        );
        assert_eq!(all.len(), 4);
        assert_eq!(all[0].config["rule"][0]["lifecycle"][0]["delete_after"], 7);
        assert_eq!(all[1].id, "p-1|s-1");
    }
}
