"""Reading tasks from the store: no more of it than the answer needs, and the same answers as from all of it."""

from __future__ import annotations

from typing import Any

import pytest
import trio

from miroir.cluster.tasks.reading import TaskReader
from miroir.core.tasks.listing import page, parse
from miroir.core.tasks.task import Task, key_of
from miroir.edge.store.interface import Row
from miroir.edge.store.memory import MemoryStore
from miroir.edge.store.tables import TASKS, Table

NOW = "2026-05-01T10:00:00Z"
COUNT = 450


def task(uid: int) -> Task:
    return Task(uid, "settingsUpdate", "ab"[uid % 2], NOW, ("a",), status=["failed", "succeeded"][uid % 3 == 0])


class CountingStore(MemoryStore):
    """`rows`: how many rows have been read; `largest`: the most in one call."""

    rows = 0
    largest = 0

    async def scan(self, table: Table, **how: Any) -> list[Row]:
        found = await super().scan(table, **how)
        self.rows += len(found)
        self.largest = max(self.largest, len(found))
        return found


@pytest.fixture
async def store() -> CountingStore:
    store = CountingStore()
    for uid in range(COUNT):
        await store.put(TASKS, key_of(uid), task(uid).to_bytes())
    return store


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"limit": "1"},
        {"limit": "0"},
        {"limit": "1000"},
        {"limit": "3", "from": "447"},
        {"limit": "250", "from": "4294967295"},
        {"limit": "5", "from": "2"},
        {"limit": "5", "from": "0", "reverse": "true"},
        {"limit": "5", "from": "3", "reverse": "true"},
        {"limit": "300", "reverse": "true"},
        {"limit": "5", "from": "9999", "reverse": "true"},
        {"limit": "2", "statuses": "succeeded", "indexUids": "b"},
        {"limit": "2", "statuses": "succeeded", "from": "100", "reverse": "true"},
        {"uids": "1,2,449,450"},
        {"batchUids": "1"},
        {"afterEnqueuedAt": "2026-05-01"},
    ],
)
async def test_a_page_is_the_same_as_from_all_tasks_at_once(store: CountingStore, query: dict[str, str]) -> None:
    parsed = parse(query)
    every = [task(uid) for uid in range(COUNT)]
    assert await TaskReader(store).page(parsed) == page(every if parsed.reverse else every[::-1], parsed)


async def test_without_filters_only_what_is_shown_is_read(store: CountingStore) -> None:
    await TaskReader(store).page(parse({"limit": "1"}))
    await TaskReader(store).page(parse({"limit": "2", "from": "7", "reverse": "true"}))
    await TaskReader(store).page(parse({"batchUids": "1"}))
    assert store.rows == 5


async def test_with_filters_others_have_their_turn_between_small_parts(store: CountingStore) -> None:
    turns = 0

    async with trio.open_nursery() as nursery:

        @nursery.start_soon
        async def other() -> None:
            nonlocal turns
            while True:
                await trio.lowlevel.checkpoint()
                turns += 1

        await TaskReader(store).page(parse({"statuses": "failed"}))
        nursery.cancel_scope.cancel()
    assert store.rows == COUNT
    assert store.largest <= 100
    assert turns >= COUNT // 100
