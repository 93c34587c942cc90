//! File systems of EFS with their mount targets, access points, policies and replication.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan, encode};
use crate::aws::tags;
use crate::aws::value::{block, items, json_time, set, text};

/// `aws_efs_file_system` and its satellites.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_efs_file_system",
        "aws_efs_mount_target",
        "aws_efs_access_point",
        "aws_efs_backup_policy",
        "aws_efs_file_system_policy",
        "aws_efs_replication_configuration",
    ],
    calls: &[
        list("elasticfilesystem:DescribeFileSystems"),
        detail("elasticfilesystem:DescribeLifecycleConfiguration").gone(&["FileSystemNotFound"]),
        list("elasticfilesystem:DescribeMountTargets").yields(&["aws_efs_mount_target"]).absent(&["FileSystemNotFound"]),
        detail("elasticfilesystem:DescribeMountTargetSecurityGroups").gone(&["MountTargetNotFound"]),
        list("elasticfilesystem:DescribeAccessPoints").yields(&["aws_efs_access_point"]),
        list("elasticfilesystem:DescribeBackupPolicy").yields(&["aws_efs_backup_policy"]).absent(&["PolicyNotFound", "FileSystemNotFound"]),
        list("elasticfilesystem:DescribeFileSystemPolicy")
            .yields(&["aws_efs_file_system_policy"])
            .absent(&["PolicyNotFound", "FileSystemNotFound"]),
        list("elasticfilesystem:DescribeReplicationConfigurations")
            .yields(&["aws_efs_replication_configuration"])
            .absent(&["ReplicationNotFound"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

const ROOT: &str = "/2015-02-01";

async fn collect(scan: &Scan<'_>) {
    let systems = scan
        .rest_list("elasticfilesystem:DescribeFileSystems", &format!("{ROOT}/file-systems"), "FileSystems", "NextMarker", "Marker")
        .await;
    if systems.is_empty() {
        return;
    }
    scan.each(&systems, |system| one(scan, system)).await;
    let points = format!("{ROOT}/access-points");
    for point in scan.rest_list("elasticfilesystem:DescribeAccessPoints", &points, "AccessPoints", "NextToken", "NextToken").await {
        access_point(scan, &point);
    }
    let path = format!("{ROOT}/file-systems/replication-configurations");
    let name = "elasticfilesystem:DescribeReplicationConfigurations";
    for replication in scan.rest_list(name, &path, "Replications", "NextToken", "NextToken").await {
        one_replication(scan, &replication);
    }
}

fn tag_pairs(answer: &Value) -> std::collections::BTreeMap<String, String> {
    let pair = |t: &Value| Some((text(t, "Key")?.to_owned(), text(t, "Value").unwrap_or_default().to_owned()));
    items(answer, "Tags").iter().filter_map(pair).collect()
}

async fn one(scan: &Scan<'_>, system: &Value) {
    let Some(id) = text(system, "FileSystemId") else { return };
    let mut r = scan.resource("aws_efs_file_system", id);
    r.arn = text(system, "FileSystemArn").map(str::to_owned);
    tags::set(&mut r, tag_pairs(system));
    let protection = text(&system["FileSystemProtection"], "ReplicationOverwriteProtection");
    r.set("availability_zone_name", text(system, "AvailabilityZoneName"))
        .set("creation_token", text(system, "CreationToken"))
        .set("encrypted", system["Encrypted"].as_bool())
        .set("kms_key_id", text(system, "KmsKeyId"))
        .set("performance_mode", text(system, "PerformanceMode"))
        .set("protection", block(protection.map(|p| json!({ "replication_overwrite": p }))))
        .set("provisioned_throughput_in_mibps", system["ProvisionedThroughputInMibps"].as_f64())
        .set("throughput_mode", text(system, "ThroughputMode"));
    r.fact("status", text(system, "LifeCycleState"))
        .fact("create_time", json_time(&system["CreationTime"]))
        .fact("mount_target_count", system["NumberOfMountTargets"].as_i64())
        .fact("size_bytes", system["SizeInBytes"]["Value"].as_i64());
    let path = format!("{ROOT}/file-systems/{}", encode(id));
    let lifecycle = format!("{path}/lifecycle-configuration");
    let name = "elasticfilesystem:DescribeLifecycleConfiguration";
    match scan.rest_detail(&mut r, name, &["config.lifecycle_policy"], &lifecycle).await {
        Detail::Got(answer) => {
            let policies = items(&answer, "LifecyclePolicies").iter().map(|p| {
                json!({
                    "transition_to_archive": text(p, "TransitionToArchive"),
                    "transition_to_ia": text(p, "TransitionToIA"),
                    "transition_to_primary_storage_class": text(p, "TransitionToPrimaryStorageClass"),
                })
            });
            r.set("lifecycle_policy", policies.collect::<Vec<_>>());
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    let label = r.label().to_owned();
    backup_policy(scan, &mut r, &path, &label).await;
    file_system_policy(scan, id, &path, &label).await;
    mount_targets(scan, id, &label).await;
    scan.emit(r);
}

async fn backup_policy(scan: &Scan<'_>, system: &mut crate::estate::Resource, path: &str, label: &str) {
    let name = "elasticfilesystem:DescribeBackupPolicy";
    let path = format!("{path}/backup-policy");
    let request = scan.session.rest(scan.endpoint_region(), name, "GET", &path, None);
    let answers = scan.list_once(name, request, |a| vec![a]).await;
    if answers.is_empty()
        && let Some(cause) = scan.gap(name)
    {
        system.mark_unread(&["facts.automatic_backups"], &cause);
        return;
    }
    let status = answers.iter().find_map(|a| text(&a["BackupPolicy"], "Status"));
    let on = matches!(status, Some("ENABLED" | "ENABLING"));
    system.fact("automatic_backups", on);
    if on {
        let mut r = scan.resource("aws_efs_backup_policy", &system.id);
        r.name = Some(label.into());
        r.set("file_system_id", system.id.clone()).set("backup_policy", json!([{ "status": "ENABLED" }]));
        scan.emit(r);
    }
}

async fn file_system_policy(scan: &Scan<'_>, id: &str, path: &str, label: &str) {
    let name = "elasticfilesystem:DescribeFileSystemPolicy";
    let path = format!("{path}/policy");
    let request = scan.session.rest(scan.endpoint_region(), name, "GET", &path, None);
    for answer in scan.list_once(name, request, |a| vec![a]).await {
        let Some(policy) = text(&answer, "Policy") else { continue };
        let mut r = scan.resource("aws_efs_file_system_policy", id);
        r.name = Some(label.into());
        r.set("file_system_id", id).set("policy", policy);
        scan.emit(r);
    }
}

async fn mount_targets(scan: &Scan<'_>, system: &str, label: &str) {
    let path = format!("{ROOT}/mount-targets?FileSystemId={}", encode(system));
    for target in scan.rest_list("elasticfilesystem:DescribeMountTargets", &path, "MountTargets", "NextMarker", "Marker").await {
        let Some(id) = text(&target, "MountTargetId") else { continue };
        let mut r = scan.resource("aws_efs_mount_target", id);
        r.name = Some(label.into());
        r.set("file_system_id", system).set("ip_address", text(&target, "IpAddress")).set("subnet_id", text(&target, "SubnetId"));
        r.fact("status", text(&target, "LifeCycleState"))
            .fact("availability_zone", text(&target, "AvailabilityZoneName"))
            .fact("network_interface_id", text(&target, "NetworkInterfaceId"))
            .fact("vpc_id", text(&target, "VpcId"));
        let path = format!("{ROOT}/mount-targets/{}/security-groups", encode(id));
        let name = "elasticfilesystem:DescribeMountTargetSecurityGroups";
        match scan.rest_detail(&mut r, name, &["config.security_groups"], &path).await {
            Detail::Got(answer) => {
                r.set("security_groups", set(items(&answer, "SecurityGroups").iter().filter_map(Value::as_str)));
            }
            Detail::Gone => continue,
            Detail::Absent | Detail::Unread => {}
        }
        scan.emit(r);
    }
}

fn access_point(scan: &Scan<'_>, point: &Value) {
    let Some(id) = text(point, "AccessPointId") else { return };
    let mut r = scan.resource("aws_efs_access_point", id);
    r.arn = text(point, "AccessPointArn").map(str::to_owned);
    tags::set(&mut r, tag_pairs(point));
    let user = &point["PosixUser"];
    let user = user.is_object().then(|| {
        let mut groups: Vec<i64> = items(user, "SecondaryGids").iter().filter_map(Value::as_i64).collect();
        groups.sort_unstable();
        json!({ "gid": user["Gid"], "uid": user["Uid"], "secondary_gids": groups })
    });
    let root = &point["RootDirectory"];
    let root = root.is_object().then(|| {
        let made = &root["CreationInfo"];
        let made = made
            .is_object()
            .then(|| json!({ "owner_gid": made["OwnerGid"], "owner_uid": made["OwnerUid"], "permissions": made["Permissions"] }));
        json!({ "path": root["Path"], "creation_info": block(made) })
    });
    r.set("file_system_id", text(point, "FileSystemId")).set("posix_user", block(user)).set("root_directory", block(root));
    r.fact("status", text(point, "LifeCycleState"));
    scan.emit(r);
}

/// A replication is answered on both sides; it belongs to its source.
fn one_replication(scan: &Scan<'_>, replication: &Value) {
    let Some(source) = text(replication, "SourceFileSystemId") else { return };
    if text(replication, "SourceFileSystemRegion").is_some_and(|r| r != scan.region) {
        return;
    }
    let mut r = scan.resource("aws_efs_replication_configuration", source);
    r.name = Some(source.into());
    let to = items(replication, "Destinations").first();
    let destination = to.map(|d| json!({ "file_system_id": d["FileSystemId"], "region": d["Region"] }));
    r.set("source_file_system_id", source).set("destination", block(destination));
    r.fact("status", to.and_then(|d| text(d, "Status")))
        .fact("last_replicated", to.map_or(Value::Null, |d| json_time(&d["LastReplicatedTimestamp"])));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::{LedgerEntry, Outcome, Resource};

    fn answers(policy: (u16, &str), groups: (u16, &str)) -> (Vec<Resource>, Vec<LedgerEntry>) {
        collect(
            &COLLECTOR,
            &[
                (
                    "elasticfilesystem:DescribeFileSystems",
                    200,
                    r#"{"FileSystems":[{"FileSystemId":"fs-1","FileSystemArn":"arn:aws:elasticfilesystem:eu-west-3:123456789012:file-system/fs-1","CreationToken":"t","CreationTime":1700000000,"LifeCycleState":"available","NumberOfMountTargets":1,
                        "SizeInBytes":{"Value":6144},"PerformanceMode":"generalPurpose","Encrypted":true,"KmsKeyId":"arn:k","ThroughputMode":"provisioned","ProvisionedThroughputInMibps":32.0,
                        "FileSystemProtection":{"ReplicationOverwriteProtection":"ENABLED"},"Tags":[{"Key":"Name","Value":"uploads"}]}]}"#,
                ),
                (
                    "elasticfilesystem:DescribeLifecycleConfiguration",
                    200,
                    r#"{"LifecyclePolicies":[{"TransitionToIA":"AFTER_30_DAYS"},{"TransitionToPrimaryStorageClass":"AFTER_1_ACCESS"}]}"#,
                ),
                ("elasticfilesystem:DescribeBackupPolicy", policy.0, policy.1),
                (
                    "elasticfilesystem:DescribeFileSystemPolicy",
                    404,
                    r#"{"ErrorCode":"PolicyNotFound","__type":"PolicyNotFound","Message":"none"}"#,
                ),
                (
                    "elasticfilesystem:DescribeMountTargets",
                    200,
                    r#"{"MountTargets":[{"MountTargetId":"fsmt-1","FileSystemId":"fs-1","SubnetId":"subnet-1","IpAddress":"10.0.0.9","LifeCycleState":"available"}]}"#,
                ),
                ("elasticfilesystem:DescribeMountTargetSecurityGroups", groups.0, groups.1),
                (
                    "elasticfilesystem:DescribeAccessPoints",
                    200,
                    r#"{"AccessPoints":[{"AccessPointId":"fsap-1","FileSystemId":"fs-1","PosixUser":{"Uid":1000,"Gid":1000,"SecondaryGids":[7,5]},"RootDirectory":{"Path":"/app","CreationInfo":{"OwnerUid":1000,"OwnerGid":1000,"Permissions":"0755"}}}]}"#,
                ),
                (
                    "elasticfilesystem:DescribeReplicationConfigurations",
                    200,
                    r#"{"Replications":[{"SourceFileSystemId":"fs-1","SourceFileSystemRegion":"eu-west-3","Destinations":[{"Status":"ENABLED","FileSystemId":"fs-2","Region":"eu-west-1"}]},
                        {"SourceFileSystemId":"fs-9","SourceFileSystemRegion":"eu-west-1","Destinations":[]}]}"#,
                ),
            ],
        )
    }

    #[test]
    fn a_file_system_with_all_its_parts() {
        let (all, ledger) = answers((200, r#"{"BackupPolicy":{"Status":"ENABLED"}}"#), (200, r#"{"SecurityGroups":["sg-2","sg-1"]}"#));
        let of = |kind: &str| all.iter().find(|r| r.kind == kind).unwrap();
        assert_eq!(all.len(), 5);
        let system = of("aws_efs_file_system");
        assert_eq!(system.name.as_deref(), Some("uploads"));
        assert_eq!(system.config["lifecycle_policy"][1]["transition_to_primary_storage_class"], "AFTER_1_ACCESS");
        assert_eq!(system.config["protection"], json!([{ "replication_overwrite": "ENABLED" }]));
        assert_eq!(system.facts["automatic_backups"], true);
        assert_eq!(of("aws_efs_mount_target").strings("config.security_groups"), ["sg-1", "sg-2"]);
        assert_eq!(of("aws_efs_access_point").config["posix_user"][0]["secondary_gids"], json!([5, 7]));
        assert_eq!(of("aws_efs_access_point").config["root_directory"][0]["creation_info"][0]["permissions"], "0755");
        assert_eq!(of("aws_efs_replication_configuration").config["destination"][0]["file_system_id"], "fs-2");
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "no policy is an answer");
    }

    #[test]
    fn refusals_are_gaps_and_no_defaults() {
        let refused = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let (all, ledger) = answers((403, refused), (403, refused));
        let of = |kind: &str| all.iter().find(|r| r.kind == kind).unwrap();
        assert!(of("aws_efs_file_system").unread.contains_key("facts.automatic_backups"));
        assert!(!of("aws_efs_file_system").facts.contains_key("automatic_backups"));
        assert!(of("aws_efs_mount_target").unread.contains_key("config.security_groups"));
        assert!(!all.iter().any(|r| r.kind == "aws_efs_backup_policy"));
        assert_eq!(ledger.iter().filter(|e| e.outcome == Outcome::Denied).count(), 2);
    }
}
