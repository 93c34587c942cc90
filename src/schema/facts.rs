//! What a scan observes besides arguments: one declaration per fact, so that collectors, rules and reports agree.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde::Deserialize;
use serde_json::Value;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/schema/facts");

/// The heading under which facts of every type stand.
const ALL_TYPES: &str = "all";

/// One observed fact.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Type of its value.
    #[serde(rename = "type")]
    pub ty: FactType,
    /// What it says, in what unit.
    pub about: String,
    /// The API call that tells it (`ec2:DescribeInstances`).
    pub source: String,
    /// True for what changes by itself, so that a comparison passes over it.
    #[serde(default)]
    pub volatile: bool,
}

/// Types of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactType {
    /// Text.
    String,
    /// Whole or broken number.
    Number,
    /// True or false.
    Bool,
    /// A moment in RFC 3339.
    Time,
    /// Values in order.
    List,
    /// Values by free key.
    Map,
    /// Values by fixed key.
    Object,
}

impl FactType {
    /// The word used in the files and in messages.
    pub fn name(self) -> &'static str {
        match self {
            FactType::String => "string",
            FactType::Number => "number",
            FactType::Bool => "bool",
            FactType::Time => "time",
            FactType::List => "list",
            FactType::Map => "map",
            FactType::Object => "object",
        }
    }

    /// True when a value is of this type. Null is "asked and there is none" and fits every type.
    pub fn accepts(self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null) | (FactType::String, Value::String(_)) | (FactType::Number, Value::Number(_)) => true,
            (FactType::Bool, Value::Bool(_)) | (FactType::List, Value::Array(_)) => true,
            (FactType::Map | FactType::Object, Value::Object(_)) => true,
            (FactType::Time, Value::String(text)) => text.parse::<jiff::Timestamp>().is_ok(),
            _ => false,
        }
    }
}

type Table = BTreeMap<String, BTreeMap<String, Fact>>;

struct Facts {
    by_type: Table,
    /// Facts that any type may carry, for types that declare none of their own.
    common: BTreeMap<String, Fact>,
    problems: Vec<String>,
}

static FACTS: LazyLock<Facts> = LazyLock::new(|| {
    let texts = FILES.files().filter_map(|f| Some((f.path().file_name()?.to_str()?, f.contents_utf8()?)));
    load(texts)
});

fn load<'a>(texts: impl Iterator<Item = (&'a str, &'a str)>) -> Facts {
    let mut facts = Facts { by_type: BTreeMap::new(), common: BTreeMap::new(), problems: Vec::new() };
    for (file, text) in texts {
        if text.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#')) {
            continue;
        }
        match serde_saphyr::from_str::<Table>(text) {
            Ok(table) => {
                for (kinds, declared) in table {
                    for kind in kinds.split(',').map(str::trim) {
                        let own = facts.by_type.entry(kind.to_string()).or_default();
                        for (name, fact) in &declared {
                            if own.insert(name.clone(), fact.clone()).is_some() {
                                facts.problems.push(format!("{file}: {kind}.{name} is declared twice"));
                            }
                        }
                    }
                }
            }
            Err(e) => facts.problems.push(format!("{file}: {e}")),
        }
    }
    facts.common = facts.by_type.remove(ALL_TYPES).unwrap_or_default();
    for (kind, declared) in &mut facts.by_type {
        for (name, fact) in &facts.common {
            if declared.insert(name.clone(), fact.clone()).is_some() {
                facts.problems.push(format!("{kind}.{name}: declared for all types already"));
            }
        }
    }
    facts
}

/// The facts a type may carry, those of every type included.
pub fn facts(kind: &str) -> &'static BTreeMap<String, Fact> {
    FACTS.by_type.get(kind).unwrap_or(&FACTS.common)
}

/// True when a type has facts of its own.
pub fn declares(kind: &str) -> bool {
    FACTS.by_type.contains_key(kind)
}

/// All types that declare facts, in alphabetical order.
pub fn types() -> impl Iterator<Item = &'static str> {
    FACTS.by_type.keys().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_files_are_sound() {
        assert_eq!(FACTS.problems, Vec::<String>::new());
        for (kind, declared) in &FACTS.by_type {
            assert!(kind.starts_with("x_") || super::super::provider().has(kind), "{kind}: no such type");
            for (name, fact) in declared {
                assert!(!fact.about.is_empty() && !fact.source.is_empty(), "{kind}.{name}");
                assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{kind}.{name}");
            }
        }
    }

    #[test]
    fn broken_files_are_named() {
        let facts = load([("a.yaml", "aws_vpc: { x: { type: stringg, about: a, source: b } }"), ("b.yaml", "# empty\n")].into_iter());
        assert_eq!(facts.problems.len(), 1);
        assert!(facts.problems[0].starts_with("a.yaml: "), "{}", facts.problems[0]);
        let shared = load([("a.yaml", "aws_vpc, aws_default_vpc: { x: { type: bool, about: a, source: b } }")].into_iter());
        assert!(shared.by_type["aws_vpc"].contains_key("x") && shared.by_type["aws_default_vpc"].contains_key("x"));
        let twice = "aws_vpc: { x: { type: bool, about: a, source: b } }";
        assert_eq!(load([("a.yaml", twice), ("b.yaml", twice)].into_iter()).problems.len(), 1);
    }

    #[test]
    fn types_of_values() {
        use serde_json::json;
        assert!(FactType::Time.accepts(&json!("2024-11-10T08:00:00Z")));
        assert!(!FactType::Time.accepts(&json!("yesterday")));
        assert!(!FactType::Number.accepts(&json!("5")));
        assert!(!FactType::List.accepts(&json!({})));
        assert!(FactType::Map.accepts(&json!({"a": "b"})));
        assert!(FactType::Bool.accepts(&Value::Null));
    }
}
