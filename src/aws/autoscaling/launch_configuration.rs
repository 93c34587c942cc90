//! Launch configurations: what instances of older groups start from.

use aws_sdk_autoscaling::types as asg;
use base64::Engine;
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{block, set, time};

/// `aws_launch_configuration`
pub const COLLECTOR: Collector = Collector {
    types: &["aws_launch_configuration"],
    calls: &[list("autoscaling:DescribeLaunchConfigurations")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// Names of the first disk of an image; all other devices are further disks (EC2 user guide, "Device names on Linux instances").
const ROOT: &[&str] = &["/dev/xvda", "/dev/sda1"];

async fn collect(scan: &Scan<'_>) {
    let pages = scan.autoscaling().describe_launch_configurations().max_records(100).into_paginator().send();
    for c in scan.list("autoscaling:DescribeLaunchConfigurations", pages, |p| p.launch_configurations.unwrap_or_default()).await {
        one(scan, &c);
    }
}

fn one(scan: &Scan<'_>, c: &asg::LaunchConfiguration) {
    let Some(name) = c.launch_configuration_name() else { return };
    let mut r = scan.resource("aws_launch_configuration", name);
    r.arn = c.launch_configuration_arn().map(str::to_owned);
    r.name = Some(name.into());
    let given = c.user_data().filter(|u| !u.is_empty());
    let script = given.and_then(|u| base64::engine::general_purpose::STANDARD.decode(u).ok()).and_then(|b| String::from_utf8(b).ok());
    let metadata = c.metadata_options().map(|m| {
        json!({
            "http_endpoint": m.http_endpoint().map(|e| e.as_str()),
            "http_put_response_hop_limit": m.http_put_response_hop_limit(),
            "http_tokens": m.http_tokens().map(|t| t.as_str()),
        })
    });
    let is_root = |m: &&asg::BlockDeviceMapping| m.device_name().is_some_and(|d| ROOT.contains(&d));
    let disks = |root: bool| c.block_device_mappings().iter().filter(move |m| is_root(m) == root);
    let mut further: Vec<Value> = disks(false).filter(|m| m.virtual_name().is_none()).map(|m| disk(m, true)).collect();
    further.sort_by_cached_key(Value::to_string);
    let mut ephemeral: Vec<Value> = (c.block_device_mappings().iter())
        .filter(|m| m.virtual_name().is_some())
        .map(|m| json!({ "device_name": m.device_name(), "no_device": m.no_device(), "virtual_name": m.virtual_name() }))
        .collect();
    ephemeral.sort_by_cached_key(Value::to_string);
    r.set("name", name)
        .set("image_id", c.image_id())
        .set("instance_type", c.instance_type())
        .set("key_name", c.key_name().filter(|k| !k.is_empty()))
        .set("iam_instance_profile", c.iam_instance_profile())
        .set("security_groups", set(c.security_groups()))
        .set("associate_public_ip_address", c.associate_public_ip_address())
        .set("ebs_optimized", c.ebs_optimized())
        .set("enable_monitoring", c.instance_monitoring().and_then(|m| m.enabled()))
        .set("placement_tenancy", c.placement_tenancy())
        .set("spot_price", c.spot_price())
        .set("user_data_base64", given.filter(|_| script.is_none()))
        .set("user_data", script)
        .set("metadata_options", block(metadata))
        .set("root_block_device", block(disks(true).next().map(|m| disk(m, false))))
        .set("ebs_block_device", further)
        .set("ephemeral_block_device", ephemeral);
    r.fact("created_time", time(c.created_time()));
    scan.emit(r);
}

fn disk(m: &asg::BlockDeviceMapping, named: bool) -> Value {
    let ebs = m.ebs();
    let mut disk = json!({
        "delete_on_termination": ebs.and_then(|e| e.delete_on_termination()),
        "encrypted": ebs.and_then(|e| e.encrypted()),
        "iops": ebs.and_then(|e| e.iops()),
        "throughput": ebs.and_then(|e| e.throughput()),
        "volume_size": ebs.and_then(|e| e.volume_size()),
        "volume_type": ebs.and_then(|e| e.volume_type()),
    });
    if named {
        disk["device_name"] = json!(m.device_name());
        disk["no_device"] = json!(m.no_device());
        disk["snapshot_id"] = json!(ebs.and_then(|e| e.snapshot_id()));
    }
    disk
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};

    #[test]
    fn disks_and_scripts() {
        let answer = r#"<DescribeLaunchConfigurationsResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><DescribeLaunchConfigurationsResult><LaunchConfigurations><member>
            <LaunchConfigurationName>old</LaunchConfigurationName><LaunchConfigurationARN>arn:aws:autoscaling:eu-west-3:123456789012:launchConfiguration:u:launchConfigurationName/old</LaunchConfigurationARN>
            <ImageId>ami-1</ImageId><KeyName/><SecurityGroups><member>sg-1</member></SecurityGroups><UserData>IyEvYmluL3NoCmVjaG8gaGkK</UserData><InstanceType>t2.micro</InstanceType>
            <BlockDeviceMappings><member><DeviceName>/dev/xvda</DeviceName><Ebs><VolumeSize>8</VolumeSize><VolumeType>gp2</VolumeType><DeleteOnTermination>true</DeleteOnTermination></Ebs></member>
              <member><DeviceName>/dev/sdb</DeviceName><Ebs><VolumeSize>20</VolumeSize><Encrypted>true</Encrypted></Ebs></member><member><DeviceName>/dev/sdc</DeviceName><VirtualName>ephemeral0</VirtualName></member></BlockDeviceMappings>
            <InstanceMonitoring><Enabled>true</Enabled></InstanceMonitoring><MetadataOptions><HttpTokens>required</HttpTokens><HttpEndpoint>enabled</HttpEndpoint></MetadataOptions><EbsOptimized>false</EbsOptimized><CreatedTime>2019-01-02T03:04:05Z</CreatedTime>
            </member></LaunchConfigurations></DescribeLaunchConfigurationsResult></DescribeLaunchConfigurationsResponse>"#;
        let (all, _) = collect(&COLLECTOR, &[("autoscaling:DescribeLaunchConfigurations", 200, answer)]);
        assert_complete(&all);
        let r = &all[0];
        assert_eq!(r.str("config.user_data"), Some("#!/bin/sh\necho hi\n"));
        assert_eq!(r.config["root_block_device"][0]["volume_size"], 8);
        assert_eq!(r.config["ebs_block_device"][0]["device_name"], "/dev/sdb");
        assert_eq!(r.config["ephemeral_block_device"][0]["virtual_name"], "ephemeral0");
        assert!(r.config["key_name"].is_null());
    }
}
