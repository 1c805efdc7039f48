"""Forgetting finished tasks, so that the store does not grow for ever. Open tasks are never touched."""

from __future__ import annotations

from datetime import timedelta

import structlog
import trio

from miroir.config.models import TaskRegistryConfig
from miroir.core.tasks.task import Task, instant
from miroir.core.wire.errors import MiroirError
from miroir.edge.clock import Clock, utc_now
from miroir.edge.complaints import Complaints
from miroir.edge.store import Store
from miroir.edge.store.tables import TASKS

AT_ONCE = 100
BREATH = 1.0
_log = structlog.get_logger(__name__)


class Pruner:
    """Runs in the one process that writes. The oldest go first; one that is kept keeps all that came after it."""

    def __init__(self, store: Store, limits: TaskRegistryConfig, clock: Clock = utc_now) -> None:
        self._store = store
        self._limits = limits
        self._clock = clock

    async def run(self) -> None:
        """Prune at every interval, for ever; sooner when there was more to do than one batch."""
        complaints = Complaints(_log)
        while True:
            more = False
            try:
                more = await self.prune() >= self._limits.prune_batch_size
            except MiroirError as error:
                complaints.say("", "finished tasks cannot be removed at the moment", error=error.message)
            else:
                complaints.say("", "")
            await trio.sleep(BREATH if more else self._limits.prune_interval_s)

    async def prune(self) -> int:
        """Remove one batch; how many tasks that were. Raises MiroirError when the store cannot be used."""
        surplus = await self._store.count(TASKS) - self._limits.max_tasks
        horizon = instant(self._clock()) - timedelta(seconds=self._limits.ttl_seconds)
        removed, after = 0, None
        while rows := await self._store.scan(TASKS, after=after, limit=AT_ONCE):
            for key, data in rows:
                task = Task.from_bytes(data)
                if not task.finished:
                    continue
                expired = instant(task.finished_at or task.enqueued_at) < horizon
                if removed >= self._limits.prune_batch_size or not (expired or removed < surplus):
                    return removed
                await self._store.delete(TASKS, key)
                removed += 1
            after = rows[-1][0]
        return removed
