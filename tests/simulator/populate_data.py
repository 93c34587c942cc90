#!/usr/bin/env python3
"""An account full of data stores: caches, Aurora clusters, tables, file systems and backups, each in several shapes with settings
that are not the default.  For the terraform test; nothing of it is a fixture.
"""

import json

from session import ACCOUNT, at, client, spec, tags

REGION = "eu-west-3"


def main():
    at("2025-03-01")
    place = Place()
    caches(place)
    databases(place)
    tables(place)
    files(place)
    backups(place)
    at("2026-01-20T07:30:00")


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Place:
    """Where the stores stand: a network, a key, a topic, log groups and a role."""

    def __init__(self):
        ec2 = client("ec2", REGION)
        self.vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16", TagSpecifications=spec("vpc", {"Name": "data-prod"}))["Vpc"]["VpcId"]
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.30.{n}.0/24", AvailabilityZone=REGION + zone, TagSpecifications=spec("subnet", {"Name": f"data-{zone}"}))["Subnet"]["SubnetId"]
            for n, zone in enumerate("abc")
        ]
        self.group = ec2.create_security_group(GroupName="data-stores", Description="stores", VpcId=self.vpc)["GroupId"]
        app = ec2.create_security_group(GroupName="data-app", Description="application", VpcId=self.vpc)["GroupId"]
        for port in (6379, 6380, 11211, 5432, 3306, 2049):
            ec2.authorize_security_group_ingress(GroupId=self.group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{"GroupId": app}]}])
        kms = client("kms", REGION)
        self.key = kms.create_key(Description="data stores", Tags=[{"TagKey": "Name", "TagValue": "data"}])["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName="alias/data", TargetKeyId=self.key)
        self.topic = client("sns", REGION).create_topic(Name="data-events")["TopicArn"]
        logs = client("logs", REGION)
        self.logs = "/data/redis/slow"
        logs.create_log_group(logGroupName=self.logs)
        iam = client("iam", "us-east-1")
        trust = {"Effect": "Allow", "Principal": {"Service": ["rds.amazonaws.com", "backup.amazonaws.com", "monitoring.rds.amazonaws.com"]}, "Action": "sts:AssumeRole"}
        self.role = iam.create_role(RoleName="data-stores", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]


def caches(place):
    cache = client("elasticache", REGION)
    cache.create_cache_subnet_group(CacheSubnetGroupName="data-cache", CacheSubnetGroupDescription="private subnets", SubnetIds=place.subnets, Tags=tags({"Team": "data"}))
    for name, family, values in (
        ("data-lru", "redis7", {"maxmemory-policy": "allkeys-lru", "notify-keyspace-events": "Ex"}),
        ("data-sharded", "valkey8", {"cluster-enabled": "yes"}),
        ("data-plain", "memcached1.6", {}),
    ):
        cache.create_cache_parameter_group(CacheParameterGroupName=name, CacheParameterGroupFamily=family, Description=f"{name} settings", Tags=tags({"Team": "data"}))
        if values:
            cache.modify_cache_parameter_group(CacheParameterGroupName=name, ParameterNameValues=[{"ParameterName": k, "ParameterValue": v} for k, v in values.items()])
    cache.create_user(UserId="data-app", UserName="app", Engine="redis", AccessString="on ~app:* -@all +@read", AuthenticationMode={"Type": "password", "Passwords": ["NotARealPassword-1234567890"]}, Tags=tags({"Team": "data"}))
    cache.create_user(UserId="data-jobs", UserName="jobs", Engine="redis", AccessString="on ~* +@all", AuthenticationMode={"Type": "iam"})
    cache.create_user(UserId="data-open", UserName="open", Engine="redis", AccessString="off ~* -@all", NoPasswordRequired=True)
    cache.create_user_group(UserGroupId="data-users", Engine="redis", UserIds=["default", "data-app", "data-jobs"], Tags=tags({"Team": "data"}))
    cache.create_replication_group(
        ReplicationGroupId="data-sessions",
        ReplicationGroupDescription="sessions",
        AutomaticFailoverEnabled=True,
        MultiAZEnabled=True,
        NumCacheClusters=2,
        CacheNodeType="cache.t3.small",
        Engine="redis",
        EngineVersion="7.0",
        CacheParameterGroupName="data-lru",
        CacheSubnetGroupName="data-cache",
        SecurityGroupIds=[place.group],
        PreferredMaintenanceWindow="mon:03:00-mon:04:00",
        SnapshotRetentionLimit=7,
        SnapshotWindow="01:00-02:00",
        NotificationTopicArn=place.topic,
        Port=6380,
        TransitEncryptionEnabled=True,
        AtRestEncryptionEnabled=True,
        KmsKeyId=place.key,
        UserGroupIds=["data-users"],
        LogDeliveryConfigurations=[{"LogType": "slow-log", "DestinationType": "cloudwatch-logs", "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": place.logs}}, "LogFormat": "json"}],
        Tags=tags({"Environment": "prod", "Name": "data-sessions"}),
    )
    cache.create_replication_group(
        ReplicationGroupId="data-feed",
        ReplicationGroupDescription="feed, in shards",
        AutomaticFailoverEnabled=True,
        NumNodeGroups=2,
        ReplicasPerNodeGroup=1,
        ClusterMode="enabled",
        CacheNodeType="cache.r7g.large",
        Engine="valkey",
        EngineVersion="8.0",
        CacheParameterGroupName="data-sharded",
        CacheSubnetGroupName="data-cache",
        SecurityGroupIds=[place.group],
        AtRestEncryptionEnabled=True,
        TransitEncryptionEnabled=True,
        AuthToken="NotARealToken-0123456789abcdef",
        AutoMinorVersionUpgrade=False,
    )
    # As the console makes it for a test: one node, nothing encrypted, no snapshots.
    cache.create_replication_group(ReplicationGroupId="data-tryout", ReplicationGroupDescription=" ", CacheNodeType="cache.t2.micro", EngineVersion="6.2", CacheSubnetGroupName="data-cache", SecurityGroupIds=[place.group])
    cache.create_cache_cluster(CacheClusterId="data-single", Engine="redis", EngineVersion="5.0.6", CacheNodeType="cache.m5.large", NumCacheNodes=1, CacheSubnetGroupName="data-cache", SecurityGroupIds=[place.group], SnapshotRetentionLimit=3, SnapshotWindow="04:00-05:00", AutoMinorVersionUpgrade=False)
    cache.create_cache_cluster(CacheClusterId="data-pages", Engine="memcached", CacheNodeType="cache.t4g.micro", NumCacheNodes=2, AZMode="cross-az", PreferredAvailabilityZones=[REGION + "a", REGION + "b"], CacheParameterGroupName="data-plain", CacheSubnetGroupName="data-cache", SecurityGroupIds=[place.group], Port=11212, NotificationTopicArn=place.topic, Tags=tags({"Team": "web"}))
    cache.create_serverless_cache(ServerlessCacheName="data-burst", Engine="valkey", MajorEngineVersion="8", Description="bursts", CacheUsageLimits={"DataStorage": {"Maximum": 10, "Unit": "GB"}, "ECPUPerSecond": {"Maximum": 5000}}, SecurityGroupIds=[place.group], SubnetIds=place.subnets[:2], SnapshotRetentionLimit=2, DailySnapshotTime="05:00", KmsKeyId=place.key, Tags=tags({"Team": "data"}))
    cache.create_snapshot(SnapshotName="data-before-upgrade", CacheClusterId="data-single")


def databases(place):
    """Aurora in two kinds, a Multi-AZ cluster, DocumentDB and Neptune, a proxy, a stopped database."""
    rds = client("rds", REGION)
    rds.create_db_subnet_group(DBSubnetGroupName="data-db", DBSubnetGroupDescription="private subnets", SubnetIds=place.subnets, Tags=tags({"Team": "data"}))
    rds.create_db_cluster_parameter_group(DBClusterParameterGroupName="data-aurora", DBParameterGroupFamily="aurora-postgresql16", Description="TLS only", Tags=tags({"Team": "data"}))
    rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName="data-aurora", Parameters=[{"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "pending-reboot"}])
    rds.create_db_cluster_parameter_group(DBClusterParameterGroupName="data-papers", DBParameterGroupFamily="docdb5.0", Description="papers")
    shared = {"DBSubnetGroupName": "data-db", "VpcSecurityGroupIds": [place.group]}
    rds.create_db_cluster(
        DBClusterIdentifier="data-orders",
        Engine="aurora-postgresql",
        EngineVersion="16.4",
        DatabaseName="orders",
        MasterUsername="orders",
        ManageMasterUserPassword=True,
        DBClusterParameterGroupName="data-aurora",
        BackupRetentionPeriod=14,
        PreferredBackupWindow="02:00-02:30",
        PreferredMaintenanceWindow="tue:03:00-tue:03:30",
        StorageEncrypted=True,
        KmsKeyId=place.key,
        DeletionProtection=True,
        CopyTagsToSnapshot=True,
        EnableCloudwatchLogsExports=["postgresql"],
        ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 8},
        Tags=tags({"Environment": "prod"}),
        **shared,
    )
    for n, zone in ((1, "a"), (2, "b")):
        rds.create_db_instance(DBInstanceIdentifier=f"data-orders-{n}", DBClusterIdentifier="data-orders", Engine="aurora-postgresql", DBInstanceClass="db.serverless", DBSubnetGroupName="data-db", AvailabilityZone=REGION + zone, PromotionTier=n, AutoMinorVersionUpgrade=n == 1, Tags=tags({"Environment": "prod"}))
    rds.create_db_cluster_endpoint(DBClusterIdentifier="data-orders", DBClusterEndpointIdentifier="data-reports", EndpointType="READER", StaticMembers=["data-orders-2"])
    rds.create_db_cluster(DBClusterIdentifier="data-shop", Engine="aurora-mysql", EngineVersion="8.0.mysql_aurora.3.05.2", MasterUsername="admin", MasterUserPassword="NotARealPassword1", BacktrackWindow=3600, **shared)
    rds.create_db_instance(DBInstanceIdentifier="data-shop-1", DBClusterIdentifier="data-shop", Engine="aurora-mysql", DBInstanceClass="db.t4g.medium", DBSubnetGroupName="data-db")
    rds.create_db_cluster_snapshot(DBClusterSnapshotIdentifier="data-shop-before", DBClusterIdentifier="data-shop")
    rds.create_db_cluster(DBClusterIdentifier="data-graph", Engine="neptune", StorageEncrypted=True, KmsKeyId=place.key, **shared)
    rds.create_db_instance(DBInstanceIdentifier="data-sleeping", Engine="postgres", EngineVersion="16.3", DBInstanceClass="db.t4g.medium", AllocatedStorage=50, MasterUsername="postgres", ManageMasterUserPassword=True, DBSubnetGroupName="data-db", VpcSecurityGroupIds=[place.group], StorageType="gp3", StorageEncrypted=True, KmsKeyId=place.key)
    secret = client("secretsmanager", REGION).create_secret(Name="data/sleeping", SecretString="{}")["ARN"]
    rds.create_db_proxy(DBProxyName="data-proxy", EngineFamily="POSTGRESQL", Auth=[{"AuthScheme": "SECRETS", "SecretArn": secret, "IAMAuth": "REQUIRED", "ClientPasswordAuthType": "POSTGRES_SCRAM_SHA_256"}], RoleArn=place.role, VpcSubnetIds=place.subnets[:2], VpcSecurityGroupIds=[place.group], RequireTLS=True, IdleClientTimeout=900, Tags=tags({"Team": "data"}))
    rds.modify_db_proxy_target_group(DBProxyName="data-proxy", TargetGroupName="default", ConnectionPoolConfig={"MaxConnectionsPercent": 80, "MaxIdleConnectionsPercent": 20, "ConnectionBorrowTimeout": 60})
    rds.register_db_proxy_targets(DBProxyName="data-proxy", TargetGroupName="default", DBInstanceIdentifiers=["data-sleeping"])
    rds.create_db_proxy_endpoint(DBProxyName="data-proxy", DBProxyEndpointName="data-proxy-reads", VpcSubnetIds=place.subnets[:2], VpcSecurityGroupIds=[place.group], TargetRole="READ_ONLY")
    rds.stop_db_instance(DBInstanceIdentifier="data-sleeping")
    rds.create_event_subscription(SubscriptionName="data-failures", SnsTopicArn=place.topic, SourceType="db-instance", SourceIds=["data-sleeping"], EventCategories=["failure", "failover"], Enabled=True, Tags=tags({"Team": "data"}))
    rds.create_event_subscription(SubscriptionName="data-all", SnsTopicArn=place.topic, Enabled=False)
    rds.create_global_cluster(GlobalClusterIdentifier="data-world", Engine="aurora-postgresql", EngineVersion="16.4", DeletionProtection=True, StorageEncrypted=True)


def tables(place):
    dynamo = client("dynamodb", REGION)
    stream = client("kinesis", REGION)
    stream.create_stream(StreamName="data-changes", ShardCount=1)
    to = stream.describe_stream_summary(StreamName="data-changes")["StreamDescriptionSummary"]["StreamARN"]
    key = [{"AttributeName": "pk", "KeyType": "HASH"}]
    dynamo.create_table(
        TableName="data-orders",
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in (("pk", "S"), ("sk", "S"), ("day", "N"))],
        KeySchema=key + [{"AttributeName": "sk", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {"IndexName": "by-day", "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}], "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total", "state"]}},
            {"IndexName": "by-sk", "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}, {"AttributeName": "day", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "ALL"}},
        ],
        LocalSecondaryIndexes=[{"IndexName": "day", "KeySchema": key + [{"AttributeName": "day", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "KEYS_ONLY"}}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": place.key},
        DeletionProtectionEnabled=True,
        Tags=tags({"Environment": "prod"}),
    )
    dynamo.update_continuous_backups(TableName="data-orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    dynamo.update_time_to_live(TableName="data-orders", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/data-orders"
    dynamo.put_resource_policy(ResourceArn=arn, Policy=document({"Sid": "Read", "Effect": "Allow", "Principal": {"AWS": place.role}, "Action": "dynamodb:GetItem", "Resource": arn}))
    dynamo.enable_kinesis_streaming_destination(TableName="data-orders", StreamArn=to)
    dynamo.update_contributor_insights(TableName="data-orders", ContributorInsightsAction="ENABLE")
    # The lock table that a Terraform backend wants: nothing but a key, with a size of its own.
    dynamo.create_table(TableName="data-locks", AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}], KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}], ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 2})


def files(place):
    efs = client("efs", REGION)
    uploads = efs.create_file_system(CreationToken="uploads", Encrypted=True, KmsKeyId=place.key, ThroughputMode="provisioned", ProvisionedThroughputInMibps=32, PerformanceMode="generalPurpose", Tags=tags({"Name": "uploads", "Environment": "prod"}))["FileSystemId"]
    efs.put_lifecycle_configuration(FileSystemId=uploads, LifecyclePolicies=[{"TransitionToIA": "AFTER_30_DAYS"}, {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}])
    for subnet in place.subnets[:2]:
        efs.create_mount_target(FileSystemId=uploads, SubnetId=subnet, SecurityGroups=[place.group])
    efs.create_access_point(ClientToken="app", FileSystemId=uploads, PosixUser={"Uid": 1000, "Gid": 1000, "SecondaryGids": [5, 7]}, RootDirectory={"Path": "/app", "CreationInfo": {"OwnerUid": 1000, "OwnerGid": 1000, "Permissions": "0755"}}, Tags=tags({"Name": "uploads-app"}))
    efs.put_file_system_policy(FileSystemId=uploads, Policy=document({"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}))
    efs.put_backup_policy(FileSystemId=uploads, BackupPolicy={"Status": "ENABLED"})
    efs.create_replication_configuration(SourceFileSystemId=uploads, Destinations=[{"Region": "eu-west-1"}])
    efs.create_file_system(CreationToken="console-1b2c", PerformanceMode="maxIO", Tags=tags({"Name": "scratch"}))


def backups(place):
    backup = client("backup", REGION)
    backup.create_backup_vault(BackupVaultName="data", EncryptionKeyArn=place.key, BackupVaultTags={"Team": "data"})
    backup.put_backup_vault_lock_configuration(BackupVaultName="data", MinRetentionDays=7, MaxRetentionDays=365)
    arn = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:data"
    backup.put_backup_vault_access_policy(BackupVaultName="data", Policy=document({"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}))
    backup.put_backup_vault_notifications(BackupVaultName="data", SNSTopicArn=place.topic, BackupVaultEvents=["BACKUP_JOB_FAILED", "RESTORE_JOB_COMPLETED"])
    plan = backup.create_backup_plan(
        BackupPlan={
            "BackupPlanName": "data",
            "Rules": [
                {"RuleName": "daily", "TargetBackupVaultName": "data", "ScheduleExpression": "cron(0 3 * * ? *)", "StartWindowMinutes": 60, "CompletionWindowMinutes": 240, "Lifecycle": {"DeleteAfterDays": 35}, "RecoveryPointTags": {"Kind": "daily"}},
                {"RuleName": "monthly", "TargetBackupVaultName": "data", "ScheduleExpression": "cron(0 4 1 * ? *)", "StartWindowMinutes": 60, "CompletionWindowMinutes": 180, "Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 365}, "CopyActions": [{"DestinationBackupVaultArn": arn, "Lifecycle": {"DeleteAfterDays": 400}}]},
            ],
        },
        BackupPlanTags={"Team": "data"},
    )["BackupPlanId"]
    backup.create_backup_selection(BackupPlanId=plan, BackupSelection={"SelectionName": "by-tag", "IamRoleArn": place.role, "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "Environment", "ConditionValue": "prod"}]})
    backup.create_backup_selection(BackupPlanId=plan, BackupSelection={"SelectionName": "tables", "IamRoleArn": place.role, "Resources": [f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/*"], "NotResources": [f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/data-locks"], "Conditions": {"StringEquals": [{"ConditionKey": "aws:ResourceTag/Backup", "ConditionValue": "yes"}]}})
    client("s3", REGION).create_bucket(Bucket="data-backup-reports", CreateBucketConfiguration={"LocationConstraint": REGION})
    backup.create_report_plan(ReportPlanName="weekly", ReportPlanDescription="jobs of the week", ReportDeliveryChannel={"S3BucketName": "data-backup-reports", "S3KeyPrefix": "jobs", "Formats": ["CSV"]}, ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"})


if __name__ == "__main__":
    main()
