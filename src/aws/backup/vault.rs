//! Vaults with their policy, lock and notifications; whether anything was ever restored.

use serde_json::Value;

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan, encode};
use crate::aws::value::{items, json_time, set, text};
use crate::estate::Resource;

/// `aws_backup_vault`, `aws_backup_vault_policy`, `aws_backup_vault_lock_configuration`, `aws_backup_vault_notifications`,
/// `x_backup_restores`.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_backup_vault",
        "aws_backup_vault_policy",
        "aws_backup_vault_lock_configuration",
        "aws_backup_vault_notifications",
        "x_backup_restores",
    ],
    calls: &[
        list("backup:ListBackupVaults"),
        list("backup:GetBackupVaultAccessPolicy").yields(&["aws_backup_vault_policy"]).absent(&["ResourceNotFoundException"]),
        list("backup:GetBackupVaultNotifications").yields(&["aws_backup_vault_notifications"]).absent(&["ResourceNotFoundException"]),
        detail("backup:ListRestoreJobs"),
        detail("backup:ListRestoreTestingPlans"),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let vaults =
        scan.rest_list("backup:ListBackupVaults", "/backup-vaults/?maxResults=1000", "BackupVaultList", "NextToken", "nextToken").await;
    scan.each(&vaults, |vault| one(scan, vault)).await;
    // Where nothing is kept, nothing can be restored, and nothing is asked.
    if vaults.iter().any(|v| v["NumberOfRecoveryPoints"].as_i64().unwrap_or(0) > 0) {
        restores(scan).await;
    }
}

/// What of the region's backups was ever tried.
async fn restores(scan: &Scan<'_>) {
    let mut r = scan.resource("x_backup_restores", &scan.region);
    r.name = Some(format!("restores in {}", scan.region));
    let all = "/restore-jobs/?maxResults=1000&status=COMPLETED".to_owned();
    let (jobs, read) = pages(scan, &mut r, "backup:ListRestoreJobs", "facts.last_restore", all, "RestoreJobs").await;
    let last = jobs.iter().filter_map(|j| json_time(&j["CompletionDate"]).as_str().map(str::to_owned)).max();
    if read || last.is_some() {
        r.unread.remove("facts.last_restore");
        r.fact("last_restore", last);
    }
    let all = "/restore-testing/plans?maxResults=1000".to_owned();
    let (plans, read) = pages(scan, &mut r, "backup:ListRestoreTestingPlans", "facts.testing_plans", all, "RestoreTestingPlans").await;
    if read {
        r.fact("testing_plans", set(plans.iter().filter_map(|p| text(p, "RestoreTestingPlanName"))));
    }
    scan.emit(r);
}

/// The items of all pages of a listing that only tells about `r`, and whether there are no others.
async fn pages(scan: &Scan<'_>, r: &mut Resource, call: &'static str, path: &str, first: String, field: &str) -> (Vec<Value>, bool) {
    let mut found = Vec::new();
    let mut url = first.clone();
    loop {
        let Detail::Got(answer) = scan.rest_detail(r, call, &[path], &url).await else { return (found, false) };
        found.extend_from_slice(items(&answer, field));
        let Some(token) = text(&answer, "NextToken").filter(|t| !t.is_empty()) else { return (found, true) };
        url = format!("{first}&nextToken={}", encode(token));
    }
}

async fn one(scan: &Scan<'_>, vault: &Value) {
    let Some(name) = text(vault, "BackupVaultName") else { return };
    let mut r = scan.resource("aws_backup_vault", name);
    r.arn = text(vault, "BackupVaultArn").map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    r.set("name", name).set("kms_key_arn", text(vault, "EncryptionKeyArn"));
    let locked = vault["Locked"].as_bool().unwrap_or(false);
    r.fact("recovery_points", vault["NumberOfRecoveryPoints"].as_i64())
        .fact("locked", locked)
        .fact("lock_date", json_time(&vault["LockDate"]))
        .fact("vault_type", text(vault, "VaultType"));
    scan.emit(r);
    if locked {
        let mut lock = scan.resource("aws_backup_vault_lock_configuration", name);
        lock.name = Some(name.into());
        lock.set("backup_vault_name", name)
            .set("min_retention_days", vault["MinRetentionDays"].as_i64())
            .set("max_retention_days", vault["MaxRetentionDays"].as_i64());
        scan.emit(lock);
    }
    let path = format!("/backup-vaults/{}", encode(name));
    let region = scan.endpoint_region();
    let call = "backup:GetBackupVaultAccessPolicy";
    let policy = format!("{path}/access-policy");
    let request = scan.session.rest(region, call, "GET", &policy, None);
    for answer in scan.list_once(call, request, |a| vec![a]).await {
        let Some(policy) = text(&answer, "Policy") else { continue };
        let mut r = scan.resource("aws_backup_vault_policy", name);
        r.name = Some(name.into());
        r.set("backup_vault_name", name).set("policy", policy);
        scan.emit(r);
    }
    let call = "backup:GetBackupVaultNotifications";
    let notifications = format!("{path}/notification-configuration");
    let request = scan.session.rest(region, call, "GET", &notifications, None);
    for answer in scan.list_once(call, request, |a| vec![a]).await {
        let Some(topic) = text(&answer, "SNSTopicArn") else { continue };
        let mut r = scan.resource("aws_backup_vault_notifications", name);
        r.name = Some(name.into());
        r.set("backup_vault_name", name)
            .set("sns_topic_arn", topic)
            .set("backup_vault_events", set(items(&answer, "BackupVaultEvents").iter().filter_map(Value::as_str)));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    const VAULTS: &str = r#"{"BackupVaultList":[{"BackupVaultName":"live","BackupVaultArn":"arn:aws:backup:eu-west-3:123456789012:backup-vault:live","EncryptionKeyArn":"arn:k","NumberOfRecoveryPoints":4,"Locked":true,"MinRetentionDays":7,"LockDate":1700000000}]}"#;
    const NONE: &str = r#"{"Code":"ERROR_2104","Message":"no policy","__type":"ResourceNotFoundException"}"#;

    #[test]
    fn a_locked_vault_that_tells() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("backup:ListBackupVaults", 200, VAULTS),
                (
                    "backup:ListRestoreJobs",
                    200,
                    r#"{"RestoreJobs":[{"RestoreJobId":"1","Status":"COMPLETED","CompletionDate":1700000000.5}],"NextToken":"n"}"#,
                ),
                (
                    "backup:ListRestoreJobs",
                    200,
                    r#"{"RestoreJobs":[{"RestoreJobId":"2","Status":"COMPLETED","CompletionDate":1600000000}]}"#,
                ),
                ("backup:ListRestoreTestingPlans", 200, r#"{"RestoreTestingPlans":[{"RestoreTestingPlanName":"monthly"}]}"#),
                ("backup:GetBackupVaultAccessPolicy", 200, r#"{"BackupVaultName":"live","Policy":"{}"}"#),
                (
                    "backup:GetBackupVaultNotifications",
                    200,
                    r#"{"SNSTopicArn":"arn:t","BackupVaultEvents":["RESTORE_JOB_FAILED","BACKUP_JOB_FAILED"]}"#,
                ),
            ],
        );
        assert_eq!(all.len(), 5);
        assert_eq!(
            (all[4].str("facts.last_restore"), all[4].strings("facts.testing_plans")),
            (Some("2023-11-14T22:13:20.5Z"), vec!["monthly"])
        );
        assert_eq!(all[0].facts["lock_date"], "2023-11-14T22:13:20Z");
        assert_eq!(all[1].config["min_retention_days"], 7);
        assert_eq!(all[2].strings("config.backup_vault_events"), ["BACKUP_JOB_FAILED", "RESTORE_JOB_FAILED"]);
        assert_eq!(all[3].config["policy"], "{}");
    }

    #[test]
    fn no_policy_is_an_answer_and_a_refusal_is_not() {
        let refused = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("backup:ListBackupVaults", 200, VAULTS),
                ("backup:GetBackupVaultAccessPolicy", 404, NONE),
                ("backup:GetBackupVaultNotifications", 403, refused),
                ("backup:ListRestoreJobs", 403, refused),
                ("backup:ListRestoreTestingPlans", 403, refused),
            ],
        );
        assert_eq!(all.len(), 3);
        assert!(["facts.last_restore", "facts.testing_plans"].iter().all(|path| all[2].unread[*path].starts_with("denied: backup:List")));
        let outcome = |call: &str| ledger.iter().find(|e| e.call == call).unwrap().outcome;
        assert_eq!(outcome("backup:GetBackupVaultAccessPolicy"), Outcome::Done);
        assert_eq!(outcome("backup:GetBackupVaultNotifications"), Outcome::Denied);
    }

    #[test]
    fn of_empty_vaults_no_restore_is_asked_for() {
        let empty = VAULTS.replace("\"NumberOfRecoveryPoints\":4", "\"NumberOfRecoveryPoints\":0");
        let (all, ledger) = collect(&COLLECTOR, &[("backup:ListBackupVaults", 200, &empty)]);
        assert!(all.iter().all(|r| r.kind != "x_backup_restores") && ledger.iter().all(|e| e.call != "backup:ListRestoreJobs"));
    }
}
