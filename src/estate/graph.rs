//! The estate: a snapshot with everything in it related, once.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use serde_json::Value;

use super::dns;
use super::environment::{self, Corrections, Environment};
use super::exposure::{self, Exposure};
use super::network::Network;
use super::ownership;
use super::quotas;
use super::references::{self, Reference, Target};
use super::resource::GLOBAL;
use super::state::{self, State, StateSummary};
use super::{LedgerEntry, Resource, Snapshot};

/// Options of [`Estate::with`].
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The user's own word on environments (`environments.yaml`), which goes before every guess.
    pub environments: Corrections,
    /// Terraform states whose resources are theirs.
    pub states: Vec<State>,
}

/// A snapshot whose resources are related: references, ownership, environments, exposure. Immutable once built.
pub struct Estate {
    snapshot: Snapshot,
    index: Index,
    completeness: Completeness,
    references: Vec<Vec<Reference>>,
    /// For each resource: who refers to it, as (resource, position among its references).
    referrers: Vec<Vec<(usize, usize)>>,
    /// For each resource: what hangs together with it by facts, in both directions.
    ties: Vec<Vec<usize>>,
    environments: Vec<Option<Environment>>,
    states: Vec<StateSummary>,
    network: OnceLock<Network>,
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
        let states = state::claim(&mut snapshot, &options.states);
        let index = Index::new(&snapshot.resources);
        let completeness = Completeness::new(&snapshot.ledger);
        dns::derive(&mut snapshot, &completeness);
        quotas::derive(&mut snapshot, &completeness);
        let references = references::resolve_all(&snapshot, &index, &completeness);
        let mut referrers = vec![Vec::new(); snapshot.resources.len()];
        for (from, list) in references.iter().enumerate() {
            for (position, reference) in list.iter().enumerate() {
                if let Target::Inside { index, .. } = reference.target {
                    referrers[index].push((from, position));
                }
            }
        }
        let count = snapshot.resources.len();
        let outgoing = references::ties(&snapshot, &index, &completeness);
        let mut ties = outgoing.clone();
        for (from, list) in outgoing.iter().enumerate() {
            for to in list {
                ties[*to].push(from);
            }
        }
        let mut estate = Estate {
            snapshot,
            index,
            completeness,
            references,
            referrers,
            ties,
            environments: vec![None; count],
            states,
            network: OnceLock::new(),
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

    /// What came of each Terraform state that was given.
    pub fn states(&self) -> &[StateSummary] {
        &self.states
    }

    /// How the internet reaches a resource.
    pub fn exposure(&self, resource: &Resource) -> &Exposure {
        match self.index_of(resource) {
            Some(i) => self.exposures[i].get_or_init(|| exposure::of(self, resource)),
            None => &exposure::NOT_IN_ESTATE,
        }
    }

    pub(super) fn network(&self) -> &Network {
        self.network.get_or_init(|| Network::new(self))
    }

    /// As [`Estate::incomplete`], for what may stand under any of several types.
    pub(super) fn gaps(&self, kinds: &[&str], region: Option<&str>) -> Vec<String> {
        self.completeness.gaps(kinds, region)
    }

    /// Why the listing of a type is not complete in a region (all regions when `None`), one cause each
    /// (`denied: rds:DescribeDBInstances in eu-west-3`); empty when everything there is was read.
    pub fn incomplete(&self, kind: &str, region: Option<&str>) -> Vec<String> {
        self.completeness.gaps(&[kind], region)
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

/// What the ledger says about the completeness of each type, worked out once.
#[derive(Default)]
pub(super) struct Completeness {
    asked: HashSet<String>,
    /// Region and cause of each incomplete listing, by type.
    gaps: HashMap<String, Vec<(String, String)>>,
}

impl Completeness {
    pub(super) fn new(ledger: &[LedgerEntry]) -> Completeness {
        let mut all = Completeness::default();
        for entry in ledger {
            for kind in &entry.types {
                if !all.asked.contains(kind) {
                    all.asked.insert(kind.clone());
                }
                if entry.listing && !entry.outcome.is_complete() {
                    let code = entry.code.as_ref().map(|c| format!(" ({c})")).unwrap_or_default();
                    let cause = format!("{}: {} in {}{code}", entry.outcome.word(), entry.call, entry.region);
                    all.gaps.entry(kind.clone()).or_default().push((entry.region.clone(), cause));
                }
            }
        }
        all
    }

    /// True when the scan asks for any of these types at all.
    pub(super) fn knows(&self, kinds: &[&str]) -> bool {
        kinds.iter().any(|k| self.asked.contains(*k))
    }

    /// Why the listing of what may stand under any of several types is not complete: the gaps of those that were asked for. Types
    /// that the scan does not know count only when it knows none of them.
    pub(super) fn gaps(&self, kinds: &[&str], region: Option<&str>) -> Vec<String> {
        if let (Some(first), false) = (kinds.first(), self.knows(kinds)) {
            return vec![format!("not asked: no call for {first} was made")];
        }
        let here = |of: &str| region.is_none_or(|r| r == of || of == GLOBAL);
        let found = kinds.iter().filter_map(|kind| self.gaps.get(*kind)).flatten();
        let mut causes: Vec<String> = found.filter(|(of, _)| here(of)).map(|(_, cause)| cause.clone()).collect();
        causes.sort();
        causes.dedup();
        causes
    }
}

/// A string attribute by the name Terraform gives it: `id` and `arn` of the resource, else argument, else fact of that name. Where the
/// import id is longer than what others name the thing by (`API/INTEGRATION`), its `id` is `facts.own_id`.
pub(super) fn attribute<'a>(resource: &'a Resource, attr: &str) -> Option<&'a str> {
    let own = |map: &'a super::Attrs, name: &str| map.get(name).and_then(Value::as_str);
    match attr {
        "id" => own(&resource.facts, "own_id").or(Some(&resource.id)),
        "arn" => resource.arn.as_deref().or_else(|| own(&resource.facts, attr)),
        _ => own(&resource.config, attr).or_else(|| own(&resource.facts, attr)).or(match attr {
            "name" => resource.name.as_deref(),
            _ => None,
        }),
    }
}

/// False where two parts of APIs belong to different ones: names and ids of stages, resources and the like are unique in their API
/// only.
fn may_share_api(a: &Resource, b: &Resource) -> bool {
    fn api(r: &Resource) -> Option<&str> {
        r.config.get("rest_api_id").or_else(|| r.config.get("api_id"))?.as_str()
    }
    match (api(a), api(b)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
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
            r.account == from.account && (r.region == from.region || r.region == GLOBAL) && may_share_api(from, r)
        };
        if let Some(i) = found.iter().find(place) {
            return Some(*i);
        }
        let unique = from.region == GLOBAL || references::is_unique_everywhere(kind, attr, value);
        match found.as_slice() {
            [only] if unique => Some(*only),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ACCOUNT, Build, estate_of, estate_without, listing, snapshot_of};
    use super::*;
    use crate::estate::{Outcome, OwnershipClass};
    use serde_json::json;

    #[test]
    fn parts_of_apis_find_their_own() {
        let stage =
            |api: &str| Build::new("aws_api_gateway_stage", &format!("{api}/live")).set("rest_api_id", api).set("stage_name", "live").get();
        let method = |api: &str| {
            Build::new("aws_api_gateway_method", &format!("{api}/res/GET")).set("rest_api_id", api).set("resource_id", "res").get()
        };
        let resource = |api: &str| {
            Build::new("aws_api_gateway_resource", &format!("{api}/res"))
                .set("rest_api_id", api)
                .set("parent_id", format!("root{api}"))
                .fact("own_id", "res")
                .get()
        };
        let api = |id: &str| Build::new("aws_api_gateway_rest_api", id).fact("root_resource_id", format!("root{id}")).get();
        let settings = Build::new("aws_api_gateway_method_settings", "b/live/*/*").set("rest_api_id", "b").set("stage_name", "live").get();
        let estate =
            estate_of(vec![api("a"), api("b"), stage("a"), stage("b"), method("a"), method("b"), resource("a"), resource("b"), settings]);
        assert_eq!(leads_to(&estate, "b/live/*/*", "config.stage_name"), ("b/live".into(), "stage_name".into()));
        assert_eq!(leads_to(&estate, "b/res/GET", "config.resource_id"), ("b/res".into(), "id".into()));
        assert_eq!(leads_to(&estate, "a/res", "config.parent_id"), ("a".into(), "root_resource_id".into()));
    }

    #[test]
    fn what_apis_and_permissions_name() {
        let estate = estate_of(vec![
            Build::new("aws_lambda_function", "orders")
                .set("function_name", "orders")
                .fact("invoke_arn", "arn:aws:apigateway:eu-west-3:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-3:123456789012:function:orders/invocations")
                .get(),
            Build::new("aws_apigatewayv2_api", "a1").fact("execution_arn", "arn:aws:execute-api:eu-west-3:123456789012:a1").get(),
            Build::new("aws_apigatewayv2_integration", "a1/i1")
                .set("api_id", "a1")
                .set("integration_uri", "https://elsewhere.example/x")
                .fact("own_id", "i1")
                .get(),
            Build::new("aws_apigatewayv2_route", "a1/r1").set("api_id", "a1").set("target", "integrations/i1").get(),
            Build::new("aws_lambda_permission", "orders/api")
                .set("function_name", "orders")
                .set("source_arn", "arn:aws:execute-api:eu-west-3:123456789012:a1/*/GET/orders")
                .get(),
        ]);
        assert_eq!(leads_to(&estate, "a1/r1", "config.target"), ("a1/i1".into(), "id".into()));
        assert_eq!(leads_to(&estate, "orders/api", "config.source_arn"), ("a1".into(), "execution_arn".into()));
        let integration = get(&estate, "a1/i1");
        assert!(estate.references(integration).iter().all(|r| r.path != "config.integration_uri"), "an address is no reference");
    }

    fn get<'a>(estate: &'a Estate, id: &str) -> &'a Resource {
        estate.resources().iter().find(|r| r.id == id).unwrap_or_else(|| panic!("no {id}"))
    }

    fn outside(estate: &Estate, id: &str, path: &str) -> (String, String) {
        match &estate.references(get(estate, id)).iter().find(|r| r.path == path).unwrap_or_else(|| panic!("no {path}")).target {
            Target::Outside { kind, reason } => (kind.clone(), reason.clone()),
            Target::Inside { .. } => panic!("{path} is inside"),
        }
    }

    fn leads_to(estate: &Estate, id: &str, path: &str) -> (String, String) {
        let reference = estate.references(get(estate, id)).iter().find(|r| r.path == path).unwrap_or_else(|| panic!("no {path}"));
        match &reference.target {
            Target::Inside { index, attribute } => (estate.resources()[*index].id.clone(), attribute.clone()),
            Target::Outside { reason, .. } => panic!("{path}: {reason}"),
        }
    }

    #[test]
    fn look_ups() {
        let estate = estate_of(vec![
            Build::new("aws_key_pair", "deploy").set("key_name", "deploy").region("us-east-1").get(),
            Build::new("aws_key_pair", "deploy").set("key_name", "deploy").get(),
            Build::new("aws_default_vpc", "vpc-1").arn("arn:aws:ec2:eu-west-3:123456789012:vpc/vpc-1").get(),
            Build::new("aws_instance", "i-1").get(),
        ]);
        let instance = get(&estate, "i-1");
        assert_eq!(estate.find_near(instance, "aws_key_pair", "key_name", "deploy").unwrap().region, "eu-west-3");
        assert_eq!(estate.find("aws_vpc", "id", "vpc-1").unwrap().kind, "aws_default_vpc");
        assert_eq!(estate.by_arn("arn:aws:ec2:eu-west-3:123456789012:vpc/vpc-1").unwrap().id, "vpc-1");
        assert!(estate.find("aws_vpc", "id", "vpc-2").is_none());
        let copy = instance.clone();
        assert_eq!(estate.index_of(&copy), estate.index_of(instance));
        assert_eq!(estate.index_of(&Resource::new("aws_instance", ACCOUNT, "eu-west-3", "i-9")), None);
    }

    #[test]
    fn names_do_not_reach_over_regions() {
        let estate = estate_of(vec![
            Build::new("aws_key_pair", "deploy").set("key_name", "deploy").region("us-east-1").get(),
            Build::new("aws_instance", "i-1").set("key_name", "deploy").get(),
        ]);
        assert_eq!(outside(&estate, "i-1", "config.key_name").1, "no such aws_key_pair in the snapshot (deleted?)");
    }

    #[test]
    fn arguments_lists_blocks_and_maps() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:targetgroup/api/73e2d6bc24d8a067";
        let estate = estate_of(vec![
            Build::new("aws_default_subnet", "subnet-0123456789abcdef0").get(),
            Build::new("aws_security_group", "sg-1").get(),
            Build::new("aws_default_security_group", "sg-2").get(),
            Build::new("aws_instance", "i-1")
                .set("subnet_id", "subnet-0123456789abcdef0")
                .set("vpc_security_group_ids", json!(["sg-1", "sg-2"]))
                .get(),
            Build::new("aws_lb_target_group", arn).arn(arn).fact("arn_suffix", "targetgroup/api/73e2d6bc24d8a067").get(),
            Build::new("aws_lb_listener", "listener").set("default_action", json!([{"target_group_arn": arn, "type": "forward"}])).get(),
            Build::new("aws_cloudwatch_metric_alarm", "cpu")
                .set("dimensions", json!({"InstanceId": "i-1", "TargetGroup": "targetgroup/api/73e2d6bc24d8a067"}))
                .get(),
            Build::new("aws_wafv2_ip_set", "set").arn("arn:aws:wafv2:eu-west-3:123456789012:regional/ipset/office/1").get(),
            Build::new("aws_wafv2_web_acl", "acl")
                .set(
                    "rule",
                    json!([{"name": "a", "statement": [{"not_statement": [{"statement": [{"ip_set_reference_statement":
                        [{"arn": "arn:aws:wafv2:eu-west-3:123456789012:regional/ipset/office/1"}]}]}]}]}]),
                )
                .get(),
        ]);
        let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
        assert_eq!(leads_to(&estate, "i-1", "config.subnet_id"), pair("subnet-0123456789abcdef0", "id"));
        assert_eq!(leads_to(&estate, "i-1", "config.vpc_security_group_ids.1"), pair("sg-2", "id"));
        assert_eq!(leads_to(&estate, "listener", "config.default_action.0.target_group_arn"), pair(arn, "arn"));
        assert_eq!(leads_to(&estate, "cpu", "config.dimensions.InstanceId"), pair("i-1", "id"));
        assert_eq!(leads_to(&estate, "cpu", "config.dimensions.TargetGroup"), pair(arn, "arn_suffix"));
        let deep = "config.rule.0.statement.0.not_statement.0.statement.0.ip_set_reference_statement.0.arn";
        assert_eq!(leads_to(&estate, "acl", deep), pair("set", "arn"));
        for (r, list) in estate.resources().iter().zip(&estate.references) {
            assert!(list.iter().all(|x| r.str(&x.path).is_some_and(|v| v.contains(&x.value))), "{}", r.id);
        }
        let users: Vec<&str> = estate
            .referrers(get(&estate, "sg-1"))
            .into_iter()
            .map(|(r, path)| {
                assert_eq!(path, "config.vpc_security_group_ids.0");
                r.id.as_str()
            })
            .collect();
        assert_eq!(users, ["i-1"]);
    }

    #[test]
    fn arns_in_policies_and_with_endings() {
        let bucket = "arn:aws:s3:::exo-sport-live";
        let topic = "arn:aws:sns:eu-west-3:123456789012:alerts";
        let group = "arn:aws:logs:eu-west-3:123456789012:log-group:trail";
        let policy = json!({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject",
            "Resource": ["arn:aws:s3:::exo-sport-live/*", "arn:aws:s3:::exo-sport-live", "arn:aws:s3:::elsewhere/*"]}]});
        let own = json!({"Statement": [{"Effect": "Allow", "Action": "sns:Publish", "Resource": topic}]});
        let estate = estate_of(vec![
            Build::new("aws_s3_bucket", "exo-sport-live").arn(bucket).get(),
            Build::new("aws_iam_policy", "policy").region("global").set("policy", policy.to_string()).get(),
            Build::new("aws_sns_topic", topic).arn(topic).set("policy", own.to_string()).get(),
            Build::new("aws_cloudwatch_log_group", "trail").arn(group).get(),
            Build::new("aws_cloudtrail", "t").set("cloud_watch_logs_group_arn", format!("{group}:*")).get(),
        ]);
        let references = estate.references(get(&estate, "policy"));
        assert_eq!(references.len(), 1, "{references:?}");
        assert_eq!((references[0].path.as_str(), references[0].value.as_str()), ("config.policy", bucket));
        assert!(estate.references(get(&estate, topic)).is_empty(), "a topic does not refer to itself");
        let trail = &estate.references(get(&estate, "t"))[0];
        assert_eq!(trail.value, group);
        assert!(trail.target.index().is_some());
    }

    #[test]
    fn what_lies_outside_has_a_reason() {
        let estate = estate_of(vec![
            Build::new("aws_db_instance", "exo-live")
                .set("parameter_group_name", "default.postgres16")
                .set("option_group_name", "default:postgres-16")
                .set("kms_key_id", "arn:aws:kms:eu-west-3:123456789012:key/0a1b2c3d-0000-0000-0000-000000000000")
                .set("monitoring_role_arn", "arn:aws:iam::210987654321:role/monitoring")
                .set("db_subnet_group_name", "gone")
                .get(),
            Build::new("aws_ebs_volume", "vol-1").set("kms_key_id", "alias/aws/ebs").get(),
            Build::new("aws_instance", "i-1").set("ami", "ami-0123456789abcdef0").get(),
            Build::new("aws_iam_user_policy_attachment", "a")
                .region("global")
                .set("policy_arn", "arn:aws:iam::aws:policy/AdministratorAccess")
                .get(),
            Build::new("aws_cloudwatch_metric_alarm", "cpu")
                .set(
                    "alarm_actions",
                    json!([
                        "arn:aws:automate:eu-west-3:ec2:recover",
                        "arn:aws:sns:eu-west-3:123456789012:gone",
                        "arn:aws:sns:us-east-2:123456789012:far"
                    ]),
                )
                .get(),
            Build::new("aws_lb_target_group_attachment", "ip").set("target_id", "10.0.1.17").get(),
            Build::new("aws_cloudfront_distribution", "E1")
                .region("global")
                .set("origin", json!([{"domain_name": "www.example.org"}, {"domain_name": "gone.s3.eu-west-3.amazonaws.com"}]))
                .set("default_cache_behavior", json!([{"cache_policy_id": "658327ea-f89d-4fab-a63d-7e88639e58f6"}]))
                .get(),
        ]);
        let reason = |id: &str, path: &str| outside(&estate, id, path).1;
        assert_eq!(reason("exo-live", "config.parameter_group_name"), "a parameter group that AWS keeps");
        assert_eq!(reason("exo-live", "config.option_group_name"), "an option group that AWS keeps");
        assert_eq!(reason("exo-live", "config.kms_key_id"), "no such aws_kms_key in the snapshot (deleted?)");
        assert_eq!(reason("exo-live", "config.monitoring_role_arn"), "in another account, 210987654321");
        assert_eq!(reason("exo-live", "config.db_subnet_group_name"), "no such aws_db_subnet_group in the snapshot (deleted?)");
        assert_eq!(reason("vol-1", "config.kms_key_id"), "a key that AWS keeps");
        assert!(reason("i-1", "config.ami").starts_with("an image this account does not own"));
        assert_eq!(reason("a", "config.policy_arn"), "a policy that AWS keeps");
        assert_eq!(outside(&estate, "cpu", "config.alarm_actions.1").0, "aws_sns_topic");
        assert_eq!(reason("cpu", "config.alarm_actions.2"), "in us-east-2, a region that was not scanned");
        let paths = |id: &str| estate.references(get(&estate, id)).iter().map(|r| r.path.clone()).collect::<Vec<_>>();
        assert_eq!(paths("cpu"), ["config.alarm_actions.1", "config.alarm_actions.2"], "a built-in action names no thing");
        assert_eq!(paths("ip"), Vec::<String>::new(), "an address names no thing");
        assert_eq!(
            paths("E1"),
            ["config.default_cache_behavior.0.cache_policy_id", "config.origin.1.domain_name"],
            "a foreign host is no reference"
        );
        assert_eq!(reason("E1", "config.default_cache_behavior.0.cache_policy_id"), "a policy that AWS keeps");
    }

    #[test]
    fn a_denied_listing_is_the_reason() {
        let instance = Build::new("aws_instance", "i-1").set("key_name", "deploy").get();
        let estate = estate_without(vec![instance.clone()], "ec2:DescribeKeyPairs", Outcome::Denied, &["aws_key_pair"]);
        let reason = outside(&estate, "i-1", "config.key_name").1;
        assert_eq!(reason, "not in the snapshot: listing incomplete because denied: ec2:DescribeKeyPairs in eu-west-3");
        assert_eq!(estate.incomplete("aws_key_pair", Some("eu-west-3")).len(), 1);
        assert_eq!(estate.incomplete("aws_key_pair", Some("us-east-1")), Vec::<String>::new());
        assert_eq!(estate.incomplete("aws_instance", None), Vec::<String>::new());
        let mut unasked = snapshot_of(vec![instance]);
        unasked.ledger = vec![listing("ec2:DescribeInstances", Outcome::Done, &["aws_instance"])];
        let estate = Estate::new(unasked);
        assert_eq!(outside(&estate, "i-1", "config.key_name").1, "this scan did not read aws_key_pair");
        assert_eq!(estate.incomplete("aws_key_pair", None), ["not asked: no call for aws_key_pair was made"]);
    }

    #[test]
    fn a_vpc_knows_what_it_was_made_with() {
        let estate = estate_of(vec![
            Build::new("aws_vpc", "vpc-1").get(),
            Build::new("aws_default_route_table", "vpc-1").set("default_route_table_id", "rtb-1").get(),
            Build::new("aws_default_network_acl", "acl-1").fact("vpc_id", "vpc-1").set("default_network_acl_id", "acl-1").get(),
        ]);
        let table = estate.find("aws_default_route_table", "id", "vpc-1").unwrap();
        let reference = &estate.references(table)[0];
        assert!(matches!(&reference.target, Target::Inside { attribute, .. } if attribute == "default_route_table_id"));
        let acl = &estate.references(get(&estate, "acl-1"))[0];
        assert_eq!(estate.target(acl).unwrap().kind, "aws_vpc");
    }

    #[test]
    fn related_goes_through_what_only_joins() {
        let lb = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/api/1";
        let group = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:targetgroup/api/1";
        let estate = estate_of(vec![
            Build::new("aws_lb", lb).arn(lb).get(),
            Build::new("aws_lb_listener", "l")
                .arn("arn:l")
                .set("load_balancer_arn", lb)
                .set("default_action", json!([{"target_group_arn": group}]))
                .get(),
            Build::new("aws_lb_target_group", group).arn(group).get(),
            Build::new("aws_lb_target_group_attachment", "a").set("target_group_arn", group).set("target_id", "i-1").get(),
            Build::new("aws_instance", "i-1").fact("vpc_id", "vpc-1").set("subnet_id", "subnet-1").get(),
            Build::new("aws_instance", "i-2").fact("vpc_id", "vpc-1").set("subnet_id", "subnet-1").get(),
            Build::new("aws_default_subnet", "subnet-1").get(),
            Build::new("aws_default_vpc", "vpc-1").get(),
        ]);
        let ids = |id: &str, kind: &str| estate.related(get(&estate, id), kind).into_iter().map(|r| r.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(lb, "aws_instance"), ["i-1"]);
        assert_eq!(ids("i-1", "aws_lb"), [lb]);
        assert_eq!(ids("i-1", "aws_subnet"), ["subnet-1"]);
        assert_eq!(ids("i-1", "aws_vpc"), ["vpc-1"]);
        assert_eq!(ids("subnet-1", "aws_instance"), ["i-1", "i-2"]);
        assert_eq!(ids("i-2", "aws_lb"), Vec::<String>::new(), "a subnet is no joint");
    }

    /// A linear way through 10,000 resources takes a fraction of a second, a quadratic one minutes: this test would not end.
    #[test]
    fn ten_thousand_resources() {
        let mut all = vec![
            Build::new("aws_vpc", "vpc-0000000000000001").name("live").get(),
            Build::new("aws_internet_gateway", "igw-1").set("vpc_id", "vpc-0000000000000001").get(),
            Build::new("aws_security_group", "sg-hub").set("name", "hub").set("vpc_id", "vpc-0000000000000001").get(),
            Build::new("aws_subnet", "subnet-1").set("vpc_id", "vpc-0000000000000001").get(),
            Build::new("aws_default_route_table", "vpc-0000000000000001").set("default_route_table_id", "rtb-1").get(),
            Build::new("aws_route", "r")
                .set("route_table_id", "rtb-1")
                .set("destination_cidr_block", "0.0.0.0/0")
                .set("gateway_id", "igw-1")
                .get(),
            Build::new("aws_default_network_acl", "acl-1").fact("vpc_id", "vpc-0000000000000001").get(),
        ];
        for n in 0..2500 {
            all.push(
                Build::new("aws_instance", &format!("i-{n}"))
                    .set("subnet_id", "subnet-1")
                    .set("vpc_security_group_ids", json!(["sg-hub"]))
                    .set("ami", "ami-0123456789abcdef0")
                    .fact("root_volume_id", format!("vol-{n}"))
                    .fact("vpc_id", "vpc-0000000000000001")
                    .fact("public_ip", "198.51.100.1")
                    .get(),
            );
            all.push(Build::new("aws_ebs_volume", &format!("vol-{n}")).set("kms_key_id", "alias/aws/ebs").get());
            all.push(
                Build::new("aws_vpc_security_group_ingress_rule", &format!("sgr-{n}"))
                    .set("security_group_id", "sg-hub")
                    .set("ip_protocol", "tcp")
                    .set("from_port", n)
                    .set("to_port", n)
                    .set("cidr_ipv4", if n < 20 { "0.0.0.0/0" } else { "10.0.0.0/8" })
                    .get(),
            );
            all.push(
                Build::new("aws_cloudwatch_metric_alarm", &format!("alarm-{n}"))
                    .set("dimensions", json!({"InstanceId": format!("i-{n}")}))
                    .get(),
            );
        }
        let estate = estate_of(all);
        assert_eq!(estate.referrers(get(&estate, "sg-hub")).len(), 5000);
        let mut children = 0;
        for resource in estate.resources() {
            estate.exposure(resource);
            estate.related(resource, "aws_lb");
            children += usize::from(resource.ownership.class == OwnershipClass::Child);
        }
        assert_eq!(children, 2500);
        assert!(
            estate.resources().iter().filter(|r| r.kind == "aws_instance").all(|r| estate.environment(r).is_some_and(|e| e.name == "live"))
        );
    }
}
