"""The query of `GET /tasks`: parsing it, and choosing the tasks that it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from miroir.core.tasks.task import STATUSES, TYPES, JsonObject, Task, instant, view
from miroir.core.uids import check_uid
from miroir.core.wire.errors import MiroirError

T = TypeVar("T")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(_DAY.pattern + r"[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})")
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

    @property
    def unfiltered(self) -> bool:
        """Whether every task is meant."""
        lists = (self.uids, self.types, self.statuses, self.index_uids)
        return not self.nothing and not self.dates and all(one is None for one in lists)

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


class Selection:
    """Takes all tasks, newest first, or oldest first with `reverse`, and keeps what the answer shows of them."""

    def __init__(self, query: TaskQuery) -> None:
        self._query = query
        self._chosen: list[Task] = []
        self._total = 0

    def add(self, task: Task) -> None:
        if not self._query.matches(task):
            return
        self._total += 1
        if not self.full and _beyond_start(task, self._query):
            self._chosen.append(task)

    @property
    def full(self) -> bool:
        """Nothing more will be shown, but what is added is still counted."""
        return len(self._chosen) > self._query.limit

    def answer(self, total: int | None = None) -> JsonObject:
        """The answer of `GET /tasks`. `total` when it is known otherwise: then not all tasks had to be added."""
        results, rest = self._chosen[: self._query.limit], self._chosen[self._query.limit :]
        return {
            "results": [view(task) for task in results],
            "total": self._total if total is None else total,
            "limit": self._query.limit,
            "from": results[0].uid if results else None,
            "next": rest[0].uid if rest else None,
        }


def page(tasks: Iterable[Task], query: TaskQuery) -> JsonObject:
    """The answer of `GET /tasks` when all tasks, in the order of `Selection`, are at hand."""
    selection = Selection(query)
    for task in tasks:
        selection.add(task)
    return selection.answer()


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
    if not is_u32(text):
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


def is_u32(text: str) -> bool:
    """Whether a text is a number as uids are; with any number of zeros before it."""
    return text.isascii() and text.isdigit() and len(text.lstrip("0")) <= 10 and int(text.lstrip("0") or "0") < 1 << 32


def _date(name: str, text: str) -> tuple[str, str, datetime]:
    """A day means the whole of it: after it is after its end. The last day that can be written has no next one."""
    side, attribute = _DATES[name]
    if _DAY.fullmatch(text) is None:
        return attribute, side, _moment(name, text, text.upper() if _MOMENT.fullmatch(text) else "")
    moment = _moment(name, text, f"{text}T00:00:00Z")
    if side == "after" and moment.date() != date.max:
        moment += timedelta(days=1)
    return attribute, side, moment


def _moment(name: str, said: str, text: str) -> datetime:
    try:
        return instant(text)
    except ValueError:
        code = "invalid_task_" + "".join("_" + c.lower() if c.isupper() else c for c in name)
        raise MiroirError(
            code,
            f"Invalid value in parameter `{name}`: `{said}` is an invalid date-time. It should follow the YYYY-MM-DD "
            "or RFC 3339 date-time format.",
        ) from None
