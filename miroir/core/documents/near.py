"""The order of documents where one criterion is a distance: in buckets of a metre, made anew (exact-merge 2.3)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from miroir.core.documents.criteria import Criterion
from miroir.core.documents.rows import Row

_METRE = 1.0
_BUCKET = 1000
MANY = 1000
"""From so many documents on, an engine takes distances as they are, below it in whole metres."""


def arranged(rows: Iterable[Row], criteria: Sequence[Criterion], *, many: bool, start: int = 0) -> list[Row]:
    """All rows of all nodes as one node orders them: nodes know only buckets of their own documents."""
    at = next((at for at, one in enumerate(criteria) if at >= start and one.point is not None), None)
    ordered = sorted(rows, key=lambda row: row.key[start:at])
    if at is None:
        return ordered
    out: list[Row] = []
    for _, equal in itertools.groupby(ordered, key=lambda row: row.key[start:at]):
        for bucket in _buckets(list(equal), at, descending=criteria[at].descending, many=many):
            out.extend(arranged(bucket, criteria, many=many, start=at + 1))
    return out


def _buckets(rows: Sequence[Row], at: int, *, descending: bool, many: bool) -> list[list[Row]]:
    """Documents within a metre of the first of their bucket; those that are nowhere come last."""
    near = [row for row in rows if row.key[at] is not None]
    near.sort(key=lambda row: (row.key[at] if many else math.trunc(row.key[at]), row.key[-1]), reverse=descending)
    buckets: list[list[Row]] = []
    for row in near:
        bucket = buckets[-1] if buckets else []
        if bucket and len(bucket) < _BUCKET and abs(bucket[0].key[at] - row.key[at]) <= _METRE:
            bucket.append(row)
        else:
            buckets.append([row])
    return [*buckets, [row for row in rows if row.key[at] is None]]
