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


if __name__ == "__main__":
    main()
