//! From the values of a Terraform state to a resource: what can be set, without secrets.

use serde_json::{Map, Value, json};

use crate::estate::resource::REDACTED;
use crate::estate::{Attrs, Resource, redact};
use crate::schema::{Block, Nesting, Type, provider};
use crate::secrets;

/// The resource behind an entry of a plan's `prior_state`. `sensitive` is its `sensitive_values`.
pub fn resource(kind: &str, account: &str, region: &str, id: &str, values: &Value, sensitive: &Value) -> Resource {
    let mut resource = Resource::new(kind, account, region, id);
    let none = Map::new();
    let values = values.as_object().unwrap_or(&none);
    let Some(schema) = provider().resource(kind) else { return resource };
    resource.config = settable(schema, values, sensitive, true).into_iter().collect::<Attrs>();
    let tags = schema.attributes.get("tags").filter(|a| a.is_settable()).and_then(|_| values.get("tags")?.as_object());
    for (key, value) in tags.into_iter().flatten() {
        if let Some(value) = value.as_str().filter(|_| !key.starts_with("aws:")) {
            resource.tags.insert(key.clone(), value.into());
        }
    }
    let text = |name: &str| values.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
    resource.arn = text("arn").filter(|a| a.starts_with("arn:")).or(Some(id).filter(|i| i.starts_with("arn:"))).map(String::from);
    resource.name = resource.tags.get("Name").filter(|n| !n.is_empty()).cloned().or_else(|| own_name(kind, &resource.config));
    redact::resource(&mut resource);
    let mut found = Vec::new();
    for (name, value) in &mut resource.config {
        named_secrets(schema, name, value, &format!("config.{name}"), &mut found);
    }
    if !found.is_empty()
        && let Value::Array(all) = resource.facts.entry("secrets_found".into()).or_insert_with(|| Value::Array(Vec::new()))
    {
        all.extend(found);
    }
    resource
}

/// Hides the values of maps whose key says that they are secrets. Which arguments are maps with keys of people's choice the schema tells.
fn named_secrets(schema: &Block, name: &str, value: &mut Value, path: &str, found: &mut Vec<Value>) {
    if schema.attributes.get(name).is_some_and(|a| matches!(a.ty, Type::Map(_))) {
        for (key, value) in value.as_object_mut().into_iter().flatten() {
            let hit = value.as_str().and_then(|text| Some(secrets::find(text, Some(key.trim_start_matches('-'))).first()?.kind));
            if let Some(kind) = hit {
                *value = Value::String(REDACTED.into());
                found.push(json!({ "path": format!("{path}.{key}"), "kind": kind }));
            }
        }
    }
    let Some(nested) = schema.blocks.get(name) else { return };
    let items: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        single => vec![single],
    };
    for (i, item) in items.into_iter().enumerate() {
        for (field, inner) in item.as_object_mut().into_iter().flatten() {
            named_secrets(&nested.block, field, inner, &format!("{path}.{i}.{field}"), found);
        }
    }
}

/// What AWS calls it: `name`, or the argument that repeats the type's name (`repository_name` of a repository).
fn own_name(kind: &str, config: &Attrs) -> Option<String> {
    let text = |name: &str| config.get(name).and_then(Value::as_str).filter(|t| !t.is_empty() && !t.contains(REDACTED)).map(String::from);
    let own = |ending: &str| {
        let of_type = |n: &&String| n.strip_suffix(ending).is_some_and(|stem| kind.ends_with(&format!("_{stem}")));
        config.keys().find(of_type).and_then(|name| text(name))
    };
    text("name").or_else(|| own("_name")).or_else(|| own("_identifier")).or_else(|| own("_id")).or_else(|| text("display_name"))
}

/// The arguments of one level that code may set and that have a value.
fn settable(schema: &Block, values: &Map<String, Value>, sensitive: &Value, top: bool) -> Map<String, Value> {
    let mut out = Map::new();
    for (name, attribute) in &schema.attributes {
        if !attribute.is_settable() || attribute.write_only || (top && matches!(name.as_str(), "id" | "tags" | "tags_all")) {
            continue;
        }
        let value = values.get(name).unwrap_or(&Value::Null);
        let hidden = attribute.sensitive || sensitive.get(name) == Some(&Value::Bool(true));
        let value = if hidden && attribute.required && (value.is_null() || value.as_str() == Some("")) {
            // It must be written and cannot be read: what stands for a secret stands for it.
            Value::String(REDACTED.into())
        } else if hidden {
            hide(value)
        } else {
            masked(value, sensitive.get(name).unwrap_or(&Value::Null))
        };
        if !value.is_null() {
            out.insert(name.clone(), sorted(&attribute.ty, value));
        }
    }
    for (name, nested) in &schema.blocks {
        if top && name == "timeouts" {
            continue;
        }
        let marks = sensitive.get(name).unwrap_or(&Value::Null);
        let value = match values.get(name) {
            Some(Value::Array(items)) => {
                let inner = |(i, item): (usize, &Value)| {
                    // Marks of a set have no positions of their own: what is marked in one is hidden in all.
                    let own = if nested.nesting == Nesting::Set { marks.get(0) } else { marks.get(i) };
                    Some(Value::Object(settable(&nested.block, item.as_object()?, own.unwrap_or(marks), false)))
                };
                Value::Array(items.iter().enumerate().filter_map(inner).collect())
            }
            Some(Value::Object(fields)) => Value::Object(settable(&nested.block, fields, marks, false)),
            _ => continue,
        };
        if value.as_array().is_none_or(|a| !a.is_empty()) {
            out.insert(name.clone(), value);
        }
    }
    out
}

/// Sets are sorted, as everywhere in a snapshot.
fn sorted(ty: &Type, value: Value) -> Value {
    match (ty, value) {
        (Type::Set(inner), Value::Array(mut items)) => {
            if matches!(**inner, Type::String) {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
            Value::Array(items)
        }
        (_, value) => value,
    }
}

/// The value with what is marked sensitive hidden.
fn masked(value: &Value, marks: &Value) -> Value {
    match (value, marks) {
        (_, Value::Bool(true)) => hide(value),
        (Value::Array(items), Value::Array(_)) => {
            Value::Array(items.iter().enumerate().map(|(i, v)| masked(v, marks.get(i).unwrap_or(&Value::Null))).collect())
        }
        (Value::Object(fields), Value::Object(_)) => {
            Value::Object(fields.iter().map(|(k, v)| (k.clone(), masked(v, marks.get(k).unwrap_or(&Value::Null)))).collect())
        }
        _ => value.clone(),
    }
}

/// Stands for a secret in its shape; what is not set stays so.
fn hide(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::String(text) if text.is_empty() => value.clone(),
        Value::Array(items) => Value::Array(items.iter().map(hide).collect()),
        Value::Object(fields) => Value::Object(fields.iter().map(|(k, v)| (k.clone(), hide(v))).collect()),
        _ => Value::String(REDACTED.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_set_under_the_name_that_aws_knows() {
        let values = json!({
            "arn": "arn:aws:codecommit:eu-west-3:1:shop", "repository_name": "shop", "repository_id": "r-1", "clone_url_http": "https://x",
            "description": "the shop", "default_branch": null, "tags": {"Stage": "live", "aws:x": "y"}, "tags_all": {"Stage": "live"}
        });
        let r = resource("aws_codecommit_repository", "1", "eu-west-3", "shop", &values, &json!({}));
        assert_eq!(r.config.keys().map(String::as_str).collect::<Vec<_>>(), ["description", "repository_name"]);
        assert_eq!((r.name.as_deref(), r.arn.as_deref()), (Some("shop"), Some("arn:aws:codecommit:eu-west-3:1:shop")));
        assert_eq!(r.tags.len(), 1);
    }

    #[test]
    fn secrets_are_hidden_by_schema_by_mark_and_by_look() {
        let values = json!({
            "endpoint_id": "src", "endpoint_type": "source", "engine_name": "postgres", "password": "hunter2hunter2", "username": "app",
            "extra_connection_attributes": "authToken=ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
            "postgres_settings": [{"after_connect_script": "x", "service_access_role_arn": "arn:aws:iam::1:role/x"}]
        });
        let marks = json!({"postgres_settings": [{"after_connect_script": true}]});
        let r = resource("aws_dms_endpoint", "1", "eu-west-3", "src", &values, &marks);
        let text = serde_json::to_string(&r).unwrap();
        assert!(!text.contains("hunter2") && !text.contains("ghp_"), "{text}");
        assert_eq!(r.str("config.password"), Some(REDACTED));
        assert_eq!(r.str("config.postgres_settings.0.after_connect_script"), Some(REDACTED));
        assert_eq!(r.str("config.username"), Some("app"));
        assert_eq!(r.name.as_deref(), Some("src"));
    }

    #[test]
    fn keys_of_maps_tell_what_is_secret() {
        let values = json!({"name": "nightly", "role_arn": "arn:aws:iam::1:role/x", "command": [{"script_location": "s3://x/y"}],
                            "default_arguments": {"--db-password": "Tr0ub4dor-and-3", "--TempDir": "s3://x/tmp"}});
        let r = resource("aws_glue_job", "1", "eu-west-3", "nightly", &values, &json!({}));
        assert_eq!(r.config["default_arguments"], json!({"--db-password": REDACTED, "--TempDir": "s3://x/tmp"}));
        assert_eq!(r.str("facts.secrets_found.0.path"), Some("config.default_arguments.--db-password"));
    }

    #[test]
    fn a_secret_that_must_be_written_and_is_not_told_has_a_stand_in() {
        let values = json!({"name": "push", "platform": "GCM", "platform_credential": null});
        let r = resource("aws_sns_platform_application", "1", "eu-west-3", "x", &values, &json!({}));
        assert_eq!(r.str("config.platform_credential"), Some(REDACTED));
    }
}
