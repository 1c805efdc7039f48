"""A writing Miroir over three model nodes. Tests that let time pass ask for `autojump_clock`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
import trio

from miroir.cluster.catalog import CatalogHolder
from miroir.cluster.node_keys import NodeKeys
from miroir.cluster.tasks import TaskReader
from miroir.config.models import Config
from miroir.core.tasks.task import JsonObject, view
from miroir.core.topology import Node, Topology
from miroir.core.wire.reply import Reply
from miroir.edge.nodes.pool import NodePool
from miroir.edge.store import Store
from miroir.edge.store.memory import MemoryStore
from miroir.writes.documents import Upload
from miroir.writes.service import Writes, start_writes
from tests.writes.model import ModelNode, ModelPool


@dataclass(slots=True)
class World:
    nodes: dict[str, ModelNode]
    store: Store
    catalog: CatalogHolder
    writes: Writes
    tasks: TaskReader

    @property
    def soon(self) -> float:
        return trio.current_time() + 30

    async def add(self, documents: Any, uid: str = "movies", **upload: Any) -> Reply:
        body = documents if isinstance(documents, bytes) else orjson.dumps(documents)

        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, len(body), 50_000):
                await trio.lowlevel.checkpoint()
                yield body[start : start + 50_000]

        asked = Upload(uid, upload.pop("method", "POST"), ndjson=upload.pop("ndjson", False), **upload)
        return await self.writes.documents.add(asked, chunks(), deadline_after=30)

    async def end_of(self, reply: Reply) -> JsonObject:
        """The task of a 202, once it has ended."""
        assert reply.status == 202, reply.body
        with trio.fail_after(600):
            while True:
                task = await self.tasks.get(orjson.loads(reply.body)["taskUid"])
                if task.finished:
                    return view(task)
                await trio.sleep(0.01)

    def documents(self, uid: str = "movies") -> dict[str, dict[str, Any]]:
        """What is stored, over all nodes; every copy must be the same."""
        physical = self.catalog.current.indexes[uid].physical
        merged: dict[str, dict[str, Any]] = {}
        for node in self.nodes.values():
            for name, document in node.indexes[physical].documents.items():
                assert merged.setdefault(name, document) == document
        return merged


@asynccontextmanager
async def open_world(
    nodes: dict[str, ModelNode], store: Store, spool: Path, copies: int = 2, **settings: Any
) -> AsyncIterator[World]:
    config = Config.model_validate(
        {"shards": 8, "replication_factor": copies, "writes": {"spool_dir": str(spool)} | settings}
    )
    topology = Topology(tuple(Node(name, f"http://{name}") for name in nodes), copies, 1)
    pool = cast("NodePool", ModelPool(nodes))
    catalog = CatalogHolder(store)
    await catalog.load()
    async with trio.open_nursery() as nursery:
        keys = NodeKeys(pool, topology, "a master key")
        writes = await start_writes(config, store, pool, topology, catalog, keys, nursery)
        yield World(nodes, store, catalog, writes, TaskReader(store))
        nursery.cancel_scope.cancel()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    nodes = {name: ModelNode() for name in ("n0", "n1", "n2")}
    async with open_world(nodes, MemoryStore(), tmp_path / "spool") as opened:
        yield opened
