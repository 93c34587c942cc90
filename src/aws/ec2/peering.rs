//! VPC peering connections.

use aws_sdk_ec2::types::{VpcPeeringConnection, VpcPeeringConnectionVpcInfo};
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;
use crate::aws::value::block;

/// `aws_vpc_peering_connection`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_vpc_peering_connection"],
    calls: &[list("ec2:DescribeVpcPeeringConnections")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_vpc_peering_connections().into_paginator().page_size(1000).send();
    let connections = scan.list("ec2:DescribeVpcPeeringConnections", pages, |p| p.vpc_peering_connections.unwrap_or_default()).await;
    for connection in connections {
        one(scan, &connection);
    }
}

fn one(scan: &Scan<'_>, connection: &VpcPeeringConnection) {
    let (Some(id), Some(requester), Some(accepter)) =
        (connection.vpc_peering_connection_id(), connection.requester_vpc_info(), connection.accepter_vpc_info())
    else {
        return;
    };
    let status = connection.status().and_then(|s| s.code()).map(|c| c.as_str());
    if matches!(status, Some("deleted" | "deleting" | "rejected" | "expired" | "failed")) {
        return;
    }
    // Between two regions of one account both list it; it is the requester's to write.
    let own = |side: &VpcPeeringConnectionVpcInfo| side.owner_id() == Some(scan.session.account.as_str());
    let requested_in = requester.region().unwrap_or(&scan.region);
    if own(requester) && own(accepter) && requested_in != scan.region && scan.regions.iter().any(|r| r == requested_in) {
        return;
    }
    let (here, there) = if own(accepter) && !own(requester) { (accepter, requester) } else { (requester, accepter) };
    let mut r = scan.resource("aws_vpc_peering_connection", id);
    r.arn = Some(scan.arn("ec2", &format!("vpc-peering-connection/{id}")));
    ec2_tags(&mut r, connection.tags());
    r.set("vpc_id", here.vpc_id())
        .set("peer_vpc_id", there.vpc_id())
        .set("peer_owner_id", there.owner_id())
        .set("peer_region", accepter.region())
        .set("accepter", block(options(accepter)))
        .set("requester", block(options(requester)));
    r.fact("status", status).fact("peer_cidr_block", there.cidr_block());
    scan.emit(r);
}

fn options(side: &VpcPeeringConnectionVpcInfo) -> Option<Value> {
    let options = side.peering_options()?;
    Some(json!({ "allow_remote_vpc_dns_resolution": options.allow_dns_resolution_from_remote_vpc() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    fn connection(id: &str, requester: (&str, &str), accepter: (&str, &str), status: &str) -> String {
        let side = |name: &str, (owner, region): (&str, &str), vpc: &str| {
            format!(
                "<{name}><ownerId>{owner}</ownerId><vpcId>{vpc}</vpcId><cidrBlock>10.0.0.0/16</cidrBlock><region>{region}</region>\
                 <peeringOptions><allowDnsResolutionFromRemoteVpc>true</allowDnsResolutionFromRemoteVpc></peeringOptions></{name}>"
            )
        };
        format!(
            "<item><vpcPeeringConnectionId>{id}</vpcPeeringConnectionId>{}{}<status><code>{status}</code></status></item>",
            side("requesterVpcInfo", requester, "vpc-r"),
            side("accepterVpcInfo", accepter, "vpc-a")
        )
    }

    #[test]
    fn each_side_as_seen_from_here() {
        let (us, them) = ("123456789012", "999999999999");
        let answer = ec2(
            "DescribeVpcPeeringConnections",
            &format!(
                "<vpcPeeringConnectionSet>{}{}{}</vpcPeeringConnectionSet>",
                connection("pcx-1", (us, "eu-west-3"), (them, "eu-west-1"), "active"),
                connection("pcx-2", (them, "eu-west-3"), (us, "eu-west-3"), "pending-acceptance"),
                connection("pcx-3", (us, "eu-west-3"), (us, "eu-west-3"), "deleted"),
            ),
        );
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeVpcPeeringConnections", 200, &answer)]);
        assert_complete(&all);
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].str("config.vpc_id"), all[0].str("config.peer_owner_id")), (Some("vpc-r"), Some(them)));
        assert_eq!(all[0].config["accepter"], json!([{ "allow_remote_vpc_dns_resolution": true }]));
        assert_eq!((all[1].str("config.vpc_id"), all[1].str("config.peer_vpc_id")), (Some("vpc-a"), Some("vpc-r")));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeVpcPeeringConnections", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
