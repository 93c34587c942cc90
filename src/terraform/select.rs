//! Which resources become code, and why the others do not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::also::Lesson;
use super::body::stand_in;
use crate::estate::{Estate, Key, OwnershipClass, Resource, Target};
use crate::schema::overlay::{Kept, overlay};
use crate::schema::{Block, provider};

/// Why a resource is not in the code, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Heading under which it stands.
    pub heading: String,
    /// Why.
    pub reason: String,
    /// What to do.
    pub advice: String,
}

impl LeftOut {
    fn new(heading: &str, reason: impl Into<String>, advice: &str) -> Self {
        LeftOut { heading: heading.into(), reason: reason.into(), advice: advice.into() }
    }
}

/// What becomes of each resource of an estate, by position.
#[derive(Debug, Default)]
pub struct Selection {
    /// Positions of the resources that are written.
    pub written: BTreeSet<usize>,
    /// The others; things without a Terraform type (`x_…`) are in neither.
    pub left_out: BTreeMap<usize, LeftOut>,
}

/// States of a thing that is about to be gone.
const DYING: &[&str] = &[
    "terminated",
    "shutting-down",
    "deleting",
    "deleted",
    "PendingDeletion",
    "PendingReplicaDeletion",
    "pending_delete",
    "failed_deleting",
];

/// Default things that are part of a VPC or table rather than used by name: written when that is.
const PART_OF_NETWORK: &[&str] = &[
    "aws_internet_gateway",
    "aws_route",
    "aws_route_table_association",
    "aws_default_route_table",
    "aws_default_network_acl",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
];

/// Decides for every resource.
pub fn select(estate: &Estate, lessons: &BTreeMap<Key, Lesson>) -> Selection {
    let mut selection = Selection::default();
    let mut defaults = Vec::new();
    for (index, resource) in estate.resources().iter().enumerate() {
        if resource.is_pseudo() {
            continue;
        }
        let taught = lessons.get(&resource.key()).and_then(|l| l.left_out.as_ref());
        let taught = taught.map(|why| {
            LeftOut::new(
                "Asked for, and no clean plan found",
                why,
                "keep it by hand, or write it by hand from the provider's documentation",
            )
        });
        match judge(resource).or(taught) {
            Some(reason) => {
                selection.left_out.insert(index, reason);
            }
            None if resource.ownership.class == OwnershipClass::AwsDefault => defaults.push(index),
            None => {
                selection.written.insert(index);
            }
        }
    }
    take_defaults_in_use(estate, &mut selection, &defaults);
    drop_satellites(estate, &mut selection);
    selection
}

/// AWS's own defaults are written when something that is written uses them, or when they are part of a network that is.
fn take_defaults_in_use(estate: &Estate, selection: &mut Selection, defaults: &[usize]) {
    let resources = estate.resources();
    let mut waiting: BTreeSet<usize> = defaults.iter().copied().collect();
    loop {
        let mut found: Vec<usize> = Vec::new();
        for index in &waiting {
            let resource = &resources[*index];
            let used =
                estate.referrers(resource).iter().any(|(from, _)| estate.index_of(from).is_some_and(|i| selection.written.contains(&i)));
            let part = PART_OF_NETWORK.contains(&resource.kind.as_str())
                && estate.references(resource).iter().any(|r| match r.target {
                    Target::Inside { index, .. } => selection.written.contains(&index),
                    Target::Outside { .. } => false,
                });
            let vpc = vpc_of(estate, resource).map(|vpc| &resources[vpc].ownership.class);
            if vpc == Some(&OwnershipClass::Managed) && !used {
                continue;
            }
            let of_vpc = matches!(resource.kind.as_str(), "aws_default_route_table" | "aws_default_network_acl")
                && vpc_of(estate, resource).is_some_and(|vpc| selection.written.contains(&vpc));
            if used || part || of_vpc {
                found.push(*index);
            }
        }
        if found.is_empty() {
            break;
        }
        for index in found {
            waiting.remove(&index);
            selection.written.insert(index);
        }
    }
    for index in waiting {
        let evidence = &resources[index].ownership.evidence;
        let reason = if evidence.is_empty() { "AWS made it with the account" } else { evidence };
        selection.left_out.insert(index, LeftOut::new("Defaults of AWS that nothing uses", reason, default_advice(&resources[index].kind)));
    }
}

/// What to do about a default of AWS.
fn default_advice(kind: &str) -> &'static str {
    match kind {
        "aws_default_vpc" | "aws_default_subnet" => "nothing; delete it where a rule says that it should not exist",
        _ => "nothing: it goes with what it was made with",
    }
}

/// What only says something about another thing follows that thing out of the code.
fn drop_satellites(estate: &Estate, selection: &mut Selection) {
    loop {
        let mut out = Vec::new();
        for index in &selection.written {
            let resource = &estate.resources()[*index];
            let Some(first) = overlay(&resource.kind).kept.name.first() else { continue };
            if !resource.tags.is_empty() || !is_required(&resource.kind, first) {
                continue;
            }
            let path = format!("config.{first}");
            let parent = estate.references(resource).iter().find_map(|r| match r.target {
                Target::Inside { index, .. } if r.path == path => Some(index),
                _ => None,
            });
            if let Some(parent) = parent
                && let Some(why) = selection.left_out.get(&parent)
                // What people added to a thing that a state manages is not managed by it.
                && estate.resources()[parent].ownership.class != OwnershipClass::Managed
            {
                let of = &estate.resources()[parent];
                out.push((*index, LeftOut::new(&why.heading, format!("part of {} {}: {}", of.kind, of.label(), why.reason), &why.advice)));
            }
        }
        if out.is_empty() {
            return;
        }
        for (index, why) in out {
            selection.written.remove(&index);
            selection.left_out.insert(index, why);
        }
    }
}

fn is_required(kind: &str, argument: &str) -> bool {
    provider().resource(kind).and_then(|b| b.attributes.get(argument)).is_some_and(|a| a.required)
}

/// The VPC of a thing that does not name it as an argument.
pub fn vpc_of(estate: &Estate, resource: &Resource) -> Option<usize> {
    let id = resource.str("facts.vpc_id").or_else(|| resource.str("config.vpc_id")).unwrap_or(&resource.id);
    let vpc = ["aws_default_vpc", "aws_vpc"].iter().find_map(|kind| estate.find_near(resource, kind, "id", id))?;
    estate.index_of(vpc)
}

/// The reason not to write a resource, as far as it tells by itself.
fn judge(resource: &Resource) -> Option<LeftOut> {
    let owned = &resource.ownership;
    let evidence = |fallback: &str| if owned.evidence.is_empty() { fallback.to_string() } else { owned.evidence.clone() };
    let by = owned.by.as_deref().filter(|by| !owned.evidence.contains(by)).map(|by| format!(" ({by})")).unwrap_or_default();
    match owned.class {
        OwnershipClass::Ours | OwnershipClass::AwsDefault => {}
        OwnershipClass::AwsManaged => {
            return Some(LeftOut::new("Kept by AWS", evidence("an AWS service made it"), "nothing: AWS looks after it"));
        }
        OwnershipClass::Child => {
            return Some(LeftOut::new(
                "Part of something else",
                format!("{}{by}", evidence("lives and dies with another resource")),
                "nothing: it follows what it belongs to",
            ));
        }
        OwnershipClass::Cloudformation => {
            return Some(LeftOut::new(
                "Kept by CloudFormation",
                format!("{}{by}", evidence("belongs to a stack")),
                "change it in its stack; to move it, retain it there first and scan again",
            ));
        }
        OwnershipClass::Orchestrated => {
            return Some(LeftOut::new(
                "Kept by an orchestrator",
                format!("{}{by}", evidence("made by an orchestrator")),
                "change it there",
            ));
        }
        OwnershipClass::Managed => {
            return Some(LeftOut::new("Under code already", evidence("in a Terraform state"), "change it in the code of that state"));
        }
        OwnershipClass::Ephemeral => {
            return Some(LeftOut::new("Comes and goes by itself", evidence("temporary"), "nothing"));
        }
        OwnershipClass::NotImportable => {
            return Some(LeftOut::new(
                "Cannot be imported",
                evidence("the provider has no import for it"),
                "keep it by hand, or replace it with a resource made by code",
            ));
        }
    }
    // An import block with an empty id would fail the plan of the whole root.
    if resource.id.is_empty() {
        return Some(LeftOut::new("Could not be read", "AWS gave no id", "scan again"));
    }
    if let Some(reason) = &overlay(&resource.kind).kept.leave_out {
        return Some(LeftOut::new("Cannot be imported", reason, "keep it by hand"));
    }
    let Some(block) = provider().resource(&resource.kind) else {
        return Some(LeftOut::new("Cannot be imported", "AWS provider 5.100.0 has no such type", "keep it by hand"));
    };
    for fact in ["state", "status", "key_state"] {
        if let Some(state) = resource.str(&format!("facts.{fact}"))
            && DYING.contains(&state)
        {
            return Some(LeftOut::new("About to be gone", format!("its state is {state}"), "nothing; scan again later"));
        }
    }
    let beyond = resource.strings("facts.beyond_provider");
    if !beyond.is_empty() {
        let list = beyond.iter().map(|part| format!("`{part}`")).collect::<Vec<_>>().join(", ");
        return Some(LeftOut::new(
            "Says more than the provider can",
            format!("AWS provider 5.100.0 has no argument for {list}: the first change by code would take that away"),
            "keep it by hand until the provider knows it",
        ));
    }
    match resource.kind.as_str() {
        "aws_ssm_parameter" if resource.str("config.type") == Some("SecureString") => {
            return Some(LeftOut::new(
                "Would put a secret into the state",
                "a SecureString: Terraform would decrypt it and keep it",
                "leave it in Parameter Store and refer to it by name",
            ));
        }
        "aws_acm_certificate" if resource.str("facts.type") == Some("IMPORTED") => {
            return Some(LeftOut::new(
                "Would put a secret into the state",
                "a certificate that was uploaded: its private key would have to be in the code",
                "replace it with one that ACM issues",
            ));
        }
        "aws_sns_topic_subscription" if !resource.id.starts_with("arn:") => {
            return Some(LeftOut::new(
                "Not confirmed yet",
                "the subscription has no ARN until somebody confirms it",
                "confirm it and scan again, or delete it",
            ));
        }
        _ => {}
    }
    let kept = overlay(&resource.kind).kept;
    let missing = block.attributes.iter().filter(|(name, a)| {
        a.required
            && !kept.placeholder.contains_key(*name)
            && !is_derived(&resource.kind, name)
            && resource.config.get(*name).is_none_or(Value::is_null)
    });
    let missing_blocks = block
        .blocks
        .iter()
        .filter(|(name, b)| b.min_items > 0 && resource.config.get(*name).and_then(Value::as_array).is_none_or(Vec::is_empty));
    let mut names: Vec<String> = missing.map(|(n, _)| n).chain(missing_blocks.map(|(n, _)| n)).cloned().collect();
    missing_inside(block, &resource.config, kept, "", &mut names);
    if names.is_empty() {
        return None;
    }
    let causes: BTreeSet<&str> = names.iter().filter_map(|n| unread_cause(resource, n)).collect();
    let list = names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    let reason = if causes.is_empty() {
        format!("{list} must be written and AWS gave no value")
    } else {
        format!("{list} must be written and was not read ({})", causes.into_iter().collect::<Vec<_>>().join("; "))
    };
    Some(LeftOut::new("Could not be read", reason, "give the missing permission and scan again"))
}

/// Required arguments of nested blocks that have no value, by path: terraform would refuse the whole root for one of them.
fn missing_inside<'a>(
    block: &Block,
    values: impl IntoIterator<Item = (&'a String, &'a Value)>,
    kept: &Kept,
    prefix: &str,
    found: &mut Vec<String>,
) {
    for (name, value) in values {
        let path = format!("{prefix}{name}");
        let Some(nested) = block.blocks.get(name).filter(|n| !(kept.omit.contains(&path) || n.deprecated && n.min_items == 0)) else {
            continue;
        };
        let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for fields in items.iter().filter_map(Value::as_object) {
            for (inner, attribute) in nested.block.attributes.iter().filter(|(_, a)| a.required) {
                let at = format!("{path}.{inner}");
                let nothing = fields.get(inner).is_none_or(Value::is_null) && !kept.omit.contains(&at);
                if nothing && stand_in(kept, &at, attribute).is_none() && !found.contains(&at) {
                    found.push(at);
                }
            }
            missing_inside(&nested.block, fields, kept, &format!("{path}."), found);
        }
    }
}

/// Why an argument was not read.
pub fn unread_cause<'a>(resource: &'a Resource, argument: &str) -> Option<&'a str> {
    let path = format!("config.{argument}");
    resource.unread.iter().find(|(p, _)| **p == path || p.starts_with(&format!("{path}."))).map(|(_, cause)| cause.as_str())
}

/// Required arguments that follow from what the thing belongs to.
pub fn is_derived(kind: &str, argument: &str) -> bool {
    matches!(
        (kind, argument),
        ("aws_default_route_table", "default_route_table_id") | ("aws_default_network_acl", "default_network_acl_id")
    )
}
