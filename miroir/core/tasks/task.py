"""One task of a client: what was asked, which tasks of the nodes carry it, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

JsonObject = dict[str, Any]
FINISHED = ("succeeded", "failed", "canceled")
STATUSES = ("enqueued", "processing", *FINISHED)
TYPES = (
    "documentAdditionOrUpdate",
    "documentEdition",
    "documentDeletion",
    "settingsUpdate",
    "indexCreation",
    "indexDeletion",
    "indexUpdate",
    "indexSwap",
    "taskCancelation",
    "taskDeletion",
    "dumpCreation",
    "snapshotCreation",
    "export",
    "upgradeDatabase",
    "indexCompaction",
)


@dataclass(frozen=True, slots=True)
class Expected:
    """One request of an operation, as its task on the node can be known again: by tag where Meilisearch keeps one."""

    type: str
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One node's part: `after` is the node's last task uid before it (-1: none), `uids` are ours, in order."""

    after: int
    expected: tuple[Expected, ...]
    uids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """`touches` are the client's indexes in whose order the task stands; `names` the physical uids its nodes may tell.

    `effects` change the catalog when the task ends (core.tasks.effects). `verdict` is an error that Miroir found
    itself; a task with one fails whatever the nodes say. `copies` is how many nodes hold each shard.
    """

    uid: int
    type: str
    index_uid: str | None
    enqueued_at: str
    touches: tuple[str, ...]
    status: str = "enqueued"
    started_at: str | None = None
    finished_at: str | None = None
    details: JsonObject | None = None
    error: JsonObject | None = None
    custom_metadata: str | None = None
    names: tuple[str, ...] = ()
    copies: int = 1
    sent: bool = False
    targets: dict[str, Target] = field(default_factory=dict)
    effects: tuple[JsonObject, ...] = ()
    verdict: JsonObject | None = None

    @property
    def finished(self) -> bool:
        return self.status in FINISHED

    def to_bytes(self) -> bytes:
        return orjson.dumps(self)

    @staticmethod
    def from_bytes(data: bytes) -> Task:
        raw = orjson.loads(data)
        raw["touches"], raw["names"], raw["effects"] = tuple(raw["touches"]), tuple(raw["names"]), tuple(raw["effects"])
        raw["targets"] = {node: _target(target) for node, target in raw["targets"].items()}
        return Task(**raw)


def _target(raw: JsonObject) -> Target:
    return Target(raw["after"], tuple(Expected(**one) for one in raw["expected"]), tuple(raw["uids"]))


def key_of(uid: int) -> str:
    """A task's key in the store: the order of the keys is the order of the uids."""
    return f"{uid:010}"


def summary(task: Task) -> JsonObject:
    """What a client gets with its 202."""
    view = {
        "taskUid": task.uid,
        "indexUid": task.index_uid,
        "status": "enqueued",
        "type": task.type,
        "enqueuedAt": task.enqueued_at,
    }
    return _with_metadata(task, view)


def view(task: Task) -> JsonObject:
    """What `GET /tasks` tells of a task. Miroir keeps no batches."""
    body: JsonObject = {
        "uid": task.uid,
        "batchUid": None,
        "indexUid": task.index_uid,
        "status": task.status,
        "type": task.type,
        "canceledBy": None,
    }
    if task.details is not None:
        body["details"] = task.details
    body |= {
        "error": task.error,
        "duration": _duration(task.started_at, task.finished_at),
        "enqueuedAt": task.enqueued_at,
        "startedAt": task.started_at,
        "finishedAt": task.finished_at,
    }
    return _with_metadata(task, body)


def _with_metadata(task: Task, body: JsonObject) -> JsonObject:
    return body if task.custom_metadata is None else body | {"customMetadata": task.custom_metadata}


def _duration(start: str | None, end: str | None) -> str | None:
    if start is None or end is None:
        return None
    seconds = (instant(end) - instant(start)).total_seconds()
    return f"PT{max(seconds, 0.0):.6f}".rstrip("0").rstrip(".") + "S"


def instant(text: str) -> datetime:
    """An RFC 3339 text as a moment; digits beyond microseconds are dropped."""
    head, dot, tail = text.partition(".")
    if not dot:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    digits = len(tail) - len(tail.lstrip("0123456789"))
    zone = tail[digits:].replace("Z", "+00:00")
    return datetime.fromisoformat(f"{head}.{tail[:digits][:6].ljust(6, '0')}{zone}")
