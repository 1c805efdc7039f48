"""One operation on its way to the nodes: sent to all at once, and sent again where that is safe.

A node has *taken* a request when it answered 202 or when its task is found by asking. What happened to a request that
got no answer is found out before it is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import trio

from miroir.cluster.node_keys import NodeKeys
from miroir.core.indexes import IndexView
from miroir.core.outcome import Answered, Outcome, TimedOut, Unreachable
from miroir.core.tasks.task import Expected, Task
from miroir.core.tasks.telling import Told, read_tasks
from miroir.core.topology import Node, Topology
from miroir.edge.nodes.fanout import gather
from miroir.edge.nodes.patience import ANSWER_WITHIN
from miroir.edge.nodes.pool import NodePool
from miroir.writes.operation import NodeRequest, Requests
from miroir.writes.quorum import REFUSING, SILENT, lacking

READY_WITHIN = 2.0
ASK_AGAIN = 0.5
TRY_SECONDS = 10.0
SLOWEST_BYTES_PER_SECOND = 1_000_000
STREAM_FROM = 1_000_000
FIND_AT_ONCE = 1000


@dataclass(slots=True)
class Part:
    """One node's share of an operation. `doubt`: the last request may have arrived. `refused`: status and body."""

    node: Node
    requests: tuple[NodeRequest, ...]
    after: int
    names: tuple[str, ...]
    uids: list[int] = field(default_factory=list)
    refused: tuple[int, bytes] | None = None
    doubt: bool = False

    @property
    def done(self) -> bool:
        return self.refused is not None or len(self.uids) == len(self.requests)


class Outlet:
    def __init__(self, pool: NodePool, topology: Topology, keys: NodeKeys) -> None:
        self._pool = pool
        self._topology = topology
        self._keys = keys

    async def last_uids(
        self, nodes: Mapping[str, Any], deadline: float, uid: str, view: IndexView | None
    ) -> dict[str, int]:
        """Ask each of these nodes for its last task uid: all are alive and know our key, or nothing may be sent.

        `uid` and `view` are the index that is to be written. Raises MiroirError `miroir_no_quorum`.
        """
        limit = min(deadline, trio.current_time() + READY_WITHIN)
        known = [self._topology.by_id[name] for name in nodes if name in self._topology.by_id]
        calls = {node.id: (lambda node=node: self._newest(node)) for node in known}
        outcomes = await gather(calls, deadline=limit)
        uids = {name: _newest_uid(outcome) for name, outcome in outcomes.items()}
        missing = [name for name in nodes if uids.get(name) is None]
        if missing:
            refused = any(isinstance(one, Answered) and one.status in (401, 403) for one in outcomes.values())
            raise lacking(uid, view, missing, REFUSING if refused else SILENT)
        return {name: last for name, last in uids.items() if last is not None}

    async def _newest(self, node: Node) -> Outcome:
        return await self._keys.call(node, "GET", "/tasks?limit=1")

    def parts(self, requests: Requests, after: Mapping[str, int], names: tuple[str, ...]) -> list[Part]:
        """Every node's part of an operation, nothing of it sent yet."""
        return [Part(self._topology.by_id[node], one, after[node], names) for node, one in requests.items()]

    async def push(self, parts: list[Part]) -> None:
        """Send what is left of every part, each node's requests in order, up to the first that is not taken."""
        async with trio.open_nursery() as nursery:
            for part in parts:
                if not part.done and not part.doubt:
                    nursery.start_soon(self._push_one, part)

    async def _push_one(self, part: Part) -> None:
        while not part.done:
            request = part.requests[len(part.uids)]
            match await self._send(part.node, request):
                case Answered(status=status, body=body) if status < 300 and (uid := _task_uid(body)) is not None:
                    part.uids.append(uid)
                case Answered(status=401 | 403 | 408 | 429):
                    return
                case Answered(status=status, body=body) if 400 <= status < 500:
                    part.refused = (status, body)
                case Unreachable(sent=False):
                    return
                case _:
                    part.doubt = True
                    return

    async def _send(self, node: Node, request: NodeRequest) -> Outcome:
        key = self._keys.master if request.creates else self._keys.work
        length = request.content.length
        with trio.move_on_after(TRY_SECONDS + length / SLOWEST_BYTES_PER_SECOND):
            if length >= STREAM_FROM:
                chunks = request.content.chunks()
                return await self._pool.stream(
                    node, request.method, request.target, chunks, length, key=key, content_type=request.content_type
                )
            body = b"".join([chunk async for chunk in request.content.chunks()])
            return await self._pool.call(
                node, request.method, request.target, body, key=key, content_type=request.content_type
            )
        return TimedOut(node.id, TRY_SECONDS)

    async def settle(self, parts: list[Part]) -> None:
        """Where it is not known whether the last request has arrived, ask the node."""
        async with trio.open_nursery() as nursery:
            for part in parts:
                if part.doubt:
                    nursery.start_soon(self._settle_one, part)

    async def _settle_one(self, part: Part) -> None:
        found = await self.find(part.node, part.after, tuple(one.expected for one in part.requests), part.names)
        if found is not None:
            part.uids = list(found)
            part.doubt = False

    async def find(
        self, node: Node, after: int, expected: tuple[Expected, ...], names: tuple[str, ...]
    ) -> tuple[int, ...] | None:
        """The node's tasks, later than `after`, that carry these requests; None when it does not tell."""
        uids: list[int] = []
        start: int | None = after + 1
        while start is not None and len(uids) < len(expected):
            told = await self._page(node, start)
            if told is None or (told.next is not None and told.next <= start):
                return None
            uids += _matching(told, expected[len(uids) :], names)
            start = told.next
        return tuple(uids)

    async def _page(self, node: Node, start: int) -> Told | None:
        """The node's tasks from this uid upwards, as many as it tells at once."""
        with trio.move_on_after(ANSWER_WITHIN):
            target = f"/tasks?limit={FIND_AT_ONCE}&reverse=true&from={start}"
            outcome = await self._pool.call(node, "GET", target, key=self._keys.work)
            if isinstance(outcome, Answered) and outcome.status == 200:
                return read_tasks(outcome.body)
        return None

    async def found(self, task: Task) -> dict[str, tuple[int, ...]]:
        """What each node has taken of a task, asked until all have told; a node that left the cluster has nothing."""
        uids: dict[str, tuple[int, ...]] = {}
        for node_id, target in task.targets.items():
            node = self._topology.by_id.get(node_id)
            told = () if node is None else await self.find(node, target.after, target.expected, task.names)
            while told is None and node is not None:
                await trio.sleep(ASK_AGAIN)
                told = await self.find(node, target.after, target.expected, task.names)
            uids[node_id] = told or ()
        return uids


def _matching(told: Told, expected: tuple[Expected, ...], names: tuple[str, ...]) -> list[int]:
    uids: list[int] = []
    for task in told.tasks:
        if len(uids) < len(expected) and _carries(task, expected[len(uids)], names):
            uids.append(task["uid"])
    return uids


def _carries(task: Mapping[str, Any], expected: Expected, names: tuple[str, ...]) -> bool:
    if task["type"] != expected.type:
        return False
    if expected.tag is not None:
        return bool(task.get("customMetadata") == expected.tag)
    return task.get("indexUid") in names


def _task_uid(body: bytes) -> int | None:
    try:
        uid = orjson.loads(body)["taskUid"]
    except (ValueError, KeyError, TypeError):
        return None
    return uid if isinstance(uid, int) else None


def _newest_uid(outcome: Outcome) -> int | None:
    if not isinstance(outcome, Answered) or outcome.status != 200:
        return None
    told = read_tasks(outcome.body)
    if told is None:
        return None
    return int(told.tasks[0]["uid"]) if told.tasks else -1
