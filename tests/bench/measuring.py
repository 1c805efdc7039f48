"""Load on a server, and what the server's processes cost meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.bench.cores import OTHERS, SERVER, keep
from tests.bench.tools import Tools

CONNECTIONS = 16
_TICK = 1_000_000 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Speed:
    """Answers a second, and CPU of the server for each in microseconds."""

    rate: float
    cpu_us: float
    body_bytes: int


def request(host_port: str, path: str, key: str, body: bytes) -> bytes:
    """One POST as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: {host_port}\r\nAuthorization: Bearer {key}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def measure(tools: Tools, port: int, request_file: Path, pid: int, seconds: float) -> Speed:
    """Closed-loop load for so many seconds on the server whose first process is `pid`."""
    keep(pid, SERVER)
    before = cpu_us(pid)
    command = [str(tools.load), str(port), str(request_file), str(CONNECTIONS), str(seconds)]
    told = json.loads(_elsewhere(command))
    spent = cpu_us(pid) - before
    if told["failed"] or not told["requests"]:
        raise RuntimeError(f"port {port} failed {told['failed']} of {told['requests']} requests")
    return Speed(told["requests"] / told["seconds"], spent / told["requests"], told["body_bytes"])


def _elsewhere(command: list[str]) -> str:
    """What a command prints that does not run on the server's core."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        keep(process.pid, OTHERS)
        told, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return told


def cpu_us(pid: int) -> float:
    """User and system time of a process and all below it, so far, in microseconds."""
    own = _stat(pid)
    below = [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in _words(task / "children")]
    return (int(own[11]) + int(own[12])) * _TICK + sum(map(cpu_us, below))


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on: the second may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


def _words(file: Path) -> list[str]:
    return file.read_text().split()
