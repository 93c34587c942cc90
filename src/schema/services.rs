//! What AWS calls its services in ARNs, events, metrics and bills (`schema/services.yaml`): for what was seen and is not modelled.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

const TEXT: &str = include_str!("../../schema/services.yaml");

/// In place of a type: what comes and goes by itself.
const PASSING: &str = "-";

/// A service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name for people.
    pub name: String,
    /// Event sources of CloudTrail; none: the key and `.amazonaws.com`.
    #[serde(default)]
    events: Vec<String>,
    /// Namespaces of CloudWatch metrics.
    #[serde(default)]
    metrics: Vec<String>,
    /// Names in Cost Explorer.
    #[serde(default)]
    bills: Vec<String>,
    /// Terraform type by the beginning of the resource part of an ARN.
    #[serde(default)]
    arns: BTreeMap<String, String>,
    /// What Cloud Control can list.
    #[serde(default)]
    pub lists: BTreeMap<String, Listable>,
    /// True when it has no resources of its own.
    #[serde(default)]
    pub holds_nothing: bool,
}

/// A type that Cloud Control can list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listable {
    /// Terraform's type for it.
    #[serde(rename = "type")]
    pub kind: String,
    /// IAM actions that the listing needs besides `cloudformation:ListResources`.
    pub allow: Vec<String>,
}

impl Service {
    /// Its event sources in CloudTrail, given its key.
    pub fn event_sources(&self, key: &str) -> Vec<String> {
        if self.events.is_empty() { vec![format!("{key}.amazonaws.com")] } else { self.events.clone() }
    }

    /// Terraform's types for its resources.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        let listed = self.lists.values().map(|l| l.kind.as_str());
        self.arns.values().map(String::as_str).filter(|kind| kind.starts_with("aws_")).chain(listed)
    }
}

static SERVICES: LazyLock<BTreeMap<String, Service>> = LazyLock::new(|| serde_saphyr::from_str(TEXT).unwrap_or_default());

/// All services by the service part of their ARNs.
pub fn services() -> &'static BTreeMap<String, Service> {
    &SERVICES
}

/// The service that a namespace of CloudWatch belongs to; `AWS/EC2/API` belongs to the one of `AWS/EC2` unless it is named itself.
pub fn of_metrics(namespace: &str) -> Option<(&'static str, &'static Service)> {
    let named = |namespace: &str| by(|_, s| s.metrics.iter().any(|m| m == namespace));
    let parent = || namespace.rsplit_once('/').and_then(|(parent, _)| named(parent));
    named(namespace).or_else(parent)
}

/// The service that an event source of CloudTrail belongs to (`kinesis.amazonaws.com`).
pub fn of_events(source: &str) -> Option<(&'static str, &'static Service)> {
    let key = source.strip_suffix(".amazonaws.com").unwrap_or(source);
    by(|_, s| s.events.iter().any(|e| e == source)).or_else(|| by(|k, _| k == key))
}

/// The service that a line of Cost Explorer belongs to.
pub fn of_bill(words: &str) -> Option<(&'static str, &'static Service)> {
    by(|_, s| s.bills.iter().any(|b| b == words))
}

fn by(is: impl Fn(&str, &Service) -> bool) -> Option<(&'static str, &'static Service)> {
    services().iter().find(|(key, service)| is(key, service)).map(|(key, service)| (key.as_str(), service))
}

/// The parts of an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `kinesis`
    pub service: &'a str,
    /// Empty for global services.
    pub region: &'a str,
    /// `stream`; empty where the id stands alone.
    pub prefix: &'a str,
    /// What follows it: `clicks`.
    pub id: &'a str,
    /// Terraform's type for it, as far as it is known.
    pub kind: Option<&'static str>,
    /// True when it comes and goes by itself.
    pub passing: bool,
}

/// Takes an ARN apart; `None` when it is none.
pub fn arn(text: &str) -> Option<Arn<'_>> {
    let mut parts = text.splitn(6, ':');
    let (Some("arn"), Some(_), Some(service), Some(region), Some(_)) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let resource = parts.next()?.trim_start_matches('/');
    let arns = services().get(service).map(|s| &s.arns);
    let type_of = |prefix: &str| arns.and_then(|a| a.get(prefix));
    let is_end = |c: char| c == '/' || c == ':';
    // `regional/webacl/NAME/ID`, `stream/NAME`, `NAME`: the longest known beginning.
    let ends: Vec<usize> = resource.match_indices(is_end).map(|(at, _)| at).take(2).collect();
    let known = ends.iter().rev().find_map(|end| type_of(&resource[..*end]).map(|kind| (*end, kind)));
    let (prefix, id, kind) = match (known, ends.first()) {
        (Some((end, kind)), _) => (&resource[..end], &resource[end + 1..], Some(kind)),
        (None, Some(end)) if type_of("").is_none() => (&resource[..*end], &resource[end + 1..], None),
        (None, _) => ("", resource, type_of("")),
    };
    let kind = kind.map(String::as_str);
    Some(Arn { service, region, prefix, id, kind: kind.filter(|k| k.starts_with("aws_")), passing: kind == Some(PASSING) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::provider;

    #[test]
    fn the_table_is_sound() {
        let all: BTreeMap<String, Service> = serde_saphyr::from_str(TEXT).unwrap();
        assert!(all.len() > 100);
        for (key, service) in &all {
            for kind in service.kinds() {
                assert!(provider().has(kind), "{key}: the provider knows no {kind}");
            }
            assert!(service.arns.values().all(|k| k.is_empty() || k == PASSING || k.starts_with("aws_")), "{key}");
            assert!(service.holds_nothing || !service.arns.is_empty(), "{key}: no ARNs");
            assert!(service.lists.values().all(|l| !l.allow.is_empty() && l.allow.iter().all(|a| a.contains(':'))), "{key}");
        }
        for words in [|s: &Service| s.bills.clone(), |s: &Service| s.metrics.clone()] {
            let mut named: Vec<String> = all.values().flat_map(words).collect();
            let count = named.len();
            named.sort();
            named.dedup();
            assert_eq!(named.len(), count, "a name stands twice");
        }
    }

    #[test]
    fn arns_name_their_types() {
        let kind = |text| arn(text).unwrap().kind;
        assert_eq!(kind("arn:aws:kinesis:eu-west-3:1:stream/clicks"), Some("aws_kinesis_stream"));
        assert_eq!(kind("arn:aws:sns:eu-west-3:1:alerts"), Some("aws_sns_topic"));
        assert_eq!(kind("arn:aws:wafv2:eu-west-3:1:regional/webacl/n/i"), Some("aws_wafv2_web_acl"));
        assert_eq!(kind("arn:aws:apigateway:eu-west-3::/restapis/abc"), Some("aws_api_gateway_rest_api"));
        assert_eq!(kind("arn:aws:rds:eu-west-3:1:db:main"), Some("aws_db_instance"));
        let new = arn("arn:aws:novelty:eu-west-3:1:thing/x").unwrap();
        assert_eq!((new.service, new.prefix, new.id, new.kind), ("novelty", "thing", "x", None));
        assert!(arn("arn:aws:ecs:eu-west-3:1:task/live/0123").unwrap().passing);
        assert!(arn("arn:aws:rds:eu-west-3:1:snapshot:rds:live-2026-11-10-09-00").unwrap().passing, "AWS makes and deletes it");
        assert!(!arn("arn:aws:rds:eu-west-3:1:snapshot:before-migration").unwrap().passing);
        assert_eq!(arn("not an ARN"), None);
    }

    #[test]
    fn events_metrics_and_bills_find_their_service() {
        assert_eq!(of_events("monitoring.amazonaws.com").unwrap().0, "cloudwatch");
        assert_eq!(of_events("kinesis.amazonaws.com").unwrap().0, "kinesis");
        assert_eq!(of_metrics("AWS/NATGateway").unwrap().0, "ec2");
        assert_eq!(of_metrics("AWS/S3/Storage-Lens").unwrap().0, "s3");
        assert!(of_metrics("AWS/Novelty").is_none());
        assert_eq!(of_bill("EC2 - Other").unwrap().0, "ec2");
        assert!(of_bill("A new service").is_none());
    }
}
