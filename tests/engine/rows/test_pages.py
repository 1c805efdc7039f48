"""Rows 7 to 9: windows and pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.rows.asking import WHOLE, found, ids, same
from tests.engine.rows.ground import Ground
from tests.engine.rows.tables import EVERY, SETTINGS
from tests.engine.rows.topologies import over

ASKED: list[dict[str, Any]] = [
    {},
    {"q": "sun moon"},
    {"q": "a", "sort": ["n:desc"]},
    {"q": "wondirful", "filter": "n > 0"},
]


@over(*EVERY)
@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_row_07_concatenated_pages_are_one_big_page(ground: Ground, world: str, asked: dict[str, Any]) -> None:
    if "sort" in asked and world == "changed":
        asked = {**asked, "sort": [*asked["sort"], "serial:asc"]}
    whole = ids(found(ground, world, {**asked, **WHOLE}))
    joined = [
        each for at in range(0, 120, 17) for each in ids(found(ground, world, {**asked, "offset": at, "limit": 17}))
    ]
    paged = [each for n in range(1, 8) for each in ids(found(ground, world, {**asked, "page": n, "hitsPerPage": 17}))]
    assert joined == paged == whole
    assert len({str(each) for each in whole}) == len(whole)


@over(*EVERY, "numbers")
def test_row_08_beyond_the_most_hits_nothing_comes_and_the_total_stays(ground: Ground, world: str) -> None:
    windows = [(0, 5000), (190, 20), (200, 1), (995, 10), (1000, 1), (5000, 5), (0, 0)]
    same(ground, world, *({"offset": offset, "limit": limit, "facets": ["n"]} for offset, limit in windows))
    same(
        ground, world, {"q": "sun", "offset": 2000, "limit": 2}, {"page": 60, "hitsPerPage": 20}, {"hitsPerPage": 3000}
    )


@over(*EVERY)
def test_row_09_pages_page_zero_no_hits_per_page_and_beyond_the_end(ground: Ground, world: str) -> None:
    pages = [(1, 7), (2, 7), (0, 7), (3, 0), (0, 0), (1000, 20), (10**9, 3)]
    for q in ("", "sun moon"):
        same(ground, world, *({"q": q, "page": page, "hitsPerPage": size} for page, size in pages))
        same(
            ground, world, {"q": q, "page": 2}, {"q": q, "hitsPerPage": 3}, {"q": q, "page": 2, "limit": 3, "offset": 1}
        )


@over(*SETTINGS)
def test_row_09_pages_refuse_what_is_no_number(ground: Ground, world: str) -> None:
    wrong: list[Any] = [-1, "1", 1.5, True, 2**70]
    same(ground, world, *({name: value} for name in ("page", "hitsPerPage", "limit", "offset") for value in wrong))
