"""What gets into the image, and by which name it goes on: labs/mlops/delivery/image.py."""

from pathlib import Path

import pytest
import yaml
from delivery import image

REVISION, MODEL = "0123456789abcdef" * 2, "2" * 32
NAME = f"localhost:1/mlops/churn:{REVISION[:12]}"
LOCK = {"stages": {"train": {"outs": [{"path": "models/model.skops", "md5": MODEL}]}}}
DIGEST = "sha256:" + "ab" * 32
# The last argument is the folder that is built.
LISTS = 'for last; do :; done; test "$1" = build && (cd "$last" && find . -type f | sort >"$FOUND")'


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with more in it than serving needs."""
    folder = tmp_path / "checkout"
    for name in ("models/model.skops", "image/Dockerfile", "data/churn.csv", ".git/config"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    for name in ("api.py", "train.py", "params.yaml", "secret.env"):
        (folder / name).write_text("")
    (folder / "dvc.lock").write_text(yaml.safe_dump(LOCK))
    monkeypatch.chdir(folder)
    for name, value in {
        "REGISTRY": "localhost:1", "ECR_REPOSITORY": "mlops/churn", "REVISION": REVISION,
        "GITHUB_SHA": "f" * 40, "WHEELS": "/wheels", "BASE": "base:1",
        "GITHUB_OUTPUT": str(tmp_path / "outputs"), "FOUND": str(tmp_path / "found"),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    return folder


def builder(program, monkeypatch: pytest.MonkeyPatch, name: str, says: str) -> Path:
    """A builder of that name; the file in which it notes its calls."""
    calls = program(name, says)
    monkeypatch.setenv("BUILDER", str(calls.parent / "programs" / name))
    return calls


def test_the_image_has_what_serving_needs_and_says_what_it_is(
    checkout: Path, program, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    calls = builder(program, monkeypatch, "buildah", LISTS)
    image.build()
    assert (checkout.parent / "found").read_text().split() == [
        "./Dockerfile", "./api.py", "./models/model.skops", "./params.yaml", "./train.py",
    ]  # fmt: skip
    said = calls.read_text().split(": ", 1)[1].split()
    assert said[:-1] == [
        "build", "--quiet", f"--label=org.opencontainers.image.revision={REVISION}",
        f"--label=model={MODEL}", "--build-context=wheels=/wheels", "--build-arg=BASE=base:1",
        "--tag", NAME,
    ]  # fmt: skip
    assert capsys.readouterr().out == f"built {NAME}\n"


PUSHES = {
    "buildah": (f'echo {DIGEST} >"${{3#--digestfile=}}"', ["push --quiet --digestfile="]),
    "docker": (
        f"test $1 = inspect && echo localhost:1/mlops/churn@{DIGEST}; true",
        ["push --quiet", "inspect --format {{index .RepoDigests 0}}"],
    ),
}


@pytest.mark.parametrize("name", PUSHES)
def test_what_was_pushed_goes_on_by_its_digest(
    checkout: Path, program, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    says, asked = PUSHES[name]
    calls = builder(program, monkeypatch, name, says)
    image.push()
    for line, wanted in zip(calls.read_text().splitlines(), asked, strict=True):
        assert line.split(": ", 1)[1].startswith(wanted)
        assert line.endswith(f" {NAME}")
    told = (checkout.parent / "outputs").read_text()
    assert told == f"image=localhost:1/mlops/churn@{DIGEST}\n"
