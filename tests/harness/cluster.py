"""Starting Miroir over several nodes, and taking it apart piece by piece."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.harness.client import Engine
from tests.harness.node import MASTER_KEY, Node, answer_from, launch
from tests.harness.process import Process
from tests.harness.waiting import free_port

CLIENT_KEY = "a-client-key-of-tests-only"


@dataclass(slots=True)
class Cluster:
    """Miroir and its nodes. `engine` asks Miroir."""

    name: str
    nodes: list[Node]
    engine: Engine
    process: Process
    config: Path

    def close(self) -> None:
        """End everything, Miroir first."""
        self.process.end(grace=5.0)
        self.engine.close()
        for node in self.nodes:
            node.close()


def configuration(
    nodes: list[Node], folder: Path, port: int, *, copies: int, groups: int, shards: int, more: Mapping[str, Any]
) -> dict[str, Any]:
    """Miroir's configuration for tests: one worker, quick health probes, nodes dealt to groups in turn."""
    told: dict[str, Any] = {
        "master_key": CLIENT_KEY,
        "node_master_key": MASTER_KEY,
        "shards": shards,
        "replication_factor": copies,
        "replica_groups": groups,
        "nodes": [{"id": node.name, "address": node.url, "replica_group": n % groups} for n, node in enumerate(nodes)],
        "task_store": {"backend": "sqlite", "path": str(folder / "tasks.db")},
        "health": {"interval_ms": 200, "timeout_ms": 1000, "unhealthy_threshold": 2, "recovery_threshold": 1},
        "scatter": {"node_timeout_ms": 20000},
        "writes": {"spool_dir": str(folder / "spool")},
        "server": {"bind": "127.0.0.1", "port": port, "workers": 1, "request_timeout_ms": 60000},
    }
    return {**told, **more}


def begin(
    name: str,
    folder: Path,
    nodes: list[Node],
    *,
    copies: int,
    groups: int = 1,
    shards: int = 12,
    more: Mapping[str, Any] | None = None,
) -> Cluster:
    """Start Miroir over nodes that run already, without waiting for it."""
    port = free_port()
    config = folder / f"{name}.yaml"
    told = configuration(nodes, folder, port, copies=copies, groups=groups, shards=shards, more=more or {})
    config.write_text(yaml.safe_dump(told))
    line = [sys.executable, "-m", "miroir", "serve", "--config", str(config)]
    process = Process(name, line, log=folder / f"{name}.log")
    return Cluster(name, nodes, Engine(name, f"http://127.0.0.1:{port}", CLIENT_KEY), process, config)


def start(
    name: str,
    folder: Path,
    *,
    nodes: int = 3,
    copies: int,
    groups: int = 1,
    shards: int = 12,
    more: Mapping[str, Any] | None = None,
) -> Cluster:
    """Start nodes side by side, and Miroir over them, and wait until it is ready."""
    folder.mkdir(parents=True, exist_ok=True)
    started = [launch(f"{name}-n{number}", folder) for number in range(nodes)]
    for node in started:
        answer_from(node.engine, node.process)
    cluster = begin(name, folder, started, copies=copies, groups=groups, shards=shards, more=more)
    try:
        answer_from(cluster.engine, cluster.process, path="/_miroir/ready")
    except AssertionError:
        cluster.close()
        raise
    return cluster
