//! One report over many accounts: how each stands, what they have in common, what was not seen, and where the whole report of each is.

use std::collections::BTreeMap;
use std::fmt::Write;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::escape::{html as html_text, markdown as markdown_text, terminal as plain};
use super::html;
use super::labels::{self, count, usd};
use super::model::{Level, Model, SEVERITIES, severity};
use super::terminal::{Style, wrap};
use crate::rules::Severity;

/// Goes up with every new meaningful field.
pub const SCHEMA_VERSION: u32 = 1;

/// Problems that the reports list; the rest is counted.
const PROBLEMS: usize = 30;

/// Many accounts, as `accounts.json` holds them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fleet {
    /// See [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// `surveyor` and its version.
    pub tool: String,
    /// By number.
    pub accounts: Vec<Account>,
    /// What is wrong, over all accounts, worst first.
    pub problems: Vec<Problem>,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// Account number; its results lie in the folder of this name.
    pub account: String,
    /// What the organisation, the user or the account itself calls it.
    pub name: Option<String>,
    /// How it stands; none when it could not be read.
    pub read: Option<Standing>,
    /// Why it could not be read, and what to do about it.
    pub failure: Option<Failure>,
}

/// Why an account could not be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// What failed.
    pub message: String,
    /// What to do.
    pub hints: Vec<String>,
}

/// How an account stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    /// In one word.
    pub level: Level,
    /// In one sentence.
    pub headline: String,
    /// Failing findings by severity, worst first.
    pub findings: [usize; 5],
    /// Resources in the snapshot.
    pub resources: usize,
    /// Things seen that nothing models.
    pub unmodelled: usize,
    /// US dollars a month at list prices, as far as prices are known.
    pub known_usd: f64,
    /// What of it could be saved.
    pub savings_usd: f64,
    /// Calls that did not get their full answer.
    pub gaps: usize,
    /// Permissions that were missing.
    pub missing_permissions: Vec<String>,
    /// Which regions were read, looked into, or left out, in words.
    pub regions: String,
    /// When the scan began, RFC 3339.
    pub taken_at: String,
}

/// One rule that fails in some account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Rule id.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// The worst severity among its findings.
    pub severity: Severity,
    /// Findings by account.
    pub accounts: BTreeMap<String, usize>,
    /// What they cost or would save, US dollars a month, where it is known.
    pub monthly_usd: Option<f64>,
}

impl Default for Fleet {
    fn default() -> Self {
        Fleet {
            schema_version: SCHEMA_VERSION,
            tool: concat!("surveyor ", env!("CARGO_PKG_VERSION")).into(),
            accounts: Vec::new(),
            problems: Vec::new(),
        }
    }
}

/// What one account adds to the whole: small, so that a thousand accounts fit in memory.
#[derive(Debug, Clone)]
pub struct Summary {
    name: Option<String>,
    standing: Standing,
    problems: Vec<Problem>,
}

impl Summary {
    /// From the account's own report.
    pub fn of(model: &Model) -> Summary {
        let account = &model.meta.account;
        let problem = |group: &super::model::Group| Problem {
            rule: group.rule.clone(),
            title: group.title.clone(),
            severity: group.severity,
            accounts: BTreeMap::from([(account.clone(), group.findings.len())]),
            monthly_usd: group.monthly_usd,
        };
        Summary {
            name: model.meta.alias.clone(),
            standing: Standing {
                level: model.judgement.level,
                headline: model.judgement.headline.clone(),
                findings: model.counts,
                resources: model.modelled.resources,
                unmodelled: model.modelled.unmodelled,
                known_usd: model.costs.known_usd,
                savings_usd: model.costs.savings_usd,
                gaps: model.not_seen.gaps.len(),
                missing_permissions: model.not_seen.missing_permissions.clone(),
                regions: model.not_seen.regions.clone(),
                taken_at: model.meta.taken_at.clone(),
            },
            problems: model.failing.iter().map(problem).collect(),
        }
    }
}

impl Fleet {
    /// Adds an account that was read.
    pub fn read(&mut self, account: &str, name: Option<&str>, summary: Summary) {
        let name = name.map(str::to_owned).or(summary.name);
        self.accounts.push(Account { account: account.into(), name, read: Some(summary.standing), failure: None });
        for new in summary.problems {
            match self.problems.iter_mut().find(|p| p.rule == new.rule) {
                Some(known) => {
                    known.severity = known.severity.min(new.severity);
                    known.accounts.extend(new.accounts);
                    known.monthly_usd = match (known.monthly_usd, new.monthly_usd) {
                        (Some(a), Some(b)) => Some(a + b),
                        (a, b) => a.or(b),
                    };
                }
                None => self.problems.push(new),
            }
        }
    }

    /// Adds an account that could not be read.
    pub fn failed(&mut self, account: &str, name: Option<&str>, message: &str, hints: &[String]) {
        let failure = Failure { message: message.into(), hints: hints.to_vec() };
        self.accounts.push(Account { account: account.into(), name: name.map(str::to_owned), read: None, failure: Some(failure) });
    }

    /// Brings everything into its one order.
    pub fn normalise(&mut self) {
        self.accounts.sort_by(|a, b| a.account.cmp(&b.account));
        let findings = |p: &Problem| p.accounts.values().sum::<usize>();
        self.problems.sort_by(|a, b| {
            a.severity
                .cmp(&b.severity)
                .then(b.accounts.len().cmp(&a.accounts.len()))
                .then(findings(b).cmp(&findings(a)))
                .then(a.rule.cmp(&b.rule))
        });
    }

    fn standings(&self) -> impl Iterator<Item = (&Account, &Standing)> {
        self.accounts.iter().filter_map(|a| Some((a, a.read.as_ref()?)))
    }

    /// Accounts that could not be read.
    pub fn unread(&self) -> impl Iterator<Item = (&Account, &Failure)> {
        self.accounts.iter().filter_map(|a| Some((a, a.failure.as_ref()?)))
    }

    /// Failing findings of one severity over all accounts.
    fn failing(&self, at: usize) -> usize {
        self.standings().map(|(_, s)| s.findings[at]).sum()
    }

    fn level(&self) -> Level {
        let worst = |wanted: Level| self.standings().any(|(_, s)| s.level == wanted);
        [Level::Critical, Level::High, Level::Medium]
            .into_iter()
            .find(|l| worst(*l))
            .unwrap_or(if worst(Level::Unsure) || self.unread().next().is_some() { Level::Unsure } else { Level::Clean })
    }

    fn headline(&self) -> String {
        let first = self.problems.first().map(|p| {
            format!(
                " First of all “{}” in {}.",
                p.title,
                labels::list(&p.accounts.keys().map(|a| self.label(a)).take(3).collect::<Vec<_>>())
            )
        });
        let words = match self.level() {
            Level::Critical => format!("Act today: {} over all accounts.", count(self.failing(0), "critical problem", "critical problems")),
            Level::High => format!("Act this week: {} over all accounts.", count(self.failing(1), "serious problem", "serious problems")),
            Level::Medium => "Nothing urgent in any account that was read.".to_owned(),
            Level::Unsure => "Nothing wrong was found, but not everything could be read, so this is no clean bill of health.".to_owned(),
            Level::Clean => "In order: no rule found anything wrong in any account.".to_owned(),
        };
        words + &first.unwrap_or_default()
    }

    fn sentences(&self) -> Vec<String> {
        let read = self.standings().count();
        let mut all = vec![format!("{read} of {} read.", count(self.accounts.len(), "account was", "accounts were"))];
        let findings: usize = (0..SEVERITIES.len()).map(|i| self.failing(i)).sum();
        let resources: usize = self.standings().map(|(_, s)| s.resources).sum();
        let by: Vec<String> = SEVERITIES
            .iter()
            .enumerate()
            .filter(|(i, _)| self.failing(*i) > 0)
            .map(|(i, s)| format!("{} {}", labels::thousands(self.failing(i)), severity(*s)))
            .collect();
        let by = if by.is_empty() { String::new() } else { format!(": {}", labels::list(&by)) };
        all.push(format!("{} among {}{by}.", count(findings, "finding", "findings"), count(resources, "resource", "resources")));
        let known: f64 = self.standings().map(|(_, s)| s.known_usd).sum();
        let savings: f64 = self.standings().map(|(_, s)| s.savings_usd).sum();
        if known > 0.0 {
            let saved = if savings > 0.0 { format!("; about {} of that could be saved", usd(savings)) } else { String::new() };
            all.push(format!("They cost at least {} a month at list prices{saved}.", usd(known)));
        }
        for (account, failure) in self.unread() {
            all.push(format!("Nothing is said about {}: {}.", self.label(&account.account), failure.message.trim_end_matches('.')));
        }
        all
    }

    /// Name and number of an account.
    fn label(&self, account: &str) -> String {
        match self.accounts.iter().find(|a| a.account == account).and_then(|a| a.name.as_ref()) {
            Some(name) => format!("{name} ({account})"),
            None => account.to_owned(),
        }
    }
}

/// `accounts.json`
pub fn json(fleet: &Fleet) -> String {
    super::pretty(fleet)
}

/// `report.md`
pub fn markdown(fleet: &Fleet) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = write_markdown(&mut out, fleet);
    out
}

fn write_markdown(out: &mut String, fleet: &Fleet) -> std::fmt::Result {
    let text = markdown_text;
    writeln!(out, "# Survey of {}\n\n**{}**\n", count(fleet.accounts.len(), "AWS account", "AWS accounts"), text(&fleet.headline()))?;
    for sentence in fleet.sentences() {
        writeln!(out, "- {}", text(&sentence))?;
    }
    writeln!(
        out,
        "\n## Accounts\n\n| account | {} | resources | a month | could be saved | calls without full answer | report |",
        SEVERITIES.map(severity).join(" | ")
    )?;
    writeln!(out, "|---|{}---:|---:|---:|---:|---|", "---:|".repeat(SEVERITIES.len()))?;
    for account in &fleet.accounts {
        let name = text(&fleet.label(&account.account));
        let number = text(&account.account);
        match &account.read {
            Some(s) => {
                let counts = s.findings.map(labels::thousands).join(" | ");
                writeln!(
                    out,
                    "| {name} | {counts} | {} | {} | {} | {} | [report]({number}/report.md) |",
                    labels::thousands(s.resources),
                    usd(s.known_usd),
                    usd(s.savings_usd),
                    s.gaps
                )?;
            }
            None => writeln!(out, "| {name} |{} not read |", " |".repeat(SEVERITIES.len() + 4))?,
        }
    }
    writeln!(out, "\n## What was not seen\n")?;
    for (account, failure) in fleet.unread() {
        writeln!(out, "- {}: not read. {}", text(&fleet.label(&account.account)), text(&failure.message))?;
        for hint in &failure.hints {
            writeln!(out, "  - {}", text(hint))?;
        }
    }
    for (account, s) in fleet.standings() {
        writeln!(out, "- {}: {}", text(&fleet.label(&account.account)), text(&unseen(s)))?;
    }
    if !fleet.problems.is_empty() {
        writeln!(out, "\n## What they have in common\n\n| severity | what | findings | accounts | a month |\n|---|---|---:|---|---:|")?;
        for p in fleet.problems.iter().take(PROBLEMS) {
            let accounts: Vec<String> = p.accounts.keys().map(|a| fleet.label(a)).collect();
            let money = p.monthly_usd.filter(|m| *m > 0.0).map(usd).unwrap_or_default();
            let findings: usize = p.accounts.values().sum();
            writeln!(out, "| {} | {} | {findings} | {} | {money} |", severity(p.severity), text(&p.title), text(&accounts.join(", ")))?;
        }
        if fleet.problems.len() > PROBLEMS {
            writeln!(out, "\nand {} more, see `accounts.json`", fleet.problems.len() - PROBLEMS)?;
        }
    }
    writeln!(out, "\nWritten by {}.", text(&fleet.tool))
}

/// What was not seen of an account that was read.
fn unseen(s: &Standing) -> String {
    let mut words = match s.gaps {
        0 => "every call got its full answer.".to_owned(),
        n => format!("{} not get their full answer.", count(n, "call did", "calls did")),
    };
    if !s.missing_permissions.is_empty() {
        words.push_str(&format!(" Permissions to add: {}.", s.missing_permissions.join(", ")));
    }
    if s.unmodelled > 0 {
        words.push_str(&format!(" {} seen and not modelled.", count(s.unmodelled, "thing was", "things were")));
    }
    format!("{words} {}", s.regions)
}

/// `report.html`
pub fn html(fleet: &Fleet) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = write_html(&mut out, fleet);
    out
}

fn write_html(out: &mut String, fleet: &Fleet) -> std::fmt::Result {
    let text = html_text;
    let title = format!("Survey of {}", count(fleet.accounts.len(), "account", "accounts"));
    html::head(out, &title, None, "#accounts", "To the accounts")?;
    write!(
        out,
        "<nav aria-label=\"Sections\"><div class=\"wrap\"><strong>Survey</strong><a href=\"#accounts\">Accounts</a><a href=\"#not-seen\">Not seen</a><a href=\"#common\">In common</a></div></nav>\n<main class=\"wrap\">"
    )?;
    write!(
        out,
        "<header class=\"verdict {}\"><p class=\"about\"><b>{}</b></p><h1>{}</h1><ul class=\"reasons\">",
        html::class(fleet.level()),
        text(&title),
        html::headline(&fleet.headline())
    )?;
    for sentence in fleet.sentences() {
        write!(out, "<li>{}</li>", text(&sentence))?;
    }
    write!(out, "</ul><dl class=\"score\" aria-label=\"Findings by severity\">")?;
    for (i, s) in SEVERITIES.into_iter().enumerate() {
        let (n, word) = (fleet.failing(i), severity(s));
        let none = if n == 0 { " class=\"none\"" } else { "" };
        write!(out, "<div{none}><dt>{word}</dt><dd class=\"text-{word}\">{}</dd></div>", labels::thousands(n))?;
    }
    write!(
        out,
        "</dl></header>\n<section id=\"accounts\"><h2>Accounts</h2><div class=\"scroll\"><table><thead><tr><th scope=\"col\">Account</th>"
    )?;
    for s in SEVERITIES {
        write!(out, "<th scope=\"col\" class=\"n\">{}</th>", severity(s))?;
    }
    write!(
        out,
        "<th scope=\"col\" class=\"n\">Resources</th><th scope=\"col\" class=\"n\">A month</th><th scope=\"col\" class=\"n\">Could be saved</th><th scope=\"col\" class=\"n\">Gaps</th></tr></thead><tbody>"
    )?;
    for account in &fleet.accounts {
        let name = text(&fleet.label(&account.account));
        match &account.read {
            Some(s) => {
                write!(
                    out,
                    "<tr><td><a href=\"{}/report.html\">{name}</a><br><small>{}</small></td>",
                    text(&account.account),
                    text(&s.headline)
                )?;
                for (n, of) in s.findings.iter().zip(SEVERITIES) {
                    let colour = if *n > 0 { format!(" text-{}", severity(of)) } else { String::new() };
                    write!(out, "<td class=\"n{colour}\">{}</td>", labels::thousands(*n))?;
                }
                write!(
                    out,
                    "<td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                    labels::thousands(s.resources),
                    usd(s.known_usd),
                    usd(s.savings_usd),
                    s.gaps
                )?;
            }
            None => write!(out, "<tr><td>{name}</td><td colspan=\"{}\" class=\"text-high\">not read</td></tr>", SEVERITIES.len() + 4)?,
        }
    }
    write!(out, "</tbody></table></div></section>\n<section id=\"not-seen\"><h2>Not seen</h2><ul>")?;
    for (account, failure) in fleet.unread() {
        write!(out, "<li><b>{}</b>: not read. {}", text(&fleet.label(&account.account)), text(&failure.message))?;
        for hint in &failure.hints {
            write!(out, "<br><span class=\"quiet\">{}</span>", text(hint))?;
        }
        write!(out, "</li>")?;
    }
    for (account, s) in fleet.standings() {
        write!(out, "<li><b>{}</b>: {}</li>", text(&fleet.label(&account.account)), text(&unseen(s)))?;
    }
    write!(out, "</ul></section>\n<section id=\"common\"><h2>In common</h2>")?;
    if fleet.problems.is_empty() {
        write!(out, "<p class=\"lead\">No rule found anything wrong.</p>")?;
    } else {
        write!(
            out,
            "<div class=\"scroll\"><table class=\"stack\"><thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">What</th><th scope=\"col\" class=\"n\">Findings</th><th scope=\"col\">Accounts</th><th scope=\"col\" class=\"n\">A month</th></tr></thead><tbody>"
        )?;
        for p in fleet.problems.iter().take(PROBLEMS) {
            let word = severity(p.severity);
            let accounts: Vec<String> = p
                .accounts
                .keys()
                .map(|a| format!("<a href=\"{0}/report.html#findings\">{1}</a>", text(a), text(&fleet.label(a))))
                .collect();
            let money = p.monthly_usd.filter(|m| *m > 0.0).map(usd).unwrap_or_default();
            write!(
                out,
                "<tr><td class=\"text-{word}\">{word}</td><td>{} <small><code>{}</code></small></td><td class=\"n\">{}</td><td>{}</td><td class=\"n\">{money}</td></tr>",
                text(&p.title),
                text(&p.rule),
                labels::thousands(p.accounts.values().sum()),
                accounts.join(", ")
            )?;
        }
        write!(out, "</tbody></table></div>")?;
        if fleet.problems.len() > PROBLEMS {
            write!(out, "<p class=\"quiet\">and {} more, see accounts.json</p>", fleet.problems.len() - PROBLEMS)?;
        }
    }
    writeln!(
        out,
        "</section></main>\n<footer><div class=\"wrap\">Written by {} from read-only surveys.</div></footer>\n</body>\n</html>",
        text(&fleet.tool)
    )
}

/// The summary on the screen.
pub fn terminal(fleet: &Fleet, style: Style) -> String {
    let width = style.width.clamp(40, 140);
    let mut out = Vec::new();
    out.extend(wrap(&plain(&fleet.headline()), width, "").into_iter().map(|line| style.bold(&line)));
    for sentence in fleet.sentences() {
        out.extend(wrap(&plain(&sentence), width, "  "));
    }
    out.push(String::new());
    for account in &fleet.accounts {
        let label = plain(&fleet.label(&account.account));
        match &account.read {
            Some(s) => {
                let counts: Vec<String> = s
                    .findings
                    .iter()
                    .zip(SEVERITIES)
                    .filter(|(n, _)| **n > 0)
                    .map(|(n, of)| format!("{} {}", labels::thousands(*n), severity(of)))
                    .collect();
                let counts = if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") };
                out.extend(wrap(
                    &format!("{label}: {counts}; {}; {}", count(s.resources, "resource", "resources"), count(s.gaps, "gap", "gaps")),
                    width,
                    "  ",
                ));
            }
            None => out.extend(wrap(&format!("{label}: not read"), width, "  ")),
        }
    }
    out.push(String::new());
    out.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(findings: [usize; 5], level: Level) -> Standing {
        Standing {
            level,
            headline: "Act today".into(),
            findings,
            resources: 10,
            unmodelled: 0,
            known_usd: 100.0,
            savings_usd: 5.0,
            gaps: 1,
            missing_permissions: vec!["ec2:DescribeVpcs".into()],
            regions: "Regions read in full: eu-west-3.".into(),
            taken_at: "2026-11-21T04:00:00Z".into(),
        }
    }

    fn summary(account: &str, name: Option<&str>, findings: [usize; 5], level: Level) -> Summary {
        let problem = |rule: &str, severity, n| Problem {
            rule: rule.into(),
            title: format!("Title of {rule}"),
            severity,
            accounts: BTreeMap::from([(account.to_owned(), n)]),
            monthly_usd: Some(2.0),
        };
        let problems = vec![problem("shared", Severity::High, findings[1]), problem(&format!("only-{account}"), Severity::Low, 1)];
        Summary { name: name.map(str::to_owned), standing: standing(findings, level), problems }
    }

    fn fleet() -> Fleet {
        let mut fleet = Fleet::default();
        fleet.read("222222222222", None, summary("222222222222", Some("<b>shop</b>"), [0, 2, 0, 1, 0], Level::High));
        fleet.failed("333333333333", Some("vault"), "cannot reach the account: AccessDenied", &["check its trust policy".to_owned()]);
        fleet.read("111111111111", Some("core"), summary("111111111111", None, [0, 1, 0, 1, 0], Level::High));
        fleet.normalise();
        fleet
    }

    #[test]
    fn accounts_are_added_up_and_the_denied_one_is_named() {
        let fleet = fleet();
        assert_eq!(fleet.problems.len(), 3);
        assert_eq!(
            (fleet.problems[0].rule.as_str(), fleet.problems[0].accounts.len(), fleet.problems[0].monthly_usd),
            ("shared", 2, Some(4.0))
        );
        let told = fleet.sentences();
        assert_eq!(told[0], "2 of 3 accounts were read.");
        assert_eq!(told[1], "5 findings among 20 resources: 3 high and 2 low.");
        assert!(told[3].contains("vault (333333333333): cannot reach the account: AccessDenied"), "{told:?}");
        assert!(fleet.headline().starts_with("Act this week: 3 serious problems over all accounts."), "{}", fleet.headline());
    }

    #[test]
    fn every_form_says_all_of_it_and_escapes_names() {
        let fleet = fleet();
        let (html, markdown, screen) = (html(&fleet), markdown(&fleet), terminal(&fleet, Style::default()));
        assert!(html.contains("&lt;b&gt;shop") && !html.contains("<b>shop"));
        assert!(html.contains("href=\"222222222222/report.html\"") && !html.contains("href=\"333333333333/"));
        assert!(!html.contains("<script"));
        for page in [&html, &markdown] {
            assert!(
                page.contains("check its trust policy") && page.contains("ec2:DescribeVpcs") && page.contains("Title of shared"),
                "{page}"
            );
        }
        assert!(screen.contains("vault (333333333333): not read"), "{screen}");
        let read: Fleet = serde_json::from_str(&json(&fleet)).unwrap();
        assert_eq!(read, fleet);
    }

    #[test]
    fn nothing_read_is_no_clean_bill() {
        let mut fleet = Fleet::default();
        fleet.failed("333333333333", None, "denied", &[]);
        assert_eq!(fleet.level(), Level::Unsure);
    }
}
