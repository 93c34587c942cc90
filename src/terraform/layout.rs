//! Blocks into files: by purpose, in sections, each thing followed by what belongs to it.

use std::collections::BTreeMap;

use super::body::is_long;
use super::fold::Unit;
use super::hcl::{self, Block, Element, Expr, Item};
use super::names::Moved;
use super::{RootCode, Tree};
use crate::estate::{Estate, Target};
use crate::schema::overlay::overlay;

/// Where types go that no line of the overlay names.
const OTHER: &str = "other";

/// What each adoption wave is.
pub const WAVES: &[(u8, &str)] = &[
    (1, "nothing in it can hurt: networks as they are, addresses, dashboards, account settings"),
    (2, "rules and permissions: security groups, identities, listeners, topics, log groups"),
    (3, "what serves users: instances, load balancers, distributions, functions"),
    (4, "what holds data: databases, buckets, volumes, keys, secrets; last, and each with its backup looked at first"),
];

/// Adoption wave of a type.
pub fn wave(kind: &str) -> u8 {
    match overlay(kind).kept.wave {
        0 => 3,
        wave => wave,
    }
}

/// File (without ending) and section of a type.
pub fn home(kind: &str) -> (&'static str, &'static str) {
    let kept = overlay(kind).kept;
    if kept.file.is_empty() { (OTHER, "Other") } else { (&kept.file, &kept.title) }
}

/// The order of sections: that of their first type in the overlay; then those that no line of it names, by heading.
fn section_order(kind: &str) -> (usize, &'static str) {
    let (file, title) = home(kind);
    (crate::schema::overlay::types().position(|k| home(k) == (file, title)).unwrap_or(usize::MAX), title)
}

/// Orders blocks by file, section, and within it each thing before what belongs to it.
pub fn sort(estate: &Estate, units: &mut Vec<Unit>) {
    let mut keyed: Vec<_> = {
        let unit_of: BTreeMap<usize, usize> =
            units.iter().enumerate().flat_map(|(u, unit)| unit.members.iter().map(move |(i, _)| (*i, u))).collect();
        (0..units.len())
            .map(|u| {
                let head = head(estate, units, &unit_of, u);
                let unit = &units[u];
                let first = (overlay(&units[head].kind).order, units[head].name.clone());
                let key = (home(&unit.kind).0, section_order(&unit.kind), first, u != head, overlay(&unit.kind).order, unit.name.clone());
                (key, u)
            })
            .collect()
    };
    keyed.sort();
    let mut slots: Vec<Option<Unit>> = units.drain(..).map(Some).collect();
    units.extend(keyed.into_iter().filter_map(|(_, u)| slots[u].take()));
}

/// The thing a block belongs to, within its section; itself when to none or to several.
fn head(estate: &Estate, units: &[Unit], unit_of: &BTreeMap<usize, usize>, start: usize) -> usize {
    let mut at = start;
    for _ in 0..4 {
        let unit = &units[at];
        let Some(first) = overlay(&unit.kind).kept.name.first() else { break };
        let path = format!("config.{first}");
        let parents: std::collections::BTreeSet<usize> = unit
            .members
            .iter()
            .filter_map(|(index, _)| {
                estate.references(&estate.resources()[*index]).iter().find_map(|r| match r.target {
                    Target::Inside { index, .. } if r.path == path => unit_of.get(&index).copied(),
                    _ => None,
                })
            })
            .collect();
        match parents.first() {
            Some(parent) if parents.len() == 1 && home(&units[*parent].kind) == home(&unit.kind) && *parent != at => at = *parent,
            _ => break,
        }
    }
    at
}

/// The block of a unit, and the files it reads.
pub fn resource(unit: &Unit, files: &mut BTreeMap<String, String>) -> Block {
    let body = &unit.body;
    let mut block = Block::new("resource", &[&unit.kind, &unit.name]);
    if let Some(for_each) = &unit.for_each {
        block.set("for_each", for_each.clone());
        block.body.push(Item::Gap);
    }
    if let Some(alias) = &body.provider {
        block.set("provider", Expr::Raw(format!("aws.{alias}")));
    }
    let names: BTreeMap<&str, String> = body
        .files
        .iter()
        .map(|file| {
            let own = format!("{}{}", unit.name, file.extension);
            let taken = |name: &str| files.get(name).is_some_and(|text| *text != file.text);
            let same =
                files.iter().find(|(name, text)| **text == file.text && name.ends_with(file.extension)).map(|(name, _)| name.clone());
            let name = if let Some(same) = same {
                same
            } else if taken(&own) {
                format!("{}_{own}", unit.kind.trim_start_matches("aws_"))
            } else {
                own
            };
            files.insert(name.clone(), file.text.clone());
            (file.argument.as_str(), name)
        })
        .collect();
    let mut long = Vec::new();
    for item in &body.arguments {
        let mut item = item.clone();
        if let Item::Attribute { name, value: Expr::Raw(text), .. } = &mut item
            && let Some(file) = names.get(name.as_str())
        {
            *text = text.replace(&format!("{{{name}}}"), file);
        }
        match &item {
            Item::Attribute { value, .. } if is_long(value) => long.push(item),
            _ => block.body.push(item),
        }
    }
    let gap = |block: &mut Block| {
        if !matches!(block.body.last(), None | Some(Item::Gap)) {
            block.body.push(Item::Gap);
        }
    };
    for item in long {
        gap(&mut block);
        block.body.push(item);
    }
    for nested in &body.blocks {
        gap(&mut block);
        block.body.push(Item::Block(nested.clone()));
    }
    if let Some(tags) = &body.tags {
        gap(&mut block);
        block.set("tags", tags.clone());
    }
    if body.protect || !body.ignore.is_empty() {
        gap(&mut block);
        let mut lifecycle = Block::new("lifecycle", &[]);
        if body.protect {
            lifecycle.set("prevent_destroy", true);
        }
        if !body.ignore.is_empty() {
            let items = body.ignore.iter().map(|(path, why)| Element { value: Expr::Raw(path.clone()), note: Some(why.clone()) });
            lifecycle.set("ignore_changes", Expr::List(items.collect()));
        }
        block.body.push(Item::Block(lifecycle));
    }
    block
}

/// Writes the files of one root into the tree.
pub fn write(estate: &Estate, code: &RootCode, moved: &[Moved], tree: &mut Tree) {
    let folder = if code.root.folder.is_empty() { String::new() } else { format!("{}/", code.root.folder) };
    let mut files: BTreeMap<&str, Vec<Item>> = BTreeMap::new();
    let mut scripts = BTreeMap::new();
    let mut section = "";
    for unit in &code.units {
        let (file, title) = home(&unit.kind);
        let items = files.entry(file).or_default();
        if items.is_empty() || section != title {
            if !items.is_empty() {
                items.push(Item::Gap);
            }
            items.push(Item::Comment(format!("---- {title}")));
            section = title;
        }
        items.push(Item::Gap);
        for note in &unit.body.notes {
            items.push(Item::Comment(note.clone()));
        }
        let block = resource(unit, &mut scripts);
        tree.stats.blocks += 1;
        tree.stats.resources += unit.members.len();
        tree.stats.ignored += unit.body.ignore.len();
        let item = Item::Block(block);
        tree.stats.lines += hcl::file(std::slice::from_ref(&item)).lines().count();
        items.push(item);
    }
    for (file, items) in files {
        tree.files.insert(format!("{folder}{file}.tf"), hcl::file(&items));
    }
    for (name, text) in scripts {
        tree.files.insert(format!("{folder}files/{name}"), text);
    }
    let mut put = |name: &str, items: Vec<Item>| {
        tree.files.insert(format!("{folder}{name}"), hcl::file(&items));
    };
    put("imports.tf", imports(estate, code));
    put("versions.tf", versions());
    put("providers.tf", providers(estate, code));
    put("variables.tf", variables(code));
    if !code.elsewhere.is_empty() {
        put("elsewhere.tf", code.elsewhere.file());
    }
    let outputs = outputs(code);
    if !outputs.is_empty() {
        put("outputs.tf", outputs);
    }
    let own: Vec<&Moved> = moved.iter().filter(|m| code.addresses.values().any(|a| *a == m.to)).collect();
    if !own.is_empty() {
        let blocks = own.iter().map(|m| {
            let mut block = Block::new("moved", &[]);
            block.set("from", Expr::Raw(m.from.clone())).set("to", Expr::Raw(m.to.clone()));
            Item::Block(block)
        });
        put("moved.tf", hcl::blocks(blocks));
    }
    tree.files.insert(format!("{folder}backend.tf"), backend(estate, code));
    tree.files.insert(format!("{folder}.gitignore"), ".terraform/\n*.tfstate\n*.tfstate.*\n*.tfplan\ncrash.log\n".into());
}

fn imports(estate: &Estate, code: &RootCode) -> Vec<Item> {
    let mut items = vec![Item::Comment(
        "Takes over what exists, by wave of adoption (see README.md). Once everything is in the state this file may go.".into(),
    )];
    for (number, about) in WAVES {
        let mut first = true;
        for unit in code.units.iter().filter(|u| wave(&u.kind) == *number) {
            for (index, _) in &unit.members {
                if std::mem::take(&mut first) {
                    items.push(Item::Gap);
                    items.push(Item::Comment(format!("---- Wave {number}: {about}")));
                }
                let Some(address) = code.addresses.get(index) else { continue };
                let mut block = Block::new("import", &[]);
                block.set("to", Expr::Raw(address.clone())).set("id", estate.resources()[*index].id.as_str());
                items.push(Item::Gap);
                items.push(Item::Block(block));
            }
        }
    }
    items
}

/// Which terraform and which provider the code is written for.
pub fn versions() -> Vec<Item> {
    let mut terraform = Block::new("terraform", &[]);
    terraform.set("required_version", ">= 1.7.0");
    terraform.body.push(Item::Gap);
    let mut providers = Block::new("required_providers", &[]);
    let entry = |key: &str, value: &str| hcl::Entry { key: key.into(), value: value.into(), note: None };
    providers.set("aws", Expr::Map(vec![entry("source", "hashicorp/aws"), entry("version", "~> 5.100")]));
    terraform.body.push(Item::Block(providers));
    vec![Item::Block(terraform)]
}

fn providers(estate: &Estate, code: &RootCode) -> Vec<Item> {
    let account = &estate.snapshot().meta.account;
    let provider = |alias: Option<&str>, region: Expr| {
        let mut block = Block::new("provider", &["aws"]);
        if let Some(alias) = alias {
            block.set("alias", alias);
        }
        block.set("region", region);
        if !account.is_empty() {
            block.set("allowed_account_ids", vec![Expr::from(account.as_str())]);
        }
        Item::Block(block)
    };
    let first = provider(None, Expr::Raw("var.region".into()));
    hcl::blocks(std::iter::once(first).chain(code.aliases.iter().map(|(region, alias)| provider(Some(alias), region.as_str().into()))))
}

fn variables(code: &RootCode) -> Vec<Item> {
    let mut region = Block::new("variable", &["region"]);
    region.set("description", "Region of everything that names no other.").set("type", Expr::Raw("string".into()));
    region.set("default", code.region.as_str());
    vec![Item::Block(region)]
}

/// What other people and other roots ask for.
fn outputs(code: &RootCode) -> Vec<Item> {
    const ASKED: &[(&str, &str, &str, &str)] = &[
        ("aws_vpc", "id", "vpc_ids", "VPCs by name."),
        ("aws_default_vpc", "id", "default_vpc_ids", "Default VPCs by name."),
        ("aws_eip", "public_ip", "elastic_ips", "Elastic IP addresses by name."),
        ("aws_lb", "dns_name", "load_balancer_dns_names", "DNS names of the load balancers by name."),
        ("aws_cloudfront_distribution", "domain_name", "distribution_domain_names", "Domain names of the distributions by name."),
        ("aws_db_instance", "endpoint", "database_endpoints", "Endpoints of the databases (host:port) by name."),
    ];
    let mut out = Vec::new();
    for (kind, attribute, name, description) in ASKED {
        let mut entries = Vec::new();
        let mut whole = Vec::new();
        for unit in code.units.iter().filter(|u| u.kind == *kind) {
            if unit.for_each.is_some() {
                whole.push(format!("{{ for key, value in {kind}.{} : key => value.{attribute} }}", unit.name));
            } else {
                let value = Expr::Raw(format!("{kind}.{}.{attribute}", unit.name));
                entries.push(hcl::Entry { key: unit.name.clone(), value, note: None });
            }
        }
        let value = match (entries.is_empty(), whole.as_slice()) {
            (true, []) => continue,
            (true, [only]) => Expr::Raw(only.clone()),
            (true, _) => Expr::Call("merge", whole.into_iter().map(Expr::Raw).collect()),
            (false, []) => Expr::Map(entries),
            (false, _) => Expr::Call("merge", std::iter::once(Expr::Map(entries)).chain(whole.into_iter().map(Expr::Raw)).collect()),
        };
        let mut block = Block::new("output", &[name]);
        block.set("description", *description).set("value", value);
        out.push(Item::Block(block));
    }
    hcl::blocks(out)
}

fn backend(estate: &Estate, code: &RootCode) -> String {
    let account = &estate.snapshot().meta.account;
    let key = if code.root.folder.is_empty() { "main" } else { &code.root.folder };
    format!(
        "# The state lives beside this file until a bucket for it exists: versioned, encrypted, closed to the public. Then take the
# comment signs away and run `terraform init -migrate-state`. `use_lockfile` needs Terraform or OpenTofu 1.10.
#
# terraform {{
#   backend \"s3\" {{
#     bucket       = {}
#     key          = {}
#     region       = {}
#     encrypt      = true
#     use_lockfile = true
#   }}
# }}
",
        hcl::quote(&format!("terraform-state-{account}")),
        hcl::quote(&format!("{key}/terraform.tfstate")),
        hcl::quote(&code.region),
    )
}
