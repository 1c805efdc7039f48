"""Rows 50 and 53: search among facet values, lists of documents."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.rows.asking import same
from tests.engine.rows.ground import Ground
from tests.engine.rows.tables import EVERY, TABLES
from tests.engine.rows.topologies import over


@over(*(world for world in EVERY if world != "narrow"))
@pytest.mark.parametrize("name", ["color", "group", "deep.a", "tags"])
def test_row_50_facet_values_by_name_and_by_count(ground: Ground, world: str, name: str) -> None:
    """Not where the settings name a distinct attribute: each node counts what remains of its own (3B-20)."""
    asked: list[dict[str, Any]] = [
        {},
        {"facetQuery": ""},
        {"facetQuery": "g"},
        {"facetQuery": "rad"},
        {"facetQuery": "s"},
        {"facetQuery": "wonderfull"},
        {"q": "sun"},
        {"q": "sun", "facetQuery": "b"},
        {"filter": "n > 1", "facetQuery": "g1"},
        {"q": "sun moon", "matchingStrategy": "all"},
        {"exhaustiveFacetCount": True, "facetQuery": "r"},
    ]
    same(ground, world, *({"facetName": name, **each} for each in asked), below="facet-search")


@over("plain", "ranked")
def test_row_50_facets_that_cannot_be_searched(ground: Ground, world: str) -> None:
    asked: list[dict[str, Any]] = [{"facetName": "title"}, {"facetName": "unknown"}, {}, {"facetName": 3}]
    same(
        ground,
        world,
        *asked,
        {"facetName": "color", "q": 3},
        {"facetName": "color", "unknown": 1},
        below="facet-search",
    )


@over(*(world for world in EVERY if world != "changed"))
def test_row_53_documents_by_filter_ids_order_and_fields(ground: Ground, world: str) -> None:
    asked: list[dict[str, Any]] = [
        {},
        {"limit": 200},
        {"offset": 37, "limit": 11},
        {"filter": "color = red"},
        {"filter": ["n > 1", ["open = true", "tags = new"]], "limit": 100},
        {"ids": [1, "d-3", 4, "d-6", 99999, "1"]},
        {"ids": [5, "d-9"], "filter": "n > 1"},
        {"fields": ["id", "title", "deep.a"], "limit": 50},
        {"fields": []},
        {"fields": ["nothing"]},
        {"offset": 5000},
        {"limit": 0},
    ]
    same(ground, world, *asked, below="documents/fetch")
    for query in ("", "?limit=7&offset=3", "?fields=id,title", "?filter=color%20%3D%20red", "?ids=1,4,d-3"):
        ground.equal("GET", f"/indexes/{world}/documents{query}")


@over("changed")
def test_row_53_documents_written_again_are_listed_last(ground: Ground, world: str) -> None:
    """2.8: lists are in the order of arrival; one node keeps the place of a document that it replaces."""
    path = f"/indexes/{world}/documents/fetch"
    one, many = ground.ask("POST", path, {"limit": 200})
    by_id = [{str(each["id"]): each for each in answer.body["results"]} for answer in (one, many)]
    assert by_id[0] == by_id[1]
    assert one.body["total"] == many.body["total"] == len(by_id[1])


@over(*EVERY)
def test_row_53_documents_in_an_order_of_ones_own(ground: Ground, world: str) -> None:
    for rules in (["n:asc"], ["n:desc", "color:asc"], ["name:desc"], ["deep.a:asc", "group:desc"], ["mixed:asc"]):
        tied = [*rules, "serial:asc"] if world == "changed" else rules
        same(ground, world, {"sort": tied}, {"sort": tied, "offset": 40, "limit": 40}, below="documents/fetch")
        same(ground, world, {"sort": tied, "fields": ["id"], "limit": 200}, below="documents/fetch")


def test_row_53_a_page_deep_in_a_long_list(ground: Ground) -> None:
    for window in ({"offset": 2990}, {"offset": 3095, "limit": 20}, {"offset": 1500, "limit": 7, "fields": ["n"]}):
        same(ground, "numbers", window, {**window, "sort": ["n:desc"]}, below="documents/fetch")


@over(*EVERY)
def test_row_53_one_document(ground: Ground, world: str) -> None:
    for document in TABLES[world].documents[:12]:
        ground.equal("GET", f"/indexes/{world}/documents/{document['id']}")
        ground.equal("GET", f"/indexes/{world}/documents/{document['id']}?fields=id,title,deep.a")
    ground.equal("GET", f"/indexes/{world}/documents/nobody")
