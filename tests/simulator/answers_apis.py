"""Answers to calls of API Gateway, queues, events, builds and pipelines that moto lacks."""

from moto.core.base_backend import BackendDict

from repairs.tools import ACCOUNT
from wire import AwsError


def state(service, region):
    """moto's own state of one service in a region."""
    for backends in BackendDict._instances:
        if backends.service_name == service:
            return backends[ACCOUNT][region]
    raise KeyError(service)


def tags(region):
    """Of tagging:GetResources: rules, schedule groups, state machines, activities, connections and pipelines, which moto leaves out."""
    found = {}
    for service in ("events", "scheduler", "stepfunctions"):
        try:
            found.update({arn: dict(tags) for arn, tags in state(service, region).tagger.tags.items()})
        except KeyError:
            continue
    found.update({arn: dict(c["tags"]) for arn, c in CONNECTIONS.of(region).items()})
    try:
        pipelines = state("codepipeline", region).pipelines
    except KeyError:
        return found
    found.update({p._arn: dict(p.tags) for p in pipelines.values()})
    return found


def _inside_api(name):
    """apigatewayv2:Get…s of an API: moto answers the single ones only."""

    def listing(call, parameters):
        api = state("apigatewayv2", call.region).get_api(parameters["ApiId"])
        return {"Items": [_plain(x) for x in getattr(api, name).values()]}

    return listing


def _plain(thing):
    """moto's own JSON under the API's member names."""
    told = {k[0].upper() + k[1:]: v for k, v in thing.to_json().items() if v is not None}
    if told.get("JwtConfiguration"):
        told["JwtConfiguration"] = {k.capitalize(): v for k, v in told["JwtConfiguration"].items()}
    return told


def route_responses(call, parameters):
    route = state("apigatewayv2", call.region).get_api(parameters["ApiId"]).get_route(parameters["RouteId"])
    return {"Items": [_plain(x) for x in route.route_responses.values()]}


# ---- CodeBuild: moto refuses sources and artifacts of a pipeline, and keeps only a part of a project
class Store(dict):
    """What was made, by region and name; emptied with the process."""

    def of(self, region):
        return self.setdefault(region, {})


PROJECTS, REPORTS, CREDENTIALS, CONNECTIONS, CONFIGS, HOOKS = Store(), Store(), Store(), Store(), Store(), Store()
MADE = 1746090000


def _arn(service, call, rest):
    return f"arn:aws:{service}:{call.region}:{ACCOUNT}:{rest}"


def create_project(call, given):
    environment = {"privilegedMode": False, "imagePullCredentialsType": "CODEBUILD", "environmentVariables": [], **given["environment"]}
    environment["environmentVariables"] = [{"type": "PLAINTEXT", **v} for v in environment["environmentVariables"]]
    project = {
        "arn": _arn("codebuild", call, f"project/{given['name']}"),
        "description": "",
        "secondarySources": [],
        "secondaryArtifacts": [],
        "secondarySourceVersions": [],
        "cache": {"type": "NO_CACHE"},
        "timeoutInMinutes": 60,
        "queuedTimeoutInMinutes": 480,
        "encryptionKey": _arn("kms", call, "alias/aws/s3"),
        "tags": [],
        "projectVisibility": "PRIVATE",
        "logsConfig": {"cloudWatchLogs": {"status": "ENABLED"}, "s3Logs": {"status": "DISABLED", "encryptionDisabled": False}},
        "created": MADE,
        "lastModified": MADE,
        **{k: v for k, v in given.items() if k != "badgeEnabled"},
        "environment": environment,
        "badge": {"badgeEnabled": bool(given.get("badgeEnabled"))},
    }
    project["source"] = {"insecureSsl": False, **project["source"]}
    if project["source"]["type"] != "CODEPIPELINE":
        project["source"].setdefault("gitCloneDepth", 0)
    PROJECTS.of(call.region)[given["name"]] = project
    return {"project": project}


def projects(call, given):
    known = PROJECTS.of(call.region)
    found = [known[n.split("project/")[-1]] for n in given["names"] if n.split("project/")[-1] in known]
    return {"projects": found, "projectsNotFound": [n for n in given["names"] if n.split("project/")[-1] not in known]}


def update_project(call, given):
    project = PROJECTS.of(call.region)[given["name"]]
    project.update({k: v for k, v in given.items() if k != "badgeEnabled"})
    return {"project": project}


def create_hook(call, given):
    project = PROJECTS.of(call.region)[given["projectName"]]
    project["webhook"] = {
        "url": "https://api.github.com/repos/example/hooks/1",
        "payloadUrl": f"https://codebuild.{call.region}.amazonaws.com/webhooks?t=x",
        "buildType": "BUILD",
        "branchFilter": "",
        **{k: v for k, v in given.items() if k != "projectName"},
    }
    return {"webhook": project["webhook"]}


def create_report_group(call, given):
    group = {"arn": _arn("codebuild", call, f"report-group/{given['name']}"), "created": MADE, "lastModified": MADE, "status": "ACTIVE", "tags": [], **given}
    REPORTS.of(call.region)[group["arn"]] = group
    return {"reportGroup": group}


def import_credential(call, given):
    arn = _arn("codebuild", call, f"token/{given['serverType'].lower()}")
    CREDENTIALS.of(call.region)[arn] = {"arn": arn, "serverType": given["serverType"], "authType": given["authType"]}
    return {"arn": arn}


# ---- CodePipeline webhooks, CodeDeploy configurations, connections: not in moto
def put_hook(call, given):
    definition = {**given["webhook"]}
    if definition.get("authenticationConfiguration", {}).get("SecretToken"):
        definition["authenticationConfiguration"] = {"SecretToken": "****"}
    arn = _arn("codepipeline", call, f"webhook:{definition['name']}")
    hook = {"arn": arn, "definition": definition, "url": f"https://{call.region}.webhooks.aws/trigger?t=x", "tags": given.get("tags") or []}
    HOOKS.of(call.region)[arn] = hook
    return {"webhook": hook}


def deployment_groups(call, given):
    from moto.codedeploy.responses import _deployment_group_info

    groups = state("codedeploy", call.region).deployment_groups.get(given["applicationName"], {})
    return {"deploymentGroupsInfo": [_deployment_group_info(groups[n]) for n in given["deploymentGroupNames"] if n in groups]}


def create_deployment_config(call, given):
    config = {"deploymentConfigId": f"c-{len(CONFIGS.of(call.region)) + 1}", "createTime": MADE, "computePlatform": "Server", **given}
    CONFIGS.of(call.region)[given["deploymentConfigName"]] = config
    return {"deploymentConfigId": config["deploymentConfigId"]}


def deployment_config(call, given):
    config = CONFIGS.of(call.region).get(given["deploymentConfigName"])
    if config is None:
        raise AwsError("DeploymentConfigDoesNotExistException", "No deployment configuration found")
    return {"deploymentConfigInfo": config}


def create_connection(call, given):
    arn = _arn("codestar-connections", call, f"connection/00000000-0000-4000-8000-{len(CONNECTIONS.of(call.region)) + 1:012}")
    CONNECTIONS.of(call.region)[arn] = {
        "ConnectionArn": arn,
        "ConnectionName": given["ConnectionName"],
        "ProviderType": given.get("ProviderType"),
        "OwnerAccountId": ACCOUNT,
        "ConnectionStatus": "PENDING",
        "tags": {t["Key"]: t["Value"] for t in given.get("Tags") or []},
    }
    return {"ConnectionArn": arn, "Tags": given.get("Tags") or []}


def _connection(one):
    return {k: v for k, v in one.items() if k != "tags" and v is not None}


def connection(call, given):
    one = CONNECTIONS.of(call.region).get(given["ConnectionArn"])
    if one is None:
        raise AwsError("ResourceNotFoundException", "[ConnectionArn] not found")
    return {"Connection": _connection(one)}


def connection_tags(call, given):
    return {"Tags": [{"Key": k, "Value": v} for k, v in CONNECTIONS.of(call.region)[given["ResourceArn"]]["tags"].items()]}


COMPUTED = {
    "codebuild:BatchGetProjects": projects,
    "codebuild:BatchGetReportGroups": lambda call, given: {"reportGroups": [REPORTS.of(call.region)[a] for a in given["reportGroupArns"] if a in REPORTS.of(call.region)]},
    "codebuild:CreateProject": create_project,
    "codebuild:CreateReportGroup": create_report_group,
    "codebuild:CreateWebhook": create_hook,
    "codebuild:DeleteProject": lambda call, given: PROJECTS.of(call.region).pop(given["name"], None) and {} or {},
    "codebuild:ImportSourceCredentials": import_credential,
    "codebuild:ListProjects": lambda call, _given: {"projects": sorted(PROJECTS.of(call.region))},
    "codebuild:ListReportGroups": lambda call, _given: {"reportGroups": sorted(REPORTS.of(call.region))},
    "codebuild:ListSourceCredentials": lambda call, _given: {"sourceCredentialsInfos": list(CREDENTIALS.of(call.region).values())},
    "codebuild:UpdateProject": update_project,
    "codedeploy:BatchGetDeploymentGroups": deployment_groups,
    "codedeploy:CreateDeploymentConfig": create_deployment_config,
    "codedeploy:GetDeploymentConfig": deployment_config,
    "codedeploy:ListDeploymentConfigs": lambda call, _given: {"deploymentConfigsList": ["CodeDeployDefault.AllAtOnce", "CodeDeployDefault.OneAtATime", *CONFIGS.of(call.region)]},
    "codepipeline:ListWebhooks": lambda call, _given: {"webhooks": list(HOOKS.of(call.region).values())},
    "codepipeline:PutWebhook": put_hook,
    "codestar-connections:CreateConnection": create_connection,
    "codestar-connections:GetConnection": connection,
    "codestar-connections:ListConnections": lambda call, _given: {"Connections": [_connection(c) for c in CONNECTIONS.of(call.region).values()]},
    "codestar-connections:ListTagsForResource": connection_tags,
    "apigatewayv2:GetAuthorizers": _inside_api("authorizers"),
    "apigatewayv2:GetModels": _inside_api("models"),
    "apigatewayv2:GetRouteResponses": route_responses,
}

DEFAULTS = {
    "apigateway:GetClientCertificates": {"items": []},
    # The provider asks this at plan time already.
    "states:ListStateMachineVersions": {"stateMachineVersions": []},
    "states:ValidateStateMachineDefinition": {"result": "OK", "diagnostics": []},
}
