//! Credentials found in what was read are replaced before anything is kept: no snapshot, journal, log or report can hold them.

use base64::Engine;
use serde_json::{Value, json};

use crate::estate::Resource;
use crate::estate::resource::REDACTED;
use crate::secrets;

/// Objects whose keys are chosen by people, so that a key's name tells what the value is.
const FREE_KEYS: &[&str] =
    &["variables", "environment", "tags", "parameters", "parameter", "env", "build_args", "stage_variables", "default_tags"];

/// Replaces every value in config, facts and tags that looks like a credential, and lists path and kind in `facts.secrets_found`.
pub fn resource(resource: &mut Resource) {
    let mut found = Vec::new();
    for (name, value) in &mut resource.config {
        walk(value, &format!("config.{name}"), free(name), None, &mut found);
    }
    for (name, value) in &mut resource.facts {
        walk(value, &format!("facts.{name}"), free(name), None, &mut found);
    }
    for (key, value) in &mut resource.tags {
        if let Some(kind) = replace(value, Some(key)) {
            found.push(json!({ "path": format!("tags.{key}"), "kind": kind }));
        }
    }
    if !found.is_empty() {
        resource.fact("secrets_found", found);
    }
}

fn free(name: &str) -> bool {
    FREE_KEYS.contains(&name)
}

fn walk(value: &mut Value, path: &str, keys_are_free: bool, key: Option<&str>, found: &mut Vec<Value>) {
    match value {
        Value::String(text) => {
            if let Some(kind) = replace(text, key) {
                found.push(json!({ "path": path, "kind": kind }));
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter_mut().enumerate() {
                walk(item, &format!("{path}.{i}"), keys_are_free, key, found);
            }
        }
        Value::Object(fields) => {
            // `[{name: "DB_PASSWORD", value: "…"}]`, the other way people write key and value.
            let named = fields.get("name").and_then(Value::as_str).map(str::to_owned);
            for (field, item) in fields.iter_mut() {
                let own = if keys_are_free || free(field) { Some(field.as_str()) } else { None };
                let own = if field == "value" { named.as_deref().or(own) } else { own };
                walk(item, &format!("{path}.{field}"), keys_are_free || free(field), own, found);
            }
        }
        _ => {}
    }
}

/// Replaces what looks like a credential; a one-line value as a whole, in longer text only the matches.
fn replace(text: &mut String, key: Option<&str>) -> Option<&'static str> {
    let matches = secrets::find(text, key);
    let Some(kind) = matches.first().map(|m| m.kind) else {
        let kind = encoded(text)?;
        REDACTED.clone_into(text);
        return Some(kind);
    };
    if text.contains('\n') || text.trim_start().starts_with(['{', '[']) {
        for hit in matches.iter().rev() {
            text.replace_range(hit.range.clone(), REDACTED);
        }
    } else {
        REDACTED.clone_into(text);
    }
    Some(kind)
}

/// The kind of credential in a text that is Base64, as the user data of launch templates is.
fn encoded(text: &str) -> Option<&'static str> {
    let looks_so =
        text.len() >= 24 && text.len().is_multiple_of(4) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
    let bytes = looks_so.then(|| base64::engine::general_purpose::STANDARD.decode(text).ok()).flatten()?;
    let plain = String::from_utf8(bytes).ok()?;
    secrets::find(&plain, None).first().map(|m| m.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_credentials_leave_no_trace_either() {
        let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        let mut r = Resource::new("aws_launch_template", "123456789012", "eu-west-3", "lt-1");
        r.set("user_data", encode("#!/bin/sh\nexport DB_PASSWORD=hunter2hunter2\n"));
        r.set("description", encode("#!/bin/sh\napt-get update\n"));
        resource(&mut r);
        assert_eq!(r.str("config.user_data"), Some(REDACTED));
        assert_eq!(r.str("config.description"), Some(encode("#!/bin/sh\napt-get update\n").as_str()));
        assert_eq!(r.str("facts.secrets_found.0.path"), Some("config.user_data"));
    }

    #[test]
    fn credentials_leave_no_trace() {
        let mut r = Resource::new("aws_lambda_function", "123456789012", "eu-west-3", "push");
        r.set("environment", json!([{ "variables": { "DB_PASSWORD": "tr0ub4dor&3x", "STAGE": "live" } }]));
        r.set("user_data", "#!/bin/sh\nexport DB_PASSWORD=hunter2hunter2\necho done\n");
        r.tags.insert("api_key".into(), "sk_live_0123456789abcdefABCDEF01".into());
        resource(&mut r);
        let text = serde_json::to_string(&r).unwrap();
        assert!(!text.contains("tr0ub4dor") && !text.contains("hunter2") && !text.contains("sk_live_"), "{text}");
        assert_eq!(r.str("config.environment.0.variables.STAGE"), Some("live"));
        assert!(r.str("config.user_data").unwrap().contains("echo done"));
        assert_eq!(r.facts["secrets_found"].as_array().unwrap().len(), 3);
    }
}
