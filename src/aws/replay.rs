//! Answers from a recording: `demo` and the offline tests run the real collectors over what a real server once answered.
//!
//! A recording is JSON lines (plain or zstd), each `{key, operation, status, content_type, body}`. The key is
//! `METHOD service/region path?query target body`: service and region from the signature's scope, the query sorted, the target of
//! JSON services or `-`, and the body canonical (JSON with sorted keys, forms sorted).

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use serde::Deserialize;
use serde_json::Value;

use super::clients;
use crate::error::Error;

/// Extension of a request that carries `service:Operation`.
#[derive(Debug, Clone)]
pub struct OperationName(pub String);

/// Puts [`OperationName`] on every request, for replays and tests; nothing of it is sent.
#[derive(Debug)]
pub struct NameOperation;

#[dyn_dispatch_hint]
impl Intercept for NameOperation {
    fn name(&self) -> &'static str {
        "NameOperation"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(meta) = cfg.load::<Metadata>() {
            let name = format!("{}:{}", clients::prefix_of(meta.service()), meta.name());
            context.request_mut().add_extension(OperationName(name));
        }
        Ok(())
    }
}

#[derive(Debug, Deserialize)]
struct Line {
    key: String,
    status: u16,
    content_type: String,
    body: String,
}

/// Recorded answers by request key.
#[derive(Debug)]
pub struct Recording {
    answers: Mutex<HashMap<String, Vec<Arc<Line>>>>,
    /// The region most requests went to.
    pub region: String,
    /// When it was recorded, RFC 3339: the first line `{"recorded_at": …}`. A replayed scan carries this time.
    pub recorded_at: Option<String>,
}

impl Recording {
    /// Reads JSON lines.
    ///
    /// # Errors
    /// [`Error::input`] with the line that is broken.
    pub fn parse(text: &str, origin: &str) -> Result<Self, Error> {
        let mut answers: HashMap<String, Vec<Arc<Line>>> = HashMap::new();
        let mut regions: BTreeMap<String, usize> = BTreeMap::new();
        let mut recorded_at = None;
        for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            if let Some(at) = serde_json::from_str::<Value>(line).ok().and_then(|v| Some(v.get("recorded_at")?.as_str()?.to_owned())) {
                recorded_at = Some(at);
                continue;
            }
            let line: Line =
                serde_json::from_str(line).map_err(|e| Error::input(format!("{origin}:{}: not a recorded answer: {e}", number + 1)))?;
            if let Some(region) = line.key.split(' ').nth(1).and_then(|s| s.split_once('/')).map(|(_, r)| r.to_owned()) {
                *regions.entry(region).or_default() += 1;
            }
            answers.entry(line.key.clone()).or_default().push(Arc::new(line));
        }
        let region = regions.into_iter().max_by_key(|(_, n)| *n).map_or_else(|| super::session::HOME.into(), |(r, _)| r);
        // Answers are popped from the back in the order they were given.
        for list in answers.values_mut() {
            list.reverse();
        }
        Ok(Recording { answers: Mutex::new(answers), region, recorded_at })
    }

    fn answer(&self, key: &str) -> Option<Arc<Line>> {
        let mut answers = self.answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let list = answers.get_mut(key)?;
        // The last answer stays: a call made more often than recorded gets the same again.
        if list.len() > 1 { list.pop() } else { list.last().cloned() }
    }
}

/// The key of a request.
#[must_use]
pub fn key(request: &HttpRequest) -> String {
    let header = |name: &str| request.headers().get(name).unwrap_or_default();
    let mut scope = header("authorization").split("Credential=").nth(1).unwrap_or_default().split('/').skip(2);
    let region = scope.next().unwrap_or("-").to_owned();
    let service = scope.next().unwrap_or("-").to_owned();
    let uri = request.uri();
    let path_and_query = match uri.find("://") {
        Some(at) => uri[at + 3..].find('/').map_or("/", |slash| &uri[at + 3 + slash..]),
        None => uri,
    };
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    // SDKs add their operation's name to REST queries; it is no part of what is asked.
    let mut parameters: Vec<&str> = query.split('&').filter(|p| !p.is_empty() && !p.starts_with("x-id=")).collect();
    parameters.sort_unstable();
    let target = header("x-amz-target");
    let body = request.body().bytes().unwrap_or_default();
    let canonical = match serde_json::from_slice::<Value>(body) {
        Ok(value) => sorted(&without_window(value)).to_string(),
        Err(_) if header("content-type").starts_with("application/x-www-form-urlencoded") => {
            let text = String::from_utf8_lossy(body);
            let mut pairs: Vec<&str> = text.split('&').collect();
            pairs.sort_unstable();
            pairs.join("&")
        }
        Err(_) => String::new(),
    };
    format!(
        "{} {service}/{region} {path}?{} {} {canonical}",
        request.method(),
        parameters.join("&"),
        if target.is_empty() { "-" } else { target }
    )
}

/// Without the ends of a time window, which are different in every scan.
fn without_window(mut body: Value) -> Value {
    if let Value::Object(fields) = &mut body {
        fields.retain(|name, _| name != "StartTime" && name != "EndTime");
    }
    body
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let ordered: BTreeMap<_, _> = fields.iter().map(|(k, v)| (k.clone(), sorted(v))).collect();
            Value::Object(ordered.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// The HTTP client that answers from a recording.
#[derive(Debug, Clone)]
pub struct Replay {
    recording: Arc<Recording>,
}

impl Replay {
    /// Over a recording.
    #[must_use]
    pub fn new(recording: Arc<Recording>) -> Self {
        Replay { recording }
    }

    /// As the SDK wants it.
    #[must_use]
    pub fn shared(self) -> SharedHttpClient {
        SharedHttpClient::new(self)
    }
}

impl HttpConnector for Replay {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let key = key(&request);
        let answer = match self.recording.answer(&key) {
            Some(line) => respond(line.status, &line.content_type, &line.body),
            // As AWS answers what it does not know, so that the scan goes on and its ledger tells.
            None => respond(
                400,
                "application/json",
                &serde_json::json!({ "__type": "NotRecorded", "message": format!("the recording has no answer for {key}") }).to_string(),
            ),
        };
        HttpConnectorFuture::ready(Ok(answer))
    }
}

/// An HTTP answer.
pub(super) fn respond(status: u16, content_type: &str, body: &str) -> HttpResponse {
    let status = StatusCode::try_from(status).unwrap_or(StatusCode::try_from(500).unwrap_or_else(|_| unreachable!("500 is a status code")));
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response.headers_mut().insert("content-type", content_type.to_owned());
    response.headers_mut().insert("x-amzn-requestid", "recorded");
    response
}

impl HttpClient for Replay {
    fn http_connector(&self, _settings: &HttpConnectorSettings, _components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_does_not_depend_on_order_or_time() {
        let mut request = HttpRequest::new(SdkBody::from("Version=2016-11-15&Action=DescribeVpcs"));
        request.set_method("POST").unwrap();
        request.set_uri("http://127.0.0.1:5555/?b=2&x-id=Op&a=1").unwrap();
        request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
        request
            .headers_mut()
            .insert("authorization", "AWS4-HMAC-SHA256 Credential=AKID/20261121/eu-west-3/ec2/aws4_request, SignedHeaders=host");
        assert_eq!(key(&request), "POST ec2/eu-west-3 /?a=1&b=2 - Action=DescribeVpcs&Version=2016-11-15");
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = Recording::parse("{\"recorded_at\":\"2026-11-01T00:00:00Z\"}\nnonsense", "r.jsonl").unwrap_err();
        assert!(error.message.starts_with("r.jsonl:2:"), "{error}");
    }
}
