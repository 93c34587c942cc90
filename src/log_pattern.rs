//! Filter patterns of CloudWatch Logs: which log events a metric filter counts.
//!
//! Events are JSON here (what CloudTrail writes). Patterns over fields, `{ $.eventName = "StopLogging" }`, and over words are
//! understood; patterns over columns, `[ip, user, …]`, speak of other logs.

use regex::Regex;
use serde_json::Value as Json;

use crate::wildcard::fits;

/// Deepest nesting of parentheses that is read.
const DEEPEST: usize = 64;

/// A filter pattern.
#[derive(Debug, Clone)]
pub enum LogPattern {
    /// `{ … }`: a condition on the fields of an event.
    Fields(Condition),
    /// Words: all of the first list, none of the second, and one of the third unless it is empty.
    Words {
        /// `word`, `"some words"`
        all: Vec<Word>,
        /// `-word`
        none: Vec<Word>,
        /// `?word`
        any: Vec<Word>,
    },
}

/// A condition on fields.
#[derive(Debug, Clone)]
pub enum Condition {
    /// `a && b`
    Both(Box<Condition>, Box<Condition>),
    /// `a || b`
    Either(Box<Condition>, Box<Condition>),
    /// A comparison with a value.
    Compare(Selector, Comparison, Operand),
    /// `EXISTS`, `NOT EXISTS`, `IS NULL`, `IS TRUE`, `IS FALSE`
    Test(Selector, Test),
}

/// The way to a field: `$.a.b[0]`.
#[derive(Debug, Clone)]
pub struct Selector(Vec<Step>);

#[derive(Debug, Clone)]
enum Step {
    Field(String),
    Element(usize),
    Each,
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
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
}

/// What a field is compared with.
#[derive(Debug, Clone)]
pub enum Operand {
    /// Text, in which `*` stands for anything, or a number.
    Text(String),
    /// `%regular expression%`
    Regex(Regex),
}

/// What is asked of a field without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// There is one.
    Exists,
    /// There is none.
    Missing,
    /// It is null.
    Null,
    /// It is true or false.
    Is(bool),
}

/// A word of a pattern over words.
#[derive(Debug, Clone)]
pub enum Word {
    /// As it stands.
    Plain(String),
    /// `%regular expression%`
    Regex(Regex),
}

impl LogPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text.chars().next() {
            Some('{') => {
                let mut reader = Reader { rest: text[1..].trim_start(), depth: 0 };
                let condition = reader.either()?;
                match reader.rest.strip_prefix('}').map(str::trim_start) {
                    Some("") => Ok(LogPattern::Fields(condition)),
                    _ => Err(reader.unexpected()),
                }
            }
            Some('[') => Err("a pattern over columns".into()),
            _ => words(text),
        }
    }

    /// Whether an event is taken in.
    pub fn takes_in(&self, event: &Json) -> bool {
        match self {
            LogPattern::Fields(condition) => condition.holds(event),
            LogPattern::Words { all, none, any } => {
                let line = event.to_string();
                all.iter().all(|w| w.stands_in(&line))
                    && !none.iter().any(|w| w.stands_in(&line))
                    && (any.is_empty() || any.iter().any(|w| w.stands_in(&line)))
            }
        }
    }
}

impl Condition {
    fn holds(&self, event: &Json) -> bool {
        match self {
            Condition::Both(a, b) => a.holds(event) && b.holds(event),
            Condition::Either(a, b) => a.holds(event) || b.holds(event),
            Condition::Compare(selector, comparison, operand) => {
                let found = selector.find(event);
                match comparison {
                    // What is not there is not equal either.
                    Comparison::NotEqual => !found.iter().any(|v| operand.equals(v)),
                    Comparison::Equal => found.iter().any(|v| operand.equals(v)),
                    other => found.iter().any(|v| operand.orders(v, *other)),
                }
            }
            Condition::Test(selector, test) => {
                let found = selector.find(event);
                match test {
                    Test::Exists => !found.is_empty(),
                    Test::Missing => found.is_empty(),
                    Test::Null => found.iter().any(|v| v.is_null()),
                    Test::Is(wanted) => found.iter().any(|v| v.as_bool() == Some(*wanted)),
                }
            }
        }
    }
}

impl Selector {
    fn find<'e>(&self, event: &'e Json) -> Vec<&'e Json> {
        let mut found = vec![event];
        for step in &self.0 {
            found = found
                .into_iter()
                .flat_map(|value| match step {
                    Step::Field(name) => value.get(name).into_iter().collect::<Vec<_>>(),
                    Step::Element(n) => value.get(n).into_iter().collect(),
                    Step::Each => value.as_array().map(|items| items.iter().collect()).unwrap_or_default(),
                })
                .collect();
        }
        found
    }
}

impl Operand {
    fn equals(&self, value: &Json) -> bool {
        let shown = match value {
            Json::String(text) => text.clone(),
            Json::Number(_) | Json::Bool(_) => value.to_string(),
            _ => return false,
        };
        match self {
            Operand::Regex(regex) => regex.is_match(&shown),
            Operand::Text(text) => {
                fits(text, &shown)
                    || value.as_f64().zip(text.parse::<f64>().ok()).is_some_and(|(a, b)| a.total_cmp(&b) == std::cmp::Ordering::Equal)
            }
        }
    }

    fn orders(&self, value: &Json, comparison: Comparison) -> bool {
        let Operand::Text(text) = self else { return false };
        let Some((a, b)) = value.as_f64().zip(text.parse::<f64>().ok()) else { return false };
        match comparison {
            Comparison::Less => a < b,
            Comparison::LessEqual => a <= b,
            Comparison::Greater => a > b,
            _ => a >= b,
        }
    }
}

impl Word {
    fn stands_in(&self, line: &str) -> bool {
        match self {
            Word::Plain(text) => line.contains(text.as_str()),
            Word::Regex(regex) => regex.is_match(line),
        }
    }
}

fn regex(text: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|_| format!("the regular expression {text}"))
}

fn words(text: &str) -> Result<LogPattern, String> {
    let (mut all, mut none, mut any) = (Vec::new(), Vec::new(), Vec::new());
    let mut reader = Reader { rest: text, depth: 0 };
    while !reader.rest.is_empty() {
        let kind = if reader.eat("?") {
            &mut any
        } else if reader.eat("-") {
            &mut none
        } else {
            &mut all
        };
        kind.push(match reader.operand(|_| false)? {
            Operand::Text(text) => Word::Plain(text),
            Operand::Regex(regex) => Word::Regex(regex),
        });
    }
    Ok(LogPattern::Words { all, none, any })
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    /// A word in either case that is not the beginning of a longer one.
    fn eat_word(&mut self, word: &str) -> bool {
        let Some((head, tail)) = self.rest.split_at_checked(word.len()) else { return false };
        let whole = head.eq_ignore_ascii_case(word) && !tail.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if whole {
            self.rest = tail.trim_start();
        }
        whole
    }

    fn unexpected(&self) -> String {
        let shown: String = self.rest.chars().take(30).collect();
        if shown.is_empty() { "its end".into() } else { format!("`{shown}`") }
    }

    fn either(&mut self) -> Result<Condition, String> {
        let mut left = self.both()?;
        while self.eat("||") {
            left = Condition::Either(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Condition, String> {
        let mut left = self.single()?;
        while self.eat("&&") {
            left = Condition::Both(Box::new(left), Box::new(self.single()?));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Condition, String> {
        if self.eat("(") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err("so many parentheses".into());
            }
            let inner = self.either()?;
            self.depth -= 1;
            return if self.eat(")") { Ok(inner) } else { Err(self.unexpected()) };
        }
        let selector = self.selector()?;
        if self.eat_word("NOT") {
            return if self.eat_word("EXISTS") { Ok(Condition::Test(selector, Test::Missing)) } else { Err(self.unexpected()) };
        }
        if self.eat_word("EXISTS") {
            return Ok(Condition::Test(selector, Test::Exists));
        }
        if self.eat_word("IS") {
            for (word, test) in [("NULL", Test::Null), ("TRUE", Test::Is(true)), ("FALSE", Test::Is(false))] {
                if self.eat_word(word) {
                    return Ok(Condition::Test(selector, test));
                }
            }
            return Err(self.unexpected());
        }
        let comparisons = [
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessEqual),
            (">=", Comparison::GreaterEqual),
            ("=", Comparison::Equal),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        match comparisons.into_iter().find(|(token, _)| self.eat(token)) {
            Some((_, comparison)) => Ok(Condition::Compare(selector, comparison, self.operand(|c| "(){}&|=!<>".contains(c))?)),
            None => Err(self.unexpected()),
        }
    }

    fn selector(&mut self) -> Result<Selector, String> {
        let Some(mut rest) = self.rest.strip_prefix('$') else { return Err(self.unexpected()) };
        let mut steps = Vec::new();
        loop {
            rest = match rest.strip_prefix('.').unwrap_or(rest).strip_prefix('[') {
                Some(inside) => {
                    let Some((key, after)) = inside.split_once(']') else { return Err(self.unexpected()) };
                    let key = key.trim();
                    let quoted = key.strip_prefix(['"', '\'']).and_then(|k| k.strip_suffix(['"', '\'']));
                    steps.push(match (quoted, key.parse()) {
                        (Some(name), _) => Step::Field(name.to_string()),
                        (None, Ok(n)) => Step::Element(n),
                        (None, Err(_)) if key == "*" => Step::Each,
                        _ => return Err(self.unexpected()),
                    });
                    after
                }
                None => {
                    let Some(name) = rest.strip_prefix('.') else { break };
                    let end = name.find(|c: char| !(c.is_alphanumeric() || "-_:/@".contains(c))).unwrap_or(name.len());
                    if end == 0 {
                        return Err(self.unexpected());
                    }
                    steps.push(Step::Field(name[..end].to_string()));
                    &name[end..]
                }
            };
        }
        if steps.is_empty() {
            return Err(self.unexpected());
        }
        self.rest = rest.trim_start();
        Ok(Selector(steps))
    }

    /// A text in quotes, a regular expression, or everything up to white space or what ends it.
    fn operand(&mut self, ends: impl Fn(char) -> bool) -> Result<Operand, String> {
        if let Some(quoted) = self.rest.strip_prefix('"') {
            let mut text = String::new();
            let mut chars = quoted.char_indices();
            while let Some((at, c)) = chars.next() {
                match c {
                    '"' => {
                        self.rest = quoted[at + 1..].trim_start();
                        return Ok(Operand::Text(text));
                    }
                    '\\' => text.extend(chars.next().map(|(_, c)| c)),
                    c => text.push(c),
                }
            }
            return Err(self.unexpected());
        }
        if let Some((inside, after)) = self.rest.strip_prefix('%').and_then(|r| r.split_once('%')) {
            self.rest = after.trim_start();
            return Ok(Operand::Regex(regex(inside)?));
        }
        let end = self.rest.find(|c: char| c.is_whitespace() || ends(c)).unwrap_or(self.rest.len());
        if end == 0 {
            return Err(self.unexpected());
        }
        let (text, after) = self.rest.split_at(end);
        self.rest = after.trim_start();
        Ok(Operand::Text(text.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn takes_in(pattern: &str, event: &Json) -> bool {
        LogPattern::parse(pattern).unwrap_or_else(|cause| panic!("{pattern}: {cause}")).takes_in(event)
    }

    #[test]
    fn fields_in_any_order_spacing_and_quoting() {
        let event = json!({ "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging" });
        for pattern in [
            "{ $.eventName = \"StopLogging\" }",
            "{$.eventName=StopLogging}",
            "{($.eventName=CreateTrail)||($.eventName=StopLogging)}",
            "{ ($.eventSource = cloudtrail.amazonaws.com) && (($.eventName = \"StopLogging\") || ($.eventName = \"DeleteTrail\")) }",
            "{ ($.eventName = Stop*) }",
            "{ $.eventName = *Logging }",
            "{ $.eventName = %^(Stop|Start)Logging$% }",
            "{ $.eventName EXISTS && $.errorCode NOT EXISTS && $.eventName != \"StartLogging\" }",
            "{ $['eventName'] = \"StopLogging\" }",
            "{ $.errorCode != \"AccessDenied\" }",
            "",
            "StopLogging -StartLogging",
            "?StopLogging ?DeleteTrail",
            "\"StopLogging\" %cloud.rail%",
        ] {
            assert!(takes_in(pattern, &event), "{pattern}");
        }
        for pattern in [
            "{ $.eventName = \"stoplogging\" }",
            "{ $.eventName = StopLogging && $.eventSource = iam.amazonaws.com }",
            "{ $.eventName NOT EXISTS }",
            "{ $.errorCode = \"*\" }",
            "{ $.eventName.x = StopLogging }",
            "{ $.eventName != Stop* }",
            "StopLogging -cloudtrail",
            "?Start ?Delete",
        ] {
            assert!(!takes_in(pattern, &event), "{pattern}");
        }
    }

    #[test]
    fn and_binds_closer_than_or() {
        let pattern = "{ $.a = 1 || $.b = 1 && $.c = 1 }";
        assert!(takes_in(pattern, &json!({ "a": 1 })));
        assert!(!takes_in(pattern, &json!({ "b": 1 })));
        assert!(takes_in(pattern, &json!({ "b": 1, "c": 1 })));
    }

    #[test]
    fn numbers_lists_and_tests_without_a_value() {
        let event = json!({ "n": 404, "list": [{ "x": "a" }, { "x": "b" }], "mfa": false, "nothing": null });
        for pattern in [
            "{ $.n >= 400 && $.n < 500 && $.n = 404 && $.n = 4* }",
            "{ $.list[1].x = b }",
            "{ $.list[*].x = b }",
            "{ $.mfa IS FALSE }",
            "{ $.nothing IS NULL && $.nothing EXISTS }",
        ] {
            assert!(takes_in(pattern, &event), "{pattern}");
        }
        for pattern in ["{ $.n > 404 }", "{ $.list[2].x = b }", "{ $.mfa IS TRUE }", "{ $.mfa IS NULL }", "{ $.list = b }"] {
            assert!(!takes_in(pattern, &event), "{pattern}");
        }
    }

    #[test]
    fn wildcards() {
        assert!(fits("*UnauthorizedOperation", "Client.UnauthorizedOperation"));
        assert!(fits("AccessDenied*", "AccessDeniedException") && fits("AccessDenied*", "AccessDenied"));
        assert!(fits("a*b*c", "axxbyyc") && !fits("a*b*c", "axxc") && fits("*", "") && !fits("a", "ab"));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for pattern in [
            "[ip, user]",
            "{ $.a }",
            "{ $.a = 1",
            "{ $.a = }",
            "{ a = 1 }",
            "{ $.a = 1 } x",
            "{ $.a = \"1 }",
            "{ $ = 1 }",
            "{ ($.a = 1 }",
            "{ $.a = %(% }",
            "{ $.a IS 1 }",
        ] {
            assert!(LogPattern::parse(pattern).is_err(), "{pattern}");
        }
        assert!(LogPattern::parse(&format!("{{ {}$.a = 1", "(".repeat(100_000))).is_err());
    }
}
