"""The wall clock, as text. Durations and deadlines are Trio's business."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], str]


def utc_now() -> str:
    """Now, as Meilisearch writes times: RFC 3339, UTC, nanoseconds."""
    nanoseconds = time.time_ns()
    seconds = datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC)
    return f"{seconds:%Y-%m-%dT%H:%M:%S}.{nanoseconds % 1_000_000_000:09d}Z"
