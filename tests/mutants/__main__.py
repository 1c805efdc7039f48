"""`make mutants`: puts one fault after the other into a copy of the tree and runs the tests that should catch it.

`python -m tests.mutants WORD...` tries those whose name or file holds one of the words. Only one run at a time: runs
share a target directory. Ends with 1 when a mutant survives, and with 2 when the table is out of date, the tests fail
without any fault, or a fault does not compile.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.mutants.mutant import Mutant, StaleMutantError
from tests.mutants.tables import MUTANTS

ROOT = Path(__file__).resolve().parents[2]
_LIMIT = 180.0
"""Seconds of one run of tests; a fault that makes them hang is caught too."""
_FAILED = re.compile(r"^(?:FAILED|ERROR) \S*?([\w.]+::\w+|\S+)", re.MULTILINE)
_EXTENSION = Path("miroir", "_merge_core.abi3.so")


class BrokenError(Exception):
    """Something other than a test went wrong; the sentence says what."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one mutant; `by` is the test that caught it, or None."""

    mutant: Mutant
    by: str | None
    seconds: float


class Workshop:
    """A copy of the tree with its extension; that of a Rust fault is built in a target directory kept between runs."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._target = Path(os.environ["CARGO_TARGET_DIR"], "mutants")
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, root / name)
        shutil.copyfile(ROOT / _EXTENSION, root / _EXTENSION)

    def build(self) -> None:
        """Build the extension out of what the copy holds now. Raises BrokenError."""
        command = ["cargo", "build", "--locked", "--quiet", "-p", "merge_core", "--features", "merge_core/python"]
        environment = {**os.environ, "CARGO_TARGET_DIR": str(self._target), "RUSTFLAGS": "-Awarnings"}
        done = subprocess.run(
            command, cwd=self._root / "rust", env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BrokenError(f"it does not compile:\n{done.stderr[-2000:]}")
        shutil.copyfile(self._target / "debug" / "libmerge_core.so", self._root / _EXTENSION)

    def test(self, tests: Sequence[str]) -> str | None:
        """The first test that fails, or None. Raises BrokenError when pytest could not run them."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        command += ["--hypothesis-profile=mutants", "--hypothesis-seed=0", *tests]
        try:
            done = subprocess.run(command, cwd=self._root, capture_output=True, text=True, check=False, timeout=_LIMIT)
        except subprocess.TimeoutExpired:
            return f"not done after {_LIMIT:.0f} s"
        if done.returncode not in (0, 1):
            raise BrokenError(f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}")
        found = _FAILED.search(done.stdout)
        return None if done.returncode == 0 else found[1] if found else "a test"

    def tried(self, mutant: Mutant) -> Found:
        """Try one mutant; afterwards the copy is as it was. Raises BrokenError, StaleMutantError."""
        start = time.monotonic()
        good = (self._root / _EXTENSION).read_bytes()
        original = mutant.put_into(self._root)
        try:
            if mutant.is_rust:
                self.build()
            return Found(mutant, self.test(mutant.tests), time.monotonic() - start)
        except BrokenError as error:
            raise BrokenError(f"{mutant.name}: {error}") from None
        finally:
            (self._root / mutant.file).write_text(original, encoding="utf-8")
            (self._root / _EXTENSION).write_bytes(good)


def check_table(mutants: Sequence[Mutant]) -> None:
    """Raises StaleMutantError."""
    for mutant in mutants:
        mutant.of((ROOT / mutant.file).read_text(encoding="utf-8"))


def run(mutants: Sequence[Mutant], console: Console) -> list[Found]:
    """Try them all. Raises BrokenError, StaleMutantError."""
    check_table(mutants)
    with tempfile.TemporaryDirectory(prefix="miroir-mutants-") as place:
        workshop = Workshop(Path(place))
        tests = list(dict.fromkeys(test for mutant in mutants for test in mutant.tests))
        if failed := workshop.test(tests):
            raise BrokenError(f"without any fault a test fails: {failed}")
        found = []
        for mutant in mutants:
            found.append(workshop.tried(mutant))
            console.print(f"{(found[-1].by and 'caught') or 'SURVIVED'}: {mutant.name}", highlight=False)
        return found


def table(found: Sequence[Found]) -> Table:
    shown = Table("mutant", "file", "caught by", "seconds")
    for each in found:
        shown.add_row(each.mutant.name, each.mutant.file, each.by or "SURVIVED", f"{each.seconds:.1f}")
    return shown


def main(words: Sequence[str]) -> int:
    console = Console()
    chosen = [one for one in MUTANTS if not words or any(word in one.name or word in one.file for word in words)]
    try:
        found = run(chosen, console)
    except (BrokenError, StaleMutantError) as error:
        console.print(str(error), highlight=False, markup=False)
        return 2
    console.print(table(found))
    survived = sum(each.by is None for each in found)
    console.print(f"{len(found) - survived} caught, {survived} survived")
    return 1 if survived or not found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
