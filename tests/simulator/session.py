"""What populations share: clients of the simulator, its control endpoints, dates."""

import json
import os
import urllib.request

import boto3
from botocore.config import Config

ENDPOINT = os.environ.get("AWS_ENDPOINT_URL", "")
ACCOUNT = "123456789012"


def client(service, region):
    """A client that asks once, so that a fault of the simulator shows at once."""
    if not ENDPOINT.startswith("http://127.0.0.1:"):
        raise SystemExit("AWS_ENDPOINT_URL must be a simulator's: http://127.0.0.1:PORT")
    # s3control puts the account id before the host name; as a proxy the server gets those requests too.
    proxies = {"http": ENDPOINT} if service == "s3control" else {}
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=ENDPOINT,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"max_attempts": 0}, proxies=proxies, s3={"addressing_style": "path"}, parameter_validation=False),
    )


def control(name, given):
    """Ask one of the server's control endpoints (layer.py lists them)."""
    request = urllib.request.Request(f"{ENDPOINT}/_surveyor/{name}", data=json.dumps(given).encode(), method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{name}: {error.read().decode()}") from None


def at(moment):
    """What comes next happened then (UTC)."""
    control("clock", {"now": moment + "Z" if len(moment) > 10 else moment + "T09:00:00Z"})


def tags(given):
    return [{"Key": k, "Value": v} for k, v in given.items()]


def spec(kind, given):
    """TagSpecifications of one EC2 kind."""
    return [{"ResourceType": kind, "Tags": tags(given)}] if given else []
