"""Latencies of late, as a histogram in which old samples fade. No clock: every method is told the time.

Weights grow with time instead of shrinking (forward decay, Cormode et al. 2009), so that adding a sample touches one
bucket and nothing else.
"""

from __future__ import annotations

import math

_LEAST_S = 1e-4
_PER_OCTAVE = 8
_BUCKETS = 20 * _PER_OCTAVE
"""From 0.1 ms to 105 s in steps of 9 %."""
_MOST_HALF_LIVES = 500.0
"""Before a weight would leave the range of a float, all are scaled down."""


class Latencies:
    """Samples of one node, in seconds. Quantiles are upper ends of buckets, so at most 9 % too high."""

    __slots__ = ("_base", "_half_life", "_highest", "_total", "_weights", "count")

    def __init__(self, half_life: float, now: float) -> None:
        self._half_life = half_life
        self._base = now
        self._weights = [0.0] * _BUCKETS
        self._highest = 0
        self._total = 0.0
        self.count = 0
        """How many samples there ever were."""

    def __repr__(self) -> str:
        return f"<Latencies count={self.count} p95={self.quantile(0.95)}>"

    def add(self, seconds: float, now: float) -> None:
        age = (now - self._base) / self._half_life
        if age > _MOST_HALF_LIVES:
            self._rebase(now, age)
            age = 0.0
        weight = math.exp2(age)
        bucket = _bucket(seconds)
        self._weights[bucket] += weight
        self._total += weight
        self._highest = max(self._highest, bucket)
        self.count += 1

    def _rebase(self, now: float, age: float) -> None:
        scale = math.exp2(-age)
        self._weights = [weight * scale for weight in self._weights]
        self._total = sum(self._weights)
        self._base = now

    def quantile(self, share: float) -> float | None:
        """The latency that this share of the samples does not exceed, or None without samples."""
        if not self._total:
            return None
        above = self._total * (1 - share)
        bucket = self._highest
        while bucket > 0 and self._weights[bucket] <= above:
            above -= self._weights[bucket]
            bucket -= 1
        return _LEAST_S * math.exp2((bucket + 1) / _PER_OCTAVE)


def _bucket(seconds: float) -> int:
    if seconds <= _LEAST_S:
        return 0
    return min(_BUCKETS - 1, int(math.log2(seconds / _LEAST_S) * _PER_OCTAVE))
