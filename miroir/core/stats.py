"""Statistics of one index out of what its nodes tell: each document counted once, sizes summed as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from miroir.core.wire.reserved import is_reserved

Told = Mapping[str, Any]
"""What one node tells of one index."""
_SIZES = ("rawDocumentDbSize",)
DATABASE_SIZES = ("databaseSize", "usedDatabaseSize")
_COUNTS = ("numberOfDocuments", "numberOfEmbeddings", "numberOfEmbeddedDocuments")


def read_index(body: bytes) -> Told | None:
    """A node's statistics of one index, or None when that is not what it answered."""
    value = _parsed(body)
    return value if _is_told(value) else None


def read_all(body: bytes) -> dict[str, Any] | None:
    """A node's statistics of all its indexes, or None when that is not what it answered."""
    value = _parsed(body)
    if not isinstance(value, dict) or not isinstance(value.get("indexes"), dict):
        return None
    if not all(map(_is_told, value["indexes"].values())) or not isinstance(value.get("lastUpdate") or "", str):
        return None
    return value if all(_is_count(value.get(name)) for name in DATABASE_SIZES) else None


def read_counts(body: bytes, attribute: str) -> int | None:
    """How many documents a facet count over an attribute found, or None when the answer holds none."""
    value = _parsed(body)
    facets = value.get("facetDistribution") if isinstance(value, dict) else None
    counts = facets.get(attribute, {}) if isinstance(facets, dict) else None
    return sum(counts.values()) if isinstance(counts, dict) and _are_numbers(counts.values()) else None


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _is_told(value: Any) -> bool:
    if not isinstance(value, dict) or not _is_counts(value.get("fieldDistribution")):
        return False
    return all(_is_count(value.get(name)) for name in (*_SIZES, *_COUNTS))


def _is_counts(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and all(map(_is_count, value.values())))


def _are_numbers(values: Iterable[Any]) -> bool:
    return all(type(value) is int for value in values)


def _is_count(value: Any) -> bool:
    return value is None or (type(value) is int and value >= 0)


def merge_stats(told: Sequence[Told], copies: int, documents: int | None) -> dict[str, Any]:
    """The client's view. `copies`: how often the nodes that told hold each document. `documents`: the exact number,
    given when some nodes are away and the others hold the documents unevenly often."""
    seen = sum(int(one.get("numberOfDocuments") or 0) for one in told)
    wanted = seen // copies if documents is None else documents

    def once(total: int) -> int:
        if documents is None:
            return total // copies
        return round(total * wanted / seen) if seen else 0

    merged: dict[str, Any] = {"numberOfDocuments": wanted}
    for name in _SIZES:
        merged[name] = sum(int(one.get(name) or 0) for one in told)
    merged["avgDocumentSize"] = merged["rawDocumentDbSize"] // seen if seen else 0
    merged["isIndexing"] = any(one.get("isIndexing") for one in told)
    for name in _COUNTS[1:]:
        merged[name] = once(sum(int(one.get(name) or 0) for one in told))
    merged["fieldDistribution"] = {name: once(total) for name, total in sorted(_fields(told).items())}
    return merged


def _fields(told: Sequence[Told]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for one in told:
        for name, count in (one.get("fieldDistribution") or {}).items():
            if not is_reserved(name):
                totals[name] = totals.get(name, 0) + int(count)
    return totals
