"""Nodes and how they form groups: an immutable snapshot. Which of them are healthy is `cluster.health`'s to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Node:
    """One Meilisearch process. `address` is its base URL without a trailing slash; it never reaches a client."""

    id: str
    address: str
    group: int = 0
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Topology:
    """All nodes, and how many copies of a shard there are: `replication_factor` in each of `replica_groups` groups."""

    nodes: tuple[Node, ...]
    replication_factor: int
    replica_groups: int
    by_id: Mapping[str, Node] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {node.id: node for node in self.nodes})

    @property
    def copies(self) -> int:
        """How many nodes hold each shard when all is well."""
        return self.replication_factor * self.replica_groups

    def group(self, number: int) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.group == number)
