"""Scores of one rule: what tells two hits apart, and what is only a way to round."""

from __future__ import annotations

import json

import pytest

from miroir import _merge_core


def body(document: int, stamp: str, **scores: float) -> bytes:
    """A node's answer with one hit, ranked by rules with these scores."""
    details = {rule: {"order": order, "score": score} for order, (rule, score) in enumerate(scores.items())}
    last = {"_miroir_seq:asc": {"order": len(scores), "value": stamp}}
    hit = {"id": document, "_rankingScore": 1.0, "_rankingScoreDetails": details | last}
    return json.dumps({"hits": [hit], "query": "q", "estimatedTotalHits": 1}).encode()


def order(*bodies: bytes) -> list[int]:
    merged, _ = _merge_core.merge(list(bodies), _merge_core.MergePlan(offset=0, limit=9), 0, "")
    return [hit["id"] for hit in json.loads(merged)["hits"]]


@pytest.mark.parametrize("better", [1.0, 0.9990234375, 0.34])
def test_the_least_difference_of_two_fractions_counts(better: float) -> None:
    worse = better - 1 / 2**20
    assert order(body(1, "(", proximity=worse), body(2, ")", proximity=better)) == [2, 1]


def test_two_ways_to_round_one_fraction_are_equal() -> None:
    assert order(body(1, ")", proximity=10 / 11 + 2**-53), body(2, "(", proximity=10 / 11)) == [2, 1]


def counted(document: int, words: int, typos: int) -> bytes:
    """The rules stand in another order than they are applied in."""
    details = {
        "typo": {"order": 1, "typoCount": typos, "maxTypoCount": 2, "score": 0.5},
        "words": {"order": 0, "matchingWords": words, "maxMatchingWords": 3, "score": 0.5},
    }
    hit = {"id": document, "_rankingScore": 1.0, "_rankingScoreDetails": details}
    return json.dumps({"hits": [hit], "query": "q", "estimatedTotalHits": 1}).encode()


def test_rules_count_in_their_own_order_not_in_that_of_the_text() -> None:
    assert order(counted(1, 1, 0), counted(2, 2, 1)) == [2, 1]


def test_fewer_typos_come_first() -> None:
    assert order(counted(1, 2, 1), counted(2, 2, 0)) == [2, 1]
