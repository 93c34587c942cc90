//! Functions that rules may call: domain knowledge in Rust, with tests, so that expressions stay one line.
//!
//! A function is a line in a table: its name, what it works on, its arguments, what a null argument means, what it returns, one
//! sentence about it, and the code. The checker, `surveyor rules` and `docs/writing-rules.md` all read the same table.

pub mod estate;
pub mod lists;
pub mod network;
pub mod policy;
pub mod ports;
pub mod text;
pub mod time;
pub mod version;
pub mod watch;

use super::evaluate::Machine;
use super::types::Ty;
use super::value::{Answer, Value};

/// A function or method.
pub struct Function {
    /// As it is called.
    pub name: &'static str,
    /// What it is called on; `None` for a plain function.
    pub on: Option<Shape>,
    /// What null as its target means.
    pub null: Null,
    /// Arguments.
    pub params: &'static [Param],
    /// How many of the last arguments may be left out.
    pub optional: usize,
    /// What it answers.
    pub returns: Returns,
    /// True when it speaks of the rule's resource, so that rules about the account cannot use it.
    pub needs_resource: bool,
    /// One sentence.
    pub about: &'static str,
    /// The code; the target is the first value.
    pub run: for<'a, 'm> fn(&'m mut Machine<'a>, &'m [Value<'a>]) -> Answer<'a>,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// An argument.
pub struct Param {
    /// For messages.
    pub name: &'static str,
    /// What it must be.
    pub shape: Shape,
    /// What null means.
    pub null: Null,
}

/// What a null argument means to a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// Nothing: the checker wants the case written out.
    Refused,
    /// The answer is not known.
    Unknown,
    /// The function knows what to make of it.
    Meant,
}

/// Rough types, as far as functions tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Anything.
    Any,
    /// true, false
    Bool,
    /// A number.
    Number,
    /// Text.
    Text,
    /// A time, as text.
    Time,
    /// A list.
    List,
    /// An object or map.
    Object,
    /// What has a size: text, list, map.
    Sized,
    /// A literal resource type.
    TypeName,
    /// A resource.
    Resource,
    /// A policy document.
    Policy,
    /// A network range.
    Cidr,
    /// A range of ports.
    Ports,
    /// A version.
    Version,
    /// `exposure`
    Exposure,
}

impl Shape {
    /// The shape of a type.
    pub fn of(ty: &Ty) -> Shape {
        match ty {
            Ty::Any | Ty::Null => Shape::Any,
            Ty::Bool => Shape::Bool,
            Ty::Number => Shape::Number,
            Ty::Text => Shape::Text,
            Ty::Time => Shape::Time,
            Ty::List(_) => Shape::List,
            Ty::Map(_) | Ty::Object(_) | Ty::Block(..) | Ty::Config(_) | Ty::Facts(_) | Ty::Tags => Shape::Object,
            Ty::Resource(_) => Shape::Resource,
            Ty::Exposure => Shape::Exposure,
            Ty::Policy => Shape::Policy,
            Ty::Cidr => Shape::Cidr,
            Ty::Ports => Shape::Ports,
            Ty::Version => Shape::Version,
        }
    }

    /// True when a value of a type may be given here.
    pub fn accepts(self, ty: &Ty) -> bool {
        self.takes(Shape::of(ty))
    }

    fn takes(self, other: Shape) -> bool {
        match (self, other) {
            (Shape::Any, _) | (_, Shape::Any) => true,
            (Shape::Sized, o) => matches!(o, Shape::Text | Shape::List | Shape::Object),
            (Shape::Text | Shape::Time | Shape::TypeName, o) => matches!(o, Shape::Text | Shape::Time),
            (a, b) => a == b,
        }
    }

    /// True when a value found at run time is of this shape.
    pub fn holds(self, value: &Value<'_>) -> bool {
        let found = match value {
            Value::Null | Value::Absent(_) => return true,
            Value::Bool(_) => Shape::Bool,
            Value::Number(_) => Shape::Number,
            Value::Text(_) => Shape::Text,
            Value::List(_) => Shape::List,
            Value::Object(_) | Value::Config(_) | Value::Facts(_) | Value::Tags(_) => Shape::Object,
            Value::Resource(_) => Shape::Resource,
            Value::Exposure(_) => Shape::Exposure,
            Value::Policy(_) => Shape::Policy,
            Value::Cidr(_) => Shape::Cidr,
            Value::Ports(_) => Shape::Ports,
            Value::Version(_) => Shape::Version,
        };
        self.takes(found)
    }

    /// True when two values of the shape can be equal.
    pub fn has_equality(self) -> bool {
        !matches!(self, Shape::Policy | Shape::Exposure)
    }

    /// In words.
    pub fn noun(self) -> &'static str {
        match self {
            Shape::Any => "anything",
            Shape::Bool => "true or false",
            Shape::Number => "a number",
            Shape::Text => "text",
            Shape::Time => "a time",
            Shape::List => "a list",
            Shape::Object => "an object",
            Shape::Sized => "text, a list or a map",
            Shape::TypeName => "a resource type",
            Shape::Resource => "a resource",
            Shape::Policy => "a policy",
            Shape::Cidr => "a network range",
            Shape::Ports => "a port range",
            Shape::Version => "a version",
            Shape::Exposure => "exposure",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Shape::Any => "value",
            Shape::Bool => "bool",
            Shape::Number => "number",
            Shape::Text | Shape::TypeName => "text",
            Shape::Time => "time",
            Shape::List => "list",
            Shape::Object => "object",
            Shape::Sized => "x",
            Shape::Resource => "resource",
            Shape::Policy => "policy(…)",
            Shape::Cidr => "cidr(…)",
            Shape::Ports => "ports(…)",
            Shape::Version => "version(…)",
            Shape::Exposure => "exposure",
        }
    }
}

/// What a function answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// true, false
    Bool,
    /// A number.
    Number,
    /// Text.
    Text,
    /// Text, or null when there is none.
    TextOrNull,
    /// A list of text.
    Texts,
    /// Anything.
    Any,
    /// A list of resources of the type named in the last text literal.
    Resources,
    /// An element of the list it is called on, or null.
    Element,
    /// What it is called on.
    Same,
    /// A policy.
    Policy,
    /// A network range.
    Cidr,
    /// A port range.
    Ports,
    /// A version.
    Version,
}

impl Returns {
    fn word(self) -> &'static str {
        match self {
            Returns::Bool => "bool",
            Returns::Number => "number",
            Returns::Text => "text",
            Returns::TextOrNull => "text or null",
            Returns::Texts => "list of text",
            Returns::Any => "value",
            Returns::Resources => "list of resources",
            Returns::Element => "element or null",
            Returns::Same => "list",
            Returns::Policy => "policy",
            Returns::Cidr => "network range",
            Returns::Ports => "port range",
            Returns::Version => "version",
        }
    }
}

impl Function {
    /// Shape and meaning of null of an argument, counted with the target first.
    pub fn argument(&self, position: usize) -> (Shape, Null) {
        match self.on {
            Some(shape) if position == 0 => (shape, self.null),
            Some(_) => self.params.get(position - 1).map_or((Shape::Any, Null::Unknown), |p| (p.shape, p.null)),
            None => self.params.get(position).map_or((Shape::Any, Null::Unknown), |p| (p.shape, p.null)),
        }
    }
}

/// All functions and methods.
pub fn all() -> impl Iterator<Item = &'static Function> {
    [
        estate::FUNCTIONS,
        network::FUNCTIONS,
        policy::FUNCTIONS,
        time::FUNCTIONS,
        text::FUNCTIONS,
        lists::FUNCTIONS,
        version::FUNCTIONS,
        watch::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}

/// The function of a name that works on a shape (`None`: a plain function).
pub fn find(name: &str, on: Option<Shape>) -> Option<&'static Function> {
    all().find(|f| {
        f.name == name
            && match (f.on, on) {
                (None, None) => true,
                (Some(wanted), Some(given)) => wanted.takes(given),
                _ => false,
            }
    })
}

/// Any function of that name.
pub fn find_any(name: &str) -> Option<&'static Function> {
    all().find(|f| f.name == name)
}

/// Names of all methods, or of all plain functions.
pub fn names(methods: bool) -> Vec<&'static str> {
    let mut names: Vec<&str> = all().filter(|f| f.on.is_some() == methods).map(|f| f.name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// How it is written: `cidr(…).contains(address)`.
pub fn signature(function: &Function) -> String {
    let first_optional = function.params.len() - function.optional;
    let params: Vec<String> = function
        .params
        .iter()
        .enumerate()
        .map(|(i, p)| if i >= first_optional { format!("{}?", p.name) } else { p.name.to_string() })
        .collect();
    let call = format!("{}({})", function.name, params.join(", "));
    let call = match function.on {
        Some(shape) => format!("{}.{call}", shape.word()),
        None => call,
    };
    format!("{call} -> {}", function.returns.word())
}

/// `2 arguments`, `1 or 2 arguments`.
pub fn arity(function: &Function) -> String {
    let most = function.params.len();
    let least = most - function.optional;
    let word = if most == 1 { "argument" } else { "arguments" };
    match (least, most) {
        (_, 0) => "no arguments".into(),
        (a, b) if a == b => format!("{b} {word}"),
        (a, b) => format!("{a} to {b} {word}"),
    }
}

/// The text of an argument; the caller's table declares it text, so the machine has checked it.
fn text<'v>(values: &'v [Value<'_>], position: usize) -> &'v str {
    match values.get(position) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

/// The number of an argument, checked by the machine.
fn number(values: &[Value<'_>], position: usize) -> f64 {
    match values.get(position) {
        Some(Value::Number(n)) => *n,
        _ => f64::NAN,
    }
}
