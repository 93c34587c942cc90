//! Placement groups and reserved capacity.

use crate::aws::collector::{Collector, Scope, list};
use crate::aws::ec2_tags;
use crate::aws::scan::Scan;
use crate::aws::value::time;

const GROUPS: &str = "ec2:DescribePlacementGroups";
const RESERVATIONS: &str = "ec2:DescribeCapacityReservations";

/// `aws_placement_group` and `aws_ec2_capacity_reservation`.
pub const COLLECTOR: Collector = Collector {
    types: &["aws_placement_group", "aws_ec2_capacity_reservation"],
    calls: &[list(GROUPS).yields(&["aws_placement_group"]), list(RESERVATIONS).yields(&["aws_ec2_capacity_reservation"])],
    scope: Scope::Regional,
    collect: |scan| Box::pin(collect(scan)),
};

async fn collect(scan: &Scan<'_>) {
    let request = scan.ec2().describe_placement_groups().send();
    for g in scan.list_once(GROUPS, request, |a| a.placement_groups.unwrap_or_default()).await {
        let Some(name) = g.group_name() else { continue };
        if g.state().is_some_and(|s| matches!(s.as_str(), "deleting" | "deleted")) {
            continue;
        }
        let mut r = scan.resource("aws_placement_group", name);
        r.arn = g.group_arn().map(str::to_owned);
        r.name = Some(name.into());
        ec2_tags(&mut r, g.tags());
        r.set("name", name)
            .set("strategy", g.strategy().map(|s| s.as_str()))
            .set("partition_count", g.partition_count())
            .set("spread_level", g.spread_level().map(|s| s.as_str()));
        r.fact("placement_group_id", g.group_id());
        scan.emit(r);
    }
    let pages = scan.ec2().describe_capacity_reservations().into_paginator().page_size(1000).send();
    for c in scan.list(RESERVATIONS, pages, |p| p.capacity_reservations.unwrap_or_default()).await {
        let Some(id) = c.capacity_reservation_id() else { continue };
        let state = c.state().map(|s| s.as_str());
        let shared = c.owner_id().is_some_and(|o| o != scan.session.account);
        if shared || matches!(state, Some("expired" | "cancelled" | "failed" | "payment-failed")) {
            continue;
        }
        let mut r = scan.resource("aws_ec2_capacity_reservation", id);
        r.arn = c.capacity_reservation_arn().map(str::to_owned);
        ec2_tags(&mut r, c.tags());
        r.set("availability_zone", c.availability_zone())
            .set("instance_type", c.instance_type())
            .set("instance_platform", c.instance_platform().map(|p| p.as_str()))
            .set("instance_count", c.total_instance_count())
            .set("instance_match_criteria", c.instance_match_criteria().map(|m| m.as_str()))
            .set("tenancy", c.tenancy().map(|t| t.as_str()))
            .set("ebs_optimized", c.ebs_optimized())
            .set("ephemeral_storage", c.ephemeral_storage())
            .set("end_date_type", c.end_date_type().map(|t| t.as_str()))
            .set("end_date", time(c.end_date()))
            .set("outpost_arn", c.outpost_arn())
            .set("placement_group_arn", c.placement_group_arn());
        r.fact("state", state).fact("available_instance_count", c.available_instance_count());
        scan.emit(r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{EC2_DENIED, assert_complete, collect, ec2};
    use crate::estate::Outcome;

    fn groups() -> String {
        ec2(
            "DescribePlacementGroups",
            "<placementGroupSet><item><groupName>spread</groupName><groupId>pg-1</groupId><groupArn>arn:aws:ec2:eu-west-3:123456789012:placement-group/spread</groupArn><strategy>spread</strategy><spreadLevel>rack</spreadLevel><state>available</state></item></placementGroupSet>",
        )
    }

    #[test]
    fn a_group_and_a_reservation_that_is_paid_for() {
        let reserved = ec2(
            "DescribeCapacityReservations",
            "<capacityReservationSet><item><capacityReservationId>cr-1</capacityReservationId><ownerId>123456789012</ownerId><capacityReservationArn>arn:aws:ec2:eu-west-3:123456789012:capacity-reservation/cr-1</capacityReservationArn><instanceType>m5.large</instanceType><instancePlatform>Linux/UNIX</instancePlatform><availabilityZone>eu-west-3a</availabilityZone><tenancy>default</tenancy><totalInstanceCount>2</totalInstanceCount><availableInstanceCount>2</availableInstanceCount><ebsOptimized>true</ebsOptimized><ephemeralStorage>false</ephemeralStorage><state>active</state><endDateType>unlimited</endDateType><instanceMatchCriteria>open</instanceMatchCriteria></item>\
             <item><capacityReservationId>cr-2</capacityReservationId><ownerId>123456789012</ownerId><state>cancelled</state></item></capacityReservationSet>",
        );
        let (all, _) = collect(&COLLECTOR, &[(GROUPS, 200, &groups()), (RESERVATIONS, 200, &reserved)]);
        assert_complete(&all);
        assert_eq!(all.len(), 2);
        assert_eq!((&all[0].config["instance_count"], &all[0].facts["available_instance_count"]), (&2.into(), &2.into()));
        assert_eq!((all[1].id.as_str(), all[1].str("config.spread_level")), ("spread", Some("rack")));
    }

    #[test]
    fn a_refusal_is_a_gap_of_its_own_type() {
        let (all, ledger) = collect(&COLLECTOR, &[(GROUPS, 200, &groups()), (RESERVATIONS, 403, EC2_DENIED)]);
        assert_eq!(all.len(), 1);
        let gap = ledger.iter().find(|e| e.outcome == Outcome::Denied).unwrap();
        assert_eq!(gap.types, ["aws_ec2_capacity_reservation"]);
    }
}
