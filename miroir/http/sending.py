"""A reply as ASGI messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from miroir.core.wire.reply import Reply

Send = Callable[[Any], Awaitable[None]]


async def respond(send: Send, reply: Reply) -> None:
    """Send a reply whole."""
    headers = [*reply.headers, (b"content-length", str(len(reply.body)).encode())]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
