//! Services: what they shall run, what they do run, and why tasks stopped.

use serde_json::{Map, Value, json};

use super::{InUse, pick, sorted, strategy, tags_of, times};
use crate::aws::scan::Scan;
use crate::aws::tags;
use crate::aws::value::{block, items, json_time, set, text};
use crate::estate::Resource;

/// How many of the last events of a service are kept.
const EVENTS: usize = 5;

/// The services of a cluster.
pub(super) async fn collect(scan: &Scan<'_>, cluster: &str, name: &str, running: &[Value], stopped: &[Value], in_use: &mut InUse) {
    let arns = scan.json_list("ecs:ListServices", json!({ "cluster": cluster, "maxResults": 100 }), "serviceArns", "nextToken").await;
    for batch in arns.chunks(10) {
        let input = json!({ "cluster": cluster, "services": batch, "include": ["TAGS"] });
        for service in scan.json_list("ecs:DescribeServices", input, "services", "nextToken").await {
            if text(&service, "status") != Some("INACTIVE") {
                one(scan, &service, name, running, stopped, in_use);
            }
        }
    }
}

fn one(scan: &Scan<'_>, s: &Value, cluster: &str, running: &[Value], stopped: &[Value], in_use: &mut InUse) {
    let (Some(arn), Some(name)) = (text(s, "serviceArn"), text(s, "serviceName")) else { return };
    let mut r = scan.resource("aws_ecs_service", &format!("{cluster}/{name}"));
    r.arn = Some(arn.into());
    r.name = Some(name.into());
    tags::set(&mut r, tags_of(s));
    let deployments = items(s, "deployments");
    let primary = deployments.iter().find(|d| text(d, "status") == Some("PRIMARY")).unwrap_or(&Value::Null);
    // With another controller than ECS the definition stands in the primary task set.
    let set_of_tasks = items(s, "taskSets").iter().find(|t| text(t, "status") == Some("PRIMARY"));
    let definition = text(s, "taskDefinition").or_else(|| text(set_of_tasks?, "taskDefinition"));
    r.set("name", name)
        .set("cluster", text(s, "clusterArn"))
        // The provider holds family:revision, not the ARN.
        .set("task_definition", text(s, "taskDefinition").map(|t| t.rsplit('/').next().unwrap_or(t)))
        .set("desired_count", s["desiredCount"].as_i64())
        .set("launch_type", text(s, "launchType"))
        .set("capacity_provider_strategy", strategy(&s["capacityProviderStrategy"]))
        .set("platform_version", text(s, "platformVersion"))
        .set("scheduling_strategy", text(s, "schedulingStrategy").unwrap_or("REPLICA"))
        .set("availability_zone_rebalancing", text(s, "availabilityZoneRebalancing"))
        .set("enable_ecs_managed_tags", s["enableECSManagedTags"].as_bool().unwrap_or(false))
        .set("enable_execute_command", s["enableExecuteCommand"].as_bool().unwrap_or(false))
        .set("propagate_tags", text(s, "propagateTags"))
        .set("health_check_grace_period_seconds", s["healthCheckGracePeriodSeconds"].as_i64())
        .set("iam_role", text(s, "roleArn").map(role));
    deployment(&mut r, s);
    placement(&mut r, s);
    network(&mut r, s);
    r.set("service_connect_configuration", service_connect(&primary["serviceConnectConfiguration"]))
        .set("volume_configuration", Value::Array(items(primary, "volumeConfigurations").iter().map(volume).collect()))
        .set(
            "vpc_lattice_configurations",
            sorted(
                items(primary, "vpcLatticeConfigurations")
                    .iter()
                    .filter_map(|l| pick(l, &[("portName", "port_name"), ("roleArn", "role_arn"), ("targetGroupArn", "target_group_arn")])),
            ),
        );
    r.fact("status", text(s, "status"))
        .fact("running_count", s["runningCount"].as_i64())
        .fact("pending_count", s["pendingCount"].as_i64())
        .fact("task_definition_arn", definition)
        .fact("scalable_resource_id", format!("service/{cluster}/{name}"))
        .fact("rollout_state", text(primary, "rolloutState"))
        .fact("rollout_state_reason", text(primary, "rolloutStateReason"))
        .fact("failed_tasks", deployments.iter().filter_map(|d| d["failedTasks"].as_i64()).sum::<i64>())
        .fact("deployments", deployments.iter().map(deployed).collect::<Vec<_>>())
        .fact("created_by", text(s, "createdBy"));
    times(&mut r, s, &[("createdAt", "created_at")]);
    let events: Vec<Value> =
        items(s, "events").iter().take(EVENTS).map(|e| json!({ "at": json_time(&e["createdAt"]), "message": e["message"] })).collect();
    r.fact("events", events);

    let group = format!("service:{name}");
    let own = |t: &&Value| text(t, "group") == Some(group.as_str());
    match scan.gap("ecs:ListTasks").or_else(|| scan.gap("ecs:DescribeTasks")) {
        Some(gap) => r.mark_unread(&["facts.tasks", "facts.stopped_tasks"], &gap),
        None => {
            let running: Vec<Value> = running.iter().filter(own).map(task).collect();
            let mut stopped: Vec<Value> = stopped.iter().filter(own).map(stopped_task).collect();
            stopped.sort_by_cached_key(|t| t["stopped_at"].to_string());
            r.fact("tasks", running).fact("stopped_tasks", stopped);
        }
    }
    if let Some(definition) = definition {
        in_use.services.entry(definition.into()).or_default().insert(arn.into());
    }
    // During a deployment tasks of both revisions run.
    for d in deployments {
        if let Some(older) = text(d, "taskDefinition").filter(|d| Some(*d) != definition) {
            in_use.services.entry(older.into()).or_default().insert(arn.into());
        }
    }
    scan.emit(r);
}

/// A role as the provider holds it here: its name, behind its path where that is not just `/`.
fn role(arn: &str) -> String {
    let rest = arn.split_once(":role/").map_or(arn, |(_, rest)| rest);
    if rest.contains('/') { format!("/{rest}") } else { rest.into() }
}

fn deployment(r: &mut Resource, s: &Value) {
    let c = &s["deploymentConfiguration"];
    let alarms = c["alarms"].as_object().map(|a| {
        json!({
            "alarm_names": set(a.get("alarmNames").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)),
            "enable": a.get("enable").and_then(Value::as_bool).unwrap_or(false),
            "rollback": a.get("rollback").and_then(Value::as_bool).unwrap_or(false),
        })
    });
    r.set("deployment_maximum_percent", c["maximumPercent"].as_i64())
        .set("deployment_minimum_healthy_percent", c["minimumHealthyPercent"].as_i64())
        .set("deployment_circuit_breaker", block(pick(&c["deploymentCircuitBreaker"], &[("enable", "enable"), ("rollback", "rollback")])))
        .set("deployment_controller", block(pick(&s["deploymentController"], &[("type", "type")])))
        .set("alarms", block(alarms));
}

fn placement(r: &mut Resource, s: &Value) {
    let strategies = items(s, "placementStrategy").iter().filter_map(|p| pick(p, &[("field", "field"), ("type", "type")]));
    let constraints = items(s, "placementConstraints").iter().filter_map(|p| pick(p, &[("expression", "expression"), ("type", "type")]));
    r.set("ordered_placement_strategy", Value::Array(strategies.collect())).set("placement_constraints", sorted(constraints));
}

fn network(r: &mut Resource, s: &Value) {
    let balancers = items(s, "loadBalancers").iter().filter_map(|l| {
        pick(
            l,
            &[
                ("containerName", "container_name"),
                ("containerPort", "container_port"),
                ("loadBalancerName", "elb_name"),
                ("targetGroupArn", "target_group_arn"),
            ],
        )
    });
    let registries = items(s, "serviceRegistries").iter().filter_map(|g| {
        pick(
            g,
            &[("containerName", "container_name"), ("containerPort", "container_port"), ("port", "port"), ("registryArn", "registry_arn")],
        )
    });
    let vpc = &s["networkConfiguration"]["awsvpcConfiguration"];
    let ids = |field: &str| set(items(vpc, field).iter().filter_map(Value::as_str));
    let network = vpc.is_object().then(|| {
        json!({
            "assign_public_ip": text(vpc, "assignPublicIp") == Some("ENABLED"),
            "security_groups": ids("securityGroups"),
            "subnets": ids("subnets"),
        })
    });
    r.set("load_balancer", sorted(balancers))
        .set("service_registries", Value::Array(registries.collect()))
        .set("network_configuration", block(network));
}

fn service_connect(c: &Value) -> Value {
    if !c.is_object() {
        return json!([]);
    }
    let services = items(c, "services").iter().map(|s| {
        let tls = s["tls"].is_object().then(|| {
            let authority = pick(&s["tls"]["issuerCertificateAuthority"], &[("awsPcaAuthorityArn", "aws_pca_authority_arn")]);
            json!({ "issuer_cert_authority": block(authority), "kms_key": s["tls"]["kmsKey"], "role_arn": s["tls"]["roleArn"] })
        });
        let timeout = [("idleTimeoutSeconds", "idle_timeout_seconds"), ("perRequestTimeoutSeconds", "per_request_timeout_seconds")];
        let aliases = items(s, "clientAliases").iter().filter_map(|a| pick(a, &[("dnsName", "dns_name"), ("port", "port")]));
        json!({
            "client_alias": Value::Array(aliases.collect()),
            "discovery_name": s["discoveryName"],
            "ingress_port_override": s["ingressPortOverride"],
            "port_name": s["portName"],
            "timeout": block(pick(&s["timeout"], &timeout)),
            "tls": block(tls),
        })
    });
    let log = c["logConfiguration"].is_object().then(|| {
        let l = &c["logConfiguration"];
        let secrets = items(l, "secretOptions").iter().filter_map(|o| pick(o, &[("name", "name"), ("valueFrom", "value_from")]));
        json!({ "log_driver": l["logDriver"], "options": l["options"], "secret_option": Value::Array(secrets.collect()) })
    });
    json!([{
        "enabled": c["enabled"].as_bool().unwrap_or(false),
        "namespace": c["namespace"],
        "log_configuration": block(log),
        "service": Value::Array(services.collect()),
    }])
}

fn volume(v: &Value) -> Value {
    let e = &v["managedEBSVolume"];
    let specifications = items(e, "tagSpecifications").iter().map(|t| {
        let tags: Map<String, Value> = tags_of(t).into_iter().map(|(k, v)| (k, v.into())).collect();
        json!({ "propagate_tags": t["propagateTags"], "resource_type": t["resourceType"], "tags": tags })
    });
    let managed = pick(
        e,
        &[
            ("encrypted", "encrypted"),
            ("filesystemType", "file_system_type"),
            ("iops", "iops"),
            ("kmsKeyId", "kms_key_id"),
            ("roleArn", "role_arn"),
            ("sizeInGiB", "size_in_gb"),
            ("snapshotId", "snapshot_id"),
            ("throughput", "throughput"),
            ("volumeInitializationRate", "volume_initialization_rate"),
            ("volumeType", "volume_type"),
        ],
    )
    .map(|mut managed| {
        managed["tag_specifications"] = Value::Array(specifications.collect());
        managed
    });
    json!({ "name": v["name"], "managed_ebs_volume": block(managed) })
}

fn deployed(d: &Value) -> Value {
    json!({
        "id": d["id"],
        "status": d["status"],
        "task_definition": d["taskDefinition"],
        "desired": d["desiredCount"],
        "running": d["runningCount"],
        "pending": d["pendingCount"],
        "failed_tasks": d["failedTasks"],
        "rollout_state": d["rolloutState"],
        "rollout_state_reason": d["rolloutStateReason"],
        "created_at": json_time(&d["createdAt"]),
    })
}

/// A running task, for facts.
pub(super) fn task(t: &Value) -> Value {
    let details = items(t, "attachments").iter().flat_map(|a| items(a, "details"));
    let detail = |name: &str| details.clone().find(|d| text(d, "name") == Some(name)).and_then(|d| text(d, "value"));
    json!({
        "task": text(t, "taskArn").map(|a| a.rsplit('/').next().unwrap_or(a)),
        "group": t["group"],
        "started_by": t["startedBy"],
        "task_definition": t["taskDefinitionArn"],
        "status": t["lastStatus"],
        "health": t["healthStatus"],
        "launch_type": t["launchType"],
        "capacity_provider": t["capacityProviderName"],
        "availability_zone": t["availabilityZone"],
        "started_at": json_time(&t["startedAt"]),
        "network_interface_id": detail("networkInterfaceId"),
        "private_ip": detail("privateIPv4Address"),
        "subnet_id": detail("subnetId"),
    })
}

fn stopped_task(t: &Value) -> Value {
    let containers = items(t, "containers");
    json!({
        "task": text(t, "taskArn").map(|a| a.rsplit('/').next().unwrap_or(a)),
        "task_definition": t["taskDefinitionArn"],
        "stopped_at": json_time(&t["stoppedAt"]),
        "stop_code": t["stopCode"],
        "reason": t["stoppedReason"],
        "exit_codes": containers.iter().filter_map(|c| c["exitCode"].as_i64()).collect::<Vec<_>>(),
        "container_reasons": containers.iter().filter_map(|c| text(c, "reason")).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::role;

    #[test]
    fn roles_are_held_by_path_and_name() {
        assert_eq!(role("arn:aws:iam::123456789012:role/ecs"), "ecs");
        assert_eq!(
            role("arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"),
            "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
        );
    }
}
