//! What AWS answers when it does not answer: one error type for SDK calls and JSON calls.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::collector::Call;
use super::permissions;
use crate::estate::{LedgerEntry, Outcome};

/// A failed call. `SdkError` alone prints "service error"; this keeps what a person needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The class for the ledger.
    pub outcome: Outcome,
    /// AWS's error code, or ours in lower case where no answer came (`timeout`, `connection`, `unreadable`).
    pub code: String,
    /// AWS's message, or the cause chain.
    pub message: String,
    /// For a support case.
    pub request_id: Option<String>,
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}

impl ApiError {
    /// From a code and message that AWS answered.
    #[must_use]
    pub fn answered(status: u16, code: &str, message: &str, request_id: Option<String>) -> Self {
        ApiError { outcome: classify(status, code), code: code.into(), message: message.into(), request_id }
    }

    /// From a failure before or instead of an answer.
    #[must_use]
    pub fn unanswered(outcome: Outcome, code: &str, message: String) -> Self {
        ApiError { outcome, code: code.into(), message, request_id: None }
    }
}

/// The ledger's line of a call about which nothing is known yet: done, with nothing counted.
#[must_use]
pub fn ledger_entry(account: &str, region: &str, call: &Call, types: Vec<String>) -> LedgerEntry {
    LedgerEntry {
        account: account.into(),
        region: region.into(),
        call: call.name.into(),
        outcome: Outcome::Done,
        count: 0,
        requests: 0,
        failures: 0,
        vanished: 0,
        listing: call.listing,
        types,
        permissions: permissions::actions(call),
        code: None,
        message: None,
        request_id: None,
    }
}

/// Counts a failure in a line of the ledger. The first failure explains; a refusal never hides behind a milder one.
pub fn note_failure(entry: &mut LedgerEntry, error: &ApiError) {
    entry.failures += 1;
    if entry.outcome.is_complete() || error.outcome == Outcome::Denied {
        entry.outcome = error.outcome;
        entry.code = Some(error.code.clone());
        entry.message = Some(error.message.clone());
        entry.request_id.clone_from(&error.request_id);
    }
}

/// Codes AWS services use when a permission is missing or an organisation policy forbids the call.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Unauthorized",
    "UnauthorizedException",
    "Forbidden",
    "ForbiddenException",
    "NotAuthorized",
    "InsufficientPrivilegesException",
    "KMSAccessDeniedException",
    "AllAccessDisabled",
    "AccessDeniedForDependencyException",
];

/// Codes that mean the service or operation does not exist in that region, or must be subscribed first.
const NOT_OFFERED: &[&str] = &[
    "OptInRequired",
    "SubscriptionRequiredException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
    "InvalidAction",
    "UnknownOperationException",
];

fn classify(status: u16, code: &str) -> Outcome {
    if DENIED.contains(&code) || (code.is_empty() && status == 403) {
        Outcome::Denied
    } else if aws_runtime::retries::classifiers::THROTTLING_ERRORS.contains(&code) || status == 429 {
        Outcome::Throttled
    } else if NOT_OFFERED.contains(&code) {
        Outcome::NotOffered
    } else if code == "RequestTimeout" || code == "RequestTimeoutException" {
        Outcome::TimedOut
    } else {
        Outcome::Failed
    }
}

/// The whole cause chain in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

impl<E> From<SdkError<E, Response>> for ApiError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    fn from(error: SdkError<E, Response>) -> Self {
        match &error {
            SdkError::ServiceError(context) => {
                let status = context.raw().status().as_u16();
                let meta = context.err().meta();
                let request_id = meta.request_id().or_else(|| context.raw().headers().request_id()).map(str::to_owned);
                let code =
                    meta.code().map_or_else(|| if status == 404 { "NotFound".into() } else { format!("http-{status}") }, str::to_owned);
                let code = if meta.code().is_none() && status == 403 { "AccessDenied".to_owned() } else { code };
                ApiError::answered(status, &code, meta.message().unwrap_or("no message"), request_id)
            }
            SdkError::TimeoutError(_) => ApiError::unanswered(Outcome::TimedOut, "timeout", chain(&error)),
            SdkError::DispatchFailure(failure) => {
                let outcome = if failure.is_timeout() || failure.is_io() { Outcome::TimedOut } else { Outcome::Failed };
                ApiError::unanswered(outcome, "connection", chain(&error))
            }
            SdkError::ResponseError(context) => {
                let status = context.raw().status().as_u16();
                ApiError::unanswered(
                    Outcome::Failed,
                    "unreadable",
                    format!("the answer (HTTP {status}) is not what AWS sends: {}", chain(&error)),
                )
            }
            _ => ApiError::unanswered(Outcome::Failed, "unsent", chain(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_fall_into_the_ledger_classes() {
        assert_eq!(classify(403, "UnauthorizedOperation"), Outcome::Denied);
        assert_eq!(classify(400, "ThrottlingException"), Outcome::Throttled);
        assert_eq!(classify(503, "SlowDown"), Outcome::Throttled);
        assert_eq!(classify(401, "OptInRequired"), Outcome::NotOffered);
        assert_eq!(classify(500, "InternalFailure"), Outcome::Failed);
        assert_eq!(classify(403, ""), Outcome::Denied);
    }
}
