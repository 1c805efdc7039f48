"""The excuses themselves: each takes what its effect can change, and nothing more."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, cast

import httpx
import pytest

from tests.engine.counting import outside
from tests.engine.excuses import excuse
from tests.engine.judge import Judge
from tests.harness.client import Answer, Engine

Body = dict[str, Any]


LETTERS = "abcdefghijklmnopqrstuvwxyz"
NEAR = [f"moonl{a}{b}ht" for a in LETTERS for b in LETTERS[:8]] + [f"moonlight{a}{b}" for a in LETTERS for b in LETTERS]
BEGUN = [f"moon{a}{b}" for a in LETTERS for b in LETTERS[:4]]
RICH = " ".join(["sunmoon", *NEAR, *BEGUN])
"""Words that make every effect possible: a concatenation, many neighbours, many words with one beginning."""
SETTINGS: Body = {
    "maxValuesPerFacet": 100,
    "maxTotalHits": 1000,
    "enabled": True,
    "minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9},
    "updatedAt": "once",
}


class Canned:
    """An engine that says what it was told to say, whatever is asked; settings and documents apart."""

    def __init__(self, body: Body, text: str) -> None:
        self._body, self._text = body, text

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        return answer({"results": [{"text": self._text}]} if path.endswith("/fetch") else self._body)

    def get(self, path: str) -> Any:
        return None if path.endswith(("distinct-attribute", "localized-attributes")) else SETTINGS


def answer(body: Body) -> Answer:
    return Answer(200, httpx.Headers(), json.dumps(body).encode())


def hit(id_: int, typos: int = 0, *, scale: int = 2, score: float = 0.9, near: float = 1.0) -> Body:
    details = {
        "words": {"order": 0, "matchingWords": 2, "maxMatchingWords": 2, "score": 1.0},
        "typo": {"order": 1, "typoCount": typos, "maxTypoCount": scale, "score": 1 - typos / (scale + 1)},
        "proximity": {"order": 2, "score": near},
    }
    return {"id": id_, "title": f"t{id_}", "_rankingScore": score, "_rankingScoreDetails": details}


def body(*hits: Body, **more: Any) -> Body:
    told = {"hits": list(hits), "query": "sun moon", "processingTimeMs": 1, "limit": 20, "offset": 0}
    return {**told, "estimatedTotalHits": len(hits), **more}


def reason(one: Body, many: Body, *, text: str = RICH, moved: frozenset[str] = frozenset(), **query: Any) -> str | None:
    """What explains two answers that would be the same whenever asked again, over documents with this text."""
    sides = cast("tuple[Engine, Engine]", (Canned(one, text), Canned(many, text)))
    answers = (answer(one), answer(many))
    return excuse(sides, "/indexes/x/search", {"q": "sun moon", **query}, answers, moved=moved)


def test_more_typos_found_are_explained_and_other_differences_beside_them_are_not() -> None:
    one, q = body(hit(1), hit(2, 1)), "moonlight"
    found = body(hit(1), hit(3, 1), hit(2, 1))
    assert reason(one, found, q=q) == "3A-1: typo derivations"
    assert reason(one, found, q=q, text="moonlight moonlite") is None
    assert reason(one, body(hit(1), hit(3, 0), hit(2, 1)), q=q) is None
    assert reason(one, body(hit(1), hit(3, 1)), q=q) is None
    assert reason(one, body(hit(2, 1), hit(3, 1), hit(1)), q=q) is None
    assert reason(one, body(hit(1), hit(3, 1), {**hit(2, 1), "title": "other"}), q=q) is None
    assert reason(one, {**found, "estimatedTotalHits": 9}, q=q) is None


def test_scores_may_differ_only_where_shards_disagree_on_the_scale() -> None:
    one = body(hit(1, scale=3, score=0.95), hit(2, scale=3, score=0.95))
    disagreeing = body(hit(1, scale=3, score=0.95), hit(2, scale=2))
    assert reason(one, disagreeing) == "3A-5a: scale of typo"
    assert reason(one, disagreeing, text="sun moon") is None
    assert reason(one, body(hit(1, scale=2), hit(2, scale=2))) is None
    assert reason(one, body(hit(1, scale=4, score=0.95), hit(2, scale=2))) is None
    assert reason(one, body(hit(1, scale=3, score=0.95), {**hit(2, scale=2), "title": "other"})) is None
    assert reason(one, body(hit(2, scale=2), hit(1, scale=3, score=0.95))) is None


def test_only_hits_whose_later_rules_differ_may_move_and_only_with_typos() -> None:
    one = body(hit(1, 1), hit(2, 1), hit(3, 1))
    moved = "3A-5b-d: paths inside a typo bucket"
    assert reason(one, body(hit(2, 1), hit(3, 1), hit(1, 1, near=0.5)), q="sun moonlight") == moved
    assert reason(one, body(hit(3, 1), hit(2, 1), hit(1, 1, near=0.5)), q="sun moonlight") is None
    none = body(hit(1), hit(2))
    assert reason(none, body(hit(2), hit(1, near=0.5)), q="sun moonlight") is None
    assert reason(none, body(hit(2), hit(1, near=0.5)), q="sun moon") == "3A-3: prefix table"
    assert reason(none, body(hit(2), hit(1, near=0.5)), q="sun moon", text="sun moon") is None
    assert reason(none, body(hit(2), hit(1, near=0.5), estimatedTotalHits=7), q="sun moon") is None


def test_a_document_that_was_written_again_moves_among_its_ties_alone() -> None:
    one = body(hit(1), hit(2), hit(3), hit(4, 1))
    moved = frozenset("1")
    assert reason(one, body(hit(2), hit(3), hit(1), hit(4, 1)), moved=moved) == "replaced document among ties"
    assert reason(one, body(hit(2), hit(3), hit(1), hit(4, 1))) is None
    assert reason(one, body(hit(3), hit(2), hit(1), hit(4, 1)), moved=moved) is None
    assert reason(one, body(hit(2), hit(3), hit(4, 1), hit(1)), moved=moved) is None


def test_marks_may_differ_in_length_alone() -> None:
    one = body({**hit(1), "_formatted": {"title": "<em>su</em>n"}})
    assert reason(one, body({**hit(1), "_formatted": {"title": "<em>sun</em>"}})) == "3A-8: marked words"
    assert reason(one, body({**hit(1), "_formatted": {"title": "<em>moon</em>"}})) is None
    assert reason(one, body({**hit(1), "_formatted": {}})) is None


def test_a_facet_value_keeps_its_count_under_another_spelling() -> None:
    one = body(facetDistribution={"a": {"Red": 2}})
    assert reason(one, body(facetDistribution={"a": {"red": 2}})) == "3B-17: spelling of a facet value"
    assert reason(one, body(facetDistribution={"a": {"red": 1, "Red": 2}})) is None
    assert reason(one, body(facetDistribution={"a": {"red": 3}})) is None


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"facetDistribution": {}},
        {"facetDistribution": {"a": {}}},
        {"facetDistribution": {"a": {"x": 1}}},
        {"facetDistribution": {"a": {"x": 9}}},
        {"facetDistribution": {"a": {"x": 3, "z": 1}}},
        {"facetDistribution": {"a": {"x": 3}}, "facetStats": {"a": {"min": 0, "max": 2}}},
        {"facetDistribution": {"a": {"x": 3}}, "facetStats": {"a": {"min": 1, "max": 9}}},
    ],
    ids=str,
)
def test_counts_are_never_below_what_is_sure_or_above_what_is_there(told: Body) -> None:
    least: Body = {"facetDistribution": {"a": {"x": 2}}, "facetStats": {"a": {"min": 1, "max": 3}}}
    most: Body = {"facetDistribution": {"a": {"x": 5, "y": 1}}, "facetStats": {"a": {"min": 1, "max": 4}}}
    good: Body = {"facetDistribution": {"a": {"x": 3}}, "facetStats": {"a": {"min": 1, "max": 3}}}
    assert outside(good, least, most, 100) is None
    assert outside(told, least, most, 100)


def test_estimates_are_explained_only_within_their_bounds() -> None:
    one = body(hit(1), hit(2), facetDistribution={"a": {"x": 2}}, facetStats={})
    assert reason(one, {**one, "facetDistribution": {}, "estimatedTotalHits": 10**9}, distinct="a") is None
    assert reason(one, {**one, "estimatedTotalHits": 10**9}, distinct="a") is None
    assert reason(one, {**one, "estimatedTotalHits": 1}, distinct="a") is None
    wide = {**one, "estimatedTotalHits": 5}
    assert reason(wide, {**wide, "estimatedTotalHits": 3}, distinct="a") == "3B: counts under distinct or a threshold"
    assert reason(wide, {**wide, "estimatedTotalHits": 3}) is None


def test_all_reasons_of_a_category_are_bounded_together() -> None:
    sides = cast("tuple[Engine, Engine]", (Canned({}, ""), Canned({}, "")))
    few = Counter({("words", "3A-3: prefix table"): 1, ("words", "3A-5a: scale of typo"): 1})
    Judge(*sides, Counter(words=10), few).assert_bounded()
    with pytest.raises(AssertionError, match="words: 3 of 10"):
        Judge(*sides, Counter(words=10), few + Counter({("words", "3B-17: spelling"): 1})).assert_bounded()
