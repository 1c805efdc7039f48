"""Tasks as any process can read them: from the store alone."""

from __future__ import annotations

from collections.abc import Iterator

from miroir.core.tasks.listing import TaskQuery
from miroir.core.tasks.listing import page as page_of
from miroir.core.tasks.task import JsonObject, Task, key_of
from miroir.core.wire.errors import MiroirError
from miroir.edge.store import Store
from miroir.edge.store.tables import TASKS


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
        rows = await self._store.scan(TASKS, reverse=not query.reverse)
        return page_of(_decoded(rows), query)

    async def _named(self, query: TaskQuery) -> list[Task]:
        found = []
        for uid in sorted(query.uids or (), reverse=not query.reverse):
            data = await self._store.get(TASKS, key_of(uid))
            if data is not None:
                found.append(Task.from_bytes(data))
        return found


def _decoded(rows: list[tuple[str, bytes]]) -> Iterator[Task]:
    for _, data in rows:
        yield Task.from_bytes(data)
