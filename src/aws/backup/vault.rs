//! Vaults with their policy, lock and notifications.

use serde_json::Value;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::{Scan, encode};
use crate::aws::value::{items, json_time, set, text};

/// `aws_backup_vault`, `aws_backup_vault_policy`, `aws_backup_vault_lock_configuration`, `aws_backup_vault_notifications`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_backup_vault", "aws_backup_vault_policy", "aws_backup_vault_lock_configuration", "aws_backup_vault_notifications"],
    calls: &[
        list("backup:ListBackupVaults"),
        list("backup:GetBackupVaultAccessPolicy").yields(&["aws_backup_vault_policy"]).absent(&["ResourceNotFoundException"]),
        list("backup:GetBackupVaultNotifications").yields(&["aws_backup_vault_notifications"]).absent(&["ResourceNotFoundException"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let vaults =
        scan.rest_list("backup:ListBackupVaults", "/backup-vaults/?maxResults=1000", "BackupVaultList", "NextToken", "nextToken").await;
    scan.each(&vaults, |vault| one(scan, vault)).await;
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
                ("backup:GetBackupVaultAccessPolicy", 200, r#"{"BackupVaultName":"live","Policy":"{}"}"#),
                (
                    "backup:GetBackupVaultNotifications",
                    200,
                    r#"{"SNSTopicArn":"arn:t","BackupVaultEvents":["RESTORE_JOB_FAILED","BACKUP_JOB_FAILED"]}"#,
                ),
            ],
        );
        assert_eq!(all.len(), 4);
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
            ],
        );
        assert_eq!(all.len(), 2);
        let outcome = |call: &str| ledger.iter().find(|e| e.call == call).unwrap().outcome;
        assert_eq!(outcome("backup:GetBackupVaultAccessPolicy"), Outcome::Done);
        assert_eq!(outcome("backup:GetBackupVaultNotifications"), Outcome::Denied);
    }
}
