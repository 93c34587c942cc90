//! Internet gateways.

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;

/// `aws_internet_gateway`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_internet_gateway"],
    calls: &[list("ec2:DescribeInternetGateways")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_internet_gateways().into_paginator().page_size(1000).send();
    for gateway in scan.list("ec2:DescribeInternetGateways", pages, |p| p.internet_gateways.unwrap_or_default()).await {
        let Some(id) = gateway.internet_gateway_id() else { continue };
        let mut r = scan.resource("aws_internet_gateway", id);
        r.arn = Some(scan.arn("ec2", &format!("internet-gateway/{id}")));
        ec2_tags(&mut r, gateway.tags());
        let attachment = gateway.attachments().first();
        r.set("vpc_id", attachment.and_then(|a| a.vpc_id()));
        r.fact("attachment_state", attachment.and_then(|a| a.state()).map(|s| s.as_str()));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    #[test]
    fn an_attached_gateway_and_a_loose_one() {
        let answer = ec2(
            "DescribeInternetGateways",
            "<internetGatewaySet><item><internetGatewayId>igw-1</internetGatewayId><ownerId>123456789012</ownerId>\
               <attachmentSet><item><vpcId>vpc-1</vpcId><state>available</state></item></attachmentSet>\
               <tagSet><item><key>Name</key><value>main</value></item></tagSet></item>\
             <item><internetGatewayId>igw-2</internetGatewayId><attachmentSet/></item></internetGatewaySet>",
        );
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeInternetGateways", 200, &answer)]);
        assert_complete(&all);
        assert_eq!((all[0].label(), all[0].str("config.vpc_id")), ("main", Some("vpc-1")));
        assert_eq!(all[1].config["vpc_id"], Value::Null);
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeInternetGateways", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
