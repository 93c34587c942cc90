"""CloudTrail, CloudWatch Logs, Inspector, SNS."""

import moto.cloudtrail.models as cloudtrail
import moto.cloudwatch.models as cloudwatch
import moto.cloudwatch.responses as cloudwatch_responses
import moto.inspector2.models as inspector
import moto.logs.metric_filters as metric_filters
import moto.logs.models as logs
import moto.s3.models as s3
import moto.sns.responses as sns

from .tools import around


def event_selectors():
    """cloudtrail:GetEventSelectors: a trail without selectors has the default one on AWS (management events, read and
    write); moto answers none."""

    @around(cloudtrail.Trail, "get_event_selectors")
    def get_event_selectors(original, self):
        basic, advanced = original(self)
        if not basic and not advanced:
            basic = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}]
        return basic, advanced


def trails_say_what_they_select():
    """cloudtrail:DescribeTrails: moto says HasCustomEventSelectors and HasInsightSelectors are false whatever was put."""

    @around(cloudtrail.Trail, "description")
    def description(original, self, *args, **kwargs):
        given = original(self, *args, **kwargs)
        given["HasCustomEventSelectors"] = bool(self.event_selectors or self.advanced_event_selectors)
        given["HasInsightSelectors"] = bool(self.insight_selectors)
        return given


def log_groups_have_a_class():
    """logs:DescribeLogGroups: AWS answers logGroupClass always and counts the metric filters; moto neither."""

    @around(logs.LogGroup, "to_describe_dict")
    def to_describe_dict(original, self):
        filters = logs.logs_backends[self.account_id][self.region].filters.metric_filters
        count = sum(f["logGroupName"] == self.name for f in filters)
        return {"logGroupClass": "STANDARD", **original(self), "metricFilterCount": count}


def metric_filters_have_a_unit():
    """logs:DescribeMetricFilters: AWS answers unit "None" where none was given, and when the filter was made."""

    @around(metric_filters.MetricFilters, "add_filter")
    def add_filter(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        new = self.metric_filters[-1]
        new["creationTime"] = int(logs.unix_time_millis(logs.utcnow()))
        for transformation in new["metricTransformations"]:
            transformation.setdefault("unit", "None")


def alarms_of_alarms():
    """cloudwatch:PutCompositeAlarm: moto can list them and has no call to make them."""
    cloudwatch_responses.CloudWatchResponse.put_composite_alarm = cloudwatch_responses.CloudWatchResponse.put_metric_alarm


def bucket_metrics_in_their_region():
    """cloudwatch:ListMetrics: moto answers the sizes of all buckets in every region; AWS in the bucket's."""

    @around(cloudwatch.CloudWatchBackend, "get_all_metrics")
    def get_all_metrics(original, self):
        buckets = s3.s3_backends[self.account_id]["aws"].buckets if self.account_id in s3.s3_backends else {}

        def here(metric):
            named = [d.value for d in metric.dimensions if d.name == "BucketName"]
            bucket = buckets.get(named[0]) if named else None
            return bucket is None or (bucket.region_name or "us-east-1") == self.region_name

        return [m for m in original(self) if m.namespace != "AWS/S3" or here(m)]


def topics_without_a_delivery_policy():
    """sns:GetTopicAttributes: moto answers DeliveryPolicy "" where none is set; AWS leaves it out, and wraps the effective
    one in "http"."""

    @around(sns.SNSResponse, "get_topic_attributes")
    def get_topic_attributes(original, self):
        result = original(self)
        attributes = result.result["Attributes"] if hasattr(result, "result") else {}
        if not attributes.get("DeliveryPolicy"):
            attributes.pop("DeliveryPolicy", None)
        return result


def topics_count_subscriptions():
    """sns:GetTopicAttributes: moto counts no subscriptions, whatever there are; AWS the confirmed ones, and here all are."""

    @around(sns.SNSResponse, "get_topic_attributes")
    def get_topic_attributes(original, self):
        result = original(self)
        attributes = result.result["Attributes"]
        count = sum(s.topic_arn == attributes["TopicArn"] for s in self.backend.subscriptions.values())
        attributes["SubscriptionsConfirmed"] = str(count)
        return result


def inspector_is_off_at_first():
    """inspector2:BatchGetAccountStatus: moto answers nothing of an account that never turned Inspector on; AWS that each scan is off."""

    @around(inspector.Inspector2Backend, "batch_get_account_status")
    def batch_get_account_status(original, self, account_ids):
        for account in account_ids or []:
            if account not in self.account_status:
                self.account_status[account] = inspector.AccountStatus(account)
        return original(self, account_ids)


REPAIRS = [
    alarms_of_alarms,
    topics_count_subscriptions,
    bucket_metrics_in_their_region,
    event_selectors,
    inspector_is_off_at_first,
    log_groups_have_a_class,
    metric_filters_have_a_unit,
    topics_without_a_delivery_policy,
    trails_say_what_they_select,
]
