"""Rows 29 to 33: filters, distinct, thresholds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.queries import MADE
from tests.engine.rows.asking import SHOWN, WHOLE, both, found, ids, same
from tests.engine.rows.ground import Ground
from tests.engine.rows.tables import EVERY, TABLES
from tests.engine.rows.topologies import over

GROUP = {str(each["id"]): each.get("group") for each in TABLES["grouped"].documents}
UNIQUE = {"sort": ["serial:asc"], "distinct": "group"}


@over(*EVERY)
def test_row_29_filters_of_every_kind(ground: Ground, world: str) -> None:
    for condition in MADE.conditions:
        same(ground, world, {"filter": condition, **WHOLE})
    several: list[Any] = [["n > 1", ["color = red", "color = blue"]], [["n > 3", "open = true"], "tags = new"], []]
    same(ground, world, *({"q": "sun", "filter": each, **WHOLE, "facets": ["color"]} for each in several))
    same(ground, world, {"filter": "title CONTAINS sun"}, {"filter": "unknown = 1"}, {"filter": "n = "})


def test_row_30_of_duplicates_on_several_shards_the_best_remains(ground: Ground) -> None:
    """Totals are estimates on one node too (3B-10): between what remains and what there is."""
    for query in (UNIQUE, {**UNIQUE, "q": "sun"}, {**UNIQUE, "sort": ["serial:desc"], "limit": 40}):
        one, many = both(ground, "grouped", {**query, "limit": 200})
        assert one["hits"] == many["hits"]
        assert len(many["hits"]) <= many["estimatedTotalHits"] <= 240


@pytest.mark.parametrize("q", ["", "sun", "sun moon"])
def test_row_31_pages_count_every_value_once(ground: Ground, q: str) -> None:
    for page in (1, 2, 5, 100):
        same(ground, "grouped", {"q": q, **UNIQUE, "page": page, "hitsPerPage": 6})
    body = found(ground, "grouped", {**UNIQUE, "page": 1, "hitsPerPage": 100})
    assert body["totalHits"] == len({value for value in GROUP.values() if value}) + sum(not v for v in GROUP.values())


def test_row_32_documents_without_a_value_all_remain(ground: Ground) -> None:
    one, many = both(ground, "grouped", {**UNIQUE, "filter": "group NOT EXISTS", "limit": 100})
    assert ids(one) == ids(many)
    assert len(ids(many)) == sum(not value for value in GROUP.values())


def test_row_32_of_lists_no_value_is_shown_twice(ground: Ground) -> None:
    """3B-12: a node may drop a document for a neighbour that loses against one of another node: few are lost."""
    one, many = both(ground, "grouped", {"sort": ["serial:asc"], "distinct": "kinds", **WHOLE})
    for body in (one, many):
        values = [value for hit in body["hits"] for value in hit["kinds"]]
        assert len(values) == len(set(values))
    assert ids(many)[0] == ids(one)[0]
    assert len(ids(many)) >= len(ids(one)) - 1


@over(*EVERY)
@pytest.mark.parametrize("threshold", [0.3, 0.9])
def test_row_33_a_threshold_keeps_the_same_hits(ground: Ground, world: str, threshold: float) -> None:
    """In page mode totals are equal; else they are estimates on one node too (3B-13), bounded by hits and by all."""
    for words in ("sun moon", "wondirful star", "alpha"):
        query = {"q": words, "rankingScoreThreshold": threshold, **SHOWN}
        if world != "narrow":  # a distinct attribute makes estimates of these totals too
            same(ground, world, {**query, "page": 1, "hitsPerPage": 9}, {**query, "page": 2, "hitsPerPage": 9})
        one, many = both(ground, world, {**query, **WHOLE})
        most = ground.one.search(world, q=words, limit=0)["estimatedTotalHits"]
        assert one["hits"] == many["hits"]
        assert len(many["hits"]) <= many["estimatedTotalHits"] <= max(most, 240)
