"""One deliberate fault, and how it is put into a tree of files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class StaleMutantError(Exception):
    """The table is out of date: the text is not in the file exactly once."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """`name` says what is wrong with the product when `text` in `file` (paths from the root) becomes `instead`.

    `tests` are arguments of pytest: those that should catch it.
    """

    name: str
    file: str
    text: str
    instead: str
    tests: tuple[str, ...]

    @property
    def is_rust(self) -> bool:
        return self.file.endswith(".rs")

    def of(self, original: str) -> str:
        """The file's text with the fault. Raises StaleMutantError."""
        if original.count(self.text) != 1:
            raise StaleMutantError(f"{self.name}: not exactly once in {self.file}: {self.text!r}")
        return original.replace(self.text, self.instead)

    def put_into(self, root: Path) -> str:
        """Write the file with the fault; return what it held before. Raises StaleMutantError."""
        place = root / self.file
        original = place.read_text(encoding="utf-8") if place.exists() else ""
        place.write_text(self.of(original), encoding="utf-8")
        return original
