//! Figures of CloudWatch in bulk: one request for up to 500 of them.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::collector::{Call, detail};
use super::scan::{Detail, Scan};
use super::value::{items, text};
use crate::estate::Resource;

/// The one call. CloudWatch bills a hundredth of a dollar for a thousand figures.
pub const CALL: Call = detail("cloudwatch:GetMetricData");

/// Figures in one request (API reference of `GetMetricData`, 2026-11).
const BATCH: usize = 500;

/// One figure over time.
#[derive(Debug, Clone)]
pub struct Figure<'a> {
    /// `AWS/RDS`
    pub namespace: &'a str,
    /// `FreeStorageSpace`
    pub metric: &'a str,
    /// Names and values of its dimensions: all that AWS publishes it with, and none for what holds for the whole region. A figure
    /// with other dimensions is another figure.
    pub dimensions: Vec<(&'a str, &'a str)>,
    /// `Minimum`, `Maximum`, `Sum` or `Average` within a period.
    pub statistic: &'a str,
    /// Length of a period in seconds.
    pub period: u32,
}

/// The values of the last `days` days, newest first, one list per figure; empty where CloudWatch has none. `None` when it could not be
/// asked: then `paths` are marked unread on `resource`. The collector must declare [`CALL`].
pub async fn read(scan: &Scan<'_>, resource: &mut Resource, paths: &[&str], days: i64, figures: &[Figure<'_>]) -> Option<Vec<Vec<f64>>> {
    let now = jiff::Timestamp::now().as_second();
    let mut all = vec![Vec::new(); figures.len()];
    for (batch, chunk) in figures.chunks(BATCH).enumerate() {
        let queries: Vec<Value> = chunk.iter().enumerate().map(|(i, f)| query(batch * BATCH + i, f)).collect();
        let mut input =
            json!({ "StartTime": now - days * 86_400, "EndTime": now, "ScanBy": "TimestampDescending", "MetricDataQueries": queries });
        loop {
            let Detail::Got(answer) = scan.json_detail(resource, CALL.name, paths, input.clone()).await else { return None };
            for result in items(&answer, "MetricDataResults") {
                let index = text(result, "Id").and_then(|id| id.strip_prefix('f')?.parse::<usize>().ok());
                if let Some(values) = index.and_then(|i| all.get_mut(i)) {
                    values.extend(items(result, "Values").iter().filter_map(Value::as_f64));
                }
            }
            match text(&answer, "NextToken").filter(|t| !t.is_empty()) {
                Some(token) => input["NextToken"] = token.into(),
                None => break,
            }
        }
    }
    Some(all)
}

/// The same figures of many things of one kind, asked for at once.
#[derive(Debug, Default)]
pub struct Each {
    /// Values by id, in the order in which the figures were asked for.
    values: HashMap<String, Vec<Vec<f64>>>,
    /// Why they are not known.
    unread: Option<String>,
}

/// Asks for `of` each of the `ids`; nothing is asked where there are none.
pub async fn each<'a, const N: usize>(
    scan: &Scan<'_>,
    kind: &str,
    days: i64,
    ids: &[&'a str],
    of: impl Fn(&'a str) -> [Figure<'a>; N],
) -> Each {
    if ids.is_empty() {
        return Each::default();
    }
    let asked: Vec<Figure<'a>> = ids.iter().flat_map(|id| of(id)).collect();
    // Nothing is emitted of this one; it takes up what could not be read.
    let mut any = scan.resource(kind, "any");
    match read(scan, &mut any, &["facts"], days, &asked).await {
        Some(values) => {
            let values = ids.iter().zip(values.chunks(N)).map(|(id, own)| ((*id).to_owned(), own.to_vec())).collect();
            Each { values, unread: None }
        }
        None => Each { values: HashMap::new(), unread: any.unread.remove("facts") },
    }
}

impl Each {
    /// Puts what `reckon` makes of the values of `id` on its resource, as facts of these names. Where nothing was asked of it, nothing is
    /// said; what could not be read is unread.
    pub fn tell<const M: usize>(&self, r: &mut Resource, id: &str, names: [&str; M], reckon: impl Fn(&[Vec<f64>]) -> [Option<f64>; M]) {
        if let Some(cause) = &self.unread {
            for name in names {
                r.mark_unread(&[&format!("facts.{name}")], cause);
            }
        } else if let Some(values) = self.values.get(id) {
            for (name, value) in names.into_iter().zip(reckon(values)) {
                r.fact(name, value);
            }
        }
    }
}

/// The sum of the values: 0 without any, for what AWS counts only when it happens.
#[must_use]
pub fn sum(values: &[f64]) -> f64 {
    // An empty sum of floats is minus zero.
    values.iter().sum::<f64>() + 0.0
}

/// The greatest value.
#[must_use]
pub fn greatest(values: &[f64]) -> Option<f64> {
    values.iter().copied().reduce(f64::max)
}

/// The greatest of the daily values, when there is one for each of the last `days` days: less tells nothing of a whole time. The first
/// day may be cut off.
#[must_use]
pub fn greatest_of_all_days(values: &[f64], days: usize) -> Option<f64> {
    if values.len() + 1 < days { None } else { greatest(values) }
}

fn query(index: usize, figure: &Figure<'_>) -> Value {
    json!({
        "Id": format!("f{index}"),
        "MetricStat": {
            "Metric": {
                "Namespace": figure.namespace,
                "MetricName": figure.metric,
                "Dimensions": figure.dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect::<Vec<_>>(),
            },
            "Period": figure.period,
            "Stat": figure.statistic,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_named_by_all_its_dimensions() {
        let figure = |dimensions| Figure { namespace: "N", metric: "M", dimensions, statistic: "Sum", period: 60 };
        let named = query(3, &figure(vec![("VPC Id", "vpc-1"), ("Service Name", "s")]));
        assert_eq!(named["Id"], "f3");
        assert_eq!(
            named["MetricStat"]["Metric"]["Dimensions"],
            json!([{ "Name": "VPC Id", "Value": "vpc-1" }, { "Name": "Service Name", "Value": "s" }])
        );
        assert_eq!(query(0, &figure(Vec::new()))["MetricStat"]["Metric"]["Dimensions"], json!([]));
    }

    #[test]
    fn a_part_of_the_days_is_not_the_whole_time() {
        assert_eq!(greatest_of_all_days(&[1.0; 14], 14), Some(1.0));
        assert_eq!(greatest_of_all_days(&[1.0; 13], 14), Some(1.0), "the first day may be cut off");
        assert_eq!(greatest_of_all_days(&[1.0; 12], 14), None);
        assert_eq!((sum(&[]), sum(&[1.0, 2.0])), (0.0, 3.0));
    }
}
