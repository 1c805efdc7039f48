"""Bytes to and from one node: a plain socket or TLS, behind one small face. HTTP is spoken above, in `connection`.

The plain wire works on a non-blocking socket directly: a send that the kernel takes at once costs no trip through the
scheduler.
"""

from __future__ import annotations

import select
import socket
from typing import Protocol

import trio

from miroir.edge.nodes.address import Address, tls_context


class Wire(Protocol):
    """One connected stream of bytes. `sent` tells whether any byte of the current request has left."""

    sent: bool

    async def send(self, data: bytes) -> None: ...
    async def receive(self, most: int) -> bytes: ...
    async def receive_into(self, view: memoryview) -> int: ...
    def is_stale(self) -> bool: ...
    def close(self) -> None: ...


class _Look:
    """Whether a socket has something to read, without reading it or waiting."""

    __slots__ = ("_poll",)

    def __init__(self, fileno: int) -> None:
        self._poll = select.poll()
        self._poll.register(fileno, select.POLLIN | select.POLLHUP | select.POLLERR)

    def readable(self) -> bool:
        return bool(self._poll.poll(0))


class PlainWire:
    """A TCP socket without TLS."""

    __slots__ = ("_look", "_socket", "sent")

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        self._socket = connected
        self._look = _Look(connected.fileno())
        self.sent = False

    async def send(self, data: bytes) -> None:
        """Send everything. Raises OSError when the connection is gone. A cancelled send leaves the wire unusable."""
        view = memoryview(data)
        while view:
            try:
                done = self._socket.send(view)
            except BlockingIOError:
                await trio.lowlevel.wait_writable(self._socket)
                continue
            self.sent = self.sent or done > 0
            view = view[done:]

    async def receive(self, most: int) -> bytes:
        """Wait for bytes and return up to `most`; none at the end of the stream. Raises OSError."""
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            try:
                return self._socket.recv(most)
            except BlockingIOError:
                continue

    async def receive_into(self, view: memoryview) -> int:
        """Wait for bytes and put them into `view`; 0 at the end of the stream. Raises OSError."""
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            try:
                return self._socket.recv_into(view)
            except BlockingIOError:
                continue

    def is_stale(self) -> bool:
        """Whether an idle wire has something to read: its end, or bytes nobody asked for."""
        return self._look.readable()

    def close(self) -> None:
        trio.lowlevel.notify_closing(self._socket)
        self._socket.close()


class TlsWire:
    """TLS over a TCP socket."""

    __slots__ = ("_look", "_stream", "_transport", "sent")

    def __init__(self, stream: trio.SSLStream[trio.SocketStream]) -> None:
        self._stream = stream
        self._transport = stream.transport_stream
        self._look = _Look(self._transport.socket.fileno())
        self.sent = False

    async def send(self, data: bytes) -> None:
        self.sent = self.sent or bool(data)
        try:
            await self._stream.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise ConnectionResetError("the TLS connection broke") from error

    async def receive(self, most: int) -> bytes:
        try:
            return bytes(await self._stream.receive_some(most))
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise ConnectionResetError("the TLS connection broke") from error

    async def receive_into(self, view: memoryview) -> int:
        data = await self.receive(len(view))
        view[: len(data)] = data
        return len(data)

    def is_stale(self) -> bool:
        return self._look.readable()

    def close(self) -> None:
        self._transport.socket.close()


async def connect(address: Address) -> Wire:
    """Open a connection. Raises OSError (also for names that do not resolve and TLS that fails)."""
    stream = await trio.open_tcp_stream(address.host, address.port)
    if not address.tls:
        return PlainWire(socket.socket(fileno=stream.socket.detach()))
    secured = trio.SSLStream(stream, tls_context(), server_hostname=address.host, https_compatible=True)
    try:
        await secured.do_handshake()
    except trio.BrokenResourceError as error:
        stream.socket.close()
        raise ConnectionError(f"TLS failed: {error.__cause__ or error}") from error
    except BaseException:
        stream.socket.close()
        raise
    return TlsWire(secured)
