"""The state of one question among its nodes. Synchronous: it takes verdicts in and says what remains to be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

from miroir.core.planning.covering import Covering
from miroir.core.planning.verdict import Failed, Good, Refused, Verdict

Assignment = Mapping[str, tuple[int, ...]]
Reassign = Callable[[tuple[int, ...], Set[str]], Covering]
"""Who answers for these shards, if it is none of these nodes."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one node answered for some shards."""

    node: str
    shards: tuple[int, ...]
    body: bytes


class Scatter:
    """Every shard is in exactly one place: `to_ask`, a part that came in, a refusal, or `missing`."""

    def __init__(self, covering: Covering, reassign: Reassign) -> None:
        self._choose = reassign
        self._refusals: list[Refused] = []
        self._failed: set[str] = set()
        self.parts: list[Part] = []
        self.to_ask: Assignment = covering.assigned
        self.missing: set[int] = set(covering.missing)
        self.unknown_name = False
        self.key_refused = False

    def __repr__(self) -> str:
        return f"<Scatter parts={len(self.parts)} to_ask={dict(self.to_ask)} missing={sorted(self.missing)}>"

    @property
    def bodies(self) -> list[bytes]:
        """The answers so far, to be merged."""
        return [part.body for part in self.parts]

    @property
    def refused(self) -> Refused | None:
        """The refusal that is the client's answer: the first in the order of nodes, if there is one.

        An attribute unknown to one node only is no reason to refuse what others answer.
        """
        for refusal in self._refusals:
            if not (refusal.only_unknown_here and (self.parts or self.to_ask)):
                return refusal
        return None

    def settle(self, verdicts: Mapping[str, Verdict]) -> None:
        """Take what the nodes of `to_ask` came to; afterwards `to_ask` is what to ask of other replicas."""
        again: list[int] = []
        asked, self.to_ask = self.to_ask, {}
        for node, verdict in verdicts.items():
            match verdict:
                case Good(body=body):
                    self.parts.append(Part(node, asked[node], body))
                case Refused():
                    self._refusals.append(verdict)
                case Failed():
                    again += self._fail(node, asked[node], verdict)
        self._reassign(again)

    def _fail(self, node: str, shards: tuple[int, ...], failed: Failed) -> tuple[int, ...]:
        self._failed.add(node)
        self.unknown_name = self.unknown_name or failed.unknown_name
        self.key_refused = self.key_refused or failed.key_refused
        if failed.again:
            return shards
        self.missing.update(shards)
        return ()

    def _reassign(self, shards: list[int]) -> None:
        if not shards:
            return
        covering = self._choose(tuple(sorted(shards)), self._failed)
        self.to_ask = covering.assigned
        self.missing.update(covering.missing)

    def reject(self, position: int) -> str:
        """The body at that position is no answer to the question: its shards go elsewhere. Returns the node."""
        part = self.parts.pop(position)
        self._failed.add(part.node)
        self._reassign(list(part.shards))
        return part.node

    def give_up(self) -> None:
        """No time is left: what was still to be asked is missing."""
        for shards in self.to_ask.values():
            self.missing.update(shards)
        self.to_ask = {}
