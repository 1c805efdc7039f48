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

Hit = tuple[str, int]
"""A value as it is spelled, and how many documents have it."""


@dataclass(slots=True)
class FacetValues:
    """The values of all nodes, by what an engine compares of them. `lists`: each node's, in its order."""

    lists: list[list[str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    spellings: dict[str, str] = field(default_factory=dict)

    def add(self, hits: Iterable[Hit]) -> None:
        """Take one node's values in. Of several spellings of a value the first that is met is shown."""
        keys = []
        for value, count in hits:
            key = normalize_facet(value)
            keys.append(key)
            self.counts[key] += count
            self.spellings.setdefault(key, value)
        self.lists.append(keys)

    def hit(self, key: str) -> Hit:
        return self.spellings[key], self.counts[key]


def merge_hits(lists: Sequence[Sequence[Hit]], *, by_count: bool, searched: bool, limit: int) -> list[Hit]:
    """What an engine with all documents answers. `searched`: with a query among the values.

    In the order of the values no node's list matters beyond the limit: what stands there has as many before it.
    """
    values = FacetValues()
    for hits in lists:
        values.add(hits if by_count else hits[:limit])
    if by_count:
        rarest = min(heapq.nlargest(max(limit, 1), values.counts.values()), default=0)
        keys = [key for key, count in values.counts.items() if count >= rarest]
        return most_frequent(map(values.hit, sorted(keys, key=_plain if searched else None)), limit)
    # a search walks over a dictionary of spellings without their accents (and more than that)
    keys = in_agreement(values.lists) if searched else sorted(values.counts)
    return [values.hit(key) for key in keys[:limit]]


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
