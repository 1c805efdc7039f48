"""What sorts a document: as the engine takes it."""

from __future__ import annotations

from typing import Any

import pytest

from miroir.core.documents.criteria import Criterion, parse_sort


@pytest.mark.parametrize(
    ("sort", "criteria"),
    [
        ([], ()),
        (["a:asc", "b.c:desc"], (Criterion("a", False), Criterion("b.c", True))),
        (["x:y:desc"], (Criterion("x:y", True),)),
        (["_geoPoint(1.5, -2):desc"], (Criterion("_geo", True, (1.5, -2.0)),)),
        (["a"], None),
        (["a:up"], None),
        (["a:asc", "_geoPoint(north):asc"], None),
    ],
)
def test_entries_are_read_or_left_to_a_node(sort: list[str], criteria: Any) -> None:
    assert parse_sort(sort) == criteria


ORDERED: list[list[Any]] = [
    [-3, -0.5, 0, 1, 2.5, 12345678901234567, " ", "10", "9", "ann", " ÄNN ", "b", "Bob", False, True, "zoe"],
    [-3, "x"],
]


@pytest.mark.parametrize("values", ORDERED)
@pytest.mark.parametrize("descending", [False, True])
def test_numbers_come_first_then_texts_then_nothing(values: list[Any], descending: bool) -> None:
    numbers = [value for value in values if type(value) in (int, float)]
    texts = [value for value in values if type(value) not in (int, float)]
    expected = [*numbers[::-1], *texts[::-1]] if descending else [*numbers, *texts]
    criterion = Criterion("a.b", descending)
    found = sorted([*values[1:], values[0]], key=lambda value: criterion.worth({"a": {"b": value}}))
    assert found == expected


@pytest.mark.parametrize("nothing", [{}, {"a": None}, {"a": {"b": []}}, {"a": {"b": ""}}, {"a": {"b": {}}}, {"a.c": 1}])
@pytest.mark.parametrize("descending", [False, True])
def test_nothing_is_last_in_both_directions(nothing: dict[str, Any], descending: bool) -> None:
    criterion = Criterion("a.b", descending)
    for something in (5, "x", [None, "x"]):
        assert criterion.worth({"a": {"b": something}}) < criterion.worth(nothing)


@pytest.mark.parametrize(
    "document",
    [
        {"a": {"b": [3, "x", 1]}},
        {"a": [{"b": 1}, {"b": [3]}, {"c": 0}]},
        {"a.b": [[1, 3]]},
        {"a": [[{"b": 1}], {"b": 3}]},
    ],
)
def test_of_several_values_the_first_in_the_direction_counts(document: dict[str, Any]) -> None:
    assert Criterion("a.b", False).worth(document) == Criterion("a.b", False).worth({"a": {"b": 1}})
    assert Criterion("a.b", True).worth(document) == Criterion("a.b", True).worth({"a": {"b": 3}})


def test_a_distance_is_that_of_the_place() -> None:
    criterion = Criterion("_geo", False, (48.85, 2.35))
    assert criterion.worth({"_geo": {"lat": 48.85, "lng": "2.35"}}) == 0
    assert round(criterion.worth({"_geo": {"lat": 51.5, "lng": -0.12}}) / 1000) == 343
    for nowhere in ({}, {"_geo": None}, {"_geo": {"lat": 1}}):
        assert criterion.worth(nowhere) is None
