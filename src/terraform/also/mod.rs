//! Resources that no collector reads: the user names type and import id, the provider reads them, and from then on they are resources
//! as any other. What was read and learnt is kept in `also.json`, so that later runs need no terraform.

mod convert;
mod learn;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::estate::resource::GLOBAL;
use crate::estate::{Key, Resource, Snapshot, not_importable};
use crate::files;
use crate::schema::overlay::overlay;
use crate::schema::provider;
pub use learn::{Learnt, learn};

/// Name of the file that keeps what was read, beside the tree's folder.
pub const FILE: &str = "also.json";

/// Goes up with every new meaningful field of that file.
const SCHEMA_VERSION: u32 = 1;

/// A resource that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Terraform type.
    pub kind: String,
    /// Region, or [`GLOBAL`]; `None` for the usual one.
    pub region: Option<String>,
    /// Import id.
    pub id: String,
    /// Where it was asked for, for messages: `--also`, or file and line.
    pub origin: String,
}

/// What a plan taught about writing one resource. Paths name nested blocks without index.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lesson {
    /// Arguments that are written as the provider read them, with all that is in them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub keep: BTreeSet<String>,
    /// Paths that the provider refuses.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub omit: BTreeSet<String>,
    /// Arguments whose JSON stays the very text that AWS has.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub plain: BTreeSet<String>,
    /// `ignore_changes`: path and reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ignore: BTreeMap<String, String>,
    /// Why no code is written, where no clean plan was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
}

impl Lesson {
    /// True when the path is part of an argument that is written as it is.
    pub fn keeps(&self, path: &str) -> bool {
        is_within(&self.keep, path)
    }

    /// True when the path must not be written.
    pub fn omits(&self, path: &str) -> bool {
        is_within(&self.omit, path)
    }

    /// True when JSON at the path stays text.
    pub fn is_plain(&self, path: &str) -> bool {
        is_within(&self.plain, path)
    }
}

fn is_within(paths: &BTreeSet<String>, path: &str) -> bool {
    paths.iter().any(|p| path.strip_prefix(p.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// One resource that the provider read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The resource; credentials are replaced already.
    pub resource: Resource,
    /// True when it stood in the snapshot too, so that it only adds to what is there.
    #[serde(default)]
    pub adds: bool,
    /// What a plan taught.
    #[serde(default)]
    pub lesson: Lesson,
}

/// All that is kept in `also.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    schema_version: u32,
    /// Sorted by type, account, region, id.
    resources: Vec<Known>,
}

impl Default for Memory {
    fn default() -> Self {
        Memory { schema_version: SCHEMA_VERSION, resources: Vec::new() }
    }
}

impl Memory {
    /// Reads the file of an earlier run; empty where there is none.
    ///
    /// # Errors
    /// [`Error::input`] when the file is broken or written by a newer version.
    pub fn read(path: &Path) -> Result<Memory, Error> {
        if !path.is_file() {
            return Ok(Memory::default());
        }
        let at = |e: serde_json::Error| {
            Error::input(format!("{}:{}:{}: not what `generate --also` writes: {e}", path.display(), e.line(), e.column()))
                .hint("take the file away and give the same `--also` options again")
        };
        let value: Value = serde_json::from_slice(&files::read(path)?).map_err(at)?;
        if value.get("schema_version").and_then(Value::as_u64).is_some_and(|v| v > u64::from(SCHEMA_VERSION)) {
            return Err(Error::input(format!("{}: written by a newer surveyor", path.display())).hint("use that one"));
        }
        let memory: Memory = serde_json::from_value(value).map_err(at)?;
        match memory.resources.iter().find(|k| !provider().has(&k.resource.kind)) {
            Some(wrong) => Err(Error::input(format!("{}: the provider has no type {}", path.display(), wrong.resource.kind))),
            None => Ok(memory),
        }
    }

    /// The text of the file.
    ///
    /// # Errors
    /// A defect of ours: everything in it can be written as JSON.
    pub fn text(&self) -> Result<String, Error> {
        let text = serde_json::to_string_pretty(self).map_err(|e| Error::internal(e.to_string()))?;
        Ok(text + "\n")
    }

    /// True when nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    /// Puts one in, in place of an earlier one of the same identity.
    fn put(&mut self, known: Known) {
        let key = known.resource.key();
        self.resources.retain(|k| k.resource.key() != key);
        self.resources.push(known);
        self.resources.sort_by_cached_key(|k| k.resource.key());
    }

    /// Adds what is kept to a snapshot. What stood in the snapshot and stands there no more is gone from the account, and stays so.
    pub fn add_to(&self, snapshot: &mut Snapshot) {
        for known in self.resources.iter().filter(|k| k.resource.account == snapshot.meta.account) {
            let key = known.resource.key();
            match snapshot.resources.iter_mut().find(|r| r.key() == key) {
                Some(there) => merge(there, known),
                None if known.adds => {}
                None => snapshot.resources.push(known.resource.clone()),
            }
        }
        snapshot.normalise();
    }

    /// What plans taught, for [`super::GenerateOptions`].
    pub fn lessons(&self) -> BTreeMap<Key, Lesson> {
        self.resources.iter().map(|k| (k.resource.key(), k.lesson.clone())).collect()
    }
}

/// Fills what the scan left open with what the provider read; takes the provider's value where a plan showed that it knows better.
fn merge(there: &mut Resource, known: &Known) {
    let Some(schema) = provider().resource(&there.kind) else { return };
    let kept = overlay(&there.kind).kept;
    let top = |path: &str| path.strip_prefix("config.").map(|p| p.split('.').next().unwrap_or(p).to_string());
    let open: BTreeSet<String> = there.unread.keys().filter_map(|p| top(p)).collect();
    for name in schema.names() {
        // A state holds a hash of a script, and nothing of a secret.
        let hidden = schema.attributes.get(name).is_some_and(|a| a.sensitive || a.write_only || !a.is_settable());
        if hidden || kept.script.contains_key(name) || matches!(name, "id" | "tags" | "tags_all" | "timeouts") {
            continue;
        }
        let value = known.resource.config.get(name);
        let missing = there.config.get(name).is_none_or(Value::is_null);
        if missing || open.contains(name) || known.lesson.keep.contains(name) {
            match value {
                Some(value) => there.config.insert(name.to_string(), value.clone()),
                None => there.config.insert(name.to_string(), Value::Null),
            };
            there.unread.retain(|path, _| top(path).as_deref() != Some(name));
        }
    }
    if there.unread.remove("tags").is_some() {
        there.tags.clone_from(&known.resource.tags);
    }
    if let Some(Value::Array(more)) = known.resource.facts.get("secrets_found") {
        let found = there.facts.entry("secrets_found".into()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(found) = found {
            found.extend(more.iter().filter(|m| !found.contains(m)).cloned().collect::<Vec<_>>());
        }
    }
}

/// Reads `TYPE=ID` or `TYPE@REGION=ID`. A type holds neither `@` nor `=`, so an id may hold both.
///
/// # Errors
/// [`Error::usage`] that says what is wrong with it, and the likely type where the name is misspelt.
pub fn parse(text: &str, origin: &str) -> Result<Request, Error> {
    let wrong = |what: String| Error::usage(format!("{origin}: {what}"));
    let form = "write TYPE=ID, or TYPE@REGION=ID; ID is what the provider's documentation names under \"Import\"";
    let Some((kind, id)) = text.split_once('=') else { return Err(wrong(format!("`{text}` is no TYPE=ID")).hint(form)) };
    let (kind, region) = match kind.split_once('@') {
        Some((kind, region)) => (kind.trim(), Some(region.trim().to_string())),
        None => (kind.trim(), None),
    };
    let id = id.trim();
    if id.is_empty() || id.chars().any(char::is_control) {
        return Err(wrong(format!("`{text}` names no id")).hint(form));
    }
    if kind.starts_with("data.") {
        return Err(wrong(format!("{kind} is a data source, and only resources can be imported")));
    }
    if !provider().has(kind) {
        let near = provider().nearest_type(kind).map(|n| format!(" (did you mean {n}?)")).unwrap_or_default();
        return Err(wrong(format!("the provider has no resource type `{kind}`{near}")).hint(form));
    }
    if let Some(reason) = not_importable(kind).or(overlay(kind).kept.leave_out.as_deref()) {
        return Err(wrong(format!("{kind} cannot be taken over: {reason}")));
    }
    if let Some(region) = &region
        && !is_region(region)
    {
        return Err(wrong(format!("`{region}` is no region")).hint("as in eu-west-3, or `global`"));
    }
    Ok(Request { kind: kind.into(), region, id: id.into(), origin: origin.into() })
}

/// `eu-west-3`, `us-gov-east-1`, `global`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let word = |p: &&str| p.len() >= 2 && p.bytes().all(|b| b.is_ascii_lowercase());
    text == GLOBAL
        || (parts.len() >= 3
            && parts[..parts.len() - 1].iter().all(word)
            && parts.last().is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit())))
}

/// Reads a file of requests, one per line; empty lines and lines that begin with `#` count for nothing.
///
/// # Errors
/// [`Error::input`] with every mistake, each with file and line.
pub fn parse_file(path: &Path) -> Result<Vec<Request>, Error> {
    let text = files::read_text(path)?;
    let mut requests = Vec::new();
    let mut wrong: Vec<Error> = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match parse(line, &format!("{}:{}", path.display(), i + 1)) {
            Ok(request) => requests.push(request),
            Err(error) => wrong.push(error),
        }
    }
    if wrong.is_empty() {
        return Ok(requests);
    }
    let mut error = Error::input(wrong.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join("\n"));
    error.hints = wrong.into_iter().flat_map(|e| e.hints).collect::<BTreeSet<_>>().into_iter().collect();
    Err(error)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_regions_and_ids_that_hold_anything() {
        let request = parse("aws_glue_job=nightly", "--also").unwrap();
        assert_eq!((request.kind.as_str(), request.region, request.id.as_str()), ("aws_glue_job", None, "nightly"));
        let request = parse("aws_identitystore_user@eu-west-1=d-1/a=b@example.com", "--also").unwrap();
        assert_eq!((request.region.as_deref(), request.id.as_str()), (Some("eu-west-1"), "d-1/a=b@example.com"));
        assert_eq!(parse("aws_account_region@global=x", "-").unwrap().region.as_deref(), Some(GLOBAL));
    }

    #[test]
    fn what_cannot_be_asked_for() {
        let said = |text: &str| parse(text, "--also").unwrap_err().to_string();
        assert!(said("aws_glue_job").contains("TYPE=ID"));
        assert!(said("aws_glue_job=").contains("names no id"));
        assert!(said("aws_glue_jop=x").contains("did you mean aws_glue_job?"));
        assert!(said("data.aws_ami=x").contains("data source"));
        assert!(said("aws_glue_job@paris=x").contains("`paris` is no region"));
        assert!(said("aws_iam_access_key=AKIA").contains("only once"));
        assert!(said("x_account=1").contains("no resource type"));
    }

    #[test]
    fn every_mistake_of_a_file_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("also.txt");
        std::fs::write(&file, "# glue\naws_glue_job=nightly\n\naws_glue_jop=x\n  aws_iot_thing = door 1  \nnonsense\n").unwrap();
        let error = parse_file(&file).unwrap_err();
        assert!(error.message.contains("also.txt:4: ") && error.message.contains("also.txt:6: "), "{error}");
        std::fs::write(&file, "# glue\naws_glue_job=nightly\n  aws_iot_thing = door 1  \r\n").unwrap();
        let requests = parse_file(&file).unwrap();
        assert_eq!(requests.len(), 2);
        assert_eq!((requests[1].id.as_str(), requests[1].origin.ends_with("also.txt:3")), ("door 1", true));
    }

    fn snapshot(resources: Vec<Resource>) -> Snapshot {
        let mut snapshot = Snapshot { resources, ..Snapshot::default() };
        snapshot.meta.account = "1".into();
        snapshot
    }

    #[test]
    fn what_the_scan_left_open_is_filled_and_what_it_knows_stays() {
        let mut there = Resource::new("aws_lambda_function", "1", "eu-west-3", "push");
        there.set("memory_size", 128).set("timeout", 3);
        there.mark_unread(&["config.description", "config.handler", "tags"], "denied: lambda:GetFunction");
        let mut read = Resource::new("aws_lambda_function", "1", "eu-west-3", "push");
        read.set("memory_size", 256).set("timeout", 5).set("handler", "index.handler").set("runtime", "nodejs20.x");
        read.tags.insert("Stage".into(), "live".into());
        let lesson = Lesson { keep: BTreeSet::from(["timeout".into()]), ..Lesson::default() };
        let mut memory = Memory::default();
        memory.put(Known { resource: read, adds: true, lesson });
        let mut full = snapshot(vec![there]);
        memory.add_to(&mut full);
        let there = &full.resources[0];
        assert_eq!(there.get("config.memory_size"), Some(&json!(128)));
        assert_eq!(there.get("config.timeout"), Some(&json!(5)), "a plan showed that the provider knows better");
        assert_eq!((there.str("config.handler"), there.str("config.runtime")), (Some("index.handler"), Some("nodejs20.x")));
        assert_eq!(there.get("config.description"), Some(&Value::Null), "read, and not set");
        assert!(there.unread.is_empty() && there.tags["Stage"] == "live");

        let mut gone = snapshot(Vec::new());
        memory.add_to(&mut gone);
        assert!(gone.resources.is_empty(), "what is gone from the account does not come back");
    }

    #[test]
    fn the_file_is_read_back_and_nonsense_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        assert!(Memory::read(&path).unwrap().is_empty());
        let mut memory = Memory::default();
        let lesson = Lesson { left_out: Some("because".into()), ..Lesson::default() };
        memory.put(Known { resource: Resource::new("aws_glue_job", "1", "eu-west-3", "b"), adds: false, lesson });
        memory.put(Known { resource: Resource::new("aws_glue_job", "1", "eu-west-3", "a"), adds: false, lesson: Lesson::default() });
        std::fs::write(&path, memory.text().unwrap()).unwrap();
        assert_eq!(Memory::read(&path).unwrap(), memory);
        assert_eq!(memory.resources[0].resource.id, "a", "in order");
        std::fs::write(&path, r#"{"schema_version": 2}"#).unwrap();
        assert!(Memory::read(&path).unwrap_err().message.contains("newer"));
        std::fs::write(&path, "{").unwrap();
        assert!(Memory::read(&path).unwrap_err().message.contains("also.json:1:1"));
    }
}
