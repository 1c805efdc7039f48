"""Scores of hits as an engine compares them between queries (exact-merge 2.9), in plain Python. Only for tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from miroir.core.merging.ordering import Hit, entries
from miroir.core.wire.reserved import is_reserved

_LAST_BIT = 2.0**-52
_LEAST = {"proximity": (1, 3), "wordPosition": (1, 10), "exactness": (3, 3)}
"""The least largest rank of a rule, and the steps in which it grows."""
_STEPS = 2000


@dataclass(frozen=True, slots=True)
class Weighed:
    """The parts of a score: ("score", number), ("asc" or "desc", value), ("asc distance" or ..., metres or None)."""

    parts: Sequence[tuple[str, Any]]
    whole: float


def weighed(hit: Hit, weight: float) -> Weighed:
    """A hit's score under a weight."""
    runs: list[list[tuple[str, Any]]] = []
    parts: list[tuple[str, Any]] = []
    words = 1
    for name, said in entries(hit):
        if is_reserved(name):
            continue
        if name == "vectorSort":
            parts.append(("score", hit["_rankingScore"]))
        elif name.startswith("_geoPoint("):
            parts.append((f"{name.rpartition(':')[2]} distance", said.get("distance")))
        elif name.endswith((":asc", ":desc")):
            parts.append((name.rpartition(":")[2], said.get("value")))
        else:
            words = said["matchingWords"] if name == "words" else words
            if not parts or parts[-1][0] != "run":
                runs.append([])
                parts.append(("run", runs[-1]))
            runs[-1].append((name, said))
    told = [(kind, value) if kind != "run" else ("score", _score(hit, value, runs, words)) for kind, value in parts]
    weighted = [(kind, value * weight) if kind == "score" else (kind, value) for kind, value in told]
    return Weighed(weighted, hit["_rankingScore"] * weight)


def _score(hit: Hit, run: Sequence[tuple[str, Any]], runs: Sequence[Any], words: int) -> float:
    if len(runs) == 1:
        return float(hit["_rankingScore"])
    rank, most = 1, 1
    for name, said in run:
        score = 0 if name == "skipped" else said["score"]
        largest = 1 if name == "skipped" else _largest(name, said, max(words, 1))
        rank = (rank - 1) * largest + math.floor(score * largest + 0.5)
        most *= largest
    return rank / most


def _largest(name: str, said: dict[str, Any], words: int) -> int:
    match name, said:
        case "words", {"maxMatchingWords": int(most)}:
            return most
        case "typo", {"maxTypoCount": int(most)}:
            return most + 1
        case "exactness", {"maxMatchingWords": int(most)}:
            return 3 * (most + 1)
    likely = {"proximity": 3 * words - 2, "wordPosition": 10 * words + 1, "exactness": 3 * (words + 1)}.get(name, 1)
    least, step = _LEAST.get(name, (1, 1))
    candidates = [likely, *range(least, least + step * _STEPS, step)]
    return next((each for each in candidates if _is_whole(said["score"] * each)), likely)


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-9 * max(value, 1)


def compare(one: Weighed, other: Weighed) -> int:
    """More than 0 when the first is the better one."""
    for (kind, value), (against, its) in zip(one.parts, other.parts, strict=False):
        if kind != against:
            left = len(one.parts) - len(other.parts)
            return left or _sign(one.whole - other.whole)
        order = _compare_part(kind, value, its)
        if order:
            return order
    return len(one.parts) - len(other.parts)


def _compare_part(kind: str, one: Any, other: Any) -> int:
    if kind == "score":
        return _compare_numbers(one, other)
    if kind.endswith("distance"):
        if one is None or other is None:
            return (one is not None) - (other is not None)
        return _compare_numbers(one, other)
    ranks = [2 if isinstance(value, int | float) else 1 if isinstance(value, str) else 0 for value in (one, other)]
    if ranks[0] != ranks[1]:
        return ranks[0] - ranks[1]
    if ranks[0] == 0:
        return 0
    if ranks[0] == 1:
        one, other = one.encode(), other.encode()
    order = int(one > other) - int(one < other)
    return -order if kind == "asc" else order


def _compare_numbers(one: float, other: float) -> int:
    return 0 if abs(one - other) <= _LAST_BIT else _sign(one - other)


def _sign(number: float) -> int:
    return int(number > 0) - int(number < 0)
