"""The tasks that are open, in this process' memory and in the store: the one process that writes keeps them.

Every change goes to the store first. Tasks that touch the same index end in the order of their uids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import trio

from miroir.cluster.catalog import CatalogHolder
from miroir.core.indexes import IndexView
from miroir.core.tasks.effects import Effect, fold
from miroir.core.tasks.task import Task, key_of
from miroir.edge.clock import Clock, utc_now
from miroir.edge.store import Store
from miroir.edge.store.tables import OPEN_TASKS, TASK_UIDS, TASKS

UID_BLOCK = 32


class TaskRegistry:
    """`load` first. Every method that writes raises MiroirError when the store cannot be used; it may be repeated."""

    def __init__(self, store: Store, catalog: CatalogHolder, clock: Clock = utc_now) -> None:
        self._store = store
        self._catalog = catalog
        self.clock = clock
        self._open: dict[int, Task] = {}
        self._uids = iter(range(0))
        self._reserving = trio.Lock()
        self._standing: Mapping[str, IndexView] | None = None
        self._ended: dict[int, trio.Event] = {}
        self._news = trio.Event()

    def __repr__(self) -> str:
        return f"<TaskRegistry open={len(self._open)}>"

    async def load(self) -> list[Task]:
        """Take the open tasks from the store; return those whose delivery was cut off, oldest first."""
        for key, _ in await self._store.scan(OPEN_TASKS):
            data = await self._store.get(TASKS, key)
            task = None if data is None else Task.from_bytes(data)
            if task is None or task.finished:
                await self._store.delete(OPEN_TASKS, key)
            else:
                self._open[task.uid] = task
        return [task for task in self._open.values() if not task.sent]

    async def open(self, make: Callable[[int], Task]) -> Task:
        """A new task with the next uid, durable before it is returned."""
        task = make(await self._next_uid())
        await self._store.put(OPEN_TASKS, key_of(task.uid), b"")
        await self._store.put(TASKS, key_of(task.uid), task.to_bytes())
        self._open[task.uid] = task
        return task

    async def save(self, task: Task) -> None:
        """A newer state of an open task."""
        await self._store.put(TASKS, key_of(task.uid), task.to_bytes())
        before = self._open.get(task.uid)
        self._open[task.uid] = task
        if task.sent and (before is None or not before.sent):
            self._standing = fold(self.standing(), effects_of(task, failed=False), self.clock())
            self._tell()

    async def drop(self, task: Task) -> None:
        """Forget a task that no node has seen."""
        await self._store.delete(TASKS, key_of(task.uid))
        await self._store.delete(OPEN_TASKS, key_of(task.uid))
        self._forget(task.uid)

    async def end(self, task: Task, effects: list[Effect]) -> None:
        """A task in its last state: its effects become visible first, then the status, which never changes again."""
        if effects:
            await self._catalog.replace(fold(self._catalog.current.indexes, effects, self.clock()))
        await self._store.put(TASKS, key_of(task.uid), task.to_bytes())
        await self._store.delete(OPEN_TASKS, key_of(task.uid))
        self._forget(task.uid)
        if task.error is not None or any(effect["do"] not in ("touch", "key") for effect in effects):
            self._standing = None  # to be folded anew: it failed, or what the nodes told is known only now

    def standing(self) -> Mapping[str, IndexView]:
        """The indexes as the next write meets them: as if all that was accepted had been applied."""
        if self._standing is None:
            effects = [effect for task in self._in_order() if task.sent for effect in effects_of(task, failed=False)]
            self._standing = fold(self._catalog.current.indexes, effects, self.clock())
        return self._standing

    def open_tasks(self) -> list[Task]:
        return list(self._in_order())

    async def wait_for_end(self, uid: int) -> None:
        """Wait until a task is no longer open."""
        if uid in self._open:
            await self._ended.setdefault(uid, trio.Event()).wait()

    async def wait_for_earlier(self, uid: str) -> None:
        """Wait until no task of this index is open."""
        for task in self.open_tasks():
            if uid in task.touches:
                await self.wait_for_end(task.uid)

    def watch(self) -> trio.Event:
        """An event that the next delivered or ended task sets."""
        return self._news

    def _in_order(self) -> Iterator[Task]:
        return iter(sorted(self._open.values(), key=lambda task: task.uid))

    def _forget(self, uid: int) -> None:
        self._open.pop(uid, None)
        event = self._ended.pop(uid, None)
        if event is not None:
            event.set()
        self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, trio.Event()
        news.set()

    async def _next_uid(self) -> int:
        async with self._reserving:
            uid = next(self._uids, None)
            if uid is None:
                first = await self._store.reserve(TASK_UIDS, UID_BLOCK)
                self._uids = iter(range(first, first + UID_BLOCK))
                uid = next(self._uids)
            return uid


def effects_of(task: Task, *, failed: bool) -> list[Effect]:
    """What a task does to the catalog. `anyway`: the index that a failed write has made is there all the same."""
    if failed or task.verdict is not None:
        return [effect for effect in task.effects if effect.get("anyway")]
    return list(task.effects)


def as_sent(task: Task, uids: Mapping[str, tuple[int, ...]]) -> Task:
    """The task once every node has taken its part."""
    targets = {node: replace(target, uids=uids.get(node, ())) for node, target in task.targets.items()}
    return replace(task, sent=True, targets=targets)
