"""One rule at a time, and two hits on two nodes: which comes first."""

from __future__ import annotations

from typing import Any

import pytest

from miroir import _merge_core
from tests.core.merging.plain import body, hit, ids, merged


def attribute(rank: float, words: float) -> dict[str, Any]:
    said = {"attributeRankingOrderScore": rank, "queryWordDistanceScore": words, "score": 0.5}
    return {"attribute": said}


def exactness(kind: str, words: int = 0) -> dict[str, Any]:
    shown = {"matchingWords": words, "maxMatchingWords": 3} if kind == "noExactMatch" else {}
    return {"exactness": {"matchType": kind, **shown, "score": 0.5}}


def typo(count: int, most: int) -> dict[str, Any]:
    return {"typo": {"typoCount": count, "maxTypoCount": most, "score": 0.5}}


def score(of: float) -> dict[str, Any]:
    return {"score": of}


@pytest.mark.parametrize(
    ("later", "first"),
    [
        (attribute(0.5, 1.0), attribute(0.6, 0.1)),
        (attribute(0.5, 0.1), attribute(0.5, 0.2)),
        (exactness("matchesStart"), exactness("exactMatch")),
        (exactness("noExactMatch", 1), exactness("noExactMatch", 2)),
        (typo(1, 2), typo(0, 2)),
        ({"proximity": score(0.4)}, {"proximity": score(0.5)}),
        ({"vectorSort": {"similarity": None}}, {"vectorSort": {"similarity": 0.1}}),
        ({"vectorSort": {"similarity": 0.1}}, {"vectorSort": {"similarity": 0.2}}),
        ({"skipped": {}}, {"words": {"matchingWords": 1, "maxMatchingWords": 3}}),
        ({"n:desc": {"value": 1}}, {"n:desc": {"value": 2}}),
        ({"n:asc": {"value": "a"}}, {"n:asc": {"value": 9}}),
        ({"n:desc": {"value": None}}, {"n:desc": {"value": "a"}}),
    ],
)
def test_the_better_hit_comes_first_wherever_it_is(later: dict[str, Any], first: dict[str, Any]) -> None:
    one, two = body(hit(1, later)), body(hit(2, first))
    assert ids(merged(one, two)) == ids(merged(two, one)) == [2, 1]


def test_scores_tell_of_hidden_exact_words_only_on_one_scale() -> None:
    def on_scale(document: int, most: int, of: float) -> bytes:
        return body(hit(document, typo(1, most) | exactness("exactMatch"), of))

    assert ids(merged(on_scale(1, 2, 0.4), on_scale(2, 2, 0.5))) == [2, 1]
    assert ids(merged(on_scale(1, 2, 0.4), on_scale(2, 3, 0.5))) == [1, 2]


def test_ties_that_nothing_breaks_go_to_the_first_node() -> None:
    bodies = [body({"id": number, "_rankingScoreDetails": {}}) for number in (3, 1, 2)]
    assert ids(merged(*bodies)) == [3, 1, 2]


def test_a_hit_that_was_cut_off_is_told_wherever_it_stands_in_its_list() -> None:
    words = {"words": {"matchingWords": 1, "maxMatchingWords": 3}}
    answer = body(hit(1, words), hit(2, {"skipped": {}}))
    _, cut_off = _merge_core.merge([answer], _merge_core.MergePlan(offset=0, limit=9), 0, "")
    assert cut_off


def place(document: int, lng: float, direction: str) -> dict[str, Any]:
    told = {"value": {"lat": 0.0, "lng": lng}, "distance": lng * 111_194.0}
    return hit(document, {f"_geoPoint(0,0):{direction}": told}, _geo={"lat": 0, "lng": lng})


@pytest.mark.parametrize(("direction", "order"), [("asc", [1, 2, 3]), ("desc", [3, 2, 1])])
def test_near_and_far_are_as_the_sort_says(direction: str, order: list[int]) -> None:
    places = {number: place(number, number / 100, direction) for number in order}
    assert ids(merged(body(places[order[0]], places[order[2]]), body(places[order[1]]))) == order


def test_few_places_are_bucketed_by_whole_metres_and_many_by_their_distance() -> None:
    # Within a metre of 6.4 are all three, within a metre of 6.1 only two; in a bucket the numbers decide.
    metres = {1: 7.3, 2: 6.4, 3: 6.1}
    places = {number: place(number, far / 111_194.9266, "asc") for number, far in metres.items()}
    rest = body(places[2]), body(places[3])
    assert ids(merged(body(places[1]), *rest)) == [1, 2, 3]
    assert ids(merged(body(places[1], total=1000), *rest)) == [2, 3, 1]


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_documents_that_are_nowhere_come_last(direction: str) -> None:
    nowhere = hit(1, {f"_geoPoint(0,0):{direction}": {"value": None, "distance": None}})
    assert ids(merged(body(nowhere), body(place(2, 0.5, direction)))) == [2, 1]
