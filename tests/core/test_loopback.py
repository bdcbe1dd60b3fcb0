"""What runs on this machine is asked without a proxy, and nobody else is told of one."""

import urllib.request

import pytest

from conftest import serving
from mlops_lab.core import loopback
from mlops_lab.core.environment import SAFE


async def app(scope: object, receive: object, send: object) -> None:
    """Status 200 to everything."""
    await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": b"here"})  # type: ignore[operator]


def test_a_proxy_is_neither_used_nor_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(app) as url:
        with monkeypatch.context() as proxied:
            proxied.setenv("HTTP_PROXY", SAFE["HTTP_PROXY"])
            for name in ("NO_PROXY", "no_proxy"):
                proxied.delenv(name, raising=False)
            assert loopback.ask(url).read() == b"here"
        assert urllib.request.urlopen(url).read() == b"here"
