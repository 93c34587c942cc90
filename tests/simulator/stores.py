"""Things that moto cannot keep, kept here: plain tables with calls to make, list and remove them, in the shapes of the API reference."""


from repairs.tools import ACCOUNT
from wire import AwsError



class Table:
    """Things of one kind by region and name."""

    def __init__(self):
        self.rows = {}

    def of(self, call):
        return self.rows.setdefault(call.region, {})


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

        elasticache_backends[ACCOUNT][call.region].tagging_service.tag_resource(arn, tags)


# ---- ElastiCache: parameter groups
_cache_parameters = Table()


def create_cache_parameter_group(call, given):
    name = given["CacheParameterGroupName"].lower()
    row = {
        "CacheParameterGroupName": name,
        "CacheParameterGroupFamily": given["CacheParameterGroupFamily"],
        "Description": given["Description"],
        "IsGlobal": False,
        "ARN": f"arn:aws:elasticache:{call.region}:{ACCOUNT}:parametergroup:{name}",
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
        "ARN": f"arn:aws:elasticache:{call.region}:{ACCOUNT}:usergroup:{given['UserGroupId']}",
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
        "ARN": f"arn:aws:elasticache:{call.region}:{ACCOUNT}:serverlesscache:{name}",
        "SnapshotRetentionLimit": given.get("SnapshotRetentionLimit") or 0,
        "DailySnapshotTime": given.get("DailySnapshotTime") or "06:00",
    }
    row |= {k: given[k] for k in ("CacheUsageLimits", "KmsKeyId", "UserGroupId") if given.get(k)}
    _serverless.of(call)[name] = row
    _tags(call, row["ARN"], given.get("Tags"))
    return {"ServerlessCache": row}


def serverless_caches(call, given):
    return {"ServerlessCaches": _named(_serverless, call, given.get("ServerlessCacheName"), "ServerlessCacheNotFoundFault")}


COMPUTED = {
    "elasticache:CreateCacheParameterGroup": create_cache_parameter_group,
    "elasticache:ModifyCacheParameterGroup": modify_cache_parameter_group,
    "elasticache:DescribeCacheParameterGroups": cache_parameter_groups,
    "elasticache:DescribeCacheParameters": cache_parameters,
    "elasticache:CreateUserGroup": create_user_group,
    "elasticache:DescribeUserGroups": user_groups,
    "elasticache:CreateServerlessCache": create_serverless_cache,
    "elasticache:DescribeServerlessCaches": serverless_caches,
}

DEFAULTS = {
    "elasticache:DescribeUpdateActions": {"UpdateActions": []},
}
