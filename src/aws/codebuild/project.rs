//! Build projects with their webhooks, report groups, and the credentials for sources (never the tokens).

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::shape;
use crate::aws::tags;
use crate::aws::value::{block, items, json_time, text};
use crate::estate::Resource;
use crate::estate::resource::REDACTED;
use crate::schema;

/// `aws_codebuild_project`, `aws_codebuild_webhook`, `aws_codebuild_report_group`, `aws_codebuild_source_credential`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_codebuild_project", "aws_codebuild_webhook", "aws_codebuild_report_group", "aws_codebuild_source_credential"],
    calls: &[
        list("codebuild:ListProjects").yields(PROJECTS),
        list("codebuild:BatchGetProjects").yields(PROJECTS),
        list("codebuild:ListReportGroups").yields(&["aws_codebuild_report_group"]),
        list("codebuild:BatchGetReportGroups").yields(&["aws_codebuild_report_group"]),
        list("codebuild:ListSourceCredentials").yields(&["aws_codebuild_source_credential"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

const PROJECTS: &[&str] = &["aws_codebuild_project", "aws_codebuild_webhook"];

/// How many names a batch call takes (API reference of BatchGetProjects and BatchGetReportGroups).
const BATCH: usize = 100;

async fn collect(scan: &Scan<'_>) {
    let names = scan.json_list("codebuild:ListProjects", json!({}), "projects", "nextToken").await;
    for batch in names.chunks(BATCH) {
        for project in scan.json_list("codebuild:BatchGetProjects", json!({ "names": batch }), "projects", "nextToken").await {
            one_project(scan, project);
        }
    }
    let groups = scan.json_list("codebuild:ListReportGroups", json!({ "maxResults": 100 }), "reportGroups", "nextToken").await;
    for batch in groups.chunks(BATCH) {
        let input = json!({ "reportGroupArns": batch });
        for group in scan.json_list("codebuild:BatchGetReportGroups", input, "reportGroups", "nextToken").await {
            one_group(scan, &group);
        }
    }
    for credential in scan.json_list("codebuild:ListSourceCredentials", json!({}), "sourceCredentialsInfos", "nextToken").await {
        let (Some(arn), Some(server)) = (text(&credential, "arn"), text(&credential, "serverType")) else { continue };
        let mut r = scan.resource("aws_codebuild_source_credential", arn);
        r.arn = Some(arn.into());
        r.name = Some(server.to_lowercase());
        r.set("auth_type", text(&credential, "authType")).set("server_type", server).set("token", REDACTED);
        r.fact("connection_arn", text(&credential, "resource"));
        scan.emit(r);
    }
}

/// Tags come with the answer, in small letters.
pub(crate) fn own_tags(r: &mut Resource, answer: &Value) {
    let pairs = items(answer, "tags").iter();
    tags::set(r, pairs.filter_map(|t| Some((text(t, "key")?.to_owned(), text(t, "value").unwrap_or_default().to_owned()))).collect());
}

/// The provider's names where they are not those of the API.
const NAMES: &[(&str, &str)] =
    &[("timeoutInMinutes", "build_timeout"), ("queuedTimeoutInMinutes", "queued_timeout"), ("cloudWatchLogs", "cloudwatch_logs")];

fn one_project(scan: &Scan<'_>, answer: Value) {
    let Some(name) = text(&answer, "name").map(str::to_owned) else { return };
    let Some(known) = schema::provider().resource("aws_codebuild_project") else { return };
    let mut r = scan.resource("aws_codebuild_project", &name);
    r.arn = text(&answer, "arn").map(str::to_owned);
    own_tags(&mut r, &answer);
    r.name = Some(name.clone());
    let ignored = ["arn", "name", "badge", "webhook", "tags", "created", "lastModified", "publicProjectAlias"];
    let shaped = shape::shape(known, &answer, NAMES, &ignored);
    for (argument, value) in shaped.fields {
        r.set(&argument, value);
    }
    // AWS answers empty objects for what is not set.
    for part in ["vpc_config", "build_batch_config", "logs_config"] {
        if r.config.get(part).and_then(|p| p.get(0)).and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
            r.set(part, json!([]));
        }
    }
    r.set("name", name.as_str()).set("badge_enabled", answer.pointer("/badge/badgeEnabled").and_then(Value::as_bool).unwrap_or(false));
    r.fact("created", json_time(&answer["created"]))
        .fact("last_modified", json_time(&answer["lastModified"]))
        .fact("badge_url", answer.pointer("/badge/badgeRequestUrl").and_then(Value::as_str));
    if !shaped.beyond.is_empty() {
        r.fact("beyond_provider", shaped.beyond);
    }
    scan.emit(r);
    if let Some(hook) = answer.get("webhook").filter(|h| h.is_object()) {
        one_webhook(scan, &name, hook);
    }
}

fn one_webhook(scan: &Scan<'_>, project: &str, hook: &Value) {
    let mut r = scan.resource("aws_codebuild_webhook", project);
    r.name = Some(project.into());
    let filter = |f: &Value| {
        json!({
            "exclude_matched_pattern": f["excludeMatchedPattern"].as_bool().unwrap_or(false),
            "pattern": text(f, "pattern"),
            "type": text(f, "type"),
        })
    };
    let groups: Vec<Value> = items(hook, "filterGroups")
        .iter()
        .filter_map(Value::as_array)
        .map(|group| json!({ "filter": group.iter().map(filter).collect::<Vec<_>>() }))
        .collect();
    let scope = hook.get("scopeConfiguration").filter(|s| s.is_object());
    r.set("project_name", project)
        .set("branch_filter", text(hook, "branchFilter"))
        .set("build_type", text(hook, "buildType"))
        .set("filter_group", groups)
        .set("manual_creation", hook["manualCreation"].as_bool())
        .set(
            "scope_configuration",
            block(scope.map(|s| json!({ "domain": text(s, "domain"), "name": text(s, "name"), "scope": text(s, "scope") }))),
        );
    r.fact("url", text(hook, "url"));
    scan.emit(r);
}

fn one_group(scan: &Scan<'_>, answer: &Value) {
    let (Some(arn), Some(name)) = (text(answer, "arn"), text(answer, "name")) else { return };
    let mut r = scan.resource("aws_codebuild_report_group", arn);
    r.arn = Some(arn.into());
    own_tags(&mut r, answer);
    r.name = Some(name.into());
    let export = &answer["exportConfig"];
    let bucket = export.get("s3Destination").filter(|s| s.is_object()).map(|s| {
        json!({
            "bucket": text(s, "bucket"),
            "encryption_disabled": s["encryptionDisabled"].as_bool().unwrap_or(false),
            "encryption_key": text(s, "encryptionKey"),
            "packaging": text(s, "packaging"),
            "path": text(s, "path"),
        })
    });
    r.set("name", name)
        .set("type", text(answer, "type"))
        .set("export_config", json!([{ "type": text(export, "exportConfigType"), "s3_destination": block(bucket) }]));
    r.fact("created", json_time(&answer["created"])).fact("status", text(answer, "status"));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    const NOTHING_ELSE: [(&str, u16, &str); 2] = [
        ("codebuild:ListReportGroups", 200, r#"{"reportGroups":[]}"#),
        ("codebuild:ListSourceCredentials", 200, r#"{"sourceCredentialsInfos":[]}"#),
    ];

    #[test]
    fn a_private_project_with_a_credential_in_clear_text() {
        let mut answers = vec![
            ("codebuild:ListProjects", 200, r#"{"projects":["migrate"]}"#),
            (
                "codebuild:BatchGetProjects",
                200,
                r#"{"projects":[{"name":"migrate","arn":"arn:aws:codebuild:eu-west-3:123456789012:project/migrate","description":"db","source":{"type":"GITHUB","location":"https://github.com/example/app.git","gitCloneDepth":1,"gitSubmodulesConfig":{"fetchSubmodules":false},"buildspec":"version: 0.2","reportBuildStatus":true,"insecureSsl":false},"secondarySources":[],"secondarySourceVersions":[{"sourceIdentifier":"lib","sourceVersion":"main"}],"artifacts":{"type":"NO_ARTIFACTS"},"secondaryArtifacts":[],"cache":{"type":"LOCAL","modes":["LOCAL_SOURCE_CACHE"]},"environment":{"type":"LINUX_CONTAINER","image":"aws/codebuild/amazonlinux2-x86_64-standard:5.0","computeType":"BUILD_GENERAL1_MEDIUM","environmentVariables":[{"name":"DB_PASSWORD","value":"tr0ub4dor&3x","type":"PLAINTEXT"},{"name":"STAGE","value":"live","type":"PLAINTEXT"},{"name":"TOKEN","value":"/app/token","type":"PARAMETER_STORE"}],"privilegedMode":true,"imagePullCredentialsType":"CODEBUILD"},"serviceRole":"arn:aws:iam::123456789012:role/build","timeoutInMinutes":20,"queuedTimeoutInMinutes":480,"encryptionKey":"arn:aws:kms:eu-west-3:123456789012:alias/aws/s3","tags":[{"key":"team","value":"db"}],"created":1700000000,"lastModified":1700000100,"vpcConfig":{"vpcId":"vpc-1","subnets":["subnet-b","subnet-a"],"securityGroupIds":["sg-1"]},"badge":{"badgeEnabled":false},"logsConfig":{"cloudWatchLogs":{"status":"ENABLED","groupName":"/build"},"s3Logs":{"status":"DISABLED","encryptionDisabled":false}},"concurrentBuildLimit":2,"projectVisibility":"PRIVATE","webhook":{"url":"https://api.github.com/x","payloadUrl":"https://codebuild.example/y","branchFilter":"","buildType":"BUILD","filterGroups":[[{"type":"EVENT","pattern":"PUSH","excludeMatchedPattern":false},{"type":"HEAD_REF","pattern":"^refs/heads/main$"}]],"secret":"hook-secret"}}],"projectsNotFound":[]}"#,
            ),
        ];
        answers.extend(NOTHING_ELSE);
        let (all, ledger) = collect(&COLLECTOR, &answers);
        assert!(ledger.iter().all(|e| e.outcome.is_complete()), "{ledger:?}");
        let whole = serde_json::to_string(&all).unwrap();
        assert!(!whole.contains("tr0ub4dor") && !whole.contains("hook-secret"), "{whole}");
        let project = all.iter().find(|r| r.kind == "aws_codebuild_project").unwrap();
        assert_eq!((project.config["build_timeout"].as_i64(), project.tags["team"].as_str()), (Some(20), "db"));
        let environment = &project.config["environment"][0];
        assert_eq!(environment["environment_variable"][0], json!({ "name": "DB_PASSWORD", "value": REDACTED, "type": "PLAINTEXT" }));
        assert_eq!(environment["environment_variable"][2]["value"], "/app/token");
        assert_eq!(project.config["vpc_config"][0]["subnets"], json!(["subnet-a", "subnet-b"]));
        assert_eq!(project.str("config.logs_config.0.cloudwatch_logs.0.group_name"), Some("/build"));
        assert_eq!(project.str("config.secondary_source_version.0.source_identifier"), Some("lib"));
        assert!(!project.facts.contains_key("beyond_provider"), "{:?}", project.facts);
        let hook = all.iter().find(|r| r.kind == "aws_codebuild_webhook").unwrap();
        assert_eq!(hook.config["filter_group"][0]["filter"][1]["pattern"], "^refs/heads/main$");
    }

    #[test]
    fn report_groups_and_credentials_without_tokens() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("codebuild:ListProjects", 200, r#"{"projects":[]}"#),
                ("codebuild:ListReportGroups", 200, r#"{"reportGroups":["arn:aws:codebuild:eu-west-3:123456789012:report-group/tests"]}"#),
                (
                    "codebuild:BatchGetReportGroups",
                    200,
                    r#"{"reportGroups":[{"arn":"arn:aws:codebuild:eu-west-3:123456789012:report-group/tests","name":"tests","type":"TEST","exportConfig":{"exportConfigType":"S3","s3Destination":{"bucket":"b","path":"p","packaging":"ZIP","encryptionKey":"k"}},"created":1700000000}]}"#,
                ),
                (
                    "codebuild:ListSourceCredentials",
                    200,
                    r#"{"sourceCredentialsInfos":[{"arn":"arn:aws:codebuild:eu-west-3:123456789012:token/github","serverType":"GITHUB","authType":"PERSONAL_ACCESS_TOKEN"}]}"#,
                ),
            ],
        );
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].str("config.export_config.0.s3_destination.0.bucket"), Some("b"));
        assert_eq!(all[1].str("config.token"), Some(REDACTED));
    }

    #[test]
    fn refused_batches_are_a_gap_of_projects() {
        let mut answers = vec![
            ("codebuild:ListProjects", 200, r#"{"projects":["migrate"]}"#),
            ("codebuild:BatchGetProjects", 400, r#"{"__type":"AccessDeniedException"}"#),
        ];
        answers.extend(NOTHING_ELSE);
        let (all, ledger) = collect(&COLLECTOR, &answers);
        assert!(all.is_empty());
        let gap = ledger.iter().find(|e| e.outcome == Outcome::Denied).unwrap();
        assert_eq!(gap.types, PROJECTS);
    }
}
