//! What holds for all repositories of a region: the registry's policy, scanning, replication, caches of other registries, templates.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{items, json_time, set, text};

/// `aws_ecr_registry_scanning_configuration` and the other settings of a registry.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_ecr_registry_scanning_configuration",
        "aws_ecr_registry_policy",
        "aws_ecr_replication_configuration",
        "aws_ecr_pull_through_cache_rule",
        "aws_ecr_repository_creation_template",
    ],
    calls: &[
        list("ecr:GetRegistryScanningConfiguration").yields(&["aws_ecr_registry_scanning_configuration"]),
        list("ecr:GetRegistryPolicy").yields(&["aws_ecr_registry_policy"]).absent(&["RegistryPolicyNotFoundException"]),
        list("ecr:DescribeRegistry").yields(&["aws_ecr_replication_configuration"]),
        list("ecr:DescribePullThroughCacheRules").yields(&["aws_ecr_pull_through_cache_rule"]),
        list("ecr:DescribeRepositoryCreationTemplates").yields(&["aws_ecr_repository_creation_template"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    for answer in asked(scan, "ecr:GetRegistryScanningConfiguration").await {
        scanning(scan, &answer);
    }
    for answer in asked(scan, "ecr:GetRegistryPolicy").await {
        let mut r = scan.resource("aws_ecr_registry_policy", registry(scan, &answer));
        r.set("policy", text(&answer, "policyText"));
        scan.emit(r);
    }
    for answer in asked(scan, "ecr:DescribeRegistry").await {
        replication(scan, &answer);
    }
    let page = json!({ "maxResults": 100 });
    for rule in scan.json_list("ecr:DescribePullThroughCacheRules", page.clone(), "pullThroughCacheRules", "nextToken").await {
        let Some(prefix) = text(&rule, "ecrRepositoryPrefix") else { continue };
        let mut r = scan.resource("aws_ecr_pull_through_cache_rule", prefix);
        r.name = Some(prefix.into());
        r.set("ecr_repository_prefix", prefix)
            .set("upstream_registry_url", text(&rule, "upstreamRegistryUrl"))
            .set("upstream_repository_prefix", text(&rule, "upstreamRepositoryPrefix"))
            .set("credential_arn", text(&rule, "credentialArn"))
            .set("custom_role_arn", text(&rule, "customRoleArn"));
        r.fact("created_at", json_time(&rule["createdAt"]));
        scan.emit(r);
    }
    for t in scan.json_list("ecr:DescribeRepositoryCreationTemplates", page, "repositoryCreationTemplates", "nextToken").await {
        template(scan, &t);
    }
}

/// The answer to a question about the registry itself; none where there is nothing or nothing was told.
async fn asked(scan: &Scan<'_>, call: &'static str) -> Vec<Value> {
    scan.list_once(call, scan.session.json(scan.endpoint_region(), call, json!({})), |answer| vec![answer]).await
}

fn registry<'a>(scan: &'a Scan<'_>, answer: &'a Value) -> &'a str {
    text(answer, "registryId").unwrap_or(&scan.session.account)
}

fn filters(of: &Value) -> Vec<Value> {
    items(of, "repositoryFilters").iter().map(|f| json!({ "filter": f["filter"], "filter_type": f["filterType"] })).collect()
}

fn scanning(scan: &Scan<'_>, answer: &Value) {
    let configuration = &answer["scanningConfiguration"];
    let mut rules: Vec<Value> = items(configuration, "rules")
        .iter()
        .map(|rule| {
            let mut filters = filters(rule);
            filters.sort_by_cached_key(Value::to_string);
            json!({ "scan_frequency": rule["scanFrequency"], "repository_filter": filters })
        })
        .collect();
    rules.sort_by_cached_key(Value::to_string);
    let kind = text(configuration, "scanType").unwrap_or("BASIC");
    let mut r = scan.resource("aws_ecr_registry_scanning_configuration", registry(scan, answer));
    r.fact("is_default", kind == "BASIC" && rules.is_empty());
    r.set("scan_type", kind).set("rule", rules);
    scan.emit(r);
}

fn replication(scan: &Scan<'_>, answer: &Value) {
    let rules: Vec<Value> = items(&answer["replicationConfiguration"], "rules")
        .iter()
        .map(|rule| {
            let to: Vec<Value> =
                items(rule, "destinations").iter().map(|d| json!({ "region": d["region"], "registry_id": d["registryId"] })).collect();
            json!({ "destination": to, "repository_filter": filters(rule) })
        })
        .collect();
    if rules.is_empty() {
        return;
    }
    let mut r = scan.resource("aws_ecr_replication_configuration", registry(scan, answer));
    r.set("replication_configuration", json!([{ "rule": rules }]));
    scan.emit(r);
}

fn template(scan: &Scan<'_>, t: &Value) {
    let Some(prefix) = text(t, "prefix") else { return };
    let mut r = scan.resource("aws_ecr_repository_creation_template", prefix);
    r.name = Some(prefix.into());
    let encryption = &t["encryptionConfiguration"];
    let encryption = if encryption.is_object() {
        json!([{ "encryption_type": encryption["encryptionType"], "kms_key": encryption["kmsKey"] }])
    } else {
        json!([])
    };
    let tags: BTreeMap<&str, &str> = items(t, "resourceTags").iter().filter_map(|p| Some((text(p, "Key")?, text(p, "Value")?))).collect();
    r.set("prefix", prefix)
        .set("description", text(t, "description"))
        .set("applied_for", set(items(t, "appliedFor").iter().filter_map(Value::as_str)))
        .set("custom_role_arn", text(t, "customRoleArn"))
        .set("image_tag_mutability", text(t, "imageTagMutability"))
        .set("lifecycle_policy", text(t, "lifecyclePolicy"))
        .set("repository_policy", text(t, "repositoryPolicy"))
        .set("resource_tags", json!(tags))
        .set("encryption_configuration", encryption);
    r.fact("created_at", json_time(&t["createdAt"]));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    #[test]
    fn all_settings_of_a_registry() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                (
                    "ecr:GetRegistryScanningConfiguration",
                    200,
                    r#"{"registryId":"123456789012","scanningConfiguration":{"scanType":"ENHANCED","rules":[{"scanFrequency":"CONTINUOUS_SCAN","repositoryFilters":[{"filter":"prod","filterType":"WILDCARD"}]}]}}"#,
                ),
                ("ecr:GetRegistryPolicy", 200, r#"{"registryId":"123456789012","policyText":"{\"Statement\":[]}"}"#),
                (
                    "ecr:DescribeRegistry",
                    200,
                    r#"{"registryId":"123456789012","replicationConfiguration":{"rules":[{"destinations":[{"region":"eu-west-1","registryId":"123456789012"}],"repositoryFilters":[{"filter":"prod","filterType":"PREFIX_MATCH"}]}]}}"#,
                ),
                (
                    "ecr:DescribePullThroughCacheRules",
                    200,
                    r#"{"pullThroughCacheRules":[{"ecrRepositoryPrefix":"hub","upstreamRegistryUrl":"registry-1.docker.io","createdAt":1700000000.0,"registryId":"123456789012","credentialArn":"arn:aws:secretsmanager:eu-west-3:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf","upstreamRegistry":"docker-hub"}]}"#,
                ),
                (
                    "ecr:DescribeRepositoryCreationTemplates",
                    200,
                    r#"{"registryId":"123456789012","repositoryCreationTemplates":[{"prefix":"hub","description":"d","encryptionConfiguration":{"encryptionType":"AES256"},"resourceTags":[{"Key":"a","Value":"b"}],"imageTagMutability":"MUTABLE","repositoryPolicy":"{}","lifecyclePolicy":"{}","appliedFor":["PULL_THROUGH_CACHE"],"customRoleArn":"arn:aws:iam::123456789012:role/r","createdAt":1700000000.0}]}"#,
                ),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
        assert_complete(&all);
        assert_eq!(all.len(), 5);
        let scanning = all.iter().find(|r| r.kind == "aws_ecr_registry_scanning_configuration").unwrap();
        assert_eq!((scanning.id.as_str(), &scanning.facts["is_default"]), ("123456789012", &json!(false)));
        assert_eq!(scanning.config["rule"][0]["repository_filter"][0]["filter"], "prod");
    }

    #[test]
    fn an_untouched_registry_only_scans_by_default() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                (
                    "ecr:GetRegistryScanningConfiguration",
                    200,
                    r#"{"registryId":"123456789012","scanningConfiguration":{"scanType":"BASIC","rules":[]}}"#,
                ),
                ("ecr:GetRegistryPolicy", 400, r#"{"__type":"RegistryPolicyNotFoundException","message":"none"}"#),
                ("ecr:DescribeRegistry", 200, r#"{"registryId":"123456789012","replicationConfiguration":{"rules":[]}}"#),
                ("ecr:DescribePullThroughCacheRules", 200, r#"{"pullThroughCacheRules":[]}"#),
                ("ecr:DescribeRepositoryCreationTemplates", 400, r#"{"__type":"AccessDeniedException","message":"no"}"#),
            ],
        );
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].facts["is_default"], true);
        let gaps: Vec<_> = ledger.iter().filter(|e| e.outcome != Outcome::Done).map(|e| e.types.join(" ")).collect();
        assert_eq!(gaps, ["aws_ecr_repository_creation_template"]);
    }
}
