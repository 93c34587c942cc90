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

/// Characters that a managed policy may have, white space not counted (IAM User Guide, "IAM and AWS STS quotas").
pub const MANAGED_POLICY_MAX: usize = 6144;

/// The whole policy as one document.
#[must_use]
pub fn policy() -> Value {
    document(&all().into_iter().collect::<Vec<_>>())
}

/// The policy in as many documents as it takes for each to be a managed policy. A role or user may have ten of them.
#[must_use]
pub fn managed_policies() -> Vec<Value> {
    let mut parts: Vec<Vec<String>> = Vec::new();
    let frame = document(&[]).to_string().len();
    let mut length = MANAGED_POLICY_MAX;
    for action in all() {
        // Two quotation marks and a comma.
        let more = action.len() + 3;
        if length + more > MANAGED_POLICY_MAX {
            parts.push(Vec::new());
            length = frame;
        }
        length += more;
        if let Some(part) = parts.last_mut() {
            part.push(action);
        }
    }
    parts.iter().map(|actions| document(actions)).collect()
}

fn document(actions: &[String]) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": "SurveyorReadOnly", "Effect": "Allow", "Action": actions, "Resource": "*" }],
    })
}

/// Every action. `sts:GetCallerIdentity` needs no permission and is left out.
fn all() -> BTreeSet<String> {
    COLLECTORS
        .iter()
        .flat_map(|c| c.calls)
        .chain(run::calls())
        .filter(|c| c.name != "sts:GetCallerIdentity")
        .flat_map(actions)
        .chain(seen::listing_permissions())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_fits_a_managed_policy_and_together_they_are_the_whole() {
        let parts = managed_policies();
        assert!(parts.len() > 1 && parts.len() <= 10, "{} parts", parts.len());
        let mut actions = BTreeSet::new();
        for part in &parts {
            assert!(part.to_string().len() <= MANAGED_POLICY_MAX, "{}", part.to_string().len());
            actions.extend(part["Statement"][0]["Action"].as_array().unwrap().iter().map(|a| a.as_str().unwrap().to_owned()));
        }
        assert_eq!(actions, all());
    }
}
