"""A task that waits for a node says so in the log: not at once, and not again and again."""

from __future__ import annotations

from typing import Any

import orjson
import trio
from structlog.testing import capture_logs

from tests.writes.conftest import World

MOVIES = [{"id": number} for number in range(40)]


def _told(logged: list[Any]) -> list[Any]:
    return [line for line in logged if line["event"] == "a task waits for a node that does not answer"]


async def test_a_task_that_waits_for_a_node_is_told_once_after_ten_seconds(
    autojump_clock: object, world: World
) -> None:
    world.nodes["n1"].paused = True
    reply = await world.add(MOVIES)
    world.nodes["n1"].dead = True
    with capture_logs() as logged:
        await trio.sleep(9)
        assert _told(logged) == []
        await trio.sleep(60)
    uid = orjson.loads(reply.body)["taskUid"]
    assert [(line["task"], line["index"], line["node"]) for line in _told(logged)] == [(uid, "movies", "n1")]
    world.nodes["n1"].dead = world.nodes["n1"].paused = False
    world.nodes["n1"].run()
    assert (await world.end_of(reply))["status"] == "succeeded"


async def test_a_node_that_is_away_for_a_moment_is_not_told(autojump_clock: object, world: World) -> None:
    world.nodes["n1"].paused = True
    await world.add(MOVIES)
    with capture_logs() as logged:
        for _ in range(10):
            world.nodes["n1"].dead = True
            await trio.sleep(5)
            world.nodes["n1"].dead = False
            await trio.sleep(5)
    assert _told(logged) == []
