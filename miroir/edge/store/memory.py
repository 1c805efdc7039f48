"""A store in this process' memory: for tests and simulation. Nothing outlives the object."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

import trio

from miroir.edge.store.interface import Row
from miroir.edge.store.tables import TABLES, Table


class MemoryStore:
    """Each call is a checkpoint, so that tests meet the same interleavings as with a real store."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, bytes]] = {table.name: {} for table in TABLES}
        self._keys: dict[str, list[str]] = {table.name: [] for table in TABLES}
        self._counters: dict[str, int] = {}

    async def get(self, table: Table, key: str) -> bytes | None:
        await trio.lowlevel.checkpoint()
        return self._tables[table.name].get(key)

    async def put(self, table: Table, key: str, value: bytes) -> None:
        await trio.lowlevel.checkpoint()
        self._set(table, key, value)

    async def delete(self, table: Table, key: str) -> bool:
        await trio.lowlevel.checkpoint()
        if self._tables[table.name].pop(key, None) is None:
            return False
        keys = self._keys[table.name]
        del keys[bisect_left(keys, key)]
        return True

    async def scan(
        self, table: Table, *, after: str | None = None, reverse: bool = False, limit: int | None = None
    ) -> list[Row]:
        await trio.lowlevel.checkpoint()
        keys = self._keys[table.name]
        if after is not None:
            keys = keys[: bisect_left(keys, after)] if reverse else keys[bisect_right(keys, after) :]
        keys = keys[::-1] if reverse else keys
        return [(key, self._tables[table.name][key]) for key in keys[:limit]]

    async def count(self, table: Table) -> int:
        await trio.lowlevel.checkpoint()
        return len(self._tables[table.name])

    async def compare_and_set(self, table: Table, key: str, expected: bytes | None, value: bytes) -> bool:
        await trio.lowlevel.checkpoint()
        if self._tables[table.name].get(key) != expected:
            return False
        self._set(table, key, value)
        return True

    async def reserve(self, counter: str, n: int) -> int:
        await trio.lowlevel.checkpoint()
        first = self._counters.get(counter, 0)
        self._counters[counter] = first + n
        return first

    def _set(self, table: Table, key: str, value: bytes) -> None:
        """Keys are kept in order: that of their characters is that of their UTF-8 bytes."""
        if key not in self._tables[table.name]:
            insort(self._keys[table.name], key)
        self._tables[table.name][key] = value
