"""Starting one node: the embedded one, or stock Meilisearch when `MIROIR_TEST_MEILISEARCH` names its binary."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.harness.client import Engine
from tests.harness.process import Process
from tests.harness.waiting import free_port, until

MASTER_KEY = "a-master-key-of-tests-only"


def is_stock() -> bool:
    """Whether these tests judge a stock Meilisearch binary."""
    return bool(os.environ.get("MIROIR_TEST_MEILISEARCH"))


def binary() -> Path:
    """The node's program: stock when asked for, else the embedded one (environment, beside Python, PATH)."""
    if stock := os.environ.get("MIROIR_TEST_MEILISEARCH"):
        return Path(stock)
    if chosen := os.environ.get("MIROIR_NODE_BINARY"):
        return Path(chosen)
    beside = Path(sys.executable).parent / "miroir-node"
    found = beside if beside.exists() else shutil.which("miroir-node")
    assert found, "miroir-node is not built: run `make build`, or set MIROIR_NODE_BINARY"
    return Path(found)


def command(database: Path, port: int, key: str = MASTER_KEY) -> list[str]:
    """The command line of one node."""
    line = [str(binary()), "--db-path", str(database), "--http-addr", f"127.0.0.1:{port}", "--master-key", key]
    return [*line, "--no-analytics", "--env", "production", "--log-level", "WARN"] if is_stock() else line


@dataclass(slots=True)
class Node:
    """A node's place on disk and on the network, and its process while it runs."""

    name: str
    folder: Path
    port: int
    engine: Engine
    process: Process
    key: str = MASTER_KEY

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / f"{self.name}.db"

    def kill(self) -> None:
        """SIGKILL; what it holds on disk stays."""
        self.process.kill()

    def start_again(self, *prefix: str) -> None:
        """The same node once more, on its own disk and port. `prefix` is put before the command (strace)."""
        self.process = _run(self.name, self.folder, self.port, self.key, prefix)
        answer_from(self.engine, self.process)

    def close(self) -> None:
        """End it, and forget its connections."""
        self.process.end()
        self.engine.close()


def _run(name: str, folder: Path, port: int, key: str, prefix: tuple[str, ...]) -> Process:
    line = [*prefix, *command(folder / f"{name}.db", port, key)]
    return Process(name, line, log=folder / f"{name}.log")


def launch(name: str, folder: Path, *, key: str = MASTER_KEY, prefix: tuple[str, ...] = ()) -> Node:
    """Start a node without waiting for it, so that several start side by side."""
    port = free_port()
    engine = Engine(name, f"http://127.0.0.1:{port}", key)
    return Node(name, folder, port, engine, _run(name, folder, port, key, prefix), key)


def answer_from(engine: Engine, process: Process, *, path: str = "/health", seconds: float = 30.0) -> None:
    """Wait until the server answers 200 on `path`; a process that ended meanwhile is reported with its log."""

    def ready() -> bool:
        assert process.status is None, f"{process} ended: {process.news()}"
        try:
            return engine.ask("GET", path).status == 200
        except httpx.TransportError:
            return False

    try:
        until(ready, what=f"{process.name} to answer {path}", seconds=seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{process.news()}") from None


def start(name: str, folder: Path, *, key: str = MASTER_KEY, prefix: tuple[str, ...] = ()) -> Node:
    """Start a node and wait until it answers."""
    node = launch(name, folder, key=key, prefix=prefix)
    answer_from(node.engine, node.process)
    return node
