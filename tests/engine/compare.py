"""When two answers are the same. Only the time, the request's id and the order of a document's fields are free."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.harness.client import Answer, Json
from tests.harness.node import is_stock

VOLATILE = ("processingTimeMs", "requestUid")
EXTRAS = (
    "_federation",
    "_formatted",
    "_matchesPosition",
    "_geoDistance",
    "_rankingScore",
    "_rankingScoreDetails",
    "_vectors",
)
_POSITION = re.compile(r"\b\d+:\d+ ")


class Literal(str):
    """A number as it was written, so that `1.0` and `1` differ."""

    __slots__ = ()


def exact(raw: bytes) -> Json:
    """JSON with its numbers kept as they were written."""
    return json.loads(raw, parse_float=Literal, parse_int=Literal)


def difference(one: Answer, many: Answer) -> str | None:
    """The first difference between two answers to one request, as a sentence; None when there is none."""
    if one.status != many.status:
        return f"status {one.status} against {many.status}: {many.raw[:300]!r}"
    left, right = exact(one.raw), exact(many.raw)
    if one.status >= 400:
        return _errors(left, right)
    return _answers("", left, right)


def _answers(path: str, left: Json, right: Json) -> str | None:
    """The bodies of two searches, of several at once, of two lists of documents, of two documents, or other values."""
    if not isinstance(left, dict) or not isinstance(right, dict):
        return _values(path, left, right)
    for name in VOLATILE:
        if (name in left) != (name in right):
            return f"{path}{name} is given by one of them only"
        left.pop(name, None)
        right.pop(name, None)
    for name in ("hits", "results"):
        if isinstance(left.get(name), list) and isinstance(right.get(name), list):
            return _listed(path, name, left, right)
    return _hits(path, left, right) if "id" in left else _values(path, left, right)


def _listed(path: str, name: str, left: Json, right: Json) -> str | None:
    if list(left) != list(right):
        return f"{path}keys {list(left)} against {list(right)}"
    items, others = left.pop(name), right.pop(name)
    for number, (item, other) in enumerate(zip(items, others, strict=False)):
        at = f"{path}{name}[{number}]"
        compare = _answers if isinstance(item, dict) and "hits" in item else _hits
        if found := compare(f"{at}." if compare is _answers else at, item, other):
            return found
    if len(items) != len(others):
        return f"{path}{len(items)} {name} against {len(others)}"
    return _values(path, left, right)


def _errors(left: Json, right: Json) -> str | None:
    for told in (left, right):
        text = _POSITION.sub("", told["message"])
        told["message"] = (
            text.partition("\n")[0] if is_stock() else text
        )  # 1.50 quotes filters as it has rewritten them
    return _values("", left, right)


def _hits(path: str, left: Json, right: Json) -> str | None:
    """Two hits: fields in any order, what the engine adds in the same order."""
    if set(left) != set(right):
        return f"{path}: {shown(left)} against {shown(right)}"
    added = [[name for name in hit if name in EXTRAS] for hit in (left, right)]
    if added[0] != added[1]:
        return f"{path}: {added[0]} against {added[1]}"
    for name in left:
        if name == "_formatted" and isinstance(left[name], dict) and set(left[name]) == set(right[name]):
            right = {**right, name: {field: right[name][field] for field in left[name]}}
        if found := _values(f"{path}.{name}", left[name], right[name]):
            return f"{found} ({shown(left)} against {shown(right)})"
    return None


def _values(path: str, left: Json, right: Json) -> str | None:
    if type(left) is not type(right):
        return f"{path}: {shown(left)} against {shown(right)}"
    if isinstance(left, dict):
        if list(left) != list(right):
            return f"{path}: keys {list(left)} against {list(right)}"
        pairs: Any = [(f"{path}.{name}", left[name], right[name]) for name in left]
    elif isinstance(left, list):
        if len(left) != len(right):
            return f"{path}: {shown(left)} against {shown(right)}"
        pairs = [(f"{path}[{n}]", *pair) for n, pair in enumerate(zip(left, right, strict=True))]
    else:
        return None if left == right else f"{path}: {shown(left)} against {shown(right)}"
    return next((found for pair in pairs if (found := _values(*pair))), None)


def shown(value: Json) -> str:
    """A value, short enough to read."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 400 else text[:400] + "…"
