//! What templates may look up: every resource of the estate as plain data, with its environment and its relations.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::estate::resource::GLOBAL;
use crate::estate::{Attrs, Estate, Resource};
use crate::rules::finding::{Finding, Findings, Verdict};
use crate::schema::provider::Block;
use crate::schema::{facts, is_known_type, provider};

/// The estate and its failing findings as data for templates.
pub struct Facts<'a> {
    estate: &'a Estate,
    resources: Vec<Value>,
    by_type: BTreeMap<&'a str, Vec<usize>>,
    findings: Vec<Value>,
}

impl<'a> Facts<'a> {
    /// Turns an estate and what fails in it into data.
    pub fn new(estate: &'a Estate, findings: &Findings) -> Self {
        let resources = estate.resources().iter().enumerate().map(|(i, r)| resource(estate, r, i)).collect();
        let mut by_type: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (i, r) in estate.resources().iter().enumerate() {
            by_type.entry(&r.kind).or_default().push(i);
        }
        let findings = findings.findings.iter().filter(|f| f.verdict == Verdict::Fail).map(finding).collect();
        Facts { estate, resources, by_type, findings }
    }

    /// All resources of a type, in the snapshot's order.
    ///
    /// # Errors
    /// When there is no such type, so that a misspelt name is not taken for "none".
    pub fn of_type(&self, kind: &str) -> Result<Vec<Value>, String> {
        known(kind)?;
        Ok(self.by_type.get(kind).into_iter().flatten().map(|&i| self.resources[i].clone()).collect())
    }

    /// Resources of a type that hang together with `resource`, see [`Estate::related`].
    ///
    /// # Errors
    /// When the first argument is not a resource or the type does not exist.
    pub fn related(&self, resource: &Value, kind: &str) -> Result<Vec<Value>, String> {
        known(kind)?;
        let index = resource.get("index").and_then(Value::as_u64).and_then(|i| usize::try_from(i).ok());
        let from = index.and_then(|i| self.estate.resources().get(i)).ok_or("the first argument is not a resource")?;
        let related = self.estate.related(from, kind);
        Ok(related.into_iter().filter_map(|r| self.estate.index_of(r)).map(|i| self.resources[i].clone()).collect())
    }

    /// The first resource of a type whose attribute (`id`, `arn`, `name`, or an argument) has the value; null when there is none.
    ///
    /// # Errors
    /// As [`Facts::of_type`].
    pub fn find(&self, kind: &str, attribute: &str, value: &Value) -> Result<Value, String> {
        let holds = |r: &Value| r.get(attribute).or_else(|| r["config"].get(attribute)).is_some_and(|v| v == value);
        Ok(self.of_type(kind)?.into_iter().find(holds).unwrap_or(Value::Null))
    }

    /// Failing findings about a resource.
    pub fn findings_of(&self, resource: &Value) -> Vec<Value> {
        self.findings
            .iter()
            .filter(|f| {
                f["resource"]["type"] == resource["type"]
                    && f["resource"]["id"] == resource["id"]
                    && f["resource"]["region"] == resource["region"]
            })
            .cloned()
            .collect()
    }

    /// Failing findings, worst first.
    pub fn findings(&self) -> &[Value] {
        &self.findings
    }

    /// The resource at a place of the snapshot.
    pub fn resource(&self, index: usize) -> &Value {
        &self.resources[index]
    }

    /// Places of the resources of a type.
    pub fn places(&self, kind: &str) -> &[usize] {
        self.by_type.get(kind).map_or(&[], Vec::as_slice)
    }
}

fn known(kind: &str) -> Result<(), String> {
    if is_known_type(kind) { Ok(()) } else { Err(format!("there is no resource type {kind}")) }
}

fn resource(estate: &Estate, r: &Resource, index: usize) -> Value {
    let mut config = r.config.clone();
    if let Some(block) = provider().resource(&r.kind) {
        complete(block, &mut config);
    }
    let mut observed = r.facts.clone();
    for name in facts(&r.kind).keys() {
        observed.entry(name.clone()).or_insert(Value::Null);
    }
    json!({
        "index": index,
        "type": r.kind,
        "id": r.id,
        "arn": r.arn,
        "account": r.account,
        "region": r.region,
        // What a command has to name, also for services with one endpoint.
        "aws_region": if r.region == GLOBAL { "us-east-1" } else { &r.region },
        "name": r.label(),
        "tags": r.tags,
        "config": config,
        "facts": observed,
        "environment": estate.environment(r).map(|e| &e.name),
        "ownership": r.ownership.class,
    })
}

/// Gives every argument that the provider knows a value, null where none was read or set: so a template that names an
/// argument that does not exist is an error, and one that names an argument that is not set is not.
fn complete(block: &Block, config: &mut Attrs) {
    for name in block.attributes.keys() {
        config.entry(name.clone()).or_insert(Value::Null);
    }
    for (name, nested) in &block.blocks {
        match config.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(items) => {
                for item in items.iter_mut().filter_map(Value::as_object_mut) {
                    let mut fields: Attrs = std::mem::take(item).into_iter().collect();
                    complete(&nested.block, &mut fields);
                    item.extend(fields);
                }
            }
            other if other.is_null() => *other = Value::Array(Vec::new()),
            _ => {}
        }
    }
}

fn finding(f: &Finding) -> Value {
    json!({
        "id": f.id,
        "rule": f.rule,
        "severity": f.severity,
        "category": f.category,
        "title": f.title,
        "message": f.message,
        "why": f.why,
        "resource": f.resource,
        "environment": f.environment,
        "runbook": f.fix.runbook,
        "summary": f.fix.summary,
        "disruption": f.fix.disruption,
        "monthly_usd": f.monthly_usd,
    })
}
