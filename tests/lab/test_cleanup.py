"""What a lab left in services that outlive it is removed, or gone with them."""

import socket
from types import SimpleNamespace

import pytest

from mlops_lab.core.environment import SAFE
from mlops_lab.lab import cleanup


def test_a_service_that_has_died_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**SAFE, "AWS_MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(name, value)
    with socket.socket() as held:  # a port at which nobody listens
        held.bind(("127.0.0.1", 0))
        service = SimpleNamespace(url=f"http://127.0.0.1:{held.getsockname()[1]}")
        cleanup.clean("churn-01-one", dict.fromkeys(cleanup.REMOVERS, service))
