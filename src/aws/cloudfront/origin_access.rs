//! How CloudFront identifies itself to origins, and the functions that run in it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{set, time};

/// `aws_cloudfront_origin_access_control`, `aws_cloudfront_origin_access_identity`, `aws_cloudfront_function`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_cloudfront_origin_access_control", "aws_cloudfront_origin_access_identity", "aws_cloudfront_function"],
    calls: &[
        list("cloudfront:ListOriginAccessControls"),
        list("cloudfront:ListCloudFrontOriginAccessIdentities"),
        list("cloudfront:ListFunctions"),
    ],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let cloudfront = scan.cloudfront();
    let pages = cloudfront.list_origin_access_controls().into_paginator().send();
    let controls = scan
        .list("cloudfront:ListOriginAccessControls", pages, |a| a.origin_access_control_list.and_then(|l| l.items).unwrap_or_default())
        .await;
    for control in controls {
        let mut r = scan.resource("aws_cloudfront_origin_access_control", control.id());
        r.name = Some(control.name().into());
        r.set("name", control.name())
            .set("description", control.description())
            .set("origin_access_control_origin_type", control.origin_access_control_origin_type().as_str())
            .set("signing_behavior", control.signing_behavior().as_str())
            .set("signing_protocol", control.signing_protocol().as_str());
        scan.emit(r);
    }
    let pages = cloudfront.list_cloud_front_origin_access_identities().into_paginator().send();
    let identities = scan
        .list("cloudfront:ListCloudFrontOriginAccessIdentities", pages, |a| {
            a.cloud_front_origin_access_identity_list.and_then(|l| l.items).unwrap_or_default()
        })
        .await;
    for identity in identities {
        let id = identity.id();
        let mut r = scan.resource("aws_cloudfront_origin_access_identity", id);
        r.name = Some(identity.comment().to_owned()).filter(|c| !c.is_empty());
        r.set("comment", identity.comment());
        r.fact("iam_arn", format!("arn:{}:iam::cloudfront:user/CloudFront Origin Access Identity {id}", scan.session.partition))
            .fact("s3_canonical_user_id", identity.s3_canonical_user_id())
            .fact("cloudfront_access_identity_path", format!("origin-access-identity/cloudfront/{id}"));
        scan.emit(r);
    }
    // A function that is published appears once per stage; the one that serves counts.
    let request = cloudfront.list_functions().max_items(100).send();
    let functions =
        scan.list_once("cloudfront:ListFunctions", request, |a| a.function_list.and_then(|l| l.items).unwrap_or_default()).await;
    let mut by_name = BTreeMap::new();
    for function in functions {
        let live = function.function_metadata().and_then(|m| m.stage()).is_some_and(|s| s.as_str() == "LIVE");
        if live || !by_name.contains_key(function.name()) {
            by_name.insert(function.name().to_owned(), function);
        }
    }
    for (name, function) in by_name {
        let mut r = scan.resource("aws_cloudfront_function", &name);
        let metadata = function.function_metadata();
        r.arn = metadata.map(|m| m.function_arn().to_owned());
        r.name = Some(name.clone());
        let config = function.function_config();
        let stores = config.and_then(|c| c.key_value_store_associations()).map_or(&[][..], |s| s.items());
        let stores = if stores.is_empty() { Value::Null } else { set(stores.iter().map(|s| s.key_value_store_arn())) };
        r.set("name", name)
            .set("comment", config.map(|c| c.comment()).filter(|c| !c.is_empty()))
            .set("runtime", config.map(|c| c.runtime().as_str()))
            .set("key_value_store_associations", stores);
        r.mark_unread(&["config.code"], "not asked: code of functions is never read");
        r.fact("stage", metadata.and_then(|m| m.stage()).map(|s| s.as_str()))
            .fact("last_modified_time", time(metadata.map(|m| m.last_modified_time())))
            .fact("status", json!(function.status()));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    const CONTROLS: &str = r#"<OriginAccessControlList xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Marker></Marker><MaxItems>100</MaxItems><IsTruncated>false</IsTruncated><Quantity>1</Quantity><Items><OriginAccessControlSummary><Id>E3OAC</Id><Description></Description><Name>media</Name><SigningProtocol>sigv4</SigningProtocol><SigningBehavior>always</SigningBehavior><OriginAccessControlOriginType>s3</OriginAccessControlOriginType></OriginAccessControlSummary></Items></OriginAccessControlList>"#;
    const IDENTITIES: &str = r#"<CloudFrontOriginAccessIdentityList xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Marker></Marker><MaxItems>100</MaxItems><IsTruncated>false</IsTruncated><Quantity>1</Quantity><Items><CloudFrontOriginAccessIdentitySummary><Id>E74</Id><S3CanonicalUserId>c0ffee</S3CanonicalUserId><Comment>access-identity-exo</Comment></CloudFrontOriginAccessIdentitySummary></Items></CloudFrontOriginAccessIdentityList>"#;

    fn functions() -> String {
        let one = |stage: &str, comment: &str| {
            format!(
                "<FunctionSummary><Name>rewrite</Name><Status>UNASSOCIATED</Status><FunctionConfig><Comment>{comment}</Comment><Runtime>cloudfront-js-2.0</Runtime></FunctionConfig><FunctionMetadata><FunctionARN>arn:aws:cloudfront::123456789012:function/rewrite</FunctionARN><Stage>{stage}</Stage><LastModifiedTime>2024-11-10T08:00:00Z</LastModifiedTime></FunctionMetadata></FunctionSummary>"
            )
        };
        format!(
            r#"<FunctionList xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><MaxItems>100</MaxItems><Quantity>2</Quantity><Items>{}{}</Items></FunctionList>"#,
            one("LIVE", "serves"),
            one("DEVELOPMENT", "tries")
        )
    }

    #[test]
    fn controls_identities_and_functions() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("cloudfront:ListOriginAccessControls", 200, CONTROLS),
                ("cloudfront:ListCloudFrontOriginAccessIdentities", 200, IDENTITIES),
                ("cloudfront:ListFunctions", 200, &functions()),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
        let ids: Vec<&str> = all.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(ids, ["rewrite", "E3OAC", "E74"]);
        assert_eq!((&all[0].config["comment"], &all[0].facts["stage"]), (&json!("serves"), &json!("LIVE")));
        assert!(all[0].unread["config.code"].starts_with("not asked"));
        assert_eq!(all[1].config["description"], "");
        assert_eq!(all[2].facts["cloudfront_access_identity_path"], "origin-access-identity/cloudfront/E74");
    }

    #[test]
    fn refused_listings_are_gaps_of_their_own() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("cloudfront:ListOriginAccessControls", 200, CONTROLS),
                ("cloudfront:ListCloudFrontOriginAccessIdentities", 403, denied),
                ("cloudfront:ListFunctions", 403, denied),
            ],
        );
        assert_eq!(all.len(), 1);
        assert_eq!(ledger.iter().filter(|e| e.outcome == Outcome::Denied).count(), 2);
    }
}
