"""Which nodes this worker believes to be alive, from probes and from the traffic itself."""

from __future__ import annotations

import structlog
import trio

from miroir.config.models import HealthConfig
from miroir.core.judging.health import Belief, after, speaks_well
from miroir.core.outcome import Outcome, TimedOut
from miroir.core.topology import Node, Topology
from miroir.edge.nodes.fanout import gather
from miroir.edge.nodes.pool import NodePool

_log = structlog.get_logger(__name__)


class Health:
    """Beliefs about nodes: all are alive at first. Synchronous, but for `run`; `living` is swapped whole."""

    def __init__(self, topology: Topology, config: HealthConfig, pool: NodePool) -> None:
        self._topology = topology
        self._config = config
        self._pool = pool
        self._beliefs = {node.id: Belief() for node in topology.nodes}
        self.living: frozenset[str] = frozenset(self._beliefs)

    def __repr__(self) -> str:
        return f"<Health living={sorted(self.living)} of {sorted(self._beliefs)}>"

    def alive(self, node_id: str) -> bool:
        """Whether the node is a candidate for searches."""
        return node_id in self.living

    def record(self, outcome: Outcome) -> None:
        """Take note of what a call to a node came to. Traffic only takes nodes out: probes bring them back."""
        if speaks_well(outcome):
            self.record_good(outcome.node)
        else:
            self._observe(outcome.node, good=False)

    def record_good(self, node_id: str) -> None:
        """As `record` of an answer that proved to be a good one."""
        if self.alive(node_id):
            self._observe(node_id, good=True)

    def _observe(self, node_id: str, *, good: bool) -> None:
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
            _log.warning("node is back" if new.alive else "node is out", node=node_id)

    async def probe(self) -> None:
        """Ask every node once how it is, all at the same time, each for at most `timeout_ms`."""
        deadline = trio.current_time() + self._config.timeout_ms / 1000
        calls = {node.id: lambda node=node: self._ask(node) for node in self._topology.nodes}
        for outcome in (await gather(calls, deadline=deadline)).values():
            self._observe(outcome.node, good=not isinstance(outcome, TimedOut) and speaks_well(outcome))

    async def _ask(self, node: Node) -> Outcome:
        return await self._pool.call(node, "GET", "/health", key="")

    async def run(self) -> None:
        """Probe at every interval, for ever; ends by cancellation."""
        while True:
            await self.probe()
            await trio.sleep(self._config.interval_ms / 1000)
