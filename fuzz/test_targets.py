"""Seconds of the Rust targets: the same checks that libFuzzer runs for long, on mutations of the corpus."""

from __future__ import annotations

import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent


def test_the_rust_targets_hold_for_seconds() -> None:
    command = ["cargo", "test", "--locked", "--quiet", "--test", "short"]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
