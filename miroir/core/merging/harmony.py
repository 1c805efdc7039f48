"""One scale for the ranking scores that are shown (exact-merge 2.7), in plain Python. Only for tests."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

Hit = Mapping[str, Any]
_LARGEST = 2_000_000


class Scales:
    """The longest scale of typos in each bucket of the rules before."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._most: dict[Any, int] = {}
        for hit in hits:
            if (bucket := _bucket(hit)) is not None:
                most = hit["_rankingScoreDetails"]["typo"]["maxTypoCount"]
                self._most[bucket] = max(self._most.get(bucket, 0), most)

    def applied(self, hit: Hit) -> Hit:
        """The hit with its scores on that scale."""
        details = hit["_rankingScoreDetails"]
        bucket, behind = _bucket(hit), behind_typos(hit)
        if bucket is None or behind is None or self._most.get(bucket, 0) <= details["typo"]["maxTypoCount"]:
            return hit
        most, words, count = self._most[bucket], _words(details), details["typo"]["typoCount"]
        part, whole = _fraction(behind, 8 * sys.float_info.epsilon * words[1] * (details["typo"]["maxTypoCount"] + 1))
        score = (((words[0] - 1) * (most + 1) + most - count) * whole + part) / (words[1] * (most + 1) * whole)
        typo = details["typo"] | {"maxTypoCount": most, "score": (most + 1 - count) / (most + 1)}
        return {**hit, "_rankingScore": score, "_rankingScoreDetails": {**details, "typo": typo}}


def behind_typos(hit: Hit) -> float | None:
    """What is behind the rule for typos in a hit's score, from more than 0 to 1; None where that cannot be told."""
    if _bucket(hit) is None:
        return None
    details = hit["_rankingScoreDetails"]
    matching, words = _words(details)
    most, count = details["typo"]["maxTypoCount"], details["typo"]["typoCount"]
    behind: float = (hit["_rankingScore"] * words - (matching - 1)) * (most + 1) - (most - count)
    return min(max(behind, 0.0), 1.0) if -1e-9 <= behind <= 1 + 1e-9 else None


def _bucket(hit: Hit) -> tuple[Any, ...] | None:
    """What the rules before the one for typos say; None without that one, or behind others than words and sorts."""
    found: list[Any] = []
    for name, said in sorted(hit["_rankingScoreDetails"].items(), key=lambda item: item[1]["order"]):
        match said:
            case {"maxTypoCount": _}:
                return tuple(found)
            case {"matchingWords": matching, "maxMatchingWords": most} if name == "words":
                found.append(most - matching)
            case {"value": value} if "distance" not in said:
                found.append((type(value) is str, _zero(value)))
            case _:
                return None
    return None


def _zero(value: Any) -> Any:
    return str(value) if isinstance(value, float) and value == 0 and math.copysign(1, value) < 0 else value


def _words(details: Mapping[str, Any]) -> tuple[int, int]:
    """How many words were found, of how many; 1 of 1 where that is no rule before the one for typos."""
    words = details.get("words")
    if words is None or words["order"] > details["typo"]["order"]:
        return 1, 1
    return words["matchingWords"], words["maxMatchingWords"]


def _fraction(value: float, blur: float) -> tuple[float, float]:
    """The simplest fraction within `blur` of a value from 0 to 1; the value over 1 where none is simple enough."""
    part, whole, rest = (1.0, 0.0), (0.0, 1.0), value
    for _ in range(24):
        floor = math.floor(rest)
        part = (floor * part[0] + part[1], part[0])
        whole = (floor * whole[0] + whole[1], whole[0])
        if whole[0] > _LARGEST:
            break
        if abs(value - part[0] / whole[0]) <= blur:
            return part[0], whole[0]
        if rest == floor:
            break
        rest = 1 / (rest - floor)
    return value, 1.0
