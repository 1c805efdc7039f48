"""The writer: takes an index's turn, decides, sends, and keeps sending in the background what others have taken.

The rules (design section 6): nothing is sent before every node that holds a copy is known to be alive; after one node
has taken a write it is never reported as failed for another one's silence; later writes of the index wait behind it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace

import orjson
import structlog
import trio

from miroir.cluster.tasks.registry import TaskRegistry, as_sent
from miroir.core.tasks.task import JsonObject, Task, summary
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.core.wire.rewriting import error_reply, for_client
from miroir.edge.complaints import Complaints
from miroir.writes.operation import Draft, NodeRequest
from miroir.writes.outlet import Outlet, Part
from miroir.writes.turns import Turns

_log = structlog.get_logger(__name__)
Decide = Callable[[], Awaitable[Draft]]
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0


@dataclass(slots=True)
class _Delivery:
    """An operation on its way. `reply` is set, and `done` fires, when the client can be answered."""

    task: Task
    draft: Draft
    turn: tuple[str, ...]
    closing: Callable[[], None]
    reply: Reply | None = None
    done: trio.Event = field(default_factory=trio.Event)


class Writer:
    """`nursery` is the app's: a delivery goes on when its client has left."""

    def __init__(self, registry: TaskRegistry, outlet: Outlet, nursery: trio.Nursery) -> None:
        self._registry = registry
        self._outlet = outlet
        self._nursery = nursery
        self._turns = Turns()

    async def write(
        self,
        uids: Iterable[str],
        decide: Decide,
        *,
        deadline: float,
        closing: Callable[[], None] = lambda: None,
    ) -> Reply:
        """Carry out one write in the order of these indexes, and answer 202 once every copy's node has taken it.

        `decide` runs when the turn has come. `closing` is called once, when nothing will be read of the payload any
        more. A refusal of all nodes comes back as the first one's error. Raises MiroirError: `miroir_no_quorum` and
        `miroir_timeout` (nothing was written), `miroir_write_unsettled` (delivery goes on). Cancelled before the first
        byte is sent, it leaves no trace; later, delivery goes on.
        """
        delivery = None
        try:
            delivery = await self._begin(tuple(uids), decide, deadline, closing)
        finally:
            if delivery is None:
                closing()
        with trio.move_on_at(deadline):
            await delivery.done.wait()
        if delivery.reply is None:
            raise MiroirError(
                "miroir_write_unsettled",
                "The deadline passed before every copy had taken the change. "
                f"Task {delivery.task.uid} tells how it ends.",
            )
        return delivery.reply

    async def _begin(
        self, uids: tuple[str, ...], decide: Decide, deadline: float, closing: Callable[[], None]
    ) -> _Delivery:
        """Up to the point of no return: the delivery has begun, and owns the turn."""
        turn = await self._take_turn(uids, deadline)
        try:
            draft = await _decided(decide, deadline)
            after = await self._last_uids(draft, deadline) if draft.requests else {}
            with trio.CancelScope(shield=True):  # a task that is recorded is also sent
                now = self._registry.clock()
                task = await self._registry.open(lambda uid: draft.task(uid, now, uids, after))
                delivery = _Delivery(task, draft, turn, closing)
        except BaseException:
            self._turns.give(turn)
            raise
        self._nursery.start_soon(self._deliver, delivery)
        return delivery

    async def _last_uids(self, draft: Draft, deadline: float) -> dict[str, int]:
        standing = self._registry.standing().get(draft.index_uid)
        return await self._outlet.last_uids(draft.requests, deadline, draft.index_uid, standing)

    async def _take_turn(self, uids: tuple[str, ...], deadline: float) -> tuple[str, ...]:
        with trio.move_on_at(deadline):
            return await self._turns.take(uids)
        raise MiroirError(
            "miroir_no_quorum", f"An earlier change of index `{uids[0]}` is not settled yet: nothing was written."
        )

    async def _deliver(self, delivery: _Delivery) -> None:
        """Runs in the app's nursery and never raises for an expected failure."""
        try:
            delivery.reply = await self._carry(delivery)
        except MiroirError as error:
            delivery.reply = error.reply()
        finally:
            delivery.closing()
            self._turns.give(delivery.turn)
            delivery.done.set()

    async def _carry(self, delivery: _Delivery) -> Reply:
        parts = self._parts(delivery.task, delivery.draft)
        pause = FIRST_PAUSE
        while True:
            await self._outlet.push(parts)
            await self._outlet.settle(parts)
            if all(part.done for part in parts):
                break
            if not any(part.uids or part.doubt for part in parts):
                return await self._drop(delivery, _first_refusal(parts, delivery.draft) or _lost_quorum(delivery.draft))
            waiting = [part.node.id for part in parts if not part.done]
            _log.warning("a write waits for nodes", task=delivery.task.uid, nodes=waiting)
            await trio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        if parts and all(part.refused for part in parts):
            return await self._refused(parts, delivery)
        return await self._accepted(parts, delivery)

    def _parts(self, task: Task, draft: Draft) -> list[Part]:
        after = {node: target.after for node, target in task.targets.items()}
        return self._outlet.parts(draft.requests, after, draft.names)

    async def _refused(self, parts: list[Part], delivery: _Delivery) -> Reply:
        """No node has the write. An index that was made for it goes again."""
        reply = _first_refusal(parts, delivery.draft)
        assert reply is not None  # noqa: S101 - all have refused
        undo = delivery.draft.undo
        if undo is not None:
            request = NodeRequest("DELETE", f"/indexes/{undo}", "indexDeletion")
            await self._outlet.push([replace(part, requests=(request,), uids=[], refused=None) for part in parts])
        return await self._drop(delivery, reply)

    async def _drop(self, delivery: _Delivery, reply: Reply) -> Reply:
        """No node has it: forget the task. The client need not wait for a store that is away beyond its deadline."""
        delivery.reply = reply
        await self._insist(delivery.task, self._registry.drop)
        return reply

    async def _accepted(self, parts: list[Part], delivery: _Delivery) -> Reply:
        """Every node has it, or has refused what others took: then the task fails, and says so."""
        verdict = delivery.task.verdict or _mixed(parts, delivery.draft)
        task = replace(delivery.task, verdict=verdict)
        sent = as_sent(task, {part.node.id: tuple(part.uids) for part in parts})
        await self._insist(sent, self._registry.save)
        return Reply(202, orjson.dumps(summary(task)))

    async def _insist(self, task: Task, store: Callable[[Task], Awaitable[None]]) -> None:
        """What the nodes have, or have not, is a fact by now: wait for the store if need be."""
        complaints = Complaints(_log)
        while True:
            try:
                await store(task)
            except MiroirError as error:
                complaints.say("", "a task cannot be stored", task=task.uid, error=error.message)
                await trio.sleep(LONGEST_PAUSE)
            else:
                return

    async def resume(self, task: Task, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Settle a delivery that the end of the process has cut off: what the nodes have taken stands.

        For `nursery.start`, before any other write: it has the turn when that returns, for an index has at most one
        delivery under way. Nothing is sent: the payload is gone.
        """
        turn = await self._turns.take(task.touches)
        task_status.started()
        try:
            uids = await self._outlet.found(task)
            whole = all(len(uids[node]) == len(target.expected) for node, target in task.targets.items())
            verdict = None if whole else _cut_off(any(uids.values()))
            effects = task.effects if whole else ()
            sent = as_sent(replace(task, verdict=task.verdict or verdict, effects=effects), uids)
            await self._insist(sent, self._registry.save)
        finally:
            self._turns.give(turn)


async def _decided(decide: Decide, deadline: float) -> Draft:
    """What is to be done, unless it takes too long to find out: the turn is others' too."""
    with trio.move_on_at(deadline):
        return await decide()
    raise MiroirError("miroir_timeout", "The nodes did not answer in time: nothing was written.")


def _first_refusal(parts: list[Part], draft: Draft) -> Reply | None:
    for part in parts:
        if part.refused is not None:
            return error_reply(*part.refused, draft.names, draft.index_uid)
    return None


def _lost_quorum(draft: Draft) -> Reply:
    what = f"No node took the change of index `{draft.index_uid}`: nothing was written."
    return MiroirError("miroir_no_quorum", what).reply()


def _mixed(parts: list[Part], draft: Draft) -> JsonObject | None:
    refusal = _first_refusal(parts, draft)
    if refusal is None:
        return None
    error: JsonObject = orjson.loads(refusal.body)
    error["message"] = for_client(str(error.get("message", "")), draft.names, draft.index_uid)
    error["message"] += " Some nodes took the change and some refused it: copies of the index may differ."
    return error


def _cut_off(partly: bool) -> JsonObject:
    what = "some nodes had taken it and some had not: repeat it" if partly else "nothing was written"
    return dict(MiroirError("miroir_write_unsettled", f"Miroir stopped while it sent this change; {what}.").as_dict())
