//! Instances that report to Systems Manager: what patching, remote sessions and inventory rest on.

use serde_json::json;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::{json_time, text};

/// `x_ssm_managed_instance`.
pub const COLLECTOR: Collector = Collector {
    types: &["x_ssm_managed_instance"],
    calls: &[list("ssm:DescribeInstanceInformation")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    for i in scan.json_list("ssm:DescribeInstanceInformation", json!({ "MaxResults": 50 }), "InstanceInformationList", "NextToken").await {
        let Some(id) = text(&i, "InstanceId") else { continue };
        let mut r = scan.resource("x_ssm_managed_instance", id);
        r.name = text(&i, "ComputerName").map(str::to_owned);
        r.fact("ping_status", text(&i, "PingStatus"))
            .fact("last_ping", json_time(&i["LastPingDateTime"]))
            .fact("agent_version", text(&i, "AgentVersion"))
            .fact("platform_name", text(&i, "PlatformName"))
            .fact("platform_version", text(&i, "PlatformVersion"));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    #[test]
    fn an_instance_that_reports() {
        let (all, _) = collect(
            &COLLECTOR,
            &[(
                "ssm:DescribeInstanceInformation",
                200,
                r#"{"InstanceInformationList":[{"InstanceId":"i-1","PingStatus":"Online","PlatformName":"Ubuntu","PlatformVersion":"22.04","AgentVersion":"3.3","LastPingDateTime":1700000000.0}]}"#,
            )],
        );
        assert_eq!((all[0].id.as_str(), all[0].facts["platform_version"].as_str()), ("i-1", Some("22.04")));
    }
}
