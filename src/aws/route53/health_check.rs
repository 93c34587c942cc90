//! Health checks.

use aws_sdk_route53::types::HealthCheck;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::set;

/// `aws_route53_health_check`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_route53_health_check"],
    calls: &[list("route53:ListHealthChecks")],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.route53().list_health_checks().into_paginator().send();
    for check in scan.list("route53:ListHealthChecks", pages, |p| p.health_checks).await {
        one(scan, &check).await;
    }
}

async fn one(scan: &Scan<'_>, check: &HealthCheck) {
    let Some(c) = check.health_check_config() else { return };
    let mut r = scan.resource("aws_route53_health_check", check.id());
    r.arn = Some(format!("arn:{}:route53:::healthcheck/{}", scan.session.partition, check.id()));
    r.name = c.fully_qualified_domain_name().or(c.ip_address()).or(c.alarm_identifier().map(|a| a.name())).map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    r.set("type", c.r#type().as_str())
        .set("fqdn", c.fully_qualified_domain_name())
        .set("ip_address", c.ip_address())
        .set("port", c.port())
        .set("resource_path", c.resource_path())
        .set("search_string", c.search_string())
        .set("request_interval", c.request_interval())
        .set("failure_threshold", c.failure_threshold())
        .set("measure_latency", c.measure_latency())
        .set("invert_healthcheck", c.inverted())
        .set("disabled", c.disabled())
        .set("enable_sni", c.enable_sni())
        .set("child_healthchecks", set(c.child_health_checks()))
        .set("child_health_threshold", c.health_threshold())
        .set("regions", set(c.regions().iter().map(|r| r.as_str())))
        .set("cloudwatch_alarm_name", c.alarm_identifier().map(|a| a.name()))
        .set("cloudwatch_alarm_region", c.alarm_identifier().map(|a| a.region().as_str()))
        .set("insufficient_data_health_status", c.insufficient_data_health_status().map(|s| s.as_str()))
        .set("routing_control_arn", c.routing_control_arn());
    r.fact("linked_service", check.linked_service().and_then(|l| l.service_principal()));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    #[test]
    fn checks_of_a_host_and_of_other_checks() {
        let answer = r#"<ListHealthChecksResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HealthChecks>
            <HealthCheck><Id>hc-1</Id><CallerReference>a</CallerReference><HealthCheckVersion>1</HealthCheckVersion><HealthCheckConfig><Port>443</Port><Type>HTTPS_STR_MATCH</Type><ResourcePath>/health</ResourcePath><FullyQualifiedDomainName>api.example.com</FullyQualifiedDomainName><SearchString>ok</SearchString><RequestInterval>30</RequestInterval><FailureThreshold>3</FailureThreshold><MeasureLatency>true</MeasureLatency><Inverted>false</Inverted><Disabled>false</Disabled><EnableSNI>true</EnableSNI><Regions><Region>us-east-1</Region><Region>eu-west-1</Region><Region>us-west-2</Region></Regions></HealthCheckConfig></HealthCheck>
            <HealthCheck><Id>hc-2</Id><CallerReference>b</CallerReference><HealthCheckVersion>1</HealthCheckVersion><HealthCheckConfig><Type>CALCULATED</Type><Inverted>false</Inverted><Disabled>false</Disabled><HealthThreshold>1</HealthThreshold><ChildHealthChecks><ChildHealthCheck>hc-1</ChildHealthCheck></ChildHealthChecks></HealthCheckConfig></HealthCheck>
            </HealthChecks><Marker></Marker><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHealthChecksResponse>"#;
        let (all, _) = collect(&COLLECTOR, &[("route53:ListHealthChecks", 200, answer)]);
        assert_complete(&all);
        assert_eq!(all[0].config["regions"], serde_json::json!(["eu-west-1", "us-east-1", "us-west-2"]));
        assert_eq!((all[0].name.as_deref(), all[0].str("config.search_string")), (Some("api.example.com"), Some("ok")));
        assert_eq!(all[1].config["child_healthchecks"], serde_json::json!(["hc-1"]));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let denied = r#"<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"#;
        let (all, ledger) = collect(&COLLECTOR, &[("route53:ListHealthChecks", 403, denied)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Denied);
    }
}
