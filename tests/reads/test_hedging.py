"""Slow nodes are hedged: after their own p95, within a budget, and only a whole answer counts; on a simulated clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import orjson
import pytest
import trio
import trio.testing

from miroir.config.models import HedgingConfig
from miroir.core.wire.errors import MiroirError
from tests.reads.fakes import NODES, SHARDS, World, ask, refusing, running, saying, view, world

GENEROUS = HedgingConfig(budget_ratio=1.0)
USUAL = 0.1
"""What a node takes as a rule; its p95 is at most a tenth more."""


async def trained(w: World, searches: int = 20) -> None:
    """All nodes are known to take the usual time."""
    w.nodes.behaviour = dict.fromkeys(NODES, USUAL)
    for _ in range(searches):
        await w.searcher.search(ask())
    w.nodes.asked.clear()


async def ids(w: World, **more: Any) -> list[int]:
    reply = await w.searcher.search(ask(**more))
    assert dict(reply.headers).get(b"x-miroir-degraded") is None
    return [hit["id"] for hit in orjson.loads(reply.body)["hits"]]


EVERYTHING = list(range(20))


@contextmanager
def taking(least: float, most: float) -> Iterator[None]:
    start = trio.current_time()
    yield
    assert least - 1e-6 <= trio.current_time() - start <= most + 1e-6


def asked_of(w: World, node: str) -> set[int]:
    return {shard for asked, shards in w.nodes.asked for shard in shards if asked == node}


async def test_a_slow_node_is_hedged_after_its_p95(autojump_clock: trio.testing.MockClock) -> None:
    async with running(world(hedging=GENEROUS)) as w:
        await trained(w)
        w.nodes.behaviour["n1"] = 4.0
        with taking(1.2 * USUAL + USUAL, 1.1 * 1.2 * USUAL + USUAL):
            assert await ids(w) == EVERYTHING
        elsewhere = sorted(shard for node, shards in w.nodes.asked for shard in shards if node != "n1")
        assert elsewhere == list(range(SHARDS))
        assert w.line.hedging.won == 1


async def test_the_loser_is_cancelled_when_the_winner_is_in(autojump_clock: trio.testing.MockClock) -> None:
    async with running(world(hedging=GENEROUS)) as w:
        await trained(w)
        w.nodes.behaviour["n1"] = 4.0
        await w.searcher.search(ask())
        assert w.nodes.cancelled == [("n1", trio.current_time())]


async def test_a_slow_answer_that_is_first_after_all_counts(autojump_clock: trio.testing.MockClock) -> None:
    async with running(world(hedging=GENEROUS)) as w:
        await trained(w)
        w.nodes.behaviour["n1"] = 0.15
        with taking(0.15, 0.15):
            assert await ids(w) == EVERYTHING
        assert w.line.hedging.fired > 0
        assert w.line.hedging.won == 0
        assert {node for node, _ in w.nodes.cancelled} <= {"n0", "n2"}


async def test_nothing_is_hedged_sooner_than_allowed(autojump_clock: trio.testing.MockClock) -> None:
    async with running(world(hedging=HedgingConfig(budget_ratio=1.0, min_trigger_ms=500))) as w:
        await trained(w)
        w.nodes.behaviour["n1"] = 0.49
        with taking(0.49, 0.49):
            await w.searcher.search(ask())
        assert w.line.hedging.fired == 0


async def test_a_node_that_little_is_known_of_is_not_hedged(autojump_clock: trio.testing.MockClock) -> None:
    async with running(world(hedging=GENEROUS)) as w:
        await trained(w, searches=4)
        w.nodes.behaviour["n1"] = 4.0
        with taking(4.0, 4.0):
            await w.searcher.search(ask())


async def test_hedges_stop_when_the_budget_is_spent(autojump_clock: trio.testing.MockClock) -> None:
    async with running(world(hedging=HedgingConfig(budget_ratio=0.05))) as w:
        await trained(w, searches=40)  # 120 calls or fewer: at most 6 hedges saved
        for _ in range(30):
            w.nodes.behaviour["n1"] = USUAL
            await w.searcher.search(ask())
            w.nodes.behaviour["n1"] = 1.0
            await w.searcher.search(ask())
        hedging, calls = w.line.hedging, len(w.nodes.asked) - w.line.hedging.fired
        assert hedging.budget_exhausted > 0
        assert 0 < hedging.fired <= 0.05 * (calls + 120)


async def test_without_a_budget_nothing_is_hedged(autojump_clock: trio.testing.MockClock) -> None:
    async with running(world(hedging=HedgingConfig(budget_ratio=0))) as w:
        await trained(w)
        w.nodes.behaviour["n1"] = 1.0
        with taking(1.0, 1.0):
            assert await ids(w) == EVERYTHING


async def test_a_search_makes_no_more_hedges_than_allowed(autojump_clock: trio.testing.MockClock) -> None:
    split = replace(view(), shard_map=(("n1", "n0"), ("n1", "n2"), ("n2", "n1"), ("n0", "n1")))
    async with running(world(split, hedging=HedgingConfig(budget_ratio=1.0, max_hedges_per_query=1))) as w:
        await trained(w)
        w.nodes.behaviour["n1"] = 1.0
        with taking(1.0, 1.0):
            assert await ids(w) == EVERYTHING
        assert asked_of(w, "n1") == {0, 1}
        assert w.line.hedging.fired == 0  # its shards lie on two others, which would be two


async def test_with_one_copy_there_is_nobody_to_hedge_with(autojump_clock: trio.testing.MockClock) -> None:
    async with running(world(copies=1, hedging=GENEROUS)) as w:
        await trained(w)
        w.nodes.behaviour["n1"] = 1.0
        with taking(1.0, 1.0):
            await w.searcher.search(ask())
        assert len(w.nodes.asked) == 3


async def test_a_node_that_is_out_gets_no_hedges(autojump_clock: trio.testing.MockClock) -> None:
    async with running(world(hedging=GENEROUS)) as w:
        await trained(w)
        w.health.living = frozenset({"n1", "n2"})
        w.nodes.behaviour["n1"] = 1.0
        await w.searcher.search(ask())
        assert asked_of(w, "n0") == set()


async def test_a_hedge_that_fails_leaves_the_slow_node_to_answer(autojump_clock: trio.testing.MockClock) -> None:
    async with running(world(hedging=GENEROUS)) as w:
        await trained(w)

        def fails_later(nodes: Any, node: str, given: Any) -> Any:
            late = trio.current_time() > start + USUAL
            return refusing()(nodes, node, given) if late else None

        start = trio.current_time()
        w.nodes.behaviour = {"n0": fails_later, "n1": 1.0, "n2": fails_later}
        with taking(1.0, 1.0):
            assert await ids(w) == EVERYTHING


async def test_a_slow_node_that_fails_leaves_its_hedge_to_answer(autojump_clock: trio.testing.MockClock) -> None:
    async with running(world(hedging=GENEROUS)) as w:
        await trained(w)
        w.nodes.behaviour["n1"] = 0.2
        w.nodes.late["n1"] = refusing()
        with taking(1.2 * USUAL + USUAL, 1.1 * 1.2 * USUAL + USUAL):
            assert await ids(w) == EVERYTHING
        assert sorted(shard for node, shards in w.nodes.asked for shard in shards if node != "n1") == [0, 1, 2, 3]


async def test_what_failed_is_asked_again_at_once_while_others_are_slow(
    autojump_clock: trio.testing.MockClock,
) -> None:
    w = world()
    w.nodes.behaviour = {"n0": 0.3, "n1": refusing(), "n2": 0.3}
    with taking(0.3, 0.3):
        assert await ids(w) == EVERYTHING


async def test_a_repeated_call_has_its_whole_time(autojump_clock: trio.testing.MockClock) -> None:
    w = world(node_timeout_ms=1000)
    w.nodes.behaviour = {"n0": 0.9, "n1": 0.9, "n2": 0.9}
    w.nodes.late["n1"] = saying(503, b"{}")
    with taking(1.8, 1.8):
        assert await ids(w) == EVERYTHING


async def test_nobody_has_more_than_his_time_because_another_is_asked_again(
    autojump_clock: trio.testing.MockClock,
) -> None:
    w = world(node_timeout_ms=1000)
    w.nodes.behaviour = {"n0": 1.5, "n1": refusing(), "n2": 0.1}
    reply = await w.searcher.search(ask())
    assert trio.current_time() == pytest.approx(1.0)
    assert dict(reply.headers)[b"x-miroir-degraded"] == b"shards=0,3"


async def test_a_hedged_search_ends_at_its_deadline(autojump_clock: trio.testing.MockClock) -> None:
    async with running(world(hedging=GENEROUS)) as w:
        await trained(w)
        w.nodes.behaviour = dict.fromkeys(NODES, 60.0)
        with taking(3.0, 3.0), pytest.raises(MiroirError) as caught:
            await w.searcher.search(ask(seconds=3))
        assert caught.value.code == "miroir_timeout"
