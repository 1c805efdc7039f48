"""Clients that leave: their work is cancelled. One task per worker watches, and only requests that already take long.

A raw ASGI application is not told by cancellation that its client has gone; it has to read `http.disconnect`. A watcher
for every request costs more than most searches, so that one is started only for a request older than 50 ms.

A client that closes its side for writing (half-close) counts as gone, since Hypercorn reports both alike. Bytes that
a client pipelines behind a request do not disturb the watcher: Hypercorn reads them after the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import trio

Receive = Callable[[], Awaitable[Any]]
AGE = 0.05


@dataclass(slots=True, eq=False)
class Watched:
    """One request whose body has been read. When its client leaves, `gone` is set and `scope` cancelled."""

    receive: Receive
    scope: trio.CancelScope
    since: float
    watcher: trio.CancelScope | None = None
    gone: bool = False


class DisconnectWatch:
    """The requests of one worker that are being answered, in order of their age."""

    def __init__(self) -> None:
        self._open: dict[Watched, None] = {}
        self._some = trio.Event()

    def __repr__(self) -> str:
        return f"<DisconnectWatch open={len(self._open)}>"

    def enter(self, receive: Receive, scope: trio.CancelScope) -> Watched:
        """Watch from now on. Whoever enters must leave."""
        watched = Watched(receive, scope, trio.current_time())
        self._open[watched] = None
        if not self._some.is_set():
            self._some.set()
        return watched

    def leave(self, watched: Watched) -> None:
        """The answer is complete, or given up."""
        self._open.pop(watched, None)
        if watched.watcher is not None:
            watched.watcher.cancel()

    async def run(self) -> None:
        """Start watchers for requests that have become old, for ever; sleeps while there are none."""
        async with trio.open_nursery() as nursery:
            while True:
                await self._some.wait()
                await trio.sleep(AGE / 2)
                for watched in self._aged():
                    watched.watcher = trio.CancelScope()
                    nursery.start_soon(_watch, watched, watched.watcher)
                if not self._open:
                    self._some = trio.Event()

    def _aged(self) -> list[Watched]:
        limit = trio.current_time() - AGE
        aged: list[Watched] = []
        for watched in self._open:
            if watched.since > limit:
                break
            if watched.watcher is None:
                aged.append(watched)
        return aged


async def _watch(watched: Watched, scope: trio.CancelScope) -> None:
    with scope:
        while (await watched.receive())["type"] != "http.disconnect":
            pass
        watched.gone = True
        watched.scope.cancel()
