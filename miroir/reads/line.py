"""The one fan-out of all reads: a leg to a covering set, again elsewhere what failed, the answers made one value.

Services say what to ask and how answers become one; nodes, replicas, retries, health and deadlines are known here
alone. What is decided is decided in `core` and in `Scatter`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Set
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import structlog
import trio

from miroir._merge_core import MergeError
from miroir.cluster.health import Health
from miroir.config.models import HedgingConfig, QueryCoalescingConfig, ReplicaSelectionConfig, ScatterConfig
from miroir.core.indexes import Catalog
from miroir.core.outcome import Outcome, TimedOut, Unreachable
from miroir.core.planning.covering import Covering
from miroir.core.planning.leg import Leg, Shards
from miroir.core.planning.verdict import Failed, Good, Refused, Verdict, judge
from miroir.core.topology import Topology
from miroir.core.wire.errors import MiroirError
from miroir.edge.nodes.fanout import gather
from miroir.edge.nodes.pool import NodePool
from miroir.reads.choosing import Chooser
from miroir.reads.coalescing import Coalescer
from miroir.reads.hedging import Hedging
from miroir.reads.race import Race
from miroir.reads.scatter import Part, Scatter

T = TypeVar("T")
Merge = Callable[[list[bytes], float], T]
"""Makes one value of the nodes' answers; it is told what time it is on Trio's clock, since it may run in a thread.

Raises MergeError (position, what) for an answer that is none."""

_log = structlog.get_logger(__name__)
_INLINE_BYTES = 256 * 1024
_THREADS = 4
_LAST_RESORT_S = 0.5
"""How long a node that is believed to be away may take: a read must not wait for one that swallows packets."""


class CatalogSource(Protocol):
    """Whatever holds the current snapshot of the catalog."""

    @property
    def current(self) -> Catalog: ...


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """What came of a leg: the value, whose answers it is made of, and the shards nobody answered for."""

    value: T
    parts: tuple[Part, ...]
    missing: frozenset[int]


@dataclass(frozen=True, slots=True)
class Moved:
    """An index of the leg has meanwhile got another name on the nodes: plan again."""


Told = Answered[Any] | Refused | Moved


class Line:
    """Asks nodes. One per worker; any number of legs may be under way at once. `key` is the node key."""

    def __init__(
        self,
        catalog: CatalogSource,
        topology: Topology,
        health: Health,
        pool: NodePool,
        config: ScatterConfig,
        *,
        key: str,
        selection: ReplicaSelectionConfig | None = None,
        hedging: HedgingConfig | None = None,
        coalescing: QueryCoalescingConfig | None = None,
    ) -> None:
        self._catalog = catalog
        self._topology = topology
        self._health = health
        self._pool = pool
        self._config = config
        self._key = key
        self.chooser = Chooser(topology, health, config, selection or ReplicaSelectionConfig())
        self.hedging = Hedging(hedging or HedgingConfig(), self.chooser.stats, possible=topology.copies > 1)
        coalescing = coalescing or QueryCoalescingConfig()
        self.coalescer = Coalescer[Told](coalescing) if coalescing.enabled else None
        self._threads = trio.CapacityLimiter(_THREADS)
        self._complaints: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<Line nodes={len(self._topology.nodes)}>"

    async def run(self) -> None:
        """What slow nodes are noticed by, for ever: without it nothing is hedged. Ends by cancellation."""
        await self.hedging.alarm.run()

    def choose(self, leg: Leg) -> Covering:
        """Who is to be asked for what, now."""
        return self.chooser.first(leg)

    async def answer(
        self,
        leg: Leg,
        merge: Merge[T],
        *,
        deadline: float,
        policy: str | None = None,
        covering: Covering | None = None,
        share: bool = False,
    ) -> Answered[T] | Refused | Moved:
        """Ask and merge. `policy` is `partial`, `error`, or None for what is configured.

        `share`: what nodes answer to an equal question that is under way will do, if nothing says whom to ask.

        A body that turns out to be no answer is a failure of its node: its shards are asked of others.
        Raises MiroirError: `miroir_shard_unavailable` when nobody answers for a shard and the policy is `error`, or
        for any shard at all; `miroir_timeout` when no time was left. Cancelled, it closes the sockets of its calls.
        """
        policy = policy or self._config.unavailable_shard_policy
        if not share or covering is not None or self.coalescer is None:
            return await self._answer(leg, merge, covering or self.choose(leg), deadline, policy)
        told, own = await self.coalescer.share(
            _question(leg, policy),
            lambda: self._answer(leg, merge, self.choose(leg), deadline, policy),
            deadline=deadline,
        )
        if own or not isinstance(told, Answered):
            return told
        try:
            value = await self._merged([part.body for part in told.parts], merge)
        except MergeError:  # what is no answer to this question was one to the other
            return await self._answer(leg, merge, self.choose(leg), deadline, policy)
        return Answered(value, told.parts, told.missing)

    async def _answer(
        self, leg: Leg, merge: Merge[T], covering: Covering, deadline: float, policy: str
    ) -> Answered[T] | Refused | Moved:
        scatter = Scatter(covering, lambda shards, tried: self.chooser.instead(leg, covering, shards, tried))
        calls = scatter.first
        while True:
            await self._race(leg, covering, scatter, deadline).run(calls)
            if scatter.unknown_name and self._has_moved(leg):
                return Moved()
            if scatter.refused is not None:
                return scatter.refused
            self._check_complete(leg, scatter, deadline, policy)
            try:
                value = await self._merged(scatter.bodies, merge)
            except MergeError as error:
                position, what = error.args
                node, calls = scatter.reject(position)
                self._note_read(Unreachable(node, f"not an answer to what was asked: {what}", sent=True))
                continue
            for part in scatter.parts:
                self._praise(part.node)
            return Answered(value, tuple(scatter.parts), frozenset(scatter.missing))

    async def one(self, target: str, body: bytes, *, deadline: float, method: str = "POST") -> Verdict:
        """The word of one node, whichever has one: its answer or its refusal, or the failure of the last one asked."""
        verdict: Verdict = Failed("no node is configured")
        for node in self._health.in_order:
            with trio.move_on_at(self._call_deadline(deadline)):
                outcome = await self._pool.call(self._topology.by_id[node], method, target, body, key=self._key)
                verdict = judge(outcome, retry_on_timeout=True)
                if isinstance(verdict, Good | Refused) or verdict.unknown_name:
                    return verdict
                self._note(outcome)
        return verdict

    async def everywhere(
        self, method: str, target: str, read: Callable[[bytes], T | None], *, deadline: float
    ) -> dict[str, T]:
        """What all nodes that can be read say of themselves; one that is known to be away is not waited for.

        Where all are believed to be away, all are asked. `read` gives None for a body that is no answer.
        """
        asked = self._health.living or self._topology.by_id
        calls = {
            node: partial(self._pool.call, self._topology.by_id[node], method, target, key=self._key) for node in asked
        }
        told: dict[str, T] = {}
        for node, outcome in (await gather(calls, deadline=self._call_deadline(deadline))).items():
            match self._note(outcome):
                case Good(body=body) if (value := read(body)) is not None:
                    told[node] = value
                    self._praise(node)
                case Good():
                    self._note(Unreachable(node, "not an answer to what was asked", sent=True))
        return told

    def _has_moved(self, leg: Leg) -> bool:
        current = self._catalog.current.indexes
        return any(current.get(view.uid) is not view for view in leg.views)

    def _race(self, leg: Leg, covering: Covering, scatter: Scatter, deadline: float) -> Race:
        return Race(
            scatter,
            self.chooser.stats,
            self.hedging,
            ask=lambda node, shards: self._call(leg, node, shards),
            note=self._note_read,
            others=lambda shards, late: self._others(leg, covering, shards, late),
            limit=self._config.node_timeout_ms / 1000,
            deadline=deadline,
        )

    def _call(self, leg: Leg, node: str, shards: Shards) -> Awaitable[Outcome]:
        call = self._pool.call(self._topology.by_id[node], leg.method, leg.target, leg.body(shards), key=self._key)
        return call if self._health.alive(node) else _briefly(node, call)

    def _others(self, leg: Leg, covering: Covering, shards: Shards, late: Set[str]) -> Covering | None:
        """Who may be asked beside those that are late: living nodes that have all of these shards, or nobody."""
        cross_group = self.hedging.config.cross_group_fallback
        others = self.chooser.instead(leg, covering, shards, late, cross_group=cross_group)
        useful = not others.missing and all(map(self._health.alive, others.assigned))
        return others if useful else None

    def _call_deadline(self, deadline: float) -> float:
        return min(deadline, trio.current_time() + self._config.node_timeout_ms / 1000)

    def _note(self, outcome: Outcome) -> Verdict:
        """Judge an outcome, tell health, and tell the operator once for each new complaint about a node.

        An answer is good only once it has been merged: until then health hears nothing of it.
        """
        verdict = judge(outcome, retry_on_timeout=self._config.retry_on_timeout)
        if not isinstance(verdict, Good):
            self._health.record(outcome)
        if isinstance(verdict, Failed) and self._complaints.get(outcome.node) != verdict.why:
            self._complaints[outcome.node] = verdict.why
            _log.warning("a node failed a read", node=outcome.node, why=verdict.why)
        return verdict

    def _note_read(self, outcome: Outcome) -> Verdict:
        """As `_note`, and what the outcome says of how good a replica its node is."""
        verdict = self._note(outcome)
        now = trio.current_time()
        stats = self.chooser.stats.of(outcome.node, now)
        match outcome:
            case TimedOut(after=after) if after * 1000 < self._config.node_timeout_ms:
                stats.given_up(after, now)
            case TimedOut() | Unreachable():
                stats.failed(now)
            case _ if isinstance(verdict, Failed):
                stats.failed(now)
            case _:
                stats.answered(outcome.took, now)
        return verdict

    def _praise(self, node: str) -> None:
        self._health.record_good(node)
        if self._complaints:
            self._complaints.pop(node, None)

    def _check_complete(self, leg: Leg, scatter: Scatter, deadline: float, policy: str) -> None:
        """Raise unless there is something to merge, and all of it where that was asked for."""
        if not scatter.missing or (scatter.bodies and policy == "partial"):
            return
        if not scatter.bodies and trio.current_time() >= deadline:
            raise MiroirError("miroir_timeout", "The request took longer than it may, and was given up.")
        hint = " The nodes refuse Miroir's key: check `node_master_key`." if scatter.key_refused else ""
        message = f"No node answers for these shards {leg.told(scatter.missing)}.{hint}"
        raise MiroirError("miroir_shard_unavailable", message)

    async def _merged(self, bodies: list[bytes], merge: Merge[T]) -> T:
        """Small answers are merged at once, large ones in a thread, so that they hold up nobody else."""
        if sum(map(len, bodies)) <= _INLINE_BYTES:
            return merge(bodies, trio.current_time())
        now = trio.current_time()
        return await trio.to_thread.run_sync(merge, bodies, now, limiter=self._threads, abandon_on_cancel=True)


def _question(leg: Leg, policy: str) -> Hashable:
    """What must be equal for two questions to be one: the same snapshots of the indexes, and the same for the nodes.

    Only what nodes answer is shared: every caller merges by his own plan. So whatever his rights take away from him
    is either in the body for the nodes, as filters are, or done to him alone.
    """
    return (leg.method, leg.target, leg.shards, leg.body(()), policy, *map(id, leg.views))


async def _briefly(node: str, call: Awaitable[Outcome]) -> Outcome:
    with trio.move_on_after(_LAST_RESORT_S):
        return await call
    return TimedOut(node, _LAST_RESORT_S)
