//! How much of AWS's limits is used, counted from the snapshot.

use std::collections::HashMap;

use serde_json::Value;

use super::graph::Completeness;
use super::{Resource, Snapshot};

/// How a limit's use is counted.
#[derive(Debug, Clone, Copy)]
pub enum Count {
    /// All of these types in the region (in the account for global ones).
    All(&'static [&'static str]),
    /// The most that share a value of this path; the limit is per parent.
    Most(&'static [&'static str], &'static str),
    /// Virtual processors of running instances of the standard families.
    StandardProcessors,
    /// Load balancers of one kind.
    Balancers(&'static str),
    /// Snapshots of databases that people made.
    ManualSnapshots,
}

/// A limit that can be counted.
#[derive(Debug)]
pub struct Quota {
    /// Service code of Service Quotas.
    pub service: &'static str,
    /// Quota code.
    pub code: &'static str,
    /// How its use is counted.
    pub count: Count,
}

const fn quota(service: &'static str, code: &'static str, count: Count) -> Quota {
    Quota { service, code, count }
}

const VPCS: &[&str] = &["aws_vpc", "aws_default_vpc"];
const SUBNETS: &[&str] = &["aws_subnet", "aws_default_subnet"];
const GROUPS: &[&str] = &["aws_security_group", "aws_default_security_group"];
const TABLES: &[&str] = &["aws_route_table", "aws_default_route_table"];

/// The limits that accounts built by hand run into (codes: Service Quotas console and service user guides, 2026-11).
pub const KNOWN: &[Quota] = &[
    quota("ec2", "L-0263D0A3", Count::All(&["aws_eip"])),
    quota("ec2", "L-1216C47A", Count::StandardProcessors),
    quota("vpc", "L-F678F1CE", Count::All(VPCS)),
    quota("vpc", "L-A4707A72", Count::All(&["aws_internet_gateway"])),
    quota("vpc", "L-E79EC296", Count::All(GROUPS)),
    quota("vpc", "L-DF5E4CA3", Count::All(&["aws_network_interface"])),
    quota("vpc", "L-407747CB", Count::Most(SUBNETS, "vpc_id")),
    quota("vpc", "L-589F43AA", Count::Most(TABLES, "vpc_id")),
    quota("vpc", "L-93826ACB", Count::Most(&["aws_route"], "route_table_id")),
    // Both directions have a limit of their own of the same height.
    quota("vpc", "L-0EA8095F", Count::Most(&["aws_vpc_security_group_ingress_rule"], "security_group_id")),
    quota("rds", "L-7B6409FD", Count::All(&["aws_db_instance", "aws_rds_cluster_instance"])),
    quota("rds", "L-272F1212", Count::ManualSnapshots),
    quota("elasticloadbalancing", "L-53DA6B97", Count::Balancers("application")),
    quota("elasticloadbalancing", "L-69A177A2", Count::Balancers("network")),
    quota("elasticloadbalancing", "L-B22855CB", Count::All(&["aws_lb_target_group"])),
    quota("iam", "L-FE177D64", Count::All(&["aws_iam_role"])),
    quota("iam", "L-E95E4862", Count::All(&["aws_iam_policy"])),
    quota("iam", "L-F4A5425F", Count::All(&["aws_iam_group"])),
];

/// Families whose processors count together (EC2 user guide, On-Demand Instance quotas).
const STANDARD: &[char] = &['a', 'c', 'd', 'h', 'i', 'm', 'r', 't', 'z'];

/// Sets `facts.used` (and `facts.most_used`, the parent that has most) of every limit; unread where a listing is not complete.
pub(super) fn derive(snapshot: &mut Snapshot, completeness: &Completeness) {
    let answers: Vec<_> = snapshot
        .resources
        .iter()
        .enumerate()
        .filter(|(_, r)| r.kind == "x_service_quota" && !r.facts.contains_key("used"))
        .filter_map(|(i, r)| {
            let known = KNOWN.iter().find(|k| Some(k.code) == r.str("facts.code") && Some(k.service) == r.str("facts.service"))?;
            let region = if known.service == "iam" { super::resource::GLOBAL } else { r.region.as_str() };
            Some((i, used(snapshot, completeness, known, &r.account, region)))
        })
        .collect();
    for (i, answer) in answers {
        match answer {
            Ok((used, most)) => {
                snapshot.resources[i].fact("used", used).fact("most_used", most);
            }
            Err(cause) => snapshot.resources[i].mark_unread(&["facts.used"], &cause),
        }
    }
}

fn used(
    snapshot: &Snapshot,
    completeness: &Completeness,
    quota: &Quota,
    account: &str,
    region: &str,
) -> Result<(u64, Option<String>), String> {
    let kinds: &[&str] = match quota.count {
        Count::All(kinds) | Count::Most(kinds, _) => kinds,
        Count::StandardProcessors => &["aws_instance"],
        Count::Balancers(_) => &["aws_lb"],
        Count::ManualSnapshots => &["aws_db_snapshot"],
    };
    if let Some(cause) = completeness.gaps(kinds, Some(region)).into_iter().next() {
        return Err(cause);
    }
    let of = |kinds: &'static [&'static str]| {
        snapshot.resources.iter().filter(move |r| r.account == account && r.region == region && kinds.contains(&r.kind.as_str()))
    };
    let count = |n: usize| Ok((n as u64, None));
    match quota.count {
        Count::All(kinds) => count(of(kinds).count()),
        Count::Balancers(kind) => count(of(&["aws_lb"]).filter(|r| r.str("config.load_balancer_type") == Some(kind)).count()),
        Count::ManualSnapshots => count(of(&["aws_db_snapshot"]).filter(|r| r.str("facts.snapshot_type") == Some("manual")).count()),
        Count::Most(kinds, path) => {
            let mut parents: HashMap<&str, u64> = HashMap::new();
            for r in of(kinds) {
                // A main route table is imported by the id of its VPC; its routes name the table.
                let parent = r.str(&format!("config.{path}")).or_else(|| r.str(&format!("facts.{path}")));
                *parents.entry(parent.unwrap_or(&r.id)).or_default() += 1;
            }
            let most = parents.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)));
            Ok(most.map_or((0, None), |(id, n)| (n, Some(id.to_owned()))))
        }
        Count::StandardProcessors => {
            let mut sum = 0;
            for r in of(&["aws_instance"]).filter(|r| matches!(r.str("facts.state"), Some("running" | "pending"))) {
                let standard = r
                    .str("config.instance_type")
                    .is_some_and(|t| t.starts_with(STANDARD) && !t.starts_with("inf") && !t.starts_with("trn") && !t.starts_with("dl"));
                // Spot instances have a limit of their own.
                let spot = r.str("config.instance_market_options.0.market_type") == Some("spot");
                if standard && !spot {
                    sum += processors(r).ok_or_else(|| format!("the processors of {} are not known", r.id))?;
                }
            }
            Ok((sum, None))
        }
    }
}

fn processors(r: &Resource) -> Option<u64> {
    let of = |field: &str| r.get(&format!("config.cpu_options.0.{field}")).and_then(Value::as_u64);
    Some(of("core_count")? * of("threads_per_core")?)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Build, estate_of, estate_without, snapshot_of};
    use super::super::{Estate, Outcome};
    use serde_json::json;

    use super::*;

    fn limit(service: &str, code: &str) -> Resource {
        Build::new("x_service_quota", &format!("{service}/{code}")).fact("service", service).fact("code", code).fact("value", 5).get()
    }

    fn fact<'a>(estate: &'a Estate, id: &str, name: &str) -> Option<&'a Value> {
        estate.find("x_service_quota", "id", id)?.facts.get(name)
    }

    #[test]
    fn use_is_counted_per_region_and_per_parent() {
        let instance = |id: &str, kind: &str, state: &str| {
            Build::new("aws_instance", id)
                .set("instance_type", kind)
                .set("cpu_options", json!([{ "core_count": 2, "threads_per_core": 2 }]))
                .fact("state", state)
                .get()
        };
        let rule = |id: &str, group: &str| Build::new("aws_vpc_security_group_ingress_rule", id).set("security_group_id", group).get();
        let estate = estate_of(vec![
            limit("ec2", "L-0263D0A3"),
            limit("ec2", "L-1216C47A"),
            limit("vpc", "L-0EA8095F"),
            limit("vpc", "L-F678F1CE"),
            limit("iam", "L-FE177D64"),
            Build::new("aws_eip", "e-1").get(),
            Build::new("aws_eip", "e-2").get(),
            Build::new("aws_eip", "e-3").region("us-east-1").get(),
            instance("i-1", "t3.large", "running"),
            instance("i-2", "t3.large", "stopped"),
            instance("i-3", "p4d.24xlarge", "running"),
            rule("r-1", "sg-1"),
            rule("r-2", "sg-2"),
            rule("r-3", "sg-2"),
            Build::new("aws_vpc", "vpc-1").get(),
            Build::new("aws_default_vpc", "vpc-2").get(),
            Build::new("aws_iam_role", "a").region("global").get(),
        ]);
        for (id, used) in
            [("ec2/L-0263D0A3", 2), ("ec2/L-1216C47A", 4), ("vpc/L-0EA8095F", 2), ("vpc/L-F678F1CE", 2), ("iam/L-FE177D64", 1)]
        {
            assert_eq!(fact(&estate, id, "used"), Some(&json!(used)), "{id}");
        }
        assert_eq!(fact(&estate, "vpc/L-0EA8095F", "most_used"), Some(&json!("sg-2")));
    }

    #[test]
    fn what_was_not_listed_is_not_counted() {
        let estate = estate_without(vec![limit("ec2", "L-0263D0A3")], "ec2:DescribeAddresses", Outcome::Denied, &["aws_eip"]);
        let limit = estate.find("x_service_quota", "id", "ec2/L-0263D0A3").unwrap();
        assert!(!limit.facts.contains_key("used") && limit.unread.contains_key("facts.used"));
    }

    #[test]
    fn each_limit_stands_once_and_counts_known_types() {
        let mut seen = std::collections::HashSet::new();
        for known in KNOWN {
            assert!(seen.insert((known.service, known.code)), "{}", known.code);
            if let Count::All(kinds) | Count::Most(kinds, _) = known.count {
                assert!(kinds.iter().all(|k| crate::schema::provider().resource(k).is_some()), "{kinds:?}");
            }
        }
        assert_eq!(Estate::new(snapshot_of(vec![])).resources().len(), 0);
    }
}
