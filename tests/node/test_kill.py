"""SIGKILL at any moment loses no accepted task and corrupts nothing."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.client import NDJSON_TYPE, Engine, ndjson
from tests.harness.node import Node, start
from tests.harness.waiting import until

ROUNDS = 8
PAYLOAD = 40


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Node]:
    """A node of its own, to be killed."""
    node = start("victim", tmp_path)
    yield node
    node.close()


class Sender(threading.Thread):
    """Sends payloads one after the other until the node dies; remembers what was accepted."""

    def __init__(self, node: Node, first: int) -> None:
        super().__init__(daemon=True)
        self.engine = Engine("sender", node.url, node.key)
        self.next, self.accepted = first, list[tuple[int, int]]()

    def run(self) -> None:
        while True:
            documents = [{"id": self.next * PAYLOAD + n, "text": f"round {self.next} word{n}"} for n in range(PAYLOAD)]
            number, self.next = self.next, self.next + 1
            try:
                answer = self.engine.ask(
                    "POST", "/indexes/kept/documents", content=ndjson(documents), content_type=NDJSON_TYPE
                )
            except httpx.TransportError:
                return
            assert answer.status == 202, answer.raw
            self.accepted.append((number, answer.body["taskUid"]))


def finished(engine: Engine) -> Any:
    """Every task has ended; all of them, oldest first."""

    def none_left() -> bool:
        return bool(engine.get("/tasks?statuses=enqueued,processing&limit=1")["total"] == 0)

    until(none_left, what="every task to end", seconds=60)
    return engine.get("/tasks?limit=100000&reverse=true")["results"]


def ids(engine: Engine) -> list[int]:
    results = engine.get("/indexes/kept/documents?limit=1000000&fields=id")["results"]
    return [document["id"] for document in results]


@pytest.mark.parametrize("seed", [7])
def test_killed_at_random_moments_every_accepted_payload_is_there(victim: Node, seed: int) -> None:
    chance, engine = random.Random(seed), victim.engine
    engine.create("kept")
    accepted: list[tuple[int, int]] = []
    for _ in range(ROUNDS):
        sender = Sender(victim, accepted[-1][0] + 2 if accepted else 0)
        sender.start()
        wanted = chance.randint(1, 25)
        until(lambda: len(sender.accepted) >= wanted, what="accepted payloads")  # noqa: B023
        for _ in range(chance.randint(0, 30)):  # any moment will do
            engine.ask("GET", "/health")
        victim.kill()
        sender.join(10)
        accepted += sender.accepted
        victim.start_again()
        tasks = {task["uid"]: task for task in finished(engine)}
        lost = [uid for _, uid in accepted if tasks.get(uid, {}).get("status") != "succeeded"]
        assert lost == []
    assert_whole(engine, accepted)


def assert_whole(engine: Engine, accepted: list[tuple[int, int]]) -> None:
    """All accepted documents are listed once, found by searches, and more can be added."""
    found = ids(engine)
    assert len(found) == len(set(found))
    wanted = {number * PAYLOAD + n for number, _ in accepted for n in range(PAYLOAD)}
    assert wanted <= set(found)
    assert engine.get("/indexes/kept/stats")["numberOfDocuments"] == len(found)
    page = engine.search("kept", q='"word7"', page=1, hitsPerPage=1)
    assert page["totalHits"] == sum(1 for each in found if each % PAYLOAD == 7)
    uids = [task["uid"] for task in finished(engine)]
    assert uids == list(range(len(uids)))
    engine.add("kept", [{"id": 10**9, "text": "after"}])
    assert [hit["id"] for hit in engine.search("kept", q="after")["hits"]] == [10**9]


def test_settings_keys_and_renames_survive_a_kill(victim: Node) -> None:
    engine = victim.engine
    engine.create("a")
    engine.add("a", [{"id": 1}])
    engine.do("PATCH", "/indexes/a", {"uid": "b"})
    engine.do("PUT", "/indexes/b/settings/stop-words", ["the"])
    key = engine.ask("POST", "/keys", {"actions": ["version"], "indexes": ["*"], "expiresAt": None}).body["key"]
    before = [engine.get(path) for path in ("/indexes", "/indexes/b/settings", "/tasks", "/indexes/b/documents")]
    victim.kill()
    victim.start_again()
    after = [engine.get(path) for path in ("/indexes", "/indexes/b/settings", "/tasks", "/indexes/b/documents")]
    assert after == before
    assert engine.with_key(key).ask("GET", "/version").status == 200


def test_a_task_that_was_enqueued_behind_others_runs_after_a_kill(victim: Node) -> None:
    engine = victim.engine
    heavy = [{"id": n, "text": " ".join(f"w{n * k % 9973}" for k in range(60))} for n in range(5000)]
    answers = [engine.ask("POST", "/indexes/kept/documents?primaryKey=id", heavy)]
    answers.append(engine.ask("PATCH", "/indexes/kept", {"uid": "moved"}))
    answers.append(engine.ask("POST", "/indexes/moved/documents?customMetadata=late", [{"id": 5000}]))
    victim.kill()
    victim.start_again()
    tasks = [engine.finished(answer) for answer in answers]
    assert [task["status"] for task in tasks] == ["succeeded"] * 3
    assert tasks[2]["customMetadata"] == "late"
    assert engine.get("/indexes/moved/documents?limit=0")["total"] == 5001
