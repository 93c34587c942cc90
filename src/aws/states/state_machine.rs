//! Step Functions.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{block, json_time, text};

/// `aws_sfn_state_machine`, `aws_sfn_activity`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_sfn_state_machine", "aws_sfn_activity"],
    calls: &[
        list("states:ListStateMachines").yields(&["aws_sfn_state_machine"]),
        detail("states:DescribeStateMachine").gone(&["StateMachineDoesNotExist"]),
        list("states:ListActivities").yields(&["aws_sfn_activity"]),
        detail("states:DescribeActivity").gone(&["ActivityDoesNotExist"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let machines = scan.json_list("states:ListStateMachines", json!({ "maxResults": 1000 }), "stateMachines", "nextToken").await;
    scan.each(machines, |machine| one_machine(scan, machine)).await;
    let activities = scan.json_list("states:ListActivities", json!({ "maxResults": 1000 }), "activities", "nextToken").await;
    scan.each(activities, |activity| one_activity(scan, activity)).await;
}

/// The key that encrypts; nothing where AWS's own does.
fn encryption(answer: &Value) -> Value {
    block(answer.get("encryptionConfiguration").filter(|e| text(e, "type").is_some()).map(|e| {
        json!({
            "kms_data_key_reuse_period_seconds": e["kmsDataKeyReusePeriodSeconds"].as_i64(),
            "kms_key_id": text(e, "kmsKeyId"),
            "type": text(e, "type"),
        })
    }))
}

async fn one_machine(scan: &Scan<'_>, listed: Value) {
    let (Some(arn), Some(name)) = (text(&listed, "stateMachineArn"), text(&listed, "name")) else { return };
    let mut r = scan.resource("aws_sfn_state_machine", arn);
    r.arn = Some(arn.into());
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    r.set("name", name).set("type", text(&listed, "type"));
    r.fact("creation_date", json_time(&listed["creationDate"]));
    let unread = [
        "config.definition",
        "config.encryption_configuration",
        "config.logging_configuration",
        "config.role_arn",
        "config.tracing_configuration",
        "facts.status",
        "facts.revision_id",
    ];
    match scan.json_detail(&mut r, "states:DescribeStateMachine", &unread, json!({ "stateMachineArn": arn })).await {
        Detail::Got(answer) => {
            let logging = answer.get("loggingConfiguration").filter(|l| l.is_object()).map(|l| {
                json!({
                    "include_execution_data": l["includeExecutionData"].as_bool().unwrap_or(false),
                    "level": text(l, "level").unwrap_or("OFF"),
                    "log_destination": l.pointer("/destinations/0/cloudWatchLogsLogGroup/logGroupArn").and_then(Value::as_str).unwrap_or(""),
                })
            });
            let tracing = answer.pointer("/tracingConfiguration/enabled").and_then(Value::as_bool);
            r.set("definition", text(&answer, "definition"))
                .set("encryption_configuration", encryption(&answer))
                .set("logging_configuration", block(logging))
                .set("role_arn", text(&answer, "roleArn"))
                .set("tracing_configuration", block(tracing.map(|t| json!({ "enabled": t }))));
            r.fact("status", text(&answer, "status")).fact("revision_id", text(&answer, "revisionId"));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

async fn one_activity(scan: &Scan<'_>, listed: Value) {
    let (Some(arn), Some(name)) = (text(&listed, "activityArn"), text(&listed, "name")) else { return };
    let mut r = scan.resource("aws_sfn_activity", arn);
    r.arn = Some(arn.into());
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    r.set("name", name);
    r.fact("creation_date", json_time(&listed["creationDate"]));
    let answer =
        scan.json_detail(&mut r, "states:DescribeActivity", &["config.encryption_configuration"], json!({ "activityArn": arn })).await;
    match answer {
        Detail::Got(answer) => {
            r.set("encryption_configuration", encryption(&answer));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    const MACHINES: &str = r#"{"stateMachines":[{"stateMachineArn":"arn:aws:states:eu-west-3:123456789012:stateMachine:checkout","name":"checkout","type":"EXPRESS","creationDate":1700000000}]}"#;

    #[test]
    fn a_machine_and_an_activity() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("states:ListStateMachines", 200, MACHINES),
                (
                    "states:DescribeStateMachine",
                    200,
                    r#"{"stateMachineArn":"arn:aws:states:eu-west-3:123456789012:stateMachine:checkout","name":"checkout","status":"ACTIVE","definition":"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Succeed\"}}}","roleArn":"arn:aws:iam::123456789012:role/checkout","type":"EXPRESS","creationDate":1700000000,"loggingConfiguration":{"level":"ERROR","includeExecutionData":true,"destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:eu-west-3:123456789012:log-group:/sfn:*"}}]},"tracingConfiguration":{"enabled":true},"revisionId":"r1","encryptionConfiguration":{"type":"AWS_OWNED_KEY"}}"#,
                ),
                (
                    "states:ListActivities",
                    200,
                    r#"{"activities":[{"activityArn":"arn:aws:states:eu-west-3:123456789012:activity:approve","name":"approve","creationDate":1700000000}]}"#,
                ),
                (
                    "states:DescribeActivity",
                    200,
                    r#"{"encryptionConfiguration":{"type":"CUSTOMER_MANAGED_KMS_KEY","kmsKeyId":"k","kmsDataKeyReusePeriodSeconds":600}}"#,
                ),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome.is_complete()), "{ledger:?}");
        let machine = all.iter().find(|r| r.kind == "aws_sfn_state_machine").unwrap();
        assert_eq!(
            machine.str("config.logging_configuration.0.log_destination"),
            Some("arn:aws:logs:eu-west-3:123456789012:log-group:/sfn:*")
        );
        assert_eq!((machine.str("config.type"), machine.str("facts.status")), (Some("EXPRESS"), Some("ACTIVE")));
        let activity = all.iter().find(|r| r.kind == "aws_sfn_activity").unwrap();
        assert_eq!(activity.config["encryption_configuration"][0]["kms_data_key_reuse_period_seconds"], 600);
        assert_complete(&all);
    }

    #[test]
    fn refusals() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("states:ListStateMachines", 200, MACHINES),
                ("states:DescribeStateMachine", 400, r#"{"__type":"AccessDeniedException"}"#),
                ("states:ListActivities", 400, r#"{"__type":"AccessDeniedException"}"#),
            ],
        );
        assert!(all[0].unread.contains_key("config.definition"));
        let gap = ledger.iter().find(|e| e.call == "states:ListActivities").unwrap();
        assert_eq!((gap.outcome, gap.types.as_slice()), (Outcome::Denied, ["aws_sfn_activity".to_owned()].as_slice()));
    }
}
