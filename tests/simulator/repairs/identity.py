"""IAM and KMS."""

import json

import moto.iam.models as iam
import moto.iam.responses as responses
import moto.kms.models as kms
import moto.kms.responses as kms_responses

from .tools import after, around


ROOT = {
    "user": "<root_account>",
    "user_creation_time": "2024-11-04T08:12:31+00:00",
    "password_enabled": "not_supported",
    "password_last_used": "2026-01-19T14:02:11+00:00",
    "password_last_changed": "not_supported",
    "password_next_rotation": "not_supported",
    "mfa_active": "false",
    "access_key_1_active": "false",
    "access_key_2_active": "false",
    "cert_1_active": "false",
    "cert_2_active": "false",
}


def credential_report():
    """iam:GetCredentialReport: moto's report has no row for the root user, no service and region of a key's last use, and
    "not_supported" where AWS has "N/A" (IAM user guide, "Getting credential reports")."""

    def moment(value):
        return value.strftime("%Y-%m-%dT%H:%M:%S+00:00") if value else "N/A"

    def row(user):
        console = bool(user.password)
        cells = {
            "user": user.name,
            "arn": user.arn,
            "user_creation_time": moment(user.create_date),
            "password_enabled": "true" if console else "false",
            "password_last_used": (moment(user.password_last_used) if user.password_last_used else "no_information") if console else "N/A",
            "password_last_changed": moment(getattr(user, "password_changed", user.create_date)) if console else "N/A",
            "mfa_active": "true" if user.mfa_devices else "false",
            "access_key_1_active": "false",
            "access_key_2_active": "false",
            "cert_1_active": "false",
            "cert_2_active": "false",
        }
        for n, key in enumerate(user.access_keys[:2], 1):
            cells[f"access_key_{n}_active"] = "true" if key.status == "Active" else "false"
            cells[f"access_key_{n}_last_rotated"] = moment(key.create_date)
            if key.last_used:
                cells[f"access_key_{n}_last_used_date"] = moment(key.last_used)
                cells[f"access_key_{n}_last_used_region"] = key.last_used.region
                cells[f"access_key_{n}_last_used_service"] = key.last_used.service
        return cells

    @around(iam.IAMBackend, "get_credential_report")
    def report(original, self):
        head = original(self).partition("\n")[0]
        rows = [{**ROOT, "arn": f"arn:aws:iam::{self.account_id}:root"}] + [row(user) for user in self.users.values()]
        return "\n".join([head] + [",".join(cells.get(column, "N/A") for column in head.split(",")) for cells in rows]) + "\n"


def policies_have_names():
    """iam:GetAccountAuthorizationDetails: moto leaves out PolicyName and PolicyId of the account's own policies."""
    iam.Policy.policy_name = property(lambda self: self.name)
    iam.Policy.policy_id = property(lambda self: self.id)
    iam.Policy.permissions_boundary_usage_count = 0


def service_linked_roles():
    """iam:CreateServiceLinkedRole: moto writes AWSServiceRoleForrds; AWS has a name of its own for each service."""
    iam.SERVICE_NAME_CONVERSION.update({"rds": "RDS", "elasticloadbalancing": "ElasticLoadBalancing", "support": "Support", "trustedadvisor": "TrustedAdvisor"})


def mfa_devices_keep_their_seed():
    """iam:ListVirtualMFADevices: moto answers the seed and the QR code of every device; AWS only when it is made."""

    def list_virtual_mfa_devices(self):
        status, marker, most = self._get_param("AssignmentStatus", "Any"), self._get_param("Marker"), self._get_param("MaxItems", 100)
        devices, marker = self.backend.list_virtual_mfa_devices(status, marker, most)
        shown = [{"SerialNumber": d.serial_number, "EnableDate": d.enable_date, "User": d.user} for d in devices]
        return responses.ActionResult({"VirtualMFADevices": shown, "IsTruncated": bool(marker), "Marker": marker})

    responses.IamResponse.list_virtual_mfa_devices = list_virtual_mfa_devices


def aliases_of_unused_keys():
    """kms:ListAliases: moto gives the aliases of AWS's keys made-up key ids; AWS none before a key is first needed."""

    @around(kms_responses.KmsResponse, "list_aliases")
    def list_aliases(original, self):
        given = json.loads(original(self))
        for alias in given["Aliases"]:
            if alias.get("TargetKeyId") not in self.kms_backend.keys:
                alias.pop("TargetKeyId", None)
        return json.dumps(given)

    @around(kms.KmsBackend, "_generate_default_keys")
    def generate(original, self, alias):
        key_id = original(self, alias)
        if key_id:
            key = self.keys[key_id]
            key.key_manager, key.key_rotation_status = "AWS", True
            key.description = f"Default key that protects my {alias.rsplit('/', 1)[1].upper()} data when no other key is defined"
        return key_id


def key_usage():
    """kms:DescribeKey: a key made without KeyUsage or KeySpec reads empty in moto; AWS: ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT."""

    @after(kms.Key, "__init__")
    def init(self, *_args, **_kwargs):
        self.key_usage = self.key_usage or "ENCRYPT_DECRYPT"
        self.key_spec = self.key_spec or "SYMMETRIC_DEFAULT"


def replicas():
    """kms:ReplicateKey, DescribeKey: moto takes no ARN, and the replica and its primary are one description, both called REPLICA once
    the replica was read; they share the policy and nothing tells them apart."""

    @around(kms.KmsBackend, "replicate_key")
    def replicate_key(original, self, key_id, replica_region):
        return original(self, self.get_key_id(key_id), replica_region)

    @around(kms.Key, "to_dict")
    def to_dict(original, self):
        told = original(self)
        if self.multi_region:
            of = self.multi_region_configuration
            kind = "PRIMARY" if self.arn == of["PrimaryKey"]["Arn"] else "REPLICA"
            told["KeyMetadata"]["MultiRegionConfiguration"] = {**of, "MultiRegionKeyType": kind}
        return told


REPAIRS = [replicas, aliases_of_unused_keys, credential_report, mfa_devices_keep_their_seed, policies_have_names, service_linked_roles, key_usage]
