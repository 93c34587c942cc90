//! The account's own prefix lists with what is in them. AWS's lists, a dozen in each region, are nobody's work.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::ec2_tags;
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::set;

const ENTRIES: &str = "ec2:GetManagedPrefixListEntries";

/// `aws_ec2_managed_prefix_list`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_ec2_managed_prefix_list"],
    calls: &[list("ec2:DescribeManagedPrefixLists"), detail(ENTRIES).gone(&["InvalidPrefixListID.NotFound"])],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.ec2().describe_managed_prefix_lists().into_paginator().page_size(100).send();
    for l in scan.list("ec2:DescribeManagedPrefixLists", pages, |p| p.prefix_lists.unwrap_or_default()).await {
        let Some(id) = l.prefix_list_id() else { continue };
        let state = l.state().map(|s| s.as_str());
        if state.is_some_and(|s| s.starts_with("delete") && s != "delete-failed") {
            continue;
        }
        // What is in a list that another account shares is its owner's affair.
        if l.owner_id() != Some(scan.session.account.as_str()) {
            continue;
        }
        let mut r = scan.resource("aws_ec2_managed_prefix_list", id);
        r.arn = l.prefix_list_arn().map(str::to_owned);
        r.name = l.prefix_list_name().map(str::to_owned);
        ec2_tags(&mut r, l.tags());
        r.set("name", l.prefix_list_name()).set("address_family", l.address_family()).set("max_entries", l.max_entries());
        r.fact("owner_id", l.owner_id()).fact("version", l.version());
        match entries(scan, &mut r, id).await {
            Detail::Got(entries) => {
                r.fact("entries", set(entries.iter().filter_map(|e| e["cidr"].as_str())));
                r.set("entry", entries);
            }
            Detail::Gone => continue,
            Detail::Absent | Detail::Unread => {}
        }
        scan.emit(r);
    }
}

/// All pages of a list's networks, sorted.
async fn entries(scan: &Scan<'_>, r: &mut crate::estate::Resource, id: &str) -> Detail<Vec<Value>> {
    let mut all: Vec<Value> = Vec::new();
    let mut token = None;
    loop {
        let request = scan.ec2().get_managed_prefix_list_entries().prefix_list_id(id).max_results(100).set_next_token(token.clone()).send();
        let answer = match scan.detail(r, ENTRIES, &["config.entry", "facts.entries"], request).await {
            Detail::Got(answer) => answer,
            Detail::Absent => return Detail::Absent,
            Detail::Gone => return Detail::Gone,
            Detail::Unread => return Detail::Unread,
        };
        // An entry without a description has an empty one.
        all.extend(answer.entries().iter().map(|e| json!({ "cidr": e.cidr(), "description": e.description().unwrap_or_default() })));
        match answer.next_token().filter(|t| !t.is_empty() && token.as_deref() != Some(*t)) {
            Some(next) => token = Some(next.to_owned()),
            None => break,
        }
    }
    all.sort_by_key(|e| e["cidr"].as_str().unwrap_or_default().to_owned());
    Detail::Got(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};

    fn lists() -> String {
        ec2(
            "DescribeManagedPrefixLists",
            "<prefixListSet><item><prefixListId>pl-1</prefixListId><prefixListName>offices</prefixListName><addressFamily>IPv4</addressFamily><maxEntries>5</maxEntries><version>2</version><ownerId>123456789012</ownerId><state>modify-complete</state></item>\
             <item><prefixListId>pl-aws</prefixListId><prefixListName>com.amazonaws.eu-west-3.s3</prefixListName><addressFamily>IPv4</addressFamily><ownerId>AWS</ownerId><state>create-complete</state></item></prefixListSet>",
        )
    }

    #[test]
    fn own_lists_with_their_networks() {
        let first = ec2(
            "GetManagedPrefixListEntries",
            "<entrySet><item><cidr>203.0.113.0/24</cidr><description>Lyon</description></item></entrySet><nextToken>t</nextToken>",
        );
        let second = ec2("GetManagedPrefixListEntries", "<entrySet><item><cidr>198.51.100.7/32</cidr></item></entrySet>");
        let (all, _) =
            collect(&COLLECTOR, &[("ec2:DescribeManagedPrefixLists", 200, &lists()), (ENTRIES, 200, &first), (ENTRIES, 200, &second)]);
        assert_complete(&all);
        assert_eq!(
            all[0].config["entry"],
            json!([{ "cidr": "198.51.100.7/32", "description": "" }, { "cidr": "203.0.113.0/24", "description": "Lyon" }])
        );
        assert_eq!(all.len(), 1, "the list of AWS is left out");
    }

    #[test]
    fn refused_entries_are_unread() {
        let (all, _) = collect(&COLLECTOR, &[("ec2:DescribeManagedPrefixLists", 200, &lists()), (ENTRIES, 403, EC2_DENIED)]);
        assert!(all[0].unread.contains_key("config.entry") && !all[0].config.contains_key("entry"));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) = collect(&COLLECTOR, &[("ec2:DescribeManagedPrefixLists", 403, EC2_DENIED)]);
        assert!(all.is_empty() && !ledger[0].outcome.is_complete());
    }
}
