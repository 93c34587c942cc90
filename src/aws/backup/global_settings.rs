//! What holds for backups of the whole account.

use serde_json::Value;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;

/// `aws_backup_global_settings`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_backup_global_settings"],
    calls: &[list("backup:DescribeGlobalSettings")],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let call = "backup:DescribeGlobalSettings";
    let request = scan.session.rest(scan.endpoint_region(), call, "GET", "/global-settings", None);
    for answer in scan.list_once(call, request, |a| vec![a]).await {
        let Some(settings) = answer["GlobalSettings"].as_object() else { continue };
        // Every account answers them; all off is how they are born, and only an organization's main account can change them.
        if settings.values().all(|v| v.as_str() == Some("false")) {
            continue;
        }
        let mut r = scan.resource("aws_backup_global_settings", &scan.session.account);
        r.name = Some("backup".into());
        r.set("global_settings", Value::Object(settings.clone()));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    #[test]
    fn only_what_somebody_switched_on() {
        let with = |on: &str| {
            let body = format!(r#"{{"GlobalSettings":{{"isCrossAccountBackupEnabled":"{on}"}}}}"#);
            collect(&COLLECTOR, &[("backup:DescribeGlobalSettings", 200, &body)]).0
        };
        assert_eq!(with("true")[0].config["global_settings"]["isCrossAccountBackupEnabled"], "true");
        assert_eq!(with("false").len(), 0);
    }

    #[test]
    fn a_refusal_is_a_gap() {
        let refused = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let (all, ledger) = collect(&COLLECTOR, &[("backup:DescribeGlobalSettings", 403, refused)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Denied);
    }
}
