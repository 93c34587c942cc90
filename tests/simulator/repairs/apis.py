"""API Gateway, queues, pipelines."""

import json

import moto.apigateway.models as v1
import moto.apigatewayv2.models as v2
import moto.apigatewayv2.responses as v2_responses
import moto.codedeploy.responses as codedeploy
import moto.codepipeline.models as codepipeline
import moto.sqs.models as sqs

from .tools import after, around


def _managed(thing):
    """AWS marks what it made itself."""
    plain = thing.to_json
    thing.to_json = lambda: {**plain(), "apiGatewayManaged": True}


def quick_create():
    """apigatewayv2:CreateApi: moto ignores Target; AWS makes an integration, a default route and a stage that deploys itself."""

    @around(v2_responses.ApiGatewayV2Response, "create_api")
    def create_api(original, self):
        given = json.loads(self.body)
        status, headers, body = original(self)
        if given.get("target"):
            api = self.apigatewayv2_backend.get_api(json.loads(body)["apiId"])
            kind = "AWS_PROXY" if given["target"].startswith("arn:") else "HTTP_PROXY"
            integration = api.create_integration(
                connection_type="INTERNET",
                description=None,
                integration_method="POST" if kind == "AWS_PROXY" else "ANY",
                integration_type=kind,
                integration_uri=given["target"],
                payload_format_version="2.0" if kind == "AWS_PROXY" else "1.0",
            )
            nothing = dict.fromkeys(("authorization_scopes", "authorizer_id", "model_selection_expression", "operation_name", "request_models", "request_parameters", "route_response_selection_expression"))
            route = api.create_route(
                api_key_required=False,
                authorization_type="NONE",
                route_key=given.get("routeKey") or "$default",
                target=f"integrations/{integration.id}",
                **nothing,
            )
            stage = api.create_stage({"stageName": "$default", "autoDeploy": True})
            for made in (integration, route, stage):
                _managed(made)
        return status, headers, body


def domains():
    """apigatewayv2:GetDomainName: moto leaves out what AWS adds: the status that the provider waits for, and the address."""
    plain = v2.DomainName.to_json

    def to_json(self):
        told = plain(self)
        told["domainNameConfigurations"] = [
            {
                "apiGatewayDomainName": "d-" + self.domain_name.replace(".", "")[:10] + ".execute-api.eu-west-3.amazonaws.com",
                "domainNameStatus": "AVAILABLE",
                "hostedZoneId": "Z3KY65QIEKYHQQ",
                "ipAddressType": "ipv4",
                "securityPolicy": "TLS_1_2",
                **{k[0].lower() + k[1:]: v for k, v in given.items()},
            }
            for given in self.domain_name_configurations
        ]
        return {k: v for k, v in told.items() if v}

    v2.DomainName.to_json = to_json


def queue_attributes():
    """sqs:GetQueueAttributes: moto forgets RedriveAllowPolicy, forgets the policy when anything else is set, and puts blanks
    into both of them; AWS keeps each until it is set, and writes no blanks."""
    sqs.Queue.BASE_ATTRIBUTES = [*sqs.Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]
    sqs.Queue.redrive_allow_policy = None
    sqs.Queue.policy = None

    @around(sqs.Queue, "_set_attributes")
    def set_attributes(original, self, attributes, now=None):
        kept = self.policy
        original(self, attributes, now)
        if "Policy" not in attributes:
            self.policy = kept
        if self.redrive_allow_policy == "":
            self.redrive_allow_policy = None

    plain = sqs.Queue.attributes.fget

    def told(self):
        found = plain(self)
        for name in ("RedrivePolicy", "RedriveAllowPolicy"):
            if found.get(name):
                found[name] = json.dumps(json.loads(found[name]), separators=(",", ":"))
        return found

    sqs.Queue.attributes = property(told)


def pipeline_times():
    """codepipeline:GetPipeline, ListPipelines: moto writes times as text, which typed SDKs cannot read; AWS writes numbers."""
    codepipeline.iso_8601_datetime_with_milliseconds = lambda at: int(at.timestamp())


def pipeline_modes():
    """codepipeline:GetPipeline: AWS answers the execution mode always, SUPERSEDED unless asked for."""

    @after(codepipeline.CodePipeline, "__init__")
    def made(self, *_args, **_kwargs):
        self.pipeline.setdefault("executionMode", "SUPERSEDED")


def deployment_groups():
    """codedeploy:GetDeploymentGroup: moto answers empty objects for what is not set; AWS leaves them out. AWS answers what becomes of outdated
    instances always."""

    @around(codedeploy, "_deployment_group_info")
    def told(original, group):
        answer = {k: v for k, v in original(group).items() if v != {}}
        return {**answer, "outdatedInstancesStrategy": answer.get("outdatedInstancesStrategy") or "UPDATE"}


def rest_policies():
    """apigateway:GetRestApi: AWS answers the policy with its quotation marks escaped once more; moto as sent."""
    plain = v1.RestAPI.to_dict

    def to_dict(self):
        told = plain(self)
        if told.get("policy"):
            told["policy"] = json.dumps(told["policy"])[1:-1]
        return told

    v1.RestAPI.to_dict = to_dict


REPAIRS = [rest_policies, deployment_groups, pipeline_times, pipeline_modes, quick_create, domains, queue_attributes]
