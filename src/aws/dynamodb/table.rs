//! Tables with their indexes, replicas, time to live and restore window, and what hangs on them.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{block, items, json_time, set, strings, text};
use crate::estate::Resource;

/// `aws_dynamodb_table`, `aws_dynamodb_resource_policy`, `aws_dynamodb_kinesis_streaming_destination`,
/// `aws_dynamodb_contributor_insights`.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_dynamodb_table",
        "aws_dynamodb_resource_policy",
        "aws_dynamodb_kinesis_streaming_destination",
        "aws_dynamodb_contributor_insights",
    ],
    calls: &[
        list("dynamodb:ListTables"),
        detail("dynamodb:DescribeTable").gone(&["ResourceNotFoundException"]),
        detail("dynamodb:DescribeContinuousBackups").absent(&["TableNotFoundException", "ContinuousBackupsUnavailableException"]),
        detail("dynamodb:DescribeTimeToLive").absent(&["ResourceNotFoundException"]),
        list("dynamodb:GetResourcePolicy")
            .yields(&["aws_dynamodb_resource_policy"])
            .absent(&["PolicyNotFoundException", "ResourceNotFoundException"]),
        list("dynamodb:DescribeKinesisStreamingDestination")
            .yields(&["aws_dynamodb_kinesis_streaming_destination"])
            .absent(&["ResourceNotFoundException"]),
        list("dynamodb:ListContributorInsights").yields(&["aws_dynamodb_contributor_insights"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let (token_out, token_in) = ("LastEvaluatedTableName", "ExclusiveStartTableName");
    let names = scan.json_list_with("dynamodb:ListTables", json!({}), "TableNames", token_out, token_in).await;
    if names.is_empty() {
        return;
    }
    let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
    scan.each(names, |name| one(scan, name)).await;
    for insight in scan.json_list("dynamodb:ListContributorInsights", json!({}), "ContributorInsightsSummaries", "NextToken").await {
        contributor_insights(scan, &insight);
    }
}

async fn one(scan: &Scan<'_>, name: &str) {
    let mut r = scan.resource("aws_dynamodb_table", name);
    r.arn = Some(scan.arn("dynamodb", &format!("table/{name}")));
    r.name = Some(name.into());
    scan.bulk_tags(&mut r).await;
    r.set("name", name);
    match scan.json_detail(&mut r, "dynamodb:DescribeTable", &TABLE, json!({ "TableName": name })).await {
        Detail::Got(answer) => {
            arguments(&mut r, &answer["Table"]);
            replicas(scan, &mut r, &answer["Table"]).await;
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    let input = json!({ "TableName": name });
    let backups = ["config.point_in_time_recovery", "facts.latest_restorable_time"];
    match scan.json_detail(&mut r, "dynamodb:DescribeContinuousBackups", &backups, input.clone()).await {
        Detail::Got(answer) => {
            let point = &answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
            r.set("point_in_time_recovery", block(recovery(point)));
            r.fact("latest_restorable_time", json_time(&point["LatestRestorableDateTime"]));
        }
        Detail::Absent => {
            r.set("point_in_time_recovery", json!([])).fact("latest_restorable_time", Value::Null);
        }
        Detail::Gone | Detail::Unread => {}
    }
    match scan.json_detail(&mut r, "dynamodb:DescribeTimeToLive", &["config.ttl"], input.clone()).await {
        Detail::Got(answer) => {
            let ttl = &answer["TimeToLiveDescription"];
            let on = matches!(text(ttl, "TimeToLiveStatus"), Some("ENABLED" | "ENABLING"));
            r.set("ttl", json!([{ "attribute_name": text(ttl, "AttributeName").unwrap_or_default(), "enabled": on }]));
        }
        Detail::Absent => {
            r.set("ttl", json!([]));
        }
        Detail::Gone | Detail::Unread => {}
    }
    satellites(scan, &r).await;
    scan.emit(r);
}

/// What only the description of a table tells.
const TABLE: [&str; 17] = [
    "config.attribute",
    "config.billing_mode",
    "config.deletion_protection_enabled",
    "config.global_secondary_index",
    "config.hash_key",
    "config.local_secondary_index",
    "config.on_demand_throughput",
    "config.range_key",
    "config.read_capacity",
    "config.replica",
    "config.server_side_encryption",
    "config.stream_enabled",
    "config.stream_view_type",
    "config.table_class",
    "config.write_capacity",
    "facts.status",
    "facts.create_time",
];

fn arguments(r: &mut Resource, t: &Value) {
    let keys = &t["KeySchema"];
    let mut attributes: Vec<Value> =
        items(t, "AttributeDefinitions").iter().map(|a| json!({ "name": a["AttributeName"], "type": a["AttributeType"] })).collect();
    attributes.sort_by_cached_key(Value::to_string);
    let mut global: Vec<Value> = items(t, "GlobalSecondaryIndexes").iter().map(global_index).collect();
    global.sort_by_cached_key(Value::to_string);
    let mut local: Vec<Value> = items(t, "LocalSecondaryIndexes").iter().map(local_index).collect();
    local.sort_by_cached_key(Value::to_string);
    let sse = &t["SSEDescription"];
    // Without a description the table is encrypted with a key that DynamoDB owns: nothing that could be set.
    let sse = sse.is_object().then(|| json!({ "enabled": text(sse, "Status") == Some("ENABLED"), "kms_key_arn": sse["KMSMasterKeyArn"] }));
    let stream = &t["StreamSpecification"];
    let size = &t["ProvisionedThroughput"];
    r.set("attribute", attributes)
        .set("billing_mode", text(&t["BillingModeSummary"], "BillingMode").unwrap_or("PROVISIONED"))
        .set("deletion_protection_enabled", t["DeletionProtectionEnabled"].as_bool().unwrap_or(false))
        .set("global_secondary_index", global)
        .set("hash_key", key(keys, "HASH"))
        .set("local_secondary_index", local)
        .set("on_demand_throughput", block(on_demand(&t["OnDemandThroughput"])))
        .set("range_key", key(keys, "RANGE"))
        .set("read_capacity", size["ReadCapacityUnits"].as_i64())
        .set("server_side_encryption", block(sse))
        .set("stream_enabled", stream["StreamEnabled"].as_bool().unwrap_or(false))
        .set("stream_view_type", text(stream, "StreamViewType"))
        .set("table_class", text(&t["TableClassSummary"], "TableClass").unwrap_or("STANDARD"))
        .set("write_capacity", size["WriteCapacityUnits"].as_i64());
    r.fact("status", text(t, "TableStatus"))
        .fact("create_time", json_time(&t["CreationDateTime"]))
        .fact("item_count", t["ItemCount"].as_i64())
        .fact("size_bytes", t["TableSizeBytes"].as_i64())
        .fact("stream_arn", text(t, "LatestStreamArn"))
        .fact("replica_regions", set(items(t, "Replicas").iter().filter_map(|x| text(x, "RegionName"))));
}

/// Copies in other regions. Whether they have a restore window is asked there.
async fn replicas(scan: &Scan<'_>, r: &mut Resource, t: &Value) {
    let name = r.id.clone();
    let mut all = Vec::new();
    for replica in items(t, "Replicas") {
        let Some(region) = text(replica, "RegionName").filter(|x| *x != scan.region) else { continue };
        let request = scan.session.json(region, "dynamodb:DescribeContinuousBackups", json!({ "TableName": name }));
        let answer = scan.detail(r, "dynamodb:DescribeContinuousBackups", &["config.replica"], request).await.got();
        let status = answer.as_ref().map(|a| &a["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]);
        all.push(json!({
            "region_name": region,
            "kms_key_arn": text(replica, "KMSMasterKeyId").unwrap_or_default(),
            "point_in_time_recovery": status.is_some_and(|s| text(s, "PointInTimeRecoveryStatus") == Some("ENABLED")),
        }));
    }
    all.sort_by_cached_key(Value::to_string);
    if !r.unread.contains_key("config.replica") {
        r.set("replica", all);
    }
}

fn key<'a>(schema: &'a Value, kind: &str) -> Option<&'a str> {
    schema.as_array()?.iter().find(|k| text(k, "KeyType") == Some(kind)).and_then(|k| text(k, "AttributeName"))
}

fn on_demand(limits: &Value) -> Option<Value> {
    limits.is_object().then(|| {
        json!({
            "max_read_request_units": limits["MaxReadRequestUnits"].as_i64().unwrap_or(-1),
            "max_write_request_units": limits["MaxWriteRequestUnits"].as_i64().unwrap_or(-1),
        })
    })
}

fn global_index(index: &Value) -> Value {
    let (projection, size) = (&index["Projection"], &index["ProvisionedThroughput"]);
    json!({
        "name": index["IndexName"],
        "hash_key": key(&index["KeySchema"], "HASH"),
        "range_key": key(&index["KeySchema"], "RANGE"),
        "projection_type": projection["ProjectionType"],
        "non_key_attributes": set(items(projection, "NonKeyAttributes").iter().filter_map(Value::as_str)),
        "read_capacity": size["ReadCapacityUnits"].as_i64().unwrap_or(0),
        "write_capacity": size["WriteCapacityUnits"].as_i64().unwrap_or(0),
        "on_demand_throughput": block(on_demand(&index["OnDemandThroughput"])),
    })
}

fn local_index(index: &Value) -> Value {
    let projection = &index["Projection"];
    json!({
        "name": index["IndexName"],
        "range_key": key(&index["KeySchema"], "RANGE"),
        "projection_type": projection["ProjectionType"],
        "non_key_attributes": strings(items(projection, "NonKeyAttributes").iter().filter_map(Value::as_str)),
    })
}

fn recovery(point: &Value) -> Option<Value> {
    point.is_object().then(|| {
        let on = text(point, "PointInTimeRecoveryStatus") == Some("ENABLED");
        json!({ "enabled": on, "recovery_period_in_days": point["RecoveryPeriodInDays"].as_i64().unwrap_or(0) })
    })
}

/// What hangs on a table and is a resource of its own.
async fn satellites(scan: &Scan<'_>, table: &Resource) {
    let region = scan.endpoint_region();
    let Some(arn) = table.arn.as_deref() else { return };
    let request = scan.session.json(region, "dynamodb:GetResourcePolicy", json!({ "ResourceArn": arn }));
    for answer in scan.list_once("dynamodb:GetResourcePolicy", request, |a| vec![a]).await {
        let Some(policy) = text(&answer, "Policy").filter(|p| !p.is_empty()) else { continue };
        let mut r = scan.resource("aws_dynamodb_resource_policy", arn);
        r.name = table.name.clone();
        r.set("resource_arn", arn).set("policy", policy);
        scan.emit(r);
    }
    let name = "dynamodb:DescribeKinesisStreamingDestination";
    let request = scan.session.json(region, name, json!({ "TableName": table.id }));
    for stream in scan.list_once(name, request, |a| items(&a, "KinesisDataStreamDestinations").to_vec()).await {
        let Some(to) = text(&stream, "StreamArn").filter(|_| text(&stream, "DestinationStatus") != Some("DISABLED")) else { continue };
        let mut r = scan.resource("aws_dynamodb_kinesis_streaming_destination", &format!("{},{to}", table.id));
        r.name = table.name.clone();
        r.set("table_name", table.id.clone())
            .set("stream_arn", to)
            .set("approximate_creation_date_time_precision", text(&stream, "ApproximateCreationDateTimePrecision"));
        r.fact("status", text(&stream, "DestinationStatus"));
        scan.emit(r);
    }
}

fn contributor_insights(scan: &Scan<'_>, insight: &Value) {
    let (Some(table), Some("ENABLED" | "ENABLING")) = (text(insight, "TableName"), text(insight, "ContributorInsightsStatus")) else {
        return;
    };
    let index = text(insight, "IndexName").unwrap_or_default();
    let id = format!("name:{table}/index:{index}/{}", scan.session.account);
    let mut r = scan.resource("aws_dynamodb_contributor_insights", &id);
    r.name = Some(if index.is_empty() { table.to_owned() } else { format!("{table} {index}") });
    r.set("table_name", table).set("index_name", (!index.is_empty()).then_some(index));
    r.fact("status", text(insight, "ContributorInsightsStatus"));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::{LedgerEntry, Outcome};

    const TABLE_ANSWER: &str = r#"{"Table":{"TableName":"orders","TableStatus":"ACTIVE","CreationDateTime":1700000000,"ItemCount":7,"TableSizeBytes":900,
        "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"day","AttributeType":"N"}],
        "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"day","KeyType":"RANGE"}],
        "BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"ProvisionedThroughput":{"ReadCapacityUnits":0,"WriteCapacityUnits":0},
        "GlobalSecondaryIndexes":[{"IndexName":"by-day","KeySchema":[{"AttributeName":"day","KeyType":"HASH"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["b","a"]},"OnDemandThroughput":{"MaxReadRequestUnits":10,"MaxWriteRequestUnits":-1}}],
        "LocalSecondaryIndexes":[{"IndexName":"l","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"day","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],
        "StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"},"SSEDescription":{"Status":"ENABLED","KMSMasterKeyArn":"arn:k"},
        "Replicas":[{"RegionName":"eu-west-1","ReplicaStatus":"ACTIVE"}],"DeletionProtectionEnabled":true,"TableClassSummary":{"TableClass":"STANDARD_INFREQUENT_ACCESS"}}}"#;
    const ON: &str = r#"{"ContinuousBackupsDescription":{"PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED","RecoveryPeriodInDays":14}}}"#;
    const OFF: &str = r#"{"ContinuousBackupsDescription":{"PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}"#;

    fn answers(table: (u16, &str), policy: (u16, &str)) -> (Vec<Resource>, Vec<LedgerEntry>) {
        collect(
            &COLLECTOR,
            &[
                ("dynamodb:ListTables", 200, r#"{"TableNames":["orders"]}"#),
                ("dynamodb:DescribeTable", table.0, table.1),
                // The first is asked in the replica's region.
                ("dynamodb:DescribeContinuousBackups", 200, OFF),
                ("dynamodb:DescribeContinuousBackups", 200, ON),
                (
                    "dynamodb:DescribeTimeToLive",
                    200,
                    r#"{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"expires"}}"#,
                ),
                ("dynamodb:GetResourcePolicy", policy.0, policy.1),
                (
                    "dynamodb:DescribeKinesisStreamingDestination",
                    200,
                    r#"{"TableName":"orders","KinesisDataStreamDestinations":[{"StreamArn":"arn:s","DestinationStatus":"ACTIVE"},{"StreamArn":"arn:old","DestinationStatus":"DISABLED"}]}"#,
                ),
                (
                    "dynamodb:ListContributorInsights",
                    200,
                    r#"{"ContributorInsightsSummaries":[{"TableName":"orders","ContributorInsightsStatus":"ENABLED"},{"TableName":"orders","IndexName":"by-day","ContributorInsightsStatus":"DISABLED"}]}"#,
                ),
            ],
        )
    }

    #[test]
    fn a_table_with_everything() {
        let (all, _) = answers((200, TABLE_ANSWER), (200, r#"{"Policy":"{}","RevisionId":"1"}"#));
        let of = |kind: &str| all.iter().find(|r| r.kind == kind).unwrap();
        assert_eq!(all.len(), 4);
        let table = of("aws_dynamodb_table");
        assert_eq!((&table.config["hash_key"], &table.config["range_key"]), (&json!("pk"), &json!("day")));
        assert_eq!(table.config["billing_mode"], "PAY_PER_REQUEST");
        assert_eq!(table.config["global_secondary_index"][0]["non_key_attributes"], json!(["a", "b"]));
        assert_eq!(table.config["global_secondary_index"][0]["on_demand_throughput"][0]["max_read_request_units"], 10);
        assert_eq!(table.config["local_secondary_index"][0]["range_key"], "day");
        assert_eq!(table.config["point_in_time_recovery"], json!([{ "enabled": true, "recovery_period_in_days": 14 }]));
        assert_eq!(table.config["ttl"], json!([{ "attribute_name": "expires", "enabled": true }]));
        assert_eq!(table.config["server_side_encryption"], json!([{ "enabled": true, "kms_key_arn": "arn:k" }]));
        assert_eq!(table.config["replica"], json!([{ "region_name": "eu-west-1", "kms_key_arn": "", "point_in_time_recovery": false }]));
        assert_eq!(table.facts["create_time"], "2023-11-14T22:13:20Z");
        assert_eq!(of("aws_dynamodb_resource_policy").id, "arn:aws:dynamodb:eu-west-3:123456789012:table/orders");
        assert_eq!(of("aws_dynamodb_kinesis_streaming_destination").id, "orders,arn:s");
        assert_eq!(of("aws_dynamodb_contributor_insights").id, "name:orders/index:/123456789012");
    }

    #[test]
    fn refused_details_are_unread_and_a_table_that_vanished_is_none() {
        let refused = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let none = r#"{"__type":"PolicyNotFoundException","message":"none"}"#;
        let (all, ledger) = answers((403, refused), (400, none));
        let table = all.iter().find(|r| r.kind == "aws_dynamodb_table").unwrap();
        assert!(table.unread.contains_key("config.billing_mode") && !table.config.contains_key("billing_mode"));
        assert!(!all.iter().any(|r| r.kind == "aws_dynamodb_resource_policy"));
        assert!(ledger.iter().any(|e| e.call == "dynamodb:GetResourcePolicy" && e.outcome == Outcome::Done), "none is an answer");
        let gone = r#"{"__type":"ResourceNotFoundException","message":"no"}"#;
        assert!(!answers((400, gone), (400, none)).0.iter().any(|r| r.kind == "aws_dynamodb_table"));
    }
}
