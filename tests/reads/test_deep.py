"""A page far down, in two phases: what the nodes are asked, and what happens when something changes in between."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from miroir.core.outcome import Answered, Outcome
from miroir.core.wire.reply import Reply
from tests.reads.fakes import NODES, Behaviour, FakeNodes, World, ask, failing, refusing, world

DEEP = b'{"offset":280,"limit":10}'
PAGE = list(range(280, 290))


def ids(reply: Reply) -> list[int]:
    assert reply.status == 200, reply.body
    return [hit["id"] for hit in orjson.loads(reply.body)["hits"]]


def phases(w: World) -> set[str]:
    """Which questions the nodes have been asked: in which of the two phases, or in one."""
    return {phase(body) for body in w.nodes.bodies}


def phase(body: dict[str, Any]) -> str:
    if body["filter"][0].startswith("_miroir_seq"):
        return "contents"
    return "ranks" if "attributesToRetrieve" in body else "one"


def at_contents(then: Behaviour) -> Behaviour:
    """A node that does so from the second phase on."""

    def behave(nodes: FakeNodes, node: str, given: dict[str, Any]) -> Outcome | None:
        if phase(given) == "contents":
            nodes.behaviour[node] = then
        return then(nodes, node, given) if phase(given) == "contents" else None

    return behave


async def test_a_page_far_down_is_ranked_first_and_fetched_then() -> None:
    w = world(documents=400)
    reply = await w.searcher.search(ask(DEEP))
    assert ids(reply) == PAGE
    assert phases(w) == {"ranks", "contents"}
    assert sum(body["limit"] for body in w.nodes.bodies if phase(body) == "contents") == len(PAGE)
    assert orjson.loads(reply.body)["estimatedTotalHits"] == 400
    assert b"_miroir" not in reply.body
    assert b"_ranking" not in reply.body


async def test_contents_are_asked_of_the_nodes_that_ranked() -> None:
    w = world(documents=400)
    for _ in range(3):
        w.nodes.asked.clear()
        w.nodes.bodies.clear()
        await w.searcher.search(ask(DEEP))
        asked = [(phase(body), *who) for body, who in zip(w.nodes.bodies, w.nodes.asked, strict=True)]
        assert {who[1:] for who in asked if who[0] == "ranks"} == {who[1:] for who in asked if who[0] == "contents"}


@pytest.mark.parametrize("body", [b"{}", b'{"offset":400,"limit":9}', b'{"offset":40,"limit":290}'])
async def test_other_pages_are_asked_for_at_once(body: bytes) -> None:
    w = world(documents=400)
    await w.searcher.search(ask(body))
    assert ("ranks" in phases(w)) == (body == b'{"offset":400,"limit":9}')
    assert "contents" not in phases(w)


async def test_a_document_that_changes_between_the_phases_is_shown_as_it_is_then() -> None:
    w = world(documents=400)

    def change(nodes: FakeNodes, _node: str, _given: dict[str, Any]) -> None:
        nodes.changed.add(283)

    w.nodes.behaviour = dict.fromkeys(NODES, at_contents(change))
    assert ids(await w.searcher.search(ask(DEEP))) == PAGE
    assert phases(w) == {"ranks", "contents", "one"}


async def test_a_node_that_goes_between_the_phases_changes_nothing_while_there_is_a_replica() -> None:
    w = world(documents=400)
    w.nodes.behaviour["n1"] = at_contents(refusing())
    reply = await w.searcher.search(ask(DEEP))
    assert ids(reply) == PAGE
    assert b"x-miroir-degraded" not in dict(reply.headers)
    assert phases(w) == {"ranks", "contents"}


async def test_a_node_that_goes_between_the_phases_is_missing_where_there_is_none() -> None:
    w = world(documents=400, copies=1)
    w.nodes.behaviour["n1"] = at_contents(refusing())
    reply = await w.searcher.search(ask(DEEP))
    assert dict(reply.headers)[b"x-miroir-degraded"] == b"shards=1"
    assert ids(reply) == [number for number in range(400) if number % 4 != 1][280:290]


async def test_a_shard_that_is_missing_in_the_first_phase_marks_the_page() -> None:
    w = world(documents=400, copies=1)
    w.nodes.behaviour["n1"] = refusing()
    reply = await w.searcher.search(ask(DEEP))
    assert dict(reply.headers)[b"x-miroir-degraded"] == b"shards=1"
    assert ids(reply) == [number for number in range(400) if number % 4 != 1][280:290]
    assert phases(w) == {"ranks", "contents"}


async def test_what_the_nodes_refuse_is_refused() -> None:
    w = world(documents=400)
    w.nodes.behaviour = dict.fromkeys(NODES, at_contents(failing(400, "invalid_search_crop_length", "no")))
    reply = await w.searcher.search(ask(DEEP))
    assert (reply.status, orjson.loads(reply.body)["code"]) == (400, "invalid_search_crop_length")


async def test_answers_that_cannot_be_put_together_are_asked_for_in_one() -> None:
    w = world(documents=400)

    def without_stamps(nodes: FakeNodes, node: str, given: dict[str, Any]) -> Outcome | None:
        if phase(given) != "contents":
            return None
        answer = orjson.loads(nodes.answer(given))
        for hit in answer["hits"]:
            del hit["_miroir_seq"]
        return Answered(node, 200, orjson.dumps(answer), 0.01)

    w.nodes.behaviour = dict.fromkeys(NODES, without_stamps)
    assert ids(await w.searcher.search(ask(DEEP))) == PAGE
