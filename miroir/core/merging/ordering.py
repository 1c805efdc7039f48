"""The order of hits by their ranking details (exact-merge 2.1, 2.2), in plain Python. Only for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cmp_to_key
from typing import Any

from miroir.core.merging import harmony
from miroir.core.sort_values import sort_key

Hit = Mapping[str, Any]
Entry = tuple[str, Mapping[str, Any]]
Placed = tuple[tuple[int, int], Hit]
"""A hit with its list and its place in that list."""
SEQUENCE = "_miroir_seq"
_LEVELS = {"exactMatch": 0, "matchesStart": 1, "noExactMatch": 2}


def merged(lists: Sequence[Sequence[Hit]]) -> Iterator[Hit]:
    """The hits of all lists: always the best of the first ones left."""
    left = [[((node, at), hit) for at, hit in enumerate(hits)] for node, hits in enumerate(lists)]
    while heads := [placed[0] for placed in left if placed]:
        best = min(heads, key=cmp_to_key(compare_placed))
        left[best[0][0]].pop(0)
        yield best[1]


def compare_placed(one: Placed, other: Placed, start: int = 0) -> int:
    """The same as `compare`, but never 0: ties go by the stamp where it is no rule, then by the place."""
    (place, hit), (against, rival) = one, other
    if order := compare(hit, rival, start):
        return order
    stamps = [each.get(SEQUENCE) for each in (hit, rival) if f"{SEQUENCE}:asc" not in each["_rankingScoreDetails"]]
    match stamps:
        case [str(stamp), str(later)] if place[0] != against[0] and stamp != later:
            return -1 if stamp < later else 1
        case _:
            return -1 if place < against else 1


def is_near(name: str) -> bool:
    """Whether a rule sorts by distance."""
    return name.startswith("_geoPoint(")


def entries(hit: Hit) -> list[Entry]:
    """What the ranking rules say of a hit, in the order of the rules."""
    details: Mapping[str, Mapping[str, Any]] = hit["_rankingScoreDetails"]
    return sorted(details.items(), key=lambda item: item[1]["order"])


def is_cut_off(hit: Hit) -> bool:
    """Whether the node's search cutoff came before all rules were applied to this hit."""
    return "skipped" in hit["_rankingScoreDetails"]


def compare(one: Hit, other: Hit, start: int = 0, end: int | None = None) -> int:
    """Less than 0 when the first hit comes first by the rules from `start` to `end`, 0 when they are equal."""
    pairs = list(zip(entries(one), entries(other), strict=False))
    for at, ((name, said), (_, against)) in list(enumerate(pairs))[start:end]:
        first, second = key(name, said), key(pairs[at][1][0], against)
        if first != second:
            return -1 if first < second else 1
        exact = name == "exactness" and said["matchType"] != "noExactMatch"
        if exact and not _later_rules_differ(pairs[at + 1 :]) and (order := _hidden_words(one, other)):
            return order
    return 0


def _later_rules_differ(pairs: Sequence[tuple[Entry, Entry]]) -> bool:
    """Whether scores differ by what is behind a sort that differs too: then they tell nothing of exact words."""
    sorts_differ = False
    for (name, said), (_, against) in pairs:
        differs = said["distance"] != against["distance"] if is_near(name) else key(name, said) != key(name, against)
        if "value" in said:
            sorts_differ |= differs
        elif sorts_differ and differs:
            return True
    return False


def _hidden_words(one: Hit, other: Hit) -> int:
    """Hits that match exactly hide how many words do; where scores are on one scale, or can be, they tell it."""
    typos = [hit["_rankingScoreDetails"].get("typo") for hit in (one, other)]
    first, second = one["_rankingScore"], other["_rankingScore"]
    match typos:
        case [dict() as said, dict() as against] if said["maxTypoCount"] != against["maxTypoCount"]:
            behind = [harmony.behind_typos(hit) for hit in (one, other)]
            if None in behind or said["typoCount"] or against["typoCount"]:
                return 0
            first, second = (int((each or 0) * 2**32 + 0.5) for each in behind)
        case [None, dict()] | [dict(), None]:
            return 0
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
        case _ if is_near(name):
            return (0,)
        case _ if "value" in said:
            return (0, *sort_key(said["value"], descending=name.endswith(":desc")))
        case _:
            return (0, _fine(said["score"]))


def _fine(score: float) -> int:
    """Scores in steps of 2**-42, larger ones first."""
    return -int(score * 2**42 + 0.5)
