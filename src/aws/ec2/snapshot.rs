//! The account's own volume snapshots, the newest few thousand of them.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::Snapshot;

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;
use crate::aws::value::{set, time};

/// `aws_ebs_snapshot`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_ebs_snapshot"],
    calls: &[list("ec2:DescribeSnapshots"), detail("ec2:DescribeImages")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// How many are kept: backup products make snapshots by the ten thousand. All public ones, the newest of the others.
const KEPT: usize = 5000;

async fn collect(scan: &Scan<'_>) {
    // One call tells which can be restored by anybody; asking each snapshot would be a call for each.
    let open = scan.ec2().describe_snapshots().owner_ids("self").restorable_by_user_ids("all");
    let public =
        scan.list("ec2:DescribeSnapshots", open.into_paginator().page_size(1000).send(), |p| p.snapshots.unwrap_or_default()).await;
    let public_unread = scan.gap("ec2:DescribeSnapshots");
    let own = scan.ec2().describe_snapshots().owner_ids("self");
    let all = scan.list("ec2:DescribeSnapshots", own.into_paginator().page_size(1000).send(), |p| p.snapshots.unwrap_or_default()).await;
    let users = users(scan, all.is_empty() && public.is_empty()).await;
    let images_unread = scan.gap("ec2:DescribeImages");

    let public_ids: BTreeSet<String> = public.iter().filter_map(|s| s.snapshot_id().map(Into::into)).collect();
    let mut others: Vec<Snapshot> = all.into_iter().filter(|s| s.snapshot_id().is_some_and(|id| !public_ids.contains(id))).collect();
    let count = others.len() + public.len();
    if count > KEPT {
        others.sort_by(|a, b| {
            (b.start_time(), b.snapshot_id()).partial_cmp(&(a.start_time(), a.snapshot_id())).unwrap_or(std::cmp::Ordering::Equal)
        });
        others.truncate(KEPT.saturating_sub(public.len()));
        scan.capped("ec2:DescribeSnapshots", &format!("of {count} snapshots the public and the newest were kept, {KEPT} at most"));
    }
    for snapshot in public.iter().chain(&others) {
        let Some(id) = snapshot.snapshot_id() else { continue };
        let mut r = scan.resource("aws_ebs_snapshot", id);
        r.arn = Some(format!("arn:{}:ec2:{}::snapshot/{id}", scan.session.partition, scan.region));
        ec2_tags(&mut r, snapshot.tags());
        r.set("volume_id", snapshot.volume_id())
            .set("description", snapshot.description().filter(|d| !d.is_empty()))
            .set("storage_tier", snapshot.storage_tier().map(|t| t.as_str()))
            .set("outpost_arn", snapshot.outpost_arn());
        r.fact("start_time", time(snapshot.start_time()))
            .fact("state", snapshot.state().map(|s| s.as_str()))
            .fact("encrypted", snapshot.encrypted())
            .fact("kms_key_id", snapshot.kms_key_id())
            .fact("volume_size", snapshot.volume_size());
        match &public_unread {
            None => {
                r.fact("public", public_ids.contains(id));
            }
            Some(cause) => r.mark_unread(&["facts.public"], cause),
        }
        match &images_unread {
            None => {
                r.fact("image_ids", set(users.get(id).into_iter().flatten()));
            }
            Some(cause) => r.mark_unread(&["facts.image_ids"], cause),
        }
        scan.emit(r);
    }
}

/// Which own images use a snapshot.
async fn users(scan: &Scan<'_>, nothing_to_tell: bool) -> BTreeMap<String, BTreeSet<String>> {
    let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    if nothing_to_tell {
        return users;
    }
    let request = scan.ec2().describe_images().owners("self").include_deprecated(true).include_disabled(true);
    for image in scan.list("ec2:DescribeImages", request.into_paginator().page_size(1000).send(), |p| p.images.unwrap_or_default()).await {
        for snapshot in image.block_device_mappings().iter().filter_map(|m| m.ebs()?.snapshot_id()) {
            users.entry(snapshot.into()).or_default().extend(image.image_id().map(String::from));
        }
    }
    users
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    fn snapshot(id: &str, day: u32) -> String {
        format!(
            "<item><snapshotId>{id}</snapshotId><volumeId>vol-1</volumeId><status>completed</status><startTime>{}-01-{:02}T00:00:00.000Z</startTime>\
             <ownerId>123456789012</ownerId><volumeSize>30</volumeSize><description>nightly</description><encrypted>false</encrypted><storageTier>standard</storageTier></item>",
            2000 + day / 28,
            day % 28 + 1
        )
    }

    fn answer(ids: &[String]) -> String {
        ec2("DescribeSnapshots", &format!("<snapshotSet>{}</snapshotSet>", ids.concat()))
    }

    fn images() -> String {
        ec2(
            "DescribeImages",
            "<imagesSet><item><imageId>ami-1</imageId><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><snapshotId>snap-2</snapshotId></ebs></item></blockDeviceMapping></item></imagesSet>",
        )
    }

    #[test]
    fn public_ones_are_known_from_one_call() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("ec2:DescribeSnapshots", 200, &answer(&[snapshot("snap-1", 1)])),
                ("ec2:DescribeSnapshots", 200, &answer(&[snapshot("snap-1", 1), snapshot("snap-2", 2)])),
                ("ec2:DescribeImages", 200, &images()),
            ],
        );
        assert_complete(&all);
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].bool("facts.public"), all[1].bool("facts.public")), (true, false));
        assert_eq!(all[1].strings("facts.image_ids"), ["ami-1"]);
        assert_eq!(all[0].str("facts.start_time"), Some("2000-01-02T00:00:00Z"));
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done));
    }

    #[test]
    fn of_very_many_the_public_and_the_newest_stay() {
        let many: Vec<String> = (0..=5000).map(|n| snapshot(&format!("snap-{n:05}"), n)).collect();
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("ec2:DescribeSnapshots", 200, &answer(&[snapshot("snap-00000", 0)])),
                ("ec2:DescribeSnapshots", 200, &answer(&many)),
                ("ec2:DescribeImages", 200, &images()),
            ],
        );
        assert_eq!(all.len(), 5000);
        let has = |id: &str| all.iter().any(|r| r.id == id);
        assert!(has("snap-00000") && !has("snap-00001") && has("snap-05000"));
        let entry = ledger.iter().find(|e| e.call == "ec2:DescribeSnapshots").unwrap();
        assert_eq!(entry.outcome, Outcome::Capped);
        assert!(entry.message.as_deref().is_some_and(|m| m.contains("5001")), "{entry:?}");
    }

    #[test]
    fn what_was_refused_is_not_taken_for_private() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("ec2:DescribeSnapshots", 403, EC2_DENIED),
                ("ec2:DescribeSnapshots", 200, &answer(&[snapshot("snap-2", 2)])),
                ("ec2:DescribeImages", 403, EC2_DENIED),
            ],
        );
        assert!(all[0].unread.contains_key("facts.public") && all[0].unread.contains_key("facts.image_ids"));
    }
}
