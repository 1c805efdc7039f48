"""What must not stand in any file: unfinished work, and places that exist on one machine only."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.house.sources import ROOT, name

UNFINISHED = re.compile(r"\b(TODO|FIXME)\b|\bfor now\b", re.IGNORECASE)
PLACES = re.compile(r"/(root|home|work)/[\w.]")
SELF = "tests/house/test_words.py"
PROSE_AND_CODE = (
    ".py",
    ".pyi",
    ".rs",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".c",
    ".sh",
    "Makefile",
    ".ci/run",
    ".ci/tools",
)


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [file for file in listed.stdout.splitlines() if file.endswith(PROSE_AND_CODE) and file != SELF]


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for file in filter(Path.exists, (ROOT / file for file in tracked())):
        lines = enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        found += [f"{name(file)}:{number}: {line}" for number, line in lines if pattern.search(line)]
    return found


def test_nothing_is_left_unfinished() -> None:
    assert lines_with(UNFINISHED) == []


def test_no_file_names_a_place_on_one_machine() -> None:
    assert lines_with(PLACES) == []
