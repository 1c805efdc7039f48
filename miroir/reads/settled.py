"""What reads of one index share: asked again when it got another name on the nodes, refused in the client's words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from miroir.core.indexes import IndexView
from miroir.core.planning.display import displayed_of
from miroir.core.planning.search import PassThrough
from miroir.core.planning.verdict import Good, Refused
from miroir.core.uids import check_uid
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.core.wire.rewriting import error_reply
from miroir.reads.line import CatalogSource, Line, Moved

_NAMES_TRIED = 3
T = TypeVar("T")


async def settled(catalog: CatalogSource, uid: str, read: Callable[[IndexView], Awaitable[T | Moved]]) -> T:
    """What `read` says of the index as it is now.

    Raises MiroirError: index_not_found, invalid_index_uid, miroir_shard_unavailable when it moves all the time.
    """
    for _ in range(_NAMES_TRIED):
        view = catalog.current.indexes.get(check_uid(uid))
        if view is None:
            raise MiroirError("index_not_found", f"Index `{uid}` not found.")
        told = await read(view)
        if not isinstance(told, Moved):
            return told
    raise MiroirError("miroir_shard_unavailable", f"Index `{uid}` is being moved on its nodes. Try again.")


def refusal(refused: Refused, view: IndexView) -> Reply:
    """A node's error in the client's words."""
    return error_reply(refused.status, refused.body, (view.physical,), view.uid, displayed_of(view.settings))


async def judged(line: Line, view: IndexView, plan: PassThrough, deadline: float) -> Reply:
    """What one node says is wrong with a request that Miroir does not understand.

    Raises MiroirError: bad_request where a node takes it, miroir_shard_unavailable where none answers.
    """
    match await line.one(plan.target, plan.body, deadline=deadline, method=plan.method):
        case Refused() as refused:
            return refusal(refused, view)
        case Good():
            raise MiroirError("bad_request", "Miroir does not understand this request, though its nodes do.")
    raise MiroirError("miroir_shard_unavailable", "No node answers.")
