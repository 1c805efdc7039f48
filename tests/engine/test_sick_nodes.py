"""A node that refuses Miroir's key, answers garbage or has lost an index: its replicas answer, else a clear error.

Health never takes the sick node out here, so that every question may meet it.
"""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.loading import load
from tests.engine.test_faults import DOCUMENTS, SETTINGS, Garbage
from tests.harness.client import Answer, Engine, Json
from tests.harness.cluster import Cluster, start
from tests.harness.node import Node

HEALTH = {"interval_ms": 60_000, "timeout_ms": 1000, "unhealthy_threshold": 20, "recovery_threshold": 1}
ROUNDS = 6  # replicas are asked in turn
CATCHING = {"X-Miroir-Unavailable-Shards": "error"}


@contextlib.contextmanager
def another_key(node: Node) -> Iterator[None]:
    node.kill()
    node.key = "another-key-of-tests-only"
    node.start_again()
    yield


@contextlib.contextmanager
def garbage(node: Node) -> Iterator[None]:
    node.kill()
    with http.server.ThreadingHTTPServer(("127.0.0.1", node.port), Garbage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


@contextlib.contextmanager
def index_lost(node: Node) -> Iterator[None]:
    for index in node.engine.get("/indexes?limit=100")["results"]:
        if index["uid"].startswith("kept-"):
            node.engine.do("DELETE", f"/indexes/{index['uid']}")
    yield


SICKNESS: dict[str, Callable[[Node], contextlib.AbstractContextManager[None]]] = {
    "another key": another_key,
    "garbage": garbage,
    "index lost": index_lost,
}


@contextlib.contextmanager
def fallen_ill(folder: Path, sickness: str, copies: int) -> Iterator[Cluster]:
    """Three nodes with documents, of which the first is sick from now on."""
    formed = start(f"sick-rf{copies}", folder, copies=copies, more={"health": HEALTH})
    try:
        load(formed.engine, "kept", DOCUMENTS, SETTINGS)
        with SICKNESS[sickness](formed.nodes[0]):
            yield formed
    finally:
        formed.close()


@pytest.fixture(scope="module", params=sorted(SICKNESS))
def doubled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Two copies of each shard: the other nodes have everything."""
    with fallen_ill(tmp_path_factory.mktemp("sick"), request.param, 2) as formed:
        yield formed.engine


@pytest.fixture(scope="module", params=sorted(SICKNESS))
def alone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One copy of each shard: what the sick node has, nobody else has."""
    with fallen_ill(tmp_path_factory.mktemp("sick"), request.param, 1) as formed:
        yield formed


def right(answer: Answer) -> Json:
    assert answer.status == 200, (answer.status, answer.raw[:300])
    assert "x-miroir-degraded" not in answer.headers
    return answer.body


def test_searches_are_answered_by_the_other_replicas(doubled: Engine) -> None:
    for _ in range(ROUNDS):
        found = right(doubled.ask("POST", "/indexes/kept/search", {"limit": 1000}))
        assert found["hits"] == DOCUMENTS
        assert found["estimatedTotalHits"] == len(DOCUMENTS)


def test_documents_are_listed_by_the_other_replicas(doubled: Engine) -> None:
    for _ in range(ROUNDS):
        for method, path, body in (
            ("GET", "/indexes/kept/documents?limit=1000", None),
            ("POST", "/indexes/kept/documents/fetch", {"limit": 1000}),
        ):
            listed = right(doubled.ask(method, path, body))
            assert sorted(listed["results"], key=lambda each: int(each["id"])) == DOCUMENTS
            assert listed["total"] == len(DOCUMENTS)


def test_each_document_is_found_at_the_other_replicas(doubled: Engine) -> None:
    for document in DOCUMENTS[:60]:
        assert right(doubled.ask("GET", f"/indexes/kept/documents/{document['id']}")) == document
    absent = doubled.ask("GET", "/indexes/kept/documents/100000")
    assert (absent.status, absent.code) == (404, "document_not_found")


def test_statistics_are_those_of_the_other_replicas(doubled: Engine) -> None:
    for _ in range(ROUNDS):
        told = right(doubled.ask("GET", "/indexes/kept/stats"))
        assert told["numberOfDocuments"] == len(DOCUMENTS)
        assert told["fieldDistribution"] == dict.fromkeys(("id", "n", "title"), len(DOCUMENTS))
        assert right(doubled.ask("GET", "/stats"))["indexes"]["kept"]["numberOfDocuments"] == len(DOCUMENTS)


@pytest.mark.parametrize("path", ["/tasks", "/tasks/0", "/indexes", "/indexes/kept", "/indexes/kept/settings"])
def test_what_miroir_knows_itself_needs_no_sick_node(alone: Cluster, path: str) -> None:
    right(alone.engine.ask("GET", path))


def test_at_one_copy_a_search_is_marked_or_an_error_by_the_clients_choice(alone: Cluster) -> None:
    marked = alone.engine.ask("POST", "/indexes/kept/search", {"limit": 1000})
    assert marked.status == 200, marked.raw[:300]
    assert "shards=" in marked.headers["x-miroir-degraded"]
    found = [hit["id"] for hit in marked.body["hits"]]
    assert 0 < len(found) < len(DOCUMENTS)
    assert found == sorted(found)
    assert_unavailable(alone, alone.engine.ask("POST", "/indexes/kept/search", {}, headers=CATCHING))


def test_at_one_copy_documents_are_listed_whole_or_not_at_all(alone: Cluster) -> None:
    assert_unavailable(alone, alone.engine.ask("GET", "/indexes/kept/documents?limit=1000"))
    assert_unavailable(alone, alone.engine.ask("POST", "/indexes/kept/documents/fetch", {"limit": 1000}))


def test_at_one_copy_a_document_is_right_or_unavailable_never_missing(alone: Cluster) -> None:
    unavailable = 0
    for document in DOCUMENTS[:60]:
        answer = alone.engine.ask("GET", f"/indexes/kept/documents/{document['id']}")
        if answer.status == 200:
            assert answer.body == document
        else:
            assert_unavailable(alone, answer)
            unavailable += 1
    assert 0 < unavailable < 60


def test_at_one_copy_statistics_are_never_wrong_without_a_word(alone: Cluster) -> None:
    for path in ("/indexes/kept/stats", "/stats"):
        answer = alone.engine.ask("GET", path)
        if answer.status != 200:
            assert_unavailable(alone, answer)
        else:
            assert "x-miroir-degraded" in answer.headers, answer.raw


def assert_unavailable(cluster: Cluster, answer: Answer) -> None:
    """An error of Miroir's own; the sick node is named to the operator at least, and its address to no client."""
    sick = cluster.nodes[0]
    told: dict[str, Any] = answer.body
    assert (answer.status, told["code"][:7]) == (503, "miroir_"), (answer.status, answer.raw[:300])
    assert sick.name in told["message"] or sick.name in cluster.process.log.read_text(), told
    assert str(sick.port) not in told["message"], told
