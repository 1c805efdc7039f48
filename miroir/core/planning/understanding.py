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
