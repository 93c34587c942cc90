//! Domains registered through this account.

use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{items, json_time, set, strings, text};

/// `aws_route53domains_registered_domain`. The people behind a domain are never kept.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_route53domains_registered_domain"],
    calls: &[list("route53domains:ListDomains"), detail("route53domains:GetDomainDetail").gone(&["InvalidInput"])],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let input = json!({ "MaxItems": 100 });
    let domains = scan.json_list_with("route53domains:ListDomains", input, "Domains", "NextPageMarker", "Marker").await;
    scan.each(domains, |domain| one(scan, domain)).await;
}

async fn one(scan: &Scan<'_>, domain: Value) {
    let Some(name) = text(&domain, "DomainName") else { return };
    let mut r = scan.resource("aws_route53domains_registered_domain", name);
    r.arn = Some(format!("arn:{}:route53domains:::domain/{name}", scan.session.partition));
    scan.bulk_tags(&mut r).await;
    r.name = Some(name.into());
    r.set("domain_name", name).set("auto_renew", domain["AutoRenew"].as_bool()).set("transfer_lock", domain["TransferLock"].as_bool());
    r.fact("expires", json_time(&domain["Expiry"]));
    let unread = [
        "config.name_server",
        "config.admin_privacy",
        "config.registrant_privacy",
        "config.tech_privacy",
        "config.billing_privacy",
        "facts.status_list",
    ];
    match scan.json_detail(&mut r, "route53domains:GetDomainDetail", &unread, json!({ "DomainName": name })).await {
        Detail::Got(d) => {
            let servers: Vec<Value> = items(&d, "Nameservers")
                .iter()
                .map(|n| json!({ "name": n["Name"], "glue_ips": set(items(n, "GlueIps").iter().filter_map(Value::as_str)) }))
                .collect();
            r.set("name_server", servers)
                .set("admin_privacy", d["AdminPrivacy"].as_bool())
                .set("registrant_privacy", d["RegistrantPrivacy"].as_bool())
                .set("tech_privacy", d["TechPrivacy"].as_bool())
                .set("billing_privacy", d["BillingPrivacy"].as_bool());
            r.fact("status_list", strings(items(&d, "StatusList").iter().filter_map(Value::as_str)));
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

    const DOMAINS: &str = r#"{"Domains":[{"DomainName":"example.com","AutoRenew":false,"TransferLock":true,"Expiry":1767225600.0}]}"#;

    #[test]
    fn a_domain_without_the_people_behind_it() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("route53domains:ListDomains", 200, DOMAINS),
                (
                    "route53domains:GetDomainDetail",
                    200,
                    r#"{"DomainName":"example.com","Nameservers":[{"Name":"ns-1.awsdns-00.com","GlueIps":[]}],"AutoRenew":false,"AdminPrivacy":true,"RegistrantPrivacy":true,"TechPrivacy":true,"BillingPrivacy":false,
                    "AdminContact":{"FirstName":"Jane","Email":"jane@example.com","PhoneNumber":"+33.123"},"StatusList":["clientTransferProhibited"]}"#,
                ),
            ],
        );
        assert_complete(&all);
        assert_eq!(all[0].facts["expires"], "2026-01-01T00:00:00Z");
        assert_eq!(all[0].config["name_server"][0]["name"], "ns-1.awsdns-00.com");
        assert_eq!(all[0].config["billing_privacy"], false);
        assert!(!serde_json::to_string(&all).unwrap().contains("jane"));
    }

    #[test]
    fn a_refused_detail_leaves_what_the_list_tells() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("route53domains:ListDomains", 200, DOMAINS),
                ("route53domains:GetDomainDetail", 400, r#"{"__type":"AccessDeniedException","message":"no"}"#),
            ],
        );
        assert_eq!(all[0].config["auto_renew"], false);
        assert!(all[0].unread.contains_key("config.name_server"));
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let (all, ledger) =
            collect(&COLLECTOR, &[("route53domains:ListDomains", 400, r#"{"__type":"AccessDeniedException","message":"no"}"#)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Denied);
    }
}
