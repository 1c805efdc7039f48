"""Documents as nodes answer them, cut out as bytes: listed in their order of arrival, without our fields."""

from __future__ import annotations

import heapq
import itertools
import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from miroir._merge_core import encode_shard
from miroir.core.wire.reserved import PREFIX, SEQUENCE

_DIGIT = "[" + re.escape("".join(encode_shard(digit)[-1] for digit in range(8))) + "]"
_STAMP = f'"{PREFIX}(?:shard|seq)":"{_DIGIT}{{4,16}}"'.encode()
_OURS = re.compile(rb"," + _STAMP + rb"|" + _STAMP + rb",?")
_RESULTS = re.compile(r'"results"\s*:\s*\[\s*')
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Listing:
    """One node's list: (sequence, document as bytes), in the order of the sequences, and how many there are in all."""

    documents: tuple[tuple[str, bytes], ...]
    total: int


def without_stamps(document: bytes) -> bytes:
    """A document's JSON without our fields. Inside a string their pattern cannot stand: its quotes are escaped."""
    return _OURS.sub(b"", document)


def read_listing(body: bytes) -> Listing:
    """Take a node's list apart. Raises ValueError, KeyError or IndexError when it is none."""
    text = body.decode()
    start = _RESULTS.search(text)
    if start is None:
        raise ValueError("no results")
    documents = []
    position = start.end()
    while text[position] != "]":
        value, end = _DECODER.raw_decode(text, position)
        documents.append((_sequence(value), text[position:end].encode()))
        position = _BETWEEN.match(text, end).end()  # type: ignore[union-attr]  # it also matches nothing
    rest = json.loads("{" + text[_BETWEEN.match(text, position + 1).end() :])  # type: ignore[union-attr]
    return Listing(tuple(documents), int(rest["total"]))


def _sequence(document: object) -> str:
    sequence = document.get(SEQUENCE) if isinstance(document, dict) else None
    if not isinstance(sequence, str):
        raise ValueError("a document without its sequence")  # noqa: TRY004 - the answer is wrong, not our call
    return sequence


def merge_bodies(bodies: Sequence[bytes], offset: int, limit: int) -> bytes:
    """The client's page out of what the nodes answered; raises as `read_listing`."""
    return merge_listings([read_listing(body) for body in bodies], offset, limit)


def merge_listings(listings: Sequence[Listing], offset: int, limit: int) -> bytes:
    """The client's page: documents of all nodes in their order of arrival."""
    merged: Iterable[tuple[str, bytes]] = heapq.merge(*(listing.documents for listing in listings))
    page = [
        without_stamps(document)
        for _, document in itertools.islice(merged, min(offset, sys.maxsize), min(offset + limit, sys.maxsize))
    ]
    tail = orjson.dumps({"offset": offset, "limit": limit, "total": sum(listing.total for listing in listings)})
    return b'{"results":[' + b",".join(page) + b"]," + tail[1:]
