//! The templates: reading them, refusing what is unsafe in them, choosing the ones an estate needs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use handlebars::Handlebars;
use handlebars::template::{Template, TemplateElement};
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use serde_json::{Value, json};

use super::facts::Facts;
use super::helpers;
use crate::error::Error;
use crate::files;

static HANDOVER: &str = include_str!("../../templates/handover.md.hbs");
/// Where the templates stand that come with the program.
const BUILT_IN: &str = "templates/runbooks/";

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates/runbooks");

/// What a runbook is for; decides where the index lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Puts something right, once.
    Fix,
    /// Work that comes again.
    Operate,
    /// Something is on fire.
    Incident,
}

/// The head of a runbook template.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Same as the file name without `.md.hbs`.
    pub id: String,
    /// Heading of the document.
    pub title: String,
    /// Where the index lists it.
    pub purpose: Purpose,
    /// Place among its equals in the index; low first.
    pub order: u32,
    /// When to reach for it, one sentence.
    pub when: String,
    /// What it interrupts or endangers, one sentence.
    pub risk: String,
    /// How long it takes, for people.
    pub time: String,
    /// What selects it. Findings whose rule names this runbook select it besides.
    pub applies_to: Vec<Selection>,
    /// Types whose listings must be complete for the document to be; the reader is told when they are not.
    #[serde(default)]
    pub needs: Vec<String>,
}

/// One way to select a runbook.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// A Terraform type.
    #[serde(default)]
    pub resource: Option<String>,
    /// A condition on the resource, written as after `#if` in a template: `config.multi_az`, `(eq config.engine "postgres")`.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// Rules whose failing findings select it.
    #[serde(default)]
    pub rules: Vec<String>,
}

/// A loaded runbook template.
#[derive(Debug, Clone)]
pub struct Runbook {
    /// Its head.
    pub head: Head,
    /// File it came from, for errors.
    pub origin: String,
    body: String,
    head_lines: usize,
}

/// All runbook templates.
#[derive(Debug, Clone)]
pub struct Library {
    runbooks: BTreeMap<String, Runbook>,
    parts: BTreeMap<String, (String, String)>,
    handover: (String, String),
}

/// A runbook that an estate needs, with what made it so.
pub struct Selected<'a> {
    /// The template.
    pub runbook: &'a Runbook,
    /// Places of the selected resources in the snapshot.
    pub resources: BTreeSet<usize>,
    /// Failing findings that point here.
    pub findings: Vec<Value>,
}

impl Runbook {
    /// The text below the head, in handlebars.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// A place in the file, for errors: `line` counts from the first line of the body.
    pub fn at(&self, line: Option<usize>) -> String {
        line.map_or_else(|| self.origin.clone(), |line| format!("{}:{}", self.origin, line + self.head_lines))
    }

    /// True for one that comes with the program.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.origin.starts_with(BUILT_IN)
    }
}

const SUFFIX: &str = ".md.hbs";

impl Library {
    /// Name of the hand-over template.
    pub(super) const HANDOVER: &'static str = "handover";

    /// The templates of the binary and, over them, those of a folder: a file of the same name replaces, a new one adds; `handover.md.hbs`
    /// there replaces the hand-over.
    ///
    /// # Errors
    /// When the folder cannot be read, or a template is broken or unsafe; names file and line.
    pub fn load(folder: Option<&Path>) -> Result<Self, Error> {
        let mut library = Library { runbooks: BTreeMap::new(), parts: BTreeMap::new(), handover: (String::new(), String::new()) };
        library.add("handover.md.hbs", HANDOVER, "templates/handover.md.hbs")?;
        for file in EMBEDDED.files() {
            let name = file.path().to_string_lossy().into_owned();
            let text = file.contents_utf8().ok_or_else(|| Error::internal(format!("templates/runbooks/{name} is not UTF-8")))?;
            library.add(&name, text, &format!("{BUILT_IN}{name}"))?;
        }
        if let Some(folder) = folder {
            let entries = std::fs::read_dir(folder).map_err(|e| Error::input(format!("cannot read {}: {e}", folder.display())))?;
            let mut paths: Vec<_> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
            paths.sort();
            for path in paths {
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                if name.ends_with(SUFFIX) {
                    library.add(&name, &files::read_text(&path)?, &path.display().to_string())?;
                }
            }
        }
        Ok(library)
    }

    /// Ids of all runbooks, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.runbooks.keys().map(String::as_str)
    }

    /// A runbook by id.
    pub fn get(&self, id: &str) -> Option<&Runbook> {
        self.runbooks.get(id)
    }

    fn add(&mut self, name: &str, text: &str, origin: &str) -> Result<(), Error> {
        let Some(stem) = name.strip_suffix(SUFFIX) else { return Ok(()) };
        if let Some(part) = stem.strip_prefix('_') {
            check(text, 0, origin)?;
            self.parts.insert(part.to_owned(), (text.to_owned(), origin.to_owned()));
            return Ok(());
        }
        if stem == Self::HANDOVER {
            check(text, 0, origin)?;
            self.handover = (text.to_owned(), origin.to_owned());
            return Ok(());
        }
        let (head, body, skipped) =
            split_head(text).ok_or_else(|| Error::input(format!("{origin}:1: a runbook begins with a head between two lines of `---`")))?;
        let head: Head = serde_saphyr::from_str(head).map_err(|e| Error::input(format!("{origin}: in the head: {e}")))?;
        if head.id != stem {
            return Err(Error::input(format!("{origin}: the id is {:?}, the file name says {stem:?}", head.id)));
        }
        for s in &head.applies_to {
            if s.resource.is_none() == s.rules.is_empty() || (s.condition.is_some() && s.resource.is_none()) {
                return Err(Error::input(format!(
                    "{origin}: each entry of applies_to has either `resource` (and perhaps `where`) or `rules`"
                )));
            }
        }
        check(body, skipped, origin)?;
        self.runbooks.insert(stem.to_owned(), Runbook { head, origin: origin.to_owned(), body: body.to_owned(), head_lines: skipped });
        Ok(())
    }

    /// The templates compiled, with helpers that answer from `facts`.
    ///
    /// # Errors
    /// When a template does not compile; names file and line.
    pub fn registry<'f>(&self, facts: &Arc<Facts<'f>>) -> Result<Handlebars<'f>, Error> {
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        helpers::register(&mut registry, facts);
        for (name, (text, origin)) in &self.parts {
            registry.register_partial(name, text).map_err(|e| Error::input(format!("{origin}: {e}")))?;
        }
        let (text, origin) = &self.handover;
        registry.register_template_string(Self::HANDOVER, text).map_err(|e| Error::input(format!("{origin}: {e}")))?;
        for (id, runbook) in &self.runbooks {
            registry.register_template_string(id, &runbook.body).map_err(|e| Error::input(format!("{}: {e}", runbook.origin)))?;
        }
        Ok(registry)
    }

    /// A place in the hand-over template, for errors.
    pub(super) fn handover_at(&self, line: Option<usize>) -> String {
        line.map_or_else(|| self.handover.1.clone(), |line| format!("{}:{line}", self.handover.1))
    }

    /// The runbooks that the estate needs, in the order of their ids.
    ///
    /// # Errors
    /// When a condition of a head cannot be evaluated.
    pub fn select(&self, facts: &Arc<Facts<'_>>) -> Result<Vec<Selected<'_>>, Error> {
        let mut chosen = Vec::new();
        for runbook in self.runbooks.values() {
            let selected = self.selected(runbook, facts)?;
            if !selected.resources.is_empty() || !selected.findings.is_empty() {
                chosen.push(selected);
            }
        }
        Ok(chosen)
    }

    /// What of the estate a runbook is about, be it nothing.
    ///
    /// # Errors
    /// When a condition of its head cannot be evaluated.
    pub fn selected<'a>(&self, runbook: &'a Runbook, facts: &Arc<Facts<'_>>) -> Result<Selected<'a>, Error> {
        let head = &runbook.head;
        let by_rule = |f: &&Value| {
            f["runbook"] == head.id.as_str() || head.applies_to.iter().any(|s| s.rules.iter().any(|r| f["rule"] == r.as_str()))
        };
        let findings: Vec<Value> = facts.findings().iter().filter(by_rule).cloned().collect();
        let mut resources = BTreeSet::new();
        for finding in &findings {
            let about = &finding["resource"];
            let places = facts.places(about["type"].as_str().unwrap_or_default());
            resources.extend(places.iter().filter(|&&i| {
                let r = facts.resource(i);
                r["id"] == about["id"] && r["region"] == about["region"] && r["account"] == about["account"]
            }));
        }
        for selection in &head.applies_to {
            let Some(kind) = &selection.resource else { continue };
            let places = facts.places(kind);
            match &selection.condition {
                None => resources.extend(places),
                Some(condition) => {
                    let held = helpers::condition(condition, places.iter().map(|&i| facts.resource(i)), facts)
                        .map_err(|e| Error::input(format!("{}: where {condition:?}: {e}", runbook.origin)))?;
                    resources.extend(places.iter().zip(held).filter(|(_, held)| *held).map(|(i, _)| i));
                }
            }
        }
        Ok(Selected { runbook, resources, findings })
    }
}

impl Selected<'_> {
    /// What the template sees besides the look-ups.
    pub fn data(&self, facts: &Facts<'_>, account: &Value, gaps: &[String]) -> Value {
        let head = &self.runbook.head;
        json!({
            "account": account,
            "runbook": { "id": head.id, "title": head.title, "when": head.when, "risk": head.risk, "time": head.time },
            "selected": self.resources.iter().map(|&i| facts.resource(i)).collect::<Vec<_>>(),
            "findings": self.findings,
            "gaps": gaps,
        })
    }
}

/// Head, body, and how many lines the head takes.
fn split_head(text: &str) -> Option<(&str, &str, usize)> {
    let rest = text.strip_prefix("---\n")?;
    let end = rest.find("\n---\n")?;
    let head = &rest[..end];
    Some((head, &rest[end + 5..], head.lines().count() + 2))
}

/// Refuses a template that could let a name from AWS run in somebody's shell or enter the page unescaped.
fn check(body: &str, skipped: usize, origin: &str) -> Result<(), Error> {
    let template = Template::compile(body).map_err(|e| match e.pos() {
        Some((line, column)) => Error::input(format!("{origin}:{}:{column}: {}", line + skipped, e.reason())),
        None => Error::input(format!("{origin}: {}", e.reason())),
    })?;
    if raw(&template) {
        return Err(Error::input(format!("{origin}: `{{{{{{…}}}}}}` and `{{{{&…}}}}` would write a value unescaped"))
            .hint("write `{{value}}` in text, `{{code value}}` for code, `{{sh value}}` in commands"));
    }
    let mut in_commands = false;
    let mut document: Option<String> = None;
    for (number, line) in body.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_commands = !in_commands && line.trim() == "```sh";
            document = None;
            continue;
        }
        if !in_commands {
            continue;
        }
        for call in calls(line) {
            let word = call.split([' ', '}', ')']).next().unwrap_or_default();
            let allowed = word.starts_with(['#', '/', '!'])
                || word == "else"
                || match &document {
                    Some(_) => word == "json",
                    None => word == "sh",
                };
            if !allowed {
                return Err(Error::input(format!("{origin}:{}: `{{{{{call}}}}}` in a command is not quoted", number + skipped + 1))
                    .hint("write `{{sh …}}`; inside a here-document with a quoted end mark write `{{json …}}`"));
            }
        }
        match &document {
            Some(end) if line.trim() == end => document = None,
            Some(_) => {}
            None => {
                if let Some((_, rest)) = line.split_once("<<") {
                    let quoted = rest.trim().strip_prefix('\'').and_then(|r| r.split_once('\'')).map(|(end, _)| end.to_owned());
                    document = Some(quoted.ok_or_else(|| {
                        Error::input(format!("{origin}:{}: quote the end mark of the here-document: <<'EOF'", number + skipped + 1))
                    })?);
                }
            }
        }
    }
    Ok(())
}

fn raw(template: &Template) -> bool {
    template.elements.iter().any(|element| match element {
        TemplateElement::HtmlExpression(_) => true,
        TemplateElement::HelperBlock(block) => block.template.iter().chain(block.inverse.iter()).any(raw),
        _ => false,
    })
}

/// What stands between `{{` and `}}` in a line.
fn calls(line: &str) -> impl Iterator<Item = &str> {
    line.split("{{").skip(1).filter_map(|rest| rest.split_once("}}").map(|(call, _)| call.trim_matches(['~', ' '])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> String {
        check(body, 0, "t.md.hbs").unwrap_err().to_string()
    }

    #[test]
    fn values_in_commands_must_be_quoted() {
        assert!(refused("```sh\naws x {{id}}\n```").contains("t.md.hbs:2"));
        assert!(refused("```sh\naws x {{json id}}\n```").contains("not quoted"));
        assert!(refused("```sh\ncat <<EOF\n{{json id}}\nEOF\n```").contains("end mark"));
        assert!(refused("```sh\ncat <<'EOF'\n{{sh id}}\nEOF\n```").contains("not quoted"));
        assert!(refused("{{#if a}}{{{b}}}{{/if}}").contains("unescaped"));
        assert!(refused("{{&b}}").contains("unescaped"));
        check("{{id}}\n```sh\n{{#if a}}\naws x {{sh id}}\n{{else}}\ncat > x <<'EOF'\n{{json id}}\nEOF\n{{/if}}\n```\n{{id}}", 0, "t")
            .unwrap();
    }

    #[test]
    fn a_broken_head_is_named() {
        let mut library = Library { runbooks: BTreeMap::new(), parts: BTreeMap::new(), handover: (String::new(), String::new()) };
        let fails = |l: &mut Library, text: &str| l.add("a.md.hbs", text, "a.md.hbs").unwrap_err().to_string();
        assert!(fails(&mut library, "no head").contains("a.md.hbs:1"));
        assert!(fails(&mut library, "---\nid: a\nfoo: 1\n---\nx").contains("in the head"));
        let head = |id: &str, applies: &str| {
            format!("---\nid: {id}\ntitle: t\npurpose: fix\norder: 1\nwhen: w\nrisk: r\ntime: t\napplies_to:\n  - {applies}\n---\nx\n")
        };
        assert!(fails(&mut library, &head("b", "resource: aws_eip")).contains("file name"));
        assert!(fails(&mut library, &head("a", "where: config.x")).contains("applies_to"));
        library.add("a.md.hbs", &head("a", "{resource: aws_eip, where: config.x}"), "a.md.hbs").unwrap();
    }
}
