"""Health, version, statistics of the node, and what the router answers by itself."""

from __future__ import annotations

import httpx
import pytest

from tests.harness.client import Engine
from tests.node.shapes import TIME, assert_error

PROTECTED = [
    ("GET", "/version"),
    ("GET", "/stats"),
    ("GET", "/indexes"),
    ("GET", "/tasks"),
    ("GET", "/keys"),
    ("GET", "/indexes/nothing/documents"),
    ("POST", "/indexes/nothing/search"),
    ("PATCH", "/indexes/nothing/settings"),
]


def test_health_needs_no_key_and_says_available(engine: Engine) -> None:
    answer = engine.with_key(None).ask("GET", "/health")
    assert (answer.status, answer.body) == (200, {"status": "available"})


def test_version_names_commit_and_package(engine: Engine) -> None:
    version = engine.get("/version")
    assert list(version) == ["commitSha", "commitDate", "pkgVersion"]
    assert all(isinstance(value, str) and value for value in version.values())


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_without_a_key_every_route_asks_for_one(engine: Engine, method: str, path: str) -> None:
    message = assert_error(engine.with_key(None).ask(method, path, {}), 401, "missing_authorization_header")
    assert message == "The Authorization header is missing. It must use the bearer authorization method."


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_a_wrong_key_is_refused_whether_or_not_the_index_exists(engine: Engine, method: str, path: str) -> None:
    message = assert_error(engine.with_key("wrong").ask(method, path, {}), 403, "invalid_api_key")
    assert message == "The provided API key is invalid."


def test_the_scheme_is_matched_case_sensitively(engine: Engine) -> None:
    answer = engine.with_key(None).ask("GET", "/version", headers={"Authorization": f"bearer {engine.key}"})
    assert_error(answer, 401, "missing_authorization_header")


def test_unknown_paths_answer_404_with_an_empty_body(engine: Engine) -> None:
    for path in ("/nothing", "/indexes/a/nothing", "/indexes/a/documents/b/c"):
        answer = engine.ask("GET", path)
        assert (answer.status, answer.raw) == (404, b""), path


def test_a_wrong_method_answers_405_with_an_empty_body(engine: Engine) -> None:
    for method, path in (("DELETE", "/health"), ("PUT", "/indexes"), ("POST", "/version"), ("PATCH", "/tasks")):
        answer = engine.ask(method, path)
        assert (answer.status, answer.raw) == (405, b""), (method, path)


def test_a_trailing_slash_is_trimmed(engine: Engine, index: str) -> None:
    assert engine.get("/version/") == engine.get("/version")
    assert engine.get(f"/indexes/{index}/") == engine.get(f"/indexes/{index}")


def test_stats_cover_all_indexes(engine: Engine, index: str) -> None:
    engine.add(index, [{"id": 1, "name": "a"}, {"id": 2, "name": "b", "age": 3}])
    stats = engine.get("/stats")
    assert list(stats) == ["databaseSize", "usedDatabaseSize", "lastUpdate", "indexes"]
    assert 0 < stats["usedDatabaseSize"] <= stats["databaseSize"]
    assert TIME.match(stats["lastUpdate"])
    mine = stats["indexes"][index]
    assert mine["numberOfDocuments"] == 2
    assert mine["isIndexing"] is False
    assert mine["fieldDistribution"] == {"age": 1, "id": 2, "name": 2}


def test_stats_of_one_index_equal_its_entry_in_the_whole(engine: Engine, index: str) -> None:
    engine.add(index, [{"id": 1, "name": "a"}])
    alone = engine.get(f"/indexes/{index}/stats")
    assert alone == engine.get("/stats")["indexes"][index]
    assert list(alone)[:4] == ["numberOfDocuments", "rawDocumentDbSize", "avgDocumentSize", "isIndexing"]
    assert alone["rawDocumentDbSize"] > 0
    assert alone["avgDocumentSize"] > 0


def test_stats_of_a_missing_index_are_not_found(engine: Engine) -> None:
    assert assert_error(engine.ask("GET", "/indexes/missing/stats"), 404, "index_not_found") == (
        "Index `missing` not found."
    )


def test_answers_say_that_they_are_json(engine: Engine) -> None:
    assert engine.ask("GET", "/health").headers["content-type"] == "application/json"


def test_pipelined_connections_survive_errors(engine: Engine) -> None:
    with httpx.Client(base_url=engine.url, trust_env=False) as http:
        for _ in range(3):
            assert http.get("/indexes", headers={"Authorization": "Bearer x"}).status_code == 403
            assert http.get("/health").status_code == 200
