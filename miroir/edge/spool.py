"""Payloads that wait while they are checked: in memory while they are small, then in one file per payload.

The file has no name, so nothing is left behind whatever happens to the process. All payloads of a process share one
budget.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import structlog

from miroir.core.wire.errors import MiroirError

_log = structlog.get_logger(__name__)
IN_MEMORY = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Segment:
    """Documents of one shard, next to each other. `ends` are their ends as little-endian u32, counted from `start`."""

    start: int
    length: int
    ends: bytes


@dataclass(slots=True)
class SpoolBudget:
    """How many bytes all open spools may hold together."""

    limit: int
    taken: int = 0

    def take(self, size: int) -> None:
        """Raises MiroirError `payload_too_large` when there is no room."""
        if self.taken + size > self.limit:
            raise MiroirError(
                "payload_too_large", "There is no room to keep the payload while it is checked. Send less, or later."
            )
        self.taken += size

    def give(self, size: int) -> None:
        self.taken -= size


@dataclass(slots=True)
class Spool:
    """One payload's documents by shard. Blocking: for worker threads. `close` may be called twice."""

    budget: SpoolBudget
    directory: str
    shards: dict[int, list[Segment]] = field(default_factory=dict)
    size: int = 0
    _memory: bytearray = field(default_factory=bytearray)
    _file: IO[bytes] | None = None
    _closed: bool = False

    def add(self, shard: int, data: bytes, ends: bytes) -> None:
        """Keep documents of a shard, after those it already has. Raises MiroirError when there is no room."""
        self.budget.take(len(data))
        self.shards.setdefault(shard, []).append(Segment(self.size, len(data), ends))
        self.size += len(data)
        try:
            self._write(data)
        except OSError as error:
            _log.error("A payload cannot be kept.", spool_dir=self.directory, error=error.strerror)
            raise MiroirError("no_space_left_on_device", f"The payload cannot be kept: {error.strerror}.") from error

    def read(self, segments: Iterable[Segment]) -> list[bytes]:
        """The bytes of these segments."""
        return [self._read(segment) for segment in segments]

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self.budget.give(self.size)
        self._memory.clear()
        if self._file is not None:
            self._file.close()

    def _write(self, data: bytes) -> None:
        if self._file is None and len(self._memory) + len(data) <= IN_MEMORY:
            self._memory += data
            return
        if self._file is None:
            Path(self.directory).mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = tempfile.TemporaryFile(dir=self.directory, buffering=0)  # noqa: SIM115 - lives as long as we
            self._write_all(bytes(self._memory))
            self._memory = bytearray()
        self._write_all(data)

    def _write_all(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            assert self._file is not None  # noqa: S101 - for the type checker
            view = view[self._file.write(view) :]

    def _read(self, segment: Segment) -> bytes:
        if self._file is None:
            return bytes(self._memory[segment.start : segment.start + segment.length])
        return os.pread(self._file.fileno(), segment.length, segment.start)
