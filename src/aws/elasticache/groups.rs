//! Groups that caches refer to: of subnets and of parameters. Parameter groups that ElastiCache makes itself (`default.…`) cannot be
//! edited and are left out.

use aws_sdk_elasticache::types as elasticache;
use serde_json::{Map, Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::set;

/// `aws_elasticache_subnet_group`, `aws_elasticache_parameter_group`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_elasticache_subnet_group", "aws_elasticache_parameter_group"],
    calls: &[
        list("elasticache:DescribeCacheSubnetGroups").yields(&["aws_elasticache_subnet_group"]),
        list("elasticache:DescribeCacheParameterGroups").yields(&["aws_elasticache_parameter_group"]),
        detail("elasticache:DescribeCacheParameters").gone(&["CacheParameterGroupNotFound"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let client = scan.elasticache();
    let pages = client.describe_cache_subnet_groups().into_paginator().send();
    for group in scan.list("elasticache:DescribeCacheSubnetGroups", pages, |p| p.cache_subnet_groups.unwrap_or_default()).await {
        subnet_group(scan, &group).await;
    }
    let pages = client.describe_cache_parameter_groups().into_paginator().send();
    let groups = scan.list("elasticache:DescribeCacheParameterGroups", pages, |p| p.cache_parameter_groups.unwrap_or_default()).await;
    scan.each(groups, |group| parameter_group(scan, group)).await;
}

async fn subnet_group(scan: &Scan<'_>, group: &elasticache::CacheSubnetGroup) {
    let Some(name) = group.cache_subnet_group_name() else { return };
    let mut r = scan.resource("aws_elasticache_subnet_group", name);
    r.arn = group.arn().map(str::to_owned);
    r.name = Some(name.into());
    scan.bulk_tags(&mut r).await;
    r.set("name", name)
        .set("description", group.cache_subnet_group_description())
        .set("subnet_ids", set(group.subnets().iter().filter_map(|s| s.subnet_identifier())));
    r.fact("vpc_id", group.vpc_id());
    scan.emit(r);
}

async fn parameter_group(scan: &Scan<'_>, group: elasticache::CacheParameterGroup) {
    let Some(name) = group.cache_parameter_group_name().filter(|n| !n.starts_with("default.")) else { return };
    let mut r = scan.resource("aws_elasticache_parameter_group", name);
    r.arn = group.arn().map(str::to_owned);
    r.name = Some(name.into());
    scan.bulk_tags(&mut r).await;
    r.set("name", name).set("description", group.description()).set("family", group.cache_parameter_group_family());
    let (mut parameters, mut values, mut marker) = (Vec::new(), Map::new(), None);
    loop {
        let request = scan.elasticache().describe_cache_parameters().cache_parameter_group_name(name).source("user");
        let request = request.set_marker(marker.take()).send();
        match scan.detail(&mut r, "elasticache:DescribeCacheParameters", &["config.parameter", "facts.non_default"], request).await {
            Detail::Got(answer) => {
                for p in answer.parameters() {
                    let (Some(name), Some(value)) = (p.parameter_name(), p.parameter_value()) else { continue };
                    values.insert(name.to_owned(), value.into());
                    parameters.push(json!({ "name": name.to_lowercase(), "value": value }));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::{LedgerEntry, Outcome, Resource};

    fn wrap(operation: &str, inside: &str) -> String {
        format!(
            r#"<{operation}Response xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/"><{operation}Result>{inside}</{operation}Result></{operation}Response>"#
        )
    }

    fn answers(subnets: u16, parameters: (u16, &str)) -> (Vec<Resource>, Vec<LedgerEntry>) {
        let groups = "<CacheSubnetGroups><CacheSubnetGroup><CacheSubnetGroupName>data</CacheSubnetGroupName><CacheSubnetGroupDescription>private</CacheSubnetGroupDescription><VpcId>vpc-1</VpcId>\
            <Subnets><Subnet><SubnetIdentifier>subnet-b</SubnetIdentifier></Subnet><Subnet><SubnetIdentifier>subnet-a</SubnetIdentifier></Subnet></Subnets></CacheSubnetGroup></CacheSubnetGroups>";
        let sets = "<CacheParameterGroups><CacheParameterGroup><CacheParameterGroupName>default.redis7</CacheParameterGroupName></CacheParameterGroup>\
            <CacheParameterGroup><CacheParameterGroupName>shop</CacheParameterGroupName><CacheParameterGroupFamily>redis7</CacheParameterGroupFamily><Description>lru</Description></CacheParameterGroup></CacheParameterGroups>";
        collect(
            &COLLECTOR,
            &[
                ("elasticache:DescribeCacheSubnetGroups", subnets, &wrap("DescribeCacheSubnetGroups", groups)),
                ("elasticache:DescribeCacheParameterGroups", 200, &wrap("DescribeCacheParameterGroups", sets)),
                ("elasticache:DescribeCacheParameters", parameters.0, parameters.1),
            ],
        )
    }

    #[test]
    fn own_groups_with_what_was_changed() {
        let parameters = wrap(
            "DescribeCacheParameters",
            "<Parameters><Parameter><ParameterName>maxmemory-policy</ParameterName><ParameterValue>allkeys-lru</ParameterValue><Source>user</Source></Parameter>\
             <Parameter><ParameterName>activedefrag</ParameterName><ParameterValue>yes</ParameterValue></Parameter></Parameters>",
        );
        let (all, _) = answers(200, (200, &parameters));
        assert_eq!(all.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["shop", "data"]);
        assert_eq!(all[1].strings("config.subnet_ids"), ["subnet-a", "subnet-b"]);
        assert_eq!(all[1].facts["vpc_id"], "vpc-1");
        assert_eq!(
            all[0].config["parameter"],
            json!([{ "name": "activedefrag", "value": "yes" }, { "name": "maxmemory-policy", "value": "allkeys-lru" }])
        );
        assert_eq!(all[0].facts["non_default"]["maxmemory-policy"], "allkeys-lru");
    }

    #[test]
    fn refusals_are_gaps() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, ledger) = answers(200, (403, denied));
        assert!(all[0].unread.contains_key("config.parameter") && !all[0].config.contains_key("parameter"));
        assert!(ledger.iter().any(|e| e.call == "elasticache:DescribeCacheParameters" && e.outcome == Outcome::Denied));
        let gone = "<ErrorResponse><Error><Code>CacheParameterGroupNotFound</Code><Message>no</Message></Error></ErrorResponse>";
        assert_eq!(answers(200, (404, gone)).0.len(), 1, "a group that vanished is not emitted");
    }
}
