//! Elastic IPs and what they lead to.

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;

/// `aws_eip` and `aws_eip_association`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_eip", "aws_eip_association"],
    calls: &[list("ec2:DescribeAddresses")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let addresses =
        scan.list_once("ec2:DescribeAddresses", scan.ec2().describe_addresses().send(), |a| a.addresses.unwrap_or_default()).await;
    for address in addresses {
        let Some(id) = address.allocation_id() else { continue };
        let mut r = scan.resource("aws_eip", id);
        r.arn = Some(scan.arn("ec2", &format!("elastic-ip/{id}")));
        ec2_tags(&mut r, address.tags());
        let instance = address.instance_id().filter(|i| !i.is_empty());
        r.set("domain", address.domain().map(|d| d.as_str()))
            .set("network_border_group", address.network_border_group())
            .set("public_ipv4_pool", address.public_ipv4_pool())
            .set("customer_owned_ipv4_pool", address.customer_owned_ipv4_pool());
        r.fact("public_ip", address.public_ip())
            .fact("allocation_id", id)
            .fact("association_id", address.association_id())
            .fact("instance_id", instance)
            .fact("network_interface_id", address.network_interface_id())
            .fact("private_ip", address.private_ip_address())
            .fact("service_managed", address.service_managed().map(|s| s.as_str()));
        if let Some(association) = address.association_id() {
            let mut a = scan.resource("aws_eip_association", association);
            a.name.clone_from(&r.name);
            a.set("allocation_id", id)
                .set("instance_id", instance)
                .set("network_interface_id", address.network_interface_id())
                .set("private_ip_address", address.private_ip_address())
                .set("public_ip", address.public_ip());
            a.fact("public_ip", address.public_ip());
            scan.emit(a);
        }
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
    fn an_address_in_use_and_a_loose_one() {
        let answer = ec2(
            "DescribeAddresses",
            "<addressesSet><item><publicIp>203.0.113.7</publicIp><allocationId>eipalloc-1</allocationId><domain>vpc</domain><instanceId>i-1</instanceId>\
               <associationId>eipassoc-1</associationId><networkInterfaceId>eni-1</networkInterfaceId><networkInterfaceOwnerId>123456789012</networkInterfaceOwnerId>\
               <privateIpAddress>10.0.0.10</privateIpAddress><publicIpv4Pool>amazon</publicIpv4Pool><networkBorderGroup>eu-west-3</networkBorderGroup>\
               <tagSet><item><key>Name</key><value>api</value></item></tagSet></item>\
             <item><publicIp>203.0.113.8</publicIp><allocationId>eipalloc-2</allocationId><domain>vpc</domain><instanceId/><publicIpv4Pool>amazon</publicIpv4Pool></item></addressesSet>",
        );
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeAddresses", 200, &answer)]);
        assert_complete(&all);
        assert_eq!(all.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["eipalloc-1", "eipalloc-2", "eipassoc-1"]);
        assert_eq!((all[0].label(), all[0].str("facts.instance_id")), ("api", Some("i-1")));
        assert_eq!(all[1].facts["association_id"], Value::Null);
        assert_eq!(all[1].facts["instance_id"], Value::Null);
        assert_eq!(all[2].str("config.instance_id"), Some("i-1"));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeAddresses", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
