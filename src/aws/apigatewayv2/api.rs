//! HTTP and WebSocket APIs with everything inside them.

use serde_json::{Map, Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::{Scan, encode};
use crate::aws::tags;
use crate::aws::value::{block, items, set, text};
use crate::estate::Resource;

/// `aws_apigatewayv2_api` and its stages, routes, integrations, authorizers and models, with the responses of WebSocket APIs.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_apigatewayv2_api",
        "aws_apigatewayv2_authorizer",
        "aws_apigatewayv2_integration",
        "aws_apigatewayv2_integration_response",
        "aws_apigatewayv2_model",
        "aws_apigatewayv2_route",
        "aws_apigatewayv2_route_response",
        "aws_apigatewayv2_stage",
    ],
    calls: &[
        list("apigatewayv2:GetApis").iam(READ),
        list("apigatewayv2:GetStages").iam(READ).absent(GONE).yields(&["aws_apigatewayv2_stage"]),
        list("apigatewayv2:GetRoutes").iam(READ).absent(GONE).yields(&["aws_apigatewayv2_route", "aws_apigatewayv2_route_response"]),
        list("apigatewayv2:GetRouteResponses").iam(READ).absent(GONE).yields(&["aws_apigatewayv2_route_response"]),
        list("apigatewayv2:GetIntegrations")
            .iam(READ)
            .absent(GONE)
            .yields(&["aws_apigatewayv2_integration", "aws_apigatewayv2_integration_response"]),
        list("apigatewayv2:GetIntegrationResponses").iam(READ).absent(GONE).yields(&["aws_apigatewayv2_integration_response"]),
        list("apigatewayv2:GetAuthorizers").iam(READ).absent(GONE).yields(&["aws_apigatewayv2_authorizer"]),
        list("apigatewayv2:GetModels").iam(READ).absent(GONE).yields(&["aws_apigatewayv2_model"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// API Gateway knows one IAM action for all its reads.
const READ: &[&str] = &["apigateway:GET"];

/// An API that was deleted since it was listed has nothing inside.
const GONE: &[&str] = &["NotFoundException"];

async fn collect(scan: &Scan<'_>) {
    let apis = scan.rest_list("apigatewayv2:GetApis", "/v2/apis?maxResults=100", "items", "nextToken", "nextToken").await;
    scan.each(apis, |api| one(scan, api)).await;
}

async fn one(scan: &Scan<'_>, answer: Value) {
    let Some(id) = text(&answer, "apiId") else { return };
    let api = Api { scan, id, name: text(&answer, "name").unwrap_or(id), protocol: text(&answer, "protocolType").unwrap_or("HTTP") };
    let mut r = scan.resource("aws_apigatewayv2_api", id);
    r.arn = Some(arn(scan, &format!("apis/{id}")));
    r.name = Some(api.name.into());
    own_tags(&mut r, &answer);
    let cors = answer.get("corsConfiguration").filter(|c| c.as_object().is_some_and(|c| !c.is_empty()));
    r.set("name", api.name)
        .set("protocol_type", api.protocol)
        .set("api_key_selection_expression", text(&answer, "apiKeySelectionExpression"))
        .set("cors_configuration", block(cors.map(cross_origin)))
        .set("description", text(&answer, "description").unwrap_or(""))
        .set("disable_execute_api_endpoint", answer["disableExecuteApiEndpoint"].as_bool().unwrap_or(false))
        .set("ip_address_type", text(&answer, "ipAddressType").unwrap_or("ipv4"))
        .set("route_selection_expression", text(&answer, "routeSelectionExpression"))
        .set("version", text(&answer, "version").unwrap_or(""));
    r.fact("api_endpoint", text(&answer, "apiEndpoint"))
        .fact("execution_arn", scan.arn("execute-api", id))
        .fact("api_gateway_managed", flag(&answer, "apiGatewayManaged"))
        .fact("created_date", text(&answer, "createdDate"));
    scan.emit(r);

    for stage in api.list("apigatewayv2:GetStages", "stages").await {
        api.stage(&stage);
    }
    for route in api.list("apigatewayv2:GetRoutes", "routes").await {
        api.route(&route).await;
    }
    for integration in api.list("apigatewayv2:GetIntegrations", "integrations").await {
        api.integration(&integration).await;
    }
    for authorizer in api.list("apigatewayv2:GetAuthorizers", "authorizers").await {
        api.authorizer(&authorizer);
    }
    if api.protocol == "WEBSOCKET" {
        for model in api.list("apigatewayv2:GetModels", "models").await {
            api.model(&model);
        }
    }
}

/// An ARN of API Gateway, which stands without an account.
pub(crate) fn arn(scan: &Scan<'_>, rest: &str) -> String {
    format!("arn:{}:apigateway:{}::/{rest}", scan.session.partition, scan.region)
}

/// Tags come with every listing of this API, as a map.
pub(crate) fn own_tags(r: &mut Resource, answer: &Value) {
    let pairs = answer.get("tags").and_then(Value::as_object).into_iter().flatten();
    tags::set(r, pairs.map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())).collect());
}

fn flag(answer: &Value, key: &str) -> bool {
    answer[key].as_bool().unwrap_or(false)
}

/// A map of strings; null when it is not there or empty.
fn map(answer: &Value, key: &str) -> Value {
    answer.get(key).filter(|m| m.as_object().is_some_and(|m| !m.is_empty())).cloned().unwrap_or(Value::Null)
}

fn texts(answer: &Value, key: &str) -> Value {
    set(items(answer, key).iter().filter_map(Value::as_str))
}

fn cross_origin(cors: &Value) -> Value {
    json!({
        "allow_credentials": flag(cors, "allowCredentials"),
        "allow_headers": texts(cors, "allowHeaders"),
        "allow_methods": texts(cors, "allowMethods"),
        "allow_origins": texts(cors, "allowOrigins"),
        "expose_headers": texts(cors, "exposeHeaders"),
        "max_age": cors["maxAge"].as_i64().unwrap_or(0),
    })
}

/// Limits that are not set are null: the account's own hold then.
fn route_settings(settings: &Value) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("data_trace_enabled".into(), json!(flag(settings, "dataTraceEnabled")));
    out.insert("detailed_metrics_enabled".into(), json!(flag(settings, "detailedMetricsEnabled")));
    out.insert("logging_level".into(), json!(text(settings, "loggingLevel")));
    out.insert("throttling_burst_limit".into(), json!(settings["throttlingBurstLimit"].as_i64()));
    out.insert("throttling_rate_limit".into(), json!(settings["throttlingRateLimit"].as_f64()));
    out
}

/// One API, while what is inside it is read.
struct Api<'a> {
    scan: &'a Scan<'a>,
    id: &'a str,
    name: &'a str,
    protocol: &'a str,
}

impl Api<'_> {
    async fn list(&self, call: &'static str, what: &str) -> Vec<Value> {
        let path = format!("/v2/apis/{}/{what}?maxResults=100", encode(self.id));
        self.scan.rest_list(call, &path, "items", "nextToken", "nextToken").await
    }

    /// A part of the API: Terraform imports it by the API's id and its own, and keeps its own as `id`.
    fn part(&self, kind: &str, own: &str) -> Resource {
        let mut r = self.scan.resource(kind, &format!("{}/{own}", self.id));
        r.set("api_id", self.id);
        r.fact("own_id", own);
        r
    }

    fn stage(&self, answer: &Value) {
        let Some(name) = text(answer, "stageName") else { return };
        let mut r = self.part("aws_apigatewayv2_stage", name);
        r.arn = Some(arn(self.scan, &format!("apis/{}/stages/{name}", self.id)));
        r.name = Some(if name == "$default" { self.name.into() } else { format!("{} {name}", self.name) });
        own_tags(&mut r, answer);
        let log = answer.get("accessLogSettings").filter(|l| text(l, "destinationArn").is_some_and(|a| !a.is_empty()));
        let default = answer.get("defaultRouteSettings").filter(|s| s.is_object());
        let mut routes: Vec<Value> = Vec::new();
        for (key, settings) in answer.get("routeSettings").and_then(Value::as_object).into_iter().flatten() {
            let mut one = route_settings(settings);
            one.insert("route_key".into(), json!(key));
            routes.push(Value::Object(one));
        }
        r.set("name", name)
            // The provider keeps ARNs of log groups without the `:*` that some consoles add.
            .set("access_log_settings", block(log.map(|l| json!({ "destination_arn": text(l, "destinationArn").map(|a| a.trim_end_matches(":*")), "format": text(l, "format").unwrap_or("") }))))
            .set("auto_deploy", flag(answer, "autoDeploy"))
            .set("client_certificate_id", text(answer, "clientCertificateId"))
            .set("default_route_settings", block(default.map(|s| Value::Object(route_settings(s)))))
            .set("deployment_id", text(answer, "deploymentId"))
            .set("description", text(answer, "description").unwrap_or(""))
            .set("route_settings", routes)
            .set("stage_variables", map(answer, "stageVariables"));
        let host = format!("{}.execute-api.{}.amazonaws.com", self.id, self.scan.region);
        let url = match (self.protocol, name) {
            ("WEBSOCKET", _) => format!("wss://{host}/{name}"),
            (_, "$default") => format!("https://{host}/"),
            _ => format!("https://{host}/{name}"),
        };
        r.fact("invoke_url", url)
            .fact("execution_arn", self.scan.arn("execute-api", &format!("{}/{name}", self.id)))
            .fact("protocol_type", self.protocol)
            .fact("rate_limit", default.and_then(|s| s["throttlingRateLimit"].as_f64()).filter(|l| *l > 0.0))
            .fact("api_gateway_managed", flag(answer, "apiGatewayManaged"))
            .fact("last_updated_date", text(answer, "lastUpdatedDate"))
            .fact("last_deployment_status_message", text(answer, "lastDeploymentStatusMessage"));
        self.scan.emit(r);
    }

    async fn route(&self, answer: &Value) {
        let (Some(id), Some(key)) = (text(answer, "routeId"), text(answer, "routeKey")) else { return };
        let mut r = self.part("aws_apigatewayv2_route", id);
        r.name = Some(format!("{} {key}", self.name));
        let parameters = answer.get("requestParameters").and_then(Value::as_object).into_iter().flatten();
        let parameters: Vec<Value> =
            parameters.map(|(k, v)| json!({ "request_parameter_key": k, "required": flag(v, "required") })).collect();
        r.set("route_key", key)
            .set("api_key_required", flag(answer, "apiKeyRequired"))
            .set("authorization_scopes", texts(answer, "authorizationScopes"))
            .set("authorization_type", text(answer, "authorizationType").unwrap_or("NONE"))
            .set("authorizer_id", text(answer, "authorizerId"))
            .set("model_selection_expression", text(answer, "modelSelectionExpression"))
            .set("operation_name", text(answer, "operationName"))
            .set("request_models", map(answer, "requestModels"))
            .set("request_parameter", parameters)
            .set("route_response_selection_expression", text(answer, "routeResponseSelectionExpression"))
            .set("target", text(answer, "target"));
        r.fact("protocol_type", self.protocol).fact("api_gateway_managed", flag(answer, "apiGatewayManaged"));
        self.scan.emit(r);
        // Without the expression a route answers nothing, so there are no responses to ask for.
        if self.protocol != "WEBSOCKET" || text(answer, "routeResponseSelectionExpression").is_none() {
            return;
        }
        for response in self.list("apigatewayv2:GetRouteResponses", &format!("routes/{}/routeresponses", encode(id))).await {
            let Some(own) = text(&response, "routeResponseId") else { continue };
            let mut r = self.part("aws_apigatewayv2_route_response", &format!("{id}/{own}"));
            r.name = Some(format!("{} {key}", self.name));
            r.set("route_id", id)
                .set("route_response_key", text(&response, "routeResponseKey"))
                .set("model_selection_expression", text(&response, "modelSelectionExpression"))
                .set("response_models", map(&response, "responseModels"));
            r.fact("own_id", own);
            self.scan.emit(r);
        }
    }

    async fn integration(&self, answer: &Value) {
        let (Some(id), Some(kind)) = (text(answer, "integrationId"), text(answer, "integrationType")) else { return };
        let mut r = self.part("aws_apigatewayv2_integration", id);
        r.name = Some(self.name.into());
        let responses = answer.get("responseParameters").and_then(Value::as_object).into_iter().flatten();
        let responses: Vec<Value> = responses.map(|(code, mappings)| json!({ "status_code": code, "mappings": mappings })).collect();
        let server = answer.pointer("/tlsConfig/serverNameToVerify").and_then(Value::as_str);
        r.set("integration_type", kind)
            .set("connection_id", text(answer, "connectionId"))
            .set("connection_type", text(answer, "connectionType").unwrap_or("INTERNET"))
            .set("content_handling_strategy", text(answer, "contentHandlingStrategy"))
            .set("credentials_arn", text(answer, "credentialsArn"))
            .set("description", text(answer, "description").unwrap_or(""))
            .set("integration_method", text(answer, "integrationMethod"))
            .set("integration_subtype", text(answer, "integrationSubtype"))
            .set("integration_uri", text(answer, "integrationUri"))
            .set("passthrough_behavior", text(answer, "passthroughBehavior"))
            .set("payload_format_version", text(answer, "payloadFormatVersion"))
            .set("request_parameters", map(answer, "requestParameters"))
            .set("request_templates", map(answer, "requestTemplates"))
            .set("response_parameters", responses)
            .set("template_selection_expression", text(answer, "templateSelectionExpression"))
            .set("timeout_milliseconds", answer["timeoutInMillis"].as_i64())
            .set("tls_config", block(server.map(|s| json!({ "server_name_to_verify": s }))));
        r.fact("protocol_type", self.protocol).fact("api_gateway_managed", flag(answer, "apiGatewayManaged"));
        self.scan.emit(r);
        // A proxy passes the backend's answer on; only the others map it.
        if self.protocol != "WEBSOCKET" || kind.ends_with("_PROXY") {
            return;
        }
        let path = format!("integrations/{}/integrationresponses", encode(id));
        for response in self.list("apigatewayv2:GetIntegrationResponses", &path).await {
            let Some(own) = text(&response, "integrationResponseId") else { continue };
            let mut r = self.part("aws_apigatewayv2_integration_response", &format!("{id}/{own}"));
            r.name = Some(self.name.into());
            r.set("integration_id", id)
                .set("integration_response_key", text(&response, "integrationResponseKey"))
                .set("content_handling_strategy", text(&response, "contentHandlingStrategy"))
                .set("response_templates", map(&response, "responseTemplates"))
                .set("template_selection_expression", text(&response, "templateSelectionExpression"));
            r.fact("own_id", own);
            self.scan.emit(r);
        }
    }

    fn authorizer(&self, answer: &Value) {
        let Some(id) = text(answer, "authorizerId") else { return };
        let mut r = self.part("aws_apigatewayv2_authorizer", id);
        let name = text(answer, "name").unwrap_or(id);
        r.name = Some(name.into());
        let token = answer.get("jwtConfiguration").filter(|j| j.as_object().is_some_and(|j| !j.is_empty()));
        r.set("name", name)
            .set("authorizer_type", text(answer, "authorizerType"))
            .set("authorizer_credentials_arn", text(answer, "authorizerCredentialsArn"))
            .set("authorizer_payload_format_version", text(answer, "authorizerPayloadFormatVersion"))
            .set("authorizer_result_ttl_in_seconds", answer["authorizerResultTtlInSeconds"].as_i64())
            .set("authorizer_uri", text(answer, "authorizerUri"))
            .set("enable_simple_responses", flag(answer, "enableSimpleResponses"))
            .set("identity_sources", texts(answer, "identitySource"))
            .set("jwt_configuration", block(token.map(|j| json!({ "audience": texts(j, "audience"), "issuer": text(j, "issuer") }))));
        self.scan.emit(r);
    }

    fn model(&self, answer: &Value) {
        let Some(id) = text(answer, "modelId") else { return };
        let mut r = self.part("aws_apigatewayv2_model", id);
        r.name = text(answer, "name").map(str::to_owned);
        r.set("name", text(answer, "name"))
            .set("content_type", text(answer, "contentType"))
            .set("description", text(answer, "description").unwrap_or(""))
            .set("schema", text(answer, "schema"));
        self.scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    const HTTP: &str = r#"{"items":[{"apiEndpoint":"https://a1b2c3d4e5.execute-api.eu-west-3.amazonaws.com","apiId":"a1b2c3d4e5","apiKeySelectionExpression":"$request.header.x-api-key","corsConfiguration":{"allowCredentials":false,"allowMethods":["POST","GET"],"allowOrigins":["https://shop.example.org"],"maxAge":300},"createdDate":"2025-02-03T10:00:00Z","disableExecuteApiEndpoint":true,"ipAddressType":"dualstack","name":"shop","protocolType":"HTTP","routeSelectionExpression":"$request.method $request.path","tags":{"Environment":"prod","aws:cloudformation:stack-name":"s"}}],"nextToken":null}"#;

    #[test]
    fn an_http_api_with_a_private_backend() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("apigatewayv2:GetApis", 200, HTTP),
                (
                    "apigatewayv2:GetStages",
                    200,
                    r#"{"items":[{"accessLogSettings":{"destinationArn":"arn:aws:logs:eu-west-3:123456789012:log-group:/api/shop:*","format":"$context.requestId"},"apiGatewayManaged":false,"autoDeploy":true,"createdDate":"2025-02-03T10:00:00Z","defaultRouteSettings":{"detailedMetricsEnabled":true,"throttlingBurstLimit":50,"throttlingRateLimit":20.0},"deploymentId":"dep1","lastUpdatedDate":"2025-03-01T10:00:00Z","routeSettings":{"GET /orders":{"detailedMetricsEnabled":true,"throttlingRateLimit":2.5}},"stageName":"$default","stageVariables":{"color":"blue"},"tags":{}}]}"#,
                ),
                (
                    "apigatewayv2:GetRoutes",
                    200,
                    r#"{"items":[{"apiKeyRequired":false,"authorizationScopes":["b","a"],"authorizationType":"JWT","authorizerId":"auth1","routeId":"rou1","routeKey":"GET /orders","target":"integrations/int1"},{"apiGatewayManaged":true,"apiKeyRequired":false,"authorizationType":"NONE","routeId":"rou2","routeKey":"$default","target":"integrations/int1","requestParameters":{"route.request.querystring.q":{"required":true}}}]}"#,
                ),
                (
                    "apigatewayv2:GetIntegrations",
                    200,
                    r#"{"items":[{"connectionId":"vpcl1","connectionType":"VPC_LINK","integrationId":"int1","integrationMethod":"ANY","integrationType":"HTTP_PROXY","integrationUri":"arn:aws:servicediscovery:eu-west-3:123456789012:service/srv-1","payloadFormatVersion":"1.0","requestParameters":{"overwrite:path":"$request.path"},"responseParameters":{"500":{"append:header.x":"y"}},"timeoutInMillis":30000,"tlsConfig":{"serverNameToVerify":"api.shop.internal"}}]}"#,
                ),
                (
                    "apigatewayv2:GetAuthorizers",
                    200,
                    r#"{"items":[{"authorizerId":"auth1","authorizerType":"JWT","identitySource":["$request.header.Authorization"],"jwtConfiguration":{"audience":["web"],"issuer":"https://cognito-idp.eu-west-3.amazonaws.com/eu-west-3_x"},"name":"users"}]}"#,
                ),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome.is_complete()), "{ledger:?}");
        assert!(!ledger.iter().any(|e| e.call.ends_with("GetModels")), "an HTTP API has no models to ask for");
        let get = |id: &str| all.iter().find(|r| r.id == id).unwrap_or_else(|| panic!("no {id}"));
        let api = get("a1b2c3d4e5");
        assert_eq!(api.arn.as_deref(), Some("arn:aws:apigateway:eu-west-3::/apis/a1b2c3d4e5"));
        assert_eq!(api.facts["execution_arn"], "arn:aws:execute-api:eu-west-3:123456789012:a1b2c3d4e5");
        assert_eq!(api.config["cors_configuration"][0]["allow_methods"], json!(["GET", "POST"]));
        assert_eq!((api.tags["Environment"].as_str(), api.tags.len()), ("prod", 1));
        let stage = get("a1b2c3d4e5/$default");
        assert_eq!(
            stage.str("config.access_log_settings.0.destination_arn"),
            Some("arn:aws:logs:eu-west-3:123456789012:log-group:/api/shop")
        );
        assert_eq!(stage.config["default_route_settings"][0]["throttling_rate_limit"], 20.0);
        assert_eq!(stage.config["route_settings"][0]["throttling_burst_limit"], Value::Null);
        let route = get("a1b2c3d4e5/rou1");
        assert_eq!((route.str("config.authorization_type"), route.str("facts.own_id")), (Some("JWT"), Some("rou1")));
        assert_eq!(route.config["authorization_scopes"], json!(["a", "b"]));
        assert_eq!(get("a1b2c3d4e5/rou2").facts["api_gateway_managed"], true);
        assert_eq!(get("a1b2c3d4e5/int1").str("config.tls_config.0.server_name_to_verify"), Some("api.shop.internal"));
        assert_complete(&all);
    }

    #[test]
    fn a_websocket_api_has_responses_and_models() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                (
                    "apigatewayv2:GetApis",
                    200,
                    r#"{"items":[{"apiEndpoint":"wss://w1.execute-api.eu-west-3.amazonaws.com","apiId":"w1","name":"chat","protocolType":"WEBSOCKET","routeSelectionExpression":"$request.body.action","tags":{}}]}"#,
                ),
                (
                    "apigatewayv2:GetStages",
                    200,
                    r#"{"items":[{"stageName":"live","defaultRouteSettings":{"dataTraceEnabled":false,"detailedMetricsEnabled":false,"loggingLevel":"OFF"},"routeSettings":{},"stageVariables":{}}]}"#,
                ),
                (
                    "apigatewayv2:GetRoutes",
                    200,
                    r#"{"items":[{"routeId":"r1","routeKey":"$connect","authorizationType":"AWS_IAM","target":"integrations/i1"},{"routeId":"r2","routeKey":"send","routeResponseSelectionExpression":"$default","target":"integrations/i1"}]}"#,
                ),
                (
                    "apigatewayv2:GetRouteResponses",
                    200,
                    r#"{"items":[{"routeResponseId":"rr1","routeResponseKey":"$default","responseModels":{"application/json":"Reply"}}]}"#,
                ),
                (
                    "apigatewayv2:GetIntegrations",
                    200,
                    r#"{"items":[{"integrationId":"i1","integrationType":"MOCK","passthroughBehavior":"WHEN_NO_MATCH","requestTemplates":{"200":"{}"},"templateSelectionExpression":"200","timeoutInMillis":29000}]}"#,
                ),
                (
                    "apigatewayv2:GetIntegrationResponses",
                    200,
                    r#"{"items":[{"integrationResponseId":"ir1","integrationResponseKey":"/200/","responseTemplates":{"200":"{}"}}]}"#,
                ),
                ("apigatewayv2:GetAuthorizers", 200, r#"{"items":[]}"#),
                (
                    "apigatewayv2:GetModels",
                    200,
                    r#"{"items":[{"modelId":"m1","name":"Reply","contentType":"application/json","schema":"{}"}]}"#,
                ),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome.is_complete()), "{ledger:?}");
        let responses = ledger.iter().find(|e| e.call == "apigatewayv2:GetRouteResponses").unwrap();
        assert_eq!(responses.requests, 1, "only routes that answer are asked");
        let reply = all.iter().find(|r| r.kind == "aws_apigatewayv2_route_response").unwrap();
        assert_eq!((reply.id.as_str(), reply.str("facts.own_id"), reply.str("config.route_id")), ("w1/r2/rr1", Some("rr1"), Some("r2")));
        assert!(all.iter().any(|r| r.id == "w1/i1/ir1") && all.iter().any(|r| r.id == "w1/m1"));
        let stage = all.iter().find(|r| r.kind == "aws_apigatewayv2_stage").unwrap();
        assert_eq!(stage.str("facts.invoke_url"), Some("wss://w1.execute-api.eu-west-3.amazonaws.com/live"));
    }

    #[test]
    fn a_refused_listing_inside_leaves_the_api_and_a_gap() {
        let refused = r#"{"message":"not authorized"}"#;
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("apigatewayv2:GetApis", 200, HTTP),
                ("apigatewayv2:GetStages", 200, r#"{"items":[]}"#),
                ("apigatewayv2:GetRoutes", 403, refused),
                ("apigatewayv2:GetIntegrations", 200, r#"{"items":[]}"#),
                ("apigatewayv2:GetAuthorizers", 404, r#"{"__type":"NotFoundException","message":"Invalid API identifier"}"#),
            ],
        );
        assert_eq!(all.len(), 1);
        let of = |call: &str| ledger.iter().find(|e| e.call == call).unwrap();
        assert_eq!(of("apigatewayv2:GetRoutes").outcome, Outcome::Denied);
        assert!(of("apigatewayv2:GetRoutes").types.contains(&"aws_apigatewayv2_route".to_owned()));
        assert!(of("apigatewayv2:GetAuthorizers").outcome.is_complete());
    }
}
