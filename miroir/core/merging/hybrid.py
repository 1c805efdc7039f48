"""Hits by words and hits by vectors as one list (exact-merge 5.2, step 5), in plain Python. Only for tests."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from miroir.core.merging.ordering import SEQUENCE, Hit, entries, is_near
from miroir.core.sort_values import sort_key

Group = tuple[str, Any]
"""What one part of a score is, and its value: larger scores and smaller keys of sorts are better."""
GOOD_ENOUGH = 0.45


def single(number: float) -> float:
    """The number in single precision, as engines keep weights and similarities."""
    return float(struct.unpack("f", struct.pack("f", number))[0])


def is_by_vector(hit: Hit) -> bool:
    """Whether vectors found the hit."""
    return "vectorSort" in hit["_rankingScoreDetails"]


def interleaved(words: Sequence[Hit], vectors: Sequence[Hit], ratio: float, primary_key: str | None) -> Iterator[Hit]:
    """The better of both first hits, always, and the one by vectors where they are equal; each document once."""
    left, right = list(words), list(vectors)
    seen: set[str] = set()
    while left or right:
        one = groups(right[0], single(ratio)) if right else None
        other = groups(left[0], single(1 - single(ratio))) if left else None
        hit = left.pop(0) if one is None or (other is not None and compare(one, other) < 0) else right.pop(0)
        identity = None if primary_key is None else str(hit[primary_key])
        if identity is None or identity not in seen:
            yield hit
        if identity is not None:
            seen.add(identity)


def groups(hit: Hit, weight: float) -> list[Group]:
    """The parts of a hit's score: relevancy rules that follow each other are one of them."""
    parts: list[Group] = []
    for name, said in entries(hit):
        if name == f"{SEQUENCE}:asc":
            continue
        if name == "vectorSort":
            parts.append(("score", single(said["similarity"] or 0.0) * weight))
        elif is_near(name):
            metres = said["distance"]
            parts.append(("sort", (metres is None, -(metres or 0) if name.endswith(":desc") else metres or 0)))
        elif "value" in said:
            parts.append(("sort", sort_key(said["value"], descending=name.endswith(":desc"))))
        elif not parts or parts[-1][0] != "score":
            parts.append(("score", hit["_rankingScore"] * weight))
    return parts


def compare(one: Sequence[Group], other: Sequence[Group]) -> int:
    """Less than 0 when the first hit is the worse one."""
    for (kind, value), (against, rival) in zip(one, other, strict=False):
        if kind != against:
            better = (value if kind == "score" else rival) != 0
            return 1 if better == (kind == "score") else -1
        if kind == "score" and abs(value - rival) > sys.float_info.epsilon:
            return 1 if value > rival else -1
        if kind == "sort" and value != rival:
            return 1 if value < rival else -1
    return len(one) - len(other)


def good_enough(hits: Sequence[Hit], wanted: int, ratio: float) -> bool:
    """Whether the hits by words outweigh all that vectors could find."""
    weight = single(1 - single(ratio))
    return len(hits) >= wanted and all(hit["_rankingScore"] * weight >= GOOD_ENOUGH for hit in hits[:wanted])
