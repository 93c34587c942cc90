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

#[derive(Debug, Clone)]
struct Prepared {
    answers: Arc<Mutex<HashMap<String, Vec<(u16, String)>>>>,
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
    let mut by_operation: HashMap<String, Vec<(u16, String)>> = HashMap::new();
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
