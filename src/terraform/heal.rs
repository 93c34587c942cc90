//! Puts right what a plan shows: the real value goes into the code; where a plan would differ whatever is written, the argument is
//! ignored, with a comment. Works on the text, so that everything else in the files stays as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Attribute, Block, Body, Structure};
use serde_json::Value;

use super::hcl::{self, Expr, Item};
use super::healed::Healed;
use super::verify::{Change, changes, has_true};
use crate::error::Error;
use crate::files;
use crate::schema::overlay::overlay;
use crate::schema::{self, provider};
use crate::secrets;

/// What has been tried, over several plans.
#[derive(Default)]
pub struct Healer {
    /// By block (type, name) and argument.
    tried: BTreeMap<(String, String, String), Tried>,
    /// What was done last about each of them, per instance.
    done: BTreeMap<(String, String, String), Vec<Healed>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tried {
    Value,
    Ignore,
}

/// What to do about one argument of one block.
#[derive(Debug)]
pub struct Case {
    /// Key of each instance of the block and what AWS has.
    pub instances: Vec<(Option<String>, Value)>,
    /// Import id and what the code leads to, of each instance that is imported by this plan.
    imported: Vec<(String, Value, Value)>,
    /// What the code leads to, for the first instance.
    after: Value,
    /// True when the whole block has one instance, or all instances have the same real value.
    uniform: bool,
    pub sensitive: bool,
}

impl Healer {
    /// Changes the code for everything that the plan would update or replace. Returns what was done, one line each; empty when
    /// nothing is left to try.
    pub fn treat(&mut self, folder: &Path, plan: &Value) -> Result<Vec<String>, Error> {
        let mut sources = Sources::read(folder)?;
        let mut done = Vec::new();
        let cases = cases(plan);
        // Defaults of the provider come along with any other change of a resource, and go with it: values first.
        let mut with_values = BTreeSet::new();
        for ((kind, name, argument), case) in &cases {
            let key = (kind.clone(), name.clone(), argument.clone());
            if !self.tried.contains_key(&key) && case.instances.iter().any(|(_, v)| !v.is_null()) {
                with_values.insert((kind.clone(), name.clone()));
            }
        }
        for ((kind, name, argument), case) in cases {
            let key = (kind.clone(), name.clone(), argument.clone());
            let address = format!("{kind}.{name}");
            let Some(block) = sources.find(&kind, &name)? else { continue };
            let written = block.has(&argument);
            let only_in_provider = !written && case.instances.iter().all(|(_, v)| v.is_null());
            if only_in_provider && with_values.contains(&(kind.clone(), name.clone())) {
                continue;
            }
            let next = match self.tried.get(&key) {
                None if only_in_provider || case.sensitive => Tried::Ignore,
                None => Tried::Value,
                Some(Tried::Value) => Tried::Ignore,
                Some(Tried::Ignore) => continue,
            };
            let mut ignored = None;
            let line = match next {
                Tried::Value => match block.fold(&kind, &argument, &case) {
                    Some(edits) => {
                        sources.apply(&kind, &name, edits)?;
                        self.tried.insert(key.clone(), Tried::Value);
                        format!("{address}: {argument} now has the value that AWS has")
                    }
                    None => {
                        let why = "differs between the instances of this block";
                        sources.ignore(&kind, &name, &argument, why)?;
                        self.tried.insert(key.clone(), Tried::Ignore);
                        ignored = Some(why);
                        format!("{address}: {argument} is ignored, because it differs between the instances of the block")
                    }
                },
                Tried::Ignore => {
                    let why = if only_in_provider {
                        "exists only in the provider: import reads nothing and the plan shows a default; may go after the first apply"
                    } else if case.sensitive {
                        "sensitive: its value does not belong here"
                    } else {
                        "the plan differs whatever is written here"
                    };
                    sources.ignore(&kind, &name, &argument, why)?;
                    self.tried.insert(key.clone(), Tried::Ignore);
                    ignored = Some(why);
                    format!("{address}: {argument} is ignored: {why}")
                }
            };
            done.push(line);
            let healed = case.imported.into_iter().map(|(id, value, instead_of)| Healed {
                kind: kind.clone(),
                id,
                argument: argument.clone(),
                ignore: ignored.is_some(),
                value: if ignored.is_some() { Value::Null } else { value },
                instead_of: if ignored.is_some() { Value::Null } else { instead_of },
                reason: ignored.unwrap_or("AWS has this value, and the code led to another").into(),
                date: jiff::Timestamp::now().round(jiff::Unit::Second).map(|t| t.to_string()).unwrap_or_default(),
            });
            self.done.insert(key, healed.collect());
        }
        sources.write()?;
        Ok(done)
    }

    /// What was done and shows in no difference of the last plan.
    pub fn proven(&self, last: &Value) -> Vec<Healed> {
        let open = cases(last);
        self.done.iter().filter(|(key, _)| !open.contains_key(*key)).flat_map(|(_, healed)| healed.clone()).collect()
    }

    /// What is left in the plan, and why nothing more can be done about it.
    pub fn stuck(&self, plan: &Value) -> Vec<String> {
        let mut out = Vec::new();
        for change in changes(plan) {
            let has = |a: &str| change.actions.iter().any(|x| x == a);
            if has("create") && !has("delete") {
                out.push(format!("{}: would be created: no import block leads to it, or it is gone from AWS", change.address));
            } else if has("delete") && !has("create") {
                out.push(format!("{}: would be destroyed: the state holds it and the code does not", change.address));
            }
        }
        for (kind, name, argument) in cases(plan).into_keys() {
            let why = if overlay(&kind).derived.framework {
                "this type shows its default in the plan even where it is ignored"
            } else {
                "neither the real value nor ignoring it makes the plan agree"
            };
            out.push(format!("{kind}.{name}: {argument}: {why}"));
        }
        out
    }
}

/// The arguments that differ, by block and name. Creations and deletions are not among them.
pub fn cases(plan: &Value) -> BTreeMap<(String, String, String), Case> {
    let mut cases: BTreeMap<(String, String, String), Case> = BTreeMap::new();
    let mut all: BTreeMap<(String, String), Vec<Change>> = BTreeMap::new();
    for change in changes(plan) {
        all.entry((change.kind.clone(), change.name.clone())).or_default().push(change);
    }
    for ((kind, name), instances) in all {
        let Some(schema) = provider().resource(&kind) else { continue };
        let mut arguments = BTreeSet::new();
        for change in &instances {
            if !change.actions.iter().any(|a| a == "update" || a == "delete")
                || change.part("before").is_null()
                || change.part("after").is_null()
            {
                continue;
            }
            for argument in schema.attributes.iter().filter(|(_, a)| a.is_settable()).map(|(n, _)| n).chain(schema.blocks.keys()) {
                let unknown = has_true(change.part("after_unknown").get(argument).unwrap_or(&Value::Null));
                let differs = change.part("before").get(argument) != change.part("after").get(argument);
                if argument != "tags_all" && (differs || unknown) {
                    arguments.insert(argument.clone());
                }
            }
        }
        for argument in arguments {
            let value = |c: &Change| c.part("before").get(&argument).cloned().unwrap_or(Value::Null);
            let real: Vec<(Option<String>, Value)> = instances.iter().map(|c| (c.key.clone(), value(c))).collect();
            let uniform = real.iter().all(|(_, v)| *v == real[0].1);
            let sensitive = instances.iter().any(|c| {
                has_true(c.part("before_sensitive").get(&argument).unwrap_or(&Value::Null))
                    || has_true(c.part("after_sensitive").get(&argument).unwrap_or(&Value::Null))
                    || holds_secret(&value(c), None)
            });
            let code = |c: &Change| c.part("after").get(&argument).cloned().unwrap_or(Value::Null);
            let imported = instances.iter().filter_map(|c| Some((c.import_id.clone()?, value(c), code(c)))).collect();
            let after = instances[0].part("after").get(&argument).cloned().unwrap_or(Value::Null);
            cases.insert((kind.clone(), name.clone(), argument), Case { instances: real, imported, after, uniform, sensitive });
        }
    }
    cases
}

/// True for what must not be in code although the provider does not call it sensitive: a variable of a container, say.
fn holds_secret(value: &Value, key: Option<&str>) -> bool {
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(document @ (Value::Array(_) | Value::Object(_))) => holds_secret(&document, key),
            _ => !secrets::find(text, key).is_empty(),
        },
        Value::Array(items) => items.iter().any(|item| holds_secret(item, key)),
        Value::Object(fields) => {
            // `[{name: "DB_PASSWORD", value: "…"}]`, the other way people write key and value.
            let named = fields.get("name").and_then(Value::as_str);
            fields.iter().any(|(field, item)| holds_secret(item, if field == "value" { named } else { Some(field) }))
        }
        _ => false,
    }
}

/// The `.tf` files of a root.
struct Sources {
    texts: BTreeMap<PathBuf, (String, bool)>,
}

/// Replaces a stretch of text.
type Edit = (Range<usize>, String);

/// A resource block in its file.
struct Found {
    path: PathBuf,
    block: Block,
    text: String,
}

impl Sources {
    fn read(folder: &Path) -> Result<Sources, Error> {
        let list = std::fs::read_dir(folder).map_err(|e| Error::input(format!("cannot read {}: {e}", folder.display())))?;
        let mut texts = BTreeMap::new();
        for path in list.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "tf")) {
            let text = files::read_text(&path)?;
            texts.insert(path, (text, false));
        }
        Ok(Sources { texts })
    }

    fn find(&self, kind: &str, name: &str) -> Result<Option<Found>, Error> {
        for (path, (text, _)) in &self.texts {
            if !text.contains(&format!("\"{kind}\" \"{name}\"")) {
                continue;
            }
            let body: Body = text.parse().map_err(|e| Error::input(format!("{}: not HCL: {e}", path.display())))?;
            let found = body.get_blocks("resource").find(|b| b.has_exact_labels(&[kind, name])).cloned();
            if let Some(block) = found {
                return Ok(Some(Found { path: path.clone(), block, text: text.clone() }));
            }
        }
        Ok(None)
    }

    fn apply(&mut self, kind: &str, name: &str, mut edits: Vec<Edit>) -> Result<(), Error> {
        let Some(found) = self.find(kind, name)? else { return Ok(()) };
        let Some((text, changed)) = self.texts.get_mut(&found.path) else { return Ok(()) };
        edits.sort_by_key(|e| std::cmp::Reverse(e.0.start));
        for (range, new) in edits {
            text.replace_range(range, &new);
        }
        *changed = true;
        Ok(())
    }

    /// Adds an argument to `lifecycle.ignore_changes`.
    fn ignore(&mut self, kind: &str, name: &str, argument: &str, why: &str) -> Result<(), Error> {
        let Some(found) = self.find(kind, name)? else { return Ok(()) };
        let line = format!("\n{argument}, # {}", hcl::comment_text(why));
        let lifecycle = found.block.body.get_blocks("lifecycle").next();
        let edit = match lifecycle {
            None => end_of(&found.block).map(|at| (at..at, format!("\nlifecycle {{\nignore_changes = [{line}\n]\n}}\n"))),
            Some(lifecycle) => match lifecycle.body.get_attribute("ignore_changes").map(|a| a.value.span()) {
                None => end_of(lifecycle).map(|at| (at..at, format!("ignore_changes = [{line}\n]\n"))),
                Some(span) => span.map(|s| {
                    let end = if found.text[s.start + 1..].starts_with('\n') { "" } else { "\n" };
                    (s.start + 1..s.start + 1, format!("{line}{end}"))
                }),
            },
        };
        match edit {
            Some(edit) => self.apply(kind, name, vec![edit]),
            None => Ok(()),
        }
    }

    fn write(&self) -> Result<(), Error> {
        for (path, (text, changed)) in &self.texts {
            if *changed {
                // Never leaves a file behind that cannot be read.
                text.parse::<Body>().map_err(|e| Error::internal(format!("{}: healing broke the code: {e}", path.display())))?;
                files::write(path, text.as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Before the closing brace of a block.
fn end_of(block: &Block) -> Option<usize> {
    block.span().map(|s| s.end - 1)
}

impl Found {
    fn has(&self, argument: &str) -> bool {
        self.block.body.has_attribute(argument) || self.block.body.has_blocks(argument)
    }

    /// The edits that put the real value into the code; `None` when one block cannot say it for all its instances.
    fn fold(&self, kind: &str, argument: &str, case: &Case) -> Option<Vec<Edit>> {
        let schema = provider().resource(kind)?;
        if let Some(nested) = schema.blocks.get(argument) {
            if !case.uniform {
                return None;
            }
            let real = &case.instances.first()?.1;
            let blocks: Vec<&Block> = self.block.body.get_blocks(argument).collect();
            let mut edits = Vec::new();
            return match self.patch(&blocks, nested, real, &case.after, &mut edits) {
                Some(()) => Some(edits),
                None => self.fold_blocks(argument, &nested.block, real),
            };
        }
        let attribute = self.block.body.get_attribute(argument);
        if let Some(attribute) = attribute
            && let Some(place) = attribute.value.span().map(|s| self.text[s].to_string())
            && place.starts_with("each.value")
        {
            return self.fold_rows(place.strip_prefix("each.value.").map(str::trim), &case.instances);
        }
        if !case.uniform {
            return None;
        }
        let value = &case.instances.first()?.1;
        match (attribute, value) {
            (Some(attribute), Value::Null) => Some(vec![(line_of(attribute, &self.text)?, String::new())]),
            (Some(attribute), value) => {
                let span = attribute.value.span()?;
                let json = self.text[span.clone()].starts_with("jsonencode(");
                Some(vec![(span, text_of(value, json))])
            }
            (None, Value::Null) => Some(Vec::new()),
            (None, value) => {
                let at = self.block.body.iter().find_map(|s| match s {
                    Structure::Block(b) => b.span().map(|s| s.start),
                    Structure::Attribute(_) => None,
                });
                let at = at.or_else(|| end_of(&self.block))?;
                Some(vec![(at..at, format!("{argument} = {}\n\n", text_of(value, false)))])
            }
        }
    }

    /// Sets only what differs inside nested blocks; `None` when they do not stand one for one.
    fn patch(&self, blocks: &[&Block], schema: &schema::NestedBlock, real: &Value, code: &Value, edits: &mut Vec<Edit>) -> Option<()> {
        let (real, code) = (real.as_array()?, code.as_array()?);
        let in_order = schema.nesting == schema::Nesting::List || blocks.len() == 1;
        if !in_order || real.len() != blocks.len() || code.len() != blocks.len() {
            return None;
        }
        for ((block, real), code) in blocks.iter().zip(real).zip(code) {
            for (name, value) in real.as_object()? {
                if code.get(name) == Some(value) {
                    continue;
                }
                if let Some(nested) = schema.block.blocks.get(name) {
                    let inner: Vec<&Block> = block.body.get_blocks(name).collect();
                    self.patch(&inner, nested, value, code.get(name)?, edits)?;
                } else if schema.block.attributes.get(name).is_some_and(schema::Attribute::is_settable) && name != "tags_all" {
                    match (block.body.get_attribute(name), value) {
                        (Some(attribute), Value::Null) => edits.push((line_of(attribute, &self.text)?, String::new())),
                        (Some(attribute), value) => edits.push((attribute.value.span()?, text_of(value, false))),
                        (None, Value::Null) => {}
                        (None, value) => {
                            let at = block.span()?.end - 1;
                            edits.push((at..at, format!("{name} = {}\n", text_of(value, false))));
                        }
                    }
                }
            }
        }
        Some(())
    }

    /// Writes nested blocks anew, as AWS has them.
    fn fold_blocks(&self, argument: &str, schema: &schema::Block, value: &Value) -> Option<Vec<Edit>> {
        let mut edits = Vec::new();
        let mut at = None;
        for block in self.block.body.get_blocks(argument) {
            let span = block.span()?;
            at.get_or_insert(span.start);
            edits.push((span, String::new()));
        }
        let items: Vec<&Value> = match value {
            Value::Array(items) => items.iter().collect(),
            Value::Null => Vec::new(),
            single => vec![single],
        };
        let blocks = items.iter().filter_map(|v| v.as_object()).map(|fields| Item::Block(block_of(argument, schema, fields)));
        let text = hcl::file(&hcl::blocks(blocks));
        match (at, edits.first_mut()) {
            (Some(_), Some(first)) => first.1 = text.trim_end().to_string(),
            _ => {
                let lifecycle = self.block.body.get_blocks("lifecycle").next().and_then(|b| b.span()).map(|s| s.start);
                let at = lifecycle.or_else(|| end_of(&self.block))?;
                edits.push((at..at, format!("{text}\n")));
            }
        }
        Some(edits)
    }

    /// Sets the value in the rows of `for_each`.
    fn fold_rows(&self, column: Option<&str>, instances: &[(Option<String>, Value)]) -> Option<Vec<Edit>> {
        let rows = &self.block.body.get_attribute("for_each")?.value;
        let Expression::Object(rows) = rows else { return None };
        let mut edits = Vec::new();
        for (key, value) in instances {
            let key = key.as_deref()?;
            let (_, row) = rows.iter().find(|(k, _)| key_text(k) == Some(key))?;
            let cell = match (column, row.expr()) {
                (None, expr) => expr,
                (Some(column), Expression::Object(cells)) => cells.iter().find(|(k, _)| key_text(k) == Some(column))?.1.expr(),
                _ => return None,
            };
            let span = cell.span()?;
            let new = text_of(value, self.text[span.clone()].starts_with("jsonencode("));
            // A reference that leads to the right value must not become a literal, and only a plan can tell: untouched when no literal.
            if matches!(cell, Expression::Traversal(_)) {
                return None;
            }
            edits.push((span, new));
        }
        Some(edits)
    }
}

fn key_text(key: &ObjectKey) -> Option<&str> {
    match key {
        ObjectKey::Ident(ident) => Some(ident.as_str()),
        ObjectKey::Expression(Expression::String(text)) => Some(text.as_str()),
        ObjectKey::Expression(Expression::Variable(name)) => Some(name.as_str()),
        ObjectKey::Expression(_) => None,
    }
}

/// The whole line or lines of an attribute.
fn line_of(attribute: &Attribute, text: &str) -> Option<Range<usize>> {
    let span = attribute.span()?;
    let start = text[..span.start].rfind('\n').map_or(0, |i| i + 1);
    let end = text[span.end..].find('\n').map_or(text.len(), |i| span.end + i + 1);
    Some(start..end)
}

fn text_of(value: &Value, json: bool) -> String {
    let expr = match value.as_str().and_then(|s| serde_json::from_str::<Value>(s).ok()) {
        Some(document) if json => Expr::Call("jsonencode", vec![Expr::literal(&document)]),
        _ => Expr::literal(value),
    };
    let text = hcl::file(&[Item::Attribute { name: "x".into(), value: expr, note: None }]);
    text.trim_start_matches("x = ").trim_end().to_string()
}

/// A nested block with everything that can be set and is.
fn block_of(name: &str, schema: &schema::Block, fields: &serde_json::Map<String, Value>) -> hcl::Block {
    let mut block = hcl::Block::new(name, &[]);
    for (field, value) in fields {
        let empty = match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        } || field == "tags_all";
        if schema.attributes.get(field).is_some_and(|a| a.is_settable() && !a.deprecated) && !empty {
            block.set(field, Expr::literal(value));
        }
    }
    for (field, value) in fields {
        let Some(nested) = schema.blocks.get(field) else { continue };
        for inner in value.as_array().into_iter().flatten().filter_map(Value::as_object) {
            block.body.push(Item::Block(block_of(field, &nested.block, inner)));
        }
    }
    block
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CODE: &str = r#"resource "aws_instance" "api" {
  instance_type = "t3.micro" # keep me
  ami           = "ami-1"

  root_block_device {
    volume_size = 8
  }

  lifecycle {
    prevent_destroy = true
    ignore_changes = [
      ami, # old reason
    ]
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = {
    a       = 7
    "b c/d" = 14
  }

  name              = each.key
  retention_in_days = each.value
}
"#;

    fn change(kind: &str, name: &str, key: Option<&str>, before: Value, after: Value) -> Value {
        json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "index": key,
               "change": {"actions": ["update"], "before": before, "after": after, "after_unknown": {}}})
    }

    fn treat(healer: &mut Healer, folder: &Path, changes: Vec<Value>) -> (Vec<String>, String) {
        let done = healer.treat(folder, &json!({"resource_changes": changes})).unwrap();
        let text = std::fs::read_to_string(folder.join("main.tf")).unwrap();
        text.parse::<Body>().unwrap();
        (done, text)
    }

    #[test]
    fn real_values_go_in_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.tf"), CODE).unwrap();
        let mut healer = Healer::default();
        let before = json!({"instance_type": "c5.xlarge", "root_block_device": [{"volume_size": 100, "volume_type": "gp3", "volume_id": "vol-1"}],
                            "user_data_replace_on_change": null, "ebs_optimized": true});
        let after = json!({"instance_type": "t3.micro", "root_block_device": [{"volume_size": 8}],
                           "user_data_replace_on_change": false, "ebs_optimized": false});
        let plan = vec![change("aws_instance", "api", None, before, after)];
        let (done, text) = treat(&mut healer, folder.path(), plan.clone());
        assert_eq!(done.len(), 3, "{done:?}");
        assert!(text.contains("instance_type = \"c5.xlarge\" # keep me"), "{text}");
        assert!(text.contains("volume_size = 100") && text.contains("volume_type = \"gp3\"") && !text.contains("vol-1"), "{text}");
        assert!(text.contains("ebs_optimized = true"), "{text}");
        let only = |value: Value| json!({"user_data_replace_on_change": value});
        let alone = vec![change("aws_instance", "api", None, only(Value::Null), only(false.into()))];
        let (done, text) = treat(&mut healer, folder.path(), alone);
        assert_eq!(done.len(), 1, "{done:?}");
        assert!(
            text.contains("user_data_replace_on_change, # exists only in the provider") && text.contains("ami, # old reason"),
            "{text}"
        );

        let (done, text) = treat(&mut healer, folder.path(), plan.clone());
        assert!(done.iter().all(|d| d.contains("is ignored")), "{done:?}");
        assert!(text.contains("instance_type, # the plan differs whatever is written here"), "{text}");
        let (done, _) = treat(&mut healer, folder.path(), plan.clone());
        assert_eq!(done, Vec::<String>::new());
        assert_eq!(healer.stuck(&json!({"resource_changes": plan})).len(), 4);
    }

    #[test]
    fn rows_of_a_for_each_are_set_one_by_one() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.tf"), CODE).unwrap();
        let group = |key, real: i64, code: i64| {
            change("aws_cloudwatch_log_group", "this", Some(key), json!({"retention_in_days": real}), json!({"retention_in_days": code}))
        };
        let (_, text) = treat(&mut Healer::default(), folder.path(), vec![group("a", 30, 7), group("b c/d", 14, 14)]);
        assert!(text.contains("a       = 30") && text.contains("\"b c/d\" = 14"), "{text}");
    }

    #[test]
    fn sensitive_values_are_never_written() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.tf"), CODE).unwrap();
        let mut entry = change("aws_instance", "api", None, json!({"user_data": "hunter2"}), json!({"user_data": "x"}));
        entry["change"]["before_sensitive"] = json!({"user_data": true});
        let (_, text) = treat(&mut Healer::default(), folder.path(), vec![entry]);
        assert!(!text.contains("hunter2") && text.contains("user_data, # sensitive"), "{text}");
    }

    #[test]
    fn secrets_that_terraform_does_not_know_are_never_written() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("main.tf"),
            "resource \"aws_ecs_task_definition\" \"api\" {\n  container_definitions = \"[]\"\n}\n",
        )
        .unwrap();
        let real = json!([{"environment": [{"name": "DB_PASSWORD", "value": "kX9vQ2mT7pL4"}]}]).to_string();
        let before = json!({"container_definitions": real});
        let entry = change("aws_ecs_task_definition", "api", None, before, json!({"container_definitions": "[]"}));
        let mut healer = Healer::default();
        let (_, text) = treat(&mut healer, folder.path(), vec![entry]);
        assert!(!text.contains("kX9vQ2mT7pL4") && text.contains("container_definitions, # sensitive"), "{text}");
    }

    #[test]
    fn only_what_the_last_plan_agrees_with_is_proven() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.tf"), CODE).unwrap();
        let importing = |arguments: &[&str]| {
            let side =
                |value: &str| arguments.iter().map(|a| ((*a).to_string(), Value::from(value))).collect::<serde_json::Map<_, _>>().into();
            let mut entry = change("aws_instance", "api", None, side("real"), side("code"));
            entry["change"]["importing"] = json!({"id": "i-1"});
            entry
        };
        let mut healer = Healer::default();
        treat(&mut healer, folder.path(), vec![importing(&["instance_type", "key_name"])]);
        let proven = healer.proven(&json!({"resource_changes": [importing(&["key_name"])]}));
        let [only] = proven.as_slice() else { panic!("{proven:?}") };
        assert_eq!((only.id.as_str(), only.argument.as_str(), only.ignore), ("i-1", "instance_type", false));
        assert_eq!((&only.value, &only.instead_of), (&json!("real"), &json!("code")));
    }

    #[test]
    fn what_would_be_created_or_destroyed_is_named() {
        let plan = json!({"resource_changes": [
            {"address": "aws_x.a", "mode": "managed", "type": "aws_instance", "name": "a", "change": {"actions": ["create"], "before": null, "after": {}}},
            {"address": "aws_x.b", "mode": "managed", "type": "aws_instance", "name": "b", "change": {"actions": ["delete"], "before": {}, "after": null}}]});
        let stuck = Healer::default().stuck(&plan);
        assert!(stuck[0].contains("aws_x.a: would be created") && stuck[1].contains("aws_x.b: would be destroyed"), "{stuck:?}");
    }
}
