"""The end of a server: open requests finish, and nobody can delay it beyond its limit."""

from __future__ import annotations

import trio
from h2.errors import ErrorCodes

from tests.server.h2client import H2Client
from tests.server.tiny import BIG, Running, read_all, running


async def _until(server: Running, path: str) -> None:
    """Wait until a request for `path` has ended inside the application."""
    while path not in server.app.ended:
        await trio.lowlevel.checkpoint()


async def test_a_stalled_reader_is_cut_off_at_the_write_deadline() -> None:
    async with running(write_stall_s=0.3) as server:
        stream = await server.connect()
        await stream.send_all(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        await _until(server, "/big")
        assert len(await read_all(stream)) < BIG


async def test_a_stalled_http2_stream_is_reset_and_the_stream_beside_it_answered() -> None:
    async with running(write_stall_s=0.3) as server:
        client = await H2Client(await server.connect(), window=0).start()
        stalled = await client.request(b"/big")
        await _until(server, "/big")
        client.h2.update_settings({4: 65_535})  # INITIAL_WINDOW_SIZE
        await client.flush()
        beside = await client.request(b"/a")
        assert await client.until_ended(beside) == b"ok"
        assert client.resets[stalled] == ErrorCodes.CANCEL


async def test_a_slow_reader_that_goes_on_reading_gets_everything() -> None:
    """The deadline is for standing still, not for the whole answer."""
    async with running(write_stall_s=0.3) as server:
        stream = await server.connect()
        await stream.send_all(b"GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        began, total = trio.current_time(), 0
        while part := await stream.receive_some(1024 * 1024):
            total += len(part)
            while trio.current_time() - began < total / BIG:  # one second in all, longer than a stall may last
                await trio.lowlevel.checkpoint()
        assert total > BIG


async def test_a_stalled_reader_does_not_delay_the_end_beyond_the_drain_limit() -> None:
    async with running(graceful_timeout=0.5, write_stall_s=600) as server:
        stream = await server.connect()
        await stream.send_all(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await stream.receive_some(1000)
        server.stop.set()
        with trio.fail_after(5):
            await server.ended.wait()


async def test_a_request_that_never_ends_does_not_delay_the_end_beyond_the_drain_limit() -> None:
    async with running(graceful_timeout=0.5) as server:
        stream = await server.connect()
        await stream.send_all(b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n")
        await server.app.entered.wait()
        server.stop.set()
        with trio.fail_after(5):
            await server.ended.wait()


async def test_an_open_request_is_answered_after_the_end_has_begun() -> None:
    async with running() as server:
        stream = await server.connect()
        await stream.send_all(b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n")
        await server.app.entered.wait()
        server.stop.set()
        await _refuses_connections(server)
        server.app.release.set()
        assert (await read_all(stream)).endswith(b"held")
        await server.ended.wait()


async def test_open_streams_finish_and_new_ones_are_refused_after_goaway() -> None:
    async with running() as server:
        client = await H2Client(await server.connect()).start()
        held = await client.request(b"/held")
        await server.app.entered.wait()
        server.stop.set()
        while client.goaway is None:
            await client.receive()
        assert client.goaway == held
        client.h2.state_machine.state = type(client.h2.state_machine.state).CLIENT_OPEN  # a request that crossed it
        crossed = await client.request(b"/a")
        while crossed not in client.resets:
            await client.receive()
        assert client.resets[crossed] == ErrorCodes.REFUSED_STREAM
        server.app.release.set()
        assert await client.until_ended(held) == b"held"
        await server.ended.wait()


async def test_an_idle_connection_is_closed_when_the_end_begins() -> None:
    async with running() as server:
        stream = await server.connect()
        await stream.send_all(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        while not (await stream.receive_some(1000)).endswith(b"ok"):
            pass
        server.stop.set()
        assert await read_all(stream) == b""
        await server.ended.wait()


async def test_a_request_that_is_on_its_way_when_the_end_begins_is_answered() -> None:
    async with running(last_request_s=5) as server:
        stream = await server.connect()
        server.stop.set()
        await _refuses_connections(server)
        await stream.send_all(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await read_all(stream)).endswith(b"ok")


async def test_a_client_that_says_nothing_is_let_go() -> None:
    async with running(keep_alive_timeout=0.2) as server:
        stream = await server.connect()
        await stream.send_all(b"GET /a HTTP/1.1\r\nHo")
        assert await read_all(stream) == b""


async def _refuses_connections(server: Running) -> None:
    while True:
        try:
            await trio.aclose_forcefully(await server.connect())
        except OSError:
            return
