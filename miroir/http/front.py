"""The whole ASGI application: what holds for every request, around the lane, around Quart.

Cross-origin headers as Meilisearch gives them; a slash at the end of a path is trimmed; a worker that is not the first
answers reads, and hands all else over to worker 0.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from miroir.core.wire.errors import MiroirError
from miroir.edge.workers import share_of
from miroir.http.body import header
from miroir.http.forward import Forward
from miroir.http.lane import Lane
from miroir.http.quart_app import build_quart

if TYPE_CHECKING:
    from miroir.app import App
    from miroir.cluster.catalog import CatalogHolder

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Asgi = Callable[[Any, Receive, Send], Awaitable[None]]

_HERE = frozenset({"/", "/health", "/version", "/_miroir/ready"})
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")
_METHODS = b"GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"
_VARY = (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers")


def build_front(app: App, *, first_worker: Path | None = None) -> Asgi:
    """`first_worker`: the private socket of worker 0, in every worker but that one."""
    quart = cast("Asgi", build_quart(app).asgi_app)
    lane: Asgi = Lane(app, quart)
    if first_worker is not None:
        timeout = app.config.server.request_timeout_ms / 1000
        most = max(1, share_of(app.config.server.max_concurrent_requests, app.config.server) // 2)
        lane = _Split(lane, Forward(first_worker, timeout, most), app.catalog)
    return _Front(lane)


class _Split:
    """Which worker answers: this one, with a fresh catalog, or the first."""

    def __init__(self, here: Asgi, there: Asgi, catalog: CatalogHolder) -> None:
        self._here = here
        self._there = there
        self._catalog = catalog

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _HERE:
            await self._here(scope, receive, send)
        elif not _is_read(scope["method"], scope["path"]):
            await self._there(scope, receive, send)
        else:
            await self._renew()
            await self._here(scope, receive, send)

    async def _renew(self) -> None:
        """What worker 0 has acknowledged is read here too. While the store is away, reads go on with what was known."""
        with suppress(MiroirError):
            await self._catalog.refresh()


def _is_read(method: str, path: str) -> bool:
    """Answered from the nodes, the store and the catalog, which every worker has."""
    if method != "POST":
        return method in ("GET", "HEAD")
    match path.split("/"):
        case ["", "indexes", _, "search" | "facet-search" | "similar" | "explain"]:
            return True
        case ["", "multi-search"] | ["", "indexes", _, "documents", "fetch"]:
            return True
    return False


class _Front:
    def __init__(self, inner: Asgi) -> None:
        self._inner = inner

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._inner(scope, receive, send)
            return
        if scope["path"] != "/" and scope["path"].endswith("/"):
            scope = _trimmed(scope)
        if header(scope["headers"], b"origin") is None:
            await self._inner(scope, receive, send)
        elif scope["method"] == "OPTIONS" and header(scope["headers"], b"access-control-request-method") is not None:
            await _preflight(scope, send)
        else:
            await self._inner(scope, receive, _with_origin(send))


def _trimmed(scope: Any) -> Any:
    raw = scope.get("raw_path")
    if raw:
        raw = raw[: -1 if raw.endswith(b"/") else -len("%2F")] or b"/"
    return {**scope, "path": scope["path"][:-1] or "/", "raw_path": raw}


def _with_origin(send: Send) -> Send:
    async def tell(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), _ANY_ORIGIN, _VARY]}
        await send(message)

    return tell


async def _preflight(scope: Any, send: Send) -> None:
    asked = header(scope["headers"], b"access-control-request-headers")
    headers = [
        _ANY_ORIGIN,
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-max-age", b"86400"),
        _VARY,
        (b"content-length", b"0"),
    ]
    if asked is not None:
        headers.append((b"access-control-allow-headers", asked))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
