#!/usr/bin/env python3
"""An account with names, networks that are joined to others, stacks, and what governs an account: varied on purpose.  For the
terraform test; nothing of it is a fixture.
"""

import json

from session import ACCOUNT, at, client, control, spec, tags

REGION = "eu-west-3"
ANY = "0.0.0.0/0"


def main():
    at("2025-06-01")
    network = network_of()
    balancer = balancer_of(network)
    site = site_of()
    names(network, balancer, site)
    joined(network)
    stack()
    governance()
    maintenance()
    at("2026-01-20T07:30:00")


def network_of():
    ec2 = client("ec2", REGION)
    vpcs = {}
    for name, cidr in (("hub", "10.50.0.0/16"), ("spoke", "10.51.0.0/16")):
        vpc = ec2.create_vpc(CidrBlock=cidr, TagSpecifications=spec("vpc", {"Name": name}))["Vpc"]["VpcId"]
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=cidr.replace(".0.0/16", f".{n}.0/24"), AvailabilityZone=REGION + zone, TagSpecifications=spec("subnet", {"Name": f"{name}-{zone}"}))["Subnet"]["SubnetId"]
            for n, zone in enumerate("ab")
        ]
        vpcs[name] = (vpc, subnets)
    gateway = ec2.create_internet_gateway(TagSpecifications=spec("internet-gateway", {"Name": "hub"}))["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpcs["hub"][0])
    return vpcs


def balancer_of(network):
    elb = client("elbv2", REGION)
    return elb.create_load_balancer(Name="Hub-Web", Subnets=network["hub"][1], Scheme="internet-facing", Type="application")["LoadBalancers"][0]


def site_of():
    s3 = client("s3", REGION)
    for name in ("www.netgov.example", "netgov-logs"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_website(Bucket="www.netgov.example", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    return "s3-website.eu-west-3.amazonaws.com"


def names(network, balancer, site):
    """Zones of three kinds and records of every kind and routing policy."""
    dns = client("route53", "us-east-1")
    address = client("ec2", REGION).allocate_address(Domain="vpc", TagSpecifications=spec("elastic-ip", {"Name": "api"}))["PublicIp"]
    zone = dns.create_hosted_zone(Name="netgov.example", CallerReference="1", HostedZoneConfig={"Comment": "the company's names"})["HostedZone"]["Id"].rsplit("/", 1)[1]
    plain = dns.create_hosted_zone(Name="netgov.test", CallerReference="2")["HostedZone"]["Id"].rsplit("/", 1)[1]
    private = dns.create_hosted_zone(Name="svc.internal", CallerReference="3", VPC={"VPCRegion": REGION, "VPCId": network["hub"][0]}, HostedZoneConfig={"Comment": "", "PrivateZone": True})["HostedZone"]["Id"].rsplit("/", 1)[1]
    dns.associate_vpc_with_hosted_zone(HostedZoneId=private, VPC={"VPCRegion": REGION, "VPCId": network["spoke"][0]})
    dns.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, AddTags=tags({"team": "platform"}))
    check = dns.create_health_check(
        CallerReference="h1",
        HealthCheckConfig={"Type": "HTTPS_STR_MATCH", "FullyQualifiedDomainName": "api.netgov.example", "Port": 443, "ResourcePath": "/health", "SearchString": "ok", "RequestInterval": 30, "FailureThreshold": 3, "MeasureLatency": True, "EnableSNI": True},
    )["HealthCheck"]["Id"]
    other = dns.create_health_check(CallerReference="h2", HealthCheckConfig={"Type": "TCP", "IPAddress": address, "Port": 22, "RequestInterval": 10, "FailureThreshold": 5})["HealthCheck"]["Id"]
    dns.create_health_check(CallerReference="h3", HealthCheckConfig={"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [check, other], "Inverted": True})
    dns.change_tags_for_resource(ResourceType="healthcheck", ResourceId=check, AddTags=tags({"Name": "api"}))

    def record(name, kind, values=(), ttl=300, **more):
        if values:
            more |= {"TTL": ttl, "ResourceRecords": [{"Value": v} for v in values]}
        return {"Action": "CREATE", "ResourceRecordSet": {"Name": name, "Type": kind, **more}}

    def alias(name, host, host_zone, kind="A", health=False, **more):
        return record(name, kind, AliasTarget={"HostedZoneId": host_zone, "DNSName": host, "EvaluateTargetHealth": health}, **more)

    dns.change_resource_record_sets(
        HostedZoneId=zone,
        ChangeBatch={
            "Changes": [
                record("api.netgov.example", "A", [address], 60),
                record("netgov.example", "MX", ["10 mx1.mail.example", "20 mx2.mail.example"]),
                record("netgov.example", "TXT", ['"v=spf1 include:mail.example -all"', '"site-check=1"']),
                record("_dmarc.netgov.example", "TXT", ['"v=DMARC1; p=none; " "rua=mailto:d@netgov.example"']),
                record("\\052.netgov.example", "CNAME", ["web.netgov.example"]),
                record("shop.netgov.example", "CNAME", ["shops.example.net"], 3600),
                record("help.netgov.example", "CNAME", ["desk.example.net"], 3600),
                record("status.netgov.example", "CNAME", ["pages.example.net"], 3600),
                record("old.netgov.example", "CNAME", ["old-assets.s3-website.eu-west-3.amazonaws.com"]),
                record("_sip._tcp.netgov.example", "SRV", ["0 5 5060 sip.netgov.example"]),
                record("netgov.example", "CAA", ['0 issue "amazon.com"']),
                record("v6.netgov.example", "AAAA", ["2001:db8::1"]),
                alias("web.netgov.example", "dualstack." + balancer["DNSName"], balancer["CanonicalHostedZoneId"], health=True),
                alias("www.netgov.example", site, "Z3R1K369G5AVDG"),
                alias("m.netgov.example", "web.netgov.example", zone),
                record("blue.netgov.example", "A", ["203.0.113.1"], 30, SetIdentifier="one_A_1", Weight=90),
                record("blue.netgov.example", "A", ["203.0.113.2"], 30, SetIdentifier="two", Weight=0),
                record("near.netgov.example", "A", ["203.0.113.3"], 30, SetIdentifier="paris", Region="eu-west-3"),
                record("near.netgov.example", "A", ["203.0.113.4"], 30, SetIdentifier="virginia", Region="us-east-1"),
                record("safe.netgov.example", "A", ["203.0.113.5"], 30, SetIdentifier="first", Failover="PRIMARY", HealthCheckId=check),
                record("safe.netgov.example", "A", ["203.0.113.6"], 30, SetIdentifier="second", Failover="SECONDARY"),
                record("many.netgov.example", "A", ["203.0.113.7"], 30, SetIdentifier="m1", MultiValueAnswer=True),
                record("geo.netgov.example", "A", ["203.0.113.8"], 30, SetIdentifier="fr", GeoLocation={"CountryCode": "FR"}),
                record("geo.netgov.example", "A", ["203.0.113.9"], 30, SetIdentifier="rest", GeoLocation={"CountryCode": "*"}),
            ]
        },
    )
    dns.change_resource_record_sets(HostedZoneId=private, ChangeBatch={"Changes": [record("db.svc.internal", "A", ["10.50.0.5"], 10)]})
    dns.change_resource_record_sets(HostedZoneId=plain, ChangeBatch={"Changes": [record("a.netgov.test", "A", ["198.51.100.9"])]})
    group = client("logs", "us-east-1")
    group.create_log_group(logGroupName="/aws/route53/netgov.example")
    dns.create_query_logging_config(HostedZoneId=zone, CloudWatchLogsLogGroupArn=f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/route53/netgov.example:*")


def joined(network):
    """Networks joined to each other, to an office, and to another region; a service offered to others."""
    ec2 = client("ec2", REGION)
    hub, spoke = network["hub"], network["spoke"]
    gateway = ec2.create_transit_gateway(Description="between our networks", Options={"AmazonSideAsn": 64600, "DnsSupport": "enable"}, TagSpecifications=spec("transit-gateway", {"Name": "core"}))["TransitGateway"]["TransitGatewayId"]
    attachments = {
        name: ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=gateway, VpcId=vpc, SubnetIds=subnets, TagSpecifications=spec("transit-gateway-attachment", {"Name": name}))["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
        for name, (vpc, subnets) in network.items()
    }
    table = ec2.create_transit_gateway_route_table(TransitGatewayId=gateway, TagSpecifications=spec("transit-gateway-route-table", {"Name": "isolated"}))["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]
    ec2.enable_transit_gateway_route_table_propagation(TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=attachments["hub"])
    ec2.create_transit_gateway_route(TransitGatewayRouteTableId=table, DestinationCidrBlock="10.50.0.0/16", TransitGatewayAttachmentId=attachments["hub"])
    ec2.create_transit_gateway_route(TransitGatewayRouteTableId=table, DestinationCidrBlock="192.168.0.0/16", Blackhole=True)
    routes = ec2.create_route_table(VpcId=spoke[0], TagSpecifications=spec("route-table", {"Name": "spoke"}))["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=routes, DestinationCidrBlock="10.50.0.0/16", TransitGatewayId=gateway)
    offices = ec2.create_managed_prefix_list(PrefixListName="offices", MaxEntries=5, AddressFamily="IPv4", Entries=[{"Cidr": "203.0.113.0/24", "Description": "Paris"}, {"Cidr": "198.51.100.7/32"}])["PrefixList"]["PrefixListId"]
    group = ec2.create_security_group(GroupName="admin", Description="from the offices", VpcId=hub[0])["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": offices, "Description": "offices"}]}])
    peering = ec2.create_vpc_peering_connection(VpcId=hub[0], PeerVpcId=spoke[0], TagSpecifications=spec("vpc-peering-connection", {"Name": "hub to spoke"}))["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    office = ec2.create_customer_gateway(Type="ipsec.1", PublicIp="203.0.113.200", BgpAsn=65010, TagSpecifications=spec("customer-gateway", {"Name": "office"}))["CustomerGateway"]["CustomerGatewayId"]
    private = ec2.create_vpn_gateway(Type="ipsec.1", AmazonSideAsn=64610, TagSpecifications=spec("vpn-gateway", {"Name": "office"}))["VpnGateway"]["VpnGatewayId"]
    ec2.attach_vpn_gateway(VpnGatewayId=private, VpcId=hub[0])
    ec2.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=office, VpnGatewayId=private, Options={"StaticRoutesOnly": True}, TagSpecifications=spec("vpn-connection", {"Name": "office"}))


TEMPLATE = {
    "Parameters": {"Size": {"Type": "String", "Default": "1"}},
    "Resources": {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "from-a-stack"}},
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "netgov-from-a-stack"}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "from-a-stack", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}},
    },
}


def stack():
    """A stack whose parts code must leave alone."""
    client("cloudformation", REGION).create_stack(StackName="from-a-stack", TemplateBody=json.dumps(TEMPLATE), Parameters=[{"ParameterKey": "Size", "ParameterValue": "2"}], Capabilities=["CAPABILITY_NAMED_IAM"], Tags=tags({"team": "web"}))


def governance():
    """Detection, recording, rules, posture."""
    iam = client("iam", "us-east-1")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    role = iam.create_role(RoleName="config-recorder", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    config = client("config", REGION)
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}})
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "netgov-logs"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    config.put_config_rule(ConfigRule={"ConfigRuleName": "no-public-buckets", "Description": "read by nobody outside", "Scope": {"ComplianceResourceTypes": ["AWS::S3::Bucket"]}, "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_PUBLIC_READ_PROHIBITED"}})
    config.put_config_rule(ConfigRule={"ConfigRuleName": "tagged", "InputParameters": json.dumps({"tag1Key": "team"}), "MaximumExecutionFrequency": "TwentyFour_Hours", "Source": {"Owner": "AWS", "SourceIdentifier": "REQUIRED_TAGS"}})
    config.put_configuration_aggregator(ConfigurationAggregatorName="ours", AccountAggregationSources=[{"AccountIds": [ACCOUNT], "AllAwsRegions": True}])
    client("guardduty", REGION).create_detector(Enable=True, FindingPublishingFrequency="ONE_HOUR", Tags={"team": "security"})
    client("securityhub", REGION).enable_security_hub(EnableDefaultStandards=False)


def maintenance():
    """A window in which machines are patched, a baseline, a document."""
    ssm = client("ssm", REGION)
    window = ssm.create_maintenance_window(Name="sunday-night", Description="patches", Schedule="cron(0 3 ? * SUN *)", ScheduleTimezone="Europe/Paris", Duration=3, Cutoff=1, AllowUnassociatedTargets=False)["WindowId"]
    ssm.register_target_with_maintenance_window(WindowId=window, ResourceType="INSTANCE", Targets=[{"Key": "tag:Patch", "Values": ["yes"]}], Name="patched", OwnerInformation="operations")
    ssm.create_patch_baseline(Name="ubuntu", OperatingSystem="UBUNTU", Description="a week late", ApprovalRules={"PatchRules": [{"PatchFilterGroup": {"PatchFilters": [{"Key": "PRODUCT", "Values": ["Ubuntu22.04"]}]}, "ApproveAfterDays": 7, "ComplianceLevel": "CRITICAL"}]})
    content = {"schemaVersion": "2.2", "description": "restart the API", "mainSteps": [{"action": "aws:runShellScript", "name": "restart", "inputs": {"runCommand": ["systemctl restart api"]}}]}
    ssm.create_document(Name="restart-api", DocumentType="Command", DocumentFormat="JSON", Content=json.dumps(content))


if __name__ == "__main__":
    main()
