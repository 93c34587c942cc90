"""Things that moto cannot keep, kept here: plain tables with calls to make, list and remove them, in the shapes of the API reference."""

from urllib.parse import unquote

from wire import AwsError


def account(call):
    """The account that a call is made in."""
    from answers import account_of

    return account_of(call)


class Table:
    """Things of one kind by account, region and name."""

    def __init__(self):
        self.rows = {}

    def of(self, call):
        return self.rows.setdefault((account(call), call.region), {})

    def everywhere(self, call):
        """Of services without regions: what a call is signed for differs from client to client."""
        return self.rows.setdefault((account(call), "global"), {})


def _named(table, call, name, missing):
    """All, or the one asked for."""
    rows = table.of(call)
    if not name:
        return list(rows.values())
    if name not in rows:
        raise AwsError(missing, f"{name} not found.", 404)
    return [rows[name]]


def _tags(call, arn, tags):
    """Tags of ElastiCache are moto's, so that the tagging API and ListTagsForResource know them."""
    if tags:
        from moto.elasticache.models import elasticache_backends

        elasticache_backends[account(call)][call.region].tagging_service.tag_resource(arn, tags)


# ---- ElastiCache: parameter groups
_cache_parameters = Table()


def create_cache_parameter_group(call, given):
    name = given["CacheParameterGroupName"].lower()
    row = {
        "CacheParameterGroupName": name,
        "CacheParameterGroupFamily": given["CacheParameterGroupFamily"],
        "Description": given["Description"],
        "IsGlobal": False,
        "ARN": f"arn:aws:elasticache:{call.region}:{account(call)}:parametergroup:{name}",
    }
    _cache_parameters.of(call)[name] = {"group": row, "changed": {}}
    _tags(call, row["ARN"], given.get("Tags"))
    return {"CacheParameterGroup": row}


def modify_cache_parameter_group(call, given):
    [found] = _named(_cache_parameters, call, given["CacheParameterGroupName"], "CacheParameterGroupNotFound")
    found["changed"].update({p["ParameterName"]: p["ParameterValue"] for p in given["ParameterNameValues"]})
    return {"CacheParameterGroupName": given["CacheParameterGroupName"]}


def cache_parameter_groups(call, given):
    own = _named(_cache_parameters, call, given.get("CacheParameterGroupName"), "CacheParameterGroupNotFound")
    return {"CacheParameterGroups": [row["group"] for row in own]}


def cache_parameters(call, given):
    """Only what was changed: the hundreds of others say nothing to anybody here."""
    [found] = _named(_cache_parameters, call, given["CacheParameterGroupName"], "CacheParameterGroupNotFound")
    changed = [{"ParameterName": k, "ParameterValue": v, "Source": "user", "IsModifiable": True} for k, v in sorted(found["changed"].items())]
    return {"Parameters": changed if given.get("Source") in (None, "user") else []}


# ---- ElastiCache: groups of users
_user_groups = Table()


def create_user_group(call, given):
    row = {
        "UserGroupId": given["UserGroupId"],
        "Status": "active",
        "Engine": given["Engine"].lower(),
        "UserIds": given.get("UserIds") or [],
        "MinimumEngineVersion": "6.0",
        "ReplicationGroups": [],
        "ServerlessCaches": [],
        "ARN": f"arn:aws:elasticache:{call.region}:{account(call)}:usergroup:{given['UserGroupId']}",
    }
    _user_groups.of(call)[row["UserGroupId"]] = row
    _tags(call, row["ARN"], given.get("Tags"))
    return row


def user_groups(call, given):
    return {"UserGroups": _named(_user_groups, call, given.get("UserGroupId"), "UserGroupNotFound")}


# ---- ElastiCache: serverless caches
_serverless = Table()


def create_serverless_cache(call, given):
    name = given["ServerlessCacheName"]
    endpoint = f"{name}-x1y2z3.serverless.{call.region}.cache.amazonaws.com"
    row = {
        "ServerlessCacheName": name,
        "Description": given.get("Description") or " ",
        "CreateTime": "2025-03-01T09:00:00Z",
        "Status": "available",
        "Engine": given["Engine"],
        "MajorEngineVersion": given.get("MajorEngineVersion") or "8",
        "FullEngineVersion": f"{given.get('MajorEngineVersion') or '8'}.0",
        "SecurityGroupIds": given.get("SecurityGroupIds") or [],
        "SubnetIds": given.get("SubnetIds") or [],
        "Endpoint": {"Address": endpoint, "Port": 6379},
        "ReaderEndpoint": {"Address": endpoint, "Port": 6380},
        "ARN": f"arn:aws:elasticache:{call.region}:{account(call)}:serverlesscache:{name}",
        "SnapshotRetentionLimit": given.get("SnapshotRetentionLimit") or 0,
        "DailySnapshotTime": given.get("DailySnapshotTime") or "06:00",
    }
    row |= {k: given[k] for k in ("CacheUsageLimits", "KmsKeyId", "UserGroupId") if given.get(k)}
    _serverless.of(call)[name] = row
    _tags(call, row["ARN"], given.get("Tags"))
    return {"ServerlessCache": row}


def serverless_caches(call, given):
    return {"ServerlessCaches": _named(_serverless, call, given.get("ServerlessCacheName"), "ServerlessCacheNotFoundFault")}


# ---- RDS: further endpoints of clusters and proxies
_cluster_endpoints, _proxy_endpoints = Table(), Table()


def create_cluster_endpoint(call, given):
    name = given["DBClusterEndpointIdentifier"]
    row = {
        "DBClusterEndpointIdentifier": name,
        "DBClusterIdentifier": given["DBClusterIdentifier"],
        "Endpoint": f"{name}.cluster-custom-x1y2z3.{call.region}.rds.amazonaws.com",
        "Status": "available",
        "EndpointType": "CUSTOM",
        "CustomEndpointType": given["EndpointType"],
        "StaticMembers": given.get("StaticMembers") or [],
        "ExcludedMembers": given.get("ExcludedMembers") or [],
        "DBClusterEndpointArn": f"arn:aws:rds:{call.region}:{account(call)}:cluster-endpoint:{name}",
    }
    _cluster_endpoints.of(call)[name] = row
    return row


def cluster_endpoints(call, given):
    return {"DBClusterEndpoints": _named(_cluster_endpoints, call, given.get("DBClusterEndpointIdentifier"), "DBClusterEndpointNotFoundFault")}


def create_proxy_endpoint(call, given):
    name = given["DBProxyEndpointName"]
    row = {
        "DBProxyEndpointName": name,
        "DBProxyEndpointArn": f"arn:aws:rds:{call.region}:{account(call)}:db-proxy-endpoint:prx-endpoint-{name}",
        "DBProxyName": given["DBProxyName"],
        "Status": "available",
        "VpcSubnetIds": given["VpcSubnetIds"],
        "VpcSecurityGroupIds": given.get("VpcSecurityGroupIds") or [],
        "Endpoint": f"{name}.endpoint.proxy-x1y2z3.{call.region}.rds.amazonaws.com",
        "TargetRole": given.get("TargetRole") or "READ_WRITE",
        "IsDefault": False,
    }
    _proxy_endpoints.of(call)[name] = row
    return {"DBProxyEndpoint": row}


def proxy_endpoints(call, given):
    rows = _named(_proxy_endpoints, call, given.get("DBProxyEndpointName"), "DBProxyEndpointNotFoundFault")
    return {"DBProxyEndpoints": [r for r in rows if given.get("DBProxyName") in (None, r["DBProxyName"])]}


def rds_tags(call, given):
    """rds:ListTagsForResource: moto knows neither kind of endpoint; the others it answers itself."""
    kind = given["ResourceName"].split(":")[5]
    return {"TagList": []} if kind in ("cluster-endpoint", "db-proxy-endpoint") else None


# ---- DynamoDB: streams to Kinesis, contributor insights
_streams, _insights = Table(), Table()


def enable_stream(call, given):
    rows = _streams.of(call).setdefault(given["TableName"], [])
    precision = (given.get("EnableKinesisStreamingConfiguration") or {}).get("ApproximateCreationDateTimePrecision", "MILLISECOND")
    rows.append({"StreamArn": given["StreamArn"], "DestinationStatus": "ACTIVE", "ApproximateCreationDateTimePrecision": precision})
    return {"TableName": given["TableName"], "StreamArn": given["StreamArn"], "DestinationStatus": "ENABLING"}


def table_streams(call, given):
    return {"TableName": given["TableName"], "KinesisDataStreamDestinations": _streams.of(call).get(given["TableName"], [])}


def update_insights(call, given):
    row = {"TableName": given["TableName"], "ContributorInsightsStatus": "ENABLED" if given["ContributorInsightsAction"] == "ENABLE" else "DISABLED"}
    if given.get("IndexName"):
        row["IndexName"] = given["IndexName"]
    _insights.of(call)[given["TableName"], given.get("IndexName")] = row
    return row


def insights(call, _given):
    return {"ContributorInsightsSummaries": list(_insights.of(call).values())}


def one_insight(call, given):
    return _insights.of(call).get((given["TableName"], given.get("IndexName") or None)) or {"TableName": given["TableName"], "ContributorInsightsStatus": "DISABLED"}


# ---- EFS: automatic backups, replication
_replications = Table()


def put_backup_policy(call, given):
    from moto.efs.models import efs_backends

    system = efs_backends[account(call)][call.region].file_systems_by_id[given["FileSystemId"]]
    system._backup = given["BackupPolicy"]["Status"] == "ENABLED"
    return {"BackupPolicy": given["BackupPolicy"]}


def create_replication(call, given):
    source = given["SourceFileSystemId"]
    to = given["Destinations"][0]
    row = {
        "SourceFileSystemId": source,
        "SourceFileSystemRegion": call.region,
        "SourceFileSystemArn": f"arn:aws:elasticfilesystem:{call.region}:{account(call)}:file-system/{source}",
        "OriginalSourceFileSystemArn": f"arn:aws:elasticfilesystem:{call.region}:{account(call)}:file-system/{source}",
        "CreationTime": 1740819600,
        "Destinations": [{"Status": "ENABLED", "FileSystemId": to.get("FileSystemId") or "fs-0c0ffee0c0ffee000", "Region": to["Region"]}],
    }
    _replications.of(call)[source] = row
    return row


def replications(call, given):
    return {"Replications": _named(_replications, call, given.get("FileSystemId"), "ReplicationNotFound")}


# ---- Backup: selections, policies and notifications of vaults, settings
_selections, _policies, _notifications = Table(), Table(), Table()
_opt_in = {"EBS": True, "EFS": True, "RDS": True, "DynamoDB": True, "Aurora": True, "EC2": True, "S3": False}


def create_selection(call, given):
    rows = _selections.of(call).setdefault(given["BackupPlanId"], {})
    id_ = f"5e1ec710-0000-4000-8000-{len(rows):012x}"
    rows[id_] = given["BackupSelection"]
    return {"SelectionId": id_, "BackupPlanId": given["BackupPlanId"], "CreationDate": 1740819600}


def selections(call, given):
    rows = _selections.of(call).get(given["BackupPlanId"], {})
    return {"BackupSelectionsList": [{"SelectionId": k, "SelectionName": v["SelectionName"], "BackupPlanId": given["BackupPlanId"], "IamRoleArn": v["IamRoleArn"]} for k, v in rows.items()]}


def one_selection(call, given):
    found = _selections.of(call).get(given["BackupPlanId"], {}).get(given["SelectionId"])
    if found is None:
        raise AwsError("ResourceNotFoundException", "Cannot find Backup selection", 404)
    nothing = {"StringEquals": [], "StringLike": [], "StringNotEquals": [], "StringNotLike": []}
    full = {"Resources": [], "NotResources": [], "ListOfTags": [], **found, "Conditions": {**nothing, **found.get("Conditions", {})}}
    return {"BackupPlanId": given["BackupPlanId"], "SelectionId": given["SelectionId"], "CreationDate": 1740819600, "BackupSelection": full}


def put_vault_policy(call, given):
    _policies.of(call)[given["BackupVaultName"]] = given["Policy"]
    return {}


def vault_policy(call, given):
    name = given["BackupVaultName"]
    if name not in _policies.of(call):
        raise AwsError("ResourceNotFoundException", "Could not find resource policy", 404)
    arn = f"arn:aws:backup:{call.region}:{account(call)}:backup-vault:{name}"
    return {"BackupVaultName": name, "BackupVaultArn": arn, "Policy": _policies.of(call)[name]}


def put_vault_notifications(call, given):
    _notifications.of(call)[given["BackupVaultName"]] = {k: given[k] for k in ("SNSTopicArn", "BackupVaultEvents")}
    return {}


def vault_notifications(call, given):
    name = given["BackupVaultName"]
    if name not in _notifications.of(call):
        raise AwsError("ResourceNotFoundException", "Failed reading notifications", 404)
    return {"BackupVaultName": name, "BackupVaultArn": f"arn:aws:backup:{call.region}:{account(call)}:backup-vault:{name}", **_notifications.of(call)[name]}


def backup_tags(call, given):
    """backup:ListTags: moto takes the ARN from a path that must end in a slash, which Terraform's does not."""
    from moto.backup.models import backup_backends

    return {"Tags": backup_backends[account(call)][call.region].list_tags(unquote(given["ResourceArn"]))}


# ---- EC2: placement groups; what a VPN teaches a route table
_placement_groups = Table()


def _ec2(call):
    from moto.ec2.models import ec2_backends

    return ec2_backends[account(call)][call.region]


def create_placement_group(call, given):
    name = given["GroupName"]
    id_ = f"pg-{0x0FFEE000 + len(_placement_groups.of(call)):017x}"
    row = {"GroupName": name, "GroupId": id_, "GroupArn": f"arn:aws:ec2:{call.region}:{account(call)}:placement-group/{name}", "State": "available", "Strategy": given["Strategy"]}
    row |= {"SpreadLevel": given.get("SpreadLevel") or "rack"} if row["Strategy"] == "spread" else {}
    row |= {"PartitionCount": int(given.get("PartitionCount") or 7)} if row["Strategy"] == "partition" else {}
    row["Tags"] = [tag for spec in given.get("TagSpecifications") or [] for tag in spec["Tags"]]
    _placement_groups.of(call)[name] = row
    return {"PlacementGroup": row}


def placement_groups(call, given):
    rows = [_named(_placement_groups, call, name, "InvalidPlacementGroup.Unknown")[0] for name in given.get("GroupNames") or []]
    return {"PlacementGroups": rows or list(_placement_groups.of(call).values())}


def enable_propagation(call, given):
    table = _ec2(call).get_route_table(given["RouteTableId"])
    table.propagating_vgws = [*getattr(table, "propagating_vgws", []), {"GatewayId": given["GatewayId"]}]
    return {}


def create_vpn_route(call, given):
    """Only a connection with static routes has any."""
    connection = _ec2(call).vpn_connections[given["VpnConnectionId"]]
    connection.options = {"StaticRoutesOnly": True}
    connection.routes = [*getattr(connection, "routes", []), {"DestinationCidrBlock": given["DestinationCidrBlock"], "State": "available"}]
    return {}


# ---- Auto Scaling: whom a group tells
_told = Table()


def put_notifications(call, given):
    name, topic = given["AutoScalingGroupName"], given["TopicARN"]
    _told.of(call)[name, topic] = [{"AutoScalingGroupName": name, "TopicARN": topic, "NotificationType": kind} for kind in given["NotificationTypes"]]
    return {}


def notifications(call, given):
    wanted = given.get("AutoScalingGroupNames")
    return {"NotificationConfigurations": [row for (name, _), rows in _told.of(call).items() if not wanted or name in wanted for row in rows]}


# ---- S3: who pays, and what may stand several times at a bucket
_payers = Table()


def put_payer(call, given):
    _payers.everywhere(call)[given["Bucket"]] = given["RequestPaymentConfiguration"]["Payer"]
    return {}


def payer(call, given):
    """s3:GetBucketRequestPayment: moto takes it for a listing of objects."""
    return {"Payer": _payers.everywhere(call).get(given["Bucket"], "BucketOwner")}


def _by_bucket(kind, listed):
    """Calls that make, list and tell configurations of one kind, each with an id of its own."""
    table = Table()

    def put(call, given):
        table.everywhere(call).setdefault(given["Bucket"], {})[given["Id"]] = given[kind]
        return {}

    def every(call, given):
        return {"IsTruncated": False, listed: list(table.everywhere(call).get(given["Bucket"], {}).values())}

    def one(call, given):
        found = table.everywhere(call).get(given["Bucket"], {}).get(given["Id"])
        if found is None:
            raise AwsError("NoSuchConfiguration", "The specified configuration does not exist.", 404)
        return {kind: found}

    return put, every, one


def _of_bucket(kind, missing, unless=()):
    """Calls that set, tell and remove a configuration of which a bucket has at most one; `unless` are members of the answer that AWS adds."""
    rows = {}

    def put(call, given):
        rows[account(call), given["Bucket"]] = {**dict(unless), **{k: v for k, v in given.items() if k in dict(unless)}, **given[kind]}
        return {}

    def tell(call, given):
        found = rows.get((account(call), given["Bucket"]))
        if found is None and missing:
            raise AwsError(*missing, 404)
        return found or {}

    def remove(call, given):
        rows.pop((account(call), given["Bucket"]), None)
        return {}

    return put, tell, remove


# s3:GetBucketLifecycleConfiguration: moto loses sizes and how many newer versions stay; of replications everything but the destination,
# of notifications EventBridge, of logging the form of the keys, of inventories the fields and the encryption.
_lifecycle = _of_bucket("LifecycleConfiguration", ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"), {"TransitionDefaultMinimumObjectSize": "all_storage_classes_128K"}.items())
_replication = _of_bucket("ReplicationConfiguration", ("ReplicationConfigurationNotFoundError", "The replication configuration was not found"))
_notification = _of_bucket("NotificationConfiguration", None)
_logging = _of_bucket("BucketLoggingStatus", None)
_inventory = _by_bucket("InventoryConfiguration", "InventoryConfigurationList")
_analytics = _by_bucket("AnalyticsConfiguration", "AnalyticsConfigurationList")
_metrics = _by_bucket("MetricsConfiguration", "MetricsConfigurationList")
_tiering = _by_bucket("IntelligentTieringConfiguration", "IntelligentTieringConfigurationList")


COMPUTED = {
    "autoscaling:PutNotificationConfiguration": put_notifications,
    "autoscaling:DescribeNotificationConfigurations": notifications,
    "ec2:CreatePlacementGroup": create_placement_group,
    "ec2:DescribePlacementGroups": placement_groups,
    "ec2:EnableVgwRoutePropagation": enable_propagation,
    "ec2:CreateVpnConnectionRoute": create_vpn_route,
    "s3:PutBucketRequestPayment": put_payer,
    "s3:GetBucketRequestPayment": payer,
    "s3:PutBucketLifecycleConfiguration": _lifecycle[0],
    "s3:GetBucketLifecycleConfiguration": _lifecycle[1],
    "s3:DeleteBucketLifecycle": _lifecycle[2],
    "s3:PutBucketReplication": _replication[0],
    "s3:GetBucketReplication": lambda call, given: {"ReplicationConfiguration": _replication[1](call, given)},
    "s3:DeleteBucketReplication": _replication[2],
    "s3:PutBucketNotificationConfiguration": _notification[0],
    "s3:GetBucketNotificationConfiguration": _notification[1],
    "s3:PutBucketLogging": _logging[0],
    "s3:GetBucketLogging": _logging[1],
    "s3:PutBucketInventoryConfiguration": _inventory[0],
    "s3:ListBucketInventoryConfigurations": _inventory[1],
    "s3:GetBucketInventoryConfiguration": _inventory[2],
    "s3:PutBucketAnalyticsConfiguration": _analytics[0],
    "s3:ListBucketAnalyticsConfigurations": _analytics[1],
    "s3:GetBucketAnalyticsConfiguration": _analytics[2],
    "s3:PutBucketMetricsConfiguration": _metrics[0],
    "s3:ListBucketMetricsConfigurations": _metrics[1],
    "s3:GetBucketMetricsConfiguration": _metrics[2],
    "s3:PutBucketIntelligentTieringConfiguration": _tiering[0],
    "s3:ListBucketIntelligentTieringConfigurations": _tiering[1],
    "s3:GetBucketIntelligentTieringConfiguration": _tiering[2],
    "backup:ListTags": backup_tags,
    "elasticache:CreateCacheParameterGroup": create_cache_parameter_group,
    "elasticache:ModifyCacheParameterGroup": modify_cache_parameter_group,
    "elasticache:DescribeCacheParameterGroups": cache_parameter_groups,
    "elasticache:DescribeCacheParameters": cache_parameters,
    "elasticache:CreateUserGroup": create_user_group,
    "elasticache:DescribeUserGroups": user_groups,
    "elasticache:CreateServerlessCache": create_serverless_cache,
    "elasticache:DescribeServerlessCaches": serverless_caches,
    "rds:CreateDBClusterEndpoint": create_cluster_endpoint,
    "rds:DescribeDBClusterEndpoints": cluster_endpoints,
    "rds:CreateDBProxyEndpoint": create_proxy_endpoint,
    "rds:DescribeDBProxyEndpoints": proxy_endpoints,
    "rds:ListTagsForResource": rds_tags,
    "dynamodb:EnableKinesisStreamingDestination": enable_stream,
    "dynamodb:DescribeKinesisStreamingDestination": table_streams,
    "dynamodb:UpdateContributorInsights": update_insights,
    "dynamodb:ListContributorInsights": insights,
    "dynamodb:DescribeContributorInsights": one_insight,
    "elasticfilesystem:PutBackupPolicy": put_backup_policy,
    "elasticfilesystem:CreateReplicationConfiguration": create_replication,
    "elasticfilesystem:DescribeReplicationConfigurations": replications,
    "backup:CreateBackupSelection": create_selection,
    "backup:ListBackupSelections": selections,
    "backup:GetBackupSelection": one_selection,
    "backup:PutBackupVaultAccessPolicy": put_vault_policy,
    "backup:GetBackupVaultAccessPolicy": vault_policy,
    "backup:PutBackupVaultNotifications": put_vault_notifications,
    "backup:GetBackupVaultNotifications": vault_notifications,
}

DEFAULTS = {
    "backup:DescribeGlobalSettings": {"GlobalSettings": {"isCrossAccountBackupEnabled": "false"}},
    "backup:DescribeRegionSettings": {"ResourceTypeOptInPreference": _opt_in, "ResourceTypeManagementPreference": {"DynamoDB": True, "EFS": True}},
    "backup:ListBackupJobs": {"BackupJobs": []},
    "backup:ListFrameworks": {"Frameworks": []},
    "elasticache:DescribeUpdateActions": {"UpdateActions": []},
}
