//! What web ACLs refer to: rule groups, sets of addresses, sets of regular expressions.

use serde_json::{Value, json};

use super::web_acl::{GONE, fill, listed, scopes};
use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{items, set, text};

/// `aws_wafv2_rule_group`, `aws_wafv2_ip_set`, `aws_wafv2_regex_pattern_set`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_wafv2_rule_group", "aws_wafv2_ip_set", "aws_wafv2_regex_pattern_set"],
    calls: &[
        list("wafv2:ListRuleGroups"),
        detail("wafv2:GetRuleGroup").gone(GONE),
        list("wafv2:ListIPSets"),
        detail("wafv2:GetIPSet").gone(GONE),
        list("wafv2:ListRegexPatternSets"),
        detail("wafv2:GetRegexPatternSet").gone(GONE),
    ],
    scope: Scope::RegionalAndHome,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    for scope in scopes(scan) {
        let input = json!({ "Scope": scope, "Limit": 100 });
        let groups = scan.json_list("wafv2:ListRuleGroups", input.clone(), "RuleGroups", "NextMarker").await;
        scan.each(groups, |group| rule_group(scan, group, scope)).await;
        let sets = scan.json_list("wafv2:ListIPSets", input.clone(), "IPSets", "NextMarker").await;
        scan.each(sets, |set| ip_set(scan, set, scope)).await;
        let sets = scan.json_list("wafv2:ListRegexPatternSets", input, "RegexPatternSets", "NextMarker").await;
        scan.each(sets, |set| regex_pattern_set(scan, set, scope)).await;
    }
}

async fn rule_group(scan: &Scan<'_>, summary: Value, scope: &str) {
    let Some((mut r, input)) = listed(scan, "aws_wafv2_rule_group", &summary, scope) else { return };
    r.fact("entity_id", text(&summary, "Id"));
    scan.bulk_tags(&mut r).await;
    let unread = ["config.capacity", "config.rule", "config.visibility_config", "config.custom_response_body"];
    match scan.json_detail(&mut r, "wafv2:GetRuleGroup", &unread, input).await {
        Detail::Got(answer) => {
            let ignored = ["Id", "ARN", "Name", "Description", "LabelNamespace", "AvailableLabels", "ConsumedLabels"];
            fill(&mut r, &answer["RuleGroup"], &ignored);
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

async fn ip_set(scan: &Scan<'_>, summary: Value, scope: &str) {
    let Some((mut r, input)) = listed(scan, "aws_wafv2_ip_set", &summary, scope) else { return };
    r.fact("entity_id", text(&summary, "Id"));
    scan.bulk_tags(&mut r).await;
    let unread = ["config.addresses", "config.ip_address_version"];
    match scan.json_detail(&mut r, "wafv2:GetIPSet", &unread, input).await {
        Detail::Got(answer) => {
            let found = &answer["IPSet"];
            r.set("ip_address_version", text(found, "IPAddressVersion"))
                .set("addresses", set(items(found, "Addresses").iter().filter_map(Value::as_str)));
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

async fn regex_pattern_set(scan: &Scan<'_>, summary: Value, scope: &str) {
    let Some((mut r, input)) = listed(scan, "aws_wafv2_regex_pattern_set", &summary, scope) else { return };
    r.fact("entity_id", text(&summary, "Id"));
    scan.bulk_tags(&mut r).await;
    match scan.json_detail(&mut r, "wafv2:GetRegexPatternSet", &["config.regular_expression"], input).await {
        Detail::Got(answer) => {
            let patterns = set(items(&answer["RegexPatternSet"], "RegularExpressionList").iter().filter_map(|p| text(p, "RegexString")));
            let patterns: Value = patterns.as_array().into_iter().flatten().map(|p| json!({ "regex_string": p })).collect();
            r.set("regular_expression", patterns);
        }
        Detail::Gone => return,
        Detail::Absent | Detail::Unread => {}
    }
    scan.emit(r);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;

    fn listing(field: &str, kind: &str, name: &str) -> String {
        let id = "11111111-2222-3333-4444-555555555555";
        json!({ field: [{ "Name": name, "Id": id, "ARN": format!("arn:aws:wafv2:eu-west-3:123456789012:regional/{kind}/{name}/{id}"), "Description": "" }] })
            .to_string()
    }

    #[test]
    fn groups_and_sets() {
        let (groups, ips, patterns) = (
            listing("RuleGroups", "rulegroup", "own"),
            listing("IPSets", "ipset", "office"),
            listing("RegexPatternSets", "regexpatternset", "bots"),
        );
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("wafv2:ListRuleGroups", 200, &groups),
                (
                    "wafv2:GetRuleGroup",
                    200,
                    r#"{"RuleGroup":{"Name":"own","Id":"i","ARN":"a","Capacity":100,"Rules":[{"Name":"r","Priority":0,"Action":{"Count":{}},"Statement":{"GeoMatchStatement":{"CountryCodes":["KP"]}},"VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":false,"MetricName":"r"}}],
                       "VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":false,"MetricName":"own"},"LabelNamespace":"l"}}"#,
                ),
                ("wafv2:ListIPSets", 200, &ips),
                (
                    "wafv2:GetIPSet",
                    200,
                    r#"{"IPSet":{"Name":"office","IPAddressVersion":"IPV4","Addresses":["90.85.12.34/32","10.0.0.0/8"]}}"#,
                ),
                ("wafv2:ListRegexPatternSets", 200, &patterns),
                ("wafv2:GetRegexPatternSet", 200, r#"{"RegexPatternSet":{"RegularExpressionList":[{"RegexString":"(?i)bot"}]}}"#),
            ],
        );
        let find = |kind: &str| all.iter().find(|r| r.kind == kind).unwrap_or_else(|| panic!("{kind}: {ledger:?}"));
        let group = find("aws_wafv2_rule_group");
        assert_eq!(group.config["capacity"], 100);
        assert_eq!(group.get("config.rule.0.action.0.count.0"), Some(&json!({})));
        assert!(!group.facts.contains_key("beyond_provider"), "{:?}", group.facts);
        assert_eq!(find("aws_wafv2_ip_set").strings("config.addresses"), ["10.0.0.0/8", "90.85.12.34/32"]);
        assert_eq!(find("aws_wafv2_regex_pattern_set").str("config.regular_expression.0.regex_string"), Some("(?i)bot"));
        assert_eq!(find("aws_wafv2_ip_set").id, "11111111-2222-3333-4444-555555555555/office/REGIONAL");
    }

    #[test]
    fn a_refused_set_is_unread_and_a_vanished_one_dropped() {
        let (ips, patterns) = (listing("IPSets", "ipset", "office"), listing("RegexPatternSets", "regexpatternset", "bots"));
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("wafv2:ListRuleGroups", 200, r#"{"RuleGroups":[]}"#),
                ("wafv2:ListIPSets", 200, &ips),
                ("wafv2:GetIPSet", 400, r#"{"__type":"AccessDeniedException","Message":"no"}"#),
                ("wafv2:ListRegexPatternSets", 200, &patterns),
                ("wafv2:GetRegexPatternSet", 400, r#"{"__type":"WAFNonexistentItemException","Message":"gone"}"#),
            ],
        );
        assert_eq!(all.len(), 1);
        assert!(all[0].unread["config.addresses"].starts_with("denied"));
    }
}
