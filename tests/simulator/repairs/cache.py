"""ElastiCache."""

import inspect
import re

import moto.elasticache.models as elasticache

from . import controls
from .tools import after, around

DEFAULT_VERSIONS = {"redis": "7.1.0", "valkey": "8.0.1", "memcached": "1.6.22"}
SHORT = {"eu-west-3": "euw3", "ap-southeast-2": "apse2", "us-east-1": "use1"}


def _family(engine, version):
    """The default parameter group of a version: default.redis7, default.redis6.x, default.valkey8, default.memcached1.6."""
    parts = version.split(".")
    if engine == "memcached":
        return f"default.memcached{parts[0]}.{parts[1]}"
    return f"default.{engine}{parts[0]}" + {"6": ".x", "5": ".0", "4": ".0"}.get(parts[0] if engine == "redis" else "", "")


def _full(engine, version):
    """AWS answers the patch level too, whatever was asked for."""
    if not version:
        return DEFAULT_VERSIONS[engine]
    parts = version.split(".")
    if parts[-1] == "x":
        return f"{parts[0]}.2.6"
    if version == "7.0":
        return "7.0.7"
    return version if len(parts) > 2 else version + (".0" if len(parts) > 1 else ".0.0")


def _dress(cluster, region, given, member_of=None):
    """What AWS answers of a cluster and moto does not: groups, endpoints, encryption, windows, the version in full."""
    engine = cluster.engine or "redis"
    cluster.engine_version = _full(engine, cluster.engine_version)
    name = given.get("cache_parameter_group_name") or _family(engine, cluster.engine_version)
    cluster.cache_parameter_group = {"CacheParameterGroupName": name, "ParameterApplyStatus": "in-sync", "CacheNodeIdsToReboot": []}
    cluster.security_groups = [{"SecurityGroupId": g, "Status": "active"} for g in given.get("security_group_ids") or []]
    cluster.cache_subnet_group_name = given.get("cache_subnet_group_name") or "default"
    cluster.preferred_maintenance_window = given.get("preferred_maintenance_window") or "sun:04:00-sun:05:00"
    cluster.network_type, cluster.ip_discovery = given.get("network_type") or "ipv4", given.get("ip_discovery") or "ipv4"
    cluster.transit_encryption_enabled = bool(given.get("transit_encryption_enabled"))
    cluster.at_rest_encryption_enabled = bool(given.get("at_rest_encryption_enabled"))
    asked = given.get("auto_minor_version_upgrade")
    cluster.auto_minor_version_upgrade = asked not in (False, "false")
    if given.get("notification_topic_arn"):
        cluster.notification_configuration = {"TopicArn": given["notification_topic_arn"], "TopicStatus": "active"}
    if engine != "memcached":
        cluster.snapshot_window = given.get("snapshot_window") or "02:00-03:00"
        cluster.num_cache_nodes = 1
    port = int(given.get("port") or (11211 if engine == "memcached" else 6379))
    zones = given.get("preferred_availability_zones") or []
    zone = given.get("preferred_availability_zone") or region + "a"
    many = cluster.num_cache_nodes and cluster.num_cache_nodes > 1 and given.get("az_mode") == "cross-az"
    cluster.preferred_availability_zone = "Multiple" if many else zone
    domain = f"{cluster.cache_cluster_id}.x1y2z3.{{}}.{SHORT.get(region, 'usw2')}.cache.amazonaws.com"
    cluster.cache_nodes = [
        {
            "CacheNodeId": f"{n + 1:04}",
            "CacheNodeStatus": "available",
            "Endpoint": {"Address": domain.format(f"{n + 1:04}"), "Port": port},
            "ParameterGroupStatus": "in-sync",
            "CustomerAvailabilityZone": zones[n] if n < len(zones) else (region + "abc"[n % 3] if many else zone),
        }
        for n in range(cluster.num_cache_nodes or 1)
    ]
    if engine == "memcached":
        cluster.configuration_endpoint = {"Address": domain.format("cfg"), "Port": port}


def clusters():
    """elasticache:DescribeCacheClusters: moto leaves out security groups, parameter group, nodes with their endpoints, windows,
    encryption and the patch level of the version."""

    @around(elasticache.ElastiCacheBackend, "create_cache_cluster")
    def create_cache_cluster(original, self, **given):
        cluster = original(self, **given)
        _dress(cluster, self.region_name, given)
        return cluster


def replication_groups():
    """elasticache:CreateReplicationGroup: moto ignores NumCacheClusters, answers endpoints and zones of us-east-1, takes the first
    shard's primary for all when the cluster mode is on without being named, and does not make the member clusters, from which the
    Terraform provider reads half of the arguments; a primary cluster given by name is not taken up."""

    @around(elasticache.ElastiCacheBackend, "create_replication_group")
    def create_replication_group(original, self, **given):
        region = self.region_name
        wanted = given.get("num_cache_clusters")
        shards = given.get("num_node_groups")
        if wanted and not shards:
            given["num_node_groups"], given["replicas_per_node_group"] = 1, int(wanted) - 1
        elif shards and not given.get("cluster_mode") and int(shards) > 1:
            given["cluster_mode"] = "enabled"
        given["preferred_cache_cluster_azs"] = given.get("preferred_cache_cluster_azs") or [region + zone for zone in "abc"]
        group = original(self, **given)
        port = int(given.get("port") or 6379)
        asked = given.get("auto_minor_version_upgrade")
        group.auto_minor_version_upgrade = asked not in (False, "false")
        group.snapshot_window = given.get("snapshot_window") or "02:00-03:00"
        encrypted = group.transit_encryption_enabled
        group.transit_encryption_mode = (given.get("transit_encryption_mode") or "required") if encrypted else None
        domain = f"{group.replication_group_id}.{controls.next_id('cache') or 'x1y2z3'}.{SHORT.get(region, 'usw2')}.cache.amazonaws.com"
        if group.cluster_enabled:
            group.configuration_endpoint = {"Address": f"clustercfg.{domain}", "Port": port}
        parameters = inspect.signature(elasticache.CacheCluster.__init__).parameters
        for shard in group.node_groups:
            if not group.cluster_enabled:
                shard["primary_endpoint"] = {"Address": f"master.{domain}", "Port": port}
                shard["reader_endpoint"] = {"Address": f"replica.{domain}", "Port": port}
            for n, member in enumerate(shard["node_group_members"]):
                if member["preferred_availability_zone"].startswith("us-east-1"):
                    member["preferred_availability_zone"] = region + "abc"[n % 3]
                if "read_endpoint" in member:
                    member["read_endpoint"] = {"Address": f"{member['cache_cluster_id']}.{domain}", "Port": port}
                made = {name: None for name in parameters if name != "self"}
                made |= {name: value for name, value in given.items() if name in made}
                made |= {
                    "account_id": self.account_id,
                    "region_name": region,
                    "cache_cluster_id": member["cache_cluster_id"],
                    "replication_group_id": group.replication_group_id,
                    "engine": given.get("engine") or "redis",
                    "num_cache_nodes": 1,
                    "log_delivery_configurations": group.log_delivery_configurations,
                    "tags": [],
                }
                cluster = elasticache.CacheCluster(**made)
                cluster.replication_group_id = group.replication_group_id
                cluster.auth_token_enabled = group.auth_token_enabled
                _dress(cluster, region, {**given, "preferred_availability_zone": member["preferred_availability_zone"]})
                cluster.transit_encryption_mode = group.transit_encryption_mode
                # Snapshots are taken of the group.
                self.cache_clusters[cluster.cache_cluster_id] = cluster
        return group


def arns():
    """elasticache:ListTagsForResource: moto refuses the ARNs of parameter groups, groups of users and serverless caches."""

    @after(elasticache.ElastiCacheBackend, "__init__")
    def init(self, *_args, **_kwargs):
        self.arn_regex = re.compile(r"^arn:aws:elasticache:.*:[0-9]*:[a-z]+:.*$")


REPAIRS = [clusters, replication_groups, arns]
