"""Stands in for aws-actions/configure-aws-credentials with OpenID Connect, against moto.

Asks the issuer for a token, checks it against the role's trust policy as STS would, and trades it
for credentials, which the job's next steps find in their environment.
"""

import json
import os
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import boto3
from botocore.config import Config

from mlops_lab.actions.trust import Denied, authorize

URL, BEARER = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
NO_IDENTITY = (
    "No identity for this job: without the permission id-token: write there is no"
    f" {BEARER}, and so no way to log in with OpenID Connect"
)
# Only moto is asked, and it lets everybody in.
ANYBODY = {"aws_access_key_id": "lab", "aws_secret_access_key": "lab"}


def fail(message: str) -> None:
    """Say why, as the real action would, and end the step."""
    print(f"::error::{message}")
    sys.exit(1)


def token() -> str:
    """The job's identity, from the issuer."""
    if URL not in os.environ:
        fail(NO_IDENTITY)
    query = urlencode({"audience": os.environ["AUDIENCE"], "job": os.environ["GITHUB_JOB"]})
    request = urllib.request.Request(
        f"{os.environ[URL]}&{query}", headers={"Authorization": f"bearer {os.environ[BEARER]}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError:
        fail(NO_IDENTITY)


def credentials(identity: str) -> dict:
    """What STS gives for the token, once the role's trust policy has let it in."""
    issuer = urlsplit(os.environ[URL])
    keys = f"{issuer.scheme}://{issuer.netloc}/.well-known/jwks"
    settings = {"region_name": os.environ["REGION"], "config": Config(retries={"max_attempts": 1})}
    iam = boto3.client("iam", **settings, **ANYBODY)
    try:
        authorize(identity, os.environ["ROLE"], iam, keys)
    except (Denied, iam.exceptions.NoSuchEntityException) as error:
        fail(f"Could not assume role with OIDC: {error}")
    answer = boto3.client("sts", **settings, **ANYBODY).assume_role_with_web_identity(
        RoleArn=os.environ["ROLE"],
        RoleSessionName=os.environ["SESSION"],
        WebIdentityToken=identity,
        DurationSeconds=int(os.environ["SECONDS_VALID"]),
    )
    return answer["Credentials"]


def append(file: str, values: dict[str, str]) -> None:
    """Add to one of the files with which a step speaks to its job."""
    with Path(os.environ[file]).open("a", encoding="utf-8") as lines:
        lines.writelines(f"{name}={value}\n" for name, value in values.items())


identity = token()
print(f"::add-mask::{identity}")
print("Assuming role with OIDC")
found = credentials(identity)
secret = {
    "AWS_ACCESS_KEY_ID": found["AccessKeyId"],
    "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"],
    "AWS_SESSION_TOKEN": found["SessionToken"],
}
for value in secret.values():
    print(f"::add-mask::{value}")
region = os.environ["REGION"]
append("GITHUB_ENV", {**secret, "AWS_REGION": region, "AWS_DEFAULT_REGION": region})
append("GITHUB_OUTPUT", {"aws-account-id": os.environ["ROLE"].split(":")[4]})
print(f"Logged in as {os.environ['ROLE']}")
