//! What hangs on a GuardDuty detector: features, filters, lists, where findings go, members.

use serde_json::{Map, Value, json};

use crate::aws::scan::{Detail, Scan, encode};
use crate::aws::value::text;
use crate::estate::Resource;

/// Reads them all. Only asked where a detector is.
pub async fn collect(scan: &Scan<'_>, detector: &str) {
    filters(scan, detector).await;
    lists(scan, detector, "guardduty:ListIPSets", "guardduty:GetIPSet", "ipset", "ipSetIds", "aws_guardduty_ipset").await;
    let threats = ("guardduty:ListThreatIntelSets", "guardduty:GetThreatIntelSet", "aws_guardduty_threatintelset");
    lists(scan, detector, threats.0, threats.1, "threatintelset", "threatIntelSetIds", threats.2).await;
    destinations(scan, detector).await;
    let path = format!("/detector/{}/member?onlyAssociated=false&maxResults=50", encode(detector));
    for m in scan.rest_list("guardduty:ListMembers", &path, "members", "nextToken", "nextToken").await {
        let Some(account) = text(&m, "accountId") else { continue };
        let mut r = scan.resource("aws_guardduty_member", &format!("{detector}:{account}"));
        r.name = Some(account.into());
        r.set("detector_id", detector).set("account_id", account).set("email", text(&m, "email"));
        let status = text(&m, "relationshipStatus");
        r.set("invite", matches!(status, Some("Invited" | "Enabled" | "Disabled" | "EmailVerificationInProgress")));
        r.fact("relationship_status", status);
        scan.emit(r);
    }
}

fn tagged(r: &mut Resource, answer: &Value) {
    if let Some(tags) = answer.get("tags").and_then(Value::as_object) {
        let name = r.name.clone();
        crate::aws::tags::set(r, tags.iter().map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())).collect());
        r.name = name;
    }
}

async fn filters(scan: &Scan<'_>, detector: &str) {
    let path = format!("/detector/{}/filter?maxResults=50", encode(detector));
    for name in scan.rest_list("guardduty:ListFilters", &path, "filterNames", "nextToken", "nextToken").await {
        let Some(name) = name.as_str() else { continue };
        let mut r = scan.resource("aws_guardduty_filter", &format!("{detector}:{name}"));
        r.arn = Some(scan.arn("guardduty", &format!("detector/{detector}/filter/{name}")));
        r.name = Some(name.into());
        r.set("detector_id", detector).set("name", name);
        let unread = ["config.action", "config.description", "config.rank", "config.finding_criteria", "tags"];
        let path = format!("/detector/{}/filter/{}", encode(detector), encode(name));
        match scan.rest_detail(&mut r, "guardduty:GetFilter", &unread, &path).await {
            Detail::Got(f) => {
                let criteria = f.pointer("/findingCriteria/criterion").and_then(Value::as_object).map(criteria).unwrap_or_default();
                r.set("action", text(&f, "action"))
                    .set("description", text(&f, "description"))
                    .set("rank", f["rank"].as_i64())
                    .set("finding_criteria", json!([{ "criterion": criteria }]));
                tagged(&mut r, &f);
            }
            Detail::Gone => continue,
            Detail::Absent | Detail::Unread => {}
        }
        scan.emit(r);
    }
}

/// Criteria by field. Old answers say `eq`, `gt` where new ones say `equals`, `greaterThan`; numbers are text in the provider.
fn criteria(of: &Map<String, Value>) -> Vec<Value> {
    of.iter()
        .map(|(field, c)| {
            let list =
                |new: &str, old: &str| c.get(new).or_else(|| c.get(old)).filter(|v| v.as_array().is_some_and(|a| !a.is_empty())).cloned();
            let number = |new: &str, old: &str| {
                let value = c.get(new).filter(|v| !v.is_null()).or_else(|| c.get(old)).and_then(Value::as_i64)?;
                // Times are milliseconds in the answer and RFC 3339 in the provider.
                Some(if field == "updatedAt" { crate::aws::value::json_millis(&json!(value)) } else { json!(value.to_string()) })
            };
            let mut out = Map::new();
            out.insert("field".into(), json!(field));
            for (name, value) in [
                ("equals", list("equals", "eq")),
                ("not_equals", list("notEquals", "neq")),
                ("greater_than", number("greaterThan", "gt")),
                ("greater_than_or_equal", number("greaterThanOrEqual", "gte")),
                ("less_than", number("lessThan", "lt")),
                ("less_than_or_equal", number("lessThanOrEqual", "lte")),
            ] {
                out.extend(value.map(|v| (name.to_owned(), v)));
            }
            Value::Object(out)
        })
        .collect()
}

async fn lists(scan: &Scan<'_>, detector: &str, listing: &'static str, call: &'static str, segment: &str, field: &str, kind: &str) {
    let path = format!("/detector/{}/{segment}?maxResults=50", encode(detector));
    for id in scan.rest_list(listing, &path, field, "nextToken", "nextToken").await {
        let Some(id) = id.as_str() else { continue };
        let mut r = scan.resource(kind, &format!("{detector}:{id}"));
        r.arn = Some(scan.arn("guardduty", &format!("detector/{detector}/{segment}/{id}")));
        r.set("detector_id", detector);
        let unread = ["config.name", "config.format", "config.location", "config.activate", "tags"];
        let path = format!("/detector/{}/{segment}/{}", encode(detector), encode(id));
        match scan.rest_detail(&mut r, call, &unread, &path).await {
            Detail::Got(l) => {
                r.name = text(&l, "name").map(str::to_owned);
                r.set("name", text(&l, "name"))
                    .set("format", text(&l, "format"))
                    .set("location", text(&l, "location"))
                    .set("activate", matches!(text(&l, "status"), Some("ACTIVE" | "ACTIVATING")));
                tagged(&mut r, &l);
            }
            Detail::Gone => continue,
            Detail::Absent | Detail::Unread => {}
        }
        scan.emit(r);
    }
}

async fn destinations(scan: &Scan<'_>, detector: &str) {
    let path = format!("/detector/{}/publishingDestination?maxResults=50", encode(detector));
    for d in scan.rest_list("guardduty:ListPublishingDestinations", &path, "destinations", "nextToken", "nextToken").await {
        let Some(id) = text(&d, "destinationId") else { continue };
        let mut r = scan.resource("aws_guardduty_publishing_destination", &format!("{detector}:{id}"));
        r.set("detector_id", detector).set("destination_type", text(&d, "destinationType"));
        r.fact("status", text(&d, "status"));
        let path = format!("/detector/{}/publishingDestination/{}", encode(detector), encode(id));
        let unread = ["config.destination_arn", "config.kms_key_arn"];
        match scan.rest_detail(&mut r, "guardduty:DescribePublishingDestination", &unread, &path).await {
            Detail::Got(a) => {
                let of = |field: &str| a.pointer(&format!("/destinationProperties/{field}")).and_then(Value::as_str).map(str::to_owned);
                r.set("destination_arn", of("destinationArn")).set("kms_key_arn", of("kmsKeyArn"));
            }
            Detail::Gone => continue,
            Detail::Absent | Detail::Unread => {}
        }
        scan.emit(r);
    }
}
