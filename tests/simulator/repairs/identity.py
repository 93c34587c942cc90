"""IAM and KMS."""

import moto.iam.models as iam
import moto.kms.models as kms

from .tools import after, around


def credential_report():
    """iam:GetCredentialReport: moto's report has no row for the root user; AWS's begins with it, and says whether it has
    a second factor and keys."""

    @around(iam.IAMBackend, "get_credential_report")
    def report(original, self):
        head, _, users = original(self).partition("\n")
        root = {
            "user": "<root_account>",
            "arn": f"arn:aws:iam::{self.account_id}:root",
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
        return "\n".join([head, ",".join(root.get(column, "N/A") for column in head.split(",")), users])


def key_usage():
    """kms:DescribeKey: a key made without KeyUsage or KeySpec reads empty in moto; AWS: ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT."""

    @after(kms.Key, "__init__")
    def init(self, *_args, **_kwargs):
        self.key_usage = self.key_usage or "ENCRYPT_DECRYPT"
        self.key_spec = self.key_spec or "SYMMETRIC_DEFAULT"


REPAIRS = [credential_report, key_usage]
