//! Frameworks and reports of Backup Audit Manager.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan, encode};
use crate::aws::value::{block, items, json_time, set, text};

/// `aws_backup_framework`, `aws_backup_report_plan`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_backup_framework", "aws_backup_report_plan"],
    calls: &[
        list("backup:ListFrameworks").yields(&["aws_backup_framework"]),
        detail("backup:DescribeFramework").gone(&["ResourceNotFoundException"]),
        list("backup:ListReportPlans").yields(&["aws_backup_report_plan"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let frameworks = scan.rest_list("backup:ListFrameworks", "/audit/frameworks?MaxResults=1000", "Frameworks", "NextToken", "NextToken");
    for framework in frameworks.await {
        one_framework(scan, &framework).await;
    }
    let plans = scan.rest_list("backup:ListReportPlans", "/audit/report-plans?MaxResults=1000", "ReportPlans", "NextToken", "NextToken");
    for plan in plans.await {
        report_plan(scan, &plan).await;
    }
}

async fn one_framework(scan: &Scan<'_>, framework: &Value) {
    let Some(name) = text(framework, "FrameworkName") else { return };
    let mut r = scan.resource("aws_backup_framework", name);
    r.arn = text(framework, "FrameworkArn").map(str::to_owned);
    r.name = Some(name.into());
    scan.bulk_tags(&mut r).await;
    r.set("name", name).set("description", text(framework, "FrameworkDescription"));
    r.fact("deployment_status", text(framework, "DeploymentStatus")).fact("create_time", json_time(&framework["CreationTime"]));
    match scan.rest_detail(&mut r, "backup:DescribeFramework", &["config.control"], &format!("/audit/frameworks/{}", encode(name))).await {
        Detail::Got(answer) => {
            let mut controls: Vec<Value> = items(&answer, "FrameworkControls").iter().map(control).collect();
            controls.sort_by_cached_key(Value::to_string);
            r.set("control", controls);
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

fn control(control: &Value) -> Value {
    let inputs = items(control, "ControlInputParameters").iter();
    let mut inputs: Vec<Value> = inputs.map(|p| json!({ "name": p["ParameterName"], "value": p["ParameterValue"] })).collect();
    inputs.sort_by_cached_key(Value::to_string);
    let scope = &control["ControlScope"];
    let list = |name: &str| set(items(scope, name).iter().filter_map(Value::as_str));
    let scope = scope.is_object().then(|| {
        json!({
            "compliance_resource_ids": list("ComplianceResourceIds"),
            "compliance_resource_types": list("ComplianceResourceTypes"),
            "tags": scope.get("Tags").cloned().unwrap_or_else(|| json!({})),
        })
    });
    json!({ "name": control["ControlName"], "input_parameter": inputs, "scope": block(scope) })
}

async fn report_plan(scan: &Scan<'_>, plan: &Value) {
    let Some(name) = text(plan, "ReportPlanName") else { return };
    let mut r = scan.resource("aws_backup_report_plan", name);
    r.arn = text(plan, "ReportPlanArn").map(str::to_owned);
    r.name = Some(name.into());
    scan.bulk_tags(&mut r).await;
    let list = |value: &Value, field: &str| set(items(value, field).iter().filter_map(Value::as_str));
    let (channel, setting) = (&plan["ReportDeliveryChannel"], &plan["ReportSetting"]);
    r.set("name", name)
        .set("description", text(plan, "ReportPlanDescription"))
        .set(
            "report_delivery_channel",
            block(channel.is_object().then(|| {
                json!({ "s3_bucket_name": channel["S3BucketName"], "s3_key_prefix": channel["S3KeyPrefix"], "formats": list(channel, "Formats") })
            })),
        )
        .set(
            "report_setting",
            block(setting.is_object().then(|| {
                json!({
                    "report_template": setting["ReportTemplate"], "number_of_frameworks": setting["NumberOfFrameworks"],
                    "framework_arns": list(setting, "FrameworkArns"), "accounts": list(setting, "Accounts"),
                    "organization_units": list(setting, "OrganizationUnits"), "regions": list(setting, "Regions"),
                })
            })),
        );
    r.fact("deployment_status", text(plan, "DeploymentStatus")).fact("last_success", json_time(&plan["LastSuccessfulExecutionTime"]));
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    #[test]
    fn frameworks_and_reports() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("backup:ListFrameworks", 200, r#"{"Frameworks":[{"FrameworkName":"house","DeploymentStatus":"COMPLETED"}]}"#),
                (
                    "backup:DescribeFramework",
                    200,
                    r#"{"FrameworkControls":[{"ControlName":"BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK","ControlInputParameters":[{"ParameterName":"requiredRetentionDays","ParameterValue":"35"}],"ControlScope":{"ComplianceResourceTypes":["RDS","EBS"]}}]}"#,
                ),
                (
                    "backup:ListReportPlans",
                    200,
                    r#"{"ReportPlans":[{"ReportPlanName":"weekly","ReportSetting":{"ReportTemplate":"BACKUP_JOB_REPORT"},"ReportDeliveryChannel":{"S3BucketName":"b","Formats":["CSV"]}}]}"#,
                ),
            ],
        );
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].config["control"][0]["input_parameter"][0]["value"], "35");
        assert_eq!(all[0].config["control"][0]["scope"][0]["compliance_resource_types"], json!(["EBS", "RDS"]));
        assert_eq!(all[1].config["report_setting"][0]["report_template"], "BACKUP_JOB_REPORT");
    }

    #[test]
    fn a_refused_framework_is_not_an_empty_one() {
        let refused = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("backup:ListFrameworks", 200, r#"{"Frameworks":[{"FrameworkName":"house"}]}"#),
                ("backup:DescribeFramework", 403, refused),
                ("backup:ListReportPlans", 200, r#"{"ReportPlans":[]}"#),
            ],
        );
        assert_eq!(all.len(), 1);
        assert!(all[0].unread.contains_key("config.control") && !all[0].config.contains_key("control"));
        assert_eq!(ledger.iter().filter(|e| e.outcome == Outcome::Denied).count(), 1);
    }
}
