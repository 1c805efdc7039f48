"""How a client's task stands, given what the nodes tell of theirs. Pure; asking the nodes is `cluster.tasks`' part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from miroir.core.tasks.task import FINISHED, JsonObject, Task, instant
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.rewriting import for_client

NodeTasks = Mapping[tuple[str, int], Mapping[str, Any]]
"""(node id, node task uid) -> the task as the node tells it; one that a node has forgotten is `LOST`."""

LOST: Mapping[str, Any] = {"status": "lost", "type": "", "error": None}
_COUNTED = {
    "documentAdditionOrUpdate": "indexedDocuments",
    "documentDeletion": "deletedDocuments",
    "indexDeletion": "deletedDocuments",
}


def waiting_for(task: Task, known: NodeTasks) -> list[tuple[str, int]]:
    """The node tasks that must be asked for again before the task can end."""
    parts = ((node, uid) for node, target in task.targets.items() for uid in target.uids)
    return [part for part in parts if part not in known or known[part]["status"] not in (*FINISHED, "lost")]


def started(task: Task, known: NodeTasks) -> Task:
    """The task, shown as processing once a node has begun with a part of it."""
    moments = _moments(task, known, "startedAt")
    if task.status != "enqueued" or not moments:
        return task
    return replace(task, status="processing", started_at=max(min(moments, key=instant), task.enqueued_at, key=instant))


def ended(task: Task, known: NodeTasks, now: str) -> Task:
    """The task as it ends: every node task has ended. It succeeds only when all of them have succeeded."""
    error = task.verdict or _first_error(task, known)
    begin = task.started_at or started(task, known).started_at or now
    end = max(_moments(task, known, "finishedAt") or [now], key=instant)
    return replace(
        task,
        status="failed" if error else "succeeded",
        error=error,
        details=_details(task, known, failed=error is not None),
        started_at=begin,
        finished_at=max(begin, end, key=instant),
    )


def created(task: Task, known: NodeTasks) -> bool:
    """Whether every node has made the index that the task was to make first."""
    parts = [known[part] for part in _parts(task) if known[part]["type"] in ("indexCreation", "indexUpdate", "")]
    return bool(parts) and all(part["status"] == "succeeded" for part in parts)


def _parts(task: Task) -> list[tuple[str, int]]:
    return [(node, uid) for node, target in task.targets.items() for uid in target.uids]


def _moments(task: Task, known: NodeTasks, field: str) -> list[str]:
    told = (known[part].get(field) for part in _parts(task) if part in known)
    return [moment for moment in told if moment]


def _first_error(task: Task, known: NodeTasks) -> JsonObject | None:
    """The node's error in the client's names. A mixed verdict says so: the copies may then differ."""
    parts = [known[part] for part in _parts(task)]
    bad = [part for part in parts if part["status"] != "succeeded"]
    if not bad:
        return None
    error = next((dict(part["error"]) for part in bad if part.get("error")), None) or _no_error(bad[0])
    error["message"] = for_client(error["message"], task.names, task.index_uid or "")
    if len(bad) < len(parts) and any(part["status"] == "succeeded" and part["type"] == task.type for part in parts):
        error["message"] += " This failed on some nodes only: copies of the index may differ."
    return error


def _no_error(part: Mapping[str, Any]) -> JsonObject:
    what = "has lost" if part["status"] == "lost" else "has canceled"
    return dict(MiroirError("internal", f"A node {what} its part of this task.").as_dict())


def _details(task: Task, known: NodeTasks, *, failed: bool) -> JsonObject | None:
    field = _COUNTED.get(task.type)
    if field is None or task.details is None:
        return task.details
    if failed:
        return task.details | {field: 0}
    counts = [(known[part].get("details") or {}).get(field) or 0 for part in _parts(task)]
    return task.details | {field: sum(counts) // task.copies}
