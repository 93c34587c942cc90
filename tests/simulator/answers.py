"""Answers to calls that moto lacks, in the shapes of the API reference.

Three sources, the first that fits wins:
  1. what a population has added (POST /_surveyor/answers): a list of
     {"operation": "rds:DescribePendingMaintenanceActions", "region": "eu-west-3" | absent, "when": {"Id": "x"} | absent,
      "answer": {…} | "error": {"code": …, "message": …, "status": 400}}; `when` must be part of the request's parameters
  2. COMPUTED: answered from what stands in moto
  3. DEFAULTS: what AWS answers in an account where nobody has touched the service
"""

import contextvars
import os
import threading

from moto.core.base_backend import BackendDict
from moto.core.resource_tagging import iter_taggable_backends
from moto.iam.models import get_account_id_from

import answers_apis
import stores
from repairs.tools import ACCOUNT
from wire import AwsError

# Whose account the call that is being answered reads.
_ACCOUNT = contextvars.ContextVar("account", default=ACCOUNT)


def account_of(call):
    """The account of the credentials that signed a call: those of an assumed role belong to the role's account."""
    if "MOTO_ACCOUNT_ID" in os.environ:  # server.py --account
        return ACCOUNT
    access_key = call.headers.get("authorization", "").partition("Credential=")[2].partition("/")[0]
    return get_account_id_from(access_key)


class Extras:
    def __init__(self):
        self.added, self.lock = [], threading.Lock()
        self.names = set(COMPUTED) | set(DEFAULTS)

    def add(self, given):
        for entry in given:
            if not {"answer", "error"} & entry.keys():
                raise ValueError(f"{entry['operation']}: neither answer nor error")
        with self.lock:
            self.added = list(given) + self.added
            self.names |= {entry["operation"] for entry in given}
        return len(self.added)

    def find(self, call):
        """The answer to a call, None where moto shall answer; raises AwsError."""
        if call.name not in self.names or call.operation_model is None:
            return None
        parameters = call.parameters()
        _ACCOUNT.set(account_of(call))
        for entry in self.added:
            if entry["operation"] == call.name and entry.get("region") in (None, call.region) and _part(entry.get("when", {}), parameters):
                if "error" in entry:
                    raise AwsError(entry["error"]["code"], entry["error"]["message"], entry["error"].get("status", 400))
                return entry["answer"]
        if call.name in COMPUTED:
            return COMPUTED[call.name](call, parameters)
        default = DEFAULTS.get(call.name)
        if isinstance(default, AwsError):
            raise default
        return default


def _part(wanted, given):
    return all(given.get(k) == v for k, v in wanted.items())


def backend(service, region):
    """moto's own state of one service, or None where nobody has used it."""
    for backends in BackendDict._instances:
        if backends.service_name == service and _ACCOUNT.get() in backends:
            regions = backends[_ACCOUNT.get()]
            return regions[region] if region in regions or region in getattr(regions, "regions", []) else None
    return None


# ---- computed
EC2_KINDS = {
    "acl": "network-acl",
    "cgw": "customer-gateway",
    "dopt": "dhcp-options",
    "eigw": "egress-only-internet-gateway",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "igw": "internet-gateway",
    "key": "key-pair",
    "lt": "launch-template",
    "pl": "prefix-list",
    "rtb": "route-table",
    "sgr": "security-group-rule",
    "vpce": "vpc-endpoint",
}
# moto's ARN kind -> AWS's
EC2_ARN_KINDS = {"flow-logs": "vpc-flow-log", "managed-prefix-lists": "prefix-list", "spot-instance-request": "spot-instances-request"}


def tagged_resources(call, parameters):
    """tagging:GetResources: moto leaves out several kinds (elastic IPs, key pairs, launch templates, network ACLs, rules,
    endpoints, web ACLs, trails, subnet and parameter groups, listeners …), answers global buckets in every region, and pages with generators that die."""
    found = {}
    for service in iter_taggable_backends(_ACCOUNT.get(), call.region):
        namespace = getattr(service, "SERVICE_NAMESPACE", "")
        if namespace == "cloudfront" and call.region != "us-east-1":
            continue
        for resource in service.iter_tagged_resources():
            if namespace == "s3":
                bucket = service.buckets.get(resource.arn.split(":")[-1])
                if bucket is None or (bucket.region_name or "us-east-1") != call.region:
                    continue
            arn = resource.arn
            if namespace == "ec2":
                kind, _, rest = arn.rsplit(":", 1)[1].partition("/")
                arn = f"{arn.rsplit(':', 1)[0]}:{EC2_ARN_KINDS.get(kind, kind)}/{rest}"
            found[arn] = dict(resource.tags)
    ec2 = backend("ec2", call.region)
    if ec2 is not None:
        known = {arn.rsplit("/", 1)[1] for arn in found if ":ec2:" in arn}
        for id_, tags in ec2.tags.items():
            if id_ not in known and tags:
                prefix = id_.split("-")[0]
                found[f"arn:aws:ec2:{call.region}:{_ACCOUNT.get()}:{EC2_KINDS.get(prefix, prefix)}/{id_}"] = dict(tags)
    for region in [call.region] + (["aws"] if call.region == "us-east-1" else []):
        waf = backend("wafv2", region)
        if waf is not None:
            for arn, tags in waf.tagging_service.tags.items():
                found[arn] = dict(tags)
    identity = backend("iam", "aws") if call.region == "us-east-1" else None
    if identity is not None:  # users and roles are not in the tagging API; the rest of IAM is, in us-east-1
        for things in (identity.managed_policies, identity.instance_profiles, identity.open_id_providers, identity.saml_providers):
            for thing in things.values():
                own = getattr(thing, "tags", None) or {}
                pairs = own.values() if isinstance(own, dict) else own
                if f"::{_ACCOUNT.get()}:" in thing.arn:
                    found[thing.arn] = {t["Key"]: t["Value"] for t in pairs}
    zones = backend("route53", "aws") if call.region == "us-east-1" else None
    if zones is not None:
        for id_, tags in zones.resource_tags.items():
            found[f"arn:aws:route53:::{'hostedzone' if id_ in zones.zones else 'healthcheck'}/{id_}"] = dict(tags)
    databases = backend("rds", call.region)
    if databases is not None:
        for things in (databases.subnet_groups, databases.db_parameter_groups, databases.db_cluster_parameter_groups, databases.option_groups, databases.event_subscriptions, databases.db_proxies):
            for thing in things.values():
                found[thing.arn] = {t["Key"]: t["Value"] for t in thing.get_tags()}
    found.update(answers_apis.tags(call.region))
    for service in ("cloudtrail", "elasticache", "elbv2"):  # moto forgets listeners and rules, and groups of caches
        holder = backend(service, call.region)
        if holder is not None:
            found.update({arn: dict(tags) for arn, tags in holder.tagging_service.tags.items()})
    kinesis = backend("kinesis", call.region)
    for stream in kinesis.streams.values() if kinesis is not None else ():
        found[stream.arn] = dict(stream.tags)
    for service in ("ecr", "servicediscovery"):
        holder = backend(service, call.region)
        if holder is not None:
            found.update({arn: dict(tags) for arn, tags in holder.tagger.tags.items()})
    kinds = parameters.get("ResourceTypeFilters") or []
    plans = backend("backup", call.region)
    if plans is not None:  # moto forgets plans
        found.update({arn: plans.tagger.get_tag_dict_for_resource(arn) for arn in list(plans.tagger.tags)})
    items = []
    for arn in sorted(found):
        tags = {k: v for k, v in found[arn].items()}
        kind = ":".join([arn.split(":")[2], arn.split(":", 5)[5].split("/")[0].split(":")[0]])
        if not tags or (kinds and kind not in kinds and kind.split(":")[0] not in kinds):
            continue
        if any(f["Key"] not in tags or (f.get("Values") and tags[f["Key"]] not in f["Values"]) for f in parameters.get("TagFilters") or []):
            continue
        items.append({"ResourceARN": arn, "Tags": [{"Key": k, "Value": v} for k, v in sorted(tags.items())]})
    return _page(items, "ResourceTagMappingList", parameters.get("PaginationToken"), int(parameters.get("ResourcesPerPage") or 100), "PaginationToken")


def scalable_targets(_call, parameters):
    """application-autoscaling:DescribeScalableTargets: moto refuses the namespaces that came later."""
    return {"ScalableTargets": []} if parameters.get("ServiceNamespace") in ("elasticache", "neptune", "workspaces") else None


def services_of_namespace(call, parameters):
    """servicediscovery:ListServices: moto does not know the filter by namespace, and no number of instances."""
    wanted = [v for f in parameters.get("Filters") or [] if f["Name"] == "NAMESPACE_ID" for v in f["Values"]]
    maps = backend("servicediscovery", call.region)
    if not wanted or maps is None:
        return None
    found = [s for s in maps.services.values() if (s.namespace_id or (s.dns_config or {}).get("NamespaceId")) in wanted]
    return {"Services": [{**s.to_json(), "InstanceCount": len(s.instances)} for s in found]}


def _page(items, name, token, size, token_name):
    start = int(token or 0)
    rest = start + size < len(items)
    # An empty token is what this API answers on its last page.
    return {name: items[start : start + size], token_name: str(start + size) if rest else ""}


def cloud_control(call, parameters):
    """cloudcontrol:ListResources: not in moto; of the types that populations make."""
    kind = parameters["TypeName"]
    if kind == "AWS::Kinesis::Stream":
        kinesis = backend("kinesis", call.region)
        ids = sorted(kinesis.streams) if kinesis is not None else []
        return {"TypeName": kind, "ResourceDescriptions": [{"Identifier": i, "Properties": "{}"} for i in ids]}
    raise AwsError("UnsupportedActionException", f"Resource type {kind} does not support LIST action")


# The regions that are enabled in every account (account management reference guide, "Regions").
REGIONS = (
    "ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 eu-central-1 eu-north-1 eu-west-1 "
    "eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2"
).split()


def regions(call, parameters):
    """ec2:DescribeRegions: moto answers those of China and GovCloud too, and those nobody has enabled."""
    wanted = parameters.get("RegionNames") or REGIONS
    if not set(wanted) <= set(REGIONS):
        raise AwsError("InvalidParameterValue", f"Invalid region found in '{wanted}'")
    return {"Regions": [{"RegionName": r, "Endpoint": f"ec2.{r}.amazonaws.com", "OptInStatus": "opt-in-not-required"} for r in wanted]}


def resources_of_acl(call, parameters):
    """wafv2:ListResourcesForWebACL: not in moto; AWS answers the ARNs a regional ACL stands before, one type at a time."""
    acls = backend("wafv2", call.region)
    arn, kind = parameters["WebACLArn"], parameters.get("ResourceType") or "APPLICATION_LOAD_BALANCER"
    if acls is None or arn not in acls.wacls:
        raise AwsError("WAFNonexistentItemException", "AWS WAF couldn’t perform the operation because your resource doesn’t exist.")
    marks = {"APPLICATION_LOAD_BALANCER": ":loadbalancer/app/", "API_GATEWAY": "/restapis/", "COGNITO_USER_POOL": ":userpool/"}
    return {"ResourceArns": [r for r in acls.wacls[arn].associated_resources if kind in marks and marks[kind] in r]}


def account_block(call, _parameters):
    """s3control:GetPublicAccessBlock: moto wants the account id in the host name, which an address cannot carry."""
    block = _ACCOUNT_BLOCK.get(_ACCOUNT.get())
    if block is None:
        raise AwsError("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found", 404)
    return {"PublicAccessBlockConfiguration": block}


def put_account_block(_call, parameters):
    _ACCOUNT_BLOCK[_ACCOUNT.get()] = parameters["PublicAccessBlockConfiguration"]
    return {}


_ACCOUNT_BLOCK = {}


def cloudfront_policies(managed, list_name, policy_name):
    """CloudFront's managed policies exist in every account; moto has no policy calls at all.  Calls that list, tell and make."""
    own = stores.Table()

    def listing(call, parameters):
        items = [{"Type": kind, policy_name: p} for kind, table in (("managed", managed), ("custom", own.everywhere(call).values())) for p in table if parameters.get("Type") in (None, kind)]
        return {list_name: {"MaxItems": 100, "Quantity": len(items), "Items": items}}

    def one(call, parameters):
        for policy in (*managed, *own.everywhere(call).values()):
            if policy["Id"] == parameters.get("Id"):
                return {policy_name: policy, "ETag": "E23ZP02F085DFQ"}
        raise AwsError(f"NoSuch{policy_name}", f"The specified {policy_name} does not exist.", 404)

    def make(call, parameters):
        rows, settings = own.everywhere(call), f"{policy_name}Config"
        policy = {"Id": f"c0ffee00-0000-4000-8000-{len(rows):012x}", "LastModifiedTime": "2025-04-01T09:00:00Z", settings: parameters[settings]}
        rows[policy_name, policy["Id"]] = policy
        return {policy_name: policy, "ETag": "E23ZP02F085DFQ"}

    return listing, one, make


def _cache_policy(id_, name, comment, ttl, cookies="none", headers=(), query="none", gzip=True):
    parameters = {
        "EnableAcceptEncodingGzip": gzip,
        "EnableAcceptEncodingBrotli": gzip,
        "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": {"Quantity": len(headers), "Items": list(headers)}} if headers else {"HeaderBehavior": "none"},
        "CookiesConfig": {"CookieBehavior": cookies},
        "QueryStringsConfig": {"QueryStringBehavior": query},
    }
    low, usual, high = ttl
    return {
        "Id": id_,
        "LastModifiedTime": "2020-07-22T16:51:08Z",
        "CachePolicyConfig": {"Comment": comment, "Name": name, "MinTTL": low, "DefaultTTL": usual, "MaxTTL": high, "ParametersInCacheKeyAndForwardedToOrigin": parameters},
    }


# CloudFront Developer Guide, "Use managed cache policies" and its sisters.
CACHE_POLICIES = [
    _cache_policy("658327ea-f89d-4fab-a63d-7e88639e58f6", "Managed-CachingOptimized", "Policy with caching enabled. Supports Gzip and Brotli compression.", (1, 86400, 31536000)),
    _cache_policy("b2884449-e4de-46a7-ac36-70bc7f1ddd6d", "Managed-CachingOptimizedForUncompressedObjects", "Default policy when compression is disabled", (1, 86400, 31536000), gzip=False),
    _cache_policy("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "Managed-CachingDisabled", "Policy with caching disabled", (0, 0, 0), gzip=False),
]
ORIGIN_REQUEST_POLICIES = [
    {
        "Id": id_,
        "LastModifiedTime": "2022-08-29T18:15:00Z",
        "OriginRequestPolicyConfig": {
            "Comment": comment,
            "Name": name,
            "HeadersConfig": headers,
            "CookiesConfig": {"CookieBehavior": cookies},
            "QueryStringsConfig": {"QueryStringBehavior": query},
        },
    }
    for id_, name, comment, headers, cookies, query in [
        ("216adef6-5c7f-47e4-b989-5492eafa07d3", "Managed-AllViewer", "Policy to forward all parameters in viewer requests", {"HeaderBehavior": "allViewer"}, "all", "all"),
        ("b689b0a8-53d0-40ab-baf2-68738e2966ac", "Managed-AllViewerExceptHostHeader", "Policy to forward all parameters in viewer requests except for the Host header", {"HeaderBehavior": "allExcept", "Headers": {"Quantity": 1, "Items": ["host"]}}, "all", "all"),
        ("88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", "Managed-CORS-S3Origin", "Policy for S3 origin with CORS", {"HeaderBehavior": "whitelist", "Headers": {"Quantity": 3, "Items": ["origin", "access-control-request-headers", "access-control-request-method"]}}, "none", "none"),
    ]
]
RESPONSE_HEADERS_POLICIES = [
    {
        "Id": "67f7725c-6f97-4210-82d7-5512b31e9d03",
        "LastModifiedTime": "2021-11-02T16:00:00Z",
        "ResponseHeadersPolicyConfig": {
            "Comment": "Adds a set of security headers to every response",
            "Name": "Managed-SecurityHeadersPolicy",
            "SecurityHeadersConfig": {
                "XSSProtection": {"Override": False, "Protection": True, "ModeBlock": True},
                "FrameOptions": {"Override": False, "FrameOption": "SAMEORIGIN"},
                "ReferrerPolicy": {"Override": False, "ReferrerPolicy": "strict-origin-when-cross-origin"},
                "ContentTypeOptions": {"Override": True},
                "StrictTransportSecurity": {"Override": False, "IncludeSubdomains": False, "Preload": False, "AccessControlMaxAgeSec": 31536000},
            },
        },
    }
]
_cache = cloudfront_policies(CACHE_POLICIES, "CachePolicyList", "CachePolicy")
_origin = cloudfront_policies(ORIGIN_REQUEST_POLICIES, "OriginRequestPolicyList", "OriginRequestPolicy")
_headers = cloudfront_policies(RESPONSE_HEADERS_POLICIES, "ResponseHeadersPolicyList", "ResponseHeadersPolicy")


def database_certificates(_call, parameters):
    """rds:DescribeCertificates: the CAs of the RDS user guide, "Using SSL/TLS to encrypt a connection"."""
    table = [
        ("rds-ca-2019", "2019-09-18T17:05:57Z", "2024-08-22T17:08:50Z"),
        ("rds-ca-rsa2048-g1", "2021-05-25T22:25:57Z", "2061-05-25T23:25:57Z"),
        ("rds-ca-rsa4096-g1", "2021-05-25T22:34:57Z", "2121-05-25T23:34:57Z"),
        ("rds-ca-ecc384-g1", "2021-05-25T22:41:55Z", "2121-05-25T23:41:55Z"),
    ]
    items = [
        {
            "CertificateIdentifier": name,
            "CertificateType": "CA",
            "ValidFrom": start,
            "ValidTill": end,
            "CertificateArn": f"arn:aws:rds:{_call.region}::cert:{name}",
            "CustomerOverride": False,
        }
        for name, start, end in table
        if parameters.get("CertificateIdentifier") in (None, name)
    ]
    return {"DefaultCertificateForNewLaunches": "rds-ca-rsa2048-g1", "Certificates": items}


# Standard and extended support of PostgreSQL on RDS: RDS user guide, "Release calendars for Amazon RDS for PostgreSQL".
POSTGRES_SUPPORT = [
    ("12", "2020-03-31", "2025-02-28", "2028-02-29"),
    ("13", "2021-02-24", "2026-02-28", "2029-02-28"),
    ("14", "2022-02-03", "2027-02-28", "2030-02-28"),
    ("15", "2023-02-27", "2028-02-29", "2031-02-28"),
    ("16", "2024-01-30", "2029-02-28", "2032-02-29"),
    ("17", "2024-11-21", "2030-02-28", "2033-02-28"),
]


def major_versions(_call, parameters):
    """rds:DescribeDBMajorEngineVersions: not in moto."""
    items = [
        {
            "Engine": "postgres",
            "MajorEngineVersion": version,
            "SupportedEngineLifecycles": [
                {"LifecycleSupportName": "open-source-rds-standard-support", "LifecycleSupportStartDate": f"{start}T00:00:00Z", "LifecycleSupportEndDate": f"{end}T23:59:59Z"},
                {"LifecycleSupportName": "open-source-rds-extended-support", "LifecycleSupportStartDate": f"{end}T23:59:59Z", "LifecycleSupportEndDate": f"{last}T23:59:59Z"},
            ],
        }
        for version, start, end, last in POSTGRES_SUPPORT
        if parameters.get("Engine") in (None, "postgres") and parameters.get("MajorEngineVersion") in (None, version)
    ]
    return {"DBMajorEngineVersions": items}


def insight_selectors(call, _parameters):
    """cloudtrail:GetInsightSelectors: moto crashes on a trail without; AWS answers an error."""
    raise AwsError("InsightNotEnabledException", "Insights are not enabled on this trail.")


def put_mail_from(call, parameters):
    """sesv2:PutEmailIdentityMailFromAttributes (v2): not in moto."""
    identity = backend("ses", call.region).email_identities[parameters["EmailIdentity"]]
    identity.mail_from = {"BehaviorOnMxFailure": parameters.get("BehaviorOnMxFailure") or "USE_DEFAULT_VALUE"}
    if parameters.get("MailFromDomain"):
        identity.mail_from.update(MailFromDomain=parameters["MailFromDomain"], MailFromDomainStatus="SUCCESS")
    return {}


def function_urls(call, parameters):
    """lambda:ListFunctionUrlConfigs: moto has GetFunctionUrlConfig only."""
    functions = backend("lambda", call.region)
    name = parameters["FunctionName"].split(":function:")[-1].split(":")[0]
    found = functions.get_function(name).url_config if functions is not None else None
    return {"FunctionUrlConfigs": [found.to_dict()] if found else []}


def caller(call, _parameters):
    """sts:GetCallerIdentity: who the test credentials are; moto answers an ARN of its own making."""
    if "Credential=testing/" in call.headers.get("authorization", ""):
        return {"UserId": "AIDASURVEYOR0TEST000", "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/surveyor"}
    return None


_TAGS = {}


def tag_store(arn_name, tags_name, keys_name):
    """Tag calls that the Terraform provider makes for every resource of the service and moto lacks."""

    def listing(_call, parameters):
        return {tags_name: [{"Key": k, "Value": v} for k, v in _TAGS.get(parameters[arn_name], {}).items()]}

    def add(_call, parameters):
        _TAGS.setdefault(parameters[arn_name], {}).update({t["Key"]: t["Value"] for t in parameters[tags_name]})
        return {}

    def remove(_call, parameters):
        for key in parameters[keys_name]:
            _TAGS.get(parameters[arn_name], {}).pop(key, None)
        return {}

    return listing, add, remove


def _notification(parameters):
    """moto's own record of a budget's notification, None where it knows none."""
    budgets = backend("budgets", "aws")
    budget = budgets.budgets[parameters["AccountId"]].get(parameters["BudgetName"]) if budgets else None
    wanted = {k: str(v) for k, v in parameters["Notification"].items() if k in ("NotificationType", "ComparisonOperator", "Threshold")}
    for found in budget.notifications if budget else []:
        if all(str(_number(found.details.get(k))) == str(_number(v)) for k, v in wanted.items()):
            return found
    return None


def _number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def budget_subscribers(_call, parameters):
    """budgets:DescribeSubscribersForNotification: moto keeps them and has no call to read them."""
    found = _notification(parameters)
    if found is None:
        raise AwsError("NotFoundException", "Unable to get subscribers - the notification doesn't exist.")
    return {"Subscribers": found.subscribers}


# AWS's default limits of a new account (Service Quotas console).
QUOTAS = {
    "ec2": [("L-0263D0A3", "EC2-VPC Elastic IPs", 5), ("L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 32)],
    "vpc": [("L-F678F1CE", "VPCs per Region", 5), ("L-A4707A72", "Internet gateways per Region", 5), ("L-E79EC296", "VPC security groups per Region", 2500), ("L-0EA8095F", "Inbound or outbound rules per security group", 60), ("L-407747CB", "Subnets per VPC", 200)],
    "rds": [("L-7B6409FD", "DB instances", 40), ("L-272F1212", "Manual DB instance snapshots", 100)],
    "elasticloadbalancing": [("L-53DA6B97", "Application Load Balancers per Region", 50), ("L-B22855CB", "Target Groups per Region", 3000)],
    "iam": [("L-FE177D64", "Roles per account", 1000), ("L-E95E4862", "Customer managed policies per account", 1500)],
}


def patch_baseline(call, parameters):
    """ssm:GetPatchBaseline: moto lists baselines and cannot answer one."""
    machines = backend("ssm", call.region)
    found = machines.baselines.get(parameters["BaselineId"]) if machines is not None else None
    if found is None:
        raise AwsError("DoesNotExistException", f"Patch baseline {parameters['BaselineId']} doesn't exist.")
    answer = {k: v for k, v in found.to_json().items() if v is not None}
    defaults = {"ApprovedPatchesComplianceLevel": "UNSPECIFIED", "ApprovedPatchesEnableNonSecurity": False, "RejectedPatchesAction": "ALLOW_AS_DEPENDENCY", "ApprovedPatches": [], "RejectedPatches": [], "Sources": [], "GlobalFilters": {"PatchFilters": []}}
    return defaults | {"Name": answer["BaselineName"], "Description": answer.get("BaselineDescription", "")} | answer


def window_task(call, parameters):
    """ssm:GetMaintenanceWindowTask: moto lists the tasks of a window and cannot answer one."""
    machines = backend("ssm", call.region)
    window = machines.windows.get(parameters["WindowId"]) if machines is not None else None
    found = window.tasks.get(parameters["WindowTaskId"]) if window is not None else None
    if found is None:
        raise AwsError("DoesNotExistException", f"Maintenance window task {parameters['WindowTaskId']} doesn't exist.")
    answer = {k: v for k, v in found.to_json().items() if v is not None and k != "Type"}
    return {"TaskParameters": {}, "Description": ""} | answer


def service_quotas(call, parameters):
    """servicequotas:ListServiceQuotas: not in moto."""
    code = parameters["ServiceCode"]
    items = [
        {"ServiceCode": code, "QuotaCode": q, "QuotaName": name, "QuotaArn": f"arn:aws:servicequotas:{call.region}:{ACCOUNT}:{code}/{q}", "Value": float(value), "Adjustable": True}
        for q, name, value in QUOTAS.get(code, [])
    ]
    return {"Quotas": items}


_budget_tags = tag_store("ResourceARN", "ResourceTags", "ResourceTagKeys")

COMPUTED = {
    "application-autoscaling:DescribeScalableTargets": scalable_targets,
    "servicediscovery:ListServices": services_of_namespace,
    "sts:GetCallerIdentity": caller,
    "ec2:DescribeRegions": regions,
    "cloudcontrol:ListResources": cloud_control,
    "tagging:GetResources": tagged_resources,
    "wafv2:ListResourcesForWebACL": resources_of_acl,
    "s3control:GetPublicAccessBlock": account_block,
    "s3control:PutPublicAccessBlock": put_account_block,
    "cloudfront:ListCachePolicies": _cache[0],
    "cloudfront:GetCachePolicy": _cache[1],
    "cloudfront:CreateCachePolicy": _cache[2],
    "cloudfront:ListOriginRequestPolicies": _origin[0],
    "cloudfront:GetOriginRequestPolicy": _origin[1],
    "cloudfront:CreateOriginRequestPolicy": _origin[2],
    "cloudfront:ListResponseHeadersPolicies": _headers[0],
    "cloudfront:GetResponseHeadersPolicy": _headers[1],
    "cloudfront:CreateResponseHeadersPolicy": _headers[2],
    "lambda:ListFunctionUrlConfigs": function_urls,
    "rds:DescribeCertificates": database_certificates,
    "rds:DescribeDBMajorEngineVersions": major_versions,
    "sesv2:PutEmailIdentityMailFromAttributes": put_mail_from,
    "cloudtrail:GetInsightSelectors": insight_selectors,
    "budgets:DescribeSubscribersForNotification": budget_subscribers,
    "servicequotas:ListServiceQuotas": service_quotas,
    "ssm:GetMaintenanceWindowTask": window_task,
    "ssm:GetPatchBaseline": patch_baseline,
    "budgets:ListTagsForResource": _budget_tags[0],
    "budgets:TagResource": _budget_tags[1],
    "budgets:UntagResource": _budget_tags[2],
}

_NONE = {"Quantity": 0, "MaxItems": 100, "IsTruncated": False, "Marker": ""}

DEFAULTS = {
    "accessanalyzer:ListAnalyzers": {"analyzers": []},
    "accessanalyzer:ListArchiveRules": {"archiveRules": []},
    "accessanalyzer:ListFindings": {"findings": []},
    "accessanalyzer:ListFindingsV2": {"findings": []},
    "account:GetAlternateContact": AwsError("ResourceNotFoundException", "No contact of the inputted alternate contact type found.", 404),
    "account:GetContactInformation": {
        "ContactInformation": {"FullName": "Exo Sport", "AddressLine1": "1 rue Exemple", "City": "Paris", "PostalCode": "75001", "CountryCode": "FR", "PhoneNumber": "+33100000000"}
    },
    "application-autoscaling:ListTagsForResource": {"Tags": {}},
    "autoscaling:DescribeTrafficSources": {"TrafficSources": []},
    "ecr:DescribePullThroughCacheRules": {"pullThroughCacheRules": []},
    "ecr:DescribeRepositoryCreationTemplates": {"repositoryCreationTemplates": []},
    "backup:ListBackupSelections": {"BackupSelectionsList": []},
    "backup:ListProtectedResources": {"Results": []},
    "backup:ListRestoreJobs": {"RestoreJobs": []},
    "backup:ListRestoreTestingPlans": {"RestoreTestingPlans": []},
    "backup:ListRecoveryPointsByBackupVault": {"RecoveryPoints": []},
    "ce:GetAnomalyMonitors": {"AnomalyMonitors": []},
    "ce:GetAnomalySubscriptions": {"AnomalySubscriptions": []},
    "cloudfront:GetMonitoringSubscription": AwsError("NoSuchMonitoringSubscription", "A monitoring subscription does not exist for the specified distribution.", 404),
    "cloudfront:ListCloudFrontOriginAccessIdentities": {"CloudFrontOriginAccessIdentityList": dict(_NONE)},
    "cloudtrail:ListEventDataStores": {"EventDataStores": []},
    "cloudtrail:LookupEvents": {"Events": []},
    "cloudwatch:DescribeAnomalyDetectors": {"AnomalyDetectors": []},
    "cloudwatch:ListMetricStreams": {"Entries": []},
    "compute-optimizer:GetEnrollmentStatus": {"status": "Inactive", "memberAccountsEnrolled": False},
    "config:DescribeConformancePacks": {"ConformancePackDetails": []},
    "dlm:GetLifecyclePolicies": {"Policies": []},
    "ec2:DescribeInstanceConnectEndpoints": {"InstanceConnectEndpoints": []},
    "config:DescribeConformancePacks": {"ConformancePackDetails": []},
    "ec2:DescribeCapacityReservations": {"CapacityReservations": []},
    "ec2:DescribeReservedInstances": {"ReservedInstances": []},
    "ec2:DescribeVpcBlockPublicAccessOptions": {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off", "State": "default-state"}},
    "ec2:GetEbsDefaultKmsKeyId": {"KmsKeyId": "alias/aws/ebs"},
    "ec2:GetImageBlockPublicAccessState": {"ImageBlockPublicAccessState": "unblocked"},
    "ec2:GetInstanceMetadataDefaults": {"AccountLevel": {}},
    "ec2:GetSerialConsoleAccessStatus": {"SerialConsoleAccessEnabled": False},
    "ec2:GetSnapshotBlockPublicAccessState": {"State": "unblocked"},
    "elbv2:DescribeTrustStores": {"TrustStores": []},
    "guardduty:GetFindingsStatistics": {"FindingStatistics": {"CountBySeverity": {}}},
    "guardduty:ListFilters": {"FilterNames": []},
    "guardduty:ListFindings": {"FindingIds": []},
    "guardduty:ListIPSets": {"IpSetIds": []},
    "guardduty:ListPublishingDestinations": {"Destinations": []},
    "guardduty:ListThreatIntelSets": {"ThreatIntelSetIds": []},
    "guardduty:ListMembers": {"Members": []},
    "health:DescribeEvents": AwsError("SubscriptionRequiredException", "This account needs a Business or Enterprise support plan."),
    "iam:ListMFADeviceTags": {"Tags": [], "IsTruncated": False},
    "iam:ListServiceSpecificCredentials": {"ServiceSpecificCredentials": []},
    "lightsail:GetActiveNames": {"activeNames": []},
    "logs:DescribeAccountPolicies": {"accountPolicies": []},
    "logs:DescribeQueryDefinitions": {"queryDefinitions": []},
    "logs:GetDataProtectionPolicy": {},
    "rds:DescribePendingMaintenanceActions": {"PendingMaintenanceActions": []},
    "rds:DescribeReservedDBInstances": {"ReservedDBInstances": []},
    "s3control:ListAccessPoints": {"AccessPointList": []},
    "securityhub:GetEnabledStandards": {"StandardsSubscriptions": []},
    "securityhub:ListEnabledProductsForImport": {"ProductSubscriptions": []},
    "sesv2:GetAccount": {
        "DedicatedIpAutoWarmupEnabled": False,
        "EnforcementStatus": "HEALTHY",
        "ProductionAccessEnabled": True,
        "SendQuota": {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0},
        "SendingEnabled": True,
        "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
    },
    "sesv2:GetConfigurationSetEventDestinations": {"EventDestinations": []},
    "sms-voice:DescribeAccountAttributes": {"AccountAttributes": [{"Name": "ACCOUNT_TIER", "Value": "PRODUCTION"}]},
    "sms-voice:DescribeConfigurationSets": {"ConfigurationSets": []},
    "sms-voice:DescribeOptOutLists": {"OptOutLists": []},
    "sms-voice:DescribePhoneNumbers": {"PhoneNumbers": []},
    "sms-voice:DescribePools": {"Pools": []},
    "sms-voice:DescribeRegistrations": {"Registrations": []},
    "sms-voice:DescribeSenderIds": {"SenderIds": []},
    "sms-voice:DescribeSpendLimits": {"SpendLimits": []},
    "sms-voice:ListTagsForResource": {"Tags": []},
    "sns:GetDataProtectionPolicy": {},
    "sns:GetSMSSandboxAccountStatus": {"IsInSandbox": False},
    "ssm:DescribeInstanceInformation": {"InstanceInformationList": []},
    "ssm:GetServiceSetting": AwsError("ServiceSettingNotFound", "Setting not found."),
    "ssm:ListAssociations": {"Associations": []},
    "ssm:ListResourceDataSync": {"ResourceDataSyncItems": []},
}

COMPUTED.update(answers_apis.COMPUTED)
DEFAULTS.update(answers_apis.DEFAULTS)
COMPUTED |= stores.COMPUTED
DEFAULTS |= stores.DEFAULTS
