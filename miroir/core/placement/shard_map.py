"""Which nodes hold which shard: rendezvous hashing inside each group. Stored data depends on it; fixtures pin it."""

from __future__ import annotations

from miroir import _merge_core
from miroir.core.indexes import ShardMap
from miroir.core.topology import Topology


def shard_map(topology: Topology, shards: int, salt: str) -> ShardMap:
    """For each shard the ids of its nodes: `replication_factor` of each group, group by group, best first.

    `salt` is the index's own, so that indexes spread over the nodes differently. A group with fewer nodes than copies
    gives what it has. Raises ValueError when `shards` is not 1 to 4096 or a weight is not more than 0.
    """
    if not 1 <= shards <= 4096:
        raise ValueError(f"an index has 1 to 4096 shards, not {shards}")
    groups = [[(node.id, node.weight) for node in topology.group(number)] for number in range(topology.replica_groups)]
    copies = topology.replication_factor
    return tuple(
        tuple(node for group in groups for node in _merge_core.rendezvous(group, shard, salt, copies))
        for shard in range(shards)
    )
