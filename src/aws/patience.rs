//! How long a server error that AWS did not write is asked again.
//!
//! An overloaded service of AWS answers in its own form, and is asked as often as the configuration of the SDK allows. A page of HTML
//! comes from something in between (a proxy, a gateway, a simulator that lacks the call): it may pass in a moment, but waiting minutes
//! for each of a hundred calls helps nobody.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{BeforeDeserializationInterceptorContextMut, InterceptorContext};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Attempts after which a page in place of an answer is final.
const PATIENCE: u32 = 3;

/// Carries the number of the attempt from the interceptor, which knows it, to the classifier, which does not.
const ATTEMPT: &str = "x-surveyor-attempt";

/// Gives up on pages of HTML after a few attempts: an interceptor and a retry classifier, of which each client needs both.
#[derive(Debug)]
pub struct Patience;

#[dyn_dispatch_hint]
impl Intercept for Patience {
    fn name(&self) -> &'static str {
        "Patience"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(attempt) = cfg.load::<RequestAttempts>() {
            context.response_mut().headers_mut().insert(ATTEMPT, attempt.attempts().to_string());
        }
        Ok(())
    }
}

impl ClassifyRetry for Patience {
    fn name(&self) -> &'static str {
        "Patience"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }

    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(response) = context.response() else { return RetryAction::NoActionIndicated };
        let page = response.headers().get("content-type").is_some_and(|t| t.starts_with("text/html"));
        let attempt = response.headers().get(ATTEMPT).and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
        if response.status().is_server_error() && page && attempt >= PATIENCE {
            RetryAction::RetryForbidden
        } else {
            RetryAction::NoActionIndicated
        }
    }
}
