"""Whether a search body is one that Miroir can take apart. What is not understood here, a node judges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """`unsupported` names a parameter that only single nodes understand; without it the body is likely bad."""

    unsupported: str | None = None


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_filter(value: Any) -> bool:
    if isinstance(value, str):
        return True
    return isinstance(value, list) and all(isinstance(item, str) or _is_texts(item) for item in value)


def _is_share(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1


_KNOWN: dict[str, Callable[[Any], bool]] = {
    "q": _is_text,
    "offset": _is_count,
    "limit": _is_count,
    "page": _is_count,
    "hitsPerPage": _is_count,
    "filter": _is_filter,
    "sort": _is_texts,
    "distinct": _is_text,
    "facets": _is_texts,
    "matchingStrategy": lambda value: value in ("last", "all", "frequency"),
    "attributesToRetrieve": _is_texts,
    "attributesToSearchOn": _is_texts,
    "attributesToCrop": _is_texts,
    "cropLength": _is_count,
    "cropMarker": _is_text,
    "attributesToHighlight": _is_texts,
    "highlightPreTag": _is_text,
    "highlightPostTag": _is_text,
    "showMatchesPosition": _is_flag,
    "showRankingScore": _is_flag,
    "showRankingScoreDetails": _is_flag,
    "showPerformanceDetails": _is_flag,
    "rankingScoreThreshold": _is_share,
    "locales": _is_texts,
    "retrieveVectors": _is_flag,
}
_ONE_NODE_ONLY = ("hybrid", "vector", "media", "personalize", "useNetwork")
_NULL_IS_ABSENT = {
    *("q", "page", "hitsPerPage", "filter", "sort", "distinct", "facets", "rankingScoreThreshold", "locales"),
    *("attributesToRetrieve", "attributesToSearchOn", "attributesToCrop", "attributesToHighlight"),
    *_ONE_NODE_ONLY,
}


def understand(body: bytes) -> Fields | NotUnderstood:
    """The fields of a keyword search without those that are null, or why they are left to a node."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        return NotUnderstood()
    if not isinstance(given, dict):
        return NotUnderstood()
    fields = {name: value for name, value in given.items() if value is not None or name not in _NULL_IS_ABSENT}
    if fields.get("useNetwork") is False:
        del fields["useNetwork"]
    for name in _ONE_NODE_ONLY:
        if name in fields:
            return NotUnderstood(name)
    if not all(name in _KNOWN and _KNOWN[name](value) for name, value in fields.items()):
        return NotUnderstood()
    return fields
