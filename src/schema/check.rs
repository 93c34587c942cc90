//! Holds a resource against the provider's table and the declared facts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::provider::{Block, Found, NestedBlock, Nesting, Type};
use super::{did_you_mean, facts, provider};
use crate::estate::Resource;

/// Held in `Resource::tags` instead.
const TAG_ARGUMENTS: [&str; 2] = ["tags", "tags_all"];

/// Everything about a resource that does not follow the vocabulary; empty when it is in order. Every collector's test calls it.
///
/// Checked: the type exists; each argument exists, can be set, is no `tags`, has the right type and shape (a block is an array of
/// objects, a set of strings is sorted and without repetition); what is required is filled or listed in `unread`; each fact is
/// declared and of the declared type; each path in `unread` exists.
pub fn check_resource(resource: &Resource) -> Vec<String> {
    let mut problems = Vec::new();
    let kind = resource.kind.as_str();
    for (what, text) in [("id", &resource.id), ("account", &resource.account), ("region", &resource.region)] {
        if text.is_empty() {
            problems.push(format!("{kind}: {what} is empty"));
        }
    }
    match provider().resource(kind) {
        Some(block) => check_config(resource, block, &mut problems),
        None if resource.is_pseudo() => {
            if !facts::declares(kind) {
                problems.push(format!("{kind}: no facts are declared for this type{}", did_you_mean(kind, facts::types())));
            }
            for name in resource.config.keys() {
                problems.push(format!("{kind}: config.{name}: types without Terraform type hold facts only"));
            }
        }
        None => {
            let hint = did_you_mean(kind, provider().types());
            problems.push(format!("{kind}: the provider has no such resource type{hint}"));
        }
    }
    check_facts(resource, &mut problems);
    problems
}

fn check_config(resource: &Resource, block: &Block, problems: &mut Vec<String>) {
    let kind = &resource.kind;
    for name in TAG_ARGUMENTS {
        if resource.config.contains_key(name) {
            problems.push(format!("{kind}: config.{name}: tags belong in the resource's tags"));
        }
    }
    let mut found = Vec::new();
    check_block(
        block,
        resource.config.iter().filter(|(k, _)| !TAG_ARGUMENTS.contains(&k.as_str())).map(|(k, v)| (k.as_str(), v)),
        "config",
        &mut found,
        &|path| resource.unread.contains_key(path),
    );
    problems.extend(found.into_iter().map(|p| format!("{kind}: {p}")));
    for path in resource.unread.keys() {
        if let Some(argument) = path.strip_prefix("config.")
            && block.find(argument).is_none()
        {
            problems.push(format!("{kind}: unread {path}: no such argument"));
        }
    }
}

fn check_block<'a>(
    block: &Block,
    values: impl Iterator<Item = (&'a str, &'a Value)>,
    at: &str,
    problems: &mut Vec<String>,
    is_unread: &dyn Fn(&str) -> bool,
) {
    let values: BTreeMap<&str, &Value> = values.collect();
    for (name, value) in &values {
        let path = format!("{at}.{name}");
        if let Some(attribute) = block.attributes.get(*name) {
            if !attribute.is_settable() {
                problems.push(format!("{path}: computed by the provider, it cannot be set (a fact?)"));
            } else if let Err(found) = fits(&attribute.ty, value) {
                problems.push(format!("{path}: {found}, want {}", attribute.ty));
            }
        } else if let Some(nested) = block.blocks.get(*name) {
            check_nested(nested, value, &path, problems, is_unread);
        } else {
            problems.push(format!("{path}: no such argument{}", did_you_mean(name, block.names())));
        }
    }
    let missing = |name: &str| values.get(name).is_none_or(|v| v.is_null()) && !is_unread(&format!("{at}.{name}"));
    for (name, attribute) in &block.attributes {
        if attribute.required && missing(name) {
            problems.push(format!("{at}.{name}: required, and neither filled nor unread"));
        }
    }
    for (name, nested) in &block.blocks {
        if nested.min_items > 0 && missing(name) {
            problems.push(format!("{at}.{name}: at least {} required, and neither filled nor unread", nested.min_items));
        }
    }
}

fn check_nested(nested: &NestedBlock, value: &Value, path: &str, problems: &mut Vec<String>, is_unread: &dyn Fn(&str) -> bool) {
    let single;
    let items = match (value, nested.nesting) {
        (Value::Null, _) => return,
        // The newer plugin framework keeps a single block as an object; the state shape of all others is an array.
        (Value::Object(_), Nesting::Single) => {
            single = [value.clone()];
            &single[..]
        }
        (Value::Array(items), _) => items.as_slice(),
        _ => {
            problems.push(format!("{path}: {}, want an array of objects (a nested block)", describe(value)));
            return;
        }
    };
    let count = items.len() as u64;
    if nested.max_items > 0 && count > nested.max_items {
        problems.push(format!("{path}: {count} blocks, at most {}", nested.max_items));
    }
    if count < nested.min_items && !is_unread(path) {
        problems.push(format!("{path}: {count} blocks, at least {}", nested.min_items));
    }
    for (i, item) in items.iter().enumerate() {
        let at = format!("{path}.{i}");
        match item.as_object() {
            Some(fields) => check_block(&nested.block, fields.iter().map(|(k, v)| (k.as_str(), v)), &at, problems, is_unread),
            None => problems.push(format!("{at}: {}, want an object (a nested block)", describe(item))),
        }
    }
}

/// Whether a value is of a type; the error tells what it is instead.
fn fits(ty: &Type, value: &Value) -> Result<(), String> {
    let all = |items: &[Value], ty: &Type| items.iter().enumerate().try_for_each(|(i, v)| fits(ty, v).map_err(|e| format!("[{i}] {e}")));
    match (ty, value) {
        (_, Value::Null)
        | (Type::Dynamic, _)
        | (Type::String, Value::String(_))
        | (Type::Number, Value::Number(_))
        | (Type::Bool, Value::Bool(_)) => Ok(()),
        (Type::List(t), Value::Array(items)) => all(items, t),
        (Type::Set(t), Value::Array(items)) => {
            all(items, t)?;
            let strings: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            if strings.len() == items.len() && !strings.is_sorted_by(|a, b| a < b) {
                return Err("not sorted or with repetitions".into());
            }
            Ok(())
        }
        (Type::Map(t), Value::Object(fields)) => fields.iter().try_for_each(|(k, v)| fits(t, v).map_err(|e| format!(".{k} {e}"))),
        (Type::Object(types), Value::Object(fields)) => fields.iter().try_for_each(|(k, v)| match types.get(k) {
            Some(t) => fits(t, v).map_err(|e| format!(".{k} {e}")),
            None => Err(format!("unknown field {k}{}", did_you_mean(k, types.keys().map(String::as_str)))),
        }),
        (Type::Tuple(types), Value::Array(items)) if types.len() == items.len() => {
            types.iter().zip(items).try_for_each(|(t, v)| fits(t, v))
        }
        _ => Err(describe(value).into()),
    }
}

fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a bool",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn check_facts(resource: &Resource, problems: &mut Vec<String>) {
    let kind = &resource.kind;
    let declared = facts::facts(kind);
    for (name, value) in &resource.facts {
        match declared.get(name) {
            Some(fact) if fact.ty.accepts(value) => {}
            Some(fact) => problems.push(format!("{kind}: facts.{name}: {}, want {}", describe(value), fact.ty.name())),
            None => {
                let hint = did_you_mean(name, declared.keys().map(String::as_str));
                problems.push(format!("{kind}: facts.{name}: not declared in schema/facts{hint}"));
            }
        }
    }
    for path in resource.unread.keys() {
        let known = match path.split_once('.') {
            Some(("facts", rest)) => rest.split('.').next().is_some_and(|name| declared.contains_key(name)),
            Some(("config", _)) => true,
            _ => path == "tags" || path == "name" || path == "arn",
        };
        if !known {
            problems.push(format!("{kind}: unread {path}: no such fact or field"));
        }
    }
}

/// What a path within `config` leads to in the provider's table; `None` when the type or the path does not exist.
pub fn find_argument<'a>(kind: &str, path: &str) -> Option<Found<'a>> {
    provider().resource(kind)?.find(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn volume() -> Resource {
        let mut r = Resource::new("aws_ebs_volume", "123456789012", "eu-west-3", "vol-0a1b2c3d4e5f60718");
        r.set("availability_zone", "eu-west-3a").set("size", 8).set("encrypted", false);
        r
    }

    #[test]
    fn a_right_resource_has_no_problem() {
        assert_eq!(check_resource(&volume()), Vec::<String>::new());
    }

    #[test]
    fn slips_in_arguments() {
        let mut r = volume();
        r.set("siz", 8).set("encrypted", "false").set("arn", "arn:aws:ec2:eu-west-3:123456789012:volume/vol-1").set("tags", json!({}));
        r.config.remove("availability_zone");
        let problems = check_resource(&r);
        let has = |text: &str| assert!(problems.iter().any(|p| p.contains(text)), "{text}: {problems:#?}");
        has("config.siz: no such argument (did you mean \"size\"?)");
        has("config.encrypted: a string, want bool");
        has("config.arn: computed");
        has("config.tags: tags belong");
        has("config.availability_zone: required");
        assert_eq!(problems.len(), 5, "{problems:#?}");
    }

    #[test]
    fn unread_excuses_a_required_argument_and_must_exist() {
        let mut r = Resource::new("aws_key_pair", "123456789012", "eu-west-3", "deploy");
        r.set("key_name", "deploy");
        assert_eq!(check_resource(&r).len(), 1);
        r.mark_unread(&["config.public_key"], "denied: ec2:DescribeKeyPairs");
        assert_eq!(check_resource(&r), Vec::<String>::new());
        r.mark_unread(&["config.publik_key", "facts.nothing", "colour"], "denied");
        assert_eq!(check_resource(&r).len(), 3);
    }

    #[test]
    fn blocks_are_arrays_of_objects_and_sets_are_sorted() {
        let mut r = Resource::new("aws_instance", "123456789012", "eu-west-3", "i-0a1b2c3d4e5f60718");
        r.set("root_block_device", json!([{"volume_size": 8, "encrypted": true}])).set("vpc_security_group_ids", json!(["sg-1", "sg-2"]));
        assert_eq!(check_resource(&r), Vec::<String>::new());
        r.set("root_block_device", json!({"volume_size": 8})).set("vpc_security_group_ids", json!(["sg-2", "sg-1"]));
        let problems = check_resource(&r);
        assert_eq!(problems.len(), 2, "{problems:#?}");
        r.set("root_block_device", json!([{"volume_size": "8"}, {}])).set("vpc_security_group_ids", json!(["sg-1", "sg-1"]));
        let problems = check_resource(&r);
        assert_eq!(problems.len(), 3, "{problems:#?}");
    }

    #[test]
    fn facts_are_declared_and_typed() {
        let mut r = volume();
        r.fact("create_time", "2024-11-10T08:00:00Z").fact("aws_tags", json!({}));
        assert_eq!(check_resource(&r), Vec::<String>::new());
        r.fact("create_time", "soon").fact("create_tim", 1);
        let problems = check_resource(&r);
        assert_eq!(problems.len(), 2, "{problems:#?}");
        assert!(problems.iter().any(|p| p.contains("did you mean \"create_time\"")), "{problems:#?}");
    }

    #[test]
    fn strange_types() {
        let strange = Resource::new("aws_ebs_volum", "123456789012", "eu-west-3", "x");
        assert!(check_resource(&strange)[0].contains("did you mean \"aws_ebs_volume\""));
        assert!(!check_resource(&Resource::new("x_nothing", "123456789012", "eu-west-3", "x")).is_empty());
    }
}
