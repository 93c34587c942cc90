//! Which standards and products a hub listens to.

use serde_json::json;

use crate::aws::scan::Scan;
use crate::aws::value::text;

/// The standards that are on.
pub const STANDARDS: &str = "securityhub:GetEnabledStandards";
/// The products whose findings come in.
pub const PRODUCTS: &str = "securityhub:ListEnabledProductsForImport";

/// Reads both. Only asked where a hub is.
pub async fn collect(scan: &Scan<'_>) {
    for s in scan.rest_post_list(STANDARDS, "/standards/get", json!({ "MaxResults": 100 }), "StandardsSubscriptions", "NextToken").await {
        let (Some(id), Some(standard)) = (text(&s, "StandardsSubscriptionArn"), text(&s, "StandardsArn")) else { continue };
        let mut r = scan.resource("aws_securityhub_standards_subscription", id);
        r.arn = Some(id.into());
        // arn:aws:securityhub:eu-west-3::standards/cis-aws-foundations-benchmark/v/3.0.0
        r.name = standard.split_once('/').map(|(_, name)| name.to_owned());
        r.set("standards_arn", standard);
        r.fact("status", text(&s, "StandardsStatus"));
        scan.emit(r);
    }
    for arn in scan.rest_list(PRODUCTS, "/productSubscriptions?MaxResults=100", "ProductSubscriptions", "NextToken", "NextToken").await {
        let Some(subscription) = arn.as_str() else { continue };
        // …:123456789012:product-subscription/aws/guardduty listens to …::product/aws/guardduty
        let Some((head, product)) = subscription.split_once(":product-subscription/") else { continue };
        let Some((before, _account)) = head.rsplit_once(':') else { continue };
        let product_arn = format!("{before}::product/{product}");
        let mut r = scan.resource("aws_securityhub_product_subscription", &format!("{product_arn},{subscription}"));
        r.arn = Some(subscription.into());
        r.name = Some(product.into());
        r.set("product_arn", product_arn);
        scan.emit(r);
    }
}
