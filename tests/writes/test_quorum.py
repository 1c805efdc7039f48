"""A refusal for want of copies names the index and its shards, and no node."""

from __future__ import annotations

import re

import orjson
import pytest

from miroir.core.wire.errors import MiroirError
from miroir.writes.quorum import MOST_RANGES, ranges
from tests.writes.conftest import World

MOVIES = [{"id": number} for number in range(40)]


async def _refusal_of_a_write(world: World) -> str:
    with pytest.raises(MiroirError) as caught:
        await world.add(MOVIES)
    assert caught.value.code == "miroir_no_quorum"
    assert not re.search(r"\bn[012]\b", caught.value.message)
    return caught.value.message


async def test_a_write_says_which_shards_lack_copies(world: World) -> None:
    await world.end_of(await world.add(MOVIES))
    world.nodes["n1"].dead = True
    view = world.catalog.current.indexes["movies"]
    lost = [shard for shard, nodes in enumerate(view.shard_map) if "n1" in nodes]
    assert await _refusal_of_a_write(world) == (
        f"Index `movies` lacks copies of the shards {ranges(lost)}, because a node that holds them does not answer: "
        "nothing was written."
    )


async def test_a_write_that_would_create_its_index_says_that_it_cannot(world: World) -> None:
    world.nodes["n1"].dead = True
    said = await _refusal_of_a_write(world)
    assert said == "Index `movies` cannot be created while a node does not answer: nothing was written."


async def test_without_any_node_that_is_what_is_said(world: World) -> None:
    for node in world.nodes.values():
        node.dead = True
    assert await _refusal_of_a_write(world) == "No node answers: nothing was written."


async def test_a_change_that_no_node_takes_names_its_index(world: World) -> None:
    await world.end_of(await world.add(MOVIES))
    for node in world.nodes.values():
        node.dead_for_writes = True
    said = orjson.loads((await world.add(MOVIES)).body)["message"]
    assert said == "No node took the change of index `movies`: nothing was written."


async def test_a_change_of_key_says_which_shards_lack_copies(world: World) -> None:
    await world.end_of(await world.add(MOVIES))
    world.nodes["n2"].dead = True
    with pytest.raises(MiroirError, match="Index `movies` lacks copies of the shards"):
        await world.writes.indexes.update("movies", "other", None, deadline=world.soon)


def test_shards_are_told_as_ranges_and_no_more_than_can_be_read() -> None:
    assert ranges([0, 1, 2, 5, 9, 10]) == "0-2, 5, 9-10"
    many = range(0, 4096, 2)
    assert ranges(many).endswith(f" and {len(many) - MOST_RANGES} others")
