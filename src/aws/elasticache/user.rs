//! Users and groups of users of caches with role-based access. Passwords are never answered.

use serde_json::json;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{block, set};

/// `aws_elasticache_user`, `aws_elasticache_user_group`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_elasticache_user", "aws_elasticache_user_group"],
    calls: &[
        list("elasticache:DescribeUsers").yields(&["aws_elasticache_user"]),
        list("elasticache:DescribeUserGroups").yields(&["aws_elasticache_user_group"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let client = scan.elasticache();
    let pages = client.describe_users().into_paginator().send();
    for user in scan.list("elasticache:DescribeUsers", pages, |p| p.users.unwrap_or_default()).await {
        let Some(id) = user.user_id() else { continue };
        let mut r = scan.resource("aws_elasticache_user", id);
        r.arn = user.arn().map(str::to_owned);
        r.name = Some(id.into());
        scan.bulk_tags(&mut r).await;
        let kind = user.authentication().and_then(|a| a.r#type()).map(|t| t.as_str());
        // The answer says "no-password" for what is asked for as "no-password-required".
        let asked = kind.map(|k| if k == "no-password" { "no-password-required" } else { k });
        r.set("user_id", id)
            .set("user_name", user.user_name())
            .set("engine", user.engine())
            .set("access_string", user.access_string())
            .set("no_password_required", kind.map(|k| k == "no-password"))
            .set("authentication_mode", block(asked.map(|a| json!({ "type": a }))));
        r.fact("status", user.status())
            .fact("authentication", kind)
            .fact("password_count", user.authentication().and_then(|a| a.password_count()))
            .fact("user_group_ids", set(user.user_group_ids()))
            .fact("minimum_engine_version", user.minimum_engine_version());
        scan.emit(r);
    }
    let pages = client.describe_user_groups().into_paginator().send();
    for group in scan.list("elasticache:DescribeUserGroups", pages, |p| p.user_groups.unwrap_or_default()).await {
        let Some(id) = group.user_group_id() else { continue };
        let mut r = scan.resource("aws_elasticache_user_group", id);
        r.arn = group.arn().map(str::to_owned);
        r.name = Some(id.into());
        scan.bulk_tags(&mut r).await;
        r.set("user_group_id", id).set("engine", group.engine()).set("user_ids", set(group.user_ids()));
        r.fact("status", group.status())
            .fact("replication_group_ids", set(group.replication_groups()))
            .fact("serverless_cache_names", set(group.serverless_caches()));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    fn wrap(operation: &str, inside: &str) -> String {
        format!(
            r#"<{operation}Response xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/"><{operation}Result>{inside}</{operation}Result></{operation}Response>"#
        )
    }

    const USERS: &str = "<Users><member><UserId>default</UserId><UserName>default</UserName><Engine>redis</Engine><AccessString>on ~* +@all</AccessString><Authentication><Type>no-password</Type></Authentication></member>\
        <member><UserId>shop</UserId><UserName>shop</UserName><Engine>redis</Engine><AccessString>on ~app:* +@read</AccessString><UserGroupIds><member>shop</member></UserGroupIds>\
        <Authentication><Type>password</Type><PasswordCount>2</PasswordCount></Authentication><ARN>arn:aws:elasticache:eu-west-3:123456789012:user:shop</ARN></member></Users>";

    #[test]
    fn users_and_their_group() {
        let groups = "<UserGroups><member><UserGroupId>shop</UserGroupId><Engine>redis</Engine><UserIds><member>shop</member><member>default</member></UserIds><ReplicationGroups><member>cache</member></ReplicationGroups></member></UserGroups>";
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("elasticache:DescribeUsers", 200, &wrap("DescribeUsers", USERS)),
                ("elasticache:DescribeUserGroups", 200, &wrap("DescribeUserGroups", groups)),
            ],
        );
        assert_eq!(all[0].config["authentication_mode"], json!([{ "type": "no-password-required" }]));
        assert_eq!(all[0].config["no_password_required"], true);
        assert_eq!(all[1].facts["password_count"], 2);
        assert_eq!(all[1].config["authentication_mode"], json!([{ "type": "password" }]));
        assert_eq!(all[2].strings("config.user_ids"), ["default", "shop"]);
        assert_eq!(all[2].strings("facts.replication_group_ids"), ["cache"]);
    }

    #[test]
    fn a_refusal_concerns_its_own_type_only() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, ledger) = collect(
            &COLLECTOR,
            &[("elasticache:DescribeUsers", 200, &wrap("DescribeUsers", "<Users/>")), ("elasticache:DescribeUserGroups", 403, denied)],
        );
        assert!(all.is_empty());
        let refused = ledger.iter().find(|e| e.outcome == Outcome::Denied).unwrap();
        assert_eq!(refused.types, ["aws_elasticache_user_group"]);
    }
}
