"""The numbers that stamp documents: one order per index, never reused, also not after a crash."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from miroir.edge.store import Store
from miroir.edge.store.tables import sequences_of

BLOCK = 65_536
LOOK_FROM = 64


class Sequences:
    """Reserves durable blocks and hands them out. Call `take` only in the index's turn.

    `indexes` tells the physical uids that there are: what is left of others' blocks is forgotten from time to time.
    Forgetting is harmless: the next block begins after it.
    """

    def __init__(self, store: Store, indexes: Callable[[], Iterable[str]]) -> None:
        self._store = store
        self._indexes = indexes
        self._worth_a_look = LOOK_FROM
        self._left: dict[str, range] = {}

    async def take(self, physical: str, n: int) -> int:
        """The first of `n` numbers in a row, greater than all before."""
        left = self._left.get(physical, range(0))
        if len(left) < n:
            size = max(n, BLOCK)
            first = await self._store.reserve(sequences_of(physical), size)
            left = range(first, first + size)
        self._left[physical] = left[n:]
        if len(self._left) >= self._worth_a_look:
            there = {physical, *self._indexes()}
            self._left = {name: rest for name, rest in self._left.items() if name in there}
            self._worth_a_look = max(LOOK_FROM, 2 * len(self._left))
        return left.start
