//! The words templates may use. All are strict: an argument that names nothing is an error, never an empty text.

use std::cmp::Ordering;
use std::sync::Arc;

use handlebars::{
    BlockContext, BlockParams, Context, Handlebars, Helper, HelperDef, HelperResult, JsonTruthy, Output, RenderContext, RenderError,
    RenderErrorReason, Renderable, ScopedJson,
};
use serde_json::{Map, Value, json};

use super::facts::Facts;
use crate::report::escape;

type Named = Map<String, Value>;
type Function<'a> = dyn Fn(&[&Value], &Named) -> Result<Value, String> + Send + Sync + 'a;
type Writer = dyn Fn(&Value) -> Result<String, String> + Send + Sync;

fn error(helper: &str, message: impl std::fmt::Display) -> RenderError {
    RenderErrorReason::Other(format!("{helper}: {message}")).into()
}

/// The arguments of a call; an error when one of them names nothing.
fn strict<'h>(h: &'h Helper<'_>) -> Result<(Vec<&'h Value>, Named), RenderError> {
    let missing = |path: Option<&String>| error(h.name(), format!("{} does not exist", path.map_or("an argument", String::as_str)));
    let mut values = Vec::with_capacity(h.params().len());
    for param in h.params() {
        if param.is_value_missing() {
            return Err(missing(param.relative_path()));
        }
        values.push(param.value());
    }
    let mut named = Named::new();
    for (key, param) in h.hash() {
        if param.is_value_missing() {
            return Err(missing(param.relative_path()));
        }
        named.insert((*key).to_owned(), param.value().clone());
    }
    Ok((values, named))
}

/// A helper that answers with a value. Written into text, the value is escaped like any other.
struct Gives<'a>(Box<Function<'a>>);

impl HelperDef for Gives<'_> {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let (values, named) = strict(h)?;
        (self.0)(&values, &named).map(ScopedJson::Derived).map_err(|e| error(h.name(), e))
    }
}

/// A helper that writes its one argument with an escaping of its own.
struct Writes(Box<Writer>);

impl HelperDef for Writes {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let (values, _) = strict(h)?;
        let [value] = values.as_slice() else { return Err(error(h.name(), "takes one argument")) };
        out.write(&(self.0)(value).map_err(|e| error(h.name(), e))?)?;
        Ok(())
    }
}

/// `if` and `unless`, which here refuse a path that does not exist.
struct If(bool);

impl HelperDef for If {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        rc: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let (values, _) = strict(h)?;
        let [value] = values.as_slice() else { return Err(error(h.name(), "takes one argument")) };
        let branch = if value.is_truthy(false) == self.0 { h.template() } else { h.inverse() };
        branch.map_or(Ok(()), |t| t.render(r, ctx, rc, out))
    }
}

/// `each` over a list (null is the empty list), and `with`, which is `each` over the one value unless it is null.
struct Each {
    single: bool,
}

impl HelperDef for Each {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        rc: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let (values, _) = strict(h)?;
        let items: Vec<Value> = match values.as_slice() {
            [Value::Null] => Vec::new(),
            [value] if self.single => vec![(*value).clone()],
            [Value::Array(items)] => items.clone(),
            _ => return Err(error(h.name(), "takes one list")),
        };
        let Some(body) = h.template() else { return Ok(()) };
        if items.is_empty() {
            return h.inverse().map_or(Ok(()), |t| t.render(r, ctx, rc, out));
        }
        let count = items.len();
        for (index, item) in items.into_iter().enumerate() {
            let mut block = BlockContext::new();
            block.set_local_var("first", json!(index == 0));
            block.set_local_var("last", json!(index + 1 == count));
            block.set_local_var("index", json!(index));
            block.set_local_var("number", json!(index + 1));
            if let Some(name) = h.block_param() {
                let mut params = BlockParams::new();
                params.add_value(name, item.clone())?;
                block.set_block_params(params);
            }
            block.set_base_value(item);
            rc.push_block(block);
            let done = body.render(r, ctx, rc, out);
            rc.pop_block();
            done?;
        }
        Ok(())
    }
}

/// One word of text for a value, or why there is none.
fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(s) => Ok(s.clone()),
        Value::Number(n) => Ok(n.to_string()),
        Value::Bool(b) => Ok(b.to_string()),
        Value::Null => Err("the value is null".into()),
        Value::Array(_) | Value::Object(_) => Err("the value is not a single word".into()),
    }
}

fn sh(value: &Value) -> Result<String, String> {
    match value {
        Value::Array(items) if items.is_empty() => Err("the list is empty".into()),
        Value::Array(items) => {
            items.iter().map(|v| text(v).map(|t| escape::shell(&t).into_owned())).collect::<Result<Vec<_>, _>>().map(|w| w.join(" "))
        }
        other => text(other).map(|t| escape::shell(&t).into_owned()),
    }
}

fn array(value: &Value) -> Result<&[Value], String> {
    match value {
        Value::Array(items) => Ok(items),
        Value::Null => Ok(&[]),
        _ => Err("takes a list".into()),
    }
}

/// A value below `value`: `config.subnet_id`. None when a part is missing.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |v, part| match v {
        Value::Object(fields) => fields.get(part),
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => None,
    })
}

/// A value below `value` by the first of several paths, `config.vpc_id|facts.vpc_id`, that holds one: where a value lies may
/// depend on the type. None when none of the paths exists.
fn at_any<'v>(value: &'v Value, paths: &str) -> Option<&'v Value> {
    let found: Vec<&Value> = paths.split('|').filter_map(|path| at(value, path)).collect();
    found.iter().find(|v| !v.is_null()).or(found.first()).copied()
}

fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x.as_f64()?.partial_cmp(&y.as_f64()?),
        (Value::String(x), Value::String(y)) => Some(x.cmp(y)),
        _ => None,
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x.as_f64() == y.as_f64(),
        _ => a == b,
    }
}

/// The next bigger size of an instance type or database class: `t3.medium` gives `t3.large`.
fn next_size(class: &str) -> Result<String, String> {
    const LADDER: [&str; 11] =
        ["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge", "24xlarge"];
    let (family, size) = class.rsplit_once('.').ok_or_else(|| format!("{class} is not an instance type"))?;
    let place = LADDER.iter().position(|s| *s == size);
    // A size off the ladder (9xlarge, metal) has no general successor: a person must choose.
    Ok(format!("{family}.{}", place.and_then(|i| LADDER.get(i + 1)).unwrap_or(&"choose-a-size")))
}

/// Whether an instance type or database class lives on processor credits (`t3.micro`, `db.t4g.medium`).
fn burstable(class: &str) -> bool {
    let family = class.strip_prefix("db.").unwrap_or(class);
    let mut chars = family.chars();
    chars.next() == Some('t') && chars.next().is_some_and(|c| c.is_ascii_digit())
}

/// A value within the AWS CLI's short notation (`Name=x,Values=y`), where a comma or an equals sign would end it.
fn short(value: &str) -> String {
    if value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@+".contains(c)) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\""))
}

/// Whether two values, each one word or a list of words, have one in common. Null has nothing in common with anything.
fn meet(a: &Value, b: &Value) -> bool {
    fn items(v: &Value) -> &[Value] {
        if let Value::Array(items) = v { items } else { std::slice::from_ref(v) }
    }
    items(a).iter().any(|x| !x.is_null() && items(b).iter().any(|y| same(x, y)))
}

/// The day of an RFC 3339 time as people write it: `3 November 2024`; other text stays as it is.
fn day(value: &str) -> String {
    value
        .parse::<jiff::Timestamp>()
        .map_or_else(|_| value.to_owned(), |t| t.to_zoned(jiff::tz::TimeZone::UTC).strftime("%-d %B %Y").to_string())
}

/// A list as people say it: `a`, `a and b`, `a, b and c`.
fn enumerate(items: &[String]) -> String {
    match items {
        [] => "none".into(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// Gives a registry its helpers. `facts` is what the look-ups (`of_type`, `related` …) answer from.
pub fn register<'a>(registry: &mut Handlebars<'a>, facts: &Arc<Facts<'a>>) {
    for word in ["lookup", "raw", "log", "gte", "lte", "len"] {
        registry.unregister_helper(word);
    }
    registry.register_escape_fn(escape::markdown);
    registry.register_helper("if", Box::new(If(true)));
    registry.register_helper("unless", Box::new(If(false)));
    registry.register_helper("each", Box::new(Each { single: false }));
    registry.register_helper("with", Box::new(Each { single: true }));

    registry.register_helper("sh", Box::new(Writes(Box::new(sh))));
    registry.register_helper("code", Box::new(Writes(Box::new(|v| text(v).map(|t| escape::markdown_code(&t))))));
    // Digits and a point: nothing to escape, and the escape of a point after digits reads badly.
    registry
        .register_helper("money", Box::new(Writes(Box::new(|v| v.as_f64().map(|usd| format!("{usd:.2}")).ok_or("takes a number".into())))));
    registry.register_helper("json", Box::new(Writes(Box::new(|v| serde_json::to_string(v).map_err(|e| e.to_string())))));

    let mut give = |name: &str, f: Box<Function<'a>>| registry.register_helper(name, Box::new(Gives(f)));
    give("md", Box::new(|v, _| text(one(v)?).map(Value::from)));
    give("date", Box::new(|v, _| text(one(v)?).map(|t| Value::from(day(&t)))));
    give(
        "list",
        Box::new(|v, n| {
            let items = array(one(v)?)?;
            let path = n.get("of").and_then(Value::as_str);
            let words = items
                .iter()
                .map(|item| {
                    text(path.map_or(Some(item), |p| at_any(item, p)).ok_or_else(|| format!("{} does not exist", path.unwrap_or("")))?)
                })
                .collect::<Result<Vec<_>, String>>()?;
            Ok(Value::from(enumerate(&words)))
        }),
    );
    give(
        "join",
        Box::new(|v, n| {
            let words = array(one(v)?)?.iter().map(text).collect::<Result<Vec<_>, _>>()?;
            Ok(Value::from(words.join(n.get("with").and_then(Value::as_str).unwrap_or(","))))
        }),
    );
    give("split", Box::new(|v, _| Ok(json!(text(one(v)?)?.split_whitespace().collect::<Vec<_>>()))));
    give(
        "yes_no",
        Box::new(|v, _| {
            Ok(json!(match one(v)? {
                Value::Bool(true) => "yes",
                Value::Bool(false) => "no",
                _ => "not read",
            }))
        }),
    );
    give("burstable", Box::new(|v, _| Ok(json!(one(v)?.as_str().is_some_and(burstable)))));
    give("short", Box::new(|v, _| text(one(v)?).map(|t| Value::from(short(&t)))));
    give("next_size", Box::new(|v, _| text(one(v)?).and_then(|t| next_size(&t)).map(Value::from)));
    give(
        "multiply",
        Box::new(|v, _| {
            let (a, b) = two(v)?;
            let product = a.as_u64().zip(b.as_u64()).and_then(|(a, b)| a.checked_mul(b));
            product.map(Value::from).ok_or_else(|| "takes two whole numbers".into())
        }),
    );
    give("concat", Box::new(|v, _| v.iter().map(|x| text(x)).collect::<Result<String, _>>().map(Value::from)));
    give("count", Box::new(|v, _| Ok(json!(array(one(v)?)?.len()))));
    give(
        "plural",
        Box::new(|v, _| match v {
            [n, singular, plural] => {
                let n = if let Value::Array(items) = n { json!(items.len()) } else { (*n).clone() };
                Ok(json!(format!("{} {}", text(&n)?, text(if same(&n, &json!(1)) { singular } else { plural })?)))
            }
            _ => Err("takes a number or list, the singular and the plural".into()),
        }),
    );

    give("eq", Box::new(|v, _| two(v).map(|(a, b)| json!(same(a, b)))));
    give("ne", Box::new(|v, _| two(v).map(|(a, b)| json!(!same(a, b)))));
    give("gt", Box::new(|v, _| two(v).map(|(a, b)| json!(order(a, b) == Some(Ordering::Greater)))));
    give("lt", Box::new(|v, _| two(v).map(|(a, b)| json!(order(a, b) == Some(Ordering::Less)))));
    give("and", Box::new(|v, _| Ok(json!(v.iter().all(|x| x.is_truthy(false))))));
    give("or", Box::new(|v, _| Ok(json!(v.iter().any(|x| x.is_truthy(false))))));
    give("not", Box::new(|v, _| Ok(json!(!one(v)?.is_truthy(false)))));
    give(
        "in",
        Box::new(|v, _| {
            let (value, rest) = v.split_first().ok_or("takes a value and what to look in")?;
            Ok(json!(rest.iter().any(|r| match r {
                Value::Array(items) => items.iter().any(|i| same(i, value)),
                other => same(other, value),
            })))
        }),
    );
    give("starts_with", Box::new(|v, _| two(v).map(|(a, b)| json!(a.as_str().zip(b.as_str()).is_some_and(|(a, b)| a.starts_with(b))))));
    give("contains", Box::new(|v, _| two(v).map(|(a, b)| json!(a.as_str().zip(b.as_str()).is_some_and(|(a, b)| a.contains(b))))));
    give(
        "coalesce",
        Box::new(|v, _| Ok(v.iter().find(|x| !x.is_null() && x.as_str() != Some("")).or(v.last()).map_or(Value::Null, |x| (*x).clone()))),
    );
    give("slug", Box::new(|v, _| text(one(v)?).map(|t| Value::from(slug(&t)))));

    give(
        "take",
        Box::new(|v, _| {
            let (list, n) = two(v)?;
            let n = usize::try_from(n.as_u64().ok_or("takes a list and a number")?).unwrap_or(usize::MAX);
            Ok(Value::Array(array(list)?.iter().take(n).cloned().collect()))
        }),
    );
    give(
        "pluck",
        Box::new(|v, _| {
            let (list, path) = two(v)?;
            let path = path.as_str().ok_or("takes a list and a path")?;
            let mut found: Vec<Value> = Vec::new();
            for item in array(list)? {
                let value = at_any(item, path).ok_or_else(|| format!("{path} does not exist"))?;
                let values = if let Value::Array(items) = value { items.as_slice() } else { std::slice::from_ref(value) };
                for value in values {
                    if !value.is_null() && !found.contains(value) {
                        found.push(value.clone());
                    }
                }
            }
            Ok(Value::Array(found))
        }),
    );

    give(
        "pairs",
        Box::new(|v, _| match v {
            [Value::Object(fields), key, value] => {
                let (key, value) = (text(key)?, text(value)?);
                Ok(Value::Array(fields.iter().map(|(k, v)| json!({ key.as_str(): k, value.as_str(): v })).collect()))
            }
            _ => Err("takes a map and two names".into()),
        }),
    );
    give(
        "by",
        Box::new(|v, _| match v {
            [list, path, wanted] => {
                let path = path.as_str().ok_or("the second argument is a path")?;
                let mut kept = Vec::new();
                for item in array(list)? {
                    let held = at_any(item, path).ok_or_else(|| format!("{path} does not exist"))?;
                    if meet(held, wanted) {
                        kept.push(item.clone());
                    }
                }
                Ok(Value::Array(kept))
            }
            _ => Err("takes a list, a path and a value or list of values".into()),
        }),
    );

    let f = Arc::clone(facts);
    give(
        "of_type",
        Box::new(move |v, _| {
            let mut found = Vec::new();
            for kind in v {
                found.extend(f.of_type(kind.as_str().ok_or("takes type names")?)?);
            }
            Ok(Value::Array(found))
        }),
    );
    let f = Arc::clone(facts);
    give(
        "related",
        Box::new(move |v, _| {
            let (resource, kind) = two(v)?;
            f.related(resource, kind.as_str().ok_or("takes a resource and a type name")?).map(Value::Array)
        }),
    );
    let f = Arc::clone(facts);
    give(
        "find",
        Box::new(move |v, _| match v {
            [kind, attribute, value] => f.find(&text(kind)?, &text(attribute)?, value),
            _ => Err("takes a type name, an attribute and a value".into()),
        }),
    );
    let f = Arc::clone(facts);
    give(
        "where",
        Box::new(move |v, _| {
            let (list, condition) = two(v)?;
            let items = array(list)?;
            let held = self::condition(condition.as_str().ok_or("takes a list and a condition")?, items, &f)?;
            Ok(Value::Array(items.iter().zip(held).filter(|(_, held)| *held).map(|(item, _)| item.clone()).collect()))
        }),
    );
    let f = Arc::clone(facts);
    give("findings_of", Box::new(move |v, _| Ok(Value::Array(f.findings_of(one(v)?)))));
}

/// Whether a condition, written as after `#if`, holds for each of the items.
///
/// # Errors
/// When it does not compile or names what does not exist.
pub fn condition<'v>(condition: &str, items: impl IntoIterator<Item = &'v Value>, facts: &Arc<Facts<'_>>) -> Result<Vec<bool>, String> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    register(&mut registry, facts);
    registry.register_template_string("condition", format!("{{{{#if {condition}}}}}y{{{{/if}}}}")).map_err(|e| e.to_string())?;
    items.into_iter().map(|item| registry.render("condition", item).map(|t| t == "y").map_err(|e| e.to_string())).collect()
}

fn one<'v>(values: &[&'v Value]) -> Result<&'v Value, String> {
    if let [value] = values { Ok(value) } else { Err("takes one argument".into()) }
}

fn two<'v>(values: &[&'v Value]) -> Result<(&'v Value, &'v Value), String> {
    if let [a, b] = values { Ok((a, b)) } else { Err("takes two arguments".into()) }
}

/// A name in lower-case letters, digits and single hyphens, starting with a letter: what AWS allows in nearly every identifier.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().map(|c| c.to_ascii_lowercase()) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    let slug: String = slug.chars().take(40).collect();
    let slug = slug.trim_end_matches('-');
    if slug.starts_with(|c: char| c.is_ascii_alphabetic()) { slug.to_owned() } else { format!("x-{slug}").trim_end_matches('-').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(template: &str, data: &Value) -> Result<String, String> {
        let estate = crate::estate::Estate::new(crate::estate::Snapshot::default());
        let findings = serde_json::from_value(json!({
            "schema_version": 1, "tool": "", "account": "", "taken_at": "", "ledger": [], "findings": [],
            "summary": {"resources": 0, "rules": 0, "fail": {}, "verdicts": {}, "monthly_usd_savings": 0.0, "unanswered_rules": {}},
        }))
        .unwrap();
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        register(&mut registry, &Arc::new(Facts::new(&estate, &findings)));
        registry.render_template(template, data).map_err(|e| e.to_string())
    }

    #[test]
    fn a_path_that_does_not_exist_is_an_error_everywhere() {
        let data = json!({"db": {"name": "a", "none": null}, "items": [{"x": 1}]});
        for template in [
            "{{db.nme}}",
            "{{#if db.nme}}x{{/if}}",
            "{{#unless db.nme}}x{{/unless}}",
            "{{#each db.nme}}x{{/each}}",
            "{{#each db.nme}}x{{else}}y{{/each}}",
            "{{#with db.nme}}x{{/with}}",
            "{{sh db.nme}}",
            "{{code db.nme}}",
            "{{#if (eq db.nme 1)}}x{{/if}}",
            "{{#if (or db.nme db.name)}}x{{/if}}",
            "{{coalesce db.nme db.name}}",
            "{{#each items as |i|}}{{i.y}}{{/each}}",
            "{{list items of=\"y\"}}",
            "{{#each (pluck items \"y\")}}{{this}}{{/each}}",
        ] {
            assert!(render(template, &data).is_err(), "{template} was rendered");
        }
    }

    #[test]
    fn null_is_no_text_in_a_command_and_false_in_a_condition() {
        let data = json!({"none": null, "empty": []});
        assert!(render("{{sh none}}", &data).unwrap_err().contains("null"));
        assert!(render("{{sh empty}}", &data).unwrap_err().contains("empty"));
        assert!(render("{{code none}}", &data).is_err());
        assert_eq!(render("{{#if none}}a{{else}}b{{/if}}{{#each none}}x{{else}}y{{/each}}", &data).unwrap(), "by");
    }

    #[test]
    fn text_is_escaped_for_markdown_and_commands_for_the_shell() {
        let data = json!({"n": "a|b `$(id)`", "l": ["x y", "z"]});
        assert_eq!(render("{{n}}", &data).unwrap(), r"a\|b \`\$(id)\`");
        assert_eq!(render("{{sh n}} {{sh l}}", &data).unwrap(), "'a|b `$(id)`' 'x y' z");
        assert_eq!(render("{{list l}}", &data).unwrap(), "x y and z");
        assert_eq!(render("{{json n}}", &data).unwrap(), r#""a|b `$(id)`""#);
    }

    #[test]
    fn comparisons_dates_and_lists() {
        let data = json!({"port": 443, "t": "2024-11-03T09:30:00Z", "l": ["a", "b", "c"], "items": [{"id": 1, "s": ["x"]}, {"id": 2, "s": ["x", "y"]}]});
        assert_eq!(render("{{#if (and (eq port 443) (gt port 80) (not (lt port 80)))}}y{{/if}}", &data).unwrap(), "y");
        assert_eq!(render("{{date t}}", &data).unwrap(), "3 November 2024");
        assert_eq!(
            render("{{list l}}; {{join l with=\" \"}}; {{count l}}; {{list (pluck items \"s\")}}", &data).unwrap(),
            "a, b and c; a b c; 3; x and y"
        );
        assert_eq!(render("{{plural l \"item\" \"items\"}} {{plural 1 \"item\" \"items\"}}", &data).unwrap(), "3 items 1 item");
        assert_eq!(render("{{#each (take l 2) as |x|}}{{@number}}{{x}}{{#unless @last}},{{/unless}}{{/each}}", &data).unwrap(), "1a,2b");
        assert_eq!(render("{{#if (in port 80 443)}}y{{/if}}{{#if (in \"z\" l)}}n{{/if}}", &data).unwrap(), "y");
        assert_eq!(
            render("{{next_size \"t3.medium\"}} {{next_size \"db.r6g.4xlarge\"}} {{next_size \"m5.metal\"}}", &data).unwrap(),
            "t3.large db.r6g.8xlarge m5.choose-a-size"
        );
        assert_eq!(
            render("{{burstable \"t4g.nano\"}} {{burstable \"db.t3.small\"}} {{burstable \"trn1.2xlarge\"}} {{burstable l}}", &data)
                .unwrap(),
            "true true false false"
        );
        assert_eq!(render("{{list items of=\"nope|id\"}}; {{money 12}}", &data).unwrap(), "1 and 2; 12.00");
        assert_eq!(render("{{slug \"Exo Live/API – n°1\"}} {{slug \"9x\"}}", &data).unwrap(), "exo-live-api-n-1 x-9x");
    }
}
