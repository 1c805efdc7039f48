"""The node pool over real loopback sockets: what a node can do to us, and what we never do to a node."""

from __future__ import annotations

import gzip
import socket
import struct
from collections.abc import AsyncIterator

import httpx
import pytest
import trio

from miroir.core.outcome import Answered, Unreachable
from miroir.core.topology import Node
from miroir.edge.nodes import connection
from miroir.edge.nodes.httpx_face import NodeTransport
from miroir.edge.nodes.pool import NodePool, PoolLimits
from miroir.edge.nodes.wire import PlainWire
from tests.edge.nodes.serving import answer, answering, read_request, serving


@pytest.fixture
async def pool() -> AsyncIterator[NodePool]:
    pool = NodePool(PoolLimits(max_total=4, max_idle=4, idle_timeout=60))
    yield pool
    pool.close_idle()


async def ask(pool: NodePool, node: Node, body: bytes = b"{}") -> Answered | Unreachable:
    with trio.fail_after(10):
        outcome = await pool.call(node, "POST", "/x", body, key="k")
    assert isinstance(outcome, Answered | Unreachable)
    return outcome


async def test_a_request_carries_its_key_length_and_no_wish_for_compression(pool: NodePool) -> None:
    seen: list[bytes] = []

    async def handle(stream: trio.SocketStream) -> None:
        seen.append(await read_request(stream))
        await stream.send_all(answer(b"ok"))

    async with serving(handle) as node:
        outcome = await ask(pool, node, b'{"q":1}')
    assert isinstance(outcome, Answered)
    assert (outcome.status, outcome.body) == (200, b"ok")
    head = seen[0].lower()
    assert head.startswith(b"post /x http/1.1\r\n")
    assert b"authorization: bearer k\r\n" in head
    assert b"content-length: 7\r\n" in head
    assert b"accept-encoding" not in head


async def test_calls_one_after_another_share_a_connection(pool: NodePool) -> None:
    connections = 0

    async def handle(stream: trio.SocketStream) -> None:
        nonlocal connections
        connections += 1
        await answering(answer(b"ok"))(stream)

    async with serving(handle) as node:
        for _ in range(5):
            assert isinstance(await ask(pool, node), Answered)
    assert connections == 1


CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"


@pytest.mark.parametrize("size", [1, 7, 4096])
async def test_a_chunked_answer_is_whole_however_it_is_cut(pool: NodePool, size: int) -> None:
    async def handle(stream: trio.SocketStream) -> None:
        await read_request(stream)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(CHUNKED), size):
            await stream.send_all(CHUNKED[at : at + size])
            await trio.lowlevel.checkpoint()

    async with serving(handle) as node:
        outcome = await ask(pool, node)
    assert isinstance(outcome, Answered)
    assert outcome.body == b"hello world"


@pytest.mark.parametrize("size", [0, 1, 65536, 3_000_000])
async def test_a_body_of_known_length_arrives_whole(pool: NodePool, size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    async with serving(answering(answer(body))) as node:
        outcomes = [await ask(pool, node) for _ in range(2)]
    assert all(isinstance(outcome, Answered) and outcome.body == body for outcome in outcomes)


async def test_an_answer_that_ends_with_the_connection_is_whole(pool: NodePool) -> None:
    async with serving(answering(b"HTTP/1.1 200 OK\r\n\r\nto the end", close=True)) as node:
        outcome = await ask(pool, node)
    assert isinstance(outcome, Answered)
    assert outcome.body == b"to the end"


async def test_an_interim_answer_is_passed_over(pool: NodePool) -> None:
    async with serving(answering(b"HTTP/1.1 100 Continue\r\n\r\n" + answer(b"ok"))) as node:
        outcome = await ask(pool, node)
    assert isinstance(outcome, Answered)
    assert (outcome.status, outcome.body) == (200, b"ok")


async def test_a_compressed_answer_is_decoded(pool: NodePool) -> None:
    packed = answer(gzip.compress(b"plain" * 100), extra=b"content-encoding: gzip\r\n")
    async with serving(answering(packed)) as node:
        outcome = await ask(pool, node)
    assert isinstance(outcome, Answered)
    assert outcome.body == b"plain" * 100


async def test_a_compressed_answer_of_several_members_is_read_whole(pool: NodePool) -> None:
    packed = answer(gzip.compress(b"one ") + gzip.compress(b"two"), extra=b"content-encoding: gzip\r\n")
    async with serving(answering(packed)) as node:
        outcome = await ask(pool, node)
    assert isinstance(outcome, Answered)
    assert outcome.body == b"one two"


async def test_a_compressed_answer_that_is_cut_is_no_answer(pool: NodePool) -> None:
    packed = answer(gzip.compress(b"plain" * 100)[:-9], extra=b"content-encoding: gzip\r\n")
    async with serving(answering(packed)) as node:
        outcome = await ask(pool, node)
    assert isinstance(outcome, Unreachable)
    assert "compressed" in outcome.why


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not HTTP"),
        (b"\x00\xff" * 50, "not HTTP"),
        (b"HTTP/1.1 abc OK\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", "ended after 4 of 10 bytes"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel", "within the answer"),
        (b"HTTP/1.1 200 OK\r\ncontent-le", "within the answer"),
        (b"", "before the answer"),
    ],
)
async def test_garbage_is_unreachable_and_says_why(pool: NodePool, raw: bytes, why: str) -> None:
    async with serving(answering(raw, close=True)) as node:
        outcome = await ask(pool, node)
    assert isinstance(outcome, Unreachable)
    assert outcome.sent
    assert why in outcome.why


async def test_garbage_ends_a_call_although_the_node_keeps_the_connection_open(pool: NodePool) -> None:
    async with serving(answering(b"+PONG\r\n")) as node:
        outcome = await ask(pool, node)
    assert isinstance(outcome, Unreachable)


async def test_an_endless_head_is_refused(pool: NodePool) -> None:
    async def handle(stream: trio.SocketStream) -> None:
        await read_request(stream)
        await stream.send_all(b"HTTP/1.1 200 OK\r\n")
        while True:
            await stream.send_all(b"x-filler: " + b"y" * 1000 + b"\r\n")

    async with serving(handle) as node:
        outcome = await ask(pool, node)
    assert isinstance(outcome, Unreachable)
    assert "head" in outcome.why


@pytest.mark.parametrize(
    "raw", [b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n", CHUNKED[:47] + b"7d0\r\n" + b"x" * 2000]
)
async def test_a_body_beyond_the_bound_is_refused(raw: bytes) -> None:
    near, far = socket.socketpair()
    with near, far:
        far.sendall(raw)
        with trio.fail_after(10), pytest.raises(connection.BadAnswerError, match="1000"):
            await connection.read_response(PlainWire(near), "GET", limit=1000)


async def test_a_connection_that_the_node_closed_while_idle_is_replaced_unseen(pool: NodePool) -> None:
    async with serving(answering(answer(b"ok"), close=True)) as node:
        outcomes = [await ask(pool, node)]
        await _idle_readable(pool)
        outcomes.append(await ask(pool, node))
    assert all(isinstance(outcome, Answered) for outcome in outcomes)


async def _idle_readable(pool: NodePool) -> None:
    """Wait until the one idle connection has seen the node's close."""
    lane = next(iter(pool._lanes.values()))
    with trio.fail_after(10):
        while not lane.idle[0].wire.is_stale():
            await trio.lowlevel.checkpoint()


async def test_a_request_that_left_is_never_sent_again(pool: NodePool) -> None:
    seen = 0

    async def handle(stream: trio.SocketStream) -> None:
        nonlocal seen
        await read_request(stream)
        seen += 1
        await stream.send_all(answer(b"first"))
        if await read_request(stream):
            seen += 1  # taken, and never answered

    async with serving(handle) as node:
        assert isinstance(await ask(pool, node), Answered)
        outcome = await ask(pool, node)
    assert isinstance(outcome, Unreachable)
    assert outcome.sent
    assert seen == 2


async def test_a_reset_within_the_answer_is_unreachable(pool: NodePool) -> None:
    async def handle(stream: trio.SocketStream) -> None:
        await read_request(stream)
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stream.socket.close()

    async with serving(handle) as node:
        outcome = await ask(pool, node)
    assert isinstance(outcome, Unreachable)
    assert outcome.sent


async def test_a_node_that_does_not_listen_has_been_sent_nothing(pool: NodePool) -> None:
    async with serving(answering(b"")) as node:
        pass
    outcome = await ask(pool, node)
    assert isinstance(outcome, Unreachable)
    assert not outcome.sent
    assert "cannot connect" in outcome.why


async def test_a_cancelled_call_closes_its_socket(pool: NodePool) -> None:
    got, gone = trio.Event(), trio.Event()

    async def handle(stream: trio.SocketStream) -> None:
        await read_request(stream)
        got.set()
        assert await stream.receive_some(1) == b""
        gone.set()

    async with serving(handle) as node, trio.open_nursery() as nursery:
        nursery.start_soon(ask, pool, node)
        await got.wait()
        nursery.cancel_scope.cancel()
        with trio.CancelScope(shield=True), trio.fail_after(10):
            await gone.wait()
    assert gone.is_set()


async def test_calls_beyond_the_limit_wait_within_the_scope_of_their_caller() -> None:
    pool = NodePool(PoolLimits(max_total=2, max_idle=2))
    open_now = most = 0
    release = trio.Event()
    both = trio.Event()

    async def handle(stream: trio.SocketStream) -> None:
        nonlocal open_now, most
        while await read_request(stream):
            open_now += 1
            most = max(most, open_now)
            if open_now == 2:
                both.set()
            await release.wait()
            open_now -= 1
            await stream.send_all(answer(b"ok"))

    outcomes: list[object] = []

    async def one(node: Node) -> None:
        outcomes.append(await ask(pool, node))

    async with serving(handle) as node:
        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(one, node)
            await both.wait()
            with trio.move_on_after(0.01) as scope:
                await pool.call(node, "GET", "/late", key="")
            assert scope.cancelled_caught
            release.set()
        pool.close_idle()
    assert len(outcomes) == 5
    assert most == 2


async def test_idle_connections_are_closed_after_their_time() -> None:
    pool = NodePool(PoolLimits(max_total=4, max_idle=4, idle_timeout=0.0))
    ended = trio.Event()

    async def handle(stream: trio.SocketStream) -> None:
        await answering(answer(b"ok"))(stream)
        ended.set()

    async with serving(handle) as node:
        await ask(pool, node)
        pool.close_idle(older_than=0.0)
        with trio.fail_after(10):
            await ended.wait()
    assert repr(pool).endswith("0}>")


async def test_no_more_than_max_idle_connections_are_kept() -> None:
    pool = NodePool(PoolLimits(max_total=4, max_idle=1))
    async with serving(answering(answer(b"ok"))) as node:
        async with trio.open_nursery() as nursery:
            for _ in range(4):
                nursery.start_soon(ask, pool, node)
        assert repr(pool).endswith("1}>")
        pool.close_idle()


async def test_a_streamed_body_is_sent_in_pieces_and_an_early_answer_is_heard(pool: NodePool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"x" * 65536

    async def refuse(stream: trio.SocketStream) -> None:
        await stream.receive_some(65536)
        await stream.send_all(answer(b"too large", "413 Payload Too Large", b"connection: close\r\n"))
        await stream.receive_some(65536)

    taken: list[int] = []

    async def take(stream: trio.SocketStream) -> None:
        taken.append(len((await read_request(stream)).partition(b"\r\n\r\n")[2]))
        await stream.send_all(answer(b"ok"))

    async def send(node: Node) -> object:
        with trio.fail_after(10):
            return await pool.stream(
                node, "POST", "/d", chunks(), 64 * 65536, key="", content_type="application/x-ndjson"
            )

    async with serving(take) as node:
        assert isinstance(await send(node), Answered)
    assert taken == [64 * 65536]
    async with serving(refuse) as node:
        outcome = await send(node)
    # A reset can overtake the answer on its way; either way nothing is taken for accepted.
    assert isinstance(outcome, Unreachable) or (isinstance(outcome, Answered) and outcome.status == 413)


@pytest.mark.parametrize("target", ["/x\r\nX-Evil: 1", "/x y", "/é", ""])
async def test_a_target_cannot_break_out_of_the_request_line(pool: NodePool, target: str) -> None:
    with pytest.raises(ValueError, match="target"):
        await pool.call(Node("n", "http://127.0.0.1:1"), "GET", target, key="")


async def test_httpx_speaks_through_the_pool(pool: NodePool) -> None:
    packed = answer(gzip.compress(b'{"a":1}'), extra=b"content-encoding: gzip\r\n")
    async with serving(answering(packed)) as node, httpx.AsyncClient(transport=NodeTransport(pool)) as client:
        with trio.fail_after(10):
            reply = await client.post(node.address + "/y?z=1", json={"b": 2})
        assert reply.json() == {"a": 1}
    with pytest.raises(httpx.ConnectError):
        async with httpx.AsyncClient(transport=NodeTransport(pool)) as client:
            await client.get(node.address)
