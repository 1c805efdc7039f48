"""One question to a covering set, as a value: what is asked, of whom it may be asked, for which shards."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from miroir.core.indexes import IndexView, ShardMap

Shards = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Leg:
    """Each node is asked for exactly the shards that it is chosen for.

    With several indexes (federation) their shards are numbered through, one index behind the other; `by_view` takes
    such numbers apart. `target` is the path on the nodes, `body` makes the body for a node that answers for some
    shards. `shards` are the only ones asked, or None when that is all.
    """

    views: tuple[IndexView, ...]
    target: str
    body: Callable[[Shards], bytes]
    shards: Shards | None = None
    method: str = "POST"

    @property
    def shard_map(self) -> ShardMap:
        """Who holds which shard, numbered through."""
        if len(self.views) == 1:
            return self.views[0].shard_map
        return tuple(itertools.chain.from_iterable(view.shard_map for view in self.views))

    def by_view(self, shards: Iterable[int]) -> tuple[Shards, ...]:
        """Numbers of this leg as each index's own numbers, in the order of `views`."""
        given, first, out = sorted(shards), 0, []
        for view in self.views:
            end = first + len(view.shard_map)
            out.append(tuple(shard - first for shard in given if first <= shard < end))
            first = end
        return tuple(out)

    def told(self, shards: Iterable[int]) -> str:
        """Which shards these are, for a sentence: "of index `movies`: 3, 7"."""
        pairs = zip(self.views, self.by_view(shards), strict=True)
        return "; ".join(f"of index `{view.uid}`: {', '.join(map(str, own))}" for view, own in pairs if own)
