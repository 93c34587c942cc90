//! Whether flaws in software are looked for.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::items;

const STATUS: &str = "inspector2:BatchGetAccountStatus";

/// `x_inspector_account`: the provider can make its `aws_inspector2_enabler` and cannot import it.
pub const COLLECTOR: Collector =
    Collector { types: &["x_inspector_account"], calls: &[list(STATUS)], scope: Scope::Regional, collect: |scan| Box::pin(collect(scan)) };

/// Facts and where they stand in the answer.
const FACTS: [(&str, &str); 5] = [
    ("status", "state"),
    ("instances", "resourceState/ec2"),
    ("images", "resourceState/ecr"),
    ("functions", "resourceState/lambda"),
    ("function_code", "resourceState/lambdaCode"),
];

async fn collect(scan: &Scan<'_>) {
    let mut r = scan.resource("x_inspector_account", &scan.region);
    r.name = Some(format!("Inspector in {}", scan.region));
    let own = json!({ "accountIds": [scan.session.account] });
    let request = scan.session.rest(scan.endpoint_region(), STATUS, "POST", "/status/batch/get", Some(own));
    let Detail::Got(answer) = scan.detail(&mut r, STATUS, &[], request).await else { return };
    let own = |a: &&Value| a["accountId"] == scan.session.account.as_str();
    let Some(account) = items(&answer, "accounts").iter().find(own) else {
        let failed = items(&answer, "failedAccounts").iter().find(own);
        let code = failed.and_then(|f| f["errorCode"].as_str()).unwrap_or("no status");
        r.mark_unread(&FACTS.map(|(name, _)| format!("facts.{name}")).each_ref().map(String::as_str), &format!("failed: {STATUS}: {code}"));
        scan.emit(r);
        return;
    };
    let of = |part: &str| account.pointer(&format!("/{part}/status")).and_then(Value::as_str);
    for (name, part) in FACTS {
        r.fact(name, of(part));
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    #[test]
    fn what_is_scanned() {
        let answer = r#"{"accounts":[{"accountId":"123456789012","state":{"status":"ENABLED"},"resourceState":{"ec2":{"status":"ENABLED"},"ecr":{"status":"DISABLED"},"lambda":{"status":"ENABLING"},"lambdaCode":{"status":"DISABLED"}}}],"failedAccounts":[]}"#;
        let (all, ledger) = collect(&COLLECTOR, &[(STATUS, 200, answer)]);
        assert_eq!((all.len(), ledger[0].outcome), (1, Outcome::Done));
        assert_eq!((all[0].facts["instances"].as_str(), all[0].facts["images"].as_str()), (Some("ENABLED"), Some("DISABLED")));
    }

    #[test]
    fn a_refusal_is_a_gap_and_so_is_a_failed_account() {
        let (all, ledger) = collect(&COLLECTOR, &[(STATUS, 403, r#"{"__type":"AccessDeniedException","message":"no"}"#)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Denied);
        let failed = r#"{"accounts":[],"failedAccounts":[{"accountId":"123456789012","errorCode":"ACCESS_DENIED","errorMessage":"no"}]}"#;
        let (all, _) = collect(&COLLECTOR, &[(STATUS, 200, failed)]);
        assert_eq!(all[0].unread["facts.instances"], "failed: inspector2:BatchGetAccountStatus: ACCESS_DENIED");
    }
}
