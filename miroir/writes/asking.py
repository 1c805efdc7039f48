"""Asking the nodes what they would take, so that nothing changes on them: no task, no index.

The questions name an index that cannot be. Meilisearch looks at a body before it looks at the name: a node that has
nothing against the body says that the name is bad.
"""

from __future__ import annotations

from typing import Any

import orjson
import trio

from miroir.cluster.node_keys import REFUSED, NodeKeys
from miroir.core.generations import CLASSIC, NEWEST_RULE, SPLIT, Generation
from miroir.core.outcome import Answered
from miroir.core.topology import Node, Topology
from miroir.core.wire.errors import MiroirError

NO_INDEX = "!"
BAD_NAME = "invalid_index_uid"
BAD_RULES = "invalid_settings_ranking_rules"
_PLAIN_NAME = "_miroir_probe"
_WITHIN = 2.0
_NOT_NOW = (*REFUSED, 408, 429)


class Question:
    """Put to all nodes at once; the first that answers it is believed."""

    def __init__(self, keys: NodeKeys, topology: Topology) -> None:
        self._keys = keys
        self._topology = topology

    async def ask(self, method: str, target: str, body: bytes) -> Answered:
        """A 202, or an error with a code that is about the question. Raises MiroirError `miroir_no_quorum`."""
        told: list[Answered] = []
        refused: list[Node] = []

        async def ask(node: Node, done: trio.CancelScope) -> None:
            outcome = await self._keys.call(node, method, target, body)
            if not isinstance(outcome, Answered):
                return
            if outcome.status in REFUSED:
                refused.append(node)
            elif outcome.status == 202 or (outcome.status not in _NOT_NOW and code_of(outcome) is not None):
                told.append(outcome)
                done.cancel()

        with trio.move_on_after(_WITHIN):
            async with trio.open_nursery() as nursery:
                for node in self._topology.nodes:
                    nursery.start_soon(ask, node, nursery.cancel_scope)
        if told:
            return told[0]
        why = "The nodes refuse Miroir's key (`node_master_key`)" if refused else "No node answers"
        raise MiroirError("miroir_no_quorum", f"{why}: nothing was written.")

    async def generation(self) -> Generation:
        """Which generation the nodes are of: they differ in what they take for a rule."""
        if await self._says(NO_INDEX, NEWEST_RULE) == BAD_RULES:
            return CLASSIC
        if await self._says(NO_INDEX, "no rule") == BAD_RULES:
            return SPLIT
        # The nodes look at the name first. They are asked with one that is good, and a key that creates no index.
        return CLASSIC if await self._says(_PLAIN_NAME, NEWEST_RULE) == BAD_RULES else SPLIT

    async def _says(self, name: str, rule: str) -> str | None:
        answer = await self.ask("PUT", f"/indexes/{name}/settings/ranking-rules", orjson.dumps([rule]))
        return code_of(answer)


def code_of(answer: Answered) -> str | None:
    """The code of a 4xx; None when it has none."""
    if not 400 <= answer.status < 500:
        return None
    try:
        value: Any = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    code = value.get("code") if isinstance(value, dict) else None
    return code if isinstance(code, str) else None
