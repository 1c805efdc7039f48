"""Equal questions that are asked at the same time share one answer of the nodes.

The first who asks does the work in a task of its own, as if alone. While others wait for it, its cancellation is put
off: a first client that leaves takes nothing from them. When all have left, the work ends.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import trio

from miroir.config.models import QueryCoalescingConfig
from miroir.core.wire.errors import MiroirError

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Flight(Generic[T]):
    """One question under way. Neither `told` nor `error` is set when it was cancelled."""

    since: float
    deadline: float
    scope: trio.CancelScope = field(default_factory=trio.CancelScope)
    ended: trio.Event = field(default_factory=trio.Event)
    joined: int = 0
    told: T | None = None
    error: MiroirError | None = None


class Coalescer(Generic[T]):
    """The questions of one worker that are under way."""

    def __init__(self, config: QueryCoalescingConfig) -> None:
        self._window = config.window_ms / 1000
        self._most_joined = config.max_subscribers
        self._most_flights = config.max_pending_queries
        self._flights: dict[Hashable, _Flight[T]] = {}
        self.joined = 0
        """How many questions shared the answer to another."""

    def __repr__(self) -> str:
        return f"<Coalescer flights={len(self._flights)} joined={self.joined}>"

    async def share(self, key: Hashable, ask: Callable[[], Awaitable[T]], *, deadline: float) -> tuple[T, bool]:
        """The answer to the question `key`, and whether it was asked for this caller: then `ask` was called.

        Raises what `ask` raises, and MiroirError `miroir_timeout` when another's answer is not there at the deadline.
        """
        while True:
            flight = self._flights.get(key)
            if flight is None or not self._takes(flight, deadline):
                return await self._lead(key, ask, deadline), True
            told = await self._join(flight, deadline)
            if told is not None:
                self.joined += 1
                return told, False

    def _takes(self, flight: _Flight[T], deadline: float) -> bool:
        """Late comers would see what was true before they asked; whoever has much more time would be cut short."""
        return (
            trio.current_time() - flight.since <= self._window
            and flight.joined < self._most_joined
            and flight.deadline >= deadline - self._window
        )

    async def _lead(self, key: Hashable, ask: Callable[[], Awaitable[T]], deadline: float) -> T:
        if len(self._flights) >= self._most_flights and key not in self._flights:
            return await ask()
        flight = self._flights[key] = _Flight(trio.current_time(), deadline)
        try:
            with flight.scope:
                flight.told = told = await ask()
                return told
        except MiroirError as error:
            flight.error = error
            raise
        finally:
            if self._flights.get(key) is flight:
                del self._flights[key]
            flight.ended.set()
        raise AssertionError("nobody cancels this scope")

    async def _join(self, flight: _Flight[T], deadline: float) -> T | None:
        """None when the flight was cancelled: its leader left before anybody waited."""
        flight.joined += 1
        flight.scope.shield = True
        try:
            with trio.move_on_at(deadline):
                await flight.ended.wait()
        finally:
            flight.joined -= 1
            if not flight.joined:
                flight.scope.shield = False
        if flight.error is not None:
            raise MiroirError(flight.error.code, flight.error.message)
        if not flight.ended.is_set():
            raise MiroirError("miroir_timeout", "The request took longer than it may, and was given up.")
        return flight.told
