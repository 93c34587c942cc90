"""What populations share: clients of the simulator, its control endpoints, dates."""

import concurrent.futures
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import urllib.request

import boto3
from botocore.config import Config

ENDPOINT = os.environ.get("AWS_ENDPOINT_URL", "")
ACCOUNT = "123456789012"  # what the simulator is unless it is told otherwise (server.py --account)


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


def secrets(estate):
    """The (fake) secrets of an estate by name: secrets_<estate>.txt, a name and a value a line."""
    lines = pathlib.Path(__file__).with_name(f"secrets_{estate}.txt").read_text().splitlines()
    return dict(line.split() for line in lines)


def targets(region, group, port, addresses):
    """What ECS does when a task of a service runs: its address becomes a target of the service's group."""
    balancing = client("elbv2", region)
    arn = balancing.describe_target_groups(Names=[group])["TargetGroups"][0]["TargetGroupArn"]
    balancing.register_targets(TargetGroupArn=arn, Targets=[{"Id": address, "Port": port} for address in addresses])


def figures(region, namespace, dimensions, values, days=30):
    """What CloudWatch counted of a thing on each of the last days: a number a day, or (average, highest).

    CloudWatch keeps figures for a while only, so they are of the days before the account is really made, whatever the clock says."""
    now = datetime.datetime.now(datetime.timezone.utc)
    data = []
    for metric, value in values.items():
        for day in range(days):
            of = {"MetricName": metric, "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions.items()], "Timestamp": now - datetime.timedelta(days=day, hours=1)}
            if isinstance(value, tuple):
                average, highest = value
                of["StatisticValues"] = {"SampleCount": 24, "Sum": average * 24, "Minimum": 0, "Maximum": highest}
            else:
                of["Value"] = value
            data.append(of)
    client("cloudwatch", region).put_metric_data(Namespace=namespace, MetricData=data)


def tags(given):
    return [{"Key": k, "Value": v} for k, v in given.items()]


def spec(kind, given):
    """TagSpecifications of one EC2 kind."""
    return [{"ResourceType": kind, "Tags": tags(given)}] if given else []


ESTATES = pathlib.Path(__file__).resolve().parent.parent / "estates"
# What the provider needs to speak to a simulator; everything else comes from the environment.
OVERRIDE = """provider "aws" {
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  max_retries                 = 3
}
"""


def apply(estate, keep, variables=None, values=None):
    """Apply tests/estates/<estate> with the real terraform; the state it leaves is kept as the file `keep`.
    `variables` are given through the environment, `values` is a .tfvars file of the estate.

    Terraform finds its provider as its own configuration says (TF_CLI_CONFIG_FILE)."""
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true", "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    environment.update(HTTP_PROXY=ENDPOINT, NO_PROXY="127.0.0.1,localhost")
    environment.update({f"TF_VAR_{name}": value for name, value in (variables or {}).items()})
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ESTATES / estate, folder, dirs_exist_ok=True)
        pathlib.Path(folder, "zz_simulator_override.tf").write_text(OVERRIDE)
        for command in (["init", "-input=false"], ["apply", "-auto-approve", "-input=false", "-parallelism=30", *([f"-var-file={values}"] if values else [])]):
            done = subprocess.run(["terraform", *command, "-no-color"], cwd=folder, env=environment, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(f"terraform {command[0]} in {estate}:\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}")
        if keep:
            shutil.copyfile(os.path.join(folder, "terraform.tfstate"), keep)
        return json.loads(pathlib.Path(folder, "terraform.tfstate").read_text())["outputs"]


def at_once(*jobs):
    """Run functions without arguments beside each other; their results in order."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return [job.result() for job in [pool.submit(j) for j in jobs]]
