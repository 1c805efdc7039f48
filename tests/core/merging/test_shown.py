"""What of a hit the client sees: not what was added for the merge, not what it may not see."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.merging.plain import body, facets, hit, merged

_SPOT = [{"start": 0, "length": 1}]


def shown(one: dict[str, Any], **plan: Any) -> dict[str, Any]:
    only: dict[str, Any] = merged(body(one), **plan)["hits"][0]
    return only


def test_matches_are_shown_of_displayed_attributes_and_what_is_below_them() -> None:
    spots = dict.fromkeys(["title", "a.b", "secret", "titles", "_miroir_seq"], _SPOT)
    one = hit(1, _matchesPosition=spots)
    assert list(shown(one, displayed=["title", "a"])["_matchesPosition"]) == ["title", "a.b"]
    assert list(shown(one, displayed=["_miroir_seq"])["_matchesPosition"]) == []
    assert list(shown(one)["_matchesPosition"]) == ["title", "a.b", "secret", "titles"]


def test_what_was_added_stays_in_formatted_where_the_client_wants_it() -> None:
    one = hit(1, brand="x", _formatted={"brand": "<em>x</em>", "title": "t"})
    assert shown(one, strip=["brand"], strip_formatted=[]) == {"id": 1, "_formatted": one["_formatted"]}
    assert shown(one, strip=["brand"]) == {"id": 1, "_formatted": {"title": "t"}}


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ({"b": 1}, None),
        ({"b": 1, "c": 2}, {"c": 2}),
        ([{"b": 1}], None),
        ([{"b": 1}, {"c": 2}], [{"c": 2}]),
        ({}, {}),
        ([], []),
    ],
)
def test_objects_and_lists_go_with_the_last_of_what_is_taken_out(value: Any, left: Any) -> None:
    wanted = {"id": 1} if left is None else {"id": 1, "a": left}
    assert shown(hit(1, a=value), strip=["a.b"]) == wanted


def test_a_distance_goes_with_the_place_that_was_added() -> None:
    one = hit(1, _geo={"lat": 1, "lng": 2}, _geoDistance=7)
    assert shown(one, strip=["_geo"]) == {"id": 1}
    assert shown(one) == {"id": 1, "_geo": {"lat": 1, "lng": 2}, "_geoDistance": 7}


def test_values_of_hidden_sorts_are_not_shown() -> None:
    one = hit(1, {"price:asc": {"value": 3}, "year:desc": {"value": 4}})
    details = shown(one, show_details=True, hidden_rules=["price:asc"])["_rankingScoreDetails"]
    assert details == {
        "<hidden-rule-0>": {"order": 0, "value": "<hidden>"},
        "year:desc": {"order": 1, "value": 4},
    }


def test_a_facet_that_was_added_is_in_no_part_of_the_answer() -> None:
    told = facets("price", {"1": 1}, (1.0, 1.0))
    told["facetDistribution"]["genre"] = {"x": 1}
    answer = merged(body(**told), strip_facets=["price"])
    assert (answer["facetDistribution"], answer["facetStats"]) == ({"genre": {"x": 1}}, {})
