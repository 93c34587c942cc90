//! Site-to-site VPN connections. The answer holds pre-shared keys; none of them is ever taken out of it.

use aws_sdk_ec2::types::{TunnelOption, VpnConnection};
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;
use crate::aws::value::{set, time};
use crate::estate::Resource;

/// `aws_vpn_connection` and `aws_vpn_connection_route`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_vpn_connection", "aws_vpn_connection_route"],
    calls: &[list("ec2:DescribeVpnConnections")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let request = scan.ec2().describe_vpn_connections().send();
    for connection in scan.list_once("ec2:DescribeVpnConnections", request, |a| a.vpn_connections.unwrap_or_default()).await {
        one(scan, &connection);
    }
}

fn one(scan: &Scan<'_>, c: &VpnConnection) {
    let Some(id) = c.vpn_connection_id() else { return };
    let state = c.state().map(|s| s.as_str());
    if matches!(state, Some("deleting" | "deleted")) {
        return;
    }
    let mut r = scan.resource("aws_vpn_connection", id);
    r.arn = Some(scan.arn("ec2", &format!("vpn-connection/{id}")));
    ec2_tags(&mut r, c.tags());
    let o = c.options();
    let text = |v: Option<&str>| v.filter(|v| !v.is_empty()).map(str::to_owned);
    r.set("type", c.r#type().map(|t| t.as_str()))
        .set("customer_gateway_id", c.customer_gateway_id())
        .set("vpn_gateway_id", text(c.vpn_gateway_id()))
        .set("transit_gateway_id", text(c.transit_gateway_id()))
        .set("static_routes_only", o.and_then(|o| o.static_routes_only()).unwrap_or(false))
        .set("enable_acceleration", o.and_then(|o| o.enable_acceleration()))
        .set("local_ipv4_network_cidr", text(o.and_then(|o| o.local_ipv4_network_cidr())))
        .set("remote_ipv4_network_cidr", text(o.and_then(|o| o.remote_ipv4_network_cidr())))
        .set("local_ipv6_network_cidr", text(o.and_then(|o| o.local_ipv6_network_cidr())))
        .set("remote_ipv6_network_cidr", text(o.and_then(|o| o.remote_ipv6_network_cidr())))
        .set("outside_ip_address_type", text(o.and_then(|o| o.outside_ip_address_type())))
        .set("transport_transit_gateway_attachment_id", text(o.and_then(|o| o.transport_transit_gateway_attachment_id())))
        .set("tunnel_inside_ip_version", o.and_then(|o| o.tunnel_inside_ip_version()).map(|v| v.as_str()));
    let none = TunnelOption::builder().build();
    let tunnels = o.map(|o| o.tunnel_options()).unwrap_or_default();
    tunnel_1(&mut r, tunnels.first().unwrap_or(&none));
    tunnel_2(&mut r, tunnels.get(1).unwrap_or(&none));
    let up = c.vgw_telemetry().iter().filter(|t| t.status().is_some_and(|s| s.as_str() == "UP")).count();
    let telemetry: Vec<Value> = c
        .vgw_telemetry()
        .iter()
        .map(|t| json!({ "address": t.outside_ip_address(), "status": t.status().map(|s| s.as_str()), "since": time(t.last_status_change()), "routes": t.accepted_route_count() }))
        .collect();
    r.fact("state", state).fact("tunnels", telemetry).fact("tunnels_up", up);
    let name = r.name.clone();
    scan.emit(r);
    for route in c.routes().iter().filter(|r| r.state().is_none_or(|s| !matches!(s.as_str(), "deleting" | "deleted"))) {
        let Some(to) = route.destination_cidr_block() else { continue };
        let mut part = scan.resource("aws_vpn_connection_route", &format!("{to}:{id}"));
        part.name.clone_from(&name);
        part.set("vpn_connection_id", id).set("destination_cidr_block", to);
        scan.emit(part);
    }
}

/// One tunnel's arguments, `tunnel1_…` or `tunnel2_…`. The names stand whole, so that they can be found.
macro_rules! tunnel {
    ($function:ident, $inside:literal, $inside6:literal, $action:literal, $dpd:literal, $lifecycle:literal, $ike:literal, $g1:literal, $e1:literal,
     $i1:literal, $l1:literal, $g2:literal, $e2:literal, $i2:literal, $l2:literal, $fuzz:literal, $margin:literal, $replay:literal, $startup:literal, $log:literal) => {
        fn $function(r: &mut Resource, t: &TunnelOption) {
            let numbers = |list: Vec<i32>| {
                let mut list = list;
                list.sort_unstable();
                Value::from(list)
            };
            r.set($inside, t.tunnel_inside_cidr())
                .set($inside6, t.tunnel_inside_ipv6_cidr())
                .set($action, t.dpd_timeout_action())
                .set($dpd, t.dpd_timeout_seconds())
                .set($lifecycle, t.enable_tunnel_lifecycle_control())
                .set($ike, set(t.ike_versions().iter().filter_map(|v| v.value())))
                .set($g1, numbers(t.phase1_dh_group_numbers().iter().filter_map(|v| v.value()).collect()))
                .set($e1, set(t.phase1_encryption_algorithms().iter().filter_map(|v| v.value())))
                .set($i1, set(t.phase1_integrity_algorithms().iter().filter_map(|v| v.value())))
                .set($l1, t.phase1_lifetime_seconds())
                .set($g2, numbers(t.phase2_dh_group_numbers().iter().filter_map(|v| v.value()).collect()))
                .set($e2, set(t.phase2_encryption_algorithms().iter().filter_map(|v| v.value())))
                .set($i2, set(t.phase2_integrity_algorithms().iter().filter_map(|v| v.value())))
                .set($l2, t.phase2_lifetime_seconds())
                .set($fuzz, t.rekey_fuzz_percentage())
                .set($margin, t.rekey_margin_time_seconds())
                .set($replay, t.replay_window_size())
                .set($startup, t.startup_action())
                .set($log, logs(t));
        }
    };
}

#[rustfmt::skip]
tunnel!(tunnel_1, "tunnel1_inside_cidr", "tunnel1_inside_ipv6_cidr", "tunnel1_dpd_timeout_action", "tunnel1_dpd_timeout_seconds", "tunnel1_enable_tunnel_lifecycle_control",
    "tunnel1_ike_versions", "tunnel1_phase1_dh_group_numbers", "tunnel1_phase1_encryption_algorithms", "tunnel1_phase1_integrity_algorithms",
    "tunnel1_phase1_lifetime_seconds", "tunnel1_phase2_dh_group_numbers", "tunnel1_phase2_encryption_algorithms", "tunnel1_phase2_integrity_algorithms",
    "tunnel1_phase2_lifetime_seconds", "tunnel1_rekey_fuzz_percentage", "tunnel1_rekey_margin_time_seconds", "tunnel1_replay_window_size", "tunnel1_startup_action",
    "tunnel1_log_options");
#[rustfmt::skip]
tunnel!(tunnel_2, "tunnel2_inside_cidr", "tunnel2_inside_ipv6_cidr", "tunnel2_dpd_timeout_action", "tunnel2_dpd_timeout_seconds", "tunnel2_enable_tunnel_lifecycle_control",
    "tunnel2_ike_versions", "tunnel2_phase1_dh_group_numbers", "tunnel2_phase1_encryption_algorithms", "tunnel2_phase1_integrity_algorithms",
    "tunnel2_phase1_lifetime_seconds", "tunnel2_phase2_dh_group_numbers", "tunnel2_phase2_encryption_algorithms", "tunnel2_phase2_integrity_algorithms",
    "tunnel2_phase2_lifetime_seconds", "tunnel2_rekey_fuzz_percentage", "tunnel2_rekey_margin_time_seconds", "tunnel2_replay_window_size", "tunnel2_startup_action",
    "tunnel2_log_options");

fn logs(t: &TunnelOption) -> Value {
    let Some(o) = t.log_options().and_then(|l| l.cloud_watch_log_options()) else { return json!([]) };
    json!([{ "cloudwatch_log_options": [{ "log_enabled": o.log_enabled(), "log_group_arn": o.log_group_arn(), "log_output_format": o.log_output_format() }] }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    #[test]
    fn a_connection_without_its_keys() {
        let answer = ec2(
            "DescribeVpnConnections",
            "<vpnConnectionSet><item><vpnConnectionId>vpn-1</vpnConnectionId><state>available</state><type>ipsec.1</type><customerGatewayId>cgw-1</customerGatewayId><vpnGatewayId>vgw-1</vpnGatewayId>\
             <customerGatewayConfiguration>&lt;vpn_connection&gt;&lt;pre_shared_key&gt;SECRETKEY1&lt;/pre_shared_key&gt;&lt;/vpn_connection&gt;</customerGatewayConfiguration>\
             <options><enableAcceleration>false</enableAcceleration><staticRoutesOnly>true</staticRoutesOnly><localIpv4NetworkCidr>0.0.0.0/0</localIpv4NetworkCidr><tunnelInsideIpVersion>ipv4</tunnelInsideIpVersion>\
             <tunnelOptionSet><item><outsideIpAddress>203.0.113.1</outsideIpAddress><tunnelInsideCidr>169.254.10.0/30</tunnelInsideCidr><preSharedKey>SECRETKEY2</preSharedKey><phase1DHGroupNumberSet><item><value>20</value></item><item><value>14</value></item></phase1DHGroupNumberSet><ikeVersionSet><item><value>ikev2</value></item></ikeVersionSet>\
             <logOptions><cloudWatchLogOptions><logEnabled>true</logEnabled><logGroupArn>arn:aws:logs:eu-west-3:123456789012:log-group:vpn</logGroupArn><logOutputFormat>json</logOutputFormat></cloudWatchLogOptions></logOptions></item>\
             <item><outsideIpAddress>203.0.113.2</outsideIpAddress><tunnelInsideCidr>169.254.11.0/30</tunnelInsideCidr><preSharedKey>SECRETKEY3</preSharedKey></item></tunnelOptionSet></options>\
             <routes><item><destinationCidrBlock>192.168.0.0/24</destinationCidrBlock><source>Static</source><state>available</state></item></routes>\
             <vgwTelemetry><item><outsideIpAddress>203.0.113.1</outsideIpAddress><status>UP</status></item><item><outsideIpAddress>203.0.113.2</outsideIpAddress><status>DOWN</status></item></vgwTelemetry></item>\
             <item><vpnConnectionId>vpn-2</vpnConnectionId><state>deleted</state></item></vpnConnectionSet>",
        );
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeVpnConnections", 200, &answer)]);
        assert_complete(&all);
        assert_eq!(all.len(), 2);
        let vpn = &all[0];
        assert_eq!(vpn.config["tunnel1_phase1_dh_group_numbers"], json!([14, 20]));
        assert_eq!(vpn.config["tunnel2_inside_cidr"], "169.254.11.0/30");
        assert_eq!((&vpn.facts["tunnels_up"], &vpn.config["static_routes_only"]), (&json!(1), &json!(true)));
        assert_eq!(all[1].id, "192.168.0.0/24:vpn-1");
        let whole = serde_json::to_string(&all).unwrap();
        assert!(!whole.contains("SECRETKEY") && !whole.contains("preshared_key"));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeVpnConnections", 403, EC2_DENIED)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Denied);
    }
}
