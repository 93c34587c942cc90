//! The least-privilege read-only policy that the collectors need, derived from what they declare.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::collector::Call;
use super::{COLLECTORS, clients, run, seen};

/// IAM actions that allow a call.
#[must_use]
pub fn actions(call: &Call) -> Vec<String> {
    if !call.iam.is_empty() {
        return call.iam.iter().map(|a| (*a).to_owned()).collect();
    }
    let service = call.service();
    let prefix = clients::SERVICES.iter().find(|(_, p, _)| *p == service).map_or(service, |(_, _, iam)| iam);
    vec![format!("{prefix}:{}", call.operation())]
}

/// The policy document. `sts:GetCallerIdentity` needs no permission and is left out.
#[must_use]
pub fn policy() -> Value {
    let all: BTreeSet<String> = COLLECTORS
        .iter()
        .flat_map(|c| c.calls)
        .chain(run::calls())
        .filter(|c| c.name != "sts:GetCallerIdentity")
        .flat_map(actions)
        .chain(seen::listing_permissions())
        .collect();
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": "SurveyorReadOnly", "Effect": "Allow", "Action": all, "Resource": "*" }],
    })
}
