//! Services that this account offers to the networks of others.

use aws_sdk_ec2::types::ServiceConfiguration;

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::ec2_tags;
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::set;

const PERMISSIONS: &str = "ec2:DescribeVpcEndpointServicePermissions";

/// `aws_vpc_endpoint_service`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_vpc_endpoint_service"],
    calls: &[list("ec2:DescribeVpcEndpointServiceConfigurations"), detail(PERMISSIONS).gone(&["InvalidVpcEndpointServiceId.NotFound"])],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_vpc_endpoint_service_configurations().into_paginator().page_size(1000).send();
    let services = scan.list("ec2:DescribeVpcEndpointServiceConfigurations", pages, |p| p.service_configurations.unwrap_or_default()).await;
    scan.each(services, |service| one(scan, service)).await;
}

async fn one(scan: &Scan<'_>, s: ServiceConfiguration) {
    let Some(id) = s.service_id() else { return };
    let state = s.service_state().map(|v| v.as_str());
    if matches!(state, Some("Deleting" | "Deleted")) {
        return;
    }
    let mut r = scan.resource("aws_vpc_endpoint_service", id);
    r.arn = Some(scan.arn("ec2", &format!("vpc-endpoint-service/{id}")));
    ec2_tags(&mut r, s.tags());
    r.set("acceptance_required", s.acceptance_required())
        .set("network_load_balancer_arns", set(s.network_load_balancer_arns()))
        .set("gateway_load_balancer_arns", set(s.gateway_load_balancer_arns()))
        .set("private_dns_name", s.private_dns_name())
        .set("supported_ip_address_types", set(s.supported_ip_address_types().iter().map(|t| t.as_str())))
        .set("supported_regions", set(s.supported_regions().iter().filter_map(|r| r.region())));
    r.fact("service_name", s.service_name()).fact("state", state);
    let request = scan.ec2().describe_vpc_endpoint_service_permissions().service_id(id).max_results(1000).send();
    match scan.detail(&mut r, PERMISSIONS, &["config.allowed_principals"], request).await {
        Detail::Got(answer) => {
            r.set("allowed_principals", set(answer.allowed_principals().iter().filter_map(|p| p.principal())));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};

    const LIST: &str = "ec2:DescribeVpcEndpointServiceConfigurations";

    fn services() -> String {
        ec2(
            "DescribeVpcEndpointServiceConfigurations",
            "<serviceConfigurationSet><item><serviceType><item><serviceType>Interface</serviceType></item></serviceType><serviceId>vpce-svc-1</serviceId><serviceName>com.amazonaws.vpce.eu-west-3.vpce-svc-1</serviceName><serviceState>Available</serviceState><acceptanceRequired>true</acceptanceRequired>\
             <networkLoadBalancerArnSet><item>arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/net/n/1</item></networkLoadBalancerArnSet><supportedIpAddressTypeSet><item>ipv4</item></supportedIpAddressTypeSet></item></serviceConfigurationSet>",
        )
    }

    #[test]
    fn a_service_and_who_may_use_it() {
        let allowed = ec2(
            "DescribeVpcEndpointServicePermissions",
            "<allowedPrincipals><item><principalType>Account</principalType><principal>arn:aws:iam::999999999999:root</principal></item></allowedPrincipals>",
        );
        let (all, _) = collect(&COLLECTOR, &[(LIST, 200, &services()), (PERMISSIONS, 200, &allowed)]);
        assert_complete(&all);
        assert_eq!(all[0].config["allowed_principals"], serde_json::json!(["arn:aws:iam::999999999999:root"]));
    }

    #[test]
    fn refusals() {
        let (all, _) = collect(&COLLECTOR, &[(LIST, 200, &services()), (PERMISSIONS, 403, EC2_DENIED)]);
        assert!(all[0].unread.contains_key("config.allowed_principals"));
        let (all, ledger) = collect(&COLLECTOR, &[(LIST, 403, EC2_DENIED)]);
        assert!(all.is_empty() && !ledger[0].outcome.is_complete());
    }
}
