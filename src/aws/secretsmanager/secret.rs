//! Secrets: everything about them but their values, which no permission of ours could read.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::tags;
use crate::aws::value::{items, json_time, text};

/// `aws_secretsmanager_secret`, `aws_secretsmanager_secret_policy`, `aws_secretsmanager_secret_rotation`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_secretsmanager_secret", "aws_secretsmanager_secret_policy", "aws_secretsmanager_secret_rotation"],
    calls: &[
        list("secretsmanager:ListSecrets"),
        detail("secretsmanager:DescribeSecret").gone(&["ResourceNotFoundException"]),
        list("secretsmanager:GetResourcePolicy")
            .yields(&["aws_secretsmanager_secret_policy"])
            .gone(&["ResourceNotFoundException", "InvalidRequestException"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let input = json!({ "MaxResults": 100, "IncludePlannedDeletion": true });
    let secrets = scan.json_list("secretsmanager:ListSecrets", input, "SecretList", "NextToken").await;
    scan.each(secrets, |secret| one(scan, secret)).await;
}

async fn one(scan: &Scan<'_>, s: Value) {
    let (Some(arn), Some(name)) = (text(&s, "ARN"), text(&s, "Name")) else { return };
    let mut r = scan.resource("aws_secretsmanager_secret", arn);
    r.arn = Some(arn.into());
    tags::set(
        &mut r,
        items(&s, "Tags")
            .iter()
            .filter_map(|t| Some((text(t, "Key")?.to_owned(), text(t, "Value").unwrap_or_default().to_owned())))
            .collect(),
    );
    r.name = Some(name.into());
    r.set("name", name).set("description", text(&s, "Description").unwrap_or("")).set("kms_key_id", text(&s, "KmsKeyId"));
    let stages = s.get("SecretVersionsToStages").cloned().unwrap_or_else(|| json!({}));
    let current = stages.as_object().is_some_and(|m| m.values().any(|v| v.as_array().is_some_and(|a| a.iter().any(|x| x == "AWSCURRENT"))));
    r.fact("owning_service", text(&s, "OwningService"))
        .fact("created_date", json_time(&s["CreatedDate"]))
        .fact("last_accessed_date", json_time(&s["LastAccessedDate"]))
        .fact("last_changed_date", json_time(&s["LastChangedDate"]))
        .fact("last_rotated_date", json_time(&s["LastRotatedDate"]))
        .fact("next_rotation_date", json_time(&s["NextRotationDate"]))
        .fact("deleted_date", json_time(&s["DeletedDate"]))
        .fact("rotation_enabled", s["RotationEnabled"].as_bool().unwrap_or(false))
        .fact("has_current_version", current)
        .fact("version_stages", stages);
    // Replicas are in the description only, and only a secret with a primary region can have them.
    if text(&s, "PrimaryRegion").is_some() {
        match scan.json_detail(&mut r, "secretsmanager:DescribeSecret", &["config.replica"], json!({ "SecretId": arn })).await {
            Detail::Got(d) => {
                let replicas: Vec<Value> =
                    items(&d, "ReplicationStatus").iter().map(|x| json!({ "region": x["Region"], "kms_key_id": x["KmsKeyId"] })).collect();
                r.set("replica", replicas);
            }
            Detail::Gone => return,
            Detail::Absent | Detail::Unread => {}
        }
    } else {
        r.set("replica", json!([]));
    }
    if s["RotationEnabled"].as_bool() == Some(true) {
        let mut rotation = scan.resource("aws_secretsmanager_secret_rotation", arn);
        rotation.name = Some(name.into());
        let rules = &s["RotationRules"];
        rotation.set("secret_id", arn).set("rotation_lambda_arn", text(&s, "RotationLambdaARN")).set(
            "rotation_rules",
            json!([{
                // AWS answers days also for a schedule; only one of the two was set.
                "automatically_after_days": if rules["ScheduleExpression"].is_string() { Value::Null } else { rules["AutomaticallyAfterDays"].clone() },
                "duration": rules["Duration"], "schedule_expression": rules["ScheduleExpression"],
            }]),
        );
        scan.emit(rotation);
    }
    if r.facts.get("deleted_date").is_none_or(Value::is_null) {
        let request = scan.session.json(scan.endpoint_region(), "secretsmanager:GetResourcePolicy", json!({ "SecretId": arn }));
        let mut p = scan.resource("aws_secretsmanager_secret_policy", arn);
        if let Detail::Got(answer) = scan.detail(&mut p, "secretsmanager:GetResourcePolicy", &[], request).await
            && let Some(policy) = text(&answer, "ResourcePolicy").filter(|t| !t.is_empty())
        {
            p.name = Some(name.into());
            p.set("secret_arn", arn).set("policy", policy);
            scan.emit(p);
        }
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    #[test]
    fn a_secret_without_a_value_and_one_that_rotates() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                (
                    "secretsmanager:ListSecrets",
                    200,
                    r#"{"SecretList":[
                    {"ARN":"arn:aws:secretsmanager:eu-west-3:123456789012:secret:empty-AbCdEf","Name":"empty","CreatedDate":1700000000.0},
                    {"ARN":"arn:aws:secretsmanager:eu-west-3:123456789012:secret:db-AbCdEf","Name":"db","RotationEnabled":true,"RotationLambdaARN":"arn:aws:lambda:eu-west-3:123456789012:function:rot","RotationRules":{"AutomaticallyAfterDays":30},"SecretVersionsToStages":{"v1":["AWSCURRENT"]},"Tags":[{"Key":"team","Value":"api"}]}]}"#,
                ),
                ("secretsmanager:GetResourcePolicy", 200, r#"{"ARN":"x"}"#),
            ],
        );
        let secrets: Vec<_> = all.iter().filter(|r| r.kind == "aws_secretsmanager_secret").collect();
        assert_eq!((secrets[0].name.as_deref(), secrets[0].facts["has_current_version"].as_bool()), (Some("db"), Some(true)));
        assert_eq!(secrets[1].facts["has_current_version"], false);
        let rotation = all.iter().find(|r| r.kind.ends_with("rotation")).unwrap();
        assert_eq!(rotation.config["rotation_rules"][0]["automatically_after_days"], 30);
        assert!(!all.iter().any(|r| r.kind.ends_with("_policy")));
    }
}
