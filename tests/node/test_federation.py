"""Several searches in one request, federated: one list of hits by their weighted scores."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import Answer, Engine
from tests.node.shapes import assert_error

SETTINGS: dict[str, Any] = {
    "filterableAttributes": ["kind", "id"],
    "sortableAttributes": ["price"],
    "embedders": {"own": {"source": "userProvided", "dimensions": 2}},
}
FRUIT: list[dict[str, Any]] = [
    {"id": 1, "name": "red apple", "kind": "apple", "price": 3, "_vectors": {"own": [1.0, 0.0]}},
    {"id": 2, "name": "green apple", "kind": "apple", "price": 1, "_vectors": {"own": [0.0, 1.0]}},
    {"id": 3, "name": "red cherry", "kind": "cherry", "price": 5, "_vectors": {"own": [1.0, 1.0]}},
]
TREES: list[dict[str, Any]] = [
    {"id": 1, "name": "apple", "kind": "Apple", "price": 2, "_vectors": {"own": [-1.0, 0.0]}},
    {"id": 2, "name": "red oak", "kind": "oak", "price": 4, "_vectors": {"own": [0.9, 0.1]}},
]


@pytest.fixture(scope="module")
def orchard(engine: Engine) -> None:
    """Two indexes of one kind."""
    for uid, documents in {"fruit": FRUIT, "trees": TREES}.items():
        engine.create(uid, "id", SETTINGS)
        engine.add(uid, documents)


pytestmark = pytest.mark.usefixtures("orchard")


def ask(engine: Engine, queries: list[Any], **federation: Any) -> Answer:
    return engine.ask("POST", "/multi-search", {"queries": queries, "federation": federation})


def federated(engine: Engine, queries: list[Any], **federation: Any) -> Any:
    answer = ask(engine, queries, **federation)
    assert answer.status == 200, answer.raw
    return answer.body


def query(index: str, q: str | None = None, weight: float | None = None, **more: Any) -> dict[str, Any]:
    options = {} if weight is None else {"federationOptions": {"weight": weight}}
    return {"indexUid": index, **({} if q is None else {"q": q}), **more, **options}


def places(answer: Any) -> list[tuple[str, int, int]]:
    """Of each hit: its index, its query and its id."""
    told = [(hit["_federation"], hit["id"]) for hit in answer["hits"]]
    return [(origin["indexUid"], origin["queriesPosition"], id_) for origin, id_ in told]


def test_hits_of_all_queries_are_one_list_by_score(engine: Engine) -> None:
    by_name: dict[str, Any] = {"attributesToSearchOn": ["name"]}
    answer = federated(engine, [query("fruit", "apple", **by_name), query("trees", "apple", **by_name)])
    assert list(answer) == ["hits", "processingTimeMs", "limit", "offset", "estimatedTotalHits", "requestUid"]
    assert places(answer) == [("trees", 1, 1), ("fruit", 0, 1), ("fruit", 0, 2)]
    assert (answer["limit"], answer["offset"], answer["estimatedTotalHits"]) == (20, 0, 3)
    best = answer["hits"][0]
    assert list(best) == ["id", "name", "kind", "price", "_federation"]
    assert list(best["_federation"]) == ["indexUid", "queriesPosition", "weightedRankingScore"]
    assert best["_federation"]["weightedRankingScore"] == 1.0


def test_weights_change_the_order_and_are_in_the_scores(engine: Engine) -> None:
    queries = [query("fruit", "apple", 2.0, showRankingScore=True), query("trees", "apple", 0.5)]
    answer = federated(engine, queries)
    assert places(answer) == [("fruit", 0, 1), ("fruit", 0, 2), ("trees", 1, 1)]
    first = answer["hits"][0]
    assert first["_federation"]["weightedRankingScore"] == first["_rankingScore"] * 2.0
    assert "_rankingScore" not in answer["hits"][2]


def test_a_document_that_two_queries_find_is_shown_once_by_its_better_one(engine: Engine) -> None:
    answer = federated(engine, [query("fruit", "red", 0.5), query("fruit", "cherry")])
    assert places(answer) == [("fruit", 1, 3), ("fruit", 0, 1)]
    assert answer["estimatedTotalHits"] == 2


def test_equal_hits_keep_the_order_of_the_queries(engine: Engine) -> None:
    answer = federated(engine, [query("trees"), query("fruit")])
    assert places(answer) == [
        ("trees", 0, 1),
        ("trees", 0, 2),
        ("fruit", 1, 1),
        ("fruit", 1, 2),
        ("fruit", 1, 3),
    ]


def test_sorted_queries_are_merged_by_their_values(engine: Engine) -> None:
    queries = [query("fruit", sort=["price:desc"]), query("trees", sort=["price:desc"])]
    assert [hit["price"] for hit in federated(engine, queries)["hits"]] == [5, 4, 3, 2, 1]


def test_a_window_and_pages_are_cut_from_the_whole_list(engine: Engine) -> None:
    queries = [query("fruit", sort=["price:asc"]), query("trees", sort=["price:asc"])]
    window = federated(engine, queries, offset=1, limit=2)
    assert [hit["price"] for hit in window["hits"]] == [2, 3]
    assert (window["offset"], window["limit"], window["estimatedTotalHits"]) == (1, 2, 5)
    page = federated(engine, queries, page=2, hitsPerPage=3)
    assert [hit["price"] for hit in page["hits"]] == [4, 5]
    assert [page[name] for name in ("hitsPerPage", "page", "totalPages", "totalHits")] == [3, 2, 2, 5]
    assert federated(engine, queries, page=0)["hits"] == []


def test_each_query_formats_its_own_hits(engine: Engine) -> None:
    queries = [
        query("fruit", "red", attributesToHighlight=["name"], attributesToRetrieve=["id", "name"]),
        query("trees", "oak", attributesToRetrieve=["id"]),
    ]
    hits = {hit["_federation"]["indexUid"]: hit for hit in federated(engine, queries)["hits"]}
    assert hits["fruit"]["_formatted"]["name"].startswith("<em>red</em>")
    assert list(hits["trees"]) == ["id", "_federation"]


def test_facets_are_those_of_each_index(engine: Engine) -> None:
    facets = {"fruit": ["kind", "id"], "trees": ["kind"]}
    answer = federated(engine, [query("fruit", "apple"), query("trees")], facetsByIndex=facets)
    assert answer["facetsByIndex"] == {
        "fruit": {
            "distribution": {"id": {"1": 1, "2": 1}, "kind": {"apple": 2}},
            "stats": {"id": {"min": 1, "max": 2}},
        },
        "trees": {"distribution": {"kind": {"Apple": 1, "oak": 1}}, "stats": {}},
    }
    assert "facetDistribution" not in answer


def test_facets_may_be_merged_and_cut(engine: Engine) -> None:
    facets = {"fruit": ["kind", "id"], "trees": ["kind", "id"]}
    queries = [query("fruit"), query("trees")]
    answer = federated(engine, queries, facetsByIndex=facets, mergeFacets={})
    assert list(answer["facetDistribution"]["kind"].items()) == [("Apple", 1), ("apple", 2), ("cherry", 1), ("oak", 1)]
    assert answer["facetDistribution"]["id"] == {"1": 2, "2": 2, "3": 1}
    assert answer["facetStats"] == {"id": {"min": 1, "max": 3}}
    assert "facetsByIndex" not in answer
    cut = federated(engine, queries, facetsByIndex=facets, mergeFacets={"maxValuesPerFacet": 1})
    assert cut["facetDistribution"] == {"id": {"1": 2}, "kind": {"Apple": 1}}


def test_distinct_holds_across_queries_and_indexes(engine: Engine) -> None:
    facets = {"fruit": ["kind"], "trees": ["kind"]}
    answer = federated(engine, [query("trees"), query("fruit")], distinct="kind", facetsByIndex=facets)
    assert places(answer) == [("trees", 0, 1), ("trees", 0, 2), ("fruit", 1, 3)]
    assert answer["estimatedTotalHits"] == 3
    assert answer["facetsByIndex"]["fruit"]["distribution"] == {"kind": {"cherry": 1}}


def test_vectors_and_words_may_be_federated(engine: Engine) -> None:
    near: dict[str, Any] = {"vector": [1.0, 0.0], "hybrid": {"embedder": "own"}, "retrieveVectors": True}
    answer = federated(engine, [query("fruit", **near, filter="id = 1"), query("trees", "apple")])
    assert places(answer) == [("fruit", 0, 1), ("trees", 1, 1)]
    assert (answer["semanticHitCount"], answer["queryVectors"]) == (1, {"0": [1.0, 0.0]})
    assert "_vectors" in answer["hits"][0]
    assert list(answer)[1] == "queryVectors"


def test_metadata_tells_the_queries_in_their_order(engine: Engine) -> None:
    body = {"queries": [query("trees", "oak"), query("fruit")], "federation": {}}
    answer = engine.ask("POST", "/multi-search", body, headers={"Meili-Include-Metadata": "true"}).body
    assert [(each.get("query"), each["indexUid"]) for each in answer["metadata"]] == [("oak", "trees"), (None, "fruit")]


PAGING = "Inside `.queries[1]`: Using pagination options is not allowed in federated queries.\n - Hint: remove `"


@pytest.mark.parametrize(
    ("asked", "code", "message"),
    [
        (query("trees", limit=1), "invalid_multi_search_query_pagination", PAGING + "limit`"),
        (query("trees", hitsPerPage=1), "invalid_multi_search_query_pagination", PAGING + "hitsPerPage`"),
        (
            query("trees", facets=["kind"]),
            "invalid_multi_search_query_facets",
            "Inside `.queries[1]`: Using facet options is not allowed in federated queries.\n - Hint: remove `facets`",
        ),
        (query("trees", showPerformanceDetails=True), "invalid_multi_search_query_show_performance_details", "Inside"),
        (query("missing"), "index_not_found", "Inside `.queries[1]`: Index `missing` not found."),
        (query("trees", filter="name = a"), "invalid_search_filter", "Inside `.queries[1]`: Index `trees`: Attribute"),
        (
            query("trees", weight=-1),
            "invalid_multi_search_weight",
            "Invalid value at `.queries[1].federationOptions.weight`: the value of `weight` is invalid",
        ),
        (
            query("trees", sort=["price:asc"]),
            "invalid_multi_search_query_ranking_rules",
            "Inside `.queries[1]`: The results of queries #0 and #1 are incompatible",
        ),
        (
            query("trees") | {"federationOptions": {"remote": "far"}},
            "feature_not_enabled",
            "Inside `.queries[1]`: Perf",
        ),
        (
            query("trees") | {"federationOptions": {"queryPosition": 1}},
            "feature_not_enabled",
            "Inside `.queries[1]`: Us",
        ),
    ],
)
def test_the_query_that_cannot_be_federated_is_named(engine: Engine, asked: Any, code: str, message: str) -> None:
    queries = [query("fruit", sort=["price:desc"]), asked | ({"sort": ["price:desc"]} if "sort" not in asked else {})]
    assert assert_error(ask(engine, queries), 400, code).startswith(message)


@pytest.mark.parametrize(
    ("federation", "code", "message"),
    [
        ({"limit": -1}, "invalid_search_limit", "Invalid value type at `.federation.limit`"),
        ({"mergeFacets": 1}, "invalid_multi_search_merge_facets", "Invalid value type at `.federation.mergeFacets`"),
        (
            {"facetsByIndex": {"trees": ["name"]}},
            "invalid_search_facets",
            "Inside `.federation.facetsByIndex.trees`: Invalid facet distribution: Pattern `name` is not filterable.",
        ),
        (
            {"facetsByIndex": {"missing": ["name"]}},
            "index_not_found",
            "Inside `.federation.facetsByIndex.missing`: Index `missing` not found.\n - Note: index `missing`",
        ),
        (
            {"distinct": "name"},
            "invalid_search_distinct",
            "Inside `.queries[0]`: Index `fruit`: Attribute `name` is not",
        ),
        ({"other": 1}, "bad_request", "Unknown field `other` inside `.federation`: "),
    ],
)
def test_a_federation_that_cannot_be_is_refused(engine: Engine, federation: Any, code: str, message: str) -> None:
    assert assert_error(ask(engine, [query("fruit")], **federation), 400, code).startswith(message)


def test_distinct_is_asked_for_in_one_place(engine: Engine) -> None:
    refused = ask(engine, [query("fruit", distinct="kind")], distinct="kind")
    assert_error(refused, 400, "invalid_multi_search_distinct")
    assert places(federated(engine, [query("fruit", distinct="kind")])) == [("fruit", 0, 1), ("fruit", 0, 3)]


def test_facets_of_two_orders_cannot_be_merged(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", SETTINGS | {"faceting": {"sortFacetValuesBy": {"kind": "count"}}})
    engine.add(uid, FRUIT)
    facets = {"fruit": ["kind"], uid: ["kind"]}
    refused = ask(engine, [query("fruit"), query(uid)], facetsByIndex=facets, mergeFacets={})
    message = assert_error(refused, 400, "invalid_multi_search_facet_order")
    assert "Inconsistent order for values in facet `kind`: index `fruit` orders alphabetically, but" in message
