//! DHCP option sets, and which VPC uses which.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::DhcpOptions;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;
use crate::aws::value::strings;

/// `aws_vpc_dhcp_options`, `aws_default_vpc_dhcp_options`, and `aws_vpc_dhcp_options_association` where a VPC does not use the
/// option set every VPC starts with.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_vpc_dhcp_options", "aws_default_vpc_dhcp_options", "aws_vpc_dhcp_options_association"],
    calls: &[list("ec2:DescribeDhcpOptions"), list("ec2:DescribeVpcs").yields(&["aws_vpc_dhcp_options_association"])],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_dhcp_options().into_paginator().page_size(1000).send();
    let sets = scan.list("ec2:DescribeDhcpOptions", pages, |p| p.dhcp_options.unwrap_or_default()).await;
    let mut own = BTreeSet::new();
    for set in &sets {
        let Some(id) = set.dhcp_options_id() else { continue };
        let options = options(set);
        let is_default = is_default(&options, &scan.region);
        let mut r = scan.resource(if is_default { "aws_default_vpc_dhcp_options" } else { "aws_vpc_dhcp_options" }, id);
        r.arn = Some(scan.arn("ec2", &format!("dhcp-options/{id}")));
        ec2_tags(&mut r, set.tags());
        r.fact("is_default", is_default);
        if is_default {
            r.set("owner_id", set.owner_id());
        } else {
            own.insert(id);
            let one = |key: &str| options.get(key).and_then(|v| v.first()).copied();
            let all = |key: &str| options.get(key).map(strings);
            r.set("domain_name", one("domain-name"))
                .set("domain_name_servers", all("domain-name-servers"))
                .set("ntp_servers", all("ntp-servers"))
                .set("netbios_name_servers", all("netbios-name-servers"))
                .set("netbios_node_type", one("netbios-node-type"))
                .set("ipv6_address_preferred_lease_time", one("ipv6-address-preferred-lease-time"));
        }
        scan.emit(r);
    }
    let pages = scan.ec2().describe_vpcs().into_paginator().page_size(1000).send();
    for vpc in scan.list("ec2:DescribeVpcs", pages, |p| p.vpcs.unwrap_or_default()).await {
        let (Some(id), Some(set)) = (vpc.vpc_id(), vpc.dhcp_options_id().filter(|set| own.contains(set))) else { continue };
        let mut r = scan.resource("aws_vpc_dhcp_options_association", id);
        r.name = vpc.tags().iter().find(|t| t.key() == Some("Name")).and_then(|t| t.value()).filter(|v| !v.is_empty()).map(Into::into);
        r.set("vpc_id", id).set("dhcp_options_id", set);
        scan.emit(r);
    }
}

fn options(set: &DhcpOptions) -> BTreeMap<&str, Vec<&str>> {
    set.dhcp_configurations().iter().filter_map(|c| Some((c.key()?, c.values().iter().filter_map(|v| v.value()).collect()))).collect()
}

/// The set that AWS makes in each region holds nothing but Amazon's resolver and the region's own domain.
fn is_default(options: &BTreeMap<&str, Vec<&str>>, region: &str) -> bool {
    let domain = if region == "us-east-1" { "ec2.internal".to_owned() } else { format!("{region}.compute.internal") };
    options.len() == 2
        && options.get("domain-name-servers").is_some_and(|v| *v == ["AmazonProvidedDNS"])
        && options.get("domain-name").is_some_and(|v| *v == [domain.as_str()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    fn set(id: &str, options: &[(&str, &[&str])]) -> String {
        let items: String = options
            .iter()
            .map(|(key, values)| {
                let values: String = values.iter().map(|v| format!("<item><value>{v}</value></item>")).collect();
                format!("<item><key>{key}</key><valueSet>{values}</valueSet></item>")
            })
            .collect();
        format!(
            "<item><dhcpOptionsId>{id}</dhcpOptionsId><ownerId>123456789012</ownerId><dhcpConfigurationSet>{items}</dhcpConfigurationSet></item>"
        )
    }

    fn sets() -> String {
        let default = set("dopt-1", &[("domain-name", &["eu-west-3.compute.internal"]), ("domain-name-servers", &["AmazonProvidedDNS"])]);
        let own = set("dopt-2", &[("domain-name", &["corp.example"]), ("domain-name-servers", &["10.0.0.2", "10.0.0.3"])]);
        ec2("DescribeDhcpOptions", &format!("<dhcpOptionsSet>{default}{own}</dhcpOptionsSet>"))
    }

    #[test]
    fn the_regions_own_set_is_told_from_a_chosen_one() {
        let vpcs = ec2(
            "DescribeVpcs",
            "<vpcSet><item><vpcId>vpc-1</vpcId><dhcpOptionsId>dopt-1</dhcpOptionsId></item>\
             <item><vpcId>vpc-2</vpcId><dhcpOptionsId>dopt-2</dhcpOptionsId><tagSet><item><key>Name</key><value>corp</value></item></tagSet></item></vpcSet>",
        );
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeDhcpOptions", 200, &sets()), ("ec2:DescribeVpcs", 200, &vpcs)]);
        assert_complete(&all);
        let ids: Vec<_> = all.iter().map(|r| (r.kind.as_str(), r.id.as_str())).collect();
        assert_eq!(
            ids,
            [("aws_default_vpc_dhcp_options", "dopt-1"), ("aws_vpc_dhcp_options", "dopt-2"), ("aws_vpc_dhcp_options_association", "vpc-2")]
        );
        assert_eq!(all[1].strings("config.domain_name_servers"), ["10.0.0.2", "10.0.0.3"]);
        assert_eq!((all[2].str("config.dhcp_options_id"), all[2].label()), (Some("dopt-2"), "corp"));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeDhcpOptions", 200, &sets()), ("ec2:DescribeVpcs", 403, EC2_DENIED)]);
        assert_eq!(all.len(), 2);
        assert_eq!(ledger.iter().find(|e| e.call == "ec2:DescribeVpcs").map(|e| e.outcome), Some(Outcome::Denied));
    }
}
