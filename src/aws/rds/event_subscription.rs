//! Subscriptions to events of databases.

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::scan::Scan;
use crate::aws::value::set;

/// `aws_db_event_subscription`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_db_event_subscription"],
    calls: &[list("rds:DescribeEventSubscriptions")],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let pages = scan.rds().describe_event_subscriptions().into_paginator().send();
    for one in scan.list("rds:DescribeEventSubscriptions", pages, |p| p.event_subscriptions_list.unwrap_or_default()).await {
        let Some(name) = one.cust_subscription_id() else { continue };
        let mut r = scan.resource("aws_db_event_subscription", name);
        r.arn = one.event_subscription_arn().map(str::to_owned);
        r.name = Some(name.into());
        scan.bulk_tags(&mut r).await;
        r.set("name", name)
            .set("enabled", one.enabled())
            .set("event_categories", set(one.event_categories_list()))
            .set("sns_topic", one.sns_topic_arn())
            .set("source_ids", set(one.source_ids_list()))
            .set("source_type", one.source_type());
        r.fact("status", one.status());
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::collect;
    use crate::estate::Outcome;

    #[test]
    fn a_subscription() {
        let body = r#"<DescribeEventSubscriptionsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeEventSubscriptionsResult><EventSubscriptionsList><EventSubscription>
            <CustSubscriptionId>failures</CustSubscriptionId><SnsTopicArn>arn:aws:sns:eu-west-3:123456789012:ops</SnsTopicArn><Enabled>true</Enabled><SourceType>db-instance</SourceType><Status>no-permission</Status>
            <EventCategoriesList><EventCategory>failure</EventCategory><EventCategory>failover</EventCategory></EventCategoriesList><SourceIdsList><SourceId>shop</SourceId></SourceIdsList>
            </EventSubscription></EventSubscriptionsList></DescribeEventSubscriptionsResult></DescribeEventSubscriptionsResponse>"#;
        let (all, _) = collect(&COLLECTOR, &[("rds:DescribeEventSubscriptions", 200, body)]);
        assert_eq!(all[0].strings("config.event_categories"), ["failover", "failure"]);
        assert_eq!(all[0].facts["status"], "no-permission");
    }

    #[test]
    fn a_refused_listing_is_a_gap() {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let (all, ledger) = collect(&COLLECTOR, &[("rds:DescribeEventSubscriptions", 403, denied)]);
        assert!(all.is_empty() && ledger[0].outcome == Outcome::Denied);
    }
}
