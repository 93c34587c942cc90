//! What stands beside REST APIs: custom domain names, links, client certificates, usage plans and their keys (never their values).

use serde_json::{Value, json};

use super::rest_api::{GONE, READ, listing};
use crate::aws::apigatewayv2::api::{arn, own_tags};
use crate::aws::apigatewayv2::domain_name::is_second_version;
use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::{Scan, encode};
use crate::aws::value::{block, items, json_time, text};

/// Domain names that the second version cannot hold, mappings, links, client certificates, usage plans, API keys.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_api_gateway_domain_name",
        "aws_api_gateway_base_path_mapping",
        "aws_api_gateway_vpc_link",
        "aws_api_gateway_client_certificate",
        "aws_api_gateway_usage_plan",
        "aws_api_gateway_api_key",
        "aws_api_gateway_usage_plan_key",
    ],
    calls: &[
        list("apigateway:GetDomainNames").iam(READ).yields(&["aws_api_gateway_domain_name", "aws_api_gateway_base_path_mapping"]),
        list("apigateway:GetBasePathMappings").iam(READ).absent(GONE).yields(&["aws_api_gateway_base_path_mapping"]),
        list("apigateway:GetVpcLinks").iam(READ).yields(&["aws_api_gateway_vpc_link"]),
        list("apigateway:GetClientCertificates").iam(READ).yields(&["aws_api_gateway_client_certificate"]),
        list("apigateway:GetUsagePlans").iam(READ).absent(GONE).yields(&["aws_api_gateway_usage_plan", "aws_api_gateway_usage_plan_key"]),
        list("apigateway:GetApiKeys").iam(READ).yields(&["aws_api_gateway_api_key", "aws_api_gateway_usage_plan_key"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// Keys whose plans are asked for, one request each: the listing by plan would answer the keys' values.
const KEYS: usize = 100;

async fn collect(scan: &Scan<'_>) {
    for domain in listing(scan, "apigateway:GetDomainNames", "/domainnames?limit=500").await {
        one_domain(scan, &domain).await;
    }
    for link in listing(scan, "apigateway:GetVpcLinks", "/vpclinks?limit=500").await {
        let (Some(id), Some(name)) = (text(&link, "id"), text(&link, "name")) else { continue };
        let mut r = scan.resource("aws_api_gateway_vpc_link", id);
        r.arn = Some(arn(scan, &format!("vpclinks/{id}")));
        r.name = Some(name.into());
        own_tags(&mut r, &link);
        r.set("name", name)
            .set("description", text(&link, "description").unwrap_or(""))
            .set("target_arns", items(&link, "targetArns").to_vec());
        r.fact("status", text(&link, "status"));
        scan.emit(r);
    }
    for certificate in listing(scan, "apigateway:GetClientCertificates", "/clientcertificates?limit=500").await {
        let Some(id) = text(&certificate, "clientCertificateId") else { continue };
        let mut r = scan.resource("aws_api_gateway_client_certificate", id);
        r.arn = Some(arn(scan, &format!("clientcertificates/{id}")));
        r.name = text(&certificate, "description").filter(|d| !d.is_empty()).map(str::to_owned);
        own_tags(&mut r, &certificate);
        r.set("description", text(&certificate, "description").unwrap_or(""));
        r.fact("created_date", json_time(&certificate["createdDate"])).fact("expiration_date", json_time(&certificate["expirationDate"]));
        scan.emit(r);
    }
    for plan in listing(scan, "apigateway:GetUsagePlans", "/usageplans?limit=500").await {
        one_plan(scan, &plan);
    }
    let keys = listing(scan, "apigateway:GetApiKeys", "/apikeys?limit=500&includeValues=false").await;
    if keys.len() > KEYS {
        scan.capped("apigateway:GetUsagePlans", "asked for the plans of the first 100 keys");
    }
    for (place, key) in keys.iter().enumerate() {
        one_key(scan, key, place < KEYS).await;
    }
}

async fn one_domain(scan: &Scan<'_>, d: &Value) {
    let Some(name) = text(d, "domainName") else { return };
    let endpoint = &d["endpointConfiguration"];
    let types = items(endpoint, "types");
    let kind = types.first().and_then(Value::as_str).unwrap_or("EDGE");
    // The other version's collector has it.
    if is_second_version(&json!({ "endpointType": kind, "securityPolicy": d["securityPolicy"] })) {
        return;
    }
    // Names of private APIs are not unique; the provider adds their id.
    let own = text(d, "domainNameId").filter(|_| kind == "PRIVATE");
    let id = own.map_or_else(|| name.to_owned(), |own| format!("{name}/{own}"));
    let mut r = scan.resource("aws_api_gateway_domain_name", &id);
    r.arn = Some(text(d, "domainNameArn").map_or_else(|| arn(scan, &format!("domainnames/{name}")), str::to_owned));
    r.name = Some(name.into());
    own_tags(&mut r, d);
    let truststore = d.get("mutualTlsAuthentication").filter(|m| text(m, "truststoreUri").is_some_and(|u| !u.is_empty()));
    r.set("domain_name", name)
        .set("certificate_arn", text(d, "certificateArn"))
        .set("certificate_name", text(d, "certificateName"))
        .set("endpoint_configuration", json!([{ "types": types, "ip_address_type": text(endpoint, "ipAddressType") }]))
        .set(
            "mutual_tls_authentication",
            block(
                truststore
                    .map(|m| json!({ "truststore_uri": text(m, "truststoreUri"), "truststore_version": text(m, "truststoreVersion") })),
            ),
        )
        .set("ownership_verification_certificate_arn", text(d, "ownershipVerificationCertificateArn"))
        .set("policy", text(d, "managementPolicy").or_else(|| text(d, "policy")))
        .set("regional_certificate_arn", text(d, "regionalCertificateArn"))
        .set("regional_certificate_name", text(d, "regionalCertificateName"))
        .set("security_policy", text(d, "securityPolicy"));
    r.fact("cloudfront_domain_name", text(d, "distributionDomainName"))
        .fact("regional_domain_name", text(d, "regionalDomainName"))
        .fact("domain_name_status", text(d, "domainNameStatus"));
    scan.emit(r);

    let query = own.map(|own| format!("&domainNameId={}", encode(own))).unwrap_or_default();
    let path = format!("/domainnames/{}/basepathmappings?limit=500{query}", encode(name));
    for mapping in listing(scan, "apigateway:GetBasePathMappings", &path).await {
        // AWS's word for the root.
        let base = text(&mapping, "basePath").filter(|b| *b != "(none)").unwrap_or("");
        let suffix = own.map(|own| format!("/{own}")).unwrap_or_default();
        let mut r = scan.resource("aws_api_gateway_base_path_mapping", &format!("{name}/{base}{suffix}"));
        r.name = Some(format!("{name}/{base}").trim_end_matches('/').to_owned());
        r.set("domain_name", name)
            .set("domain_name_id", own)
            .set("base_path", base)
            .set("api_id", text(&mapping, "restApiId"))
            .set("stage_name", text(&mapping, "stage"));
        scan.emit(r);
    }
}

fn one_plan(scan: &Scan<'_>, plan: &Value) {
    let (Some(id), Some(name)) = (text(plan, "id"), text(plan, "name")) else { return };
    let mut r = scan.resource("aws_api_gateway_usage_plan", id);
    r.arn = Some(arn(scan, &format!("usageplans/{id}")));
    r.name = Some(name.into());
    own_tags(&mut r, plan);
    let stages: Vec<Value> = items(plan, "apiStages")
        .iter()
        .map(|s| {
            let limits = s.get("throttle").and_then(Value::as_object).into_iter().flatten();
            let limits: Vec<Value> =
                limits.map(|(path, t)| json!({ "path": path, "burst_limit": t["burstLimit"], "rate_limit": t["rateLimit"] })).collect();
            json!({ "api_id": text(s, "apiId"), "stage": text(s, "stage"), "throttle": limits })
        })
        .collect();
    let quota = plan.get("quota").filter(|q| q.is_object());
    let throttle = plan.get("throttle").filter(|t| t.is_object());
    r.set("name", name)
        .set("api_stages", stages)
        .set("description", text(plan, "description").unwrap_or(""))
        .set("product_code", text(plan, "productCode"))
        .set(
            "quota_settings",
            block(quota.map(|q| json!({ "limit": q["limit"], "offset": q["offset"].as_i64().unwrap_or(0), "period": q["period"] }))),
        )
        .set("throttle_settings", block(throttle.map(|t| json!({ "burst_limit": t["burstLimit"], "rate_limit": t["rateLimit"] }))));
    scan.emit(r);
}

async fn one_key(scan: &Scan<'_>, key: &Value, with_plans: bool) {
    let (Some(id), Some(name)) = (text(key, "id"), text(key, "name")) else { return };
    let mut r = scan.resource("aws_api_gateway_api_key", id);
    r.arn = Some(arn(scan, &format!("apikeys/{id}")));
    r.name = Some(name.into());
    own_tags(&mut r, key);
    r.set("name", name)
        .set("customer_id", text(key, "customerId"))
        .set("description", text(key, "description").unwrap_or(""))
        .set("enabled", key["enabled"].as_bool().unwrap_or(false));
    r.fact("created_date", json_time(&key["createdDate"])).fact("last_updated_date", json_time(&key["lastUpdatedDate"]));
    scan.emit(r);
    if !with_plans {
        return;
    }
    for plan in listing(scan, "apigateway:GetUsagePlans", &format!("/usageplans?limit=500&keyId={}", encode(id))).await {
        let Some(plan) = text(&plan, "id") else { continue };
        let mut r = scan.resource("aws_api_gateway_usage_plan_key", &format!("{plan}/{id}"));
        r.name = Some(name.into());
        r.set("key_id", id).set("key_type", "API_KEY").set("usage_plan_id", plan);
        r.fact("own_id", id);
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    const PLANS: &str = r#"{"item":[{"id":"p1","name":"partners","apiStages":[{"apiId":"r1","stage":"live","throttle":{"/orders/GET":{"burstLimit":5,"rateLimit":2.0}}}],"throttle":{"burstLimit":50,"rateLimit":20.0},"quota":{"limit":1000,"offset":0,"period":"DAY"}}]}"#;

    #[test]
    fn names_links_plans_and_keys_without_values() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                (
                    "apigateway:GetDomainNames",
                    200,
                    r#"{"item":[{"domainName":"old.example.org","certificateArn":"arn:aws:acm:us-east-1:123456789012:certificate/c","distributionDomainName":"d1.cloudfront.net","endpointConfiguration":{"types":["EDGE"]},"securityPolicy":"TLS_1_0","mutualTlsAuthentication":{"truststoreUri":"s3://t/ca.pem"}},{"domainName":"new.example.org","endpointConfiguration":{"types":["REGIONAL"]},"securityPolicy":"TLS_1_2"}]}"#,
                ),
                (
                    "apigateway:GetBasePathMappings",
                    200,
                    r#"{"item":[{"basePath":"(none)","restApiId":"r1","stage":"live"},{"basePath":"v1","restApiId":"r1","stage":"live"}]}"#,
                ),
                (
                    "apigateway:GetVpcLinks",
                    200,
                    r#"{"item":[{"id":"l1","name":"inside","targetArns":["arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/net/n/1"],"status":"AVAILABLE"}]}"#,
                ),
                (
                    "apigateway:GetClientCertificates",
                    200,
                    r#"{"item":[{"clientCertificateId":"cc1","description":"backend","createdDate":1700000000}]}"#,
                ),
                ("apigateway:GetUsagePlans", 200, PLANS),
                (
                    "apigateway:GetApiKeys",
                    200,
                    r#"{"item":[{"id":"k1","name":"partner","enabled":true,"createdDate":1700000000,"stageKeys":[]}]}"#,
                ),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome.is_complete()), "{ledger:?}");
        let ids: Vec<String> = all.iter().map(|r| format!("{} {}", r.kind.trim_start_matches("aws_api_gateway_"), r.id)).collect();
        assert_eq!(
            ids,
            [
                "api_key k1",
                "base_path_mapping old.example.org/",
                "base_path_mapping old.example.org/v1",
                "client_certificate cc1",
                "domain_name old.example.org",
                "usage_plan p1",
                "usage_plan_key p1/k1",
                "vpc_link l1"
            ]
        );
        let plan = all.iter().find(|r| r.id == "p1").unwrap();
        assert_eq!(plan.config["api_stages"][0]["throttle"][0]["path"], "/orders/GET");
        assert_complete(&all);
    }

    #[test]
    fn refused_keys_are_a_gap_of_keys() {
        let none = r#"{"item":[]}"#;
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("apigateway:GetDomainNames", 200, none),
                ("apigateway:GetVpcLinks", 200, none),
                ("apigateway:GetClientCertificates", 200, none),
                ("apigateway:GetUsagePlans", 200, PLANS),
                ("apigateway:GetApiKeys", 403, "{}"),
            ],
        );
        assert_eq!(all.len(), 1);
        let gap = ledger.iter().find(|e| e.outcome == Outcome::Denied).unwrap();
        assert_eq!(gap.types, ["aws_api_gateway_api_key", "aws_api_gateway_usage_plan_key"]);
    }
}
