//! What the whole account costs per month, and what of it could be saved.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::book::PriceBook;
use super::estimate::{Estimate, cents};
use super::service::service_of;
use crate::estate::Estate;
use crate::estate::resource::GLOBAL;
use crate::rules::{Category, Findings, Verdict};

/// Name of the group of resources without an environment.
pub const NO_ENVIRONMENT: &str = "unassigned";

/// Resources listed as the most expensive ones.
const TOP: usize = 15;

/// One slice of the whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// Service or environment.
    pub name: String,
    /// Sum of the known prices, US dollars per month.
    pub usd: f64,
    /// Resources that add to it.
    pub priced: usize,
    /// Resources that are billed and could not be priced.
    pub unpriced: usize,
}

/// One of the most expensive resources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TopItem {
    /// Terraform type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Import id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Region.
    pub region: String,
    /// Environment, where one is known.
    pub environment: Option<String>,
    /// US dollars per month.
    pub usd: f64,
    /// False when `usd` is a lower bound.
    pub complete: bool,
    /// The formula.
    pub note: String,
}

/// Money that a finding says could be saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Saving {
    /// Finding id.
    pub finding: String,
    /// Rule id.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// Name of the resource.
    pub name: String,
    /// US dollars per month.
    pub usd: f64,
    /// How it was reckoned.
    pub note: Option<String>,
}

/// A type that is billed and could not be priced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unpriced {
    /// Terraform type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Why.
    pub note: String,
    /// How many.
    pub count: usize,
}

/// The account's costs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Costs {
    /// Sum of the known prices, US dollars per month.
    pub known_usd: f64,
    /// Resources in that sum.
    pub priced: usize,
    /// Of these, resources whose figure is a lower bound.
    pub partial: usize,
    /// Resources that are billed and could not be priced.
    pub unpriced: usize,
    /// Day of the oldest and of the newest price that was used.
    pub prices_from: Option<(String, String)>,
    /// By service, dearest first.
    pub by_service: Vec<Share>,
    /// By environment, dearest first.
    pub by_environment: Vec<Share>,
    /// The dearest resources.
    pub top: Vec<TopItem>,
    /// What could be saved, largest first.
    pub savings: Vec<Saving>,
    /// The savings together as the audit reckons them: of each resource the largest.
    pub savings_usd: f64,
    /// What could not be priced, by type and reason.
    pub without_price: Vec<Unpriced>,
    /// Regions with billed resources of which the book has no price at all.
    pub regions_without_prices: Vec<String>,
    /// What holds for all of these figures.
    pub basis: String,
}

impl Costs {
    /// Adds up `estimates`, which stand in the order of `estate.resources()`.
    pub fn new(estate: &Estate, estimates: &[Estimate], findings: &Findings, book: &PriceBook) -> Costs {
        let mut costs = Costs {
            savings_usd: findings.summary.monthly_usd_savings,
            basis: "List prices on demand, 730 hours a month, without tax, discounts, reservations, free tier, and without what \
                    depends on use (traffic, requests)."
                .into(),
            ..Costs::default()
        };
        let mut services: BTreeMap<&str, Share> = BTreeMap::new();
        let mut environments: BTreeMap<String, Share> = BTreeMap::new();
        let mut without: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut days: Vec<&str> = Vec::new();
        let known_regions = book.regions();
        let mut unknown_regions: BTreeSet<&str> = BTreeSet::new();
        for (resource, estimate) in estate.resources().iter().zip(estimates) {
            if estimate.is_free() {
                continue;
            }
            let environment = estate.environment(resource).map(|e| e.name.clone());
            let slices = [
                services.entry(service_of(&resource.kind)).or_default(),
                environments.entry(environment.clone().unwrap_or_else(|| NO_ENVIRONMENT.into())).or_default(),
            ];
            match estimate.usd {
                Some(usd) => {
                    costs.known_usd += usd;
                    costs.priced += 1;
                    costs.partial += usize::from(!estimate.complete);
                    days.extend(estimate.items.iter().map(|i| i.as_of.as_str()));
                    for slice in slices {
                        slice.usd += usd;
                        slice.priced += 1;
                    }
                    if usd > 0.0 {
                        costs.top.push(TopItem {
                            kind: resource.kind.clone(),
                            id: resource.id.clone(),
                            name: resource.label().to_owned(),
                            region: resource.region.clone(),
                            environment,
                            usd,
                            complete: estimate.complete,
                            note: estimate.note.clone(),
                        });
                    }
                }
                None => {
                    costs.unpriced += 1;
                    if resource.region != GLOBAL && !known_regions.contains(&resource.region.as_str()) {
                        unknown_regions.insert(&resource.region);
                    }
                    *without.entry((&resource.kind, &estimate.note)).or_default() += 1;
                    for slice in slices {
                        slice.unpriced += 1;
                    }
                }
            }
        }
        costs.known_usd = cents(costs.known_usd);
        costs.regions_without_prices = unknown_regions.into_iter().map(str::to_owned).collect();
        costs.prices_from = days.iter().min().zip(days.iter().max()).map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        costs.by_service = shares(services);
        costs.by_environment = shares(environments);
        costs.top.sort_by(|a, b| b.usd.total_cmp(&a.usd).then_with(|| (&a.kind, &a.region, &a.id).cmp(&(&b.kind, &b.region, &b.id))));
        costs.top.truncate(TOP);
        costs.without_price =
            without.into_iter().map(|((kind, note), count)| Unpriced { kind: kind.into(), note: note.into(), count }).collect();
        costs.savings = findings
            .findings
            .iter()
            .filter(|f| f.verdict == Verdict::Fail && f.category == Category::Cost)
            .filter_map(|f| {
                Some(Saving {
                    finding: f.id.clone(),
                    rule: f.rule.clone(),
                    title: f.title.clone(),
                    name: f.resource.name.clone(),
                    usd: f.monthly_usd.filter(|usd| *usd > 0.0)?,
                    note: f.monthly_note.clone(),
                })
            })
            .collect();
        costs.savings.sort_by(|a, b| b.usd.total_cmp(&a.usd).then_with(|| a.finding.cmp(&b.finding)));
        costs
    }

    /// The estimates of all resources, in the order of `estate.resources()`.
    pub fn estimates(estate: &Estate, book: &PriceBook) -> Vec<Estimate> {
        estate.resources().iter().map(|r| book.monthly(estate, r)).collect()
    }
}

fn shares<K: Into<String>>(slices: BTreeMap<K, Share>) -> Vec<Share> {
    let mut shares: Vec<Share> = slices.into_iter().map(|(name, s)| Share { name: name.into(), usd: cents(s.usd), ..s }).collect();
    shares.sort_by(|a, b| b.usd.total_cmp(&a.usd).then_with(|| a.name.cmp(&b.name)));
    shares
}
