"""How good a replica is to ask: a score out of what its node did lately. Pure; the lowest score is the best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median_low

from miroir.config.models import ReplicaSelectionConfig


@dataclass(frozen=True, slots=True)
class Observed:
    """What a node did lately. `p95_ms` is None while nothing is known; `errors` is the share of calls that failed."""

    p95_ms: float | None
    in_flight: int
    errors: float


def score(observed: Observed, weights: ReplicaSelectionConfig, timeout_ms: float) -> float:
    """About milliseconds. A failed call counts like one that took `timeout_ms` (with an error weight of 10).

    Otherwise a node that fails within a millisecond would be the fastest of all and draw all reads.
    """
    return (
        weights.latency_weight * (observed.p95_ms or 0.0)
        + weights.inflight_weight * observed.in_flight
        + observed.errors * timeout_ms * weights.error_weight / 10
    )


def outliers(scores: Mapping[str, float], among: Iterable[str], factor: float) -> frozenset[str]:
    """The nodes that are so many times worse than the median that they are asked only where nobody else can be."""
    known = [scores[node] for node in among if node in scores]
    if len(known) < 2:
        return frozenset()
    limit = median_low(known) * factor
    return frozenset(node for node in scores if scores[node] > limit > 0)
