"""Secrets Manager."""

import moto.efs.models as efs
import moto.secretsmanager.models as secrets

from .tools import around


def secrets_know_when_they_were_read():
    """secretsmanager:DescribeSecret: moto never knows when a secret was last read; AWS answers the day."""

    @around(secrets.SecretsManagerBackend, "get_secret_value")
    def get_secret_value(original, self, secret_id, *args, **kwargs):
        value = original(self, secret_id, *args, **kwargs)
        self.secrets[secret_id].last_read = int(secrets.time.time()) // 86400 * 86400
        return value

    @around(secrets.FakeSecret, "to_dict")
    def to_dict(original, self):
        return {**original(self), "LastAccessedDate": getattr(self, "last_read", None)}


REPAIRS = [secrets_know_when_they_were_read]
