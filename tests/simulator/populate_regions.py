#!/usr/bin/env python3
"""An account that lives in eu-west-3 and has left something behind elsewhere, none of it tagged: an address in ap-south-1, a table in
us-west-2, a bucket in eu-central-1.  Kinesis, which nothing models, is used too: a stream with tags and one without."""

import sys

from session import client, tags

HOME = "eu-west-3"


def main():
    ec2 = client("ec2", HOME)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    ec2.run_instances(ImageId="ami-00c71bd4d220aa22a", InstanceType="t3.micro", MinCount=6, MaxCount=6, SubnetId=subnet)
    sqs = client("sqs", HOME)
    for number in range(12):
        sqs.create_queue(QueueName=f"work-{number}")
        ec2.create_key_pair(KeyName=f"key-{number}")
    client("ec2", "ap-south-1").allocate_address(Domain="vpc")
    client("dynamodb", "us-west-2").create_table(
        TableName="forgotten",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client("s3", "eu-central-1").create_bucket(Bucket="left-in-frankfurt", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    kinesis = client("kinesis", HOME)
    kinesis.create_stream(StreamName="clicks", ShardCount=1)
    kinesis.create_stream(StreamName="untagged", ShardCount=1)
    kinesis.add_tags_to_stream(StreamName="clicks", Tags={"Name": "clicks"})


if __name__ == "__main__":
    sys.exit(main())
