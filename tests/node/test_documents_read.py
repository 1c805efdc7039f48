"""Getting, listing and fetching documents."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import Engine
from tests.node.shapes import assert_error

DOCUMENTS = [
    {"id": 3, "color": "red", "size": 10, "deep": {"a": 1, "b": 2}},
    {"id": 1, "color": "blue", "size": 7},
    {"id": "x", "color": "green", "size": 10, "deep": {"a": 5}},
    {"id": 20, "color": "blue"},
]
SETTINGS = {
    "filterableAttributes": ["color", "size", "id"],
    "sortableAttributes": ["size", "color"],
    "displayedAttributes": ["id"],
}


@pytest.fixture(scope="module")
def colors(engine: Engine) -> str:
    """An index with documents that nobody changes; displayedAttributes must not matter here."""
    engine.create("colors", "id", SETTINGS)
    engine.add("colors", DOCUMENTS)
    return "colors"


def ids(page: Any) -> list[Any]:
    return [document["id"] for document in page["results"]]


def fetch(engine: Engine, index: str, **body: Any) -> Any:
    answer = engine.ask("POST", f"/indexes/{index}/documents/fetch", body)
    assert answer.status == 200, answer.raw
    return answer.body


def test_one_document_is_found_by_its_id(engine: Engine, colors: str) -> None:
    assert engine.get(f"/indexes/{colors}/documents/3") == DOCUMENTS[0]
    assert engine.get(f"/indexes/{colors}/documents/x") == DOCUMENTS[2]


def test_fields_choose_what_is_shown_of_it(engine: Engine, colors: str) -> None:
    assert engine.get(f"/indexes/{colors}/documents/3?fields=color,deep.a") == {"color": "red", "deep": {"a": 1}}
    assert engine.get(f"/indexes/{colors}/documents/3?fields=*") == DOCUMENTS[0]


def test_a_missing_document_is_not_found(engine: Engine, colors: str) -> None:
    message = assert_error(engine.ask("GET", f"/indexes/{colors}/documents/77"), 404, "document_not_found")
    assert message == "Document `77` not found."
    assert_error(engine.ask("GET", "/indexes/missing/documents/1"), 404, "index_not_found")


def test_the_list_has_all_fields_in_order_of_arrival(engine: Engine, colors: str) -> None:
    page = engine.get(f"/indexes/{colors}/documents")
    assert page == {"results": DOCUMENTS, "offset": 0, "limit": 20, "total": 4}
    assert list(page) == ["results", "offset", "limit", "total"]
    assert fetch(engine, colors) == page


def test_the_list_is_paged_without_changing_the_total(engine: Engine, colors: str) -> None:
    page = engine.get(f"/indexes/{colors}/documents?offset=1&limit=2&fields=id")
    assert page == {"results": [{"id": 1}, {"id": "x"}], "offset": 1, "limit": 2, "total": 4}
    assert fetch(engine, colors, offset=1, limit=2, fields=["id"]) == page
    assert fetch(engine, colors, offset=9)["results"] == []
    assert fetch(engine, colors, limit=0) == {"results": [], "offset": 0, "limit": 0, "total": 4}


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ("color = blue", [1, 20]),
        ("size > 7", [3, "x"]),
        ("size NOT EXISTS", [20]),
        (["color = blue", "size = 7"], [1]),
        ([["color = red", "color = green"]], [3, "x"]),
        ("id IN [3, x]", [3, "x"]),
    ],
)
def test_filters_select_and_count(engine: Engine, colors: str, filter_: Any, expected: list[Any]) -> None:
    page = fetch(engine, colors, filter=filter_)
    assert (ids(page), page["total"]) == (expected, len(expected))


def test_the_get_form_takes_a_filter_as_text_or_json(engine: Engine, colors: str) -> None:
    assert ids(engine.get(f"/indexes/{colors}/documents?filter=color%20%3D%20blue")) == [1, 20]
    listed = "%5B%22color%20%3D%20blue%22%2C%22size%20%3D%207%22%5D"
    assert ids(engine.get(f"/indexes/{colors}/documents?filter={listed}")) == [1]


def test_ids_select_and_missing_ones_are_skipped(engine: Engine, colors: str) -> None:
    page = fetch(engine, colors, ids=["x", 3, "3", "nothing"])
    assert (ids(page), page["total"]) == ([3, "x"], 2)
    assert engine.get(f"/indexes/{colors}/documents?ids=x,3,77") == page
    assert ids(fetch(engine, colors, ids=["x", 3], filter="color = red")) == [3]


def test_sorting_orders_the_list(engine: Engine, colors: str) -> None:
    assert ids(fetch(engine, colors, sort=["size:asc"]))[:3] == [1, 3, "x"]
    assert ids(fetch(engine, colors, sort=["color:desc", "size:desc"])) == [3, "x", 1, 20]
    assert ids(engine.get(f"/indexes/{colors}/documents?sort=color:asc,size:asc&limit=2&offset=1")) == [20, "x"]


def test_a_cursor_over_text_order_walks_everything(engine: Engine, index: str) -> None:
    settings = {"filterableAttributes": ["seq", "shard"], "sortableAttributes": ["seq"]}
    engine.do("PATCH", f"/indexes/{index}/settings", settings)
    codes = ["!!", "!(", "(!", "((", ")!", "*[", "]!"]
    engine.add(index, [{"id": n, "seq": code, "shard": "!)"} for n, code in enumerate(reversed(codes))])
    seen, last = [], None
    while True:
        condition = "shard = '!)'" if last is None else f"seq > '{last}' AND shard = '!)'"
        page = fetch(engine, index, filter=condition, sort=["seq:asc"], limit=2)
        if not page["results"]:
            break
        seen += [document["seq"] for document in page["results"]]
        last = seen[-1]
    assert seen == codes


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"offset": -1}, "invalid_document_offset"),
        ({"limit": "a"}, "invalid_document_limit"),
        ({"fields": "id"}, "invalid_document_fields"),
        ({"filter": "color = "}, "invalid_document_filter"),
        ({"filter": 3}, "invalid_document_filter"),
        ({"filter": "nothing = 1"}, "invalid_document_filter"),
        ({"ids": 3}, "invalid_document_ids"),
        ({"ids": [{"a": 1}]}, "invalid_document_ids"),
        ({"sort": ["deep:asc"]}, "invalid_document_sort"),
        ({"sort": ["size"]}, "invalid_document_sort"),
        ({"retrieveVectors": 1}, "invalid_document_retrieve_vectors"),
        ({"size": 1}, "bad_request"),
    ],
)
def test_bad_parameters_are_refused(engine: Engine, colors: str, body: dict[str, Any], code: str) -> None:
    assert_error(engine.ask("POST", f"/indexes/{colors}/documents/fetch", body), 400, code)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("offset=-1", "invalid_document_offset"),
        ("limit=a", "invalid_document_limit"),
        ("filter=color%20%3D", "invalid_document_filter"),
        ("retrieveVectors=1", "invalid_document_retrieve_vectors"),
        ("size=1", "bad_request"),
    ],
)
def test_bad_parameters_of_the_get_form_are_refused(engine: Engine, colors: str, query: str, code: str) -> None:
    assert_error(engine.ask("GET", f"/indexes/{colors}/documents?{query}"), 400, code)


def test_lists_of_missing_indexes_are_not_found(engine: Engine) -> None:
    assert_error(engine.ask("GET", "/indexes/missing/documents"), 404, "index_not_found")
    assert_error(engine.ask("POST", "/indexes/missing/documents/fetch", {}), 404, "index_not_found")
