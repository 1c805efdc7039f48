"""Answers of nodes to one leg about documents, read all together; an answer that is none is its node's failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import orjson

from miroir._merge_core import MergeError
from miroir.core.documents.rows import Listing, Order, Row, page_body, read_listing
from miroir.core.documents.stamps import without_stamps
from miroir.core.documents.windows import page_of

T = TypeVar("T")
_GARBAGE = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError)


def read_each(bodies: Sequence[bytes], read: Callable[[bytes], T]) -> list[T]:
    """What each body says. Raises MergeError for one that cannot be read."""
    out = []
    for position, body in enumerate(bodies):
        try:
            out.append(read(body))
        except _GARBAGE as error:
            raise MergeError(position, str(error)) from error
    return out


def read_document(body: bytes) -> bytes:
    """One document as the client may see it. Raises ValueError or TypeError for a body that is no JSON object."""
    if not isinstance(orjson.loads(body), dict):
        raise TypeError("no document")
    return without_stamps(body)


def read_page(bodies: Sequence[bytes], order: Order, offset: int, limit: int) -> tuple[list[Row] | None, int]:
    """The rows of the page (None: these parts of the lists do not tell), and how many documents there are."""
    listings = read_each(bodies, lambda body: read_listing(body, order))
    return page_of(listings, order.criteria, offset, limit), _total(listings)


def write_page(bodies: Sequence[bytes], order: Order, offset: int, limit: int) -> bytes:
    """The client's page out of lists of whole documents that reach to its end."""
    rows, total = read_page(bodies, order, offset, limit)
    return page_body((row.raw for row in rows or ()), offset, limit, total)


def write_chosen(bodies: Sequence[bytes], rows: Sequence[Row], offset: int, limit: int, total: int) -> bytes | None:
    """The client's page out of just its documents; None when one of them has meanwhile changed or gone."""
    listings = read_each(bodies, lambda body: read_listing(body, Order()))
    found = {row.sequence: row.raw for listing in listings for row in listing.rows}
    if any(row.sequence not in found for row in rows):
        return None
    return page_body((found[row.sequence] for row in rows), offset, limit, total)


def _total(listings: Sequence[Listing]) -> int:
    return sum(listing.total for listing in listings)
