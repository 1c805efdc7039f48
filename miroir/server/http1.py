"""HTTP/1.1 on Hypercorn's protocol, without WebSockets and without the upgrade to HTTP/2 that RFC 9113 dropped."""

from __future__ import annotations

from typing import Any

import h11
from hypercorn.events import Closed, Event, RawData
from hypercorn.protocol.events import Body, EndBody, Request, Response
from hypercorn.protocol.events import Event as StreamEvent
from hypercorn.protocol.h11 import STREAM_ID, H2ProtocolAssumedError, H11Protocol
from hypercorn.protocol.http_stream import HTTPStream

_PREFACE = b"PRI * HTTP/2.0\r\n\r\n"


class _RefusedError(Exception):
    """The request is answered with an error at once, and the connection ends."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Http1(H11Protocol):
    """One HTTP/1.1 connection. The head of an answer goes out with the first piece of its body: one write, not two."""

    _head = b""

    async def handle(self, event: Event) -> None:
        try:
            await super().handle(event)
        except _RefusedError as refused:
            await self._send_error_response(refused.status)
            await self.send(Closed())

    async def stream_send(self, event: StreamEvent) -> None:
        match event:
            case Response() if event.status_code >= 200:
                self._head = self._encoded(self._as_answer(event))
            case Body():
                await self._send_with_head(self._encoded(h11.Data(data=event.data)))
            case EndBody():
                await self._send_with_head(self._encoded(h11.EndOfMessage()))
            case _:
                await super().stream_send(event)

    def _as_answer(self, event: Response) -> h11.Response:
        headers = [*event.headers, *self.config.response_headers("h11")]
        if self.keep_alive_requests >= self.config.keep_alive_max_requests:
            headers.append((b"connection", b"close"))
        return h11.Response(headers=headers, status_code=event.status_code)

    def _encoded(self, event: h11.Response | h11.Data | h11.EndOfMessage) -> bytes:
        """The bytes of an event; none when the client has broken the protocol and hears nothing more."""
        try:
            return self.connection.send(event) or b""
        except h11.LocalProtocolError:
            if self.connection.their_state is h11.ERROR:
                return b""
            raise

    async def _send_with_head(self, data: bytes) -> None:
        data, self._head = self._head + data, b""
        if data:
            await self.send(RawData(data=data))

    async def shut_down(self) -> None:
        """Nothing to announce: the answer under way is the last one."""

    async def _check_protocol(self, event: h11.Request) -> None:
        """The preface of HTTP/2 changes the protocol where that is allowed; an offer to upgrade is declined."""
        if event.http_version != b"2.0":
            return
        if event.method != b"PRI" or self.ssl or not self.config.h2c:  # type: ignore[attr-defined]  # seam.Serving
            raise _RefusedError(505)
        raise H2ProtocolAssumedError(_PREFACE + self.connection.trailing_data[0])

    async def _create_stream(self, request: h11.Request) -> None:
        self.stream = HTTPStream(
            self.app,
            self.config,
            self.context,
            self.task_group,
            self.ssl,
            self.client,
            self.server,
            self.stream_send,
            STREAM_ID,
        )
        await self.stream.handle(self._as_request(request))
        self.keep_alive_requests += 1

    def _as_request(self, request: h11.Request) -> Request:
        headers: Any = list(request.headers)
        return Request(
            stream_id=STREAM_ID,
            headers=headers,
            http_version=request.http_version.decode(),
            method=request.method.decode("ascii").upper(),
            raw_path=request.target,
            state=self.connection_state,
        )
