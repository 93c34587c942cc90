#!/usr/bin/env python3
"""Three accounts that one role each opens, of which the third lets nobody in.

The first has a server that answers from the internet, the second a bucket and a queue.  The organisation knows a fourth, which is closed."""

import sys

import boto3
from session import ENDPOINT, client, control

REGION = "eu-west-3"
OPEN = ("111111111111", "222222222222")
DENIED = "333333333333"


def inside(account):
    """Makes clients with the credentials of the account's role."""
    sts = client("sts", REGION)
    given = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/Survey", RoleSessionName="populate")["Credentials"]
    keys = {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"], "aws_session_token": given["SessionToken"]}
    return lambda service: boto3.client(service, region_name=REGION, endpoint_url=ENDPOINT, **keys)


def main():
    first, second = (inside(account) for account in OPEN)
    ec2 = first("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )
    ec2.run_instances(ImageId="ami-00c71bd4d220aa22a", InstanceType="t3.micro", MinCount=1, MaxCount=1, SecurityGroupIds=[group])
    second("s3").create_bucket(Bucket="of-the-second", CreateBucketConfiguration={"LocationConstraint": REGION})
    second("sqs").create_queue(QueueName="work", tags={"Name": "work"})
    message = f"User: arn:aws:iam::123456789012:user/surveyor is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{DENIED}:role/Survey"
    accounts = [{"Id": id_, "Name": name, "Status": "ACTIVE"} for id_, name in zip((*OPEN, DENIED), ("core", "shop", "vault"))]
    accounts.append({"Id": "444444444444", "Name": "closed", "Status": "SUSPENDED"})
    control(
        "answers",
        [
            {"operation": "sts:AssumeRole", "when": {"RoleArn": f"arn:aws:iam::{DENIED}:role/Survey"}, "error": {"code": "AccessDenied", "message": message, "status": 403}},
            {"operation": "organizations:ListAccounts", "answer": {"Accounts": accounts}},
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
