"""Route 53."""

import moto.route53.models as route53

from .tools import around


def only_reusable_sets_are_listed():
    """route53:ListReusableDelegationSets: AWS lists those that were made as such; moto that of every zone, without an id."""

    @around(route53.Route53Backend, "list_reusable_delegation_sets")
    def listed(original, self):
        return [s for s in original(self) if s.id]


REPAIRS = [only_reusable_sets_are_listed]
