//! Distributions, and the policies they use.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types as cf;
use serde_json::{Value, json};

use crate::aws::collector::{Collector, Scope, detail, list};
use crate::aws::scan::{Detail, Scan};
use crate::aws::value::{block, time};

mod policies;
mod shapes;

/// `aws_cloudfront_distribution`, the policies people made, and `x_cloudfront_managed_policy` for those of AWS that are in use.
pub const COLLECTOR: Collector = Collector {
    types: &[
        "aws_cloudfront_distribution",
        "aws_cloudfront_cache_policy",
        "aws_cloudfront_origin_request_policy",
        "aws_cloudfront_response_headers_policy",
        "x_cloudfront_managed_policy",
    ],
    calls: &[
        list("cloudfront:ListDistributions"),
        detail("cloudfront:GetDistributionConfig").gone(&["NoSuchDistribution"]),
        list("cloudfront:ListCachePolicies"),
        list("cloudfront:ListOriginRequestPolicies"),
        list("cloudfront:ListResponseHeadersPolicies"),
    ],
    scope: Scope::Global,
    collect: |scan| Box::pin(collect(scan)),
};

/// Hosted zone of every distribution, for alias records (Route 53 developer guide, 2026-11).
const HOSTED_ZONE: &str = "Z2FDTNDATAQYW2";

async fn collect(scan: &Scan<'_>) {
    let pages = scan.cloudfront().list_distributions().into_paginator().send();
    let distributions =
        scan.list("cloudfront:ListDistributions", pages, |p| p.distribution_list.and_then(|l| l.items).unwrap_or_default()).await;
    let used: BTreeSet<String> = distributions.iter().flat_map(policies::used).collect();
    scan.each(distributions, |distribution| one(scan, distribution)).await;
    policies::collect(scan, &used).await;
}

async fn one(scan: &Scan<'_>, d: cf::DistributionSummary) {
    let id = d.id();
    let mut r = scan.resource("aws_cloudfront_distribution", id);
    r.arn = Some(d.arn().into());
    let aliases = shapes::names(d.aliases().map(|a| a.items()));
    // Nobody names a distribution; its first alias is what people know it by, its comment where it has none.
    let alias = aliases.get(0).and_then(Value::as_str).map(str::to_owned);
    r.name = alias.or_else(|| Some(d.comment().to_owned())).filter(|n| !n.is_empty());
    scan.bulk_tags(&mut r).await;
    let origins = d.origins().map_or(&[][..], |o| o.items());
    let groups = d.origin_groups().map_or(&[][..], |g| g.items());
    let errors = d.custom_error_responses().map_or(&[][..], |e| e.items());
    let ordered = d.cache_behaviors().map_or(&[][..], |b| b.items());
    r.set("aliases", aliases)
        .set("comment", d.comment())
        .set("enabled", d.enabled())
        .set("http_version", d.http_version().as_str().to_lowercase())
        .set("is_ipv6_enabled", d.is_ipv6_enabled())
        .set("price_class", d.price_class().as_str())
        .set("staging", d.staging())
        .set("web_acl_id", Some(d.web_acl_id()).filter(|w| !w.is_empty()))
        .set("origin", shapes::sorted(origins.iter().map(shapes::origin)))
        .set("origin_group", shapes::sorted(groups.iter().map(shapes::origin_group)))
        .set("default_cache_behavior", block(d.default_cache_behavior().map(shapes::default_behavior)))
        .set("ordered_cache_behavior", ordered.iter().map(shapes::ordered_behavior).collect::<Value>())
        .set("custom_error_response", shapes::sorted(errors.iter().map(shapes::error_response)))
        .set("restrictions", block(d.restrictions().and_then(|r| r.geo_restriction()).map(shapes::restrictions)))
        .set("viewer_certificate", block(d.viewer_certificate().map(shapes::viewer_certificate)));
    r.fact("domain_name", d.domain_name())
        .fact("hosted_zone_id", HOSTED_ZONE)
        .fact("status", d.status())
        .fact("last_modified_time", time(Some(d.last_modified_time())))
        .fact("connection_mode", d.connection_mode().map(|m| m.as_str()));
    let unread = ["config.default_root_object", "config.logging_config", "config.continuous_deployment_policy_id", "facts.etag"];
    let request = scan.cloudfront().get_distribution_config().id(id).send();
    match scan.detail(&mut r, "cloudfront:GetDistributionConfig", &unread, request).await {
        Detail::Got(answer) => {
            let config = answer.distribution_config();
            let present = |text: Option<&str>| text.filter(|t| !t.is_empty()).map(str::to_owned);
            // A log is off when it has no bucket; logs of the second version are kept by CloudWatch Logs and not told here.
            let logging = config.and_then(|c| c.logging()).filter(|l| !l.bucket().is_empty());
            r.set("default_root_object", present(config.and_then(|c| c.default_root_object())))
                .set("continuous_deployment_policy_id", present(config.and_then(|c| c.continuous_deployment_policy_id())))
                .set(
                    "logging_config",
                    block(logging.map(|l| json!({ "bucket": l.bucket(), "include_cookies": l.include_cookies(), "prefix": l.prefix() }))),
                );
            r.fact("etag", answer.e_tag());
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
    use crate::estate::Outcome;

    const LIST: &str = r#"<DistributionList xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Marker></Marker><MaxItems>100</MaxItems><IsTruncated>false</IsTruncated><Quantity>1</Quantity><Items><DistributionSummary>
        <Id>E2EXO</Id><ARN>arn:aws:cloudfront::123456789012:distribution/E2EXO</ARN><Status>Deployed</Status><LastModifiedTime>2024-11-10T08:00:00Z</LastModifiedTime><DomainName>d111.cloudfront.net</DomainName>
        <Aliases><Quantity>2</Quantity><Items><CNAME>www.exo.example</CNAME><CNAME>app.exo.example</CNAME></Items></Aliases>
        <Origins><Quantity>2</Quantity><Items>
          <Origin><Id>s3</Id><DomainName>exo-live-media.s3.eu-west-3.amazonaws.com</DomainName><OriginPath></OriginPath><CustomHeaders><Quantity>0</Quantity></CustomHeaders><S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig><ConnectionAttempts>3</ConnectionAttempts><ConnectionTimeout>10</ConnectionTimeout><OriginShield><Enabled>false</Enabled></OriginShield><OriginAccessControlId>E3OAC</OriginAccessControlId></Origin>
          <Origin><Id>api</Id><DomainName>exo-live-1.eu-west-3.elb.amazonaws.com</DomainName><OriginPath>/v1</OriginPath><CustomHeaders><Quantity>1</Quantity><Items><OriginCustomHeader><HeaderName>X-From</HeaderName><HeaderValue>edge</HeaderValue></OriginCustomHeader></Items></CustomHeaders>
            <CustomOriginConfig><HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort><OriginProtocolPolicy>http-only</OriginProtocolPolicy><OriginSslProtocols><Quantity>2</Quantity><Items><SslProtocol>TLSv1.2</SslProtocol><SslProtocol>TLSv1</SslProtocol></Items></OriginSslProtocols><OriginReadTimeout>30</OriginReadTimeout><OriginKeepaliveTimeout>5</OriginKeepaliveTimeout></CustomOriginConfig></Origin></Items></Origins>
        <OriginGroups><Quantity>0</Quantity></OriginGroups>
        <DefaultCacheBehavior><TargetOriginId>s3</TargetOriginId><TrustedSigners><Enabled>false</Enabled><Quantity>0</Quantity></TrustedSigners><ViewerProtocolPolicy>allow-all</ViewerProtocolPolicy>
          <AllowedMethods><Quantity>2</Quantity><Items><Method>HEAD</Method><Method>GET</Method></Items><CachedMethods><Quantity>2</Quantity><Items><Method>HEAD</Method><Method>GET</Method></Items></CachedMethods></AllowedMethods>
          <SmoothStreaming>false</SmoothStreaming><Compress>true</Compress><FunctionAssociations><Quantity>1</Quantity><Items><FunctionAssociation><FunctionARN>arn:fn</FunctionARN><EventType>viewer-request</EventType></FunctionAssociation></Items></FunctionAssociations>
          <FieldLevelEncryptionId></FieldLevelEncryptionId><CachePolicyId>658327ea-f89d-4fab-a63d-7e88639e58f6</CachePolicyId></DefaultCacheBehavior>
        <CacheBehaviors><Quantity>1</Quantity><Items><CacheBehavior><PathPattern>/api/*</PathPattern><TargetOriginId>api</TargetOriginId><ViewerProtocolPolicy>https-only</ViewerProtocolPolicy>
          <AllowedMethods><Quantity>1</Quantity><Items><Method>GET</Method></Items><CachedMethods><Quantity>1</Quantity><Items><Method>GET</Method></Items></CachedMethods></AllowedMethods>
          <ForwardedValues><QueryString>true</QueryString><Cookies><Forward>whitelist</Forward><WhitelistedNames><Quantity>1</Quantity><Items><Name>session</Name></Items></WhitelistedNames></Cookies><Headers><Quantity>1</Quantity><Items><Name>Authorization</Name></Items></Headers><QueryStringCacheKeys><Quantity>0</Quantity></QueryStringCacheKeys></ForwardedValues><MinTTL>0</MinTTL><DefaultTTL>60</DefaultTTL><MaxTTL>120</MaxTTL></CacheBehavior></Items></CacheBehaviors>
        <CustomErrorResponses><Quantity>1</Quantity><Items><CustomErrorResponse><ErrorCode>404</ErrorCode><ResponsePagePath>/index.html</ResponsePagePath><ResponseCode>200</ResponseCode><ErrorCachingMinTTL>10</ErrorCachingMinTTL></CustomErrorResponse></Items></CustomErrorResponses>
        <Comment>app</Comment><PriceClass>PriceClass_100</PriceClass><Enabled>true</Enabled><ViewerCertificate><ACMCertificateArn>arn:cert</ACMCertificateArn><SSLSupportMethod>sni-only</SSLSupportMethod><MinimumProtocolVersion>TLSv1</MinimumProtocolVersion><CloudFrontDefaultCertificate>false</CloudFrontDefaultCertificate></ViewerCertificate>
        <Restrictions><GeoRestriction><RestrictionType>none</RestrictionType><Quantity>0</Quantity></GeoRestriction></Restrictions><WebACLId></WebACLId><HttpVersion>HTTP2</HttpVersion><IsIPV6Enabled>true</IsIPV6Enabled><Staging>false</Staging>
        </DistributionSummary></Items></DistributionList>"#;

    const CONFIG: &str = r#"<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><CallerReference>c</CallerReference><DefaultRootObject>index.html</DefaultRootObject><Origins><Quantity>0</Quantity><Items/></Origins><Comment>app</Comment><Enabled>true</Enabled>
        <Logging><Enabled>true</Enabled><IncludeCookies>false</IncludeCookies><Bucket>exo-logs.s3.amazonaws.com</Bucket><Prefix>cdn/</Prefix></Logging></DistributionConfig>"#;

    const CACHE: &str = r#"<CachePolicyList xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><MaxItems>100</MaxItems><Quantity>3</Quantity><Items>
        <CachePolicySummary><Type>managed</Type><CachePolicy><Id>658327ea-f89d-4fab-a63d-7e88639e58f6</Id><LastModifiedTime>2020-07-22T16:51:08Z</LastModifiedTime><CachePolicyConfig><Name>Managed-CachingOptimized</Name><MinTTL>1</MinTTL></CachePolicyConfig></CachePolicy></CachePolicySummary>
        <CachePolicySummary><Type>managed</Type><CachePolicy><Id>unused</Id><LastModifiedTime>2020-07-22T16:51:08Z</LastModifiedTime><CachePolicyConfig><Name>Managed-CachingDisabled</Name><MinTTL>0</MinTTL></CachePolicyConfig></CachePolicy></CachePolicySummary>
        <CachePolicySummary><Type>custom</Type><CachePolicy><Id>own</Id><LastModifiedTime>2024-07-22T16:51:08Z</LastModifiedTime><CachePolicyConfig><Name>per-language</Name><Comment></Comment><MinTTL>1</MinTTL><DefaultTTL>60</DefaultTTL><MaxTTL>600</MaxTTL>
          <ParametersInCacheKeyAndForwardedToOrigin><EnableAcceptEncodingGzip>true</EnableAcceptEncodingGzip><HeadersConfig><HeaderBehavior>whitelist</HeaderBehavior><Headers><Quantity>1</Quantity><Items><Name>Accept-Language</Name></Items></Headers></HeadersConfig><CookiesConfig><CookieBehavior>none</CookieBehavior></CookiesConfig><QueryStringsConfig><QueryStringBehavior>all</QueryStringBehavior></QueryStringsConfig></ParametersInCacheKeyAndForwardedToOrigin></CachePolicyConfig></CachePolicy></CachePolicySummary></Items></CachePolicyList>"#;
    const REQUEST: &str = r#"<OriginRequestPolicyList xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><MaxItems>100</MaxItems><Quantity>1</Quantity><Items><OriginRequestPolicySummary><Type>custom</Type><OriginRequestPolicy><Id>orp</Id><LastModifiedTime>2024-07-22T16:51:08Z</LastModifiedTime><OriginRequestPolicyConfig><Name>all</Name>
        <HeadersConfig><HeaderBehavior>allViewer</HeaderBehavior></HeadersConfig><CookiesConfig><CookieBehavior>all</CookieBehavior></CookiesConfig><QueryStringsConfig><QueryStringBehavior>all</QueryStringBehavior></QueryStringsConfig></OriginRequestPolicyConfig></OriginRequestPolicy></OriginRequestPolicySummary></Items></OriginRequestPolicyList>"#;
    const HEADERS: &str = r#"<ResponseHeadersPolicyList xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><MaxItems>100</MaxItems><Quantity>1</Quantity><Items><ResponseHeadersPolicySummary><Type>custom</Type><ResponseHeadersPolicy><Id>rhp</Id><LastModifiedTime>2024-07-22T16:51:08Z</LastModifiedTime><ResponseHeadersPolicyConfig><Name>strict</Name>
        <CorsConfig><AccessControlAllowOrigins><Quantity>1</Quantity><Items><Origin>*</Origin></Items></AccessControlAllowOrigins><AccessControlAllowHeaders><Quantity>1</Quantity><Items><Header>*</Header></Items></AccessControlAllowHeaders><AccessControlAllowMethods><Quantity>1</Quantity><Items><Method>GET</Method></Items></AccessControlAllowMethods><AccessControlAllowCredentials>false</AccessControlAllowCredentials><OriginOverride>true</OriginOverride></CorsConfig>
        <SecurityHeadersConfig><StrictTransportSecurity><Override>true</Override><IncludeSubdomains>true</IncludeSubdomains><AccessControlMaxAgeSec>31536000</AccessControlMaxAgeSec></StrictTransportSecurity></SecurityHeadersConfig></ResponseHeadersPolicyConfig></ResponseHeadersPolicy></ResponseHeadersPolicySummary></Items></ResponseHeadersPolicyList>"#;

    #[test]
    fn a_distribution_and_the_policies_around_it() {
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("cloudfront:ListDistributions", 200, LIST),
                ("cloudfront:GetDistributionConfig", 200, CONFIG),
                ("cloudfront:ListCachePolicies", 200, CACHE),
                ("cloudfront:ListOriginRequestPolicies", 200, REQUEST),
                ("cloudfront:ListResponseHeadersPolicies", 200, HEADERS),
            ],
        );
        assert!(ledger.iter().all(|e| e.outcome == Outcome::Done), "{ledger:?}");
        let find = |kind: &str| all.iter().find(|r| r.kind == kind).unwrap_or_else(|| panic!("{kind}"));
        let d = find("aws_cloudfront_distribution");
        assert_eq!((d.id.as_str(), d.name.as_deref(), d.region.as_str()), ("E2EXO", Some("app.exo.example"), "global"));
        assert_eq!(d.str("config.http_version"), Some("http2"));
        assert_eq!(d.config["web_acl_id"], Value::Null);
        let origin = |id: &str| d.config["origin"].as_array().unwrap().iter().find(|o| o["origin_id"] == id).unwrap();
        assert_eq!(origin("s3")["origin_access_control_id"], "E3OAC");
        assert_eq!(origin("s3")["s3_origin_config"], json!([]));
        assert_eq!(origin("api")["custom_origin_config"][0]["origin_ssl_protocols"], json!(["TLSv1", "TLSv1.2"]));
        assert_eq!(origin("api")["custom_header"], json!([{ "name": "X-From", "value": "edge" }]));
        assert_eq!(d.strings("config.default_cache_behavior.0.allowed_methods"), ["GET", "HEAD"]);
        assert_eq!(d.get("config.default_cache_behavior.0.forwarded_values"), Some(&json!([])));
        assert_eq!(d.strings("config.ordered_cache_behavior.0.forwarded_values.0.cookies.0.whitelisted_names"), ["session"]);
        assert_eq!(d.get("config.custom_error_response.0.response_code"), Some(&json!(200)));
        assert_eq!(d.str("config.logging_config.0.bucket"), Some("exo-logs.s3.amazonaws.com"));
        assert_eq!(d.str("config.viewer_certificate.0.minimum_protocol_version"), Some("TLSv1"));
        let own = find("aws_cloudfront_cache_policy");
        let key = "config.parameters_in_cache_key_and_forwarded_to_origin.0";
        assert_eq!(own.strings(&format!("{key}.headers_config.0.headers.0.items")), ["Accept-Language"]);
        assert_eq!(own.get(&format!("{key}.cookies_config.0.cookies")), Some(&json!([])));
        assert_eq!(find("aws_cloudfront_origin_request_policy").str("config.headers_config.0.header_behavior"), Some("allViewer"));
        let headers = find("aws_cloudfront_response_headers_policy");
        assert_eq!(
            headers.get("config.security_headers_config.0.strict_transport_security.0.access_control_max_age_sec"),
            Some(&json!(31_536_000))
        );
        assert_eq!(headers.strings("config.cors_config.0.access_control_allow_origins.0.items"), ["*"]);
        let managed: Vec<&str> = all.iter().filter(|r| r.is_pseudo()).filter_map(|r| r.name.as_deref()).collect();
        assert_eq!(managed, ["Managed-CachingOptimized"], "only what is in use");
    }

    #[test]
    fn what_the_listing_lacks_is_unread_when_refused() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, ledger) = collect(
            &COLLECTOR,
            &[
                ("cloudfront:ListDistributions", 200, LIST),
                ("cloudfront:GetDistributionConfig", 403, denied),
                ("cloudfront:ListCachePolicies", 403, denied),
                ("cloudfront:ListOriginRequestPolicies", 403, denied),
                ("cloudfront:ListResponseHeadersPolicies", 403, denied),
            ],
        );
        assert_eq!(all.len(), 1);
        assert!(all[0].unread["config.logging_config"].starts_with("denied"));
        assert_eq!(all[0].config["enabled"], true);
        assert!(ledger.iter().any(|e| e.call == "cloudfront:ListCachePolicies" && e.outcome == Outcome::Denied));
        let (all, _) = collect(&COLLECTOR, &[("cloudfront:ListDistributions", 403, denied)]);
        assert!(all.is_empty());
    }

    #[test]
    fn an_account_without_distributions() {
        let none = r#"<DistributionList xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Marker></Marker><MaxItems>100</MaxItems><IsTruncated>false</IsTruncated><Quantity>0</Quantity></DistributionList>"#;
        let (all, _) = collect(&COLLECTOR, &[("cloudfront:ListDistributions", 200, none)]);
        assert!(all.is_empty());
    }
}
