"""Tasks as any process can read them: from the store alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

from miroir.core.tasks.listing import Selection, TaskQuery
from miroir.core.tasks.listing import page as page_of
from miroir.core.tasks.task import JsonObject, Task, key_of
from miroir.core.wire.errors import MiroirError
from miroir.edge.store import Store
from miroir.edge.store.tables import TASKS

AT_ONCE = 100


class TaskReader:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, uid: int) -> Task:
        """Raises MiroirError `task_not_found`."""
        data = await self._store.get(TASKS, key_of(uid))
        if data is None:
            raise MiroirError("task_not_found", f"Task `{uid}` not found.")
        return Task.from_bytes(data)

    async def page(self, query: TaskQuery) -> JsonObject:
        """The answer of `GET /tasks`."""
        if query.uids is not None:
            return page_of(await self._named(query), query)
        selection = Selection(query)
        if query.nothing:
            return selection.answer()
        if not query.unfiltered:
            async for task in self._from(None, query):
                selection.add(task)
            return selection.answer()
        total = await self._store.count(TASKS)
        async for task in self._from(_key_before(query), query):
            selection.add(task)
            if selection.full:
                break
        return selection.answer(total)

    async def _from(self, after: str | None, query: TaskQuery) -> AsyncIterator[Task]:
        """The tasks beyond a key in the query's direction, read in small parts between which others have the loop."""
        size = min(query.limit + 1, AT_ONCE) if query.unfiltered else AT_ONCE
        while rows := await self._store.scan(TASKS, after=after, reverse=not query.reverse, limit=size):
            for _, data in rows:
                yield Task.from_bytes(data)
            after = rows[-1][0]

    async def _named(self, query: TaskQuery) -> list[Task]:
        found = []
        for uid in sorted(query.uids or (), reverse=not query.reverse):
            data = await self._store.get(TASKS, key_of(uid))
            if data is not None:
                found.append(Task.from_bytes(data))
        return found


def _key_before(query: TaskQuery) -> str | None:
    """The key that comes just before the first task that the query wants, in its direction."""
    if query.start is None:
        return None
    if not query.reverse:
        return key_of(query.start + 1)
    return key_of(query.start - 1) if query.start else None
