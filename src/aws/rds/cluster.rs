//! Database clusters: Aurora and Multi-AZ ones, and those of DocumentDB and Neptune, which answer here too and have types of their own.

use std::collections::BTreeMap;

use aws_sdk_rds::types as rds;
use serde_json::{Value, json};

use super::db_instance::tag_pairs;
use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::tags;
use crate::aws::value::{block, set, strings, time};
use crate::estate::Resource;

/// `aws_rds_cluster`, `aws_docdb_cluster`, `aws_neptune_cluster` and the further endpoints of Aurora and Neptune.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster", "aws_rds_cluster_endpoint", "aws_neptune_cluster_endpoint"],
    calls: &[
        list("rds:DescribeDBClusters"),
        list("rds:DescribeDBClusterEndpoints").yields(&["aws_rds_cluster_endpoint", "aws_neptune_cluster_endpoint"]),
        detail("rds:DescribeDBSubnetGroups"),
        detail("rds:DescribePendingMaintenanceActions"),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// What holds for a region and says something about its clusters.
#[derive(Default)]
struct Region {
    /// VPC and subnets by subnet group.
    networks: BTreeMap<String, (Option<String>, Vec<String>)>,
    /// Maintenance by ARN.
    maintenance: BTreeMap<String, Vec<Value>>,
    /// What could not be asked, for every cluster.
    unread: BTreeMap<String, String>,
}

async fn collect(scan: &Scan<'_>) {
    let pages = scan.rds().describe_db_clusters().into_paginator().send();
    let clusters = scan.list("rds:DescribeDBClusters", pages, |p| p.db_clusters.unwrap_or_default()).await;
    if clusters.is_empty() {
        return;
    }
    let region = region(scan).await;
    for cluster in &clusters {
        one(scan, cluster, &region);
    }
    let pages = scan.rds().describe_db_cluster_endpoints().into_paginator().send();
    for endpoint in scan.list("rds:DescribeDBClusterEndpoints", pages, |p| p.db_cluster_endpoints.unwrap_or_default()).await {
        let cluster = clusters.iter().find(|c| c.db_cluster_identifier() == endpoint.db_cluster_identifier());
        one_endpoint(scan, &endpoint, cluster.and_then(|c| c.engine()).unwrap_or_default());
    }
}

async fn region(scan: &Scan<'_>) -> Region {
    let mut region = Region::default();
    // Nothing is emitted of this one; it takes up what could not be read.
    let mut any = scan.resource("aws_rds_cluster", "any");
    let mut marker = None;
    loop {
        let request = scan.rds().describe_db_subnet_groups().set_marker(marker.take()).send();
        let paths = ["facts.vpc_id", "facts.subnet_ids"];
        let Detail::Got(answer) = scan.detail(&mut any, "rds:DescribeDBSubnetGroups", &paths, request).await else { break };
        for group in answer.db_subnet_groups() {
            let subnets = group.subnets().iter().filter_map(|s| s.subnet_identifier()).map(str::to_owned).collect();
            let network = (group.vpc_id().map(str::to_owned), subnets);
            region.networks.insert(group.db_subnet_group_name().unwrap_or_default().to_owned(), network);
        }
        marker = answer.marker().filter(|m| !m.is_empty()).map(str::to_owned);
        if marker.is_none() {
            break;
        }
    }
    loop {
        let request = scan.rds().describe_pending_maintenance_actions().set_marker(marker.take()).send();
        let answer = scan.detail(&mut any, "rds:DescribePendingMaintenanceActions", &["facts.pending_maintenance"], request).await;
        let Detail::Got(answer) = answer else { break };
        for pending in answer.pending_maintenance_actions() {
            let arn = pending.resource_identifier().unwrap_or_default().to_owned();
            let actions = pending.pending_maintenance_action_details().iter().map(super::db_instance::maintenance);
            region.maintenance.entry(arn).or_default().extend(actions);
        }
        marker = answer.marker().filter(|m| !m.is_empty()).map(str::to_owned);
        if marker.is_none() {
            break;
        }
    }
    region.unread = any.unread;
    region
}

fn one(scan: &Scan<'_>, c: &rds::DbCluster, region: &Region) {
    let Some(id) = c.db_cluster_identifier() else { return };
    let kind = match c.engine() {
        Some("docdb") => "aws_docdb_cluster",
        Some("neptune") => "aws_neptune_cluster",
        _ => "aws_rds_cluster",
    };
    let mut r = scan.resource(kind, id);
    r.arn = c.db_cluster_arn().map(str::to_owned);
    r.name = Some(id.into());
    tags::set(&mut r, tag_pairs(c.tag_list()));
    r.unread.clone_from(&region.unread);
    shared_arguments(&mut r, c);
    match kind {
        "aws_docdb_cluster" => {
            let secret = c.master_user_secret();
            r.set("cluster_members", set(c.db_cluster_members().iter().filter_map(|m| m.db_instance_identifier())))
                .set("db_cluster_parameter_group_name", c.db_cluster_parameter_group())
                .set("db_subnet_group_name", c.db_subnet_group())
                .set("enabled_cloudwatch_logs_exports", strings(c.enabled_cloudwatch_logs_exports()))
                .set("kms_key_id", c.kms_key_id())
                .set("manage_master_user_password", secret.map(|_| true))
                .set("master_username", c.master_username());
        }
        "aws_neptune_cluster" => {
            let scaling = c.serverless_v2_scaling_configuration();
            let scaling = scaling.map(|s| json!({ "max_capacity": s.max_capacity(), "min_capacity": s.min_capacity() }));
            r.set("copy_tags_to_snapshot", c.copy_tags_to_snapshot())
                .set("enable_cloudwatch_logs_exports", set(c.enabled_cloudwatch_logs_exports()))
                .set("iam_database_authentication_enabled", c.iam_database_authentication_enabled())
                .set("iam_roles", set(c.associated_roles().iter().filter_map(|a| a.role_arn())))
                .set("kms_key_arn", c.kms_key_id())
                .set("neptune_cluster_parameter_group_name", c.db_cluster_parameter_group())
                .set("neptune_subnet_group_name", c.db_subnet_group())
                .set("replication_source_identifier", c.replication_source_identifier())
                .set("serverless_v2_scaling_configuration", block(scaling));
        }
        _ => aurora_arguments(&mut r, c),
    }
    facts(&mut r, c, region);
    scan.emit(r);
}

/// Arguments that all three types have under the same name.
fn shared_arguments(r: &mut Resource, c: &rds::DbCluster) {
    r.set("cluster_identifier", c.db_cluster_identifier())
        .set("availability_zones", set(c.availability_zones()))
        .set("backup_retention_period", c.backup_retention_period())
        .set("deletion_protection", c.deletion_protection())
        .set("engine", c.engine())
        .set("engine_version", c.engine_version())
        .set("global_cluster_identifier", c.global_cluster_identifier())
        .set("port", c.port())
        .set("preferred_backup_window", c.preferred_backup_window())
        .set("preferred_maintenance_window", c.preferred_maintenance_window())
        .set("storage_encrypted", c.storage_encrypted())
        .set("storage_type", c.storage_type())
        .set("vpc_security_group_ids", set(c.vpc_security_groups().iter().filter_map(|g| g.vpc_security_group_id())));
}

fn aurora_arguments(r: &mut Resource, c: &rds::DbCluster) {
    let domain = c.domain_memberships().first();
    let secret = c.master_user_secret();
    let scaling = c.scaling_configuration_info().filter(|_| c.engine_mode() == Some("serverless")).map(|s| {
        json!({
            "auto_pause": s.auto_pause(),
            "max_capacity": s.max_capacity(),
            "min_capacity": s.min_capacity(),
            "seconds_before_timeout": s.seconds_before_timeout(),
            "seconds_until_auto_pause": s.seconds_until_auto_pause(),
            "timeout_action": s.timeout_action(),
        })
    });
    let serverless_v2 = c.serverless_v2_scaling_configuration().map(|s| {
        json!({ "max_capacity": s.max_capacity(), "min_capacity": s.min_capacity(), "seconds_until_auto_pause": s.seconds_until_auto_pause() })
    });
    r.set("allocated_storage", c.allocated_storage())
        .set("backtrack_window", c.backtrack_window().unwrap_or(0))
        .set("ca_certificate_identifier", c.certificate_details().and_then(|d| d.ca_identifier()))
        .set("cluster_members", set(c.db_cluster_members().iter().filter_map(|m| m.db_instance_identifier())))
        .set("cluster_scalability_type", c.cluster_scalability_type().map(|t| t.as_str()))
        .set("copy_tags_to_snapshot", c.copy_tags_to_snapshot())
        .set("database_insights_mode", c.database_insights_mode().map(|m| m.as_str()))
        .set("database_name", c.database_name())
        .set("db_cluster_instance_class", c.db_cluster_instance_class())
        .set("db_cluster_parameter_group_name", c.db_cluster_parameter_group())
        .set("db_subnet_group_name", c.db_subnet_group())
        .set("db_system_id", c.db_system_id())
        .set("domain", domain.and_then(|d| d.domain()))
        .set("domain_iam_role_name", domain.and_then(|d| d.iam_role_name()))
        .set("enable_global_write_forwarding", c.global_write_forwarding_requested().unwrap_or(false))
        .set("enable_http_endpoint", c.http_endpoint_enabled())
        .set("enable_local_write_forwarding", c.local_write_forwarding_status().is_some_and(|s| s.as_str() == "enabled"))
        .set("enabled_cloudwatch_logs_exports", set(c.enabled_cloudwatch_logs_exports()))
        .set("engine_lifecycle_support", c.engine_lifecycle_support())
        .set("engine_mode", c.engine_mode())
        .set("iam_database_authentication_enabled", c.iam_database_authentication_enabled())
        .set("iam_roles", set(c.associated_roles().iter().filter_map(|a| a.role_arn())))
        .set("iops", c.iops())
        .set("kms_key_id", c.kms_key_id())
        .set("manage_master_user_password", secret.map(|_| true))
        .set("master_user_secret_kms_key_id", secret.and_then(|s| s.kms_key_id()))
        .set("master_username", c.master_username())
        .set("monitoring_interval", c.monitoring_interval().unwrap_or(0))
        .set("monitoring_role_arn", c.monitoring_role_arn())
        .set("network_type", c.network_type())
        .set("performance_insights_enabled", c.performance_insights_enabled())
        .set("performance_insights_kms_key_id", c.performance_insights_kms_key_id())
        .set("performance_insights_retention_period", c.performance_insights_retention_period())
        .set("replication_source_identifier", c.replication_source_identifier())
        .set("scaling_configuration", block(scaling))
        .set("serverlessv2_scaling_configuration", block(serverless_v2));
}

fn facts(r: &mut Resource, c: &rds::DbCluster, region: &Region) {
    let writer = c.db_cluster_members().iter().find(|m| m.is_cluster_writer() == Some(true));
    r.fact("status", c.status())
        .fact("create_time", time(c.cluster_create_time()))
        .fact("endpoint", c.endpoint())
        .fact("reader_endpoint", c.reader_endpoint())
        .fact("latest_restorable_time", time(c.latest_restorable_time()))
        .fact("member_ids", set(c.db_cluster_members().iter().filter_map(|m| m.db_instance_identifier())))
        .fact("writer_id", writer.and_then(|m| m.db_instance_identifier()))
        .fact("automatic_restart_time", time(c.automatic_restart_time()))
        .fact("resource_id", c.db_cluster_resource_id())
        .fact("engine_version_actual", c.engine_version())
        .fact("master_user_secret_arn", c.master_user_secret().and_then(|s| s.secret_arn()));
    if !r.unread.contains_key("facts.vpc_id") {
        let network = c.db_subnet_group().and_then(|g| region.networks.get(g));
        r.fact("vpc_id", network.and_then(|n| n.0.clone())).fact("subnet_ids", set(network.map_or(&[][..], |n| &n.1)));
    }
    if !r.unread.contains_key("facts.pending_maintenance") {
        let actions = r.arn.as_ref().and_then(|arn| region.maintenance.get(arn)).cloned().unwrap_or_default();
        r.fact("pending_maintenance", actions);
    }
}

/// Endpoints that people made, beside those that every cluster has.
fn one_endpoint(scan: &Scan<'_>, e: &rds::DbClusterEndpoint, engine: &str) {
    let (Some(id), Some(cluster), Some("CUSTOM")) = (e.db_cluster_endpoint_identifier(), e.db_cluster_identifier(), e.endpoint_type())
    else {
        return;
    };
    let mut r = if engine == "neptune" {
        let mut r = scan.resource("aws_neptune_cluster_endpoint", &format!("{cluster}:{id}"));
        r.set("endpoint_type", e.custom_endpoint_type());
        r
    } else {
        let mut r = scan.resource("aws_rds_cluster_endpoint", id);
        r.set("custom_endpoint_type", e.custom_endpoint_type());
        r
    };
    r.arn = e.db_cluster_endpoint_arn().map(str::to_owned);
    r.name = Some(id.into());
    r.set("cluster_endpoint_identifier", id)
        .set("cluster_identifier", cluster)
        .set("excluded_members", set(e.excluded_members()))
        .set("static_members", set(e.static_members()));
    r.fact("endpoint", e.endpoint()).fact("status", e.status());
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    #[test]
    fn a_cluster_and_its_members() {
        let body = r#"<DescribeDBClustersResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBClustersResult><DBClusters>
            <DBCluster><DBClusterIdentifier>a</DBClusterIdentifier><Engine>aurora-postgresql</Engine><EngineMode>provisioned</EngineMode><Status>available</Status><AvailabilityZones><AvailabilityZone>eu-west-3b</AvailabilityZone><AvailabilityZone>eu-west-3a</AvailabilityZone></AvailabilityZones>
              <DBClusterMembers><DBClusterMember><DBInstanceIdentifier>a-1</DBInstanceIdentifier><IsClusterWriter>true</IsClusterWriter></DBClusterMember></DBClusterMembers>
              <ServerlessV2ScalingConfiguration><MinCapacity>0.5</MinCapacity><MaxCapacity>4.0</MaxCapacity></ServerlessV2ScalingConfiguration><DBClusterArn>arn:aws:rds:eu-west-3:123456789012:cluster:a</DBClusterArn></DBCluster>
            <DBCluster><DBClusterIdentifier>n</DBClusterIdentifier><Engine>neptune</Engine><KmsKeyId>arn:k</KmsKeyId></DBCluster>
            <DBCluster><DBClusterIdentifier>d</DBClusterIdentifier><Engine>docdb</Engine><MasterUsername>root</MasterUsername><DBSubnetGroup>data</DBSubnetGroup></DBCluster></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>"#;
        let endpoints = r#"<DescribeDBClusterEndpointsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBClusterEndpointsResult><DBClusterEndpoints>
            <DBClusterEndpointList><DBClusterIdentifier>a</DBClusterIdentifier><EndpointType>READER</EndpointType></DBClusterEndpointList>
            <DBClusterEndpointList><DBClusterEndpointIdentifier>reports</DBClusterEndpointIdentifier><DBClusterIdentifier>a</DBClusterIdentifier><EndpointType>CUSTOM</EndpointType><CustomEndpointType>READER</CustomEndpointType><StaticMembers><member>a-1</member></StaticMembers></DBClusterEndpointList>
            <DBClusterEndpointList><DBClusterEndpointIdentifier>graph</DBClusterEndpointIdentifier><DBClusterIdentifier>n</DBClusterIdentifier><EndpointType>CUSTOM</EndpointType><CustomEndpointType>ANY</CustomEndpointType></DBClusterEndpointList>
            </DBClusterEndpoints></DescribeDBClusterEndpointsResult></DescribeDBClusterEndpointsResponse>"#;
        let groups = r#"<DescribeDBSubnetGroupsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBSubnetGroupsResult><DBSubnetGroups><DBSubnetGroup><DBSubnetGroupName>data</DBSubnetGroupName><VpcId>vpc-1</VpcId></DBSubnetGroup></DBSubnetGroups></DescribeDBSubnetGroupsResult></DescribeDBSubnetGroupsResponse>"#;
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("rds:DescribeDBClusters", 200, body),
                ("rds:DescribeDBClusterEndpoints", 200, endpoints),
                ("rds:DescribeDBSubnetGroups", 200, groups),
                ("rds:DescribePendingMaintenanceActions", 403, denied),
            ],
        );
        assert_eq!(all.len(), 5);
        let of = |kind: &str| all.iter().find(|r| r.kind == kind).unwrap();
        let aurora = of("aws_rds_cluster");
        assert_eq!(aurora.facts["writer_id"], "a-1");
        assert_eq!(aurora.strings("config.availability_zones"), ["eu-west-3a", "eu-west-3b"]);
        assert_eq!(aurora.get("config.serverlessv2_scaling_configuration.0.min_capacity"), Some(&json!(0.5)));
        assert_eq!(aurora.config["scaling_configuration"], json!([]));
        assert!(aurora.unread.contains_key("facts.pending_maintenance") && !aurora.facts.contains_key("pending_maintenance"));
        assert_eq!(of("aws_neptune_cluster").config["kms_key_arn"], "arn:k");
        assert_eq!(of("aws_docdb_cluster").config["master_username"], "root");
        assert_eq!(of("aws_docdb_cluster").facts["vpc_id"], "vpc-1");
        assert_eq!(of("aws_rds_cluster_endpoint").strings("config.static_members"), ["a-1"]);
        assert_eq!(of("aws_neptune_cluster_endpoint").id, "n:graph");
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, ledger) = collect(&COLLECTOR, &[("rds:DescribeDBClusters", 403, denied)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Denied);
    }
}
