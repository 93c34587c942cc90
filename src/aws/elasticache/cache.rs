//! Caches: replication groups with their members, clusters that stand alone, and the snapshots that people took.

use std::collections::BTreeMap;

use aws_sdk_elasticache::types as elasticache;
use serde_json::{Map, Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::metrics::{self, Figure};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{set, time};
use crate::estate::Resource;

/// `aws_elasticache_replication_group`, `aws_elasticache_cluster` (members of a group too), `x_elasticache_snapshot`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_elasticache_replication_group", "aws_elasticache_cluster", "x_elasticache_snapshot"],
    calls: &[
        list("elasticache:DescribeReplicationGroups").yields(&["aws_elasticache_replication_group"]),
        // Half of a group's arguments stand with its members.
        list("elasticache:DescribeCacheClusters").yields(&["aws_elasticache_cluster", "aws_elasticache_replication_group"]),
        list("elasticache:DescribeSnapshots").yields(&["x_elasticache_snapshot"]),
        detail("elasticache:DescribeCacheSubnetGroups"),
        detail("elasticache:DescribeUpdateActions"),
        metrics::CALL,
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// What CloudWatch tells of a cache.
const FIGURES: [&str; 2] = ["facts.connections_max_7d", "facts.lookups_7d"];

/// Most connections at a time, and keys looked up, in the last week.
type Figures = (Option<f64>, Option<f64>);

/// What holds for a region and says something about its caches.
#[derive(Default)]
struct Region {
    /// VPC and subnets by subnet group.
    networks: BTreeMap<String, (Option<String>, Vec<String>)>,
    /// Service updates that wait, by replication group or cluster.
    updates: BTreeMap<String, Vec<Value>>,
    /// Number of snapshots and the time of the newest, by replication group or cluster.
    snapshots: BTreeMap<String, (u64, Value)>,
    /// By cluster.
    figures: BTreeMap<String, Figures>,
    /// What could not be asked, for every cache.
    unread: BTreeMap<String, String>,
}

async fn collect(scan: &Scan<'_>) {
    let client = scan.elasticache();
    let pages = client.describe_replication_groups().into_paginator().send();
    let groups = scan.list("elasticache:DescribeReplicationGroups", pages, |p| p.replication_groups.unwrap_or_default()).await;
    let pages = client.describe_cache_clusters().show_cache_node_info(true).into_paginator().send();
    let clusters = scan.list("elasticache:DescribeCacheClusters", pages, |p| p.cache_clusters.unwrap_or_default()).await;
    let mut region = Region::default();
    snapshots(scan, &mut region).await;
    if groups.is_empty() && clusters.is_empty() {
        return;
    }
    surroundings(scan, &clusters, &mut region).await;
    for group in &groups {
        replication_group(scan, group, &clusters, &region).await;
    }
    for cluster in &clusters {
        one_cluster(scan, cluster, &region).await;
    }
}

async fn snapshots(scan: &Scan<'_>, region: &mut Region) {
    let pages = scan.elasticache().describe_snapshots().into_paginator().send();
    for snapshot in scan.list("elasticache:DescribeSnapshots", pages, |p| p.snapshots.unwrap_or_default()).await {
        let taken = snapshot.node_snapshots().iter().filter_map(|n| n.snapshot_create_time()).max();
        let taken = time(taken);
        let of = snapshot.replication_group_id().or(snapshot.cache_cluster_id()).unwrap_or_default();
        let entry = region.snapshots.entry(of.to_owned()).or_insert((0, Value::Null));
        entry.0 += 1;
        if taken.as_str() > entry.1.as_str() {
            entry.1 = taken.clone();
        }
        // Those that ElastiCache takes come and go with its window; only those that people took are things of their own.
        let Some(name) = snapshot.snapshot_name().filter(|_| snapshot.snapshot_source() == Some("manual")) else { continue };
        let mut r = scan.resource("x_elasticache_snapshot", name);
        r.arn = snapshot.arn().map(str::to_owned);
        r.name = Some(name.into());
        r.fact("cache_id", of)
            .fact("status", snapshot.snapshot_status())
            .fact("create_time", taken)
            .fact("engine", snapshot.engine())
            .fact("engine_version", snapshot.engine_version())
            .fact("kms_key_id", snapshot.kms_key_id());
        scan.emit(r);
    }
    if let Some(cause) = scan.gap("elasticache:DescribeSnapshots") {
        region.unread.insert("facts.snapshot_count".into(), cause.clone());
        region.unread.insert("facts.latest_snapshot".into(), cause);
    }
}

async fn surroundings(scan: &Scan<'_>, clusters: &[elasticache::CacheCluster], region: &mut Region) {
    // Nothing is emitted of this one; it takes up what could not be read.
    let mut any = scan.resource("aws_elasticache_replication_group", "any");
    let mut marker = None;
    loop {
        let request = scan.elasticache().describe_cache_subnet_groups().set_marker(marker.take()).send();
        let paths = ["facts.vpc_id", "facts.subnet_ids"];
        let Detail::Got(answer) = scan.detail(&mut any, "elasticache:DescribeCacheSubnetGroups", &paths, request).await else { break };
        for group in answer.cache_subnet_groups() {
            let subnets = group.subnets().iter().filter_map(|s| s.subnet_identifier()).map(str::to_owned).collect();
            let network = (group.vpc_id().map(str::to_owned), subnets);
            region.networks.insert(group.cache_subnet_group_name().unwrap_or_default().to_owned(), network);
        }
        marker = answer.marker().filter(|m| !m.is_empty()).map(str::to_owned);
        if marker.is_none() {
            break;
        }
    }
    let open = [elasticache::UpdateActionStatus::NotApplied, elasticache::UpdateActionStatus::Scheduled];
    loop {
        let actions = scan.elasticache().describe_update_actions().set_update_action_status(Some(open.to_vec()));
        let request = actions.set_marker(marker.take()).send();
        let paths = ["facts.update_actions"];
        let Detail::Got(answer) = scan.detail(&mut any, "elasticache:DescribeUpdateActions", &paths, request).await else { break };
        for action in answer.update_actions() {
            let of = action.replication_group_id().or(action.cache_cluster_id()).unwrap_or_default();
            region.updates.entry(of.to_owned()).or_default().push(json!({
                "name": action.service_update_name(),
                "severity": action.service_update_severity().map(|s| s.as_str()),
                "type": action.service_update_type().map(|t| t.as_str()),
                "status": action.update_action_status().map(|s| s.as_str()),
                "apply_by": time(action.service_update_recommended_apply_by_date()),
            }));
        }
        marker = answer.marker().filter(|m| !m.is_empty()).map(str::to_owned);
        if marker.is_none() {
            break;
        }
    }
    figures(scan, &mut any, clusters, region).await;
    region.unread.extend(any.unread);
}

async fn figures(scan: &Scan<'_>, any: &mut Resource, clusters: &[elasticache::CacheCluster], region: &mut Region) {
    let ids: Vec<&str> = clusters.iter().filter_map(|c| c.cache_cluster_id()).collect();
    let of = |id, metric, statistic| Figure {
        namespace: "AWS/ElastiCache",
        metric,
        dimensions: vec![("CacheClusterId", id)],
        statistic,
        period: 86_400,
    };
    let asked: Vec<Figure<'_>> = clusters
        .iter()
        .filter_map(|c| Some((c.cache_cluster_id()?, c.engine() == Some("memcached"))))
        .flat_map(|(id, memcached)| {
            let (hits, misses) = if memcached { ("GetHits", "GetMisses") } else { ("CacheHits", "CacheMisses") };
            [of(id, "CurrConnections", "Maximum"), of(id, hits, "Sum"), of(id, misses, "Sum")]
        })
        .collect();
    let Some(values) = metrics::read(scan, any, &FIGURES, 7, &asked).await else { return };
    for (id, three) in ids.iter().zip(values.chunks(3)) {
        let [connections, hits, misses] = three else { continue };
        let lookups = [hits, misses].into_iter().flatten().copied().reduce(|a, b| a + b);
        region.figures.insert((*id).to_owned(), (connections.iter().copied().reduce(f64::max), lookups));
    }
}

impl Region {
    /// Puts what the region tells on a cache whose nodes are `members`.
    fn tell(&self, r: &mut Resource, subnet_group: Option<&str>, members: &[&str]) {
        for (path, cause) in &self.unread {
            r.unread.insert(path.clone(), cause.clone());
        }
        let known = |path: &str| !self.unread.contains_key(path);
        if known("facts.vpc_id") {
            let network = subnet_group.and_then(|g| self.networks.get(g));
            r.fact("vpc_id", network.and_then(|n| n.0.clone())).fact("subnet_ids", set(network.map_or(&[][..], |n| &n.1)));
        }
        if known("facts.update_actions") {
            r.fact("update_actions", self.updates.get(&r.id).cloned().unwrap_or_default());
        }
        if known("facts.snapshot_count") {
            let (count, newest) = self.snapshots.get(&r.id).cloned().unwrap_or_default();
            r.fact("snapshot_count", count).fact("latest_snapshot", newest);
        }
        if known(FIGURES[0]) {
            let of = |pick: fn(&Figures) -> Option<f64>| members.iter().filter_map(move |m| pick(self.figures.get(*m)?));
            r.fact("connections_max_7d", of(|f| f.0).reduce(f64::max)).fact("lookups_7d", of(|f| f.1).reduce(|a, b| a + b));
        }
    }
}

async fn replication_group(
    scan: &Scan<'_>,
    group: &elasticache::ReplicationGroup,
    clusters: &[elasticache::CacheCluster],
    region: &Region,
) {
    let Some(id) = group.replication_group_id() else { return };
    let mut r = scan.resource("aws_elasticache_replication_group", id);
    r.arn = group.arn().map(str::to_owned);
    r.name = Some(id.into());
    scan.bulk_tags(&mut r).await;
    let nodes = group.node_groups();
    let failover = group.automatic_failover().map(|f| f.as_str().starts_with("enabl"));
    let endpoint = group.configuration_endpoint().or_else(|| nodes.first().and_then(|n| n.primary_endpoint()));
    let reader = nodes.first().and_then(|n| n.reader_endpoint());
    r.set("replication_group_id", id)
        .set("description", group.description())
        .set("global_replication_group_id", group.global_replication_group_info().and_then(|g| g.global_replication_group_id()))
        .set("automatic_failover_enabled", failover)
        .set("multi_az_enabled", group.multi_az().map(|m| m.as_str() == "enabled"))
        .set("kms_key_id", group.kms_key_id())
        .set("num_cache_clusters", group.member_clusters().len())
        .set("num_node_groups", nodes.len())
        .set("replicas_per_node_group", nodes.first().map(|n| n.node_group_members().len().saturating_sub(1)))
        .set("cluster_mode", group.cluster_mode().map(|m| m.as_str()))
        .set("data_tiering_enabled", group.data_tiering().is_some_and(|d| d.as_str() == "enabled"))
        .set("log_delivery_configuration", logs(group.log_delivery_configurations()))
        .set("snapshot_window", group.snapshot_window())
        .set("snapshot_retention_limit", group.snapshot_retention_limit())
        .set("port", endpoint.and_then(|e| e.port()))
        .set("user_group_ids", set(group.user_group_ids()));
    let members: Vec<&str> = group.member_clusters().iter().map(String::as_str).collect();
    let first = nodes.first().and_then(|n| n.node_group_members().first()).and_then(|m| m.cache_cluster_id());
    let member = clusters.iter().find(|c| c.cache_cluster_id().is_some() && c.cache_cluster_id() == first.or(members.first().copied()));
    let subnet_group = member.and_then(|c| c.cache_subnet_group_name());
    match member {
        Some(cluster) => {
            shared_arguments(&mut r, cluster);
            r.set("at_rest_encryption_enabled", text(cluster.at_rest_encryption_enabled()))
                .set("transit_encryption_mode", cluster.transit_encryption_mode().map(|m| m.as_str()));
            r.fact("parameter_apply_status", cluster.cache_parameter_group().and_then(|g| g.parameter_apply_status()));
        }
        None => {
            // The group itself tells some of it.
            r.set("engine", group.engine())
                .set("node_type", group.cache_node_type())
                .set("at_rest_encryption_enabled", text(group.at_rest_encryption_enabled()))
                .set("auto_minor_version_upgrade", text(group.auto_minor_version_upgrade()))
                .set("network_type", group.network_type().map(|n| n.as_str()))
                .set("ip_discovery", group.ip_discovery().map(|d| d.as_str()))
                .set("transit_encryption_enabled", group.transit_encryption_enabled())
                .set("transit_encryption_mode", group.transit_encryption_mode().map(|m| m.as_str()));
            let cause = scan.gap("elasticache:DescribeCacheClusters").unwrap_or_else(|| "its members were not listed".into());
            r.mark_unread(&FROM_MEMBERS, &cause);
        }
    }
    let zones = nodes.iter().flat_map(|n| n.node_group_members()).filter_map(|m| m.preferred_availability_zone());
    r.fact("status", group.status())
        .fact("create_time", time(group.replication_group_create_time()))
        .fact("cluster_enabled", group.cluster_enabled())
        .fact("primary_endpoint", nodes.first().and_then(|n| n.primary_endpoint()).and_then(|e| e.address()))
        .fact("reader_endpoint", reader.and_then(|e| e.address()))
        .fact("configuration_endpoint", group.configuration_endpoint().and_then(|e| e.address()))
        .fact("member_ids", set(&members))
        .fact("zones", set(zones))
        .fact("auth_token_enabled", group.auth_token_enabled())
        .fact("auth_token_changed", time(group.auth_token_last_modified_date()))
        .fact("pending_modified_values", group.pending_modified_values().map_or_else(|| json!({}), group_pending));
    if member.is_some() {
        region.tell(&mut r, subnet_group, &members);
    } else {
        region.tell(&mut r, None, &members);
        r.facts.remove("vpc_id");
        r.facts.remove("subnet_ids");
    }
    scan.emit(r);
}

/// What only a member of a replication group tells.
const FROM_MEMBERS: [&str; 9] = [
    "config.engine_version",
    "config.maintenance_window",
    "config.notification_topic_arn",
    "config.parameter_group_name",
    "config.security_group_ids",
    "config.subnet_group_name",
    "facts.engine_version_actual",
    "facts.vpc_id",
    "facts.subnet_ids",
];

async fn one_cluster(scan: &Scan<'_>, cluster: &elasticache::CacheCluster, region: &Region) {
    let Some(id) = cluster.cache_cluster_id() else { return };
    let mut r = scan.resource("aws_elasticache_cluster", id);
    r.arn = cluster.arn().map(str::to_owned);
    r.name = Some(id.into());
    scan.bulk_tags(&mut r).await;
    shared_arguments(&mut r, cluster);
    let zone = cluster.preferred_availability_zone();
    let node = cluster.cache_nodes().first().and_then(|n| n.endpoint());
    let endpoint = cluster.configuration_endpoint();
    r.set("cluster_id", id)
        .set("availability_zone", zone)
        .set("az_mode", if zone == Some("Multiple") { "cross-az" } else { "single-az" })
        .set("log_delivery_configuration", logs(cluster.log_delivery_configurations()))
        .set("num_cache_nodes", cluster.num_cache_nodes())
        .set("port", endpoint.or(node).and_then(|e| e.port()))
        .set("preferred_outpost_arn", cluster.preferred_outpost_arn())
        .set("replication_group_id", cluster.replication_group_id())
        .set("snapshot_retention_limit", cluster.snapshot_retention_limit())
        .set("snapshot_window", cluster.snapshot_window());
    let zones = cluster.cache_nodes().iter().filter_map(|n| n.customer_availability_zone());
    r.fact("status", cluster.cache_cluster_status())
        .fact("create_time", time(cluster.cache_cluster_create_time()))
        .fact("endpoint", endpoint.or(node).and_then(|e| e.address()))
        .fact("zones", set(zones.chain(zone.filter(|z| *z != "Multiple"))))
        .fact("at_rest_encryption_enabled", cluster.at_rest_encryption_enabled())
        .fact("auth_token_enabled", cluster.auth_token_enabled())
        .fact("parameter_apply_status", cluster.cache_parameter_group().and_then(|g| g.parameter_apply_status()))
        .fact("pending_modified_values", cluster.pending_modified_values().map_or_else(|| json!({}), cluster_pending));
    region.tell(&mut r, cluster.cache_subnet_group_name(), &[id]);
    scan.emit(r);
}

/// Arguments that both types have under the same name, and the version that really runs.
fn shared_arguments(r: &mut Resource, c: &elasticache::CacheCluster) {
    let topic = c.notification_configuration().filter(|n| n.topic_status() == Some("active"));
    r.set("auto_minor_version_upgrade", text(c.auto_minor_version_upgrade()))
        .set("engine", c.engine())
        .set("engine_version", c.engine_version().map(|v| written_version(c.engine(), v)))
        .set("node_type", c.cache_node_type())
        .set("ip_discovery", c.ip_discovery().map(|d| d.as_str()))
        .set("maintenance_window", c.preferred_maintenance_window())
        .set("network_type", c.network_type().map(|n| n.as_str()))
        .set("notification_topic_arn", topic.and_then(|t| t.topic_arn()))
        .set("parameter_group_name", c.cache_parameter_group().and_then(|g| g.cache_parameter_group_name()))
        .set("security_group_ids", set(c.security_groups().iter().filter_map(|g| g.security_group_id())))
        .set("subnet_group_name", c.cache_subnet_group_name())
        .set("transit_encryption_enabled", c.transit_encryption_enabled());
    r.fact("engine_version_actual", c.engine_version());
}

/// From version 6 on Redis and Valkey are asked for by major and minor version, and AWS picks the patch level.
fn written_version(engine: Option<&str>, version: &str) -> String {
    let parts: Vec<&str> = version.split('.').collect();
    match (engine, parts.as_slice()) {
        (Some("memcached"), _) => version.into(),
        (_, [major, minor, ..]) if major.parse::<u32>().is_ok_and(|m| m >= 6) => format!("{major}.{minor}"),
        _ => version.into(),
    }
}

/// The provider keeps some switches as text.
fn text(switch: Option<bool>) -> Option<String> {
    switch.map(|b| b.to_string())
}

fn logs(configurations: &[elasticache::LogDeliveryConfiguration]) -> Vec<Value> {
    let one = |c: &elasticache::LogDeliveryConfiguration| {
        let details = c.destination_details();
        let log_group = details.and_then(|d| d.cloud_watch_logs_details()).and_then(|l| l.log_group());
        let stream = details.and_then(|d| d.kinesis_firehose_details()).and_then(|f| f.delivery_stream());
        json!({
            "destination": log_group.or(stream),
            "destination_type": c.destination_type().map(|t| t.as_str()),
            "log_format": c.log_format().map(|f| f.as_str()),
            "log_type": c.log_type().map(|t| t.as_str()),
        })
    };
    let mut all: Vec<Value> = configurations.iter().map(one).collect();
    all.sort_by_cached_key(Value::to_string);
    all
}

/// Changes of a group that wait, by argument. Of a new token only that there is one.
fn group_pending(p: &elasticache::ReplicationGroupPendingModifiedValues) -> Value {
    let mut all = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            all.insert(name.into(), value);
        }
    };
    put("primary_cluster_id", p.primary_cluster_id().into());
    put("automatic_failover_enabled", p.automatic_failover_status().map(|s| s.as_str() == "enabled").into());
    put("auth_token", p.auth_token_status().map(|_| "a new one").into());
    put("transit_encryption_enabled", p.transit_encryption_enabled().into());
    put("transit_encryption_mode", p.transit_encryption_mode().map(|m| m.as_str()).into());
    put("cluster_mode", p.cluster_mode().map(|m| m.as_str()).into());
    put("num_node_groups", p.resharding().map(|_| "resharding").into());
    Value::Object(all)
}

/// Changes of a cluster that wait, by argument.
fn cluster_pending(p: &elasticache::PendingModifiedValues) -> Value {
    let mut all = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            all.insert(name.into(), value);
        }
    };
    put("num_cache_nodes", p.num_cache_nodes().into());
    put("engine_version", p.engine_version().into());
    put("node_type", p.cache_node_type().into());
    put("auth_token", p.auth_token_status().map(|_| "a new one").into());
    put("transit_encryption_enabled", p.transit_encryption_enabled().into());
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::{LedgerEntry, Outcome};

    fn wrap(operation: &str, inside: &str) -> String {
        format!(
            r#"<{operation}Response xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/"><{operation}Result>{inside}</{operation}Result></{operation}Response>"#
        )
    }

    const GROUP: &str = "<ReplicationGroups><ReplicationGroup><ReplicationGroupId>shop</ReplicationGroupId><Description>sessions</Description><Status>available</Status>\
        <MemberClusters><ClusterId>shop-001</ClusterId><ClusterId>shop-002</ClusterId></MemberClusters>\
        <NodeGroups><NodeGroup><NodeGroupId>0001</NodeGroupId><PrimaryEndpoint><Address>master.shop.x.euw3.cache.amazonaws.com</Address><Port>6380</Port></PrimaryEndpoint>\
          <ReaderEndpoint><Address>replica.shop.x.euw3.cache.amazonaws.com</Address><Port>6380</Port></ReaderEndpoint>\
          <NodeGroupMembers><NodeGroupMember><CacheClusterId>shop-001</CacheClusterId><PreferredAvailabilityZone>eu-west-3a</PreferredAvailabilityZone></NodeGroupMember>\
          <NodeGroupMember><CacheClusterId>shop-002</CacheClusterId><PreferredAvailabilityZone>eu-west-3b</PreferredAvailabilityZone></NodeGroupMember></NodeGroupMembers></NodeGroup></NodeGroups>\
        <AutomaticFailover>enabled</AutomaticFailover><MultiAZ>enabled</MultiAZ><SnapshotRetentionLimit>7</SnapshotRetentionLimit><SnapshotWindow>03:00-04:00</SnapshotWindow>\
        <ClusterEnabled>false</ClusterEnabled><ClusterMode>disabled</ClusterMode><AuthTokenEnabled>true</AuthTokenEnabled><CacheNodeType>cache.t3.small</CacheNodeType>\
        <PendingModifiedValues><AuthTokenStatus>SETTING</AuthTokenStatus></PendingModifiedValues>\
        <LogDeliveryConfigurations><LogDeliveryConfiguration><LogType>slow-log</LogType><DestinationType>cloudwatch-logs</DestinationType><LogFormat>json</LogFormat>\
          <DestinationDetails><CloudWatchLogsDetails><LogGroup>/redis/slow</LogGroup></CloudWatchLogsDetails></DestinationDetails></LogDeliveryConfiguration></LogDeliveryConfigurations>\
        <ARN>arn:aws:elasticache:eu-west-3:123456789012:replicationgroup:shop</ARN></ReplicationGroup></ReplicationGroups>";

    const CLUSTERS: &str = "<CacheClusters><CacheCluster><CacheClusterId>shop-001</CacheClusterId><ReplicationGroupId>shop</ReplicationGroupId><Engine>redis</Engine><EngineVersion>7.0.7</EngineVersion>\
          <CacheNodeType>cache.t3.small</CacheNodeType><CacheSubnetGroupName>data</CacheSubnetGroupName><AtRestEncryptionEnabled>true</AtRestEncryptionEnabled><TransitEncryptionEnabled>true</TransitEncryptionEnabled>\
          <TransitEncryptionMode>required</TransitEncryptionMode><AutoMinorVersionUpgrade>true</AutoMinorVersionUpgrade><CacheParameterGroup><CacheParameterGroupName>default.redis7</CacheParameterGroupName><ParameterApplyStatus>in-sync</ParameterApplyStatus></CacheParameterGroup>\
          <SecurityGroups><member><SecurityGroupId>sg-1</SecurityGroupId><Status>active</Status></member></SecurityGroups><NumCacheNodes>1</NumCacheNodes></CacheCluster>\
        <CacheCluster><CacheClusterId>pages</CacheClusterId><Engine>memcached</Engine><EngineVersion>1.6.22</EngineVersion><NumCacheNodes>2</NumCacheNodes><PreferredAvailabilityZone>Multiple</PreferredAvailabilityZone>\
          <ConfigurationEndpoint><Address>pages.cfg.euw3.cache.amazonaws.com</Address><Port>11211</Port></ConfigurationEndpoint>\
          <NotificationConfiguration><TopicArn>arn:aws:sns:eu-west-3:123456789012:t</TopicArn><TopicStatus>inactive</TopicStatus></NotificationConfiguration></CacheCluster></CacheClusters>";

    fn answers(clusters: (u16, &str), snapshots: (u16, &str)) -> (Vec<Resource>, Vec<LedgerEntry>) {
        let updates = "<UpdateActions><UpdateAction><ReplicationGroupId>shop</ReplicationGroupId><ServiceUpdateName>elasticache-20250301</ServiceUpdateName><ServiceUpdateSeverity>important</ServiceUpdateSeverity>\
            <UpdateActionStatus>not-applied</UpdateActionStatus><ServiceUpdateRecommendedApplyByDate>2026-02-01T00:00:00Z</ServiceUpdateRecommendedApplyByDate></UpdateAction></UpdateActions>";
        let subnets = "<CacheSubnetGroups><CacheSubnetGroup><CacheSubnetGroupName>data</CacheSubnetGroupName><VpcId>vpc-1</VpcId><Subnets><Subnet><SubnetIdentifier>subnet-b</SubnetIdentifier></Subnet><Subnet><SubnetIdentifier>subnet-a</SubnetIdentifier></Subnet></Subnets></CacheSubnetGroup></CacheSubnetGroups>";
        collect(
            &COLLECTOR,
            &[
                ("elasticache:DescribeReplicationGroups", 200, &wrap("DescribeReplicationGroups", GROUP)),
                ("elasticache:DescribeCacheClusters", clusters.0, clusters.1),
                ("elasticache:DescribeSnapshots", snapshots.0, snapshots.1),
                ("elasticache:DescribeCacheSubnetGroups", 200, &wrap("DescribeCacheSubnetGroups", subnets)),
                ("elasticache:DescribeUpdateActions", 200, &wrap("DescribeUpdateActions", updates)),
                (
                    "cloudwatch:GetMetricData",
                    200,
                    r#"{"MetricDataResults":[{"Id":"f0","Values":[6,4]},{"Id":"f1","Values":[]},{"Id":"f2","Values":[0]},{"Id":"f3","Values":[2]},{"Id":"f4","Values":[10]},{"Id":"f5","Values":[5]}]}"#,
                ),
            ],
        )
    }

    const SNAPSHOTS: &str = "<Snapshots><Snapshot><SnapshotName>automatic.shop-1</SnapshotName><SnapshotSource>automated</SnapshotSource><ReplicationGroupId>shop</ReplicationGroupId>\
          <NodeSnapshots><NodeSnapshot><SnapshotCreateTime>2026-01-01T03:00:00Z</SnapshotCreateTime></NodeSnapshot></NodeSnapshots></Snapshot>\
        <Snapshot><SnapshotName>before-upgrade</SnapshotName><SnapshotSource>manual</SnapshotSource><ReplicationGroupId>shop</ReplicationGroupId><SnapshotStatus>available</SnapshotStatus>\
          <NodeSnapshots><NodeSnapshot><SnapshotCreateTime>2025-06-01T03:00:00Z</SnapshotCreateTime></NodeSnapshot></NodeSnapshots></Snapshot></Snapshots>";

    const DENIED: &str = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";

    #[test]
    fn a_group_its_member_and_a_cluster_of_its_own() {
        let (all, _) = answers((200, &wrap("DescribeCacheClusters", CLUSTERS)), (200, &wrap("DescribeSnapshots", SNAPSHOTS)));
        let of = |id: &str| all.iter().find(|r| r.id == id).unwrap();
        assert_eq!(all.len(), 4);
        assert_eq!(of("before-upgrade").facts["cache_id"], "shop");
        let group = of("shop");
        assert_eq!(group.config["num_cache_clusters"], 2);
        assert_eq!(group.config["replicas_per_node_group"], 1);
        assert_eq!(group.config["engine_version"], "7.0");
        assert_eq!(group.facts["engine_version_actual"], "7.0.7");
        assert_eq!(group.config["port"], 6380);
        assert_eq!(group.config["at_rest_encryption_enabled"], "true");
        assert_eq!(group.config["automatic_failover_enabled"], true);
        assert_eq!(group.config["log_delivery_configuration"][0]["destination"], "/redis/slow");
        assert_eq!(group.facts["pending_modified_values"], json!({ "auth_token": "a new one" }));
        assert_eq!(group.facts["zones"], json!(["eu-west-3a", "eu-west-3b"]));
        assert_eq!(group.facts["vpc_id"], "vpc-1");
        assert_eq!(group.facts["subnet_ids"], json!(["subnet-a", "subnet-b"]));
        assert_eq!(group.facts["snapshot_count"], 2);
        assert_eq!(group.facts["latest_snapshot"], "2026-01-01T03:00:00Z");
        assert_eq!(group.facts["update_actions"][0]["apply_by"], "2026-02-01T00:00:00Z");
        assert_eq!(group.facts["connections_max_7d"], 6.0);
        assert_eq!(group.facts["lookups_7d"], 0.0);
        assert_eq!(of("shop-001").config["replication_group_id"], "shop");
        let pages = of("pages");
        assert_eq!(pages.config["az_mode"], "cross-az");
        assert_eq!(pages.config["engine_version"], "1.6.22");
        assert_eq!(pages.config["port"], 11211);
        assert!(pages.get("config.notification_topic_arn").is_none_or(Value::is_null), "an inactive topic is none");
        assert_eq!(pages.facts["lookups_7d"], 15.0);
        assert_eq!(pages.facts["snapshot_count"], 0);
    }

    #[test]
    fn what_members_would_tell_is_unread_without_them() {
        let (all, ledger) = answers((403, DENIED), (403, DENIED));
        assert_eq!(all.len(), 1);
        let group = &all[0];
        assert_eq!(group.config["node_type"], "cache.t3.small");
        for path in FROM_MEMBERS {
            assert!(group.unread.contains_key(path), "{path}");
        }
        assert!(group.unread.contains_key("facts.snapshot_count") && !group.facts.contains_key("snapshot_count"));
        let refused = ledger.iter().filter(|e| e.outcome == Outcome::Denied).count();
        assert_eq!(refused, 2);
    }

    #[test]
    fn versions_are_written_as_they_are_asked_for() {
        for (engine, version, written) in
            [("redis", "5.0.6", "5.0.6"), ("redis", "6.2.6", "6.2"), ("valkey", "8.0.1", "8.0"), ("memcached", "1.6.22", "1.6.22")]
        {
            assert_eq!(written_version(Some(engine), version), written);
        }
    }
}
