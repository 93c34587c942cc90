#!/usr/bin/env python3
"""Things that no collector reads, for `generate --also`, with a little of what collectors do read to refer to.

    populate_also.py FILE     writes TYPE=ID lines to FILE, what holds a secret with its secret to FILE.secrets
"""

import json
import sys

from session import ACCOUNT, at, client

REGION = "eu-west-3"
# Fake, put together here so that no scanner takes this file for a leak.
SECRETS = ["Tr0ub4dor" + "-and-3-more", "c0rrect" + "-horse-battery", "b4tch" + "-Pa55phrase"]


def main(path):
    at("2025-03-01")
    wanted = []
    role = ground()
    for part in (analytics, streams, identity, operations, applications, networks):
        wanted += part(role)
    at("2026-01-20T07:30:00")
    with open(path, "w") as f:
        f.write("# what the team found in the console\n\n" + "".join(f"{kind}={id}\n" for kind, id in wanted))
    with open(path + ".secrets", "w") as f:
        f.write("".join(s + "\n" for s in SECRETS))


def document(service):
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def ground():
    """What collectors read: a role, a bucket, a topic."""
    role = client("iam", "us-east-1").create_role(RoleName="shop-data", AssumeRolePolicyDocument=document("glue.amazonaws.com"))["Role"]["Arn"]
    client("s3", REGION).create_bucket(Bucket="shop-lake", CreateBucketConfiguration={"LocationConstraint": REGION})
    topic = client("sns", REGION).create_topic(Name="shop-alerts")["TopicArn"]
    client("sns", REGION).set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="Shop")
    return role


def analytics(role):
    glue = client("glue", REGION)
    glue.create_database(DatabaseInput={"Name": "sales", "Description": "raw \"data\" of ${shops}", "LocationUri": "s3://shop-lake/sales"})
    glue.create_crawler(Name="sales-crawler", Role=role, DatabaseName="sales", Targets={"S3Targets": [{"Path": "s3://shop-lake/sales"}]}, Tags={"Stage": "live"})
    arguments = {"--TempDir": "s3://shop-lake/tmp", "--db-password": SECRETS[0]}
    glue.create_job(Name="nightly", Role=role, Command={"Name": "glueetl", "ScriptLocation": "s3://shop-lake/nightly.py"}, DefaultArguments=arguments, GlueVersion="4.0")
    configuration = {"EncryptionConfiguration": {"EnableInTransitEncryption": False, "EnableAtRestEncryption": False}}
    client("emr", REGION).create_security_configuration(Name="plain", SecurityConfiguration=json.dumps(configuration))
    return [
        ("aws_glue_catalog_database", f"{ACCOUNT}:sales"),
        ("aws_glue_crawler", "sales-crawler"),
        ("aws_glue_job", "nightly"),
        ("aws_emr_security_configuration", "plain"),
    ]


def streams(role):
    client("kinesis", REGION).create_stream(StreamName="clicks", ShardCount=2)
    destination = {"RoleARN": role, "BucketARN": "arn:aws:s3:::shop-lake", "Prefix": "clicks/", "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 300}}
    delivery = client("firehose", REGION).create_delivery_stream(DeliveryStreamName="clicks-to-lake", ExtendedS3DestinationConfiguration=destination)["DeliveryStreamARN"]
    users = [{"Username": "admin", "Password": SECRETS[1]}]
    broker = client("mq", REGION).create_broker(AutoMinorVersionUpgrade=True, BrokerName="orders", DeploymentMode="SINGLE_INSTANCE", EngineType="RABBITMQ", EngineVersion="3.13", HostInstanceType="mq.m5.large", PubliclyAccessible=False, Users=users)["BrokerId"]
    return [("aws_kinesis_stream", "clicks"), (f"aws_kinesis_firehose_delivery_stream@{REGION}", delivery), ("aws_mq_broker", broker)]


def identity(_):
    cognito = client("cognito-idp", REGION)
    pool = cognito.create_user_pool(PoolName="customers")["UserPool"]["Id"]
    web = cognito.create_user_pool_client(UserPoolId=pool, ClientName="web", GenerateSecret=True)["UserPoolClient"]
    SECRETS.append(web["ClientSecret"])
    guests = client("cognito-identity", REGION).create_identity_pool(IdentityPoolName="guests", AllowUnauthenticatedIdentities=False)["IdentityPoolId"]
    return [("aws_cognito_user_pool", pool), ("aws_cognito_user_pool_client", f"{pool}/{web['ClientId']}"), ("aws_cognito_identity_pool", guests)]


def operations(_):
    content = {"schemaVersion": "2.2", "description": "Restart", "mainSteps": [{"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": ["systemctl restart web"]}}]}
    client("ssm", REGION).create_document(Name="restart-web", DocumentType="Command", DocumentFormat="JSON", Content=json.dumps(content, indent=2))
    query = {"ResourceTypeFilters": ["AWS::AllSupported"], "TagFilters": [{"Key": "Stage", "Values": ["live"]}]}
    client("resource-groups", REGION).create_group(Name="web", ResourceQuery={"Type": "TAG_FILTERS_1_0", "Query": json.dumps(query)})
    client("signer", REGION).put_signing_profile(profileName="functions", platformId="AWSLambda-SHA384-ECDSA")
    portfolio = client("servicecatalog", REGION).create_portfolio(DisplayName="standard", ProviderName="platform team")["PortfolioDetail"]["Id"]
    return [
        ("aws_ssm_document", "restart-web"),
        ("aws_resourcegroups_group", "web"),
        ("aws_signer_signing_profile", "functions"),
        ("aws_servicecatalog_portfolio", portfolio),
    ]


def applications(_):
    client("iot", REGION).create_thing(thingName="door-1", attributePayload={"attributes": {"room": "hall"}})
    client("ses", REGION).create_receipt_rule_set(RuleSetName="inbound")
    container = {
        "image": "busybox",
        "command": ["sh", "-c", "report"],
        "environment": [{"name": "DB_PASSWORD", "value": SECRETS[2]}, {"name": "STAGE", "value": "live"}],
        "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "512"}],
    }
    job = client("batch", REGION).register_job_definition(jobDefinitionName="report", type="container", containerProperties=container)["jobDefinitionArn"]
    # Another region than the rest, with an id that says nothing about it.
    client("kinesis", "us-east-1").create_stream(StreamName="edge-logs", ShardCount=1)
    return [("aws_iot_thing", "door-1"), ("aws_ses_receipt_rule_set", "inbound"), ("aws_kinesis_stream@us-east-1", "edge-logs"), ("aws_batch_job_definition", job)]


def networks(_):
    subnets = [s["SubnetId"] for s in client("ec2", REGION).describe_subnets()["Subnets"]][:2]
    client("redshift", REGION).create_cluster_subnet_group(ClusterSubnetGroupName="warehouse", Description="warehouse", SubnetIds=subnets)
    client("memorydb", REGION).create_subnet_group(SubnetGroupName="sessions", SubnetIds=subnets)
    wide = client("networkmanager", "us-west-2").create_global_network(Description="offices")["GlobalNetwork"]["GlobalNetworkId"]
    return [("aws_redshift_subnet_group", "warehouse"), ("aws_memorydb_subnet_group", "sessions"), ("aws_networkmanager_global_network", wide)]


if __name__ == "__main__":
    main(sys.argv[1])
