//! Types of expressions, taken from the provider's schema and the declared facts.

use std::collections::BTreeMap;

use crate::schema::{self, Block};

/// What the checker knows about a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Ty {
    /// Not declared (elements of a fact of type object) or already reported.
    Any,
    /// The literal `null`.
    Null,
    /// true, false
    Bool,
    /// Any number.
    Number,
    /// Text.
    Text,
    /// RFC 3339 text.
    Time,
    /// A list or set.
    List(Box<Ty>),
    /// A map from text.
    Map(Box<Ty>),
    /// An object type of an attribute.
    Object(BTreeMap<String, Ty>),
    /// A nested block, with the type and path it stands at (`aws_instance`, `root_block_device`).
    Block(&'static Block, String, String),
    /// A resource of a type.
    Resource(String),
    /// The `config` of a type.
    Config(String),
    /// The `facts` of a type.
    Facts(String),
    /// Tags.
    Tags,
    /// `exposure`
    Exposure,
    /// `policy(x)`
    Policy,
    /// `cidr(x)`
    Cidr,
    /// `ports(a, b)`
    Ports,
    /// `version(x)`
    Version,
}

impl Ty {
    /// The type of an argument in the provider's schema.
    pub fn of(ty: &schema::Type) -> Ty {
        match ty {
            schema::Type::String => Ty::Text,
            schema::Type::Number => Ty::Number,
            schema::Type::Bool => Ty::Bool,
            schema::Type::List(e) | schema::Type::Set(e) => Ty::List(Box::new(Ty::of(e))),
            schema::Type::Map(e) => Ty::Map(Box::new(Ty::of(e))),
            schema::Type::Object(fields) => Ty::Object(fields.iter().map(|(k, t)| (k.clone(), Ty::of(t))).collect()),
            schema::Type::Tuple(_) => Ty::List(Box::new(Ty::Any)),
            schema::Type::Dynamic => Ty::Any,
        }
    }

    /// In words, for messages.
    pub fn noun(&self) -> String {
        match self {
            Ty::Any => "a value".into(),
            Ty::Null => "null".into(),
            Ty::Bool => "true or false".into(),
            Ty::Number => "a number".into(),
            Ty::Text => "text".into(),
            Ty::Time => "a time".into(),
            Ty::List(e) if **e == Ty::Any => "a list".into(),
            Ty::List(e) => format!("a list of {}", e.plural()),
            Ty::Map(_) => "a map".into(),
            Ty::Object(_) => "an object".into(),
            Ty::Block(..) => "a nested block".into(),
            Ty::Resource(kind) => format!("a resource {kind}"),
            Ty::Config(_) => "config".into(),
            Ty::Facts(_) => "facts".into(),
            Ty::Tags => "tags".into(),
            Ty::Exposure => "exposure".into(),
            Ty::Policy => "a policy".into(),
            Ty::Cidr => "a network range".into(),
            Ty::Ports => "a port range".into(),
            Ty::Version => "a version".into(),
        }
    }

    fn plural(&self) -> String {
        match self {
            Ty::Number => "numbers".into(),
            Ty::Text => "texts".into(),
            Ty::Block(..) => "nested blocks".into(),
            Ty::Resource(kind) => kind.clone(),
            other => format!("{} each", other.noun()),
        }
    }

    /// True when values of both types can be compared for equality.
    pub fn comparable(&self, other: &Ty) -> bool {
        match (self, other) {
            (Ty::Any | Ty::Null, _) | (_, Ty::Any | Ty::Null) => true,
            (Ty::Text | Ty::Time, Ty::Text | Ty::Time) => true,
            (Ty::List(a), Ty::List(b)) => a.comparable(b),
            (a, b) => a == b,
        }
    }
}
