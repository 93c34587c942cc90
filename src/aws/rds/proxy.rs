//! Proxies in front of databases: the proxy, its default target group, the databases behind it, and its further endpoints.

use aws_sdk_rds::types as rds;
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{block, set, time};

/// `aws_db_proxy`, `aws_db_proxy_default_target_group`, `aws_db_proxy_target`, `aws_db_proxy_endpoint`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_db_proxy", "aws_db_proxy_default_target_group", "aws_db_proxy_target", "aws_db_proxy_endpoint"],
    calls: &[
        list("rds:DescribeDBProxies").yields(&["aws_db_proxy", "aws_db_proxy_default_target_group", "aws_db_proxy_target"]),
        list("rds:DescribeDBProxyTargetGroups").yields(&["aws_db_proxy_default_target_group", "aws_db_proxy_target"]),
        list("rds:DescribeDBProxyTargets").yields(&["aws_db_proxy_target"]),
        list("rds:DescribeDBProxyEndpoints").yields(&["aws_db_proxy_endpoint"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.rds().describe_db_proxies().into_paginator().send();
    let proxies = scan.list("rds:DescribeDBProxies", pages, |p| p.db_proxies.unwrap_or_default()).await;
    if proxies.is_empty() && scan.gap("rds:DescribeDBProxies").is_none() {
        return;
    }
    for proxy in &proxies {
        one_proxy(scan, proxy).await;
    }
    let pages = scan.rds().describe_db_proxy_endpoints().into_paginator().send();
    for endpoint in scan.list("rds:DescribeDBProxyEndpoints", pages, |p| p.db_proxy_endpoints.unwrap_or_default()).await {
        one_endpoint(scan, &endpoint).await;
    }
}

async fn one_proxy(scan: &Scan<'_>, proxy: &rds::DbProxy) {
    let Some(name) = proxy.db_proxy_name() else { return };
    let mut r = scan.resource("aws_db_proxy", name);
    r.arn = proxy.db_proxy_arn().map(str::to_owned);
    r.name = Some(name.into());
    scan.bulk_tags(&mut r).await;
    let mut auth: Vec<Value> = proxy.auth().iter().map(ways_in).collect();
    auth.sort_by_cached_key(Value::to_string);
    r.set("name", name)
        .set("auth", auth)
        .set("debug_logging", proxy.debug_logging())
        .set("engine_family", proxy.engine_family())
        .set("idle_client_timeout", proxy.idle_client_timeout())
        .set("require_tls", proxy.require_tls())
        .set("role_arn", proxy.role_arn())
        .set("vpc_security_group_ids", set(proxy.vpc_security_group_ids()))
        .set("vpc_subnet_ids", set(proxy.vpc_subnet_ids()));
    r.fact("status", proxy.status().map(|s| s.as_str()))
        .fact("endpoint", proxy.endpoint())
        .fact("vpc_id", proxy.vpc_id())
        .fact("create_time", time(proxy.created_date()));
    scan.emit(r);
    let pages = scan.rds().describe_db_proxy_target_groups().db_proxy_name(name).into_paginator().send();
    for group in scan.list("rds:DescribeDBProxyTargetGroups", pages, |p| p.target_groups.unwrap_or_default()).await {
        target_group(scan, name, &group).await;
    }
}

fn ways_in(auth: &rds::UserAuthConfigInfo) -> Value {
    json!({
        "auth_scheme": auth.auth_scheme().map(|s| s.as_str()),
        "client_password_auth_type": auth.client_password_auth_type().map(|t| t.as_str()),
        "description": auth.description(),
        "iam_auth": auth.iam_auth().map(|m| m.as_str()),
        "secret_arn": auth.secret_arn(),
        "username": auth.user_name(),
    })
}

async fn target_group(scan: &Scan<'_>, proxy: &str, group: &rds::DbProxyTargetGroup) {
    let Some(name) = group.target_group_name() else { return };
    if group.is_default() == Some(true) {
        let mut r = scan.resource("aws_db_proxy_default_target_group", proxy);
        r.arn = group.target_group_arn().map(str::to_owned);
        r.name = Some(proxy.into());
        let pool = group.connection_pool_config().map(|c| {
            json!({
                "connection_borrow_timeout": c.connection_borrow_timeout(),
                "init_query": c.init_query(),
                "max_connections_percent": c.max_connections_percent(),
                "max_idle_connections_percent": c.max_idle_connections_percent(),
                "session_pinning_filters": set(c.session_pinning_filters()),
            })
        });
        r.set("db_proxy_name", proxy).set("connection_pool_config", block(pool));
        r.fact("status", group.status());
        scan.emit(r);
    }
    let pages = scan.rds().describe_db_proxy_targets().db_proxy_name(proxy).target_group_name(name).into_paginator().send();
    for target in scan.list("rds:DescribeDBProxyTargets", pages, |p| p.targets.unwrap_or_default()).await {
        // The members of a cluster that is a target are answered as targets too.
        if target.tracked_cluster_id().is_some_and(|c| !c.is_empty() && Some(c) != target.rds_resource_id()) {
            continue;
        }
        let (Some(kind), Some(resource)) = (target.r#type().map(|t| t.as_str()), target.rds_resource_id()) else { continue };
        let mut r = scan.resource("aws_db_proxy_target", &format!("{proxy}/{name}/{kind}/{resource}"));
        r.name = Some(format!("{proxy} {resource}"));
        let argument = if kind == "TRACKED_CLUSTER" { "db_cluster_identifier" } else { "db_instance_identifier" };
        r.set("db_proxy_name", proxy).set("target_group_name", name).set(argument, resource);
        let health = target.target_health();
        r.fact("health", health.and_then(|h| h.state()).map(|s| s.as_str()))
            .fact("health_reason", health.and_then(|h| h.reason()).map(|s| s.as_str()));
        scan.emit(r);
    }
}

async fn one_endpoint(scan: &Scan<'_>, endpoint: &rds::DbProxyEndpoint) {
    // The default endpoint is the proxy's own.
    let (Some(proxy), Some(name), Some(false)) = (endpoint.db_proxy_name(), endpoint.db_proxy_endpoint_name(), endpoint.is_default())
    else {
        return;
    };
    let mut r = scan.resource("aws_db_proxy_endpoint", &format!("{proxy}/{name}"));
    r.arn = endpoint.db_proxy_endpoint_arn().map(str::to_owned);
    r.name = Some(name.into());
    scan.bulk_tags(&mut r).await;
    r.set("db_proxy_endpoint_name", name)
        .set("db_proxy_name", proxy)
        .set("target_role", endpoint.target_role().map(|t| t.as_str()))
        .set("vpc_security_group_ids", set(endpoint.vpc_security_group_ids()))
        .set("vpc_subnet_ids", set(endpoint.vpc_subnet_ids()));
    r.fact("status", endpoint.status().map(|s| s.as_str())).fact("endpoint", endpoint.endpoint()).fact("vpc_id", endpoint.vpc_id());
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    fn wrap(operation: &str, inside: &str) -> String {
        format!(
            r#"<{operation}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><{operation}Result>{inside}</{operation}Result></{operation}Response>"#
        )
    }

    const PROXIES: &str = "<DBProxies><member><DBProxyName>shop</DBProxyName><EngineFamily>POSTGRESQL</EngineFamily><RequireTLS>true</RequireTLS><IdleClientTimeout>1800</IdleClientTimeout><Status>available</Status><RoleArn>arn:aws:iam::123456789012:role/proxy</RoleArn>\
        <Auth><member><AuthScheme>SECRETS</AuthScheme><IAMAuth>REQUIRED</IAMAuth><SecretArn>arn:s</SecretArn></member></Auth><VpcSubnetIds><member>subnet-b</member><member>subnet-a</member></VpcSubnetIds></member></DBProxies>";

    #[test]
    fn a_proxy_with_all_its_parts() {
        let groups = "<TargetGroups><member><DBProxyName>shop</DBProxyName><TargetGroupName>default</TargetGroupName><IsDefault>true</IsDefault><ConnectionPoolConfig><MaxConnectionsPercent>90</MaxConnectionsPercent></ConnectionPoolConfig></member></TargetGroups>";
        let targets = "<Targets><member><Type>TRACKED_CLUSTER</Type><RdsResourceId>shop</RdsResourceId></member>\
            <member><Type>RDS_INSTANCE</Type><RdsResourceId>shop-1</RdsResourceId><TrackedClusterId>shop</TrackedClusterId><TargetHealth><State>AVAILABLE</State></TargetHealth></member></Targets>";
        let endpoints = "<DBProxyEndpoints><member><DBProxyName>shop</DBProxyName><DBProxyEndpointName>shop</DBProxyEndpointName><IsDefault>true</IsDefault></member>\
            <member><DBProxyName>shop</DBProxyName><DBProxyEndpointName>reads</DBProxyEndpointName><IsDefault>false</IsDefault><TargetRole>READ_ONLY</TargetRole></member></DBProxyEndpoints>";
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("rds:DescribeDBProxies", 200, &wrap("DescribeDBProxies", PROXIES)),
                ("rds:DescribeDBProxyTargetGroups", 200, &wrap("DescribeDBProxyTargetGroups", groups)),
                ("rds:DescribeDBProxyTargets", 200, &wrap("DescribeDBProxyTargets", targets)),
                ("rds:DescribeDBProxyEndpoints", 200, &wrap("DescribeDBProxyEndpoints", endpoints)),
            ],
        );
        let ids: Vec<&str> = all.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(ids, ["shop", "shop", "shop/reads", "shop/default/TRACKED_CLUSTER/shop"]);
        assert_eq!(all[0].config["auth"][0]["iam_auth"], "REQUIRED");
        assert_eq!(all[0].strings("config.vpc_subnet_ids"), ["subnet-a", "subnet-b"]);
        assert_eq!(all[1].config["connection_pool_config"][0]["max_connections_percent"], 90);
        assert_eq!(all[3].config["db_cluster_identifier"], "shop");
    }

    #[test]
    fn without_proxies_nothing_more_is_asked() {
        let (all, ledger) = collect(&COLLECTOR, &[("rds:DescribeDBProxies", 200, &wrap("DescribeDBProxies", "<DBProxies/>"))]);
        assert!(all.is_empty());
        assert_eq!(ledger.iter().map(|e| e.requests).sum::<u64>(), 1);
    }

    #[test]
    fn a_refused_listing_is_a_gap_of_what_it_yields() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("rds:DescribeDBProxies", 403, denied),
                ("rds:DescribeDBProxyEndpoints", 200, &wrap("DescribeDBProxyEndpoints", "<DBProxyEndpoints/>")),
            ],
        );
        let refused = ledger.iter().find(|e| e.outcome == Outcome::Denied).unwrap();
        assert!(all.is_empty() && refused.types.contains(&"aws_db_proxy".to_owned()));
    }
}
