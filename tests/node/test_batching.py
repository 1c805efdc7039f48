"""Neighbouring tasks are indexed together: what one bad task does to the others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import Answer, Engine


def busy(engine: Engine) -> Answer:
    """Occupies the only indexing thread for a moment, so that what follows is batched."""
    heavy = [{"id": n, "text": " ".join(f"w{n * k % 9973}" for k in range(60))} for n in range(4000)]
    return engine.ask("POST", "/indexes/busy/documents?primaryKey=id", heavy)


def send(engine: Engine, index: str, payloads: list[Any]) -> list[Any]:
    """Sends payloads behind a busy moment; their finished tasks."""
    first = busy(engine)
    answers = [engine.ask("POST", f"/indexes/{index}/documents", payload) for payload in payloads]
    engine.finished(first)
    return [engine.finished(answer) for answer in answers]


def total(engine: Engine, index: str) -> int:
    count: int = engine.get(f"/indexes/{index}/documents?limit=0")["total"]
    return count


def test_neighbours_are_indexed_together_and_counted_apart(engine: Engine, index: str) -> None:
    tasks = send(engine, index, [[{"id": n}, {"id": n + 100}] for n in range(8)])
    assert {task["status"] for task in tasks} == {"succeeded"}
    assert all(task["details"] == {"receivedDocuments": 2, "indexedDocuments": 2} for task in tasks)
    assert len({task["batchUid"] for task in tasks}) < 8
    assert total(engine, index) == 16


def test_a_bad_id_fails_only_its_own_task(engine: Engine, index: str) -> None:
    tasks = send(engine, index, [[{"id": 1}], [{"id": "a b"}, {"id": 2}], [{"id": 3}]])
    assert [task["status"] for task in tasks] == ["succeeded", "failed", "succeeded"]
    assert tasks[1]["error"]["code"] == "invalid_document_id"
    assert [each["id"] for each in engine.get(f"/indexes/{index}/documents")["results"]] == [1, 3]


def test_a_bad_point_fails_its_whole_batch(engine: Engine, index: str) -> None:
    engine.do("PUT", f"/indexes/{index}/settings/filterable-attributes", ["_geo"])
    good: dict[str, Any] = {"_geo": {"lat": 1, "lng": 2}}
    bad = {"id": 2, "_geo": {"lat": "north", "lng": 2}}
    tasks = send(engine, index, [[{"id": 1, **good}], [bad], [{"id": 3, **good}]])
    failed = [task for task in tasks if task["status"] == "failed"]
    assert tasks[1] in failed
    assert {task["error"]["code"] for task in failed} == {"invalid_document_geo_field"}
    assert {task["batchUid"] for task in tasks if task["batchUid"] == tasks[1]["batchUid"]} == {
        task["batchUid"] for task in failed
    }
    assert total(engine, index) == 3 - len(failed)


def test_missing_vectors_fail_their_whole_batch(engine: Engine, index: str) -> None:
    embedder = {"mine": {"source": "userProvided", "dimensions": 2}}
    engine.do("PATCH", f"/indexes/{index}/settings", {"embedders": embedder})
    payloads = [[{"id": 1, "_vectors": {"mine": [0.1, 0.2]}}], [{"id": 2}], [{"id": 3, "_vectors": {"mine": None}}]]
    tasks = send(engine, index, payloads)
    failed = [task for task in tasks if task["status"] == "failed"]
    assert tasks[1] in failed
    assert {task["error"]["code"] for task in failed} == {"vector_embedding_error"}
    assert total(engine, index) == 3 - len(failed)


def test_order_is_kept_across_kinds_of_tasks(engine: Engine, index: str) -> None:
    first = busy(engine)
    path = f"/indexes/{index}/documents"
    answers = [
        engine.ask("POST", path, [{"id": 1, "a": 1}, {"id": 2}]),
        engine.ask("PUT", path, [{"id": 1, "b": 1}]),
        engine.ask("POST", f"{path}/delete-batch", [2]),
        engine.ask("POST", path, [{"id": 2, "again": True}]),
        engine.ask("DELETE", f"{path}/1"),
        engine.ask("PUT", path, [{"id": 1, "c": 1}]),
    ]
    engine.finished(first)
    assert {engine.finished(answer)["status"] for answer in answers} == {"succeeded"}
    results = engine.get(path)["results"]
    assert sorted(results, key=str) == sorted([{"id": 2, "again": True}, {"id": 1, "c": 1}], key=str)


def test_a_clear_between_additions_takes_only_what_was_before(engine: Engine, index: str) -> None:
    first = busy(engine)
    path = f"/indexes/{index}/documents"
    answers = [
        engine.ask("POST", path, [{"id": 1}, {"id": 2}]),
        engine.ask("DELETE", path),
        engine.ask("POST", path, [{"id": 3}]),
    ]
    engine.finished(first)
    assert {engine.finished(answer)["status"] for answer in answers} == {"succeeded"}
    assert engine.get(path)["results"] == [{"id": 3}]


def test_settings_between_additions_keep_their_place(engine: Engine, index: str) -> None:
    first = busy(engine)
    path = f"/indexes/{index}"
    answers = [
        engine.ask("POST", f"{path}/documents", [{"id": 1, "a": 1}]),
        engine.ask("POST", f"{path}/documents/delete", {"filter": "a = 1"}),
        engine.ask("PUT", f"{path}/settings/filterable-attributes", ["a"]),
        engine.ask("POST", f"{path}/documents/delete", {"filter": "a = 1"}),
    ]
    engine.finished(first)
    tasks = [engine.finished(answer) for answer in answers]
    assert [task["status"] for task in tasks] == ["succeeded", "failed", "succeeded", "succeeded"]
    assert tasks[3]["details"]["deletedDocuments"] == 1


@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_an_index_deleted_and_made_again_in_one_go_is_empty(engine: Engine, index: str, verb: str) -> None:
    first = busy(engine)
    answers = [
        engine.ask(verb, f"/indexes/{index}/documents", [{"id": 1}]),
        engine.ask("DELETE", f"/indexes/{index}"),
        engine.ask(verb, f"/indexes/{index}/documents", [{"id": 2}]),
    ]
    engine.finished(first)
    assert [engine.finished(answer)["status"] for answer in answers] == ["succeeded"] * 3
    assert engine.get(f"/indexes/{index}/documents")["results"] == [{"id": 2}]
