"""Real sockets for the HTTP tests: an ASGI application on stock Hypercorn, and a searcher among fake nodes."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import httpx
import trio
from hypercorn.config import Config as HypercornConfig
from hypercorn.trio import serve
from quart_trio import QuartTrio

from miroir.config.models import Config
from miroir.http.lane import Lane
from miroir.http.meili.multi_search import multi_search_blueprint
from miroir.http.meili.search import search_blueprint
from miroir.reads.multi import MultiSearcher
from miroir.reads.search import Searcher
from tests.reads.fakes import World, world

KEY = {"authorization": "Bearer master"}


@dataclass(frozen=True)
class SmallApp:
    """What the lane and the routes of searches need of the app."""

    config: Config
    searcher: Searcher
    multi_searcher: MultiSearcher


@contextlib.asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Serve for as long as the block runs; yields the base URL. Open requests are cut off at the end."""
    config = HypercornConfig()
    config.bind = ["127.0.0.1:0"]
    config.graceful_timeout = 0.1
    config.accesslog = config.errorlog = None
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        binds = await nursery.start(partial(serve, app, config, shutdown_trigger=stop.wait))
        try:
            yield binds[0]
        finally:
            stop.set()


@dataclass
class Site:
    """A lane around a Quart application with the search route, and the fake nodes behind both."""

    app: SmallApp
    quart: QuartTrio
    lane: Lane
    world: World


def site(world_: World | None = None, **server: Any) -> Site:
    among = world_ or world()
    app = SmallApp(Config.model_validate({"master_key": "master", "server": server}), among.searcher, among.multi())
    quart = QuartTrio("test")
    quart.config.update(MAX_CONTENT_LENGTH=None, BODY_TIMEOUT=None, RESPONSE_TIMEOUT=None)
    quart.register_blueprint(search_blueprint(app))
    quart.register_blueprint(multi_search_blueprint(app))
    return Site(app, quart, Lane(cast("Any", app), cast("Any", quart.asgi_app)), among)


def client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers=KEY, timeout=20, trust_env=False)
