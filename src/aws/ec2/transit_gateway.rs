//! Transit gateways: what hangs on them, and how they route between it.

use std::collections::HashMap;

use aws_sdk_ec2::types::{Filter, TransitGateway, TransitGatewayPeeringAttachment, TransitGatewayRouteTable, TransitGatewayVpcAttachment};
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::ec2_tags;
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{set, strings};
use crate::estate::Resource;

const GATEWAYS: &str = "ec2:DescribeTransitGateways";
const ATTACHMENTS: &str = "ec2:DescribeTransitGatewayAttachments";
const NETWORKS: &str = "ec2:DescribeTransitGatewayVpcAttachments";
const PEERINGS: &str = "ec2:DescribeTransitGatewayPeeringAttachments";
const TABLES: &str = "ec2:DescribeTransitGatewayRouteTables";
const ASSOCIATIONS: &str = "ec2:GetTransitGatewayRouteTableAssociations";
const PROPAGATIONS: &str = "ec2:GetTransitGatewayRouteTablePropagations";
const ROUTES: &str = "ec2:SearchTransitGatewayRoutes";

/// `aws_ec2_transit_gateway` with attachments, route tables, their routes, associations and propagations. What lies in tables is
/// asked for only where there is a gateway or an attachment.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_ec2_transit_gateway",
        "aws_ec2_transit_gateway_vpc_attachment",
        "aws_ec2_transit_gateway_peering_attachment",
        "aws_ec2_transit_gateway_peering_attachment_accepter",
        "aws_ec2_transit_gateway_route_table",
        "aws_ec2_transit_gateway_route",
        "aws_ec2_transit_gateway_route_table_association",
        "aws_ec2_transit_gateway_route_table_propagation",
    ],
    calls: &[
        list(GATEWAYS),
        list(ATTACHMENTS).yields(&[
            "aws_ec2_transit_gateway_vpc_attachment",
            "aws_ec2_transit_gateway_peering_attachment",
            "aws_ec2_transit_gateway_peering_attachment_accepter",
        ]),
        list(NETWORKS).yields(&["aws_ec2_transit_gateway_vpc_attachment"]),
        list(PEERINGS).yields(&["aws_ec2_transit_gateway_peering_attachment", "aws_ec2_transit_gateway_peering_attachment_accepter"]),
        list(TABLES).yields(&["aws_ec2_transit_gateway_route_table"]),
        list(ASSOCIATIONS).yields(&["aws_ec2_transit_gateway_route_table_association"]),
        list(PROPAGATIONS).yields(&["aws_ec2_transit_gateway_route_table_propagation"]),
        detail(ROUTES),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// Which attachment is associated with, or tells its routes to, which table.
#[derive(Default)]
struct Ties {
    associated: Vec<(String, String)>,
    propagated: Vec<(String, String)>,
}

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_transit_gateways().into_paginator().page_size(1000).send();
    let gateways = scan.list(GATEWAYS, pages, |p| p.transit_gateways.unwrap_or_default()).await;
    let pages = scan.ec2().describe_transit_gateway_attachments().into_paginator().page_size(1000).send();
    let attachments = scan.list(ATTACHMENTS, pages, |p| p.transit_gateway_attachments.unwrap_or_default()).await;
    // A gateway that another account shares is listed too; what is in its tables only its owner may know.
    let own: HashMap<&str, &TransitGateway> = gateways
        .iter()
        .filter(|g| alive(g.state().map(|s| s.as_str())) && g.owner_id() == Some(scan.session.account.as_str()))
        .filter_map(|g| Some((g.transit_gateway_id()?, g)))
        .collect();
    let ties = if own.is_empty() { Ties::default() } else { tables(scan, &own).await };
    for gateway in own.values() {
        one(scan, gateway);
    }
    let has = |kind: &str| attachments.iter().any(|a| a.resource_type().is_some_and(|t| t.as_str() == kind));
    if has("vpc") {
        let pages = scan.ec2().describe_transit_gateway_vpc_attachments().into_paginator().page_size(1000).send();
        for a in scan.list(NETWORKS, pages, |p| p.transit_gateway_vpc_attachments.unwrap_or_default()).await {
            network(scan, &a, &own, &ties);
        }
    }
    if has("peering") {
        let pages = scan.ec2().describe_transit_gateway_peering_attachments().into_paginator().page_size(1000).send();
        for a in scan.list(PEERINGS, pages, |p| p.transit_gateway_peering_attachments.unwrap_or_default()).await {
            peering(scan, &a);
        }
    }
}

fn alive(state: Option<&str>) -> bool {
    !matches!(state, Some("deleting" | "deleted" | "rejected" | "rejecting" | "failed" | "failing"))
}

fn one(scan: &Scan<'_>, gateway: &TransitGateway) {
    let Some(id) = gateway.transit_gateway_id() else { return };
    let mut r = scan.resource("aws_ec2_transit_gateway", id);
    r.arn = gateway.transit_gateway_arn().map(str::to_owned);
    ec2_tags(&mut r, gateway.tags());
    let o = gateway.options();
    r.set("description", gateway.description())
        .set("amazon_side_asn", o.and_then(|o| o.amazon_side_asn()))
        .set("auto_accept_shared_attachments", o.and_then(|o| o.auto_accept_shared_attachments()).map(|v| v.as_str()))
        .set("default_route_table_association", o.and_then(|o| o.default_route_table_association()).map(|v| v.as_str()))
        .set("default_route_table_propagation", o.and_then(|o| o.default_route_table_propagation()).map(|v| v.as_str()))
        .set("dns_support", o.and_then(|o| o.dns_support()).map(|v| v.as_str()))
        .set("multicast_support", o.and_then(|o| o.multicast_support()).map(|v| v.as_str()))
        .set("security_group_referencing_support", o.and_then(|o| o.security_group_referencing_support()).map(|v| v.as_str()))
        .set("vpn_ecmp_support", o.and_then(|o| o.vpn_ecmp_support()).map(|v| v.as_str()))
        .set("transit_gateway_cidr_blocks", set(o.map(|o| o.transit_gateway_cidr_blocks()).unwrap_or_default()));
    r.fact("state", gateway.state().map(|s| s.as_str()))
        .fact("association_default_route_table_id", o.and_then(|o| o.association_default_route_table_id()))
        .fact("propagation_default_route_table_id", o.and_then(|o| o.propagation_default_route_table_id()));
    scan.emit(r);
}

fn network(scan: &Scan<'_>, a: &TransitGatewayVpcAttachment, own: &HashMap<&str, &TransitGateway>, ties: &Ties) {
    let Some(id) = a.transit_gateway_attachment_id() else { return };
    let account = scan.session.account.as_str();
    // Attachments of other accounts to our gateway are theirs.
    if !alive(a.state().map(|s| s.as_str())) || a.vpc_owner_id() != Some(account) {
        return;
    }
    let mut r = scan.resource("aws_ec2_transit_gateway_vpc_attachment", id);
    r.arn = Some(scan.arn("ec2", &format!("transit-gateway-attachment/{id}")));
    ec2_tags(&mut r, a.tags());
    let o = a.options();
    r.set("transit_gateway_id", a.transit_gateway_id())
        .set("vpc_id", a.vpc_id())
        .set("subnet_ids", set(a.subnet_ids()))
        .set("appliance_mode_support", o.and_then(|o| o.appliance_mode_support()).map(|v| v.as_str()))
        .set("dns_support", o.and_then(|o| o.dns_support()).map(|v| v.as_str()))
        .set("ipv6_support", o.and_then(|o| o.ipv6_support()).map(|v| v.as_str()))
        .set("security_group_referencing_support", o.and_then(|o| o.security_group_referencing_support()).map(|v| v.as_str()));
    // Of a shared gateway the provider takes both for true.
    let options = a.transit_gateway_id().and_then(|g| own.get(g)).map(|g| g.options());
    for (argument, call, ties, table) in [
        (
            "transit_gateway_default_route_table_association",
            ASSOCIATIONS,
            &ties.associated,
            options.map(|o| o.and_then(|o| o.association_default_route_table_id())),
        ),
        (
            "transit_gateway_default_route_table_propagation",
            PROPAGATIONS,
            &ties.propagated,
            options.map(|o| o.and_then(|o| o.propagation_default_route_table_id())),
        ),
    ] {
        match table {
            None => {
                r.set(argument, true);
            }
            Some(None) => {
                r.set(argument, false);
            }
            Some(Some(table)) => {
                let tied = ties.iter().any(|(t, attachment)| t == table && attachment == id);
                match scan.gap(call).or_else(|| scan.gap(TABLES)).filter(|_| !tied) {
                    Some(cause) => r.mark_unread(&[&format!("config.{argument}")], &cause),
                    None => {
                        r.set(argument, tied);
                    }
                }
            }
        }
    }
    r.fact("state", a.state().map(|s| s.as_str()));
    scan.emit(r);
}

fn peering(scan: &Scan<'_>, a: &TransitGatewayPeeringAttachment) {
    let (Some(id), Some(asked), Some(accepted)) = (a.transit_gateway_attachment_id(), a.requester_tgw_info(), a.accepter_tgw_info()) else {
        return;
    };
    if !alive(a.state().map(|s| s.as_str())) {
        return;
    }
    // Both ends list it, each under an id of its own. The end that asked holds the settings.
    let account = scan.session.account.as_str();
    let asker = asked.owner_id() == Some(account) && asked.region() == Some(scan.region.as_str());
    let kind = if asker { "aws_ec2_transit_gateway_peering_attachment" } else { "aws_ec2_transit_gateway_peering_attachment_accepter" };
    let mut r = scan.resource(kind, id);
    r.arn = Some(scan.arn("ec2", &format!("transit-gateway-attachment/{id}")));
    ec2_tags(&mut r, a.tags());
    if asker {
        let routing = a.options().and_then(|o| o.dynamic_routing()).map(|d| d.as_str());
        r.set("transit_gateway_id", asked.transit_gateway_id())
            .set("peer_transit_gateway_id", accepted.transit_gateway_id())
            .set("peer_region", accepted.region())
            .set("peer_account_id", accepted.owner_id())
            .set("options", routing.map_or_else(|| json!([]), |d| json!([{ "dynamic_routing": d }])));
    } else {
        r.set("transit_gateway_attachment_id", id);
        r.fact("transit_gateway_id", accepted.transit_gateway_id()).fact("peer_account_id", asked.owner_id());
    }
    r.fact("state", a.state().map(|s| s.as_str()));
    scan.emit(r);
}

async fn tables(scan: &Scan<'_>, own: &HashMap<&str, &TransitGateway>) -> Ties {
    let mut ties = Ties::default();
    let pages = scan.ec2().describe_transit_gateway_route_tables().into_paginator().page_size(1000).send();
    for table in scan.list(TABLES, pages, |p| p.transit_gateway_route_tables.unwrap_or_default()).await {
        let known = table.transit_gateway_id().and_then(|g| own.get(g));
        if let (Some(gateway), true) = (known, alive(table.state().map(|s| s.as_str()))) {
            one_table(scan, &table, gateway, &mut ties).await;
        }
    }
    ties
}

async fn one_table(scan: &Scan<'_>, table: &TransitGatewayRouteTable, gateway: &TransitGateway, ties: &mut Ties) {
    let Some(id) = table.transit_gateway_route_table_id() else { return };
    let mut r = scan.resource("aws_ec2_transit_gateway_route_table", id);
    r.arn = Some(scan.arn("ec2", &format!("transit-gateway-route-table/{id}")));
    ec2_tags(&mut r, table.tags());
    r.set("transit_gateway_id", table.transit_gateway_id());
    let (associates, propagates) =
        (table.default_association_route_table() == Some(true), table.default_propagation_route_table() == Some(true));
    r.fact("default_association_route_table", associates).fact("default_propagation_route_table", propagates);
    let name = r.name.clone();
    let part = |kind: &str, attachment: &str| {
        let mut part = scan.resource(kind, &format!("{id}_{attachment}"));
        part.name.clone_from(&name);
        part.set("transit_gateway_route_table_id", id).set("transit_gateway_attachment_id", attachment);
        part
    };
    let pages = scan
        .ec2()
        .get_transit_gateway_route_table_associations()
        .transit_gateway_route_table_id(id)
        .into_paginator()
        .page_size(1000)
        .send();
    let associated: Vec<String> = scan
        .list(ASSOCIATIONS, pages, |p| p.associations.unwrap_or_default())
        .await
        .iter()
        .filter(|a| a.state().is_none_or(|s| s.as_str() == "associated"))
        .filter_map(|a| a.transit_gateway_attachment_id().map(str::to_owned))
        .collect();
    let pages = scan
        .ec2()
        .get_transit_gateway_route_table_propagations()
        .transit_gateway_route_table_id(id)
        .into_paginator()
        .page_size(1000)
        .send();
    let propagated: Vec<String> = scan
        .list(PROPAGATIONS, pages, |p| p.transit_gateway_route_table_propagations.unwrap_or_default())
        .await
        .iter()
        .filter(|a| a.state().is_none_or(|s| s.as_str() == "enabled"))
        .filter_map(|a| a.transit_gateway_attachment_id().map(str::to_owned))
        .collect();
    // What a gateway does by itself for every attachment stands as an argument of the attachment.
    let enabled = |value: Option<&str>| value == Some("enable");
    let o = gateway.options();
    let by_itself = (
        associates && enabled(o.and_then(|o| o.default_route_table_association()).map(|v| v.as_str())),
        propagates && enabled(o.and_then(|o| o.default_route_table_propagation()).map(|v| v.as_str())),
    );
    for attachment in &associated {
        if !by_itself.0 {
            scan.emit(part("aws_ec2_transit_gateway_route_table_association", attachment));
        }
        ties.associated.push((id.to_owned(), attachment.clone()));
    }
    for attachment in &propagated {
        if !by_itself.1 {
            scan.emit(part("aws_ec2_transit_gateway_route_table_propagation", attachment));
        }
        ties.propagated.push((id.to_owned(), attachment.clone()));
    }
    routes(scan, &mut r, id).await;
    scan.emit(r);
}

/// The routes that people wrote; AWS answers at most a thousand.
async fn routes(scan: &Scan<'_>, table: &mut Resource, id: &str) {
    let filter = Filter::builder().name("type").values("static").build();
    let request = scan.ec2().search_transit_gateway_routes().transit_gateway_route_table_id(id).filters(filter).max_results(1000).send();
    let Detail::Got(answer) = scan.detail(table, ROUTES, &["facts.static_routes"], request).await else { return };
    let routes: Vec<_> = answer.routes().iter().filter(|r| alive(r.state().map(|s| s.as_str()))).collect();
    table.fact("static_routes", strings(routes.iter().filter_map(|r| r.destination_cidr_block())));
    for route in routes {
        let Some(to) = route.destination_cidr_block() else { continue };
        let attachment = route.transit_gateway_attachments().first().and_then(|a| a.transit_gateway_attachment_id());
        let blackhole = route.state().is_some_and(|s| s.as_str() == "blackhole") && attachment.is_none();
        let mut r = scan.resource("aws_ec2_transit_gateway_route", &format!("{id}_{to}"));
        r.name.clone_from(&table.name);
        r.set("transit_gateway_route_table_id", id)
            .set("destination_cidr_block", to)
            .set("transit_gateway_attachment_id", attachment)
            .set("blackhole", if blackhole { Value::Bool(true) } else { Value::Bool(false) });
        r.fact("state", route.state().map(|s| s.as_str()));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    fn gateways(owner: &str) -> String {
        ec2(
            "DescribeTransitGateways",
            &format!(
                "<transitGatewaySet><item><transitGatewayId>tgw-1</transitGatewayId><transitGatewayArn>arn:aws:ec2:eu-west-3:{owner}:transit-gateway/tgw-1</transitGatewayArn><state>available</state><ownerId>{owner}</ownerId><description>hub</description>\
                 <options><amazonSideAsn>64512</amazonSideAsn><autoAcceptSharedAttachments>disable</autoAcceptSharedAttachments><defaultRouteTableAssociation>enable</defaultRouteTableAssociation><associationDefaultRouteTableId>tgw-rtb-1</associationDefaultRouteTableId>\
                 <defaultRouteTablePropagation>disable</defaultRouteTablePropagation><propagationDefaultRouteTableId>tgw-rtb-2</propagationDefaultRouteTableId><vpnEcmpSupport>enable</vpnEcmpSupport><dnsSupport>enable</dnsSupport><multicastSupport>disable</multicastSupport></options></item></transitGatewaySet>"
            ),
        )
    }

    fn answers() -> Vec<(&'static str, u16, String)> {
        let table = |id: &str, associates: bool, propagates: bool| {
            format!(
                "<item><transitGatewayRouteTableId>{id}</transitGatewayRouteTableId><transitGatewayId>tgw-1</transitGatewayId><state>available</state><defaultAssociationRouteTable>{associates}</defaultAssociationRouteTable><defaultPropagationRouteTable>{propagates}</defaultPropagationRouteTable></item>"
            )
        };
        let tie = |element: &str, state: &str| {
            format!(
                "<{element}><item><transitGatewayAttachmentId>tgw-attach-1</transitGatewayAttachmentId><resourceId>vpc-1</resourceId><resourceType>vpc</resourceType><state>{state}</state></item></{element}>"
            )
        };
        vec![
            (GATEWAYS, 200, gateways("123456789012")),
            (
                ATTACHMENTS,
                200,
                ec2(
                    "DescribeTransitGatewayAttachments",
                    "<transitGatewayAttachments><item><transitGatewayAttachmentId>tgw-attach-1</transitGatewayAttachmentId><resourceType>vpc</resourceType></item><item><transitGatewayAttachmentId>tgw-attach-9</transitGatewayAttachmentId><resourceType>peering</resourceType></item></transitGatewayAttachments>",
                ),
            ),
            (
                NETWORKS,
                200,
                ec2(
                    "DescribeTransitGatewayVpcAttachments",
                    "<transitGatewayVpcAttachments><item><transitGatewayAttachmentId>tgw-attach-1</transitGatewayAttachmentId><transitGatewayId>tgw-1</transitGatewayId><vpcId>vpc-1</vpcId><vpcOwnerId>123456789012</vpcOwnerId><state>available</state>\
                     <subnetIds><item>subnet-2</item><item>subnet-1</item></subnetIds><options><dnsSupport>enable</dnsSupport><ipv6Support>disable</ipv6Support><applianceModeSupport>disable</applianceModeSupport></options></item>\
                     <item><transitGatewayAttachmentId>tgw-attach-2</transitGatewayAttachmentId><transitGatewayId>tgw-1</transitGatewayId><vpcId>vpc-2</vpcId><vpcOwnerId>999999999999</vpcOwnerId><state>available</state></item></transitGatewayVpcAttachments>",
                ),
            ),
            (
                PEERINGS,
                200,
                ec2(
                    "DescribeTransitGatewayPeeringAttachments",
                    "<transitGatewayPeeringAttachments><item><transitGatewayAttachmentId>tgw-attach-9</transitGatewayAttachmentId><requesterTgwInfo><transitGatewayId>tgw-1</transitGatewayId><ownerId>123456789012</ownerId><region>eu-west-3</region></requesterTgwInfo><accepterTgwInfo><transitGatewayId>tgw-7</transitGatewayId><ownerId>999999999999</ownerId><region>us-east-1</region></accepterTgwInfo><state>available</state></item></transitGatewayPeeringAttachments>",
                ),
            ),
            (
                TABLES,
                200,
                ec2(
                    "DescribeTransitGatewayRouteTables",
                    &format!(
                        "<transitGatewayRouteTables>{}{}</transitGatewayRouteTables>",
                        table("tgw-rtb-1", true, false),
                        table("tgw-rtb-2", false, true)
                    ),
                ),
            ),
            (ASSOCIATIONS, 200, ec2("GetTransitGatewayRouteTableAssociations", &tie("associations", "associated"))),
            (ASSOCIATIONS, 200, ec2("GetTransitGatewayRouteTableAssociations", "<associations/>")),
            (PROPAGATIONS, 200, ec2("GetTransitGatewayRouteTablePropagations", "<transitGatewayRouteTablePropagations/>")),
            (PROPAGATIONS, 200, ec2("GetTransitGatewayRouteTablePropagations", &tie("transitGatewayRouteTablePropagations", "enabled"))),
            (
                ROUTES,
                200,
                ec2(
                    "SearchTransitGatewayRoutes",
                    "<routeSet><item><destinationCidrBlock>10.9.0.0/16</destinationCidrBlock><transitGatewayAttachments><item><resourceId>vpc-1</resourceId><transitGatewayAttachmentId>tgw-attach-1</transitGatewayAttachmentId><resourceType>vpc</resourceType></item></transitGatewayAttachments><type>static</type><state>active</state></item>\
                     <item><destinationCidrBlock>192.168.0.0/16</destinationCidrBlock><type>static</type><state>blackhole</state></item></routeSet><additionalRoutesAvailable>false</additionalRoutesAvailable>",
                ),
            ),
            (ROUTES, 200, ec2("SearchTransitGatewayRoutes", "<routeSet/>")),
        ]
    }

    fn run(answers: &[(&'static str, u16, String)]) -> (Vec<Resource>, Vec<crate::estate::LedgerEntry>) {
        collect(&COLLECTOR, &answers.iter().map(|(n, s, b)| (*n, *s, b.as_str())).collect::<Vec<_>>())
    }

    #[test]
    fn a_gateway_with_attachments_tables_and_routes() {
        let (all, ledger) = run(&answers());
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
        assert_complete(&all);
        let get = |id: &str| all.iter().find(|r| r.id == id).unwrap_or_else(|| panic!("no {id}"));
        let attachment = get("tgw-attach-1");
        assert_eq!(attachment.config["subnet_ids"], json!(["subnet-1", "subnet-2"]));
        assert_eq!(attachment.config["transit_gateway_default_route_table_association"], true);
        assert_eq!(attachment.config["transit_gateway_default_route_table_propagation"], true);
        assert!(!all.iter().any(|r| r.id == "tgw-attach-2"), "the attachment of another account");
        assert_eq!(get("tgw-attach-9").config["peer_region"], "us-east-1");
        // Made by the gateway itself, so no resource of its own; the propagation was made by hand.
        assert!(!all.iter().any(|r| r.kind == "aws_ec2_transit_gateway_route_table_association"));
        assert_eq!(get("tgw-rtb-2_tgw-attach-1").kind, "aws_ec2_transit_gateway_route_table_propagation");
        assert_eq!(get("tgw-rtb-1_192.168.0.0/16").config["blackhole"], true);
        assert_eq!(get("tgw-rtb-1_10.9.0.0/16").config["transit_gateway_attachment_id"], "tgw-attach-1");
    }

    #[test]
    fn a_shared_gateway_is_not_ours_and_its_tables_are_not_asked_for() {
        let mut shared = answers();
        shared[0].2 = gateways("999999999999");
        let (all, ledger) = run(&shared);
        assert!(!all.iter().any(|r| r.kind == "aws_ec2_transit_gateway"));
        let attachment = all.iter().find(|r| r.id == "tgw-attach-1").unwrap();
        assert_eq!(attachment.config["transit_gateway_default_route_table_association"], true);
        assert!(!ledger.iter().any(|e| e.call == TABLES));
    }

    #[test]
    fn what_was_refused_is_unread() {
        let mut refused = answers();
        refused.iter_mut().filter(|a| matches!(a.0, ASSOCIATIONS | ROUTES)).for_each(|a| (a.1, a.2) = (403, EC2_DENIED.into()));
        let (all, ledger) = run(&refused);
        let attachment = all.iter().find(|r| r.id == "tgw-attach-1").unwrap();
        assert!(attachment.unread.contains_key("config.transit_gateway_default_route_table_association"));
        assert!(all.iter().find(|r| r.id == "tgw-rtb-1").unwrap().unread.contains_key("facts.static_routes"));
        assert!(ledger.iter().any(|e| e.call == ASSOCIATIONS && e.outcome == Outcome::Denied));
    }

    #[test]
    fn without_gateways_two_questions_suffice() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                (GATEWAYS, 200, &ec2("DescribeTransitGateways", "<transitGatewaySet/>")),
                (ATTACHMENTS, 200, &ec2("DescribeTransitGatewayAttachments", "<transitGatewayAttachments/>")),
            ],
        );
        assert!(all.is_empty());
        assert_eq!(ledger.iter().map(|e| e.requests).sum::<u64>(), 2);
    }
}
