"""Follow a served model back to its image, version, run, commit, data and params.

Each line says "checked", or what does not fit. What the server says about itself is no proof: the
churn server names no version. So it is asked for predictions, and those must be the registered
model's own, to the last of the six digits that it gives.
"""

import argparse
import json
import math
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
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


class Subject(NamedTuple):
    """A registered version, its run and its model."""

    registry: Registry
    version: Any
    run: Any
    model: Any
    artifact_md5: str

    @property
    def tags(self) -> dict[str, str]:
        """The tags of run and version; the version's win."""
        return {**self.run.data.tags, **self.version.tags}


def subject_of(registry: Registry, version: str | None) -> Subject:
    """Read all that the registry has.

    Raises:
        Refused: there is no champion, and no version was named.
    """
    number = version or registry.aliases().get(CHAMPION)
    if number is None:
        raise Refused(f"{registry.model} has no champion; name a version with --version")
    found = registry.version(number)
    with registry.asked(f"reading run {found.run_id}"):
        run = registry.client.get_run(found.run_id)
    model, md5 = registry.load(f"models:/{registry.model}/{number}")
    return Subject(registry, found, run, model, md5)


def lines(subject: Subject, args: argparse.Namespace) -> Iterator[Line]:
    """Yield the chain from what is served down to the params."""
    if args.url:
        yield served(subject, args.url)
    if args.image:
        yield image(subject, args.image)
    if args.model_file:
        yield model_file(subject, args.model_file)
    yield version(subject)
    fits = subject.run.info.status == "FINISHED"
    yield Line("run", subject.run.info.run_id, CHECKED if fits else "the run did not finish")
    yield commit(subject)
    yield data(subject)
    yield params(subject)


def ask(url: str, rows: list[dict[str, Any]]) -> list[float]:
    """Ask the server for the rows' probabilities."""
    body, header = json.dumps({"instances": rows}).encode(), {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url.rstrip('/')}/v1/models/churn:predict", body, header)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return [float(row["probability"]) for row in json.load(answer)["predictions"]]


def example_of(subject: Subject) -> pd.DataFrame:
    """Return the rows that were stored with the model as its input example."""
    uri = f"models:/{subject.registry.model}/{subject.version.version}"
    with subject.registry.asked("reading the input example"):
        folder = subject.registry.mlflow.artifacts.download_artifacts(uri)
        return subject.registry.mlflow.models.Model.load(folder).load_input_example(folder)


def served(subject: Subject, url: str) -> Line:
    """Compare predictions of the server with those of the registered model."""
    rows = example_of(subject)
    expected = subject.model.predict_proba(rows)[:, 1]
    try:
        found = ask(url, json.loads(rows.to_json(orient="records")))
    except (OSError, ValueError, KeyError, urllib.error.URLError) as error:
        return Line("served prediction", url, f"no answer: {error}")
    value = ", ".join(f"{probability:.6f}" for probability in found)
    same = len(found) == len(expected) and all(
        math.isclose(a, b, abs_tol=PRECISION) for a, b in zip(found, expected, strict=True)
    )
    wanted = ", ".join(f"{probability:.6f}" for probability in expected)
    return Line("served prediction", value, CHECKED if same else f"the model says {wanted}")


def image(subject: Subject, given: str) -> Line:
    """Compare the image's digest with the one that was deployed for this version."""
    if not (match := DIGEST.search(given)):
        return Line("image", given, "no digest: sha256 and 64 hex digits")
    tagged = subject.tags.get("image_digest")
    if tagged is None:
        return Line("image", match[0], "the version has no tag image_digest")
    return Line("image", match[0], CHECKED if tagged == match[0] else f"tagged is {tagged}")


def model_file(subject: Subject, path: Path) -> Line:
    """Compare a model file with the registry's."""
    if not path.exists():
        return Line("model file", str(path), "not there")
    known = {subject.artifact_md5, subject.tags.get("model_md5")}
    md5 = md5_of(path)
    said = CHECKED if md5 in known else f"the registry's has md5 {subject.artifact_md5}"
    return Line("model file", md5, said)


def version(subject: Subject) -> Line:
    """Check that the stored model is the one that was registered."""
    aliases = ", ".join(subject.version.aliases)
    name = f"{subject.registry.model} {subject.version.version}"
    tagged = subject.tags.get("artifact_md5", subject.artifact_md5)
    said = CHECKED if tagged == subject.artifact_md5 else f"its file had md5 {tagged} once"
    return Line("model version", f"{name} ({aliases})" if aliases else name, said)


def git(*command: str) -> subprocess.CompletedProcess[str]:
    """Run git here."""
    return subprocess.run(["git", *command], capture_output=True, text=True)


def commit(subject: Subject) -> Line:
    """Check that the commit can still be had."""
    value = subject.tags.get("git_commit", "none")
    there = (
        not value.startswith("-") and not git("cat-file", "-e", f"{value}^{{commit}}").returncode
    )
    return Line("git commit", value, CHECKED if there else "not in this repository")


def data(subject: Subject) -> Line:
    """Look for the training data: with the run, in dvc.lock, and here."""
    md5 = subject.tags.get("data_md5", "none")
    for where, found in copies(subject):
        if found == md5:
            return Line("data md5", md5, f"{CHECKED}: {where}")
    return Line(
        "data md5", md5, f"not with the run, in {DVC_LOCK}, {REFERENCE} or {record.TRAINING}"
    )


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
    found = git("show", f"{subject.tags.get('git_commit', 'none')}:./{record.PARAMS}")
    if found.returncode:
        return Line("params", value, f"{record.PARAMS} of the commit cannot be read")
    used = train.used_params(record.parse_params(found.stdout))
    other = {
        name for name in used.keys() | logged.keys() if str(used.get(name)) != logged.get(name)
    }
    said = f"{record.PARAMS} of the commit differs: {', '.join(sorted(other))}"
    return Line("params", value, said if other else CHECKED)


def run(args: argparse.Namespace) -> None:
    """Print the chain.

    Raises:
        Refused: a link does not fit.
    """
    chain = list(lines(subject_of(Registry(), args.version), args))
    print(table(Line._fields, chain))
    broken = [line.what for line in chain if not line.verdict.startswith(CHECKED)]
    if broken:
        raise Refused(f"the chain is broken at: {', '.join(broken)}")


def main(argv: list[str] | None = None) -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", help="default: the champion")
    parser.add_argument("--url", help="of the model server, such as http://127.0.0.1:8080")
    parser.add_argument("--image", help="its image, with @sha256:...")
    parser.add_argument("--model-file", type=Path, help="such as models/model.skops")
    args = parser.parse_args(argv)
    return finish(lambda: run(args))


if __name__ == "__main__":
    sys.exit(main())
