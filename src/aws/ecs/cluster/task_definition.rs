//! Task definitions: the revisions that services and tasks use, and the newest one of each other family. A family may have thousands
//! of revisions; those that nothing uses any more are not read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{InUse, pick, sorted, tags_of, times};
use crate::aws::scan::Scan;
use crate::aws::tags;
use crate::aws::value::{block, items, set, text};

/// Most families without a running user whose newest revision is read, one request each.
const UNUSED_FAMILIES: usize = 200;

/// Reads them.
pub(super) async fn collect(scan: &Scan<'_>, in_use: &InUse) {
    let used: BTreeSet<&String> = in_use.services.keys().chain(in_use.standalone.keys()).collect();
    let families_in_use: BTreeSet<&str> = used.iter().filter_map(|arn| family(arn)).collect();
    let listed =
        scan.json_list("ecs:ListTaskDefinitionFamilies", json!({ "status": "ACTIVE", "maxResults": 100 }), "families", "nextToken").await;
    let mut others: Vec<&str> = listed.iter().filter_map(Value::as_str).filter(|f| !families_in_use.contains(f)).collect();
    if others.len() > UNUSED_FAMILIES {
        scan.capped(
            "ecs:ListTaskDefinitionFamilies",
            &format!("read the newest revision of {UNUSED_FAMILIES} of {} families that no service and no task uses", others.len()),
        );
        others.truncate(UNUSED_FAMILIES);
    }
    let wanted: Vec<&str> = used.iter().map(|arn| arn.as_str()).chain(others).collect();
    scan.each(wanted, |which| one(scan, which, in_use)).await;
}

/// The family in the ARN of a revision.
fn family(arn: &str) -> Option<&str> {
    arn.rsplit_once('/').and_then(|(_, name)| name.rsplit_once(':')).map(|(family, _)| family)
}

/// `which` is the ARN of a revision, or a family for its newest active one.
async fn one(scan: &Scan<'_>, which: &str, in_use: &InUse) {
    const CALL: &str = "ecs:DescribeTaskDefinition";
    let input = json!({ "taskDefinition": which, "include": ["TAGS"] });
    let answers = scan.list_once(CALL, scan.session.json(scan.endpoint_region(), CALL, input), |answer| vec![answer]).await;
    let Some(answer) = answers.first() else { return };
    let t = &answer["taskDefinition"];
    let (Some(arn), Some(family)) = (text(t, "taskDefinitionArn"), text(t, "family")) else { return };
    let mut r = scan.resource("aws_ecs_task_definition", arn);
    r.arn = Some(arn.into());
    r.name = Some(family.into());
    tags::set(&mut r, tags_of(answer));
    let containers = items(t, "containerDefinitions");
    let properties = || {
        let pairs =
            items(&t["proxyConfiguration"], "properties").iter().filter_map(|p| Some((text(p, "name")?.to_owned(), p["value"].clone())));
        pairs.collect::<Map<_, _>>()
    };
    let proxy = pick(&t["proxyConfiguration"], &[("containerName", "container_name"), ("type", "type")]).map(|mut proxy| {
        proxy["properties"] = Value::Object(properties());
        proxy
    });
    r.set("family", family)
        .set("container_definitions", Value::Array(containers.iter().map(normal).collect()).to_string())
        .set("cpu", text(t, "cpu"))
        .set("memory", text(t, "memory"))
        .set("network_mode", text(t, "networkMode"))
        .set("requires_compatibilities", set(items(t, "requiresCompatibilities").iter().filter_map(Value::as_str)))
        .set("execution_role_arn", text(t, "executionRoleArn"))
        .set("task_role_arn", text(t, "taskRoleArn"))
        .set("ipc_mode", text(t, "ipcMode"))
        .set("pid_mode", text(t, "pidMode"))
        .set("enable_fault_injection", t["enableFaultInjection"].as_bool())
        .set("ephemeral_storage", block(pick(&t["ephemeralStorage"], &[("sizeInGiB", "size_in_gib")])))
        .set(
            "runtime_platform",
            block(pick(
                &t["runtimePlatform"],
                &[("cpuArchitecture", "cpu_architecture"), ("operatingSystemFamily", "operating_system_family")],
            )),
        )
        .set("proxy_configuration", block(proxy))
        .set(
            "inference_accelerator",
            sorted(
                items(t, "inferenceAccelerators")
                    .iter()
                    .filter_map(|a| pick(a, &[("deviceName", "device_name"), ("deviceType", "device_type")])),
            ),
        )
        .set(
            "placement_constraints",
            sorted(items(t, "placementConstraints").iter().filter_map(|p| pick(p, &[("expression", "expression"), ("type", "type")]))),
        )
        .set("volume", sorted(items(t, "volumes").iter().map(volume)));
    let revision = t["revision"].as_i64();
    let used_by = in_use.services.get(arn);
    r.fact("status", text(t, "status"))
        .fact("revision", revision)
        .fact("family_revision", revision.map(|n| format!("{family}:{n}")))
        .fact("compatibilities", set(items(t, "compatibilities").iter().filter_map(Value::as_str)))
        .fact("registered_by", text(t, "registeredBy"))
        .fact("services", set(used_by.into_iter().flatten()))
        .fact("standalone_tasks", in_use.standalone.get(arn).copied().unwrap_or(0))
        .fact("containers", containers.iter().map(about).collect::<Vec<_>>());
    times(&mut r, t, &[("registeredAt", "registered_at")]);
    let (secrets, parameters) = secret_sources(containers);
    r.fact("secret_arns", set(&secrets)).fact("parameter_names", set(&parameters));
    let logs = containers.iter().filter_map(|c| c.pointer("/logConfiguration/options/awslogs-group").and_then(Value::as_str));
    let images = || containers.iter().filter_map(|c| text(c, "image"));
    r.fact("log_groups", set(logs)).fact("images", set(images())).fact("repositories", set(images().filter_map(repository)));
    scan.emit(r);
}

/// A container as a person would write it, and as the provider compares it: without what is empty, with what has no order sorted.
fn normal(container: &Value) -> Value {
    let mut fields: BTreeMap<String, Value> =
        container.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).filter(|(_, v)| !is_empty(v)).collect();
    if fields.get("cpu").and_then(Value::as_i64) == Some(0) {
        fields.remove("cpu");
    }
    for list in ["environment", "secrets"] {
        if let Some(Value::Array(pairs)) = fields.get_mut(list) {
            pairs.sort_by_cached_key(|p| text(p, "name").map(str::to_owned));
        }
    }
    if let Some(Value::Object(log)) = fields.get_mut("logConfiguration") {
        log.retain(|_, v| !is_empty(v));
    }
    Value::Object(fields.into_iter().collect())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// What rules ask about a container.
fn about(c: &Value) -> Value {
    let ports = items(c, "portMappings")
        .iter()
        .map(|p| json!({ "container_port": p["containerPort"], "host_port": p["hostPort"], "protocol": p["protocol"] }));
    json!({
        "name": c["name"],
        "image": c["image"],
        "essential": c["essential"].as_bool().unwrap_or(true),
        "privileged": c["privileged"].as_bool().unwrap_or(false),
        "read_only_root": c["readonlyRootFilesystem"].as_bool().unwrap_or(false),
        "user": c["user"],
        "log_driver": c["logConfiguration"]["logDriver"],
        "has_health_check": c["healthCheck"].is_object(),
        "ports": Value::Array(ports.collect()),
        "variables": items(c, "environment").iter().filter_map(|e| text(e, "name")).collect::<Vec<_>>(),
    })
}

/// The ECR repository that an image comes from, as its address.
fn repository(image: &str) -> Option<&str> {
    let (host, path) = image.split_once('/')?;
    let is_ecr = host.contains(".dkr.ecr.") && host.contains(".amazonaws.com");
    let length = path.find(['@', ':']).unwrap_or(path.len());
    is_ecr.then(|| &image[..host.len() + 1 + length])
}

/// ARNs of secrets and names of parameters that containers are started with: their own, their registry's and their log driver's.
fn secret_sources(containers: &[Value]) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut secrets, mut parameters) = (BTreeSet::new(), BTreeSet::new());
    let sources = containers.iter().flat_map(|c| {
        let own = items(c, "secrets").iter().chain(items(&c["logConfiguration"], "secretOptions")).filter_map(|s| text(s, "valueFrom"));
        own.chain(text(&c["repositoryCredentials"], "credentialsParameter"))
    });
    for source in sources {
        let parts: Vec<&str> = source.split(':').collect();
        match parts.as_slice() {
            // arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-XXXXXX[:key:stage:version]
            ["arn", _, "secretsmanager", _, _, "secret", ..] if parts.len() >= 7 => {
                secrets.insert(parts[..7].join(":"));
            }
            ["arn", _, "ssm", _, _, name] => {
                let name = name.strip_prefix("parameter").unwrap_or(name);
                // A name without folders has a slash in the ARN that is no part of it.
                let flat = name.strip_prefix('/').filter(|n| !n.contains('/'));
                parameters.insert(flat.unwrap_or(name).to_owned());
            }
            [name] => {
                parameters.insert((*name).to_owned());
            }
            _ => {}
        }
    }
    (secrets, parameters)
}

fn volume(v: &Value) -> Value {
    let docker =
        [("autoprovision", "autoprovision"), ("driver", "driver"), ("driverOpts", "driver_opts"), ("labels", "labels"), ("scope", "scope")];
    let efs = &v["efsVolumeConfiguration"];
    let access = pick(&efs["authorizationConfig"], &[("accessPointId", "access_point_id"), ("iam", "iam")]);
    let file_system = [
        ("fileSystemId", "file_system_id"),
        ("rootDirectory", "root_directory"),
        ("transitEncryption", "transit_encryption"),
        ("transitEncryptionPort", "transit_encryption_port"),
    ];
    let efs = pick(efs, &file_system).map(|mut efs| {
        efs["authorization_config"] = block(access);
        efs
    });
    let windows = &v["fsxWindowsFileServerVolumeConfiguration"];
    let access = pick(&windows["authorizationConfig"], &[("credentialsParameter", "credentials_parameter"), ("domain", "domain")]);
    let windows = pick(windows, &[("fileSystemId", "file_system_id"), ("rootDirectory", "root_directory")]).map(|mut windows| {
        windows["authorization_config"] = block(access);
        windows
    });
    json!({
        "name": v["name"],
        "host_path": v["host"]["sourcePath"],
        "configure_at_launch": v["configuredAtLaunch"],
        "docker_volume_configuration": block(pick(&v["dockerVolumeConfiguration"], &docker)),
        "efs_volume_configuration": block(efs),
        "fsx_windows_file_server_volume_configuration": block(windows),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_secrets_by_every_way_to_name_them() {
        let containers = [json!({
            "secrets": [
                { "name": "A", "valueFrom": "arn:aws:secretsmanager:eu-west-3:123456789012:secret:a-AbCdEf" },
                { "name": "B", "valueFrom": "arn:aws:ssm:eu-west-3:123456789012:parameter/flat" },
                { "name": "C", "valueFrom": "arn:aws:ssm:eu-west-3:123456789012:parameter/deep/name" },
                { "name": "D", "valueFrom": "plain" },
            ],
            "logConfiguration": { "secretOptions": [{ "name": "token", "valueFrom": "/log/token" }] },
        })];
        let (secrets, parameters) = secret_sources(&containers);
        assert_eq!(secrets.into_iter().collect::<Vec<_>>(), ["arn:aws:secretsmanager:eu-west-3:123456789012:secret:a-AbCdEf"]);
        assert_eq!(parameters.into_iter().collect::<Vec<_>>(), ["/deep/name", "/log/token", "flat", "plain"]);
    }

    #[test]
    fn repositories_are_those_of_ecr() {
        let host = "123456789012.dkr.ecr.eu-west-3.amazonaws.com";
        assert_eq!(repository(&format!("{host}/shop/api:1.4")), Some(format!("{host}/shop/api").as_str()));
        assert_eq!(repository(&format!("{host}/api@sha256:0a")), Some(format!("{host}/api").as_str()));
        assert_eq!(repository(&format!("{host}/api")), Some(format!("{host}/api").as_str()));
        assert_eq!(repository("public.ecr.aws/nginx/nginx:1"), None);
        assert_eq!(repository("alpine"), None);
    }

    #[test]
    fn only_what_says_something_stays() {
        let container = json!({
            "name": "c", "cpu": 0, "memory": 64, "links": [], "dockerLabels": {}, "command": ["a"],
            "environment": [{ "name": "B", "value": "" }, { "name": "A", "value": "1" }],
            "logConfiguration": { "logDriver": "awslogs", "secretOptions": [], "options": { "awslogs-group": "g" } },
        });
        let expected = json!({
            "name": "c", "memory": 64, "command": ["a"],
            "environment": [{ "name": "A", "value": "1" }, { "name": "B", "value": "" }],
            "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": "g" } },
        });
        assert_eq!(normal(&container), expected);
    }
}
