"""What a worker is told about its place among the processes of the pod."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


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
