"""The protocols that clients speak: HTTP/1.1, HTTP/2 by prior knowledge, and both over TLS."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
import trustme

from miroir.config.models import ServerConfig, TlsConfig
from miroir.edge.lifecycle import StartError
from miroir.server.settings import Settings, check_tls
from tests.server.h2client import H2Client
from tests.server.tiny import Running, read_all, running


async def test_http11_answers_with_a_date_and_without_naming_its_server() -> None:
    async with running() as server:
        head = (await server.get()).lower()
        assert b"\r\ndate: " in head
        assert b"\r\nserver: " not in head


async def test_http11_answers_several_requests_on_one_connection_pipelined_too() -> None:
    async with running() as server:
        stream = await server.connect()
        await stream.send_all(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
        await stream.send_all(b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await read_all(stream)).count(b"HTTP/1.1 200") == 3


async def test_http2_answers_by_prior_knowledge() -> None:
    async with running() as server:
        client = await H2Client(await server.connect()).start()
        stream_id = await client.request(b"/a")
        assert await client.until_ended(stream_id) == b"ok"
        assert client.statuses[stream_id] == 200


async def test_a_draining_server_tells_its_clients_to_connect_elsewhere() -> None:
    async with running() as server:
        assert b"connection: close" not in (await _keep_alive(server)).lower()
        server.settings.keep_alive_max_requests = 0
        assert b"connection: close" in (await _keep_alive(server)).lower()


@pytest.mark.parametrize(("offered", "spoken"), [(["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1")])
async def test_tls_speaks_what_alpn_agrees_on(tmp_path: Path, offered: list[str], spoken: str) -> None:
    async with _secure(tmp_path) as (server, context):
        context.set_alpn_protocols(offered)
        stream = trio.SSLStream(await server.connect(), context, server_hostname="localhost", https_compatible=True)
        await stream.do_handshake()
        assert stream.selected_alpn_protocol() == spoken
        assert await _ask(stream, spoken) == b"ok"


async def test_a_client_that_leaves_during_the_handshake_ends_only_its_connection(tmp_path: Path) -> None:
    async with _secure(tmp_path) as (server, context):
        await trio.aclose_forcefully(await server.connect())
        stream = await server.connect()
        await stream.send_all(b"GET / HTTP/1.1\r\n\r\n")
        await read_all(stream)
        secure = trio.SSLStream(await server.connect(), context, server_hostname="localhost", https_compatible=True)
        assert await _ask(secure, "http/1.1") == b"ok"


async def test_a_handshake_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    async with _secure(tmp_path) as (server, _):
        server.settings.ssl_handshake_timeout = 0.2
        assert await read_all(await server.connect()) == b""


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_certificate_that_cannot_be_used_is_a_sentence(tmp_path: Path, text: str | None) -> None:
    settings = Settings()
    settings.certfile = settings.keyfile = str(tmp_path / "pem")
    if text is not None:
        (tmp_path / "pem").write_text(text)
    with pytest.raises(StartError, match=r"^server\.tls: .*pem cannot be used as certificate and key: .*\.$"):
        check_tls(settings)


@asynccontextmanager
async def _secure(folder: Path) -> AsyncIterator[tuple[Running, ssl.SSLContext]]:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(folder / "cert")
    issued.private_key_pem.write_to_path(folder / "key")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    tls = TlsConfig(cert_file=str(folder / "cert"), key_file=str(folder / "key"))
    async with running(ServerConfig(tls=tls)) as server:
        yield server, context


async def _ask(stream: trio.abc.Stream, protocol: str) -> bytes:
    if protocol == "h2":
        client = await H2Client(stream).start()
        return await client.until_ended(await client.request(b"/a"))
    await stream.send_all(b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    return (await read_all(stream)).rpartition(b"\r\n\r\n")[2]


async def _keep_alive(server: Running) -> bytes:
    stream = await server.connect()
    await stream.send_all(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = b""
    while not answer.endswith(b"ok"):
        answer += await stream.receive_some(1000)
    return answer
