//! The account's own machine images.

use aws_sdk_ec2::types::{BlockDeviceMapping, Image};
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;
use crate::aws::value::set;

/// `aws_ami`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_ami"],
    calls: &[list("ec2:DescribeImages")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let request = scan.ec2().describe_images().owners("self").include_deprecated(true).include_disabled(true);
    for image in scan.list("ec2:DescribeImages", request.into_paginator().page_size(1000).send(), |p| p.images.unwrap_or_default()).await {
        one(scan, &image);
    }
}

fn one(scan: &Scan<'_>, image: &Image) {
    let Some(id) = image.image_id() else { return };
    let mut r = scan.resource("aws_ami", id);
    r.arn = Some(format!("arn:{}:ec2:{}::image/{id}", scan.session.partition, scan.region));
    r.name = image.name().map(Into::into);
    ec2_tags(&mut r, image.tags());
    let mut devices: Vec<&BlockDeviceMapping> = image.block_device_mappings().iter().filter(|m| m.no_device().is_none()).collect();
    devices.sort_by_key(|m| m.device_name());
    r.set("name", image.name())
        .set("description", image.description().filter(|d| !d.is_empty()))
        .set("architecture", image.architecture().map(|a| a.as_str()))
        .set("virtualization_type", image.virtualization_type().map(|v| v.as_str()))
        .set("root_device_name", image.root_device_name())
        .set("image_location", image.image_location())
        .set("boot_mode", image.boot_mode().map(|b| b.as_str()))
        .set("deprecation_time", image.deprecation_time())
        .set("ena_support", image.ena_support())
        .set("imds_support", image.imds_support().map(|s| s.as_str()))
        .set("kernel_id", image.kernel_id())
        .set("ramdisk_id", image.ramdisk_id())
        .set("sriov_net_support", image.sriov_net_support())
        .set("tpm_support", image.tpm_support().map(|t| t.as_str()))
        .set("ebs_block_device", devices.iter().filter_map(|m| disk(m)).collect::<Vec<_>>())
        .set("ephemeral_block_device", devices.iter().filter_map(|m| scratch(m)).collect::<Vec<_>>());
    let root = image.root_device_name();
    let snapshot = |m: &&&BlockDeviceMapping| m.ebs().and_then(|e| e.snapshot_id()).map(str::to_owned);
    r.fact("state", image.state().map(|s| s.as_str()))
        .fact("public", image.public())
        .fact("creation_date", image.creation_date())
        .fact("source_instance_id", image.source_instance_id())
        .fact("root_snapshot_id", devices.iter().filter(|m| m.device_name() == root).find_map(|m| snapshot(&m)))
        .fact("snapshot_ids", set(devices.iter().filter_map(|m| snapshot(&m))))
        .fact("last_launched_time", image.last_launched_time());
    scan.emit(r);
}

fn disk(mapping: &BlockDeviceMapping) -> Option<Value> {
    let ebs = mapping.ebs()?;
    Some(json!({
        "device_name": mapping.device_name(),
        "delete_on_termination": ebs.delete_on_termination(),
        "encrypted": ebs.encrypted(),
        "iops": ebs.iops(),
        "throughput": ebs.throughput(),
        "snapshot_id": ebs.snapshot_id(),
        "outpost_arn": ebs.outpost_arn(),
        "volume_size": ebs.volume_size(),
        "volume_type": ebs.volume_type().map(|t| t.as_str()),
    }))
}

fn scratch(mapping: &BlockDeviceMapping) -> Option<Value> {
    let name = mapping.virtual_name()?;
    Some(json!({ "device_name": mapping.device_name(), "virtual_name": name }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    #[test]
    fn an_image_with_its_disks() {
        let answer = ec2(
            "DescribeImages",
            "<imagesSet><item><imageId>ami-1</imageId><imageLocation>123456789012/api 2023-01-01</imageLocation><imageState>available</imageState>\
             <imageOwnerId>123456789012</imageOwnerId><creationDate>2023-01-01T10:00:00.000Z</creationDate><isPublic>true</isPublic><architecture>x86_64</architecture>\
             <imageType>machine</imageType><name>api 2023-01-01</name><description/><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>\
             <virtualizationType>hvm</virtualizationType><enaSupport>true</enaSupport><sriovNetSupport>simple</sriovNetSupport><bootMode>uefi-preferred</bootMode><imdsSupport>v2.0</imdsSupport>\
             <lastLaunchedTime>2023-05-01T00:00:00Z</lastLaunchedTime><blockDeviceMapping>\
               <item><deviceName>/dev/xvdb</deviceName><ebs><snapshotId>snap-2</snapshotId><volumeSize>50</volumeSize><deleteOnTermination>false</deleteOnTermination><volumeType>gp3</volumeType><iops>3000</iops><throughput>125</throughput><encrypted>true</encrypted></ebs></item>\
               <item><deviceName>/dev/xvda</deviceName><ebs><snapshotId>snap-1</snapshotId><volumeSize>8</volumeSize><deleteOnTermination>true</deleteOnTermination><volumeType>gp2</volumeType><encrypted>false</encrypted></ebs></item>\
               <item><deviceName>/dev/sdc</deviceName><virtualName>ephemeral0</virtualName></item>\
               <item><deviceName>/dev/sdd</deviceName><noDevice/></item></blockDeviceMapping></item></imagesSet>",
        );
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeImages", 200, &answer)]);
        assert_complete(&all);
        let i = &all[0];
        assert_eq!((i.label(), i.arn.as_deref()), ("api 2023-01-01", Some("arn:aws:ec2:eu-west-3::image/ami-1")));
        assert_eq!(i.config["ebs_block_device"].as_array().map(Vec::len), Some(2));
        assert_eq!(i.str("config.ebs_block_device.0.snapshot_id"), Some("snap-1"));
        assert_eq!(i.str("config.ephemeral_block_device.0.virtual_name"), Some("ephemeral0"));
        assert_eq!(i.str("facts.root_snapshot_id"), Some("snap-1"));
        assert_eq!(i.strings("facts.snapshot_ids"), ["snap-1", "snap-2"]);
        assert!(i.bool("facts.public"));
        assert_eq!(i.config["description"], Value::Null);
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeImages", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
