//! Flow logs of networks, subnets, interfaces and transit gateways.

use serde_json::json;

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;
use crate::aws::value::{block, time};

/// `aws_flow_log`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_flow_log"],
    calls: &[list("ec2:DescribeFlowLogs")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// Which argument holds what is logged, by the prefix of its id. The attachment's stands before the gateway's, which it begins with.
const LOGGED: [(&str, &str); 5] = [
    ("vpc-", "vpc_id"),
    ("subnet-", "subnet_id"),
    ("eni-", "eni_id"),
    ("tgw-attach-", "transit_gateway_attachment_id"),
    ("tgw-", "transit_gateway_id"),
];

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_flow_logs().into_paginator().page_size(1000).send();
    for log in scan.list("ec2:DescribeFlowLogs", pages, |p| p.flow_logs.unwrap_or_default()).await {
        let Some(id) = log.flow_log_id() else { continue };
        let mut r = scan.resource("aws_flow_log", id);
        r.arn = Some(scan.arn("ec2", &format!("vpc-flow-log/{id}")));
        ec2_tags(&mut r, log.tags());
        let logged = log.resource_id().unwrap_or_default();
        let argument = LOGGED.iter().find(|(prefix, _)| logged.starts_with(prefix)).map(|(_, argument)| *argument);
        for (_, name) in LOGGED {
            r.set(name, (Some(name) == argument).then_some(logged));
        }
        let destination = log.log_destination().map(|d| d.strip_suffix(":*").unwrap_or(d));
        let options = log.destination_options().map(|o| {
            json!({
                "file_format": o.file_format().map(|f| f.as_str()),
                "hive_compatible_partitions": o.hive_compatible_partitions(),
                "per_hour_partition": o.per_hour_partition(),
            })
        });
        r.set("traffic_type", log.traffic_type().map(|t| t.as_str()))
            .set("log_destination_type", log.log_destination_type().map(|t| t.as_str()))
            .set("log_destination", destination)
            // Where the log was made by the group's name, AWS answers only that name, and code with an ARN would replace the log.
            .set("log_group_name", log.log_group_name().filter(|_| destination.is_none()))
            .set("log_format", log.log_format())
            .set("max_aggregation_interval", log.max_aggregation_interval())
            .set("iam_role_arn", log.deliver_logs_permission_arn())
            .set("deliver_cross_account_role", log.deliver_cross_account_role())
            .set("destination_options", block(options));
        r.fact("status", log.flow_log_status())
            .fact("deliver_status", log.deliver_logs_status())
            .fact("creation_time", time(log.creation_time()));
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    #[test]
    fn to_a_bucket_and_to_a_log_group() {
        let log = |id: &str, of: &str, more: &str| {
            format!(
                "<item><flowLogId>{id}</flowLogId><resourceId>{of}</resourceId><trafficType>ALL</trafficType><flowLogStatus>ACTIVE</flowLogStatus>\
                 <deliverLogsStatus>FAILED</deliverLogsStatus><creationTime>2024-01-01T00:00:00.000Z</creationTime><maxAggregationInterval>600</maxAggregationInterval>{more}</item>"
            )
        };
        let answer = ec2(
            "DescribeFlowLogs",
            &format!(
                "<flowLogSet>{}{}{}</flowLogSet>",
                log(
                    "fl-1",
                    "vpc-1",
                    "<logDestinationType>s3</logDestinationType><logDestination>arn:aws:s3:::flow</logDestination>\
                     <destinationOptions><fileFormat>parquet</fileFormat><hiveCompatiblePartitions>false</hiveCompatiblePartitions><perHourPartition>true</perHourPartition></destinationOptions>"
                ),
                log("fl-2", "tgw-attach-1", "<logDestinationType>cloud-watch-logs</logDestinationType><logGroupName>flow</logGroupName>"),
                log(
                    "fl-3",
                    "tgw-1",
                    "<logDestinationType>cloud-watch-logs</logDestinationType><logGroupName>flow</logGroupName><logDestination>arn:aws:logs:eu-west-3:123456789012:log-group:flow:*</logDestination>"
                ),
            ),
        );
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeFlowLogs", 200, &answer)]);
        assert_complete(&all);
        assert_eq!((all[0].str("config.vpc_id"), all[0].str("config.destination_options.0.file_format")), (Some("vpc-1"), Some("parquet")));
        assert_eq!(all[1].str("config.transit_gateway_attachment_id"), Some("tgw-attach-1"));
        assert_eq!(all[1].config["transit_gateway_id"], Value::Null);
        assert_eq!(all[1].str("config.log_group_name"), Some("flow"));
        assert_eq!(all[2].str("config.log_destination"), Some("arn:aws:logs:eu-west-3:123456789012:log-group:flow"));
        assert_eq!(all[2].config["log_group_name"], Value::Null);
        assert_eq!(all[0].str("facts.deliver_status"), Some("FAILED"));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeFlowLogs", 403, EC2_DENIED)]);
        assert!(all.is_empty());
        assert_eq!(ledger[0].outcome, Outcome::Denied);
    }
}
