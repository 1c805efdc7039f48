"""Where nodes count typos on scales of their own, what is shown is what one node with all documents shows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from miroir import _merge_core


@dataclass(frozen=True)
class Costs:
    """What the rules find wrong with a document; the bucket of `words` decides its scale of typos."""

    words: int
    typos: int
    proximity: int
    level: int
    inexact: int


_COSTS = st.builds(Costs, st.integers(0, 1), st.integers(0, 2), st.integers(0, 3), st.integers(1, 3), st.integers(0, 2))
_MOST_WORDS, _PROXIMITY, _EXACT = 3, 4, 3


def _score(costs: Costs, most: int) -> float:
    """Rank within rank (exact-merge 1.5), and one division at the end, as engines do."""
    ranks = [
        (_MOST_WORDS - costs.words, _MOST_WORDS),
        (most + 1 - costs.typos, most + 1),
        (_PROXIMITY - costs.proximity, _PROXIMITY),
        (costs.level, 3),
        (_EXACT - costs.inexact, _EXACT),
    ]
    part, whole = 1, 1
    for rank, of in ranks:
        part, whole = (part - 1) * of + rank, whole * of
    return float(Fraction(part, whole))


def _hit(number: int, costs: Costs, most: int) -> dict[str, Any]:
    kinds = {3: "exactMatch", 2: "matchesStart", 1: "noExactMatch"}
    exact = {"matchingWords": 2 - costs.inexact, "maxMatchingWords": 2} if costs.level == 1 else {}
    details = {
        "words": {"order": 0, "matchingWords": 3 - costs.words, "maxMatchingWords": 3, "score": 0.5},
        "typo": {
            "order": 1,
            "typoCount": costs.typos,
            "maxTypoCount": most,
            "score": (most + 1 - costs.typos) / (most + 1),
        },
        "proximity": {"order": 2, "score": (4 - costs.proximity) / 4},
        "exactness": {"order": 3, "matchType": kinds[costs.level], **exact, "score": 0.5},
        "_miroir_seq:asc": {"order": 4, "value": _merge_core.encode_sequence(number)},
    }
    return {"id": number, "_rankingScore": _score(costs, most), "_rankingScoreDetails": details}


def _ordered(hits: list[tuple[int, Costs]]) -> list[tuple[int, Costs]]:
    return sorted(
        hits, key=lambda hit: (hit[1].words, hit[1].typos, hit[1].proximity, -hit[1].level, hit[1].inexact, hit[0])
    )


def _body(hits: list[tuple[int, Costs]], scales: dict[int, int]) -> bytes:
    shown = [_hit(number, costs, scales[costs.words]) for number, costs in _ordered(hits)]
    return json.dumps({"hits": shown, "query": "q", "estimatedTotalHits": len(shown)}).encode()


@given(st.lists(_COSTS, min_size=1, max_size=24), st.data())
def test_scores_and_their_details_are_those_of_one_node(costs: list[Costs], data: st.DataObject) -> None:
    nodes: list[list[tuple[int, Costs]]] = [[], [], []]
    for number, each in enumerate(costs):
        nodes[data.draw(st.integers(0, 2))].append((number, each))
    scale = st.fixed_dictionaries({0: st.integers(2, 6), 1: st.integers(2, 6)})
    scales = [data.draw(scale) for _ in nodes]
    longest = {
        words: max(
            (
                own[words]
                for own, hits in zip(scales, nodes, strict=True)
                if any(each.words == words for _, each in hits)
            ),
            default=2,
        )
        for words in (0, 1)
    }
    plan = _merge_core.MergePlan(offset=0, limit=100, show_score=True, show_details=True)
    bodies = [_body(hits, own) for hits, own in zip(nodes, scales, strict=True)]
    merged, _ = _merge_core.merge(bodies, plan, 0, "")
    whole, _ = _merge_core.merge([_body([*enumerate(costs)], longest)], plan, 0, "")
    answer, wanted = json.loads(merged)["hits"], json.loads(whole)["hits"]
    assert _without_tied_typos(answer) == _without_tied_typos(wanted)


def _without_tied_typos(hits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Behind typos the count of exact words is hidden where nodes disagree: such hits may stand in any order."""

    def key(hit: dict[str, Any]) -> tuple[Any, ...]:
        said = hit["_rankingScoreDetails"]
        return (
            -said["words"]["matchingWords"],
            said["typo"]["typoCount"],
            -said["proximity"]["score"],
            ["exactMatch", "matchesStart", "noExactMatch"].index(said["exactness"]["matchType"]),
            said["typo"]["typoCount"] and hit["id"],
        )

    keys = [key(hit)[:4] for hit in hits]
    assert keys == sorted(keys)
    return sorted(hits, key=key)
