"""Deleting documents: by ids, which go to the nodes of their shards; by filter; all."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson

from miroir._merge_core import canonical_id, encode_shard, shard_of
from miroir.core.indexes import IndexView
from miroir.core.planning.names import uses_reserved
from miroir.core.tasks.effects import touch
from miroir.core.tasks.task import JsonObject
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.core.wire.reserved import PREFIX, SHARD
from miroir.writes.context import Context, copies_of, not_found
from miroir.writes.operation import Bytes, Draft, NodeRequest, Requests

TYPE = "documentDeletion"
_Make = Callable[[IndexView, str], Requests]


class DeleteWrites:
    def __init__(self, context: Context) -> None:
        self._context = context

    async def ids(self, uid: str, ids: Sequence[Any], *, metadata: str | None, deadline: float) -> Reply:
        """Documents by id: JSON values as the client sent them. One that is no string counts by its JSON text."""
        texts = [one if isinstance(one, str) else orjson.dumps(one).decode() for one in ids]

        def make(view: IndexView, tag: str) -> Requests:
            return _by_ids(view, texts, tag)

        details = {"providedIds": len(ids), "deletedDocuments": None, "originalFilter": None}
        return await self._write(uid, details, make, metadata, deadline)

    async def by_filter(self, uid: str, condition: Any, *, metadata: str | None, deadline: float) -> Reply:
        """Documents that a filter finds, on each node among the shards it holds."""
        if uses_reserved(condition):
            raise MiroirError("invalid_document_filter", f"Names that begin with `{PREFIX}` are not filterable.")

        def make(view: IndexView, tag: str) -> Requests:
            return _by_filter(view, condition, tag)

        original = orjson.dumps(condition).decode()
        details = {"providedIds": 0, "deletedDocuments": None, "originalFilter": original}
        return await self._write(uid, details, make, metadata, deadline)

    async def everything(self, uid: str, *, metadata: str | None, deadline: float) -> Reply:
        """All documents, on every node and whatever their shard."""

        def make(view: IndexView, tag: str) -> Requests:
            target = f"/indexes/{view.physical}/documents?{urlencode({'customMetadata': tag})}"
            return dict.fromkeys(self._context.all_nodes, (NodeRequest("DELETE", target, TYPE, tag=tag),))

        return await self._write(uid, {"deletedDocuments": None}, make, metadata, deadline)

    async def _write(self, uid: str, details: JsonObject, make: _Make, metadata: str | None, deadline: float) -> Reply:
        tag = f"miroir-{uuid.uuid4().hex}"

        async def decide() -> Draft:
            view = self._context.standing(uid)
            if view is None:
                return Draft(TYPE, uid, details, verdict=not_found(uid), custom_metadata=metadata)
            return Draft(
                TYPE,
                uid,
                details,
                requests=make(view, tag),
                effects=(touch(uid),),
                names=(view.physical,),
                copies=copies_of(view),
                custom_metadata=metadata,
            )

        return await self._context.writer.write((uid,), decide, deadline=deadline)


def _by_ids(view: IndexView, texts: list[str], tag: str) -> Requests:
    """Ids that no document can have are left out: no shard is theirs."""
    of_node: dict[str, list[str]] = {}
    for text in texts:
        document = canonical_id(orjson.dumps(text))
        if document is not None:
            for node in view.shard_map[shard_of(document, view.shards)]:
                of_node.setdefault(node, []).append(document)
    target = f"/indexes/{view.physical}/documents/delete-batch?{urlencode({'customMetadata': tag})}"
    return {
        node: (NodeRequest("POST", target, TYPE, Bytes(orjson.dumps(own)), tag=tag),) for node, own in of_node.items()
    }


def _by_filter(view: IndexView, condition: Any, tag: str) -> Requests:
    target = f"/indexes/{view.physical}/documents/delete?{urlencode({'customMetadata': tag})}"
    requests: dict[str, tuple[NodeRequest, ...]] = {}
    for node in sorted({node for holders in view.shard_map for node in holders}):
        shards = [number for number, holders in enumerate(view.shard_map) if node in holders]
        names = ", ".join(orjson.dumps(encode_shard(shard)).decode() for shard in shards)
        listed = condition if isinstance(condition, list) else [condition]
        body = orjson.dumps({"filter": [*listed, f"{SHARD} IN [{names}]"]})
        requests[node] = (NodeRequest("POST", target, TYPE, Bytes(body), tag=tag),)
    return requests
