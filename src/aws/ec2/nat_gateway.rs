//! NAT gateways.

use aws_sdk_ec2::types::NatGateway;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::metrics::{self, Each, Figure};
use crate::aws::scan::Scan;
use crate::aws::value::{set, time};
use crate::estate::{Ownership, OwnershipClass};

/// `aws_nat_gateway`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_nat_gateway"],
    calls: &[list("ec2:DescribeNatGateways"), metrics::CALL],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_nat_gateways().into_paginator().page_size(1000).send();
    let gateways = scan.list("ec2:DescribeNatGateways", pages, |p| p.nat_gateways.unwrap_or_default()).await;
    let ids: Vec<&str> = gateways.iter().filter_map(NatGateway::nat_gateway_id).collect();
    let traffic = metrics::each(scan, "aws_nat_gateway", 7, &ids, |id| {
        ["BytesOutToDestination", "BytesOutToSource"].map(|metric| Figure {
            namespace: "AWS/NATGateway",
            metric,
            dimensions: vec![("NatGatewayId", id)],
            statistic: "Sum",
            period: 86_400,
        })
    })
    .await;
    for gateway in &gateways {
        one(scan, gateway, &traffic);
    }
}

fn one(scan: &Scan<'_>, gateway: &NatGateway, traffic: &Each) {
    let Some(id) = gateway.nat_gateway_id() else { return };
    let state = gateway.state().map(|s| s.as_str());
    // A deleted gateway stays listed for about an hour.
    if matches!(state, Some("deleting" | "deleted")) {
        return;
    }
    let mut r = scan.resource("aws_nat_gateway", id);
    r.arn = Some(scan.arn("ec2", &format!("natgateway/{id}")));
    ec2_tags(&mut r, gateway.tags());
    let addresses = gateway.nat_gateway_addresses();
    let primary = addresses.iter().find(|a| a.is_primary() == Some(true)).or_else(|| addresses.first());
    let others: Vec<_> = addresses.iter().filter(|a| primary.is_none_or(|p| !std::ptr::eq(p, *a))).collect();
    r.set("subnet_id", gateway.subnet_id())
        .set("connectivity_type", gateway.connectivity_type().map(|t| t.as_str()))
        .set("allocation_id", primary.and_then(|a| a.allocation_id()))
        .set("private_ip", primary.and_then(|a| a.private_ip()))
        .set("secondary_allocation_ids", set(others.iter().filter_map(|a| a.allocation_id())))
        .set("secondary_private_ip_addresses", set(others.iter().filter_map(|a| a.private_ip())));
    r.fact("state", state)
        .fact("vpc_id", gateway.vpc_id())
        .fact("public_ip", primary.and_then(|a| a.public_ip()))
        .fact("network_interface_id", primary.and_then(|a| a.network_interface_id()))
        .fact("network_interface_ids", set(addresses.iter().filter_map(|a| a.network_interface_id())))
        .fact("availability_mode", gateway.availability_mode().map(|m| m.as_str()))
        .fact("create_time", time(gateway.create_time()));
    // Without a figure there was no traffic at all.
    traffic.tell(&mut r, id, ["bytes_7d"], |values| [Some(values.iter().map(|v| metrics::sum(v)).sum())]);
    if gateway.subnet_id().is_none() {
        r.mark_unread(&["config.subnet_id"], "a regional gateway lies in no subnet");
        r.ownership = Ownership {
            class: OwnershipClass::NotImportable,
            evidence: "a regional NAT gateway, which the provider's 5.100.0 does not know".into(),
            by: None,
        };
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, JSON_DENIED, assert_complete, collect, ec2, figures};
    use crate::estate::Outcome;

    #[test]
    fn addresses_by_rank_and_no_deleted_ones() {
        let address = |n: u8, primary: bool| {
            format!(
                "<item><allocationId>eipalloc-{n}</allocationId><networkInterfaceId>eni-1</networkInterfaceId><privateIp>10.0.0.{n}</privateIp>\
                 <publicIp>203.0.113.{n}</publicIp><associationId>eipassoc-{n}</associationId><isPrimary>{primary}</isPrimary><status>succeeded</status></item>"
            )
        };
        let answer = ec2(
            "DescribeNatGateways",
            &format!(
                "<natGatewaySet><item><natGatewayId>nat-1</natGatewayId><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><state>available</state>\
                 <createTime>2024-01-02T03:04:05.000Z</createTime><connectivityType>public</connectivityType>\
                 <natGatewayAddressSet>{}{}</natGatewayAddressSet></item>\
                 <item><natGatewayId>nat-2</natGatewayId><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><state>deleted</state></item>\
                 <item><natGatewayId>nat-3</natGatewayId><vpcId>vpc-1</vpcId><state>available</state><connectivityType>public</connectivityType>\
                 <availabilityMode>regional</availabilityMode></item></natGatewaySet>",
                address(9, false),
                address(5, true)
            ),
        );
        let moved = figures(&[&[5.0, 7.0], &[1.0]]);
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeNatGateways", 200, &answer), ("cloudwatch:GetMetricData", 200, &moved)]);
        assert_complete(&all);
        assert_eq!((&all[0].facts["bytes_7d"], &all[1].facts["bytes_7d"]), (&13.0.into(), &0.0.into()));
        let denied = [("ec2:DescribeNatGateways", 200, answer.as_str()), ("cloudwatch:GetMetricData", 400, JSON_DENIED)];
        let (refused, _) = collect(&COLLECTOR, &denied);
        assert_eq!(refused[0].unread["facts.bytes_7d"], "denied: cloudwatch:GetMetricData: AccessDeniedException");
        assert_eq!(all.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["nat-1", "nat-3"]);
        assert_eq!(all[0].str("config.allocation_id"), Some("eipalloc-5"));
        assert_eq!(all[0].strings("config.secondary_allocation_ids"), ["eipalloc-9"]);
        assert_eq!(all[0].str("facts.public_ip"), Some("203.0.113.5"));
        assert_eq!(all[0].facts["create_time"], "2024-01-02T03:04:05Z");
        assert_eq!(all[1].ownership.class, OwnershipClass::NotImportable);
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeNatGateways", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
