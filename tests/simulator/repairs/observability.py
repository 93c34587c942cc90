"""CloudTrail, CloudWatch Logs, SNS."""

import moto.cloudtrail.models as cloudtrail
import moto.logs.models as logs
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


def log_groups_have_a_class():
    """logs:DescribeLogGroups: AWS answers logGroupClass always; moto never."""

    @around(logs.LogGroup, "to_describe_dict")
    def to_describe_dict(original, self):
        return {"logGroupClass": getattr(self, "log_group_class", None) or "STANDARD", **original(self), "metricFilterCount": len(getattr(self, "metric_filters", None) or [])}


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


REPAIRS = [event_selectors, log_groups_have_a_class, topics_without_a_delivery_policy]
