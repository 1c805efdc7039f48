"""The state of one question among its nodes. Synchronous: it takes verdicts in and says whom to ask next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field

from miroir.core.planning.covering import Covering
from miroir.core.planning.leg import Shards
from miroir.core.planning.verdict import Failed, Good, Refused, Verdict

Reassign = Callable[[Shards, Set[str]], Covering]
"""Who answers for these shards, if it is none of these nodes."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one node answered for some shards, and after how many seconds."""

    node: str
    shards: Shards
    body: bytes
    took: float = 0.0


@dataclass(slots=True, eq=False)
class Attempt:
    """Calls that together answer for some shards. A hedge is a second attempt for the same shards: the first one wins.

    While there is a rival, what has come in is kept here, since only a whole attempt may count.
    """

    waiting: int = 1
    rival: Attempt | None = None
    is_hedge: bool = False
    over: bool = False
    parts: list[Part] = field(default_factory=list)

    @property
    def contested(self) -> bool:
        return self.rival is not None and not self.rival.over


@dataclass(slots=True, eq=False)
class Call:
    """One call to a node: `since` when, and how long it `took`. `hedge_at`: from when on it is late, or None."""

    node: str
    shards: Shards
    attempt: Attempt
    since: float = 0.0
    took: float = 0.0
    hedge_at: float | None = None


class Scatter:
    """Every shard is in exactly one place: an open call, a part that came in, a refusal, or `missing`."""

    def __init__(self, covering: Covering, reassign: Reassign) -> None:
        self._choose = reassign
        self._refusals: list[tuple[str, Refused]] = []
        self._open = 0
        self.first = self._calls(covering.assigned)
        """Whom to ask to begin with."""
        self.failed: set[str] = set()
        self.parts: list[Part] = []
        self.missing: set[int] = set(covering.missing)
        self.unknown_name = False
        self.key_refused = False
        self.hedges_won = 0

    def __repr__(self) -> str:
        return f"<Scatter open={self._open} parts={len(self.parts)} missing={sorted(self.missing)}>"

    @property
    def done(self) -> bool:
        """Whether nothing that is under way matters any more."""
        return not self._open

    @property
    def bodies(self) -> list[bytes]:
        """The answers so far, to be merged."""
        return [part.body for part in self.parts]

    @property
    def refused(self) -> Refused | None:
        """The refusal that is the client's answer: the first in the order of nodes, if there is one.

        An attribute unknown to one node only is no reason to refuse what others answer.
        """
        for _, refusal in sorted(self._refusals, key=lambda told: told[0]):
            if not (refusal.only_unknown_here and (self.parts or self._open)):
                return refusal
        return None

    @property
    def _decided(self) -> bool:
        """Whether a node's refusal is the answer, whatever the others say."""
        return any(not refusal.only_unknown_here for _, refusal in self._refusals)

    def settle(self, call: Call, verdict: Verdict) -> list[Call]:
        """Take what a call came to. Returns the calls to be made now, to other replicas of its shards."""
        attempt = call.attempt
        if attempt.over:
            return []
        attempt.waiting -= 1
        match verdict:
            case Failed():
                return self._fail(call, verdict)
            case Good(body=body):
                kept = attempt.parts if attempt.contested else self.parts
                kept.append(Part(call.node, call.shards, body, call.took))
            case Refused():
                self._refusals.append((call.node, verdict))
        if not attempt.waiting:
            self._win(attempt)
        return []

    def _win(self, attempt: Attempt) -> None:
        attempt.over = True
        self._open -= 1
        if attempt.rival is not None and not attempt.rival.over:
            attempt.rival.over = True
            self.parts += attempt.parts
            self.hedges_won += attempt.is_hedge

    def _fail(self, call: Call, failed: Failed) -> list[Call]:
        self.failed.add(call.node)
        self.unknown_name = self.unknown_name or failed.unknown_name
        self.key_refused = self.key_refused or failed.key_refused
        attempt = call.attempt
        if attempt.contested and attempt.rival is not None:
            attempt.over = True
            self.parts += attempt.rival.parts  # nobody contests these any more
            return []
        if not attempt.waiting:
            self._win(attempt)
        if failed.again and not self._decided:
            return self._reassigned(call.shards)
        self.missing.update(call.shards)
        return []

    def hedge(self, call: Call, covering: Covering) -> list[Call]:
        """Ask these nodes for the shards of a call that is late, too."""
        rival = Attempt(len(covering.assigned), call.attempt, is_hedge=True)
        call.attempt.rival = rival
        return [Call(node, shards, rival) for node, shards in covering.assigned.items()]

    def reject(self, position: int) -> tuple[str, list[Call]]:
        """The body at that position is no answer to the question. Returns its node, and whom to ask instead."""
        part = self.parts.pop(position)
        self.failed.add(part.node)
        return part.node, self._reassigned(part.shards)

    def give_up(self, calls: Iterable[Call]) -> None:
        """No time is left: what these calls were to answer for is missing, unless others have answered for it."""
        for call in calls:
            if not call.attempt.over:
                self.missing.update(call.shards)
        self._open = 0

    def _reassigned(self, shards: Shards) -> list[Call]:
        covering = self._choose(shards, self.failed)
        self.missing.update(covering.missing)
        return self._calls(covering.assigned)

    def _calls(self, assigned: Mapping[str, Shards]) -> list[Call]:
        self._open += len(assigned)
        return [Call(node, shards, Attempt()) for node, shards in assigned.items()]
