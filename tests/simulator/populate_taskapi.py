#!/usr/bin/env python3
"""The Task API: production and staging, each from the same Terraform (tests/estates/taskapi) with a state of its own, and what
scripts and AWS itself have made beside it.

    populate_taskapi.py [--state FILE]

FILE gets production's state, FILE with .staging before its ending the other.
"""

import argparse
import json
import os

from session import ACCOUNT, apply, at, at_once, client, control, figures, secrets, targets

REGION = "us-east-1"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--state", help="keep Terraform's states as this file and its .staging")
    given = parser.parse_args()
    at("2025-12-02")
    control("history", {"database_host": "c7vd4kqhtw2e"})
    scripts()
    at("2025-12-03")
    passwords = secrets("taskapi")
    keep = lambda name: given.state and "{}{}{}".format(*_split(given.state, name))
    at_once(
        lambda: apply("taskapi", keep(""), {"database_password": passwords["prod_password"]}, "prod.tfvars"),
        lambda: apply("taskapi", keep(".staging"), {"database_password": passwords["staging_password"]}, "staging.tfvars"),
    )
    beside()
    at("2026-01-20T07:30:00")


def _split(path, middle):
    stem, ending = os.path.splitext(path)
    return stem, middle, ending


def scripts():
    """The shell scripts of the beginning: where Terraform keeps its state, and Jenkins' own user."""
    s3 = client("s3", REGION)
    s3.create_bucket(Bucket="task-api-terraform-state", ObjectOwnership="BucketOwnerEnforced")
    s3.put_bucket_versioning(Bucket="task-api-terraform-state", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_encryption(Bucket="task-api-terraform-state", ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]})
    s3.put_public_access_block(Bucket="task-api-terraform-state", PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    client("dynamodb", REGION).create_table(
        TableName="task-api-terraform-locks",
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    iam = client("iam", "us-east-1")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    iam.create_role(RoleName="jenkins-task-api", Description="Jenkins: pushes images and updates the services", AssumeRolePolicyDocument=json.dumps(trust))
    statements = [
        {"Sid": "Login", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
        {
            "Sid": "Push",
            "Effect": "Allow",
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart", "ecr:BatchGetImage"],
            "Resource": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/task-api",
        },
        {"Sid": "Deploy", "Effect": "Allow", "Action": ["ecs:UpdateService", "ecs:DescribeServices"], "Resource": f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/task-api-cluster-*/task-api-service-*"},
        {"Sid": "Describe", "Effect": "Allow", "Action": ["ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition"], "Resource": "*"},
        {"Sid": "Roles", "Effect": "Allow", "Action": "iam:PassRole", "Resource": [f"arn:aws:iam::{ACCOUNT}:role/task-api-execution-*", f"arn:aws:iam::{ACCOUNT}:role/task-api-task-*"]},
    ]
    policy = iam.create_policy(PolicyName="jenkins-task-api", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="jenkins-task-api", PolicyArn=policy)
    iam.create_instance_profile(InstanceProfileName="jenkins-task-api")
    iam.add_role_to_instance_profile(InstanceProfileName="jenkins-task-api", RoleName="jenkins-task-api")


def beside():
    """Images of the pipeline, and the log groups that RDS opens for what it exports, which keep for ever."""
    registry = client("ecr", REGION)
    for n, tag in enumerate(("1.4.1", "1.4.2", "1.5.0-rc.1")):
        at(f"2026-01-{10 + n}")
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 4100 + n, "digest": "sha256:" + f"{n + 10:02x}" * 32}, "layers": []}
        registry.put_image(repositoryName="task-api", imageManifest=json.dumps(manifest), imageTag=tag)
    targets(REGION, "task-api-tg-prod", 8080, ["10.0.10.24", "10.0.11.87", "10.0.10.141"])
    targets(REGION, "task-api-tg-staging", 8080, ["10.1.10.33"])
    # Nobody has tried anything on staging for two weeks.
    for name, requests in (("task-api-alb-prod", 12_000), ("task-api-alb-staging", 3)):
        arn = client("elbv2", REGION).describe_load_balancers(Names=[name])["LoadBalancers"][0]["LoadBalancerArn"]
        figures(REGION, "AWS/ApplicationELB", {"LoadBalancer": arn.split("loadbalancer/")[1]}, {"RequestCount": requests}, days=14)
    at("2026-01-19T22:10:00")
    for environment in ("prod", "staging"):
        client("secretsmanager", REGION).get_secret_value(SecretId=f"task-api/{environment}/database")  # as tasks do when they start
        client("logs", REGION).create_log_group(logGroupName=f"/aws/rds/instance/task-api-db-{environment}/postgresql")


if __name__ == "__main__":
    main()
