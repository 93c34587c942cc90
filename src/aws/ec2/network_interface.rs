//! Network interfaces: most belong to something else, and all tell who holds which address and group.

use aws_sdk_ec2::types::NetworkInterface;
use serde_json::json;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;
use crate::aws::value::{block, set, strings};

/// `aws_network_interface`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_network_interface"],
    calls: &[list("ec2:DescribeNetworkInterfaces")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_network_interfaces().into_paginator().page_size(1000).send();
    for interface in scan.list("ec2:DescribeNetworkInterfaces", pages, |p| p.network_interfaces.unwrap_or_default()).await {
        one(scan, &interface);
    }
}

fn one(scan: &Scan<'_>, n: &NetworkInterface) {
    let Some(id) = n.network_interface_id() else { return };
    let mut r = scan.resource("aws_network_interface", id);
    r.arn = Some(scan.arn("ec2", &format!("network-interface/{id}")));
    ec2_tags(&mut r, n.tag_set());
    let attachment = n.attachment();
    let ipv6: Vec<&str> = n.ipv6_addresses().iter().filter_map(|a| a.ipv6_address()).collect();
    let attached = attachment.and_then(|a| {
        let instance = a.instance_id()?;
        Some(json!({ "instance": instance, "device_index": a.device_index() }))
    });
    let kind = n.interface_type().map(|t| t.as_str());
    r.set("subnet_id", n.subnet_id())
        .set("description", n.description().filter(|d| !d.is_empty()))
        .set("interface_type", kind)
        .set("private_ip", n.private_ip_address())
        .set("private_ips", set(n.private_ip_addresses().iter().filter_map(|a| a.private_ip_address())))
        .set("ipv6_addresses", set(&ipv6))
        .set("ipv4_prefixes", set(n.ipv4_prefixes().iter().filter_map(|p| p.ipv4_prefix())))
        .set("ipv6_prefixes", set(n.ipv6_prefixes().iter().filter_map(|p| p.ipv6_prefix())))
        .set("enable_primary_ipv6", n.ipv6_addresses().iter().find_map(|a| a.is_primary_ipv6()))
        .set("security_groups", set(n.groups().iter().filter_map(|g| g.group_id())))
        .set("source_dest_check", n.source_dest_check())
        .set("attachment", block(attached));
    let public = n.association();
    r.fact("status", n.status().map(|s| s.as_str()))
        .fact("vpc_id", n.vpc_id())
        .fact("availability_zone", n.availability_zone())
        .fact("requester_managed", n.requester_managed())
        .fact("requester_id", n.requester_id())
        .fact("interface_type", kind)
        .fact("public_ip", public.and_then(|a| a.public_ip()))
        .fact("public_ip_owner", public.and_then(|a| a.ip_owner_id()))
        .fact("ipv6_addresses", strings(ipv6))
        .fact("attachment_id", attachment.and_then(|a| a.attachment_id()))
        .fact("attachment_instance_id", attachment.and_then(|a| a.instance_id()))
        .fact("attachment_owner", attachment.and_then(|a| a.instance_owner_id()))
        .fact("device_index", attachment.and_then(|a| a.device_index()))
        .fact("delete_on_termination", attachment.and_then(|a| a.delete_on_termination()));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    #[test]
    fn the_interface_of_an_instance_and_that_of_a_load_balancer() {
        let answer = ec2(
            "DescribeNetworkInterfaces",
            "<networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><availabilityZone>eu-west-3a</availabilityZone><description/>\
               <requesterManaged>false</requesterManaged><status>in-use</status><privateIpAddress>10.0.0.10</privateIpAddress><sourceDestCheck>true</sourceDestCheck>\
               <groupSet><item><groupId>sg-1</groupId><groupName>a</groupName></item></groupSet><interfaceType>interface</interfaceType>\
               <attachment><attachmentId>eni-attach-1</attachmentId><instanceId>i-1</instanceId><instanceOwnerId>123456789012</instanceOwnerId><deviceIndex>0</deviceIndex>\
                 <status>attached</status><deleteOnTermination>true</deleteOnTermination></attachment>\
               <association><publicIp>203.0.113.7</publicIp><ipOwnerId>amazon</ipOwnerId></association>\
               <privateIpAddressesSet><item><privateIpAddress>10.0.0.10</privateIpAddress><primary>true</primary></item></privateIpAddressesSet></item>\
             <item><networkInterfaceId>eni-2</networkInterfaceId><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><description>ELB app/web/1234</description>\
               <requesterId>amazon-elb</requesterId><requesterManaged>true</requesterManaged><status>in-use</status><sourceDestCheck>true</sourceDestCheck>\
               <attachment><attachmentId>ela-attach-1</attachmentId><instanceOwnerId>amazon-elb</instanceOwnerId><deviceIndex>1</deviceIndex></attachment></item></networkInterfaceSet>",
        );
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeNetworkInterfaces", 200, &answer)]);
        assert_complete(&all);
        assert_eq!(all[0].config["attachment"], json!([{ "instance": "i-1", "device_index": 0 }]));
        assert_eq!(all[0].str("facts.public_ip_owner"), Some("amazon"));
        assert_eq!(all[0].str("facts.availability_zone"), Some("eu-west-3a"));
        assert_eq!(all[1].config["attachment"], json!([]));
        assert_eq!((all[1].str("facts.requester_id"), all[1].bool("facts.requester_managed")), (Some("amazon-elb"), true));
        assert_eq!(all[1].str("facts.attachment_owner"), Some("amazon-elb"));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeNetworkInterfaces", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
