"""Nodes in memory for the searcher: each holds its shards' documents, honours the shard filter, and fails when told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import trio

from miroir._merge_core import encode_sequence, encode_shard
from miroir.cluster.health import Health
from miroir.config.models import HealthConfig, HedgingConfig, MultiSearchConfig, ReplicaSelectionConfig, ScatterConfig
from miroir.core.indexes import Catalog, IndexView
from miroir.core.outcome import Answered, Outcome, Unreachable
from miroir.core.planning.request import SearchRequest
from miroir.core.topology import Node, Topology
from miroir.edge.nodes.pool import NodePool, PoolLimits
from miroir.reads.line import Line
from miroir.reads.multi import MultiSearcher
from miroir.reads.search import Searcher

SHARDS = 4
NODES = ("n0", "n1", "n2")
_CODES = {encode_shard(shard): shard for shard in range(SHARDS)}
_SELECTOR = re.compile(r"_miroir_shard IN \[(.*)\]$")
_VERSIONS = re.compile(r"_miroir_seq IN \[(.*)\]$")

Behaviour = Callable[["FakeNodes", str, dict[str, Any]], Outcome | None]


def view(physical: str = "movies-i1-e1abcd", copies: int = 2, **settings: Any) -> IndexView:
    """The index `movies`: shard s lies on node s mod 3, with two copies also on the next one."""
    holders = tuple(tuple(NODES[(shard + copy) % 3] for copy in range(copies)) for shard in range(SHARDS))
    return IndexView("movies", physical, 1, "id", SHARDS, holders, "", "", settings)


@dataclass
class Holder:
    """A catalog that a test may swap."""

    current: Catalog


@dataclass
class FakeNodes(NodePool):
    """Every node holds all documents, so that only the filter keeps a document from being answered twice."""

    documents: int = 40
    changed: set[int] = field(default_factory=set)
    """Documents that were written again."""
    behaviour: dict[str, Behaviour | float] = field(default_factory=dict)
    asked: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    late: dict[str, Behaviour] = field(default_factory=dict)
    """What comes of a call after the time that its node takes."""
    fate: Callable[[FakeNodes, str, dict[str, Any]], Awaitable[Outcome | None]] | None = None
    """What comes of a call before anything else, if not None."""
    targets: list[str] = field(default_factory=list)
    cancelled: list[tuple[str, float]] = field(default_factory=list)
    """Whose calls were cancelled, and when."""

    def __post_init__(self) -> None:
        super().__init__(PoolLimits())

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
        self.targets.append(f"{method} {target}")
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError:
            given = {}
        behave = self.behaviour.get(node.id)
        start = trio.current_time()
        self.asked.append((node.id, _shards(given)))
        self.bodies.append(given)
        told = None if self.fate is None else await self.fate(self, node.id, given)
        if told is not None:
            return told
        if isinstance(behave, float):
            await self._take(node.id, behave)
            behave = self.late.get(node.id)
        if callable(behave):
            told = behave(self, node.id, given)
            if told is not None:
                return told
        return Answered(node.id, 200, self.answer(given), trio.current_time() - start)

    async def _take(self, node: str, seconds: float) -> None:
        try:
            await trio.sleep(seconds)
        except trio.Cancelled:
            self.cancelled.append((node, trio.current_time()))
            raise

    def answer(self, given: dict[str, Any]) -> bytes:
        """What a node says to a search, all hits equal but for their sequence."""
        ids = [number for number in range(self.documents) if number % SHARDS in _shards(given)]
        versions = _versions(given)
        if versions is not None:
            ids = [number for number in ids if self.version(number) in versions]
        hits = [self._hit(number, given) for number in ids[: given.get("limit", 20)]]
        answer = {"hits": hits, "query": given.get("q", ""), "processingTimeMs": 1, "limit": 20, "offset": 0}
        return orjson.dumps({**answer, "estimatedTotalHits": len(ids), "requestUid": "0"})

    def version(self, number: int) -> str:
        """A document's `_miroir_seq`: those that have changed are younger than all others, and where they were."""
        return encode_sequence(number + self.documents * (number in self.changed))

    def _hit(self, number: int, given: dict[str, Any]) -> dict[str, Any]:
        stamps = {"_miroir_shard": encode_shard(number % SHARDS), "_miroir_seq": self.version(number)}
        details = {"_miroir_seq:asc": {"order": 0, "value": encode_sequence(number)}}
        scores = {"_rankingScore": 1.0, "_rankingScoreDetails": details}
        shown = {} if set(given.get("attributesToRetrieve", "*")) <= set(stamps) else {"id": number}
        return {**shown, **stamps, **(scores if _versions(given) is None else {})}


def _versions(given: dict[str, Any]) -> set[str] | None:
    """The versions of documents that are asked for alone."""
    found = _VERSIONS.search(given["filter"][0]) if given.get("filter") else None
    return set(re.findall(r'"([^"]*)"', found[1])) if found else None


def _shards(given: dict[str, Any]) -> tuple[int, ...]:
    found = _SELECTOR.search(given["filter"][-1]) if isinstance(given.get("filter"), list) else None
    return tuple(sorted(_CODES[code] for code in re.findall(r'"([^"]*)"', found[1]))) if found else ()


def refusing(connection: str = "connection refused") -> Behaviour:
    return lambda _nodes, node, _given: Unreachable(node, connection, sent=False)


def saying(status: int, body: bytes) -> Behaviour:
    return lambda _nodes, node, _given: Answered(node, status, body, 0.01)


def failing(status: int, code: str, message: str) -> Behaviour:
    return saying(status, orjson.dumps({"message": message, "code": code, "type": "t", "link": "l"}))


@dataclass
class World:
    """A searcher among fake nodes."""

    nodes: FakeNodes
    holder: Holder
    health: Health
    line: Line
    searcher: Searcher

    def multi(self, **config: Any) -> MultiSearcher:
        """Multi-search over the same nodes."""
        return MultiSearcher(self.holder, self.line, self.searcher, MultiSearchConfig(**config))


IN_TURN = ReplicaSelectionConfig(enabled=False)


def world(
    index: IndexView | None = None,
    *,
    documents: int = 40,
    copies: int = 2,
    selection: ReplicaSelectionConfig = IN_TURN,
    hedging: HedgingConfig | None = None,
    **scatter: Any,
) -> World:
    """Three nodes, asked in turn unless `selection` says otherwise; `scatter` are keys of that block."""
    topology = Topology(tuple(Node(name, f"http://{name}") for name in NODES), copies, 1)
    nodes = FakeNodes(documents=documents)
    holder = Holder(Catalog(1, {"movies": index or view(copies=copies)}))
    health = Health(topology, HealthConfig(), nodes, key="node-key")
    config = ScatterConfig(**scatter)
    line = Line(holder, topology, health, nodes, config, key="node-key", selection=selection, hedging=hedging)
    return World(nodes, holder, health, line, Searcher(holder, line))


@asynccontextmanager
async def running(w: World) -> AsyncIterator[World]:
    """With its line at work: slow nodes are noticed."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(w.line.run)
        yield w
        nursery.cancel_scope.cancel()


def ask(body: bytes = b'{"q":""}', *, seconds: float = 30, **more: Any) -> SearchRequest:
    return SearchRequest(more.pop("index", "movies"), body, trio.current_time() + seconds, **more)
