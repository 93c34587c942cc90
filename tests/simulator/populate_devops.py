#!/usr/bin/env python3
"""The DevOps platform's environment dev, all of it under Terraform (tests/estates/devops), with the image that is pushed by script.

    populate_devops.py [--state FILE]
"""

import argparse
import json

from session import apply, at, client, control, secrets, targets

REGION = "eu-west-3"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--state", help="keep Terraform's state as this file")
    given = parser.parse_args()
    at("2026-01-12T18:00:00")
    control("history", {"database_host": "cq5x2m81nplo"})
    apply("devops", given.state, {"database_password": secrets("devops")["database_password"]})
    at("2026-01-12T18:40:00")
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 7311, "digest": "sha256:" + "5f" * 32}, "layers": []}
    client("ecr", REGION).put_image(repositoryName="backend-api", imageManifest=json.dumps(manifest), imageTag="latest")
    client("secretsmanager", REGION).get_secret_value(SecretId="devops-platform-dev/database")  # as tasks do when they start
    targets(REGION, "devops-platform-dev-tg", 3000, ["10.0.11.58", "10.0.12.203"])
    at("2026-01-20T07:30:00")


if __name__ == "__main__":
    main()
