#!/usr/bin/env python3
"""A start-up without a server: pictures that customers send are printed and posted.  Everything is S3, CloudFront, functions and
queues, made in a hurry by several people: names in every spelling, arguments that are rarely used, secrets where none belong.
For the terraform test; nothing of it is a fixture.
"""

import io
import json
import zipfile

from session import ACCOUNT, at, client, secrets, spec, tags

REGION = "eu-west-3"
EDGE = "us-east-1"
SECRET = secrets("startup")
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def main():
    at("2025-02-01")
    identity = Identity()
    keys = Keys(identity)
    network = Network()
    messaging = Messaging(keys)
    tables = Tables(keys)
    at("2025-03-01")
    functions = Functions(identity, keys, network, messaging, tables)
    storage = Storage(identity, keys, messaging, functions)
    at("2025-04-01")
    certificates = Certificates()
    firewall = Firewall(storage)
    distributions(certificates, firewall, storage, functions)
    at("2025-05-01")
    api = rest_api(functions, identity, network, certificates)
    firewall.guard(api)
    http_api(functions, identity, certificates)
    socket_api(functions, tables)
    at("2025-06-01")
    machines(functions, identity, messaging)
    events(functions, identity, messaging, keys)
    mail(messaging)
    vault(functions, identity, keys)
    at("2025-07-01")
    unmodelled(identity, storage, messaging)
    at("2026-01-20T07:30:00")


def document(*statements, **more):
    return json.dumps({"Version": "2012-10-17", **more, "Statement": list(statements)})


def allow(principal, action, resource, **more):
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **more}


def service(name):
    return {"Service": f"{name}.amazonaws.com"}


class Identity:
    """Users with every legal character, conditions with policy variables, both kinds of federation, odd trusts, a boundary."""

    def __init__(self):
        self.iam = iam = client("iam", EDGE)
        iam.update_account_password_policy(MinimumPasswordLength=20, RequireSymbols=False, RequireNumbers=True, RequireUppercaseCharacters=False, RequireLowercaseCharacters=True, AllowUsersToChangePassword=True, HardExpiry=True, MaxPasswordAge=365, PasswordReusePrevention=5)
        iam.create_account_alias(AccountAlias="plume-photos")
        self.boundary = iam.create_policy(
            PolicyName="plume=boundary,v2+final@2025",
            Path="/guard/rails/",
            Description="Nobody leaves Europe; \"${aws:username}\" is no Terraform",
            PolicyDocument=document(
                {"Sid": "Europe", "Effect": "Deny", "NotAction": ["iam:*", "sts:*", "cloudfront:*", "wafv2:*", "support:*"], "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": [REGION, EDGE]}, "ArnNotLike": {"aws:PrincipalARN": f"arn:aws:iam::{ACCOUNT}:role/break-glass/*"}}},
                {"Sid": "Rest", "Effect": "Allow", "Action": "*", "Resource": "*"},
            ),
            Tags=tags({"plume:owner/team": "plateforme", "empty": ""}),
        )["Policy"]["Arn"]
        home = iam.create_policy(
            PolicyName="own-folder-and-keys",
            PolicyDocument=document(
                {"Effect": "Allow", "Action": ["iam:*AccessKey*", "iam:GetUser", "iam:ChangePassword"], "Resource": f"arn:aws:iam::{ACCOUNT}:user/*/${{aws:username}}"},
                {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::plume.drop-9e2d", "Condition": {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}, "NumericLessThanEquals": {"s3:max-keys": "100"}}},
                {"Effect": "Allow", "Action": "s3:*Object", "Resource": "arn:aws:s3:::plume.drop-9e2d/home/${aws:username}/${aws:PrincipalTag/team, 'guest'}/*"},
                {"Effect": "Deny", "Action": "*", "NotResource": [f"arn:aws:iam::{ACCOUNT}:mfa/${{aws:username}}", "arn:aws:s3:::plume.drop-9e2d/*"], "Condition": {"Null": {"aws:MultiFactorAuthAge": "true"}, "IpAddressIfExists": {"aws:SourceIp": ["2001:db8::/32", "198.51.100.0/24"]}, "DateGreaterThan": {"aws:CurrentTime": "2025-01-01T00:00:00Z"}, "ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}},
            ),
        )["Policy"]["Arn"]
        iam.create_group(GroupName="Devs", Path="/humans/")
        iam.create_group(GroupName="data_science+ml", Path="/humans/")
        iam.attach_group_policy(GroupName="Devs", PolicyArn=home)
        iam.attach_group_policy(GroupName="Devs", PolicyArn="arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")
        iam.attach_group_policy(GroupName="data_science+ml", PolicyArn=home)
        iam.put_group_policy(GroupName="data_science+ml", PolicyName="athena=all,now", PolicyDocument=document({"Effect": "Allow", "Action": "athena:*", "Resource": "*", "Condition": {"StringEqualsIgnoreCase": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}}))
        for name, path, groups in [
            ("zoe.is.not.allowed", "/humans/", ["Devs"]),
            ("Max+ci@plume.example", "/machines/ci/", []),
            ("max+ci@plume.example-2", "/machines/ci/", []),
            ("ops_=,.@-", "/", ["Devs", "data_science+ml"]),
            ("2fa-only", "/humans/", ["data_science+ml"]),
        ]:
            iam.create_user(UserName=name, Path=path, PermissionsBoundary=self.boundary, Tags=tags({"mail": f"{name}@plume.example", "notes / misc.": "", "team": "équipe"}))
            for group in groups:
                iam.add_user_to_group(GroupName=group, UserName=name)
        iam.attach_user_policy(UserName="Max+ci@plume.example", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
        iam.put_user_policy(UserName="ops_=,.@-", PolicyName="a,b=c+d@e.f_g-h", PolicyDocument=document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": [f"arn:aws:iam::{ACCOUNT}:role/break-glass/*"]}))
        iam.create_access_key(UserName="Max+ci@plume.example")
        iam.create_login_profile(UserName="2fa-only", Password="Not-a-real-1-password", PasswordResetRequired=True)
        iam.create_virtual_mfa_device(VirtualMFADeviceName="2fa-only")
        metadata = '<?xml version="1.0"?><EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://login.plume.example/${tenant}">' + "<!-- éé -->" * 120 + "</EntityDescriptor>"
        saml = iam.create_saml_provider(Name="Plume_SSO.v1", SAMLMetadataDocument=metadata, Tags=tags({"team": "plateforme"}))["SAMLProviderArn"]
        github = iam.create_open_id_connect_provider(Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com", "https://github.com/plume"], ThumbprintList=["6938fd4d98bab03faadb97b34396831e3780aea1"])["OpenIDConnectProviderArn"]
        gitlab = iam.create_open_id_connect_provider(Url="https://gitlab.plume.example/oidc/v2", ClientIDList=["plume"], ThumbprintList=["1c58a3a8518e8759bf075b76b750d4f2df264fcd", "6938fd4d98bab03faadb97b34396831e3780aea1"], Tags=tags({"team": ""}))["OpenIDConnectProviderArn"]
        self.role("sso-engineers", {"Effect": "Allow", "Principal": {"Federated": saml}, "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"], "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}, "StringLike": {"SAML:sub": "*@plume.example"}}})
        self.role("ci-deploy", {"Effect": "Allow", "Principal": {"Federated": github}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}, "StringLike": {"token.actions.githubusercontent.com:sub": ["repo:plume/*:ref:refs/heads/main", "repo:plume/infra:environment:prod"]}}}, Path="/ci/", MaxSessionDuration=14400)
        self.role("ci-gitlab", {"Effect": "Allow", "Principal": {"Federated": gitlab}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"gitlab.plume.example/oidc/v2:sub": "project_path:plume/*"}}}, Path="/ci/")
        self.role("count", {"Effect": "Allow", "Principal": {"AWS": [ROOT, f"arn:aws:iam::{ACCOUNT}:user/humans/2fa-only"]}, "Action": "sts:AssumeRole", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}}, Path="/break-glass/", Description="")
        self.role("9-to-5", {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "plume/accountant"}}}, {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Condition": {"DateLessThan": {"aws:CurrentTime": "2025-01-01T07:00:00Z"}}}, Description="l'outil \"lecture seule\" du comptable, ${année} %{2025}")
        self.role("for_each", {"Effect": "Allow", "Principal": service("ec2"), "Action": "sts:AssumeRole"}, Path="/tools/")
        iam.create_instance_profile(InstanceProfileName="Count+bastion", Path="/tools/")
        iam.add_role_to_instance_profile(InstanceProfileName="Count+bastion", RoleName="for_each")
        iam.attach_role_policy(RoleName="sso-engineers", PolicyArn=home)
        iam.attach_role_policy(RoleName="count", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        iam.attach_role_policy(RoleName="9-to-5", PolicyArn="arn:aws:iam::aws:policy/job-function/Billing")
        iam.put_role_policy(RoleName="ci-deploy", PolicyName="deploy_everything,_carefully", PolicyDocument=document({"Sid": "", "Effect": "Allow", "Action": ["lambda:UpdateFunctionCode", "lambda:PublishVersion"], "Resource": f"arn:aws:lambda:*:{ACCOUNT}:function:*"}, {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}}, Id="made in the console"))
        for name in ("lambda.amazonaws.com", "apigateway.amazonaws.com", "states.amazonaws.com", "events.amazonaws.com", "scheduler.amazonaws.com", "s3.amazonaws.com", "firehose.amazonaws.com", "glue.amazonaws.com"):
            short = name.split(".")[0]
            setattr(self, short, self.role(f"plume-{short}", {"Effect": "Allow", "Principal": {"Service": name}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}, Path="/service-role/" if short == "lambda" else "/"))
        self.edge = self.role("plume-edge", {"Effect": "Allow", "Principal": {"Service": ["edgelambda.amazonaws.com", "lambda.amazonaws.com"]}, "Action": "sts:AssumeRole"})
        iam.attach_role_policy(RoleName="plume-lambda", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
        iam.put_role_policy(RoleName="plume-lambda", PolicyName="work", PolicyDocument=document({"Effect": "Allow", "Action": ["dynamodb:*", "sqs:*", "sns:Publish"], "Resource": "*"}))
        iam.create_service_linked_role(AWSServiceName="replicator.lambda.amazonaws.com")

    def role(self, name, *statements, **more):
        return self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(*statements), Tags=tags({"team": "plateforme", "aws-is/odd.key + more": "a=b:c/d@e"}), **more)["Role"]["Arn"]


class Keys:
    """A key with a policy and a grant, one in several regions, asymmetric and HMAC ones, one that is off, aliases with slashes."""

    def __init__(self, identity):
        kms = client("kms", REGION)
        policy = document(
            allow({"AWS": ROOT}, "kms:*", "*", Sid="Enable IAM User Permissions"),
            allow(service("cloudfront"), ["kms:Decrypt", "kms:GenerateDataKey*"], "*", Condition={"StringLike": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"}}),
            allow({"AWS": getattr(identity, "lambda")}, "kms:Decrypt", "*", Condition={"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}, "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["aws:s3:arn"]}}),
            Id="key-consolepolicy-3",
        )
        self.main = kms.create_key(Description="Plume: all of it — “tout” ${everything}", Policy=policy, Tags=[{"TagKey": "cost/center", "TagValue": ""}])["KeyMetadata"]["Arn"]
        key = self.main.rsplit("/", 1)[1]
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
        for alias in ("alias/plume", "alias/Plume", "alias/plume/main/v1"):
            kms.create_alias(AliasName=alias, TargetKeyId=key)
        kms.create_grant(KeyId=key, GranteePrincipal=identity.edge, Operations=["Decrypt"])
        for usage, kind, alias, more in [
            ("SIGN_VERIFY", "RSA_2048", "alias/plume/urls", {}),
            ("GENERATE_VERIFY_MAC", "HMAC_256", "alias/plume/hmac", {}),
            ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "alias/plume/multi", {"MultiRegion": True}),
        ]:
            made = kms.create_key(Description=alias.split("/", 1)[1], KeyUsage=usage, KeySpec=kind, **more)["KeyMetadata"]["KeyId"]
            kms.create_alias(AliasName=alias, TargetKeyId=made)
        off = kms.create_key(Description="left by the agency")["KeyMetadata"]["KeyId"]
        kms.disable_key(KeyId=off)
        gone = kms.create_key(Description="on its way out")["KeyMetadata"]["KeyId"]
        kms.schedule_key_deletion(KeyId=gone, PendingWindowInDays=30)


class Network:
    """The little network that one function and a link need."""

    def __init__(self):
        ec2 = client("ec2", REGION)
        self.vpc = ec2.create_vpc(CidrBlock="172.29.0.0/20", TagSpecifications=spec("vpc", {"Name": "plume vpc (do not delete!)"}))["Vpc"]["VpcId"]
        self.subnets = [ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"172.29.{n}.0/24", AvailabilityZone=REGION + zone, TagSpecifications=spec("subnet", {"Name": f"plume/{zone}"}))["Subnet"]["SubnetId"] for n, zone in enumerate("abc")]
        self.group = ec2.create_security_group(GroupName="lambda -> efs", Description="functions to files", VpcId=self.vpc)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=self.group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "UserIdGroupPairs": [{"GroupId": self.group, "Description": "NFS from itself"}]}])
        efs = client("efs", REGION)
        files = efs.create_file_system(CreationToken="plume", Encrypted=True, PerformanceMode="generalPurpose", ThroughputMode="elastic", Tags=tags({"Name": "plume-modèles"}))["FileSystemId"]
        for subnet in self.subnets[:2]:
            efs.create_mount_target(FileSystemId=files, SubnetId=subnet, SecurityGroups=[self.group])
        self.access = efs.create_access_point(FileSystemId=files, PosixUser={"Uid": 1000, "Gid": 1000}, RootDirectory={"Path": "/models", "CreationInfo": {"OwnerUid": 1000, "OwnerGid": 1000, "Permissions": "0750"}}, ClientToken="plume", Tags=tags({"Name": "models"}))["AccessPointArn"]
        balancing = client("elbv2", REGION)
        self.balancer = balancing.create_load_balancer(Name="plume-link", Subnets=self.subnets[:2], Scheme="internal", Type="network")["LoadBalancers"][0]["LoadBalancerArn"]


class Messaging:
    """Topics and queues: FIFO, encrypted, filtered, with dead letters that know their sources, one that allows none."""

    def __init__(self, keys):
        self.sns, self.sqs = client("sns", REGION), client("sqs", REGION)
        self.dead = self.queue("plume-dead", {"MessageRetentionPeriod": "1209600", "SqsManagedSseEnabled": "true"}, {"lost & found": "oui/non"})
        self.dead_fifo = self.queue("plume-dead.fifo", {"FifoQueue": "true", "SqsManagedSseEnabled": "true"})
        self.prints = self.queue("Prints", {"VisibilityTimeout": "5400", "KmsMasterKeyId": "alias/plume", "KmsDataKeyReusePeriodSeconds": "86400", "ReceiveMessageWaitTimeSeconds": "20", "RedrivePolicy": json.dumps({"deadLetterTargetArn": self.dead, "maxReceiveCount": "3"})})
        self.lower = self.queue("prints", {"DelaySeconds": "900", "MaximumMessageSize": "1024", "SqsManagedSseEnabled": "false"})
        self.ledger = self.queue("ledger.fifo", {"FifoQueue": "true", "ContentBasedDeduplication": "true", "DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue", "SqsManagedSseEnabled": "true", "RedrivePolicy": json.dumps({"deadLetterTargetArn": self.dead_fifo, "maxReceiveCount": 10})})
        self.set("plume-dead", "RedriveAllowPolicy", json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [self.prints]}))
        self.set("plume-dead.fifo", "RedriveAllowPolicy", json.dumps({"redrivePermission": "allowAll"}))
        self.set("prints", "RedriveAllowPolicy", json.dumps({"redrivePermission": "denyAll"}))
        self.set("Prints", "Policy", document(allow(service("s3"), "sqs:SendMessage", self.prints, Sid="__owner_statement", Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::plume.drop-9e2d"}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}), Id="__default_policy_ID"))
        sns = self.sns
        retry = {"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 5, "maxDelayTarget": 60, "numRetries": 20, "numMaxDelayRetries": 5, "numNoDelayRetries": 0, "numMinDelayRetries": 2, "backoffFunction": "exponential"}, "disableSubscriptionOverrides": False, "defaultRequestPolicy": {"headerContentType": "application/json"}}}
        self.topic = sns.create_topic(Name="plume_Events", Attributes={"DisplayName": "Plume ✉ événements", "KmsMasterKeyId": "alias/aws/sns", "DeliveryPolicy": json.dumps(retry), "SignatureVersion": "2", "TracingConfig": "Active"}, Tags=tags({"team": "", "a.b/c d": "é"}))["TopicArn"]
        self.orders = sns.create_topic(Name="orders.fifo", Attributes={"FifoTopic": "true", "ContentBasedDeduplication": "true", "FifoThroughputScope": "MessageGroup", "ArchivePolicy": json.dumps({"MessageRetentionPeriod": "30"})})["TopicArn"]
        self.open = sns.create_topic(Name="bucket-news", Attributes={"Policy": document(allow(service("s3"), "SNS:Publish", f"arn:aws:sns:{REGION}:{ACCOUNT}:bucket-news", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}))})["TopicArn"]
        sns.subscribe(TopicArn=self.orders, Protocol="sqs", Endpoint=self.ledger, Attributes={"RawMessageDelivery": "true", "FilterPolicyScope": "MessageBody", "FilterPolicy": json.dumps({"order": {"total": [{"numeric": [">=", 10, "<", 500]}], "country": [{"anything-but": ["XX"]}], "gift": [{"exists": False}]}})})
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=self.lower, Attributes={"FilterPolicy": json.dumps({"kind": [{"prefix": "print."}, "reprint"], "$or": [{"vip": ["yes"]}, {"age": [{"numeric": [">", 7]}]}]}), "RedrivePolicy": json.dumps({"deadLetterTargetArn": self.dead})})
        sns.subscribe(TopicArn=self.topic, Protocol="https", Endpoint="https://hooks.plume.example/sns?from=aws&x=${y}", Attributes={"DeliveryPolicy": json.dumps({"healthyRetryPolicy": {"numRetries": 7, "minDelayTarget": 3, "maxDelayTarget": 30, "numNoDelayRetries": 1, "numMinDelayRetries": 1, "numMaxDelayRetries": 1, "backoffFunction": "linear"}})})
        sns.subscribe(TopicArn=self.topic, Protocol="https", Endpoint=f"https://hooks.plume.example/in?token={SECRET['WEBHOOK_TOKEN']}")
        sns.subscribe(TopicArn=self.topic, Protocol="https", Endpoint=f"https://partner:{SECRET['PARTNER_PASSWORD']}@partner.example/sns")
        sns.subscribe(TopicArn=self.topic, Protocol="email-json", Endpoint="alerts+aws@plume.example")
        sns.subscribe(TopicArn=self.open, Protocol="sms", Endpoint="+33612345678")

    def queue(self, name, attributes, tags=None):
        self.sqs.create_queue(QueueName=name, Attributes=attributes, tags=tags or {})
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"

    def set(self, name, attribute, value):
        self.sqs.set_queue_attributes(QueueUrl=self.sqs.get_queue_url(QueueName=name)["QueueUrl"], Attributes={attribute: value})


class Tables:
    """A table with both kinds of index, a stream, point-in-time recovery and a lifetime; one in the cheap class with capacity."""

    def __init__(self, keys):
        dynamo = client("dynamodb", REGION)
        made = dynamo.create_table(
            TableName="plume.Orders_v2",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in [("pk", "S"), ("sk", "B"), ("GSI1-PK", "S"), ("created at", "N")]],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            GlobalSecondaryIndexes=[{"IndexName": "by.date", "KeySchema": [{"AttributeName": "GSI1-PK", "KeyType": "HASH"}, {"AttributeName": "created at", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total", "état"]}}],
            LocalSecondaryIndexes=[{"IndexName": "local-1", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "created at", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "KEYS_ONLY"}}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": keys.main},
            DeletionProtectionEnabled=True,
            Tags=tags({"data/class": "personal", "empty": ""}),
        )["TableDescription"]
        self.stream, self.orders = made["LatestStreamArn"], made["TableArn"]
        dynamo.update_continuous_backups(TableName="plume.Orders_v2", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
        dynamo.update_time_to_live(TableName="plume.Orders_v2", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
        dynamo.create_table(TableName="connections", BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 3, "WriteCapacityUnits": 1}, AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], TableClass="STANDARD_INFREQUENT_ACCESS")


class Functions:
    """Zips and containers; layers, aliases, versions, a URL, rights of several kinds, sources with filters, files, secrets."""

    def __init__(self, identity, keys, network, messaging, tables):
        self.lambdas = lambdas = client("lambda", REGION)
        self.zip = archive()
        self.role = getattr(identity, "lambda")
        client("logs", REGION).create_log_group(logGroupName="/plume/functions")
        layers = [lambdas.publish_layer_version(LayerName=name, Content=self.zip, CompatibleRuntimes=["nodejs20.x"], CompatibleArchitectures=["arm64"], Description="${layer}", LicenseInfo="MIT")["LayerVersionArn"] for name in ("sharp-js", "common_1")]
        self.resize = lambdas.create_function(
            FunctionName="plume-resize",
            Description="Resizes \"pictures\" to %{w}x${h} — vite",
            Runtime="nodejs20.x",
            Handler="src/index.handler",
            Role=self.role,
            Code=self.zip,
            Timeout=900,
            MemorySize=10240,
            Architectures=["arm64"],
            Layers=layers,
            EphemeralStorage={"Size": 10240},
            TracingConfig={"Mode": "Active"},
            KMSKeyArn=keys.main,
            DeadLetterConfig={"TargetArn": messaging.dead},
            FileSystemConfigs=[{"Arn": network.access, "LocalMountPath": "/mnt/models"}],
            VpcConfig={"SubnetIds": network.subnets[:2], "SecurityGroupIds": [network.group], "Ipv6AllowedForDualStack": False},
            LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG", "SystemLogLevel": "WARN", "LogGroup": "/plume/functions"},
            Environment={"Variables": {"STAGE": "prod", "DATABASE_URL": f"postgres://plume:{SECRET['DATABASE_URL']}@db.plume.example:5432/plume", "STRIPE": SECRET["STRIPE_KEY"], "JWT_SECRET": SECRET["JWT_SECRET"], "TABLE": "plume.Orders_v2", "TEMPLATE": "Bonjour ${name}, %{if x}\n\"quoted\" ✓"}},
            Tags={"team/squad": "images", "empty": "", "token": SECRET["TAG_TOKEN"]},
        )["FunctionArn"]
        lambdas.put_function_concurrency(FunctionName="plume-resize", ReservedConcurrentExecutions=0)
        first = lambdas.publish_version(FunctionName="plume-resize", Description="first")["Version"]
        lambdas.update_function_code(FunctionName="plume-resize", ZipFile=archive("return 2")["ZipFile"])
        second = lambdas.publish_version(FunctionName="plume-resize", Description="second")["Version"]
        lambdas.create_alias(FunctionName="plume-resize", Name="live", FunctionVersion=second, Description="90/10", RoutingConfig={"AdditionalVersionWeights": {first: 0.1}})
        lambdas.create_alias(FunctionName="plume-resize", Name="Canary_1", FunctionVersion="$LATEST")
        lambdas.put_function_event_invoke_config(FunctionName="plume-resize", MaximumRetryAttempts=0, MaximumEventAgeInSeconds=600, DestinationConfig={"OnFailure": {"Destination": messaging.dead}, "OnSuccess": {"Destination": messaging.topic}})
        lambdas.create_function_url_config(FunctionName="plume-resize", AuthType="NONE", InvokeMode="RESPONSE_STREAM", Cors={"AllowCredentials": True, "AllowHeaders": ["x-plume", "content-type"], "AllowMethods": ["GET", "POST"], "AllowOrigins": ["https://plume.example", "https://*.plume.example"], "ExposeHeaders": ["x-total"], "MaxAge": 86400})
        lambdas.add_permission(FunctionName="plume-resize", StatementId="FunctionURLAllowPublicAccess", Action="lambda:InvokeFunctionUrl", Principal="*", FunctionUrlAuthType="NONE")
        lambdas.add_permission(FunctionName="plume-resize", StatementId="s3_drop", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::plume.drop-9e2d", SourceAccount=ACCOUNT)
        lambdas.add_permission(FunctionName="plume-resize", StatementId="org", Action="lambda:GetFunctionConfiguration", Principal="*", PrincipalOrgID="o-a1b2c3d4e5")
        lambdas.add_permission(FunctionName="plume-resize", StatementId="accountant-9", Action="lambda:InvokeFunction", Principal="999988887777", Qualifier="live")
        self.api = self.plain("plume_API", "python3.13", {"TABLE": "plume.Orders_v2", "QUEUE": "https://sqs.eu-west-3.amazonaws.com/123456789012/Prints"})
        self.java = self.plain("1-for-all", "java21", None, SnapStart={"ApplyOn": "PublishedVersions"}, MemorySize=512, Timeout=29)
        self.authorizer = self.plain("authorizer", "nodejs22.x", {"jwks": "https://plume.example/.well-known/jwks.json"})
        # Four that look alike, one for each picture format.
        for kind in ("jpeg", "heic", "raw", "webp"):
            self.plain(f"convert-{kind}", "python3.13", {"FORMAT": kind})
        self.image = lambdas.create_function(FunctionName="ml-tagger", PackageType="Image", Code={"ImageUri": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/ml-tagger:v1"}, Role=self.role, ImageConfig={"EntryPoint": ["/bin/sh", "-c"], "Command": ["exec python -m tagger \"$@\""], "WorkingDirectory": "/srv/ml tagger"}, Timeout=60, MemorySize=3008, Architectures=["x86_64"])["FunctionArn"]
        at_edge = client("lambda", EDGE)
        at_edge.create_function(FunctionName="edge-rewrite", Runtime="nodejs20.x", Handler="index.handler", Role=identity.edge, Code=self.zip, Publish=True)
        self.edge = f"arn:aws:lambda:{EDGE}:{ACCOUNT}:function:edge-rewrite:1"
        lambdas.create_event_source_mapping(FunctionName="plume_API", EventSourceArn=messaging.prints, BatchSize=10, Enabled=True, FunctionResponseTypes=["ReportBatchItemFailures"], ScalingConfig={"MaximumConcurrency": 5}, FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": {"kind": ["print"], "size": [{"numeric": [">", 0]}]}})}, {"Pattern": json.dumps({"body": {"kind": ["re\"print${}"]}})}]})
        lambdas.create_event_source_mapping(FunctionName="plume_API", EventSourceArn=tables.stream, StartingPosition="TRIM_HORIZON", BatchSize=500, MaximumBatchingWindowInSeconds=30, ParallelizationFactor=4, MaximumRetryAttempts=3, MaximumRecordAgeInSeconds=3600, BisectBatchOnFunctionError=True, TumblingWindowInSeconds=60, DestinationConfig={"OnFailure": {"Destination": messaging.dead}}, FilterCriteria={"Filters": [{"Pattern": json.dumps({"eventName": ["INSERT"]})}]})
        lambdas.create_event_source_mapping(FunctionName="1-for-all", EventSourceArn=messaging.ledger, BatchSize=1, Enabled=False)

    def plain(self, name, runtime, variables, **more):
        given = {"Environment": {"Variables": variables}} if variables else {}
        return self.lambdas.create_function(FunctionName=name, Runtime=runtime, Handler="app.handler", Role=self.role, Code=self.zip, **given, **more)["FunctionArn"]

    def invoke(self, arn, region=REGION):
        return f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"


def archive(does="return 1"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(zipfile.ZipInfo("app.py", (2025, 3, 1, 9, 0, 0)), f"def handler(e, c):\n    {does}\n")
    return {"ZipFile": out.getvalue()}


class Storage:
    """Buckets with every satellite that S3 has, most of them more than once."""

    def __init__(self, identity, keys, messaging, functions):
        self.s3 = s3 = client("s3", REGION)
        here = {"LocationConstraint": REGION}
        self.logs, self.drop, self.vault, self.copy, self.site, self.public = "plume-logs-9e2d", "plume.drop-9e2d", "plume-vault-9e2d", "plume-vault-copy-9e2d", "www.plume.example", "1plume-public-9e2d"
        for name, more in [
            (self.logs, {"ObjectOwnership": "ObjectWriter"}),
            (self.drop, {"ObjectOwnership": "BucketOwnerEnforced"}),
            (self.vault, {"ObjectOwnership": "BucketOwnerEnforced", "ObjectLockEnabledForBucket": True}),
            (self.copy, {"ObjectOwnership": "BucketOwnerEnforced"}),
            (self.site, {"ObjectOwnership": "BucketOwnerEnforced"}),
            (self.public, {"ObjectOwnership": "BucketOwnerPreferred"}),
        ]:
            s3.create_bucket(Bucket=name, CreateBucketConfiguration=here, **more)
        owner = s3.get_bucket_acl(Bucket=self.logs)["Owner"]
        me = {"Type": "CanonicalUser", "ID": owner["ID"]}
        s3.put_bucket_acl(Bucket=self.logs, AccessControlPolicy={"Owner": {"ID": owner["ID"]}, "Grants": [{"Grantee": me, "Permission": "FULL_CONTROL"}, {"Grantee": {"Type": "CanonicalUser", "ID": "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"}, "Permission": "FULL_CONTROL"}, {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}, "Permission": "WRITE"}, {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}, "Permission": "READ_ACP"}]})
        s3.put_bucket_acl(Bucket=self.public, ACL="public-read")
        s3.put_bucket_request_payment(Bucket=self.public, RequestPaymentConfiguration={"Payer": "Requester"})
        s3.put_bucket_tagging(Bucket=self.drop, Tagging={"TagSet": tags({"plume:data/class": "personal data", "empty": "", "équipe": "images & co", "secret": SECRET["TAG_TOKEN"]})})
        s3.put_bucket_accelerate_configuration(Bucket=self.copy, AccelerateConfiguration={"Status": "Enabled"})
        for name in (self.drop, self.copy):
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_encryption(Bucket=self.drop, ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keys.main}, "BucketKeyEnabled": True}]})
        s3.put_bucket_encryption(Bucket=self.vault, ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms:dsse", "KMSMasterKeyID": keys.main}}]})
        s3.put_bucket_encryption(Bucket=self.copy, ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]})
        for name, block in [(self.drop, (True, True, True, True)), (self.vault, (True, True, True, True)), (self.site, (True, True, False, False)), (self.public, (False, False, False, False))]:
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict(zip(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), block)))
        s3.put_object_lock_configuration(Bucket=self.vault, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 7}}})
        for name in (self.drop, self.vault, self.site):
            s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": self.logs, "TargetPrefix": f"s3/{name}/", **({"TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}} if name == self.vault else {})}})
        self.life(s3)
        s3.put_bucket_cors(
            Bucket=self.drop,
            CORSConfiguration={
                "CORSRules": [
                    {"ID": "upload \"form\"", "AllowedHeaders": ["*"], "AllowedMethods": ["PUT", "POST", "DELETE"], "AllowedOrigins": ["https://plume.example", "https://*.plume.example"], "ExposeHeaders": ["ETag", "x-amz-version-id"], "MaxAgeSeconds": 0},
                    {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]},
                    {"ID": "head", "AllowedMethods": ["HEAD"], "AllowedOrigins": ["http://localhost:3000"], "AllowedHeaders": ["x-plume-*"], "MaxAgeSeconds": 3000},
                ]
            },
        )
        s3.put_bucket_website(
            Bucket=self.site,
            WebsiteConfiguration={
                "IndexDocument": {"Suffix": "index.html"},
                "ErrorDocument": {"Key": "404/é.html"},
                "RoutingRules": [
                    {"Condition": {"KeyPrefixEquals": "docs/"}, "Redirect": {"ReplaceKeyPrefixWith": "documents/"}},
                    {"Condition": {"HttpErrorCodeReturnedEquals": "404", "KeyPrefixEquals": "img/"}, "Redirect": {"HostName": "img.plume.example", "Protocol": "https", "HttpRedirectCode": "302", "ReplaceKeyWith": "missing.png"}},
                ],
            },
        )
        s3.put_bucket_policy(
            Bucket=self.site,
            Policy=document(
                {"Sid": "Only from the edge", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{self.site}/*", "Condition": {"StringEquals": {"aws:UserAgent": f"api_key={SECRET['REFERER_SECRET']}"}}},
                {"Effect": "Deny", "Principal": {"AWS": "*"}, "NotAction": "s3:GetObject", "Resource": [f"arn:aws:s3:::{self.site}/*"], "Condition": {"StringNotLike": {"aws:userId": [f"{ACCOUNT}", "AROAEXAMPLEID:*"]}, "Bool": {"aws:SecureTransport": False}}},
            ),
        )
        s3.put_bucket_policy(Bucket=self.logs, Policy=document(allow(service("logging.s3"), "s3:PutObject", f"arn:aws:s3:::{self.logs}/s3/*", Condition={"ArnLike": {"aws:SourceArn": [f"arn:aws:s3:::{self.drop}", f"arn:aws:s3:::{self.vault}"]}})))
        s3.put_bucket_notification_configuration(
            Bucket=self.drop,
            NotificationConfiguration={
                "TopicConfigurations": [{"Id": "news: \"deleted\"", "TopicArn": messaging.open, "Events": ["s3:ObjectRemoved:*", "s3:ObjectRestore:Completed"]}],
                "QueueConfigurations": [{"Id": "prints", "QueueArn": messaging.prints, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "print/été +/"}, {"Name": "suffix", "Value": ".jpg"}]}}}],
                "LambdaFunctionConfigurations": [{"Id": "a-raw", "LambdaFunctionArn": functions.resize, "Events": ["s3:ObjectCreated:Put"], "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".raw"}]}}}, {"Id": "b-heic", "LambdaFunctionArn": functions.resize, "Events": ["s3:ObjectCreated:CompleteMultipartUpload", "s3:ObjectCreated:Put"], "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".heic"}]}}}],
                "EventBridgeConfiguration": {},
            },
        )
        s3.put_bucket_notification_configuration(Bucket=self.vault, NotificationConfiguration={"EventBridgeConfiguration": {}})
        destination = {"Bucket": f"arn:aws:s3:::{self.copy}"}
        s3.put_bucket_replication(
            Bucket=self.drop,
            ReplicationConfiguration={
                "Role": identity.s3,
                "Rules": [
                    {"ID": "originals ${x}", "Priority": 10, "Status": "Enabled", "Filter": {"Prefix": "originals/"}, "DeleteMarkerReplication": {"Status": "Enabled"}, "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}, "ReplicaModifications": {"Status": "Enabled"}}, "Destination": {**destination, "StorageClass": "GLACIER_IR", "EncryptionConfiguration": {"ReplicaKmsKeyID": keys.main}, "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}, "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}}}},
                    {"ID": "tagged", "Priority": 5, "Status": "Disabled", "Filter": {"And": {"Prefix": "p/", "Tags": [{"Key": "keep/ever", "Value": ""}, {"Key": "a", "Value": "b"}]}}, "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": destination},
                    {"ID": "one tag", "Priority": 1, "Status": "Enabled", "Filter": {"Tag": {"Key": "copy", "Value": "yes"}}, "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {**destination, "StorageClass": "STANDARD_IA"}},
                ],
            },
        )
        target = {"S3BucketDestination": {"Bucket": f"arn:aws:s3:::{self.logs}", "Format": "Parquet", "Prefix": "inventory", "AccountId": ACCOUNT, "Encryption": {"SSES3": {}}}}
        s3.put_bucket_inventory_configuration(Bucket=self.drop, Id="weekly.all_versions", InventoryConfiguration={"Id": "weekly.all_versions", "IsEnabled": True, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Weekly"}, "OptionalFields": ["Size", "ETag", "StorageClass"], "Filter": {"Prefix": "originals/"}, "Destination": target})

        for number, where in enumerate(({"Prefix": "originals/"}, {"Tag": {"Key": "a/b", "Value": ""}}, {"And": {"Prefix": "p/", "Tags": [{"Key": "x", "Value": "1"}, {"Key": "y", "Value": "é"}]}}, None)):
            filtered = {"Filter": where} if where else {}
            s3.put_bucket_metrics_configuration(Bucket=self.drop, Id=f"m.{number}_A", MetricsConfiguration={"Id": f"m.{number}_A", **filtered})
            s3.put_bucket_analytics_configuration(Bucket=self.drop, Id=f"a-{number}", AnalyticsConfiguration={"Id": f"a-{number}", **filtered, "StorageClassAnalysis": {"DataExport": {"OutputSchemaVersion": "V_1", "Destination": {"S3BucketDestination": {"Format": "CSV", "Bucket": f"arn:aws:s3:::{self.logs}", "Prefix": "analytics", "BucketAccountId": ACCOUNT}}}} if number == 2 else {}})
        s3.put_bucket_intelligent_tiering_configuration(Bucket=self.drop, Id="Deep_1", IntelligentTieringConfiguration={"Id": "Deep_1", "Status": "Enabled", "Filter": {"And": {"Prefix": "old/", "Tags": [{"Key": "k", "Value": "v"}]}}, "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}, {"Days": 180, "AccessTier": "DEEP_ARCHIVE_ACCESS"}]})
        s3.put_bucket_intelligent_tiering_configuration(Bucket=self.drop, Id="off", IntelligentTieringConfiguration={"Id": "off", "Status": "Disabled", "Tierings": [{"Days": 730, "AccessTier": "DEEP_ARCHIVE_ACCESS"}]})

    def life(self, s3):
        s3.put_bucket_lifecycle_configuration(
            Bucket=self.drop,
            LifecycleConfiguration={
                "Rules": [
                    {"ID": "big & small", "Status": "Enabled", "Filter": {"And": {"Prefix": "originals/", "ObjectSizeGreaterThan": 131072, "ObjectSizeLessThan": 5368709120, "Tags": [{"Key": "tier", "Value": "cold"}, {"Key": "é/x", "Value": ""}]}}, "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 120, "StorageClass": "GLACIER_IR"}, {"Days": 365, "StorageClass": "DEEP_ARCHIVE"}], "NoncurrentVersionTransitions": [{"NoncurrentDays": 30, "StorageClass": "STANDARD_IA", "NewerNoncurrentVersions": 2}], "NoncurrentVersionExpiration": {"NoncurrentDays": 90, "NewerNoncurrentVersions": 3}},
                    {"ID": "small only", "Status": "Enabled", "Filter": {"ObjectSizeLessThan": 1024}, "Expiration": {"Days": 1}},
                    {"ID": "large only", "Status": "Enabled", "Filter": {"ObjectSizeGreaterThan": 1073741824}, "Transitions": [{"Days": 0, "StorageClass": "INTELLIGENT_TIERING"}]},
                    {"ID": "one tag", "Status": "Disabled", "Filter": {"Tag": {"Key": "tmp", "Value": "true"}}, "Expiration": {"Days": 7}},
                    {"ID": "markers", "Status": "Enabled", "Filter": {"Prefix": "gone/"}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
                    {"ID": "uploads", "Status": "Enabled", "Filter": {}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
                ]
            },
        )
        s3.put_bucket_lifecycle_configuration(Bucket=self.logs, LifecycleConfiguration={"Rules": [{"ID": "by date", "Status": "Enabled", "Prefix": "old/", "Expiration": {"Date": "2030-01-01T00:00:00Z"}, "Transitions": [{"Date": "2029-01-01T00:00:00Z", "StorageClass": "GLACIER"}]}]})


class Certificates:
    """Three at the edge, one of them for many names, one imported, and one at home."""

    def __init__(self):
        edge, home = client("acm", EDGE), client("acm", REGION)
        self.site = edge.request_certificate(DomainName="plume.example", SubjectAlternativeNames=["plume.example", "*.plume.example", "www.plume.example"], ValidationMethod="DNS", KeyAlgorithm="EC_prime256v1", Tags=tags({"Name": "site / edge", "empty": ""}))["CertificateArn"]
        self.brands = edge.request_certificate(DomainName="*.brands.plume.example", ValidationMethod="EMAIL")["CertificateArn"]
        self.api = home.request_certificate(DomainName="api.plume.example", SubjectAlternativeNames=["api.plume.example", "ws.plume.example", "rest.plume.example"], ValidationMethod="DNS", Options={"CertificateTransparencyLoggingPreference": "DISABLED"})["CertificateArn"]


class Firewall:
    """ACLs at the edge and at home: statements three deep, rates by custom keys, managed groups with versions and overrides."""

    def __init__(self, storage):
        self.edge, self.home = client("wafv2", EDGE), client("wafv2", REGION)
        self.log = [self.log_group("aws-waf-logs-plume", REGION), self.log_group("aws-waf-logs-plume-edge", EDGE)]
        common = {"Scope": "CLOUDFRONT"}
        v4 = self.edge.create_ip_set(Name="Offices_v4", IPAddressVersion="IPV4", Addresses=["198.51.100.0/24", "203.0.113.7/32"], Description="Paris and Lyon: the office", Tags=tags({"team": ""}), **common)["Summary"]["ARN"]
        v6 = self.edge.create_ip_set(Name="offices_v6", IPAddressVersion="IPV6", Addresses=["2001:db8:1::/48"], **common)["Summary"]["ARN"]
        self.edge.create_ip_set(Name="nobody-yet", IPAddressVersion="IPV4", Addresses=[], **common)
        bad = self.edge.create_regex_pattern_set(Name="bad-paths", RegularExpressionList=[{"RegexString": r"^/\.(git|env)(/|$)"}, {"RegexString": r"\$\{jndi:[^}]*\}"}], Description="scanners", **common)["Summary"]["ARN"]
        group = self.edge.create_rule_group(
            Name="plume-own",
            Capacity=100,
            VisibilityConfig=self.seen("own"),
            CustomResponseBodies={"sorry": {"ContentType": "TEXT_HTML", "Content": "<h1>Désolé \"${you}\"</h1>\n<p>%{no}</p>\n"}},
            Rules=[
                {"Name": "scan", "Priority": 7, "Statement": {"RegexPatternSetReferenceStatement": {"ARN": bad, "FieldToMatch": {"UriPath": {}}, "TextTransformations": [{"Priority": 0, "Type": "URL_DECODE"}, {"Priority": 1, "Type": "LOWERCASE"}]}}, "Action": {"Block": {"CustomResponse": {"ResponseCode": 404, "CustomResponseBodyKey": "sorry", "ResponseHeaders": [{"Name": "x-plume", "Value": "no"}]}}}, "RuleLabels": [{"Name": "plume:scan"}, {"Name": "scan:path"}], "VisibilityConfig": self.seen("scan")},
                {"Name": "json", "Priority": 9, "Statement": {"SqliMatchStatement": {"SensitivityLevel": "HIGH", "FieldToMatch": {"JsonBody": {"MatchPattern": {"IncludedPaths": ["/order/note", "/name"]}, "MatchScope": "VALUE", "InvalidFallbackBehavior": "EVALUATE_AS_STRING", "OversizeHandling": "CONTINUE"}}, "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}}, "Action": {"Count": {"CustomRequestHandling": {"InsertHeaders": [{"Name": "x-sqli", "Value": "maybe"}]}}}, "VisibilityConfig": self.seen("json")},
            ],
            Tags=tags({"team": "plateforme"}),
            **common,
        )["Summary"]["ARN"]
        none = [{"Priority": 0, "Type": "NONE"}]
        self.acl = self.edge.create_web_acl(
            Name="Plume-Edge",
            Description="everything at the edge",
            DefaultAction={"Allow": {"CustomRequestHandling": {"InsertHeaders": [{"Name": "x-waf", "Value": "passed"}]}}},
            VisibilityConfig=self.seen("Plume-Edge"),
            CustomResponseBodies={"slow-down": {"ContentType": "APPLICATION_JSON", "Content": '{"error":"slow down, ${ip}"}'}, "plain": {"ContentType": "TEXT_PLAIN", "Content": "no"}},
            CaptchaConfig={"ImmunityTimeProperty": {"ImmunityTime": 600}},
            ChallengeConfig={"ImmunityTimeProperty": {"ImmunityTime": 900}},
            TokenDomains=["plume.example", "brands.plume.example"],
            Rules=[
                {"Name": "offices", "Priority": 0, "Action": {"Allow": {}}, "VisibilityConfig": self.seen("offices"), "Statement": {"OrStatement": {"Statements": [{"IPSetReferenceStatement": {"ARN": v4, "IPSetForwardedIPConfig": {"HeaderName": "X-Real-IP", "FallbackBehavior": "NO_MATCH", "Position": "FIRST"}}}, {"IPSetReferenceStatement": {"ARN": v6}}, {"AndStatement": {"Statements": [{"GeoMatchStatement": {"CountryCodes": ["FR"]}}, {"NotStatement": {"Statement": {"ByteMatchStatement": {"SearchString": b"bot", "FieldToMatch": {"SingleHeader": {"Name": "user-agent"}}, "PositionalConstraint": "CONTAINS_WORD", "TextTransformations": [{"Priority": 0, "Type": "LOWERCASE"}]}}}}]}}]}}},
                {"Name": "own", "Priority": 1, "OverrideAction": {"None": {}}, "VisibilityConfig": self.seen("own"), "Statement": {"RuleGroupReferenceStatement": {"ARN": group, "RuleActionOverrides": [{"Name": "json", "ActionToUse": {"Block": {}}}]}}},
                {
                    "Name": "bots",
                    "Priority": 2,
                    "OverrideAction": {"Count": {}},
                    "VisibilityConfig": self.seen("bots"),
                    "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesBotControlRuleSet", "Version": "Version_2.0", "ManagedRuleGroupConfigs": [{"AWSManagedRulesBotControlRuleSet": {"InspectionLevel": "TARGETED", "EnableMachineLearning": True}}], "RuleActionOverrides": [{"Name": "CategoryMonitoring", "ActionToUse": {"Allow": {}}}, {"Name": "TGT_VolumetricIpTokenAbsent", "ActionToUse": {"Captcha": {}}}], "ScopeDownStatement": {"NotStatement": {"Statement": {"RegexMatchStatement": {"RegexString": r"^/static/.*\.(css|js)$", "FieldToMatch": {"UriPath": {}}, "TextTransformations": none}}}}}},
                },
                {"Name": "common", "Priority": 3, "OverrideAction": {"None": {}}, "VisibilityConfig": self.seen("common"), "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}},
                {"Name": "labelled", "Priority": 4, "Action": {"Challenge": {"CustomRequestHandling": {"InsertHeaders": [{"Name": "x-challenged", "Value": "1"}]}}}, "VisibilityConfig": self.seen("labelled"), "ChallengeConfig": {"ImmunityTimeProperty": {"ImmunityTime": 300}}, "Statement": {"AndStatement": {"Statements": [{"LabelMatchStatement": {"Scope": "NAMESPACE", "Key": "awswaf:managed:aws:bot-control:bot:category:"}}, {"NotStatement": {"Statement": {"LabelMatchStatement": {"Scope": "LABEL", "Key": "awswaf:managed:aws:bot-control:bot:verified"}}}}]}}},
                {"Name": "rate-by-key", "Priority": 5, "Action": {"Block": {"CustomResponse": {"ResponseCode": 429, "CustomResponseBodyKey": "slow-down", "ResponseHeaders": [{"Name": "retry-after", "Value": "60"}]}}}, "VisibilityConfig": self.seen("rate"), "Statement": {"RateBasedStatement": {"Limit": 100, "EvaluationWindowSec": 60, "AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": [{"Header": {"Name": "x-customer", "TextTransformations": none}}, {"QueryArgument": {"Name": "shop", "TextTransformations": none}}, {"Cookie": {"Name": "session", "TextTransformations": [{"Priority": 0, "Type": "URL_DECODE"}]}}, {"IP": {}}, {"HTTPMethod": {}}], "ScopeDownStatement": {"OrStatement": {"Statements": [{"ByteMatchStatement": {"SearchString": b"/api/\"${x}\"", "FieldToMatch": {"UriPath": {}}, "PositionalConstraint": "STARTS_WITH", "TextTransformations": none}}, {"SizeConstraintStatement": {"FieldToMatch": {"Body": {"OversizeHandling": "CONTINUE"}}, "ComparisonOperator": "GT", "Size": 8192, "TextTransformations": none}}]}}}}},
                {"Name": "rate-all", "Priority": 6, "Action": {"Captcha": {}}, "CaptchaConfig": {"ImmunityTimeProperty": {"ImmunityTime": 120}}, "VisibilityConfig": self.seen("rate-all"), "Statement": {"RateBasedStatement": {"Limit": 5000, "EvaluationWindowSec": 600, "AggregateKeyType": "CONSTANT", "ScopeDownStatement": {"XssMatchStatement": {"FieldToMatch": {"Cookies": {"MatchPattern": {"ExcludedCookies": ["session"]}, "MatchScope": "ALL", "OversizeHandling": "NO_MATCH"}}, "TextTransformations": [{"Priority": 0, "Type": "HTML_ENTITY_DECODE"}]}}}}},
                {"Name": "secret-header", "Priority": 8, "Action": {"Block": {}}, "VisibilityConfig": self.seen("secret"), "Statement": {"NotStatement": {"Statement": {"ByteMatchStatement": {"SearchString": f"x_api_key={SECRET['WAF_SECRET']}".encode(), "FieldToMatch": {"Headers": {"MatchPattern": {"IncludedHeaders": ["x-plume-a", "x-plume-b"]}, "MatchScope": "VALUE", "OversizeHandling": "MATCH"}}, "PositionalConstraint": "EXACTLY", "TextTransformations": none}}}}},
                {"Name": "geo", "Priority": 10, "Action": {"Block": {}}, "VisibilityConfig": self.seen("geo"), "Statement": {"GeoMatchStatement": {"CountryCodes": ["KP", "RU"], "ForwardedIPConfig": {"HeaderName": "X-Forwarded-For", "FallbackBehavior": "MATCH"}}}},
            ],
            Tags=tags({"team": "plateforme", "odd key / with.dots": ""}),
            **common,
        )["Summary"]["ARN"]
        self.edge.put_logging_configuration(
            LoggingConfiguration={
                "ResourceArn": self.acl,
                "LogDestinationConfigs": [self.log[1]],
                "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}, {"QueryString": {}}, {"SingleHeader": {"Name": "cookie"}}],
                "LoggingFilter": {"DefaultBehavior": "DROP", "Filters": [{"Behavior": "KEEP", "Requirement": "MEETS_ANY", "Conditions": [{"ActionCondition": {"Action": "BLOCK"}}, {"LabelNameCondition": {"LabelName": "awswaf:123456789012:rulegroup:plume-own:plume:scan"}}]}, {"Behavior": "DROP", "Requirement": "MEETS_ALL", "Conditions": [{"ActionCondition": {"Action": "COUNT"}}]}]},
            }
        )

    def guard(self, stage):
        """An ACL at home, before a stage of the REST API."""
        acl = self.home.create_web_acl(Name="plume-api", Scope="REGIONAL", DefaultAction={"Block": {"CustomResponse": {"ResponseCode": 403}}}, VisibilityConfig=self.seen("plume-api"), Rules=[{"Name": "methods", "Priority": 0, "Action": {"Allow": {}}, "VisibilityConfig": self.seen("methods"), "Statement": {"ByteMatchStatement": {"SearchString": b"GET", "FieldToMatch": {"Method": {}}, "PositionalConstraint": "EXACTLY", "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}}}])["Summary"]["ARN"]
        self.home.put_logging_configuration(LoggingConfiguration={"ResourceArn": acl, "LogDestinationConfigs": [self.log[0]]})
        self.home.associate_web_acl(WebACLArn=acl, ResourceArn=stage)

    def seen(self, name):
        return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}

    def log_group(self, name, region):
        client("logs", region).create_log_group(logGroupName=name)
        return f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{name}"


def distributions(certificates, firewall, storage, functions):
    """One with everything, and four for brands that look alike."""
    front = client("cloudfront", EDGE)
    none = {"Quantity": 0}
    lists = lambda items: {"Quantity": len(items), "Items": items}
    access = front.create_origin_access_control(OriginAccessControlConfig={"Name": "plume \"drop\" ${oac}", "Description": "", "SigningProtocol": "sigv4", "SigningBehavior": "no-override", "OriginAccessControlOriginType": "s3"})["OriginAccessControl"]["Id"]
    to_function = front.create_origin_access_control(OriginAccessControlConfig={"Name": "plume-function-url", "Description": "resize", "SigningProtocol": "sigv4", "SigningBehavior": "always", "OriginAccessControlOriginType": "lambda"})["OriginAccessControl"]["Id"]
    key = front.create_public_key(PublicKeyConfig={"CallerReference": "plume", "Name": "links-2025", "EncodedKey": PUBLIC_KEY, "Comment": "signs links"})["PublicKey"]["Id"]
    signers = front.create_key_group(KeyGroupConfig={"Name": "links", "Items": [key], "Comment": "who may sign"})["KeyGroup"]["Id"]
    rewrite = front.create_function(Name="rewrite-Index_1", FunctionConfig={"Comment": "adds index.html", "Runtime": "cloudfront-js-2.0"}, FunctionCode=b"function handler(e) { return e.request; }")["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]

    keys = {"EnableAcceptEncodingGzip": True, "EnableAcceptEncodingBrotli": True, "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": lists(["CloudFront-Viewer-Country", "Accept-Language"])}, "CookiesConfig": {"CookieBehavior": "allExcept", "Cookies": lists(["_ga"])}, "QueryStringsConfig": {"QueryStringBehavior": "all"}}
    cached = front.create_cache_policy(CachePolicyConfig={"Name": "Plume_by-country", "Comment": "per \"country\"", "DefaultTTL": 0, "MaxTTL": 31536000, "MinTTL": 0, "ParametersInCacheKeyAndForwardedToOrigin": keys})["CachePolicy"]["Id"]
    passed = front.create_origin_request_policy(OriginRequestPolicyConfig={"Name": "plume-pass", "Comment": "", "HeadersConfig": {"HeaderBehavior": "allViewerAndWhitelistCloudFront", "Headers": lists(["CloudFront-Viewer-City"])}, "CookiesConfig": {"CookieBehavior": "none"}, "QueryStringsConfig": {"QueryStringBehavior": "whitelist", "QueryStrings": lists(["page", "lang"])}})["OriginRequestPolicy"]["Id"]
    headers = front.create_response_headers_policy(
        ResponseHeadersPolicyConfig={
            "Name": "plume-headers",
            "Comment": "",
            "CorsConfig": {"AccessControlAllowOrigins": lists(["https://plume.example", "https://*.plume.example"]), "AccessControlAllowHeaders": lists(["*"]), "AccessControlAllowMethods": lists(["GET", "HEAD"]), "AccessControlAllowCredentials": False, "AccessControlExposeHeaders": lists(["x-total"]), "AccessControlMaxAgeSec": 0, "OriginOverride": False},
            "SecurityHeadersConfig": {"XSSProtection": {"Override": True, "Protection": True, "ModeBlock": True}, "FrameOptions": {"Override": False, "FrameOption": "SAMEORIGIN"}, "ReferrerPolicy": {"Override": True, "ReferrerPolicy": "strict-origin-when-cross-origin"}, "ContentSecurityPolicy": {"Override": True, "ContentSecurityPolicy": "default-src 'self'; img-src \"${cdn}\" data:"}, "ContentTypeOptions": {"Override": True}, "StrictTransportSecurity": {"Override": True, "IncludeSubdomains": True, "Preload": True, "AccessControlMaxAgeSec": 63072000}},
            "ServerTimingHeadersConfig": {"Enabled": True, "SamplingRate": 12.5},
            "CustomHeadersConfig": lists([{"Header": "x-plume", "Value": "é ${x}", "Override": True}]),
            "RemoveHeadersConfig": lists([{"Header": "x-powered-by"}, {"Header": "server"}]),
        }
    )["ResponseHeadersPolicy"]["Id"]

    def behaviour(target, **more):
        return {
            "TargetOriginId": target,
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

    def bucket(name, id, **more):
        return {"Id": id, "DomainName": f"{name}.s3.{REGION}.amazonaws.com", "OriginPath": "", "CustomHeaders": none, "S3OriginConfig": {"OriginAccessIdentity": ""}, "ConnectionAttempts": 3, "ConnectionTimeout": 10, "OriginShield": {"Enabled": False}, "OriginAccessControlId": access, **more}

    def web(host, id, headers=None, **more):
        custom = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only", "OriginSslProtocols": lists(["TLSv1.2"]), "OriginReadTimeout": 30, "OriginKeepaliveTimeout": 5, **more}
        return {"Id": id, "DomainName": host, "OriginPath": "", "CustomHeaders": lists([{"HeaderName": k, "HeaderValue": v} for k, v in headers.items()]) if headers else none, "CustomOriginConfig": custom, "ConnectionAttempts": 3, "ConnectionTimeout": 10, "OriginShield": {"Enabled": False}, "OriginAccessControlId": ""}

    def distribution(reference, **more):
        base = {"CallerReference": reference, "Aliases": none, "DefaultRootObject": "", "OriginGroups": none, "CacheBehaviors": none, "CustomErrorResponses": none, "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""}, "PriceClass": "PriceClass_All", "Enabled": True, "ViewerCertificate": {"CloudFrontDefaultCertificate": True}, "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}}, "WebACLId": "", "HttpVersion": "http2", "IsIPV6Enabled": True, "Staging": False, "ContinuousDeploymentPolicyId": ""}
        made = {**base, **more}
        given = made.pop("Tags")
        front.create_distribution_with_tags(DistributionConfigWithTags={"DistributionConfig": made, "Tags": {"Items": tags(given)}})

    optimized, all_viewer = "658327ea-f89d-4fab-a63d-7e88639e58f6", "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    url = functions.lambdas.get_function_url_config(FunctionName="plume-resize")["FunctionUrl"].split("/")[2]
    distribution(
        "plume-main",
        Comment="Plume — \"site\" ${main} %{prod}",
        Aliases=lists(["plume.example", "www.plume.example"]),
        DefaultRootObject="index.html",
        Origins=lists(
            [
                bucket(storage.drop, "S3/drop ü", OriginPath="/public", OriginShield={"Enabled": True, "OriginShieldRegion": "eu-west-2"}),
                bucket(storage.copy, "fallback"),
                web("api.plume.example", "API (v1)", {"X-Origin-Verify": SECRET["ORIGIN_SECRET"], "X-Stage": "prod", "X-Api-Key": SECRET["UPSTREAM_KEY"]}, OriginReadTimeout=59, OriginKeepaliveTimeout=60, HTTPPort=8080),
                {**web(url, "function"), "OriginAccessControlId": to_function},
                web(f"{storage.site}.s3-website.{REGION}.amazonaws.com", "website", OriginProtocolPolicy="http-only", OriginSslProtocols=lists(["TLSv1.1", "TLSv1.2"])),
            ]
        ),
        OriginGroups=lists([{"Id": "drop or copy", "FailoverCriteria": {"StatusCodes": lists([500, 502, 404])}, "Members": lists([{"OriginId": "S3/drop ü"}, {"OriginId": "fallback"}])}]),
        DefaultCacheBehavior=behaviour("drop or copy", CachePolicyId=cached, OriginRequestPolicyId=passed, ResponseHeadersPolicyId=headers, FunctionAssociations=lists([{"EventType": "viewer-request", "FunctionARN": rewrite}]), LambdaFunctionAssociations=lists([{"LambdaFunctionARN": functions.edge, "EventType": "origin-response", "IncludeBody": False}, {"LambdaFunctionARN": functions.edge, "EventType": "origin-request", "IncludeBody": True}])),
        CacheBehaviors=lists(
            [
                {"PathPattern": "/api/*", **behaviour("API (v1)", ViewerProtocolPolicy="https-only", Compress=False, CachePolicyId="4135ea2d-6df8-44a3-9df3-4b5a84be39ad", OriginRequestPolicyId=all_viewer, AllowedMethods={"Quantity": 7, "Items": ["HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"], "CachedMethods": {"Quantity": 3, "Items": ["HEAD", "GET", "OPTIONS"]}})},
                {"PathPattern": "private/*.jp?g", **behaviour("S3/drop ü", CachePolicyId=optimized, TrustedKeyGroups={"Enabled": True, **lists([signers])}, SmoothStreaming=True)},
                {"PathPattern": "old/*", **behaviour("website", ViewerProtocolPolicy="allow-all", ForwardedValues={"QueryString": True, "QueryStringCacheKeys": lists(["page", "lang"]), "Cookies": {"Forward": "whitelist", "WhitelistedNames": lists(["session", "cart"])}, "Headers": lists(["Accept-Language", "CloudFront-Viewer-Country"])}, MinTTL=1, DefaultTTL=3600, MaxTTL=604800)},
                {"PathPattern": "resize/*", **behaviour("function", CachePolicyId=optimized)},
            ]
        ),
        CustomErrorResponses=lists([{"ErrorCode": 403, "ResponsePagePath": "/404.html", "ResponseCode": "404", "ErrorCachingMinTTL": 0}, {"ErrorCode": 502, "ResponsePagePath": "", "ResponseCode": "", "ErrorCachingMinTTL": 5}]),
        Logging={"Enabled": True, "IncludeCookies": False, "Bucket": f"{storage.logs}.s3.amazonaws.com", "Prefix": "cf/main/"},
        PriceClass="PriceClass_200",
        ViewerCertificate={"ACMCertificateArn": certificates.site, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"},
        Restrictions={"GeoRestriction": {"RestrictionType": "blacklist", **lists(["KP", "RU"])}},
        WebACLId=firewall.acl,
        HttpVersion="http3",
        Tags={"Name": "main", "team/squad": "web", "empty": ""},
    )
    for brand in ("ana", "bruno", "chloe", "dédé"):
        host = brand.replace("é", "e")
        distribution(
            f"plume-{brand}",
            Comment=f"brand {brand}",
            Aliases=lists([f"{host}.brands.plume.example"]),
            Origins=lists([bucket(storage.drop, "drop", OriginPath=f"/brands/{host}")]),
            DefaultCacheBehavior=behaviour("drop", CachePolicyId=optimized, FunctionAssociations=lists([{"EventType": "viewer-request", "FunctionARN": rewrite}])),
            CustomErrorResponses=lists([{"ErrorCode": 404, "ResponsePagePath": "/index.html", "ResponseCode": "200", "ErrorCachingMinTTL": 10}]),
            PriceClass="PriceClass_100",
            ViewerCertificate={"ACMCertificateArn": certificates.brands, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"},
            WebACLId=firewall.acl,
            HttpVersion="http2and3",
            Tags={"brand": brand},
        )
    storage.s3.put_bucket_policy(Bucket=storage.drop, Policy=document(allow(service("cloudfront"), "s3:GetObject", f"arn:aws:s3:::{storage.drop}/*", Condition={"StringLike": {"AWS:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"}})))


PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo
4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0/IzW7yWR7QkrmBL7jTKEn5u
+qKhbwKfBstIs+bMY2Zkp18gnTxKLxoS2tFczGkPLPgizskuemMghRniWaoLcyeh
kd3qqGElvW/VDL5AaWTg0nLVkjRo9z+40RQzuVaE8AkAFmxZzow3x+VJYKdjykkJ
0iT9wCS0DRTXu269V264Vf/3jvredZiKRkgwlL9xNAwxXFg0x/XFw005UWVRIkdg
cKWTjpBP2dPwVZ4WWC+9aGVd+Gyn1o0CLelf4rEjGoXbAAEgAqeGUxrcIlbjXfbc
mwIDAQAB
-----END PUBLIC KEY-----
"""


def rest_api(functions, identity, network, certificates):
    """Paths four deep, all five kinds of integration, models, a canary, settings by method, two plans, two names."""
    gateway = client("apigateway", REGION)
    gateway.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": identity.apigateway}])
    api = gateway.create_rest_api(name="Plume REST \"v1\" ${api}", description="What brands call", binaryMediaTypes=["image/*", "*/*"], minimumCompressionSize=0, endpointConfiguration={"types": ["EDGE"]}, tags={"team/squad": "web", "empty": ""}, version="2025-01")["id"]
    root = next(r["id"] for r in gateway.get_resources(restApiId=api)["items"] if r["path"] == "/")
    path = lambda parent, part: gateway.create_resource(restApiId=api, parentId=parent, pathPart=part)["id"]
    brands = path(root, "brands")
    brand = path(brands, "{brandId}")
    orders = path(brand, "orders")
    order = path(orders, "{orderId+}")
    health = path(root, "_health")
    inside = path(root, "inside")
    for name, schema in [("Order", {"$schema": "http://json-schema.org/draft-04/schema#", "title": "Order", "type": "object", "required": ["id"], "properties": {"id": {"type": "string", "pattern": "^[a-z]{2}\\d+$"}, "note": {"type": "string", "description": "${free} text, \"quoted\""}}}), ("Orders2", {"type": "array", "items": {"$ref": f"https://apigateway.amazonaws.com/restapis/{api}/models/Order"}})]:
        gateway.create_model(restApiId=api, name=name, description=f"the {name}", contentType="application/json", schema=json.dumps(schema, indent=2))
    both = gateway.create_request_validator(restApiId=api, name="Validate body, query string parameters, and headers", validateRequestBody=True, validateRequestParameters=True)["id"]
    gateway.create_request_validator(restApiId=api, name="params-only", validateRequestBody=False, validateRequestParameters=True)
    token = gateway.create_authorizer(restApiId=api, name="jwt/1", type="TOKEN", authorizerUri=functions.invoke(functions.authorizer), identitySource="method.request.header.Authorization", authorizerResultTtlInSeconds=0)["id"]
    asked = gateway.create_authorizer(restApiId=api, name="by-request", type="REQUEST", authorizerUri=functions.invoke(functions.authorizer), authorizerCredentials=identity.apigateway, identitySource="method.request.header.x-brand,context.identity.sourceIp", authorizerResultTtlInSeconds=3600)["id"]
    link = gateway.create_vpc_link(name="Plume link", description="to the inside", targetArns=[network.balancer], tags={"team": ""})["id"]

    def method(resource, verb, authorization, integration, **more):
        gateway.put_method(restApiId=api, resourceId=resource, httpMethod=verb, authorizationType=authorization, **more)
        gateway.put_integration(restApiId=api, resourceId=resource, httpMethod=verb, **integration)

    proxy = {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": functions.invoke(functions.api), "passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000}
    method(brands, "GET", "NONE", proxy, apiKeyRequired=True)
    method(brand, "GET", "CUSTOM", {**proxy, "cacheNamespace": "brand", "cacheKeyParameters": ["method.request.path.brandId", "method.request.querystring.lang"]}, authorizerId=token, requestParameters={"method.request.path.brandId": True, "method.request.querystring.lang": False})
    method(orders, "POST", "CUSTOM", {"type": "AWS", "integrationHttpMethod": "POST", "uri": f"arn:aws:apigateway:{REGION}:sqs:path/{ACCOUNT}/Prints", "credentials": identity.apigateway, "passthroughBehavior": "NEVER", "timeoutInMillis": 5000, "requestParameters": {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"}, "requestTemplates": {"application/json": "Action=SendMessage&MessageBody=$util.urlEncode($input.body)\n#set($x = \"${y}\")\n"}}, authorizerId=asked, requestValidatorId=both, requestModels={"application/json": "Order"})
    gateway.put_method_response(restApiId=api, resourceId=orders, httpMethod="POST", statusCode="202", responseModels={"application/json": "Empty"}, responseParameters={"method.response.header.x-order": False})
    gateway.put_integration_response(restApiId=api, resourceId=orders, httpMethod="POST", statusCode="202", selectionPattern="2\\d{2}", responseParameters={"method.response.header.x-order": "integration.response.header.x-amzn-RequestId"}, responseTemplates={"application/json": '{"ok": true, "at": "$context.requestTime"}'}, contentHandling="CONVERT_TO_TEXT")
    method(order, "ANY", "AWS_IAM", {"type": "HTTP_PROXY", "integrationHttpMethod": "ANY", "uri": "https://upstream.plume.example/{brand}/orders/{proxy}", "passthroughBehavior": "WHEN_NO_TEMPLATES", "timeoutInMillis": 10000, "requestParameters": {"integration.request.path.proxy": "method.request.path.orderId", "integration.request.header.x-api-key": f"'{SECRET['UPSTREAM_KEY']}'"}, "tlsConfig": {"insecureSkipVerification": False}}, requestParameters={"method.request.path.orderId": True})
    method(health, "GET", "NONE", {"type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'}, "passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000})
    gateway.put_method_response(restApiId=api, resourceId=health, httpMethod="GET", statusCode="200")
    gateway.put_integration_response(restApiId=api, resourceId=health, httpMethod="GET", statusCode="200", responseTemplates={"application/json": '{"status":"ok ✓"}'})
    method(inside, "GET", "NONE", {"type": "HTTP_PROXY", "integrationHttpMethod": "GET", "uri": "http://inside.plume.example:8080/", "connectionType": "VPC_LINK", "connectionId": link, "passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000})
    for kind, code in [("DEFAULT_5XX", None), ("UNAUTHORIZED", "401"), ("WAF_FILTERED", "403")]:
        gateway.put_gateway_response(restApiId=api, responseType=kind, **({"statusCode": code} if code else {}), responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'https://plume.example'"}, responseTemplates={"application/json": '{"message":$context.error.messageString,"why":"${why}"}'})
    first = gateway.create_deployment(restApiId=api, description="first")["id"]
    second = gateway.create_deployment(restApiId=api, description="canary \"two\"")["id"]
    gateway.create_stage(restApiId=api, stageName="v1", deploymentId=first, description="", cacheClusterEnabled=True, cacheClusterSize="1.6", variables={"alias": "live", "token": SECRET["STAGE_TOKEN"]}, tracingEnabled=True, canarySettings={"percentTraffic": 12.5, "deploymentId": second, "stageVariableOverrides": {"alias": "canary"}, "useStageCache": True}, tags={"team": "web"})
    client("logs", REGION).create_log_group(logGroupName="API-Gateway-Access_Logs/plume")
    operations = {"/accessLogSettings/destinationArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:API-Gateway-Access_Logs/plume", "/accessLogSettings/format": '{"id":"$context.requestId","ip":"$context.identity.sourceIp"}', "/*/*/metrics/enabled": "true", "/*/*/logging/loglevel": "INFO", "/*/*/logging/dataTrace": "true", "/*/*/throttling/rateLimit": "100.5", "/*/*/throttling/burstLimit": "200", "/brands~1{brandId}/GET/caching/enabled": "true", "/brands~1{brandId}/GET/caching/ttlInSeconds": "60", "/brands~1{brandId}/GET/caching/dataEncrypted": "true"}
    gateway.update_stage(restApiId=api, stageName="v1", patchOperations=[{"op": "replace", "path": p, "value": v} for p, v in operations.items()])
    gateway.create_stage(restApiId=api, stageName="Test_2", deploymentId=second)
    functions.lambdas.add_permission(FunctionName="plume_API", StatementId="rest-api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com", SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/*/*/brands/*")
    for name, stage, more in [("brands: basic", "v1", {"quota": {"limit": 1000, "offset": 2, "period": "WEEK"}, "throttle": {"rateLimit": 1.5, "burstLimit": 3}}), ("Brands: PRO", "Test_2", {})]:
        plan = gateway.create_usage_plan(name=name, description="a plan", apiStages=[{"apiId": api, "stage": stage}], **more)["id"]
        key = gateway.create_api_key(name=f"key of {name}", enabled=True, value=SECRET["API_KEY_VALUE"] + stage, tags={"empty": ""})["id"]
        gateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    gateway.create_domain_name(domainName="rest.plume.example", certificateArn=certificates.site, endpointConfiguration={"types": ["EDGE"]}, securityPolicy="TLS_1_2", tags={"team": "web"})
    gateway.create_base_path_mapping(domainName="rest.plume.example", basePath="(none)", restApiId=api, stage="v1")
    gateway.create_base_path_mapping(domainName="rest.plume.example", basePath="test", restApiId=api, stage="Test_2")
    return f"arn:aws:apigateway:{REGION}::/restapis/{api}/stages/v1"


def http_api(functions, identity, certificates):
    gateway = client("apigatewayv2", REGION)
    api = gateway.create_api(Name="plume http €", ProtocolType="HTTP", Description="", CorsConfiguration={"AllowCredentials": False, "AllowHeaders": ["*"], "AllowMethods": ["*"], "AllowOrigins": ["*"], "MaxAge": 0}, Tags={"empty": "", "k/e.y": "v"})["ApiId"]
    target = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationMethod="POST", IntegrationUri=functions.api, PayloadFormatVersion="2.0", ConnectionType="INTERNET", TimeoutInMillis=29000)["IntegrationId"]
    steps = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationSubtype="EventBridge-PutEvents", PayloadFormatVersion="1.0", CredentialsArn=identity.apigateway, RequestParameters={"Detail": "$request.body.detail", "DetailType": "plume.\"x\"", "Source": "${literal}"}, ConnectionType="INTERNET", TimeoutInMillis=30000)["IntegrationId"]
    jwt = gateway.create_authorizer(ApiId=api, AuthorizerType="JWT", Name="cognito", IdentitySource=["$request.header.Authorization"], JwtConfiguration={"Audience": ["4abc"], "Issuer": f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_AbCdEf123"})["AuthorizerId"]
    asked = gateway.create_authorizer(ApiId=api, AuthorizerType="REQUEST", Name="Lambda: by cookie", IdentitySource=["$request.header.cookie", "$request.querystring.s", "$context.routeKey"], AuthorizerUri=functions.invoke(functions.authorizer), AuthorizerPayloadFormatVersion="1.0", AuthorizerResultTtlInSeconds=0)["AuthorizerId"]
    for key, where, more in [("GET /pictures/{id}", target, {"AuthorizationType": "JWT", "AuthorizerId": jwt, "AuthorizationScopes": ["plume/read"]}), ("DELETE /pictures/{id}", target, {"AuthorizationType": "JWT", "AuthorizerId": jwt}), ("PUT /pictures/{id}", target, {"AuthorizationType": "CUSTOM", "AuthorizerId": asked}), ("ANY /{proxy+}", target, {"AuthorizationType": "NONE"}), ("POST /events", steps, {"AuthorizationType": "NONE"})]:
        gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{where}", **more)
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True, DefaultRouteSettings={"DetailedMetricsEnabled": False, "ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0.5}, StageVariables={"k-1": "v"})
    gateway.create_domain_name(DomainName="api.plume.example", DomainNameConfigurations=[{"CertificateArn": certificates.api, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}])
    gateway.create_api_mapping(ApiId=api, DomainName="api.plume.example", Stage="$default")


def socket_api(functions, tables):
    gateway = client("apigatewayv2", REGION)
    api = gateway.create_api(Name="live-updates", ProtocolType="WEBSOCKET", RouteSelectionExpression="${request.body.action}")["ApiId"]
    target = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationMethod="POST", IntegrationUri=functions.invoke(functions.api), ConnectionType="INTERNET", PassthroughBehavior="WHEN_NO_MATCH", PayloadFormatVersion="1.0", TimeoutInMillis=29000, ContentHandlingStrategy="CONVERT_TO_TEXT")["IntegrationId"]
    for key in ("$connect", "$disconnect", "$default", "join room"):
        gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{target}", AuthorizationType="NONE")
    gateway.create_stage(ApiId=api, StageName="prod", AutoDeploy=False, DefaultRouteSettings={"DataTraceEnabled": False, "DetailedMetricsEnabled": False, "LoggingLevel": "OFF", "ThrottlingBurstLimit": 5, "ThrottlingRateLimit": 5})


def machines(functions, identity, messaging):
    """One that waits for days, one that answers at once, both with logs; a definition with JSONata and quotes."""
    states = client("stepfunctions", REGION)
    logs = client("logs", REGION)
    logs.create_log_group(logGroupName="/aws/vendedlogs/states/plume")
    logs.put_retention_policy(logGroupName="/aws/vendedlogs/states/plume", retentionInDays=1)
    log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/vendedlogs/states/plume:*"
    call = {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": {"ApiEndpoint": "https://partner.example/print", "Method": "POST", "Headers": {"Authorization": f"Bearer {SECRET['STATE_TOKEN']}"}}, "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "BackoffRate": 1.5, "JitterStrategy": "FULL"}], "Next": "Wait"}
    long = {"Comment": "prints “slowly” ${order}", "QueryLanguage": "JSONPath", "StartAt": "Print", "TimeoutSeconds": 864000, "States": {"Print": call, "Wait": {"Type": "Wait", "SecondsPath": "$.wait", "Next": "Queue"}, "Queue": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/prints", "MessageBody": {"token.$": "$$.Task.Token", "arn": messaging.lower}}, "End": True}}}
    quick = {"StartAt": "Go", "QueryLanguage": "JSONata", "States": {"Go": {"Type": "Task", "Resource": functions.api, "Output": "{% $states.result.Payload & '\"' %}", "End": True}}}
    states.create_state_machine(name="Print_order-1", definition=json.dumps(long, indent=2, ensure_ascii=False), roleArn=identity.states, type="STANDARD", loggingConfiguration={"level": "ALL", "includeExecutionData": False, "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": log}}]}, tracingConfiguration={"enabled": True}, tags=[{"key": "team/squad", "value": ""}])
    states.create_state_machine(name="quick", definition=json.dumps(quick, indent=2), roleArn=identity.states, type="EXPRESS", loggingConfiguration={"level": "FATAL", "includeExecutionData": True, "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": log}}]})


def events(functions, identity, messaging, keys):
    bridge = client("events", REGION)
    bus = bridge.create_event_bus(Name="plume.bus_shop", Description="shop \"events\"", Tags=tags({"empty": ""}))["EventBusArn"]
    bridge.put_permission(EventBusName="plume.bus_shop", StatementId="accountant", Action="events:PutEvents", Principal="999988887777")
    bridge.create_archive(ArchiveName="shop_90", EventSourceArn=bus, RetentionDays=0)
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:Print_order-1"
    connection = bridge.create_connection(Name="Partner_oauth", AuthorizationType="OAUTH_CLIENT_CREDENTIALS", AuthParameters={"OAuthParameters": {"ClientParameters": {"ClientID": "plume", "ClientSecret": SECRET["CONNECTION_PASSWORD"]}, "AuthorizationEndpoint": "https://partner.example/oauth", "HttpMethod": "POST", "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "print", "IsValueSecret": False}]}}, "InvocationHttpParameters": {"HeaderParameters": [{"Key": "x-plume", "Value": "1", "IsValueSecret": False}]}})["ConnectionArn"]
    destination = bridge.create_api_destination(Name="partner.print", ConnectionArn=connection, InvocationEndpoint="https://partner.example/*/print", HttpMethod="PUT", InvocationRateLimitPerSecond=1)["ApiDestinationArn"]
    bridge.put_rule(Name="order.Paid-1", EventBusName="plume.bus_shop", EventPattern=json.dumps({"source": [{"prefix": "plume."}], "detail": {"total": [{"numeric": [">", 0, "<=", 1000]}], "note": [{"anything-but": {"prefix": "te\"st${x}"}}], "$or": [{"vip": [True]}, {"gift": [{"exists": True}]}]}}), Description="paid — éè")
    bridge.put_targets(
        Rule="order.Paid-1",
        EventBusName="plume.bus_shop",
        Targets=[
            {"Id": "Print", "Arn": machine, "RoleArn": identity.events, "InputTransformer": {"InputPathsMap": {"order": "$.detail.id", "all": "$"}, "InputTemplate": '{\n  "order": "<order>",\n  "event": <all>,\n  "say": "${hello} \\"x\\""\n}'}},
            {"Id": "API.partner", "Arn": destination, "RoleArn": identity.events, "HttpParameters": {"PathParameterValues": ["brand"], "HeaderParameters": {"x-from": "plume", "x-api-key": SECRET["EVENT_TOKEN"]}, "QueryStringParameters": {"v": "2"}}, "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}, "DeadLetterConfig": {"Arn": messaging.dead}},
            {"Id": "ledger", "Arn": messaging.ledger, "SqsParameters": {"MessageGroupId": "<order>"}},
        ],
    )
    bridge.put_rule(Name="every-5-minutes", ScheduleExpression="rate(5 minutes)", State="ENABLED")
    bridge.put_targets(Rule="every-5-minutes", Targets=[{"Id": "Id1a2b3c", "Arn": functions.api, "Input": json.dumps({"job": "sweep", "password": SECRET["SCHEDULE_PASSWORD"]})}, {"Id": "log", "Arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/plume/functions"}, {"Id": "topic", "Arn": messaging.open, "InputPath": "$.detail"}])
    bridge.put_rule(Name="drop-created", EventPattern=json.dumps({"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": ["plume.drop-9e2d"]}, "object": {"key": [{"wildcard": "originals/*.raw"}]}}}))
    bridge.put_targets(Rule="drop-created", Targets=[{"Id": "bus", "Arn": bus, "RoleArn": identity.events}])
    scheduler = client("scheduler", REGION)
    scheduler.create_schedule_group(Name="nightly.jobs_1")
    for name, expression, target in [
        ("Clean_up", "cron(0 3 ? * SUN *)", {"Arn": functions.java, "Input": json.dumps({"days": 30})}),
        ("clean_up", "rate(12 hours)", {"Arn": messaging.prints, "Input": "plain text ${x}"}),
        ("once", "at(2030-06-01T08:30:00)", {"Arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution", "Input": json.dumps({"StateMachineArn": machine, "Input": "{}"})}),
        ("to-bus", "cron(*/10 8-18 ? * MON-FRI *)", {"Arn": bus, "EventBridgeParameters": {"DetailType": "tick", "Source": "plume.clock"}, "Input": "{}"}),
    ]:
        scheduler.create_schedule(Name=name, GroupName="nightly.jobs_1", ScheduleExpression=expression, ScheduleExpressionTimezone="America/Argentina/Buenos_Aires", FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60}, Description="" if name == "once" else f"{name}: scheduled", Target={**target, "RoleArn": identity.scheduler, "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 0}})


def mail(messaging):
    ses = client("sesv2", REGION)
    ses.create_configuration_set(ConfigurationSetName="plume_Transactional-1", DeliveryOptions={"TlsPolicy": "REQUIRE"}, ReputationOptions={"ReputationMetricsEnabled": True}, SendingOptions={"SendingEnabled": False}, SuppressionOptions={"SuppressedReasons": ["BOUNCE", "COMPLAINT"]}, Tags=tags({"empty": ""}))
    ses.create_email_identity(EmailIdentity="plume.example", Tags=tags({"a/b": "c.d"}))
    ses.create_email_identity(EmailIdentity="Max.O'Neil+test@plume.example")
    client("ses", REGION).create_template(Template={"TemplateName": "welcome", "SubjectPart": "Bonjour {{name}}", "TextPart": "…", "HtmlPart": "<p>…</p>"})


def vault(functions, identity, keys):
    """Secrets with rotation, replica and policy, in every spelling; parameters of every type."""
    manager, ssm = client("secretsmanager", REGION), client("ssm", REGION)
    first = manager.create_secret(Name="prod/plume/db+main=1.0@x_y-z", Description="DB of ${prod}", KmsKeyId=keys.main, SecretString=json.dumps({"username": "plume", "password": SECRET["SECRET_VALUE"]}), Tags=tags({"empty": "", "dots.and/slashes": "x"}), AddReplicaRegions=[{"Region": "eu-west-1"}])["ARN"]
    manager.create_secret(Name="Stripe", SecretString=SECRET["STRIPE_KEY"])
    manager.create_secret(Name="stripe", Description="")
    functions.lambdas.add_permission(FunctionName="1-for-all", StatementId="rotation", Action="lambda:InvokeFunction", Principal="secretsmanager.amazonaws.com")
    manager.rotate_secret(SecretId=first, RotationLambdaARN=functions.java, RotationRules={"ScheduleExpression": "cron(0 4 1 * ? *)", "Duration": "3h"}, RotateImmediately=False)
    manager.put_resource_policy(SecretId=first, ResourcePolicy=document({"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "secretsmanager:GetSecretValue", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalArn": getattr(identity, "lambda")}, "ForAnyValue:StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}}))
    for name, kind, value, more in [
        ("/plume/prod/URL", "String", "https://plume.example/${x}", {"Description": "site “principal”", "AllowedPattern": "^https://.*$"}),
        ("/plume/prod/url", "String", "https://plume.example/lower", {"Tier": "Advanced"}),
        ("/plume/prod/hosts", "StringList", "a.example,b.example", {}),
        ("/plume/prod/db-password", "SecureString", SECRET["PARAMETER_PASSWORD"], {"KeyId": "alias/plume"}),
        ("0.plain_Name", "String", f"password={SECRET['SMTP_PASSWORD']}", {"Tier": "Intelligent-Tiering"}),
        ("/plume/ami", "String", "ami-0abcdef1234567890", {"DataType": "text"}),
    ]:
        ssm.put_parameter(Name=name, Type=kind, Value=value, Tags=tags({"empty": "", "team": "x"}), **more)


def unmodelled(identity, storage, messaging):
    """What no collector reads: it must be told of, and `--also` must be able to bring some of it in."""
    client("kinesis", REGION).create_stream(StreamName="Clicks_2025.raw", ShardCount=2)
    client("kinesis", REGION).add_tags_to_stream(StreamName="Clicks_2025.raw", Tags={"team": "data", "empty": ""})
    client("firehose", REGION).create_delivery_stream(DeliveryStreamName="clicks.to-S3", ExtendedS3DestinationConfiguration={"RoleARN": identity.firehose, "BucketARN": f"arn:aws:s3:::{storage.logs}", "Prefix": "clicks/!{timestamp:yyyy}/", "ErrorOutputPrefix": "errors/", "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60}, "CompressionFormat": "GZIP"})
    pool = client("cognito-idp", REGION).create_user_pool(PoolName="Plume customers", MfaConfiguration="OFF", UserPoolTags={"team": "web"})["UserPool"]["Id"]
    client("cognito-idp", REGION).create_user_pool_client(UserPoolId=pool, ClientName="web app", GenerateSecret=True)
    glue = client("glue", REGION)
    glue.create_database(DatabaseInput={"Name": "plume_lake", "Description": "raw “clicks”"})
    glue.create_job(Name="Nightly ETL", Role=identity.glue, Command={"Name": "glueetl", "ScriptLocation": f"s3://{storage.logs}/etl.py"}, DefaultArguments={"--TempDir": f"s3://{storage.logs}/tmp", "--db-password": SECRET["GLUE_PASSWORD"]}, GlueVersion="4.0", Tags={"team": "data"})
    client("appsync", REGION).create_graphql_api(name="plume graph", authenticationType="API_KEY", tags={"team": "web"})
    client("athena", REGION).create_work_group(Name="plume_adhoc", Description="ad hoc", Configuration={"ResultConfiguration": {"OutputLocation": f"s3://{storage.logs}/athena/"}, "EnforceWorkGroupConfiguration": True})


if __name__ == "__main__":
    main()
