//! Every settable argument of every collected type is filled or left out with a reason.
//!
//! What a collector fills is read off its source: an argument counts as filled when the file of one of its collectors names it, as a
//! string. The result is kept in `schema/filled.json`, from which `surveyor coverage --types` prints; this test holds it current.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::COLLECTORS;
use crate::schema::coverage;
use crate::schema::provider;
use crate::schema::provider::Block;

const FILE: &str = "schema/filled.json";

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, into);
        } else if entry.extension().is_some_and(|e| e == "rs") {
            into.push(entry);
        }
    }
}

/// Files of `src/aws/` that shape answers of several services.
const SHARED: &[&str] = &["instance_requirements"];

/// The text of a collector's file, and of the files that shape its answers: those beside it (`bucket.rs` and `bucket/`) and those of
/// [`SHARED`] that it uses, without tests.
fn texts() -> Vec<(Vec<String>, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src/aws"), &mut files);
    let code = |path: &Path| {
        let text = std::fs::read_to_string(path).unwrap();
        text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
    };
    let mut out = Vec::new();
    for path in &files {
        let text = code(path);
        if !text.contains("pub const COLLECTOR: Collector") {
            continue;
        }
        let service = path.parent().unwrap();
        let helpers: String = files
            .iter()
            .filter(|p| p.starts_with(service) && *p != path)
            .map(|p| code(p))
            .filter(|t| !t.contains("pub const COLLECTOR: Collector"))
            .collect();
        let shared = SHARED.iter().filter(|name| text.contains(&format!("aws::{name}::")));
        let helpers = shared.fold(helpers, |all, name| all + &code(&root.join(format!("src/aws/{name}.rs"))));
        let types: Vec<String> =
            COLLECTORS.iter().flat_map(|c| c.types).filter(|t| text.contains(&format!("\"{t}\""))).map(|t| (*t).to_owned()).collect();
        out.push((types, text + &helpers));
    }
    out
}

/// Statements nest in statements; three levels tell enough.
const DEPTH: usize = 3;

fn walk(
    block: &Block,
    prefix: &str,
    named: &dyn Fn(&str) -> bool,
    left_out: &dyn Fn(&str) -> Option<&'static str>,
    filled: &mut BTreeSet<String>,
) {
    for (name, attribute) in &block.attributes {
        if attribute.is_settable() && named(name) && left_out(&format!("{prefix}{name}")).is_none() {
            filled.insert(format!("{prefix}{name}"));
        }
    }
    for (name, nested) in &block.blocks {
        if nested.deprecated || !named(name) {
            continue;
        }
        if prefix.matches('.').count() >= DEPTH {
            filled.insert(format!("{prefix}{name}.*"));
            continue;
        }
        let before = filled.len();
        walk(&nested.block, &format!("{prefix}{name}."), named, left_out, filled);
        // A block that is named while nothing inside it is comes from a generic conversion of the whole answer.
        if filled.len() == before {
            filled.insert(format!("{prefix}{name}.*"));
        }
    }
}

fn filled() -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (types, text) in texts() {
        // Answers shaped by the provider's own table have every argument that AWS answers.
        let shaped = text.contains("shape::shape") || text.contains("super::web_acl");
        let named = |name: &str| shaped || text.contains(&format!("\"{name}\""));
        for kind in types.iter().filter(|t| !t.starts_with("x_")) {
            if let Some(block) = provider().resource(kind) {
                walk(block, "", &named, &|path| coverage::left_out(kind, path), all.entry(kind.clone()).or_default());
            }
        }
    }
    all
}

#[test]
fn the_list_of_filled_arguments_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let now = serde_json::to_string_pretty(&filled()).unwrap() + "\n";
    if std::env::var_os("SURVEYOR_UPDATE").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == now, "{FILE} is out of date: run the tests once with SURVEYOR_UPDATE=1 and commit it");
}

#[test]
fn every_settable_argument_is_filled_or_left_out_with_a_reason() {
    let mut problems = Vec::new();
    for (kind, arguments) in filled() {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        problems.extend(coverage::gaps(&kind, &arguments).into_iter().map(|a| format!("{kind}.{a}: neither filled nor left out")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
