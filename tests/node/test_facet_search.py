"""Facet search: values of one attribute, by their beginning, with counts among what a search finds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import Answer, Engine
from tests.node.shapes import assert_error


def ask(engine: Engine, index: str, body: Any) -> Answer:
    return engine.ask("POST", f"/indexes/{index}/facet-search", body)


def values(engine: Engine, index: str, **body: Any) -> list[tuple[str, int]]:
    answer = ask(engine, index, body)
    assert answer.status == 200, answer.raw
    return [(hit["value"], hit["count"]) for hit in answer.body["facetHits"]]


def test_values_are_found_by_their_beginning(engine: Engine, books: str) -> None:
    answer = ask(engine, books, {"facetName": "author", "facetQuery": "j"})
    assert list(answer.body) == ["facetHits", "facetQuery", "processingTimeMs"]
    assert answer.body["facetQuery"] == "j"
    assert [list(hit) for hit in answer.body["facetHits"]] == [["value", "count"]] * 3
    assert values(engine, books, facetName="author", facetQuery="j") == [
        ("J. R. R. Tolkien", 1),
        ("Jane Austen", 3),
        ("Jim Butcher", 1),
    ]


def test_without_a_text_all_values_are_listed(engine: Engine, books: str) -> None:
    assert values(engine, books, facetName="tags") == [
        ("class", 2),
        ("dragon", 1),
        ("essay", 1),
        ("love", 2),
        ("war", 1),
    ]
    assert ask(engine, books, {"facetName": "tags"}).body["facetQuery"] is None
    assert values(engine, books, facetName="tags", facetQuery="") == values(engine, books, facetName="tags")


def test_texts_are_folded_and_may_have_typos(engine: Engine, books: str) -> None:
    assert values(engine, books, facetName="author", facetQuery="ANTOINE DE SAINT-EXUPERY") == [
        ("Antoine de Saint-Exupéry", 1)
    ]
    assert values(engine, books, facetName="author", facetQuery="virgnia") == [("Virginia Woolf", 2)]
    assert values(engine, books, facetName="author", facetQuery="xyzzy") == []


def test_counts_are_those_of_a_search(engine: Engine, books: str) -> None:
    assert values(engine, books, facetName="tags", q="pride") == [("class", 1), ("love", 1)]
    assert values(engine, books, facetName="tags", filter="year > 1850") == [
        ("class", 1),
        ("dragon", 1),
        ("essay", 1),
        ("war", 1),
    ]
    assert values(engine, books, facetName="author", q="war peace", matchingStrategy="all") == [("Leo Tolstoy", 1)]
    assert values(engine, books, facetName="author", q="paris", attributesToSearchOn=["title"]) == [("Victor Hugo", 1)]


def test_values_come_by_count_where_the_index_says_so(engine: Engine, uid: str) -> None:
    faceting = {"sortFacetValuesBy": {"c": "count"}, "maxValuesPerFacet": 2}
    engine.create(uid, "id", {"filterableAttributes": ["c"], "faceting": faceting})
    engine.add(
        uid, [{"id": n, "c": color} for n, color in enumerate(["red", "blue", "blue", "green", "green", "green"])]
    )
    assert values(engine, uid, facetName="c") == [("green", 3), ("blue", 2)]


def test_values_are_cut_to_the_cap_of_the_index(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", {"filterableAttributes": ["c"], "faceting": {"maxValuesPerFacet": 3}})
    engine.add(uid, [{"id": n, "c": f"v{n}"} for n in range(9)])
    assert values(engine, uid, facetName="c", facetQuery="v") == [("v0", 1), ("v1", 1), ("v2", 1)]


def test_counts_may_be_exhaustive(engine: Engine, books: str) -> None:
    asked: dict[str, Any] = {"facetName": "author", "q": "war peace", "rankingScoreThreshold": 0.9}
    assert values(engine, books, **asked, exhaustiveFacetCount=False)
    assert ("Leo Tolstoy", 1) in values(engine, books, **asked, exhaustiveFacetCount=True)


def test_a_search_by_vectors_leaves_every_document_a_candidate(engine: Engine, uid: str) -> None:
    own = {"embedders": {"own": {"source": "userProvided", "dimensions": 1}}, "filterableAttributes": ["c"]}
    engine.create(uid, "id", own)
    engine.add(uid, [{"id": n, "c": c, "_vectors": {"own": [1.0]}} for n, c in enumerate("aab")])
    hybrid = {"hybrid": {"embedder": "own"}, "vector": [1.0]}
    assert values(engine, uid, facetName="c", q="zzz", **hybrid) == [("a", 2), ("b", 1)]
    refused = ask(engine, uid, {"facetName": "c", "q": "a", "hybrid": {"embedder": "none"}})
    assert_error(refused, 400, "invalid_search_embedder")


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, "missing_facet_search_facet_name", "Missing field `facetName`"),
        ({"facetName": 1}, "invalid_facet_search_facet_name", "Invalid value type at `.facetName`: expected a string"),
        ({"facetName": "tags", "facetQuery": 1}, "invalid_facet_search_query", "Invalid value type at `.facetQuery`"),
        (
            {"facetName": "title"},
            "invalid_facet_search_facet_name",
            "Attribute `title` is not facet-searchable. Available facet-searchable attributes patterns are:",
        ),
        ({"facetName": "tags", "q": 1}, "invalid_search_q", "Invalid value type at `.q`"),
        ({"facetName": "tags", "filter": "title = a"}, "invalid_search_filter", "Attribute `title` is not filterable"),
        (
            {"facetName": "tags", "exhaustiveFacetCount": 1},
            "invalid_facet_search_exhaustive_facet_count",
            "Invalid value type at `.exhaustiveFacetCount`: expected a boolean",
        ),
        ({"facetName": "tags", "vector": [0.1]}, "missing_search_hybrid", "Invalid request: missing `hybrid`"),
    ],
)
def test_what_cannot_be_looked_for_is_refused(engine: Engine, books: str, body: Any, code: str, message: str) -> None:
    assert assert_error(ask(engine, books, body), 400, code).startswith(message)


def test_parameters_without_a_meaning_here_are_ignored(engine: Engine, books: str) -> None:
    assert values(engine, books, facetName="tags", limit=1, nonsense=True) == values(engine, books, facetName="tags")


def test_an_index_may_do_without(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", {"filterableAttributes": ["c"], "facetSearch": False})
    message = assert_error(ask(engine, uid, {"facetName": "c"}), 400, "facet_search_disabled")
    assert message == "The facet search is disabled for this index"
    assert_error(ask(engine, "missing", {"facetName": "c"}), 404, "index_not_found")
