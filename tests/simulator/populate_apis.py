#!/usr/bin/env python3
"""An account of APIs, queues, events, builds and pipelines: every argument that the provider knows for them at least once, with
values that are not the default.  For the terraform test; nothing of it is a fixture.
"""

import io
import json
import zipfile

from session import ACCOUNT, at, client, spec, tags

REGION = "eu-west-3"


def main():
    at("2025-05-01")
    base = Base()
    at("2025-06-01")
    http_api(base)
    websocket_api(base)
    quick_api(base)
    rest_api(base)
    names(base)
    at("2025-07-01")
    queues = Queues(base)
    events(base, queues)
    schedules(base, queues)
    state_machines(base)
    at("2025-08-01")
    delivery(base, queues)
    at("2026-01-20T07:30:00")


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Base:
    """What the rest hangs on: a network, an internal load balancer, roles, functions, a log group, a certificate."""

    def __init__(self):
        ec2 = client("ec2", REGION)
        self.vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16", TagSpecifications=spec("vpc", {"Name": "orders"}))["Vpc"]["VpcId"]
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.40.{n}.0/24", AvailabilityZone=REGION + zone, TagSpecifications=spec("subnet", {"Name": f"orders-{zone}"}))["Subnet"]["SubnetId"]
            for n, zone in enumerate("ab")
        ]
        self.group = ec2.create_security_group(GroupName="orders-link", Description="API to tasks", VpcId=self.vpc)["GroupId"]
        self.iam = client("iam", REGION)
        self.function_role = self.role("orders-function", "lambda.amazonaws.com")
        self.gateway_role = self.role("orders-gateway", "apigateway.amazonaws.com", {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"})
        self.lambdas = client("lambda", REGION)
        self.function, self.authorizer = self.code("orders-api"), self.code("orders-authorizer")
        self.log = self.log_group("/api/orders")
        self.certificate = client("acm", REGION).request_certificate(DomainName="api.orders.example", ValidationMethod="DNS")["CertificateArn"]
        elb = client("elbv2", REGION)
        balancer = elb.create_load_balancer(Name="orders-internal", Subnets=self.subnets, SecurityGroups=[self.group], Scheme="internal", Type="application")["LoadBalancers"][0]["LoadBalancerArn"]
        self.network_balancer = elb.create_load_balancer(Name="orders-link", Subnets=self.subnets, Scheme="internal", Type="network")["LoadBalancers"][0]["LoadBalancerArn"]
        self.listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no"}}])["Listeners"][0]["ListenerArn"]

    def role(self, name, service, *rights):
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}))["Role"]["Arn"]
        if rights:
            self.iam.put_role_policy(RoleName=name, PolicyName="work", PolicyDocument=document(*rights))
        return arn

    def code(self, name):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as z:
            z.writestr("index.py", "def handler(event, context):\n    return event\n")
        return self.lambdas.create_function(FunctionName=name, Runtime="python3.12", Handler="index.handler", Role=self.function_role, Code={"ZipFile": archive.getvalue()})["FunctionArn"]

    def log_group(self, name):
        logs = client("logs", REGION)
        logs.create_log_group(logGroupName=name)
        logs.put_retention_policy(logGroupName=name, retentionInDays=30)
        return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}"

    def invoke(self, function):
        return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations"


def http_api(base):
    """Private backend through a link, a function, JWT, Lambda and IAM authorization, a custom domain."""
    gateway = client("apigatewayv2", REGION)
    api = gateway.create_api(
        Name="orders",
        ProtocolType="HTTP",
        Description="Orders of the shop",
        Version="7",
        DisableExecuteApiEndpoint=True,
        CorsConfiguration={"AllowCredentials": True, "AllowHeaders": ["authorization", "content-type"], "AllowMethods": ["GET", "POST"], "AllowOrigins": ["https://orders.example"], "ExposeHeaders": ["x-total"], "MaxAge": 600},
        Tags={"Environment": "prod", "team": "orders"},
    )["ApiId"]
    link = gateway.create_vpc_link(Name="orders", SubnetIds=base.subnets, SecurityGroupIds=[base.group], Tags={"Environment": "prod"})["VpcLinkId"]
    behind = gateway.create_integration(
        ApiId=api,
        IntegrationType="HTTP_PROXY",
        IntegrationMethod="ANY",
        IntegrationUri=base.listener,
        ConnectionType="VPC_LINK",
        ConnectionId=link,
        PayloadFormatVersion="1.0",
        TimeoutInMillis=12000,
        TlsConfig={"ServerNameToVerify": "orders.internal"},
        RequestParameters={"overwrite:path": "$request.path", "append:header.source": "api"},
        ResponseParameters={"500": {"append:header.error": "internal"}, "403": {"overwrite:statuscode": "404"}},
    )["IntegrationId"]
    function = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationMethod="POST", IntegrationUri=base.function, PayloadFormatVersion="2.0", Description="totals", ConnectionType="INTERNET", TimeoutInMillis=30000)["IntegrationId"]
    queue = gateway.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationSubtype="SQS-SendMessage",
        PayloadFormatVersion="1.0",
        CredentialsArn=base.gateway_role,
        RequestParameters={"QueueUrl": "$request.header.queue", "MessageBody": "$request.body"},
        ConnectionType="INTERNET",
        TimeoutInMillis=30000,
    )["IntegrationId"]
    token = gateway.create_authorizer(ApiId=api, AuthorizerType="JWT", Name="users", IdentitySource=["$request.header.Authorization"], JwtConfiguration={"Audience": ["web", "app"], "Issuer": "https://login.orders.example/"})["AuthorizerId"]
    asked = gateway.create_authorizer(
        ApiId=api,
        AuthorizerType="REQUEST",
        Name="partners",
        IdentitySource=["$request.header.x-partner"],
        AuthorizerUri=base.invoke(base.authorizer),
        AuthorizerPayloadFormatVersion="2.0",
        AuthorizerResultTtlInSeconds=60,
        EnableSimpleResponses=True,
        AuthorizerCredentialsArn=base.gateway_role,
    )["AuthorizerId"]
    for key, target, more in [
        ("GET /orders", behind, {"AuthorizationType": "JWT", "AuthorizerId": token, "AuthorizationScopes": ["orders/read"], "OperationName": "ListOrders"}),
        ("POST /orders", behind, {"AuthorizationType": "JWT", "AuthorizerId": token, "AuthorizationScopes": ["orders/write", "orders/read"]}),
        ("ANY /partners/{proxy+}", behind, {"AuthorizationType": "CUSTOM", "AuthorizerId": asked}),
        ("GET /totals", function, {"AuthorizationType": "AWS_IAM"}),
        ("POST /events", queue, {}),
        ("$default", behind, {}),
    ]:
        gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{target}", **more)
    gateway.create_stage(
        ApiId=api,
        StageName="$default",
        AutoDeploy=True,
        AccessLogSettings={"DestinationArn": base.log, "Format": '{"id":"$context.requestId","ip":"$context.identity.sourceIp"}'},
        DefaultRouteSettings={"DetailedMetricsEnabled": True, "ThrottlingBurstLimit": 100, "ThrottlingRateLimit": 50},
        RouteSettings={"GET /orders": {"DetailedMetricsEnabled": False, "ThrottlingBurstLimit": 10, "ThrottlingRateLimit": 2.5}},
        Tags={"Environment": "prod"},
    )
    gateway.create_stage(ApiId=api, StageName="beta", Description="for partners", StageVariables={"color": "blue", "depth": "3"})
    base.lambdas.add_permission(FunctionName="orders-api", StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com", SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/*/GET/totals")
    gateway.create_domain_name(DomainName="api.orders.example", DomainNameConfigurations=[{"CertificateArn": base.certificate, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}], Tags={"Environment": "prod"})
    gateway.create_api_mapping(ApiId=api, DomainName="api.orders.example", Stage="$default", ApiMappingKey="v1")
    gateway.create_api_mapping(ApiId=api, DomainName="api.orders.example", Stage="beta", ApiMappingKey="beta")


def websocket_api(base):
    gateway = client("apigatewayv2", REGION)
    api = gateway.create_api(Name="order-updates", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action", ApiKeySelectionExpression="$context.authorizer.usageIdentifierKey")["ApiId"]
    model = gateway.create_model(ApiId=api, Name="reply", ContentType="application/json", Description="what comes back", Schema=json.dumps({"title": "reply", "type": "object"}))["Name"]
    function = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationMethod="POST", IntegrationUri=base.invoke(base.function), ContentHandlingStrategy="CONVERT_TO_TEXT", PassthroughBehavior="WHEN_NO_MATCH", ConnectionType="INTERNET", PayloadFormatVersion="1.0", TimeoutInMillis=29000)["IntegrationId"]
    mock = gateway.create_integration(ApiId=api, IntegrationType="MOCK", PassthroughBehavior="WHEN_NO_TEMPLATES", RequestTemplates={"200": '{"statusCode":200}'}, TemplateSelectionExpression="200", ConnectionType="INTERNET", PayloadFormatVersion="1.0", TimeoutInMillis=5000)["IntegrationId"]
    gateway.create_integration_response(ApiId=api, IntegrationId=mock, IntegrationResponseKey="/200/", ResponseTemplates={"200": '{"pong":true}'}, TemplateSelectionExpression="200", ContentHandlingStrategy="CONVERT_TO_TEXT")
    gateway.create_route(ApiId=api, RouteKey="$connect", AuthorizationType="AWS_IAM", Target=f"integrations/{function}", RequestParameters={"route.request.querystring.room": {"Required": True}}, ApiKeyRequired=True)
    gateway.create_route(ApiId=api, RouteKey="$disconnect", Target=f"integrations/{function}")
    ping = gateway.create_route(ApiId=api, RouteKey="ping", Target=f"integrations/{mock}", RouteResponseSelectionExpression="$default", ModelSelectionExpression="$request.body.kind", RequestModels={"ping": model})["RouteId"]
    gateway.create_route_response(ApiId=api, RouteId=ping, RouteResponseKey="$default", ResponseModels={"application/json": model}, ModelSelectionExpression="$request.body.kind")
    gateway.create_stage(ApiId=api, StageName="live", DefaultRouteSettings={"DataTraceEnabled": True, "DetailedMetricsEnabled": True, "LoggingLevel": "INFO", "ThrottlingBurstLimit": 20, "ThrottlingRateLimit": 10})


def quick_api(base):
    """Made in the console by one click: integration, route and stage come by themselves."""
    client("apigatewayv2", REGION).create_api(Name="hello", ProtocolType="HTTP", Target=base.function)


def rest_api(base):
    """A REST API with nested paths, every kind of authorization and integration, a cached stage with a canary, plans, keys, an old domain name."""
    gateway = client("apigateway", REGION)
    gateway.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": base.gateway_role}])
    made = gateway.create_rest_api(
        name="partners",
        description="What partners call",
        binaryMediaTypes=["image/png", "application/pdf"],
        minimumCompressionSize=2048,
        apiKeySource="AUTHORIZER",
        endpointConfiguration={"types": ["REGIONAL"]},
        disableExecuteApiEndpoint=True,
        tags={"Environment": "prod"},
        policy=document({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*", "Condition": {"IpAddress": {"aws:SourceIp": ["198.51.100.0/24"]}}}),
    )
    api = made["id"]
    root = next(r["id"] for r in gateway.get_resources(restApiId=api)["items"] if r["path"] == "/")
    path = lambda parent, part: gateway.create_resource(restApiId=api, parentId=parent, pathPart=part)["id"]
    orders = path(root, "orders")
    order = path(orders, "{id}")
    proxy = path(root, "{proxy+}")
    gateway.create_model(restApiId=api, name="Order", description="an order", contentType="application/json", schema=json.dumps({"type": "object", "title": "order"}))
    validator = gateway.create_request_validator(restApiId=api, name="all", validateRequestBody=True, validateRequestParameters=True)["id"]
    token = gateway.create_authorizer(restApiId=api, name="tokens", type="TOKEN", authorizerUri=base.invoke(base.authorizer), authorizerCredentials=base.gateway_role, identitySource="method.request.header.Authorization", identityValidationExpression="^Bearer .+$", authorizerResultTtlInSeconds=60)["id"]
    asked = gateway.create_authorizer(restApiId=api, name="requests", type="REQUEST", authorizerUri=base.invoke(base.authorizer), identitySource="method.request.header.x-partner,method.request.querystring.k", authorizerResultTtlInSeconds=300)["id"]

    def method(resource, verb, authorization, integration, **more):
        gateway.put_method(restApiId=api, resourceId=resource, httpMethod=verb, authorizationType=authorization, **more)
        gateway.put_integration(restApiId=api, resourceId=resource, httpMethod=verb, **integration)

    function = {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": base.invoke(base.function), "passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000}
    method(orders, "GET", "CUSTOM", function, authorizerId=token, requestParameters={"method.request.querystring.page": False, "method.request.querystring.shop": True}, operationName="ListOrders")
    method(orders, "POST", "AWS_IAM", {**function, "timeoutInMillis": 10000}, requestValidatorId=validator, requestModels={"application/json": "Order"})
    method(order, "GET", "CUSTOM", function, authorizerId=asked, apiKeyRequired=True, requestParameters={"method.request.path.id": True})
    method(proxy, "ANY", "NONE", {"type": "HTTP_PROXY", "integrationHttpMethod": "ANY", "uri": "https://legacy.orders.example/{proxy}", "passthroughBehavior": "WHEN_NO_TEMPLATES", "timeoutInMillis": 5000, "requestParameters": {"integration.request.path.proxy": "method.request.path.proxy"}}, requestParameters={"method.request.path.proxy": True})
    method(orders, "OPTIONS", "NONE", {"type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'}, "passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000})
    gateway.put_method_response(restApiId=api, resourceId=orders, httpMethod="OPTIONS", statusCode="200", responseModels={"application/json": "Empty"}, responseParameters={"method.response.header.Access-Control-Allow-Origin": True})
    gateway.put_integration_response(restApiId=api, resourceId=orders, httpMethod="OPTIONS", statusCode="200", responseParameters={"method.response.header.Access-Control-Allow-Origin": "'*'"}, responseTemplates={"application/json": "{}"})
    gateway.put_gateway_response(restApiId=api, responseType="DEFAULT_4XX", statusCode="400", responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}, responseTemplates={"application/json": '{"message":$context.error.messageString}'})

    deployment = gateway.create_deployment(restApiId=api, description="first")["id"]
    gateway.create_stage(restApiId=api, stageName="live", deploymentId=deployment, description="for partners", cacheClusterEnabled=True, cacheClusterSize="0.5", variables={"color": "blue"}, tracingEnabled=True, tags={"Environment": "prod"})
    gateway.update_stage(
        restApiId=api,
        stageName="live",
        patchOperations=[
            {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": base.log},
            {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId $context.status"},
            {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "20"},
            {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "40"},
            {"op": "replace", "path": "/*/*/metrics/enabled", "value": "true"},
            {"op": "replace", "path": "/*/*/logging/loglevel", "value": "ERROR"},
        ],
    )
    gateway.create_stage(restApiId=api, stageName="test", deploymentId=gateway.create_deployment(restApiId=api, description="second")["id"])
    base.lambdas.add_permission(FunctionName="orders-api", StatementId="rest", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com", SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/live/GET/orders")
    plan = gateway.create_usage_plan(name="partners", description="what a partner may ask", apiStages=[{"apiId": api, "stage": "live"}], throttle={"rateLimit": 10.0, "burstLimit": 20}, quota={"limit": 1000, "offset": 0, "period": "DAY"}, tags={"Environment": "prod"})["id"]
    key = gateway.create_api_key(name="partner-one", description="a key", enabled=True)["id"]
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    gateway.create_domain_name(domainName="partners.orders.example", regionalCertificateArn=base.certificate, endpointConfiguration={"types": ["REGIONAL"]}, securityPolicy="TLS_1_0", tags={"Environment": "prod"})
    gateway.create_base_path_mapping(domainName="partners.orders.example", basePath="v1", restApiId=api, stage="live")
    gateway.create_vpc_link(name="partners", description="inside", targetArns=[base.network_balancer], tags={"Environment": "prod"})


def names(base):
    """DNS names that lead to both domain names."""
    zones, v2, v1 = client("route53", "us-east-1"), client("apigatewayv2", REGION), client("apigateway", REGION)
    zone = zones.create_hosted_zone(Name="orders.example", CallerReference="orders")["HostedZone"]["Id"]
    own = v2.get_domain_name(DomainName="api.orders.example")["DomainNameConfigurations"][0]
    old = v1.get_domain_name(domainName="partners.orders.example")
    for name, host, home in [("api", own["ApiGatewayDomainName"], own["HostedZoneId"]), ("partners", old["regionalDomainName"], old["regionalHostedZoneId"])]:
        record = {"Name": f"{name}.orders.example", "Type": "A", "AliasTarget": {"DNSName": host, "HostedZoneId": home, "EvaluateTargetHealth": False}}
        zones.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]})


class Queues:
    """A FIFO queue, a queue with a dead-letter queue that knows its source, keys of both kinds, a policy for a topic."""

    def __init__(self, base):
        sqs = client("sqs", REGION)
        self.key = client("kms", REGION).create_key(Description="orders queues", Tags=[{"TagKey": "Environment", "TagValue": "prod"}])["KeyMetadata"]["Arn"]
        dead = sqs.create_queue(QueueName="orders-dead", Attributes={"MessageRetentionPeriod": "1209600", "SqsManagedSseEnabled": "true"}, tags={"Environment": "prod"})["QueueUrl"]
        self.dead = self.arn("orders-dead")
        self.orders = self.arn("orders")
        self.url = sqs.create_queue(
            QueueName="orders",
            Attributes={
                "VisibilityTimeout": "90",
                "DelaySeconds": "5",
                "ReceiveMessageWaitTimeSeconds": "20",
                "MaximumMessageSize": "65536",
                "MessageRetentionPeriod": "86400",
                "KmsMasterKeyId": self.key,
                "KmsDataKeyReusePeriodSeconds": "600",
                "RedrivePolicy": json.dumps({"deadLetterTargetArn": self.dead, "maxReceiveCount": 4}),
            },
            tags={"Environment": "prod", "team": "orders"},
        )["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [self.orders]})})
        topic = client("sns", REGION).create_topic(Name="orders-paid")["TopicArn"]
        client("sns", REGION).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self.orders, Attributes={"RawMessageDelivery": "true"})
        sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": document({"Sid": "topic", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": self.orders, "Condition": {"ArnEquals": {"aws:SourceArn": topic}}})})
        sqs.create_queue(QueueName="ledger.fifo", Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId", "SqsManagedSseEnabled": "false"})
        self.ledger = self.arn("ledger.fifo")
        self.topic = topic
        for _ in range(3):
            sqs.send_message(QueueUrl=dead, MessageBody="{}")

    def arn(self, name):
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def events(base, queues):
    """A bus of its own with policy and archive; rules by pattern and by schedule; targets of many kinds."""
    bridge = client("events", REGION)
    bus = bridge.create_event_bus(Name="orders", Description="what happens to orders", KmsKeyIdentifier=queues.key, DeadLetterConfig={"Arn": queues.dead}, Tags=tags({"Environment": "prod"}))["EventBusArn"]
    bridge.put_permission(EventBusName="orders", Policy=document({"Sid": "partner", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "events:PutEvents", "Resource": bus}))
    bridge.create_archive(ArchiveName="orders-all", EventSourceArn=bus, Description="for replays", EventPattern=json.dumps({"source": ["shop"]}), RetentionDays=30)
    role = base.role("orders-events", "events.amazonaws.com", {"Effect": "Allow", "Action": "events:PutEvents", "Resource": bus})
    bridge.put_rule(Name="paid", EventBusName="orders", Description="to the ledger", EventPattern=json.dumps({"source": ["shop"], "detail-type": ["paid"], "detail": {"total": [{"numeric": [">", 0]}]}}), Tags=tags({"Environment": "prod"}))
    bridge.put_targets(
        Rule="paid",
        EventBusName="orders",
        Targets=[
            {"Id": "ledger", "Arn": queues.ledger, "SqsParameters": {"MessageGroupId": "orders"}, "DeadLetterConfig": {"Arn": queues.dead}, "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600}},
            {"Id": "function", "Arn": base.function, "InputTransformer": {"InputPathsMap": {"id": "$.detail.id", "total": "$.detail.total"}, "InputTemplate": '{"order":<id>,"sum":<total>}'}},
        ],
    )
    bridge.put_rule(Name="nightly-totals", ScheduleExpression="cron(0 3 * * ? *)", State="DISABLED", Description="sums up the day")
    bridge.put_targets(Rule="nightly-totals", Targets=[{"Id": "1", "Arn": base.function, "Input": json.dumps({"job": "totals", "days": 1})}])
    bridge.put_rule(Name="to-orders-bus", EventPattern=json.dumps({"source": ["aws.s3"]}), RoleArn=role)
    bridge.put_targets(Rule="to-orders-bus", Targets=[{"Id": "bus", "Arn": bus, "RoleArn": role}, {"Id": "path", "Arn": queues.topic, "InputPath": "$.detail"}])
    bridge.put_rule(Name="nobody-listens", ScheduleExpression="rate(5 minutes)")
    base.lambdas.add_permission(FunctionName="orders-api", StatementId="nightly", Action="lambda:InvokeFunction", Principal="events.amazonaws.com", SourceArn=f"arn:aws:events:{REGION}:{ACCOUNT}:rule/nightly-totals")
    connection = bridge.create_connection(Name="crm", Description="customer records", AuthorizationType="API_KEY", AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "not-a-real-key"}})["ConnectionArn"]
    bridge.create_api_destination(Name="crm", Description="customer records", ConnectionArn=connection, InvocationEndpoint="https://crm.example/orders", HttpMethod="POST", InvocationRateLimitPerSecond=20)


def schedules(base, queues):
    scheduler = client("scheduler", REGION)
    role = base.role("orders-scheduler", "scheduler.amazonaws.com", {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queues.orders})
    scheduler.create_schedule_group(Name="orders", Tags=tags({"Environment": "prod"}))
    scheduler.create_schedule(
        Name="remind",
        GroupName="orders",
        Description="reminders",
        ScheduleExpression="cron(0 9 ? * MON-FRI *)",
        ScheduleExpressionTimezone="Europe/Paris",
        StartDate="2030-01-01T08:00:00Z",
        EndDate="2031-01-01T08:00:00Z",
        State="DISABLED",
        KmsKeyArn=queues.key,
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
        Target={"Arn": queues.orders, "RoleArn": role, "Input": json.dumps({"kind": "reminder"}), "DeadLetterConfig": {"Arn": queues.dead}, "RetryPolicy": {"MaximumEventAgeInSeconds": 600, "MaximumRetryAttempts": 5}},
    )
    scheduler.create_schedule(Name="sweep", GroupName="default", ScheduleExpression="rate(1 hours)", FlexibleTimeWindow={"Mode": "OFF"}, Target={"Arn": queues.ledger, "RoleArn": role, "SqsParameters": {"MessageGroupId": "sweep"}, "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}})


def state_machines(base):
    states = client("stepfunctions", REGION)
    role = base.role("orders-checkout", "states.amazonaws.com", {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": base.function})
    definition = {"Comment": "checkout", "StartAt": "Total", "States": {"Total": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": base.function, "Payload.$": "$"}, "Next": "Done"}, "Done": {"Type": "Succeed"}}}
    states.create_state_machine(
        name="checkout",
        definition=json.dumps(definition),
        roleArn=role,
        type="EXPRESS",
        loggingConfiguration={"level": "ERROR", "includeExecutionData": True, "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": base.log_group("/sfn/checkout") + ":*"}}]},
        tracingConfiguration={"enabled": True},
        tags=[{"key": "Environment", "value": "prod"}],
    )
    states.create_activity(name="approve", tags=[{"key": "team", "value": "orders"}])


def delivery(base, queues):
    """Builds inside the network, a pipeline from source to migration, a deployment of a function and one of instances."""
    s3, build, pipelines, deploy = client("s3", REGION), client("codebuild", REGION), client("codepipeline", REGION), client("codedeploy", REGION)
    for bucket in ("orders-artifacts-5c1e", "orders-reports-5c1e"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    builder = base.role("orders-build", "codebuild.amazonaws.com", {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::orders-artifacts-5c1e/*"})
    hub = client("codestar-connections", REGION).create_connection(ConnectionName="orders-hub", ProviderType="GitHub", Tags=tags({"Environment": "prod"}))["ConnectionArn"]
    build.import_source_credentials(token="ghp_not_a_real_token", serverType="GITHUB", authType="PERSONAL_ACCESS_TOKEN")
    base.log_group("/build/orders")
    build.create_project(
        name="orders-migrate",
        description="Runs Liquibase inside the network",
        source={"type": "CODEPIPELINE", "buildspec": "version: 0.2\nphases:\n  build:\n    commands:\n      - liquibase update\n"},
        artifacts={"type": "CODEPIPELINE"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/amazonlinux2-x86_64-standard:5.0",
            "computeType": "BUILD_GENERAL1_MEDIUM",
            "environmentVariables": [
                {"name": "DB_HOST", "value": "db.orders.internal"},
                {"name": "DB_PASSWORD", "value": "Not-a-real-pa55word"},
                {"name": "DB_USER", "value": "/orders/db/user", "type": "PARAMETER_STORE"},
            ],
        },
        serviceRole=builder,
        timeoutInMinutes=20,
        vpcConfig={"vpcId": base.vpc, "subnets": base.subnets, "securityGroupIds": [base.group]},
        logsConfig={"cloudWatchLogs": {"status": "ENABLED", "groupName": "/build/orders", "streamName": "migrate"}},
        tags=[{"key": "Environment", "value": "prod"}],
    )
    build.create_project(
        name="orders-image",
        source={"type": "GITHUB", "location": "https://github.com/example/orders.git", "gitCloneDepth": 1, "buildspec": "ci/build.yml", "reportBuildStatus": True, "gitSubmodulesConfig": {"fetchSubmodules": True}},
        sourceVersion="main",
        secondarySources=[{"type": "GITHUB", "location": "https://github.com/example/shared.git", "sourceIdentifier": "shared", "gitCloneDepth": 1}],
        secondarySourceVersions=[{"sourceIdentifier": "shared", "sourceVersion": "v2"}],
        artifacts={"type": "S3", "location": "orders-artifacts-5c1e", "name": "image.zip", "path": "images", "packaging": "ZIP", "namespaceType": "BUILD_ID", "encryptionDisabled": True, "overrideArtifactName": True},
        cache={"type": "LOCAL", "modes": ["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE"]},
        environment={"type": "ARM_CONTAINER", "image": "aws/codebuild/amazonlinux2-aarch64-standard:3.0", "computeType": "BUILD_GENERAL1_SMALL", "privilegedMode": True, "imagePullCredentialsType": "CODEBUILD"},
        serviceRole=builder,
        queuedTimeoutInMinutes=60,
        encryptionKey=queues.key,
        concurrentBuildLimit=2,
        badgeEnabled=True,
        logsConfig={"cloudWatchLogs": {"status": "DISABLED"}, "s3Logs": {"status": "ENABLED", "location": "orders-reports-5c1e/logs", "encryptionDisabled": True}},
        buildBatchConfig={"serviceRole": builder, "combineArtifacts": True, "timeoutInMins": 30, "restrictions": {"maximumBuildsAllowed": 4, "computeTypesAllowed": ["BUILD_GENERAL1_SMALL"]}},
    )
    build.create_webhook(projectName="orders-image", buildType="BUILD_BATCH", filterGroups=[[{"type": "EVENT", "pattern": "PUSH", "excludeMatchedPattern": False}, {"type": "FILE_PATH", "pattern": "^docs/", "excludeMatchedPattern": True}]])
    build.create_report_group(name="orders-tests", type="TEST", exportConfig={"exportConfigType": "S3", "s3Destination": {"bucket": "orders-reports-5c1e", "path": "tests", "packaging": "ZIP", "encryptionKey": queues.key, "encryptionDisabled": False}}, tags=[{"key": "team", "value": "orders"}])

    runner = base.role("orders-pipeline", "codepipeline.amazonaws.com", {"Effect": "Allow", "Action": "codebuild:StartBuild", "Resource": "*"})
    action = lambda name, category, owner, provider, configuration, **more: {"name": name, "actionTypeId": {"category": category, "owner": owner, "provider": provider, "version": "1"}, "runOrder": 1, "configuration": configuration, **more}
    pipelines.create_pipeline(
        pipeline={
            "name": "orders",
            "roleArn": runner,
            "pipelineType": "V2",
            "executionMode": "QUEUED",
            "artifactStore": {"type": "S3", "location": "orders-artifacts-5c1e", "encryptionKey": {"id": queues.key, "type": "KMS"}},
            "variables": [{"name": "tag", "defaultValue": "latest", "description": "what to build"}],
            "triggers": [{"providerType": "CodeStarSourceConnection", "gitConfiguration": {"sourceActionName": "Source", "push": [{"branches": {"includes": ["main"]}, "filePaths": {"excludes": ["docs/**"]}}]}}],
            "stages": [
                {"name": "Source", "actions": [action("Source", "Source", "AWS", "CodeStarSourceConnection", {"ConnectionArn": hub, "FullRepositoryId": "example/orders", "BranchName": "main"}, outputArtifacts=[{"name": "source"}], namespace="Src")]},
                {"name": "Migrate", "actions": [action("Liquibase", "Build", "AWS", "CodeBuild", {"ProjectName": "orders-migrate", "EnvironmentVariables": json.dumps([{"name": "TAG", "value": "#{variables.tag}", "type": "PLAINTEXT"}])}, inputArtifacts=[{"name": "source"}], timeoutInMinutes=30)], "onFailure": {"result": "ROLLBACK"}},
                {"name": "Release", "actions": [action("Approve", "Approval", "AWS", "Manual", {"NotificationArn": queues.topic, "CustomData": "release?"}), action("Deploy", "Deploy", "AWS", "CodeDeploy", {"ApplicationName": "orders-web", "DeploymentGroupName": "live"}, inputArtifacts=[{"name": "source"}]) | {"runOrder": 2}]},
            ],
        },
        tags=[{"key": "Environment", "value": "prod"}],
    )
    pipelines.create_pipeline(
        pipeline={
            "name": "orders-legacy",
            "roleArn": runner,
            "pipelineType": "V1",
            "executionMode": "SUPERSEDED",
            "artifactStore": {"type": "S3", "location": "orders-artifacts-5c1e"},
            "stages": [
                {"name": "Source", "actions": [action("Hub", "Source", "AWS", "CodeCommit", {"RepositoryName": "orders", "BranchName": "main", "PollForSourceChanges": "false"}, outputArtifacts=[{"name": "source"}])]},
                {"name": "Build", "actions": [action("Image", "Build", "AWS", "CodeBuild", {"ProjectName": "orders-image"}, inputArtifacts=[{"name": "source"}], outputArtifacts=[{"name": "image"}])]},
            ],
        }
    )
    pipelines.put_webhook(webhook={"name": "orders-hub", "targetPipeline": "orders-legacy", "targetAction": "Hub", "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/{Branch}"}], "authentication": "GITHUB_HMAC", "authenticationConfiguration": {"SecretToken": "not-a-real-secret"}})

    deployer = base.role("orders-deploy", "codedeploy.amazonaws.com")
    deploy.create_deployment_config(deploymentConfigName="orders-slow", computePlatform="Lambda", trafficRoutingConfig={"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 20, "linearInterval": 5}})
    deploy.create_application(applicationName="orders-api", computePlatform="Lambda", tags=tags({"Environment": "prod"}))
    deploy.create_application(applicationName="orders-web", computePlatform="Server")
    deploy.create_deployment_group(
        applicationName="orders-web",
        deploymentGroupName="live",
        deploymentConfigName="CodeDeployDefault.HalfAtATime",
        ec2TagFilters=[{"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}],
        serviceRoleArn=deployer,
        triggerConfigurations=[{"triggerName": "failed", "triggerTargetArn": queues.topic, "triggerEvents": ["DeploymentFailure", "DeploymentRollback"]}],
        autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
        deploymentStyle={"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"},
        outdatedInstancesStrategy="UPDATE",
    )


if __name__ == "__main__":
    main()
