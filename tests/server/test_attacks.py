"""What a client may do and still harm nobody but itself: each of these ends stock Hypercorn, or a stream beside it."""

from __future__ import annotations

import trio
from h2.errors import ErrorCodes

from tests.server.h2client import H2Client
from tests.server.tiny import MEGABYTE, Running, read_all, running


async def _h2(server: Running) -> H2Client:
    return await H2Client(await server.connect()).start()


async def _still_serves(server: Running) -> None:
    assert b" 200 " in await server.get()
    assert not server.ended.is_set()


async def test_a_client_that_leaves_in_the_middle_of_an_answer_ends_only_its_connection() -> None:
    async with running() as server:
        for _ in range(20):
            stream = await server.connect()
            await stream.send_all(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
            assert await stream.receive_some(1000)
            await trio.aclose_forcefully(stream)
        await _still_serves(server)


async def test_an_http2_client_that_leaves_in_the_middle_of_an_answer_ends_only_its_connection() -> None:
    async with running() as server:
        for _ in range(20):
            client = await _h2(server)
            for _ in range(5):
                await client.request(b"/big")
            while not client.bodies:
                await client.receive()
            await trio.aclose_forcefully(client.stream)
        await _still_serves(server)


async def test_data_after_an_early_answer_ends_neither_the_worker_nor_the_streams_beside_it() -> None:
    async with running() as server:
        client = await _h2(server)
        beside = await client.request(b"/held")
        early = await client.request(b"/early", b"POST", end=False)
        while early not in client.ended:
            await client.receive()
        await client.data(early, bytes(1000))
        while early not in client.resets:
            await client.receive()
        assert client.resets[early] == ErrorCodes.NO_ERROR
        server.app.release.set()
        assert await client.until_ended(beside) == b"held"


async def test_a_path_that_is_not_ascii_is_refused_on_its_stream_alone() -> None:
    async with running() as server:
        client = await _h2(server)
        bad = await client.request(b"/\xff")
        await client.until_ended(bad)
        assert client.statuses[bad] == 400
        good = await client.request(b"/a")
        assert await client.until_ended(good) == b"ok"


async def test_connect_without_a_path_is_refused_on_its_stream_alone() -> None:
    async with running() as server:
        client = await _h2(server)
        bad = await client.send_headers([(b":method", b"CONNECT"), (b":authority", b"x:80")], end=False)
        await client.until_ended(bad)
        assert client.statuses[bad] == 400
        good = await client.request(b"/a")
        assert await client.until_ended(good) == b"ok"


async def test_a_bad_offer_to_upgrade_is_declined_and_the_request_answered() -> None:
    async with running() as server:
        stream = await server.connect()
        offer = b"Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: @@@\r\n"
        await stream.send_all(b"GET /a HTTP/1.1\r\nHost: x\r\n" + offer + b"\r\n")
        answer = await read_all(stream)
        assert answer.startswith(b"HTTP/1.1 200 ")
        await _still_serves(server)


async def test_a_websocket_is_answered_as_the_plain_request_it_also_is() -> None:
    async with running() as server:
        stream = await server.connect()
        offer = b"Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n"
        await stream.send_all(b"GET /a HTTP/1.1\r\nHost: x\r\n" + offer + b"\r\n")
        assert (await read_all(stream)).startswith(b"HTTP/1.1 200 ")


async def test_what_is_not_http_ends_only_its_connection() -> None:
    async with running() as server:
        for junk in (
            b"\x00\xff\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
            b"\x16\x03\x01",
        ):
            stream = await server.connect()
            await stream.send_all(junk)
            await stream.send_eof()
            await read_all(stream)
        await _still_serves(server)


async def test_a_reset_stream_and_a_closed_connection_end_nobody_else() -> None:
    async with running() as server:
        for path in (b"/echo", b"/held", b"/early"):
            client = await _h2(server)
            stream_id = await client.request(path, b"POST", end=False)
            await client.data(stream_id, bytes(1000))
            client.h2.reset_stream(stream_id)
            await client.flush()
            await trio.aclose_forcefully(client.stream)
        await _still_serves(server)


async def test_an_early_answer_arrives_although_the_client_still_sends() -> None:
    """The client's unread bytes must neither block the answer nor destroy it on its way."""
    async with running() as server:
        stream = await server.connect()
        await stream.send_all(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 33554432\r\n\r\n")
        answer = b""

        async def upload() -> None:
            try:
                for _ in range(32):
                    await stream.send_all(bytes(MEGABYTE))
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return

        async with trio.open_nursery() as nursery:
            nursery.start_soon(upload)
            while b"too large" not in answer:
                part = await stream.receive_some(65536)
                assert part, answer
                answer += part
            nursery.cancel_scope.cancel()
        assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_slow_upload_does_not_hold_up_the_stream_beside_it() -> None:
    async with running() as server:
        client = await _h2(server)
        await client.request(b"/held", b"POST", end=False)
        for _ in range(20):
            await client.data(1, bytes(16000))
        good = await client.request(b"/a")
        assert await client.until_ended(good) == b"ok"


async def test_an_upload_larger_than_all_windows_gets_through() -> None:
    async with running() as server:
        client = await _h2(server)
        stream_id = await client.request(b"/echo", b"POST", end=False)
        left = 8 * MEGABYTE
        while left:
            size = min(left, 16000, client.h2.local_flow_control_window(stream_id))
            if size == 0:
                await client.receive()
                continue
            await client.data(stream_id, bytes(size), end=size == left)
            left -= size
        assert await client.until_ended(stream_id) == str(8 * MEGABYTE).encode()


async def test_a_failure_in_the_application_is_an_error_for_its_own_request_only() -> None:
    async with running() as server:
        assert b" 500 " in await server.get("/broken")
        assert b"half" in await server.get("/half")
        client = await _h2(server)
        beside = await client.request(b"/held")
        half = await client.request(b"/half")
        await client.until_ended(half)
        assert client.resets[half] == ErrorCodes.INTERNAL_ERROR
        server.app.release.set()
        assert await client.until_ended(beside) == b"held"


async def test_a_long_query_fits_and_an_endless_head_does_not() -> None:
    async with running() as server:
        assert b" 200 " in await server.get("/a?q=" + "x" * 100_000)
        stream = await server.connect()
        await stream.send_all(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 300_000)
        assert b" 431 " in await read_all(stream)


async def test_without_h2c_the_preface_is_refused() -> None:
    async with running(h2c=False) as server:
        stream = await server.connect()
        await stream.send_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert b" 505 " in await read_all(stream)
        await _still_serves(server)
