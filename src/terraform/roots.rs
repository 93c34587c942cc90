//! One root for the whole account, or one per environment: decided by what hangs together.

use std::collections::{BTreeMap, BTreeSet};

use super::naming;
use super::select::Selection;
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

/// Spreads the written resources over roots; also says why so.
pub fn spread(estate: &Estate, selection: &Selection, layout: Layout) -> (Vec<Root>, String) {
    let home = homes(estate, selection);
    let environments: BTreeSet<&str> = home.values().map(String::as_str).filter(|e| *e != SHARED).collect();
    let one = |why: &str| {
        let members = selection.written.iter().copied().collect();
        let only = environments.first().filter(|_| environments.len() == 1).map(|e| (*e).to_string());
        (vec![Root { folder: String::new(), environment: only, members }], why.to_string())
    };
    if layout == Layout::One {
        return one("One root, as asked.");
    }
    if environments.len() < 2 {
        return one("One root: the account holds no two environments that could be told apart.");
    }
    if layout == Layout::Auto {
        let with_network: BTreeSet<&str> =
            home.iter().filter(|(i, _)| estate.resources()[**i].kind == "aws_vpc").map(|(_, e)| e.as_str()).collect();
        if let Some(without) = environments.iter().find(|e| !with_network.contains(*e)) {
            return one(&format!("One root: {} share a network ({without} has none of its own).", list(&environments)));
        }
        let crossing = crossing(estate, &home);
        if let Some((from, to)) = crossing {
            return one(&format!("One root: environments are tied together ({} uses {}).", label(from), label(to)));
        }
    }
    let mut roots: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, environment) in &home {
        roots.entry(environment).or_default().push(*index);
    }
    let why = format!("A root for each of {}, and `{SHARED}` for what belongs to none or to several.", list(&environments));
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

/// A reference from one environment into another.
fn crossing<'a>(estate: &'a Estate, home: &BTreeMap<usize, String>) -> Option<(&'a Resource, &'a Resource)> {
    for (index, environment) in home.iter().filter(|(_, e)| *e != SHARED) {
        let resource = &estate.resources()[*index];
        for reference in estate.references(resource) {
            if let Target::Inside { index: to, .. } = reference.target
                && home.get(&to).is_some_and(|other| other != environment)
            {
                return Some((resource, &estate.resources()[to]));
            }
        }
    }
    None
}
