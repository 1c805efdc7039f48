"""The processes of a development cluster: embedded nodes, and `miroir serve` before them. Started, awaited, no more."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import httpx
import yaml
from rich.console import Console

from miroir.cli.dev.children import Child, Family, free_port, node_binary
from miroir.cli.dev.client import Client, until_ready
from miroir.cli.dev.folder import Folder, write_private

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster: `client` speaks to Miroir, `nodes` are its nodes' addresses by name."""

    client: Client
    miroir: Child
    nodes: dict[str, str]


def start(family: Family, folder: Folder, port: int, http: httpx.Client, console: Console) -> Cluster:
    """Start everything and wait until searches can be answered. Raises DevError when a process does not come up."""
    binary = node_binary()
    nodes = {}
    for node_id in folder.layout.node_ids():
        console.print(f"Starting {node_id} ...")
        nodes[node_id] = start_node(family, folder, binary, node_id, http).url
    write_private(folder.config, yaml.safe_dump(config(folder, nodes, port), sort_keys=False))
    console.print("Starting Miroir ...")
    command = [sys.executable, "-m", "miroir", "serve", "--config", str(folder.config)]
    miroir = family.start("Miroir", command, folder.log("miroir"))
    url = f"http://{_HOST}:{port}"
    until_ready(http, f"{url}/_miroir/ready", miroir)
    return Cluster(Client("Miroir", url, folder.keys.master_key, http), miroir, nodes)


def start_node(family: Family, folder: Folder, binary: str, node_id: str, http: httpx.Client) -> Client:
    """One engine with its data in the folder, on a free port of this machine."""
    url = f"http://{_HOST}:{free_port()}"
    key = folder.keys.node_master_key
    address = url.removeprefix("http://")
    command = [binary, "--db-path", str(folder.node(node_id)), "--http-addr", address]
    child = family.start(node_id, command, folder.log(node_id), {"MEILI_MASTER_KEY": key})
    until_ready(http, f"{url}/health", child)
    return Client(node_id, url, key, http)


def config(folder: Folder, nodes: dict[str, str], port: int) -> dict[str, Any]:
    """What Miroir is told. Nodes change their ports with every start; only their ids say which is which."""
    layout, keys = folder.layout, folder.keys
    return {
        "master_key": keys.master_key,
        "node_master_key": keys.node_master_key,
        "shards": layout.shards,
        "replication_factor": layout.replication_factor,
        "replica_groups": layout.groups,
        "nodes": [
            {"id": node_id, "address": address, "replica_group": number % layout.groups}
            for number, (node_id, address) in enumerate(nodes.items())
        ],
        "task_store": {"backend": "sqlite", "path": str(folder.path / "miroir.db")},
        "health": {"interval_ms": 1000},
        "writes": {"spool_dir": str(folder.path / "spool")},
        "server": {"port": port, "bind": _HOST, "workers": 1},
        "logging": {"format": "console"},
    }
