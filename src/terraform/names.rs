//! `names.yaml`: which resource has which name in the code. The user may edit it; the next run obeys, and tells Terraform what moved.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;

use super::hcl;
use crate::error::Error;

const HEAD: &str =
    "# Names in the code, by type and import id. Edit the part `names` and generate again: the code follows, and a `moved` block tells
# Terraform. A name with a key, such as `web[\"https\"]`, stands in a block with for_each.
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

    /// Checks that the resources of one root, given by type and import id, do not share names. Another root may use a name again.
    ///
    /// # Errors
    /// [`Error::input`] when two have the same name, or a name is that of one resource and of a group.
    pub fn check<'a>(&'a self, members: impl Iterator<Item = (&'a str, &'a str)>, origin: &str) -> Result<(), Error> {
        let mut taken: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        for (kind, id) in members {
            let Some(name) = self.names.get(kind).and_then(|list| list.get(id)) else { continue };
            if let Some(other) = taken.insert((kind, name), id) {
                return Err(Error::input(format!("{origin}: {kind}: `{name}` is the name of both {other} and {id}")));
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
            Names::parse(text, "names.yaml").unwrap().check(members.iter().map(|id| ("aws_instance", *id)), "names.yaml")
        };
        let twice = "names: { aws_instance: { i-1: a, i-2: a } }";
        let error = check(twice, &["i-1", "i-2"]).unwrap_err();
        assert!(error.message.contains("`a` is the name of both i-1 and i-2"), "{error}");
        assert!(check(twice, &["i-1"]).is_ok(), "the other stands in another root");
        let error = check("names: { aws_instance: { i-1: a, i-2: 'a[\"k\"]' } }", &["i-1", "i-2"]).unwrap_err();
        assert!(error.message.contains("one resource and a group"), "{error}");
    }
}
