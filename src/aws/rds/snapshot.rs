//! Snapshots of databases that people made. Automated ones come and go with their instance, whose restorable time tells of them.

use aws_sdk_rds::types as rds;

use super::db_instance::tag_pairs;
use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::tags;
use crate::aws::value::{set, time};

/// `aws_db_snapshot`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_db_snapshot"],
    calls: &[list("rds:DescribeDBSnapshots"), detail("rds:DescribeDBSnapshotAttributes").gone(&["DBSnapshotNotFound"])],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.rds().describe_db_snapshots().snapshot_type("manual").into_paginator().send();
    let snapshots = scan.list("rds:DescribeDBSnapshots", pages, |p| p.db_snapshots.unwrap_or_default()).await;
    scan.each(snapshots, |snapshot| one(scan, snapshot)).await;
}

async fn one(scan: &Scan<'_>, snapshot: rds::DbSnapshot) {
    let Some(id) = snapshot.db_snapshot_identifier() else { return };
    let mut r = scan.resource("aws_db_snapshot", id);
    r.arn = snapshot.db_snapshot_arn().map(str::to_owned);
    r.name = Some(id.into());
    tags::set(&mut r, tag_pairs(snapshot.tag_list()));
    r.set("db_snapshot_identifier", id).set("db_instance_identifier", snapshot.db_instance_identifier());
    r.fact("snapshot_type", snapshot.snapshot_type())
        .fact("status", snapshot.status())
        // A copy keeps the time of its original apart; what is in it is that old.
        .fact("create_time", time(snapshot.original_snapshot_create_time().or(snapshot.snapshot_create_time())))
        .fact("encrypted", snapshot.encrypted())
        .fact("kms_key_id", snapshot.kms_key_id())
        .fact("engine", snapshot.engine())
        .fact("engine_version", snapshot.engine_version())
        .fact("allocated_storage", snapshot.allocated_storage());
    let request = scan.rds().describe_db_snapshot_attributes().db_snapshot_identifier(id).send();
    match scan.detail(&mut r, "rds:DescribeDBSnapshotAttributes", &["config.shared_accounts", "facts.public"], request).await {
        Detail::Got(answer) => {
            let attributes = answer.db_snapshot_attributes_result();
            let restore = attributes.into_iter().flat_map(|a| a.db_snapshot_attributes()).find(|a| a.attribute_name() == Some("restore"));
            let accounts = restore.map_or(&[][..], |a| a.attribute_values());
            r.set("shared_accounts", set(accounts)).fact("public", accounts.iter().any(|a| a == "all"));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    fn snapshots() -> String {
        r#"<DescribeDBSnapshotsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBSnapshotsResult><DBSnapshots><DBSnapshot><DBSnapshotIdentifier>before-migration</DBSnapshotIdentifier>
            <DBInstanceIdentifier>exo-live</DBInstanceIdentifier><SnapshotCreateTime>2024-12-14T08:00:00Z</SnapshotCreateTime><Engine>postgres</Engine><AllocatedStorage>100</AllocatedStorage><Status>available</Status>
            <SnapshotType>manual</SnapshotType><Encrypted>false</Encrypted><DBSnapshotArn>arn:aws:rds:eu-west-3:123456789012:snapshot:before-migration</DBSnapshotArn></DBSnapshot></DBSnapshots></DescribeDBSnapshotsResult></DescribeDBSnapshotsResponse>"#
            .into()
    }

    fn shared(with: &str) -> String {
        format!(
            r#"<DescribeDBSnapshotAttributesResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBSnapshotAttributesResult><DBSnapshotAttributesResult><DBSnapshotIdentifier>before-migration</DBSnapshotIdentifier><DBSnapshotAttributes><DBSnapshotAttribute><AttributeName>restore</AttributeName><AttributeValues>{with}</AttributeValues></DBSnapshotAttribute></DBSnapshotAttributes></DBSnapshotAttributesResult></DescribeDBSnapshotAttributesResult></DescribeDBSnapshotAttributesResponse>"#
        )
    }

    #[test]
    fn a_snapshot_and_whom_it_is_shared_with() {
        let everybody = shared("<AttributeValue>all</AttributeValue>");
        let (all, _) =
            collect(&COLLECTOR, &[("rds:DescribeDBSnapshots", 200, &snapshots()), ("rds:DescribeDBSnapshotAttributes", 200, &everybody)]);
        assert_eq!(all[0].facts["public"], true);
        assert_eq!(all[0].config["db_instance_identifier"], "exo-live");
        assert_eq!(all[0].facts["create_time"], "2024-12-14T08:00:00Z");
        let (all, _) =
            collect(&COLLECTOR, &[("rds:DescribeDBSnapshots", 200, &snapshots()), ("rds:DescribeDBSnapshotAttributes", 200, &shared(""))]);
        assert_eq!(all[0].facts["public"], false);
    }

    #[test]
    fn sharing_that_is_refused_is_not_private() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, _) =
            collect(&COLLECTOR, &[("rds:DescribeDBSnapshots", 200, &snapshots()), ("rds:DescribeDBSnapshotAttributes", 403, denied)]);
        assert!(all[0].unread["facts.public"].starts_with("denied") && !all[0].facts.contains_key("public"));
        let (all, ledger) = collect(&COLLECTOR, &[("rds:DescribeDBSnapshots", 403, denied)]);
        assert!(all.is_empty() && !ledger[0].outcome.is_complete());
    }
}
