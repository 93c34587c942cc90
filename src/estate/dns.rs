//! Where DNS records lead: to something of this account, to something of AWS that is not there any more, or elsewhere.
//!
//! A name that leads to nothing is dangerous where somebody else can take its place: a bucket name, an address, a load balancer's name.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use super::graph::Completeness;
use super::{Resource, Snapshot};

/// What a host name or address of a record means.
#[derive(Debug, PartialEq)]
enum Names<'a> {
    /// A load balancer of a region.
    LoadBalancer(&'a str),
    /// A distribution of CloudFront.
    Distribution,
    /// A bucket by its name.
    Bucket(&'a str),
    /// An address of EC2 in a region.
    Address(IpAddr, &'a str),
    /// An address that may be anybody's.
    AnyAddress(IpAddr),
    /// Something of AWS that no scan reads.
    Unread(&'static str),
    /// Nothing of AWS.
    Other,
}

/// Sets `facts.leads_to` of every record: `here`, `gone`, `elsewhere`; unread where a listing it takes is not complete.
pub(super) fn derive(snapshot: &mut Snapshot, completeness: &Completeness) {
    let Some(things) = Things::of(snapshot, completeness) else { return };
    let answers: Vec<_> = snapshot
        .resources
        .iter()
        .enumerate()
        .filter(|(_, r)| r.kind == "aws_route53_record" && !r.facts.contains_key("leads_to"))
        .map(|(i, r)| (i, things.judge(r)))
        .collect();
    for (i, answer) in answers {
        match answer {
            Ok(word) => {
                snapshot.resources[i].fact("leads_to", word);
            }
            Err(cause) => snapshot.resources[i].mark_unread(&["facts.leads_to"], &cause),
        }
    }
}

/// What records can lead to, by name.
struct Things {
    hosts: HashSet<String>,
    buckets: HashSet<String>,
    addresses: HashSet<IpAddr>,
    classic: HashSet<String>,
    regions: Vec<String>,
    gaps: HashMap<(&'static str, String), String>,
}

const LISTED: [&str; 6] = ["aws_lb", "aws_network_interface", "aws_eip", "aws_instance", "aws_s3_bucket", "aws_cloudfront_distribution"];

impl Things {
    /// `None` where there is no record to judge.
    fn of(snapshot: &Snapshot, completeness: &Completeness) -> Option<Things> {
        snapshot.of("aws_route53_record").next()?;
        let mut things = Things {
            hosts: HashSet::new(),
            buckets: HashSet::new(),
            addresses: HashSet::new(),
            classic: HashSet::new(),
            regions: snapshot.meta.regions.clone(),
            gaps: HashMap::new(),
        };
        for r in &snapshot.resources {
            match r.kind.as_str() {
                "aws_lb" => things.hosts.extend(r.str("facts.dns_name").map(plain)),
                "aws_cloudfront_distribution" => things.hosts.extend(r.str("facts.domain_name").map(plain)),
                "aws_s3_bucket" => {
                    things.buckets.insert(r.id.clone());
                }
                "aws_eip" | "aws_instance" | "aws_network_interface" => {
                    things.addresses.extend(r.str("facts.public_ip").and_then(|a| a.parse::<IpAddr>().ok()));
                    // A classic load balancer shows in the description of its interfaces: "ELB name".
                    let classic = r.str("config.description").and_then(|d| d.strip_prefix("ELB ")).filter(|name| !name.contains('/'));
                    things.classic.extend(classic.map(str::to_lowercase));
                }
                _ => {}
            }
        }
        for kind in LISTED {
            for region in things.regions.iter().map(String::as_str).chain([super::resource::GLOBAL]) {
                if let Some(cause) = completeness.gaps(&[kind], Some(region)).into_iter().next() {
                    things.gaps.insert((kind, region.to_owned()), cause);
                }
            }
        }
        Some(things)
    }

    fn judge(&self, record: &Resource) -> Result<&'static str, String> {
        let alias = record.str("config.alias.0.name");
        // An alias within the zone leads to another record of it.
        if alias.is_some() && record.str("config.alias.0.zone_id") == record.str("config.zone_id") {
            return Ok("here");
        }
        let name = record.str("config.name").unwrap_or_default();
        let targets: Vec<&str> = match (alias, record.str("config.type")) {
            (Some(alias), _) => vec![alias],
            (None, Some("A" | "AAAA" | "CNAME")) => record.strings("config.records"),
            _ => Vec::new(),
        };
        let mut words = Vec::new();
        for target in targets {
            words.push(self.target(&plain(target), name)?);
        }
        // One lost address among several is lost all the same.
        Ok(["gone", "here"].into_iter().find(|w| words.contains(w)).unwrap_or("elsewhere"))
    }

    fn target(&self, host: &str, record: &str) -> Result<&'static str, String> {
        match names(host, record) {
            Names::Other => Ok("elsewhere"),
            Names::Unread(what) => Err(format!("not asked: no scan reads {what}")),
            Names::AnyAddress(address) => Ok(if self.addresses.contains(&address) { "here" } else { "elsewhere" }),
            Names::Distribution if self.hosts.contains(host) => Ok("here"),
            Names::Distribution => self.complete(&["aws_cloudfront_distribution"], super::resource::GLOBAL).map(|()| "gone"),
            Names::Bucket(bucket) if self.buckets.contains(bucket) => Ok("here"),
            Names::Bucket(_) => self.complete(&["aws_s3_bucket"], super::resource::GLOBAL).map(|()| "gone"),
            Names::LoadBalancer(region) => {
                let name = host.split('.').next().unwrap_or(host);
                let name = name.strip_prefix("internal-").unwrap_or(name).rsplit_once('-').map_or(name, |(n, _)| n);
                if self.hosts.contains(host) || self.classic.contains(name) {
                    return Ok("here");
                }
                self.complete(&["aws_lb", "aws_network_interface"], region).map(|()| "gone")
            }
            Names::Address(address, _) if self.addresses.contains(&address) => Ok("here"),
            Names::Address(_, region) => self.complete(&["aws_eip", "aws_instance", "aws_network_interface"], region).map(|()| "gone"),
        }
    }

    /// Fails with the cause where not all things of these types in a region were read.
    fn complete(&self, kinds: &[&'static str], region: &str) -> Result<(), String> {
        if region != super::resource::GLOBAL && !self.regions.iter().any(|r| r == region) {
            return Err(format!("not asked: {region} was not scanned"));
        }
        kinds.iter().find_map(|k| self.gaps.get(&(*k, region.to_owned()))).map_or(Ok(()), |cause| Err(cause.clone()))
    }
}

fn plain(host: &str) -> String {
    let host = host.trim_end_matches('.').to_lowercase();
    host.strip_prefix("dualstack.").map_or(host.clone(), str::to_owned)
}

/// What a host name means (AWS General Reference, endpoints of S3 websites and load balancers). `record` is the name of the record: an
/// alias to a website endpoint of S3 leads to the bucket of that name.
fn names<'a>(host: &'a str, record: &'a str) -> Names<'a> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Names::AnyAddress(address);
    }
    if host.ends_with(".cloudfront.net") {
        return Names::Distribution;
    }
    if host.ends_with(".elasticbeanstalk.com") {
        return Names::Unread("environments of Elastic Beanstalk");
    }
    let Some(rest) = host.strip_suffix(".amazonaws.com") else { return Names::Other };
    let labels: Vec<&str> = rest.split('.').collect();
    match labels.as_slice() {
        // name.elb.region of network load balancers, name.region.elb of all others
        [_, "elb", region] | [_, region, "elb"] => Names::LoadBalancer(region),
        [public, region, "compute"] => dashed(public).map_or(Names::Other, |a| Names::Address(a, region)),
        [public, "compute-1"] => dashed(public).map_or(Names::Other, |a| Names::Address(a, "us-east-1")),
        [.., "execute-api", _] => Names::Unread("the names of API domains"),
        _ => bucket(rest, record).map_or(Names::Other, Names::Bucket),
    }
}

/// The bucket in `name.s3-website-region`, `name.s3-website.region`, `name.s3`, `name.s3.region`, `name.s3-region`; the endpoint alone
/// serves the bucket that is called as the record.
fn bucket<'a>(host: &'a str, record: &'a str) -> Option<&'a str> {
    if host.starts_with("s3-website") {
        return Some(record);
    }
    let at = ["s3-website-", "s3-website.", "s3.", "s3-"].iter().filter_map(|mark| host.find(&format!(".{mark}"))).min();
    at.map(|i| &host[..i]).or_else(|| host.strip_suffix(".s3"))
}

/// `ec2-198-51-100-7` as an address.
fn dashed(label: &str) -> Option<IpAddr> {
    label.strip_prefix("ec2-")?.replace('-', ".").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Build, estate_of, estate_without};
    use super::super::{Estate, Outcome};
    use super::*;
    use serde_json::json;

    fn record(id: &str, kind: &str, values: &[&str]) -> Resource {
        Build::new("aws_route53_record", id)
            .region("global")
            .set("zone_id", "Z1")
            .set("name", id)
            .set("type", kind)
            .set("records", json!(values))
            .set("alias", json!([]))
            .get()
    }

    fn alias(id: &str, name: &str) -> Resource {
        let mut r = record(id, "A", &[]);
        r.set("alias", json!([{ "name": name, "zone_id": "Z9", "evaluate_target_health": false }]));
        r
    }

    fn account() -> Vec<Resource> {
        vec![
            Build::new("aws_lb", "lb").fact("dns_name", "Web-123.eu-west-3.elb.amazonaws.com").get(),
            Build::new("aws_network_interface", "eni-1").set("description", "ELB old-classic").get(),
            Build::new("aws_eip", "eipalloc-1").fact("public_ip", "198.51.100.7").get(),
            Build::new("aws_s3_bucket", "www.example.com").get(),
            Build::new("aws_cloudfront_distribution", "E1").region("global").fact("domain_name", "d1.cloudfront.net").get(),
        ]
    }

    fn leads_to<'a>(estate: &'a Estate, id: &str) -> Option<&'a str> {
        estate.find("aws_route53_record", "id", id).unwrap().str("facts.leads_to")
    }

    #[test]
    fn records_lead_here_nowhere_or_elsewhere() {
        let mut all = account();
        let cases = [
            (alias("a1", "web-123.eu-west-3.elb.amazonaws.com"), "here"),
            (alias("a2", "gone-9.eu-west-3.elb.amazonaws.com"), "gone"),
            (alias("a3", "old-classic-77.eu-west-3.elb.amazonaws.com"), "here"),
            (alias("www.example.com", "s3-website.eu-west-3.amazonaws.com"), "here"),
            (alias("shop.example.com", "s3-website-eu-west-1.amazonaws.com"), "gone"),
            (alias("cdn", "d1.cloudfront.net"), "here"),
            (alias("cdn2", "d2.cloudfront.net"), "gone"),
            (record("c1", "CNAME", &["assets.example.com.s3.eu-west-3.amazonaws.com"]), "gone"),
            (record("c2", "CNAME", &["www.example.com.s3-website.eu-west-3.amazonaws.com"]), "here"),
            (record("c3", "CNAME", &["ec2-198-51-100-7.eu-west-3.compute.amazonaws.com"]), "here"),
            (record("c4", "CNAME", &["ec2-198-51-100-8.eu-west-3.compute.amazonaws.com."]), "gone"),
            (record("c5", "CNAME", &["shops.example.net"]), "elsewhere"),
            (record("c6", "CNAME", &["net-0a1b.elb.eu-west-3.amazonaws.com"]), "gone"),
            (record("ip", "A", &["203.0.113.1", "198.51.100.7"]), "here"),
            (record("ip2", "A", &["203.0.113.1"]), "elsewhere"),
            (record("mx", "MX", &["10 mail.example.com"]), "elsewhere"),
        ];
        all.extend(cases.iter().map(|(r, _)| r.clone()));
        let estate = estate_of(all);
        for (r, word) in &cases {
            assert_eq!(leads_to(&estate, &r.id), Some(*word), "{}", r.id);
        }
    }

    #[test]
    fn what_was_not_read_is_unknown() {
        let mut all = account();
        all.push(alias("a2", "gone-9.eu-west-3.elb.amazonaws.com"));
        all.push(alias("a4", "far-9.us-west-2.elb.amazonaws.com"));
        all.push(record("eb", "CNAME", &["app.eu-west-3.elasticbeanstalk.com"]));
        let estate = estate_without(all, "elbv2:DescribeLoadBalancers", Outcome::Denied, &["aws_lb"]);
        for id in ["a2", "a4", "eb"] {
            assert_eq!(leads_to(&estate, id), None, "{id}");
            assert!(estate.find("aws_route53_record", "id", id).unwrap().unread.contains_key("facts.leads_to"), "{id}");
        }
    }

    #[test]
    fn an_alias_within_the_zone_leads_here() {
        let mut r = alias("a", "b.example.com");
        r.set("alias", json!([{ "name": "b.example.com", "zone_id": "Z1", "evaluate_target_health": false }]));
        let estate = estate_of(vec![r]);
        assert_eq!(leads_to(&estate, "a"), Some("here"));
    }
}
