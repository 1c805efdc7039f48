"""Writes when nodes are away, silent, or of another mind, and when Miroir itself is stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
import trio

from miroir.core.wire.errors import MiroirError
from miroir.edge.store.memory import MemoryStore
from miroir.edge.store.tables import OPEN_TASKS, TASKS
from miroir.writes.documents import Upload
from tests.writes.conftest import World, open_world
from tests.writes.model import ModelNode

MOVIES = [{"id": number, "title": f"Movie {number}"} for number in range(40)]


async def test_a_dead_node_refuses_a_write_before_any_node_sees_it(world: World) -> None:
    await world.end_of(await world.add(MOVIES))
    world.nodes["n1"].dead = True
    before = {name: len(node.tasks) for name, node in world.nodes.items()}
    with pytest.raises(MiroirError, match="nothing was written") as caught:
        await world.add(MOVIES)
    assert caught.value.code == "miroir_no_quorum"
    assert {name: len(node.tasks) for name, node in world.nodes.items()} == before
    assert await world.store.count(OPEN_TASKS) == 0
    world.nodes["n1"].dead = False
    assert (await world.end_of(await world.add(MOVIES)))["status"] == "succeeded"


async def test_an_answer_that_is_lost_is_found_by_asking_and_nothing_is_sent_twice(world: World) -> None:
    await world.end_of(await world.add(MOVIES))
    world.nodes["n2"].lost = 1
    before = len(world.nodes["n2"].tasks)
    task = await world.end_of(await world.add([{"id": number} for number in range(100, 120)]))
    assert (task["status"], task["details"]["indexedDocuments"]) == ("succeeded", 20)
    assert len(world.nodes["n2"].tasks) == before + 1


async def test_untagged_changes_are_found_by_their_type(world: World) -> None:
    for node in world.nodes.values():
        node.lost = 3
    task = await world.end_of(await world.writes.indexes.create("movies", "id", deadline=world.soon))
    assert task["status"] == "succeeded"
    assert all(len(node.tasks) == 3 for node in world.nodes.values())


async def test_a_write_that_one_node_misses_goes_on_in_the_background_and_the_next_one_waits(
    autojump_clock: object, world: World
) -> None:
    await world.end_of(await world.add(MOVIES))
    world.nodes["n1"].dead_for_writes = True
    changed = [{"id": number, "title": "first"} for number in range(40)]
    with pytest.raises(MiroirError, match="miroir_write_unsettled"):
        await world.add(changed)
    with pytest.raises(MiroirError, match="not settled yet: nothing was written"):
        await world.add([{"id": 1, "title": "never"}])
    async with trio.open_nursery() as nursery:

        async def second() -> None:
            task = await world.end_of(await world.add([{"id": 1, "title": "second"}]))
            assert task["status"] == "succeeded"

        nursery.start_soon(second)
        await trio.sleep(1)
        world.nodes["n1"].dead_for_writes = False
    assert world.documents()["0"]["title"] == "first"
    assert world.documents()["1"]["title"] == "second"
    assert await world.store.count(OPEN_TASKS) == 0


async def test_when_no_node_takes_it_nothing_is_left(world: World) -> None:
    await world.end_of(await world.add(MOVIES))
    for node in world.nodes.values():
        node.dead_for_writes = True
    known = await world.store.count(TASKS)
    reply = await world.add(MOVIES)
    assert orjson.loads(reply.body)["code"] == "miroir_no_quorum"
    assert await world.store.count(TASKS) == known
    assert await world.store.count(OPEN_TASKS) == 0
    assert world.writes.documents._context.budget.taken == 0


async def test_a_refusal_by_all_is_the_clients_answer_and_leaves_no_index(world: World) -> None:
    body = orjson.dumps({"message": "Index `PHYSICAL` is full", "code": "no_space_left_on_device"})
    for node in world.nodes.values():
        node.refuse["/documents"] = (422, body)
    reply = await world.add(MOVIES)
    assert reply.status == 422
    assert world.catalog.current.indexes == {}
    assert all(not node.indexes for node in world.nodes.values())
    assert await world.store.count(OPEN_TASKS) == 0


async def test_a_refusal_by_one_fails_the_task_and_says_that_copies_differ(world: World) -> None:
    await world.end_of(await world.add(MOVIES))
    physical = world.catalog.current.indexes["movies"].physical
    body = orjson.dumps({"message": f"Index `{physical}` is full", "code": "no_space_left_on_device"})
    world.nodes["n0"].refuse["/documents"] = (422, body)
    task = await world.end_of(await world.add(MOVIES))
    assert (task["status"], task["error"]["code"]) == ("failed", "no_space_left_on_device")
    assert task["error"]["message"].startswith("Index `movies` is full Some nodes took the change")


async def test_an_error_at_task_time_speaks_the_clients_names(world: World) -> None:
    await world.end_of(await world.writes.indexes.create("movies", "id", deadline=world.soon))
    task = await world.end_of(await world.add([{"id": 1, "title": "poison"}]))
    assert task["error"]["message"] == "Index `movies`: The poison was found."
    assert task["details"] == {"receivedDocuments": 1, "indexedDocuments": 0}
    body = b'{"rankingRules": ["fail"]}'
    changed = await world.end_of(await world.writes.settings.patch("movies", body, deadline=world.soon))
    assert changed["error"]["message"] == (
        "Index `movies`: no such rule. This index does not have configured sortable attributes."
    )
    assert "fail" not in world.catalog.current.indexes["movies"].settings["rankingRules"]


async def test_a_failed_first_payload_leaves_an_index_without_a_key(world: World) -> None:
    task = await world.end_of(await world.add([{"id": 1, "title": "poison"}]))
    assert task["status"] == "failed"
    assert world.catalog.current.indexes["movies"].primary_key is None
    assert (await world.end_of(await world.add([{"sku": 1}], primary_key="sku")))["status"] == "succeeded"
    assert world.catalog.current.indexes["movies"].primary_key == "sku"


async def test_effects_are_visible_before_the_status(world: World) -> None:
    seen: list[bool] = []
    original = world.store.put

    async def put(table: object, key: str, value: bytes) -> None:
        if table is TASKS and b'"succeeded"' in value:
            seen.append("movies" in world.catalog.current.indexes)
        await original(table, key, value)  # type: ignore[arg-type]

    world.store.put = put  # type: ignore[method-assign]
    await world.end_of(await world.writes.indexes.create("movies", None, deadline=world.soon))
    assert seen == [True]


async def test_a_client_that_leaves_half_way_leaves_nothing(autojump_clock: object, world: World) -> None:
    with trio.move_on_after(0.5) as scope:

        async def endless() -> AsyncIterator[bytes]:
            yield b'[{"id": 1},'
            await trio.sleep_forever()

        await world.writes.documents.add(Upload("movies", "POST", ndjson=False), endless(), deadline_after=30)
    assert scope.cancelled_caught
    assert world.writes.documents._context.budget.taken == 0
    assert all(not node.tasks for node in world.nodes.values())
    assert (await world.end_of(await world.add(MOVIES)))["status"] == "succeeded"


async def test_a_client_that_leaves_after_the_last_byte_does_not_stop_the_write(
    autojump_clock: object, world: World
) -> None:
    world.nodes["n1"].paused = True
    async with trio.open_nursery() as nursery:
        nursery.start_soon(world.add, MOVIES)
        while not any(node.tasks for node in world.nodes.values()):  # noqa: ASYNC110 - a model has no events
            await trio.sleep(0.0005)
        nursery.cancel_scope.cancel()
    await trio.sleep(5)
    world.nodes["n1"].paused = False
    world.nodes["n1"].run()
    await trio.sleep(5)
    assert len(world.documents()) == 40


async def test_open_tasks_end_after_a_restart(autojump_clock: object, tmp_path: Path) -> None:
    nodes = {name: ModelNode(paused=True) for name in ("n0", "n1", "n2")}
    store = MemoryStore()
    async with open_world(nodes, store, tmp_path) as world:
        reply = await world.add(MOVIES)
        await trio.sleep(1)
    for node in nodes.values():
        node.paused = False
        node.run()
    async with open_world(nodes, store, tmp_path) as world:
        task = await world.end_of(reply)
        assert task["details"] == {"receivedDocuments": 40, "indexedDocuments": 40}
        assert len(world.documents()) == 40
        more = await world.end_of(await world.add([{"id": 1000}]))
        assert more["uid"] > task["uid"]
        stamps = [one["_miroir_seq"] for one in world.documents().values()]
        assert len(set(stamps)) == len(stamps)


async def test_a_delivery_that_a_restart_cut_off_ends_by_what_the_nodes_have(
    autojump_clock: object, tmp_path: Path
) -> None:
    nodes = {name: ModelNode() for name in ("n0", "n1", "n2")}
    store = MemoryStore()
    async with open_world(nodes, store, tmp_path) as world:
        await world.end_of(await world.add(MOVIES))
        nodes["n1"].dead_for_writes = True
        with pytest.raises(MiroirError, match="miroir_write_unsettled") as caught:
            await world.add(MOVIES)
    uid = int(caught.value.message.split("Task ")[1].split()[0])
    nodes["n1"].dead_for_writes = False
    async with open_world(nodes, store, tmp_path) as world:
        with trio.fail_after(60):
            while not (await world.tasks.get(uid)).finished:  # noqa: ASYNC110 - as a client polls
                await trio.sleep(0.1)
        task = await world.tasks.get(uid)
        assert task.status == "failed"
        assert "repeat it" in str(task.error)
        assert (await world.end_of(await world.add(MOVIES)))["status"] == "succeeded"


async def test_tasks_of_one_index_end_in_order(autojump_clock: object, world: World) -> None:
    await world.end_of(await world.add(MOVIES))
    world.nodes["n0"].paused = True
    first = await world.add(MOVIES)
    second = await world.add(b'[{"id": 1}, {"id": "not good"}]')
    await trio.sleep(10)
    assert [(await world.tasks.get(uid)).finished for uid in (1, 2)] == [False, False]
    world.nodes["n0"].paused = False
    world.nodes["n0"].run()
    assert (await world.end_of(first))["status"] == "succeeded"
    assert (await world.end_of(second))["status"] == "failed"
