"""Several searches in one request, each with its own answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import Answer, Engine
from tests.node.shapes import assert_error


@pytest.fixture(scope="module")
def films(engine: Engine) -> str:
    """A second index beside the library."""
    engine.create("films", "id", {"filterableAttributes": ["year"], "sortableAttributes": ["year"]})
    engine.add("films", [{"id": 1, "title": "War Games", "year": 1983}, {"id": 2, "title": "Emma", "year": 2020}])
    return "films"


def ask(engine: Engine, *queries: Any) -> Answer:
    return engine.ask("POST", "/multi-search", {"queries": list(queries)})


def test_each_query_is_answered_in_its_place(engine: Engine, books: str, films: str) -> None:
    answer = ask(
        engine,
        {"indexUid": films, "q": "emma"},
        {"indexUid": books, "q": "war", "limit": 1, "offset": 1, "attributesToRetrieve": ["title"]},
        {"indexUid": films, "page": 1, "facets": ["year"]},
    )
    assert answer.status == 200, answer.raw
    assert list(answer.body) == ["results"]
    first, second, third = answer.body["results"]
    assert list(first) == [
        "indexUid",
        "hits",
        "query",
        "processingTimeMs",
        "limit",
        "offset",
        "estimatedTotalHits",
        "requestUid",
    ]
    assert [each["indexUid"] for each in (first, second, third)] == [films, books, films]
    assert first["hits"] == [{"id": 2, "title": "Emma", "year": 2020}]
    alone = engine.search(books, q="war", limit=1, offset=1, attributesToRetrieve=["title"])
    ignored = {"processingTimeMs": 0, "requestUid": "", "indexUid": books}
    assert second | ignored == alone | ignored
    assert (third["totalHits"], third["facetDistribution"]) == (2, {"year": {"1983": 1, "2020": 1}})


def test_no_query_has_no_result(engine: Engine) -> None:
    assert ask(engine).body == {"results": []}


def test_parameters_may_be_null(engine: Engine, books: str) -> None:
    asked = {"indexUid": books, "limit": None, "offset": None, "q": None, "federationOptions": None}
    answer = engine.ask("POST", "/multi-search", {"queries": [asked], "federation": None})
    assert (answer.status, answer.body["results"][0]["limit"]) == (200, 20)


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ({"indexUid": "missing"}, "index_not_found", "Inside `.queries[1]`: Index `missing` not found."),
        (
            {"indexUid": "books", "filter": "title = a"},
            "invalid_search_filter",
            "Inside `.queries[1]`: Index `books`: Attribute `title` is not filterable.",
        ),
        ({"indexUid": "books", "filter": "year >"}, "invalid_search_filter", "Inside `.queries[1]`: "),
        ({"indexUid": "books", "sort": ["id:asc"]}, "invalid_search_sort", "Inside `.queries[1]`: Index `books`: Attr"),
        ({"indexUid": "books", "facets": ["title"]}, "invalid_search_facets", "Inside `.queries[1]`: Invalid facet"),
        (
            {"indexUid": "books", "federationOptions": {}},
            "invalid_multi_search_federation_options",
            "Inside `.queries[1]`: Using `federationOptions` is not allowed in a non-federated search.\n - Hint",
        ),
        (
            {"indexUid": "books", "q": "a", "hybrid": {"embedder": "none"}},
            "invalid_search_embedder",
            "Inside `.queries[1]`: Cannot find embedder with name `none`.",
        ),
        ({}, "missing_index_uid", "Missing field `indexUid` inside `.queries[1]`"),
        (
            {"indexUid": "a b"},
            "invalid_index_uid",
            "Invalid value at `.queries[1].indexUid`: `a b` is not a valid index",
        ),
        ({"indexUid": 1}, "invalid_index_uid", "Invalid value type at `.queries[1].indexUid`: expected a string"),
        ({"indexUid": "books", "q": 1}, "invalid_search_q", "Invalid value type at `.queries[1].q`: expected a string"),
        ({"indexUid": "books", "limt": 1}, "bad_request", "Unknown field `limt` inside `.queries[1]`: did you mean"),
        (
            1,
            "bad_request",
            "Invalid value type at `.queries[1]`: expected an object, but found a positive integer: `1`",
        ),
    ],
)
def test_the_query_that_fails_is_named(engine: Engine, books: str, query: Any, code: str, message: str) -> None:
    assert assert_error(ask(engine, {"indexUid": books}, query), 400, code).startswith(message)


@pytest.mark.parametrize("body", [{}, {"queries": {}}, {"queries": [], "other": 1}, {"queries": [], "federation": 1}])
def test_other_bodies_are_refused(engine: Engine, body: Any) -> None:
    assert_error(engine.ask("POST", "/multi-search", body), 400, "bad_request")


def test_a_key_must_reach_every_index(engine: Engine, books: str, films: str) -> None:
    key = {"actions": ["search"], "indexes": [books], "expiresAt": None}
    limited = engine.with_key(engine.ask("POST", "/keys", key).body["key"])
    assert ask(limited, {"indexUid": books}).status == 200
    message = assert_error(ask(limited, {"indexUid": books}, {"indexUid": films}), 403, "invalid_api_key")
    assert message == "Inside `.queries[1]`: The provided API key is invalid."
    assert_error(ask(engine.with_key(None), {"indexUid": books}), 401, "missing_authorization_header")


def test_metadata_tells_each_query_apart(engine: Engine, books: str) -> None:
    body = {"queries": [{"indexUid": books, "q": "emma"}, {"indexUid": books}]}
    answer = engine.ask("POST", "/multi-search", body, headers={"Meili-Include-Metadata": "true"})
    told = [result["metadata"] for result in answer.body["results"]]
    assert [(each.get("query"), each["indexUid"], each["primaryKey"]) for each in told] == [
        ("emma", books, "id"),
        (None, books, "id"),
    ]
