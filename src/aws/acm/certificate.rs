//! Certificates of ACM.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{block, items, json_time, set, text};

/// `aws_acm_certificate`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_acm_certificate"],
    calls: &[list("acm:ListCertificates"), detail("acm:DescribeCertificate").gone(&["ResourceNotFoundException"])],
    scope: Scope::RegionalAndHome,
    collect: |scan| Box::pin(collect(scan)),
};

/// Without this filter ACM lists certificates with RSA keys of 1,024 and 2,048 bits only.
const KEY_TYPES: [&str; 7] = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"];

async fn collect(scan: &Scan<'_>) {
    let input = json!({ "Includes": { "keyTypes": KEY_TYPES }, "MaxItems": 1000 });
    let certificates = scan.json_list("acm:ListCertificates", input, "CertificateSummaryList", "NextToken").await;
    scan.each(certificates, |certificate| one(scan, certificate)).await;
}

async fn one(scan: &Scan<'_>, summary: Value) {
    let Some(arn) = text(&summary, "CertificateArn") else { return };
    let mut r = scan.resource("aws_acm_certificate", arn);
    r.arn = Some(arn.into());
    r.name = text(&summary, "DomainName").map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    r.set("domain_name", text(&summary, "DomainName"));
    let unread = [
        "config.subject_alternative_names",
        "config.validation_method",
        "config.key_algorithm",
        "config.options",
        "facts.status",
        "facts.type",
        "facts.not_after",
        "facts.in_use_by",
        "facts.renewal_eligibility",
        "facts.renewal_status",
        "facts.validation",
    ];
    let certificate = match scan.json_detail(&mut r, "acm:DescribeCertificate", &unread, json!({ "CertificateArn": arn })).await {
        Detail::Got(answer) => answer["Certificate"].clone(),
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {
            scan.emit(r);
            return;
        }
    };
    let validations = items(&certificate, "DomainValidationOptions");
    let logging = certificate["Options"].get("CertificateTransparencyLoggingPreference");
    let mail: Vec<Value> = validations
        .iter()
        .filter(|v| text(v, "ValidationMethod") == Some("EMAIL") && text(v, "ValidationDomain") != text(v, "DomainName"))
        .map(|v| json!({ "domain_name": text(v, "DomainName"), "validation_domain": text(v, "ValidationDomain") }))
        .collect();
    let imported = text(&certificate, "Type") == Some("IMPORTED");
    let method = validations.first().and_then(|v| text(v, "ValidationMethod")).filter(|_| !imported).unwrap_or("NONE");
    r.set("subject_alternative_names", set(items(&certificate, "SubjectAlternativeNames").iter().filter_map(Value::as_str)))
        .set("validation_method", method)
        .set("validation_option", mail)
        // ACM writes RSA-2048 in answers and RSA_2048 in requests.
        .set("key_algorithm", text(&certificate, "KeyAlgorithm").map(|k| k.replace('-', "_")))
        .set("certificate_authority_arn", text(&certificate, "CertificateAuthorityArn"))
        .set("options", block(logging.map(|l| json!({ "certificate_transparency_logging_preference": l }))));
    let renewal = certificate.get("RenewalSummary").and_then(|s| text(s, "RenewalStatus"));
    let validation: Vec<Value> = validations
        .iter()
        .map(|v| {
            let record = v.get("ResourceRecord").unwrap_or(&Value::Null);
            json!({
                "domain_name": text(v, "DomainName"),
                "status": text(v, "ValidationStatus"),
                "record_name": text(record, "Name"),
                "record_type": text(record, "Type"),
                "record_value": text(record, "Value"),
            })
        })
        .collect();
    r.fact("status", text(&certificate, "Status"))
        .fact("type", text(&certificate, "Type"))
        .fact("not_before", json_time(&certificate["NotBefore"]))
        .fact("not_after", json_time(&certificate["NotAfter"]))
        .fact("in_use_by", set(items(&certificate, "InUseBy").iter().filter_map(Value::as_str)))
        .fact("renewal_eligibility", text(&certificate, "RenewalEligibility"))
        .fact("renewal_status", renewal)
        .fact("validation", validation);
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    const ARN: &str = "arn:aws:acm:eu-west-3:123456789012:certificate/12345678-1234-1234-1234-123456789012";
    const LIST: &str = r#"{"CertificateSummaryList":[{"CertificateArn":"arn:aws:acm:eu-west-3:123456789012:certificate/12345678-1234-1234-1234-123456789012","DomainName":"api.exo.example"}]}"#;

    #[test]
    fn an_issued_certificate() {
        let detail = r#"{"Certificate":{"CertificateArn":"x","DomainName":"api.exo.example","SubjectAlternativeNames":["www.exo.example","api.exo.example"],
            "DomainValidationOptions":[{"DomainName":"api.exo.example","ValidationDomain":"api.exo.example","ValidationStatus":"SUCCESS","ValidationMethod":"DNS","ResourceRecord":{"Name":"_a.api.exo.example.","Type":"CNAME","Value":"_b.acm-validations.aws."}}],
            "Status":"ISSUED","Type":"AMAZON_ISSUED","KeyAlgorithm":"RSA-2048","NotBefore":1700000000,"NotAfter":1734000000.0,"InUseBy":["arn:lb"],"RenewalEligibility":"ELIGIBLE","Options":{"CertificateTransparencyLoggingPreference":"ENABLED"}}}"#;
        let (all, _) = collect(&COLLECTOR, &[("acm:ListCertificates", 200, LIST), ("acm:DescribeCertificate", 200, detail)]);
        let r = &all[0];
        assert_eq!(r.id, ARN);
        assert_eq!(r.config["key_algorithm"], "RSA_2048");
        assert_eq!(r.config["validation_method"], "DNS");
        assert_eq!(r.strings("config.subject_alternative_names"), ["api.exo.example", "www.exo.example"]);
        assert_eq!(r.str("config.options.0.certificate_transparency_logging_preference"), Some("ENABLED"));
        assert_eq!(r.facts["not_after"], "2024-12-12T10:40:00Z");
        assert_eq!(r.strings("facts.in_use_by"), ["arn:lb"]);
    }

    #[test]
    fn an_imported_certificate_has_no_validation() {
        let detail = r#"{"Certificate":{"DomainName":"api.exo.example","Type":"IMPORTED","Status":"EXPIRED","KeyAlgorithm":"EC_prime256v1","NotAfter":1734000000}}"#;
        let (all, _) = collect(&COLLECTOR, &[("acm:ListCertificates", 200, LIST), ("acm:DescribeCertificate", 200, detail)]);
        assert_eq!(all[0].config["validation_method"], "NONE");
        assert_eq!(all[0].config["options"], json!([]));
        assert_eq!(all[0].facts["status"], "EXPIRED");
    }

    #[test]
    fn refusals_leave_gaps() {
        let denied = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let (all, _) = collect(&COLLECTOR, &[("acm:ListCertificates", 200, LIST), ("acm:DescribeCertificate", 400, denied)]);
        assert!(all[0].unread["facts.not_after"].starts_with("denied: acm:DescribeCertificate"));
        let (all, ledger) = collect(&COLLECTOR, &[("acm:ListCertificates", 400, denied)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Denied);
    }
}
