"""SIGKILL while indexes are made, renamed, filled, set up and deleted: each of these happens whole, or not at all."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.client import Engine
from tests.harness.node import Node, is_stock, start
from tests.harness.waiting import until
from tests.node.test_kill import finished

ROUNDS = 6


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Node]:
    """A node of its own, to be killed."""
    node = start("victim", tmp_path)
    yield node
    node.close()


class Life(threading.Thread):
    """Lives of indexes, one after the other, until the node dies. The name of each is new, so is every task's outcome.

    `accepted` holds what was asked for and the task that was accepted for it, in order.
    """

    def __init__(self, node: Node, first: int) -> None:
        super().__init__(daemon=True)
        self.engine = Engine("life", node.url, node.key)
        self.number, self.accepted = first, list[tuple[str, int]]()

    def run(self) -> None:
        try:
            while True:
                self._live(f"i{self.number}", f"j{self.number}")
                self.number += 1
        except httpx.TransportError:
            return

    def _live(self, born: str, named: str) -> None:
        self._ask(born, "POST", "/indexes", {"uid": born, "primaryKey": "id"})
        self._ask(born, "POST", f"/indexes/{born}/documents", [{"id": 1}, {"id": 2}])
        self._ask(born, "PATCH", f"/indexes/{born}", {"uid": named})
        self._ask(named, "POST", f"/indexes/{named}/documents", [{"id": 3}])
        self._ask(named, "PUT", f"/indexes/{named}/settings/stop-words", ["the"])
        if self.number % 3 == 0:
            self._ask(named, "DELETE", f"/indexes/{named}")

    def _ask(self, uid: str, method: str, path: str, body: Any = None) -> None:
        answer = self.engine.ask(method, path, body)
        assert answer.status == 202, answer.raw
        self.accepted.append((uid, answer.body["taskUid"]))


@pytest.mark.parametrize("seed", [11])
def test_every_accepted_change_of_an_index_happens_once(victim: Node, seed: int) -> None:
    chance, number = random.Random(seed), 0
    accepted: list[int] = []
    for _ in range(ROUNDS):
        life = Life(victim, number)
        life.start()
        wanted = chance.randint(5, 60)
        until(lambda: len(life.accepted) >= wanted, what="accepted changes")  # noqa: B023
        victim.kill()
        life.join(10)
        accepted += [task for _, task in life.accepted]
        number = life.number + 1
        victim.start_again()
        tasks = {task["uid"]: task for task in finished(victim.engine)}
        assert [uid for uid in accepted if tasks.get(uid, {}).get("status") != "succeeded"] == []
    if not is_stock():  # there a rename also changes the uid that older tasks show, so that they cannot be replayed
        assert_as_the_tasks_say(victim)


def assert_as_the_tasks_say(victim: Node) -> None:
    """The indexes are those that the tasks made and did not delete, and hold what was added. Nothing else is left."""
    engine, living = victim.engine, dict[str, int]()
    for task in finished(engine):
        apply(task, living)
    listed = [index["uid"] for index in engine.get("/indexes?limit=100000")["results"]]
    assert sorted(listed) == sorted(living)
    for uid, documents in living.items():
        assert engine.get(f"/indexes/{uid}/documents?limit=0")["total"] == documents, uid
    assert list((victim.database / "payloads").iterdir()) == []
    assert len(list((victim.database / "indexes").iterdir())) == len(living)


def apply(task: dict[str, Any], living: dict[str, int]) -> None:
    """What a task that succeeded did to the indexes and to the number of their documents."""
    assert task["status"] == "succeeded", task
    uid, details = task["indexUid"], task["details"]
    match task["type"]:
        case "indexCreation":
            living[uid] = 0
        case "indexUpdate":
            living[details["newIndexUid"]] = living.pop(details["oldIndexUid"])
        case "documentAdditionOrUpdate":
            living[uid] += details["receivedDocuments"]
        case "indexDeletion":
            del living[uid]
