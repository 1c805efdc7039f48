"""What every kind of write needs: one value, made by the composition root."""

from __future__ import annotations

from dataclasses import dataclass

from miroir.cluster.node_keys import NodeKeys
from miroir.cluster.tasks.registry import TaskRegistry
from miroir.core.indexes import IndexView
from miroir.core.tasks.task import JsonObject
from miroir.core.topology import Topology
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reserved import PREFIX, is_reserved
from miroir.edge.nodes.pool import NodePool
from miroir.edge.spool import SpoolBudget
from miroir.edge.store import Store
from miroir.writes.creation import Births
from miroir.writes.writer import Writer


@dataclass(frozen=True, slots=True)
class Context:
    """`node_payload_bytes` is the largest request to a node; `max_body_bytes` the largest payload of a client."""

    store: Store
    pool: NodePool
    topology: Topology
    keys: NodeKeys
    registry: TaskRegistry
    writer: Writer
    births: Births
    budget: SpoolBudget
    spool_dir: str
    node_payload_bytes: int
    max_body_bytes: int

    def standing(self, uid: str) -> IndexView | None:
        """The index as the next write meets it."""
        return self.registry.standing().get(uid)

    @property
    def all_nodes(self) -> tuple[str, ...]:
        return tuple(node.id for node in self.topology.nodes)


def check_primary_key(key: str | None) -> None:
    """Raises MiroirError `miroir_reserved_field` for a field of Miroir's own."""
    if key is not None and is_reserved(key):
        text = f"`{key}` cannot be the primary key: names that begin with `{PREFIX}` are Miroir's."
        raise MiroirError("miroir_reserved_field", text)


def copies_of(view: IndexView) -> int:
    """How many nodes hold each shard."""
    return max(1, len(view.shard_map[0]))


def error(code: str, message: str) -> JsonObject:
    """An error as a task shows it."""
    return dict(MiroirError(code, message).as_dict())


def not_found(uid: str) -> JsonObject:
    return error("index_not_found", f"Index `{uid}` not found.")
