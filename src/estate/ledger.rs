//! What was asked of AWS and what came of it: the tool's admission of what it could not see.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What came of a call, over all its pages or items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Read to the last page.
    Done,
    /// The permission is missing, or a policy of the organisation forbids it.
    Denied,
    /// AWS kept refusing for rate, and the retries ran out.
    Throttled,
    /// No answer in time, or the connection was cut.
    TimedOut,
    /// The service or call does not exist in that region.
    NotOffered,
    /// Any other failure.
    Failed,
    /// Read in part on purpose, because the whole explodes.
    Capped,
    /// Not attempted: excluded, interrupted, or what it depended on failed.
    NotAsked,
    /// Not attempted because it costs money and nobody asked for it; nothing else depends on it.
    NotWanted,
}

impl Outcome {
    /// The word for it in the causes of what is not known.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Denied => "denied",
            Outcome::Throttled => "throttled",
            Outcome::TimedOut => "timed out",
            Outcome::NotOffered => "not offered",
            Outcome::Failed => "failed",
            Outcome::Capped => "capped",
            Outcome::NotAsked => "not asked",
            Outcome::NotWanted => "not wanted",
        }
    }

    /// True when something that was due is missing: not complete, and not cut short on purpose.
    pub fn is_gap(self) -> bool {
        !self.is_complete() && self != Outcome::Capped
    }

    /// True when all there is was read, or all that anybody wanted. A service that is not offered in a region holds nothing there.
    pub fn is_complete(self) -> bool {
        matches!(self, Outcome::Done | Outcome::NotOffered | Outcome::NotWanted)
    }
}

/// One (account, region, call) with its outcome.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct LedgerEntry {
    /// Account number.
    pub account: String,
    /// Region, or `global`.
    pub region: String,
    /// API call as service and operation: `rds:DescribeDBInstances`.
    pub call: String,
    /// Worst outcome over all requests of this call.
    pub outcome: Outcome,
    /// Items read (for listings) or answers obtained (for details).
    pub count: u64,
    /// Requests sent, retries not counted.
    pub requests: u64,
    /// How many requests did not end in `Done`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u64,
    /// Items that vanished between listing and detail; not a gap.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub vanished: u64,
    /// True for a listing: when it is incomplete, whole resources may be missing. False for a detail: only arguments are.
    pub listing: bool,
    /// Terraform types that this call feeds.
    pub types: Vec<String>,
    /// IAM actions that allow the call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<String>,
    /// Error code of the first failure (`AccessDenied`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Message of the first failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// AWS request id of the first failure, for a support case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// All entries of a scan, sorted by account, region, call.
pub type Ledger = Vec<LedgerEntry>;

/// Why a listing of `kind` in `region` is not complete; empty when everything was read. A `None` region asks for all regions.
/// A type that no entry feeds is unknown too: nobody asked.
pub fn gaps_of<'a>(ledger: &'a [LedgerEntry], kind: &str, region: Option<&str>) -> Vec<&'a LedgerEntry> {
    ledger
        .iter()
        .filter(|e| e.listing && !e.outcome.is_complete())
        .filter(|e| e.types.iter().any(|t| t == kind))
        .filter(|e| region.is_none_or(|r| e.region == r || e.region == super::resource::GLOBAL))
        .collect()
}

/// True when any listing was made that feeds `kind`.
pub fn was_asked(ledger: &[LedgerEntry], kind: &str) -> bool {
    ledger.iter().any(|e| e.types.iter().any(|t| t == kind) && e.outcome != Outcome::NotAsked)
}
