"""One worker as its supervisor sees it: started, ended, started again after a pause that grows with each failure."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Sequence

import structlog

from miroir.server.place import Place

log = structlog.get_logger(__name__)

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 10.0
_STEADY_S = 30.0


class Child:
    """`command` gets the place's arguments appended; `greeting` is written to its standard input, which stays open."""

    def __init__(self, place: Place, command: Sequence[str], greeting: bytes) -> None:
        self._place = place
        self._command = [*command, *place.as_arguments()]
        self._greeting = greeting
        self._process: subprocess.Popen[bytes] | None = None
        self._failures = 0
        self._began = 0.0
        self.due = 0.0

    def __repr__(self) -> str:
        return f"<Child {self._place.index} alive={self.alive} failures={self._failures}>"

    @property
    def index(self) -> int:
        return self._place.index

    @property
    def alive(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Begin the process, in a group of its own: a Ctrl-C at the terminal is the supervisor's to pass on."""
        self._began = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            self._command, stdin=subprocess.PIPE, pass_fds=[self._place.listener], process_group=0
        )
        pipe = self._process.stdin
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.write(self._greeting)
                pipe.flush()

    def ended(self) -> int | None:
        """The exit code, once, when the process has ended; sets when it is due again."""
        if self._process is None or self._process.poll() is None:
            return None
        code = self._process.returncode
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process = None
        now = time.monotonic()
        self._failures = 1 if now - self._began > _STEADY_S else self._failures + 1
        self.due = now + min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (self._failures - 1))
        return code

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
