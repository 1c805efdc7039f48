"""Documents as nodes answer them, cut out as bytes: listed in their order of arrival, without our fields."""

from __future__ import annotations

import heapq
import itertools
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson

from miroir._merge_core import encode_shard
from miroir.core.wire.reserved import PREFIX, SEQUENCE

_DIGIT = "[" + re.escape("".join(encode_shard(digit)[-1] for digit in range(8))) + "]"
_STAMP = f'"{PREFIX}(?:shard|seq)":"{_DIGIT}{{4,16}}"'.encode()
_OURS = re.compile(rb"," + _STAMP + rb"|" + _STAMP + rb",?")
_STAMPED = re.compile(f'"{SEQUENCE}":"({_DIGIT}+)"'.encode())
_TOTAL = re.compile(rb'"total"\s*:\s*(\d+)')
_TAIL = 200
"""Bytes at the end of a list among which its total stands."""
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


def page_of(bodies: Sequence[bytes], offset: int, limit: int) -> list[tuple[int, int]]:
    """Where the client's page lies within each node's list: (position, count), given the sequences alone."""

    def of(number: int, body: bytes) -> Iterator[tuple[bytes, int]]:
        return ((found[1], number) for found in _STAMPED.finditer(body))

    merged = heapq.merge(*(of(number, body) for number, body in enumerate(bodies)))
    before = Counter(number for _, number in itertools.islice(merged, min(offset, sys.maxsize)))
    within = Counter(number for _, number in itertools.islice(merged, min(limit, sys.maxsize)))
    return [(before[number], within[number]) for number in range(len(bodies))]


def totals(bodies: Sequence[bytes]) -> int:
    """How many documents the nodes' lists are parts of, all together; raises as `read_listing`."""
    found = [_TOTAL.search(body, max(0, len(body) - _TAIL)) for body in bodies]
    if None in found:
        raise ValueError("no total")
    return sum(int(one[1]) for one in found if one is not None)


def join_pages(bodies: Sequence[bytes], offset: int, limit: int, total: int) -> bytes:
    """The client's page, of which each node has answered its part and nothing else; raises as `read_listing`."""
    merged = heapq.merge(*(read_listing(body).documents for body in bodies))
    return _page((document for _, document in merged), offset, limit, total)


def merge_bodies(bodies: Sequence[bytes], offset: int, limit: int) -> bytes:
    """The client's page out of what the nodes answered; raises as `read_listing`."""
    return merge_listings([read_listing(body) for body in bodies], offset, limit)


def merge_listings(listings: Sequence[Listing], offset: int, limit: int) -> bytes:
    """The client's page: documents of all nodes in their order of arrival."""
    merged: Iterable[tuple[str, bytes]] = heapq.merge(*(listing.documents for listing in listings))
    window = itertools.islice(merged, min(offset, sys.maxsize), min(offset + limit, sys.maxsize))
    return _page((document for _, document in window), offset, limit, sum(listing.total for listing in listings))


def _page(documents: Iterable[bytes], offset: int, limit: int, total: int) -> bytes:
    tail = orjson.dumps({"offset": offset, "limit": limit, "total": total})
    return b'{"results":[' + b",".join(map(without_stamps, documents)) + b"]," + tail[1:]
