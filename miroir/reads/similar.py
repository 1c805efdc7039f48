"""Documents that are similar to one, over all shards: its owner judges and tells its vector, then all are searched."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import orjson
import trio

from miroir.core.documents.reading import read_each
from miroir.core.indexes import IndexView
from miroir.core.planning.leg import Leg
from miroir.core.planning.search import PassThrough
from miroir.core.planning.similar import SimilarPlan, plan_similar
from miroir.core.planning.verdict import Refused, degraded_header
from miroir.core.similar import Neighbour, Page, Source, nearest_first, read_neighbours, read_source, write_page
from miroir.core.wire.reply import JSON, Reply
from miroir.reads.line import Answered, CatalogSource, Line, Merge, Moved, T
from miroir.reads.settled import judged, refusal, settled


class SimilarReads:
    """One per worker. What a node refuses is a reply, in the client's words."""

    def __init__(self, catalog: CatalogSource, line: Line) -> None:
        self._catalog = catalog
        self._line = line

    async def similar(self, uid: str, asked: Mapping[str, Any], *, deadline: float, policy: str | None = None) -> Reply:
        """By the fields of `POST similar`. `policy` is as for searches. An incomplete answer is marked.

        Raises MiroirError: index_not_found, bad_request, miroir_shard_unavailable, miroir_timeout.
        """
        start = trio.current_time()

        async def similar(view: IndexView) -> Reply | Moved:
            plan = plan_similar(view, asked)
            if isinstance(plan, PassThrough):
                return await judged(self._line, view, plan, deadline)
            return await self._similar(plan, start, deadline, policy)

        return await settled(self._catalog, uid, similar)

    async def similar_raw(self, uid: str, query: str, *, deadline: float) -> Reply:
        """By a query string that Miroir does not understand: a node says what is wrong with it."""

        def plan(view: IndexView) -> PassThrough:
            return PassThrough("GET", f"/indexes/{view.physical}/similar?{query}", b"")

        return await settled(self._catalog, uid, lambda view: judged(self._line, view, plan(view), deadline))

    async def _similar(self, plan: SimilarPlan, start: float, deadline: float, policy: str | None) -> Reply | Moved:
        verdict = await self._one(plan.judging(), _read_judged, deadline)
        if isinstance(verdict, Refused):
            return refusal(verdict, plan.view)
        if isinstance(verdict, Moved):
            return verdict
        read = partial(read_source, embedder=str(plan.asked["embedder"]))
        source = await self._one(plan.source(), lambda bodies, _: read_each(bodies, read)[0], deadline)
        if isinstance(source, Refused):
            return refusal(source, plan.view)
        if isinstance(source, Moved):
            return source
        return await self._neighbours(plan, verdict, source, start, deadline, policy)

    async def _neighbours(
        self,
        plan: SimilarPlan,
        verdict: Mapping[str, Any],
        source: Source,
        start: float,
        deadline: float,
        policy: str | None,
    ) -> Reply | Moved:
        read = partial(read_neighbours, scores=bool(plan.asked.get("showRankingScore")))

        def merged(bodies: list[bytes], _: float) -> tuple[list[Neighbour], int]:
            lists = read_each(bodies, read)
            return nearest_first(one for found, _ in lists for one in found), sum(total for _, total in lists)

        match await self._line.answer(plan.neighbours(source), merged, deadline=deadline, policy=policy):
            case Refused() as refused:
                return refusal(refused, plan.view)
            case Moved() as moved:
                return moved
            case Answered(value=(found, total), missing=missing):
                millis = int((trio.current_time() - start) * 1000)
                headers = (JSON, degraded_header(missing)) if missing else (JSON,)
                return Reply(200, write_page(verdict, found, total, _page(plan), millis), headers)

    async def _one(self, leg: Leg, merge: Merge[T], deadline: float) -> T | Refused | Moved:
        """What the document's owner says."""
        answer = await self._line.answer(leg, merge, deadline=deadline, policy="error")
        return answer if isinstance(answer, Refused | Moved) else answer.value


def _page(plan: SimilarPlan) -> Page:
    asked = plan.asked
    details = bool(asked.get("showRankingScoreDetails"))
    return Page(plan.offset, plan.limit, asked.get("rankingScoreThreshold"), plan.max_hits, details)


def _read_judged(bodies: list[bytes], _: float) -> dict[str, Any]:
    def read(body: bytes) -> dict[str, Any]:
        answer = orjson.loads(body)
        if not isinstance(answer, dict) or "hits" not in answer:
            raise ValueError("no similar documents")
        return answer

    return read_each(bodies, read)[0]
