#!/usr/bin/env python3
"""An account that differs from exo in every respect that matters to generated code: private networks, several of
everything, settings that are not the default, odd but legal names.  For the terraform test; nothing of it is a fixture.
"""

import base64
import io
import json
import zipfile

from session import ACCOUNT, at, client, spec, tags

REGION = "eu-west-3"
ANY = "0.0.0.0/0"


def main():
    at("2025-03-01")
    network = Network()
    identity = Identity()
    keys = Keys(identity)
    storage = Storage(keys)
    compute = Compute(network, identity, keys)
    balancers = Balancers(network, compute)
    databases(network, keys, identity)
    functions = Functions(network, identity, keys)
    messaging(keys, functions)
    edge(storage, balancers)
    observability(storage, identity, keys, functions)
    at("2026-01-20T07:30:00")


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Network:
    """A VPC of its own: public, private and data subnets in two zones, NAT, endpoints, network ACLs, groups by reference."""

    def __init__(self):
        self.ec2 = ec2 = client("ec2", REGION)
        self.vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16", TagSpecifications=spec("vpc", {"Name": "shop-prod", "Environment": "prod"}))["Vpc"]["VpcId"]
        ec2.modify_vpc_attribute(VpcId=self.vpc, EnableDnsHostnames={"Value": True})
        ec2.associate_vpc_cidr_block(VpcId=self.vpc, CidrBlock="10.21.0.0/16")
        options = ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name", "Values": ["shop.internal"]}, {"Key": "domain-name-servers", "Values": ["AmazonProvidedDNS"]}], TagSpecifications=spec("dhcp-options", {"Name": "shop"}))["DhcpOptions"]["DhcpOptionsId"]
        ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=self.vpc)
        gateway = ec2.create_internet_gateway(TagSpecifications=spec("internet-gateway", {"Name": "shop-prod-igw"}))["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        self.subnets = {}
        for n, (tier, zone) in enumerate((t, z) for t in ("public", "private", "data") for z in "ab"):
            subnet = ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.20.{n * 16}.0/20", AvailabilityZone=REGION + zone, TagSpecifications=spec("subnet", {"Name": f"shop-prod-{tier}-{zone}", "Environment": "prod"}))["Subnet"]["SubnetId"]
            if tier == "public":
                ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
            self.subnets[tier, zone] = subnet
        public = self.table("shop-prod-public", [("public", "a"), ("public", "b")])
        ec2.create_route(RouteTableId=public, DestinationCidrBlock=ANY, GatewayId=gateway)
        address = ec2.allocate_address(Domain="vpc", TagSpecifications=spec("elastic-ip", {"Name": "shop-prod-nat"}))["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=self.subnets["public", "a"], AllocationId=address, TagSpecifications=spec("natgateway", {"Name": "shop-prod"}))["NatGateway"]["NatGatewayId"]
        private = self.table("shop-prod-private", [("private", "a"), ("private", "b")])
        ec2.create_route(RouteTableId=private, DestinationCidrBlock=ANY, NatGatewayId=nat)
        data = self.table("shop-prod-data", [("data", "a"), ("data", "b")])
        self.acl(data)
        web = self.group("shop-web", "load balancer", [("tcp", 443, 443, ANY), ("tcp", 80, 80, ANY)])
        app = self.group("shop-app", "application", [("tcp", 8080, 8090, web), ("icmp", -1, -1, "10.0.0.0/8")])
        db = self.group("shop-db", "database", [("tcp", 5432, 5432, app), ("tcp", 3306, 3306, app)])
        self.web, self.app, self.db = web, app, db
        listed = ec2.create_managed_prefix_list(PrefixListName="offices", MaxEntries=5, AddressFamily="IPv4", Entries=[{"Cidr": "198.51.100.0/24", "Description": "Lyon"}, {"Cidr": "203.0.113.7/32"}])["PrefixList"]["PrefixListId"]
        ec2.authorize_security_group_ingress(GroupId=app, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": listed, "Description": "offices"}]}])
        ec2.authorize_security_group_ingress(GroupId=db, IpPermissions=[{"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32", "Description": "v6"}]}])
        ec2.create_vpc_endpoint(VpcId=self.vpc, ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway", RouteTableIds=[private, data], TagSpecifications=spec("vpc-endpoint", {"Name": "s3"}))
        ec2.create_vpc_endpoint(
            VpcId=self.vpc,
            ServiceName=f"com.amazonaws.{REGION}.secretsmanager",
            VpcEndpointType="Interface",
            SubnetIds=[self.subnets["private", "a"], self.subnets["private", "b"]],
            SecurityGroupIds=[app],
            PrivateDnsEnabled=True,
        )

    def table(self, name, subnets):
        table = self.ec2.create_route_table(VpcId=self.vpc, TagSpecifications=spec("route-table", {"Name": name}))["RouteTable"]["RouteTableId"]
        for key in subnets:
            self.ec2.associate_route_table(RouteTableId=table, SubnetId=self.subnets[key])
        return table

    def acl(self, _table):
        acl = self.ec2.create_network_acl(VpcId=self.vpc, TagSpecifications=spec("network-acl", {"Name": "shop-prod-data"}))["NetworkAcl"]["NetworkAclId"]
        for egress in (False, True):
            self.ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=100, Protocol="6", RuleAction="allow", Egress=egress, CidrBlock="10.20.0.0/16", PortRange={"From": 1024, "To": 65535})
        self.ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=90, Protocol="-1", RuleAction="deny", Egress=False, CidrBlock="10.20.99.0/24")
        for association in [a for n in self.ec2.describe_network_acls()["NetworkAcls"] for a in n["Associations"]]:
            if association["SubnetId"] in (self.subnets["data", "a"], self.subnets["data", "b"]):
                self.ec2.replace_network_acl_association(AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl)

    def group(self, name, description, rules):
        group = self.ec2.create_security_group(GroupName=name, Description=description, VpcId=self.vpc, TagSpecifications=spec("security-group", {"Name": name}))["GroupId"]
        for protocol, low, high, source in rules:
            end = {"UserIdGroupPairs": [{"GroupId": source}]} if source.startswith("sg-") else {"IpRanges": [{"CidrIp": source, "Description": f"{name} {low}"}]}
            self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{"IpProtocol": protocol, "FromPort": low, "ToPort": high, **end}])
        return group


class Identity:
    """Paths, boundaries, several versions of a policy, SAML, a strict password policy."""

    def __init__(self):
        self.iam = iam = client("iam", "us-east-1")
        iam.update_account_password_policy(MinimumPasswordLength=14, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True, RequireLowercaseCharacters=True, AllowUsersToChangePassword=True, MaxPasswordAge=90, PasswordReusePrevention=24)
        boundary = iam.create_policy(PolicyName="boundary", Path="/guard/", PolicyDocument=document({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}))["Policy"]["Arn"]
        deploy = iam.create_policy(PolicyName="deploy", Path="/ci/", PolicyDocument=document({"Effect": "Allow", "Action": "ecs:UpdateService", "Resource": "*"}), Tags=tags({"team": "platform"}))["Policy"]["Arn"]
        iam.create_policy_version(PolicyArn=deploy, SetAsDefault=True, PolicyDocument=document({"Sid": "Deploy", "Effect": "Allow", "Action": ["ecs:UpdateService", "ecs:Describe*"], "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": [REGION, "eu-west-1"]}, "Bool": {"aws:SecureTransport": "true"}}}))
        iam.create_group(GroupName="platform", Path="/people/")
        iam.attach_group_policy(GroupName="platform", PolicyArn=deploy)
        iam.create_user(UserName="Jean+ci@shop", Path="/machines/", PermissionsBoundary=boundary, Tags=tags({"team": "platform", "cost-center": "42"}))
        iam.put_user_policy(UserName="Jean+ci@shop", PolicyName="inline, with a comma", PolicyDocument=document({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}))
        iam.add_user_to_group(UserName="Jean+ci@shop", GroupName="platform")
        self.app = self.role("shop-app", {"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]}, PermissionsBoundary=boundary, MaxSessionDuration=7200)
        iam.attach_role_policy(RoleName="shop-app", PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
        iam.create_instance_profile(InstanceProfileName="shop-app", Path="/")
        iam.add_role_to_instance_profile(InstanceProfileName="shop-app", RoleName="shop-app")
        self.function = self.role("shop-function", {"Service": "lambda.amazonaws.com"}, Path="/service/")
        iam.put_role_policy(RoleName="shop-function", PolicyName="logs", PolicyDocument=document({"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": f"arn:aws:logs:*:{ACCOUNT}:log-group:/aws/lambda/shop-*:*"}))
        self.trail = self.role("shop-trail", {"Service": "cloudtrail.amazonaws.com"})
        self.flow = self.role("shop-flow-logs", {"Service": "vpc-flow-logs.amazonaws.com"})
        metadata = '<?xml version="1.0"?><EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.org">' + "<!-- padding -->" * 80 + "</EntityDescriptor>"
        saml = iam.create_saml_provider(Name="company-idp", SAMLMetadataDocument=metadata)["SAMLProviderArn"]
        self.role("sso-admin", {"Federated": saml}, action="sts:AssumeRoleWithSAML", condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}})

    def role(self, name, principal, action="sts:AssumeRole", condition=None, **more):
        statement = {"Effect": "Allow", "Principal": principal, "Action": action, **({"Condition": condition} if condition else {})}
        return self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(statement), Tags=tags({"team": "platform"}), **{"Description": f"{name} of the shop", **more})["Role"]["Arn"]


class Keys:
    def __init__(self, identity):
        kms = client("kms", REGION)
        policy = document(
            {"Sid": "root", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"},
            {"Sid": "app", "Effect": "Allow", "Principal": {"AWS": identity.app}, "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"},
        )
        self.data = kms.create_key(Description="data at rest", KeyUsage="ENCRYPT_DECRYPT", KeySpec="SYMMETRIC_DEFAULT", Policy=policy, Tags=[{"TagKey": "Environment", "TagValue": "prod"}])["KeyMetadata"]
        kms.enable_key_rotation(KeyId=self.data["KeyId"])
        kms.create_alias(AliasName="alias/shop/data", TargetKeyId=self.data["KeyId"])
        signing = kms.create_key(Description="", KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/shop-signing", TargetKeyId=signing)
        self.arn = self.data["Arn"]


class Storage:
    """One bucket with every satellite, one as log target with grants, one in another region."""

    def __init__(self, keys):
        s3 = client("s3", REGION)
        here = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket="shop-logs-7f3a", CreateBucketConfiguration=here, ObjectOwnership="BucketOwnerPreferred")
        s3.put_bucket_acl(Bucket="shop-logs-7f3a", ACL="log-delivery-write")
        name = self.media = "shop.media-7f3a"
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=here, ObjectOwnership="BucketOwnerEnforced")
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags({"Environment": "prod", "team": "médias"})})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keys.arn}, "BucketKeyEnabled": True}]})
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": False})
        s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "shop-logs-7f3a", "TargetPrefix": "s3/media/"}})
        s3.put_bucket_policy(Bucket=name, Policy=document({"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}))
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [{"ID": "web", "AllowedHeaders": ["Authorization"], "AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": ["https://shop.example", "https://*.shop.example"], "MaxAgeSeconds": 600}]})
        s3.put_bucket_lifecycle_configuration(
            Bucket=name,
            LifecycleConfiguration={
                "Rules": [
                    {"ID": "cold", "Status": "Enabled", "Filter": {"Prefix": "archive/"}, "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}], "NoncurrentVersionTransitions": [{"NoncurrentDays": 30, "StorageClass": "GLACIER"}]},
                    {"ID": "old versions", "Status": "Enabled", "Filter": {"And": {"Prefix": "tmp/", "Tags": [{"Key": "keep", "Value": "no"}]}}, "Expiration": {"Days": 7}, "NoncurrentVersionExpiration": {"NoncurrentDays": 14}},
                    {"ID": "uploads", "Status": "Disabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3}},
                ]
            },
        )
        client("s3", "eu-west-1").create_bucket(Bucket="shop-replica-7f3a", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}, ObjectOwnership="BucketOwnerEnforced")
        client("s3", "us-east-1").create_bucket(Bucket="shop-us-7f3a", ObjectOwnership="BucketOwnerEnforced")
        s3.create_bucket(Bucket="shop-site-7f3a", CreateBucketConfiguration=here, ObjectOwnership="BucketOwnerEnforced")
        s3.put_bucket_website(Bucket="shop-site-7f3a", WebsiteConfiguration={"RedirectAllRequestsTo": {"HostName": "shop.example", "Protocol": "https"}})
        s3.put_bucket_versioning(Bucket="shop-site-7f3a", VersioningConfiguration={"Status": "Suspended"})


class Compute:
    """An instance in a private subnet with everything set, one stopped, a template with details, encrypted volumes."""

    def __init__(self, network, identity, keys):
        ec2 = network.ec2
        at("2025-04-01")
        self.app = ec2.run_instances(
            ImageId="ami-0f4ac87a0c33e6f83",
            InstanceType="m5.large",
            MinCount=1,
            MaxCount=1,
            IamInstanceProfile={"Name": "shop-app"},
            Monitoring={"Enabled": True},
            EbsOptimized=True,
            InstanceInitiatedShutdownBehavior="terminate",
            UserData="#cloud-config\npackages:\n  - nginx\nruncmd:\n  - [sh, -c, 'echo \"${HOME}\" > /tmp/x']\n",
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 40, "VolumeType": "gp3", "Iops": 4000, "Throughput": 250, "Encrypted": True, "KmsKeyId": keys.arn, "DeleteOnTermination": False}}],
            NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": network.subnets["private", "a"], "Groups": [network.app], "AssociatePublicIpAddress": False, "DeleteOnTermination": True}],
            MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "HttpEndpoint": "enabled", "InstanceMetadataTags": "enabled"},
            TagSpecifications=spec("instance", {"Name": "shop-app-1", "Environment": "prod"}),
        )["Instances"][0]["InstanceId"]
        stopped = ec2.run_instances(
            ImageId="ami-00c71bd4d220aa22a",
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            SubnetId=network.subnets["public", "b"],
            SecurityGroupIds=[network.web],
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "VolumeType": "gp2", "Encrypted": False, "DeleteOnTermination": True}}],
            MetadataOptions={"HttpTokens": "optional", "HttpPutResponseHopLimit": 1, "HttpEndpoint": "enabled"},
            TagSpecifications=spec("instance", {"Name": "bastion", "Environment": "prod"}),
        )["Instances"][0]["InstanceId"]
        ec2.stop_instances(InstanceIds=[stopped])
        ec2.create_volume(AvailabilityZone=REGION + "a", Size=500, VolumeType="st1", Encrypted=True, KmsKeyId=keys.arn, TagSpecifications=spec("volume", {"Name": "warehouse"}))
        provisioned = ec2.create_volume(AvailabilityZone=REGION + "a", Size=100, VolumeType="io2", Iops=2000, Encrypted=False, TagSpecifications=spec("volume", {"Name": "fast"}))["VolumeId"]
        ec2.attach_volume(VolumeId=provisioned, InstanceId=self.app, Device="/dev/sdh")
        interface = ec2.create_network_interface(SubnetId=network.subnets["private", "a"], Groups=[network.app], Description="floating", TagSpecifications=spec("network-interface", {"Name": "vip"}))["NetworkInterface"]["NetworkInterfaceId"]
        address = ec2.allocate_address(Domain="vpc", TagSpecifications=spec("elastic-ip", {"Name": "vip"}))["AllocationId"]
        ec2.associate_address(AllocationId=address, NetworkInterfaceId=interface)
        ec2.create_launch_template(
            LaunchTemplateName="shop-workers",
            LaunchTemplateData={
                "ImageId": "ami-0f4ac87a0c33e6f83",
                "InstanceType": "m5.large",
                "IamInstanceProfile": {"Name": "shop-app"},
                "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 30, "VolumeType": "gp3", "Encrypted": True, "DeleteOnTermination": True}}],
                "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": False, "Groups": [network.app], "DeleteOnTermination": True}],
                "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
                "Monitoring": {"Enabled": True},
                "TagSpecifications": [{"ResourceType": "instance", "Tags": tags({"Name": "worker", "Environment": "prod"})}, {"ResourceType": "volume", "Tags": tags({"Name": "worker"})}],
                "UserData": base64.b64encode(b"#!/bin/sh\necho worker\n").decode(),
            },
        )
        logs = client("logs", REGION)
        logs.create_log_group(logGroupName="/vpc/shop-prod", kmsKeyId=keys.arn)
        logs.put_retention_policy(logGroupName="/vpc/shop-prod", retentionInDays=90)
        ec2.create_flow_logs(ResourceIds=[network.vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="cloud-watch-logs", LogGroupName="/vpc/shop-prod", DeliverLogsPermissionArn=identity.flow, MaxAggregationInterval=60)


class Balancers:
    """HTTPS with two certificates, redirect, weighted and sticky groups, an internal network balancer."""

    def __init__(self, network, compute):
        elb, acm = client("elbv2", REGION), client("acm", REGION)
        at("2025-10-01")
        shop = acm.request_certificate(DomainName="shop.example", ValidationMethod="DNS", SubjectAlternativeNames=["shop.example", "*.shop.example"], Tags=tags({"Name": "shop"}))["CertificateArn"]
        legacy = acm.request_certificate(DomainName="old.shop.example", ValidationMethod="DNS")["CertificateArn"]
        at("2025-10-02")
        balancer = elb.create_load_balancer(Name="shop-prod", Subnets=[network.subnets["public", "a"], network.subnets["public", "b"]], SecurityGroups=[network.web], Scheme="internet-facing", Type="application", IpAddressType="ipv4", Tags=tags({"Environment": "prod"}))["LoadBalancers"][0]
        self.arn, self.dns = balancer["LoadBalancerArn"], balancer["DNSName"]
        elb.modify_load_balancer_attributes(
            LoadBalancerArn=self.arn,
            Attributes=[{"Key": k, "Value": v} for k, v in {"deletion_protection.enabled": "true", "idle_timeout.timeout_seconds": "120", "routing.http.drop_invalid_header_fields.enabled": "true", "access_logs.s3.enabled": "true", "access_logs.s3.bucket": "shop-logs-7f3a", "access_logs.s3.prefix": "alb"}.items()],
        )
        blue, green = (self.group(elb, network, f"shop-{c}") for c in ("blue", "green"))
        elb.modify_target_group_attributes(TargetGroupArn=blue, Attributes=[{"Key": k, "Value": v} for k, v in {"deregistration_delay.timeout_seconds": "30", "stickiness.enabled": "true", "stickiness.type": "app_cookie", "stickiness.app_cookie.cookie_name": "SHOP", "stickiness.app_cookie.duration_seconds": "3600", "load_balancing.algorithm.type": "least_outstanding_requests"}.items()])
        elb.register_targets(TargetGroupArn=blue, Targets=[{"Id": compute.app, "Port": 8080}])
        https = elb.create_listener(LoadBalancerArn=self.arn, Protocol="HTTPS", Port=443, SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06", Certificates=[{"CertificateArn": shop}], DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/html", "MessageBody": "<p>\"${path}\" %{x}</p>"}}])["Listeners"][0]["ListenerArn"]
        elb.add_listener_certificates(ListenerArn=https, Certificates=[{"CertificateArn": legacy}])
        elb.create_rule(
            ListenerArn=https,
            Priority=1,
            Conditions=[{"Field": "host-header", "HostHeaderConfig": {"Values": ["shop.example", "www.shop.example"]}}, {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Canary", "Values": ["yes"]}}],
            Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": blue, "Weight": 90}, {"TargetGroupArn": green, "Weight": 10}], "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 600}}}],
        )
        elb.create_rule(ListenerArn=https, Priority=2, Conditions=[{"Field": "source-ip", "SourceIpConfig": {"Values": ["198.51.100.0/24"]}}, {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "2"}]}}], Actions=[{"Type": "forward", "TargetGroupArn": green}])
        elb.create_listener(LoadBalancerArn=self.arn, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}", "StatusCode": "HTTP_301"}}])

    def group(self, elb, network, name):
        return elb.create_target_group(
            Name=name, Protocol="HTTP", ProtocolVersion="HTTP1", Port=8080, VpcId=network.vpc, TargetType="instance", IpAddressType="ipv4", HealthCheckProtocol="HTTP", HealthCheckPath="/status?full=1", HealthCheckPort="8081", HealthCheckIntervalSeconds=15, HealthCheckTimeoutSeconds=6, HealthyThresholdCount=3, UnhealthyThresholdCount=4, Matcher={"HttpCode": "200-299,301"}
        )["TargetGroups"][0]["TargetGroupArn"]


def databases(network, keys, identity):
    """MySQL, encrypted, in two zones, with a replica; own parameter and option groups."""
    rds = client("rds", REGION)
    at("2025-04-02")
    rds.create_db_subnet_group(DBSubnetGroupName="shop-data", DBSubnetGroupDescription="data subnets", SubnetIds=[network.subnets["data", "a"], network.subnets["data", "b"]], Tags=tags({"Environment": "prod"}))
    rds.create_db_parameter_group(DBParameterGroupName="shop-mysql8", DBParameterGroupFamily="mysql8.0", Description="utf8mb4, slow log", Tags=tags({"Environment": "prod"}))
    rds.modify_db_parameter_group(DBParameterGroupName="shop-mysql8", Parameters=[{"ParameterName": "slow_query_log", "ParameterValue": "1", "ApplyMethod": "immediate"}, {"ParameterName": "innodb_buffer_pool_size", "ParameterValue": "{DBInstanceClassMemory*3/4}", "ApplyMethod": "pending-reboot"}])
    rds.create_option_group(OptionGroupName="shop-mysql8", EngineName="mysql", MajorEngineVersion="8.0", OptionGroupDescription="audit")
    common = {"DBInstanceClass": "db.m5.large", "PubliclyAccessible": False, "AutoMinorVersionUpgrade": True, "LicenseModel": "general-public-license"}
    rds.create_db_instance(
        DBInstanceIdentifier="shop-prod",
        Engine="mysql",
        EngineVersion="8.0.36",
        DBName="shop",
        MasterUsername="admin",
        MasterUserPassword="Exo-Fake-Breadth-Passw0rd",
        AllocatedStorage=200,
        MaxAllocatedStorage=1000,
        StorageType="gp3",
        StorageEncrypted=True,
        KmsKeyId=keys.arn,
        MultiAZ=True,
        BackupRetentionPeriod=14,
        PreferredBackupWindow="02:00-02:30",
        PreferredMaintenanceWindow="mon:03:00-mon:03:30",
        DeletionProtection=True,
        CopyTagsToSnapshot=True,
        EnableIAMDatabaseAuthentication=True,
        EnableCloudwatchLogsExports=["error", "slowquery"],
        DBSubnetGroupName="shop-data",
        DBParameterGroupName="shop-mysql8",
        OptionGroupName="shop-mysql8",
        VpcSecurityGroupIds=[network.db],
        Port=3306,
        Tags=tags({"Environment": "prod"}),
        **common,
    )
    rds.create_db_instance_read_replica(DBInstanceIdentifier="shop-prod-replica", SourceDBInstanceIdentifier="shop-prod", DBInstanceClass="db.m5.large", PubliclyAccessible=False, Tags=tags({"Environment": "prod"}))
    rds.create_event_subscription(SubscriptionName="shop-db", SnsTopicArn=client("sns", REGION).create_topic(Name="shop-db-events")["TopicArn"], SourceType="db-instance", EventCategories=["failover", "failure"], SourceIds=["shop-prod"], Enabled=True)


class Functions:
    """In the VPC, with a layer, a dead letter queue, a URL, reserved concurrency, an alias."""

    def __init__(self, network, identity, keys):
        lambda_, sqs = client("lambda", REGION), client("sqs", REGION)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(zipfile.ZipInfo("app.py", (2025, 4, 2, 9, 0, 0)), "def handler(e, c):\n    return 1\n")
        code = {"ZipFile": out.getvalue()}
        self.dead = sqs.get_queue_attributes(QueueUrl=sqs.create_queue(QueueName="shop-dead", Attributes={"MaximumMessageSize": "262144"})["QueueUrl"], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.jobs = sqs.get_queue_attributes(QueueUrl=sqs.create_queue(QueueName="shop-jobs", Attributes={"MaximumMessageSize": "262144"})["QueueUrl"], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        layer = lambda_.publish_layer_version(LayerName="shop-common", Content=code, CompatibleRuntimes=["python3.12"])["LayerVersionArn"]
        self.order = lambda_.create_function(
            FunctionName="shop-order",
            Description="takes ${orders}",
            Runtime="python3.12",
            Handler="app.handler",
            Role=identity.function,
            Code=code,
            Timeout=30,
            MemorySize=256,
            PackageType="Zip",
            Architectures=["arm64"],
            Layers=[layer],
            VpcConfig={"SubnetIds": [network.subnets["private", "a"], network.subnets["private", "b"]], "SecurityGroupIds": [network.app]},
            DeadLetterConfig={"TargetArn": self.dead},
            TracingConfig={"Mode": "Active"},
            KMSKeyArn=keys.arn,
            EphemeralStorage={"Size": 1024},
            Environment={"Variables": {"STAGE": "prod", "TABLE": "orders"}},
            Tags={"Environment": "prod"},
        )["FunctionArn"]
        lambda_.put_function_concurrency(FunctionName="shop-order", ReservedConcurrentExecutions=5)
        lambda_.create_alias(FunctionName="shop-order", Name="live", FunctionVersion="$LATEST", Description="what runs")
        lambda_.create_function_url_config(FunctionName="shop-order", AuthType="AWS_IAM", Cors={"AllowOrigins": ["https://shop.example"], "AllowMethods": ["GET"], "MaxAge": 300})
        lambda_.add_permission(FunctionName="shop-order", StatementId="events", Action="lambda:InvokeFunction", Principal="events.amazonaws.com", SourceArn=f"arn:aws:events:{REGION}:{ACCOUNT}:rule/nightly")
        lambda_.create_event_source_mapping(FunctionName="shop-order", EventSourceArn=self.jobs, BatchSize=50, MaximumBatchingWindowInSeconds=5, Enabled=True, FunctionResponseTypes=["ReportBatchItemFailures"])


def messaging(keys, functions):
    """FIFO and encrypted topics, filtered and mail subscriptions, a configuration set with a destination."""
    sns, ses = client("sns", REGION), client("sesv2", REGION)
    at("2025-04-03")
    orders = sns.create_topic(Name="shop-orders.fifo", Attributes={"FifoTopic": "true", "ContentBasedDeduplication": "true", "KmsMasterKeyId": keys.arn}, Tags=tags({"Environment": "prod"}))["TopicArn"]
    alarms = sns.create_topic(Name="shop-alarms", Attributes={"Policy": document({"Sid": "alarms", "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish", "Resource": f"arn:aws:sns:{REGION}:{ACCOUNT}:shop-alarms"})})["TopicArn"]
    sns.subscribe(TopicArn=alarms, Protocol="lambda", Endpoint=functions.order, Attributes={"FilterPolicy": json.dumps({"severity": ["high", {"prefix": "crit"}]}), "RedrivePolicy": json.dumps({"deadLetterTargetArn": functions.dead})})
    sns.subscribe(TopicArn=alarms, Protocol="https", Endpoint="https://hooks.example.org/aws")
    assert orders
    ses.create_configuration_set(ConfigurationSetName="shop-mails", ReputationOptions={"ReputationMetricsEnabled": True}, SendingOptions={"SendingEnabled": True}, SuppressionOptions={"SuppressedReasons": ["BOUNCE"]}, Tags=tags({"Environment": "prod"}))
    ses.create_email_identity(EmailIdentity="shop.example", Tags=tags({"Environment": "prod"}))


def edge(storage, balancers):
    """A distribution with an access control, two behaviours and geographic limits; an ACL with nested statements."""
    cloudfront, waf = client("cloudfront", "us-east-1"), client("wafv2", "us-east-1")
    at("2025-10-03")
    none = {"Quantity": 0}

    def seen(name):
        return {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": True, "MetricName": name}

    def body(priority):
        return {"FieldToMatch": {"Body": {"OversizeHandling": "MATCH"}}, "TextTransformations": [{"Priority": priority, "Type": "LOWERCASE"}, {"Priority": priority + 1, "Type": "URL_DECODE"}]}

    group = waf.create_rule_group(
        Name="shop-bots",
        Scope="CLOUDFRONT",
        Capacity=50,
        Description="bots",
        VisibilityConfig=seen("shop-bots"),
        Rules=[{"Name": "empty-agent", "Priority": 0, "Statement": {"SizeConstraintStatement": {"FieldToMatch": {"SingleHeader": {"Name": "user-agent"}}, "ComparisonOperator": "EQ", "Size": 0, "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}}, "Action": {"Block": {"CustomResponse": {"ResponseCode": 403}}}, "VisibilityConfig": seen("empty")}],
    )["Summary"]["ARN"]
    acl = waf.create_web_acl(
        Name="shop-edge",
        Scope="CLOUDFRONT",
        DefaultAction={"Allow": {}},
        Description="edge",
        VisibilityConfig=seen("shop-edge"),
        Tags=tags({"Environment": "prod"}),
        Rules=[
            {"Name": "bots", "Priority": 0, "Statement": {"RuleGroupReferenceStatement": {"ARN": group}}, "OverrideAction": {"None": {}}, "VisibilityConfig": seen("bots")},
            {
                "Name": "common",
                "Priority": 1,
                "Statement": {
                    "ManagedRuleGroupStatement": {
                        "VendorName": "AWS",
                        "Name": "AWSManagedRulesCommonRuleSet",
                        "Version": "Version_1.6",
                        "ExcludedRules": [],
                        "RuleActionOverrides": [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}],
                        "ScopeDownStatement": {"NotStatement": {"Statement": {"ByteMatchStatement": {"SearchString": b"/upload", "FieldToMatch": {"UriPath": {}}, "TextTransformations": [{"Priority": 0, "Type": "NONE"}], "PositionalConstraint": "STARTS_WITH"}}}},
                    }
                },
                "OverrideAction": {"None": {}},
                "VisibilityConfig": seen("common"),
            },
            {"Name": "login", "Priority": 2, "Statement": {"RateBasedStatement": {"Limit": 300, "EvaluationWindowSec": 120, "AggregateKeyType": "FORWARDED_IP", "ForwardedIPConfig": {"HeaderName": "X-Forwarded-For", "FallbackBehavior": "MATCH"}, "ScopeDownStatement": {"AndStatement": {"Statements": [{"GeoMatchStatement": {"CountryCodes": ["FR", "BE"]}}, {"SqliMatchStatement": body(0)}]}}}}, "Action": {"Captcha": {}}, "VisibilityConfig": seen("login")},
        ],
    )["Summary"]["ARN"]
    access = cloudfront.create_origin_access_control(OriginAccessControlConfig={"Name": "shop-media", "Description": "média du site", "SigningProtocol": "sigv4", "SigningBehavior": "always", "OriginAccessControlOriginType": "s3"})["OriginAccessControl"]["Id"]
    origin = f"{storage.media}.s3.{REGION}.amazonaws.com"

    def behaviour(target, **more):
        return {"TargetOriginId": target, "TrustedSigners": {"Enabled": False, "Quantity": 0}, "TrustedKeyGroups": {"Enabled": False, "Quantity": 0}, "ViewerProtocolPolicy": "https-only", "AllowedMethods": {"Quantity": 3, "Items": ["HEAD", "GET", "OPTIONS"], "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]}}, "SmoothStreaming": False, "Compress": True, "LambdaFunctionAssociations": none, "FunctionAssociations": none, "FieldLevelEncryptionId": "", **more}

    cloudfront.create_distribution_with_tags(
        DistributionConfigWithTags={
            "DistributionConfig": {
                "CallerReference": "breadth",
                "Comment": "",
                "Aliases": none,
                "DefaultRootObject": "index.html",
                "Origins": {
                    "Quantity": 2,
                    "Items": [
                        {"Id": "media", "DomainName": origin, "OriginPath": "/public", "CustomHeaders": none, "S3OriginConfig": {"OriginAccessIdentity": ""}, "ConnectionAttempts": 2, "ConnectionTimeout": 5, "OriginShield": {"Enabled": True, "OriginShieldRegion": "eu-west-2"}, "OriginAccessControlId": access},
                        {"Id": "api", "DomainName": balancers.dns, "OriginPath": "", "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X-From", "HeaderValue": "edge"}]}, "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only", "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]}, "OriginReadTimeout": 60, "OriginKeepaliveTimeout": 10}, "ConnectionAttempts": 3, "ConnectionTimeout": 10, "OriginShield": {"Enabled": False}, "OriginAccessControlId": ""},
                    ],
                },
                "OriginGroups": none,
                "DefaultCacheBehavior": behaviour("media", CachePolicyId="658327ea-f89d-4fab-a63d-7e88639e58f6", ResponseHeadersPolicyId="67f7725c-6f97-4210-82d7-5512b31e9d03"),
                "CacheBehaviors": {"Quantity": 1, "Items": [{"PathPattern": "/api/*", **behaviour("api", ForwardedValues={"QueryString": True, "Cookies": {"Forward": "whitelist", "WhitelistedNames": {"Quantity": 1, "Items": ["session"]}}, "Headers": {"Quantity": 2, "Items": ["Authorization", "Host"]}, "QueryStringCacheKeys": none}, MinTTL=0, DefaultTTL=0, MaxTTL=60)}]},
                "CustomErrorResponses": {"Quantity": 1, "Items": [{"ErrorCode": 503, "ErrorCachingMinTTL": 5}]},
                "Logging": {"Enabled": True, "IncludeCookies": True, "Bucket": "shop-logs-7f3a.s3.amazonaws.com", "Prefix": "cf/"},
                "PriceClass": "PriceClass_100",
                "Enabled": True,
                "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
                "Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Quantity": 2, "Items": ["FR", "BE"]}},
                "WebACLId": acl,
                "HttpVersion": "http2and3",
                "IsIPV6Enabled": False,
                "Staging": False,
                "ContinuousDeploymentPolicyId": "",
            },
            "Tags": {"Items": tags({"Environment": "prod"})},
        }
    )


def observability(storage, identity, keys, functions):
    """A trail over all regions into a log group, alarms of every kind, a dashboard, filters, secrets with rotation."""
    logs, cloudwatch, trail = client("logs", REGION), client("cloudwatch", REGION), client("cloudtrail", REGION)
    at("2025-04-04")
    logs.create_log_group(logGroupName="/aws/cloudtrail/shop", tags={"Environment": "prod"})
    logs.put_retention_policy(logGroupName="/aws/cloudtrail/shop", retentionInDays=365)
    trail.create_trail(
        Name="shop", S3BucketName="shop-logs-7f3a", S3KeyPrefix="trail", IncludeGlobalServiceEvents=True, IsMultiRegionTrail=True, EnableLogFileValidation=True, KmsKeyId=keys.arn, CloudWatchLogsLogGroupArn=f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/cloudtrail/shop:*", CloudWatchLogsRoleArn=identity.trail, TagsList=tags({"Environment": "prod"})
    )
    trail.put_event_selectors(TrailName="shop", EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": [{"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{storage.media}/"]}], "ExcludeManagementEventSources": []}])
    trail.start_logging(Name="shop")
    logs.put_metric_filter(logGroupName="/aws/cloudtrail/shop", filterName="root", filterPattern='{ $.userIdentity.type = "Root" && $.eventType != "AwsServiceEvent" }', metricTransformations=[{"metricName": "RootUsage", "metricNamespace": "Security", "metricValue": "1"}])
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:shop-alarms"
    cloudwatch.put_metric_alarm(AlarmName="root-usage", Namespace="Security", MetricName="RootUsage", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1.0, ComparisonOperator="GreaterThanOrEqualToThreshold", AlarmActions=[topic], TreatMissingData="notBreaching", Tags=tags({"Environment": "prod"}))
    cloudwatch.put_metric_alarm(AlarmName="p99 latency", Namespace="AWS/ApplicationELB", MetricName="TargetResponseTime", ExtendedStatistic="p99", Dimensions=[{"Name": "LoadBalancer", "Value": "app/shop-prod/x"}], Period=300, EvaluationPeriods=3, DatapointsToAlarm=2, Threshold=1.5, ComparisonOperator="GreaterThanThreshold", AlarmActions=[topic], OKActions=[topic])
    cloudwatch.put_metric_alarm(
        AlarmName="error rate",
        EvaluationPeriods=1,
        Threshold=5.0,
        ComparisonOperator="GreaterThanThreshold",
        Metrics=[
            {"Id": "rate", "Expression": "errors / calls * 100", "Label": "error rate", "ReturnData": True},
            {"Id": "errors", "MetricStat": {"Metric": {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": [{"Name": "FunctionName", "Value": "shop-order"}]}, "Period": 300, "Stat": "Sum"}, "ReturnData": False},
            {"Id": "calls", "MetricStat": {"Metric": {"Namespace": "AWS/Lambda", "MetricName": "Invocations", "Dimensions": [{"Name": "FunctionName", "Value": "shop-order"}]}, "Period": 300, "Stat": "Sum"}, "ReturnData": False},
        ],
    )
    cloudwatch.put_dashboard(DashboardName="Shop", DashboardBody=json.dumps({"widgets": [{"type": "text", "x": 0, "y": 0, "width": 6, "height": 3, "properties": {"markdown": "# Shop ${env} %{x}"}}]}))
    secrets, ssm = client("secretsmanager", REGION), client("ssm", REGION)
    secret = secrets.create_secret(Name="shop/api_key@1", Description="été", SecretString="Exo-Fake-Breadth-Secret")["ARN"]
    secrets.put_resource_policy(SecretId=secret, ResourcePolicy=document({"Effect": "Allow", "Principal": {"AWS": identity.app}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}))
    ssm.put_parameter(Name="/shop/url", Type="String", Value="https://shop.example", Tags=tags({"Environment": "prod"}))
    ec2 = client("ec2", REGION)
    ec2.enable_ebs_encryption_by_default()
    client("s3control", REGION).put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    client("guardduty", REGION).create_detector(Enable=True, FindingPublishingFrequency="ONE_HOUR")
    client("backup", REGION).create_backup_vault(BackupVaultName="shop")


if __name__ == "__main__":
    main()
