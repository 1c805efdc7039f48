"""Writes through Miroir leave what the same writes leave on one node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.judge import Judge
from tests.engine.loading import load_both
from tests.engine.worlds import BASE, FILTERABLE, FIXED
from tests.harness.client import NDJSON_TYPE, Engine, Json

QUERIES: list[dict[str, Any]] = [
    {"limit": 300, "sort": ["id:asc"]},
    {"q": "sun moon", "limit": 300, "sort": ["id:asc"], "showRankingScore": True},
    {"q": "gamma", "filter": "n > 0", "sort": ["n:asc", "id:desc"], "facets": ["*"]},
    {"facets": ["color", "tags", "n"], "limit": 0},
    {"q": "betta", "page": 2, "hitsPerPage": 5, "sort": ["id:asc"]},
]
"""Sorted to the last: a replaced document moves to the end of its ties, the one known difference (exact-merge 2.8)."""


def both(judge: Judge, method: str, path: str, body: Json = None, status: str = "succeeded") -> Json:
    """The same write on both sides; both tasks must end in `status` with the same details and error code."""
    tasks = [engine.finished(engine.ask(method, path, body)) for engine in (judge.one, judge.many)]
    for task in tasks:
        assert task["status"] == status, task
    left, right = tasks
    assert (left["type"], left["indexUid"], left["details"]) == (right["type"], right["indexUid"], right["details"])
    assert (left["error"] or {}).get("code") == (right["error"] or {}).get("code")
    return right


def assert_same(judge: Judge, index: str) -> None:
    """Searches, documents and what is told of the index are the same."""
    for query in QUERIES:
        judge.search(index, query, "after writes")
    path = f"/indexes/{index}"
    left, right = (everything(engine, path) for engine in (judge.one, judge.many))
    assert left == right
    stats = [engine.get(f"{path}/stats") for engine in (judge.one, judge.many)]
    assert stats[0]["numberOfDocuments"] == stats[1]["numberOfDocuments"]
    assert stats[0]["fieldDistribution"] == stats[1]["fieldDistribution"]
    assert judge.one.get(f"{path}/settings") == judge.many.get(f"{path}/settings")
    assert judge.one.get(path)["primaryKey"] == judge.many.get(path)["primaryKey"]


def everything(engine: Engine, path: str) -> dict[str, Any]:
    """All hits of an empty search, by id."""
    hits = engine.ask("POST", f"{path}/search", {"limit": 1000}).body["hits"]
    return {str(hit["id"]): hit for hit in hits}


@pytest.fixture
def filled(writable: Judge, fresh: str) -> str:
    """An index with a made world on both sides."""
    load_both((writable.one, writable.many), fresh, FIXED["plain"].documents[:120], BASE)
    return fresh


Step = tuple[str, str, Json]
STEPS: dict[str, list[Step]] = {
    "replacing": [("POST", "documents", [{"id": 1, "title": "sun sun"}, {"id": "d-3", "n": 77}])],
    "merging": [("PUT", "documents", [{"id": 1, "n": 5}, {"id": "d-3", "deep": {"z": 1}}, {"id": "new", "n": 1}])],
    "replacing one twice": [("POST", "documents", [{"id": 1, "n": 1}, {"id": 1, "n": 2}, {"id": "1", "n": 3}])],
    "merging one twice": [("PUT", "documents", [{"id": 1, "a": 1}, {"id": 1, "b": 2}])],
    "one object": [("POST", "documents", {"id": 9000, "title": "star"})],
    "an empty array": [("POST", "documents", [])],
    "deleting one": [("DELETE", "documents/1", None), ("DELETE", "documents/absent", None)],
    "deleting a batch": [("POST", "documents/delete-batch", [1, "2", "d-3", "absent", 4])],
    "an empty batch": [("POST", "documents/delete-batch", [])],
    "deleting by filter": [("POST", "documents/delete", {"filter": "n > 1 OR color = red"})],
    "deleting by array filter": [("POST", "documents/delete", {"filter": ["open = true", ["n > 1", "tags = new"]]})],
    "deleting all": [("DELETE", "documents", None)],
    "all, then some": [("DELETE", "documents", None), ("POST", "documents", [{"id": 1, "title": "sun"}])],
    "settings": [("PATCH", "settings", {"stopWords": ["sun"], "rankingRules": ["words", "n:desc", "sort"]})],
    "searchable attributes": [("PUT", "settings/searchable-attributes", ["body", "title"])],
    "hidden attributes": [("PUT", "settings/displayed-attributes", ["id", "title"])],
    "facet limits": [("PATCH", "settings/faceting", {"maxValuesPerFacet": 2, "sortFacetValuesBy": {"*": "count"}})],
    "resetting one": [("PATCH", "settings", {"stopWords": ["sun"]}), ("DELETE", "settings/stop-words", None)],
    "typo settings": [("PATCH", "settings/typo-tolerance", {"enabled": False})],
    "max hits": [("PATCH", "settings/pagination", {"maxTotalHits": 10})],
    "deleting and making anew": [
        ("DELETE", "", None),
        ("PATCH", "settings", BASE),
        ("POST", "documents", [{"id": 5, "title": "moon"}]),
    ],
}


@pytest.mark.parametrize("name", STEPS)
def test_after(writable: Judge, filled: str, name: str) -> None:
    for method, path, body in STEPS[name]:
        both(writable, method, f"/indexes/{filled}/{path}".rstrip("/"), body)
    assert_same(writable, filled)


FAILING: dict[str, tuple[str, str, Json]] = {
    "a bad id": ("POST", "documents", [{"id": 9001}, {"id": "a b"}]),
    "a missing id": ("POST", "documents", [{"id": 9001}, {"title": "x"}]),
    "another primary key": ("POST", "documents?primaryKey=title", [{"id": 9001, "title": "x"}]),
    "an unfilterable attribute": ("POST", "documents/delete", {"filter": "title = x"}),
    "an index that exists": ("POST", "", None),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_failing_task_fails_alike_and_changes_nothing(writable: Judge, filled: str, name: str) -> None:
    method, path, body = FAILING[name]
    target = f"/indexes/{filled}/{path}" if path else "/indexes"
    both(writable, method, target, body or {"uid": filled}, status="failed")
    assert_same(writable, filled)


def test_a_document_with_two_ids_fails_alike_and_changes_nothing(writable: Judge, filled: str) -> None:
    path, lines = f"/indexes/{filled}/documents", b'{"id": 9001}\n{"id": 9002, "id": 9002}'
    for engine in (writable.one, writable.many):
        task = engine.finished(engine.ask("POST", path, content=lines, content_type=NDJSON_TYPE))
        assert (task["status"], task["error"]["code"]) == ("failed", "invalid_document_id")
    assert_same(writable, filled)


@pytest.mark.parametrize("value", [b'["\\ud800"]', b'{"\\ud800":1}', b"[-1e999]", b"[" * 127 + b"]" * 127])
def test_what_a_node_cannot_read_is_refused_whole(writable: Judge, filled: str, value: bytes) -> None:
    lines = b"\n".join(b'{"id":%d}' % number for number in range(9001, 9020)) + b'\n{"id":1,"a":' + value + b"}"
    path = f"/indexes/{filled}/documents"
    answer = writable.many.ask("POST", path, content=lines, content_type=NDJSON_TYPE)
    assert (answer.status, answer.code) == (400, "malformed_payload")
    assert_same(writable, filled)


REFUSED: dict[str, tuple[str, str, Json]] = {
    "an unknown setting": ("PATCH", "settings", {"stopWord": []}),
    "a bad setting": ("PATCH", "settings", {"rankingRules": ["nonsense"]}),
    "a bad sub-setting": ("PUT", "settings/stop-words", "x"),
    "no filter": ("POST", "documents/delete", {}),
    "an empty filter": ("POST", "documents/delete", {"filter": ""}),
    "a broken filter": ("POST", "documents/delete", {"filter": "n >"}),
    "no array": ("POST", "documents/delete-batch", {"a": 1}),
    "an unknown parameter": ("POST", "documents?unknown=1", [{"id": 1}]),
    "a text": ("POST", "documents", "text"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_one_node_refuses_at_once_is_refused_alike(writable: Judge, filled: str, name: str) -> None:
    method, path, body = REFUSED[name]
    left, right = writable.ask(method, f"/indexes/{filled}/{path}", body)
    assert (left.status, left.code, right.status, right.code) == (400, left.code, 400, left.code), right.raw
    assert_same(writable, filled)


def test_a_primary_key_is_inferred_alike(writable: Judge, fresh: str) -> None:
    both(writable, "POST", f"/indexes/{fresh}/documents", [{"name": "x", "film_ID": 7}, {"film_ID": "8"}])
    for engine in (writable.one, writable.many):
        assert engine.get(f"/indexes/{fresh}")["primaryKey"] == "film_ID"


@pytest.mark.parametrize("document", [{"name": 1}, {"a_id": 1, "b_id": 2}])
def test_a_primary_key_that_cannot_be_inferred_fails_alike(writable: Judge, fresh: str, document: Json) -> None:
    both(writable, "POST", "/indexes", {"uid": fresh})
    both(writable, "POST", f"/indexes/{fresh}/documents", [document], status="failed")


def test_reserved_fields_are_refused_and_nothing_is_applied(writable: Judge, filled: str) -> None:
    body = [{"id": 9001}, {"id": 9002, "_miroir_shard": "x"}]
    answer = writable.many.ask("POST", f"/indexes/{filled}/documents", body)
    assert (answer.status, answer.code) == (400, "miroir_reserved_field")
    assert_same(writable, filled)


def test_physical_names_and_reserved_fields_never_show(writable: Judge, filled: str) -> None:
    engine, path = writable.many, f"/indexes/{filled}"
    asked: list[Callable[[], Any]] = [
        lambda: engine.get("/indexes?limit=1000"),
        lambda: engine.get(path),
        lambda: engine.get(f"{path}/stats"),
        lambda: engine.get("/stats"),
        lambda: engine.get(f"{path}/settings"),
        lambda: engine.get(f"{path}/settings/filterable-attributes"),
        lambda: engine.get(f"{path}/settings/ranking-rules"),
        lambda: engine.get("/tasks?limit=1000"),
        lambda: engine.search(filled, facets=FILTERABLE, attributesToHighlight=["*"], showRankingScoreDetails=True),
        lambda: engine.ask("POST", f"{path}/search", {"filter": "nothing = 1"}).body,
        lambda: engine.ask("POST", f"{path}/search", {"sort": ["nothing:asc"]}).body,
        lambda: engine.ask("POST", f"{path}/search", {"facets": ["nothing"]}).body,
    ]
    for ask in asked:
        told = str(ask())
        assert "_miroir_" not in told, told[:500]
        assert f"{filled}-i" not in told, told[:500]
