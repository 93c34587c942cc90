"""Systems Manager, budgets, and routes of transit gateways."""

import moto.budgets.models as budgets
import moto.ec2.models.transit_gateway as gateways
import moto.ec2.models.transit_gateway_route_tables as gateway_tables
import moto.ssm.models as ssm

from .tools import after, around


def targets_keep_their_owner():
    """ssm:DescribeMaintenanceWindowTargets: moto answers an empty OwnerInformation, and no target for the filter WindowTargetId."""

    @around(ssm.FakeMaintenanceWindowTarget, "to_json")
    def told(original, self):
        answer = original(self)
        answer["OwnerInformation"] = self.owner_information or ""
        return {k: v for k, v in answer.items() if v is not None}

    @around(ssm.SimpleSystemManagerBackend, "describe_maintenance_window_targets")
    def listed(original, self, window_id, filters):
        wanted = [v for f in filters or [] if f["Key"] == "WindowTargetId" for v in f["Values"]]
        rest = [f for f in filters or [] if f["Key"] != "WindowTargetId"]
        return [t for t in original(self, window_id, rest) if not wanted or t.window_target_id in wanted]


def tasks_have_a_type():
    """ssm:DescribeMaintenanceWindowTasks: AWS calls it Type; moto TaskType, as in the answer for one task."""

    @around(ssm.FakeMaintenanceWindowTask, "to_json")
    def told(original, self):
        return {"Type": self.task_type, **original(self)}


def default_documents():
    """ssm:GetDocument: moto knows no version $DEFAULT."""

    @around(ssm.Documents, "find")
    def find(original, self, document_version=None, *args, **kwargs):
        return original(self, None if document_version == "$DEFAULT" else document_version, *args, **kwargs)


def budgets_count_by_default():
    """budgets:DescribeBudget: what a budget does not say of its cost types is as by default; moto answers only what was said."""

    @around(budgets.Budget, "to_dict")
    def told(original, self):
        answer = original(self)
        if answer.get("CostTypes") is not None:
            what = ("Credit", "Discount", "OtherSubscription", "Recurring", "Refund", "Subscription", "Support", "Tax", "Upfront")
            answer["CostTypes"] = {**{f"Include{w}": True for w in what}, "UseAmortized": False, "UseBlended": False, **answer["CostTypes"]}
        return answer


def baselines_have_tags():
    """ssm:ListTagsForResource: moto knows no patch baselines there."""

    @around(ssm.SimpleSystemManagerBackend, "_validate_resource_type_and_id")
    def known(original, self, resource_type, resource_id):
        if resource_type == "PatchBaseline" and resource_id in self.baselines:
            return resource_id
        return original(self, resource_type, resource_id)


def routes_can_be_bounded():
    """ec2:SearchTransitGatewayRoutes: moto crashes on MaxResults and loses the attachment that a route leads to."""

    @around(gateway_tables.TransitGatewayRouteTableBackend, "search_transit_gateway_routes")
    def search(original, self, transit_gateway_route_table_id, filters, max_results=None):
        routes = [dict(r) for r in original(self, transit_gateway_route_table_id, filters)]
        for route in routes:
            if isinstance(route.get("transitGatewayAttachments"), dict):
                route["transitGatewayAttachments"] = [route["transitGatewayAttachments"]]
        return routes[: int(max_results or 1000)]


def gateways_know_of_groups():
    """ec2:DescribeTransitGateways: AWS answers SecurityGroupReferencingSupport, `disable` unless asked for; moto does not."""

    @after(gateways.TransitGateway, "__init__")
    def made(self, *args, **kwargs):
        self.options.setdefault("SecurityGroupReferencingSupport", "disable")


REPAIRS = [targets_keep_their_owner, tasks_have_a_type, default_documents, budgets_count_by_default, baselines_have_tags, routes_can_be_bounded, gateways_know_of_groups]
