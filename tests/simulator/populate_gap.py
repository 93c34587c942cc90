"""What people add by hand to the account that tests/terraform.rs has made by terraform: its rest must be found, and nothing else.

With --state FILE BUCKET KEY it puts a state into a bucket instead.
"""

import sys

import session

REGION = "eu-west-3"

if __name__ == "__main__":
    if sys.argv[1:2] == ["--state"]:
        file, bucket, key = sys.argv[2:5]
        s3 = session.client("s3", REGION)
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
        with open(file, "rb") as state:
            s3.put_object(Bucket=bucket, Key=key, Body=state.read())
        sys.exit(0)
    ec2 = session.client("ec2", REGION)
    vpc = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["shop"]}])["Vpcs"][0]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.20.9.0/24", AvailabilityZone="eu-west-3c")["Subnet"]["SubnetId"]
    ec2.create_tags(Resources=[subnet], Tags=[{"Key": "Name", "Value": "shop-by-hand"}])

    def group(name):
        found = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])
        return found["SecurityGroups"][0]["GroupId"]

    web = group("shop-web")
    # The group lists its rules: the next apply would take this one away again.
    ec2.authorize_security_group_ingress(GroupId=web, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.0/8")
    own = ec2.create_security_group(GroupName="shop-by-hand", Description="made by hand", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=own,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": web}]}],
    )
    table = ec2.describe_route_tables(Filters=[{"Name": "tag:Name", "Values": ["shop-private"]}])["RouteTables"][0]
    gateway = ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}])["InternetGateways"][0]
    ec2.create_route(
        RouteTableId=table["RouteTableId"],
        DestinationCidrBlock="10.99.0.0/16",
        GatewayId=gateway["InternetGatewayId"],
    )
    session.client("iam", REGION).attach_role_policy(
        RoleName="shop-app", PolicyArn="arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"
    )
    s3 = session.client("s3", REGION)
    s3.create_bucket(Bucket="shop-assets-by-hand", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    session.client("sns", REGION).create_topic(Name="shop-by-hand")
    session.client("logs", REGION).create_log_group(logGroupName="shop-by-hand")
