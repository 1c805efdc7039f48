"""Children are watched, told apart when they die, and never left behind."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from miroir.cli.dev.children import family, node_binary, require_port, wait_for_death
from miroir.cli.dev.error import DevError

FOREVER = ("sleep", "1000")


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Stopping a family turns signals off for good; put them back for the next test."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def started_in_a_block_that_fails(folder: Path) -> list[subprocess.Popen[bytes]]:
    started = []
    with contextlib.suppress(ZeroDivisionError), family() as members:
        started = [members.start(name, FOREVER, folder / name).process for name in ("a", "b")]
        raise ZeroDivisionError
    return started


def test_an_exception_in_the_block_ends_all_children(tmp_path: Path) -> None:
    ends = [process.returncode for process in started_in_a_block_that_fails(tmp_path)]
    assert ends == [-signal.SIGTERM, -signal.SIGTERM]


def test_a_child_that_ends_is_named_with_its_end_and_its_log(tmp_path: Path) -> None:
    with family() as members:
        staying = members.start("node-0", FOREVER, tmp_path / "0.log")
        members.start("node-1", (sys.executable, "-c", "print('why'); exit(3)"), tmp_path / "1.log")
        dead = wait_for_death(members.children)
        assert dead.obituary() == f"node-1 ended with code 3; its log is {tmp_path / '1.log'}."
        assert staying.obituary() is None
    assert (tmp_path / "1.log").read_text() == "why\n"


def test_a_child_that_was_killed_is_told_by_its_signal(tmp_path: Path) -> None:
    with family() as members:
        child = members.start("node-0", FOREVER, tmp_path / "log")
        child.process.kill()
        assert "was ended by SIGKILL" in str(wait_for_death([child]).obituary())


def test_a_child_does_not_get_variables_that_would_configure_miroir(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIROIR_MASTER_KEY", "another")
    with family() as members:
        child = members.start("env", ("env",), tmp_path / "log")
        wait_for_death([child])
    assert "MIROIR_" not in (tmp_path / "log").read_text()


def test_a_child_gets_its_secrets_and_no_variable_that_would_configure_a_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEILI_DB_PATH", "elsewhere")
    with family() as members:
        wait_for_death([members.start("env", ("env",), tmp_path / "log", {"MEILI_MASTER_KEY": "secret"})])
    assert [line for line in (tmp_path / "log").read_text().splitlines() if line.startswith("MEILI_")] == [
        "MEILI_MASTER_KEY=secret"
    ]


def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from miroir.cli.dev.children import Family\n"
        "family = Family(); child = family.start('a', ('sleep', '1000'), pathlib.Path(sys.argv[1]))\n"
        "print(child.process.pid, flush=True); input()"
    )
    parent = subprocess.Popen(
        (sys.executable, "-c", code, str(tmp_path / "log")), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    grandchild = int(parent.stdout.readline())
    watch = os.pidfd_open(grandchild)
    parent.kill()
    parent.wait()
    readable, _, _ = select.select([watch], [], [], 10)
    assert readable == [watch]


def test_a_taken_port_is_refused_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(DevError, match=rf"^Port {port} .*taken"):
            require_port(port)


def test_a_named_binary_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MIROIR_NODE_BINARY", str(tmp_path / "none"))
    with pytest.raises(DevError, match="MIROIR_NODE_BINARY"):
        node_binary()


def test_a_missing_binary_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MIROIR_NODE_BINARY", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(DevError, match="make build"):
        node_binary()
