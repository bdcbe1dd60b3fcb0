"""Remove what a lab left in services that outlive it (`lab up`, `lab run`)."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from mlops_lab.core import loopback
from mlops_lab.core.waiting import LIMIT
from mlops_lab.services.running import Running

# Behind a lab's name: the role of the jobs that deploy.
DEPLOY = "-deploy"


def clean(name: str, services: Mapping[str, Running]) -> None:
    """Remove the buckets, roles, experiments and models called `name`, where they can live."""
    for service, remove in REMOVERS.items():
        if service in services:
            try:
                remove(name, services[service].url)
            except OSError:
                # A service that has died has nothing left to remove.
                continue


def _account(name: str, url: str) -> None:
    _call("GET", f"{url}/moto-api/config")  # an OSError if nobody is there: boto3 raises none
    import boto3

    iam = boto3.client("iam", endpoint_url=url)
    there = {role["RoleName"] for role in iam.list_roles()["Roles"]}
    for role in there & {name, name + DEPLOY}:
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            iam.delete_role_policy(RoleName=role, PolicyName=policy)
        iam.delete_role(RoleName=role)
    s3 = boto3.resource("s3", endpoint_url=url)
    for bucket in s3.buckets.all():
        if bucket.name == name:
            bucket.object_versions.delete()
            bucket.objects.delete()
            bucket.delete()


def _tracking(name: str, url: str) -> None:
    api = f"{url}/api/2.0/mlflow"
    _call("DELETE", f"{api}/registered-models/delete", {"name": name})
    found = _call("GET", f"{api}/experiments/get-by-name?experiment_name={name}")
    if found:
        # A deleted experiment keeps its name, so it gives up the name first.
        key = {"experiment_id": found["experiment"]["experiment_id"]}
        _call("POST", f"{api}/experiments/update", {**key, "new_name": f"{name}-{key}"})
        _call("POST", f"{api}/experiments/delete", key)


def _call(method: str, url: str, body: dict[str, Any] | None = None) -> Any:
    data = json.dumps(body).encode() if body else None
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with loopback.ask(request, timeout=LIMIT) as answer:
            return json.load(answer)
    except urllib.error.HTTPError:
        return None


REMOVERS = {"aws": _account, "mlflow": _tracking}
