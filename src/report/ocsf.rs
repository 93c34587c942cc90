//! OCSF 1.4.0 compliance findings (class 2003), for security lakes and SIEMs. Numbers as in <https://schema.ocsf.io/1.4.0/classes/compliance_finding>.

use serde_json::{Value, json};

use super::model::{Model, category, severity};
use crate::rules::{Finding, Severity, Verdict};

/// One event for each finding that fails, has no answer, or is accepted, as a JSON array.
pub fn render(model: &Model) -> String {
    let findings = model.findings.findings.iter().filter(|f| matches!(f.verdict, Verdict::Fail | Verdict::Unknown | Verdict::Suppressed));
    super::pretty(&findings.map(|f| event(model, f)).collect::<Vec<_>>())
}

fn severity_id(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
        Severity::Critical => 5,
    }
}

/// Milliseconds since 1970; the class demands a number.
fn millis(rfc3339: &str) -> i64 {
    rfc3339.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_millisecond)
}

fn event(model: &Model, f: &Finding) -> Value {
    let (compliance, compliance_id) = match f.verdict {
        Verdict::Pass => ("Pass", 1),
        Verdict::Fail | Verdict::Suppressed => ("Fail", 3),
        Verdict::Unknown | Verdict::NotApplicable => ("Unknown", 0),
    };
    let (status, status_id) = if f.verdict == Verdict::Suppressed { ("Suppressed", 3) } else { ("New", 1) };
    let level = severity(f.severity);
    let title = match level {
        "info" => "Informational".to_owned(),
        word => word[..1].to_uppercase() + &word[1..],
    };
    let requirements: Vec<String> =
        f.controls.iter().flat_map(|(framework, numbers)| numbers.iter().map(move |n| format!("{framework}/{n}"))).collect();
    json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200_301,
        "type_name": "Compliance Finding: Create",
        "time": millis(&model.findings.taken_at),
        "severity_id": severity_id(f.severity),
        "severity": title,
        "status_id": status_id,
        "status": status,
        "status_detail": f.because.join("; "),
        "message": f.message,
        "metadata": {
            "version": "1.4.0",
            "profiles": ["cloud"],
            "event_code": f.rule,
            "product": {"name": "surveyor", "vendor_name": "surveyor", "version": model.findings.tool.rsplit(' ').next().unwrap_or_default()},
        },
        "finding_info": {
            "uid": f.id,
            "title": f.title,
            "desc": f.why,
            "types": [category(f.category)],
            "created_time": millis(&f.first_seen),
            "first_seen_time": millis(&f.first_seen),
            "last_seen_time": millis(&model.findings.taken_at),
        },
        "compliance": {
            "control": f.rule,
            "standards": f.controls.keys().collect::<Vec<_>>(),
            "requirements": requirements,
            "status": compliance,
            "status_id": compliance_id,
        },
        "remediation": {"desc": f.fix.summary},
        "resources": [{
            "uid": f.resource.arn.as_deref().unwrap_or(&f.resource.id),
            "name": f.resource.name,
            "type": f.resource.kind,
            "region": f.resource.region,
            "cloud_partition": model.meta.partition,
            "data": {"evidence": f.evidence},
        }],
        "cloud": {"provider": "AWS", "region": f.resource.region, "account": {"uid": f.resource.account, "type": "AWS Account", "type_id": 10}},
        "unmapped": {"environment": f.environment, "monthly_usd": f.monthly_usd},
    })
}
