"""Which nodes this worker believes to be alive, from probes and from the traffic itself."""

from __future__ import annotations

import structlog
import trio

from miroir.config.models import HealthConfig
from miroir.core.judging.health import Belief, after, speaks_well
from miroir.core.outcome import Answered, Outcome, TimedOut, Unreachable
from miroir.core.topology import Node, Topology
from miroir.edge.nodes.fanout import gather
from miroir.edge.nodes.pool import NodePool

_log = structlog.get_logger(__name__)
_SOONEST = 0.2
"""Seconds between two probes at least, however much traffic there is to doubt a node by."""


class Health:
    """Beliefs about nodes: all are alive at first. Synchronous, but for `run`; `living` is swapped whole."""

    def __init__(self, topology: Topology, config: HealthConfig, pool: NodePool, *, key: str) -> None:
        self._topology = topology
        self._config = config
        self._pool = pool
        self._key = key
        self._beliefs = {node.id: Belief() for node in topology.nodes}
        self._probed_well = dict.fromkeys(self._beliefs, True)
        self._doubt = trio.Event()
        self.living: frozenset[str] = frozenset(self._beliefs)
        self.refusing: frozenset[str] = frozenset()
        """Who refused our key when last probed."""

    def __repr__(self) -> str:
        return f"<Health living={sorted(self.living)} of {sorted(self._beliefs)}>"

    def alive(self, node_id: str) -> bool:
        """Whether the node is a candidate for searches."""
        return node_id in self.living

    @property
    def in_order(self) -> tuple[str, ...]:
        """All nodes, in the order in which to ask them: those that are believed to be away come last."""
        return tuple(sorted(self._beliefs, key=lambda node: (node not in self.living, node)))

    @property
    def settled(self) -> bool:
        """Whether every belief is what the last probe said."""
        return all(self.alive(node) == well for node, well in self._probed_well.items())

    def record(self, outcome: Outcome) -> None:
        """Take note of what a call to a node came to. Traffic only takes nodes out: probes bring them back.

        Late answers speak against a node only while its probes fail too: a request may be dear, or wait for a free
        connection. The first one makes a probe go out.
        """
        if speaks_well(outcome):
            self.record_good(outcome.node)
            return
        if isinstance(outcome, TimedOut):
            self._doubt.set()
            if self._probed_well.get(outcome.node):
                return
        self._observe(outcome.node, good=False, why=_reason(outcome))

    def record_good(self, node_id: str) -> None:
        """As `record` of an answer that proved to be a good one."""
        if self.alive(node_id):
            self._observe(node_id, good=True)

    def _observe(self, node_id: str, *, good: bool, why: str = "") -> None:
        belief = self._beliefs.get(node_id)
        if belief is None or (good and belief.alive and not belief.against):
            return
        new = after(
            belief,
            good=good,
            unhealthy_threshold=self._config.unhealthy_threshold,
            recovery_threshold=self._config.recovery_threshold,
        )
        self._beliefs[node_id] = new
        if new.alive != belief.alive:
            self.living = self.living | {node_id} if new.alive else self.living - {node_id}
            if new.alive:
                _log.warning("node is back", node=node_id)
            else:
                _log.warning("node is out", node=node_id, why=why)

    async def probe(self) -> None:
        """Ask every node once how it is, all at the same time, each for at most `timeout_ms`.

        The question needs our key: a node that refuses it can do nothing for us.
        """
        self._doubt = trio.Event()
        deadline = trio.current_time() + self._config.timeout_ms / 1000
        calls = {node.id: lambda node=node: self._ask(node) for node in self._topology.nodes}
        outcomes = (await gather(calls, deadline=deadline)).values()
        self.refusing = frozenset(outcome.node for outcome in outcomes if _refuses_key(outcome))
        for outcome in outcomes:
            good = speaks_well(outcome) and outcome.node not in self.refusing
            self._probed_well[outcome.node] = good
            self._observe(outcome.node, good=good, why=_reason(outcome))

    async def _ask(self, node: Node) -> Outcome:
        return await self._pool.call(node, "GET", "/version", key=self._key)

    async def run(self) -> None:
        """Probe at every interval, and soon when traffic makes a node doubtful, for ever; ends by cancellation."""
        interval = self._config.interval_ms / 1000
        while True:
            await self.probe()
            with trio.move_on_after(interval):
                await trio.sleep(_SOONEST)
                await self._doubt.wait()


def _refuses_key(outcome: Outcome) -> bool:
    return isinstance(outcome, Answered) and outcome.status in (401, 403)


def _reason(outcome: Outcome) -> str:
    """For the operator."""
    match outcome:
        case Answered() if _refuses_key(outcome):
            return "refuses Miroir's key: check `node_master_key`"
        case Answered(status=status):
            return f"answers with status {status}"
        case TimedOut(after=after):
            return f"no answer within {after:.3f} s"
        case Unreachable(why=why):
            return why
