"""What a node tells of its tasks is believed only in Meilisearch's shape."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from miroir.core.tasks.telling import read_tasks

GOOD: dict[str, Any] = {
    "uid": 5,
    "indexUid": "movies-i1-e1abcd",
    "status": "failed",
    "type": "documentDeletion",
    "details": {"deletedDocuments": 2, "originalFilter": None},
    "error": {"message": "bad", "code": "c", "type": "t", "link": "l"},
    "startedAt": "2026-05-01T10:00:01.123456789Z",
    "finishedAt": None,
}


def page(**task: Any) -> bytes:
    return orjson.dumps({"results": [GOOD | task], "total": 1, "limit": 20, "from": 5, "next": None})


def test_a_page_is_told_as_it_stands() -> None:
    told = read_tasks(page())
    assert told is not None
    assert (told.tasks, told.next) == ((GOOD,), None)
    assert read_tasks(page(indexUid=None, error=None, details=None, startedAt=None)) is not None


@pytest.mark.parametrize(
    "odd",
    [
        {"uid": "5"},
        {"uid": True},
        {"status": "fine"},
        {"status": None},
        {"type": 3},
        {"indexUid": []},
        {"error": "bad"},
        {"error": {"code": "c"}},
        {"details": [1]},
        {"details": {"deletedDocuments": "many"}},
        {"startedAt": 5},
        {"startedAt": "soon"},
        {"finishedAt": "2026-05-01T10:00:01"},
    ],
)
def test_one_odd_task_makes_the_page_worthless(odd: dict[str, Any]) -> None:
    assert read_tasks(page(**odd)) is None
