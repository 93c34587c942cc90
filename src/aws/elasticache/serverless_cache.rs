//! Serverless caches.

use aws_sdk_elasticache::types as elasticache;
use serde_json::json;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{block, set, time};

/// `aws_elasticache_serverless_cache`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_elasticache_serverless_cache"],
    calls: &[list("elasticache:DescribeServerlessCaches")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.elasticache().describe_serverless_caches().into_paginator().send();
    for cache in scan.list("elasticache:DescribeServerlessCaches", pages, |p| p.serverless_caches.unwrap_or_default()).await {
        one(scan, &cache).await;
    }
}

async fn one(scan: &Scan<'_>, cache: &elasticache::ServerlessCache) {
    let Some(name) = cache.serverless_cache_name() else { return };
    let mut r = scan.resource("aws_elasticache_serverless_cache", name);
    r.arn = cache.arn().map(str::to_owned);
    r.name = Some(name.into());
    scan.bulk_tags(&mut r).await;
    let limits = cache.cache_usage_limits();
    let storage = limits
        .and_then(|l| l.data_storage())
        .map(|s| json!({ "maximum": s.maximum(), "minimum": s.minimum(), "unit": s.unit().map(|u| u.as_str()) }));
    let units = limits.and_then(|l| l.ecpu_per_second()).map(|e| json!({ "maximum": e.maximum(), "minimum": e.minimum() }));
    let usage = (storage.is_some() || units.is_some()).then(|| json!({ "data_storage": block(storage), "ecpu_per_second": block(units) }));
    r.set("name", name)
        .set("cache_usage_limits", block(usage))
        .set("daily_snapshot_time", cache.daily_snapshot_time())
        .set("description", cache.description())
        .set("engine", cache.engine())
        .set("kms_key_id", cache.kms_key_id())
        .set("major_engine_version", cache.major_engine_version())
        .set("security_group_ids", set(cache.security_group_ids()))
        .set("snapshot_retention_limit", cache.snapshot_retention_limit())
        .set("subnet_ids", set(cache.subnet_ids()))
        .set("user_group_id", cache.user_group_id());
    r.fact("status", cache.status())
        .fact("create_time", time(cache.create_time()))
        .fact("engine_version_actual", cache.full_engine_version())
        .fact("endpoint", cache.endpoint().and_then(|e| e.address()))
        .fact("endpoint_port", cache.endpoint().and_then(|e| e.port()))
        .fact("reader_endpoint", cache.reader_endpoint().and_then(|e| e.address()));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    #[test]
    fn a_cache_with_limits() {
        let body = r#"<DescribeServerlessCachesResponse xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/"><DescribeServerlessCachesResult><ServerlessCaches>
            <member><ServerlessCacheName>feed</ServerlessCacheName><Engine>valkey</Engine><MajorEngineVersion>8</MajorEngineVersion><FullEngineVersion>8.0</FullEngineVersion><Status>available</Status><SnapshotRetentionLimit>3</SnapshotRetentionLimit>
              <CacheUsageLimits><DataStorage><Maximum>10</Maximum><Unit>GB</Unit></DataStorage></CacheUsageLimits><SubnetIds><SubnetId>subnet-b</SubnetId><SubnetId>subnet-a</SubnetId></SubnetIds>
              <Endpoint><Address>feed.serverless.euw3.cache.amazonaws.com</Address><Port>6379</Port></Endpoint></member>
            <member><ServerlessCacheName>plain</ServerlessCacheName><Engine>memcached</Engine></member>
            </ServerlessCaches></DescribeServerlessCachesResult></DescribeServerlessCachesResponse>"#;
        let (all, _) = collect(&COLLECTOR, &[("elasticache:DescribeServerlessCaches", 200, body)]);
        assert_eq!(all[0].config["cache_usage_limits"][0]["data_storage"][0]["maximum"], 10);
        assert_eq!(all[0].config["cache_usage_limits"][0]["ecpu_per_second"], json!([]));
        assert_eq!(all[0].strings("config.subnet_ids"), ["subnet-a", "subnet-b"]);
        assert_eq!(all[1].config["cache_usage_limits"], json!([]));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, ledger) = collect(&COLLECTOR, &[("elasticache:DescribeServerlessCaches", 403, denied)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Denied);
    }
}
