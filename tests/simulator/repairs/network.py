"""VPC, NAT gateways, load balancers, target groups."""

import moto.ec2.models.nat_gateways as nat
import moto.elbv2.models as elbv2

from .tools import after


def nat_gateway_connectivity():
    """ec2:DescribeNatGateways: moto leaves ConnectivityType empty when it was not asked for; AWS answers "public"."""

    @after(nat.NatGateway, "__init__")
    def init(self, *_args, **_kwargs):
        self.connectivity_type = self.connectivity_type or "public"


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
    """elasticloadbalancing:DescribeLoadBalancerAttributes: moto answers what was set; AWS answers every attribute."""

    @after(elbv2.FakeLoadBalancer, "__init__")
    def init(self, *_args, **_kwargs):
        if self.type == "application":
            self.attrs = dict(LOAD_BALANCER)


def target_group_attributes():
    """elasticloadbalancing:DescribeTargetGroupAttributes: as above."""

    @after(elbv2.FakeTargetGroup, "__init__")
    def init(self, *_args, **_kwargs):
        if self.protocol in ("HTTP", "HTTPS"):
            self.attributes = dict(TARGET_GROUP)


REPAIRS = [nat_gateway_connectivity, load_balancer_attributes, target_group_attributes]
