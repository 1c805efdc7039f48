"""Tasks: how they are listed, judged, and what they do to the catalog."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from miroir.core.indexes import IndexView
from miroir.core.tasks import effects
from miroir.core.tasks.judging import LOST, created, ended, started, waiting_for
from miroir.core.tasks.listing import page, parse
from miroir.core.tasks.task import Expected, Target, Task, summary, view
from miroir.core.wire.errors import MiroirError

NOW = "2026-05-01T10:00:00.000000000Z"
TASK = Task(
    uid=7,
    type="documentAdditionOrUpdate",
    index_uid="movies",
    enqueued_at=NOW,
    touches=("movies",),
    details={"receivedDocuments": 3, "indexedDocuments": None},
    names=("movies-i1-e0", "movies-i1-e1abcd"),
    copies=2,
    sent=True,
    targets={"a": Target(4, (Expected("documentAdditionOrUpdate", "t"),), (5,)), "b": Target(-1, (), (0,))},
    effects=({"do": "touch", "uid": "movies"},),
)


def told(status: str, **more: Any) -> dict[str, Any]:
    times = {"startedAt": "2026-05-01T10:00:01Z", "finishedAt": "2026-05-01T10:00:03.5Z"}
    return {"status": status, "type": TASK.type, "error": None, **times, **more}


def test_a_task_is_the_same_after_the_store() -> None:
    assert Task.from_bytes(TASK.to_bytes()) == TASK


def test_a_task_waits_for_every_part() -> None:
    assert waiting_for(TASK, {}) == [("a", 5), ("b", 0)]
    assert waiting_for(TASK, {("a", 5): told("succeeded"), ("b", 0): told("processing")}) == [("b", 0)]
    assert waiting_for(TASK, {("a", 5): told("failed"), ("b", 0): LOST}) == []


def test_counts_of_copies_are_counted_once() -> None:
    known = {
        ("a", 5): told("succeeded", details={"indexedDocuments": 2}),
        ("b", 0): told("succeeded", details={"indexedDocuments": 4}),
    }
    last = ended(TASK, known, NOW)
    assert (last.status, last.details) == ("succeeded", {"receivedDocuments": 3, "indexedDocuments": 3})
    assert view(last)["duration"] == "PT2.5S"


def test_one_failed_part_fails_the_task_in_the_clients_names() -> None:
    error = {"message": "Index `movies-i1-e1abcd`: bad.", "code": "c", "type": "t", "link": "l"}
    last = ended(TASK, {("a", 5): told("failed", error=error), ("b", 0): told("failed", error=error)}, NOW)
    assert last.error == error | {"message": "Index `movies`: bad."}
    assert last.details == {"receivedDocuments": 3, "indexedDocuments": 0}
    mixed = ended(TASK, {("a", 5): told("failed", error=error), ("b", 0): told("succeeded")}, NOW)
    assert mixed.error is not None
    assert (
        mixed.error["message"] == "Index `movies`: bad. This failed on some nodes only: copies of the index may differ."
    )
    lost = ended(TASK, {("a", 5): LOST, ("b", 0): told("succeeded")}, NOW)
    assert lost.status == "failed"


def test_a_tasks_times_never_run_backwards() -> None:
    early = told("succeeded", startedAt="2026-05-01T09:00:00Z", finishedAt="2026-05-01T09:00:01Z")
    shown = started(TASK, {("a", 5): early})
    assert (shown.status, shown.started_at) == ("processing", NOW)
    last = ended(shown, {("a", 5): early, ("b", 0): early}, NOW)
    assert (last.started_at, last.finished_at) == (NOW, NOW)


def test_an_index_counts_as_made_when_every_node_has_made_it() -> None:
    known = {("a", 5): told("succeeded", type="indexCreation"), ("b", 0): told("failed", type="indexCreation")}
    assert not created(TASK, known)
    assert created(TASK, known | {("b", 0): told("succeeded", type="indexCreation")})


def test_a_summary_and_a_view_have_meilisearchs_fields_in_its_order() -> None:
    assert list(summary(TASK)) == ["taskUid", "indexUid", "status", "type", "enqueuedAt"]
    assert list(view(replace(TASK, custom_metadata="m"))) == [
        *("uid", "batchUid", "indexUid", "status", "type", "canceledBy", "details", "error", "duration"),
        *("enqueuedAt", "startedAt", "finishedAt", "customMetadata"),
    ]


TASKS = [
    replace(TASK, uid=uid, status=["succeeded", "failed"][uid % 2], index_uid="ab"[uid % 3 == 0]) for uid in range(10)
]


def listed(*, newest_first: bool = True, start: str | None = None, **parameters: str) -> dict[str, Any]:
    parameters |= {} if start is None else {"from": start}
    answer = page(TASKS[::-1] if newest_first else TASKS, parse(parameters))
    return answer | {"results": [task["uid"] for task in answer["results"]]}


def test_pages_follow_each_other_without_gaps() -> None:
    first = listed(limit="4")
    assert first == {"results": [9, 8, 7, 6], "total": 10, "limit": 4, "from": 9, "next": 5}
    last = listed(limit="9", start="5")
    assert last == {"results": [5, 4, 3, 2, 1, 0], "total": 10, "limit": 9, "from": 5, "next": None}
    upwards = listed(newest_first=False, reverse="true", limit="2", start="3")
    assert upwards == {"results": [3, 4], "total": 10, "limit": 2, "from": 3, "next": 5}
    assert listed(limit="0") == {"results": [], "total": 10, "limit": 0, "from": None, "next": 9}


def test_filters_are_anded_and_their_values_ored() -> None:
    assert listed(statuses="Failed,PROCESSING", indexUids="b")["results"] == [9, 3]
    assert listed(uids="1,2,77", types="*")["results"] == [2, 1]
    assert listed(types="settingsUpdate")["results"] == []
    assert listed(batchUids="1")["results"] == []
    assert listed(afterEnqueuedAt="2026-04-30")["total"] == 10
    assert listed(afterEnqueuedAt="2026-05-01")["total"] == 0
    assert listed(beforeEnqueuedAt="2026-05-01T10:00:00Z")["total"] == 0
    assert listed(beforeEnqueuedAt="2026-05-01T10:00:01+00:00")["total"] == 10
    assert listed(afterStartedAt="2020-01-01")["total"] == 0


def test_dates_may_be_days_or_moments_up_to_the_last() -> None:
    assert listed(afterEnqueuedAt="9999-12-31")["total"] == 0
    assert listed(beforeEnqueuedAt="9999-12-31")["total"] == 10
    assert listed(beforeEnqueuedAt="9999-12-31T23:59:59.999999999-23:59")["total"] == 10
    assert listed(beforeEnqueuedAt="2026-05-01t10:00:00.1z")["total"] == 10
    assert listed(afterEnqueuedAt="2026-05-01T12:30:00+02:30")["total"] == 0
    assert listed(afterEnqueuedAt="2026-05-01T12:29:59+02:30")["total"] == 10


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("limit", "-1", "invalid_task_limit"),
        ("from", "x", "invalid_task_from"),
        ("reverse", "1", "invalid_task_reverse"),
        ("uids", "1,b", "invalid_task_uids"),
        ("statuses", "done", "invalid_task_statuses"),
        ("types", "nothing", "invalid_task_types"),
        ("indexUids", "a b", "invalid_index_uid"),
        ("batchUids", "x", "invalid_batch_uids"),
        ("canceledBy", "x", "invalid_task_canceled_by"),
        ("beforeStartedAt", "soon", "invalid_task_before_started_at"),
        ("beforeStartedAt", "2026-W01-1", "invalid_task_before_started_at"),
        ("afterStartedAt", "20260131", "invalid_task_after_started_at"),
        ("beforeEnqueuedAt", "2026-01-31T10:00:00", "invalid_task_before_enqueued_at"),
        ("afterEnqueuedAt", "2026-01-31 10:00:00Z", "invalid_task_after_enqueued_at"),
        ("beforeFinishedAt", "2026-02-30", "invalid_task_before_finished_at"),
        ("afterFinishedAt", "2026-01-31T10:00:00+01:00:30", "invalid_task_after_finished_at"),
        ("afterFinishedAt", "", "invalid_task_after_finished_at"),
        ("limit", "9" * 5000, "invalid_task_limit"),
        ("unknown", "1", "bad_request"),
    ],
)
def test_what_a_query_may_not_say(name: str, value: str, code: str) -> None:
    with pytest.raises(MiroirError) as caught:
        parse({name: value})
    assert caught.value.code == code
    assert caught.value.status == 400


INDEX = IndexView("a", "a-i1-e1zzzz", 1, None, 2, (("n0",), ("n1",)), "", "")


def test_effects_apply_in_their_order() -> None:
    steps = [
        effects.create(INDEX),
        effects.set_key("a", "id"),
        effects.settings("a", {}) | {"view": {"stopWords": ["x"]}},
    ]
    after = effects.fold({}, steps, NOW)
    assert after["a"].primary_key == "id"
    assert dict(after["a"].settings) == {"stopWords": ["x"]}
    assert (after["a"].settings_version, after["a"].created_at) == (1, NOW)
    renamed = effects.fold(after, [effects.rename("a", "b"), effects.touch("b")], "later")
    assert {uid: (one.uid, one.physical, one.updated_at) for uid, one in renamed.items()} == {
        "b": ("b", "a-i1-e1zzzz", "later")
    }
    assert effects.fold(renamed, [effects.delete("b")], NOW) == {}
    assert effects.fold({}, [effects.set_key("gone", "id"), effects.delete("gone")], NOW) == {}


def test_an_index_is_the_same_after_the_store() -> None:
    after = effects.fold({}, [effects.create(INDEX)], NOW)["a"]
    assert effects.view_from_bytes(effects.view_to_bytes(after)) == after
