"""One child process: its log, its end. No child outlives the test run, however that ends."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_living: set[Process] = set()


def _die_with_parent() -> None:
    """Runs in the child before exec: the kernel kills it when the test run dies, even by SIGKILL."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A running command in a session of its own, so that signals reach all that it started.

    Standard output and error go to `log`. `end` may be called more than once.
    """

    def __init__(
        self, name: str, command: Sequence[str | Path], *, log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.name, self.log, self.command = name, log, [str(part) for part in command]
        self._mark = 0
        with log.open("ab") as sink:
            self._child = subprocess.Popen(  # ended by end()
                self.command,
                stdout=sink,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_die_with_parent,
                env={**os.environ, **(env or {})},
            )
        _living.add(self)

    def __repr__(self) -> str:
        return f"<Process {self.name} pid={self.pid} status={self._child.poll()}>"

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._child.poll()

    def signal(self, number: int) -> None:
        """Send a signal to the process and to all of its session; a process that is gone is no error."""
        try:
            os.killpg(self._child.pid, number)
        except ProcessLookupError:
            return

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        self._child.wait(10)
        _living.discard(self)

    def end(self, grace: float = 0.0) -> int:
        """SIGTERM, `grace` seconds of patience, then SIGKILL. Returns the exit status."""
        if grace > 0 and self.status is None:
            self.signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(grace)
        self.kill()
        return self._child.returncode

    def news(self) -> str:
        """What was logged since the last call: the last 4,000 characters of it."""
        with self.log.open("rb") as source:
            source.seek(self._mark)
            text = source.read()
        self._mark += len(text)
        return text.decode(errors="replace")[-4000:]


def living() -> list[Process]:
    """Every process that has been started and not ended, by name."""
    return sorted(_living, key=lambda process: process.name)


@atexit.register
def _end_all() -> None:
    for process in living():
        process.kill()
