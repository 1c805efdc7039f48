"""Creating, listing, reading, changing and deleting indexes."""

from __future__ import annotations

import pytest

from tests.harness.client import Engine
from tests.node.shapes import TIME, assert_error, assert_summary, assert_task_error

BAD_UIDS = ["a b", "é", "a/b", "a.b", "", "x" * 401, "a*"]


def test_creation_is_a_task_and_then_the_index_is_there(engine: Engine, uid: str) -> None:
    answer = engine.ask("POST", "/indexes", {"uid": uid, "primaryKey": "key"})
    assert_summary(answer, uid, "indexCreation")
    task = engine.finished(answer)
    assert (task["status"], task["details"]) == ("succeeded", {"primaryKey": "key"})
    view = engine.get(f"/indexes/{uid}")
    assert list(view) == ["uid", "createdAt", "updatedAt", "primaryKey"]
    assert (view["uid"], view["primaryKey"]) == (uid, "key")
    assert TIME.match(view["createdAt"])
    assert TIME.match(view["updatedAt"])


def test_the_primary_key_is_optional(engine: Engine, uid: str) -> None:
    task = engine.do("POST", "/indexes", {"uid": uid})
    assert task["details"] == {"primaryKey": None}
    assert engine.get(f"/indexes/{uid}")["primaryKey"] is None


def test_creating_what_exists_fails_in_the_task(engine: Engine, index: str) -> None:
    error = engine.fail("POST", "/indexes", {"uid": index})
    assert assert_task_error(error, "index_already_exists") == f"Index `{index}` already exists."


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "missing_index_uid"),
        ({"uid": 1}, "invalid_index_uid"),
        ({"uid": None}, "invalid_index_uid"),
        ({"uid": "ok", "primaryKey": 1}, "invalid_index_primary_key"),
        ({"uid": "ok", "name": "x"}, "bad_request"),
        ([], "bad_request"),
        *[({"uid": bad}, "invalid_index_uid") for bad in BAD_UIDS],
    ],
)
def test_a_bad_creation_is_refused_at_once(engine: Engine, body: object, code: str) -> None:
    assert_error(engine.ask("POST", "/indexes", body), 400, code)


def test_unknown_fields_are_named_with_what_is_expected(engine: Engine) -> None:
    message = assert_error(engine.ask("POST", "/indexes", {"uid": "a", "primarykey": "b"}), 400, "bad_request")
    assert message == "Unknown field `primarykey`: did you mean `primaryKey`? expected one of `uid`, `primaryKey`"


def test_a_missing_field_is_named(engine: Engine) -> None:
    assert assert_error(engine.ask("POST", "/indexes", {"primaryKey": "b"}), 400, "missing_index_uid") == (
        "Missing field `uid`"
    )


def test_the_message_for_a_bad_uid_quotes_it(engine: Engine) -> None:
    message = assert_error(engine.ask("POST", "/indexes", {"uid": "a b"}), 400, "invalid_index_uid")
    assert "`a b` is not a valid index uid. Index uid can be an integer or a string containing only" in message


@pytest.mark.parametrize(
    "path", ["/indexes/a.b", "/indexes/a.b/documents", "/indexes/a.b/settings", "/indexes/é/stats"]
)
def test_bad_uids_in_paths_are_refused_even_on_reads(engine: Engine, path: str) -> None:
    assert_error(engine.ask("GET", path), 400, "invalid_index_uid")


def test_the_list_is_sorted_by_uid_and_paged(engine: Engine, uid: str) -> None:
    names = sorted(f"{uid}-{letter}" for letter in "Bab_")
    for name in reversed(names):
        engine.create(name)
    everything = engine.get("/indexes?limit=1000")
    assert list(everything) == ["results", "offset", "limit", "total"]
    uids = [view["uid"] for view in everything["results"]]
    assert uids == sorted(uids)
    assert everything["total"] == len(uids)
    start = uids.index(names[0])
    page = engine.get(f"/indexes?offset={start}&limit=2")
    assert [view["uid"] for view in page["results"]] == names[:2]
    assert (page["offset"], page["limit"], page["total"]) == (start, 2, len(uids))
    assert engine.get("/indexes")["limit"] == 20


@pytest.mark.parametrize(
    ("query", "code"),
    [("offset=-1", "invalid_index_offset"), ("limit=a", "invalid_index_limit"), ("size=1", "bad_request")],
)
def test_bad_paging_is_refused(engine: Engine, query: str, code: str) -> None:
    assert_error(engine.ask("GET", f"/indexes?{query}"), 400, code)


def test_a_missing_index_is_not_found(engine: Engine) -> None:
    message = assert_error(engine.ask("GET", "/indexes/missing"), 404, "index_not_found")
    assert message == "Index `missing` not found."


def test_the_primary_key_may_change_while_there_are_no_documents(engine: Engine, uid: str) -> None:
    engine.create(uid, "one")
    answer = engine.ask("PATCH", f"/indexes/{uid}", {"primaryKey": "two"})
    assert_summary(answer, uid, "indexUpdate")
    task = engine.finished(answer)
    assert task["details"]["primaryKey"] == "two"
    assert engine.get(f"/indexes/{uid}")["primaryKey"] == "two"


def test_the_primary_key_stays_once_there_are_documents(engine: Engine, index: str) -> None:
    engine.add(index, [{"id": 1, "other": 2}])
    error = engine.fail("PATCH", f"/indexes/{index}", {"primaryKey": "other"})
    message = assert_task_error(error, "index_primary_key_already_exists")
    assert message == f"Index `{index}`: Index already has a primary key: `id`."


def test_changing_a_missing_index_fails_in_the_task(engine: Engine, uid: str) -> None:
    error = engine.fail("PATCH", f"/indexes/{uid}", {"primaryKey": "a"})
    assert assert_task_error(error, "index_not_found") == f"Index `{uid}` not found."


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"primaryKey": 1}, "invalid_index_primary_key"),
        ({"uid": "a b"}, "invalid_index_uid"),
        ({"createdAt": "2020-01-01"}, "immutable_index_created_at"),
        ({"updatedAt": "2020-01-01"}, "immutable_index_updated_at"),
        ({"name": "a"}, "bad_request"),
    ],
)
def test_a_bad_change_is_refused_at_once(engine: Engine, index: str, body: object, code: str) -> None:
    assert_error(engine.ask("PATCH", f"/indexes/{index}", body), 400, code)


def test_deletion_takes_the_documents_with_it(engine: Engine, index: str) -> None:
    engine.add(index, [{"id": 1}, {"id": 2}])
    answer = engine.ask("DELETE", f"/indexes/{index}")
    assert_summary(answer, index, "indexDeletion")
    task = engine.finished(answer)
    assert (task["status"], task["details"]) == ("succeeded", {"deletedDocuments": 2})
    assert_error(engine.ask("GET", f"/indexes/{index}"), 404, "index_not_found")
    engine.create(index)
    assert engine.get(f"/indexes/{index}/documents")["total"] == 0


def test_deleting_a_missing_index_fails_in_the_task(engine: Engine, uid: str) -> None:
    assert_task_error(engine.fail("DELETE", f"/indexes/{uid}"), "index_not_found")


def test_settings_and_documents_create_an_index(engine: Engine, uid: str) -> None:
    engine.do("PUT", f"/indexes/{uid}-a/settings/stop-words", ["the"])
    assert engine.get(f"/indexes/{uid}-a")["primaryKey"] is None
    engine.do("POST", f"/indexes/{uid}-b/documents", [{"id": 1}])
    assert engine.get(f"/indexes/{uid}-b")["primaryKey"] == "id"


def test_updated_at_grows_with_each_change(engine: Engine, index: str) -> None:
    before = engine.get(f"/indexes/{index}")
    engine.add(index, [{"id": 1}])
    after = engine.get(f"/indexes/{index}")
    assert after["createdAt"] == before["createdAt"]
    assert after["updatedAt"] > before["updatedAt"]
