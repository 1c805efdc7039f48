"""The bookkeeping of a fan-out: however answers, failures and hedges follow, no shard is lost or counted twice."""

from __future__ import annotations

from collections.abc import Set

from hypothesis import given, settings
from hypothesis import strategies as st

from miroir.core.planning.covering import Covering, Preference, cover
from miroir.core.planning.leg import Shards
from miroir.core.planning.verdict import Failed, Good, Refused
from miroir.core.topology import Node, Topology
from miroir.reads.scatter import Call, Scatter

NODES = tuple(f"n{number}" for number in range(5))
TOPOLOGY = Topology(tuple(Node(name, "") for name in NODES), 3, 1)
MAP = tuple(tuple(NODES[(shard + copy) % 5] for copy in range(3)) for shard in range(8))
EVERYONE = Preference(frozenset(NODES))


def others(shards: Shards, tried: Set[str]) -> Covering:
    return cover(MAP, TOPOLOGY, EVERYONE, 1, shards=shards, tried=tried)


def started() -> tuple[Scatter, list[Call]]:
    scatter = Scatter(cover(MAP, TOPOLOGY, EVERYONE, 0), others)
    return scatter, list(scatter.first)


STEPS = st.lists(st.tuples(st.sampled_from(["good"] * 3 + ["bad", "late", "late"]), st.integers(0, 99)), max_size=60)


@settings(max_examples=200, deadline=None)
@given(STEPS, st.booleans())
def test_every_shard_ends_in_one_place(steps: list[tuple[str, int]], patient: bool) -> None:
    scatter, out = started()
    for what, which in steps:
        if scatter.done:
            break
        call = out[which % len(out)]
        if what == "late":
            out += _hedged(scatter, call)
            continue
        out.remove(call)
        out += scatter.settle(call, Good(b"") if what == "good" else Failed("ill"))
    while patient and not scatter.done:
        call = out.pop(0)
        out += scatter.settle(call, Good(b""))
    scatter.give_up(out)
    answered = [shard for part in scatter.parts for shard in part.shards]
    assert sorted([*answered, *scatter.missing]) == list(range(8))
    if patient:
        assert all(set(MAP[shard]) <= scatter.failed for shard in scatter.missing)


def _hedged(scatter: Scatter, call: Call) -> list[Call]:
    if call.attempt.over or call.attempt.rival is not None:
        return []
    covering = others(call.shards, scatter.failed | {call.node})
    return [] if covering.missing else scatter.hedge(call, covering)


def test_half_a_hedge_is_no_answer() -> None:
    scatter, (slow, *rest) = started()
    halves = scatter.hedge(slow, Covering({"n8": slow.shards[:1], "n9": slow.shards[1:]}, ()))
    assert len(slow.shards) > 1
    scatter.settle(halves[0], Good(b"half"))
    assert scatter.parts == []
    scatter.settle(slow, Good(b"whole"))
    scatter.settle(halves[1], Good(b"half"))
    assert [part.body for part in scatter.parts] == [b"whole"]
    assert scatter.hedges_won == 0
    for call in rest:
        assert not scatter.done
        scatter.settle(call, Good(b""))
    assert scatter.done


def test_what_half_a_hedge_has_answered_is_kept_when_the_slow_node_fails() -> None:
    scatter, (slow, *_) = started()
    halves = scatter.hedge(slow, Covering({"n8": slow.shards[:1], "n9": slow.shards[1:]}, ()))
    scatter.settle(halves[0], Good(b"half"))
    assert scatter.settle(slow, Failed("ill")) == []
    assert [part.body for part in scatter.parts] == [b"half"]
    again = scatter.settle(halves[1], Failed("ill"))
    assert sorted(shard for call in again for shard in call.shards) == list(slow.shards[1:])


def test_after_a_refusal_nobody_else_is_asked() -> None:
    scatter, (first, second, *_) = started()
    scatter.settle(first, Refused(400, b"", "invalid_search_filter"))
    assert scatter.settle(second, Failed("ill")) == []
    assert scatter.refused is not None
