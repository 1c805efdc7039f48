"""Runs every kind of test, one after the other, and says how long each took.

`make test` runs all, `python -m tests.run KIND...` some. The last line is the sum, `N passed, M failed, K skipped`. It
ends with 1 when a test failed, when a kind ran no test at all, or when a kind did not end within its limit.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
TOGETHER = (
    45 * 60.0
)  # seconds: limits are for busy machines; with the build before it, a run from nothing stays below 90 minutes
APART = ("node", "engine", "compat", "house", "bench")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of test: a command, where it runs, and after how many seconds it is given up."""

    name: str
    command: tuple[str, ...]
    limit: float
    folder: Path = ROOT


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one kind. `trouble` is a sentence when it failed in another way than by a test."""

    kind: str
    passed: int
    failed: int
    skipped: int
    seconds: float
    trouble: str = ""

    @property
    def good(self) -> bool:
        return not self.failed and not self.trouble


def pytest(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", *arguments)


KINDS = (
    Kind("unit", pytest("tests", *(f"--ignore=tests/{name}" for name in APART)), 480),
    Kind("node", pytest("tests/node"), 300),
    Kind("engine", pytest("tests/engine"), 960),
    Kind("compat", pytest("tests/compat"), 180),
    Kind("house", pytest("tests/house"), 60),
    Kind("fuzz", pytest("fuzz"), 120),
    Kind("rust", ("cargo", "test", "--locked", "--workspace"), 300, ROOT / "rust"),
)

_PYTEST_SUMMARY = re.compile(r"^=+ (?=.*\bin [\d.]+s)(.*) =+$")
_CARGO_SUMMARY = re.compile(r"^test result: \w+\. (.*)$")
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|ignored|xfailed|xpassed)")
_MEANS = {"passed": "passed", "xfailed": "passed", "skipped": "skipped", "ignored": "skipped"}
_COLOUR = re.compile(r"\x1b\[[\d;]*m")


def counts(lines: list[str]) -> dict[str, int]:
    """The sums of what pytest and cargo say in their closing lines. Errors and unexpected passes are failures."""
    found = {"passed": 0, "failed": 0, "skipped": 0}
    for line in lines:
        plain = _COLOUR.sub("", line.strip())
        if summary := _PYTEST_SUMMARY.match(plain) or _CARGO_SUMMARY.match(plain):
            for number, word in _COUNT.findall(summary[1]):
                found[_MEANS.get(word, "failed")] += int(number)
    return found


def run(kind: Kind, console: Console) -> Result:
    """Show what the kind prints as it comes, and count. Everything it started is gone when this returns."""
    console.rule(kind.name)
    began = time.monotonic()
    lines: list[str] = []
    process = subprocess.Popen(
        kind.command, cwd=kind.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", start_new_session=True,
    )  # fmt: skip
    late = threading.Event()

    def give_up() -> None:
        late.set()
        _kill(process)

    limit = threading.Timer(kind.limit, give_up)
    limit.start()
    try:
        for line in process.stdout or ():
            lines.append(line)
            sys.stdout.write(line)
            sys.stdout.flush()
        process.wait()
    finally:
        limit.cancel()
        _kill(process)
        process.wait()
    return judge(kind, lines, time.monotonic() - began, process.returncode, late=late.is_set())


def judge(kind: Kind, lines: list[str], seconds: float, code: int, *, late: bool) -> Result:
    """A kind is good only when it says so by its exit code and has run at least one test."""
    found = counts(lines)
    trouble = ""
    if late:
        trouble = f"not done after {kind.limit:.0f} s"
    elif code and not found["failed"]:
        trouble = f"exit code {code}"
    elif not found["passed"] and not found["failed"]:
        trouble = "no test was run"
    return Result(kind.name, **found, seconds=seconds, trouble=trouble)


def _kill(process: subprocess.Popen[str]) -> None:
    """End whatever is left of the session that the process leads."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def table(results: list[Result]) -> Table:
    shown = Table("kind", "passed", "failed", "skipped", "seconds", "")
    for result in results:
        numbers = (result.passed, result.failed, result.skipped)
        word = result.trouble or ("ok" if result.good else "failed")
        shown.add_row(result.kind, *map(str, numbers), f"{result.seconds:.1f}", word)
    return shown


def main(wanted: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs is ended by its `finally`
    console = Console(highlight=False)
    if unknown := set(wanted) - {kind.name for kind in KINDS}:
        console.print(f"No such kind: {', '.join(sorted(unknown))}. There are: {', '.join(k.name for k in KINDS)}.")
        return 2
    if shutil.which("cargo") is None:
        console.print("cargo is not on the path; the kind `rust` will fail.")
    results = [run(kind, console) for kind in KINDS if not wanted or kind.name in wanted]
    console.print(table(results))
    failed = sum(result.failed + bool(result.trouble) for result in results)
    passed, skipped = sum(result.passed for result in results), sum(result.skipped for result in results)
    sys.stdout.write(f"{passed} passed, {failed} failed, {skipped} skipped\n")
    return 0 if all(result.good for result in results) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
