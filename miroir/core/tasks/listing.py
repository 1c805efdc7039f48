"""The query of `GET /tasks`: parsing it, and choosing the tasks that it means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from miroir.core.tasks.task import STATUSES, TYPES, JsonObject, Task, instant, view
from miroir.core.uids import check_uid
from miroir.core.wire.errors import MiroirError

T = TypeVar("T")
_DATES = {
    f"{side}{moment}At": (side, f"{moment.lower()}_at")
    for side in ("before", "after")
    for moment in ("Enqueued", "Started", "Finished")
}
_LISTS = ("uids", "batchUids", "canceledBy", "types", "statuses", "indexUids")
PARAMETERS = ("limit", "from", "reverse", *_LISTS, *_DATES)
_CODES = {"batchUids": "invalid_batch_uids", "canceledBy": "invalid_task_canceled_by", "indexUids": "invalid_index_uid"}


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """An empty filter means all; `dates` are (attribute, "before" or "after", moment), all exclusive."""

    limit: int = 20
    start: int | None = None
    reverse: bool = False
    uids: frozenset[int] | None = None
    types: frozenset[str] | None = None
    statuses: frozenset[str] | None = None
    index_uids: frozenset[str] | None = None
    nothing: bool = False
    dates: tuple[tuple[str, str, datetime], ...] = field(default=())

    def matches(self, task: Task) -> bool:
        return (
            not self.nothing
            and (self.uids is None or task.uid in self.uids)
            and (self.types is None or task.type in self.types)
            and (self.statuses is None or task.status in self.statuses)
            and (self.index_uids is None or task.index_uid in self.index_uids)
            and all(_in_time(task, *date) for date in self.dates)
        )


def _in_time(task: Task, attribute: str, side: str, moment: datetime) -> bool:
    text: str | None = getattr(task, attribute)
    if text is None:
        return False
    return instant(text) < moment if side == "before" else instant(text) > moment


def page(tasks: Iterable[Task], query: TaskQuery) -> JsonObject:
    """The answer of `GET /tasks`. `tasks` are all of them, newest first, or oldest first with `reverse`."""
    total = 0
    chosen: list[Task] = []
    for task in tasks:
        if not query.matches(task):
            continue
        total += 1
        if len(chosen) <= query.limit and _beyond_start(task, query):
            chosen.append(task)
    results, rest = chosen[: query.limit], chosen[query.limit :]
    return {
        "results": [view(task) for task in results],
        "total": total,
        "limit": query.limit,
        "from": results[0].uid if results else None,
        "next": rest[0].uid if rest else None,
    }


def _beyond_start(task: Task, query: TaskQuery) -> bool:
    if query.start is None:
        return True
    return task.uid >= query.start if query.reverse else task.uid <= query.start


def parse(parameters: Mapping[str, str]) -> TaskQuery:
    """The query out of URL parameters. Raises MiroirError with Meilisearch's codes."""
    for name in parameters:
        if name not in PARAMETERS:
            known = ", ".join(f"`{one}`" for one in PARAMETERS)
            raise MiroirError("bad_request", f"Unknown parameter `{name}`: expected one of {known}")
    uids = _listed(parameters, "uids", _number)
    only_others = [name for name in ("batchUids", "canceledBy") if _listed(parameters, name, _number) is not None]
    limit = _positive(parameters, "limit")
    return TaskQuery(
        limit=20 if limit is None else limit,
        start=_positive(parameters, "from"),
        reverse=_flag(parameters),
        uids=uids,
        types=_listed(parameters, "types", _one_of(TYPES, "invalid_task_types")),
        statuses=_listed(parameters, "statuses", _one_of(STATUSES, "invalid_task_statuses")),
        index_uids=_listed(parameters, "indexUids", lambda _, text: check_uid(text)),
        nothing=bool(only_others),
        dates=tuple(_date(name, parameters[name]) for name in _DATES if name in parameters),
    )


def _positive(parameters: Mapping[str, str], name: str) -> int | None:
    text = parameters.get(name)
    return None if text is None else _number(name, text)


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > 0xFFFF_FFFF:
        code = _CODES.get(name, f"invalid_task_{name}")
        raise MiroirError(code, f"Invalid value in parameter `{name}`: could not parse `{text}` as a positive integer")
    return int(text)


def _flag(parameters: Mapping[str, str]) -> bool:
    text = parameters.get("reverse", "false")
    if text not in ("true", "false"):
        raise MiroirError(
            "invalid_task_reverse",
            f"Invalid value in parameter `reverse`: could not parse `{text}` as a boolean, "
            "expected either `true` or `false`",
        )
    return text == "true"


def _listed(parameters: Mapping[str, str], name: str, read: Callable[[str, str], T]) -> frozenset[T] | None:
    text = parameters.get(name)
    if text is None or text == "*":
        return None
    return frozenset(read(name, part.strip()) for part in text.split(","))


def _one_of(known: tuple[str, ...], code: str) -> Callable[[str, str], str]:
    by_lower = {name.lower(): name for name in known}

    def read(name: str, text: str) -> str:
        found = by_lower.get(text.lower())
        if found is None:
            what = "status" if name == "statuses" else "type"
            listed = ", ".join(f"`{one}`" for one in known)
            raise MiroirError(
                code,
                f"Invalid value in parameter `{name}`: `{text}` is not a valid task {what}. "
                f"Available values are {listed}.",
            )
        return found

    return read


def _date(name: str, text: str) -> tuple[str, str, datetime]:
    side, attribute = _DATES[name]
    try:
        plain = len(text) == len("2026-01-31")
        moment = instant(text)
    except ValueError:
        code = "invalid_task_" + "".join("_" + c.lower() if c.isupper() else c for c in name)
        raise MiroirError(
            code,
            f"Invalid value in parameter `{name}`: `{text}` is an invalid date-time. It should follow the YYYY-MM-DD "
            "or RFC 3339 date-time format.",
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if plain and side == "after":
        moment += timedelta(days=1)
    return attribute, side, moment
