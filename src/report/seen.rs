//! How much of the account is modelled, by resources and by money, and what else was seen of it.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::labels::{self, count, usd};
use crate::estate::Snapshot;
use crate::estate::seen::{Billed, Evidence, Reason, Seen};

/// Ids that a line names; the rest is counted.
const NAMED: usize = 5;

/// How much is modelled.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Modelled {
    /// Resources in the snapshot that stand for things.
    pub resources: usize,
    /// Things that were seen and that nothing models.
    pub unmodelled: usize,
    /// What was seen besides the resources, what nothing models first.
    pub lines: Vec<Line>,
    /// The bill.
    pub bill: Option<Share>,
    /// All of it in sentences.
    pub sentences: Vec<String>,
}

/// Things of one kind, or the use of one service, in one region.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Why no resource stands for it.
    pub why: Reason,
    /// Service for people.
    pub service: String,
    /// Region, or `global`.
    pub region: String,
    /// Terraform's type, where it is known.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What revealed it.
    pub evidence: Evidence,
    /// Things; for services that are only in use: events, metrics or lines of the bill.
    pub count: usize,
    /// Some ids or ARNs.
    pub names: Vec<String>,
    /// US dollars in the month of the bill.
    pub usd: Option<f64>,
    /// Time of the newest event.
    pub last: Option<String>,
}

impl Line {
    /// What was seen, in words.
    pub fn what(&self) -> String {
        let mut words = match self.evidence {
            Evidence::Tags | Evidence::Listing => {
                let more = self.count.saturating_sub(self.names.len());
                let more = if more > 0 { format!(" and {} more", labels::thousands(more)) } else { String::new() };
                format!("{}{more}", self.names.join(", "))
            }
            Evidence::Events => count(self.count, "change in CloudTrail", "changes in CloudTrail"),
            Evidence::Metrics => count(self.count, "metric in CloudWatch", "metrics in CloudWatch"),
            Evidence::Bill => "on the bill".to_owned(),
        };
        if let Some(last) = &self.last {
            words.push_str(&format!(", the last {}", labels::time(last)));
        }
        if let Some(money) = self.usd {
            words.push_str(&format!(", {} in the month of the bill", usd(money)));
        }
        words
    }
}

/// The bill by what it is to us.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Share {
    /// `2026-10`
    pub month: String,
    /// Everything.
    pub total_usd: f64,
    /// Of services whose types are collected.
    pub modelled_usd: f64,
    /// Of services that nothing models.
    pub unmodelled_usd: f64,
    /// Of what has no resources: tax, support.
    pub other_usd: f64,
}

/// A reason in plain words.
pub fn reason(why: Reason) -> &'static str {
    match why {
        Reason::NotModelled => "not modelled",
        Reason::NotRead => "not read: its listing was not complete",
        Reason::NotListed => "tagged, but not listed: deleted lately, or left out because its kind comes and goes",
        Reason::NothingLeft => "used lately, and nothing is left",
    }
}

/// Works it out.
pub fn modelled(snapshot: &Snapshot) -> Modelled {
    let things = || snapshot.resources.iter().filter(|r| !r.is_pseudo());
    let mut out = Modelled { resources: things().count(), ..Modelled::default() };
    // What was taken over since then (`generate --also`) is modelled.
    let arns: HashSet<&str> = things().filter_map(|r| r.arn.as_deref()).collect();
    let ids: HashSet<(&str, &str)> = things().map(|r| (r.kind.as_str(), r.id.as_str())).collect();
    let is_taken = |s: &Seen| {
        s.arn.as_deref().is_some_and(|a| arns.contains(a))
            || s.kind.as_deref().zip(s.id.as_deref()).is_some_and(|(kind, id)| ids.contains(&(kind, id)))
    };
    let mut lines: BTreeMap<(Reason, String, String, Option<String>, Evidence), Line> = BTreeMap::new();
    for s in snapshot.seen.iter().flatten().filter(|s| !is_taken(s)) {
        let key = (s.why, s.name.clone(), s.region.clone(), s.kind.clone(), s.evidence);
        let line = lines.entry(key).or_insert_with(|| Line {
            why: s.why,
            service: s.name.clone(),
            region: s.region.clone(),
            kind: s.kind.clone(),
            evidence: s.evidence,
            count: 0,
            names: Vec::new(),
            usd: None,
            last: None,
        });
        line.count += usize::try_from(s.count).unwrap_or(usize::MAX);
        line.last = line.last.take().max(s.last.clone());
        if let Some(usd) = s.usd {
            line.usd = Some(line.usd.unwrap_or(0.0) + usd);
        }
        // An id means something beside its type; without one the whole ARN does.
        let name = if s.kind.is_some() { s.id.as_ref().or(s.arn.as_ref()) } else { s.arn.as_ref().or(s.id.as_ref()) };
        if line.names.len() < NAMED {
            line.names.extend(name.cloned());
        }
        if s.is_thing() && s.why == Reason::NotModelled {
            out.unmodelled += 1;
        }
    }
    out.lines = lines.into_values().collect();
    out.bill = snapshot.bill.as_ref().map(|bill| {
        let of = |what: Billed| crate::cost::cents(bill.lines.iter().filter(|l| l.coverage == what).map(|l| l.usd).sum());
        Share {
            month: bill.month.clone(),
            total_usd: crate::cost::cents(bill.lines.iter().map(|l| l.usd).sum()),
            modelled_usd: of(Billed::Modelled),
            unmodelled_usd: of(Billed::NotModelled),
            other_usd: of(Billed::NoResources),
        }
    });
    out.sentences = sentences(snapshot, &out);
    out
}

fn sentences(snapshot: &Snapshot, m: &Modelled) -> Vec<String> {
    let mut all = Vec::new();
    if snapshot.seen.is_none() {
        all.push(
            "What else the account holds was not asked: the scan was confined to some services, was stopped, or is of an older version."
                .to_owned(),
        );
        return all;
    }
    let seen = m.resources + m.unmodelled;
    if m.unmodelled == 0 {
        all.push(format!("By resources: all {} that were seen are modelled.", labels::thousands(seen)));
    } else {
        all.push(format!(
            "By resources: {} of {} that were seen are modelled ({}); {} not, listed below.",
            labels::thousands(m.resources),
            labels::thousands(seen),
            percent(m.resources as f64, seen as f64),
            count(m.unmodelled, "is", "are")
        ));
    }
    let uses: Vec<&Line> =
        m.lines.iter().filter(|l| l.why == Reason::NotModelled && !matches!(l.evidence, Evidence::Tags | Evidence::Listing)).collect();
    if !uses.is_empty() {
        let mut names: Vec<&str> = uses.iter().map(|l| l.service.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        all.push(format!("In use, without a listing of what they hold: {}.", labels::list(&names)));
    }
    match &m.bill {
        Some(bill) => {
            let with_resources = bill.modelled_usd + bill.unmodelled_usd;
            let mut words = format!(
                "By money: {} of {} billed in {} for services with resources belong to services that are modelled ({})",
                usd(bill.modelled_usd),
                usd(with_resources),
                bill.month,
                percent(bill.modelled_usd, with_resources)
            );
            if bill.other_usd > 0.0 {
                words.push_str(&format!("; {} more are tax, support and the like", usd(bill.other_usd)));
            }
            all.push(format!("{words}."));
        }
        None => all.push("By money: not asked; `--cost-explorer` asks for last month's bill, at a cent a request.".to_owned()),
    }
    all
}

/// A share that never rounds up to all.
fn percent(part: f64, whole: f64) -> String {
    if whole <= 0.0 {
        return "nothing was billed".to_owned();
    }
    let tenths = (part / whole * 1000.0).floor() / 10.0;
    format!("{tenths} %")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::seen::{Bill, BillLine};
    use crate::estate::{Resource, Snapshot};

    fn thing(service: &str, kind: Option<&str>, id: &str, why: Reason) -> Seen {
        Seen {
            service: service.into(),
            name: service.to_uppercase(),
            region: "eu-west-3".into(),
            why,
            evidence: Evidence::Tags,
            kind: kind.map(str::to_owned),
            arn: Some(format!("arn:aws:{service}:eu-west-3:1:{id}")),
            id: Some(id.into()),
            count: 1,
            last: None,
            usd: None,
        }
    }

    #[test]
    fn every_thing_counts_once_and_what_was_taken_over_is_modelled() {
        let mut snapshot = Snapshot::default();
        for id in ["i-1", "i-2", "i-3"] {
            snapshot.resources.push(Resource::new("aws_instance", "1", "eu-west-3", id));
        }
        snapshot.resources.push(Resource::new("x_account", "1", "global", "1"));
        snapshot.resources.push(Resource::new("aws_kinesis_stream", "1", "eu-west-3", "taken"));
        snapshot.seen = Some(vec![
            thing("kinesis", Some("aws_kinesis_stream"), "clicks", Reason::NotModelled),
            thing("kinesis", Some("aws_kinesis_stream"), "taken", Reason::NotModelled),
            thing("ec2", Some("aws_instance"), "i-gone", Reason::NotListed),
            Seen { evidence: Evidence::Events, count: 7, arn: None, id: None, ..thing("glue", None, "", Reason::NotModelled) },
        ]);
        let m = modelled(&snapshot);
        assert_eq!((m.resources, m.unmodelled, m.lines.len()), (4, 1, 3));
        assert_eq!(m.sentences[0], "By resources: 4 of 5 that were seen are modelled (80 %); 1 is not, listed below.");
        assert_eq!(m.sentences[1], "In use, without a listing of what they hold: GLUE.");
        assert!(m.sentences[2].contains("--cost-explorer"));
        assert_eq!(m.lines[0].what(), "7 changes in CloudTrail");
        assert_eq!(m.lines[1].what(), "clicks");
    }

    #[test]
    fn the_bill_is_shared_out_whole() {
        let line = |coverage, usd| BillLine { service: "s".into(), region: "eu-west-3".into(), usd, coverage };
        let bill = Bill {
            month: "2026-10".into(),
            lines: vec![line(Billed::Modelled, 89.99), line(Billed::NotModelled, 0.01), line(Billed::NoResources, 18.0)],
            month_before: None,
        };
        let snapshot = Snapshot { seen: Some(Vec::new()), bill: Some(bill), ..Snapshot::default() };
        let m = modelled(&snapshot);
        assert_eq!(m.bill.as_ref().map(|b| b.total_usd), Some(108.0));
        assert!(m.sentences[1].contains("(99.9 %)") && m.sentences[1].contains("tax"), "{:?}", m.sentences);
    }

    #[test]
    fn nothing_is_claimed_when_nobody_looked() {
        let m = modelled(&Snapshot::default());
        assert_eq!(m.sentences.len(), 1);
        assert!(m.sentences[0].contains("not asked"));
    }
}
