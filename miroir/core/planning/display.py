"""What a client may see, enforced by Miroir: nodes display everything (exact-merge 4.2), requests are narrowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from miroir.core.planning.names import without_reserved

Fields = Mapping[str, Any]


def displayed_of(settings: Mapping[str, Any]) -> list[str] | None:
    """The attributes a client may see, or None when that is all of them."""
    displayed = settings.get("displayedAttributes")
    return None if displayed is None or "*" in displayed else list(displayed)


def retrieved(wanted: Sequence[str] | None, displayed: Sequence[str] | None) -> list[str] | None:
    """The attributes to retrieve, by exact names as a node intersects them; None when that is all."""
    everything = wanted is None or "*" in wanted
    if displayed is None:
        return None if everything or wanted is None else without_reserved(wanted)
    if everything or wanted is None:
        return list(displayed)
    return [name for name in wanted if name in displayed]


def formatted(wanted: Sequence[str], displayed: Sequence[str] | None) -> list[str]:
    """attributesToHighlight or attributesToCrop: `*` and `*:30` stand for what the client may see."""
    if displayed is None:
        return without_reserved(wanted)
    out: list[str] = []
    for item in wanted:
        name, colon, length = item.partition(":")
        if name == "*":
            out.extend(shown + colon + length for shown in displayed)
        elif name in displayed:
            out.append(item)
    return out


def injected(retrieve: Sequence[str] | None, needed: Sequence[str]) -> list[str]:
    """The needed attributes that a request would not retrieve anyway; all below a retrieved one comes with it."""
    if retrieve is None:
        return []
    return [name for name in needed if not any(f"{name}.".startswith(f"{other}.") for other in retrieve)]


def shown_formatted(extra: Sequence[str], highlight: Sequence[str], crop: Sequence[str]) -> list[str]:
    """Those of the injected attributes that `_formatted` shows anyway, because the client has them marked or cut."""
    marked = {*highlight, *(item.partition(":")[0] for item in crop)}
    return [name for name in extra if "*" in marked or any(_related(name, other) for other in marked)]


def _related(one: str, other: str) -> bool:
    return one == other or one.startswith(other + ".") or other.startswith(one + ".")


def hidden_rules(sort: Sequence[str], ranking_rules: Sequence[str], displayed: Sequence[str] | None) -> list[str]:
    """The sort entries of the ranking details whose values the client may not see."""
    if displayed is None:
        return []
    entries = (entry for entry in (*sort, *ranking_rules) if not entry.startswith("_geo") and ":" in entry)
    return sorted({entry for entry in entries if entry.rpartition(":")[0] not in displayed})
