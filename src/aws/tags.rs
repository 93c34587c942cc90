//! Tags in bulk: one sweep of the tagging API per region instead of a call per resource.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::call::{ApiError, ledger_entry, note_failure};
use super::collector::{Call, detail};
use super::scan::Scan;
use super::session::Session;
use super::value::{items, text};
use crate::estate::resource::GLOBAL;
use crate::estate::{LedgerEntry, Resource};

/// The one call of the sweep.
pub const CALL: Call = detail("tagging:GetResources");

type Tags = HashMap<String, BTreeMap<String, String>>;

/// The sweep of each region, made when the first collector asks for it.
#[derive(Default)]
pub struct BulkTags {
    regions: Mutex<HashMap<String, std::sync::Arc<Sweep>>>,
}

struct Sweep {
    tags: Tags,
    failure: Option<String>,
    entry: LedgerEntry,
}

impl BulkTags {
    /// Ledger entries of the sweeps made.
    pub async fn ledger(&self) -> Vec<LedgerEntry> {
        self.regions.lock().await.values().map(|s| s.entry.clone()).collect()
    }

    /// The ARNs that the sweep of a region lists, sorted.
    pub async fn arns(&self, session: &Session, region: &str) -> Vec<String> {
        let sweep = self.sweep(session, region).await;
        let mut arns: Vec<String> = sweep.tags.keys().cloned().collect();
        arns.sort_unstable();
        arns
    }

    async fn sweep(&self, session: &Session, region: &str) -> std::sync::Arc<Sweep> {
        // The lock is held over the sweep, so that collectors of a region wait for one sweep instead of making many.
        let mut regions = self.regions.lock().await;
        if let Some(sweep) = regions.get(region) {
            return sweep.clone();
        }
        let sweep = std::sync::Arc::new(sweep(session, region).await);
        regions.insert(region.to_owned(), sweep.clone());
        sweep
    }

    /// Sets the tags of a resource by its ARN.
    pub async fn apply(&self, scan: &Scan<'_>, resource: &mut Resource) {
        // A bucket is listed globally and tagged in its own region.
        let region = if resource.region == GLOBAL { scan.endpoint_region().to_owned() } else { resource.region.clone() };
        let sweep = self.sweep(scan.session, &region).await;
        let Some(arn) = &resource.arn else { return };
        if let Some(tags) = sweep.tags.get(arn) {
            set(resource, tags.clone());
        } else if let Some(failure) = &sweep.failure {
            resource.mark_unread(&["tags"], failure);
        }
    }
}

/// Puts tags on a resource: AWS's own (`aws:…`) go to `facts.aws_tags`, and a `Name` tag names it.
pub fn set(resource: &mut Resource, tags: BTreeMap<String, String>) {
    let (reserved, own): (BTreeMap<_, _>, BTreeMap<_, _>) = tags.into_iter().partition(|(k, _)| k.starts_with("aws:"));
    if !reserved.is_empty() {
        resource.fact("aws_tags", json!(reserved));
    }
    if let Some(name) = own.get("Name").filter(|n| !n.is_empty()) {
        resource.name = Some(name.clone());
    }
    resource.tags = own;
}

async fn sweep(session: &Session, region: &str) -> Sweep {
    let mut tags = Tags::new();
    let mut entry = ledger_entry(&session.account, region, &CALL, Vec::new());
    let mut failure = None;
    let mut token = String::new();
    loop {
        let input = if token.is_empty() {
            json!({ "ResourcesPerPage": 100 })
        } else {
            json!({ "ResourcesPerPage": 100, "PaginationToken": token })
        };
        let answer: Result<Value, ApiError> = session.send(&CALL, region, session.json(region, CALL.name, input)).await;
        entry.requests += 1;
        match answer {
            Ok(page) => {
                for mapping in items(&page, "ResourceTagMappingList") {
                    let Some(arn) = text(mapping, "ResourceARN") else { continue };
                    let of = items(mapping, "Tags")
                        .iter()
                        .filter_map(|t| Some((text(t, "Key")?.to_owned(), text(t, "Value").unwrap_or_default().to_owned())))
                        .collect();
                    entry.count += 1;
                    tags.insert(arn.to_owned(), of);
                }
                match text(&page, "PaginationToken") {
                    Some(next) if !next.is_empty() && next != token => token = next.to_owned(),
                    _ => break,
                }
            }
            Err(error) => {
                note_failure(&mut entry, &error);
                failure = Some(format!("{}: {}: {}", error.outcome.word(), CALL.name, error.code));
                break;
            }
        }
    }
    Sweep { tags, failure, entry }
}
