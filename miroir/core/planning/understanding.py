"""Whether a search body is one that Miroir can take apart. What is not understood here, a node judges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from miroir.core.wire.shapes import is_count, is_filter, is_flag, is_share, is_text, is_texts

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """`unsupported` names a parameter that only single nodes understand; without it the body is likely bad."""

    unsupported: str | None = None


def _is_hybrid(value: Any) -> bool:
    known = isinstance(value, dict) and value.keys() <= {"embedder", "semanticRatio"}
    return known and is_text(value.get("embedder")) and is_share(value.get("semanticRatio", 0))


def _is_vector(value: Any) -> bool:
    return isinstance(value, list) and all(type(item) in (int, float) and abs(item) < _SINGLE_END for item in value)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


_SINGLE_END = 2.0**128
"""Numbers below it are numbers in single precision too."""
_KNOWN: dict[str, Callable[[Any], bool]] = {
    "q": is_text,
    "offset": is_count,
    "limit": is_count,
    "page": is_count,
    "hitsPerPage": is_count,
    "filter": is_filter,
    "sort": is_texts,
    "distinct": is_text,
    "facets": is_texts,
    "matchingStrategy": lambda value: value in ("last", "all", "frequency"),
    "attributesToRetrieve": is_texts,
    "attributesToSearchOn": is_texts,
    "attributesToCrop": is_texts,
    "cropLength": is_count,
    "cropMarker": is_text,
    "attributesToHighlight": is_texts,
    "highlightPreTag": is_text,
    "highlightPostTag": is_text,
    "showMatchesPosition": is_flag,
    "showRankingScore": is_flag,
    "showRankingScoreDetails": is_flag,
    "showPerformanceDetails": is_flag,
    "rankingScoreThreshold": is_share,
    "locales": is_texts,
    "retrieveVectors": is_flag,
    "hybrid": _is_hybrid,
    "vector": _is_vector,
    "media": _is_object,
}
_ONE_NODE_ONLY = ("personalize", "useNetwork")
_NULL_IS_ABSENT = {
    *("q", "page", "hitsPerPage", "filter", "sort", "distinct", "facets", "rankingScoreThreshold", "locales"),
    *("attributesToRetrieve", "attributesToSearchOn", "attributesToCrop", "attributesToHighlight"),
    *("hybrid", "vector", "media"),
    *_ONE_NODE_ONLY,
}


def understand(body: bytes) -> Fields | NotUnderstood:
    """The fields of a search without those that are null, or why they are left to a node."""
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
    if not all(name in _KNOWN and _KNOWN[name](value) for name, value in fields.items()) or _contradicts(fields):
        return NotUnderstood()
    return fields


def _contradicts(fields: Fields) -> bool:
    """Whether it says what to search by vectors, but not with which embedder, or says it twice."""
    said = {"vector", "media"} & fields.keys()
    return bool(said) and ("hybrid" not in fields or len(said) == 2)
