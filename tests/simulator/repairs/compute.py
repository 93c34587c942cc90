"""Instances, images, functions."""

import moto.ec2.models.amis as amis
import moto.ec2.models.instances as instances

from .tools import after


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
        instance = kwargs.get("instance")
        if instance is None:
            return
        self.root_device_name = instance.root_device_name
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


def groups_of_instances():
    """ec2:DescribeInstances: an instance launched with a NetworkInterfaces block has no SecurityGroups in moto;
    AWS lists those of its first interface."""

    @after(instances.Instance, "__init__")
    def init(self, *_args, **_kwargs):
        if not self.security_groups and self.nics.get(0) is not None:
            self.security_groups = list(self.nics[0].group_set)


REPAIRS = [own_images, groups_of_instances]
