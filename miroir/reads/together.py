"""Several searches of one request at the same time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import trio

from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply

Ask = Callable[[], Awaitable[Reply]]


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


async def _reply(ask: Ask) -> Reply:
    try:
        return await ask()
    except MiroirError as error:
        return error.reply()
