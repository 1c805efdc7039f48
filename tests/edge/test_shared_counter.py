"""The counter that tells workers of a change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from miroir.edge.shared_counter import LocalCounter, SharedCounter

_BUMP = "import sys; from miroir.edge.shared_counter import SharedCounter as C; c = C(sys.argv[1]); c.bump(); c.bump()"


def test_another_process_sees_each_bump(tmp_path: Path) -> None:
    path = tmp_path / "catalog"
    SharedCounter.create(path)
    counter = SharedCounter(path)
    assert counter.read() == 0
    subprocess.run([sys.executable, "-c", _BUMP, str(path)], check=True)
    assert counter.read() == 2
    counter.close()


def test_a_counter_that_was_never_made_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SharedCounter(tmp_path / "none")


def test_the_counter_of_one_worker_counts() -> None:
    counter = LocalCounter()
    assert (counter.bump(), counter.bump(), counter.read()) == (1, 2, 2)
