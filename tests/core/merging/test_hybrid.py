"""The merge of hits by words with hits by vectors against its reference, and the cases that decide it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from miroir import _merge_core
from miroir.core.merging import answering
from miroir.core.merging.answering import Plan
from tests.core.merging.hybrid_answers import Legs, hybrid_answers

_WINDOWS = st.tuples(st.integers(0, 6), st.integers(0, 9), st.sampled_from([1000, 4]), st.booleans())


def _plan(legs: Legs, window: tuple[int, int, int, bool]) -> Plan:
    offset, limit, most, shown = window
    plan = Plan(offset, limit, max_total_hits=most, show_score=shown, show_details=shown)
    return Plan(**{**asdict(plan), "semantic_ratio": legs.ratio, "primary_key": "id", "show_query_vector": shown})


@settings(max_examples=150, deadline=None)
@given(hybrid_answers(), _WINDOWS, st.sampled_from([None, "genre"]))
def test_two_lists_become_what_the_reference_says(
    legs: Legs, window: tuple[int, int, int, bool], distinct: str | None
) -> None:
    plan = Plan(**{**asdict(_plan(legs, window)), "distinct": distinct})
    body, _ = _merge_core.merge_legs(legs.words, legs.answers, _merge_core.MergePlan(**asdict(plan)), 7, "uid")
    wanted, _ = answering.merge(legs.answers, plan, 7, "uid", legs.words)
    assert json.loads(body) == wanted


@given(hybrid_answers(), _WINDOWS)
def test_whether_words_are_enough_is_what_the_reference_says(legs: Legs, window: tuple[int, int, int, bool]) -> None:
    assume(legs.words)
    plan, words = _plan(legs, window), legs.words
    assert _merge_core.good_enough(words, _merge_core.MergePlan(**asdict(plan))) == answering.good_enough(words, plan)


@given(hybrid_answers())
def test_no_document_comes_twice(legs: Legs) -> None:
    plan = _merge_core.MergePlan(offset=0, limit=100, semantic_ratio=legs.ratio, primary_key="id")
    hits = json.loads(_merge_core.merge_legs(legs.words, legs.answers, plan, 0, "")[0])["hits"]
    assert len({str(hit["id"]) for hit in hits}) == len(hits)


def _body(*hits: str, total: int = 10) -> bytes:
    return f'{{"hits":[{",".join(hits)}],"query":"q","estimatedTotalHits":{total},"queryVector":[0.1,0.2]}}'.encode()


def _by_words(number: int, score: float) -> str:
    details = '"words":{"order":0,"matchingWords":1,"maxMatchingWords":1,"score":1.0}'
    return f'{{"id":{number},"_rankingScore":{score},"_rankingScoreDetails":{{{details}}}}}'


def _by_vector(number: int, similarity: float) -> str:
    details = f'"vectorSort":{{"order":0,"similarity":{similarity}}}'
    return f'{{"id":{number},"_rankingScore":{similarity},"_rankingScoreDetails":{{{details}}}}}'


def _hits(words: list[bytes], vectors: list[bytes], **more: Any) -> dict[str, Any]:
    plan = _merge_core.MergePlan(offset=0, limit=20, primary_key="id", **more)
    answer: dict[str, Any] = json.loads(_merge_core.merge_legs(words, vectors, plan, 0, "")[0])
    return answer


def test_of_equal_scores_the_one_by_vectors_comes_first() -> None:
    answer = _hits([_body(_by_words(1, 0.5))], [_body(_by_vector(2, 0.5))], semantic_ratio=0.5)
    assert [hit["id"] for hit in answer["hits"]] == [2, 1]
    assert answer["semanticHitCount"] == 1


def test_totals_are_those_of_the_leg_by_vectors() -> None:
    answer = _hits([_body(_by_words(1, 1), total=3)], [_body(total=50), _body(total=7)], semantic_ratio=0.5)
    assert answer["estimatedTotalHits"] == 57


def test_the_vector_of_the_query_is_shown_to_whom_asked_for_it() -> None:
    shown = _hits([], [_body()], semantic_ratio=1, show_query_vector=True)
    assert shown["queryVector"] == [0.1, 0.2]
    assert "queryVector" not in _hits([], [_body()], semantic_ratio=1)


def test_a_weight_is_one_of_single_precision() -> None:
    """0.55 is 0.44999998 away from 1 there: no score is good enough any more."""
    hits = [_body(_by_words(1, 1.0))]
    enough = [
        _merge_core.good_enough(hits, _merge_core.MergePlan(offset=0, limit=1, semantic_ratio=ratio))
        for ratio in (0.5, 0.549, 0.55, 0.9)
    ]
    assert enough == [True, True, False, False]


@pytest.mark.parametrize(("limit", "page"), [(0, None), (20, (0, 20))])
def test_who_wants_no_hits_needs_no_vectors(limit: int, page: tuple[int, int] | None) -> None:
    plan = _merge_core.MergePlan(offset=0, limit=limit, page=page, semantic_ratio=0.9)
    assert _merge_core.good_enough([_body()], plan)
    assert not _merge_core.good_enough([_body()], _merge_core.MergePlan(offset=0, limit=1, semantic_ratio=0.1))


def test_a_bad_answer_is_told_by_its_place_words_first() -> None:
    plan = _merge_core.MergePlan(offset=0, limit=20, semantic_ratio=0.5)
    for words, vectors, place in (([b"x"], [_body()], 0), ([_body()], [_body(), b"x"], 2)):
        with pytest.raises(_merge_core.MergeError) as raised:
            _merge_core.merge_legs(words, vectors, plan, 0, "")
        assert raised.value.args[0] == place
