//! Repositories with their policies, and what their images tell. Images themselves are counted, not listed.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{items, json_time, text};
use crate::estate::Resource;

const GONE: &[&str] = &["RepositoryNotFoundException"];

/// `aws_ecr_repository`, `aws_ecr_lifecycle_policy`, `aws_ecr_repository_policy`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_ecr_repository", "aws_ecr_lifecycle_policy", "aws_ecr_repository_policy"],
    calls: &[
        list("ecr:DescribeRepositories"),
        list("ecr:GetLifecyclePolicy").yields(&["aws_ecr_lifecycle_policy"]).absent(&["LifecyclePolicyNotFoundException"]).gone(GONE),
        list("ecr:GetRepositoryPolicy").yields(&["aws_ecr_repository_policy"]).absent(&["RepositoryPolicyNotFoundException"]).gone(GONE),
        detail("ecr:DescribeImages").gone(GONE),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// Pages of images read of one repository, a thousand each.
const PAGES: usize = 5;

async fn collect(scan: &Scan<'_>) {
    let all = scan.json_list("ecr:DescribeRepositories", json!({ "maxResults": 1000 }), "repositories", "nextToken").await;
    scan.each(all, |repository| one(scan, repository)).await;
}

async fn one(scan: &Scan<'_>, repository: Value) {
    let (Some(name), Some(arn)) = (text(&repository, "repositoryName"), text(&repository, "repositoryArn")) else { return };
    let mut r = scan.resource("aws_ecr_repository", name);
    r.arn = Some(arn.into());
    r.name = Some(name.into());
    scan.bulk_tags(&mut r).await;
    let encryption = &repository["encryptionConfiguration"];
    r.set("name", name)
        .set("image_tag_mutability", text(&repository, "imageTagMutability"))
        .set(
            "image_scanning_configuration",
            json!([{ "scan_on_push": repository.pointer("/imageScanningConfiguration/scanOnPush").and_then(Value::as_bool).unwrap_or(false) }]),
        )
        .set(
            "encryption_configuration",
            json!([{ "encryption_type": text(encryption, "encryptionType").unwrap_or("AES256"), "kms_key": encryption["kmsKey"] }]),
        );
    r.fact("repository_url", text(&repository, "repositoryUri"))
        .fact("registry_id", text(&repository, "registryId"))
        .fact("created_at", json_time(&repository["createdAt"]));
    let input = json!({ "repositoryName": name });
    for (call, field, kind, fact) in [
        ("ecr:GetLifecyclePolicy", "lifecyclePolicyText", "aws_ecr_lifecycle_policy", "facts.has_lifecycle_policy"),
        ("ecr:GetRepositoryPolicy", "policyText", "aws_ecr_repository_policy", "facts.has_policy"),
    ] {
        let own = fact.trim_start_matches("facts.");
        match scan.json_detail(&mut r, call, &[fact], input.clone()).await {
            Detail::Got(answer) => {
                r.fact(own, true);
                let mut policy = scan.resource(kind, name);
                policy.name = Some(name.into());
                policy.set("repository", name).set("policy", text(&answer, field));
                scan.emit(policy);
            }
            Detail::Absent => {
                r.fact(own, false);
            }
            Detail::Gone => return,
            Detail::Unread => {}
        }
    }
    if images(scan, &mut r, name).await {
        scan.emit(r);
    }
}

/// Facts about the images; false when the repository is gone.
async fn images(scan: &Scan<'_>, r: &mut Resource, name: &str) -> bool {
    const FACTS: &[&str] = &[
        "facts.image_count",
        "facts.images_bytes",
        "facts.untagged_count",
        "facts.last_pushed_at",
        "facts.last_pulled_at",
        "facts.newest_image",
    ];
    let mut all: Vec<Value> = Vec::new();
    let mut input = json!({ "repositoryName": name, "maxResults": 1000 });
    let mut whole = false;
    for _ in 0..PAGES {
        match scan.json_detail(r, "ecr:DescribeImages", FACTS, input.clone()).await {
            Detail::Got(answer) => {
                all.extend(items(&answer, "imageDetails").iter().cloned());
                match text(&answer, "nextToken") {
                    Some(token) => input["nextToken"] = token.into(),
                    None => {
                        whole = true;
                        break;
                    }
                }
            }
            Detail::Gone => return false,
            Detail::Absent | Detail::Unread => return true,
        }
    }
    if !whole {
        scan.capped("ecr:DescribeImages", &format!("looked at {} images of a repository that has more", all.len()));
    }
    let moment = |image: &Value, field: &str| image[field].as_f64().unwrap_or_default();
    let latest = |field: &str| all.iter().filter(|i| i[field].is_number()).max_by(|a, b| moment(a, field).total_cmp(&moment(b, field)));
    r.fact("image_count", all.len())
        .fact("images_read", if whole { "all" } else { "some" })
        .fact("images_bytes", all.iter().filter_map(|i| i["imageSizeInBytes"].as_u64()).sum::<u64>())
        .fact("untagged_count", all.iter().filter(|i| items(i, "imageTags").is_empty()).count())
        .fact("last_pushed_at", latest("imagePushedAt").map_or(Value::Null, |i| json_time(&i["imagePushedAt"])))
        .fact("last_pulled_at", latest("lastRecordedPullTime").map_or(Value::Null, |i| json_time(&i["lastRecordedPullTime"])))
        .fact("newest_image", latest("imagePushedAt").map_or_else(|| json!({}), newest));
    true
}

fn newest(image: &Value) -> Value {
    let counts = &image["imageScanFindingsSummary"]["findingSeverityCounts"];
    let count = |severity: &str| counts.is_object().then(|| counts[severity].as_i64().unwrap_or(0));
    json!({
        "tags": items(image, "imageTags"),
        "digest": image["imageDigest"],
        "pushed_at": json_time(&image["imagePushedAt"]),
        "bytes": image["imageSizeInBytes"],
        "scan_status": image["imageScanStatus"]["status"],
        "scanned_at": json_time(&image["imageScanFindingsSummary"]["imageScanCompletedAt"]),
        "critical": count("CRITICAL"),
        "high": count("HIGH"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    const REPOSITORY: &str = r#"{"repositories":[{"repositoryArn":"arn:aws:ecr:eu-west-3:123456789012:repository/shop/api","registryId":"123456789012",
        "repositoryName":"shop/api","repositoryUri":"123456789012.dkr.ecr.eu-west-3.amazonaws.com/shop/api","createdAt":1700000000.0,
        "imageTagMutability":"MUTABLE","imageScanningConfiguration":{"scanOnPush":true},"encryptionConfiguration":{"encryptionType":"KMS","kmsKey":"arn:aws:kms:eu-west-3:123456789012:key/k"}}]}"#;
    const IMAGES: &str = r#"{"imageDetails":[
        {"imageDigest":"sha256:1","imageTags":["1.0"],"imageSizeInBytes":100,"imagePushedAt":1700000000.0,"lastRecordedPullTime":1700000500.0},
        {"imageDigest":"sha256:2","imageTags":["1.1","live"],"imageSizeInBytes":50,"imagePushedAt":1700001000.0,"imageScanStatus":{"status":"COMPLETE"},
         "imageScanFindingsSummary":{"imageScanCompletedAt":1700001060.0,"findingSeverityCounts":{"CRITICAL":2,"MEDIUM":7}}},
        {"imageDigest":"sha256:3","imageSizeInBytes":25,"imagePushedAt":1699000000.0}]}"#;

    #[test]
    fn a_repository_with_policies_and_images() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("ecr:DescribeRepositories", 200, REPOSITORY),
                ("ecr:GetLifecyclePolicy", 200, r#"{"lifecyclePolicyText":"{\"rules\":[]}"}"#),
                ("ecr:GetRepositoryPolicy", 200, r#"{"policyText":"{\"Statement\":[]}"}"#),
                ("ecr:DescribeImages", 200, IMAGES),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
        assert_complete(&all);
        assert_eq!(
            all.iter().map(|r| (r.kind.as_str(), r.id.as_str())).collect::<Vec<_>>(),
            [("aws_ecr_lifecycle_policy", "shop/api"), ("aws_ecr_repository", "shop/api"), ("aws_ecr_repository_policy", "shop/api")]
        );
        let r = &all[1];
        assert_eq!(
            (r.facts["image_count"].as_i64(), r.facts["images_bytes"].as_i64(), r.facts["untagged_count"].as_i64()),
            (Some(3), Some(175), Some(1))
        );
        assert_eq!((r.facts["newest_image"]["critical"].as_i64(), r.facts["newest_image"]["high"].as_i64()), (Some(2), Some(0)));
        assert_eq!(r.facts["last_pulled_at"], "2023-11-14T22:21:40Z");
    }

    #[test]
    fn an_empty_one_and_what_may_not_be_read() {
        let none = |code: &str| format!(r#"{{"__type":"{code}","message":"no"}}"#);
        let (lifecycle, policy, denied) =
            (none("LifecyclePolicyNotFoundException"), none("RepositoryPolicyNotFoundException"), none("AccessDeniedException"));
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("ecr:DescribeRepositories", 200, REPOSITORY),
                ("ecr:GetLifecyclePolicy", 400, &lifecycle),
                ("ecr:GetRepositoryPolicy", 400, &policy),
                ("ecr:DescribeImages", 400, &denied),
            ],
        );
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].facts["has_lifecycle_policy"], false);
        assert!(all[0].unread.contains_key("facts.newest_image"));
        assert!(ledger.iter().any(|e| e.call == "ecr:DescribeImages" && e.outcome == Outcome::Denied));
        let (all, _) = collect(&COLLECTOR, &[("ecr:DescribeRepositories", 400, &denied)]);
        assert!(all.is_empty());
    }
}
