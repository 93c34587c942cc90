//! What AWS announced for this account. Only accounts with Business support or more are answered.

use std::collections::BTreeMap;

use serde_json::json;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{json_time, set, text};

const EVENTS: &str = "health:DescribeEvents";
const ENTITIES: &str = "health:DescribeAffectedEntities";

/// `x_health_event`: open and upcoming events, with what they concern.
pub const COLLECTOR: Collector = Collector {
    types: &["x_health_event"],
    calls: &[list(EVENTS).absent(&["SubscriptionRequiredException"]), list(ENTITIES).absent(&["SubscriptionRequiredException"])],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let input = json!({ "filter": { "eventStatusCodes": ["open", "upcoming"] }, "maxResults": 100 });
    let events = scan.json_list(EVENTS, input, "events", "nextToken").await;
    let mut concerned: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let arns: Vec<&str> = events.iter().filter_map(|e| text(e, "arn")).collect();
    // Ten events in one request.
    for batch in arns.chunks(10) {
        let input = json!({ "filter": { "eventArns": batch }, "maxResults": 100 });
        for e in scan.json_list(ENTITIES, input, "entities", "nextToken").await {
            if let (Some(event), Some(value)) = (text(&e, "eventArn"), text(&e, "entityValue")) {
                concerned.entry(event.to_owned()).or_default().push(value.to_owned());
            }
        }
    }
    for e in &events {
        let Some(arn) = text(e, "arn") else { continue };
        let mut r = scan.resource("x_health_event", arn);
        r.arn = Some(arn.into());
        r.name = text(e, "eventTypeCode").map(str::to_owned);
        r.fact("service", text(e, "service"))
            .fact("category", text(e, "eventTypeCategory"))
            .fact("code", text(e, "eventTypeCode"))
            .fact("status", text(e, "statusCode"))
            .fact("region", text(e, "region"))
            .fact("scope", text(e, "eventScopeCode"))
            .fact("starts", json_time(&e["startTime"]))
            .fact("ends", json_time(&e["endTime"]))
            .fact("updated", json_time(&e["lastUpdatedTime"]));
        match scan.gap(ENTITIES) {
            Some(cause) => r.mark_unread(&["facts.concerns"], &cause),
            None => {
                r.fact("concerns", set(concerned.get(arn).into_iter().flatten()));
            }
        }
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    const OPEN: &str = r#"{"events":[{"arn":"arn:aws:health:eu-west-3::event/EC2/AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED/1","service":"EC2","eventTypeCode":"AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED","eventTypeCategory":"scheduledChange","region":"eu-west-3","startTime":1767225600.0,"statusCode":"upcoming","eventScopeCode":"ACCOUNT_SPECIFIC"}]}"#;

    #[test]
    fn an_instance_that_will_be_retired() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                (EVENTS, 200, OPEN),
                (
                    ENTITIES,
                    200,
                    r#"{"entities":[{"eventArn":"arn:aws:health:eu-west-3::event/EC2/AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED/1","entityValue":"i-1"}]}"#,
                ),
            ],
        );
        assert_eq!((&all[0].facts["concerns"], all[0].str("facts.starts")), (&json!(["i-1"]), Some("2026-01-01T00:00:00Z")));
    }

    #[test]
    fn without_support_there_is_nothing_to_hear_and_a_refusal_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[(EVENTS, 400, r#"{"__type":"SubscriptionRequiredException","message":"no"}"#)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Done);
        let (_, ledger) = collect(&COLLECTOR, &[(EVENTS, 400, r#"{"__type":"AccessDeniedException","message":"no"}"#)]);
        assert_eq!(ledger[0].outcome, Outcome::Denied);
        let (all, _) = collect(&COLLECTOR, &[(EVENTS, 200, OPEN), (ENTITIES, 400, r#"{"__type":"AccessDeniedException","message":"no"}"#)]);
        assert!(all[0].unread.contains_key("facts.concerns"));
    }
}
