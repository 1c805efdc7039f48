"""Adding and updating documents: split, stamped, and sent to every node that holds one of their shards."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import trio

from miroir.core.indexes import IndexView
from miroir.core.tasks.effects import Effect, set_key, touch
from miroir.core.tasks.task import JsonObject
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.edge.spool import Segment, Spool
from miroir.writes.context import Context, check_primary_key, copies_of, error
from miroir.writes.creation import Birth
from miroir.writes.operation import NDJSON, Draft, NodeRequest, Requests
from miroir.writes.payload import Payload, Stamped, read_payload, requests_of
from miroir.writes.sequences import Sequences

TYPE = "documentAdditionOrUpdate"


@dataclass(frozen=True, slots=True)
class Upload:
    """What a client said about its payload. `method` is POST (replace) or PUT (update)."""

    uid: str
    method: str
    ndjson: bool
    encoding: str = ""
    primary_key: str | None = None
    custom_metadata: str | None = None
    skip_creation: bool = False
    tag: str = field(default_factory=lambda: f"miroir-{uuid.uuid4().hex}")


class DocumentWrites:
    def __init__(self, context: Context, sequences: Sequences) -> None:
        self._context = context
        self._sequences = sequences

    async def add(self, upload: Upload, chunks: AsyncIterator[bytes], *, deadline_after: float) -> Reply:
        """Read a payload, then write it; the deadline begins, for so many seconds, when the last byte is there.

        `chunks` is the body as the client sent it; what it raises ends the upload without a trace. Raises MiroirError.
        """
        check_primary_key(upload.primary_key)
        spool = Spool(self._context.budget, self._context.spool_dir)
        try:
            payload = await self._read(upload, chunks, spool)
        except BaseException:
            spool.close()
            raise
        return await self._context.writer.write(
            (upload.uid,),
            lambda: self._decide(upload, payload),
            deadline=trio.current_time() + deadline_after,
            closing=spool.close,
        )

    async def _read(self, upload: Upload, chunks: AsyncIterator[bytes], spool: Spool) -> Payload:
        view = self._context.standing(upload.uid)
        return await read_payload(
            chunks,
            spool,
            ndjson=upload.ndjson,
            shards=self._context.births.shards if view is None else view.shards,
            primary_key=upload.primary_key or (None if view is None else view.primary_key),
            limit=self._context.max_body_bytes,
            encoding=upload.encoding,
        )

    async def _decide(self, upload: Upload, payload: Payload) -> Draft:
        details: JsonObject = {"receivedDocuments": payload.documents, "indexedDocuments": None}
        draft = Draft(TYPE, upload.uid, details, custom_metadata=upload.custom_metadata)
        view = self._context.standing(upload.uid)
        verdict = self._verdict(upload, payload, view)
        if verdict is not None and view is not None:
            return replace(draft, verdict=verdict)
        birth = await self._context.births.birth(upload.uid, None) if view is None else None
        if verdict is not None and birth is not None:
            return replace(self._only_the_index(birth, draft), verdict=verdict)
        self._refuse_if_overtaken(payload, view)
        return await self._draft(upload, payload, birth.view if birth else view, birth, draft)

    def _only_the_index(self, birth: Birth, draft: Draft) -> Draft:
        """A payload that fails has made its index all the same."""
        return replace(
            draft,
            requests=dict.fromkeys(self._context.all_nodes, birth.requests),
            effects=birth.effects,
            names=birth.names,
            undo=birth.view.physical,
        )

    def _verdict(self, upload: Upload, payload: Payload, view: IndexView | None) -> JsonObject | None:
        """What Meilisearch's task would find."""
        key = None if view is None else view.primary_key
        prefix = f"Index `{upload.uid}`: "
        if key is not None and upload.primary_key not in (None, key):
            text = f"{prefix}Index already has a primary key: `{key}`."
            return error("index_primary_key_already_exists", text)
        if payload.failure is None:
            return None
        code, message = payload.failure
        if code.startswith("index_primary_key") and not message.startswith("Index `"):
            message = prefix + message
        return error(code, message)

    def _refuse_if_overtaken(self, payload: Payload, view: IndexView | None) -> None:
        """An earlier write that was accepted meanwhile may have changed what the payload was split by."""
        shards = self._context.births.shards if view is None else view.shards
        key = None if view is None else view.primary_key
        if payload.shards != shards or (payload.documents and key not in (None, payload.key)):
            raise MiroirError(
                "miroir_conflict",
                "The index was made or changed while the payload was read: nothing was written. Send it again.",
            )

    async def _draft(
        self, upload: Upload, payload: Payload, view: IndexView | None, birth: Birth | None, draft: Draft
    ) -> Draft:
        assert view is not None  # noqa: S101 - of the two one is there
        effects: list[Effect] = list(birth.effects) if birth else []
        if payload.documents and view.primary_key is None:
            effects.append(set_key(view.uid, payload.key))
        effects.append(touch(view.uid))
        requests: dict[str, tuple[NodeRequest, ...]] = {}
        if birth is not None:
            requests = dict.fromkeys(self._context.all_nodes, birth.requests)
        if payload.documents:
            base = await self._sequences.take(view.physical, payload.documents)
            for node, own in self._requests(upload, payload, view, base).items():
                requests[node] = requests.get(node, ()) + own
        return replace(
            draft,
            requests=requests,
            effects=tuple(effects),
            names=birth.names if birth else (view.physical,),
            copies=copies_of(view),
            undo=view.physical if birth else None,
        )

    def _requests(self, upload: Upload, payload: Payload, view: IndexView, base: int) -> Requests:
        segments: dict[str, list[Segment]] = {}
        for shard in sorted(payload.spool.shards):
            for node in view.shard_map[shard]:
                segments.setdefault(node, []).extend(payload.spool.shards[shard])
        return {node: self._of_node(upload, payload, view, base, own) for node, own in segments.items()}

    def _of_node(
        self, upload: Upload, payload: Payload, view: IndexView, base: int, segments: list[Segment]
    ) -> tuple[NodeRequest, ...]:
        return tuple(
            NodeRequest(
                upload.method,
                _target(upload, view.physical, str(payload.key), f"{upload.tag}-{number}"),
                TYPE,
                Stamped(payload.spool, group, base),
                tag=f"{upload.tag}-{number}",
                content_type=NDJSON,
            )
            for number, group in enumerate(requests_of(segments, self._context.node_payload_bytes))
        )


def _target(upload: Upload, physical: str, key: str, tag: str) -> str:
    query = {"primaryKey": key, "customMetadata": tag}
    if upload.skip_creation:
        query["skipCreation"] = "true"
    return f"/indexes/{physical}/documents?{urlencode(query)}"
