"""Facet search over fake nodes: what they are asked, and what becomes of their answers and failures."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import trio

from miroir.core.outcome import Answered, Outcome
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.reads.facet_search import FacetSearcher
from tests.reads.fakes import NODES, FakeNodes, World, failing, refusing, saying, view, world
from tests.reads.fakes import _shards as shards_of


def finding(_: FakeNodes, node: str, given: dict[str, Any]) -> Outcome:
    """Each shard has a value of its own and one that all have."""
    hits = [{"value": "all", "count": len(shards_of(given))}]
    hits += [{"value": f"shard {shard}", "count": 1} for shard in shards_of(given)]
    return Answered(node, 200, orjson.dumps({"facetHits": hits, "facetQuery": None, "processingTimeMs": 0}), 0.01)


def stage(copies: int = 2, settings: dict[str, Any] | None = None, **broken: Any) -> tuple[World, FacetSearcher]:
    w = world(view(copies=copies, **(settings or {})), copies=copies)
    w.nodes.behaviour = {**dict.fromkeys(NODES, finding), **broken}
    return w, FacetSearcher(w.holder, w.line)


async def search(searcher: FacetSearcher, asked: dict[str, Any], **more: Any) -> Reply:
    return await searcher.search("movies", {"facetName": "color"} | asked, deadline=trio.current_time() + 30, **more)


def told(reply: Reply) -> list[tuple[str, int]]:
    assert reply.status == 200, reply.body
    return [(hit["value"], hit["count"]) for hit in orjson.loads(reply.body)["facetHits"]]


ALL = [("all", 4), *((f"shard {shard}", 1) for shard in range(4))]


@pytest.mark.parametrize("dead", [None, *NODES])
@pytest.mark.parametrize("trouble", [refusing(), saying(200, b"{}"), saying(500, b"")])
async def test_every_shard_counts_once_while_one_replica_is_there(dead: str | None, trouble: Any) -> None:
    _, searcher = stage(**({} if dead is None else {dead: trouble}))
    reply = await search(searcher, {"facetQuery": "a"})
    assert told(reply) == ALL
    assert orjson.loads(reply.body)["facetQuery"] == "a"


async def test_the_clients_limit_and_order_are_kept() -> None:
    _, searcher = stage(settings={"faceting": {"maxValuesPerFacet": 2, "sortFacetValuesBy": {"color": "count"}}})
    assert told(await search(searcher, {})) == [("all", 4), ("shard 3", 1)]


async def test_a_dead_node_without_copies_marks_the_answer() -> None:
    _, searcher = stage(copies=1, n1=refusing())
    reply = await search(searcher, {})
    assert (b"x-miroir-degraded", b"shards=1") in reply.headers
    assert told(reply) == [("all", 3), ("shard 0", 1), ("shard 2", 1), ("shard 3", 1)]
    with pytest.raises(MiroirError) as caught:
        await search(searcher, {}, policy="error")
    assert caught.value.code == "miroir_shard_unavailable"


async def test_reserved_names_are_unknown_and_all_else_goes_through() -> None:
    w, searcher = stage()
    asked = {"facetName": "_miroir_shard", "filter": "_miroir_seq = 1", "q": "x", "anything": [1], "useNetwork": True}
    await search(searcher, asked)
    for body in w.nodes.bodies:
        assert body["facetName"] == "_miroiR_shard"
        assert body["filter"][0] == "_miroiR_seq = 1"
        assert (body["q"], body["anything"], body["useNetwork"]) == ("x", [1], False)


@pytest.mark.parametrize("asked", [{"facetName": 5}, {"facetName": None}, {"facetQuery": 1}, {"filter": 3}])
async def test_what_is_not_understood_is_judged_by_one_node(asked: dict[str, Any]) -> None:
    w, searcher = stage()
    no = failing(400, "invalid_facet_search_query", "`movies-i1-e1abcd` no.")
    w.nodes.behaviour = {**dict.fromkeys(NODES, no)}
    reply = await search(searcher, asked)
    assert (reply.status, orjson.loads(reply.body)["message"]) == (400, "`movies` no.")
    assert w.nodes.bodies == [{"facetName": "color"} | asked]


async def test_a_value_is_spelled_as_its_first_document_does_whoever_is_asked() -> None:
    """Every node has seen another spelling first; the oldest document of all lies in shard 2."""

    def differing(nodes: FakeNodes, node: str, given: dict[str, Any]) -> Outcome:
        if nodes.targets[-1].endswith("/facet-search"):
            hits = [{"value": {"n0": "Ann", "n1": "ANN", "n2": "ann"}[node], "count": 1}]
            return Answered(node, 200, orjson.dumps({"facetHits": hits}), 0.01)
        assert given["filter"][0].lower() == '"color" = "ann"'
        found = (
            [{"_miroir_seq": "1", "color": "aNN"}] if 2 in shards_of(given) else [{"_miroir_seq": "2", "color": "x"}]
        )
        answer = {"results": found, "offset": 0, "limit": 1, "total": 1}
        return Answered(node, 200, orjson.dumps(answer), 0.01)

    w, searcher = stage()
    w.nodes.behaviour = {**dict.fromkeys(NODES, differing)}
    for _ in range(6):
        [(value, _count)] = told(await search(searcher, {}))
        assert value == "aNN"
