"""A reply as ASGI messages, and as Quart's response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from quart import Response

from miroir.core.wire.reply import Reply

Send = Callable[[Any], Awaitable[None]]


async def respond(send: Send, reply: Reply) -> None:
    """Send a reply whole."""
    headers = [*reply.headers, (b"content-length", str(len(reply.body)).encode())]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def as_response(reply: Reply) -> Response:
    """The same for a route of Quart: its headers are the reply's alone."""
    response = Response(reply.body, reply.status)
    response.headers.pop("content-type", None)
    for name, value in reply.headers:
        response.headers.add(name.decode("latin-1"), value.decode("latin-1"))
    return response
