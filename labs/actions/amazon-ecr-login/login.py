"""Stands in for aws-actions/amazon-ecr-login: moto gives a login, but takes no images."""

import base64
import os
import sys
from pathlib import Path

import boto3
from botocore.exceptions import NoCredentialsError

if not os.environ.get("REGISTRY"):
    print("::error::the lab's runner needs REGISTRY, the address that images are pushed to")
    sys.exit(1)
try:
    answer = boto3.client("ecr").get_authorization_token()["authorizationData"][0]
except NoCredentialsError:
    print("::error::Could not load credentials from any providers: log in to AWS first")
    sys.exit(1)
password = base64.b64decode(answer["authorizationToken"]).decode().partition(":")[2]
print(f"::add-mask::{answer['authorizationToken']}")
print(f"::add-mask::{password}")
print(f"Logging into registry {answer['proxyEndpoint'].removeprefix('https://')}")
print(f"The lab pushes to {os.environ['REGISTRY']} instead, since moto takes no images")
with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as outputs:
    outputs.write(f"registry={os.environ['REGISTRY']}\n")
