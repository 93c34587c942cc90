#!/usr/bin/env python3
"""An account that grew for ten years: arguments that exist and that hardly anybody uses, in networks, machines and databases; names
that break whatever does not escape them.  For the terraform test; nothing of it is a fixture.
"""

import base64
import gzip
import json

from session import ACCOUNT, at, client, spec, tags

REGION = "eu-west-3"
ANY, ANY6 = "0.0.0.0/0", "::/0"
IMAGE = "ami-0f4ac87a0c33e6f83"
# Nobody may have thought of these.
ODD = {"Name": 'Ärzte "Büro" ${old} %{if}', "cost center": "4711 / «R&D»", "kubernetes.io/role/x": "", "app.kubernetes.io/name": "a\\b", "owner": "zoé@müller.example", "🚀": "🔥"}


def main():
    at("2016-02-29")
    network = Network()
    identity = Identity()
    machines = Machines(network, identity)
    fleets(network, identity)
    balancers(network, machines)
    databases(network, identity)
    caches(network)
    files(network, identity)
    tables(identity)
    backups(identity)
    at("2026-01-20T07:30:00")


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Identity:
    def __init__(self):
        iam, kms = client("iam", "us-east-1"), client("kms", REGION)
        services = ["ec2", "rds", "monitoring.rds", "backup", "vpc-flow-logs", "autoscaling", "dax"]
        trust = {"Effect": "Allow", "Principal": {"Service": [f"{s}.amazonaws.com" for s in services]}, "Action": "sts:AssumeRole"}
        self.role = iam.create_role(RoleName="Legacy_Role", Path="/old/2016/", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
        self.profile = iam.create_instance_profile(InstanceProfileName="Legacy_Role", Path="/old/2016/")["InstanceProfile"]
        iam.add_role_to_instance_profile(InstanceProfileName="Legacy_Role", RoleName="Legacy_Role")
        self.key = kms.create_key(Description='clé "principale" ${x}', Tags=[{"TagKey": "Name", "TagValue": "clé/été"}])["KeyMetadata"]["Arn"]
        self.topic = client("sns", REGION).create_topic(Name="Alarms_v2")["TopicArn"]
        s3 = client("s3", REGION)
        for bucket in ("mueller-flow-logs", "mueller-access-logs"):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}, ObjectOwnership="BucketOwnerEnforced")
        client("logs", REGION).create_log_group(logGroupName="/vpc/old.flow-logs#1")


class Network:
    """Two networks with all that two networks can have, and one nobody uses."""

    def __init__(self):
        self.ec2 = ec2 = client("ec2", REGION)
        self.vpc = self.network("172.16.0.0/20", ODD, AmazonProvidedIpv6CidrBlock=True)
        for cidr in ("172.16.16.0/20", "100.64.0.0/16"):
            ec2.associate_vpc_cidr_block(VpcId=self.vpc, CidrBlock=cidr)
        ec2.modify_vpc_attribute(VpcId=self.vpc, EnableDnsHostnames={"Value": True})
        ec2.modify_vpc_attribute(VpcId=self.vpc, EnableNetworkAddressUsageMetrics={"Value": True})
        self.v6 = ec2.describe_vpcs(VpcIds=[self.vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
        self.other = self.network("192.168.0.0/16", {"Name": "for_each", "empty": ""}, InstanceTenancy="dedicated")
        ec2.modify_vpc_attribute(VpcId=self.other, EnableDnsSupport={"Value": False})
        # The same name twice, and one that begins with a digit.
        self.network("10.99.0.0/24", {"Name": "for_each"})
        options = [("domain-name", ["corp.müller.example branch.example"]), ("domain-name-servers", ["172.16.0.2", "8.8.8.8"]), ("ntp-servers", ["169.254.169.123"]), ("netbios-name-servers", ["172.16.0.9"]), ("netbios-node-type", ["2"])]
        dhcp = ec2.create_dhcp_options(DhcpConfigurations=[{"Key": k, "Values": v} for k, v in options], TagSpecifications=spec("dhcp-options", {"Name": "2016: DNS/NTP"}))["DhcpOptions"]["DhcpOptionsId"]
        ec2.associate_dhcp_options(DhcpOptionsId=dhcp, VpcId=self.vpc)
        self.subnets = {}
        prefix = self.v6.split("::")[0][:-2]
        for n, (name, zone, cidr) in enumerate([("public", "a", "172.16.0.0/24"), ("public", "b", "172.16.1.0/24"), ("öffentlich 3", "c", "172.16.2.0/24"), ("data", "a", "172.16.16.0/24"), ("data", "b", "172.16.17.0/24"), ("pods", "a", "100.64.0.0/18")]):
            six = {"Ipv6CidrBlock": f"{prefix}0{n}::/64"} if name == "public" else {}
            subnet = ec2.create_subnet(VpcId=self.vpc, CidrBlock=cidr, AvailabilityZone=REGION + zone, TagSpecifications=spec("subnet", {"Name": f"{name}-{zone}", "kubernetes.io/role/elb": "1"}), **six)["Subnet"]["SubnetId"]
            self.subnets[name, zone] = subnet
            if six:
                ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
                ec2.modify_subnet_attribute(SubnetId=subnet, AssignIpv6AddressOnCreation={"Value": True})
        self.far = [ec2.create_subnet(VpcId=self.other, CidrBlock=f"192.168.{n}.0/24", AvailabilityZone=REGION + z, TagSpecifications=spec("subnet", {"Name": "1st/" + z}))["Subnet"]["SubnetId"] for n, z in enumerate("ab")]
        self.lists()
        self.groups()
        self.routes()
        self.acls()
        self.endpoints()
        self.transit()
        self.office()

    def network(self, cidr, named, **more):
        return self.ec2.create_vpc(CidrBlock=cidr, TagSpecifications=spec("vpc", named), **more)["Vpc"]["VpcId"]

    def lists(self):
        ec2 = self.ec2
        self.offices = ec2.create_managed_prefix_list(PrefixListName="Offices (all) & \"home\"", MaxEntries=20, AddressFamily="IPv4", Entries=[{"Cidr": f"198.51.100.{n * 16}/28", "Description": f'office #{n} "${{n}}"'} for n in range(5)] + [{"Cidr": "203.0.113.0/24"}], TagSpecifications=spec("prefix-list", {"Name": "Offices"}))["PrefixList"]["PrefixListId"]
        self.six = ec2.create_managed_prefix_list(PrefixListName="six", MaxEntries=2, AddressFamily="IPv6", Entries=[{"Cidr": "2001:db8:1::/48", "Description": ""}])["PrefixList"]["PrefixListId"]

    def group(self, name, description, vpc=None, **named):
        return self.ec2.create_security_group(GroupName=name, Description=description, VpcId=vpc or self.vpc, TagSpecifications=spec("security-group", named))["GroupId"]

    def allow(self, group, protocol, low=None, high=None, out=False, **ends):
        rule = {"IpProtocol": protocol, **ends}
        if low is not None:
            rule |= {"FromPort": low, "ToPort": high}
        call = self.ec2.authorize_security_group_egress if out else self.ec2.authorize_security_group_ingress
        call(GroupId=group, IpPermissions=[rule])

    def groups(self):
        self.web = self.group("Web (DMZ) / 2016 +HTTP@all", "never delete! [see wiki: #42] {ops}", Name="web", empty="")
        self.app = self.group("APP", "app", Name="app")
        self.db = self.group("launch-wizard-17", "launch-wizard-17 created 2017-03-01T10:11:12.000+01:00")
        self.distant = self.group("far", "on the other side of the peering", self.other, Name="web")
        self.many = self.group("partners", "40 partners", Name="Partners — do not touch")
        v4 = lambda cidr, **why: {"IpRanges": [{"CidrIp": cidr, **why}]}
        pair = lambda group, **more: {"UserIdGroupPairs": [{"GroupId": group, **more}]}
        self.allow(self.web, "tcp", 443, 443, **v4(ANY, Description="the world; since 2016 (ticket #1/A)"))
        self.allow(self.web, "tcp", 443, 443, Ipv6Ranges=[{"CidrIpv6": ANY6}])
        self.allow(self.web, "icmp", 8, 0, **v4(ANY, Description="ping"))
        self.allow(self.web, "icmp", 3, -1, **v4(ANY))
        self.allow(self.web, "icmpv6", -1, -1, Ipv6Ranges=[{"CidrIpv6": ANY6}])
        self.allow(self.web, "50", -1, -1, **v4("203.0.113.9/32", Description="ESP"))
        self.allow(self.web, "51", -1, -1, **v4("203.0.113.9/32", Description="AH"))
        self.allow(self.web, "udp", 0, 65535, **v4("10.0.0.0/8"))
        self.allow(self.web, "tcp", 22, 22, PrefixListIds=[{"PrefixListId": self.offices, "Description": "ssh from the offices"}])
        self.allow(self.web, "tcp", 22, 22, PrefixListIds=[{"PrefixListId": self.six}])
        for group in (self.web, self.app):
            self.allow(group, "-1", **pair(group, Description="each other"))
        self.allow(self.app, "tcp", 8000, 8999, **pair(self.web))
        self.allow(self.web, "tcp", 9000, 9000, **pair(self.app, Description="callback"))
        self.allow(self.app, "tcp", 1024, 65535, out=True, **pair(self.db))
        self.allow(self.db, "tcp", 5432, 5432, **pair(self.app))
        self.allow(self.db, "tcp", 3306, 3306, **pair(self.app))
        self.allow(self.app, "udp", 53, 53, out=True, **v4("172.16.0.2/32", Description="resolver"))
        # No way out for the database but to the application.
        self.ec2.revoke_security_group_egress(GroupId=self.db, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANY}]}])
        self.allow(self.db, "tcp", 9000, 9999, out=True, **pair(self.app))
        for n in range(40):
            self.allow(self.many, "tcp", (443, 8443, 22, 21)[n % 4], (443, 8443, 22, 21)[n % 4], **v4(f"198.51.{n}.0/24" if n % 3 else f"203.0.113.{n}/32", **({"Description": f"partner {n}: contract {2016 + n % 9}"} if n % 5 else {})))

    def table(self, name, *subnets, vpc=None):
        table = self.ec2.create_route_table(VpcId=vpc or self.vpc, TagSpecifications=spec("route-table", {"Name": name}))["RouteTable"]["RouteTableId"]
        for subnet in subnets:
            self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        return table

    def routes(self):
        ec2 = self.ec2
        gateway = ec2.create_internet_gateway(TagSpecifications=spec("internet-gateway", {"Name": "igw"}))["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        ec2.create_internet_gateway(TagSpecifications=spec("internet-gateway", {"Name": "detached since 2018"}))
        outward = ec2.create_egress_only_internet_gateway(VpcId=self.vpc, TagSpecifications=spec("egress-only-internet-gateway", {"Name": "v6 out"}))["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
        self.public = self.table("public/rt", self.subnets["public", "a"], self.subnets["public", "b"], self.subnets["öffentlich 3", "c"])
        ec2.create_route(RouteTableId=self.public, DestinationCidrBlock=ANY, GatewayId=gateway)
        ec2.create_route(RouteTableId=self.public, DestinationIpv6CidrBlock=ANY6, GatewayId=gateway)
        self.private = self.table("data", self.subnets["data", "a"], self.subnets["data", "b"])
        ec2.create_route(RouteTableId=self.private, DestinationIpv6CidrBlock=ANY6, EgressOnlyInternetGatewayId=outward)
        address = ec2.allocate_address(Domain="vpc", TagSpecifications=spec("elastic-ip", {"Name": "nat"}))["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=self.subnets["public", "a"], AllocationId=address, ConnectivityType="public", TagSpecifications=spec("natgateway", {"Name": "NAT №1"}))["NatGateway"]["NatGatewayId"]
        ec2.create_route(RouteTableId=self.private, DestinationCidrBlock=ANY, NatGatewayId=nat)
        inner = ec2.create_nat_gateway(SubnetId=self.subnets["data", "a"], ConnectivityType="private", TagSpecifications=spec("natgateway", {"Name": "overlap"}))["NatGateway"]["NatGatewayId"]
        pods = self.table("pods", self.subnets["pods", "a"])
        ec2.create_route(RouteTableId=pods, DestinationCidrBlock="192.168.0.0/16", NatGatewayId=inner)
        peering = ec2.create_vpc_peering_connection(VpcId=self.vpc, PeerVpcId=self.other, TagSpecifications=spec("vpc-peering-connection", {"Name": "old <-> new"}))["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
        ec2.modify_vpc_peering_connection_options(VpcPeeringConnectionId=peering, RequesterPeeringConnectionOptions={"AllowDnsResolutionFromRemoteVpc": True}, AccepterPeeringConnectionOptions={"AllowDnsResolutionFromRemoteVpc": False})
        ec2.create_route(RouteTableId=self.private, DestinationCidrBlock="192.168.0.0/16", VpcPeeringConnectionId=peering)
        back = self.table("public/rt", *self.far, vpc=self.other)
        for cidr in ("172.16.0.0/20", "172.16.16.0/20"):
            ec2.create_route(RouteTableId=back, DestinationCidrBlock=cidr, VpcPeeringConnectionId=peering)
        ec2.create_route(RouteTableId=back, DestinationPrefixListId=self.offices, VpcPeeringConnectionId=peering)
        self.allow(self.distant, "tcp", 8443, 8443, UserIdGroupPairs=[{"GroupId": self.app, "UserId": ACCOUNT, "VpcPeeringConnectionId": peering, "Description": "over the peering"}])
        # What it led to was taken down years ago.
        gone = ec2.create_network_interface(SubnetId=self.subnets["data", "a"], Groups=[self.app])["NetworkInterface"]["NetworkInterfaceId"]
        ec2.create_route(RouteTableId=self.private, DestinationCidrBlock="10.66.0.0/16", NetworkInterfaceId=gone)
        ec2.delete_network_interface(NetworkInterfaceId=gone)
        # The main table of the first network is a named one.
        main = next(t for t in ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [self.other]}])["RouteTables"] if any(a.get("Main") for a in t["Associations"]))
        ec2.create_tags(Resources=[main["RouteTableId"]], Tags=tags({"Name": "main (unused)"}))

    def acls(self):
        ec2 = self.ec2
        acl = ec2.create_network_acl(VpcId=self.vpc, TagSpecifications=spec("network-acl", {"Name": "Edge ACL / 2019"}))["NetworkAcl"]["NetworkAclId"]

        def entry(number, protocol, action, egress=False, cidr=ANY, six=None, **more):
            end = {"Ipv6CidrBlock": six} if six else {"CidrBlock": cidr}
            ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=number, Protocol=protocol, RuleAction=action, Egress=egress, **end, **more)

        for n, cidr in enumerate(("192.0.2.0/24", "198.51.100.66/32", "203.0.113.0/25")):
            entry(10 + n, "-1", "deny", cidr=cidr)
        for number, low, high in ((100, 80, 80), (110, 443, 443), (120, 1024, 65535)):
            entry(number, "6", "allow", PortRange={"From": low, "To": high})
            entry(number, "6", "allow", egress=True, PortRange={"From": low, "To": high})
        entry(130, "17", "allow", cidr="172.16.0.0/12", PortRange={"From": 53, "To": 53})
        entry(140, "1", "allow", IcmpTypeCode={"Type": 8, "Code": -1})
        entry(141, "1", "allow", IcmpTypeCode={"Type": 3, "Code": 4})
        entry(142, "1", "allow", egress=True, IcmpTypeCode={"Type": -1, "Code": -1})
        entry(150, "6", "allow", six=ANY6, PortRange={"From": 443, "To": 443})
        entry(160, "58", "allow", six=ANY6, IcmpTypeCode={"Type": 128, "Code": 0})
        entry(170, "50", "allow", cidr="203.0.113.9/32")
        entry(32766, "-1", "deny")
        for association in [a for n in ec2.describe_network_acls()["NetworkAcls"] for a in n["Associations"]]:
            if association["SubnetId"] in (self.subnets["public", "a"], self.subnets["public", "b"]):
                ec2.replace_network_acl_association(AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl)

    def endpoints(self):
        ec2 = self.ec2
        ec2.create_vpc_endpoint(
            VpcId=self.vpc, VpcEndpointType="Gateway", ServiceName=f"com.amazonaws.{REGION}.dynamodb", RouteTableIds=[self.private], TagSpecifications=spec("vpc-endpoint", {"Name": "dynamodb"}),
            PolicyDocument=document({"Sid": "OnlyOurs", "Effect": "Allow", "Principal": "*", "Action": ["dynamodb:*Item", "dynamodb:Query"], "Resource": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/${{aws:PrincipalTag/team}}-*"}),
        )
        ec2.create_vpc_endpoint(VpcId=self.vpc, VpcEndpointType="Gateway", ServiceName=f"com.amazonaws.{REGION}.s3", RouteTableIds=[self.private, self.public])
        for service, private in (("ec2messages", False), ("sts", True)):
            ec2.create_vpc_endpoint(
                VpcId=self.vpc, VpcEndpointType="Interface", ServiceName=f"com.amazonaws.{REGION}.{service}", SubnetIds=[self.subnets["data", "a"], self.subnets["data", "b"]], SecurityGroupIds=[self.web, self.app], PrivateDnsEnabled=private, IpAddressType="ipv4",
                PolicyDocument=document({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}), TagSpecifications=spec("vpc-endpoint", {"Name": service + '"quoted"'}),
            )

    def transit(self):
        ec2 = self.ec2
        hub = ec2.create_transit_gateway(
            Description="hub — “central”", Options={"AmazonSideAsn": 64999, "AutoAcceptSharedAttachments": "enable", "DefaultRouteTableAssociation": "disable", "DefaultRouteTablePropagation": "disable", "VpnEcmpSupport": "disable", "DnsSupport": "enable", "MulticastSupport": "disable", "TransitGatewayCidrBlocks": ["10.255.0.0/24"]}, TagSpecifications=spec("transit-gateway", {"Name": "hub"})
        )["TransitGateway"]["TransitGatewayId"]
        first = ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=hub, VpcId=self.vpc, SubnetIds=[self.subnets["data", "a"], self.subnets["data", "b"]], Options={"DnsSupport": "enable", "Ipv6Support": "enable", "ApplianceModeSupport": "enable"}, TagSpecifications=spec("transit-gateway-attachment", {"Name": "old"}))["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
        second = ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=hub, VpcId=self.other, SubnetIds=self.far, TagSpecifications=spec("transit-gateway-attachment", {"Name": "for_each"}))["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
        inside, outside = (ec2.create_transit_gateway_route_table(TransitGatewayId=hub, TagSpecifications=spec("transit-gateway-route-table", {"Name": n}))["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"] for n in ("inside", "outside"))
        for table, attachment in ((inside, first), (outside, second)):
            ec2.associate_transit_gateway_route_table(TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=attachment)
            ec2.enable_transit_gateway_route_table_propagation(TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=second if attachment == first else first)
        ec2.create_transit_gateway_route(TransitGatewayRouteTableId=inside, DestinationCidrBlock=ANY, TransitGatewayAttachmentId=second)
        ec2.create_transit_gateway_route(TransitGatewayRouteTableId=inside, DestinationCidrBlock="10.13.0.0/16", Blackhole=True)
        ec2.create_route(RouteTableId=self.private, DestinationCidrBlock="10.128.0.0/9", TransitGatewayId=hub)

    def office(self):
        ec2 = self.ec2
        customer = ec2.create_customer_gateway(BgpAsn=65010, PublicIp="203.0.113.77", Type="ipsec.1", DeviceName="Fortigate 60E", TagSpecifications=spec("customer-gateway", {"Name": "Büro Zürich"}))["CustomerGateway"]["CustomerGatewayId"]
        gateway = ec2.create_vpn_gateway(Type="ipsec.1", AmazonSideAsn=64601, TagSpecifications=spec("vpn-gateway", {"Name": "vgw-1"}))["VpnGateway"]["VpnGatewayId"]
        ec2.attach_vpn_gateway(VpcId=self.vpc, VpnGatewayId=gateway)
        ec2.enable_vgw_route_propagation(RouteTableId=self.private, GatewayId=gateway)
        link = ec2.create_vpn_connection(CustomerGatewayId=customer, VpnGatewayId=gateway, Type="ipsec.1", Options={"StaticRoutesOnly": True}, TagSpecifications=spec("vpn-connection", {"Name": "Büro Zürich"}))["VpnConnection"]["VpnConnectionId"]
        ec2.create_vpn_connection_route(VpnConnectionId=link, DestinationCidrBlock="10.200.0.0/16")


class Machines:
    """Instances in every state and with everything that hangs on one; images, snapshots, templates."""

    def __init__(self, network, identity):
        self.ec2, self.network, self.identity = network.ec2, network, identity
        ec2 = self.ec2
        logs = [
            {"ResourceIds": [network.vpc], "ResourceType": "VPC", "TrafficType": "REJECT", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::mueller-flow-logs", "LogFormat": "${version} ${vpc-id} ${srcaddr} ${dstaddr} ${tcp-flags} ${flow-direction}", "MaxAggregationInterval": 60},
            {"ResourceIds": [network.subnets["data", "a"]], "ResourceType": "Subnet", "TrafficType": "ALL", "LogDestinationType": "cloud-watch-logs", "LogGroupName": "/vpc/old.flow-logs#1", "DeliverLogsPermissionArn": identity.role, "MaxAggregationInterval": 600},
        ]
        for given in logs:
            assert not ec2.create_flow_logs(TagSpecifications=spec("vpc-flow-log", {"Name": "flow"}), **given)["Unsuccessful"]
        for name, strategy in (("hpc", "cluster"), ("apart", "spread"), ("racks", "partition")):
            ec2.create_placement_group(GroupName=name, Strategy=strategy, **({"PartitionCount": 3} if strategy == "partition" else {}), TagSpecifications=spec("placement-group", {"Name": name}))
        ec2.import_key_pair(KeyName="hans@müller (2016)", PublicKeyMaterial=b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJh/37UI/OcVhLbjHEcuVffh6h/RsLN1QNDgNWpU6fzS hans@mueller", TagSpecifications=spec("key-pair", {"who": "Hans"}))
        self.instances()

    def run(self, name, kind="t3.small", **given):
        given = {"ImageId": IMAGE, "InstanceType": kind, "MinCount": 1, "MaxCount": 1, **given}
        named = name if isinstance(name, dict) else {"Name": name}
        return self.ec2.run_instances(TagSpecifications=spec("instance", named), **given)["Instances"][0]

    def instances(self):
        ec2, network = self.ec2, self.network
        data, public, group = network.subnets["data", "a"], network.subnets["public", "a"], [network.app]
        plain = "#!/bin/bash\nset -euo pipefail\nNAME=${HOSTNAME:-x}\nif [ %{x} ]; then echo \"a\\tb\"; fi\ncat <<EOF\n$${literal}\nEOF\n"
        # An appliance: three interfaces, several addresses each, forwards what is not for it.
        firewall = self.run(
            ODD, "c5.xlarge", KeyName="hans@müller (2016)", EbsOptimized=True, DisableApiTermination=True, UserData=plain,
            NetworkInterfaces=[
                {"DeviceIndex": 0, "SubnetId": public, "Groups": [network.web, network.app], "PrivateIpAddress": "172.16.0.10", "PrivateIpAddresses": [{"PrivateIpAddress": "172.16.0.10", "Primary": True}, {"PrivateIpAddress": "172.16.0.11", "Primary": False}, {"PrivateIpAddress": "172.16.0.12", "Primary": False}], "DeleteOnTermination": True, "Description": "outside"},
            ],
            MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 64, "HttpEndpoint": "enabled", "HttpProtocolIpv6": "enabled", "InstanceMetadataTags": "enabled"},
        )
        ec2.modify_instance_attribute(InstanceId=firewall["InstanceId"], SourceDestCheck={"Value": False})
        self.firewall = firewall["InstanceId"]
        inside = ec2.create_network_interface(SubnetId=data, Groups=[network.app, network.db], Description='inside "leg"', PrivateIpAddresses=[{"PrivateIpAddress": "172.16.16.20", "Primary": True}, {"PrivateIpAddress": "172.16.16.21", "Primary": False}], TagSpecifications=spec("network-interface", {"Name": "fw/inside"}))["NetworkInterface"]["NetworkInterfaceId"]
        ec2.modify_network_interface_attribute(NetworkInterfaceId=inside, SourceDestCheck={"Value": False})
        ec2.attach_network_interface(NetworkInterfaceId=inside, InstanceId=self.firewall, DeviceIndex=1)
        ec2.create_route(RouteTableId=network.private, DestinationCidrBlock="10.77.0.0/16", NetworkInterfaceId=inside)
        idle = ec2.create_network_interface(SubnetId=data, Groups=[network.db], Description="", TagSpecifications=spec("network-interface", {"Name": "count"}))["NetworkInterface"]["NetworkInterfaceId"]
        for interface in (firewall["NetworkInterfaces"][0]["NetworkInterfaceId"], idle):
            address = ec2.allocate_address(Domain="vpc", TagSpecifications=spec("elastic-ip", {"Name": "VIP"}))["AllocationId"]
            ec2.associate_address(AllocationId=address, NetworkInterfaceId=interface)
        self.spare = ec2.allocate_address(Domain="vpc", TagSpecifications=spec("elastic-ip", {"Name": "unused since 2019"}))["AllocationId"]
        # A database host with disks of every kind.
        disks = [
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "Encrypted": True, "KmsKeyId": self.identity.key, "DeleteOnTermination": False}},
            {"DeviceName": "/dev/sdc", "Ebs": {"VolumeSize": 500, "VolumeType": "st1", "DeleteOnTermination": True}},
        ]
        host = self.run("Oracle DB (prod)", "r5d.large", SubnetId=data, SecurityGroupIds=[network.db, network.app], BlockDeviceMappings=disks, IamInstanceProfile={"Arn": self.identity.profile["Arn"]}, Monitoring={"Enabled": True}, Placement={"GroupName": "racks", "AvailabilityZone": REGION + "a"}, UserData=plain.replace("\n", "\r\n") + "  \n\n")
        root = next(v["VolumeId"] for v in ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [host["InstanceId"]]}])["Volumes"] if v["Attachments"][0]["Device"] == "/dev/xvda")
        ec2.modify_volume(VolumeId=root, VolumeType="gp3", Size=20, Iops=4000, Throughput=250)
        fast = ec2.create_volume(AvailabilityZone=REGION + "a", Size=100, VolumeType="io2", Iops=3000, Encrypted=True, KmsKeyId=self.identity.key, TagSpecifications=spec("volume", {"Name": "redo/logs"}))["VolumeId"]
        ec2.attach_volume(VolumeId=fast, InstanceId=host["InstanceId"], Device="/dev/sdb")
        late = ec2.create_volume(AvailabilityZone=REGION + "a", Size=64, VolumeType="gp3", Iops=6000, Throughput=500, Encrypted=True, KmsKeyId=self.identity.key, TagSpecifications=spec("volume", {"Name": "Oracle DB (prod)"}))["VolumeId"]
        ec2.attach_volume(VolumeId=late, InstanceId=host["InstanceId"], Device="/dev/sdf")
        for name, kind in (("standard", "standard"), ("sc1", "sc1")):
            ec2.create_volume(AvailabilityZone=REGION + "b", Size=125, VolumeType=kind, TagSpecifications=spec("volume", {"Name": name}))
        self.host = host["InstanceId"]
        at("2019-07-01")
        shot = ec2.create_snapshot(VolumeId=late, Description='before "upgrade" ${v}', TagSpecifications=spec("snapshot", {"Name": "keep!"}))["SnapshotId"]
        ec2.create_volume(AvailabilityZone=REGION + "a", SnapshotId=shot, VolumeType="gp2", TagSpecifications=spec("volume", {"Name": "restored"}))
        ec2.create_image(InstanceId=self.firewall, Name="golden (2019) [v1.0]/x", Description="golden", NoReboot=True, TagSpecifications=spec("image", {"Name": "golden"}))
        # One of each odd kind.
        self.run("dedicated", "m5.large", SubnetId=network.far[0], SecurityGroupIds=[network.distant], Placement={"Tenancy": "dedicated"}, UserData=gzip.compress(b"#cloud-config\npackages: [nginx]\n", mtime=0))
        self.run("sleeps", "m5.large", SubnetId=data, SecurityGroupIds=group, HibernationOptions={"Configured": True}, BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 30, "VolumeType": "gp3", "Encrypted": True}}], UserData="#cloud-config\nwrite_files:\n  - path: /etc/motd\n    content: |\n      Grüße, ${USER} — \"50%%\"\n")
        self.run("123-batch", "c5.large", SubnetId=data, SecurityGroupIds=group, Placement={"GroupName": "apart", "AvailabilityZone": REGION + "a"}, CpuOptions={"CoreCount": 1, "ThreadsPerCore": 1}, InstanceInitiatedShutdownBehavior="terminate", EnclaveOptions={"Enabled": True}, MaintenanceOptions={"AutoRecovery": "disabled"}, PrivateDnsNameOptions={"HostnameType": "resource-name", "EnableResourceNameDnsARecord": True}, UserData="<powershell>\r\nWrite-Host \"${env:X}\"\r\n</powershell>\r\n<persist>true</persist>")
        self.run("credit", "t2.micro", SubnetId=public, SecurityGroupIds=[network.web], CreditSpecification={"CpuCredits": "unlimited"}, UserData=base64.b64encode(b"#!/bin/sh\necho encoded twice\n").decode())
        stopped = self.run("alt / stopped", "t3.nano", SubnetId=data, SecurityGroupIds=group, UserData="no shebang, no newline")
        ec2.stop_instances(InstanceIds=[stopped["InstanceId"]])
        script = "#!/bin/sh\n" + "".join(f"echo 'line {n} of many'\n" for n in range(700))
        ec2.run_instances(ImageId=IMAGE, InstanceType="t3.micro", MinCount=2, MaxCount=2, SubnetId=data, SecurityGroupIds=group, UserData=script[:16000], TagSpecifications=spec("instance", {"Name": "twin"}))
        # Text that the provider takes for something encoded, and longer than it accepts once it is encoded again.
        ec2.run_instances(ImageId=IMAGE, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=data, UserData="x" * 16000)
        self.templates(group)

    def templates(self, group):
        ec2, network = self.ec2, self.network
        self.template = ec2.create_launch_template(LaunchTemplateName="all.of-it(v2)/x", LaunchTemplateData={"ImageId": IMAGE, "InstanceType": "m5.xlarge"}, TagSpecifications=spec("launch-template", ODD))["LaunchTemplate"]["LaunchTemplateId"]
        ec2.create_launch_template_version(
            LaunchTemplateId=self.template,
            VersionDescription="every \"block\" ${v}",
            LaunchTemplateData={
                "ImageId": IMAGE, "InstanceType": "m5.large", "KeyName": "hans@müller (2016)", "EbsOptimized": True, "DisableApiTermination": True, "DisableApiStop": True, "InstanceInitiatedShutdownBehavior": "stop",
                "IamInstanceProfile": {"Arn": self.identity.profile["Arn"]},
                "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 40, "VolumeType": "gp3", "Iops": 3500, "Throughput": 200, "Encrypted": True, "KmsKeyId": self.identity.key, "DeleteOnTermination": False}}, {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"}, {"DeviceName": "/dev/sdc", "NoDevice": ""}],
                "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": group, "DeleteOnTermination": True, "Description": "eth0", "Ipv6AddressCount": 1, "InterfaceType": "interface"}, {"DeviceIndex": 1, "SubnetId": network.subnets["data", "a"], "Groups": group, "PrivateIpAddresses": [{"PrivateIpAddress": "172.16.16.99", "Primary": True}], "DeleteOnTermination": False}],
                "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 3, "HttpProtocolIpv6": "disabled", "InstanceMetadataTags": "disabled"},
                "Monitoring": {"Enabled": True}, "Placement": {"AvailabilityZone": REGION + "a", "Tenancy": "default", "GroupName": "apart"}, "CreditSpecification": {"CpuCredits": "standard"}, "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 2},
                "HibernationOptions": {"Configured": False}, "EnclaveOptions": {"Enabled": False}, "MaintenanceOptions": {"AutoRecovery": "default"}, "PrivateDnsNameOptions": {"HostnameType": "ip-name", "EnableResourceNameDnsARecord": True, "EnableResourceNameDnsAAAARecord": False},
                "CapacityReservationSpecification": {"CapacityReservationPreference": "open"}, "InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.05", "SpotInstanceType": "one-time", "InstanceInterruptionBehavior": "terminate"}},
                "TagSpecifications": [{"ResourceType": "instance", "Tags": tags({"Name": "from ${template}", "a.b/c d": ""})}, {"ResourceType": "volume", "Tags": tags({"Name": "v"})}, {"ResourceType": "network-interface", "Tags": tags({"Name": "eni"})}],
                "UserData": base64.b64encode(gzip.compress(b"#!/bin/sh\necho \"${x}\"\n", mtime=0)).decode(),
            },
        )
        ec2.create_launch_template(LaunchTemplateName="nothing", LaunchTemplateData={"EbsOptimized": False})
        self.by_needs = ec2.create_launch_template(
            LaunchTemplateName="by-needs", LaunchTemplateData={"ImageId": IMAGE, "SecurityGroupIds": group, "InstanceRequirements": {"VCpuCount": {"Min": 2, "Max": 8}, "MemoryMiB": {"Min": 4096}, "CpuManufacturers": ["intel", "amd"], "BurstablePerformance": "excluded", "AllowedInstanceTypes": ["m5*", "c5*"], "SpotMaxPricePercentageOverLowestPrice": 50}, "UserData": base64.b64encode("#!/bin/sh\r\necho ${x} %{y}  \r\n".encode()).decode()}
        )["LaunchTemplate"]["LaunchTemplateId"]
        small = ec2.create_launch_template(LaunchTemplateName="small", LaunchTemplateData={"ImageId": IMAGE, "InstanceType": "t3.micro", "SecurityGroupIds": group, "UserData": base64.b64encode(b"#!/bin/sh\necho from-template\n").decode()})["LaunchTemplate"]["LaunchTemplateId"]
        ec2.run_instances(LaunchTemplate={"LaunchTemplateId": small, "Version": "1"}, MinCount=1, MaxCount=1, SubnetId=network.subnets["data", "b"], TagSpecifications=spec("instance", {"Name": "templated"}))
        self.small = small


def fleets(network, identity):
    """Groups with a mixed policy, warm pool, hooks, schedules, notifications, and a policy of every kind."""
    scaling = client("autoscaling", REGION)
    at("2020-04-01")
    machines = network.ec2.describe_launch_templates()["LaunchTemplates"]
    template = {t["LaunchTemplateName"]: t["LaunchTemplateId"] for t in machines}
    subnets = ",".join([network.subnets["data", "a"], network.subnets["data", "b"]])
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="spot/fleet (v2) é",
        MinSize=0, MaxSize=10, DesiredCapacity=0, DefaultCooldown=120, DefaultInstanceWarmup=60, HealthCheckType="EC2", HealthCheckGracePeriod=90, CapacityRebalance=True, NewInstancesProtectedFromScaleIn=True, MaxInstanceLifetime=604800,
        TerminationPolicies=["OldestLaunchTemplate", "ClosestToNextInstanceHour"], VPCZoneIdentifier=subnets,
        MixedInstancesPolicy={
            "LaunchTemplate": {"LaunchTemplateSpecification": {"LaunchTemplateId": template["small"], "Version": "$Latest"}, "Overrides": [{"InstanceType": "t3.micro", "WeightedCapacity": "1"}, {"InstanceType": "t3.small", "WeightedCapacity": "2"}, {"InstanceType": "t3a.small", "WeightedCapacity": "2"}]},
            "InstancesDistribution": {"OnDemandAllocationStrategy": "prioritized", "OnDemandBaseCapacity": 1, "OnDemandPercentageAboveBaseCapacity": 20, "SpotAllocationStrategy": "capacity-optimized-prioritized", "SpotMaxPrice": "0.02"},
        },
        Tags=[{"Key": "Name", "Value": "spot", "PropagateAtLaunch": True}, {"Key": "a.b/c d", "Value": "", "PropagateAtLaunch": False}, {"Key": "count", "Value": '"${x}"', "PropagateAtLaunch": True}],
    )
    scaling.create_auto_scaling_group(AutoScalingGroupName="workers", MinSize=0, MaxSize=4, DesiredCapacity=0, LaunchTemplate={"LaunchTemplateId": template["all.of-it(v2)/x"], "Version": "2"}, VPCZoneIdentifier=subnets, HealthCheckType="ELB")
    scaling.put_warm_pool(AutoScalingGroupName="workers", MinSize=1, MaxGroupPreparedCapacity=3, PoolState="Stopped", InstanceReusePolicy={"ReuseOnScaleIn": True})
    scaling.enable_metrics_collection(AutoScalingGroupName="workers", Granularity="1Minute", Metrics=["GroupDesiredCapacity", "GroupInServiceInstances"])
    scaling.suspend_processes(AutoScalingGroupName="workers", ScalingProcesses=["AZRebalance", "ReplaceUnhealthy"])
    scaling.put_lifecycle_hook(AutoScalingGroupName="workers", LifecycleHookName="drain", LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING", HeartbeatTimeout=300, DefaultResult="CONTINUE", NotificationMetadata='{"k":"${v}"}')
    scaling.put_lifecycle_hook(AutoScalingGroupName="workers", LifecycleHookName="1_boot", LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING", NotificationTargetARN=identity.topic, RoleARN=identity.role)
    for name, more in (("weekdays", {"Recurrence": "0 7 * * MON-FRI", "MinSize": 1, "MaxSize": 4, "DesiredCapacity": 2, "TimeZone": "Europe/Zurich"}), ("night", {"Recurrence": "0 20 * * *", "MinSize": 0, "MaxSize": 4, "DesiredCapacity": 0})):
        scaling.put_scheduled_update_group_action(AutoScalingGroupName="workers", ScheduledActionName=name, **more)
    policies = {
        "simple up": {"PolicyType": "SimpleScaling", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1, "Cooldown": 300},
        "percent": {"PolicyType": "SimpleScaling", "AdjustmentType": "PercentChangeInCapacity", "ScalingAdjustment": -25, "MinAdjustmentMagnitude": 2},
        "steps": {"PolicyType": "StepScaling", "AdjustmentType": "ExactCapacity", "MetricAggregationType": "Maximum", "EstimatedInstanceWarmup": 120, "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 20.5, "ScalingAdjustment": 2}, {"MetricIntervalLowerBound": 20.5, "ScalingAdjustment": 4}]},
        "cpu 50%": {"PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 50.0, "DisableScaleIn": True}},
        "queue": {"PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": {"CustomizedMetricSpecification": {"MetricName": "Backlog", "Namespace": "Old/App", "Dimensions": [{"Name": "Queue", "Value": "a/b"}], "Statistic": "Average", "Unit": "Count"}, "TargetValue": 12.5}},
        "forecast": {"PolicyType": "PredictiveScaling", "PredictiveScalingConfiguration": {"MetricSpecifications": [{"TargetValue": 40.0, "PredefinedMetricPairSpecification": {"PredefinedMetricType": "ASGCPUUtilization"}}], "Mode": "ForecastOnly", "SchedulingBufferTime": 300, "MaxCapacityBreachBehavior": "HonorMaxCapacity"}},
    }
    for name, given in policies.items():
        scaling.put_scaling_policy(AutoScalingGroupName="workers", PolicyName=name, **given)
    scaling.put_notification_configuration(AutoScalingGroupName="workers", TopicARN=identity.topic, NotificationTypes=["autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE_ERROR"])
    # What was there before templates.
    scaling.create_launch_configuration(LaunchConfigurationName="lc-2016-03-01T10.00", ImageId=IMAGE, InstanceType="m3.medium", KeyName="hans@müller (2016)", SecurityGroups=[network.app], InstanceMonitoring={"Enabled": False}, EbsOptimized=False, AssociatePublicIpAddress=False, UserData=base64.b64encode(b"#!/bin/sh\necho old\n").decode(), BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 10, "VolumeType": "gp2", "DeleteOnTermination": True}}, {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"}])
    scaling.create_auto_scaling_group(AutoScalingGroupName="old", MinSize=0, MaxSize=1, DesiredCapacity=0, LaunchConfigurationName="lc-2016-03-01T10.00", VPCZoneIdentifier=subnets)


def balancers(network, machines):
    elb, acm, idp = client("elbv2", REGION), client("acm", REGION), client("cognito-idp", REGION)
    at("2021-01-10")
    certificates = [acm.request_certificate(DomainName=d, ValidationMethod="DNS")["CertificateArn"] for d in ("mueller.example", "*.intern.mueller.example")]
    at("2021-01-11")
    pool = idp.create_user_pool(PoolName="staff")["UserPool"]["Id"]
    user_pool = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{pool}"
    app_client = idp.create_user_pool_client(UserPoolId=pool, ClientName="alb")["UserPoolClient"]["ClientId"]
    public = [network.subnets["public", "a"], network.subnets["public", "b"]]
    front = elb.create_load_balancer(Name="Front-2021", Subnets=public, SecurityGroups=[network.web, network.app], Scheme="internet-facing", Type="application", IpAddressType="dualstack", Tags=tags(ODD))["LoadBalancers"][0]["LoadBalancerArn"]
    attributes = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "mueller-access-logs", "access_logs.s3.prefix": "front", "connection_logs.s3.enabled": "true", "connection_logs.s3.bucket": "mueller-access-logs", "connection_logs.s3.prefix": "conn", "idle_timeout.timeout_seconds": "4000", "client_keep_alive.seconds": "7200", "routing.http.desync_mitigation_mode": "strictest", "routing.http.xff_header_processing.mode": "preserve", "routing.http.xff_client_port.enabled": "true", "routing.http.preserve_host_header.enabled": "true", "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "true", "routing.http2.enabled": "false", "waf.fail_open.enabled": "true", "zonal_shift.config.enabled": "true"}
    elb.modify_load_balancer_attributes(LoadBalancerArn=front, Attributes=[{"Key": k, "Value": v} for k, v in attributes.items()])

    def group(name, kind, more=None, **given):
        named = {"Name": name, "a/b": ""}
        arn = elb.create_target_group(Name=name, TargetType=kind, Tags=tags(named), **given)["TargetGroups"][0]["TargetGroupArn"]
        if more:
            elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[{"Key": k, "Value": v} for k, v in more.items()])
        return arn

    web = {"Protocol": "HTTP", "Port": 80, "VpcId": network.vpc}
    blue = group("blue", "instance", {"slow_start.duration_seconds": "60", "stickiness.enabled": "true", "stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": "604800", "load_balancing.algorithm.type": "round_robin", "load_balancing.cross_zone.enabled": "false"}, **web)
    green = group("green", "ip", {"deregistration_delay.timeout_seconds": "0", "load_balancing.algorithm.type": "weighted_random", "load_balancing.algorithm.anomaly_mitigation": "on"}, **web, ProtocolVersion="HTTP2", HealthCheckPath="/", HealthCheckProtocol="HTTPS", HealthCheckPort="traffic-port", HealthCheckIntervalSeconds=300, HealthCheckTimeoutSeconds=120, HealthyThresholdCount=10, UnhealthyThresholdCount=2, Matcher={"HttpCode": "200,204-299"})
    grpc = group("grpc", "ip", None, **web, ProtocolVersion="GRPC", HealthCheckPath="/grpc.health.v1.Health/Check", Matcher={"GrpcCode": "0-99"})
    function = group("fn", "lambda", {"lambda.multi_value_headers.enabled": "true"}, HealthCheckEnabled=True, HealthCheckPath="/h", HealthCheckIntervalSeconds=35, HealthCheckTimeoutSeconds=30)
    elb.register_targets(TargetGroupArn=blue, Targets=[{"Id": machines.firewall, "Port": 80}, {"Id": machines.host, "Port": 8080}])
    elb.register_targets(TargetGroupArn=green, Targets=[{"Id": "172.16.16.20", "Port": 80}, {"Id": "192.168.5.5", "Port": 80, "AvailabilityZone": "all"}])
    https = elb.create_listener(LoadBalancerArn=front, Protocol="HTTPS", Port=443, SslPolicy="ELBSecurityPolicy-TLS13-1-2-Res-2021-06", Certificates=[{"CertificateArn": certificates[0]}], DefaultActions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": blue, "Weight": 100}, {"TargetGroupArn": green, "Weight": 0}], "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 604800}}}], Tags=tags({"Name": 'https "front"'}))["Listeners"][0]["ListenerArn"]
    elb.add_listener_certificates(ListenerArn=https, Certificates=[{"CertificateArn": certificates[1]}])
    elb.create_listener(LoadBalancerArn=front, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_302", "Path": "/neu/#{path}", "Query": "from=#{host}&#{query}"}}])

    def forward(arn):
        return {"Type": "forward", "TargetGroupArn": arn}

    oidc = {"Issuer": "https://login.example.org", "AuthorizationEndpoint": "https://login.example.org/a", "TokenEndpoint": "https://login.example.org/t", "UserInfoEndpoint": "https://login.example.org/u", "ClientId": "alb", "ClientSecret": "Exo-Fake-Oidc-Secret", "Scope": "openid email", "SessionCookieName": "S", "SessionTimeout": 3600, "OnUnauthenticatedRequest": "deny", "AuthenticationRequestExtraParams": {"display": "page"}}
    cognito = {"UserPoolArn": user_pool, "UserPoolClientId": app_client, "UserPoolDomain": "staff-mueller"}
    rules = [
        ([{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/admin/*", "/ädmin/${x}"]}}], [{"Type": "authenticate-oidc", "AuthenticateOidcConfig": oidc, "Order": 1}, {**forward(blue), "Order": 2}]),
        ([{"Field": "host-header", "HostHeaderConfig": {"Values": ["*.intern.mueller.example"]}}], [{"Type": "authenticate-cognito", "AuthenticateCognitoConfig": cognito, "Order": 1}, {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "hallo\n\"${user}\""}, "Order": 2}]),
        ([{"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "User-Agent", "Values": ["*Bot*", "curl/*"]}}, {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET", "PURGE"]}}], [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403"}}]),
        ([{"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "version", "Value": "v*"}, {"Value": "beta"}]}}, {"Field": "source-ip", "SourceIpConfig": {"Values": ["198.51.100.0/24", "2001:db8::/32"]}}], [{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": g, "Weight": w} for g, w in ((blue, 1), (green, 2), (function, 999))]}}]),
        ([{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/old"]}}], [{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Host": "new.mueller.example", "Query": ""}}]),
        ([{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/grpc.*"]}}], [forward(grpc)]),
    ]
    for n, (conditions, actions) in enumerate(rules):
        elb.create_rule(ListenerArn=https, Priority=(n + 1) * 10 if n < 5 else 50000, Conditions=conditions, Actions=actions, Tags=tags({"Name": f"rule {n}: {conditions[0]['Field']}"}))
    # Layer 4: fixed addresses, TLS, UDP, and a load balancer behind a load balancer.
    addresses = [network.ec2.allocate_address(Domain="vpc", TagSpecifications=spec("elastic-ip", {"Name": "nlb"}))["AllocationId"] for _ in public]
    wire = elb.create_load_balancer(Name="wire", Type="network", Scheme="internet-facing", SubnetMappings=[{"SubnetId": s, "AllocationId": a} for s, a in zip(public, addresses)], Tags=tags({"Name": "wire"}))["LoadBalancers"][0]["LoadBalancerArn"]
    elb.modify_load_balancer_attributes(LoadBalancerArn=wire, Attributes=[{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}, {"Key": "dns_record.client_routing_policy", "Value": "availability_zone_affinity"}])
    tcp = group("tcp", "ip", {"proxy_protocol_v2.enabled": "true", "preserve_client_ip.enabled": "false", "deregistration_delay.connection_termination.enabled": "true"}, Protocol="TLS", Port=8443, VpcId=network.vpc, HealthCheckProtocol="TCP", HealthCheckIntervalSeconds=10)
    udp = group("udp", "instance", {"stickiness.enabled": "true", "stickiness.type": "source_ip"}, Protocol="TCP_UDP", Port=53, VpcId=network.vpc, HealthCheckProtocol="TCP", HealthCheckPort="53")
    behind = group("behind", "alb", None, Protocol="TCP", Port=80, VpcId=network.vpc, HealthCheckProtocol="HTTP", HealthCheckPath="/h")
    elb.register_targets(TargetGroupArn=behind, Targets=[{"Id": front, "Port": 80}])
    elb.create_listener(LoadBalancerArn=wire, Protocol="TLS", Port=8443, SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06", AlpnPolicy=["HTTP2Preferred"], Certificates=[{"CertificateArn": certificates[0]}], DefaultActions=[forward(tcp)])
    elb.create_listener(LoadBalancerArn=wire, Protocol="TCP_UDP", Port=53, DefaultActions=[forward(udp)])
    elb.create_listener(LoadBalancerArn=wire, Protocol="TCP", Port=80, DefaultActions=[forward(behind)])


def databases(network, identity):
    rds = client("rds", REGION)
    at("2017-05-05")
    data = [network.subnets["data", "a"], network.subnets["data", "b"]]
    rds.create_db_subnet_group(DBSubnetGroupName="default-vpc-old.net_1", DBSubnetGroupDescription='the "old" ${net}', SubnetIds=data, Tags=tags({"Name": "old", "a.b/c": ""}))
    parameters = {
        "mysql57-utf8": ("mysql8.0", {"character_set_server": ("utf8mb4", "immediate"), "time_zone": ("Europe/Zurich", "immediate"), "max_connections": ("{DBInstanceClassMemory/12582880}", "pending-reboot"), "init_connect": ("SET NAMES 'utf8mb4'; SET @x='${y}'", "immediate"), "log_bin_trust_function_creators": ("1", "immediate"), "sql_mode": ("", "immediate")}),
        "maria": ("mariadb10.6", {"long_query_time": ("0.5", "immediate")}),
        "ora": ("oracle-se2-19", {"open_cursors": ("1000", "immediate"), "processes": ("500", "pending-reboot")}),
        "mssql": ("sqlserver-se-15.0", {"cost threshold for parallelism": ("50", "immediate"), "max degree of parallelism": ("2", "immediate")}),
        "empty": ("postgres13", {}),
    }
    for name, (family, values) in parameters.items():
        rds.create_db_parameter_group(DBParameterGroupName=name, DBParameterGroupFamily=family, Description=f"{name}: settings", Tags=tags({"Name": name}))
        if values:
            rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=[{"ParameterName": k, "ParameterValue": v, "ApplyMethod": m} for k, (v, m) in values.items()])
    for name, engine, major, options in (
        ("maria-audit", "mariadb", "10.6", [{"OptionName": "MARIADB_AUDIT_PLUGIN", "OptionSettings": [{"Name": "SERVER_AUDIT_EVENTS", "Value": "CONNECT,QUERY_DDL"}, {"Name": "SERVER_AUDIT_FILE_ROTATIONS", "Value": "10"}]}]),
        ("oracle-opts", "oracle-se2", "19", [{"OptionName": "Timezone", "OptionSettings": [{"Name": "TIME_ZONE", "Value": "Europe/Zurich"}]}]),
        ("mssql-backup", "sqlserver-se", "15.00", [{"OptionName": "SQLSERVER_BACKUP_RESTORE", "OptionSettings": [{"Name": "IAM_ROLE_ARN", "Value": identity.role}]}]),
    ):
        rds.create_option_group(OptionGroupName=name, EngineName=engine, MajorEngineVersion=major, OptionGroupDescription=f"{name} since 2017", Tags=tags({"Name": name}))
        rds.modify_option_group(OptionGroupName=name, OptionsToInclude=options, ApplyImmediately=True)
    common = {"DBSubnetGroupName": "default-vpc-old.net_1", "VpcSecurityGroupIds": [network.db], "MasterUserPassword": "Exo-Fake-Legacy-Passw0rd", "PubliclyAccessible": False}
    rds.create_db_instance(
        DBInstanceIdentifier="main-2017", Engine="mysql", EngineVersion="8.0.36", DBInstanceClass="db.m5.large", AllocatedStorage=400, MaxAllocatedStorage=2000, StorageType="gp3", Iops=12000, StorageThroughput=500, DBName="main", MasterUsername="root_admin", MultiAZ=True, Port=13306, BackupRetentionPeriod=35, PreferredBackupWindow="23:30-00:00", PreferredMaintenanceWindow="sun:00:30-sun:01:00",
        DBParameterGroupName="mysql57-utf8", EnableIAMDatabaseAuthentication=True, EnableCloudwatchLogsExports=["audit", "error", "general", "slowquery"], MonitoringInterval=15, MonitoringRoleArn=identity.role, EnablePerformanceInsights=True, PerformanceInsightsRetentionPeriod=731, PerformanceInsightsKMSKeyId=identity.key, StorageEncrypted=True, KmsKeyId=identity.key, CopyTagsToSnapshot=True, DeletionProtection=True, AutoMinorVersionUpgrade=False, CACertificateIdentifier="rds-ca-rsa4096-g1", Tags=tags(ODD), **common,
    )
    for n in (1, 2):
        rds.create_db_instance_read_replica(DBInstanceIdentifier=f"main-2017-read-{n}", SourceDBInstanceIdentifier="main-2017", DBInstanceClass="db.t3.medium", PubliclyAccessible=False, AutoMinorVersionUpgrade=n == 1, Tags=tags({"Name": f"read {n}"}))
    rds.create_db_instance(DBInstanceIdentifier="wiki", Engine="mariadb", EngineVersion="10.6.18", DBInstanceClass="db.t3.micro", AllocatedStorage=20, StorageType="standard", MasterUsername="wiki", BackupRetentionPeriod=0, DBParameterGroupName="maria", OptionGroupName="maria-audit", **common)
    rds.create_db_instance(DBInstanceIdentifier="erp", Engine="oracle-se2", EngineVersion="19.0.0.0.ru-2024-04.rur-2024-04.r1", DBInstanceClass="db.m5.large", AllocatedStorage=200, StorageType="io1", Iops=3000, MasterUsername="erp", DBName="ERP", LicenseModel="license-included", CharacterSetName="WE8ISO8859P15", NcharCharacterSetName="UTF8", DBParameterGroupName="ora", OptionGroupName="oracle-opts", StorageEncrypted=True, KmsKeyId=identity.key, EnableCloudwatchLogsExports=["alert", "listener"], BackupRetentionPeriod=7, Tags=tags({"Name": "ERP"}), **common)
    rds.create_db_instance(DBInstanceIdentifier="reports", Engine="sqlserver-se", EngineVersion="15.00.4365.2.v1", DBInstanceClass="db.m5.large", AllocatedStorage=100, StorageType="gp2", MasterUsername="sa_admin", LicenseModel="license-included", Timezone="Central European Standard Time", CharacterSetName="Latin1_General_CI_AS", DBParameterGroupName="mssql", OptionGroupName="mssql-backup", BackupRetentionPeriod=1, Tags=tags({"Name": "count"}), **common)
    rds.create_db_snapshot(DBInstanceIdentifier="main-2017", DBSnapshotIdentifier="before-8-0-36", Tags=tags({"why": "upgrade"}))
    clusters(rds, network, identity, common)


def clusters(rds, network, identity, common):
    at("2022-02-22")
    rds.create_db_cluster_parameter_group(DBClusterParameterGroupName="aurora-mysql", DBParameterGroupFamily="aurora-mysql8.0", Description="binlog on", Tags=tags({"Name": "aurora"}))
    rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName="aurora-mysql", Parameters=[{"ParameterName": k, "ParameterValue": v, "ApplyMethod": m} for k, v, m in (("binlog_format", "ROW", "pending-reboot"), ("server_audit_events", "CONNECT,QUERY_DCL", "immediate"), ("time_zone", "Europe/Zurich", "immediate"))])
    shared = {k: v for k, v in common.items() if k != "PubliclyAccessible"}
    rds.create_db_cluster(DBClusterIdentifier="shop-aurora", Engine="aurora-mysql", EngineVersion="8.0.mysql_aurora.3.05.2", DatabaseName="shop", MasterUsername="shop", DBClusterParameterGroupName="aurora-mysql", BackupRetentionPeriod=7, PreferredBackupWindow="01:00-01:30", PreferredMaintenanceWindow="wed:02:00-wed:02:30", StorageEncrypted=True, KmsKeyId=identity.key, ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 16}, EnableCloudwatchLogsExports=["audit", "error"], BacktrackWindow=86400, EnableIAMDatabaseAuthentication=True, CopyTagsToSnapshot=True, DeletionProtection=True, Port=3307, Tags=tags({"Name": "shop ${aurora}"}), **shared)
    for n, (kind, tier) in enumerate((("db.serverless", 0), ("db.serverless", 1), ("db.r6g.large", 15))):
        rds.create_db_instance(DBInstanceIdentifier=f"shop-aurora-{n}", DBClusterIdentifier="shop-aurora", Engine="aurora-mysql", DBInstanceClass=kind, PromotionTier=tier, EnablePerformanceInsights=n == 2, MonitoringInterval=60 if n == 2 else 0, **({"MonitoringRoleArn": identity.role} if n == 2 else {}), Tags=tags({"Name": f"member {n}"}))
    rds.create_db_cluster_endpoint(DBClusterIdentifier="shop-aurora", DBClusterEndpointIdentifier="shop-reports", EndpointType="READER", StaticMembers=["shop-aurora-2"])
    rds.create_db_cluster(DBClusterIdentifier="geo", Engine="aurora-postgresql", EngineVersion="15.4", EngineMode="provisioned", MasterUsername="geo", NetworkType="IPV4", EnableHttpEndpoint=True, ServerlessV2ScalingConfiguration={"MinCapacity": 0, "MaxCapacity": 4, "SecondsUntilAutoPause": 600}, **shared)
    rds.create_db_instance(DBInstanceIdentifier="geo-1", DBClusterIdentifier="geo", Engine="aurora-postgresql", DBInstanceClass="db.serverless", AutoMinorVersionUpgrade=False)
    graph = client("neptune", REGION)
    graph.create_db_cluster(DBClusterIdentifier="graph", Engine="neptune", EngineVersion="1.3.1.0", Port=8183, DBSubnetGroupName="default-vpc-old.net_1", VpcSecurityGroupIds=[network.db], ServerlessV2ScalingConfiguration={"MinCapacity": 1, "MaxCapacity": 4})
    graph.create_db_instance(DBInstanceIdentifier="graph-1", DBClusterIdentifier="graph", Engine="neptune", DBInstanceClass="db.serverless")


def caches(network):
    cache = client("elasticache", REGION)
    at("2018-08-08")
    data = [network.subnets["data", "a"], network.subnets["data", "b"]]
    cache.create_cache_subnet_group(CacheSubnetGroupName="cache", CacheSubnetGroupDescription='"cache"', SubnetIds=data)
    cache.create_cache_parameter_group(CacheParameterGroupName="sharded", CacheParameterGroupFamily="redis7", Description="${sharded}", Tags=tags({"a": ""}))
    cache.modify_cache_parameter_group(CacheParameterGroupName="sharded", ParameterNameValues=[{"ParameterName": k, "ParameterValue": v} for k, v in (("cluster-enabled", "yes"), ("timeout", "300"), ("notify-keyspace-events", ""))])
    cache.create_cache_cluster(CacheClusterId="pages", Engine="memcached", EngineVersion="1.6.22", CacheNodeType="cache.t3.micro", NumCacheNodes=3, AZMode="cross-az", CacheSubnetGroupName="cache", SecurityGroupIds=[network.db], Port=11222, PreferredMaintenanceWindow="sat:22:00-sat:23:30", Tags=tags(ODD))
    cache.create_user(UserId="ops-1", UserName="ops", Engine="redis", AccessString='on ~* &* +@all -flushall', AuthenticationMode={"Type": "iam"}, Tags=tags({"x": ""}))
    cache.create_user_group(UserGroupId="ops-group", Engine="redis", UserIds=["default", "ops-1"])
    cache.create_replication_group(ReplicationGroupId="sharded", ReplicationGroupDescription='shards "2018" ${x}', AutomaticFailoverEnabled=True, MultiAZEnabled=True, NumNodeGroups=3, ReplicasPerNodeGroup=2, ClusterMode="enabled", CacheNodeType="cache.r6gd.xlarge", DataTieringEnabled=True, Engine="redis", EngineVersion="7.1", CacheParameterGroupName="sharded", CacheSubnetGroupName="cache", SecurityGroupIds=[network.db], SnapshotRetentionLimit=35, SnapshotWindow="03:30-05:30", PreferredMaintenanceWindow="mon:23:00-tue:01:30", TransitEncryptionEnabled=True, AtRestEncryptionEnabled=True, UserGroupIds=["ops-group"], Tags=tags({"Name": "sharded", "cost center": "1/2"}))


def files(network, identity):
    efs = client("efs", REGION)
    at("2019-09-09")
    shared = efs.create_file_system(CreationToken='home (2019) "x"', PerformanceMode="generalPurpose", ThroughputMode="provisioned", ProvisionedThroughputInMibps=64.5, Encrypted=True, KmsKeyId=identity.key, Tags=tags(ODD))["FileSystemId"]
    efs.put_lifecycle_configuration(FileSystemId=shared, LifecyclePolicies=[{"TransitionToIA": "AFTER_7_DAYS"}, {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}, {"TransitionToArchive": "AFTER_270_DAYS"}])
    efs.put_file_system_policy(FileSystemId=shared, Policy=document({"Sid": "é", "Effect": "Allow", "Principal": {"AWS": identity.role}, "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"], "Resource": f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{shared}", "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}}))
    efs.put_backup_policy(FileSystemId=shared, BackupPolicy={"Status": "DISABLED"})
    for zone, ip in (("a", "172.16.16.200"), ("b", "172.16.17.200")):
        efs.create_mount_target(FileSystemId=shared, SubnetId=network.subnets["data", zone], IpAddress=ip, SecurityGroups=[network.app, network.db])
    for n, path in enumerate(("/", "/home/Zoë", "/a b/${c}")):
        efs.create_access_point(ClientToken=f"t{n}", FileSystemId=shared, PosixUser={"Uid": 0, "Gid": 0, "SecondaryGids": [10, 5]} if n else {"Uid": 1000, "Gid": 1000}, RootDirectory={"Path": path, **({"CreationInfo": {"OwnerUid": 0, "OwnerGid": 0, "Permissions": "0750"}} if n else {})}, Tags=tags({"Name": path}))
    one = efs.create_file_system(CreationToken="one-zone", AvailabilityZoneName=REGION + "a", ThroughputMode="elastic", Tags=tags({"Name": "1"}))["FileSystemId"]
    efs.create_mount_target(FileSystemId=one, SubnetId=network.subnets["data", "a"], SecurityGroups=[network.app])


def tables(identity):
    db, scaling = client("dynamodb", REGION), client("application-autoscaling", REGION)
    at("2018-01-01")

    def key(hash_key, range_key=None):
        return [{"AttributeName": hash_key, "KeyType": "HASH"}] + ([{"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else [])

    rate = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 7}
    db.create_table(
        TableName="Kunden.2018_v-1", AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in (("Kunden Nr", "S"), ("zeit", "N"), ("raw#", "B"))], KeySchema=key("Kunden Nr", "zeit"), BillingMode="PROVISIONED", ProvisionedThroughput=rate,
        GlobalSecondaryIndexes=[{"IndexName": "by-raw", "KeySchema": key("raw#", "Kunden Nr"), "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["ß", "a.b"]}, "ProvisionedThroughput": rate}, {"IndexName": "by-time", "KeySchema": key("zeit"), "Projection": {"ProjectionType": "KEYS_ONLY"}, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}],
        LocalSecondaryIndexes=[{"IndexName": "local", "KeySchema": key("Kunden Nr", "raw#"), "Projection": {"ProjectionType": "ALL"}}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": identity.key}, DeletionProtectionEnabled=True, Tags=tags(ODD),
    )
    db.update_time_to_live(TableName="Kunden.2018_v-1", TimeToLiveSpecification={"Enabled": True, "AttributeName": "läuft ab"})
    db.update_continuous_backups(TableName="Kunden.2018_v-1", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 14})
    db.create_table(TableName="archive", AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], KeySchema=key("id"), BillingMode="PAY_PER_REQUEST", TableClass="STANDARD_INFREQUENT_ACCESS", OnDemandThroughput={"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50})
    for dimension, resource in (("dynamodb:table:ReadCapacityUnits", "table/Kunden.2018_v-1"), ("dynamodb:index:WriteCapacityUnits", "table/Kunden.2018_v-1/index/by-raw")):
        scaling.register_scalable_target(ServiceNamespace="dynamodb", ResourceId=resource, ScalableDimension=dimension, MinCapacity=5, MaxCapacity=500)
        scaling.put_scaling_policy(PolicyName=f"$target:{resource}", ServiceNamespace="dynamodb", ResourceId=resource, ScalableDimension=dimension, PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration={"TargetValue": 70.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization" if "Read" in dimension else "DynamoDBWriteCapacityUtilization"}, "ScaleInCooldown": 60, "ScaleOutCooldown": 0})


def backups(identity):
    backup = client("backup", REGION)
    at("2021-05-05")
    for name in ("Vault_2021", "long-term"):
        backup.create_backup_vault(BackupVaultName=name, EncryptionKeyArn=identity.key, BackupVaultTags={"a b": ""})
    other = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:long-term"
    rules = [
        {"RuleName": "hourly_keep-1d", "TargetBackupVaultName": "Vault_2021", "ScheduleExpression": "cron(0 * ? * * *)", "StartWindowMinutes": 60, "CompletionWindowMinutes": 120, "Lifecycle": {"DeleteAfterDays": 1}, "EnableContinuousBackup": True},
        {"RuleName": "weekly", "TargetBackupVaultName": "Vault_2021", "ScheduleExpression": "cron(0 5 ? * SUN *)", "ScheduleExpressionTimezone": "Europe/Zurich", "Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 400, "OptInToArchiveForSupportedResources": True}, "CopyActions": [{"DestinationBackupVaultArn": other, "Lifecycle": {"DeleteAfterDays": 2555}}], "RecoveryPointTags": {"a.b/c": "${x}", "empty": ""}},
        {"RuleName": "on.demand", "TargetBackupVaultName": "long-term"},
    ]
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "Alles_2021", "Rules": rules, "AdvancedBackupSettings": [{"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}]}, BackupPlanTags={"owner": ""})["BackupPlanId"]
    selections = [
        {"SelectionName": "all", "Resources": ["*"], "NotResources": ["arn:aws:s3:::*"]},
        {"SelectionName": "tagged", "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": k, "ConditionValue": v} for k, v in (("backup", "yes"), ("cost center", "4711 / «R&D»"))]},
        {"SelectionName": "conditions", "Resources": [f"arn:aws:rds:{REGION}:{ACCOUNT}:db:*"], "Conditions": {"StringEquals": [{"ConditionKey": "aws:ResourceTag/a", "ConditionValue": "b"}], "StringNotEquals": [{"ConditionKey": "aws:ResourceTag/c", "ConditionValue": ""}], "StringLike": [{"ConditionKey": "aws:ResourceTag/d", "ConditionValue": "*x*"}]}},
    ]
    for selection in selections:
        backup.create_backup_selection(BackupPlanId=plan, BackupSelection={"IamRoleArn": identity.role, **selection})


if __name__ == "__main__":
    main()
