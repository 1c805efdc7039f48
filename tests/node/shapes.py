"""Shapes that many tests assert: error bodies, summaries of tasks, times."""

from __future__ import annotations

import re

from tests.harness.client import Answer, Json

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$")
DURATION = re.compile(r"^PT(\d+(\.\d+)?S|0S)$")
SUMMARY_KEYS = ["taskUid", "indexUid", "status", "type", "enqueuedAt"]
TASK_KEYS = [
    "uid",
    "batchUid",
    "indexUid",
    "status",
    "type",
    "canceledBy",
    "details",
    "error",
    "duration",
    "enqueuedAt",
    "startedAt",
    "finishedAt",
]
AUTH_CODES = {"missing_authorization_header", "missing_master_key", "invalid_api_key"}


def assert_error(answer: Answer, status: int, code: str) -> str:
    """The answer is a well-formed error with this status and code. Returns its message."""
    assert (answer.status, answer.code) == (status, code), (answer.status, answer.raw)
    assert list(answer.body) == ["message", "code", "type", "link"]
    assert answer.body["link"] == f"https://docs.meilisearch.com/errors#{code}"
    assert answer.body["type"] == ("auth" if code in AUTH_CODES else "invalid_request")
    assert answer.headers["content-type"] == "application/json"
    message: str = answer.body["message"]
    return message


def assert_task_error(error: Json, code: str) -> str:
    """The error of a failed task, as `Engine.fail` returns it. Returns its message."""
    told = error["task"]["error"]
    assert list(told) == ["message", "code", "type", "link"]
    assert told["code"] == code, told
    assert told["link"] == f"https://docs.meilisearch.com/errors#{code}"
    message: str = told["message"]
    return message


def assert_summary(answer: Answer, index: str | None, kind: str) -> None:
    """The answer to a write: 202 with the summary of an enqueued task."""
    assert answer.status == 202, (answer.status, answer.raw)
    body = answer.body
    assert list(body) == SUMMARY_KEYS
    assert isinstance(body["taskUid"], int)
    assert (body["indexUid"], body["status"], body["type"]) == (index, "enqueued", kind)
    assert TIME.match(body["enqueuedAt"])
