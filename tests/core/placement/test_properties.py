"""What makes the placement good: every shard where it belongs, little moves, and every search reaches every shard."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from miroir import _merge_core
from miroir.core.placement.shard_map import shard_map
from miroir.core.topology import Node, Topology

_IDS = st.text("abcXYZ019_-", min_size=1, max_size=12)


@st.composite
def _topologies(draw: st.DrawFn) -> Topology:
    groups, copies = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    nodes = tuple(
        Node(id=f"n{group}-{number}", address="", group=group, weight=draw(st.floats(0.5, 4)))
        for group in range(groups)
        for number in range(draw(st.integers(copies, copies + 3)))
    )
    return Topology(nodes, copies, groups)


@given(_topologies(), st.integers(1, 40), st.text(max_size=8))
def test_every_shard_is_on_distinct_nodes_of_each_group(topology: Topology, shards: int, salt: str) -> None:
    for holders in shard_map(topology, shards, salt):
        groups = [topology.by_id[node].group for node in holders]
        assert len(set(holders)) == len(holders)
        assert groups == sorted([*range(topology.replica_groups)] * topology.replication_factor)


@given(st.lists(_IDS, min_size=2, max_size=8, unique=True), _IDS, st.integers(0, 4095))
def test_a_new_node_only_takes_and_the_others_keep_their_order(nodes: list[str], new: str, shard: int) -> None:
    assume(new not in nodes)
    before = _merge_core.rendezvous([(node, 1.0) for node in nodes], shard, "s", 99)
    after = _merge_core.rendezvous([(node, 1.0) for node in [new, *nodes]], shard, "s", 99)
    assert [node for node in after if node != new] == before


def test_about_one_in_n_shards_moves_to_a_new_node() -> None:
    five = Topology(tuple(Node(f"node-{number}", "") for number in range(5)), 1, 1)
    six = Topology((*five.nodes, Node("node-5", "")), 1, 1)
    pairs = zip(shard_map(five, 4096, "s"), shard_map(six, 4096, "s"), strict=True)
    moved = [new for old, new in pairs if old != new]
    assert set(moved) == {("node-5",)}
    assert abs(len(moved) / 4096 - 1 / 6) < 0.03


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1))
def test_digits_order_like_numbers(one: int, other: int) -> None:
    assert (_merge_core.encode_sequence(one) < _merge_core.encode_sequence(other)) == (one < other)


@given(_IDS, st.integers(1, 4096))
def test_ids_that_differ_by_case_share_a_shard(document_id: str, shards: int) -> None:
    assert _merge_core.shard_of(document_id.upper(), shards) == _merge_core.shard_of(document_id.lower(), shards)


@pytest.mark.parametrize("shards", [0, -1, 4097])
def test_impossible_numbers_of_shards_are_refused(shards: int) -> None:
    with pytest.raises(ValueError, match="1 to 4096"):
        _merge_core.shard_of("a", shards)
    with pytest.raises(ValueError, match="1 to 4096"):
        shard_map(Topology((), 1, 1), shards, "")


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_weights_are_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="weight"):
        _merge_core.rendezvous([("a", weight)], 0, "", 1)
