"""A page of many lists: which part of each list to look at, and what of it is the page.

Far down, nobody wants to see all that comes before. Documents lie on shards by chance, so that the page's place in a
node's part of the list is known but for a few times the square root of its depth. Rows of just that part settle where
the page begins, when they reach from before it to behind it.
"""

from __future__ import annotations

import heapq
import itertools
import math
import sys
from collections.abc import Iterable, Sequence

from miroir.core.documents.criteria import Criterion
from miroir.core.documents.near import MANY, arranged
from miroir.core.documents.rows import Listing, Row

_DEVIATIONS = 5
_SPARE = 16


def window(offset: int, limit: int, share: float) -> tuple[int, int]:
    """Where to look (position, count) in the list of a node that holds this share of all documents."""
    start = math.floor(offset * share - _slack(offset, share))
    end = math.ceil((offset + limit) * share + _slack(offset + limit, share))
    return max(0, start), end - max(0, start)


def _slack(depth: int, share: float) -> float:
    return _DEVIATIONS * math.sqrt(depth * share * (1 - share)) + _SPARE


def page_of(listings: Sequence[Listing], criteria: Sequence[Criterion], offset: int, limit: int) -> list[Row] | None:
    """The rows of the client's page; None when these parts of the lists do not tell."""
    before = sum(min(listing.start, listing.total) for listing in listings)
    if offset >= sum(listing.total for listing in listings) or not limit:
        return []
    if offset < before:
        return None
    merged = _merged(listings, criteria)
    rows = list(itertools.islice(merged, offset - before, min(offset - before + limit, sys.maxsize)))
    whole = all(not listing.start and (listing.is_over or listing.limit >= offset + limit) for listing in listings)
    return rows if whole or _is_settled(listings, rows, limit) else None


def _merged(listings: Sequence[Listing], criteria: Sequence[Criterion]) -> Iterable[Row]:
    """Lists keep the order that their nodes gave them, unless it is by distance."""
    if any(criterion.point is not None for criterion in criteria):
        many = sum(listing.total for listing in listings) >= MANY
        return arranged(itertools.chain.from_iterable(listing.rows for listing in listings), criteria, many=many)
    return heapq.merge(*(listing.rows for listing in listings), key=lambda row: row.key)


def _is_settled(listings: Sequence[Listing], rows: Sequence[Row], limit: int) -> bool:
    """Whether all that stands before the parts comes before the page, and all behind them after it."""
    if any(not listing.rows and (listing.start or not listing.is_over) for listing in listings):
        return False
    ends = [listing.rows[-1].key for listing in listings if not listing.is_over]
    if not rows:
        return not ends
    starts = [listing.rows[0].key for listing in listings if listing.start]
    reaches = len(rows) == limit or not ends
    return reaches and all(key <= rows[0].key for key in starts) and all(rows[-1].key <= key for key in ends)
