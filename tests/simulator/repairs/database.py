"""RDS."""

import datetime

import moto.rds.models as rds
import moto.rds.responses as responses
from moto.core.utils import utcnow
from moto.kms.models import kms_backends
from moto.moto_api._internal import mock_random

from .tools import after, around


def instances():
    """rds:DescribeDBInstances: moto gives every instance the same DbiResourceId, PerformanceInsightsEnabled false,
    KmsKeyId "default_kms_key_id" where no key was named, and the CA "rds-ca-default"; AWS gives an id of its own, what
    was asked for, the ARN of the key aws/rds, and the account's default CA (rds-ca-rsa2048-g1 since 2024)."""

    @after(rds.DBInstance, "__init__")
    def init(self, *_args, **kwargs):
        self.dbi_resource_id = "db-" + "".join(mock_random.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(26))
        self.performance_insights_enabled = bool(kwargs.get("enable_performance_insights"))
        if self.performance_insights_enabled:
            self.performance_insights_retention_period = kwargs.get("performance_insights_retention_period") or 7
            self.performance_insights_kms_key_id = _default_key(self)
        if getattr(self, "kms_key_id", None) in ("default_kms_key_id", None) and getattr(self, "storage_encrypted", False):
            self.kms_key_id = _default_key(self)
        if self.ca_certificate_identifier == "rds-ca-default":
            self.ca_certificate_identifier = "rds-ca-rsa2048-g1"


        self.engine_lifecycle_support, self.network_type = "open-source-rds-extended-support", "IPV4"
        self.backup_target, self.storage_volume_status, self.activity_stream_status = "region", None, "stopped"
        self.customer_owned_ip_enabled = self.dedicated_log_volume = False


def _default_key(instance):
    """The ARN of the account's key aws/rds, which AWS makes when it is first needed."""
    keys = kms_backends[instance.account_id][instance.region]
    alias = "alias/aws/rds"
    key_id = keys.get_key_id_from_alias(alias) or keys._generate_default_keys(alias)
    return keys.keys[key_id].arn


def restorable_times():
    """rds:DescribeDBInstances: an instance that keeps no backups has no LatestRestorableTime; moto answers now."""
    plain = rds.DBInstance.latest_restorable_time.fget
    rds.DBInstance.latest_restorable_time = property(lambda self: plain(self) if self.backup_retention_period else None)


def snapshots():
    """rds:DescribeDBSnapshots: moto leaves out what AWS copies from the instance: network, zone, storage, options."""

    @after(rds.DBSnapshot, "__init__")
    def init(self, *_args, **_kwargs):
        database = self.database
        group = getattr(database, "db_subnet_group", None)
        self.vpc_id = group.vpc_id if group else None
        self.availability_zone, self.license_model, self.storage_type = database.availability_zone, database.license_model, database.storage_type
        self.option_group_name, self.percent_progress = database.option_group_name, 100
        self.iops, self.storage_throughput = database.iops, database.storage_throughput


def parameters():
    """rds:DescribeDBParameters: moto answers parameters without their Source, whatever Source was asked for; AWS marks
    those that were changed "user" and lists only the source asked for."""

    def describe_db_parameters(self):
        name, source = self.params.get("DBParameterGroupName"), self.params.get("Source")
        groups = self.backend.describe_db_parameter_groups({"db_parameter_group_name": name})
        if not groups:
            raise responses.DBParameterGroupNotFoundError(name)
        changed = [{"Source": "user", "IsModifiable": True, **p} for p in groups[0].parameters.values()]
        return responses.ActionResult({"Parameters": changed if source in (None, "user") else []})

    responses.RDSResponse.describe_db_parameters = describe_db_parameters


def option_groups():
    """rds:DescribeOptionGroups: moto crashes when no name is given; AWS lists them all, the default ones in use too."""

    @around(rds.RDSBackend, "describe_option_groups")
    def describe_option_groups(original, self, given):
        if given.get("option_group_name"):
            return original(self, given)
        used = {d.option_group_name: d for d in self.databases.values() if getattr(d, "option_group_name", None)}
        for name, database in sorted(used.items()):
            if name not in self.option_groups:
                version = ".".join(database.engine_version.split(".")[: 1 if database.engine == "postgres" else 2])
                self.option_groups[name] = rds.OptionGroup(self, name, database.engine, version, f"Default option group for {database.engine} {version}")
        engine = given.get("engine_name")
        return [g for g in self.option_groups.values() if engine in (None, g.engine_name)]

    @after(rds.DBInstance, "__init__")
    def init(self, *_args, **_kwargs):
        # AWS names the default group of PostgreSQL by the major version alone: default:postgres-16.
        if getattr(self, "option_group_name", "").startswith("default:postgres-"):
            self.option_group_name = f"default:postgres-{self.engine_version.split('.')[0]}"


def clusters():
    """rds:DescribeDBClusters: moto gives a cluster without a scaling configuration an empty one, KmsKeyId "default_kms_key_id", the
    parameter group of another engine, and storage type and size of Aurora as
    of other engines; AWS leaves out what there is none of."""

    @after(rds.DBCluster, "__init__")
    def init(self, *_args, **kwargs):
        if getattr(self, "kms_key_id", None) in ("default_kms_key_id", None):
            self.kms_key_id = _default_key(self) if self.storage_encrypted else None
        if not kwargs.get("db_cluster_parameter_group_name"):
            major = self.engine_version.split(".")[0] if self.engine.endswith("postgresql") else ".".join(self.engine_version.split(".")[:2])
            self.parameter_group = f"default.{self.engine}{major}"
        if self.engine.startswith("aurora") or self.engine == "neptune":
            self.allocated_storage, self.iops = 1, None
            if self.storage_type in ("aurora", "gp2", "standard"):
                self.storage_type = None
        self.engine_lifecycle_support = "open-source-rds-extended-support" if self.engine.startswith("aurora") else None

    # Instances of clusters crash without it.
    rds.DBInstance._storage_throughput = None
    plain = rds.DBCluster.scaling_configuration_info.fget
    rds.DBCluster.scaling_configuration_info = property(lambda self: plain(self) if self.engine_mode == "serverless" else None)


def cluster_parameters():
    """rds:DescribeDBClusterParameters: as for instances, the source is missing."""

    def describe_db_cluster_parameters(self):
        changed = self.backend.describe_db_cluster_parameters(self.params.get("DBClusterParameterGroupName"))
        source = self.params.get("Source")
        return responses.ActionResult({"Parameters": [{"Source": "user", "IsModifiable": True, **p} for p in changed] if source in (None, "user") else []})

    responses.RDSResponse.describe_db_cluster_parameters = describe_db_cluster_parameters


def restarts():
    """rds:DescribeDBInstances: a stopped instance has no AutomaticRestartTime; AWS names the day, seven days on."""

    @around(rds.RDSBackend, "stop_db_instance")
    def stop_db_instance(original, self, *args, **kwargs):
        database = original(self, *args, **kwargs)
        database.automatic_restart_time = utcnow() + datetime.timedelta(days=7)
        return database

    @around(rds.RDSBackend, "start_db_instance")
    def start_db_instance(original, self, *args, **kwargs):
        database = original(self, *args, **kwargs)
        database.automatic_restart_time = None
        return database


REPAIRS = [restarts, clusters, cluster_parameters, instances, restorable_times, snapshots, parameters, option_groups]
