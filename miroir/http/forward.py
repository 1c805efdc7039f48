"""Hands a request over to worker 0, bytes for bytes, in both directions at the pace of the slower side.

Over a socket that only this pod's user can open, HTTP/1.1, one connection a request: it costs less than finding out
whether a kept one is still good. Nothing is retried: what worker 0 may have begun to do is its client's to repeat.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httptools
import trio

from miroir.core.wire.errors import MiroirError
from miroir.http.refusals import overloaded, timed_out
from miroir.http.sending import respond

_CHUNK = 64 * 1024
_CONNECT_WITHIN_S = 2.0
_TRY_EVERY_S = 0.05
_GRACE_S = 2.0
_HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"expect")
)
_GONE = (trio.BrokenResourceError, trio.ClosedResourceError, OSError, httptools.HttpParserError)

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class CutOffError(Exception):
    """Worker 0 left in the middle of an answer: the client's connection must end, so that it notices."""


class Forward:
    """An ASGI application that is worker 0's. `timeout` is a request's deadline in seconds, which worker 0 has too.

    At most `most` requests are handed over at the same time.
    """

    def __init__(self, first_worker: Path, timeout: float, most: int) -> None:
        self._path = str(first_worker)
        self._timeout = timeout
        self._most = most
        self._open = 0

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answers 503 while worker 0 is away, 504 when it does not answer. A client that leaves ends the call there."""
        if self._open >= self._most:
            await respond(send, overloaded(self._most, "changes").reply())
            return
        self._open += 1
        try:
            await self._hand_over(scope, receive, send)
        finally:
            self._open -= 1

    async def _hand_over(self, scope: Any, receive: Receive, send: Send) -> None:
        relay = _Relay(send, is_head=scope["method"] == "HEAD")
        with trio.move_on_after(self._timeout + _GRACE_S) as limit:
            try:
                stream = await self._connect()
            except OSError:
                stream = None
            if stream is not None:
                async with stream:
                    await _exchange(stream, scope, self._patient(receive, limit), relay)
        if relay.complete or relay.client_left:
            return
        if relay.started:
            raise CutOffError
        await respond(send, _failure(late=limit.cancelled_caught).reply())

    def _patient(self, receive: Receive, limit: trio.CancelScope) -> Receive:
        """Time begins anew with each part of the body: worker 0 limits the wait for the next one."""

        async def timed() -> Any:
            message = await receive()
            if message["type"] == "http.request":
                limit.deadline = trio.current_time() + self._timeout + _GRACE_S
            return message

        return timed

    async def _connect(self) -> trio.SocketStream:
        """A worker that has just died is started again at once: wait for that a moment."""
        deadline = trio.current_time() + _CONNECT_WITHIN_S
        while True:
            try:
                return await trio.open_unix_socket(self._path)
            except OSError:
                if trio.current_time() >= deadline:
                    raise
                await trio.sleep(_TRY_EVERY_S)


def _failure(*, late: bool) -> MiroirError:
    if late:
        return timed_out()
    return MiroirError("miroir_not_ready", "The process that carries out this request is being started again.")


class _Relay:
    """Worker 0's answer as ASGI messages. httptools calls it back while it parses; `flush` sends what has come."""

    def __init__(self, send: Send, *, is_head: bool) -> None:
        self._send = send
        self._is_head = is_head
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._messages: list[Any] = []
        self._parser = httptools.HttpResponseParser(self)
        self.started = False
        self.complete = False
        self.client_left = False

    async def feed(self, data: bytes) -> None:
        self._parser.feed_data(data)
        messages, self._messages = self._messages, []
        for message in messages:
            self.started = True
            await self._send(message)

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() not in _HOP_BY_HOP and name.lower() != b"date":
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        self._messages.append({"type": "http.response.start", "status": status, "headers": self._headers})
        if self._is_head:
            self.on_message_complete()

    def on_body(self, body: bytes) -> None:
        self._messages.append({"type": "http.response.body", "body": body, "more_body": True})

    def on_message_complete(self) -> None:
        self._messages.append({"type": "http.response.body", "body": b"", "more_body": False})
        self.complete = True


async def _exchange(stream: trio.SocketStream, scope: Any, receive: Receive, relay: _Relay) -> None:
    """Send and receive at the same time: an early answer must get through while the client still sends."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_send_request, stream, scope, receive, relay, nursery.cancel_scope)
        with suppress(*_GONE):
            await _receive_answer(stream, relay)
        nursery.cancel_scope.cancel()


async def _receive_answer(stream: trio.SocketStream, relay: _Relay) -> None:
    while not relay.complete:
        data = await stream.receive_some(_CHUNK)
        if not data:
            return
        await relay.feed(bytes(data))


def _head(scope: Any) -> bytes:
    target = scope.get("raw_path") or quote(scope["path"]).encode()
    chunked = _is_chunked(scope["headers"])
    dropped = _HOP_BY_HOP | {b"content-length"} if chunked else _HOP_BY_HOP
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    lines = [scope["method"].encode() + b" " + target + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in scope["headers"] if name.lower() not in dropped]
    lines.append(b"connection: close")
    if all(name.lower() != b"host" for name, _ in scope["headers"]):
        lines.append(b"host: miroir")  # a client of HTTP/1.0 need not send one
    if chunked:
        lines.append(b"transfer-encoding: chunked")
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _is_chunked(headers: Any) -> bool:
    """Without a length the body, if any, goes in chunks: HTTP/2 need not tell one. Beside chunks a length is void."""
    names = {name.lower() for name, _ in headers}
    return b"transfer-encoding" in names or b"content-length" not in names


async def _send_request(
    stream: trio.SocketStream, scope: Any, receive: Receive, relay: _Relay, call: trio.CancelScope
) -> None:
    """The request to worker 0; then watch for the client to leave, which ends the call."""
    chunked = _is_chunked(scope["headers"])
    listens = await _sent(stream, _head(scope))
    more = True
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            relay.client_left = True
            call.cancel()
            return
        body = message.get("body", b"")
        if more and listens:
            more = message.get("more_body", False)
            listens = await _sent(stream, _framed(body, last=not more) if chunked else body)


async def _sent(stream: trio.SocketStream, data: bytes) -> bool:
    """False when worker 0 does not read on: it may have answered already, and the answer is what counts."""
    try:
        await stream.send_all(data)
    except _GONE:
        return False
    return True


def _framed(body: bytes, *, last: bool) -> bytes:
    chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    return chunk + b"0\r\n\r\n" if last else chunk
