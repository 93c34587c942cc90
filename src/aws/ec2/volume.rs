//! EBS volumes and where they are attached.

use aws_sdk_ec2::types::Volume;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;
use crate::aws::value::time;

/// `aws_ebs_volume` and `aws_volume_attachment`. Root volumes too: which those are is told by the instances.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_ebs_volume", "aws_volume_attachment"],
    calls: &[list("ec2:DescribeVolumes")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_volumes().into_paginator().page_size(1000).send();
    for volume in scan.list("ec2:DescribeVolumes", pages, |p| p.volumes.unwrap_or_default()).await {
        one(scan, &volume);
    }
}

fn one(scan: &Scan<'_>, volume: &Volume) {
    let Some(id) = volume.volume_id() else { return };
    let state = volume.state().map(|s| s.as_str());
    if matches!(state, Some("deleting" | "deleted")) {
        return;
    }
    let mut r = scan.resource("aws_ebs_volume", id);
    r.arn = Some(scan.arn("ec2", &format!("volume/{id}")));
    ec2_tags(&mut r, volume.tags());
    r.set("availability_zone", volume.availability_zone())
        .set("type", volume.volume_type().map(|t| t.as_str()))
        .set("size", volume.size())
        .set("iops", volume.iops())
        .set("throughput", volume.throughput())
        .set("encrypted", volume.encrypted())
        .set("kms_key_id", volume.kms_key_id())
        .set("snapshot_id", volume.snapshot_id().filter(|s| !s.is_empty()))
        .set("multi_attach_enabled", volume.multi_attach_enabled())
        .set("outpost_arn", volume.outpost_arn());
    let attachment = volume.attachments().first();
    r.fact("state", state)
        .fact("create_time", time(volume.create_time()))
        .fact("attached_instance_id", attachment.and_then(|a| a.instance_id()))
        .fact("device_name", attachment.and_then(|a| a.device()))
        .fact("delete_on_termination", attachment.and_then(|a| a.delete_on_termination()));
    for attachment in volume.attachments() {
        let (Some(instance), Some(device)) = (attachment.instance_id(), attachment.device()) else { continue };
        let mut a = scan.resource("aws_volume_attachment", &format!("{device}:{id}:{instance}"));
        a.name.clone_from(&r.name);
        a.set("device_name", device).set("volume_id", id).set("instance_id", instance);
        a.fact("state", attachment.state().map(|s| s.as_str()));
        scan.emit(a);
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    #[test]
    fn an_attached_volume_a_loose_one_and_one_on_its_way_out() {
        let answer = ec2(
            "DescribeVolumes",
            "<volumeSet><item><volumeId>vol-1</volumeId><size>100</size><snapshotId/><availabilityZone>eu-west-3a</availabilityZone><status>in-use</status>\
               <createTime>2023-02-01T08:00:00.000Z</createTime><volumeType>io2</volumeType><iops>4000</iops><encrypted>true</encrypted>\
               <kmsKeyId>arn:aws:kms:eu-west-3:123456789012:key/k-1</kmsKeyId><multiAttachEnabled>true</multiAttachEnabled>\
               <attachmentSet><item><volumeId>vol-1</volumeId><instanceId>i-1</instanceId><device>/dev/sdf</device><status>attached</status><deleteOnTermination>false</deleteOnTermination></item>\
                 <item><volumeId>vol-1</volumeId><instanceId>i-2</instanceId><device>/dev/sdg</device><status>attached</status><deleteOnTermination>false</deleteOnTermination></item></attachmentSet>\
               <tagSet><item><key>Name</key><value>data</value></item></tagSet></item>\
             <item><volumeId>vol-2</volumeId><size>8</size><snapshotId>snap-1</snapshotId><availabilityZone>eu-west-3b</availabilityZone><status>available</status>\
               <volumeType>gp2</volumeType><iops>100</iops><encrypted>false</encrypted><attachmentSet/></item>\
             <item><volumeId>vol-3</volumeId><status>deleting</status></item></volumeSet>",
        );
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeVolumes", 200, &answer)]);
        assert_complete(&all);
        let ids: Vec<&str> = all.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(ids, ["vol-1", "vol-2", "/dev/sdf:vol-1:i-1", "/dev/sdg:vol-1:i-2"]);
        assert_eq!(all[0].config["snapshot_id"], Value::Null);
        assert_eq!(all[0].str("facts.attached_instance_id"), Some("i-1"));
        assert_eq!(all[1].facts["attached_instance_id"], Value::Null);
        assert_eq!(all[2].label(), "data");
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeVolumes", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
