"""Nodes that answer what no Meilisearch answers, or that have done much besides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import trio

from miroir.core.wire.errors import MiroirError
from miroir.edge.store.memory import MemoryStore
from tests.writes.conftest import World, open_world
from tests.writes.model import ModelNode

MOVIES = [{"id": number} for number in range(40)]


@pytest.mark.parametrize(
    "body",
    [
        b'{"results":[{"uid":5}],"total":1,"next":null}',
        b'{"results":[{"uid":5,"status":"succeeded"}],"total":1,"next":null}',
        b'{"results":[7],"total":1,"next":null}',
        b'{"results":{},"total":1,"next":null}',
        b'{"results":[]}',
        b"[]",
        b"<html>",
    ],
)
async def test_a_node_that_tells_nonsense_of_its_tasks_is_asked_again(
    autojump_clock: object, world: World, body: bytes
) -> None:
    world.nodes["n1"].says = body
    reply = await world.add(MOVIES)
    await trio.sleep(30)
    uid = orjson.loads(reply.body)["taskUid"]
    assert (await world.tasks.get(uid)).error is None
    world.nodes["n1"].says = None
    assert (await world.end_of(reply))["status"] == "succeeded"


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html>", b'{"numberOfDocuments": "many"}'])
async def test_a_node_whose_statistics_are_nonsense_counts_as_silent(world: World, body: bytes) -> None:
    await world.end_of(await world.writes.indexes.create("movies", "id", deadline=world.soon))
    world.nodes["n1"].says = body
    with pytest.raises(MiroirError, match="nothing was written") as caught:
        await world.writes.indexes.update("movies", "sku", None, deadline=world.soon)
    assert caught.value.code == "miroir_no_quorum"


async def test_a_task_is_lost_when_its_node_has_said_so_for_a_while_and_not_at_once(
    autojump_clock: object, world: World
) -> None:
    world.nodes["n1"].says = b'{"results":[],"total":0,"next":null}'
    reply = await world.add(MOVIES)
    uid = orjson.loads(reply.body)["taskUid"]
    await trio.sleep(2)
    assert not (await world.tasks.get(uid)).finished
    world.nodes["n1"].says = None
    assert (await world.end_of(reply))["status"] == "succeeded"
    world.nodes["n1"].says = b'{"results":[],"total":0,"next":null}'
    ended = await world.end_of(await world.add(MOVIES))
    assert (ended["status"], ended["error"]["message"]) == (
        "failed",
        "A node has lost its part of this task. This failed on some nodes only: copies of the index may differ.",
    )


def foreign(node: ModelNode, count: int) -> None:
    """Tasks of somebody else."""
    for _ in range(count):
        node.answer("POST", "/indexes/theirs/documents/delete-batch", b"[]")


class Crowded:
    """A node on which somebody else is quicker, just before our documents arrive."""

    def __init__(self, node: ModelNode, others: int) -> None:
        self.node = node
        self.others = others

    def __getattr__(self, name: str) -> Any:
        return getattr(self.node, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("node", "others"):
            object.__setattr__(self, name, value)
        else:
            setattr(self.node, name, value)

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        if "/documents?" in target:
            foreign(self.node, self.others)
            self.others = 0
        return self.node.answer(method, target, body)


async def test_a_task_behind_thousands_of_others_is_found(world: World) -> None:
    await world.end_of(await world.add(MOVIES))
    node = world.nodes["n2"]
    world.nodes["n2"] = Crowded(node, 2500)  # type: ignore[assignment]
    before = len(node.tasks)
    world.nodes["n2"].lost = 1
    assert (await world.end_of(await world.add(MOVIES)))["status"] == "succeeded"
    assert len(node.tasks) == before + 2501


async def test_what_nodes_took_behind_thousands_of_others_stands_after_a_restart(
    autojump_clock: object, tmp_path: Path
) -> None:
    nodes: dict[str, Any] = {name: ModelNode() for name in ("n0", "n1", "n2")}
    store = MemoryStore()
    async with open_world(nodes, store, tmp_path) as world:
        await world.end_of(await world.add(MOVIES))
        for name, node in list(nodes.items()):
            nodes[name] = Crowded(node, 1500)
        nodes["n1"].dead_for_writes = True
        with pytest.raises(MiroirError, match="miroir_write_unsettled") as caught:
            await world.add(MOVIES)
    uid = int(caught.value.message.split("Task ")[1].split()[0])
    async with open_world(nodes, store, tmp_path) as world:
        with trio.fail_after(60):
            while not (await world.tasks.get(uid)).finished:  # noqa: ASYNC110 - as a client polls
                await trio.sleep(0.1)
        assert "some nodes had taken it" in str((await world.tasks.get(uid)).error)
