"""Follow a served model back to its image, version, run, commit, data and params.

Each line says "checked", or what does not fit. What the server says about itself is no proof: the
churn server names no version. So it is asked for predictions, and those must be the registered
model's own, to the last of the six digits that it gives.
"""

import argparse
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import train
import yaml
from delivery.shell import md5_of

from retraining import record
from retraining.model_registry import CHAMPION, Registry
from retraining.step import Refused, finish, table
from retraining.validate import REFERENCE

CHECKED = "checked"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
DVC_LOCK = Path("dvc.lock")
PRECISION = 1e-6  # api.py rounds to six digits
SECONDS = 60


class Line(NamedTuple):
    """One link of the chain."""

    what: str
    value: str
    verdict: str


def line(what: str, value: str, good: bool, otherwise: str) -> Line:
    """Say that the link is checked, or what does not fit."""
    return Line(what, value, CHECKED if good else otherwise)


class Subject:
    """A registered version, and its run."""

    def __init__(self, registry: Registry, number: str | None) -> None:
        """Read both."""
        number = number or registry.aliases().get(CHAMPION)
        if number is None:
            raise Refused(f"{registry.model} has no champion; name a version with --version")
        self.registry, self.version = registry, registry.version(number)
        self.uri = f"models:/{registry.model}/{number}"
        with registry.asked(f"reading run {self.version.run_id}"):
            self.run = registry.client.get_run(self.version.run_id)
        # The version's win.
        self.tags: dict[str, str] = {**self.run.data.tags, **self.version.tags}


def chain(subject: Subject, url: str | None, image: str | None) -> Iterator[Line]:
    """Yield the links from what is served down to the params."""
    model, md5 = subject.registry.load(subject.uri)
    if url:
        yield served(subject, model, url)
    if image:
        yield of_image(subject, image)
    yield version(subject, md5)
    run = subject.run.info
    yield line("run", run.run_id, run.status == "FINISHED", "the run did not finish")
    yield commit(subject)
    yield data(subject)
    yield params(subject)


def ask(url: str, rows: list[dict[str, Any]]) -> list[float]:
    """Ask the server for the rows' probabilities."""
    body, header = json.dumps({"instances": rows}).encode(), {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url.rstrip('/')}/v1/models/churn:predict", body, header)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return [float(row["probability"]) for row in json.load(answer)["predictions"]]


def served(subject: Subject, model: Any, url: str) -> Line:
    """Ask server and registered model for the rows that were stored with it as its example."""
    mlflow = subject.registry.mlflow
    with subject.registry.asked("reading the input example"):
        folder = mlflow.artifacts.download_artifacts(subject.uri)
        rows = mlflow.models.Model.load(folder).load_input_example(folder)
    try:
        found = ask(url, json.loads(rows.to_json(orient="records")))
    except (OSError, ValueError, KeyError) as error:
        return Line("served prediction", url, f"no answer: {error}")
    expected = model.predict_proba(rows)[:, 1]
    value, wanted = (", ".join(f"{one:.6f}" for one in some) for some in (found, expected))
    same = len(found) == len(expected) and np.allclose(found, expected, rtol=0, atol=PRECISION)
    return line("served prediction", value, same, f"the model says {wanted}")


def of_image(subject: Subject, given: str) -> Line:
    """Compare the image's digest with the one that was deployed for this version."""
    if not (match := DIGEST.search(given)):
        return Line("image", given, "no digest: sha256 and 64 hex digits")
    tagged = subject.tags.get("image_digest", "none")
    return line("image", match[0], tagged == match[0], f"tagged is {tagged}")


def version(subject: Subject, md5: str) -> Line:
    """Check that the stored model is the one that was registered."""
    aliases = ", ".join(subject.version.aliases)
    name = f"{subject.registry.model} {subject.version.version}"
    tagged = subject.tags.get("artifact_md5", md5)
    value = f"{name} ({aliases})" if aliases else name
    return line("model version", value, tagged == md5, f"its file had md5 {tagged} once")


def git(what: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run git here; what is asked for comes from a tag, and is no option."""
    command = ("git", *command, "--end-of-options", what)
    return subprocess.run(command, capture_output=True, text=True)


def commit(subject: Subject) -> Line:
    """Check that the commit can still be had."""
    value = subject.tags.get("git_commit", "none")
    found = git(f"{value}^{{commit}}", "cat-file", "-e")
    return line("git commit", value, not found.returncode, "not in this repository")


def data(subject: Subject) -> Line:
    """Look for the training data: in dvc.lock, here, and with the run."""
    md5 = subject.tags.get("data_md5", "none")
    where = next((where for where, found in copies(subject) if found == md5), "")
    missing = f"not with the run, in {DVC_LOCK}, {REFERENCE} or {record.TRAINING}"
    return Line("data md5", md5, f"{CHECKED}: {where}" if where else missing)


def copies(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield where data may be, and its md5."""
    if DVC_LOCK.exists():
        stages = yaml.safe_load(DVC_LOCK.read_text(encoding="utf-8"))["stages"].values()
        yield from (("dvc.lock", o.get("md5", "")) for s in stages for o in s.get("outs", []))
    yield from ((str(path), md5_of(path)) for path in (REFERENCE, record.TRAINING) if path.exists())
    client, run_id = subject.registry.client, subject.run.info.run_id
    with subject.registry.asked("reading the run's data"):
        for file in client.list_artifacts(run_id, "data"):
            yield "with the run", md5_of(Path(client.download_artifacts(run_id, file.path)))


def params(subject: Subject) -> Line:
    """Compare the run's params with params.yaml as it was in the commit."""
    logged = subject.run.data.params
    value = " ".join(f"{name}={logged[name]}" for name in sorted(logged))
    found = git(f"{subject.tags.get('git_commit', 'none')}:./{record.PARAMS}", "show")
    if found.returncode:
        return Line("params", value, f"{record.PARAMS} of the commit cannot be read")
    used = train.used_params(record.parse_params(found.stdout))
    names = sorted(used.keys() | logged.keys())
    other = ", ".join(name for name in names if str(used.get(name)) != logged.get(name))
    return line("params", value, not other, f"{record.PARAMS} of the commit differs: {other}")


@finish
def run(number: str | None, url: str | None, image: str | None) -> None:
    """Print the chain."""
    lines = list(chain(Subject(Registry(), number), url, image))
    print(table(Line._fields, lines))
    broken = [line.what for line in lines if not line.verdict.startswith(CHECKED)]
    if broken:
        raise Refused(f"the chain is broken at: {', '.join(broken)}")


def main(argv: list[str] | None = None) -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", help="default: the champion")
    parser.add_argument("--url", help="of the model server, such as http://127.0.0.1:8080")
    parser.add_argument("--image", help="its image, with @sha256:...")
    args = parser.parse_args(argv)
    return run(args.version, args.url, args.image)


if __name__ == "__main__":
    sys.exit(main())
