//! Database instances, those of Aurora clusters too, with what is planned for them.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_rds::types as rds;
use serde_json::{Map, Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::metrics::{self, Each, Figure};
use crate::aws::scan::Scan;
use crate::aws::value::{set, strings, time};
use crate::aws::{scan::Detail, tags};
use crate::estate::Resource;

/// `aws_db_instance`, and the instances of clusters: `aws_rds_cluster_instance`, `aws_docdb_cluster_instance`,
/// `aws_neptune_cluster_instance`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_db_instance", "aws_rds_cluster_instance", "aws_docdb_cluster_instance", "aws_neptune_cluster_instance"],
    calls: &[
        list("rds:DescribeDBInstances"),
        detail("rds:DescribePendingMaintenanceActions"),
        detail("rds:DescribeCertificates"),
        detail("rds:DescribeDBMajorEngineVersions"),
        metrics::CALL,
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// How many days of load are looked at: what runs once a month is in it.
const LOAD_DAYS: usize = 30;

/// What holds for a region and says something about its instances.
#[derive(Default)]
struct Region {
    /// Maintenance by ARN.
    maintenance: BTreeMap<String, Vec<Value>>,
    /// End of each certificate authority.
    authorities: BTreeMap<String, Value>,
    /// Engine and major version with the ends of standard and of paid extended support.
    support: Vec<(String, String, Value, Value)>,
    /// Free storage in bytes and most connections in the last week, by instance.
    figures: BTreeMap<String, (Option<f64>, Option<f64>)>,
    /// How busy the processors were.
    load: Each,
    /// What could not be asked, for every instance.
    unread: BTreeMap<String, String>,
}

async fn collect(scan: &Scan<'_>) {
    let pages = scan.rds().describe_db_instances().into_paginator().send();
    let instances = scan.list("rds:DescribeDBInstances", pages, |p| p.db_instances.unwrap_or_default()).await;
    if instances.is_empty() {
        return;
    }
    // The versions of DocumentDB and Neptune are not answered by this API.
    let engines = instances.iter().filter_map(|i| i.engine()).filter(|e| !["docdb", "neptune"].contains(e)).map(str::to_owned).collect();
    let ids: Vec<&str> = instances.iter().filter_map(|i| i.db_instance_identifier()).collect();
    let region = region(scan, engines, &ids).await;
    for instance in &instances {
        one(scan, instance, &region);
    }
}

async fn region(scan: &Scan<'_>, engines: BTreeSet<String>, ids: &[&str]) -> Region {
    let mut region = Region::default();
    // Nothing is emitted of this one; it takes up what could not be read.
    let mut any = scan.resource("aws_db_instance", "any");
    let mut marker = None;
    loop {
        let request = scan.rds().describe_pending_maintenance_actions().set_marker(marker.take()).send();
        let answer = scan.detail(&mut any, "rds:DescribePendingMaintenanceActions", &["facts.pending_maintenance"], request).await;
        let Detail::Got(answer) = answer else { break };
        for pending in answer.pending_maintenance_actions() {
            let actions = pending.pending_maintenance_action_details().iter().map(maintenance);
            let arn = pending.resource_identifier().unwrap_or_default().to_owned();
            region.maintenance.entry(arn).or_default().extend(actions);
        }
        marker = answer.marker().filter(|m| !m.is_empty()).map(str::to_owned);
        if marker.is_none() {
            break;
        }
    }
    let request = scan.rds().describe_certificates().send();
    if let Detail::Got(answer) = scan.detail(&mut any, "rds:DescribeCertificates", &["facts.ca_authority_expires"], request).await {
        for certificate in answer.certificates() {
            let name = certificate.certificate_identifier().unwrap_or_default().to_owned();
            region.authorities.insert(name, time(certificate.valid_till()));
        }
    }
    for engine in engines {
        let paths = ["facts.standard_support_ends", "facts.extended_support_ends"];
        let request = scan.rds().describe_db_major_engine_versions().engine(&engine).send();
        if let Detail::Got(answer) = scan.detail(&mut any, "rds:DescribeDBMajorEngineVersions", &paths, request).await {
            for version in answer.db_major_engine_versions() {
                let end = |extended: bool| {
                    let of = |l: &&rds::SupportedEngineLifecycle| {
                        l.lifecycle_support_name().is_some_and(|n| n.as_str().ends_with("extended-support") == extended)
                    };
                    version.supported_engine_lifecycles().iter().find(of).map_or(Value::Null, |l| time(l.lifecycle_support_end_date()))
                };
                let major = version.major_engine_version().unwrap_or_default().to_owned();
                region.support.push((engine.clone(), major, end(false), end(true)));
            }
        }
    }
    let of = |id, metric, statistic, period| Figure {
        namespace: "AWS/RDS",
        metric,
        dimensions: vec![("DBInstanceIdentifier", id)],
        statistic,
        period,
    };
    let asked: Vec<Figure<'_>> = ids
        .iter()
        .flat_map(|id| [of(*id, "FreeStorageSpace", "Minimum", 3600), of(*id, "DatabaseConnections", "Maximum", 86_400)])
        .collect();
    if let Some(values) = metrics::read(scan, &mut any, &FIGURES, 7, &asked).await {
        for (id, pair) in ids.iter().zip(values.chunks(2)) {
            let free = pair.first().and_then(|v| v.first()).copied();
            let connections = pair.get(1).and_then(|v| metrics::greatest(v));
            region.figures.insert((*id).to_owned(), (free, connections));
        }
    }
    // A second request: of a month, values by the hour would fill pages.
    region.load = metrics::each(scan, "aws_db_instance", LOAD_DAYS as i64, ids, |id| {
        ["Average", "Maximum"].map(|statistic| of(id, "CPUUtilization", statistic, 86_400))
    })
    .await;
    region.unread = any.unread;
    region
}

/// Maintenance that waits, as a fact.
pub(super) fn maintenance(a: &rds::PendingMaintenanceAction) -> Value {
    json!({
        "action": a.action(),
        "description": a.description(),
        "forced_apply": time(a.forced_apply_date()),
        "auto_apply_after": time(a.auto_applied_after_date()),
        "current_apply": time(a.current_apply_date()),
    })
}

/// What CloudWatch tells of an instance.
const FIGURES: [&str; 2] = ["facts.free_storage_bytes", "facts.connections_max_7d"];

impl Region {
    /// Ends of standard and extended support of an engine version; null where AWS names none.
    fn support_of(&self, engine: &str, version: &str) -> (Value, Value) {
        let of = |(e, major, _, _): &&(String, String, Value, Value)| {
            e == engine && (version == major || version.strip_prefix(major.as_str()).is_some_and(|rest| rest.starts_with('.')))
        };
        self.support.iter().find(of).map_or((Value::Null, Value::Null), |(_, _, standard, extended)| (standard.clone(), extended.clone()))
    }
}

fn one(scan: &Scan<'_>, instance: &rds::DbInstance, region: &Region) {
    let Some(id) = instance.db_instance_identifier() else { return };
    // DocumentDB and Neptune share this API and have types of their own in the provider.
    let kind = match instance.engine() {
        Some("docdb") => "aws_docdb_cluster_instance",
        Some("neptune") => "aws_neptune_cluster_instance",
        _ if instance.db_cluster_identifier().is_some() => "aws_rds_cluster_instance",
        _ => "aws_db_instance",
    };
    let mut r = scan.resource(kind, id);
    r.arn = instance.db_instance_arn().map(str::to_owned);
    r.name = Some(id.into());
    tags::set(&mut r, tag_pairs(instance.tag_list()));
    r.unread.clone_from(&region.unread);
    match kind {
        "aws_db_instance" => {
            shared_arguments(&mut r, instance);
            own_arguments(&mut r, instance);
        }
        "aws_rds_cluster_instance" => {
            shared_arguments(&mut r, instance);
            r.set("cluster_identifier", instance.db_cluster_identifier())
                .set("db_parameter_group_name", parameter_group(instance).and_then(|g| g.db_parameter_group_name()))
                .set("preferred_backup_window", instance.preferred_backup_window())
                .set("preferred_maintenance_window", instance.preferred_maintenance_window())
                .set("promotion_tier", instance.promotion_tier());
        }
        kind => other_services(&mut r, instance, kind == "aws_neptune_cluster_instance"),
    }
    facts(&mut r, instance, region);
    figures(&mut r, region);
    scan.emit(r);
}

/// Tags of an RDS answer by key.
pub(super) fn tag_pairs(tags: &[rds::Tag]) -> BTreeMap<String, String> {
    tags.iter().filter_map(|t| Some((t.key()?.to_owned(), t.value().unwrap_or_default().to_owned()))).collect()
}

fn parameter_group(instance: &rds::DbInstance) -> Option<&rds::DbParameterGroupStatus> {
    instance.db_parameter_groups().first()
}

/// Arguments that both types have under the same name.
fn shared_arguments(r: &mut Resource, i: &rds::DbInstance) {
    r.set("identifier", i.db_instance_identifier())
        .set("engine", i.engine())
        .set("engine_version", i.engine_version())
        .set("instance_class", i.db_instance_class())
        .set("availability_zone", i.availability_zone())
        .set("auto_minor_version_upgrade", i.auto_minor_version_upgrade())
        .set("ca_cert_identifier", i.ca_certificate_identifier())
        .set("copy_tags_to_snapshot", i.copy_tags_to_snapshot())
        .set("custom_iam_instance_profile", i.custom_iam_instance_profile())
        .set("db_subnet_group_name", i.db_subnet_group().and_then(|g| g.db_subnet_group_name()))
        .set("monitoring_interval", i.monitoring_interval().unwrap_or(0))
        .set("monitoring_role_arn", i.monitoring_role_arn())
        .set("performance_insights_enabled", i.performance_insights_enabled())
        .set("performance_insights_kms_key_id", i.performance_insights_kms_key_id())
        .set("performance_insights_retention_period", i.performance_insights_retention_period())
        .set("publicly_accessible", i.publicly_accessible());
}

/// Arguments of an instance of DocumentDB or Neptune.
fn other_services(r: &mut Resource, i: &rds::DbInstance, neptune: bool) {
    r.set("identifier", i.db_instance_identifier())
        .set("cluster_identifier", i.db_cluster_identifier())
        .set("engine", i.engine())
        .set("instance_class", i.db_instance_class())
        .set("availability_zone", i.availability_zone())
        .set("auto_minor_version_upgrade", i.auto_minor_version_upgrade())
        .set("promotion_tier", i.promotion_tier());
    if neptune {
        r.set("engine_version", i.engine_version())
            .set("neptune_parameter_group_name", parameter_group(i).and_then(|g| g.db_parameter_group_name()))
            .set("neptune_subnet_group_name", i.db_subnet_group().and_then(|g| g.db_subnet_group_name()))
            .set("port", i.endpoint().and_then(|e| e.port()))
            .set("preferred_backup_window", i.preferred_backup_window())
            .set("preferred_maintenance_window", i.preferred_maintenance_window())
            .set("publicly_accessible", i.publicly_accessible());
    } else {
        r.set("ca_cert_identifier", i.ca_certificate_identifier())
            .set("copy_tags_to_snapshot", i.copy_tags_to_snapshot())
            .set("enable_performance_insights", i.performance_insights_enabled())
            .set("performance_insights_kms_key_id", i.performance_insights_kms_key_id())
            .set("preferred_maintenance_window", i.preferred_maintenance_window());
    }
}

fn own_arguments(r: &mut Resource, i: &rds::DbInstance) {
    let secret = i.master_user_secret();
    r.set("allocated_storage", i.allocated_storage())
        .set("backup_retention_period", i.backup_retention_period())
        .set("backup_target", i.backup_target())
        .set("backup_window", i.preferred_backup_window())
        .set("character_set_name", i.character_set_name())
        .set("customer_owned_ip_enabled", i.customer_owned_ip_enabled())
        .set("database_insights_mode", i.database_insights_mode().map(|m| m.as_str()))
        .set("db_name", i.db_name())
        .set("dedicated_log_volume", i.dedicated_log_volume())
        .set("deletion_protection", i.deletion_protection())
        .set("enabled_cloudwatch_logs_exports", set(i.enabled_cloudwatch_logs_exports()))
        .set("engine_lifecycle_support", i.engine_lifecycle_support())
        .set("iam_database_authentication_enabled", i.iam_database_authentication_enabled())
        .set("iops", i.iops())
        .set("kms_key_id", i.kms_key_id())
        .set("license_model", i.license_model())
        .set("maintenance_window", i.preferred_maintenance_window())
        .set("manage_master_user_password", secret.map(|_| true))
        .set("master_user_secret_kms_key_id", secret.and_then(|s| s.kms_key_id()))
        .set("max_allocated_storage", i.max_allocated_storage())
        .set("multi_az", i.multi_az())
        .set("nchar_character_set_name", i.nchar_character_set_name())
        .set("network_type", i.network_type())
        .set("option_group_name", i.option_group_memberships().first().and_then(|g| g.option_group_name()))
        .set("parameter_group_name", parameter_group(i).and_then(|g| g.db_parameter_group_name()))
        .set("port", i.endpoint().and_then(|e| e.port()).or(i.db_instance_port().filter(|p| *p > 0)))
        .set("replica_mode", i.replica_mode().map(|m| m.as_str()))
        .set("replicate_source_db", i.read_replica_source_db_instance_identifier())
        .set("storage_encrypted", i.storage_encrypted())
        .set("storage_throughput", i.storage_throughput())
        .set("storage_type", i.storage_type())
        .set("timezone", i.timezone())
        .set("username", i.master_username())
        .set("vpc_security_group_ids", set(i.vpc_security_groups().iter().filter_map(|g| g.vpc_security_group_id())));
    let domain = i.domain_memberships().first();
    r.set("domain", domain.and_then(|d| d.domain()))
        .set("domain_auth_secret_arn", domain.and_then(|d| d.auth_secret_arn()))
        .set("domain_dns_ips", domain.map_or(Value::Null, |d| strings(d.dns_ips())))
        .set("domain_fqdn", domain.and_then(|d| d.fqdn()))
        .set("domain_iam_role_name", domain.and_then(|d| d.iam_role_name()))
        .set("domain_ou", domain.and_then(|d| d.ou()));
}

fn facts(r: &mut Resource, i: &rds::DbInstance, region: &Region) {
    let endpoint = i.endpoint();
    let address = endpoint.and_then(|e| e.address());
    let port = endpoint.and_then(|e| e.port());
    let subnets = i.db_subnet_group().map_or(&[][..], |g| g.subnets());
    r.fact("status", i.db_instance_status())
        .fact("address", address)
        .fact("endpoint", address.zip(port).map(|(a, p)| format!("{a}:{p}")))
        .fact("endpoint_port", port)
        .fact("vpc_id", i.db_subnet_group().and_then(|g| g.vpc_id()))
        .fact("security_group_ids", set(i.vpc_security_groups().iter().filter_map(|g| g.vpc_security_group_id())))
        .fact("subnet_ids", set(subnets.iter().filter_map(|s| s.subnet_identifier())))
        .fact("resource_id", i.dbi_resource_id())
        .fact("create_time", time(i.instance_create_time()))
        .fact("latest_restorable_time", time(i.latest_restorable_time()))
        .fact("engine_version_actual", i.engine_version())
        .fact("cluster_identifier", i.db_cluster_identifier())
        .fact("replica_ids", set(i.read_replica_db_instance_identifiers()))
        .fact("secondary_availability_zone", i.secondary_availability_zone())
        .fact("pending_modified_values", i.pending_modified_values().map_or(json!({}), pending))
        .fact("parameter_apply_status", parameter_group(i).and_then(|g| g.parameter_apply_status()))
        .fact("ca_expires", time(i.certificate_details().and_then(|c| c.valid_till())))
        .fact("master_user_secret_arn", i.master_user_secret().and_then(|s| s.secret_arn()))
        .fact("automatic_restart_time", time(i.automatic_restart_time()));
    if !region.unread.contains_key("facts.pending_maintenance") {
        let actions = r.arn.as_ref().and_then(|arn| region.maintenance.get(arn)).cloned().unwrap_or_default();
        r.fact("pending_maintenance", actions);
    }
    if !region.unread.contains_key("facts.ca_authority_expires") {
        let end = i.ca_certificate_identifier().and_then(|ca| region.authorities.get(ca)).cloned();
        r.fact("ca_authority_expires", end.unwrap_or_default());
    }
    if !region.unread.contains_key("facts.standard_support_ends") {
        let (standard, extended) = region.support_of(i.engine().unwrap_or_default(), i.engine_version().unwrap_or_default());
        r.fact("standard_support_ends", standard).fact("extended_support_ends", extended);
    }
}

fn figures(r: &mut Resource, region: &Region) {
    if let Some((free, connections)) = region.figures.get(&r.id) {
        r.fact("free_storage_bytes", *free).fact("connections_max_7d", *connections);
    }
    let id = r.id.clone();
    region.load.tell(r, &id, ["cpu_busiest_day_30d", "cpu_peak_30d"], |values| {
        [0, 1].map(|i| values.get(i).and_then(|v| metrics::greatest_of_all_days(v, LOAD_DAYS)))
    });
}

/// Changes that wait, by argument. Of a new password only that there is one.
fn pending(p: &rds::PendingModifiedValues) -> Value {
    let mut all = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            all.insert(name.into(), value);
        }
    };
    put("instance_class", p.db_instance_class().into());
    put("allocated_storage", p.allocated_storage().into());
    put("password", p.master_user_password().map(|_| "a new one").into());
    put("port", p.port().into());
    put("backup_retention_period", p.backup_retention_period().into());
    put("multi_az", p.multi_az().into());
    put("engine_version", p.engine_version().into());
    put("license_model", p.license_model().into());
    put("iops", p.iops().into());
    put("storage_throughput", p.storage_throughput().into());
    put("storage_type", p.storage_type().into());
    put("identifier", p.db_instance_identifier().into());
    put("ca_cert_identifier", p.ca_certificate_identifier().into());
    put("db_subnet_group_name", p.db_subnet_group_name().into());
    put("iam_database_authentication_enabled", p.iam_database_authentication_enabled().into());
    put("dedicated_log_volume", p.dedicated_log_volume().into());
    put("engine", p.engine().into());
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{collect, figures};
    use crate::estate::Outcome;

    fn wrap(operation: &str, inside: &str) -> String {
        format!(
            r#"<{operation}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><{operation}Result>{inside}</{operation}Result></{operation}Response>"#
        )
    }

    fn instances(inside: &str) -> String {
        wrap("DescribeDBInstances", &format!("<DBInstances>{inside}</DBInstances>"))
    }

    const LIVE: &str = "<DBInstance><DBInstanceIdentifier>exo-live</DBInstanceIdentifier><DBInstanceClass>db.t3.large</DBInstanceClass><Engine>postgres</Engine><DBInstanceStatus>available</DBInstanceStatus>\
        <MasterUsername>postgres</MasterUsername><DBName>exo</DBName><Endpoint><Address>exo-live.abc.eu-west-3.rds.amazonaws.com</Address><Port>5432</Port></Endpoint><AllocatedStorage>100</AllocatedStorage>\
        <InstanceCreateTime>2024-11-10T08:00:00Z</InstanceCreateTime><BackupRetentionPeriod>7</BackupRetentionPeriod><VpcSecurityGroups><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-1</VpcSecurityGroupId><Status>active</Status></VpcSecurityGroupMembership></VpcSecurityGroups>\
        <DBParameterGroups><DBParameterGroup><DBParameterGroupName>exo-live-pg14</DBParameterGroupName><ParameterApplyStatus>pending-reboot</ParameterApplyStatus></DBParameterGroup></DBParameterGroups>\
        <DBSubnetGroup><DBSubnetGroupName>default-vpc-1</DBSubnetGroupName><VpcId>vpc-1</VpcId><Subnets><Subnet><SubnetIdentifier>subnet-b</SubnetIdentifier></Subnet><Subnet><SubnetIdentifier>subnet-a</SubnetIdentifier></Subnet></Subnets></DBSubnetGroup>\
        <PendingModifiedValues><MasterUserPassword>****</MasterUserPassword><EngineVersion>14.20</EngineVersion></PendingModifiedValues><MultiAZ>false</MultiAZ><EngineVersion>14.12</EngineVersion><StorageType>gp2</StorageType>\
        <OptionGroupMemberships><OptionGroupMembership><OptionGroupName>default:postgres-14</OptionGroupName></OptionGroupMembership></OptionGroupMemberships><PubliclyAccessible>true</PubliclyAccessible><StorageEncrypted>false</StorageEncrypted>\
        <CACertificateIdentifier>rds-ca-rsa2048-g1</CACertificateIdentifier><DBInstanceArn>arn:aws:rds:eu-west-3:123456789012:db:exo-live</DBInstanceArn><DeletionProtection>false</DeletionProtection>\
        <TagList><Tag><Key>Environment</Key><Value>live</Value></Tag></TagList></DBInstance>";

    #[test]
    fn an_instance_with_what_is_planned_for_it() {
        let maintenance = wrap(
            "DescribePendingMaintenanceActions",
            "<PendingMaintenanceActions><ResourcePendingMaintenanceActions><ResourceIdentifier>arn:aws:rds:eu-west-3:123456789012:db:exo-live</ResourceIdentifier><PendingMaintenanceActionDetails><PendingMaintenanceAction><Action>system-update</Action><ForcedApplyDate>2026-02-15T02:14:00Z</ForcedApplyDate></PendingMaintenanceAction></PendingMaintenanceActionDetails></ResourcePendingMaintenanceActions></PendingMaintenanceActions>",
        );
        let certificates = wrap(
            "DescribeCertificates",
            "<Certificates><Certificate><CertificateIdentifier>rds-ca-rsa2048-g1</CertificateIdentifier><ValidTill>2061-05-25T23:25:57Z</ValidTill></Certificate></Certificates>",
        );
        let versions = wrap(
            "DescribeDBMajorEngineVersions",
            "<DBMajorEngineVersions><DBMajorEngineVersion><Engine>postgres</Engine><MajorEngineVersion>14</MajorEngineVersion><SupportedEngineLifecycles><SupportedEngineLifecycle><LifecycleSupportName>open-source-rds-standard-support</LifecycleSupportName><LifecycleSupportStartDate>2022-02-03T00:00:00Z</LifecycleSupportStartDate><LifecycleSupportEndDate>2027-02-28T23:59:59Z</LifecycleSupportEndDate></SupportedEngineLifecycle>\
             <SupportedEngineLifecycle><LifecycleSupportName>open-source-rds-extended-support</LifecycleSupportName><LifecycleSupportEndDate>2030-02-28T23:59:59Z</LifecycleSupportEndDate></SupportedEngineLifecycle></SupportedEngineLifecycles></DBMajorEngineVersion></DBMajorEngineVersions>",
        );
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("rds:DescribeDBInstances", 200, &instances(LIVE)),
                ("rds:DescribePendingMaintenanceActions", 200, &maintenance),
                ("rds:DescribeCertificates", 200, &certificates),
                ("rds:DescribeDBMajorEngineVersions", 200, &versions),
                ("cloudwatch:GetMetricData", 200, &figures(&[&[5_368_709_120.0, 6_442_450_944.0], &[0.0, 3.0]])),
                ("cloudwatch:GetMetricData", 200, &figures(&[&[4.5; 30], &[61.0; 30]])),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
        let r = &all[0];
        assert_eq!((r.kind.as_str(), r.id.as_str(), r.tags["Environment"].as_str()), ("aws_db_instance", "exo-live", "live"));
        assert_eq!((&r.config["port"], &r.config["db_name"]), (&json!(5432), &json!("exo")));
        assert_eq!(r.config["option_group_name"], "default:postgres-14");
        assert_eq!(r.config["manage_master_user_password"], Value::Null);
        assert_eq!(r.strings("facts.subnet_ids"), ["subnet-a", "subnet-b"]);
        assert_eq!(r.facts["pending_modified_values"], json!({ "password": "a new one", "engine_version": "14.20" }));
        assert_eq!(r.facts["parameter_apply_status"], "pending-reboot");
        assert_eq!(r.str("facts.pending_maintenance.0.forced_apply"), Some("2026-02-15T02:14:00Z"));
        assert_eq!(r.facts["ca_authority_expires"], "2061-05-25T23:25:57Z");
        assert_eq!(r.facts["standard_support_ends"], "2027-02-28T23:59:59Z");
        assert_eq!((&r.facts["free_storage_bytes"], &r.facts["connections_max_7d"]), (&json!(5_368_709_120.0), &json!(3.0)));
        assert_eq!((&r.facts["cpu_busiest_day_30d"], &r.facts["cpu_peak_30d"]), (&json!(4.5), &json!(61.0)));
        assert_eq!(r.facts["endpoint"], "exo-live.abc.eu-west-3.rds.amazonaws.com:5432");
    }

    #[test]
    fn members_of_clusters_and_other_services() {
        let member = "<DBInstance><DBInstanceIdentifier>a-1</DBInstanceIdentifier><DBInstanceClass>db.r6g.large</DBInstanceClass><Engine>aurora-postgresql</Engine><DBClusterIdentifier>a</DBClusterIdentifier><PromotionTier>1</PromotionTier></DBInstance>\
            <DBInstance><DBInstanceIdentifier>d-1</DBInstanceIdentifier><DBInstanceClass>db.t4g.medium</DBInstanceClass><Engine>docdb</Engine><DBClusterIdentifier>d</DBClusterIdentifier></DBInstance>\
            <DBInstance><DBInstanceIdentifier>n-1</DBInstanceIdentifier><DBInstanceClass>db.r6g.large</DBInstanceClass><Engine>neptune</Engine><DBClusterIdentifier>n</DBClusterIdentifier><DBSubnetGroup><DBSubnetGroupName>data</DBSubnetGroupName></DBSubnetGroup></DBInstance>";
        let (all, _) = collect(&COLLECTOR, &[("rds:DescribeDBInstances", 200, &instances(member))]);
        let kinds: Vec<_> = all.iter().map(|r| (r.kind.as_str(), r.config["cluster_identifier"].clone())).collect();
        assert_eq!(
            kinds,
            [
                ("aws_docdb_cluster_instance", json!("d")),
                ("aws_neptune_cluster_instance", json!("n")),
                ("aws_rds_cluster_instance", json!("a")),
            ]
        );
        assert_eq!(all[1].config["neptune_subnet_group_name"], "data");
    }

    #[test]
    fn refused_details_are_unread_on_every_instance() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("rds:DescribeDBInstances", 200, &instances(LIVE)),
                ("rds:DescribePendingMaintenanceActions", 403, denied),
                ("rds:DescribeCertificates", 403, denied),
                ("rds:DescribeDBMajorEngineVersions", 403, denied),
                ("cloudwatch:GetMetricData", 400, r#"{"__type":"AccessDeniedException","message":"no"}"#),
            ],
        );
        for path in [
            "facts.free_storage_bytes",
            "facts.connections_max_7d",
            "facts.cpu_busiest_day_30d",
            "facts.pending_maintenance",
            "facts.ca_authority_expires",
            "facts.standard_support_ends",
        ] {
            assert!(all[0].unread[path].starts_with("denied"), "{path}");
        }
        assert!(!all[0].facts.contains_key("pending_maintenance"));
        let (all, ledger) = collect(&COLLECTOR, &[("rds:DescribeDBInstances", 403, denied)]);
        assert!(all.is_empty() && ledger.len() == 1 && ledger[0].outcome == Outcome::Denied);
    }

    #[test]
    fn versions_belong_to_their_major_version() {
        let region = Region {
            support: vec![("mysql".into(), "8.0".into(), json!("s"), json!("e")), ("postgres".into(), "1".into(), json!("x"), json!("x"))],
            ..Region::default()
        };
        assert_eq!(region.support_of("mysql", "8.0.35").0, "s");
        assert_eq!(region.support_of("mysql", "8.4.3").0, Value::Null);
        assert_eq!(region.support_of("postgres", "14.12").0, Value::Null);
    }
}
