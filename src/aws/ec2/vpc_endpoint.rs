//! VPC endpoints.

use std::collections::HashMap;

use aws_sdk_ec2::types::VpcEndpoint;
use serde_json::json;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::metrics::{self, Each, Figure};
use crate::aws::scan::Scan;
use crate::aws::value::{block, set, time};

/// `aws_vpc_endpoint`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_vpc_endpoint"],
    calls: &[list("ec2:DescribeVpcEndpoints"), metrics::CALL],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// How many days of traffic are looked at: what runs once a month is in it.
const TRAFFIC_DAYS: i64 = 30;

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_vpc_endpoints().into_paginator().page_size(1000).send();
    let endpoints = scan.list("ec2:DescribeVpcEndpoints", pages, |p| p.vpc_endpoints.unwrap_or_default()).await;
    let traffic = traffic(scan, &endpoints).await;
    for endpoint in &endpoints {
        one(scan, endpoint, &traffic);
    }
}

/// What went through interface endpoints. AWS counts in their own region only, and gateway endpoints not at all.
async fn traffic(scan: &Scan<'_>, endpoints: &[VpcEndpoint]) -> Each {
    let counted = |e: &&VpcEndpoint| {
        e.vpc_endpoint_type().is_some_and(|t| t.as_str() == "Interface") && e.service_region().is_none_or(|region| region == scan.region)
    };
    let by_id: HashMap<&str, &VpcEndpoint> = endpoints.iter().filter(counted).filter_map(|e| Some((e.vpc_endpoint_id()?, e))).collect();
    let ids: Vec<&str> = endpoints.iter().filter_map(|e| e.vpc_endpoint_id()).filter(|id| by_id.contains_key(id)).collect();
    metrics::each(scan, "aws_vpc_endpoint", TRAFFIC_DAYS, &ids, |id| {
        let endpoint = by_id.get(id);
        let dimensions = vec![
            ("Endpoint Type", "Interface"),
            ("Service Name", endpoint.and_then(|e| e.service_name()).unwrap_or_default()),
            ("VPC Endpoint Id", id),
            ("VPC Id", endpoint.and_then(|e| e.vpc_id()).unwrap_or_default()),
        ];
        [Figure { namespace: "AWS/PrivateLinkEndpoints", metric: "BytesProcessed", dimensions, statistic: "Sum", period: 86_400 }]
    })
    .await
}

fn one(scan: &Scan<'_>, endpoint: &VpcEndpoint, traffic: &Each) {
    let Some(id) = endpoint.vpc_endpoint_id() else { return };
    let state = endpoint.state().map(|s| s.as_str().to_ascii_lowercase());
    if matches!(state.as_deref(), Some("deleting" | "deleted" | "rejected" | "expired")) {
        return;
    }
    let mut r = scan.resource("aws_vpc_endpoint", id);
    r.arn = Some(scan.arn("ec2", &format!("vpc-endpoint/{id}")));
    ec2_tags(&mut r, endpoint.tags());
    let dns = endpoint.dns_options().map(|d| {
        json!({
            "dns_record_ip_type": d.dns_record_ip_type().map(|t| t.as_str()),
            "private_dns_only_for_inbound_resolver_endpoint": d.private_dns_only_for_inbound_resolver_endpoint(),
        })
    });
    r.set("vpc_id", endpoint.vpc_id())
        .set("service_name", endpoint.service_name())
        .set("service_region", endpoint.service_region())
        .set("service_network_arn", endpoint.service_network_arn())
        .set("resource_configuration_arn", endpoint.resource_configuration_arn())
        .set("vpc_endpoint_type", endpoint.vpc_endpoint_type().map(|t| t.as_str()))
        .set("policy", endpoint.policy_document())
        .set("private_dns_enabled", endpoint.private_dns_enabled())
        .set("ip_address_type", endpoint.ip_address_type().map(|t| t.as_str()))
        .set("dns_options", block(dns))
        .set("route_table_ids", set(endpoint.route_table_ids()))
        .set("subnet_ids", set(endpoint.subnet_ids()))
        .set("security_group_ids", set(endpoint.groups().iter().filter_map(|g| g.group_id())));
    r.fact("state", state)
        .fact("requester_managed", endpoint.requester_managed())
        .fact("creation_time", time(endpoint.creation_timestamp()))
        .fact("network_interface_ids", set(endpoint.network_interface_ids()));
    // Counted only when something passes: without a figure, nothing did.
    traffic.tell(&mut r, id, ["bytes_30d"], |values| [values.first().map(|v| metrics::sum(v))]);
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, JSON_DENIED, assert_complete, collect, ec2, figures};
    use crate::estate::Outcome;

    #[test]
    fn a_gateway_endpoint_and_an_interface_endpoint() {
        let answer = ec2(
            "DescribeVpcEndpoints",
            "<vpcEndpointSet><item><vpcEndpointId>vpce-1</vpcEndpointId><vpcEndpointType>Gateway</vpcEndpointType><vpcId>vpc-1</vpcId>\
               <serviceName>com.amazonaws.eu-west-3.s3</serviceName><state>available</state>\
               <policyDocument>{\"Version\":\"2008-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}</policyDocument>\
               <routeTableIdSet><item>rtb-2</item><item>rtb-1</item></routeTableIdSet><privateDnsEnabled>false</privateDnsEnabled>\
               <requesterManaged>false</requesterManaged><creationTimestamp>2024-05-01T10:00:00.000Z</creationTimestamp></item>\
             <item><vpcEndpointId>vpce-2</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType><vpcId>vpc-1</vpcId>\
               <serviceName>com.amazonaws.eu-west-3.ssm</serviceName><state>Available</state><subnetIdSet><item>subnet-1</item></subnetIdSet>\
               <groupSet><item><groupId>sg-1</groupId><groupName>endpoints</groupName></item></groupSet><ipAddressType>ipv4</ipAddressType>\
               <dnsOptions><dnsRecordIpType>ipv4</dnsRecordIpType></dnsOptions><privateDnsEnabled>true</privateDnsEnabled>\
               <networkInterfaceIdSet><item>eni-9</item></networkInterfaceIdSet></item>\
             <item><vpcEndpointId>vpce-3</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType><vpcId>vpc-1</vpcId><state>deleting</state></item></vpcEndpointSet>",
        );
        let of = |status: u16, figures: &str| {
            collect(&COLLECTOR, &[("ec2:DescribeVpcEndpoints", 200, &answer), ("cloudwatch:GetMetricData", status, figures)]).0
        };
        let all = of(200, &figures(&[&[1000.0, 24.0], &[]]));
        assert_complete(&all);
        assert!(!all[0].facts.contains_key("bytes_30d"), "nobody counts what goes through a gateway endpoint");
        assert_eq!(all[1].facts["bytes_30d"], 1024.0);
        assert!(of(400, JSON_DENIED)[1].unread["facts.bytes_30d"].starts_with("denied: cloudwatch:GetMetricData"));
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].strings("config.route_table_ids"), ["rtb-1", "rtb-2"]);
        assert_eq!(all[0].config["dns_options"], json!([]));
        assert_eq!(all[1].str("config.dns_options.0.dns_record_ip_type"), Some("ipv4"));
        assert_eq!(all[1].str("facts.state"), Some("available"));
        assert_eq!(all[1].strings("config.security_group_ids"), ["sg-1"]);
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeVpcEndpoints", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
