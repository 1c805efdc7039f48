"""Federated multi-search over nodes in memory: what is asked, what is counted, and whose errors are the answer."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import trio

from miroir.core.indexes import Catalog
from miroir.core.outcome import Answered, Outcome
from miroir.core.planning.request import BatchRequest
from miroir.core.wire.reply import Reply
from tests.reads.fakes import NODES, FakeNodes, World, failing, refusing, view, world

MOVIES, FILMS = {"indexUid": "movies"}, {"indexUid": "films"}


def counting(nodes: FakeNodes, node: str, given: dict[str, Any]) -> Outcome | None:
    """To a federated question a node tells a total, and a facet where one is asked for."""
    if "queries" not in given:
        return None
    told: dict[str, Any] = {"hits": [], "estimatedTotalHits": 50}
    for uid in given["federation"].get("facetsByIndex", {}):
        facets = {"distribution": {"n": {"1": 2}}, "stats": {"n": {"min": 1.0, "max": 1.0}}}
        told["facetsByIndex"] = {uid: facets}
    return Answered(node, 200, orjson.dumps(told), 0.01)


def here(**scatter: Any) -> World:
    """Two indexes that hold the same; `films` is called otherwise on the nodes."""
    made = world(**scatter)
    films = view("films-i1-e1abcd", copies=scatter.get("copies", 2))
    films = type(films)(**{name: getattr(films, name) for name in films.__slots__} | {"uid": "films"})
    made.holder.current = Catalog(2, {**made.holder.current.indexes, "films": films})
    made.nodes.behaviour = dict.fromkeys(NODES, counting)
    return made


async def asked(among: World, *queries: Any, **federation: Any) -> Reply:
    body = orjson.dumps({"queries": list(queries), "federation": federation})
    return await among.multi().search(BatchRequest(body, trio.current_time() + 30))


async def told(among: World, *queries: Any, **federation: Any) -> Any:
    reply = await asked(among, *queries, **federation)
    assert reply.status == 200, reply.body
    return orjson.loads(reply.body)


async def test_hits_of_all_queries_are_one_list_and_say_whence_they_come() -> None:
    answer = await told(here(), {**MOVIES, "federationOptions": {"weight": 0.5}}, FILMS, limit=3, offset=39)
    assert [(hit["id"], hit["_federation"]) for hit in answer["hits"]] == [
        (39, {"indexUid": "movies", "queriesPosition": 0, "weightedRankingScore": 0.5}),
        (0, {"indexUid": "films", "queriesPosition": 1, "weightedRankingScore": 1.0}),
        (1, {"indexUid": "films", "queriesPosition": 1, "weightedRankingScore": 1.0}),
    ]
    assert answer["estimatedTotalHits"] == 80


async def test_nothing_that_was_kept_for_the_merge_is_shown() -> None:
    answer = await told(here(), {**MOVIES, "attributesToRetrieve": []}, {**MOVIES, "q": "x"}, limit=100)
    assert {name for hit in answer["hits"] if hit["_federation"]["queriesPosition"] == 0 for name in hit} == {
        "_federation"
    }
    assert len(answer["hits"]) == 40


async def test_documents_that_two_queries_find_are_counted_once() -> None:
    among = here(copies=1)
    answer = await told(among, MOVIES, {**MOVIES, "q": "x"}, facetsByIndex={"movies": ["n"]})
    assert answer["estimatedTotalHits"] == 150
    assert answer["facetsByIndex"] == {
        "movies": {"distribution": {"n": {"1": 6}}, "stats": {"n": {"min": 1.0, "max": 1.0}}}
    }
    counts = [body for body in among.nodes.bodies if "queries" in body]
    assert {query["indexUid"] for body in counts for query in body["queries"]} == {"movies-i1-e1abcd"}


async def test_the_error_of_a_query_has_its_place_and_the_clients_names() -> None:
    among = here()
    refuse = failing(400, "invalid_search_filter", "Index `films-i1-e1abcd`: bad filter.")
    among.nodes.behaviour = dict.fromkeys(
        NODES, lambda nodes, node, given: refuse(nodes, node, given) if given.get("q") == "bad" else None
    )
    reply = await asked(among, MOVIES, {**FILMS, "q": "bad"})
    assert reply.status == 400
    assert orjson.loads(reply.body)["message"] == "Inside `.queries[1]`: Index `films`: bad filter."


async def test_the_error_of_a_count_names_the_query_of_the_request() -> None:
    among = here()
    text = "Inside `.queries[1]`: Inside `.federation.facetsByIndex.movies-i1-e1abcd`: no facet."
    refuse = failing(400, "invalid_search_facets", text)
    among.nodes.behaviour = dict.fromkeys(
        NODES, lambda nodes, node, given: refuse(nodes, node, given) if "queries" in given else None
    )
    reply = await asked(among, FILMS, MOVIES, {**MOVIES, "q": "x"}, facetsByIndex={"movies": ["zz"]})
    message = orjson.loads(reply.body)["message"]
    assert message == "Inside `.queries[2]`: Inside `.federation.facetsByIndex.movies`: no facet."


async def test_the_error_of_facets_that_one_query_is_asked_for_tells_where_they_stand() -> None:
    among = here()
    refuse = failing(400, "invalid_search_facets", "Invalid facet distribution.")
    among.nodes.behaviour = dict.fromkeys(NODES, refuse)
    reply = await asked(among, MOVIES, facetsByIndex={"movies": ["zz"]})
    message = orjson.loads(reply.body)["message"]
    assert message == "Inside `.queries[0]`: Inside `.federation.facetsByIndex.movies`: Invalid facet distribution."


async def test_an_unknown_index_is_a_bad_request() -> None:
    reply = await asked(here(), MOVIES, {"indexUid": "none"})
    assert (reply.status, orjson.loads(reply.body)["code"]) == (400, "index_not_found")


async def test_facets_of_an_index_that_no_query_asks_are_checked_by_a_node() -> None:
    among = here()
    text = "Inside `.federation.facetsByIndex.films-i1-e1abcd`: no facet."
    refuse = failing(400, "invalid_search_facets", text)
    among.nodes.behaviour = dict.fromkeys(
        NODES, lambda nodes, node, given: refuse(nodes, node, given) if "queries" in given else None
    )
    reply = await asked(among, MOVIES, facetsByIndex={"films": ["zz"]})
    assert orjson.loads(reply.body)["message"] == "Inside `.federation.facetsByIndex.films`: no facet."
    assert among.nodes.bodies[-1]["queries"] == []


async def test_what_a_query_may_not_have_is_judged_by_a_node() -> None:
    among = here()
    among.nodes.behaviour = dict.fromkeys(NODES, failing(400, "invalid_multi_search_query_pagination", "No `limit`."))
    reply = await asked(among, {**MOVIES, "limit": 3})
    assert orjson.loads(reply.body)["code"] == "invalid_multi_search_query_pagination"
    assert among.nodes.bodies == [{"queries": [{"indexUid": "movies-i1-e1abcd", "limit": 3}], "federation": {}}]


@pytest.mark.parametrize("body", [b'{"hits":[],"estimatedTotalHits":1,"facetsByIndex":3}', b"[]", b"nothing", b"{}"])
async def test_a_node_that_counts_nonsense_is_not_believed(body: bytes) -> None:
    among = here()
    among.nodes.behaviour["n1"] = lambda nodes, node, given: (
        Answered(node, 200, body, 0.01) if "queries" in given else None
    )
    queries, facets = [MOVIES, {**MOVIES, "q": "x"}], {"movies": ["n"]}
    assert (await told(among, *queries, facetsByIndex=facets))["estimatedTotalHits"] in (100, 150)


async def test_what_lacks_shards_is_marked_with_its_queries() -> None:
    among = here(copies=1)
    among.nodes.behaviour["n1"] = lambda nodes, node, given: (
        refusing()(nodes, node, given) if "queries" in given or given.get("q") == "x" else None
    )
    reply = await asked(among, MOVIES, {**FILMS, "q": "x"})
    assert (b"x-miroir-degraded", b"shards=1; queries=1") in reply.headers
    reply = await asked(among, MOVIES, FILMS, MOVIES)
    assert (b"x-miroir-degraded", b"shards=1; queries=0,2") in reply.headers


async def test_no_queries_find_nothing() -> None:
    answer = await told(here(), page=2)
    assert (answer["hits"], answer["totalHits"], answer["totalPages"]) == ([], 0, 0)
