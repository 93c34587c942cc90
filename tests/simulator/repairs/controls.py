"""Control endpoints that reach into moto: ids to come, the clock, and facts that no API call can set."""

import datetime as real

import time

import moto.cloudfront.models as cloudfront
import moto.core.utils as core_utils
import moto.ec2.utils as ec2_utils
import moto.elbv2.models as elbv2
import moto.iam.models as iam
import moto.rds.models as rds
import moto.s3.models as s3
import moto.secretsmanager.models as secrets
import moto.wafv2.models as wafv2
from moto.acm.models import acm_backends
from moto.moto_api._internal import mock_random
from moto.ses.models import ses_backends

from . import containers
from .tools import ACCOUNT, after, around

QUEUES = {}


# Hosted zones of application load balancers (AWS General Reference, "Elastic Load Balancing endpoints").
BALANCER_ZONES = {"ap-southeast-2": "Z1GM3OXH4ZPM65", "eu-west-1": "Z32O12XQLNTSW2", "eu-west-3": "Z3Q77PNBQS71R4", "us-east-1": "Z35SXDOTRQ7X7K"}


def next_id(kind):
    """The next id that a population has asked for, None where there is none."""
    queue = QUEUES.get(kind)
    return queue.pop(0) if queue else None


def ids(given):
    """{"vpc": ["0f6d…"], "i": […], "cloudfront": [["ID", "x.cloudfront.net"]], "webacl": […], "lb": [["521273486", "50dc…"]],
    "cache": ["faxg1m"], (the account's part of a cache's host names) "secret": ["i464n3"]}: (the end of a secret's ARN)
    ids that the next resources of that kind get, in order.  EC2 kinds are the ids' prefixes, the values what follows."""
    QUEUES.update({kind: list(values) for kind, values in given.items()})
    return {kind: len(values) for kind, values in QUEUES.items() if values}


class _Clock(real.datetime):
    pinned = None

    @classmethod
    def now(cls, tz=None):
        moment = cls.pinned or real.datetime.now(real.timezone.utc)
        return moment.astimezone(tz) if tz else moment.replace(tzinfo=None)

    @classmethod
    def utcnow(cls):
        return cls.now(real.timezone.utc).replace(tzinfo=None)


class _DatetimeModule:
    """The datetime module, but for its clock."""

    datetime = _Clock

    def __getattr__(self, name):
        return getattr(real, name)


class _TimeModule:
    """The time module, but for its clock."""

    @staticmethod
    def time():
        return _Clock.now(real.timezone.utc).timestamp()

    def __getattr__(self, name):
        return getattr(time, name)


def clock(given):
    """{"now": "2024-11-10T09:00:00Z"} pins what moto takes for now; {"now": null} lets it run again."""
    _Clock.pinned = real.datetime.fromisoformat(given["now"].replace("Z", "+00:00")) if given["now"] else None
    return {"now": _Clock.now(real.timezone.utc).isoformat()}


def _date(text):
    return real.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(real.timezone.utc).replace(tzinfo=None)


def history(given):
    """What happened in the account and no call can write:
    {"access_keys": [{"id": …, "used": date, "service": …, "region": …}], "passwords": [{"user": …, "used": date}],
     "database_host": "cva40442smrk", (the account's part of its database host names)
     "identities": [{"region": …, "identity": …, "verification": "FAILED"}],
     "certificates": [{"arn": …, "status": "PENDING_VALIDATION"}],
     "services": [{"region": …, "service": "cluster/name", "running": 0, "failed": 4}]}."""
    containers.history(given)
    backend = iam.iam_backends[ACCOUNT]["aws"]
    for key in given.get("access_keys", []):
        found = next(k for user in backend.users.values() for k in user.access_keys if k.access_key_id == key["id"])
        found.last_used = iam.AccessKeyLastUsed(_date(key["used"]), key["service"], key["region"])
    for password in given.get("passwords", []):
        backend.users[password["user"]].password_last_used = _date(password["used"])
    if "database_host" in given:
        rds.DBInstance.address = property(lambda self: f"{self.db_instance_identifier}.{given['database_host']}.{self.region}.rds.amazonaws.com")
    for given_identity in given.get("identities", []):
        identity = ses_backends[ACCOUNT][given_identity["region"]].email_identities[given_identity["identity"]]
        identity.verification_status = identity.dkim_attributes["Status"] = given_identity["verification"]
        identity.verified_for_sending_status = given_identity["verification"] == "SUCCESS"
    for certificate in given.get("certificates", []):
        region = certificate["arn"].split(":")[3]
        bundle = acm_backends[ACCOUNT][region]._certificates[certificate["arn"]]
        bundle.status, bundle.check = certificate["status"], lambda: None  # moto issues what waits for a minute
    return {}


def install():
    @around(ec2_utils, "random_id")
    def random_id(original, prefix="", size=17):
        queued = next_id(prefix)
        return f"{prefix}-{queued}" if queued else original(prefix, size)

    @after(cloudfront.Distribution, "__init__")
    def distribution(self, *_args, **_kwargs):
        queued = next_id("cloudfront")
        if queued:
            self.arn = self.arn.rsplit("/", 1)[0] + "/" + queued[0]
            self.distribution_id = self.id = queued[0]
            self.domain_name = queued[1]

    @around(wafv2.WAFV2Backend, "create_web_acl")
    def create_web_acl(original, self, *args, **kwargs):
        queued = next_id("webacl")
        if queued:
            self._generate_id = lambda: queued
        try:
            return original(self, *args, **kwargs)
        finally:
            self.__dict__.pop("_generate_id", None)

    @around(elbv2.ELBv2Backend, "create_load_balancer")
    def create_load_balancer(original, self, *args, **kwargs):
        # AWS: name-number.region.elb.amazonaws.com; moto always writes name-1.
        queued = next_id("lb")
        number = queued[0] if queued else str(mock_random.randint(10**8, 2 * 10**9))
        balancer = original(self, *args, **kwargs)
        inner = "internal-" if balancer.scheme == "internal" else ""
        balancer.dns_name = f"{inner}{balancer.name}-{number}.{self.region_name}.elb.amazonaws.com"
        balancer.canonical_hosted_zone_id = BALANCER_ZONES.get(self.region_name)
        return balancer

    @after(secrets.FakeSecret, "__init__")
    def secret(self, *_args, **_kwargs):
        queued = next_id("secret")
        if queued:
            self.arn = f"{self.arn.rsplit('-', 1)[0]}-{queued}"

    core_utils.datetime = _DatetimeModule()
    s3.datetime = _DatetimeModule()
    secrets.time = _TimeModule()
    return {"ids": ids, "clock": clock, "history": history}
