"""Creating, changing and deleting indexes."""

from __future__ import annotations

import orjson
import trio

from miroir.core.indexes import IndexView
from miroir.core.outcome import Answered, Outcome
from miroir.core.tasks.effects import delete, rename, set_key, touch
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.edge.nodes.fanout import gather
from miroir.writes.context import Context, check_primary_key, copies_of, error, not_found
from miroir.writes.operation import Bytes, Draft, NodeRequest
from miroir.writes.quorum import lacking


class IndexWrites:
    def __init__(self, context: Context) -> None:
        self._context = context

    async def create(self, uid: str, primary_key: str | None, *, deadline: float) -> Reply:
        """A new index on every node. The task fails when there is one of this uid."""
        check_primary_key(primary_key)

        async def decide() -> Draft:
            details = {"primaryKey": primary_key}
            if self._context.standing(uid) is not None:
                verdict = error("index_already_exists", f"Index `{uid}` already exists.")
                return Draft("indexCreation", uid, details, verdict=verdict)
            birth = await self._context.births.birth(uid, primary_key)
            return Draft(
                "indexCreation",
                uid,
                details,
                requests=dict.fromkeys(self._context.all_nodes, birth.requests),
                effects=birth.effects,
                names=birth.names,
                undo=birth.view.physical,
            )

        return await self._context.writer.write((uid,), decide, deadline=deadline)

    async def delete(self, uid: str, *, deadline: float) -> Reply:
        """The index goes from every node."""

        async def decide() -> Draft:
            view = self._context.standing(uid)
            details = {"deletedDocuments": None}
            if view is None:
                return Draft("indexDeletion", uid, {"deletedDocuments": 0}, verdict=not_found(uid))
            request = NodeRequest("DELETE", f"/indexes/{view.physical}", "indexDeletion")
            return Draft(
                "indexDeletion",
                uid,
                details,
                requests=dict.fromkeys(self._context.all_nodes, (request,)),
                effects=(delete(uid),),
                names=(view.physical,),
                copies=copies_of(view),
            )

        return await self._context.writer.write((uid,), decide, deadline=deadline)

    async def update(self, uid: str, primary_key: str | None, new_uid: str | None, *, deadline: float) -> Reply:
        """Another primary key, another uid for clients, or both; the nodes keep their name for the index."""
        check_primary_key(primary_key)
        touched = (uid,) if new_uid is None else (uid, new_uid)

        async def decide() -> Draft:
            details = {"primaryKey": primary_key}
            if new_uid is not None:
                details |= {"oldIndexUid": uid, "newIndexUid": new_uid}
            draft = Draft("indexUpdate", uid, details)
            view = self._context.standing(uid)
            if view is None:
                return _failing(draft, "index_not_found", f"Index `{uid}` not found.")
            if new_uid is not None and new_uid != uid and self._context.standing(new_uid) is not None:
                return _failing(draft, "index_already_exists", f"Index `{new_uid}` already exists.")
            if await self._key_is_settled(view, primary_key, deadline):
                text = f"Index `{uid}`: Index already has a primary key: `{view.primary_key}`."
                return _failing(draft, "index_primary_key_already_exists", text)
            return self._change(view, primary_key, new_uid, draft)

        return await self._context.writer.write(touched, decide, deadline=deadline)

    def _change(self, view: IndexView, primary_key: str | None, new_uid: str | None, draft: Draft) -> Draft:
        uid = view.uid
        effects = [touch(uid)] if primary_key is None else [set_key(uid, primary_key)]
        requests = {}
        if primary_key is not None and primary_key != view.primary_key:
            body = Bytes(orjson.dumps({"primaryKey": primary_key}))
            request = NodeRequest("PATCH", f"/indexes/{view.physical}", "indexUpdate", body)
            requests = dict.fromkeys(self._context.all_nodes, (request,))
        if new_uid is not None and new_uid != uid:
            effects.append(rename(uid, new_uid))
        return Draft(draft.type, uid, draft.details, requests=requests, effects=tuple(effects), names=(view.physical,))

    async def _key_is_settled(self, view: IndexView, primary_key: str | None, deadline: float) -> bool:
        """Whether another key is refused: one is set, and there are documents after all that was accepted so far."""
        if primary_key is None or view.primary_key is None or primary_key == view.primary_key:
            return False
        with trio.move_on_at(deadline) as waiting:
            await self._context.registry.wait_for_earlier(view.uid)
        if waiting.cancelled_caught:
            raise MiroirError("miroir_timeout", "Earlier changes of this index take too long: nothing was written.")
        context = self._context
        target = f"/indexes/{view.physical}/stats"
        nodes = {node.id: node for node in context.topology.nodes}
        calls = {
            name: lambda node=node: context.pool.call(node, "GET", target, key=context.keys.work)
            for name, node in nodes.items()
        }
        outcomes = await gather(calls, deadline=deadline)
        counts = {name: _documents_in(outcome) for name, outcome in outcomes.items()}
        missing = [name for name in nodes if counts.get(name) is None]
        if missing:
            raise lacking(view.uid, view, missing)
        return any(counts.values())


def _failing(draft: Draft, code: str, message: str) -> Draft:
    return Draft(draft.type, draft.index_uid, draft.details, verdict=error(code, message))


def _documents_in(outcome: Outcome) -> int | None:
    """The number of documents in a node's statistics of an index; None when it does not tell."""
    if not isinstance(outcome, Answered) or outcome.status != 200:
        return None
    try:
        count = orjson.loads(outcome.body)["numberOfDocuments"]
    except (ValueError, KeyError, TypeError):
        return None
    return count if isinstance(count, int) else None
