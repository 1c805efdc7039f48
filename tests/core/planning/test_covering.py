"""Covering sets: every shard once, from a good replica, spread over groups and replicas independently."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from miroir.core.planning.covering import Preference, best_cover, cover
from miroir.core.topology import Node, Topology

TOPOLOGY = Topology(tuple(Node(f"n{i}", f"http://h{i}", group=i // 3) for i in range(6)), 2, 2)
MAP = tuple((f"n{s % 3}", f"n{(s + 1) % 3}", f"n{3 + s % 3}", f"n{3 + (s + 1) % 3}") for s in range(12))
NODES = [node.id for node in TOPOLOGY.nodes]
EVERYONE = Preference(set(NODES))


ANY_NODES = st.sets(st.sampled_from(NODES))


@given(ANY_NODES, ANY_NODES, st.integers(0, 100), st.booleans())
def test_every_shard_is_asked_once_of_a_holder_not_yet_tried_or_is_missing(
    alive: set[str], tried: set[str], turn: int, cross: bool
) -> None:
    covering = cover(MAP, TOPOLOGY, Preference(alive), turn, cross_group=cross, tried=tried)
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
    for node, shards in cover(MAP, TOPOLOGY, Preference(alive), turn).assigned.items():
        assert node in alive or all(not alive & set(MAP[shard]) for shard in shards)


def test_a_search_stays_within_one_group_while_that_can_answer() -> None:
    for turn in range(4):
        covering = cover(MAP, TOPOLOGY, EVERYONE, turn)
        assert len({TOPOLOGY.by_id[node].group for node in covering.assigned}) == 1


def test_rotation_uses_every_replica_of_a_shard() -> None:
    used: Counter[str] = Counter()
    for turn in range(4):
        for node, shards in cover(MAP, TOPOLOGY, EVERYONE, turn).assigned.items():
            used.update([node] if 0 in shards else [])
    assert used == {"n0": 1, "n1": 1, "n3": 1, "n4": 1}


def test_without_cross_group_fallback_a_shard_lost_by_its_group_is_missing() -> None:
    alive, tried = set(NODES), {"n0", "n1"}
    assert cover(MAP, TOPOLOGY, Preference(alive), 0, cross_group=False, tried=tried).missing == (0, 3, 6, 9)
    assert cover(MAP, TOPOLOGY, Preference(alive), 0, tried=tried).missing == ()


def test_only_the_given_shards_are_asked() -> None:
    covering = cover(MAP, TOPOLOGY, EVERYONE, 0, shards=[5, 7])
    assert sorted(s for shards in covering.assigned.values() for s in shards) == [5, 7]


SCORES = st.fixed_dictionaries(dict.fromkeys(NODES, st.floats(0, 1000)))


@given(ANY_NODES, ANY_NODES, SCORES, ANY_NODES, st.integers(0, 100))
def test_no_score_makes_a_shard_missing_or_asked_twice(
    alive: set[str], tried: set[str], scores: dict[str, float], outliers: set[str], turn: int
) -> None:
    preference = Preference(alive, scores, outliers)
    covering = cover(MAP, TOPOLOGY, preference, turn, tried=tried)
    asked = sorted(shard for shards in covering.assigned.values() for shard in shards)
    assert sorted([*asked, *covering.missing]) == list(range(12))
    assert set(covering.missing) == {shard for shard in range(12) if set(MAP[shard]) <= tried}
    assert sorted(asked) == sorted(
        shard
        for shards in best_cover(MAP, TOPOLOGY, preference, turn, shards=tuple(asked)).assigned.values()
        for shard in shards
    )


def test_the_better_replica_of_each_shard_is_asked() -> None:
    scores = {**dict.fromkeys(NODES, 10.0), "n1": 30.0}
    covering = cover(MAP, TOPOLOGY, Preference(set(NODES), scores), 0)
    assert set(covering.assigned) == {"n0", "n2"}


def test_replicas_that_are_about_as_good_take_turns() -> None:
    scores = {node: 10.0 + number / 10 for number, node in enumerate(NODES)}
    made = [cover(MAP, TOPOLOGY, Preference(set(NODES), scores), turn).assigned for turn in (0, 2)]
    assert [node for assigned in made for node, shards in assigned.items() if 0 in shards] == ["n0", "n1"]


@given(st.integers(0, 3))
def test_the_group_whose_slowest_node_is_best_is_asked(turn: int) -> None:
    scores = {**dict.fromkeys(NODES[:3], 1.0), "n1": 50.0, "n0": 60.0, **dict.fromkeys(NODES[3:], 20.0)}
    assert set(best_cover(MAP, TOPOLOGY, Preference(set(NODES), scores), turn).assigned) <= set(NODES[3:])


def test_equally_good_groups_take_turns() -> None:
    preference = Preference(set(NODES), dict.fromkeys(NODES, 5.0))
    made = [best_cover(MAP, TOPOLOGY, preference, turn).assigned for turn in range(2)]
    assert [{TOPOLOGY.by_id[node].group for node in assigned} for assigned in made] == [{0}, {1}]


def test_an_outlier_is_asked_only_for_what_no_other_holds() -> None:
    lone = (("n0",), ("n0", "n1"), ("n0", "n3"))
    preference = Preference(set(NODES), {}, {"n0"})
    assert cover(lone, TOPOLOGY, preference, 0).assigned == {"n0": (0,), "n1": (1,), "n3": (2,)}


def test_who_lives_comes_before_who_is_fast() -> None:
    scores = {"n0": 1.0, "n1": 900.0}
    assert cover((("n0", "n1"),), TOPOLOGY, Preference({"n1"}, scores), 0).assigned == {"n1": (0,)}
