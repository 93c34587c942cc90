//! Turns a nested JSON answer into the provider's nested state by the provider's own table, for types whose arguments are the API's
//! fields in other spelling (AWS WAF has thousands of them).

use serde_json::{Map, Value};

use super::value::snake;
use crate::schema::provider::{Block, Nesting, Type};

/// What came of an answer.
#[derive(Debug, Default)]
pub struct Shaped {
    /// Arguments in the shape of a state.
    pub fields: Map<String, Value>,
    /// Paths of the answer that the provider has no argument for, sorted.
    pub beyond: Vec<String>,
}

/// Fills the arguments of a block from an answer. A field goes by its name in snake case; a repeated block also by the plural of its
/// name. `names` gives the provider's name where it differs, `ignored` the fields of the outermost object that are no arguments.
#[must_use]
pub fn shape(block: &Block, answer: &Value, names: &[(&str, &str)], ignored: &[&str]) -> Shaped {
    let mut shaped = Shaped::default();
    let Value::Object(fields) = answer else { return shaped };
    let kept: Map<String, Value> =
        fields.iter().filter(|(k, _)| !ignored.contains(&k.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect();
    shaped.fields = object(block, &kept, "", names, &mut shaped.beyond);
    shaped.beyond.sort();
    shaped
}

fn object(block: &Block, fields: &Map<String, Value>, path: &str, names: &[(&str, &str)], beyond: &mut Vec<String>) -> Map<String, Value> {
    let mut out = Map::new();
    for (api, value) in fields.iter().filter(|(_, v)| !v.is_null()) {
        let name = names.iter().find(|(from, _)| from == api).map_or_else(|| snake(api), |(_, to)| (*to).to_owned());
        let here = if path.is_empty() { api.clone() } else { format!("{path}.{api}") };
        if let Some(attribute) = block.attributes.get(&name) {
            if attribute.is_settable() {
                out.insert(name, convert(&attribute.ty, value));
            }
            continue;
        }
        let singular = name.strip_suffix('s').unwrap_or(&name);
        let found = block.blocks.get_key_value(&name).or_else(|| block.blocks.get_key_value(singular));
        let Some((name, nested)) = found else {
            beyond.push(here);
            continue;
        };
        let items: &[Value] = match value {
            Value::Array(items) => items,
            one => std::slice::from_ref(one),
        };
        let mut shaped: Vec<Value> = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Value::Object(inner) => shaped.push(Value::Object(object(&nested.block, inner, &here, names, beyond))),
                _ => beyond.push(here.clone()),
            }
        }
        if nested.nesting == Nesting::Set {
            // By priority where there is one, so that a person reads rules in the order in which they run.
            shaped.sort_by_cached_key(|v| (v.get("priority").and_then(Value::as_i64), v.to_string()));
        }
        out.insert(name.clone(), Value::Array(shaped));
    }
    out
}

fn convert(ty: &Type, value: &Value) -> Value {
    match (ty, value) {
        (Type::Set(inner), Value::Array(items)) => {
            let mut all: Vec<Value> = items.iter().map(|v| convert(inner, v)).collect();
            all.sort_by_cached_key(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
            all.dedup();
            Value::Array(all)
        }
        (Type::List(inner), Value::Array(items)) => Value::Array(items.iter().map(|v| convert(inner, v)).collect()),
        (Type::Number, Value::String(text)) => {
            text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<f64>().map(Value::from)).unwrap_or(Value::Null)
        }
        (Type::String, Value::Number(_) | Value::Bool(_)) => Value::String(value.to_string()),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn acl(answer: &Value) -> Shaped {
        let block = crate::schema::provider().resource("aws_wafv2_web_acl").unwrap();
        shape(block, answer, &[("CloudWatchMetricsEnabled", "cloudwatch_metrics_enabled")], &["Id"])
    }

    #[test]
    fn plurals_empty_objects_and_numbers_find_their_place() {
        let shaped = acl(&json!({
            "Id": "x",
            "Capacity": 3,
            "DefaultAction": { "Allow": {} },
            "Rules": [
                { "Name": "second", "Priority": 2, "OverrideAction": { "None": {} }, "Statement": { "RateBasedStatement": { "Limit": 2000, "AggregateKeyType": "IP" } } },
                { "Name": "first", "Priority": 1, "RuleLabels": [{ "Name": "l" }], "Statement": { "GeoMatchStatement": { "CountryCodes": ["RU"] } } },
            ],
            "TokenDomains": ["b", "a"],
            "VisibilityConfig": { "CloudWatchMetricsEnabled": true, "MetricName": "m", "SampledRequestsEnabled": false },
            "AssociationConfig": { "RequestBody": { "CLOUDFRONT": { "DefaultSizeInspectionLimit": "KB_16" } } },
        }));
        assert_eq!(shaped.beyond, Vec::<String>::new());
        let fields = Value::Object(shaped.fields);
        assert_eq!(fields["default_action"], json!([{ "allow": [{}] }]));
        assert_eq!(fields["rule"][0]["name"], "first");
        assert_eq!(fields["rule"][1]["statement"][0]["rate_based_statement"][0]["limit"], 2000);
        assert_eq!(fields["token_domains"], json!(["a", "b"]));
        assert_eq!(fields["visibility_config"][0]["cloudwatch_metrics_enabled"], true);
        assert_eq!(fields["association_config"][0]["request_body"][0]["cloudfront"][0]["default_size_inspection_limit"], "KB_16");
        assert!(fields.get("capacity").is_none() && fields.get("id").is_none());
    }

    #[test]
    fn what_the_provider_cannot_hold_is_named() {
        let shaped = acl(&json!({ "Rules": [{ "Name": "n", "Priority": 0, "Statement": { "DreamStatement": { "Colour": "red" } } }] }));
        assert_eq!(shaped.beyond, ["Rules.Statement.DreamStatement"]);
    }
}
