"""Nodes that lie or refuse, bodies too big or broken: a clear error or a marked answer, nothing half-applied."""

from __future__ import annotations

import http.client
import http.server
import json
import select
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.engine.loading import load
from tests.harness.client import NDJSON_TYPE, Answer, Engine, ndjson
from tests.harness.cluster import Cluster, begin, start
from tests.harness.node import MASTER_KEY, answer_from, launch
from tests.harness.waiting import until

SETTINGS: dict[str, Any] = {"filterableAttributes": ["n"], "searchCutoffMs": 30000}
DOCUMENTS = [{"id": n, "title": f"word{n % 7} common", "n": n} for n in range(200)]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two copies on three nodes."""
    formed = start("faults", tmp_path_factory.mktemp("faults"), copies=2)
    load(formed.engine, "kept", DOCUMENTS, SETTINGS)
    yield formed
    formed.close()


def ids(engine: Engine, index: str = "kept") -> list[int]:
    hits = engine.search(index, limit=1000, attributesToRetrieve=["id"])["hits"]
    return [hit["id"] for hit in hits]


def unchanged(engine: Engine) -> None:
    """The documents are those that were loaded."""
    assert ids(engine) == [document["id"] for document in DOCUMENTS]


def assert_error_body(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.code) == (status, code), answer.raw[:300]
    assert list(answer.body) == ["message", "code", "type", "link"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'[{"id": 9001}, {"id": 9002, "title": }]', "application/json"),
        (b'[{"id": 9001}, {"id": 9002}', "application/json"),
        (b'[{"id": 9001}] trailing', "application/json"),
        (b'{"id": 9001}\n{"id": 9002, \n{"id": 9003}\n', NDJSON_TYPE),
        (b'{"id": 9001}\n[1]\n', NDJSON_TYPE),
        (b'[{"id": 9001, "title": "\xff\xfe"}]', "application/json"),
        (b'[{"id": 9001, "title": "\\ud800"}, 5]', "application/json"),
    ],
)
def test_a_broken_payload_is_refused_whole(small: Cluster, content: bytes, kind: str) -> None:
    answer = small.engine.ask("POST", "/indexes/kept/documents", content=content, content_type=kind)
    assert_error_body(answer, 400, "malformed_payload")
    unchanged(small.engine)


def test_a_break_after_many_documents_is_refused_whole(small: Cluster) -> None:
    good = ndjson([{"id": 10_000 + n, "title": "half applied"} for n in range(20_000)])
    path = "/indexes/kept/documents"
    answer = small.engine.ask("POST", path, content=good + b'{"id": 1, ', content_type=NDJSON_TYPE)
    assert_error_body(answer, 400, "malformed_payload")
    unchanged(small.engine)


def test_a_body_beyond_the_limit_is_refused_and_nothing_is_applied(small: Cluster) -> None:
    """105 MB against the default limit of 100 MiB, streamed so that it is never whole in memory."""

    def chunks() -> Iterator[bytes]:
        for number in range(105):
            yield json.dumps({"id": 20_000 + number, "title": "x" * 1_048_500}).encode() + b"\n"

    assert_error_body(upload(small.engine, chunks()), 413, "payload_too_large")
    unchanged(small.engine)


def upload(engine: Engine, chunks: Iterator[bytes]) -> Answer:
    """What is answered to a client that stops sending as soon as there is an answer to read."""
    where = httpx.URL(engine.url)
    lines = ["POST /indexes/kept/documents HTTP/1.1", f"Host: {where.host}", f"Authorization: Bearer {engine.key}"]
    lines += [f"Content-Type: {NDJSON_TYPE}", "Transfer-Encoding: chunked", "", ""]
    with socket.create_connection((where.host, where.port or 80), timeout=60) as wire:
        wire.sendall("\r\n".join(lines).encode())
        for chunk in chunks:
            left = memoryview(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            while left and not select.select([wire], [], [], 0)[0]:
                if select.select([wire], [wire], [], 60)[1]:
                    left = left[wire.send(left[:65_536]) :]
            if left:
                break
        else:
            wire.sendall(b"0\r\n\r\n")
        reply = http.client.HTTPResponse(wire)
        reply.begin()
        return Answer(reply.status, httpx.Headers(reply.getheaders()), reply.read())


def test_a_body_of_many_megabytes_below_the_limit_is_applied(small: Cluster) -> None:
    documents = [{"id": n, "blob": "y" * 400_000} for n in range(40)]
    small.engine.create("large")
    small.engine.add("large", documents)
    assert ids(small.engine, "large") == list(range(40))


def test_a_client_that_leaves_in_the_middle_of_an_import_changes_nothing(small: Cluster) -> None:
    def chunks() -> Iterator[bytes]:
        yield ndjson([{"id": 30_000 + n, "title": "left"} for n in range(500)])
        raise RuntimeError("the client leaves")

    headers = {"Authorization": f"Bearer {small.engine.key}", "Content-Type": NDJSON_TYPE}
    with httpx.Client(base_url=small.engine.url, trust_env=False) as http, pytest.raises(RuntimeError):
        http.post("/indexes/kept/documents", content=chunks(), headers=headers)
    small.engine.add("kept", [{**DOCUMENTS[0]}])
    found = ids(small.engine)
    assert sorted(found) == [document["id"] for document in DOCUMENTS]
    small.engine.do("DELETE", "/indexes/kept/documents")
    small.engine.add("kept", DOCUMENTS)
    unchanged(small.engine)


def test_wrong_keys_are_refused_without_touching_a_node(small: Cluster) -> None:
    for key, status, code in (("wrong", 403, "invalid_api_key"), (None, 401, "missing_authorization_header")):
        stranger = small.engine.with_key(key)
        assert_error_body(stranger.ask("POST", "/indexes/kept/search", {}), status, code)
        assert_error_body(stranger.ask("DELETE", "/indexes/kept"), status, code)
        stranger.close()
    unchanged(small.engine)


class Garbage(http.server.BaseHTTPRequestHandler):
    """Answers everything in a way that no node does; `form` chooses how."""

    form = "text"

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        bodies = {"text": b"<html>hello</html>", "other": b'{"hello": 1}', "cut": b'{"hits": [{"id": 1', "empty": b""}
        body = bodies.get(self.form, b"")
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - names of the base class

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of the base class
        """Quiet."""


@pytest.mark.parametrize("form_of_garbage", ["text", "other", "cut", "empty"])
def test_a_node_that_answers_garbage_leaves_answers_right(tmp_path: Path, form_of_garbage: str) -> None:
    formed = start("lied-to", tmp_path, copies=2)
    try:
        load(formed.engine, "kept", DOCUMENTS, SETTINGS)
        liar = formed.nodes[0]
        liar.kill()
        handler = type("Chosen", (Garbage,), {"form": form_of_garbage})
        with http.server.ThreadingHTTPServer(("127.0.0.1", liar.port), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            for _ in range(5):
                answer = formed.engine.ask("POST", "/indexes/kept/search", {"limit": 1000})
                assert answer.status == 200, answer.raw[:300]
                found = [hit["id"] for hit in answer.body["hits"]]
                assert found == [document["id"] for document in DOCUMENTS]
                assert "x-miroir-degraded" not in answer.headers
            server.shutdown()
    finally:
        formed.close()


def test_garbage_at_one_copy_is_a_marked_answer(tmp_path: Path) -> None:
    formed = start("lied-to-alone", tmp_path, copies=1)
    try:
        load(formed.engine, "kept", DOCUMENTS, SETTINGS)
        liar = formed.nodes[0]
        liar.kill()
        with http.server.ThreadingHTTPServer(("127.0.0.1", liar.port), Garbage) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            answer = formed.engine.ask("POST", "/indexes/kept/search", {"limit": 1000})
            assert answer.status == 200, answer.raw[:300]
            assert "shards=" in answer.headers["x-miroir-degraded"]
            found = [hit["id"] for hit in answer.body["hits"]]
            assert found == sorted(found)
            assert 0 < len(found) < len(DOCUMENTS)
            server.shutdown()
    finally:
        formed.close()


def test_a_node_with_another_key_is_named_and_takes_no_write(tmp_path: Path) -> None:
    keys = [MASTER_KEY, "another-key-of-tests-only", MASTER_KEY]
    nodes = [launch(f"n{number}", tmp_path, key=key) for number, key in enumerate(keys)]
    formed = begin("wrong-key", tmp_path, nodes, copies=2)
    try:
        for node in nodes:
            answer_from(node.engine, node.process)
        told = until(lambda: first_write(formed), what="an end, or an answer to a write")
        assert told is not None
        assert told.startswith(("miroir_", "ended with 1")), told
        log = formed.process.log.read_text()
        assert "Traceback" not in log, log
        assert "n1" in log, log
        if formed.process.status is None:
            assert formed.engine.get("/indexes")["results"] == []
    finally:
        formed.close()


def first_write(formed: Cluster) -> str | None:
    """What came of creating an index: the error code of the answer or of the task, or the end of the process."""
    if formed.process.status is not None:
        return f"ended with {formed.process.status}"
    try:
        answer = formed.engine.ask("POST", "/indexes", {"uid": "x", "primaryKey": "id"})
    except httpx.TransportError:
        return None
    if answer.status != 202:
        return str(answer.code)
    task = formed.engine.finished(answer)
    assert task["status"] == "failed", task
    return str(task["error"]["code"])


def test_a_node_that_comes_back_is_asked_again(tmp_path: Path) -> None:
    formed = start("back", tmp_path, copies=1)
    try:
        load(formed.engine, "kept", DOCUMENTS, SETTINGS)
        formed.nodes[1].kill()

        def marked() -> bool:
            return "x-miroir-degraded" in formed.engine.ask("POST", "/indexes/kept/search", {}).headers

        until(marked, what="a marked answer")
        formed.nodes[1].start_again()
        until(lambda: not marked(), what="a complete answer", seconds=20)
        unchanged(formed.engine)
    finally:
        formed.close()
