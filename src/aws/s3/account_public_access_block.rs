//! The account-wide block of public access to S3.

use crate::aws::collector::{Collector, Scope, detail};
use crate::aws::scan::{Detail, Scan};

/// `aws_s3_account_public_access_block`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_s3_account_public_access_block"],
    calls: &[detail("s3control:GetPublicAccessBlock")
        .iam(&["s3:GetAccountPublicAccessBlock"])
        .absent(&["NoSuchPublicAccessBlockConfiguration"])],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

const SETTINGS: [(&str, &str); 4] = [
    ("BlockPublicAcls", "block_public_acls"),
    ("IgnorePublicAcls", "ignore_public_acls"),
    ("BlockPublicPolicy", "block_public_policy"),
    ("RestrictPublicBuckets", "restrict_public_buckets"),
];

async fn collect(scan: &Scan<'_>) {
    let account = scan.session.account.as_str();
    let mut r = scan.resource("aws_s3_account_public_access_block", account);
    r.name = Some("account".into());
    r.set("account_id", account);
    let unread = SETTINGS.map(|(_, argument)| format!("config.{argument}"));
    let unread: Vec<&str> = unread.iter().map(String::as_str).chain(["facts.configured"]).collect();
    match scan.rest_detail(&mut r, "s3control:GetPublicAccessBlock", &unread, "/v20180820/configuration/publicAccessBlock").await {
        Detail::Got(answer) => {
            for (field, argument) in SETTINGS {
                // The answer is XML, so the values are words.
                r.set(argument, answer.get(field).is_some_and(|v| v == "true"));
            }
            r.fact("configured", true);
        }
        Detail::Absent => {
            for (_, argument) in SETTINGS {
                r.set(argument, false);
            }
            r.fact("configured", false);
            r.ownership.class = crate::estate::resource::OwnershipClass::NotImportable;
            r.ownership.evidence = "the account has no such setting yet, so there is nothing to import".into();
        }
        Detail::Gone => return,
        Detail::Unread => {}
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::resource::OwnershipClass;

    const CALL: &str = "s3control:GetPublicAccessBlock";

    #[test]
    fn settings_are_read_from_words() {
        let body = r#"<PublicAccessBlockConfiguration xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"><BlockPublicAcls>true</BlockPublicAcls>
            <IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>false</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets></PublicAccessBlockConfiguration>"#;
        let (all, _) = collect(&COLLECTOR, &[(CALL, 200, body)]);
        assert_eq!(all[0].id, "123456789012");
        assert_eq!(all[0].config["block_public_acls"], true);
        assert_eq!(all[0].config["restrict_public_buckets"], false);
        assert_eq!(all[0].facts["configured"], true);
    }

    #[test]
    fn an_account_without_the_setting_blocks_nothing() {
        let body = r#"<ErrorResponse><Error><Code>NoSuchPublicAccessBlockConfiguration</Code><Message>The public access block configuration was not found</Message></Error></ErrorResponse>"#;
        let (all, ledger) = collect(&COLLECTOR, &[(CALL, 404, body)]);
        assert_eq!(all[0].config["block_public_policy"], false);
        assert_eq!(all[0].facts["configured"], false);
        assert_eq!(all[0].ownership.class, OwnershipClass::NotImportable);
        assert!(ledger[0].outcome.is_complete());
    }

    #[test]
    fn a_refusal_leaves_the_settings_unread() {
        let body = r#"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"#;
        let (all, _) = collect(&COLLECTOR, &[(CALL, 403, body)]);
        assert!(!all[0].config.contains_key("block_public_acls"));
        assert!(all[0].unread["config.block_public_acls"].starts_with("denied"));
    }
}
