//! Rates: a permit per request, so that a scan never takes an account's API quota away from its own applications.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::collector::Call;

/// Requests per second and burst per (service, region) where a call declares none. EC2, the best documented, refills its
/// describe bucket at 20 per second from 100 (EC2 API throttling, user guide, 2026-11); this stays at half.
const DEFAULT_RATE: f64 = 10.0;
const BURST: f64 = 50.0;

/// Rates of services whose documented limits differ, requests per second (service quotas pages, 2026-11).
const SERVICE_RATES: &[(&str, f64)] = &[("s3", 80.0), ("iam", 10.0), ("ec2", 15.0), ("cloudwatch", 8.0), ("logs", 5.0), ("sns", 20.0)];

struct Bucket {
    tokens: f64,
    refilled: Instant,
}

/// Token buckets by (service or call, region).
pub struct Rates {
    buckets: Mutex<HashMap<(String, String), Bucket>>,
    unlimited: bool,
}

impl Rates {
    /// Buckets that start full. `unlimited` is for replays, which nobody else shares.
    #[must_use]
    pub fn new(unlimited: bool) -> Self {
        Rates { buckets: Mutex::new(HashMap::new()), unlimited }
    }

    /// Waits until a request of `call` may be sent to `region`.
    pub async fn permit(&self, call: &Call, region: &str) {
        while let Some(wait) = self.take(call, region) {
            tokio::time::sleep(wait).await;
        }
    }

    fn take(&self, call: &Call, region: &str) -> Option<Duration> {
        if self.unlimited {
            return None;
        }
        let (key, rate, burst) = match call.rate {
            Some(rate) => (call.name, rate, rate.max(1.0)),
            None => {
                let rate = SERVICE_RATES.iter().find(|(s, _)| *s == call.service()).map_or(DEFAULT_RATE, |(_, r)| *r);
                (call.service(), rate, BURST)
            }
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Instant::now();
        let bucket = buckets.entry((key.to_owned(), region.to_owned())).or_insert(Bucket { tokens: burst, refilled: now });
        bucket.tokens = (bucket.tokens + now.duration_since(bucket.refilled).as_secs_f64() * rate).min(burst);
        bucket.refilled = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            None
        } else {
            Some(Duration::from_secs_f64((1.0 - bucket.tokens) / rate))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::list;

    #[test]
    fn a_bucket_runs_dry_after_its_burst_and_is_per_region() {
        let rates = Rates::new(false);
        let call = list("cloudtrail:LookupEvents").rate(2.0);
        assert!(rates.take(&call, "eu-west-3").is_none());
        assert!(rates.take(&call, "eu-west-3").is_none());
        let wait = rates.take(&call, "eu-west-3").unwrap();
        assert!(wait <= Duration::from_millis(500) && wait > Duration::from_millis(300), "{wait:?}");
        assert!(rates.take(&call, "us-east-1").is_none());
    }
}
