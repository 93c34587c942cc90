//! What rules can ask besides the subject's own attributes, prepared once per run.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use crate::cost::PriceBook;
use crate::estate::{Estate, OwnershipClass, Resource, resource::GLOBAL};

use super::value::{Items, List};

/// The price of a resource, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Price {
    /// US dollars per month; `None` when no price is known.
    pub usd: Option<f64>,
    /// How it was reckoned and when the price was dated, or why there is none.
    pub note: String,
}

/// Tells the monthly price of a resource.
pub type Prices<'a> = dyn Fn(&Estate, &Resource) -> Price + Sync + 'a;

/// The estate with what rules ask often.
pub struct World<'a> {
    /// The related snapshot.
    pub estate: &'a Estate,
    /// Prices.
    pub prices: &'a Prices<'a>,
    /// List prices, for what is no resource of its own.
    pub book: &'a PriceBook,
    /// The snapshot's time: "now" of every rule.
    pub now: jiff::Timestamp,
    by_kind: BTreeMap<&'a str, Arc<[&'a Resource]>>,
    /// Listings by type and region (`None`: everywhere) and their gaps: rules ask the same ones for every resource.
    listings: RwLock<HashMap<(String, Option<String>), Listing<'a>>>,
}

/// Resources of a type, and why there may be more.
type Listing<'a> = (Arc<[&'a Resource]>, Arc<[String]>);

impl<'a> World<'a> {
    /// Indexes an estate by type.
    pub fn new(estate: &'a Estate, prices: &'a Prices<'a>, book: &'a PriceBook) -> Self {
        let mut by_kind: BTreeMap<&str, Vec<&Resource>> = BTreeMap::new();
        for resource in estate.resources() {
            by_kind.entry(&resource.kind).or_default().push(resource);
        }
        let now = estate.snapshot().meta.taken_at.parse().unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        World { estate, prices, book, now, by_kind: by_kind.into_iter().map(|(k, v)| (k, v.into())).collect(), listings: RwLock::default() }
    }

    /// The account's alias, else its number.
    pub fn account_name(&self) -> &'a str {
        let meta = &self.estate.snapshot().meta;
        meta.alias.as_deref().filter(|a| !a.is_empty()).unwrap_or(&meta.account)
    }

    /// All resources of a type, in one region (with the global ones) or everywhere; with the gaps of their listing.
    pub fn all(&self, kind: &str, region: Option<&str>) -> List<'a> {
        let (items, gaps) = self.listing(kind, region);
        List { items: Items::Resources(items), gaps: gaps.to_vec(), of: None, path: format!("all {kind}") }
    }

    /// Why the listing of a type is not complete in a region; empty when it is.
    pub fn gaps(&self, kind: &str, region: Option<&str>) -> Arc<[String]> {
        self.listing(kind, region).1
    }

    fn listing(&self, kind: &str, region: Option<&str>) -> Listing<'a> {
        let key = (kind.to_string(), region.map(String::from));
        if let Some(known) = self.listings.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        let everywhere = self.by_kind.get(kind).cloned().unwrap_or_else(|| Arc::from([]));
        let items = match region {
            None => everywhere,
            Some(region) => everywhere.iter().filter(|r| r.region == region || r.region == GLOBAL).copied().collect(),
        };
        let listing: Listing<'a> = (items, self.estate.incomplete(kind, region).into());
        self.listings.write().unwrap_or_else(PoisonError::into_inner).insert(key, listing.clone());
        listing
    }

    /// Resources of a type that hang together with one; with the gaps of their listing.
    pub fn related(&self, resource: &'a Resource, kind: &str) -> List<'a> {
        let items: Vec<&'a Resource> = self.estate.related(resource, kind);
        let region = if resource.region == GLOBAL { None } else { Some(resource.region.as_str()) };
        let gaps = self.gaps(kind, region).to_vec();
        List { items: Items::Resources(items.into()), gaps, of: Some(resource), path: format!("related {kind}") }
    }

    /// What people made in a region and use there, without the guards that belong into every region.
    pub fn in_use(&self, region: &str) -> bool {
        self.made_in(region).next().is_some()
    }

    fn made_in(&self, region: &str) -> impl Iterator<Item = &'a Resource> {
        let ours = |r: &&Resource| r.ownership.class == OwnershipClass::Ours && !GUARDS.iter().any(|g| r.kind.starts_with(g));
        let resources = self.estate.resources();
        resources.iter().filter(move |r| r.region == region).filter(ours)
    }

    /// What stands in a region because somebody chose that region: without what AWS wants in one certain region, and without what
    /// looks after other things. With the reasons why there may be more.
    pub fn held_in(&self, region: &str) -> (Vec<&'a Resource>, Vec<String>) {
        let held = self.made_in(region).filter(|r| !HELPERS.iter().any(|h| r.kind.starts_with(h))).collect();
        let ledger = &self.estate.snapshot().ledger;
        let gaps = ledger
            .iter()
            .filter(|e| e.region == region && e.listing && !e.outcome.is_complete())
            .map(|e| format!("not all of {region} was seen: {}", e.call))
            .collect();
        (held, gaps)
    }

    /// How many things the busiest region holds.
    pub fn busiest(&self) -> usize {
        let regions: BTreeSet<&str> = self.estate.resources().iter().map(|r| r.region.as_str()).filter(|r| *r != GLOBAL).collect();
        regions.into_iter().map(|region| self.held_in(region).0.len()).max().unwrap_or(0)
    }
}

/// Beginnings of types that watch a region, used or not.
const GUARDS: &[&str] = &[
    "aws_accessanalyzer_",
    "aws_cloudtrail",
    "aws_config_",
    "aws_detective_",
    "aws_ebs_encryption_by_default",
    "aws_ebs_snapshot_block_public_access",
    "aws_guardduty_",
    "aws_inspector",
    "aws_macie",
    "aws_securityhub_",
];

/// Beginnings of types that look after other things, or that CloudFront and billing want in us-east-1.
const HELPERS: &[&str] = &[
    "aws_acm_certificate",
    "aws_budgets_",
    "aws_cloudwatch_dashboard",
    "aws_cloudwatch_event_",
    "aws_cloudwatch_log_",
    "aws_cloudwatch_metric_alarm",
    "aws_default_",
    "aws_sns_",
    "aws_wafv2_",
];
