"""The catalog as this process holds it: an immutable snapshot, kept in the store, renewed when another process wrote.

One process writes (the one that follows the tasks); all others look at a shared counter and reload when it has moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import structlog
import trio

from miroir.core.indexes import Catalog, IndexView
from miroir.core.tasks.effects import view_from_bytes, view_to_bytes
from miroir.core.wire.errors import MiroirError
from miroir.edge.complaints import Complaints
from miroir.edge.shared_counter import Counter, LocalCounter
from miroir.edge.store import Store
from miroir.edge.store.tables import INDEXES

_log = structlog.get_logger(__name__)
LOOK_EVERY = 0.01
TRY_EVERY = 1.0


class CatalogHolder:
    """`current` is read without any await; it is replaced in one step, never changed in place."""

    def __init__(self, store: Store, counter: Counter | None = None) -> None:
        self._store = store
        self._counter = counter or LocalCounter()
        self._seen = -1
        self.current = Catalog(0, MappingProxyType({}))

    def __repr__(self) -> str:
        return f"<CatalogHolder version={self.current.version} indexes={len(self.current.indexes)}>"

    @property
    def stale(self) -> bool:
        """Whether another process has changed the catalog since it was loaded here."""
        return self._counter.read() != self._seen

    async def load(self) -> None:
        """Take what the store has. Raises MiroirError when the store cannot be used."""
        seen = self._counter.read()
        rows = await self._store.scan(INDEXES)
        self._swap({uid: view_from_bytes(data) for uid, data in rows})
        self._seen = seen

    async def refresh(self) -> None:
        if self.stale:
            await self.load()

    async def watch(self) -> None:
        """Stay fresh, for ever: for processes that do not write. The counter is a word in memory: looking is free.

        While the store is away, what was known last stays, and is said once.
        """
        complaints = Complaints(_log)
        while True:
            try:
                await self.refresh()
            except MiroirError as error:
                complaints.say("", "the catalog cannot be renewed at the moment", error=error.message)
                await trio.sleep(TRY_EVERY)
            else:
                complaints.say("", "")
                await trio.sleep(LOOK_EVERY)

    async def replace(self, after: Mapping[str, IndexView]) -> None:
        """Make these the indexes: first in the store, then here, then for the other processes.

        For the one process that writes. Cancelled or failed half-way, a later call with the same indexes completes it.
        """
        before = self.current.indexes
        for uid, view in after.items():
            if before.get(uid) != view:
                await self._store.put(INDEXES, uid, view_to_bytes(view))
        for uid in before.keys() - after.keys():
            await self._store.delete(INDEXES, uid)
        self._swap(after)
        self._seen = self._counter.bump()

    def _swap(self, indexes: Mapping[str, IndexView]) -> None:
        self.current = Catalog(self.current.version + 1, MappingProxyType(dict(sorted(indexes.items()))))
