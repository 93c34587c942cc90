#!/usr/bin/env python3
"""The account of a sports application's company, built by hand in the console between November 2024 and January 2026.

Writes to the simulator that AWS_ENDPOINT_URL names.  Everything in it is invented or public; the secrets are listed in
secrets_exo.txt.  The ids are those of the hand-written inventory that such teams keep.
"""

import base64
import io
import json
import os
import zipfile
from datetime import datetime, timezone

from session import ACCOUNT, at, client, control, figures, spec, tags

REGION = "eu-west-3"
ANY = "0.0.0.0/0"
OFFICE = "90.85.12.34/32"
SECRET = dict(
    zip(
        ["database", "staging", "key_id", "key", "stripe", "jwt", "pepper", "github"],
        open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "secrets_exo.txt")).read().split(),
    )
)
UBUNTU_22 = "ami-00c71bd4d220aa22a"  # Canonical, ubuntu-jammy-22.04-amd64-server, eu-west-3
UBUNTU_20 = "ami-0ff6b3bd2ca2b5d5f"  # Canonical, ubuntu-focal-20.04-amd64-server, eu-west-3
AMAZON_2023 = "ami-0f4ac87a0c33e6f83"  # Amazon, al2023-ami-2023, eu-west-3


def main():
    client("ec2", "us-east-1").describe_vpcs()  # moto makes this region's default VPC first, whatever is asked: let it have its own ids
    at("2024-11-04T08:12:31")
    control(
        "ids",
        {
            "vpc": ["0f6dd0416f20f7f61"],
            "subnet": ["009d1ee5f227644f8", "0dc1629ff8b0257fd", "03777b0b26ea33a46"],
            "sg": ["08829f29de4df6b01", "00ef9244ed42e3ad6"],
            "i": ["084fd3a30248d0339", "0de04ffa4cc00347f", "07e08c6a82611429f", "0207e58a5e6ce9fc6", "0c098549052fd4169"],
            "cloudfront": [["EQWVJ3TLARMOE", "d2bm1ree0vlja.cloudfront.net"], ["E2J3J454YAQM95", "d1loidm5hp5ftw.cloudfront.net"]],
            "webacl": ["21373ab1-2ecf-4e6f-b72e-d2c6a6ad9b46"],
            "lb": [["521273486"]],
        },
    )
    control("history", {"database_host": "cva40442smrk"})
    keys = Keys()
    network = Network()
    people = People()
    certificates = Certificates()
    storage = Storage()
    compute = Compute(network, people)
    database = Database(network, people)
    balancer = Balancer(network, compute)
    messaging = Messaging(people)
    functions = Functions(people, messaging, storage)
    Edge(storage, balancer, certificates)
    Observability(storage, messaging, functions, compute, database)
    Configuration(keys)
    at("2026-01-20T07:30:00")
    history(people)



class Network:
    """The default VPC, used as it came, and the security groups that the launch wizard leaves behind."""

    def __init__(self):
        self.ec2 = ec2 = client("ec2", REGION)
        self.vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        subnets = sorted(ec2.describe_subnets()["Subnets"], key=lambda s: s["AvailabilityZone"])
        self.subnets = [s["SubnetId"] for s in subnets]
        assert self.vpc == "vpc-0f6dd0416f20f7f61" and self.subnets[0] == "subnet-009d1ee5f227644f8", (self.vpc, subnets)
        for subnet in self.subnets:
            ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        table = ec2.describe_route_tables()["RouteTables"][0]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANY, GatewayId=gateway)
        ec2.create_tags(Resources=[self.vpc], Tags=tags({"Name": "exo-vpc (défaut)"}))
        self.default = next(g["GroupId"] for g in ec2.describe_security_groups()["SecurityGroups"] if g["GroupName"] == "default")
        # AWS's default group lets its members talk to each other; moto's does not.
        self.allow(self.default, None, self.default)
        self.groups()

    def group(self, name, description, named=None, rules=()):
        group = self.ec2.create_security_group(GroupName=name, Description=description, VpcId=self.vpc, TagSpecifications=spec("security-group", named or {}))["GroupId"]
        for rule in rules:
            self.allow(group, *rule)
        return group

    def allow(self, group, port, source, description=None, protocol="tcp"):
        """One rule; `port` is a number, a pair or None (all), `source` a CIDR or a group."""
        low, high = port if isinstance(port, tuple) else (port, port)
        permission = {"IpProtocol": protocol if port is not None else "-1"}
        if port is not None:
            permission.update(FromPort=low, ToPort=high)
        end = {"Description": description} if description else {}
        if source.startswith("sg-"):
            permission["UserIdGroupPairs"] = [{"GroupId": source, **end}]
        elif ":" in source:
            permission["Ipv6Ranges"] = [{"CidrIpv6": source, **end}]
        else:
            permission["IpRanges"] = [{"CidrIp": source, **end}]
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])

    def groups(self):
        self.live = self.group(
            "exo-live",
            "exo-live API",
            {"Name": "exo-live", "Environment": "live"},
            [(22, ANY, "SSH ${office} (Paris)"), (80, ANY), (443, ANY), (443, "::/0"), (3000, ANY, "node API")],
        )
        self.allow(self.live, None, self.live, "members talk to each other")
        at("2024-11-08")
        self.backsite = self.group("launch-wizard-1", "launch-wizard-1 created 2024-11-08T09:14:22.118Z", None, [(22, ANY), (80, ANY), (443, ANY)])
        self.staging = self.group("launch-wizard-2", "launch-wizard-2 created 2024-11-11T13:02:51.004Z", None, [(22, ANY), ((3000, 3010), ANY), (5432, ANY, "debug, a fermer!")])
        self.redis = self.group("launch-wizard-3", "launch-wizard-3 created 2024-11-20T16:44:09.771Z", {"Name": "redis + node"}, [(22, ANY), (6379, ANY)])
        self.metabase = self.group("launch-wizard-4", "launch-wizard-4 created 2025-02-03T08:20:10.500Z", None, [(22, OFFICE, "bureau"), (3000, ANY, "Metabase (public)")])
        self.balancer = self.group("exo alb", "load balancer of the API", {"Name": "Exo ALB", "Environment": "live"}, [(80, ANY), (443, ANY)])
        self.allow(self.live, 3000, self.balancer, "from the load balancer")
        # The console's "connect an EC2 compute resource" makes such a pair: each names the other.
        at("2025-01-15")
        self.to_database = self.group("ec2-rds-1", "Security group attached to instances to securely connect to exo-live. Modification could lead to connection loss.")
        self.database = self.group(
            "rds-ec2-1",
            "Security group attached to exo-live to allow EC2 instances with specific security groups attached to connect to the database. Modification could lead to connection loss.",
        )
        self.allow(self.database, 5432, self.to_database, "Rule to allow connections from EC2 instances with ec2-rds-1 attached")
        self.ec2.revoke_security_group_egress(GroupId=self.to_database, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANY}]}])
        self.ec2.authorize_security_group_egress(
            GroupId=self.to_database,
            IpPermissions=[{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": self.database, "Description": "Rule to allow connections to exo-live"}]}],
        )
        self.database_open = self.group("exo-rds-public", "postgres from everywhere (Sardi, Rizky at home)", {"Name": "exo rds public"}, [(5432, ANY, "TODO: remove")])
        self.unused = self.group("old-bastion", "bastion, stopped in december", {"Name": "old bastion"}, [(22, ANY), (3389, ANY)])


class People:
    """Users with console passwords and old keys, administrators by habit, roles for machines."""

    def __init__(self):
        self.iam = iam = client("iam", "us-east-1")
        admin = "arn:aws:iam::aws:policy/AdministratorAccess"
        iam.create_account_alias(AccountAlias="exo-dev")
        self.keys = {}
        iam.create_group(GroupName="Developers")
        iam.attach_group_policy(GroupName="Developers", PolicyArn="arn:aws:iam::aws:policy/PowerUserAccess")
        iam.put_group_policy(
            GroupName="Developers",
            PolicyName="pass any role",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}]}),
        )
        iam.create_group(GroupName="Admins")
        iam.attach_group_policy(GroupName="Admins", PolicyArn=admin)
        people = [
            # name, since, console, group, direct policies, keys
            ("deddy", "2024-11-04", True, "Admins", [admin], ["2024-11-04"]),
            ("ichsan", "2024-11-05", True, "Developers", [admin], ["2024-11-06"]),
            ("rizky", "2024-11-05", True, "Developers", [], ["2024-11-07", "2025-03-10"]),
            ("irfan", "2024-11-05", True, "Developers", [], []),
            ("sarah.qa", "2024-12-01", True, None, ["arn:aws:iam::aws:policy/ReadOnlyAccess"], []),
            ("megandi", "2025-01-10", True, "Admins", [], []),
            ("github-actions", "2024-11-12", False, None, [admin], ["2024-11-12"]),
            ("ses-smtp-user.20241112-101530", "2024-11-12", False, None, [], ["2024-11-12"]),
        ]
        for name, since, console, group, policies, keys in people:
            at(since)
            iam.create_user(UserName=name, Tags=tags({"équipe": "Exo Sport"} if name in ("deddy", "megandi") else {}))
            if console:
                iam.create_login_profile(UserName=name, Password=SECRET["staging"], PasswordResetRequired=False)
            if group:
                iam.add_user_to_group(UserName=name, GroupName=group)
            for policy in policies:
                iam.attach_user_policy(UserName=name, PolicyArn=policy)
            for made in keys:
                at(made)
                self.keys.setdefault(name, []).append(iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"])
        iam.put_user_policy(
            UserName="ses-smtp-user.20241112-101530",
            PolicyName="AmazonSesSendingAccess",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": "*"}]}),
        )
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName="megandi")["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(UserName="megandi", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321")
        self.roles()

    def role(self, name, principal, policies=(), description="", path="/", condition=None, **more):
        statement = {"Effect": "Allow", "Principal": principal, "Action": more.pop("action", "sts:AssumeRole")}
        if condition:
            statement["Condition"] = condition
        arn = self.iam.create_role(
            RoleName=name,
            Path=path,
            Description=description,
            MaxSessionDuration=3600,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            **more,
        )["Role"]["Arn"]
        for policy in policies:
            self.iam.attach_role_policy(RoleName=name, PolicyArn=policy)
        return arn

    def roles(self):
        iam = self.iam
        at("2024-11-08")
        self.s3_full = iam.create_policy(
            PolicyName="Exo-S3-full",
            Description="les buckets de l'application",
            PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [{"Sid": "All", "Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::exo-sport-live", "arn:aws:s3:::exo-sport-live/*", "arn:aws:s3:::exo-sport-develop/*"]}]}
            ),
        )["Policy"]["Arn"]
        self.home = iam.create_policy(
            PolicyName="Exo-own-home",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::exo-sport-develop/home/${aws:username}/*"}]}),
        )["Policy"]["Arn"]
        iam.attach_group_policy(GroupName="Developers", PolicyArn=self.home)
        self.instance_role = self.role("exo-ec2-role", {"Service": "ec2.amazonaws.com"}, [self.s3_full, "arn:aws:iam::aws:policy/AmazonSESFullAccess"], "Allows EC2 instances to call AWS services on your behalf.")
        iam.put_role_policy(
            RoleName="exo-ec2-role",
            PolicyName="sms",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sns:Publish", "sms-voice:*"], "Resource": "*"}]}),
        )
        iam.create_instance_profile(InstanceProfileName="exo-ec2-role")
        iam.add_role_to_instance_profile(InstanceProfileName="exo-ec2-role", RoleName="exo-ec2-role")
        self.monitoring_role = self.role("rds-monitoring-role", {"Service": "monitoring.rds.amazonaws.com"}, ["arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"])
        iam.create_service_linked_role(AWSServiceName="rds.amazonaws.com", Description="Allows Amazon RDS to manage AWS resources on your behalf")
        at("2025-02-18")
        self.lambda_role = self.role(
            "exo-notify-role-8xk2p1qz",
            {"Service": "lambda.amazonaws.com"},
            ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", "arn:aws:iam::aws:policy/AmazonSQSFullAccess"],
            path="/service-role/",
        )
        self.sms_role = self.role("SNSSuccessFeedback", {"Service": "sns.amazonaws.com"})
        iam.put_role_policy(
            RoleName="SNSSuccessFeedback",
            PolicyName="oneClick_SNSSuccessFeedback_1731420000000",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:PutMetricFilter", "logs:PutRetentionPolicy"], "Resource": ["*"]}]}),
        )
        at("2025-04-02")
        provider = iam.create_open_id_connect_provider(Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["6938fd4d98bab03faadb97b34396831e3780aea1"])["OpenIDConnectProviderArn"]
        self.role(
            "github-deploy",
            {"Federated": provider},
            [self.s3_full],
            "GitHub Actions (not used yet)",
            condition={"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}},
            action="sts:AssumeRoleWithWebIdentity",
        )
        self.role("agency-support", {"AWS": "arn:aws:iam::210987654321:root"}, ["arn:aws:iam::aws:policy/AdministratorAccess"], "agence, jusqu'en 2024-12")


class Keys:
    """One customer key, rotation never switched on."""

    def __init__(self):
        at("2025-02-18")
        kms = client("kms", REGION)
        self.key = kms.create_key(Description="exo secrets", KeyUsage="ENCRYPT_DECRYPT", KeySpec="SYMMETRIC_DEFAULT", Tags=[{"TagKey": "Name", "TagValue": "exo-secrets"}])["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName="alias/exo-secrets", TargetKeyId=self.key)


class Certificates:
    """The edge's, renewed by AWS last autumn, and one for the API that nobody validated."""

    def __init__(self):
        at("2025-10-28")
        self.edge = client("acm", "us-east-1").request_certificate(DomainName="cdn.exo-sport.fr", ValidationMethod="DNS", SubjectAlternativeNames=["cdn.exo-sport.fr", "assets.exo-sport.fr"], Tags=tags({"Name": "cdn"}))["CertificateArn"]
        at("2026-01-18")
        self.api = client("acm", REGION).request_certificate(DomainName="api.exo-sport.fr", ValidationMethod="DNS")["CertificateArn"]
        control("history", {"certificates": [{"arn": self.api, "status": "PENDING_VALIDATION"}]})


class Storage:
    """Four buckets of the application, one for the trail, one for deployments."""

    def __init__(self):
        self.s3 = s3 = client("s3", REGION)
        here = {"LocationConstraint": REGION}
        at("2024-11-12")
        s3.create_bucket(Bucket="exo-sport-live", CreateBucketConfiguration=here, ObjectOwnership="BucketOwnerEnforced")
        s3.put_bucket_tagging(Bucket="exo-sport-live", Tagging={"TagSet": tags({"Environment": "live", "Owner": "Équipe Exo & Cie"})})
        self.encrypt("exo-sport-live")
        self.block("exo-sport-live", False)
        self.policy("exo-sport-live", [{"Sid": "PublicReadGetObject", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::exo-sport-live/*"}])
        s3.put_bucket_cors(
            Bucket="exo-sport-live",
            CORSConfiguration={"CORSRules": [{"AllowedHeaders": ["*"], "AllowedMethods": ["GET", "PUT", "POST"], "AllowedOrigins": ["*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 3000}]},
        )
        s3.create_bucket(Bucket="exo-sport-develop", CreateBucketConfiguration=here, ObjectOwnership="ObjectWriter")
        self.encrypt("exo-sport-develop")
        self.block("exo-sport-develop", False)
        s3.put_bucket_acl(Bucket="exo-sport-develop", ACL="public-read")
        s3.put_bucket_website(Bucket="exo-sport-develop", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "index.html"}})
        at("2025-03-04")
        for name in ("aws-waf-logs-exo-api", "waf-exo-api-log"):
            s3.create_bucket(Bucket=name, CreateBucketConfiguration=here, ObjectOwnership="BucketOwnerEnforced")
            self.encrypt(name)
            self.block(name, True)
        self.policy(
            "aws-waf-logs-exo-api",
            [
                {
                    "Sid": "AWSLogDeliveryWrite",
                    "Effect": "Allow",
                    "Principal": {"Service": "delivery.logs.amazonaws.com"},
                    "Action": "s3:PutObject",
                    "Resource": f"arn:aws:s3:::aws-waf-logs-exo-api/AWSLogs/{ACCOUNT}/*",
                    "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": [ACCOUNT]}, "ArnLike": {"aws:SourceArn": [f"arn:aws:logs:{REGION}:{ACCOUNT}:*"]}},
                },
                {"Sid": "AWSLogDeliveryAclCheck", "Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"}, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::aws-waf-logs-exo-api"},
            ],
        )
        s3.put_bucket_lifecycle_configuration(
            Bucket="waf-exo-api-log",
            LifecycleConfiguration={"Rules": [{"ID": "expire old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 365}}]},
        )
        at("2024-12-10")
        self.trail_bucket = f"aws-cloudtrail-logs-{ACCOUNT}-5f2a91c7"
        s3.create_bucket(Bucket=self.trail_bucket, CreateBucketConfiguration=here, ObjectOwnership="BucketOwnerEnforced")
        self.encrypt(self.trail_bucket)
        self.block(self.trail_bucket, True)
        trail = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/exo-trail"
        self.policy(
            self.trail_bucket,
            [
                {"Sid": "AWSCloudTrailAclCheck20150319", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{self.trail_bucket}", "Condition": {"StringEquals": {"AWS:SourceArn": trail}}},
                {"Sid": "AWSCloudTrailWrite20150319", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{self.trail_bucket}/AWSLogs/{ACCOUNT}/*", "Condition": {"StringEquals": {"AWS:SourceArn": trail, "s3:x-amz-acl": "bucket-owner-full-control"}}},
            ],
        )
        at("2025-04-02")
        s3.create_bucket(Bucket="exo-deploy-artifacts", CreateBucketConfiguration=here, ObjectOwnership="BucketOwnerEnforced")
        self.encrypt("exo-deploy-artifacts")
        self.block("exo-deploy-artifacts", True)
        s3.put_bucket_versioning(Bucket="exo-deploy-artifacts", VersioningConfiguration={"Status": "Enabled"})

    def encrypt(self, name):
        # What S3 sets on every bucket since January 2023; moto leaves it away.
        self.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]})

    def block(self, name, on):
        self.s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"BlockPublicAcls": on, "IgnorePublicAcls": on, "BlockPublicPolicy": on, "RestrictPublicBuckets": on})

    def policy(self, name, statements):
        self.s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))


class Compute:
    """Five pets, each pinned by an Elastic IP, and what they left behind."""

    def __init__(self, network, people):
        self.ec2, self.network = network.ec2, network
        ec2 = self.ec2
        at("2024-11-06")
        # Public halves of keys whose private halves were thrown away.
        for name, public in (
            ("exo-live", "AAAAC3NzaC1lZDI1NTE5AAAAIJh/37UI/OcVhLbjHEcuVffh6h/RsLN1QNDgNWpU6fzS"),
            ("exo staging (Deddy)", "AAAAC3NzaC1lZDI1NTE5AAAAIAAzT3ewK0BO0T6YpJffQuw4YRngfnjMak/2BSo+ajeM"),
            ("metabase", "AAAAC3NzaC1lZDI1NTE5AAAAIEZoN2XZPlrS60sIIN11TBk0CmMiNHOiHqenn3r1kW0p"),
        ):
            ec2.import_key_pair(KeyName=name, PublicKeyMaterial=f"ssh-ed25519 {public} exo".encode())
        staging_script = f"""#!/bin/bash
# staging, first boot
apt-get update && apt-get install -y docker.io
export DB_PASSWORD='{SECRET["staging"]}'
docker run -d -e DB_HOST=exo-beta-stresstest.cva40442smrk.eu-west-3.rds.amazonaws.com -e DB_PASSWORD="$DB_PASSWORD" -p 3000:3000 exo/api:${{TAG:-latest}}
"""
        api_script = "#!/bin/bash\nhostnamectl set-hostname exo-live-api\necho \"%{time} ${HOSTNAME}\" >> /var/log/boot.log\n"
        live = network.live
        specs = [
            # name, type, image, zone, groups, key, root GB, root type, since, address, more
            ("Exo-Live-API", "c5.xlarge", UBUNTU_22, 0, [live, network.to_database], "exo-live", 100, "gp2", "2024-11-08", "15.188.209.32", {"IamInstanceProfile": {"Name": "exo-ec2-role"}, "UserData": api_script, "EbsOptimized": True}),
            ("Exo-Live-Backsite", "t3.medium", UBUNTU_22, 1, [network.backsite], "exo-live", 50, "gp2", "2024-11-08", "35.181.206.183", {}),
            ("Exo-Staging", "t3.medium", UBUNTU_20, 0, [network.staging], "exo staging (Deddy)", 30, "gp3", "2024-11-11", "13.39.145.183", {"UserData": staging_script}),
            ("Exo-Node-Redis", "t3.small", UBUNTU_22, 2, [network.redis, network.default], "exo-live", 20, "gp2", "2024-11-20", "13.36.113.235", {}),
            ("Metabase-Micro", "t3.micro", AMAZON_2023, 1, [network.metabase], "metabase", 8, "gp3", "2025-02-03", "13.36.232.253", {"MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "HttpEndpoint": "enabled"}}),
        ]
        self.instances, self.addresses = {}, {}
        for name, kind, image, zone, groups, key, size, volume, since, address, more in specs:
            at(since)
            root = "/dev/xvda" if image == AMAZON_2023 else "/dev/sda1"
            environment = {"Exo-Live-API": "live", "Exo-Live-Backsite": "live", "Exo-Staging": "staging"}.get(name)
            named = {"Name": name, **({"Environment": environment} if environment else {})}
            ebs = {"VolumeSize": size, "VolumeType": volume, "DeleteOnTermination": True, "Encrypted": False}
            if volume == "gp3":
                ebs.update(Iops=3000, Throughput=125)
            more.setdefault("MetadataOptions", {"HttpTokens": "optional", "HttpPutResponseHopLimit": 1, "HttpEndpoint": "enabled"})
            instance = ec2.run_instances(
                ImageId=image,
                InstanceType=kind,
                MinCount=1,
                MaxCount=1,
                KeyName=key,
                BlockDeviceMappings=[{"DeviceName": root, "Ebs": ebs}],
                NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": network.subnets[zone], "Groups": groups, "AssociatePublicIpAddress": True, "DeleteOnTermination": True}],
                TagSpecifications=spec("instance", named),
                **more,
            )["Instances"][0]["InstanceId"]
            self.instances[name] = instance
            allocated = ec2.allocate_address(Domain="vpc", Address=address, TagSpecifications=spec("elastic-ip", {"Name": name}))["AllocationId"]
            ec2.associate_address(AllocationId=allocated, InstanceId=instance)
            self.addresses[name] = allocated
        ec2.modify_instance_attribute(InstanceId=self.instances["Exo-Live-API"], DisableApiTermination={"Value": True})
        self.leftovers()
        self.load()

    def load(self):
        """The site is too large for what it does, and nobody has used staging lately."""
        busy = {"Exo-Live-API": (31, 78), "Exo-Live-Backsite": (3.5, 22), "Exo-Staging": (0.7, 3), "Metabase-Micro": (6, 55), "Exo-Node-Redis": (9, 33)}
        for name, instance in self.instances.items():
            moved = 1_200_000 if name == "Exo-Staging" else 900_000_000
            figures(REGION, "AWS/EC2", {"InstanceId": instance}, {"CPUUtilization": busy[name], "NetworkIn": moved, "NetworkOut": moved}, days=14)

    def leftovers(self):
        ec2 = self.ec2
        at("2025-01-20")
        data = ec2.create_volume(AvailabilityZone="eu-west-3c", Size=50, VolumeType="gp2", Encrypted=False, TagSpecifications=spec("volume", {"Name": "redis data"}))["VolumeId"]
        ec2.attach_volume(VolumeId=data, InstanceId=self.instances["Exo-Node-Redis"], Device="/dev/sdf")
        uploads = ec2.create_volume(AvailabilityZone="eu-west-3b", Size=200, VolumeType="gp3", Iops=3000, Throughput=125, Encrypted=True, TagSpecifications=spec("volume", {"Name": "backsite uploads"}))["VolumeId"]
        ec2.attach_volume(VolumeId=uploads, InstanceId=self.instances["Exo-Live-Backsite"], Device="/dev/sdg")
        at("2024-12-03")
        old = ec2.create_volume(AvailabilityZone="eu-west-3a", Size=100, VolumeType="gp2", Encrypted=False, TagSpecifications=spec("volume", {"Name": "old db \"do not delete\" ${ask deddy}"}))["VolumeId"]
        ec2.create_volume(AvailabilityZone="eu-west-3a", Size=30, VolumeType="gp2", Encrypted=False)
        ec2.allocate_address(Domain="vpc", Address="13.37.88.140")
        ec2.create_snapshot(VolumeId=old, Description="before resize", TagSpecifications=spec("snapshot", {"Name": "sauvegarde été"}))
        at("2025-03-02T22:10:00")
        self.image = ec2.create_image(InstanceId=self.instances["Exo-Live-API"], Name="Exo-Live-API-2025-03-02", Description="before c5.xlarge", NoReboot=True, TagSpecifications=spec("image", {"Name": "API before resize"}))["ImageId"]
        ec2.create_image(InstanceId=self.instances["Exo-Live-Backsite"], Name="Exo Backsite before migration", NoReboot=True)
        ec2.create_launch_template(
            LaunchTemplateName="exo-api",
            VersionDescription="first try of autoscaling",
            LaunchTemplateData={"ImageId": self.image, "InstanceType": "c5.xlarge", "KeyName": "exo-live", "SecurityGroupIds": [self.network.live], "UserData": base64.b64encode(b"#!/bin/bash\nsystemctl start exo-api\n").decode()},
            TagSpecifications=spec("launch-template", {"Name": "exo-api"}),
        )


class Database:
    """Three PostgreSQL instances, one for each purpose, all in public subnets."""

    def __init__(self, network, people):
        self.rds = rds = client("rds", REGION)
        at("2024-11-09")
        default = f"default-{network.vpc}"
        rds.create_db_subnet_group(DBSubnetGroupName=default, DBSubnetGroupDescription="Created from the RDS Management Console", SubnetIds=network.subnets)
        rds.create_db_subnet_group(DBSubnetGroupName="exo-db-subnets", DBSubnetGroupDescription="exo staging", SubnetIds=network.subnets[:2], Tags=tags({"Environment": "staging"}))
        rds.create_db_parameter_group(DBParameterGroupName="exo-live-pg14", DBParameterGroupFamily="postgres14", Description="exo-live tuning")
        rds.modify_db_parameter_group(
            DBParameterGroupName="exo-live-pg14",
            Parameters=[
                {"ParameterName": "max_connections", "ParameterValue": "400", "ApplyMethod": "pending-reboot"},
                {"ParameterName": "log_min_duration_statement", "ParameterValue": "2000", "ApplyMethod": "immediate"},
                {"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"},
            ],
        )
        common = {
            "Engine": "postgres",
            "MasterUsername": "postgres",
            "Port": 5432,
            "LicenseModel": "postgresql-license",
            "AutoMinorVersionUpgrade": True,
            "PreferredMaintenanceWindow": "sun:02:14-sun:02:44",
            "PreferredBackupWindow": "00:31-01:01",
            "DeletionProtection": False,
            "MultiAZ": False,
        }
        rds.create_db_instance(
            **{
                **common,
                "DBInstanceIdentifier": "exo-live",
                "DBName": "exo",
                "DBInstanceClass": "db.t3.large",
                "EngineVersion": "14.12",
                "MasterUserPassword": SECRET["database"],
                "AllocatedStorage": 100,
                "StorageType": "gp2",
                "StorageEncrypted": False,
                "PubliclyAccessible": True,
                "BackupRetentionPeriod": 7,
                "DBSubnetGroupName": default,
                "DBParameterGroupName": "exo-live-pg14",
                "VpcSecurityGroupIds": [network.database, network.database_open],
                "AvailabilityZone": "eu-west-3a",
                "MonitoringInterval": 60,
                "MonitoringRoleArn": people.monitoring_role,
                "EnablePerformanceInsights": True,
                "PerformanceInsightsRetentionPeriod": 7,
                "CopyTagsToSnapshot": True,
                "Tags": tags({"Environment": "live"}),
            }
        )
        at("2025-01-15")
        rds.create_db_instance(
            **{
                **common,
                "DBInstanceIdentifier": "exo-live-analytics",
                "DBInstanceClass": "db.t3.medium",
                "EngineVersion": "14.12",
                "MasterUserPassword": SECRET["database"],
                "AllocatedStorage": 100,
                "StorageType": "gp3",
                "Iops": 3000,
                "StorageThroughput": 125,
                "StorageEncrypted": False,
                "PubliclyAccessible": True,
                "BackupRetentionPeriod": 0,
                "AutoMinorVersionUpgrade": False,
                "DBSubnetGroupName": default,
                "VpcSecurityGroupIds": [network.database_open],
                "AvailabilityZone": "eu-west-3b",
            }
        )
        at("2025-02-20")
        rds.create_db_instance(
            **{
                **common,
                "DBInstanceIdentifier": "exo-beta-stresstest",
                "DBInstanceClass": "db.t3.medium",
                "EngineVersion": "13.15",
                "MasterUserPassword": SECRET["database"],
                "AllocatedStorage": 20,
                "MaxAllocatedStorage": 100,
                "StorageType": "gp2",
                "StorageEncrypted": True,
                "PubliclyAccessible": True,
                "BackupRetentionPeriod": 1,
                "DBSubnetGroupName": "exo-db-subnets",
                "VpcSecurityGroupIds": [network.default, network.database_open],
                "AvailabilityZone": "eu-west-3a",
                "Tags": tags({"Environment": "staging"}),
            }
        )
        at("2024-12-14")
        rds.create_db_snapshot(DBSnapshotIdentifier="exo-live-before-migration", DBInstanceIdentifier="exo-live")
        at("2025-06-01")
        rds.create_db_snapshot(DBSnapshotIdentifier="exo-live-2025-06-01", DBInstanceIdentifier="exo-live")
        control(
            "answers",
            [
                {
                    "operation": "rds:DescribePendingMaintenanceActions",
                    "region": REGION,
                    "answer": {
                        "PendingMaintenanceActions": [
                            {
                                "ResourceIdentifier": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:exo-live",
                                "PendingMaintenanceActionDetails": [{"Action": "system-update", "Description": "New Operating System update is available", "AutoAppliedAfterDate": "2026-02-15T02:14:00Z"}],
                            }
                        ]
                    },
                }
            ],
        )


        # CloudWatch keeps figures for a while only, so these are of the hour in which the account is made.
        stored = {"exo-live": (38 * 2**30, 61), "exo-live-analytics": (9 * 2**30, 4), "exo-beta-stresstest": (17 * 2**30, 0)}
        for name, (free, connections) in stored.items():
            of = {"Dimensions": [{"Name": "DBInstanceIdentifier", "Value": name}], "Timestamp": datetime.now(timezone.utc)}
            client("cloudwatch", REGION).put_metric_data(
                Namespace="AWS/RDS", MetricData=[{"MetricName": "FreeStorageSpace", "Value": free, **of}, {"MetricName": "DatabaseConnections", "Value": connections, **of}]
            )


        load = {"exo-live": (38, 92), "exo-live-analytics": (4, 31), "exo-beta-stresstest": (0.4, 2)}
        for name, busy in load.items():
            figures(REGION, "AWS/RDS", {"DBInstanceIdentifier": name}, {"CPUUtilization": busy})


class Balancer:
    """One load balancer, plain HTTP, one target."""

    def __init__(self, network, compute):
        elb = client("elbv2", REGION)
        at("2025-02-25")
        balancer = elb.create_load_balancer(
            Name="exo-api-live", Subnets=network.subnets, SecurityGroups=[network.balancer], Scheme="internet-facing", Type="application", IpAddressType="ipv4", Tags=tags({"Environment": "live"})
        )["LoadBalancers"][0]
        self.arn, self.dns = balancer["LoadBalancerArn"], balancer["DNSName"]
        check = {"HealthCheckProtocol": "HTTP", "HealthCheckPort": "traffic-port", "HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 5, "HealthyThresholdCount": 5, "UnhealthyThresholdCount": 2, "Matcher": {"HttpCode": "200"}}

        def group(name, path):
            return elb.create_target_group(Name=name, Protocol="HTTP", ProtocolVersion="HTTP1", Port=3000, VpcId=network.vpc, TargetType="instance", IpAddressType="ipv4", HealthCheckPath=path, **check)["TargetGroups"][0]["TargetGroupArn"]

        live, staging = group("exo-api-live", "/health"), group("exo-api-staging", "/")
        elb.register_targets(TargetGroupArn=live, Targets=[{"Id": compute.instances["Exo-Live-API"], "Port": 3000}])
        self.target_group = live
        listener = elb.create_listener(LoadBalancerArn=self.arn, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": live}])["Listeners"][0]["ListenerArn"]
        elb.create_rule(
            ListenerArn=listener,
            Priority=10,
            Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/.env", "/wp-admin/*"]}}],
            Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "rien ici"}}],
        )
        elb.create_rule(ListenerArn=listener, Priority=20, Conditions=[{"Field": "host-header", "HostHeaderConfig": {"Values": ["api.exo-sport.fr"]}}], Actions=[{"Type": "forward", "TargetGroupArn": live}])
        elb.create_listener(LoadBalancerArn=self.arn, Protocol="HTTP", Port=8080, DefaultActions=[{"Type": "forward", "TargetGroupArn": staging}])
        figures(REGION, "AWS/ApplicationELB", {"LoadBalancer": self.arn.split("loadbalancer/")[1]}, {"RequestCount": 42_000}, days=14)


class Messaging:
    """SES, SMS, topics, one queue."""

    def __init__(self, people):
        ses, self.sns, sqs = client("sesv2", REGION), client("sns", REGION), client("sqs", REGION)
        at("2024-11-12")
        for identity in ("exo-sport.fr", "habilis.site", "exoproduction99@gmail.com"):
            ses.create_email_identity(EmailIdentity=identity)
        ses.put_email_identity_mail_from_attributes(EmailIdentity="exo-sport.fr", MailFromDomain="mail.exo-sport.fr", BehaviorOnMxFailure="USE_DEFAULT_VALUE")
        control("history", {"identities": [{"region": REGION, "identity": "habilis.site", "verification": "FAILED"}]})
        figures(REGION, "AWS/SES", {}, {"Reputation.BounceRate": 0.021, "Reputation.ComplaintRate": 0.0003}, days=7)
        self.sns.set_sms_attributes(attributes={"MonthlySpendLimit": "500", "DefaultSMSType": "Transactional", "DefaultSenderID": "EXO", "DeliveryStatusIAMRole": people.sms_role, "DeliveryStatusSuccessSamplingRate": "100"})
        self.alerts = self.sns.create_topic(Name="Exo_Alerts", Attributes={"DisplayName": "Exo alertes"})["TopicArn"]
        self.push = self.sns.create_topic(Name="exo-push-events", Tags=tags({"Environment": "live"}))["TopicArn"]
        self.queue = sqs.create_queue(QueueName="exo-push", Attributes={"VisibilityTimeout": "60", "MaximumMessageSize": "262144"})["QueueUrl"]
        self.queue_arn = sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sqs.set_queue_attributes(
            QueueUrl=self.queue,
            Attributes={
                "Policy": json.dumps(
                    {"Version": "2012-10-17", "Statement": [{"Sid": "topic", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": self.queue_arn, "Condition": {"ArnEquals": {"aws:SourceArn": self.push}}}]}
                )
            },
        )
        self.sns.subscribe(TopicArn=self.push, Protocol="sqs", Endpoint=self.queue_arn)
        control(
            "answers",
            [
                {
                    "operation": "sms-voice:DescribeSenderIds",
                    "region": REGION,
                    "answer": {
                        "SenderIds": [
                            {
                                "SenderIdArn": f"arn:aws:sms-voice:{REGION}:{ACCOUNT}:sender-id/EXO/FR",
                                "SenderId": "EXO",
                                "IsoCountryCode": "FR",
                                "MessageTypes": ["TRANSACTIONAL"],
                                "MonthlyLeasingPrice": "0.00",
                                "DeletionProtectionEnabled": False,
                                "Registered": False,
                            }
                        ]
                    },
                },
                {
                    "operation": "sms-voice:DescribePhoneNumbers",
                    "region": REGION,
                    "answer": {
                        "PhoneNumbers": [
                            {
                                "PhoneNumberArn": f"arn:aws:sms-voice:{REGION}:{ACCOUNT}:phone-number/phone-3f1c9a7be2d04c58a6",
                                "PhoneNumberId": "phone-3f1c9a7be2d04c58a6",
                                "PhoneNumber": "+33600000099",
                                "Status": "ACTIVE",
                                "IsoCountryCode": "FR",
                                "MessageType": "TRANSACTIONAL",
                                "NumberCapabilities": ["SMS"],
                                "NumberType": "LONG_CODE",
                                "MonthlyLeasingPrice": "10.00",
                                "TwoWayEnabled": False,
                                "SelfManagedOptOutsEnabled": False,
                                "OptOutListName": "Default",
                                "DeletionProtectionEnabled": False,
                                "CreatedTimestamp": 1731405600,
                            }
                        ]
                    },
                },
                {
                    "operation": "sms-voice:DescribeSpendLimits",
                    "region": REGION,
                    "answer": {"SpendLimits": [{"Name": "TEXT_MESSAGE_MONTHLY_SPEND_LIMIT", "EnforcedLimit": 500, "MaxLimit": 500, "Overridden": False}]},
                },
            ],
        )


class Functions:
    """The notification sender and a picture resizer."""

    def __init__(self, people, messaging, storage):
        self.lambda_ = lambda_ = client("lambda", REGION)

        def package(name, text):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as archive:
                archive.writestr(zipfile.ZipInfo(name, (2025, 2, 18, 9, 0, 0)), text)
            return {"ZipFile": out.getvalue()}

        at("2025-02-18")
        self.notify = lambda_.create_function(
            FunctionName="exo-notify",
            Runtime="python3.8",
            Handler="lambda_function.lambda_handler",
            Role=people.lambda_role,
            Code=package("lambda_function.py", "def lambda_handler(event, context):\n    return {}\n"),
            Timeout=60,
            MemorySize=512,
            PackageType="Zip",
            Architectures=["x86_64"],
            TracingConfig={"Mode": "PassThrough"},
            EphemeralStorage={"Size": 512},
            Environment={
                "Variables": {
                    "DB_HOST": "exo-live.cva40442smrk.eu-west-3.rds.amazonaws.com",
                    "DB_PASSWORD": SECRET["database"],
                    "AWS_KEY_ID": SECRET["key_id"],
                    "AWS_KEY": SECRET["key"],
                    "STRIPE_KEY": SECRET["stripe"],
                    "GREETING": "Salut ${name}, à bientôt %{team}",
                }
            },
            Tags={"Environment": "live"},
        )["FunctionArn"]
        self.resize = lambda_.create_function(
            FunctionName="exo-image-resize",
            Runtime="nodejs20.x",
            Handler="index.handler",
            Role=people.lambda_role,
            Code=package("index.js", "exports.handler = async () => ({});\n"),
            Timeout=15,
            MemorySize=1024,
            PackageType="Zip",
            Architectures=["arm64"],
            TracingConfig={"Mode": "PassThrough"},
            EphemeralStorage={"Size": 512},
            Environment={"Variables": {"BUCKET": "exo-sport-live", "NODE_OPTIONS": "--max-old-space-size=900"}},
        )["FunctionArn"]
        lambda_.add_permission(FunctionName="exo-image-resize", StatementId="s3-live", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::exo-sport-live", SourceAccount=ACCOUNT)
        storage.s3.put_bucket_notification_configuration(
            Bucket="exo-sport-live",
            NotificationConfiguration={
                "LambdaFunctionConfigurations": [{"Id": "resize uploads", "LambdaFunctionArn": self.resize, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "uploads/"}]}}}]
            },
        )
        figures(REGION, "AWS/Lambda", {"FunctionName": "exo-notify"}, {"Invocations": 300, "Errors": 61}, days=7)
        figures(REGION, "AWS/Lambda", {"FunctionName": "exo-image-resize"}, {"Invocations": 40, "Errors": 0}, days=7)
        lambda_.create_event_source_mapping(FunctionName="exo-notify", EventSourceArn=messaging.queue_arn, BatchSize=10, Enabled=True)


class Edge:
    """Two distributions, a firewall for the API, one for the edge that stands before nothing."""

    def __init__(self, storage, balancer, certificates):
        cloudfront = client("cloudfront", "us-east-1")
        at("2024-11-26")
        control_id = cloudfront.create_origin_access_control(
            OriginAccessControlConfig={"Name": "exo-sport-live.s3.eu-west-3.amazonaws.com", "Description": "", "SigningProtocol": "sigv4", "SigningBehavior": "always", "OriginAccessControlOriginType": "s3"}
        )["OriginAccessControl"]["Id"]
        none = {"Quantity": 0}

        def bucket(name, control):
            return {
                "Id": f"{name}.s3.eu-west-3.amazonaws.com",
                "DomainName": f"{name}.s3.eu-west-3.amazonaws.com",
                "OriginPath": "",
                "CustomHeaders": none,
                "S3OriginConfig": {"OriginAccessIdentity": ""},
                "ConnectionAttempts": 3,
                "ConnectionTimeout": 10,
                "OriginShield": {"Enabled": False},
                "OriginAccessControlId": control,
            }

        def behaviour(origin, **more):
            return {
                "TargetOriginId": origin,
                "TrustedSigners": {"Enabled": False, "Quantity": 0},
                "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
                "ViewerProtocolPolicy": "redirect-to-https",
                "AllowedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"], "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]}},
                "SmoothStreaming": False,
                "Compress": True,
                "LambdaFunctionAssociations": none,
                "FunctionAssociations": none,
                "FieldLevelEncryptionId": "",
                **more,
            }

        def distribution(reference, **more):
            config = {
                "CallerReference": reference,
                "Aliases": none,
                "DefaultRootObject": "",
                "OriginGroups": none,
                "CacheBehaviors": none,
                "CustomErrorResponses": none,
                "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
                "PriceClass": "PriceClass_All",
                "Enabled": True,
                "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
                "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
                "WebACLId": "",
                "HttpVersion": "http2",
                "IsIPV6Enabled": True,
                "Staging": False,
                "ContinuousDeploymentPolicyId": "",
                **more,
            }
            return cloudfront.create_distribution_with_tags(DistributionConfigWithTags={"DistributionConfig": config, "Tags": {"Items": tags({"Name": more["Comment"]})}})["Distribution"]["Id"]

        all_methods = {"Quantity": 7, "Items": ["HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"], "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]}}
        live, api = bucket("exo-sport-live", control_id), "exo-api-live"
        distribution(
            "1732611600000",
            Comment="exo live",
            Aliases={"Quantity": 2, "Items": ["cdn.exo-sport.fr", "assets.exo-sport.fr"]},
            Origins={
                "Quantity": 2,
                "Items": [
                    live,
                    {
                        "Id": api,
                        "DomainName": balancer.dns,
                        "OriginPath": "",
                        "CustomHeaders": none,
                        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only", "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]}, "OriginReadTimeout": 30, "OriginKeepaliveTimeout": 5},
                        "ConnectionAttempts": 3,
                        "ConnectionTimeout": 10,
                        "OriginShield": {"Enabled": False},
                        "OriginAccessControlId": "",
                    },
                ],
            },
            DefaultCacheBehavior=behaviour(live["Id"], CachePolicyId="658327ea-f89d-4fab-a63d-7e88639e58f6"),
            CacheBehaviors={
                "Quantity": 1,
                "Items": [
                    {
                        "PathPattern": "/api/*",
                        **behaviour(api, AllowedMethods=all_methods, CachePolicyId="4135ea2d-6df8-44a3-9df3-4b5a84be39ad", OriginRequestPolicyId="216adef6-5c7f-47e4-b989-5492eafa07d3"),
                    }
                ],
            },
            ViewerCertificate={"CloudFrontDefaultCertificate": False, "ACMCertificateArn": certificates.edge, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021", "Certificate": certificates.edge, "CertificateSource": "acm"},
        )
        at("2025-01-08")
        staging = bucket("exo-sport-develop", "")
        distribution(
            "1736326800000",
            Comment="exo staging",
            DefaultRootObject="index.html",
            Origins={"Quantity": 1, "Items": [staging]},
            DefaultCacheBehavior=behaviour(
                staging["Id"],
                ViewerProtocolPolicy="allow-all",
                ForwardedValues={"QueryString": False, "Cookies": {"Forward": "none"}, "Headers": none, "QueryStringCacheKeys": none},
                MinTTL=0,
                DefaultTTL=86400,
                MaxTTL=31536000,
            ),
            CustomErrorResponses={"Quantity": 1, "Items": [{"ErrorCode": 404, "ResponsePagePath": "/index.html", "ResponseCode": "200", "ErrorCachingMinTTL": 10}]},
        )
        self.firewall(balancer)

    def firewall(self, balancer):
        waf = client("wafv2", REGION)
        at("2025-03-04")

        def seen(name):
            return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}

        office = waf.create_ip_set(Name="office", Scope="REGIONAL", Description="bureau de Paris", IPAddressVersion="IPV4", Addresses=[OFFICE])["Summary"]["ARN"]
        agents = waf.create_regex_pattern_set(Name="bad-agents", Scope="REGIONAL", RegularExpressionList=[{"RegexString": "(?i)sqlmap|nikto"}])["Summary"]["ARN"]
        managed = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}
        acl = waf.create_web_acl(
            Name="Exo-Api-Live",
            Scope="REGIONAL",
            DefaultAction={"Allow": {}},
            Description="API",
            VisibilityConfig=seen("Exo-Api-Live"),
            Rules=[
                {"Name": "office", "Priority": 0, "Statement": {"IPSetReferenceStatement": {"ARN": office}}, "Action": {"Allow": {}}, "VisibilityConfig": seen("office")},
                {"Name": "AWS-AWSManagedRulesCommonRuleSet", "Priority": 1, "Statement": managed, "OverrideAction": {"Count": {}}, "VisibilityConfig": seen("AWS-AWSManagedRulesCommonRuleSet")},
                {
                    "Name": "bad agents",
                    "Priority": 2,
                    "Statement": {"RegexPatternSetReferenceStatement": {"ARN": agents, "FieldToMatch": {"SingleHeader": {"Name": "user-agent"}}, "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}},
                    "Action": {"Block": {}},
                    "VisibilityConfig": seen("bad-agents"),
                },
                {"Name": "otp", "Priority": 3, "Statement": {"RateBasedStatement": {"Limit": 1000, "EvaluationWindowSec": 300, "AggregateKeyType": "IP"}}, "Action": {"Block": {}}, "VisibilityConfig": seen("otp")},
            ],
        )["Summary"]["ARN"]
        waf.associate_web_acl(WebACLArn=acl, ResourceArn=balancer.arn)
        waf.put_logging_configuration(LoggingConfiguration={"ResourceArn": acl, "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-exo-api"]})
        client("wafv2", "us-east-1").create_web_acl(
            Name="exo-cdn",
            Scope="CLOUDFRONT",
            DefaultAction={"Allow": {}},
            Description="essai",
            VisibilityConfig=seen("exo-cdn"),
            Rules=[{"Name": "AWS-AWSManagedRulesAmazonIpReputationList", "Priority": 0, "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesAmazonIpReputationList"}}, "OverrideAction": {"None": {}}, "VisibilityConfig": seen("reputation")}],
        )


class Observability:
    """Logs that never expire, alarms that reach nobody, a trail without validation, who made what."""

    def __init__(self, storage, messaging, functions, compute, database):
        logs, cloudwatch, trail = client("logs", REGION), client("cloudwatch", REGION), client("cloudtrail", REGION)
        at("2024-11-13")
        for name in ("/aws/sms/exo-otp", "RDSOSMetrics", "/exo/api", "/aws/lambda/exo-notify", "/aws/lambda/exo-image-resize", f"sns/{REGION}/{ACCOUNT}/DirectPublishToPhoneNumber"):
            logs.create_log_group(logGroupName=name, tags={"Environment": "live"} if name == "/exo/api" else {})
        logs.put_retention_policy(logGroupName="RDSOSMetrics", retentionInDays=30)
        logs.put_metric_filter(
            logGroupName="/exo/api",
            filterName="errors of the API",
            filterPattern="{ $.level = \"error\" }",
            metricTransformations=[{"metricName": "ApiErrors", "metricNamespace": "Exo", "metricValue": "1", "defaultValue": 0}],
        )
        functions.lambda_.add_permission(FunctionName="exo-notify", StatementId="logs", Action="lambda:InvokeFunction", Principal="logs.amazonaws.com", SourceArn=f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/exo/api:*", SourceAccount=ACCOUNT)
        logs.put_subscription_filter(logGroupName="/exo/api", filterName="to notify", filterPattern="fatal", destinationArn=functions.notify)
        at("2025-03-20")
        alarm = {"Statistic": "Average", "Period": 300, "EvaluationPeriods": 2, "DatapointsToAlarm": 2, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "missing", "ActionsEnabled": True}
        cloudwatch.put_metric_alarm(
            AlarmName="Exo-Live-API CPU \"trop haut\"", AlarmDescription="CPU > 80 %", Namespace="AWS/EC2", MetricName="CPUUtilization", Dimensions=[{"Name": "InstanceId", "Value": compute.instances["Exo-Live-API"]}], Threshold=80.0, **alarm
        )
        cloudwatch.put_metric_alarm(
            AlarmName="exo-live free storage",
            Namespace="AWS/RDS",
            MetricName="FreeStorageSpace",
            Dimensions=[{"Name": "DBInstanceIdentifier", "Value": "exo-live"}],
            Threshold=10737418240.0,
            AlarmActions=[messaging.alerts],
            **{**alarm, "ComparisonOperator": "LessThanThreshold"},
        )
        cloudwatch.put_metric_alarm(
            AlarmName="old server CPU", Namespace="AWS/EC2", MetricName="CPUUtilization", Dimensions=[{"Name": "InstanceId", "Value": "i-0aa11bb22cc33dd44"}], Threshold=90.0, AlarmActions=[messaging.alerts], **alarm
        )
        at("2024-12-10")
        trail.create_trail(Name="exo-trail", S3BucketName=storage.trail_bucket, IncludeGlobalServiceEvents=True, IsMultiRegionTrail=False, EnableLogFileValidation=False)
        trail.start_logging(Name="exo-trail")
        self.events()

    def events(self):
        """Who did what lately, as CloudTrail's event history has it (90 days)."""

        def event(n, when, name, source, user, resources, read_only="false"):
            detail = {"eventVersion": "1.09", "eventTime": when, "eventSource": source, "eventName": name, "awsRegion": REGION, "sourceIPAddress": "90.85.12.34", "userIdentity": {"type": "IAMUser", "userName": user, "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}"}}
            return {
                "EventId": f"00000000-0000-4000-8000-{n:012d}",
                "EventName": name,
                "ReadOnly": read_only,
                "EventTime": when,
                "EventSource": source,
                "Username": user,
                "Resources": [{"ResourceType": kind, "ResourceName": value} for kind, value in resources],
                "CloudTrailEvent": json.dumps(detail),
            }

        events = [
            event(4, "2026-01-12T16:20:44Z", "AuthorizeSecurityGroupIngress", "ec2.amazonaws.com", "rizky", [("AWS::EC2::SecurityGroup", "sg-00ef9244ed42e3ad6")]),
            event(3, "2026-01-05T10:02:10Z", "ModifyDBInstance", "rds.amazonaws.com", "deddy", [("AWS::RDS::DBInstance", "exo-live")]),
            event(2, "2025-12-18T08:31:00Z", "PutBucketPolicy", "s3.amazonaws.com", "ichsan", [("AWS::S3::Bucket", "exo-sport-live")]),
            event(1, "2025-11-28T19:45:33Z", "RunInstances", "ec2.amazonaws.com", "deddy", [("AWS::EC2::Instance", "i-0c098549052fd4169")]),
        ]
        control("answers", [{"operation": "cloudtrail:LookupEvents", "region": REGION, "answer": {"Events": events}}])


class Configuration:
    """Secrets and parameters: some where they belong, some not."""

    def __init__(self, keys):
        ssm, secrets = client("ssm", REGION), client("secretsmanager", REGION)
        at("2025-02-18")
        secrets.create_secret(Name="exo/live/database", Description="postgres of exo-live", KmsKeyId=keys.key, SecretString=json.dumps({"username": "postgres", "password": SECRET["database"]}), Tags=tags({"Environment": "live"}))
        ssm.put_parameter(Name="/exo/live/otp-pepper", Type="SecureString", Value=SECRET["pepper"], Description="poivre OTP", Tier="Standard")
        ssm.put_parameter(Name="/exo/staging/jwt-secret", Type="String", Value=SECRET["jwt"], Tier="Standard")
        ssm.put_parameter(Name="/exo/deploy/github-token", Type="String", Value=SECRET["github"], Tier="Standard")


def history(people):
    """What use left behind; no call can write it."""
    used = [("deddy", 0, "2026-01-19T06:40:00Z", "ec2"), ("ichsan", 0, "2025-05-02T11:00:00Z", "s3"), ("rizky", 1, "2026-01-18T15:10:00Z", "s3"), ("github-actions", 0, "2026-01-19T22:05:00Z", "s3")]
    control(
        "history",
        {
            "access_keys": [{"id": people.keys[user][n], "used": when, "service": service, "region": REGION} for user, n, when, service in used],
            "passwords": [{"user": user, "used": when} for user, when in [("deddy", "2026-01-16T09:12:00Z"), ("rizky", "2025-12-30T13:00:00Z"), ("irfan", "2025-02-11T10:00:00Z"), ("megandi", "2025-12-01T09:00:00Z")]],
        },
    )


if __name__ == "__main__":
    main()
