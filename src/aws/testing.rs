//! For collectors' tests: the real collector, the real SDK, prepared answers by operation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use super::collector::Collector;
use super::replay::{OperationName, respond};
use super::scan::Scan;
use super::session::Session;
use super::tags::BulkTags;
use crate::estate::{LedgerEntry, Resource};

/// The account of all tests.
pub const ACCOUNT: &str = "123456789012";

/// An answer: status and body. XML or JSON by its first character.
pub type Answer<'a> = (&'a str, u16, &'a str);

/// Status and body of the answers that are left, by operation.
type Left = HashMap<String, Vec<(u16, String)>>;

#[derive(Debug, Clone)]
struct Prepared {
    answers: Arc<Mutex<Left>>,
}

impl HttpConnector for Prepared {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let http = request.try_into_http1x().expect("a valid request");
        let operation = http.extensions().get::<OperationName>().map(|o| o.0.clone()).unwrap_or_default();
        let mut answers = self.answers.lock().unwrap();
        let answer = match answers.get_mut(&operation) {
            Some(list) if list.len() > 1 => Some(list.remove(0)),
            Some(list) => list.first().cloned(),
            None => None,
        };
        let (status, body) = answer
            .unwrap_or_else(|| (400, format!(r#"{{"__type":"NoAnswerPrepared","message":"the test has no answer for {operation}"}}"#)));
        let content_type = if body.trim_start().starts_with('<') { "text/xml" } else { "application/json" };
        HttpConnectorFuture::ready(Ok(respond(status, content_type, &body)))
    }
}

impl HttpClient for Prepared {
    fn http_connector(&self, _settings: &HttpConnectorSettings, _components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// A session over prepared answers. Several answers for one operation come in order; the last stays.
pub fn session(answers: &[Answer<'_>]) -> Session {
    let mut by_operation = Left::new();
    for (operation, status, body) in answers {
        by_operation.entry((*operation).into()).or_default().push((*status, (*body).into()));
    }
    let http = SharedHttpClient::new(Prepared { answers: Arc::new(Mutex::new(by_operation)) });
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .region(Region::new("eu-west-3"))
        .endpoint_url("http://prepared.invalid")
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(aws_credential_types::Credentials::new(
            "AKIDTEST", "test", None, None, "test",
        )))
        .retry_config(aws_smithy_types::retry::RetryConfig::disabled())
        .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(aws_smithy_async::rt::sleep::TokioSleep::new()))
        .time_source(aws_smithy_async::time::SystemTimeSource::new())
        .build();
    Session::for_tests(config, ACCOUNT)
}

/// Runs one collector in eu-west-3 (or globally) over prepared answers, checks every resource against the schema, and returns what
/// it emitted, sorted, with its ledger. Without an answer for `tagging:GetResources` the sweep finds no tags.
pub fn collect(collector: &'static Collector, answers: &[Answer<'_>]) -> (Vec<Resource>, Vec<LedgerEntry>) {
    collect_in(collector, "eu-west-3", answers)
}

/// Fails unless, over all resources of each type, every settable argument is filled (null counts: it was asked for) or left out with
/// a reason, and no reason is given for one that is filled. A block that stands in none of them counts as filled when its array is
/// there.
pub fn assert_complete(resources: &[Resource]) {
    let mut filled: std::collections::BTreeMap<&str, std::collections::BTreeSet<String>> = std::collections::BTreeMap::new();
    for resource in resources {
        let Some(block) = crate::schema::provider().resource(&resource.kind) else { continue };
        arguments(
            block,
            &resource.config.iter().map(|(k, v)| (k.as_str(), v)).collect::<Vec<_>>(),
            "",
            filled.entry(&resource.kind).or_default(),
        );
    }
    for (kind, filled) in filled {
        let parts: Vec<&str> = filled
            .iter()
            .filter(|f| f.strip_suffix(".*").is_none_or(|block| !filled.iter().any(|g| *g != **f && g.starts_with(&format!("{block}.")))))
            .map(String::as_str)
            .collect();
        assert_eq!(crate::schema::coverage::gaps(kind, &parts), Vec::<String>::new(), "{kind}: neither filled nor left out");
        // An empty block says nothing about the reasons inside it.
        let told: Vec<&str> = parts.into_iter().filter(|p| !p.ends_with(".*")).collect();
        assert_eq!(crate::schema::coverage::contradictions(kind, &told), Vec::<String>::new());
    }
}

fn arguments(
    block: &crate::schema::Block,
    values: &[(&str, &serde_json::Value)],
    prefix: &str,
    filled: &mut std::collections::BTreeSet<String>,
) {
    for (name, value) in values {
        let Some(nested) = block.blocks.get(*name) else {
            filled.insert(format!("{prefix}{name}"));
            continue;
        };
        filled.insert(format!("{prefix}{name}.*"));
        for item in value.as_array().into_iter().flatten().filter_map(serde_json::Value::as_object) {
            let inner: Vec<_> = item.iter().map(|(k, v)| (k.as_str(), v)).collect();
            arguments(&nested.block, &inner, &format!("{prefix}{name}."), filled);
        }
    }
}

/// An answer of EC2's query protocol: `ec2("DescribeVpcs", "<vpcSet/>")`.
pub fn ec2(operation: &str, body: &str) -> String {
    format!(
        r#"<{operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId>{body}</{operation}Response>"#
    )
}

/// EC2's answer when the permission is missing.
pub const EC2_DENIED: &str = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation.</Message></Error></Errors><RequestID>r-2</RequestID></Response>";

/// An answer of `cloudwatch:GetMetricData`: the values of each figure in the order in which they were asked for, newest first.
pub fn figures(values: &[&[f64]]) -> String {
    let results: Vec<_> = values
        .iter()
        .enumerate()
        .map(|(i, v)| serde_json::json!({ "Id": format!("f{i}"), "Values": v, "StatusCode": "Complete" }))
        .collect();
    serde_json::json!({ "MetricDataResults": results }).to_string()
}

/// What the JSON services answer when the permission is missing.
pub const JSON_DENIED: &str = r#"{"__type":"AccessDeniedException","message":"no"}"#;

/// As [`collect`], in another region.
pub fn collect_in(collector: &'static Collector, region: &str, answers: &[Answer<'_>]) -> (Vec<Resource>, Vec<LedgerEntry>) {
    let mut all = answers.to_vec();
    if !all.iter().any(|(operation, _, _)| *operation == "tagging:GetResources") {
        all.push(("tagging:GetResources", 200, r#"{"ResourceTagMappingList":[]}"#));
    }
    let session = session(&all);
    let regions = vec![region.to_owned()];
    let tags = BulkTags::default();
    let scan = Scan::new(&session, collector, region, &regions, &tags);
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on((collector.collect)(&scan));
    let (mut resources, ledger) = scan.finish();
    resources.sort_by_key(Resource::key);
    for resource in &resources {
        assert!(collector.types.contains(&resource.kind.as_str()), "{} is not declared by the collector", resource.kind);
        let complaints = crate::schema::check_resource(resource);
        assert!(complaints.is_empty(), "{} {}: {complaints:#?}", resource.kind, resource.id);
    }
    (resources, ledger)
}
