//! Connections to GitHub, GitLab and the like.

use serde_json::json;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::text;

/// `aws_codestarconnections_connection`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_codestarconnections_connection"],
    calls: &[list("codestar-connections:ListConnections")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let input = json!({ "MaxResults": 100 });
    for connection in scan.json_list("codestar-connections:ListConnections", input, "Connections", "NextToken").await {
        let (Some(arn), Some(name)) = (text(&connection, "ConnectionArn"), text(&connection, "ConnectionName")) else { continue };
        let mut r = scan.resource("aws_codestarconnections_connection", arn);
        r.arn = Some(arn.into());
        scan.bulk_tags(&mut r).await;
        r.name = Some(name.into());
        r.set("name", name).set("host_arn", text(&connection, "HostArn")).set("provider_type", text(&connection, "ProviderType"));
        r.fact("connection_status", text(&connection, "ConnectionStatus"));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    #[test]
    fn a_connection_that_waits() {
        let (all, _) = collect(
            &COLLECTOR,
            &[(
                "codestar-connections:ListConnections",
                200,
                r#"{"Connections":[{"ConnectionName":"hub","ConnectionArn":"arn:aws:codeconnections:eu-west-3:123456789012:connection/u","ProviderType":"GitHub","OwnerAccountId":"123456789012","ConnectionStatus":"PENDING"}]}"#,
            )],
        );
        assert_eq!((all[0].str("config.provider_type"), all[0].str("facts.connection_status")), (Some("GitHub"), Some("PENDING")));
        assert_complete(&all);
    }

    #[test]
    fn a_refusal_is_a_gap() {
        let (_, ledger) = collect(&COLLECTOR, &[("codestar-connections:ListConnections", 400, r#"{"__type":"AccessDeniedException"}"#)]);
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
