//! One root for the whole account, or one per environment: decided by what hangs together.

use std::collections::{BTreeMap, BTreeSet};

use super::naming;
use super::select::Selection;
use crate::estate::environment::GROUND;
use crate::estate::{Estate, Resource, Target};

/// How resources are spread over roots.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// By evidence.
    #[default]
    Auto,
    /// One root for everything.
    One,
    /// One root per environment, and one for what they share.
    PerEnvironment,
}

/// A folder in which `terraform` is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Folder within the tree; empty for the tree itself.
    pub folder: String,
    /// Environment whose name needs no repeating in names.
    pub environment: Option<String>,
    /// Positions in the estate.
    pub members: Vec<usize>,
}

/// Name of the root for what belongs to no single environment.
const SHARED: &str = "shared";

/// Resources that an environment without a network must have at least, to be a root of its own.
const ROOT: usize = 3;

/// Of so many resources of environments one may use a thing of another environment, and they still count as apart.
const APART: usize = 20;

/// Spreads the written resources over roots; also says why so.
pub fn spread(estate: &Estate, selection: &Selection, layout: Layout) -> (Vec<Root>, String) {
    let mut home = homes(estate, selection);
    let told: BTreeSet<String> = home.values().filter(|e| *e != SHARED).cloned().collect();
    if layout == Layout::Auto {
        few_are_shared(estate, &mut home);
    }
    let environments: BTreeSet<&str> = home.values().map(String::as_str).filter(|e| *e != SHARED).collect();
    let one = |why: &str| {
        let members = selection.written.iter().copied().collect();
        let only = told.first().filter(|_| told.len() == 1).cloned();
        (vec![Root { folder: String::new(), environment: only, members }], why.to_string())
    };
    if layout == Layout::One {
        return one("One root, as asked.");
    }
    if environments.len() < 2 {
        return one("One root: the account holds no two environments that could be told apart.");
    }
    let crossing = crossing(estate, &home);
    if layout == Layout::Auto {
        if let Some((resource, network)) = on_foreign_ground(estate, &home) {
            return one(&format!("One root: environments share a network ({} stands in {}).", label(resource), label(network)));
        }
        let parted = home.values().filter(|e| *e != SHARED).count();
        if let Some((from, to)) = crossing.first().filter(|_| crossing.len() * APART > parted) {
            let more = if crossing.len() > 1 { format!(", and {} more", crossing.len() - 1) } else { String::new() };
            return one(&format!("One root: environments are tied together ({} uses {}{more}).", label(from), label(to)));
        }
    }
    let mut roots: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, environment) in &home {
        roots.entry(environment).or_default().push(*index);
    }
    let mut why = format!("A root for each of {}, and `{SHARED}` for what belongs to none or to several.", list(&environments));
    if !crossing.is_empty() {
        let ties: Vec<String> = crossing.iter().map(|(from, to)| format!("{} uses {}", label(from), label(to))).collect();
        why += &format!(" From one environment into another leads only this: {}.", ties.join("; "));
    }
    let roots = roots
        .into_iter()
        .map(|(name, members)| {
            let folder = naming::identifier(&naming::words(name));
            let environment = (name != SHARED).then(|| name.to_string());
            Root { folder: if folder.is_empty() { "environment".into() } else { folder }, environment, members }
        })
        .collect();
    (roots, why)
}

/// An environment of one or two things without a network is none that anybody would keep a root for.
fn few_are_shared(estate: &Estate, home: &mut BTreeMap<usize, String>) {
    let with_network = with_network(estate, home);
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    for environment in home.values() {
        *sizes.entry(environment.clone()).or_default() += 1;
    }
    for environment in home.values_mut().filter(|e| sizes[*e] < ROOT && !with_network.contains(*e)) {
        *environment = SHARED.into();
    }
}

/// Environments that have a VPC, be it managed by another Terraform state.
fn with_network(estate: &Estate, home: &BTreeMap<usize, String>) -> BTreeSet<String> {
    let networks = estate.resources().iter().enumerate().filter(|(_, r)| r.kind == "aws_vpc");
    networks.filter_map(|(i, r)| home.get(&i).cloned().or_else(|| estate.environment(r).map(|e| e.name.clone()))).collect()
}

fn list(names: &BTreeSet<&str>) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

fn label(resource: &Resource) -> String {
    format!("{} {}", resource.kind, resource.label())
}

/// The environment of each written resource: its own, else that of what it belongs to.
fn homes(estate: &Estate, selection: &Selection) -> BTreeMap<usize, String> {
    let mut home: BTreeMap<usize, String> = BTreeMap::new();
    for index in &selection.written {
        if let Some(environment) = estate.environment(&estate.resources()[*index]) {
            home.insert(*index, environment.name.clone());
        }
    }
    // What has no environment of its own goes with what it names, if that is all one; three steps reach satellites of satellites.
    for _ in 0..3 {
        let mut found = Vec::new();
        for index in selection.written.iter().filter(|i| !home.contains_key(i)) {
            let targets: BTreeSet<&String> = estate
                .references(&estate.resources()[*index])
                .iter()
                .filter_map(|r| match r.target {
                    Target::Inside { index, .. } => home.get(&index),
                    Target::Outside { .. } => None,
                })
                .collect();
            if let (1, Some(only)) = (targets.len(), targets.first()) {
                found.push((*index, (*only).clone()));
            }
        }
        home.extend(found);
    }
    for index in &selection.written {
        home.entry(*index).or_insert_with(|| SHARED.into());
    }
    home
}

/// Something of an environment without a network of its own that stands in a network of others, and that network.
fn on_foreign_ground<'a>(estate: &'a Estate, home: &BTreeMap<usize, String>) -> Option<(&'a Resource, &'a Resource)> {
    let with_network = with_network(estate, home);
    for (index, environment) in home.iter().filter(|(_, e)| *e != SHARED && !with_network.contains(*e)) {
        let resource = &estate.resources()[*index];
        for to in estate.references(resource).iter().filter_map(|r| r.target.index()) {
            let target = &estate.resources()[to];
            if GROUND.contains(&target.kind.as_str()) && home.get(&to).is_some_and(|other| other != environment) {
                return Some((resource, target));
            }
        }
    }
    None
}

/// References from one environment into another, one for each pair of resources. What is shared is there to be used.
fn crossing<'a>(estate: &'a Estate, home: &BTreeMap<usize, String>) -> Vec<(&'a Resource, &'a Resource)> {
    let mut found = Vec::new();
    for (index, environment) in home.iter().filter(|(_, e)| *e != SHARED) {
        let resource = &estate.resources()[*index];
        let targets: BTreeSet<usize> = estate.references(resource).iter().filter_map(|r| r.target.index()).collect();
        let foreign = |to: &usize| home.get(to).is_some_and(|other| other != environment && other != SHARED);
        found.extend(targets.into_iter().filter(foreign).map(|to| (resource, &estate.resources()[to])));
    }
    found
}
