//! Runbooks: which apply, and the facts their templates need. The prose lives in `templates/`.
//!
//! A runbook is one template `templates/runbooks/<id>.md.hbs`: a YAML head (what it is for, what selects it) and a Markdown
//! body with handlebars. `docs/adding-a-runbook.md` tells how to write one.

mod facts;
mod handover;
mod helpers;
mod library;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::error::Error;
use crate::estate::{Estate, Snapshot};
use crate::report::escape;
use crate::rules::finding::Findings;
use facts::Facts;
pub use library::{Head, Library, Purpose, Runbook, Selected, Selection};

/// A text to write below the output folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Path with forward slashes: `runbooks/import-day.md`.
    pub path: String,
    /// Markdown.
    pub text: String,
}

const INDEX: &str = "index";

impl Library {
    /// The runbooks that this estate needs and their index. No document at all when none is needed.
    ///
    /// A built-in template that an account breaks costs that account this one runbook, whose page says so, and nothing else.
    ///
    /// # Errors
    /// When a template of the user names what does not exist, or puts a null into a command; names template and line.
    pub fn render(&self, estate: &Estate, findings: &Findings) -> Result<Vec<Document>, Error> {
        let facts = Arc::new(Facts::new(estate, findings));
        let registry = self.registry(&facts)?;
        let account = account(estate.snapshot());
        let selected = self.select(&facts)?;
        let mut documents = Vec::with_capacity(selected.len() + 1);
        for chosen in &selected {
            let data = chosen.data(&facts, &account, &gaps(estate, &chosen.runbook.head.needs));
            let text = match registry.render(&chosen.runbook.head.id, &data) {
                Ok(text) => text,
                Err(e) => {
                    let error = failed(&chosen.runbook.at(e.line_no), &e);
                    if !chosen.runbook.is_built_in() {
                        return Err(error);
                    }
                    unwritten(&chosen.runbook.head.title, &error)
                }
            };
            documents.push(Document { path: format!("runbooks/{}.md", chosen.runbook.head.id), text: tidy(&text) });
        }
        if !documents.is_empty() {
            let data = json!({ "account": account, "runbooks": index(&selected) });
            let text = registry.render(INDEX, &data).map_err(|e| failed("templates/runbooks/_index.md.hbs", &e))?;
            documents.insert(0, Document { path: "runbooks/README.md".into(), text: tidy(&text) });
        }
        Ok(documents)
    }
}

/// A render error with its place. Errors inside a part (`_head`) name the part themselves.
fn failed(at: &str, error: &handlebars::RenderError) -> Error {
    Error::input(format!("{at}: {}", error.reason())).hint("see docs/adding-a-runbook.md")
}

/// What stands in place of a runbook that cannot be written.
fn unwritten(title: &str, error: &Error) -> String {
    format!(
        "# {title}\n\n**This runbook could not be written for this account**, which is an error of Surveyor: {}\n",
        escape::markdown(&error.to_string())
    )
}

/// The account as templates see it.
fn account(snapshot: &Snapshot) -> Value {
    let meta = &snapshot.meta;
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    for r in snapshot.resources.iter().filter(|r| meta.regions.contains(&r.region) && !r.is_pseudo()) {
        *used.entry(&r.region).or_default() += 1;
    }
    let home = used.iter().max_by_key(|(name, n)| (**n, std::cmp::Reverse(**name))).map(|(name, _)| *name);
    let home = home.or(meta.regions.first().map(String::as_str)).unwrap_or("us-east-1");
    json!({
        "id": meta.account,
        "alias": meta.alias,
        "label": meta.alias.as_deref().map_or_else(|| meta.account.clone(), |a| format!("{a} ({})", meta.account)),
        "profile": meta.alias.clone().unwrap_or_else(|| format!("account-{}", meta.account)),
        "partition": meta.partition,
        "regions": meta.regions,
        "home_region": home,
        "taken_at": meta.taken_at,
        "caller": meta.caller,
        "tool": meta.tool,
    })
}

/// Why the listings that a runbook needs are not complete.
fn gaps(estate: &Estate, needs: &[String]) -> Vec<String> {
    let mut found: Vec<String> = needs.iter().flat_map(|kind| estate.incomplete(kind, None)).collect();
    found.sort();
    found.dedup();
    found
}

/// The index: what to fix by severity, then what is kept at hand.
fn index(selected: &[Selected<'_>]) -> Value {
    const RANK: [&str; 5] = ["critical", "high", "medium", "low", "info"];
    let worst =
        |s: &Selected<'_>| s.findings.iter().filter_map(|f| RANK.iter().position(|r| f["severity"] == *r)).min().unwrap_or(RANK.len());
    let mut entries: Vec<_> = selected.iter().map(|s| (s.runbook.head.purpose, worst(s), s.runbook.head.order, s)).collect();
    entries.sort_by(|a, b| (a.0, a.1, a.2, &a.3.runbook.head.id).cmp(&(b.0, b.1, b.2, &b.3.runbook.head.id)));
    let list = |purpose: Purpose| -> Vec<Value> {
        entries
            .iter()
            .filter(|e| e.0 == purpose)
            .map(|(_, worst, _, s)| {
                let mut titles: BTreeMap<(usize, &str), usize> = BTreeMap::new();
                for f in &s.findings {
                    let rank = RANK.iter().position(|r| f["severity"] == *r).unwrap_or(RANK.len());
                    *titles.entry((rank, f["title"].as_str().unwrap_or_default())).or_default() += 1;
                }
                let head = &s.runbook.head;
                json!({
                    "id": head.id, "title": head.title, "when": head.when, "risk": head.risk, "time": head.time,
                    "severity": RANK.get(*worst),
                    "findings": s.findings.len(),
                    "titles": titles.iter().map(|((_, title), n)| json!({ "title": title, "count": n })).collect::<Vec<_>>(),
                })
            })
            .collect()
    };
    json!({ "fix": list(Purpose::Fix), "operate": list(Purpose::Operate), "incident": list(Purpose::Incident) })
}

/// Blank lines that conditions left behind: never two in a row outside code, one line break at the end.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut blank, mut code) = (true, false);
    for line in text.lines().map(str::trim_end) {
        if line.trim_start().starts_with("```") {
            code = !code;
        }
        if line.is_empty() && blank && !code {
            continue;
        }
        blank = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}
