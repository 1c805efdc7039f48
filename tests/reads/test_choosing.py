"""Which replicas reads ask: the fast and faultless ones, and now and then the others, on a simulated clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import cycle

import trio
import trio.testing

from miroir.cluster.health import Health
from miroir.config.models import HealthConfig, ReplicaSelectionConfig, ScatterConfig
from miroir.core.planning.leg import Leg
from miroir.core.topology import Node, Topology
from miroir.reads.choosing import Chooser
from tests.reads.fakes import FakeNodes, World, ask, saying, view, world

ADAPTIVE = ReplicaSelectionConfig(exploration_epsilon=0)


async def searches(w: World, number: int, *, apart: float = 0.1) -> Counter[str]:
    """How often each node is asked by so many searches."""
    w.nodes.asked.clear()
    for _ in range(number):
        await w.searcher.search(ask())
        await trio.sleep(apart)
    return Counter(node for node, _ in w.nodes.asked)


async def test_a_slow_node_draws_no_traffic_while_others_hold_its_shards(
    autojump_clock: trio.testing.MockClock,
) -> None:
    w = world(selection=ADAPTIVE)
    w.nodes.behaviour = {"n0": 0.01, "n1": 0.2, "n2": 0.01}
    await searches(w, 4)
    assert (await searches(w, 20))["n1"] == 0


async def test_equal_nodes_share_the_load(autojump_clock: trio.testing.MockClock) -> None:
    w = world(selection=ADAPTIVE)
    w.nodes.behaviour = dict.fromkeys(("n0", "n1", "n2"), 0.01)
    await searches(w, 4)
    assert min((await searches(w, 20)).values()) >= 10


async def test_a_fast_failing_node_draws_no_traffic(autojump_clock: trio.testing.MockClock) -> None:
    w = world(selection=ADAPTIVE)
    w.nodes.behaviour = {"n0": 0.05, "n1": saying(503, b"{}"), "n2": 0.05}
    await searches(w, 4)
    assert (await searches(w, 20))["n1"] == 0


async def test_a_node_that_fails_now_and_then_loses_to_one_that_is_a_little_slower(
    autojump_clock: trio.testing.MockClock,
) -> None:
    w = world(selection=ADAPTIVE)
    moods = cycle([saying(503, b"{}"), None, None, None])

    def moody(nodes: FakeNodes, node: str, given: dict[str, object]) -> object:
        mood = next(moods)
        return None if mood is None else mood(nodes, node, given)

    w.nodes.behaviour = {"n0": 0.05, "n1": moody, "n2": 0.05}  # type: ignore[dict-item]
    assert (await searches(w, 40))["n1"] <= 4


async def test_a_failure_is_forgotten_in_time(autojump_clock: trio.testing.MockClock) -> None:
    w = world(selection=ADAPTIVE)
    w.nodes.behaviour = {"n0": 0.01, "n1": saying(503, b"{}"), "n2": 0.01}
    await searches(w, 4)
    w.nodes.behaviour["n1"] = 0.01
    await trio.sleep(120)
    assert (await searches(w, 20))["n1"] > 5


async def test_a_slow_node_that_has_recovered_is_found_by_exploration(
    autojump_clock: trio.testing.MockClock,
) -> None:
    w = world(selection=ReplicaSelectionConfig(exploration_epsilon=0.2))
    w.nodes.behaviour = {"n0": 0.01, "n1": 0.5, "n2": 0.01}
    await searches(w, 20)
    w.nodes.behaviour["n1"] = 0.01
    await searches(w, 200)
    assert w.line.chooser.explorations > 5
    assert (await searches(w, 20))["n1"] > 8


async def test_a_busy_node_is_spared(autojump_clock: trio.testing.MockClock) -> None:
    w = world(selection=ADAPTIVE)
    w.nodes.behaviour = dict.fromkeys(("n0", "n1", "n2"), 0.01)
    await searches(w, 20)
    w.line.chooser.stats.of("n1", trio.current_time()).in_flight = 20
    assert (await searches(w, 10))["n1"] == 0


async def test_exploration_is_rare_and_by_chance(autojump_clock: trio.testing.MockClock) -> None:
    draws: Iterator[float] = cycle([0.04, 0.06, 0.5, 0.99])
    chooser = chooser_with(ReplicaSelectionConfig(), draws)
    for _ in range(40):
        chooser.first(LEG)
    assert chooser.explorations == 10


LEG = Leg((view(),), "/t", lambda shards: b"")


def chooser_with(selection: ReplicaSelectionConfig, draws: Iterator[float]) -> Chooser:
    topology = Topology(tuple(Node(name, "") for name in ("n0", "n1", "n2")), 2, 1)
    health = Health(topology, HealthConfig(), FakeNodes(), key="")
    return Chooser(topology, health, ScatterConfig(), selection, chance=lambda: next(draws))


async def test_strategies_take_turns_or_draw(autojump_clock: trio.testing.MockClock) -> None:
    turns = chooser_with(ReplicaSelectionConfig(strategy="round_robin"), iter([]))
    assert [turns.first(LEG).rotation for _ in range(4)] == [0, 1, 0, 1]
    drawn = chooser_with(ReplicaSelectionConfig(strategy="random"), iter([0.9, 0.1, 0.6, 0.7]))
    assert [drawn.first(LEG).rotation for _ in range(4)] == [1, 0, 1, 1]
