//! Figures of CloudWatch in bulk: one request for up to 500 of them.

use serde_json::{Value, json};

use super::collector::{Call, detail};
use super::scan::{Detail, Scan};
use super::value::{items, text};
use crate::estate::Resource;

/// The one call. CloudWatch bills a hundredth of a dollar for a thousand figures.
pub const CALL: Call = detail("cloudwatch:GetMetricData");

/// Figures in one request (API reference of `GetMetricData`, 2026-11).
const BATCH: usize = 500;

/// How far back figures are asked for.
const DAYS: i64 = 7;

/// One figure over time.
#[derive(Debug, Clone, Copy)]
pub struct Figure<'a> {
    /// `AWS/RDS`
    pub namespace: &'a str,
    /// `FreeStorageSpace`
    pub metric: &'a str,
    /// Name and value of its one dimension.
    pub dimension: (&'a str, &'a str),
    /// `Minimum`, `Maximum`, `Sum` or `Average` within a period.
    pub statistic: &'a str,
    /// Length of a period in seconds.
    pub period: u32,
}

/// The values of the last seven days, newest first, one list per figure; empty where CloudWatch has none. `None` when it could not be
/// asked: then `paths` are marked unread on `resource`. The collector must declare [`CALL`].
pub async fn last_week(scan: &Scan<'_>, resource: &mut Resource, paths: &[&str], figures: &[Figure<'_>]) -> Option<Vec<Vec<f64>>> {
    let now = jiff::Timestamp::now().as_second();
    let mut all = vec![Vec::new(); figures.len()];
    for (batch, chunk) in figures.chunks(BATCH).enumerate() {
        let queries: Vec<Value> = chunk.iter().enumerate().map(|(i, f)| query(batch * BATCH + i, f)).collect();
        let mut input =
            json!({ "StartTime": now - DAYS * 86_400, "EndTime": now, "ScanBy": "TimestampDescending", "MetricDataQueries": queries });
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

fn query(index: usize, figure: &Figure<'_>) -> Value {
    json!({
        "Id": format!("f{index}"),
        "MetricStat": {
            "Metric": {
                "Namespace": figure.namespace,
                "MetricName": figure.metric,
                "Dimensions": [{ "Name": figure.dimension.0, "Value": figure.dimension.1 }],
            },
            "Period": figure.period,
            "Stat": figure.statistic,
        },
    })
}
