"""Hits cut down to what the client wants of them, where removing what was added for the merge would not do that.

An added attribute that lies above or below a wanted one, or within an object, leaves traces when it is removed. So the
wanted ones are selected instead, as a node selects them. Rare; all other answers are spliced as bytes by the merge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

_BESIDE = (
    *("_formatted", "_matchesPosition", "_geoDistance", "_vectors"),
    *("_rankingScore", "_rankingScoreDetails"),
)
"""What a hit holds besides the document."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The attributes that a hit shall have, and those of its `_formatted`; None: all that are there."""

    retrieve: tuple[str, ...]
    formatted: tuple[str, ...] | None


def entangled(added: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Those of the added attributes that cannot be removed without a trace."""
    return [name for name in added if "." in name or any(other.startswith(f"{name}.") for other in wanted)]


def narrow(body: bytes, narrowing: Narrowing) -> bytes:
    """A merged answer with its hits cut down. It is one of ours: JSON, with a list of hits."""
    answer = orjson.loads(body)
    answer["hits"] = [_hit(hit, narrowing) for hit in answer["hits"]]
    return orjson.dumps(answer)


def narrow_each(body: bytes, narrowings: Mapping[int, Narrowing]) -> bytes:
    """A federated answer with the hits cut down of those queries that have something here, by their places."""
    answer = orjson.loads(body)
    answer["hits"] = [_federated_hit(hit, narrowings) for hit in answer["hits"]]
    return orjson.dumps(answer)


def _federated_hit(hit: dict[str, Any], narrowings: Mapping[int, Narrowing]) -> dict[str, Any]:
    federation = hit["_federation"]
    narrowing = narrowings.get(federation["queriesPosition"])
    if narrowing is None:
        return hit
    own = {name: value for name, value in hit.items() if name != "_federation"}
    return {**_hit(own, narrowing), "_federation": federation}


def _hit(hit: Mapping[str, Any], narrowing: Narrowing) -> dict[str, Any]:
    document = {name: value for name, value in hit.items() if name not in _BESIDE}
    cut = _selected(document, narrowing.retrieve) | {name: hit[name] for name in hit if name in _BESIDE}
    if "_formatted" in cut and narrowing.formatted is not None:
        cut["_formatted"] = _selected(cut["_formatted"], narrowing.formatted)
    return cut


def _selected(value: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The members with these names; of objects and lists the members below, where a name goes on after a dot."""
    cut: dict[str, Any] = {}
    for key, member in value.items():
        below = [name[len(key) + 1 :] for name in names if name.startswith(f"{key}.")]
        if key in names:
            cut[key] = member
        elif below and isinstance(member, list):
            cut[key] = _selected_items(member, below)
        elif below and isinstance(member, dict):
            cut[key] = _selected(member, below)
    return cut


def _selected_items(items: Sequence[Any], names: Sequence[str]) -> list[Any]:
    """Of a list only what holds something of that name stays."""
    cut = (
        _selected_items(item, names) if isinstance(item, list) else _selected(item, names)
        for item in items
        if isinstance(item, list | dict)
    )
    return [item for item in cut if item]
