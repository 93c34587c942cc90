//! CloudFormation stacks: who keeps what. Templates are not read; they say nothing that the things themselves do not.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{Stack, StackSetSummary};
use serde_json::{Map, Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::tags;
use crate::aws::value::{set, time};

const STACKS: &str = "cloudformation:DescribeStacks";
const PARTS: &str = "cloudformation:ListStackResources";
const SETS: &str = "cloudformation:ListStackSets";

/// What a parameter without echo is answered as.
const HIDDEN: &str = "****";

/// `aws_cloudformation_stack`, `x_cloudformation_stack_set`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_cloudformation_stack", "x_cloudformation_stack_set"],
    calls: &[
        list(STACKS).yields(&["aws_cloudformation_stack"]),
        // An account that may not use stack sets with an organization is answered a validation error.
        list(SETS).yields(&["x_cloudformation_stack_set"]).absent(&["ValidationError"]),
        detail(PARTS).gone(&["ValidationError"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.cloudformation().describe_stacks().into_paginator().send();
    let stacks = scan.list(STACKS, pages, |p| p.stacks.unwrap_or_default()).await;
    scan.each(stacks, |stack| one(scan, stack)).await;
    let active = aws_sdk_cloudformation::types::StackSetStatus::Active;
    let pages = scan.cloudformation().list_stack_sets().status(active).into_paginator().send();
    for found in scan.list(SETS, pages, |p| p.summaries.unwrap_or_default()).await {
        stack_set(scan, &found);
    }
}

async fn one(scan: &Scan<'_>, stack: Stack) {
    let (Some(name), Some(id)) = (stack.stack_name(), stack.stack_id()) else { return };
    let status = stack.stack_status().map(|s| s.as_str());
    if status == Some("DELETE_COMPLETE") {
        return;
    }
    let mut r = scan.resource("aws_cloudformation_stack", name);
    r.arn = Some(id.into());
    let own: BTreeMap<String, String> =
        stack.tags().iter().filter_map(|t| Some((t.key()?.to_owned(), t.value().unwrap_or_default().to_owned()))).collect();
    tags::set(&mut r, own);
    r.name = Some(name.into());
    // What stands for a hidden value is no value.
    let parameters: Map<String, Value> = stack
        .parameters()
        .iter()
        .filter_map(|p| Some((p.parameter_key()?.to_owned(), p.parameter_value().filter(|v| *v != HIDDEN)?.into())))
        .collect();
    let hidden = set(stack.parameters().iter().filter(|p| p.parameter_value() == Some(HIDDEN)).filter_map(|p| p.parameter_key()));
    r.set("name", name)
        .set("capabilities", set(stack.capabilities().iter().map(|c| c.as_str())))
        .set("disable_rollback", stack.disable_rollback())
        .set("iam_role_arn", stack.role_arn())
        .set("notification_arns", set(stack.notification_arns()))
        .set("parameters", parameters)
        .set("timeout_in_minutes", stack.timeout_in_minutes());
    let drift = stack.drift_information();
    r.fact("status", status)
        .fact("status_reason", stack.stack_status_reason())
        .fact("description", stack.description())
        .fact("hidden_parameters", hidden)
        .fact("drift_status", drift.and_then(|d| d.stack_drift_status()).map(|s| s.as_str()))
        .fact("drift_checked", time(drift.and_then(|d| d.last_check_timestamp())))
        .fact("termination_protection", stack.enable_termination_protection())
        .fact("parent_id", stack.parent_id())
        .fact("root_id", stack.root_id())
        .fact("created", time(stack.creation_time()))
        .fact("updated", time(stack.last_updated_time()));
    let mut parts = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let request = scan.cloudformation().list_stack_resources().stack_name(id).set_next_token(token.clone()).send();
        match scan.detail(&mut r, PARTS, &["facts.parts"], request).await {
            Detail::Got(answer) => {
                parts.extend(answer.stack_resource_summaries().iter().filter_map(|p| {
                    let physical = p.physical_resource_id().filter(|i| !i.is_empty())?;
                    let gone = p.resource_status().is_some_and(|s| matches!(s.as_str(), "DELETE_COMPLETE" | "DELETE_SKIPPED"));
                    (!gone).then(|| json!({ "type": p.resource_type(), "id": physical, "logical_id": p.logical_resource_id() }))
                }));
                token = answer.next_token().filter(|t| !t.is_empty() && token.as_deref() != Some(*t)).map(str::to_owned);
                if token.is_none() {
                    r.fact("parts", parts);
                    break;
                }
            }
            Detail::Gone => return,
            Detail::Absent | Detail::Unread => break,
        }
    }
    scan.emit(r);
}

fn stack_set(scan: &Scan<'_>, found: &StackSetSummary) {
    let (Some(name), Some(id)) = (found.stack_set_name(), found.stack_set_id()) else { return };
    let mut r = scan.resource("x_cloudformation_stack_set", name);
    r.arn = Some(scan.arn("cloudformation", &format!("stackset/{id}")));
    r.name = Some(name.into());
    r.fact("permission_model", found.permission_model().map(|m| m.as_str())).fact("drift_status", found.drift_status().map(|s| s.as_str()));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    fn answer(call: &str, body: &str) -> String {
        format!(
            r#"<{call}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><{call}Result>{body}</{call}Result></{call}Response>"#
        )
    }

    fn stacks() -> String {
        answer(
            "DescribeStacks",
            "<Stacks><member><StackId>arn:aws:cloudformation:eu-west-3:123456789012:stack/web/1</StackId><StackName>web</StackName><StackStatus>UPDATE_COMPLETE</StackStatus><CreationTime>2025-01-02T03:04:05Z</CreationTime>\
             <Capabilities><member>CAPABILITY_IAM</member></Capabilities><DisableRollback>false</DisableRollback><EnableTerminationProtection>false</EnableTerminationProtection><DriftInformation><StackDriftStatus>DRIFTED</StackDriftStatus></DriftInformation>\
             <Parameters><member><ParameterKey>Size</ParameterKey><ParameterValue>2</ParameterValue></member><member><ParameterKey>Password</ParameterKey><ParameterValue>****</ParameterValue></member></Parameters>\
             <Tags><member><Key>team</Key><Value>web</Value></member></Tags></member></Stacks>",
        )
    }

    fn sets() -> String {
        answer(
            "ListStackSets",
            "<Summaries><member><StackSetName>baseline</StackSetName><StackSetId>baseline:1</StackSetId><Status>ACTIVE</Status><PermissionModel>SELF_MANAGED</PermissionModel></member></Summaries>",
        )
    }

    #[test]
    fn a_stack_and_what_belongs_to_it() {
        let part = |kind: &str, id: &str| {
            format!(
                "<member><ResourceType>{kind}</ResourceType><PhysicalResourceId>{id}</PhysicalResourceId><LogicalResourceId>L</LogicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus><LastUpdatedTimestamp>2025-01-02T03:04:05Z</LastUpdatedTimestamp></member>"
            )
        };
        let first = answer(
            "ListStackResources",
            &format!(
                "<StackResourceSummaries>{}</StackResourceSummaries><NextToken>n</NextToken>",
                part("AWS::EC2::SecurityGroup", "sg-1")
            ),
        );
        let second = answer(
            "ListStackResources",
            &format!("<StackResourceSummaries>{}</StackResourceSummaries>", part("AWS::S3::Bucket", "web-assets")),
        );
        let (all, ledger) =
            collect(&COLLECTOR, &[(STACKS, 200, &stacks()), (PARTS, 200, &first), (PARTS, 200, &second), (SETS, 200, &sets())]);
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
        assert_complete(&all);
        assert_eq!(all[0].facts["parts"].as_array().unwrap().len(), 2);
        assert_eq!((&all[0].config["parameters"], &all[0].facts["hidden_parameters"]), (&json!({ "Size": "2" }), &json!(["Password"])));
        assert_eq!((all[0].str("facts.drift_status"), all[0].tags["team"].as_str()), (Some("DRIFTED"), "web"));
        assert_eq!(all[1].id, "baseline");
    }

    #[test]
    fn refusals() {
        let denied = r#"<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"#;
        let (all, _) = collect(&COLLECTOR, &[(STACKS, 200, &stacks()), (PARTS, 403, denied), (SETS, 200, &sets())]);
        assert!(all[0].unread.contains_key("facts.parts"));
        let (all, ledger) = collect(&COLLECTOR, &[(STACKS, 403, denied), (SETS, 403, denied)]);
        assert!(all.is_empty() && ledger.iter().all(|e| e.outcome == Outcome::Denied));
    }
}
