//! Groups that instances refer to: of subnets, of parameters, of options. What AWS makes itself (`default.…`, `default:…`) is left out,
//! except subnet groups, which tell where instances stand.

use aws_sdk_rds::types as rds;
use serde_json::{Map, Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::set;

/// `aws_db_subnet_group`, `aws_db_parameter_group`, `aws_neptune_parameter_group`, `aws_db_option_group`. The subnet groups of DocumentDB
/// and Neptune are the same things under another name of the provider.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_db_subnet_group", "aws_db_parameter_group", "aws_neptune_parameter_group", "aws_db_option_group"],
    calls: &[
        list("rds:DescribeDBSubnetGroups").yields(&["aws_db_subnet_group"]),
        list("rds:DescribeDBParameterGroups").yields(&["aws_db_parameter_group", "aws_neptune_parameter_group"]),
        detail("rds:DescribeDBParameters").gone(&["DBParameterGroupNotFound"]),
        list("rds:DescribeOptionGroups").yields(&["aws_db_option_group"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let rds = scan.rds();
    let pages = rds.describe_db_subnet_groups().into_paginator().send();
    for group in scan.list("rds:DescribeDBSubnetGroups", pages, |p| p.db_subnet_groups.unwrap_or_default()).await {
        subnet_group(scan, &group).await;
    }
    let pages = rds.describe_db_parameter_groups().into_paginator().send();
    let groups = scan.list("rds:DescribeDBParameterGroups", pages, |p| p.db_parameter_groups.unwrap_or_default()).await;
    scan.each(groups, |group| parameter_group(scan, group)).await;
    let pages = rds.describe_option_groups().into_paginator().send();
    for group in scan.list("rds:DescribeOptionGroups", pages, |p| p.option_groups_list.unwrap_or_default()).await {
        option_group(scan, &group).await;
    }
}

async fn subnet_group(scan: &Scan<'_>, group: &rds::DbSubnetGroup) {
    let Some(name) = group.db_subnet_group_name() else { return };
    let mut r = scan.resource("aws_db_subnet_group", name);
    r.arn = group.db_subnet_group_arn().map(str::to_owned);
    r.name = Some(name.into());
    scan.bulk_tags(&mut r).await;
    r.set("name", name)
        .set("description", group.db_subnet_group_description())
        .set("subnet_ids", set(group.subnets().iter().filter_map(|s| s.subnet_identifier())));
    r.fact("vpc_id", group.vpc_id()).fact("status", group.subnet_group_status());
    scan.emit(r);
}

async fn parameter_group(scan: &Scan<'_>, group: rds::DbParameterGroup) {
    let Some(name) = group.db_parameter_group_name().filter(|n| !n.starts_with("default.")) else { return };
    // Neptune's groups are answered here too.
    let neptune = group.db_parameter_group_family().is_some_and(|f| f.starts_with("neptune"));
    let mut r = scan.resource(if neptune { "aws_neptune_parameter_group" } else { "aws_db_parameter_group" }, name);
    r.arn = group.db_parameter_group_arn().map(str::to_owned);
    r.name = Some(name.into());
    scan.bulk_tags(&mut r).await;
    r.set("name", name).set("description", group.description()).set("family", group.db_parameter_group_family());
    let (mut parameters, mut values, mut marker) = (Vec::new(), Map::new(), None);
    loop {
        let request = scan.rds().describe_db_parameters().db_parameter_group_name(name).source("user").set_marker(marker.take()).send();
        match scan.detail(&mut r, "rds:DescribeDBParameters", &["config.parameter", "facts.non_default"], request).await {
            Detail::Got(answer) => {
                for p in answer.parameters() {
                    let (Some(name), Some(value)) = (p.parameter_name(), p.parameter_value()) else { continue };
                    values.insert(name.to_owned(), value.into());
                    parameters
                        .push(json!({ "name": name.to_lowercase(), "value": value, "apply_method": p.apply_method().map(|m| m.as_str()) }));
                }
                marker = answer.marker().filter(|m| !m.is_empty()).map(str::to_owned);
            }
            Detail::Gone => return,
            Detail::Absent | Detail::Unread => break,
        }
        if marker.is_none() {
            break;
        }
    }
    if !r.unread.contains_key("config.parameter") {
        parameters.sort_by_cached_key(Value::to_string);
        r.set("parameter", parameters);
        r.fact("non_default", values);
    }
    scan.emit(r);
}

async fn option_group(scan: &Scan<'_>, group: &rds::OptionGroup) {
    let Some(name) = group.option_group_name().filter(|n| !n.starts_with("default:")) else { return };
    let mut r = scan.resource("aws_db_option_group", name);
    r.arn = group.option_group_arn().map(str::to_owned);
    r.name = Some(name.into());
    scan.bulk_tags(&mut r).await;
    let mut options: Vec<Value> = group.options().iter().map(option).collect();
    options.sort_by_cached_key(Value::to_string);
    r.set("name", name)
        .set("option_group_description", group.option_group_description())
        .set("engine_name", group.engine_name())
        .set("major_engine_version", group.major_engine_version())
        .set("option", options);
    r.fact("vpc_id", group.vpc_id());
    scan.emit(r);
}

/// AWS answers every setting of an option; those that nobody changed are left out, as the provider does.
fn option(option: &rds::Option) -> Value {
    let changed = option.option_settings().iter().filter(|s| s.value().is_some() && s.value() != s.default_value());
    let mut settings: Vec<Value> = changed.map(|s| json!({ "name": s.name(), "value": s.value() })).collect();
    settings.sort_by_cached_key(Value::to_string);
    json!({
        "option_name": option.option_name(),
        "port": option.port(),
        "version": option.option_version(),
        "option_settings": settings,
        "db_security_group_memberships": set(option.db_security_group_memberships().iter().filter_map(|m| m.db_security_group_name())),
        "vpc_security_group_memberships": set(option.vpc_security_group_memberships().iter().filter_map(|m| m.vpc_security_group_id())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    fn wrap(operation: &str, inside: &str) -> String {
        format!(
            r#"<{operation}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><{operation}Result>{inside}</{operation}Result></{operation}Response>"#
        )
    }

    fn answers(parameters: (u16, &str)) -> (Vec<crate::estate::Resource>, Vec<crate::estate::LedgerEntry>) {
        collect(
            &COLLECTOR,
            &[
                (
                    "rds:DescribeDBSubnetGroups",
                    200,
                    &wrap(
                        "DescribeDBSubnetGroups",
                        "<DBSubnetGroups><DBSubnetGroup><DBSubnetGroupName>data</DBSubnetGroupName><DBSubnetGroupDescription>d</DBSubnetGroupDescription><VpcId>vpc-1</VpcId><SubnetGroupStatus>Complete</SubnetGroupStatus><Subnets><Subnet><SubnetIdentifier>subnet-b</SubnetIdentifier></Subnet><Subnet><SubnetIdentifier>subnet-a</SubnetIdentifier></Subnet></Subnets></DBSubnetGroup></DBSubnetGroups>",
                    ),
                ),
                (
                    "rds:DescribeDBParameterGroups",
                    200,
                    &wrap(
                        "DescribeDBParameterGroups",
                        "<DBParameterGroups><DBParameterGroup><DBParameterGroupName>default.postgres14</DBParameterGroupName><DBParameterGroupFamily>postgres14</DBParameterGroupFamily></DBParameterGroup><DBParameterGroup><DBParameterGroupName>own</DBParameterGroupName><DBParameterGroupFamily>postgres14</DBParameterGroupFamily><Description>o</Description></DBParameterGroup></DBParameterGroups>",
                    ),
                ),
                ("rds:DescribeDBParameters", parameters.0, parameters.1),
                (
                    "rds:DescribeOptionGroups",
                    200,
                    &wrap(
                        "DescribeOptionGroups",
                        "<OptionGroupsList><OptionGroup><OptionGroupName>default:mysql-8-0</OptionGroupName></OptionGroup><OptionGroup><OptionGroupName>audit</OptionGroupName><EngineName>mysql</EngineName><MajorEngineVersion>8.0</MajorEngineVersion><Options><Option><OptionName>MARIADB_AUDIT_PLUGIN</OptionName><OptionSettings><OptionSetting><Name>SERVER_AUDIT_EVENTS</Name><Value>CONNECT</Value></OptionSetting><OptionSetting><Name>SERVER_AUDIT</Name><Value>FORCE_PLUS_PERMANENT</Value><DefaultValue>FORCE_PLUS_PERMANENT</DefaultValue></OptionSetting></OptionSettings></Option></Options></OptionGroup></OptionGroupsList>",
                    ),
                ),
            ],
        )
    }

    #[test]
    fn groups_that_people_made() {
        let parameters = wrap(
            "DescribeDBParameters",
            "<Parameters><Parameter><ParameterName>rds.force_ssl</ParameterName><ParameterValue>0</ParameterValue><ApplyMethod>immediate</ApplyMethod><Source>user</Source></Parameter><Parameter><ParameterName>work_mem</ParameterName><Source>user</Source></Parameter></Parameters>",
        );
        let (all, _) = answers((200, &parameters));
        let ids: Vec<&str> = all.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(ids, ["audit", "own", "data"]);
        assert_eq!(all[0].config["option"][0]["option_settings"], json!([{ "name": "SERVER_AUDIT_EVENTS", "value": "CONNECT" }]));
        assert_eq!(all[1].config["parameter"], json!([{ "name": "rds.force_ssl", "value": "0", "apply_method": "immediate" }]));
        assert_eq!(all[1].facts["non_default"], json!({ "rds.force_ssl": "0" }));
        assert_eq!(all[2].strings("config.subnet_ids"), ["subnet-a", "subnet-b"]);
    }

    #[test]
    fn refused_parameters_are_unread_and_a_vanished_group_dropped() {
        let (all, _) = answers((403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"));
        let own = all.iter().find(|r| r.id == "own").unwrap();
        assert!(own.unread.contains_key("facts.non_default") && !own.config.contains_key("parameter"));
        let (all, _) =
            answers((404, "<ErrorResponse><Error><Code>DBParameterGroupNotFound</Code><Message>gone</Message></Error></ErrorResponse>"));
        assert!(!all.iter().any(|r| r.id == "own"));
    }
}
