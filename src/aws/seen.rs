//! The long tail: what tags, events, metrics and the bill reveal, and no collector reads. Nothing that was seen stays unsaid.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use futures::future::join_all;
use serde_json::{Value, json};

use super::COLLECTORS;
use super::call::{ApiError, ledger_entry, note_failure};
use super::collector::{Call, detail};
use super::regions::IDLE_METRICS;
use super::session::Session;
use super::tags::BulkTags;
use super::value::{items, json_time, text};
use crate::estate::resource::GLOBAL;
use crate::estate::seen::{Bill, BillLine, Billed, Evidence, Reason, Seen};
use crate::estate::{LedgerEntry, Outcome, Resource, ledger};
use crate::schema::services::{self, Service, services};
use crate::secrets;

const METRICS: Call = detail("cloudwatch:ListMetrics");
// Two requests per second per account and region (CloudTrail service quotas).
const EVENTS: Call = detail("cloudtrail:LookupEvents").rate(2.0);
const LISTING: Call = detail("cloudcontrol:ListResources").iam(&["cloudformation:ListResources"]);
const BILL: Call = detail("ce:GetCostAndUsage");

/// The calls beside the sweep of tags.
pub const CALLS: &[Call] = &[METRICS, EVENTS, LISTING, BILL];

/// Pages of 500 metrics read in a region.
const METRIC_PAGES: usize = 10;
/// Pages of one type that Cloud Control lists.
const LISTING_PAGES: usize = 10;

/// Events of one source in one region that are no resources of the snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Events {
    /// Region.
    pub region: String,
    /// `kinesis.amazonaws.com`
    pub source: String,
    /// How many.
    pub count: u64,
    /// The newest.
    pub last: Option<String>,
}

/// Counts what people did by source, out of an answer of `cloudtrail:LookupEvents`; what AWS did by itself does not count.
#[must_use]
pub fn events(region: &str, answer: &Value) -> Vec<Events> {
    let mut all: BTreeMap<&str, (u64, Option<String>)> = BTreeMap::new();
    for event in items(answer, "Events") {
        let Some(source) = text(event, "EventSource") else { continue };
        let body: Value = text(event, "CloudTrailEvent").and_then(|t| serde_json::from_str(t).ok()).unwrap_or(Value::Null);
        let by = |path: &str| body.pointer(path).and_then(Value::as_str).unwrap_or_default();
        if by("/userIdentity/type") == "AWSService" || !by("/userIdentity/invokedBy").is_empty() {
            continue;
        }
        let entry = all.entry(source).or_default();
        entry.0 += 1;
        entry.1 = entry.1.take().max(json_time(&event["EventTime"]).as_str().map(str::to_owned));
    }
    let one = |(source, (count, last)): (&str, (u64, Option<String>))| Events { region: region.into(), source: source.into(), count, last };
    all.into_iter().map(one).collect()
}

/// An answer of `cloudtrail:LookupEvents` without the events that only read.
fn only_changes(mut answer: Value) -> Value {
    if let Some(events) = answer.get_mut("Events").and_then(Value::as_array_mut) {
        events.retain(|e| text(e, "ReadOnly") == Some("false"));
    }
    answer
}

/// What the account holds besides its resources.
#[derive(Debug, Default)]
pub struct Found {
    /// Things and services.
    pub seen: Vec<Seen>,
    /// The bill, when it was asked for.
    pub bill: Option<Bill>,
    /// What was asked.
    pub ledger: Vec<LedgerEntry>,
}

/// What is known already.
pub struct Known<'a> {
    /// Regions read in full.
    pub regions: &'a [String],
    /// Every resource.
    pub resources: &'a [Resource],
    /// Events of regions that were only looked into.
    pub elsewhere: &'a [Events],
    /// The ledger so far.
    pub ledger: &'a [LedgerEntry],
}

/// Goes through all evidence. `bill`: ask Cost Explorer too, which costs a cent a request. `taken_at` tells the month.
pub async fn look(session: &Session, tags: &BulkTags, known: &Known<'_>, bill: bool, taken_at: &str) -> Found {
    let mut tail = Tail { session, known, kinds: COLLECTORS.iter().flat_map(|c| c.types).copied().collect(), found: Found::default() };
    tail.tags(tags).await;
    let mut uses = tail.events();
    let older = tail.older_events(&uses).await;
    uses.extend(older);
    for region in known.regions {
        uses.extend(tail.metrics(region).await);
    }
    if bill {
        tail.found.bill = tail.bill(taken_at).await;
        uses.extend(tail.billed());
    } else {
        let mut entry = ledger_entry(&session.account, GLOBAL, &BILL, Vec::new());
        entry.outcome = Outcome::NotWanted;
        entry.message = Some("every request costs 0.01 US dollars: asked with --cost-explorer".into());
        tail.found.ledger.push(entry);
    }
    tail.list(&uses).await;
    tail.keep(uses);
    tail.found
}

struct Tail<'a> {
    session: &'a Session,
    known: &'a Known<'a>,
    kinds: HashSet<&'static str>,
    found: Found,
}

impl Tail<'_> {
    /// True when a collector reads resources of the service.
    fn models(&self, key: &str, service: &Service) -> bool {
        service.kinds().any(|k| self.kinds.contains(k)) || COLLECTORS.iter().any(|c| c.service() == key)
    }

    /// What the tagging API lists and no resource is.
    async fn tags(&mut self, tags: &BulkTags) {
        let home = self.session.home().to_owned();
        let regions: BTreeSet<&String> = self.known.regions.iter().chain([&home]).collect();
        let claimed = Claimed::new(self.known.resources);
        for region in regions {
            let arns = tags.arns(self.session, region).await;
            for text in arns {
                let Some(arn) = services::arn(&text) else { continue };
                // Global things are tagged in the home region, whose own things nobody may have asked for.
                let here = arn.region.is_empty() || self.known.regions.iter().any(|r| r == arn.region);
                if !here || arn.passing || claimed.has(&text, arn.kind, arn.id) {
                    continue;
                }
                let region = if arn.region.is_empty() { GLOBAL } else { arn.region };
                let why = match arn.kind.filter(|kind| self.kinds.contains(kind)) {
                    None => Reason::NotModelled,
                    Some(kind) if ledger::gaps_of(self.known.ledger, kind, Some(region)).is_empty() => Reason::NotListed,
                    Some(_) => Reason::NotRead,
                };
                let seen = Seen {
                    kind: arn.kind.map(str::to_owned),
                    id: Some(secrets::redact_text(arn.id)),
                    arn: Some(secrets::redact_text(&text)),
                    ..seen(arn.service, region, why, Evidence::Tags, 1)
                };
                self.found.seen.push(seen);
            }
        }
    }

    /// Services that people changed something of.
    fn events(&self) -> Vec<Seen> {
        let mut all: BTreeMap<(&str, &str), (u64, Option<&str>)> = BTreeMap::new();
        for r in self.known.resources.iter().filter(|r| r.kind == "x_cloudtrail_event") {
            let Some(source) = r.str("facts.event_source") else { continue };
            // AWS acts without an identity, or with a role that is linked to the service.
            if r.str("facts.user_arn").is_none_or(|by| by.contains(":role/aws-service-role/")) {
                continue;
            }
            let entry = all.entry((source, &r.region)).or_default();
            entry.0 += 1;
            entry.1 = entry.1.max(r.str("facts.event_time"));
        }
        let here = all.into_iter().map(|((source, region), (count, last))| (source, region, count, last, true));
        let elsewhere = self.known.elsewhere.iter().map(|e| (e.source.as_str(), e.region.as_str(), e.count, e.last.as_deref(), false));
        let mut out = Vec::new();
        for (source, region, count, last, read) in here.chain(elsewhere) {
            let service = services::of_events(source);
            if service.is_some_and(|(_, s)| s.holds_nothing) {
                continue;
            }
            let modelled = service.is_some_and(|(key, s)| self.models(key, s));
            let why = match (modelled, read) {
                (true, true) => continue,
                (true, false) => Reason::NothingLeft,
                (false, _) => Reason::NotModelled,
            };
            let key = service.map_or_else(|| source.strip_suffix(".amazonaws.com").unwrap_or(source), |(key, _)| key);
            out.push(Seen { last: last.map(str::to_owned), ..seen(key, region, why, Evidence::Events, count) });
        }
        out
    }

    /// Where there were more changes than were read one by one, every service that nothing models is asked for by name, so that all
    /// 90 days of the event history are answered for, however busy the region is.
    async fn older_events(&mut self, known: &[Seen]) -> Vec<Seen> {
        let busy = self.known.ledger.iter().filter(|e| e.call == EVENTS.name && e.outcome == Outcome::Capped);
        let regions: BTreeSet<&str> = busy.map(|e| e.region.as_str()).filter(|r| self.known.regions.iter().any(|k| k == r)).collect();
        let found = join_all(regions.into_iter().map(|region| self.asked_by_name(region, known))).await;
        let mut uses = Vec::new();
        for (seen, entry) in found {
            uses.extend(seen);
            self.found.ledger.push(entry);
        }
        uses
    }

    async fn asked_by_name(&self, region: &str, known: &[Seen]) -> (Vec<Seen>, LedgerEntry) {
        let mut entry = ledger_entry(&self.session.account, region, &EVENTS, Vec::new());
        let mut uses = Vec::new();
        for (key, service) in services().iter().filter(|(key, s)| !s.holds_nothing && !self.models(key, s)) {
            if known.iter().any(|s| s.service == *key && s.region == region) {
                continue;
            }
            for source in service.event_sources(key) {
                // One page: reads are in it too, and who only looks leaves nothing behind.
                let input = json!({ "MaxResults": 50, "LookupAttributes": [{ "AttributeKey": "EventSource", "AttributeValue": source }] });
                entry.requests += 1;
                match self.session.send(&EVENTS, region, self.session.json(region, EVENTS.name, input)).await {
                    Ok(answer) => {
                        let changes = events(region, &only_changes(answer));
                        entry.count += changes.iter().map(|c| c.count).sum::<u64>();
                        uses.extend(
                            changes
                                .into_iter()
                                .map(|c| Seen { last: c.last, ..seen(key, region, Reason::NotModelled, Evidence::Events, c.count) }),
                        );
                    }
                    Err(error) => {
                        note_failure(&mut entry, &error);
                        return (uses, entry);
                    }
                }
            }
        }
        (uses, entry)
    }

    /// Services that CloudWatch has figures of.
    async fn metrics(&mut self, region: &str) -> Vec<Seen> {
        let mut entry = ledger_entry(&self.session.account, region, &METRICS, Vec::new());
        let mut namespaces: BTreeMap<String, u64> = BTreeMap::new();
        let mut token: Option<String> = None;
        for page in 0..=METRIC_PAGES {
            if page == METRIC_PAGES {
                entry.outcome = Outcome::Capped;
                entry.message = Some(format!("the first {} metrics were read", 500 * METRIC_PAGES));
                break;
            }
            let input = token.as_ref().map_or_else(|| json!({}), |t| json!({ "NextToken": t }));
            entry.requests += 1;
            match self.session.send(&METRICS, region, self.session.json(region, METRICS.name, input)).await {
                Ok(answer) => {
                    for namespace in items(&answer, "Metrics").iter().filter_map(|m| text(m, "Namespace")) {
                        entry.count += 1;
                        *namespaces.entry(namespace.to_owned()).or_default() += 1;
                    }
                    let next = text(&answer, "NextToken").filter(|t| !t.is_empty()).map(str::to_owned);
                    if next.is_none() || next == token {
                        break;
                    }
                    token = next;
                }
                Err(error) => {
                    note_failure(&mut entry, &error);
                    break;
                }
            }
        }
        self.found.ledger.push(entry);
        let telling = namespaces.into_iter().filter(|(n, _)| !IDLE_METRICS.contains(&n.as_str()));
        let unmodelled = telling.filter_map(|(namespace, count)| {
            let key = match services::of_metrics(&namespace) {
                Some((key, service)) => (!service.holds_nothing && !self.models(key, service)).then_some(key)?,
                // A service of AWS that the table does not know yet; other namespaces are people's own.
                None => namespace.strip_prefix("AWS/")?,
            };
            Some(seen(key, region, Reason::NotModelled, Evidence::Metrics, count))
        });
        unmodelled.collect()
    }

    /// The bill of the last full month, and by service that of the one before: both come with one request.
    async fn bill(&mut self, taken_at: &str) -> Option<Bill> {
        let mut entry = ledger_entry(&self.session.account, GLOBAL, &BILL, Vec::new());
        let (before, start, end) = last_months(taken_at)?;
        let mut earlier: BTreeMap<String, f64> = BTreeMap::new();
        let mut sums: BTreeMap<(String, String), f64> = BTreeMap::new();
        let mut token: Option<String> = None;
        let home = self.session.home();
        loop {
            let mut input = json!({
                "TimePeriod": { "Start": before, "End": end },
                "Granularity": "MONTHLY",
                "Metrics": ["UnblendedCost"],
                "GroupBy": [{ "Type": "DIMENSION", "Key": "SERVICE" }, { "Type": "DIMENSION", "Key": "REGION" }],
                "Filter": { "Not": { "Dimensions": { "Key": "RECORD_TYPE", "Values": ["Credit", "Refund"] } } },
            });
            if let Some(token) = &token {
                input["NextPageToken"] = json!(token);
            }
            entry.requests += 1;
            let answer = match self.session.send(&BILL, home, self.session.json(home, BILL.name, input)).await {
                Ok(answer) => answer,
                Err(error) => {
                    note_failure(&mut entry, &error);
                    break;
                }
            };
            let of_month = |r: &'_ Value| r.pointer("/TimePeriod/Start").and_then(Value::as_str) == Some(&start);
            let months = items(&answer, "ResultsByTime").iter();
            for (last, group) in months.flat_map(|r| items(r, "Groups").iter().map(move |g| (of_month(r), g))) {
                let [service, region] = items(group, "Keys") else { continue };
                let amount = group.pointer("/Metrics/UnblendedCost/Amount").and_then(Value::as_str).and_then(|a| a.parse::<f64>().ok());
                let (Some(service), Some(region), Some(amount)) = (service.as_str(), region.as_str(), amount) else { continue };
                entry.count += 1;
                if last {
                    *sums.entry((service.to_owned(), region.to_owned())).or_default() += amount;
                } else {
                    *earlier.entry(service.to_owned()).or_default() += amount;
                }
            }
            let next = text(&answer, "NextPageToken").filter(|t| !t.is_empty()).map(str::to_owned);
            if next.is_none() || next == token {
                break;
            }
            token = next;
        }
        let complete = entry.outcome.is_complete();
        self.found.ledger.push(entry);
        if !complete {
            return None;
        }
        let mut lines: Vec<BillLine> = sums
            .into_iter()
            .map(|((service, region), usd)| BillLine { coverage: self.billed_as(&service), usd: crate::cost::cents(usd), service, region })
            .filter(|line| line.usd != 0.0)
            .collect();
        lines.sort_by(|a, b| b.usd.total_cmp(&a.usd).then_with(|| (&a.service, &a.region).cmp(&(&b.service, &b.region))));
        let earlier = earlier.into_iter().map(|(service, usd)| (service, crate::cost::cents(usd))).filter(|(_, usd)| *usd != 0.0).collect();
        Some(Bill { month: start[..7].to_owned(), lines, month_before: Some(earlier) })
    }

    fn billed_as(&self, words: &str) -> Billed {
        match services::of_bill(words) {
            Some((_, service)) if service.holds_nothing => Billed::NoResources,
            Some((key, service)) if self.models(key, service) => Billed::Modelled,
            _ => Billed::NotModelled,
        }
    }

    /// Services that were billed and that nothing models.
    fn billed(&self) -> Vec<Seen> {
        let lines = self.found.bill.iter().flat_map(|b| &b.lines);
        let line = |line: &BillLine| {
            let key = services::of_bill(&line.service).map_or(line.service.as_str(), |(key, _)| key);
            let region = if line.region.contains('-') { line.region.as_str() } else { GLOBAL };
            Seen { usd: Some(line.usd), ..seen(key, region, Reason::NotModelled, Evidence::Bill, 1) }
        };
        lines.filter(|l| l.coverage == Billed::NotModelled && l.usd > 0.0).map(line).collect()
    }

    /// Asks Cloud Control for what a service in use holds there.
    async fn list(&mut self, uses: &[Seen]) {
        let in_use = |seen: &Seen| self.known.regions.contains(&seen.region).then(|| (seen.service.clone(), seen.region.clone()));
        let tagged = self.found.seen.iter().filter(|s| s.why == Reason::NotModelled);
        let places: BTreeSet<(String, String)> = uses.iter().chain(tagged).filter_map(in_use).collect();
        let mut entries: BTreeMap<String, LedgerEntry> = BTreeMap::new();
        for (key, region) in places {
            let Some(service) = services().get(&key) else { continue };
            for (name, listable) in service.lists.iter().filter(|(_, l)| !self.kinds.contains(l.kind.as_str())) {
                let entry =
                    entries.entry(region.clone()).or_insert_with(|| ledger_entry(&self.session.account, &region, &LISTING, Vec::new()));
                let ids = identifiers(self.session, &region, name, entry, &listable.allow).await;
                for id in ids {
                    let same = |s: &Seen| {
                        s.service == key && s.region == region && (s.arn.as_deref() == Some(&id) || s.id.as_deref() == Some(&id))
                    };
                    if self.found.seen.iter().any(same) {
                        continue;
                    }
                    let arn = id.starts_with("arn:").then(|| secrets::redact_text(&id));
                    let one = seen(&key, &region, Reason::NotModelled, Evidence::Listing, 1);
                    self.found.seen.push(Seen { kind: Some(listable.kind.clone()), id: Some(secrets::redact_text(&id)), arn, ..one });
                }
            }
        }
        self.found.ledger.extend(entries.into_values());
    }

    /// Keeps the uses that no thing explains, the strongest evidence of each.
    fn keep(&mut self, mut uses: Vec<Seen>) {
        let things: HashSet<(String, String)> = self.found.seen.iter().map(|s| (s.service.clone(), s.region.clone())).collect();
        uses.retain(|u| !things.contains(&(u.service.clone(), u.region.clone())));
        uses.sort_by(|a, b| (&a.service, &a.region, a.evidence).cmp(&(&b.service, &b.region, b.evidence)));
        uses.dedup_by(|later, kept| {
            let same = later.service == kept.service && later.region == kept.region;
            if same {
                kept.usd = kept.usd.or(later.usd);
            }
            same
        });
        self.found.seen.extend(uses);
    }
}

fn seen(key: &str, region: &str, why: Reason, evidence: Evidence, count: u64) -> Seen {
    let name = services().get(key).map_or_else(|| key.to_owned(), |s| s.name.clone());
    Seen { service: key.into(), name, region: region.into(), why, evidence, kind: None, arn: None, id: None, count, last: None, usd: None }
}

/// Resources by what an ARN can say of them.
struct Claimed<'a> {
    arns: HashSet<&'a str>,
    ids: HashSet<(&'a str, &'a str)>,
}

impl<'a> Claimed<'a> {
    fn new(resources: &'a [Resource]) -> Self {
        // Some services end the ARNs of log groups and streams in `:*`.
        let arns = resources.iter().filter_map(|r| r.arn.as_deref()).map(|a| a.strip_suffix(":*").unwrap_or(a)).collect();
        let ids = resources.iter().flat_map(|r| std::iter::once(&r.id).chain(&r.name).map(|id| (family(&r.kind), id.as_str()))).collect();
        Claimed { arns, ids }
    }

    fn has(&self, arn: &str, kind: Option<&str>, id: &str) -> bool {
        if self.arns.contains(arn.strip_suffix(":*").unwrap_or(arn)) {
            return true;
        }
        let last = id.rsplit(['/', ':']).next().unwrap_or(id);
        kind.is_some_and(|kind| self.ids.contains(&(family(kind), id)) || self.ids.contains(&(family(kind), last)))
    }
}

/// One name for types between which an ARN does not tell: what AWS made with the account, and both kinds of rules.
fn family(kind: &str) -> &str {
    match kind {
        "aws_default_route_table" | "aws_main_route_table_association" => "route_table",
        "aws_vpc_security_group_egress_rule" => "vpc_security_group_ingress_rule",
        _ => kind.strip_prefix("aws_default_").or_else(|| kind.strip_prefix("aws_")).unwrap_or(kind),
    }
}

/// What Cloud Control lists of a type: primary identifiers.
async fn identifiers(session: &Session, region: &str, type_name: &str, entry: &mut LedgerEntry, allow: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    let mut token: Option<String> = None;
    for page in 0..=LISTING_PAGES {
        if page == LISTING_PAGES {
            entry.outcome = Outcome::Capped;
            entry.message = Some(format!("the first {} of {type_name} were read", all.len()));
            break;
        }
        let mut input = json!({ "TypeName": type_name, "MaxResults": 100 });
        if let Some(token) = &token {
            input["NextToken"] = json!(token);
        }
        entry.requests += 1;
        let answer: Result<Value, ApiError> = session.send(&LISTING, region, session.json(region, LISTING.name, input)).await;
        match answer {
            Ok(answer) => {
                let ids = items(&answer, "ResourceDescriptions").iter().filter_map(|d| text(d, "Identifier").map(str::to_owned));
                all.extend(ids);
                let next = text(&answer, "NextToken").filter(|t| !t.is_empty()).map(str::to_owned);
                if next.is_none() || next == token {
                    break;
                }
                token = next;
            }
            // The type does not exist in that region, or cannot be listed there.
            Err(error) if matches!(error.code.as_str(), "TypeNotFoundException" | "UnsupportedActionException") => break,
            Err(error) => {
                note_failure(entry, &error);
                entry.permissions.extend(allow.iter().filter(|a| !entry.permissions.contains(a)).cloned().collect::<Vec<_>>());
                break;
            }
        }
    }
    entry.count += all.len() as u64;
    all
}

/// First days of the last two full months before a time, and of the month after them.
fn last_months(at: &str) -> Option<(String, String, String)> {
    let now: jiff::Timestamp = at.parse().ok()?;
    let end = now.to_zoned(jiff::tz::TimeZone::UTC).date().first_of_month();
    let back = |months: i64| end.checked_sub(jiff::Span::new().months(months)).ok();
    Some((back(2)?.to_string(), back(1)?.to_string(), end.to_string()))
}

/// IAM actions that Cloud Control needs to list what the table names.
pub fn listing_permissions() -> impl Iterator<Item = String> {
    services().values().flat_map(|s| s.lists.values()).flat_map(|l| l.allow.iter().cloned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{ACCOUNT, Answer, session};

    const QUIET: &[Answer<'_>] = &[("cloudwatch:ListMetrics", 200, r#"{"Metrics":[{"Namespace":"AWS/EC2"},{"Namespace":"Mine"}]}"#)];

    fn looked(resources: &[Resource], elsewhere: &[Events], bill: bool, answers: &[Answer<'_>]) -> Found {
        let mut all = answers.to_vec();
        all.extend(QUIET.iter().filter(|q| !answers.iter().any(|a| a.0 == q.0)));
        let session = session(&all);
        let regions = ["eu-west-3".to_owned()];
        let known = Known { regions: &regions, resources, elsewhere, ledger: &[] };
        let tags = BulkTags::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(look(&session, &tags, &known, bill, "2026-11-21T04:00:00Z"))
    }

    fn brief(found: &Found) -> Vec<String> {
        let line = |s: &Seen| format!("{} {} {:?} {:?} {}", s.service, s.region, s.why, s.evidence, s.id.as_deref().unwrap_or("-"));
        found.seen.iter().map(line).collect()
    }

    #[test]
    fn what_is_tagged_and_no_resource_is_listed_with_its_reason() {
        let tags = r#"{"ResourceTagMappingList":[
            {"ResourceARN":"arn:aws:kinesis:eu-west-3:123456789012:stream/clicks","Tags":[]},
            {"ResourceARN":"arn:aws:ec2:eu-west-3:123456789012:instance/i-known","Tags":[]},
            {"ResourceARN":"arn:aws:ec2:eu-west-3:123456789012:instance/i-gone","Tags":[]},
            {"ResourceARN":"arn:aws:ec2:eu-west-3:123456789012:vpc/vpc-default","Tags":[]},
            {"ResourceARN":"arn:aws:ecs:eu-west-3:123456789012:task/live/1","Tags":[]},
            {"ResourceARN":"arn:aws:ec2:us-east-1:123456789012:instance/i-not-asked","Tags":[]},
            {"ResourceARN":"arn:aws:globalaccelerator::123456789012:accelerator/a-1","Tags":[]}]}"#;
        let resources = [
            Resource::new("aws_instance", ACCOUNT, "eu-west-3", "i-known"),
            Resource::new("aws_default_vpc", ACCOUNT, "eu-west-3", "vpc-default"),
        ];
        let listing = r#"{"ResourceDescriptions":[{"Identifier":"clicks"},{"Identifier":"untagged"}]}"#;
        let found = looked(&resources, &[], false, &[("tagging:GetResources", 200, tags), ("cloudcontrol:ListResources", 200, listing)]);
        let mut lines = brief(&found);
        lines.sort();
        lines.dedup();
        assert_eq!(
            lines,
            [
                "ec2 eu-west-3 NotListed Tags i-gone",
                "globalaccelerator global NotModelled Tags a-1",
                "kinesis eu-west-3 NotModelled Listing untagged",
                "kinesis eu-west-3 NotModelled Tags clicks",
            ]
        );
        let bill = found.ledger.iter().find(|e| e.call == "ce:GetCostAndUsage").unwrap();
        assert_eq!((bill.outcome, bill.requests), (Outcome::NotWanted, 0));
        assert!(bill.outcome.is_complete(), "what nobody wanted is no gap");
    }

    #[test]
    fn use_without_a_thing_is_a_line_of_its_own() {
        let mut event = Resource::new("x_cloudtrail_event", ACCOUNT, "eu-west-3", "e-1");
        event
            .fact("event_source", "sagemaker.amazonaws.com")
            .fact("user_arn", "arn:aws:iam::123456789012:user/a")
            .fact("event_time", "2026-11-01T00:00:00Z");
        let mut by_aws = event.clone();
        by_aws.fact("event_source", "kendra.amazonaws.com").fact("user_arn", Value::Null);
        let answer = json!({ "Events": [
            { "EventSource": "ec2.amazonaws.com", "EventTime": 1_760_000_000, "CloudTrailEvent": "{\"userIdentity\":{\"type\":\"IAMUser\"}}" },
            { "EventSource": "config.amazonaws.com", "CloudTrailEvent": "{\"userIdentity\":{\"type\":\"AWSService\"}}" } ] });
        let found = looked(
            &[event, by_aws],
            &events("sa-east-1", &answer),
            false,
            &[
                ("tagging:GetResources", 200, r#"{"ResourceTagMappingList":[]}"#),
                (
                    "cloudwatch:ListMetrics",
                    200,
                    r#"{"Metrics":[{"Namespace":"AWS/MediaLive"},{"Namespace":"AWS/SageMaker"},{"Namespace":"AWS/EC2"},{"Namespace":"AWS/Novelty"},{"Namespace":"AWS/Usage"},{"Namespace":"AWS/EC2/API"},{"Namespace":"AWS/Polly"},{"Namespace":"Ours"}]}"#,
                ),
                ("cloudcontrol:ListResources", 400, r#"{"__type":"AccessDeniedException","message":"no"}"#),
            ],
        );
        assert_eq!(
            brief(&found),
            [
                "Novelty eu-west-3 NotModelled Metrics -",
                "ec2 sa-east-1 NothingLeft Events -",
                "medialive eu-west-3 NotModelled Metrics -",
                "sagemaker eu-west-3 NotModelled Events -",
            ]
        );
        let listing = found.ledger.iter().find(|e| e.call == "cloudcontrol:ListResources").unwrap();
        assert_eq!(listing.outcome, Outcome::Denied);
        assert!(listing.permissions.iter().any(|p| p == "sagemaker:ListEndpoints"), "{:?}", listing.permissions);
    }

    #[test]
    fn a_busy_region_is_asked_for_every_service_by_name() {
        let mut entry = ledger_entry(ACCOUNT, "eu-west-3", &EVENTS, vec!["x_cloudtrail_event".into()]);
        entry.outcome = Outcome::Capped;
        let event = |only_reads: bool| {
            json!({ "Events": [{ "EventSource": "kinesis.amazonaws.com", "ReadOnly": only_reads.to_string(), "EventTime": 1_760_000_000,
                "CloudTrailEvent": "{\"userIdentity\":{\"type\":\"IAMUser\"}}" }] })
            .to_string()
        };
        let (changed, read) = (event(false), event(true));
        let ask = |ledger: &[LedgerEntry], answer: (u16, &str)| {
            let session = session(&[
                ("tagging:GetResources", 200, r#"{"ResourceTagMappingList":[]}"#),
                ("cloudwatch:ListMetrics", 200, r#"{"Metrics":[]}"#),
                ("cloudcontrol:ListResources", 200, r#"{"ResourceDescriptions":[]}"#),
                ("cloudtrail:LookupEvents", answer.0, answer.1),
            ]);
            let regions = ["eu-west-3".to_owned()];
            let known = Known { regions: &regions, resources: &[], elsewhere: &[], ledger };
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(look(&session, &BulkTags::default(), &known, false, "2026-11-21T04:00:00Z"))
        };
        let asked = |found: &Found| found.ledger.iter().find(|e| e.call == EVENTS.name).map(|e| (e.outcome, e.requests));

        let quiet = ask(&[], (200, &changed));
        assert_eq!(asked(&quiet), None, "the listing has told everything");

        // The simulated answer is the same whoever is asked for: every service shows a change.
        let busy = ask(std::slice::from_ref(&entry), (200, &changed));
        let services: BTreeSet<&str> = busy.seen.iter().map(|s| s.service.as_str()).collect();
        assert!(services.contains("kinesis") && services.contains("sagemaker") && !services.contains("ec2"), "{services:?}");
        assert!(busy.seen.iter().all(|s| s.evidence == Evidence::Events && s.last.is_some()));
        let (outcome, requests) = asked(&busy).unwrap();
        assert!(outcome == Outcome::Done && requests >= services.len() as u64, "{requests}");

        assert_eq!(brief(&ask(std::slice::from_ref(&entry), (200, &read))), Vec::<String>::new(), "who looks leaves nothing");
        let denied = ask(&[entry], (400, r#"{"__type":"AccessDeniedException","message":"no"}"#));
        assert_eq!(asked(&denied), Some((Outcome::Denied, 1)), "once refused is enough");
    }

    #[test]
    fn the_bill_tells_modelled_from_not() {
        let bill = r#"{"ResultsByTime":[{"TimePeriod":{"Start":"2026-09-01","End":"2026-10-01"},"Groups":[
            {"Keys":["Amazon Relational Database Service","eu-west-3"],"Metrics":{"UnblendedCost":{"Amount":"30.5","Unit":"USD"}}},
            {"Keys":["Amazon Relational Database Service","eu-west-1"],"Metrics":{"UnblendedCost":{"Amount":"9.5","Unit":"USD"}}}]},
            {"TimePeriod":{"Start":"2026-10-01","End":"2026-11-01"},"Groups":[
            {"Keys":["Amazon Relational Database Service","eu-west-3"],"Metrics":{"UnblendedCost":{"Amount":"61.204","Unit":"USD"}}},
            {"Keys":["Amazon Lightsail","eu-west-3"],"Metrics":{"UnblendedCost":{"Amount":"10","Unit":"USD"}}},
            {"Keys":["Tax","NoRegion"],"Metrics":{"UnblendedCost":{"Amount":"14.2","Unit":"USD"}}},
            {"Keys":["AWS Glue","eu-west-3"],"Metrics":{"UnblendedCost":{"Amount":"0.0000001","Unit":"USD"}}}]}]}"#;
        let found = looked(
            &[],
            &[],
            true,
            &[
                ("tagging:GetResources", 200, r#"{"ResourceTagMappingList":[]}"#),
                ("ce:GetCostAndUsage", 200, bill),
                ("cloudcontrol:ListResources", 200, r#"{"ResourceDescriptions":[]}"#),
            ],
        );
        let bill = found.bill.as_ref().unwrap();
        assert_eq!(bill.month, "2026-10");
        let lines: Vec<(&str, f64, Billed)> = bill.lines.iter().map(|l| (l.service.as_str(), l.usd, l.coverage)).collect();
        assert_eq!(
            lines,
            [
                ("Amazon Relational Database Service", 61.2, Billed::Modelled),
                ("Tax", 14.2, Billed::NoResources),
                ("Amazon Lightsail", 10.0, Billed::NotModelled),
            ]
        );
        assert_eq!(brief(&found), ["lightsail eu-west-3 NotModelled Bill -"]);
        assert_eq!(found.seen[0].usd, Some(10.0));
        assert_eq!(bill.month_before.as_ref().unwrap(), &BTreeMap::from([("Amazon Relational Database Service".to_owned(), 40.0)]));
        assert_eq!(last_months("2026-01-02T00:00:00Z").unwrap(), ("2025-11-01".into(), "2025-12-01".into(), "2026-01-01".into()));
    }
}
