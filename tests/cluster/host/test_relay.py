"""The relay carries bytes both ways, and nothing when nobody is behind it."""

import select
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from conftest import Started
from mlops_lab.cluster.host.ports import RELAY
from mlops_lab.core.waiting import LIMIT


@contextmanager
def relay(port: int) -> Iterator[tuple[str, int]]:
    """A relay to this port of the loopback; yields the address where it listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        target = f"{listening.fileno()}:127.0.0.1:{port}"
        command = [sys.executable, str(RELAY), target]
        with Started(command, pass_fds=[listening.fileno()]) as process:
            try:
                yield listening.getsockname()
            finally:
                process.kill()


@pytest.fixture
def behind() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LIMIT)
        yield server


def read(connection: socket.socket) -> bytes:
    """All until the other end says that there is no more."""
    with connection.makefile("rb") as file:
        return file.read()


def test_bytes_go_both_ways_and_each_way_ends_alone(behind: socket.socket) -> None:
    large = bytes(range(256)) * 4000
    there = relay(behind.getsockname()[1])
    with there as address, socket.create_connection(address, LIMIT) as outer:
        inner, _ = behind.accept()
        with inner:
            inner.settimeout(LIMIT)
            outer.sendall(b"question")
            outer.shutdown(socket.SHUT_WR)
            assert read(inner) == b"question"
            inner.sendall(large)
            inner.shutdown(socket.SHUT_WR)
            assert read(outer) == large


def test_a_silent_connection_holds_up_no_other(behind: socket.socket) -> None:
    with relay(behind.getsockname()[1]) as address, ExitStack() as stack:
        silent, speaking = (
            stack.enter_context(socket.create_connection(address, LIMIT)) for _ in range(2)
        )
        ends = [stack.enter_context(behind.accept()[0]) for _ in range(2)]
        speaking.sendall(b"x")
        assert [end.recv(1) for end in select.select(ends, [], [], LIMIT)[0]] == [b"x"]
        assert silent.fileno() > 0


def test_nobody_behind_it_is_an_end_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with relay(port) as address, socket.create_connection(address, LIMIT) as outer:
        assert read(outer) == b""
