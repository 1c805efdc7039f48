"""`miroir serve` with several workers over real nodes: whichever worker a connection reaches, the pod is one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.harness import cluster
from tests.harness.client import ndjson
from tests.harness.cluster import CLIENT_KEY, Cluster
from tests.harness.waiting import until

_CONNECTIONS = 12
"""So many that both workers get some of them."""


@pytest.fixture(scope="module")
def pod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder: Path = tmp_path_factory.mktemp("serve")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIROIR_SERVER__WORKERS", "2")
        made = cluster.start("serve", folder, nodes=2, copies=2)
    yield made
    made.close()


def _workers(pod: Cluster) -> dict[int, int]:
    """Worker index -> pid."""
    children = Path(f"/proc/{pod.process.pid}/task/{pod.process.pid}/children").read_text().split()
    found = {}
    for pid in children:
        arguments = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        index = next((argument for argument in arguments if argument.startswith("--index=")), None)
        if index is not None:
            found[int(index.partition("=")[2])] = int(pid)
    return found


def _clients(pod: Cluster) -> list[httpx.Client]:
    headers = {"authorization": f"Bearer {CLIENT_KEY}"}
    return [
        httpx.Client(base_url=pod.engine.url, headers=headers, timeout=60, trust_env=False) for _ in range(_CONNECTIONS)
    ]


def _finish(client: httpx.Client, task: httpx.Response) -> None:
    assert task.status_code == 202, task.text
    path = f"/tasks/{task.json()['taskUid']}"
    until(lambda: client.get(path).json()["status"] == "succeeded", what="the task to succeed")


def test_a_write_through_any_worker_is_found_through_every_worker_when_its_task_has_succeeded(pod: Cluster) -> None:
    clients = _clients(pod)
    for number, client in enumerate(clients):
        path, body = f"/indexes/of-{number}/documents", ndjson([{"id": number, "name": f"written{number}"}])
        sent = client.post(path, content=body, headers={"content-type": "application/x-ndjson"})
        _finish(client, sent)
        for reader in clients:
            found = reader.post(f"/indexes/of-{number}/search", json={"q": f"written{number}"})
            assert [hit["id"] for hit in found.json().get("hits", [])] == [number], found.text
    listed = {tuple(index["uid"] for index in client.get("/indexes?limit=100").json()["results"]) for client in clients}
    assert len(listed) == 1


def test_an_upload_in_chunks_through_any_worker_arrives_whole(pod: Cluster) -> None:
    rows = [ndjson([{"id": number, "text": "x" * 1000}]) for number in range(3000)]
    for number, client in enumerate(_clients(pod)[:4]):
        path = f"/indexes/chunks-{number}/documents"
        sent = client.post(path, content=iter(rows), headers={"content-type": "application/x-ndjson"})
        _finish(client, sent)
        assert client.get(f"/indexes/chunks-{number}/stats").json()["numberOfDocuments"] == 3000


def test_a_worker_0_that_dies_is_back_with_what_was_written(pod: Cluster) -> None:
    client = _clients(pod)[0]
    sent = client.post("/indexes/kept/documents", json=[{"id": 1, "name": "kept"}])
    _finish(client, sent)
    before = _workers(pod)
    os.kill(before[0], signal.SIGKILL)
    more = [{"id": 2, "name": "more"}]

    def takes_writes() -> bool:
        try:
            return all(other.post("/indexes/kept/documents", json=more).status_code == 202 for other in _clients(pod))
        except httpx.HTTPError:
            return False

    until(takes_writes, what="the pod to take writes through all workers")
    after = _workers(pod)
    assert after[0] != before[0]
    assert after[1] == before[1]
    for reader in _clients(pod):
        assert reader.get("/indexes/kept").status_code == 200
    _finish(client, client.post("/indexes/kept/documents", json=more))
