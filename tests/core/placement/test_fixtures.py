"""Stored data depends on these functions: they answer for ever what they answered when the fixtures were written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from miroir import _merge_core
from miroir.core.placement.shard_map import shard_map
from miroir.core.topology import Node, Topology

_FIXTURES = Path(__file__).parent / "fixtures"


def _cases(name: str) -> list[dict[str, Any]]:
    cases = json.loads((_FIXTURES / name).read_text())
    assert cases
    return list(cases)


@pytest.mark.parametrize("case", _cases("ids.json"), ids=lambda case: case["json"][:40])
def test_ids_keep_their_canonical_form_and_their_shard(case: dict[str, Any]) -> None:
    canonical = _merge_core.canonical_id(case["json"].encode())
    assert canonical == case["canonical"]
    if canonical is not None:
        shards = {count: _merge_core.shard_of(canonical, int(count)) for count in case["shard_of"]}
        assert shards == case["shard_of"]


@pytest.mark.parametrize("case", _cases("rendezvous.json"), ids=lambda case: case["salt"])
def test_nodes_keep_their_order_for_a_shard(case: dict[str, Any]) -> None:
    nodes = [(node, weight) for node, weight in case["nodes"]]
    chosen = [_merge_core.rendezvous(nodes, shard, case["salt"], len(nodes)) for shard in range(len(case["chosen"]))]
    assert chosen == case["chosen"]


@pytest.mark.parametrize("case", _cases("shard_maps.json"), ids=lambda case: case["salt"])
def test_shard_maps_stay(case: dict[str, Any]) -> None:
    nodes = tuple(Node(id=name, address="", group=group, weight=weight) for name, group, weight in case["nodes"])
    topology = Topology(nodes, case["replication_factor"], case["replica_groups"])
    assert [list(holders) for holders in shard_map(topology, case["shards"], case["salt"])] == case["map"]


@pytest.mark.parametrize("case", _cases("digits.json"), ids=lambda case: str(case["number"]))
def test_numbers_keep_their_digits(case: dict[str, Any]) -> None:
    encode = {4: _merge_core.encode_shard, 16: _merge_core.encode_sequence}[len(case["digits"])]
    assert encode(case["number"]) == case["digits"]
