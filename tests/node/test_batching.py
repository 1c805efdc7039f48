"""Neighbouring tasks are indexed together: what one bad task does to the others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import Answer, Engine


def busy(engine: Engine) -> Answer:
    """Occupies the only indexing thread for a moment, so that what follows is batched."""
    heavy = [{"id": n, "text": " ".join(f"w{n * k % 9973}" for k in range(60))} for n in range(7000)]
    return engine.ask("POST", "/indexes/busy/documents?primaryKey=id", heavy)


Change = tuple[str, str, Any]
TRIES = 5


def send(engine: Engine, index: str, payloads: list[Any]) -> list[Any]:
    """Sends payloads behind a busy moment; their finished tasks."""
    return change(engine, index, [("POST", "documents", payload) for payload in payloads])


def change(engine: Engine, index: str, changes: list[Change]) -> list[Any]:
    """Sends changes of an index behind a busy moment; their finished tasks."""
    first = busy(engine)
    answers = [engine.ask(verb, f"/indexes/{index}/{path}".rstrip("/"), body) for verb, path, body in changes]
    engine.finished(first)
    return [engine.finished(answer) for answer in answers]


def together(engine: Engine, index: str, changes: list[Change]) -> list[Any]:
    """The tasks of changes that ran in one batch; sent again when the busy moment was too short for them."""
    for _ in range(TRIES):
        tasks = change(engine, index, changes)
        if len({task["batchUid"] for task in tasks}) == 1:
            return tasks
    raise AssertionError(f"never in one batch: {[task['batchUid'] for task in tasks]}")


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


GOOD: dict[str, Any] = {"_geo": {"lat": 1, "lng": 2}}
BAD: dict[str, Any] = {"_geo": {"lat": "north", "lng": 2}}


def documents(verb: str, *listed: dict[str, Any]) -> Change:
    return verb, "documents", list(listed)


@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_a_bad_point_fails_its_whole_batch(engine: Engine, index: str, verb: str) -> None:
    engine.do("PUT", f"/indexes/{index}/settings/filterable-attributes", ["_geo"])
    around = [documents("POST", {"id": 1, **GOOD}), documents("POST", {"id": 3, **GOOD})]
    deletion: Change = ("POST", "documents/delete-batch", [3])
    tasks = together(engine, index, [around[0], documents(verb, {"id": 2, **BAD}), around[1], deletion])
    assert [task["status"] for task in tasks] == ["failed"] * 4
    assert {task["error"]["code"] for task in tasks} == {"invalid_document_geo_field"}
    assert engine.ask("GET", f"/indexes/{index}/documents/2").status == 404


def test_missing_vectors_fail_their_whole_batch(engine: Engine, index: str) -> None:
    embedder = {"mine": {"source": "userProvided", "dimensions": 2}}
    engine.do("PATCH", f"/indexes/{index}/settings", {"embedders": embedder})
    good = documents("POST", {"id": 1, "_vectors": {"mine": [0.1, 0.2]}})
    tasks = together(engine, index, [good, documents("PUT", {"id": 2}), ("DELETE", "documents/7", None)])
    assert [task["status"] for task in tasks] == ["failed"] * 3
    assert {task["error"]["code"] for task in tasks} == {"vector_embedding_error"}
    assert engine.ask("GET", f"/indexes/{index}/documents/2").status == 404


def test_additions_and_deletions_in_one_batch_keep_their_order(engine: Engine, index: str) -> None:
    changes: list[Change] = [
        documents("POST", {"id": 1, "a": 1}, {"id": 2}),
        documents("PUT", {"id": 1, "b": 1}, {"id": 3}),
        ("POST", "documents/delete-batch", [2, 9]),
        ("POST", "documents?primaryKey=id", [{"id": 2, "again": True}]),
        ("DELETE", "documents/3", None),
    ]
    tasks = together(engine, index, changes)
    assert {task["status"] for task in tasks} == {"succeeded"}
    assert [task["details"].get("indexedDocuments") for task in tasks] == [2, 2, None, 1, None]
    results = engine.get(f"/indexes/{index}/documents")["results"]
    assert sorted(results, key=lambda each: each["id"]) == [{"id": 1, "a": 1, "b": 1}, {"id": 2, "again": True}]


def test_settings_in_one_batch_all_count(engine: Engine, index: str) -> None:
    changes: list[Change] = [
        ("PUT", "settings/stop-words", ["a"]),
        ("PUT", "settings/filterable-attributes", ["b"]),
        ("PUT", "settings/stop-words", ["c"]),
    ]
    assert {task["status"] for task in together(engine, index, changes)} == {"succeeded"}
    settings = engine.get(f"/indexes/{index}/settings")
    assert (settings["stopWords"], settings["filterableAttributes"]) == (["c"], ["b"])


def test_deletions_by_filter_join_what_follows_them(engine: Engine, index: str) -> None:
    engine.do("PUT", f"/indexes/{index}/settings/filterable-attributes", ["a"])
    engine.add(index, [{"id": n, "a": n} for n in range(4)])
    changes: list[Change] = [
        ("POST", "documents/delete", {"filter": "a = 1"}),
        ("POST", "documents/delete-batch", [2]),
        documents("POST", {"id": 5, "a": 1}),
    ]
    assert {task["status"] for task in together(engine, index, changes)} == {"succeeded"}
    assert {each["id"] for each in engine.get(f"/indexes/{index}/documents")["results"]} == {0, 3, 5}


def test_a_clear_and_what_comes_before_it_are_one_batch(engine: Engine, index: str) -> None:
    clear: Change = ("DELETE", "documents", None)
    tasks = together(engine, index, [documents("POST", {"id": 3}), clear, clear])
    assert {task["status"] for task in tasks} == {"succeeded"}
    assert [task["details"]["deletedDocuments"] for task in tasks[1:]] == [0, 0]
    assert total(engine, index) == 0


def test_documents_of_an_index_that_is_deleted_in_the_same_batch_are_never_indexed(engine: Engine, index: str) -> None:
    tasks = together(engine, index, [documents("POST", {"id": 3}), ("DELETE", "", None)])
    assert {task["status"] for task in tasks} == {"succeeded"}
    assert tasks[0]["details"] == {"receivedDocuments": 1, "indexedDocuments": 0}


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
