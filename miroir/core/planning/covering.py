"""Which node answers for which shard of one search: a covering set, or as much of one as there is.

Pure: who lives, how good each node is, and the turn come in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from types import MappingProxyType

from miroir.core.indexes import ShardMap
from miroir.core.topology import Topology

Shards = tuple[int, ...]
_ALIKE = 1.1
"""Scores that differ by no more are the same: equal nodes then share the load by turns."""


@dataclass(frozen=True, slots=True)
class Covering:
    """`assigned`: node id -> its shards in order, nodes in order of their ids. `missing`: shards nobody answers for.

    `rotation` names the group and the turn by which it was chosen: shards that are asked again are chosen by the same.
    """

    assigned: Mapping[str, Shards]
    missing: Shards
    rotation: int = 0


@dataclass(frozen=True, slots=True)
class Preference:
    """How nodes are preferred: those that live before those that do not, then `outliers` last, then the best score.

    Nodes without a score count as the best. Preferences never make a shard missing.
    """

    living: Set[str]
    scores: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    outliers: Set[str] = frozenset()

    def best(self, holders: list[str]) -> list[str]:
        """Those of the holders that are to share the load."""
        candidates = [node for node in holders if node in self.living] or holders
        if self.outliers:
            candidates = [node for node in candidates if node not in self.outliers] or candidates
        return candidates

    def alike(self, candidates: list[str]) -> list[str]:
        """The candidates with about the best score."""
        if not self.scores or len(candidates) < 2:
            return candidates
        limit = _ALIKE * min(self.scores.get(node, 0.0) for node in candidates)
        return [node for node in candidates if self.scores.get(node, 0.0) <= limit]


def cover(
    shard_map: ShardMap,
    topology: Topology,
    preference: Preference,
    rotation: int,
    *,
    shards: Iterable[int] | None = None,
    cross_group: bool = True,
    tried: Set[str] = frozenset(),
) -> Covering:
    """Choose one holder that was not `tried` for every shard (or each of `shards`).

    `rotation` picks the group and, independently of it, whose turn it is among equally good replicas of that group. A
    shard without a fair holder in the group is asked of another group where `cross_group` allows it. That a node lives
    is a preference and no verdict: a shard that no living node holds is asked of those that hold it, for belief may be
    wrong.
    """
    group, turn = _taken_apart(rotation, topology)
    assigned: dict[str, list[Shards]] = {}
    missing: list[Shards] = []
    for all_holders, held in _by_holders(shard_map) if shards is None else _held(shard_map, shards):
        holders = [node for node in all_holders if node in topology.by_id and node not in tried]
        if not cross_group:
            holders = [node for node in holders if topology.by_id[node].group == group]
        node = _pick(holders, topology, preference, group, turn)
        if node is None:
            missing.append(held)
        else:
            assigned.setdefault(node, []).append(held)
    return Covering({node: _joined(assigned[node]) for node in sorted(assigned)}, _joined(missing), rotation)


def best_cover(
    shard_map: ShardMap,
    topology: Topology,
    preference: Preference,
    rotation: int,
    *,
    shards: Shards | None = None,
    cross_group: bool = True,
) -> Covering:
    """As `cover`, by the group that is done first: the one whose slowest chosen node is the best.

    Equally good groups take turns by `rotation`.
    """
    groups = max(topology.replica_groups, 1)
    if groups == 1 or not preference.scores:
        return cover(shard_map, topology, preference, rotation, shards=shards, cross_group=cross_group)
    group, turn = _taken_apart(rotation, topology)
    turns = [(group + step) % groups + turn * groups for step in range(groups)]
    made = [cover(shard_map, topology, preference, each, shards=shards, cross_group=cross_group) for each in turns]
    costs = [_cost(covering, preference) for covering in made]
    fewest, best = min(costs)
    return next(
        covering
        for covering, (missing, cost) in zip(made, costs, strict=True)
        if missing == fewest and cost <= best * _ALIKE
    )


def _cost(covering: Covering, preference: Preference) -> tuple[int, float]:
    """Shards that are missing, then the score of the worst node: a search is as slow as that."""
    return len(covering.missing), max((preference.scores.get(node, 0.0) for node in covering.assigned), default=0.0)


def _taken_apart(rotation: int, topology: Topology) -> tuple[int, int]:
    """Group and turn: independent of each other, or half the replicas would never serve."""
    groups = max(topology.replica_groups, 1)
    return rotation % groups, rotation // groups


def _pick(holders: list[str], topology: Topology, preference: Preference, group: int, turn: int) -> str | None:
    """One of the preferred holders, of the group before one of another."""
    if not holders:
        return None
    candidates = preference.best(holders)
    if topology.replica_groups > 1:
        candidates = [node for node in candidates if topology.by_id[node].group == group] or candidates
    choice = preference.alike(candidates)
    return choice[turn % len(choice)]


def _joined(parts: list[Shards]) -> Shards:
    return parts[0] if len(parts) == 1 else tuple(sorted(chain.from_iterable(parts)))


@lru_cache(maxsize=256)
def _by_holders(shard_map: ShardMap) -> tuple[tuple[tuple[str, ...], Shards], ...]:
    """Shards that have the same holders are decided on at once: with few nodes there are few kinds of them."""
    return tuple(_held(shard_map, range(len(shard_map))))


def _held(shard_map: ShardMap, shards: Iterable[int]) -> list[tuple[tuple[str, ...], Shards]]:
    found: dict[tuple[str, ...], list[int]] = {}
    for shard in shards:
        found.setdefault(shard_map[shard], []).append(shard)
    return [(holders, tuple(sorted(held))) for holders, held in found.items()]
