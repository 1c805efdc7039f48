"""Searching among the values of a facet, over all shards."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import trio

from miroir.core.documents.reading import read_each
from miroir.core.facet_search import Hit, Merged, merge_hits, read_hits, read_spelling, respelled, write_hits
from miroir.core.indexes import IndexView
from miroir.core.planning.facet_search import FacetSearchPlan, plan_facet_search
from miroir.core.planning.search import PassThrough
from miroir.core.planning.verdict import Refused, degraded_header
from miroir.core.wire.reply import JSON, Reply
from miroir.reads.line import Answered, CatalogSource, Line, Moved
from miroir.reads.settled import judged, refusal, settled

_MOST_DOUBTFUL = 20


class FacetSearcher:
    """One per worker. What a node refuses is a reply, in the client's words."""

    def __init__(self, catalog: CatalogSource, line: Line) -> None:
        self._catalog = catalog
        self._line = line

    async def search(self, uid: str, asked: Mapping[str, Any], *, deadline: float, policy: str | None = None) -> Reply:
        """By the fields of `POST facet-search`. `policy` is as for searches. An incomplete answer is marked.

        Raises MiroirError: index_not_found, bad_request, miroir_shard_unavailable, miroir_timeout.
        """
        start = trio.current_time()

        async def search(view: IndexView) -> Reply | Moved:
            plan = plan_facet_search(view, asked)
            if isinstance(plan, PassThrough):
                return await judged(self._line, view, plan, deadline)
            return await self._search(plan, start, deadline, policy)

        return await settled(self._catalog, uid, search)

    async def _search(self, plan: FacetSearchPlan, start: float, deadline: float, policy: str | None) -> Reply | Moved:
        def merged(bodies: list[bytes], _: float) -> Merged:
            lists = read_each(bodies, read_hits)
            return merge_hits(lists, by_count=plan.by_count, searched=plan.query is not None, limit=plan.limit)

        match await self._line.answer(plan.leg, merged, deadline=deadline, policy=policy):
            case Refused() as refused:
                return refusal(refused, plan.view)
            case Answered(value=found, missing=missing):
                hits = await self._spelled(plan, found, deadline)
                millis = int((trio.current_time() - start) * 1000)
                headers = (JSON, degraded_header(missing)) if missing else (JSON,)
                return Reply(200, write_hits(hits, plan.query, millis), headers)
            case Moved() as moved:
                return moved

    async def _spelled(self, plan: FacetSearchPlan, found: Merged, deadline: float) -> list[Hit]:
        """The values as an engine spells them, which is as their first documents do. Few are ever in doubt."""
        spellings: dict[int, str] = {}
        for place in found.doubtful[:_MOST_DOUBTFUL]:
            value = found.hits[place][0]
            leg = plan.first_with(value)
            if leg is None:
                continue
            read = partial(_first_spelling, facet=plan.facet, value=value)
            answer = await self._line.answer(leg, read, deadline=deadline, policy="partial")
            if isinstance(answer, Answered) and answer.value is not None:
                spellings[place] = answer.value
        return respelled(found.hits, spellings, by_count=plan.by_count) if spellings else found.hits


def _first_spelling(bodies: list[bytes], _: float, *, facet: str, value: str) -> str | None:
    try:
        return read_spelling(bodies, facet, value)
    except (ValueError, KeyError, IndexError, TypeError, OverflowError):
        return None  # a matter of taste is worth no failure
