//! Look-alikes share one block: three or more resources of a type that differ in a few values become one `for_each` with keys that
//! mean something. What differs in shape stays apart.

use std::collections::{BTreeMap, BTreeSet};

use super::body::Body;
use super::hcl::{Entry, Expr, Item};
use super::naming::{Named, identifier};
use crate::schema::overlay::overlay;

/// At least so many look-alikes share a block.
const FEWEST: usize = 3;
/// They differ in at most so many values.
const MOST_COLUMNS: usize = 4;

/// Arguments that hold what AWS calls a thing.
const NAMES: &[&str] = &["name", "alarm_name", "email_identity", "key_name", "function_name", "bucket"];

/// One resource on the way into the code.
#[derive(Debug, Clone)]
pub struct Member {
    /// Position in the estate.
    pub index: usize,
    /// Terraform type.
    pub kind: String,
    /// Its name, had it a block of its own.
    pub named: Named,
    /// Group and key that the user's names give it; `Some(None)` when they give it a name of its own.
    pub given: Option<Option<(String, String)>>,
    /// Its arguments.
    pub body: Body,
}

/// One block of code: one resource, or several look-alikes.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Terraform type.
    pub kind: String,
    /// Local name.
    pub name: String,
    /// Positions in the estate with the key of each; no key for a single one.
    pub members: Vec<(usize, Option<String>)>,
    /// The collection that `for_each` goes over.
    pub for_each: Option<Expr>,
    /// Arguments, blocks, lifecycle.
    pub body: Body,
}

/// Puts look-alikes together. The members of one root go in, in order.
pub fn fold(members: Vec<Member>) -> Vec<Unit> {
    let mut taken: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for member in &members {
        taken.entry(member.kind.clone()).or_default().insert(member.named.name.clone());
    }
    let mut groups: BTreeMap<(String, String), Vec<Member>> = BTreeMap::new();
    let mut units = Vec::new();
    for member in members {
        match signature(&member) {
            Some(signature) => groups.entry((member.kind.clone(), signature)).or_default().push(member),
            None => units.push(single(member)),
        }
    }
    for ((kind, _), group) in groups {
        let names = taken.entry(kind).or_default();
        match together(&group, names) {
            Some(unit) => {
                for member in &group {
                    names.remove(&member.named.name);
                }
                names.insert(unit.name.clone());
                units.push(unit);
            }
            None => units.extend(group.into_iter().map(single)),
        }
    }
    units
}

fn single(member: Member) -> Unit {
    Unit { kind: member.kind, name: member.named.name, members: vec![(member.index, None)], for_each: None, body: member.body }
}

/// What members of a group must have in common; `None` for what never folds.
fn signature(member: &Member) -> Option<String> {
    let by = overlay(&member.kind).kept.fold.as_ref()?;
    if matches!(member.given, Some(None)) || !member.body.files.is_empty() || !member.body.notes.is_empty() {
        return None;
    }
    let mut leaves = Vec::new();
    let mut shape = String::new();
    let items = items(&member.body);
    walk(&items, "", &mut shape, &mut leaves);
    let parts: Vec<String> =
        by.iter().map(|argument| leaves.iter().find(|(p, _)| p == argument).map(|(_, e)| format!("{e:?}")).unwrap_or_default()).collect();
    let group = member.given.as_ref().and_then(|g| g.as_ref()).map(|(group, _)| group.clone()).unwrap_or_default();
    Some(format!("{shape}|{parts:?}|{:?}|{:?}|{}|{group}", member.body.provider, member.body.ignore, member.body.protect))
}

fn items(body: &Body) -> Vec<Item> {
    let mut out = body.arguments.clone();
    if let Some(tags) = &body.tags {
        out.push(Item::Attribute { name: "tags".into(), value: tags.clone(), note: None });
    }
    out.extend(body.blocks.iter().cloned().map(Item::Block));
    out
}

/// The shape of the items, and their values by path.
fn walk<'a>(items: &'a [Item], prefix: &str, shape: &mut String, leaves: &mut Vec<(String, &'a Expr)>) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for item in items {
        match item {
            Item::Attribute { name, value, .. } => match value {
                Expr::Map(entries) if name == "tags" => {
                    shape.push_str("tags{");
                    for entry in entries {
                        shape.push_str(&format!("{:?},", entry.key));
                        leaves.push((format!("{prefix}tags.{}", entry.key), &entry.value));
                    }
                    shape.push('}');
                }
                value => {
                    shape.push_str(&format!("{name};"));
                    leaves.push((format!("{prefix}{name}"), value));
                }
            },
            Item::Block(block) => {
                let number = seen.entry(&block.kind).or_default();
                let path = format!("{prefix}{}.{number}.", block.kind);
                *number += 1;
                shape.push_str(&format!("{}{{", block.kind));
                walk(&block.body, &path, shape, leaves);
                shape.push('}');
            }
            Item::Comment(_) | Item::Gap => {}
        }
    }
}

/// One block for the group, or `None` when it would read worse than several.
fn together(group: &[Member], taken: &BTreeSet<String>) -> Option<Unit> {
    let given = group.iter().any(|m| matches!(m.given, Some(Some(_))));
    if group.len() < FEWEST && !given {
        return None;
    }
    let bodies: Vec<Vec<Item>> = group.iter().map(|m| items(&m.body)).collect();
    let tables: Vec<Vec<(String, &Expr)>> = bodies
        .iter()
        .map(|items| {
            let mut leaves = Vec::new();
            walk(items, "", &mut String::new(), &mut leaves);
            leaves
        })
        .collect();
    let width = tables.first()?.len();
    // Columns that differ; equal ones (from and to port) count as one.
    let mut columns: Vec<(Vec<usize>, Vec<&Expr>)> = Vec::new();
    for position in 0..width {
        let values: Vec<&Expr> = tables.iter().map(|t| t.get(position).map(|(_, e)| *e)).collect::<Option<_>>()?;
        if values.iter().all(|v| *v == values[0]) {
            continue;
        }
        match columns.iter_mut().find(|(_, other)| *other == values) {
            Some((positions, _)) => positions.push(position),
            None => columns.push((vec![position], values)),
        }
    }
    if columns.len() > MOST_COLUMNS || (columns.len() == width && width > 3) {
        return None;
    }
    let own: BTreeSet<usize> = group.iter().map(|m| m.index).collect();
    if columns.iter().any(|(_, values)| values.iter().any(|v| links_to(v, &own))) {
        return None;
    }
    let (name, mut keys) = name_and_keys(group, taken)?;
    let path = |position: usize| tables[0][position].0.as_str();
    // What AWS itself calls them is the best key.
    if !given && let Some((_, values)) = columns.iter().find(|(positions, _)| positions.iter().any(|p| NAMES.contains(&path(*p)))) {
        let texts: Vec<String> = values.iter().filter_map(|v| if let Expr::Text(t) = v { Some(t.clone()) } else { None }).collect();
        let unique: BTreeSet<&String> = texts.iter().collect();
        if unique.len() == group.len() {
            keys = texts;
        }
    }
    let names = column_names(&columns.iter().map(|(p, _)| p.iter().map(|i| path(*i)).collect()).collect::<Vec<Vec<&str>>>());
    let is_key = |values: &[&Expr]| values.iter().zip(&keys).all(|(v, k)| matches!(v, Expr::Text(t) if t == k));
    let rows: Vec<&(Vec<usize>, Vec<&Expr>)> = columns.iter().filter(|(_, values)| !is_key(values)).collect();
    let mut places: BTreeMap<usize, Expr> = BTreeMap::new();
    for ((positions, values), column) in columns.iter().zip(&names) {
        let place = if is_key(values) {
            "each.key".to_string()
        } else if rows.len() == 1 {
            "each.value".to_string()
        } else {
            format!("each.value.{column}")
        };
        places.extend(positions.iter().map(|p| (*p, Expr::Raw(place.clone()))));
    }
    let mut order: Vec<usize> = (0..group.len()).collect();
    order.sort_by_key(|i| natural(&keys[*i]));
    let for_each = if rows.is_empty() {
        let list = order.iter().map(|i| Expr::Text(keys[*i].clone()).into()).collect();
        Expr::Call("toset", vec![Expr::List(list)])
    } else {
        let entries = order
            .iter()
            .map(|i| {
                let value = if rows.len() == 1 {
                    rows[0].1[*i].clone()
                } else {
                    let cells = columns.iter().zip(&names).filter(|((_, values), _)| !is_key(values));
                    Expr::Row(cells.map(|((_, v), name)| Entry { key: name.clone(), value: v[*i].clone(), note: None }).collect())
                };
                Entry { key: keys[*i].clone(), value, note: note_of(&bodies[*i]) }
            })
            .collect();
        Expr::Map(entries)
    };
    let mut body = group[0].body.clone();
    let mut position = 0;
    for item in &mut body.arguments {
        put(item, &mut position, &places);
    }
    if let Some(Expr::Map(entries)) = &mut body.tags {
        for entry in entries {
            replace(&mut entry.value, &mut position, &places);
        }
    }
    for block in &mut body.blocks {
        for item in &mut block.body {
            put(item, &mut position, &places);
        }
    }
    let members = order.iter().map(|i| (group[*i].index, Some(keys[*i].clone()))).collect();
    Some(Unit { kind: group[0].kind.clone(), name, members, for_each: Some(for_each), body })
}

/// Digits count as numbers, so that `b10` comes after `b9`.
fn natural(text: &str) -> Vec<(String, u64)> {
    let mut out = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let word: String = rest.chars().take_while(|c| !c.is_ascii_digit()).collect();
        rest = &rest[word.len()..];
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        rest = &rest[digits.len()..];
        out.push((word, digits.parse().unwrap_or(0)));
    }
    out
}

fn put(item: &mut Item, position: &mut usize, places: &BTreeMap<usize, Expr>) {
    match item {
        Item::Attribute { name, value, note } => {
            if name == "tags"
                && let Expr::Map(entries) = value
            {
                for entry in entries {
                    replace(&mut entry.value, position, places);
                }
                return;
            }
            if places.contains_key(position) {
                *note = None;
            }
            replace(value, position, places);
        }
        Item::Block(block) => {
            for item in &mut block.body {
                put(item, position, places);
            }
        }
        Item::Comment(_) | Item::Gap => {}
    }
}

fn replace(value: &mut Expr, position: &mut usize, places: &BTreeMap<usize, Expr>) {
    if let Some(place) = places.get(position) {
        *value = place.clone();
    }
    *position += 1;
}

fn note_of(items: &[Item]) -> Option<String> {
    items.iter().find_map(|i| match i {
        Item::Attribute { note, .. } => note.clone(),
        _ => None,
    })
}

fn links_to(expr: &Expr, own: &BTreeSet<usize>) -> bool {
    let mut found = false;
    let mut item = [Item::Attribute { name: String::new(), value: expr.clone(), note: None }];
    super::hcl::resolve(&mut item, &mut |link, _| {
        found |= own.contains(&link.to);
        super::hcl::Resolved::Literal(None)
    });
    found
}

/// The name of the block and a key per member: what the names have in common at their beginning, and the rest.
fn name_and_keys(group: &[Member], taken: &BTreeSet<String>) -> Option<(String, Vec<String>)> {
    if let Some(Some((name, _))) = group.iter().find_map(|m| m.given.as_ref()) {
        // Groups that the user's names make: newcomers get their own name as key.
        let keys: Vec<String> = group
            .iter()
            .map(|m| match &m.given {
                Some(Some((_, key))) => key.clone(),
                _ => m.named.name.clone(),
            })
            .collect();
        let unique: BTreeSet<&String> = keys.iter().collect();
        return (unique.len() == keys.len()).then(|| (name.clone(), keys));
    }
    let words: Vec<&Vec<String>> = group.iter().map(|m| &m.named.words).collect();
    let shortest = words.iter().map(|w| w.len()).min()?;
    let mut common = (0..shortest).take_while(|i| words.iter().all(|w| w[*i] == words[0][*i])).count();
    // A key needs a word of its own.
    common = common.min(shortest.saturating_sub(1));
    // Names of hosts have in common what they end with.
    let last = |w: &Vec<String>, i: usize| w[w.len() - 1 - i].clone();
    let ending = if common > 0 { 0 } else { (0..shortest).take_while(|i| words.iter().all(|w| last(w, *i) == last(words[0], *i))).count() };
    let ending = ending.min(shortest.saturating_sub(1));
    let mut keys: Vec<String> = words.iter().map(|w| identifier(&w[common..w.len() - ending])).collect();
    let unique = |keys: &[String]| keys.iter().collect::<BTreeSet<_>>().len() == keys.len();
    if !unique(&keys) {
        // The words alone do not tell them apart; the names do.
        keys = group.iter().map(|m| m.named.name.clone()).collect();
        let start = identifier(&words[0][..common]);
        if !start.is_empty() && keys.iter().all(|k| k.len() > start.len() + 1 && k.starts_with(&format!("{start}_"))) {
            keys = keys.iter().map(|k| k[start.len() + 1..].to_string()).collect();
        }
    }
    if !unique(&keys) {
        return None;
    }
    let own: BTreeSet<&str> = group.iter().map(|m| m.named.name.as_str()).collect();
    let free = |name: &str| !taken.contains(name) || own.contains(name);
    let name = match (common, ending) {
        (0, 0) => "this".into(),
        (0, ending) => identifier(&words[0][words[0].len() - ending..]),
        (common, _) => identifier(&words[0][..common]),
    };
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if free(&name) {
        return Some((name, keys));
    }
    // Another group bears the name already: by what this one is told apart.
    let mark = ["referenced_security_group_id", "cidr_ipv6", "prefix_list_id", "cidr_ipv4"].iter().find_map(|a| {
        let has = group[0].body.arguments.iter().any(|i| matches!(i, Item::Attribute { name, .. } if name == a));
        has.then_some(match *a {
            "referenced_security_group_id" => "groups",
            "cidr_ipv6" => "ipv6",
            "prefix_list_id" => "prefix_lists",
            _ => "networks",
        })
    });
    mark.map(|mark| format!("{name}_{mark}")).filter(|n| free(n)).map(|n| (n, keys))
}

/// Short names of the columns: the last part of the path, more of it where two would be the same.
fn column_names(columns: &[Vec<&str>]) -> Vec<String> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_string();
    let short: Vec<String> = columns
        .iter()
        .map(|paths| {
            let plain = paths.iter().find(|p| !p.starts_with("tags.")).unwrap_or(&paths[0]);
            let name = if paths.len() > 1 && paths.contains(&"from_port") { "port".into() } else { last(plain) };
            identifier(&super::naming::words(&name))
        })
        .collect();
    columns
        .iter()
        .zip(&short)
        .enumerate()
        .map(|(i, (paths, name))| {
            let clash = name.is_empty()
                || name.starts_with(|c: char| c.is_ascii_digit())
                || short.iter().enumerate().any(|(j, n)| j != i && n == name);
            if !clash {
                return name.clone();
            }
            // Without the positions of blocks: alias.0.name is alias_name.
            let parts: Vec<&str> = paths[0].split('.').filter(|p| p.parse::<usize>().is_err()).collect();
            let whole = identifier(&super::naming::words(&parts.join("_")));
            let free = whole.starts_with(|c: char| c.is_ascii_lowercase()) && !short.contains(&whole);
            if free && parts.len() > 1 { whole } else { format!("v{i}_{}", identifier(&super::naming::words(paths[0]))) }
        })
        .collect()
}
