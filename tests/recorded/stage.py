"""All of Miroir but its nodes and its store, in this process: requests go in as HTTP, node calls out to a pool."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

import httpx

import miroir.app
from miroir.config.loading import from_mapping
from miroir.edge.nodes.pool import NodePool
from miroir.edge.store.memory import MemoryStore
from miroir.edge.store.tables import INDEXES
from miroir.http.front import build_front

CLIENT_KEY = "a-client-key-of-tests-only"
Rows = Sequence[tuple[str, bytes]]
"""Indexes of the catalog as the store keeps them."""


@asynccontextmanager
async def staged(config: Mapping[str, Any], catalog: Rows, pool: NodePool) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a worker that writes nothing, over these indexes and this pool."""
    store = MemoryStore()
    for uid, view in catalog:
        await store.put(INDEXES, uid, view)

    @asynccontextmanager
    async def the_pool(*_: object) -> AsyncIterator[NodePool]:
        yield pool

    @asynccontextmanager
    async def the_store(*_: object) -> AsyncIterator[MemoryStore]:
        yield store

    with (
        patch.object(miroir.app, "open_pool", the_pool),
        patch.object(miroir.app, "open_store", the_store),
        patch.object(miroir.app, "NodePool", lambda _: pool),
    ):
        async with miroir.app.open_app(from_mapping(config), worker=1) as app:
            transport = httpx.ASGITransport(build_front(app), raise_app_exceptions=False)
            key = {"authorization": f"Bearer {CLIENT_KEY}"}
            async with httpx.AsyncClient(transport=transport, base_url="http://miroir", headers=key) as client:
                yield client
