//! REST APIs with everything inside them: resources, methods, integrations, responses, stages, authorizers, models.

use serde_json::{Map, Value, json};

use crate::aws::apigatewayv2::api::{arn, own_tags};
use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan, encode};
use crate::aws::value::{block, items, json_time, set, text};
use crate::estate::Resource;

/// `aws_api_gateway_rest_api` and what is inside it.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_api_gateway_rest_api",
        "aws_api_gateway_rest_api_policy",
        "aws_api_gateway_resource",
        "aws_api_gateway_method",
        "aws_api_gateway_method_response",
        "aws_api_gateway_integration",
        "aws_api_gateway_integration_response",
        "aws_api_gateway_deployment",
        "aws_api_gateway_stage",
        "aws_api_gateway_method_settings",
        "aws_api_gateway_authorizer",
        "aws_api_gateway_model",
        "aws_api_gateway_request_validator",
        "aws_api_gateway_gateway_response",
        "aws_api_gateway_account",
    ],
    calls: &[
        list("apigateway:GetRestApis").iam(READ),
        list("apigateway:GetResources").iam(READ).absent(GONE).yields(&[
            "aws_api_gateway_resource",
            "aws_api_gateway_method",
            "aws_api_gateway_method_response",
            "aws_api_gateway_integration",
            "aws_api_gateway_integration_response",
        ]),
        list("apigateway:GetStages").iam(READ).absent(GONE).yields(&[
            "aws_api_gateway_stage",
            "aws_api_gateway_method_settings",
            "aws_api_gateway_deployment",
        ]),
        list("apigateway:GetDeployments").iam(READ).absent(GONE).yields(&["aws_api_gateway_deployment"]),
        list("apigateway:GetAuthorizers").iam(READ).absent(GONE).yields(&["aws_api_gateway_authorizer"]),
        list("apigateway:GetModels").iam(READ).absent(GONE).yields(&["aws_api_gateway_model"]),
        list("apigateway:GetRequestValidators").iam(READ).absent(GONE).yields(&["aws_api_gateway_request_validator"]),
        list("apigateway:GetGatewayResponses").iam(READ).absent(GONE).yields(&["aws_api_gateway_gateway_response"]),
        detail("apigateway:GetAccount").iam(READ),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// API Gateway knows one IAM action for all its reads.
pub(super) const READ: &[&str] = &["apigateway:GET"];

/// What was deleted since it was listed has nothing inside.
pub(super) const GONE: &[&str] = &["NotFoundException"];

async fn collect(scan: &Scan<'_>) {
    let apis = listing(scan, "apigateway:GetRestApis", "/restapis?limit=500").await;
    scan.each(apis, |api| one(scan, api)).await;

    let mut r = scan.resource("aws_api_gateway_account", "api-gateway-account");
    r.name = Some("api-gateway".into());
    if let Detail::Got(answer) = scan.rest_detail(&mut r, "apigateway:GetAccount", &[], "/account").await
        && let Some(role) = text(&answer, "cloudwatchRoleArn").filter(|r| !r.is_empty())
    {
        r.set("cloudwatch_role_arn", role);
        r.fact("rate_limit", answer.pointer("/throttleSettings/rateLimit").and_then(Value::as_f64));
        scan.emit(r);
    }
}

/// All pages of a listing of the first version of this API.
pub(super) async fn listing(scan: &Scan<'_>, call: &'static str, path: &str) -> Vec<Value> {
    scan.rest_list(call, path, "item", "position", "position").await
}

fn flag(answer: &Value, key: &str) -> bool {
    answer[key].as_bool().unwrap_or(false)
}

fn texts(answer: &Value, key: &str) -> Value {
    set(items(answer, key).iter().filter_map(Value::as_str))
}

/// A map; null when it is not there or empty.
fn map(answer: &Value, key: &str) -> Value {
    answer.get(key).filter(|m| m.as_object().is_some_and(|m| !m.is_empty())).cloned().unwrap_or(Value::Null)
}

fn entries<'a>(answer: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    answer.get(key).and_then(Value::as_object).into_iter().flatten()
}

/// AWS answers the policy with its quotation marks escaped once more.
fn policy(answer: &Value) -> Option<String> {
    let text = text(answer, "policy").filter(|p| !p.is_empty())?;
    let plain = serde_json::from_str::<Value>(text).is_ok_and(|v| v.is_object());
    Some(if plain { text.to_owned() } else { serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| text.to_owned()) })
}

async fn one(scan: &Scan<'_>, answer: Value) {
    let Some(id) = text(&answer, "id") else { return };
    let api = Api { scan, id, name: text(&answer, "name").unwrap_or(id) };
    let policy = policy(&answer);
    let mut r = scan.resource("aws_api_gateway_rest_api", id);
    r.arn = Some(arn(scan, &format!("restapis/{id}")));
    r.name = Some(api.name.into());
    own_tags(&mut r, &answer);
    let endpoint = answer.get("endpointConfiguration").filter(|e| e.is_object()).map(|e| {
        json!({
            "ip_address_type": text(e, "ipAddressType"),
            "types": items(e, "types"),
            "vpc_endpoint_ids": texts(e, "vpcEndpointIds"),
        })
    });
    r.set("name", api.name)
        .set("api_key_source", text(&answer, "apiKeySource").unwrap_or("HEADER"))
        .set("binary_media_types", items(&answer, "binaryMediaTypes").to_vec())
        .set("description", text(&answer, "description").unwrap_or(""))
        .set("disable_execute_api_endpoint", flag(&answer, "disableExecuteApiEndpoint"))
        .set("endpoint_configuration", block(endpoint))
        .set("minimum_compression_size", answer["minimumCompressionSize"].as_i64().map(|n| n.to_string()));
    r.fact("created_date", json_time(&answer["createdDate"]))
        .fact("execution_arn", scan.arn("execute-api", id))
        .fact("policy", policy.clone())
        .fact("root_resource_id", text(&answer, "rootResourceId"));
    if let Some(policy) = policy {
        let mut p = scan.resource("aws_api_gateway_rest_api_policy", id);
        p.name = Some(api.name.into());
        p.set("rest_api_id", id).set("policy", policy);
        scan.emit(p);
    }

    for resource in api.list("apigateway:GetResources", "resources?embed=methods&limit=500").await {
        // Older endpoints do not say which one is the root.
        if text(&resource, "path") == Some("/") && text(&answer, "rootResourceId").is_none() {
            r.fact("root_resource_id", text(&resource, "id"));
        }
        api.resource(&resource);
    }
    scan.emit(r);
    let stages = api.list("apigateway:GetStages", "stages").await;
    let in_use: Vec<&str> = stages
        .iter()
        .flat_map(|s| [text(s, "deploymentId"), s.pointer("/canarySettings/deploymentId").and_then(Value::as_str)])
        .flatten()
        .collect();
    if !in_use.is_empty() {
        for deployment in api.list("apigateway:GetDeployments", "deployments?limit=500").await {
            // Old deployments stay for ever; only those that a stage serves are worth code.
            if let Some(own) = text(&deployment, "id").filter(|own| in_use.contains(own)) {
                let mut r = api.part("aws_api_gateway_deployment", own);
                r.name = Some(api.name.into());
                r.set("description", text(&deployment, "description").unwrap_or(""));
                r.fact("created_date", json_time(&deployment["createdDate"]));
                scan.emit(r);
            }
        }
    }
    for stage in &stages {
        api.stage(stage);
    }
    api.rest().await;
}

/// One API, while what is inside it is read.
struct Api<'a> {
    scan: &'a Scan<'a>,
    id: &'a str,
    name: &'a str,
}

impl Api<'_> {
    async fn list(&self, call: &'static str, what: &str) -> Vec<Value> {
        listing(self.scan, call, &format!("/restapis/{}/{what}", encode(self.id))).await
    }

    /// A part of the API: Terraform imports it by the API's id and its own, and keeps its own as `id`.
    fn part(&self, kind: &str, own: &str) -> Resource {
        let mut r = self.scan.resource(kind, &format!("{}/{own}", self.id));
        r.set("rest_api_id", self.id);
        r.fact("own_id", own);
        r
    }

    fn resource(&self, answer: &Value) {
        let Some(id) = text(answer, "id") else { return };
        let path = text(answer, "path").unwrap_or("/");
        // The root comes with the API.
        if let Some(parent) = text(answer, "parentId") {
            let mut r = self.part("aws_api_gateway_resource", id);
            r.name = Some(format!("{} {path}", self.name));
            r.set("parent_id", parent).set("path_part", text(answer, "pathPart"));
            r.fact("path", path);
            self.scan.emit(r);
        }
        for (verb, method) in entries(answer, "resourceMethods") {
            self.method(id, path, verb, method);
        }
    }

    fn method(&self, resource: &str, path: &str, verb: &str, m: &Value) {
        let name = format!("{} {verb} {path}", self.name);
        let part = |kind: &str, own: &str| {
            let mut r = self.scan.resource(kind, &format!("{}/{resource}/{own}", self.id));
            r.name = Some(name.clone());
            r.set("rest_api_id", self.id).set("resource_id", resource).set("http_method", verb);
            r.fact("path", path);
            r
        };
        let mut r = part("aws_api_gateway_method", verb);
        r.set("api_key_required", flag(m, "apiKeyRequired"))
            .set("authorization", text(m, "authorizationType").unwrap_or("NONE"))
            .set("authorization_scopes", texts(m, "authorizationScopes"))
            .set("authorizer_id", text(m, "authorizerId"))
            .set("operation_name", text(m, "operationName"))
            .set("request_models", map(m, "requestModels"))
            .set("request_parameters", map(m, "requestParameters"))
            .set("request_validator_id", text(m, "requestValidatorId"));
        self.scan.emit(r);
        for (status, response) in entries(m, "methodResponses") {
            let mut r = part("aws_api_gateway_method_response", &format!("{verb}/{status}"));
            r.set("status_code", status.as_str())
                .set("response_models", map(response, "responseModels"))
                .set("response_parameters", map(response, "responseParameters"));
            self.scan.emit(r);
        }
        let Some(i) = m.get("methodIntegration").filter(|i| i.is_object()) else { return };
        let mut r = part("aws_api_gateway_integration", verb);
        let insecure = i.pointer("/tlsConfig/insecureSkipVerification").and_then(Value::as_bool);
        r.set("type", text(i, "type"))
            .set("cache_key_parameters", texts(i, "cacheKeyParameters"))
            .set("cache_namespace", text(i, "cacheNamespace"))
            .set("connection_id", text(i, "connectionId"))
            .set("connection_type", text(i, "connectionType").unwrap_or("INTERNET"))
            .set("content_handling", text(i, "contentHandling"))
            .set("credentials", text(i, "credentials"))
            .set("integration_http_method", text(i, "httpMethod"))
            .set("passthrough_behavior", text(i, "passthroughBehavior"))
            .set("request_parameters", map(i, "requestParameters"))
            .set("request_templates", map(i, "requestTemplates"))
            .set("timeout_milliseconds", i["timeoutInMillis"].as_i64())
            .set("tls_config", block(insecure.map(|s| json!({ "insecure_skip_verification": s }))))
            .set("uri", text(i, "uri"));
        self.scan.emit(r);
        for (status, response) in entries(i, "integrationResponses") {
            let mut r = part("aws_api_gateway_integration_response", &format!("{verb}/{status}"));
            r.set("status_code", status.as_str())
                .set("content_handling", text(response, "contentHandling"))
                .set("response_parameters", map(response, "responseParameters"))
                .set("response_templates", map(response, "responseTemplates"))
                .set("selection_pattern", text(response, "selectionPattern"));
            self.scan.emit(r);
        }
    }

    fn stage(&self, answer: &Value) {
        let Some(name) = text(answer, "stageName") else { return };
        let mut r = self.scan.resource("aws_api_gateway_stage", &format!("{}/{name}", self.id));
        r.arn = Some(arn(self.scan, &format!("restapis/{}/stages/{name}", self.id)));
        r.name = Some(format!("{} {name}", self.name));
        own_tags(&mut r, answer);
        let log = answer.get("accessLogSettings").filter(|l| text(l, "destinationArn").is_some_and(|a| !a.is_empty()));
        let canary = answer.get("canarySettings").filter(|c| c.is_object()).map(|c| {
            json!({
                "deployment_id": text(c, "deploymentId"),
                "percent_traffic": c["percentTraffic"].as_f64(),
                "stage_variable_overrides": map(c, "stageVariableOverrides"),
                "use_stage_cache": flag(c, "useStageCache"),
            })
        });
        let log = log.map(|l| json!({ "destination_arn": text(l, "destinationArn").map(|a| a.trim_end_matches(":*")), "format": text(l, "format").unwrap_or("") }));
        r.set("rest_api_id", self.id)
            .set("stage_name", name)
            .set("access_log_settings", block(log))
            .set("cache_cluster_enabled", flag(answer, "cacheClusterEnabled"))
            .set("cache_cluster_size", text(answer, "cacheClusterSize"))
            .set("canary_settings", block(canary))
            .set("client_certificate_id", text(answer, "clientCertificateId"))
            .set("deployment_id", text(answer, "deploymentId"))
            .set("description", text(answer, "description").unwrap_or(""))
            .set("documentation_version", text(answer, "documentationVersion"))
            .set("variables", map(answer, "variables"))
            .set("xray_tracing_enabled", flag(answer, "tracingEnabled"));
        let all = answer.get("methodSettings").and_then(|m| m.get("*/*"));
        let limit = all.and_then(|s| s["throttlingRateLimit"].as_f64()).filter(|l| (0.0..ACCOUNT_RATE).contains(l));
        r.fact("invoke_url", format!("https://{}.execute-api.{}.amazonaws.com/{name}", self.id, self.scan.region))
            .fact("execution_arn", self.scan.arn("execute-api", &format!("{}/{name}", self.id)))
            .fact("rate_limit", limit)
            .fact("web_acl_arn", text(answer, "webAclArn"))
            .fact("last_updated_date", json_time(&answer["lastUpdatedDate"]));
        self.scan.emit(r);
        for (path, settings) in entries(answer, "methodSettings") {
            let mut r = self.scan.resource("aws_api_gateway_method_settings", &format!("{}/{name}/{path}", self.id));
            r.name = Some(format!("{} {name} {path}", self.name));
            r.set("rest_api_id", self.id)
                .set("stage_name", name)
                .set("method_path", path.as_str())
                .set("settings", json!([method_settings(settings)]));
            self.scan.emit(r);
        }
    }

    async fn rest(&self) {
        for a in self.list("apigateway:GetAuthorizers", "authorizers?limit=500").await {
            let (Some(id), Some(name)) = (text(&a, "id"), text(&a, "name")) else { continue };
            let mut r = self.part("aws_api_gateway_authorizer", id);
            r.name = Some(name.into());
            r.set("name", name)
                .set("authorizer_credentials", text(&a, "authorizerCredentials"))
                .set("authorizer_result_ttl_in_seconds", a["authorizerResultTtlInSeconds"].as_i64())
                .set("authorizer_uri", text(&a, "authorizerUri"))
                .set("identity_source", text(&a, "identitySource").unwrap_or(""))
                .set("identity_validation_expression", text(&a, "identityValidationExpression"))
                .set("provider_arns", texts(&a, "providerARNs"))
                .set("type", text(&a, "type"));
            self.scan.emit(r);
        }
        for m in self.list("apigateway:GetModels", "models?limit=500").await {
            let (Some(id), Some(name)) = (text(&m, "id"), text(&m, "name")) else { continue };
            let mut r = self.part("aws_api_gateway_model", name);
            r.name = Some(name.into());
            r.set("name", name)
                .set("content_type", text(&m, "contentType"))
                .set("description", text(&m, "description").unwrap_or(""))
                .set("schema", text(&m, "schema"));
            r.fact("own_id", id);
            self.scan.emit(r);
        }
        for v in self.list("apigateway:GetRequestValidators", "requestvalidators?limit=500").await {
            let (Some(id), Some(name)) = (text(&v, "id"), text(&v, "name")) else { continue };
            let mut r = self.part("aws_api_gateway_request_validator", id);
            r.name = Some(name.into());
            r.set("name", name)
                .set("validate_request_body", flag(&v, "validateRequestBody"))
                .set("validate_request_parameters", flag(&v, "validateRequestParameters"));
            self.scan.emit(r);
        }
        for g in self.list("apigateway:GetGatewayResponses", "gatewayresponses?limit=500").await {
            // AWS lists its own answers too, marked as default.
            let Some(kind) = text(&g, "responseType").filter(|_| !flag(&g, "defaultResponse")) else { continue };
            let mut r = self.scan.resource("aws_api_gateway_gateway_response", &format!("{}/{kind}", self.id));
            r.name = Some(format!("{} {kind}", self.name));
            r.set("rest_api_id", self.id)
                .set("response_type", kind)
                .set("response_parameters", map(&g, "responseParameters"))
                .set("response_templates", map(&g, "responseTemplates"))
                .set("status_code", text(&g, "statusCode"));
            self.scan.emit(r);
        }
    }
}

/// Requests per second that an account has by default in a region; AWS answers it for stages without a limit of their own (API
/// Gateway developer guide, "Throttle requests to your REST APIs").
const ACCOUNT_RATE: f64 = 10_000.0;

fn method_settings(s: &Value) -> Map<String, Value> {
    let mut out = Map::new();
    for (api, argument) in [
        ("cacheDataEncrypted", "cache_data_encrypted"),
        ("cacheTtlInSeconds", "cache_ttl_in_seconds"),
        ("cachingEnabled", "caching_enabled"),
        ("dataTraceEnabled", "data_trace_enabled"),
        ("loggingLevel", "logging_level"),
        ("metricsEnabled", "metrics_enabled"),
        ("requireAuthorizationForCacheControl", "require_authorization_for_cache_control"),
        ("throttlingBurstLimit", "throttling_burst_limit"),
        ("throttlingRateLimit", "throttling_rate_limit"),
        ("unauthorizedCacheControlHeaderStrategy", "unauthorized_cache_control_header_strategy"),
    ] {
        out.insert(argument.into(), s.get(api).cloned().unwrap_or(Value::Null));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    const APIS: &str = r#"{"item":[{"id":"r1","name":"orders","description":"d","createdDate":1700000000,"apiKeySource":"HEADER","endpointConfiguration":{"types":["REGIONAL"],"ipAddressType":"ipv4"},"policy":"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[]}","tags":{"team":"api"},"disableExecuteApiEndpoint":false,"rootResourceId":"root","minimumCompressionSize":1024,"binaryMediaTypes":["image/png"]}]}"#;

    fn answers<'a>() -> Vec<(&'a str, u16, &'a str)> {
        vec![
            ("apigateway:GetRestApis", 200, APIS),
            (
                "apigateway:GetResources",
                200,
                r#"{"item":[{"id":"root","path":"/","resourceMethods":{"OPTIONS":{"httpMethod":"OPTIONS","authorizationType":"NONE","apiKeyRequired":false}}},{"id":"res1","parentId":"root","pathPart":"orders","path":"/orders","resourceMethods":{"GET":{"httpMethod":"GET","authorizationType":"CUSTOM","authorizerId":"au1","apiKeyRequired":true,"requestValidatorId":"v1","requestParameters":{"method.request.querystring.q":true},"requestModels":{"application/json":"Order"},"methodResponses":{"200":{"statusCode":"200","responseModels":{"application/json":"Order"},"responseParameters":{"method.response.header.x":false}}},"methodIntegration":{"type":"AWS_PROXY","httpMethod":"POST","uri":"arn:aws:apigateway:eu-west-3:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-3:123456789012:function:orders/invocations","passthroughBehavior":"WHEN_NO_MATCH","timeoutInMillis":29000,"cacheNamespace":"res1","cacheKeyParameters":["method.request.querystring.q"],"integrationResponses":{"200":{"statusCode":"200","selectionPattern":"ok","responseTemplates":{"application/json":"{}"}}},"tlsConfig":{"insecureSkipVerification":true}}}}}]}"#,
            ),
            (
                "apigateway:GetStages",
                200,
                r#"{"item":[{"deploymentId":"d1","stageName":"live","cacheClusterEnabled":false,"methodSettings":{"*/*":{"metricsEnabled":true,"loggingLevel":"ERROR","dataTraceEnabled":false,"throttlingBurstLimit":5000,"throttlingRateLimit":10000.0,"cachingEnabled":false,"cacheTtlInSeconds":300,"cacheDataEncrypted":false,"requireAuthorizationForCacheControl":true,"unauthorizedCacheControlHeaderStrategy":"SUCCEED_WITH_RESPONSE_HEADER"}},"variables":{"color":"blue"},"accessLogSettings":{"format":"$context.requestId","destinationArn":"arn:aws:logs:eu-west-3:123456789012:log-group:/api:*"},"canarySettings":{"percentTraffic":10.0,"deploymentId":"d2","useStageCache":false},"tracingEnabled":true,"tags":{"Environment":"prod"}}]}"#,
            ),
            (
                "apigateway:GetDeployments",
                200,
                r#"{"item":[{"id":"d0","description":"old"},{"id":"d1","description":"now","createdDate":1700000000},{"id":"d2"}]}"#,
            ),
            (
                "apigateway:GetAuthorizers",
                200,
                r#"{"item":[{"id":"au1","name":"partners","type":"TOKEN","authorizerUri":"u","identitySource":"method.request.header.Authorization","authorizerResultTtlInSeconds":300}]}"#,
            ),
            ("apigateway:GetModels", 200, r#"{"item":[{"id":"mo1","name":"Order","contentType":"application/json","schema":"{}"}]}"#),
            (
                "apigateway:GetRequestValidators",
                200,
                r#"{"item":[{"id":"v1","name":"all","validateRequestBody":true,"validateRequestParameters":true}]}"#,
            ),
            (
                "apigateway:GetGatewayResponses",
                200,
                r#"{"item":[{"responseType":"DEFAULT_4XX","defaultResponse":false,"responseParameters":{"gatewayresponse.header.x":"'y'"}},{"responseType":"DEFAULT_5XX","defaultResponse":true}]}"#,
            ),
            (
                "apigateway:GetAccount",
                200,
                r#"{"cloudwatchRoleArn":"arn:aws:iam::123456789012:role/gw","throttleSettings":{"burstLimit":5000,"rateLimit":10000.0}}"#,
            ),
        ]
    }

    #[test]
    fn everything_inside_an_api() {
        let (all, ledger) = collect(&COLLECTOR, &answers());
        assert!(ledger.iter().all(|e| e.outcome.is_complete()), "{ledger:?}");
        assert!(ledger.iter().map(|e| e.requests).sum::<u64>() <= 9, "{ledger:?}");
        let get = |kind: &str, id: &str| all.iter().find(|r| r.kind == kind && r.id == id).unwrap_or_else(|| panic!("no {kind} {id}"));
        let api = get("aws_api_gateway_rest_api", "r1");
        assert_eq!(api.str("facts.policy"), Some(r#"{"Version":"2012-10-17","Statement":[]}"#));
        assert_eq!(api.str("config.minimum_compression_size"), Some("1024"));
        get("aws_api_gateway_rest_api_policy", "r1");
        assert!(!all.iter().any(|r| r.id == "r1/root"), "the root is part of the API");
        get("aws_api_gateway_method", "r1/root/OPTIONS");
        let method = get("aws_api_gateway_method", "r1/res1/GET");
        assert_eq!((method.str("config.authorization"), method.config["api_key_required"].as_bool()), (Some("CUSTOM"), Some(true)));
        assert_eq!(
            get("aws_api_gateway_method_response", "r1/res1/GET/200").config["response_parameters"]["method.response.header.x"],
            false
        );
        assert_eq!(get("aws_api_gateway_integration", "r1/res1/GET").config["tls_config"][0]["insecure_skip_verification"], true);
        assert_eq!(get("aws_api_gateway_integration_response", "r1/res1/GET/200").str("config.selection_pattern"), Some("ok"));
        let deployments: Vec<&str> = all.iter().filter(|r| r.kind == "aws_api_gateway_deployment").map(|r| r.id.as_str()).collect();
        assert_eq!(deployments, ["r1/d1", "r1/d2"], "only what a stage serves");
        let stage = get("aws_api_gateway_stage", "r1/live");
        assert_eq!((stage.facts["rate_limit"].as_f64(), stage.str("config.canary_settings.0.deployment_id")), (None, Some("d2")));
        assert_eq!(get("aws_api_gateway_method_settings", "r1/live/*/*").config["settings"][0]["logging_level"], "ERROR");
        assert_eq!(get("aws_api_gateway_model", "r1/Order").str("facts.own_id"), Some("mo1"));
        assert_eq!(all.iter().filter(|r| r.kind == "aws_api_gateway_gateway_response").count(), 1);
        assert_complete(&all);
    }

    #[test]
    fn refused_resources_are_a_gap_of_methods_too() {
        let mut answers = answers();
        answers[1] = ("apigateway:GetResources", 403, r#"{"message":"no"}"#);
        let (all, ledger) = collect(&COLLECTOR, &answers);
        assert!(all.iter().any(|r| r.kind == "aws_api_gateway_stage"));
        let gap = ledger.iter().find(|e| e.outcome == Outcome::Denied).unwrap();
        assert!(gap.types.contains(&"aws_api_gateway_method".to_owned()) && !gap.types.contains(&"aws_api_gateway_stage".to_owned()));
    }
}
