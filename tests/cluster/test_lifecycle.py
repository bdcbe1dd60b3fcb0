"""`lab cluster`, with a provider that only pretends."""

from pathlib import Path

import pytest

from cluster.conftest import FakeKubectl
from mlops_lab.cluster import lifecycle, platform, providers, state
from mlops_lab.cluster.images.builder import Builder
from mlops_lab.cluster.interface import Problem
from mlops_lab.cluster.phases import Phase
from mlops_lab.cluster.platform import Part
from mlops_lab.cluster.providers import current
from mlops_lab.core.errors import Busy, LabError
from mlops_lab.core.locks import held
from mlops_lab.toolchain.versions import component


class Pretender:
    """A provider whose cluster is a flag."""

    complete = ("ready",)
    builder, offline = Builder("", ""), True

    def __init__(self, name: str) -> None:
        self.name, self.about = name, "a pretended cluster"
        self.kubectl = FakeKubectl()
        self.lacks: list[Problem] = []
        self.deaths: list[str] = []
        self.fails = self.runs = False

    def problems(self) -> list[Problem]:
        return self.lacks

    def phases(self) -> list[Phase]:
        return [Phase("ready", "a node", (), lambda: self.runs, self._up)]

    def _up(self) -> None:
        assert state.provider_file().read_text() == self.name
        if self.fails:
            raise LabError("no disk")
        self.runs = True

    def dead(self) -> list[str]:
        return self.deaths

    def logs(self) -> dict[str, Path]:
        return {}

    def down(self) -> None:
        if self.fails:
            raise LabError("it does not go away")
        self.runs = False


@pytest.fixture(autouse=True)
def two(monkeypatch: pytest.MonkeyPatch) -> dict[str, Pretender]:
    found = {name: Pretender(name) for name in ("first", "second")}
    for module in (providers, lifecycle):
        monkeypatch.setattr(module, "providers", lambda: found)
    monkeypatch.setattr(platform, "parts", list)
    return found


def test_up_takes_the_first_that_can_run(two: dict[str, Pretender], capsys) -> None:
    two["first"].lacks = [Problem("no Docker", "install it")]
    lifecycle.up(None)
    assert current() is two["second"]
    assert [one.runs for one in two.values()] == [False, True]
    output = capsys.readouterr().out
    assert "cluster on second: a pretended cluster" in output
    assert "a node (" in output
    assert "ready in" in output


def test_up_again_does_nothing_and_says_so(two: dict[str, Pretender], capsys) -> None:
    lifecycle.up("second")
    capsys.readouterr()
    lifecycle.up(None)
    assert capsys.readouterr().out.splitlines()[-1] == "it is up already; nothing to do"
    assert current() is two["second"]


def test_a_named_provider_is_not_replaced_by_another(two: dict[str, Pretender]) -> None:
    two["first"].lacks = [Problem("no Docker", "install it")]
    with pytest.raises(
        LabError, match=r"nothing has been changed\n  first: no Docker; install it$"
    ):
        lifecycle.up("first")
    assert not state.FOLDER.exists()
    assert current() is None


def test_if_none_can_run_each_one_s_reasons_are_told(two: dict[str, Pretender]) -> None:
    for one in two.values():
        one.lacks = [Problem(f"{one.name} lacks {what}", "get it") for what in "ab"]
    with pytest.raises(LabError) as caught:
        lifecycle.up(None)
    assert str(caught.value).splitlines()[1:] == [
        f"  {name}: {name} lacks {what}; get it" for name in two for what in "ab"
    ]


def test_what_a_cluster_is_made_of_is_noted_when_it_is_complete(
    two: dict[str, Pretender], monkeypatch: pytest.MonkeyPatch
) -> None:
    two["first"].fails = True
    with pytest.raises(LabError):
        lifecycle.up("first")
    assert state.versions() == {}
    two["first"].fails = False
    lifecycle.up("first")
    made = state.versions()
    assert made["kserve"] == component("kserve").version
    assert {"kubernetes", "coredns"} <= set(made)
    assert not {"pause", "prometheus"} & set(made)
    # Pins move. `up` renews what runs on the node, and not the node.
    monkeypatch.setattr(platform, "images", lambda: dict.fromkeys(made, "v9"))
    lifecycle.up("first")
    node = {name: made[name] for name in ("kubernetes", "coredns")}
    assert state.versions() == dict.fromkeys(made, "v9") | node


def test_the_dns_of_a_node_that_is_not_ours_is_not_claimed(two: dict[str, Pretender]) -> None:
    two["first"].offline = False
    lifecycle.up("first")
    assert "coredns" not in state.versions()


def test_two_providers_do_not_meet(two: dict[str, Pretender]) -> None:
    lifecycle.up("first")
    with pytest.raises(LabError, match=r"a first cluster is up; first \./lab cluster down"):
        lifecycle.up("second")
    assert not two["second"].runs


def test_the_one_that_is_up_is_not_asked_whether_it_can_run(two: dict[str, Pretender]) -> None:
    lifecycle.up("first")
    two["first"].lacks = [Problem("port taken", "by the cluster itself")]
    lifecycle.up("first")


def test_a_failure_keeps_the_record_and_says_how_to_go_on(two: dict[str, Pretender]) -> None:
    two["first"].fails = True
    with pytest.raises(LabError, match=r"(?s)^no disk\n.*up tries again.*down removes it all$"):
        lifecycle.up(None)
    assert current() is two["first"]
    two["first"].fails = False
    lifecycle.up(None)
    assert two["first"].runs


def test_a_down_that_fails_forgets_nothing(two: dict[str, Pretender]) -> None:
    lifecycle.up("first")
    two["first"].fails = True
    with pytest.raises(LabError, match="it does not go away"):
        lifecycle.down()
    assert current() is two["first"]


def test_only_one_command_at_a_time(two: dict[str, Pretender]) -> None:
    with held(state.lock(), "another"):
        for command in (lambda: lifecycle.up(None), lifecycle.down):
            with pytest.raises(Busy, match="lab cluster is already going on"):
                command()
    assert current() is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda one, patch: setattr(one, "deaths", ["kubelet"]), "kubelet        died"),
        (lambda one, patch: setattr(one.kubectl, "ready", False), "its API does not answer"),
        (
            lambda one, patch: one.kubectl.answers.update(get="DiskPressure Ready"),
            "DiskPressure, evicts pods",
        ),
        (lambda one, patch: patch(platform, "done", lambda *_: False), "part           not rolled"),
    ],
)
def test_status_is_1_if_something_is_not(two, capsys, monkeypatch, change, said: str) -> None:
    monkeypatch.setattr(platform, "parts", lambda: [Part("part", "a part", "corner", [])])
    monkeypatch.setattr(platform, "done", lambda *_: True)
    lifecycle.up("first")
    change(two["first"], monkeypatch.setattr)
    capsys.readouterr()
    assert lifecycle.status() == 1
    output = capsys.readouterr().out
    assert said in output
    assert "./lab cluster up repairs it" in output


def test_what_died_makes_one_sentence(two: dict[str, Pretender]) -> None:
    assert lifecycle.death() == ""
    assert not lifecycle.is_up()
    lifecycle.up("first")
    assert lifecycle.death() == ""
    assert lifecycle.is_up()
    two["first"].deaths = ["etcd", "kubelet"]
    sentence = "the cluster's etcd, kubelet died; ./lab cluster up repairs it"
    assert lifecycle.death() == sentence


def test_a_node_that_ends_pods_is_named(two: dict[str, Pretender]) -> None:
    lifecycle.up("first")
    kubectl = two["first"].kubectl
    kubectl.answers["get"] = "Ready DiskPressure"
    assert lifecycle.death().startswith("the cluster's node has DiskPressure and evicts pods; make")
    kubectl.ready = False
    assert lifecycle.death() == ""


def test_a_record_of_an_unknown_provider_is_none() -> None:
    state.provider_file().parent.mkdir(parents=True)
    state.provider_file().write_text("k3s")
    assert current() is None
