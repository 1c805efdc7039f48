"""The composition root: everything that one worker needs, built once, in order, and taken down in reverse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trio

from miroir.cluster.catalog import CatalogHolder
from miroir.cluster.health import Health
from miroir.cluster.node_keys import NodeKeys
from miroir.cluster.tasks.reading import TaskReader
from miroir.config.models import Config
from miroir.core.topology import Node, Topology
from miroir.core.wire.errors import MiroirError
from miroir.edge.lifecycle import Lifecycle, StartError
from miroir.edge.nodes.patience import ANSWER_WITHIN
from miroir.edge.nodes.pool import NodePool, PoolLimits, open_pool
from miroir.edge.shared_counter import Counter
from miroir.edge.store import Store, open_store
from miroir.reads.documents import DocumentReads
from miroir.reads.explain import Explainer
from miroir.reads.facet_search import FacetSearcher
from miroir.reads.line import Line
from miroir.reads.multi import MultiSearcher
from miroir.reads.search import Searcher
from miroir.reads.similar import SimilarReads
from miroir.reads.stats import StatsReads
from miroir.writes.service import Writes, start_writes

_PROBES = PoolLimits(max_total=2, max_idle=1)
"""Probes have connections of their own: they must not wait behind requests that keep all others busy."""
_MEET_WITHIN_S = 3.0
_MEET_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class App:
    """What requests are answered with. `writes` is there in worker 0 alone: the others hand writes over to it."""

    config: Config
    topology: Topology
    lifecycle: Lifecycle
    pool: NodePool
    store: Store
    keys: NodeKeys
    health: Health
    catalog: CatalogHolder
    tasks: TaskReader
    searcher: Searcher
    multi_searcher: MultiSearcher
    facet_searcher: FacetSearcher
    explainer: Explainer
    similar: SimilarReads
    documents: DocumentReads
    stats: StatsReads
    writes: Writes | None


def topology_of(config: Config) -> Topology:
    """The configured nodes as the rest of Miroir sees them."""
    nodes = tuple(Node(node.id, node.address, node.replica_group, node.weight) for node in config.nodes)
    return Topology(nodes, config.replication_factor, config.replica_groups)


@asynccontextmanager
async def open_app(
    config: Config, *, worker: int = 0, counter: Counter | None = None, lifecycle: Lifecycle | None = None
) -> AsyncIterator[App]:
    """Everything for one worker, for as long as the block runs; ready when it is handed over.

    `counter` is shared by the workers of a pod. Raises `StartError`, a sentence, when the store cannot be used.
    """
    topology = topology_of(config)
    async with _open_store(config) as store, open_pool(config) as pool, trio.open_nursery() as nursery:
        catalog = CatalogHolder(store, counter)
        await catalog.load()
        keys = NodeKeys(pool, topology, config.node_master_key.get_secret_value())
        probes = NodePool(_PROBES)
        health = Health(topology, config.health, probes, key=keys.work)
        await _meet_nodes(keys, health, config.health.unhealthy_threshold, first=worker == 0)
        nursery.start_soon(health.run)
        line = Line(
            catalog,
            topology,
            health,
            pool,
            config.scatter,
            key=keys.work,
            selection=config.replica_selection,
            hedging=config.hedging,
            coalescing=config.query_coalescing,
        )
        nursery.start_soon(line.run)
        searcher = _searcher(config, catalog, line)
        writes = None
        if worker == 0:
            writes = await start_writes(config, store, pool, topology, catalog, keys, nursery)
            nursery.start_soon(keys.keep)
        else:
            nursery.start_soon(catalog.watch)
        yield App(
            config,
            topology,
            lifecycle or Lifecycle(),
            pool,
            store,
            keys,
            health,
            catalog,
            TaskReader(store),
            searcher,
            MultiSearcher(catalog, line, searcher, config.multi_search),
            FacetSearcher(catalog, line),
            Explainer(catalog, topology, line, searcher, config.explain),
            SimilarReads(catalog, line),
            DocumentReads(catalog, line),
            StatsReads(catalog, line, topology),
            writes,
        )
        nursery.cancel_scope.cancel()
        probes.close_idle()


def _searcher(config: Config, catalog: CatalogHolder, line: Line) -> Searcher:
    literals, factor = config.query_planner.most_literals, config.vector_search.usual_over_fetch
    return Searcher(catalog, line, most_literals=literals, over_fetch=factor)


async def _meet_nodes(keys: NodeKeys, health: Health, threshold: int, *, first: bool) -> None:
    """Know before the first request who is there, and that they know our key.

    Whoever is away is asked as often as it takes to believe it: a process that is ready has nodes. A node that does
    not know our key yet is about to learn it, from here or from another worker.
    """

    async def ask() -> None:
        for _ in range(threshold):
            await health.probe()
        with trio.move_on_after(_MEET_WITHIN_S):
            while not health.settled or health.refusing:
                await trio.sleep(_MEET_AGAIN_S)
                await health.probe()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        if first:
            nursery.start_soon(keys.create_everywhere, trio.current_time() + ANSWER_WITHIN)


@asynccontextmanager
async def _open_store(config: Config) -> AsyncIterator[Store]:
    chosen = config.task_store
    entered = False
    try:
        await _make_folder(chosen.backend, chosen.path)
        async with open_store(chosen.backend, chosen.path) as store:
            entered = True
            yield store
    except MiroirError as error:
        if entered:
            raise
        raise StartError(f"task_store.path: {error.message}") from None


async def _make_folder(backend: str, path: str) -> None:
    if backend == "memory":
        return
    folder = trio.Path(Path(path).parent)
    try:
        await folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"task_store.path: cannot make the folder {folder}: {error.strerror}.") from None
