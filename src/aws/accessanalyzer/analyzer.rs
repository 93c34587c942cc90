//! Access analyzers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{items, text};

/// `aws_accessanalyzer_analyzer`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_accessanalyzer_analyzer"],
    calls: &[list("accessanalyzer:ListAnalyzers").iam(&["access-analyzer:ListAnalyzers"])],
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
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    #[test]
    fn an_analyzer_of_the_account() {
        let (all, _) = collect(
            &COLLECTOR,
            &[(
                "accessanalyzer:ListAnalyzers",
                200,
                r#"{"analyzers":[{"arn":"arn:aws:access-analyzer:eu-west-3:123456789012:analyzer/a","name":"a","type":"ACCOUNT","status":"ACTIVE","tags":{"team":"sec"}}]}"#,
            )],
        );
        assert_eq!((all[0].config["type"].as_str(), all[0].tags["team"].as_str()), (Some("ACCOUNT"), "sec"));
    }
}
