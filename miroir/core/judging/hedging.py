"""When a call to a node is late enough to ask others as well: pure."""

from __future__ import annotations

from miroir.config.models import HedgingConfig

_ENOUGH = 10
"""Answers of a node before its p95 means anything."""


def hedge_after(config: HedgingConfig, p95: float | None, samples: int) -> float | None:
    """Seconds from the start of a call; `p95` is in seconds. None while too little is known of the node."""
    if p95 is None or samples < _ENOUGH:
        return None
    return max(p95 * config.p95_trigger_multiplier, config.min_trigger_ms / 1000)
