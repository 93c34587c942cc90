#!/usr/bin/env python3
"""An agency's account: three environments told apart in three ways and what they share, in two regions; containers, delivery and
operations; names that no one should have chosen.  A part of the live environment is under Terraform (tests/estates/agency).  For the
terraform test; nothing of it is a fixture.

    populate_agency.py [--state FILE]
"""

import argparse
import json

from session import ACCOUNT, apply, at, client, control, spec, tags

HOME, EDGE = "eu-west-1", "us-east-1"
ANY = "0.0.0.0/0"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com"
LONG = "campaign-for-a-client-whose-name-goes-on-and-on-until-nobody-remembers-how-it-began-" + "x" * 120


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--state", help="keep Terraform's state as this file")
    given = parser.parse_args()
    at("2025-02-03")
    apply("agency", given.state)
    at("2025-03-01")
    agency = Agency()
    agency.identities()
    agency.images()
    for environment in agency.environments.values():
        environment.network()
        environment.containers()
    agency.between()
    agency.hosts()
    agency.messages()
    agency.schedules()
    agency.scaling()
    agency.delivery()
    agency.names()
    agency.watching()
    agency.governance()
    agency.operations()
    agency.others()
    forgotten()
    at("2026-01-20T07:30:00")


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(service):
    return document({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def lower(given):
    return [{"key": k, "value": v} for k, v in given.items()]


class Environment:
    """One of the three, each told in its own way."""

    def __init__(self, agency, name, number):
        self.agency, self.name, self.number = agency, name, number
        # live: a tag; staging: the beginning of a name; dev: nothing but the network it stands in
        self.prefix = {"live": "", "staging": "stg-", "dev": ""}[name]
        self.tags = {"live": {"Environment": "prd", "Owner": ""}, "staging": {}, "dev": {}}[name]
        self.ec2, self.elb, self.ecs = client("ec2", HOME), client("elbv2", HOME), client("ecs", HOME)

    def network(self):
        ec2 = self.ec2
        if self.name == "live":
            self.vpc = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["atelier"]}])["Vpcs"][0]["VpcId"]
            found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])["Subnets"]
            self.public, self.private = ([s["SubnetId"] for s in found if s["MapPublicIpOnLaunch"] is public] for public in (True, False))
        else:
            name = {"staging": "stg-atelier", "dev": "development"}[self.name]
            self.vpc = ec2.create_vpc(CidrBlock=f"10.{self.number}.0.0/16", TagSpecifications=spec("vpc", {"Name": name}))["Vpc"]["VpcId"]
            gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
            ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
            self.public, self.private = (
                [
                    ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.{self.number}.{n + first}.0/24", AvailabilityZone=HOME + zone, TagSpecifications=spec("subnet", {"Name": f"{self.prefix}{kind}-{zone}"}))["Subnet"]["SubnetId"]
                    for n, zone in enumerate("ab")
                ]
                for first, kind in ((0, "public"), (10, "private"))
            )
            table = ec2.create_route_table(VpcId=self.vpc, TagSpecifications=spec("route-table", {"Name": f"{self.prefix}public"}))["RouteTable"]["RouteTableId"]
            ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANY, GatewayId=gateway)
            for subnet in self.public:
                ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        # The same name in each network.
        self.app = ec2.create_security_group(GroupName="app", Description="tasks", VpcId=self.vpc, TagSpecifications=spec("security-group", self.tags))["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=self.app, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8081, "IpRanges": [{"CidrIp": f"10.{self.number}.0.0/16", "Description": "from inside"}]}])

    def inside(self, subnets=None):
        return {"awsvpcConfiguration": {"subnets": subnets or self.private, "securityGroups": [self.app], "assignPublicIp": "DISABLED"}}

    def group(self, name, port=8080):
        return self.elb.create_target_group(Name=f"{self.prefix}{name}", Protocol="HTTP", Port=port, VpcId=self.vpc, TargetType="ip", HealthCheckPath="/health", Tags=tags(self.tags))["TargetGroups"][0]["TargetGroupArn"]

    def containers(self):
        agency, logs = self.agency, client("logs", HOME)
        if self.name == "live":
            cluster = "atelier"
            self.balancer = self.elb.describe_load_balancers(Names=["atelier"])["LoadBalancers"][0]
        else:
            cluster = {"staging": "stg-atelier", "dev": "playground"}[self.name]
            self.ecs.create_cluster(clusterName=cluster, capacityProviders=["FARGATE", "FARGATE_SPOT"], defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}])
            self.balancer = self.elb.create_load_balancer(Name=f"{self.prefix}door" if self.prefix else "door-3000", Subnets=self.public, SecurityGroups=[self.app])["LoadBalancers"][0]
            logs.create_log_group(logGroupName=f"/{cluster}/api")
        self.cluster = cluster
        self.names = {name: self.group(name if self.name != "dev" else f"{name}-wip") for name in ("api-blue", "api-green", "admin")}
        listener = self.elb.create_listener(LoadBalancerArn=self.balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": self.names["api-blue"]}])["Listeners"][0]["ListenerArn"]
        self.elb.create_rule(ListenerArn=listener, Priority=10, Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/admin/*"]}}], Actions=[{"Type": "forward", "TargetGroupArn": self.names["admin"]}])
        self.listener = listener
        # Cloud Map: a namespace of each kind, the same service in each.
        maps = client("servicediscovery", HOME)
        made = {
            "live": lambda: maps.create_private_dns_namespace(Name="atelier.internal", Vpc=self.vpc, Description="found by name", Tags=tags(self.tags)),
            "staging": lambda: maps.create_http_namespace(Name="stg-mesh", Description='"quoted" & ${not.interpolated}'),
            "dev": lambda: maps.create_public_dns_namespace(Name="dev.atelier-nord.example"),
        }[self.name]()
        self.space = maps.get_operation(OperationId=made["OperationId"])["Operation"]["Targets"]["NAMESPACE"]
        records = {"DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 10}], "RoutingPolicy": "MULTIVALUE"}, "HealthCheckCustomConfig": {"FailureThreshold": 1}} if self.name == "live" else {}
        if self.name == "dev":
            records = {"DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 60}, {"Type": "SRV", "TTL": 60}], "RoutingPolicy": "WEIGHTED"}}
        self.service = maps.create_service(Name="api", NamespaceId=self.space, **records)["Service"]["Arn"]
        self.tasks()

    def tasks(self):
        agency, ecs, cluster = self.agency, self.ecs, self.cluster
        family = {"live": "api", "staging": "stg-api", "dev": "api-wip"}[self.name]
        efs = client("efs", HOME)
        self.files = efs.create_file_system(CreationToken=family, Encrypted=True, PerformanceMode="generalPurpose", ThroughputMode="elastic", Tags=tags({"Name": f"{self.prefix}uploads", **self.tags}))["FileSystemId"]
        for subnet in self.private:
            efs.create_mount_target(FileSystemId=self.files, SubnetId=subnet, SecurityGroups=[self.app])
        point = efs.create_access_point(ClientToken=family, FileSystemId=self.files, PosixUser={"Uid": 1000, "Gid": 1000}, RootDirectory={"Path": "/uploads", "CreationInfo": {"OwnerUid": 1000, "OwnerGid": 1000, "Permissions": "0750"}})["AccessPointId"]
        logs = {"logDriver": "awsfirelens", "options": {"Name": "cloudwatch_logs", "region": HOME, "log_group_name": f"/{cluster}/api", "log_stream_prefix": "app-", "auto_create_group": "false"}}
        self.task = ecs.register_task_definition(
            family=family,
            taskRoleArn=agency.roles["task"],
            executionRoleArn=agency.roles["execution"],
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="512",
            memory="1024",
            runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
            volumes=[
                {"name": "uploads", "efsVolumeConfiguration": {"fileSystemId": self.files, "transitEncryption": "ENABLED", "authorizationConfig": {"accessPointId": point, "iam": "ENABLED"}}},
                {"name": "tmp"},
            ],
            containerDefinitions=[
                {
                    "name": "api",
                    "image": f"{REGISTRY}/atelier/api:2.7.0",
                    "essential": True,
                    "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp", "name": "http", "appProtocol": "http"}],
                    "environment": [{"name": "GREETING", "value": "Bonjour « ${USER} » %{if} \\n"}, {"name": "STAGE", "value": self.name}, {"name": "EMPTY", "value": ""}],
                    "environmentFiles": [{"type": "s3", "value": f"arn:aws:s3:::{agency.settings}/{self.name}.env"}],
                    "secrets": [
                        {"name": "DB_PASSWORD", "valueFrom": f"{agency.secret}:password::"},
                        {"name": "DB_USER", "valueFrom": f"{agency.secret}:user:AWSCURRENT:"},
                        {"name": "FEATURES", "valueFrom": f"arn:aws:ssm:{HOME}:{ACCOUNT}:parameter/atelier/features"},
                        {"name": "MODE", "valueFrom": "/atelier/mode"},
                    ],
                    "mountPoints": [{"sourceVolume": "uploads", "containerPath": "/srv/uploads", "readOnly": False}, {"sourceVolume": "tmp", "containerPath": "/tmp"}],
                    "ulimits": [{"name": "nofile", "softLimit": 65536, "hardLimit": 65536}, {"name": "core", "softLimit": 0, "hardLimit": 0}],
                    "healthCheck": {"command": ["CMD-SHELL", "curl -fs \"http://localhost:8080/health?who=${HOSTNAME}\" || exit 1"], "interval": 15, "timeout": 5, "retries": 3},
                    "dependsOn": [{"containerName": "log-router", "condition": "START"}],
                    "logConfiguration": logs,
                    "readonlyRootFilesystem": True,
                    "stopTimeout": 60,
                },
                {
                    "name": "log-router",
                    "image": "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable",
                    "essential": True,
                    "firelensConfiguration": {"type": "fluentbit", "options": {"enable-ecs-log-metadata": "true"}},
                    "memoryReservation": 50,
                    "user": "0",
                },
            ],
            tags=lower(self.tags),
        )["taskDefinition"]["taskDefinitionArn"]
        base = dict(cluster=cluster, taskDefinition=self.task, networkConfiguration=self.inside(), tags=lower(self.tags), propagateTags="SERVICE")
        if self.name == "live":
            # Blue and green, moved by CodeDeploy.
            ecs.create_service(serviceName="api", desiredCount=3, launchType="FARGATE", deploymentController={"type": "CODE_DEPLOY"}, loadBalancers=[{"targetGroupArn": self.names["api-blue"], "containerName": "api", "containerPort": 8080}], healthCheckGracePeriodSeconds=90, **base)
            ecs.create_service(
                serviceName="admin",
                desiredCount=1,
                launchType="FARGATE",
                enableExecuteCommand=True,
                loadBalancers=[{"targetGroupArn": self.names["admin"], "containerName": "api", "containerPort": 8080}, {"targetGroupArn": self.names["api-green"], "containerName": "api", "containerPort": 8080}],
                serviceRegistries=[{"registryArn": self.service}],
                **base,
            )
        else:
            connect = {
                "enabled": True,
                "namespace": f"arn:aws:servicediscovery:{HOME}:{ACCOUNT}:namespace/{self.space}",
                "services": [{"portName": "http", "discoveryName": "api", "clientAliases": [{"port": 80, "dnsName": "api"}], "timeout": {"idleTimeoutSeconds": 60}}],
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": f"/{cluster}/api", "awslogs-region": HOME, "awslogs-stream-prefix": "connect"}},
            }
            ecs.create_service(
                serviceName=f"{self.prefix}api",
                desiredCount=1,
                capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 4, "base": 0}, {"capacityProvider": "FARGATE", "weight": 1, "base": 1}],
                loadBalancers=[{"targetGroupArn": self.names["api-blue"], "containerName": "api", "containerPort": 8080}],
                serviceConnectConfiguration=connect if self.name == "staging" else {"enabled": False},
                deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}, "maximumPercent": 200, "minimumHealthyPercent": 0},
                **base,
            )


class Agency:
    def __init__(self):
        self.environments = {name: Environment(self, name, n) for name, n in (("live", 10), ("staging", 20), ("dev", 30))}

    def __getattr__(self, name):
        return self.environments[name] if name in ("live", "staging", "dev") else super().__getattribute__(name)

    def identities(self):
        iam = client("iam", EDGE)
        self.roles = {}
        for name, service in (("execution", "ecs-tasks"), ("task", "ecs-tasks"), ("build", "codebuild"), ("pipeline", "codepipeline"), ("deploy", "codedeploy"), ("events", "events"), ("scheduler", "scheduler"), ("config", "config"), ("backup", "backup"), ("trail", "cloudtrail"), ("host", "ec2")):
            self.roles[name] = iam.create_role(RoleName=f"atelier-{name}", Path="/delivery/" if name in ("build", "pipeline", "deploy") else "/", AssumeRolePolicyDocument=trust(f"{service}.amazonaws.com"), Description=f"what {name} may do")["Role"]["Arn"]
        iam.attach_role_policy(RoleName="atelier-execution", PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy")
        iam.attach_role_policy(RoleName="atelier-deploy", PolicyArn="arn:aws:iam::aws:policy/AWSCodeDeployRoleForECS")
        iam.put_role_policy(RoleName="atelier-task", PolicyName="uploads", PolicyDocument=document({"Sid": "Own", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::atelier-settings-4f2a/${aws:username}/*"}))
        iam.create_instance_profile(InstanceProfileName="atelier-host")
        iam.add_role_to_instance_profile(InstanceProfileName="atelier-host", RoleName="atelier-host")
        s3 = client("s3", HOME)
        self.settings, self.artifacts, self.logs = "atelier-settings-4f2a", "atelier-artifacts-4f2a", "atelier-logs-4f2a"
        for bucket in (self.settings, self.artifacts, self.logs):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": HOME})
        s3.put_bucket_versioning(Bucket=self.artifacts, VersioningConfiguration={"Status": "Enabled"})
        self.secret = client("secretsmanager", HOME).create_secret(Name="atelier/db", Description="user and password of \"the\" database", SecretString='{"user":"u","password":"not-a-real-one"}')["ARN"]
        ssm = client("ssm", HOME)
        ssm.put_parameter(Name="/atelier/mode", Value="a ${b} %{c}", Type="String")
        ssm.put_parameter(Name="/atelier/features", Value="one,two,trois", Type="StringList", Description="what is on")
        ssm.put_parameter(Name="/atelier/dev/features", Value="all", Type="String", Tags=tags({"Environment": "prd", "Note": ""}))  # a tag that says another thing than the name
        keys = client("kms", HOME)
        self.key = keys.create_key(Description="secrets & images", MultiRegion=True, Tags=[{"TagKey": "Name", "TagValue": "shared"}])["KeyMetadata"]["Arn"]
        keys.create_alias(AliasName="alias/atelier/shared", TargetKeyId=self.key)
        keys.replicate_key(KeyId=self.key.rsplit("/", 1)[1], ReplicaRegion=EDGE)

    def images(self):
        ecr = client("ecr", HOME)
        for name, mutable in (("atelier/api", "IMMUTABLE"), ("atelier/web", "MUTABLE"), ("3d-render", "MUTABLE"), ("clients/nord/2024/spring/landing-page", "MUTABLE")):
            ecr.create_repository(repositoryName=name, imageTagMutability=mutable, imageScanningConfiguration={"scanOnPush": mutable == "IMMUTABLE"}, tags=tags({"CostCentre": ""}))
        ecr.create_repository(repositoryName="client-b/sealed", encryptionConfiguration={"encryptionType": "KMS", "kmsKey": self.key})
        old = {"rules": [{"rulePriority": 1, "description": "untagged", "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7}, "action": {"type": "expire"}}, {"rulePriority": 2, "selection": {"tagStatus": "tagged", "tagPrefixList": ["v"], "countType": "imageCountMoreThan", "countNumber": 20}, "action": {"type": "expire"}}]}
        for name in ("atelier/api", "atelier/web", "3d-render"):
            ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=json.dumps(old))
        ecr.set_repository_policy(repositoryName="atelier/api", policyText=document({"Sid": "build pulls", "Effect": "Allow", "Principal": {"AWS": self.roles["build"]}, "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}))
        ecr.put_registry_policy(policyText=document({"Sid": "cache", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"], "Resource": f"arn:aws:ecr:{HOME}:{ACCOUNT}:repository/*"}))
        ecr.put_registry_scanning_configuration(scanType="ENHANCED", rules=[{"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": [{"filter": "atelier/*", "filterType": "WILDCARD"}]}, {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]}])
        ecr.put_replication_configuration(replicationConfiguration={"rules": [{"destinations": [{"region": EDGE, "registryId": ACCOUNT}], "repositoryFilters": [{"filter": "atelier/", "filterType": "PREFIX_MATCH"}]}]})
        cache = {"registryId": ACCOUNT, "ecrRepositoryPrefix": "public", "upstreamRegistryUrl": "public.ecr.aws", "upstreamRegistry": "ecr-public", "createdAt": 1740819600}
        control("answers", [{"operation": "ecr:DescribePullThroughCacheRules", "region": HOME, "answer": {"pullThroughCacheRules": [cache]}}])

    def between(self):
        """What all environments share: the network of operations with its jump host, and the ways to the others."""
        ec2 = client("ec2", HOME)
        self.hub = ec2.create_vpc(CidrBlock="10.0.0.0/20", TagSpecifications=spec("vpc", {"Name": "operations 🛠️ \"${hub}\"", "env": "shared"}))["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=self.hub, CidrBlock="10.0.0.0/24", AvailabilityZone=HOME + "a", TagSpecifications=spec("subnet", {"Name": "Zugang für alle"}))["Subnet"]["SubnetId"]
        self.hub_subnet = subnet
        group = ec2.create_security_group(GroupName="jump", Description="ssh from the office", VpcId=self.hub)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "203.0.113.7/32", "Description": "office"}]}])
        image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group], MetadataOptions={"HttpTokens": "required"}, TagSpecifications=spec("instance", {"Name": "jump", "Owner": ""}))
        table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [self.hub]}])["RouteTables"][0]["RouteTableId"]
        for environment in self.environments.values():
            peering = ec2.create_vpc_peering_connection(VpcId=self.hub, PeerVpcId=environment.vpc, TagSpecifications=spec("vpc-peering-connection", {"Name": f"to {environment.name}"}))["VpcPeeringConnection"]["VpcPeeringConnectionId"]
            ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
            ec2.create_route(RouteTableId=table, DestinationCidrBlock=f"10.{environment.number}.0.0/16", VpcPeeringConnectionId=peering)
            ec2.authorize_security_group_ingress(GroupId=environment.app, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/24", "Description": "jump host"}]}])

    def hosts(self):
        """Own machines under containers in staging, with what runs on each of them."""
        ec2, scaler, ecs, stage = client("ec2", HOME), client("autoscaling", HOME), client("ecs", HOME), self.staging
        image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        start = "#!/bin/bash\necho ECS_CLUSTER=stg-atelier >> /etc/ecs/ecs.config\necho \"${PATH} %{x}\"\n"
        import base64

        template = ec2.create_launch_template(LaunchTemplateName="stg-hosts", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.small", "SecurityGroupIds": [stage.app], "IamInstanceProfile": {"Name": "atelier-host"}, "UserData": base64.b64encode(start.encode()).decode(), "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}})["LaunchTemplate"]["LaunchTemplateId"]
        scaler.create_auto_scaling_group(AutoScalingGroupName="stg-hosts", MinSize=0, MaxSize=3, DesiredCapacity=1, VPCZoneIdentifier=",".join(stage.private), LaunchTemplate={"LaunchTemplateId": template, "Version": "$Default"}, NewInstancesProtectedFromScaleIn=True, Tags=[{"Key": "AmazonECSManaged", "Value": "true", "PropagateAtLaunch": True}])
        arn = scaler.describe_auto_scaling_groups(AutoScalingGroupNames=["stg-hosts"])["AutoScalingGroups"][0]["AutoScalingGroupARN"]
        ecs.create_capacity_provider(name="stg-hosts", autoScalingGroupProvider={"autoScalingGroupArn": arn, "managedScaling": {"status": "ENABLED", "targetCapacity": 80, "minimumScalingStepSize": 1, "maximumScalingStepSize": 2}, "managedTerminationProtection": "ENABLED"})
        ecs.put_cluster_capacity_providers(cluster=stage.cluster, capacityProviders=["FARGATE", "FARGATE_SPOT", "stg-hosts"], defaultCapacityProviderStrategy=[{"capacityProvider": "stg-hosts", "weight": 1, "base": 0}])
        agent = ecs.register_task_definition(family="stg-agent", networkMode="host", requiresCompatibilities=["EC2"], volumes=[{"name": "docker", "host": {"sourcePath": "/var/run/docker.sock"}}, {"name": "cache", "dockerVolumeConfiguration": {"scope": "shared", "autoprovision": True, "driver": "local", "labels": {"a": "b"}}}], containerDefinitions=[{"name": "agent", "image": "agent:7", "memory": 128, "linuxParameters": {"capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]}}, "mountPoints": [{"sourceVolume": "docker", "containerPath": "/var/run/docker.sock", "readOnly": True}], "dockerLabels": {"com.example/${x}": "\"y\""}}])["taskDefinition"]["taskDefinitionArn"]
        ecs.create_service(cluster=stage.cluster, serviceName="stg-agent", taskDefinition=agent, launchType="EC2", schedulingStrategy="DAEMON", placementConstraints=[{"type": "memberOf", "expression": "attribute:ecs.instance-type =~ t3.*"}])
        disk = ecs.register_task_definition(family="stg-render", networkMode="awsvpc", requiresCompatibilities=["EC2"], executionRoleArn=self.roles["execution"], volumes=[{"name": "scratch", "configuredAtLaunch": True}], containerDefinitions=[{"name": "render", "image": f"{REGISTRY}/3d-render:latest", "memory": 512, "cpu": 256, "resourceRequirements": [{"type": "GPU", "value": "1"}], "mountPoints": [{"sourceVolume": "scratch", "containerPath": "/scratch"}]}])["taskDefinition"]["taskDefinitionArn"]
        ecs.create_service(cluster=stage.cluster, serviceName="stg-render", taskDefinition=disk, desiredCount=1, capacityProviderStrategy=[{"capacityProvider": "stg-hosts", "weight": 1}], networkConfiguration=stage.inside(), placementStrategy=[{"type": "binpack", "field": "memory"}], volumeConfigurations=[{"name": "scratch", "managedEBSVolume": {"roleArn": self.roles["execution"], "volumeType": "gp3", "sizeInGiB": 100, "encrypted": True, "filesystemType": "xfs", "tagSpecifications": [{"resourceType": "volume", "propagateTags": "SERVICE"}]}}])

    def messages(self):
        """Queues and topics, some from one environment into another, some with the same name in both regions."""
        self.topics = {}
        for region in (HOME, EDGE):
            sns, sqs = client("sns", region), client("sqs", region)
            self.topics[region] = sns.create_topic(Name="alerts", Tags=tags({"team": ""}))["TopicArn"]
            sqs.create_queue(QueueName="jobs")
        sns, sqs = client("sns", HOME), client("sqs", HOME)
        for name in ("for", "null", "2024-campaign", "each", LONG[:80]):
            sqs.create_queue(QueueName=name)
        dead = sqs.create_queue(QueueName="stg-orders-dead", Attributes={"MessageRetentionPeriod": "1209600"})["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sqs.create_queue(QueueName="stg-orders", Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})})
        orders = sns.create_topic(Name="live-orders", Tags=tags({"Environment": "prd"}))["TopicArn"]
        target = f"arn:aws:sqs:{HOME}:{ACCOUNT}:stg-orders"
        # Staging listens to what live tells.
        sns.subscribe(TopicArn=orders, Protocol="sqs", Endpoint=target, Attributes={"RawMessageDelivery": "true", "FilterPolicy": json.dumps({"kind": ["order", {"anything-but": ["test"]}]})})
        url = sqs.get_queue_url(QueueName="stg-orders")["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document({"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": target, "Condition": {"ArnEquals": {"aws:SourceArn": orders}}})})

    def schedules(self):
        events, plan = client("events", HOME), client("scheduler", HOME)
        for name, cluster, task, environment in (("nightly-invoices", self.live.cluster, self.live.task, self.live), ("stg-nightly-invoices", self.staging.cluster, self.staging.task, self.staging)):
            events.put_rule(Name=name, ScheduleExpression="cron(15 2 * * ? *)", State="ENABLED" if environment is self.live else "DISABLED", Description='"every night", says ${nobody}', Tags=tags(environment.tags))
            target = {"Id": "run", "Arn": f"arn:aws:ecs:{HOME}:{ACCOUNT}:cluster/{cluster}", "RoleArn": self.roles["events"], "Input": json.dumps({"containerOverrides": [{"name": "api", "command": ["invoices", "--since", "${yesterday}"]}]})}
            target["EcsParameters"] = {"TaskDefinitionArn": task, "TaskCount": 1, "LaunchType": "FARGATE", "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": environment.private, "SecurityGroups": [environment.app], "AssignPublicIp": "DISABLED"}}, "PropagateTags": "TASK_DEFINITION"}
            events.put_targets(Rule=name, Targets=[target])
        events.put_rule(Name="stopped-tasks", EventPattern=json.dumps({"source": ["aws.ecs"], "detail-type": ["ECS Task State Change"], "detail": {"lastStatus": ["STOPPED"], "stoppedReason": [{"prefix": "Essential"}]}}))
        events.put_targets(Rule="stopped-tasks", Targets=[{"Id": "1", "Arn": self.topics[HOME], "InputTransformer": {"InputPathsMap": {"task": "$.detail.taskArn", "why": "$.detail.stoppedReason"}, "InputTemplate": '"Task <task> stopped: <why>"'}}])
        plan.create_schedule_group(Name="live-jobs", Tags=tags({"Environment": "prd"}))
        ecs = {"TaskDefinitionArn": self.live.task, "TaskCount": 1, "LaunchType": "FARGATE", "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": self.live.private, "SecurityGroups": [self.live.app], "AssignPublicIp": "DISABLED"}}}
        plan.create_schedule(Name="weekly-report", GroupName="live-jobs", ScheduleExpression="cron(0 6 ? * MON *)", ScheduleExpressionTimezone="Europe/Paris", FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}, Target={"Arn": f"arn:aws:ecs:{HOME}:{ACCOUNT}:cluster/{self.live.cluster}", "RoleArn": self.roles["scheduler"], "EcsParameters": ecs, "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 2}}, Description="« rapport »")
        plan.create_schedule(Name="jobs", ScheduleExpression="rate(5 minutes)", FlexibleTimeWindow={"Mode": "OFF"}, State="DISABLED", Target={"Arn": f"arn:aws:sqs:{HOME}:{ACCOUNT}:jobs", "RoleArn": self.roles["scheduler"], "Input": '{"say": "${hello}"}'})

    def scaling(self):
        scaler = client("application-autoscaling", HOME)
        api = {"ServiceNamespace": "ecs", "ResourceId": "service/atelier/api", "ScalableDimension": "ecs:service:DesiredCount"}
        scaler.register_scalable_target(**api, MinCapacity=3, MaxCapacity=12)
        scaler.put_scaling_policy(PolicyName="cpu", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration={"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, "TargetValue": 55.5, "ScaleInCooldown": 300, "ScaleOutCooldown": 30}, **api)
        backlog = {"MetricName": "ApproximateNumberOfMessagesVisible", "Namespace": "AWS/SQS", "Statistic": "Average", "Dimensions": [{"Name": "QueueName", "Value": "jobs"}], "Unit": "Count"}
        scaler.put_scaling_policy(PolicyName="backlog", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration={"CustomizedMetricSpecification": backlog, "TargetValue": 100.0, "DisableScaleIn": True}, **api)
        stage = {"ServiceNamespace": "ecs", "ResourceId": "service/stg-atelier/stg-api", "ScalableDimension": "ecs:service:DesiredCount"}
        scaler.register_scalable_target(**stage, MinCapacity=0, MaxCapacity=2, SuspendedState={"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": False, "ScheduledScalingSuspended": False})
        scaler.put_scaling_policy(PolicyName="steps", PolicyType="StepScaling", StepScalingPolicyConfiguration={"AdjustmentType": "PercentChangeInCapacity", "MinAdjustmentMagnitude": 1, "Cooldown": 120, "MetricAggregationType": "Average", "StepAdjustments": [{"MetricIntervalUpperBound": -10.0, "ScalingAdjustment": -20}, {"MetricIntervalLowerBound": -10.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 0}, {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 30}]}, **stage)
        scaler.put_scheduled_action(ScheduledActionName="nights off", Schedule="cron(0 20 ? * MON-FRI *)", Timezone="Europe/Paris", ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0}, **stage)

    def delivery(self):
        build, pipes, deploy = client("codebuild", HOME), client("codepipeline", HOME), client("codedeploy", HOME)
        spec_text = "version: 0.2\nphases:\n  build:\n    commands:\n      - docker build -t \"${REPO}:${TAG:-latest}\" . # %{not a directive}\n"
        common = {"serviceRole": self.roles["build"], "environment": {"type": "ARM_CONTAINER", "image": "aws/codebuild/amazonlinux2-aarch64-standard:3.0", "computeType": "BUILD_GENERAL1_SMALL", "privilegedMode": True, "imagePullCredentialsType": "CODEBUILD", "environmentVariables": [{"name": "REPO", "value": f"{REGISTRY}/atelier/api", "type": "PLAINTEXT"}, {"name": "TOKEN", "value": "/atelier/mode", "type": "PARAMETER_STORE"}, {"name": "DB", "value": "atelier/db:password", "type": "SECRETS_MANAGER"}]}}
        build.create_project(name="image", source={"type": "CODEPIPELINE", "buildspec": spec_text}, artifacts={"type": "CODEPIPELINE"}, cache={"type": "LOCAL", "modes": ["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE"]}, logsConfig={"cloudWatchLogs": {"status": "ENABLED", "groupName": "/build/image", "streamName": "b"}}, **common)
        build.create_project(
            name="migrations",
            description="runs inside live's network",
            source={"type": "GITHUB", "location": "https://github.com/atelier-nord/api.git", "gitCloneDepth": 1, "reportBuildStatus": True, "buildspec": "ci/migrate.yml"},
            artifacts={"type": "S3", "location": self.artifacts, "path": "migrations", "packaging": "ZIP", "name": "out.zip", "encryptionDisabled": False},
            cache={"type": "S3", "location": f"{self.artifacts}/cache"},
            vpcConfig={"vpcId": self.live.vpc, "subnets": self.live.private, "securityGroupIds": [self.live.app]},
            timeoutInMinutes=15,
            queuedTimeoutInMinutes=60,
            encryptionKey=self.key,
            tags=lower({"Environment": "prd"}),
            **common,
        )
        build.create_webhook(projectName="migrations", filterGroups=[[{"type": "EVENT", "pattern": "PUSH,PULL_REQUEST_MERGED"}, {"type": "HEAD_REF", "pattern": "^refs/heads/(main|release/.*)$"}], [{"type": "COMMIT_MESSAGE", "pattern": "\\[ci\\]", "excludeMatchedPattern": False}]])
        connection = client("codestar-connections", HOME).create_connection(ConnectionName="github", ProviderType="GitHub")["ConnectionArn"]
        deploy.create_application(applicationName="atelier", computePlatform="ECS")
        deploy.create_deployment_group(
            applicationName="atelier",
            deploymentGroupName="live-api",
            serviceRoleArn=self.roles["deploy"],
            deploymentConfigName="CodeDeployDefault.ECSCanary10Percent5Minutes",
            deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            blueGreenDeploymentConfiguration={"terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 30}, "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0}},
            ecsServices=[{"clusterName": "atelier", "serviceName": "api"}],
            loadBalancerInfo={"targetGroupPairInfoList": [{"targetGroups": [{"name": "api-blue"}, {"name": "api-green"}], "prodTrafficRoute": {"listenerArns": [self.live.listener]}}]},
            autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]},
            alarmConfiguration={"enabled": True, "alarms": [{"name": "api-5xx"}], "ignorePollAlarmFailure": False},
        )
        source = {"name": "Source", "actions": [{"name": "Git", "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "CodeStarSourceConnection", "version": "1"}, "configuration": {"ConnectionArn": connection, "FullRepositoryId": "atelier-nord/api", "BranchName": "main", "OutputArtifactFormat": "CODE_ZIP"}, "outputArtifacts": [{"name": "code"}], "runOrder": 1}]}
        made = {"name": "Build", "actions": [{"name": "Image", "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"}, "configuration": {"ProjectName": "image", "EnvironmentVariables": json.dumps([{"name": "TAG", "value": "#{Source.CommitId}", "type": "PLAINTEXT"}])}, "inputArtifacts": [{"name": "code"}], "outputArtifacts": [{"name": "image"}], "runOrder": 1, "namespace": "BuildVariables"}]}
        ask = {"name": "Approve", "actions": [{"name": "Chef", "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"}, "configuration": {"NotificationArn": self.topics[HOME], "CustomData": "Est-ce prêt ? \"${version}\""}, "runOrder": 1}]}
        out = {"name": "Deploy", "actions": [{"name": "BlueGreen", "actionTypeId": {"category": "Deploy", "owner": "AWS", "provider": "CodeDeployToECS", "version": "1"}, "configuration": {"ApplicationName": "atelier", "DeploymentGroupName": "live-api", "TaskDefinitionTemplateArtifact": "image", "AppSpecTemplateArtifact": "image"}, "inputArtifacts": [{"name": "image"}], "runOrder": 1}]}
        store = {"type": "S3", "location": self.artifacts, "encryptionKey": {"id": self.key, "type": "KMS"}}
        pipes.create_pipeline(pipeline={"name": "live-api", "roleArn": self.roles["pipeline"], "artifactStore": store, "stages": [source, made, ask, out], "pipelineType": "V2", "executionMode": "QUEUED", "variables": [{"name": "version", "defaultValue": "latest", "description": "which"}], "triggers": [{"providerType": "CodeStarSourceConnection", "gitConfiguration": {"sourceActionName": "Git", "push": [{"branches": {"includes": ["main"]}, "filePaths": {"excludes": ["docs/**"]}}]}}]}, tags=lower({"Environment": "prd"}))
        rolling = {"name": "Deploy", "actions": [{"name": "Rolling", "actionTypeId": {"category": "Deploy", "owner": "AWS", "provider": "ECS", "version": "1"}, "configuration": {"ClusterName": "stg-atelier", "ServiceName": "stg-api", "FileName": "image.json"}, "inputArtifacts": [{"name": "image"}], "runOrder": 1}]}
        pipes.create_pipeline(pipeline={"name": "stg-api", "roleArn": self.roles["pipeline"], "artifactStore": {"type": "S3", "location": self.artifacts}, "stages": [source, made, rolling], "pipelineType": "V1"})

    def names(self):
        """Names of every kind and routing policy."""
        dns = client("route53", EDGE)
        zone = dns.create_hosted_zone(Name="atelier-nord.example", CallerReference="a1", HostedZoneConfig={"Comment": "\"the\" ${zone}"})["HostedZone"]["Id"].rsplit("/", 1)[1]
        inside = dns.create_hosted_zone(Name="corp.internal", CallerReference="a2", VPC={"VPCRegion": HOME, "VPCId": self.hub}, HostedZoneConfig={"Comment": "", "PrivateZone": True})["HostedZone"]["Id"].rsplit("/", 1)[1]
        for environment in (self.live, self.staging):
            dns.associate_vpc_with_hosted_zone(HostedZoneId=inside, VPC={"VPCRegion": HOME, "VPCId": environment.vpc})
        checks = {}
        for name, config in {
            "api": {"Type": "HTTPS", "FullyQualifiedDomainName": "api.atelier-nord.example", "Port": 443, "ResourcePath": "/health?deep=1", "RequestInterval": 10, "FailureThreshold": 2, "MeasureLatency": True, "EnableSNI": True, "Regions": ["eu-west-1", "us-east-1", "ap-southeast-1"]},
            "says ok": {"Type": "HTTP_STR_MATCH", "IPAddress": "203.0.113.40", "Port": 80, "ResourcePath": "/", "SearchString": '"ok": true', "RequestInterval": 30, "FailureThreshold": 3},
            "tcp": {"Type": "TCP", "IPAddress": "203.0.113.41", "Port": 5432, "RequestInterval": 30, "FailureThreshold": 3, "Disabled": True},
        }.items():
            checks[name] = dns.create_health_check(CallerReference=f"h-{name}", HealthCheckConfig=config)["HealthCheck"]["Id"]
            dns.change_tags_for_resource(ResourceType="healthcheck", ResourceId=checks[name], AddTags=tags({"Name": name}))
        both = dns.create_health_check(CallerReference="h-all", HealthCheckConfig={"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [checks["api"], checks["says ok"]]})["HealthCheck"]["Id"]
        dns.create_health_check(CallerReference="h-alarm", HealthCheckConfig={"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Region": HOME, "Name": "api-5xx"}, "InsufficientDataHealthStatus": "LastKnownStatus"})

        def record(name, kind, values=(), ttl=300, **more):
            if values:
                more |= {"TTL": ttl, "ResourceRecords": [{"Value": v} for v in values]}
            return {"Action": "CREATE", "ResourceRecordSet": {"Name": name, "Type": kind, **more}}

        def alias(name, balancer, kind="A", **more):
            return record(name, kind, AliasTarget={"HostedZoneId": balancer["CanonicalHostedZoneId"], "DNSName": balancer["DNSName"], "EvaluateTargetHealth": True}, **more)

        root = "atelier-nord.example"
        dns.change_resource_record_sets(
            HostedZoneId=zone,
            ChangeBatch={
                "Changes": [
                    alias(root, self.live.balancer),
                    alias(root, self.live.balancer, "AAAA"),
                    alias(f"stg.{root}", self.staging.balancer),
                    alias(f"dev.{root}", self.dev.balancer),
                    alias(f"\\052.preview.{root}", self.dev.balancer),
                    record(root, "MX", ["1 smtp.mail.example.", "5 alt.mail.example."]),
                    record(root, "TXT", ['"v=spf1 include:mail.example ~all"', '"with \\"quotes\\" and ; semicolon"']),
                    record(f"key1._domainkey.{root}", "TXT", ['"v=DKIM1; k=rsa; p=' + "A" * 220 + '" "' + "B" * 120 + '"']),
                    record(root, "CAA", ['0 issue "amazon.com"', '0 iodef "mailto:security@atelier-nord.example"']),
                    record(f"\\100weird.{root}", "TXT", ['"at"']),
                    record(f"api.{root}", "A", ["203.0.113.1"], 60, SetIdentifier="blue / 90%", Weight=90, HealthCheckId=checks["api"]),
                    record(f"api.{root}", "A", ["203.0.113.2"], 60, SetIdentifier="green", Weight=10),
                    record(f"img.{root}", "CNAME", ["eu.img.example."], 60, SetIdentifier="eu", Region="eu-west-1"),
                    record(f"img.{root}", "CNAME", ["us.img.example."], 60, SetIdentifier="us", Region="us-east-1"),
                    record(f"shop.{root}", "A", ["203.0.113.3"], 60, SetIdentifier="europe", GeoLocation={"ContinentCode": "EU"}),
                    record(f"shop.{root}", "A", ["203.0.113.4"], 60, SetIdentifier="ny", GeoLocation={"CountryCode": "US", "SubdivisionCode": "NY"}),
                    record(f"shop.{root}", "A", ["203.0.113.5"], 60, SetIdentifier="default", GeoLocation={"CountryCode": "*"}),
                    record(f"www.{root}", "A", ["203.0.113.6"], 60, SetIdentifier="primary", Failover="PRIMARY", HealthCheckId=both),
                    record(f"www.{root}", "A", ["203.0.113.7"], 60, SetIdentifier="secondary", Failover="SECONDARY"),
                    record(f"pool.{root}", "A", ["203.0.113.8"], 60, SetIdentifier="p1", MultiValueAnswer=True, HealthCheckId=checks["says ok"]),
                    record(f"pool.{root}", "A", ["203.0.113.9"], 60, SetIdentifier="p2", MultiValueAnswer=True),
                    record(f"_imaps._tcp.{root}", "SRV", ["10 1 993 mail.example."]),
                    record(f"clients.{root}", "NS", ["ns1.elsewhere.example.", "ns2.elsewhere.example."], 3600),
                ]
            },
        )
        dns.change_resource_record_sets(HostedZoneId=inside, ChangeBatch={"Changes": [record("jump.corp.internal", "A", ["10.0.0.9"]), record("db.corp.internal", "CNAME", ["a.b.rds.amazonaws.com"], 30)]})

    def watching(self):
        watch, logs = client("cloudwatch", HOME), client("logs", HOME)
        balancer = self.live.balancer["LoadBalancerArn"].split("loadbalancer/")[1]
        alarm = dict(EvaluationPeriods=3, Period=60, ComparisonOperator="GreaterThanThreshold", AlarmActions=[self.topics[HOME]])
        watch.put_metric_alarm(AlarmName="api-5xx", AlarmDescription="", Namespace="AWS/ApplicationELB", MetricName="HTTPCode_Target_5XX_Count", Statistic="Sum", Threshold=10.0, TreatMissingData="notBreaching", DatapointsToAlarm=2, Dimensions=[{"Name": "LoadBalancer", "Value": balancer}], OKActions=[self.topics[HOME]], Tags=tags({"Environment": "prd"}), **alarm)
        watch.put_metric_alarm(AlarmName='Paiements « échec » 🚨 ${env} "urgent"', AlarmDescription="line one\nline two with ${x}, %{y} and \\", Namespace="Atelier/Shop", MetricName="Failed Payments", ExtendedStatistic="p99.5", Threshold=0.25, Unit="Count", Tags=tags({"Empty": ""}), **alarm)
        ratio = [
            {"Id": "e1", "Expression": "IF(m2 > 0, 100 * m1 / m2, 0)", "Label": "errors in %", "ReturnData": True},
            *({"Id": i, "ReturnData": False, "MetricStat": {"Metric": {"Namespace": "AWS/ApplicationELB", "MetricName": m, "Dimensions": [{"Name": "LoadBalancer", "Value": balancer}]}, "Period": 300, "Stat": "Sum"}} for i, m in (("m1", "HTTPCode_Target_5XX_Count"), ("m2", "RequestCount"))),
        ]
        watch.put_metric_alarm(AlarmName="error-ratio", EvaluationPeriods=2, Threshold=1.0, ComparisonOperator="GreaterThanOrEqualToThreshold", Metrics=ratio)
        band = [{"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)", "ReturnData": True}, {"Id": "m1", "ReturnData": True, "MetricStat": {"Metric": {"Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Dimensions": [{"Name": "ClusterName", "Value": "atelier"}, {"Name": "ServiceName", "Value": "api"}]}, "Period": 300, "Stat": "Average"}}]
        watch.put_metric_alarm(AlarmName="cpu-unusual", EvaluationPeriods=3, ComparisonOperator="LessThanLowerOrGreaterThanUpperThreshold", ThresholdMetricId="ad1", Metrics=band)
        watch.put_composite_alarm(AlarmName="everything-is-wrong", AlarmRule='ALARM("api-5xx") AND (ALARM("error-ratio") OR NOT OK("cpu-unusual"))', AlarmActions=[self.topics[HOME]], ActionsEnabled=True)
        for name in ("stg-api-cpu", "stg-render-cpu", "stg-agent-cpu"):
            watch.put_metric_alarm(AlarmName=name, Namespace="AWS/ECS", MetricName="CPUUtilization", Statistic="Average", Threshold=90.0, Dimensions=[{"Name": "ClusterName", "Value": "stg-atelier"}, {"Name": "ServiceName", "Value": name[:-4]}], **alarm)
        board = {"widgets": [{"type": "metric", "x": 0, "y": 0, "width": 12, "height": 6, "properties": {"region": HOME, "title": "5xx « live » ${x}", "metrics": [["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", balancer]]}}, {"type": "text", "x": 12, "y": 0, "width": 6, "height": 3, "properties": {"markdown": "# Bonjour\n\"%{who}\""}}]}
        watch.put_dashboard(DashboardName="Live_Overview-2025", DashboardBody=json.dumps(board))
        logs.create_log_group(logGroupName="/build/image", logGroupClass="INFREQUENT_ACCESS", tags={"team": ""})
        logs.create_log_group(logGroupName="/clients/nord/2024/spring/landing-page", tags={"note": "a=b c/d"})
        logs.put_retention_policy(logGroupName="/build/image", retentionInDays=14)
        logs.put_metric_filter(logGroupName="/atelier/api", filterName="errors", filterPattern='{ ($.level = "error") && ($.path != "/health*") }', metricTransformations=[{"metricName": "Errors", "metricNamespace": "Atelier/Api", "metricValue": "1", "defaultValue": 0.0}])
        logs.put_metric_filter(logGroupName="/stg-atelier/api", filterName="slow", filterPattern='[ip, user, ..., ms > 1000]', metricTransformations=[{"metricName": "Slow", "metricNamespace": "Atelier/Api", "metricValue": "$ms", "dimensions": {"User": "$user"}}])
        lam = client("lambda", HOME)
        role = client("iam", EDGE).create_role(RoleName="stg-log-shipper", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))["Role"]["Arn"]
        import io
        import zipfile

        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.js", "exports.handler = async () => {}")
        ship = lam.create_function(FunctionName="stg-log-shipper", Runtime="nodejs20.x", Handler="index.handler", Role=role, Code={"ZipFile": code.getvalue()}, Environment={"Variables": {"TARGET": "https://logs.example/${stream}"}}, VpcConfig={"SubnetIds": self.staging.private, "SecurityGroupIds": [self.staging.app]})["FunctionArn"]
        lam.add_permission(FunctionName="stg-log-shipper", StatementId="logs", Action="lambda:InvokeFunction", Principal="logs.amazonaws.com", SourceArn=f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:/stg-atelier/api:*")
        logs.put_subscription_filter(logGroupName="/stg-atelier/api", filterName="to the shipper", filterPattern="?ERROR ?WARN", destinationArn=ship)

    def governance(self):
        trail, s3 = client("cloudtrail", HOME), client("s3", HOME)
        s3.put_bucket_policy(Bucket=self.logs, Policy=document({"Sid": "trail", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{self.logs}/trail/AWSLogs/{ACCOUNT}/*"}, {"Sid": "look", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{self.logs}"}))
        trail.create_trail(Name="all", S3BucketName=self.logs, S3KeyPrefix="trail", IsMultiRegionTrail=True, EnableLogFileValidation=True, IncludeGlobalServiceEvents=True)
        trail.start_logging(Name="all")
        trail.put_event_selectors(
            TrailName="all",
            AdvancedEventSelectors=[
                {"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com", "rdsdata.amazonaws.com"]}]},
                {"Name": "writes to settings", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}, {"Field": "resources.ARN", "StartsWith": [f"arn:aws:s3:::{self.settings}/"]}, {"Field": "readOnly", "Equals": ["false"]}]},
            ],
        )
        config = client("config", HOME)
        config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": self.roles["config"], "recordingGroup": {"allSupported": False, "includeGlobalResourceTypes": False, "resourceTypes": ["AWS::ECS::Service", "AWS::EC2::SecurityGroup"]}})
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": self.logs, "s3KeyPrefix": "config", "snsTopicARN": self.topics[HOME], "configSnapshotDeliveryProperties": {"deliveryFrequency": "Six_Hours"}})
        config.start_configuration_recorder(ConfigurationRecorderName="default")
        for name, identifier, parameters in (("root mfa", "ROOT_ACCOUNT_MFA_ENABLED", None), ("ports/open", "RESTRICTED_INCOMING_TRAFFIC", {"blockedPort1": "22", "blockedPort2": "3389"})):
            config.put_config_rule(ConfigRule={"ConfigRuleName": name.replace(" ", "-").replace("/", "_"), "Source": {"Owner": "AWS", "SourceIdentifier": identifier}, **({"InputParameters": json.dumps(parameters)} if parameters else {})})
        for region in (HOME, EDGE):
            client("guardduty", region).create_detector(Enable=True, FindingPublishingFrequency="SIX_HOURS")
        client("securityhub", HOME).enable_security_hub(EnableDefaultStandards=False, Tags={"team": ""})
        budgets = client("budgets", EDGE)
        budgets.create_budget(
            AccountId=ACCOUNT,
            Budget={"BudgetName": "Monat / \"alles\" ${2025}", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": "1500", "Unit": "USD"}, "CostFilters": {"Region": [HOME, EDGE], "TagKeyValue": ["user:Environment$prd"]}, "CostTypes": {"IncludeCredit": False, "IncludeRefund": False}, "TimePeriod": {"Start": 1735689600, "End": 3706473600}},
            NotificationsWithSubscribers=[
                {"Notification": {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80, "ThresholdType": "PERCENTAGE"}, "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "chef@atelier-nord.example"}]},
                {"Notification": {"NotificationType": "FORECASTED", "ComparisonOperator": "GREATER_THAN", "Threshold": 1600, "ThresholdType": "ABSOLUTE_VALUE"}, "Subscribers": [{"SubscriptionType": "SNS", "Address": self.topics[EDGE]}]},
            ],
        )

    def operations(self):
        ssm = client("ssm", HOME)
        content = {"schemaVersion": "2.2", "description": "restart « le » service", "parameters": {"name": {"type": "String", "default": "api"}}, "mainSteps": [{"action": "aws:runShellScript", "name": "restart", "inputs": {"runCommand": ["systemctl restart {{ name }} \"${HOME}\" %{x}"]}}]}
        ssm.create_document(Name="restart-service", DocumentType="Command", DocumentFormat="JSON", Content=json.dumps(content), TargetType="/AWS::EC2::Instance")
        automation = "schemaVersion: '0.3'\ndescription: stop dev at night\nmainSteps:\n  - name: stop\n    action: aws:executeAwsApi\n    inputs:\n      Service: ecs\n      Api: UpdateService\n      cluster: '${cluster}'\n"
        ssm.create_document(Name="dev-night", DocumentType="Automation", DocumentFormat="YAML", Content=automation)
        window = ssm.create_maintenance_window(Name="patches", Schedule="cron(0 4 ? * SUN *)", ScheduleTimezone="Europe/Paris", Duration=2, Cutoff=1, AllowUnassociatedTargets=True)["WindowId"]
        target = ssm.register_target_with_maintenance_window(WindowId=window, ResourceType="INSTANCE", Targets=[{"Key": "tag:Name", "Values": ["jump"]}], Name="jump", OwnerInformation="")["WindowTargetId"]
        ssm.register_task_with_maintenance_window(WindowId=window, Targets=[{"Key": "WindowTargetIds", "Values": [target]}], TaskArn="AWS-RunPatchBaseline", TaskType="RUN_COMMAND", MaxConcurrency="1", MaxErrors="1", Priority=1, TaskInvocationParameters={"RunCommand": {"Parameters": {"Operation": ["Install"]}, "TimeoutSeconds": 600}}, Name="patch")
        baseline = ssm.create_patch_baseline(Name="amazon-linux", OperatingSystem="AMAZON_LINUX_2023", Description="a week late", ApprovalRules={"PatchRules": [{"PatchFilterGroup": {"PatchFilters": [{"Key": "CLASSIFICATION", "Values": ["Security"]}, {"Key": "SEVERITY", "Values": ["Critical", "Important"]}]}, "ApproveAfterDays": 7, "ComplianceLevel": "HIGH"}]}, ApprovedPatches=["kernel-6.1*"])["BaselineId"]
        ssm.register_patch_baseline_for_patch_group(BaselineId=baseline, PatchGroup="jump")
        backup = client("backup", HOME)
        backup.create_backup_vault(BackupVaultName="live", EncryptionKeyArn=self.key, BackupVaultTags={"Environment": "prd"})
        plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "live-daily", "Rules": [{"RuleName": "daily", "TargetBackupVaultName": "live", "ScheduleExpression": "cron(0 3 ? * * *)", "StartWindowMinutes": 60, "CompletionWindowMinutes": 180, "Lifecycle": {"DeleteAfterDays": 35}}]})["BackupPlanId"]
        backup.create_backup_selection(BackupPlanId=plan, BackupSelection={"SelectionName": "by-tag", "IamRoleArn": self.roles["backup"], "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "Environment", "ConditionValue": "prd"}]})
        groups = client("resource-groups", HOME)
        groups.create_group(Name="live-things", ResourceQuery={"Type": "TAG_FILTERS_1_0", "Query": json.dumps({"ResourceTypeFilters": ["AWS::AllSupported"], "TagFilters": [{"Key": "Environment", "Values": ["prd"]}]})}, Tags={"Environment": "prd"})

    def others(self):
        """What stacks and orchestrators own, and what must be left alone."""
        template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "from-a-stack"}}, "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "from-a-stack"}}}}
        client("cloudformation", HOME).create_stack(StackName="legacy-mailer", TemplateBody=json.dumps(template), Tags=tags({"Environment": "prd"}))
        ec2 = client("ec2", HOME)
        ec2.create_security_group(GroupName="k8s-elb-a1b2", Description="Security group for Kubernetes ELB", VpcId=self.dev.vpc, TagSpecifications=spec("security-group", {"kubernetes.io/cluster/dev": "owned"}))
        ec2.create_security_group(GroupName="awseb-e-abc", Description="SecurityGroup for ElasticBeanstalk environment.", VpcId=self.dev.vpc, TagSpecifications=spec("security-group", {"elasticbeanstalk:environment-name": "old-site", "elasticbeanstalk:environment-id": "e-abc1234567"}))
        ec2.create_volume(AvailabilityZone=HOME + "a", Size=10, VolumeType="gp3", TagSpecifications=spec("volume", {"kubernetes.io/created-for/pvc/name": "data", "kubernetes.io/cluster/dev": "owned"}))
        ec2.create_volume(AvailabilityZone=HOME + "b", Size=20, VolumeType="gp2", TagSpecifications=spec("volume", {"Name": "dev-scratch", "Environment": "prd"}))  # the name says dev, the tag says live


def forgotten():
    """An experiment in another region, and what the edge needs there."""
    ec2 = client("ec2", EDGE)
    vpc = ec2.create_vpc(CidrBlock="10.99.0.0/16", TagSpecifications=spec("vpc", {"Name": "poc"}))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.99.1.0/24", AvailabilityZone=EDGE + "a", TagSpecifications=spec("subnet", {"Name": "public-a"}))["Subnet"]["SubnetId"]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2.run_instances(ImageId=image, InstanceType="t3.large", MinCount=1, MaxCount=1, SubnetId=subnet, TagSpecifications=spec("instance", {"Name": "gpt-test (do not delete!)"}))
    acm = client("acm", EDGE)
    acm.request_certificate(DomainName="atelier-nord.example", SubjectAlternativeNames=["*.atelier-nord.example"], ValidationMethod="DNS")
    client("logs", EDGE).create_log_group(logGroupName="/build/image")
    client("cloudwatch", EDGE).put_metric_alarm(AlarmName="api-5xx", Namespace="AWS/CloudFront", MetricName="5xxErrorRate", Statistic="Average", Period=300, EvaluationPeriods=2, Threshold=5.0, ComparisonOperator="GreaterThanThreshold", Dimensions=[{"Name": "DistributionId", "Value": "E1EXAMPLE"}, {"Name": "Region", "Value": "Global"}], AlarmActions=[f"arn:aws:sns:{EDGE}:{ACCOUNT}:alerts"])


if __name__ == "__main__":
    main()
