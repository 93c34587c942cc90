//! The file a scan leaves behind and everything else starts from.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Bill, Ledger, Resource, Seen};
use crate::error::Error;
use crate::files;

/// Goes up with every new meaningful field. Older versions are read, newer ones refused.
pub const SCHEMA_VERSION: u32 = 2;

/// The AWS provider whose schema names the arguments.
pub const PROVIDER_VERSION: &str = "5.100.0";

/// About the scan itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Meta {
    /// Account number.
    pub account: String,
    /// The account's alias, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// AWS partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// ARN of the identity that scanned.
    pub caller: String,
    /// Regions read in full, sorted.
    pub regions: Vec<String>,
    /// Every other region that is enabled, and what is known of it. Empty when the regions could not be listed, and in snapshots of
    /// version 1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other_regions: BTreeMap<String, RegionState>,
    /// When the scan began, RFC 3339 in UTC. Rules take it for "now", so old snapshots judge the same for ever.
    pub taken_at: String,
    /// When the scan ended.
    pub finished_at: String,
    /// Version of the AWS provider whose schema the arguments follow.
    pub provider_version: String,
    /// `surveyor` and its version.
    pub tool: String,
    /// True when the scan was stopped before its end.
    #[serde(default)]
    pub interrupted: bool,
}

/// What is known of a region that was not read in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegionState {
    /// Short listings of whatever costs money found nothing. Settings that every region has, and what costs nothing, were not read.
    Empty,
    /// Some of these listings were refused, and the others found nothing.
    Unclear,
    /// Enabled, and nobody asked about it.
    NotLookedAt,
}

/// Everything a scan saw, and what it could not see.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// See [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// About the scan.
    pub meta: Meta,
    /// What could and could not be seen.
    pub ledger: Ledger,
    /// Sorted by type, account, region, id.
    pub resources: Vec<Resource>,
    /// What was seen without being modelled. None when the scan was confined to some services, and in snapshots of version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Vec<Seen>>,
    /// The bill of the last full month, when it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill: Option<Bill>,
}

impl Snapshot {
    /// Brings resources and ledger into their one order. Every producer calls it before writing.
    pub fn normalise(&mut self) {
        self.schema_version = SCHEMA_VERSION;
        self.resources.sort_by_cached_key(Resource::key);
        self.ledger.sort();
        if let Some(seen) = &mut self.seen {
            seen.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        }
        self.meta.regions.sort();
    }

    /// Other regions in one state, in order.
    pub fn regions_in(&self, state: RegionState) -> Vec<&str> {
        self.meta.other_regions.iter().filter(|(_, s)| **s == state).map(|(region, _)| region.as_str()).collect()
    }

    /// Resources of one type, in order.
    pub fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> + 'a {
        let start = self.resources.partition_point(|r| r.kind.as_str() < kind);
        self.resources[start..].iter().take_while(move |r| r.kind == kind)
    }

    /// Reads `.json` or `.json.zst`; tells file, line and column of what is broken and refuses newer versions.
    ///
    /// # Errors
    /// [`Error::input`] when the file cannot be read, is not a snapshot, or was written by a newer version.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = files::read_maybe_zstd(path)?;
        Self::parse(&bytes, &path.display().to_string())
    }

    /// As [`Snapshot::read`], from memory; `origin` names the source in errors.
    ///
    /// # Errors
    /// See [`Snapshot::read`].
    pub fn parse(bytes: &[u8], origin: &str) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Version {
            schema_version: u32,
        }
        let at = |e: serde_json::Error| {
            Error::input(format!("{origin}:{}:{}: not a snapshot: {e}", e.line(), e.column()))
                .hint("make one with `surveyor scan --out FILE`")
        };
        let version: Version = serde_json::from_slice(bytes).map_err(at)?;
        if version.schema_version > SCHEMA_VERSION {
            return Err(Error::input(format!(
                "{origin}: snapshot of version {}, this surveyor reads up to {SCHEMA_VERSION}",
                version.schema_version
            ))
            .hint("use a newer surveyor, or scan again with this one"));
        }
        let mut snapshot: Snapshot = serde_json::from_slice(bytes).map_err(at)?;
        snapshot.normalise();
        Ok(snapshot)
    }

    /// Writes `.json` or, when the name ends in `.zst`, compressed; to a temporary file first, then renamed.
    ///
    /// # Errors
    /// [`Error::output`] when the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let bytes = serde_json::to_vec(self).map_err(|e| Error::output(format!("cannot encode the snapshot: {e}")))?;
        files::write_maybe_zstd(path, &bytes)
    }
}
