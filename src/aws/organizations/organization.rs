//! The organization this account belongs to.

use serde_json::json;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{strings, text};

const ORGANIZATION: &str = "organizations:DescribeOrganization";
const POLICIES: &str = "organizations:ListPolicies";

/// `x_organization`. Which control policies there are only the management account may ask.
pub const COLLECTOR: Collector = Collector {
    types: &["x_organization"],
    calls: &[list(ORGANIZATION).absent(&["AWSOrganizationsNotInUseException"]), list(POLICIES)],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let request = scan.session.json(scan.endpoint_region(), ORGANIZATION, json!({}));
    let found = scan.list_once(ORGANIZATION, request, |a| a.get("Organization").cloned().into_iter().collect()).await;
    for o in &found {
        let Some(id) = text(o, "Id") else { continue };
        let mut r = scan.resource("x_organization", id);
        r.arn = text(o, "Arn").map(str::to_owned);
        r.name = Some(id.into());
        let management = text(o, "MasterAccountId");
        let here = management == Some(scan.session.account.as_str());
        r.fact("management_account", management).fact("feature_set", text(o, "FeatureSet")).fact("is_management_account", here);
        if here {
            let input = json!({ "Filter": "SERVICE_CONTROL_POLICY" });
            let policies = scan.json_list(POLICIES, input, "Policies", "NextToken").await;
            match scan.gap(POLICIES) {
                Some(cause) => r.mark_unread(&["facts.control_policies"], &cause),
                None => {
                    r.fact("control_policies", strings(policies.iter().filter_map(|p| text(p, "Name"))));
                }
            }
        }
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    fn organization(management: &str) -> String {
        format!(
            r#"{{"Organization":{{"Id":"o-abc","Arn":"arn:aws:organizations::{management}:organization/o-abc","FeatureSet":"ALL","MasterAccountId":"{management}","MasterAccountEmail":"root@example.com"}}}}"#
        )
    }

    #[test]
    fn the_management_account_sees_its_policies_and_a_member_does_not_ask() {
        let policies = r#"{"Policies":[{"Id":"p-1","Name":"FullAWSAccess","AwsManaged":true},{"Id":"p-2","Name":"regions"}]}"#;
        let (all, _) = collect(&COLLECTOR, &[(ORGANIZATION, 200, &organization("123456789012")), (POLICIES, 200, policies)]);
        assert_eq!(all[0].facts["control_policies"], json!(["FullAWSAccess", "regions"]));
        assert!(!serde_json::to_string(&all).unwrap().contains("root@example.com"));
        let (all, ledger) = collect(&COLLECTOR, &[(ORGANIZATION, 200, &organization("999999999999"))]);
        assert_eq!((all[0].bool("facts.is_management_account"), ledger.len()), (false, 1));
    }

    #[test]
    fn no_organization_is_an_answer_and_a_refusal_a_gap() {
        let none = r#"{"__type":"AWSOrganizationsNotInUseException","message":"Your account is not a member of an organization."}"#;
        let (all, ledger) = collect(&COLLECTOR, &[(ORGANIZATION, 400, none)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Done);
        let (_, ledger) = collect(&COLLECTOR, &[(ORGANIZATION, 400, r#"{"__type":"AccessDeniedException","message":"no"}"#)]);
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
