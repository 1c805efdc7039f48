"""The client's page of similar documents, out of what was found everywhere."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from miroir._merge_core import encode_sequence
from miroir.core.similar import Page, Source, nearest_first, read_neighbours, read_source, write_page

JUDGED = {"hits": [], "id": "7", "processingTimeMs": 1, "limit": 0, "offset": 0, "estimatedTotalHits": 3}


def hit(id_: int, similarity: float | None, **more: Any) -> dict[str, Any]:
    details = {
        "n:asc": {"order": 0, "value": 3},
        "vectorSort": {"order": 1, "similarity": similarity},
        "_miroir_seq:asc": {"order": 2, "value": encode_sequence(id_)},
    }
    return {"_miroir_shard": "((((", "id": id_, **more, "_rankingScore": 0.1, "_rankingScoreDetails": details}


def merged(*hits: dict[str, Any], total: int = 9) -> bytes:
    return orjson.dumps({"hits": hits, "query": "", "estimatedTotalHits": total})


FOUND = merged(hit(1, 0.5), hit(2, None), hit(3, 0.9, a='"_rankingScoreDetails":{'), hit(4, 0.7, b=1.50), total=8)


def page(found: bytes = FOUND, **wanted: Any) -> dict[str, Any]:
    more = {"offset": 0, "limit": 20, "threshold": None, "max_hits": 1000, "show_details": False} | wanted
    near, total = read_neighbours(found, scores=False)
    answer: dict[str, Any] = orjson.loads(write_page(JUDGED, nearest_first(near), total, Page(**more), 5))
    return answer


def ids(answer: dict[str, Any]) -> list[int]:
    return [one["id"] for one in answer["hits"]]


def test_the_nearest_come_first_and_those_without_vector_not_at_all() -> None:
    answer = page()
    assert answer == {
        "hits": [{"id": 3, "a": '"_rankingScoreDetails":{'}, {"id": 4, "b": 1.5}, {"id": 1}],
        "id": "7",
        "processingTimeMs": 5,
        "limit": 20,
        "offset": 0,
        "estimatedTotalHits": 8,
    }
    assert list(answer) == list(JUDGED)


def test_equally_near_ones_come_as_they_arrived() -> None:
    assert ids(page(merged(hit(5, 0.5), hit(2, 0.5), hit(9, 0.6)))) == [9, 2, 5]


def test_scores_are_seen_only_where_they_are_asked() -> None:
    [one], _ = read_neighbours(merged(hit(1, 0.5)), scores=True)
    assert orjson.loads(one.raw) == {"id": 1, "_rankingScore": 0.1}


def test_details_are_those_of_a_search_for_similar_documents() -> None:
    assert [one["_rankingScoreDetails"] for one in page(show_details=True)["hits"]] == [
        {"vectorSort": {"order": 0, "similarity": similarity}} for similarity in (0.9, 0.7, 0.5)
    ]


@pytest.mark.parametrize(
    ("wanted", "found", "total"),
    [
        ({"offset": 1, "limit": 1}, [4], 8),
        ({"offset": 3}, [], 8),
        ({"limit": 0, "threshold": 1.0}, [], 8),
        ({"threshold": 0.6}, [3, 4], 2),
        ({"threshold": 0.5}, [3, 4, 1], 8),
        ({"threshold": 0.95}, [], 0),
        ({"threshold": 0.6, "limit": 2}, [3, 4], 8),
        ({"threshold": 0.95, "offset": 1}, [], 1),
        ({"threshold": 0.95, "offset": 9}, [], 8),
        ({"max_hits": 4}, [3, 4, 1], 4),
    ],
)
def test_windows_and_thresholds_count_as_an_engine_counts(wanted: Any, found: list[int], total: int) -> None:
    answer = page(**wanted)
    assert ids(answer) == found
    assert answer["estimatedTotalHits"] == total


def test_a_threshold_is_compared_in_the_precision_of_the_nodes() -> None:
    assert ids(page(merged(hit(1, 0.8)), threshold=0.8)) == [1]  # 0.8 in single precision is a little more
    assert ids(page(merged(hit(1, 0.7)), threshold=0.7)) == []  # and 0.7 a little less


@pytest.mark.parametrize(
    ("document", "vector"),
    [
        ({"_vectors": {"e": {"embeddings": [[0.1, 0.2]], "regenerate": False}}}, (0.1, 0.2)),
        ({"_vectors": {"e": {"embeddings": [[0.1], [0.2]]}}}, (0.1,)),
        ({"_vectors": {"e": {"embeddings": [0.1, 0.2]}}}, (0.1, 0.2)),
        ({"_vectors": {"e": {"embeddings": []}}}, None),
        ({"_vectors": {"e": None}}, None),
        ({"_vectors": {}}, None),
        ({}, None),
    ],
)
def test_the_document_tells_its_vector(document: Any, vector: Any) -> None:
    body = orjson.dumps({"results": [{"_miroir_seq": "((((", **document}]})
    assert read_source(body, "e") == Source("((((", vector)
    assert read_source(b'{"results":[]}', "e") == Source(None, None)
