"""Child processes: found, started with a log file, watched, and ended in the reverse order. Never left behind."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from miroir.cli.dev.error import DevError

STOP_SECONDS = 40.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Child:
    """One running process, by the name that the console uses for it."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def obituary(self) -> str | None:
        """None while it runs, else one sentence: how it ended and where its log is."""
        code = self.process.poll()
        if code is None:
            return None
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return f"{self.name} {how}; its log is {self.log}."


@dataclass
class Family:
    """All children, in the order of their start."""

    children: list[Child] = field(default_factory=list)

    def start(
        self, name: str, command: Sequence[str], log: Path, secrets: Mapping[str, str] = MappingProxyType({})
    ) -> Child:
        """`secrets` are variables for this child: a command line is for everybody to see.

        Those that would configure it from outside are not handed on: a development cluster has a file of its own.
        """
        outside = {key: value for key, value in os.environ.items() if not key.startswith(("MIROIR_", "MEILI_"))}
        environment = {**outside, **secrets}
        with log.open("ab") as out:
            process = subprocess.Popen(  # noqa: S603 - our own programs, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=environment,
                process_group=0,
                preexec_fn=_die_with_parent,
            )
        child = Child(name, process, log)
        self.children.append(child)
        return child

    def stop(self) -> None:
        """End all, the last one first, so that Miroir drains while its nodes still answer."""
        while self.children:
            self.stop_last()

    def stop_last(self) -> None:
        """End the child that was started last, by force when it does not listen."""
        child = self.children[-1]
        child.process.terminate()
        try:
            child.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
        self.children.pop()


@contextmanager
def family() -> Iterator[Family]:
    """Children that live as long as the block. Signals that come while they are being stopped are not heeded."""
    members = Family()
    try:
        yield members
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        members.stop()


def _die_with_parent() -> None:
    """In the child: end when this program is killed in a way that it cannot answer."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def wait_for_death(children: Sequence[Child]) -> Child:
    """Block until one of the children ends. A signal handler that raises interrupts it."""
    while True:
        for child in children:
            if child.process.poll() is not None:
                return child
        time.sleep(0.2)


def node_binary() -> str:
    """Where `miroir-node` is: the environment names it, or it lies beside this Python, or on the path."""
    named = os.environ.get("MIROIR_NODE_BINARY")
    beside = str(Path(sys.executable).with_name("miroir-node"))
    for candidate in (named, beside, "miroir-node"):
        found = shutil.which(candidate) if candidate else None
        if found:
            return found
        if candidate and candidate == named:
            raise DevError(f"MIROIR_NODE_BINARY names {named}, which is no program.")
    raise DevError("The program miroir-node was not found; `make build` puts it beside this Python.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def require_port(port: int) -> None:
    """Raises DevError when somebody listens on the port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise DevError(f"Port {port} of 127.0.0.1 is taken; choose another with --port.") from None
