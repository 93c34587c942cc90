//! JUnit XML, for build servers: a suite for each rule, a case for each resource.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::escape::xml;
use super::model::{Model, severity};
use crate::rules::{Finding, Verdict};

/// What passes passes, what fails fails, and what has no answer or is accepted is skipped with its reason.
pub fn render(model: &Model) -> String {
    let mut suites: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for f in model.findings.findings.iter().filter(|f| f.verdict != Verdict::NotApplicable) {
        suites.entry(&f.rule).or_default().push(f);
    }
    let of = |cases: &[&Finding], verdicts: &[Verdict]| cases.iter().filter(|f| verdicts.contains(&f.verdict)).count();
    let skipped = [Verdict::Unknown, Verdict::Suppressed];
    let all: Vec<&Finding> = suites.values().flatten().copied().collect();
    // Writing to a String does not fail.
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuites name=\"surveyor {}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">",
        xml(&model.findings.account),
        all.len(),
        of(&all, &[Verdict::Fail]),
        of(&all, &skipped)
    );
    for (rule, cases) in &suites {
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" timestamp=\"{}\">",
            xml(rule),
            cases.len(),
            of(cases, &[Verdict::Fail]),
            of(cases, &skipped),
            xml(model.findings.taken_at.trim_end_matches('Z'))
        );
        for f in cases {
            case(&mut out, f);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(out: &mut String, f: &Finding) {
    let name = xml(&format!("{} {} ({})", f.resource.kind, f.resource.name, f.resource.region));
    let _ = write!(out, "    <testcase classname=\"{}\" name=\"{name}\"", xml(&f.rule));
    let message = xml(&f.message);
    let _ = match f.verdict {
        Verdict::Fail => {
            let evidence: Vec<String> = f.evidence.iter().map(|(path, value)| format!("{path} = {value}")).collect();
            let text = xml(&format!("{}\n{}\nFix: {}", f.title, evidence.join("\n"), f.fix.summary));
            writeln!(out, ">\n      <failure type=\"{}\" message=\"{message}\">{text}</failure>\n    </testcase>", severity(f.severity))
        }
        Verdict::Unknown | Verdict::Suppressed => {
            writeln!(out, ">\n      <skipped message=\"{}\"/>\n    </testcase>", xml(&f.because.join("; ")))
        }
        Verdict::Pass | Verdict::NotApplicable => writeln!(out, "/>"),
    };
}
