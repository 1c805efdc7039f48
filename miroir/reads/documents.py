"""Reading documents: one of its shard's owner, lists in their order over all shards."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from miroir._merge_core import canonical_id, shard_of
from miroir.core.documents.reading import read_document, read_each, read_page, write_chosen, write_page
from miroir.core.indexes import IndexView
from miroir.core.planning.leg import Leg
from miroir.core.planning.listing import ListingPlan, plan_listing
from miroir.core.planning.search import PassThrough
from miroir.core.planning.verdict import Refused
from miroir.core.wire.reply import Reply
from miroir.core.wire.reserved import alias
from miroir.reads.line import CatalogSource, Line, Merge, Moved, T
from miroir.reads.settled import judged, refusal, settled

_POLICY = "error"
"""A list or a document that is not there because a node is away must not look as if there were none."""


class DocumentReads:
    """Reads documents. One per worker. What a node refuses is a reply, in the client's words."""

    def __init__(self, catalog: CatalogSource, line: Line) -> None:
        self._catalog = catalog
        self._line = line

    async def get(self, uid: str, document_id: str, query: Mapping[str, str], *, deadline: float) -> Reply:
        """One document. `query` is the client's; a node judges it."""
        return await settled(self._catalog, uid, lambda view: self._get(view, document_id, query, deadline))

    async def fetch(self, uid: str, asked: Mapping[str, Any], *, deadline: float) -> Reply:
        """A list, by the fields of `POST documents/fetch`. What a node must judge goes through as it is."""
        return await settled(self._catalog, uid, lambda view: self._fetch(view, plan_listing(view, asked), deadline))

    async def fetch_raw(self, uid: str, query: str, *, deadline: float) -> Reply:
        """A list, by a query string that Miroir does not understand: a node says what is wrong with it."""

        def plan(view: IndexView) -> PassThrough:
            return PassThrough("GET", f"/indexes/{view.physical}/documents?{query}", b"")

        return await settled(self._catalog, uid, lambda view: judged(self._line, view, plan(view), deadline))

    async def _get(self, view: IndexView, document_id: str, query: Mapping[str, str], deadline: float) -> Reply | Moved:
        target = f"/indexes/{view.physical}/documents/{quote(document_id, safe='')}{_rest(query)}"
        document = canonical_id(orjson.dumps(document_id))
        if document is None:
            return await judged(self._line, view, PassThrough("GET", target, b""), deadline)
        leg = Leg((view,), target, lambda _: b"", (shard_of(document, view.shards),), "GET")
        return _reply(await self._asked(leg, lambda bodies, _: read_each(bodies, read_document)[0], deadline), view)

    async def _fetch(self, view: IndexView, plan: ListingPlan | PassThrough, deadline: float) -> Reply | Moved:
        if isinstance(plan, PassThrough):
            return await judged(self._line, view, plan, deadline)
        if plan.by_keys:
            reply = await self._by_keys(plan, deadline)
            if reply is not None:
                return reply
        write = partial(_written, order=plan.order, offset=plan.offset, limit=plan.limit)
        return _reply(await self._asked(plan.whole(), write, deadline), view)

    async def _by_keys(self, plan: ListingPlan, deadline: float) -> Reply | Moved | None:
        """First which documents are on the page, then these alone; None when they change in between."""
        rows = None
        for skip in (True, False) if plan.may_skip else (False,):
            found = await self._asked(plan.keys(skip=skip), partial(_found, plan=plan), deadline)
            if isinstance(found, Refused | Moved):
                return _reply(found, plan.view)
            rows, total = found
            if rows is not None:
                break
        if rows is None:
            return None
        write = partial(_chosen, rows=rows, offset=plan.offset, limit=plan.limit, total=total)
        if not rows:
            return Reply(200, write([], 0.0) or b"")
        told = await self._asked(plan.documents(rows), write, deadline)
        return None if told is None else _reply(told, plan.view)

    async def _asked(self, leg: Leg, merge: Merge[T], deadline: float) -> T | Refused | Moved:
        answer = await self._line.answer(leg, merge, deadline=deadline, policy=_POLICY)
        return answer if isinstance(answer, Refused | Moved) else answer.value


def _reply(told: bytes | Refused | Moved, view: IndexView) -> Reply | Moved:
    match told:
        case Refused():
            return refusal(told, view)
        case Moved():
            return told
    return Reply(200, told)


def _written(bodies: list[bytes], _: float, **page: Any) -> bytes:
    return write_page(bodies, **page)


def _found(bodies: list[bytes], _: float, *, plan: ListingPlan) -> Any:
    return read_page(bodies, plan.order, plan.offset, plan.limit)


def _chosen(bodies: list[bytes], _: float, **page: Any) -> bytes | None:
    return write_chosen(bodies, **page)


def _rest(query: Mapping[str, str]) -> str:
    """The query as it came, but that our fields are unknown and no node shall ask others."""
    kept = dict(query)
    if "fields" in kept:
        kept["fields"] = ",".join(map(alias, kept["fields"].split(",")))
    if kept.get("useNetwork") == "true":
        kept["useNetwork"] = "false"
    return f"?{urlencode(kept)}" if kept else ""
