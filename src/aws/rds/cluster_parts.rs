//! What hangs on database clusters: parameter groups, snapshots that people made, and the frames of clusters over several regions.
//! DocumentDB and Neptune answer here too, and have types of their own.

use aws_sdk_rds::types as rds;
use serde_json::{Map, Value, json};

use super::db_instance::tag_pairs;
use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::tags;
use crate::aws::value::{set, time};

/// Cluster parameter groups, cluster snapshots and global clusters, each of Aurora, DocumentDB and Neptune.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_rds_cluster_parameter_group",
        "aws_docdb_cluster_parameter_group",
        "aws_neptune_cluster_parameter_group",
        "aws_db_cluster_snapshot",
        "aws_docdb_cluster_snapshot",
        "aws_neptune_cluster_snapshot",
        "aws_rds_global_cluster",
        "aws_docdb_global_cluster",
        "aws_neptune_global_cluster",
    ],
    calls: &[
        list("rds:DescribeDBClusterParameterGroups").yields(&[
            "aws_rds_cluster_parameter_group",
            "aws_docdb_cluster_parameter_group",
            "aws_neptune_cluster_parameter_group",
        ]),
        detail("rds:DescribeDBClusterParameters").gone(&["DBParameterGroupNotFound"]),
        list("rds:DescribeDBClusterSnapshots").yields(&[
            "aws_db_cluster_snapshot",
            "aws_docdb_cluster_snapshot",
            "aws_neptune_cluster_snapshot",
        ]),
        detail("rds:DescribeDBClusterSnapshotAttributes").gone(&["DBClusterSnapshotNotFoundFault"]),
        // Regions without global clusters refuse the call instead of answering an empty list.
        list("rds:DescribeGlobalClusters")
            .yields(&["aws_rds_global_cluster", "aws_docdb_global_cluster", "aws_neptune_global_cluster"])
            .absent(&["InvalidParameterValue", "UnsupportedOperation"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let client = scan.rds();
    let pages = client.describe_db_cluster_parameter_groups().into_paginator().send();
    let groups = scan.list("rds:DescribeDBClusterParameterGroups", pages, |p| p.db_cluster_parameter_groups.unwrap_or_default()).await;
    scan.each(groups, |group| parameter_group(scan, group)).await;
    let pages = client.describe_db_cluster_snapshots().snapshot_type("manual").into_paginator().send();
    let snapshots = scan.list("rds:DescribeDBClusterSnapshots", pages, |p| p.db_cluster_snapshots.unwrap_or_default()).await;
    scan.each(snapshots, |snapshot| one_snapshot(scan, snapshot)).await;
    let pages = client.describe_global_clusters().into_paginator().send();
    for global in scan.list("rds:DescribeGlobalClusters", pages, |p| p.global_clusters.unwrap_or_default()).await {
        global_cluster(scan, &global);
    }
}

/// The one of three types that an engine or parameter family belongs to.
fn kind_of(engine: &str, [rds, docdb, neptune]: [&'static str; 3]) -> &'static str {
    match engine {
        e if e.starts_with("docdb") => docdb,
        e if e.starts_with("neptune") => neptune,
        _ => rds,
    }
}

async fn parameter_group(scan: &Scan<'_>, group: rds::DbClusterParameterGroup) {
    let Some(name) = group.db_cluster_parameter_group_name().filter(|n| !n.starts_with("default.")) else { return };
    let family = group.db_parameter_group_family().unwrap_or_default();
    let kinds = ["aws_rds_cluster_parameter_group", "aws_docdb_cluster_parameter_group", "aws_neptune_cluster_parameter_group"];
    let mut r = scan.resource(kind_of(family, kinds), name);
    r.arn = group.db_cluster_parameter_group_arn().map(str::to_owned);
    r.name = Some(name.into());
    scan.bulk_tags(&mut r).await;
    r.set("name", name).set("description", group.description()).set("family", family);
    let (mut parameters, mut values, mut marker) = (Vec::new(), Map::new(), None);
    loop {
        let request = scan.rds().describe_db_cluster_parameters().db_cluster_parameter_group_name(name).source("user");
        let request = request.set_marker(marker.take()).send();
        match scan.detail(&mut r, "rds:DescribeDBClusterParameters", &["config.parameter", "facts.non_default"], request).await {
            Detail::Got(answer) => {
                for p in answer.parameters() {
                    let (Some(name), Some(value)) = (p.parameter_name(), p.parameter_value()) else { continue };
                    values.insert(name.to_owned(), value.into());
                    parameters
                        .push(json!({ "name": name.to_lowercase(), "value": value, "apply_method": p.apply_method().map(|m| m.as_str()) }));
                }
                marker = answer.marker().filter(|m| !m.is_empty()).map(str::to_owned);
            }
            Detail::Gone => return,
            Detail::Absent | Detail::Unread => break,
        }
        if marker.is_none() {
            break;
        }
    }
    if !r.unread.contains_key("config.parameter") {
        parameters.sort_by_cached_key(Value::to_string);
        r.set("parameter", parameters);
        r.fact("non_default", values);
    }
    scan.emit(r);
}

async fn one_snapshot(scan: &Scan<'_>, snapshot: rds::DbClusterSnapshot) {
    let Some(id) = snapshot.db_cluster_snapshot_identifier() else { return };
    let kinds = ["aws_db_cluster_snapshot", "aws_docdb_cluster_snapshot", "aws_neptune_cluster_snapshot"];
    let kind = kind_of(snapshot.engine().unwrap_or_default(), kinds);
    let mut r = scan.resource(kind, id);
    r.arn = snapshot.db_cluster_snapshot_arn().map(str::to_owned);
    r.name = Some(id.into());
    let tagged = tag_pairs(snapshot.tag_list());
    tags::set(&mut r, tagged);
    r.set("db_cluster_snapshot_identifier", id).set("db_cluster_identifier", snapshot.db_cluster_identifier());
    r.fact("snapshot_type", snapshot.snapshot_type())
        .fact("status", snapshot.status())
        .fact("create_time", time(snapshot.snapshot_create_time()))
        .fact("encrypted", snapshot.storage_encrypted())
        .fact("kms_key_id", snapshot.kms_key_id())
        .fact("engine", snapshot.engine())
        .fact("engine_version", snapshot.engine_version())
        .fact("allocated_storage", snapshot.allocated_storage());
    let request = scan.rds().describe_db_cluster_snapshot_attributes().db_cluster_snapshot_identifier(id).send();
    let paths: &[&str] = if kind == kinds[0] { &["config.shared_accounts", "facts.public"] } else { &["facts.public"] };
    match scan.detail(&mut r, "rds:DescribeDBClusterSnapshotAttributes", paths, request).await {
        Detail::Got(answer) => {
            let attributes = answer.db_cluster_snapshot_attributes_result();
            let all = attributes.into_iter().flat_map(|a| a.db_cluster_snapshot_attributes());
            let restore = all.into_iter().find(|a| a.attribute_name() == Some("restore"));
            let accounts = restore.map_or(&[][..], |a| a.attribute_values());
            if kind == kinds[0] {
                r.set("shared_accounts", set(accounts));
            }
            r.fact("public", accounts.iter().any(|a| a == "all"));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

/// A global cluster is answered in every region that has a part of it; it is kept where its writer stands.
fn global_cluster(scan: &Scan<'_>, global: &rds::GlobalCluster) {
    let Some(id) = global.global_cluster_identifier() else { return };
    let members = global.global_cluster_members();
    let region_of = |arn: &str| arn.split(':').nth(3).unwrap_or_default().to_owned();
    let writer = members.iter().find(|m| m.is_writer() == Some(true)).and_then(|m| m.db_cluster_arn());
    if writer.is_some_and(|arn| region_of(arn) != scan.region) {
        return;
    }
    let kinds = ["aws_rds_global_cluster", "aws_docdb_global_cluster", "aws_neptune_global_cluster"];
    let kind = kind_of(global.engine().unwrap_or_default(), kinds);
    let mut r = scan.resource(kind, id);
    r.arn = global.global_cluster_arn().map(str::to_owned);
    r.name = Some(id.into());
    r.set("global_cluster_identifier", id)
        .set("deletion_protection", global.deletion_protection())
        .set("engine", global.engine())
        .set("engine_version", global.engine_version())
        .set("storage_encrypted", global.storage_encrypted());
    if kind != kinds[2] {
        r.set("database_name", global.database_name());
    }
    if kind == kinds[0] {
        tags::set(&mut r, tag_pairs(global.tag_list()));
        r.set("engine_lifecycle_support", global.engine_lifecycle_support());
    }
    r.fact("status", global.status())
        .fact("writer_arn", writer)
        .fact("member_arns", set(members.iter().filter_map(|m| m.db_cluster_arn())))
        .fact("endpoint", global.endpoint());
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::{LedgerEntry, Outcome, Resource};

    fn wrap(operation: &str, inside: &str) -> String {
        format!(
            r#"<{operation}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><{operation}Result>{inside}</{operation}Result></{operation}Response>"#
        )
    }

    fn answers(parameters: (u16, &str), attributes: (u16, &str)) -> (Vec<Resource>, Vec<LedgerEntry>) {
        let groups = "<DBClusterParameterGroups><DBClusterParameterGroup><DBClusterParameterGroupName>default.aurora-postgresql16</DBClusterParameterGroupName><DBParameterGroupFamily>aurora-postgresql16</DBParameterGroupFamily></DBClusterParameterGroup>\
            <DBClusterParameterGroup><DBClusterParameterGroupName>shop</DBClusterParameterGroupName><DBParameterGroupFamily>aurora-postgresql16</DBParameterGroupFamily><Description>d</Description></DBClusterParameterGroup>\
            <DBClusterParameterGroup><DBClusterParameterGroupName>papers</DBClusterParameterGroupName><DBParameterGroupFamily>docdb5.0</DBParameterGroupFamily></DBClusterParameterGroup></DBClusterParameterGroups>";
        let snapshots = "<DBClusterSnapshots><DBClusterSnapshot><DBClusterSnapshotIdentifier>before</DBClusterSnapshotIdentifier><DBClusterIdentifier>shop</DBClusterIdentifier><Engine>aurora-postgresql</Engine><SnapshotType>manual</SnapshotType><StorageEncrypted>true</StorageEncrypted></DBClusterSnapshot></DBClusterSnapshots>";
        let globals = "<GlobalClusters><GlobalClusterMember><GlobalClusterIdentifier>world</GlobalClusterIdentifier><Engine>aurora-postgresql</Engine><DeletionProtection>true</DeletionProtection>\
            <GlobalClusterMembers><GlobalClusterMember><DBClusterArn>arn:aws:rds:eu-west-3:123456789012:cluster:shop</DBClusterArn><IsWriter>true</IsWriter></GlobalClusterMember></GlobalClusterMembers></GlobalClusterMember>\
            <GlobalClusterMember><GlobalClusterIdentifier>elsewhere</GlobalClusterIdentifier><Engine>aurora-mysql</Engine>\
            <GlobalClusterMembers><GlobalClusterMember><DBClusterArn>arn:aws:rds:us-east-1:123456789012:cluster:shop</DBClusterArn><IsWriter>true</IsWriter></GlobalClusterMember></GlobalClusterMembers></GlobalClusterMember></GlobalClusters>";
        collect(
            &COLLECTOR,
            &[
                ("rds:DescribeDBClusterParameterGroups", 200, &wrap("DescribeDBClusterParameterGroups", groups)),
                ("rds:DescribeDBClusterParameters", parameters.0, parameters.1),
                ("rds:DescribeDBClusterParameters", parameters.0, parameters.1),
                ("rds:DescribeDBClusterSnapshots", 200, &wrap("DescribeDBClusterSnapshots", snapshots)),
                ("rds:DescribeDBClusterSnapshotAttributes", attributes.0, attributes.1),
                ("rds:DescribeGlobalClusters", 200, &wrap("DescribeGlobalClusters", globals)),
            ],
        )
    }

    #[test]
    fn each_engine_has_its_own_types() {
        let parameters = wrap(
            "DescribeDBClusterParameters",
            "<Parameters><Parameter><ParameterName>rds.force_ssl</ParameterName><ParameterValue>1</ParameterValue><ApplyMethod>pending-reboot</ApplyMethod></Parameter></Parameters>",
        );
        let attributes = wrap(
            "DescribeDBClusterSnapshotAttributes",
            "<DBClusterSnapshotAttributesResult><DBClusterSnapshotAttributes><DBClusterSnapshotAttribute><AttributeName>restore</AttributeName><AttributeValues><AttributeValue>all</AttributeValue></AttributeValues></DBClusterSnapshotAttribute></DBClusterSnapshotAttributes></DBClusterSnapshotAttributesResult>",
        );
        let (all, _) = answers((200, &parameters), (200, &attributes));
        let kinds: Vec<(&str, &str)> = all.iter().map(|r| (r.kind.as_str(), r.id.as_str())).collect();
        assert_eq!(
            kinds,
            [
                ("aws_db_cluster_snapshot", "before"),
                ("aws_docdb_cluster_parameter_group", "papers"),
                ("aws_rds_cluster_parameter_group", "shop"),
                ("aws_rds_global_cluster", "world"),
            ]
        );
        assert_eq!(all[0].facts["public"], true);
        assert_eq!(all[2].config["parameter"], json!([{ "name": "rds.force_ssl", "value": "1", "apply_method": "pending-reboot" }]));
        assert_eq!(all[3].facts["writer_arn"], "arn:aws:rds:eu-west-3:123456789012:cluster:shop");
    }

    #[test]
    fn refusals_are_gaps() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, ledger) = answers((403, denied), (403, denied));
        assert!(all[0].unread.contains_key("facts.public") && !all[0].facts.contains_key("public"));
        assert!(all[2].unread.contains_key("config.parameter"));
        assert_eq!(ledger.iter().filter(|e| e.outcome == Outcome::Denied).count(), 2);
    }
}
