//! `healed.yaml`: what `surveyor verify --heal` proved. It lies beside `names.yaml`, and later runs of `generate` obey it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::error::Error;
use crate::estate::Resource;
use crate::files;
use crate::schema::provider;

/// Name of the file.
pub const FILE: &str = "healed.yaml";

const HEAD: &str =
    "# What `surveyor verify --heal` proved with a plan, by type, import id and argument; `surveyor generate` obeys. A value counts until a
# newer survey reads something else than the code said then. Delete an entry to have the argument written from the survey alone.
";

/// What was proven of one argument of one resource.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Healed {
    /// Terraform type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Import id.
    pub id: String,
    /// Argument or nested block.
    pub argument: String,
    /// True when the argument stands in `ignore_changes`; else `value` is written.
    #[serde(default)]
    pub ignore: bool,
    /// What AWS has; null where it has nothing.
    #[serde(default)]
    pub value: Value,
    /// What the code led to.
    #[serde(default)]
    pub instead_of: Value,
    /// Why.
    pub reason: String,
    /// When it was proven: RFC 3339, UTC.
    pub date: String,
}

/// Reads the text of the file; `origin` names it in errors.
///
/// # Errors
/// [`Error::input`] when it is not YAML of this form, or names a type or argument that the provider does not have.
pub fn parse(text: &str, origin: &str) -> Result<Vec<Healed>, Error> {
    if text.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#')) {
        return Ok(Vec::new());
    }
    let list: Vec<Healed> = serde_saphyr::from_str(text).map_err(|e| Error::input(format!("{origin}: {e}")))?;
    for entry in &list {
        let known = provider().resource(&entry.kind).is_some_and(|b| b.find(&entry.argument).is_some());
        if !known || entry.argument.contains('.') {
            return Err(Error::input(format!("{origin}: {} {}: `{}` is no argument of it", entry.kind, entry.id, entry.argument)));
        }
    }
    Ok(list)
}

/// Where the file of a tree or of one of its roots is: beside `names.yaml`. `None` for code that surveyor did not write.
pub fn place(folder: &Path) -> Option<PathBuf> {
    let parent = folder.canonicalize().ok()?.parent()?.to_path_buf();
    [folder.to_path_buf(), parent].into_iter().find(|f| f.join("names.yaml").is_file()).map(|f| f.join(FILE))
}

/// Adds what was proven to the file; what it said of the same arguments before is replaced.
///
/// # Errors
/// When the file cannot be read or written.
pub fn keep(path: &Path, proven: Vec<Healed>) -> Result<(), Error> {
    let before = if path.is_file() { parse(&files::read_text(path)?, &path.display().to_string())? } else { Vec::new() };
    let mut all: BTreeMap<(String, String, String), Healed> = BTreeMap::new();
    for entry in before.into_iter().chain(proven) {
        all.insert((entry.kind.clone(), entry.id.clone(), entry.argument.clone()), entry);
    }
    files::write(path, text(all.values()).as_bytes())
}

fn text<'a>(entries: impl Iterator<Item = &'a Healed>) -> String {
    let mut out = String::from(HEAD);
    for entry in entries {
        // JSON is YAML in one line, whatever is in it.
        let line = |text: &str| Value::from(text).to_string();
        let _ = writeln!(out, "- type: {}\n  id: {}\n  argument: {}", entry.kind, line(&entry.id), entry.argument);
        if entry.ignore {
            out.push_str("  ignore: true\n");
        } else {
            let _ = writeln!(out, "  value: {}\n  instead_of: {}", entry.value, entry.instead_of);
        }
        let _ = writeln!(out, "  reason: {}\n  date: {}", line(&entry.reason), line(&entry.date));
    }
    out
}

/// The entries by the resource they are about.
pub struct Register(BTreeMap<(String, String), Vec<Healed>>);

impl Register {
    /// Sorts entries by resource.
    pub fn new(list: Vec<Healed>) -> Self {
        let mut register: BTreeMap<(String, String), Vec<Healed>> = BTreeMap::new();
        for entry in list {
            register.entry((entry.kind.clone(), entry.id.clone())).or_default().push(entry);
        }
        Register(register)
    }

    /// What counts for a resource that was read at `taken_at`.
    pub fn of<'a>(&'a self, resource: &'a Resource, taken_at: &'a str) -> impl Iterator<Item = &'a Healed> {
        let entries = self.0.get(&(resource.kind.clone(), resource.id.clone()));
        entries.into_iter().flatten().filter(move |entry| entry.ignore || entry.counts(resource, taken_at))
    }
}

impl Healed {
    /// A value counts as long as nothing newer is known: the survey is older, or it reads what misled the code then.
    fn counts(&self, resource: &Resource, taken_at: &str) -> bool {
        let moment = |text: &str| text.parse::<jiff::Timestamp>().ok();
        let older = matches!((moment(taken_at), moment(&self.date)), (Some(survey), Some(proof)) if survey < proof);
        older || same(resource.config.get(&self.argument).unwrap_or(&Value::Null), &self.instead_of)
    }

    /// Paths below the argument (`root_block_device.volume_size`) in which AWS and the code differed.
    pub fn paths(&self) -> Vec<String> {
        let mut out = Vec::new();
        differing(&self.argument, &self.value, &self.instead_of, &mut out);
        out.sort();
        out.dedup();
        out
    }
}

fn differing(path: &str, real: &Value, code: &Value, out: &mut Vec<String>) {
    if same(real, code) {
        return;
    }
    out.push(path.to_string());
    match (real, code) {
        (Value::Array(items), code) => {
            for (i, item) in items.iter().enumerate().filter(|(_, item)| item.is_object()) {
                differing(path, item, code.get(i).unwrap_or(&Value::Null), out);
            }
        }
        (Value::Object(fields), code) => {
            for (name, value) in fields {
                differing(&format!("{path}.{name}"), value, code.get(name).unwrap_or(&Value::Null), out);
            }
        }
        _ => {}
    }
}

/// Equal as far as AWS can tell: nothing, empty and not set are one.
fn same(a: &Value, b: &Value) -> bool {
    let nothing = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(yes) => !yes,
        Value::Number(n) => n.as_f64() == Some(0.0),
    };
    a == b || (nothing(a) && nothing(b))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(argument: &str, value: Value, instead_of: Value) -> Healed {
        Healed {
            kind: "aws_instance".into(),
            id: "i-1\"\n".into(),
            argument: argument.into(),
            ignore: false,
            value,
            instead_of,
            reason: "AWS has it: # so".into(),
            date: "2026-03-01T12:00:00Z".into(),
        }
    }

    #[test]
    fn the_file_is_read_back_as_written() {
        let ignored = Healed { ignore: true, ..entry("user_data", Value::Null, Value::Null) };
        let blocks = json!([{"volume_size": 100, "iops": null, "kms_key_id": "a: b # c\u{7}é🚀", "tags": {}, "encrypted": true}]);
        let all = vec![entry("instance_type", "c5.xlarge".into(), "true".into()), entry("root_block_device", blocks, json!([])), ignored];
        assert_eq!(parse(&text(all.iter()), FILE).unwrap(), all);
        assert_eq!(parse(&text([].iter()), FILE).unwrap(), []);
    }

    #[test]
    fn newer_proof_replaces_older_and_only_beside_names() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("live")).unwrap();
        assert_eq!(place(&folder.path().join("live")), None);
        std::fs::write(folder.path().join("names.yaml"), "names: {}").unwrap();
        let path = place(&folder.path().join("live")).unwrap();
        assert_eq!(path.file_name(), place(folder.path()).unwrap().file_name());
        keep(&path, vec![entry("instance_type", "a".into(), "b".into()), entry("monitoring", true.into(), Value::Null)]).unwrap();
        keep(&path, vec![entry("instance_type", "c".into(), "b".into())]).unwrap();
        let read = parse(&files::read_text(&path).unwrap(), FILE).unwrap();
        assert_eq!(read.iter().map(|e| &e.value).collect::<Vec<_>>(), [&json!("c"), &json!(true)]);
    }

    #[test]
    fn a_value_counts_until_something_newer_is_known() {
        let entry = entry("instance_type", "c5.xlarge".into(), "t3.micro".into());
        let mut resource = Resource::new("aws_instance", "1", "r", "i-1");
        resource.set("instance_type", "m5.large");
        assert!(entry.counts(&resource, "2026-02-28T00:00:00Z"), "the survey is older");
        assert!(!entry.counts(&resource, "2026-03-02T00:00:00Z"), "a newer survey reads something else");
        resource.set("instance_type", "t3.micro");
        assert!(entry.counts(&resource, "2026-03-02T00:00:00Z"), "a newer survey reads what misled the code");
    }

    #[test]
    fn only_what_differed_must_be_written() {
        let entry = entry(
            "root_block_device",
            json!([{"volume_size": 100, "volume_type": "gp3"}]),
            json!([{"volume_size": 8, "volume_type": "gp3"}]),
        );
        assert_eq!(entry.paths(), ["root_block_device", "root_block_device.volume_size"]);
    }

    #[test]
    fn what_is_no_argument_is_refused() {
        let error = parse("- { type: aws_instance, id: i-1, argument: size, reason: x, date: y }", "healed.yaml").unwrap_err();
        assert!(error.message.contains("`size` is no argument"), "{error}");
        assert!(parse("nonsense", "healed.yaml").unwrap_err().message.starts_with("healed.yaml"));
    }
}
