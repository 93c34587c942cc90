"""Answers to calls of API Gateway, queues, events, builds and pipelines that moto lacks."""

from moto.core.base_backend import BackendDict

from repairs.tools import ACCOUNT


def state(service, region):
    """moto's own state of one service in a region."""
    for backends in BackendDict._instances:
        if backends.service_name == service:
            return backends[ACCOUNT][region]
    raise KeyError(service)


def tags(region):
    """Of tagging:GetResources: rules, schedule groups, state machines and activities, which moto leaves out."""
    found = {}
    for service in ("events", "scheduler", "stepfunctions"):
        try:
            found.update({arn: dict(tags) for arn, tags in state(service, region).tagger.tags.items()})
        except KeyError:
            continue
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


COMPUTED = {
    "apigatewayv2:GetAuthorizers": _inside_api("authorizers"),
    "apigatewayv2:GetModels": _inside_api("models"),
    "apigatewayv2:GetRouteResponses": route_responses,
}

DEFAULTS = {
    # The provider asks this at plan time already.
    "states:ListStateMachineVersions": {"stateMachineVersions": []},
    "states:ValidateStateMachineDefinition": {"result": "OK", "diagnostics": []},
}
