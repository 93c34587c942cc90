//! VPN gateways and customer gateways.

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;

/// `aws_vpn_gateway` and `aws_customer_gateway`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_vpn_gateway", "aws_customer_gateway"],
    calls: &[
        list("ec2:DescribeVpnGateways").yields(&["aws_vpn_gateway"]),
        list("ec2:DescribeCustomerGateways").yields(&["aws_customer_gateway"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let request = scan.ec2().describe_vpn_gateways().send();
    for gateway in scan.list_once("ec2:DescribeVpnGateways", request, |a| a.vpn_gateways.unwrap_or_default()).await {
        let Some(id) = gateway.vpn_gateway_id() else { continue };
        let state = gateway.state().map(|s| s.as_str());
        if matches!(state, Some("deleting" | "deleted")) {
            continue;
        }
        let mut r = scan.resource("aws_vpn_gateway", id);
        r.arn = Some(scan.arn("ec2", &format!("vpn-gateway/{id}")));
        ec2_tags(&mut r, gateway.tags());
        let vpc = gateway.vpc_attachments().iter().find(|a| a.state().is_some_and(|s| s.as_str() == "attached")).and_then(|a| a.vpc_id());
        r.set("vpc_id", vpc)
            .set("amazon_side_asn", gateway.amazon_side_asn().map(|n| n.to_string()))
            .set("availability_zone", gateway.availability_zone().filter(|z| !z.is_empty()));
        r.fact("state", state);
        scan.emit(r);
    }
    let request = scan.ec2().describe_customer_gateways().send();
    for gateway in scan.list_once("ec2:DescribeCustomerGateways", request, |a| a.customer_gateways.unwrap_or_default()).await {
        let Some(id) = gateway.customer_gateway_id() else { continue };
        if matches!(gateway.state(), Some("deleting" | "deleted")) {
            continue;
        }
        let mut r = scan.resource("aws_customer_gateway", id);
        r.arn = Some(scan.arn("ec2", &format!("customer-gateway/{id}")));
        ec2_tags(&mut r, gateway.tags());
        r.set("type", gateway.r#type())
            .set("bgp_asn", gateway.bgp_asn())
            .set("bgp_asn_extended", gateway.bgp_asn_extended())
            .set("ip_address", gateway.ip_address())
            .set("certificate_arn", gateway.certificate_arn())
            .set("device_name", gateway.device_name());
        r.fact("state", gateway.state());
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    fn vpn() -> String {
        ec2(
            "DescribeVpnGateways",
            "<vpnGatewaySet><item><vpnGatewayId>vgw-1</vpnGatewayId><state>available</state><type>ipsec.1</type><amazonSideAsn>64512</amazonSideAsn>\
               <attachments><item><vpcId>vpc-0</vpcId><state>detached</state></item><item><vpcId>vpc-1</vpcId><state>attached</state></item></attachments></item>\
             <item><vpnGatewayId>vgw-2</vpnGatewayId><state>deleted</state></item></vpnGatewaySet>",
        )
    }

    #[test]
    fn both_ends_of_a_vpn() {
        let customer = ec2(
            "DescribeCustomerGateways",
            "<customerGatewaySet><item><customerGatewayId>cgw-1</customerGatewayId><state>available</state><type>ipsec.1</type><ipAddress>198.51.100.1</ipAddress><bgpAsn>65000</bgpAsn></item></customerGatewaySet>",
        );
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeVpnGateways", 200, &vpn()), ("ec2:DescribeCustomerGateways", 200, &customer)]);
        assert_complete(&all);
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].str("config.ip_address"), all[0].str("config.bgp_asn")), (Some("198.51.100.1"), Some("65000")));
        assert_eq!((all[1].str("config.vpc_id"), all[1].str("config.amazon_side_asn")), (Some("vpc-1"), Some("64512")));
        assert_eq!(all[1].config["availability_zone"], Value::Null);
    }

    #[test]
    fn a_refused_listing_is_a_gap_of_its_own_type() {
        let (all, ledger) =
            collect(&COLLECTOR, &[("ec2:DescribeVpnGateways", 200, &vpn()), ("ec2:DescribeCustomerGateways", 403, EC2_DENIED)]);
        assert_eq!(all.len(), 1);
        let gap = ledger.iter().find(|e| e.outcome == Outcome::Denied).unwrap();
        assert_eq!(gap.types, ["aws_customer_gateway"]);
    }
}
