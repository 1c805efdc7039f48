"""Statistics among failing nodes: every document counted once while one replica of each shard is there."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import trio

from miroir.core.outcome import Answered, Outcome, Unreachable
from miroir.reads.stats import StatsReads
from tests.reads.fakes import NODES, SHARDS, FakeNodes, World, failing, saying, view, world
from tests.reads.fakes import _shards as shards_of

EACH = 5
"""Documents in every shard."""
HELD = {node: EACH * sum(node in holders for holders in view().shard_map) for node in NODES}
WHOLE = EACH * SHARDS


def counting(nodes: FakeNodes, node: str, given: dict[str, Any]) -> Outcome:
    target, held = nodes.targets[-1], HELD[node]
    index = {"numberOfDocuments": held, "rawDocumentDbSize": 100, "fieldDistribution": {"id": held}}
    if target.endswith("/search"):
        found: dict[str, Any] = {"facetDistribution": {"_miroir_shard": {str(s): EACH for s in shards_of(given)}}}
    elif target == "GET /stats":
        found = {"databaseSize": 10, "usedDatabaseSize": 5, "lastUpdate": None, "indexes": {view().physical: index}}
    else:
        found = index
    return Answered(node, 200, orjson.dumps(found), 0.01)


def stage(**broken: Any) -> tuple[World, StatsReads]:
    w = world()
    w.nodes.behaviour = {**dict.fromkeys(NODES, counting), **broken}
    return w, StatsReads(w.holder, w.line, w.health._topology)


ODD = [b"5", b"not json", b"{}", b'{"indexes":5}', b'{"indexes":{"movies-i1-e1abcd":{"numberOfDocuments":"x"}}}']

ODD_ANSWERS = [saying(200, body) for body in ODD]


@pytest.mark.parametrize("dead", NODES)
@pytest.mark.parametrize(
    "trouble",
    [
        failing(404, "index_not_found", "Index `movies-i1-e1abcd` not found."),
        failing(403, "invalid_api_key", "The provided API key is invalid."),
        *ODD_ANSWERS,
    ],
)
async def test_one_node_in_trouble_does_not_hide_an_index(dead: str, trouble: Any) -> None:
    def broken(nodes: FakeNodes, node: str, given: dict[str, Any]) -> Outcome:
        searched = nodes.targets[-1].endswith("/search") and trouble in ODD_ANSWERS
        return counting(nodes, node, given) if searched else trouble(nodes, node, given)

    for troubled in ({}, {dead: broken}):
        _, stats = stage(**troubled)
        told = await stats.all({"movies": view()}, deadline=trio.current_time() + 30)
        assert told["indexes"]["movies"]["numberOfDocuments"] == WHOLE
        assert told["indexes"]["movies"]["fieldDistribution"] == {"id": WHOLE}


@pytest.mark.parametrize("body", [b'{"numberOfDocuments":[]}', b'{"fieldDistribution":5}', b"[]"])
async def test_odd_statistics_of_one_index_are_a_failure_of_their_node(body: bytes) -> None:
    def odd(nodes: FakeNodes, node: str, given: dict[str, Any]) -> Outcome:
        return counting(nodes, node, given) if nodes.targets[-1].endswith("/search") else Answered(node, 200, body, 0)

    _, stats = stage(n1=odd)
    assert (await stats.index(view(), deadline=trio.current_time() + 30))["numberOfDocuments"] == WHOLE


async def test_with_all_nodes_believed_away_they_are_asked_all_the_same() -> None:
    w, stats = stage()
    for node in NODES:
        for _ in range(3):
            w.health.record(Unreachable(node, "refused", sent=False))
    assert (await stats.index(view(), deadline=trio.current_time() + 30))["fieldDistribution"] == {"id": WHOLE}
