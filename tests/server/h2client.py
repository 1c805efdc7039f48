"""A client of HTTP/2 that can also misbehave: frames as the test wants them, answers collected by stream."""

from __future__ import annotations

import h2.config
import h2.connection
import h2.events
import trio

Headers = list[tuple[bytes, bytes]]


class H2Client:
    """Speaks over an open stream, TLS or not. `bodies`, `statuses`, `resets` are by stream; `goaway` is the last id."""

    def __init__(self, stream: trio.abc.Stream, *, window: int | None = None) -> None:
        config = h2.config.H2Configuration(
            client_side=True,
            header_encoding=None,
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
        self.stream = stream
        self.h2 = h2.connection.H2Connection(config)
        self.window = window
        self.statuses: dict[int, int] = {}
        self.bodies: dict[int, bytes] = {}
        self.resets: dict[int, int] = {}
        self.ended: set[int] = set()
        self.goaway: int | None = None
        self.closed = False

    async def start(self) -> H2Client:
        self.h2.initiate_connection()
        if self.window is not None:
            self.h2.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: self.window})
        await self.flush()
        while self.h2.outbound_flow_control_window <= 65_535:
            await self.receive()  # until the server's settings and its window are known
        return self

    async def flush(self) -> None:
        await self.stream.send_all(self.h2.data_to_send())

    async def request(
        self, path: bytes, method: bytes = b"GET", *, end: bool = True, extra: Headers | None = None
    ) -> int:
        headers = [(b":method", method), (b":path", path), (b":authority", b"x"), (b":scheme", b"http")]
        return await self.send_headers(headers + (extra or []), end=end)

    async def send_headers(self, headers: Headers, *, end: bool = True) -> int:
        stream_id = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream_id, headers, end_stream=end)
        await self.flush()
        return stream_id

    async def data(self, stream_id: int, data: bytes, *, end: bool = False) -> None:
        self.h2.send_data(stream_id, data, end_stream=end)
        await self.flush()

    async def until_ended(self, stream_id: int) -> bytes:
        """The body, when the stream has ended in any way, or the connection has."""
        while stream_id not in self.ended and stream_id not in self.resets and not self.closed:
            await self.receive()
        return self.bodies.get(stream_id, b"")

    async def receive(self) -> None:
        try:
            data = await self.stream.receive_some(65536)
        except trio.BrokenResourceError:
            data = b""
        if not data:
            self.closed = True
            return
        for event in self.h2.receive_data(bytes(data)):
            self._note(event)
        await self.flush()

    def _note(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.ResponseReceived():
                self.statuses[event.stream_id] = int(dict(event.headers)[b":status"])
            case h2.events.DataReceived():
                self.bodies[event.stream_id] = self.bodies.get(event.stream_id, b"") + event.data
                if event.flow_controlled_length:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case h2.events.StreamEnded():
                self.ended.add(event.stream_id)
            case h2.events.StreamReset():
                self.resets[event.stream_id] = int(event.error_code)
            case h2.events.ConnectionTerminated():
                self.goaway = event.last_stream_id
