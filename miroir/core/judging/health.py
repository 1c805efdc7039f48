"""When a node counts as alive: a pure step from one belief to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace

from miroir.core.outcome import Answered, Outcome


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of one node: alive or not, and how many observations in a row speak against that."""

    alive: bool = True
    against: int = 0


def speaks_well(outcome: Outcome) -> bool:
    """Whether an outcome shows a working node. A refusal of the request does; overload (503) does too."""
    return isinstance(outcome, Answered) and (outcome.status < 500 or outcome.status == 503)


def after(belief: Belief, *, good: bool, unhealthy_threshold: int, recovery_threshold: int) -> Belief:
    """The next belief: it turns when enough observations in a row contradict it."""
    if good == belief.alive:
        return belief if belief.against == 0 else replace(belief, against=0)
    against = belief.against + 1
    threshold = unhealthy_threshold if belief.alive else recovery_threshold
    return Belief(not belief.alive) if against >= threshold else replace(belief, against=against)
