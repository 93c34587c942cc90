//! EventBridge: archives, and connections with the addresses that they open.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::shape;
use crate::aws::value::{block, json_time, text};
use crate::estate::resource::REDACTED;
use crate::schema;

/// `aws_cloudwatch_event_archive`, `aws_cloudwatch_event_connection`, `aws_cloudwatch_event_api_destination`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_cloudwatch_event_archive", "aws_cloudwatch_event_connection", "aws_cloudwatch_event_api_destination"],
    calls: &[
        list("events:ListArchives").yields(&["aws_cloudwatch_event_archive"]),
        detail("events:DescribeArchive").gone(GONE),
        list("events:ListConnections").yields(&["aws_cloudwatch_event_connection"]),
        detail("events:DescribeConnection").gone(GONE),
        list("events:ListApiDestinations").yields(&["aws_cloudwatch_event_api_destination"]),
        detail("events:DescribeApiDestination").gone(GONE),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

const GONE: &[&str] = &["ResourceNotFoundException"];

async fn collect(scan: &Scan<'_>) {
    for archive in scan.json_list("events:ListArchives", json!({ "Limit": 100 }), "Archives", "NextToken").await {
        one_archive(scan, &archive).await;
    }
    for connection in scan.json_list("events:ListConnections", json!({ "Limit": 100 }), "Connections", "NextToken").await {
        one_connection(scan, &connection).await;
    }
    for destination in scan.json_list("events:ListApiDestinations", json!({ "Limit": 100 }), "ApiDestinations", "NextToken").await {
        one_destination(scan, &destination).await;
    }
}

async fn one_archive(scan: &Scan<'_>, a: &Value) {
    let Some(name) = text(a, "ArchiveName") else { return };
    let mut r = scan.resource("aws_cloudwatch_event_archive", name);
    r.arn = Some(scan.arn("events", &format!("archive/{name}")));
    r.name = Some(name.into());
    r.set("name", name).set("event_source_arn", text(a, "EventSourceArn")).set("retention_days", a["RetentionDays"].as_i64().unwrap_or(0));
    r.fact("state", text(a, "State")).fact("size_bytes", a["SizeBytes"].as_i64()).fact("event_count", a["EventCount"].as_i64());
    let unread = ["config.description", "config.event_pattern"];
    match scan.json_detail(&mut r, "events:DescribeArchive", &unread, json!({ "ArchiveName": name })).await {
        Detail::Got(answer) => {
            r.set("description", text(&answer, "Description")).set("event_pattern", text(&answer, "EventPattern"));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

async fn one_connection(scan: &Scan<'_>, c: &Value) {
    let Some(name) = text(c, "Name") else { return };
    let mut r = scan.resource("aws_cloudwatch_event_connection", name);
    r.arn = text(c, "ConnectionArn").map(str::to_owned);
    r.name = Some(name.into());
    r.set("name", name).set("authorization_type", text(c, "AuthorizationType"));
    r.fact("state", text(c, "ConnectionState")).fact("last_authorized", json_time(&c["LastAuthorizedTime"]));
    let unread = ["config.auth_parameters", "config.description", "config.kms_key_identifier", "facts.secret_arn"];
    match scan.json_detail(&mut r, "events:DescribeConnection", &unread, json!({ "Name": name })).await {
        Detail::Got(answer) => {
            r.set("description", text(&answer, "Description")).set("kms_key_identifier", text(&answer, "KmsKeyIdentifier"));
            r.set("auth_parameters", block(Some(authorization(&answer["AuthParameters"]))));
            r.fact("secret_arn", text(&answer, "SecretArn"));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

/// How a connection signs in. AWS answers names and addresses; where the credential would stand, a mark stands.
fn authorization(answer: &Value) -> Value {
    const NAMES: &[(&str, &str)] = &[
        ("ApiKeyAuthParameters", "api_key"),
        ("ApiKeyName", "key"),
        ("BasicAuthParameters", "basic"),
        ("OAuthParameters", "oauth"),
        ("OAuthHttpParameters", "oauth_http_parameters"),
        ("ClientID", "client_id"),
        ("BodyParameters", "body"),
        ("HeaderParameters", "header"),
        ("QueryStringParameters", "query_string"),
    ];
    let known = schema::provider().resource("aws_cloudwatch_event_connection").and_then(|b| b.blocks.get("auth_parameters"));
    let Some(known) = known else { return Value::Null };
    let mut fields = shape::shape(&known.block, answer, NAMES, &["ConnectivityParameters"]).fields;
    for (way, credential) in [("api_key", "value"), ("basic", "password")] {
        if let Some(block) = fields.get_mut(way).and_then(|b| b.get_mut(0)) {
            block[credential] = REDACTED.into();
        }
    }
    if let Some(client) = fields.get_mut("oauth").and_then(|o| o.pointer_mut("/0/client_parameters/0")) {
        client["client_secret"] = REDACTED.into();
    }
    Value::Object(fields)
}

async fn one_destination(scan: &Scan<'_>, d: &Value) {
    let Some(name) = text(d, "Name") else { return };
    let mut r = scan.resource("aws_cloudwatch_event_api_destination", name);
    r.arn = text(d, "ApiDestinationArn").map(str::to_owned);
    r.name = Some(name.into());
    r.set("name", name)
        .set("connection_arn", text(d, "ConnectionArn"))
        .set("http_method", text(d, "HttpMethod"))
        .set("invocation_endpoint", text(d, "InvocationEndpoint"));
    r.fact("state", text(d, "ApiDestinationState"));
    let unread = ["config.description", "config.invocation_rate_limit_per_second"];
    match scan.json_detail(&mut r, "events:DescribeApiDestination", &unread, json!({ "Name": name })).await {
        Detail::Got(answer) => {
            r.set("description", text(&answer, "Description"))
                .set("invocation_rate_limit_per_second", answer["InvocationRateLimitPerSecond"].as_i64());
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    #[test]
    fn archives_connections_and_destinations() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                (
                    "events:ListArchives",
                    200,
                    r#"{"Archives":[{"ArchiveName":"all","EventSourceArn":"arn:aws:events:eu-west-3:123456789012:event-bus/orders","State":"ENABLED","RetentionDays":30,"SizeBytes":10}]}"#,
                ),
                ("events:DescribeArchive", 200, r#"{"Description":"d","EventPattern":"{}"}"#),
                (
                    "events:ListConnections",
                    200,
                    r#"{"Connections":[{"Name":"crm","ConnectionArn":"arn:aws:events:eu-west-3:123456789012:connection/crm/u","AuthorizationType":"API_KEY","ConnectionState":"AUTHORIZED"}]}"#,
                ),
                (
                    "events:DescribeConnection",
                    200,
                    r#"{"Description":"customers","SecretArn":"arn:aws:secretsmanager:eu-west-3:123456789012:secret:events!connection/crm","AuthParameters":{"ApiKeyAuthParameters":{"ApiKeyName":"x-key"}}}"#,
                ),
                (
                    "events:ListApiDestinations",
                    200,
                    r#"{"ApiDestinations":[{"Name":"crm","ApiDestinationArn":"arn:aws:events:eu-west-3:123456789012:api-destination/crm/u","ConnectionArn":"arn:aws:events:eu-west-3:123456789012:connection/crm/u","HttpMethod":"POST","InvocationEndpoint":"https://crm.example"}]}"#,
                ),
                ("events:DescribeApiDestination", 200, r#"{"Description":"crm","InvocationRateLimitPerSecond":5}"#),
            ],
        );
        assert_eq!(all.len(), 3);
        let connection = all.iter().find(|r| r.kind == "aws_cloudwatch_event_connection").unwrap();
        assert_eq!(
            (connection.str("config.description"), connection.str("config.auth_parameters.0.api_key.0.key")),
            (Some("customers"), Some("x-key"))
        );
        let archive = all.iter().find(|r| r.kind == "aws_cloudwatch_event_archive").unwrap();
        assert_eq!((archive.str("config.description"), archive.config["retention_days"].as_i64()), (Some("d"), Some(30)));
    }

    #[test]
    fn a_refused_listing_concerns_its_own_type_only() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("events:ListArchives", 400, r#"{"__type":"AccessDeniedException"}"#),
                ("events:ListConnections", 200, r#"{"Connections":[]}"#),
                ("events:ListApiDestinations", 200, r#"{"ApiDestinations":[]}"#),
            ],
        );
        assert!(all.is_empty());
        let gap = ledger.iter().find(|e| e.outcome == Outcome::Denied).unwrap();
        assert_eq!(gap.types, ["aws_cloudwatch_event_archive"]);
    }
}
