//! The price book: dated list prices per region, in `prices/*.csv`.
//!
//! Figures are AWS's public on-demand prices for the regions that the files name. A region that is not in the book has no
//! price: the price of another region is never taken for it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::error::Error;

/// The files of the embedded book, with their names for messages.
const FILES: [(&str, &str); 4] = [
    ("prices/ec2.csv", include_str!("../../prices/ec2.csv")),
    ("prices/elasticache.csv", include_str!("../../prices/elasticache.csv")),
    ("prices/rds.csv", include_str!("../../prices/rds.csv")),
    ("prices/services.csv", include_str!("../../prices/services.csv")),
];

/// How the types without a price of their own are billed.
const BILLING: (&str, &str) = ("prices/billing.csv", include_str!("../../prices/billing.csv"));

/// One list price.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Price {
    /// Family: `ec2-linux`, `ebs`, `rds-postgres-multi-az`, `vpc` …
    pub service: String,
    /// Item within the family: `t3.medium`, `gp3`, `nat-gateway` …
    pub item: String,
    /// Region, `global` for services without regions, or `*` for a price that is the same in every commercial region.
    pub region: String,
    /// What one unit is: `hour`, `GB-month`, `key-month` …
    pub unit: String,
    /// US dollars for one unit, without tax and discounts.
    pub usd: f64,
    /// Day the price was in force, `YYYY-MM-DD`.
    pub as_of: String,
    /// Where the figure comes from.
    pub source: String,
}

/// How a type without a price of its own is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Billing {
    /// Nothing is billed for it.
    Free,
    /// Billed by use, which a survey of the configuration does not see.
    Use,
    /// Billed through another resource.
    Parent,
}

#[derive(Debug, Deserialize)]
struct BillingRow {
    #[serde(rename = "type")]
    kind: String,
    billing: Billing,
    note: String,
}

/// All prices known to this build.
#[derive(Debug, Default)]
pub struct PriceBook {
    prices: BTreeMap<String, Price>,
    /// Exact types and, with a trailing `*` cut off, prefixes.
    exact: BTreeMap<String, (Billing, String)>,
    prefixes: BTreeMap<String, (Billing, String)>,
}

/// The region of a price that AWS asks in every commercial region alike.
const EVERYWHERE: &str = "*";

/// True for a region of the partition `aws`; China and GovCloud have prices of their own.
fn is_commercial(region: &str) -> bool {
    !["cn-", "us-gov-", "us-iso"].iter().any(|other| region.starts_with(other))
}

fn key(service: &str, item: &str, region: &str) -> String {
    format!("{service}\u{1f}{item}\u{1f}{region}")
}

impl PriceBook {
    /// The book that is built into the program.
    pub fn embedded() -> &'static PriceBook {
        static BOOK: OnceLock<PriceBook> = OnceLock::new();
        // The files are part of the binary and `the_embedded_book_is_sound` reads them all: a failure here cannot happen
        // in a program whose tests passed.
        BOOK.get_or_init(|| PriceBook::parse(&FILES, BILLING).unwrap_or_else(|e| unreachable!("{e}")))
    }

    /// Reads price files (name and text) and the billing table.
    ///
    /// # Errors
    /// [`Error::input`] with file and line when a row is broken, a price is negative, or an item stands twice.
    pub fn parse(files: &[(&str, &str)], billing: (&str, &str)) -> Result<PriceBook, Error> {
        let mut book = PriceBook::default();
        for (name, text) in files {
            for row in rows::<Price>(name, text) {
                let (line, price) = row?;
                if !price.usd.is_finite() || price.usd < 0.0 {
                    return Err(Error::input(format!("{name}:{line}: {} is not a price", price.usd)));
                }
                if price.as_of.parse::<jiff::civil::Date>().is_err() {
                    return Err(Error::input(format!("{name}:{line}: `{}` is not a date (YYYY-MM-DD)", price.as_of)));
                }
                let key = key(&price.service, &price.item, &price.region);
                if book.prices.contains_key(&key) {
                    let Price { service, item, region, .. } = price;
                    return Err(Error::input(format!("{name}:{line}: {service} {item} in {region} has a price already")));
                }
                book.prices.insert(key, price);
            }
        }
        for row in rows::<BillingRow>(billing.0, billing.1) {
            let (_, row) = row?;
            match row.kind.strip_suffix('*') {
                Some(prefix) => book.prefixes.insert(prefix.into(), (row.billing, row.note)),
                None => book.exact.insert(row.kind, (row.billing, row.note)),
            };
        }
        Ok(book)
    }

    /// The price of an item in exactly this region, or the one that AWS asks in every commercial region.
    pub fn price(&self, service: &str, item: &str, region: &str) -> Option<&Price> {
        let everywhere = || if is_commercial(region) { self.prices.get(&key(service, item, EVERYWHERE)) } else { None };
        self.prices.get(&key(service, item, region)).or_else(everywhere)
    }

    /// How a type without a price of its own is billed, with the reason; `None` when the book does not know the type.
    pub fn billing(&self, kind: &str) -> Option<(Billing, &str)> {
        let found = self.exact.get(kind).or_else(|| {
            self.prefixes.range(..=kind.to_owned()).rev().find(|(prefix, _)| kind.starts_with(prefix.as_str())).map(|(_, v)| v)
        });
        found.map(|(billing, note)| (*billing, note.as_str()))
    }

    /// Regions with prices of their own, sorted.
    pub fn regions(&self) -> Vec<&str> {
        let mut regions: Vec<&str> =
            self.prices.values().map(|p| p.region.as_str()).filter(|r| !["global", EVERYWHERE].contains(r)).collect();
        regions.sort_unstable();
        regions.dedup();
        regions
    }

    /// Oldest and newest day of the prices in the book.
    pub fn dates(&self) -> Option<(&str, &str)> {
        let days = || self.prices.values().map(|p| p.as_of.as_str());
        Some((days().min()?, days().max()?))
    }

    /// Number of prices.
    pub fn len(&self) -> usize {
        self.prices.len()
    }

    /// True when there is no price at all.
    pub fn is_empty(&self) -> bool {
        self.prices.is_empty()
    }
}

/// The records of a CSV text with their line numbers.
fn rows<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Vec<Result<(u64, T), Error>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    // The header is line 1; no field of ours holds a line break.
    let row = |(at, row): (usize, Result<T, csv::Error>)| {
        let line = at as u64 + 2;
        row.map(|row| (line, row)).map_err(|e| Error::input(format!("{name}:{line}: {e}")))
    };
    reader.deserialize().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_book_is_sound() {
        let book = PriceBook::parse(&FILES, BILLING).expect("embedded prices");
        assert!(book.len() > 5000, "{} prices", book.len());
        for region in ["ap-southeast-2", "eu-west-3", "us-east-1"] {
            assert!(book.regions().contains(&region), "{region}");
            assert!(book.price("ec2-linux", "t3.micro", region).is_some(), "{region}");
        }
    }

    #[test]
    fn a_price_belongs_to_one_region() {
        let book = PriceBook::embedded();
        let paris = book.price("ec2-linux", "c5.xlarge", "eu-west-3").expect("c5.xlarge in Paris");
        assert_eq!((paris.usd, paris.unit.as_str(), paris.as_of.as_str()), (0.202, "hour", "2025-04-04"));
        assert_eq!(book.price("ec2-linux", "c5.xlarge", "us-east-1").map(|p| p.usd), Some(0.17));
        assert_eq!(book.price("ec2-linux", "c5.xlarge", "af-south-1"), None);
        assert_eq!(book.price("elb", "nlb", "eu-west-3"), None, "known for us-east-1 only");
    }

    #[test]
    fn what_costs_the_same_everywhere_is_known_everywhere_but_not_in_other_partitions() {
        let book = PriceBook::embedded();
        assert_eq!(book.price("kms", "key", "eu-central-1").map(|p| p.usd), Some(1.0));
        assert_eq!(book.price("kms", "key", "cn-north-1"), None);
        assert_eq!(book.price("vpc", "nat-gateway", "ap-southeast-2").map(|p| p.usd), Some(0.059));
    }

    #[test]
    fn the_newest_of_several_figures_counts() {
        assert_eq!(PriceBook::embedded().price("ebs", "gp3", "eu-west-3").map(|p| (p.usd, p.as_of.as_str())), Some((0.0928, "2026-10-09")));
    }

    #[test]
    fn the_longest_billing_pattern_wins() {
        let book = PriceBook::embedded();
        assert_eq!(book.billing("aws_s3_bucket").map(|b| b.0), Some(Billing::Use));
        assert_eq!(book.billing("aws_s3_bucket_versioning").map(|b| b.0), Some(Billing::Free));
        assert_eq!(book.billing("aws_cloudfront_distribution").map(|b| b.0), Some(Billing::Use));
        assert_eq!(book.billing("aws_never_heard_of"), None);
    }

    #[test]
    fn broken_files_name_file_and_line() {
        let head = "service,item,region,unit,usd,as_of,source\n";
        let billing = ("b.csv", "type,billing,note\n");
        let parse = |rows: &str| PriceBook::parse(&[("p.csv", &format!("{head}{rows}"))], billing).map(|b| b.len()).map_err(|e| e.message);
        assert_eq!(parse("a,b,c,hour,1.5,2024-01-01,s\n"), Ok(1));
        for (rows, expected) in [
            ("a,b,c,hour,-1,2024-01-01,s\n", "p.csv:2: -1 is not a price"),
            ("a,b,c,hour,1,2024-13-01,s\n", "p.csv:2: `2024-13-01` is not a date (YYYY-MM-DD)"),
            ("a,b,c,hour,1,2024-01-01,s\na,b,c,hour,2,2025-01-01,s\n", "p.csv:3: a b in c has a price already"),
        ] {
            assert_eq!(parse(rows), Err(expected.to_owned()));
        }
        assert!(parse("a,b,c,hour,cheap,2024-01-01,s\n").is_err_and(|m| m.starts_with("p.csv:2: ")));
        assert!(parse("a,b,c\n").is_err_and(|m| m.starts_with("p.csv:2: ")));
    }
}
