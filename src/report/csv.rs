//! One row a finding, for spreadsheets.

use super::escape;
use super::model::{Model, category, severity, verdict};
use crate::rules::Verdict;

const HEADER: [&str; 17] = [
    "id",
    "verdict",
    "severity",
    "category",
    "rule",
    "title",
    "message",
    "type",
    "resource_id",
    "arn",
    "name",
    "region",
    "account",
    "environment",
    "monthly_usd",
    "fix",
    "controls",
];

/// What fails, what has no answer, and what is accepted. Text that a spreadsheet would take for a formula is marked as text.
pub fn render(model: &Model) -> String {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    let mut rows = vec![HEADER.map(str::to_owned).to_vec()];
    for f in model.findings.findings.iter().filter(|f| matches!(f.verdict, Verdict::Fail | Verdict::Unknown | Verdict::Suppressed)) {
        let controls: Vec<String> = f.controls.iter().map(|(framework, numbers)| format!("{framework}: {}", numbers.join(" "))).collect();
        let usd = f.monthly_usd.map(|usd| format!("{usd:.2}")).unwrap_or_default();
        let text = [
            &f.id,
            verdict(f.verdict),
            severity(f.severity),
            category(f.category),
            &f.rule,
            &f.title,
            &f.message,
            &f.resource.kind,
            &f.resource.id,
            f.resource.arn.as_deref().unwrap_or_default(),
            &f.resource.name,
            &f.resource.region,
            &f.resource.account,
            f.environment.as_deref().unwrap_or_default(),
            // A number of ours, which may be negative: it stays a number.
            "",
            &f.fix.summary,
            &controls.join("; "),
        ];
        let mut row: Vec<String> = text.iter().map(|t| escape::csv(t).into_owned()).collect();
        row[14] = usd;
        rows.push(row);
    }
    for row in rows {
        // Writing to memory does not fail, and all rows have the header's length.
        let _ = writer.write_record(&row);
    }
    writer.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}
