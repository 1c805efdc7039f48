"""All writes of a process, put together."""

from __future__ import annotations

from dataclasses import dataclass

import trio

from miroir.cluster.catalog import CatalogHolder
from miroir.cluster.node_keys import NodeKeys
from miroir.cluster.tasks import Follower, Pruner, TaskRegistry
from miroir.config.models import Config
from miroir.core.topology import Topology
from miroir.edge.nodes.pool import NodePool
from miroir.edge.spool import SpoolBudget
from miroir.edge.store import Store
from miroir.writes.context import Context
from miroir.writes.creation import Births
from miroir.writes.deletes import DeleteWrites
from miroir.writes.documents import DocumentWrites
from miroir.writes.indexes import IndexWrites
from miroir.writes.outlet import Outlet
from miroir.writes.sequences import Sequences
from miroir.writes.settings import SettingWrites
from miroir.writes.writer import Writer


@dataclass(frozen=True, slots=True)
class Writes:
    """Each method of these answers a `Reply`, 202 or a node's refusal, or raises MiroirError."""

    documents: DocumentWrites
    deletes: DeleteWrites
    indexes: IndexWrites
    settings: SettingWrites


async def start_writes(
    config: Config,
    store: Store,
    pool: NodePool,
    topology: Topology,
    catalog: CatalogHolder,
    keys: NodeKeys,
    nursery: trio.Nursery,
) -> Writes:
    """Take up the open tasks of the store, begin to follow them in `nursery`, and accept writes.

    For one process at a time; `catalog` is loaded. Raises MiroirError when the store cannot be used.
    """
    registry = TaskRegistry(store, catalog)
    cut_off = await registry.load()
    writer = Writer(registry, Outlet(pool, topology, keys), nursery)
    for task in cut_off:
        await nursery.start(writer.resume, task)
    nursery.start_soon(Follower(registry, catalog, pool, topology, key=keys.work).run)
    nursery.start_soon(Pruner(store, config.task_registry).run)
    births = Births(store, topology, keys, shards=config.shards, ties=config.ties)
    context = Context(
        store=store,
        pool=pool,
        topology=topology,
        keys=keys,
        registry=registry,
        writer=writer,
        births=births,
        budget=SpoolBudget(config.writes.spool_bytes),
        spool_dir=config.writes.spool_dir,
        node_payload_bytes=config.writes.node_payload_bytes,
        max_body_bytes=config.server.max_body_bytes,
    )
    sequences = Sequences(store, lambda: (view.physical for view in registry.standing().values()))
    return Writes(
        DocumentWrites(context, sequences), DeleteWrites(context), IndexWrites(context), SettingWrites(context)
    )
