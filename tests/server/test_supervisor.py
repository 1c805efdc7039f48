"""The supervisor and its workers, as real processes: starts, deaths, drains, orphans."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from miroir.config.models import ServerConfig
from miroir.server import supervisor
from tests.harness.process import Process
from tests.harness.waiting import free_port, until


class Pod:
    """A running supervisor with tiny workers."""

    def __init__(self, folder: Path, *, workers: int = 1, drain: int = 20, gate: str = "gate", port: int = 0) -> None:
        self.port = port or free_port()
        self.gate = folder / gate
        arguments = [str(self.port), str(workers), str(drain)]
        command = [sys.executable, "-m", "tests.server.tiny_supervisor", *arguments]
        environment = {"TINY_GATE": str(self.gate), "TMPDIR": str(folder)}
        self.process = Process("pod", command, log=folder / f"pod-{self.port}.log", env=environment)
        self.runtime = folder

    def get(self, path: str = "/who") -> str:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=30, trust_env=False).text

    def tries(self, path: str = "/who") -> str | None:
        try:
            return self.get(path)
        except httpx.HTTPError:
            return None

    def pids(self, count: int) -> dict[int, int]:
        """Worker index -> pid, once `count` workers have answered."""
        found: dict[int, int] = {}

        def ask() -> bool:
            answer = self.tries()
            if answer:
                pid, index = answer.split()
                found[int(index)] = int(pid)
            return len(found) == count

        until(ask, what=f"{count} workers to answer")
        return found

    def ends(self) -> int:
        """Wait for the end; the exit code."""
        until(lambda: self.process.status is not None, what="the supervisor to end")
        status = self.process.status
        assert status is not None
        return status


Start = Callable[..., Pod]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    pods: list[Pod] = []

    def begin(**how: object) -> Pod:
        pods.append(Pod(tmp_path, **how))  # type: ignore[arg-type]  # the tests' own arguments
        return pods[-1]

    yield begin
    for pod in pods:
        pod.process.end(grace=5)


class Asking(threading.Thread):
    """One request on its way; `answer` when it has come."""

    def __init__(self, pod: Pod, path: str) -> None:
        super().__init__(daemon=True)
        self._pod, self._path = pod, path
        self.answer: str | None = None
        self.start()

    def run(self) -> None:
        self.answer = self._pod.tries(self._path)


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


def test_a_killed_worker_is_started_again_and_the_others_go_on(start: Start) -> None:
    pod = start(workers=2)
    before = pod.pids(2)
    os.kill(before[1], signal.SIGKILL)

    def replaced() -> bool:
        after = pod.pids(2)
        return after[0] == before[0] and after[1] != before[1]

    until(replaced, what="a new worker 1 beside the old worker 0")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_end_waits_for_an_open_request_and_leaves_nothing_behind(start: Start, number: int) -> None:
    pod = start(workers=2)
    workers = pod.pids(2)
    asking = Asking(pod, "/held")
    until(pod.gate.with_suffix(".entered").exists, what="the request to be open")
    os.kill(pod.process.pid, number)
    until(lambda: pod.tries() is None, what="new connections to be refused")
    pod.gate.touch()
    assert pod.ends() == 0
    asking.join(10)
    assert asking.answer == "held"
    assert all(_gone(pid) for pid in workers.values())
    assert not list(pod.runtime.glob("miroir-*"))
    assert "Traceback" not in pod.process.news()


def test_a_draining_pod_says_so_while_it_still_accepts(start: Start) -> None:
    pod = start()
    until(lambda: pod.tries("/ready") == "ready", what="the worker")
    os.kill(pod.process.pid, signal.SIGTERM)
    until(lambda: pod.tries("/ready") == "draining", what="a worker that accepts and says that it drains")
    assert pod.ends() == 0


def test_a_stalled_reader_does_not_delay_the_end_beyond_the_drain_limit(start: Start) -> None:
    pod = start(drain=1)
    pod.pids(1)
    with socket.create_connection(("127.0.0.1", pod.port)) as stalled:
        stalled.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        assert stalled.recv(1000)
        os.kill(pod.process.pid, signal.SIGTERM)
        assert pod.ends() == 0
    assert "Traceback" not in pod.process.news()


def test_a_second_signal_ends_without_waiting(start: Start) -> None:
    pod = start(drain=600)
    pod.pids(1)
    asking = Asking(pod, "/held")
    until(pod.gate.with_suffix(".entered").exists, what="the request to be open")
    os.kill(pod.process.pid, signal.SIGINT)
    until(lambda: pod.tries() is None, what="the drain")
    os.kill(pod.process.pid, signal.SIGINT)
    assert pod.ends() == 0
    asking.join(10)
    assert asking.answer is None


def test_workers_end_when_their_supervisor_is_killed(start: Start) -> None:
    pod = start(workers=2)
    workers = pod.pids(2)
    os.kill(pod.process.pid, signal.SIGKILL)
    until(lambda: all(_gone(pid) for pid in workers.values()), what="the orphans to end")
    assert not list(pod.runtime.glob("miroir-*"))


def test_a_port_that_is_taken_is_one_sentence(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        pod = start(port=port)
        assert pod.ends() == 1
    assert pod.process.news() == f"Port {port} on 127.0.0.1 is taken by another program.\n"


def test_a_worker_that_cannot_start_ends_the_pod_with_its_sentence(start: Start) -> None:
    pod = start(workers=2, gate="refuse")
    assert pod.ends() == 1
    assert "task_store.path: cannot be used." in pod.process.news()


def test_requests_are_handed_over_to_worker_0_whoever_accepts_them(start: Start) -> None:
    pod = start(workers=2)
    pod.pids(2)
    assert {pod.get("/first/who").split()[1] for _ in range(20)} == {"0"}


def test_a_large_body_is_handed_over_whole_with_and_without_a_length(start: Start) -> None:
    pod = start(workers=2)
    pod.pids(2)
    size, url = 8 * 1024 * 1024, f"http://127.0.0.1:{pod.port}/first/length"
    for _ in range(6):
        assert httpx.post(url, content=bytes(size), trust_env=False).text == str(size)
        assert httpx.post(url, content=iter([bytes(size), b"x"]), trust_env=False).text == str(size + 1)


def test_a_hangup_is_told_and_ends_nothing(start: Start) -> None:
    pod = start(workers=2)
    before = pod.pids(2)
    os.kill(pod.process.pid, signal.SIGHUP)
    told: list[str] = []

    def ignored() -> bool:
        told.append(pod.process.news())
        return "SIGHUP: ignored" in "".join(told)

    until(ignored, what="the supervisor to say that it heard")
    assert pod.get("/ready") == "ready"
    assert pod.pids(2) == before
    assert "draining" not in "".join(told)


def test_the_kernel_looks_whether_silent_clients_are_still_there() -> None:
    listener = supervisor._bind(ServerConfig(bind="127.0.0.1", port=free_port()))
    with listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) <= 120
