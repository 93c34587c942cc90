//! Evaluation of checked expressions under three-valued logic: true, false, not known.
//!
//! Not known is what depends on something that was not read, is not set where a value is needed, or is of the wrong type.
//! `false && unknown` is false and `true || unknown` is true; everything else that touches an unknown is unknown.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::estate::Resource;

use super::check::{Absence, Expect, Node, Quantifier, Root};
use super::expression::Operator;
use super::functions::Shape;
use super::value::{Answer, Items, List, Place, Unknown, Value, number};
use super::world::World;

/// What a rule is evaluated about.
#[derive(Debug, Clone, Copy)]
pub enum About<'a> {
    /// A resource.
    Resource(&'a Resource),
    /// The whole account.
    Account,
    /// One region.
    Region(&'a str),
}

/// What was read: path and value.
pub type Read = (String, Json);

/// Evaluates the expressions of one rule about one subject.
pub struct Machine<'a> {
    /// Everything that can be asked.
    pub world: &'a World<'a>,
    /// The subject.
    pub about: About<'a>,
    locals: Vec<Local<'a>>,
    /// What was read, when it is wanted.
    reads: Option<Vec<Read>>,
    /// True when something other than the subject's own attributes was asked.
    pub asked_estate: bool,
}

struct Local<'a> {
    value: Value<'a>,
    /// Where a plain value was read, so that it can be shown as evidence.
    path: Option<(String, Option<&'a Resource>)>,
}

impl<'a> Machine<'a> {
    /// A machine that only answers.
    pub fn new(world: &'a World<'a>, about: About<'a>) -> Self {
        Machine { world, about, locals: Vec::new(), reads: None, asked_estate: false }
    }

    /// Starts to note what is read.
    pub fn note_reads(&mut self) {
        self.reads = Some(Vec::new());
    }

    /// What was read since [`Machine::note_reads`].
    pub fn take_reads(&mut self) -> Vec<Read> {
        self.reads.take().unwrap_or_default()
    }

    /// Binds the variable of `each`.
    pub fn bind(&mut self, value: Value<'a>, path: Option<(String, Option<&'a Resource>)>) {
        self.locals.push(Local { value, path });
    }

    /// The subject, when it is a resource.
    pub fn resource(&self) -> Option<&'a Resource> {
        match self.about {
            About::Resource(r) => Some(r),
            _ => None,
        }
    }

    /// The region that listings must be complete in; `None` means all.
    pub fn region(&self) -> Option<&'a str> {
        match self.about {
            About::Resource(r) if r.region != crate::estate::resource::GLOBAL => Some(&r.region),
            About::Region(region) => Some(region),
            _ => None,
        }
    }

    /// Notes a value as evidence.
    pub fn note(&mut self, of: Option<&Resource>, path: &str, value: impl FnOnce() -> Json) {
        let own = self.resource();
        if let Some(reads) = &mut self.reads {
            let key = match (of, own) {
                (Some(of), Some(own)) if std::ptr::eq(of, own) => path.to_string(),
                (Some(of), _) => format!("{} {}: {path}", of.kind, of.id),
                (None, _) => path.to_string(),
            };
            reads.push((key, value()));
        }
    }

    /// The truth of a condition.
    ///
    /// # Errors
    /// When it is not known.
    pub fn truth(&mut self, node: &Node) -> Result<bool, Unknown> {
        match self.value(node)? {
            Value::Bool(b) => Ok(b),
            other => Err(self.misfit(node, &other, "true or false")),
        }
    }

    /// A number.
    ///
    /// # Errors
    /// When it is not known.
    pub fn number(&mut self, node: &Node) -> Result<f64, Unknown> {
        match self.value(node)? {
            Value::Number(n) => Ok(n),
            other => Err(self.misfit(node, &other, "a number")),
        }
    }

    /// A list.
    ///
    /// # Errors
    /// When it is not known.
    pub fn list(&mut self, node: &Node) -> Result<List<'a>, Unknown> {
        match self.value(node)? {
            Value::List(list) => Ok(list),
            Value::Tags(r) => {
                let keys = r.tags.keys().map(|k| Value::text(k.as_str())).collect();
                Ok(as_list(Value::list(keys)))
            }
            Value::Object(place) => {
                let keys: Vec<String> = place.json.as_object().map(|o| o.keys().cloned().collect()).unwrap_or_default();
                Ok(as_list(Value::list(keys.into_iter().map(Value::text).collect())))
            }
            other => Err(self.misfit(node, &other, "a list")),
        }
    }

    fn misfit(&self, node: &Node, value: &Value<'a>, wanted: &str) -> Unknown {
        let path = match value {
            Value::Absent(path) => path.clone(),
            _ => self.path_of(node),
        };
        match value {
            Value::Null | Value::Absent(_) => Unknown::because(format!("{path} is not set")),
            other => Unknown::because(format!("{path} is {}, not {wanted}", other.noun())),
        }
    }

    /// The place an expression reads, for causes.
    fn path_of(&self, node: &Node) -> String {
        match node {
            Node::Root(root) => root_name(*root).into(),
            Node::Local(slot) => match &self.locals[*slot] {
                Local { path: Some((path, _)), .. } => path.clone(),
                Local { value: Value::Object(place), .. } => place.path.clone(),
                Local { value: Value::Resource(r), .. } => format!("{} {}", r.kind, r.id),
                _ => "the element".into(),
            },
            Node::Field { base, name, .. } => format!("{}.{name}", self.path_of(base)),
            Node::Index(base, _) => format!("{}[…]", self.path_of(base)),
            Node::Default(base, _) => self.path_of(base),
            Node::Call(function, args) => match args.first() {
                Some(first) => format!("{}({})", function.name, self.path_of(first)),
                None => format!("{}()", function.name),
            },
            Node::Text(t) => format!("\"{t}\""),
            _ => "the value".into(),
        }
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// When it is not known.
    pub fn value(&mut self, node: &Node) -> Answer<'a> {
        Ok(match node {
            Node::Null => Value::Null,
            Node::Bool(b) => Value::Bool(*b),
            Node::Number(n) => Value::Number(*n),
            Node::Text(t) => Value::text(t.clone()),
            Node::List(items) => Value::list(items.iter().map(|i| self.value(i)).collect::<Result<_, _>>()?),
            Node::Root(root) => self.root(*root)?,
            Node::Local(slot) => {
                let local = &self.locals[*slot];
                let value = local.value.clone();
                if let (Some((path, of)), true) = (&local.path, self.reads.is_some()) {
                    let (path, of) = (path.clone(), *of);
                    self.note(of, &path, || value.to_json());
                }
                value
            }
            Node::Field { base, name, expect } => {
                let base_value = self.value(base)?;
                self.field(base, base_value, name, *expect)?
            }
            Node::Index(base, key) => self.index(base, key)?,
            Node::Not(inner) => Value::Bool(!self.truth(inner)?),
            Node::Negate(inner) => Value::Number(-self.number(inner)?),
            Node::Binary(op, a, b) => self.binary(*op, a, b)?,
            Node::IsNull(inner, wanted) => {
                let null = matches!(self.value(inner)?, Value::Null | Value::Absent(_));
                Value::Bool(null == *wanted)
            }
            Node::Choice(test, yes, no) => {
                if self.truth(test)? {
                    self.value(yes)?
                } else {
                    self.value(no)?
                }
            }
            Node::Quantifier(quantifier, range, body) => self.quantify(*quantifier, range, body)?,
            Node::Default(inner, default) => match self.value(inner)? {
                Value::Null | Value::Absent(_) => self.value(default)?,
                value => value,
            },
            Node::Matches(inner, regex) => match self.value(inner)? {
                Value::Text(text) => Value::Bool(regex.is_match(&text)),
                other => return Err(self.misfit(inner, &other, "text")),
            },
            Node::Call(function, args) => {
                let mut values = Vec::with_capacity(args.len());
                for (position, arg) in args.iter().enumerate() {
                    let value = self.value(arg)?;
                    let (shape, null) = function.argument(position);
                    if matches!(value, Value::Null | Value::Absent(_)) {
                        if null != super::functions::Null::Meant {
                            return Err(self.misfit(arg, &value, shape.noun()));
                        }
                    } else if !shape.holds(&value) {
                        return Err(self.misfit(arg, &value, shape.noun()));
                    }
                    if let Value::List(list) = &value {
                        self.note_list(list);
                    }
                    values.push(value);
                }
                (function.run)(self, &values)?
            }
        })
    }

    fn note_list(&mut self, list: &List<'a>) {
        if self.reads.is_some() && !list.path.is_empty() {
            let (path, of) = (list.path.clone(), list.of);
            let json = Value::List(list.clone()).to_json();
            self.note(of, &path, || json);
        }
    }

    fn root(&mut self, root: Root) -> Answer<'a> {
        let own = self.resource();
        let plain = |text: &'a str| Ok(Value::text(text));
        match (root, own) {
            (Root::Config, Some(r)) => Ok(Value::Config(r)),
            (Root::Facts, Some(r)) => Ok(Value::Facts(r)),
            (Root::Tags, Some(r)) => tags_of(r),
            (Root::Exposure, Some(r)) => Ok(Value::Exposure(r)),
            (Root::Id, Some(r)) => plain(&r.id),
            (Root::Arn, Some(r)) => Ok(r.arn.as_deref().map_or(Value::Null, Value::text)),
            (Root::Name, Some(r)) => plain(r.label()),
            (Root::Type, Some(r)) => plain(&r.kind),
            (Root::Region, Some(r)) => plain(&r.region),
            (Root::Account, Some(r)) => plain(&r.account),
            (Root::Ownership, Some(r)) => {
                let class = ownership(r);
                self.note(Some(r), "ownership", || Json::String(class.clone()));
                Ok(Value::text(class))
            }
            (Root::Region, None) => plain(self.region().unwrap_or(crate::estate::resource::GLOBAL)),
            (Root::Name, None) => match self.about {
                About::Region(region) => plain(region),
                _ => plain(self.world.account_name()),
            },
            (Root::Account, None) => plain(&self.world.estate.snapshot().meta.account),
            _ => Err(Unknown::because(format!("{} is about a resource", root_name(root)))),
        }
    }

    fn field(&mut self, base: &Node, value: Value<'a>, name: &str, expect: Expect) -> Answer<'a> {
        let (json, of, path): (Option<Cow<'a, Json>>, Option<&'a Resource>, String) = match value {
            Value::Config(r) => (r.config.get(name).map(Cow::Borrowed), Some(r), format!("config.{name}")),
            Value::Facts(r) => (r.facts.get(name).map(Cow::Borrowed), Some(r), format!("facts.{name}")),
            Value::Tags(r) => {
                let tag = r.tags.get(name);
                self.note(Some(r), &format!("tags.{name}"), || tag.map_or(Json::Null, |t| Json::String(t.clone())));
                return Ok(tag.map_or(Value::Null, |t| Value::text(t.as_str())));
            }
            Value::Object(place) => {
                let path = format!("{}.{name}", place.path);
                let json = match place.json {
                    Cow::Borrowed(json) => json.get(name).map(Cow::Borrowed),
                    Cow::Owned(mut json) => json.get_mut(name).map(|v| Cow::Owned(v.take())),
                };
                (json, place.of, path)
            }
            Value::Resource(r) => {
                return Ok(match name {
                    "config" => Value::Config(r),
                    "facts" => Value::Facts(r),
                    "tags" => return tags_of(r),
                    "exposure" => Value::Exposure(r),
                    "id" => Value::text(r.id.as_str()),
                    "arn" => r.arn.as_deref().map_or(Value::Null, Value::text),
                    "name" => Value::text(r.label()),
                    "type" => Value::text(r.kind.as_str()),
                    "region" => Value::text(r.region.as_str()),
                    "account" => Value::text(r.account.as_str()),
                    _ => {
                        let class = ownership(r);
                        self.note(Some(r), "ownership", || Json::String(class.clone()));
                        Value::text(class)
                    }
                });
            }
            Value::Exposure(r) => return super::functions::network::exposure_value(self, r, name),
            Value::Null => return Ok(Value::Absent(format!("{}.{name}", self.path_of(base)))),
            Value::Absent(path) => return Ok(Value::Absent(format!("{path}.{name}"))),
            other => return Err(self.misfit(base, &other, "an object")),
        };
        let gap = of.and_then(|r| unread(r, &path));
        let found = match json {
            None => None,
            Some(json) if json.is_null() => None,
            Some(json) => Some(Value::from_json(json, of, path.clone())),
        };
        let found = match (found, gap) {
            // A list of which a part was read keeps what is known.
            (Some(Value::List(mut list)), Some(cause)) if !list.is_empty() => {
                list.gaps.push(format!("{path} not read to the end: {cause}"));
                Some(Value::List(list))
            }
            (_, Some(cause)) => return Err(Unknown::because(format!("{} not read: {cause}", self.shown_path(of, &path)))),
            (found, None) => found,
        };
        let Some(found) = found else {
            if self.reads.is_some() {
                self.note(of, &path, || Json::Null);
            }
            return match expect.absent {
                Absence::Null => Ok(Value::Null),
                Absence::Empty => Ok(Value::List(List { items: Items::Values(Arc::from([])), gaps: Vec::new(), of, path })),
                Absence::Unread => Err(Unknown::because(format!("{} is missing", self.shown_path(of, &path)))),
                Absence::Undeclared => Ok(Value::Absent(path)),
            };
        };
        if !expect.shape.holds(&found) {
            let shown = self.shown_path(of, &path);
            return Err(Unknown::because(format!("{shown} is {}, not {}", found.noun(), expect.shape.noun())));
        }
        if self.reads.is_some() && matches!(found, Value::Bool(_) | Value::Number(_) | Value::Text(_)) {
            self.note(of, &path, || found.to_json());
        }
        Ok(found)
    }

    fn shown_path(&self, of: Option<&Resource>, path: &str) -> String {
        match (of, self.resource()) {
            (Some(of), Some(own)) if !std::ptr::eq(of, own) => format!("{} {}: {path}", of.kind, of.id),
            (Some(of), None) => format!("{} {}: {path}", of.kind, of.id),
            _ => path.to_string(),
        }
    }

    fn index(&mut self, base: &Node, key: &Node) -> Answer<'a> {
        let base_value = self.value(base)?;
        let key_value = self.value(key)?;
        match (base_value, key_value) {
            (Value::List(list), Value::Number(n)) => {
                let position = if n.fract() == 0.0 && n >= 0.0 { Some(n as usize) } else { None };
                match position.and_then(|p| list.get(p)) {
                    Some(value) => {
                        if matches!(value, Value::Bool(_) | Value::Number(_) | Value::Text(_)) {
                            self.note(list.of, &format!("{}.{n}", list.path), || value.to_json());
                        }
                        Ok(value)
                    }
                    None => {
                        list.whole()?;
                        Ok(Value::Absent(format!("{}.{}", list.path, number(n))))
                    }
                }
            }
            (value @ (Value::Object(_) | Value::Tags(_)), Value::Text(field)) => {
                let expect = Expect { shape: Shape::Any, absent: Absence::Null };
                self.field(base, value, &field, expect)
            }
            (Value::Null | Value::Absent(_), _) => Ok(Value::Absent(format!("{}[…]", self.path_of(base)))),
            (value, _) => Err(self.misfit(base, &value, "a list or a map")),
        }
    }

    fn binary(&mut self, op: Operator, a: &Node, b: &Node) -> Answer<'a> {
        let truth = match op {
            Operator::And | Operator::Or => {
                let decisive = op == Operator::Or;
                match self.truth(a) {
                    Ok(left) if left == decisive => decisive,
                    Ok(_) => self.truth(b)?,
                    Err(left) => match self.truth(b) {
                        Ok(right) if right == decisive => decisive,
                        Ok(_) => return Err(left),
                        Err(right) => return Err(left.and(right)),
                    },
                }
            }
            Operator::Equal | Operator::NotEqual => {
                let (left, right) = (self.value(a)?, self.value(b)?);
                for (node, value) in [(a, &left), (b, &right)] {
                    match value {
                        Value::Null | Value::Absent(_) => return Err(self.misfit(node, value, "a value")),
                        Value::List(list) => self.note_list(list),
                        _ => {}
                    }
                }
                match equal(&left, &right)? {
                    Some(equal) => equal == (op == Operator::Equal),
                    None => return Err(self.misfit(b, &right, left.noun())),
                }
            }
            Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
                let (left, right) = (self.value(a)?, self.value(b)?);
                for (node, value) in [(a, &left), (b, &right)] {
                    if matches!(value, Value::Null | Value::Absent(_)) {
                        return Err(self.misfit(node, value, "a value"));
                    }
                }
                let order = match (&left, &right) {
                    (Value::Number(x), Value::Number(y)) => x.partial_cmp(y),
                    (Value::Version(x), Value::Version(y)) => Some(x.cmp(y)),
                    (Value::Text(x), Value::Text(y)) => match (super::functions::time::parse(x), super::functions::time::parse(y)) {
                        (Some(x), Some(y)) => Some(x.cmp(&y)),
                        _ => None,
                    },
                    _ => None,
                };
                let Some(order) = order else { return Err(self.misfit(a, &left, &format!("comparable with {}", right.noun()))) };
                match op {
                    Operator::Less => order == Ordering::Less,
                    Operator::LessEqual => order != Ordering::Greater,
                    Operator::Greater => order == Ordering::Greater,
                    _ => order != Ordering::Less,
                }
            }
            Operator::In => {
                let item = self.value(a)?;
                if matches!(item, Value::Null | Value::Absent(_)) {
                    return Err(self.misfit(a, &item, "a value"));
                }
                let list = self.list(b)?;
                self.note_list(&list);
                let mut found = false;
                let mut odd = None;
                for other in list.iter() {
                    match equal(&item, &other)? {
                        Some(true) => found = true,
                        Some(false) => {}
                        None => odd = Some(other),
                    }
                }
                if !found {
                    list.whole()?;
                    if let Some(odd) = odd {
                        return Err(self.misfit(b, &odd, item.noun()));
                    }
                }
                found
            }
            Operator::Add => {
                let (left, right) = (self.value(a)?, self.value(b)?);
                return match (left, right) {
                    (Value::Number(x), Value::Number(y)) => Ok(Value::Number(x + y)),
                    (Value::Text(x), Value::Text(y)) => Ok(Value::text(format!("{x}{y}"))),
                    (Value::List(x), Value::List(y)) => {
                        let items: Vec<Value<'a>> = x.iter().chain(y.iter()).collect();
                        let gaps = x.gaps.iter().chain(&y.gaps).cloned().collect();
                        Ok(Value::List(List { items: Items::Values(items.into()), gaps, of: None, path: String::new() }))
                    }
                    (Value::Number(_) | Value::Text(_) | Value::List(_), right) => Err(self.misfit(b, &right, "of the same kind")),
                    (left, _) => Err(self.misfit(a, &left, "a number, text or a list")),
                };
            }
            Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Modulo => {
                let (x, y) = (self.number(a)?, self.number(b)?);
                let result = match op {
                    Operator::Subtract => x - y,
                    Operator::Multiply => x * y,
                    Operator::Divide => x / y,
                    _ => x % y,
                };
                if !result.is_finite() {
                    return Err(Unknown::because(format!("{} is zero and divides", self.path_of(b))));
                }
                return Ok(Value::Number(result));
            }
        };
        Ok(Value::Bool(truth))
    }

    fn quantify(&mut self, quantifier: Quantifier, range: &Node, body: &Node) -> Answer<'a> {
        let list = self.list(range)?;
        let whole = list.whole();
        let mut unknown: Option<Unknown> = None;
        let merge = |cause: Unknown, all: &mut Option<Unknown>| {
            *all = Some(match all.take() {
                Some(before) => before.and(cause),
                None => cause,
            });
        };
        let mut kept: Vec<Value<'a>> = Vec::new();
        let mut hits = 0usize;
        for position in 0..list.len() {
            let Some(element) = list.get(position) else { break };
            let mark = self.reads.as_ref().map_or(0, Vec::len);
            let path = match &element {
                Value::Bool(_) | Value::Number(_) | Value::Text(_) if !list.path.is_empty() => {
                    Some((format!("{}.{position}", list.path), list.of))
                }
                _ => None,
            };
            self.locals.push(Local { value: element.clone(), path });
            let outcome = if quantifier == Quantifier::Map {
                self.value(body).map(|v| {
                    kept.push(v);
                    false
                })
            } else {
                self.truth(body)
            };
            self.locals.pop();
            match (quantifier, outcome) {
                // One element decides: keep what was read of it alone.
                (Quantifier::Exists, Ok(true)) => return Ok(Value::Bool(true)),
                (Quantifier::All, Ok(false)) => return Ok(Value::Bool(false)),
                (Quantifier::Filter, Ok(true)) => kept.push(element),
                (Quantifier::ExistsOne | Quantifier::Count, Ok(true)) => hits += 1,
                (Quantifier::Map, Ok(_)) => {}
                (_, Ok(_)) => {
                    if let Some(reads) = &mut self.reads {
                        reads.truncate(mark);
                    }
                }
                (_, Err(cause)) => merge(cause, &mut unknown),
            }
        }
        if let Err(cause) = whole {
            merge(cause, &mut unknown);
        }
        self.note_count(&list);
        match quantifier {
            Quantifier::ExistsOne if hits > 1 => Ok(Value::Bool(false)),
            Quantifier::Filter | Quantifier::Map => {
                let gaps = unknown.map(|u| u.0).unwrap_or_default();
                Ok(Value::List(List { items: Items::Values(kept.into()), gaps, of: None, path: String::new() }))
            }
            _ => match (unknown, quantifier) {
                (Some(cause), _) => Err(cause),
                (None, Quantifier::Exists) => Ok(Value::Bool(false)),
                (None, Quantifier::All) => Ok(Value::Bool(true)),
                (None, Quantifier::ExistsOne) => Ok(Value::Bool(hits == 1)),
                (None, _) => Ok(Value::Number(hits as f64)),
            },
        }
    }

    /// No element decided, so the evidence is the list itself: short ones in full, long ones by their length.
    fn note_count(&mut self, list: &List<'a>) {
        if self.reads.is_none() || list.path.is_empty() {
            return;
        }
        if list.len() <= 5 {
            self.note_list(list);
        } else {
            let (path, of, n) = (list.path.clone(), list.of, list.len());
            self.note(of, &path, || Json::String(format!("{n} elements")));
        }
    }
}

fn as_list(value: Value<'_>) -> List<'_> {
    match value {
        Value::List(list) => list,
        other => List { items: Items::Values(Arc::from([other])), gaps: Vec::new(), of: None, path: String::new() },
    }
}

fn root_name(root: Root) -> &'static str {
    match root {
        Root::Config => "config",
        Root::Facts => "facts",
        Root::Tags => "tags",
        Root::Exposure => "exposure",
        Root::Id => "id",
        Root::Arn => "arn",
        Root::Name => "name",
        Root::Type => "type",
        Root::Region => "region",
        Root::Account => "account",
        Root::Ownership => "ownership",
    }
}

fn ownership(r: &Resource) -> String {
    serde_json::to_value(r.ownership.class).ok().and_then(|v| v.as_str().map(String::from)).unwrap_or_default()
}

fn tags_of<'a>(r: &'a Resource) -> Answer<'a> {
    match r.unread.get("tags") {
        Some(cause) => Err(Unknown::because(format!("tags not read: {cause}"))),
        None => Ok(Value::Tags(r)),
    }
}

/// Why a path was not read, if it was not: itself, something it lies in, or the same path without positions.
pub fn unread<'r>(resource: &'r Resource, path: &str) -> Option<&'r str> {
    if resource.unread.is_empty() {
        return None;
    }
    let without_positions =
        || path.split('.').filter(|part| part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit())).collect::<Vec<_>>().join(".");
    let covers = |gap: &str, path: &str| path.strip_prefix(gap).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let plain = without_positions();
    resource.unread.iter().find(|(gap, _)| covers(gap, path) || covers(gap, &plain)).map(|(_, cause)| cause.as_str())
}

/// Equality; `None` for values that cannot be compared.
fn equal(a: &Value<'_>, b: &Value<'_>) -> Result<Option<bool>, Unknown> {
    Ok(match (a, b) {
        (Value::Bool(x), Value::Bool(y)) => Some(x == y),
        (Value::Number(x), Value::Number(y)) => Some(x == y),
        (Value::Text(x), Value::Text(y)) => Some(x == y),
        (Value::Version(x), Value::Version(y)) => Some(x == y),
        (Value::Cidr(x), Value::Cidr(y)) => Some(x == y),
        (Value::Ports(x), Value::Ports(y)) => Some(x == y),
        (Value::Resource(x), Value::Resource(y)) => Some(std::ptr::eq(*x, *y)),
        (Value::List(x), Value::List(y)) => {
            let same = x.len() == y.len() && x.iter().zip(y.iter()).all(|(a, b)| a.to_json() == b.to_json());
            x.whole()?;
            y.whole()?;
            Some(same)
        }
        (Value::Object(Place { json: x, .. }), Value::Object(Place { json: y, .. })) => Some(x == y),
        _ => None,
    })
}
