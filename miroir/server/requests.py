"""The task group that Hypercorn's protocols start requests in: one task for each, and its failure is its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import trio

from miroir.server.containment import contain
from miroir.server.inbox import Inbox

Send = Callable[[Any], Awaitable[None]]


class Requests:
    """The requests of one connection, in its nursery."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery

    async def spawn_app(self, app: Any, config: Any, scope: Any, send: Send) -> Inbox:
        """Start answering a request; what is returned takes what the client sends further."""
        inbox = Inbox()
        self._nursery.start_soon(_answer, app, scope, inbox, send)
        return inbox

    def spawn(self, func: Callable[..., Awaitable[Any]], *args: Any) -> None:
        self._nursery.start_soon(func, *args)


async def _answer(app: Any, scope: Any, inbox: Inbox, send: Send) -> None:
    """Call the application. An answer that it did not finish is ended as an error by `send(None)`."""
    cancelled = None
    try:
        await app(scope, inbox.receive, send, None, None)
    except (Exception, BaseExceptionGroup) as error:
        cancelled = contain(error, "a request")
    finally:
        inbox.close()
    if cancelled is not None:
        raise cancelled
    await send(None)
