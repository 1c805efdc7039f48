"""One fan-out: the calls of a scatter under one deadline, repeated elsewhere when they fail, hedged when they are late.

The owner of the fan-out's nursery. Calls that begin together share its deadline, and the first runs in the caller's own
task; only what is added later pays for a scope of its own. What is asked of whom next is the scatter's to say.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable

import trio

from miroir.cluster.node_stats import FleetStats
from miroir.core.outcome import Outcome, TimedOut
from miroir.core.planning.covering import Covering
from miroir.core.planning.leg import Shards
from miroir.core.planning.verdict import Verdict
from miroir.reads.hedging import Bell, Hedging
from miroir.reads.scatter import Call, Scatter

Ask = Callable[[str, Shards], Awaitable[Outcome]]
Note = Callable[[Outcome], Verdict]
Others = Callable[[Shards, set[str]], Covering | None]
"""Who may be asked for these shards beside these nodes that are late, if that is allowed and of use."""


class Race:
    """Runs once. `limit` is how long one call may take, in seconds; `deadline` is absolute."""

    def __init__(
        self,
        scatter: Scatter,
        stats: FleetStats,
        hedging: Hedging,
        *,
        ask: Ask,
        note: Note,
        others: Others,
        limit: float,
        deadline: float,
    ) -> None:
        self._scatter = scatter
        self._stats = stats
        self._hedging = hedging
        self._ask = ask
        self._note = note
        self._others = others
        self._limit = limit
        self._deadline = deadline
        self._out: dict[Call, None] = {}
        self._nursery: trio.Nursery | None = None
        self._grown = False
        self._inline = False
        self._late: set[str] = set()
        self._bell = Bell(self)
        self._hedges_left = hedging.config.max_hedges_per_query

    def __repr__(self) -> str:
        return f"<Race out={[call.node for call in self._out]} {self._scatter}>"

    async def run(self, calls: list[Call]) -> None:
        """Make the calls, and all that follow from them, until every shard is answered for, missing, or refused."""
        try:
            while calls and trio.current_time() < self._deadline:
                self._begin(calls)
                if len(calls) == 1 and calls[0].hedge_at is None:
                    calls = await self._alone(calls[0])
                else:
                    calls = await self._together(calls)
            self._scatter.give_up(calls)
        finally:
            self._leave()

    def _begin(self, calls: list[Call]) -> None:
        now, possible = trio.current_time(), self._hedging.possible
        for call in calls:
            call.since = now
            self._stats.of(call.node, now).in_flight += 1
            self._out[call] = None
            if possible and not call.attempt.is_hedge:
                call.hedge_at = self._hedging.late_at(call.node, now)
        if possible and not calls[0].attempt.is_hedge:
            self._hedging.earn(len(calls))

    async def _alone(self, call: Call) -> list[Call]:
        outcome: Outcome | None = None
        with trio.move_on_at(self._last_moment(call)):
            outcome = await self._ask(call.node, call.shards)
        return self._settle(call, outcome)

    async def _together(self, calls: list[Call]) -> list[Call]:
        """Returns what to ask because the time of a call was over when there was nothing else left to wait for."""
        async with trio.open_nursery() as nursery:
            self._nursery, self._grown = nursery, False
            nursery.cancel_scope.deadline = self._last_moment(calls[0])
            self._set_alarm(calls)
            for call in calls[1:]:
                nursery.start_soon(self._run, call)
            try:
                self._inline = True
                await self._run(calls[0])
            finally:
                self._inline = False
        self._nursery = None
        if self._scatter.done:
            return []
        return [again for call in list(self._out) for again in self._settle(call, None)]

    async def _run(self, call: Call) -> None:
        self._go_on(self._settle(call, await self._ask(call.node, call.shards)))

    async def _run_added(self, call: Call) -> None:
        outcome: Outcome | None = None
        with trio.move_on_at(self._last_moment(call)):
            outcome = await self._ask(call.node, call.shards)
        self._go_on(self._settle(call, outcome))

    def _last_moment(self, call: Call) -> float:
        return min(self._deadline, call.since + self._limit)

    def _settle(self, call: Call, outcome: Outcome | None) -> list[Call]:
        """Take in what a call came to, None when its time was over. Late news of a call that was settled is no news."""
        if call not in self._out:
            return []
        del self._out[call]
        now = trio.current_time()
        call.took = now - call.since
        self._stats.of(call.node, now).in_flight -= 1
        return self._scatter.settle(call, self._note(outcome or TimedOut(call.node, call.took)))

    def _go_on(self, calls: list[Call]) -> None:
        """Start what is to be asked next; when nothing is left to wait for, cancel the losers."""
        if self._nursery is None:
            return
        if calls:
            self._add(calls, self._nursery)
        elif self._scatter.done and (self._out or self._grown):
            self._nursery.cancel_scope.cancel()

    def _add(self, calls: list[Call], nursery: trio.Nursery) -> None:
        if not self._grown:
            self._grown = True
            first, nursery.cancel_scope.deadline = nursery.cancel_scope.deadline, self._deadline
            nursery.start_soon(self._expire, list(self._out), first)
        self._begin(calls)
        self._set_alarm(calls)
        for call in calls:
            nursery.start_soon(self._run_added, call)

    async def _expire(self, calls: list[Call], when: float) -> None:
        """The time of those calls is over that began together; they end with the race."""
        await trio.sleep_until(when)
        for call in calls:
            self._go_on(self._settle(call, None))

    def _set_alarm(self, calls: list[Call]) -> None:
        late = min((call.hedge_at for call in calls if call.hedge_at is not None), default=math.inf)
        if late < self._deadline:
            self._hedging.alarm.set(late, self._bell)

    def wake(self, now: float) -> float | None:
        """Hedge the calls that are late. Returns when the next one will be."""
        nursery = self._nursery
        if nursery is None or self._scatter.done or not (self._inline or nursery.child_tasks):
            return None  # a nursery without tasks is about to end, and takes no new ones
        late = [call for call in self._out if call.hedge_at is not None and call.hedge_at <= now]
        self._late.update(call.node for call in late)
        for call in late:
            call.hedge_at = None
            self._hedge(call, nursery)
        return min((call.hedge_at for call in self._out if call.hedge_at is not None), default=None)

    def _hedge(self, call: Call, nursery: trio.Nursery) -> None:
        if call.attempt.over or call.attempt.rival is not None:
            return
        covering = self._others(call.shards, self._late | self._scatter.failed)
        if covering is None or len(covering.assigned) > self._hedges_left:
            return
        if self._hedging.spend(len(covering.assigned)):
            self._hedges_left -= len(covering.assigned)
            self._add(self._scatter.hedge(call, covering), nursery)

    def _leave(self) -> None:
        """Calls that are still out were cancelled: they lost, or their client left."""
        now, self._bell.sleeper = trio.current_time(), None
        for call in self._out:
            stats = self._stats.of(call.node, now)
            stats.in_flight -= 1
            stats.given_up(now - call.since, now)
        self._out.clear()
        self._hedging.won += self._scatter.hedges_won
        self._scatter.hedges_won = 0
