"""The key with which Miroir works on its nodes: all it needs, but no right to create indexes (design W2).

A late request with it can therefore never bring an old index back to life.
"""

from __future__ import annotations

import hashlib
import hmac

import orjson
import structlog
import trio

from miroir.core.outcome import Answered, Outcome
from miroir.core.topology import Node, Topology
from miroir.edge.nodes.fanout import gather
from miroir.edge.nodes.patience import ANSWER_WITHIN
from miroir.edge.nodes.pool import NodePool

_log = structlog.get_logger(__name__)
KEY_UID = "6d69726f-6972-4a6f-8d65-6b65796b6579"
ACTIONS = (
    "search",
    "documents.*",
    "settings.*",
    "indexes.get",
    "indexes.update",
    "indexes.delete",
    "tasks.*",
    "stats.get",
    "version",
)
REFUSED = (401, 403)
TRY_EVERY = 1.0
LOOK_EVERY = 30.0


def work_key(master_key: str) -> str:
    """The key's value, which a node computes in the same way. Nodes without a master key ask for none: empty."""
    if not master_key:
        return ""
    return hmac.new(master_key.encode(), KEY_UID.encode(), hashlib.sha256).hexdigest()


class NodeKeys:
    """`work` for everything but creating indexes, `master` for that."""

    def __init__(self, pool: NodePool, topology: Topology, master_key: str) -> None:
        self._pool = pool
        self._topology = topology
        self.master = master_key
        self.work = work_key(master_key)
        self._complaints: dict[str, str] = {}

    def __repr__(self) -> str:
        return "<NodeKeys>"

    async def create(self, node: Node) -> bool:
        """Make sure that a node knows the key; False when it did not answer, or refused."""
        if not self.master:
            return True
        body = {"uid": KEY_UID, "name": "Miroir", "actions": ACTIONS, "indexes": ["*"], "expiresAt": None}
        with trio.move_on_after(ANSWER_WITHIN):
            outcome = await self._pool.call(node, "POST", "/keys", orjson.dumps(body), key=self.master)
            if isinstance(outcome, Answered) and outcome.status in (201, 409):
                return self._note(node, "")
            answered = isinstance(outcome, Answered)
            return self._note(node, "refuses the node master key" if answered else "does not answer")
        return self._note(node, "does not answer")

    async def call(self, node: Node, method: str, target: str, body: bytes = b"") -> Outcome:
        """Ask a node with the work key; one that does not know it is told first. 401 or 403: it refuses both keys."""
        outcome = await self._pool.call(node, method, target, body, key=self.work)
        if isinstance(outcome, Answered) and outcome.status in REFUSED and await self.create(node):
            return await self._pool.call(node, method, target, body, key=self.work)
        return outcome

    def _note(self, node: Node, complaint: str) -> bool:
        """Log what is wrong with a node, once; True when nothing is."""
        if complaint and self._complaints.get(node.id) != complaint:
            _log.warning(f"node {complaint}", node=node.id)
        self._complaints[node.id] = complaint
        return not complaint

    async def create_everywhere(self, deadline: float) -> None:
        """Try every node once, until the deadline at the latest."""

        async def ask(node: Node) -> Answered:
            return Answered(node.id, 200 if await self.create(node) else 500, b"", 0.0)

        calls = {node.id: (lambda node=node: ask(node)) for node in self._topology.nodes}
        await gather(calls, deadline=deadline)

    async def keep(self) -> None:
        """Bring the key to nodes that were away, or that came back with an empty disk; for ever."""
        while True:
            done = [await self.create(node) for node in self._topology.nodes]
            await trio.sleep(LOOK_EVERY if all(done) else TRY_EVERY)
