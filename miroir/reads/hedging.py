"""Hedges: asking others for what a slow node was asked for. Their budget, and one alarm clock for all fan-outs."""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass
from typing import Protocol

import trio

from miroir.cluster.node_stats import FleetStats
from miroir.config.models import HedgingConfig
from miroir.core.judging.hedging import hedge_after

_BURST = 20.0
"""Hedges that quiet times may save up."""


class Sleeper(Protocol):
    """Somebody with something to do later."""

    def wake(self, now: float) -> float | None:
        """Do what is due, without waiting. Returns when there is more to do, or None."""


@dataclass(slots=True)
class Bell:
    """One sleeper in the alarm, until he is taken out: what is answered must not be kept until it would be late."""

    sleeper: Sleeper | None


class Alarm:
    """Wakes sleepers in time. One task for all of them: a task for each fan-out would cost more than the fan-out."""

    def __init__(self) -> None:
        self._set: list[tuple[float, int, Bell]] = []
        self._order = itertools.count()
        self._next = math.inf
        self._sooner = trio.Event()

    def __repr__(self) -> str:
        return f"<Alarm set={len(self._set)} next={self._next}>"

    def set(self, when: float, bell: Bell) -> None:
        """Wake its sleeper at that time, if there still is one."""
        heapq.heappush(self._set, (when, next(self._order), bell))
        if when < self._next:
            self._next = when
            self._sooner.set()

    async def run(self) -> None:
        """For ever; ends by cancellation."""
        while True:
            with trio.move_on_at(self._next):
                await self._sooner.wait()
            self._sooner = trio.Event()
            self._ring(trio.current_time())
            self._next = self._set[0][0] if self._set else math.inf

    def _ring(self, now: float) -> None:
        while self._set and self._set[0][0] <= now:
            _, order, bell = heapq.heappop(self._set)
            again = None if bell.sleeper is None else bell.sleeper.wake(now)
            if again is not None:
                heapq.heappush(self._set, (again, order, bell))


class Hedging:
    """When to hedge, and how often at most: `budget_ratio` hedges for each call to a node, over all fan-outs."""

    def __init__(self, config: HedgingConfig, stats: FleetStats, *, possible: bool) -> None:
        self.config = config
        self.possible = possible and config.enabled and config.max_hedges_per_query > 0 and config.budget_ratio > 0
        """Whether there are hedges at all: with one copy of each shard there is nobody else to ask."""
        self.alarm = Alarm()
        self._stats = stats
        self._saved = 0.0
        self.fired = 0
        self.won = 0
        self.budget_exhausted = 0

    def __repr__(self) -> str:
        return f"<Hedging fired={self.fired} won={self.won} saved={self._saved:.2f}>"

    def late_at(self, node: str, now: float) -> float | None:
        """From when a call that starts now is late."""
        stats = self._stats.of(node, now)
        after = hedge_after(self.config, stats.p95, stats.samples)
        return None if after is None else now + after

    def earn(self, calls: int) -> None:
        """So many nodes are being asked."""
        self._saved = min(_BURST, self._saved + calls * self.config.budget_ratio)

    def spend(self, hedges: int) -> bool:
        """Whether so many more calls may be made; they are then paid for."""
        if self._saved < hedges:
            self.budget_exhausted += 1
            return False
        self._saved -= hedges
        self.fired += hedges
        return True
