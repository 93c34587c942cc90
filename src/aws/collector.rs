//! What a collector declares.

use std::future::Future;
use std::pin::Pin;

use super::scan::Scan;

/// One API call that a collector makes.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// Service and operation as in the ledger: `ec2:DescribeVpcs`. The service is the SDK's client name in lower case
    /// (`elbv2`, `sesv2`), the operation the API's.
    pub name: &'static str,
    /// True when resources are found through it, false when it only fills arguments in.
    pub listing: bool,
    /// Requests per second that are safe in a busy account. `None`: the service's default, see [`super::rate`].
    pub rate: Option<f64>,
    /// IAM actions that allow it, where they differ from the call's own name.
    pub iam: &'static [&'static str],
    /// Types that are found through it, where not all of the collector's are. Empty: all.
    pub yields: &'static [&'static str],
    /// Error codes that mean "there is none", an answer and not a gap.
    pub absent: &'static [&'static str],
    /// Error codes that mean the thing vanished since it was listed.
    pub gone: &'static [&'static str],
}

/// A call that lists resources.
#[must_use]
pub const fn list(name: &'static str) -> Call {
    Call { name, listing: true, rate: None, iam: &[], yields: &[], absent: &[], gone: &[] }
}

/// A call that tells more about a resource already listed.
#[must_use]
pub const fn detail(name: &'static str) -> Call {
    Call { name, listing: false, rate: None, iam: &[], yields: &[], absent: &[], gone: &[] }
}

impl Call {
    /// Sets the safe rate in requests per second.
    #[must_use]
    pub const fn rate(mut self, per_second: f64) -> Self {
        self.rate = Some(per_second);
        self
    }

    /// Names the IAM actions where they differ from the call's name.
    #[must_use]
    pub const fn iam(mut self, actions: &'static [&'static str]) -> Self {
        self.iam = actions;
        self
    }

    /// Names the types that are found through this call, where not all of the collector's are: a gap in it concerns only them.
    #[must_use]
    pub const fn yields(mut self, types: &'static [&'static str]) -> Self {
        self.yields = types;
        self
    }

    /// Names the error codes that mean "there is none".
    #[must_use]
    pub const fn absent(mut self, codes: &'static [&'static str]) -> Self {
        self.absent = codes;
        self
    }

    /// Names the error codes that mean the thing vanished since it was listed.
    #[must_use]
    pub const fn gone(mut self, codes: &'static [&'static str]) -> Self {
        self.gone = codes;
        self
    }

    /// The service part of the name.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.name.split_once(':').map_or(self.name, |(s, _)| s)
    }

    /// The operation part of the name.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.name.split_once(':').map_or(self.name, |(_, o)| o)
    }
}

/// Where a collector runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In every region asked for.
    Regional,
    /// Once per account, through the partition's home region (`us-east-1`); its resources carry the region `global`.
    Global,
    /// In every region asked for and in `us-east-1`, where CloudFront keeps its certificates and web ACLs.
    RegionalAndHome,
}

/// The future a collector returns. What fails is in the ledger already, so there is nothing to return.
pub type Collecting<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// One collector: what it yields, what it asks, where, and the function that does it.
pub struct Collector {
    /// Terraform types it yields. The first names it.
    pub types: &'static [&'static str],
    /// Every call it may make. Others are refused before they are sent.
    pub calls: &'static [Call],
    /// Where it runs.
    pub scope: Scope,
    /// Does it.
    pub collect: for<'a> fn(&'a Scan<'a>) -> Collecting<'a>,
}

impl Collector {
    /// The name of the collector: service of its first call and its first type.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.calls.first().map_or("", Call::service), self.types.first().copied().unwrap_or(""))
    }

    /// Types that a call of this collector feeds.
    #[must_use]
    pub fn fed_by(&self, call: &Call) -> Vec<String> {
        let types = if call.yields.is_empty() { self.types } else { call.yields };
        types.iter().map(|t| (*t).to_owned()).collect()
    }

    /// The service of its first call.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.calls.first().map_or("", Call::service)
    }
}
