"""The primers' code runs as it stands there, and prints what stands there."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import kserve
import kubernetes.client
import pytest
import yaml
from pydantic import ValidationError

from mlops_lab.core.environment import masked
from mlops_lab.core.paths import BOOK
from mlops_lab.core.waiting import LIMIT
from mlops_lab.services import supervisor as services
from mlops_lab.services.definitions import resolve
from mlops_lab.services.supervisor import Supervisor
from mlops_lab.toolchain.versions import component

# A block of code, and below it what it prints, if it prints anything.
BLOCK = re.compile(
    r"^```(\w+)\n(.*?)^```$(?:\n\nprints\n\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL
)
# The kind of blocks that a page may have; any other would be one that nothing checks.
LANGUAGES = {"shell-git": {"bash"}, "kubernetes": {"yaml"}, "aws": {"python", "json", "yaml"}}
HASH = re.compile(r"\b[0-9a-f]{7}\b")
# Runs each file in one namespace, and puts a mark before what each prints.
IN_TURN = """
import sys
shared = {}
for path in sys.argv[1:]:
    print("@@@", flush=True)
    exec(compile(open(path).read(), path, "exec"), shared)
"""


class Block(NamedTuple):
    """What a reader sees."""

    language: str
    code: str
    output: str


def blocks(page: str, *languages: str) -> list[Block]:
    text = (BOOK / f"primer-{page}.md").read_text(encoding="utf-8")
    found = [Block(*parts) for parts in BLOCK.findall(text)]
    return [block for block in found if not languages or block.language in languages]


def printed(command: list[str], folder: Path, env: Mapping[str, str]) -> list[str]:
    """What stands after each mark in the command's output."""
    done = subprocess.run(
        command, cwd=folder, env=env, text=True, timeout=LIMIT,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout.split("@@@\n")[1:]


@pytest.mark.parametrize("page", LANGUAGES)
def test_every_block_is_of_a_kind_that_is_checked(page: str) -> None:
    assert {block.language for block in blocks(page)} == LANGUAGES[page]


def test_every_primer_is_known() -> None:
    assert {path.stem for path in BOOK.glob("primer-*.md")} == {f"primer-{p}" for p in LANGUAGES}


def test_the_version_is_the_pinned_one() -> None:
    minor = component("kubernetes").version.removeprefix("v").rpartition(".")[0]
    text = (BOOK / "primer-kubernetes.md").read_text(encoding="utf-8")
    assert f"The labs run Kubernetes {minor}.\n" in text


def test_shell_and_git(tmp_path: Path) -> None:
    """In one shell, from an empty folder; hashes of commits hold the time, and differ."""
    shown = blocks("shell-git", "bash")
    script = "set -euo pipefail\n" + "".join(f"echo @@@\n{block.code}" for block in shown)
    found = printed(["bash", "-c", script], tmp_path, masked())
    assert [HASH.sub("HASH", text) for text in found] == [
        HASH.sub("HASH", block.output) for block in shown
    ]


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The environment of a lab with a server of its own that stands in for AWS."""
    monkeypatch.setattr(services, "LOGS", tmp_path / "logs")
    supervisor = Supervisor(tmp_path / "running", "primers")
    supervisor.start(resolve(["aws"]))
    supervisor.wait()
    yield {**masked(), **supervisor.exports}
    supervisor.stop()


def test_aws(aws: dict[str, str], tmp_path: Path) -> None:
    shown = blocks("aws", "python")
    files = [tmp_path / f"{number}.py" for number in range(len(shown))]
    for file, block in zip(files, shown, strict=True):
        file.write_text(block.code, encoding="utf-8")
    command = [sys.executable, "-c", IN_TURN, *map(str, files)]
    assert printed(command, tmp_path, aws) == [block.output for block in shown]


def test_trust_policies(aws: dict[str, str]) -> None:
    """The stand-in for IAM reads them, and refuses what is none."""
    iam = boto3.client(
        "iam", endpoint_url=aws["AWS_ENDPOINT_URL"], region_name="us-east-1",
        aws_access_key_id="testing", aws_secret_access_key="testing",
    )  # fmt: skip
    shown = blocks("aws", "json")
    iam.create_role(RoleName="pod", AssumeRolePolicyDocument=shown[0].code)
    for block in shown:
        iam.update_assume_role_policy(RoleName="pod", PolicyDocument=block.code)
    no_policy = shown[0].code.replace("Principal", "Resource")
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.update_assume_role_policy(RoleName="pod", PolicyDocument=no_policy)


PLAIN = {"str": str, "int": int, "bool": bool}


def model(name: str) -> Any:
    """The class that a client has for this kind; nothing for a plain value."""
    return getattr(kserve, name, None) or getattr(kubernetes.client, name, None)


def wrong(value: Any, kind: str, where: str) -> Iterator[str]:
    """What does not fit the kind. Kubernetes' classes know themselves, KServe's only say."""
    fields = model(kind)
    if many := re.fullmatch(r"list\[(.*)\]", kind):
        for item in value:
            yield from wrong(item, many[1], where)
    elif hasattr(fields, "model_validate"):
        try:
            fields.model_validate(value)
        except ValidationError as error:
            for found in error.errors():
                yield f"{'.'.join([where, *map(str, found['loc'])])}: {found['msg']}"
    elif fields:
        names = {written: name for name, written in fields.attribute_map.items()}
        for key in value:
            if key in names:
                yield from wrong(value[key], fields.openapi_types[names[key]], f"{where}.{key}")
            else:
                yield f"{where}.{key}: no such field"
    elif not isinstance(value, PLAIN.get(kind, object)):
        yield f"{where}: no {kind}"


def manifest(text: str) -> list[str]:
    value = yaml.safe_load(text)
    kind = f"{value['apiVersion'].rpartition('/')[2].capitalize()}{value['kind']}"
    assert model(kind), kind
    return list(wrong(value, kind, value["kind"]))


@pytest.mark.parametrize("page", ["kubernetes", "aws"])
def test_manifests(page: str) -> None:
    for block in blocks(page, "yaml"):
        assert manifest(block.code) == []


@pytest.mark.parametrize(
    ("kind", "before", "after", "said"),
    [
        ("Deployment", "replicas: 2", "replica: 2", "spec.replica: Extra inputs"),
        ("Deployment", "replicas: 2", "replicas: two", "spec.replicas: Input should be"),
        ("Deployment", "path: /v2/models", "paths: /v2/models", "httpGet.paths: Extra inputs"),
        ("Deployment", "- name: server", "- image: x", "containers.0.name: Field required"),
        ("InferenceService", "minReplicas: 1", "minReplica: 1", "minReplica: no such field"),
        ("InferenceService", "minReplicas: 1", "minReplicas: one", "minReplicas: no int"),
        ("InferenceService", "  image:", "  picture:", "picture: Extra inputs"),
    ],
)
def test_a_wrong_manifest_is_seen(kind: str, before: str, after: str, said: str) -> None:
    shown = (b.code for b in blocks("kubernetes", "yaml"))
    (text,) = (code for code in shown if yaml.safe_load(code)["kind"] == kind)
    assert before in text
    assert any(said in told for told in manifest(text.replace(before, after)))
