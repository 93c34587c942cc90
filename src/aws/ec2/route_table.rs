//! Route tables with their routes and associations.

use aws_sdk_ec2::types::{Route, RouteTable};
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;
use crate::aws::value::set;

/// `aws_route_table`, `aws_default_route_table` (the main one of each VPC), `aws_route` and `aws_route_table_association`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_route_table", "aws_default_route_table", "aws_route", "aws_route_table_association"],
    calls: &[list("ec2:DescribeRouteTables")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_route_tables().into_paginator().page_size(100).send();
    for table in scan.list("ec2:DescribeRouteTables", pages, |p| p.route_tables.unwrap_or_default()).await {
        one(scan, &table);
    }
}

fn one(scan: &Scan<'_>, table: &RouteTable) {
    let (Some(id), Some(vpc)) = (table.route_table_id(), table.vpc_id()) else { return };
    let main = table.associations().iter().any(|a| a.main() == Some(true));
    // The provider imports a main route table by its VPC.
    let mut r = if main { scan.resource("aws_default_route_table", vpc) } else { scan.resource("aws_route_table", id) };
    r.arn = Some(scan.arn("ec2", &format!("route-table/{id}")));
    ec2_tags(&mut r, table.tags());
    if main {
        r.set("default_route_table_id", id).fact("vpc_id", vpc);
    } else {
        r.set("vpc_id", vpc);
    }
    r.set("propagating_vgws", set(table.propagating_vgws().iter().filter_map(|v| v.gateway_id())));
    let associations: Vec<_> = table
        .associations()
        .iter()
        .filter(|a| a.main() != Some(true))
        .filter(|a| a.association_state().and_then(|s| s.state()).is_none_or(|s| s.as_str() == "associated"))
        .collect();
    r.fact("route_table_id", id)
        .fact("main", main)
        .fact("subnet_ids", set(associations.iter().filter_map(|a| a.subnet_id())))
        .fact("gateway_ids", set(associations.iter().filter_map(|a| a.gateway_id())))
        .fact("routes", table.routes().iter().map(told).collect::<Vec<_>>());
    for association in associations {
        let Some(from) = association.subnet_id().or(association.gateway_id()) else { continue };
        let mut a = scan.resource("aws_route_table_association", &format!("{from}/{id}"));
        a.name.clone_from(&r.name);
        a.set("route_table_id", id).set("subnet_id", association.subnet_id()).set("gateway_id", association.gateway_id());
        a.fact("association_id", association.route_table_association_id());
        scan.emit(a);
    }
    for route in table.routes().iter().filter(|route| is_own(route)) {
        let Some(destination) = destination(route) else { continue };
        let mut own = scan.resource("aws_route", &format!("{id}_{destination}"));
        own.name.clone_from(&r.name);
        own.set("route_table_id", id)
            .set("destination_cidr_block", route.destination_cidr_block())
            .set("destination_ipv6_cidr_block", route.destination_ipv6_cidr_block())
            .set("destination_prefix_list_id", route.destination_prefix_list_id())
            .set("gateway_id", route.gateway_id().filter(|g| !g.starts_with("vpce-")))
            .set("vpc_endpoint_id", route.gateway_id().filter(|g| g.starts_with("vpce-")))
            .set("nat_gateway_id", route.nat_gateway_id())
            .set("network_interface_id", route.network_interface_id())
            .set("transit_gateway_id", route.transit_gateway_id())
            .set("vpc_peering_connection_id", route.vpc_peering_connection_id())
            .set("egress_only_gateway_id", route.egress_only_internet_gateway_id())
            .set("carrier_gateway_id", route.carrier_gateway_id())
            .set("local_gateway_id", route.local_gateway_id())
            .set("core_network_arn", route.core_network_arn());
        own.fact("state", route.state().map(|s| s.as_str())).fact("origin", route.origin().map(|o| o.as_str()));
        scan.emit(own);
    }
    scan.emit(r);
}

fn destination(route: &Route) -> Option<&str> {
    route.destination_cidr_block().or(route.destination_ipv6_cidr_block()).or(route.destination_prefix_list_id())
}

/// Whether somebody wrote the route: not the VPC's own, not learnt from a VPN, not put there by a gateway endpoint.
fn is_own(route: &Route) -> bool {
    let of_endpoint = route.destination_prefix_list_id().is_some() && route.gateway_id().is_some_and(|g| g.starts_with("vpce-"));
    let learnt = route.origin().is_some_and(|o| o.as_str() == "EnableVgwRoutePropagation");
    route.gateway_id() != Some("local") && !learnt && !of_endpoint
}

fn told(route: &Route) -> Value {
    let targets = [
        route.gateway_id(),
        route.nat_gateway_id(),
        route.transit_gateway_id(),
        route.vpc_peering_connection_id(),
        route.egress_only_internet_gateway_id(),
        route.network_interface_id(),
        route.carrier_gateway_id(),
        route.local_gateway_id(),
        route.core_network_arn(),
    ];
    json!({
        "destination": destination(route),
        "target": targets.into_iter().flatten().next(),
        "state": route.state().map(|s| s.as_str()),
        "origin": route.origin().map(|o| o.as_str()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    fn tables() -> String {
        let route = |destination: &str, target: &str, origin: &str, state: &str| {
            format!("<item>{destination}{target}<state>{state}</state><origin>{origin}</origin></item>")
        };
        let cidr = |c: &str| format!("<destinationCidrBlock>{c}</destinationCidrBlock>");
        let main = [
            route(&cidr("10.0.0.0/16"), "<gatewayId>local</gatewayId>", "CreateRouteTable", "active"),
            route(&cidr("0.0.0.0/0"), "<gatewayId>igw-1</gatewayId>", "CreateRoute", "active"),
        ]
        .concat();
        let private = [
            route(&cidr("10.0.0.0/16"), "<gatewayId>local</gatewayId>", "CreateRouteTable", "active"),
            route(&cidr("0.0.0.0/0"), "<natGatewayId>nat-1</natGatewayId>", "CreateRoute", "blackhole"),
            route(
                "<destinationIpv6CidrBlock>::/0</destinationIpv6CidrBlock>",
                "<egressOnlyInternetGatewayId>eigw-1</egressOnlyInternetGatewayId>",
                "CreateRoute",
                "active",
            ),
            route("<destinationPrefixListId>pl-1</destinationPrefixListId>", "<gatewayId>vpce-1</gatewayId>", "CreateRoute", "active"),
            route(&cidr("192.168.0.0/16"), "<gatewayId>vgw-1</gatewayId>", "EnableVgwRoutePropagation", "active"),
            route(&cidr("10.9.0.0/16"), "<gatewayId>vpce-2</gatewayId>", "CreateRoute", "active"),
        ]
        .concat();
        ec2(
            "DescribeRouteTables",
            &format!(
                "<routeTableSet><item><routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId><routeSet>{main}</routeSet><associationSet>\
                 <item><routeTableAssociationId>rtbassoc-1</routeTableAssociationId><routeTableId>rtb-1</routeTableId><main>true</main></item></associationSet></item>\
                 <item><routeTableId>rtb-2</routeTableId><vpcId>vpc-1</vpcId><routeSet>{private}</routeSet><associationSet>\
                 <item><routeTableAssociationId>rtbassoc-2</routeTableAssociationId><routeTableId>rtb-2</routeTableId><subnetId>subnet-1</subnetId><main>false</main>\
                 <associationState><state>associated</state></associationState></item></associationSet>\
                 <propagatingVgwSet><item><gatewayId>vgw-1</gatewayId></item></propagatingVgwSet>\
                 <tagSet><item><key>Name</key><value>private</value></item></tagSet></item></routeTableSet>"
            ),
        )
    }

    #[test]
    fn tables_routes_and_associations() {
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeRouteTables", 200, &tables())]);
        assert_complete(&all);
        let ids: Vec<_> = all.iter().map(|r| (r.kind.as_str(), r.id.as_str())).collect();
        assert_eq!(
            ids,
            [
                ("aws_default_route_table", "vpc-1"),
                ("aws_route", "rtb-1_0.0.0.0/0"),
                ("aws_route", "rtb-2_0.0.0.0/0"),
                ("aws_route", "rtb-2_10.9.0.0/16"),
                ("aws_route", "rtb-2_::/0"),
                ("aws_route_table", "rtb-2"),
                ("aws_route_table_association", "subnet-1/rtb-2"),
            ]
        );
        assert_eq!(all[0].str("facts.route_table_id"), Some("rtb-1"));
        assert_eq!(all[2].str("facts.state"), Some("blackhole"));
        assert_eq!((all[3].str("config.vpc_endpoint_id"), all[3].str("config.gateway_id")), (Some("vpce-2"), None));
        assert_eq!(all[5].strings("config.propagating_vgws"), ["vgw-1"]);
        assert_eq!(all[5].facts["routes"].as_array().map(Vec::len), Some(6));
        assert_eq!(all[5].str("facts.routes.1.target"), Some("nat-1"));
        assert_eq!(all[6].label(), "private");
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeRouteTables", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
