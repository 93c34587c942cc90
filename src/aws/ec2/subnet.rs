//! Subnets.

use aws_sdk_ec2::types::Subnet;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;

/// `aws_subnet`, and `aws_default_subnet` for those AWS made with the default VPC.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_subnet", "aws_default_subnet"],
    calls: &[list("ec2:DescribeSubnets")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_subnets().into_paginator().page_size(1000).send();
    for subnet in scan.list("ec2:DescribeSubnets", pages, |p| p.subnets.unwrap_or_default()).await {
        one(scan, &subnet);
    }
}

fn one(scan: &Scan<'_>, subnet: &Subnet) {
    let Some(id) = subnet.subnet_id() else { return };
    let is_default = subnet.default_for_az() == Some(true);
    let mut r = scan.resource(if is_default { "aws_default_subnet" } else { "aws_subnet" }, id);
    r.arn = subnet.subnet_arn().map_or_else(|| Some(scan.arn("ec2", &format!("subnet/{id}"))), |arn| Some(arn.into()));
    ec2_tags(&mut r, subnet.tags());
    let ipv6 = subnet
        .ipv6_cidr_block_association_set()
        .iter()
        .find(|a| a.ipv6_cidr_block_state().and_then(|s| s.state()).is_some_and(|s| s.as_str() == "associated"));
    if is_default {
        r.fact("vpc_id", subnet.vpc_id()).fact("cidr_block", subnet.cidr_block());
    } else {
        r.set("vpc_id", subnet.vpc_id())
            .set("cidr_block", subnet.cidr_block())
            .set("enable_lni_at_device_index", subnet.enable_lni_at_device_index())
            .set("outpost_arn", subnet.outpost_arn());
    }
    r.set("availability_zone", subnet.availability_zone())
        .set("map_public_ip_on_launch", subnet.map_public_ip_on_launch())
        .set("assign_ipv6_address_on_creation", subnet.assign_ipv6_address_on_creation())
        .set("ipv6_cidr_block", ipv6.and_then(|a| a.ipv6_cidr_block()))
        .set("ipv6_native", subnet.ipv6_native())
        .set("enable_dns64", subnet.enable_dns64())
        .set("customer_owned_ipv4_pool", subnet.customer_owned_ipv4_pool())
        .set("map_customer_owned_ip_on_launch", subnet.map_customer_owned_ip_on_launch());
    let names = subnet.private_dns_name_options_on_launch();
    r.set("private_dns_hostname_type_on_launch", names.and_then(|n| n.hostname_type()).map(|t| t.as_str()))
        .set("enable_resource_name_dns_a_record_on_launch", names.and_then(|n| n.enable_resource_name_dns_a_record()))
        .set("enable_resource_name_dns_aaaa_record_on_launch", names.and_then(|n| n.enable_resource_name_dns_aaaa_record()));
    r.fact("state", subnet.state().map(|s| s.as_str()))
        .fact("available_ip_count", subnet.available_ip_address_count())
        .fact("default_for_az", is_default)
        .fact("availability_zone_id", subnet.availability_zone_id())
        .fact("ipv6_cidr_block_association_id", ipv6.and_then(|a| a.association_id()));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    #[test]
    fn an_own_subnet_and_a_default_one() {
        let answer = ec2(
            "DescribeSubnets",
            "<subnetSet><item><subnetId>subnet-1</subnetId><subnetArn>arn:aws:ec2:eu-west-3:123456789012:subnet/subnet-1</subnetArn><state>available</state>\
               <vpcId>vpc-1</vpcId><cidrBlock>10.0.1.0/24</cidrBlock><availableIpAddressCount>250</availableIpAddressCount>\
               <availabilityZone>eu-west-3a</availabilityZone><availabilityZoneId>euw3-az1</availabilityZoneId><defaultForAz>false</defaultForAz>\
               <mapPublicIpOnLaunch>false</mapPublicIpOnLaunch><assignIpv6AddressOnCreation>true</assignIpv6AddressOnCreation>\
               <ipv6CidrBlockAssociationSet>\
                 <item><ipv6CidrBlock>2600:1f18:0:1::/64</ipv6CidrBlock><associationId>subnet-cidr-assoc-0</associationId><ipv6CidrBlockState><state>disassociated</state></ipv6CidrBlockState></item>\
                 <item><ipv6CidrBlock>2600:1f18:0:2::/64</ipv6CidrBlock><associationId>subnet-cidr-assoc-1</associationId><ipv6CidrBlockState><state>associated</state></ipv6CidrBlockState></item>\
               </ipv6CidrBlockAssociationSet>\
               <privateDnsNameOptionsOnLaunch><hostnameType>ip-name</hostnameType><enableResourceNameDnsARecord>false</enableResourceNameDnsARecord>\
               <enableResourceNameDnsAAAARecord>false</enableResourceNameDnsAAAARecord></privateDnsNameOptionsOnLaunch>\
               <tagSet><item><key>Name</key><value>private-a</value></item></tagSet></item>\
             <item><subnetId>subnet-2</subnetId><state>available</state><vpcId>vpc-2</vpcId><cidrBlock>172.31.0.0/20</cidrBlock>\
               <availabilityZone>eu-west-3b</availabilityZone><defaultForAz>true</defaultForAz><mapPublicIpOnLaunch>true</mapPublicIpOnLaunch></item></subnetSet>",
        );
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeSubnets", 200, &answer)]);
        assert_complete(&all);
        let (default, own) = (&all[0], &all[1]);
        assert_eq!((own.kind.as_str(), own.label()), ("aws_subnet", "private-a"));
        assert_eq!(own.str("config.ipv6_cidr_block"), Some("2600:1f18:0:2::/64"));
        assert_eq!(own.str("config.private_dns_hostname_type_on_launch"), Some("ip-name"));
        assert_eq!(own.facts["available_ip_count"], 250);
        assert_eq!(default.kind, "aws_default_subnet");
        assert_eq!(default.str("facts.vpc_id"), Some("vpc-2"));
        assert!(!default.config.contains_key("vpc_id") && default.bool("config.map_public_ip_on_launch"));
        assert_eq!(default.arn.as_deref(), Some("arn:aws:ec2:eu-west-3:123456789012:subnet/subnet-2"));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeSubnets", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
