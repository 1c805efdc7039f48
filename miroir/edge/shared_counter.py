"""One number that all worker processes of a pod see at once: the version of the catalog. No lock, no system call."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Protocol

_SIZE = 8


class Counter(Protocol):
    """`bump` is called by one process only; `read` by all, before each search."""

    def bump(self) -> int: ...

    def read(self) -> int: ...


class LocalCounter:
    """The counter of a pod with one worker."""

    def __init__(self) -> None:
        self._value = 0

    def bump(self) -> int:
        self._value += 1
        return self._value

    def read(self) -> int:
        return self._value


class SharedCounter:
    """A counter in a mapped file. An aligned word is written at once, so that a reader never sees half of one."""

    def __init__(self, path: str | Path) -> None:
        """Map the file of `create`; raises `OSError` when it is not there."""
        with Path(path).open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _SIZE)
        self._word = memoryview(self._map).cast("Q")

    @staticmethod
    def create(path: str | Path) -> None:
        """Make the file, at zero."""
        Path(path).write_bytes(bytes(_SIZE))

    def bump(self) -> int:
        self._word[0] += 1
        return self._word[0]

    def read(self) -> int:
        return self._word[0]

    def close(self) -> None:
        self._word.release()
        self._map.close()
