"""The order of hits where one rule sorts by distance (exact-merge 2.3), in plain Python. Only for tests."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import cmp_to_key

from miroir.core.merging.ordering import Hit, Placed, compare, compare_placed, entries, is_near
from miroir.core.sort_values import haversine

_BUCKET = 1000
_MANY = 1000
_TARGET = re.compile(r"_geoPoint\((.*?),(.*?)\):(asc|desc)")


def arranged(lists: Sequence[Sequence[Hit]], total: int) -> list[Placed]:
    """All hits of all lists: the lists know only buckets of their own documents, so they are made anew."""
    placed = [((node, at), hit) for node, hits in enumerate(lists) for at, hit in enumerate(hits)]
    return _arranged(placed, 0, many=total >= _MANY)


def _arranged(placed: list[Placed], start: int, *, many: bool) -> list[Placed]:
    """Order hits that all rules before `start` find equal."""
    spots = [at for _, hit in placed for at, (name, _) in enumerate(entries(hit)) if at >= start and is_near(name)]
    if not spots:
        return _sorted(placed, lambda one, other: compare_placed(one, other, start))
    at = min(spots)
    groups: list[list[Placed]] = []
    for each in _sorted(placed, lambda one, other: compare(one[1], other[1], start, at)):
        if groups and compare(groups[-1][0][1], each[1], start, at) == 0:
            groups[-1].append(each)
        else:
            groups.append([each])
    return [each for group in groups for bucket in _buckets(group, at, many=many) for each in bucket]


def _sorted(placed: list[Placed], order: Callable[[Placed, Placed], int]) -> list[Placed]:
    return sorted(placed, key=cmp_to_key(order))


def _buckets(group: list[Placed], at: int, *, many: bool) -> list[list[Placed]]:
    """Documents within a metre of the first one, each bucket ordered by the rules behind; those nowhere are last."""
    far = {place: _distance(hit, at) for place, hit in group}
    last = len(entries(group[0][1])) - 1

    def order(one: Placed, other: Placed) -> int:
        first, second = (far[place] if many else math.trunc(far[place] or 0) for place, _ in (one, other))
        return _sign(first or 0, second or 0) or compare_placed(one, other, last)

    near = _sorted([each for each in group if far[each[0]] is not None], order)
    if any(entries(hit)[at][0].endswith(":desc") for _, hit in group):
        near.reverse()
    buckets: list[list[Placed]] = []
    for each in near:
        anchor = far[buckets[-1][0][0]] if buckets and len(buckets[-1]) < _BUCKET else None
        if anchor is not None and abs(anchor - (far[each[0]] or 0)) <= 1:
            buckets[-1].append(each)
        else:
            buckets.append([each])
    buckets.append([each for each in group if far[each[0]] is None])
    return [_arranged(bucket, at + 1, many=many) for bucket in buckets]


def _sign(one: float, other: float) -> int:
    return int(one > other) - int(one < other)


def _distance(hit: Hit, at: int) -> float | None:
    """In metres: of the hit itself, where it tells its place; else what the node says of its bucket."""
    name, said = entries(hit)[at]
    target, place, told = _TARGET.match(name), hit.get("_geo"), said.get("distance")
    if told is None or target is None or not isinstance(place, dict):
        return told
    return haversine(float(target[1]), float(target[2]), float(place["lat"]), float(place["lng"]))
