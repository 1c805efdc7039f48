"""Federated multi-search: the queries are asked as searches of their own, and their answers are made one.

What is asked is decided in `core.planning.federated`; the order of the hits is the merge's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

import orjson
import trio

from miroir._merge_core import MergeError, merge, merge_federated
from miroir.config.models import MultiSearchConfig
from miroir.core.planning.batch import Batch, inside
from miroir.core.planning.counting import Counting, as_search
from miroir.core.planning.display import displayed_of
from miroir.core.planning.federated import Asked, FederatedPlan, Part, plan_federated
from miroir.core.planning.federation import Federation
from miroir.core.planning.narrowing import narrow_each
from miroir.core.planning.request import BatchRequest, SearchRequest
from miroir.core.planning.verdict import Refused, degraded_header, missing_shards
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import JSON, Reply
from miroir.core.wire.rewriting import error_reply
from miroir.edge.request_uid import new_request_uid
from miroir.reads.judged import judged
from miroir.reads.line import Answered, CatalogSource, Line, Moved
from miroir.reads.together import AT_ONCE, Ask, Searching, error_inside, together

_NAMES_TRIED = 3
_PLACE = re.compile(r"Inside `\.queries\[(\d+)\]`: ")
_OF_FACETS = "invalid_search_facets"


class Federator:
    """Answers federated multi-searches. One per worker; `answer` may run any number of times at once."""

    def __init__(self, catalog: CatalogSource, line: Line, searcher: Searching, config: MultiSearchConfig) -> None:
        self._catalog = catalog
        self._line = line
        self._searcher = searcher
        self._seconds = config.per_query_timeout_ms / 1000

    def __repr__(self) -> str:
        return f"<Federator seconds={self._seconds}>"

    async def answer(self, batch: Batch, federation: Federation, request: BatchRequest) -> Reply:
        """One answer to all queries; the first error in the order in which a node carries them out is one too.

        Raises MiroirError `miroir_shard_unavailable`. Cancelled, it cancels all of its searches.
        """
        start = trio.current_time()
        try:
            plan = plan_federated(batch, federation, self._catalog.current.indexes)
        except MiroirError as error:  # an unknown index is no part of the URL
            return replace(error.reply(), status=400)
        asks = list(self._asks(plan, request))
        replies = await together([ask for ask, _ in asks], most=AT_ONCE)
        if replies and replies[-1].status >= 400:
            return _error(asks[len(replies) - 1][1], replies[-1])
        refused = await self._refused_facets(batch, plan, request)
        if refused is not None:
            return refused
        millis = int((trio.current_time() - start) * 1000)
        return _merged(plan, [whose for _, whose in asks], replies, millis)

    def _asks(self, plan: FederatedPlan, request: BatchRequest) -> Iterable[tuple[Ask, Part | Asked]]:
        """Everything that is asked in the order of a node, and on whose behalf."""
        for asked in plan.asked:
            for part in asked.parts:
                yield partial(self._search, part, request), part
            if asked.counting is not None:
                yield partial(self._count, asked, asked.counting, request), asked

    async def _search(self, part: Part, request: BatchRequest) -> Reply:
        deadline = min(request.deadline, trio.current_time() + self._seconds)
        return await self._searcher.search(
            SearchRequest(part.index, part.body, deadline, request.unavailable, kept=part.kept)
        )

    async def _count(self, asked: Asked, counting: Counting, request: BatchRequest) -> Reply:
        """Totals and facets of what several queries of one index find together, as an answer without hits."""

        def merged(bodies: list[bytes], _now: float) -> bytes:
            return merge(_searches(bodies, asked), counting.merge, 0, "")[0]

        deadline = min(request.deadline, trio.current_time() + self._seconds)
        match await self._line.answer(counting.leg, merged, deadline=deadline, policy=request.unavailable):
            case Answered(value=body, missing=missing):
                return Reply(200, body, (JSON, degraded_header(missing)) if missing else (JSON,))
            case Refused() as refused:
                view = asked.view
                names = (view.physical,)
                return error_reply(refused.status, refused.body, names, view.uid, displayed_of(view.settings))
            case Moved():
                raise MiroirError(
                    "miroir_shard_unavailable", f"Index `{asked.view.uid}` is being moved on its nodes. Try again."
                )

    async def _refused_facets(self, batch: Batch, plan: FederatedPlan, request: BatchRequest) -> Reply | None:
        """What a node says to facets of indexes that no query asks: they are not answered, but must be right."""
        if not plan.unused:
            return None
        federation = {"limit": 0, "facetsByIndex": dict(plan.unused)}
        alone = Batch({"queries": [], "federation": federation}, (), (), federation)
        return await judged(self._line, alone, self._catalog.current, request.deadline)


def _searches(bodies: Sequence[bytes], asked: Asked) -> list[bytes]:
    told = []
    for position, body in enumerate(bodies):
        try:
            told.append(as_search(body, asked.view))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MergeError(position, str(error)) from error
    return told


def _error(whose: Part | Asked, reply: Reply) -> Reply:
    """The error of a query with its place; those of facets are told as such."""
    error = orjson.loads(reply.body)
    match whose:
        case Part(place=place, index=uid):
            of_facets = error["code"] == _OF_FACETS
            return error_inside(place, reply, f"Inside `.federation.facetsByIndex.{uid}`: " if of_facets else "")
        case Asked(counting=Counting(places=places)):
            told = _PLACE.match(error["message"])
            if told is None:
                return reply
            message = inside(places[int(told[1])], error["message"][told.end() :])
            return Reply(reply.status, orjson.dumps({**error, "message": message}), reply.headers)
    return reply


def _merged(plan: FederatedPlan, asked: Sequence[Part | Asked], replies: Sequence[Reply], millis: int) -> Reply:
    """One answer: the merge takes those to queries in the client's order first, then those that count."""
    pairs = list(zip(asked, replies, strict=True))
    parts = {whose.place: reply for whose, reply in pairs if isinstance(whose, Part)}
    bodies = [parts[place].body for place in sorted(parts)]
    bodies += [reply.body for whose, reply in pairs if isinstance(whose, Asked)]
    body = merge_federated(bodies, plan.merge, millis, new_request_uid())
    if plan.narrowings:
        body = narrow_each(body, plan.narrowings)
    missing = set[int]().union(*(missing_shards(reply.headers) for reply in replies))
    lacking = _lacking(pairs)
    return Reply(200, body, (JSON, degraded_header(missing, lacking)) if lacking else (JSON,))


def _lacking(pairs: Iterable[tuple[Part | Asked, Reply]]) -> set[int]:
    """The places of the queries for which something is missing."""
    places: set[int] = set()
    for whose, reply in pairs:
        if missing_shards(reply.headers):
            places |= {part.place for part in whose.parts} if isinstance(whose, Asked) else {whose.place}
    return places
