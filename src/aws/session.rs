//! Credentials, regions and the one place where the SDK is configured.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use tokio::sync::Semaphore;

use super::call::ApiError;
use super::rate::Rates;
use super::replay::Recording;
use crate::error::Error;
use crate::estate::Outcome;

/// Requests in flight over all services and regions.
const IN_FLIGHT: usize = 24;

/// The region of the partition's global endpoints.
pub const HOME: &str = "us-east-1";

/// How to reach the account.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Profile of the shared configuration files.
    pub profile: Option<String>,
    /// Role to assume with those credentials.
    pub role_arn: Option<String>,
    /// External id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// Answers from a recording instead of AWS.
    pub recording: Option<Arc<Recording>>,
}

/// An account that can be read.
pub struct Session {
    config: SdkConfig,
    /// Account number.
    pub account: String,
    /// ARN of the identity that reads.
    pub caller: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// The region that the environment or profile names.
    pub region: Option<String>,
    /// Permits by API.
    pub(super) rates: Rates,
    /// Permits over everything.
    pub(super) in_flight: Semaphore,
    /// Requests handed to the network.
    pub(super) sent: Arc<AtomicU64>,
    /// True when answers come from a recording.
    pub replayed: bool,
}

impl Session {
    /// Finds credentials as every AWS tool does (environment, profile, SSO, process, container, instance role), assumes the role
    /// if one is given, and asks who it is.
    ///
    /// # Errors
    /// [`Error::access`] with what to do, when there are no usable credentials or the endpoint does not answer.
    pub async fn open(access: &Access) -> Result<Self, Error> {
        let config = configure(access).await;
        let region = config.region().map(ToString::to_string);
        let mut session = Session {
            config,
            account: String::new(),
            caller: String::new(),
            partition: "aws".into(),
            region,
            rates: Rates::new(access.recording.is_some()),
            in_flight: Semaphore::new(IN_FLIGHT),
            sent: Arc::new(AtomicU64::new(0)),
            replayed: access.recording.is_some(),
        };
        let region = session.region.clone().unwrap_or_else(|| HOME.into());
        let identity = session.sts_in(&region).get_caller_identity().send().await.map_err(|e| no_access(&ApiError::from(e), access))?;
        session.account = identity.account().unwrap_or_default().to_owned();
        session.caller = identity.arn().unwrap_or_default().to_owned();
        if session.account.len() != 12 || !session.account.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::access("the endpoint answers, but not as AWS does: it names no account").hint("check AWS_ENDPOINT_URL"));
        }
        session.partition = session.caller.split(':').nth(1).filter(|p| !p.is_empty()).unwrap_or("aws").to_owned();
        Ok(session)
    }

    /// The SDK's configuration for a region.
    #[must_use]
    pub fn sdk_config(&self, region: &str) -> SdkConfig {
        self.config.clone().into_builder().region(Region::new(region.to_owned())).build()
    }

    /// The region whose endpoint serves the partition's global services.
    #[must_use]
    pub fn home(&self) -> &'static str {
        match self.partition.as_str() {
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            _ => HOME,
        }
    }

    /// Requests handed to the network so far.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Sends one request within the rate and counts it.
    pub(super) async fn send<T, E, F>(&self, call: &super::Call, region: &str, request: F) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, E>>,
        ApiError: From<E>,
    {
        let _permit = self.in_flight.acquire().await.map_err(|e| ApiError::unanswered(Outcome::NotAsked, "stopped", e.to_string()))?;
        self.rates.permit(call, region).await;
        self.sent.fetch_add(1, Ordering::Relaxed);
        request.await.map_err(ApiError::from)
    }

    /// For tests: a session over prepared answers, without asking who it is.
    #[cfg(test)]
    pub(super) fn for_tests(config: SdkConfig, account: &str) -> Self {
        Session {
            config,
            account: account.into(),
            caller: format!("arn:aws:iam::{account}:user/tester"),
            partition: "aws".into(),
            region: Some("eu-west-3".into()),
            rates: Rates::new(true),
            in_flight: Semaphore::new(IN_FLIGHT),
            sent: Arc::new(AtomicU64::new(0)),
            replayed: true,
        }
    }
}

/// The one HTTP client: rustls on ring, connections kept and shared.
fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

#[allow(clippy::disallowed_methods, reason = "the one place that configures the SDK")]
async fn configure(access: &Access) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(14)
                .with_initial_backoff(Duration::from_millis(200))
                .with_max_backoff(Duration::from_secs(15)),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .operation_attempt_timeout(Duration::from_secs(30))
                .operation_timeout(Duration::from_secs(120))
                .build(),
        );
    if let Ok(name) = AppName::new("surveyor") {
        loader = loader.app_name(name);
    }
    if let Some(recording) = &access.recording {
        return loader
            .http_client(super::replay::Replay::new(Arc::clone(recording)).shared())
            .credentials_provider(aws_credential_types::Credentials::new("AKIDREPLAY", "replay", None, None, "recording"))
            .endpoint_url("http://recording.invalid")
            .region(Region::new(recording.region.clone()))
            .load()
            .await;
    }
    loader = loader.http_client(http_client());
    if let Some(profile) = &access.profile {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    let Some(role) = &access.role_arn else { return config };
    let region = config.region().cloned().unwrap_or_else(|| Region::from_static(HOME));
    let mut provider = aws_config::sts::AssumeRoleProvider::builder(role).session_name("surveyor").region(region).configure(&config);
    if let Some(external_id) = &access.external_id {
        provider = provider.external_id(external_id);
    }
    let provider = provider.build().await;
    config.into_builder().credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(provider)).build()
}

/// Why the account cannot be read, and what to do about it.
fn no_access(error: &ApiError, access: &Access) -> Error {
    let who = match (&access.profile, &access.role_arn) {
        (_, Some(role)) => format!("as {role}"),
        (Some(profile), None) => format!("with profile {profile}"),
        (None, None) => "with the credentials of the environment".into(),
    };
    let text = error.message.to_lowercase();
    let failed = |hint: &str| Error::access(format!("cannot reach the account {who}: {error}")).hint(hint);
    match error.code.as_str() {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            failed("the credentials have expired: sign in again (`aws sso login`) or renew them")
        }
        "InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch" | "InvalidAccessKeyId" => {
            failed("AWS does not know these credentials: check the access key, or the profile")
        }
        "AccessDenied" => failed("the role cannot be assumed: check its trust policy and the external id"),
        code if code == "unreadable" || code.starts_with("http-2") => {
            failed("the endpoint answers, but not as AWS does: check AWS_ENDPOINT_URL")
        }
        _ if access.role_arn.is_some() && text.contains("accessdenied") => {
            failed("the role cannot be assumed: check that it exists, its trust policy, and the external id")
        }
        "connection" | "timeout" if text.contains("credential") || text.contains("profile") || text.contains("sso") => {
            failed("give credentials as for every AWS tool: AWS_PROFILE, `aws sso login`, AWS_ACCESS_KEY_ID, or --profile")
        }
        "connection" | "timeout" => failed("check the network, a proxy, and AWS_ENDPOINT_URL if it is set"),
        _ if text.contains("credential") => {
            failed("give credentials as for every AWS tool: AWS_PROFILE, `aws sso login`, AWS_ACCESS_KEY_ID, or --profile")
        }
        _ => failed("`aws sts get-caller-identity` shows whether the credentials work at all"),
    }
}
