//! VPCs with their DNS attributes and further address ranges.

use aws_sdk_ec2::types::{Vpc, VpcAttributeName, VpcCidrBlockState};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::ec2_tags;
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::strings;
use crate::estate::Resource;

/// `aws_vpc`, `aws_default_vpc` and `aws_vpc_ipv4_cidr_block_association` for ranges beyond the first.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_vpc", "aws_default_vpc", "aws_vpc_ipv4_cidr_block_association"],
    calls: &[list("ec2:DescribeVpcs"), detail("ec2:DescribeVpcAttribute").gone(&["InvalidVpcID.NotFound"])],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_vpcs().into_paginator().page_size(1000).send();
    let vpcs = scan.list("ec2:DescribeVpcs", pages, |p| p.vpcs.unwrap_or_default()).await;
    scan.each(vpcs, |vpc| one(scan, vpc)).await;
}

async fn one(scan: &Scan<'_>, vpc: Vpc) {
    let Some(id) = vpc.vpc_id() else { return };
    let is_default = vpc.is_default() == Some(true);
    let mut r = scan.resource(if is_default { "aws_default_vpc" } else { "aws_vpc" }, id);
    r.arn = Some(scan.arn("ec2", &format!("vpc/{id}")));
    ec2_tags(&mut r, vpc.tags());
    let tenancy = vpc.instance_tenancy().map(|t| t.as_str());
    if is_default {
        r.fact("cidr_block", vpc.cidr_block()).fact("instance_tenancy", tenancy);
    } else {
        r.set("cidr_block", vpc.cidr_block()).set("instance_tenancy", tenancy);
    }
    r.fact("is_default", is_default).fact("state", vpc.state().map(|s| s.as_str())).fact("dhcp_options_id", vpc.dhcp_options_id());
    ipv6(&mut r, &vpc);
    for (attribute, argument) in [
        (VpcAttributeName::EnableDnsSupport, "enable_dns_support"),
        (VpcAttributeName::EnableDnsHostnames, "enable_dns_hostnames"),
        (VpcAttributeName::EnableNetworkAddressUsageMetrics, "enable_network_address_usage_metrics"),
    ] {
        let path = format!("config.{argument}");
        let request = scan.ec2().describe_vpc_attribute().vpc_id(id).attribute(attribute).send();
        match scan.detail(&mut r, "ec2:DescribeVpcAttribute", &[&path], request).await {
            Detail::Got(answer) => {
                let value = [answer.enable_dns_support(), answer.enable_dns_hostnames(), answer.enable_network_address_usage_metrics()];
                r.set(argument, value.into_iter().flatten().find_map(|v| v.value()));
            }
            Detail::Gone => return,
            Detail::Absent | Detail::Unread => {}
        }
    }
    let further: Vec<_> = vpc
        .cidr_block_association_set()
        .iter()
        .filter(|a| associated(a.cidr_block_state()) && a.cidr_block() != vpc.cidr_block())
        .filter_map(|a| Some((a.association_id()?, a.cidr_block()?)))
        .collect();
    r.fact("secondary_cidr_blocks", strings(further.iter().map(|(_, cidr)| cidr)));
    for (association, cidr) in further {
        let mut part = scan.resource("aws_vpc_ipv4_cidr_block_association", association);
        part.name.clone_from(&r.name);
        part.set("vpc_id", id).set("cidr_block", cidr);
        scan.emit(part);
    }
    scan.emit(r);
}

/// The IPv6 range, as the provider holds it: Amazon's own is asked for with a flag, any other by its pool and range.
fn ipv6(r: &mut Resource, vpc: &Vpc) {
    let range = vpc.ipv6_cidr_block_association_set().iter().find(|a| associated(a.ipv6_cidr_block_state()));
    r.fact("ipv6_cidr_block", range.and_then(|a| a.ipv6_cidr_block()));
    let from_amazon = range.is_some_and(|a| a.ipv6_pool() == Some("Amazon"));
    r.set("assign_generated_ipv6_cidr_block", from_amazon);
    let Some(range) = range else { return };
    r.set("ipv6_cidr_block_network_border_group", range.network_border_group());
    r.set("ipv6_cidr_block", range.ipv6_cidr_block().filter(|_| !from_amazon));
    r.set("ipv6_ipam_pool_id", range.ipv6_pool().filter(|pool| pool.starts_with("ipam-pool-")));
}

fn associated(state: Option<&VpcCidrBlockState>) -> bool {
    state.and_then(|s| s.state()).is_some_and(|s| s.as_str() == "associated")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    const VPCS: &str = r#"<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId><vpcSet>
        <item><vpcId>vpc-0aaa1111</vpcId><state>available</state><cidrBlock>10.0.0.0/16</cidrBlock><instanceTenancy>default</instanceTenancy>
          <isDefault>false</isDefault><dhcpOptionsId>dopt-1</dhcpOptionsId>
          <cidrBlockAssociationSet>
            <item><cidrBlock>10.0.0.0/16</cidrBlock><associationId>vpc-cidr-assoc-1</associationId><cidrBlockState><state>associated</state></cidrBlockState></item>
            <item><cidrBlock>10.1.0.0/16</cidrBlock><associationId>vpc-cidr-assoc-2</associationId><cidrBlockState><state>associated</state></cidrBlockState></item>
            <item><cidrBlock>10.2.0.0/16</cidrBlock><associationId>vpc-cidr-assoc-3</associationId><cidrBlockState><state>disassociated</state></cidrBlockState></item>
          </cidrBlockAssociationSet>
          <ipv6CidrBlockAssociationSet><item><ipv6CidrBlock>2600:1f18::/56</ipv6CidrBlock><associationId>vpc-cidr-assoc-6</associationId>
            <ipv6Pool>Amazon</ipv6Pool><networkBorderGroup>eu-west-3</networkBorderGroup><ipv6CidrBlockState><state>associated</state></ipv6CidrBlockState></item></ipv6CidrBlockAssociationSet>
          <tagSet><item><key>Name</key><value>main</value></item></tagSet></item></vpcSet></DescribeVpcsResponse>"#;

    fn attribute(name: &str, value: bool) -> String {
        format!(
            r#"<DescribeVpcAttributeResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><vpcId>vpc-0aaa1111</vpcId><{name}><value>{value}</value></{name}></DescribeVpcAttributeResponse>"#
        )
    }

    #[test]
    fn a_vpc_with_its_dns_attributes() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("ec2:DescribeVpcs", 200, VPCS),
                ("ec2:DescribeVpcAttribute", 200, &attribute("enableDnsSupport", true)),
                ("ec2:DescribeVpcAttribute", 200, &attribute("enableDnsHostnames", false)),
                ("ec2:DescribeVpcAttribute", 200, &attribute("enableNetworkAddressUsageMetrics", false)),
            ],
        );
        assert_complete(&all);
        assert_eq!(all.len(), 2, "{ledger:?}");
        assert_eq!(all[0].facts["secondary_cidr_blocks"], serde_json::json!(["10.1.0.0/16"]));
        assert_eq!((all[1].kind.as_str(), all[1].id.as_str()), ("aws_vpc_ipv4_cidr_block_association", "vpc-cidr-assoc-2"));
        assert_eq!(all[0].config["assign_generated_ipv6_cidr_block"], true);
        assert_eq!(all[0].config["ipv6_cidr_block"], serde_json::Value::Null, "asked for with the flag");
        assert_eq!((all[0].kind.as_str(), all[0].id.as_str(), all[0].name.as_deref()), ("aws_vpc", "vpc-0aaa1111", Some("main")));
        assert_eq!(all[0].config["enable_dns_support"], true);
        assert_eq!(all[0].config["enable_dns_hostnames"], false);
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done));
    }

    #[test]
    fn a_refused_detail_is_unread_and_a_refused_listing_is_a_gap() {
        let denied = r#"<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>r-2</RequestID></Response>"#;
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeVpcs", 200, VPCS), ("ec2:DescribeVpcAttribute", 403, denied)]);
        assert!(all[0].unread["config.enable_dns_support"].starts_with("denied: ec2:DescribeVpcAttribute"), "{:?}", all[0].unread);
        assert!(!all[0].config.contains_key("enable_dns_support"));
        let (all, ledger2) = collect(&COLLECTOR, &[("ec2:DescribeVpcs", 403, denied)]);
        assert!(all.is_empty());
        assert_eq!(ledger2[0].outcome, Outcome::Denied);
        assert_eq!(ledger2[0].permissions, ["ec2:DescribeVpcs"]);
        assert_eq!(ledger2[0].request_id.as_deref(), Some("recorded"));
        assert_eq!(ledger.len(), 2);
    }
}
