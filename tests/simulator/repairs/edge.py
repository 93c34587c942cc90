"""WAF."""

import moto.wafv2.models as wafv2

from .tools import around


def rate_rules_have_a_window():
    """wafv2:GetWebACL: AWS answers EvaluationWindowSec (300 unless set) in every rate-based statement; moto only what was set."""

    def fill(statement):
        if isinstance(statement, dict):
            rate = statement.get("RateBasedStatement")
            if isinstance(rate, dict):
                rate.setdefault("EvaluationWindowSec", 300)
            for value in statement.values():
                fill(value)
        elif isinstance(statement, list):
            for value in statement:
                fill(value)

    @around(wafv2.WAFV2Backend, "create_web_acl")
    def create_web_acl(original, self, *args, **kwargs):
        fill([args, kwargs])
        fill(list(args))
        fill(kwargs)
        return original(self, *args, **kwargs)


def logging_at_the_edge():
    """wafv2:ListLoggingConfigurations: moto looks for `:global:` in the ARNs of what is at the edge, where they have `:global/`."""

    @around(wafv2.WAFV2Backend, "list_logging_configurations")
    def listing(original, self, scope, **page):
        if scope != "CLOUDFRONT":
            return original(self, scope=scope, **page)
        return [found for arn, found in self.logging_configurations.items() if ":global/" in arn], None


REPAIRS = [rate_rules_have_a_window, logging_at_the_edge]
