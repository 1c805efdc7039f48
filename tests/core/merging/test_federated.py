"""The federated merge against its reference, what no input may do to it, and how hits of several queries compare."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, astuple
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miroir import _merge_core
from miroir.core.merging.answering import Plan
from miroir.core.merging.federating import FederatedPlan, Index, federate
from tests.core.merging.answers import bodies

_SHOWN = st.builds(
    Plan,
    offset=st.just(0),
    limit=st.just(0),
    show_score=st.booleans(),
    show_details=st.booleans(),
    strip=st.lists(st.sampled_from(["a", "a.b", "genre", "id", "_geo"]), max_size=2),
    facet_order=st.dictionaries(st.sampled_from(["*", "genre", "price"]), st.sampled_from(["alpha", "count"])),
    hidden_rules=st.sampled_from([(), ("price:asc",)]),
)
_WEIGHTS = st.sampled_from([0.0, 0.5, 1.0, 1.5])
_IDS = st.one_of(st.integers(0, 4), st.integers(0, 4).map(str))


@st.composite
def _answers(draw: st.DrawFn) -> list[bytes]:
    """Merged answers to one to four queries, of which some find the same documents."""
    made = []
    for answer in (draw(bodies())[0] for _ in range(draw(st.integers(1, 4)))):
        told = json.loads(answer)
        for hit in told["hits"]:
            hit["id"] = draw(_IDS)
        told |= {"queryVector": [0.5]} if draw(st.booleans()) else {}
        made.append(json.dumps(told).encode())
    return made


@st.composite
def _cases(draw: st.DrawFn) -> tuple[list[bytes], FederatedPlan]:
    answers = draw(_answers())
    queries = len(answers)
    of_index = [draw(st.integers(0, 1)) for _ in range(queries)]
    numbers = sorted(set(of_index))
    counting = [draw(bodies())[0] for number in numbers if of_index.count(number) > 1]
    indexes, counted = [], queries
    for number in numbers:
        several = of_index.count(number) > 1
        key = "id" if several else None
        wanted = draw(st.sampled_from([1, 3, 50]))
        where = counted if several else of_index.index(number)
        indexes.append(Index(f"i{number}", key, wanted, where, draw(st.booleans())))
        counted += several
    plan = FederatedPlan(
        queries=[(numbers.index(number), draw(_WEIGHTS), draw(_SHOWN)) for number in of_index],
        indexes=indexes,
        offset=draw(st.integers(0, 4)),
        limit=draw(st.integers(0, 12)),
        page=draw(st.none() | st.tuples(st.integers(0, 3), st.integers(0, 5))),
        distinct=draw(st.sampled_from([None, None, "genre", "id"])),
        merge_facets=draw(st.booleans()),
        facet_limit=draw(st.sampled_from([None, 1, 3])),
        show_semantic=draw(st.booleans()),
        show_vectors=draw(st.booleans()),
    )
    return answers + counting, plan


def _built(plan: FederatedPlan) -> _merge_core.FederatedPlan:
    arguments = {name: value for name, value in vars_of(plan).items() if name not in ("queries", "indexes")}
    queries = [(index, weight, _merge_core.MergePlan(**asdict(own))) for index, weight, own in plan.queries]
    return _merge_core.FederatedPlan(queries=queries, indexes=[astuple(each) for each in plan.indexes], **arguments)


def vars_of(plan: FederatedPlan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in FederatedPlan.__dataclass_fields__}


def merged(answers: list[bytes], plan: FederatedPlan) -> Any:
    return json.loads(_merge_core.merge_federated(answers, _built(plan), 7, "uid"))


@settings(max_examples=60, deadline=None)
@given(_cases())
def test_the_merge_is_what_the_reference_says(case: tuple[list[bytes], FederatedPlan]) -> None:
    answers, plan = case
    assert json.dumps(merged(answers, plan)) == json.dumps(federate(answers, plan, 7, "uid"))


@settings(max_examples=30, deadline=None)
@given(_cases(), st.data())
def test_broken_answers_are_refused_or_merged_and_nothing_else(
    case: tuple[list[bytes], FederatedPlan], data: st.DataObject
) -> None:
    answers, plan = case
    at = data.draw(st.integers(0, len(answers[0])))
    broken = answers[0][:at] + data.draw(st.binary(max_size=3)) + answers[0][at + data.draw(st.integers(0, 3)) :]
    with contextlib.suppress(_merge_core.MergeError):
        told = _merge_core.merge_federated([broken, *answers[1:]], _built(plan), 7, "uid")
        assert told.startswith(b'{"hits":[')


def answer(*hits: Any) -> bytes:
    return json.dumps({"hits": list(hits), "query": "", "estimatedTotalHits": len(hits)}).encode()


def hit(number: int, score: float, **details: Any) -> dict[str, Any]:
    said = {name.replace("__", ":"): {"order": order, **entry} for order, (name, entry) in enumerate(details.items())}
    return {"id": number, "_rankingScore": score, "_rankingScoreDetails": said}


def ids(*answers: bytes, weights: tuple[float, ...] = (1.0, 1.0), one_index: bool = False, **more: Any) -> list[int]:
    """Which documents are answered of two queries."""
    shown = Plan(offset=0, limit=0)
    if one_index:
        queries = [(0, weight, shown) for weight in weights]
        indexes = [Index("a", "id", 20, 0, facets=False)]
    else:
        queries = [(number, weight, shown) for number, weight in enumerate(weights)]
        indexes = [Index(f"i{number}", None, 20, number, facets=False) for number in range(len(weights))]
    plan = FederatedPlan(queries, indexes, 0, 20, **more)
    return [found["id"] for found in merged(list(answers), plan)["hits"]]


def words(score: float) -> dict[str, Any]:
    return {"matchingWords": 1, "maxMatchingWords": 1, "score": score}


def test_hits_that_score_alike_go_by_the_place_of_their_query() -> None:
    first, second = answer(hit(1, 1.0), hit(2, 1.0)), answer(hit(3, 1.0), hit(4, 1.0))
    assert ids(first, second) == [1, 2, 3, 4]
    assert ids(second, first, one_index=True) == [3, 4, 1, 2]


def test_weights_decide_between_queries_and_never_within_one() -> None:
    first = answer(hit(1, 0.5, words=words(0.5)), hit(2, 0.9, words=words(0.9)))
    second = answer(hit(3, 0.6, words=words(0.6)))
    assert ids(first, second) == [3, 1, 2]
    assert ids(first, second, weights=(2.0, 1.0)) == [1, 2, 3]


def test_a_document_stands_where_the_query_ranks_it_that_comes_first() -> None:
    first = answer(hit(1, 0.5, words=words(0.5)))
    second = answer(hit(2, 0.9, words=words(0.9)), hit(1, 0.8, words=words(0.8)))
    assert ids(first, second, one_index=True) == [2, 1]


def test_a_search_for_words_outranks_one_for_nothing() -> None:
    assert ids(answer(hit(1, 1.0)), answer(hit(2, 0.1, words=words(0.1)))) == [2, 1]


def test_sorted_hits_compare_by_their_values_behind_equal_scores() -> None:
    first = answer(hit(1, 1.0, n__asc={"value": 3}), hit(2, 1.0, n__asc={"value": None}))
    second = answer(hit(3, 1.0, m__asc={"value": 2}), hit(4, 1.0, m__asc={"value": "x"}))
    assert ids(first, second) == [3, 1, 4, 2]


def test_of_two_distances_the_larger_one_wins_as_on_a_node() -> None:
    near = {"value": {"lat": 0, "lng": 0}, "distance": 1.0}
    far = {"value": {"lat": 0, "lng": 0}, "distance": 9.0}
    rule = "_geoPoint(0, 0)__asc"
    assert ids(answer(hit(1, 1.0, **{rule: near})), answer(hit(2, 1.0, **{rule: far}))) == [2, 1]


@pytest.mark.parametrize("one_index", [False, True])
def test_values_are_distinct_over_all_queries(one_index: bool) -> None:
    first = answer({**hit(1, 1.0), "g": "x"}, {**hit(2, 1.0), "g": "y"})
    second = answer({**hit(3, 1.0), "g": "X"}, {**hit(4, 1.0), "g": "z"})
    assert ids(first, second, distinct="g", one_index=one_index) == [1, 2, 4]


def test_fewer_answers_than_the_plan_needs_are_an_error() -> None:
    shown = Plan(offset=0, limit=0)
    plan = FederatedPlan([(0, 1.0, shown)], [Index("a", None, 20, 1, facets=False)], 0, 20)
    with pytest.raises(ValueError, match="more answers"):
        _merge_core.merge_federated([answer()], _built(plan), 0, "")
