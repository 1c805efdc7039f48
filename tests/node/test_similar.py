"""Similar documents: those nearest to one document, in both forms of the request."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import Answer, Engine
from tests.node.shapes import assert_error

SETTINGS: dict[str, Any] = {
    "embedders": {"own": {"source": "userProvided", "dimensions": 2}},
    "filterableAttributes": ["kind"],
    "distinctAttribute": "kind",
}
PETS: list[dict[str, Any]] = [
    {"id": "a", "kind": "cat", "_vectors": {"own": [1.0, 0.0]}},
    {"id": "b", "kind": "cat", "_vectors": {"own": [0.8, 0.6]}},
    {"id": "c", "kind": "dog", "_vectors": {"own": [0.0, 1.0]}},
    {"id": "d", "kind": "dog", "_vectors": {"own": None}},
    {"id": "e", "kind": "dog", "_vectors": {"own": [-1.0, 0.1]}},
]


@pytest.fixture(scope="module")
def pets(engine: Engine) -> str:
    engine.create("similar", "id", SETTINGS)
    engine.add("similar", PETS)
    return "similar"


def ask(engine: Engine, index: str, **body: Any) -> Answer:
    return engine.ask("POST", f"/indexes/{index}/similar", {"embedder": "own", **body})


def similar(engine: Engine, index: str, **body: Any) -> Any:
    answer = ask(engine, index, **body)
    assert answer.status == 200, answer.raw
    return answer.body


def ids(answer: Any) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


def test_the_nearest_come_first_and_the_document_itself_does_not(engine: Engine, pets: str) -> None:
    answer = similar(engine, pets, id="a")
    assert list(answer) == ["hits", "id", "processingTimeMs", "limit", "offset", "estimatedTotalHits"]
    assert (ids(answer), answer["id"]) == (["b", "c", "e"], "a")
    assert (answer["limit"], answer["offset"], answer["estimatedTotalHits"]) == (20, 0, 4)


def test_a_window_and_a_filter_bound_what_is_shown(engine: Engine, pets: str) -> None:
    window = similar(engine, pets, id="a", offset=1, limit=1)
    assert (ids(window), window["estimatedTotalHits"]) == (["c"], 4)
    filtered = similar(engine, pets, id="a", filter=["kind = dog"], attributesToRetrieve=["id"])
    assert filtered["hits"] == [{"id": "c"}, {"id": "e"}]
    assert filtered["estimatedTotalHits"] == 3


def test_totals_are_cut_to_what_an_index_shows(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", SETTINGS | {"pagination": {"maxTotalHits": 2}})
    engine.add(uid, PETS)
    answer = similar(engine, uid, id="a")
    assert (ids(answer), answer["estimatedTotalHits"]) == (["b", "c", "e"], 2)


def test_scores_and_vectors_are_shown_when_asked_for(engine: Engine, pets: str) -> None:
    asked = {"showRankingScore": True, "showRankingScoreDetails": True, "retrieveVectors": True}
    hit = similar(engine, pets, id="a", limit=1, **asked)["hits"][0]
    assert hit["_rankingScore"] == pytest.approx(0.9)
    assert hit["_rankingScoreDetails"] == {"vectorSort": {"order": 0, "similarity": pytest.approx(0.9)}}
    assert hit["_vectors"]["own"]["embeddings"] == [pytest.approx([0.8, 0.6])]


def test_a_threshold_cuts_what_is_too_far(engine: Engine, pets: str) -> None:
    answer = similar(engine, pets, id="a", rankingScoreThreshold=0.5)
    assert (ids(answer), answer["estimatedTotalHits"]) == (["b", "c"], 2)


def test_nothing_is_like_a_document_without_vectors(engine: Engine, pets: str) -> None:
    answer = similar(engine, pets, id="d")
    assert (answer["hits"], answer["estimatedTotalHits"]) == ([], 4)


def test_ids_may_be_numbers(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", SETTINGS)
    engine.add(uid, [{"id": n, "_vectors": {"own": [1.0, n]}} for n in range(3)])
    answer = similar(engine, uid, id=0)
    assert ([hit["id"] for hit in answer["hits"]], answer["id"]) == ([1, 2], "0")


def test_the_query_string_asks_for_the_same(engine: Engine, pets: str) -> None:
    query = "id=a&embedder=own&limit=2&filter=kind%20%3D%20dog&attributesToRetrieve=id&showRankingScore=true"
    body = {"limit": 2, "filter": "kind = dog", "attributesToRetrieve": ["id"], "showRankingScore": True}
    asked, sent = engine.get(f"/indexes/{pets}/similar?{query}"), similar(engine, pets, id="a", **body)
    assert asked | {"processingTimeMs": 0} == sent | {"processingTimeMs": 0}


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"id": "zz"}, "not_found_similar_id", "Document `zz` not found."),
        ({"id": "a b"}, "invalid_similar_id", 'Invalid value at `.id`: Document identifier `"a b"` is invalid.'),
        ({"id": "a", "embedder": "none"}, "invalid_similar_embedder", "Cannot find embedder with name `none`."),
        ({}, "bad_request", "Missing field `id`"),
        (
            {"id": "a", "limit": -1},
            "invalid_similar_limit",
            "Invalid value type at `.limit`: expected a positive integer",
        ),
        ({"id": "a", "filter": "id = 1"}, "invalid_similar_filter", "Attribute `id` is not filterable."),
        ({"id": "a", "filter": 1}, "invalid_similar_filter", "Invalid syntax for the filter parameter"),
        ({"id": "a", "rankingScoreThreshold": 2}, "invalid_similar_ranking_score_threshold", "Invalid value at"),
        ({"id": "a", "q": "x"}, "bad_request", "Unknown field `q`: expected one of `id`, `offset`, `limit`"),
    ],
)
def test_what_cannot_be_compared_is_refused(engine: Engine, pets: str, body: Any, code: str, message: str) -> None:
    assert assert_error(ask(engine, pets, **body), 400, code).startswith(message)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("embedder=own", "bad_request"),
        ("id=a", "bad_request"),
        ("id=a&embedder=own&limit=x", "invalid_similar_limit"),
        ("id=zz&embedder=own", "not_found_similar_id"),
    ],
)
def test_bad_query_strings_are_refused(engine: Engine, pets: str, query: str, code: str) -> None:
    assert_error(engine.ask("GET", f"/indexes/{pets}/similar?{query}"), 400, code)


def test_documents_of_a_missing_index_are_like_nothing(engine: Engine) -> None:
    assert_error(ask(engine, "missing", id="a"), 404, "index_not_found")
