"""Statistics of one index and of all, each document counted once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from miroir._merge_core import MergeError
from miroir.core.indexes import IndexView
from miroir.core.planning.leg import Leg, Shards
from miroir.core.planning.selector import selector
from miroir.core.stats import DATABASE_SIZES, merge_stats, read_all, read_counts, read_index
from miroir.core.topology import Topology
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reserved import SHARD
from miroir.reads.line import Answered, CatalogSource, Line, Moved
from miroir.reads.settled import settled


class StatsReads:
    def __init__(self, catalog: CatalogSource, line: Line, topology: Topology) -> None:
        self._catalog = catalog
        self._line = line
        self._topology = topology

    async def index(self, view: IndexView, *, deadline: float) -> dict[str, Any]:
        """Raises MiroirError `miroir_shard_unavailable` when a shard cannot be counted."""
        told = await self._line.everywhere("GET", f"/indexes/{view.physical}/stats", read_index, deadline=deadline)
        return await self._merged(view, told, deadline)

    async def all(self, indexes: Mapping[str, IndexView], *, deadline: float) -> dict[str, Any]:
        """The answer of `GET /stats`: sizes of the nodes that answer, and every index."""
        told = await self._line.everywhere("GET", "/stats", read_all, deadline=deadline)
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
        async def count(view: IndexView) -> int | Moved:
            leg = Leg((view,), f"/indexes/{view.physical}/search", _counting)
            match await self._line.answer(leg, _counted, deadline=deadline, policy="error"):
                case Answered(value=found):
                    return found
                case Moved() as moved:
                    return moved
            raise MiroirError("miroir_shard_unavailable", "The documents of this index cannot be counted.")

        return await settled(self._catalog, view.uid, count)


def _counting(shards: Shards) -> bytes:
    return orjson.dumps({"q": "", "limit": 0, "facets": [SHARD], "filter": [selector(shards)]})


def _counted(bodies: list[bytes], _: float) -> int:
    counts = []
    for position, body in enumerate(bodies):
        count = read_counts(body, SHARD)
        if count is None:
            raise MergeError(position, "no counts of shards")
        counts.append(count)
    return sum(counts)
