"""Covering sets: every shard once, from a living replica, spread over groups and replicas independently."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from miroir.core.planning.covering import cover
from miroir.core.topology import Node, Topology

TOPOLOGY = Topology(tuple(Node(f"n{i}", f"http://h{i}", group=i // 3) for i in range(6)), 2, 2)
MAP = tuple((f"n{s % 3}", f"n{(s + 1) % 3}", f"n{3 + s % 3}", f"n{3 + (s + 1) % 3}") for s in range(12))
NODES = [node.id for node in TOPOLOGY.nodes]


ANY_NODES = st.sets(st.sampled_from(NODES))


@given(ANY_NODES, ANY_NODES, st.integers(0, 100), st.booleans())
def test_every_shard_is_asked_once_of_a_holder_not_yet_tried_or_is_missing(
    alive: set[str], tried: set[str], turn: int, cross: bool
) -> None:
    covering = cover(MAP, TOPOLOGY, alive, turn, cross_group=cross, tried=tried)
    asked = [shard for shards in covering.assigned.values() for shard in shards]
    assert sorted([*asked, *covering.missing]) == list(range(12))
    for node, shards in covering.assigned.items():
        assert node not in tried
        assert all(node in MAP[shard] for shard in shards)
    if cross:
        assert all(set(MAP[shard]) <= tried for shard in covering.missing)


@given(ANY_NODES, st.integers(0, 100))
def test_who_is_believed_to_be_away_is_asked_for_what_no_living_node_holds_and_only_for_that(
    alive: set[str], turn: int
) -> None:
    for node, shards in cover(MAP, TOPOLOGY, alive, turn).assigned.items():
        assert node in alive or all(not alive & set(MAP[shard]) for shard in shards)


def test_a_search_stays_within_one_group_while_that_can_answer() -> None:
    for turn in range(4):
        covering = cover(MAP, TOPOLOGY, set(NODES), turn)
        assert len({TOPOLOGY.by_id[node].group for node in covering.assigned}) == 1


def test_rotation_uses_every_replica_of_a_shard() -> None:
    used: Counter[str] = Counter()
    for turn in range(4):
        for node, shards in cover(MAP, TOPOLOGY, set(NODES), turn).assigned.items():
            used.update([node] if 0 in shards else [])
    assert used == {"n0": 1, "n1": 1, "n3": 1, "n4": 1}


def test_without_cross_group_fallback_a_shard_lost_by_its_group_is_missing() -> None:
    alive, tried = set(NODES), {"n0", "n1"}
    assert cover(MAP, TOPOLOGY, alive, 0, cross_group=False, tried=tried).missing == (0, 3, 6, 9)
    assert cover(MAP, TOPOLOGY, alive, 0, tried=tried).missing == ()


def test_only_the_given_shards_are_asked() -> None:
    covering = cover(MAP, TOPOLOGY, set(NODES), 0, shards=[5, 7])
    assert sorted(s for shards in covering.assigned.values() for s in shards) == [5, 7]
