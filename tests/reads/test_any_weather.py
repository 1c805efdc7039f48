"""Whatever nodes do, and however hedges and repetitions meet: each shard is answered once, or is marked as missing."""

from __future__ import annotations

import itertools
from typing import Any

import orjson
import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st

from miroir.config.models import HedgingConfig, ReplicaSelectionConfig
from miroir.core.outcome import Outcome
from miroir.core.wire.errors import MiroirError
from tests.reads.fakes import NODES, SHARDS, Behaviour, FakeNodes, World, ask, refusing, running, saying, world

DEADLINE = 3.0
DOCUMENTS = 40
FATES: dict[str, Behaviour] = {"dies": refusing(), "is busy": saying(503, b"{}"), "lies": saying(200, b'{"hits":5}')}
calls = st.tuples(st.sampled_from([0.001, 0.02, 0.1, 0.13, 0.3, 1.5, 60.0]), st.sampled_from([*FATES, *["well"] * 4]))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(calls, min_size=1, max_size=40),
    st.integers(1, 3),
    st.floats(0, 1),
    st.integers(0, 3),
    st.booleans(),
)
def test_every_shard_is_answered_for_once_or_marked(
    fates: list[tuple[float, str]], copies: int, budget: float, most: int, again: bool
) -> None:
    async def main() -> None:
        hedging = HedgingConfig(budget_ratio=budget, max_hedges_per_query=most)
        chosen = ReplicaSelectionConfig(exploration_epsilon=0.0)
        w = world(copies=copies, hedging=hedging, selection=chosen, node_timeout_ms=1000, retry_on_timeout=again)
        async with running(w):
            w.nodes.behaviour = dict.fromkeys(NODES, 0.1)
            for _ in range(12):
                await w.searcher.search(ask())
            _let(w, fates)
            for _ in range(4):
                await _one(w)
        stats = w.line.chooser.stats
        assert [stats.of(node, 0.0).in_flight for node in NODES] == [0, 0, 0]

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))


def _let(w: World, fates: list[tuple[float, str]]) -> None:
    """Each next call takes so long, and then comes to that."""
    told = itertools.cycle(fates)

    async def call(nodes: FakeNodes, node: str, given: dict[str, Any]) -> Outcome | None:
        seconds, fate = next(told)
        await trio.sleep(seconds)
        return FATES[fate](nodes, node, given) if fate in FATES else None

    w.nodes.behaviour = {}
    w.nodes.fate = call


async def _one(w: World) -> None:
    start = trio.current_time()
    try:
        reply = await w.searcher.search(ask(b'{"limit":40}', seconds=DEADLINE))
    except MiroirError:
        return
    finally:
        assert trio.current_time() <= start + DEADLINE + 1e-6
    mark = dict(reply.headers).get(b"x-miroir-degraded", b"shards=")
    missing = {int(shard) for shard in mark.removeprefix(b"shards=").split(b",") if shard}
    answer = orjson.loads(reply.body)
    expected = [number for number in range(DOCUMENTS) if number % SHARDS not in missing]
    assert [hit["id"] for hit in answer["hits"]] == expected
    assert answer["estimatedTotalHits"] == len(expected)
