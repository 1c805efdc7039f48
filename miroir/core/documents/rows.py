"""A node's list of documents taken apart: each as its bytes, with what orders it. Order itself is decided elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from miroir._merge_core import canonical_id
from miroir.core.documents.criteria import Criterion, values_of
from miroir.core.documents.stamps import without_stamps
from miroir.core.wire.reserved import SEQUENCE

_RESULTS = re.compile(r'"results"\s*:\s*\[\s*')
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Row:
    """`key`: what the document is worth by each criterion, then its sequence. `id` where the order asks for it."""

    key: tuple[Any, ...]
    raw: bytes
    id: str | None = None

    @property
    def sequence(self) -> str:
        """When the document arrived."""
        return str(self.key[-1])


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is ordered: by its criteria, then by arrival. `primary_key`: the rows shall tell their ids."""

    criteria: tuple[Criterion, ...] = ()
    primary_key: str | None = None

    def row(self, document: Any, raw: bytes) -> Row:
        """Raises ValueError for what is no document of ours."""
        sequence = document.get(SEQUENCE) if isinstance(document, dict) else None
        if not isinstance(sequence, str):
            raise ValueError("a document without its sequence")  # noqa: TRY004 - the answer is wrong, not our call
        key = (*(criterion.worth(document) for criterion in self.criteria), sequence)
        return Row(key, raw, None if self.primary_key is None else _id(document, self.primary_key))


@dataclass(frozen=True, slots=True)
class Listing:
    """A part of one node's list: its rows, how many stand before them, how many were asked, how many there are."""

    rows: tuple[Row, ...]
    start: int
    limit: int
    total: int

    @property
    def is_over(self) -> bool:
        """Whether nothing comes behind the rows."""
        return len(self.rows) < self.limit


def _id(document: Mapping[str, Any], primary_key: str) -> str | None:
    value = next(values_of(document, primary_key), None)
    return canonical_id(orjson.dumps(value))


def read_listing(body: bytes, order: Order) -> Listing:
    """Take a node's list apart. Raises ValueError, KeyError, IndexError, TypeError or OverflowError when it is none."""
    items, rest = apart(body, _RESULTS)
    rows = tuple(order.row(value, raw) for value, raw in items)
    return Listing(rows, int(rest["offset"]), int(rest["limit"]), int(rest["total"]))


def apart(body: bytes, start: re.Pattern[str]) -> tuple[list[tuple[Any, bytes]], dict[str, Any]]:
    """The items of the list that begins behind `start`, each with its bytes, and the fields behind the list.

    Raises as `read_listing`.
    """
    text = body.decode()
    found = start.search(text)
    if found is None:
        raise ValueError("no list")
    items = []
    position = found.end()
    while text[position] != "]":
        value, end = _DECODER.raw_decode(text, position)
        items.append((value, text[position:end].encode()))
        position = _BETWEEN.match(text, end).end()  # type: ignore[union-attr]  # it also matches nothing
    rest = json.loads("{" + text[_BETWEEN.match(text, position + 1).end() :])  # type: ignore[union-attr]
    return items, rest


def page_body(rows: Iterable[bytes], offset: int, limit: int, total: int) -> bytes:
    """The client's page: documents of nodes, of which our fields are cut out."""
    tail = orjson.dumps({"offset": offset, "limit": limit, "total": total})
    return b'{"results":[' + b",".join(map(without_stamps, rows)) + b"]," + tail[1:]
