//! Credentials found in what was read are replaced before anything is kept: no snapshot, journal, log or report can hold them.

use std::io::Read;
use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine;
use regex::Regex;
use serde_json::{Value, json};

use super::Resource;
use super::resource::REDACTED;
use crate::secrets;

/// Objects whose keys are chosen by people, so that a key's name tells what the value is.
const FREE_KEYS: &[&str] = &[
    "variables",
    "environment",
    "tags",
    "parameters",
    "parameter",
    "env",
    "build_args",
    "stage_variables",
    "default_tags",
    "header_parameters",
    "query_string_parameters",
    "request_parameters",
    "response_parameters",
];

/// Members that name what stands in the member `value` beside them, as people write key and value: `[{name: "DB_PASSWORD", value: "…"}]`.
const NAMES: &[&str] = &["name", "key", "header", "header_name"];

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
            found.push((format!("tags.{key}"), kind));
        }
    }
    if !found.is_empty() {
        let found: Vec<Value> = found.into_iter().map(|(path, kind)| json!({ "path": path, "kind": kind })).collect();
        resource.fact("secrets_found", found);
    }
}

fn free(name: &str) -> bool {
    FREE_KEYS.contains(&name)
}

fn walk(value: &mut Value, path: &str, keys_are_free: bool, key: Option<&str>, found: &mut Vec<(String, &'static str)>) {
    match value {
        Value::String(text) => {
            if let Some(kind) = replace(text, key) {
                found.push((path.to_owned(), kind));
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter_mut().enumerate() {
                walk(item, &format!("{path}.{i}"), keys_are_free, key, found);
            }
        }
        Value::Object(fields) => {
            let named = NAMES.iter().find_map(|n| fields.get(*n)).and_then(Value::as_str).map(str::to_owned);
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
    let inside = within_json(text).or_else(|| within_encoded(text));
    let matches = secrets::find(text, key);
    let Some(kind) = matches.first().map(|m| m.kind) else { return inside };
    if text.contains('\n') || text.trim_start().starts_with(['{', '[']) {
        for hit in matches.iter().rev() {
            text.replace_range(hit.range.clone(), REDACTED);
        }
    } else {
        REDACTED.clone_into(text);
    }
    inside.or(Some(kind))
}

/// Replaces credentials inside a JSON document, where a name and its value stand apart (`[{"name": "DB_PASSWORD", "value": "…"}]`, as in
/// the container definitions of a task).
fn within_json(text: &mut String) -> Option<&'static str> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut document: Value = serde_json::from_str(text).ok()?;
    let mut found = Vec::new();
    walk(&mut document, "", false, None, &mut found);
    let kind = found.first().map(|(_, kind)| *kind)?;
    *text = document.to_string();
    Some(kind)
}

/// Base64 of at least this many characters is looked into: eighteen bytes.
const ENCODED_MIN: usize = 24;

/// How much of a compressed part is unpacked. AWS takes at most 16 KB of user data; nobody writes a boot script larger than this.
const UNPACKED_MAX: u64 = 4 << 20;

/// Parts of a text that are Base64, maybe broken into lines: the user data of launch templates, parts of a MIME message, files that
/// cloud-init writes.
static ENCODED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/]{24,}(?:\r?\n[ \t]*[A-Za-z0-9+/]+)*={0,2}").ok());

/// Replaces the Base64 parts of a text that hold a credential, compressed or not.
fn within_encoded(text: &mut String) -> Option<&'static str> {
    let hits: Vec<(Range<usize>, &'static str)> = ENCODED
        .as_ref()?
        .find_iter(text)
        .filter(|m| m.len() >= ENCODED_MIN)
        .filter_map(|m| {
            let packed: String = m.as_str().split_whitespace().collect();
            let bytes = base64::engine::general_purpose::STANDARD.decode(packed).ok()?;
            let mut plain = String::from_utf8(unpacked(bytes)).ok()?;
            Some((m.range(), replace(&mut plain, None)?))
        })
        .collect();
    for (range, _) in hits.iter().rev() {
        text.replace_range(range.clone(), REDACTED);
    }
    hits.first().map(|(_, kind)| *kind)
}

/// What gzip holds; anything else as it is.
fn unpacked(bytes: Vec<u8>) -> Vec<u8> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes;
    }
    let mut out = Vec::new();
    // What can be unpacked is searched, also of a damaged archive.
    let _ = flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(UNPACKED_MAX).read_to_end(&mut out);
    out
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
    fn nothing_hides_in_archives_and_parts() {
        let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut packed, b"#!/bin/sh\nexport DB_PASSWORD=hunter2hunter2\n").unwrap();
        let packed = encode(&packed.finish().unwrap());
        let mut r = Resource::new("aws_instance", "123456789012", "eu-west-3", "i-1");
        r.set("user_data_base64", packed.clone());
        let lines = encode(b"#!/bin/sh\nexport DB_PASSWORD=hunter2hunter2\nexport MORE=of_this_and_that\n");
        let (one, two) = lines.split_at(60);
        let part = format!("Content-Type: text/x-shellscript\nContent-Transfer-Encoding: base64\n\n{one}\n{two}\n--BOUNDARY--\n");
        r.set("user_data", part);
        r.set("description", format!("write_files:\n- encoding: gz+b64\n  content: {packed}\n  path: /etc/app\n"));
        r.set(
            "container_definitions",
            r#"[{"name":"api","environment":[{"name":"DB_PASSWORD","value":"tr0ub4dor&3x"},{"name":"STAGE","value":"live"}]}]"#,
        );
        resource(&mut r);
        assert_eq!(r.str("config.user_data_base64"), Some(REDACTED));
        let text = serde_json::to_string(&r).unwrap();
        assert!(!text.contains(&packed) && !text.contains(one) && !text.contains("tr0ub4dor"), "{text}");
        assert!(r.str("config.user_data").unwrap().contains("--BOUNDARY--"));
        assert!(r.str("config.container_definitions").unwrap().contains("\"live\""));
        assert_eq!(r.facts["secrets_found"].as_array().unwrap().len(), 4);
    }

    #[test]
    fn credentials_leave_no_trace() {
        let mut r = Resource::new("aws_lambda_function", "123456789012", "eu-west-3", "push");
        r.set("environment", json!([{ "variables": { "DB_PASSWORD": "tr0ub4dor&3x", "STAGE": "live" } }]));
        r.set("user_data", "#!/bin/sh\nexport DB_PASSWORD=hunter2hunter2\necho done\n");
        r.tags.insert("api_key".into(), "sk_live_0123456789abcdefABCDEF01".into());
        r.set("http_target", json!([{ "header_parameters": { "x-api-key": "tr0ub4dor&3x", "x-from": "shop" } }]));
        r.set("invocation_http_parameters", json!([{ "header": [{ "key": "x-token", "value": "tr0ub4dor&3x" }] }]));
        resource(&mut r);
        let text = serde_json::to_string(&r).unwrap();
        assert!(!text.contains("tr0ub4dor") && !text.contains("hunter2") && !text.contains("sk_live_"), "{text}");
        assert_eq!(r.str("config.environment.0.variables.STAGE"), Some("live"));
        assert!(r.str("config.user_data").unwrap().contains("echo done"));
        assert_eq!(r.str("config.http_target.0.header_parameters.x-from"), Some("shop"));
        assert_eq!(r.facts["secrets_found"].as_array().unwrap().len(), 5);
    }
}
