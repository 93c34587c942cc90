//! Launch templates, with what their latest version says.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    LaunchTemplate, LaunchTemplateBlockDeviceMapping, LaunchTemplateInstanceNetworkInterfaceSpecification, LaunchTemplateVersion,
    ResponseLaunchTemplateData,
};
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::ec2_tags;
use crate::aws::instance_requirements::instance_requirements;
use crate::aws::scan::Scan;
use crate::aws::value::{block, set, time};
use crate::estate::Resource;

/// `aws_launch_template`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_launch_template"],
    calls: &[list("ec2:DescribeLaunchTemplates"), detail("ec2:DescribeLaunchTemplateVersions")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_launch_templates().into_paginator().page_size(200).send();
    let templates = scan.list("ec2:DescribeLaunchTemplates", pages, |p| p.launch_templates.unwrap_or_default()).await;
    if templates.is_empty() {
        return;
    }
    // Without a template's id the call answers for all templates at once.
    let request = scan.ec2().describe_launch_template_versions().versions("$Latest").versions("$Default");
    let pages = request.into_paginator().page_size(200).send();
    let found = scan.list("ec2:DescribeLaunchTemplateVersions", pages, |p| p.launch_template_versions.unwrap_or_default()).await;
    let versions: BTreeMap<(String, i64), LaunchTemplateVersion> =
        found.into_iter().filter_map(|v| Some(((v.launch_template_id.clone()?, v.version_number?), v))).collect();
    for template in &templates {
        one(scan, template, &versions);
    }
}

fn one(scan: &Scan<'_>, template: &LaunchTemplate, versions: &BTreeMap<(String, i64), LaunchTemplateVersion>) {
    let Some(id) = template.launch_template_id() else { return };
    let mut r = scan.resource("aws_launch_template", id);
    r.arn = Some(scan.arn("ec2", &format!("launch-template/{id}")));
    r.name = template.launch_template_name().map(Into::into);
    ec2_tags(&mut r, template.tags());
    r.set("name", template.launch_template_name()).set("default_version", template.default_version_number());
    r.fact("latest_version", template.latest_version_number()).fact("created_at", time(template.create_time()));
    let version = |number: Option<i64>| versions.get(&(id.to_owned(), number?));
    match version(template.latest_version_number()) {
        Some(latest) => {
            r.set("description", latest.version_description().filter(|d| !d.is_empty()));
            if let Some(data) = latest.launch_template_data() {
                simple(&mut r, data);
                blocks(&mut r, data);
            }
        }
        None => {
            let cause = scan.gap("ec2:DescribeLaunchTemplateVersions").unwrap_or_else(|| "its latest version is not listed".into());
            r.mark_unread(FROM_VERSION, &cause);
        }
    }
    match version(template.default_version_number()).and_then(|v| v.launch_template_data()) {
        Some(data) => {
            r.fact("default_image_id", data.image_id()).fact("default_instance_type", data.instance_type().map(|t| t.as_str()));
        }
        None => {
            let cause = scan.gap("ec2:DescribeLaunchTemplateVersions").unwrap_or_else(|| "its default version is not listed".into());
            r.mark_unread(&["facts.default_image_id", "facts.default_instance_type"], &cause);
        }
    }
    scan.emit(r);
}

/// What a version holds.
const FROM_VERSION: &[&str] = &[
    "config.description",
    "config.block_device_mappings",
    "config.capacity_reservation_specification",
    "config.cpu_options",
    "config.credit_specification",
    "config.disable_api_stop",
    "config.disable_api_termination",
    "config.ebs_optimized",
    "config.enclave_options",
    "config.hibernation_options",
    "config.iam_instance_profile",
    "config.image_id",
    "config.instance_initiated_shutdown_behavior",
    "config.instance_market_options",
    "config.instance_requirements",
    "config.instance_type",
    "config.kernel_id",
    "config.key_name",
    "config.license_specification",
    "config.maintenance_options",
    "config.metadata_options",
    "config.monitoring",
    "config.network_interfaces",
    "config.placement",
    "config.private_dns_name_options",
    "config.ram_disk_id",
    "config.security_group_names",
    "config.tag_specifications",
    "config.user_data",
    "config.vpc_security_group_ids",
];

/// The provider holds some switches as text, so that "not said" differs from "no".
fn text(switch: Option<bool>) -> Option<String> {
    switch.map(|on| on.to_string())
}

fn simple(r: &mut Resource, d: &ResponseLaunchTemplateData) {
    r.set("image_id", d.image_id())
        .set("instance_type", d.instance_type().map(|t| t.as_str()))
        .set("key_name", d.key_name())
        .set("kernel_id", d.kernel_id())
        .set("ram_disk_id", d.ram_disk_id())
        .set("ebs_optimized", text(d.ebs_optimized()))
        .set("disable_api_stop", d.disable_api_stop())
        .set("disable_api_termination", d.disable_api_termination())
        .set("instance_initiated_shutdown_behavior", d.instance_initiated_shutdown_behavior().map(|b| b.as_str()))
        .set("user_data", d.user_data().filter(|u| !u.is_empty()))
        .set("security_group_names", set(d.security_groups()))
        .set("vpc_security_group_ids", set(d.security_group_ids()));
}

fn blocks(r: &mut Resource, d: &ResponseLaunchTemplateData) {
    r.set("block_device_mappings", d.block_device_mappings().iter().map(device).collect::<Vec<_>>())
        .set("network_interfaces", d.network_interfaces().iter().map(interface).collect::<Vec<_>>())
        .set("instance_requirements", block(d.instance_requirements().map(|q| instance_requirements!(q))))
        .set("capacity_reservation_specification", block(reservation(d)))
        .set("instance_market_options", block(market(d)))
        .set("placement", block(placement(d)))
        .set("metadata_options", block(metadata(d)))
        .set("tag_specifications", tags(d));
    let cpu = d.cpu_options().map(|c| {
        json!({ "core_count": c.core_count(), "threads_per_core": c.threads_per_core(), "amd_sev_snp": c.amd_sev_snp().map(|s| s.as_str()) })
    });
    let names = d.private_dns_name_options().map(|n| {
        json!({
            "hostname_type": n.hostname_type().map(|t| t.as_str()),
            "enable_resource_name_dns_a_record": n.enable_resource_name_dns_a_record(),
            "enable_resource_name_dns_aaaa_record": n.enable_resource_name_dns_aaaa_record(),
        })
    });
    let licenses = d.license_specifications().iter().map(|l| json!({ "license_configuration_arn": l.license_configuration_arn() }));
    r.set("cpu_options", block(cpu))
        .set("private_dns_name_options", block(names))
        .set("license_specification", licenses.collect::<Vec<_>>())
        .set("credit_specification", block(d.credit_specification().map(|c| json!({ "cpu_credits": c.cpu_credits() }))))
        .set("enclave_options", block(d.enclave_options().map(|e| json!({ "enabled": e.enabled() }))))
        .set("hibernation_options", block(d.hibernation_options().map(|h| json!({ "configured": h.configured() }))))
        .set("iam_instance_profile", block(d.iam_instance_profile().map(|p| json!({ "arn": p.arn(), "name": p.name() }))))
        .set(
            "maintenance_options",
            block(d.maintenance_options().map(|m| json!({ "auto_recovery": m.auto_recovery().map(|a| a.as_str()) }))),
        )
        .set("monitoring", block(d.monitoring().map(|m| json!({ "enabled": m.enabled() }))));
}

fn device(m: &LaunchTemplateBlockDeviceMapping) -> Value {
    let ebs = m.ebs().map(|e| {
        json!({
            "delete_on_termination": text(e.delete_on_termination()),
            "encrypted": text(e.encrypted()),
            "iops": e.iops(),
            "kms_key_id": e.kms_key_id(),
            "snapshot_id": e.snapshot_id(),
            "throughput": e.throughput(),
            "volume_initialization_rate": e.volume_initialization_rate(),
            "volume_size": e.volume_size(),
            "volume_type": e.volume_type().map(|t| t.as_str()),
        })
    });
    json!({ "device_name": m.device_name(), "no_device": m.no_device(), "virtual_name": m.virtual_name(), "ebs": block(ebs) })
}

fn interface(n: &LaunchTemplateInstanceNetworkInterfaceSpecification) -> Value {
    let tracking = n.connection_tracking_specification().map(|c| {
        json!({
            "tcp_established_timeout": c.tcp_established_timeout(),
            "udp_stream_timeout": c.udp_stream_timeout(),
            "udp_timeout": c.udp_timeout(),
        })
    });
    let srd = n.ena_srd_specification().map(|s| {
        let udp = s.ena_srd_udp_specification().map(|u| json!({ "ena_srd_udp_enabled": u.ena_srd_udp_enabled() }));
        json!({ "ena_srd_enabled": s.ena_srd_enabled(), "ena_srd_udp_specification": block(udp) })
    });
    json!({
        "associate_carrier_ip_address": text(n.associate_carrier_ip_address()),
        "associate_public_ip_address": text(n.associate_public_ip_address()),
        "delete_on_termination": text(n.delete_on_termination()),
        "description": n.description(),
        "device_index": n.device_index(),
        "interface_type": n.interface_type(),
        "ipv4_address_count": n.secondary_private_ip_address_count(),
        "ipv4_addresses": set(n.private_ip_addresses().iter().filter_map(|a| a.private_ip_address())),
        "ipv4_prefix_count": n.ipv4_prefix_count(),
        "ipv4_prefixes": set(n.ipv4_prefixes().iter().filter_map(|p| p.ipv4_prefix())),
        "ipv6_address_count": n.ipv6_address_count(),
        "ipv6_addresses": set(n.ipv6_addresses().iter().filter_map(|a| a.ipv6_address())),
        "ipv6_prefix_count": n.ipv6_prefix_count(),
        "ipv6_prefixes": set(n.ipv6_prefixes().iter().filter_map(|p| p.ipv6_prefix())),
        "network_card_index": n.network_card_index(),
        "network_interface_id": n.network_interface_id(),
        "primary_ipv6": text(n.primary_ipv6()),
        "private_ip_address": n.private_ip_address(),
        "security_groups": set(n.groups()),
        "subnet_id": n.subnet_id(),
        "connection_tracking_specification": block(tracking),
        "ena_srd_specification": block(srd),
    })
}

fn reservation(d: &ResponseLaunchTemplateData) -> Option<Value> {
    let c = d.capacity_reservation_specification()?;
    let target = c.capacity_reservation_target().map(|t| {
        json!({
            "capacity_reservation_id": t.capacity_reservation_id(),
            "capacity_reservation_resource_group_arn": t.capacity_reservation_resource_group_arn(),
        })
    });
    Some(json!({
        "capacity_reservation_preference": c.capacity_reservation_preference().map(|p| p.as_str()),
        "capacity_reservation_target": block(target),
    }))
}

fn market(d: &ResponseLaunchTemplateData) -> Option<Value> {
    let m = d.instance_market_options()?;
    let spot = m.spot_options().map(|s| {
        json!({
            "block_duration_minutes": s.block_duration_minutes(),
            "instance_interruption_behavior": s.instance_interruption_behavior().map(|b| b.as_str()),
            "max_price": s.max_price(),
            "spot_instance_type": s.spot_instance_type().map(|t| t.as_str()),
            "valid_until": time(s.valid_until()),
        })
    });
    Some(json!({ "market_type": m.market_type().map(|t| t.as_str()), "spot_options": block(spot) }))
}

fn placement(d: &ResponseLaunchTemplateData) -> Option<Value> {
    let p = d.placement()?;
    Some(json!({
        "affinity": p.affinity(),
        "availability_zone": p.availability_zone(),
        "group_name": p.group_name(),
        "host_id": p.host_id(),
        "host_resource_group_arn": p.host_resource_group_arn(),
        "partition_number": p.partition_number(),
        "spread_domain": p.spread_domain(),
        "tenancy": p.tenancy().map(|t| t.as_str()),
    }))
}

fn metadata(d: &ResponseLaunchTemplateData) -> Option<Value> {
    let m = d.metadata_options()?;
    Some(json!({
        "http_endpoint": m.http_endpoint().map(|v| v.as_str()),
        "http_protocol_ipv6": m.http_protocol_ipv6().map(|v| v.as_str()),
        "http_put_response_hop_limit": m.http_put_response_hop_limit(),
        "http_tokens": m.http_tokens().map(|v| v.as_str()),
        "instance_metadata_tags": m.instance_metadata_tags().map(|v| v.as_str()),
    }))
}

fn tags(d: &ResponseLaunchTemplateData) -> Vec<Value> {
    let each = |s: &aws_sdk_ec2::types::LaunchTemplateTagSpecification| {
        let tags: BTreeMap<&str, &str> = s.tags().iter().filter_map(|t| Some((t.key()?, t.value().unwrap_or_default()))).collect();
        json!({ "resource_type": s.resource_type().map(|t| t.as_str()), "tags": tags })
    };
    d.tag_specifications().iter().map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    fn templates() -> String {
        ec2(
            "DescribeLaunchTemplates",
            "<launchTemplates><item><launchTemplateId>lt-1</launchTemplateId><launchTemplateName>web</launchTemplateName><createTime>2024-01-01T00:00:00.000Z</createTime>\
             <defaultVersionNumber>1</defaultVersionNumber><latestVersionNumber>2</latestVersionNumber></item></launchTemplates>",
        )
    }

    fn version(number: u8, data: &str) -> String {
        format!(
            "<item><launchTemplateId>lt-1</launchTemplateId><launchTemplateName>web</launchTemplateName><versionNumber>{number}</versionNumber>\
             <versionDescription>v{number}</versionDescription><defaultVersion>{}</defaultVersion><launchTemplateData>{data}</launchTemplateData></item>",
            number == 1
        )
    }

    #[test]
    fn the_latest_version_is_what_code_says() {
        let full = "<imageId>ami-2</imageId><instanceType>m6i.large</instanceType><keyName>ops</keyName><ebsOptimized>true</ebsOptimized>\
            <userData>IyEvYmluL3NoCg==</userData><iamInstanceProfile><name>web</name></iamInstanceProfile><monitoring><enabled>true</enabled></monitoring>\
            <blockDeviceMappingSet><item><deviceName>/dev/xvda</deviceName><ebs><volumeSize>20</volumeSize><volumeType>gp3</volumeType><encrypted>true</encrypted>\
              <deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMappingSet>\
            <networkInterfaceSet><item><deviceIndex>0</deviceIndex><associatePublicIpAddress>false</associatePublicIpAddress><subnetId>subnet-1</subnetId>\
              <groupSet><groupId>sg-1</groupId></groupSet></item></networkInterfaceSet>\
            <metadataOptions><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint></metadataOptions>\
            <placement><tenancy>default</tenancy></placement><instanceMarketOptions><marketType>spot</marketType><spotOptions><maxPrice>0.10</maxPrice></spotOptions></instanceMarketOptions>\
            <instanceRequirements><vCpuCount><min>2</min><max>4</max></vCpuCount><memoryMiB><min>4096</min></memoryMiB><cpuManufacturerSet><item>intel</item></cpuManufacturerSet></instanceRequirements>\
            <tagSpecificationSet><item><resourceType>instance</resourceType><tagSet><item><key>env</key><value>live</value></item></tagSet></item></tagSpecificationSet>\
            <securityGroupIdSet><item>sg-1</item></securityGroupIdSet>";
        let versions = ec2(
            "DescribeLaunchTemplateVersions",
            &format!("<launchTemplateVersionSet>{}{}</launchTemplateVersionSet>", version(1, "<imageId>ami-1</imageId>"), version(2, full)),
        );
        let (all, _) = collect(
            &COLLECTOR,
            &[("ec2:DescribeLaunchTemplates", 200, &templates()), ("ec2:DescribeLaunchTemplateVersions", 200, &versions)],
        );
        assert_complete(&all);
        let t = &all[0];
        assert_eq!((t.label(), t.str("config.image_id"), t.str("facts.default_image_id")), ("web", Some("ami-2"), Some("ami-1")));
        assert_eq!(t.str("config.description"), Some("v2"));
        assert_eq!(t.str("config.ebs_optimized"), Some("true"));
        assert_eq!(t.str("config.block_device_mappings.0.ebs.0.encrypted"), Some("true"));
        assert_eq!(t.str("config.network_interfaces.0.associate_public_ip_address"), Some("false"));
        assert_eq!(t.strings("config.network_interfaces.0.security_groups"), ["sg-1"]);
        assert_eq!(t.get("config.metadata_options.0.http_put_response_hop_limit"), Some(&json!(2)));
        assert_eq!(t.get("config.instance_requirements.0.vcpu_count.0.max"), Some(&json!(4)));
        assert_eq!(t.str("config.tag_specifications.0.tags.env"), Some("live"));
        assert_eq!(t.str("config.user_data"), Some("IyEvYmluL3NoCg=="));
    }

    #[test]
    fn refused_versions_are_unread() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[("ec2:DescribeLaunchTemplates", 200, &templates()), ("ec2:DescribeLaunchTemplateVersions", 403, EC2_DENIED)],
        );
        assert!(all[0].unread["config.metadata_options"].starts_with("denied: ec2:DescribeLaunchTemplateVersions"));
        assert!(all[0].unread.contains_key("facts.default_image_id"));
        assert_eq!(all[0].config.len(), 2);
        assert_eq!(ledger.iter().filter(|e| e.outcome == Outcome::Denied).count(), 1);
    }
}
