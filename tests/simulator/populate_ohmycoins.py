#!/usr/bin/env python3
"""Oh My Coins' production on the evening of its first deployment: all of it made by Terraform (tests/estates/ohmycoins), then
scaled down to nothing by hand, so far as that goes.

    populate_ohmycoins.py [--state FILE]

The application's secret was made without a value, so no backend task has ever started.
"""

import argparse
import json

from session import apply, at, client, control, secrets

REGION = "ap-southeast-2"
ACCOUNT = "220711411889"
CLUSTER = "ohmycoins-prod-cluster"
TAG = "sprint-2.11-3f4021a"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--state", help="keep Terraform's state as this file")
    given = parser.parse_args()
    at("2026-01-18T09:30:00")
    control("ids", {"lb": [["1133770157"]], "secret": ["i464n3"], "cache": ["faxg1m"]})
    control("history", {"database_host": "cnuko2w8idh1"})
    before()
    at("2026-01-18T10:05:00")
    apply("ohmycoins", given.state, {"master_password": secrets("ohmycoins")["master_password"]})
    images()
    at("2026-01-18T12:40:00")
    scaled_to_nothing()
    at("2026-01-18T13:30:00")


def before():
    """What Terraform itself stands on: the bucket of its state and the table of its locks, made by hand."""
    s3 = client("s3", REGION)
    s3.create_bucket(Bucket="ohmycoins-terraform-state", CreateBucketConfiguration={"LocationConstraint": REGION}, ObjectOwnership="BucketOwnerEnforced")
    s3.put_bucket_versioning(Bucket="ohmycoins-terraform-state", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_encryption(Bucket="ohmycoins-terraform-state", ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]})
    s3.put_public_access_block(Bucket="ohmycoins-terraform-state", PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    client("dynamodb", REGION).create_table(
        TableName="ohmycoins-terraform-locks",
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


def images():
    registry = client("ecr", REGION)
    for name in ("backend", "frontend"):
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 7023, "digest": "sha256:" + name.encode().hex().ljust(64, "0")}, "layers": []}
        registry.put_image(repositoryName=f"ohmycoins/{name}", imageManifest=json.dumps(manifest), imageTag=TAG)


def scaled_to_nothing():
    """The services to zero, the database stopped; Redis and the NAT gateways cannot be."""
    containers = client("ecs", REGION)
    for name in ("backend", "frontend"):
        containers.update_service(cluster=CLUSTER, service=f"ohmycoins-prod-{name}", desiredCount=0)
    client("rds", REGION).stop_db_instance(DBInstanceIdentifier="ohmycoins-prod-postgres")


if __name__ == "__main__":
    main()
