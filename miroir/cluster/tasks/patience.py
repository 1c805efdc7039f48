"""Tells the operator when a task waits for a node that does not answer. Once per task and node; nothing is decided."""

from __future__ import annotations

from collections.abc import Collection

import structlog
import trio

from miroir.core.tasks.task import Task

_log = structlog.get_logger(__name__)
TELL_AFTER = 10.0
"""Seconds."""


class Patience:
    """Hears of every question to a node, whether the node has answered it or not."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self._told: dict[str, set[int]] = {}

    def answered(self, node: str) -> None:
        self._since.pop(node, None)

    def unanswered(self, node: str, waiting: Collection[Task]) -> None:
        """`waiting`: the open tasks with a part on this node that has not ended."""
        silent = trio.current_time() - self._since.setdefault(node, trio.current_time())
        told = self._told.get(node, set())
        self._told[node] = told & {task.uid for task in waiting}
        if silent < TELL_AFTER:
            return
        for task in waiting:
            if task.uid not in told:
                self._told[node].add(task.uid)
                what = "a task waits for a node that does not answer"
                _log.warning(what, task=task.uid, index=task.index_uid, node=node)
