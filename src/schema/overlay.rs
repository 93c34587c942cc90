//! What the provider's schema omits: defaults, conflicts and replacements (asked of the provider itself, `schema/overlay/defaults.json`),
//! and how each type is written (kept by hand, `schema/overlay/overlay.yaml`; for all other types by family,
//! `schema/overlay/families.yaml`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

static DERIVED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/overlay/defaults.json"));
static KEPT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/overlay/overlay.yaml"));
static FAMILIES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/overlay/families.yaml"));

/// What the provider answers about one type. Paths name nested blocks without index: `root_block_device.delete_on_termination`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Derived {
    /// What stands in a plan for an argument that is not written.
    pub defaults: BTreeMap<String, Value>,
    /// Paths whose change replaces the resource.
    pub replaces: Vec<String>,
    /// Pairs that the provider refuses together.
    pub conflicts: Vec<(String, String)>,
    /// Groups of which exactly one must be written.
    pub one_of: Vec<Vec<String>>,
    /// Nested blocks that AWS fills when they are not written.
    pub computed_blocks: Vec<String>,
    /// True where the type does not use the legacy type system: `ignore_changes` cannot hide a default there.
    pub framework: bool,
}

/// A value written in place of one that cannot be read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placeholder {
    /// What is written.
    pub value: String,
    /// Why, for the comment.
    pub why: String,
}

/// What becomes of a JSON argument that the provider compares as text, where AWS holds it with blanks or in another order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exact {
    /// It is written as the text that AWS holds.
    Text,
    /// It is written as an expression, and the difference ignored: the provider takes blanks out of what is written.
    Ignore,
}

/// The greatest value that the provider accepts, where AWS allows more.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// It accepts up to this.
    pub most: f64,
    /// Why, for the comment.
    pub why: String,
}

/// An argument that the provider does not read back of some things of the type, and shows its default for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unseen {
    /// Argument beside it: values under which that is so.
    pub when: BTreeMap<String, Vec<Value>>,
    /// Why, for the comment.
    pub why: String,
}

/// Where a text argument goes and how it is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Script {
    /// As it is.
    Text,
    /// Base64 in the argument, decoded in the file.
    Base64,
}

/// How one type is written. The head of `overlay.yaml` tells what each key means.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "told at the head of overlay.yaml, where they are edited")]
pub struct Kept {
    pub file: String,
    pub title: String,
    pub wave: u8,
    pub protect: bool,
    pub name: Vec<String>,
    pub distinct: Vec<String>,
    pub words: Vec<String>,
    pub fold: Option<Vec<String>>,
    pub omit: Vec<String>,
    pub keep: Vec<String>,
    pub omit_when: BTreeMap<String, Value>,
    pub unless: BTreeMap<String, BTreeMap<String, Vec<Value>>>,
    pub omit_block_when: BTreeMap<String, BTreeMap<String, Value>>,
    pub omit_with: BTreeMap<String, Vec<String>>,
    pub only_with: BTreeMap<String, BTreeMap<String, Vec<Value>>>,
    pub drop_empty: Vec<String>,
    pub sort: BTreeMap<String, String>,
    pub ignore: BTreeMap<String, String>,
    pub ignore_written: BTreeMap<String, String>,
    pub ignore_absent: BTreeMap<String, String>,
    pub ignore_when: BTreeMap<String, Unseen>,
    pub write: BTreeMap<String, Value>,
    pub placeholder: BTreeMap<String, Placeholder>,
    pub limit: BTreeMap<String, Limit>,
    pub json: Vec<String>,
    pub exact: BTreeMap<String, Exact>,
    pub prefix: BTreeMap<String, String>,
    pub script: BTreeMap<String, Script>,
    pub leave_out: Option<String>,
    pub region: Option<String>,
}

/// All that is known about a type besides its schema.
#[derive(Debug, Clone, Copy)]
pub struct Overlay {
    /// Asked of the provider.
    pub derived: &'static Derived,
    /// Kept by hand.
    pub kept: &'static Kept,
    /// Position in `overlay.yaml`, which orders sections; types that are not there come last.
    pub order: usize,
}

#[derive(Default)]
struct Table {
    derived: BTreeMap<String, Derived>,
    kept: IndexMap<String, Kept>,
    /// What the family says about the provider's other types.
    of_family: BTreeMap<String, Kept>,
}

/// `families.yaml`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Families {
    families: BTreeMap<String, (String, String)>,
    data: BTreeSet<String>,
}

impl Families {
    /// How a type is written that no line of `overlay.yaml` names.
    fn kept(&self, kind: &str) -> Kept {
        let name = kind.strip_prefix("aws_").unwrap_or(kind);
        let family = self.families.iter().filter(|(start, _)| name.starts_with(start.as_str())).max_by_key(|(start, _)| start.len());
        let (file, title) = family.map(|(_, place)| place.clone()).unwrap_or_default();
        let data = self.data.contains(kind);
        // `aws_glue_catalog_database`: a name ends in none of these words.
        let words = name.split('_').rev().take(2).map(String::from).collect();
        Kept { file, title, words, wave: if data { 4 } else { 3 }, protect: data, ..Kept::default() }
    }
}

// The files are compiled in and a test reads them, so none can fail in a built program.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let kept: IndexMap<String, Kept> = serde_saphyr::from_str(KEPT).unwrap_or_default();
    let families: Families = serde_saphyr::from_str(FAMILIES).unwrap_or_default();
    let others = super::provider().types().filter(|kind| !kept.contains_key(*kind));
    let of_family = others.map(|kind| (kind.to_string(), families.kept(kind))).collect();
    Table { derived: serde_json::from_str(DERIVED).unwrap_or_default(), kept, of_family }
});

static NO_DERIVED: LazyLock<Derived> = LazyLock::new(Derived::default);
static NO_KEPT: LazyLock<Kept> = LazyLock::new(Kept::default);

/// What is known about a type: its line in `overlay.yaml`, else what its family says.
pub fn overlay(kind: &str) -> Overlay {
    let table = &*TABLE;
    Overlay {
        derived: table.derived.get(kind).unwrap_or(&NO_DERIVED),
        kept: table.kept.get(kind).or_else(|| table.of_family.get(kind)).unwrap_or(&NO_KEPT),
        order: table.kept.get_index_of(kind).unwrap_or(usize::MAX),
    }
}

/// True when a line in `overlay.yaml` says how the type is written.
pub fn is_written(kind: &str) -> bool {
    TABLE.kept.get(kind).is_some_and(|k| k.leave_out.is_none())
}

/// True when no line of `overlay.yaml` names the type, so that all that is known about it is what the provider says.
pub fn is_unknown(kind: &str) -> bool {
    !TABLE.kept.contains_key(kind)
}

/// The types that `overlay.yaml` knows, in its order.
pub fn types() -> impl Iterator<Item = &'static str> {
    TABLE.kept.keys().map(String::as_str)
}

impl Overlay {
    /// The provider's default of an argument, by path.
    pub fn default_of(&self, path: &str) -> Option<&'static Value> {
        self.derived.defaults.get(path)
    }

    /// True when a change at the path replaces the resource.
    pub fn replaces(&self, path: &str) -> bool {
        self.derived.replaces.iter().any(|p| p == path || path.strip_prefix(p.as_str()).is_some_and(|rest| rest.starts_with('.')))
    }

    /// True when AWS fills the block that is not written.
    pub fn is_computed_block(&self, path: &str) -> bool {
        self.derived.computed_blocks.iter().any(|p| p == path)
    }
}

/// Whether a value is one of those that an overlay line names; a text ending in `*` stands for all that begin so, and a list for any
/// of its items, unless the value is itself a list.
pub fn matches(pattern: &Value, value: &Value) -> bool {
    match (pattern, value) {
        (Value::Array(options), _) => options.iter().any(|o| o == value || (!o.is_array() && matches(o, value))),
        (Value::Object(_), Value::String(text)) => serde_json::from_str::<Value>(text).is_ok_and(|document| document == *pattern),
        (Value::String(p), Value::String(v)) => match p.strip_suffix('*') {
            Some(start) => v.starts_with(start),
            None => p == v,
        },
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Number(n), Value::String(v)) => n.to_string() == *v,
        (Value::Bool(b), Value::String(v)) => (if *b { "true" } else { "false" }) == v,
        _ => pattern == value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{Block, provider};

    #[test]
    fn both_files_are_read() {
        serde_json::from_str::<BTreeMap<String, Derived>>(DERIVED).unwrap();
        serde_saphyr::from_str::<IndexMap<String, Kept>>(KEPT).unwrap();
        serde_saphyr::from_str::<Families>(FAMILIES).unwrap();
        assert!(TABLE.derived.len() > 1000);
        assert!(TABLE.kept.len() > 100);
    }

    #[test]
    fn families_name_types_that_exist_and_leave_few_without_a_place() {
        let families: Families = serde_saphyr::from_str(FAMILIES).unwrap();
        let types: Vec<&str> = provider().types().collect();
        let unused: Vec<&String> = families
            .families
            .keys()
            .filter(|f| !types.iter().any(|t| t.strip_prefix("aws_").is_some_and(|n| n.starts_with(f.as_str()))))
            .collect();
        assert_eq!(unused, Vec::<&String>::new(), "families of no type");
        let gone: Vec<&String> = families.data.iter().filter(|kind| !provider().has(kind)).collect();
        assert_eq!(gone, Vec::<&String>::new());
        let lost: Vec<&str> =
            types.into_iter().filter(|kind| overlay(kind).kept.leave_out.is_none() && overlay(kind).kept.file.is_empty()).collect();
        assert!(lost.len() < 25, "{lost:?}");
        assert_eq!(overlay("aws_glue_job").kept.file, "analytics");
        assert!(overlay("aws_cognito_user_pool").kept.protect && overlay("aws_cognito_user_pool").kept.wave == 4);
        assert_eq!(overlay("aws_kinesis_firehose_delivery_stream").kept.title, "Firehose", "the longest beginning wins");
    }

    /// Arguments and blocks of a type by path.
    fn paths(block: &Block, prefix: &str, out: &mut BTreeSet<String>) {
        for name in block.attributes.keys() {
            out.insert(format!("{prefix}{name}"));
        }
        for (name, nested) in &block.blocks {
            out.insert(format!("{prefix}{name}"));
            if prefix.matches('.').count() < 5 {
                paths(&nested.block, &format!("{prefix}{name}."), out);
            }
        }
    }

    #[test]
    fn every_path_that_the_overlay_names_exists() {
        let mut wrong = Vec::new();
        for (kind, kept) in &TABLE.kept {
            let Some(block) = provider().resource(kind) else {
                wrong.push(format!("{kind}: no such type"));
                continue;
            };
            let mut known = BTreeSet::new();
            paths(block, "", &mut known);
            let sibling = |path: &str, name: &str| path.rsplit_once('.').map_or(name.to_string(), |(p, _)| format!("{p}.{name}"));
            let named = kept.omit.iter().chain(&kept.keep).chain(&kept.json).chain(&kept.drop_empty).cloned();
            let named = named.chain(kept.omit_when.keys().chain(kept.ignore.keys()).chain(kept.write.keys()).cloned());
            let named = named.chain(kept.omit_with.iter().flat_map(|(k, v)| v.iter().chain([k])).cloned());
            let named = named.chain(kept.unless.iter().flat_map(|(k, v)| v.keys().map(|s| sibling(k, s)).chain([k.clone()])));
            let named = named.chain(kept.only_with.iter().flat_map(|(k, v)| v.keys().map(|s| sibling(k, s)).chain([k.clone()])));
            let named = named.chain(kept.omit_block_when.iter().flat_map(|(k, v)| v.keys().map(move |s| format!("{k}.{s}"))));
            let named = named.chain(
                kept.placeholder
                    .keys()
                    .chain(kept.limit.keys())
                    .chain(kept.exact.keys())
                    .chain(kept.script.keys())
                    .chain(kept.prefix.keys())
                    .cloned(),
            );
            let named = named.chain(kept.sort.keys().chain(kept.ignore_written.keys()).chain(kept.ignore_absent.keys()).cloned());
            let named = named.chain(kept.ignore_when.iter().flat_map(|(k, v)| v.when.keys().chain([k])).cloned());
            for path in named {
                if !known.contains(&path) {
                    wrong.push(format!("{kind}: {path}"));
                }
            }
            let arguments = kept.name.iter().flat_map(|n| n.split('|')).chain(kept.distinct.iter().map(String::as_str));
            for argument in arguments.chain(kept.fold.iter().flatten().map(String::as_str)) {
                if !argument.starts_with('@') && !known.contains(argument) && argument != "public_ip" {
                    wrong.push(format!("{kind}: {argument} in name, distinct or fold"));
                }
            }
            if kept.leave_out.is_none() && (kept.file.is_empty() || kept.title.is_empty() || !(1..=4).contains(&kept.wave)) {
                wrong.push(format!("{kind}: file, title or wave is missing"));
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn data_stores_are_protected_and_come_last() {
        for kind in [
            "aws_db_instance",
            "aws_s3_bucket",
            "aws_ebs_volume",
            "aws_kms_key",
            "aws_secretsmanager_secret",
            "aws_dynamodb_table",
            "aws_efs_file_system",
        ] {
            let kept = overlay(kind).kept;
            assert!(kept.protect && kept.wave == 4, "{kind}");
        }
    }

    #[test]
    fn the_provider_was_asked() {
        assert_eq!(overlay("aws_secretsmanager_secret").default_of("recovery_window_in_days"), Some(&json!(30)));
        assert_eq!(overlay("aws_instance").default_of("root_block_device.delete_on_termination"), Some(&json!(true)));
        assert!(overlay("aws_db_subnet_group").replaces("name"));
        assert!(overlay("aws_vpc_security_group_ingress_rule").derived.framework);
        assert!(overlay("aws_instance").is_computed_block("metadata_options"));
    }

    #[test]
    fn patterns() {
        assert!(matches(&json!("default.*"), &json!("default.postgres16")));
        assert!(!matches(&json!("default.*"), &json!("exo")));
        assert!(matches(&json!([0, 7]), &json!(7)));
        assert!(matches(&json!([["x86_64"]]), &json!(["x86_64"])));
        assert!(!matches(&json!([["x86_64"]]), &json!(["arm64"])));
        assert!(matches(&json!([false, null]), &Value::Null));
        assert!(matches(&json!({"a": [1]}), &json!("{ \"a\": [1] }")));
    }
}
