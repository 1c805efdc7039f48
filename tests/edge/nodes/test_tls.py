"""Nodes behind https: checked against the trust we are given, and otherwise like any node."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
import trio

from miroir.core.outcome import Answered, Unreachable
from miroir.core.topology import Node
from miroir.edge.nodes import wire
from miroir.edge.nodes.pool import NodePool, PoolLimits
from tests.edge.nodes.serving import answer, read_request


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    assert openssl is not None, "the tests need the openssl program"
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout {key} -out {cert}".split()
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([openssl, *command, *names], check=True, capture_output=True)
    return cert, key


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_node_behind_tls_is_asked_only_if_it_is_trusted(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, *, trusted: bool
) -> None:
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(*certificate)
    ours = ssl.create_default_context(cafile=str(certificate[0]) if trusted else None)
    monkeypatch.setattr(wire, "tls_context", lambda: ours)
    body = b"x" * 300_000
    connections = 0

    async def handle(stream: trio.SocketStream) -> None:
        nonlocal connections
        connections += 1
        secured = trio.SSLStream(stream, server, server_side=True)
        try:
            while await read_request(secured):
                await secured.send_all(answer(body))
        except trio.BrokenResourceError:
            return

    pool = NodePool(PoolLimits())
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, handle, listeners)
        node = Node("n1", f"https://127.0.0.1:{listeners[0].socket.getsockname()[1]}")
        with trio.fail_after(20):
            outcomes = [await pool.call(node, "POST", "/x", b"{}", key="k") for _ in range(2)]
        pool.close_idle()
        nursery.cancel_scope.cancel()
    if trusted:
        assert all(isinstance(outcome, Answered) and outcome.body == body for outcome in outcomes)
        assert connections == 1
    else:
        assert all(isinstance(outcome, Unreachable) and not outcome.sent for outcome in outcomes)
