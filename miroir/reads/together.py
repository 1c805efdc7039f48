"""Several searches of one request at the same time, and what becomes of their errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import orjson
import trio

from miroir.core.planning.batch import inside
from miroir.core.planning.request import SearchRequest
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply

AT_ONCE = 16
"""So many queries of one request are asked at a time: beyond it a request would crowd out all others."""
Ask = Callable[[], Awaitable[Reply]]


class Searching(Protocol):
    """Whatever answers one search."""

    async def search(self, request: SearchRequest) -> Reply: ...


async def together(asks: Sequence[Ask], *, most: int) -> list[Reply]:
    """The replies in order, up to the first that is an error; at most so many are asked at once.

    A MiroirError is a reply. What stands behind an error is cancelled: nobody will read it. Cancelled from outside, all
    are.
    """
    replies: list[Reply | None] = [None] * len(asks)
    scopes = [trio.CancelScope() for _ in asks]
    room = trio.CapacityLimiter(most)

    async def run(place: int) -> None:
        with scopes[place]:
            async with room:
                reply = replies[place] = await _reply(asks[place])
            if reply.status >= 400:
                for scope in scopes[place + 1 :]:
                    scope.cancel()

    async with trio.open_nursery() as nursery:
        for place in range(len(asks)):
            nursery.start_soon(run, place)
    told: list[Reply] = []
    for reply in replies:
        if reply is None:
            break
        told.append(reply)
        if reply.status >= 400:
            break
    return told


def error_inside(place: int, reply: Reply, prefix: str = "") -> Reply:
    """The error of one query as that of the whole request. An unknown index is no part of the URL, hence 400."""
    error = orjson.loads(reply.body)
    message = inside(place, prefix + error["message"])
    status = 400 if reply.status == 404 else reply.status
    return Reply(status, orjson.dumps({**error, "message": message}), reply.headers)


async def _reply(ask: Ask) -> Reply:
    try:
        return await ask()
    except MiroirError as error:
        return error.reply()
