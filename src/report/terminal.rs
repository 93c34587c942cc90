//! The summary on the screen.

use super::escape::terminal as text;
use super::labels::{self, count, usd};
use super::model::{Model, SEVERITIES, outcome, severity};
use crate::rules::Severity;

/// Failing rules that are listed; the rest is counted.
const RULES: usize = 12;
/// Gaps that are listed; the rest is counted.
const GAPS: usize = 6;

/// Lines of what was seen and is not modelled; the rest is counted.
const SEEN: usize = 6;

/// How to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// ANSI colours; meaning never hangs on them alone.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
}

impl Default for Style {
    /// No colours, 100 columns: for files and pipes.
    fn default() -> Self {
        Style { colour: false, width: 100 }
    }
}

impl Style {
    fn paint(self, code: &str, words: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{words}\u{1b}[0m") } else { words.to_owned() }
    }

    pub(super) fn bold(self, words: &str) -> String {
        self.paint("1", words)
    }

    fn faint(self, words: &str) -> String {
        self.paint("2", words)
    }

    fn severity(self, of: Severity, words: &str) -> String {
        let code = match of {
            Severity::Critical => "1;31",
            Severity::High => "31",
            Severity::Medium => "33",
            Severity::Low => "36",
            Severity::Info => "2",
        };
        self.paint(code, words)
    }
}

/// Writes the summary. No line is wider than the terminal, but for single words that are.
pub fn render(model: &Model, style: Style) -> String {
    let width = style.width.clamp(40, 140);
    let mut out: Vec<String> = Vec::new();
    let m = &model.meta;
    out.push(style.faint(&cut(
        &format!(
            "account {} · {} · {} · {}",
            text(&model.account_name()),
            text(&m.regions.join(" ")),
            labels::time(&m.taken_at),
            text(&m.tool)
        ),
        width,
    )));
    out.push(String::new());
    out.extend(wrap(&text(&model.judgement.headline), width, "").into_iter().map(|line| style.bold(&line)));
    for sentence in &model.judgement.sentences {
        out.extend(wrap(&text(sentence), width, "  "));
    }
    not_seen(&mut out, model, style, width);
    failing(&mut out, model, style, width);
    costs(&mut out, model, style, width);
    inventory(&mut out, model, style, width);
    modelled(&mut out, model, style, width);
    out.push(String::new());
    out.join("\n")
}

fn title(out: &mut Vec<String>, style: Style, words: &str) {
    out.push(String::new());
    out.push(style.bold(words));
}

fn not_seen(out: &mut Vec<String>, model: &Model, style: Style, width: usize) {
    let n = &model.not_seen;
    if n.is_empty() {
        return;
    }
    title(out, style, "Not seen");
    for gap in n.gaps.iter().take(GAPS) {
        let code = gap.code.as_ref().map(|c| format!(" ({c})")).unwrap_or_default();
        out.push(cut(
            &format!("  {} {} in {}{}", text(&gap.call), outcome(gap.outcome), text(&gap.regions.join(", ")), text(&code)),
            width,
        ));
    }
    if n.gaps.len() > GAPS {
        out.push(format!("  and {} more", n.gaps.len() - GAPS));
    }
    if !n.missing_permissions.is_empty() {
        out.extend(wrap(&format!("permissions to add: {}", text(&n.missing_permissions.join(", "))), width, "  "));
    }
    if n.unknown_findings > 0 {
        out.push(cut(&format!("  {}", count(n.unknown_findings, "question without an answer", "questions without an answer")), width));
    }
}

fn failing(out: &mut Vec<String>, model: &Model, style: Style, width: usize) {
    if model.failing.is_empty() {
        return;
    }
    title(out, style, "Findings");
    // Wrapped before it is coloured: colours have no width.
    let counts = SEVERITIES.into_iter().filter(|s| model.failing_of(*s) > 0);
    let counts: Vec<String> = counts.map(|s| format!("{}\u{a0}{}", labels::thousands(model.failing_of(s)), severity(s))).collect();
    for line in wrap(&counts.join(" "), width, "  ") {
        let words = line.trim().split(' ').map(|word| {
            let of = SEVERITIES.into_iter().find(|s| word.ends_with(severity(*s))).unwrap_or(Severity::Info);
            style.severity(of, &word.replace('\u{a0}', " "))
        });
        out.push(format!("  {}", words.collect::<Vec<_>>().join(" ")));
    }
    for group in model.failing.iter().take(RULES) {
        let (names, more) = model.names_of(group, 3);
        let names: Vec<String> = names.iter().map(|n| text(n)).collect();
        let more = if more > 0 { format!(" and {} more", labels::thousands(more)) } else { String::new() };
        let mark = format!("{:<9}", severity(group.severity));
        let line = cut(&format!("{}: {}{more}", text(&group.title), names.join(", ")), width - 11);
        out.push(format!("  {}{line}", style.severity(group.severity, &mark)));
    }
    if model.failing.len() > RULES {
        let rest: usize = model.failing.iter().skip(RULES).map(|g| g.findings.len()).sum();
        let rules = count(model.failing.len() - RULES, "more rule", "more rules");
        out.push(style.faint(&cut(&format!("  and {} of {rules}", count(rest, "finding", "findings")), width)));
    }
}

fn costs(out: &mut Vec<String>, model: &Model, style: Style, width: usize) {
    let c = &model.costs;
    if c.priced == 0 {
        return;
    }
    title(out, style, "Costs");
    let services: Vec<String> = c.by_service.iter().filter(|s| s.usd > 0.0).take(5).map(|s| format!("{} {}", s.name, usd(s.usd))).collect();
    out.push(cut(&format!("  {} a month known: {}", usd(c.known_usd), services.join(", ")), width));
    if c.savings_usd > 0.0 {
        out.push(format!("  {} a month could be saved", usd(c.savings_usd)));
    }
    if c.unpriced > 0 {
        out.push(
            style.faint(&cut(&format!("  {} without a known price", count(c.unpriced, "billed resource", "billed resources")), width)),
        );
    }
}

fn inventory(out: &mut Vec<String>, model: &Model, style: Style, width: usize) {
    if model.inventory.is_empty() {
        return;
    }
    title(out, style, "Inventory");
    for environment in &model.inventory {
        let mut types: Vec<(usize, &str)> = environment.types.iter().map(|t| (t.rows.len(), t.label.as_str())).collect();
        types.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        let types: Vec<String> = types.iter().map(|(n, label)| format!("{label} {n}")).collect();
        out.push(cut(&format!("  {}: {} ({})", text(&environment.name), labels::thousands(environment.count), types.join(", ")), width));
    }
}

fn modelled(out: &mut Vec<String>, model: &Model, style: Style, width: usize) {
    title(out, style, "Coverage");
    for sentence in &model.modelled.sentences {
        out.extend(wrap(&text(sentence), width, "  "));
    }
    for line in model.modelled.lines.iter().take(SEEN) {
        let kind = line.kind.as_deref().map(|k| format!(" ({})", text(k))).unwrap_or_default();
        out.push(cut(&format!("  {}{kind} in {}: {}", text(&line.service), text(&line.region), text(&line.what())), width));
    }
    if model.modelled.lines.len() > SEEN {
        out.push(format!("  and {} more, see the report", model.modelled.lines.len() - SEEN));
    }
}

/// Columns of a text, counting each character as one.
fn columns(words: &str) -> usize {
    words.chars().count()
}

/// Cuts a line that is too wide and shows that it did.
fn cut(line: &str, width: usize) -> String {
    if columns(line) <= width {
        return line.to_owned();
    }
    line.chars().take(width.saturating_sub(1)).chain(std::iter::once('…')).collect()
}

/// Breaks between words.
pub(super) fn wrap(words: &str, width: usize, indent: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words.split(' ') {
        if !line.is_empty() && columns(indent) + columns(&line) + 1 + columns(word) > width {
            lines.push(format!("{indent}{line}"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(format!("{indent}{line}"));
    lines
}
