"""Unusual keys and documents: Miroir takes, refuses and keeps them as one node does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.judge import Judge
from tests.engine.test_writes import both
from tests.harness.client import JSON_TYPE, NDJSON_TYPE, Json
from tests.harness.node import is_stock


def nested(depth: int, wrap: str) -> Any:
    """A value under so many objects or lists."""
    made: Any = "sun"
    for _ in range(depth):
        made = {"a": made} if wrap == "objects" else [made]
    return made


@pytest.mark.parametrize("key", ["meta.id", "meta", "id.x"])
@pytest.mark.parametrize(
    "documents",
    [
        [{"meta": {"id": 1}, "title": "sun"}, {"meta": {"id": "2"}, "title": "moon"}],
        [{"meta.id": 3, "title": "sun"}],
        [{"meta": [{"id": 1}, {"id": 2}]}],
        [{"meta": [{"id": 1}]}],
        [{"meta": {"id": {"x": 1}}}],
        [{"id": {"x": 5}}],
        [{"meta": {"id": None}}],
    ],
    ids=str,
)
def test_a_primary_key_inside_an_object(writable: Judge, fresh: str, key: str, documents: list[Json]) -> None:
    ends = []
    for engine in (writable.one, writable.many):
        engine.do("POST", "/indexes", {"uid": fresh, "primaryKey": key})
        task = engine.finished(engine.ask("POST", f"/indexes/{fresh}/documents", documents))
        ends.append((task["status"], (task["error"] or {}).get("code"), task["details"]))
    assert ends[0] == ends[1]
    writable.equal("POST", f"/indexes/{fresh}/search", {"q": "sun"})
    writable.equal("GET", f"/indexes/{fresh}/documents")


@pytest.mark.parametrize("wrap", ["objects", "lists"])
@pytest.mark.parametrize("depth", [30, 100])
def test_deep_documents_come_back_whole(writable: Judge, fresh: str, depth: int, wrap: str) -> None:
    both(writable, "POST", "/indexes", {"uid": fresh, "primaryKey": "id"})
    both(writable, "POST", f"/indexes/{fresh}/documents", [{"id": 1, "deep": nested(depth, wrap)}, {"id": 2}])
    writable.equal("GET", f"/indexes/{fresh}/documents/1")
    writable.equal("POST", f"/indexes/{fresh}/search", {"q": "sun", "showMatchesPosition": True})


def refused(judge: Judge, path: str, content: bytes, kind: str) -> None:
    """Miroir refuses at once; a stock node may also take the payload and fail in its task."""
    one, many = (engine.ask("POST", path, content=content, content_type=kind) for engine in (judge.one, judge.many))
    assert (many.status, many.code) == (400, "malformed_payload"), many.raw[:300]
    if is_stock() and one.status == 202:
        assert judge.one.finished(one)["status"] == "failed"
    else:
        assert (one.status, one.code) == (400, "malformed_payload"), one.raw[:300]


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_documents_deeper_than_any_parser_takes_are_refused_alike(writable: Judge, fresh: str, depth: int) -> None:
    both(writable, "POST", "/indexes", {"uid": fresh, "primaryKey": "id"})
    content = b'[{"id": 1, "deep": ' + b"[" * depth + b"]" * depth + b"}]"
    path = f"/indexes/{fresh}/documents"
    refused(writable, path, content, JSON_TYPE)
    writable.equal("POST", f"/indexes/{fresh}/search", {})


@pytest.mark.parametrize("form", ['"\\ud800"', '"\\udc00x"', '{"\\ud800": 1}', '["a", "\\udbff\\u0041"]'])
@pytest.mark.parametrize("kind", ["application/json", NDJSON_TYPE])
def test_lone_surrogates_are_refused_alike(writable: Judge, fresh: str, form: str, kind: str) -> None:
    both(writable, "POST", "/indexes", {"uid": fresh, "primaryKey": "id"})
    content, path = f'{{"id": 1, "title": {form}}}'.encode(), f"/indexes/{fresh}/documents"
    refused(writable, path, content, kind)
    writable.equal("POST", f"/indexes/{fresh}/search", {})


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_of_documents_with_one_id_the_last_counts(writable: Judge, fresh: str, method: str) -> None:
    both(writable, "POST", "/indexes", {"uid": fresh, "primaryKey": "id"})
    repeated = [{"id": n % 7 if n % 2 else str(n % 7), f"f{n % 3}": n, "title": f"sun {n}"} for n in range(100)]
    both(writable, method, f"/indexes/{fresh}/documents", repeated)
    kept = [engine.get(f"/indexes/{fresh}/documents/3") for engine in (writable.one, writable.many)]
    assert kept[0] == kept[1]
    found = [engine.search(fresh, limit=100)["hits"] for engine in (writable.one, writable.many)]
    by_id = [{str(hit["id"]): hit for hit in hits} for hits in found]
    assert by_id[0] == by_id[1]
    assert len(found[1]) == 7


@pytest.mark.parametrize("id_", [0, -1, 2**63 - 1, 2**64 - 1, 2**64, 1.0, 1.5, "", "a" * 511, "a" * 512, True, "é"])
def test_unusual_ids_are_taken_or_refused_alike(writable: Judge, fresh: str, id_: Json) -> None:
    both(writable, "POST", "/indexes", {"uid": fresh, "primaryKey": "id"})
    ends = []
    for engine in (writable.one, writable.many):
        task = engine.finished(engine.ask("POST", f"/indexes/{fresh}/documents", [{"id": id_, "title": "x"}]))
        ends.append((task["status"], (task["error"] or {}).get("code")))
    assert ends[0] == ends[1]
    writable.equal("POST", f"/indexes/{fresh}/search", {})
