//! Terraform states that exist already: what they hold is theirs, and only the rest of the account is written as code.
//!
//! Read are states of version 4 (`terraform.tfstate`, `terraform state pull`) and the output of `terraform show -json`. Of each resource
//! only what names it is kept (`KEPT`): a state is full of secrets, and none of them gets further than this file.

mod claim;

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::Error;

pub(super) use claim::claim;

/// The version of the state format that Terraform has written since 0.12, and OpenTofu always.
const VERSION: u64 = 4;

/// Attributes that name a resource, or the parts of it that other types can name too. None of them can hold a secret.
#[rustfmt::skip]
const KEPT: &[&str] = &[
    "alias", "allocation_id", "api_id", "arn", "association_id", "autoscaling_group_name", "availability_zone", "base_path", "bucket", "capacity_provider",
    "certificate_arn", "cidr_blocks", "cluster", "cluster_name", "configuration_set_name", "default_route_table_id", "destination_cidr_block",
    "destination_ipv6_cidr_block", "destination_prefix_list_id", "device_name", "domain_name", "egress", "event_bus_name",
    "event_destination_name", "family", "fqdn", "from_port", "function_name", "gateway_id", "group", "group_name", "groups", "http_method",
    "identifier", "ingress", "instance_id", "ipv6_cidr_blocks", "key_id", "listener_arn", "log_group_name", "name", "network_acl_id", "plan_id", "policy_arn",
    "port", "prefix_list_ids", "protocol", "qualifier", "region", "resource_arn", "resource_id", "rest_api_id", "role", "roles", "route", "route_table_id",
    "rule", "scalable_dimension", "scheduled_action_name", "security_group_id", "security_group_rule_id", "self", "service_namespace",
    "set_identifier", "source_security_group_id", "stage", "stage_name", "statement_id", "status_code", "subnet_id", "target_group_arn", "target_id", "to_port", "type", "usage_plan_id",
    "user", "user_pool_id", "users", "volume_id", "vpc_id", "web_acl_arn", "zone_id",
];

/// Whether a bucket's attributes hold a setting.
type IsSet = fn(&Map<String, Value>) -> bool;

/// What is read of a bucket that was written in the old way, with its settings inside: the satellite that says the same, and when the
/// setting counts as made.
const OLD_BUCKET: &[(&str, IsSet)] = &[
    ("aws_s3_bucket_accelerate_configuration", |b| b.get("acceleration_status").is_some_and(says)),
    ("aws_s3_bucket_acl", |b| b.get("acl").and_then(Value::as_str).is_some_and(|a| !a.is_empty() && a != "private")),
    ("aws_s3_bucket_cors_configuration", |b| b.get("cors_rule").is_some_and(says)),
    ("aws_s3_bucket_lifecycle_configuration", |b| b.get("lifecycle_rule").is_some_and(says)),
    ("aws_s3_bucket_logging", |b| b.get("logging").is_some_and(says)),
    ("aws_s3_bucket_object_lock_configuration", |b| {
        b.get("object_lock_configuration").is_some_and(|v| v.pointer("/0/rule").is_some_and(says))
    }),
    ("aws_s3_bucket_policy", |b| b.get("policy").is_some_and(says)),
    ("aws_s3_bucket_replication_configuration", |b| b.get("replication_configuration").is_some_and(says)),
    ("aws_s3_bucket_request_payment_configuration", |b| b.get("request_payer").and_then(Value::as_str) == Some("Requester")),
    ("aws_s3_bucket_server_side_encryption_configuration", |b| {
        let sort = b
            .get("server_side_encryption_configuration")
            .and_then(|v| v.pointer("/0/rule/0/apply_server_side_encryption_by_default/0/sse_algorithm"));
        sort.and_then(Value::as_str).is_some_and(|s| s != "AES256")
    }),
    ("aws_s3_bucket_versioning", |b| b.get("versioning").and_then(|v| v.pointer("/0/enabled")) == Some(&Value::Bool(true))),
    ("aws_s3_bucket_website_configuration", |b| b.get("website").is_some_and(says)),
];

fn says(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

/// True for a text, number or truth, and for a list of texts: what names things, and never a block.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(Value::is_string),
        Value::Object(_) => false,
        _ => true,
    }
}

/// A Terraform state, as far as it names things in AWS.
#[derive(Clone)]
pub struct State {
    /// The file or `s3://` address, as the user gave it.
    pub name: String,
    entries: Vec<Entry>,
}

// Nothing that was in a state is shown by accident, not even what names things.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "State({}, {} resources)", self.name, self.entries.len())
    }
}

/// One instance of a managed resource.
#[derive(Clone)]
struct Entry {
    address: String,
    kind: String,
    /// The `id` attribute, which for many types is not the import id.
    id: String,
    /// See [`KEPT`].
    values: Map<String, Value>,
    /// Types of the satellites whose settings stand inside it.
    inside: Vec<&'static str>,
    /// Volumes that stand inside an instance: made with it and gone with it.
    volumes: Vec<String>,
}

/// What came of one state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StateSummary {
    /// The file or `s3://` address.
    pub name: String,
    /// AWS resources in it, data sources not counted.
    pub held: usize,
    /// Resources of the account that it manages.
    pub managed: usize,
    /// In the state, and not in the account although everything of their type was read: address and id.
    pub not_found: Vec<(String, String)>,
    /// Of types or in regions that were not read, or not in full: nothing can be said about them.
    pub not_read: usize,
    /// Of another account.
    pub other_account: usize,
    /// Claimed by an earlier state too: address here, and state and address there.
    pub twice: Vec<(String, String)>,
}

impl StateSummary {
    /// What came of it, in one sentence without the name.
    pub fn sentence(&self) -> String {
        let mut rest = Vec::new();
        for (count, words) in [
            (self.not_found.len(), "not found in the account"),
            (self.not_read, "of types or regions that were not read in full"),
            (self.other_account, "of another account"),
            (self.twice.len(), "in another state too"),
        ] {
            if count > 0 {
                rest.push(format!("{count} {words}"));
            }
        }
        let rest = if rest.is_empty() { String::new() } else { format!("; {}", rest.join(", ")) };
        format!("manages {} of the resources read here, holds {}{rest}", self.managed, self.held)
    }
}

impl State {
    /// Reads a state; `name` is what the user calls it. No error ever quotes a value from the state.
    ///
    /// # Errors
    /// [`Error::input`] when it is no state, of another version, encrypted, or a plan.
    pub fn parse(bytes: &[u8], name: &str) -> Result<State, Error> {
        let bad = |what: &str| Error::input(format!("{name}: {what}"));
        let help = "`terraform state pull > FILE` or `terraform show -json > FILE` writes what can be read";
        let root: Value = serde_json::from_slice(bytes)
            .map_err(|e| bad(&format!("not a Terraform state: no JSON at line {}, column {}", e.line(), e.column())).hint(help))?;
        let mut entries = Vec::new();
        if root.get("planned_values").is_some() || root.get("resource_changes").is_some() {
            return Err(bad("a plan, not a state").hint(help));
        } else if root.get("encrypted_data").is_some() {
            return Err(bad("an encrypted state").hint("`tofu show -json > FILE`, where the key is configured, writes it in clear text"));
        } else if let Some(version) = root.get("version").and_then(Value::as_u64) {
            if version != VERSION {
                return Err(bad(&format!("a state of version {version}; this surveyor reads version {VERSION}")).hint(help));
            }
            let resources =
                root.get("resources").and_then(Value::as_array).ok_or_else(|| bad("a state without a list of resources").hint(help))?;
            resources.iter().for_each(|resource| from_state(resource, &mut entries));
        } else if root.get("format_version").is_some_and(Value::is_string) {
            from_module(root.pointer("/values/root_module").unwrap_or(&Value::Null), &mut entries);
        } else {
            return Err(bad("not a Terraform state: it has no version").hint(help));
        }
        Ok(State { name: name.into(), entries })
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// One resource of a state of version 4, with all its instances.
fn from_state(resource: &Value, out: &mut Vec<Entry>) {
    if text(resource, "mode") != "managed" {
        return;
    }
    let kind = text(resource, "type");
    let module = text(resource, "module");
    let base = format!("{module}{}{kind}.{}", if module.is_empty() { "" } else { "." }, text(resource, "name"));
    for instance in resource.get("instances").and_then(Value::as_array).into_iter().flatten() {
        // A deposed object waits for its deletion.
        if instance.get("deposed").is_some() {
            continue;
        }
        let address = match instance.get("index_key") {
            Some(key) if !key.is_null() => format!("{base}[{key}]"),
            _ => base.clone(),
        };
        out.extend(Entry::new(kind, address, instance.get("attributes")));
    }
}

/// A module of `terraform show -json`, and those below it.
fn from_module(module: &Value, out: &mut Vec<Entry>) {
    let list = |name: &str| module.get(name).and_then(Value::as_array).into_iter().flatten();
    for resource in list("resources").filter(|r| text(r, "mode") == "managed" && r.get("deposed_key").is_none()) {
        out.extend(Entry::new(text(resource, "type"), text(resource, "address").into(), resource.get("values")));
    }
    for child in list("child_modules") {
        from_module(child, out);
    }
}

impl Entry {
    fn new(kind: &str, address: String, attributes: Option<&Value>) -> Option<Entry> {
        let attributes = attributes?.as_object()?;
        if !kind.starts_with("aws_") {
            return None;
        }
        // The older name of the same things.
        let kind = kind.strip_prefix("aws_alb").map_or_else(|| kind.to_string(), |rest| format!("aws_lb{rest}"));
        let rules = matches!(kind.as_str(), "aws_security_group" | "aws_default_security_group");
        let routes = matches!(kind.as_str(), "aws_route_table" | "aws_default_route_table");
        let mut values = Map::new();
        for name in KEPT {
            let list = matches!(*name, "ingress" | "egress") && rules || *name == "route" && routes;
            if let Some(value) = attributes.get(*name).filter(|v| says(v) && (list || is_plain(v))) {
                values.insert((*name).into(), value.clone());
            }
        }
        let mut entry = Entry { address, id: String::new(), values, inside: Vec::new(), volumes: Vec::new(), kind };
        entry.id = attributes.get("id").and_then(Value::as_str).unwrap_or_default().into();
        if entry.kind == "aws_s3_bucket" {
            entry.inside = OLD_BUCKET.iter().filter(|(_, is_set)| is_set(attributes)).map(|(kind, _)| *kind).collect();
        }
        if entry.kind == "aws_instance" {
            let devices = attributes.get("ebs_block_device").and_then(Value::as_array).into_iter().flatten();
            // Volumes attached later show here too; those made with the instance go with it.
            let own = devices.filter(|d| d.get("delete_on_termination") == Some(&Value::Bool(true)));
            entry.volumes = own.map(|d| text(d, "volume_id").to_string()).filter(|v| !v.is_empty()).collect();
        }
        Some(entry)
    }

    fn str(&self, name: &str) -> &str {
        self.values.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn strings(&self, name: &str) -> Vec<&str> {
        self.values.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Its ARN, where it has one; some types have it for an id.
    fn arn(&self) -> Option<&str> {
        [self.str("arn"), self.id.as_str()].into_iter().find(|text| text.starts_with("arn:")).map(|arn| arn.trim_end_matches(":*"))
    }

    /// A part of the ARN: 3 the region, 4 the account.
    fn of_arn(&self, part: usize) -> Option<&str> {
        self.arn()?.split(':').nth(part).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    pub(super) fn state(resources: Value) -> State {
        State::parse(
            json!({"version": 4, "terraform_version": "1.9.8", "serial": 3, "lineage": "x", "outputs": {}, "resources": resources})
                .to_string()
                .as_bytes(),
            "live.tfstate",
        )
        .unwrap()
    }

    #[test]
    fn addresses_are_those_of_terraform() {
        let instance = |key: Value| json!({"index_key": key, "attributes": {"id": "i-1"}});
        let state = state(json!([
            {"mode": "managed", "type": "aws_instance", "name": "one", "instances": [{"attributes": {"id": "i-1"}}]},
            {"mode": "managed", "type": "aws_instance", "name": "many", "module": "module.a[\"x\"].module.b", "instances": [instance(0.into()), instance("k\"".into())]},
            {"mode": "data", "type": "aws_instance", "name": "read", "instances": [{"attributes": {"id": "i-1"}}]},
            {"mode": "managed", "type": "random_password", "name": "p", "instances": [{"attributes": {"id": "none"}}]},
            {"mode": "managed", "type": "aws_instance", "name": "old", "instances": [{"deposed": "0a1b", "attributes": {"id": "i-2"}}]},
            {"mode": "managed", "type": "aws_alb_listener", "name": "l", "instances": [{"attributes": {"id": "arn:l"}}]},
        ]));
        let found: Vec<(&str, &str)> = state.entries.iter().map(|e| (e.address.as_str(), e.kind.as_str())).collect();
        assert_eq!(
            found,
            [
                ("aws_instance.one", "aws_instance"),
                ("module.a[\"x\"].module.b.aws_instance.many[0]", "aws_instance"),
                ("module.a[\"x\"].module.b.aws_instance.many[\"k\\\"\"]", "aws_instance"),
                ("aws_alb_listener.l", "aws_lb_listener"),
            ]
        );
    }

    #[test]
    fn the_output_of_show_is_read_too() {
        let shown = json!({"format_version": "1.0", "terraform_version": "1.9.8", "values": {"outputs": {}, "root_module": {
            "resources": [{"address": "aws_vpc.main", "mode": "managed", "type": "aws_vpc", "name": "main", "values": {"id": "vpc-1"}}],
            "child_modules": [{"address": "module.db", "resources": [
                {"address": "module.db.aws_db_instance.this[0]", "mode": "managed", "type": "aws_db_instance", "name": "this", "index": 0, "values": {"id": "db-X", "identifier": "orders", "password": "hunter2"}}]}]}}});
        let state = State::parse(shown.to_string().as_bytes(), "s").unwrap();
        let found: Vec<(&str, &str)> = state.entries.iter().map(|e| (e.address.as_str(), e.id.as_str())).collect();
        assert_eq!(found, [("aws_vpc.main", "vpc-1"), ("module.db.aws_db_instance.this[0]", "db-X")]);
        assert!(State::parse(br#"{"format_version": "1.0"}"#, "s").unwrap().entries.is_empty(), "an empty state");
    }

    #[test]
    fn only_what_names_a_thing_is_kept() {
        let state = state(json!([{"mode": "managed", "type": "aws_db_instance", "name": "x", "instances": [{"attributes":
            {"id": "db-X", "identifier": "orders", "password": "hunter2-secret", "username": "app", "tags": {"token": "hunter2-secret"}}}]}]));
        let entry = &state.entries[0];
        assert_eq!(Value::Object(entry.values.clone()), json!({"identifier": "orders"}));
        assert_eq!(format!("{state:?}"), "State(live.tfstate, 1 resources)");
    }

    #[test]
    fn what_is_no_state_is_refused_without_quoting_it() {
        let cases: [(&str, &str); 8] = [
            ("hunter2", "no JSON at line 1"),
            (r#"{"version": 3, "modules": ["hunter2"]}"#, "version 3"),
            (r#"{"version": 5, "resources": []}"#, "version 5"),
            (r#"{"version": 4, "resources": "hunter2"}"#, "without a list"),
            (r#"{"version": "hunter2"}"#, "no version"),
            (r#"{"encrypted_data": "hunter2", "serial": 1}"#, "encrypted"),
            (r#"{"format_version": "1.2", "planned_values": {"x": "hunter2"}}"#, "a plan"),
            (r#"["hunter2"]"#, "no version"),
        ];
        for (text, expected) in cases {
            let error = State::parse(text.as_bytes(), "live.tfstate").unwrap_err();
            assert!(error.message.starts_with("live.tfstate: ") && error.message.contains(expected), "{error}");
            assert!(!error.to_string().contains("hunter2") && !error.hints.is_empty(), "{error}");
        }
    }
}
