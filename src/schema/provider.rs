//! The arguments of every resource type of the AWS provider, as the provider itself declares them.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One line per resource type, see `schema/compact.py`.
static PACKED: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/aws-5.100.0.json.zst"));

/// The provider's resource types. A type is parsed when it is asked for, once.
pub struct Provider {
    text: String,
    types: Vec<Entry>,
}

struct Entry {
    name: Range<usize>,
    body: Range<usize>,
    block: OnceLock<Option<Box<Block>>>,
}

/// Arguments and nested blocks of a resource type or of a nested block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Block {
    /// Arguments and computed attributes by name.
    #[serde(rename = "a", default)]
    pub attributes: BTreeMap<String, Attribute>,
    /// Nested blocks by name.
    #[serde(rename = "b", default)]
    pub blocks: BTreeMap<String, NestedBlock>,
}

/// One argument or computed attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Type of its value.
    pub ty: Type,
    /// Must be written.
    pub required: bool,
    /// May be written.
    pub optional: bool,
    /// The provider fills it when it is not written; alone: it cannot be written.
    pub computed: bool,
    /// Its value is hidden in plans.
    pub sensitive: bool,
    /// Ought not to be written any more.
    pub deprecated: bool,
    /// Sent to AWS and never kept in the state.
    pub write_only: bool,
}

impl Attribute {
    /// True when code may set it.
    pub fn is_settable(&self) -> bool {
        self.required || self.optional
    }
}

/// Types of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Text.
    String,
    /// Whole or broken number.
    Number,
    /// True or false.
    Bool,
    /// Values in order.
    List(Box<Type>),
    /// Values without order or repetition.
    Set(Box<Type>),
    /// Values by free key.
    Map(Box<Type>),
    /// Values by fixed key.
    Object(BTreeMap<String, Type>),
    /// Values by position.
    Tuple(Vec<Type>),
    /// Anything.
    Dynamic,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::String => f.write_str("string"),
            Type::Number => f.write_str("number"),
            Type::Bool => f.write_str("bool"),
            Type::List(t) => write!(f, "list({t})"),
            Type::Set(t) => write!(f, "set({t})"),
            Type::Map(t) => write!(f, "map({t})"),
            Type::Object(fields) => write!(f, "object({})", fields.keys().map(String::as_str).collect::<Vec<_>>().join(", ")),
            Type::Tuple(items) => write!(f, "tuple({})", items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
            Type::Dynamic => f.write_str("any"),
        }
    }
}

/// A nested block as its parent declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NestedBlock {
    /// How many may stand, and in what order.
    pub nesting: Nesting,
    /// At least so many; 0 for none.
    pub min_items: u64,
    /// At most so many; 0 for no limit.
    pub max_items: u64,
    /// Ought not to be written any more.
    pub deprecated: bool,
    /// What stands inside.
    pub block: Block,
}

/// Ways a nested block may repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nesting {
    /// One object, not a list.
    Single,
    /// In order.
    List,
    /// Without order.
    Set,
}

impl<'de> Deserialize<'de> for Attribute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (flags, ty) = <(String, Type)>::deserialize(deserializer)?;
        Ok(Attribute {
            ty,
            required: flags.contains('r'),
            optional: flags.contains('o'),
            computed: flags.contains('c'),
            sensitive: flags.contains('s'),
            deprecated: flags.contains('d'),
            write_only: flags.contains('w'),
        })
    }
}

impl<'de> Deserialize<'de> for NestedBlock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (nesting, min_items, max_items, deprecated, block) = <(Nesting, u64, u64, bool, Block)>::deserialize(deserializer)?;
        Ok(NestedBlock { nesting, min_items, max_items, deprecated, block })
    }
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Type::from_json(&value).ok_or_else(|| serde::de::Error::custom(format!("not a type: {value}")))
    }
}

impl Type {
    /// Reads the provider's own notation: `"string"`, `["list", "string"]`, `["object", {…}]`.
    fn from_json(value: &Value) -> Option<Type> {
        if let Some(name) = value.as_str() {
            return Some(match name {
                "string" => Type::String,
                "number" => Type::Number,
                "bool" => Type::Bool,
                "dynamic" => Type::Dynamic,
                _ => return None,
            });
        }
        let [name, inner] = value.as_array()?.as_slice() else { return None };
        let of = || Type::from_json(inner).map(Box::new);
        Some(match name.as_str()? {
            "list" => Type::List(of()?),
            "set" => Type::Set(of()?),
            "map" => Type::Map(of()?),
            "tuple" => Type::Tuple(inner.as_array()?.iter().map(Type::from_json).collect::<Option<_>>()?),
            "object" => {
                Type::Object(inner.as_object()?.iter().map(|(k, v)| Some((k.clone(), Type::from_json(v)?))).collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }
}

/// The embedded provider table.
pub fn provider() -> &'static Provider {
    static PROVIDER: LazyLock<Provider> = LazyLock::new(Provider::unpack);
    &PROVIDER
}

impl Provider {
    fn unpack() -> Provider {
        let mut text = String::new();
        // The bytes are compiled in and a test reads every type of them, so neither step can fail in a built program.
        if zstd::Decoder::new(PACKED).and_then(|mut d| d.read_to_string(&mut text)).is_err() {
            text.clear();
        }
        let mut types = Vec::with_capacity(1600);
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let trimmed = line.trim_end().trim_end_matches(',');
            if let Some(end) = trimmed.strip_prefix('"').and_then(|rest| rest.find("\":")) {
                types.push(Entry {
                    name: start + 1..start + 1 + end,
                    body: start + end + 3..start + trimmed.len(),
                    block: OnceLock::new(),
                });
            }
            start += line.len();
        }
        Provider { text, types }
    }

    fn position(&self, kind: &str) -> Option<usize> {
        self.types.binary_search_by(|e| self.text[e.name.clone()].cmp(kind)).ok()
    }

    /// True when the provider has this resource type.
    pub fn has(&self, kind: &str) -> bool {
        self.position(kind).is_some()
    }

    /// Arguments and blocks of a resource type.
    pub fn resource(&self, kind: &str) -> Option<&Block> {
        let entry = &self.types[self.position(kind)?];
        entry.block.get_or_init(|| serde_json::from_str(&self.text[entry.body.clone()]).ok().map(Box::new)).as_deref()
    }

    /// All resource types in alphabetical order.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.types.iter().map(|e| &self.text[e.name.clone()])
    }

    /// The type whose name is nearest to a misspelt one.
    pub fn nearest_type(&self, kind: &str) -> Option<&str> {
        super::nearest(kind, self.types())
    }
}

/// What a path of argument names leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// A nested block.
    Block(&'a NestedBlock),
    /// An argument or computed attribute.
    Attribute(&'a Attribute),
    /// A value inside an argument (map entry, object field, list element).
    Inner(&'a Type),
}

impl Block {
    /// What a path leads to: `ebs_block_device.volume_size`, `dimensions.InstanceId`. Positions (`0`) may stand where a list
    /// or a repeated block is, and may be left out.
    pub fn find(&self, path: &str) -> Option<Found<'_>> {
        let mut parts = path.split('.').peekable();
        let mut block = self;
        loop {
            let name = parts.next()?;
            if let Some(attribute) = block.attributes.get(name) {
                let mut inner: Option<&Type> = None;
                for part in parts {
                    inner = Some(inner.unwrap_or(&attribute.ty).step(part)?);
                }
                return Some(inner.map_or(Found::Attribute(attribute), Found::Inner));
            }
            let nested = block.blocks.get(name)?;
            parts.next_if(|p| p.bytes().all(|b| b.is_ascii_digit()));
            if parts.peek().is_none() {
                return Some(Found::Block(nested));
            }
            block = &nested.block;
        }
    }

    /// Names of all arguments and blocks.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.attributes.keys().chain(self.blocks.keys()).map(String::as_str)
    }
}

impl Type {
    fn step(&self, part: &str) -> Option<&Type> {
        let is_position = part.bytes().all(|b| b.is_ascii_digit());
        match self {
            Type::List(t) | Type::Set(t) if is_position => Some(t),
            Type::List(t) | Type::Set(t) => t.step(part),
            Type::Map(t) => Some(t),
            Type::Object(fields) => fields.get(part),
            Type::Tuple(items) => items.get(part.parse::<usize>().ok()?),
            Type::Dynamic => Some(self),
            Type::String | Type::Number | Type::Bool => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_parses_and_is_in_order() {
        let p = provider();
        let names: Vec<&str> = p.types().collect();
        assert!(names.len() > 1500, "{}", names.len());
        assert!(names.is_sorted());
        for name in names {
            let block = p.resource(name).unwrap_or_else(|| panic!("{name} does not parse"));
            assert!(!block.attributes.is_empty(), "{name}");
        }
    }

    #[test]
    fn flags_types_and_blocks_of_an_instance() {
        let block = provider().resource("aws_instance").unwrap();
        let sg = &block.attributes["vpc_security_group_ids"];
        assert_eq!(sg.ty, Type::Set(Box::new(Type::String)));
        assert!(sg.optional && sg.computed && !sg.required && sg.is_settable());
        assert!(!block.attributes["arn"].is_settable());
        let root = &block.blocks["root_block_device"];
        assert_eq!((root.nesting, root.max_items), (Nesting::List, 1));
        assert_eq!(root.block.attributes["volume_size"].ty, Type::Number);
        assert!(provider().resource("aws_db_instance").unwrap().attributes["password"].sensitive);
        assert!(provider().resource("aws_db_instance").unwrap().attributes["password_wo"].write_only);
    }

    #[test]
    fn unknown_types_are_none_with_a_suggestion() {
        assert!(provider().resource("aws_db_instanc").is_none());
        assert_eq!(provider().nearest_type("aws_db_instanc"), Some("aws_db_instance"));
    }

    #[test]
    fn paths() {
        let instance = provider().resource("aws_instance").unwrap();
        assert!(matches!(instance.find("root_block_device.kms_key_id"), Some(Found::Attribute(_))));
        assert!(matches!(instance.find("root_block_device.0.kms_key_id"), Some(Found::Attribute(_))));
        assert!(matches!(instance.find("root_block_device"), Some(Found::Block(_))));
        assert!(matches!(instance.find("root_block_device.0"), Some(Found::Block(_))));
        assert!(matches!(instance.find("vpc_security_group_ids.0"), Some(Found::Inner(Type::String))));
        assert!(instance.find("subnet_id.0").is_none());
        assert!(instance.find("root_block_device.nothing").is_none());
        let alarm = provider().resource("aws_cloudwatch_metric_alarm").unwrap();
        assert!(matches!(alarm.find("dimensions.InstanceId"), Some(Found::Inner(Type::String))));
        // Lists of objects that the provider declares as arguments instead of blocks.
        let group = provider().resource("aws_security_group").unwrap();
        assert!(matches!(group.find("ingress.cidr_blocks"), Some(Found::Inner(Type::List(_)))));
        assert!(matches!(group.find("ingress.0.from_port"), Some(Found::Inner(Type::Number))));
    }
}
