"""The state of one search among its nodes. Synchronous: it takes verdicts in and says what remains to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from miroir.core.planning.covering import cover
from miroir.core.planning.search import SearchPlan
from miroir.core.planning.verdict import Failed, Good, Refused, Verdict, says_cut_off
from miroir.core.topology import Topology

Assignment = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Part:
    """What one node answered for some shards."""

    node: str
    shards: tuple[int, ...]
    body: bytes


class Scatter:
    """Every shard of the search is in exactly one place: `to_ask`, a part that came in, or `missing`."""

    def __init__(self, plan: SearchPlan, topology: Topology, living: Set[str], *, cross_group: bool) -> None:
        self._plan = plan
        self._topology = topology
        self._living = living
        self._cross_group = cross_group
        self._parts: list[_Part] = []
        self._refusals: list[Refused] = []
        self._failed: set[str] = set()
        self.to_ask: Assignment = plan.covering.assigned
        self.missing: set[int] = set(plan.covering.missing)
        self.unknown_name = False
        self.key_refused = False

    def __repr__(self) -> str:
        return f"<Scatter parts={len(self._parts)} to_ask={dict(self.to_ask)} missing={sorted(self.missing)}>"

    @property
    def bodies(self) -> list[bytes]:
        """The answers so far, to be merged."""
        return [part.body for part in self._parts]

    @property
    def nodes(self) -> list[str]:
        """Who gave them, in the same order."""
        return [part.node for part in self._parts]

    @property
    def refused(self) -> Refused | None:
        """The refusal that is the client's answer: the first in the order of nodes, if there is one.

        An attribute unknown to one node only is no reason to refuse what others answer.
        """
        for refusal in self._refusals:
            if not (refusal.only_unknown_here and (self._parts or self.to_ask)):
                return refusal
        return None

    def settle(self, verdicts: Mapping[str, Verdict]) -> None:
        """Take what the nodes of `to_ask` came to; afterwards `to_ask` is what to ask of other replicas."""
        again: list[int] = []
        asked, self.to_ask = self.to_ask, {}
        for node, verdict in verdicts.items():
            match verdict:
                case Good(body=body):
                    self._parts.append(_Part(node, asked[node], body))
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
        covering = cover(
            self._plan.view.shard_map,
            self._topology,
            self._living,
            self._plan.rotation,
            shards=sorted(shards),
            cross_group=self._cross_group,
            tried=self._failed,
        )
        self.to_ask = covering.assigned
        self.missing.update(covering.missing)

    def reject(self, position: int) -> str:
        """The body at that position is no search answer: its shards go elsewhere. Returns the node."""
        part = self._parts.pop(position)
        self._failed.add(part.node)
        self._reassign(list(part.shards))
        return part.node

    def give_up(self) -> None:
        """No time is left: what was still to be asked is missing."""
        for shards in self.to_ask.values():
            self.missing.update(shards)
        self.to_ask = {}

    def cut_off(self) -> set[int]:
        """The shards of the answers in which a node says that it stopped early."""
        return {shard for part in self._parts if says_cut_off(part.body) for shard in part.shards}
