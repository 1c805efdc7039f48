"""The runner of `make test` counts what the tools say, and never calls a failure good."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from tests.run import KINDS, ROOT, TOGETHER, Kind, counts, judge, run


def kind(code: str = "", limit: float = 60.0) -> Kind:
    return Kind("some", (sys.executable, "-c", code), limit)


@pytest.mark.parametrize(
    ("line", "passed", "failed", "skipped"),
    [
        ("==== 12 passed in 0.50s ====", 12, 0, 0),
        ("= 1 failed, 2 passed, 3 skipped, 4 xfailed, 1 error in 61.00s (0:01:01) =", 6, 2, 3),
        ("\x1b[32m=== \x1b[1m5 passed\x1b[0m, 1 xpassed in 1.00s ===\x1b[0m", 5, 1, 0),
        ("test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.1s", 3, 1, 2),
        ("==== FAILURES ====", 0, 0, 0),
        ("12 passed the exam", 0, 0, 0),
    ],
)
def test_closing_lines_are_counted(line: str, passed: int, failed: int, skipped: int) -> None:
    assert counts([line + "\n"]) == {"passed": passed, "failed": failed, "skipped": skipped}


def test_a_bad_exit_code_without_a_failed_test_is_trouble() -> None:
    assert judge(kind(), ["== 3 passed in 1s =="], 1.0, 3, late=False).trouble == "exit code 3"


def test_a_kind_that_runs_no_test_is_trouble() -> None:
    assert judge(kind(), ["test result: ok. 0 passed; 0 failed; 0 ignored"], 1.0, 0, late=False).trouble


def test_a_kind_that_does_not_end_is_ended_with_what_it_started(tmp_path: Path) -> None:
    code = "import subprocess, time; p = subprocess.Popen(['sleep', '1000']); "
    code += f"open({str(tmp_path / 'pid')!r}, 'w').write(str(p.pid)); time.sleep(1000)"
    result = run(kind(code, limit=2.0), Console(quiet=True))
    assert result.trouble == "not done after 2 s"
    state = Path("/proc", (tmp_path / "pid").read_text(), "stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


def test_what_a_good_kind_prints_is_shown_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    result = run(kind("print('=== 2 passed in 0.10s ===')"), Console(quiet=True))
    assert result.good
    assert result.passed == 2
    assert "2 passed" in capsys.readouterr().out


def test_all_kinds_together_are_given_up_in_time() -> None:
    assert sum(kind.limit for kind in KINDS) <= TOGETHER


def test_a_relative_target_folder_of_cargo_is_one_place_for_every_command() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS")}
    environment["CARGO_TARGET_DIR"] = "somewhere/else"
    command = ["make", "--dry-run", "--always-make", "node"]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=30)
    assert f"cmp -s {ROOT}/somewhere/else/debug/miroir-node" in told.stdout
    show = ["make", "--no-print-directory", "--eval", "shown: ; @echo $$CARGO_TARGET_DIR", "shown"]
    exported = subprocess.run(show, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=30)
    assert exported.stdout.strip() == f"{ROOT}/somewhere/else"
