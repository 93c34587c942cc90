//! `names.yaml`: which resource has which name in the code. The user may edit it; the next run obeys, and tells Terraform what moved.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Deserialize;

use super::hcl;
use crate::error::Error;
use crate::estate::Resource;
use crate::estate::resource::GLOBAL;

const HEAD: &str =
    "# Names in the code, by type and import id. Edit the part `names` and generate again: the code follows, and a `moved` block tells
# Terraform. A name with a key, such as `web[\"https\"]`, stands in a block with for_each. Behind an id that another region may have too
# stands the region: `jobs@us-east-1`.
# `written` and `moved` are kept by surveyor; delete an entry of `moved` once every state has been applied.
";

/// The file as a whole.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Names {
    /// What the next run shall use: type, import id, name.
    pub names: BTreeMap<String, BTreeMap<String, String>>,
    /// What the last run wrote.
    pub written: BTreeMap<String, BTreeMap<String, String>>,
    /// Renames since the tree was first made, oldest first.
    pub moved: Vec<Moved>,
}

/// A rename.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// Address before.
    pub from: String,
    /// Address after.
    pub to: String,
}

/// Under which key each resource stands: its import id, and the region where that is not the one that most resources live in and the id
/// does not say it. So a thing keeps its key when one of the same name is made in another region.
#[derive(Debug)]
pub struct Keys {
    home: String,
    /// Types and ids that stand as they are.
    plain: BTreeSet<(String, String)>,
}

impl Keys {
    /// The keys for what is written of an estate.
    pub fn new<'a>(written: impl Iterator<Item = &'a Resource> + Clone) -> Self {
        let mut regions: BTreeMap<&str, usize> = BTreeMap::new();
        for resource in written.clone().filter(|r| r.region != GLOBAL) {
            *regions.entry(&resource.region).or_default() += 1;
        }
        let home =
            regions.iter().max_by_key(|(name, n)| (**n, std::cmp::Reverse(**name))).map_or_else(String::new, |(name, _)| (*name).into());
        let mut keys = Keys { home, plain: BTreeSet::new() };
        keys.plain = written.filter(|r| keys.of(r) == r.id).map(|r| (r.kind.clone(), r.id.clone())).collect();
        keys
    }

    /// The key of a resource.
    pub fn of(&self, resource: &Resource) -> String {
        let known = resource.region == GLOBAL || resource.region == self.home || resource.id.contains(&resource.region);
        if known { resource.id.clone() } else { format!("{}@{}", resource.id, resource.region) }
    }

    /// What a list holds for a resource; a file of an earlier version has no regions.
    pub fn find<'l>(&self, list: &'l BTreeMap<String, BTreeMap<String, String>>, resource: &Resource) -> Option<&'l String> {
        let list = list.get(&resource.kind)?;
        let others = || self.plain.contains(&(resource.kind.clone(), resource.id.clone()));
        list.get(&self.of(resource)).or_else(|| list.get(&resource.id).filter(|_| !others()))
    }
}

impl Names {
    /// Reads the text of a `names.yaml`; `origin` names it in errors.
    ///
    /// # Errors
    /// [`Error::input`] when it is not YAML of this form, or a name is no Terraform name.
    pub fn parse(text: &str, origin: &str) -> Result<Self, Error> {
        let names: Names = serde_saphyr::from_str(text).map_err(|e| Error::input(format!("{origin}: {e}")))?;
        for (kind, list) in &names.names {
            for (id, name) in list {
                let (base, _) = split(name);
                if !hcl::is_identifier(base) || base.contains('-') {
                    let hint = "use letters, digits and underscores, beginning with a letter";
                    return Err(Error::input(format!("{origin}: {kind} {id}: `{name}` is no name")).hint(hint));
                }
            }
        }
        Ok(names)
    }

    /// Checks that the resources of one root do not share names. Another root may use a name again.
    ///
    /// # Errors
    /// [`Error::input`] when two have the same name, or a name is that of one resource and of a group.
    pub fn check<'a>(&'a self, members: impl Iterator<Item = &'a Resource>, keys: &Keys, origin: &str) -> Result<(), Error> {
        let mut taken: BTreeMap<(&str, &str), String> = BTreeMap::new();
        for resource in members {
            let Some(name) = keys.find(&self.names, resource) else { continue };
            let key = keys.of(resource);
            if let Some(other) = taken.insert((&resource.kind, name), key.clone()) {
                return Err(Error::input(format!("{origin}: {}: `{name}` is the name of both {other} and {key}", resource.kind)));
            }
        }
        for (kind, name) in taken.keys() {
            let (base, key) = split(name);
            if key.is_some() && taken.contains_key(&(*kind, base)) {
                return Err(Error::input(format!("{origin}: {kind}: `{base}` cannot be one resource and a group of several")));
            }
        }
        Ok(())
    }

    /// Renames between what was written and what `now` holds, added to those known.
    pub fn renames(&self, now: &BTreeMap<String, BTreeMap<String, String>>) -> Vec<Moved> {
        let mut moved = self.moved.clone();
        for (kind, list) in now {
            for (id, name) in list {
                if let Some(before) = self.written.get(kind).and_then(|l| l.get(id))
                    && before != name
                {
                    moved.push(Moved { from: format!("{kind}.{before}"), to: format!("{kind}.{name}") });
                }
            }
        }
        // A name that is in use again has not moved away.
        let present = |address: &str| {
            address.split_once('.').is_some_and(|(kind, name)| now.get(kind).is_some_and(|l| l.values().any(|n| n == name)))
        };
        moved.retain(|m| !present(&m.from));
        moved
    }
}

/// Base name and key of `web["https"]`.
pub fn split(name: &str) -> (&str, Option<String>) {
    match name.split_once("[\"") {
        Some((base, rest)) => (base, rest.strip_suffix("\"]").map(|k| k.replace("\\\"", "\"").replace("\\\\", "\\"))),
        None => (name, None),
    }
}

/// The file for a tree.
pub fn write(now: &BTreeMap<String, BTreeMap<String, String>>, moved: &[Moved]) -> String {
    let mut out = String::from(HEAD);
    for part in ["names", "written"] {
        let _ = writeln!(out, "{part}:{}", if now.is_empty() { " {}" } else { "" });
        for (kind, list) in now {
            let _ = writeln!(out, "  {kind}:");
            for (id, name) in list {
                let _ = writeln!(out, "    {}: {}", scalar(id), scalar(name));
            }
        }
    }
    let _ = writeln!(out, "moved:{}", if moved.is_empty() { " []" } else { "" });
    for m in moved {
        let _ = writeln!(out, "  - from: {}\n    to: {}", scalar(&m.from), scalar(&m.to));
    }
    out
}

/// A YAML scalar: plain where that is beyond doubt, else double-quoted (JSON's escapes are YAML's).
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        && !matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if plain { text.into() } else { serde_json::Value::String(text.into()).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::testing::Build;

    fn one(kind: &str, id: &str, name: &str) -> BTreeMap<String, BTreeMap<String, String>> {
        BTreeMap::from([(kind.into(), BTreeMap::from([(id.into(), name.into())]))])
    }

    #[test]
    fn the_file_is_read_back_as_written() {
        let mut now = one("aws_iam_policy", "arn:aws:iam::1:policy/a \"b\" é", "web[\"https\"]");
        now.insert("aws_s3_bucket".into(), BTreeMap::from([("true".into(), "main".into())]));
        let moved = vec![Moved { from: "aws_x.a".into(), to: "aws_x.b[\"k\"]".into() }];
        let names = Names::parse(&write(&now, &moved), "names.yaml").unwrap();
        assert_eq!((names.names, names.written, names.moved), (now.clone(), now, moved));
        assert_eq!(Names::parse(&write(&BTreeMap::new(), &[]), "n").unwrap(), Names::default());
    }

    #[test]
    fn a_rename_is_a_move_until_it_is_taken_back() {
        let names = Names { written: one("aws_instance", "i-1", "api"), ..Names::default() };
        let moved = names.renames(&one("aws_instance", "i-1", "api_server"));
        assert_eq!(moved, [Moved { from: "aws_instance.api".into(), to: "aws_instance.api_server".into() }]);
        let next = Names { written: one("aws_instance", "i-1", "api_server"), moved, ..Names::default() };
        assert_eq!(next.renames(&one("aws_instance", "i-1", "api_server")).len(), 1, "kept for states that were not applied yet");
        let back: Vec<Moved> = next.renames(&one("aws_instance", "i-1", "api"));
        assert_eq!(back, [Moved { from: "aws_instance.api_server".into(), to: "aws_instance.api".into() }]);
    }

    #[test]
    fn bad_names_are_refused_with_their_place() {
        let error = Names::parse("names: { aws_instance: { i-1: \"a b\" } }", "names.yaml").unwrap_err();
        assert!(error.message.contains("names.yaml: aws_instance i-1: `a b`"), "{error}");
        let check = |text: &str, members: &[&str]| {
            let members: Vec<Resource> = members.iter().map(|id| Build::new("aws_instance", id).get()).collect();
            Names::parse(text, "names.yaml").unwrap().check(members.iter(), &Keys::new(members.iter()), "names.yaml")
        };
        let twice = "names: { aws_instance: { i-1: a, i-2: a } }";
        let error = check(twice, &["i-1", "i-2"]).unwrap_err();
        assert!(error.message.contains("`a` is the name of both i-1 and i-2"), "{error}");
        assert!(check(twice, &["i-1"]).is_ok(), "the other stands in another root");
        let error = check("names: { aws_instance: { i-1: a, i-2: 'a[\"k\"]' } }", &["i-1", "i-2"]).unwrap_err();
        assert!(error.message.contains("one resource and a group"), "{error}");
    }
    #[test]
    fn what_two_regions_call_alike_has_two_keys() {
        let group = |region: &str| Build::new("aws_cloudwatch_log_group", "/build").region(region).get();
        let all = [group("eu-west-1"), Build::new("aws_vpc", "vpc-1").region("eu-west-1").get(), group("us-east-1")];
        let keys = Keys::new(all.iter());
        assert_eq!((keys.of(&all[0]), keys.of(&all[2])), ("/build".into(), "/build@us-east-1".into()));
        let list = BTreeMap::from([("aws_cloudwatch_log_group".to_owned(), BTreeMap::from([("/build".to_owned(), "build".to_owned())]))]);
        assert_eq!(keys.find(&list, &all[0]).map(String::as_str), Some("build"));
        assert_eq!(keys.find(&list, &all[2]), None, "an earlier file means the other one");
        assert_eq!(Keys::new(all[1..].iter()).find(&list, &all[2]).map(String::as_str), Some("build"), "or the only one");
    }
}
