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


if __name__ == "__main__":
    main()
