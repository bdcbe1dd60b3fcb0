"""EKS costs money: nothing is found or done without both consents."""

import pytest

from fakes import Fakes
from mlops_lab.cluster import phases, state
from mlops_lab.cluster.eks import AGREED, CLUSTER, Eks


@pytest.fixture
def aws(fakes: Fakes) -> Fakes:
    for name in ("aws", "kubectl"):
        fakes.add(name)
    return fakes


@pytest.mark.parametrize(
    ("name", "agreed", "said"),
    [
        ("", "", ["no EKS cluster is named", "you have not agreed"]),
        ("mine", "", ["you have not agreed"]),
        ("mine", "true", ["you have not agreed"]),
        ("", "yes", ["no EKS cluster is named"]),
        ("mine", "yes", []),
    ],
)
def test_both_consents_are_needed(
    aws: Fakes, monkeypatch: pytest.MonkeyPatch, name: str, agreed: str, said: list[str]
) -> None:
    monkeypatch.setenv(CLUSTER, name)
    monkeypatch.setenv(AGREED, agreed)
    problems = Eks().problems()
    assert len(problems) == len(said)
    for problem, words in zip(problems, said, strict=True):
        assert words in problem.what
    assert aws.calls() == []


def test_missing_programs_are_named(fakes: Fakes, monkeypatch) -> None:
    monkeypatch.setenv(CLUSTER, "mine")
    monkeypatch.setenv(AGREED, "yes")
    assert [problem.what for problem in Eks().problems()] == [
        "there is no aws",
        "there is no kubectl",
    ]


def test_up_writes_a_kubeconfig_of_the_lab_s_own_and_down_removes_it(
    aws: Fakes, monkeypatch
) -> None:
    monkeypatch.setenv(CLUSTER, "mine")
    aws.add("aws", f': > "{state.kubeconfig()}"')
    state.kubeconfig().parent.mkdir(parents=True)
    for _ in range(2):
        phases.run(Eks().phases(), lambda phase: None, lambda outcome: None)
        wanted = f"aws eks update-kubeconfig --name mine --kubeconfig {state.kubeconfig()}"
    assert aws.calls() == [wanted]
    Eks().down()
    Eks().down()
    assert not state.kubeconfig().exists()
    assert aws.calls() == []
