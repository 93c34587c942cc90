"""VPC, NAT gateways, load balancers, target groups."""

import copy

import moto.ec2.models.elastic_ip_addresses as addresses
import moto.ec2.models.elastic_network_interfaces as interfaces
import moto.ec2.models.flow_logs as flows
import moto.ec2.models.nat_gateways as nat
import moto.ec2.models.vpcs as vpcs
import moto.ec2.responses.network_acls as acls
import moto.efs.models as efs
import moto.elbv2.models as elbv2

from .tools import after, around


def nat_gateway_connectivity():
    """ec2:DescribeNatGateways: moto leaves ConnectivityType empty when it was not asked for; AWS answers "public"."""

    @after(nat.NatGateway, "__init__")
    def init(self, *_args, **_kwargs):
        self.connectivity_type = self.connectivity_type or "public"


def nat_gateway_interfaces():
    """ec2:DescribeNetworkInterfaces: the interface of a NAT gateway belongs to the gateway on AWS (requester-managed, of a
    type of its own, in no group); moto's looks like the account's own, in the default group."""

    @after(nat.NatGateway, "__init__")
    def init(self, *_args, **_kwargs):
        interface = self._eni
        interface.requester_managed, interface.interface_type = True, "nat_gateway"
        interface.description, interface.status = f"Interface for NAT Gateway {self.id}", "in-use"
        interface._group_set = []


# Defaults of an application load balancer's attributes (API_LoadBalancerAttribute).
LOAD_BALANCER = {
    "access_logs.s3.bucket": "",
    "access_logs.s3.enabled": "false",
    "access_logs.s3.prefix": "",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "idle_timeout.timeout_seconds": "60",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}

# Of a network load balancer.
NETWORK_LOAD_BALANCER = {
    "access_logs.s3.bucket": "",
    "access_logs.s3.enabled": "false",
    "access_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "dns_record.client_routing_policy": "any_availability_zone",
    "load_balancing.cross_zone.enabled": "false",
    "zonal_shift.config.enabled": "false",
}

# Defaults of an HTTP target group's attributes (API_TargetGroupAttribute).
TARGET_GROUP = {
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "slow_start.duration_seconds": "0",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "stickiness.enabled": "false",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.type": "lb_cookie",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}


def load_balancer_attributes():
    """elbv2:DescribeLoadBalancerAttributes: moto answers what was set; AWS answers every attribute."""

    @after(elbv2.FakeLoadBalancer, "__init__")
    def init(self, *_args, **_kwargs):
        if self.type == "application":
            self.attrs = dict(LOAD_BALANCER)
        elif self.type == "network":
            self.attrs = dict(NETWORK_LOAD_BALANCER)


def target_group_attributes():
    """elbv2:DescribeTargetGroupAttributes: as above."""

    @after(elbv2.FakeTargetGroup, "__init__")
    def init(self, *_args, **_kwargs):
        if self.protocol in ("HTTP", "HTTPS"):
            self.attributes = dict(TARGET_GROUP)


def actions_as_answered():
    """elbv2:DescribeListeners, DescribeRules: AWS answers every action with its Order and the defaults of its parts, and a forward
    action both ways, TargetGroupArn and ForwardConfig; moto answers what was sent."""

    defaults = {
        "RedirectConfig": {"Protocol": "#{protocol}", "Port": "#{port}", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"},
        "AuthenticateCognitoConfig": {"Scope": "openid", "SessionCookieName": "AWSELBAuthSessionCookie", "SessionTimeout": 604800, "OnUnauthenticatedRequest": "authenticate"},
    }
    defaults["AuthenticateOidcConfig"] = defaults["AuthenticateCognitoConfig"]

    plain = elbv2.FakeAction.__init__

    def init(self, data):
        data = dict(data)
        data.setdefault("Order", 1)
        for part, values in defaults.items():
            if part in data:
                data[part] = {**values, **{k: v for k, v in data[part].items() if k != "ClientSecret"}}
        if data.get("Type") == "forward":
            if "TargetGroupArn" in data and not data.get("ForwardConfig"):
                data["ForwardConfig"] = {"TargetGroups": [{"TargetGroupArn": data["TargetGroupArn"], "Weight": 1}], "TargetGroupStickinessConfig": {"Enabled": False}}
            groups = data.get("ForwardConfig", {}).get("TargetGroups") or []
            if len(groups) == 1:
                data["TargetGroupArn"] = groups[0]["TargetGroupArn"]
        plain(self, data)

    elbv2.FakeAction.__init__ = init


def target_groups_name_balancers_once():
    """elbv2:DescribeTargetGroups: moto names a load balancer once for each listener and rule; AWS once."""

    plain = elbv2.ELBv2Backend.describe_target_groups

    def describe_target_groups(self, *args, **kwargs):
        for group in self.target_groups.values():
            group.load_balancer_arns = list(dict.fromkeys(group.load_balancer_arns))
        return plain(self, *args, **kwargs)

    elbv2.ELBv2Backend.describe_target_groups = describe_target_groups


def listeners():
    """elbv2:DescribeListeners: moto gives plain HTTP listeners an SslPolicy; AWS only HTTPS and TLS ones.
    DescribeListenerAttributes: moto answers every listener the TCP idle timeout; AWS the attributes of its protocol
    (API_ListenerAttribute)."""

    @after(elbv2.FakeListener, "__init__")
    def init(self, *_args, **_kwargs):
        if self.protocol not in ("HTTPS", "TLS"):
            self.ssl_policy = None
        if self.protocol in ("HTTP", "HTTPS"):
            self.attributes = {f"routing.http.response.{name}.header_value": "" for name in RESPONSE_HEADERS}
            self.attributes["routing.http.response.server.enabled"] = "true"
        if self.protocol == "HTTPS":
            for name, value in REQUEST_HEADERS.items():
                self.attributes[f"routing.http.request.{name}.header_name"] = value


RESPONSE_HEADERS = [
    "strict_transport_security",
    "access_control_allow_origin",
    "access_control_allow_methods",
    "access_control_allow_headers",
    "access_control_allow_credentials",
    "access_control_expose_headers",
    "access_control_max_age",
    "content_security_policy",
    "x_content_type_options",
    "x_frame_options",
]
REQUEST_HEADERS = {
    "x_amzn_mtls_clientcert_serial_number": "X-Amzn-Mtls-Clientcert-Serial-Number",
    "x_amzn_mtls_clientcert_issuer": "X-Amzn-Mtls-Clientcert-Issuer",
    "x_amzn_mtls_clientcert_subject": "X-Amzn-Mtls-Clientcert-Subject",
    "x_amzn_mtls_clientcert_validity": "X-Amzn-Mtls-Clientcert-Validity",
    "x_amzn_mtls_clientcert_leaf": "X-Amzn-Mtls-Clientcert-Leaf",
    "x_amzn_mtls_clientcert": "X-Amzn-Mtls-Clientcert",
    "x_amzn_tls_version": "X-Amzn-Tls-Version",
    "x_amzn_tls_cipher_suite": "X-Amzn-Tls-Cipher-Suite",
}


def default_certificates():
    """elbv2:DescribeListeners: moto lists a listener's additional certificates too; AWS its default one only."""

    @around(elbv2.ELBv2Backend, "describe_listeners")
    def describe_listeners(original, self, *args, **kwargs):
        shown = []
        for listener in original(self, *args, **kwargs):
            listener = copy.copy(listener)
            listener.certificates = listener.certificates[:1]
            shown.append(listener)
        return shown

    def keep(name):
        @around(elbv2.ELBv2Backend, name)
        def with_all(original, self, *args, **kwargs):
            # These work on the listener itself, not on what is shown of it.
            shown, self.describe_listeners = self.describe_listeners, lambda *a, **k: plain(self, *a, **k)
            try:
                return original(self, *args, **kwargs)
            finally:
                self.describe_listeners = shown
                self.__dict__.pop("describe_listeners", None)

    plain = elbv2.ELBv2Backend.describe_listeners.__wrapped__
    for name in ("add_listener_certificates", "remove_listener_certificates", "describe_listener_certificates", "modify_listener", "modify_listener_attributes", "describe_listener_attributes"):
        keep(name)


def addresses_have_a_pool():
    """ec2:DescribeAddresses: AWS answers the pool ("amazon") and the network border group; moto neither."""

    @after(addresses.ElasticAddress, "__init__")
    def init(self, *_args, **_kwargs):
        self.public_ipv4_pool, self.network_border_group = "amazon", self.ec2_backend.region_name


def interfaces_of_instances():
    """ec2:DescribeNetworkInterfaces: the interface that an instance is launched with has no requester and no description
    on AWS; moto invents both."""

    @after(interfaces.NetworkInterface, "__init__")
    def init(self, *_args, **_kwargs):
        self.requester_id = None
        if self.description == "Primary network interface":
            self.description = ""


def _serves(interface, kind, description):
    """An interface of a service, as AWS shows it."""
    interface.requester_managed, interface.interface_type = True, kind
    interface.description, interface.status = description, "in-use"


def interfaces_of_services():
    """ec2:DescribeNetworkInterfaces: those of interface endpoints and mount targets belong to the service on AWS (requester-managed);
    moto's look like the account's own.  ec2:DescribeVpcEndpoints: moto says that gateway endpoints have private names."""

    @after(vpcs.VPCEndPoint, "__init__")
    def endpoint(self, *_args, **_kwargs):
        if self.vpc_endpoint_type in (None, "Gateway"):
            self.private_dns_enabled = False
        for interface in self.network_interface_ids or []:
            _serves(self.ec2_backend.get_network_interface(interface), "vpc_endpoint", f"VPC Endpoint Interface {self.id}")

    @after(efs.MountTarget, "set_network_interface")
    def target(self, interface):
        _serves(interface, "efs", f"EFS mount target for {self.file_system_id} ({self.mount_target_id})")


def flow_logs_name_their_destination():
    """ec2:DescribeFlowLogs: AWS answers the ARN of the log group too; moto only its name."""

    @after(flows.FlowLogs, "__init__")
    def init(self, *_args, **_kwargs):
        if self.log_group_name and not self.log_destination:
            self.log_destination = f"arn:aws:logs:{self.ec2_backend.region_name}:{self.ec2_backend.account_id}:log-group:{self.log_group_name}"


def kinds_of_icmp():
    """ec2:DescribeNetworkAcls: moto loses the type and code of ICMP."""

    def parameters(name):
        @around(acls.NetworkACLs, name)
        def with_icmp(original, self):
            given = self._get_param("IcmpTypeCode") or {}
            plain = self._get_param
            self._get_param = lambda key, *rest: given.get(key[5:]) if key.startswith("Icmp.") else plain(key, *rest)
            try:
                return original(self)
            finally:
                del self._get_param

    for name in ("create_network_acl_entry", "replace_network_acl_entry"):
        parameters(name)


REPAIRS = [
    interfaces_of_services,
    flow_logs_name_their_destination,
    kinds_of_icmp,
    actions_as_answered,
    addresses_have_a_pool,
    default_certificates,
    interfaces_of_instances,
    listeners,
    load_balancer_attributes,
    nat_gateway_connectivity,
    nat_gateway_interfaces,
    target_group_attributes,
    target_groups_name_balancers_once,
]
