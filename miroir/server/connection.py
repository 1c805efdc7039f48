"""One client connection, in place of Hypercorn's: what goes wrong in it ends it alone, and no client can hold it.

Every write has a deadline, after which the connection is closed forcefully; reading ends when the connection has been
idle for too long or the process shuts down; an answer that came before the end of its request still reaches the client.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import trio
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.typing import ConnectionState
from hypercorn.utils import parse_socket_addr

from miroir.server.containment import contain
from miroir.server.protocol import Protocol
from miroir.server.requests import Requests
from miroir.server.settings import Settings

_RECEIVE = 64 * 1024
_SLICE = 64 * 1024
_GONE = (trio.BrokenResourceError, trio.ClosedResourceError, trio.BusyResourceError, OSError)

Stream = trio.SocketStream | trio.SSLStream[trio.SocketStream]


class Connection:
    """Built and awaited by Hypercorn's `worker_serve` for each connection that it accepts."""

    def __init__(self, app: Any, config: Settings, context: Any, state: Any, stream: Stream) -> None:
        self.app = app
        self.config = config
        self.context = context
        self.state = state
        self.stream = stream
        self.protocol: Protocol
        self._send_lock = trio.Lock()
        self._ending = False
        self._idle = True
        self._deadline = trio.current_time() + config.keep_alive_timeout
        self._reading = trio.CancelScope()
        self._watching = trio.CancelScope()

    def __repr__(self) -> str:
        return f"<Connection idle={self._idle} ending={self._ending}>"

    def __await__(self) -> Generator[Any, Any, None]:
        return self.run().__await__()

    async def run(self) -> None:
        """Serve until the client leaves, a limit is reached or the process ends. Raises nothing but cancellation."""
        cancelled = None
        self.config.live.add(self)
        try:
            await self._serve()
        except (Exception, BaseExceptionGroup) as error:
            cancelled = contain(error, "a connection")
        finally:
            self.config.live.discard(self)
            await trio.aclose_forcefully(self.stream)
        if cancelled is not None:
            raise cancelled

    async def abort(self) -> None:
        """Cut the connection off, whatever it is doing: a write that waits ends at once."""
        await trio.aclose_forcefully(self.stream)

    async def protocol_send(self, event: Event) -> None:
        """What the protocol wants done: bytes written, the connection ended, or its idleness noted."""
        if isinstance(event, RawData):
            await self._write(event.data)
        elif isinstance(event, Closed):
            await self._end()
        elif isinstance(event, Updated):
            await self._note_idle(event.idle)

    async def _serve(self) -> None:
        try:
            alpn, socket = await self._handshake()
            client = parse_socket_addr(socket.family, socket.getpeername())
            server = parse_socket_addr(socket.family, socket.getsockname())
        except (*_GONE, trio.TooSlowError):
            return
        secure = isinstance(self.stream, trio.SSLStream)
        async with trio.open_nursery() as nursery:
            shared = (self.app, self.config, self.context, Requests(nursery), ConnectionState(self.state))
            self.protocol = Protocol(alpn, *shared, secure, client, server, self.protocol_send)
            await self.protocol.initiate()
            nursery.start_soon(self._watch_shutdown)
            await self._read()
            self._watching.cancel()
        await self._say_goodbye()

    async def _handshake(self) -> tuple[str | None, trio.socket.SocketType]:
        if not isinstance(self.stream, trio.SSLStream):
            return None, self.stream.socket
        with trio.fail_after(self.config.ssl_handshake_timeout):
            await self.stream.do_handshake()
        return self.stream.selected_alpn_protocol(), self.stream.transport_stream.socket

    async def _read(self) -> None:
        while data := await self._receive():
            if not self._ending:
                await self.protocol.handle(RawData(bytes(data)))
        await self.protocol.handle(Closed())

    async def _receive(self) -> bytes | bytearray:
        """What the client sent; nothing when it has left or the time for reading is over."""
        with trio.CancelScope(deadline=self._deadline) as self._reading:
            try:
                return await self.stream.receive_some(_RECEIVE)
            except _GONE:
                return b""
        return b""

    def _read_until(self, deadline: float) -> None:
        self._deadline = self._reading.deadline = deadline

    async def _write(self, data: bytes) -> None:
        async with self._send_lock:
            sent = await self._write_in_time(memoryview(data))
        if not sent:
            await trio.aclose_forcefully(self.stream)
            await self.protocol.handle(Closed())

    async def _write_in_time(self, data: memoryview) -> bool:
        """Whether all went out. Shielded, since half a frame would ruin the connection for the requests beside it."""
        for start in range(0, len(data), _SLICE):
            with trio.move_on_after(self.config.write_stall_s, shield=True) as slice_scope:
                try:
                    await self.stream.send_all(data[start : start + _SLICE])
                except _GONE:
                    return False
            if slice_scope.cancelled_caught:
                return False
        return True

    async def _end(self) -> None:
        """Send no more, and read on for a moment: closing with unread data would destroy the answer on its way."""
        if self._ending:
            return
        self._ending = True
        await self.protocol.handle(Closed())
        self._read_until(trio.current_time() + self.config.linger_s)
        if isinstance(self.stream, trio.SocketStream):
            async with self._send_lock:
                with suppress(*_GONE):
                    await self.stream.send_eof()

    async def _note_idle(self, idle: bool) -> None:
        self._idle = idle
        if self._ending:
            return
        if not idle:
            self._read_until(math.inf)
        elif self.context.terminated._event.is_set():
            await self._end()
        else:
            self._read_until(trio.current_time() + self.config.keep_alive_timeout)

    async def _watch_shutdown(self) -> None:
        with self._watching:
            await self.context.terminated.wait()
            await self.protocol.shut_down()
            if self._idle and not self._ending:
                self._read_until(trio.current_time() + self.config.last_request_s)

    async def _say_goodbye(self) -> None:
        """TLS tells the other side that nothing was cut off; it gets a moment for that."""
        with trio.move_on_after(self.config.linger_s):
            with suppress(*_GONE):
                await self.stream.aclose()
