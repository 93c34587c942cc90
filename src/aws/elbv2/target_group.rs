//! Target groups with attributes, and what is registered in them with its health.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types as elb;
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{block, set};
use crate::estate::Resource;

const GONE: &[&str] = &["TargetGroupNotFound", "TargetGroupNotFoundException"];

/// `aws_lb_target_group`, `aws_lb_target_group_attachment`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_lb_target_group", "aws_lb_target_group_attachment"],
    calls: &[
        list("elbv2:DescribeTargetGroups"),
        detail("elbv2:DescribeTargetGroupAttributes").gone(GONE),
        detail("elbv2:DescribeTargetHealth").gone(GONE),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.elbv2().describe_target_groups().into_paginator().send();
    let groups = scan.list("elbv2:DescribeTargetGroups", pages, |p| p.target_groups.unwrap_or_default()).await;
    scan.each(groups, |group| one(scan, group)).await;
}

async fn one(scan: &Scan<'_>, group: elb::TargetGroup) {
    let Some(arn) = group.target_group_arn() else { return };
    let mut r = scan.resource("aws_lb_target_group", arn);
    r.arn = Some(arn.into());
    r.name = group.target_group_name().map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    let health_check = json!({
        "enabled": group.health_check_enabled(),
        "interval": group.health_check_interval_seconds(),
        "port": group.health_check_port(),
        "protocol": group.health_check_protocol().map(|p| p.as_str()),
        "timeout": group.health_check_timeout_seconds(),
        "healthy_threshold": group.healthy_threshold_count(),
        "unhealthy_threshold": group.unhealthy_threshold_count(),
        "path": group.health_check_path(),
        "matcher": group.matcher().and_then(|m| m.http_code().or(m.grpc_code())),
    });
    r.set("name", group.target_group_name())
        .set("target_type", group.target_type().map(|t| t.as_str()))
        .set("port", group.port())
        .set("protocol", group.protocol().map(|p| p.as_str()))
        .set("protocol_version", group.protocol_version())
        .set("vpc_id", group.vpc_id())
        .set("ip_address_type", group.ip_address_type().map(|t| t.as_str()))
        .set("health_check", json!([health_check]));
    r.fact("arn_suffix", arn.split_once(":targetgroup/").map(|(_, suffix)| format!("targetgroup/{suffix}")))
        .fact("load_balancer_arns", set(group.load_balancer_arns()));

    let mut unread: Vec<String> = ATTRIBUTES.iter().map(|(argument, _, _)| format!("config.{argument}")).collect();
    unread.extend(BLOCKS.map(|name| format!("config.{name}")));
    let unread: Vec<&str> = unread.iter().map(String::as_str).collect();
    let request = scan.elbv2().describe_target_group_attributes().target_group_arn(arn).send();
    match scan.detail(&mut r, "elbv2:DescribeTargetGroupAttributes", &unread, request).await {
        Detail::Got(answer) => {
            let pairs = answer.attributes().iter().filter_map(|a| Some((a.key()?.to_owned(), a.value()?.to_owned())));
            attributes(&mut r, &pairs.collect());
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }

    let request = scan.elbv2().describe_target_health().target_group_arn(arn).send();
    let unread = ["facts.targets", "facts.healthy_count", "facts.target_count"];
    let registered = match scan.detail(&mut r, "elbv2:DescribeTargetHealth", &unread, request).await {
        Detail::Got(answer) => answer.target_health_descriptions.unwrap_or_default(),
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {
            scan.emit(r);
            return;
        }
    };
    let state = |d: &elb::TargetHealthDescription| d.target_health().and_then(|h| h.state()).map(|s| s.as_str().to_owned());
    let mut targets: Vec<Value> = registered
        .iter()
        .map(|d| {
            let target = d.target();
            json!({
                "id": target.and_then(|t| t.id()),
                "port": target.and_then(|t| t.port()),
                "availability_zone": target.and_then(|t| t.availability_zone()),
                "state": state(d),
                "reason": d.target_health().and_then(|h| h.reason()).map(|c| c.as_str()),
            })
        })
        .collect();
    targets.sort_by_cached_key(Value::to_string);
    r.fact("healthy_count", registered.iter().filter(|d| state(d).as_deref() == Some("healthy")).count())
        .fact("target_count", registered.len())
        .fact("targets", targets);
    scan.emit(r);
    for description in &registered {
        let Some((target, id)) = description.target().and_then(|t| Some((t, t.id()?))) else { continue };
        let port = target.port().map(|p| format!(",{p}")).unwrap_or_default();
        let mut a = scan.resource("aws_lb_target_group_attachment", &format!("{arn},{id}{port}"));
        a.set("target_group_arn", arn).set("target_id", id).set("port", target.port()).set("availability_zone", target.availability_zone());
        a.fact("state", state(description));
        scan.emit(a);
    }
}

enum Kind {
    Text,
    Flag,
    Number,
}

/// Argument, attribute key, and what the provider holds it as.
const ATTRIBUTES: [(&str, &str, Kind); 9] = [
    ("deregistration_delay", "deregistration_delay.timeout_seconds", Kind::Text),
    ("slow_start", "slow_start.duration_seconds", Kind::Number),
    ("load_balancing_algorithm_type", "load_balancing.algorithm.type", Kind::Text),
    ("load_balancing_anomaly_mitigation", "load_balancing.algorithm.anomaly_mitigation", Kind::Text),
    ("load_balancing_cross_zone_enabled", "load_balancing.cross_zone.enabled", Kind::Text),
    ("lambda_multi_value_headers_enabled", "lambda.multi_value_headers.enabled", Kind::Flag),
    ("preserve_client_ip", "preserve_client_ip.enabled", Kind::Text),
    ("proxy_protocol_v2", "proxy_protocol_v2.enabled", Kind::Flag),
    ("connection_termination", "deregistration_delay.connection_termination.enabled", Kind::Flag),
];

const BLOCKS: [&str; 4] = ["stickiness", "target_failover", "target_group_health", "target_health_state"];

fn attributes(r: &mut Resource, all: &BTreeMap<String, String>) {
    let text = |key: &str| all.get(key).map(String::as_str).filter(|v| !v.is_empty());
    let number = |key: &str| text(key).and_then(|v| v.parse::<i64>().ok());
    for (argument, key, kind) in ATTRIBUTES {
        match kind {
            Kind::Text => r.set(argument, text(key)),
            Kind::Flag => r.set(argument, text(key).map(|v| v == "true")),
            Kind::Number => r.set(argument, number(key)),
        };
    }
    let stickiness = text("stickiness.type").map(|by| {
        let (duration, cookie) = match by {
            "lb_cookie" => (number("stickiness.lb_cookie.duration_seconds"), None),
            "app_cookie" => (number("stickiness.app_cookie.duration_seconds"), text("stickiness.app_cookie.cookie_name")),
            _ => (None, None),
        };
        json!({ "type": by, "enabled": text("stickiness.enabled") == Some("true"), "cookie_duration": duration, "cookie_name": cookie })
    });
    let failover = text("target_failover.on_deregistration")
        .map(|on| json!({ "on_deregistration": on, "on_unhealthy": text("target_failover.on_unhealthy") }));
    let state = text("target_health_state.unhealthy.connection_termination.enabled").map(|enabled| {
        json!({
            "enable_unhealthy_connection_termination": enabled == "true",
            "unhealthy_draining_interval": number("target_health_state.unhealthy.draining_interval_seconds"),
        })
    });
    let health = text("target_group_health.dns_failover.minimum_healthy_targets.count").map(|count| {
        json!({
            "dns_failover": [{
                "minimum_healthy_targets_count": count,
                "minimum_healthy_targets_percentage": text("target_group_health.dns_failover.minimum_healthy_targets.percentage"),
            }],
            "unhealthy_state_routing": [{
                "minimum_healthy_targets_count": number("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"),
                "minimum_healthy_targets_percentage": text("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"),
            }],
        })
    });
    r.set("stickiness", block(stickiness))
        .set("target_failover", block(failover))
        .set("target_health_state", block(state))
        .set("target_group_health", block(health));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    const ARN: &str = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:targetgroup/api/73e2d6bc24d8a067";

    fn wrap(operation: &str, inside: &str) -> String {
        format!(
            r#"<{operation}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><{operation}Result>{inside}</{operation}Result></{operation}Response>"#
        )
    }

    fn groups() -> String {
        wrap(
            "DescribeTargetGroups",
            &format!(
                "<TargetGroups><member><TargetGroupArn>{ARN}</TargetGroupArn><TargetGroupName>api</TargetGroupName><Protocol>HTTP</Protocol><Port>3000</Port><VpcId>vpc-1</VpcId>\
                 <HealthCheckProtocol>HTTP</HealthCheckProtocol><HealthCheckPort>traffic-port</HealthCheckPort><HealthCheckEnabled>true</HealthCheckEnabled><HealthCheckIntervalSeconds>30</HealthCheckIntervalSeconds>\
                 <HealthCheckTimeoutSeconds>5</HealthCheckTimeoutSeconds><HealthyThresholdCount>5</HealthyThresholdCount><UnhealthyThresholdCount>2</UnhealthyThresholdCount><HealthCheckPath>/health</HealthCheckPath>\
                 <Matcher><HttpCode>200</HttpCode></Matcher><LoadBalancerArns><member>arn:lb</member></LoadBalancerArns><TargetType>instance</TargetType><ProtocolVersion>HTTP1</ProtocolVersion><IpAddressType>ipv4</IpAddressType></member></TargetGroups>"
            ),
        )
    }

    const HEALTH: &str = "<TargetHealthDescriptions>\
        <member><Target><Id>i-2</Id><Port>3000</Port></Target><TargetHealth><State>unhealthy</State><Reason>Target.ResponseCodeMismatch</Reason></TargetHealth></member>\
        <member><Target><Id>i-1</Id><Port>3000</Port></Target><TargetHealth><State>healthy</State></TargetHealth></member></TargetHealthDescriptions>";

    #[test]
    fn a_group_with_its_targets() {
        let pairs = [
            ("stickiness.enabled", "false"),
            ("stickiness.type", "lb_cookie"),
            ("stickiness.lb_cookie.duration_seconds", "86400"),
            ("deregistration_delay.timeout_seconds", "300"),
            ("slow_start.duration_seconds", "0"),
            ("load_balancing.algorithm.type", "round_robin"),
            ("target_group_health.dns_failover.minimum_healthy_targets.count", "1"),
            ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"),
            ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"),
        ];
        let members: String = pairs.iter().map(|(k, v)| format!("<member><Key>{k}</Key><Value>{v}</Value></member>")).collect();
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("elbv2:DescribeTargetGroups", 200, &groups()),
                (
                    "elbv2:DescribeTargetGroupAttributes",
                    200,
                    &wrap("DescribeTargetGroupAttributes", &format!("<Attributes>{members}</Attributes>")),
                ),
                ("elbv2:DescribeTargetHealth", 200, &wrap("DescribeTargetHealth", HEALTH)),
            ],
        );
        assert_eq!(all.len(), 3);
        let r = &all[0];
        assert_eq!(r.config["deregistration_delay"], "300");
        assert_eq!(r.config["slow_start"], 0);
        assert_eq!(r.get("config.stickiness.0.cookie_duration"), Some(&json!(86400)));
        assert_eq!(r.str("config.target_group_health.0.dns_failover.0.minimum_healthy_targets_count"), Some("1"));
        assert_eq!(r.get("config.target_group_health.0.unhealthy_state_routing.0.minimum_healthy_targets_count"), Some(&json!(1)));
        assert_eq!(r.str("config.health_check.0.matcher"), Some("200"));
        assert_eq!((&r.facts["healthy_count"], &r.facts["target_count"]), (&json!(1), &json!(2)));
        assert_eq!(r.str("facts.targets.0.reason"), None);
        assert_eq!(r.facts["arn_suffix"], "targetgroup/api/73e2d6bc24d8a067");
        assert_eq!(all[1].id, format!("{ARN},i-1,3000"));
        assert_eq!(all[2].facts["state"], "unhealthy");
    }

    #[test]
    fn health_that_is_refused_is_not_no_health() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("elbv2:DescribeTargetGroups", 200, &groups()),
                ("elbv2:DescribeTargetGroupAttributes", 403, denied),
                ("elbv2:DescribeTargetHealth", 403, denied),
            ],
        );
        assert_eq!(all.len(), 1);
        assert!(all[0].unread.contains_key("facts.targets") && all[0].unread.contains_key("config.stickiness"));
        assert!(!all[0].facts.contains_key("healthy_count"));
    }

    #[test]
    fn a_group_deleted_meanwhile_is_dropped() {
        let gone = "<ErrorResponse><Error><Code>TargetGroupNotFound</Code><Message>gone</Message></Error></ErrorResponse>";
        let (all, ledger) =
            collect(&COLLECTOR, &[("elbv2:DescribeTargetGroups", 200, &groups()), ("elbv2:DescribeTargetGroupAttributes", 400, gone)]);
        assert!(all.is_empty());
        assert_eq!(ledger.iter().map(|e| e.vanished).sum::<u64>(), 1);
    }
}
