//! Documents, associations and patch baselines of the account's own.

use serde_json::{Map, Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{items, set, strings, text};

const DOCUMENTS: &str = "ssm:ListDocuments";
const DOCUMENT: &str = "ssm:GetDocument";
const ASSOCIATIONS: &str = "ssm:ListAssociations";
const ASSOCIATION: &str = "ssm:DescribeAssociation";
const BASELINES: &str = "ssm:DescribePatchBaselines";
const BASELINE: &str = "ssm:GetPatchBaseline";

/// `aws_ssm_document`, `aws_ssm_association`, `aws_ssm_patch_baseline`; those of AWS are not listed.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_ssm_document", "aws_ssm_association", "aws_ssm_patch_baseline"],
    calls: &[
        list(DOCUMENTS).yields(&["aws_ssm_document"]),
        list(ASSOCIATIONS).yields(&["aws_ssm_association"]),
        list(BASELINES).yields(&["aws_ssm_patch_baseline"]),
        detail(DOCUMENT).gone(&["InvalidDocument"]),
        detail(ASSOCIATION).gone(&["AssociationDoesNotExist"]),
        detail(BASELINE).gone(&["DoesNotExistException"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let input = json!({ "MaxResults": 50, "Filters": [{ "Key": "Owner", "Values": ["Self"] }] });
    let documents = scan.json_list(DOCUMENTS, input, "DocumentIdentifiers", "NextToken").await;
    scan.each(documents, |d| document(scan, d)).await;
    let associations = scan.json_list(ASSOCIATIONS, json!({ "MaxResults": 50 }), "Associations", "NextToken").await;
    scan.each(associations, |a| association(scan, a)).await;
    let input = json!({ "MaxResults": 100, "Filters": [{ "Key": "OWNER", "Values": ["Self"] }] });
    let baselines = scan.json_list(BASELINES, input, "BaselineIdentities", "NextToken").await;
    scan.each(baselines, |b| baseline(scan, b)).await;
}

fn pairs(list: &[Value]) -> std::collections::BTreeMap<String, String> {
    list.iter().filter_map(|t| Some((text(t, "Key")?.to_owned(), text(t, "Value").unwrap_or_default().to_owned()))).collect()
}

fn targets(of: &Value) -> Vec<Value> {
    let mut all: Vec<Value> = items(of, "Targets")
        .iter()
        .map(|t| json!({ "key": t["Key"], "values": strings(items(t, "Values").iter().filter_map(Value::as_str)) }))
        .collect();
    all.sort_by_key(Value::to_string);
    all
}

async fn document(scan: &Scan<'_>, d: Value) {
    let Some(name) = text(&d, "Name") else { return };
    let mut r = scan.resource("aws_ssm_document", name);
    r.arn = Some(scan.arn("ssm", &format!("document/{name}")));
    crate::aws::tags::set(&mut r, pairs(items(&d, "Tags")));
    r.name = Some(name.into());
    r.set("name", name)
        .set("document_type", text(&d, "DocumentType"))
        .set("document_format", text(&d, "DocumentFormat"))
        .set("target_type", text(&d, "TargetType"))
        .set("version_name", text(&d, "VersionName"));
    r.fact("schema_version", text(&d, "SchemaVersion")).fact("document_version", text(&d, "DocumentVersion"));
    let input = json!({ "Name": name, "DocumentVersion": "$DEFAULT", "DocumentFormat": text(&d, "DocumentFormat") });
    match scan.json_detail(&mut r, DOCUMENT, &["config.content"], input).await {
        Detail::Got(answer) => {
            r.set("content", text(&answer, "Content"));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

async fn association(scan: &Scan<'_>, a: Value) {
    let Some(id) = text(&a, "AssociationId") else { return };
    let mut r = scan.resource("aws_ssm_association", id);
    r.arn = Some(scan.arn("ssm", &format!("association/{id}")));
    scan.bulk_tags(&mut r).await;
    r.name = text(&a, "AssociationName").or_else(|| text(&a, "Name")).map(str::to_owned);
    r.set("name", text(&a, "Name"))
        .set("association_name", text(&a, "AssociationName"))
        .set("schedule_expression", text(&a, "ScheduleExpression"))
        .set("targets", targets(&a));
    r.fact("status", a.pointer("/Overview/Status").and_then(Value::as_str));
    let unread = [
        "config.parameters",
        "config.document_version",
        "config.apply_only_at_cron_interval",
        "config.automation_target_parameter_name",
        "config.compliance_severity",
        "config.max_concurrency",
        "config.max_errors",
        "config.sync_compliance",
        "config.output_location",
    ];
    match scan.json_detail(&mut r, ASSOCIATION, &unread, json!({ "AssociationId": id })).await {
        Detail::Got(answer) => {
            let d = &answer["AssociationDescription"];
            // The provider holds one text for each parameter.
            let parameters: Map<String, Value> = d
                .get("Parameters")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .filter_map(|(k, v)| Some((k.clone(), v.as_array()?.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",").into())))
                .collect();
            let output = d.pointer("/OutputLocation/S3Location").filter(|l| l.is_object()).map(|l| {
                json!({ "s3_bucket_name": l["OutputS3BucketName"], "s3_key_prefix": l["OutputS3KeyPrefix"], "s3_region": l["OutputS3Region"] })
            });
            r.set("parameters", parameters)
                .set("document_version", text(d, "DocumentVersion"))
                .set("apply_only_at_cron_interval", d["ApplyOnlyAtCronInterval"].as_bool())
                .set("automation_target_parameter_name", text(d, "AutomationTargetParameterName"))
                .set("compliance_severity", text(d, "ComplianceSeverity"))
                .set("max_concurrency", text(d, "MaxConcurrency"))
                .set("max_errors", text(d, "MaxErrors"))
                .set("sync_compliance", text(d, "SyncCompliance"))
                .set("output_location", crate::aws::value::block(output));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

async fn baseline(scan: &Scan<'_>, b: Value) {
    let Some(id) = text(&b, "BaselineId") else { return };
    let mut r = scan.resource("aws_ssm_patch_baseline", id);
    r.arn = Some(scan.arn("ssm", &format!("patchbaseline/{id}")));
    scan.bulk_tags(&mut r).await;
    r.name = text(&b, "BaselineName").map(str::to_owned);
    r.set("name", text(&b, "BaselineName"))
        .set("description", text(&b, "BaselineDescription").unwrap_or_default())
        .set("operating_system", text(&b, "OperatingSystem"));
    r.fact("default_baseline", b["DefaultBaseline"].as_bool());
    let unread = [
        "config.approved_patches",
        "config.approved_patches_compliance_level",
        "config.approved_patches_enable_non_security",
        "config.rejected_patches",
        "config.rejected_patches_action",
        "config.approval_rule",
        "config.global_filter",
        "config.source",
    ];
    match scan.json_detail(&mut r, BASELINE, &unread, json!({ "BaselineId": id })).await {
        Detail::Got(d) => {
            let filters = |of: &Value| -> Vec<Value> {
                items(of, "PatchFilters")
                    .iter()
                    .map(|f| json!({ "key": f["Key"], "values": strings(items(f, "Values").iter().filter_map(Value::as_str)) }))
                    .collect()
            };
            let list = |field: &str| set(items(&d, field).iter().filter_map(Value::as_str));
            let rules: Vec<Value> = d
                .pointer("/ApprovalRules/PatchRules")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(|rule| {
                    json!({
                        "approve_after_days": rule["ApproveAfterDays"], "approve_until_date": rule.get("ApproveUntilDate").and_then(Value::as_str),
                        "compliance_level": rule["ComplianceLevel"], "enable_non_security": rule["EnableNonSecurity"].as_bool().unwrap_or(false),
                        "patch_filter": filters(&rule["PatchFilterGroup"]),
                    })
                })
                .collect();
            let sources: Vec<Value> = items(&d, "Sources")
                .iter()
                .map(|s| json!({ "name": s["Name"], "configuration": s["Configuration"], "products": strings(items(s, "Products").iter().filter_map(Value::as_str)) }))
                .collect();
            r.set("approved_patches", list("ApprovedPatches"))
                .set("approved_patches_compliance_level", text(&d, "ApprovedPatchesComplianceLevel"))
                .set("approved_patches_enable_non_security", d["ApprovedPatchesEnableNonSecurity"].as_bool())
                .set("rejected_patches", list("RejectedPatches"))
                .set("rejected_patches_action", text(&d, "RejectedPatchesAction"))
                .set("approval_rule", rules)
                .set("global_filter", filters(&d["GlobalFilters"]))
                .set("source", sources);
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    const LISTED: [(&str, u16, &str); 3] = [
        (
            DOCUMENTS,
            200,
            r#"{"DocumentIdentifiers":[{"Name":"restart-api","Owner":"123456789012","DocumentType":"Command","DocumentFormat":"YAML","SchemaVersion":"2.2","DocumentVersion":"3","Tags":[{"Key":"team","Value":"web"}]}]}"#,
        ),
        (
            ASSOCIATIONS,
            200,
            r#"{"Associations":[{"AssociationId":"a-1","Name":"AWS-UpdateSSMAgent","AssociationName":"agents","ScheduleExpression":"rate(14 days)","Targets":[{"Key":"InstanceIds","Values":["*"]}],"Overview":{"Status":"Success"}}]}"#,
        ),
        (
            BASELINES,
            200,
            r#"{"BaselineIdentities":[{"BaselineId":"pb-1","BaselineName":"ubuntu","OperatingSystem":"UBUNTU","DefaultBaseline":true}]}"#,
        ),
    ];

    #[test]
    fn what_the_account_made_itself() {
        let mut answers = LISTED.to_vec();
        answers.extend([
            (DOCUMENT, 200, r#"{"Name":"restart-api","Content":"schemaVersion: '2.2'\n"}"#),
            (ASSOCIATION, 200, r#"{"AssociationDescription":{"AssociationId":"a-1","DocumentVersion":"$DEFAULT","Parameters":{"version":["1","2"]},"ApplyOnlyAtCronInterval":false,"OutputLocation":{"S3Location":{"OutputS3BucketName":"b","OutputS3KeyPrefix":"p","OutputS3Region":"eu-west-3"}}}}"#),
            (BASELINE, 200, r#"{"BaselineId":"pb-1","ApprovedPatches":["b","a"],"ApprovedPatchesComplianceLevel":"UNSPECIFIED","ApprovedPatchesEnableNonSecurity":false,"RejectedPatchesAction":"ALLOW_AS_DEPENDENCY","ApprovalRules":{"PatchRules":[{"ApproveAfterDays":7,"ComplianceLevel":"CRITICAL","EnableNonSecurity":false,"PatchFilterGroup":{"PatchFilters":[{"Key":"PRODUCT","Values":["Ubuntu22.04"]}]}}]},"GlobalFilters":{"PatchFilters":[]},"Sources":[]}"#),
        ]);
        let (all, _) = collect(&COLLECTOR, &answers);
        assert_complete(&all);
        let get = |id: &str| all.iter().find(|r| r.id == id).unwrap();
        assert_eq!(
            (get("restart-api").str("config.content"), get("restart-api").tags["team"].as_str()),
            (Some("schemaVersion: '2.2'\n"), "web")
        );
        assert_eq!(get("a-1").config["parameters"], json!({ "version": "1,2" }));
        assert_eq!(get("pb-1").config["approval_rule"][0]["patch_filter"][0]["values"], json!(["Ubuntu22.04"]));
        assert_eq!(get("pb-1").config["approved_patches"], json!(["a", "b"]));
    }

    #[test]
    fn refused_details_are_unread_and_refused_listings_gaps() {
        let denied = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let mut answers = LISTED.to_vec();
        answers.extend([(DOCUMENT, 400, denied), (ASSOCIATION, 400, denied), (BASELINE, 400, denied)]);
        let (all, _) = collect(&COLLECTOR, &answers);
        for (kind, path) in [
            ("aws_ssm_document", "config.content"),
            ("aws_ssm_association", "config.parameters"),
            ("aws_ssm_patch_baseline", "config.source"),
        ] {
            assert!(all.iter().find(|r| r.kind == kind).unwrap().unread.contains_key(path), "{kind}");
        }
        let (all, ledger) = collect(&COLLECTOR, &LISTED.map(|(call, _, _)| (call, 400, denied)));
        assert!(all.is_empty() && ledger.iter().all(|e| e.outcome == Outcome::Denied));
    }
}
