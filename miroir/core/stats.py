"""Statistics of one index out of what its nodes tell: each document counted once, sizes summed as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from miroir.core.wire.reserved import is_reserved

_SIZES = ("rawDocumentDbSize",)
_COUNTS = ("numberOfDocuments", "numberOfEmbeddings", "numberOfEmbeddedDocuments")


def merge_stats(told: Sequence[Mapping[str, Any]], copies: int, documents: int | None) -> dict[str, Any]:
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


def _fields(told: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for one in told:
        for name, count in (one.get("fieldDistribution") or {}).items():
            if not is_reserved(name):
                totals[name] = totals.get(name, 0) + int(count)
    return totals
