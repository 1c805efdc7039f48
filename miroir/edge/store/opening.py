"""Which store the operator asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from miroir.edge.store.interface import Store
from miroir.edge.store.memory import MemoryStore
from miroir.edge.store.sqlite import SqliteStore


@asynccontextmanager
async def open_store(backend: str, path: str = "") -> AsyncIterator[Store]:
    """The store of `task_store.backend` (`memory` or `sqlite`), closed at the end of the block.

    Raises MiroirError `miroir_task_store_unavailable` when the file cannot be opened.
    """
    if backend == "memory":
        yield MemoryStore()
        return
    store = await trio.to_thread.run_sync(SqliteStore, path)
    try:
        yield store
    finally:
        store.close()
