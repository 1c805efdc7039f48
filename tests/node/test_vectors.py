"""Vectors that clients provide: in documents, in searches by similarity and by both words and similarity."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import Engine
from tests.node.shapes import assert_error, assert_task_error

SETTINGS: dict[str, Any] = {
    "embedders": {"own": {"source": "userProvided", "dimensions": 2}},
    "filterableAttributes": ["id", "kind"],
    "sortableAttributes": ["price"],
}
PETS: list[dict[str, Any]] = [
    {"id": 1, "name": "kitten small", "kind": "cat", "price": 30, "_vectors": {"own": [1.0, 0.0]}},
    {"id": 2, "name": "kitten large", "kind": "cat", "price": 20, "_vectors": {"own": [0.8, 0.6]}},
    {"id": 3, "name": "puppy", "kind": "dog", "price": 10, "_vectors": {"own": [[0.0, 1.0], [-1.0, 0.0]]}},
    {"id": 4, "name": "hamster kitten", "kind": "other", "price": 5, "_vectors": {"own": None}},
    {"id": 5, "name": "goldfish", "kind": "other", "price": 1, "_vectors": {"own": [-0.6, 0.8]}},
]


@pytest.fixture(scope="module")
def pets(engine: Engine) -> str:
    """Documents with one vector, with several and with none."""
    engine.create("pets", "id", SETTINGS)
    engine.add("pets", PETS)
    return "pets"


def hybrid(ratio: float | None = None, embedder: str = "own") -> dict[str, Any]:
    return {"embedder": embedder} if ratio is None else {"embedder": embedder, "semanticRatio": ratio}


def ids(answer: Any) -> list[int]:
    return [hit["id"] for hit in answer["hits"]]


def similarity(hit: Any) -> float | None:
    value: float | None = hit["_rankingScoreDetails"]["vectorSort"]["similarity"]
    return value


def test_a_vector_orders_all_documents_and_those_without_come_last(engine: Engine, pets: str) -> None:
    answer = engine.search(
        pets, vector=[1.0, 0.0], hybrid=hybrid(), showRankingScore=True, showRankingScoreDetails=True
    )
    assert ids(answer) == [1, 2, 3, 5, 4]
    assert [similarity(hit) for hit in answer["hits"]] == pytest.approx([1.0, 0.9, 0.5, 0.2, None])
    assert answer["hits"][-1]["_rankingScore"] == 0.0
    assert (answer["semanticHitCount"], answer["estimatedTotalHits"]) == (5, 5)
    assert "queryVector" not in answer


def test_the_vector_of_the_search_is_shown_with_those_of_the_hits(engine: Engine, pets: str) -> None:
    asked: dict[str, Any] = {"vector": [1.0, 0.0], "hybrid": hybrid(), "retrieveVectors": True, "limit": 3}
    answer = engine.search(pets, **asked, attributesToRetrieve=["id"])
    assert answer["queryVector"] == [1.0, 0.0]
    assert [hit["_vectors"]["own"]["embeddings"] for hit in answer["hits"]] == [
        [[1.0, 0.0]],
        [pytest.approx([0.8, 0.6])],
        [[0.0, 1.0], [-1.0, 0.0]],
    ]
    assert {hit["_vectors"]["own"]["regenerate"] for hit in answer["hits"]} == {False}
    assert "_vectors" not in engine.search(pets, vector=[1.0, 0.0], hybrid=hybrid())["hits"][0]


def test_semantic_hits_are_counted_within_the_page(engine: Engine, pets: str) -> None:
    asked: dict[str, Any] = {"vector": [1.0, 0.0], "hybrid": hybrid(1.0)}
    window = engine.search(pets, **asked, offset=1, limit=2)
    assert (ids(window), window["semanticHitCount"], window["estimatedTotalHits"]) == ([2, 3], 2, 5)
    page = engine.search(pets, **asked, page=3, hitsPerPage=2)
    assert (ids(page), page["semanticHitCount"], page["totalHits"], page["totalPages"]) == ([4], 1, 5, 3)


def test_a_filter_bounds_what_is_near(engine: Engine, pets: str) -> None:
    answer = engine.search(pets, vector=[1.0, 0.0], hybrid=hybrid(), filter="kind = other", facets=["kind"])
    assert ids(answer) == [5, 4]
    assert answer["facetDistribution"] == {"kind": {"other": 2}}


def test_a_threshold_cuts_what_is_too_far(engine: Engine, pets: str) -> None:
    asked: dict[str, Any] = {"vector": [1.0, 0.0], "hybrid": hybrid(), "rankingScoreThreshold": 0.5}
    assert ids(engine.search(pets, **asked)) == [1, 2, 3]
    assert engine.search(pets, **asked)["estimatedTotalHits"] == 3
    assert engine.search(pets, **asked, hitsPerPage=3)["totalHits"] == 3


def test_distinct_keeps_the_nearest_of_each_value(engine: Engine, pets: str) -> None:
    assert ids(engine.search(pets, vector=[1.0, 0.0], hybrid=hybrid(), distinct="kind")) == [1, 3, 5]


def test_sort_rules_stand_before_or_behind_the_vectors(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", SETTINGS | {"rankingRules": ["kind:asc", "words", "price:asc"]})
    same = {"own": [0.0, 1.0]}
    engine.add(uid, [*PETS, {"id": 6, "kind": "cat", "price": 3, "_vectors": same}])
    engine.add(uid, [{"id": 7, "kind": "cat", "price": 2, "_vectors": same}])
    answer = engine.search(uid, vector=[0.0, 1.0], hybrid=hybrid(), showRankingScoreDetails=True)
    assert ids(answer) == [7, 6, 2, 1, 3, 5, 4]
    details = answer["hits"][0]["_rankingScoreDetails"]
    assert list(details) == ["kind:asc", "vectorSort", "price:asc"]
    assert [entry["order"] for entry in details.values()] == [0, 1, 2]


def test_good_words_leave_the_vectors_out(engine: Engine, pets: str) -> None:
    answer = engine.search(pets, q="puppy", vector=[1.0, 0.0], hybrid=hybrid(0.2), limit=1, retrieveVectors=True)
    assert (ids(answer), answer["semanticHitCount"], answer["estimatedTotalHits"]) == ([3], 0, 1)
    assert "queryVector" not in answer


def test_words_and_vectors_are_one_list_by_their_weights(engine: Engine, pets: str) -> None:
    asked: dict[str, Any] = {"q": "kitten", "vector": [-0.6, 0.8], "showRankingScoreDetails": True}
    answer = engine.search(pets, **asked, hybrid=hybrid(0.6), retrieveVectors=True)
    assert ids(answer) == [5, 3, 1, 2, 4]
    kinds = ["vectorSort" in hit["_rankingScoreDetails"] for hit in answer["hits"]]
    assert kinds == [True, True, False, False, False]
    assert (answer["semanticHitCount"], answer["estimatedTotalHits"]) == (2, 5)
    assert answer["queryVector"] == pytest.approx([-0.6, 0.8])
    near = engine.search(pets, **asked, hybrid=hybrid(0.9))
    assert ids(near) == [5, 3, 2, 1, 4]


def test_a_window_of_a_hybrid_search_is_cut_from_the_merged_list(engine: Engine, pets: str) -> None:
    asked: dict[str, Any] = {"q": "kitten", "vector": [-0.6, 0.8], "hybrid": hybrid(0.6)}
    window = engine.search(pets, **asked, offset=1, limit=2)
    assert (ids(window), window["semanticHitCount"], window["estimatedTotalHits"]) == ([3, 1], 1, 5)
    assert ids(engine.search(pets, **asked, distinct="kind")) == [5, 3, 1]


def test_no_ratio_at_all_is_a_search_by_words(engine: Engine, pets: str) -> None:
    answer = engine.search(pets, q="kitten", vector=[1.0, 0.0], hybrid=hybrid(0.0))
    assert ids(answer) == [1, 2, 4]
    assert "semanticHitCount" not in answer
    placeholder = engine.search(pets, q=" ", hybrid=hybrid(0.5))
    assert ids(placeholder) == [1, 2, 3, 4, 5]
    assert "semanticHitCount" not in placeholder


def test_a_text_that_cannot_be_embedded_is_searched_by_words(engine: Engine, pets: str) -> None:
    answer = engine.search(pets, q="kitten", hybrid=hybrid(0.5), retrieveVectors=True)
    assert (ids(answer), answer["semanticHitCount"], answer["estimatedTotalHits"]) == ([1, 2, 4], 0, 3)
    assert "queryVector" not in answer


def test_a_text_that_cannot_be_embedded_fails_a_search_by_vectors_alone(engine: Engine, pets: str) -> None:
    refused = engine.ask("POST", f"/indexes/{pets}/search", {"q": "kitten", "hybrid": hybrid(1.0)})
    message = assert_error(refused, 400, "vector_embedding_error")
    assert message.startswith("Error while generating embeddings: user error: attempt to embed the following text")


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (
            {"vector": [1.0, 0.0]},
            "missing_search_hybrid",
            "Invalid request: missing `hybrid` parameter when `vector` or `media` are present.",
        ),
        (
            {"vector": [1.0], "hybrid": {"embedder": "own"}},
            "invalid_vector_dimensions",
            "Invalid vector dimensions: expected: `2`, found: `1`.",
        ),
        (
            {"q": "puppy", "limit": 1, "hybrid": {"embedder": "none", "semanticRatio": 0.1}},
            "invalid_search_embedder",
            "Cannot find embedder with name `none`.",
        ),
        (
            {"vector": [1.0, 0.0], "hybrid": {"embedder": "none"}},
            "invalid_search_embedder",
            "Cannot find embedder with name `none`.",
        ),
    ],
)
def test_what_cannot_be_searched_is_refused(engine: Engine, pets: str, body: Any, code: str, message: str) -> None:
    assert assert_error(engine.ask("POST", f"/indexes/{pets}/search", body), 400, code) == message


def test_an_embedder_that_no_search_by_words_needs_is_not_looked_for(engine: Engine, pets: str) -> None:
    assert ids(engine.search(pets, q="puppy", hybrid=hybrid(0.0, "none"))) == [3]


def test_parameters_of_the_words_are_checked_in_a_search_by_vectors_too(engine: Engine, pets: str) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"distinct": "name"}, "invalid_search_distinct"),
        ({"sort": ["name:asc"]}, "invalid_search_sort"),
    ]
    for parameters, code in wrong:
        body = {"vector": [1.0, 0.0], "hybrid": hybrid(), **parameters}
        assert_error(engine.ask("POST", f"/indexes/{pets}/search", body), 400, code)


def test_equal_distances_of_quantised_vectors_are_one_bucket(engine: Engine, uid: str) -> None:
    own = {"source": "userProvided", "dimensions": 3, "binaryQuantized": True}
    rules = {"rankingRules": ["words", "price:desc"]}
    engine.create(uid, "id", {"embedders": {"own": own}, **rules})
    vectors = [[0.9, 0.1, 0.2], [0.1, 0.9, 0.3], [0.5, 0.5, -0.1], [0.2, 0.1, 0.8]]
    engine.add(uid, [{"id": n, "price": n, "_vectors": {"own": vector}} for n, vector in enumerate(vectors)])
    asked: dict[str, Any] = {"hybrid": hybrid(), "retrieveVectors": True, "showRankingScore": True}
    answer = engine.search(uid, vector=[0.3, 0.3, 0.3], **asked)
    assert ids(answer) == [3, 1, 0, 2]
    assert [hit["_rankingScore"] for hit in answer["hits"]] == [1.0, 1.0, 1.0, 63 / 64]
    shown = answer["hits"][3]["_vectors"]["own"]["embeddings"]
    assert shown == [[1.0, 1.0, 0.0]]
    assert ids(engine.search(uid, vector=shown[0], **asked)) == [2, 3, 1, 0]


def test_all_near_documents_are_found_among_many(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", SETTINGS)
    turn = [(n * 37 % 400) / 400 for n in range(400)]
    engine.add(uid, [{"id": n, "_vectors": {"own": [1.0, angle]}} for n, angle in enumerate(turn)])
    answer = engine.search(uid, vector=[1.0, 0.5], hybrid=hybrid(), limit=9)
    best = sorted(range(400), key=lambda n: abs(turn[n] - 0.5))
    assert set(ids(answer)[:1]) == {best[0]}
    assert {round(abs(turn[n] - 0.5), 4) for n in ids(answer)} <= {0.0, 0.0025, 0.005, 0.0075, 0.01, 0.0125}


def test_documents_take_vectors_in_every_shape(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", SETTINGS)
    shapes: list[Any] = [
        [1.0, 0.0],
        [[1.0, 0.0], [0.0, 1.0]],
        {"embeddings": [1.0, 0.0], "regenerate": False},
        {"embeddings": [[1.0, 0.0]], "regenerate": False},
        None,
        [],
    ]
    engine.add(uid, [{"id": n, "_vectors": {"own": shape}} for n, shape in enumerate(shapes)])
    found = engine.get(f"/indexes/{uid}/documents?retrieveVectors=true")["results"]
    assert [each["_vectors"].get("own", {}).get("embeddings") for each in found] == [
        [[1.0, 0.0]],
        [[1.0, 0.0], [0.0, 1.0]],
        [[1.0, 0.0]],
        [[1.0, 0.0]],
        [],
        [],
    ]
    assert "_vectors" not in engine.get(f"/indexes/{uid}/documents")["results"][0]
    one = engine.get(f"/indexes/{uid}/documents/1?retrieveVectors=true")
    assert one["_vectors"] == {"own": {"embeddings": [[1.0, 0.0], [0.0, 1.0]], "regenerate": False}}


def test_a_document_that_lacks_its_vectors_fails_the_batch(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", SETTINGS)
    error = engine.fail("POST", f"/indexes/{uid}/documents", [{"id": 1, "_vectors": {"own": [1, 0]}}, {"id": 2}])
    message = assert_task_error(error, "vector_embedding_error")
    assert "own" in message
    assert engine.get(f"/indexes/{uid}/documents")["total"] == 0


@pytest.mark.parametrize(
    ("vectors", "code"),
    [
        ({"own": [1.0]}, "invalid_vector_dimensions"),
        ({"own": "near"}, "invalid_vectors_type"),
        ({"own": {"embeddings": [1.0, 0.0], "regenerated": True}}, "invalid_vectors_type"),
    ],
)
def test_vectors_that_are_none_fail_the_batch(engine: Engine, uid: str, vectors: Any, code: str) -> None:
    engine.create(uid, "id", SETTINGS)
    assert_task_error(engine.fail("POST", f"/indexes/{uid}/documents", [{"id": 1, "_vectors": vectors}]), code)


def test_new_vectors_replace_the_old_ones(engine: Engine, uid: str) -> None:
    engine.create(uid, "id", SETTINGS)
    engine.add(uid, PETS)
    engine.do("PUT", f"/indexes/{uid}/documents", [{"id": 1, "price": 31}, {"id": 5, "_vectors": {"own": [1.0, 0.1]}}])
    answer = engine.search(uid, vector=[1.0, 0.1], hybrid=hybrid(), limit=2)
    assert ids(answer) == [5, 1]
    assert engine.get(f"/indexes/{uid}/stats")["numberOfEmbeddings"] == 5
