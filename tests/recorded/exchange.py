"""What was asked of one node and what it answered, as values; and pools that record and replay them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from miroir.core.outcome import Answered, Outcome, Unreachable
from miroir.core.topology import Node
from miroir.edge.nodes.pool import NodePool, PoolLimits

Key = tuple[str, str, str, bytes]
HOW_TO_RECORD = "record anew: python -m tests.recorded.record PATH_TO_STOCK_BINARY"
_PROBE = "/version"


def canonical(body: bytes) -> bytes:
    """A body without what JSON leaves free: order of members, white space."""
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    except orjson.JSONDecodeError:
        return body


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to a node, and its answer."""

    node: str
    method: str
    target: str
    body: bytes
    status: int
    answer: bytes

    @property
    def key(self) -> Key:
        return self.node, self.method, self.target, canonical(self.body)

    def to_json(self) -> list[Any]:
        return [self.node, self.method, self.target, self.body.decode(), self.status, self.answer.decode()]

    @classmethod
    def from_json(cls, told: list[Any]) -> Exchange:
        node, method, target, body, status, answer = told
        return cls(node, method, target, body.encode(), status, answer.encode())


class RecordingPool(NodePool):
    """Asks real nodes, and keeps what they said."""

    def __init__(self) -> None:
        super().__init__(PoolLimits())
        self.exchanges: list[Exchange] = []

    async def call(
        self,
        node: Node,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        key: str,
        content_type: str = "application/json",
    ) -> Outcome:
        outcome = await super().call(node, method, target, body, key=key, content_type=content_type)
        if target != _PROBE:
            assert isinstance(outcome, Answered), outcome
            self.exchanges.append(Exchange(node.id, method, target, body, outcome.status, outcome.body))
        return outcome

    def taken(self) -> list[Exchange]:
        """What was kept since the last time."""
        kept, self.exchanges = self.exchanges, []
        return kept


@dataclass
class ReplayingPool(NodePool):
    """Answers as the nodes did when they were asked the same. `unknown` are questions that nobody recorded."""

    recorded: dict[Key, Exchange] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(PoolLimits())

    def hold(self, exchanges: Iterable[Exchange]) -> None:
        """From now on answer as in these."""
        self.recorded = {exchange.key: exchange for exchange in exchanges}
        self.unknown = []

    async def call(
        self,
        node: Node,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        key: str,
        content_type: str = "application/json",
    ) -> Outcome:
        if target == _PROBE:
            return Answered(node.id, 200, b"{}", 0.0)
        exchange = self.recorded.get((node.id, method, target, canonical(body))) or self._of_any(method, target, body)
        if exchange is None:
            self.unknown.append(f"{node.id}: {method} {target} {body.decode(errors='replace')}")
            return Unreachable(node.id, "nobody has recorded what it answers", sent=False)
        return Answered(node.id, exchange.status, exchange.answer, 0.0)

    def _of_any(self, method: str, target: str, body: bytes) -> Exchange | None:
        """What is left to one node to judge may be left to any. A question with shards in it is one node's alone."""
        if b"_miroir_shard" in body:
            return None
        asked = (method, target, canonical(body))
        return next((exchange for key, exchange in self.recorded.items() if key[1:] == asked), None)
