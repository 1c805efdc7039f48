"""Waiting for other processes: always by asking, always with a deadline."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def until(question: Callable[[], Found | None], *, what: str, seconds: float = 30.0) -> Found:
    """Ask again, more slowly each time, until the answer is neither None nor False; return it.

    Raises AssertionError with `what` when `seconds` have passed.
    """
    deadline, pause = time.monotonic() + seconds, 0.001
    while True:
        found = question()
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
