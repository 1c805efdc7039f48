"""Reading documents: one of its shard's owner, lists in their order of arrival over all shards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar, TypeVarTuple
from urllib.parse import quote, urlencode

import orjson
import trio

from miroir._merge_core import canonical_id, shard_of
from miroir.core.documents import join_pages, merge_bodies, page_of, totals, without_stamps
from miroir.core.indexes import IndexView
from miroir.core.planning.display import displayed_of
from miroir.core.planning.names import uses_reserved
from miroir.core.planning.verdict import Refused
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.core.wire.reserved import PREFIX, SEQUENCE, is_reserved
from miroir.core.wire.rewriting import error_reply
from miroir.reads.fanout import Fanout, Question, shard_filter

LIMIT = 20
DEEP = 1000
"""From this offset on, documents that are not on the page stay where they are."""
_INLINE_BYTES = 64 * 1024
_THREADS = 2
"""How many large lists are merged at once: each is taken apart in memory."""
_MOST = 2**63 - 1
"""No index is as large, and every number up to here is one to Python, JSON and the nodes."""

_Args = TypeVarTuple("_Args")
_T = TypeVar("_T")


class DocumentReads:
    def __init__(self, fanout: Fanout) -> None:
        self._fanout = fanout
        self._threads = trio.CapacityLimiter(_THREADS)

    async def get(self, view: IndexView, document_id: str, query: Mapping[str, str], *, deadline: float) -> Reply:
        """One document. `query` is the client's, its `fields` as a list with commas."""
        document = canonical_id(orjson.dumps(document_id))
        if document is None:
            raise _no_document(document_id)
        target = f"/indexes/{view.physical}/documents/{quote(document, safe='')}{_rest(query)}"
        shard = shard_of(document, view.shards)
        answers = await self._fanout.ask(view, lambda _: Question("GET", target), deadline=deadline, shards=[shard])
        if isinstance(answers, Refused):
            return _refusal(answers, view)
        return Reply(200, without_stamps(answers[0].body))

    async def fetch(self, view: IndexView, asked: Mapping[str, Any], *, deadline: float) -> Reply:
        """A list, by the fields of `POST documents/fetch`. What a node must judge goes through as it is."""
        if asked.get("sort"):
            raise MiroirError("miroir_not_supported", "Listing documents in an order of one's own is not supported.")
        if uses_reserved(asked.get("filter")):
            raise MiroirError("invalid_document_filter", f"Names that begin with `{PREFIX}` are not filterable.")
        offset, limit = _number(asked.get("offset"), 0), _number(asked.get("limit"), LIMIT)

        if offset is not None and limit is not None and offset >= DEEP:
            deep = await self._deep(view, asked, offset, limit, deadline)
            if deep is not None:
                return deep
        answers = await self._fanout.ask(view, partial(_listing, view, asked, offset, limit), deadline=deadline)
        if isinstance(answers, Refused):
            return _refusal(answers, view)
        if offset is None or limit is None:
            raise MiroirError("internal", "A node has taken an offset or a limit that is no number.")
        bodies = [answer.body for answer in answers]
        return Reply(200, await self._apart(bodies, merge_bodies, bodies, offset, limit))

    async def _deep(
        self, view: IndexView, asked: Mapping[str, Any], offset: int, limit: int, deadline: float
    ) -> Reply | None:
        """A page far down the list: first the sequences alone, then of each node just its part of the page.

        None when a node went away in between.
        """
        bare = {name: value for name, value in asked.items() if name != "retrieveVectors"} | {"fields": []}
        answers = await self._fanout.ask(view, partial(_listing, view, bare, offset, limit), deadline=deadline)
        if isinstance(answers, Refused):
            return None
        bodies = [answer.body for answer in answers]
        total = await self._apart(bodies, totals, bodies)
        shares = await self._apart(bodies, page_of, bodies, offset, limit)
        questions = [
            (answer.node, _listing(view, asked, start, count, answer.shards, start=start))
            for answer, (start, count) in zip(answers, shares, strict=True)
            if count
        ]
        del answers, bodies
        pages = await self._fanout.follow_up(questions, deadline=deadline)
        if pages is None:
            return None
        return Reply(200, await self._apart(pages, join_pages, pages, offset, limit, total))

    async def _apart(self, bodies: Sequence[bytes], work: Callable[[*_Args], _T], *args: *_Args) -> _T:
        """Work over small lists at once, over large ones in a thread, so that they hold up nobody else."""
        try:
            if sum(map(len, bodies)) <= _INLINE_BYTES:
                return work(*args)
            return await trio.to_thread.run_sync(work, *args, limiter=self._threads, abandon_on_cancel=True)
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise MiroirError("miroir_shard_unavailable", "A node's list of documents cannot be read.") from error


def _listing(
    view: IndexView,
    asked: Mapping[str, Any],
    offset: int | None,
    limit: int | None,
    shards: tuple[int, ...],
    *,
    start: int = 0,
) -> Question:
    """The question for a node's part of a list: all up to the end of the client's page, or from `start` on."""
    body = _for_node(asked, offset, limit, shards)
    if start:
        body |= {"offset": start, "limit": limit}
    return Question("POST", f"/indexes/{view.physical}/documents/fetch", orjson.dumps(body))


def _for_node(
    asked: Mapping[str, Any], offset: int | None, limit: int | None, shards: tuple[int, ...]
) -> dict[str, Any]:
    body = {name: value for name, value in asked.items() if value is not None}
    if isinstance(body.get("fields"), list) and body["fields"] != ["*"]:
        fields = [name for name in body["fields"] if not (isinstance(name, str) and is_reserved(name))]
        body["fields"] = [*fields, SEQUENCE]
    condition = body.get("filter", [])
    body["filter"] = [*(condition if isinstance(condition, list) else [condition]), shard_filter(shards)]
    body["sort"] = [f"{SEQUENCE}:asc"]
    if offset is not None and limit is not None:
        body |= {"offset": 0, "limit": min(offset + limit, _MOST)}
    return body


def _number(value: Any, default: int) -> int | None:
    """A number of zero or more; None for what a node will refuse."""
    if value is None:
        return default
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _rest(query: Mapping[str, str]) -> str:
    kept = dict(query)
    if "fields" in kept and kept["fields"] != "*":
        kept["fields"] = ",".join(name for name in kept["fields"].split(",") if not is_reserved(name.strip()))
    return f"?{urlencode(kept)}" if kept else ""


def _refusal(refused: Refused, view: IndexView) -> Reply:
    return error_reply(refused.status, refused.body, (view.physical,), view.uid, displayed_of(view.settings))


def _no_document(document_id: str) -> MiroirError:
    return MiroirError("document_not_found", f"Document `{document_id}` not found.")
