//! Who did what lately, from `LookupEvents`: for "who made this" and "who last changed it". Only names are kept, never request bodies.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{items, json_time, text};

/// One `x_cloudtrail_event` per write that named a resource.
pub const COLLECTOR: Collector = Collector {
    types: &["x_cloudtrail_event"],
    // Two requests per second per account and region (CloudTrail service quotas).
    calls: &[list("cloudtrail:LookupEvents").rate(2.0)],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// Pages of 50 events read; beyond, the trail's files are the place to look.
const PAGES: usize = 10;

async fn collect(scan: &Scan<'_>) {
    let mut token: Option<String> = None;
    for page in 0..=PAGES {
        if page == PAGES {
            scan.capped("cloudtrail:LookupEvents", "the newest 500 changes were read");
            break;
        }
        let mut input = json!({ "MaxResults": 50, "LookupAttributes": [{ "AttributeKey": "ReadOnly", "AttributeValue": "false" }] });
        if let Some(token) = &token {
            input["NextToken"] = json!(token);
        }
        let mut next = None;
        let request = scan.session.json(scan.endpoint_region(), "cloudtrail:LookupEvents", input);
        let events = scan
            .list_once("cloudtrail:LookupEvents", request, |a| {
                next = text(&a, "NextToken").map(str::to_owned);
                items(&a, "Events").to_vec()
            })
            .await;
        for event in &events {
            one(scan, event);
        }
        token = next;
        if token.is_none() {
            break;
        }
    }
}

fn one(scan: &Scan<'_>, event: &Value) {
    let (Some(id), Some(name)) = (text(event, "EventId"), text(event, "EventName")) else { return };
    let resources: Vec<BTreeMap<&str, &str>> = items(event, "Resources")
        .iter()
        .filter_map(|r| Some(BTreeMap::from([("type", text(r, "ResourceType").unwrap_or_default()), ("name", text(r, "ResourceName")?)])))
        .collect();
    let mut r = scan.resource("x_cloudtrail_event", id);
    r.name = Some(name.into());
    // The event itself is JSON in a string; the caller's ARN is the one thing taken out of it.
    let body: Value = text(event, "CloudTrailEvent").and_then(|t| serde_json::from_str(t).ok()).unwrap_or(Value::Null);
    let caller = body.pointer("/userIdentity/sessionContext/sessionIssuer/arn").or_else(|| body.pointer("/userIdentity/arn")).cloned();
    r.fact("event_name", name)
        .fact("event_source", text(event, "EventSource"))
        .fact("event_time", json_time(&event["EventTime"]))
        .fact("username", text(event, "Username"))
        .fact("user_arn", caller)
        .fact("resources", json!(resources));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    #[test]
    fn who_did_what_and_nothing_of_the_request() {
        let (all, _) = collect(
            &COLLECTOR,
            &[(
                "cloudtrail:LookupEvents",
                200,
                r#"{"Events":[{"EventId":"e-1","EventName":"RunInstances","EventTime":1700000000.0,"EventSource":"ec2.amazonaws.com","Username":"deddy","Resources":[{"ResourceType":"AWS::EC2::Instance","ResourceName":"i-1"}],"CloudTrailEvent":"{\"userIdentity\":{\"arn\":\"arn:aws:iam::123456789012:user/deddy\"},\"requestParameters\":{\"userData\":\"c2VjcmV0\"}}"}]}"#,
            )],
        );
        assert_eq!(all[0].facts["user_arn"], "arn:aws:iam::123456789012:user/deddy");
        assert_eq!(all[0].facts["resources"][0]["name"], "i-1");
        assert!(!serde_json::to_string(&all[0]).unwrap().contains("c2VjcmV0"));
    }
}
