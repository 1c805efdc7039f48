"""One question to a covering set of an index's nodes, and again to others for the shards whose node failed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import trio

from miroir._merge_core import encode_shard
from miroir.cluster.health import Health
from miroir.config.models import ScatterConfig
from miroir.core.indexes import IndexView
from miroir.core.outcome import Answered, Outcome, Unreachable
from miroir.core.planning.covering import Preference, cover
from miroir.core.planning.verdict import Failed, Good, Refused, Verdict, judge
from miroir.core.topology import Topology
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reserved import SHARD
from miroir.edge.nodes.fanout import gather
from miroir.edge.nodes.pool import NodePool


@dataclass(frozen=True, slots=True)
class Question:
    """What one node is asked; `body` is JSON."""

    method: str
    target: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Part:
    """What one node answered for some shards."""

    node: str
    shards: tuple[int, ...]
    body: bytes


Ask = Callable[[tuple[int, ...]], Question]
"""The question to a node that is to answer for these shards."""


class Fanout:
    """Asks, within a deadline. `key` is the node key."""

    def __init__(self, topology: Topology, health: Health, pool: NodePool, config: ScatterConfig, *, key: str) -> None:
        self._topology = topology
        self._health = health
        self._pool = pool
        self._seconds = config.node_timeout_ms / 1000
        self._retry_on_timeout = config.retry_on_timeout
        self._rotation = itertools.count()
        self._key = key

    async def ask(
        self, view: IndexView, ask: Ask, *, deadline: float, shards: Iterable[int] | None = None
    ) -> list[Part] | Refused:
        """Answers that together speak for all shards (or for these), or the first refusal in the order of nodes.

        Raises MiroirError: `miroir_timeout` when no time is left, else `miroir_shard_unavailable` when nobody is left
        to ask for a shard.
        """
        living, tried = self._health.living, set[str]()
        left: Iterable[int] | None = shards
        answers: list[Part] = []
        rotation = next(self._rotation)
        while True:
            covering = cover(view.shard_map, self._topology, Preference(living), rotation, shards=left, tried=tried)
            if covering.missing:
                raise _unavailable(deadline)
            asked = {node: ask(own) for node, own in covering.assigned.items()}
            again: list[int] = []
            for node, verdict in (await self._verdicts(asked, deadline)).items():
                match verdict:
                    case Good(body=body):
                        answers.append(Part(node, covering.assigned[node], body))
                    case Refused():
                        return verdict
                    case Failed(again=False):
                        raise _unavailable(deadline)
                    case Failed():
                        again.extend(covering.assigned[node])
                        tried.add(node)
            if not again:
                return answers
            left = again

    async def follow_up(self, asked: Sequence[tuple[str, Question]], *, deadline: float) -> list[bytes] | None:
        """The answers of just these nodes, in order; None when one of them gives none."""
        left = list(enumerate(asked))
        bodies: dict[int, bytes] = {}
        while left:
            now = {node: (number, question) for number, (node, question) in reversed(left)}
            questions = {node: question for node, (_, question) in now.items()}
            for node, verdict in (await self._verdicts(questions, deadline)).items():
                if not isinstance(verdict, Good):
                    return None
                bodies[now[node][0]] = verdict.body
            left = [(number, one) for number, one in left if number not in bodies]
        return [bodies[number] for number in sorted(bodies)]

    async def _verdicts(self, asked: dict[str, Question], deadline: float) -> dict[str, Verdict]:
        outcomes = {node: _told(one) for node, one in (await self._all(asked, deadline)).items()}
        for outcome in outcomes.values():
            self._health.record(outcome)
        return {node: judge(one, retry_on_timeout=self._retry_on_timeout) for node, one in outcomes.items()}

    async def _all(self, asked: dict[str, Question], deadline: float) -> dict[str, Outcome]:
        calls = {node: partial(self.one, node, question) for node, question in asked.items()}
        return await gather(calls, deadline=min(deadline, trio.current_time() + self._seconds))

    async def one(self, node: str, question: Question) -> Outcome:
        """One node's answer; the caller sets the deadline."""
        target = self._topology.by_id[node]
        return await self._pool.call(target, question.method, question.target, question.body, key=self._key)

    async def everywhere(self, question: Question, *, deadline: float) -> dict[str, Answered]:
        """The answers (200) of all nodes that give one; a node that is known to be away is not waited for.

        Where all are believed to be away, all are asked.
        """
        asked = dict.fromkeys(self._health.living or self._topology.by_id, question)
        answers: dict[str, Answered] = {}
        for node, outcome in (await self._all(asked, deadline)).items():
            told = _told(outcome)
            self._health.record(told)
            if isinstance(told, Answered) and told.status == 200:
                answers[node] = told
        return answers


def _told(outcome: Outcome) -> Outcome:
    """The outcome, unless what was answered with 200 cannot be the JSON object that was asked for."""
    if isinstance(outcome, Answered) and outcome.status == 200:
        text = outcome.body.strip()
        if not (text.startswith(b"{") and text.endswith(b"}")):
            return Unreachable(outcome.node, "the answer is no JSON object", sent=True)
    return outcome


def _unavailable(deadline: float) -> MiroirError:
    if trio.current_time() >= deadline:
        return MiroirError("miroir_timeout", "The request took longer than it may, and was given up.")
    return MiroirError("miroir_shard_unavailable", "No node that holds a part of this index answers.")


def shard_filter(shards: Iterable[int]) -> str:
    """The filter that finds exactly the documents of these shards."""
    listed = ", ".join(f'"{encode_shard(shard)}"' for shard in shards)
    return f"{SHARD} IN [{listed}]"
