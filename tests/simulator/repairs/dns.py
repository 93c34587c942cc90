"""Route 53."""

import moto.route53.models as route53
import moto.route53.responses as responses

from .tools import around


def only_reusable_sets_are_listed():
    """route53:ListReusableDelegationSets: AWS lists those that were made as such; moto that of every zone, without an id."""

    @around(route53.Route53Backend, "list_reusable_delegation_sets")
    def listed(original, self):
        return [s for s in original(self) if s.id]


def whole_health_checks():
    """route53:GetHealthCheck, ListHealthChecks: moto forgets the alarm that a check follows, and writes a port, an interval and a threshold of
    failures for one that asks nothing itself."""

    @around(responses.Route53, "create_health_check")
    def made(original, self):
        answer = original(self)
        config = self._get_param("HealthCheckConfig")
        list(self.backend.health_checks.values())[-1].follows = {k: config[k] for k in ("AlarmIdentifier", "InsufficientDataHealthStatus") if k in config}
        return answer

    plain = route53.HealthCheck.health_check_config.fget

    def told(self):
        config = plain(self) | getattr(self, "follows", {})
        for name in ("Port", "RequestInterval", "FailureThreshold", "MeasureLatency", "EnableSNI") if self.type_ == "CLOUDWATCH_METRIC" else ():
            config.pop(name, None)
        return config

    route53.HealthCheck.health_check_config = property(told)


REPAIRS = [only_reusable_sets_are_listed, whole_health_checks]
