//! Cloud Map: namespaces, the services in them, and the addresses registered under those.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{items, json_time, text};
use crate::estate::{Ownership, OwnershipClass};

/// The namespaces, `aws_service_discovery_service`, `aws_service_discovery_instance`.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_service_discovery_private_dns_namespace",
        "aws_service_discovery_public_dns_namespace",
        "aws_service_discovery_http_namespace",
        "aws_service_discovery_service",
        "aws_service_discovery_instance",
    ],
    calls: &[
        list("servicediscovery:ListNamespaces"),
        detail("route53:GetHostedZone").gone(&["NoSuchHostedZone"]),
        list("servicediscovery:ListServices").yields(&["aws_service_discovery_service", "aws_service_discovery_instance"]),
        list("servicediscovery:ListInstances").yields(&["aws_service_discovery_instance"]).absent(&["ServiceNotFound"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// Most services whose instances are listed, one request each.
const SERVICES: usize = 200;

async fn collect(scan: &Scan<'_>) {
    let mut services = Vec::new();
    for n in scan.json_list("servicediscovery:ListNamespaces", json!({ "MaxResults": 100 }), "Namespaces", "NextToken").await {
        // Namespaces that another account shares are its own to write down.
        let Some(id) = text(&n, "Id").filter(|_| text(&n, "Arn").is_none_or(|a| a.contains(&format!(":{}:", scan.session.account)))) else {
            continue;
        };
        namespace(scan, &n, id).await;
        let filter = json!({ "MaxResults": 100, "Filters": [{ "Name": "NAMESPACE_ID", "Values": [id], "Condition": "EQ" }] });
        for s in scan.json_list("servicediscovery:ListServices", filter, "Services", "NextToken").await {
            if let Some(found) = service(scan, &s, id).await {
                services.push(found);
            }
        }
    }
    if services.len() > SERVICES {
        scan.capped("servicediscovery:ListInstances", &format!("asked for the instances of {SERVICES} of {} services", services.len()));
    }
    scan.each(services.into_iter().take(SERVICES), |service| instances(scan, service)).await;
}

async fn namespace(scan: &Scan<'_>, n: &Value, id: &str) {
    let (kind, zone) = match text(n, "Type") {
        Some("DNS_PRIVATE") => ("aws_service_discovery_private_dns_namespace", n.pointer("/Properties/DnsProperties/HostedZoneId")),
        Some("DNS_PUBLIC") => ("aws_service_discovery_public_dns_namespace", None),
        _ => ("aws_service_discovery_http_namespace", None),
    };
    let mut r = scan.resource(kind, id);
    r.arn = text(n, "Arn").map(str::to_owned);
    r.name = text(n, "Name").map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    r.name = text(n, "Name").map(str::to_owned);
    r.set("name", text(n, "Name")).set("description", text(n, "Description"));
    r.fact("namespace_id", id)
        .fact("service_count", n["ServiceCount"].as_i64())
        .fact("hosted_zone_id", n.pointer("/Properties/DnsProperties/HostedZoneId").cloned())
        .fact("create_date", json_time(&n["CreateDate"]));
    // Only the hosted zone tells the VPC, which is a part of the import id.
    if let Some(zone) = zone.and_then(Value::as_str) {
        let request = scan.route53().get_hosted_zone().id(zone).send();
        let vpc = match scan.detail(&mut r, "route53:GetHostedZone", &["config.vpc"], request).await {
            Detail::Got(answer) => answer.vpcs().iter().find_map(|v| v.vpc_id().map(str::to_owned)),
            Detail::Gone => return,
            Detail::Absent | Detail::Unread => None,
        };
        match vpc {
            Some(vpc) => {
                r.id = format!("{id}:{vpc}");
                r.set("vpc", vpc);
            }
            None => {
                let evidence = "its VPC is not known, and the import needs it".to_owned();
                r.ownership = Ownership { class: OwnershipClass::NotImportable, evidence, by: None };
            }
        }
    }
    scan.emit(r);
}

/// Emits a service; its id and name.
async fn service(scan: &Scan<'_>, s: &Value, namespace: &str) -> Option<(String, String)> {
    let (id, name) = (text(s, "Id")?, text(s, "Name")?);
    let mut r = scan.resource("aws_service_discovery_service", id);
    r.arn = text(s, "Arn").map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    let dns = &s["DnsConfig"];
    let records: Vec<Value> = items(dns, "DnsRecords").iter().map(|d| json!({ "ttl": d["TTL"], "type": d["Type"] })).collect();
    let with_dns = !records.is_empty();
    let dns = with_dns.then(|| json!([{ "dns_records": records, "namespace_id": namespace, "routing_policy": text(dns, "RoutingPolicy").unwrap_or("MULTIVALUE") }]));
    let check = s["HealthCheckConfig"].as_object().map(
        |c| json!([{ "failure_threshold": c.get("FailureThreshold"), "resource_path": c.get("ResourcePath"), "type": c.get("Type") }]),
    );
    let custom = s["HealthCheckCustomConfig"].as_object().map(|c| json!([{ "failure_threshold": c.get("FailureThreshold") }]));
    r.set("name", name)
        .set("description", text(s, "Description"))
        .set("namespace_id", namespace)
        .set("type", text(s, "Type").unwrap_or(if with_dns { "DNS_HTTP" } else { "HTTP" }))
        .set("dns_config", dns.unwrap_or_else(|| json!([])))
        .set("health_check_config", check.unwrap_or_else(|| json!([])))
        .set("health_check_custom_config", custom.unwrap_or_else(|| json!([])));
    r.fact("instance_count", s["InstanceCount"].as_i64()).fact("create_date", json_time(&s["CreateDate"]));
    scan.emit(r);
    Some((id.to_owned(), name.to_owned()))
}

async fn instances(scan: &Scan<'_>, (service, name): (String, String)) {
    let input = json!({ "ServiceId": service, "MaxResults": 100 });
    for i in scan.json_list("servicediscovery:ListInstances", input, "Instances", "NextToken").await {
        let Some(id) = text(&i, "Id") else { continue };
        let mut r = scan.resource("aws_service_discovery_instance", &format!("{service}/{id}"));
        r.name = Some(name.clone());
        // The health that Cloud Map keeps is no attribute that somebody gave.
        let attributes: BTreeMap<&String, &Value> =
            i["Attributes"].as_object().into_iter().flatten().filter(|(k, _)| *k != "AWS_INIT_HEALTH_STATUS").collect();
        r.set("service_id", service.as_str()).set("instance_id", id).set("attributes", json!(attributes));
        r.fact("ecs_service", i["Attributes"]["ECS_SERVICE_NAME"].as_str()).fact("ipv4", i["Attributes"]["AWS_INSTANCE_IPV4"].as_str());
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    const NAMESPACES: &str = r#"{"Namespaces":[
        {"Id":"ns-1","Arn":"arn:aws:servicediscovery:eu-west-3:123456789012:namespace/ns-1","Name":"shop.local","Type":"DNS_PRIVATE","Description":"inside","ServiceCount":1,
         "Properties":{"DnsProperties":{"HostedZoneId":"Z1","SOA":{"TTL":15}},"HttpProperties":{"HttpName":"shop.local"}},"CreateDate":1700000000.0},
        {"Id":"ns-2","Arn":"arn:aws:servicediscovery:eu-west-3:123456789012:namespace/ns-2","Name":"mesh","Type":"HTTP"},
        {"Id":"ns-3","Arn":"arn:aws:servicediscovery:eu-west-3:999999999999:namespace/ns-3","Name":"theirs","Type":"HTTP"}]}"#;
    const ZONE: &str = r#"<GetHostedZoneResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZone><Id>/hostedzone/Z1</Id><Name>shop.local.</Name><CallerReference>c</CallerReference></HostedZone><VPCs><VPC><VPCRegion>eu-west-3</VPCRegion><VPCId>vpc-1</VPCId></VPC></VPCs></GetHostedZoneResponse>"#;
    const SERVICES: &str = r#"{"Services":[{"Id":"srv-1","Arn":"arn:aws:servicediscovery:eu-west-3:123456789012:service/srv-1","Name":"api","Type":"DNS_HTTP","InstanceCount":2,
        "DnsConfig":{"RoutingPolicy":"MULTIVALUE","DnsRecords":[{"Type":"A","TTL":10}]},"HealthCheckCustomConfig":{"FailureThreshold":1},"CreateDate":1700000000.0}]}"#;
    const INSTANCES: &str = r#"{"Instances":[{"Id":"t1","Attributes":{"AWS_INSTANCE_IPV4":"10.0.0.5","AWS_INIT_HEALTH_STATUS":"HEALTHY","ECS_SERVICE_NAME":"api"}},{"Id":"old","Attributes":{"AWS_INSTANCE_IPV4":"10.0.0.9"}}]}"#;

    #[test]
    fn namespaces_services_and_addresses() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("servicediscovery:ListNamespaces", 200, NAMESPACES),
                ("route53:GetHostedZone", 200, ZONE),
                ("servicediscovery:ListServices", 200, SERVICES),
                ("servicediscovery:ListServices", 200, r#"{"Services":[]}"#),
                ("servicediscovery:ListInstances", 200, INSTANCES),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
        assert_complete(&all);
        let ids: Vec<&str> = all.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(ids, ["ns-2", "srv-1/old", "srv-1/t1", "ns-1:vpc-1", "srv-1"]);
        assert_eq!(
            all[4].config["dns_config"],
            json!([{ "dns_records": [{ "ttl": 10, "type": "A" }], "namespace_id": "ns-1", "routing_policy": "MULTIVALUE" }])
        );
        assert_eq!(all[2].config["attributes"], json!({ "AWS_INSTANCE_IPV4": "10.0.0.5", "ECS_SERVICE_NAME": "api" }));
    }

    #[test]
    fn a_private_namespace_whose_zone_may_not_be_read_cannot_be_imported() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("servicediscovery:ListNamespaces", 200, NAMESPACES),
                ("route53:GetHostedZone", 403, denied),
                ("servicediscovery:ListServices", 200, r#"{"Services":[]}"#),
            ],
        );
        let private = all.iter().find(|r| r.id == "ns-1").unwrap();
        assert_eq!(private.ownership.class, OwnershipClass::NotImportable);
        assert!(private.unread.contains_key("config.vpc"));
    }
}
