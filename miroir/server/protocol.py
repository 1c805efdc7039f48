"""Which protocol a connection speaks: HTTP/2 by ALPN or by its preface, else HTTP/1.1."""

from __future__ import annotations

from typing import Any

from hypercorn.events import Event, RawData
from hypercorn.protocol.h11 import H2ProtocolAssumedError

from miroir.server.http1 import Http1
from miroir.server.http2 import Http2


class Protocol:
    """The protocol of one connection, which may change once, at the preface of HTTP/2.

    `parts` are what Hypercorn's protocols are made of: app, config, context, task group, state, whether TLS, client's
    and server's address, and the function that sends.
    """

    def __init__(self, alpn: str | None, *parts: Any) -> None:
        self._parts = parts
        self._speaks: Http1 | Http2 = Http2(*parts) if alpn == "h2" else Http1(*parts)

    async def initiate(self) -> None:
        await self._speaks.initiate()

    async def handle(self, event: Event) -> None:
        try:
            await self._speaks.handle(event)
        except H2ProtocolAssumedError as assumed:
            self._speaks = Http2(*self._parts)
            await self._speaks.initiate()
            await self._speaks.handle(RawData(data=assumed.data))

    async def shut_down(self) -> None:
        await self._speaks.shut_down()
