"""Routes about the process itself: is it there, is it ready, which version do its nodes speak."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
import trio
from quart import Blueprint, Response

from miroir.core.outcome import Answered, Outcome
from miroir.core.wire.errors import RETRY_AFTER, MiroirError
from miroir.edge.nodes.fanout import gather
from miroir.edge.store.tables import INDEXES
from miroir.http.meili.common import answer_json

if TYPE_CHECKING:
    from miroir.app import App

_STORE_WITHIN_S = 1.0
_VERSION = re.compile(r"\d+")


def instance_blueprint(app: App) -> Blueprint:
    """`/`, `/health`, `/version`, `/_miroir/ready`."""
    routes = Blueprint("instance", __name__)

    @routes.get("/")
    async def root() -> Response:
        return answer_json({"status": "Meilisearch is running"})

    @routes.get("/health")
    async def health() -> Response:
        return answer_json({"status": "available"})

    @routes.get("/version")
    async def version() -> Response:
        return answer_json(await _oldest_version(app))

    @routes.get("/_miroir/ready")
    async def ready() -> Response:
        return await _ready(app)

    return routes


async def _oldest_version(app: App) -> dict[str, Any]:
    """Clients choose features by it, so it is that of the node which can do least."""
    deadline = trio.current_time() + app.config.scatter.node_timeout_ms / 1000
    calls = {
        node.id: lambda node=node: app.pool.call(node, "GET", "/version", key=app.keys.work)
        for node in app.topology.nodes
        if app.health.alive(node.id)
    }
    outcomes = (await gather(calls, deadline=deadline)).values() if calls else ()
    versions = [version for outcome in outcomes if (version := _version(outcome)) is not None]
    if not versions:
        raise MiroirError("miroir_shard_unavailable", "No node tells its version.")
    return min(versions, key=lambda version: _numbers(version["pkgVersion"]))


def _version(outcome: Outcome) -> dict[str, Any] | None:
    if not isinstance(outcome, Answered) or outcome.status != 200:
        return None
    try:
        found = orjson.loads(outcome.body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("pkgVersion"), str) else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in _VERSION.findall(version)[:3])


async def _ready(app: App) -> Response:
    """200 when requests may come. A lost shard does not turn clients away: other pods have lost it too."""
    healthy = len(app.health.living)
    facts = {
        "ready": healthy > 0 and not app.lifecycle.draining,
        "peers": app.config.server.workers or 1,
        "nodes_healthy": healthy,
        "fully_covered": _is_covered(app),
        "store": await _store_state(app),
    }
    if facts["ready"]:
        return answer_json(facts)
    why = "This process is about to end." if app.lifecycle.draining else "No node answers."
    response = answer_json({**facts, **MiroirError("miroir_not_ready", why).as_dict()}, 503)
    name, seconds = RETRY_AFTER
    response.headers[name.decode()] = seconds.decode()
    return response


def _is_covered(app: App) -> bool:
    """Whether every shard of every index has a living node; without an index, whether any node lives."""
    living = app.health.living
    views = app.catalog.current.indexes.values()
    return bool(living) and all(not living.isdisjoint(nodes) for view in views for nodes in view.shard_map)


async def _store_state(app: App) -> str:
    with trio.move_on_after(_STORE_WITHIN_S):
        try:
            await app.store.count(INDEXES)
        except MiroirError:
            return "unavailable"
        return "available"
    return "unavailable"
