//! Small conversions between what AWS answers and what a Terraform state holds.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Map, Value};

/// RFC 3339 in UTC; null when unset.
#[must_use]
pub fn time(at: Option<&DateTime>) -> Value {
    at.and_then(|t| t.fmt(Format::DateTime).ok()).map_or(Value::Null, Value::String)
}

/// A timestamp of the JSON protocols (seconds since 1970, or already a string) as RFC 3339; null when unset.
#[must_use]
pub fn json_time(value: &Value) -> Value {
    match value {
        Value::Number(n) => n.as_f64().map_or(Value::Null, |s| time(Some(&DateTime::from_secs_f64(s)))),
        Value::String(s) => Value::String(s.clone()),
        _ => Value::Null,
    }
}

/// Milliseconds since 1970 as RFC 3339 (CloudWatch Logs); null when unset.
#[must_use]
pub fn json_millis(value: &Value) -> Value {
    value.as_i64().map_or(Value::Null, |ms| time(Some(&DateTime::from_millis(ms))))
}

/// Strings as a sorted array: how a set stands in a snapshot.
pub fn set<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> Value {
    let mut all: Vec<String> = items.into_iter().map(|s| s.as_ref().to_owned()).collect();
    all.sort();
    all.dedup();
    Value::from(all)
}

/// Strings as an array in their own order.
pub fn strings<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> Value {
    Value::Array(items.into_iter().map(|s| Value::String(s.as_ref().to_owned())).collect())
}

/// A nested block that may stand at most once: an array of none or one object, as a state holds it.
#[must_use]
pub fn block(fields: Option<Value>) -> Value {
    Value::Array(fields.into_iter().collect())
}

/// `PolicyDocument` → `policy_document`, `DBInstanceClass` → `db_instance_class`, `ARNs` → `arns`: how the provider spells the API's names.
#[must_use]
pub fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (i, c) in chars.iter().enumerate() {
        if c.is_ascii_uppercase() {
            let after_lower = i > 0 && (chars[i - 1].is_ascii_lowercase() || chars[i - 1].is_ascii_digit());
            let plural_tail = chars.get(i + 1) == Some(&'s') && chars.get(i + 2).is_none_or(|n| n.is_ascii_uppercase());
            let ends_acronym =
                i > 0 && chars[i - 1].is_ascii_uppercase() && chars.get(i + 1).is_some_and(|n| n.is_ascii_lowercase()) && !plural_tail;
            if after_lower || ends_acronym {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        } else {
            out.push(if *c == '-' || *c == '.' || *c == ' ' { '_' } else { *c });
        }
    }
    out
}

/// All keys of a JSON answer in [`snake`] case, at every depth.
#[must_use]
pub fn snake_keys(value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(fields.iter().map(|(k, v)| (snake(k), snake_keys(v))).collect::<Map<_, _>>()),
        Value::Array(items) => Value::Array(items.iter().map(snake_keys).collect()),
        other => other.clone(),
    }
}

/// A string field of a JSON answer.
#[must_use]
pub fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

/// The items of an array field of a JSON answer; empty when absent.
#[must_use]
pub fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_names_become_provider_names() {
        for (api, provider) in [
            ("PolicyDocument", "policy_document"),
            ("DBInstanceClass", "db_instance_class"),
            ("SubnetIds", "subnet_ids"),
            ("KmsKeyId", "kms_key_id"),
            ("VPCZoneIdentifier", "vpc_zone_identifier"),
            ("ARNs", "arns"),
            ("IPSetReferenceStatement", "ip_set_reference_statement"),
            ("logGroupName", "log_group_name"),
            ("Http2", "http2"),
        ] {
            assert_eq!(snake(api), provider);
        }
    }

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(json_time(&serde_json::json!(1_700_000_000.5)), "2023-11-14T22:13:20.5Z");
        assert_eq!(json_millis(&serde_json::json!(1_700_000_000_000_i64)), "2023-11-14T22:13:20Z");
        assert_eq!(json_time(&Value::Null), Value::Null);
    }
}
