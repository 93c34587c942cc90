//! Network ACLs with their rules.

use aws_sdk_ec2::types::{NetworkAcl, NetworkAclEntry};
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;
use crate::aws::value::set;

/// `aws_network_acl` and `aws_default_network_acl`, rules inline.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_network_acl", "aws_default_network_acl"],
    calls: &[list("ec2:DescribeNetworkAcls")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// The closing "deny all" of IPv4 and of IPv6, which nobody can write or remove.
const CLOSING_RULES: [i32; 2] = [32767, 32768];

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_network_acls().into_paginator().page_size(1000).send();
    for acl in scan.list("ec2:DescribeNetworkAcls", pages, |p| p.network_acls.unwrap_or_default()).await {
        one(scan, &acl);
    }
}

fn one(scan: &Scan<'_>, acl: &NetworkAcl) {
    let Some(id) = acl.network_acl_id() else { return };
    let is_default = acl.is_default() == Some(true);
    let mut r = scan.resource(if is_default { "aws_default_network_acl" } else { "aws_network_acl" }, id);
    r.arn = Some(scan.arn("ec2", &format!("network-acl/{id}")));
    ec2_tags(&mut r, acl.tags());
    if is_default {
        r.set("default_network_acl_id", id);
    } else {
        r.set("vpc_id", acl.vpc_id());
    }
    let subnets = set(acl.associations().iter().filter_map(|a| a.subnet_id()));
    r.set("subnet_ids", subnets.clone()).set("ingress", rules(acl, false)).set("egress", rules(acl, true));
    r.fact("is_default", is_default).fact("vpc_id", acl.vpc_id()).fact("subnet_ids", subnets);
    scan.emit(r);
}

fn rules(acl: &NetworkAcl, egress: bool) -> Value {
    let mut all: Vec<&NetworkAclEntry> = acl
        .entries()
        .iter()
        .filter(|e| e.egress() == Some(egress) && e.rule_number().is_none_or(|n| !CLOSING_RULES.contains(&n)))
        .collect();
    all.sort_by_key(|e| e.rule_number());
    all.into_iter().map(rule).collect()
}

fn rule(entry: &NetworkAclEntry) -> Value {
    let icmp = entry.icmp_type_code();
    // The provider asks for ports always; where a rule has none, AWS and the provider say 0.
    json!({
        "rule_no": entry.rule_number(),
        "action": entry.rule_action().map(|a| a.as_str()),
        "protocol": entry.protocol(),
        "cidr_block": entry.cidr_block(),
        "ipv6_cidr_block": entry.ipv6_cidr_block(),
        "from_port": entry.port_range().and_then(|p| p.from()).unwrap_or(0),
        "to_port": entry.port_range().and_then(|p| p.to()).unwrap_or(0),
        "icmp_type": icmp.and_then(|i| i.r#type()),
        "icmp_code": icmp.and_then(|i| i.code()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    #[test]
    fn rules_in_order_without_the_closing_one() {
        let entry = |number: i32, protocol: &str, action: &str, egress: bool, more: &str| {
            format!(
                "<item><ruleNumber>{number}</ruleNumber><protocol>{protocol}</protocol><ruleAction>{action}</ruleAction><egress>{egress}</egress>{more}</item>"
            )
        };
        let entries = [
            entry(200, "6", "allow", false, "<cidrBlock>10.0.0.0/8</cidrBlock><portRange><from>443</from><to>443</to></portRange>"),
            entry(100, "1", "deny", false, "<ipv6CidrBlock>::/0</ipv6CidrBlock><icmpTypeCode><code>-1</code><type>8</type></icmpTypeCode>"),
            entry(32767, "-1", "deny", false, "<cidrBlock>0.0.0.0/0</cidrBlock>"),
            entry(100, "-1", "allow", true, "<cidrBlock>0.0.0.0/0</cidrBlock>"),
        ]
        .concat();
        let answer = ec2(
            "DescribeNetworkAcls",
            &format!(
                "<networkAclSet><item><networkAclId>acl-1</networkAclId><vpcId>vpc-1</vpcId><default>false</default><entrySet>{entries}</entrySet>\
                 <associationSet><item><networkAclAssociationId>aclassoc-1</networkAclAssociationId><networkAclId>acl-1</networkAclId><subnetId>subnet-1</subnetId></item></associationSet></item>\
                 <item><networkAclId>acl-2</networkAclId><vpcId>vpc-1</vpcId><default>true</default></item></networkAclSet>"
            ),
        );
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeNetworkAcls", 200, &answer)]);
        assert_complete(&all);
        let (default, own) = (&all[0], &all[1]);
        assert_eq!(own.config["ingress"].as_array().map(Vec::len), Some(2));
        assert_eq!(own.config["ingress"][0]["icmp_type"], 8);
        assert_eq!(own.config["ingress"][1]["from_port"], 443);
        assert_eq!(own.config["egress"][0]["from_port"], 0);
        assert_eq!(own.strings("config.subnet_ids"), ["subnet-1"]);
        assert_eq!((default.kind.as_str(), default.str("facts.vpc_id")), ("aws_default_network_acl", Some("vpc-1")));
        assert_eq!(default.str("config.default_network_acl_id"), Some("acl-2"));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeNetworkAcls", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
