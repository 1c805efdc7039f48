"""The long run, `make fuzz MINUTES=10`: libFuzzer on every Rust target in turn, then the properties of Python.

What libFuzzer finds on its way is kept in cargo's target directory, so that the next run goes on from there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGETS = ("merge", "merge_made", "split")
_LIMITS = ("-max_len=16384", "-rss_limit_mb=1024", "-timeout=10", "-print_final_stats=1")


def fuzz(target: str, seconds: float) -> bool:
    """Whether libFuzzer found nothing. An input that fails is in `fuzz/artifacts`."""
    found = Path(os.environ["CARGO_TARGET_DIR"], "fuzz-corpus", target)
    found.mkdir(parents=True, exist_ok=True)
    command = ["cargo", "fuzz", "run", "--fuzz-dir", ".", "--sanitizer", "none", "--features", "libfuzzer", target]
    command += [str(found), f"corpus/{target}", "--", f"-max_total_time={max(1, int(seconds))}", *_LIMITS]
    return subprocess.run(command, cwd=HERE, env={**os.environ, "RUSTC_BOOTSTRAP": "1"}, check=False).returncode == 0


def properties(seconds: float) -> bool:
    """Whether no property of Python was broken, tried again and again with other seeds."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--hypothesis-seed=random",
        "fuzz",
        "--ignore=fuzz/test_targets.py",
    ]
    environment = {**os.environ, "MIROIR_FUZZ_EXAMPLES": "1000"}
    end = time.monotonic() + seconds
    while True:
        if subprocess.run(command, cwd=HERE.parent, env=environment, check=False).returncode:
            return False
        if time.monotonic() >= end:
            return True


def main(minutes: float) -> int:
    share = minutes * 60 / (len(TARGETS) + 1)
    good = {target: fuzz(target, share) for target in TARGETS} | {"properties": properties(share)}
    for name, held in good.items():
        sys.stdout.write(f"{name}: {'held' if held else 'FAILED'}\n")
    return 0 if all(good.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main(float(sys.argv[1])))
