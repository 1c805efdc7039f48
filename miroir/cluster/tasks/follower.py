"""Asks each node, in bulk, how its parts of the open tasks are getting on, and ends the tasks whose parts have ended.

One loop per node, so that a slow node delays only what it has a part in. Nothing that a node says, and no store that
is away, ends a loop: it is said once, and tried again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import structlog
import trio

from miroir.cluster.catalog import CatalogHolder
from miroir.cluster.tasks.patience import Patience
from miroir.cluster.tasks.registry import TaskRegistry, effects_of
from miroir.core.outcome import Answered
from miroir.core.settings import client_view
from miroir.core.tasks.effects import Effect
from miroir.core.tasks.judging import LOST, created, ended, started, waiting_for
from miroir.core.tasks.task import Task
from miroir.core.tasks.telling import Told, read_tasks
from miroir.core.topology import Node, Topology
from miroir.core.wire.errors import MiroirError
from miroir.edge.complaints import Complaints
from miroir.edge.nodes.patience import ANSWER_WITHIN
from miroir.edge.nodes.pool import NodePool

_log = structlog.get_logger(__name__)
SHORTEST, LONGEST, GROWTH = 0.02, 1.0, 1.5
LOST_AFTER = 5.0
AT_ONCE = 200


class Follower:
    """Runs in the one process that writes. `key` is a node key that may read tasks, settings and indexes."""

    def __init__(
        self, registry: TaskRegistry, catalog: CatalogHolder, pool: NodePool, topology: Topology, *, key: str
    ) -> None:
        self._registry = registry
        self._catalog = catalog
        self._pool = pool
        self._topology = topology
        self._key = key
        self._known: dict[tuple[str, int], Mapping[str, Any]] = {}
        self._missing: dict[tuple[str, int], float] = {}
        self._settling = trio.Lock()
        self._complaints = Complaints(_log)
        self._patience = Patience()

    async def run(self) -> None:
        """Follow all nodes, for ever."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._settle_for_ever)
            for node in self._topology.nodes:
                nursery.start_soon(self._follow, node)

    async def _settle_for_ever(self) -> None:
        """Tasks without a part on any node end through here, also while no node answers."""
        while True:
            news = self._registry.watch()
            await self._try_to_settle()
            with trio.move_on_after(LONGEST):
                await news.wait()

    async def _follow(self, node: Node) -> None:
        pause = SHORTEST
        while True:
            news = self._registry.watch()
            asked = self._parts_of(node.id)
            if not asked:
                await news.wait()
            elif await self._ask(node, asked):
                pause = SHORTEST
                await self._try_to_settle()
            else:
                pause = min(pause * GROWTH, LONGEST)
            await trio.sleep(SHORTEST)
            with trio.move_on_after(pause - SHORTEST):
                await news.wait()
                pause = SHORTEST

    def _parts_of(self, node: str) -> list[int]:
        """Our oldest open tasks of a node, as many as fit into one question."""
        uids: list[int] = []
        for task in self._registry.open_tasks():
            if task.sent and node in task.targets:
                uids += [uid for owner, uid in waiting_for(task, self._known) if owner == node]
            if len(uids) >= AT_ONCE:
                break
        return uids[:AT_ONCE]

    async def _ask(self, node: Node, uids: list[int]) -> bool:
        """Learn what the node says of these tasks; True when anything is new."""
        listed = ",".join(map(str, uids))
        target = f"/tasks?limit={len(uids)}&uids={listed}"
        with trio.move_on_after(ANSWER_WITHIN):
            outcome = await self._pool.call(node, "GET", target, key=self._key)
            if isinstance(outcome, Answered):
                self._patience.answered(node.id)
                told = read_tasks(outcome.body) if outcome.status == 200 else None
                said = "" if told is not None else "a node does not tell how its tasks are getting on"
                self._complaints.say(node.id, said, node=node.id, status=outcome.status)
                return told is not None and self._learn(node.id, uids, told)
        self._patience.unanswered(node.id, self._tasks_of(node.id))
        return False

    def _tasks_of(self, node: str) -> list[Task]:
        """The open tasks with a part on a node that it has not told the end of."""
        mine = [task for task in self._registry.open_tasks() if task.sent and node in task.targets]
        return [task for task in mine if any(owner == node for owner, _ in waiting_for(task, self._known))]

    def _learn(self, node: str, uids: list[int], told: Told) -> bool:
        """One that is missing counts as lost when the node has said so for a while, not at once."""
        by_uid = {task["uid"]: task for task in told.tasks}
        new = False
        for uid in uids:
            part = (node, uid)
            if uid in by_uid:
                self._missing.pop(part, None)
            elif trio.current_time() - self._missing.setdefault(part, trio.current_time()) < LOST_AFTER:
                continue
            task = by_uid.get(uid, LOST)
            new |= self._known.get(part, {}).get("status") != task["status"]
            self._known[part] = task
        return new

    async def _try_to_settle(self) -> None:
        """A store that is away is tried again: by the next news, and once a second."""
        try:
            await self.settle()
        except MiroirError as error:
            self._complaints.say("", "tasks cannot be ended at the moment", error=error.message)
        else:
            self._complaints.say("", "")

    async def settle(self) -> None:
        """End what can end, each index in its order, and show as processing what has begun.

        Raises MiroirError when the store cannot be used; what is left is done by the next call.
        """
        async with self._settling:
            blocked: set[str] = set()
            for task in self._registry.open_tasks():
                if task.sent and blocked.isdisjoint(task.touches) and await self._end(task):
                    continue
                blocked.update(task.touches)
                if task.sent and started(task, self._known) is not task:
                    await self._registry.save(started(task, self._known))

    async def _end(self, task: Task) -> bool:
        if waiting_for(task, self._known):
            return False
        last = ended(task, self._known, self._registry.clock())
        failed = last.error is not None
        effects = effects_of(task, failed=failed)
        if failed and effects and not created(task, self._known):
            effects = []
        ready = [await self._with_view(effect, task) for effect in effects]
        if any(effect is None for effect in ready):
            return False  # no node tells the settings at the moment; the task stays open until one does
        await self._registry.end(last, [effect for effect in ready if effect is not None])
        for node, target in task.targets.items():
            for uid in target.uids:
                self._known.pop((node, uid), None)
                self._missing.pop((node, uid), None)
        return True

    async def _with_view(self, effect: Effect, task: Task) -> Effect | None:
        """A settings effect with what the nodes hold now, in the client's view."""
        if effect["do"] != "settings":
            return effect
        told = await self._settings_of(task.names[-1], task)
        if not told:
            return None if told is None else effect  # a later task has removed the index: what was known stays
        current = self._catalog.current.indexes.get(effect["uid"])
        known = current.settings if current is not None else {}
        return effect | {"view": client_view(told, known, effect["own"])}

    async def _settings_of(self, physical: str, task: Task) -> Mapping[str, Any] | None:
        """The settings as one of the task's nodes tells them; empty when it has no such index any more."""
        for node_id in task.targets:
            node = self._topology.by_id.get(node_id)
            if node is None:
                continue
            with trio.move_on_after(ANSWER_WITHIN):
                outcome = await self._pool.call(node, "GET", f"/indexes/{physical}/settings", key=self._key)
                value = _object(outcome.body) if isinstance(outcome, Answered) else None
                match outcome:
                    case Answered(status=404) if value is not None and value.get("code") == "index_not_found":
                        return {}
                    case Answered(status=200) if value is not None and isinstance(value.get("faceting"), dict):
                        return value
        return None


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
