//! What was seen of an account without being modelled: things, services in use, and the bill.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A thing, or the use of a service, that no resource of the snapshot stands for.
#[derive(Debug, Clone, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
pub struct Seen {
    /// Service as in ARNs (`kinesis`), or what AWS calls it where that is not known.
    pub service: String,
    /// The service for people.
    pub name: String,
    /// Region, or `global`.
    pub region: String,
    /// Why no resource stands for it.
    pub why: Reason,
    /// What revealed it.
    pub evidence: Evidence,
    /// The Terraform type it would have, where that is known.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its ARN, where the evidence names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// What identifies it within its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// 1 for a thing; else how many events or metrics tell of it.
    pub count: u64,
    /// Time of the newest event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// US dollars it cost in the month of the bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd: Option<f64>,
}

impl Seen {
    /// True for one thing, false for the use of a service.
    pub fn is_thing(&self) -> bool {
        matches!(self.evidence, Evidence::Tags | Evidence::Listing)
    }
}

/// Why no resource stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No collector models it.
    NotModelled,
    /// Its type is modelled, and the listing of that type was not complete.
    NotRead,
    /// Its type is modelled and was listed, and it was not there: deleted lately, or left out because its kind comes and goes.
    NotListed,
    /// The service was used there within 90 days, and nothing of it is left.
    NothingLeft,
}

/// What revealed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The tagging API lists it.
    Tags,
    /// Cloud Control lists it.
    Listing,
    /// CloudTrail has events of the last 90 days.
    Events,
    /// CloudWatch has metrics of the last two weeks.
    Metrics,
    /// The bill has a line.
    Bill,
}

/// What the account cost in the last full month and the one before, without credits and refunds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bill {
    /// `2026-10`
    pub month: String,
    /// By service and region; dearest first.
    pub lines: Vec<BillLine>,
    /// US dollars of the month before by service, in the words of the bill; absent where that was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month_before: Option<BTreeMap<String, f64>>,
}

/// A line of the bill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BillLine {
    /// The service in the words of the bill.
    pub service: String,
    /// Region as billed.
    pub region: String,
    /// US dollars, unblended.
    pub usd: f64,
    /// What the service is to us.
    pub coverage: Billed,
}

/// What a billed service is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Billed {
    /// Its types are collected.
    Modelled,
    /// None of its types is.
    NotModelled,
    /// It has no resources: tax, support, requests.
    NoResources,
}
