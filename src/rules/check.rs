//! The checker: reads an expression against the provider's schema and the declared facts, and turns it into a [`Node`] in which
//! every name is resolved. What it lets pass can only fail at run time for want of data, and that is *unknown*.

use std::collections::BTreeSet;
use std::ops::Range;

use regex::Regex;

use crate::schema::{self, Block, Nesting};

use super::diagnostic::did_you_mean;
use super::expression::{Expr, Kind, Operator};
use super::functions::{self, Function, Null, Returns, Shape};
use super::types::Ty;

/// What a rule is about, which decides the names it may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Every resource of one type.
    Resource(String),
    /// The account as a whole.
    Account,
    /// Every region of the scan.
    Region,
}

impl Subject {
    /// The resource type, for rules about resources.
    pub fn kind(&self) -> Option<&str> {
        match self {
            Subject::Resource(kind) => Some(kind),
            Subject::Account | Subject::Region => None,
        }
    }
}

/// A checked expression.
#[derive(Debug, Clone)]
pub enum Node {
    /// `null`
    Null,
    /// A literal.
    Bool(bool),
    /// A literal.
    Number(f64),
    /// A literal.
    Text(String),
    /// A literal list.
    List(Vec<Node>),
    /// A name of the subject.
    Root(Root),
    /// A variable of a quantifier or of `each`, by its position on the stack.
    Local(usize),
    /// A field of known shape.
    Field {
        /// Of what.
        base: Box<Node>,
        /// Its name.
        name: String,
        /// What must be found there.
        expect: Expect,
    },
    /// An element by number or computed key.
    Index(Box<Node>, Box<Node>),
    /// `!a`
    Not(Box<Node>),
    /// `-a`
    Negate(Box<Node>),
    /// An operator.
    Binary(Operator, Box<Node>, Box<Node>),
    /// `a == null` (true) or `a != null` (false).
    IsNull(Box<Node>, bool),
    /// `a ? b : c`
    Choice(Box<Node>, Box<Node>, Box<Node>),
    /// `list.exists(x, …)` and the like.
    Quantifier(Quantifier, Box<Node>, Box<Node>),
    /// `a.or(b)`
    Default(Box<Node>, Box<Node>),
    /// `text.matches("literal")`, compiled once.
    Matches(Box<Node>, Regex),
    /// A function with its arguments, the target first.
    Call(&'static Function, Vec<Node>),
}

/// Names of the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// `config`
    Config,
    /// `facts`
    Facts,
    /// `tags`
    Tags,
    /// `exposure`
    Exposure,
    /// `id`
    Id,
    /// `arn`
    Arn,
    /// `name`: the name for people.
    Name,
    /// `type`
    Type,
    /// `region`
    Region,
    /// `account`
    Account,
    /// `ownership`
    Ownership,
}

/// What must be found in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expect {
    /// The shape of a value that is there.
    pub shape: Shape,
    /// What an absent or null value is.
    pub absent: Absence,
}

/// What it means that nothing is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// Not set.
    Null,
    /// No elements: an argument of list or block type that is not set.
    Empty,
    /// Cannot be: the provider requires it, so it was not read.
    Unread,
    /// Not declared: unknown unless tested for.
    Undeclared,
}

/// Forms that bind a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// One at least.
    Exists,
    /// Every one.
    All,
    /// Exactly one.
    ExistsOne,
    /// Those for which it holds.
    Filter,
    /// The values.
    Map,
    /// How many.
    Count,
}

impl Quantifier {
    /// By name.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "exists" => Quantifier::Exists,
            "all" => Quantifier::All,
            "exists_one" => Quantifier::ExistsOne,
            "filter" => Quantifier::Filter,
            "map" => Quantifier::Map,
            "count" => Quantifier::Count,
            _ => return None,
        })
    }

    /// Names of all.
    pub const NAMES: [&str; 6] = ["exists", "all", "exists_one", "filter", "map", "count"];
}

/// A mistake in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Characters of the expression's text.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Vec<String>,
}

/// What is known to hold where an expression is read: paths that are not null, lists that are not empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    set: BTreeSet<String>,
    filled: BTreeSet<String>,
}

impl Known {
    fn join(mut self, other: &Known) -> Known {
        self.set.extend(other.set.iter().cloned());
        self.filled.extend(other.filled.iter().cloned());
        self
    }
}

struct Typed {
    node: Node,
    ty: Ty,
    nullable: bool,
}

/// Checks the expressions of one rule.
pub struct Checker<'a> {
    subject: &'a Subject,
    locals: Vec<(String, Ty)>,
    known: Known,
    /// A message may show what is not set; a condition may not rely on it.
    lenient: bool,
    problems: Vec<Problem>,
}

/// What an expression must yield.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A condition.
    Condition,
    /// A number.
    Number,
    /// A list, for `each`.
    List,
    /// Anything that can be shown.
    Shown,
}

/// A checked expression with its type.
pub struct Checked {
    /// Ready for evaluation.
    pub node: Node,
    /// Element type, for `each`.
    pub element: Ty,
    /// What holds when the expression is true.
    pub when_true: Known,
}

impl<'a> Checker<'a> {
    /// A checker for expressions about a subject.
    pub fn new(subject: &'a Subject) -> Self {
        Checker { subject, locals: Vec::new(), known: Known::default(), lenient: false, problems: Vec::new() }
    }

    /// Adds the variable of `each`.
    pub fn bind(&mut self, name: &str, ty: Ty) {
        self.locals.push((name.into(), ty));
    }

    /// Lets what holds when an earlier expression is true count for the later ones.
    pub fn assume(&mut self, known: &Known) {
        self.known = std::mem::take(&mut self.known).join(known);
    }

    /// Checks an expression.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn check(&mut self, expr: &Expr, wanted: Wanted) -> Result<Checked, Vec<Problem>> {
        self.lenient = wanted == Wanted::Shown;
        let typed = self.expr(expr);
        let fits = match (wanted, &typed.ty) {
            (_, Ty::Any) | (Wanted::Condition, Ty::Bool) | (Wanted::Number, Ty::Number) | (Wanted::List, Ty::List(_)) => true,
            (Wanted::Shown, ty) => matches!(
                ty,
                Ty::Bool | Ty::Number | Ty::Text | Ty::Time | Ty::List(_) | Ty::Resource(_) | Ty::Cidr | Ty::Ports | Ty::Version
            ),
            _ => false,
        };
        if !fits {
            let want = match wanted {
                Wanted::Condition => "must be true or false",
                Wanted::Number => "must be a number",
                Wanted::List => "must be a list",
                Wanted::Shown => "cannot be shown in a sentence",
            };
            self.problem(expr, format!("the expression is {} and {want}", typed.ty.noun()));
        }
        let when_true = self.holds(expr, true);
        self.lenient = false;
        if self.problems.is_empty() {
            let element = if let Ty::List(e) = typed.ty { *e } else { Ty::Any };
            Ok(Checked { node: typed.node, element, when_true })
        } else {
            Err(std::mem::take(&mut self.problems))
        }
    }

    fn problem(&mut self, expr: &Expr, message: impl Into<String>) -> &mut Problem {
        self.problems.push(Problem { at: expr.at.clone(), message: message.into(), help: Vec::new() });
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }

    fn wrong(&mut self, expr: &Expr, message: impl Into<String>, help: impl IntoIterator<Item = String>) -> Typed {
        self.problem(expr, message).help.extend(help);
        Typed { node: Node::Null, ty: Ty::Any, nullable: false }
    }

    fn sure(node: Node, ty: Ty) -> Typed {
        Typed { node, ty, nullable: false }
    }

    fn expr(&mut self, e: &Expr) -> Typed {
        match &e.kind {
            Kind::Null => Typed { node: Node::Null, ty: Ty::Null, nullable: true },
            Kind::Bool(b) => Self::sure(Node::Bool(*b), Ty::Bool),
            Kind::Number(n) => Self::sure(Node::Number(*n), Ty::Number),
            Kind::Text(t) => Self::sure(Node::Text(t.clone()), Ty::Text),
            Kind::Name(name) => self.name(e, name),
            Kind::Field(base, field) => self.field(e, base, field),
            Kind::Index(base, key) => self.index(e, base, key),
            Kind::List(items) => {
                let items: Vec<Typed> = items.iter().map(|i| self.expr(i)).collect();
                let ty = items.first().map_or(Ty::Any, |i| i.ty.clone());
                if let Some((i, odd)) = items.iter().enumerate().find(|(_, i)| !i.ty.comparable(&ty)) {
                    let message = format!("a list of {} holds {}", ty.noun(), odd.ty.noun());
                    let Kind::List(sources) = &e.kind else { return Self::sure(Node::Null, Ty::Any) };
                    return self.wrong(&sources[i], message, []);
                }
                Self::sure(Node::List(items.into_iter().map(|i| i.node).collect()), Ty::List(Box::new(ty)))
            }
            Kind::Not(inner) => {
                let node = self.condition(inner);
                Self::sure(Node::Not(Box::new(node)), Ty::Bool)
            }
            Kind::Negate(inner) => {
                let node = self.of_type(inner, &Ty::Number);
                Self::sure(Node::Negate(Box::new(node)), Ty::Number)
            }
            Kind::Binary(op, a, b) => self.binary(e, *op, a, b),
            Kind::Choice(condition, a, b) => {
                let test = self.condition(condition);
                let (yes, no) = (self.holds(condition, true), self.holds(condition, false));
                let a_typed = self.knowing(&yes, |c| c.expr(a));
                let b_typed = self.knowing(&no, |c| c.expr(b));
                if !a_typed.ty.comparable(&b_typed.ty) {
                    let message = format!("one side is {}, the other {}", a_typed.ty.noun(), b_typed.ty.noun());
                    return self.wrong(b, message, []);
                }
                let ty = if a_typed.ty == Ty::Null { b_typed.ty } else { a_typed.ty };
                Typed {
                    node: Node::Choice(Box::new(test), Box::new(a_typed.node), Box::new(b_typed.node)),
                    ty,
                    nullable: a_typed.nullable || b_typed.nullable,
                }
            }
            Kind::Call(target, name, args) => self.call(e, target.as_deref(), name, args),
        }
    }

    fn knowing<T>(&mut self, known: &Known, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.known.clone();
        self.known = before.clone().join(known);
        let out = f(self);
        self.known = before;
        out
    }

    fn roots(&self) -> Vec<&'static str> {
        match self.subject {
            Subject::Resource(_) => {
                vec!["config", "facts", "tags", "exposure", "id", "arn", "name", "type", "region", "account", "ownership"]
            }
            Subject::Account => vec!["account", "name"],
            Subject::Region => vec!["region", "account", "name"],
        }
    }

    fn name(&mut self, e: &Expr, name: &str) -> Typed {
        if let Some(slot) = self.locals.iter().rposition(|(n, _)| n == name) {
            let ty = self.locals[slot].1.clone();
            return Self::sure(Node::Local(slot), ty);
        }
        if !self.roots().contains(&name) {
            return self.unknown_name(e, name);
        }
        let kind = match self.subject {
            Subject::Resource(kind) => kind.clone(),
            _ => String::new(),
        };
        let (root, ty) = match name {
            "config" => (Root::Config, Ty::Config(kind)),
            "facts" => (Root::Facts, Ty::Facts(kind)),
            "tags" => (Root::Tags, Ty::Tags),
            "exposure" => (Root::Exposure, Ty::Exposure),
            "id" => (Root::Id, Ty::Text),
            "arn" => (Root::Arn, Ty::Text),
            "name" => (Root::Name, Ty::Text),
            "type" => (Root::Type, Ty::Text),
            "region" => (Root::Region, Ty::Text),
            "account" => (Root::Account, Ty::Text),
            _ => (Root::Ownership, Ty::Text),
        };
        let nullable = root == Root::Arn && !self.known.set.contains("arn");
        Typed { node: Node::Root(root), ty, nullable }
    }

    fn unknown_name(&mut self, e: &Expr, name: &str) -> Typed {
        let mut help = Vec::new();
        if let Subject::Resource(kind) = self.subject {
            if config_has(kind, name) {
                help.push(format!("it is an argument: write `config.{name}`"));
            } else if schema::facts(kind).contains_key(name) {
                help.push(format!("it is a fact: write `facts.{name}`"));
            }
        } else if ["config", "facts", "tags", "id", "arn", "exposure"].contains(&name) {
            help.push("a rule about the account or a region has no resource of its own: ask with `all(\"aws_…\")`".into());
        }
        if help.is_empty() && functions::find(name, None).is_some() {
            help.push(format!("it is a function: write `{name}(…)`"));
        }
        if help.is_empty() {
            let locals: Vec<String> = self.locals.iter().map(|(n, _)| n.clone()).collect();
            help.extend(did_you_mean(name, self.roots().into_iter().chain(locals.iter().map(String::as_str))));
        }
        self.wrong(e, format!("nothing is called `{name}` here"), help)
    }

    fn field(&mut self, e: &Expr, base: &Expr, field: &str) -> Typed {
        let base_typed = self.expr(base);
        let key = e.spelling();
        let (ty, absent) = match &base_typed.ty {
            Ty::Any => (Ty::Any, Absence::Undeclared),
            Ty::Config(kind) => match self.argument(e, kind, "", schema::provider().resource(kind), field, base) {
                Some(found) => found,
                None => return Self::sure(Node::Null, Ty::Any),
            },
            Ty::Block(block, kind, path) => match self.argument(e, kind, path, Some(block), field, base) {
                Some(found) => found,
                None => return Self::sure(Node::Null, Ty::Any),
            },
            Ty::Facts(kind) => match schema::facts(kind).get(field) {
                Some(fact) => {
                    // A list that was observed is there even when it is empty, so an absent one was not observed.
                    let ty = fact_type(fact.ty);
                    let absent = if matches!(Shape::of(&ty), Shape::List | Shape::Object | Shape::Any) {
                        Absence::Undeclared
                    } else {
                        Absence::Null
                    };
                    (ty, absent)
                }
                None => {
                    let kind = kind.clone();
                    return self.no_fact(e, &kind, field);
                }
            },
            Ty::Object(fields) => match fields.get(field) {
                Some(ty) => (ty.clone(), if matches!(ty, Ty::List(_)) { Absence::Empty } else { Absence::Null }),
                None => {
                    let help = did_you_mean(field, fields.keys().map(String::as_str));
                    return self.wrong(e, format!("the object has no field `{field}`"), help);
                }
            },
            Ty::Map(of) => ((**of).clone(), Absence::Null),
            Ty::Tags => (Ty::Text, Absence::Null),
            Ty::Resource(kind) => match field {
                "config" => (Ty::Config(kind.clone()), Absence::Unread),
                "facts" => (Ty::Facts(kind.clone()), Absence::Unread),
                "tags" => (Ty::Tags, Absence::Unread),
                "exposure" => (Ty::Exposure, Absence::Unread),
                "arn" => (Ty::Text, Absence::Null),
                "id" | "name" | "type" | "region" | "account" | "ownership" => (Ty::Text, Absence::Unread),
                _ => {
                    let mut help = Vec::new();
                    if config_has(kind, field) {
                        help.push(format!("it is an argument: write `{}.config.{field}`", base.spelling()));
                    } else if schema::facts(kind).contains_key(field) {
                        help.push(format!("it is a fact: write `{}.facts.{field}`", base.spelling()));
                    }
                    return self.wrong(e, format!("a resource has no field `{field}`"), help);
                }
            },
            Ty::Exposure => match functions::network::exposure_field(field) {
                Some(ty) => (ty, Absence::Unread),
                None => {
                    let help = did_you_mean(field, functions::network::EXPOSURE_FIELDS);
                    return self.wrong(e, format!("exposure has no field `{field}`"), help);
                }
            },
            other => {
                let message = format!("{} has no fields, so no `{field}`", other.noun());
                let help = match other {
                    Ty::List(_) => vec![format!(
                        "ask about its elements: `{0}.exists(x, x.{field} …)`, or take one: `{0}[0].{field}`",
                        base.spelling()
                    )],
                    _ => Vec::new(),
                };
                return self.wrong(e, message, help);
            }
        };
        let nullable = absent == Absence::Null && !self.known.set.contains(&key);
        let expect = Expect { shape: Shape::of(&ty), absent };
        Typed { node: Node::Field { base: Box::new(base_typed.node), name: field.into(), expect }, ty, nullable }
    }

    /// The type of an argument, or a problem that says what it is instead.
    fn argument(
        &mut self,
        e: &Expr,
        kind: &str,
        above: &str,
        block: Option<&'static Block>,
        field: &str,
        base: &Expr,
    ) -> Option<(Ty, Absence)> {
        let top = above.is_empty();
        let path = if top { field.to_string() } else { format!("{above}.{field}") };
        let Some(block) = block else {
            let help = if schema::facts(kind).contains_key(field) { Some(format!("it is a fact: write `facts.{field}`")) } else { None };
            self.wrong(e, format!("{kind} has no arguments, only facts"), help);
            return None;
        };
        if top && matches!(field, "tags" | "tags_all" | "id" | "arn" | "region" | "name_prefix") && !settable(block, field, kind) {
            let name = field.trim_end_matches("_all").trim_end_matches("_prefix");
            let write = base.spelling().replace("config", name).trim_start_matches('.').to_string();
            self.wrong(e, format!("`{field}` is not kept in config"), [format!("write `{write}`")]);
            return None;
        }
        if let Some(reason) = schema::coverage::left_out(kind, &path) {
            let help = format!("so it would always look unset; why it is left out: {reason}");
            self.wrong(e, format!("a scan does not read `{path}` of {kind}"), [help]);
            return None;
        }
        if let Some(nested) = block.blocks.get(field) {
            let ty = Ty::Block(&nested.block, kind.to_string(), path);
            return Some(match nested.nesting {
                Nesting::Single => (ty, Absence::Null),
                Nesting::List | Nesting::Set => (Ty::List(Box::new(ty)), Absence::Empty),
            });
        }
        match block.attributes.get(field) {
            Some(attribute) if attribute.is_settable() => {
                let ty = Ty::of(&attribute.ty);
                let absent = match ty {
                    _ if attribute.required => Absence::Unread,
                    Ty::List(_) => Absence::Empty,
                    _ => Absence::Null,
                };
                Some((ty, absent))
            }
            Some(_) => {
                let help = if top && schema::facts(kind).contains_key(field) {
                    format!("it is a fact: write `{}`", base.spelling().replace("config", "facts") + "." + field)
                } else {
                    "config holds what code can set; what AWS tells besides stands in `facts`".into()
                };
                self.wrong(e, format!("`{field}` of {kind} is set by AWS, it is not an argument"), [help]);
                None
            }
            None => {
                let mut help = Vec::new();
                if top && schema::facts(kind).contains_key(field) {
                    help.push(format!("it is a fact: write `{}`", base.spelling().replace("config", "facts") + "." + field));
                } else {
                    help.extend(did_you_mean(field, block.names()));
                }
                let place = if top { String::new() } else { format!(" in `{above}`") };
                self.wrong(e, format!("{kind} has no argument `{field}`{place}"), help);
                None
            }
        }
    }

    fn no_fact(&mut self, e: &Expr, kind: &str, field: &str) -> Typed {
        let known = schema::facts(kind);
        let mut help = Vec::new();
        if config_has(kind, field) {
            help.push(format!("it is an argument: write `config.{field}`"));
        } else if let Some(hint) = did_you_mean(field, known.keys().map(String::as_str)) {
            help.push(hint);
        } else {
            let names: Vec<&str> = known.keys().map(String::as_str).collect();
            help.push(format!("declared facts: {}", if names.is_empty() { "none".into() } else { names.join(", ") }));
            help.push("a fact is declared in schema/facts/<service>.yaml".into());
        }
        self.wrong(e, format!("{kind} has no fact `{field}`"), help)
    }

    fn index(&mut self, e: &Expr, base: &Expr, key: &Expr) -> Typed {
        if let Kind::Text(field) = &key.kind {
            return self.field(&Expr { kind: Kind::Field(Box::new(base.clone()), field.clone()), at: key.at.clone() }, base, field);
        }
        let base_typed = self.expr(base);
        let (key_ty, ty) = match &base_typed.ty {
            Ty::Any => (Ty::Any, Ty::Any),
            Ty::List(of) => (Ty::Number, (**of).clone()),
            Ty::Map(of) => (Ty::Text, (**of).clone()),
            Ty::Tags => (Ty::Text, Ty::Text),
            other => {
                let message = format!("{} cannot be indexed", other.noun());
                return self.wrong(e, message, []);
            }
        };
        let key_node = self.of_type(key, &key_ty);
        let nullable = !self.known.set.contains(&e.spelling());
        Typed { node: Node::Index(Box::new(base_typed.node), Box::new(key_node)), ty, nullable }
    }

    fn condition(&mut self, e: &Expr) -> Node {
        let typed = self.expr(e);
        if !matches!(typed.ty, Ty::Bool | Ty::Any) {
            self.problem(e, format!("{} is neither true nor false", typed.ty.noun()));
        }
        typed.node
    }

    fn of_type(&mut self, e: &Expr, wanted: &Ty) -> Node {
        let typed = self.expr(e);
        if !typed.ty.comparable(wanted) || typed.ty == Ty::Null {
            self.problem(e, format!("{} is wanted here, this is {}", wanted.noun(), typed.ty.noun()));
        }
        self.must_be_set(e, &typed);
        typed.node
    }

    /// Refuses what may be null where null has no meaning.
    fn must_be_set(&mut self, e: &Expr, typed: &Typed) {
        if typed.nullable && !self.lenient && typed.ty != Ty::Any && !self.known.set.contains(&e.spelling()) {
            let path = e.spelling();
            let problem = self.problem(e, format!("`{path}` may be null here"));
            problem.help.push(format!(
                "write the case: `{path} != null && …` (null passes), `{path} == null || …` (null fails), or `{path}.or(…)` for a default"
            ));
        }
    }

    fn binary(&mut self, e: &Expr, op: Operator, a: &Expr, b: &Expr) -> Typed {
        let node = |a: Node, b: Node| Node::Binary(op, Box::new(a), Box::new(b));
        match op {
            Operator::And | Operator::Or => {
                let left = self.condition(a);
                let known = self.holds(a, op == Operator::And);
                let right = self.knowing(&known, |c| c.condition(b));
                Self::sure(node(left, right), Ty::Bool)
            }
            Operator::Equal | Operator::NotEqual => {
                let (left, right) = (self.expr(a), self.expr(b));
                let null_side = match (&left.ty, &right.ty) {
                    (Ty::Null, _) => Some(&right),
                    (_, Ty::Null) => Some(&left),
                    _ => None,
                };
                if let Some(side) = null_side {
                    return Self::sure(Node::IsNull(Box::new(side.node.clone()), op == Operator::Equal), Ty::Bool);
                }
                if matches!((&a.kind, &b.kind), (Kind::Bool(_), _) | (_, Kind::Bool(_))) {
                    let (path, value) = if matches!(a.kind, Kind::Bool(_)) { (b, a) } else { (a, b) };
                    let positive = (value.kind == Kind::Bool(true)) == (op == Operator::Equal);
                    let path = path.spelling();
                    let write = if positive { path.clone() } else { format!("!{path}") };
                    return self.wrong(
                        e,
                        "comparing with true or false hides what is not set",
                        [format!("write `{write}`; where it may be unset, `{path}.or(false)` says what that means")],
                    );
                }
                if !left.ty.comparable(&right.ty) || !Shape::of(&left.ty).has_equality() {
                    let message = format!("{} is never equal to {}", left.ty.noun(), right.ty.noun());
                    return self.wrong(e, message, []);
                }
                Self::sure(node(left.node, right.node), Ty::Bool)
            }
            Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
                let (left, right) = (self.expr(a), self.expr(b));
                let ordered = |t: &Ty| matches!(t, Ty::Number | Ty::Version | Ty::Time | Ty::Any);
                let fits = ordered(&left.ty) && ordered(&right.ty) && (left.ty == right.ty || left.ty == Ty::Any || right.ty == Ty::Any);
                if !fits {
                    let message = format!("{} and {} cannot be ordered", left.ty.noun(), right.ty.noun());
                    let text = left.ty == Ty::Text || right.ty == Ty::Text;
                    let help = text.then(|| "for version numbers compare `version(x)`, for numbers in text `number(x)`".to_string());
                    return self.wrong(e, message, help);
                }
                self.must_be_set(a, &left);
                self.must_be_set(b, &right);
                Self::sure(node(left.node, right.node), Ty::Bool)
            }
            Operator::In => {
                let (left, right) = (self.expr(a), self.expr(b));
                let fits = match &right.ty {
                    Ty::List(of) => left.ty.comparable(of),
                    Ty::Map(_) | Ty::Tags => left.ty.comparable(&Ty::Text),
                    Ty::Any => true,
                    _ => false,
                };
                if !fits {
                    let message = format!("{} cannot be in {}", left.ty.noun(), right.ty.noun());
                    let help = (right.ty == Ty::Text).then(|| format!("for a part of a text write `{}.contains(…)`", b.spelling()));
                    return self.wrong(e, message, help);
                }
                Self::sure(node(left.node, right.node), Ty::Bool)
            }
            Operator::Add if matches!(self.peek(a), Ty::Text | Ty::List(_)) => {
                let (left, right) = (self.expr(a), self.expr(b));
                if !left.ty.comparable(&right.ty) {
                    let message = format!("{} and {} cannot be joined", left.ty.noun(), right.ty.noun());
                    return self.wrong(e, message, []);
                }
                self.must_be_set(a, &left);
                self.must_be_set(b, &right);
                Self::sure(node(left.node, right.node), left.ty)
            }
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Modulo => {
                let (left, right) = (self.of_type(a, &Ty::Number), self.of_type(b, &Ty::Number));
                Self::sure(node(left, right), Ty::Number)
            }
        }
    }

    /// The type of an expression, without reporting its mistakes a second time.
    fn peek(&mut self, e: &Expr) -> Ty {
        let count = self.problems.len();
        let ty = self.expr(e).ty;
        self.problems.truncate(count);
        ty
    }

    fn call(&mut self, e: &Expr, target: Option<&Expr>, name: &str, args: &[Expr]) -> Typed {
        if let (Some(target), Some(quantifier)) = (target, Quantifier::of(name)) {
            return self.quantifier(e, target, quantifier, name, args);
        }
        match (target, name, args) {
            (Some(target), "or", [default]) => return self.default(target, default),
            (None, "has", [path]) => {
                if !matches!(path.kind, Kind::Field(..) | Kind::Index(..)) {
                    return self.wrong(e, "has() asks about a path such as `config.port`", []);
                }
                let typed = self.expr(path);
                return Self::sure(Node::IsNull(Box::new(typed.node), false), Ty::Bool);
            }
            (Some(target), "matches", [pattern]) => {
                let node = self.of_type(target, &Ty::Text);
                let Kind::Text(pattern_text) = &pattern.kind else {
                    return self.wrong(pattern, "the pattern must be a text literal", []);
                };
                return match Regex::new(pattern_text) {
                    Ok(regex) => Self::sure(Node::Matches(Box::new(node), regex), Ty::Bool),
                    Err(error) => self.wrong(pattern, format!("not a regular expression: {error}"), []),
                };
            }
            _ => {}
        }
        // `size(x)` is the CEL spelling of `x.size()`.
        let (target, args) = match (target, name, args) {
            (None, "size", [only]) => (Some(only), &args[..0]),
            other => (other.0, other.2),
        };
        let target_typed = target.map(|t| self.expr(t));
        let shape = target_typed.as_ref().map(|t| Shape::of(&t.ty));
        let Some(function) = functions::find(name, shape) else {
            return self.no_function(e, name, target_typed.as_ref().map(|t| &t.ty));
        };
        let wanted = function.params.len();
        if args.len() > wanted || args.len() + function.optional < wanted {
            let message = format!("`{name}` takes {}, {} given", functions::arity(function), args.len());
            return self.wrong(e, message, [format!("`{}`", functions::signature(function))]);
        }
        let mut nodes = Vec::new();
        let mut types = Vec::new();
        if let (Some(target), Some(typed)) = (target, target_typed) {
            if function.null == Null::Refused {
                self.must_be_set(target, &typed);
            }
            types.push(typed.ty.clone());
            nodes.push(typed.node);
        }
        for (arg, param) in args.iter().zip(function.params) {
            if param.shape == Shape::TypeName {
                let Kind::Text(kind) = &arg.kind else {
                    return self.wrong(arg, "the resource type must be a text literal", []);
                };
                if !schema::is_known_type(kind) {
                    let help = schema::provider().nearest_type(kind).map(|n| format!("did you mean `{n}`?"));
                    return self.wrong(arg, format!("no resource type `{kind}`"), help);
                }
                nodes.push(Node::Text(kind.clone()));
                types.push(Ty::Text);
                continue;
            }
            let typed = self.expr(arg);
            if !param.shape.accepts(&typed.ty) {
                let message = format!("`{}` of `{name}` must be {}, this is {}", param.name, param.shape.noun(), typed.ty.noun());
                self.problem(arg, message).help.push(format!("`{}`", functions::signature(function)));
            }
            if param.null == Null::Refused {
                self.must_be_set(arg, &typed);
            }
            types.push(typed.ty);
            nodes.push(typed.node);
        }
        let resource = |nodes: &[Node]| match nodes.iter().rev().find_map(|n| if let Node::Text(t) = n { Some(t) } else { None }) {
            Some(kind) => Ty::List(Box::new(Ty::Resource(kind.clone()))),
            None => Ty::Any,
        };
        let ty = match function.returns {
            Returns::Bool => Ty::Bool,
            Returns::Number => Ty::Number,
            Returns::Text | Returns::TextOrNull => Ty::Text,
            Returns::Texts => Ty::List(Box::new(Ty::Text)),
            Returns::Any => Ty::Any,
            Returns::Resources => resource(&nodes),
            Returns::Element => match types.first() {
                Some(Ty::List(of)) => (**of).clone(),
                _ => Ty::Any,
            },
            Returns::Same => types.first().cloned().unwrap_or(Ty::Any),
            Returns::Policy => Ty::Policy,
            Returns::Cidr => Ty::Cidr,
            Returns::Ports => Ty::Ports,
            Returns::Version => Ty::Version,
        };
        let nullable = matches!(function.returns, Returns::TextOrNull | Returns::Element) && !self.known.set.contains(&e.spelling());
        if matches!(self.subject, Subject::Account | Subject::Region) && function.on.is_none() && function.needs_resource {
            return self.wrong(e, format!("`{name}` is about a resource, and this rule is about the account or a region"), []);
        }
        Typed { node: Node::Call(function, nodes), ty, nullable }
    }

    fn no_function(&mut self, e: &Expr, name: &str, target: Option<&Ty>) -> Typed {
        if let Some(ty) = target {
            if *ty == Ty::Any {
                // Its own mistake was reported, or the value is not declared and must be tested for first.
                return self.wrong(
                    e,
                    format!("no method `{name}` works on a value whose type is not declared"),
                    [format!("known methods: {}", functions::names(true).join(", "))],
                );
            }
            let help = if let Some(function) = functions::find_any(name) {
                vec![format!("it works on {}: `{}`", function.on.map_or("nothing", Shape::noun), functions::signature(function))]
            } else {
                let names: Vec<&str> = functions::names(true).into_iter().chain(Quantifier::NAMES).chain(["or", "matches"]).collect();
                did_you_mean(name, names.iter().copied()).into_iter().collect()
            };
            return self.wrong(e, format!("{} has no method `{name}`", ty.noun()), help);
        }
        let help = match functions::find_any(name) {
            Some(function) => Some(format!("it is a method: `{}`", functions::signature(function))),
            None => did_you_mean(name, functions::names(false)),
        };
        self.wrong(e, format!("no function `{name}`"), help)
    }

    fn quantifier(&mut self, e: &Expr, target: &Expr, quantifier: Quantifier, name: &str, args: &[Expr]) -> Typed {
        let range = self.expr(target);
        let element = match &range.ty {
            Ty::List(of) => (**of).clone(),
            Ty::Any => Ty::Any,
            Ty::Map(_) | Ty::Tags => Ty::Text,
            other => {
                let message = format!("`{name}` works on a list, this is {}", other.noun());
                return self.wrong(e, message, []);
            }
        };
        if range.nullable && Shape::of(&range.ty) != Shape::Any {
            self.must_be_set(target, &range);
        }
        let [Expr { kind: Kind::Name(variable), .. }, body] = args else {
            return self.wrong(e, format!("`{name}` takes a variable and an expression"), [format!("`list.{name}(x, x.… )`")]);
        };
        if self.locals.iter().any(|(n, _)| n == variable) || self.roots().contains(&variable.as_str()) {
            return self.wrong(&args[0], format!("`{variable}` has a meaning here already"), ["take another name".into()]);
        }
        if quantifier == Quantifier::All && !self.known.filled.contains(&target.spelling()) && !self.lenient {
            let path = target.spelling();
            self.problem(e, "`all` is true of an empty list").help.push(format!(
                "say what an empty list means: `{path}.size() > 0 && …`, or ask for the bad one with `{path}.exists(x, !…)`"
            ));
        }
        self.locals.push((variable.clone(), element.clone()));
        let (node, ty) = if quantifier == Quantifier::Map {
            let typed = self.expr(body);
            (typed.node, Ty::List(Box::new(typed.ty)))
        } else {
            let node = self.condition(body);
            let ty = match quantifier {
                Quantifier::Filter => Ty::List(Box::new(element)),
                Quantifier::Count => Ty::Number,
                _ => Ty::Bool,
            };
            (node, ty)
        };
        self.locals.pop();
        Self::sure(Node::Quantifier(quantifier, Box::new(range.node), Box::new(node)), ty)
    }

    fn default(&mut self, target: &Expr, default: &Expr) -> Typed {
        let (a, b) = (self.expr(target), self.expr(default));
        if !a.ty.comparable(&b.ty) {
            let message = format!("the default for {} cannot be {}", a.ty.noun(), b.ty.noun());
            return self.wrong(default, message, []);
        }
        let ty = if a.ty == Ty::Any { b.ty } else { a.ty };
        Typed { node: Node::Default(Box::new(a.node), Box::new(b.node)), ty, nullable: b.nullable }
    }

    /// What is known when `e` is true (or false).
    fn holds(&mut self, e: &Expr, truth: bool) -> Known {
        let mut known = Known::default();
        match &e.kind {
            Kind::Not(inner) => return self.holds(inner, !truth),
            Kind::Binary(Operator::And, a, b) if truth => return self.holds(a, true).join(&self.holds(b, true)),
            Kind::Binary(Operator::Or, a, b) if !truth => return self.holds(a, false).join(&self.holds(b, false)),
            Kind::Binary(Operator::And | Operator::Or, _, _) => {}
            Kind::Binary(op @ (Operator::Equal | Operator::NotEqual), a, b) => {
                let equal = (*op == Operator::Equal) == truth;
                match (&a.kind, &b.kind) {
                    (Kind::Null, _) if !equal => drop(known.set.insert(b.spelling())),
                    (_, Kind::Null) if !equal => drop(known.set.insert(a.spelling())),
                    (Kind::Null, _) | (_, Kind::Null) => {}
                    (_, Kind::List(items)) if items.is_empty() && !equal => drop(known.filled.insert(a.spelling())),
                    _ => known.set.extend([a.spelling(), b.spelling()]),
                }
                self.not_empty(*op, a, b, truth, &mut known);
            }
            Kind::Binary(op, a, b) => {
                // A comparison with null has no answer, so an answer means that both sides are set.
                known.set.extend([a.spelling(), b.spelling()]);
                self.not_empty(*op, a, b, truth, &mut known);
            }
            Kind::Call(None, name, args) if name == "has" && truth => known.set.extend(args.iter().map(Expr::spelling)),
            Kind::Call(Some(list), name, _) if truth && matches!(name.as_str(), "exists" | "exists_one" | "any") => {
                known.filled.insert(list.spelling());
            }
            Kind::Call(..) | Kind::Choice(..) => {}
            _ => drop(known.set.insert(e.spelling())),
        }
        known
    }

    /// `list.size() > 0` and its relatives.
    fn not_empty(&self, op: Operator, a: &Expr, b: &Expr, truth: bool, known: &mut Known) {
        let sized = |e: &Expr| match &e.kind {
            Kind::Call(Some(list), name, _) if name == "size" => Some(list.spelling()),
            Kind::Call(None, name, args) if name == "size" && args.len() == 1 => Some(args[0].spelling()),
            _ => None,
        };
        let (Some(list), Kind::Number(n)) = (sized(a), &b.kind) else { return };
        let filled = match (op, truth) {
            (Operator::Greater, true) => *n >= 0.0,
            (Operator::GreaterEqual | Operator::Equal, true) => *n >= 1.0,
            (Operator::NotEqual, true) | (Operator::Equal, false) => *n == 0.0,
            (Operator::Less, false) => *n >= 1.0,
            (Operator::LessEqual, false) => *n >= 0.0,
            _ => false,
        };
        if filled {
            known.filled.insert(list);
        }
    }
}

fn settable(block: &Block, field: &str, kind: &str) -> bool {
    // Every resource has a computed `id`, and many take tags: both live outside `config`.
    let outside = matches!(field, "tags" | "tags_all" | "id") && kind.starts_with("aws_");
    !outside && (block.blocks.contains_key(field) || block.attributes.get(field).is_some_and(|a| a.is_settable()))
}

fn config_has(kind: &str, name: &str) -> bool {
    schema::provider()
        .resource(kind)
        .is_some_and(|b| b.blocks.contains_key(name) || b.attributes.get(name).is_some_and(|a| a.is_settable()))
        && !matches!(name, "tags" | "tags_all" | "id")
}

fn fact_type(ty: schema::FactType) -> Ty {
    match ty {
        schema::FactType::String => Ty::Text,
        schema::FactType::Number => Ty::Number,
        schema::FactType::Bool => Ty::Bool,
        schema::FactType::Time => Ty::Time,
        schema::FactType::List => Ty::List(Box::new(Ty::Any)),
        schema::FactType::Map => Ty::Map(Box::new(Ty::Any)),
        schema::FactType::Object => Ty::Any,
    }
}
