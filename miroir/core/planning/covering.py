"""Which node answers for which shard of one search: a covering set, or as much of one as there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from miroir.core.indexes import ShardMap
from miroir.core.topology import Topology


@dataclass(frozen=True, slots=True)
class Covering:
    """`assigned`: node id -> its shards in order, nodes in order of their ids. `missing`: shards nobody answers for."""

    assigned: Mapping[str, tuple[int, ...]]
    missing: tuple[int, ...]


def cover(
    shard_map: ShardMap,
    topology: Topology,
    candidates: Set[str],
    rotation: int,
    *,
    shards: Iterable[int] | None = None,
    cross_group: bool = True,
) -> Covering:
    """Choose one candidate for every shard (or each of `shards`).

    `rotation` picks the group and, independently of it, the replica within the group. A shard without candidate in the
    chosen group is asked of another one where `cross_group` allows it.
    """
    groups = max(topology.replica_groups, 1)
    group, turn = rotation % groups, rotation // groups
    assigned: dict[str, list[int]] = {}
    missing: list[int] = []
    for shard in range(len(shard_map)) if shards is None else shards:
        node = _pick(shard_map[shard], topology, candidates, group, turn, cross_group=cross_group)
        if node is None:
            missing.append(shard)
        else:
            assigned.setdefault(node, []).append(shard)
    return Covering({node: tuple(assigned[node]) for node in sorted(assigned)}, tuple(missing))


def _pick(
    holders: tuple[str, ...], topology: Topology, candidates: Set[str], group: int, turn: int, *, cross_group: bool
) -> str | None:
    living = [node for node in holders if node in candidates and node in topology.by_id]
    near = [node for node in living if topology.by_id[node].group == group]
    choice = near or (living if cross_group else [])
    return choice[turn % len(choice)] if choice else None
