"""Values of a facet that nodes found, made one list: summed, in an engine's order, cut (exact-merge 6.3)."""

from __future__ import annotations

import heapq
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import orjson

from miroir._merge_core import normalize_facet
from miroir.core.documents.criteria import values_of
from miroir.core.documents.rows import Order, read_listing

Hit = tuple[str, int]
"""A value as it is spelled, and how many documents have it."""


@dataclass(slots=True)
class FacetValues:
    """The values of all nodes, by what an engine compares of them. `lists`: each node's, in its order. `doubtful` are
    those that nodes spell differently: an engine spells a value as its first document does."""

    lists: list[list[str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    spellings: dict[str, str] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)

    def add(self, hits: Iterable[Hit]) -> None:
        """Take one node's values in."""
        keys = []
        for value, count in hits:
            key = normalize_facet(value)
            keys.append(key)
            self.counts[key] += count
            if self.spellings.setdefault(key, value) != value:
                self.doubtful.add(key)
        self.lists.append(keys)

    def hit(self, key: str) -> Hit:
        return self.spellings[key], self.counts[key]


@dataclass(frozen=True, slots=True)
class Merged:
    """An engine's answer; `doubtful` are the places of values of whose spelling nodes are not of one mind."""

    hits: list[Hit]
    doubtful: tuple[int, ...] = ()


def merge_hits(lists: Sequence[Sequence[Hit]], *, by_count: bool, searched: bool, limit: int) -> Merged:
    """What an engine with all documents answers. `searched`: with a query among the values.

    In the order of the values no node's list matters beyond the limit: what stands there has as many before it.
    """
    values = FacetValues()
    for hits in lists:
        values.add(hits if by_count else hits[:limit])
    chosen = _most_frequent(values, searched, limit) if by_count else _first(values, searched, limit)
    doubtful = (place for place, (value, _) in enumerate(chosen) if normalize_facet(value) in values.doubtful)
    return Merged(chosen, tuple(doubtful) if values.doubtful else ())


def _most_frequent(values: FacetValues, searched: bool, limit: int) -> list[Hit]:
    rarest = min(heapq.nlargest(max(limit, 1), values.counts.values()), default=0)
    keys = [key for key, count in values.counts.items() if count >= rarest]
    return most_frequent(map(values.hit, sorted(keys, key=_plain if searched else None)), limit)


def _first(values: FacetValues, searched: bool, limit: int) -> list[Hit]:
    """A search walks over a dictionary of spellings without their accents (and more than that)."""
    keys = in_agreement(values.lists) if searched else sorted(values.counts)
    return [values.hit(key) for key in keys[:limit]]


def respelled(hits: Sequence[Hit], spellings: Mapping[int, str], *, by_count: bool) -> list[Hit]:
    """The answer with other spellings at some places; equally frequent values go by their spelling."""
    changed = [(spellings.get(place, value), count) for place, (value, count) in enumerate(hits)]
    return sorted(changed, key=lambda hit: (hit[1], hit[0].encode()), reverse=True) if by_count else changed


def read_spelling(bodies: Sequence[bytes], facet: str, value: str) -> str | None:
    """How the first document of these lists spells a value. Raises as `rows.read_listing`."""
    rows = [row for body in bodies for row in read_listing(body, Order()).rows]
    if not rows:
        return None
    document = orjson.loads(min(rows, key=lambda row: row.sequence).raw)
    texts = (text for text in values_of(document, facet) if isinstance(text, str))
    return next((text for text in texts if normalize_facet(text) == normalize_facet(value)), None)


def read_hits(body: bytes) -> list[Hit]:
    """A node's values. Raises ValueError, KeyError or TypeError for what is no answer."""
    hits = [(hit["value"], hit["count"]) for hit in orjson.loads(body)["facetHits"]]
    if not all(isinstance(value, str) and type(count) is int for value, count in hits):
        raise ValueError("no facet values")
    return hits


def write_hits(hits: Sequence[Hit], query: str | None, millis: int) -> bytes:
    """The client's answer."""
    listed = [{"value": value, "count": count} for value, count in hits]
    return orjson.dumps({"facetHits": listed, "facetQuery": query, "processingTimeMs": millis})


def most_frequent(hits: Iterable[Hit], limit: int) -> list[Hit]:
    """The most frequent ones, given in the order of the dictionary. Of equally frequent ones an engine drops the first
    by spelling whenever it meets another one, so that the last ones stay."""
    if limit <= 0:
        return []
    kept: list[tuple[int, bytes, str]] = []
    for value, count in hits:
        entry = (count, value.encode(), value)
        if len(kept) < limit:
            heapq.heappush(kept, entry)
        elif kept[0][0] <= count:
            heapq.heapreplace(kept, entry)
    return [(value, count) for count, _, value in sorted(kept, reverse=True)]


def in_agreement(lists: Sequence[Sequence[str]]) -> list[str]:
    """All values in one order that agrees with every list; where the lists leave it open, without accents.

    Nodes order by a form of the values that only they know, and all by the same one.
    """
    behind: Mapping[str, list[str]] = defaultdict(list)
    before: Counter[str] = Counter({key: 0 for keys in lists for key in keys})
    for one, other in (pair for keys in lists for pair in pairwise(keys)):
        behind[one].append(other)
        before[other] += 1
    ready = [(_plain(key), key) for key, count in before.items() if not count]
    heapq.heapify(ready)
    out: list[str] = []
    while ready:
        _, key = heapq.heappop(ready)
        out.append(key)
        for other in behind[key]:
            before[other] -= 1
            if not before[other]:
                heapq.heappush(ready, (_plain(other), other))
    return out if len(out) == len(before) else sorted(before, key=_plain)


def _plain(key: str) -> tuple[str, str]:
    """A value without its accents, then with them."""
    if key.isascii():
        return key, key
    return "".join(letter for letter in key if not unicodedata.combining(letter)), key
