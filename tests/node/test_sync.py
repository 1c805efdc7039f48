"""Durability that a SIGKILL cannot show: what was accepted has been synced to the disk before the 202."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.harness.client import Engine, Json
from tests.harness.node import is_stock, start

CALLS = "trace=openat,fsync,fdatasync,msync,write,writev,sendto,sendmsg,rename,renameat,renameat2"
ACCEPTED = re.compile(r"HTTP/1\.1 202")
SYNC = re.compile(r"\b(fsync|fdatasync|msync)\(([^)]*)")


def trace(folder: Path, marker: str, question: Json) -> list[str]:
    """Runs a node under strace, sends one payload with a marker; the system calls between its start and the 202."""
    log = folder / "calls"
    prefix = ("strace", "-f", "-y", "-s", "200", "-e", CALLS, "-o", str(log))
    node = start("traced", folder, prefix=prefix)
    try:
        node.engine.create("i")
        quiet(node.engine)
        begin = log.read_text(errors="replace").count("\n")
        answer = node.engine.ask("POST", "/indexes/i/documents", question)
        assert answer.status == 202
        node.engine.finished(answer)
    finally:
        node.close()
    lines = log.read_text(errors="replace").splitlines()[begin:]
    end = next(n for n, line in enumerate(lines) if ACCEPTED.search(line))
    return lines[:end]


def quiet(engine: Engine) -> None:
    """All earlier tasks have ended, so that what is synced next belongs to the next request."""
    assert engine.get("/tasks?statuses=enqueued,processing")["total"] == 0


@pytest.mark.skipif(is_stock(), reason="stock renames the payload without syncing it (checked live)")
def test_payload_directory_and_task_are_synced_before_the_202(tmp_path: Path) -> None:
    assert shutil.which("strace"), "strace is needed: apt-get install strace"
    lines = trace(tmp_path, "marker-of-this-payload", [{"id": 1, "text": "marker-of-this-payload"}])
    synced = [found.group(2) for line in lines if (found := SYNC.search(line))]
    assert synced, "nothing was synced before the 202"
    files = [re.search(r"<(.*)>", each) for each in synced]
    paths = [Path(found.group(1)) for found in files if found]
    holders = written(lines, "marker-of-this-payload")
    assert {path.name for path in holders} & {path.name for path in paths}, (holders, paths)
    assert any(path.is_dir() for path in paths), f"the payload's directory was not synced: {paths}"
    assert len(synced) >= 3, f"payload, directory and task database: {synced}"


def written(lines: list[str], marker: str) -> set[Path]:
    """The files that the marker was written to: as it came, and in the form in which it is kept."""
    writes = (re.search(r"write[v]?\(\d+<(/[^>]*)>", line) for line in lines if marker in line)
    return {Path(found.group(1)) for found in writes if found}
