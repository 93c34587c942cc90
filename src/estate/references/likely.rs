//! References of types that the table does not name. Nothing is guessed about what a value means: it must be the very ARN, id or name of
//! a thing in the snapshot, and the argument must be called as one that leads there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;

use super::{ANY, Edge, Goal, Reference, Resolver, TABLE, Target, is_ec2_id};
use crate::estate::Resource;
use crate::estate::resource::REDACTED;
use crate::schema::overlay;

/// Endings of arguments that name another thing, with the attribute that they hold.
const ENDINGS: &[(&str, &str)] =
    &[("_ids", "id"), ("_id", "id"), ("_identifier", "id"), ("_arns", "arn"), ("_arn", "arn"), ("_names", "name"), ("_name", "name")];

/// Arguments that name another thing without such an ending.
const PLAIN: &[&str] = &["subnets", "security_groups", "bucket", "bucket_name", "s3_bucket", "kms_key", "role"];

/// By the last part of a path: all that arguments of this name lead to in the table.
static SAME_NAME: LazyLock<BTreeMap<&'static str, Vec<Goal>>> = LazyLock::new(|| {
    let mut all: BTreeMap<&'static str, Vec<Goal>> = BTreeMap::new();
    for edge in TABLE.edges.values().flatten() {
        let Some(name) = edge.path.last().map(String::as_str) else { continue };
        if PLAIN.contains(&name) || ENDINGS.iter().any(|(ending, _)| name.ends_with(ending)) {
            let goals = all.entry(name).or_default();
            goals.extend(edge.goals.iter().filter(|g| g.kind != ANY && !goals.contains(g)).cloned().collect::<Vec<_>>());
        }
    }
    all
});

/// Whatever has that ARN.
static ANYTHING: LazyLock<Edge> =
    LazyLock::new(|| Edge { path: Vec::new(), goals: vec![Goal { kind: ANY.into(), attribute: "arn".into() }] });

impl Resolver<'_> {
    /// The likely references of a resource whose type nobody described; none for other types.
    pub(super) fn likely(&self, resource: &Resource) -> Vec<Reference> {
        let mut found = Vec::new();
        if overlay::is_unknown(&resource.kind) && !TABLE.edges.contains_key(&resource.kind) {
            let kin = self.kin(&resource.kind);
            for (name, value) in &resource.config {
                self.look(resource, &kin, name, value, &mut format!("config.{name}"), &mut found);
            }
        }
        found
    }

    /// Types in the snapshot that belong to the same service.
    fn kin(&self, kind: &str) -> BTreeSet<&str> {
        let service = kind.splitn(3, '_').take(2).collect::<Vec<_>>().join("_") + "_";
        self.snapshot.resources.iter().map(|r| r.kind.as_str()).filter(|k| k.starts_with(&service)).collect()
    }

    fn look(&self, from: &Resource, kin: &BTreeSet<&str>, name: &str, value: &Value, path: &mut String, found: &mut Vec<Reference>) {
        let length = path.len();
        match value {
            Value::String(text) if !text.is_empty() && !text.contains(REDACTED) && Some(text) != from.arn.as_ref() => {
                if let Some((value, target)) = self.lead(from, kin, name, text) {
                    found.push(Reference { path: path.clone(), value, target });
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    path.push_str(&format!(".{i}"));
                    self.look(from, kin, name, item, path, found);
                    path.truncate(length);
                }
            }
            Value::Object(fields) => {
                for (key, item) in fields {
                    path.push_str(&format!(".{key}"));
                    self.look(from, kin, key, item, path, found);
                    path.truncate(length);
                }
            }
            _ => {}
        }
    }

    /// Where a value leads, and the part of it that names the target.
    fn lead(&self, from: &Resource, kin: &BTreeSet<&str>, name: &str, text: &str) -> Option<(String, Target)> {
        let inside = |kind: &str, attribute: &str, value: &str| {
            let index = self.index.near(&self.snapshot.resources, from, kind, attribute, value)?;
            Some((value.to_string(), Target::Inside { index, attribute: attribute.to_string() }))
        };
        if text.starts_with("arn:") {
            return self.resolve(from, &ANYTHING, text);
        }
        if let Some(bucket) = text.strip_prefix("s3://").and_then(|rest| rest.split('/').next()) {
            return inside("aws_s3_bucket", "id", bucket);
        }
        if let Some((stem, attribute)) = ENDINGS.iter().find_map(|(ending, attribute)| Some((name.strip_suffix(ending)?, *attribute))) {
            let called_so = |kind: &&&str| kind.ends_with(&format!("_{stem}"));
            let own = kin.iter().filter(called_so).find_map(|kind| inside(kind, attribute, text).or_else(|| inside(kind, name, text)));
            if own.is_some() {
                return own;
            }
        }
        let goals = SAME_NAME.get(name)?;
        let (value, target) = self.resolve(from, &Edge { path: Vec::new(), goals: goals.clone() }, text)?;
        // That something is missing is known of ids only; a name may be of anything.
        (target.index().is_some() || is_ec2_id(text)).then_some((value, target))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::estate::testing::{Build, estate_of};
    use crate::estate::{Estate, Target};

    fn leads(estate: &Estate, id: &str) -> Vec<(String, String)> {
        let from = estate.resources().iter().find(|r| r.id == id).unwrap();
        let to = |target: &Target| match target {
            Target::Inside { index, attribute } => format!("{}.{attribute}", estate.resources()[*index].id),
            Target::Outside { reason, .. } => format!("outside: {reason}"),
        };
        estate.references(from).iter().map(|r| (r.path.clone(), to(&r.target))).collect()
    }

    #[test]
    fn the_very_value_under_a_name_that_leads_there() {
        let role = "arn:aws:iam::123456789012:role/etl";
        let estate = estate_of(vec![
            Build::new("aws_iam_role", "etl").region("global").arn(role).set("name", "etl").get(),
            Build::new("aws_s3_bucket", "exo-data").arn("arn:aws:s3:::exo-data").set("bucket", "exo-data").get(),
            Build::new("aws_subnet", "subnet-0f6dd0416f20f7f61").get(),
            Build::new("aws_glue_catalog_database", "123456789012:sales").set("name", "sales").get(),
            Build::new("aws_appsync_graphql_api", "api-1").arn("arn:aws:appsync:eu-west-3:123456789012:apis/api-1").get(),
            Build::new("aws_appsync_datasource", "api-1-orders").set("api_id", "api-1").set("name", "sales").get(),
            Build::new("aws_glue_crawler", "crawl")
                .set("role", role)
                .set("database_name", "sales")
                .set("description", "sales")
                .set("s3_target", json!([{"path": "s3://exo-data/in"}]))
                .set("lineage", json!([{"subnet_ids": ["subnet-0f6dd0416f20f7f61", "subnet-0f6dd0416f20f7f62"]}]))
                .set("recrawl", json!([{"policy_arn": "arn:aws:iam::123456789012:policy/gone"}]))
                .get(),
        ]);
        let text = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_string(), (*b).to_string())).collect::<Vec<_>>();
        let mut found = leads(&estate, "crawl");
        let outside: Vec<_> = found.iter().filter(|(_, to)| to.starts_with("outside")).cloned().collect();
        found.retain(|(_, to)| !to.starts_with("outside"));
        assert_eq!(
            found,
            text(&[
                ("config.database_name", "123456789012:sales.name"),
                ("config.lineage.0.subnet_ids.0", "subnet-0f6dd0416f20f7f61.id"),
                ("config.role", "etl.arn"),
                ("config.s3_target.0.path", "exo-data.id"),
            ]),
            "a description that reads like a name leads nowhere"
        );
        let paths: Vec<&str> = outside.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["config.lineage.0.subnet_ids.1", "config.recrawl.0.policy_arn"], "{outside:?}");
        assert_eq!(leads(&estate, "api-1-orders"), text(&[("config.api_id", "api-1.id")]));
    }
}
