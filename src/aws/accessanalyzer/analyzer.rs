//! Access analyzers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan, encode};
use crate::aws::value::{items, text};

const RULES: &str = "accessanalyzer:ListArchiveRules";
const FINDINGS: &str = "accessanalyzer:ListFindingsV2";

/// `aws_accessanalyzer_analyzer` and `aws_accessanalyzer_archive_rule`. Of findings one page is counted.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_accessanalyzer_analyzer", "aws_accessanalyzer_archive_rule"],
    calls: &[
        list("accessanalyzer:ListAnalyzers").iam(&["access-analyzer:ListAnalyzers"]),
        list(RULES).yields(&["aws_accessanalyzer_archive_rule"]).iam(&["access-analyzer:ListArchiveRules"]),
        detail(FINDINGS).iam(&["access-analyzer:ListFindings"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    for a in scan.rest_list("accessanalyzer:ListAnalyzers", "/analyzer?maxResults=100", "analyzers", "nextToken", "nextToken").await {
        let Some(name) = text(&a, "name") else { continue };
        let mut r = scan.resource("aws_accessanalyzer_analyzer", name);
        r.arn = text(&a, "arn").map(str::to_owned);
        if let Some(tags) = a.get("tags").and_then(Value::as_object) {
            let tags: BTreeMap<String, String> = tags.iter().map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())).collect();
            crate::aws::tags::set(&mut r, tags);
        }
        r.name = Some(name.into());
        let unused = a.pointer("/configuration/unusedAccess");
        let configuration = unused.map(|u| {
            let exclusions: Vec<Value> = u
                .get("analysisRule")
                .map(|rule| items(rule, "exclusions"))
                .unwrap_or_default()
                .iter()
                .map(|e| json!({ "account_ids": e["accountIds"], "resource_tags": e["resourceTags"] }))
                .collect();
            let rule = if exclusions.is_empty() { json!([]) } else { json!([{ "exclusion": exclusions }]) };
            json!([{ "unused_access": [{ "unused_access_age": u["unusedAccessAge"], "analysis_rule": rule }] }])
        });
        r.set("analyzer_name", name).set("type", text(&a, "type")).set("configuration", configuration.unwrap_or_else(|| json!([])));
        r.fact("status", text(&a, "status"));
        let body = json!({ "analyzerArn": text(&a, "arn"), "filter": { "status": { "eq": ["ACTIVE"] } }, "maxResults": 100 });
        let request = scan.session.rest(scan.endpoint_region(), FINDINGS, "POST", "/findingv2", Some(body));
        if let Detail::Got(page) = scan.detail(&mut r, FINDINGS, &["facts.active_findings"], request).await {
            r.fact("active_findings", items(&page, "findings").len());
        }
        scan.emit(r);
        let path = format!("/analyzer/{}/archive-rule?maxResults=100", encode(name));
        for rule in scan.rest_list(RULES, &path, "archiveRules", "nextToken", "nextToken").await {
            let Some(rule_name) = text(&rule, "ruleName") else { continue };
            let mut part = scan.resource("aws_accessanalyzer_archive_rule", &format!("{name}/{rule_name}"));
            part.name = Some(rule_name.into());
            let filters: Vec<Value> = rule
                .get("filter")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(criteria, f)| {
                    let exists = f.get("exists").and_then(Value::as_bool).map(|e| e.to_string());
                    json!({ "criteria": criteria, "eq": f["eq"], "neq": f["neq"], "contains": f["contains"], "exists": exists })
                })
                .collect();
            part.set("analyzer_name", name).set("rule_name", rule_name).set("filter", filters);
            scan.emit(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    const ANALYZERS: &str = r#"{"analyzers":[{"arn":"arn:aws:access-analyzer:eu-west-3:123456789012:analyzer/a","name":"a","type":"ACCOUNT","status":"ACTIVE","tags":{"team":"sec"}}]}"#;

    #[test]
    fn an_analyzer_of_the_account_its_findings_and_what_it_files_away() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("accessanalyzer:ListAnalyzers", 200, ANALYZERS),
                (FINDINGS, 200, r#"{"findings":[{"id":"f1"},{"id":"f2"}]}"#),
                (
                    RULES,
                    200,
                    r#"{"archiveRules":[{"ruleName":"partner","filter":{"principal.AWS":{"eq":["999999999999"]},"isPublic":{"exists":false}}}]}"#,
                ),
            ],
        );
        assert_complete(&all);
        assert_eq!((all[0].config["type"].as_str(), all[0].tags["team"].as_str()), (Some("ACCOUNT"), "sec"));
        assert_eq!(all[0].facts["active_findings"], 2);
        assert_eq!((all[1].id.as_str(), &all[1].config["filter"][0]["exists"]), ("a/partner", &json!("false")));
    }

    #[test]
    fn refusals() {
        let denied = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let (all, ledger) =
            collect(&COLLECTOR, &[("accessanalyzer:ListAnalyzers", 200, ANALYZERS), (FINDINGS, 403, denied), (RULES, 403, denied)]);
        assert!(all[0].unread.contains_key("facts.active_findings"));
        assert_eq!(ledger.iter().filter(|e| e.outcome == Outcome::Denied).count(), 2);
    }
}
