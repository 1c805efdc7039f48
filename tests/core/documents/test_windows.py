"""A page of many lists is the page of the one list that they are parts of, however little of them is looked at."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miroir.core.documents.criteria import Criterion
from miroir.core.documents.rows import Listing, Row
from miroir.core.documents.windows import page_of, window

NUMBER = (Criterion("n", False),)
NEAR = (Criterion("_geo", False, (0.0, 0.0)),)
FAR = (Criterion("_geo", True, (0.0, 0.0)), Criterion("n", False))


def row(number: int, *key: Any) -> Row:
    return Row((*key, f"{number:08}"), b"")


def split(rows: list[Row], nodes: int, chance: random.Random) -> list[list[Row]]:
    lists: list[list[Row]] = [[] for _ in range(nodes)]
    for one in rows:
        lists[chance.randrange(nodes)].append(one)
    return lists


def part(rows: list[Row], start: int, limit: int) -> Listing:
    return Listing(tuple(rows[start : start + limit]), start, limit, len(rows))


@given(st.lists(st.integers(0, 5), max_size=60), st.integers(0, 60), st.integers(0, 9), st.data())
def test_a_page_is_right_or_not_told(numbers: list[int], offset: int, limit: int, chosen: st.DataObject) -> None:
    rows = sorted((row(at, (0, number)) for at, number in enumerate(numbers)), key=lambda one: one.key)
    lists = split(rows, 3, random.Random(len(numbers)))
    parts = [part(one, chosen.draw(st.integers(0, 20)), chosen.draw(st.integers(0, 30))) for one in lists]
    page = page_of(parts, NUMBER, offset, limit)
    assert page is None or page == rows[offset : offset + limit]


@pytest.mark.parametrize("nodes", [1, 2, 3, 7])
@pytest.mark.parametrize("offset", [1000, 4321, 19_990, 20_000, 10**9])
def test_the_place_of_a_deep_page_is_found_at_once_in_little(nodes: int, offset: int) -> None:
    rows = [row(at, (0, at // 10)) for at in range(20_000)]
    lists = split(rows, nodes, random.Random(nodes))
    parts = [part(one, *window(offset, 20, 1 / nodes)) for one in lists]
    assert page_of(parts, NUMBER, offset, 20) == rows[offset : offset + 20]
    assert sum(len(one.rows) for one in parts) < 8000


def test_a_page_beside_what_was_looked_at_is_not_told() -> None:
    lists = [[row(at, (0, at)) for at in range(100)], [row(at, (0, at)) for at in range(100, 200)]]
    assert page_of([part(one, 40, 30) for one in lists], NUMBER, 90, 10) is None
    assert page_of([part(one, 0, 100) for one in lists], NUMBER, 90, 10) == lists[0][90:]


def test_documents_within_a_metre_go_by_what_comes_next() -> None:
    rows = [row(1, 10.2, (0, 5)), row(2, 10.9, (0, 3)), row(3, 12.5, (0, 1)), row(4, None, (0, 0))]
    lists = [part([rows[0], rows[3]], 0, 9), part([rows[2], rows[1]], 0, 9)]
    assert page_of(lists, FAR, 0, 9) == [rows[2], rows[1], rows[0], rows[3]]


def test_documents_within_a_metre_go_by_arrival_when_nothing_comes_next() -> None:
    rows = [row(1, 10.9), row(2, 10.2), row(3, 12.5)]
    assert page_of([part([rows[1], rows[2]], 0, 9), part([rows[0]], 0, 9)], NEAR, 0, 9) == rows
