//! Parameters of Systems Manager: what they are, never what they hold.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{json_time, text};

/// `aws_ssm_parameter`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_ssm_parameter"],
    calls: &[list("ssm:DescribeParameters").rate(3.0)],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    for p in scan.json_list("ssm:DescribeParameters", json!({ "MaxResults": 50 }), "Parameters", "NextToken").await {
        let Some(name) = text(&p, "Name") else { continue };
        let mut r = scan.resource("aws_ssm_parameter", name);
        r.arn = text(&p, "ARN")
            .map_or_else(|| Some(scan.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/')))), |a| Some(a.to_owned()));
        scan.bulk_tags(&mut r).await;
        r.name = Some(name.into());
        r.set("name", name)
            .set("type", text(&p, "Type"))
            .set("description", text(&p, "Description"))
            .set("tier", text(&p, "Tier"))
            .set("key_id", text(&p, "KeyId"))
            .set("allowed_pattern", text(&p, "AllowedPattern"))
            .set("data_type", text(&p, "DataType"));
        r.fact("version", p["Version"].as_i64())
            .fact("last_modified_date", json_time(&p["LastModifiedDate"]))
            .fact("last_modified_user", p.get("LastModifiedUser").and_then(Value::as_str));
        r.ownership.class = crate::estate::resource::OwnershipClass::NotImportable;
        r.ownership.evidence = "the value is never read, and importing the parameter would put it into the state in clear text".into();
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    #[test]
    fn a_parameter_without_its_value() {
        let (all, _) = collect(
            &COLLECTOR,
            &[(
                "ssm:DescribeParameters",
                200,
                r#"{"Parameters":[{"Name":"/live/db/password","Type":"String","Tier":"Standard","DataType":"text","Version":3,"LastModifiedDate":1700000000.0}]}"#,
            )],
        );
        assert_eq!((all[0].config["type"].as_str(), all[0].facts["version"].as_i64()), (Some("String"), Some(3)));
        assert_eq!(all[0].arn.as_deref(), Some("arn:aws:ssm:eu-west-3:123456789012:parameter/live/db/password"));
    }
}
