"""What a source reaches, and what a lab's fingerprint therefore is about."""

import functools
from pathlib import Path

import pytest

from conftest import run
from mlops_lab.cluster import providers, state
from mlops_lab.lab import catalog
from mlops_lab.runs import changes, sources
from mlops_lab.services import definitions
from mlops_lab.toolchain import pins

STEMS = catalog.stems()
MAILED = {"05b", "09", "11", "12", "13", "14", "14b"}
EVERY = {stem.partition("-")[0] for stem in STEMS}


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ('LABS / "churn"', "labs/churn"),
        ('LABS / "churn" / "api.py"', "labs/churn/api.py"),
        ('LABS / "churn" / name', "labs/churn"),
        ('LABS / name / "api.py"', "labs"),
        ("copy(LABS)", "labs"),
        ('ROOT / "labs/gitops" / x', "labs/gitops"),
        ('ROOT / "requirements.txt"', "requirements.txt"),
        ("INTERVIEW.glob('*')", "labs/interview"),
    ],
)
def test_a_path_is_followed_as_far_as_it_is_written_down(line: str, path: str) -> None:
    assert sources.read(line).paths == {path}


def test_other_divisions_are_no_paths() -> None:
    assert (
        sources.read("LABS = ('a', 'b'); x = total / 3; y = LABS2 / 'churn'; print(LABS)").paths
        == set()
    )


def package(tmp_path: Path, **files: str) -> Path:
    root = tmp_path / "mlops_lab"
    root.mkdir()
    for name, text in {"__init__": "", **files}.items():
        path = root / f"{name.replace('__in__', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return root


def names(found: set[Path]) -> set[str]:
    return {path.stem for path in found}


def test_imports_are_followed_wherever_they_stand(tmp_path: Path) -> None:
    root = package(
        tmp_path,
        a="from mlops_lab import b\nimport yaml",
        b="def f():\n    from mlops_lab.c import x",
        c='COMMAND = "python -m mlops_lab.d --port 1"',
        d="import mlops_lab.a",
        e="",
    )
    found = sources.closure(["mlops_lab.a"], root)
    assert names(found) == {"a", "b", "c", "d"}
    assert sources.packages(found) == {"yaml"}
    refused = sources.closure(["mlops_lab.a"], root, follow=lambda name: "mlops_lab.c" not in name)
    assert names(refused) == {"a", "b"}


def test_of_a_function_counts_what_it_calls(tmp_path: Path) -> None:
    file = tmp_path / "steps.py"
    file.write_text(
        'def one():\n    two()\n    LABS / "a"\n'
        'def two():\n    LABS / "b"\n'
        'def three():\n    LABS / "c"\n'
    )
    assert sources.of_function(file, "one").paths == {"labs/a", "labs/b"}


def test_pins_know_what_they_stand_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(
        "alpha==1.0 \\\n    --hash=sha256:0\n    # via -r requirements.in\n"
        "beta==2.0 ; python_version < '4' \\\n    --hash=sha256:0\n    # via alpha\n"
        "beta==2.1 ; python_version >= '4' \\\n    --hash=sha256:0\n    # via alpha\n"
        "gamma==3.0 \\\n    --hash=sha256:0\n    # via\n    #   beta\n    #   delta\n"
        "delta==4.0 \\\n    --hash=sha256:0\n"
    )
    monkeypatch.setattr(pins, "FILE", file)
    pins.pins.cache_clear()
    try:
        assert pins.below(["alpha"]) == {"alpha": "1.0", "beta": "2.0", "gamma": "3.0"}
        assert pins.below(["delta", "unknown"]) == {"delta": "4.0", "gamma": "3.0"}
    finally:
        pins.pins.cache_clear()


def test_programs_and_modules_have_their_packages() -> None:
    assert pins.owners()["module"]["sklearn"] == {"scikit-learn"}
    assert pins.owners()["program"]["dvc"] == {"dvc"}


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "current", lambda: None)


@functools.cache
def before() -> dict[str, str]:
    """The fingerprints of all labs."""
    return {stem: changes.of_lab(catalog.read(stem)) for stem in STEMS}


def moved() -> set[str]:
    """The numbers of the labs whose fingerprint is another now."""
    return {s.split("-")[0] for s in STEMS if changes.of_lab(catalog.read(s)) != before()[s]}


def test_a_copy_within_another_repository_that_ignores_it_has_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run("git", "init", "--quiet", tmp_path)
    (tmp_path / ".gitignore").write_text("copy/\n")
    copy = tmp_path / "copy"
    (copy / "labs").mkdir(parents=True)
    (copy / "labs/train.py").touch()
    monkeypatch.setattr(changes, "ROOT", copy)
    assert changes.below(copy / "labs") == [copy / "labs/train.py"]


def test_a_file_that_has_gone_is_no_error(tmp_path: Path) -> None:
    assert changes.join("x", changes.ROOT / "4913") != changes.join("x", changes.ROOT / "README.md")


def test_a_cluster_of_other_versions_is_another_cluster(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(changes, "current", lambda: providers.named("host"))
    monkeypatch.setattr(state, "FOLDER", tmp_path)
    spec, seen = catalog.read("08-argocd"), set()
    for made in ("{}", '{"argo-cd": "v3.5.0"}', '{"argo-cd": "v3.6.1"}'):
        state.versions_file().write_text(made)
        seen.add(changes.of_lab(spec))
    assert len(seen) == 3


def pretend(monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
    """As if this one file of the checkout had another content."""
    real = changes._content

    def content(path: Path) -> str:
        return real(path) + ("#" if path.as_posix().endswith(f"/{changed}") else "")

    monkeypatch.setattr(changes, "_content", content)


@pytest.mark.parametrize(
    ("changed", "labs"),
    [
        ("mlops_lab/services/supervisor.py", EVERY),
        ("mlops_lab/helpers/serving.py", {"07"}),
        ("mlops_lab/actions/queue.py", {"05b", "09", "14b"}),
        ("mlops_lab/book/build.py", set()),
        ("mlops_lab/interview/drill/session.py", set()),
        ("labs/gitops/base/smoke.yaml", {"05b", "08", "09"}),
        ("labs/serving/inference.yaml", {"07b"}),
        ("labs/interview/dvc.yml", set()),
        ("kind-cluster/build/pushgateway/go.sum", {"10"}),
        ("kind-cluster/build/victoria-logs/go.sum", {"15"}),
        ("kind-cluster/build/kserve/go.sum", set()),
        ("kind-cluster/platform/lab-services/receiver.py", {*MAILED, "12b", "15"}),
        ("kind-cluster/versions.yaml", set()),
        ("CHANGELOG.md", set()),
    ],
)
def test_a_change_concerns_the_labs_that_use_the_file(
    monkeypatch: pytest.MonkeyPatch, changed: str, labs: set[str]
) -> None:
    before()
    pretend(monkeypatch, changed)
    assert moved() == labs


@pytest.mark.parametrize("name", ["node-exporter", "victoria-logs"])
def test_a_service_that_a_cell_starts_concerns_its_labs(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before()
    services = dict(definitions.catalog())
    services[name] = services[name].model_copy(update={"command": "another"})
    monkeypatch.setattr(definitions, "catalog", lambda: services)
    assert moved() == {"node-exporter": {"10", "15b"}, "victoria-logs": {"15"}}[name]


@pytest.mark.parametrize(
    ("package", "labs"),
    [
        ("mypy", set()),
        ("jupyterlab", set()),
        ("aiosmtpd", MAILED),
        ("bandit", {"05", "05b", "09", "14b"}),
        ("ipykernel", EVERY),
    ],
)
def test_a_pin_concerns_the_labs_that_stand_on_it(
    monkeypatch: pytest.MonkeyPatch, package: str, labs: set[str]
) -> None:
    before()
    versions, needs = pins.pins()
    monkeypatch.setattr(pins, "pins", lambda: ({**versions, package: "0"}, needs))
    assert moved() == labs
