"""What holds for every test: no network but this machine's own addresses."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")


class NetworkUseError(AssertionError):
    """A test opened a socket off this machine."""


def _refuse_foreign(address: object) -> None:
    if isinstance(address, tuple) and address:
        host = str(address[0])
        try:
            local = host in ("", "localhost") or ipaddress.ip_address(host.split("%")[0]).is_loopback
        except ValueError:
            local = False
        if not local:
            raise NetworkUseError(f"a test opened a socket to {host}; everything runs offline")


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that connects anywhere but to this machine."""
    for verb in ("connect", "connect_ex"):
        original = getattr(socket.socket, verb)

        def guarded(self: socket.socket, address: object, _original: object = original) -> object:
            _refuse_foreign(address)
            return _original(self, address)  # type: ignore[operator]

        monkeypatch.setattr(socket.socket, verb, guarded)
    lookup = socket.getaddrinfo

    def guarded_lookup(host: object, *rest: object, **named: object) -> object:
        _refuse_foreign((host if host is not None else "localhost",))
        return lookup(host, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", guarded_lookup)
    yield


@pytest.fixture
def stubbed_dashboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand-ins for the models on every page, and nothing kept from one test for the next."""
    import streamlit

    from tests.dashboard import stub_models

    stub_models(monkeypatch)
    yield
    streamlit.cache_resource.clear()
