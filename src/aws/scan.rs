//! What a collector works with: two helpers, one for listings and one for details, are the only way to make a call.
//! They take the permit, record the outcome, and mark what could not be read as unread, never as absent.

use std::cell::RefCell;
use std::collections::BTreeMap;

use aws_smithy_async::future::pagination_stream::PaginationStream;
use futures::StreamExt;
use serde_json::Value;

use super::call::{ApiError, ledger_entry, note_failure};
use super::collector::{Call, Collector, Scope};
use super::session::Session;
use super::tags::BulkTags;
use crate::estate::redact;
use crate::estate::resource::GLOBAL;
use crate::estate::{LedgerEntry, Outcome, Resource};

/// What came of a detail call.
#[derive(Debug, Clone, PartialEq)]
pub enum Detail<T> {
    /// AWS answered.
    Got(T),
    /// AWS answered that there is none.
    Absent,
    /// The thing vanished since it was listed: do not emit it.
    Gone,
    /// No answer; the paths named are marked unread.
    Unread,
}

impl<T> Detail<T> {
    /// The answer, if there is one.
    pub fn got(self) -> Option<T> {
        match self {
            Detail::Got(value) => Some(value),
            _ => None,
        }
    }

    /// True when the thing vanished.
    pub fn is_gone(&self) -> bool {
        matches!(self, Detail::Gone)
    }
}

/// One collector in one region.
pub struct Scan<'a> {
    /// The account.
    pub session: &'a Session,
    /// The collector that runs.
    pub collector: &'static Collector,
    /// Region of the resources, or `global`.
    pub region: String,
    /// Every region this run was asked for.
    pub regions: &'a [String],
    tags: &'a BulkTags,
    emitted: RefCell<Vec<Resource>>,
    ledger: RefCell<BTreeMap<&'static str, LedgerEntry>>,
}

impl<'a> Scan<'a> {
    /// A collector about to run in a region.
    #[must_use]
    pub fn new(session: &'a Session, collector: &'static Collector, region: &str, regions: &'a [String], tags: &'a BulkTags) -> Self {
        Scan {
            session,
            collector,
            region: if collector.scope == Scope::Global { GLOBAL.into() } else { region.into() },
            regions,
            tags,
            emitted: RefCell::default(),
            ledger: RefCell::default(),
        }
    }

    /// What was emitted and recorded.
    #[must_use]
    pub fn finish(self) -> (Vec<Resource>, Vec<LedgerEntry>) {
        let emitted = self.emitted.into_inner();
        let ledger = self.ledger.into_inner().into_values().collect();
        (emitted, ledger)
    }

    /// A copy of what was emitted and recorded so far.
    #[must_use]
    pub fn seen(&self) -> (Vec<Resource>, Vec<LedgerEntry>) {
        (self.emitted.borrow().clone(), self.ledger.borrow().values().cloned().collect())
    }

    /// What was recorded so far, with every call that was not made yet as not asked.
    #[must_use]
    pub fn abandon(self, why: &str) -> (Vec<Resource>, Vec<LedgerEntry>) {
        for call in self.collector.calls {
            let mut ledger = self.ledger.borrow_mut();
            let entry = ledger.entry(call.name).or_insert_with(|| self.entry(call));
            entry.outcome = Outcome::NotAsked;
            entry.message.get_or_insert_with(|| why.to_owned());
        }
        self.finish()
    }

    /// The region whose endpoint is called: the home region for global services.
    #[must_use]
    pub fn endpoint_region(&self) -> &str {
        if self.region == GLOBAL { self.session.home() } else { &self.region }
    }

    /// A resource of this account and region.
    #[must_use]
    pub fn resource(&self, kind: &str, id: &str) -> Resource {
        Resource::new(kind, &self.session.account, &self.region, id)
    }

    /// Hands a resource over. Credentials in it are replaced here, before anything is kept.
    pub fn emit(&self, mut resource: Resource) {
        redact::resource(&mut resource);
        self.emitted.borrow_mut().push(resource);
    }

    /// An ARN of this account: `scan.arn("ec2", "vpc/vpc-1")`. The region is left out for global services.
    #[must_use]
    pub fn arn(&self, service: &str, rest: &str) -> String {
        let region = if self.region == GLOBAL { "" } else { &self.region };
        format!("arn:{}:{service}:{region}:{}:{rest}", self.session.partition, self.session.account)
    }

    /// Sets the tags of a resource from the tagging API, by its ARN; marks them unread when that listing failed.
    pub async fn bulk_tags(&self, resource: &mut Resource) {
        self.tags.apply(self, resource).await;
    }

    fn declared(&self, name: &str) -> &'static Call {
        self.collector
            .calls
            .iter()
            .find(|c| c.name == name)
            .unwrap_or_else(|| unreachable!("{name} is not declared by collector {}", self.collector.name()))
    }

    fn entry(&self, call: &Call) -> LedgerEntry {
        ledger_entry(&self.session.account, &self.region, call, self.collector.fed_by(call))
    }

    fn record(&self, call: &'static Call, requests: u64, change: impl FnOnce(&mut LedgerEntry)) {
        let mut ledger = self.ledger.borrow_mut();
        let entry = ledger.entry(call.name).or_insert_with(|| self.entry(call));
        entry.requests += requests;
        change(entry);
    }

    fn record_failure(&self, call: &'static Call, error: &ApiError) {
        tracing::debug!(call = call.name, region = %self.region, %error, "call failed");
        self.record(call, 0, |entry| note_failure(entry, error));
    }

    /// All pages of an SDK paginator. On failure: what was read so far, and the ledger says that it is not all.
    pub async fn list<T, P, E>(&self, name: &'static str, mut pages: PaginationStream<Result<P, E>>, items: impl Fn(P) -> Vec<T>) -> Vec<T>
    where
        ApiError: From<E>,
    {
        let call = self.declared(name);
        let mut all = Vec::new();
        loop {
            let page = self.session.send(call, self.endpoint_region(), async { pages.next().await.transpose() }).await;
            match page {
                Ok(None) => break,
                Ok(Some(page)) => {
                    let mut read = items(page);
                    self.record(call, 1, |e| e.count += read.len() as u64);
                    all.append(&mut read);
                }
                Err(error) => {
                    self.record(call, 1, |_| ());
                    if !call.absent.contains(&error.code.as_str()) {
                        self.record_failure(call, &error);
                    }
                    break;
                }
            }
        }
        self.record(call, 0, |_| ());
        all
    }

    /// A listing whose API has no pages.
    pub async fn list_once<T, O, E>(
        &self,
        name: &'static str,
        request: impl Future<Output = Result<O, E>>,
        items: impl FnOnce(O) -> Vec<T>,
    ) -> Vec<T>
    where
        ApiError: From<E>,
    {
        let call = self.declared(name);
        match self.session.send(call, self.endpoint_region(), request).await {
            Ok(answer) => {
                let all = items(answer);
                self.record(call, 1, |e| e.count += all.len() as u64);
                all
            }
            Err(error) => {
                self.record(call, 1, |_| ());
                if !call.absent.contains(&error.code.as_str()) {
                    self.record_failure(call, &error);
                }
                Vec::new()
            }
        }
    }

    /// Tells more about a resource. `paths` (`config.policy`, `facts.health`) are what is marked unread when no answer comes.
    pub async fn detail<O, E>(
        &self,
        resource: &mut Resource,
        name: &'static str,
        paths: &[&str],
        request: impl Future<Output = Result<O, E>>,
    ) -> Detail<O>
    where
        ApiError: From<E>,
    {
        let call = self.declared(name);
        let answer = self.session.send(call, self.endpoint_region(), request).await;
        self.record(call, 1, |_| ());
        match answer {
            Ok(answer) => {
                self.record(call, 0, |e| e.count += 1);
                Detail::Got(answer)
            }
            Err(error) if call.absent.contains(&error.code.as_str()) => {
                self.record(call, 0, |e| e.count += 1);
                Detail::Absent
            }
            Err(error) if call.gone.contains(&error.code.as_str()) => {
                self.record(call, 0, |e| e.vanished += 1);
                Detail::Gone
            }
            Err(error) => {
                self.record_failure(call, &error);
                resource.mark_unread(paths, &format!("{}: {name}: {}", error.outcome.word(), error.code));
                Detail::Unread
            }
        }
    }

    /// All pages of a listing of an `awsJson` service. `token` is the name of the continuation field in the answer and in the input
    /// (most services: `nextToken` or `NextToken`; AWS WAF and KMS: `NextMarker`/`Marker` pairs go through `token_in`).
    pub async fn json_list(&self, name: &'static str, input: Value, field: &str, token: &str) -> Vec<Value> {
        self.json_list_with(name, input, field, token, token).await
    }

    /// As [`Scan::json_list`] where the continuation field is named differently in answer and input.
    pub async fn json_list_with(&self, name: &'static str, mut input: Value, field: &str, token_out: &str, token_in: &str) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let mut next = None;
            let page = self
                .list_once(name, self.session.json(self.endpoint_region(), name, input.clone()), |answer| {
                    next = answer.get(token_out).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
                    answer.get(field).and_then(Value::as_array).cloned().unwrap_or_default()
                })
                .await;
            all.extend(page);
            match next {
                Some(token) if input.get(token_in).and_then(Value::as_str) != Some(token.as_str()) => {
                    input[token_in] = Value::String(token)
                }
                _ => return all,
            }
        }
    }

    /// All pages of a listing of a `restJson` service: `GET path`, continuation through the query parameter `token_in`.
    pub async fn rest_list(&self, name: &'static str, path: &str, field: &str, token_out: &str, token_in: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut url = path.to_owned();
        loop {
            let mut next = None;
            let page = self
                .list_once(name, self.session.rest(self.endpoint_region(), name, "GET", &url, None), |answer| {
                    next = answer.get(token_out).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
                    answer.get(field).and_then(Value::as_array).cloned().unwrap_or_default()
                })
                .await;
            all.extend(page);
            let Some(token) = next else { return all };
            let joint = if path.contains('?') { '&' } else { '?' };
            let following = format!("{path}{joint}{token_in}={}", encode(&token));
            if following == url {
                return all;
            }
            url = following;
        }
    }

    /// All pages of a listing of a `restJson` service whose input is a body: `POST path`, continuation through the field `token`.
    pub async fn rest_post_list(&self, name: &'static str, path: &str, mut body: Value, field: &str, token: &str) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let mut next = None;
            let request = self.session.rest(self.endpoint_region(), name, "POST", path, Some(body.clone()));
            let page = self
                .list_once(name, request, |answer| {
                    next = answer.get(token).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
                    answer.get(field).and_then(Value::as_array).cloned().unwrap_or_default()
                })
                .await;
            all.extend(page);
            match next {
                Some(following) if body.get(token).and_then(Value::as_str) != Some(following.as_str()) => {
                    body[token] = Value::String(following)
                }
                _ => return all,
            }
        }
    }

    /// A detail of an `awsJson` service.
    pub async fn json_detail(&self, resource: &mut Resource, name: &'static str, paths: &[&str], input: Value) -> Detail<Value> {
        self.detail(resource, name, paths, self.session.json(self.endpoint_region(), name, input)).await
    }

    /// A detail of a `restJson` service: `GET path`. Path segments must have gone through [`encode`].
    pub async fn rest_detail(&self, resource: &mut Resource, name: &'static str, paths: &[&str], path: &str) -> Detail<Value> {
        self.detail(resource, name, paths, self.session.rest(self.endpoint_region(), name, "GET", path, None)).await
    }

    /// Notes that a listing was cut on purpose, because the whole explodes; `what` tells the bound.
    pub fn capped(&self, name: &'static str, what: &str) {
        self.record(self.declared(name), 0, |entry| {
            if entry.outcome.is_complete() {
                entry.outcome = Outcome::Capped;
                entry.message = Some(what.to_owned());
            }
        });
    }

    /// Why a call has not brought everything so far (`denied: ec2:DescribeVolumes: UnauthorizedOperation`); `None` when it has. For
    /// listings that fill arguments of resources found otherwise: what they would have told is then unread, not absent.
    #[must_use]
    pub fn gap(&self, name: &'static str) -> Option<String> {
        let ledger = self.ledger.borrow();
        let entry = ledger.get(name).filter(|e| !e.outcome.is_complete())?;
        Some(format!("{}: {name}: {}", entry.outcome.word(), entry.code.as_deref().unwrap_or("no code")))
    }

    /// Runs `work` over many items, a bounded number at a time; answers come in no particular order.
    pub async fn each<I, F>(&self, items: impl IntoIterator<Item = I>, work: impl FnMut(I) -> F)
    where
        F: Future<Output = ()>,
    {
        futures::stream::iter(items.into_iter().map(work)).buffer_unordered(12).collect::<()>().await;
    }
}

/// Percent-encodes a path segment or query value (RFC 3986 unreserved characters stay).
#[must_use]
pub fn encode(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
