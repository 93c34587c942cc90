//! Custom domain names of APIs and what they lead to.

use serde_json::{Value, json};

use super::api::{arn, own_tags};
use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::{Scan, encode};
use crate::aws::value::{block, items, text};

/// `aws_apigatewayv2_domain_name`, `aws_apigatewayv2_api_mapping`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_apigatewayv2_domain_name", "aws_apigatewayv2_api_mapping"],
    calls: &[
        list("apigatewayv2:GetDomainNames").iam(&["apigateway:GET"]),
        list("apigatewayv2:GetApiMappings")
            .iam(&["apigateway:GET"])
            .absent(&["NotFoundException"])
            .yields(&["aws_apigatewayv2_api_mapping"]),
    ],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

/// Whether a domain name is one of this API's: regional and without old TLS, which is all that the provider's type of the second
/// version allows. The others are `aws_api_gateway_domain_name`.
pub(crate) fn is_second_version(configuration: &Value) -> bool {
    text(configuration, "endpointType") == Some("REGIONAL") && text(configuration, "securityPolicy") == Some("TLS_1_2")
}

async fn collect(scan: &Scan<'_>) {
    let domains = scan.rest_list("apigatewayv2:GetDomainNames", "/v2/domainnames?maxResults=100", "items", "nextToken", "nextToken").await;
    scan.each(domains, |domain| one(scan, domain)).await;
}

async fn one(scan: &Scan<'_>, d: Value) {
    let (Some(name), Some(own)) = (text(&d, "domainName"), items(&d, "domainNameConfigurations").first()) else { return };
    if !is_second_version(own) {
        return;
    }
    let mut r = scan.resource("aws_apigatewayv2_domain_name", name);
    r.arn = Some(arn(scan, &format!("domainnames/{name}")));
    r.name = Some(name.into());
    own_tags(&mut r, &d);
    let truststore = d.get("mutualTlsAuthentication").filter(|m| text(m, "truststoreUri").is_some_and(|u| !u.is_empty()));
    r.set("domain_name", name)
        .set(
            "domain_name_configuration",
            json!([{
                "certificate_arn": text(own, "certificateArn"),
                "endpoint_type": text(own, "endpointType"),
                "ip_address_type": text(own, "ipAddressType").unwrap_or("ipv4"),
                "ownership_verification_certificate_arn": text(own, "ownershipVerificationCertificateArn"),
                "security_policy": text(own, "securityPolicy"),
            }]),
        )
        .set(
            "mutual_tls_authentication",
            block(
                truststore
                    .map(|m| json!({ "truststore_uri": text(m, "truststoreUri"), "truststore_version": text(m, "truststoreVersion") })),
            ),
        );
    r.fact("target_domain_name", text(own, "apiGatewayDomainName"))
        .fact("hosted_zone_id", text(own, "hostedZoneId"))
        .fact("domain_name_status", text(own, "domainNameStatus"));
    scan.emit(r);

    let path = format!("/v2/domainnames/{}/apimappings?maxResults=100", encode(name));
    for mapping in scan.rest_list("apigatewayv2:GetApiMappings", &path, "items", "nextToken", "nextToken").await {
        let Some(id) = text(&mapping, "apiMappingId") else { continue };
        let key = text(&mapping, "apiMappingKey").unwrap_or("");
        let mut r = scan.resource("aws_apigatewayv2_api_mapping", &format!("{id}/{name}"));
        r.name = Some(format!("{name}/{key}").trim_end_matches('/').to_owned());
        r.set("api_id", text(&mapping, "apiId")).set("api_mapping_key", key).set("domain_name", name).set("stage", text(&mapping, "stage"));
        r.fact("own_id", id);
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{assert_complete, collect};
    use crate::estate::Outcome;

    const DOMAINS: &str = r#"{"items":[{"domainName":"api.example.org","domainNameConfigurations":[{"apiGatewayDomainName":"d-1.execute-api.eu-west-3.amazonaws.com","certificateArn":"arn:aws:acm:eu-west-3:123456789012:certificate/c","domainNameStatus":"AVAILABLE","endpointType":"REGIONAL","hostedZoneId":"Z1","securityPolicy":"TLS_1_2"}],"mutualTlsAuthentication":{"truststoreUri":"s3://trust/ca.pem"},"tags":{"team":"api"}},{"domainName":"old.example.org","domainNameConfigurations":[{"endpointType":"EDGE","securityPolicy":"TLS_1_0"}]}]}"#;

    #[test]
    fn regional_names_and_their_mappings() {
        let (all, _) = collect(
            &COLLECTOR,
            &[
                ("apigatewayv2:GetDomainNames", 200, DOMAINS),
                (
                    "apigatewayv2:GetApiMappings",
                    200,
                    r#"{"items":[{"apiId":"a1","apiMappingId":"m1","apiMappingKey":"v1","stage":"$default"},{"apiId":"a1","apiMappingId":"m2","apiMappingKey":"","stage":"live"}]}"#,
                ),
            ],
        );
        let ids: Vec<&str> = all.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(ids, ["m1/api.example.org", "m2/api.example.org", "api.example.org"]);
        assert_eq!(all[2].str("config.mutual_tls_authentication.0.truststore_uri"), Some("s3://trust/ca.pem"));
        assert_eq!(all[2].str("facts.target_domain_name"), Some("d-1.execute-api.eu-west-3.amazonaws.com"));
        assert_eq!(all[0].str("facts.own_id"), Some("m1"));
        assert_complete(&all);
    }

    #[test]
    fn refused_mappings_are_a_gap_of_the_mappings_only() {
        let (all, ledger) =
            collect(&COLLECTOR, &[("apigatewayv2:GetDomainNames", 200, DOMAINS), ("apigatewayv2:GetApiMappings", 403, "{}")]);
        assert_eq!(all.len(), 1);
        let gap = ledger.iter().find(|e| e.outcome == Outcome::Denied).unwrap();
        assert_eq!(gap.types, ["aws_apigatewayv2_api_mapping"]);
    }
}
