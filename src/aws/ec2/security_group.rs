//! Security groups and, apart from them, each of their rules.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{ReferencedSecurityGroup, SecurityGroupRule};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;

/// `aws_security_group`, `aws_default_security_group` (that of any VPC), and their rules.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_security_group",
        "aws_default_security_group",
        "aws_vpc_security_group_ingress_rule",
        "aws_vpc_security_group_egress_rule",
    ],
    calls: &[
        list("ec2:DescribeSecurityGroups").yields(&["aws_security_group", "aws_default_security_group"]),
        list("ec2:DescribeSecurityGroupRules").yields(&["aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_security_groups().into_paginator().page_size(1000).send();
    let groups = scan.list("ec2:DescribeSecurityGroups", pages, |p| p.security_groups.unwrap_or_default()).await;
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for group in &groups {
        let Some(id) = group.group_id() else { continue };
        // AWS reserves this name for the group that each VPC is made with.
        let is_default = group.group_name() == Some("default");
        let mut r = scan.resource(if is_default { "aws_default_security_group" } else { "aws_security_group" }, id);
        r.arn = group.security_group_arn().map_or_else(|| Some(scan.arn("ec2", &format!("security-group/{id}"))), |arn| Some(arn.into()));
        r.name = group.group_name().map(Into::into);
        ec2_tags(&mut r, group.tags());
        if !is_default {
            r.set("name", group.group_name()).set("description", group.description());
        }
        r.set("vpc_id", group.vpc_id());
        r.fact("name", group.group_name()).fact("description", group.description()).fact("vpc_id", group.vpc_id());
        if let Some(name) = group.group_name() {
            names.insert(id.into(), name.into());
        }
        scan.emit(r);
    }
    let pages = scan.ec2().describe_security_group_rules().into_paginator().page_size(1000).send();
    for rule in scan.list("ec2:DescribeSecurityGroupRules", pages, |p| p.security_group_rules.unwrap_or_default()).await {
        one_rule(scan, &rule, &names);
    }
}

fn one_rule(scan: &Scan<'_>, rule: &SecurityGroupRule, names: &BTreeMap<String, String>) {
    let (Some(id), Some(group)) = (rule.security_group_rule_id(), rule.group_id()) else { return };
    // A group that another account shares is not ours to write.
    if rule.group_owner_id().is_some_and(|owner| owner != scan.session.account) {
        return;
    }
    let kind = if rule.is_egress() == Some(true) { "aws_vpc_security_group_egress_rule" } else { "aws_vpc_security_group_ingress_rule" };
    let mut r = scan.resource(kind, id);
    r.arn =
        rule.security_group_rule_arn().map_or_else(|| Some(scan.arn("ec2", &format!("security-group-rule/{id}"))), |arn| Some(arn.into()));
    let group_name = names.get(group);
    r.name = group_name.cloned();
    ec2_tags(&mut r, rule.tags());
    let referenced = rule.referenced_group_info();
    let other_account = referenced.and_then(ReferencedSecurityGroup::user_id).filter(|account| *account != scan.session.account);
    let referenced_id = referenced.and_then(ReferencedSecurityGroup::group_id).map(|id| match other_account {
        Some(account) => format!("{account}/{id}"),
        None => id.to_owned(),
    });
    // AWS says -1 for "no port"; a state says nothing.
    let port = |number: Option<i32>| number.filter(|n| *n != -1);
    r.set("security_group_id", group)
        .set("ip_protocol", rule.ip_protocol())
        .set("from_port", port(rule.from_port()))
        .set("to_port", port(rule.to_port()))
        .set("cidr_ipv4", rule.cidr_ipv4())
        .set("cidr_ipv6", rule.cidr_ipv6())
        .set("prefix_list_id", rule.prefix_list_id())
        .set("referenced_security_group_id", referenced_id)
        .set("description", rule.description().filter(|d| !d.is_empty()));
    r.fact("security_group_name", group_name.cloned()).fact("referenced_account", other_account);
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    fn groups() -> String {
        ec2(
            "DescribeSecurityGroups",
            "<securityGroupInfo><item><ownerId>123456789012</ownerId><groupId>sg-1</groupId><groupName>launch-wizard-1</groupName>\
               <groupDescription>launch-wizard-1 created 2023-01-01</groupDescription><vpcId>vpc-1</vpcId><tagSet/></item>\
             <item><ownerId>123456789012</ownerId><groupId>sg-2</groupId><groupName>default</groupName>\
               <groupDescription>default VPC security group</groupDescription><vpcId>vpc-1</vpcId>\
               <tagSet><item><key>Name</key><value>closed</value></item></tagSet></item></securityGroupInfo>",
        )
    }

    fn rules() -> String {
        let rule = |id: &str, egress: bool, protocol: &str, from: i32, to: i32, more: &str| {
            format!(
                "<item><securityGroupRuleId>{id}</securityGroupRuleId><groupId>sg-1</groupId><groupOwnerId>123456789012</groupOwnerId>\
                 <isEgress>{egress}</isEgress><ipProtocol>{protocol}</ipProtocol><fromPort>{from}</fromPort><toPort>{to}</toPort>{more}</item>"
            )
        };
        let foreign = "<referencedGroupInfo><groupId>sg-9</groupId><userId>999999999999</userId></referencedGroupInfo><description>their workers</description>";
        let own = "<referencedGroupInfo><groupId>sg-2</groupId><userId>123456789012</userId></referencedGroupInfo>";
        ec2(
            "DescribeSecurityGroupRules",
            &format!(
                "<securityGroupRuleSet>{}{}{}{}</securityGroupRuleSet>",
                rule("sgr-1", false, "tcp", 22, 22, "<cidrIpv4>0.0.0.0/0</cidrIpv4>"),
                rule("sgr-2", true, "-1", -1, -1, "<cidrIpv6>::/0</cidrIpv6>"),
                rule("sgr-3", false, "tcp", 5432, 5432, foreign),
                rule("sgr-4", false, "icmp", 8, -1, own),
            ),
        )
    }

    #[test]
    fn groups_and_rules_apart() {
        let (all, _) =
            collect(&COLLECTOR, &[("ec2:DescribeSecurityGroups", 200, &groups()), ("ec2:DescribeSecurityGroupRules", 200, &rules())]);
        assert_complete(&all);
        let of = |id: &str| all.iter().find(|r| r.id == id).unwrap();
        assert_eq!((of("sg-1").kind.as_str(), of("sg-1").label()), ("aws_security_group", "launch-wizard-1"));
        assert_eq!((of("sg-2").kind.as_str(), of("sg-2").label()), ("aws_default_security_group", "closed"));
        assert!(!of("sg-2").config.contains_key("name"));
        assert_eq!(of("sgr-1").kind, "aws_vpc_security_group_ingress_rule");
        assert_eq!(of("sgr-1").config["from_port"], 22);
        assert_eq!(of("sgr-1").label(), "launch-wizard-1");
        assert_eq!(of("sgr-2").kind, "aws_vpc_security_group_egress_rule");
        assert_eq!(of("sgr-2").config["from_port"], Value::Null);
        assert_eq!(of("sgr-3").str("config.referenced_security_group_id"), Some("999999999999/sg-9"));
        assert_eq!(of("sgr-3").str("facts.referenced_account"), Some("999999999999"));
        assert_eq!(of("sgr-4").str("config.referenced_security_group_id"), Some("sg-2"));
        assert_eq!((&of("sgr-4").config["from_port"], &of("sgr-4").config["to_port"]), (&Value::from(8), &Value::Null));
    }

    #[test]
    fn each_refused_listing_is_a_gap_of_its_own() {
        let (all, ledger) =
            collect(&COLLECTOR, &[("ec2:DescribeSecurityGroups", 403, EC2_DENIED), ("ec2:DescribeSecurityGroupRules", 200, &rules())]);
        assert_eq!(all.len(), 4);
        assert_eq!(all[0].name, None);
        assert_eq!(ledger.iter().filter(|e| e.outcome == Outcome::Denied).count(), 1);
    }
}
