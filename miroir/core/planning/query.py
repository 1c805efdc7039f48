"""The GET form of a search as the JSON body of its POST form. What does not convert cleanly is left to a node."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

_DIGITS = re.compile(r"\+?[0-9]{1,19}")
_UNSAFE = re.compile(rb"[^!-~]")


class _UnfitError(Exception):
    """The value is not one that Miroir converts."""


def _count(text: str) -> int:
    if not _DIGITS.fullmatch(text):
        raise _UnfitError
    return int(text)


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise _UnfitError
    return text == "true"


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise _UnfitError from error
    if not math.isfinite(value):
        raise _UnfitError
    return value


def _list(text: str) -> list[str]:
    return text.split(",") if text else []


def _names(text: str) -> list[str]:
    """As a node takes lists of documents' ids and fields: nothing between two commas is nothing."""
    return [name for name in text.split(",") if name]


def _sort(text: str) -> list[str]:
    """As a list, but the comma within `_geoPoint(1.5,2)` separates nothing."""
    out: list[str] = []
    for piece in text.split(","):
        if out and out[-1].count("(") > out[-1].count(")"):
            out[-1] += "," + piece
        else:
            out.append(piece.strip())
    return out


def _vector(text: str) -> list[float]:
    return [_share(piece) for piece in text.split(",")]


def _filter(text: str) -> Any:
    """A JSON array or string where the text is one, else the expression itself; a blank one is none."""
    if not text.strip():
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    if not isinstance(value, list | str):
        raise _UnfitError
    return value


_PARAMETERS: dict[str, Callable[[str], Any]] = {
    "q": str,
    "offset": _count,
    "limit": _count,
    "page": _count,
    "hitsPerPage": _count,
    "filter": _filter,
    "sort": _sort,
    "distinct": str,
    "facets": _list,
    "matchingStrategy": str,
    "attributesToRetrieve": _list,
    "attributesToSearchOn": _list,
    "attributesToCrop": _list,
    "cropLength": _count,
    "cropMarker": str,
    "attributesToHighlight": _list,
    "highlightPreTag": str,
    "highlightPostTag": str,
    "showMatchesPosition": _flag,
    "showRankingScore": _flag,
    "showRankingScoreDetails": _flag,
    "showPerformanceDetails": _flag,
    "rankingScoreThreshold": _share,
    "locales": _list,
    "retrieveVectors": _flag,
    "hybridEmbedder": str,
    "hybridSemanticRatio": _share,
    "vector": _vector,
}
_HYBRID = {"hybridEmbedder": "embedder", "hybridSemanticRatio": "semanticRatio"}

_LISTING: dict[str, Callable[[str], Any]] = {
    "offset": _count,
    "limit": _count,
    "fields": lambda text: None if "*" in text.split(",") else _names(text),
    "retrieveVectors": _flag,
    "ids": _names,
    "filter": _filter,
    "sort": _sort,
}


_SIMILAR: dict[str, Callable[[str], Any]] = {
    "id": str,
    "embedder": str,
    "offset": _count,
    "limit": _count,
    "attributesToRetrieve": _names,
    "retrieveVectors": _flag,
    "filter": _filter,
    "showRankingScore": _flag,
    "showRankingScoreDetails": _flag,
    "showPerformanceDetails": _flag,
    "rankingScoreThreshold": _share,
}


def body_of_query(query: bytes) -> bytes | None:
    """The JSON body that asks the same, or None when a node must judge the query as it came."""
    fields = _converted(query, _PARAMETERS)
    if fields is None or ({"hybridSemanticRatio", "vector"} & fields.keys() and "hybridEmbedder" not in fields):
        return None
    hybrid = {name: fields.pop(parameter) for parameter, name in _HYBRID.items() if parameter in fields}
    return orjson.dumps(fields | {"hybrid": hybrid} if hybrid else fields)


def listing_of_query(query: bytes) -> dict[str, Any] | None:
    """The fields of `POST documents/fetch` that ask for the same list, or None as above."""
    return _converted(query, _LISTING)


def similar_of_query(query: bytes) -> dict[str, Any] | None:
    """The fields of `POST similar` that ask for the same documents, or None as above."""
    fields = _converted(query, _SIMILAR)
    return fields if fields is not None and {"id", "embedder"} <= fields.keys() else None


def _converted(query: bytes, parameters: Mapping[str, Callable[[str], Any]]) -> dict[str, Any] | None:
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
        fields = {name: parameters[name](value) for name, value in pairs}
    except (UnicodeDecodeError, KeyError, ValueError, _UnfitError):
        return None
    if len(fields) != len(pairs):
        return None
    return {name: value for name, value in fields.items() if value is not None}


def safe_query(query: bytes) -> str:
    """The raw query, fit for a request line: bytes outside printable ASCII are percent-encoded."""
    return _UNSAFE.sub(lambda found: b"%%%02X" % ord(found.group()), query).decode("ascii")
