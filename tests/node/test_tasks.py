"""Tasks: their shape, their lists, their filters and pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import Engine, one_line
from tests.node.shapes import DURATION, TASK_KEYS, TIME, assert_error


@pytest.fixture(scope="module")
def history(engine: Engine) -> list[Any]:
    """The tasks of an index of its own: created, filled, a failure, settings, a deletion."""
    name = "history"
    engine.create(name)
    engine.add(name, [{"id": 1}, {"id": 2}])
    engine.fail("POST", f"/indexes/{name}/documents", [{"id": "a b"}])
    engine.do("PUT", f"/indexes/{name}/settings/stop-words", ["a"])
    engine.do("DELETE", f"/indexes/{name}/documents/1")
    engine.do("PATCH", f"/indexes/{name}", {"primaryKey": "id"})
    engine.do("DELETE", f"/indexes/{name}")
    page = engine.get(f"/tasks?indexUids={name}&limit=100")
    results: list[Any] = page["results"]
    assert page["total"] == 7
    return results[::-1]


def uids(page: Any) -> list[int]:
    return [task["uid"] for task in page["results"]]


def test_a_finished_task_has_its_keys_in_order(history: list[Any]) -> None:
    for task in history:
        assert list(task) == TASK_KEYS
        assert isinstance(task["batchUid"], int)
        assert DURATION.match(task["duration"])
        times = [task["enqueuedAt"], task["startedAt"], task["finishedAt"]]
        assert all(TIME.match(time) for time in times)
        assert times == sorted(times)
        assert task["canceledBy"] is None


def test_types_and_details(history: list[Any]) -> None:
    assert [(task["type"], task["status"]) for task in history] == [
        ("indexCreation", "succeeded"),
        ("documentAdditionOrUpdate", "succeeded"),
        ("documentAdditionOrUpdate", "failed"),
        ("settingsUpdate", "succeeded"),
        ("documentDeletion", "succeeded"),
        ("indexUpdate", "succeeded"),
        ("indexDeletion", "succeeded"),
    ]
    assert history[2]["error"]["code"] == "invalid_document_id"
    assert all(task["error"] is None for task in history if task["status"] == "succeeded")


def test_uids_count_up(history: list[Any]) -> None:
    assert [task["uid"] for task in history] == sorted({task["uid"] for task in history})


def test_one_task_equals_its_entry_in_the_list(engine: Engine, history: list[Any]) -> None:
    assert [engine.get(f"/tasks/{task['uid']}") for task in history] == history


def test_the_list_is_newest_first_and_paged_by_uid(engine: Engine, history: list[Any]) -> None:
    mine = [task["uid"] for task in history][::-1]
    page = engine.get("/tasks?indexUids=history&limit=3")
    assert list(page) == ["results", "total", "limit", "from", "next"]
    assert (uids(page), page["total"], page["limit"]) == (mine[:3], 7, 3)
    assert (page["from"], page["next"]) == (mine[0], mine[3])
    second = engine.get(f"/tasks?indexUids=history&limit=3&from={page['next']}")
    assert (uids(second), second["total"], second["next"]) == (mine[3:6], 7, mine[6])
    last = engine.get(f"/tasks?indexUids=history&limit=3&from={second['next']}")
    assert (uids(last), last["next"]) == (mine[6:], None)


def test_the_list_can_be_reversed(engine: Engine, history: list[Any]) -> None:
    mine = [task["uid"] for task in history]
    page = engine.get("/tasks?indexUids=history&reverse=true&limit=2")
    assert (uids(page), page["from"], page["next"]) == (mine[:2], mine[0], mine[2])
    assert uids(engine.get(f"/tasks?indexUids=history&reverse=true&from={mine[5]}")) == mine[5:]


def test_an_empty_list_has_no_from(engine: Engine, history: list[Any]) -> None:
    page = engine.get("/tasks?indexUids=none-such")
    assert page == {"results": [], "total": 0, "limit": 20, "from": None, "next": None}
    assert engine.get("/tasks?indexUids=history&limit=0")["results"] == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("statuses=failed", [2]),
        ("statuses=SUCCEEDED,failed", [0, 1, 2, 3, 4, 5, 6]),
        ("types=indexCreation,indexDeletion", [0, 6]),
        ("types=documentadditionorupdate&statuses=succeeded", [1]),
        ("statuses=*&types=*", [0, 1, 2, 3, 4, 5, 6]),
        ("canceledBy=0", []),
        ("statuses=canceled", []),
        ("beforeEnqueuedAt=2020-01-01", []),
        ("afterEnqueuedAt=2020-01-01", [0, 1, 2, 3, 4, 5, 6]),
        ("afterFinishedAt=2020-01-01T00:00:00Z", [0, 1, 2, 3, 4, 5, 6]),
        ("afterStartedAt=2999-01-01", []),
    ],
)
def test_filters_are_anded_and_their_values_ored(
    engine: Engine, history: list[Any], query: str, expected: list[int]
) -> None:
    page = engine.get(f"/tasks?indexUids=history&{query}")
    assert sorted(uids(page)) == [history[n]["uid"] for n in expected]
    assert page["total"] == len(expected)


def test_uids_and_batches_select(engine: Engine, history: list[Any]) -> None:
    wanted = f"{history[1]['uid']},{history[3]['uid']}"
    assert sorted(uids(engine.get(f"/tasks?uids={wanted}"))) == [history[1]["uid"], history[3]["uid"]]
    assert uids(engine.get(f"/tasks?batchUids={history[3]['batchUid']}")) == [history[3]["uid"]]


def test_bounds_of_time_are_exclusive(engine: Engine, history: list[Any]) -> None:
    moment = one_line(history[3]["enqueuedAt"])
    after = engine.get(f"/tasks?indexUids=history&afterEnqueuedAt={moment}&reverse=true")
    before = engine.get(f"/tasks?indexUids=history&beforeEnqueuedAt={moment}&reverse=true")
    assert (uids(before), uids(after)) == ([t["uid"] for t in history[:3]], [t["uid"] for t in history[4:]])


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=-1", "invalid_task_limit"),
        ("from=a", "invalid_task_from"),
        ("reverse=1", "invalid_task_reverse"),
        ("uids=a", "invalid_task_uids"),
        ("batchUids=a", "invalid_batch_uids"),
        ("canceledBy=a", "invalid_task_canceled_by"),
        ("statuses=done", "invalid_task_statuses"),
        ("types=work", "invalid_task_types"),
        ("indexUids=a.b", "invalid_index_uid"),
        ("afterEnqueuedAt=now", "invalid_task_after_enqueued_at"),
        ("beforeFinishedAt=2020", "invalid_task_before_finished_at"),
        ("size=1", "bad_request"),
    ],
)
def test_bad_filters_are_refused(engine: Engine, query: str, code: str) -> None:
    assert_error(engine.ask("GET", f"/tasks?{query}"), 400, code)


def test_a_missing_task_is_not_found(engine: Engine) -> None:
    message = assert_error(engine.ask("GET", "/tasks/4000000000"), 404, "task_not_found")
    assert message == "Task `4000000000` not found."


def test_a_task_uid_is_a_number(engine: Engine) -> None:
    message = assert_error(engine.ask("GET", "/tasks/abc"), 400, "invalid_task_uids")
    assert message == "Task uid `abc` is invalid. It should only contain numeric characters."


def test_a_renamed_index_is_named_in_details(engine: Engine, index: str) -> None:
    task = engine.do("PATCH", f"/indexes/{index}", {"uid": f"{index}-b"})
    assert (task["details"]["oldIndexUid"], task["details"]["newIndexUid"]) == (index, f"{index}-b")
