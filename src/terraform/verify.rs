//! The proof: runs the user's own `terraform` (or `tofu`) on a tree and reads what it would do. Never applies anything.
//!
//! A tree is proven when the plan imports only: nothing to add, change or destroy, no error, no warning, exit code 0.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use super::{heal, healed};
use crate::error::Error;

/// How often `--heal` plans again before it gives up.
const ROUNDS: usize = 6;

/// Options of [`verify`].
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// The program to run; `None` takes `terraform` from the path, else `tofu`.
    pub program: Option<PathBuf>,
    /// Fold real values and proven ignores into the code until the plan is clean.
    pub heal: bool,
    /// Longest time for one command; init downloads a provider of several hundred megabytes.
    pub timeout: Duration,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        VerifyOptions { program: None, heal: false, timeout: Duration::from_secs(30 * 60) }
    }
}

/// What came of a whole tree.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Proof {
    /// `Terraform v1.11.4`.
    pub program: String,
    /// One per folder in which terraform runs.
    pub roots: Vec<RootProof>,
}

/// What came of one root.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RootProof {
    /// The folder.
    pub folder: String,
    /// Resources to import.
    pub import: usize,
    /// Resources to create.
    pub add: usize,
    /// Resources to update in place.
    pub change: usize,
    /// Resources to destroy; a replacement counts here and in `add`.
    pub destroy: usize,
    /// Errors and warnings of init, validate and plan.
    pub diagnostics: Vec<Diagnostic>,
    /// What the plan would do besides importing.
    pub differences: Vec<Difference>,
    /// What `--heal` changed in the code.
    pub healed: Vec<String>,
    /// What `--heal` could not put right, and why.
    pub stuck: Vec<String>,
    /// True when the plan command ended well.
    pub planned: bool,
}

/// An error or warning of terraform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Diagnostic {
    /// `error` or `warning`.
    pub severity: String,
    /// What it says, in one line.
    pub summary: String,
    /// The longer text.
    pub detail: String,
    /// Resource address, where one is named.
    pub address: Option<String>,
    /// `file:line`, where one is named.
    pub place: Option<String>,
}

/// One resource that the plan would change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Its address.
    pub address: String,
    /// `create`, `update`, `delete`; both for a replacement.
    pub actions: Vec<String>,
    /// What differs.
    pub attributes: Vec<AttributeDifference>,
}

/// One attribute that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttributeDifference {
    /// Path: `root_block_device.0.volume_size`.
    pub path: String,
    /// What AWS has; `(sensitive)` where terraform hides it.
    pub before: Value,
    /// What the code asks for.
    pub after: Value,
    /// True when the difference forces a replacement.
    pub replaces: bool,
}

impl Proof {
    /// True when every root is clean.
    pub fn is_clean(&self) -> bool {
        self.roots.iter().all(RootProof::is_clean)
    }
}

impl RootProof {
    /// Only imports, no diagnostics, and terraform ended well.
    pub fn is_clean(&self) -> bool {
        self.planned && self.add == 0 && self.change == 0 && self.destroy == 0 && self.differences.is_empty() && self.diagnostics.is_empty()
    }

    /// The line that terraform itself ends with.
    pub fn summary(&self) -> String {
        format!("{} to import, {} to add, {} to change, {} to destroy", self.import, self.add, self.change, self.destroy)
    }
}

/// Runs init, validate and plan in every root of a tree.
///
/// # Errors
/// [`Error::terraform`] when there is no terraform, init fails, or a command takes too long; [`Error::input`] when the folder holds no
/// Terraform code. A plan that is not clean is no error but a [`Proof`] that says so.
pub fn verify(folder: &Path, options: &VerifyOptions) -> Result<Proof, Error> {
    verify_with(folder, options, &|_| {})
}

/// As [`verify`]; `say` hears of each step before it begins, for people who wait.
///
/// # Errors
/// See [`verify`].
pub fn verify_with(folder: &Path, options: &VerifyOptions, say: &dyn Fn(&str)) -> Result<Proof, Error> {
    let roots = roots(folder)?;
    let terraform = Terraform::find(options)?;
    let mut proof = Proof { program: terraform.version.clone(), roots: Vec::new() };
    for root in roots {
        let mut healed = Vec::new();
        proof.roots.push(terraform.prove(&root, options, say, &mut healed)?);
        if !healed.is_empty()
            && let Some(path) = healed::place(folder)
        {
            healed::keep(&path, healed)?;
            say(&format!("{}: what was healed is kept for the next generate", path.display()));
        }
    }
    Ok(proof)
}

/// The folder itself when it holds code, else the folders in it that do.
fn roots(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = |folder: &Path| -> Result<Vec<PathBuf>, Error> {
        let list = std::fs::read_dir(folder).map_err(|e| Error::input(format!("cannot read {}: {e}", folder.display())))?;
        let mut paths: Vec<PathBuf> = list.flatten().map(|e| e.path()).collect();
        paths.sort();
        Ok(paths)
    };
    let is_code = |path: &PathBuf| path.extension().is_some_and(|e| e == "tf");
    let own = entries(folder)?;
    if own.iter().any(is_code) {
        return Ok(vec![folder.to_path_buf()]);
    }
    let mut found = Vec::new();
    for path in own.into_iter().filter(|p| p.is_dir()) {
        if entries(&path)?.iter().any(is_code) {
            found.push(path);
        }
    }
    if found.is_empty() {
        return Err(Error::input(format!("{} holds no .tf files", folder.display())).hint("make some with `surveyor generate SNAPSHOT`"));
    }
    Ok(found)
}

/// The user's program.
pub(super) struct Terraform {
    program: PathBuf,
    /// What it says of itself.
    pub version: String,
    timeout: Duration,
}

/// What a command answered.
pub(super) struct Answer {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Terraform {
    pub fn find(options: &VerifyOptions) -> Result<Terraform, Error> {
        let candidates = match &options.program {
            Some(program) => vec![program.clone()],
            None => vec![PathBuf::from("terraform"), PathBuf::from("tofu")],
        };
        for program in &candidates {
            let mut terraform = Terraform { program: program.clone(), version: String::new(), timeout: options.timeout };
            match terraform.run(Path::new("."), &["version"]) {
                Ok(answer) if answer.success => {
                    terraform.version = answer.stdout.lines().next().unwrap_or_default().trim().to_string();
                    return Ok(terraform);
                }
                Ok(answer) => return Err(Error::terraform(format!("`{} version` failed: {}", program.display(), tail(&answer.stderr)))),
                Err(_) => {}
            }
        }
        let names = candidates.iter().map(|c| format!("`{}`", c.display())).collect::<Vec<_>>().join(" nor ");
        Err(Error::terraform(format!("cannot find {names}"))
            .hint("install Terraform 1.7 or OpenTofu 1.7 or later, or name the program with `--terraform PATH`"))
    }

    /// Runs a command to its end or to the time limit.
    pub fn run(&self, folder: &Path, arguments: &[&str]) -> Result<Answer, Error> {
        let name = || format!("`{} {}`", self.program.display(), arguments.first().unwrap_or(&""));
        let mut child = Command::new(&self.program)
            .args(arguments)
            .current_dir(folder)
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("CHECKPOINT_DISABLE", "1")
            .env_remove("TF_LOG")
            .env_remove("TF_CLI_ARGS")
            .env_remove("TF_CLI_ARGS_plan")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| Error::terraform(format!("cannot run {}: {e}", name())))?;
        fn reader<R: Read + Send + 'static>(pipe: Option<R>) -> std::thread::JoinHandle<String> {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                if let Some(mut pipe) = pipe {
                    // A pipe that breaks has given what it had.
                    let _ = pipe.read_to_end(&mut bytes);
                }
                String::from_utf8_lossy(&bytes).into_owned()
            })
        }
        let (out, err) = (reader(child.stdout.take()), reader(child.stderr.take()));
        let start = Instant::now();
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if start.elapsed() > self.timeout => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(Error::terraform(format!("{} took longer than {} minutes", name(), self.timeout.as_secs() / 60))
                        .hint("give it more time with `--timeout MINUTES`; many retries against one API are the usual cause"));
                }
                Ok(None) => std::thread::sleep(Duration::from_millis(20)),
                Err(e) => return Err(Error::terraform(format!("{} cannot be watched: {e}", name()))),
            }
        };
        let stdout = out.join().unwrap_or_default();
        let stderr = err.join().unwrap_or_default();
        Ok(Answer { success: status.success(), stdout, stderr })
    }

    /// `proven` takes what healing did and the last plan agrees with.
    fn prove(
        &self,
        folder: &Path,
        options: &VerifyOptions,
        say: &dyn Fn(&str),
        proven: &mut Vec<healed::Healed>,
    ) -> Result<RootProof, Error> {
        say(&format!("{}: init", folder.display()));
        let init = self.run(folder, &["init", "-input=false", "-no-color"])?;
        if !init.success {
            let text = if init.stderr.trim().is_empty() { &init.stdout } else { &init.stderr };
            return Err(Error::terraform(format!("init failed in {}: {}", folder.display(), tail(text)))
                .hint("the provider hashicorp/aws must be at hand: from the registry, a mirror, or a plugin cache"));
        }
        say(&format!("{}: validate", folder.display()));
        let validate = self.run(folder, &["validate", "-json"])?;
        let mut proof = RootProof { folder: folder.display().to_string(), ..RootProof::default() };
        let answer: Value = serde_json::from_str(&validate.stdout).map_err(|e| {
            Error::terraform(format!("validate in {} answered no JSON ({e}): {}", folder.display(), tail(&validate.stderr)))
        })?;
        proof.diagnostics = answer.get("diagnostics").and_then(Value::as_array).into_iter().flatten().map(Diagnostic::read).collect();
        if !validate.success {
            if options.heal {
                proof.stuck.push("the code is not valid, so there is no plan to heal from".into());
            }
            return Ok(proof);
        }
        let warnings = std::mem::take(&mut proof.diagnostics);
        let mut healer = heal::Healer::default();
        let mut healed = Vec::new();
        for round in 0..ROUNDS {
            say(&format!("{}: plan", folder.display()));
            let (mut proof, plan) = self.plan(folder)?;
            proof.diagnostics.extend(warnings.iter().cloned());
            proof.diagnostics.sort();
            proof.diagnostics.dedup_by(|a, b| a.summary == b.summary && a.place == b.place && a.severity == b.severity);
            if proof.is_clean() || !options.heal {
                if let Some(plan) = plan {
                    proven.extend(healer.proven(&plan));
                }
                proof.healed = healed;
                return Ok(proof);
            }
            let Some(plan) = plan else {
                proof.healed = healed;
                proof.stuck = vec!["the plan failed, so there are no real values to heal with".into()];
                return Ok(proof);
            };
            // A plan that broke off says nothing about what it did not reach.
            let settled = if proof.planned { healer.proven(&plan) } else { Vec::new() };
            let treated = healer.treat(folder, &plan)?;
            let done = treated.is_empty() || round + 1 == ROUNDS;
            if !treated.is_empty() {
                for line in &treated {
                    say(&format!("{}: {line}", folder.display()));
                }
                // Keeps the layout; what it prints is of no interest.
                self.run(folder, &["fmt", "-no-color"])?;
                healed.extend(treated);
            }
            if done {
                proof.healed = healed;
                proven.extend(settled);
                proof.stuck = healer.stuck(&plan);
                return Ok(proof);
            }
        }
        Err(Error::internal("healing did not end"))
    }

    /// One plan. The plan file holds values of the account in clear text, so it lives in a private folder and goes with it.
    fn plan(&self, folder: &Path) -> Result<(RootProof, Option<Value>), Error> {
        let private = tempfile::Builder::new()
            .prefix("surveyor-plan-")
            .tempdir()
            .map_err(|e| Error::output(format!("cannot make a temporary folder: {e}")))?;
        let file = private.path().join("plan");
        let out = format!("-out={}", file.display());
        let answer = self.run(folder, &["plan", "-input=false", "-lock=false", "-json", &out])?;
        let mut proof = RootProof { folder: folder.display().to_string(), planned: answer.success, ..RootProof::default() };
        for line in answer.stdout.lines() {
            let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
            if message.get("type").and_then(Value::as_str) == Some("diagnostic")
                && let Some(diagnostic) = message.get("diagnostic")
            {
                proof.diagnostics.push(Diagnostic::read(diagnostic));
            }
        }
        if !answer.success && !proof.diagnostics.iter().any(|d| d.severity == "error") {
            proof.diagnostics.push(Diagnostic {
                severity: "error".into(),
                summary: "plan failed".into(),
                detail: tail(&answer.stderr),
                address: None,
                place: None,
            });
        }
        // A plan that failed half-way is written too, and tells what it found before.
        if !file.exists() {
            return Ok((proof, None));
        }
        let show = self.run(folder, &["show", "-json", &file.display().to_string()])?;
        if !show.success && !answer.success {
            return Ok((proof, None));
        }
        let plan: Value = serde_json::from_str(&show.stdout)
            .map_err(|e| Error::terraform(format!("the plan of {} cannot be read ({e}): {}", folder.display(), tail(&show.stderr))))?;
        proof.read(&plan);
        Ok((proof, Some(plan)))
    }
}

/// The last lines of a command's talk, for an error.
pub(super) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.chars().all(|c| "╷│╵".contains(c))).collect();
    lines[lines.len().saturating_sub(8)..].join(" ")
}

impl Diagnostic {
    fn read(value: &Value) -> Diagnostic {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(String::from);
        let place = value.get("range").and_then(|r| {
            let file = r.get("filename")?.as_str()?;
            Some(format!("{file}:{}", r.get("start")?.get("line")?))
        });
        Diagnostic {
            severity: text("severity").unwrap_or_else(|| "error".into()),
            summary: text("summary").unwrap_or_default(),
            detail: text("detail").unwrap_or_default(),
            address: text("address"),
            place,
        }
    }
}

impl RootProof {
    /// Counts and differences from `terraform show -json` of a plan.
    fn read(&mut self, plan: &Value) {
        for change in changes(plan) {
            if change.import_id.is_some() {
                self.import += 1;
            }
            let actions: BTreeSet<&str> = change.actions.iter().map(String::as_str).collect();
            self.add += usize::from(actions.contains("create"));
            self.destroy += usize::from(actions.contains("delete"));
            self.change += usize::from(actions.contains("update"));
            if ["create", "update", "delete", "forget"].iter().any(|a| actions.contains(a)) {
                self.differences.push(Difference {
                    address: change.address.clone(),
                    attributes: change.attributes(),
                    actions: change.actions,
                });
            }
        }
    }
}

/// One entry of a plan's `resource_changes`.
pub(super) struct Change<'a> {
    pub address: String,
    pub kind: String,
    pub name: String,
    pub key: Option<String>,
    pub actions: Vec<String>,
    /// Set when the plan imports it.
    pub import_id: Option<String>,
    body: &'a Value,
}

/// The managed resources of a plan.
pub(super) fn changes(plan: &Value) -> impl Iterator<Item = Change<'_>> {
    plan.get("resource_changes").and_then(Value::as_array).into_iter().flatten().filter_map(|entry| {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).map(String::from);
        if entry.get("mode").and_then(Value::as_str) == Some("data") {
            return None;
        }
        let body = entry.get("change")?;
        Some(Change {
            address: text("address")?,
            kind: text("type")?,
            name: text("name")?,
            key: text("index"),
            actions: body.get("actions")?.as_array()?.iter().filter_map(|a| a.as_str().map(String::from)).collect(),
            import_id: body
                .get("importing")
                .filter(|i| !i.is_null())
                .map(|i| i.get("id").and_then(Value::as_str).unwrap_or_default().into()),
            body,
        })
    })
}

impl Change<'_> {
    /// A member of the change: `before`, `after` …
    pub fn part(&self, name: &str) -> &Value {
        self.body.get(name).unwrap_or(&Value::Null)
    }

    /// What differs, leaf by leaf.
    pub fn attributes(&self) -> Vec<AttributeDifference> {
        if self.actions.iter().any(|a| a == "create") && self.part("before").is_null() || self.part("after").is_null() {
            return Vec::new();
        }
        let mut out = BTreeMap::new();
        let parts = Parts {
            before: self.part("before"),
            after: self.part("after"),
            unknown: self.part("after_unknown"),
            hidden: (self.part("before_sensitive"), self.part("after_sensitive")),
        };
        differ(&parts, "", &mut out);
        let replaces: BTreeSet<String> = self
            .part("replace_paths")
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|p| p.as_array())
            .map(|p| p.iter().map(|s| s.as_str().map_or_else(|| s.to_string(), String::from)).collect::<Vec<_>>().join("."))
            .collect();
        out.into_iter()
            .map(|(path, (before, after))| {
                let replaces = replaces.iter().any(|r| path == *r || path.starts_with(&format!("{r}.")));
                AttributeDifference { path, before, after, replaces }
            })
            .collect()
    }
}

/// The five views that a plan gives of one value.
struct Parts<'a> {
    before: &'a Value,
    after: &'a Value,
    unknown: &'a Value,
    hidden: (&'a Value, &'a Value),
}

fn differ(parts: &Parts, path: &str, out: &mut BTreeMap<String, (Value, Value)>) {
    let hidden = parts.hidden.0 == &Value::Bool(true) || parts.hidden.1 == &Value::Bool(true);
    if parts.unknown == &Value::Bool(true) {
        let before = if hidden { "(sensitive)".into() } else { parts.before.clone() };
        out.insert(path.into(), (before, "(known after apply)".into()));
        return;
    }
    if hidden {
        if parts.before != parts.after {
            out.insert(path.into(), ("(sensitive)".into(), "(sensitive)".into()));
        }
        return;
    }
    let child = |key: &str| if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
    match (parts.before, parts.after) {
        (Value::Object(before), Value::Object(after)) => {
            let unknown: BTreeSet<&String> = parts.unknown.as_object().map(|o| o.keys().collect()).unwrap_or_default();
            for key in before.keys().chain(after.keys()).chain(unknown).collect::<BTreeSet<_>>() {
                let get = |v: &'_ Value| v.get(key).cloned().unwrap_or(Value::Null);
                let (b, a, u) = (get(parts.before), get(parts.after), get(parts.unknown));
                let (h0, h1) = (get(parts.hidden.0), get(parts.hidden.1));
                differ(&Parts { before: &b, after: &a, unknown: &u, hidden: (&h0, &h1) }, &child(key), out);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for i in 0..before.len() {
                let get = |v: &'_ Value| v.get(i).cloned().unwrap_or(Value::Null);
                let (b, a, u) = (get(parts.before), get(parts.after), get(parts.unknown));
                let (h0, h1) = (get(parts.hidden.0), get(parts.hidden.1));
                differ(&Parts { before: &b, after: &a, unknown: &u, hidden: (&h0, &h1) }, &child(&i.to_string()), out);
            }
        }
        (before, after) if before != after => {
            let mask = |value: &Value, hidden: &Value| if has_true(hidden) { "(sensitive)".into() } else { value.clone() };
            out.insert(path.into(), (mask(before, parts.hidden.0), mask(after, parts.hidden.1)));
        }
        _ => {}
    }
}

/// Whether anything below is marked sensitive.
pub(super) fn has_true(value: &Value) -> bool {
    match value {
        Value::Bool(b) => *b,
        Value::Array(items) => items.iter().any(has_true),
        Value::Object(fields) => fields.values().any(has_true),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(change: Value) -> Value {
        json!({"resource_changes": [{"address": "aws_x.y", "mode": "managed", "type": "aws_x", "name": "y", "change": change}]})
    }

    #[test]
    fn an_import_without_change_is_clean() {
        let mut proof = RootProof { planned: true, ..RootProof::default() };
        proof.read(&plan(json!({"actions": ["no-op"], "before": {"a": 1}, "after": {"a": 1}, "importing": {"id": "i"}})));
        assert_eq!(proof.summary(), "1 to import, 0 to add, 0 to change, 0 to destroy");
        assert!(proof.is_clean());
        proof.diagnostics.push(Diagnostic::read(&json!({"severity": "warning", "summary": "deprecated"})));
        assert!(!proof.is_clean(), "clean counts are not enough");
    }

    #[test]
    fn a_replacement_names_what_forces_it_and_hides_what_is_sensitive() {
        let mut proof = RootProof { planned: true, ..RootProof::default() };
        proof.read(&plan(json!({
            "actions": ["delete", "create"],
            "before": {"name": "a", "password": "hunter2", "block": [{"size": 8}], "same": true},
            "after": {"name": "b", "password": null, "block": [{"size": 9}], "same": true},
            "after_unknown": {"arn": true},
            "before_sensitive": {"password": true}, "after_sensitive": {},
            "replace_paths": [["name"]], "importing": {"id": "i"}
        })));
        assert_eq!((proof.import, proof.add, proof.change, proof.destroy), (1, 1, 0, 1));
        let text = serde_json::to_string(&proof).unwrap();
        assert!(!text.contains("hunter2"));
        let paths: Vec<(&str, bool)> = proof.differences[0].attributes.iter().map(|a| (a.path.as_str(), a.replaces)).collect();
        assert_eq!(paths, [("arn", false), ("block.0.size", false), ("name", true), ("password", false)]);
    }

    #[test]
    fn data_sources_do_not_count() {
        let mut proof = RootProof::default();
        let mut value = plan(json!({"actions": ["read"], "before": null, "after": {}}));
        value["resource_changes"][0]["mode"] = "data".into();
        proof.read(&value);
        assert_eq!(proof.add + proof.change + proof.destroy, 0);
        assert!(proof.differences.is_empty());
    }

    #[test]
    fn without_terraform_the_error_says_what_to_do() {
        let options = VerifyOptions { program: Some("/nonexistent/terraform".into()), ..VerifyOptions::default() };
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.tf"), "").unwrap();
        let error = verify(folder.path(), &options).unwrap_err();
        assert_eq!(error.kind, crate::error::Kind::Terraform);
        assert!(error.message.contains("/nonexistent/terraform") && error.hints[0].contains("OpenTofu"), "{error}");
    }

    #[test]
    fn a_folder_without_code_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = verify(folder.path(), &VerifyOptions::default()).unwrap_err();
        assert!(error.message.contains("no .tf files"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_hangs_is_ended() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("terraform");
        std::fs::write(&program, "#!/bin/sh\n[ \"$1\" = version ] && { echo Terraform v1; exit 0; }\nexec sleep 60\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::write(folder.path().join("a.tf"), "").unwrap();
        let options = VerifyOptions { program: Some(program), timeout: Duration::from_millis(300), ..VerifyOptions::default() };
        let start = Instant::now();
        let error = verify(folder.path(), &options).unwrap_err();
        assert!(error.message.contains("took longer"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}
