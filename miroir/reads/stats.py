"""Statistics of one index and of all, each document counted once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from miroir.core.indexes import IndexView
from miroir.core.planning.verdict import Refused
from miroir.core.stats import DATABASE_SIZES, merge_stats, read_all, read_counts, read_index
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
        told = {node: one for node, answer in answers.items() if (one := read_index(answer.body)) is not None}
        return await self._merged(view, told, deadline)

    async def all(self, indexes: Mapping[str, IndexView], *, deadline: float) -> dict[str, Any]:
        """The answer of `GET /stats`: sizes of the nodes that answer, and every index."""
        answers = await self._fanout.everywhere(Question("GET", "/stats"), deadline=deadline)
        told = {node: one for node, answer in answers.items() if (one := read_all(answer.body)) is not None}
        merged = {}
        for uid, view in indexes.items():
            parts = {
                node: one["indexes"][view.physical] for node, one in told.items() if view.physical in one["indexes"]
            }
            merged[uid] = await self._merged(view, parts, deadline)
        return {
            **{name: sum(one.get(name) or 0 for one in told.values()) for name in DATABASE_SIZES},
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
            body = {"q": "", "limit": 0, "facets": [SHARD], "filter": [shard_filter(shards)]}
            return Question("POST", f"/indexes/{view.physical}/search", orjson.dumps(body))

        answers = await self._fanout.ask(view, ask, deadline=deadline)
        counts = [] if isinstance(answers, Refused) else [read_counts(answer.body, SHARD) for answer in answers]
        if not counts or None in counts:
            raise MiroirError("miroir_shard_unavailable", "The documents of this index cannot be counted.")
        return sum(filter(None, counts))
