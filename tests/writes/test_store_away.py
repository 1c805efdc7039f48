"""A store that cannot be used for a while, with open tasks: nothing ends for good, and all goes on when it is back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import trio
from structlog.testing import capture_logs

from miroir.cluster.catalog import CatalogHolder
from miroir.core.wire.errors import MiroirError
from miroir.edge.shared_counter import LocalCounter
from miroir.edge.store.interface import Row, unavailable
from miroir.edge.store.memory import MemoryStore
from miroir.edge.store.tables import OPEN_TASKS, TASKS, Table
from tests.writes.conftest import World, open_world
from tests.writes.model import ModelNode

MOVIES = [{"id": number} for number in range(10)]


class FailingStore(MemoryStore):
    """`away`: no call succeeds, as when another process holds the write lock. `asked` counts the calls meanwhile."""

    away = False
    asked = 0

    def _check(self) -> None:
        self.asked += self.away
        if self.away:
            raise unavailable("database is locked")

    async def put(self, table: Table, key: str, value: bytes) -> None:
        self._check()
        await super().put(table, key, value)

    async def delete(self, table: Table, key: str) -> bool:
        self._check()
        return await super().delete(table, key)

    async def scan(self, table: Table, **how: Any) -> list[Row]:
        self._check()
        return await super().scan(table, **how)

    async def reserve(self, counter: str, n: int) -> int:
        self._check()
        return await super().reserve(counter, n)


@pytest.fixture
def store() -> FailingStore:
    return FailingStore()


@pytest.fixture
async def world(store: FailingStore, tmp_path: Path) -> AsyncIterator[World]:
    nodes = {name: ModelNode() for name in ("n0", "n1", "n2")}
    async with open_world(nodes, store, tmp_path / "spool") as opened:
        yield opened


async def test_an_open_task_outlives_the_stores_absence_and_writes_are_refused_meanwhile(
    autojump_clock: object, world: World, store: FailingStore
) -> None:
    for node in world.nodes.values():
        node.paused = True
    reply = await world.add(MOVIES)
    store.away = True
    for node in world.nodes.values():
        node.paused = False
        node.run()
    with capture_logs() as said:
        await trio.sleep(30)
    assert store.asked > 5
    assert [entry["event"] for entry in said] == ["tasks cannot be ended at the moment"]
    with pytest.raises(MiroirError) as caught:
        await world.add(MOVIES)
    assert (caught.value.code, caught.value.status) == ("miroir_task_store_unavailable", 503)
    store.away = False
    assert (await world.end_of(reply))["status"] == "succeeded"
    assert (await world.end_of(await world.add(MOVIES)))["status"] == "succeeded"


async def test_a_task_that_no_node_took_is_forgotten_once_the_store_is_back(
    autojump_clock: object, world: World, store: FailingStore
) -> None:
    await world.end_of(await world.add(MOVIES))
    for node in world.nodes.values():
        node.dead_for_writes = True
    known = await store.count(TASKS)
    async with trio.open_nursery() as nursery:

        @nursery.start_soon
        async def leave() -> None:
            while await store.count(OPEN_TASKS) == 0 or await store.count(TASKS) == known:  # noqa: ASYNC110
                await trio.sleep(0.0001)
            store.away = True

        answer = await world.add(MOVIES)
    assert orjson.loads(answer.body)["code"] == "miroir_no_quorum"
    for node in world.nodes.values():
        node.dead_for_writes = False
    store.away = False
    assert (await world.end_of(await world.add(MOVIES)))["status"] == "succeeded"
    assert await store.count(OPEN_TASKS) == 0
    assert await store.count(TASKS) == known + 1


async def test_a_process_that_reads_keeps_what_it_knew_and_learns_the_rest_later(
    autojump_clock: object, store: FailingStore, world: World
) -> None:
    counter = LocalCounter()
    writer, reader = CatalogHolder(store, counter), CatalogHolder(store, counter)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(reader.watch)
        await world.end_of(await world.writes.indexes.create("movies", "id", deadline=world.soon))
        store.away = True
        counter.bump()
        await trio.sleep(10)
        assert reader.current.indexes == {}
        store.away = False
        await writer.load()
        await trio.sleep(2)
        assert list(reader.current.indexes) == ["movies"]
        nursery.cancel_scope.cancel()
