//! Aurora clusters and Multi-AZ database clusters.

use aws_sdk_rds::types as rds;
use serde_json::json;

use super::db_instance::{OTHER_SERVICES, tag_pairs};
use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::tags;
use crate::aws::value::{block, set, time};

/// `aws_rds_cluster`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_rds_cluster"],
    calls: &[list("rds:DescribeDBClusters")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.rds().describe_db_clusters().into_paginator().send();
    for cluster in scan.list("rds:DescribeDBClusters", pages, |p| p.db_clusters.unwrap_or_default()).await {
        if !cluster.engine().is_some_and(|e| OTHER_SERVICES.contains(&e)) {
            one(scan, &cluster);
        }
    }
}

fn one(scan: &Scan<'_>, c: &rds::DbCluster) {
    let Some(id) = c.db_cluster_identifier() else { return };
    let mut r = scan.resource("aws_rds_cluster", id);
    r.arn = c.db_cluster_arn().map(str::to_owned);
    r.name = Some(id.into());
    tags::set(&mut r, tag_pairs(c.tag_list()));
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
    r.set("cluster_identifier", id)
        .set("allocated_storage", c.allocated_storage())
        .set("availability_zones", set(c.availability_zones()))
        .set("backtrack_window", c.backtrack_window().unwrap_or(0))
        .set("backup_retention_period", c.backup_retention_period())
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
        .set("deletion_protection", c.deletion_protection())
        .set("domain", domain.and_then(|d| d.domain()))
        .set("domain_iam_role_name", domain.and_then(|d| d.iam_role_name()))
        .set("enable_global_write_forwarding", c.global_write_forwarding_requested().unwrap_or(false))
        .set("enable_http_endpoint", c.http_endpoint_enabled())
        .set("enable_local_write_forwarding", c.local_write_forwarding_status().is_some_and(|s| s.as_str() == "enabled"))
        .set("enabled_cloudwatch_logs_exports", set(c.enabled_cloudwatch_logs_exports()))
        .set("engine", c.engine())
        .set("engine_lifecycle_support", c.engine_lifecycle_support())
        .set("engine_mode", c.engine_mode())
        .set("engine_version", c.engine_version())
        .set("global_cluster_identifier", c.global_cluster_identifier())
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
        .set("port", c.port())
        .set("preferred_backup_window", c.preferred_backup_window())
        .set("preferred_maintenance_window", c.preferred_maintenance_window())
        .set("replication_source_identifier", c.replication_source_identifier())
        .set("scaling_configuration", block(scaling))
        .set("serverlessv2_scaling_configuration", block(serverless_v2))
        .set("storage_encrypted", c.storage_encrypted())
        .set("storage_type", c.storage_type())
        .set("vpc_security_group_ids", set(c.vpc_security_groups().iter().filter_map(|g| g.vpc_security_group_id())));
    let writer = c.db_cluster_members().iter().find(|m| m.is_cluster_writer() == Some(true));
    r.fact("status", c.status())
        .fact("create_time", time(c.cluster_create_time()))
        .fact("endpoint", c.endpoint())
        .fact("reader_endpoint", c.reader_endpoint())
        .fact("latest_restorable_time", time(c.latest_restorable_time()))
        .fact("member_ids", set(c.db_cluster_members().iter().filter_map(|m| m.db_instance_identifier())))
        .fact("writer_id", writer.and_then(|m| m.db_instance_identifier()))
        .fact("automatic_restart_time", time(c.automatic_restart_time()));
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
            <DBCluster><DBClusterIdentifier>n</DBClusterIdentifier><Engine>neptune</Engine></DBCluster></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>"#;
        let (all, _) = collect(&COLLECTOR, &[("rds:DescribeDBClusters", 200, body)]);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].facts["writer_id"], "a-1");
        assert_eq!(all[0].strings("config.availability_zones"), ["eu-west-3a", "eu-west-3b"]);
        assert_eq!(all[0].get("config.serverlessv2_scaling_configuration.0.min_capacity"), Some(&json!(0.5)));
        assert_eq!(all[0].config["scaling_configuration"], json!([]));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, ledger) = collect(&COLLECTOR, &[("rds:DescribeDBClusters", 403, denied)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Denied);
    }
}
