"""No line that a person may want to copy is broken."""

import re
from pathlib import Path

import pytest

from conftest import TINY, Mini
from mlops_lab.cluster import interface, lifecycle


def test_urls_and_logs_stay_whole_in_a_pipe(mini: Mini) -> None:
    name = "a-service-whose-name-alone-takes-half-of-a-line-of-eighty"
    mini.services({name: TINY})
    mini.lab("01-one", services=(name,))
    try:
        done = mini.call("up", "01", COLUMNS="40")
        again = mini.call("status", COLUMNS="40")
    finally:
        mini.call("down")
    for said in (done.stdout, again.stdout):
        assert re.search(
            rf"{name} +http://127\.0\.0\.1:\d+ .*\.lab/logs/up\.01-one\.{name}\.log", said
        )


def test_what_doctor_advises_stays_whole(mini: Mini) -> None:
    mini.lab("01-one")
    mini.versions()
    done = mini.call("doctor", COLUMNS="40", PATH="/nowhere")
    assert "git; to get it: apt-get install git, or brew install git\n" in done.stdout


def test_the_path_of_the_kubeconfig_stays_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    long = tmp_path / ("a" * 60) / ("b" * 60)
    monkeypatch.setenv("COLUMNS", "40")

    class Kubectl:
        config = long

        def reads(self, path: str) -> bool:
            return False

    class Gone(interface.Provider):
        name, kubectl = "host", Kubectl()  # type: ignore[assignment]

        def dead(self) -> list[str]:
            return []

    monkeypatch.setattr(lifecycle, "current", Gone)
    assert lifecycle.status() == 1
    assert f"kubectl --kubeconfig {long}\n" in capsys.readouterr().out


def test_the_names_of_labs_stay_whole_in_the_report(mini: Mini) -> None:
    stem = "01-a-lab-whose-name-takes-most-of-a-line"
    mini.lab(stem)
    done = mini.call("run", "--no-book", COLUMNS="40")
    assert re.search(rf"^{stem} +passed +\d", done.stdout, re.MULTILINE)
