"""A tiny server for the tests: one callable per connection, on a real loopback socket."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import trio

from miroir.core.topology import Node

Handler = Callable[[trio.SocketStream], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[Node]:
    """Serve on a free port for as long as the block runs; yields the node that points there."""

    async def guarded(stream: trio.SocketStream) -> None:
        with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            async with stream:
                await handler(stream)

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listeners[0].socket.getsockname()[1]
        nursery.start_soon(trio.serve_listeners, guarded, listeners)
        try:
            yield Node("n1", f"http://127.0.0.1:{port}")
        finally:
            nursery.cancel_scope.cancel()


async def read_request(stream: trio.abc.Stream) -> bytes:
    """One whole request, or what came before the end of the stream."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = await stream.receive_some(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        more = await stream.receive_some(65536)
        if not more:
            break
        body += more
    return head + b"\r\n\r\n" + body


def answer(body: bytes, status: str = "200 OK", extra: bytes = b"") -> bytes:
    return b"HTTP/1.1 %s\r\ncontent-length: %d\r\n%s\r\n%s" % (status.encode(), len(body), extra, body)


def answering(raw: bytes, *, close: bool = False) -> Handler:
    """A handler that gives every request the same raw answer."""

    async def handle(stream: trio.SocketStream) -> None:
        while await read_request(stream):
            await stream.send_all(raw)
            if close:
                return

    return handle
