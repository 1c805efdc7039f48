"""HTTP/2 on Hypercorn's protocol, mended where one stream could harm the others or the end of the connection.

Credit is given when a request has read its data, so that a slow upload holds up nobody else; a stream whose reader has
stalled is reset; a shutdown says GOAWAY, finishes what is open and refuses what is new.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, cast

import h2.events
import h2.exceptions
import h2.settings
import trio
from h2.errors import ErrorCodes
from hpack.exceptions import HPACKError
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol.events import Body, StreamClosed
from hypercorn.protocol.events import Event as StreamEvent
from hypercorn.protocol.h2 import H2Protocol
from hyperframe.frame import GoAwayFrame

from miroir.server.inbox import Inbox

_STREAM_WINDOW = 512 * 1024
_CONNECTION_WINDOW = 4 * 1024 * 1024
_SLICE = 64 * 1024
_DEFAULT_WINDOW = 65_535


class Http2(H2Protocol):
    """One HTTP/2 connection. What waits in it unread is at most `_CONNECTION_WINDOW` bytes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = h2.settings.SettingCodes
        values = {
            codes.MAX_CONCURRENT_STREAMS: self.config.h2_max_concurrent_streams,
            codes.MAX_HEADER_LIST_SIZE: self.config.h2_max_header_list_size,
            codes.INITIAL_WINDOW_SIZE: _STREAM_WINDOW,
        }
        self.connection.local_settings = h2.settings.Settings(client=False, initial_values=values)
        self._goaway = False

    async def initiate(self, headers: Any = None, settings: bytes | None = None) -> None:
        await super().initiate()
        self.connection.increment_flow_control_window(_CONNECTION_WINDOW - _DEFAULT_WINDOW)
        await self._flush()

    async def handle(self, event: Event) -> None:
        try:
            await super().handle(event)
        except HPACKError:
            await self.send(Closed())

    async def shut_down(self) -> None:
        """Announce the end: streams that are open finish, later ones are refused and may be sent elsewhere."""
        self._goaway = True
        last = self.connection.highest_inbound_stream_id
        frame = GoAwayFrame(0, last_stream_id=last, error_code=ErrorCodes.NO_ERROR)
        await self.send(RawData(data=frame.serialize()))

    async def stream_send(self, event: StreamEvent) -> None:
        if isinstance(event, Body):
            await self._send_body(event)
        elif isinstance(event, StreamClosed):
            await self._stream_closed(event.stream_id)
        else:
            await self._in_time(event.stream_id, partial(super().stream_send, event))

    async def _send_body(self, event: Body) -> None:
        """In slices, so that the limit is on standing still and not on the size of the answer."""
        for start in range(0, len(event.data), _SLICE):
            if event.stream_id not in self.stream_buffers:
                return
            part = Body(stream_id=event.stream_id, data=event.data[start : start + _SLICE])
            await self._in_time(event.stream_id, partial(super().stream_send, part))

    async def _in_time(self, stream_id: int, send: Callable[[], Awaitable[None]]) -> None:
        limit = cast("float", self.config.write_stall_s)  # type: ignore[attr-defined]  # seam.Serving
        with trio.move_on_after(limit) as waiting:
            await send()
        if waiting.cancelled_caught:
            await self._reset(stream_id, ErrorCodes.CANCEL)
            await self._close_stream(stream_id)

    async def _stream_closed(self, stream_id: int) -> None:
        buffer = self.stream_buffers.get(stream_id)
        if buffer is not None and not buffer._complete:  # the application ended without finishing its answer
            await self._reset(stream_id, ErrorCodes.INTERNAL_ERROR)
        await self._close_stream(stream_id)
        await self._report_idle()

    async def _send_data(self, stream_id: int) -> None:
        await super()._send_data(stream_id)
        if stream_id not in self.stream_buffers:
            await self._report_idle()

    async def _report_idle(self) -> None:
        await self.send(Updated(idle=not self.streams and not self.stream_buffers))

    async def _reset(self, stream_id: int, code: ErrorCodes) -> None:
        """End one stream from our side; one that is closed already only loses what it still had to send."""
        with suppress(h2.exceptions.ProtocolError):
            self.connection.reset_stream(stream_id, error_code=code)
        await self._drop_buffer(stream_id)
        await self._flush()

    async def _drop_buffer(self, stream_id: int) -> None:
        buffer = self.stream_buffers.get(stream_id)
        if buffer is None:
            return
        await buffer.close()
        self.priority.unblock(stream_id)
        await self.has_data.set()

    async def _handle_events(self, events: list[h2.events.Event]) -> None:
        for event in events:
            match event:
                case h2.events.RequestReceived():
                    await self._request(event)
                case h2.events.DataReceived():
                    await self._data(event)
                case h2.events.StreamEnded():
                    self._end_of_body(event.stream_id)
                case h2.events.StreamReset():
                    await self._close_stream(event.stream_id)
                    await self._drop_buffer(event.stream_id)
                case _:
                    await super()._handle_events([event])
        await self._flush()

    async def _request(self, event: h2.events.RequestReceived) -> None:
        stream_id = event.stream_id
        if self._goaway:
            await self._reset(stream_id, ErrorCodes.REFUSED_STREAM)
        elif not _is_sound(event.headers):
            self.connection.send_headers(stream_id, [(b":status", b"400"), (b"content-length", b"0")], end_stream=True)
            await self._reset(stream_id, ErrorCodes.NO_ERROR)
        else:
            await self._create_stream(event)
            self._inbox(stream_id).taken = partial(self._credit_later, stream_id)
            await self.send(Updated(idle=False))

    async def _data(self, event: h2.events.DataReceived) -> None:
        stream_id, length = event.stream_id, event.flow_controlled_length
        if stream_id in self.streams:
            self._inbox(stream_id).deliver(event.data, True, length)
            return
        self._credit(stream_id, length)  # the answer was complete before the request: the client may stop sending
        await self._reset(stream_id, ErrorCodes.NO_ERROR)

    def _end_of_body(self, stream_id: int) -> None:
        if stream_id in self.streams:
            self._inbox(stream_id).deliver(b"", False, 0)

    def _inbox(self, stream_id: int) -> Inbox:
        return cast("Inbox", self.streams[stream_id].app_put)

    def _credit(self, stream_id: int, length: int) -> None:
        if length and not self.closed:
            with suppress(h2.exceptions.ProtocolError):
                self.connection.acknowledge_received_data(length, stream_id)

    def _credit_later(self, stream_id: int, length: int) -> None:
        """Called where nothing may be awaited. Most credit is too small to be told at once, and needs no task."""
        self._credit(stream_id, length)
        data = self.connection.data_to_send()
        if data:
            self.task_group.spawn(self.send, RawData(data=data))


def _is_sound(headers: Any) -> bool:
    """Whether the request is one that a server of ours could answer: no CONNECT, and a path in ASCII."""
    pseudo = {bytes(name): bytes(value) for name, value in headers if name[:1] == b":"}
    path, method = pseudo.get(b":path", b""), pseudo.get(b":method", b"")
    return bool(path) and path.isascii() and method.isascii() and method.upper() != b"CONNECT"
