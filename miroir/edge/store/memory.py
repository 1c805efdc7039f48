"""A store in this process' memory: for tests and simulation. Nothing outlives the object."""

from __future__ import annotations

import trio

from miroir.edge.store.interface import Row
from miroir.edge.store.tables import TABLES, Table


class MemoryStore:
    """Each call is a checkpoint, so that tests meet the same interleavings as with a real store."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, bytes]] = {table.name: {} for table in TABLES}
        self._counters: dict[str, int] = {}

    async def get(self, table: Table, key: str) -> bytes | None:
        await trio.lowlevel.checkpoint()
        return self._tables[table.name].get(key)

    async def put(self, table: Table, key: str, value: bytes) -> None:
        await trio.lowlevel.checkpoint()
        self._tables[table.name][key] = value

    async def delete(self, table: Table, key: str) -> bool:
        await trio.lowlevel.checkpoint()
        return self._tables[table.name].pop(key, None) is not None

    async def scan(
        self, table: Table, *, after: str | None = None, reverse: bool = False, limit: int | None = None
    ) -> list[Row]:
        await trio.lowlevel.checkpoint()
        rows = sorted(self._tables[table.name].items(), key=lambda row: row[0].encode(), reverse=reverse)
        if after is not None:
            mark = after.encode()
            rows = [row for row in rows if (row[0].encode() < mark if reverse else row[0].encode() > mark)]
        return rows if limit is None else rows[:limit]

    async def count(self, table: Table) -> int:
        await trio.lowlevel.checkpoint()
        return len(self._tables[table.name])

    async def compare_and_set(self, table: Table, key: str, expected: bytes | None, value: bytes) -> bool:
        await trio.lowlevel.checkpoint()
        if self._tables[table.name].get(key) != expected:
            return False
        self._tables[table.name][key] = value
        return True

    async def reserve(self, counter: str, n: int) -> int:
        await trio.lowlevel.checkpoint()
        first = self._counters.get(counter, 0)
        self._counters[counter] = first + n
        return first
