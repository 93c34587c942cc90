//! Clusters with their services, what runs in them, and the task definitions that matter.

mod service;
mod task_definition;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::tags;
use crate::aws::value::{block, items, json_time, set, text};
use crate::estate::Resource;

/// `aws_ecs_cluster`, `aws_ecs_cluster_capacity_providers`, `aws_ecs_service`, `aws_ecs_task_definition`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_ecs_cluster", "aws_ecs_cluster_capacity_providers", "aws_ecs_service", "aws_ecs_task_definition"],
    calls: &[
        list("ecs:ListClusters"),
        list("ecs:DescribeClusters"),
        list("ecs:ListServices").yields(&["aws_ecs_service", "aws_ecs_task_definition"]).absent(CLUSTER_GONE),
        list("ecs:DescribeServices").yields(&["aws_ecs_service", "aws_ecs_task_definition"]).absent(CLUSTER_GONE),
        list("ecs:ListTasks").yields(&["aws_ecs_task_definition"]).absent(CLUSTER_GONE),
        list("ecs:DescribeTasks").yields(&["aws_ecs_task_definition"]).absent(CLUSTER_GONE),
        list("ecs:ListTaskDefinitionFamilies").yields(&["aws_ecs_task_definition"]),
        list("ecs:DescribeTaskDefinition").yields(&["aws_ecs_task_definition"]).absent(&["ClientException"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// The cluster went away since it was listed.
const CLUSTER_GONE: &[&str] = &["ClusterNotFoundException"];

/// Most running tasks that are looked at one by one in a cluster. The counts of every service are known all the same.
const RUNNING_TASKS: usize = 1000;

/// Most stopped tasks that are looked at in a cluster; ECS forgets them within the hour.
const STOPPED_TASKS: usize = 100;

/// Revisions in use, with the ARNs of the services and the number of tasks outside of services that use each.
#[derive(Default)]
struct InUse {
    services: BTreeMap<String, BTreeSet<String>>,
    standalone: BTreeMap<String, usize>,
}

async fn collect(scan: &Scan<'_>) {
    let arns = scan.json_list("ecs:ListClusters", json!({ "maxResults": 100 }), "clusterArns", "nextToken").await;
    let mut in_use = InUse::default();
    for batch in arns.chunks(100) {
        let include = ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"];
        let input = json!({ "clusters": batch, "include": include });
        for cluster in scan.json_list("ecs:DescribeClusters", input, "clusters", "nextToken").await {
            if text(&cluster, "status") != Some("INACTIVE") {
                one(scan, &cluster, &mut in_use).await;
            }
        }
    }
    task_definition::collect(scan, &in_use).await;
}

async fn one(scan: &Scan<'_>, cluster: &Value, in_use: &mut InUse) {
    let (Some(arn), Some(name)) = (text(cluster, "clusterArn"), text(cluster, "clusterName")) else { return };
    let mut r = scan.resource("aws_ecs_cluster", name);
    r.arn = Some(arn.into());
    r.name = Some(name.into());
    tags::set(&mut r, tags_of(cluster));
    let settings = items(cluster, "settings").iter().map(|s| json!({ "name": s["name"], "value": s["value"] }));
    r.set("name", name)
        .set("setting", sorted(settings))
        .set("configuration", configuration(&cluster["configuration"]))
        .set("service_connect_defaults", block(pick(&cluster["serviceConnectDefaults"], &[("namespace", "namespace")])));
    let mut statistics = Map::new();
    for s in items(cluster, "statistics") {
        if let (Some(name), Some(value)) = (text(s, "name"), text(s, "value").and_then(|v| v.parse::<i64>().ok())) {
            statistics.insert(name.into(), value.into());
        }
    }
    r.fact("status", text(cluster, "status"))
        .fact("running_tasks", cluster["runningTasksCount"].as_i64())
        .fact("pending_tasks", cluster["pendingTasksCount"].as_i64())
        .fact("active_services", cluster["activeServicesCount"].as_i64())
        .fact("container_instances", cluster["registeredContainerInstancesCount"].as_i64())
        .fact("statistics", statistics);
    capacity_providers(scan, cluster, name);

    let running = cluster["runningTasksCount"].as_i64().unwrap_or(1) + cluster["pendingTasksCount"].as_i64().unwrap_or(0) > 0;
    let running = if running { tasks(scan, arn, "RUNNING", RUNNING_TASKS).await } else { Vec::new() };
    let stopped = tasks(scan, arn, "STOPPED", STOPPED_TASKS).await;
    let standalone: Vec<&Value> = running.iter().filter(|t| !text(t, "group").unwrap_or_default().starts_with("service:")).collect();
    for task in &standalone {
        if let Some(definition) = text(task, "taskDefinitionArn") {
            *in_use.standalone.entry(definition.into()).or_default() += 1;
        }
    }
    let standalone: Vec<Value> = standalone.iter().map(|t| service::task(t)).collect();
    match scan.gap("ecs:ListTasks").or_else(|| scan.gap("ecs:DescribeTasks")) {
        Some(gap) => r.mark_unread(&["facts.standalone_tasks"], &gap),
        None => {
            r.fact("standalone_tasks", standalone);
        }
    }
    scan.emit(r);
    service::collect(scan, arn, name, &running, &stopped, in_use).await;
}

/// Tasks of a cluster in one state, as AWS describes them; at most `bound`.
async fn tasks(scan: &Scan<'_>, cluster: &str, state: &str, bound: usize) -> Vec<Value> {
    let mut arns = scan
        .json_list("ecs:ListTasks", json!({ "cluster": cluster, "desiredStatus": state, "maxResults": 100 }), "taskArns", "nextToken")
        .await;
    if arns.len() > bound {
        scan.capped("ecs:DescribeTasks", &format!("looked at {bound} of {} tasks that are {}", arns.len(), state.to_lowercase()));
        arns.truncate(bound);
    }
    let mut all = Vec::with_capacity(arns.len());
    for batch in arns.chunks(100) {
        all.extend(scan.json_list("ecs:DescribeTasks", json!({ "cluster": cluster, "tasks": batch }), "tasks", "nextToken").await);
    }
    all
}

fn capacity_providers(scan: &Scan<'_>, cluster: &Value, name: &str) {
    let providers = items(cluster, "capacityProviders");
    let strategy = strategy(&cluster["defaultCapacityProviderStrategy"]);
    if providers.is_empty() && strategy.as_array().is_none_or(Vec::is_empty) {
        return;
    }
    let mut r = scan.resource("aws_ecs_cluster_capacity_providers", name);
    r.name = Some(name.into());
    r.set("cluster_name", name)
        .set("capacity_providers", set(providers.iter().filter_map(Value::as_str)))
        .set("default_capacity_provider_strategy", strategy);
    scan.emit(r);
}

fn configuration(c: &Value) -> Value {
    let command = &c["executeCommandConfiguration"];
    let log = pick(
        &command["logConfiguration"],
        &[
            ("cloudWatchEncryptionEnabled", "cloud_watch_encryption_enabled"),
            ("cloudWatchLogGroupName", "cloud_watch_log_group_name"),
            ("s3EncryptionEnabled", "s3_bucket_encryption_enabled"),
            ("s3BucketName", "s3_bucket_name"),
            ("s3KeyPrefix", "s3_key_prefix"),
        ],
    );
    let storage = [("fargateEphemeralStorageKmsKeyId", "fargate_ephemeral_storage_kms_key_id"), ("kmsKeyId", "kms_key_id")];
    let command = pick(command, &[("kmsKeyId", "kms_key_id"), ("logging", "logging")]).map(|mut command| {
        command["log_configuration"] = block(log);
        command
    });
    block(c.is_object().then(|| {
        json!({
            "execute_command_configuration": block(command),
            "managed_storage_configuration": block(pick(&c["managedStorageConfiguration"], &storage)),
        })
    }))
}

/// A capacity provider strategy, of a cluster or a service.
fn strategy(value: &Value) -> Value {
    let steps = value.as_array().into_iter().flatten().map(|s| {
        json!({ "base": s["base"].as_i64().unwrap_or(0), "capacity_provider": s["capacityProvider"], "weight": s["weight"].as_i64().unwrap_or(0) })
    });
    sorted(steps)
}

/// An object of the API's fields under the provider's names; `None` when the API says nothing.
fn pick(value: &Value, fields: &[(&str, &str)]) -> Option<Value> {
    let object = value.as_object()?;
    let picked: Map<_, _> =
        fields.iter().map(|(api, argument)| ((*argument).to_owned(), object.get(*api).cloned().unwrap_or(Value::Null))).collect();
    Some(Value::Object(picked))
}

/// Objects of a set, in an order of their own.
fn sorted(objects: impl IntoIterator<Item = Value>) -> Value {
    let mut all: Vec<Value> = objects.into_iter().collect();
    all.sort_by_cached_key(Value::to_string);
    Value::Array(all)
}

/// Tags as ECS answers them.
fn tags_of(value: &Value) -> BTreeMap<String, String> {
    items(value, "tags")
        .iter()
        .filter_map(|t| Some((text(t, "key")?.to_owned(), text(t, "value").unwrap_or_default().to_owned())))
        .collect()
}

/// Times of one kind of event, by the API's and our name.
fn times(r: &mut Resource, value: &Value, fields: &[(&str, &str)]) {
    for (api, fact) in fields {
        r.fact(fact, json_time(&value[*api]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    const CLUSTERS: &str = r#"{"clusterArns":["arn:aws:ecs:eu-west-3:123456789012:cluster/shop-prod"]}"#;

    const CLUSTER: &str = r#"{"clusters":[{
        "clusterArn":"arn:aws:ecs:eu-west-3:123456789012:cluster/shop-prod","clusterName":"shop-prod","status":"ACTIVE",
        "registeredContainerInstancesCount":0,"runningTasksCount":2,"pendingTasksCount":0,"activeServicesCount":1,
        "statistics":[{"name":"runningFargateTasksCount","value":"2"}],
        "tags":[{"key":"env","value":"prod"},{"key":"aws:cloudformation:stack-name","value":"shop"}],
        "settings":[{"name":"containerInsights","value":"enhanced"}],
        "configuration":{"executeCommandConfiguration":{"kmsKeyId":"k-1","logging":"OVERRIDE","logConfiguration":{
            "cloudWatchLogGroupName":"/ecs/exec","cloudWatchEncryptionEnabled":true,"s3BucketName":"exec","s3EncryptionEnabled":false,"s3KeyPrefix":"e/"}},
            "managedStorageConfiguration":{"kmsKeyId":"k-2","fargateEphemeralStorageKmsKeyId":"k-3"}},
        "capacityProviders":["FARGATE_SPOT","FARGATE"],
        "defaultCapacityProviderStrategy":[{"capacityProvider":"FARGATE","weight":1,"base":1}],
        "serviceConnectDefaults":{"namespace":"arn:aws:servicediscovery:eu-west-3:123456789012:namespace/ns-1"}
    }],"failures":[]}"#;

    const SERVICE: &str = r#"{"services":[{
        "serviceArn":"arn:aws:ecs:eu-west-3:123456789012:service/shop-prod/api","serviceName":"api",
        "clusterArn":"arn:aws:ecs:eu-west-3:123456789012:cluster/shop-prod","status":"ACTIVE",
        "loadBalancers":[{"targetGroupArn":"arn:aws:elasticloadbalancing:eu-west-3:123456789012:targetgroup/api/73e2","containerName":"app","containerPort":8080}],
        "serviceRegistries":[{"registryArn":"arn:aws:servicediscovery:eu-west-3:123456789012:service/srv-1","containerName":"app","containerPort":8080}],
        "desiredCount":3,"runningCount":2,"pendingCount":1,"launchType":"FARGATE","platformVersion":"LATEST","platformFamily":"Linux",
        "taskDefinition":"arn:aws:ecs:eu-west-3:123456789012:task-definition/api:7",
        "deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":false},"maximumPercent":200,"minimumHealthyPercent":50,
            "alarms":{"alarmNames":["b","a"],"rollback":true,"enable":true},"strategy":"ROLLING","bakeTimeInMinutes":0},
        "deployments":[{"id":"ecs-svc/1","status":"PRIMARY","taskDefinition":"arn:aws:ecs:eu-west-3:123456789012:task-definition/api:7",
            "desiredCount":3,"pendingCount":1,"runningCount":2,"failedTasks":4,"createdAt":1700000000.0,"updatedAt":1700000100.0,
            "launchType":"FARGATE","rolloutState":"IN_PROGRESS","rolloutStateReason":"ECS deployment ecs-svc/1 in progress.",
            "serviceConnectConfiguration":{"enabled":true,"namespace":"shop","services":[{"portName":"http","discoveryName":"api","clientAliases":[{"port":80,"dnsName":"api"}],
                "ingressPortOverride":9000,"timeout":{"idleTimeoutSeconds":60,"perRequestTimeoutSeconds":10},
                "tls":{"issuerCertificateAuthority":{"awsPcaAuthorityArn":"arn:aws:acm-pca:eu-west-3:123456789012:certificate-authority/x"},"kmsKey":"k","roleArn":"arn:aws:iam::123456789012:role/tls"}}],
                "logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/ecs/mesh"},"secretOptions":[{"name":"t","valueFrom":"/p"}]}},
            "volumeConfigurations":[{"name":"data","managedEBSVolume":{"encrypted":true,"kmsKeyId":"k","volumeType":"gp3","sizeInGiB":20,"snapshotId":"snap-1",
                "iops":3000,"throughput":125,"volumeInitializationRate":100,"roleArn":"arn:aws:iam::123456789012:role/ebs","filesystemType":"ext4",
                "tagSpecifications":[{"resourceType":"volume","propagateTags":"SERVICE","tags":[{"key":"a","value":"b"}]}]}}],
            "vpcLatticeConfigurations":[{"roleArn":"arn:aws:iam::123456789012:role/lattice","targetGroupArn":"arn:aws:vpc-lattice:eu-west-3:123456789012:targetgroup/tg-1","portName":"http"}]}],
        "roleArn":"arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
        "events":[{"id":"e1","createdAt":1700000050.0,"message":"(service api) was unable to place a task."}],
        "createdAt":1690000000.0,
        "placementConstraints":[{"type":"memberOf","expression":"attribute:ecs.os-type == linux"}],"placementStrategy":[{"type":"spread","field":"attribute:ecs.availability-zone"}],
        "networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-2","subnet-1"],"securityGroups":["sg-1"],"assignPublicIp":"ENABLED"}},
        "healthCheckGracePeriodSeconds":60,"schedulingStrategy":"REPLICA","deploymentController":{"type":"ECS"},
        "createdBy":"arn:aws:iam::123456789012:user/deddy","enableECSManagedTags":true,"propagateTags":"SERVICE","enableExecuteCommand":true,
        "availabilityZoneRebalancing":"ENABLED","tags":[{"key":"env","value":"prod"}]
    }],"failures":[]}"#;

    const RUNNING: &str = r#"{"tasks":[
        {"taskArn":"arn:aws:ecs:eu-west-3:123456789012:task/shop-prod/t1","group":"service:api","startedBy":"ecs-svc/1","lastStatus":"RUNNING","healthStatus":"HEALTHY",
         "taskDefinitionArn":"arn:aws:ecs:eu-west-3:123456789012:task-definition/api:7","launchType":"FARGATE","availabilityZone":"eu-west-3a","startedAt":1700000010.0,
         "attachments":[{"type":"ElasticNetworkInterface","details":[{"name":"subnetId","value":"subnet-1"},{"name":"networkInterfaceId","value":"eni-1"},{"name":"privateIPv4Address","value":"10.0.1.5"}]}]},
        {"taskArn":"arn:aws:ecs:eu-west-3:123456789012:task/shop-prod/t2","group":"family:migrate","lastStatus":"RUNNING",
         "taskDefinitionArn":"arn:aws:ecs:eu-west-3:123456789012:task-definition/migrate:2","launchType":"FARGATE","attachments":[]}]}"#;

    const STOPPED: &str = r#"{"tasks":[
        {"taskArn":"arn:aws:ecs:eu-west-3:123456789012:task/shop-prod/t0","group":"service:api","lastStatus":"STOPPED","stopCode":"TaskFailedToStart",
         "stoppedAt":1700000040.0,"taskDefinitionArn":"arn:aws:ecs:eu-west-3:123456789012:task-definition/api:7",
         "stoppedReason":"ResourceInitializationError: unable to pull secrets or registry auth: ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
         "containers":[{"name":"app","exitCode":1,"reason":"OutOfMemoryError: Container killed due to memory usage"}]}]}"#;

    const DEFINITION: &str = r#"{"taskDefinition":{
        "taskDefinitionArn":"arn:aws:ecs:eu-west-3:123456789012:task-definition/api:7","family":"api","revision":7,"status":"ACTIVE",
        "containerDefinitions":[{"name":"app","image":"123456789012.dkr.ecr.eu-west-3.amazonaws.com/shop/api:1.4","cpu":0,"essential":true,
            "portMappings":[{"containerPort":8080,"hostPort":8080,"protocol":"tcp","name":"http"}],
            "environment":[{"name":"STAGE","value":"prod"},{"name":"DB_PASSWORD","value":"tr0ub4dor&3"}],"mountPoints":[],"volumesFrom":[],"systemControls":[],
            "secrets":[{"name":"KEY","valueFrom":"arn:aws:secretsmanager:eu-west-3:123456789012:secret:shop/app-AbCdEf:KEY::"},{"name":"URL","valueFrom":"/shop/url"},
                       {"name":"TOKEN","valueFrom":"arn:aws:ssm:eu-west-3:123456789012:parameter/shop/token"}],
            "repositoryCredentials":{"credentialsParameter":"arn:aws:secretsmanager:eu-west-3:123456789012:secret:hub-AbCdEf"},
            "privileged":true,"readonlyRootFilesystem":false,"user":"1000",
            "logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/ecs/api","awslogs-region":"eu-west-3"}}}],
        "taskRoleArn":"arn:aws:iam::123456789012:role/task","executionRoleArn":"arn:aws:iam::123456789012:role/execution","networkMode":"awsvpc",
        "volumes":[{"name":"data","host":{}},
            {"name":"efs","efsVolumeConfiguration":{"fileSystemId":"fs-1","rootDirectory":"/x","transitEncryption":"ENABLED","transitEncryptionPort":2999,"authorizationConfig":{"accessPointId":"fsap-1","iam":"ENABLED"}}},
            {"name":"dock","dockerVolumeConfiguration":{"scope":"shared","autoprovision":true,"driver":"local","driverOpts":{"o":"x"},"labels":{"l":"x"}}},
            {"name":"win","fsxWindowsFileServerVolumeConfiguration":{"fileSystemId":"fs-2","rootDirectory":"\\d","authorizationConfig":{"credentialsParameter":"arn:aws:ssm:eu-west-3:123456789012:parameter/c","domain":"d"}}}],
        "requiresCompatibilities":["FARGATE","EC2"],"compatibilities":["EC2","FARGATE"],"cpu":"256","memory":"512",
        "inferenceAccelerators":[{"deviceName":"d","deviceType":"eia1.medium"}],"pidMode":"task","ipcMode":"none","placementConstraints":[{"type":"memberOf","expression":"x"}],
        "proxyConfiguration":{"type":"APPMESH","containerName":"envoy","properties":[{"name":"AppPorts","value":"8080"}]},
        "runtimePlatform":{"cpuArchitecture":"ARM64","operatingSystemFamily":"LINUX"},"ephemeralStorage":{"sizeInGiB":30},"enableFaultInjection":true,
        "registeredAt":1699000000.0,"registeredBy":"arn:aws:iam::123456789012:user/deddy"},
        "tags":[{"key":"env","value":"prod"}]}"#;

    const BARE: &str = r#"{"taskDefinition":{"taskDefinitionArn":"arn:aws:ecs:eu-west-3:123456789012:task-definition/migrate:2","family":"migrate","revision":2,"status":"ACTIVE",
        "containerDefinitions":[{"name":"m","image":"alpine","cpu":0,"memory":128,"essential":true}],"volumes":[],"compatibilities":["EC2"],"requiresCompatibilities":[]}}"#;

    fn answers() -> Vec<(&'static str, u16, &'static str)> {
        vec![
            ("ecs:ListClusters", 200, CLUSTERS),
            ("ecs:DescribeClusters", 200, CLUSTER),
            ("ecs:ListTasks", 200, r#"{"taskArns":["t1","t2"]}"#),
            ("ecs:ListTasks", 200, r#"{"taskArns":["t0"]}"#),
            ("ecs:DescribeTasks", 200, RUNNING),
            ("ecs:DescribeTasks", 200, STOPPED),
            ("ecs:ListServices", 200, r#"{"serviceArns":["arn:aws:ecs:eu-west-3:123456789012:service/shop-prod/api"]}"#),
            ("ecs:DescribeServices", 200, SERVICE),
            ("ecs:ListTaskDefinitionFamilies", 200, r#"{"families":["api","migrate"]}"#),
            ("ecs:DescribeTaskDefinition", 200, DEFINITION),
            ("ecs:DescribeTaskDefinition", 200, BARE),
        ]
    }

    fn of<'a>(all: &'a [Resource], kind: &str) -> &'a Resource {
        all.iter().find(|r| r.kind == kind).unwrap()
    }

    #[test]
    fn a_cluster_with_everything() {
        let (all, ledger) = collect(&COLLECTOR, &answers());
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
        assert_eq!(all.len(), 5, "{:?}", all.iter().map(|r| &r.id).collect::<Vec<_>>());
        assert_complete(&all);
        let cluster = of(&all, "aws_ecs_cluster");
        assert_eq!(cluster.config["setting"], json!([{ "name": "containerInsights", "value": "enhanced" }]));
        assert_eq!(cluster.str("config.configuration.0.execute_command_configuration.0.log_configuration.0.s3_bucket_name"), Some("exec"));
        assert_eq!(cluster.facts["aws_tags"]["aws:cloudformation:stack-name"], "shop");
        assert_eq!(cluster.facts["standalone_tasks"][0]["task"], "t2");
        let providers = of(&all, "aws_ecs_cluster_capacity_providers");
        assert_eq!((providers.id.as_str(), &providers.config["capacity_providers"]), ("shop-prod", &json!(["FARGATE", "FARGATE_SPOT"])));
    }

    #[test]
    fn a_service_as_the_provider_reads_it() {
        let (all, _) = collect(&COLLECTOR, &answers());
        let s = of(&all, "aws_ecs_service");
        assert_eq!(s.id, "shop-prod/api");
        assert_eq!(s.str("config.task_definition"), Some("api:7"));
        assert_eq!(
            s.config["network_configuration"],
            json!([{ "assign_public_ip": true, "security_groups": ["sg-1"], "subnets": ["subnet-1", "subnet-2"] }])
        );
        assert_eq!(s.config["alarms"], json!([{ "alarm_names": ["a", "b"], "enable": true, "rollback": true }]));
        assert_eq!(s.config["deployment_circuit_breaker"], json!([{ "enable": true, "rollback": false }]));
        let connect = &s.config["service_connect_configuration"][0];
        assert_eq!(
            connect["service"][0]["tls"][0]["issuer_cert_authority"][0]["aws_pca_authority_arn"],
            "arn:aws:acm-pca:eu-west-3:123456789012:certificate-authority/x"
        );
        assert_eq!(connect["service"][0]["client_alias"], json!([{ "dns_name": "api", "port": 80 }]));
        assert_eq!(s.config["volume_configuration"][0]["managed_ebs_volume"][0]["file_system_type"], "ext4");
        assert_eq!((&s.facts["running_count"], &s.facts["pending_count"], &s.facts["failed_tasks"]), (&json!(2), &json!(1), &json!(4)));
        assert_eq!(s.facts["rollout_state"], "IN_PROGRESS");
        assert_eq!(s.facts["tasks"][0]["private_ip"], "10.0.1.5");
        assert_eq!(s.facts["stopped_tasks"][0]["stop_code"], "TaskFailedToStart");
        assert_eq!(s.facts["stopped_tasks"][0]["exit_codes"], json!([1]));
        assert!(s.facts["stopped_tasks"][0]["reason"].as_str().unwrap().contains("staging label: AWSCURRENT"));
    }

    #[test]
    fn a_task_definition_without_noise_and_without_secrets() {
        let (all, _) = collect(&COLLECTOR, &answers());
        let t = of(&all, "aws_ecs_task_definition");
        assert_eq!(t.id, "arn:aws:ecs:eu-west-3:123456789012:task-definition/api:7");
        let text = t.str("config.container_definitions").unwrap();
        assert!(!text.contains("tr0ub4dor") && !text.contains("mountPoints") && !text.contains("\"cpu\""), "{text}");
        let containers: Value = serde_json::from_str(text).unwrap();
        assert_eq!(containers[0]["environment"][1], json!({ "name": "STAGE", "value": "prod" }), "sorted by name, the rest as it is");
        assert_eq!(t.facts["secrets_found"][0]["path"], "config.container_definitions");
        assert_eq!(t.config["proxy_configuration"][0]["properties"], json!({ "AppPorts": "8080" }));
        assert_eq!(t.facts["services"], json!(["arn:aws:ecs:eu-west-3:123456789012:service/shop-prod/api"]));
        assert_eq!(
            t.facts["secret_arns"],
            json!([
                "arn:aws:secretsmanager:eu-west-3:123456789012:secret:hub-AbCdEf",
                "arn:aws:secretsmanager:eu-west-3:123456789012:secret:shop/app-AbCdEf"
            ])
        );
        assert_eq!(t.facts["parameter_names"], json!(["/shop/token", "/shop/url"]));
        assert_eq!(t.facts["log_groups"], json!(["/ecs/api"]));
        assert_eq!(t.facts["containers"][0]["privileged"], true);
        let other = &all[4];
        assert_eq!((other.facts["standalone_tasks"].as_i64(), other.facts["services"].as_array().map(Vec::len)), (Some(1), Some(0)));
    }

    #[test]
    fn what_is_refused_is_a_gap_of_the_types_it_finds() {
        const DENIED: &str = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let mut given = answers();
        given.retain(|(o, ..)| !["ecs:ListTasks", "ecs:DescribeTaskDefinition"].contains(o));
        given.extend([("ecs:ListTasks", 400, DENIED), ("ecs:DescribeTaskDefinition", 400, DENIED)]);
        let (all, ledger) = collect(&COLLECTOR, &given);
        assert_eq!(all.len(), 3);
        assert!(of(&all, "aws_ecs_cluster").unread.contains_key("facts.standalone_tasks"));
        assert!(of(&all, "aws_ecs_service").unread.contains_key("facts.stopped_tasks"));
        let denied: Vec<_> = ledger.iter().filter(|e| e.outcome == Outcome::Denied).map(|e| (e.call.as_str(), e.types.join(" "))).collect();
        assert_eq!(
            denied,
            [("ecs:DescribeTaskDefinition", "aws_ecs_task_definition".to_owned()), ("ecs:ListTasks", "aws_ecs_task_definition".to_owned())]
        );
    }

    #[test]
    fn nothing_is_nothing() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[("ecs:ListClusters", 200, r#"{"clusterArns":[]}"#), ("ecs:ListTaskDefinitionFamilies", 200, r#"{"families":[]}"#)],
        );
        assert!(all.is_empty() && ledger.iter().all(|e| e.outcome == Outcome::Done));
    }
}
