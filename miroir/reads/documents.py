"""Reading documents: one of its shard's owner, lists in their order of arrival over all shards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from miroir._merge_core import canonical_id, shard_of
from miroir.core.documents import merge_listings, read_listing, without_stamps
from miroir.core.indexes import IndexView
from miroir.core.outcome import Answered
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.core.wire.reserved import PREFIX, SEQUENCE, is_reserved
from miroir.core.wire.rewriting import error_reply
from miroir.reads.fanout import Fanout, Question, shard_filter

LIMIT = 20


class DocumentReads:
    def __init__(self, fanout: Fanout) -> None:
        self._fanout = fanout

    async def get(self, view: IndexView, document_id: str, query: Mapping[str, str], *, deadline: float) -> Reply:
        """One document. `query` is the client's, its `fields` as a list with commas."""
        document = canonical_id(orjson.dumps(document_id))
        if document is None:
            raise _no_document(document_id)
        target = f"/indexes/{view.physical}/documents/{quote(document, safe='')}{_rest(query)}"
        shard = shard_of(document, view.shards)
        answers = await self._fanout.ask(view, lambda _: Question("GET", target), deadline=deadline, shards=[shard])
        if answers[0].status == 200:
            return Reply(200, without_stamps(answers[0].body))
        return _refusal(answers[0], view)

    async def fetch(self, view: IndexView, asked: Mapping[str, Any], *, deadline: float) -> Reply:
        """A list, by the fields of `POST documents/fetch`. What a node must judge goes through as it is."""
        if asked.get("sort"):
            raise MiroirError("miroir_not_supported", "Listing documents in an order of one's own is not supported.")
        if _names_ours(asked.get("filter")):
            raise MiroirError("invalid_document_filter", f"Names that begin with `{PREFIX}` are not filterable.")
        offset, limit = _number(asked.get("offset"), 0), _number(asked.get("limit"), LIMIT)

        def ask(shards: tuple[int, ...]) -> Question:
            body = orjson.dumps(_for_node(asked, offset, limit, shards))
            return Question("POST", f"/indexes/{view.physical}/documents/fetch", body)

        answers = await self._fanout.ask(view, ask, deadline=deadline)
        if answers[0].status != 200:
            return _refusal(answers[0], view)
        if offset is None or limit is None:
            raise MiroirError("internal", "A node has taken an offset or a limit that is no number.")
        try:
            listings = [read_listing(answer.body) for answer in answers]
        except (ValueError, KeyError, IndexError) as error:
            raise MiroirError("miroir_shard_unavailable", "A node's list of documents cannot be read.") from error
        return Reply(200, merge_listings(listings, offset, limit))


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
        body |= {"offset": 0, "limit": offset + limit}
    return body


def _number(value: Any, default: int) -> int | None:
    """A number of zero or more; None for what a node will refuse."""
    if value is None:
        return default
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _names_ours(condition: Any) -> bool:
    return condition is not None and PREFIX in orjson.dumps(condition).decode()


def _rest(query: Mapping[str, str]) -> str:
    kept = dict(query)
    if "fields" in kept and kept["fields"] != "*":
        kept["fields"] = ",".join(name for name in kept["fields"].split(",") if not is_reserved(name.strip()))
    return f"?{urlencode(kept)}" if kept else ""


def _refusal(answer: Answered, view: IndexView) -> Reply:
    return error_reply(answer.status, answer.body, (view.physical,), view.uid)


def _no_document(document_id: str) -> MiroirError:
    return MiroirError("document_not_found", f"Document `{document_id}` not found.")
