"""What supervisor and workers agree on, without what either needs alone: the supervisor has no event loop to import."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

EXIT_REFUSED = 78
"""The exit code that says: starting this worker again would not help."""
LISTEN_ON_S = 1.0
"""How long a draining worker still accepts: those who send requests need a moment to see that it is not ready."""


@dataclass(frozen=True, slots=True)
class Place:
    """`listener` is an inherited descriptor; `runtime` is a folder that only this pod's user may open."""

    index: int
    workers: int
    listener: int
    runtime: Path

    @property
    def is_first(self) -> bool:
        """Worker 0 does what only one may do."""
        return self.index == 0

    @property
    def private_socket(self) -> Path:
        """Where worker 0 listens for the others."""
        return self.runtime / "worker-0.sock"

    @property
    def catalog_counter(self) -> Path:
        return self.runtime / "catalog-version"

    def as_arguments(self) -> list[str]:
        pairs = {"index": self.index, "workers": self.workers, "listener": self.listener, "runtime": self.runtime}
        return [f"--{name}={value}" for name, value in pairs.items()]


def parse(arguments: Sequence[str]) -> Place:
    """What `as_arguments` wrote."""
    parser = argparse.ArgumentParser(prog="python -m miroir.server.worker")
    for name in ("index", "workers", "listener"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--runtime", type=Path, required=True)
    found = parser.parse_args(arguments)
    return Place(found.index, found.workers, found.listener, found.runtime)


def pod_id() -> str:
    """The pod's name in logs."""
    return os.environ.get("POD_NAME") or os.uname().nodename
