//! Values while a rule is evaluated: borrowed from the snapshot, each aware of where it was read.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::estate::Resource;

use super::functions::{ports::Ports, version::Version};
use crate::cidr::Cidr;
use crate::policy::Policy;

/// Why an answer is not known: every cause, in the order in which they were met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown(pub Vec<String>);

impl Unknown {
    /// One cause.
    pub fn because(cause: impl Into<String>) -> Self {
        Unknown(vec![cause.into()])
    }

    /// Both causes.
    #[must_use]
    pub fn and(mut self, other: Unknown) -> Self {
        for cause in other.0 {
            if !self.0.contains(&cause) {
                self.0.push(cause);
            }
        }
        self
    }
}

/// A value, or why there is none.
pub type Answer<'a> = Result<Value<'a>, Unknown>;

/// A JSON value with the place it was read from.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The value: borrowed from the snapshot, or owned when a function made it.
    pub json: Cow<'a, Json>,
    /// The resource it belongs to.
    pub of: Option<&'a Resource>,
    /// `config.ingress.0`
    pub path: String,
}

/// A list that knows whether it is whole.
#[derive(Debug, Clone)]
pub struct List<'a> {
    /// The elements that are known.
    pub items: Items<'a>,
    /// Why there may be more; empty for a whole list.
    pub gaps: Vec<String>,
    /// The resource the list was read from.
    pub of: Option<&'a Resource>,
    /// Where it was read: `config.ingress`, `related aws_subnet`.
    pub path: String,
}

/// Elements in the form they came in.
#[derive(Debug, Clone)]
pub enum Items<'a> {
    /// Of an attribute.
    Json(&'a [Json]),
    /// Of the estate.
    Resources(Arc<[&'a Resource]>),
    /// Made by a function or a literal.
    Values(Arc<[Value<'a>]>),
}

/// What an expression can hold.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// An argument that was asked for and is not set.
    Null,
    /// A field that an untyped object does not have, with its path: never equal to anything.
    Absent(String),
    /// true, false
    Bool(bool),
    /// All numbers; AWS has none that a double cannot hold.
    Number(f64),
    /// Text; times are RFC 3339.
    Text(Cow<'a, str>),
    /// An object of an attribute.
    Object(Place<'a>),
    /// A list.
    List(List<'a>),
    /// A whole resource.
    Resource(&'a Resource),
    /// `config` of a resource.
    Config(&'a Resource),
    /// `facts` of a resource.
    Facts(&'a Resource),
    /// `tags` of a resource.
    Tags(&'a Resource),
    /// Paths from the internet to a resource.
    Exposure(&'a Resource),
    /// A policy document.
    Policy(Arc<Policy>),
    /// A network range.
    Cidr(Cidr),
    /// A range of ports.
    Ports(Ports),
    /// A version number.
    Version(Version),
}

impl<'a> Value<'a> {
    /// Text from a borrowed or owned string.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Value::Text(text.into())
    }

    /// A list of values that a function made.
    pub fn list(items: Vec<Value<'a>>) -> Self {
        Value::List(List { items: Items::Values(items.into()), gaps: Vec::new(), of: None, path: String::new() })
    }

    /// What a JSON value at a place is in the language.
    pub fn from_json(json: Cow<'a, Json>, of: Option<&'a Resource>, path: String) -> Self {
        match json {
            Cow::Borrowed(json) => match json {
                Json::Null => Value::Null,
                Json::Bool(b) => Value::Bool(*b),
                Json::Number(n) => Value::Number(n.as_f64().unwrap_or(f64::NAN)),
                Json::String(s) => Value::Text(Cow::Borrowed(s)),
                Json::Array(items) => Value::List(List { items: Items::Json(items), gaps: Vec::new(), of, path }),
                Json::Object(_) => Value::Object(Place { json: Cow::Borrowed(json), of, path }),
            },
            Cow::Owned(json) => match json {
                Json::Null => Value::Null,
                Json::Bool(b) => Value::Bool(b),
                Json::Number(n) => Value::Number(n.as_f64().unwrap_or(f64::NAN)),
                Json::String(s) => Value::Text(Cow::Owned(s)),
                Json::Array(items) => {
                    let items: Vec<Value<'a>> = items
                        .into_iter()
                        .enumerate()
                        .map(|(i, item)| Value::from_json(Cow::Owned(item), of, format!("{path}.{i}")))
                        .collect();
                    Value::List(List { items: Items::Values(items.into()), gaps: Vec::new(), of, path })
                }
                Json::Object(fields) => Value::Object(Place { json: Cow::Owned(Json::Object(fields)), of, path }),
            },
        }
    }

    /// The kind of value in plain words, for causes.
    pub fn noun(&self) -> &'static str {
        match self {
            Value::Null | Value::Absent(_) => "not set",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::Object(_) => "an object",
            Value::List(_) => "a list",
            Value::Resource(_) => "a resource",
            Value::Config(_) | Value::Facts(_) | Value::Tags(_) => "an object",
            Value::Exposure(_) => "an exposure",
            Value::Policy(_) => "a policy",
            Value::Cidr(_) => "a network range",
            Value::Ports(_) => "a port range",
            Value::Version(_) => "a version",
        }
    }

    /// The value as JSON, for evidence.
    pub fn to_json(&self) -> Json {
        match self {
            Value::Null | Value::Absent(_) => Json::Null,
            Value::Bool(b) => Json::Bool(*b),
            Value::Number(n) => number(*n),
            Value::Text(t) => Json::String(t.to_string()),
            Value::Object(place) => place.json.clone().into_owned(),
            Value::List(list) => Json::Array(list.iter().map(|v| v.to_json()).collect()),
            Value::Resource(r) => Json::String(r.id.clone()),
            Value::Config(r) => Json::Object(r.config.clone().into_iter().collect()),
            Value::Facts(r) => Json::Object(r.facts.clone().into_iter().collect()),
            Value::Tags(r) => Json::Object(r.tags.iter().map(|(k, v)| (k.clone(), Json::String(v.clone()))).collect()),
            Value::Exposure(_) | Value::Policy(_) => Json::Null,
            Value::Cidr(c) => Json::String(c.to_string()),
            Value::Ports(p) => Json::String(p.to_string()),
            Value::Version(v) => Json::String(v.to_string()),
        }
    }

    /// The value in a sentence.
    pub fn display(&self) -> String {
        match self {
            Value::Null | Value::Absent(_) => "not set".into(),
            Value::Bool(b) => b.to_string(),
            Value::Number(n) => number_text(*n),
            Value::Text(t) => t.to_string(),
            Value::Resource(r) => r.label().to_string(),
            Value::List(list) => {
                let shown: Vec<String> = list.iter().take(5).map(|v| v.display()).collect();
                match list.len() {
                    0 => "none".into(),
                    n if n > 5 => format!("{} and {} more", shown.join(", "), n - 5),
                    _ => shown.join(", "),
                }
            }
            Value::Exposure(_) => "exposure".into(),
            Value::Policy(_) => "policy".into(),
            Value::Cidr(c) => c.to_string(),
            Value::Ports(p) => p.to_string(),
            Value::Version(v) => v.to_string(),
            Value::Object(_) | Value::Config(_) | Value::Facts(_) | Value::Tags(_) => self.to_json().to_string(),
        }
    }
}

impl<'a> List<'a> {
    /// Known elements.
    pub fn len(&self) -> usize {
        match &self.items {
            Items::Json(items) => items.len(),
            Items::Resources(items) => items.len(),
            Items::Values(items) => items.len(),
        }
    }

    /// True when no element is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One element.
    pub fn get(&self, index: usize) -> Option<Value<'a>> {
        match &self.items {
            Items::Json(items) => {
                items.get(index).map(|json| Value::from_json(Cow::Borrowed(json), self.of, format!("{}.{index}", self.path)))
            }
            Items::Resources(items) => items.get(index).map(|r| Value::Resource(r)),
            Items::Values(items) => items.get(index).cloned(),
        }
    }

    /// All known elements.
    pub fn iter(&self) -> impl Iterator<Item = Value<'a>> + '_ {
        (0..self.len()).filter_map(|i| self.get(i))
    }

    /// An error when there may be more elements than are known.
    ///
    /// # Errors
    /// The gaps.
    pub fn whole(&self) -> Result<(), Unknown> {
        if self.gaps.is_empty() { Ok(()) } else { Err(Unknown(self.gaps.clone())) }
    }
}

/// A number as JSON: whole where it is whole.
pub fn number(n: f64) -> Json {
    if n.fract() == 0.0 && n.abs() < 9e15 { Json::from(n as i64) } else { Json::from(n) }
}

/// A number in a sentence: at most two decimals.
pub fn number_text(n: f64) -> String {
    if n.fract() == 0.0 && n.abs() < 9e15 { format!("{}", n as i64) } else { format!("{n:.2}") }
}
