"""Rows 34 to 40: facets, and what must not leak into them."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from tests.engine.rows.asking import WHOLE, both, found, same
from tests.engine.rows.ground import Ground
from tests.engine.rows.tables import EVERY, SETTINGS
from tests.engine.rows.topologies import on, over

ASKED: list[dict[str, Any]] = [{}, {"q": "sun"}, {"q": "wondirful moon"}, {"filter": "n > 1"}, {"q": "nothing"}]


@over(*EVERY)
@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_row_34_values_in_their_order(ground: Ground, world: str, asked: dict[str, Any]) -> None:
    same(
        ground,
        world,
        {**asked, "facets": ["color", "tags", "open"]},
        {**asked, "facets": ["deep.a", "group", "n"], "limit": 0},
    )


@over("ranked")
@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_row_35_values_by_count_cut_at_the_cap(ground: Ground, world: str, asked: dict[str, Any]) -> None:
    same(ground, world, {**asked, "facets": ["color", "group", "deep.a", "n", "tags"]})


@on("two", "seven")
@pytest.mark.parametrize("condition", ["n EXISTS", "open = true", "n < 10", "id < 3000", "id < 3001"])
def test_row_36_numbers_of_few_and_of_many_candidates_have_their_own_order(ground: Ground, condition: str) -> None:
    same(ground, "numbers", {"filter": condition, "facets": ["n"], "limit": 1})


def test_row_37_counts_are_the_same_under_any_spelling(ground: Ground) -> None:
    """3B-17: of several spellings a node tells that of its oldest candidate."""
    one, many = both(ground, "spelled", {"facets": ["color", "n"], "filter": "n > 3"})
    folded = [
        {
            unicodedata.normalize("NFKD", value).strip().lower(): n
            for value, n in body["facetDistribution"]["color"].items()
        }
        for body in (one, many)
    ]
    assert folded[0] == folded[1]
    assert [len(each) for each in folded] == [len(body["facetDistribution"]["color"]) for body in (one, many)]
    assert one["facetStats"] == many["facetStats"]


@over(*EVERY)
def test_row_38_least_and_greatest(ground: Ground, world: str) -> None:
    for asked in ASKED:
        body = found(ground, world, {**asked, "facets": ["n", "mixed", "deep.b"]})
        assert "facetStats" in body


@over(*SETTINGS)
def test_row_39_all_facets_and_all_marks_leak_nothing(ground: Ground, world: str) -> None:
    spelled = ("3B-17",)  # `name` has several spellings of a value
    same(ground, world, {"facets": ["*"]}, {"q": "sun", "facets": ["*", "color"]}, but=spelled)
    same(ground, world, {"q": "sun", "attributesToHighlight": ["*"]})
    same(
        ground,
        world,
        {"q": "sun", "attributesToHighlight": ["*"], "attributesToCrop": ["*"], "showMatchesPosition": True},
    )
    answer = ground.many.ask(
        "POST", f"/indexes/{world}/search", {"facets": ["*"], "attributesToHighlight": ["*"], **WHOLE}
    )
    assert b"_miroir" not in answer.raw


@over(*EVERY)
@pytest.mark.parametrize(
    "q", ["0", "5", "11", "12", "345", "_miroir_shard", "miroir", "shard seq", "((", "2025", "(())"]
)
def test_row_40_shard_numbers_stamps_and_reserved_names_are_no_words(ground: Ground, world: str, q: str) -> None:
    same(ground, world, {"q": q, **WHOLE, "showMatchesPosition": True}, {"q": f"sun {q}", **WHOLE})
