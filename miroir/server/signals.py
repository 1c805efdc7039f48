"""Signals as values for a loop without an event loop."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Iterable


class Signals:
    """Collects the given signals from the moment it is made; blocked ones are let through then."""

    def __init__(self, numbers: Iterable[signal.Signals]) -> None:
        self._numbers = frozenset(numbers)
        self._reader, writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in self._numbers:
            signal.signal(number, _noted)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self._numbers)

    def wait(self, timeout: float) -> list[int]:
        """The signals that came, in order; none when `timeout` seconds have passed."""
        select.select([self._reader], [], [], max(0.0, timeout))
        with contextlib.suppress(BlockingIOError):
            return [number for number in os.read(self._reader, 512) if number in self._numbers]
        return []


def _noted(number: int, frame: object) -> None:
    """The number is in the pipe already."""
