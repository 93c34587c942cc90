//! One observed thing, held in Terraform's own vocabulary.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Attribute values by name. Nested blocks are arrays of objects, as in a Terraform state.
pub type Attrs = BTreeMap<String, Value>;

/// What stands in the place of a value that looked like a credential. The value itself is dropped at the scan.
pub const REDACTED: &str = "(redacted by surveyor)";

/// Region of services that have only one endpoint (IAM, CloudFront, Route 53).
pub const GLOBAL: &str = "global";

/// One thing that exists in the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Resource {
    /// Terraform type (`aws_db_instance`), or a type prefixed `x_` for what Terraform has no type for.
    #[serde(rename = "type")]
    pub kind: String,
    /// Terraform import id. For types that cannot be imported: a stable id of the same form.
    pub id: String,
    /// Amazon Resource Name, where the thing has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Twelve-digit account number.
    pub account: String,
    /// Region name, or [`GLOBAL`].
    pub region: String,
    /// What people call it: the `Name` tag, else the name AWS knows it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Tags without AWS's own (`aws:` …), which live in `facts.aws_tags`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Settable arguments under the provider's names and in the provider's shape. Values equal to their default are kept.
    #[serde(default)]
    pub config: Attrs,
    /// What was observed besides. Times are RFC 3339, sizes bytes unless the name carries the unit.
    #[serde(default)]
    pub facts: Attrs,
    /// Attribute paths (`config.user_data`, `facts.health`, `tags`) that were asked for and not obtained, each with its
    /// cause (`denied: ec2:DescribeInstanceAttribute`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unread: BTreeMap<String, String>,
    /// Who looks after it.
    #[serde(default)]
    pub ownership: Ownership,
}

/// Who looks after a resource, always with the evidence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ownership {
    /// The class that decides whether code is written for it.
    pub class: OwnershipClass,
    /// What the class was concluded from; empty for [`OwnershipClass::Ours`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// The parent, stack, or state address that owns it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// Classes of ownership.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnershipClass {
    /// Made by people of this account: code is written.
    #[default]
    Ours,
    /// Made by AWS with the account (default VPC and what belongs to it).
    AwsDefault,
    /// Made and kept by an AWS service (service-linked roles, service network interfaces).
    AwsManaged,
    /// Lives and dies with another resource that is in the snapshot (root volume, primary interface).
    Child,
    /// Belongs to a CloudFormation stack.
    Cloudformation,
    /// Kept by an orchestrator (Kubernetes, Beanstalk, autoscaling).
    Orchestrated,
    /// Already in a Terraform state.
    Managed,
    /// Comes and goes by itself (automated snapshots).
    Ephemeral,
    /// The provider has no import for it.
    NotImportable,
}

/// What identifies a resource in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Terraform type.
    pub kind: String,
    /// Account number.
    pub account: String,
    /// Region or [`GLOBAL`].
    pub region: String,
    /// Import id.
    pub id: String,
}

impl Resource {
    /// A resource with nothing read yet.
    pub fn new(kind: &str, account: &str, region: &str, id: &str) -> Self {
        Resource {
            kind: kind.into(),
            id: id.into(),
            arn: None,
            account: account.into(),
            region: region.into(),
            name: None,
            tags: BTreeMap::new(),
            config: Attrs::new(),
            facts: Attrs::new(),
            unread: BTreeMap::new(),
            ownership: Ownership::default(),
        }
    }

    /// The identity within a snapshot.
    pub fn key(&self) -> Key {
        Key { kind: self.kind.clone(), account: self.account.clone(), region: self.region.clone(), id: self.id.clone() }
    }

    /// The name for people: name, else id.
    pub fn label(&self) -> &str {
        self.name.as_deref().filter(|n| !n.is_empty()).unwrap_or(&self.id)
    }

    /// Sets an argument. `Null` is "asked and not set".
    pub fn set(&mut self, argument: &str, value: impl Into<Value>) -> &mut Self {
        self.config.insert(argument.into(), value.into());
        self
    }

    /// Sets an observed fact.
    pub fn fact(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.facts.insert(name.into(), value.into());
        self
    }

    /// Marks paths as asked for and not obtained.
    pub fn mark_unread(&mut self, paths: &[&str], cause: &str) {
        for path in paths {
            self.unread.insert((*path).into(), cause.into());
        }
    }

    /// A value by path: `config.a.0.b`, `facts.x`, `tags.Name`, `id`, `arn`, `name`.
    pub fn get(&self, path: &str) -> Option<&Value> {
        let mut parts = path.split('.');
        let map = match parts.next()? {
            "config" => &self.config,
            "facts" => &self.facts,
            _ => return None,
        };
        let mut value = map.get(parts.next()?)?;
        for part in parts {
            value = match value {
                Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
                Value::Object(fields) => fields.get(part)?,
                _ => return None,
            };
        }
        Some(value)
    }

    /// A string argument or fact by path, see [`Resource::get`].
    pub fn str(&self, path: &str) -> Option<&str> {
        self.get(path)?.as_str()
    }

    /// A boolean by path; false when absent or of another type.
    pub fn bool(&self, path: &str) -> bool {
        self.get(path).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The strings of a list by path; empty when absent.
    pub fn strings(&self, path: &str) -> Vec<&str> {
        self.get(path).and_then(Value::as_array).map(|v| v.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
    }

    /// True for types Terraform has no resource for.
    pub fn is_pseudo(&self) -> bool {
        self.kind.starts_with("x_")
    }
}
