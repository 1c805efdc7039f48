"""Writes through HTTP over three real nodes: big payloads, clients that leave, restarts of Miroir."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import sys
import threading
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import yaml

from tests.harness.client import NDJSON_TYPE, Answer, Engine, ndjson
from tests.harness.cluster import CLIENT_KEY, Cluster, configuration
from tests.harness.node import answer_from, launch
from tests.harness.process import Process
from tests.harness.waiting import free_port, until

BIG = 300_000_000
DOCUMENTS = [{"id": number, "title": f"Movie {number}", "genre": "ab"[number % 2]} for number in range(60)]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("writes")
    nodes = [launch(f"writes-n{number}", folder) for number in range(3)]
    for node in nodes:
        answer_from(node.engine, node.process)
    port = free_port()
    told = configuration(nodes, folder, port, copies=2, groups=1, shards=24, more={})
    told["server"]["max_body_bytes"] = 2 * BIG
    told["writes"]["node_payload_bytes"] = 1_000_000
    told["scatter"]["node_timeout_ms"] = 3000
    config = folder / "writes.yaml"
    config.write_text(yaml.safe_dump(told))
    formed = Cluster("writes", nodes, Engine("writes", f"http://127.0.0.1:{port}", CLIENT_KEY), serve(config), config)
    answer_from(formed.engine, formed.process, path="/_miroir/ready")
    yield formed
    formed.close()


def serve(config: Path) -> Process:
    line = [sys.executable, "-m", "miroir", "serve", "--config", str(config)]
    return Process("writes", line, log=config.with_suffix(".log"))


def kill_and_start(cluster: Cluster) -> None:
    """Miroir dies by SIGKILL and comes back over the same state."""
    cluster.process.kill()
    cluster.process = serve(cluster.config)
    answer_from(cluster.engine, cluster.process, path="/_miroir/ready")


def peak(pid: int) -> int:
    """The most memory, in bytes, that any process of a session has had resident."""
    peaks = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.getsid(int(entry.name)) == pid:
                lines = (entry / "status").read_text().splitlines()
                peaks += [int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")]
        except (ProcessLookupError, FileNotFoundError):
            continue
    return max(peaks)


def spooled(cluster: Cluster) -> list[str]:
    """Names under the spool: a payload's file has none."""
    folder = cluster.config.parent / "spool"
    return os.listdir(folder) if folder.exists() else []


def post(cluster: Cluster, index: str, content: Any, **headers: str) -> httpx.Response:
    sent = {"Authorization": f"Bearer {CLIENT_KEY}", "Content-Type": "application/json", **headers}
    url = f"{cluster.engine.url}/indexes/{index}/documents"
    return httpx.post(url, content=content, headers=sent, timeout=300, trust_env=False)


def test_a_payload_of_300_mb_that_is_broken_at_its_end_costs_no_such_memory_and_changes_nothing(
    cluster: Cluster,
) -> None:
    before = peak(cluster.process.pid)

    def body() -> Iterator[bytes]:
        yield b'[{"id": 0}'
        for number in range(1, BIG // 1_000_000):
            rows = (f',{{"id":{number * 1000 + row},"text":"{"x" * 970}"}}' for row in range(1000))
            yield "".join(rows).encode()
        yield b", broken]"

    answer = post(cluster, "big", body())
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_payload")
    assert cluster.engine.ask("GET", "/indexes/big").code == "index_not_found"
    assert spooled(cluster) == []
    assert peak(cluster.process.pid) - before < 100_000_000


def test_a_payload_of_many_node_requests_arrives_whole(cluster: Cluster) -> None:
    before = peak(cluster.process.pid)
    documents = [{"id": number, "text": f"word{number} " * 300} for number in range(4_000)]
    task = cluster.engine.finished(
        cluster.engine.ask("POST", "/indexes/large/documents", content=ndjson(documents), content_type=NDJSON_TYPE),
        seconds=120,
    )
    assert task["details"] == {"receivedDocuments": 4_000, "indexedDocuments": 4_000}
    assert cluster.engine.get("/indexes/large/stats")["numberOfDocuments"] == 4_000
    assert peak(cluster.process.pid) - before < 100_000_000


@pytest.mark.parametrize(
    ("encode", "name"), [(gzip.compress, "gzip"), (zlib.compress, "deflate"), (lambda data: data, "identity")]
)
def test_encoded_payloads_are_read(cluster: Cluster, encode: Any, name: str) -> None:
    body = encode(json.dumps(DOCUMENTS).encode())
    answer = post(cluster, f"coded-{name}", body, **{"Content-Encoding": name})
    task = cluster.engine.finished(_answer(answer))
    assert task["details"]["indexedDocuments"] == len(DOCUMENTS)
    broken = post(cluster, f"coded-{name}", body[:-5], **{"Content-Encoding": name})
    assert broken.status_code == 400


def _answer(answer: httpx.Response) -> Any:

    return Answer(answer.status_code, answer.headers, answer.content)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Type": "text/plain"}, 415, "invalid_content_type"),
        ({"Content-Type": "text/csv"}, 501, "miroir_not_supported"),
        ({"Content-Encoding": "br"}, 415, "unsupported_media_type"),
        ({"Authorization": "Bearer wrong"}, 403, "invalid_api_key"),
    ],
)
def test_what_cannot_be_read_is_refused(cluster: Cluster, headers: dict[str, str], status: int, code: str) -> None:
    answer = post(cluster, "refused", b"[]", **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("query", ["?what=1", "?csvDelimiter=;", "?primaryKey=", "?skipCreation=yes"])
def test_parameters_are_checked_before_the_body(cluster: Cluster, query: str) -> None:
    answer = cluster.engine.ask("POST", f"/indexes/refused/documents{query}", DOCUMENTS)
    assert answer.status in (400, 415)
    assert cluster.engine.ask("GET", "/indexes/refused").code == "index_not_found"


def test_a_client_that_leaves_half_way_leaves_nothing(cluster: Cluster) -> None:
    before = cluster.engine.get("/tasks?limit=0")["total"]
    address = urlsplit(cluster.engine.url)
    head = (
        f"POST /indexes/half/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {CLIENT_KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: 20000000\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(head.encode() + b"[" + b'{"id": 1},' * 1_000_000)
    assert cluster.engine.do("POST", "/indexes/other/documents", DOCUMENTS)["status"] == "succeeded"
    assert cluster.engine.ask("GET", "/indexes/half").code == "index_not_found"
    assert cluster.engine.get("/tasks?limit=0")["total"] == before + 1
    assert spooled(cluster) == []


def test_every_answer_hides_what_is_ours(cluster: Cluster) -> None:
    engine = cluster.engine
    engine.create("hidden", "id", {"filterableAttributes": ["genre"], "sortableAttributes": ["title"]})
    engine.add("hidden", DOCUMENTS)
    error = engine.fail("POST", "/indexes/hidden/documents/delete", {"filter": "absent = 1"})
    bodies = [
        engine.get("/indexes/hidden/settings"),
        engine.get("/indexes/hidden/documents?limit=60"),
        engine.get("/indexes/hidden/documents/7"),
        engine.get("/indexes/hidden/stats"),
        engine.get("/stats"),
        engine.get("/tasks?limit=1000"),
        engine.get("/indexes"),
        error,
        engine.ask("POST", "/indexes/hidden/documents/fetch", {"filter": "absent = 1"}).body,
        engine.ask("POST", "/indexes/hidden/documents/fetch", {"fields": ["_miroir_seq", "id"]}).body,
    ]
    text = json.dumps(bodies)
    assert "_miroir_" not in text
    assert "hidden-i" not in text
    assert engine.get("/indexes/hidden/documents?limit=60")["results"] == DOCUMENTS


def test_lists_page_through_all_documents_in_their_order(cluster: Cluster) -> None:
    cluster.engine.add("paged", DOCUMENTS)
    pages = [cluster.engine.get(f"/indexes/paged/documents?offset={start}&limit=7") for start in range(0, 63, 7)]
    assert [document for page in pages for document in page["results"]] == DOCUMENTS
    assert {page["total"] for page in pages} == {60}
    sorted_list = cluster.engine.ask("GET", "/indexes/paged/documents?sort=title:asc")
    assert (sorted_list.status, sorted_list.code) == (400, "invalid_document_sort")


def test_a_restart_finds_everything(cluster: Cluster) -> None:
    engine = cluster.engine
    engine.create("lasting", "id", {"displayedAttributes": ["title"], "stopWords": ["the"]})
    engine.add("lasting", DOCUMENTS)
    settings, tasks = engine.get("/indexes/lasting/settings"), engine.get("/tasks?limit=1000")
    kill_and_start(cluster)
    assert engine.get("/indexes/lasting/settings") == settings
    assert engine.get("/tasks?limit=1000") == tasks
    assert engine.get("/indexes/lasting/documents?limit=60")["results"] == DOCUMENTS
    task = engine.do("PUT", "/indexes/lasting/documents", [{"id": 0, "year": 1999}, {"id": 60}])
    assert task["uid"] > max(old["uid"] for old in tasks["results"])
    listed = engine.get("/indexes/lasting/documents?limit=100")["results"]
    assert [document["id"] for document in listed] == [*range(1, 60), 0, 60]


def test_tasks_that_were_accepted_end_after_sigkill(cluster: Cluster) -> None:
    engine = cluster.engine
    engine.create("killed")
    uids: list[int] = []
    stopped = threading.Event()

    def write() -> None:
        own = replace_client(engine)
        number = 0
        while not stopped.is_set():
            try:
                answer = own.ask("POST", "/indexes/killed/documents", [{"id": number}])
            except httpx.HTTPError:
                return
            uids.append(answer.body["taskUid"])
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    until(lambda: len(uids) >= 30, what="thirty accepted writes")
    kill_and_start(cluster)
    stopped.set()
    writer.join()
    ended = [until(partial(_ended, engine, uid), what=f"task {uid}") for uid in uids]
    assert {task["status"] for task in ended} == {"succeeded"}
    assert sorted(uids) == uids
    assert engine.get("/indexes/killed/stats")["numberOfDocuments"] >= len(uids)


def replace_client(engine: Engine) -> Engine:
    return Engine(engine.name, engine.url, engine.key)


def _ended(engine: Engine, uid: int) -> Any:
    task = engine.get(f"/tasks/{uid}")
    return task if task["finishedAt"] else None


def test_a_stopped_node_refuses_writes_and_loses_none(cluster: Cluster) -> None:
    engine = cluster.engine
    engine.add("paused", DOCUMENTS)
    node = cluster.nodes[1]
    node.process.signal(signal.SIGSTOP)
    try:
        answer = engine.ask("POST", "/indexes/paused/documents", [{"id": number} for number in range(100, 160)])
        assert (answer.status, answer.code) == (503, "miroir_no_quorum")
        assert answer.headers["retry-after"] == "10"
        assert engine.get("/indexes/paused/stats")["numberOfDocuments"] == 60
    finally:
        node.process.signal(signal.SIGCONT)
    until(lambda: engine.ask("POST", "/indexes/paused/documents", [{"id": 100}]).status == 202, what="the node")
    until(lambda: engine.get("/indexes/paused/stats")["numberOfDocuments"] == 61, what="the document")
