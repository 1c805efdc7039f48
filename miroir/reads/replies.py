"""What nodes said to a search, as the client's reply."""

from __future__ import annotations

from collections.abc import Iterable, Set

from miroir.core.indexes import IndexView
from miroir.core.planning.display import displayed_of
from miroir.core.planning.narrowing import narrow
from miroir.core.planning.recipe import MergeRecipe
from miroir.core.planning.verdict import Refused, degraded_header, says_cut_off
from miroir.core.wire.reply import JSON, Reply
from miroir.core.wire.rewriting import error_reply
from miroir.reads.scatter import Part

Merged = tuple[bytes, bool]
"""A merged answer, and whether a node was cut off."""


def answer_reply(merged: Merged, recipe: MergeRecipe, parts: Iterable[Part], missing: Set[int]) -> Reply:
    """The answer, marked with the shards that are missing or whose nodes stopped early."""
    body, cut_off = merged
    incomplete = missing | cut_off_shards(parts) if cut_off else missing
    if recipe.narrowing is not None:
        body = narrow(body, recipe.narrowing)
    return Reply(200, body, (JSON, degraded_header(incomplete)) if incomplete else (JSON,))


def refusal_reply(refused: Refused, view: IndexView, index: str) -> Reply:
    """A node's error in the client's own names."""
    return error_reply(refused.status, refused.body, (view.physical,), index, displayed_of(view.settings))


def cut_off_shards(parts: Iterable[Part]) -> set[int]:
    """The shards of the search answers in which a node says that it stopped early."""
    return {shard for part in parts if says_cut_off(part.body) for shard in part.shards}
