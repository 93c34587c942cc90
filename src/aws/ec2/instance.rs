//! Instances, with their root volume, their image's age, their credits and their announced maintenance.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, Image, Instance, InstanceAttributeName, InstanceNetworkInterface, InstanceStatus, Tag, Volume};
use base64::Engine;
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::ec2_tags;
use crate::aws::metrics::{self, Each, Figure};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{block, set, strings, time};
use crate::estate::Resource;

/// `aws_instance`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_instance"],
    calls: &[
        list("ec2:DescribeInstances"),
        detail("ec2:DescribeVolumes"),
        detail("ec2:DescribeImages"),
        detail("ec2:DescribeInstanceCreditSpecifications"),
        detail("ec2:DescribeInstanceStatus"),
        detail("ec2:DescribeInstanceAttribute").gone(&["InvalidInstanceID.NotFound"]),
        metrics::CALL,
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// How many values one filter of an EC2 call may have.
const FILTER_VALUES: usize = 200;

/// How many days of load are looked at.
const LOAD_DAYS: usize = 14;

/// What other calls tell about all instances at once, by id.
#[derive(Default)]
struct Around {
    volumes: BTreeMap<String, Volume>,
    images: BTreeMap<String, Image>,
    credits: BTreeMap<String, String>,
    status: BTreeMap<String, InstanceStatus>,
    load: Each,
}

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_instances().into_paginator().page_size(1000).send();
    let reservations = scan.list("ec2:DescribeInstances", pages, |p| p.reservations.unwrap_or_default()).await;
    // A terminated instance stays listed for about an hour.
    let instances: Vec<Instance> = reservations
        .into_iter()
        .flat_map(|r| r.instances.unwrap_or_default())
        .filter(|i| !matches!(state(i), Some("terminated" | "shutting-down")))
        .collect();
    if instances.is_empty() {
        return;
    }
    let around = around(scan, &instances).await;
    scan.each(instances, |instance| one(scan, instance, &around)).await;
}

async fn around(scan: &Scan<'_>, instances: &[Instance]) -> Around {
    let mut around = Around::default();
    let pages = scan.ec2().describe_volumes().into_paginator().page_size(1000).send();
    let volumes = scan.list("ec2:DescribeVolumes", pages, |p| p.volumes.unwrap_or_default()).await;
    around.volumes = volumes.into_iter().filter_map(|v| Some((v.volume_id.clone()?, v))).collect();
    // By filter and not by id: an id whose image is gone would fail the whole call.
    let images: BTreeSet<&str> = instances.iter().filter_map(|i| i.image_id()).collect();
    for ids in images.into_iter().collect::<Vec<_>>().chunks(FILTER_VALUES) {
        let filter = Filter::builder().name("image-id").set_values(Some(ids.iter().map(|id| (*id).to_owned()).collect())).build();
        let pages = scan.ec2().describe_images().filters(filter).include_deprecated(true).into_paginator().page_size(1000).send();
        let found = scan.list("ec2:DescribeImages", pages, |p| p.images.unwrap_or_default()).await;
        around.images.extend(found.into_iter().filter_map(|i| Some((i.image_id.clone()?, i))));
    }
    if instances.iter().any(is_burstable) {
        // Without ids AWS lists those that are, or once were, unlimited; every other burstable instance is standard.
        let pages = scan.ec2().describe_instance_credit_specifications().into_paginator().page_size(1000).send();
        let found =
            scan.list("ec2:DescribeInstanceCreditSpecifications", pages, |p| p.instance_credit_specifications.unwrap_or_default()).await;
        around.credits = found.into_iter().filter_map(|c| Some((c.instance_id?, c.cpu_credits?))).collect();
    }
    let pages = scan.ec2().describe_instance_status().include_all_instances(true).into_paginator().page_size(1000).send();
    let found = scan.list("ec2:DescribeInstanceStatus", pages, |p| p.instance_statuses.unwrap_or_default()).await;
    around.status = found.into_iter().filter_map(|s| Some((s.instance_id.clone()?, s))).collect();
    let running: Vec<&str> = instances.iter().filter(|i| state(i) == Some("running")).filter_map(|i| i.instance_id()).collect();
    around.load = metrics::each(scan, "aws_instance", LOAD_DAYS as i64, &running, |id| {
        [("CPUUtilization", "Average"), ("CPUUtilization", "Maximum"), ("NetworkIn", "Sum"), ("NetworkOut", "Sum")].map(
            |(metric, statistic)| Figure { namespace: "AWS/EC2", metric, dimensions: vec![("InstanceId", id)], statistic, period: 86_400 },
        )
    })
    .await;
    around
}

async fn one(scan: &Scan<'_>, instance: Instance, around: &Around) {
    let Some(id) = instance.instance_id() else { return };
    let mut r = scan.resource("aws_instance", id);
    r.arn = Some(scan.arn("ec2", &format!("instance/{id}")));
    ec2_tags(&mut r, instance.tags());
    arguments(&mut r, &instance);
    options(&mut r, &instance);
    network(&mut r, &instance);
    observed(&mut r, &instance);
    root_volume(scan, &mut r, &instance, &around.volumes);
    image(scan, &mut r, &instance, &around.images);
    credits(scan, &mut r, &instance, &around.credits);
    status(scan, &mut r, around.status.get(id));
    load(&mut r, id, &around.load);
    if attributes(scan, &mut r, id).await {
        scan.emit(r);
    }
}

fn state(instance: &Instance) -> Option<&str> {
    instance.state().and_then(|s| s.name()).map(|n| n.as_str())
}

/// Burstable families are named t2, t3, t3a, t4g and so on.
fn is_burstable(instance: &Instance) -> bool {
    let family = instance.instance_type().and_then(|t| t.as_str().split('.').next()).unwrap_or_default();
    family.strip_prefix('t').and_then(|rest| rest.bytes().next()).is_some_and(|b| b.is_ascii_digit()) && family != "t1"
}

fn arguments(r: &mut Resource, i: &Instance) {
    let placement = i.placement();
    r.set("ami", i.image_id())
        .set("instance_type", i.instance_type().map(|t| t.as_str()))
        .set("key_name", i.key_name())
        .set("ebs_optimized", i.ebs_optimized())
        .set("monitoring", i.monitoring().and_then(|m| m.state()).map(|s| matches!(s.as_str(), "enabled" | "pending")))
        .set("iam_instance_profile", i.iam_instance_profile().and_then(|p| p.arn()).and_then(|a| a.rsplit('/').next()))
        .set("availability_zone", placement.and_then(|p| p.availability_zone()))
        .set("tenancy", placement.and_then(|p| p.tenancy()).map(|t| t.as_str()))
        .set("placement_group", placement.and_then(|p| p.group_name()).filter(|g| !g.is_empty()))
        .set("placement_partition_number", placement.and_then(|p| p.partition_number()))
        .set("host_id", placement.and_then(|p| p.host_id()))
        .set("host_resource_group_arn", placement.and_then(|p| p.host_resource_group_arn()))
        .set("hibernation", i.hibernation_options().and_then(|h| h.configured()));
    let spot = i.instance_lifecycle().is_some_and(|l| l.as_str() == "spot");
    r.set("instance_market_options", block(spot.then(|| json!({ "market_type": "spot" }))));
    // AWS tells the template an instance was started from only by its own tags.
    let tag = |key: &str| i.tags().iter().find(|t| t.key() == Some(key)).and_then(Tag::value);
    let template = tag("aws:ec2launchtemplate:id").map(|id| json!({ "id": id, "version": tag("aws:ec2launchtemplate:version") }));
    r.set("launch_template", block(template));
}

fn options(r: &mut Resource, i: &Instance) {
    let cpu = i.cpu_options().map(|c| {
        json!({
            "core_count": c.core_count(),
            "threads_per_core": c.threads_per_core(),
            "amd_sev_snp": c.amd_sev_snp().map(|s| s.as_str()),
        })
    });
    let metadata = i.metadata_options().map(|m| {
        json!({
            "http_endpoint": m.http_endpoint().map(|v| v.as_str()),
            "http_protocol_ipv6": m.http_protocol_ipv6().map(|v| v.as_str()),
            "http_put_response_hop_limit": m.http_put_response_hop_limit(),
            "http_tokens": m.http_tokens().map(|v| v.as_str()),
            "instance_metadata_tags": m.instance_metadata_tags().map(|v| v.as_str()),
        })
    });
    let reservation = i.capacity_reservation_specification().map(|c| {
        let target = c.capacity_reservation_target().map(|t| {
            json!({
                "capacity_reservation_id": t.capacity_reservation_id(),
                "capacity_reservation_resource_group_arn": t.capacity_reservation_resource_group_arn(),
            })
        });
        json!({
            "capacity_reservation_preference": c.capacity_reservation_preference().map(|p| p.as_str()),
            "capacity_reservation_target": block(target),
        })
    });
    let names = i.private_dns_name_options().map(|n| {
        json!({
            "hostname_type": n.hostname_type().map(|t| t.as_str()),
            "enable_resource_name_dns_a_record": n.enable_resource_name_dns_a_record(),
            "enable_resource_name_dns_aaaa_record": n.enable_resource_name_dns_aaaa_record(),
        })
    });
    r.set("cpu_options", block(cpu))
        .set("metadata_options", block(metadata))
        .set("capacity_reservation_specification", block(reservation))
        .set("private_dns_name_options", block(names))
        .set("enclave_options", block(i.enclave_options().map(|e| json!({ "enabled": e.enabled() }))))
        .set(
            "maintenance_options",
            block(i.maintenance_options().map(|m| json!({ "auto_recovery": m.auto_recovery().map(|a| a.as_str()) }))),
        );
}

fn network(r: &mut Resource, i: &Instance) {
    let index = |n: &InstanceNetworkInterface| n.attachment().and_then(|a| a.device_index());
    let primary = i.network_interfaces().iter().find(|n| index(n) == Some(0)).or_else(|| i.network_interfaces().first());
    let mut groups = i.security_groups();
    if groups.is_empty() {
        groups = primary.map_or(&[], |p| p.groups());
    }
    let ipv6: Vec<&str> = primary.map_or(&[][..], |p| p.ipv6_addresses()).iter().filter_map(|a| a.ipv6_address()).collect();
    let further = primary.map_or(&[][..], |p| p.private_ip_addresses()).iter().filter(|a| a.primary() != Some(true));
    r.set("subnet_id", i.subnet_id())
        .set("private_ip", i.private_ip_address())
        .set("secondary_private_ips", set(further.filter_map(|a| a.private_ip_address())))
        .set("ipv6_addresses", strings(&ipv6))
        .set("enable_primary_ipv6", primary.and_then(|p| p.ipv6_addresses().iter().find_map(|a| a.is_primary_ipv6())))
        .set("associate_public_ip_address", primary.map(|p| p.association().is_some()))
        .set("source_dest_check", i.source_dest_check().or(primary.and_then(|p| p.source_dest_check())))
        .set("vpc_security_group_ids", set(groups.iter().filter_map(|g| g.group_id())));
    r.fact("vpc_id", i.vpc_id())
        .fact("public_ip", i.public_ip_address())
        .fact("private_ip", i.private_ip_address())
        .fact("public_dns", i.public_dns_name().filter(|n| !n.is_empty()))
        .fact("private_dns", i.private_dns_name().filter(|n| !n.is_empty()))
        .fact("ipv6_addresses", strings(ipv6))
        .fact("primary_network_interface_id", primary.and_then(|p| p.network_interface_id()))
        .fact("network_interface_ids", set(i.network_interfaces().iter().filter_map(|n| n.network_interface_id())));
}

fn observed(r: &mut Resource, i: &Instance) {
    let why = i.state_transition_reason().filter(|t| !t.is_empty());
    let root = root_volume_id(i);
    let mut volumes: Vec<&str> = i.block_device_mappings().iter().filter_map(|m| m.ebs()?.volume_id()).collect();
    volumes.sort_by_key(|v| (Some(*v) != root, *v));
    r.fact("state", state(i))
        .fact("state_reason", i.state_reason().and_then(|s| s.message()).or(why))
        .fact("launch_time", time(i.launch_time()))
        .fact("root_volume_id", root)
        .fact("block_device_volume_ids", strings(volumes))
        .fact("instance_profile_arn", i.iam_instance_profile().and_then(|p| p.arn()))
        .fact("instance_lifecycle", i.instance_lifecycle().map(|l| l.as_str()))
        .fact("architecture", i.architecture().map(|a| a.as_str()))
        .fact("platform_details", i.platform_details());
    match (state(i), why.and_then(moment)) {
        (Some("stopped"), None) => r.mark_unread(&["facts.stopped_at"], "AWS does not tell since when"),
        (Some("stopped"), Some(at)) => {
            r.fact("stopped_at", at);
        }
        _ => {
            r.fact("stopped_at", Value::Null);
        }
    }
}

/// The moment in `User initiated (2024-03-01 10:20:30 GMT)`, the only place where AWS tells it, as RFC 3339.
fn moment(reason: &str) -> Option<String> {
    let (_, rest) = reason.split_once('(')?;
    let (text, _) = rest.split_once(" GMT)")?;
    let moment: jiff::Timestamp = format!("{}Z", text.replacen(' ', "T", 1)).parse().ok()?;
    Some(moment.to_string())
}

fn root_volume_id(i: &Instance) -> Option<&str> {
    let mapping = i.block_device_mappings().iter().find(|m| m.device_name().is_some() && m.device_name() == i.root_device_name())?;
    mapping.ebs()?.volume_id()
}

fn root_volume(scan: &Scan<'_>, r: &mut Resource, i: &Instance, volumes: &BTreeMap<String, Volume>) {
    let Some(id) = root_volume_id(i) else {
        r.set("root_block_device", block(None));
        return;
    };
    let Some(volume) = volumes.get(id) else {
        let cause = scan.gap("ec2:DescribeVolumes").unwrap_or_else(|| format!("{id} is not listed"));
        r.mark_unread(&["config.root_block_device"], &cause);
        return;
    };
    let tags: BTreeMap<&str, &str> = volume
        .tags()
        .iter()
        .filter_map(|t| Some((t.key()?, t.value().unwrap_or_default())))
        .filter(|(key, _)| !key.starts_with("aws:"))
        .collect();
    let mapping = i.block_device_mappings().iter().find_map(|m| m.ebs().filter(|e| e.volume_id() == Some(id)));
    let fields = json!({
        "delete_on_termination": mapping.and_then(|e| e.delete_on_termination()),
        "encrypted": volume.encrypted(),
        "iops": volume.iops(),
        "kms_key_id": volume.kms_key_id(),
        "throughput": volume.throughput(),
        "volume_size": volume.size(),
        "volume_type": volume.volume_type().map(|t| t.as_str()),
        "tags": tags,
    });
    r.set("root_block_device", block(Some(fields)));
}

fn image(scan: &Scan<'_>, r: &mut Resource, i: &Instance, images: &BTreeMap<String, Image>) {
    let Some(image) = i.image_id().and_then(|id| images.get(id)) else {
        let gone = || "the image was deregistered, or is not shared with this account any more".to_owned();
        let cause = scan.gap("ec2:DescribeImages").unwrap_or_else(gone);
        r.mark_unread(&["facts.image_name", "facts.image_owner", "facts.image_created", "facts.image_deprecated"], &cause);
        return;
    };
    r.fact("image_name", image.name())
        .fact("image_owner", image.image_owner_alias().or(image.owner_id()))
        .fact("image_created", image.creation_date())
        .fact("image_deprecated", image.deprecation_time());
}

fn credits(scan: &Scan<'_>, r: &mut Resource, i: &Instance, credits: &BTreeMap<String, String>) {
    if !is_burstable(i) {
        r.set("credit_specification", block(None));
    } else if let Some(cause) = scan.gap("ec2:DescribeInstanceCreditSpecifications") {
        r.mark_unread(&["config.credit_specification"], &cause);
    } else {
        let credits = i.instance_id().and_then(|id| credits.get(id)).map_or("standard", String::as_str);
        r.set("credit_specification", block(Some(json!({ "cpu_credits": credits }))));
    }
}

fn status(scan: &Scan<'_>, r: &mut Resource, status: Option<&InstanceStatus>) {
    let Some(status) = status else {
        if let Some(cause) = scan.gap("ec2:DescribeInstanceStatus") {
            r.mark_unread(&["facts.status_checks", "facts.scheduled_events"], &cause);
        }
        return;
    };
    let checks = [status.system_status(), status.instance_status()];
    let words: Vec<&str> = checks.into_iter().flatten().filter_map(|s| s.status()).map(|s| s.as_str()).collect();
    // AWS keeps an event for a week after it is over and says so in its description.
    let ahead = |text: &str| !text.starts_with("[Completed]") && !text.starts_with("[Canceled]");
    let events: Vec<Value> = status
        .events()
        .iter()
        .filter(|e| e.description().is_none_or(ahead))
        .map(|e| {
            json!({
                "code": e.code().map(|c| c.as_str()),
                "description": e.description(),
                "not_before": time(e.not_before()),
                "not_after": time(e.not_after()),
            })
        })
        .collect();
    r.fact("status_checks", words.iter().find(|w| **w != "ok").or(words.first()).copied()).fact("scheduled_events", events);
}

/// How busy it was. A running instance has figures of every day; where some are missing it did not run all the time, or was never counted.
fn load(r: &mut Resource, id: &str, load: &Each) {
    load.tell(r, id, ["cpu_busiest_day_14d", "cpu_peak_14d", "network_bytes_14d"], |values| {
        let [average, peak, bytes_in, bytes_out] = values else { return [None; 3] };
        let busiest = metrics::greatest_of_all_days(average, LOAD_DAYS);
        let network = busiest.map(|_| metrics::sum(bytes_in) + metrics::sum(bytes_out));
        [busiest, metrics::greatest_of_all_days(peak, LOAD_DAYS), network]
    });
}

/// What only a call per instance tells. False when the instance is gone.
async fn attributes(scan: &Scan<'_>, r: &mut Resource, id: &str) -> bool {
    let request = scan.ec2().describe_instance_attribute().instance_id(id).attribute(InstanceAttributeName::UserData).send();
    match scan.detail(r, "ec2:DescribeInstanceAttribute", &["config.user_data", "config.user_data_base64"], request).await {
        Detail::Got(answer) => {
            let encoded = answer.user_data().and_then(|d| d.value()).filter(|v| !v.is_empty());
            let text = encoded.and_then(|e| base64::engine::general_purpose::STANDARD.decode(e).ok()).map(String::from_utf8);
            match text {
                Some(Ok(text)) => r.set("user_data", text).set("user_data_base64", Value::Null),
                _ => r.set("user_data", Value::Null).set("user_data_base64", encoded),
            };
        }
        Detail::Gone => return false,
        Detail::Absent | Detail::Unread => {}
    }
    let request = scan.ec2().describe_instance_attribute().instance_id(id).attribute(InstanceAttributeName::DisableApiTermination).send();
    match scan.detail(r, "ec2:DescribeInstanceAttribute", &["config.disable_api_termination"], request).await {
        Detail::Got(answer) => {
            r.set("disable_api_termination", answer.disable_api_termination().and_then(|v| v.value()));
        }
        Detail::Gone => return false,
        Detail::Absent | Detail::Unread => {}
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, JSON_DENIED, assert_complete, collect, ec2, figures};
    use crate::estate::Outcome;

    const EIP_ASSOCIATION: &str = "<association><ipOwnerId>123456789012</ipOwnerId><publicIp>203.0.113.7</publicIp></association>";

    fn instances() -> String {
        ec2(
            "DescribeInstances",
            &format!(
                "<reservationSet><item><reservationId>r-1</reservationId><ownerId>123456789012</ownerId><instancesSet>\
                 <item><instanceId>i-1</instanceId><imageId>ami-1</imageId><instanceState><code>80</code><name>stopped</name></instanceState>\
                   <reason>User initiated (2024-03-01 10:20:30 GMT)</reason><keyName>ops</keyName><instanceType>t3.medium</instanceType>\
                   <launchTime>2023-02-01T08:00:00.000Z</launchTime><placement><availabilityZone>eu-west-3a</availabilityZone><groupName/><tenancy>default</tenancy></placement>\
                   <monitoring><state>disabled</state></monitoring><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><privateIpAddress>10.0.0.10</privateIpAddress>\
                   <ipAddress>203.0.113.7</ipAddress><dnsName/><sourceDestCheck>true</sourceDestCheck>\
                   <groupSet><item><groupId>sg-2</groupId><groupName>b</groupName></item><item><groupId>sg-1</groupId><groupName>a</groupName></item></groupSet>\
                   <architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/sda1</rootDeviceName>\
                   <blockDeviceMapping>\
                     <item><deviceName>/dev/sdf</deviceName><ebs><volumeId>vol-0</volumeId><status>attached</status><deleteOnTermination>false</deleteOnTermination></ebs></item>\
                     <item><deviceName>/dev/sda1</deviceName><ebs><volumeId>vol-1</volumeId><status>attached</status><deleteOnTermination>true</deleteOnTermination></ebs></item>\
                   </blockDeviceMapping>\
                   <iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/team/api</arn><id>AIPA1</id></iamInstanceProfile>\
                   <networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><subnetId>subnet-1</subnetId><sourceDestCheck>true</sourceDestCheck>\
                     <attachment><attachmentId>eni-attach-1</attachmentId><deviceIndex>0</deviceIndex></attachment>{EIP_ASSOCIATION}\
                     <privateIpAddressesSet><item><privateIpAddress>10.0.0.10</privateIpAddress><primary>true</primary></item>\
                       <item><privateIpAddress>10.0.0.11</privateIpAddress><primary>false</primary></item></privateIpAddressesSet></item></networkInterfaceSet>\
                   <cpuOptions><coreCount>1</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions>\
                   <capacityReservationSpecification><capacityReservationPreference>open</capacityReservationPreference></capacityReservationSpecification>\
                   <hibernationOptions><configured>false</configured></hibernationOptions><enclaveOptions><enabled>false</enabled></enclaveOptions>\
                   <metadataOptions><state>applied</state><httpTokens>optional</httpTokens><httpPutResponseHopLimit>1</httpPutResponseHopLimit>\
                     <httpEndpoint>enabled</httpEndpoint><httpProtocolIpv6>disabled</httpProtocolIpv6><instanceMetadataTags>disabled</instanceMetadataTags></metadataOptions>\
                   <maintenanceOptions><autoRecovery>default</autoRecovery></maintenanceOptions><platformDetails>Linux/UNIX</platformDetails>\
                   <privateDnsNameOptions><hostnameType>ip-name</hostnameType><enableResourceNameDnsARecord>true</enableResourceNameDnsARecord>\
                     <enableResourceNameDnsAAAARecord>false</enableResourceNameDnsAAAARecord></privateDnsNameOptions>\
                   <tagSet><item><key>Name</key><value>Live API</value></item><item><key>aws:ec2launchtemplate:id</key><value>lt-1</value></item>\
                     <item><key>aws:ec2launchtemplate:version</key><value>3</value></item></tagSet></item>\
                 <item><instanceId>i-2</instanceId><instanceState><name>terminated</name></instanceState></item>\
                 </instancesSet></item></reservationSet>"
            ),
        )
    }

    fn volumes() -> String {
        ec2(
            "DescribeVolumes",
            "<volumeSet><item><volumeId>vol-1</volumeId><size>30</size><snapshotId>snap-1</snapshotId><availabilityZone>eu-west-3a</availabilityZone>\
             <status>in-use</status><volumeType>gp3</volumeType><iops>3000</iops><throughput>125</throughput><encrypted>false</encrypted>\
             <tagSet><item><key>Name</key><value>root</value></item></tagSet></item></volumeSet>",
        )
    }

    fn images() -> String {
        ec2(
            "DescribeImages",
            "<imagesSet><item><imageId>ami-1</imageId><imageOwnerId>099720109477</imageOwnerId><imageOwnerAlias>amazon</imageOwnerAlias>\
             <name>ubuntu-22.04</name><creationDate>2022-09-01T00:00:00.000Z</creationDate><deprecationTime>2024-09-01T00:00:00.000Z</deprecationTime></item></imagesSet>",
        )
    }

    fn status() -> String {
        ec2(
            "DescribeInstanceStatus",
            "<instanceStatusSet><item><instanceId>i-1</instanceId><systemStatus><status>ok</status></systemStatus><instanceStatus><status>impaired</status></instanceStatus>\
             <eventsSet><item><code>instance-retirement</code><description>The instance is running on degraded hardware</description><notBefore>2024-04-01T00:00:00.000Z</notBefore></item>\
             <item><code>system-reboot</code><description>[Completed] Scheduled reboot</description></item></eventsSet></item></instanceStatusSet>",
        )
    }

    fn attribute(body: &str) -> String {
        ec2("DescribeInstanceAttribute", &format!("<instanceId>i-1</instanceId>{body}"))
    }

    #[test]
    fn an_instance_as_a_state_would_hold_it() {
        let credits = ec2(
            "DescribeInstanceCreditSpecifications",
            "<instanceCreditSpecificationSet><item><instanceId>i-1</instanceId><cpuCredits>unlimited</cpuCredits></item></instanceCreditSpecificationSet>",
        );
        let script = base64::engine::general_purpose::STANDARD.encode("#!/bin/sh\napt-get update\n");
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("ec2:DescribeInstances", 200, &instances()),
                ("ec2:DescribeVolumes", 200, &volumes()),
                ("ec2:DescribeImages", 200, &images()),
                ("ec2:DescribeInstanceCreditSpecifications", 200, &credits),
                ("ec2:DescribeInstanceStatus", 200, &status()),
                ("ec2:DescribeInstanceAttribute", 200, &attribute(&format!("<userData><value>{script}</value></userData>"))),
                ("ec2:DescribeInstanceAttribute", 200, &attribute("<disableApiTermination><value>true</value></disableApiTermination>")),
            ],
        );
        assert_complete(&all);
        assert_eq!(all.len(), 1, "{ledger:?}");
        let i = &all[0];
        assert_eq!((i.id.as_str(), i.label()), ("i-1", "Live API"));
        assert_eq!(i.strings("config.vpc_security_group_ids"), ["sg-1", "sg-2"]);
        assert_eq!(i.str("config.iam_instance_profile"), Some("api"));
        assert_eq!(i.str("config.metadata_options.0.http_tokens"), Some("optional"));
        assert_eq!(i.get("config.root_block_device.0.volume_size"), Some(&json!(30)));
        assert_eq!(i.str("config.root_block_device.0.tags.Name"), Some("root"));
        assert_eq!(i.get("config.root_block_device.0.delete_on_termination"), Some(&json!(true)));
        assert_eq!(i.str("config.credit_specification.0.cpu_credits"), Some("unlimited"));
        assert_eq!(i.str("config.launch_template.0.version"), Some("3"));
        assert_eq!(i.strings("config.secondary_private_ips"), ["10.0.0.11"]);
        assert_eq!(i.str("config.user_data"), Some("#!/bin/sh\napt-get update\n"));
        assert!(i.bool("config.disable_api_termination"));
        assert_eq!(i.str("facts.root_volume_id"), Some("vol-1"));
        assert_eq!(i.strings("facts.block_device_volume_ids"), ["vol-1", "vol-0"]);
        assert_eq!(i.str("facts.stopped_at"), Some("2024-03-01T10:20:30Z"));
        assert_eq!(i.str("facts.public_ip"), Some("203.0.113.7"));
        assert_eq!(i.str("facts.image_owner"), Some("amazon"));
        assert_eq!(i.str("facts.status_checks"), Some("impaired"));
        assert_eq!(i.facts["scheduled_events"].as_array().map(Vec::len), Some(1));
        assert_eq!(i.str("facts.scheduled_events.0.code"), Some("instance-retirement"));
    }

    #[test]
    fn each_refused_detail_is_unread() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("ec2:DescribeInstances", 200, &instances()),
                ("ec2:DescribeVolumes", 403, EC2_DENIED),
                ("ec2:DescribeImages", 403, EC2_DENIED),
                ("ec2:DescribeInstanceCreditSpecifications", 403, EC2_DENIED),
                ("ec2:DescribeInstanceStatus", 403, EC2_DENIED),
                ("ec2:DescribeInstanceAttribute", 403, EC2_DENIED),
            ],
        );
        for path in [
            "config.root_block_device",
            "config.credit_specification",
            "config.user_data",
            "config.disable_api_termination",
            "facts.image_created",
            "facts.scheduled_events",
        ] {
            assert!(all[0].unread[path].starts_with("denied: ec2:Describe"), "{path}: {:?}", all[0].unread);
            assert!(all[0].get(path).is_none(), "{path}");
        }
        assert!(ledger.iter().all(|e| e.listing == (e.call == "ec2:DescribeInstances")));
    }

    #[test]
    fn binary_user_data_stays_encoded_and_what_vanished_is_dropped() {
        let bytes = base64::engine::general_purpose::STANDARD.encode([0x1f, 0x8b, 0xff, 0x00]);
        let rest = [
            ("ec2:DescribeInstances", 200, instances()),
            ("ec2:DescribeVolumes", 200, ec2("DescribeVolumes", "<volumeSet/>")),
            ("ec2:DescribeImages", 200, ec2("DescribeImages", "<imagesSet/>")),
            (
                "ec2:DescribeInstanceCreditSpecifications",
                200,
                ec2("DescribeInstanceCreditSpecifications", "<instanceCreditSpecificationSet/>"),
            ),
            ("ec2:DescribeInstanceStatus", 200, ec2("DescribeInstanceStatus", "<instanceStatusSet/>")),
        ];
        let with = |last: &[(&'static str, u16, &str)]| {
            let mut all: Vec<_> = rest.iter().map(|(o, s, b)| (*o, *s, b.as_str())).collect();
            all.extend_from_slice(last);
            collect(&COLLECTOR, &all)
        };
        let data = attribute(&format!("<userData><value>{bytes}</value></userData>"));
        let off = attribute("<disableApiTermination><value>false</value></disableApiTermination>");
        let (all, _) = with(&[("ec2:DescribeInstanceAttribute", 200, &data), ("ec2:DescribeInstanceAttribute", 200, &off)]);
        assert_eq!((all[0].str("config.user_data_base64"), &all[0].config["user_data"]), (Some(bytes.as_str()), &Value::Null));
        assert_eq!(all[0].str("config.credit_specification.0.cpu_credits"), Some("standard"));
        assert_eq!(all[0].unread["config.root_block_device"], "vol-1 is not listed");
        assert!(all[0].unread["facts.image_name"].contains("deregistered"), "{:?}", all[0].unread);

        let gone = EC2_DENIED.replace("UnauthorizedOperation", "InvalidInstanceID.NotFound");
        let (all, ledger) = with(&[("ec2:DescribeInstanceAttribute", 400, &gone)]);
        assert!(all.is_empty());
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done));
        assert_eq!(ledger.iter().map(|e| e.vanished).sum::<u64>(), 1);
    }

    #[test]
    fn the_moment_of_a_stop_is_read_from_the_reason() {
        assert_eq!(moment("User initiated (2024-03-01 10:20:30 GMT)").as_deref(), Some("2024-03-01T10:20:30Z"));
        assert_eq!(moment("User initiated"), None);
        assert_eq!(moment("Server.InternalError (soon GMT)"), None);
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeInstances", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!((ledger.len(), ledger[0].outcome), (1, Outcome::Denied));
    }

    #[test]
    fn load_is_told_of_what_runs_and_has_a_figure_of_every_day() {
        let running = instances().replace("<name>stopped</name>", "<name>running</name>");
        let of = |status: u16, answer: &str| {
            let all = [
                ("ec2:DescribeInstances", 200, running.as_str()),
                ("ec2:DescribeInstanceAttribute", 200, &attribute("<userData/>")),
                ("cloudwatch:GetMetricData", status, answer),
            ];
            collect(&COLLECTOR, &all).0.remove(0)
        };
        let days = [2.0; 14];
        let busy = of(200, &figures(&[&[&[9.5], &days[..]].concat(), &[&[71.0], &days[..]].concat(), &[10.0, 20.0], &[5.0]]));
        let read = |r: &Resource| ["cpu_busiest_day_14d", "cpu_peak_14d", "network_bytes_14d"].map(|name| r.facts[name].as_f64());
        assert_eq!(read(&busy), [Some(9.5), Some(71.0), Some(35.0)]);
        let young = of(200, &figures(&[&days[..6], &days[..6], &[10.0], &[5.0]]));
        assert_eq!(read(&young), [None; 3], "of six days nothing is said");
        let refused = of(400, JSON_DENIED);
        assert!(refused.unread["facts.cpu_peak_14d"].starts_with("denied: cloudwatch:GetMetricData"));
        // What stands still is not asked about.
        let (stopped, ledger) = collect(&COLLECTOR, &[("ec2:DescribeInstances", 200, &instances())]);
        assert!(stopped.iter().all(|r| !r.facts.contains_key("cpu_peak_14d")));
        assert!(ledger.iter().all(|e| e.call != "cloudwatch:GetMetricData"));
    }
}
