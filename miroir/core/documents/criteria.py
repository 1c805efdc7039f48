"""By what a list of documents is ordered, and what a document is worth by that (exact-merge 2.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from miroir._merge_core import normalize_facet
from miroir.core.sort_values import haversine, sort_key

_GEO = "_geo"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One entry of `sort`: the field, or the field of places and the point to which the distance counts."""

    field: str
    descending: bool
    point: tuple[float, float] | None = None

    def worth(self, document: Mapping[str, Any]) -> Any:
        """What sorts the document: a key, or its distance in metres; None for a document that is nowhere."""
        if self.point is not None:
            return _distance(self.point, document.get(_GEO))
        return sort_key(_chosen(document, self.field, descending=self.descending), descending=self.descending)


def parse_sort(sort: Sequence[str]) -> tuple[Criterion, ...] | None:
    """The entries of `sort`; None when one of them is none, which a node shall say."""
    found = [_criterion(entry) for entry in sort]
    return None if None in found else tuple(one for one in found if one is not None)


def _criterion(entry: str) -> Criterion | None:
    name, colon, direction = entry.rpartition(":")
    if not colon or direction not in ("asc", "desc"):
        return None
    if not name.startswith("_geoPoint("):
        return Criterion(name, direction == "desc")
    latitude, _, longitude = name.removeprefix("_geoPoint(").removesuffix(")").partition(",")
    try:
        return Criterion(_GEO, direction == "desc", (float(latitude), float(longitude)))
    except ValueError:
        return None


def _distance(point: tuple[float, float], place: Any) -> float | None:
    """Places that the engine took have both coordinates, as numbers or as texts of numbers."""
    if not isinstance(place, dict) or "lat" not in place or "lng" not in place:
        return None
    return haversine(*point, float(place["lat"]), float(place["lng"]))


def _chosen(document: Mapping[str, Any], name: str, *, descending: bool) -> float | str | None:
    """Of several values the first in the direction of the sort, numbers before texts."""
    choose = max if descending else min
    texts: list[str] = []
    numbers: list[float] = []
    for value in values_of(document, name):
        match value:
            case bool():
                texts.append(str(value).lower())
            case int() | float():
                numbers.append(float(value))
            case str() if value:
                texts.append(normalize_facet(value))
    if numbers:
        return choose(numbers)
    return choose(texts, key=str.encode) if texts else None


def values_of(document: Mapping[str, Any], name: str) -> Iterator[Any]:
    """The scalars under a name, whose dots may lead into objects, and all those within lists."""
    for key, member in document.items():
        if key == name:
            yield from _scalars(member)
        elif name.startswith(f"{key}."):
            for inner in _objects(member):
                yield from values_of(inner, name[len(key) + 1 :])


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _scalars(item)
    elif not isinstance(value, dict):
        yield value


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)
