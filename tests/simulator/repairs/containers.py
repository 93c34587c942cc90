"""Containers and what scales them."""

import moto.autoscaling.models as scaling
import moto.ec2.models.elastic_network_interfaces as interfaces
import moto.ecs.models as ecs
import moto.ecs.responses as responses
import moto.route53.models as zones
import moto.servicediscovery.models as maps

from .tools import ACCOUNT, after, around

Answers = responses.EC2ContainerServiceResponse


def whole_services():
    """ecs:DescribeServices: moto forgets the deployment configuration, placement, health check grace period, managed tags,
    execute command, rebalancing, service connect, volumes and the capacity provider strategy, answers an empty network
    configuration where there is none (the Terraform provider crashes on it), and never runs a task; AWS answers all of them,
    and runs what was asked for (unless a population says otherwise, `history`)."""

    def fill(service, given):
        if "deploymentConfiguration" in given or not hasattr(service, "deployment_configuration"):
            daemon = service.scheduling_strategy == "DAEMON"
            service.deployment_configuration = {
                "deploymentCircuitBreaker": {"enable": False, "rollback": False},
                "maximumPercent": 100 if daemon else 200,
                "minimumHealthyPercent": 0 if daemon else 100,
                "strategy": "ROLLING",
                "bakeTimeInMinutes": 0,
                **(given.get("deploymentConfiguration") or {}),
            }
        service.health_check_grace_period_seconds = given.get("healthCheckGracePeriodSeconds", getattr(service, "health_check_grace_period_seconds", 0))
        service.enable_ecs_managed_tags = given.get("enableECSManagedTags", getattr(service, "enable_ecs_managed_tags", False))
        service.enable_execute_command = given.get("enableExecuteCommand", getattr(service, "enable_execute_command", False))
        service.availability_zone_rebalancing = given.get("availabilityZoneRebalancing", getattr(service, "availability_zone_rebalancing", "DISABLED"))
        service.placement_constraints = given.get("placementConstraints", getattr(service, "placement_constraints", []))
        service.placement_strategy = given.get("placementStrategy", getattr(service, "placement_strategy", []))
        if given.get("capacityProviderStrategy"):
            service.capacity_provider_strategy = [{"base": 0, "weight": 0, **s} for s in given["capacityProviderStrategy"]]
            service.launch_type = None
        on_fargate = service.launch_type == "FARGATE" or "FARGATE" in str(getattr(service, "capacity_provider_strategy", ""))
        service.platform_version = service.platform_version or ("LATEST" if on_fargate else None)
        service.platform_family = "Linux" if on_fargate else None
        service.role_arn = service.role_arn or f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
        service.network_configuration = service.network_configuration or None
        vpc = (service.network_configuration or {}).get("awsvpcConfiguration")
        if vpc is not None:
            vpc.setdefault("assignPublicIp", "DISABLED")
            vpc.setdefault("securityGroups", [])
        for deployment in service.deployments[:1]:
            deployment["launchType"], deployment["platformFamily"] = service.launch_type, service.platform_family
            deployment["networkConfiguration"] = service.network_configuration
            for name in ("serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations"):
                if name in given:
                    deployment[name] = given[name]
        runs(service, service.desired_count)

    def found(answers):
        name = answers._get_param("serviceName") or answers._get_param("service")
        return answers.ecs_backend.describe_services(answers._get_param("cluster", "default"), [name])[0][0]

    for operation in ("create_service", "update_service"):

        @after(Answers, operation)
        def whole(self, *_args, **_kwargs):
            fill(found(self), self._get_params())


def runs(service, count, failed=0):
    """The service runs so many tasks."""
    service.running_count, service.pending_count = count, max(service.desired_count - count, 0)
    for deployment in service.deployments[:1]:
        done = service.running_count >= service.desired_count
        state = "COMPLETED" if done else "IN_PROGRESS"
        deployment.update(desiredCount=service.desired_count, runningCount=count, pendingCount=service.pending_count, failedTasks=failed, rolloutState=state)
        deployment["rolloutStateReason"] = f"ECS deployment {deployment['id']} {'completed' if done else 'in progress'}."


def counted_clusters():
    """ecs:DescribeClusters: moto counts no services and only the tasks that it was told to run; AWS counts those of services."""

    @around(ecs.EC2ContainerServiceBackend, "describe_clusters")
    def describe(original, self, *args, **kwargs):
        clusters, failures = original(self, *args, **kwargs)
        for cluster in clusters:
            services = [s for key, s in self.services.items() if key.startswith(cluster.name + ":")]
            alone = [t for t in self.tasks.get(cluster.name, {}).values() if t.desired_status == "RUNNING" and not t.group.startswith("service:")]
            cluster.active_services_count = len(services)
            cluster.running_tasks_count = sum(s.running_count for s in services) + len(alone)
            cluster.pending_tasks_count = sum(s.pending_count for s in services)
        return clusters, failures


def whole_definitions():
    """ecs:DescribeTaskDefinition: moto knows no registration date and no fault injection."""

    @around(Answers, "register_task_definition")
    def register(original, self, *args, **kwargs):
        result = original(self, *args, **kwargs)
        families = self.ecs_backend.task_definitions[self._get_param("family")]
        newest = families[max(families)]
        newest.registered_by = f"arn:aws:iam::{ACCOUNT}:user/surveyor"
        newest.registered_at = 1735720000
        newest.enable_fault_injection = bool(self._get_param("enableFaultInjection"))
        return result


def tasks_with_interfaces():
    """ecs:RunTask: moto crashes on the host name of the task's interface where the VPC gives none."""

    interfaces.NetworkInterface.private_dns_name = None


def capacity_providers():
    """ecs:DescribeCapacityProviders: moto crashes without names; AWS lists the account's and its own two. moto leaves out
    managed draining and the defaults of managed scaling."""

    @around(ecs.EC2ContainerServiceBackend, "describe_capacity_providers")
    def describe(original, self, names):
        found, failures = original(self, names or list(self.capacity_providers))
        for provider in found:
            group = provider.auto_scaling_group_provider
            group.setdefault("managedDraining", "ENABLED")
            group.setdefault("managedTerminationProtection", "DISABLED")
            group["managedScaling"] = {"status": "DISABLED", "targetCapacity": 100, "minimumScalingStepSize": 1, "maximumScalingStepSize": 10000, "instanceWarmupPeriod": 300, **group.get("managedScaling", {})}
        own = [{"capacityProviderArn": f"arn:aws:ecs:{self.region_name}:{ACCOUNT}:capacity-provider/{n}", "name": n, "status": "ACTIVE", "tags": []} for n in ("FARGATE", "FARGATE_SPOT")]
        return (found if names else found + own), failures


def hooks_and_policies():
    """autoscaling:DescribeLifecycleHooks: moto invents a target and a role where none was given. autoscaling:DescribePolicies: moto says that policies
    are off and answers an empty forecast; AWS says that they are on, and leaves the forecast out."""

    @after(scaling.LifecycleHook, "__init__")
    def hook(self, *_args, **_kwargs):
        self.notification_target_arn = self.role_arn = None

    @after(scaling.FakeScalingPolicy, "__init__")
    def policy(self, *_args, **_kwargs):
        self.enabled = True
        self.predictive_scaling_configuration = self.predictive_scaling_configuration or None


def whole_groups():
    """autoscaling:DescribeAutoScalingGroups: moto answers empty structures where AWS answers its defaults."""

    @after(scaling.FakeAutoScalingGroup, "__init__")
    def init(self, *_args, **_kwargs):
        self.availability_zone_distribution = {"CapacityDistributionStrategy": "balanced-best-effort"}
        self.capacity_reservation_specification = {"CapacityReservationPreference": "default"}
        if self.mixed_instances_policy:
            self.mixed_instances_policy.setdefault("InstancesDistribution", {}).setdefault("OnDemandAllocationStrategy", "prioritized")


def zones_of_namespaces():
    """servicediscovery:CreatePrivateDnsNamespace, CreatePublicDnsNamespace: the hosted zone that moto makes is called name-hz, belongs to no VPC, and
    nothing says that Cloud Map keeps it."""

    def kept(backend):
        namespace = list(backend.namespaces.values())[-1]
        zone = zones.route53_backends[backend.account_id]["aws"].get_hosted_zone(namespace.dns_properties["HostedZoneId"].split("/")[-1])
        zone.name = zone.name.replace(f"{namespace.name}-hz", namespace.name)
        zone.linked_service = {"ServicePrincipal": "servicediscovery.amazonaws.com", "Description": "Managed by AWS Cloud Map"}
        if namespace.vpc:
            zone.add_vpc(namespace.vpc, backend.region_name)

    for name in ("create_private_dns_namespace", "create_public_dns_namespace"):

        @after(maps.ServiceDiscoveryBackend, name)
        def create(self, *_args, **_kwargs):
            kept(self)


def namespaces_of_services():
    """servicediscovery:GetService: AWS names the namespace in the DNS configuration too, whichever way it was given."""

    @after(maps.Service, "__init__")
    def init(self, *_args, **_kwargs):
        if self.dns_config and self.namespace_id:
            self.dns_config.setdefault("NamespaceId", self.namespace_id)


def history(given):
    """{"services": [{"region": …, "service": "cluster/name", "running": 0, "failed": 4}]}: what services run."""
    for entry in given.get("services", []):
        backend = ecs.ecs_backends[ACCOUNT][entry["region"]]
        runs(backend.services[entry["service"].replace("/", ":")], entry["running"], entry.get("failed", 0))


REPAIRS = [whole_services, counted_clusters, whole_definitions, tasks_with_interfaces, capacity_providers, hooks_and_policies, whole_groups, zones_of_namespaces, namespaces_of_services]
