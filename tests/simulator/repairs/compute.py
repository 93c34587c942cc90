"""Instances, images, functions."""

import moto.autoscaling.models as scaling
import moto.awslambda.models as functions
import moto.ec2.models.amis as amis
import moto.ec2.models.elastic_block_store as volumes
import moto.ec2.models.instances as instances
import moto.ec2.models.launch_templates as templates
import moto.ec2.responses.elastic_block_store as store
import moto.ec2.responses.instances as responses

from .tools import after, around


def own_images():
    """ec2:DescribeImages: moto gives an account's own images virtualisation "paravirtual", root device type "standard",
    no SR-IOV and 15 GB whatever the instance had; AWS gives what the instance runs with, one snapshot a volume."""

    @after(amis.Ami, "__init__")
    def init(self, *_args, **kwargs):
        if self.owner_id != self.ec2_backend.account_id:
            return
        self.virtualization_type, self.root_device_type, self.hypervisor = "hvm", "ebs", "xen"
        self.sriov = self.sriov_net_support = "simple"
        self.ena_support, self.architecture, self.platform_details = True, self.architecture or "x86_64", "Linux/UNIX"
        self.usage_operation, self.boot_mode = "RunInstances", None
        instance = kwargs.get("instance")
        if instance is None:
            return
        self.root_device_name = instance.root_device_name
        source = self.ec2_backend.amis.get(instance.image_id)
        self.boot_mode = source.boot_mode if source else None
        self.ebs_snapshot.description = f"Created by CreateImage({instance.id}) for {self.id}"
        root = instance.block_device_mapping.get(instance.root_device_name)
        self.volume = self.ec2_backend.get_volume(root.volume_id) if root else None
        if self.volume is not None:
            self.ebs_snapshot.volume = self.volume
            self.ebs_snapshot.encrypted = self.volume.encrypted

    def mappings(self):
        volume = getattr(self, "volume", None)
        ebs = {"SnapshotId": self.ebs_snapshot.id, "DeleteOnTermination": True, "VolumeSize": 15, "VolumeType": "gp2", "Encrypted": False}
        if volume is not None:
            ebs.update(VolumeSize=volume.size, VolumeType=volume.volume_type, Encrypted=bool(volume.encrypted))
            if volume.volume_type == "gp3":
                ebs.update(Iops=volume.iops or 3000, Throughput=volume.throughput or 125)
        return [{"DeviceName": self.root_device_name, "Ebs": ebs}]

    amis.Ami.block_device_mappings = property(mappings)


def public_images():
    """ec2:DescribeSnapshots: moto lists the snapshots behind public images as the account's own; AWS does not show them.
    ec2:DescribeImages: moto says of every image of its list that Amazon owns it."""

    @after(amis.Ami, "__init__")
    def init(self, *_args, **_kwargs):
        if self.owner_id == self.ec2_backend.account_id:
            return
        self.ec2_backend.snapshots.pop(self.ebs_snapshot.id, None)
        self.owner_alias = "amazon" if self.owner_id == "137112412989" else None
        self.platform_details, self.ena_support, self.boot_mode = "Linux/UNIX", True, "uefi-preferred"


def groups_of_instances():
    """ec2:DescribeInstances: an instance launched with a NetworkInterfaces block has no SecurityGroups in moto;
    AWS lists those of its first interface."""

    @after(instances.Instance, "__init__")
    def init(self, *_args, **_kwargs):
        if not self.security_groups and self.nics.get(0) is not None:
            self.security_groups = list(self.nics[0].group_set)


# Cores and threads a core of the sizes that populations use (EC2 user guide, "CPU options").
CORES = {"c5.xlarge": (2, 2), "c5.large": (1, 2), "m5.large": (1, 2), "t2.micro": (1, 1)}


def whole_instances():
    """ec2:DescribeInstances: moto leaves out what AWS answers for every instance (CPU, capacity reservation, enclave,
    maintenance and host name options, boot mode, platform), and answers an empty StateReason."""

    @after(instances.Instance, "__init__")
    def init(self, *_args, **_kwargs):
        cores, threads = CORES.get(self.instance_type, (1, 2))
        self.cpu_options = {"CoreCount": cores, "ThreadsPerCore": threads}
        self.capacity_reservation_specification = {"CapacityReservationPreference": "open"}
        self.enclave_options = {"Enabled": False}
        self.maintenance_options = {"AutoRecovery": "default"}
        self.hibernation_options = self.hibernation_options or {"Configured": False}
        self.private_dns_name_options = {"HostnameType": "ip-name", "EnableResourceNameDnsARecord": False, "EnableResourceNameDnsAAAARecord": False}
        self.ena_support, self.boot_mode, self.current_instance_boot_mode = True, "uefi-preferred", "legacy-bios"
        self.platform_details, self.usage_operation, self.usage_operation_update_time = "Linux/UNIX", "RunInstances", self.launch_time
        self.state_reason = None
        self.sriov_net_support = None


def credits():
    """ec2:DescribeInstanceCreditSpecifications: moto says "standard" of all, and lists none without ids; T3 and T4g start
    "unlimited" (EC2 user guide), and AWS lists those without ids."""

    @after(instances.Instance, "__init__")
    def init(self, *_args, **kwargs):
        asked = (kwargs.get("credit_specification") or {}).get("CpuCredits")
        self.cpu_credits = asked or ("standard" if self.instance_type.startswith("t2") else "unlimited")

    def describe(self):
        asked = self._get_param("InstanceIds", [])
        # Without ids AWS lists the burstable instances that run with unlimited credits, and only those.
        everything = [i for i in self.ec2_backend.all_instances() if i.instance_type.startswith("t") and i.cpu_credits == "unlimited"]
        found = self.ec2_backend.describe_instance_credit_specifications(asked) if asked else everything
        return responses.ActionResult({"InstanceCreditSpecifications": [{"InstanceId": i.id, "CpuCredits": i.cpu_credits} for i in found]})

    responses.InstanceResponse.describe_instance_credit_specifications = describe


def volumes_perform():
    """ec2:DescribeVolumes: AWS answers Iops for every SSD (gp2: 3 a GB, 100 to 16,000; gp3: 3,000 unless asked) and
    Throughput for gp3 (125 unless asked); moto only what CreateVolume was given, and nothing for root volumes."""

    @after(volumes.Volume, "__init__")
    def init(self, *_args, **_kwargs):
        if self.volume_type == "gp2":
            self.iops = min(max(3 * int(self.size or 0), 100), 16000)
        elif self.volume_type == "gp3":
            self.iops, self.throughput = self.iops or 3000, self.throughput or 125
        self.multi_attach_enabled = bool(self.multi_attach_enabled)


def tags_of_templates():
    """ec2:DescribeLaunchTemplateVersions: moto puts the template's own tags into its data; AWS does not."""

    @around(templates.LaunchTemplate, "__init__")
    def init(original, self, backend, name, template_data, version_description, tag_spec):
        specs = [t for t in template_data.get("TagSpecifications") or [] if t.get("ResourceType") != "launch-template"]
        template_data = {k: v for k, v in template_data.items() if k != "TagSpecifications"}
        if specs:
            template_data["TagSpecifications"] = specs
        original(self, backend, name, template_data, version_description, tag_spec)


def whole_functions():
    """lambda:GetFunction, ListFunctions: AWS answers LoggingConfig for every function, moto never; it forgets dead-letter targets, file
    systems and SnapStart, and a reserved concurrency of nothing."""

    @after(functions.LambdaFunction, "__init__")
    def init(self, *_args, spec, **_kwargs):
        self.asked = {key: spec.get(key) for key in ("DeadLetterConfig", "FileSystemConfigs", "LoggingConfig", "SnapStart")}

    @around(functions.LambdaFunction, "get_configuration")
    def get_configuration(original, self, *args, **kwargs):
        configuration = original(self, *args, **kwargs)
        for key in ("DeadLetterConfig", "FileSystemConfigs"):
            if self.asked[key]:
                configuration[key] = self.asked[key]
        configuration["SnapStart"] = {"ApplyOn": "None", **(self.asked["SnapStart"] or {}), "OptimizationStatus": "Off"}
        configuration["LoggingConfig"] = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.function_name}", **(self.asked["LoggingConfig"] or {})}
        configuration["LastModified"] = configuration["LastModified"].split(".")[0].rstrip("Z") + ".000+0000"
        return configuration

    @around(functions.LambdaFunction, "get_code")
    def get_code(original, self):
        code = original(self)
        if self.reserved_concurrency == 0:
            code["Concurrency"] = {"ReservedConcurrentExecutions": 0}
        return code


def shared_snapshots():
    """ec2:DescribeSnapshots: moto passes over RestorableByUserIds; with "all" AWS lists those that anybody can restore."""

    @around(store.ElasticBlockStore, "describe_snapshots")
    def describe(original, self):
        if "all" not in self._get_param("RestorableByUserIds", []):
            return original(self)
        found = self.ec2_backend.describe_snapshots(snapshot_ids=[], filters=self._filters_from_querystring())
        return responses.ActionResult({"Snapshots": [s for s in found if "all" in s.create_volume_permission_groups]})


def disks_of_launch_configurations():
    """autoscaling:DescribeLaunchConfigurations: moto says of every disk whether it is left out, and gives those of the host a volume of
    which nothing is known; AWS says NoDevice only where it is so, and gives no volume there."""
    plain = scaling.FakeLaunchConfiguration.block_device_mappings.fget

    def mappings(self):
        shown = plain(self)
        for one in shown:
            one["NoDevice"] = one["NoDevice"] or None
            if one["VirtualName"] or one["NoDevice"]:
                del one["Ebs"]
        return shown

    scaling.FakeLaunchConfiguration.block_device_mappings = property(mappings)


def root_disks_are_where_the_image_says():
    """ec2:DescribeInstances: moto attaches the disk of an instance that names none as /dev/sda1; AWS where the image has its root."""

    @around(instances.Instance, "setup_defaults")
    def setup(_original, self):
        volume = self.ec2_backend.create_volume(size=8, zone_name=self._placement.zone)
        self.ec2_backend.attach_volume(volume.id, self.id, self.root_device_name, True)


def function_urls_are_buffered():
    """lambda:GetFunctionUrlConfig: moto's default InvokeMode is "Buffered"; AWS writes BUFFERED."""

    @after(functions.FunctionUrlConfig, "__init__")
    def init(self, *_args, **_kwargs):
        self.config["InvokeMode"] = self.config.get("InvokeMode") or "BUFFERED"


REPAIRS = [root_disks_are_where_the_image_says, disks_of_launch_configurations, function_urls_are_buffered, shared_snapshots, own_images, public_images, groups_of_instances, whole_instances, credits, volumes_perform, tags_of_templates, whole_functions]
