"""The order of hits by their ranking details (exact-merge 2.1, 2.2), in plain Python. Only for tests."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cmp_to_key
from typing import Any

Hit = Mapping[str, Any]
_LEVELS = {"exactMatch": 0, "matchesStart": 1, "noExactMatch": 2}


def merged(lists: Sequence[Sequence[Hit]]) -> Iterator[tuple[int, Hit]]:
    """The hits of all lists with their list's position: always the best of the first ones left."""
    left = [list(hits) for hits in lists]
    while any(left):
        heads = [(position, hits[0]) for position, hits in enumerate(left) if hits]
        position, best = min(heads, key=cmp_to_key(_compare_heads))
        left[position].pop(0)
        yield position, best


def _compare_heads(one: tuple[int, Hit], other: tuple[int, Hit]) -> int:
    return compare(one[1], other[1])


def entries(hit: Hit) -> list[tuple[str, Mapping[str, Any]]]:
    """What the ranking rules say of a hit, in the order of the rules."""
    details: Mapping[str, Mapping[str, Any]] = hit["_rankingScoreDetails"]
    return sorted(details.items(), key=lambda item: item[1]["order"])


def is_cut_off(hit: Hit) -> bool:
    """Whether the node's search cutoff came before all rules were applied to this hit."""
    return "skipped" in hit["_rankingScoreDetails"]


def compare(one: Hit, other: Hit) -> int:
    """Less than 0 when the first hit comes first, 0 when nothing tells them apart."""
    pairs = list(zip(entries(one), entries(other), strict=False))
    for at, ((name, said), (_, against)) in enumerate(pairs):
        first, second = key(name, said), key(pairs[at][1][0], against)
        if first != second:
            return -1 if first < second else 1
        if name == "exactness" and said["matchType"] != "noExactMatch" and (order := _hidden_words(one, other)):
            return order
    return 0


def _hidden_words(one: Hit, other: Hit) -> int:
    """Hits that match exactly hide how many words do; where scores are on one scale, they tell it."""
    typos = [hit["_rankingScoreDetails"].get("typo", {}).get("maxTypoCount") for hit in (one, other)]
    if typos[0] != typos[1]:
        return 0
    first, second = one["_rankingScore"], other["_rankingScore"]
    return int(first < second) - int(first > second)


def key(name: str, said: Mapping[str, Any]) -> tuple[Any, ...]:
    """What one rule says, as a value that sorts: smaller is better; what was cut off is last."""
    match name:
        case "skipped":
            return (1,)
        case "words":
            return (0, said["maxMatchingWords"] - said["matchingWords"])
        case "typo":
            return (0, said["typoCount"])
        case "attribute":
            return (0, _fine(said["attributeRankingOrderScore"]), _fine(said["queryWordDistanceScore"]))
        case "exactness":
            return (0, _LEVELS[said["matchType"]], -said.get("matchingWords", 0))
        case "vectorSort":
            similarity = said["similarity"]
            return (0, similarity is None, -(similarity or 0))
        case _ if "value" in said:
            return (0, *sort_key(said["value"], descending=name.endswith(":desc")))
        case _:
            return (0, _fine(said["score"]))


def _fine(score: float) -> int:
    """Scores in steps of 2**-42, larger ones first."""
    return -int(score * 2**42 + 0.5)


def by_value(number: float) -> tuple[float, bool]:
    """Numbers in order, the positive zero before the negative one."""
    return number, math.copysign(1, number) < 0


def sort_key(value: Any, *, descending: bool) -> tuple[Any, ...]:
    """Numbers, then texts by their UTF-8, then nothing: so in both directions."""
    match value:
        case bool() | None:
            return (2,)
        case int() | float():
            return (0, *by_value(-value if descending else value))
        case str():
            return (1, _Reversed(value.encode()) if descending else value.encode())
        case _:
            return (2,)


class _Reversed:
    """Bytes that sort the other way round."""

    def __init__(self, value: bytes) -> None:
        self.value = value

    def __lt__(self, other: _Reversed) -> bool:
        return other.value < self.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reversed) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)
