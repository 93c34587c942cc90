//! The estate: a snapshot with everything in it related, once.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use serde_json::Value;

use super::environment::{self, Corrections, Environment};
use super::exposure::{self, Exposure};
use super::ledger;
use super::ownership;
use super::references::{self, Reference, Target};
use super::{Outcome, Resource, Snapshot};

/// Options of [`Estate::with`].
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The user's own word on environments (`environments.yaml`), which goes before every guess.
    pub environments: Corrections,
}

/// A snapshot whose resources are related: references, ownership, environments, exposure. Immutable once built.
pub struct Estate {
    snapshot: Snapshot,
    index: Index,
    references: Vec<Vec<Reference>>,
    /// For each resource: who refers to it, as (resource, position among its references).
    referrers: Vec<Vec<(usize, usize)>>,
    /// For each resource: what hangs together with it by facts, in both directions.
    ties: Vec<Vec<usize>>,
    environments: Vec<Option<Environment>>,
    exposures: Vec<OnceLock<Exposure>>,
}

impl Estate {
    /// Relates a snapshot.
    pub fn new(snapshot: Snapshot) -> Estate {
        Estate::with(snapshot, &Options::default())
    }

    /// Relates a snapshot, with the user's corrections.
    pub fn with(mut snapshot: Snapshot, options: &Options) -> Estate {
        snapshot.normalise();
        derive_facts(&mut snapshot);
        let index = Index::new(&snapshot.resources);
        let references = references::resolve_all(&snapshot, &index);
        let mut referrers = vec![Vec::new(); snapshot.resources.len()];
        for (from, list) in references.iter().enumerate() {
            for (position, reference) in list.iter().enumerate() {
                if let Target::Inside { index, .. } = reference.target {
                    referrers[index].push((from, position));
                }
            }
        }
        let count = snapshot.resources.len();
        let outgoing = references::ties(&snapshot, &index);
        let mut ties = outgoing.clone();
        for (from, list) in outgoing.iter().enumerate() {
            for to in list {
                ties[*to].push(from);
            }
        }
        let mut estate = Estate {
            snapshot,
            index,
            references,
            referrers,
            ties,
            environments: vec![None; count],
            exposures: std::iter::repeat_with(OnceLock::new).take(count).collect(),
        };
        let owners = ownership::classify(&estate);
        for (resource, ownership) in estate.snapshot.resources.iter_mut().zip(owners) {
            if let Some(ownership) = ownership {
                resource.ownership = ownership;
            }
        }
        estate.environments = environment::derive(&estate, &options.environments);
        estate
    }

    /// All resources, sorted by type, account, region, id.
    pub fn resources(&self) -> &[Resource] {
        &self.snapshot.resources
    }

    /// The snapshot, with ownership filled in.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Resources of one type, in order.
    pub fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> + 'a {
        self.snapshot.of(kind)
    }

    /// Position of a resource of this estate among [`Estate::resources`]; a copy is found by its identity.
    pub fn index_of(&self, resource: &Resource) -> Option<usize> {
        let resources = &self.snapshot.resources;
        let offset = std::ptr::from_ref(resource).addr().wrapping_sub(resources.as_ptr().addr());
        let position = offset / size_of::<Resource>();
        if let Some(own) = resources.get(position)
            && std::ptr::eq(own, resource)
        {
            return Some(position);
        }
        resources.binary_search_by_key(&resource.key(), Resource::key).ok()
    }

    /// A resource by type and attribute: `id`, `arn`, `name`, or any argument or fact that is a string. With several of the same
    /// value (names are unique per region only) the first; see [`Estate::find_near`].
    /// `aws_subnet` stands for `aws_default_subnet` too, and so for all types with a default form.
    pub fn find(&self, kind: &str, attr: &str, value: &str) -> Option<&Resource> {
        with_default_form(kind).find_map(|kind| {
            let found = self.index.get(&self.snapshot.resources, &kind, attr);
            found.get(value).and_then(|list| list.first()).map(|i| &self.snapshot.resources[*i])
        })
    }

    /// As [`Estate::find`], as seen from another resource: the one in its account and region, or a global one.
    pub fn find_near(&self, from: &Resource, kind: &str, attr: &str, value: &str) -> Option<&Resource> {
        with_default_form(kind)
            .find_map(|kind| self.index.near(&self.snapshot.resources, from, &kind, attr, value))
            .map(|i| &self.snapshot.resources[i])
    }

    /// A resource by its ARN.
    pub fn by_arn(&self, arn: &str) -> Option<&Resource> {
        self.index.by_arn.get(arn).map(|i| &self.snapshot.resources[*i])
    }

    /// What a resource refers to, in order of its arguments.
    pub fn references(&self, resource: &Resource) -> &[Reference] {
        self.index_of(resource).map_or(&[], |i| &self.references[i])
    }

    /// The resource a reference leads to, when it is in the snapshot.
    pub fn target(&self, reference: &Reference) -> Option<&Resource> {
        match reference.target {
            Target::Inside { index, .. } => self.snapshot.resources.get(index),
            Target::Outside { .. } => None,
        }
    }

    /// Who refers to a resource, and by which argument path.
    pub fn referrers(&self, resource: &Resource) -> Vec<(&Resource, &str)> {
        let Some(index) = self.index_of(resource) else { return Vec::new() };
        self.referrers[index]
            .iter()
            .map(|(from, position)| (&self.snapshot.resources[*from], self.references[*from][*position].path.as_str()))
            .collect()
    }

    /// Resources of a type that hang together with this one, in either direction: by a reference or a fact, or through
    /// attachments, associations and rules, as few as possible. `aws_subnet` stands for `aws_default_subnet` too, and so for all
    /// types with a default form. Each once, in the estate's order.
    pub fn related(&self, resource: &Resource, kind: &str) -> Vec<&Resource> {
        /// Longest way: load balancer, listener, rule, target group, attachment, instance.
        const STEPS: usize = 5;
        let Some(start) = self.index_of(resource) else { return Vec::new() };
        let resources = &self.snapshot.resources;
        let mut seen = HashSet::from([start]);
        let mut edge = vec![start];
        for _ in 0..STEPS {
            let mut next = Vec::new();
            for from in edge {
                for to in self.neighbours(from) {
                    if seen.insert(to) {
                        next.push(to);
                    }
                }
            }
            let mut found: Vec<usize> = next.iter().copied().filter(|i| same_family(&resources[*i].kind, kind)).collect();
            if !found.is_empty() {
                found.sort_unstable();
                return found.into_iter().map(|i| &resources[i]).collect();
            }
            next.retain(|i| references::is_joint(&resources[*i].kind));
            edge = next;
        }
        Vec::new()
    }

    fn neighbours(&self, index: usize) -> impl Iterator<Item = usize> {
        let out = self.references[index].iter().filter_map(|r| r.target.index());
        out.chain(self.referrers[index].iter().map(|(from, _)| *from)).chain(self.ties[index].iter().copied())
    }

    /// The environment a resource belongs to; `None` where nothing tells.
    pub fn environment(&self, resource: &Resource) -> Option<&Environment> {
        self.environments.get(self.index_of(resource)?)?.as_ref()
    }

    /// How the internet reaches a resource.
    pub fn exposure(&self, resource: &Resource) -> &Exposure {
        match self.index_of(resource) {
            Some(i) => self.exposures[i].get_or_init(|| exposure::of(self, resource)),
            None => &exposure::NOT_IN_ESTATE,
        }
    }

    /// Why the listing of a type is not complete in a region (all regions when `None`), one cause each
    /// (`denied: rds:DescribeDBInstances in eu-west-3`); empty when everything there is was read.
    pub fn incomplete(&self, kind: &str, region: Option<&str>) -> Vec<String> {
        incomplete(&self.snapshot, &[kind], region)
    }
}

/// A type, and the provider's form of it for what AWS made (`aws_vpc`, `aws_default_vpc`).
fn with_default_form(kind: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let default =
        kind.strip_prefix("aws_").filter(|rest| DEFAULT_FORMS.contains(rest)).map(|rest| Cow::from(format!("aws_default_{rest}")));
    std::iter::once(Cow::from(kind)).chain(default)
}

/// True when a resource of type `own` answers to the type asked for.
fn same_family(own: &str, asked: &str) -> bool {
    own == asked || own.strip_prefix("aws_default_").is_some_and(|rest| asked.strip_prefix("aws_") == Some(rest))
}

/// Types that have a default form, without `aws_`.
const DEFAULT_FORMS: [&str; 6] = ["vpc", "subnet", "route_table", "network_acl", "security_group", "vpc_dhcp_options"];

/// Facts that follow from other resources: a VPC's own main route table, default network ACL and default group.
fn derive_facts(snapshot: &mut Snapshot) {
    let vpcs: HashMap<String, usize> =
        snapshot.resources.iter().enumerate().filter(|(_, r)| same_family(&r.kind, "aws_vpc")).map(|(i, r)| (r.id.clone(), i)).collect();
    let mut derived = Vec::new();
    for resource in &snapshot.resources {
        let (fact, value) = match resource.kind.as_str() {
            "aws_default_route_table" => ("default_route_table_id", resource.str("config.default_route_table_id")),
            "aws_default_network_acl" => ("default_network_acl_id", Some(resource.id.as_str())),
            "aws_default_security_group" => ("default_security_group_id", Some(resource.id.as_str())),
            _ => continue,
        };
        // A main route table is imported by the id of its VPC.
        let vpc = resource.str("config.vpc_id").or_else(|| resource.str("facts.vpc_id")).unwrap_or(&resource.id);
        if let (Some(vpc), Some(value)) = (vpcs.get(vpc), value) {
            derived.push((*vpc, fact, value.to_string()));
        }
    }
    for (vpc, fact, value) in derived {
        snapshot.resources[vpc].facts.entry(fact.into()).or_insert_with(|| value.into());
    }
}

/// Why the listing of what may stand under any of several types is not complete: the gaps of those that were asked for. Types that
/// the scan does not know count only when it knows none of them.
pub(super) fn incomplete(snapshot: &Snapshot, kinds: &[&str], region: Option<&str>) -> Vec<String> {
    let asked = |kind: &&&str| snapshot.ledger.iter().any(|e| e.types.iter().any(|t| t == **kind));
    if let (Some(first), false) = (kinds.first(), kinds.iter().any(|k| asked(&k))) {
        return vec![format!("not asked: no call for {first} was made")];
    }
    let mut causes: Vec<String> = kinds
        .iter()
        .flat_map(|kind| ledger::gaps_of(&snapshot.ledger, kind, region))
        .map(|e| {
            let code = e.code.as_ref().map(|c| format!(" ({c})")).unwrap_or_default();
            format!("{}: {} in {}{code}", outcome_words(e.outcome), e.call, e.region)
        })
        .collect();
    causes.sort();
    causes.dedup();
    causes
}

fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Denied => "denied",
        Outcome::Throttled => "throttled",
        Outcome::TimedOut => "timed out",
        Outcome::NotOffered => "not offered",
        Outcome::Failed => "failed",
        Outcome::Capped => "capped",
        Outcome::NotAsked => "not asked",
    }
}

/// A string attribute by the name Terraform gives it: `id` and `arn` of the resource, else argument, else fact of that name.
pub(super) fn attribute<'a>(resource: &'a Resource, attr: &str) -> Option<&'a str> {
    let own = |map: &'a super::Attrs| map.get(attr).and_then(Value::as_str);
    match attr {
        "id" => Some(&resource.id),
        "arn" => resource.arn.as_deref().or_else(|| own(&resource.facts)),
        _ => own(&resource.config).or_else(|| own(&resource.facts)).or(match attr {
            "name" => resource.name.as_deref(),
            _ => None,
        }),
    }
}

type Values = HashMap<String, Vec<usize>>;

/// Exact-match look-up by (type, attribute, value). An attribute is indexed when it is first asked for.
pub(super) struct Index {
    pub(super) by_arn: HashMap<String, usize>,
    built: RwLock<HashMap<String, HashMap<String, Arc<Values>>>>,
}

impl Index {
    pub(super) fn new(resources: &[Resource]) -> Index {
        let mut by_arn = HashMap::with_capacity(resources.len());
        for (i, resource) in resources.iter().enumerate() {
            // Satellites (bucket policy, log subscription) may carry the ARN of what they belong to: the thing itself wins.
            if let Some(arn) = &resource.arn {
                let shorter = |other: &usize| resources[*other].kind.len() > resource.kind.len();
                if by_arn.get(arn).is_none_or(shorter) {
                    by_arn.insert(arn.clone(), i);
                }
            }
        }
        Index { by_arn, built: RwLock::default() }
    }

    /// Positions by value of one attribute of one type.
    fn get(&self, resources: &[Resource], kind: &str, attr: &str) -> Arc<Values> {
        let built = self.built.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(values) = built.get(kind).and_then(|m| m.get(attr)) {
            return Arc::clone(values);
        }
        drop(built);
        let start = resources.partition_point(|r| r.kind.as_str() < kind);
        let mut values = Values::new();
        for (i, resource) in resources.iter().enumerate().skip(start).take_while(|(_, r)| r.kind == kind) {
            if let Some(value) = attribute(resource, attr) {
                values.entry(value.to_string()).or_default().push(i);
            }
        }
        let values = Arc::new(values);
        let mut built = self.built.write().unwrap_or_else(PoisonError::into_inner);
        built.entry(kind.to_string()).or_default().insert(attr.to_string(), Arc::clone(&values));
        values
    }

    /// The match in the account and region of `from`; elsewhere only when the value can mean nothing else.
    pub(super) fn near(&self, resources: &[Resource], from: &Resource, kind: &str, attr: &str, value: &str) -> Option<usize> {
        let values = self.get(resources, kind, attr);
        let found = values.get(value)?;
        let place = |i: &&usize| {
            let r = &resources[**i];
            r.account == from.account && (r.region == from.region || r.region == super::resource::GLOBAL)
        };
        if let Some(i) = found.iter().find(place) {
            return Some(*i);
        }
        let unique = from.region == super::resource::GLOBAL || references::is_unique_everywhere(kind, attr, value);
        match found.as_slice() {
            [only] if unique => Some(*only),
            _ => None,
        }
    }
}
