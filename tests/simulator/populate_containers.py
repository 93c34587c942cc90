#!/usr/bin/env python3
"""An account that lives on containers: clusters on Fargate and on own hosts, services of every kind, images, autoscaling, service
discovery.  For the terraform test; nothing of it is a fixture.
"""

import json

from session import ACCOUNT, at, client, control, spec, tags

REGION = "eu-west-3"


def main():
    at("2025-03-01")
    ground = Ground()
    images(ground)
    hosts(ground)
    clusters(ground)
    scaling()
    discovery(ground)
    at("2026-01-20T07:30:00")


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def lower(given):
    return [{"key": k, "value": v} for k, v in given.items()]


class Ground:
    """What containers stand on: a network, roles, a load balancer, log groups, secrets."""

    def __init__(self):
        ec2 = client("ec2", REGION)
        self.vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16", TagSpecifications=spec("vpc", {"Name": "tasks-prod"}))["Vpc"]["VpcId"]
        gateway = ec2.create_internet_gateway(TagSpecifications=spec("internet-gateway", {"Name": "tasks-prod"}))["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.40.{n}.0/24", AvailabilityZone=REGION + zone, TagSpecifications=spec("subnet", {"Name": f"tasks-prod-{zone}"}))["Subnet"]["SubnetId"]
            for n, zone in enumerate("ab")
        ]
        table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])["RouteTables"][0]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        self.group = ec2.create_security_group(GroupName="tasks", Description="tasks", VpcId=self.vpc)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=self.group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
        iam = client("iam", "us-east-1")
        trust = document({"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"})
        self.execution = iam.create_role(RoleName="tasks-execution", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self.role = iam.create_role(RoleName="tasks-app", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        logs = client("logs", REGION)
        for name in ("/ecs/api", "/ecs/exec"):
            logs.create_log_group(logGroupName=name)
        secrets = client("secretsmanager", REGION)
        self.secret = secrets.create_secret(Name="tasks/app", SecretString='{"KEY":"not-a-real-key"}')["ARN"]
        self.empty = secrets.create_secret(Name="tasks/empty")["ARN"]
        client("ssm", REGION).put_parameter(Name="/tasks/url", Value="https://api.example.org", Type="String")
        elb = client("elbv2", REGION)
        balancer = elb.create_load_balancer(Name="tasks", Subnets=self.subnets, SecurityGroups=[self.group])["LoadBalancers"][0]["LoadBalancerArn"]
        self.target = elb.create_target_group(Name="tasks-api", Protocol="HTTP", Port=8080, VpcId=self.vpc, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
        self.hosts = elb.create_target_group(Name="hosts", Protocol="HTTP", Port=80, VpcId=self.vpc, TargetType="instance")["TargetGroups"][0]["TargetGroupArn"]
        elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": self.target}])

    def vpc_of_tasks(self, public=False):
        return {"awsvpcConfiguration": {"subnets": self.subnets, "securityGroups": [self.group], "assignPublicIp": "ENABLED" if public else "DISABLED"}}


def hosts(ground):
    ec2, scaler = client("ec2", REGION), client("autoscaling", REGION)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    template = ec2.create_launch_template(LaunchTemplateName="hosts", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.small", "SecurityGroupIds": [ground.group]})["LaunchTemplate"]["LaunchTemplateId"]
    zones = ",".join(ground.subnets)
    propagated = lambda given: [{"Key": k, "Value": v, "PropagateAtLaunch": True} for k, v in given.items()]
    scaler.create_auto_scaling_group(AutoScalingGroupName="hosts", MinSize=1, MaxSize=4, DesiredCapacity=2, VPCZoneIdentifier=zones, LaunchTemplate={"LaunchTemplateId": template, "Version": "$Latest"}, HealthCheckType="ELB", HealthCheckGracePeriod=120, TargetGroupARNs=[ground.hosts], Tags=propagated({"Environment": "prod", "Name": "host"}))
    scaler.create_auto_scaling_group(
        AutoScalingGroupName="batch",
        MinSize=0,
        MaxSize=10,
        DesiredCapacity=0,
        VPCZoneIdentifier=zones,
        CapacityRebalance=True,
        MixedInstancesPolicy={
            "LaunchTemplate": {"LaunchTemplateSpecification": {"LaunchTemplateId": template, "Version": "1"}, "Overrides": [{"InstanceType": "t3.small", "WeightedCapacity": "1"}, {"InstanceType": "t3.medium", "WeightedCapacity": "2"}]},
            "InstancesDistribution": {"OnDemandBaseCapacity": 1, "OnDemandPercentageAboveBaseCapacity": 0, "SpotAllocationStrategy": "price-capacity-optimized"},
        },
        TerminationPolicies=["OldestInstance"],
        NewInstancesProtectedFromScaleIn=True,
    )
    scaler.suspend_processes(AutoScalingGroupName="batch", ScalingProcesses=["AZRebalance"])
    cpu = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 60.0}
    scaler.put_scaling_policy(AutoScalingGroupName="hosts", PolicyName="cpu", PolicyType="TargetTrackingScaling", TargetTrackingConfiguration=cpu)
    scaler.put_scaling_policy(AutoScalingGroupName="batch", PolicyName="out", PolicyType="StepScaling", AdjustmentType="ChangeInCapacity", StepAdjustments=[{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}])
    out = scaler.describe_policies(AutoScalingGroupName="batch")["ScalingPolicies"][0]["PolicyARN"]
    client("cloudwatch", REGION).put_metric_alarm(AlarmName="batch-busy", Namespace="AWS/EC2", MetricName="CPUUtilization", Statistic="Average", Period=300, EvaluationPeriods=2, Threshold=80.0, ComparisonOperator="GreaterThanThreshold", Dimensions=[{"Name": "AutoScalingGroupName", "Value": "batch"}], AlarmActions=[out])
    scaler.put_scheduled_update_group_action(AutoScalingGroupName="hosts", ScheduledActionName="night", Recurrence="0 22 * * *", MinSize=0, MaxSize=1, DesiredCapacity=0, TimeZone="Europe/Paris")
    scaler.put_lifecycle_hook(AutoScalingGroupName="hosts", LifecycleHookName="drain", LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING", HeartbeatTimeout=300, DefaultResult="CONTINUE")
    group = scaler.describe_auto_scaling_groups(AutoScalingGroupNames=["hosts"])["AutoScalingGroups"][0]["AutoScalingGroupARN"]
    client("ecs", REGION).create_capacity_provider(name="hosts", autoScalingGroupProvider={"autoScalingGroupArn": group, "managedScaling": {"status": "ENABLED", "targetCapacity": 90}, "managedTerminationProtection": "DISABLED"}, tags=lower({"Environment": "prod"}))


def discovery(ground):
    maps = client("servicediscovery", REGION)
    private = maps.create_private_dns_namespace(Name="tasks.local", Vpc=ground.vpc, Description="inside")["OperationId"]
    space = maps.get_operation(OperationId=private)["Operation"]["Targets"]["NAMESPACE"]
    mesh = maps.get_operation(OperationId=maps.create_http_namespace(Name="mesh")["OperationId"])["Operation"]["Targets"]["NAMESPACE"]
    service = maps.create_service(Name="api", NamespaceId=space, DnsConfig={"NamespaceId": space, "RoutingPolicy": "MULTIVALUE", "DnsRecords": [{"Type": "A", "TTL": 10}]}, HealthCheckCustomConfig={"FailureThreshold": 1})["Service"]["Id"]
    maps.create_service(Name="worker", NamespaceId=mesh)
    maps.register_instance(ServiceId=service, InstanceId="old", Attributes={"AWS_INSTANCE_IPV4": "10.40.0.9"})


def images(ground):
    ecr = client("ecr", REGION)
    key = client("kms", REGION).create_key(Description="images")["KeyMetadata"]["Arn"]
    ecr.create_repository(repositoryName="tasks/api", imageTagMutability="IMMUTABLE", imageScanningConfiguration={"scanOnPush": True}, encryptionConfiguration={"encryptionType": "KMS", "kmsKey": key}, tags=tags({"Environment": "prod"}))
    ecr.create_repository(repositoryName="tasks/web")
    rules = {"rules": [{"rulePriority": 1, "description": "untagged", "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}, "action": {"type": "expire"}}]}
    ecr.put_lifecycle_policy(repositoryName="tasks/api", lifecyclePolicyText=json.dumps(rules))
    ecr.set_repository_policy(repositoryName="tasks/api", policyText=document({"Sid": "pull", "Effect": "Allow", "Principal": {"AWS": ground.role}, "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}))
    ecr.put_registry_policy(policyText=document({"Sid": "replicate", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "ecr:ReplicateImage", "Resource": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/*"}))
    ecr.put_registry_scanning_configuration(scanType="BASIC", rules=[{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "tasks/*", "filterType": "WILDCARD"}]}])
    ecr.put_replication_configuration(replicationConfiguration={"rules": [{"destinations": [{"region": "eu-west-1", "registryId": ACCOUNT}], "repositoryFilters": [{"filter": "tasks", "filterType": "PREFIX_MATCH"}]}]})
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "config": {"size": 7023, "digest": "sha256:" + "a" * 64}, "layers": [{"size": 32654, "digest": "sha256:" + "b" * 64}]}
    for n, tag in enumerate(("1.4.1", "1.4.2")):
        ecr.put_image(repositoryName="tasks/api", imageTag=tag, imageManifest=json.dumps({**manifest, "n": n}))


def scaling():
    scaler = client("application-autoscaling", REGION)
    api = {"ServiceNamespace": "ecs", "ResourceId": "service/tasks-prod/api", "ScalableDimension": "ecs:service:DesiredCount"}
    scaler.register_scalable_target(**api, MinCapacity=3, MaxCapacity=10)
    cpu = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, "TargetValue": 70.0, "ScaleInCooldown": 300, "ScaleOutCooldown": 60}
    scaler.put_scaling_policy(PolicyName="api-cpu", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=cpu, **api)
    steps = {"AdjustmentType": "ChangeInCapacity", "Cooldown": 60, "MetricAggregationType": "Maximum", "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 15.5, "ScalingAdjustment": 1}, {"MetricIntervalLowerBound": 15.5, "ScalingAdjustment": 3}]}
    scaler.put_scaling_policy(PolicyName="api-steps", PolicyType="StepScaling", StepScalingPolicyConfiguration=steps, **api)
    scaler.put_scheduled_action(ScheduledActionName="night", Schedule="cron(0 22 * * ? *)", Timezone="Europe/Paris", ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 2}, **api)
    client("dynamodb", REGION).create_table(TableName="orders", AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5})
    for kind in ("Read", "Write"):
        table = {"ServiceNamespace": "dynamodb", "ResourceId": "table/orders", "ScalableDimension": f"dynamodb:table:{kind}CapacityUnits"}
        scaler.register_scalable_target(**table, MinCapacity=5, MaxCapacity=100, SuspendedState={"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": False, "ScheduledScalingSuspended": False})
        use = {"PredefinedMetricSpecification": {"PredefinedMetricType": f"DynamoDB{kind}CapacityUtilization"}, "TargetValue": 75.0}
        scaler.put_scaling_policy(PolicyName=f"orders-{kind.lower()}", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=use, **table)


def clusters(ground):
    ecs = client("ecs", REGION)
    ecs.create_cluster(
        clusterName="tasks-prod",
        tags=lower({"Environment": "prod", "team": "api"}),
        settings=[{"name": "containerInsights", "value": "enabled"}],
        configuration={"executeCommandConfiguration": {"logging": "OVERRIDE", "logConfiguration": {"cloudWatchLogGroupName": "/ecs/exec", "cloudWatchEncryptionEnabled": False}}},
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE", "base": 1, "weight": 1}, {"capacityProvider": "FARGATE_SPOT", "weight": 3}],
    )
    ecs.create_cluster(clusterName="tasks-dev")

    registry = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/tasks/api"
    api = ecs.register_task_definition(
        family="api",
        taskRoleArn=ground.role,
        executionRoleArn=ground.execution,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        ephemeralStorage={"sizeInGiB": 30},
        volumes=[{"name": "scratch"}],
        containerDefinitions=[
            {
                "name": "app",
                "image": f"{registry}:1.4.2",
                "essential": True,
                "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp", "name": "http"}],
                "environment": [{"name": "STAGE", "value": "prod"}, {"name": "DB_PASSWORD", "value": "tr0ub4dor&3-not-real"}, {"name": "PATTERN", "value": "${not} %{terraform}"}],
                "secrets": [{"name": "KEY", "valueFrom": f"{ground.secret}:KEY::"}, {"name": "EMPTY", "valueFrom": ground.empty}, {"name": "URL", "valueFrom": "/tasks/url"}],
                "mountPoints": [{"sourceVolume": "scratch", "containerPath": "/scratch", "readOnly": False}],
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/api", "awslogs-region": REGION, "awslogs-stream-prefix": "app"}},
                "healthCheck": {"command": ["CMD-SHELL", "curl -f http://localhost:8080/health || exit 1"], "interval": 30, "timeout": 5, "retries": 3, "startPeriod": 10},
                "ulimits": [{"name": "nofile", "softLimit": 65536, "hardLimit": 65536}],
                "linuxParameters": {"initProcessEnabled": True},
            },
            {"name": "envoy", "image": "public.ecr.aws/appmesh/envoy:latest", "essential": False, "cpu": 64, "memoryReservation": 64, "dependsOn": [{"containerName": "app", "condition": "START"}], "user": "1337"},
        ],
        tags=lower({"Environment": "prod"}),
    )["taskDefinition"]["taskDefinitionArn"]
    host = ecs.register_task_definition(
        family="agent",
        networkMode="host",
        pidMode="host",
        requiresCompatibilities=["EC2"],
        placementConstraints=[{"type": "memberOf", "expression": "attribute:ecs.os-type == linux"}],
        volumes=[{"name": "docker", "host": {"sourcePath": "/var/run/docker.sock"}}],
        containerDefinitions=[{"name": "agent", "image": "agent", "memory": 128, "privileged": True, "mountPoints": [{"sourceVolume": "docker", "containerPath": "/var/run/docker.sock", "readOnly": True}]}],
    )["taskDefinition"]["taskDefinitionArn"]
    for revision in ("1", "2"):
        ecs.register_task_definition(family="migrate", executionRoleArn=ground.execution, networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="512", memory="1024", containerDefinitions=[{"name": "migrate", "image": f"{registry}:{revision}", "memory": 512, "command": ["migrate", "--up"]}])

    ecs.create_service(
        cluster="tasks-prod",
        serviceName="api",
        taskDefinition=api,
        desiredCount=3,
        launchType="FARGATE",
        platformVersion="1.4.0",
        networkConfiguration=ground.vpc_of_tasks(),
        loadBalancers=[{"targetGroupArn": ground.target, "containerName": "app", "containerPort": 8080}],
        healthCheckGracePeriodSeconds=60,
        deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}, "maximumPercent": 150, "minimumHealthyPercent": 50, "alarms": {"alarmNames": ["api-errors"], "enable": True, "rollback": False}},
        enableECSManagedTags=True,
        enableExecuteCommand=True,
        propagateTags="SERVICE",
        availabilityZoneRebalancing="ENABLED",
        tags=lower({"Environment": "prod"}),
    )
    ecs.create_service(
        cluster="tasks-prod",
        serviceName="worker",
        taskDefinition="migrate:1",
        desiredCount=2,
        capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
        networkConfiguration=ground.vpc_of_tasks(public=True),
        serviceConnectConfiguration={"enabled": False},
    )
    ecs.create_service(cluster="tasks-prod", serviceName="frontend", taskDefinition="migrate:2", desiredCount=0, launchType="FARGATE", networkConfiguration=ground.vpc_of_tasks())
    ecs.create_service(cluster="tasks-dev", serviceName="agent", taskDefinition=host, launchType="EC2", schedulingStrategy="DAEMON", placementConstraints=[{"type": "memberOf", "expression": "attribute:ecs.instance-type =~ t3.*"}])
    ecs.create_service(cluster="tasks-dev", serviceName="batch", taskDefinition=host, desiredCount=1, launchType="EC2", placementStrategy=[{"type": "spread", "field": "attribute:ecs.availability-zone"}, {"type": "binpack", "field": "memory"}], deploymentController={"type": "ECS"})
    ecs.run_task(cluster="tasks-prod", taskDefinition="migrate:2", launchType="FARGATE", networkConfiguration=ground.vpc_of_tasks())
    control("history", {"services": [{"region": REGION, "service": "tasks-prod/worker", "running": 0, "failed": 7}]})


if __name__ == "__main__":
    main()
