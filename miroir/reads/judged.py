"""What a node says to a multi-search that Miroir does not understand; its error is the client's, in his own names."""

from __future__ import annotations

from collections.abc import Mapping

from miroir.core.indexes import Catalog
from miroir.core.planning.batch import Batch, renamed
from miroir.core.planning.display import displayed_of
from miroir.core.planning.verdict import Good, Refused
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.core.wire.rewriting import error_reply
from miroir.reads.line import Line

TARGET = "/multi-search"


async def judged(line: Line, batch: Batch, catalog: Catalog, deadline: float) -> Reply | None:
    """The error of the whole request, or None where a node takes it. Raises MiroirError `miroir_shard_unavailable`."""
    names = _Names(catalog)
    reply = await error_of_one_node(line, renamed(batch, names.physical), deadline)
    return reply and names.in_terms_of_the_client(reply)


async def error_of_one_node(line: Line, body: bytes, deadline: float) -> Reply | None:
    """The same of a body that names no index, or only such as are called so on the nodes."""
    match await line.one(TARGET, body, deadline=deadline):
        case Refused() as refused:
            return error_reply(refused.status, refused.body, (), "")
        case Good():
            return None
    raise MiroirError("miroir_shard_unavailable", "No node answers.")


class _Names:
    """The names of indexes on the nodes; those that there are not get one that no node knows."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._given: dict[str, str] = {}

    def physical(self, uid: str) -> str:
        view = self._catalog.indexes.get(uid)
        return self._given.setdefault(uid, view.physical if view is not None else f"miroir-none-{len(self._given)}")

    def in_terms_of_the_client(self, reply: Reply) -> Reply:
        for uid, physical in self._given.items():
            if physical.encode() in reply.body:
                view = self._catalog.indexes.get(uid)
                settings: Mapping[str, object] = view.settings if view is not None else {}
                reply = error_reply(reply.status, reply.body, (physical,), uid, displayed_of(settings))
        return reply
