//! Hosted zones with their records, signing keys and query logs.

use std::collections::BTreeSet;

use aws_sdk_route53::types::{GeoLocation, GeoProximityLocation, HostedZone, QueryLoggingConfig, ResourceRecordSet, RrType};
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{block, set, strings};
use crate::estate::Resource;

const RECORDS: &str = "route53:ListResourceRecordSets";

/// `aws_route53_zone` and what lies in it: `aws_route53_record`, `aws_route53_query_log`, `aws_route53_hosted_zone_dnssec`,
/// `aws_route53_key_signing_key`; and `aws_route53_delegation_set`. Route 53 answers five requests a second to a whole account.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_route53_zone",
        "aws_route53_record",
        "aws_route53_query_log",
        "aws_route53_hosted_zone_dnssec",
        "aws_route53_key_signing_key",
        "aws_route53_delegation_set",
    ],
    calls: &[
        list("route53:ListHostedZones").yields(&[
            "aws_route53_zone",
            "aws_route53_record",
            "aws_route53_hosted_zone_dnssec",
            "aws_route53_key_signing_key",
        ]),
        list(RECORDS).yields(&["aws_route53_record"]).absent(&["NoSuchHostedZone"]).rate(2.0),
        list("route53:ListQueryLoggingConfigs").yields(&["aws_route53_query_log"]),
        list("route53:ListReusableDelegationSets").yields(&["aws_route53_delegation_set"]),
        detail("route53:GetHostedZone").gone(&["NoSuchHostedZone"]).rate(1.5),
        detail("route53:GetDNSSEC").gone(&["NoSuchHostedZone"]).absent(&["DNSSECNotFound"]).rate(1.5),
    ],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let request = scan.route53().list_reusable_delegation_sets().send();
    let sets = scan.list_once("route53:ListReusableDelegationSets", request, |a| a.delegation_sets).await;
    for found in &sets {
        let Some(id) = found.id().map(bare) else { continue };
        let mut r = scan.resource("aws_route53_delegation_set", id);
        r.arn = Some(arn(scan, "delegationset", id));
        r.fact("name_servers", strings(found.name_servers()));
        scan.emit(r);
    }
    let pages = scan.route53().list_query_logging_configs().into_paginator().send();
    let logs = scan.list("route53:ListQueryLoggingConfigs", pages, |p| p.query_logging_configs).await;
    let pages = scan.route53().list_hosted_zones().into_paginator().send();
    let zones = scan.list("route53:ListHostedZones", pages, |p| p.hosted_zones).await;
    for log in &logs {
        query_log(scan, log, zones.iter().find(|z| bare(z.id()) == log.hosted_zone_id()));
    }
    scan.each(zones, |zone| one(scan, zone, !sets.is_empty())).await;
}

/// `/hostedzone/Z123` as `Z123`.
fn bare(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// Route 53's ARNs have neither region nor account.
fn arn(scan: &Scan<'_>, kind: &str, id: &str) -> String {
    format!("arn:{}:route53:::{kind}/{id}", scan.session.partition)
}

/// A name as the provider holds it: without the last dot, the star of a wildcard in clear.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').replace("\\052", "*").to_lowercase()
}

fn query_log(scan: &Scan<'_>, log: &QueryLoggingConfig, zone: Option<&HostedZone>) {
    let mut r = scan.resource("aws_route53_query_log", log.id());
    r.arn = Some(arn(scan, "queryloggingconfig", log.id()));
    r.name = zone.map(|z| plain(z.name()));
    r.set("zone_id", log.hosted_zone_id()).set("cloudwatch_log_group_arn", log.cloud_watch_logs_log_group_arn());
    scan.emit(r);
}

async fn one(scan: &Scan<'_>, zone: HostedZone, delegation_sets: bool) {
    let id = bare(zone.id()).to_owned();
    let name = plain(zone.name());
    let private = zone.config().is_some_and(|c| c.private_zone());
    let mut r = scan.resource("aws_route53_zone", &id);
    r.arn = Some(arn(scan, "hostedzone", &id));
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.clone());
    r.set("name", name.as_str()).set("comment", zone.config().and_then(|c| c.comment()).unwrap_or_default());
    r.fact("zone_id", id.as_str())
        .fact("private", private)
        .fact("record_count", zone.resource_record_set_count())
        .fact("linked_service", zone.linked_service().and_then(|l| l.service_principal()));
    // The networks of a private zone stand only here, and the delegation set only where the account has any.
    r.set("vpc", json!([])).set("delegation_set_id", Value::Null);
    if private || delegation_sets {
        let request = scan.route53().get_hosted_zone().id(&id).send();
        match scan.detail(&mut r, "route53:GetHostedZone", &["config.vpc", "config.delegation_set_id"], request).await {
            Detail::Got(answer) => {
                let mut networks: Vec<Value> = answer
                    .vpcs()
                    .iter()
                    .map(|v| json!({ "vpc_id": v.vpc_id(), "vpc_region": v.vpc_region().map(|r| r.as_str()) }))
                    .collect();
                networks.sort_by_key(|v| v["vpc_id"].as_str().unwrap_or_default().to_owned());
                r.set("vpc", networks).set("delegation_set_id", answer.delegation_set().and_then(|d| d.id()).map(bare));
            }
            Detail::Gone => return,
            Detail::Absent | Detail::Unread => {
                r.config.remove("vpc");
                r.config.remove("delegation_set_id");
            }
        }
    }
    if !private {
        signing(scan, &mut r, &id, &name).await;
    }
    let records = records(scan, &id).await;
    let servers = records.iter().find(|s| *s.r#type() == RrType::Ns && plain(s.name()) == name);
    r.fact("name_servers", servers.map(|s| set(s.resource_records().iter().map(|v| v.value().trim_end_matches('.')))));
    for found in &records {
        record(scan, &id, &name, found);
    }
    scan.emit(r);
}

/// All records of a zone. Each page begins at the record that the page before named, not at a token.
async fn records(scan: &Scan<'_>, zone: &str) -> Vec<ResourceRecordSet> {
    let mut all = Vec::new();
    let mut next: Option<(String, RrType, Option<String>)> = None;
    loop {
        let (name, kind, identifier) = next.take().map_or((None, None, None), |(n, k, i)| (Some(n), Some(k), i));
        let request = scan
            .route53()
            .list_resource_record_sets()
            .hosted_zone_id(zone)
            .set_start_record_name(name)
            .set_start_record_type(kind)
            .set_start_record_identifier(identifier)
            .send();
        let page = scan
            .list_once(RECORDS, request, |a| {
                if a.is_truncated
                    && let (Some(name), Some(kind)) = (a.next_record_name, a.next_record_type)
                {
                    next = Some((name, kind, a.next_record_identifier));
                }
                a.resource_record_sets
            })
            .await;
        all.extend(page);
        if next.is_none() {
            return all;
        }
    }
}

fn record(scan: &Scan<'_>, zone: &str, zone_name: &str, found: &ResourceRecordSet) {
    let name = plain(found.name());
    let kind = found.r#type().as_str();
    let mut id = format!("{zone}_{name}_{kind}");
    if let Some(identifier) = found.set_identifier() {
        id = format!("{id}_{identifier}");
    }
    let mut r = scan.resource("aws_route53_record", &id);
    r.name = Some(found.set_identifier().map_or_else(|| format!("{name} {kind}"), |i| format!("{name} {kind} {i}")));
    let quoted = matches!(kind, "TXT" | "SPF");
    let values = found.resource_records().iter().map(|v| if quoted { unquoted(v.value()) } else { v.value() });
    let alias = found.alias_target().map(
        |a| json!({ "name": plain(a.dns_name()), "zone_id": a.hosted_zone_id(), "evaluate_target_health": a.evaluate_target_health() }),
    );
    r.set("zone_id", zone)
        .set("name", name.as_str())
        .set("type", kind)
        .set("records", set(values))
        .set("ttl", found.ttl())
        .set("alias", block(alias))
        .set("health_check_id", found.health_check_id())
        .set("set_identifier", found.set_identifier())
        .set("multivalue_answer_routing_policy", found.multi_value_answer().filter(|m| *m))
        .set("weighted_routing_policy", block(found.weight().map(|w| json!({ "weight": w }))))
        .set("latency_routing_policy", block(found.region().map(|r| json!({ "region": r.as_str() }))))
        .set("failover_routing_policy", block(found.failover().map(|f| json!({ "type": f.as_str() }))))
        .set("geolocation_routing_policy", block(found.geo_location().map(place)))
        .set("geoproximity_routing_policy", block(found.geo_proximity_location().map(nearness)))
        .set(
            "cidr_routing_policy",
            block(found.cidr_routing_config().map(|c| json!({ "collection_id": c.collection_id(), "location_name": c.location_name() }))),
        );
    // The zone's own NS and SOA are made with it.
    r.fact("made_with_zone", name == zone_name && matches!(kind, "NS" | "SOA"));
    r.fact("zone_name", zone_name).fact("fqdn", name.as_str()).fact("traffic_policy_instance_id", found.traffic_policy_instance_id());
    scan.emit(r);
}

/// A text without the quotation marks around it, as the provider holds it. Those between two parts of a long text stay.
fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text)
}

fn place(l: &GeoLocation) -> Value {
    json!({ "continent": l.continent_code(), "country": l.country_code(), "subdivision": l.subdivision_code() })
}

fn nearness(l: &GeoProximityLocation) -> Value {
    let at = l.coordinates().map(|c| json!({ "latitude": c.latitude(), "longitude": c.longitude() }));
    json!({ "aws_region": l.aws_region(), "bias": l.bias(), "local_zone_group": l.local_zone_group(), "coordinates": block(at) })
}

/// DNSSEC: whether the zone is signed and with which keys.
async fn signing(scan: &Scan<'_>, zone: &mut Resource, id: &str, name: &str) {
    let request = scan.route53().get_dnssec().hosted_zone_id(id).send();
    let Detail::Got(answer) = scan.detail(zone, "route53:GetDNSSEC", &["facts.dnssec"], request).await else { return };
    let state = answer.status().and_then(|s| s.serve_signature()).unwrap_or("NOT_SIGNING");
    zone.fact("dnssec", state);
    let mut names = BTreeSet::new();
    for key in answer.key_signing_keys() {
        let Some(key_name) = key.name().filter(|n| names.insert((*n).to_owned())) else { continue };
        let mut r = scan.resource("aws_route53_key_signing_key", &format!("{id},{key_name}"));
        r.name = Some(key_name.into());
        r.set("hosted_zone_id", id).set("name", key_name).set("key_management_service_arn", key.kms_arn()).set("status", key.status());
        r.fact("ds_record", key.ds_record());
        scan.emit(r);
    }
    if state != "NOT_SIGNING" || !names.is_empty() {
        let mut r = scan.resource("aws_route53_hosted_zone_dnssec", id);
        r.name = Some(name.into());
        r.set("hosted_zone_id", id).set("signing_status", state);
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    const NS: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

    fn zones() -> String {
        format!(
            r#"<ListHostedZonesResponse xmlns="{NS}"><HostedZones>
            <HostedZone><Id>/hostedzone/Z1PUBLIC</Id><Name>example.com.</Name><CallerReference>c1</CallerReference><Config><PrivateZone>false</PrivateZone></Config><ResourceRecordSetCount>6</ResourceRecordSetCount></HostedZone>
            <HostedZone><Id>/hostedzone/Z2PRIVATE</Id><Name>svc.local.</Name><CallerReference>c2</CallerReference><Config><Comment>by hand</Comment><PrivateZone>true</PrivateZone></Config><ResourceRecordSetCount>2</ResourceRecordSetCount>
              <LinkedService><ServicePrincipal>servicediscovery.amazonaws.com</ServicePrincipal></LinkedService></HostedZone>
            </HostedZones><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesResponse>"#
        )
    }

    fn page(records: &str, rest: &str) -> String {
        format!(
            r#"<ListResourceRecordSetsResponse xmlns="{NS}"><ResourceRecordSets>{records}</ResourceRecordSets>{rest}<MaxItems>300</MaxItems></ListResourceRecordSetsResponse>"#
        )
    }

    fn dnssec() -> String {
        format!(
            r#"<GetDNSSECResponse xmlns="{NS}"><Status><ServeSignature>SIGNING</ServeSignature></Status><KeySigningKeys><member><Name>ksk</Name><KmsArn>arn:aws:kms:us-east-1:123456789012:key/k</KmsArn><Flag>257</Flag><SigningAlgorithmType>13</SigningAlgorithmType><DigestAlgorithmType>2</DigestAlgorithmType><KeyTag>1</KeyTag><Status>ACTIVE</Status></member></KeySigningKeys></GetDNSSECResponse>"#
        )
    }

    fn answers() -> Vec<(&'static str, u16, String)> {
        let first = page(
            r#"<ResourceRecordSet><Name>example.com.</Name><Type>NS</Type><TTL>172800</TTL><ResourceRecords><ResourceRecord><Value>ns-2.awsdns-00.net.</Value></ResourceRecord><ResourceRecord><Value>ns-1.awsdns-00.com.</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>
               <ResourceRecordSet><Name>\052.example.com.</Name><Type>A</Type><AliasTarget><HostedZoneId>Z3Q77PNBQS71R4</HostedZoneId><DNSName>dualstack.web-1.eu-west-3.elb.amazonaws.com.</DNSName><EvaluateTargetHealth>true</EvaluateTargetHealth></AliasTarget></ResourceRecordSet>"#,
            "<IsTruncated>true</IsTruncated><NextRecordName>_dmarc.example.com.</NextRecordName><NextRecordType>TXT</NextRecordType>",
        );
        let second = page(
            r#"<ResourceRecordSet><Name>_dmarc.example.com.</Name><Type>TXT</Type><TTL>300</TTL><ResourceRecords><ResourceRecord><Value>"v=DMARC1;" "p=none"</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>
               <ResourceRecordSet><Name>api.example.com.</Name><Type>A</Type><SetIdentifier>blue_A_1</SetIdentifier><Weight>0</Weight><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>198.51.100.7</Value></ResourceRecord></ResourceRecords><HealthCheckId>hc-1</HealthCheckId></ResourceRecordSet>
               <ResourceRecordSet><Name>geo.example.com.</Name><Type>CNAME</Type><SetIdentifier>fr</SetIdentifier><GeoLocation><CountryCode>FR</CountryCode></GeoLocation><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>x.example.org</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>"#,
            "<IsTruncated>false</IsTruncated>",
        );
        let zone = format!(
            r#"<GetHostedZoneResponse xmlns="{NS}"><HostedZone><Id>/hostedzone/Z2PRIVATE</Id><Name>svc.local.</Name><CallerReference>c2</CallerReference></HostedZone><VPCs><VPC><VPCRegion>eu-west-3</VPCRegion><VPCId>vpc-1</VPCId></VPC></VPCs></GetHostedZoneResponse>"#
        );
        let logs = format!(
            r#"<ListQueryLoggingConfigsResponse xmlns="{NS}"><QueryLoggingConfigs><QueryLoggingConfig><Id>q-1</Id><HostedZoneId>Z1PUBLIC</HostedZoneId><CloudWatchLogsLogGroupArn>arn:aws:logs:us-east-1:123456789012:log-group:/dns:*</CloudWatchLogsLogGroupArn></QueryLoggingConfig></QueryLoggingConfigs></ListQueryLoggingConfigsResponse>"#
        );
        let sets = format!(
            r#"<ListReusableDelegationSetsResponse xmlns="{NS}"><DelegationSets></DelegationSets><Marker></Marker><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListReusableDelegationSetsResponse>"#
        );
        vec![
            ("route53:ListHostedZones", 200, zones()),
            (RECORDS, 200, first),
            (RECORDS, 200, second),
            (RECORDS, 200, page("", "<IsTruncated>false</IsTruncated>")),
            ("route53:GetHostedZone", 200, zone),
            ("route53:GetDNSSEC", 200, dnssec()),
            ("route53:ListQueryLoggingConfigs", 200, logs),
            ("route53:ListReusableDelegationSets", 200, sets),
        ]
    }

    fn run(answers: &[(&'static str, u16, String)]) -> (Vec<Resource>, Vec<crate::estate::LedgerEntry>) {
        collect(&COLLECTOR, &answers.iter().map(|(n, s, b)| (*n, *s, b.as_str())).collect::<Vec<_>>())
    }

    #[test]
    fn zones_records_of_every_kind_keys_and_logs() {
        let (all, ledger) = run(&answers());
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
        assert_complete(&all);
        let get = |id: &str| {
            all.iter().find(|r| r.id == id).unwrap_or_else(|| panic!("no {id} in {:?}", all.iter().map(|r| &r.id).collect::<Vec<_>>()))
        };
        let wildcard = get("Z1PUBLIC_*.example.com_A");
        assert_eq!(wildcard.config["alias"][0]["name"], "dualstack.web-1.eu-west-3.elb.amazonaws.com");
        assert_eq!(get("Z1PUBLIC__dmarc.example.com_TXT").config["records"], json!(["v=DMARC1;\" \"p=none"]));
        let weighted = get("Z1PUBLIC_api.example.com_A_blue_A_1");
        assert_eq!((&weighted.config["weighted_routing_policy"][0]["weight"], &weighted.config["ttl"]), (&json!(0), &json!(60)));
        assert_eq!(get("Z1PUBLIC_geo.example.com_CNAME_fr").config["geolocation_routing_policy"][0]["country"], "FR");
        assert_eq!(get("Z1PUBLIC_example.com_NS").facts["made_with_zone"], true);
        let public = all.iter().find(|r| r.kind == "aws_route53_zone" && r.id == "Z1PUBLIC").unwrap();
        assert_eq!(public.facts["name_servers"], json!(["ns-1.awsdns-00.com", "ns-2.awsdns-00.net"]));
        assert_eq!((&public.config["comment"], &public.facts["dnssec"]), (&json!(""), &json!("SIGNING")));
        let private = get("Z2PRIVATE");
        assert_eq!(private.config["vpc"], json!([{ "vpc_id": "vpc-1", "vpc_region": "eu-west-3" }]));
        assert_eq!(private.facts["linked_service"], "servicediscovery.amazonaws.com");
        assert_eq!(get("Z1PUBLIC,ksk").config["key_management_service_arn"], "arn:aws:kms:us-east-1:123456789012:key/k");
        assert_eq!(get("q-1").config["zone_id"], "Z1PUBLIC");
    }

    #[test]
    fn refused_details_are_unread_and_refused_records_a_gap() {
        let denied = format!(
            r#"<ErrorResponse xmlns="{NS}"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"#
        );
        let mut refused = answers();
        for answer in &mut refused {
            if matches!(answer.0, RECORDS | "route53:GetHostedZone" | "route53:GetDNSSEC") {
                (answer.1, answer.2) = (403, denied.clone());
            }
        }
        let (all, ledger) = run(&refused);
        let private = all.iter().find(|r| r.id == "Z2PRIVATE").unwrap();
        assert!(private.unread.contains_key("config.vpc") && !private.config.contains_key("vpc"), "{:?}", private.unread);
        let public = all.iter().find(|r| r.id == "Z1PUBLIC").unwrap();
        assert!(public.unread.contains_key("facts.dnssec"));
        let gap = ledger.iter().find(|e| e.call == RECORDS).unwrap();
        assert_eq!((gap.outcome, gap.types.as_slice()), (Outcome::Denied, ["aws_route53_record".to_owned()].as_slice()));
    }
}
