//! Load balancers with attributes, listeners, rules and further certificates.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types as elb;
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::metrics::{self, Each, Figure};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{block, set, time};
use crate::estate::Resource;

mod actions;

/// `aws_lb`, `aws_lb_listener`, `aws_lb_listener_certificate`, `aws_lb_listener_rule`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_lb", "aws_lb_listener", "aws_lb_listener_certificate", "aws_lb_listener_rule"],
    calls: &[
        list("elbv2:DescribeLoadBalancers"),
        detail("elbv2:DescribeLoadBalancerAttributes").gone(&["LoadBalancerNotFound", "LoadBalancerNotFoundException"]),
        list("elbv2:DescribeListeners"),
        detail("elbv2:DescribeListenerAttributes").gone(&["ListenerNotFound", "ListenerNotFoundException"]),
        list("elbv2:DescribeListenerCertificates"),
        list("elbv2:DescribeRules"),
        metrics::CALL,
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// Attributes as AWS keeps them: words by key.
struct Attributes(BTreeMap<String, String>);

impl Attributes {
    fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str).filter(|v| !v.is_empty())
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.text(key).map(|v| v == "true")
    }

    fn number(&self, key: &str) -> Option<i64> {
        self.text(key)?.parse().ok()
    }
}

async fn collect(scan: &Scan<'_>) {
    let pages = scan.elbv2().describe_load_balancers().into_paginator().send();
    let balancers = scan.list("elbv2:DescribeLoadBalancers", pages, |p| p.load_balancers.unwrap_or_default()).await;
    let names: Vec<&str> = balancers.iter().filter_map(|b| suffix(b.load_balancer_arn()?)).collect();
    let traffic = metrics::each(scan, "aws_lb", 14, &names, |name| [counted(name)]).await;
    scan.each(balancers, |balancer| one_balancer(scan, balancer, &traffic)).await;
}

/// The end of the ARN by which figures name a balancer: `app/name/id`.
fn suffix(arn: &str) -> Option<&str> {
    arn.split_once("loadbalancer/").map(|(_, suffix)| suffix)
}

/// What each kind of balancer counts: requests, or connections and the like.
fn counted(name: &str) -> Figure<'_> {
    let (namespace, metric) = match name.split('/').next() {
        Some("net") => ("AWS/NetworkELB", "NewFlowCount"),
        Some("gwy") => ("AWS/GatewayELB", "NewFlowCount"),
        _ => ("AWS/ApplicationELB", "RequestCount"),
    };
    Figure { namespace, metric, dimensions: vec![("LoadBalancer", name)], statistic: "Sum", period: 86_400 }
}

/// Argument and attribute key of what is a flag, a number, a word.
const FLAGS: [(&str, &str); 9] = [
    ("drop_invalid_header_fields", "routing.http.drop_invalid_header_fields.enabled"),
    ("enable_cross_zone_load_balancing", "load_balancing.cross_zone.enabled"),
    ("enable_deletion_protection", "deletion_protection.enabled"),
    ("enable_http2", "routing.http2.enabled"),
    ("enable_tls_version_and_cipher_suite_headers", "routing.http.x_amzn_tls_version_and_cipher_suite.enabled"),
    ("enable_waf_fail_open", "waf.fail_open.enabled"),
    ("enable_xff_client_port", "routing.http.xff_client_port.enabled"),
    ("enable_zonal_shift", "zonal_shift.config.enabled"),
    ("preserve_host_header", "routing.http.preserve_host_header.enabled"),
];
const NUMBERS: [(&str, &str); 2] = [("client_keep_alive", "client_keep_alive.seconds"), ("idle_timeout", "idle_timeout.timeout_seconds")];
const WORDS: [(&str, &str); 3] = [
    ("desync_mitigation_mode", "routing.http.desync_mitigation_mode"),
    ("dns_record_client_routing_policy", "dns_record.client_routing_policy"),
    ("xff_header_processing_mode", "routing.http.xff_header_processing.mode"),
];

async fn one_balancer(scan: &Scan<'_>, balancer: elb::LoadBalancer, traffic: &Each) {
    let Some(arn) = balancer.load_balancer_arn() else { return };
    let mut r = scan.resource("aws_lb", arn);
    r.arn = Some(arn.into());
    r.name = balancer.load_balancer_name().map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    let scheme = balancer.scheme().map(|s| s.as_str());
    r.set("name", balancer.load_balancer_name())
        .set("internal", scheme == Some("internal"))
        .set("load_balancer_type", balancer.r#type().map(|t| t.as_str()))
        .set("ip_address_type", balancer.ip_address_type().map(|t| t.as_str()))
        .set("security_groups", set(balancer.security_groups()))
        .set("customer_owned_ipv4_pool", balancer.customer_owned_ipv4_pool())
        .set(
            "enforce_security_group_inbound_rules_on_private_link_traffic",
            balancer.enforce_security_group_inbound_rules_on_private_link_traffic(),
        )
        .set("ipam_pools", block(balancer.ipam_pools().and_then(|p| p.ipv4_ipam_pool_id()).map(|id| json!({ "ipv4_ipam_pool_id": id }))));
    let zones = balancer.availability_zones();
    let subnets = set(zones.iter().filter_map(|z| z.subnet_id()));
    // Addresses of its own per subnet can be told in the mapping only, and mapping and plain list exclude each other.
    let mapped =
        zones.iter().flat_map(|z| z.load_balancer_addresses()).any(|a| a.allocation_id().is_some() || a.private_ipv4_address().is_some());
    if mapped {
        let mut mapping: Vec<Value> = zones.iter().map(subnet_mapping).collect();
        mapping.sort_by_cached_key(Value::to_string);
        r.set("subnet_mapping", mapping);
    } else {
        r.set("subnets", subnets.clone());
    }
    r.fact("dns_name", balancer.dns_name())
        .fact("zone_id", balancer.canonical_hosted_zone_id())
        .fact("arn_suffix", suffix(arn))
        .fact("scheme", scheme)
        .fact("state", balancer.state().and_then(|s| s.code()).map(|c| c.as_str()))
        .fact("vpc_id", balancer.vpc_id())
        .fact("subnet_ids", subnets)
        .fact("create_time", time(balancer.created_time()));
    // Counted only when something came: without a figure, nothing did.
    traffic.tell(&mut r, suffix(arn).unwrap_or_default(), ["requests_14d"], |values| [values.first().map(|v| metrics::sum(v))]);

    let mut unread: Vec<String> = FLAGS.iter().chain(&NUMBERS).chain(&WORDS).map(|(argument, _)| format!("config.{argument}")).collect();
    unread.extend(["config.access_logs".into(), "config.connection_logs".into()]);
    let unread: Vec<&str> = unread.iter().map(String::as_str).collect();
    let request = scan.elbv2().describe_load_balancer_attributes().load_balancer_arn(arn).send();
    match scan.detail(&mut r, "elbv2:DescribeLoadBalancerAttributes", &unread, request).await {
        Detail::Got(answer) => {
            let pairs = answer.attributes().iter().filter_map(|a| Some((a.key()?.to_owned(), a.value().unwrap_or_default().to_owned())));
            attributes(&mut r, &Attributes(pairs.collect()));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    let name = r.name.clone().unwrap_or_default();
    scan.emit(r);

    let pages = scan.elbv2().describe_listeners().load_balancer_arn(arn).into_paginator().send();
    for listener in scan.list("elbv2:DescribeListeners", pages, |p| p.listeners.unwrap_or_default()).await {
        one_listener(scan, &listener, arn, &name).await;
    }
}

fn subnet_mapping(zone: &elb::AvailabilityZone) -> Value {
    let address = zone.load_balancer_addresses().first();
    json!({
        "subnet_id": zone.subnet_id(),
        "allocation_id": address.and_then(|a| a.allocation_id()),
        "private_ipv4_address": address.and_then(|a| a.private_ipv4_address()),
        "ipv6_address": address.and_then(|a| a.ipv6_address()),
    })
}

fn attributes(r: &mut Resource, attributes: &Attributes) {
    for (argument, key) in FLAGS {
        r.set(argument, attributes.flag(key));
    }
    for (argument, key) in NUMBERS {
        r.set(argument, attributes.number(key));
    }
    for (argument, key) in WORDS {
        r.set(argument, attributes.text(key));
    }
    for logs in ["access_logs", "connection_logs"] {
        let of = |part: &str| format!("{logs}.s3.{part}");
        // A log that never had a bucket is no log at all.
        let block = attributes.text(&of("bucket")).map(|bucket| {
            json!({ "bucket": bucket, "prefix": attributes.text(&of("prefix")), "enabled": attributes.flag(&of("enabled")).unwrap_or(false) })
        });
        r.set(logs, Value::Array(block.into_iter().collect()));
    }
}

/// Argument and attribute key of what a listener of an application balancer sends along.
const HEADERS: [(&str, &str); 18] = [
    ("routing_http_request_x_amzn_mtls_clientcert_header_name", "routing.http.request.x_amzn_mtls_clientcert.header_name"),
    ("routing_http_request_x_amzn_mtls_clientcert_issuer_header_name", "routing.http.request.x_amzn_mtls_clientcert_issuer.header_name"),
    ("routing_http_request_x_amzn_mtls_clientcert_leaf_header_name", "routing.http.request.x_amzn_mtls_clientcert_leaf.header_name"),
    (
        "routing_http_request_x_amzn_mtls_clientcert_serial_number_header_name",
        "routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name",
    ),
    ("routing_http_request_x_amzn_mtls_clientcert_subject_header_name", "routing.http.request.x_amzn_mtls_clientcert_subject.header_name"),
    (
        "routing_http_request_x_amzn_mtls_clientcert_validity_header_name",
        "routing.http.request.x_amzn_mtls_clientcert_validity.header_name",
    ),
    ("routing_http_request_x_amzn_tls_cipher_suite_header_name", "routing.http.request.x_amzn_tls_cipher_suite.header_name"),
    ("routing_http_request_x_amzn_tls_version_header_name", "routing.http.request.x_amzn_tls_version.header_name"),
    (
        "routing_http_response_access_control_allow_credentials_header_value",
        "routing.http.response.access_control_allow_credentials.header_value",
    ),
    ("routing_http_response_access_control_allow_headers_header_value", "routing.http.response.access_control_allow_headers.header_value"),
    ("routing_http_response_access_control_allow_methods_header_value", "routing.http.response.access_control_allow_methods.header_value"),
    ("routing_http_response_access_control_allow_origin_header_value", "routing.http.response.access_control_allow_origin.header_value"),
    (
        "routing_http_response_access_control_expose_headers_header_value",
        "routing.http.response.access_control_expose_headers.header_value",
    ),
    ("routing_http_response_access_control_max_age_header_value", "routing.http.response.access_control_max_age.header_value"),
    ("routing_http_response_content_security_policy_header_value", "routing.http.response.content_security_policy.header_value"),
    ("routing_http_response_strict_transport_security_header_value", "routing.http.response.strict_transport_security.header_value"),
    ("routing_http_response_x_content_type_options_header_value", "routing.http.response.x_content_type_options.header_value"),
    ("routing_http_response_x_frame_options_header_value", "routing.http.response.x_frame_options.header_value"),
];

async fn one_listener(scan: &Scan<'_>, listener: &elb::Listener, balancer: &str, balancer_name: &str) {
    let Some(arn) = listener.listener_arn() else { return };
    let mut r = scan.resource("aws_lb_listener", arn);
    r.arn = Some(arn.into());
    scan.bulk_tags(&mut r).await;
    let protocol = listener.protocol().map(|p| p.as_str());
    let encrypted = matches!(protocol, Some("HTTPS" | "TLS"));
    let certificates = listener.certificates();
    // Where AWS answers several, the one not marked as an addition is the listener's own.
    let own = certificates.iter().find(|c| c.is_default() == Some(true)).or(certificates.first());
    let mutual = listener.mutual_authentication().map(|m| {
        json!({
            "mode": m.mode(),
            "trust_store_arn": m.trust_store_arn(),
            "ignore_client_certificate_expiry": m.ignore_client_certificate_expiry(),
            "advertise_trust_store_ca_names": m.advertise_trust_store_ca_names().map(|a| a.as_str()),
        })
    });
    let default_action = actions::actions(listener.default_actions(), "config.default_action", &mut r);
    r.set("load_balancer_arn", balancer)
        .set("port", listener.port())
        .set("protocol", protocol)
        .set("ssl_policy", listener.ssl_policy())
        .set("alpn_policy", listener.alpn_policy().first().cloned())
        .set("certificate_arn", own.and_then(|c| c.certificate_arn()))
        .set("mutual_authentication", block(mutual))
        .set("default_action", default_action);
    r.fact("load_balancer_name", balancer_name);

    let mut unread: Vec<String> = HEADERS.iter().map(|(argument, _)| format!("config.{argument}")).collect();
    unread.extend(["config.routing_http_response_server_enabled".into(), "config.tcp_idle_timeout_seconds".into()]);
    let unread: Vec<&str> = unread.iter().map(String::as_str).collect();
    let request = scan.elbv2().describe_listener_attributes().listener_arn(arn).send();
    match scan.detail(&mut r, "elbv2:DescribeListenerAttributes", &unread, request).await {
        Detail::Got(answer) => {
            let pairs = answer.attributes().iter().filter_map(|a| Some((a.key()?.to_owned(), a.value().unwrap_or_default().to_owned())));
            let attributes = Attributes(pairs.collect());
            for (argument, key) in HEADERS {
                r.set(argument, attributes.text(key));
            }
            r.set("routing_http_response_server_enabled", attributes.flag("routing.http.response.server.enabled"))
                .set("tcp_idle_timeout_seconds", attributes.number("tcp.idle_timeout.seconds"));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }

    if let Some(form) = actions::single_form(listener.default_actions()) {
        r.fact("forward_form", form);
    }
    let mut target_groups = actions::target_groups(listener.default_actions());
    // Only application balancers have rules besides the default action.
    if matches!(protocol, Some("HTTP" | "HTTPS")) {
        let pages = scan.elbv2().describe_rules().listener_arn(arn).into_paginator().send();
        for rule in scan.list("elbv2:DescribeRules", pages, |p| p.rules.unwrap_or_default()).await {
            target_groups.extend(actions::target_groups(rule.actions()));
            if rule.is_default() != Some(true) {
                one_rule(scan, &rule, arn).await;
            }
        }
    }
    r.fact("target_group_arns", set(target_groups));
    scan.emit(r);

    if encrypted {
        let pages = scan.elbv2().describe_listener_certificates().listener_arn(arn).into_paginator().send();
        for certificate in scan.list("elbv2:DescribeListenerCertificates", pages, |p| p.certificates.unwrap_or_default()).await {
            let (Some(certificate_arn), false) = (certificate.certificate_arn(), certificate.is_default() == Some(true)) else { continue };
            let mut c = scan.resource("aws_lb_listener_certificate", &format!("{arn}_{certificate_arn}"));
            c.set("listener_arn", arn).set("certificate_arn", certificate_arn);
            scan.emit(c);
        }
    }
}

async fn one_rule(scan: &Scan<'_>, rule: &elb::Rule, listener: &str) {
    let Some(arn) = rule.rule_arn() else { return };
    let mut r = scan.resource("aws_lb_listener_rule", arn);
    r.arn = Some(arn.into());
    scan.bulk_tags(&mut r).await;
    let action = actions::actions(rule.actions(), "config.action", &mut r);
    let mut conditions: Vec<Value> = rule.conditions().iter().map(actions::condition).collect();
    conditions.sort_by_cached_key(Value::to_string);
    r.set("listener_arn", listener)
        .set("priority", rule.priority().and_then(|p| p.parse::<i64>().ok()))
        .set("action", action)
        .set("condition", conditions);
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Answer, JSON_DENIED, collect, figures};
    use crate::estate::Outcome;

    const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/exo-live/50dc6c495c0c9188";
    const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:targetgroup/api/73e2d6bc24d8a067";

    fn wrap(operation: &str, inside: &str) -> String {
        format!(
            r#"<{operation}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><{operation}Result>{inside}</{operation}Result></{operation}Response>"#
        )
    }

    fn pairs(pairs: &[(&str, &str)]) -> String {
        let members: String = pairs.iter().map(|(k, v)| format!("<member><Key>{k}</Key><Value>{v}</Value></member>")).collect();
        format!("<Attributes>{members}</Attributes>")
    }

    fn balancers() -> String {
        wrap(
            "DescribeLoadBalancers",
            &format!(
                "<LoadBalancers><member><LoadBalancerArn>{BALANCER}</LoadBalancerArn><DNSName>exo-live-1.eu-west-3.elb.amazonaws.com</DNSName>\
                 <CanonicalHostedZoneId>Z3Q77PNBQS71R4</CanonicalHostedZoneId><CreatedTime>2024-11-10T08:00:00.000Z</CreatedTime><LoadBalancerName>exo-live</LoadBalancerName>\
                 <Scheme>internet-facing</Scheme><VpcId>vpc-1</VpcId><State><Code>active</Code></State><Type>application</Type>\
                 <AvailabilityZones><member><ZoneName>eu-west-3b</ZoneName><SubnetId>subnet-b</SubnetId></member><member><ZoneName>eu-west-3a</ZoneName><SubnetId>subnet-a</SubnetId></member></AvailabilityZones>\
                 <SecurityGroups><member>sg-1</member></SecurityGroups><IpAddressType>ipv4</IpAddressType></member></LoadBalancers>"
            ),
        )
    }

    fn listener(inside: &str) -> String {
        let arn = BALANCER.replace("loadbalancer", "listener") + "/f2f7dc8efc522ab2";
        wrap(
            "DescribeListeners",
            &format!(
                "<Listeners><member><ListenerArn>{arn}</ListenerArn><LoadBalancerArn>{BALANCER}</LoadBalancerArn>{inside}</member></Listeners>"
            ),
        )
    }

    #[test]
    fn a_balancer_with_a_plain_listener_and_a_rule() {
        let forward = format!(
            "<member><Type>forward</Type><TargetGroupArn>{GROUP}</TargetGroupArn><ForwardConfig><TargetGroups><member><TargetGroupArn>{GROUP}</TargetGroupArn><Weight>1</Weight></member></TargetGroups><TargetGroupStickinessConfig><Enabled>false</Enabled></TargetGroupStickinessConfig></ForwardConfig></member>"
        );
        let rules = wrap(
            "DescribeRules",
            &format!(
                "<Rules><member><RuleArn>arn:rule/1</RuleArn><Priority>10</Priority><IsDefault>false</IsDefault>\
                 <Conditions><member><Field>path-pattern</Field><Values><member>/api/*</member></Values><PathPatternConfig><Values><member>/api/*</member></Values></PathPatternConfig></member>\
                 <member><Field>query-string</Field><QueryStringConfig><Values><member><Key>v</Key><Value>2</Value></member></Values></QueryStringConfig></member></Conditions>\
                 <Actions>{forward}</Actions></member>\
                 <member><RuleArn>arn:rule/default</RuleArn><Priority>default</Priority><IsDefault>true</IsDefault><Actions/></member></Rules>"
            ),
        );
        let redirect = "<Port>80</Port><Protocol>HTTP</Protocol><DefaultActions><member><Type>redirect</Type><RedirectConfig><Protocol>HTTPS</Protocol><Port>443</Port><Host>#{host}</Host><Path>/#{path}</Path><Query>#{query}</Query><StatusCode>HTTP_301</StatusCode></RedirectConfig></member></DefaultActions>";
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("elbv2:DescribeLoadBalancers", 200, &balancers()),
                ("cloudwatch:GetMetricData", 200, &figures(&[&[3.0, 40.0]])),
                (
                    "elbv2:DescribeLoadBalancerAttributes",
                    200,
                    &wrap(
                        "DescribeLoadBalancerAttributes",
                        &pairs(&[
                            ("access_logs.s3.enabled", "false"),
                            ("access_logs.s3.bucket", ""),
                            ("deletion_protection.enabled", "true"),
                            ("idle_timeout.timeout_seconds", "60"),
                            ("routing.http.desync_mitigation_mode", "defensive"),
                        ]),
                    ),
                ),
                ("elbv2:DescribeListeners", 200, &listener(redirect)),
                (
                    "elbv2:DescribeListenerAttributes",
                    200,
                    &wrap("DescribeListenerAttributes", &pairs(&[("routing.http.response.server.enabled", "true")])),
                ),
                ("elbv2:DescribeRules", 200, &rules),
            ],
        );
        let kinds: Vec<&str> = all.iter().map(|r| r.kind.as_str()).collect();
        assert_eq!(kinds, ["aws_lb", "aws_lb_listener", "aws_lb_listener_rule"], "{ledger:?}");
        let (lb, listener, rule) = (&all[0], &all[1], &all[2]);
        assert_eq!(lb.strings("config.subnets"), ["subnet-a", "subnet-b"]);
        assert_eq!(lb.config["internal"], false);
        assert_eq!(lb.config["enable_deletion_protection"], true);
        assert_eq!(lb.config["idle_timeout"], 60);
        assert_eq!(lb.config["access_logs"], json!([]));
        assert_eq!((&lb.facts["arn_suffix"], &lb.facts["requests_14d"]), (&json!("app/exo-live/50dc6c495c0c9188"), &json!(43.0)));
        assert_eq!(listener.str("config.default_action.0.redirect.0.status_code"), Some("HTTP_301"));
        assert_eq!(listener.strings("facts.target_group_arns"), [GROUP]);
        assert_eq!(rule.config["priority"], 10);
        assert_eq!(rule.str("config.action.0.target_group_arn"), Some(GROUP));
        assert_eq!(rule.config["action"][0]["forward"], json!([]));
        assert_eq!(rule.config["condition"].as_array().map(Vec::len), Some(2));
        assert!(rule.config["condition"].to_string().contains(r#""path_pattern":[{"values":["/api/*"]}]"#), "{}", rule.config["condition"]);
    }

    #[test]
    fn an_encrypted_listener_with_a_second_certificate_and_weights() {
        let inside = format!(
            "<Port>443</Port><Protocol>HTTPS</Protocol><SslPolicy>ELBSecurityPolicy-2016-08</SslPolicy><Certificates><member><CertificateArn>arn:cert/1</CertificateArn></member></Certificates>\
             <DefaultActions><member><Type>forward</Type><Order>1</Order><ForwardConfig><TargetGroups><member><TargetGroupArn>{GROUP}</TargetGroupArn><Weight>9</Weight></member><member><TargetGroupArn>{GROUP}2</TargetGroupArn><Weight>1</Weight></member></TargetGroups>\
             <TargetGroupStickinessConfig><Enabled>true</Enabled><DurationSeconds>3600</DurationSeconds></TargetGroupStickinessConfig></ForwardConfig></member></DefaultActions>"
        );
        let certificates = "<Certificates><member><CertificateArn>arn:cert/1</CertificateArn><IsDefault>true</IsDefault></member><member><CertificateArn>arn:cert/2</CertificateArn><IsDefault>false</IsDefault></member></Certificates>";
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("elbv2:DescribeLoadBalancers", 200, &balancers()),
                ("elbv2:DescribeLoadBalancerAttributes", 200, &wrap("DescribeLoadBalancerAttributes", "<Attributes/>")),
                ("elbv2:DescribeListeners", 200, &listener(&inside)),
                ("elbv2:DescribeListenerAttributes", 200, &wrap("DescribeListenerAttributes", "<Attributes/>")),
                ("elbv2:DescribeRules", 200, &wrap("DescribeRules", "<Rules/>")),
                ("elbv2:DescribeListenerCertificates", 200, &wrap("DescribeListenerCertificates", certificates)),
            ],
        );
        let listener = all.iter().find(|r| r.kind == "aws_lb_listener").unwrap();
        assert_eq!(listener.config["certificate_arn"], "arn:cert/1");
        assert!(listener.get("config.default_action.0.target_group_arn").unwrap().is_null());
        assert_eq!(listener.get("config.default_action.0.forward.0.stickiness.0.duration"), Some(&json!(3600)));
        assert_eq!(listener.get("config.default_action.0.forward.0.target_group").and_then(Value::as_array).map(Vec::len), Some(2));
        let further: Vec<&str> = all.iter().filter(|r| r.kind == "aws_lb_listener_certificate").map(|r| r.id.as_str()).collect();
        assert_eq!(further, [format!("{}_arn:cert/2", listener.id)]);
    }

    #[test]
    fn addresses_of_a_network_balancer_stand_in_the_mapping() {
        let answer = wrap(
            "DescribeLoadBalancers",
            &format!(
                "<LoadBalancers><member><LoadBalancerArn>{BALANCER}</LoadBalancerArn><LoadBalancerName>n</LoadBalancerName><Type>network</Type><AvailabilityZones><member><SubnetId>subnet-a</SubnetId>\
                 <LoadBalancerAddresses><member><AllocationId>eipalloc-1</AllocationId></member></LoadBalancerAddresses></member></AvailabilityZones></member></LoadBalancers>"
            ),
        );
        let quiet: &[Answer<'_>] = &[
            ("elbv2:DescribeLoadBalancers", 200, &answer),
            ("elbv2:DescribeLoadBalancerAttributes", 200, &wrap("DescribeLoadBalancerAttributes", "<Attributes/>")),
            ("elbv2:DescribeListeners", 200, &wrap("DescribeListeners", "<Listeners/>")),
        ];
        let (all, _) = collect(&COLLECTOR, quiet);
        assert_eq!(all[0].str("config.subnet_mapping.0.allocation_id"), Some("eipalloc-1"));
        assert!(!all[0].config.contains_key("subnets"));
        assert_eq!(all[0].strings("facts.subnet_ids"), ["subnet-a"]);
    }

    #[test]
    fn refusals_leave_gaps() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("elbv2:DescribeLoadBalancers", 200, &balancers()),
                ("elbv2:DescribeLoadBalancerAttributes", 403, denied),
                ("elbv2:DescribeListeners", 403, denied),
                ("cloudwatch:GetMetricData", 400, JSON_DENIED),
            ],
        );
        assert!(all[0].unread["config.enable_deletion_protection"].starts_with("denied"));
        assert!(all[0].unread["facts.requests_14d"].starts_with("denied") && !all[0].facts.contains_key("requests_14d"));
        assert!(!all[0].config.contains_key("access_logs"));
        let listeners = ledger.iter().find(|e| e.call == "elbv2:DescribeListeners").unwrap();
        assert_eq!((listeners.outcome, listeners.permissions[0].as_str()), (Outcome::Denied, "elasticloadbalancing:DescribeListeners"));
    }

    #[test]
    fn each_kind_of_balancer_is_counted_by_its_own_figure() {
        let of = |name| (counted(name).namespace, counted(name).metric);
        assert_eq!(of("app/a/1"), ("AWS/ApplicationELB", "RequestCount"));
        assert_eq!(of("net/a/1"), ("AWS/NetworkELB", "NewFlowCount"));
        assert_eq!(of("gwy/a/1"), ("AWS/GatewayELB", "NewFlowCount"));
    }
}
