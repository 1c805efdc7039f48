"""What this peer has seen of each node's answers to reads: latency, failures, calls under way. Synchronous.

Whether a node is alive is `health`'s to say; what follows for a read is decided in `core`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from miroir.cluster.latency import Latencies
from miroir.core.judging.replicas import Observed

_SHARE = 0.95
_SETTLED = 64
_EVERY = 8
"""How many samples are added before the quantile of a node that is well known is worked out anew."""
_TRUST = 1.0
"""Good calls that are supposed of every node: without new failures, old ones are forgotten."""


class NodeStats:
    """One node as this peer sees it. Times are on the caller's clock, in seconds."""

    __slots__ = ("_bad", "_good", "_half_life", "_latencies", "_p95", "_rated", "in_flight")

    def __init__(self, half_life: float, now: float) -> None:
        self._half_life = half_life
        self._latencies = Latencies(half_life, now)
        self._p95: float | None = None
        self._good = 0.0
        self._bad = 0.0
        self._rated = now
        self.in_flight = 0

    def __repr__(self) -> str:
        return f"<NodeStats p95={self._p95} in_flight={self.in_flight} bad={self._bad:.3f} good={self._good:.3f}>"

    def answered(self, seconds: float, now: float) -> None:
        """A call was answered after so long."""
        self._fade(now)
        self._good += 1.0
        self._latencies.add(seconds, now)
        if self._latencies.count <= _SETTLED or not self._latencies.count % _EVERY:
            self._p95 = self._latencies.quantile(_SHARE)

    def given_up(self, seconds: float, now: float) -> None:
        """A call was cancelled after so long. It would have taken longer: that tells something about slow ones only."""
        if self._p95 is not None and seconds > self._p95:
            self.answered(seconds, now)

    def failed(self, now: float) -> None:
        """A call failed, or had all its time and was not answered."""
        self._fade(now)
        self._bad += 1.0

    @property
    def p95(self) -> float | None:
        """In seconds; None while nothing is known."""
        return self._p95

    @property
    def samples(self) -> int:
        """How many answers the p95 rests on."""
        return self._latencies.count

    def observed(self, now: float) -> Observed:
        """What there is to judge the node by."""
        errors = 0.0
        if self._bad:
            self._fade(now)
            errors = self._bad / (self._bad + self._good + _TRUST)
        return Observed(None if self._p95 is None else self._p95 * 1000, self.in_flight, errors)

    def _fade(self, now: float) -> None:
        left = math.exp2((self._rated - now) / self._half_life)
        self._good *= left
        self._bad *= left
        self._rated = now


class FleetStats:
    """All nodes, each from its first call on. A node that nothing is known of looks fast, so that it is tried."""

    def __init__(self, half_life: float) -> None:
        self._half_life = half_life
        self._nodes: dict[str, NodeStats] = {}

    def __repr__(self) -> str:
        return f"<FleetStats {self._nodes}>"

    def of(self, node: str, now: float) -> NodeStats:
        known = self._nodes.get(node)
        if known is None:
            known = self._nodes[node] = NodeStats(self._half_life, now)
        return known

    def observed(self, nodes: Iterable[str], now: float) -> dict[str, Observed]:
        """What is known of these nodes now."""
        return {node: self.of(node, now).observed(now) for node in nodes}
