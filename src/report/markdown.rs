//! `report.md`: the report for people who read in a repository or a wiki.

use std::fmt::Write;

use super::escape::{markdown as text, markdown_code as code};
use super::framework::status;
use super::labels::{self, count, usd};
use super::model::{Group, Model, SEVERITIES, category, outcome, severity};
use super::seen;
use crate::rules::Finding;
use crate::rules::framework::Status;

/// Resources named under one rule; the rest is counted.
const PER_RULE: usize = 20;

/// Writes the report.
pub fn render(model: &Model) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = head(&mut out, model);
    let _ = not_seen(&mut out, model);
    let _ = findings(&mut out, model);
    let _ = costs(&mut out, model);
    let _ = inventory(&mut out, model);
    let _ = written(&mut out, model);
    let _ = frameworks(&mut out, model);
    let _ = coverage(&mut out, model);
    out
}

fn head(out: &mut String, model: &Model) -> std::fmt::Result {
    writeln!(out, "# Survey of AWS account {}\n", text(&model.account_name()))?;
    writeln!(out, "**{}**\n", text(&model.judgement.headline))?;
    for sentence in &model.judgement.sentences {
        writeln!(out, "- {}", text(sentence))?;
    }
    let m = &model.meta;
    writeln!(
        out,
        "\nTaken {} in {} by {} with {}.",
        text(&labels::time(&m.taken_at)),
        text(&labels::list(&m.regions)),
        code(&m.caller),
        text(&m.tool)
    )
}

fn not_seen(out: &mut String, model: &Model) -> std::fmt::Result {
    let n = &model.not_seen;
    writeln!(out, "\n## What was not seen\n")?;
    if n.is_empty() {
        writeln!(out, "Everything that was asked for could be read.")?;
    }
    if n.interrupted {
        writeln!(out, "The scan was stopped before its end.\n")?;
    }
    if !n.gaps.is_empty() {
        writeln!(out, "| call | outcome | regions | may be missing |\n|---|---|---|---|")?;
        for gap in &n.gaps {
            let missing = gap.missing();
            let result = match &gap.code {
                Some(code) => format!("{} ({code})", outcome(gap.outcome)),
                None => outcome(gap.outcome).to_owned(),
            };
            writeln!(out, "| {} | {} | {} | {} |", code(&gap.call), text(&result), text(&gap.regions.join(", ")), text(&missing))?;
        }
    }
    if !n.on_purpose.is_empty() {
        writeln!(out, "\nAsked only where it may matter, a request for each thing:\n")?;
        for (call, why) in &n.on_purpose {
            writeln!(out, "- {}: {}", code(call), text(why))?;
        }
    }
    for (cause, resources) in &n.unread {
        writeln!(out, "\nArguments not read of {}: {}.", count(*resources, "resource", "resources"), text(cause))?;
    }
    if !n.missing_permissions.is_empty() {
        let actions: Vec<String> = n.missing_permissions.iter().map(|p| code(p)).collect();
        writeln!(out, "\nPermissions to add: {}.", actions.join(", "))?;
    }
    if !n.unanswered_rules.is_empty() {
        writeln!(out, "\nRules without an answer:\n")?;
        for (rule, causes) in &n.unanswered_rules {
            writeln!(out, "- {}: {}", code(rule), text(&causes.join("; ")))?;
        }
    }
    writeln!(out, "\n{}", text(&n.regions))
}

fn findings(out: &mut String, model: &Model) -> std::fmt::Result {
    writeln!(out, "\n## Findings\n")?;
    writeln!(out, "| {} |\n|{}|", SEVERITIES.map(severity).join(" | "), ["---"; 5].join("|"))?;
    writeln!(out, "| {} |", SEVERITIES.map(|s| labels::thousands(model.failing_of(s))).join(" | "))?;
    for level in SEVERITIES {
        let groups: Vec<&Group> = model.failing.iter().filter(|g| g.severity == level).collect();
        if groups.is_empty() {
            continue;
        }
        let word = severity(level);
        writeln!(out, "\n### {}{}", word[..1].to_uppercase(), &word[1..])?;
        for group in groups {
            failing(out, model, group)?;
        }
    }
    aside(out, model, "No answer", &model.unknown)?;
    aside(out, model, "Accepted", &model.suppressed)
}

fn failing(out: &mut String, model: &Model, group: &Group) -> std::fmt::Result {
    writeln!(out, "\n#### {}\n", text(&group.title))?;
    let money = group.monthly_usd.map(|m| format!(" · {} a month", usd(m))).unwrap_or_default();
    writeln!(
        out,
        "{} · {} · {}{money}\n",
        code(&group.rule),
        category(group.category),
        count(group.findings.len(), "resource", "resources")
    )?;
    if !group.why.is_empty() {
        writeln!(out, "{}\n", text(&group.why))?;
    }
    for f in model.of_group(group).take(PER_RULE) {
        item(out, f)?;
    }
    if group.findings.len() > PER_RULE {
        writeln!(out, "- and {} more, see `findings.json`", labels::thousands(group.findings.len() - PER_RULE))?;
    }
    let fix = &group.fix;
    if !fix.summary.is_empty() {
        let disruption = if fix.disruption.is_empty() { String::new() } else { format!(" (disruption: {})", text(&fix.disruption)) };
        writeln!(out, "\n**Fix**{disruption}: {}", text(&fix.summary))?;
    }
    if !fix.terraform.is_empty() {
        let arguments: Vec<String> = fix.terraform.iter().map(|(k, v)| code(&format!("{k} = {v}"))).collect();
        writeln!(out, "In Terraform: {}", arguments.join(", "))?;
    }
    if let Some(runbook) = &fix.runbook {
        writeln!(out, "Runbook: {}", code(runbook))?;
    }
    Ok(())
}

fn item(out: &mut String, f: &Finding) -> std::fmt::Result {
    let place = match &f.environment {
        Some(environment) => format!("{}, {environment}", f.resource.region),
        None => f.resource.region.clone(),
    };
    // Most messages begin with the name; the others get it.
    let name = if f.message.contains(&f.resource.name) { String::new() } else { format!("{}: ", text(&f.resource.name)) };
    writeln!(out, "- {name}{} ({}, {})", text(&f.message), code(&f.resource.id), text(&place))?;
    if !f.evidence.is_empty() {
        let evidence: Vec<String> = f.evidence.iter().map(|(path, value)| code(&format!("{path} = {value}"))).collect();
        writeln!(out, "  Evidence: {}", evidence.join(", "))?;
    }
    if let Some(note) = &f.monthly_note {
        writeln!(out, "  Cost: {}", text(note))?;
    }
    Ok(())
}

fn aside(out: &mut String, model: &Model, title: &str, groups: &[Group]) -> std::fmt::Result {
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### {title}\n")?;
    for group in groups {
        for f in model.of_group(group).take(PER_RULE) {
            writeln!(out, "- {} for {}: {}", text(&group.title), text(&f.resource.name), text(&f.because.join("; ")))?;
        }
        if group.findings.len() > PER_RULE {
            writeln!(out, "- and {} more of {}", labels::thousands(group.findings.len() - PER_RULE), code(&group.rule))?;
        }
    }
    Ok(())
}

fn costs(out: &mut String, model: &Model) -> std::fmt::Result {
    let c = &model.costs;
    writeln!(out, "\n## Costs and savings\n")?;
    let partial = if c.partial > 0 { format!(", {} of them in part", c.partial) } else { String::new() };
    let dates = c.prices_from.as_ref().map(|(a, b)| if a == b { format!(" Prices of {a}.") } else { format!(" Prices of {a} to {b}.") });
    writeln!(
        out,
        "Known: **{}** a month for {}{partial}. Billed and without a known price: {}. {}{}{}",
        if c.priced > 0 { usd(c.known_usd) } else { "nothing".into() },
        count(c.priced, "resource", "resources"),
        labels::thousands(c.unpriced),
        text(&c.basis),
        dates.unwrap_or_default(),
        text(&labels::regions_without_prices(&c.regions_without_prices))
    )?;
    for (title, shares) in [("Service", &c.by_service), ("Environment", &c.by_environment)] {
        if c.priced == 0 {
            continue;
        }
        writeln!(out, "\n| {title} | a month | priced | without price |\n|---|---:|---:|---:|")?;
        for s in shares {
            writeln!(
                out,
                "| {} | {} | {} | {} |",
                text(&s.name),
                if s.priced > 0 { usd(s.usd) } else { "not known".into() },
                s.priced,
                s.unpriced
            )?;
        }
    }
    if !c.top.is_empty() {
        writeln!(out, "\n| Dearest | type | a month | how |\n|---|---|---:|---|")?;
        for t in &c.top {
            let least = if t.complete { "" } else { "≥ " };
            writeln!(out, "| {} | {} | {least}{} | {} |", text(&t.name), code(&t.kind), usd(t.usd), text(&t.note))?;
        }
    }
    if !c.savings.is_empty() {
        writeln!(
            out,
            "\nWithin reach: **{}** a month, of each resource its largest saving.\n\n| Saving | resource | a month | how |\n|---|---|---:|---|",
            usd(c.savings_usd)
        )?;
        for s in &c.savings {
            writeln!(out, "| {} | {} | {} | {} |", text(&s.title), text(&s.name), usd(s.usd), text(s.note.as_deref().unwrap_or_default()))?;
        }
    }
    if !c.without_price.is_empty() {
        writeln!(out, "\n| Without a price | how many | why |\n|---|---:|---|")?;
        for u in &c.without_price {
            writeln!(out, "| {} | {} | {} |", code(&u.kind), u.count, text(&u.note))?;
        }
    }
    Ok(())
}

fn inventory(out: &mut String, model: &Model) -> std::fmt::Result {
    writeln!(out, "\n## Inventory\n")?;
    for environment in &model.inventory {
        writeln!(
            out,
            "\n### {} ({}, {} a month)\n\n| what | type | how many | a month |\n|---|---|---:|---:|",
            text(&environment.name),
            count(environment.count, "resource", "resources"),
            usd(environment.usd)
        )?;
        for t in &environment.types {
            writeln!(
                out,
                "| {} | {} | {} | {} |",
                text(&t.label),
                code(&t.kind),
                t.rows.len(),
                if t.usd > 0.0 { usd(t.usd) } else { String::new() }
            )?;
        }
    }
    Ok(())
}

fn written(out: &mut String, model: &Model) -> std::fmt::Result {
    let Some(g) = &model.generation else { return Ok(()) };
    writeln!(
        out,
        "\n## Written\n\n- [Terraform](terraform/README.md): {} to import, {} in {}, {:.0} % of the references are expressions",
        count(g.imports, "resource", "resources"),
        count(g.lines, "line", "lines"),
        count(g.files, "file", "files"),
        g.reference_share * 100.0
    )?;
    writeln!(out, "- [Left out](terraform/LEFT_OUT.md): {}, each with its reason", count(g.left_out, "resource", "resources"))?;
    let runbooks: Vec<String> = g.runbooks.iter().map(|id| format!("[{}](runbooks/{id}.md)", text(id))).collect();
    if !runbooks.is_empty() {
        writeln!(out, "- Runbooks: {}", runbooks.join(", "))?;
    }
    writeln!(out, "- [Hand-over](handover.md), [spec](estate.yaml), [findings](findings.json)")
}

fn frameworks(out: &mut String, model: &Model) -> std::fmt::Result {
    if model.frameworks.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Controls")?;
    for framework in &model.frameworks {
        let counts: Vec<String> = framework.counts().into_iter().map(|(s, n)| format!("{} {n}", status(s))).collect();
        writeln!(out, "\n### {}\n\n{}.\n", text(&framework.title), labels::list(&counts))?;
        writeln!(out, "| control | status | findings | rules |\n|---|---|---:|---|")?;
        for c in framework.controls.iter().filter(|c| c.status != Status::NotCovered) {
            let rules: Vec<String> = c.rules.iter().map(|r| code(r)).collect();
            let name = text(format!("{} {}", c.control, c.title).trim());
            writeln!(out, "| {name} | {} | {} | {} |", status(c.status), c.findings.len(), rules.join(" "))?;
        }
    }
    Ok(())
}

fn coverage(out: &mut String, model: &Model) -> std::fmt::Result {
    writeln!(out, "\n## Coverage\n")?;
    for sentence in &model.modelled.sentences {
        writeln!(out, "- {}", text(sentence))?;
    }
    if !model.modelled.lines.is_empty() {
        writeln!(
            out,
            "\n### Seen, not modelled\n\n| service | region | type | what was seen | why it is no resource |\n|---|---|---|---|---|"
        )?;
        for line in &model.modelled.lines {
            let kind = line.kind.as_deref().map_or_else(String::new, code);
            let (service, region, what, why) = (text(&line.service), text(&line.region), text(&line.what()), seen::reason(line.why));
            writeln!(out, "| {service} | {region} | {kind} | {what} | {why} |")?;
        }
        writeln!(out, "\n`surveyor generate --also TYPE=ID` brings any of them under code.")?;
    }
    writeln!(out, "\n### Calls\n\n| call | outcome | regions | read | requests |\n|---|---|---:|---:|---:|")?;
    for c in &model.coverage {
        let (call, result) = (code(&c.call), outcome(c.outcome));
        writeln!(out, "| {call} | {result} | {} | {} | {} |", c.regions, labels::thousands(c.count), labels::thousands(c.requests))?;
    }
    for s in &model.states {
        writeln!(out, "\nTerraform state {}: {}.", code(&s.name), s.sentence())?;
    }
    writeln!(out, "\nThe whole ledger stands in the snapshot and in `findings.json`.")
}
