"""The audit of the naive workflow: every row holds, and every hardened line is needed."""

import re
import shutil
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml
from moto.server import ThreadedMotoServer

from conftest import ROOT
from mlops_lab import audit
from mlops_lab.audit import Finding, Mutation, Project, Row, flaws
from mlops_lab.audit.flaws import HAND, WORKFLOWS, occurrences
from mlops_lab.core.errors import LabError
from mlops_lab.toolchain import programs

CHURN, MLOPS = (ROOT / "labs" / name / WORKFLOWS for name in ("churn", "mlops"))
ROWS, NAIVE, HARDENED = audit.rows(), audit.naive(), audit.hardened()
MAIN = [line.strip() for line in NAIVE.text(WORKFLOWS + "main.yml").splitlines()]
OURS = [MLOPS / name for name in flaws.HARDENED] + sorted(
    (ROOT / ".github/workflows").glob("*.yml")
)
# Lines that decide what runs when, with which rights, on what; and all that carry a value.
DECIDES = re.compile(
    r"\b(uses|run|if|permissions|concurrency|group|cancel-in-progress|needs|runs-on|contents"
    r"|timeout-minutes|persist-credentials|id-token|branches|types|role-to-assume): |\$\{\{"
)
NEEDS_ACTIONLINT = pytest.mark.skipif(
    not (shutil.which("actionlint") or shutil.which("go") or programs.is_cached("actionlint")),
    reason="neither actionlint nor Go to build it with",
)


def ids(rows: tuple[Row, ...]) -> list[str]:
    return [row.id for row in rows]


def line_numbers(row: Row) -> list[int]:
    return [MAIN.index(line) + 1 for line in row.naive]


@cache
def found(path: Path) -> tuple[tuple[str, Finding], ...]:
    """What the tools find in a workflow, each with the tool's name."""
    return tuple((tool, one) for tool, all_ in audit.findings(path).items() for one in all_)


def claimed(tool: str, finding: Finding) -> list[str]:
    """The rows that a tool's finding belongs to."""
    wanted = f"{tool} {finding.rule}"
    return [row.id for row in ROWS if row.found_by == wanted and finding.line in line_numbers(row)]


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_naive_lines_stand_in_the_workflow_once(row: Row) -> None:
    assert row.naive
    assert [MAIN.count(line) for line in row.naive] == [1] * len(row.naive)


@NEEDS_ACTIONLINT
@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_the_named_tool_finds_it_and_no_tool_finds_what_is_found_by_hand(row: Row) -> None:
    on_its_lines = [pair for pair in found(CHURN / "main.yml") if pair[1].line in line_numbers(row)]
    if row.found_by == HAND:
        assert all(claimed(*pair) for pair in on_its_lines)
    else:
        said = {one.line for tool, one in on_its_lines if f"{tool} {one.rule}" == row.found_by}
        assert said == set(line_numbers(row))


@NEEDS_ACTIONLINT
def test_whatever_a_tool_finds_is_a_row() -> None:
    pairs = found(CHURN / "main.yml")
    assert pairs
    assert [pair for pair in pairs if not claimed(*pair)] == []


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_hardened_lines_stand_in_every_file_that_the_row_names(row: Row) -> None:
    assert row.hardened
    for place in row.hardened:
        files = {path for path, _ in occurrences(HARDENED, place.file, "")}
        there = {path for path, match in occurrences(HARDENED, place.file, place.line)
                 if whole_line(HARDENED.text(path), match)}  # fmt: skip
        assert files
        assert there == files, place


def whole_line(text: str, match: re.Match[str]) -> bool:
    """Whether the match is all of a line, but for its indentation and a Makefile's `@` or `- `."""
    before = text[: match.start()].rpartition("\n")[2]
    after = text[match.end() :].partition("\n")[0]
    return before.strip(" \t-@") == "" and after == ""


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_the_check_finds_the_flaw_and_passes_the_hardened_files(row: Row) -> None:
    assert row.problems(NAIVE)
    assert row.problems(HARDENED) == []


def turned_back(row: Row) -> list[Mutation]:
    """The row's mutations; none if one finds no line, which a test of its own says."""
    try:
        return audit.mutations(row, HARDENED)
    except LabError:
        return []


# What turns a line of a module back is tried in tests/mlops/test_put_back.py.
TURNED = [(row, one) for row in ROWS for one in turned_back(row) if not one.path.endswith(".py")]
NAMES = [f"{row.id}-{n}" for n, (row, _) in enumerate(TURNED)]


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_what_turns_a_line_back_finds_the_line(row: Row) -> None:
    assert audit.mutations(row, HARDENED)


@pytest.mark.parametrize(("row", "mutation"), TURNED, ids=NAMES)
def test_a_hardened_line_turned_back_is_found(row: Row, mutation: Mutation) -> None:
    if mutation.path.endswith(".yml"):
        assert yaml.safe_load(mutation.text)
    assert mutation.text != HARDENED.text(mutation.path)
    assert row.problems(HARDENED.changed(mutation.path, mutation.text))


@pytest.mark.parametrize("name", flaws.HARDENED)
def test_every_line_that_decides_something_can_be_turned_back(name: str) -> None:
    path = WORKFLOWS + name
    covered = {line for _, one in TURNED if one.path == path for line in one.lines}
    lines = enumerate(HARDENED.text(path).splitlines(), start=1)
    deciding = [(n, line.strip()) for n, line in lines
                if DECIDES.search(line + " ") and not line.strip().startswith("#")]  # fmt: skip
    assert deciding
    assert [pair for pair in deciding if pair[0] not in covered] == []


def test_every_check_belongs_to_a_row() -> None:
    assert {row.check for row in ROWS} == set(flaws.CHECKS)


@NEEDS_ACTIONLINT
@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_tool_finds_anything_in_our_workflows(path: Path) -> None:
    assert audit.actionlint(path) == []
    assert audit.schema(path) == []
    assert [one for one in audit.zizmor(path, "regular") if one.severity != "Informational"] == []


@pytest.mark.parametrize("name", flaws.HARDENED)
def test_the_hardened_workflows_please_the_pedantic_as_well(name: str) -> None:
    assert audit.zizmor(MLOPS / name) == []


def test_the_table_has_a_line_for_each_row() -> None:
    table = audit.table().splitlines()
    assert len(table) == len(ROWS) + 2
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {5}


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_answers_take_half_a_minute_to_a_minute(row: Row) -> None:
    """At 130 words a minute."""
    assert 65 <= len(row.answer.split()) <= 130
    assert re.search(r"\b(I|my|me|our)\b", row.answer, re.IGNORECASE)


def changed_row(path: Path, **changes: object) -> Path:
    rows = yaml.safe_load(flaws.FILE.read_text())[:2]
    rows[1].update(changes)
    path.write_text(yaml.safe_dump([{k: v for k, v in one.items() if v != "-"} for one in rows]))
    return path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cost": "-"}, "audit.yml: release-branch: cost: Field required"),
        ({"extra": 1}, "audit.yml: release-branch: extra: Unexpected keyword argument"),
        ({"back": [{"file": "ci.yml"}]}, "audit.yml: release-branch: back: 0: find: Field"),
        ({"check": "guess"}, "audit.yml: release-branch: check: there is no guess"),
        ({"id": "no-concurrency"}, "audit.yml: no-concurrency: id: used twice"),
    ],
)
def test_a_wrong_row_is_named_with_its_file_and_field(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(LabError, match=f"^{re.escape(message)}"):
        flaws.rows(changed_row(tmp_path / "audit.yml", **changes))


def test_a_change_that_finds_nothing_is_named() -> None:
    with pytest.raises(LabError, match=r"no-concurrency: back: no .concurrency:.* in ci.yml"):
        audit.mutations(ROWS[0], Project({WORKFLOWS + "ci.yml": "jobs: {}\n"}))


@pytest.fixture
def demos(monkeypatch: pytest.MonkeyPatch):
    """The demonstrations, which find what they import themselves; it goes away with them."""
    own = [path for path in sys.path if not Path(path).is_relative_to(ROOT / "labs")]
    monkeypatch.setattr(sys, "path", [str(ROOT / "labs/audit"), *own])
    for name in [name for name in sys.modules if name.partition(".")[0] == "delivery"]:
        monkeypatch.delitem(sys.modules, name)
    before = set(sys.modules)
    import demos

    yield demos
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("demos", "curly", "dvc_push", "delivery"):
            del sys.modules[name]


# What a reader sees; it shows that the claim was met.
SAYS = {
    "mutable-tag": "@<sha>:     print('builds your image')",
    "push-race": "hardened: README a.yaml b.yaml",
    "sed-wrong-image": "'log-shipper': 'churn:new'",
    "second-deployment": "build 2: status 0, 2 commits",
    "template-injection": "pasted into the line: the command in the name ran",
    "ref-name": "not a full refname",
    "skip": "[skip ci]: 1 runs of one push",
}


@pytest.mark.parametrize("name", SAYS)
def test_a_demonstration_shows_what_it_claims(demos, name: str, capsys) -> None:
    demos.run(name)
    assert SAYS[name] in capsys.readouterr().out


@NEEDS_ACTIONLINT
def test_a_curly_quote_is_mostly_taken_for_a_letter(demos, capsys) -> None:
    demos.run("curly-quote")
    said = capsys.readouterr().out
    assert "around a branch: yaml takes it, schema takes it, actionlint takes it" in said
    assert "around a value with a colon: yaml refuses" in said


def test_dvc_push_sends_nothing_of_a_model_trained_by_hand(
    demos, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys
) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path))
    try:
        demos.run("dvc-push-nothing")
    finally:
        server.stop()
    assert "python train.py, dvc push: Everything is up to date." in capsys.readouterr().out


def test_every_demonstration_is_there_and_tried(demos) -> None:
    """That of `sleep 60` needs a cluster: a lab has it."""
    assert {row.demo for row in ROWS} - {"", "sleep-60"} <= set(demos.DEMOS)
    assert set(demos.DEMOS) == {*SAYS, "curly-quote", "dvc-push-nothing"}
