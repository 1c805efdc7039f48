"""Rows 21 to 28: custom rules, sorts and distances."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.engine.rows.asking import SHOWN, WHOLE, both, found, same
from tests.engine.rows.ground import Ground
from tests.engine.rows.tables import EVERY, SETTINGS, TABLES
from tests.engine.rows.topologies import on, over
from tests.engine.special import metres

WAYS = ("asc", "desc")
PARIS = (48.85, 2.35)


def sorted_by(*rules: str, **more: Any) -> dict[str, Any]:
    return {"sort": list(rules), **WHOLE, **more}


@over("first", "middle", "last")
def test_row_21_a_custom_rule_first_in_the_middle_and_last(ground: Ground, world: str) -> None:
    same(
        ground,
        world,
        {**WHOLE, **SHOWN},
        {"q": "sun moon", **WHOLE, **SHOWN},
        {"q": "sun", "sort": ["color:asc"], **SHOWN},
    )


@over(*EVERY)
@pytest.mark.parametrize("way", WAYS)
def test_row_22_numbers_whole_broken_negative_and_huge(ground: Ground, world: str, way: str) -> None:
    tied = ["serial:asc"] if world == "changed" else []
    same(ground, world, sorted_by(f"n:{way}", *tied, **SHOWN), sorted_by(f"n:{way}", *tied, q="sun", filter="n EXISTS"))


@over(*EVERY)
@pytest.mark.parametrize("way", WAYS)
def test_row_23_texts_by_case_accents_emoji_and_emptiness(ground: Ground, world: str, way: str) -> None:
    same(ground, world, sorted_by(f"name:{way}", **SHOWN), sorted_by(f"deep.a:{way}", q="sun"))


@over(*EVERY)
@pytest.mark.parametrize("way", WAYS)
def test_row_24_numbers_texts_truths_nulls_lists_and_nothing_in_one_field(ground: Ground, world: str, way: str) -> None:
    same(ground, world, sorted_by(f"mixed:{way}", **SHOWN), sorted_by(f"mixed:{way}", q="moon", **SHOWN))


@over(*EVERY)
@pytest.mark.parametrize(("first", "second"), [*itertools.product(WAYS, WAYS)])
def test_row_25_two_criteria_and_a_sort_before_the_words(ground: Ground, world: str, first: str, second: str) -> None:
    same(
        ground,
        world,
        sorted_by(f"color:{first}", f"n:{second}", q="sun moon", **SHOWN),
        sorted_by(f"color:{first}", f"id:{second}"),
    )


@over(*EVERY)
def test_row_26_a_field_that_is_not_displayed_sorts_and_stays_hidden(ground: Ground, world: str) -> None:
    hidden = {"attributesToRetrieve": ["id", "title"]}
    for rule in ("group:asc", "n:desc", "deep.b:asc", "color:asc"):
        same(ground, world, sorted_by(rule, **hidden, **SHOWN), sorted_by(rule, **SHOWN))


@over(*EVERY)
@pytest.mark.parametrize("way", WAYS)
def test_row_27_distances_of_few_places_and_of_none(ground: Ground, world: str, way: str) -> None:
    for place in (PARIS, (0.0, 0.0), (-33.86, 151.2)):
        same(
            ground,
            world,
            sorted_by(f"_geoPoint({place[0]}, {place[1]}):{way}"),
            sorted_by(f"_geoPoint({place[0]},{place[1]}):{way}", "n:asc", q="sun"),
        )


@on("two", "seven")
@pytest.mark.parametrize("way", WAYS)
def test_row_27_distances_of_more_than_a_thousand_places(ground: Ground, way: str) -> None:
    same(
        ground,
        "scattered",
        sorted_by(f"_geoPoint(10, 10):{way}"),
        sorted_by(f"_geoPoint(-60.5, 100.25):{way}", offset=900, limit=100),
    )
    same(ground, "scattered", sorted_by(f"_geoPoint(48.85, 2.35):{way}", q="sun", filter="n != 3"))


@pytest.mark.parametrize("way", WAYS)
def test_row_27_places_within_a_metre_alone_may_change_places(ground: Ground, way: str) -> None:
    """3B-23: a node's buckets of a metre begin at its own nearest document."""
    answers = both(ground, "near", sorted_by(f"_geoPoint({PARIS[0]}, {PARIS[1]}):{way}"))
    documents = {each["id"]: each for each in TABLES["near"].documents}
    one, many = ([hit["id"] for hit in body["hits"]] for body in answers)
    assert sorted(one) == sorted(many)
    placed = {each: number for number, each in enumerate(many)}
    for before, after in itertools.combinations(one, 2):
        if placed[before] > placed[after]:
            assert abs(metres(PARIS, documents[before]) - metres(PARIS, documents[after])) <= 1.0, (before, after)


@over(*EVERY)
def test_row_28_a_distance_is_told_where_the_place_is_retrieved(ground: Ground, world: str) -> None:
    rule = f"_geoPoint({PARIS[0]}, {PARIS[1]}):asc"
    lists = [None, ["*"], ["id"], ["_geo"], ["id", "_geo"], ["_geo.lat"], ["_geo.lat", "_geo.lng"], []]
    for names in lists:
        same(ground, world, sorted_by(rule, **({} if names is None else {"attributesToRetrieve": names})))


@over(*SETTINGS)
def test_row_28_distances_are_told_on_the_wide_list_alone(ground: Ground, world: str) -> None:
    body = found(ground, world, sorted_by(f"_geoPoint({PARIS[0]}, {PARIS[1]}):asc"))
    assert any("_geoDistance" in hit for hit in body["hits"]) == (world != "narrow")
