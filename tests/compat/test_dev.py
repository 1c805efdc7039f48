"""`miroir dev` as a newcomer meets it: real answers, data that stays, a lost node, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.client import Engine
from tests.harness.process import Process
from tests.harness.waiting import free_port, until

READY = "Ctrl-C stops everything"


class Dev:
    """One run of the command on a data folder."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.port, self.data = free_port(), folder / "data"
        options = ["--port", str(self.port), "--data", str(self.data), *more]
        environment = {"COLUMNS": "160", "MIROIR_MASTER_KEY": "of somebody else"}
        log = folder / "console"
        self._heard = log.stat().st_size if log.exists() else 0
        self.process = Process("dev", [sys.executable, "-m", "miroir", "dev", *options], log=log, env=environment)

    def says(self, words: str, seconds: float = 120) -> str:
        """Everything said since the start, once it contains these words."""

        def heard() -> str | None:
            said = self.said()
            assert words in said or self.process.status is None, said
            return said if words in said else None

        return until(heard, what=words, seconds=seconds)

    def said(self) -> str:
        return self.process.log.read_bytes()[self._heard :].decode()

    def family(self) -> list[int]:
        """The processes below it."""
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in pids]

    def engine(self) -> Engine:
        keys = json.loads((self.data / "keys.json").read_text())
        return Engine("dev", f"http://127.0.0.1:{self.port}", keys["master_key"])

    def end(self, number: int) -> int:
        """Send a signal to the command alone, and wait until it has ended."""
        os.kill(self.process.pid, number)
        until(lambda: self.process.status is not None, what="the end of miroir dev", seconds=60)
        return int(self.process.status or 0)


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(") ")[2][0] != "Z"


def start(folder: Path, *more: str) -> Dev:
    dev = Dev(folder, *more)
    dev.says(READY)
    return dev


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dev")


@pytest.fixture(scope="module")
def first(folder: Path) -> Iterator[Dev]:
    dev = start(folder)
    yield dev
    dev.process.end()


def test_it_loads_every_movie_and_shows_three_searches(first: Dev) -> None:
    said = first.said()
    assert "Loading movies" in said
    assert first.engine().search("movies", limit=0)["estimatedTotalHits"] == 3201
    assert all(title in said for title in ("A typo", "A filter with facets", "A sort"))
    assert "The Godfather" in said


def test_the_curl_lines_repeat_the_searches_over_both_protocols(first: Dev) -> None:
    lines = [shlex.split(line) for line in first.said().splitlines() if line.startswith("curl ")]
    assert sorted("--http2-prior-knowledge" in line for line in lines) == [False, False, True]
    for line in lines:
        done = subprocess.run([*line, "-w", "\n%{http_version}"], capture_output=True, text=True, check=True)
        body, version = done.stdout.rsplit("\n", 1)
        assert json.loads(body)["hits"]
        assert version == ("2" if "--http2-prior-knowledge" in line else "1.1")


def test_a_second_run_in_the_same_folder_is_refused(first: Dev, folder: Path) -> None:
    (folder / "other").mkdir()
    other = Dev(folder / "other", "--data", str(first.data))
    other.says("Another `miroir dev` is running")
    until(lambda: other.process.status == 1, what="exit code 1")


def test_a_taken_port_is_refused_in_one_sentence(first: Dev, tmp_path: Path) -> None:
    other = Dev(tmp_path, "--port", str(first.port))
    assert other.says("taken").count("\n") == 1
    until(lambda: other.process.status == 1, what="exit code 1")


def test_no_key_can_be_seen_among_the_processes(first: Dev) -> None:
    keys = json.loads((first.data / "keys.json").read_text())
    lines = b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in [first.process.pid, *first.family()])
    assert b"node-2" in lines
    assert not any(key.encode() in lines for key in keys.values())


def test_a_node_that_dies_is_told_and_searches_go_on(first: Dev) -> None:
    node = next(pid for pid in first.family() if b"node-1" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(node, signal.SIGKILL)
    said = first.says("The others go on.")
    assert re.search(r"node-1 was ended by SIGKILL; its log is \S+node-1\.log\.", said)
    assert first.engine().search("movies", limit=0)["estimatedTotalHits"] == 3201


def test_ctrl_c_ends_it_and_leaves_no_process_behind(first: Dev) -> None:
    family = first.family()
    assert first.end(signal.SIGINT) == 0
    assert not any(alive(pid) for pid in family)


def test_the_second_start_finds_the_data_and_sigterm_ends_it(first: Dev, folder: Path) -> None:
    assert first.process.status == 0
    second = start(folder)
    assert "Found 3201 movies from before." in second.said()
    assert second.engine().search("movies", limit=0)["estimatedTotalHits"] == 3201
    family = second.family()
    assert second.end(signal.SIGTERM) == 0
    assert not any(alive(pid) for pid in family)


def test_what_a_user_has_written_outlives_a_kill(folder: Path, first: Dev) -> None:
    assert first.process.status == 0
    before = start(folder)
    engine = before.engine()
    engine.do("DELETE", "/indexes/movies/documents/1")
    engine.do("PUT", "/indexes/movies/documents", [{"id": 2, "title": "Edited"}])
    family = before.family()
    before.process.kill()
    until(lambda: not any(alive(pid) for pid in family), what="the end of all children")
    after = start(folder)
    try:
        assert "Found 3200 movies from before." in after.said()
        assert after.engine().ask("GET", "/indexes/movies/documents/1").status == 404
        assert after.engine().get("/indexes/movies/documents/2")["title"] == "Edited"
    finally:
        after.end(signal.SIGTERM)


def test_another_layout_is_refused_in_one_sentence(first: Dev, folder: Path) -> None:
    assert first.process.status == 0
    other = Dev(folder, "--nodes", "4")
    assert other.says("was made with").count("\n") == 1
    until(lambda: other.process.status == 1, what="exit code 1")


def test_check_agrees_with_one_engine_and_ends_by_itself(tmp_path: Path) -> None:
    dev = Dev(tmp_path, "--check")
    dev.says("the same answers as one engine")
    until(lambda: dev.process.status is not None, what="the end of --check", seconds=60)
    assert dev.process.status == 0


def test_miroir_that_dies_ends_the_command_with_one_sentence(tmp_path: Path) -> None:
    dev = start(tmp_path, "--nodes", "1", "--replication-factor", "1")
    family = dev.family()
    server = next(pid for pid in family if b"miroir.yaml" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(server, signal.SIGKILL)
    assert dev.says("Miroir was ended by SIGKILL")
    until(lambda: dev.process.status == 1, what="exit code 1", seconds=60)
    assert not any(alive(pid) for pid in family)
