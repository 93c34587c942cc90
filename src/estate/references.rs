//! Typed edges: which argument names which attribute of which type, and to what each value leads.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::graph::{self, Index};
use super::resource::GLOBAL;
use super::{Resource, Snapshot};

static FILE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/references.yaml"));

/// Stands for any type in a target: the value is an ARN.
const ANY: &str = "any";

/// An argument's value that names another thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Where it stands, for [`Resource::get`]: `config.subnet_id`, `config.vpc_security_group_ids.0`. For an ARN inside a JSON
    /// document the document's path, `config.policy`.
    pub path: String,
    /// The part of the value at `path` that names the target. It is the whole value, except inside a JSON document and where AWS
    /// adds something to an ARN (`:*` after a log group's). It may also be the beginning of a longer ARN there: take the longest first.
    pub value: String,
    /// What it leads to.
    pub target: Target,
}

/// What a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A resource of the estate.
    Inside {
        /// Its position.
        index: usize,
        /// The attribute that holds the value, under Terraform's name: `id`, `arn`, `name`, `dns_name` …
        attribute: String,
    },
    /// Something that is not in the snapshot.
    Outside {
        /// The type it would have (the first of those possible).
        kind: String,
        /// Why it is not there, for people.
        reason: String,
    },
}

/// A declared target: type and attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Goal {
    kind: String,
    attribute: String,
}

/// A declared edge.
#[derive(Debug)]
struct Edge {
    path: Vec<String>,
    goals: Vec<Goal>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    joints: Vec<String>,
    edges: BTreeMap<String, BTreeMap<String, OneOrMany>>,
}

#[derive(Default)]
struct Table {
    joints: Vec<String>,
    edges: BTreeMap<String, Vec<Edge>>,
    problems: Vec<String>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| parse(FILE));

fn parse(text: &str) -> Table {
    let file: File = match serde_saphyr::from_str(text) {
        Ok(file) => file,
        Err(e) => return Table { problems: vec![e.to_string()], ..Table::default() },
    };
    let mut table = Table { joints: file.joints, ..Table::default() };
    for (kind, arguments) in file.edges {
        let list = table.edges.entry(kind.clone()).or_default();
        for (path, goals) in arguments {
            let goals = match goals {
                OneOrMany::One(goal) => vec![goal],
                OneOrMany::Many(goals) => goals,
            };
            let goals: Vec<Goal> = goals
                .iter()
                .filter_map(|goal| {
                    let parts = goal.split_once('.');
                    if parts.is_none() {
                        table.problems.push(format!("{kind}.{path}: {goal} is not type.attribute"));
                    }
                    parts.map(|(kind, attribute)| Goal { kind: kind.into(), attribute: attribute.into() })
                })
                .collect();
            list.push(Edge { path: path.split('.').map(String::from).collect(), goals });
        }
    }
    table
}

/// True for types that only join others (attachments, associations, rules).
pub(super) fn is_joint(kind: &str) -> bool {
    TABLE.joints.iter().any(|j| j == kind)
}

/// True when a value of this attribute cannot mean two things in two regions.
pub(super) fn is_unique_everywhere(kind: &str, attribute: &str, value: &str) -> bool {
    match attribute {
        "id" => kind == "aws_s3_bucket" || value.starts_with("arn:") || is_ec2_id(value),
        "name" | "identifier" | "key_name" | "family" => false,
        _ => true,
    }
}

/// `vpc-0f6dd0416f20f7f61` and its like, old short ones included.
fn is_ec2_id(value: &str) -> bool {
    value.split_once('-').is_some_and(|(prefix, hex)| {
        prefix.bytes().all(|b| b.is_ascii_lowercase())
            && (hex.len() == 8 || hex.len() == 17)
            && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

/// Resolves all references of all resources.
pub(super) fn resolve_all(snapshot: &Snapshot, index: &Index) -> Vec<Vec<Reference>> {
    let resolver = Resolver { snapshot, index };
    snapshot.resources.iter().enumerate().map(|(i, r)| resolver.references(i, r)).collect()
}

struct Resolver<'a> {
    snapshot: &'a Snapshot,
    index: &'a Index,
}

impl Resolver<'_> {
    fn references(&self, position: usize, resource: &Resource) -> Vec<Reference> {
        let mut found = Vec::new();
        for edge in TABLE.edges.get(&resource.kind).map(Vec::as_slice).unwrap_or_default() {
            let Some((first, rest)) = edge.path.split_first() else { continue };
            if let Some(value) = resource.config.get(first) {
                self.walk(resource, edge, value, rest, &mut format!("config.{first}"), &mut found);
            }
        }
        for (name, value) in &resource.config {
            self.documents(value, &mut format!("config.{name}"), &mut found);
        }
        // A thing may name itself (a topic's policy its own topic); code cannot, so that is no edge.
        found.retain(|r| !matches!(r.target, Target::Inside { index, .. } if index == position));
        found.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| a.value.cmp(&b.value)));
        found
    }

    fn walk(&self, from: &Resource, edge: &Edge, value: &Value, rest: &[String], path: &mut String, found: &mut Vec<Reference>) {
        let length = path.len();
        match value {
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    path.push_str(&format!(".{i}"));
                    self.walk(from, edge, item, rest, path, found);
                    path.truncate(length);
                }
            }
            Value::Object(fields) => {
                let Some((first, rest)) = rest.split_first() else { return };
                if let Some(inner) = fields.get(first) {
                    path.push('.');
                    path.push_str(first);
                    self.walk(from, edge, inner, rest, path, found);
                    path.truncate(length);
                }
            }
            Value::String(text) if rest.is_empty() && !text.is_empty() && text != super::resource::REDACTED => {
                if let Some((value, target)) = self.resolve(from, edge, text) {
                    found.push(Reference { path: path.clone(), value, target });
                }
            }
            _ => {}
        }
    }

    /// The target of a value, and the part of the value that names it. `None` when the value names no thing at all.
    fn resolve(&self, from: &Resource, edge: &Edge, text: &str) -> Option<(String, Target)> {
        for candidate in spellings(text) {
            for goal in &edge.goals {
                let index = if goal.kind == ANY {
                    self.index.by_arn.get(candidate).copied()
                } else {
                    self.index.near(&self.snapshot.resources, from, &goal.kind, &goal.attribute, candidate)
                };
                if let Some(index) = index {
                    return Some((candidate.into(), Target::Inside { index, attribute: goal.attribute.clone() }));
                }
            }
        }
        let goal = edge.goals.iter().find(|g| looks_like(g, text))?;
        let reason = self.why_outside(from, edge, goal, text);
        Some((text.into(), Target::Outside { kind: goal.kind.clone(), reason }))
    }

    fn why_outside(&self, from: &Resource, edge: &Edge, goal: &Goal, text: &str) -> String {
        let meta = &self.snapshot.meta;
        if let Some(reason) = kept_by_aws(&goal.kind, text) {
            return reason;
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let mut region = from.region.as_str();
        if let ["arn", _, _, arn_region, account, _] = parts.as_slice() {
            if *account == "aws" {
                return "belongs to AWS".into();
            }
            if !account.is_empty() && *account != from.account {
                return format!("in another account, {account}");
            }
            if !arn_region.is_empty() {
                if !meta.regions.is_empty() && !meta.regions.iter().any(|r| r == arn_region) && *arn_region != from.region {
                    return format!("in {arn_region}, a region that was not scanned");
                }
                region = arn_region;
            }
        }
        let scope = (region != GLOBAL).then_some(region);
        let mut causes: Vec<String> = edge
            .goals
            .iter()
            .filter(|g| g.kind != ANY && looks_like(g, text))
            .flat_map(|g| graph::incomplete(self.snapshot, &g.kind, scope))
            .collect();
        causes.dedup();
        if !causes.is_empty() {
            return format!("not in the snapshot: listing incomplete because {}", causes.join("; "));
        }
        match goal.kind.as_str() {
            // Only own images are listed, and CloudFront does not let go of a policy in use: what is not among ours is not ours.
            "aws_ami" => "an image this account does not own (from AWS, a marketplace or another account, or deregistered)".into(),
            "aws_cloudfront_cache_policy" | "aws_cloudfront_origin_request_policy" | "aws_cloudfront_response_headers_policy" => {
                "a policy that AWS keeps".into()
            }
            ANY => "nothing with this ARN in the snapshot".into(),
            kind => format!("no such {kind} in the snapshot (deleted?)"),
        }
    }

    /// ARNs of things in the snapshot that stand in JSON documents (policies, dashboards, redrive settings).
    fn documents(&self, value: &Value, path: &mut String, found: &mut Vec<Reference>) {
        let length = path.len();
        match value {
            Value::String(text) if text.trim_start().starts_with(['{', '[']) && text.contains("arn:") => {
                let mut seen = std::collections::BTreeSet::new();
                for arn in arns_in(text) {
                    for candidate in spellings(arn) {
                        if let Some(index) = self.index.by_arn.get(candidate) {
                            if seen.insert(candidate) {
                                let target = Target::Inside { index: *index, attribute: "arn".into() };
                                found.push(Reference { path: path.clone(), value: candidate.into(), target });
                            }
                            break;
                        }
                    }
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    path.push_str(&format!(".{i}"));
                    self.documents(item, path, found);
                    path.truncate(length);
                }
            }
            Value::Object(fields) => {
                for (name, item) in fields {
                    path.push_str(&format!(".{name}"));
                    self.documents(item, path, found);
                    path.truncate(length);
                }
            }
            _ => {}
        }
    }
}

/// The value itself, and without what AWS or a policy adds after an ARN: `/*`, `:*`, an object path, a version.
fn spellings(text: &str) -> Vec<&str> {
    let mut list = vec![text];
    if text.starts_with("arn:") {
        list.extend(text.strip_suffix(":*"));
        list.extend(text.strip_suffix("/*"));
        // arn:aws:s3:::bucket/some/path belongs to the bucket.
        if text.contains(":s3:::")
            && let Some((bucket, _)) = text.split_once('/')
        {
            list.push(bucket);
        }
    }
    list
}

/// All ARNs in a text, each as it stands there.
fn arns_in(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("arn:aws").map(move |(start, _)| {
        let rest = &text[start..];
        rest.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\\' | ',' | '\'')).next().unwrap_or(rest)
    })
}

/// Whether a value has the form of what a goal asks for: an argument may hold an ARN of one type or the id of another.
fn looks_like(goal: &Goal, text: &str) -> bool {
    let is_arn = text.starts_with("arn:");
    match goal.attribute.as_str() {
        "arn" => is_arn,
        _ => !is_arn,
    }
}

/// Things that AWS keeps and no account lists.
fn kept_by_aws(kind: &str, text: &str) -> Option<String> {
    let what = match kind {
        "aws_kms_key" | "aws_kms_alias" if text.contains("alias/aws/") => "a key that AWS keeps",
        "aws_db_parameter_group" | "aws_rds_cluster_parameter_group" if text.starts_with("default.") => "a parameter group that AWS keeps",
        "aws_db_option_group" if text.starts_with("default:") => "an option group that AWS keeps",
        "aws_iam_policy" if text.contains(":iam::aws:policy/") => "a policy that AWS keeps",
        "aws_internet_gateway" if text == "local" => "the VPC itself",
        _ => return None,
    };
    Some(what.into())
}
