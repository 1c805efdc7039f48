"""Finished tasks are forgotten when they are too old or too many; open ones never are."""

from __future__ import annotations

import trio

from miroir.cluster.tasks import Pruner
from miroir.config.models import TaskRegistryConfig
from miroir.core.tasks.task import Task, key_of
from miroir.edge.store.interface import unavailable
from miroir.edge.store.memory import MemoryStore
from miroir.edge.store.tables import TASKS, Table

NOW = "2026-05-01T10:00:00Z"


def day_of(uid: int) -> str:
    """Task 1 ends on the first of April, and so on; the thirtieth is a day before now."""
    return f"2026-04-{uid:02}T10:00:00Z"


async def filled(store: MemoryStore, uids: range, unfinished: tuple[int, ...] = ()) -> None:
    for uid in uids:
        status, end = ("processing", None) if uid in unfinished else ("succeeded", day_of(uid))
        task = Task(uid, "settingsUpdate", "a", day_of(uid), ("a",), status=status, finished_at=end)
        await store.put(TASKS, key_of(uid), task.to_bytes())


async def left(store: MemoryStore) -> list[int]:
    return [int(key) for key, _ in await store.scan(TASKS)]


async def test_what_ended_too_long_ago_goes_and_open_tasks_stay() -> None:
    store = MemoryStore()
    await filled(store, range(1, 31), unfinished=(2, 29))
    limits = TaskRegistryConfig(ttl_seconds=7 * 86_400)
    assert await Pruner(store, limits, lambda: NOW).prune() == 22
    assert await left(store) == [2, *range(24, 31)]


async def test_what_is_beyond_the_number_goes_oldest_first() -> None:
    store = MemoryStore()
    await filled(store, range(1, 31), unfinished=(1,))
    limits = TaskRegistryConfig(ttl_seconds=86_400 * 365, max_tasks=10)
    assert await Pruner(store, limits, lambda: NOW).prune() == 20
    assert await left(store) == [1, *range(22, 31)]
    assert await Pruner(store, limits, lambda: NOW).prune() == 0


class AwayAtFirst(MemoryStore):
    calls = 0

    async def count(self, table: Table) -> int:
        self.calls += 1
        if self.calls == 1:
            raise unavailable("database is locked")
        return await super().count(table)


async def test_it_goes_on_in_batches_also_after_the_store_was_away(autojump_clock: object) -> None:
    store = AwayAtFirst()
    await filled(store, range(1, 31))
    limits = TaskRegistryConfig(ttl_seconds=1, prune_batch_size=4, prune_interval_s=300)
    with trio.move_on_after(299):
        await Pruner(store, limits, lambda: NOW).run()
    assert len(await left(store)) == 30
    with trio.move_on_after(299):
        await Pruner(store, limits, lambda: NOW).run()
    assert await left(store) == []
    assert store.calls == 9
