"""The numbers that stamp documents: one order per index, never reused, also not after a crash."""

from __future__ import annotations

from miroir.edge.store import Store
from miroir.edge.store.tables import sequences_of

BLOCK = 65_536


class Sequences:
    """Reserves durable blocks and hands them out. Call `take` only in the index's turn."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._left: dict[str, range] = {}

    async def take(self, physical: str, n: int) -> int:
        """The first of `n` numbers in a row, greater than all before."""
        left = self._left.get(physical, range(0))
        if len(left) < n:
            size = max(n, BLOCK)
            first = await self._store.reserve(sequences_of(physical), size)
            left = range(first, first + size)
        self._left[physical] = left[n:]
        return left.start
