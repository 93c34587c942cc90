#!/usr/bin/env python3
"""A small company's modular monolith, built to cost little: a static site behind CloudFront, an HTTP API that reaches Fargate tasks
in public subnets through Cloud Map, PostgreSQL in private subnets, migrations by CodePipeline and CodeBuild, parameters in
Parameter Store, an X-Ray sidecar.  All by hand, no Terraform.
"""

import json

from session import ACCOUNT, at, client, control, figures, secrets, spec, tags

REGION = "ap-southeast-2"
ANY = "0.0.0.0/0"
NAME = "monolith"
SECRETS = secrets("costwise")
OURS = {"Project": NAME, "Environment": "prod"}


def main():
    at("2025-09-01")
    control("ids", {"cloudfront": [["E1COSTWISE7SITE", "d3monolith0site.cloudfront.net"]]})
    control("history", {"database_host": "cbn4k2tz0wqe"})
    network = Network()
    roles = Roles()
    at("2025-09-02")
    database(network)
    parameters()
    at("2025-09-03")
    backend(network, roles)
    at("2025-09-05")
    frontend()
    pipelines(network, roles)
    at("2026-01-20T07:30:00")


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def lower(given):
    return [{"key": k, "value": v} for k, v in given.items()]


class Network:
    """Two zones; public subnets for the tasks, private ones for the database and the migrations; no NAT gateway, for the money."""

    def __init__(self):
        self.ec2 = ec2 = client("ec2", REGION)
        named = lambda kind, name: spec(kind, {"Name": f"{NAME}-{name}", **OURS})
        self.vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16", TagSpecifications=named("vpc", "vpc"))["Vpc"]["VpcId"]
        ec2.modify_vpc_attribute(VpcId=self.vpc, EnableDnsHostnames={"Value": True})
        gateway = ec2.create_internet_gateway(TagSpecifications=named("internet-gateway", "igw"))["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        self.public, self.private = [], []
        for n, (tier, zone) in enumerate((t, z) for t in ("public", "private") for z in "ab"):
            subnet = ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.40.{n}.0/24", AvailabilityZone=REGION + zone, TagSpecifications=named("subnet", f"{tier}-{zone}"))["Subnet"]["SubnetId"]
            (self.public if tier == "public" else self.private).append(subnet)
        for tier, subnets in (("public", self.public), ("private", self.private)):
            table = ec2.create_route_table(VpcId=self.vpc, TagSpecifications=named("route-table", tier))["RouteTable"]["RouteTableId"]
            for subnet in subnets:
                ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
            if tier == "public":
                ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANY, GatewayId=gateway)
            else:
                ec2.create_vpc_endpoint(VpcId=self.vpc, ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway", RouteTableIds=[table], TagSpecifications=named("vpc-endpoint", "s3"))
        self.link = self.group("vpc-link", "HTTP API to tasks")
        self.tasks = self.group("tasks", "Fargate tasks", [(8080, self.link)])
        self.allow(self.tasks, 8080, self.tasks)
        self.builds = self.group("migrations", "CodeBuild")
        self.endpoints = self.group("endpoints", "interface endpoints", [(443, self.builds)])
        self.database = self.group("db", "PostgreSQL", [(5432, self.tasks), (5432, self.builds)])
        # What a build without a way out needs: its logs and its parameters.
        for service in ("logs", "ssm"):
            name = f"com.amazonaws.{REGION}.{service}"
            endpoint = ec2.create_vpc_endpoint(
                VpcId=self.vpc,
                ServiceName=name,
                VpcEndpointType="Interface",
                SubnetIds=[self.private[0]],
                SecurityGroupIds=[self.endpoints],
                PrivateDnsEnabled=True,
                TagSpecifications=named("vpc-endpoint", service),
            )["VpcEndpoint"]["VpcEndpointId"]
            if service == "logs":  # no build has read a parameter for a month
                figures(REGION, "AWS/PrivateLinkEndpoints", {"Endpoint Type": "Interface", "Service Name": name, "VPC Endpoint Id": endpoint, "VPC Id": self.vpc}, {"BytesProcessed": 4_000_000})

    def group(self, name, description, rules=()):
        group = self.ec2.create_security_group(GroupName=f"{NAME}-{name}", Description=description, VpcId=self.vpc, TagSpecifications=spec("security-group", {"Name": f"{NAME}-{name}", **OURS}))["GroupId"]
        for port, source in rules:
            self.allow(group, port, source)
        return group

    def allow(self, group, port, source):
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{"GroupId": source}]}])


class Roles:
    def __init__(self):
        self.iam = client("iam", "us-east-1")
        parameters = {"Effect": "Allow", "Action": ["ssm:GetParameters", "ssm:GetParameter"], "Resource": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{NAME}/prod/*"}
        self.execution = self.role("execution", "ecs-tasks", ["service-role/AmazonECSTaskExecutionRolePolicy"], [parameters])
        self.task = self.role("task", "ecs-tasks", ["AWSXRayDaemonWriteAccess"])
        logs = {"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/codebuild/{NAME}-*"}
        artifacts = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], "Resource": f"arn:aws:s3:::{NAME}-artifacts-{ACCOUNT}/*"}
        network = {"Effect": "Allow", "Action": ["ec2:CreateNetworkInterface", "ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs", "ec2:CreateNetworkInterfacePermission"], "Resource": "*"}
        site = {"Effect": "Allow", "Action": ["s3:PutObject", "s3:DeleteObject", "s3:ListBucket"], "Resource": [f"arn:aws:s3:::{NAME}-site-{ACCOUNT}", f"arn:aws:s3:::{NAME}-site-{ACCOUNT}/*"]}
        invalidate = {"Effect": "Allow", "Action": "cloudfront:CreateInvalidation", "Resource": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1COSTWISE7SITE"}
        self.build = self.role("codebuild", "codebuild", [], [logs, artifacts, network, parameters, site, invalidate])
        start = {"Effect": "Allow", "Action": ["codebuild:StartBuild", "codebuild:BatchGetBuilds"], "Resource": f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{NAME}-*"}
        self.pipeline = self.role("codepipeline", "codepipeline", [], [artifacts, start])

    def role(self, name, service, managed, statements=()):
        name = f"{NAME}-{name}"
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document({"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}), Tags=tags(OURS))["Role"]["Arn"]
        for policy in managed:
            self.iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
        return arn


def database(network):
    rds = client("rds", REGION)
    rds.create_db_subnet_group(DBSubnetGroupName=f"{NAME}-db", DBSubnetGroupDescription="private subnets", SubnetIds=network.private, Tags=tags(OURS))
    rds.create_db_instance(
        DBInstanceIdentifier=f"{NAME}-db",
        DBName=NAME,
        Engine="postgres",
        EngineVersion="16.3",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        StorageType="gp3",
        StorageEncrypted=True,
        MasterUsername="app",
        MasterUserPassword=SECRETS["database"],
        DBSubnetGroupName=f"{NAME}-db",
        VpcSecurityGroupIds=[network.database],
        PubliclyAccessible=False,
        MultiAZ=False,
        BackupRetentionPeriod=7,
        PreferredBackupWindow="16:00-16:30",
        PreferredMaintenanceWindow="sun:17:00-sun:17:30",
        AutoMinorVersionUpgrade=True,
        CopyTagsToSnapshot=True,
        DeletionProtection=False,
        Tags=tags(OURS),
    )


def parameters():
    ssm = client("ssm", REGION)
    host = f"{NAME}-db.cbn4k2tz0wqe.{REGION}.rds.amazonaws.com"
    for name, kind, value in [
        ("db/url", "String", f"jdbc:postgresql://{host}:5432/{NAME}"),
        ("db/user", "String", "app"),
        ("db/password", "SecureString", SECRETS["database"]),
        ("jwt/key", "SecureString", SECRETS["jwt"]),
    ]:
        ssm.put_parameter(Name=f"/{NAME}/prod/{name}", Type=kind, Value=value, Tags=tags(OURS))


def backend(network, roles):
    """One service, small tasks with a tracing sidecar, found through Cloud Map by the HTTP API and by each other."""
    registry = client("ecr", REGION)
    registry.create_repository(repositoryName=f"{NAME}/core", tags=tags(OURS))
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 5120, "digest": "sha256:" + "c0" * 32}, "layers": []}
    registry.put_image(repositoryName=f"{NAME}/core", imageManifest=json.dumps(manifest), imageTag="2026.01.3")
    names = client("servicediscovery", REGION)
    names.create_private_dns_namespace(Name=f"{NAME}.internal", Vpc=network.vpc, Description="services of the monolith", Tags=tags(OURS))
    namespace = names.list_namespaces()["Namespaces"][0]["Id"]
    found = names.create_service(
        Name="core",
        NamespaceId=namespace,
        DnsConfig={"RoutingPolicy": "MULTIVALUE", "DnsRecords": [{"Type": "SRV", "TTL": 10}]},
        HealthCheckCustomConfig={"FailureThreshold": 1},
        Tags=tags(OURS),
    )["Service"]
    client("logs", REGION).create_log_group(logGroupName=f"/ecs/{NAME}-core", tags=OURS)
    ecs = client("ecs", REGION)
    ecs.create_cluster(clusterName=NAME, tags=lower(OURS), settings=[{"name": "containerInsights", "value": "disabled"}], capacityProviders=["FARGATE", "FARGATE_SPOT"], defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1, "base": 1}])
    logging = lambda prefix: {"logDriver": "awslogs", "options": {"awslogs-group": f"/ecs/{NAME}-core", "awslogs-region": REGION, "awslogs-stream-prefix": prefix}}
    parameter = lambda name: f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{NAME}/prod/{name}"
    task = ecs.register_task_definition(
        family=f"{NAME}-core",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        executionRoleArn=roles.execution,
        taskRoleArn=roles.task,
        containerDefinitions=[
            {
                "name": "core",
                "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{NAME}/core:2026.01.3",
                "essential": True,
                "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
                "environment": [{"name": "AWS_XRAY_DAEMON_ADDRESS", "value": "localhost:2000"}],
                "secrets": [{"name": n, "valueFrom": parameter(p)} for n, p in [("DB_URL", "db/url"), ("DB_USER", "db/user"), ("DB_PASSWORD", "db/password"), ("JWT_KEY", "jwt/key")]],
                "logConfiguration": logging("core"),
            },
            {
                "name": "xray",
                "image": "public.ecr.aws/xray/aws-xray-daemon:latest",
                "essential": False,
                "cpu": 32,
                "memoryReservation": 64,
                "portMappings": [{"containerPort": 2000, "hostPort": 2000, "protocol": "udp"}],
                "logConfiguration": logging("xray"),
            },
        ],
        tags=lower(OURS),
    )["taskDefinition"]["taskDefinitionArn"]
    ecs.create_service(
        cluster=NAME,
        serviceName="core",
        taskDefinition=task,
        desiredCount=1,
        launchType="FARGATE",
        platformVersion="LATEST",
        networkConfiguration={"awsvpcConfiguration": {"subnets": network.public, "securityGroups": [network.tasks], "assignPublicIp": "ENABLED"}},
        serviceRegistries=[{"registryArn": found["Arn"], "containerName": "core", "containerPort": 8080}],
        deploymentConfiguration={"maximumPercent": 200, "minimumHealthyPercent": 100, "deploymentCircuitBreaker": {"enable": False, "rollback": False}},
        schedulingStrategy="REPLICA",
        deploymentController={"type": "ECS"},
        tags=lower(OURS),
    )
    scaling = client("application-autoscaling", REGION)
    whole = {"ServiceNamespace": "ecs", "ResourceId": f"service/{NAME}/core", "ScalableDimension": "ecs:service:DesiredCount"}
    scaling.register_scalable_target(**whole, MinCapacity=1, MaxCapacity=4)
    scaling.put_scaling_policy(
        **whole,
        PolicyName=f"{NAME}-core-cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 60.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, "ScaleInCooldown": 300, "ScaleOutCooldown": 60},
    )
    gateway = client("apigatewayv2", REGION)
    api = gateway.create_api(Name=NAME, ProtocolType="HTTP", Tags=OURS)["ApiId"]
    link = gateway.create_vpc_link(Name=NAME, SubnetIds=network.public, SecurityGroupIds=[network.link], Tags=OURS)["VpcLinkId"]
    integration = gateway.create_integration(
        ApiId=api, IntegrationType="HTTP_PROXY", IntegrationMethod="ANY", IntegrationUri=found["Arn"], ConnectionType="VPC_LINK", ConnectionId=link, PayloadFormatVersion="1.0", TimeoutInMillis=30000
    )["IntegrationId"]
    gateway.create_route(ApiId=api, RouteKey="ANY /{proxy+}", Target=f"integrations/{integration}", AuthorizationType="NONE")
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True, Tags=OURS)


def frontend():
    s3 = client("s3", REGION)
    site = f"{NAME}-site-{ACCOUNT}"
    bucket(s3, site)
    cloudfront = client("cloudfront", "us-east-1")
    control_id = cloudfront.create_origin_access_control(OriginAccessControlConfig={"Name": site, "Description": "", "SigningProtocol": "sigv4", "SigningBehavior": "always", "OriginAccessControlOriginType": "s3"})["OriginAccessControl"]["Id"]
    made = cloudfront.create_distribution_with_tags(
        DistributionConfigWithTags={
            "Tags": {"Items": tags(OURS)},
            "DistributionConfig": {
                "CallerReference": NAME,
                "Comment": "site of the monolith",
                "Enabled": True,
                "DefaultRootObject": "index.html",
                "HttpVersion": "http2",
                "IsIPV6Enabled": True,
                "PriceClass": "PriceClass_200",
                "Origins": {
                    "Quantity": 1,
                    "Items": [
                        {
                            "Id": site,
                            "DomainName": f"{site}.s3.{REGION}.amazonaws.com",
                            "OriginPath": "",
                            "CustomHeaders": {"Quantity": 0},
                            "S3OriginConfig": {"OriginAccessIdentity": ""},
                            "OriginAccessControlId": control_id,
                            "ConnectionAttempts": 3,
                            "ConnectionTimeout": 10,
                            "OriginShield": {"Enabled": False},
                        }
                    ],
                },
                "DefaultCacheBehavior": {
                    "TargetOriginId": site,
                    "ViewerProtocolPolicy": "redirect-to-https",
                    "AllowedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"], "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]}},
                    "Compress": True,
                    "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
                },
                "CustomErrorResponses": {"Quantity": 1, "Items": [{"ErrorCode": 404, "ResponsePagePath": "/404.html", "ResponseCode": "404", "ErrorCachingMinTTL": 60}]},
                "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
                "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
                "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
                "Aliases": {"Quantity": 0},
                "WebACLId": "",
            },
        }
    )["Distribution"]["ARN"]
    s3.put_bucket_policy(
        Bucket=site,
        Policy=document({"Sid": "AllowCloudFrontServicePrincipal", "Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{site}/*", "Condition": {"StringEquals": {"AWS:SourceArn": made}}}),
    )


def bucket(s3, name):
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}, ObjectOwnership="BucketOwnerEnforced")
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]})
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags(OURS)})


def pipelines(network, roles):
    """Both pipelines: the site into its bucket, the migrations (Liquibase) into the database."""
    artifacts = f"{NAME}-artifacts-{ACCOUNT}"
    bucket(client("s3", REGION), artifacts)
    builds, deliver = client("codebuild", REGION), client("codepipeline", REGION)
    connection = f"arn:aws:codestar-connections:{REGION}:{ACCOUNT}:connection/8d1f6a6e-3c52-4b8e-9c0a-2f1f7b7f5a10"
    for name, size, inside, variables in [
        ("site", "BUILD_GENERAL1_SMALL", False, [{"name": "DISTRIBUTION", "value": "E1COSTWISE7SITE", "type": "PLAINTEXT"}]),
        ("migrations", "BUILD_GENERAL1_MEDIUM", True, [{"name": "DB_PASSWORD", "value": f"/{NAME}/prod/db/password", "type": "PARAMETER_STORE"}, {"name": "DB_URL", "value": f"/{NAME}/prod/db/url", "type": "PARAMETER_STORE"}]),
    ]:
        project = {
            "name": f"{NAME}-{name}",
            "description": "npm run build, sync, invalidate" if name == "site" else "liquibase update",
            "source": {"type": "CODEPIPELINE", "buildspec": f"{name}/buildspec.yml", "insecureSsl": False},
            "artifacts": {"type": "CODEPIPELINE", "name": f"{NAME}-{name}", "packaging": "NONE", "encryptionDisabled": False},
            "cache": {"type": "NO_CACHE"},
            "environment": {"type": "LINUX_CONTAINER", "image": "aws/codebuild/amazonlinux2-x86_64-standard:5.0", "computeType": size, "environmentVariables": variables, "privilegedMode": False, "imagePullCredentialsType": "CODEBUILD"},
            "serviceRole": roles.build,
            "timeoutInMinutes": 30,
            "queuedTimeoutInMinutes": 480,
            "logsConfig": {"cloudWatchLogs": {"status": "ENABLED"}, "s3Logs": {"status": "DISABLED", "encryptionDisabled": False}},
            "tags": lower(OURS),
        }
        if inside:
            project["vpcConfig"] = {"vpcId": network.vpc, "subnets": network.private, "securityGroupIds": [network.builds]}
        builds.create_project(**project)
        action = lambda category, provider, owner, configuration, **more: {
            "name": category,
            "actionTypeId": {"category": category, "owner": owner, "provider": provider, "version": "1"},
            "runOrder": 1,
            "configuration": configuration,
            "inputArtifacts": [],
            "outputArtifacts": [],
            **more,
        }
        deliver.create_pipeline(
            pipeline={
                "name": f"{NAME}-{name}",
                "roleArn": roles.pipeline,
                "artifactStore": {"type": "S3", "location": artifacts},
                "stages": [
                    {
                        "name": "Source",
                        "actions": [
                            action("Source", "CodeStarSourceConnection", "AWS", {"ConnectionArn": connection, "FullRepositoryId": "monolith/app", "BranchName": "main", "OutputArtifactFormat": "CODE_ZIP"}, outputArtifacts=[{"name": "source"}])
                        ],
                    },
                    {"name": "Build", "actions": [action("Build", "CodeBuild", "AWS", {"ProjectName": f"{NAME}-{name}"}, inputArtifacts=[{"name": "source"}])]},
                ],
                "version": 1,
                "executionMode": "SUPERSEDED",
                "pipelineType": "V1",
            },
            tags=lower(OURS),
        )


if __name__ == "__main__":
    main()
