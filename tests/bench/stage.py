"""What is measured: Miroir over three stub nodes, and a bare app with an answer of the same size.

Miroir is set up over real nodes, since only these can create an index; then stub nodes take their ports. So the whole
read path is measured as it is served, and the nodes' own work is not.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.bench.measuring import request
from tests.bench.tools import RECORDED, Tools, stub_node
from tests.harness import cluster
from tests.harness.cluster import CLIENT_KEY, Cluster
from tests.harness.process import Process
from tests.harness.waiting import free_port, until

INDEX = "movies"
SEARCH = {"q": "the man 00000000"}
"""The load generator counts in the zeros: no plan is ever made twice for the same body."""


@dataclass(frozen=True, slots=True)
class Server:
    """Something to put load on."""

    name: str
    port: int
    pid: int
    request: Path


@contextmanager
def miroir(tools: Tools, folder: Path) -> Iterator[tuple[Server, bytes]]:
    """Miroir with one worker over stub nodes, and the body that it answers."""
    made = cluster.start("bench", folder, copies=1, shards=12)
    with ExitStack() as stack:
        stack.callback(made.close)
        made.engine.create(INDEX)
        made.engine.add(INDEX, [{"id": number, "title": "a film"} for number in range(100)])
        for node, body in zip(made.nodes, RECORDED, strict=True):
            node.kill()
            stack.callback(stub_node(tools, f"stub-{node.name}", node.port, body, folder).end)
        until(lambda: _whole(made), what="an answer of all three stubs", seconds=30)
        port = httpx.URL(made.engine.url).port or 0
        asked = _request(folder / "search", port)
        yield Server("Miroir", port, made.process.pid, asked), _search(made)


def _whole(made: Cluster) -> bool:
    """Whether a search is answered by all stubs: what they recorded, added up."""
    answer = made.engine.ask("POST", f"/indexes/{INDEX}/search", SEARCH)
    expected = sum(json.loads(file.read_bytes())["estimatedTotalHits"] for file in RECORDED)
    return answer.status == 200 and answer.body["estimatedTotalHits"] == expected


def _search(made: Cluster) -> bytes:
    return made.engine.ask("POST", f"/indexes/{INDEX}/search", SEARCH).raw


@contextmanager
def bare(body: bytes, folder: Path) -> Iterator[Server]:
    """The bare app on stock Hypercorn, one worker on Trio, with its defaults."""
    port, file = free_port(), folder / "answer"
    file.write_bytes(body)
    line = [sys.executable, "-m", "hypercorn", "-k", "trio", "-w", "0", "-b", f"127.0.0.1:{port}"]
    process = Process(
        "bare", [*line, "tests.bench.bare_app:app"], log=folder / "bare.log", env={"BENCH_BODY": str(file)}
    )
    try:
        until(lambda: _answers(port), what="the bare app", seconds=20)
        yield Server("bare app", port, process.pid, _request(folder / "bare-search", port))
    finally:
        process.end()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _request(file: Path, port: int) -> Path:
    """The same request for both: what a client sends for this search."""
    path = f"/indexes/{INDEX}/search"
    file.write_bytes(request(f"127.0.0.1:{port}", path, CLIENT_KEY, json.dumps(SEARCH).encode()))
    return file
