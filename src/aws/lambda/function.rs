//! Functions with their triggers, permissions, aliases and URLs. Code is never fetched.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::metrics::{self, Each, Figure};
use crate::aws::scan::{Detail, Scan, encode};
use crate::aws::value::{items, set, text};

/// `aws_lambda_function` and what hangs on it.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_lambda_function",
        "aws_lambda_permission",
        "aws_lambda_function_url",
        "aws_lambda_alias",
        "aws_lambda_event_source_mapping",
    ],
    calls: &[
        list("lambda:ListFunctions"),
        list("lambda:GetPolicy").yields(&["aws_lambda_permission"]).absent(&["ResourceNotFoundException"]),
        detail("lambda:GetFunctionConcurrency").gone(&["ResourceNotFoundException"]),
        detail("lambda:GetFunctionCodeSigningConfig").absent(&["ResourceNotFoundException"]),
        list("lambda:ListFunctionUrlConfigs").yields(&["aws_lambda_function_url"]).absent(&["ResourceNotFoundException"]),
        list("lambda:ListAliases").yields(&["aws_lambda_alias"]).absent(&["ResourceNotFoundException"]),
        list("lambda:ListEventSourceMappings").yields(&["aws_lambda_event_source_mapping"]),
        metrics::CALL,
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let functions = scan.rest_list("lambda:ListFunctions", "/2015-03-31/functions/?MaxItems=50", "Functions", "NextMarker", "Marker").await;
    let names: Vec<&str> = functions.iter().filter_map(|f| text(f, "FunctionName")).collect();
    let runs = metrics::each(scan, "aws_lambda_function", 7, &names, |name| {
        ["Invocations", "Errors"].map(|metric| Figure {
            namespace: "AWS/Lambda",
            metric,
            dimensions: vec![("FunctionName", name)],
            statistic: "Sum",
            period: 86_400,
        })
    })
    .await;
    scan.each(functions, |function| one(scan, function, &runs)).await;
    let path = "/2015-03-31/event-source-mappings/?MaxItems=100";
    for mapping in scan.rest_list("lambda:ListEventSourceMappings", path, "EventSourceMappings", "NextMarker", "Marker").await {
        event_source(scan, &mapping).await;
    }
}

/// A block of the API's fields under the provider's names; nothing when the API says nothing.
fn nested(value: &Value, fields: &[(&str, &str)]) -> Value {
    if !value.is_object() {
        return json!([]);
    }
    let block: Map<_, _> =
        fields.iter().map(|(api, argument)| ((*argument).to_owned(), value.get(*api).cloned().unwrap_or(Value::Null))).collect();
    json!([block])
}

async fn one(scan: &Scan<'_>, f: Value, runs: &Each) {
    let (Some(name), Some(arn)) = (text(&f, "FunctionName"), text(&f, "FunctionArn")) else { return };
    let mut r = scan.resource("aws_lambda_function", name);
    r.arn = Some(arn.into());
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    let vpc = &f["VpcConfig"];
    let in_vpc = !items(vpc, "SubnetIds").is_empty();
    let ids = |field: &str| set(items(vpc, field).iter().filter_map(Value::as_str));
    let variables = f.pointer("/Environment/Variables").and_then(Value::as_object).filter(|v| !v.is_empty());
    r.set("function_name", name)
        .set("description", text(&f, "Description").unwrap_or(""))
        .set("role", text(&f, "Role"))
        .set("handler", text(&f, "Handler"))
        .set("runtime", text(&f, "Runtime"))
        .set("memory_size", f["MemorySize"].as_i64())
        .set("timeout", f["Timeout"].as_i64())
        .set("package_type", text(&f, "PackageType").unwrap_or("Zip"))
        .set("architectures", f.get("Architectures").cloned().unwrap_or_else(|| json!(["x86_64"])))
        .set("kms_key_arn", text(&f, "KMSKeyArn").unwrap_or(""))
        .set("layers", Value::Array(items(&f, "Layers").iter().map(|l| l["Arn"].clone()).collect()))
        .set("environment", variables.map_or_else(|| json!([]), |v| json!([{ "variables": v }])))
        .set("dead_letter_config", nested(&f["DeadLetterConfig"], &[("TargetArn", "target_arn")]))
        .set("tracing_config", nested(&f["TracingConfig"], &[("Mode", "mode")]))
        .set("ephemeral_storage", nested(&f["EphemeralStorage"], &[("Size", "size")]))
        .set("image_config", nested(&f["ImageConfigResponse"]["ImageConfig"], &[("Command", "command"), ("EntryPoint", "entry_point"), ("WorkingDirectory", "working_directory")]))
        .set(
            "logging_config",
            nested(
                &f["LoggingConfig"],
                &[("ApplicationLogLevel", "application_log_level"), ("LogFormat", "log_format"), ("LogGroup", "log_group"), ("SystemLogLevel", "system_log_level")],
            ),
        )
        .set(
            "vpc_config",
            if in_vpc {
                json!([{ "subnet_ids": ids("SubnetIds"), "security_group_ids": ids("SecurityGroupIds"), "ipv6_allowed_for_dual_stack": vpc["Ipv6AllowedForDualStack"].as_bool().unwrap_or(false) }])
            } else {
                json!([])
            },
        )
        .set("file_system_config", Value::Array(items(&f, "FileSystemConfigs").iter().map(|c| json!({ "arn": c["Arn"], "local_mount_path": c["LocalMountPath"] })).collect()));
    let snap = f.pointer("/SnapStart/ApplyOn").and_then(Value::as_str).filter(|a| *a != "None");
    r.set("snap_start", snap.map_or_else(|| json!([]), |a| json!([{ "apply_on": a }])));
    r.fact("state", text(&f, "State"))
        .fact("last_modified", text(&f, "LastModified").map(|t| t.replace("+0000", "Z")))
        .fact("code_size", f["CodeSize"].as_i64())
        .fact("code_sha256", text(&f, "CodeSha256"))
        .fact("vpc_id", text(vpc, "VpcId").filter(|v| !v.is_empty()))
        .fact(
            "invoke_arn",
            format!("arn:{}:apigateway:{}:lambda:path/2015-03-31/functions/{arn}/invocations", scan.session.partition, scan.region),
        );
    // Counted only when it runs: without a figure, it did not.
    runs.tell(&mut r, name, ["invocations_7d", "errors_7d"], |values| [0, 1].map(|i| values.get(i).map(|v| metrics::sum(v))));
    let path = encode(name);
    let concurrency = format!("/2019-09-30/functions/{path}/concurrency");
    match scan.rest_detail(&mut r, "lambda:GetFunctionConcurrency", &["config.reserved_concurrent_executions"], &concurrency).await {
        Detail::Got(answer) => {
            r.set("reserved_concurrent_executions", answer["ReservedConcurrentExecutions"].as_i64().unwrap_or(-1));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    if r.str("config.package_type") == Some("Zip") {
        let signing = format!("/2020-06-30/functions/{path}/code-signing-config");
        let answer = scan.rest_detail(&mut r, "lambda:GetFunctionCodeSigningConfig", &["config.code_signing_config_arn"], &signing).await;
        if let Detail::Got(answer) = answer {
            r.set("code_signing_config_arn", text(&answer, "CodeSigningConfigArn"));
        }
    }
    urls(scan, name, &path).await;
    let aliases = aliases(scan, name, &path).await;
    // An alias has a policy of its own.
    let mut public = Some(false);
    let mut seen = BTreeSet::new();
    for qualifier in std::iter::once(None).chain(aliases.iter().map(Some)) {
        let url = format!("/2015-03-31/functions/{path}/policy");
        let url = qualifier.map_or_else(|| url.clone(), |q| format!("{url}?Qualifier={}", encode(q)));
        match scan.rest_detail(&mut r, "lambda:GetPolicy", &["facts.policy_is_public"], &url).await {
            Detail::Got(answer) => {
                let open = policy(scan, name, &answer, &mut seen);
                public = public.map(|p| p || open);
            }
            Detail::Absent => {}
            Detail::Gone | Detail::Unread => public = None,
        }
    }
    if let Some(public) = public {
        r.fact("policy_is_public", public);
    }
    scan.emit(r);
}

/// The statements of a policy, each a permission; whether one of them is for everybody.
fn policy(scan: &Scan<'_>, name: &str, answer: &Value, seen: &mut BTreeSet<String>) -> bool {
    let document: Value = text(answer, "Policy").and_then(|p| serde_json::from_str(p).ok()).unwrap_or(Value::Null);
    let mut public = false;
    for s in items(&document, "Statement") {
        let Some(sid) = text(s, "Sid") else { continue };
        let qualifier = text(s, "Resource").and_then(qualifier);
        let id = qualifier.map_or_else(|| format!("{name}/{sid}"), |q| format!("{name}:{q}/{sid}"));
        if !seen.insert(id.clone()) {
            continue;
        }
        let mut p = scan.resource("aws_lambda_permission", &id);
        p.name = Some(sid.into());
        let principal = &s["Principal"];
        let who = principal.as_str().or_else(|| text(principal, "Service")).or_else(|| text(principal, "AWS")).unwrap_or("*");
        let condition = |operator: &str, key: &str| {
            let c = s.pointer(&format!("/Condition/{operator}"))?.as_object()?;
            c.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).and_then(|(_, v)| v.as_str())
        };
        let source_arn = condition("ArnLike", "AWS:SourceArn").or_else(|| condition("ArnEquals", "AWS:SourceArn"));
        let source_account = condition("StringEquals", "AWS:SourceAccount");
        public |= s["Effect"] == "Allow" && (who == "*") && s.get("Condition").is_none_or(|c| c.as_object().is_none_or(Map::is_empty));
        p.set("statement_id", sid)
            .set("action", text(s, "Action"))
            .set("function_name", name)
            .set("principal", who)
            .set("source_arn", source_arn)
            .set("source_account", source_account)
            .set("principal_org_id", condition("StringEquals", "aws:PrincipalOrgID"))
            .set("event_source_token", condition("StringEquals", "lambda:EventSourceToken"))
            .set("function_url_auth_type", condition("StringEquals", "lambda:FunctionUrlAuthType"));
        if let Some(qualifier) = qualifier {
            p.set("qualifier", qualifier);
        }
        scan.emit(p);
    }
    public
}

/// The alias or version that the ARN of a function ends with.
fn qualifier(arn: &str) -> Option<&str> {
    arn.splitn(8, ':').nth(7)
}

async fn urls(scan: &Scan<'_>, name: &str, path: &str) {
    let url = format!("/2021-10-31/functions/{path}/urls?MaxItems=50");
    for u in scan.rest_list("lambda:ListFunctionUrlConfigs", &url, "FunctionUrlConfigs", "NextMarker", "Marker").await {
        let qualifier = text(&u, "FunctionArn").and_then(qualifier);
        let id = qualifier.map_or_else(|| name.to_owned(), |q| format!("{name}/{q}"));
        let mut r = scan.resource("aws_lambda_function_url", &id);
        r.name = Some(name.into());
        let cors = &u["Cors"];
        let cors = if cors.as_object().is_some_and(|c| !c.is_empty()) {
            let strings = |field: &str| set(items(cors, field).iter().filter_map(Value::as_str));
            json!([{
                "allow_credentials": cors["AllowCredentials"].as_bool().unwrap_or(false), "allow_headers": strings("AllowHeaders"), "allow_methods": strings("AllowMethods"),
                "allow_origins": strings("AllowOrigins"), "expose_headers": strings("ExposeHeaders"), "max_age": cors["MaxAge"].as_i64().unwrap_or(0),
            }])
        } else {
            json!([])
        };
        r.set("function_name", name)
            .set("qualifier", qualifier)
            .set("authorization_type", text(&u, "AuthType"))
            .set("invoke_mode", text(&u, "InvokeMode").unwrap_or("BUFFERED"))
            .set("cors", cors);
        r.fact("function_url", text(&u, "FunctionUrl")).fact("function_arn", text(&u, "FunctionArn"));
        scan.emit(r);
    }
}

/// The aliases of a function; their names.
async fn aliases(scan: &Scan<'_>, name: &str, path: &str) -> Vec<String> {
    let mut names = Vec::new();
    let url = format!("/2015-03-31/functions/{path}/aliases?MaxItems=50");
    for a in scan.rest_list("lambda:ListAliases", &url, "Aliases", "NextMarker", "Marker").await {
        let Some(alias) = text(&a, "Name") else { continue };
        let mut r = scan.resource("aws_lambda_alias", &format!("{name}/{alias}"));
        r.arn = text(&a, "AliasArn").map(str::to_owned);
        r.name = Some(alias.into());
        let weights = a.pointer("/RoutingConfig/AdditionalVersionWeights").filter(|w| w.as_object().is_some_and(|o| !o.is_empty()));
        r.set("name", alias)
            .set("function_name", name)
            .set("function_version", text(&a, "FunctionVersion"))
            .set("description", text(&a, "Description").unwrap_or(""))
            .set("routing_config", weights.map_or_else(|| json!([]), |w| json!([{ "additional_version_weights": w }])));
        names.push(alias.to_owned());
        scan.emit(r);
    }
    names
}

/// What people call a source: the end of its ARN, but of a table's stream the table, since a stream has a date for a name.
fn source_name(arn: &str) -> String {
    let arn = arn.split_once("/stream/").map_or(arn, |(table, _)| table);
    arn.rsplit([':', '/']).next().unwrap_or(arn).to_owned()
}

async fn event_source(scan: &Scan<'_>, m: &Value) {
    let Some(uuid) = text(m, "UUID") else { return };
    let mut r = scan.resource("aws_lambda_event_source_mapping", uuid);
    r.arn = text(m, "EventSourceMappingArn").map(str::to_owned);
    scan.bulk_tags(&mut r).await;
    let function = text(m, "FunctionArn").unwrap_or_default();
    let strings = |field: &str| set(items(m, field).iter().filter_map(Value::as_str));
    r.name = r.name.or_else(|| text(m, "EventSourceArn").map(source_name));
    let failure = m.pointer("/DestinationConfig/OnFailure/Destination").and_then(Value::as_str);
    let filters: Vec<Value> = m
        .get("FilterCriteria")
        .map(|c| items(c, "Filters"))
        .unwrap_or_default()
        .iter()
        .map(|f| json!({ "pattern": f["Pattern"] }))
        .collect();
    let access: Vec<Value> = items(m, "SourceAccessConfigurations").iter().map(|c| json!({ "type": c["Type"], "uri": c["URI"] })).collect();
    r.set("event_source_arn", text(m, "EventSourceArn"))
        .set("function_name", function)
        .set("batch_size", m["BatchSize"].as_i64())
        .set("enabled", matches!(text(m, "State"), Some("Enabled" | "Enabling" | "Creating" | "Updating")))
        .set("bisect_batch_on_function_error", m["BisectBatchOnFunctionError"].as_bool())
        .set("function_response_types", strings("FunctionResponseTypes"))
        .set("kms_key_arn", text(m, "KMSKeyArn"))
        .set("maximum_batching_window_in_seconds", m["MaximumBatchingWindowInSeconds"].as_i64())
        .set("maximum_record_age_in_seconds", m["MaximumRecordAgeInSeconds"].as_i64())
        .set("maximum_retry_attempts", m["MaximumRetryAttempts"].as_i64())
        .set("parallelization_factor", m["ParallelizationFactor"].as_i64())
        .set("queues", m.get("Queues").cloned().unwrap_or_else(|| json!([])))
        .set("topics", strings("Topics"))
        .set("starting_position", text(m, "StartingPosition"))
        .set("starting_position_timestamp", crate::aws::value::json_time(&m["StartingPositionTimestamp"]))
        .set("tumbling_window_in_seconds", m["TumblingWindowInSeconds"].as_i64())
        .set("destination_config", failure.map_or_else(|| json!([]), |d| json!([{ "on_failure": [{ "destination_arn": d }] }])))
        .set("filter_criteria", if filters.is_empty() { json!([]) } else { json!([{ "filter": filters }]) })
        .set("scaling_config", nested(&m["ScalingConfig"], &[("MaximumConcurrency", "maximum_concurrency")]))
        .set(
            "metrics_config",
            m.get("MetricsConfig")
                .map_or_else(|| json!([]), |c| json!([{ "metrics": set(items(c, "Metrics").iter().filter_map(Value::as_str)) }])),
        )
        .set(
            "provisioned_poller_config",
            nested(&m["ProvisionedPollerConfig"], &[("MaximumPollers", "maximum_pollers"), ("MinimumPollers", "minimum_pollers")]),
        )
        .set("source_access_configuration", access)
        .set(
            "amazon_managed_kafka_event_source_config",
            nested(&m["AmazonManagedKafkaEventSourceConfig"], &[("ConsumerGroupId", "consumer_group_id")]),
        )
        .set(
            "self_managed_kafka_event_source_config",
            nested(&m["SelfManagedKafkaEventSourceConfig"], &[("ConsumerGroupId", "consumer_group_id")]),
        )
        .set(
            "document_db_event_source_config",
            nested(
                &m["DocumentDBEventSourceConfig"],
                &[("CollectionName", "collection_name"), ("DatabaseName", "database_name"), ("FullDocument", "full_document")],
            ),
        )
        .set("self_managed_event_source", json!([]));
    if let Some(endpoints) = m.pointer("/SelfManagedEventSource/Endpoints/KAFKA_BOOTSTRAP_SERVERS").and_then(Value::as_array) {
        let servers: Vec<&str> = endpoints.iter().filter_map(Value::as_str).collect();
        r.set("self_managed_event_source", json!([{ "endpoints": { "KAFKA_BOOTSTRAP_SERVERS": servers.join(",") } }]));
    }
    r.fact("state", text(m, "State")).fact("last_processing_result", text(m, "LastProcessingResult")).fact("function_arn", function);
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{JSON_DENIED, collect, figures};
    use crate::estate::resource::REDACTED;

    #[test]
    fn a_function_with_everything_on_it_and_no_secret() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                (
                    "lambda:ListFunctions",
                    200,
                    r#"{"Functions":[{"FunctionName":"push","FunctionArn":"arn:aws:lambda:eu-west-3:123456789012:function:push","Runtime":"nodejs16.x","Role":"arn:aws:iam::123456789012:role/push","Handler":"i.h","MemorySize":128,"Timeout":3,"CodeSize":10,"LastModified":"2024-11-04T09:00:00.000+0000","Environment":{"Variables":{"DB_PASSWORD":"correct-horse-1","STAGE":"live"}},"VpcConfig":{"SubnetIds":["subnet-b","subnet-a"],"SecurityGroupIds":["sg-1"],"VpcId":"vpc-1"},"TracingConfig":{"Mode":"PassThrough"},"EphemeralStorage":{"Size":512}}]}"#,
                ),
                (
                    "lambda:GetPolicy",
                    200,
                    r#"{"Policy":"{\"Statement\":[{\"Sid\":\"all\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"lambda:InvokeFunction\",\"Resource\":\"r\"},{\"Sid\":\"s3\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"s3.amazonaws.com\"},\"Action\":\"lambda:InvokeFunction\",\"Condition\":{\"ArnLike\":{\"AWS:SourceArn\":\"arn:aws:s3:::b\"},\"StringEquals\":{\"AWS:SourceAccount\":\"123456789012\"}}},{\"Sid\":\"alias\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"999988887777\"},\"Action\":\"lambda:InvokeFunction\",\"Resource\":\"arn:aws:lambda:eu-west-3:123456789012:function:push:live\"}]}"}"#,
                ),
                ("cloudwatch:GetMetricData", 200, &figures(&[&[100.0, 20.0], &[7.0]])),
                ("lambda:GetFunctionConcurrency", 200, "{}"),
                ("lambda:GetFunctionCodeSigningConfig", 200, "{}"),
                (
                    "lambda:ListFunctionUrlConfigs",
                    200,
                    r#"{"FunctionUrlConfigs":[{"FunctionUrl":"https://x.lambda-url.eu-west-3.on.aws/","FunctionArn":"arn:aws:lambda:eu-west-3:123456789012:function:push","AuthType":"NONE"}]}"#,
                ),
                (
                    "lambda:ListAliases",
                    200,
                    r#"{"Aliases":[{"Name":"live","AliasArn":"arn:aws:lambda:eu-west-3:123456789012:function:push:live","FunctionVersion":"1"}]}"#,
                ),
                (
                    "lambda:ListEventSourceMappings",
                    200,
                    r#"{"EventSourceMappings":[{"UUID":"u-1","EventSourceArn":"arn:aws:sqs:eu-west-3:123456789012:jobs","FunctionArn":"arn:aws:lambda:eu-west-3:123456789012:function:push","State":"Enabled","BatchSize":10}]}"#,
                ),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome.is_complete()), "{ledger:?}");
        let function = all.iter().find(|r| r.kind == "aws_lambda_function").unwrap();
        assert_eq!(function.str("config.environment.0.variables.DB_PASSWORD"), Some(REDACTED));
        assert_eq!(function.config["reserved_concurrent_executions"], -1);
        assert_eq!(function.config["vpc_config"][0]["subnet_ids"], json!(["subnet-a", "subnet-b"]));
        assert_eq!((&function.facts["invocations_7d"], &function.facts["errors_7d"]), (&json!(120.0), &json!(7.0)));
        assert_eq!(function.facts["policy_is_public"], true);
        let permission = all.iter().find(|r| r.id == "push:live/alias").expect("the permission of the alias");
        assert_eq!(permission.str("config.qualifier"), Some("live"));
        assert_eq!(source_name("arn:aws:dynamodb:eu-west-3:123456789012:table/orders/stream/2025-02-01T09:00:00.000"), "orders");
        assert_eq!(source_name("arn:aws:sqs:eu-west-3:123456789012:jobs"), "jobs");
        let s3 = all.iter().find(|r| r.id == "push/s3").unwrap();
        assert_eq!((s3.config["principal"].as_str(), s3.config["source_arn"].as_str()), (Some("s3.amazonaws.com"), Some("arn:aws:s3:::b")));
        assert_eq!(all.iter().filter(|r| r.kind == "aws_lambda_function_url").count(), 1);
    }

    #[test]
    fn refused_figures_are_unread_and_none_mean_that_it_did_not_run() {
        let functions = r#"{"Functions":[{"FunctionName":"push","FunctionArn":"arn:aws:lambda:eu-west-3:123456789012:function:push","Role":"arn:aws:iam::123456789012:role/push","PackageType":"Image"}]}"#;
        let of = |status: u16, figures: &str| {
            let none = r#"{"__type":"ResourceNotFoundException"}"#;
            let answers = [
                ("lambda:ListFunctions", 200, functions),
                ("lambda:GetPolicy", 404, none),
                ("lambda:GetFunctionConcurrency", 200, "{}"),
                ("cloudwatch:GetMetricData", status, figures),
            ];
            collect(&COLLECTOR, &answers).0.remove(0)
        };
        let refused = of(400, JSON_DENIED);
        assert!(refused.unread["facts.errors_7d"].starts_with("denied") && !refused.facts.contains_key("invocations_7d"));
        assert_eq!(of(200, &figures(&[&[], &[]])).facts["invocations_7d"], 0.0);
    }
}
