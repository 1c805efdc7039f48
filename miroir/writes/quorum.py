"""What `miroir_no_quorum` tells a client: which index, and which of its shards lack copies. Never a node's name."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from miroir.core.indexes import IndexView
from miroir.core.wire.errors import MiroirError

SILENT = "does not answer"
REFUSING = "refuses Miroir's key (`node_master_key`)"
MOST_RANGES = 32


def lacking(uid: str, view: IndexView | None, missing: Collection[str], why: str = SILENT) -> MiroirError:
    """For a write of this index that these nodes do not take; `view` is None when it would have created the index."""
    shards = () if view is None else _of(view, missing)
    if shards:
        what = f"Index `{uid}` lacks copies of the shards {ranges(shards)}, because a node that holds them {why}"
    else:
        what = f"Index `{uid}` cannot be {'created' if view is None else 'changed'} while a node {why}"
    return MiroirError("miroir_no_quorum", f"{what}: nothing was written.")


def _of(view: IndexView, missing: Collection[str]) -> tuple[int, ...]:
    """The shards of which one of these nodes holds a copy."""
    return tuple(shard for shard, nodes in enumerate(view.shard_map) if not set(nodes).isdisjoint(missing))


def ranges(shards: Sequence[int]) -> str:
    """`0-2, 5, 9-10`, for ascending numbers; the last ones are only counted when there are very many."""
    runs: list[list[int]] = []
    for shard in shards:
        if runs and shard == runs[-1][1] + 1:
            runs[-1][1] = shard
        else:
            runs.append([shard, shard])
    text = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs[:MOST_RANGES])
    rest = sum(last - first + 1 for first, last in runs[MOST_RANGES:])
    return f"{text} and {rest} others" if rest else text
