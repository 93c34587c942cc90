//! Instance profiles, also those without a role.

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value;

/// `aws_iam_instance_profile`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_iam_instance_profile"],
    calls: &[list("iam:ListInstanceProfiles")],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.iam().list_instance_profiles().max_items(1000).into_paginator().send();
    for profile in scan.list("iam:ListInstanceProfiles", pages, |p| p.instance_profiles).await {
        let mut r = scan.resource("aws_iam_instance_profile", profile.instance_profile_name());
        r.arn = Some(profile.arn().into());
        scan.bulk_tags(&mut r).await;
        r.name = Some(profile.instance_profile_name().into());
        r.set("name", profile.instance_profile_name())
            .set("path", profile.path())
            .set("role", profile.roles().first().map(|role| role.role_name()));
        r.fact("create_date", value::time(Some(profile.create_date())));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    #[test]
    fn a_profile_with_its_role() {
        let body = r#"<ListInstanceProfilesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListInstanceProfilesResult><IsTruncated>false</IsTruncated><InstanceProfiles><member>
            <InstanceProfileId>AIPAEXAMPLE</InstanceProfileId><InstanceProfileName>api</InstanceProfileName><Path>/</Path><Arn>arn:aws:iam::123456789012:instance-profile/api</Arn><CreateDate>2024-11-04T09:00:00Z</CreateDate>
            <Roles><member><Path>/</Path><RoleName>api-role</RoleName><RoleId>AROAEXAMPLE</RoleId><Arn>arn:aws:iam::123456789012:role/api-role</Arn><CreateDate>2024-11-04T09:00:00Z</CreateDate></member></Roles></member></InstanceProfiles></ListInstanceProfilesResult></ListInstanceProfilesResponse>"#;
        let (all, _) = collect(&COLLECTOR, &[("iam:ListInstanceProfiles", 200, body)]);
        assert_eq!((all[0].id.as_str(), all[0].config["role"].as_str()), ("api", Some("api-role")));
    }
}
