//! Links from HTTP APIs into networks.

use serde_json::Value;

use super::api::{arn, own_tags};
use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{items, set, text};

/// `aws_apigatewayv2_vpc_link`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_apigatewayv2_vpc_link"],
    calls: &[list("apigatewayv2:GetVpcLinks").iam(&["apigateway:GET"])],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    for link in scan.rest_list("apigatewayv2:GetVpcLinks", "/v2/vpclinks?maxResults=100", "items", "nextToken", "nextToken").await {
        let (Some(id), Some(name)) = (text(&link, "vpcLinkId"), text(&link, "name")) else { continue };
        let mut r = scan.resource("aws_apigatewayv2_vpc_link", id);
        r.arn = Some(arn(scan, &format!("vpclinks/{id}")));
        r.name = Some(name.into());
        own_tags(&mut r, &link);
        let ids = |field: &str| set(items(&link, field).iter().filter_map(Value::as_str));
        r.set("name", name).set("security_group_ids", ids("securityGroupIds")).set("subnet_ids", ids("subnetIds"));
        r.fact("status", text(&link, "vpcLinkStatus")).fact("created_date", text(&link, "createdDate"));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    #[test]
    fn links_over_two_pages() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                (
                    "apigatewayv2:GetVpcLinks",
                    200,
                    r#"{"items":[{"name":"shop","securityGroupIds":["sg-1"],"subnetIds":["subnet-b","subnet-a"],"tags":{"Environment":"prod"},"vpcLinkId":"l1","vpcLinkStatus":"AVAILABLE"}],"nextToken":"n"}"#,
                ),
                (
                    "apigatewayv2:GetVpcLinks",
                    200,
                    r#"{"items":[{"name":"old","securityGroupIds":[],"subnetIds":["subnet-c"],"vpcLinkId":"l2","vpcLinkStatus":"INACTIVE"}]}"#,
                ),
            ],
        );
        assert_eq!((all.len(), ledger[0].requests), (2, 2));
        assert_eq!(all[0].config["subnet_ids"], serde_json::json!(["subnet-a", "subnet-b"]));
        assert_eq!(all[1].str("facts.status"), Some("INACTIVE"));
        assert_complete(&all);
    }

    #[test]
    fn a_refusal_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("apigatewayv2:GetVpcLinks", 403, "{}")]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
