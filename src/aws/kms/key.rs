//! Customer keys and aliases. Keys that AWS services make for themselves are listed as facts only.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{json_time, text};

/// `aws_kms_key`, `aws_kms_replica_key`, `aws_kms_alias`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_kms_key", "aws_kms_replica_key", "aws_kms_alias"],
    calls: &[
        list("kms:ListKeys").yields(&["aws_kms_key", "aws_kms_replica_key"]),
        list("kms:ListAliases").yields(&["aws_kms_alias"]),
        detail("kms:DescribeKey").gone(&["NotFoundException"]),
        detail("kms:GetKeyPolicy").gone(&["NotFoundException"]),
        detail("kms:GetKeyRotationStatus")
            .absent(&["UnsupportedOperationException", "KMSInvalidStateException"])
            .gone(&["NotFoundException"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let aliases = scan.json_list_with("kms:ListAliases", json!({ "Limit": 100 }), "Aliases", "NextMarker", "Marker").await;
    let mut by_key: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for alias in &aliases {
        if let (Some(key), Some(name)) = (text(alias, "TargetKeyId"), text(alias, "AliasName")) {
            by_key.entry(key.to_owned()).or_default().push(name.to_owned());
        }
    }
    for alias in &aliases {
        one_alias(scan, alias);
    }
    let keys = scan.json_list_with("kms:ListKeys", json!({ "Limit": 1000 }), "Keys", "NextMarker", "Marker").await;
    scan.each(keys, |key| one_key(scan, key, &by_key)).await;
}

fn one_alias(scan: &Scan<'_>, alias: &Value) {
    let Some(name) = text(alias, "AliasName") else { return };
    // AWS reserves names for services that have made no key yet: nothing is behind them.
    let Some(key) = text(alias, "TargetKeyId") else { return };
    let mut r = scan.resource("aws_kms_alias", name);
    r.arn = text(alias, "AliasArn").map(str::to_owned);
    r.name = Some(name.into());
    r.set("name", name).set("target_key_id", key);
    r.fact("target_key_arn", scan.arn("kms", &format!("key/{key}"))).fact("creation_date", json_time(&alias["CreationDate"]));
    scan.emit(r);
}

async fn one_key(scan: &Scan<'_>, key: Value, aliases: &BTreeMap<String, Vec<String>>) {
    let Some(id) = text(&key, "KeyId") else { return };
    let mut r = scan.resource("aws_kms_key", id);
    r.arn = text(&key, "KeyArn").map(str::to_owned);
    let mut names = aliases.get(id).cloned().unwrap_or_default();
    names.sort();
    r.name = names.first().map(|n| n.trim_start_matches("alias/").to_owned());
    r.fact("aliases", names);
    let alias_name = r.name.clone();
    scan.bulk_tags(&mut r).await;
    r.name = r.name.or(alias_name);
    let unread = [
        "config.description",
        "config.key_usage",
        "config.customer_master_key_spec",
        "config.is_enabled",
        "config.multi_region",
        "facts.key_manager",
        "facts.key_state",
        "facts.deletion_date",
        "facts.creation_date",
        "facts.origin",
        "facts.key_spec",
    ];
    let mut customer = true;
    let mut symmetric = true;
    match scan.json_detail(&mut r, "kms:DescribeKey", &unread, json!({ "KeyId": id })).await {
        Detail::Got(answer) => {
            let m = &answer["KeyMetadata"];
            customer = text(m, "KeyManager") == Some("CUSTOMER");
            symmetric = text(m, "KeySpec").or_else(|| text(m, "CustomerMasterKeySpec")) == Some("SYMMETRIC_DEFAULT")
                && text(m, "Origin") == Some("AWS_KMS");
            r.set("description", text(m, "Description").unwrap_or(""));
            if m.pointer("/MultiRegionConfiguration/MultiRegionKeyType").and_then(Value::as_str) == Some("REPLICA") {
                // The provider has a type of its own for the copy of a key of another region; usage and rotation are its primary's.
                r.kind = "aws_kms_replica_key".into();
                r.set("enabled", m["Enabled"].as_bool())
                    .set("primary_key_arn", m.pointer("/MultiRegionConfiguration/PrimaryKey/Arn").and_then(Value::as_str));
            } else {
                r.set("key_usage", text(m, "KeyUsage"))
                    .set("customer_master_key_spec", text(m, "CustomerMasterKeySpec").or_else(|| text(m, "KeySpec")))
                    .set("is_enabled", m["Enabled"].as_bool())
                    .set("multi_region", m["MultiRegion"].as_bool().unwrap_or(false))
                    .set("custom_key_store_id", text(m, "CustomKeyStoreId"))
                    .set("xks_key_id", m.pointer("/XksKeyConfiguration/Id").and_then(Value::as_str));
            }
            r.fact("key_manager", text(m, "KeyManager"))
                .fact("key_state", text(m, "KeyState"))
                .fact("deletion_date", json_time(&m["DeletionDate"]))
                .fact("creation_date", json_time(&m["CreationDate"]))
                .fact("origin", text(m, "Origin"))
                .fact("key_spec", text(m, "KeySpec"));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    // Policy and rotation of AWS's own keys are AWS's matter, and not everybody may read them.
    if customer {
        let policy =
            scan.json_detail(&mut r, "kms:GetKeyPolicy", &["config.policy"], json!({ "KeyId": id, "PolicyName": "default" })).await;
        if let Detail::Got(answer) = policy {
            r.set("policy", text(&answer, "Policy"));
        }
        if r.kind == "aws_kms_replica_key" {
            scan.emit(r);
            return;
        }
        if symmetric {
            let paths = ["config.enable_key_rotation", "config.rotation_period_in_days"];
            match scan.json_detail(&mut r, "kms:GetKeyRotationStatus", &paths, json!({ "KeyId": id })).await {
                Detail::Got(answer) => {
                    let on = answer["KeyRotationEnabled"].as_bool().unwrap_or(false);
                    r.set("enable_key_rotation", on);
                    r.set("rotation_period_in_days", if on { answer["RotationPeriodInDays"].as_i64() } else { None });
                }
                Detail::Absent => {
                    r.set("enable_key_rotation", false);
                }
                Detail::Gone | Detail::Unread => {}
            }
        } else {
            r.set("enable_key_rotation", false);
        }
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    const KEYS: &str = r#"{"Keys":[{"KeyId":"1111","KeyArn":"arn:aws:kms:eu-west-3:123456789012:key/1111"}]}"#;
    const ALIASES: &str = r#"{"Aliases":[{"AliasName":"alias/aws/s3","AliasArn":"a"},{"AliasName":"alias/data","AliasArn":"arn:aws:kms:eu-west-3:123456789012:alias/data","TargetKeyId":"1111"}]}"#;

    #[test]
    fn a_customer_key_with_policy_and_rotation() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("kms:ListKeys", 200, KEYS),
                ("kms:ListAliases", 200, ALIASES),
                (
                    "kms:DescribeKey",
                    200,
                    r#"{"KeyMetadata":{"KeyId":"1111","KeyManager":"CUSTOMER","KeySpec":"SYMMETRIC_DEFAULT","CustomerMasterKeySpec":"SYMMETRIC_DEFAULT","KeyUsage":"ENCRYPT_DECRYPT","Enabled":true,"KeyState":"Enabled","Origin":"AWS_KMS","MultiRegion":false,"CreationDate":1700000000.0}}"#,
                ),
                ("kms:GetKeyPolicy", 200, r#"{"Policy":"{}"}"#),
                ("kms:GetKeyRotationStatus", 200, r#"{"KeyRotationEnabled":true,"RotationPeriodInDays":365}"#),
            ],
        );
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].name.as_deref(), Some("data"));
        assert_eq!(all[1].config["rotation_period_in_days"], 365);
    }

    #[test]
    fn a_replica_is_a_type_of_its_own() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("kms:ListKeys", 200, KEYS),
                ("kms:ListAliases", 200, r#"{"Aliases":[]}"#),
                (
                    "kms:DescribeKey",
                    200,
                    r#"{"KeyMetadata":{"KeyId":"1111","KeyManager":"CUSTOMER","KeySpec":"SYMMETRIC_DEFAULT","KeyUsage":"ENCRYPT_DECRYPT","Enabled":true,"KeyState":"Enabled","Origin":"AWS_KMS","MultiRegion":true,"MultiRegionConfiguration":{"MultiRegionKeyType":"REPLICA","PrimaryKey":{"Arn":"arn:aws:kms:us-east-1:123456789012:key/1111","Region":"us-east-1"},"ReplicaKeys":[]}}}"#,
                ),
                ("kms:GetKeyPolicy", 200, r#"{"Policy":"{}"}"#),
            ],
        );
        assert_eq!(all[0].kind, "aws_kms_replica_key");
        assert_eq!(all[0].config["primary_key_arn"], "arn:aws:kms:us-east-1:123456789012:key/1111");
        assert!(ledger.iter().all(|e| e.call != "kms:GetKeyRotationStatus"), "rotation is the primary's");
    }

    #[test]
    fn an_aws_key_is_not_asked_for_its_policy() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("kms:ListKeys", 200, KEYS),
                ("kms:ListAliases", 200, r#"{"Aliases":[]}"#),
                (
                    "kms:DescribeKey",
                    200,
                    r#"{"KeyMetadata":{"KeyId":"1111","KeyManager":"AWS","KeySpec":"SYMMETRIC_DEFAULT","Enabled":true,"KeyState":"Enabled","Origin":"AWS_KMS"}}"#,
                ),
            ],
        );
        assert_eq!(all[0].facts["key_manager"], "AWS");
        assert!(ledger.iter().all(|e| e.call != "kms:GetKeyPolicy"));
    }
}
