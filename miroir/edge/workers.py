"""How many worker processes a pod has, for limits that count per pod and are split over them."""

from __future__ import annotations

import os

from miroir.config.models import ServerConfig


def worker_count(server: ServerConfig) -> int:
    """As configured, or one per core that this process may use."""
    return server.workers or len(os.sched_getaffinity(0))


def share_of(total: int, server: ServerConfig) -> int:
    """One worker's part of a limit; at least 1."""
    return max(1, total // worker_count(server))
