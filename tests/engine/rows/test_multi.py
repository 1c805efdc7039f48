"""Row 52: several searches in one request, each answered by itself, or federated into one list."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.compare import difference, exact
from tests.engine.rows.ground import Ground
from tests.engine.rows.topologies import on
from tests.harness.client import Answer, Json

PATH = "/multi-search"
WORLDS = ("plain", "ranked", "narrow", "changed")
Query = dict[str, Any]


@pytest.fixture
def several(ground: Ground) -> Ground:
    """The worlds on a ground whose nodes have the route."""
    for world in WORLDS:
        ground.ready(world)
    if ground.one.ask("POST", PATH, {"queries": []}).status == 404:
        pytest.skip("these nodes have no multi-search")
    return ground


def query(world: str, q: str | None = None, **more: Any) -> Query:
    weight = more.pop("weight", None)
    options = {} if weight is None else {"federationOptions": {"weight": weight}}
    return {"indexUid": world, **({} if q is None else {"q": q}), **more, **options}


def same(ground: Ground, body: Json) -> None:
    """Both answer the same; where values are distinct, how many hits there are is an estimate on one node too."""
    answers = ground.ask("POST", PATH, body)
    assert "x-miroir-degraded" not in answers[1].headers, answers[1].headers
    if any(each["indexUid"] == "narrow" or "distinct" in each for each in body["queries"]):
        answers = _without_estimates(answers[0]), _without_estimates(answers[1])
    if found := difference(*answers):
        pytest.fail(f"{body!r}: {found}", pytrace=False)


def _without_estimates(answer: Answer) -> Answer:
    told = exact(answer.raw)
    for each in (told, *told.get("results", ())):
        each.pop("estimatedTotalHits", None)
    return Answer(answer.status, answer.headers, json.dumps(told).encode())


PLAIN: list[list[Query]] = [
    [],
    [query("plain", "sun", limit=3), query("ranked", "moon star"), query("narrow")],
    [query("plain", "alpha"), query("plain", "alpha"), query("plain", "beta", page=1, hitsPerPage=2, facets=["color"])],
    [query("narrow", "sun", attributesToHighlight=["*"], showRankingScore=True), query("ranked", sort=["n:desc"])],
    [query("plain", "sun"), query("plain", "sun", filter="nothing = 1"), query("none")],
    [query("plain", "sun"), query("none"), query("plain", filter="nothing = 1")],
    [query("plain", "sun"), query("plain", odd=1)],
    [query("plain", "sun", weight=2.0)],
    [query("plain", limit="x")],
    [query("a b")],
]


@on("two", "three", "seven")
@pytest.mark.parametrize("queries", PLAIN)
def test_each_query_is_answered_as_a_search_of_its_own(several: Ground, queries: list[Query]) -> None:
    same(several, {"queries": queries})


FEDERATED: dict[str, tuple[list[Query], dict[str, Any]]] = {
    "two indexes": ([query("plain", "sun"), query("ranked", "moon")], {}),
    "three indexes, backwards": ([query("ranked", "sun"), query("plain", "star"), query("narrow", "moon")], {}),
    "weights": ([query("plain", "sun", weight=0.3), query("ranked", "moon", weight=1.7)], {"limit": 50}),
    "no weight at all": ([query("plain", "sun", weight=0), query("ranked", "sun", weight=0)], {"limit": 30}),
    "nothing beside words": ([query("plain"), query("ranked", "moon")], {"limit": 60}),
    "nothing twice, all alike": ([query("plain", filter="open = true"), query("plain")], {"limit": 30}),
    "nothing in two indexes": ([query("narrow"), query("plain")], {"offset": 40, "limit": 30}),
    "one index, two queries": ([query("plain", "sun"), query("plain", "moon star")], {"limit": 40}),
    "one index, three queries": (
        [query("plain", "sun", weight=0.9), query("plain", filter="n > 1"), query("plain", "alpha", weight=1.1)],
        {"limit": 40, "facetsByIndex": {"plain": ["color", "n"]}},
    ),
    "the same query twice": ([query("plain", "sun"), query("plain", "sun")], {}),
    "sorts": ([query("plain", sort=["n:asc"]), query("narrow", sort=["color:asc"])], {"limit": 40}),
    "a sort beside none": ([query("plain", "sun", sort=["n:desc"]), query("plain", "moon")], {"limit": 40}),
    "words and sorts": (
        [query("plain", "sun star", sort=["n:asc"]), query("narrow", "moon sun", sort=["n:asc"])],
        {"limit": 40},
    ),
    "distances": ([query("plain", sort=["_geoPoint(48.8, 2.3):asc"])] * 2, {"limit": 40}),
    "a window": ([query("plain", "sun"), query("ranked", "moon")], {"offset": 5, "limit": 4}),
    "a window behind the end": ([query("plain", "sun"), query("ranked", "moon")], {"offset": 500, "limit": 4}),
    "no window": ([query("plain", "sun"), query("ranked", "moon")], {"limit": 0}),
    "a page": ([query("plain", "sun"), query("ranked", "moon")], {"page": 2, "hitsPerPage": 3}),
    "page 0": ([query("plain", "sun"), query("ranked", "moon")], {"page": 0}),
    "pages of nothing": ([query("plain", "sun"), query("plain", "moon")], {"hitsPerPage": 0}),
    "more than an index may give": ([query("narrow"), query("plain")], {"limit": 400}),
    "scores": (
        [query("plain", "sun", showRankingScore=True), query("ranked", "sun", showRankingScoreDetails=True)],
        {"limit": 40},
    ),
    "shown fields": (
        [
            query("narrow", "sun", attributesToHighlight=["*"], showMatchesPosition=True),
            query("plain", "sun", attributesToRetrieve=["title"], attributesToCrop=["body"], cropLength=3),
        ],
        {"limit": 40},
    ),
    "no fields": ([query("plain", "sun", attributesToRetrieve=[]), query("plain", "moon")], {}),
    "facets by index": (
        [query("plain", "sun"), query("ranked", "moon")],
        {"facetsByIndex": {"plain": ["color", "n"], "ranked": ["color"], "narrow": ["color"]}},
    ),
    "facets of an index alone": (
        [query("plain", "sun"), query("ranked", "moon")],
        {"facetsByIndex": {"ranked": None, "plain": []}},
    ),
    "facets merged": (
        [query("plain", "sun"), query("changed", "moon")],
        {"facetsByIndex": {"plain": ["color", "n", "tags"], "changed": ["color", "n"]}, "mergeFacets": {}},
    ),
    "few facets merged": (
        [query("plain"), query("plain", "moon"), query("changed", "moon")],
        {"facetsByIndex": {"plain": ["color"], "changed": ["tags"]}, "mergeFacets": {"maxValuesPerFacet": 2}},
    ),
    "merged facets that nobody names": ([query("plain", "sun")], {"mergeFacets": {}}),
    "distinct in a query": ([query("plain", "sun", distinct="group"), query("ranked", "moon")], {"limit": 40}),
    "thresholds": (
        [query("plain", "sun star", rankingScoreThreshold=0.5), query("ranked", "moon")],
        {"limit": 40, "page": 1, "hitsPerPage": 50},
    ),
    "words that are excluded": ([query("plain", "sun -moon"), query("plain", "star -sun")], {"limit": 40}),
    "phrases": ([query("plain", '"sun moon"'), query("ranked", "alp")], {"limit": 40}),
    "no queries": ([], {}),
}


@on("two", "three", "seven")
@pytest.mark.parametrize("name", FEDERATED)
def test_a_federated_answer_is_one_nodes(several: Ground, name: str) -> None:
    queries, federation = FEDERATED[name]
    same(several, {"queries": queries, "federation": federation})


@on("two", "seven")
@pytest.mark.parametrize("page", [{"limit": 60}, {"page": 1, "hitsPerPage": 60}])
def test_hits_are_distinct_over_all_queries(several: Ground, page: dict[str, int]) -> None:
    """What is left is one node's; how many there are is an estimate on one node too."""
    queries = [query("plain", "sun"), query("ranked", "moon"), query("plain", "star")]
    answers = several.ask("POST", PATH, {"queries": queries, "federation": {**page, "distinct": "group"}})
    assert [answer.status for answer in answers] == [200, 200]
    one, many = (answer.body["hits"] for answer in answers)
    assert one == many


REFUSED: dict[str, tuple[list[Query], dict[str, Any]]] = {
    "a filter": ([query("narrow"), query("plain", filter="nothing = 1")], {}),
    "a sort": ([query("plain", sort=["nothing:asc"])], {}),
    "an index": ([query("plain"), query("none")], {}),
    "the first error of the first index": ([query("plain", filter="nothing = 1"), query("none")], {}),
    "a window in a query": ([query("plain"), query("plain", limit=3)], {}),
    "a page in a query": ([query("plain", page=3)], {}),
    "facets in a query": ([query("plain", facets=["color"])], {}),
    "distinct twice": ([query("plain", distinct="color")], {"distinct": "color"}),
    "a weight below nothing": ([query("plain", weight=-1)], {}),
    "a facet": ([query("plain")], {"facetsByIndex": {"plain": ["nothing"]}}),
    "a facet of several queries": (
        [query("narrow"), query("plain"), query("plain", "x")],
        {"facetsByIndex": {"plain": ["nothing"]}},
    ),
    "a facet of an index nobody asks": ([query("plain")], {"facetsByIndex": {"narrow": ["nothing"]}}),
    "facets of no index": ([query("plain")], {"facetsByIndex": {"none": ["color"]}}),
    "facets in different orders": (
        [query("plain"), query("ranked")],
        {"facetsByIndex": {"plain": ["color"], "ranked": ["color"]}, "mergeFacets": {}},
    ),
    "sorts in opposite directions": ([query("plain", sort=["n:asc"]), query("plain", sort=["n:desc"])], {}),
    "a sort beside relevancy": ([query("plain", sort=["n:asc"]), query("plain", "sun")], {}),
    "an unknown parameter": ([query("plain")], {"odd": 1}),
    "an offset of the wrong type": ([query("plain")], {"offset": "x"}),
}
OWN_WORDS = {"facets in different orders", "sorts in opposite directions", "a sort beside relevancy"}
"""Miroir itself finds these, and says so in its own sentence."""


@on("two")
@pytest.mark.parametrize("name", REFUSED)
def test_what_one_node_refuses_is_refused_with_its_code(several: Ground, name: str) -> None:
    queries, federation = REFUSED[name]
    body = {"queries": queries, "federation": federation}
    one, many = several.ask("POST", PATH, body)
    assert (one.status, one.code) == (many.status, many.code)
    assert one.status == 400
    for physical in ("-i1-e", "_miroir", "miroir-none"):
        assert physical not in many.body["message"]
    if name not in OWN_WORDS:
        several.equal("POST", PATH, body)
