//! A small signed caller for the services whose protocol is JSON, on the SDK's own orchestrator: its retries, its timeouts,
//! its signing, its HTTP client, our guard. It saves one large crate per service; answers are `serde_json` values.
//! Services that speak XML (EC2, RDS, S3 …) go through their SDK crates, because XML needs the model to be read right.

use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};
use serde_json::Value;

use super::call::ApiError;
use super::guard::ReadOnlyGuard;
use super::patience::Patience;
use super::replay::NameOperation;
use super::session::Session;
use crate::estate::Outcome;

/// How a service is spoken to. Endpoint prefix, signing name, version and target are those of the service's published API model.
struct Service {
    prefix: &'static str,
    endpoint: &'static str,
    signing: &'static str,
    protocol: Protocol,
}

enum Protocol {
    /// `awsJson`: everything posted to `/`, the operation in a header.
    Json { version: &'static str, target: &'static str },
    /// `restJson` (or `restXml`): method and path per operation.
    Rest,
}

const fn json(prefix: &'static str, endpoint: &'static str, version: &'static str, target: &'static str) -> Service {
    Service { prefix, endpoint, signing: endpoint, protocol: Protocol::Json { version, target } }
}

/// An `awsJson` service that signs with another name than its endpoint's.
const fn json_signed(
    prefix: &'static str,
    endpoint: &'static str,
    signing: &'static str,
    version: &'static str,
    target: &'static str,
) -> Service {
    Service { prefix, endpoint, signing, protocol: Protocol::Json { version, target } }
}

const fn rest(prefix: &'static str, endpoint: &'static str, signing: &'static str) -> Service {
    Service { prefix, endpoint, signing, protocol: Protocol::Rest }
}

const SERVICES: &[Service] = &[
    rest("accessanalyzer", "access-analyzer", "access-analyzer"),
    rest("account", "account", "account"),
    json("acm", "acm", "1.1", "CertificateManager"),
    rest("apigateway", "apigateway", "apigateway"),
    rest("apigatewayv2", "apigateway", "apigateway"),
    json("application-autoscaling", "application-autoscaling", "1.1", "AnyScaleFrontendService"),
    rest("backup", "backup", "backup"),
    json("budgets", "budgets", "1.1", "AWSBudgetServiceGateway"),
    json("ce", "ce", "1.1", "AWSInsightsIndexService"),
    json("cloudcontrol", "cloudcontrolapi", "1.0", "CloudApiService"),
    json("cloudtrail", "cloudtrail", "1.1", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"),
    json("cloudwatch", "monitoring", "1.0", "GraniteServiceVersion20100801"),
    json("codebuild", "codebuild", "1.1", "CodeBuild_20161006"),
    json("codedeploy", "codedeploy", "1.1", "CodeDeploy_20141006"),
    json("codepipeline", "codepipeline", "1.1", "CodePipeline_20150709"),
    json("codestar-connections", "codestar-connections", "1.0", "com.amazonaws.codestar.connections.CodeStar_connections_20191201"),
    json("config", "config", "1.1", "StarlingDoveService"),
    json("dynamodb", "dynamodb", "1.0", "DynamoDB_20120810"),
    json_signed("ecr", "api.ecr", "ecr", "1.1", "AmazonEC2ContainerRegistry_V20150921"),
    json("ecs", "ecs", "1.1", "AmazonEC2ContainerServiceV20141113"),
    rest("elasticfilesystem", "elasticfilesystem", "elasticfilesystem"),
    json("events", "events", "1.1", "AWSEvents"),
    rest("guardduty", "guardduty", "guardduty"),
    json("health", "health", "1.1", "AWSHealth_20160804"),
    rest("inspector2", "inspector2", "inspector2"),
    json("kms", "kms", "1.1", "TrentService"),
    rest("lambda", "lambda", "lambda"),
    json("lightsail", "lightsail", "1.1", "Lightsail_20161128"),
    json("logs", "logs", "1.1", "Logs_20140328"),
    json("organizations", "organizations", "1.1", "AWSOrganizationsV20161128"),
    json("route53domains", "route53domains", "1.1", "Route53Domains_v20140515"),
    rest("s3control", "s3-control", "s3"),
    rest("scheduler", "scheduler", "scheduler"),
    json("secretsmanager", "secretsmanager", "1.1", "secretsmanager"),
    rest("securityhub", "securityhub", "securityhub"),
    json("servicediscovery", "servicediscovery", "1.1", "Route53AutoNaming_v20170314"),
    json("servicequotas", "servicequotas", "1.1", "ServiceQuotasV20190624"),
    rest("sesv2", "email", "ses"),
    json("sms-voice", "sms-voice", "1.0", "PinpointSMSVoiceV2"),
    json("sqs", "sqs", "1.0", "AmazonSQS"),
    json("ssm", "ssm", "1.1", "AmazonSSM"),
    json("states", "states", "1.0", "AWSStepFunctions"),
    json("tagging", "tagging", "1.1", "ResourceGroupsTaggingAPI_20170126"),
    json("wafv2", "wafv2", "1.1", "AWSWAF_20190729"),
];

/// Services with one endpoint for the partition, always signed for its home region.
const WITHOUT_REGION: &[&str] = &["account", "budgets", "ce", "health", "organizations", "route53domains"];

/// A request before it is signed.
#[derive(Debug, Clone)]
struct Request {
    method: &'static str,
    path: String,
    body: Option<Value>,
    target: Option<String>,
    content_type: &'static str,
    headers: Vec<(&'static str, String)>,
}

/// An error answer of a JSON service.
#[derive(Debug)]
struct Answered {
    status: u16,
    meta: ErrorMetadata,
    request_id: Option<String>,
}

impl std::fmt::Display for Answered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (HTTP {})", self.meta, self.status)
    }
}

impl std::error::Error for Answered {}

impl ProvideErrorMetadata for Answered {
    fn meta(&self) -> &ErrorMetadata {
        &self.meta
    }
}

impl Session {
    /// Calls an operation of an `awsJson` service: `session.json("eu-west-3", "logs:DescribeLogGroups", json!({}))`.
    ///
    /// # Errors
    /// [`ApiError`] as AWS answered, or `unsent` when the guard refuses it.
    pub async fn json(&self, region: &str, call: &str, input: Value) -> Result<Value, ApiError> {
        let (service, operation) = known(call)?;
        let Protocol::Json { version, target } = service.protocol else {
            return Err(unsent(format!("{call} is not an awsJson operation")));
        };
        let content_type = if version == "1.0" { "application/x-amz-json-1.0" } else { "application/x-amz-json-1.1" };
        let request = Request {
            method: "POST",
            path: "/".into(),
            body: Some(input),
            target: Some(format!("{target}.{operation}")),
            content_type,
            headers: Vec::new(),
        };
        self.invoke(service, operation, region, request).await
    }

    /// Calls an operation of a `restJson` service by method, path with query, and body. An XML answer comes back as an object of
    /// strings by element name.
    ///
    /// # Errors
    /// See [`Session::json`].
    pub async fn rest(&self, region: &str, call: &str, method: &'static str, path: &str, body: Option<Value>) -> Result<Value, ApiError> {
        let (service, operation) = known(call)?;
        let headers = match service.prefix {
            "s3control" => vec![("x-amz-account-id", self.account.clone())],
            // Without it the first version of API Gateway answers in a form of its own (HAL).
            "apigateway" => vec![("accept", "application/json".to_owned())],
            _ => Vec::new(),
        };
        let request = Request { method, path: path.into(), body, target: None, content_type: "application/json", headers };
        self.invoke(service, operation, region, request).await
    }

    fn endpoint(&self, service: &Service, region: &str) -> (String, String) {
        let signing_region = if WITHOUT_REGION.contains(&service.prefix) { self.home() } else { region };
        let config = self.sdk_config(signing_region);
        let suffix = if signing_region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let url = match (config.endpoint_url(), service.prefix) {
            (Some(url), _) => url.to_owned(),
            (None, "budgets") => format!("https://budgets.{suffix}"),
            (None, "s3control") => format!("https://{}.s3-control.{signing_region}.{suffix}", self.account),
            (None, _) => format!("https://{}.{signing_region}.{suffix}", service.endpoint),
        };
        (url, signing_region.to_owned())
    }

    async fn invoke(&self, service: &'static Service, operation: &str, region: &str, request: Request) -> Result<Value, ApiError> {
        let (url, signing_region) = self.endpoint(service, region);
        let config = self.sdk_config(&signing_region);
        let (Some(http), Some(credentials)) = (config.http_client(), config.credentials_provider()) else {
            return Err(unsent("no HTTP client or credentials configured".into()));
        };
        let mut layer = Layer::new("surveyor-json");
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        let mut signing_options = SigningOptions::default();
        signing_options.content_sha256_header = service.prefix == "s3control";
        layer.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(Region::new(signing_region))),
            name: Some(SigningName::from_static(service.signing)),
            signing_options,
            ..Default::default()
        });
        let mut components = RuntimeComponentsBuilder::new("surveyor-json");
        components.push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()));
        components.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(StaticAuthSchemeOptionResolver::new(vec![
            SCHEME_ID,
        ]))));
        components.set_identity_resolver(SCHEME_ID, credentials);
        components.set_identity_cache(config.identity_cache());
        let retry = config.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        let timeouts = config.timeout_config().cloned().unwrap_or_else(|| TimeoutConfig::builder().build());
        let call: Operation<Request, Value, Answered> = Operation::builder()
            .service_name(service.prefix)
            .operation_name(operation.to_owned())
            .http_client(http)
            .endpoint_url(&url)
            .standard_retry(&retry)
            .timeout_config(timeouts)
            .sleep_impl(TokioSleep::new())
            .time_source(aws_smithy_async::time::SystemTimeSource::new())
            .retry_classifier(AwsErrorCodeClassifier::<Answered>::new())
            .retry_classifier(TransientErrorClassifier::<Answered>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(Patience)
            .interceptor(ReadOnlyGuard)
            .interceptor(NameOperation)
            .interceptor(Patience)
            .runtime_plugin(StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components))
            .serializer(|request: Request| {
                let body = request.body.as_ref().map_or_else(SdkBody::empty, |b| SdkBody::from(b.to_string()));
                let mut http = HttpRequest::new(body);
                http.set_method(request.method)?;
                http.set_uri(request.path.clone())?;
                let headers = http.headers_mut();
                if request.body.is_some() {
                    headers.insert("content-type", request.content_type);
                }
                if let Some(target) = &request.target {
                    headers.insert("x-amz-target", target.clone());
                }
                for (name, value) in &request.headers {
                    headers.insert(*name, value.clone());
                }
                headers.insert("user-agent", concat!("surveyor/", env!("CARGO_PKG_VERSION")));
                Ok(http)
            })
            .deserializer(read_answer)
            .build();
        call.invoke(request).await.map_err(|error| match error.as_service_error() {
            Some(answered) => ApiError::answered(
                answered.status,
                answered.meta.code().unwrap_or_default(),
                answered.meta.message().unwrap_or("no message"),
                answered.request_id.clone(),
            ),
            None => ApiError::from(error),
        })
    }
}

fn unsent(message: String) -> ApiError {
    ApiError::unanswered(Outcome::Failed, "unsent", message)
}

fn known(call: &str) -> Result<(&'static Service, &str), ApiError> {
    let (prefix, operation) = call.split_once(':').ok_or_else(|| unsent(format!("{call} is not service:Operation")))?;
    let service = SERVICES.iter().find(|s| s.prefix == prefix).ok_or_else(|| unsent(format!("{prefix} is no JSON service known here")))?;
    Ok((service, operation))
}

#[allow(clippy::result_large_err, reason = "the orchestrator wants this error type")]
fn read_answer(response: &HttpResponse) -> Result<Value, OrchestratorError<Answered>> {
    let status = response.status().as_u16();
    let bytes = response.body().bytes().unwrap_or_default();
    let header = |name: &str| response.headers().get(name).map(str::to_owned);
    let request_id = header("x-amzn-requestid").or_else(|| header("x-amz-request-id"));
    let body = parse(bytes);
    if response.status().is_success() {
        return body.ok_or_else(|| OrchestratorError::response(format!("HTTP {status} with a body that is neither JSON nor XML").into()));
    }
    let body = body.unwrap_or(Value::Null);
    let field = |names: &[&str]| names.iter().find_map(|n| body.get(n).and_then(Value::as_str)).map(str::to_owned);
    // "Code", "ns#Code" and "Code:http://…" all occur.
    let code = header("x-amzn-errortype")
        .or_else(|| field(&["__type", "code", "Code"]))
        .map(|c| c.split(':').next().unwrap_or_default().rsplit('#').next().unwrap_or_default().to_owned());
    let mut meta = ErrorMetadata::builder();
    if let Some(code) = code {
        meta = meta.code(code);
    } else if status == 403 {
        meta = meta.code("AccessDenied");
    }
    if let Some(message) = field(&["message", "Message", "errorMessage"]) {
        meta = meta.message(message);
    }
    Err(OrchestratorError::operation(Answered { status, meta: meta.build(), request_id }))
}

/// JSON, or flat XML as an object of strings; nothing for an empty body becomes an empty object.
fn parse(bytes: &[u8]) -> Option<Value> {
    if bytes.is_empty() {
        return Some(Value::Object(serde_json::Map::new()));
    }
    if let Ok(value) = serde_json::from_slice(bytes) {
        return Some(value);
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let document = roxmltree::Document::parse(text).ok()?;
    let fields = document
        .root_element()
        .descendants()
        .filter(|n| n.is_element() && n.children().all(|c| c.is_text()))
        .map(|n| (n.tag_name().name().to_owned(), Value::String(n.text().unwrap_or_default().to_owned())))
        .collect();
    Some(Value::Object(fields))
}
