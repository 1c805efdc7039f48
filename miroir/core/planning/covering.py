"""Which node answers for which shard of one search: a covering set, or as much of one as there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from miroir.core.indexes import ShardMap
from miroir.core.topology import Topology


@dataclass(frozen=True, slots=True)
class Covering:
    """`assigned`: node id -> its shards in order, nodes in order of their ids. `missing`: shards nobody answers for.

    `rotation` is the turn by which it was chosen: shards that are asked again are chosen by the same one.
    """

    assigned: Mapping[str, tuple[int, ...]]
    missing: tuple[int, ...]
    rotation: int = 0


def cover(
    shard_map: ShardMap,
    topology: Topology,
    living: Set[str],
    rotation: int,
    *,
    shards: Iterable[int] | None = None,
    cross_group: bool = True,
    tried: Set[str] = frozenset(),
) -> Covering:
    """Choose one holder that was not `tried` for every shard (or each of `shards`).

    `rotation` picks the group and, independently of it, the replica within the group. A shard without living holder in
    the chosen group is asked of another one where `cross_group` allows it. That a node lives is a preference and no
    verdict: a shard that no living node holds is asked of those that hold it, for belief may be wrong.
    """
    groups = max(topology.replica_groups, 1)
    group, turn = rotation % groups, rotation // groups
    assigned: dict[str, list[int]] = {}
    missing: list[int] = []
    for shard in range(len(shard_map)) if shards is None else shards:
        holders = [node for node in shard_map[shard] if node in topology.by_id and node not in tried]
        if not cross_group:
            holders = [node for node in holders if topology.by_id[node].group == group]
        node = _pick(holders, topology, living, group, turn)
        if node is None:
            missing.append(shard)
        else:
            assigned.setdefault(node, []).append(shard)
    return Covering({node: tuple(assigned[node]) for node in sorted(assigned)}, tuple(missing), rotation)


def _pick(holders: list[str], topology: Topology, living: Set[str], group: int, turn: int) -> str | None:
    """A living holder before one that is believed to be away, then one of the group before one of another."""
    candidates = [node for node in holders if node in living] or holders
    near = [node for node in candidates if topology.by_id[node].group == group]
    choice = near or candidates
    return choice[turn % len(choice)] if choice else None
