"""Lists of documents: in the order, with the documents, the fields and the errors of one node."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import quote

import pytest

from tests.engine.judge import Judge
from tests.engine.test_writes import both
from tests.engine.worlds import FIXED
from tests.harness.client import Json

SORTS: list[list[str]] = [
    [],
    *[
        [f"{name}:{way}"]
        for name in ("n", "color", "name", "mixed", "deep.a", "group", "id")
        for way in ("asc", "desc")
    ],
    ["color:desc", "n:asc"],
    ["group:asc", "mixed:desc", "name:asc"],
    ["_geoPoint(48.85, 2.35):asc"],
    ["_geoPoint(0, 0):desc", "n:asc"],
    ["color:asc", "_geoPoint(51.5,-0.12):asc"],
]
PAGES: list[dict[str, int]] = [{}, {"offset": 7, "limit": 50}, {"offset": 230, "limit": 40}, {"limit": 0}]
FIELDS: list[Json] = [None, ["id"], ["title", "deep.b"], ["deep"], [], ["*"], ["nothing", "_geo.lat"], ["color", "n"]]
FILTERS: list[Json] = ["n > 1", ["color = red OR color = blue", ["open = true", "tags = new"]], "deep.a EXISTS", ""]
IDS: list[Json] = [[1, 2, "d-3", "4", 4, 9999], [], ["nobody"], [5], ["d-0", "d-3", "d-6"]]
WRONG: list[dict[str, Any]] = [
    {"limit": -1},
    {"offset": "1"},
    {"sort": ["n"]},
    {"sort": ["title:asc"]},
    {"sort": ["_geoPoint(100, 0):asc"]},
    {"sort": "n:asc"},
    {"ids": ["a b"]},
    {"ids": [1, {"x": 2}]},
    {"ids": [1.5]},
    {"ids": 7},
    {"fields": "id"},
    {"filter": "title = x"},
    {"filter": "n >"},
    {"filter": 5},
    {"retrieveVectors": "yes"},
    {"unknown": 1},
    {"useNetwork": True},
    {"sort": ["_miroir_seq:asc"]},
    {"filter": "_miroir_seq > 1"},
]


def listed(judge: Judge, index: str, body: Json) -> list[Json]:
    """What both list."""
    results: list[Json] = judge.equal("POST", f"/indexes/{index}/documents/fetch", body).body["results"]
    return results


@pytest.mark.parametrize("index", sorted(FIXED))
@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_lists_are_in_one_nodes_order(readable: Judge, index: str, sort: list[str]) -> None:
    for page in PAGES:
        listed(readable, index, {"sort": sort, **page} if sort else page)


@pytest.mark.parametrize("fields", FIELDS, ids=str)
def test_fields_are_what_one_node_shows(readable: Judge, fields: Json) -> None:
    for sort, page in itertools.product(([], ["n:desc"], ["deep.a:asc"]), PAGES):
        listed(readable, "narrow", {"fields": fields, "sort": sort, **page})


@pytest.mark.parametrize("condition", FILTERS, ids=str)
def test_filters_find_what_one_node_finds(readable: Judge, condition: Json) -> None:
    for sort in ([], ["n:desc", "color:asc"]):
        listed(readable, "plain", {"filter": condition, "sort": sort, "limit": 300})


@pytest.mark.parametrize("ids", IDS, ids=str)
def test_ids_are_found_wherever_they_are(readable: Judge, ids: Json) -> None:
    for more in ({}, {"sort": ["n:desc"]}, {"offset": 1, "limit": 2}, {"filter": "n > 0"}, {"fields": ["id"]}):
        listed(readable, "plain", {"ids": ids, **more})


def test_deep_pages_are_those_of_one_node(readable: Judge) -> None:
    for offset, sort in itertools.product(
        (999, 1000, 2000, 3100, 9999), ([], ["year:desc"], ["title:asc", "year:asc"])
    ):
        page = {"offset": offset, "limit": 30, "sort": sort}
        assert len(listed(readable, "movies", page)) == len(listed(readable, "movies", {**page, "fields": ["title"]}))


@pytest.mark.parametrize("body", WRONG, ids=str)
def test_what_one_node_refuses_is_refused_in_the_same_words(readable: Judge, body: dict[str, Any]) -> None:
    readable.equal("POST", "/indexes/plain/documents/fetch", body)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "offset=3&limit=4",
        "fields=id,n&sort=n:desc,color:asc",
        "fields=*,id",
        "fields=",
        "ids=1,2,d-3",
        "ids=",
        "sort=",
        "sort=_geoPoint(1,2):asc",
        f"filter={quote('n > 1 AND color = red')}",
        f"filter={quote('[[1]]')}",
        "filter=",
        "retrieveVectors=true&limit=2",
        "retrieveVectors=1",
        "limit=x",
        "offset=-1",
        "unknown=1",
        "sort=title:asc",
        "filter=_miroir_seq%20%3E%201",
    ],
)
def test_the_get_form_asks_the_same(readable: Judge, query: str) -> None:
    readable.equal("GET", f"/indexes/plain/documents?{query}")


@pytest.mark.parametrize(
    "query", ["", "?fields=title,n", "?fields=deep.a", "?fields=", "?fields=*", "?fields=x", "?a=b"]
)
@pytest.mark.parametrize("id_", ["1", "d-3", "9999", "a%20b", "é"])
def test_one_document_is_what_one_node_shows(readable: Judge, id_: str, query: str) -> None:
    readable.equal("GET", f"/indexes/narrow/documents/{quote(id_, safe='%')}{query}")


def test_lists_follow_updates_and_deletes(writable: Judge, fresh: str) -> None:
    both(writable, "POST", "/indexes", {"uid": fresh, "primaryKey": "id"})
    writable.equal("GET", f"/indexes/{fresh}/documents")
    both(writable, "PATCH", f"/indexes/{fresh}/settings", {"sortableAttributes": ["n"], "filterableAttributes": ["n"]})
    both(writable, "POST", f"/indexes/{fresh}/documents", [{"id": at, "n": at * 7 % 40} for at in range(40)])
    both(writable, "PUT", f"/indexes/{fresh}/documents", [{"id": at, "m": at} for at in range(0, 40, 5)])
    both(writable, "POST", f"/indexes/{fresh}/documents/delete-batch", list(range(0, 40, 3)))
    for sort in (["n:asc"], ["n:desc"]):
        listed(writable, fresh, {"sort": sort, "limit": 40})
    listed(writable, fresh, {"ids": list(range(40)), "filter": "n > 20", "sort": ["n:asc"]})


def test_one_document_leaves_all_shards_but_one_empty(writable: Judge, fresh: str) -> None:
    both(writable, "POST", "/indexes", {"uid": fresh, "primaryKey": "id"})
    both(writable, "PATCH", f"/indexes/{fresh}/settings", {"sortableAttributes": ["n"]})
    both(writable, "POST", f"/indexes/{fresh}/documents", [{"id": "only", "n": 1}])
    for body in (
        {},
        {"sort": ["n:asc"]},
        {"sort": ["n:desc"], "fields": ["id"]},
        {"ids": ["only"]},
        {"ids": ["other"]},
    ):
        listed(writable, fresh, body)
