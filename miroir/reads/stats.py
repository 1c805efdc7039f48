"""Statistics of one index and of all, each document counted once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from miroir.core.indexes import IndexView
from miroir.core.outcome import Answered
from miroir.core.stats import merge_stats
from miroir.core.topology import Topology
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reserved import SHARD
from miroir.reads.fanout import Fanout, Question, shard_filter


class StatsReads:
    def __init__(self, fanout: Fanout, topology: Topology) -> None:
        self._fanout = fanout
        self._topology = topology

    async def index(self, view: IndexView, *, deadline: float) -> dict[str, Any]:
        """Raises MiroirError `miroir_shard_unavailable` when a shard cannot be counted."""
        answers = await self._fanout.everywhere(Question("GET", f"/indexes/{view.physical}/stats"), deadline=deadline)
        told = {node: _object(answer) for node, answer in answers.items()}
        return await self._merged(view, told, deadline)

    async def all(self, indexes: Mapping[str, IndexView], *, deadline: float) -> dict[str, Any]:
        """The answer of `GET /stats`: sizes of the nodes that answer, and every index."""
        answers = await self._fanout.everywhere(Question("GET", "/stats"), deadline=deadline)
        told = {node: _object(answer) for node, answer in answers.items()}
        merged = {}
        for uid, view in indexes.items():
            parts = {
                node: one["indexes"][view.physical] for node, one in told.items() if view.physical in one["indexes"]
            }
            merged[uid] = await self._merged(view, parts, deadline)
        return {
            "databaseSize": sum(one.get("databaseSize") or 0 for one in told.values()),
            "usedDatabaseSize": sum(one.get("usedDatabaseSize") or 0 for one in told.values()),
            "lastUpdate": max((one["lastUpdate"] for one in told.values() if one.get("lastUpdate")), default=None),
            "indexes": merged,
        }

    async def _merged(self, view: IndexView, told: Mapping[str, Mapping[str, Any]], deadline: float) -> dict[str, Any]:
        """With a node away, the others hold the documents unevenly often: then they are counted shard by shard."""
        complete = len(told) == len(self._topology.nodes)
        documents = None if complete else await self._count(view, deadline)
        return merge_stats(list(told.values()), max(1, len(view.shard_map[0])), documents)

    async def _count(self, view: IndexView, deadline: float) -> int:
        def ask(shards: tuple[int, ...]) -> Question:
            body = {"q": "", "limit": 0, "facets": [SHARD], "filter": shard_filter(shards)}
            return Question("POST", f"/indexes/{view.physical}/search", orjson.dumps(body))

        answers = await self._fanout.ask(view, ask, deadline=deadline)
        if answers[0].status != 200:
            raise MiroirError("index_not_found", f"Index `{view.uid}` not found.")
        counts = (_object(answer).get("facetDistribution", {}).get(SHARD, {}) for answer in answers)
        return sum(sum(of_node.values()) for of_node in counts)


def _object(answer: Answered) -> dict[str, Any]:
    try:
        value = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise MiroirError("miroir_shard_unavailable", "A node's answer cannot be read.")
    return value
