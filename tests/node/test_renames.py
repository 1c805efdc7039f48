"""A rename is a fence: what was accepted before it applies first, what comes late to the old name fails."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.harness.client import NDJSON_TYPE, Engine, Json, ndjson
from tests.node.shapes import assert_error, assert_task_error

WRITER_ACTIONS = ["documents.add", "documents.delete", "settings.update", "indexes.update", "tasks.get"]


@pytest.fixture(scope="module")
def writer(engine: Engine) -> Iterator[Engine]:
    """Asks with a key that may write and rename, but not create indexes."""
    body = {"name": "writer", "actions": WRITER_ACTIONS, "indexes": ["*"], "expiresAt": None}
    key = engine.ask("POST", "/keys", body)
    assert key.status == 201, key.raw
    limited = engine.with_key(key.body["key"])
    yield limited
    limited.close()


def rename(engine: Engine, old: str, new: str) -> Json:
    return engine.ask("PATCH", f"/indexes/{old}", {"uid": new})


def test_a_rename_moves_documents_and_settings(engine: Engine, index: str) -> None:
    engine.do("PUT", f"/indexes/{index}/settings/stop-words", ["the"])
    engine.add(index, [{"id": 1}])
    created = engine.get(f"/indexes/{index}")["createdAt"]
    task = engine.do("PATCH", f"/indexes/{index}", {"uid": f"{index}-new"})
    assert task["type"] == "indexUpdate"
    assert (task["details"]["oldIndexUid"], task["details"]["newIndexUid"]) == (index, f"{index}-new")
    assert_error(engine.ask("GET", f"/indexes/{index}"), 404, "index_not_found")
    assert engine.get(f"/indexes/{index}-new")["createdAt"] == created
    assert engine.get(f"/indexes/{index}-new/documents")["results"] == [{"id": 1}]
    assert engine.get(f"/indexes/{index}-new/settings/stop-words") == ["the"]


def test_a_rename_onto_an_existing_index_fails(engine: Engine, index: str, uid: str) -> None:
    engine.create(f"{uid}-other")
    assert_task_error(engine.fail("PATCH", f"/indexes/{index}", {"uid": f"{uid}-other"}), "index_already_exists")
    assert engine.get(f"/indexes/{index}")["uid"] == index


def test_renaming_a_missing_index_fails(engine: Engine, uid: str) -> None:
    assert_task_error(engine.fail("PATCH", f"/indexes/{uid}", {"uid": f"{uid}-new"}), "index_not_found")


def test_of_two_renames_of_one_name_the_first_wins(writer: Engine, index: str) -> None:
    first, second = rename(writer, index, f"{index}-a"), rename(writer, index, f"{index}-b")
    assert writer.finished(first)["status"] == "succeeded"
    assert writer.finished(second)["error"]["code"] == "index_not_found"


def test_what_was_accepted_before_a_rename_applies_and_what_comes_later_fails(
    engine: Engine, writer: Engine, index: str
) -> None:
    new = f"{index}-new"

    def send(name: str, numbers: Iterator[int]) -> Json:
        documents = ndjson([{"id": next(numbers)} for _ in range(5)])
        return writer.ask("POST", f"/indexes/{name}/documents", content=documents, content_type=NDJSON_TYPE)

    numbers = itertools.count()
    early = [send(index, numbers) for _ in range(6)]
    fence = rename(writer, index, new)
    right = [send(new, numbers) for _ in range(3)]
    late = [send(index, numbers) for _ in range(3)]
    assert [writer.finished(each)["status"] for each in [*early, fence, *right]] == ["succeeded"] * 10
    assert [writer.finished(each)["error"]["code"] for each in late] == ["index_not_found"] * 3
    assert engine.get(f"/indexes/{new}/documents?limit=0")["total"] == 45
    assert_error(engine.ask("GET", f"/indexes/{index}"), 404, "index_not_found")


def test_late_settings_and_deletes_do_not_revive_the_old_name(engine: Engine, writer: Engine, index: str) -> None:
    writer.do("PATCH", f"/indexes/{index}", {"uid": f"{index}-new"})
    assert_task_error(writer.fail("PATCH", f"/indexes/{index}/settings", {"stopWords": ["a"]}), "index_not_found")
    assert_task_error(writer.fail("POST", f"/indexes/{index}/documents/delete-batch", [1]), "index_not_found")
    assert_error(engine.ask("GET", f"/indexes/{index}"), 404, "index_not_found")


def test_a_name_can_be_used_again_after_a_rename(engine: Engine, index: str) -> None:
    engine.add(index, [{"id": 1}])
    engine.do("PATCH", f"/indexes/{index}", {"uid": f"{index}-new"})
    engine.create(index)
    assert engine.get(f"/indexes/{index}/documents")["total"] == 0
    assert engine.get(f"/indexes/{index}-new/documents")["total"] == 1


def test_a_rename_may_set_the_primary_key_too(engine: Engine, uid: str) -> None:
    engine.create(uid, "one")
    engine.do("PATCH", f"/indexes/{uid}", {"uid": f"{uid}-new", "primaryKey": "two"})
    assert engine.get(f"/indexes/{uid}-new")["primaryKey"] == "two"
