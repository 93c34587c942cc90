//! The account as a whole: alias, security contact, password policy, identity providers, server certificates, MFA devices.

use serde_json::Value;

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value;

/// `x_account` and what hangs on it.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "x_account",
        "aws_iam_account_alias",
        "aws_iam_account_password_policy",
        "aws_iam_openid_connect_provider",
        "aws_iam_saml_provider",
        "aws_iam_server_certificate",
        "aws_iam_virtual_mfa_device",
    ],
    calls: &[
        list("iam:ListAccountAliases").yields(&["aws_iam_account_alias"]),
        detail("account:GetAlternateContact").absent(&["ResourceNotFoundException"]),
        list("iam:GetAccountPasswordPolicy").yields(&["aws_iam_account_password_policy"]).absent(&["NoSuchEntity"]),
        list("iam:ListOpenIDConnectProviders").yields(&["aws_iam_openid_connect_provider"]),
        detail("iam:GetOpenIDConnectProvider").gone(&["NoSuchEntity"]),
        list("iam:ListSAMLProviders").yields(&["aws_iam_saml_provider"]),
        detail("iam:GetSAMLProvider").gone(&["NoSuchEntity"]),
        list("iam:ListServerCertificates").yields(&["aws_iam_server_certificate"]),
        list("iam:ListVirtualMFADevices").yields(&["aws_iam_virtual_mfa_device"]),
    ],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let policy_set = password_policy(scan).await;
    account(scan, policy_set).await;
    oidc(scan).await;
    saml(scan).await;
    server_certificates(scan).await;
    mfa_devices(scan).await;
}

async fn account(scan: &Scan<'_>, password_policy_set: Option<bool>) {
    let account = &scan.session.account;
    let mut r = scan.resource("x_account", account);
    r.arn = Some(format!("arn:{}:iam::{account}:root", scan.session.partition));
    match password_policy_set {
        Some(set) => {
            r.fact("password_policy_set", set);
        }
        None => r.mark_unread(&["facts.password_policy_set"], "failed: iam:GetAccountPasswordPolicy"),
    }
    let request = scan.session.rest(
        scan.endpoint_region(),
        "account:GetAlternateContact",
        "POST",
        "/getAlternateContact",
        Some(serde_json::json!({ "AlternateContactType": "SECURITY" })),
    );
    match scan.detail(&mut r, "account:GetAlternateContact", &["facts.security_contact_set"], request).await {
        Detail::Got(_) => {
            r.fact("security_contact_set", true);
        }
        Detail::Absent => {
            r.fact("security_contact_set", false);
        }
        Detail::Gone | Detail::Unread => {}
    }
    let pages = scan.iam().list_account_aliases().into_paginator().send();
    for alias in scan.list("iam:ListAccountAliases", pages, |p| p.account_aliases).await {
        r.name = Some(alias.clone());
        r.fact("alias", alias.as_str());
        let mut a = scan.resource("aws_iam_account_alias", &alias);
        a.name = Some(alias.clone());
        a.set("account_alias", alias.as_str());
        scan.emit(a);
    }
    scan.emit(r);
}

/// Whether there is a policy; nothing when that could not be read.
async fn password_policy(scan: &Scan<'_>) -> Option<bool> {
    let mut r = scan.resource("aws_iam_account_password_policy", "iam-account-password-policy");
    r.name = Some("password policy".into());
    let request = scan.iam().get_account_password_policy().send();
    let p = match scan.detail(&mut r, "iam:GetAccountPasswordPolicy", &["config"], request).await {
        Detail::Got(answer) => answer.password_policy?,
        Detail::Absent => return Some(false),
        Detail::Gone | Detail::Unread => return None,
    };
    r.set("minimum_password_length", p.minimum_password_length())
        .set("require_symbols", p.require_symbols())
        .set("require_numbers", p.require_numbers())
        .set("require_uppercase_characters", p.require_uppercase_characters())
        .set("require_lowercase_characters", p.require_lowercase_characters())
        .set("allow_users_to_change_password", p.allow_users_to_change_password())
        .set("max_password_age", p.max_password_age().unwrap_or(0))
        .set("password_reuse_prevention", p.password_reuse_prevention())
        .set("hard_expiry", p.hard_expiry().unwrap_or(false));
    r.fact("expire_passwords", p.expire_passwords());
    scan.emit(r);
    Some(true)
}

async fn oidc(scan: &Scan<'_>) {
    let request = scan.iam().list_open_id_connect_providers().send();
    let all = scan.list_once("iam:ListOpenIDConnectProviders", request, |a| a.open_id_connect_provider_list.unwrap_or_default()).await;
    for arn in all.iter().filter_map(|p| p.arn()) {
        let mut r = scan.resource("aws_iam_openid_connect_provider", arn);
        r.arn = Some(arn.into());
        r.name = arn.split_once("oidc-provider/").map(|(_, n)| n.to_owned());
        let request = scan.iam().get_open_id_connect_provider().open_id_connect_provider_arn(arn).send();
        let unread = ["config.url", "config.client_id_list", "config.thumbprint_list", "tags"];
        match scan.detail(&mut r, "iam:GetOpenIDConnectProvider", &unread, request).await {
            Detail::Got(p) => {
                let name = r.name.clone();
                crate::aws::tags::set(&mut r, p.tags().iter().map(|t| (t.key().to_owned(), t.value().to_owned())).collect());
                r.name = name;
                // AWS leaves the scheme out of its answer; the provider wants it.
                r.set("url", p.url().map(|u| if u.starts_with("https://") { u.to_owned() } else { format!("https://{u}") }))
                    .set("client_id_list", value::set(p.client_id_list()))
                    .set("thumbprint_list", value::strings(p.thumbprint_list()));
                r.fact("create_date", value::time(p.create_date()));
            }
            Detail::Gone => continue,
            Detail::Absent | Detail::Unread => {}
        }
        scan.emit(r);
    }
}

async fn saml(scan: &Scan<'_>) {
    let request = scan.iam().list_saml_providers().send();
    let all = scan.list_once("iam:ListSAMLProviders", request, |a| a.saml_provider_list.unwrap_or_default()).await;
    for arn in all.iter().filter_map(|p| p.arn()) {
        let mut r = scan.resource("aws_iam_saml_provider", arn);
        r.arn = Some(arn.into());
        let name = arn.rsplit('/').next().map(str::to_owned);
        let request = scan.iam().get_saml_provider().saml_provider_arn(arn).send();
        match scan.detail(&mut r, "iam:GetSAMLProvider", &["config.saml_metadata_document", "tags"], request).await {
            Detail::Got(p) => {
                crate::aws::tags::set(&mut r, p.tags().iter().map(|t| (t.key().to_owned(), t.value().to_owned())).collect());
                r.set("saml_metadata_document", p.saml_metadata_document());
                r.fact("valid_until", value::time(p.valid_until()));
            }
            Detail::Gone => continue,
            Detail::Absent | Detail::Unread => {}
        }
        r.name.clone_from(&name);
        r.set("name", name);
        scan.emit(r);
    }
}

async fn server_certificates(scan: &Scan<'_>) {
    let pages = scan.iam().list_server_certificates().into_paginator().send();
    for c in scan.list("iam:ListServerCertificates", pages, |p| p.server_certificate_metadata_list).await {
        let mut r = scan.resource("aws_iam_server_certificate", c.server_certificate_name());
        r.arn = Some(c.arn().into());
        scan.bulk_tags(&mut r).await;
        r.name = Some(c.server_certificate_name().into());
        r.set("name", c.server_certificate_name()).set("path", c.path());
        r.fact("expiration", value::time(c.expiration())).fact("upload_date", value::time(c.upload_date()));
        r.ownership.class = crate::estate::resource::OwnershipClass::NotImportable;
        r.ownership.evidence = "the private key cannot be read back, and code without it would replace the certificate".into();
        scan.emit(r);
    }
}

async fn mfa_devices(scan: &Scan<'_>) {
    let pages = scan.iam().list_virtual_mfa_devices().into_paginator().send();
    for device in scan.list("iam:ListVirtualMFADevices", pages, |p| p.virtual_mfa_devices).await {
        let serial = device.serial_number();
        let mut r = scan.resource("aws_iam_virtual_mfa_device", serial);
        r.arn = Some(serial.into());
        r.name = serial.rsplit('/').next().map(str::to_owned);
        r.set("virtual_mfa_device_name", r.name.clone().map_or(Value::Null, Value::String));
        let user = device.user().map(|u| if u.arn().ends_with(":root") { "root" } else { u.user_name() });
        r.fact("user_name", user).fact("serial_number", serial).fact("enable_date", value::time(device.enable_date()));
        r.ownership.class = crate::estate::resource::OwnershipClass::NotImportable;
        r.ownership.evidence = "the seed of the device is a secret that cannot be read back".into();
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    fn wrap(call: &str, inner: &str) -> String {
        format!("<{call}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><{call}Result>{inner}</{call}Result></{call}Response>")
    }

    #[test]
    fn the_account_its_alias_and_its_missing_password_policy() {
        let none = "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>";
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("account:GetAlternateContact", 404, r#"{"__type":"ResourceNotFoundException","message":"none"}"#),
                (
                    "iam:ListAccountAliases",
                    200,
                    &wrap(
                        "ListAccountAliases",
                        "<IsTruncated>false</IsTruncated><AccountAliases><member>exo-dev</member></AccountAliases>",
                    ),
                ),
                ("iam:GetAccountPasswordPolicy", 404, none),
                (
                    "iam:ListOpenIDConnectProviders",
                    200,
                    &wrap(
                        "ListOpenIDConnectProviders",
                        "<OpenIDConnectProviderList><member><Arn>arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com</Arn></member></OpenIDConnectProviderList>",
                    ),
                ),
                (
                    "iam:GetOpenIDConnectProvider",
                    200,
                    &wrap(
                        "GetOpenIDConnectProvider",
                        "<Url>token.actions.githubusercontent.com</Url><ClientIDList><member>sts.amazonaws.com</member></ClientIDList><ThumbprintList><member>6938fd4d98bab03faadb97b34396831e3780aea1</member></ThumbprintList>",
                    ),
                ),
                ("iam:ListSAMLProviders", 200, &wrap("ListSAMLProviders", "<SAMLProviderList/>")),
                (
                    "iam:ListServerCertificates",
                    200,
                    &wrap("ListServerCertificates", "<IsTruncated>false</IsTruncated><ServerCertificateMetadataList/>"),
                ),
                ("iam:ListVirtualMFADevices", 200, &wrap("ListVirtualMFADevices", "<IsTruncated>false</IsTruncated><VirtualMFADevices/>")),
            ],
        );
        let kinds: Vec<&str> = all.iter().map(|r| r.kind.as_str()).collect();
        assert_eq!(kinds, ["aws_iam_account_alias", "aws_iam_openid_connect_provider", "x_account"]);
        assert_eq!(all[1].config["url"], "https://token.actions.githubusercontent.com");
        assert_eq!(
            (all[2].facts["password_policy_set"].clone(), all[2].facts["security_contact_set"].clone()),
            (false.into(), false.into())
        );
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
    }
}
