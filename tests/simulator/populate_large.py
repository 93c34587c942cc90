#!/usr/bin/env python3
"""An account of any size, for the benches:  populate_large.py --resources 137|1200|10200

Of every hundred resources: 30 group rules, 10 groups, 12 volumes, 10 instances, 6 roles each with an attached policy, 6 log
groups, 6 alarms, 4 users, 4 topics, 2 buckets each with its public access block and ownership, and 2 databases.  Half carries
tags.
"""

import argparse
import itertools
import json

from session import ACCOUNT, at, client, spec, tags

REGION = "eu-west-3"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resources", type=int, required=True)
    total = parser.parse_args().resources
    part = lambda percent: max(1, total * percent // 100)  # noqa: E731
    at("2025-06-01")
    environment = itertools.cycle([{"Environment": "live"}, {}, {"Environment": "staging"}, {}])
    ec2, iam, s3 = client("ec2", REGION), client("iam", "us-east-1"), client("s3", REGION)
    logs, cloudwatch, sns, rds = client("logs", REGION), client("cloudwatch", REGION), client("sns", REGION), client("rds", REGION)

    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"]]
    groups = []
    for n in range(part(10)):
        group = ec2.create_security_group(GroupName=f"group-{n}", Description=f"group {n}", VpcId=vpc, TagSpecifications=spec("security-group", next(environment)))["GroupId"]
        groups.append(group)
    for n in range(part(30) - len(groups)):  # each group brings its own egress rule
        ec2.authorize_security_group_ingress(
            GroupId=groups[n % len(groups)],
            IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1000 + n // len(groups), "ToPort": 1000 + n // len(groups), "IpRanges": [{"CidrIp": f"10.{n % 250}.{n // 250 % 250}.0/24"}]}],
        )
    instances = []
    for first in range(0, part(10), 50):
        count = min(50, part(10) - first)
        made = ec2.run_instances(
            ImageId="ami-00c71bd4d220aa22a",
            InstanceType="t3.micro",
            MinCount=count,
            MaxCount=count,
            SubnetId=subnets[first // 50 % len(subnets)],
            SecurityGroupIds=[groups[first // 50 % len(groups)]],
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "Encrypted": False, "DeleteOnTermination": True}}],
            TagSpecifications=spec("instance", {"Name": f"worker-{first}", **next(environment)}),
        )["Instances"]
        instances += [i["InstanceId"] for i in made]
    for n in range(part(12)):
        ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=50, VolumeType="gp2" if n % 3 else "gp3", TagSpecifications=spec("volume", next(environment)))
    for n in range(part(6)):
        logs.create_log_group(logGroupName=f"/app/service-{n}", tags=next(environment))
        cloudwatch.put_metric_alarm(
            AlarmName=f"cpu {n}",
            Namespace="AWS/EC2",
            MetricName="CPUUtilization",
            Dimensions=[{"Name": "InstanceId", "Value": instances[n % len(instances)]}],
            Statistic="Average",
            Period=300,
            EvaluationPeriods=2,
            Threshold=80.0,
            ComparisonOperator="GreaterThanThreshold",
        )
    for n in range(part(2)):
        name = f"exo-large-{ACCOUNT}-{n}"
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}, ObjectOwnership="BucketOwnerEnforced")
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    for n in range(part(6)):
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        iam.create_role(RoleName=f"role-{n}", AssumeRolePolicyDocument=json.dumps(trust), Tags=tags(next(environment)))
        iam.attach_role_policy(RoleName=f"role-{n}", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    for n in range(part(4)):
        iam.create_user(UserName=f"user-{n}", Tags=tags(next(environment)))
        if n % 2:
            iam.create_access_key(UserName=f"user-{n}")
        sns.create_topic(Name=f"topic-{n}", Tags=tags(next(environment)))
    for n in range(part(2)):
        rds.create_db_instance(
            DBInstanceIdentifier=f"db-{n}",
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            EngineVersion="16.3",
            MasterUsername="postgres",
            MasterUserPassword="Exo-Fake-Large-Passw0rd",
            AllocatedStorage=20,
            StorageType="gp3",
            StorageEncrypted=bool(n % 2),
            PubliclyAccessible=False,
            BackupRetentionPeriod=7,
            LicenseModel="postgresql-license",
            Tags=tags(next(environment)),
        )
    at("2026-01-20T07:30:00")


if __name__ == "__main__":
    main()
