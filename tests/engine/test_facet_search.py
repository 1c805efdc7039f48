"""Searches among the values of a facet find what one node finds."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.engine.judge import Judge
from tests.engine.test_writes import both
from tests.engine.worlds import FIXED
from tests.harness.client import Json

FACETS = ["color", "tags", "group", "deep.a", "mixed", "open", "id"]
QUERIES: list[Json] = [None, "", "g", "gr", "red", "gren", "dark", "wonderfuly", "ét", "東", "nothing", "d-1", "G2"]
AMONG: list[dict[str, Any]] = [
    {},
    {"q": "sun"},
    {"q": "alpha gamma", "matchingStrategy": "all"},
    {"q": "moon", "attributesToSearchOn": ["title"]},
    {"filter": "n > 1"},
    {"filter": ["open = true", ["color = red", "color = blue"]]},
    {"filter": "id = 7"},
    {"q": "sun", "exhaustiveFacetCount": True},
    {"unknown": 5},
]
WRONG: list[Json] = [
    {},
    {"facetName": None},
    {"facetName": 5},
    {"facetName": "title"},
    {"facetName": "_miroir_shard"},
    {"facetName": "_miroir_seq", "facetQuery": "("},
    {"facetName": "color", "facetQuery": 5},
    {"facetName": "color", "filter": "title = x"},
    {"facetName": "color", "filter": "_miroir_seq > 1"},
    {"facetName": "color", "filter": 5},
    {"facetName": "color", "q": 5},
    {"facetName": "color", "matchingStrategy": "some"},
    {"facetName": "color", "exhaustiveFacetCount": "yes"},
    {"facetName": "color", "hybrid": {"embedder": "none"}, "q": "sun"},
    [],
]


def found(judge: Judge, index: str, body: Json) -> list[Json]:
    """What both find."""
    hits: list[Json] = judge.equal("POST", f"/indexes/{index}/facet-search", body).body["facetHits"]
    return hits


@pytest.mark.parametrize("index", sorted(set(FIXED) - {"narrow"}))  # with `distinct`, counts are estimates (3B-20)
@pytest.mark.parametrize("facet", FACETS)
def test_values_are_those_of_one_node(readable: Judge, index: str, facet: str) -> None:
    for query, more in itertools.product(QUERIES, AMONG[:1]):
        found(readable, index, {"facetName": facet, "facetQuery": query, **more})


@pytest.mark.parametrize("more", AMONG, ids=str)
def test_values_are_counted_among_the_documents_that_a_search_finds(readable: Judge, more: dict[str, Any]) -> None:
    for index, query in itertools.product(("plain", "ranked"), ("", "g", "bleu")):
        found(readable, index, {"facetName": "color", "facetQuery": query, **more})


@pytest.mark.parametrize("body", WRONG, ids=str)
@pytest.mark.parametrize("index", ["plain", "ranked"])
def test_what_one_node_refuses_is_refused_in_the_same_words(readable: Judge, body: Json, index: str) -> None:
    readable.equal("POST", f"/indexes/{index}/facet-search", body)


def test_movies_by_director(readable: Judge) -> None:
    for query in ("steven", "stevn spielbrg", "James C", "a", ""):
        found(readable, "movies", {"facetName": "director", "facetQuery": query, "q": "the"})


@pytest.mark.parametrize("order", ["alpha", "count"])
@pytest.mark.parametrize("cap", [1, 7, 100])
def test_order_and_cap_are_the_clients(writable: Judge, fresh: str, order: str, cap: int) -> None:
    both(writable, "POST", "/indexes", {"uid": fresh, "primaryKey": "id"})
    faceting = {"maxValuesPerFacet": cap, "sortFacetValuesBy": {"*": "alpha", "v": order}}
    both(writable, "PATCH", f"/indexes/{fresh}/settings", {"filterableAttributes": ["v"], "faceting": faceting})
    documents = [{"id": at, "v": f"value {at * at % 23:02}"} for at in range(200)]
    both(writable, "POST", f"/indexes/{fresh}/documents", documents)
    both(writable, "POST", f"/indexes/{fresh}/documents/delete-batch", list(range(0, 200, 7)))
    for query in (None, "", "val", "value 1"):
        found(writable, fresh, {"facetName": "v", "facetQuery": query})


def test_a_setting_switches_it_off(writable: Judge, fresh: str) -> None:
    both(writable, "POST", "/indexes", {"uid": fresh, "primaryKey": "id"})
    both(writable, "PATCH", f"/indexes/{fresh}/settings", {"filterableAttributes": ["v"], "facetSearch": False})
    writable.equal("POST", f"/indexes/{fresh}/facet-search", {"facetName": "v"})
