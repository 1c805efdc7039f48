"""What a node tells of its tasks, checked before anything relies on it. Pure; asking is for `cluster` and `writes`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from miroir.core.tasks.task import STATUSES, instant

NodeTask = Mapping[str, Any]
_MOMENTS = ("startedAt", "finishedAt")


@dataclass(frozen=True, slots=True)
class Told:
    """A page of a node's tasks, in the node's order. `next` is the uid at which the next page begins."""

    tasks: tuple[NodeTask, ...]
    next: int | None


def read_tasks(body: bytes) -> Told | None:
    """The answer to `GET /tasks`; None when it is not one: a node that is broken tells nothing."""
    try:
        page = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(page, dict) or not isinstance(page.get("results"), list):
        return None
    after = page.get("next", page)
    if not _is_uid(page.get("total")) or not (after is None or _is_uid(after)):
        return None
    if not all(_is_task(task) for task in page["results"]):
        return None
    return Told(tuple(page["results"]), after)


def _is_task(task: Any) -> bool:
    return (
        isinstance(task, dict)
        and _is_uid(task.get("uid"))
        and task.get("status") in STATUSES
        and isinstance(task.get("type"), str)
        and isinstance(task.get("indexUid"), str | None)
        and _is_error(task.get("error"))
        and _is_details(task.get("details"))
        and all(_is_moment(task.get(field)) for field in _MOMENTS)
    )


def _is_uid(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_error(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and isinstance(value.get("message"), str))


def _is_details(value: Any) -> bool:
    """Counts are numbers; what else stands there Miroir does not read."""
    if not isinstance(value, dict):
        return value is None
    return all(value.get(name) is None or _is_uid(value[name]) for name in ("indexedDocuments", "deletedDocuments"))


def _is_moment(value: Any) -> bool:
    if not isinstance(value, str):
        return value is None
    try:
        return instant(value).tzinfo is not None
    except ValueError:
        return False
