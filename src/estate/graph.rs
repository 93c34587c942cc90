//! The estate: a snapshot with everything in it related, once.

use std::collections::HashMap;
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
        let mut estate = Estate {
            snapshot,
            index,
            references,
            referrers,
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
    pub fn find(&self, kind: &str, attr: &str, value: &str) -> Option<&Resource> {
        let found = self.index.get(&self.snapshot.resources, kind, attr);
        found.get(value).and_then(|list| list.first()).map(|i| &self.snapshot.resources[*i])
    }

    /// As [`Estate::find`], as seen from another resource: the one in its account and region, or a global one.
    pub fn find_near(&self, from: &Resource, kind: &str, attr: &str, value: &str) -> Option<&Resource> {
        self.index.near(&self.snapshot.resources, from, kind, attr, value).map(|i| &self.snapshot.resources[i])
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

    /// Resources of a type that hang together with this one, in either direction; through one joining resource (an attachment,
    /// an association, a rule) when there is no direct tie. Each once, in the estate's order.
    pub fn related(&self, resource: &Resource, kind: &str) -> Vec<&Resource> {
        let Some(start) = self.index_of(resource) else { return Vec::new() };
        let of_kind = |found: &[usize]| -> Vec<usize> {
            found.iter().copied().filter(|i| *i != start && self.snapshot.resources[*i].kind == kind).collect()
        };
        let direct = self.neighbours(start);
        let mut found = of_kind(&direct);
        if found.is_empty() {
            for neighbour in direct {
                if references::is_joint(&self.snapshot.resources[neighbour].kind) {
                    found.extend(of_kind(&self.neighbours(neighbour)));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|i| &self.snapshot.resources[i]).collect()
    }

    fn neighbours(&self, index: usize) -> Vec<usize> {
        let out = self.references[index].iter().filter_map(|r| match r.target {
            Target::Inside { index, .. } => Some(index),
            Target::Outside { .. } => None,
        });
        out.chain(self.referrers[index].iter().map(|(from, _)| *from)).collect()
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
        incomplete(&self.snapshot, kind, region)
    }
}

pub(super) fn incomplete(snapshot: &Snapshot, kind: &str, region: Option<&str>) -> Vec<String> {
    let gaps = ledger::gaps_of(&snapshot.ledger, kind, region);
    if gaps.is_empty() && !ledger::was_asked(&snapshot.ledger, kind) {
        return vec![format!("not asked: no call for {kind} was made")];
    }
    gaps.into_iter()
        .map(|e| {
            let code = e.code.as_ref().map(|c| format!(" ({c})")).unwrap_or_default();
            format!("{}: {} in {}{code}", outcome_words(e.outcome), e.call, e.region)
        })
        .collect()
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
