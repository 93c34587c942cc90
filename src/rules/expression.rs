//! The expression language: CEL, read by the `cel` crate's parser into a small tree of our own.
//!
//! This is the only file that names the crate. Only its parser is used: the checker and the evaluator work on [`Expr`], because
//! they need what the crate's interpreter does not have (types from the provider's schema, "not read" as a value of every type,
//! the attributes that were read). The meaning of the operators is CEL's; where CEL answers with an error, we answer *unknown*.

use std::ops::Range;

use cel::common::ast::{EntryExpr, Expr as Cel, IdedExpr, LiteralValue, SourceInfo, operators};

/// A node with the characters (not bytes) of the source that an error about it should point at.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// Where it stands: a range of characters.
    pub at: Range<usize>,
}

/// The forms of the language.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// `5432`, `0.5`
    Number(f64),
    /// `"gp2"`
    Text(String),
    /// `config`
    Name(String),
    /// `base.field`
    Field(Box<Expr>, String),
    /// `base[key]`
    Index(Box<Expr>, Box<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `!a`
    Not(Box<Expr>),
    /// `-a`
    Negate(Box<Expr>),
    /// `a && b` and the like
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `a ? b : c`
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `f(a)`, or `target.f(a)`
    Call(Option<Box<Expr>>, String, Vec<Expr>),
}

/// Operators with two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `in`
    In,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

impl Operator {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Operator::And => "&&",
            Operator::Or => "||",
            Operator::Equal => "==",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterEqual => ">=",
            Operator::In => "in",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Modulo => "%",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Some(match name {
            operators::LOGICAL_AND => Operator::And,
            operators::LOGICAL_OR => Operator::Or,
            operators::EQUALS => Operator::Equal,
            operators::NOT_EQUALS => Operator::NotEqual,
            operators::LESS => Operator::Less,
            operators::LESS_EQUALS => Operator::LessEqual,
            operators::GREATER => Operator::Greater,
            operators::GREATER_EQUALS => Operator::GreaterEqual,
            operators::IN => Operator::In,
            operators::ADD => Operator::Add,
            operators::SUBSTRACT => Operator::Subtract,
            operators::MULTIPLY => Operator::Multiply,
            operators::DIVIDE => Operator::Divide,
            operators::MODULO => Operator::Modulo,
            _ => return None,
        })
    }
}

impl Expr {
    /// The expression in one fixed spelling, so that two spellings of the same path compare equal.
    pub fn spelling(&self) -> String {
        let many = |items: &[Expr]| items.iter().map(Expr::spelling).collect::<Vec<_>>().join(", ");
        match &self.kind {
            Kind::Null => "null".into(),
            Kind::Bool(b) => b.to_string(),
            Kind::Number(n) => n.to_string(),
            Kind::Text(t) => format!("{t:?}"),
            Kind::Name(n) => n.clone(),
            Kind::Field(base, field) => format!("{}.{field}", base.spelling()),
            Kind::Index(base, key) => match &key.kind {
                Kind::Text(t) => format!("{}.{t}", base.spelling()),
                _ => format!("{}[{}]", base.spelling(), key.spelling()),
            },
            Kind::List(items) => format!("[{}]", many(items)),
            Kind::Not(e) => format!("!{}", e.spelling()),
            Kind::Negate(e) => format!("-{}", e.spelling()),
            Kind::Binary(op, a, b) => format!("({} {} {})", a.spelling(), op.symbol(), b.spelling()),
            Kind::Choice(a, b, c) => format!("({} ? {} : {})", a.spelling(), b.spelling(), c.spelling()),
            Kind::Call(None, name, args) => format!("{name}({})", many(args)),
            Kind::Call(Some(target), name, args) => format!("{}.{name}({})", target.spelling(), many(args)),
        }
    }
}

/// What is wrong with the text of an expression, at a character of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// In a few words.
    pub message: String,
    /// Characters of the source.
    pub at: Range<usize>,
}

/// Reads an expression.
///
/// # Errors
/// Every place where the text is not an expression of the language.
pub fn parse(source: &str) -> Result<Expr, Vec<SyntaxError>> {
    // The environment without macros: `x.exists(y, …)` stays the call it is written as.
    let parser = cel::Env::default().with_optional_support(false).parser();
    let chars: Vec<char> = source.chars().collect();
    match parser.parse_with_source_info(source) {
        Ok((root, info)) => Reader { info: &info, chars: &chars }.read(&root).map_err(|e| vec![e]),
        Err(errors) => Err(errors
            .errors
            .iter()
            .map(|e| {
                let start = offset_of(&chars, e.pos).min(chars.len());
                SyntaxError { message: plain(&e.msg), at: start..start + 1 }
            })
            .collect()),
    }
}

/// Character offset of a line (from 1) and column (from 0 or 1, the parser is not consistent; one off is still a useful caret).
fn offset_of(chars: &[char], (line, column): (isize, isize)) -> usize {
    let mut start = 0;
    for _ in 1..line.max(1) {
        match chars[start..].iter().position(|c| *c == '\n') {
            Some(end) => start += end + 1,
            None => break,
        }
    }
    start + usize::try_from(column - 1).unwrap_or(0)
}

/// The parser's message without its list of token names.
fn plain(message: &str) -> String {
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    match message.split_once(" expecting ") {
        Some((found, _)) => format!("not an expression: {found}"),
        None => format!("not an expression: {message}"),
    }
}

struct Reader<'a> {
    info: &'a SourceInfo,
    chars: &'a [char],
}

impl Reader<'_> {
    fn read(&self, node: &IdedExpr) -> Result<Expr, SyntaxError> {
        let start = self.info.offset_for(node.id).map_or(0, |(start, _)| start as usize);
        let end = self.info.offset_for(node.id).map_or(0, |(_, stop)| stop as usize + 1).max(start + 1);
        let boxed = |e: &IdedExpr| self.read(e).map(Box::new);
        let refuse = |what: &str| Err(SyntaxError { message: format!("{what} cannot be used in rules"), at: start..end });
        let (kind, at) = match &node.expr {
            Cel::Literal(literal) => (
                match literal {
                    LiteralValue::Null => Kind::Null,
                    LiteralValue::Boolean(b) => Kind::Bool(**b),
                    LiteralValue::Int(i) => Kind::Number(**i as f64),
                    LiteralValue::UInt(u) => Kind::Number(**u as f64),
                    LiteralValue::Double(d) => Kind::Number(**d),
                    LiteralValue::String(s) => Kind::Text(s.inner().to_string()),
                    LiteralValue::Bytes(_) => return refuse("bytes"),
                },
                start..end,
            ),
            Cel::Ident(name) => (Kind::Name(name.clone()), self.word(name, start, end)),
            Cel::Select(select) if !select.test => {
                (Kind::Field(boxed(&select.operand)?, select.field.clone()), self.word(&select.field, start, end))
            }
            Cel::List(list) => (Kind::List(list.elements.iter().map(|e| self.read(e)).collect::<Result<_, _>>()?), start..end),
            Cel::Call(call) => {
                let args = &call.args;
                let kind = match (call.func_name.as_str(), args.as_slice()) {
                    (operators::LOGICAL_NOT, [e]) => Kind::Not(boxed(e)?),
                    (operators::NEGATE, [e]) => match self.read(e)?.kind {
                        Kind::Number(n) => Kind::Number(-n),
                        _ => Kind::Negate(boxed(e)?),
                    },
                    (operators::CONDITIONAL, [a, b, c]) => Kind::Choice(boxed(a)?, boxed(b)?, boxed(c)?),
                    (operators::INDEX, [base, key]) => Kind::Index(boxed(base)?, boxed(key)?),
                    (name, [a, b]) if Operator::of(name).is_some() && call.target.is_none() => {
                        Kind::Binary(Operator::of(name).unwrap_or(Operator::And), boxed(a)?, boxed(b)?)
                    }
                    (name, _) => {
                        let target = call.target.as_deref().map(boxed).transpose()?;
                        let args = args.iter().map(|e| self.read(e)).collect::<Result<_, _>>()?;
                        let at = self.word(name, start, end);
                        return Ok(Expr { kind: Kind::Call(target, name.to_string(), args), at });
                    }
                };
                (kind, start..end)
            }
            Cel::Map(map) => {
                // A map literal has no use in a condition; naming its first key in the message shows which one is meant.
                let first = map.entries.first().map(|e| matches!(e.expr, EntryExpr::MapEntry(_)));
                return refuse(if first.is_some() { "a map literal" } else { "an empty map literal" });
            }
            Cel::Struct(_) => return refuse("a message literal"),
            Cel::Select(_) | Cel::Comprehension(_) | Cel::Unspecified => return refuse("this form"),
        };
        Ok(Expr { kind, at })
    }

    /// The parser gives one token for a selection or a call (the dot, the bracket or the name): widen it to the name.
    fn word(&self, name: &str, start: usize, end: usize) -> Range<usize> {
        let wanted: Vec<char> = name.chars().collect();
        let stands_at = |i: usize| self.chars[i..].starts_with(&wanted);
        let limit = self.chars.len();
        let after = (start..limit).find(|i| stands_at(*i));
        let before = (0..start.min(limit)).rev().find(|i| stands_at(*i));
        match (after, before) {
            (Some(a), _) if a <= start + 2 => a..a + wanted.len(),
            (_, Some(b)) if b + wanted.len() + 2 >= start => b..b + wanted.len(),
            (Some(a), _) => a..a + wanted.len(),
            _ => start..end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointed(source: &str, name: &str) -> String {
        fn find<'a>(e: &'a Expr, name: &str) -> Option<&'a Expr> {
            let own = match &e.kind {
                Kind::Name(n) | Kind::Field(_, n) | Kind::Call(_, n, _) => n == name,
                _ => false,
            };
            if own {
                return Some(e);
            }
            match &e.kind {
                Kind::Field(a, _) | Kind::Not(a) | Kind::Negate(a) => find(a, name),
                Kind::Index(a, b) | Kind::Binary(_, a, b) => find(a, name).or_else(|| find(b, name)),
                Kind::Choice(a, b, c) => find(a, name).or_else(|| find(b, name)).or_else(|| find(c, name)),
                Kind::List(v) => v.iter().find_map(|e| find(e, name)),
                Kind::Call(t, _, v) => t.as_deref().and_then(|t| find(t, name)).or_else(|| v.iter().find_map(|e| find(e, name))),
                _ => None,
            }
        }
        let e = parse(source).expect(source);
        let at = find(&e, name).expect(name).at.clone();
        source.chars().skip(at.start).take(at.len()).collect::<String>() + &format!("@{}", at.start)
    }

    #[test]
    fn every_name_is_pointed_at_exactly() {
        assert_eq!(pointed("config.port < 3 && exposed(config.port2)", "port2"), "port2@34");
        assert_eq!(pointed("config.port < 3 && exposed(config.port2)", "exposed"), "exposed@19");
        assert_eq!(pointed("a.exists(x, x.y == 'é' && x.zeta)", "zeta"), "zeta@28");
        assert_eq!(pointed("a.exists(x, x.y == 1)", "exists"), "exists@2");
        assert_eq!(pointed("!policy(config.policy).allows_public()", "allows_public"), "allows_public@23");
        assert_eq!(pointed("config\n  .port\n  == 3", "port"), "port@10");
    }

    #[test]
    fn spelling_is_one_for_equal_paths() {
        assert_eq!(parse("config . a [ 'b' ]").unwrap().spelling(), parse("config.a.b").unwrap().spelling());
    }

    #[test]
    fn broken_text_is_an_error_with_a_place() {
        for source in ["config.port <", "a &&", "(a", "a b", "'open", "{'a': 1}", "b'x'", ""] {
            let errors = parse(source).expect_err(source);
            assert!(errors[0].at.start <= source.chars().count(), "{source}: {errors:?}");
        }
    }
}
