//! What somebody accepted: with a reason, an owner and a date. Past its date, or fitting nothing, it is itself a finding.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value as Json;
use serde_saphyr::Spanned;

use crate::error::Error;
use crate::files;

use super::diagnostic::{self, Diagnostic};
use super::evaluate::About;
use super::file::{at_location, yaml_problem};
use super::finding::{Finding, Subject, Verdict};
use super::meta;
use super::world::World;

/// One accepted finding, or several of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Rule id.
    pub rule: String,
    /// Pattern with `*` and `?` on `type/id`, id, ARN or name.
    pub resource: String,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it counts.
    pub expires: Date,
    /// Where it stands.
    pub place: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    rule: Spanned<String>,
    resource: Spanned<String>,
    reason: Spanned<String>,
    owner: Spanned<String>,
    expires: Spanned<String>,
}

/// Reads a file of suppressions.
///
/// # Errors
/// [`Error::input`] with every mistake at its place.
pub fn read(path: &Path) -> Result<Vec<Suppression>, Error> {
    parse(&path.display().to_string(), &files::read_text(path)?)
}

/// As [`read`], from memory.
///
/// # Errors
/// See [`read`].
pub fn parse(file: &str, text: &str) -> Result<Vec<Suppression>, Error> {
    if text.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#')) {
        return Ok(Vec::new());
    }
    let raw: Vec<Text> = serde_saphyr::from_str(text).map_err(|error| {
        let (message, at) = yaml_problem(&error);
        let mistake = match at {
            Some(at) => at_location(file, text, &at, message),
            None => Diagnostic::at(file, text, 0..1, message),
        };
        diagnostic::error("the suppressions", vec![mistake])
    })?;
    let mut mistakes = Vec::new();
    let mut out = Vec::new();
    for entry in raw {
        for (what, field) in [("rule", &entry.rule), ("resource", &entry.resource), ("reason", &entry.reason), ("owner", &entry.owner)] {
            if field.value.trim().is_empty() {
                mistakes.push(at_location(file, text, &field.referenced, format!("{what} is empty")));
            }
        }
        if entry.rule.value.contains('*') {
            let mistake = at_location(file, text, &entry.rule.referenced, "a suppression names one rule, not a pattern of rules");
            mistakes.push(mistake.help("one entry per rule keeps every reason honest"));
        }
        match entry.expires.value.parse::<Date>() {
            Ok(expires) => out.push(Suppression {
                rule: entry.rule.value.clone(),
                resource: entry.resource.value.clone(),
                reason: entry.reason.value.trim().to_string(),
                owner: entry.owner.value.trim().to_string(),
                expires,
                place: format!("{file}:{}", entry.rule.referenced.line()),
            }),
            Err(_) => {
                let mistake = at_location(file, text, &entry.expires.referenced, format!("`{}` is not a date", entry.expires.value));
                mistakes.push(mistake.help("write it as 2026-12-31"));
            }
        }
    }
    if mistakes.is_empty() { Ok(out) } else { Err(diagnostic::error("the suppressions", mistakes)) }
}

impl Suppression {
    fn fits(&self, finding: &Finding) -> bool {
        self.rule == finding.rule && self.fits_resource(&finding.resource)
    }

    fn fits_resource(&self, r: &Subject) -> bool {
        let address = format!("{}/{}", r.kind, r.id);
        [Some(address.as_str()), Some(&r.id), r.arn.as_deref(), Some(&r.name)].into_iter().flatten().any(|text| glob(&self.resource, text))
    }
}

/// `*` and `?`, as in a shell, but `*` also crosses slashes.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for p in pattern {
        let mut next = vec![false; text.len() + 1];
        for i in 0..=text.len() {
            next[i] = match p {
                '*' => row[i] || (i > 0 && next[i - 1]),
                '?' => i > 0 && row[i - 1],
                c => i > 0 && row[i - 1] && text[i - 1] == c,
            };
        }
        row = next;
    }
    row[text.len()]
}

/// Marks what is accepted, and adds findings about suppressions that are past their date or fit nothing.
pub fn apply(suppressions: &[Suppression], findings: &mut Vec<Finding>, world: &World<'_>) {
    let today = world.now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut about_them = Vec::new();
    for suppression in suppressions {
        let fitting: Vec<usize> = (0..findings.len())
            .filter(|i| matches!(findings[*i].verdict, Verdict::Fail | Verdict::Suppressed) && suppression.fits(&findings[*i]))
            .collect();
        let evidence = BTreeMap::from([
            ("rule".to_string(), Json::from(suppression.rule.clone())),
            ("resource".to_string(), Json::from(suppression.resource.clone())),
            ("owner".to_string(), Json::from(suppression.owner.clone())),
            ("expires".to_string(), Json::from(suppression.expires.to_string())),
            ("place".to_string(), Json::from(suppression.place.clone())),
        ]);
        let part = format!("{} {}", suppression.rule, suppression.resource);
        if fitting.is_empty() {
            let message = format!("{}: {} on {} fits no finding", suppression.place, suppression.rule, suppression.resource);
            about_them.push(meta::finding(world, meta::UNUSED, About::Account, &part, message, evidence));
        } else if suppression.expires < today {
            let message = format!(
                "{}: {} on {} was accepted by {} until {}",
                suppression.place, suppression.rule, suppression.resource, suppression.owner, suppression.expires
            );
            about_them.push(meta::finding(world, meta::EXPIRED, About::Account, &part, message, evidence));
        } else {
            for i in fitting {
                findings[i].verdict = Verdict::Suppressed;
                findings[i].because = vec![
                    format!("reason: {}", suppression.reason),
                    format!("owner: {}", suppression.owner),
                    format!("expires: {}", suppression.expires),
                ];
            }
        }
    }
    findings.extend(about_them);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        assert!(glob("*", "anything/at:all") && glob("aws_instance/i-*", "aws_instance/i-0123") && glob("i-?", "i-1") && glob("", ""));
        assert!(!glob("i-?", "i-12") && !glob("aws_*", "x_account") && !glob("", "a"));
    }

    #[test]
    fn every_field_is_wanted_and_patterns_of_rules_are_refused() {
        let good = "- { rule: r, resource: 'i-*', reason: known, owner: ops, expires: 2026-12-31 }";
        assert_eq!(parse("s.yaml", good).unwrap()[0].expires.to_string(), "2026-12-31");
        for (text, wanted) in [
            ("- { rule: r, resource: i, reason: known, owner: ops }", "expires"),
            ("- { rule: '*', resource: i, reason: known, owner: ops, expires: 2026-12-31 }", "one rule"),
            ("- { rule: r, resource: i, reason: ' ', owner: ops, expires: 2026-12-31 }", "reason is empty"),
            ("- { rule: r, resource: i, reason: x, owner: ops, expires: soon }", "not a date"),
            ("- { rule: r, resource: i, reason: x, owner: ops, expires: 2026-12-31, until: x }", "until"),
        ] {
            let error = parse("s.yaml", text).unwrap_err().to_string();
            assert!(error.contains(wanted) && error.contains("s.yaml:1:"), "{error}");
        }
    }
}
