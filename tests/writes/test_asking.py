"""What a new index needs to know of the nodes: asked without a trace, under a deadline, and told in words."""

from __future__ import annotations

import orjson
import pytest
import trio

from miroir.core.generations import CLASSIC, SPLIT
from miroir.core.wire.errors import MiroirError
from tests.writes.conftest import World


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("name_first", [True, False])
async def test_a_new_index_has_its_nodes_default_rules(world: World, split: bool, name_first: bool) -> None:
    for node in world.nodes.values():
        node.split_rules, node.name_first = split, name_first
    await world.end_of(await world.writes.indexes.create("movies", None, deadline=world.soon))
    assert world.catalog.current.indexes["movies"].settings["rankingRules"] == list(
        (SPLIT if split else CLASSIC).default_rules
    )


@pytest.mark.parametrize("split", [True, False])
async def test_no_task_is_left_on_a_node_but_those_of_the_write(world: World, split: bool) -> None:
    for node in world.nodes.values():
        node.split_rules = split
    await world.end_of(await world.writes.settings.patch("movies", b'{"stopWords": ["a"]}', deadline=world.soon))
    for node in world.nodes.values():
        assert [task["status"] for task in node.tasks] == ["succeeded"] * 4


async def test_settings_that_are_refused_only_once_there_is_an_index_leave_none(world: World) -> None:
    for node in world.nodes.values():
        node.name_first = True
    reply = await world.writes.settings.patch("movies", b'{"stopWords": 3}', deadline=world.soon)
    assert reply.status == 400
    assert orjson.loads(reply.body)["message"].startswith("Index `movies`: Invalid value type")
    assert world.catalog.current.indexes == {}
    assert all(not node.indexes for node in world.nodes.values())


async def test_nodes_that_refuse_the_key_are_told_of_by_the_name_of_its_setting(world: World) -> None:
    for node in world.nodes.values():
        node.wrong_key = True
    with pytest.raises(MiroirError) as caught:
        await world.writes.indexes.create("movies", None, deadline=world.soon)
    assert caught.value.code == "miroir_no_quorum"
    assert caught.value.message == "The nodes refuse Miroir's key (`node_master_key`): nothing was written."
    with pytest.raises(MiroirError, match="refuse Miroir's key"):
        await world.writes.settings.patch("movies", b"{}", deadline=world.soon)


async def test_a_silent_node_does_not_keep_the_others_from_answering(autojump_clock: object, world: World) -> None:
    world.nodes["n0"].silent = True
    begin = trio.current_time()
    generation = await world.writes.indexes._context.births.question.generation()
    assert (generation, trio.current_time() - begin < 0.1) == (CLASSIC, True)


async def test_finding_out_what_to_do_ends_with_the_requests_deadline(autojump_clock: object, world: World) -> None:
    for node in world.nodes.values():
        node.silent = True
    begin = trio.current_time()
    with pytest.raises(MiroirError, match="nothing was written") as caught:
        await world.writes.indexes.create("movies", None, deadline=begin + 0.5)
    assert caught.value.code == "miroir_timeout"
    assert trio.current_time() - begin == pytest.approx(0.5)
    for node in world.nodes.values():
        node.silent = False
    made = await world.writes.indexes.create("movies", None, deadline=world.soon)
    assert (await world.end_of(made))["status"] == "succeeded"
