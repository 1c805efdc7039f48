"""Rows 41 to 43 and 60: how hits are shown."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.rows.asking import SHOWN, WHOLE, found, same
from tests.engine.rows.ground import Ground
from tests.engine.rows.tables import EVERY
from tests.engine.rows.topologies import over

FORMS: list[dict[str, Any]] = [
    {"attributesToHighlight": ["title", "body"]},
    {"attributesToHighlight": ["*"], "highlightPreTag": "<<", "highlightPostTag": ">>"},
    {"attributesToCrop": ["body:2", "title"], "cropLength": 3, "cropMarker": "[...]"},
    {"attributesToCrop": ["*"], "cropLength": 0},
    {"attributesToHighlight": ["deep.a", "tags"], "attributesToCrop": ["deep"], "attributesToRetrieve": ["title"]},
    {"showMatchesPosition": True},
    {"showMatchesPosition": True, "attributesToHighlight": ["n", "open"], "attributesToRetrieve": ["id"]},
]
LISTS = [
    ["id"],
    ["title"],
    ["deep.a"],
    ["deep"],
    ["deep.b", "deep"],
    ["tags", "tags"],
    ["nothing"],
    [],
    ["*"],
    ["*", "id"],
]


@over(*EVERY)
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_row_41_marks_cuts_and_positions(ground: Ground, world: str, form: dict[str, Any]) -> None:
    """3A-8 may lengthen the mark of a prefix with a typo; none of these last words is both."""
    for words in ("sun moon", "wondirful star", '"sun moon"', "über 東京", "sun -star"):
        same(ground, world, {"q": words, "limit": 60, **form})


@over(*EVERY)
@pytest.mark.parametrize("names", LISTS, ids=str)
def test_row_42_attributes_nested_hidden_and_without_the_primary_key(
    ground: Ground, world: str, names: list[str]
) -> None:
    query = {"q": "sun", "attributesToRetrieve": names, "limit": 60}
    same(ground, world, query, {**query, "distinct": "group"}, {**query, "sort": ["n:asc", "name:asc"]})


@over(*EVERY)
@pytest.mark.parametrize("score", [True, False])
@pytest.mark.parametrize("details", [True, False])
def test_row_43_scores_and_details_on_and_off(ground: Ground, world: str, score: bool, details: bool) -> None:
    flags = {"showRankingScore": score, "showRankingScoreDetails": details}
    for words in ("", "sun", "sun omega", "wondirful"):
        body = found(ground, world, {"q": words, **flags, **WHOLE})
        assert all(("_rankingScore" in hit) == score for hit in body["hits"])
        assert all(("_rankingScoreDetails" in hit) == details for hit in body["hits"])
    same(ground, world, {"q": "sun", "sort": ["group:asc", "n:desc"], **SHOWN})


def test_row_60_broken_and_large_numbers_pass_as_they_were_written(ground: Ground) -> None:
    same(ground, "odd", WHOLE, {"q": "sun", "attributesToRetrieve": ["value", "deep"], **WHOLE})
    same(ground, "odd", {**WHOLE, "attributesToHighlight": ["*"]})
    ground.equal("GET", "/indexes/odd/documents?limit=100")
