//! Egress-only internet gateways (IPv6).

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;

/// `aws_egress_only_internet_gateway`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_egress_only_internet_gateway"],
    calls: &[list("ec2:DescribeEgressOnlyInternetGateways")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_egress_only_internet_gateways().into_paginator().page_size(255).send();
    let gateways =
        scan.list("ec2:DescribeEgressOnlyInternetGateways", pages, |p| p.egress_only_internet_gateways.unwrap_or_default()).await;
    for gateway in gateways {
        // One that is attached nowhere is on its way out: it cannot be made without a VPC.
        let (Some(id), Some(vpc)) = (gateway.egress_only_internet_gateway_id(), gateway.attachments().iter().find_map(|a| a.vpc_id()))
        else {
            continue;
        };
        let mut r = scan.resource("aws_egress_only_internet_gateway", id);
        r.arn = Some(scan.arn("ec2", &format!("egress-only-internet-gateway/{id}")));
        ec2_tags(&mut r, gateway.tags());
        r.set("vpc_id", vpc);
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    #[test]
    fn a_gateway_with_its_vpc() {
        let answer = ec2(
            "DescribeEgressOnlyInternetGateways",
            "<egressOnlyInternetGatewaySet><item><egressOnlyInternetGatewayId>eigw-1</egressOnlyInternetGatewayId>\
               <attachmentSet><item><vpcId>vpc-1</vpcId><state>attached</state></item></attachmentSet></item>\
             <item><egressOnlyInternetGatewayId>eigw-2</egressOnlyInternetGatewayId><attachmentSet/></item></egressOnlyInternetGatewaySet>",
        );
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeEgressOnlyInternetGateways", 200, &answer)]);
        assert_complete(&all);
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].id.as_str(), all[0].str("config.vpc_id")), ("eigw-1", Some("vpc-1")));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeEgressOnlyInternetGateways", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
