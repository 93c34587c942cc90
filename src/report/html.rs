//! `report.html`: one page without any other file. What matters stands in it as plain HTML; the lists that can grow long come
//! from data in the page, made when they are opened.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use base64::Engine;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::escape::{html as text, json_in_html};
use super::framework::status;
use super::labels::{self, count, usd};
use super::model::{Group, Level, Model, Row, SEVERITIES, category, outcome, severity};
use super::picture;
use super::seen;
use crate::cost::{NO_ENVIRONMENT, Share, service_of};
use crate::rules::Finding;
use crate::rules::framework::Status;

const STYLE: &str = include_str!("../../templates/reports/report.css");
const SCRIPT: &str = include_str!("../../templates/reports/report.js");

/// Findings of a rule that stand in the page itself, for readers without scripts and for printers.
const PLAIN: usize = 5;
/// Up to so many resources the inventory stands in the page itself.
const STATIC_ROWS: usize = 400;
/// Causes and rules named under "not seen"; the rest is counted.
const LISTED: usize = 12;

/// Writes the page.
pub fn render(model: &Model) -> String {
    let mut out = String::with_capacity(256 * 1024);
    // Writing to a String does not fail.
    let _ = page(&mut out, model);
    out
}

/// The hash by which the policy lets exactly this text through.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// The beginning of a page, up to its body, with a policy that lets only our own style and script through.
pub(super) fn head(out: &mut String, title: &str, script: Option<&str>, skip: &str, skip_words: &str) -> std::fmt::Result {
    let scripts = script.map_or_else(|| "'none'".to_owned(), hash);
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; script-src {scripts}; img-src data:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n<title>{}</title>\n\
         <link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='6' fill='none' stroke='%230b5d66' stroke-width='2'/%3E%3Ccircle cx='8' cy='8' r='2' fill='%230b5d66'/%3E%3C/svg%3E\">\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"{skip}\">{skip_words}</a>\n",
        hash(STYLE),
        text(title)
    )
}

/// The class that colours a verdict.
pub(super) fn class(level: Level) -> &'static str {
    match level {
        Level::Critical => "critical",
        Level::High => "high",
        Level::Medium | Level::Unsure => "medium",
        Level::Clean => "clean",
    }
}

/// A headline whose call to act, up to the first colon, stands out.
pub(super) fn headline(words: &str) -> String {
    match words.split_once(": ") {
        Some((call, rest)) => format!("<em>{}:</em> {}", text(call), text(rest)),
        None => format!("<em>{}</em>", text(words)),
    }
}

fn page(out: &mut String, model: &Model) -> std::fmt::Result {
    let sections = sections(model);
    head(out, &format!("Survey of {}", model.account_name()), Some(SCRIPT), "#findings", "To the findings")?;
    write!(out, "<nav aria-label=\"Sections\"><div class=\"wrap\"><strong>Survey</strong>")?;
    for (id, title, _) in &sections {
        write!(out, "<a href=\"#{id}\">{title}</a>")?;
    }
    writeln!(out, "</div></nav>\n<main class=\"wrap\">")?;
    verdict(out, model)?;
    for (id, title, write_section) in &sections {
        write!(out, "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{title}</h2>\n")?;
        write_section(out, model)?;
        writeln!(out, "</section>")?;
    }
    let m = &model.meta;
    writeln!(
        out,
        "</main>\n<footer><div class=\"wrap\">Written by {} from a read-only survey by <code>{}</code>, taken {} and ended {}. \
         Names of arguments follow the AWS provider {}.</div></footer>",
        text(&m.tool),
        text(&m.caller),
        text(&labels::time(&m.taken_at)),
        text(&labels::time(&m.finished_at)),
        text(&m.provider_version)
    )?;
    let json = serde_json::to_string(&data(model)).unwrap_or_else(|_| "{}".into());
    writeln!(
        out,
        "<script type=\"application/json\" id=\"data\">{}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>",
        json_in_html(&json)
    )
}

type Section = (&'static str, &'static str, fn(&mut String, &Model) -> std::fmt::Result);

fn sections(model: &Model) -> Vec<Section> {
    let mut sections: Vec<Section> = vec![
        ("not-seen", "Not seen", not_seen),
        ("findings", "Findings", findings),
        ("costs", "Costs", costs),
        ("inventory", "Inventory", inventory),
    ];
    if !model.network.vpcs.is_empty() || !model.network.edge.is_empty() {
        sections.push(("network", "Network", network));
    }
    if model.generation.is_some() {
        sections.push(("written", "Written", written));
    }
    sections.push(("coverage", "Coverage", coverage));
    if !model.frameworks.is_empty() {
        sections.push(("controls", "Controls", controls));
    }
    sections
}

fn verdict(out: &mut String, model: &Model) -> std::fmt::Result {
    let j = &model.judgement;
    let (class, headline) = (class(j.level), headline(&j.headline));
    write!(
        out,
        "<header class=\"verdict {class}\">\n<p class=\"about\"><b>{}</b> · {} · {}</p>\n<h1>{headline}</h1>\n<ul class=\"reasons\">",
        text(&model.account_name()),
        text(&model.meta.regions.join(", ")),
        text(&labels::time(&model.meta.taken_at))
    )?;
    for sentence in &j.sentences {
        write!(out, "<li>{}</li>", text(sentence))?;
    }
    write!(out, "</ul>\n<dl class=\"score\" aria-label=\"Findings by severity\">")?;
    for s in SEVERITIES {
        let n = model.failing_of(s);
        let (word, none) = (severity(s), if n == 0 { " class=\"none\"" } else { "" });
        write!(out, "<div{none}><dt>{word}</dt><dd class=\"text-{word}\">{}</dd></div>", labels::thousands(n))?;
    }
    writeln!(out, "</dl>\n</header>")
}

fn not_seen(out: &mut String, model: &Model) -> std::fmt::Result {
    let n = &model.not_seen;
    if n.is_empty() {
        write!(out, "<p class=\"lead good\">Everything that was asked for could be read.</p>")?;
    } else {
        write!(out, "<p class=\"lead\">What stands here is not in the findings, however bad it may be.</p>")?;
    }
    if n.interrupted {
        write!(out, "<p>The scan was stopped before its end.</p>")?;
    }
    if !n.gaps.is_empty() {
        write!(
            out,
            "<div class=\"scroll\"><table class=\"stack\"><thead><tr><th scope=\"col\">Call</th><th scope=\"col\">Outcome</th><th scope=\"col\">Regions</th><th scope=\"col\">May be missing</th></tr></thead><tbody>"
        )?;
        for gap in &n.gaps {
            let missing = gap.missing();
            let code = gap.code.as_ref().map(|c| format!(" ({})", text(c))).unwrap_or_default();
            let message = gap.message.as_ref().map(|m| format!("<br><small>{}</small>", text(m))).unwrap_or_default();
            write!(
                out,
                "<tr><td class=\"call\"><code>{}</code></td><td>{}{code}{message}</td><td class=\"regions\">{}</td><td>{}</td></tr>",
                text(&gap.call),
                outcome(gap.outcome),
                text(&gap.regions.join(", ")),
                text(&missing)
            )?;
        }
        write!(out, "</tbody></table></div>")?;
    }
    if !n.on_purpose.is_empty() {
        write!(out, "<h3>Asked only where it may matter, a request for each thing</h3><ul>")?;
        for (call, why) in &n.on_purpose {
            write!(out, "<li><code>{}</code>: {}</li>", text(call), text(why))?;
        }
        write!(out, "</ul>")?;
    }
    if !n.missing_permissions.is_empty() {
        write!(out, "<h3>Permissions to add</h3><p>")?;
        for permission in &n.missing_permissions {
            write!(out, "<code>{}</code> ", text(permission))?;
        }
        write!(out, "</p>")?;
    }
    if !n.unread.is_empty() {
        write!(out, "<h3>Details that could not be read</h3><ul>")?;
        for (cause, resources) in n.unread.iter().take(LISTED) {
            write!(out, "<li>{} of {}</li>", text(cause), count(*resources, "resource", "resources"))?;
        }
        rest(out, n.unread.len())?;
        write!(out, "</ul>")?;
    }
    if !n.unanswered_rules.is_empty() {
        write!(out, "<h3>Rules without an answer</h3><ul>")?;
        for (rule, causes) in n.unanswered_rules.iter().take(LISTED) {
            write!(out, "<li><code>{}</code> <span class=\"quiet\">{}</span></li>", text(rule), text(&causes.join("; ")))?;
        }
        rest(out, n.unanswered_rules.len())?;
        write!(out, "</ul>")?;
    }
    writeln!(out, "<p class=\"quiet\">{}</p>", text(&n.regions))
}

fn rest(out: &mut String, all: usize) -> std::fmt::Result {
    if all > LISTED { write!(out, "<li class=\"quiet\">and {} more</li>", all - LISTED) } else { Ok(()) }
}

/// Status of a group and the heading of its part, in the order of the page and of the data.
fn parts(model: &Model) -> [(&'static str, &'static str, &[Group]); 3] {
    [("failing", "", &model.failing), ("unknown", "No answer", &model.unknown), ("accepted", "Accepted", &model.suppressed)]
}

fn findings(out: &mut String, model: &Model) -> std::fmt::Result {
    let groups: Vec<&Group> = parts(model).into_iter().flat_map(|p| p.2).collect();
    if groups.is_empty() {
        return writeln!(out, "<p class=\"lead\">{} found nothing wrong.</p>", count(model.findings.summary.rules, "rule", "rules"));
    }
    let all: Vec<&Finding> = groups.iter().flat_map(|g| model.of_group(g)).collect();
    let categories: BTreeSet<&str> = groups.iter().map(|g| category(g.category)).collect();
    let environments: BTreeSet<&str> = all.iter().map(|f| environment(f)).collect();
    let services: BTreeSet<&str> = all.iter().map(|f| service_of(&f.resource.kind)).collect();
    write!(
        out,
        "<div class=\"filters js-only\" role=\"search\"><label class=\"search\">Search<input id=\"q\" type=\"search\" placeholder=\"name, id, rule, text\" autocomplete=\"off\"></label>"
    )?;
    select(out, "status", "Status", &BTreeSet::from(["accepted", "failing", "unknown"]))?;
    select(out, "category", "Category", &categories)?;
    select(out, "env", "Environment", &environments)?;
    select(out, "service", "Service", &services)?;
    write!(out, "</div><div class=\"levels js-only\" role=\"group\" aria-label=\"Severities shown\">")?;
    for s in SEVERITIES.map(severity) {
        write!(out, "<button type=\"button\" class=\"text-{s}\" data-level=\"{s}\" aria-pressed=\"true\">{s}</button>")?;
    }
    write!(out, "<span class=\"shown\" id=\"shown\" role=\"status\"></span></div>")?;
    let mut at = 0;
    for (status, title, groups) in parts(model) {
        if groups.is_empty() {
            continue;
        }
        write!(out, "<div data-part=\"{status}\">")?;
        if !title.is_empty() {
            write!(out, "<h3>{title}</h3>")?;
        }
        for g in groups {
            group(out, model, g, at)?;
            at += 1;
        }
        write!(out, "</div>")?;
    }
    writeln!(out, "<p class=\"empty\" id=\"nothing\" hidden>No finding fits these filters.</p>")
}

fn select(out: &mut String, id: &str, label: &str, values: &BTreeSet<&str>) -> std::fmt::Result {
    write!(out, "<label>{label}<select id=\"{id}\"><option value=\"\">all</option>")?;
    for value in values {
        write!(out, "<option>{}</option>", text(value))?;
    }
    write!(out, "</select></label>")
}

fn environment(f: &Finding) -> &str {
    f.environment.as_deref().unwrap_or(NO_ENVIRONMENT)
}

fn group(out: &mut String, model: &Model, g: &Group, at: usize) -> std::fmt::Result {
    let word = severity(g.severity);
    let money = g.monthly_usd.filter(|m| *m > 0.0).map(|m| format!(" · {} a month", usd(m))).unwrap_or_default();
    write!(
        out,
        "<details class=\"rule\" data-group=\"{at}\"><summary><span class=\"level text-{word}\">{word}</span><span class=\"what\">{}</span>\
         <span class=\"size\"><span class=\"number\">{}</span>{money}</span></summary><div class=\"body\"><p class=\"why\">{}</p>",
        text(&g.title),
        count(g.findings.len(), "resource", "resources"),
        text(&g.why)
    )?;
    let fix = &g.fix;
    if !fix.summary.is_empty() || !fix.terraform.is_empty() || fix.runbook.is_some() {
        let disruption = if fix.disruption.is_empty() {
            String::new()
        } else {
            format!(" <span class=\"quiet\">disruption: {}</span>", text(&fix.disruption))
        };
        write!(out, "<div class=\"fix\"><p><b>Fix:</b> {}{disruption}</p>", text(&fix.summary))?;
        if !fix.terraform.is_empty() {
            write!(out, "<p>In Terraform: ")?;
            for (argument, value) in &fix.terraform {
                write!(out, "<code>{}</code> ", text(&format!("{argument} = {value}")))?;
            }
            write!(out, "</p>")?;
        }
        if let Some(runbook) = &fix.runbook {
            let written = model.generation.as_ref().is_some_and(|x| x.runbooks.contains(runbook));
            let name = text(runbook);
            if written {
                write!(out, "<p>Runbook: <a href=\"runbooks/{name}.md\">{name}</a></p>")?;
            } else {
                write!(out, "<p>Runbook: <code>{name}</code></p>")?;
            }
        }
        write!(out, "</div>")?;
    }
    write!(out, "<p class=\"ids\"><code>{}</code> · {}", text(&g.rule), category(g.category))?;
    for (framework, numbers) in &g.controls {
        write!(out, " · {} {}", text(framework), text(&numbers.join(", ")))?;
    }
    write!(out, "</p><ul class=\"items\">")?;
    for f in model.of_group(g).take(PLAIN) {
        let r = &f.resource;
        write!(
            out,
            "<li class=\"item\"><h4>{}</h4><span class=\"where\"><code>{}</code> · {} · {} · {}</span><p>{}</p>",
            text(&r.name),
            text(&r.id),
            text(&r.kind),
            text(&r.region),
            text(environment(f)),
            text(&f.message)
        )?;
        if !f.because.is_empty() {
            write!(out, "<p class=\"quiet\">{}</p>", text(&f.because.join("; ")))?;
        }
        if !f.evidence.is_empty() {
            write!(out, "<p class=\"evidence\">Read: ")?;
            for (path, value) in &f.evidence {
                write!(out, "<code>{}</code> ", text(&format!("{path} = {value}")))?;
            }
            write!(out, "</p>")?;
        }
        if let Some(note) = &f.monthly_note {
            write!(out, "<p class=\"quiet\">{}</p>", text(note))?;
        }
        write!(out, "</li>")?;
    }
    if g.findings.len() > PLAIN {
        write!(out, "<li class=\"quiet\">and {} more, see findings.json</li>", labels::thousands(g.findings.len() - PLAIN))?;
    }
    writeln!(out, "</ul></div></details>")
}

fn costs(out: &mut String, model: &Model) -> std::fmt::Result {
    let c = &model.costs;
    let dates = c.prices_from.as_ref().map(|(a, b)| if a == b { format!(" Prices of {a}.") } else { format!(" Prices of {a} to {b}.") });
    let missing = labels::regions_without_prices(&c.regions_without_prices);
    write!(out, "<p class=\"lead\">{}{}{}</p>", text(&c.basis), text(&dates.unwrap_or_default()), text(&missing))?;
    let partial = if c.partial > 0 { format!(" <small class=\"quiet\">{} of them in part</small>", c.partial) } else { String::new() };
    write!(
        out,
        "<dl class=\"tiles\"><div><dt>known, a month, for {}{partial}</dt><dd>{}</dd></div><div><dt>within reach of savings</dt><dd>{}</dd></div>\
         <div><dt>billed, price not known</dt><dd>{}</dd></div></dl>",
        count(c.priced, "resource", "resources"),
        if c.priced > 0 { usd(c.known_usd) } else { "nothing".into() },
        usd(c.savings_usd),
        labels::thousands(c.unpriced)
    )?;
    if c.priced > 0 {
        write!(out, "<div class=\"pair\">")?;
        shares(out, "By service", &c.by_service)?;
        shares(out, "By environment", &c.by_environment)?;
        write!(out, "</div>")?;
    }
    if !c.savings.is_empty() {
        write!(
            out,
            "<h3>Savings</h3><div class=\"scroll\"><table class=\"stack\"><thead><tr><th scope=\"col\">What</th><th scope=\"col\">Resource</th><th scope=\"col\" class=\"n\">A month</th><th scope=\"col\">How</th></tr></thead><tbody>"
        )?;
        for s in c.savings.iter().take(50) {
            write!(
                out,
                "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td><small>{}</small></td></tr>",
                text(&s.title),
                text(&s.name),
                usd(s.usd),
                text(s.note.as_deref().unwrap_or_default())
            )?;
        }
        write!(out, "</tbody></table></div>")?;
    }
    if !c.top.is_empty() {
        write!(
            out,
            "<h3>Dearest resources</h3><div class=\"scroll\"><table class=\"stack\"><thead><tr><th scope=\"col\">Name</th><th scope=\"col\" class=\"n\">A month</th><th scope=\"col\">How</th></tr></thead><tbody>"
        )?;
        for t in &c.top {
            let least = if t.complete { "" } else { "≥ " };
            write!(
                out,
                "<tr><td>{}<br><small>{} · {}</small></td><td class=\"n\">{least}{}</td><td><small>{}</small></td></tr>",
                text(&t.name),
                text(&t.kind),
                text(t.environment.as_deref().unwrap_or(NO_ENVIRONMENT)),
                usd(t.usd),
                text(&t.note)
            )?;
        }
        write!(out, "</tbody></table></div>")?;
    }
    if !c.without_price.is_empty() {
        let all = count(c.unpriced, "resource", "resources");
        write!(
            out,
            "<details class=\"plain\"><summary>Billed, and no price known<span>{all}</span></summary><div class=\"scroll\"><table class=\"stack\"><tbody>"
        )?;
        for u in c.without_price.iter().take(200) {
            let what = text(&labels::kind(&u.kind));
            write!(out, "<tr><td>{what}</td><td class=\"n\">{}</td><td><small>{}</small></td></tr>", u.count, text(&u.note))?;
        }
        write!(out, "</tbody></table></div></details>")?;
    }
    Ok(())
}

fn shares(out: &mut String, title: &str, shares: &[Share]) -> std::fmt::Result {
    let most = shares.iter().map(|s| s.usd).fold(0.0, f64::max);
    write!(out, "<div><h3>{title}</h3><table><tbody>")?;
    for s in shares {
        let width = if most > 0.0 { (s.usd / most * 1000.0).round() / 10.0 } else { 0.0 };
        let amount = if s.priced > 0 { usd(s.usd) } else { "not known".into() };
        let more = if s.unpriced > 0 && s.priced > 0 { format!(" <small>+ {} unknown</small>", s.unpriced) } else { String::new() };
        write!(
            out,
            "<tr><td>{}{more}</td><td><svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"{width}\" height=\"8\" rx=\"1\"/></svg></td><td class=\"n\">{amount}</td></tr>",
            text(&s.name)
        )?;
    }
    write!(out, "</tbody></table></div>")
}

fn inventory(out: &mut String, model: &Model) -> std::fmt::Result {
    let lazy = model.rows.len() > STATIC_ROWS;
    write!(out, "<p class=\"lead\">{}", count(model.resources(), "resource", "resources"))?;
    match model.rows.len() - model.resources() {
        0 => out.push('.'),
        facts => write!(out, ", and {} of the account.", count(facts, "fact", "facts"))?,
    }
    if lazy {
        write!(out, " <noscript>The list is too long for a page without scripts; it stands in estate.yaml.</noscript>")?;
    }
    write!(out, "</p>")?;
    let places = Places::new(model);
    for (e, environment) in model.inventory.iter().enumerate() {
        write!(
            out,
            "<details class=\"env\"{}><summary>{}<span>{}</span><span class=\"n\">{}</span></summary><div class=\"types\">",
            if e == 0 && !lazy { " open" } else { "" },
            text(&environment.name),
            count(environment.count, "resource", "resources"),
            if environment.usd > 0.0 { usd(environment.usd) } else { String::new() }
        )?;
        for t in &environment.types {
            let place = if lazy {
                format!(" data-env=\"{}\" data-kind=\"{}\"", places.env(&environment.name), places.kind(&t.kind))
            } else {
                String::new()
            };
            write!(
                out,
                "<details class=\"type\"{place}><summary><b>{}<code>{}</code></b><span class=\"n\">{}</span><span class=\"n\">{}</span></summary><div class=\"scroll\">",
                text(&t.label),
                text(&t.kind),
                labels::thousands(t.rows.len()),
                if t.usd > 0.0 { usd(t.usd) } else { String::new() }
            )?;
            if !lazy {
                write!(
                    out,
                    "<table><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Id</th><th scope=\"col\">Region</th><th scope=\"col\">State</th><th scope=\"col\">Open ports</th><th scope=\"col\" class=\"n\">Findings</th><th scope=\"col\" class=\"n\">A month</th></tr></thead><tbody>"
                )?;
                for row in &t.rows {
                    row_html(out, &model.rows[*row])?;
                }
                write!(out, "</tbody></table>")?;
            }
            write!(out, "</div></details>")?;
        }
        writeln!(out, "</div></details>")?;
    }
    Ok(())
}

fn row_html(out: &mut String, r: &Row) -> std::fmt::Result {
    let owner = r.ownership.as_ref().map(|o| format!("<br><small>{}</small>", text(o))).unwrap_or_default();
    let found = match r.worst {
        Some(worst) => format!("<a class=\"text-{}\" href=\"#findings\" data-find=\"{}\">{}</a>", severity(worst), text(&r.id), r.findings),
        None => String::new(),
    };
    let cost = match r.usd {
        None => "not known".to_owned(),
        Some(0.0) => String::new(),
        Some(cost) => format!("{}{}", if r.complete { "" } else { "≥ " }, usd(cost)),
    };
    write!(
        out,
        "<tr><td>{}{owner}</td><td><code>{}</code></td><td>{}</td><td>{}</td><td class=\"text-critical\">{}</td><td class=\"n\">{found}</td><td class=\"n\" title=\"{}\">{cost}</td></tr>",
        text(&r.name),
        text(&r.id),
        text(&r.region),
        text(r.state.as_deref().unwrap_or_default()),
        text(&r.open_ports.join(", ")),
        text(&r.cost_note)
    )
}

fn network(out: &mut String, model: &Model) -> std::fmt::Result {
    let Some((svg, left_out)) = picture::svg(&model.network) else { return Ok(()) };
    write!(
        out,
        "<p class=\"lead\">What stands where, and what the internet reaches.</p><figure class=\"picture\">{svg}</figure>\
         <p class=\"legend\"><span>reached straight from the internet, with its ports</span><span class=\"front\">through a front door</span></p>"
    )?;
    if !left_out.is_empty() {
        write!(out, "<p class=\"quiet\">Not drawn: {}.</p>", text(&labels::list(&left_out)))?;
    }
    let unknown = &model.network.unknown;
    if !unknown.is_empty() {
        write!(out, "<h3>More may be reachable</h3><ul>")?;
        for cause in unknown.iter().take(LISTED) {
            write!(out, "<li class=\"quiet\">{}</li>", text(cause))?;
        }
        rest(out, unknown.len())?;
        write!(out, "</ul>")?;
    }
    Ok(())
}

/// What was generated, with links to the files that lie beside the page.
fn written(out: &mut String, model: &Model) -> std::fmt::Result {
    let Some(g) = &model.generation else { return Ok(()) };
    write!(
        out,
        "<p class=\"lead\">Beside this page lie the code that brings the account under control, the steps for the work, and the papers.</p><dl class=\"files\">\
         <div><dt><a href=\"terraform/README.md\">Terraform</a></dt><dd>{} to import, {} in {}, {:.0} % of the references are expressions.{}</dd></div>\
         <div><dt><a href=\"terraform/LEFT_OUT.md\">Left out</a></dt><dd>{}, each with its reason and what to do.</dd></div>",
        count(g.imports, "resource", "resources"),
        count(g.lines, "line", "lines"),
        count(g.files, "file", "files"),
        g.reference_share * 100.0,
        g.plan.as_ref().map(|p| format!(" The plan says: {}.", text(p))).unwrap_or_default(),
        count(g.left_out, "resource", "resources")
    )?;
    if !g.runbooks.is_empty() {
        write!(out, "<div><dt>Runbooks</dt><dd>")?;
        for (at, id) in g.runbooks.iter().enumerate() {
            let (id, comma) = (text(id), if at > 0 { ", " } else { "" });
            write!(out, "{comma}<a href=\"runbooks/{id}.md\">{id}</a>")?;
        }
        write!(out, "</dd></div>")?;
    }
    writeln!(
        out,
        "<div><dt><a href=\"handover.md\">Hand-over</a></dt><dd>What was delivered, who has access, what is open, with lines to sign.</dd></div>\
         <div><dt><a href=\"estate.yaml\">Spec</a></dt><dd>Everything there is, named and related.</dd></div>\
         <div><dt><a href=\"findings.json\">Findings</a></dt><dd>The same findings for other programs.</dd></div></dl>"
    )
}

fn coverage(out: &mut String, model: &Model) -> std::fmt::Result {
    let mut by: BTreeMap<&str, usize> = BTreeMap::new();
    for c in &model.coverage {
        *by.entry(outcome(c.outcome)).or_default() += 1;
    }
    let modelled = &model.modelled;
    write!(out, "<ul class=\"reasons\">")?;
    for sentence in &modelled.sentences {
        write!(out, "<li>{}</li>", text(sentence))?;
    }
    write!(out, "</ul>")?;
    if !modelled.lines.is_empty() {
        write!(
            out,
            "<h3>Seen, not modelled</h3><div class=\"scroll\"><table class=\"stack\"><thead><tr><th scope=\"col\">Service</th><th scope=\"col\">Region</th><th scope=\"col\">Type</th><th scope=\"col\">What was seen</th><th scope=\"col\">Why it is no resource</th></tr></thead><tbody>"
        )?;
        for line in &modelled.lines {
            let kind = line.kind.as_ref().map(|k| format!("<code>{}</code>", text(k))).unwrap_or_default();
            write!(
                out,
                "<tr><td>{}</td><td class=\"regions\">{}</td><td>{kind}</td><td>{}</td><td>{}</td></tr>",
                text(&line.service),
                text(&line.region),
                text(&line.what()),
                seen::reason(line.why)
            )?;
        }
        write!(
            out,
            "</tbody></table></div><p class=\"quiet\"><code>surveyor generate --also TYPE=ID</code> brings any of them under code.</p>"
        )?;
    }
    write!(out, "<h3>Calls</h3>")?;
    let words: Vec<String> = by.iter().map(|(word, n)| format!("{n} {word}")).collect();
    let requests: usize = model.coverage.iter().map(|c| c.requests).sum();
    write!(
        out,
        "<p class=\"lead\">Every call that was made and what came of it, the worst of all regions: {}. {} in all; none of them can change anything.</p>",
        text(&labels::list(&words)),
        count(requests, "request", "requests")
    )?;
    write!(
        out,
        "<details class=\"plain\"><summary>All calls<span>{}</span></summary><div class=\"scroll\"><table><thead><tr><th scope=\"col\">Call</th><th scope=\"col\">Outcome</th><th scope=\"col\" class=\"n\">Regions</th><th scope=\"col\" class=\"n\">Read</th><th scope=\"col\" class=\"n\">Requests</th></tr></thead><tbody>",
        model.coverage.len()
    )?;
    for c in &model.coverage {
        let class = if c.outcome.is_complete() { "" } else { " class=\"text-high\"" };
        write!(
            out,
            "<tr><td><code>{}</code></td><td{class}>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            text(&c.call),
            outcome(c.outcome),
            c.regions,
            labels::thousands(c.count),
            labels::thousands(c.requests)
        )?;
    }
    writeln!(out, "</tbody></table></div></details>")?;
    for s in &model.states {
        writeln!(out, "<p>Terraform state <code>{}</code>: {}.</p>", text(&s.name), text(&s.sentence()))?;
    }
    Ok(())
}

fn controls(out: &mut String, model: &Model) -> std::fmt::Result {
    write!(
        out,
        "<p class=\"lead\">What the audit says about the controls of frameworks. A control passes here only in what the rules look at.</p>"
    )?;
    for f in &model.frameworks {
        let counts: Vec<String> = f.counts().into_iter().map(|(s, n)| format!("{} {n}", status(s))).collect();
        write!(
            out,
            "<details class=\"plain\"><summary>{}<span>{}</span></summary><div class=\"scroll\"><table><thead><tr><th scope=\"col\">Control</th><th scope=\"col\">Status</th><th scope=\"col\" class=\"n\">Findings</th><th scope=\"col\">Rules</th></tr></thead><tbody>",
            text(&f.title),
            counts.join(" · ")
        )?;
        for c in f.controls.iter().filter(|c| c.status != Status::NotCovered) {
            let class = match c.status {
                Status::Fail => "text-critical",
                Status::Unknown => "text-medium",
                Status::Pass => "good",
                Status::NotApplicable | Status::NotCovered => "quiet",
            };
            let findings = if c.findings.is_empty() { String::new() } else { labels::thousands(c.findings.len()) };
            write!(
                out,
                "<tr><td>{} {}</td><td class=\"{class}\">{}</td><td class=\"n\">{findings}</td><td><code>{}</code></td></tr>",
                text(&c.control),
                text(&c.title),
                status(c.status),
                text(&c.rules.join(" "))
            )?;
        }
        write!(out, "</tbody></table></div></details>")?;
    }
    Ok(())
}

/// Numbers for what repeats, so that the data stay small.
struct Places<'a> {
    kinds: Vec<&'a str>,
    regions: Vec<&'a str>,
    envs: Vec<&'a str>,
}

impl<'a> Places<'a> {
    fn new(model: &'a Model) -> Self {
        let subjects = || model.findings.findings.iter().map(|f| &f.resource);
        let sorted = |values: &mut dyn Iterator<Item = &'a str>| values.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
        Places {
            kinds: sorted(&mut model.rows.iter().map(|r| r.kind.as_str()).chain(subjects().map(|s| s.kind.as_str()))),
            regions: sorted(&mut model.rows.iter().map(|r| r.region.as_str()).chain(subjects().map(|s| s.region.as_str()))),
            envs: sorted(&mut model.rows.iter().map(|r| r.environment.as_str()).chain(model.findings.findings.iter().map(environment))),
        }
    }

    fn at(list: &[&str], value: &str) -> usize {
        // Every value asked for was put in above.
        list.binary_search(&value).unwrap_or(0)
    }

    fn kind(&self, kind: &str) -> usize {
        Self::at(&self.kinds, kind)
    }

    fn region(&self, region: &str) -> usize {
        Self::at(&self.regions, region)
    }

    fn env(&self, environment: &str) -> usize {
        Self::at(&self.envs, environment)
    }
}

/// What the script needs: rows as arrays, their fields as `report.js` names them.
fn data(model: &Model) -> Value {
    let places = Places::new(model);
    let mut resources: Vec<Value> = model
        .rows
        .iter()
        .map(|r| {
            let ports = r.open_ports.join(", ");
            json!([
                places.kind(&r.kind),
                r.name,
                r.id,
                places.region(&r.region),
                places.env(&r.environment),
                r.usd,
                u8::from(r.complete),
                r.state,
                ports,
                r.findings
            ])
        })
        .collect();
    let mut at: HashMap<(&str, &str, &str), usize> = HashMap::new();
    for (i, r) in model.rows.iter().enumerate() {
        at.entry((&r.kind, &r.region, &r.id)).or_insert(i);
    }
    let mut groups = Vec::new();
    let mut finds = Vec::new();
    for (status, _, list) in parts(model) {
        for g in list {
            for f in model.of_group(g) {
                let s = &f.resource;
                let resource = *at.entry((&s.kind, &s.region, &s.id)).or_insert_with(|| {
                    resources.push(json!([places.kind(&s.kind), s.name, s.id, places.region(&s.region)]));
                    resources.len() - 1
                });
                finds.push(json!([
                    groups.len(),
                    resource,
                    f.message,
                    if f.evidence.is_empty() { Value::from(0) } else { json!(f.evidence) },
                    f.monthly_note.as_ref().map_or(Value::from(0), |n| json!(n)),
                    if f.because.is_empty() { Value::from(0) } else { json!(f.because) },
                    places.env(environment(f)),
                ]));
            }
            groups.push(json!({"rule": g.rule, "title": g.title, "severity": severity(g.severity), "category": category(g.category), "status": status}));
        }
    }
    let kinds: Vec<Value> = places.kinds.iter().map(|k| json!([k, labels::kind(k), service_of(k)])).collect();
    json!({"groups": groups, "finds": finds, "res": resources, "rows": model.rows.len(), "kinds": kinds, "regions": places.regions, "envs": places.envs})
}
