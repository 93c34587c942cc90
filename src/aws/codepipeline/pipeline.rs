//! Pipelines and the webhooks that start them.

use serde_json::{Map, Value, json};

use crate::aws::codebuild::project::own_tags;
use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::shape;
use crate::aws::value::{block, items, json_time, text};
use crate::estate::resource::REDACTED;
use crate::schema;

/// `aws_codepipeline`, `aws_codepipeline_webhook`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_codepipeline", "aws_codepipeline_webhook"],
    calls: &[
        list("codepipeline:ListPipelines").yields(&["aws_codepipeline"]),
        detail("codepipeline:GetPipeline").gone(&["PipelineNotFoundException"]),
        list("codepipeline:ListWebhooks").yields(&["aws_codepipeline_webhook"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// What AWS answers in place of a secret.
const MASK: &str = "****";

async fn collect(scan: &Scan<'_>) {
    let pipelines = scan.json_list("codepipeline:ListPipelines", json!({}), "pipelines", "nextToken").await;
    scan.each(pipelines, |pipeline| one(scan, pipeline)).await;
    for webhook in scan.json_list("codepipeline:ListWebhooks", json!({}), "webhooks", "NextToken").await {
        one_webhook(scan, &webhook);
    }
}

/// The provider's names where they are not those of the API.
const NAMES: &[(&str, &str)] = &[("conditions", "condition"), ("rules", "rule")];

async fn one(scan: &Scan<'_>, listed: Value) {
    let Some(name) = text(&listed, "name") else { return };
    let Some(known) = schema::provider().resource("aws_codepipeline") else { return };
    let mut r = scan.resource("aws_codepipeline", name);
    r.arn = Some(scan.arn("codepipeline", name));
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    r.set("name", name);
    r.fact("created", json_time(&listed["created"])).fact("updated", json_time(&listed["updated"]));
    let unread = [
        "config.artifact_store",
        "config.execution_mode",
        "config.pipeline_type",
        "config.role_arn",
        "config.stage",
        "config.trigger",
        "config.variable",
    ];
    match scan.json_detail(&mut r, "codepipeline:GetPipeline", &unread, json!({ "name": name })).await {
        Detail::Got(mut answer) => {
            let mut pipeline = answer["pipeline"].take();
            r.set("artifact_store", stores(&pipeline));
            for stage in pipeline.get_mut("stages").and_then(Value::as_array_mut).into_iter().flatten() {
                for action in stage.get_mut("actions").and_then(Value::as_array_mut).into_iter().flatten() {
                    flatten(action);
                    // Its own region is what an action runs in unless told otherwise.
                    if text(action, "region") == Some(&scan.region)
                        && let Some(fields) = action.as_object_mut()
                    {
                        fields.remove("region");
                    }
                }
                for gate in ["beforeEntry", "onSuccess", "onFailure"] {
                    for rule in stage.get_mut(gate).map(rules).unwrap_or_default() {
                        names_only(rule, "inputArtifacts");
                    }
                }
            }
            let shaped = shape::shape(known, &pipeline, NAMES, &["name", "version", "artifactStore", "artifactStores"]);
            for (argument, value) in shaped.fields {
                r.set(&argument, value);
            }
            if !shaped.beyond.is_empty() {
                r.fact("beyond_provider", shaped.beyond);
            }
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

/// One store, or one per region where actions run in several.
fn stores(pipeline: &Value) -> Value {
    let store = |s: &Value, region: Option<&str>| {
        let key = s.get("encryptionKey").filter(|k| k.is_object()).map(|k| json!({ "id": text(k, "id"), "type": text(k, "type") }));
        json!({ "location": text(s, "location"), "type": text(s, "type"), "region": region, "encryption_key": block(key) })
    };
    match pipeline.get("artifactStores").and_then(Value::as_object) {
        Some(many) => many.iter().map(|(region, s)| store(s, Some(region))).collect(),
        None => pipeline.get("artifactStore").map(|s| store(s, None)).into_iter().collect(),
    }
}

/// The rules of the conditions of a gate.
fn rules(gate: &mut Value) -> Vec<&mut Value> {
    let conditions = gate.get_mut("conditions").and_then(Value::as_array_mut).into_iter().flatten();
    conditions.filter_map(|c| c.get_mut("rules")?.as_array_mut()).flatten().collect()
}

/// `[{name: x}]` as `[x]`.
fn names_only(holder: &mut Value, field: &str) {
    if let Some(list) = holder.get_mut(field).and_then(Value::as_array_mut) {
        for item in list {
            *item = item["name"].take();
        }
    }
}

/// An action in the provider's shape: its kind beside its name, artifacts by name, no masks for secrets.
fn flatten(action: &mut Value) {
    names_only(action, "inputArtifacts");
    names_only(action, "outputArtifacts");
    let Some(fields) = action.as_object_mut() else { return };
    if let Some(Value::Object(kind)) = fields.remove("actionTypeId") {
        fields.extend(kind);
    }
    for value in fields.get_mut("configuration").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        if value == MASK {
            *value = REDACTED.into();
        }
    }
}

fn one_webhook(scan: &Scan<'_>, answer: &Value) {
    let definition = &answer["definition"];
    let (Some(arn), Some(name)) = (text(answer, "arn"), text(definition, "name")) else { return };
    let mut r = scan.resource("aws_codepipeline_webhook", arn);
    r.arn = Some(arn.into());
    own_tags(&mut r, answer);
    r.name = Some(name.into());
    let filters: Vec<Value> = items(definition, "filters")
        .iter()
        .map(|f| json!({ "json_path": text(f, "jsonPath"), "match_equals": text(f, "matchEquals") }))
        .collect();
    let asked = &definition["authenticationConfiguration"];
    let (range, token) = (text(asked, "AllowedIPRange"), text(asked, "SecretToken").map(|_| REDACTED));
    let asked = (range.is_some() || token.is_some()).then(|| json!({ "allowed_ip_range": range, "secret_token": token }));
    r.set("name", name)
        .set("authentication", text(definition, "authentication"))
        .set("authentication_configuration", block(asked))
        .set("filter", filters)
        .set("target_action", text(definition, "targetAction"))
        .set("target_pipeline", text(definition, "targetPipeline"));
    r.fact("url", text(answer, "url")).fact("last_triggered", json_time(&answer["lastTriggered"]));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    const LISTED: &str = r#"{"pipelines":[{"name":"app","version":3,"pipelineType":"V2","executionMode":"QUEUED","created":1700000000,"updated":1700000100}]}"#;

    #[test]
    fn a_pipeline_from_source_to_migration() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("codepipeline:ListPipelines", 200, LISTED),
                (
                    "codepipeline:GetPipeline",
                    200,
                    r#"{"pipeline":{"name":"app","roleArn":"arn:aws:iam::123456789012:role/p","artifactStore":{"type":"S3","location":"artifacts","encryptionKey":{"id":"arn:aws:kms:eu-west-3:123456789012:alias/p","type":"KMS"}},"stages":[{"name":"Source","actions":[{"name":"Source","actionTypeId":{"category":"Source","owner":"ThirdParty","provider":"GitHub","version":"1"},"runOrder":1,"configuration":{"Owner":"example","Repo":"app","Branch":"main","OAuthToken":"****"},"outputArtifacts":[{"name":"source"}],"inputArtifacts":[]}]},{"name":"Migrate","actions":[{"name":"Liquibase","actionTypeId":{"category":"Build","owner":"AWS","provider":"CodeBuild","version":"1"},"runOrder":1,"configuration":{"ProjectName":"migrate"},"region":"eu-west-3","outputArtifacts":[],"inputArtifacts":[{"name":"source"}],"timeoutInMinutes":30}],"onFailure":{"result":"ROLLBACK"},"beforeEntry":{"conditions":[{"result":"FAIL","rules":[{"name":"alarm","ruleTypeId":{"category":"Rule","owner":"AWS","provider":"CloudWatchAlarm","version":"1"},"configuration":{"AlarmName":"a"},"inputArtifacts":[{"name":"source"}]}]}]}}],"version":3,"executionMode":"QUEUED","pipelineType":"V2","variables":[{"name":"tag","defaultValue":"x"}],"triggers":[{"providerType":"CodeStarSourceConnection","gitConfiguration":{"sourceActionName":"Source","push":[{"branches":{"includes":["main"]},"tags":{"excludes":["v0*"]}}]}}]},"metadata":{"pipelineArn":"arn:aws:codepipeline:eu-west-3:123456789012:app"}}"#,
                ),
                (
                    "codepipeline:ListWebhooks",
                    200,
                    r#"{"webhooks":[{"arn":"arn:aws:codepipeline:eu-west-3:123456789012:webhook:hub","url":"https://x","definition":{"name":"hub","targetPipeline":"app","targetAction":"Source","filters":[{"jsonPath":"$.ref","matchEquals":"refs/heads/main"}],"authentication":"GITHUB_HMAC","authenticationConfiguration":{"SecretToken":"****"}},"tags":[{"key":"team","value":"app"}]}]}"#,
                ),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome.is_complete()), "{ledger:?}");
        let pipeline = &all[0];
        assert!(!pipeline.facts.contains_key("beyond_provider"), "{:?}", pipeline.facts);
        let source = &pipeline.config["stage"][0]["action"][0];
        assert_eq!(
            (&source["provider"], &source["configuration"]["OAuthToken"], &source["output_artifacts"]),
            (&json!("GitHub"), &json!(REDACTED), &json!(["source"]))
        );
        let migrate = &pipeline.config["stage"][1];
        assert_eq!(migrate["action"][0].get("region"), None, "the pipeline's own region is not told again");
        assert_eq!(migrate["on_failure"][0]["result"], "ROLLBACK");
        assert_eq!(migrate["before_entry"][0]["condition"][0]["rule"][0]["input_artifacts"], json!(["source"]));
        assert_eq!(migrate["before_entry"][0]["condition"][0]["rule"][0]["rule_type_id"][0]["provider"], "CloudWatchAlarm");
        assert_eq!(pipeline.str("config.artifact_store.0.encryption_key.0.type"), Some("KMS"));
        assert_eq!(pipeline.config["trigger"][0]["git_configuration"][0]["push"][0]["tags"][0]["excludes"], json!(["v0*"]));
        assert_eq!(all[1].str("config.authentication_configuration.0.secret_token"), Some(REDACTED));
        assert_eq!(all[1].tags["team"], "app");
    }

    #[test]
    fn stores_of_several_regions() {
        let both =
            json!({ "artifactStores": { "eu-west-3": { "type": "S3", "location": "a" }, "us-east-1": { "type": "S3", "location": "b" } } });
        let stores = stores(&both);
        assert_eq!((&stores[0]["region"], &stores[1]["location"]), (&json!("eu-west-3"), &json!("b")));
    }

    #[test]
    fn refusals() {
        let denied = r#"{"__type":"AccessDeniedException"}"#;
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("codepipeline:ListPipelines", 200, LISTED),
                ("codepipeline:GetPipeline", 400, denied),
                ("codepipeline:ListWebhooks", 400, denied),
            ],
        );
        assert!(all[0].unread.contains_key("config.stage"));
        let gap = ledger.iter().find(|e| e.call == "codepipeline:ListWebhooks").unwrap();
        assert_eq!((gap.outcome, gap.types.as_slice()), (Outcome::Denied, ["aws_codepipeline_webhook".to_owned()].as_slice()));
    }
}
