//! Users, groups, roles, customer policies, inline policies and attachments, all from `GetAccountAuthorizationDetails`;
//! what people did with their access from the credential report. No call per user but for the ids of keys that exist.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_iam::types::{AttachedPolicy, EntityType, PolicyDetail, StatusType, Tag};
use serde_json::Value;

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::{tags, value};
use crate::estate::Resource;
use crate::estate::resource::OwnershipClass;

/// Everything that says who may do what.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_iam_user",
        "aws_iam_group",
        "aws_iam_role",
        "aws_iam_policy",
        "aws_iam_user_policy",
        "aws_iam_group_policy",
        "aws_iam_role_policy",
        "aws_iam_user_policy_attachment",
        "aws_iam_group_policy_attachment",
        "aws_iam_role_policy_attachment",
        "aws_iam_user_group_membership",
        "aws_iam_user_login_profile",
        "aws_iam_access_key",
        "x_root_user",
    ],
    calls: &[
        list("iam:GetAccountAuthorizationDetails"),
        detail("iam:ListRoles"),
        detail("iam:GetAccountSummary"),
        detail("iam:GenerateCredentialReport"),
        detail("iam:GetCredentialReport"),
        list("iam:ListAccessKeys").yields(&["aws_iam_access_key"]).gone(&["NoSuchEntity"]),
    ],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

/// How often the credential report is asked for while AWS still writes it, and how long to wait in between.
const REPORT_TRIES: u32 = 8;
const REPORT_WAIT: std::time::Duration = std::time::Duration::from_millis(1500);

async fn collect(scan: &Scan<'_>) {
    let iam = scan.iam();
    let filters = [EntityType::User, EntityType::Role, EntityType::Group, EntityType::LocalManagedPolicy];
    let pages = iam.get_account_authorization_details().set_filter(Some(filters.to_vec())).max_items(1000).into_paginator().send();
    let all = scan.list("iam:GetAccountAuthorizationDetails", pages, |page| vec![page]).await;
    let report = credential_report(scan).await;
    let extras = role_extras(scan).await;
    root(scan, &report).await;
    let mut members: HashMap<String, Vec<String>> = HashMap::new();
    for user in all.iter().flat_map(|page| page.user_detail_list()) {
        for group in user.group_list() {
            members.entry(group.clone()).or_default().extend(user.user_name().map(str::to_owned));
        }
    }
    for page in all {
        for user in page.user_detail_list.unwrap_or_default() {
            one_user(scan, &user, &report).await;
        }
        for group in page.group_detail_list.unwrap_or_default() {
            let Some(name) = group.group_name() else { continue };
            let mut r = named(scan, "aws_iam_group", name, group.arn());
            r.set("name", name).set("path", group.path());
            r.fact("create_date", value::time(group.create_date())).fact("unique_id", group.group_id());
            r.fact("attached_policy_arns", value::set(group.attached_managed_policies().iter().filter_map(|p| p.policy_arn())));
            r.fact("members", value::set(members.get(name).into_iter().flatten()));
            scan.emit(r);
            inline(scan, "group", name, group.group_policy_list());
            attachments(scan, "group", name, group.attached_managed_policies());
        }
        for role in page.role_detail_list.unwrap_or_default() {
            one_role(scan, &role, &extras);
        }
        for policy in page.policies.unwrap_or_default() {
            one_policy(scan, &policy).await;
        }
    }
}

fn named(scan: &Scan<'_>, kind: &str, name: &str, arn: Option<&str>) -> Resource {
    let mut r = scan.resource(kind, name);
    r.arn = arn.map(str::to_owned);
    r.name = Some(name.into());
    r
}

fn set_tags(r: &mut Resource, given: &[Tag]) {
    let name = r.name.clone();
    tags::set(r, given.iter().map(|t| (t.key().to_owned(), t.value().to_owned())).collect());
    // In IAM the name is the identity; a `Name` tag is decoration.
    r.name = name;
}

/// IAM answers policy documents percent-encoded (RFC 3986, API reference of `GetAccountAuthorizationDetails`).
fn decoded(document: Option<&str>) -> Value {
    let Some(text) = document else { return Value::Null };
    if !text.contains('%') {
        return Value::String(text.into());
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = bytes.get(i + 1..i + 3).and_then(|h| std::str::from_utf8(h).ok()).and_then(|h| u8::from_str_radix(h, 16).ok());
        match (bytes[i], hex) {
            (b'%', Some(byte)) => {
                plain.push(byte);
                i += 3;
            }
            (byte, _) => {
                plain.push(byte);
                i += 1;
            }
        }
    }
    Value::String(String::from_utf8_lossy(&plain).into_owned())
}

fn inline(scan: &Scan<'_>, owner: &str, name: &str, policies: &[PolicyDetail]) {
    for policy in policies {
        let Some(policy_name) = policy.policy_name() else { continue };
        let mut r = scan.resource(&format!("aws_iam_{owner}_policy"), &format!("{name}:{policy_name}"));
        r.name = Some(policy_name.into());
        r.set("name", policy_name).set(owner, name).set("policy", decoded(policy.policy_document()));
        scan.emit(r);
    }
}

fn attachments(scan: &Scan<'_>, owner: &str, name: &str, attached: &[AttachedPolicy]) {
    for policy in attached {
        let Some(arn) = policy.policy_arn() else { continue };
        let mut r = scan.resource(&format!("aws_iam_{owner}_policy_attachment"), &format!("{name}/{arn}"));
        r.name = Some(format!("{name} {}", policy.policy_name().unwrap_or(arn)));
        r.set(owner, name).set("policy_arn", arn);
        scan.emit(r);
    }
}

/// One row of the credential report by column.
type Row = BTreeMap<String, String>;

enum Report {
    Read(HashMap<String, Row>),
    Unread(String),
}

async fn credential_report(scan: &Scan<'_>) -> Report {
    let mut probe = scan.resource("x_root_user", &scan.session.account);
    for attempt in 0..REPORT_TRIES {
        let request = scan.iam().generate_credential_report().send();
        match scan.detail(&mut probe, "iam:GenerateCredentialReport", &["report"], request).await {
            Detail::Got(answer) if answer.state().is_some_and(|s| s.as_str() == "COMPLETE") => break,
            Detail::Got(_) if attempt + 1 < REPORT_TRIES => {
                if !scan.session.replayed {
                    tokio::time::sleep(REPORT_WAIT).await;
                }
            }
            // An older report may still be there to read.
            _ => break,
        }
    }
    let request = scan.iam().get_credential_report().send();
    let answer = scan.detail(&mut probe, "iam:GetCredentialReport", &["report"], request).await;
    let Some(content) = answer.got().and_then(|a| a.content) else {
        return Report::Unread(probe.unread.remove("report").unwrap_or_else(|| "failed: iam:GetCredentialReport: no content".into()));
    };
    let mut reader = csv::Reader::from_reader(content.as_ref());
    let rows = reader.deserialize::<Row>().filter_map(Result::ok).filter_map(|row| Some((row.get("user")?.clone(), row))).collect();
    Report::Read(rows)
}

/// A cell of the report; `N/A`, `no_information` and `not_supported` are nothing.
fn cell<'a>(row: &'a Row, column: &str) -> Option<&'a str> {
    row.get(column).map(String::as_str).filter(|v| !matches!(*v, "N/A" | "no_information" | "not_supported" | ""))
}

/// A time of the report, spelt as everywhere else.
fn cell_time(row: &Row, column: &str) -> Option<String> {
    cell(row, column).map(|v| v.replace("+00:00", "Z"))
}

fn cell_true(row: &Row, column: &str) -> Option<bool> {
    cell(row, column).map(|v| v.eq_ignore_ascii_case("true"))
}

const USER_REPORT: &[&str] = &[
    "facts.password_enabled",
    "facts.password_last_used",
    "facts.password_last_changed",
    "facts.password_next_rotation",
    "facts.mfa_active",
    "facts.active_access_keys",
];

fn report_on_user(r: &mut Resource, row: &Row) {
    for column in ["password_enabled", "mfa_active"] {
        r.fact(column, cell_true(row, column));
    }
    for column in ["password_last_used", "password_last_changed", "password_next_rotation"] {
        r.fact(column, cell_time(row, column));
    }
    let active = (1..=2).filter(|n| cell_true(row, &format!("access_key_{n}_active")) == Some(true)).count();
    r.fact("active_access_keys", active);
}

/// The root user: what guards it from the account summary, how it was used from the report.
async fn root(scan: &Scan<'_>, report: &Report) {
    let mut r = scan.resource("x_root_user", &scan.session.account);
    r.arn = Some(format!("arn:{}:iam::{}:root", scan.session.partition, scan.session.account));
    r.name = Some("root user".into());
    let request = scan.iam().get_account_summary().send();
    let unread = ["facts.mfa_active", "facts.access_keys_present"];
    if let Some(answer) = scan.detail(&mut r, "iam:GetAccountSummary", &unread, request).await.got() {
        let summary = answer.summary_map.unwrap_or_default();
        let positive = |key: &str| summary.iter().find(|(k, _)| k.as_str() == key).map(|(_, v)| *v > 0);
        r.fact("mfa_active", positive("AccountMFAEnabled")).fact("access_keys_present", positive("AccountAccessKeysPresent"));
    }
    let used = ["facts.password_last_used", "facts.access_key_last_used", "facts.create_date"];
    match report {
        Report::Read(rows) => match rows.get("<root_account>") {
            Some(row) => {
                let keys = (1..=2).filter_map(|n| cell_time(row, &format!("access_key_{n}_last_used_date"))).max();
                r.fact("password_last_used", cell_time(row, "password_last_used"))
                    .fact("access_key_last_used", keys)
                    .fact("create_date", cell_time(row, "user_creation_time"));
            }
            None => r.mark_unread(&used, "failed: iam:GetCredentialReport: the report has no row for the root user"),
        },
        Report::Unread(cause) => r.mark_unread(&used, cause),
    }
    scan.emit(r);
}

async fn one_user(scan: &Scan<'_>, user: &aws_sdk_iam::types::UserDetail, report: &Report) {
    let Some(name) = user.user_name() else { return };
    let mut r = named(scan, "aws_iam_user", name, user.arn());
    set_tags(&mut r, user.tags());
    r.set("name", name).set("path", user.path());
    r.set("permissions_boundary", user.permissions_boundary().and_then(|b| b.permissions_boundary_arn()));
    r.fact("create_date", value::time(user.create_date())).fact("unique_id", user.user_id());
    r.fact("groups", value::set(user.group_list()));
    r.fact("attached_policy_arns", value::set(user.attached_managed_policies().iter().filter_map(|p| p.policy_arn())));
    r.fact("inline_policy_names", value::set(user.user_policy_list().iter().filter_map(|p| p.policy_name())));
    let row = match report {
        Report::Read(rows) => rows.get(name),
        Report::Unread(_) => None,
    };
    match (report, row) {
        (_, Some(row)) => report_on_user(&mut r, row),
        // A user made after the report was written.
        (Report::Read(_), None) => r.mark_unread(USER_REPORT, "failed: iam:GetCredentialReport: the report is older than the user"),
        (Report::Unread(cause), None) => r.mark_unread(USER_REPORT, cause),
    }
    let may_have_keys = row.is_none_or(|row| (1..=2).any(|n| cell(row, &format!("access_key_{n}_last_rotated")).is_some()));
    if may_have_keys {
        access_keys(scan, name, row).await;
    }
    if r.bool("facts.password_enabled") {
        let mut login = named(scan, "aws_iam_user_login_profile", name, None);
        login.set("user", name);
        for fact in ["password_last_used", "password_last_changed", "mfa_active"] {
            login.fact(fact, r.facts.get(fact).cloned());
        }
        login.ownership.class = OwnershipClass::NotImportable;
        login.ownership.evidence = "the password cannot be read back, and importing the profile would plan to replace it".into();
        scan.emit(login);
    }
    if !user.group_list().is_empty() {
        let mut groups = user.group_list().to_vec();
        groups.sort();
        let mut membership = scan.resource("aws_iam_user_group_membership", &format!("{name}/{}", groups.join("/")));
        membership.name = Some(name.into());
        membership.set("user", name).set("groups", groups);
        scan.emit(membership);
    }
    scan.emit(r);
    inline(scan, "user", name, user.user_policy_list());
    attachments(scan, "user", name, user.attached_managed_policies());
}

async fn access_keys(scan: &Scan<'_>, user: &str, row: Option<&Row>) {
    let pages = scan.iam().list_access_keys().user_name(user).into_paginator().send();
    for key in scan.list("iam:ListAccessKeys", pages, |p| p.access_key_metadata).await {
        let Some(id) = key.access_key_id() else { continue };
        let mut r = scan.resource("aws_iam_access_key", id);
        r.name = Some(format!("{user} {id}"));
        let active = key.status() == Some(&StatusType::Active);
        r.set("user", user).set("status", if active { "Active" } else { "Inactive" });
        let created = value::time(key.create_date());
        // The report numbers the keys without naming them: the time of their making tells which is which.
        let numbered = row.and_then(|row| {
            let n = (1..=2).find(|n| cell_time(row, &format!("access_key_{n}_last_rotated")).as_deref() == created.as_str())?;
            Some((row, n))
        });
        match numbered {
            Some((row, n)) => {
                r.fact("last_used", cell_time(row, &format!("access_key_{n}_last_used_date")))
                    .fact("last_used_region", cell(row, &format!("access_key_{n}_last_used_region")))
                    .fact("last_used_service", cell(row, &format!("access_key_{n}_last_used_service")));
            }
            None => r.mark_unread(
                &["facts.last_used", "facts.last_used_region", "facts.last_used_service"],
                "failed: iam:GetCredentialReport: the report has no matching key",
            ),
        }
        r.fact("create_date", created);
        r.ownership.class = OwnershipClass::NotImportable;
        r.ownership.evidence = "the secret half cannot be read back; keys belong in no code".into();
        scan.emit(r);
    }
}

/// Description and session length by role name, or why they could not be read.
type Extras = Result<HashMap<String, (Option<String>, Option<i32>)>, String>;

/// What the authorization details leave out of roles.
async fn role_extras(scan: &Scan<'_>) -> Extras {
    let mut probe = scan.resource("aws_iam_role", "all");
    let mut all = HashMap::new();
    let mut marker: Option<String> = None;
    loop {
        let request = scan.iam().list_roles().max_items(1000).set_marker(marker).send();
        let Some(page) = scan.detail(&mut probe, "iam:ListRoles", &["all"], request).await.got() else {
            return Err(probe.unread.remove("all").unwrap_or_default());
        };
        for role in page.roles {
            all.insert(role.role_name, (role.description, role.max_session_duration));
        }
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(all);
        }
    }
}

fn one_role(scan: &Scan<'_>, role: &aws_sdk_iam::types::RoleDetail, extras: &Extras) {
    let Some(name) = role.role_name() else { return };
    let mut r = named(scan, "aws_iam_role", name, role.arn());
    set_tags(&mut r, role.tags());
    r.set("name", name).set("path", role.path()).set("assume_role_policy", decoded(role.assume_role_policy_document()));
    r.set("permissions_boundary", role.permissions_boundary().and_then(|b| b.permissions_boundary_arn()));
    match extras.as_ref().map(|all| all.get(name)) {
        Ok(Some((description, session))) => {
            r.set("description", description.clone()).set("max_session_duration", *session);
        }
        Ok(None) => r.mark_unread(&["config.description", "config.max_session_duration"], "failed: iam:ListRoles: the role is not listed"),
        Err(cause) => r.mark_unread(&["config.description", "config.max_session_duration"], cause),
    }
    r.fact("create_date", value::time(role.create_date())).fact("unique_id", role.role_id());
    r.fact("last_used", value::time(role.role_last_used().and_then(|u| u.last_used_date())));
    r.fact("last_used_region", role.role_last_used().and_then(|u| u.region()));
    r.fact("attached_policy_arns", value::set(role.attached_managed_policies().iter().filter_map(|p| p.policy_arn())));
    r.fact("inline_policy_names", value::set(role.role_policy_list().iter().filter_map(|p| p.policy_name())));
    r.fact("instance_profile_arns", value::set(role.instance_profile_list().iter().map(|p| p.arn())));
    scan.emit(r);
    inline(scan, "role", name, role.role_policy_list());
    attachments(scan, "role", name, role.attached_managed_policies());
}

async fn one_policy(scan: &Scan<'_>, policy: &aws_sdk_iam::types::ManagedPolicyDetail) {
    let (Some(arn), Some(name)) = (policy.arn(), policy.policy_name()) else { return };
    let mut r = named(scan, "aws_iam_policy", arn, Some(arn));
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    let document = policy.policy_version_list().iter().find(|v| v.is_default_version()).and_then(|v| v.document());
    r.set("name", name).set("path", policy.path()).set("description", policy.description()).set("policy", decoded(document));
    r.fact("attachment_count", policy.attachment_count())
        .fact("policy_id", policy.policy_id())
        .fact("create_date", value::time(policy.create_date()))
        .fact("update_date", value::time(policy.update_date()))
        .fact("default_version", policy.default_version_id());
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    const XMLNS: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

    fn details() -> String {
        format!(
            r#"<GetAccountAuthorizationDetailsResponse xmlns="{XMLNS}"><GetAccountAuthorizationDetailsResult><IsTruncated>false</IsTruncated>
            <UserDetailList><member><Path>/</Path><UserName>deddy</UserName><UserId>AIDAEXAMPLE</UserId><Arn>arn:aws:iam::123456789012:user/deddy</Arn>
              <CreateDate>2024-11-04T09:00:00Z</CreateDate><GroupList><member>ops</member></GroupList>
              <AttachedManagedPolicies><member><PolicyName>AdministratorAccess</PolicyName><PolicyArn>arn:aws:iam::aws:policy/AdministratorAccess</PolicyArn></member></AttachedManagedPolicies>
              <UserPolicyList><member><PolicyName>mail</PolicyName><PolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D</PolicyDocument></member></UserPolicyList>
              <Tags><member><Key>team</Key><Value>ops</Value></member></Tags></member></UserDetailList>
            <GroupDetailList/>
            <RoleDetailList><member><Path>/</Path><RoleName>api</RoleName><RoleId>AROAEXAMPLE</RoleId><Arn>arn:aws:iam::123456789012:role/api</Arn>
              <CreateDate>2024-11-04T09:00:00Z</CreateDate><AssumeRolePolicyDocument>%7B%7D</AssumeRolePolicyDocument></member></RoleDetailList>
            <Policies><member><PolicyName>deploy</PolicyName><PolicyId>ANPAEXAMPLE</PolicyId><Arn>arn:aws:iam::123456789012:policy/deploy</Arn><Path>/</Path>
              <DefaultVersionId>v2</DefaultVersionId><AttachmentCount>1</AttachmentCount>
              <PolicyVersionList><member><VersionId>v2</VersionId><IsDefaultVersion>true</IsDefaultVersion><Document>%7B%22Statement%22%3A%5B%5D%7D</Document></member></PolicyVersionList></member></Policies>
            </GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>"#
        )
    }

    fn report() -> String {
        use base64::Engine;
        let csv = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date\n\
            <root_account>,arn:aws:iam::123456789012:root,2024-11-01T00:00:00+00:00,not_supported,2025-01-01T00:00:00+00:00,not_supported,not_supported,false,false,N/A,N/A,false,N/A,N/A\n\
            deddy,arn:aws:iam::123456789012:user/deddy,2024-11-04T09:00:00+00:00,true,no_information,2024-11-04T09:00:00+00:00,N/A,false,true,2024-11-04T10:00:00+00:00,2025-02-02T00:00:00+00:00,false,N/A,N/A\n";
        format!(
            "<GetCredentialReportResponse xmlns=\"{XMLNS}\"><GetCredentialReportResult><Content>{}</Content><ReportFormat>text/csv</ReportFormat></GetCredentialReportResult></GetCredentialReportResponse>",
            base64::engine::general_purpose::STANDARD.encode(csv)
        )
    }

    fn answers() -> Vec<(&'static str, u16, String)> {
        vec![
            ("iam:GetAccountAuthorizationDetails", 200, details()),
            (
                "iam:GenerateCredentialReport",
                200,
                format!(
                    "<GenerateCredentialReportResponse xmlns=\"{XMLNS}\"><GenerateCredentialReportResult><State>COMPLETE</State></GenerateCredentialReportResult></GenerateCredentialReportResponse>"
                ),
            ),
            ("iam:GetCredentialReport", 200, report()),
            (
                "iam:ListRoles",
                200,
                format!(
                    "<ListRolesResponse xmlns=\"{XMLNS}\"><ListRolesResult><IsTruncated>false</IsTruncated><Roles><member><Path>/</Path><RoleName>api</RoleName><RoleId>AROAEXAMPLE</RoleId><Arn>arn:aws:iam::123456789012:role/api</Arn><CreateDate>2024-11-04T09:00:00Z</CreateDate><Description>the API</Description><MaxSessionDuration>7200</MaxSessionDuration></member></Roles></ListRolesResult></ListRolesResponse>"
                ),
            ),
            (
                "iam:GetAccountSummary",
                200,
                format!(
                    "<GetAccountSummaryResponse xmlns=\"{XMLNS}\"><GetAccountSummaryResult><SummaryMap><entry><key>AccountMFAEnabled</key><value>0</value></entry><entry><key>AccountAccessKeysPresent</key><value>1</value></entry></SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>"
                ),
            ),
            (
                "iam:ListAccessKeys",
                200,
                format!(
                    "<ListAccessKeysResponse xmlns=\"{XMLNS}\"><ListAccessKeysResult><IsTruncated>false</IsTruncated><AccessKeyMetadata><member><UserName>deddy</UserName><AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId><Status>Active</Status><CreateDate>2024-11-04T10:00:00Z</CreateDate></member></AccessKeyMetadata></ListAccessKeysResult></ListAccessKeysResponse>"
                ),
            ),
        ]
    }

    fn run(answers: &[(&'static str, u16, String)]) -> (Vec<Resource>, Vec<crate::estate::LedgerEntry>) {
        let borrowed: Vec<_> = answers.iter().map(|(o, s, b)| (*o, *s, b.as_str())).collect();
        collect(&COLLECTOR, &borrowed)
    }

    fn find<'a>(all: &'a [Resource], kind: &str) -> &'a Resource {
        all.iter().find(|r| r.kind == kind).unwrap_or_else(|| panic!("no {kind}"))
    }

    #[test]
    fn people_keys_and_policies() {
        let (all, ledger) = run(&answers());
        let user = find(&all, "aws_iam_user");
        assert_eq!((user.facts["mfa_active"].clone(), user.facts["password_enabled"].clone()), (json!(false), json!(true)));
        assert_eq!(user.facts["password_last_used"], Value::Null);
        assert_eq!(user.tags["team"], "ops");
        assert_eq!(find(&all, "aws_iam_user_policy").config["policy"], r#"{"Version":"2012-10-17","Statement":[]}"#);
        assert_eq!(find(&all, "aws_iam_user_policy_attachment").id, "deddy/arn:aws:iam::aws:policy/AdministratorAccess");
        assert_eq!(find(&all, "aws_iam_user_group_membership").id, "deddy/ops");
        assert_eq!(find(&all, "aws_iam_access_key").facts["last_used"], "2025-02-02T00:00:00Z");
        let role = find(&all, "aws_iam_role");
        assert_eq!((role.config["description"].clone(), role.config["max_session_duration"].clone()), (json!("the API"), json!(7200)));
        assert_eq!(find(&all, "aws_iam_policy").config["policy"], r#"{"Statement":[]}"#);
        assert_eq!(find(&all, "x_root_user").facts["mfa_active"], false);
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
    }

    #[test]
    fn without_the_report_nobody_is_said_to_have_mfa() {
        let mut some = answers();
        let denied = format!(
            "<ErrorResponse xmlns=\"{XMLNS}\"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
        );
        for (operation, status, body) in &mut some {
            if operation.ends_with("CredentialReport") {
                (*status, *body) = (403, denied.clone());
            }
        }
        let (all, ledger) = run(&some);
        let user = find(&all, "aws_iam_user");
        assert!(user.unread.contains_key("facts.mfa_active") && !user.facts.contains_key("mfa_active"));
        let root = find(&all, "x_root_user");
        assert!(root.unread.contains_key("facts.password_last_used"));
        assert_eq!(root.facts["mfa_active"], false);
        assert_eq!(ledger.iter().filter(|e| e.outcome == Outcome::Denied).count(), 2);
    }
}
