"""Deleting documents: one, several, by filter, all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import Engine
from tests.node.shapes import assert_error, assert_summary, assert_task_error


@pytest.fixture
def full(engine: Engine, index: str) -> str:
    """Documents 0 to 9 with a filterable parity."""
    engine.do("PUT", f"/indexes/{index}/settings/filterable-attributes", ["even"])
    engine.add(index, [{"id": n, "even": n % 2 == 0} for n in range(10)])
    return index


def left(engine: Engine, index: str) -> list[Any]:
    return [document["id"] for document in engine.get(f"/indexes/{index}/documents")["results"]]


def test_one_is_deleted_by_its_id(engine: Engine, full: str) -> None:
    answer = engine.ask("DELETE", f"/indexes/{full}/documents/3")
    assert_summary(answer, full, "documentDeletion")
    task = engine.finished(answer)
    assert task["details"] == {"providedIds": 1, "deletedDocuments": 1, "originalFilter": None}
    assert left(engine, full) == [0, 1, 2, 4, 5, 6, 7, 8, 9]


def test_an_unknown_id_deletes_nothing_and_succeeds(engine: Engine, full: str) -> None:
    task = engine.do("DELETE", f"/indexes/{full}/documents/77")
    assert task["details"] == {"providedIds": 1, "deletedDocuments": 0, "originalFilter": None}


def test_a_batch_takes_numbers_and_texts_and_skips_unknown_ones(engine: Engine, full: str) -> None:
    answer = engine.ask("POST", f"/indexes/{full}/documents/delete-batch", [1, "2", "nothing", 2])
    assert_summary(answer, full, "documentDeletion")
    details = engine.finished(answer)["details"]
    assert (details["providedIds"], details["deletedDocuments"]) == (4, 2)
    assert left(engine, full) == [0, 3, 4, 5, 6, 7, 8, 9]


def test_an_empty_batch_succeeds_even_without_a_primary_key(engine: Engine, uid: str) -> None:
    engine.create(uid, None)
    task = engine.do("POST", f"/indexes/{uid}/documents/delete-batch?customMetadata=mark", [])
    assert task["details"] == {"providedIds": 0, "deletedDocuments": 0, "originalFilter": None}
    assert task["customMetadata"] == "mark"


def test_a_filter_deletes_what_it_finds(engine: Engine, full: str) -> None:
    answer = engine.ask("POST", f"/indexes/{full}/documents/delete", {"filter": "even = true"})
    assert_summary(answer, full, "documentDeletion")
    details = engine.finished(answer)["details"]
    assert details == {"providedIds": 0, "deletedDocuments": 5, "originalFilter": '"even = true"'}
    assert left(engine, full) == [1, 3, 5, 7, 9]


def test_a_filter_may_be_an_array(engine: Engine, full: str) -> None:
    task = engine.do("POST", f"/indexes/{full}/documents/delete", {"filter": [["even = true", "even = false"]]})
    assert task["details"]["deletedDocuments"] == 10
    assert task["details"]["originalFilter"] == '[["even = true","even = false"]]'


def test_an_attribute_that_is_not_filterable_fails_in_the_task(engine: Engine, full: str) -> None:
    error = engine.fail("POST", f"/indexes/{full}/documents/delete", {"filter": "size = 1"})
    assert "Attribute `size` is not filterable." in assert_task_error(error, "invalid_document_filter")
    assert len(left(engine, full)) == 10


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "missing_document_filter"),
        ({"filter": ""}, "invalid_document_filter"),
        ({"filter": []}, "invalid_document_filter"),
        ({"filter": "even ="}, "invalid_document_filter"),
        ({"filter": 3}, "invalid_document_filter"),
        ({"filter": "even = true", "x": 1}, "bad_request"),
    ],
)
def test_bad_filters_are_refused_at_once(engine: Engine, full: str, body: Any, code: str) -> None:
    assert_error(engine.ask("POST", f"/indexes/{full}/documents/delete", body), 400, code)
    assert len(left(engine, full)) == 10


@pytest.mark.parametrize("body", [{"ids": [1]}, "1", 1])
def test_a_batch_that_is_no_array_is_refused(engine: Engine, full: str, body: Any) -> None:
    answer = engine.ask("POST", f"/indexes/{full}/documents/delete-batch", body)
    assert "Json deserialize error" in assert_error(answer, 400, "bad_request")


def test_all_are_deleted_and_settings_stay(engine: Engine, full: str) -> None:
    answer = engine.ask("DELETE", f"/indexes/{full}/documents")
    assert_summary(answer, full, "documentDeletion")
    assert engine.finished(answer)["details"] == {"deletedDocuments": 10}
    assert left(engine, full) == []
    assert engine.get(f"/indexes/{full}/settings/filterable-attributes") == ["even"]
    assert engine.get(f"/indexes/{full}")["primaryKey"] == "id"


def test_what_was_deleted_is_found_no_more(engine: Engine, index: str) -> None:
    engine.add(index, [{"id": 1, "t": "fox"}, {"id": 2, "t": "fox"}])
    engine.do("DELETE", f"/indexes/{index}/documents/1")
    answer = engine.search(index, q="fox")
    assert ([hit["id"] for hit in answer["hits"]], answer["estimatedTotalHits"]) == ([2], 1)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "documents/1", None),
        ("DELETE", "documents", None),
        ("POST", "documents/delete-batch", [1]),
        ("POST", "documents/delete", {"filter": "a = 1"}),
    ],
)
def test_deleting_from_a_missing_index_fails_in_the_task(
    engine: Engine, uid: str, method: str, path: str, body: Any
) -> None:
    assert_task_error(engine.fail(method, f"/indexes/{uid}/{path}", body), "index_not_found")
