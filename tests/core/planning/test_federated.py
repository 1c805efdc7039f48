"""The plan of a federated multi-search: what is understood, what each query becomes, what several of an index need."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from miroir._merge_core import encode_shard
from miroir.core.indexes import IndexView
from miroir.core.planning.batch import Batch, understand_batch
from miroir.core.planning.counting import as_search
from miroir.core.planning.federated import FederatedPlan, plan_federated
from miroir.core.planning.federation import Federation, understand_federation
from miroir.core.planning.understanding import NotUnderstood
from miroir.core.wire.errors import MiroirError

RULES = ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"]


def view(uid: str, **settings: Any) -> IndexView:
    told = {"rankingRules": RULES, "filterableAttributes": ["n", "color"], **settings}
    return IndexView(uid, f"{uid}-i1-e1abcd", 1, "id", 2, (("n0",), ("n1",)), "", "", told)


INDEXES = {uid: view(uid) for uid in ("a", "b")} | {
    "c": view("c", faceting={"sortFacetValuesBy": {"n": "count"}}, pagination={"maxTotalHits": 5})
}


def batch(queries: Any, **federation: Any) -> Batch:
    told = understand_batch(orjson.dumps({"queries": queries, "federation": federation}))
    assert isinstance(told, Batch)
    return told


def understood(queries: Any, **federation: Any) -> Federation:
    told = understand_federation(batch(queries, **federation))
    assert isinstance(told, Federation)
    return told


def planned(queries: Any, **federation: Any) -> FederatedPlan:
    return plan_federated(batch(queries, **federation), understood(queries, **federation), INDEXES)


def bodies(plan: FederatedPlan) -> list[Any]:
    return [orjson.loads(part.body) for asked in plan.asked for part in asked.parts]


@pytest.mark.parametrize(
    ("federation", "required"),
    [
        ({}, 20),
        ({"offset": 3, "limit": 4}, 7),
        ({"page": 3}, 60),
        ({"hitsPerPage": 7}, 7),
        ({"page": 2, "hitsPerPage": 7}, 14),
        ({"page": 0, "hitsPerPage": 7}, 0),
        ({"limit": 2**62, "offset": 2**62}, 2**31 - 1),
    ],
)
def test_how_many_hits_are_needed_of_every_query(federation: Any, required: int) -> None:
    assert understood([{"indexUid": "a"}], **federation).required == required


@pytest.mark.parametrize(
    ("query", "federation"),
    [
        ({"limit": 3}, {}),
        ({"page": 3}, {}),
        ({"facets": ["n"]}, {}),
        ({"showPerformanceDetails": False}, {}),
        ({"distinct": "n"}, {"distinct": "n"}),
        ({"federationOptions": {"weight": -1}}, {}),
        ({"federationOptions": {"remote": "x"}}, {}),
        ({"federationOptions": 3}, {}),
        ({"odd": 1}, {}),
        ({}, {"odd": 1}),
        ({}, {"limit": None}),
        ({}, {"limit": -1}),
        ({}, {"facetsByIndex": {"a": "n"}}),
        ({}, {"mergeFacets": {"maxValuesPerFacet": "3"}}),
    ],
)
def test_what_only_a_node_can_judge_is_left_to_it(query: Any, federation: Any) -> None:
    assert isinstance(understand_federation(batch([{"indexUid": "a", **query}], **federation)), NotUnderstood)


@pytest.mark.parametrize("name", ["personalize", "showPerformanceDetails"])
def test_what_miroir_does_not_support_is_named(name: str) -> None:
    told = understand_federation(batch([{"indexUid": "a"}], **{name: True}))
    assert told == NotUnderstood(name)


def test_each_query_is_a_search_for_as_many_hits_as_the_window_needs() -> None:
    plan = planned([{"indexUid": "b", "q": "x", "filter": "n = 1"}, {"indexUid": "a", "q": None}], offset=2, limit=3)
    assert [part.index for asked in plan.asked for part in asked.parts] == ["a", "b"]
    assert bodies(plan) == [
        {"offset": 0, "limit": 5},
        {"q": "x", "filter": "n = 1", "offset": 0, "limit": 5},
    ]


def test_pages_are_asked_as_one_large_page() -> None:
    assert bodies(planned([{"indexUid": "a"}], page=3, hitsPerPage=4)) == [{"page": 1, "hitsPerPage": 12}]
    assert bodies(planned([{"indexUid": "a"}], page=0)) == [{"page": 0, "hitsPerPage": 0}]


def test_facets_of_an_index_that_one_query_asks_are_those_of_its_search() -> None:
    plan = planned([{"indexUid": "a"}, {"indexUid": "b"}], facetsByIndex={"a": ["n"], "b": None})
    assert bodies(plan) == [{"offset": 0, "limit": 20, "facets": ["n"]}, {"offset": 0, "limit": 20}]
    assert all(asked.counting is None for asked in plan.asked)


def test_what_several_queries_find_together_is_counted_by_the_nodes() -> None:
    queries = [
        {"indexUid": "b"},
        {"indexUid": "a", "q": "x", "sort": ["n:asc"], "filter": ["n = 1"], "showRankingScore": True},
        {"indexUid": "a", "q": " ", "attributesToHighlight": ["*"]},
    ]
    plan = planned(queries, facetsByIndex={"a": ["n"]})
    counting = plan.asked[0].counting
    assert counting is not None
    assert counting.places == (1, 2)
    assert plan.asked[1].counting is None
    selector = f'_miroir_shard IN ["{encode_shard(1)}"]'
    common = {"indexUid": "a-i1-e1abcd", "attributesToRetrieve": []}
    assert orjson.loads(counting.leg.body((1,))) == {
        "queries": [
            {**common, "q": "x", "filter": ["n = 1", selector]},
            {**common, "q": ",", "filter": [selector]},
        ],
        "federation": {"limit": 0, "facetsByIndex": {"a-i1-e1abcd": ["n"]}},
    }
    assert "facets" not in bodies(plan)[0]


def test_queries_of_one_index_keep_the_ids_by_which_documents_are_known() -> None:
    plan = planned([{"indexUid": "a"}, {"indexUid": "a", "q": "x"}, {"indexUid": "b"}])
    assert [part.kept for asked in plan.asked for part in asked.parts] == [("id",), ("id",), ()]


def test_what_is_distinct_over_all_is_distinct_in_each_and_kept() -> None:
    plan = planned([{"indexUid": "a"}, {"indexUid": "b"}], distinct="color")
    assert [body["distinct"] for body in bodies(plan)] == ["color", "color"]
    assert [part.kept for asked in plan.asked for part in asked.parts] == [("color",), ("color",)]


def test_vectors_that_find_all_documents_are_not_searched_for_to_count() -> None:
    queries = [
        {"indexUid": "a", "q": "x"},
        {"indexUid": "a", "q": "y", "hybrid": {"embedder": "e", "semanticRatio": 0.9}},
        {"indexUid": "a", "q": "y", "hybrid": {"embedder": "e", "semanticRatio": 0.2}},
    ]
    given = Batch({"queries": queries}, batch(queries).queries, (None, None, None), {})
    plan = plan_federated(given, Federation(0, 20, None, weights=(1.0, 1.0, 1.0)), INDEXES)
    assert plan.asked[0].counting is not None
    told = orjson.loads(plan.asked[0].counting.leg.body((0,)))["queries"]
    assert [(query["q"], "hybrid" in query) for query in told] == [("x", False), (",", False), ("y", True)]


def test_an_unknown_index_is_an_error_of_the_first_query_that_asks_it() -> None:
    with pytest.raises(MiroirError) as refused:
        planned([{"indexUid": "a"}, {"indexUid": "zz"}, {"indexUid": "zz"}])
    assert refused.value.as_dict()["message"] == "Inside `.queries[1]`: Index `zz` not found."
    assert refused.value.code == "index_not_found"


def test_facets_that_are_ordered_differently_cannot_be_merged() -> None:
    queries, facets = [{"indexUid": "a"}, {"indexUid": "c"}], {"a": ["n", "color"], "c": ["color", "n"]}
    planned(queries, facetsByIndex=facets)
    with pytest.raises(MiroirError, match="facet `n`") as refused:
        planned(queries, facetsByIndex=facets, mergeFacets={})
    assert refused.value.code == "invalid_multi_search_facet_order"


def test_facets_of_indexes_that_no_query_asks_are_left_to_a_node() -> None:
    assert planned([{"indexUid": "a"}], facetsByIndex={"a": ["n"], "b": ["n"], "zz": None}).unused == {
        "b": ["n"],
        "zz": None,
    }


def test_a_count_is_read_as_a_search_without_hits() -> None:
    facets = {"a-i1-e1abcd": {"distribution": {"n": {"1": 2}}, "stats": {"n": {"min": 1.0, "max": 1.0}}}}
    told = as_search(orjson.dumps({"hits": [{}], "estimatedTotalHits": 7, "facetsByIndex": facets}), INDEXES["a"])
    assert orjson.loads(told) == {
        "hits": [],
        "query": "",
        "estimatedTotalHits": 7,
        "facetDistribution": {"n": {"1": 2}},
        "facetStats": {"n": {"min": 1.0, "max": 1.0}},
    }
    with pytest.raises(ValueError, match="no hits"):
        as_search(b'{"message":"x"}', INDEXES["a"])


def test_queries_whose_hits_cannot_be_compared_are_refused() -> None:
    queries = [{"indexUid": "a", "sort": ["n:asc"]}, {"indexUid": "b", "sort": ["n:desc"]}]
    with pytest.raises(MiroirError) as refused:
        planned(queries)
    assert refused.value.code == "invalid_multi_search_query_ranking_rules"
