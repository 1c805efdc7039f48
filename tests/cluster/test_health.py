"""Beliefs about nodes: out after enough failures, back after enough probes, never moved by one observation."""

from __future__ import annotations

import trio

from miroir.cluster.health import Health
from miroir.config.models import HealthConfig
from miroir.core.outcome import Answered, Outcome, TimedOut, Unreachable
from miroir.core.topology import Node, Topology
from miroir.edge.nodes.pool import NodePool, PoolLimits

TOPOLOGY = Topology((Node("a", "http://a"), Node("b", "http://b")), 1, 1)
CONFIG = HealthConfig(interval_ms=5000, timeout_ms=2000, unhealthy_threshold=3, recovery_threshold=2)
BAD = Unreachable("a", "refused", sent=False)
GOOD = Answered("a", 200, b"", 0.1)


class FakePool(NodePool):
    """Answers probes as told, by node; a number is seconds to wait before answering well."""

    def __init__(self) -> None:
        super().__init__(PoolLimits())
        self.answers: dict[str, Outcome | float] = {}
        self.asked: list[tuple[float, str]] = []

    async def call(
        self, node: Node, method: str, target: str, body: bytes = b"", *, key: str, content_type: str = ""
    ) -> Outcome:
        self.asked.append((trio.current_time(), node.id))
        assert (method, target, key) == ("GET", "/version", "work-key")
        told = self.answers.get(node.id, 0.0)
        if isinstance(told, float):
            await trio.sleep(told)
            return Answered(node.id, 200, b"", told)
        return told


def health(pool: FakePool | None = None) -> Health:
    return Health(TOPOLOGY, CONFIG, pool or FakePool(), key="work-key")


def test_all_nodes_are_alive_at_first() -> None:
    assert health().living == {"a", "b"}


def test_traffic_takes_a_node_out_at_the_threshold_and_not_before() -> None:
    beliefs = health()
    beliefs.record(BAD)
    beliefs.record(BAD)
    assert beliefs.alive("a")
    beliefs.record(Answered("a", 500, b"", 0.1))
    assert not beliefs.alive("a")
    assert beliefs.alive("b")


def test_a_good_answer_between_failures_starts_the_count_again() -> None:
    beliefs = health()
    for outcome in (BAD, BAD, GOOD, BAD, BAD):
        beliefs.record(outcome)
    assert beliefs.alive("a")


def test_refusals_and_overload_are_no_sign_of_illness() -> None:
    beliefs = health()
    for status in (400, 403, 404, 503) * 3:
        beliefs.record(Answered("a", status, b"", 0.1))
    assert beliefs.alive("a")


def test_traffic_does_not_bring_a_node_back() -> None:
    beliefs = health()
    for outcome in (BAD, BAD, BAD, GOOD, GOOD, GOOD):
        beliefs.record(outcome)
    assert not beliefs.alive("a")


def test_an_unknown_node_is_nobody() -> None:
    beliefs = health()
    for _ in range(5):
        beliefs.record(Unreachable("stranger", "", sent=False))
    assert beliefs.living == {"a", "b"}


async def test_probes_bring_a_node_back_after_the_recovery_threshold() -> None:
    pool = FakePool()
    beliefs = health(pool)
    for _ in range(3):
        beliefs.record(BAD)
    await beliefs.probe()
    assert not beliefs.alive("a")
    await beliefs.probe()
    assert beliefs.alive("a")


async def test_a_probe_lasts_no_longer_than_its_timeout(autojump_clock: trio.testing.MockClock) -> None:
    pool = FakePool()
    pool.answers = {"a": 60.0}
    beliefs = health(pool)
    for _ in range(3):
        await beliefs.probe()
    assert trio.current_time() == 6
    assert beliefs.living == {"b"}


async def test_probes_go_out_at_every_interval_to_every_node(autojump_clock: trio.testing.MockClock) -> None:
    pool = FakePool()
    with trio.move_on_after(11):
        await health(pool).run()
    assert sorted(pool.asked) == [(0, "a"), (0, "b"), (5, "a"), (5, "b"), (10, "a"), (10, "b")]


async def test_late_answers_do_not_take_a_node_out_whose_probes_succeed() -> None:
    beliefs = health()
    await beliefs.probe()
    for _ in range(20):
        beliefs.record(TimedOut("a", 5))
    assert beliefs.living == {"a", "b"}


async def test_late_answers_speak_against_a_node_whose_probe_failed() -> None:
    pool = FakePool()
    pool.answers = {"a": BAD}
    beliefs = health(pool)
    await beliefs.probe()
    for _ in range(2):
        beliefs.record(TimedOut("a", 5))
    assert beliefs.living == {"b"}


async def test_a_late_answer_makes_a_probe_go_out_soon(autojump_clock: trio.testing.MockClock) -> None:
    pool = FakePool()
    beliefs = health(pool)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(beliefs.run)
        await trio.sleep(1)
        for _ in range(3):
            beliefs.record(TimedOut("a", 5))
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert sorted(pool.asked) == [(0, "a"), (0, "b"), (1, "a"), (1, "b")]


async def test_a_node_that_refuses_our_key_is_not_healthy() -> None:
    pool = FakePool()
    pool.answers = {"a": Answered("a", 403, b"", 0.0)}
    beliefs = health(pool)
    for _ in range(3):
        await beliefs.probe()
    assert beliefs.living == {"b"}
    assert beliefs.refusing == {"a"}
    pool.answers = {}
    await beliefs.probe()
    assert not beliefs.settled
    await beliefs.probe()
    assert beliefs.living == {"a", "b"}
    assert beliefs.settled


def test_who_is_believed_to_be_away_is_asked_last() -> None:
    beliefs = health()
    for _ in range(3):
        beliefs.record(BAD)
    assert beliefs.in_order == ("b", "a")
