//! Terraform: naming, layout, HCL, imports, and the proof by a real plan.
//!
//! [`generate`] is a pure function of an estate: select what can be under code, spread it over roots, name it, write each resource
//! down to what a person would write, fold look-alikes, turn ids into references, lay it out in files. `docs/terraform.md` tells why.

pub mod also;
mod body;
mod documents;
mod elsewhere;
mod fold;
pub mod hcl;
mod heal;
mod healed;
mod layout;
mod names;
mod naming;
mod roots;
mod select;
pub mod verify;

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use crate::error::Error;
use crate::estate::resource::GLOBAL;
use crate::estate::{Estate, Key, OwnershipClass, Resource};
use also::Lesson;
use elsewhere::Elsewhere;
use fold::{Member, Unit};
use hcl::{Item, Link, Resolved};
pub use healed::FILE as HEALED;
use healed::Register;
use names::{Keys, Names};
pub use roots::Layout;
use roots::Root;
use select::Selection;
pub use verify::{Proof, VerifyOptions, verify, verify_with};

/// Options of [`generate`].
#[derive(Debug, Clone, Default)]
pub struct GenerateOptions {
    /// Text of the `names.yaml` of an earlier run, perhaps edited since.
    pub names: Option<String>,
    /// Text of the `healed.yaml` that `verify --heal` wrote.
    pub healed: Option<String>,
    /// How resources are spread over roots.
    pub layout: Layout,
    /// What plans taught about single resources.
    pub lessons: BTreeMap<Key, Lesson>,
}

/// A generated tree of files, in memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tree {
    /// Text by relative path.
    pub files: BTreeMap<String, String>,
    /// Numbers about it.
    pub stats: Stats,
}

/// Numbers about a tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    /// Resources that are imported.
    pub resources: usize,
    /// `resource` blocks; fewer than resources where look-alikes share one.
    pub blocks: usize,
    /// Lines of those blocks, comments and empty lines included.
    pub lines: usize,
    /// Resources left out.
    pub left_out: usize,
    /// Places that refer to another resource by reference.
    pub references: usize,
    /// Places where an id stays, each with its reason beside it or in a comment.
    pub literals: usize,
    /// `ignore_changes` entries.
    pub ignored: usize,
    /// Folders in which terraform is run.
    pub roots: usize,
}

impl Stats {
    /// Share of references among all places that name another resource, 0 to 1; 1 where there is none.
    pub fn reference_share(&self) -> f64 {
        let all = self.references + self.literals;
        // Counts stay far below 2^52.
        #[allow(clippy::cast_precision_loss)]
        if all == 0 { 1.0 } else { self.references as f64 / all as f64 }
    }
}

/// Everything about one root that the files are written from.
struct RootCode<'a> {
    root: &'a Root,
    units: Vec<Unit>,
    /// Address by position in the estate.
    addresses: BTreeMap<usize, String>,
    /// Main region, and the others by alias.
    region: String,
    aliases: BTreeMap<String, String>,
    /// What it uses and another root or state holds.
    elsewhere: Elsewhere,
}

/// Where a resource is written: root, and address in it.
type Places = BTreeMap<usize, (usize, String)>;

/// Writes an estate as Terraform.
///
/// # Errors
/// [`Error::input`] when `names.yaml` or `healed.yaml` cannot be read.
pub fn generate(estate: &Estate, options: &GenerateOptions) -> Result<Tree, Error> {
    let names = match &options.names {
        Some(text) => Names::parse(text, "names.yaml")?,
        None => Names::default(),
    };
    let healed = match &options.healed {
        Some(text) => healed::parse(text, healed::FILE)?,
        None => Vec::new(),
    };
    let healed = Register::new(healed);
    let selection = select::select(estate, &options.lessons);
    let (roots, why) = roots::spread(estate, &selection, options.layout);
    let keys = Keys::new(selection.written.iter().map(|i| &estate.resources()[*i]));
    for root in &roots {
        names.check(root.members.iter().map(|i| &estate.resources()[*i]), &keys, "names.yaml")?;
    }
    let mut tree = Tree::default();
    tree.stats.left_out = selection.left_out.len();
    tree.stats.roots = roots.len();
    let mut codes: Vec<RootCode> = roots.iter().map(|root| code(estate, root, (&names, &keys), &healed, &options.lessons)).collect();
    let places: Places = codes
        .iter()
        .enumerate()
        .flat_map(|(i, c)| c.addresses.iter().map(move |(index, address)| (*index, (i, address.clone()))))
        .collect();
    let mut now: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for code in &mut codes {
        link(estate, &selection, &roots, &places, code, &mut tree.stats);
        for (index, address) in &code.addresses {
            let resource = &estate.resources()[*index];
            let name = address.strip_prefix(&format!("{}.", resource.kind)).unwrap_or(address);
            now.entry(resource.kind.clone()).or_default().insert(keys.of(resource), name.into());
        }
    }
    let moved = names.renames(&now);
    for code in &codes {
        layout::write(estate, code, &moved, &mut tree);
    }
    tree.files.insert("names.yaml".into(), names::write(&now, &moved));
    tree.files.insert("LEFT_OUT.md".into(), documents::left_out(estate, &selection));
    let readme = documents::readme(estate, &codes, &selection, &tree.stats, &why);
    tree.files.insert("README.md".into(), readme);
    Ok(tree)
}

/// Names, bodies and blocks of one root.
fn code<'a>(
    estate: &Estate,
    root: &'a Root,
    (names, keys): (&Names, &Keys),
    healed: &Register,
    lessons: &BTreeMap<Key, Lesson>,
) -> RootCode<'a> {
    let resources = estate.resources();
    let (region, aliases) = regions(estate, root);
    let mut cut: Vec<String> = Vec::new();
    let all = resources.iter().filter(|r| !r.is_pseudo() && matches!(r.ownership.class, OwnershipClass::Ours | OwnershipClass::Managed));
    cut.extend(naming::project_word(all.filter_map(|r| r.name.as_deref())));
    if let Some(environment) = &root.environment {
        cut.extend(naming::words(environment));
        let said_otherwise: &[&str] = match environment.as_str() {
            "live" => &["production", "prod", "prd"],
            "staging" => &["stage", "stg"],
            "development" => &["dev", "develop"],
            _ => &[],
        };
        cut.extend(said_otherwise.iter().map(|w| (*w).to_string()));
    }
    let given: BTreeMap<usize, &str> =
        root.members.iter().filter_map(|i| keys.find(&names.names, &resources[*i]).map(|n| (*i, n.as_str()))).collect();
    let plain = given.iter().filter(|(_, n)| names::split(n).1.is_none()).map(|(i, n)| (*i, (*n).to_string())).collect();
    let named = naming::Namer::new(estate, &root.members, cut, plain).names();
    let none = Lesson::default();
    let members = named
        .into_iter()
        .map(|(index, named)| {
            let resource = &resources[index];
            let mut body = body::build(estate, resource, healed, lessons.get(&resource.key()).unwrap_or(&none));
            let home = home_region(resource, &region);
            body.provider = (home != region).then(|| aliases.get(&home).cloned()).flatten();
            let given = given.get(&index).map(|name| match names::split(name) {
                (base, Some(key)) => Some((base.to_string(), key)),
                (_, None) => None,
            });
            Member { index, kind: resource.kind.clone(), named, given, body }
        })
        .collect();
    let mut units = fold::fold(members);
    layout::sort(estate, &mut units);
    let mut addresses = BTreeMap::new();
    for unit in &units {
        for (index, key) in &unit.members {
            let base = format!("{}.{}", unit.kind, unit.name);
            let address = key.as_ref().map_or(base.clone(), |key| format!("{base}[{}]", hcl::quote(key)));
            addresses.insert(*index, address);
        }
    }
    RootCode { root, units, addresses, region, aliases, elsewhere: Elsewhere::default() }
}

/// The region most of the root's regional resources live in, and an alias for each of the others.
fn regions(estate: &Estate, root: &Root) -> (String, BTreeMap<String, String>) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for index in &root.members {
        let home = home_region(&estate.resources()[*index], "");
        if !home.is_empty() {
            *count.entry(home).or_default() += 1;
        }
    }
    let main = count.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0))).map(|(r, _)| r.clone());
    let fallback = || estate.snapshot().meta.regions.first().cloned().unwrap_or_else(|| "us-east-1".into());
    let main = main.unwrap_or_else(fallback);
    count.remove(&main);
    let aliases = count.into_keys().map(|r| (r.clone(), r.replace('-', "_"))).collect();
    (main, aliases)
}

/// The region whose provider reaches a resource; `main` for global ones.
fn home_region(resource: &Resource, main: &str) -> String {
    if resource.region != GLOBAL {
        return resource.region.clone();
    }
    // ACLs of CloudFront are global to people, and live in this region to the API.
    if resource.kind.starts_with("aws_wafv2_") { "us-east-1".into() } else { main.into() }
}

/// Turns links into references, or leaves the id with the reason.
fn link(estate: &Estate, selection: &Selection, roots: &[Root], places: &Places, code: &mut RootCode, stats: &mut Stats) {
    let circles = circles(&code.units);
    let unit_of: BTreeMap<usize, usize> =
        code.units.iter().enumerate().flat_map(|(u, unit)| unit.members.iter().map(move |(i, _)| (*i, u))).collect();
    let addresses = &code.addresses;
    let elsewhere = &mut code.elsewhere;
    let mut resolved = 0;
    let mut literal = 0;
    for (u, unit) in code.units.iter_mut().enumerate() {
        literal += unit.body.outside;
        let mut decide = |link: &Link, _inside: bool| -> Resolved {
            if let Some(address) = addresses.get(&link.to) {
                if unit_of.get(&link.to).is_some_and(|to| circles.contains(&(u, *to))) {
                    literal += 1;
                    return Resolved::Literal(Some(format!("{address}; a reference would close a circle")));
                }
                resolved += 1;
                return Resolved::Raw(format!("{address}.{}", link.attribute));
            }
            let target = &estate.resources()[link.to];
            let left_out = selection.left_out.get(&link.to).map(|why| why.reason.as_str()).unwrap_or_default();
            if let Some((other, address)) = places.get(&link.to) {
                let called = address.split_once('.').map_or(address.as_str(), |(_, name)| name);
                let root = &roots[*other].folder;
                let reason = format!("{address}, in the root `{root}`");
                resolved += 1;
                return Resolved::Raw(format!("local.{}", elsewhere.name(link, target, called, Some(root), &reason)));
            }
            if target.ownership.class == OwnershipClass::Managed {
                let reason = format!("{} {}: {left_out}", target.kind, target.label());
                resolved += 1;
                return Resolved::Raw(format!("local.{}", elsewhere.name(link, target, target.label(), None, &reason)));
            }
            literal += 1;
            let colon = if left_out.is_empty() { "" } else { ": " };
            Resolved::Literal(Some(format!("{} {}{colon}{left_out}", target.kind, target.label())))
        };
        resolve_unit(unit, &mut decide);
        sort_sets(unit);
    }
    stats.references += resolved;
    stats.literals += literal;
}

/// References in a set stand in the order of their names.
fn sort_sets(unit: &mut Unit) {
    let Some(schema) = crate::schema::provider().resource(&unit.kind) else { return };
    for item in &mut unit.body.arguments {
        if let Item::Attribute { name, value: hcl::Expr::List(elements), .. } = item
            && matches!(schema.attributes.get(name).map(|a| &a.ty), Some(crate::schema::Type::Set(_)))
        {
            elements.sort_by_key(|e| match &e.value {
                hcl::Expr::Raw(text) => (false, text.clone()),
                hcl::Expr::Text(text) => (true, text.clone()),
                _ => (true, String::new()),
            });
        }
    }
}

fn resolve_unit(unit: &mut Unit, decide: &mut dyn FnMut(&Link, bool) -> Resolved) {
    hcl::resolve(&mut unit.body.arguments, decide);
    for block in &mut unit.body.blocks {
        hcl::resolve(&mut block.body, decide);
    }
    if let Some(for_each) = unit.for_each.take() {
        let mut item = [Item::Attribute { name: String::new(), value: for_each, note: None }];
        hcl::resolve(&mut item, decide);
        if let [Item::Attribute { value, .. }] = item {
            unit.for_each = Some(value);
        }
    }
}

/// Pairs of blocks (from, to) whose references must stay ids, so that no circle is left. References inside longer texts and
/// documents go first: they read well as an ARN.
fn circles(units: &[Unit]) -> BTreeSet<(usize, usize)> {
    let unit_of: BTreeMap<usize, usize> =
        units.iter().enumerate().flat_map(|(u, unit)| unit.members.iter().map(move |(i, _)| (*i, u))).collect();
    // (from, to) → whether a plain argument is among the references.
    let mut edges: BTreeMap<(usize, usize), bool> = BTreeMap::new();
    for (from, unit) in units.iter().enumerate() {
        resolve_unit(&mut unit.clone(), &mut |link, inside| {
            if let Some(to) = unit_of.get(&link.to) {
                *edges.entry((from, *to)).or_default() |= !inside;
            }
            Resolved::Literal(None)
        });
    }
    let mut cut: BTreeSet<(usize, usize)> = edges.keys().filter(|(a, b)| a == b).copied().collect();
    loop {
        let mut graph = DiGraph::<(), ()>::new();
        let nodes: Vec<_> = units.iter().map(|_| graph.add_node(())).collect();
        for (from, to) in edges.keys().filter(|e| !cut.contains(e)) {
            graph.add_edge(nodes[*from], nodes[*to], ());
        }
        let Some(circle) = tarjan_scc(&graph).into_iter().find(|c| c.len() > 1) else { return cut };
        let inside: BTreeSet<usize> = circle.into_iter().map(|n| n.index()).collect();
        let worst = edges
            .iter()
            .filter(|((a, b), _)| inside.contains(a) && inside.contains(b) && !cut.contains(&(*a, *b)))
            .min_by_key(|((a, b), plain)| (**plain, &units[*a].kind, &units[*a].name, &units[*b].kind, &units[*b].name));
        match worst {
            Some((edge, _)) => cut.insert(*edge),
            None => return cut,
        };
    }
}
